// SPDX-License-Identifier: MIT
// The public functions that make, differentiate and print expressions. Each is a trap around one call of the
// folders below: on a failure the error is in the context and the function returns NULL, 0 or the status.
// The functions that make code are in api_code.c, the functions that work with numbers in api_numbers.c.
#include <string.h>

#include "runtime/api/api.h"

const char *sd_version(void) { return SD_VERSION; }
int sd_version_number(void) { return SD_VERSION_NUMBER; }

// ---- strings ---------------------------------------------------------------------------------------------

void sd_free(sd_context *c, void *p)
{
    if (c) sdp_release(&c->g->base, p);
}

char *sd_error_text(sd_context *c, const sd_error *e)
{
    char *volatile text = NULL;
    sd_status status;
    // starting a call clears the context's error, which `e` usually is
    sd_error copy = *(e ? e : sd_last_error(c));
    GUARD(c, true, status, (sdp_need(c, e, "error"), text = sdp_diagnose(&c->g->base, &copy)));
    if (c && e) c->g->base.error = copy;
    return status == SD_OK ? text : NULL;
}

// ---- expressions -----------------------------------------------------------------------------------------

sd_expr sdp_add_expr(sd_context *c, sdp_surface s)
{
    c->expr = sdp_grown_raw(&c->g->base, c->expr, c->nexprs, &c->expr_cap, sizeof *c->expr);
    for (uint32_t i = c->nexprs; i-- > 0 && c->nexprs - i <= 64;) // equal expressions get equal handles
        if (c->expr[i].node == s.node && !c->expr[i].writing == !s.writing &&
            c->expr[i].shape.rows == s.shape.rows && c->expr[i].shape.cols == s.shape.cols &&
            c->expr[i].free == s.free && c->expr[i].shown == s.shown &&
            c->expr[i].cut.variable == s.cut.variable && c->expr[i].cut.value == s.cut.value) {
            if (s.tree) c->expr[i].tree = s.tree; // of the text that was read last
            c->expr[i].writing = s.writing;
            return c->forgotten + i + 1;
        }
    if (c->nexprs >= UINT32_MAX - c->forgotten) sdp_limit(&c->g->base, "expressions", UINT32_MAX);
    c->expr[c->nexprs++] = s;
    return c->forgotten + c->nexprs;
}

const sdp_surface *sdp_get_expr(sd_context *c, sd_expr e)
{
    if (e <= c->forgotten || e - c->forgotten > c->nexprs)
        sdp_fail(&c->g->base, SD_ERR_USAGE, (sdp_span){0, 0}, NULL, "there is no such expression");
    const sdp_surface *s = &c->expr[e - c->forgotten - 1];
    if (s->writing) c->g->writing = s->writing;
    return s;
}

static void add_hint(sd_context *c, const char *variable, long rows, long cols)
{
    sdp_need(c, variable, "name");
    if (rows < 1 || cols < 1)
        sdp_fail(&c->g->base, SD_ERR_USAGE, (sdp_span){0, 0}, NULL, "a shape must be at least 1 by 1");
    c->hint = sdp_grown_raw(&c->g->base, c->hint, c->nhints, &c->hint_cap, sizeof *c->hint);
    c->hint[c->nhints++] =
        (struct sdp_hint){sdp_strndup(&c->g->base, variable, strlen(variable)), rows, cols};
}

sd_status sd_hint_shape(sd_context *c, const char *variable, long rows, long cols)
{
    sd_status status;
    GUARD(c, true, status, add_hint(c, variable, rows, cols));
    return status;
}

bool sdp_hinted_shape(void *data, const char *name, long *rows, long *cols)
{
    const sd_context *c = data;
    for (uint32_t i = c->nhints; i-- > 0;)
        if (sdp_same_name(c->hint[i].name, name)) {
            *rows = c->hint[i].rows;
            *cols = c->hint[i].cols;
            return true;
        }
    return false;
}

static sd_expr parse(sd_context *c, const char *text, const char *name)
{
    sdp_need(c, text, "text");
    c->g->base.notes = 0;
    sdp_writing *writing = sdp_new_writing(c->g);
    sdp_surface s =
        sdp_read(c->g, text, strlen(text), name ? name : "<expression>", c->scalar, sdp_hinted_shape, c);
    if (!s.node)
        sdp_fail(&c->g->base, SD_ERR_SYNTAX, (sdp_span){0, 0}, "the expression stands last: r = X*t-Y; r'*r",
                 "there is no expression, only definitions");
    s.writing = writing;
    return sdp_add_expr(c, s);
}

sd_expr sd_parse(sd_context *c, const char *text, const char *name)
{
    volatile sd_expr e = 0;
    sd_status status;
    GUARD(c, true, status, e = parse(c, text, name));
    return status == SD_OK ? e : 0;
}

// ---- derivatives -----------------------------------------------------------------------------------------

sd_result *sdp_derive_expr(sd_context *c, sd_expr e, const sd_request *r)
{
    sdp_need(c, r, "request");
    sdp_need_known(c, r->room);
    sdp_surface f = *sdp_get_expr(c, e);
    sd_result *d = sdp_derive(c->g, e, f, r);
    d->context = c;
    return d;
}

