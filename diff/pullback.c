// SPDX-License-Identifier: MIT
// Pullbacks of the primitives: adjoints of the arguments from the adjoint of the value, whose axes are
// (seed axes, axes of the value). In the einsum texts '@' stands for the seed axes.
// Sources: M. Giles, "Collected matrix derivative results" (2008), for inv, det, logdet.
#include <string.h>

#include "diff/diff.h"

// Y = inv(X):  dY = -Y dX Y,  so  X_ab += -sum_ij Y_ij Y_ia Y_bj  (first Y the adjoint)
void sdp_pull_inv(sdp_graph *g, sdp_id y, const sdp_node *n, sdp_id adj, sdp_id *arg)
{
    (void)n;
    arg[0] = sdp_es(g, SDP_NUM_MINUS_ONE, "@ij,ia,bj->@ab", adj, y, y);
}

// d = det(X):  dd = tr(adj(X) dX)
void sdp_pull_det(sdp_graph *g, sdp_id d, const sdp_node *n, sdp_id adj, sdp_id *arg)
{
    (void)d;
    arg[0] = sdp_es(g, SDP_NUM_ONE, "@,ba->@ab", adj, sdp_prim(g, SDP_OP_adj, 1, n->arg, 0));
}

// Y = adj(X) = det(X) K, K = inv(X):  dY = tr(K dX) Y - Y dX K
void sdp_pull_adj(sdp_graph *g, sdp_id y, const sdp_node *n, sdp_id adj, sdp_id *arg)
{
    sdp_id k = sdp_prim(g, SDP_OP_inv, 1, n->arg, 0),
           turned = sdp_es(g, SDP_NUM_MINUS_ONE, "@ij,ia,bj->@ab", adj, y, k);
    arg[0] = sdp_add2(g, sdp_es(g, SDP_NUM_ONE, "@ij,ij,ba->@ab", adj, y, k), turned);
}

// d logdet(X) = tr(inv(X) dX)
void sdp_pull_logdet(sdp_graph *g, sdp_id d, const sdp_node *n, sdp_id adj, sdp_id *arg)
{
    (void)d;
    arg[0] = sdp_es(g, SDP_NUM_ONE, "@,ba->@ab", adj, sdp_prim(g, SDP_OP_inv, 1, n->arg, 0));
}

// adj (seeds, kept axes) stretched over the reduced axes of the argument, times d (axes of the argument)
static sdp_id over_reduced(sdp_graph *g, const sdp_node *n, sdp_id adj, sdp_id d)
{
    const sdp_node *x = sdp_get(g, n->arg[0]);
    int seeds = sdp_get(g, adj)->order - n->order;
    uint8_t label[3 * SDP_MAX_ORDER], out[SDP_MAX_ORDER];
    uint32_t at = 0;
    int order = 0;
    for (int i = 0; i < seeds; i++) label[at++] = out[order++] = (uint8_t)(SDP_MAX_ORDER + i);
    for (int i = 0; i < x->order; i++)
        if (!(n->param >> i & 1)) label[at++] = (uint8_t)i;
    for (int i = 0; i < x->order; i++) label[at++] = out[order++] = (uint8_t)i;
    return sdp_mul(g, SDP_NUM_ONE, 2, (sdp_id[]){adj, d}, label, order, out, NULL);
}

// d logsumexp(x) = softmax(x)' dx
void sdp_pull_logsumexp(sdp_graph *g, sdp_id id, const sdp_node *n, sdp_id adj, sdp_id *arg)
{
    (void)id;
    arg[0] = over_reduced(g, n, adj, sdp_prim(g, SDP_OP_softmax, 1, n->arg, n->param));
}

// s = softmax(x):  ds = (diag(s) - s s') dx,  so  x += s .* (adj - sum(adj .* s))
void sdp_pull_softmax(sdp_graph *g, sdp_id s, const sdp_node *n, sdp_id adj, sdp_id *arg)
{
    int seeds = sdp_get(g, adj)->order - n->order, order = seeds + n->order;
    uint8_t label[3 * SDP_MAX_ORDER], out[SDP_MAX_ORDER];
    uint32_t at = 0;
    for (int i = 0; i < seeds; i++) label[at++] = out[i] = (uint8_t)(2 * SDP_MAX_ORDER + i);
    for (int pass = 0; pass < 2; pass++) // adj and one s are summed over the softmax's axes
        for (int i = 0; i < n->order; i++) label[at++] = (uint8_t)(i + (n->param >> i & 1) * SDP_MAX_ORDER);
    for (int i = 0; i < n->order; i++) label[at++] = out[seeds + i] = (uint8_t)i;
    sdp_id mean = sdp_mul(g, SDP_NUM_ONE, 3, (sdp_id[]){adj, s, s}, label, order, out, NULL);
    arg[0] = sdp_sub(g, sdp_seeded_times(g, adj, s), mean);
}

// d norm(x) = x' dx / norm(x); the kernel takes 0/0 as 0, a subgradient
void sdp_pull_norm(sdp_graph *g, sdp_id id, const sdp_node *n, sdp_id adj, sdp_id *arg)
{
    sdp_id scaled = sdp_seeded_times(g, adj, sdp_power_num(g, id, SDP_NUM_MINUS_ONE));
    arg[0] = over_reduced(g, n, scaled, n->arg[0]);
}

