// SPDX-License-Identifier: MIT
// The functions of an emitted file and their outputs, from --function NAME:WHAT,... and --outputs WHAT,...
//
// WHAT is value, derivative, gradient, jacobian, hessian, hvp=V, jvp=V or vjp=V of the first expression, or
// of the one that is named before it: residual.jacobian. The name of an expression alone is its value. An
// expression has a name if it is written NAME = ..., or is nothing but a name. Without --outputs there are
// the values and, with --wrt, the derivatives of all expressions.
#include "cli/cli.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    sd_what what;
    bool directed;
} kinds[] = {
    {"value", SD_VALUE, false},
    {"derivative", SD_DERIVATIVE, false},
    {"gradient", SD_GRADIENT, false},
    {"jacobian", SD_JACOBIAN, false},
    {"hessian", SD_HESSIAN, false},
    {"hvp", SD_HVP, true},
    {"jvp", SD_JVP, true},
    {"vjp", SD_VJP, true},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

// ---- names of expressions ---------------------------------------------------------------------------------
static size_t name_length(const char *s)
{
    static const char digits[] = "0123456789",
                      letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    return strspn(s, digits) ? 0 : strspn(s, letters);
}

// The last of the statements that ';' and the ends of lines separate outside brackets: "y
// = A*x; norm(y)" is not called y.
static const char *last_statement(const char *s)
{
    const char *last = s;
    for (long depth = 0; *s; s++) {
        depth += strchr("([{", *s) != NULL;
        depth -= strchr(")]}", *s) != NULL;
        if (depth == 0 && (*s == ';' || *s == '\n') && s[1 + strspn(s + 1, "; \t\r\n")]) last = s + 1;
    }
    return last + strspn(last, "; \t\r\n");
}

// The name of the i-th expression, to be freed, or NULL. A name as the only expression is called by those who
// ask for it; its outputs are not.
static char *name_of(const options *o, size_t i, bool asked)
{
    if (i >= o->words.n) return NULL;
    const char *s = last_statement(o->words.s[i]);
    size_t n = name_length(s), after = n + strspn(s + n, " ");
    bool defined = s[after] == '=' && s[after + 1] != '=', alone = !s[after] && (asked || o->words.n > 1);
    char *name = n && (defined || alone) ? calloc(n + 1, 1) : NULL;
    return name ? memcpy(name, s, n) : NULL;
}

static size_t expressions(const session *s) { return s->all ? s->o->words.n : 1; }
static sd_expr expression(const session *s, size_t i) { return s->all ? s->all[i] : s->expr; }

// Returns the number of the expression with this name. Returns expressions(s) if there is none.
static size_t find(const session *s, const char *name, size_t n)
{
    size_t i = 0, found = expressions(s);
    for (; i < expressions(s) && found == expressions(s); i++) {
        char *own = name_of(s->o, i, true);
        if (own && strlen(own) == n && !memcmp(own, name, n)) found = i;
        free(own);
    }
    return found;
}

// ---- outputs ----------------------------------------------------------------------------------------------
typedef struct {
    const sd_result **result;
    const char **subject;
    size_t n;
} results;

static int add(session *s, results *r, size_t expr, sd_result *result)
{
    s->result = result; // its directions and conventions are told
    const sd_result **more = realloc(r->result, (r->n + 1) * sizeof *more);
    if (more) r->result = more;
    const char **names = more ? realloc(r->subject, (r->n + 1) * sizeof *names) : NULL;
    if (names) r->subject = names;
    if (!names) return complain(s->o, BROKEN, "", "out of memory");
    r->result[r->n] = result;
    r->subject[r->n++] = name_of(s->o, expr, false);
    return result ? DONE : session_failed(s);
}

static int unknown(const session *s, const char *what)
{
    const char *names[KINDS];
    char hint[64];
    for (size_t i = 0; i < KINDS; i++) names[i] = kinds[i].name;
    const char *near = nearest(what, names, KINDS);
    snprintf(hint, sizeof hint, near ? "did you mean %s?" : "symdiff help emit", near);
    return complain(s->o, BAD_USAGE, hint,
                    "'%s' is no output: [EXPR.]value, gradient, jacobian, hessian, hvp=V, jvp=V or vjp=V",
                    what);
}

// Adds the output that the text [EXPR.]WHAT[=V] names, e.g. loss.hvp=V.
static int add_named(session *s, results *r, const char *what)
{
    const options *o = s->o;
    size_t expr = 0, n = name_length(what), kind = 0;
    const char *dot = what[n] == '.' ? what + n : NULL, *own = dot ? dot + 1 : what;
    if (!what[n] && find(s, what, n) < expressions(s))
        return add(s, r, find(s, what, n), sd_value(s->c, expression(s, find(s, what, n))));
    if (dot && (expr = find(s, what, n)) == expressions(s))
        return complain(o, BAD_USAGE, "write NAME = EXPR", "there is no expression called '%.*s'", (int)n,
                        what);
    n = strcspn(own, "=");
    while (kind < KINDS && (strlen(kinds[kind].name) != n || memcmp(kinds[kind].name, own, n))) kind++;
    if (kind == KINDS) return unknown(s, own);
    const char *v = own[n] ? own + n + 1 : NULL;
    if (kinds[kind].directed && !v && o->what_name && !strcmp(o->what_name, kinds[kind].name))
        v = o->direction;
    if (kinds[kind].directed != (v && *v))
        return complain(o, BAD_USAGE, "", v ? "%s takes no direction" : "%s needs a direction: %s=V",
                        kinds[kind].name, kinds[kind].name);
    if (kinds[kind].what == SD_VALUE) return add(s, r, expr, sd_value(s->c, expression(s, expr)));
    if (!o->wrt.n) return complain(o, BAD_USAGE, "", "%s needs --wrt VAR: by what is to be derived?", own);
    sd_request q = {.what = kinds[kind].what,
                    .wrt = o->wrt.s,
                    .direction = v,
                    .layout = o->layout,
                    .symmetric = o->symmetric};
    return add(s, r, expr, sd_derive(s->c, expression(s, expr), &q));
}

// A list of outputs, separated by commas outside brackets
static int add_list(session *s, results *r, const char *p)
{
    int status = DONE;
    while (*p && !status) {
        int depth = 0;
        size_t n = 0;
        for (; p[n] && (depth || p[n] != ','); n++)
            depth += (p[n] == '[' || p[n] == '(') - (p[n] == ']' || p[n] == ')');
        text one = {0};
        putn(&one, p + strspn(p, " "), n - (strspn(p, " ") < n ? strspn(p, " ") : n));
        while (one.n && one.s[one.n - 1] == ' ') one.s[--one.n] = 0;
        status = add_named(s, r, one.s);
        text_free(&one);
        p += n + (p[n] == ',');
    }
    return status || r->n ? status
                          : complain(s->o, BAD_USAGE, "value,gradient", "a function without outputs");
}

// Values and derivatives of all expressions, as the other options say
static int add_all(session *s, results *r)
{
    for (size_t i = 0; i < expressions(s); i++) {
        int status = session_request(s);
        if (!status) status = add(s, r, i, sd_value(s->c, expression(s, i)));
        if (!status && s->request.wrt) status = add(s, r, i, sd_derive(s->c, expression(s, i), &s->request));
        if (status) return status;
    }
    return DONE;
}

// ---- functions --------------------------------------------------------------------------------------------
static int add_function(functions *f, session *s, const char *prefix, const char *name, size_t n,
                        const char *outputs)
{
    results r = {0};
    text whole = {0};
    sd_emit_function *more = realloc(f->f, (f->n + 1) * sizeof *more);
    if (!more) return complain(s->o, BROKEN, "", "out of memory");
    f->f = more;
    put(&whole, prefix);
    putn(&whole, name, n);
    int status = outputs ? add_list(s, &r, outputs) : add_all(s, &r);
    f->f[f->n++] = (sd_emit_function){whole.s, r.n, r.result, r.subject};
    return status;
}

int functions_read(functions *f, session *s, const char *name, const char *prefix)
{
    const options *o = s->o;
    if (o->outputs && o->function.n)
        return complain(o, BAD_USAGE, "--function NAME:WHAT,...",
                        "--outputs and --function exclude each other");
    if (!o->function.n) return add_function(f, s, prefix, name, strlen(name), o->outputs);
    for (size_t i = 0; i < o->function.n; i++) {
        const char *word = o->function.s[i], *colon = strchr(word, ':');
        size_t n = colon ? (size_t)(colon - word) : strlen(word);
        int status = n ? add_function(f, s, prefix, word, n, colon ? colon + 1 : NULL)
                       : complain(o, BAD_USAGE, "", "--function: NAME:WHAT,... was expected, not '%s'", word);
        if (status) return status;
    }
    return DONE;
}

void functions_free(functions *f)
{
    for (size_t i = 0; i < f->n; i++) {
        for (size_t k = 0; k < f->f[i].count; k++) free((char *)(uintptr_t)f->f[i].subject[k]);
        free((char *)(uintptr_t)f->f[i].name);
        free((void *)(uintptr_t)f->f[i].result);
        free((void *)(uintptr_t)f->f[i].subject);
    }
    free(f->f);
    *f = (functions){NULL, 0};
}
