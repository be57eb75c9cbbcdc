// SPDX-License-Identifier: MIT
// Blocks that run programs through sh: $ lines of .test files, and the terminals that documents show.
//
// A shell block runs in an empty folder with the files of the block. A document shows what a person would
// want to see: "..." stands for any number of lines, and legends and errors may be left out.
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

static bool shows_legend(const tst_block *b)
{
    for (size_t i = 0; i < b->want.n; i++)
        if (!strncmp(b->want.s[i], "! # ", 4)) return true;
    return false;
}

void tst_run_shell(const tst_block *b, const tst_setting *setting, tst_lines *got)
{
    char *folder = tst_temporary();
    for (size_t i = 0; i + 1 < b->files.n; i += 2) tst_write(folder, b->files.s[i], b->files.s[i + 1]);
    tst_shell_result r = {.status = 0};
    tst_shell(b->expr, folder, setting->bin, &r);
    bool legend = shows_legend(b);
    for (size_t i = 0; i < r.out.n; i++)
        if (*r.out.s[i]) tst_push(got, tst_copy(r.out.s[i], strlen(r.out.s[i])));
    for (size_t i = 0; i < r.err.n; i++)
        if (*r.err.s[i] && (legend || strncmp(r.err.s[i], "# ", 2)))
            tst_push(got, tst_format("! %s", r.err.s[i]));
    if (r.status) tst_push(got, tst_format("(exit %d)", r.status));
    tst_lines_free(&r.out);
    tst_lines_free(&r.err);
    tst_remove(folder);
}

// A line "..." in a document stands for any number of lines.
static bool matches(const tst_lines *want, const tst_lines *got)
{
    size_t i = 0, k = 0;
    for (; i < want->n; i++) {
        if (!strcmp(want->s[i], "...")) {
            k = got->n >= want->n - i - 1 && got->n - (want->n - i - 1) >= k ? got->n - (want->n - i - 1)
                                                                             : got->n + 1;
            if (k > got->n) return false;
        } else if (k >= got->n || strcmp(want->s[i], got->s[k++])) {
            return false;
        }
    }
    return k == got->n;
}

static void append(tst_lines *to, const tst_lines *from, bool legend)
{
    for (size_t i = 0; i < from->n; i++)
        if (legend || strncmp(from->s[i], "# ", 2)) tst_push(to, tst_copy(from->s[i], strlen(from->s[i])));
}

// Documents show a terminal: errors may stand before or after the output, legends and errors may be left out.
void tst_run_document(const tst_block *b, const tst_setting *setting, tst_lines *got)
{
    static const char *const programs[] = {"symdiff ", "cc ", "cat ", "./", "echo ", "printf "};
    bool known = false;
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        known |= !strncmp(b->expr, programs[i], strlen(programs[i]));
    if (!known || strstr(b->expr, "symdiff repl")) {
        append(got, &b->want, true);
        return;
    }
    tst_shell_result r = {.status = 0};
    tst_shell(b->expr, setting->folder, setting->bin, &r);
    bool found = false;
    for (int way = 0; way < 5 && !found; way++) {
        tst_lines l = {0};
        if (way == 1 || way == 3) append(&l, &r.err, way == 1);
        append(&l, &r.out, true);
        if (way == 2 || way == 4) append(&l, &r.err, way == 2);
        found = matches(&b->want, &l);
        tst_lines_free(&l);
    }
    append(got, found ? &b->want : &r.out, true);
    if (!found) append(got, &r.err, r.out.n == 0);
    tst_lines_free(&r.out);
    tst_lines_free(&r.err);
}