sdp_id sdp_pull_norm_power(sdp_graph *g, const sdp_node *n, sdp_id adj)
{
    const sdp_node *norm = sdp_get(g, n->arg[0]);
    sdp_num e;
    if (norm->kind != SDP_PRIM || norm->op != SDP_OP_norm || !norm->order || !sdp_is_number(g, n->arg[1], &e))
        return 0;
    sdp_num less = sdp_num_add(g, e, sdp_num_int(g, -2));
    if (sdp_num_sign(g, less) <= 0) return 0;
    sdp_id d = sdp_scale(g, e, sdp_power_num(g, n->arg[0], less));
    return over_reduced(g, norm, sdp_seeded_times(g, adj, d), norm->arg[0]);
}

// a reduction n of x back on the axes of x
static sdp_id spread_back(sdp_graph *g, const sdp_node *n, sdp_id id)
{
    const sdp_node *x = sdp_get(g, n->arg[0]);
    uint8_t label[SDP_MAX_ORDER], out[SDP_MAX_ORDER];
    int kept = 0;
    for (int i = 0; i < x->order; i++) {
        out[i] = (uint8_t)i;
        if (!(n->param >> i & 1)) label[kept++] = (uint8_t)i;
    }
    return sdp_mul(g, SDP_NUM_ONE, 1, &id, label, x->order, out, x->dim);
}

// Along the axes of the mask, does every entry depend on entries of a variable of its own, and on nothing
// else? f(x), 2*sum(X,2). Those of a symmetric matrix stand twice, but once in each row.
bool sdp_entries_are_apart(sdp_graph *g, sdp_id id, uint32_t axes)
{
    for (const bool both = sdp_get(g, id)->order == 2 && (axes & 3) == 3;;) {
        const sdp_node *n = sdp_get(g, id);
        // what stands for something may have equal entries
        if (n->kind == SDP_VAR) return !g->var[n->param].unnamed && !(both && sdp_has(g, id, SDP_SYMMETRIC));
        sdp_id inner = 0;
        for (uint32_t i = 0; i < n->nargs; i++) {
            if (sdp_is_number(g, n->arg[i], &(sdp_num){0})) continue;
            if (inner) return false;
            inner = n->arg[i];
        }
        if (!inner || n->kind == SDP_PRIM || n->kind == SDP_CALL) return false;
        const uint8_t *out = sdp_labels(g, n, n->nargs);
        // no entry of the factor twice, and no zeros beside a diagonal
        for (int k = 0; n->kind == SDP_MUL && k < n->order; k++)
            if (!memchr(n->label, out[k], sdp_get(g, inner)->order) || memchr(out, out[k], (size_t)k))
                return false;
        id = inner;
    }
}

// The entries that attain the extreme value share the derivative: max([a;a]) is a, and so is its derivative
// by a; where x ties, equal shares are a subgradient of max(x).
void sdp_pull_extreme(sdp_graph *g, sdp_id id, const sdp_node *n, sdp_id adj, sdp_id *arg)
{
    sdp_id at[2] = {n->arg[0], spread_back(g, n, id)}, attained = sdp_map(g, SDP_OP_eq, at);
    sdp_id share = sdp_power_num(g, sdp_sum(g, attained, n->param), SDP_NUM_MINUS_ONE);
    arg[0] = over_reduced(g, n, sdp_seeded_times(g, adj, share), attained);
}

// p = prod(x):  dp = sum_i P[i] dx_i, P[i] the product of the other entries
void sdp_pull_prod(sdp_graph *g, sdp_id id, const sdp_node *n, sdp_id adj, sdp_id *arg)
{
    (void)id;
    arg[0] = over_reduced(g, n, adj, sdp_prim(g, SDP_OP_prodexcept, 1, n->arg, n->param | (SDP_AXES + 1)));
}

// P of one order is differentiated to that of the next: the product of all entries but one more. Its axes are
// those of P, then the reduced ones of x again, which are the place of the adjoint.
void sdp_pull_prodexcept(sdp_graph *g, sdp_id id, const sdp_node *n, sdp_id adj, sdp_id *arg)
{
    const sdp_node *x = sdp_get(g, n->arg[0]);
    sdp_id next = sdp_prim(g, SDP_OP_prodexcept, 1, n->arg, n->param + SDP_AXES + 1);
    int seeds = sdp_get(g, adj)->order - n->order, at = 0, order = 0;
    uint8_t label[3 * SDP_MAX_ORDER], out[SDP_MAX_ORDER], copy = n->order;
    (void)id;
    if (seeds + x->order > SDP_MAX_ORDER) sdp_limit(&g->base, "order", SDP_MAX_ORDER);
    for (int i = 0; i < seeds; i++) label[at++] = out[order++] = (uint8_t)(2 * SDP_MAX_ORDER + i);
    for (int i = 0; i < n->order; i++) label[at++] = (uint8_t)i;
    for (int i = 0; i < sdp_get(g, next)->order; i++) label[at++] = (uint8_t)i;
    for (int i = 0; i < x->order; i++) out[order++] = n->param >> i & 1 ? copy++ : (uint8_t)i;
    arg[0] = sdp_mul(g, SDP_NUM_ONE, 2, (sdp_id[]){adj, next}, label, order, out, NULL);
}

static sdp_pull *const pull[SDP_OP_COUNT] = {
#define PULL(f)                                              sdp_pull_##f
#define PRIM(id, name, least, most, shape, lower, pull, ...) [SDP_OP_##id] = pull,
#include "ast/graph/ops.def"
#undef PULL
};

void sdp_pullback(sdp_graph *g, sdp_id id, sdp_id adj, sdp_id *arg)
{
    const sdp_node *n = sdp_get(g, id);
    pull[n->op](g, id, n, adj, arg);
}
