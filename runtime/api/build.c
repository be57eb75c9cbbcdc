// SPDX-License-Identifier: MIT
// Formulas by calls, and formulas as text for another day. Both are made of the language: a call
// is read as a text with that call would be (ast/surface/called.c), and what is saved is text that
// was read back before it is given.
#include <math.h>
#include <string.h>

#include "runtime/api/api.h"

// Adds an expression that was built by calls. Like a text, it has a record of its own of how it was written;
// `writing` is made before s.
static sd_expr add_built(sd_context *c, sdp_writing *writing, sdp_surface s)
{
    s.writing = writing;
    return sdp_add_expr(c, s);
}

// Declares the variable if the text has its shape. Refuses several declarations: sd_symbol returns one.
static bool declare_symbol(sd_context *c, const char *text)
{
    const char *rest = text + strcspn(text, ";\n");
    sd_status status;
    GUARD(c, true, status, {
        if (rest[strspn(rest, "; \t\r\n")]) sdp_misuse(c, "one declaration was expected, not '%s'", text);
    });
    if (status == SD_OK && strchr(text, ':')) status = sd_declare(c, text, NULL);
    return status == SD_OK;
}

sd_expr sd_symbol(sd_context *c, const char *declaration)
{
    if (declaration && !declare_symbol(c, declaration)) return 0;
    char name[256];
    size_t n = declaration ? strcspn(declaration, ":") : 0;
    while (n && declaration[n - 1] == ' ') n--;
    if (n >= sizeof name) n = sizeof name - 1;
    if (n) memcpy(name, declaration, n);
    name[n] = 0;
    volatile sd_expr e = 0;
    sd_status status;
    GUARD(c, true, status, {
        sdp_need(c, n ? declaration : NULL, "declaration");
        const uint32_t v = sdp_variable_find(c->g, name);
        if (v == UINT32_MAX || !c->g->var[v].declared || c->g->var[v].is_function)
            sdp_misuse(c, "there is no declared variable '%s'", name);
        sdp_writing *writing = sdp_new_writing(c->g);
        e = add_built(c, writing, sdp_read(c->g, name, n, "<symbol>", false, NULL, NULL));
    });
    return status == SD_OK ? e : 0;
}

sd_expr sd_number(sd_context *c, double value)
{
    volatile sd_expr e = 0;
    sd_status status;
    GUARD(c, true, status, {
        if (!isfinite(value))
            sdp_misuse(c, "%s is no number of a formula", isnan(value) ? "NaN" : "an infinity");
        const sdp_decimal d = sdp_decimal_shortest(fabs(value), 1);
        sdp_num v = sdp_num_parse(c->g, d.s, (sdp_span){0, 0});
        if (value < 0) v = sdp_num_neg(c->g, v);
        e = add_built(c, sdp_new_writing(c->g),
                      (sdp_surface){.node = sdp_number(c->g, v), .shape = {SDP_DIM_ONE, SDP_DIM_ONE}});
    });
    return status == SD_OK ? e : 0;
}

static sd_expr call(sd_context *c, const char *name, size_t n, const sd_expr *arg)
{
    sdp_need(c, name, "name of a function");
    sdp_need(c, n ? arg : (const void *)c, "list of expressions");
    if (n > 10000) sdp_misuse(c, "there is no such %s of arguments", "number");
    const sdp_surface **given = sdp_scratch(&c->g->base, (n + 1) * sizeof *given);
    for (size_t i = 0; i < n; i++) {
        sdp_surface *copy = sdp_scratch(&c->g->base, sizeof *copy); // the table of expressions may move
        *copy = *sdp_get_expr(c, arg[i]);
        if (sdp_get(c->g, copy->node)->order > 2)
            sdp_misuse(c, "an argument of '%s' has more than two axes", name);
        given[i] = copy;
    }
    sdp_writing *writing = sdp_new_writing(c->g);
    return add_built(c, writing, sdp_read_call(c->g, name, (uint32_t)n, given));
}

