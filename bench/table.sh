#!/bin/sh
# SPDX-License-Identifier: MIT
# table.sh BUILD [-o docs/benchmarks.md] [WORD...]: the problem set by every way there is, against C written by hand (table/table.py).
set -eu
build=${1:-build}
[ $# -eq 0 ] || shift
here=$(dirname "$0")/table
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python=
for p in "${PYTHON:-python3}" /usr/bin/python3; do
    if [ -z "$python" ] && "$p" -c 'import numpy' 2>/dev/null; then python=$p; fi
done
if [ -z "$python" ]; then
    echo "NumPy is not installed (python3-numpy): left out"
    exit 0
fi
for f in limits models timing; do
    flags="-O3 -march=native -ffast-math"
    if [ $f = timing ]; then flags=-O2; fi
    # shellcheck disable=SC2086
    if ! ${CC:-gcc} -std=c11 $flags -fPIC -c "$here/$f.c" -o "$folder/$f.o" 2>"$folder/why"; then
        echo "$here/$f.c is not compiled (libopenblas-dev, liblapacke-dev): left out"
        exit 0
    fi
done
${CC:-gcc} -shared "$folder"/*.o -o "$folder/limits.so" -llapacke -lopenblas -lm # without -ffast-math, which would set the mode of the process
"$python" "$here/table.py" "$build" "$folder" "$@"
