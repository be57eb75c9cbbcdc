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
        status = session_show(&s, o->dump ? sd_dump(s.c, s.result, o->dump) : sd_print(s.c, s.result, (sd_format)format, flags));
    }
    session_close(&s);
    return status;
}
