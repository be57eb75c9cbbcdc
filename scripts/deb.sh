#!/bin/sh
# SPDX-License-Identifier: MIT
# deb.sh BUILD VERSION SOVERSION: Debian packages of a finished build, in BUILD/deb: symdiff (the program), libsymdiffN, libsymdiff-dev and
# python3-symdiff. They are what `make install` installs, parted by folder; dependencies are those that dpkg-shlibdeps reads off.
set -eu
umask 022
build=$(cd "$1" && pwd) version=$2 so=$3
for tool in dpkg-deb dpkg-shlibdeps dpkg-architecture; do
    command -v "$tool" >/dev/null || { echo "deb.sh: $tool is missing: apt-get install dpkg-dev" >&2; exit 1; }
done
arch=$(dpkg-architecture -qDEB_HOST_ARCH) triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
out=$build/deb all=$build/deb/all
maintainer=${DEBFULLNAME:-symdiff maintainers}" <${DEBEMAIL:-symdiff@localhost.localdomain}>"
rm -rf "$out"
mkdir -p "$out"
MAKEFLAGS="" make -s BUILD="$build" DESTDIR="$all" PREFIX=/usr LIBDIR="/usr/lib/$triplet" PYTHONDIR=/usr/lib/python3/dist-packages install

move() { # PACKAGE PATH...
    for path; do
        [ "$path" != "$1" ] || continue
        mkdir -p "$out/$1/$(dirname "$path")"
        mv "$all"/$path "$out/$1/$(dirname "$path")/"
    done
}
move libsymdiff-dev usr/include "usr/lib/$triplet/libsymdiff.a" "usr/lib/$triplet/libsymdiff.so" "usr/lib/$triplet/pkgconfig" "usr/lib/$triplet/cmake" usr/share/man/man3
move "libsymdiff$so" "usr/lib/$triplet/libsymdiff.so.$so" "usr/lib/$triplet/libsymdiff.so.$version"
move python3-symdiff usr/lib/python3
move symdiff usr/bin usr/share/man usr/share/doc usr/share/bash-completion usr/share/zsh usr/share/fish
left=$(find "$all" ! -type d)
[ -z "$left" ] || { echo "deb.sh: in no package: $left" >&2; exit 1; }
rm -rf "$all"
mkdir "$out/symdiff/usr/share/zsh/vendor-completions"
mv "$out/symdiff/usr/share/zsh/site-functions/_symdiff" "$out/symdiff/usr/share/zsh/vendor-completions/"
rmdir "$out/symdiff/usr/share/zsh/site-functions"
strip --strip-unneeded "$out/libsymdiff$so/usr/lib/$triplet/libsymdiff.so.$version"
strip --strip-debug "$out/libsymdiff-dev/usr/lib/$triplet/libsymdiff.a"
chmod 644 "$out/libsymdiff$so/usr/lib/$triplet/libsymdiff.so.$version"
gzip -9n "$out/symdiff/usr/share/man/man1/symdiff.1" "$out"/libsymdiff-dev/usr/share/man/man3/*.3

# What a program needs, as a list for Depends
needs() { # PACKAGE FILE
    mkdir -p "$out/debian"
    printf 'Source: symdiff\n\nPackage: %s\nArchitecture: any\n' "$1" >"$out/debian/control"
    (cd "$out" && dpkg-shlibdeps -O "$2" 2>/dev/null) | sed -n 's/^shlibs:Depends=//p'
}
pack() { # PACKAGE ARCHITECTURE SECTION DEPENDS SHORT; the long text comes on standard input
    root=$out/$1
    doc=$root/usr/share/doc/$1
    mkdir -p "$root/DEBIAN" "$doc"
    {
        printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: symdiff\n\nFiles: *\n'
        sed -n 's/^Copyright (c) /Copyright: /p' LICENSE
        printf 'License: Expat\n'
        sed '1,/^Copyright/d; /./!s/^/./; s/^/ /' LICENSE | sed '1{/^ \.$/d}'
    } >"$doc/copyright"
    printf 'symdiff (%s) unstable; urgency=low\n\n  * See CHANGELOG.md in the package symdiff.\n\n -- %s  %s\n' "$version" "$maintainer" "$(date -R -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}")" | gzip -9n >"$doc/changelog.gz"
    {
        printf 'Package: %s\nSource: symdiff\nVersion: %s\nArchitecture: %s\nSection: %s\nPriority: optional\nMaintainer: %s\n' "$1" "$version" "$2" "$3" "$maintainer"
        [ -z "$4" ] || printf 'Depends: %s\n' "$4"
        [ "$1" != "libsymdiff$so" ] || printf 'Multi-Arch: same\n'
        printf 'Installed-Size: %s\nDescription: %s\n' "$(du -sk "$root/usr" | cut -f1)" "$5"
        sed 's/^/ /'
    } >"$root/DEBIAN/control"
    (cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
    if [ "$1" = "libsymdiff$so" ]; then
        printf 'libsymdiff %s %s (>= %s)\n' "$so" "$1" "$version" >"$root/DEBIAN/shlibs"
        printf 'activate-noawait ldconfig\n' >"$root/DEBIAN/triggers"
    fi
    dpkg-deb --root-owner-group --build "$root" "$out/$1_${version}_$2.deb" >/dev/null
    rm -rf "$root"
}
program=$(needs symdiff symdiff/usr/bin/symdiff) library=$(needs "libsymdiff$so" "libsymdiff$so/usr/lib/$triplet/libsymdiff.so.$version")
rm -rf "$out/debian"
about='Text goes in, the derivative of a textbook comes out, for scalars, vectors and
matrices; and C that computes it.'
echo "$about" | pack symdiff "$arch" math "$program" "derivatives of matrix expressions, as formulas and as C"
printf '%s\nThis package has the shared library.\n' "$about" | pack "libsymdiff$so" "$arch" libs "$library" "derivatives of matrix expressions - library"
printf '%s\nThis package has headers for C and C++, the static library and the packages of\npkg-config and CMake.\n' "$about" |
    pack libsymdiff-dev "$arch" libdevel "libsymdiff$so (= $version), libgmp-dev, libtcc-dev" "derivatives of matrix expressions - development files"
printf '%s\nThis package has the module for Python.\n' "$about" | pack python3-symdiff all python "python3, libsymdiff$so (>= $version)" "derivatives of matrix expressions - Python"
ls "$out"
