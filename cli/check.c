// SPDX-License-Identifier: MIT
// symdiff check: compares the derivative with central differences of the expression, at the data given or at
// random points of the domain, and says how far they are apart. Exit status 1 if they do not agree.
#include "cli/cli.h"

#include <string.h>

// "d/dt", "d2/dx2", "(v) times d/dx": what is compared, for people.
static void put_subject(text *t, const options *o)
{
    bool several = strchr(o->wrt.s, ',') != NULL;
    int order = o->order ? o->order : o->what == SD_HESSIAN || o->what == SD_HVP ? 2 : 1;
    if (o->what == SD_VJP) putf(t, "(%s) times ", o->direction);
    if (order > 1) putf(t, "d%d/d", order);
    else put(t, "d/d");
    putf(t, several ? "(%s)" : "%s", o->wrt.s);
    if (order > 1) putf(t, "%d", order);
    if (o->what == SD_JVP || o->what == SD_HVP) putf(t, " times (%s)", o->direction);
    if (o->along) putf(t, " along (%s)", o->along);
}

static void put_text(text *t, const options *o, const sd_check_report *r, bool given)
{
    if (r->not_differentiable) {
        put(t, "not differentiable at the point given\n");
        put(t, r->note);
        return;
    }
    if (*r->note) {
        put(t, "failed: the answer is not the derivative at the point given\n");
        put(t, r->note);
        return;
    }
    if (!r->points) {
        putf(t, "nothing was compared: %s\n", r->detail);
        return;
    }
    put(t, r->ok ? "ok: " : "failed: ");
    put_subject(t, o);
    put(t, r->ok ? " agrees with central differences at " : " differs from central differences at ");
    if (given && r->points == 1) put(t, "the point given");
    else putf(t, "%d %spoint%s", r->points, given ? "" : "random ", r->points == 1 ? "" : "s");
    putf(t, " (largest relative error %.2g", r->worst);
    if (r->worst - r->worst == 0) putf(t, "; differences are exact to %.1g", r->exact);
    put(t, ")\n");
    if (*r->detail) putf(t, "  %s\n", r->detail);
}

static void put_json(text *t, const sd_check_report *r)
{
    bool finite = r->worst - r->worst == 0;
    putf(t, "{\"ok\": %s, \"worst\": ", r->ok ? "true" : "false");
    if (finite) putf(t, "%.17g", r->worst);
    else put(t, "null");
    putf(t, ", \"exact\": %.17g, \"tolerance\": %.17g, \"points\": %d", r->exact, r->tolerance, r->points);
    if (r->not_differentiable)
        putf(t, ", \"differentiable\": false, \"partials\": %s", r->has_partials ? "true" : "false");
    if (*r->note) {
        put(t, ", \"note\": \"");
        for (const char *p = r->note; *p; p++) {
            if (*p == '\n') put(t, "\\n");
            else putn(t, p, 1);
        }
        put(t, "\"");
    }
    put(t, "}\n");
}

int run_check(options *o)
{
    const char *format = o->format ? o->format : "text";
    bool json = !strcmp(format, "json");
    if (!json && strcmp(format, "text")) {
        return complain(o, BAD_USAGE, "", "check: the formats are text and json, not '%s'", format);
    }
    if (!o->wrt.n)
        return complain(o, BAD_USAGE, "", "check needs --wrt VAR: which derivative is to be checked?");
    session s;
    sd_check_report r;
    int status = session_open(&s, o);
    if (!status) status = session_derive(&s);
    if (!status && sd_check(s.c, s.expr, &s.request, s.data, o->size, o->seed, &r))
        status = session_failed(&s);
    if (!status) {
        text t = {0};
        if (json) put_json(&t, &r);
        else put_text(&t, o, &r, s.data != NULL);
        status = session_answer(&s, &t);
        if (!status && !r.ok) status = NO_ANSWER;
    }
    session_close(&s);
    return status;
}
