#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh BUILD: least squares on NIST's Longley data, from the formula to numbers (see README.md here).
set -eu
here=$(dirname "$0")
build=${1:-build}
symdiff=$build/symdiff
out=$build/longley
expr="norm(X*t-Y)^2/N"
mkdir -p "$out"

show() { # NOTE COMMAND...: says the command, then runs it
    echo "\$ symdiff $1"
    shift
    "$symdiff" -q "$@" >"$out/answer.txt"
    sed 's/^/  /' "$out/answer.txt"
}

echo "Longley: 16 observations, 7 coefficients, $expr by t"
echo
show "\"$expr\" --wrt t" "$expr" --wrt t
show "\"$expr\" --wrt t --hessian" "$expr" --wrt t --hessian

echo "\$ symdiff emit \"$expr\" --wrt t -o longley_gradient.c; cc -O2 longley_gradient.c main.c"
"$symdiff" -q emit "$expr" --wrt t -o "$out/longley_gradient.c"
# shellcheck disable=SC2086
${CC:-cc} -std=c99 -O2 -Wall -Wextra -I"$out" -o "$out/longley" "$here/main.c" "$out/longley_gradient.c" -lm
echo "  longley_gradient.c: $(wc -l <"$out/longley_gradient.c") lines of C99"
"$out/longley" "$here/longley.csv" "$out/data.json" "$out/gradient.txt"

echo "\$ symdiff eval \"$expr\" --wrt t --data data.json"
"$symdiff" -q eval "$expr" --wrt t --data "$out/data.json" >"$out/jit.txt"
paste "$out/gradient.txt" "$out/jit.txt" | awk '
    function abs(x) { return x < 0 ? -x : x }
    NR == 1 { printf "  %24s %24s\n", "compiled by cc", "compiled in memory" }
    { printf "  %24.16g %24.16g\n", $1, $2
      d = abs($1 - $2) / (abs($1) + 1e-300); if (d > worst) worst = d; n++ }
    END { printf "  largest relative difference %.1e\n", worst; exit !(n == 7 && worst < 1e-12) }'

show "check \"$expr\" --wrt t" check "$expr" --wrt t
