// SPDX-License-Identifier: MIT
// symdiff equal: are two expressions the same function of their variables, and how do we know? Exit status 0:
// equal, 1: different, 4: not decided.
#include "cli/cli.h"

#include <string.h>

static const char *points(int n) { return n == 1 ? "point" : "points"; }

static void put_text(text *t, const sd_equal_report *r)
{
    if (r->undecided) {
        putf(t, "not decided (%s)\n", r->detail);
        return;
    }
    put(t, r->equal ? "equal" : "different");
    switch (r->evidence) {
    case SD_BY_SHAPE: putf(t, " (shape: %s)\n", r->detail); break;
    case SD_BY_FORM: put(t, " (canonical form)\n"); break;
    case SD_BY_FIELD:
        put(t, " (exact evaluation over a finite field");
        putf(t, *r->detail ? ", sizes %s)\n" : ")\n", r->detail);
        break;
    case SD_BY_NUMBERS:
        putf(t, " (numerical evaluation at %d %s)\n", r->points, points(r->points));
        if (r->one_sided)
            putf(t, "  at %d further %s only one of the two has a value\n", r->one_sided,
                 points(r->one_sided));
        break;
    }
    if (*r->relation) putf(t, "  they differ by %s\n", r->relation);
    if (!r->witness) return;
    if (*r->witness) putf(t, "  at %s\n", r->witness);
    putf(t, "  first:  %s\n  second: %s\n", r->value[0], r->value[1]);
}

static void put_string(text *t, const char *name, const char *s)
{
    putf(t, ", \"%s\": \"", name);
    for (; *s; s++) {
        if (*s == '"' || *s == '\\') put(t, "\\");
        putn(t, s, 1);
    }
    put(t, "\"");
}

static void put_json(text *t, const sd_equal_report *r)
{
    static const char *const evidence[] = {"shape", "form", "field", "numbers"};
    putf(t, "{\"equal\": %s, \"evidence\": \"%s\", \"points\": %d, \"one_sided\": %d",
         r->undecided ? "null"
         : r->equal   ? "true"
                      : "false",
         evidence[r->evidence], r->points, r->one_sided);
    if (*r->detail) put_string(t, "detail", r->detail);
    if (*r->relation) put_string(t, "relation", r->relation);
    if (r->witness) {
        put_string(t, "witness", r->witness);
        put_string(t, "first", r->value[0]);
        put_string(t, "second", r->value[1]);
    }
    put(t, "}\n");
}

int run_equal(options *o)
{
    const char *format = o->format ? o->format : "text";
    bool json = !strcmp(format, "json");
    if (!json && strcmp(format, "text"))
        return complain(o, BAD_USAGE, "", "equal: the formats are text and json, not '%s'", format);
    if (o->wrt.n || o->what_name)
        return complain(o, BAD_USAGE, "grad(f,x) in an expression is a derivative",
                        "equal compares expressions, not derivatives");
    if (o->data.n)
        return complain(o, BAD_USAGE, "", "equal draws its own data: all values of the variables count");
    if (o->words.n != 2)
        return complain(o, BAD_USAGE, command_find("equal")->usage, "equal needs two expressions");
    session s;
    sd_equal_report r = {0};
    int status = session_open(&s, o);
    if (!status && sd_equal(s.c, s.expr, s.other, o->seed, &r)) status = session_failed(&s);
    if (!status) {
        text t = {0};
        if (json) put_json(&t, &r);
        else put_text(&t, &r);
        status = session_answer(&s, &t);
        if (!status && !r.equal) status = r.undecided ? NOT_DECIDED : NO_ANSWER;
    }
    sd_free(s.c, r.witness);
    sd_free(s.c, r.value[0]);
    sd_free(s.c, r.value[1]);
    session_close(&s);
    return status;
}