sd_expr sd_call(sd_context *c, const char *name, size_t n, const sd_expr *arg)
{
    volatile sd_expr e = 0;
    sd_status status;
    bool given = true;
    for (size_t i = 0; arg && i < n; i++) given &= arg[i] != 0;
    GUARD(c, given, status, e = call(c, name, n, arg));
    return status == SD_OK ? e : 0;
}

// ---- as text ---------------------------------------------------------------------------------------------
#define MARK "symdiff formula "

// The declarations of its variables, a line each; then the formula, on lines that end with the text.
static bool put_saved(sd_context *c, sd_expr e, sdp_text *t)
{
    size_t n;
    sd_variable *v = sd_variables(c, e, &n);
    char *formula = v ? sd_print(c, sd_value(c, e), SD_TEXT, SD_NO_WHERE) : NULL;
    sdp_putf(t, MARK "%s\n", SD_VERSION);
    for (size_t i = 0; formula && i < n; i++)
        sdp_putf(t, "%s: %s%s%s\n", v[i].name, v[i].shape, *v[i].properties ? " " : "", v[i].properties);
    if (formula) sdp_putf(t, "=\n%s\n", formula);
    sd_free(c, v);
    sd_free(c, formula);
    return formula;
}

sd_expr sd_load(sd_context *c, const char *text)
{
    static const char head[] = MARK SD_VERSION "\n";
    const char *equals = text ? strstr(text, "\n=\n") : NULL;
    bool known = text && !strncmp(text, head, strlen(head));
    sd_status status;
    GUARD(c, true, status, {
        sdp_need(c, text, "text");
        if (strncmp(text, MARK, strlen(MARK)) || !equals)
            sdp_misuse(c, "the text was not made by %s", "sd_save");
        if (!known) sdp_misuse(c, "the text was made by another version than this one, %s", SD_VERSION);
    });
    if (status != SD_OK) return 0;
    const char *from = text + strlen(head);
    size_t n = equals + 1 > from ? (size_t)(equals + 1 - from) : 0;
    char *volatile said = NULL;
    GUARD(c, true, status, {
        said = sdp_realloc(&c->g->base, NULL, n + 1);
        memcpy(said, from, n);
        said[n] = 0;
    });
    if (status == SD_OK && n) status = sd_declare(c, said, "<saved>");
    sd_free(c, said);
    return status == SD_OK ? sd_parse(c, equals + 3, "<saved>") : 0;
}

// Does it read as a formula that is saved as the same text?
static bool reads_back(sd_context *c, const char *text)
{
    sd_context *other = sd_context_new(
        &(sd_options){.allocator = &c->g->base.mem, .limits = &c->g->base.limit, .from = SD_FROM_PLAIN});
    sd_expr e = other ? sd_load(other, text) : 0;
    sdp_text again;
    sdp_text_init(&again, &c->g->base);
    bool same = e && put_saved(other, e, &again) && !strcmp(again.s, text);
    sdp_text_free(&again);
    sd_context_free(other);
    return same;
}

char *sd_save(sd_context *c, sd_expr e)
{
    volatile bool made = false;
    sdp_text t;
    sd_status status;
    char *volatile text = NULL;
    GUARD(c, e, status, {
        const sdp_surface *f = sdp_get_expr(c, e);
        if (sdp_get(c->g, f->node)->order > 2)
            sdp_misuse(c, "an expression with more than two axes cannot be %s", "saved");
    });
    if (status != SD_OK) return NULL;
    GUARD(c, true, status, {
        sdp_text_init(&t, &c->g->base);
        made = put_saved(c, e, &t);
        text = t.s;
    });
    if (!made || status != SD_OK) {
        sd_free(c, text);
        return NULL;
    }
    GUARD(c, true, status, {
        if (!reads_back(c, text))
            sdp_fail(&c->g->base, SD_ERR_UNSUPPORTED, (sdp_span){0, 0}, NULL,
                     "the formula does not read back as it is printed");
    });
    if (status == SD_OK) return text;
    sd_free(c, text);
    return NULL;
}
