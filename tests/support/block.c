// SPDX-License-Identifier: MIT
// .test files to blocks, and blocks back to files (UPDATE=1).
//
// A block is directives, a head, and the expected lines, indented by four blanks; blank lines end it:
//
//     with A: matrix(n,n) symmetric
//     diff x : x'*A*x
//         2*A*x
//
// '#' at the margin starts a comment; "| " continues the program text of the head (or is a
// line of a `file`). Markdown and man pages are read too: every `$ command` in an example
// becomes a block with the lines after it.
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

static char *rest_of(const char *line, size_t skip)
{
    line += skip;
    line += strspn(line, " ");
    return tst_copy(line, strlen(line));
}

static void join(char **text, char *more, const char *between)
{
    char *old = *text;
    *text = old ? tst_format("%s%s%s", old, between, more) : tst_copy(more, strlen(more));
    free(old);
    free(more);
}

// The directives: a word at the margin, and what its rest does to the block.
typedef void directive_fn(tst_block *b, char *rest);
static void on_with(tst_block *b, char *rest) { tst_push(&b->with, rest); }
static void on_data(tst_block *b, char *rest) { tst_push(&b->data, rest); }
static void on_size(tst_block *b, char *rest) { join(&b->sizes, rest, ","); }
static void on_limit(tst_block *b, char *rest) { join(&b->limits, rest, ","); }
static void on_print_only(tst_block *b, char *rest) { join(&b->print_only, rest, " "); }
static void on_c_only(tst_block *b, char *rest) { join(&b->c_only, rest, " "); }
static void on_tolerance(tst_block *b, char *rest)
{
    b->tolerance = tst_number(rest, NULL);
    free(rest);
}
static void on_file(tst_block *b, char *rest)
{
    tst_push(&b->files, rest);
    tst_push(&b->files, tst_copy("", 0));
}

static const struct {
    const char *word;
    directive_fn *apply;
} directives[] = {
    {"with", on_with},
    {"data", on_data},
    {"size", on_size},
    {"limit", on_limit},
    {"print-only:", on_print_only},
    {"c-only:", on_c_only},
    {"tolerance", on_tolerance},
    {"file", on_file},
};

static directive_fn *directive(const char *line)
{
    for (size_t i = 0; i < sizeof directives / sizeof *directives; i++) {
        size_t n = strlen(directives[i].word);
        if (!strncmp(line, directives[i].word, n) && line[n] == ' ') return directives[i].apply;
    }
    return NULL;
}

static tst_block *new_block(tst_file *f)
{
    f->block = tst_grow(f->block, (f->n + 1) * sizeof *f->block);
    f->block[f->n] = (tst_block){.file = f->name};
    return &f->block[f->n++];
}

static void head(tst_block *b, const char *line, size_t number)
{
    b->line = number;
    b->head = tst_copy(line, strlen(line));
    if (line[0] == '$') {
        tst_push(&b->word, tst_copy("$", 1));
        b->expr = rest_of(line, 1);
        return;
    }
    size_t n = strlen(line);
    const char *colon = strstr(line, " : ");
    if (!colon && n >= 2 && !strcmp(line + n - 2, " :")) colon = line + n - 2;
    const char *end = colon ? colon : line + n;
    for (const char *s = line; s < end;) {
        size_t k = strcspn(s, " ");
        if (s + k > end) k = (size_t)(end - s);
        if (k) tst_push(&b->word, tst_copy(s, k));
        s += k + strspn(s + k, " ");
    }
    b->expr = colon && colon + 3 <= line + n ? rest_of(colon, 3) : tst_copy("", 0);
}

static void continuation(tst_block *b, const char *line)
{
    char *more = tst_copy(line[1] ? line + 2 : "", line[1] ? strlen(line + 2) : 0);
    if (b->head) {
        if (!*b->expr) {
            free(b->expr);
            b->expr = NULL;
        }
        join(&b->expr, more, "\n");
    } else if (b->files.n) {
        char **content = &b->files.s[b->files.n - 1];
        char *old = *content;
        *content = tst_format("%s%s\n", old, more);
        free(old);
        free(more);
    } else {
        free(more);
    }
}

static bool blocks(tst_file *f)
{
    tst_block *b = NULL;
    for (size_t i = 0; i < f->line.n; i++) {
        const char *s = f->line.s[i];
        if (!*s) b = NULL;
        if (!*s || *s == '#') continue;
        if (!b) b = new_block(f);
        directive_fn *apply = directive(s);
        if (!strncmp(s, "    ", 4)) {
            if (!b->want_count) b->want_at = i;
            b->want_count = i + 1 - b->want_at;
            tst_push(&b->want, tst_copy(s + 4, strlen(s + 4)));
        } else if (*s == '|') {
            continuation(b, s);
        } else if (apply) {
            apply(b, rest_of(s, strcspn(s, " ")));
        } else if (!b->head) {
            head(b, s, i + 1);
            b->want_at = i + 1;
        } else {
            fprintf(stderr, "%s:%zu: a second command in one block: %s\n", f->name, i + 1, s);
            return false;
        }
        if (*s == '|') b->want_at = i + 1;
    }
    for (size_t k = 0; k < f->n; k++)
        if (!f->block[k].head) {
            fprintf(stderr, "%s: a block without a command\n", f->name);
            return false;
        }
    return true;
}

