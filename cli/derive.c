// SPDX-License-Identifier: MIT
// symdiff EXPR --wrt VAR: the derivative as text in any notation, as C, or a stage on the way there. symdiff
// expand, factor, simplify EXPR: the expression in that form.
#include "cli/cli.h"

#include <string.h>

// The format by its name, or an exit status below 0
static int read_format(const options *o, int *status)
{
    const char *name = o->format ? o->format : "text";
    int format = sd_format_find(name);
    if (format >= 0) return format;
    text all = {0};
    options_formats(&all);
    *status = complain(o, BAD_USAGE, all.s, "unknown format '%s'", name);
    text_free(&all);
    return format;
}

static int show(session *s, int format)
{
    const options *o = s->o;
    bool function = !o->expression && sd_format_is_code((sd_format)format);
    unsigned flags = (o->no_where ? SD_NO_WHERE : 0u) | (o->conditions ? SD_CONDITIONS : 0u) |
                     (function && o->with_value ? SD_WITH_VALUE : 0u);
    char *shown = o->dump    ? sd_dump(s->c, s->result, o->dump)
                  : function ? sd_print_function(s->c, s->result, (sd_format)format, o->name, flags)
                             : sd_print(s->c, s->result, (sd_format)format, flags);
    int status = session_show(s, shown);
    char *kept = !status && o->kept && sd_result_count(s->result) == 1
                     ? sd_print(s->c, s->result, SD_TEXT, SD_NO_WHERE)
                     : NULL;
    if (kept) putn(o->kept, kept, strcspn(kept, "\n"));
    sd_free(s->c, kept);
    return status;
}

int run_derive(options *o)
{
    if (o->format && !strcmp(o->format, "c")) return run_emit(o);
    session s = {0};
    int status = DONE, format = read_format(o, &status);
    if (!status) status = session_open(&s, o);
    if (!status) status = session_derive(&s);
    if (!status) status = show(&s, format);
    session_close(&s);
    return status;
}

// ---- forms of an expression -------------------------------------------------------------------------------
typedef sd_result *form(const session *s);
static sd_result *expanded(const session *s) { return sd_expand(s->c, s->expr); }
static sd_result *factored(const session *s) { return sd_factor(s->c, s->expr); }
static sd_result *simplified(const session *s) { return sd_simplify(s->c, s->expr, s->o->collect); }

static int run_form(options *o, form *of)
{
    if (o->wrt.n || o->what_name)
        return complain(o, BAD_USAGE, "grad(f,x) in an expression is a derivative",
                        "%s writes an expression differently and derives nothing", o->command);
    session s = {0};
    int status = DONE, format = read_format(o, &status);
    if (!status) status = session_open(&s, o);
    if (!status && !(s.result = of(&s))) status = session_failed(&s);
    if (!status) status = show(&s, format);
    session_close(&s);
    return status;
}

int run_expand(options *o) { return run_form(o, expanded); }
int run_factor(options *o) { return run_form(o, factored); }
int run_simplify(options *o) { return run_form(o, simplified); }
