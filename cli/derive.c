// SPDX-License-Identifier: MIT
// symdiff EXPR --wrt VAR: the derivative as text in any notation, as C, or a stage on the way there. symdiff
// expand, factor, simplify EXPR: the expression in that form.
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

// The format that was meant by a name that none has: tex is the end of latex, latx is near it; NULL.
static const char *near_format(const char *name)
{
    enum { MOST = 64 };
    const char *names[MOST];
    size_t n = 0, length = strlen(name);
    for (; n < MOST && sd_format_name(n); n++) {
        names[n] = sd_format_name(n);
        size_t more = strlen(names[n]);
        if (length > 2 && more > length && !strcmp(names[n] + more - length, name)) return names[n];
    }
    return nearest(name, names, n);
}

// The format by its name, or an exit status below 0
static int read_format(const options *o, int *status)
{
    const char *name = o->format ? o->format : "text";
    int format = sd_format_find(name);
    if (format >= 0) return format;
    const char *near = near_format(name);
    text all = {0};
    if (near) put(&all, "did you mean "), put(&all, near), put(&all, "? There are ");
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

// ---- expressions in the places of variables ---------------------------------------------------------------
// "x = A*y" as x and A*y; false: it is something else.
static bool cut(const char *word, text *name, text *value)
{
    const char *equals = strchr(word, '='), *end = equals;
    word += strspn(word, " ");
    while (end > word && end[-1] == ' ') end--;
    if (!equals || end <= word || equals[1] == '=') return false;
    putn(name, word, (size_t)(end - word));
    put(value, equals + 1);
    return true;
}

// Is it a variable of the expression?
static bool has_variable(session *s, const char *name)
{
    size_t n = 0;
    bool has = false;
    sd_variable *v = sd_variables(s->c, s->all[0], &n);
    for (size_t i = 0; i < n; i++) has |= !strcmp(v[i].name, name) && !v[i].is_function;
    sd_free(s->c, v);
    return has;
}

static int put_in_place(session *s, size_t n, const text *name)
{
    const char **names = calloc(n + 1, sizeof *names);
    int status = names ? DONE : complain(s->o, BROKEN, "", "out of memory");
    for (size_t i = 0; i < n && !status; i++) {
        names[i] = name[i].s;
        if (!has_variable(s, name[i].s))
            status = complain(s->o, NO_ANSWER, "", "the expression has no variable '%s'", name[i].s);
    }
    if (!status && !(s->expr = sd_substitute(s->c, s->all[0], n, names, s->all + 1)))
        status = session_failed(s);
    free(names);
    return status;
}

// All texts are read together, and NAME-(VALUE) besides, so that both have one shape.
int run_substitute(options *o)
{
    size_t n = o->words.n - 1;
    text *part = calloc(3 * n + 1, sizeof *part), *name = part, *value = part + n, *both = part + 2 * n;
    list typed = o->words, all = {0};
    session s = {0};
    int status = part ? DONE : complain(o, BROKEN, "", "out of memory"),
        format = status ? 0 : read_format(o, &status);
    for (size_t i = 0; i < n && !status; i++) {
        if (!cut(typed.s[i + 1], &name[i], &value[i]))
            status = complain(o, BAD_USAGE, command_find("substitute")->usage, "'%s': NAME=EXPR was expected",
                              typed.s[i + 1]);
        else putf(&both[i], "%s-(%s)", name[i].s, value[i].s);
    }
    if (!status) {
        list_add(&all, typed.s[0]);
        for (size_t i = 0; i < n; i++) list_add(&all, value[i].s);
        for (size_t i = 0; i < n; i++) list_add(&all, both[i].s);
        o->words = all;
        status = session_open(&s, o);
    }
    if (!status) status = put_in_place(&s, n, name);
    if (!status) status = session_derive(&s);
    if (!status) status = show(&s, format);
    session_close(&s);
    o->words = typed;
    free(all.s);
    for (size_t i = 0; part && i < 3 * n; i++) text_free(&part[i]);
    free(part);
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