// roff to plain text: the escapes that examples need.
static char *unroff(const char *s)
{
    static const struct {
        const char *from, *to;
    } escape[] = {
        {"\\(aq", "'"},  {"\\(dq", "\""}, {"\\(ha", "^"}, {"\\(ti", "~"},
        {"\\(bs", "\\"}, {"\\-", "-"},    {"\\e", "\\"},  {"\\&", ""},
    };
    char *out = tst_grow(NULL, strlen(s) + 1), *o = out;
    while (*s) {
        size_t k = 0, n = sizeof escape / sizeof *escape;
        while (k < n && strncmp(s, escape[k].from, strlen(escape[k].from))) k++;
        if (k < n) {
            o = (char *)memcpy(o, escape[k].to, strlen(escape[k].to)) + strlen(escape[k].to);
            s += strlen(escape[k].from);
        } else {
            *o++ = *s++;
        }
    }
    *o = 0;
    return out;
}

// Examples of a document: `$ command` inside ``` fences or .EX/.EE, expected lines
// up to the next command or the end.
static void examples(tst_file *f, bool roff)
{
    bool inside = false;
    tst_block *b = NULL;
    for (size_t i = 0; i < f->line.n; i++) {
        const char *s = f->line.s[i];
        bool mark = roff ? !strncmp(s, ".EX", 3) || !strncmp(s, ".EE", 3) || !strncmp(s, ".nf", 3) ||
                               !strncmp(s, ".fi", 3)
                         : !strncmp(s, "```", 3);
        if (mark) {
            if (inside && b) tst_push(&b->word, tst_copy("last", 4));
            inside = !inside;
            b = NULL;
        } else if (inside) {
            char *text = roff ? unroff(s) : tst_copy(s, strlen(s));
            if (!strncmp(text, "$ ", 2)) {
                b = new_block(f);
                head(b, text, i + 1);
                tst_push(&b->word, tst_copy("doc", 3));
                b->want_at = i + 1;
            } else if (b) {
                tst_push(&b->want, tst_copy(text, strlen(text)));
                b->want_count = i + 1 - b->want_at;
            }
            free(text);
        }
    }
    for (size_t k = 0; k < f->n; k++) { // blank lines before the next command are layout
        tst_lines *w = &f->block[k].want;
        while (w->n && !*w->s[w->n - 1]) {
            free(w->s[--w->n]);
            f->block[k].want_count--;
        }
    }
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), k = strlen(end);
    return n >= k && !strcmp(s + n - k, end);
}

bool tst_file_read(tst_file *f, const char *name)
{
    *f = (tst_file){.name = tst_copy(name, strlen(name))};
    char *text = tst_read(name);
    if (!text) {
        fprintf(stderr, "%s: cannot be read\n", name);
        return false;
    }
    tst_split(&f->line, text);
    free(text);
    if (ends_with(name, ".test")) return blocks(f);
    examples(f, !ends_with(name, ".md"));
    return true;
}

bool tst_file_rewrite(const tst_file *f)
{
    bool document = !ends_with(f->name, ".test");
    FILE *out = fopen(f->name, "w");
    if (!out) return false;
    size_t line = 0;
    for (size_t k = 0; k < f->n; k++) {
        const tst_block *b = &f->block[k];
        if (!b->update) continue;
        for (; line < b->want_at; line++) fprintf(out, "%s\n", f->line.s[line]);
        for (size_t i = 0; i < b->update->n; i++)
            fprintf(out, "%s%s\n", document ? "" : "    ", b->update->s[i]);
        line += b->want_count;
    }
    for (; line < f->line.n; line++) fprintf(out, "%s\n", f->line.s[line]);
    return fclose(out) == 0;
}

static void block_free(tst_block *b)
{
    tst_lines *list[] = {&b->word, &b->with, &b->data, &b->files, &b->want};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) tst_lines_free(list[i]);
    if (b->update) tst_lines_free(b->update);
    free(b->update);
    free(b->head);
    free(b->expr);
    free(b->sizes);
    free(b->limits);
    free(b->print_only);
    free(b->c_only);
}

void tst_file_free(tst_file *f)
{
    for (size_t i = 0; i < f->n; i++) block_free(&f->block[i]);
    free(f->block);
    tst_lines_free(&f->line);
    free(f->name);
}
