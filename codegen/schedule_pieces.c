// SPDX-License-Identifier: MIT
// Before scheduling: a sum of placed pieces that is a factor is multiplied out.
//
//     (e1*e2' + e2*e1')*B = e1*B[2,:] + e2*B[1,:]         [A, C]*x = A*x[1:k] + C*x[k+1:n]
//
// Where SELs place the terms, the sum is a matrix of mostly zeros: stored, it costs its whole size, and its product with B all
// of it. Each piece by itself becomes a few rows, columns or entries that are written where they belong. Done only if the terms
// are nothing but SELs and variables, so that nothing is computed twice, and if the sum is a factor once.
#include "schedule.h"

// A product of SELs, variables and numbers, at least one SEL; a transposed sum is a MUL of one.
static bool is_placed(const sdp_graph *g, sdp_id term)
{
    const sdp_node *n = sdp_get(g, term);
    bool placed = n->kind == SDP_SEL;
    for (uint32_t i = 0; n->kind == SDP_MUL && i < n->nargs; i++) {
        const sdp_node *f = sdp_get(g, n->arg[i]);
        if (f->kind != SDP_SEL && f->kind != SDP_VAR && f->kind != SDP_NUM) return false;
        placed |= f->kind == SDP_SEL;
    }
    return placed;
}

// The factor of a product to be multiplied out; nargs if there is none.
static uint32_t placed_sum(const sdp_graph *g, const sdp_node *n, const sdp_id *arg)
{
    uint32_t tensors = 0, found = n->nargs;
    for (uint32_t i = 0; i < n->nargs; i++) tensors += sdp_get(g, arg[i])->order > 0;
    for (uint32_t i = 0; tensors > 1 && i < n->nargs; i++) {
        const sdp_node *sum = sdp_get(g, arg[i]);
        bool fits = sum->kind == SDP_ADD && sum->order > 0 && sum->nargs <= SDP_FLAT_TERMS;
        for (uint32_t k = 0; fits && k < sum->nargs; k++) fits = is_placed(g, sum->arg[k]);
        for (uint32_t k = 0; fits && k < n->nargs; k++) fits = k == i || arg[k] != arg[i];
        if (fits) found = i;
    }
    return found;
}

static sdp_id piecewise(void *data, sdp_graph *g, sdp_id id, const sdp_id *arg, bool changed)
{
    const sdp_node *x = sdp_get(g, id);
    uint32_t at = x->kind == SDP_MUL ? placed_sum(g, x, arg) : x->nargs;
    (void)data;
    if (at < x->nargs) return sdp_multiplied_out(g, x, arg, at);
    return changed ? sdp_rebuild(g, id, arg) : id;
}

// The outputs of the schedule.
const sdp_id *sdp_schedule_pieces(sdp_graph *g, uint32_t n, const sdp_id *output)
{
    sdp_id *root = sdp_scratch(&g->base, (n + 1) * sizeof *root);
    sdp_copy(root, output, n * sizeof *root);
    sdp_rewrite_all(g, n, root, piecewise, NULL);
    return root;
}
