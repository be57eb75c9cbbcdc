#!/bin/sh
# SPDX-License-Identifier: MIT
# written.sh BUILD: emitted C, and functions compiled in memory, against C written by hand (written/hand.c),
# value and derivatives, with the same compiler flags.
set -eu
build=${1:-build}
here=$(dirname "$0")/written
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

emit() { # NAME DECLARATIONS EXPR WRT [--hessian]
    "$build/symdiff" emit "$3" --wrt "$4" ${5:-} -d "$2" -o "$folder/$1.c" 2>/dev/null
    printf '%s\n' "$2" "$3" "$4" "${5:-}" >"$folder/$1.txt"
}

emit quad "A: matrix(n,n); x: vector(n)" "x'*A*x" x
emit ols "X: matrix(m,n); w: vector(n); y: vector(m)" "norm(X*w-y)^2" w
emit logreg "y: vector(m); X: matrix(m,n); w: vector(n)" "sum(log(1+exp(-y.*(X*w))))" w
emit crossent "X: matrix(m,n); W: matrix(n,k); Y: matrix(m,k)" "sum(log(sum(exp(X*W),2)))-sum(Y.*(X*W))" W
emit mf "T: matrix(m,n); U: matrix(m,k); V: matrix(n,k)" "norm(T-U*V')^2" U
emit mlp "W1: matrix(h,d); W2: matrix(o,h); b: vector(h); x: vector(d); y: vector(o)" "norm(W2*tanh(W1*x+b)-y)^2" W1,b,W2
emit rosen "x: vector(n)" "sum(100*(x[2:n]-x[1:n-1].^2).^2+(1-x[1:n-1]).^2)" x
emit lse "A: matrix(m,n); x: vector(n)" "log(sum(exp(A*x)))" x --hessian
emit ols_hessian "X: matrix(m,n); w: vector(n); y: vector(m)" "norm(X*w-y)^2" w --hessian
emit logreg_hessian "y: vector(m); X: matrix(m,n); w: vector(n)" "sum(log(1+exp(-y.*(X*w))))" w --hessian
emit network "W1: matrix(h,d); W2: matrix(o,h); X: matrix(d,m); Y: matrix(o,m)" "norm(W2*tanh(W1*X)-Y)^2" W1,W2

for flags in "-O3" "-O3 -march=native -ffast-math"; do
    echo "cc $flags"
    # shellcheck disable=SC2086
    ${CC:-cc} $flags -I"$folder" -I"$here" -o "$folder/compare" "$here/main.c" "$here/hand.c" "$folder"/*.c \
        -I. "$build/libsymdiff.a" -ltcc -lgmp -lm -ldl -lpthread
    "$folder/compare" "$folder"
done
