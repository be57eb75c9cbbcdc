#!/bin/sh
# SPDX-License-Identifier: MIT
# check.sh BUILD: runs every test of a finished build and goes on after failures.
#
# Test programs (tests/test_*.c), the blocks of tests/*.test, the examples of README.md and docs/, the examples of the
# header and of pkg-config against an installed copy. The last line says how it went; exit status 1 if anything failed.
set -u
build=${1:-build}
failed=0

step() { # NAME COMMAND...
    name=$1
    shift
    if "$@"; then :; else
        echo "FAILED: $name"
        failed=$((failed + 1))
    fi
}

# The longest step runs beside all others, on a core of its own; its output is shown at the end. As the steps do, it writes into folders
# of its own.
beside() { # NAME COMMAND...
    beside_name=$1
    shift
    "$@" >"$build/beside.log" 2>&1 &
    beside_pid=$!
    trap 'kill "$beside_pid" 2>/dev/null' EXIT
}
joined() { # the status of that step, and what it said
    status=0
    wait "$beside_pid" || status=$?
    trap - EXIT
    cat "$build/beside.log"
    return "$status"
}

# Locales whose numbers have a comma, or a point of two bytes, made here: hosts of the library may be in one.
locales="de_DE.UTF-8 ps_AF.UTF-8"
LOCPATH=$(cd "$build" && pwd)/locale
mkdir -p "$LOCPATH"
for l in $locales; do
    [ -d "$LOCPATH/$l" ] || localedef -c -i "${l%.*}" -f "${l#*.}" "$LOCPATH/$l" >/dev/null 2>&1
done
export LOCPATH

