// SPDX-License-Identifier: MIT
// symdiff kkt: the conditions for a minimum subject to equations and inequalities, line by line.
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

// The constraints of all --subject-to, which ';' separates, one text each.
static list split(const options *o, text *store)
{
    list out = {NULL, 0};
    for (size_t i = 0; i < o->subject.n; i++) putf(store, "%s;", o->subject.s[i]);
    for (char *p = store->s; p && *p;) {
        char *end = strchr(p, ';');
        *end = '\0';
        if (p[strspn(p, " ")]) list_add(&out, p);
        p = end + 1;
    }
    return out;
}

int run_kkt(options *o)
{
    int format = find_document(o->format);
    if (format < 0)
        return complain(o, BAD_USAGE, "",
                        "kkt: the formats are text, unicode, markdown, latex and html, not '%s'", o->format);
    if (!o->wrt.n)
        return complain(o, BAD_USAGE, "--wrt VAR[,VAR...]",
                        "kkt needs --wrt VAR: over what is to be minimized?");
    if (!o->words.n) return complain(o, BAD_USAGE, command_find("kkt")->usage, "kkt needs an expression");
    if (o->what_name || o->data.n)
        return complain(o, BAD_USAGE, "", "kkt works with symbols: it takes no data and no %s",
                        o->what_name ? "derivative" : "--at");
    text store = {0};
    list constraints = split(o, &store);
    session s;
    int status = session_declare(&s, o);
    if (!status) {
        sd_steps_options how = {.format = (sd_document)format, .seed = o->seed};
        status = session_show(&s, sd_kkt(s.c, o->words.s[0], constraints.n, constraints.s, o->wrt.s, &how,
                                         &s.expr));
    }
    session_close(&s);
    free(constraints.s);
    text_free(&store);
    return status;
}
