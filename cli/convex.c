// SPDX-License-Identifier: MIT
// symdiff convex: is the expression convex in the variables of --wrt, and why? Exit status 0: convex,
// concave, affine or neither; 1: unknown, and what was tried.
#include "cli/cli.h"

#include <string.h>

static const char *const verdicts[] = {"unknown", "convex", "concave", "affine", "neither"};

static void put_text(text *t, const sd_convexity *r)
{
    putf(t, "%s\n", verdicts[r->verdict]);
    for (const char *p = r->reasons; *p;) {
        size_t n = strcspn(p, "\n");
        put(t, "  ");
        putn(t, p, n);
        put(t, "\n");
        p += n + (p[n] == '\n');
    }
}

static void put_json(text *t, const sd_convexity *r)
{
    putf(t, "{\"verdict\": \"%s\", \"reasons\": [", verdicts[r->verdict]);
    const char *between = "\"";
    for (const char *p = r->reasons; *p; p++) {
        if (p == r->reasons || p[-1] == '\n') put(t, between);
        if (*p == '"' || *p == '\\') put(t, "\\");
        if (*p == '\n')
            put(t, "\"");
        else
            putn(t, p, 1);
        between = ", \"";
    }
    put(t, "]}\n");
}

int run_convex(options *o)
{
    const char *format = o->format ? o->format : "text";
    bool json = !strcmp(format, "json");
    if (!json && strcmp(format, "text"))
        return complain(o, BAD_USAGE, "", "convex: the formats are text and json, not '%s'", format);
    if (o->what_name)
        return complain(o, BAD_USAGE, "grad(f,x) in an expression is a derivative",
                        "convex judges expressions, not derivatives");
    if (o->data.n)
        return complain(o, BAD_USAGE, "", "convex draws its own data: all values of the variables count");
    session s;
    sd_convexity r = {SD_CURVATURE_UNKNOWN, NULL};
    int status = session_open(&s, o);
    if (!status && sd_convexity_of(s.c, s.expr, o->wrt.n ? o->wrt.s : NULL, o->seed, &r))
        status = session_failed(&s);
    if (!status) {
        text t = {0};
        if (json)
            put_json(&t, &r);
        else
            put_text(&t, &r);
        status = session_answer(&s, &t);
        if (!status && r.verdict == SD_CURVATURE_UNKNOWN) status = NO_ANSWER;
    }
    sd_free(s.c, r.reasons);
    session_close(&s);
    return status;
}
