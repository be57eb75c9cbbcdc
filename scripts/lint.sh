#!/bin/sh
# SPDX-License-Identifier: MIT
# The house rules that a script can see: a license line at the head of every source, files of at most 500 lines,
# functions of at most 60, lines of at most 110 columns (rows of tables in .def files: 160), one format, no printing
# and no exit in the library, includes and calls that go one way.
set -u
bad=0
complain() { echo "$*"; bad=1; }

for f in $(git ls-files --cached --others --exclude-standard '*.c' '*.h' '*.y' '*.l' '*.sh'); do
    head -n 3 "$f" | grep -q 'SPDX-License-Identifier: MIT' || complain "$f: no SPDX line"
    n=$(wc -l <"$f")
    [ "$n" -le 500 ] || complain "$f: $n lines"
done

# Columns are characters, whatever the locale: bytes that continue one of UTF-8 are not counted.
wide=$(git ls-files --cached --others --exclude-standard '*.c' '*.h' '*.y' '*.l' '*.def' | LC_ALL=C xargs awk '
    { n = length($0) }
    n > 110 {
        n -= gsub(/[\200-\277]/, "")
        most = FILENAME ~ /\.def$/ && $0 !~ /^ *\/\// ? 160 : 110
        if (n > most) print FILENAME ":" FNR ": a line of " n " columns"
    }')
[ -z "$wide" ] || complain "$wide"

# Every version of clang-format breaks lines in its own way: the sources are as this one leaves them (make format).
version=$(make -s format-version)
if clang-format --version 2>/dev/null | grep -q "version $version\."; then
    git ls-files --cached --others --exclude-standard '*.c' '*.h' | xargs clang-format --dry-run -Werror 2>&1 | grep error: && bad=1
else
    echo "skipped: the format of the sources, for which clang-format $version is not installed"
fi

library=$(make -s rooms)
long=$(for f in $(git ls-files --cached --others --exclude-standard '*.c'); do
    awk -v f="$f" '/^\{/ { start = NR } /^\}/ && start { if (NR - start - 1 > 60) print f ":" start ": a function of " NR - start - 1 " lines"; start = 0 }' "$f"
done)
[ -z "$long" ] || complain "$long"

# shellcheck disable=SC2046
prints=$(grep -nE '(^|[^a-z_>.])(printf|puts|putchar|exit)\(' $(for d in $library; do echo "$d/*.c"; done) 2>/dev/null |
    grep -vE ':[0-9]+: *(//|")' | grep -vE '"[^"]*(printf|puts|putchar|exit)\(')
[ -z "$prints" ] || complain "$prints: the library neither prints nor exits"

# Numbers are read and written with a point whatever the locale says: base/decimal.c alone knows how.
# shellcheck disable=SC2046
locale=$(grep -nE '\b(strto(d|f|ld)|ato[fil]|[a-z]*scanf|setlocale|localeconv|newlocale|strerror)\(|<(ctype|wctype|locale)\.h>|"[^"]*%[-+ #0-9.*]*[efgaEFGA]' \
    $(for d in $library; do echo "$d/*.c" "$d/*.h"; done) 2>/dev/null | grep -v '^base/decimal\.c:' | grep -vE ':[0-9]+: *//')
[ -z "$locale" ] || complain "$locale: this follows the locale"

# Every public function meets missing arguments in a test.
for f in $(sed -nE 's/^[a-z].*[ *](sd_[a-z_]+)\(.*/\1/p' include/symdiff*.h); do
    grep -q "$f\b" tests/test_arguments*.c || complain "tests/test_arguments.c: nothing about $f"
done

# Every public function has a manual page, made from its comments, that groff sets without a warning.
pages=$(mktemp -d)
awk -f scripts/man3.awk -v out="$pages" -v version=0 include/symdiff*.h >"$pages/names" || complain "scripts/man3.awk failed"
for f in $(sed -nE 's/^[a-z].*[ *](sd_[a-z_]+)\(.*/\1/p' include/symdiff*.h); do
    grep -qs "^\.so man3/symdiff_.*\.3$" "$pages/$f.3" || complain "include: no manual page for $f"
done
if command -v groff >/dev/null; then
    warnings=$(groff -man -ww -z "$pages"/symdiff*.3 docs/symdiff.1 2>&1)
    [ -z "$warnings" ] || complain "manual pages: $warnings"
fi
rm -r "$pages"

# Every option has an entry of its own in the manual page.
for o in $(sed -n '/^static const option table/,/^};/s/^    {"\([a-z-]*\)",.*/\1/p' cli/options.c); do
    grep -A1 '^\.TP' docs/symdiff.1 | grep -q -F -w -e "\\-\\-$(printf %s "$o" | sed 's/-/\\-/g')" || complain "docs/symdiff.1: no entry for --$o"
done

# Every file of a room has its place in the README of the room.
for d in $library cli; do
    for f in "$d"/*.c; do
        grep -q "\`$(basename "$f")\`" "$d/README.md" || complain "$d/README.md: nothing about $(basename "$f")"
    done
done

# A room includes itself and the rooms above it in the Makefile's list, by their paths from the root.
before=""
for d in $library; do
    for f in "$d"/*.c "$d"/*.h "$d"/*.y "$d"/*.l; do
        [ -f "$f" ] || continue
        for target in $(sed -n 's|^#include "\(.*\)/[^/]*"|\1|p' "$f"); do
            case " $before $d include " in *" $target "*) ;; *) complain "$f: includes $target/" ;; esac
        done
    done
    before="$before $d"
done
for f in cli/*.c cli/*.h; do
    grep -n '#include "' "$f" | grep -vE '"(include/symdiff|cli/[a-z]*)\.h"' && complain "$f: the program uses the public header only"
done

# Nor does it call up. Headers hide that, so the symbols of the built objects tell; `make lint` builds them first.
build=${BUILD:-build}
up=$(for d in $library; do
    for f in "$d"/*.c; do
        o="$build/${f%.c}.o"
        if [ -f "$o" ]; then nm -P "$o" | sed "s|^|$d $f |"; else echo "$d $f - missing"; fi
    done
done | awk -v rooms="$library" '
    BEGIN { n = split(rooms, room, " "); for (i = 1; i <= n; i++) floor[room[i]] = i }
    $4 == "missing" { print $2 ": not built: make" }
    $4 ~ /^[TDRBC]$/ { at[$3] = $1; file[$3] = $2 }
    $4 == "U" { user[++m] = $2; from[m] = $1; uses[m] = $3 }
    END { for (i = 1; i <= m; i++) if (uses[i] in at && floor[at[uses[i]]] > floor[from[i]]) print user[i] ": calls " uses[i] ", in " file[uses[i]] }')
[ -z "$up" ] || complain "$up"
exit $bad
