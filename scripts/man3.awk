# SPDX-License-Identifier: MIT
# Man pages of section 3, from the comments of the public headers, which are their only source:
#
#     awk -f scripts/man3.awk -v out=build/man3 -v version=0.1.0 include/symdiff.h include/symdiff_numbers.h ...
#
# The comment at the head of the first becomes symdiff.3; every section of a header, /* ---- text in ---- */, a page of its own, symdiff_text_in.3,
# with the declarations as its synopsis and, for each, the comment in front of it or behind it; every function sd_f a page sd_f.3 that leads
# there. What is written goes to the files out/*.3; their names to standard output.

function escape(s) {
    gsub(/\\/, "\\e", s)
    gsub(/-/, "\\-", s)
    gsub(/'/, "\\(aq", s)
    gsub(/\^/, "\\(ha", s)
    gsub(/~/, "\\(ti", s)
    gsub(/`/, "\\(ga", s)
    if (s ~ /^\./) s = "\\&" s
    return s
}

function head(file, name, about) {
    print file ".3"
    page = out "/" file ".3"
    printf ".\\\" Made from the public headers by scripts/man3.awk.\n.TH %s 3 \"\" \"symdiff %s\" \"Library Functions\"\n", toupper(file), version > page
    printf ".SH NAME\n%s \\- %s\n", name, escape(about) > page
}

# The lines of a comment as running text; those that are indented by four blanks as they stand.
function put_text(text,    line, n, i, example) {
    n = split(text, line, "\n")
    example = 0
    for (i = 1; i <= n; i++) {
        if (line[i] ~ /^ *$/) continue
        if ((line[i] ~ /^    /) != example) {
            example = !example
            print (example ? ".PP\n.EX" : ".EE\n.PP") > page
        }
        print (line[i] ~ /^\.(br|PP)$/ ? line[i] : escape(line[i])) > page
    }
    if (example) print ".EE" > page
}

function bare(s) {
    sub(/^ *\/\* ?/, "", s)
    sub(/ ?\*\/ *$/, "", s)
    sub(/^ \* ?/, "", s)
    sub(/^   /, "", s)
    return s
}

function flush(    i, k, n, names) {
    if (!title) return
    names = ""
    for (i = 1; i <= nitems; i++)
        for (k = 1; k <= nfunctions[i]; k++) names = names (names ? ", " : "") function_of[i, k]
    head("symdiff_" slug, names ? names : "symdiff_" slug, title ", in libsymdiff")
    print ".SH SYNOPSIS\n.nf\n.B #include <symdiff.h>\n.PP" > page
    for (i = 1; i <= nitems; i++) if (code[i]) printf "%s", code[i] > page
    print ".fi\n.SH DESCRIPTION" > page
    for (i = 1; i <= nitems; i++) {
        if (about[i] ~ /^[ \n]*$/) continue
        print ".TP\n.B " escape(called[i]) > page
        put_text(about[i])
    }
    print ".SH SEE ALSO\n.BR symdiff (3),\n.BR symdiff (1)" > page
    close(page)
    for (i = 1; i <= nitems; i++)
        for (k = 1; k <= nfunctions[i]; k++) {
            print function_of[i, k] ".3"
            printf ".so man3/symdiff_%s.3\n", slug > (out "/" function_of[i, k] ".3")
            close(out "/" function_of[i, k] ".3")
        }
    title = ""
}

function begin_item() {
    nitems++
    code[nitems] = about[nitems] = called[nitems] = ""
    nfunctions[nitems] = 0
}

function take_names(line,    name) {
    while (match(line, /sd_[a-z_0-9]+\(/)) {
        name = substr(line, RSTART, RLENGTH - 1)
        function_of[nitems, ++nfunctions[nitems]] = name
        called[nitems] = called[nitems] (called[nitems] ? ", " : "") name
        line = substr(line, RSTART + RLENGTH)
        break
    }
}

# ---- the comment at the head
NR == 1, /^#ifndef SYMDIFF_H/ {
    if (/^#ifndef/) {
        head("symdiff", "symdiff", "symbolic derivatives of formulas with vectors and matrices")
        print ".SH SYNOPSIS\n.B #include <symdiff.h>\n.PP\n.B cc ... \\-lsymdiff\n.SH DESCRIPTION" > page
        put_text(overview)
        print ".SH SEE ALSO\n.BR symdiff (1)" > page
        close(page)
    } else if (!/SPDX/ && !/^ \*\/$/) {
        sub(/^ \* ?/, "")
        overview = overview (/^[A-Z][a-z]+: / ? ".PP\n" : "") $0 "\n"
    }
    next
}

# ---- of further headers the heads say nothing to users
FNR == 1 { flush(); title = "" }

# ---- a section
/^\/\* ---- / {
    flush()
    title = $0
    sub(/^\/\* ---- /, "", title)
    sub(/ -+ \*\/$/, "", title)
    slug = tolower(title)
    gsub(/[^a-z]+/, "_", slug)
    nitems = 0
    pending = ""
    depth = open_item = unfinished = wait_comment = 0
    next
}
/^#ifdef __cplusplus/ { skip = 1 }
skip || !title { if (/^#endif/) skip = 0; next }

# ---- a comment that stands by itself
/^ *\/\*/ { in_comment = 1; pending = "" }
in_comment {
    line = bare($0)
    if (depth) sub(/^ +/, "", line)
    pending = pending line "\n"
    if (/\*\/ *$/) in_comment = 0
    next
}

# ---- a declaration: up to its semicolon, with the comments behind its lines
/^ *$/ { next }
{
    line = $0
    comment = ""
    if (unfinished) {
        comment = bare(line)
        if (line ~ /\*\//) unfinished = 0
        line = ""
    } else if (match(line, /\/\*.*/)) {
        comment = substr(line, RSTART)
        if (comment !~ /\*\//) unfinished = 1
        line = substr(line, 1, RSTART - 1)
        comment = bare(comment)
    }
    if (!depth && !open_item) {
        begin_item()
        open_item = 1
        about[nitems] = pending
        pending = ""
        fields = ""
    }
    sub(/ +$/, "", line)
    if (line != "") code[nitems] = code[nitems] escape(line) "\n"
    if (line !~ /^#|^typedef|^ /) take_names(line)
    if (line ~ /^(typedef struct|typedef enum|enum|#define)/) kind = line
    if (line ~ /^} sd_|^typedef .* sd_[a-z_]+;/) {
        called[nitems] = line
        sub(/^.* /, "", called[nitems])
        sub(/;.*/, "", called[nitems])
    }
    if (line ~ /^#define SD_/ && !called[nitems]) { split(line, word, /[ (]/); called[nitems] = word[2] }
    if (line ~ /^enum/ && !called[nitems]) called[nitems] = "Constants"
    if (depth && pending != "") { # of the field that follows it
        comment = pending comment
        pending = ""
    }
    if (comment != "") {
        field = line
        sub(/^ +/, "", field)
        if (depth && field != "" && field !~ /^}/) about[nitems] = about[nitems] "\n.br\n" field " " comment "\n"
        else about[nitems] = about[nitems] comment "\n"
    }
    n = gsub(/{/, "{", line) - gsub(/}/, "}", line)
    depth += n
    if (!depth && !unfinished && (line ~ /; *$/ || line ~ /^#define/ || line ~ /} *$/ || (line == "" && ended))) open_item = 0
    ended = line ~ /; *$/
    if (ended && unfinished) wait_comment = 1
    if (line == "" && wait_comment && !unfinished) { open_item = 0; wait_comment = 0 }
}
END { flush() }
