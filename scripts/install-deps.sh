#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what building and testing need and the machine lacks (Debian, Ubuntu). Says nothing if nothing is missing.
# Elsewhere it only names what is missing, by trying to use it.
set -eu

packages="gcc libc6-dev make bison flex pkg-config clang libtcc-dev tcc libgmp-dev libcmocka-dev"
optional="tmux libedit2 g++ libopenblas0 libopenblas-dev liblapacke-dev locales python3 python3-numpy python3-scipy clang-format libeigen3-dev r-base-core cmake ninja-build meson libgsl-dev libnlopt-dev valgrind"

missing_of() {
    for p in "$@"; do
        dpkg-query -W -f='${Status}\n' "$p" 2>/dev/null | grep -q 'ok installed' || echo "$p"
    done
}

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    for tool in cc make bison flex pkg-config tcc; do
        command -v "$tool" >/dev/null 2>&1 || echo "install-deps: please install $tool" >&2
    done
    for header in libtcc.h gmp.h cmocka.h; do
        printf '#include <stdarg.h>\n#include <stddef.h>\n#include <setjmp.h>\n#include <stdint.h>\n#include <%s>\n' "$header" |
            cc -fsyntax-only -x c - 2>/dev/null || echo "install-deps: please install the library of $header" >&2
    done
    exit 0
fi

# libFuzzer comes with the run-time library of the installed clang.
# shellcheck disable=SC2086
missing=$(missing_of $packages $optional)
[ -n "$missing" ] || exit 0

run=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || {
        echo "install-deps: missing, and neither root nor sudo:" $missing >&2
        [ -z "$(missing_of $packages)" ] && exit 0
        exit 1
    }
    run="sudo"
fi
echo "installing" $missing
export DEBIAN_FRONTEND=noninteractive
$run apt-get update -qq || true
# shellcheck disable=SC2086
$run apt-get install -y -qq --no-install-recommends $missing >/dev/null || {
    # one optional package that does not exist here must not stop the others
    for p in $missing; do $run apt-get install -y -qq --no-install-recommends "$p" >/dev/null || echo "install-deps: no $p" >&2; done
    [ -z "$(missing_of $packages)" ]
}
