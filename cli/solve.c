// SPDX-License-Identifier: MIT
// symdiff solve: where is the gradient 0? Exit status 0: a closed form; 1: none was found, and what the
// equation is.
#include "cli/cli.h"

#include <string.h>

// "A*x==b" as "A*x-(b)", which must be 0.
static int read_constraint(const options *o, text *t)
{
    const char *s = o->subject.s[0], *equals = strstr(s, "==");
    size_t skip = 2;
    if (!equals) equals = strchr(s, '='), skip = 1;
    if (o->subject.n > 1)
        return complain(o, BAD_USAGE, "symdiff kkt takes several, and inequalities", "--subject-to: solve takes one equation");
    if (!equals || equals == s || !equals[skip] || strpbrk(equals + skip, "=<>") || strpbrk(s, "<>"))
        return complain(o, BAD_USAGE, "--subject-to \"A*x==b\"; symdiff kkt takes inequalities",
                        "--subject-to: an equation was expected, not '%s'", s);
    put(t, "(");
    putn(t, s, (size_t)(equals - s));
    putf(t, ")-(%s)", equals + skip);
    return DONE;
}

static void put_lines(text *t, const options *o, const sd_solution *r)
{
    if (r->answer) putf(t, "%s = %s\n", o->wrt.s, r->answer);
    for (const char *p = r->reasons; *p;) {
        size_t n = strcspn(p, "\n");
        put(t, r->answer ? "  " : "");
        putn(t, p, n);
        put(t, "\n");
        p += n + (p[n] == '\n');
    }
}

int run_solve(options *o)
{
    if (o->format && strcmp(o->format, "text"))
        return complain(o, BAD_USAGE, "", "solve: the format is text, not '%s'", o->format);
    if (o->data.n) return complain(o, BAD_USAGE, "", "solve works with symbols; eval the answer with data");
    text constraint = {0};
    int status = o->subject.n ? read_constraint(o, &constraint) : DONE;
    session s = {.o = o};
    sd_solution r = {0};
    if (!status) {
        list words = o->words;
        const char *pair[2] = {words.n ? words.s[0] : NULL, constraint.s};
        if (o->subject.n && words.n) o->words = (list){pair, 2};
        status = session_open(&s, o);
        o->words = words;
        if (!status && sd_solve(s.c, s.expr, s.other, o->wrt.n ? o->wrt.s : NULL, &r))
            status = session_failed(&s);
    }
    if (!status) {
        text t = {0};
        put_lines(&t, o, &r);
        status = session_answer(&s, &t);
        if (!status && !r.found) status = NO_ANSWER;
    }
    if (s.c) {
        sd_free(s.c, r.answer);
        sd_free(s.c, r.reasons);
    }
    session_close(&s);
    text_free(&constraint);
    return status;
}