// Handles of what is shown
static void add_exprs(sd_context *c, const sd_result *d)
{
    sdp_shown(d);
    for (size_t i = 0; i < d->n; i++) {
        const sdp_node *n = sdp_get(c->g, d->entry[i].node);
        sdp_shape s = {SDP_DIM_ONE, SDP_DIM_ONE};
        if (n->order == 1 && d->entry[i].is_row) s.cols = n->dim[0];
        else if (n->order >= 1) s.rows = n->dim[0];
        if (n->order >= 2) s.cols = n->dim[1];
        d->entry[i].expr =
            sdp_add_expr(c, (sdp_surface){.node = d->entry[i].node,
                                          .writing = d->writing,
                                          .cut = d->cut,
                                          .shape = s,
                                          .nshown = d->entry[i].nterms,
                                          .shown = d->entry[i].nterms ? d->entry[i].term : NULL});
    }
}

sd_result *sd_derive(sd_context *c, sd_expr e, const sd_request *r)
{
    sd_result *volatile d = NULL;
    sd_status status;
    GUARD(c, e, status, d = sdp_derive_expr(c, e, r));
    return status == SD_OK ? d : NULL;
}

sd_result *sd_value(sd_context *c, sd_expr e) { return sd_derive(c, e, &(sd_request){.what = SD_VALUE}); }

static const sdp_entry *entry_at(const sd_result *r, size_t i) { return r && i < r->n ? &r->entry[i] : NULL; }

size_t sd_result_count(const sd_result *r) { return r ? r->n : 0; }
const char *sd_result_label(const sd_result *r, size_t i)
{
    return entry_at(r, i) ? r->entry[i].label : NULL;
}
const char *sd_result_row(const sd_result *r, size_t i) { return entry_at(r, i) ? r->entry[i].row : NULL; }
const char *sd_result_column(const sd_result *r, size_t i)
{
    return entry_at(r, i) ? r->entry[i].column : NULL;
}
const char *sd_result_note(const sd_result *r) { return r ? r->note : NULL; }

sd_expr sd_result_expr(const sd_result *r, size_t i)
{
    if (!entry_at(r, i)) return 0;
    sd_error before = r->g->base.error;
    sd_status status = SD_OK;
    if (!r->entry[i].expr) GUARD(r->context, true, status, add_exprs(r->context, r));
    if (status == SD_OK) r->g->base.error = before;
    return r->entry[i].expr;
}

int sd_result_order(const sd_context *c, const sd_result *r, size_t i)
{
    return c && entry_at(r, i) && r->g == c->g ? sdp_get(c->g, r->entry[i].raw)->order : -1;
}

// ---- text out --------------------------------------------------------------------------------------------

static const struct {
    const char *name;
    sd_format format;
} formats[] = {
#define LANGUAGE(format, name) {#name, format},
#include "language/languages.def"
#undef LANGUAGE
    {"einsum", SD_EINSUM},
    {"dot", SD_DOT},
    {"json", SD_JSON},
};

int sd_format_find(const char *name)
{
    for (size_t i = 0; name && i < sizeof formats / sizeof *formats; i++)
        if (!strcmp(formats[i].name, name)) return (int)formats[i].format;
    return -1;
}

const char *sd_format_name(size_t i) { return i < sizeof formats / sizeof *formats ? formats[i].name : NULL; }

static char *print(sd_context *c, const sd_result *r, sd_format format, unsigned flags)
{
    sdp_text t;
    sdp_need_result(c, r);
    sdp_need_format(c, format);
    if (flags & ~(unsigned)(SD_NO_WHERE | SD_CONDITIONS)) sdp_misuse(c, "there is no such %s", "flag");
    sdp_text_init(&t, &c->g->base);
    sdp_print(c->g, r, format, flags, &t);
    return t.s;
}

char *sd_print(sd_context *c, const sd_result *r, sd_format format, unsigned flags)
{
    RETURN_TEXT(c, r, print(c, r, format, flags));
}

int sd_format_is_code(sd_format format) { return sdp_language(format) && sdp_language(format)->function; }

static char *print_function(sd_context *c, const sd_result *r, const sd_result *value, sd_format format,
                            const char *name, unsigned flags)
{
    sdp_text t;
    sdp_need_result(c, r);
    sdp_need_format(c, format);
    if (flags & ~(unsigned)(SD_NO_WHERE | SD_CONDITIONS | SD_WITH_VALUE))
        sdp_misuse(c, "there is no such %s", "flag");
    if (!sd_format_is_code(format)) sdp_misuse(c, "there is no such %s", "language of code");
    sdp_text_init(&t, &c->g->base);
    sdp_function_request q = {.name = name, .value = value != NULL, .named = !(flags & SD_NO_WHERE)};
    if (value) q.primal = sdp_shown(value)->node, q.primal_is_row = value->entry->is_row;
    sdp_print_as_function(c->g, r, &q, format, flags, &t);
    return t.s;
}

char *sd_print_function(sd_context *c, const sd_result *r, sd_format format, const char *name, unsigned flags)
{
    bool both = c && r && (flags & SD_WITH_VALUE) && r->order;
    const sd_result *value = both ? sd_value(c, r->expr) : NULL;
    if (both && !value) return NULL;
    RETURN_TEXT(c, r, print_function(c, r, value, format, name, flags));
}

static char *vec_form(sd_context *c, const sd_result *r, size_t i, sd_format format)
{
    sdp_text t;
    sdp_need_entry(c, r, i);
    if ((unsigned)format > SD_LATEX) sdp_misuse(c, "there is no such %s: text, unicode or latex", "format");
    sdp_text_init(&t, &c->g->base);
    if (sdp_print_vec_form(c->g, &sdp_shown(r)[i], format, &t)) return t.s;
    sdp_text_free(&t);
    return NULL;
}

char *sd_vec_form(sd_context *c, const sd_result *r, size_t i, sd_format format)
{
    char *volatile s = NULL;
    sd_status status;
    GUARD(c, r, status, s = vec_form(c, r, i, format));
    return status == SD_OK ? s : NULL;
}
