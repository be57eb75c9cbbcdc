#!/bin/sh
# SPDX-License-Identifier: MIT
# fuzz.sh BUILD SECONDS: runs every fuzz target that long, starting from the expressions of tests/*.test.
# What breaks is left in BUILD/crash-*; the corpus grows in BUILD/corpus-TARGET.
set -eu
build=${1:-build/fuzz} seconds=${2:-60}
seeds=$build/seeds
rm -rf "$seeds"
mkdir -p "$seeds"
awk -v out="$seeds" '
    /^[a-z].* : / { sub(/^[^:]* : /, ""); file = sprintf("%s/%05d", out, ++n); print > file; close(file) }
' tests/*.test

broken=""
for target in "$build"/fuzz_*; do
    [ -x "$target" ] || continue
    name=$(basename "$target")
    corpus=$build/corpus-$name
    mkdir -p "$corpus"
    log=$build/$name.log
    if "$target" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=4096 -print_final_stats=1 \
        -artifact_prefix="$build/" "$corpus" "$seeds" >"$log" 2>&1; then
        echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in $seconds seconds, $(ls "$corpus" | wc -l) kept"
    else
        grep -vE '^#[0-9]' "$log" | tail -n 40
        broken="$broken $name"
    fi
done
[ -z "$broken" ] || { echo "broken:$broken"; exit 1; }
echo "no crashes"
