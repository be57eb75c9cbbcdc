#!/bin/sh
# SPDX-License-Identifier: MIT
# written.sh BUILD: emitted C against C written by hand (written/hand.c), value and derivatives, with the same compiler flags.
set -eu
build=${1:-build}
here=$(dirname "$0")/written
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

emit() { # NAME EXPR WRT [OPTION...]
    name=$1 expr=$2 wrt=$3
    shift 3
    "$build/symdiff" emit "$expr" --wrt "$wrt" "$@" -o "$folder/$name.c" 2>/dev/null
}

emit quad "x'*A*x" x -d "A: matrix(n,n); x: vector(n)"
emit ols "norm(X*w-y)^2" w
emit logreg "sum(log(1+exp(-y.*(X*w))))" w
emit crossent "sum(log(sum(exp(X*W),2)))-sum(Y.*(X*W))" W -d "X: matrix(m,n); W: matrix(n,k)"
emit mf "norm(T-U*V')^2" U
emit mlp "norm(W2*tanh(W1*x+b)-y)^2" W1,b,W2 -d "W1: matrix(h,d); W2: matrix(o,h); b: vector(h)"
emit rosen "sum(100*(x[2:n]-x[1:n-1].^2).^2+(1-x[1:n-1]).^2)" x -d "x: vector(n)"
emit lse "log(sum(exp(A*x)))" x --hessian

for flags in "-O3" "-O3 -march=native -ffast-math"; do
    echo "cc $flags"
    # shellcheck disable=SC2086
    ${CC:-cc} $flags -I"$folder" -I"$here" -o "$folder/compare" "$here/main.c" "$here/hand.c" "$folder"/*.c -lm
    "$folder/compare"
done
