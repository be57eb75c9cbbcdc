// SPDX-License-Identifier: MIT
// symdiff convex: is the expression convex in the variables of --wrt, and why? With --psd: is the matrix
// positive semidefinite? Exit status 0: a verdict; 1: unknown, and what was tried.
#include "cli/cli.h"

#include <string.h>

static const char *const curvatures[] = {"unknown", "convex", "concave", "affine", "neither"};
static const char *const definiteness[] = {
    "unknown",           "positive definite",     "positive semidefinite",
    "negative definite", "negative semidefinite", "indefinite"};

static void put_text(text *t, const char *verdict, const char *reasons)
{
    putf(t, "%s\n", verdict);
    for (const char *p = reasons; *p;) {
        size_t n = strcspn(p, "\n");
        put(t, "  ");
        putn(t, p, n);
        put(t, "\n");
        p += n + (p[n] == '\n');
    }
}

// ["not convex: f = ...", ...]: the lines that begin with `with`, or all.
void put_json_lines(text *t, const char *lines, const char *with)
{
    const char *between = "";
    put(t, "[");
    for (const char *p = lines; *p; p += strcspn(p, "\n") + (p[strcspn(p, "\n")] == '\n')) {
        if (strncmp(p, with, strlen(with))) continue;
        put(t, between);
        putn_quoted(t, p, strcspn(p, "\n"));
        between = ", ";
    }
    put(t, "]");
}

// witness: the points that refute, which are among the reasons, too.
static void put_json(text *t, const char *verdict, const char *reasons, const char *strong,
                     const char *points)
{
    putf(t, "{\"verdict\": \"%s\", ", verdict);
    if (strong) putf(t, "\"m\": \"%s\", ", strong);
    put(t, "\"reasons\": ");
    put_json_lines(t, reasons, "");
    if (!strncmp(reasons, "not ", 4) || strstr(reasons, "\nnot ")) {
        put(t, ", \"witness\": ");
        put_json_lines(t, reasons, "not ");
    }
    if (points) putf(t, ", \"points\": %s", points);
    put(t, "}\n");
}

static int show(session *s, const char *verdict, const sd_convexity *r, bool known)
{
    text t = {0};
    if (s->o->format && !strcmp(s->o->format, "json"))
        put_json(&t, verdict, r->reasons, r->strong, r->points);
    else put_text(&t, verdict, r->reasons);
    int status = session_answer(s, &t);
    return !status && !known ? NO_ANSWER : status;
}

static int show_curvature(session *s)
{
    sd_convexity r = {.verdict = SD_CURVATURE_UNKNOWN};
    const options *o = s->o;
    int status =
        sd_convexity_of(s->c, s->expr, o->wrt.n ? o->wrt.s : NULL, o->seed, &r) ? session_failed(s) : DONE;
    if (!status) status = show(s, curvatures[r.verdict], &r, r.verdict != SD_CURVATURE_UNKNOWN);
    sd_free(s->c, r.reasons);
    sd_free(s->c, r.strong);
    sd_free(s->c, r.points);
    return status;
}

static int show_definiteness(session *s)
{
    sd_definite r = {.verdict = SD_DEFINITE_UNKNOWN};
    int status = sd_definiteness(s->c, s->expr, s->o->seed, &r) ? session_failed(s) : DONE;
    if (!status)
        status = show(s, definiteness[r.verdict], &(sd_convexity){.reasons = r.reasons},
                      r.verdict != SD_DEFINITE_UNKNOWN);
    sd_free(s->c, r.reasons);
    return status;
}

int run_convex(options *o)
{
    const char *format = o->format ? o->format : "text";
    if (strcmp(format, "json") && strcmp(format, "text"))
        return complain(o, BAD_USAGE, "", "convex: the formats are text and json, not '%s'", format);
    if (o->what_name)
        return complain(o, BAD_USAGE, "grad(f,x) in an expression is a derivative",
                        "convex judges expressions, not derivatives");
    if (o->data.n)
        return complain(o, BAD_USAGE, "", "convex draws its own data: all values of the variables count");
    if (o->psd && o->wrt.n)
        return complain(o, BAD_USAGE, "",
                        "convex --psd judges a matrix for all of its variables: leave --wrt out");
    session s;
    int status = session_open(&s, o);
    if (!status) status = o->psd ? show_definiteness(&s) : show_curvature(&s);
    session_close(&s);
    return status;
}
