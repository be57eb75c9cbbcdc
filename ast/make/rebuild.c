// SPDX-License-Identifier: MIT
// Nodes made again over other arguments: one node, and everything above nodes that are replaced.
#include "ast/make/inside.h"

sdp_id sdp_rebuild(sdp_graph *g, sdp_id id, const sdp_id *arg)
{
    const sdp_node *n = g->node[id];
    switch (n->kind) {
    case SDP_ADD: return sdp_add(g, n->nargs, n->coef, arg);
    case SDP_MUL:
        return sdp_mul(g, n->coef[0], n->nargs, arg, n->label, n->order, sdp_labels(g, n, n->nargs), n->ldim);
    case SDP_POW: return sdp_power(g, arg[0], arg[1]);
    case SDP_MAP: return sdp_map(g, n->op, arg);
    case SDP_PRIM: return sdp_prim(g, n->op, n->nargs, arg, n->param);
    case SDP_CALL: {
        sdp_derivative d = sdp_derivative_of(n);
        return sdp_call(g, &d, arg);
    }
    default: return id;
    }
}

static sdp_id replace(void *data, sdp_graph *g, sdp_id id, const sdp_id *arg, bool changed)
{
    sdp_id to = sdp_sparse_get(data, id);
    return to ? to : changed ? sdp_rebuild(g, id, arg) : id;
}

void sdp_substitute_all(sdp_graph *g, uint32_t nroots, sdp_id *root, uint32_t n, const sdp_id *from,
                        const sdp_id *to)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_sparse by;
    sdp_sparse_scratch(&g->base, &by, n);
    for (uint32_t i = 0; i < n; i++) sdp_sparse_put(&g->base, &by, from[i], to[i]);
    sdp_rewrite_all(g, nroots, root, replace, &by);
    sdp_scratch_release(&g->base, m);
}

sdp_id sdp_substitute(sdp_graph *g, sdp_id a, uint32_t n, const sdp_id *from, const sdp_id *to)
{
    sdp_substitute_all(g, 1, &a, n, from, to);
    return a;
}
