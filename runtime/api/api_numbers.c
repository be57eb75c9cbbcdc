// SPDX-License-Identifier: MIT
// The public functions that compute: evaluation, comparison with differences, equality. See api.c.
#include <string.h>

#include "runtime/api/api.h"

// ---- numbers ---------------------------------------------------------------------------------------------

static void free_arrays(sd_context *c, size_t n, sd_array *out)
{
    for (size_t i = 0; i < n; i++) sdp_release(&c->g->base, out[i].data);
    memset(out, 0, n * sizeof *out);
}

typedef void (*evaluator)(sd_context *c, const sdp_signature *s, const sd_data *d, sd_array *out);

static void compiled(sd_context *c, const sdp_signature *s, const sd_data *d, sd_array *out)
{
    sdp_evaluate(c->g, s, d, out);
}

static void interpreted(sd_context *c, const sdp_signature *s, const sd_data *d, sd_array *out)
{
    sdp_interpret(c->g, s->noutputs, s->output, s, d, out);
}

// A definition by which was derived, h = W*x+b by h, has its own value where there are no data of h.
static sdp_signature defined(sd_context *c, sdp_cut_at cut, sdp_signature s, const sd_data *d)
{
    sdp_graph *g = c->g;
    if (!cut.variable || (d && sd_data_get(d, g->var[sdp_get(g, cut.variable)->param].name))) return s;
    sdp_id *node = sdp_scratch(&g->base, (s.noutputs + 1) * sizeof *node);
    for (uint32_t i = 0; i < s.noutputs; i++)
        node[i] = sdp_substitute(g, s.output[i], 1, &cut.variable, &cut.value);
    return sdp_signature_of(g, s.noutputs, node, s.output_name);
}

static void evaluate(sd_context *c, const sd_result *r, const sd_data *d, sd_array *out, evaluator how)
{
    if (!r || r->n) sdp_need(c, out, "place for the arrays");
    sdp_signature s = defined(c, r->cut, sdp_result_signature(c, r, NULL, false), d);
    how(c, &s, d, out);
}

static sd_status evaluate_by(sd_context *c, const sd_result *r, const sd_data *d, sd_array *out,
                             evaluator how)
{
    sd_status status;
    if (r && out) memset(out, 0, r->n * sizeof *out);
    GUARD(c, r, status, evaluate(c, r, d, out, how));
    if (status != SD_OK && c && r && out) free_arrays(c, r->n, out);
    return status;
}

sd_status sd_evaluate(sd_context *c, const sd_result *r, const sd_data *d, sd_array *out)
{
    return evaluate_by(c, r, d, out, compiled);
}
sd_status sd_interpret(sd_context *c, const sd_result *r, const sd_data *d, sd_array *out)
{
    return evaluate_by(c, r, d, out, interpreted);
}

static void check(sd_context *c, sd_expr e, const sd_request *r, const sd_data *d, const char *sizes,
                  unsigned seed, sd_check_report *out)
{
    sdp_need(c, out, "place for the report");
    sdp_need(c, r, "request");
    if (r->what == SD_TAYLOR)
        sdp_fail(&c->g->base, SD_ERR_USAGE, (sdp_span){0, 0}, NULL,
                 "a Taylor polynomial is no derivative to be checked");
    sd_request plain = *r;
    plain.layout = SD_NUMERATOR; // the other layout is a permutation of the same numbers
    sd_result *result = sdp_derive_expr(c, e, &plain);
    sdp_check_request q = {.order = result->order,
                           .along = result->along,
                           .cotangent = result->cotangent,
                           .value = result->value,
                           .repeated = result->repeated,
                           .nwrt = result->nwrt,
                           .wrt = result->wrt,
                           .direction = result->direction,
                           .data = d,
                           .seed = seed};
    if (sizes) sdp_read_sizes(c->g, sizes, &q.nsizes, &q.size_atom, &q.size_value);
    sdp_check(c->g, result, &q, out);
}

