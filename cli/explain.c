// SPDX-License-Identifier: MIT
// symdiff explain: how each name of an expression is read, why, and the declaration for every other reading.
#include "cli/cli.h"

#include <string.h>

int run_explain(options *o)
{
    session s;
    int status = session_open(&s, o);
    char *lines = status ? NULL : sd_explain(s.c, s.expr), *notes = status ? NULL : sd_notes(s.c);
    if (!status && (!lines || !notes)) status = session_failed(&s);
    if (!status) {
        text t = {0};
        put(&t, lines);
        for (const char *p = notes; *p;) {
            size_t n = strcspn(p, "\n");
            put(&t, "note: ");
            putn(&t, p, n + 1);
            p += n + 1;
        }
        status = answer(o, &t);
        text_free(&t);
    }
    sd_free(s.c, lines);
    sd_free(s.c, notes);
    session_close(&s);
    return status;
}