documents=""
for f in README.md docs/*.md docs/*.1; do
    [ -f "$f" ] && documents="$documents $f"
done
beside_pid=""
if [ -x "$build/tests/run" ]; then
    # shellcheck disable=SC2086
    beside "tests/*.test and the examples of the documents" "$build/tests/run" --latex "$build/answers.latex" tests/*.test $documents
fi

# Under the sanitizers, which take ten times as long, fewer random expressions.
if [ -n "${SANITIZE:-}" ]; then export JUDGE_COUNT="${JUDGE_COUNT:-300}" STEPS_COUNT="${STEPS_COUNT:-60}"; fi
for t in "$build"/tests/test_*; do
    case $t in *.d | *.o | *\*) continue ;; esac
    step "$t" "$t"
done

if command -v python3 >/dev/null 2>&1; then
    step "hints keep their promise" python3 tests/hints.py "$build/symdiff" tests/*.test
fi

numpy=""
for python in python3 /usr/bin/python3; do
    [ -n "$numpy" ] || ! "$python" -c "import numpy" >/dev/null 2>&1 || numpy=$python
done
if [ -n "$numpy" ]; then step "expressions of NumPy mean what NumPy means" "$numpy" tests/numpy_readings.py "$build/symdiff"
else echo "skipped: expressions of NumPy evaluated by NumPy, which is not installed"; fi

# The Python package, without NumPy where a Python without it is there, and with it.
if [ -n "${SANITIZE:-}" ]; then echo "skipped: the Python package, whose interpreter is not built with the sanitizers"
else
    tried=""
    for python in python3 "$numpy" /usr/bin/python3; do
        path=$(command -v "$python" 2>/dev/null) || continue
        case " $tried " in *" $path "*) continue ;; esac
        tried="$tried $path"
        step "the Python package" env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=python SYMDIFF_LIBRARY="$build/libsymdiff.so" "$path" tests/python.py "${CC:-cc}"
    done
    [ -n "$tried" ] || echo "skipped: the Python package; python3 is not installed"
fi

# Emitted C for the other targets, in panels of small arrays, under gcc: what loops and factorisations are made of.
if [ -x "$build/tests/run" ]; then
    for target in openmp cblas; do
        : >"$build/empty.c"
        libraries=-fopenmp
        [ "$target" = openmp ] || libraries="-llapacke -lopenblas"
        # shellcheck disable=SC2086
        if gcc -shared -fPIC -o "$build/empty.so" "$build/empty.c" $libraries 2>/dev/null; then
            step "emitted C for $target" env WITHOUT="numpy torch jax matlab eigen r clang tcc" "$build/tests/run" --target "$target" \
                tests/emit.test tests/schedule.test tests/matrix.test tests/matrix_functions.test tests/structure.test tests/reductions.test tests/ml.test tests/tensor.test
        else echo "skipped: emitted C for $target; gcc does not link with $libraries"; fi
    done
fi

# An answer does not depend on what its context held before.
if [ -x "$build/tests/run" ]; then
    step "answers in contexts that hold 3000 other nodes" "$build/tests/run" --no-c --held 3000 tests/index.test tests/index_typed.test \
        tests/tensor.test tests/matrix.test tests/pairs.test tests/functions_abstract.test tests/structured_variables.test tests/reading.test
fi

if [ -x "$build/tests/run" ]; then
    for l in $locales; do
        if [ -d "$LOCPATH/$l" ]; then
            # shellcheck disable=SC2086
            step "tests/*.test in the locale $l" "$build/tests/run" --no-c --locale "$l" tests/*.test $documents
        else echo "skipped: tests/*.test in the locale $l, which localedef cannot make here"; fi
    done
fi

# Numbers, facts and `equal` where a long has 32 bits, as on 64-bit Windows and in WebAssembly: GMP's small numbers, sizes, the
# arithmetic modulo 2^61-1. Without libtcc, which nobody installs twice; so nothing here is compiled.
narrow() {
    make -s -j2 BUILD="$1" CC="gcc -m32" CFLAGS="-O1 -msse2 -mfpmath=sse" narrow || return 1
    for t in base grammar facts; do "$1/tests/test_$t" || return 1; done
    "$1/tests/run" --no-c tests/equal.test
}
if [ -n "${SANITIZE:-}" ]; then echo "skipped: 32-bit longs, under the sanitizers"
elif printf '#include <gmp.h>\n#include <stdarg.h>\n#include <stddef.h>\n#include <setjmp.h>\n#include <stdint.h>\n#include <cmocka.h>\nint main(void) { return mp_bits_per_limb != 32; }\n' |
    gcc -m32 -x c -o "$build/m32" - -lgmp -lcmocka 2>/dev/null && "$build/m32"; then
    step "numbers, facts and equal with 32-bit longs" narrow "$build/m32.d"
else echo "skipped: 32-bit longs; gcc-multilib, libgmp-dev:i386 and libcmocka-dev:i386 are not installed"; fi

# The same expressions every time, so that a failure is a change's own; SEED=N tries others.
if [ -x "$build/tests/random" ]; then
    step "random expressions" "$build/tests/random" --seed "${SEED:-1}" --seconds "${RANDOM_SECONDS:-60}" --count "${RANDOM_COUNT:-400}"
fi

# Rewritings between the graph and the C text are identities: the same nestings every time, half a minute of them.
if [ -x "$build/tests/rewrites" ]; then
    step "random nestings of what is rewritten" "$build/tests/rewrites" --seed "${SEED:-1}" --count "${REWRITES_COUNT:-2500}"
fi

# One function in every way: machine code, C text, fused loops, also at NaN, infinities and extremes.
if [ -x "$build/tests/ways" ]; then
    step "random functions, computed in every way" "$build/tests/ways" --seed "${SEED:-1}" --count "${WAYS_COUNT:-400}" --cc 40
fi

# Instructions of deriving, emitting and calling, which do not depend on what else the machine does.
if [ -n "${SANITIZE:-}" ]; then echo "skipped: instruction counts, under the sanitizers"
elif [ -x "$build/tests/counts" ]; then step "instruction counts" tests/counts.sh "$build"; fi

# The session of lines on a terminal.
if [ -n "${SANITIZE:-}" ]; then echo "skipped: the session on a terminal, whose editor is loaded, under the sanitizers"
elif command -v tmux >/dev/null 2>&1 && ldconfig -p | grep -q libedit.so.2; then step "the session on a terminal" tests/repl.sh "$build/symdiff"
else echo "skipped: the session on a terminal; tmux or libedit2 is not installed"; fi

# The C++ wrapper, under each compiler that is installed.
wrapper() { # COMPILER
    "$1" -std=c++17 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror ${SANITIZE:-} -I. -o "$build/wrapper" tests/wrapper.cpp \
        "$build/libsymdiff.a" -ltcc -lgmp -lm -ldl -lpthread && "$build/wrapper"
}
for compiler in g++ clang++; do
    if command -v "$compiler" >/dev/null 2>&1 && echo 'int main() {}' | "$compiler" -x c++ -std=c++17 -include string -o "$build/plus" - 2>/dev/null; then
        step "the C++ wrapper with $compiler" wrapper "$compiler"
    else echo "skipped: the C++ wrapper with $compiler, which is not installed"; fi
done

# Installs into a folder of its own and builds the example of the header as a user would.
installed() {
    root=$(cd "$build" && pwd)/installed
    rm -rf "$root"
    MAKEFLAGS="" make -s BUILD="$build" DESTDIR="$root" PREFIX=/usr install >/dev/null || return 1
    {
        printf '#include <stdio.h>\n#include <symdiff.h>\nint main(void)\n{\n'
        sed -n '/sd_context \*c = /,/sd_context_free/s/^ \* //p' include/symdiff.h
        printf '    return 0;\n}\n'
    } >"$root/example.c"
    PKG_CONFIG_PATH="$root/usr/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root"
    export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
    # shellcheck disable=SC2046
    "${CC:-cc}" ${SANITIZE:-} -o "$root/shared" "$root/example.c" $(pkg-config --cflags --libs symdiff) || return 1
    # shellcheck disable=SC2046
    "${CC:-cc}" ${SANITIZE:-} -o "$root/static" "$root/example.c" $(pkg-config --cflags symdiff) "$root/usr/lib/libsymdiff.a" \
        $(pkg-config --static --libs-only-l symdiff | sed 's/-lsymdiff//') || return 1
    for kind in shared static; do
        got=$(LD_LIBRARY_PATH="$root/usr/lib" "$root/$kind") || return 1
        [ "$got" = "2/N*X'*(X*t-Y)" ] || { echo "$kind: the example of symdiff.h prints: $got"; return 1; }
    done
    # shellcheck disable=SC2046
    "${CC:-cc}" ${SANITIZE:-} -o "$root/misra" examples/library/misra.c $(pkg-config --cflags --libs symdiff) -lm || return 1
    got=$(LD_LIBRARY_PATH="$root/usr/lib" "$root/misra") || return 1 # NIST certifies 2.3894212918E+02 and 5.5015643181E-04
    [ "$got" = "b1 = 238.9421292, b2 = 0.0005501564" ] || { echo "examples/library/misra.c prints: $got"; return 1; }
    if [ -z "${SANITIZE:-}" ] && command -v python3 >/dev/null; then # finds the library that it was installed with
        package=$(dirname "$(find "$root/usr/lib" -path "*/symdiff/__init__.py")")
        got=$(cd / && PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="${package%/symdiff}" python3 -c "import symdiff; print(symdiff.parse(\"x'*x\").grad(\"x\"))") || return 1
        [ "$got" = "2*x" ] || { echo "the installed package prints: $got"; return 1; }
    fi
    if command -v man >/dev/null; then
        MANPATH="$root/usr/share/man" man -P cat sd_compile 2>/dev/null | grep -q "sd_function \*sd_compile" || { echo "man sd_compile says nothing"; return 1; }
    fi
    exported=$(nm -D --defined-only "$root/usr/lib/libsymdiff.so" | awk '$2 != "A" && $3 !~ /^sd_/ {print $3}')
    [ -z "$exported" ] || { echo "libsymdiff.so exports more than sd_*:" $exported; return 1; }
    MAKEFLAGS="" make -s BUILD="$build" DESTDIR="$root" PREFIX=/usr uninstall
    left=$(find "$root/usr" ! -type d)
    [ -z "$left" ] || { echo "uninstall leaves:" $left; return 1; }
    rm -rf "$root"
}
step "the installed library" installed