sd_status sd_check(sd_context *c, sd_expr e, const sd_request *r, const sd_data *d, const char *sizes,
                   unsigned seed, sd_check_report *out)
{
    sd_status status;
    if (out) *out = (sd_check_report){0};
    GUARD(c, e, status, check(c, e, r, d, sizes, seed, out));
    return status;
}

static char *array_text(sd_context *c, const sd_array *a, sd_format format)
{
    sdp_text t;
    sdp_need(c, a, "array");
    sdp_need_array(&c->g->base, "the array", a);
    sdp_text_init(&t, &c->g->base);
    sdp_put_array(&t, a, format);
    return t.s;
}

char *sd_array_print(sd_context *c, const sd_array *a, sd_format format)
{
    RETURN_TEXT(c, true, array_text(c, a, format));
}

static char *array_bytes(sd_context *c, const sd_array *a, const char *kind, size_t *n)
{
    sdp_text t;
    sdp_need(c, a, "array"), sdp_need(c, kind, "kind of file"),
        sdp_need(c, n, "place for the number of bytes");
    sdp_need_array(&c->g->base, "the array", a);
    sdp_text_init(&t, &c->g->base);
    sdp_put_array_file(&t, a, kind);
    *n = t.n;
    return t.s;
}

char *sd_array_bytes(sd_context *c, const sd_array *a, const char *kind, size_t *n)
{
    char *volatile bytes = NULL;
    sd_status status;
    if (n) *n = 0;
    GUARD(c, true, status, bytes = array_bytes(c, a, kind, n));
    return status == SD_OK ? bytes : NULL;
}

// ---- several expressions ---------------------------------------------------------------------------------

static void parse_all(sd_context *c, size_t n, const char *const *text, sd_expr *out)
{
    sdp_need(c, text, "texts"), sdp_need(c, out, "place for the expressions");
    if (!n || n > 1000000) sdp_misuse(c, "there is no such %s of expressions", "number");
    for (size_t i = 0; i < n; i++) sdp_need(c, text[i], "text");
    sdp_surface *s = sdp_scratch(&c->g->base, n * sizeof *s);
    c->g->base.notes = 0;
    sdp_writing *writing = sdp_new_writing(c->g);
    sdp_read_all(c->g, (uint32_t)n, text, NULL, false, sdp_hinted_shape, c, s);
    for (size_t i = 0; i < n; i++) s[i].writing = writing, out[i] = sdp_add_expr(c, s[i]);
}

sd_status sd_parse_all(sd_context *c, size_t n, const char *const *text, sd_expr *out)
{
    sd_status status;
    for (size_t i = 0; out && i < n; i++) out[i] = 0;
    GUARD(c, true, status, parse_all(c, n, text, out));
    return status;
}

// ---- equality --------------------------------------------------------------------------------------------

static void parse_pair(sd_context *c, const char *const text[2], sd_expr *out)
{
    sdp_surface s[2];
    sdp_need(c, out, "place for the expressions");
    for (int i = 0; i < 2; i++) sdp_need(c, text[i], "text");
    sdp_writing *writing = sdp_new_writing(c->g);
    sdp_read_pair(c->g, text, sdp_hinted_shape, c, s);
    for (int i = 0; i < 2; i++) s[i].writing = writing, out[i] = sdp_add_expr(c, s[i]);
}

sd_status sd_parse_pair(sd_context *c, const char *first, const char *second, sd_expr out[2])
{
    sd_status status;
    if (out) out[0] = out[1] = 0;
    GUARD(c, true, status, parse_pair(c, (const char *const[]){first, second}, out));
    return status;
}

static void equal(sd_context *c, sd_expr a, sd_expr b, unsigned seed, sd_equal_report *out)
{
    sdp_need(c, out, "place for the report");
    sdp_equal(c->g, *sdp_get_expr(c, a), *sdp_get_expr(c, b), seed, out);
}

sd_status sd_equal(sd_context *c, sd_expr a, sd_expr b, unsigned seed, sd_equal_report *out)
{
    sd_status status;
    if (out) *out = (sd_equal_report){0};
    GUARD(c, a && b, status, equal(c, a, b, seed, out));
    if (status != SD_OK && out) *out = (sd_equal_report){0}; // its texts go with the context
    return status;
}
