#!/bin/sh
# SPDX-License-Identifier: MIT
# examples.sh BUILD: builds and runs examples/embed as a user would, against an installed copy: with CMake, make and Meson, GSL, NLopt, Eigen,
# Octave, R and Julia. What is not installed is skipped by name. Each must find NIST's certified parameters.
set -eu
build=$(cd "${1:-build}" && pwd)
where=$(mktemp -d "$build/examples.XXXXXX")
trap 'rm -rf "$where"' EXIT
failed=0
MAKEFLAGS=""
export MAKEFLAGS
CC=${CC:-cc}
make -s BUILD="$build" DESTDIR="$where/root" PREFIX=/usr install >/dev/null
cp -r examples "$where/examples"
PATH="$where/root/usr/bin:$PATH" LD_LIBRARY_PATH="$where/root/usr/lib"
export PATH LD_LIBRARY_PATH
cd "$where/examples/embed"

# try NAME WANTED COMMAND: the output of the command begins with what is wanted
try() {
    if got=$(sh -ec "$3" 2>"$where/log") && case $got in "$2"*) true ;; *) false ;; esac then echo "ok: emitted code with $1"
    else
        echo "FAILED: emitted code with $1 prints: $got"
        tail -20 "$where/log"
        failed=$((failed + 1))
    fi
}
skip() { echo "skipped: emitted code with $1, which is not installed"; }
has() { command -v "$1" >/dev/null 2>&1; }
links() { echo 'int main(void) { return 0; }' | $CC -x c - -o "$where/links" "$@" 2>/dev/null; }

newton="p = 238.94212918 0.0005501564318"
short="p = 238.9421292 0.000550156432"
try make "$newton" "make -s fit CC='$CC' && ./fit"
# A model that changes makes the code again; nothing else does.
try "make, after a change of the model" "again" "make -q fit && sed -i 's/norm(residual)^2/2*norm(residual)^2/' misra.sd && ! make -q fit && echo again"
sed -i 's/2\*norm/norm/' misra.sd
if has cmake; then
    for generator in "Unix Makefiles" Ninja; do
        [ "$generator" != Ninja ] || has ninja || { skip "CMake and Ninja"; continue; }
        try "CMake ($generator)" "$newton" "rm -rf c && cmake -G '$generator' -S . -B c -DCMAKE_PREFIX_PATH='$where/root/usr' >&2 && cmake --build c >&2 && c/fit && c/runtime >&2
            touch c/stamp && sed -i 's/^# NIST/# The NIST/' misra.sd && cmake --build c >&2 && [ c/symdiff-fit/misra.c -nt c/stamp ]"
    done
else skip CMake; fi
if has meson && has ninja; then try Meson "$newton" "meson setup m >&2 && ninja -C m >&2 && m/fit"
else skip Meson; fi
if links -lgsl -lgslcblas -lm; then try "GSL" "$short" "make -s gsl CC='$CC' && ./gsl"
else skip GSL; fi
if links -lnlopt -lm; then try "NLopt" "p = 238.942" "make -s nlopt CC='$CC' && ./nlopt"
else skip NLopt; fi
if echo '#include <Eigen/Core>' | ${CXX:-g++} -I/usr/include/eigen3 -x c++ -fsyntax-only - 2>/dev/null; then
    try "Eigen, a sparse Hessian" "cost = 24.59112696, gradient 0" "symdiff emit -F chain.sd cost --wrt x --outputs value,gradient,hessian --sparse --size n=1000 -q -o chain &&
        $CC -O2 -c chain.c && ${CXX:-g++} -O1 -I/usr/include/eigen3 eigen.cpp chain.o -o eigen && ./eigen"
else skip Eigen; fi
if has octave-cli; then
    try "Octave, as a function of its own" "$short" "symdiff -F misra.sd residual --wrt p --value -f matlab -q --name residual >residual.m && octave-cli -q --no-gui fit.m"
    if has mkoctfile; then
        try "Octave, as a MEX file" "0.1245513889" "make -s misra.c && mkoctfile --mex -o misra.mex mex.c misra.c && octave-cli -q --no-gui --eval 'fit; printf(\"%.10f\\n\", misra(p, x, y))' | tail -1"
    else skip "mkoctfile of Octave"; fi
else skip Octave; fi
if has Rscript; then try R "$short" "make -s misra.so CC='$CC' && Rscript fit.R"
else skip R; fi
if has julia; then try Julia "$short" "make -s misra.so CC='$CC' && julia fit.jl"
else skip Julia; fi
[ "$failed" -eq 0 ]
