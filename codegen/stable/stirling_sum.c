// SPDX-License-Identifier: MIT
// Before lgamma and its derivatives are expanded (stirling.c): sums over the entries of vectors become one
// sum, for what cancels in sum(lgamma(u)) - sum(lgamma(v)) - n*x does so entry by entry.
#include "codegen/stable/difference.h"

static bool has_gamma(const sdp_graph *g, const sdp_node *m)
{
    for (uint32_t i = 0; i < m->nargs; i++)
        if (sdp_is_gamma(sdp_get(g, m->arg[i]))) return true;
    return false;
}

// A sum over the entries of vectors, with scalars: its entries; 0: it is something else
static sdp_id entries_of(sdp_graph *g, sdp_id term)
{
    const sdp_node *m = sdp_get(g, term);
    bool vectors = false;
    if (m->kind != SDP_MUL || m->order || m->nlabels != 1) return 0;
    for (uint32_t i = 0; i < m->nargs; i++) {
        vectors |= sdp_get(g, m->arg[i])->order == 1;
        if (sdp_get(g, m->arg[i])->order > 1) return 0;
    }
    return vectors ? sdp_mul(g, m->coef[0], m->nargs, m->arg, m->label, 1, (uint8_t[]){0}, m->ldim) : 0;
}

// n*x of vectors of n entries: x at every entry; 0: it has no such factor
static sdp_id repeated(sdp_graph *g, sdp_id term, sdp_dim size)
{
    const sdp_node *m = sdp_get(g, term);
    sdp_id n = sdp_dim_value(g, size);
    if (term == n) return sdp_ones(g, 1, &size);
    for (uint32_t i = 0; m->kind == SDP_MUL && !m->nlabels && i < m->nargs; i++)
        if (m->arg[i] == n)
            return sdp_broadcast(g, sdp_with_factor(g, m, i, sdp_number(g, SDP_NUM_ONE)), 1, &size);
    return 0;
}

// sum(lgamma(u)) - sum(lgamma(v)) - n*x = sum(lgamma(u) - lgamma(v) - x)
sdp_id sdp_under_one_sum(void *data, sdp_graph *g, sdp_id id, const sdp_id *arg, bool changed)
{
    const sdp_node *n = sdp_get(g, changed ? id = sdp_rebuild(g, id, arg) : id);
    sdp_dim size = SDP_DIM_NONE;
    (void)data;
    for (uint32_t i = 0; n->kind == SDP_ADD && !n->order && !size && i < n->nargs; i++) {
        sdp_id v = entries_of(g, n->arg[i]);
        if (v && has_gamma(g, sdp_get(g, n->arg[i]))) size = sdp_get(g, v)->dim[0];
    }
    if (!size || n->nargs > SDP_MOST_EXPANDED) return id;
    sdp_id inside = 0, outside = 0;
    uint32_t gathered = 0;
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_id v = entries_of(g, n->arg[i]);
        if (v && sdp_get(g, v)->dim[0] != size) v = 0;
        if (!v) v = repeated(g, n->arg[i], size);
        sdp_id *pool = v ? &inside : &outside, t = sdp_scale(g, n->coef[i], v ? v : n->arg[i]);
        gathered += v != 0;
        *pool = *pool ? sdp_add2(g, *pool, t) : t;
    }
    if (gathered < 2) return id;
    inside = sdp_sum(g, inside, 1);
    return outside ? sdp_add2(g, inside, outside) : inside;
}
