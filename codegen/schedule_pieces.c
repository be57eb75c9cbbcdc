// SPDX-License-Identifier: MIT
// Before scheduling: a sum of placed pieces that is a factor is multiplied out.
//
//     (e1*e2' + e2*e1')*B = e1*B[2,:] + e2*B[1,:]         [A, C]*x = A*x[1:k] + C*x[k+1:n]
//
// So is a sum of functions that is divided by each of them, see divided_sum(). schedule_join.c does the opposite.
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

// Is f a negative power of b?
static bool divides(const sdp_graph *g, sdp_id f, sdp_id b)
{
    const sdp_node *p = sdp_get(g, f), *e = p->kind == SDP_POW ? sdp_get(g, p->arg[1]) : p;
    return p->kind == SDP_POW && p->arg[0] == b && e->kind == SDP_NUM && sdp_num_sign(g, e->param) < 0;
}

// (a-b)/(a^2 b^2) for functions a, b is 1/(a b^2) - 1/(a^2 b): where a overflows, neither is inf/inf. The factor a-b, or nargs.
static uint32_t divided_sum(const sdp_graph *g, const sdp_node *n, const sdp_id *arg)
{
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *sum = sdp_get(g, arg[i]);
        bool all = sum->kind == SDP_ADD && sum->nargs <= SDP_FLAT_TERMS && sum->order == n->order;
        for (uint32_t k = 0; all && k < sum->nargs; k++) {
            all = false;
            for (uint32_t j = 0; sdp_get(g, sum->arg[k])->kind == SDP_MAP && j < n->nargs; j++) all |= divides(g, arg[j], sum->arg[k]);
        }
        if (all) return i;
    }
    return n->nargs;
}

static sdp_id piecewise(void *data, sdp_graph *g, sdp_id id, const sdp_id *arg, bool changed)
{
    const sdp_node *x = sdp_get(g, id);
    uint32_t at = x->kind == SDP_MUL ? placed_sum(g, x, arg) : x->nargs;
    (void)data;
    if (x->kind == SDP_MUL && at == x->nargs) at = divided_sum(g, x, arg);
    sdp_id joined = x->kind == SDP_ADD ? sdp_join_sums(g, x, arg) : 0;
    if (joined) return joined;
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
