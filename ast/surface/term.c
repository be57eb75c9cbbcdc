// SPDX-License-Identifier: MIT
// Terms: made, refused, named in messages.
#include <stdio.h>
#include <string.h>

#include "ast/surface/terms.h"

_Noreturn void sdp_term_fail(sdp_terms *w, uint32_t t, sd_status code, const char *hint, const char *fmt, ...)
{
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    w->g->base.source = w->t[t].tree->source;
    w->g->base.source_name = w->t[t].tree->source_name;
    sdp_fail(&w->g->base, code, w->t[t].span, hint, "%s", text);
}

uint32_t sdp_term_new(sdp_terms *w, const sdp_tree *tree, const sdp_syntax *s)
{
    w->t = sdp_grown(&w->g->base, w->t, w->n, &w->cap, sizeof *w->t);
    if (w->n >= w->g->base.limit.nodes) sdp_limit(&w->g->base, "nodes", w->g->base.limit.nodes);
    if (w->n >= w->g->base.limit.terms) sdp_limit(&w->g->base, "terms", w->g->base.limit.terms);
    w->t[w->n] = (sdp_term){.kind = s->kind,
                            .text = s->text,
                            .span = s->span,
                            .at = s->op,
                            .tree = tree,
                            .var = UINT32_MAX,
                            .grouped = s->parenthesised};
    return w->n++;
}

void sdp_resolve_difference(sdp_terms *w, uint32_t a, uint32_t b)
{
    sdp_syntax s = {.kind = SYN_CALL,
                    .span = w->t[b].span,
                    .op = w->t[b].span,
                    .text = sdp_ops[SDP_OP_sub].name};
    uint32_t *arg = sdp_scratch(&w->g->base, 2 * sizeof *arg), t = sdp_term_new(w, w->t[b].tree, &s);
    arg[0] = a, arg[1] = b;
    w->t[t].op = SDP_OP_sub;
    w->t[t].nargs = 2;
    w->t[t].arg = arg;
    w->root = t;
}

const char *sdp_shape_text(sdp_graph *g, sdp_shape s)
{
    sdp_dim rows = sdp_dim_resolve(g, s.rows), cols = sdp_dim_resolve(g, s.cols);
    char text[200];
    if (rows == SDP_DIM_ONE && cols == SDP_DIM_ONE) return "a scalar";
    const char *r = sdp_dim_text(g, rows), *c = sdp_dim_text(g, cols);
    if (cols == SDP_DIM_ONE) snprintf(text, sizeof text, "a vector of %s", r);
    else if (rows == SDP_DIM_ONE) snprintf(text, sizeof text, "a row of %s", c);
    else snprintf(text, sizeof text, "%s×%s", r, c);
    size_t n = strlen(text);
    return memcpy(sdp_scratch(&g->base, n + 1), text, n + 1);
}

const char *sdp_shape_declared(sdp_graph *g, sdp_shape s)
{
    if (sdp_is_scalar(s)) return "scalar";
    const char *rows = sdp_printf(&g->base, "%s", sdp_dim_text(g, s.rows));
    return s.cols == SDP_DIM_ONE ? sdp_printf(&g->base, "vector(%s)", rows)
                                 : sdp_printf(&g->base, "matrix(%s,%s)", rows, sdp_dim_text(g, s.cols));
}

sdp_dim sdp_term_dim(sdp_terms *w, uint32_t i)
{
    if (w->t[i].size != SDP_DIM_NONE) return w->t[i].size;
    sdp_term_fail(w, i, SD_ERR_SHAPE, "sizes are numbers, dimension names, and their sums and products",
                  "this is not a size");
}

bool sdp_wrong(sdp_terms *w, const sdp_term *t, uint32_t i, uint32_t j, const char *message, const char *hint)
{
    w->bad = t->arg[i];
    w->other = t->arg[j];
    w->message = message;
    w->hint = hint;
    return false;
}
