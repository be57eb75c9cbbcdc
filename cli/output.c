// SPDX-License-Identifier: MIT
// Text, and where it goes: answers to standard output or files, everything else to standard error.
//
// A file appears under its name only when it is complete: it is written beside its place under a temporary
// name and renamed. What is not a regular file (a terminal, a pipe, /dev/null) is written directly.
#define _XOPEN_SOURCE 700
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// ---- text -------------------------------------------------------------------------------------------------

static void need(text *t, size_t n)
{
    if (t->n + n < t->cap) return;
    size_t cap = 2 * (t->n + n) + 64;
    char *s = realloc(t->s, cap);
    if (!s) {
        fputs("symdiff: error: out of memory\n", stderr);
        exit(BROKEN);
    }
    t->s = s;
    t->cap = cap;
}

void putn(text *t, const char *s, size_t n)
{
    need(t, n + 1);
    memcpy(t->s + t->n, s, n);
    t->n += n;
    t->s[t->n] = 0;
}

void put(text *t, const char *s) { putn(t, s, strlen(s)); }

void putf(text *t, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    need(t, (size_t)n + 1);
    vsnprintf(t->s + t->n, (size_t)n + 1, fmt, again);
    va_end(again);
    t->n += (size_t)n;
}

void text_free(text *t)
{
    free(t->s);
    *t = (text){0};
}

// ---- standard error ---------------------------------------------------------------------------------------

static const char *paint(const options *o, const char *code) { return o->color ? code : ""; }

void putn_quoted(text *t, const char *s, size_t n)
{
    put(t, "\"");
    for (const char *end = s + n; s < end; s++) {
        if (*s == '"' || *s == '\\') put(t, "\\");
        if ((unsigned char)*s < 32) putf(t, "\\u%04x", (unsigned)*s);
        else putn(t, s, 1);
    }
    put(t, "\"");
}

void put_quoted(text *t, const char *s) { putn_quoted(t, s, strlen(s)); }

bool wants_json(const options *o) { return o->format && !strcmp(o->format, "json"); }

// {"error": {"message": "...", "hint": "..."}} to standard output: a program that
// asked for JSON gets nothing else.
static int complain_json(int status, const char *hint, const char *message)
{
    text t = {0};
    put(&t, "{\"error\": {\"message\": ");
    put_quoted(&t, message);
    put(&t, ", \"hint\": ");
    put_quoted(&t, hint);
    put(&t, "}}\n");
    fputs(t.s, stdout);
    text_free(&t);
    return status;
}

int complain(const options *o, int status, const char *hint, const char *fmt, ...)
{
    va_list ap;
    if (wants_json(o)) {
        char message[1024];
        va_start(ap, fmt);
        vsnprintf(message, sizeof message, fmt, ap);
        va_end(ap);
        return complain_json(status, hint, message);
    }
    fprintf(stderr, "symdiff: %serror:%s ", paint(o, "\033[1;31m"), paint(o, "\033[m"));
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    if (*hint) fprintf(stderr, "%shint:%s %s\n", paint(o, "\033[36m"), paint(o, "\033[m"), hint);
    return status;
}

void warn(const options *o, const char *fmt, ...)
{
    va_list ap;
    fprintf(stderr, "symdiff: %swarning:%s ", paint(o, "\033[1;33m"), paint(o, "\033[m"));
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
}

// ---- files ------------------------------------------------------------------------------------------------

typedef struct {
    char *path;      // behind symbolic links
    char *temporary; // NULL: written in place
} place;

static void forget(place *p)
{
    if (p->temporary) unlink(p->temporary);
    free(p->temporary);
    free(p->path);
    *p = (place){NULL, NULL};
}

static int cannot_write(const options *o, const char *name)
{
    return complain(o, NO_ANSWER, "", "cannot write %s: %s", name, strerror(errno));
}

static bool write_all(FILE *f, const char *s, size_t n)
{
    bool ok = fwrite(s, 1, n, f) == n;
    return fflush(f) == 0 && ok && !ferror(f);
}

// May f take the place of what is there? Without a mark it may, and over an empty file.
static bool may_replace(const options *o, const output_file *f)
{
    char head[256];
    struct stat st;
    if (!f->mark || o->force || stat(f->name, &st) || !S_ISREG(st.st_mode)) return true;
    FILE *old = fopen(f->name, "r");
    if (!old) return true; // and fails below, for the same reason
    size_t n = fread(head, 1, sizeof head - 1, old);
    fclose(old);
    head[n] = 0;
    return !n || strstr(head, f->mark);
}

// Opens what the content goes to; NULL with errno set.
static FILE *open_place(const char *name, place *p)
{
    struct stat st;
    bool exists = stat(name, &st) == 0;
    p->path = exists ? realpath(name, NULL) : strdup(name);
    if (!p->path) return NULL;
    if (exists && S_ISDIR(st.st_mode)) return errno = EISDIR, NULL;
    // /dev/stderr may be a pipe, which has no path
    if (exists && !S_ISREG(st.st_mode)) return fopen(name, "w");
    if (exists && access(p->path, W_OK)) return NULL;
    char *temporary = malloc(strlen(p->path) + 8);
    if (!temporary) return NULL;
    sprintf(temporary, "%s.XXXXXX", p->path);
    int fd = mkstemp(temporary);
    if (fd < 0) {
        int why = errno;
        free(temporary);
        errno = why;
        return NULL;
    }
    p->temporary = temporary;
    mode_t mask = umask(0);
    umask(mask);
    fchmod(fd, exists ? st.st_mode & 07777 : 0666 & ~mask);
    FILE *f = fdopen(fd, "w");
    if (!f) close(fd);
    return f;
}

int write_files(const options *o, const output_file *f, size_t n)
{
    enum { MOST = 3 };
    place at[MOST] = {{NULL, NULL}};
    int status = n > MOST ? BROKEN : DONE;
    for (size_t i = 0; i < n && !status; i++)
        if (!may_replace(o, &f[i]))
            status = complain(o, NO_ANSWER, "--force overwrites it",
                              "%s is there already, and symdiff did not write it", f[i].name);
    for (size_t i = 0; i < n && !status; i++) {
        FILE *out = open_place(f[i].name, &at[i]);
        bool ok = out && write_all(out, f[i].content, f[i].size);
        int why = errno;
        if (out && fclose(out)) ok = false;
        else errno = why;
        if (!ok) status = cannot_write(o, f[i].name);
    }
    for (size_t i = 0; i < n && !status; i++) {
        if (!at[i].temporary) continue;
        if (rename(at[i].temporary, at[i].path)) {
            status = cannot_write(o, f[i].name);
            for (size_t k = 0; k < i; k++) unlink(at[k].path);
        } else {
            free(at[i].temporary);
            at[i].temporary = NULL;
        }
    }
    for (size_t i = 0; i < MOST; i++) forget(&at[i]);
    return status;
}

int answer(const options *o, const text *t)
{
    if (o->output && strcmp(o->output, "-"))
        return write_files(o, &(output_file){o->output, t->s, t->n, NULL}, 1);
    errno = 0;
    if (!write_all(stdout, t->s, t->n)) return cannot_write(o, "standard output");
    return DONE;
}
