// SPDX-License-Identifier: MIT
// Numbers at the nodes: the forward value and the adjoint of every part and variable, for data.
//
// Nothing is computed here: each part, with all parts put back, is an expression that the compiled evaluator
// takes like any other. So the value of the last part is that of `symdiff eval`, and the adjoint of a
// variable that of its derivative.
#include <math.h>

#include "runtime/api/api.h"
#include "runtime/data/data.h"
#include "tell/tell.h"

enum { MOST_NUMBERS = 24 }; // of an array that is written out

static size_t numbers(const sd_array *a)
{
    size_t n = 1;
    for (int k = 0; k < a->order; k++) n *= a->dim[k];
    return n;
}

static sd_array evaluate(sdp_story *s, sdp_id node, sdp_shape shape)
{
    sd_array a = {0};
    sdp_without_free_copies(s->g, 1, &node, 0, NULL);
    sd_expr e = sdp_add_expr(s->c, (sdp_surface){.node = node, .shape = shape});
    const sd_result *r = sd_value(s->c, e);
    if (!r || sd_evaluate(s->c, r, s->o->data, &a) != SD_OK) { // the error of the call inside becomes ours
        sd_error err = *sd_last_error(s->c);
        sdp_base *b = &s->g->base;
        sdp_fail(b, err.code, (sdp_span){0, 0}, *err.hint ? sdp_strndup(b, err.hint, strlen(err.hint)) : NULL,
                 "%s", sdp_strndup(b, err.message, strlen(err.message)));
    }
    for (size_t i = 0, n = numbers(&a); i < n; i++)
        if (isnan(a.data[i]))
            sdp_fail(&s->g->base, SD_ERR_DOMAIN, (sdp_span){0, 0},
                     "the data lies outside the domain of the expression, or it overflows",
                     "a value or derivative is not a number for the data");
    return a;
}

// Six digits; 0 for -0.
static const char *number(sdp_story *s, double v)
{
    if (!isfinite(v)) return isnan(v) ? "nan" : v < 0 ? "-inf" : "inf";
    return sdp_printf(&s->g->base, "%s", sdp_decimal_of(v + 0.0, 6).s);
}

static const char *tex_array(sdp_story *s, const sd_array *a)
{
    sdp_text t;
    size_t cols = a->order == 2 ? a->dim[1] : 1, n = numbers(a);
    sdp_text_init(&t, &s->g->base);
    sdp_put(&t, "\\begin{bmatrix}");
    for (size_t i = 0; i < n; i++)
        sdp_putf(&t, "%s%s", i == 0 ? "" : i % cols ? " & " : " \\\\ ", number(s, a->data[i]));
    sdp_put(&t, "\\end{bmatrix}");
    const char *text = sdp_strndup(&s->g->base, t.s, t.n);
    sdp_text_free(&t);
    return text;
}

// On one line; of a large array its size.
static const char *text_of(sdp_story *s, sd_array *a, bool row, bool tex)
{
    sdp_base *b = &s->g->base;
    sdp_text t;
    size_t n = numbers(a);
    const char *words = "";
    if (row && a->order == 1) *a = (sd_array){.order = 2, .dim = {1, a->dim[0]}, .data = a->data};
    if (n > MOST_NUMBERS || a->order > 2) {
        for (int k = 0; k < a->order; k++) words = sdp_printf(b, "%s%s%zu", words, k ? "×" : "", a->dim[k]);
        return sdp_printf(b, tex ? "\\text{%s numbers}" : "(%s numbers)", words);
    }
    if (!a->order) return number(s, a->data[0]);
    if (tex) return tex_array(s, a);
    sdp_text_init(&t, b);
    for (size_t i = 0, cols = a->order == 2 ? a->dim[1] : 1; i < n; i++)
        sdp_putf(&t, "%s%s", i == 0 ? "[" : i % cols ? ", " : "; ", number(s, a->data[i]));
    sdp_put(&t, "]");
    words = sdp_strndup(b, t.s, t.n);
    sdp_text_free(&t);
    return words;
}

const char *sdp_value_text(sdp_story *s, sdp_id node, sdp_shape shape, bool tex)
{
    sd_array a = evaluate(s, node, shape);
    const char *text = text_of(s, &a, shape.rows == SDP_DIM_ONE && shape.cols != SDP_DIM_ONE, tex);
    sdp_release(&s->g->base, a.data);
    return text;
}

void sdp_tell_values(sdp_story *s)
{
    uint32_t items = sdp_items(s);
    sdp_base *b = &s->g->base;
    sdp_id *adjoint = sdp_scratch(b, items * sizeof *adjoint);
    bool scalar = !sdp_get(s->g, sdp_root(s)->node)->order;
    sdp_adjoints(s, NULL, adjoint);
    sdp_add_block(&s->doc, "Values", "for the data");
    for (uint32_t j = 0; j < items; j++) {
        uint32_t k = j < s->nwrt ? s->n + j : j - s->nwrt; // variables first
        const sdp_item *x = &s->item[k];
        const char *reason = NULL;
        if (scalar && x->moves && adjoint[k]) {
            sdp_id d = sdp_put_back(s, adjoint[k]);
            if (k >= s->n) d = sdp_project(s->g, d, x->var, s->r->symmetric);
            reason = sdp_printf(b, "d%s/d%s = %s", sdp_root(s)->label, x->label,
                                sdp_value_text(s, d, x->shape, false));
        }
        sdp_add_line(&s->doc, (sdp_line){.label = sdp_spell(s, x->var, x->shape.rows == SDP_DIM_ONE),
                                         .formula = sdp_value_text(s, x->full, x->shape, sdp_in_tex(s)),
                                         .reason = reason});
    }
}
