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

for target in "$build"/fuzz_*; do
    [ -x "$target" ] || continue
    name=$(basename "$target")
    corpus=$build/corpus-$name
    mkdir -p "$corpus"
    echo "== $name, $seconds seconds"
    "$target" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=4096 -print_final_stats=0 -verbosity=0 \
        -artifact_prefix="$build/" "$corpus" "$seeds"
done
echo "no crashes"
