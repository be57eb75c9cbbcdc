#!/bin/sh
# SPDX-License-Identifier: MIT
# counts.sh BUILD: instructions of tests/counts.c under callgrind, held within PERCENT of those of tests/counts.txt.
#
# Fewer are told, too, so that what was gained is not lost again unnoticed. UPDATE=1 writes the counts down anew:
# read the difference before you keep it. PERCENT is what versions of gcc, glibc and libtcc may differ by; a pass
# more over the data, or over the nodes, is more than that.
set -u
build=${1:-build}
percent=${PERCENT:-15}
known=$(dirname "$0")/counts.txt
if ! command -v valgrind >/dev/null 2>&1; then
    echo "skipped: instruction counts; valgrind is not installed"
    exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
status=0
"$build/tests/counts" >"$folder/names" || status=$?
if [ $status -eq 3 ]; then
    echo "skipped: instruction counts; $(cat "$folder/names")"
    exit 0
fi
[ $status -eq 0 ] || exit 1
valgrind -q --tool=callgrind --toggle-collect=counted_work --dump-after=counted_work --callgrind-out-file="$folder/out" \
    "$build/tests/counts" >"$folder/names" || exit 1
i=0
while IFS= read -r name; do
    i=$((i + 1))
    n=$(sed -n 's/^totals: //p' "$folder/out.$i" 2>/dev/null)
    if [ -z "$n" ]; then
        echo "counts.sh: callgrind has no count of $name" >&2
        exit 1
    fi
    echo "$name; $n"
done <"$folder/names" >"$folder/counts"
if [ $i -eq 0 ] || [ -f "$folder/out.$((i + 1))" ]; then
    echo "counts.sh: callgrind counted something else"
    exit 1
fi
if [ -n "${UPDATE:-}" ]; then
    cp "$folder/counts" "$known"
    exit 0
fi
awk -F'; ' -v percent="$percent" '
    NR == FNR { known[$1 "; " $2] = $3; left++; next }
    {
        what = $1 "; " $2
        if (!(what in known)) { print "not in tests/counts.txt: " what; bad = 1; next }
        left--
        change = 100 * ($3 - known[what]) / known[what]
        if (change > percent || change < -percent) { printf "%s: %d instructions, were %d (%+.0f%%)\n", what, $3, known[what], change; bad = 1 }
    }
    END {
        if (left) { print left " lines of tests/counts.txt were not counted"; bad = 1 }
        if (bad) print "if that is meant: UPDATE=1 tests/counts.sh BUILD"
        else print FNR " instruction counts are within " percent "% of those of tests/counts.txt"
        exit bad
    }' "$known" "$folder/counts"
