// SPDX-License-Identifier: MIT
// symdiff EXPR --wrt VAR: the derivative as text in any notation, as C, or a stage on the way there.
#include "cli/cli.h"

#include <string.h>

int run_derive(options *o)
{
    const char *name = o->format ? o->format : "text";
    int format = sd_format_find(name);
    if (!strcmp(name, "c")) return run_emit(o);
    if (format < 0) {
        return complain(o, BAD_USAGE, "text unicode latex c numpy torch jax julia matlab eigen einsum dot json",
                        "unknown format '%s'", name);
    }
    session s;
    int status = session_open(&s, o);
    if (!status) status = session_derive(&s);
    if (!status) {
        unsigned flags = (o->no_where ? SD_NO_WHERE : 0u) | (o->conditions ? SD_CONDITIONS : 0u);
        char *shown = o->dump ? sd_dump(s.c, s.result, o->dump)
                              : sd_print(s.c, s.result, (sd_format)format, flags);
        if (!shown) {
            status = session_failed(&s);
        } else {
            text t = {0};
            put(&t, shown);
            if (!t.n || t.s[t.n - 1] != '\n') put(&t, "\n");
            sd_free(s.c, shown);
            session_legend(&s);
            status = answer(o, &t);
            text_free(&t);
        }
    }
    session_close(&s);
    return status;
}
