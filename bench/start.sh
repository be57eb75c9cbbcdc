#!/bin/sh
# SPDX-License-Identifier: MIT
# start.sh BUILD: from the start of a process to its answer, beside a process that does nothing (/bin/true), and beside
# SymPy's derivative of the same. Means of many runs, in milliseconds and as ratios.
set -eu
build=${1:-build}

mean() { # RUNS COMMAND...: milliseconds of one run
    runs=$1
    shift
    "$@" >/dev/null 2>&1
    start=$(date +%s%N)
    i=0
    while [ "$i" -lt "$runs" ]; do
        "$@" >/dev/null 2>&1
        i=$((i + 1))
    done
    end=$(date +%s%N)
    awk "BEGIN { printf \"%.3f\", ($end - $start) / 1e6 / $runs }"
}

ratio() { awk "BEGIN { printf \"%.1f\", $1 / $2 }"; }

nothing=$(mean 200 /bin/true)
ours=$(mean 200 "$build/symdiff" "norm(X*t-Y)^2/N" --wrt t)
echo "/bin/true                              $nothing ms"
echo "symdiff 'norm(X*t-Y)^2/N' --wrt t      $ours ms    $(ratio "$ours" "$nothing") times /bin/true"

if python3 -c 'import sympy' 2>/dev/null; then
    program='
import sympy as s
m, n, N = s.symbols("m n N", integer=True, positive=True)
X, t, Y = s.MatrixSymbol("X", m, n), s.MatrixSymbol("t", n, 1), s.MatrixSymbol("Y", m, 1)
r = X*t - Y
print(s.Trace(r.T*r).diff(t)/N)'
    theirs=$(mean 3 python3 -c "$program")
    echo "SymPy, the same                        $theirs ms    $(ratio "$theirs" "$ours") times symdiff"
else
    echo "SymPy is not installed (python3-sympy): left out"
fi