# The Debian packages, unpacked into a folder of their own: program, library, headers and Python find each other.
packages() {
    MAKEFLAGS="" make -s BUILD="$build" deb >/dev/null || return 1
    root=$(cd "$build" && pwd)/deb/root
    mkdir "$root"
    for p in "$build"/deb/*.deb; do dpkg-deb -x "$p" "$root" || return 1; done
    lib=$root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)
    got=$("$root/usr/bin/symdiff" -q "x'*A*x" --wrt x -d "A: matrix(n,n) symmetric") || return 1
    [ "$got" = "2*A*x" ] || { echo "the packaged program prints: $got"; return 1; }
    # shellcheck disable=SC2046
    "${CC:-cc}" -o "$root/misra" examples/library/misra.c $(PKG_CONFIG_PATH="$lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root" pkg-config --cflags --libs symdiff) -lm || return 1
    got=$(LD_LIBRARY_PATH="$lib" "$root/misra") || return 1
    [ "$got" = "b1 = 238.9421292, b2 = 0.0005501564" ] || { echo "with the packaged library examples/library/misra.c prints: $got"; return 1; }
    if [ -x /usr/bin/python3 ]; then
        got=$(cd / && LD_LIBRARY_PATH="$lib" PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$root/usr/lib/python3/dist-packages" /usr/bin/python3 -c "import symdiff; print(symdiff.parse(\"x'*x\").grad(\"x\"))") || return 1
        [ "$got" = "2*x" ] || { echo "the packaged module prints: $got"; return 1; }
    fi
    if command -v lintian >/dev/null 2>&1; then # who maintains it is said by DEBFULLNAME and DEBEMAIL
        got=$(lintian --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog "$build"/deb/*.deb 2>/dev/null)
        [ -z "$got" ] || { echo "$got"; return 1; }
    else echo "skipped: lintian, which is not installed"; fi
    rm -rf "$root"
}
if [ -n "${SANITIZE:-}" ]; then echo "skipped: Debian packages, under the sanitizers"
elif command -v dpkg-deb >/dev/null 2>&1 && command -v dpkg-shlibdeps >/dev/null 2>&1; then step "the Debian packages" packages
else echo "skipped: Debian packages; dpkg-dev is not installed"; fi
if [ -n "${SANITIZE:-}" ]; then echo "skipped: emitted code in other builds and languages, under the sanitizers"
else step "emitted code in other builds and languages" scripts/examples.sh "$build"; fi
[ -z "$beside_pid" ] || step "$beside_name" joined
if [ ! -f "$build/answers.latex" ]; then :
elif command -v python3 >/dev/null 2>&1; then step "LaTeX accepts every answer" python3 tests/typeset/typeset.py "$build/answers.latex"
else echo "skipped: answers typeset; python3 is not installed"; fi

[ "$failed" -eq 0 ] || { echo "$failed of the steps above failed"; exit 1; }
echo "all tests passed"
