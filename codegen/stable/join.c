// SPDX-License-Identifier: MIT
// Before scheduling: sums that cancel against each other become one sum.
//
//     sum(softplus(X*w)) - y'*X*w = sum(softplus(z) - y.*z), z = X*w
//     sum(logsumexp(Z,2)) - sum(Y.*Z), likewise by rows
//
// Where every prediction is right, both sums are large and equal. Entry by entry the large parts of
// softplus(z) and y.*z are the same number, and stable/split.c adds what remains. Any two sums over as many
// entries may be joined: which index of y'*X*w is the one of z decides how well that computes, not what. An
// identity: a sum of sums over indices of one size is the sum over one index of their terms; what is not
// summed over such an index stays outside.
#include <string.h>

#include "codegen/stable/stable.h"

// A function of u that comes close to u, summed over the axis of u; label: of that axis in its term.
typedef struct {
    sdp_id u;
    uint32_t axis;
    uint8_t label;
} lead;

static bool is_output(const sdp_graph *g, const sdp_node *m, uint8_t label)
{
    return m->order && memchr(sdp_labels(g, m, m->nargs), label, m->order);
}

// Axis k of f is this axis of its argument.
static uint32_t axis_of_argument(const sdp_node *f, uint32_t k)
{
    uint32_t axis = 0;
    if (f->kind == SDP_MAP) return k;
    for (uint32_t reduced = f->param;; axis++)
        if (!(reduced >> axis & 1) && k-- == 0) return axis;
}

static bool find_lead(const sdp_graph *g, sdp_id term, lead *found)
{
    const sdp_node *m = sdp_get(g, term);
    for (uint32_t i = 0; m->kind == SDP_MUL && i < m->nargs; i++) {
        const sdp_node *f = sdp_get(g, m->arg[i]);
        const uint8_t *l = sdp_labels(g, m, i);
        bool close = (f->kind == SDP_MAP && f->op == SDP_OP_softplus) ||
                     (f->kind == SDP_PRIM && f->op == SDP_OP_logsumexp);
        for (uint32_t k = 0; close && k < f->order; k++) {
            if (is_output(g, m, l[k])) continue;
            *found = (lead){f->arg[0], axis_of_argument(f, k), l[k]};
            return true;
        }
    }
    return false;
}

// The label of a summed axis `axis` of factor f in the product m, or -1.
static int summed_label(const sdp_graph *g, const sdp_node *m, sdp_id f, uint32_t axis)
{
    for (uint32_t i = 0; i < m->nargs; i++)
        if (m->arg[i] == f && !is_output(g, m, sdp_labels(g, m, i)[axis])) return sdp_labels(g, m, i)[axis];
    return -1;
}

// The label of a term that runs along the axis of the lead: u is a factor, or the factor of the product u
// that has this axis.
static int label_along(const sdp_graph *g, sdp_id term, const lead *x)
{
    const sdp_node *m = sdp_get(g, term), *u = sdp_get(g, x->u);
    int label = m->kind == SDP_MUL ? summed_label(g, m, x->u, x->axis) : -1;
    if (m->kind != SDP_MUL || label >= 0 || u->kind != SDP_MUL) return label;
    uint8_t own = sdp_labels(g, u, u->nargs)[x->axis];
    for (uint32_t i = 0; label < 0 && i < u->nargs; i++)
        for (uint32_t k = 0; label < 0 && k < sdp_get(g, u->arg[i])->order; k++)
            if (sdp_labels(g, u, i)[k] == own) label = summed_label(g, m, u->arg[i], k);
    return label;
}

// The product with one more axis, the last one, in the place of a sum over it.
static sdp_id opened(sdp_graph *g, sdp_id term, uint8_t label)
{
    const sdp_node *m = sdp_get(g, term);
    uint8_t out[SDP_MAX_ORDER];
    if (m->order) memcpy(out, sdp_labels(g, m, m->nargs), m->order);
    out[m->order] = label;
    return sdp_mul(g, m->coef[0], m->nargs, m->arg, m->label, m->order + 1, out, m->ldim);
}

// The sum with what runs along one axis under one sum, or 0.
sdp_id sdp_join_sums(sdp_graph *g, const sdp_node *n, const sdp_id *arg)
{
    lead x = {0};
    uint32_t at = 0, inside = 0, outside = 0;
    while (at < n->nargs && !find_lead(g, arg[at], &x)) at++;
    if (at == n->nargs || n->order + 1 >= SDP_MAX_ORDER) return 0;
    sdp_dim dim = sdp_get(g, arg[at])->ldim[x.label];
    sdp_id *in = sdp_scratch(&g->base, 2 * (n->nargs + 1) * sizeof *in), *rest = in + n->nargs + 1;
    sdp_num *coef = sdp_scratch(&g->base, 2 * (n->nargs + 1) * sizeof *coef),
            *rest_coef = coef + n->nargs + 1;
    for (uint32_t i = 0; i < n->nargs; i++) {
        int label = i == at ? x.label : label_along(g, arg[i], &x);
        if (label >= 0 && sdp_get(g, arg[i])->ldim[label] == dim) {
            in[inside] = opened(g, arg[i], (uint8_t)label);
            coef[inside++] = n->coef[i];
        } else {
            rest[outside] = arg[i];
            rest_coef[outside++] = n->coef[i];
        }
    }
    if (inside < 2) return 0;
    rest[outside] = sdp_sum(g, sdp_add(g, inside, coef, in), 1U << n->order);
    rest_coef[outside++] = SDP_NUM_ONE;
    return sdp_add(g, outside, rest_coef, rest);
}
