// SPDX-License-Identifier: MIT
// Forward mode: the tangent of a node is its directional derivative, with the node's own axes.
//
//   ADD   sum c_t a_t'          MUL   sum over factors, each replaced by its tangent once
//   POW   e b^(e-1) b' + b^e log(b) e'        MAP   sum phi_i(a) .* a_i'
//   CALL  sum over arguments, derivative of f by it times its tangent
//   PRIM  the pullback of the identity is the Jacobian; contracted with the tangent, its deltas vanish.
//         expm, sqrtm, logm: a block of the function of a matrix of twice the size (pullback_matrix.c)
#include <string.h>

#include "diff/diff.h"

typedef struct {
    sdp_graph *g;
    sdp_sparse tangent;
} sweep; // none: does not depend on wrt

static sdp_id tangent_of(const sweep *s, sdp_id id) { return sdp_sparse_get(&s->tangent, id); }

static sdp_id plus(sdp_graph *g, sdp_id a, sdp_id b) { return !a ? b : !b ? a : sdp_add2(g, a, b); }

static sdp_id push_add(sweep *s, const sdp_node *n)
{
    sdp_mark m = sdp_scratch_mark(&s->g->base);
    sdp_id *term = sdp_scratch(&s->g->base, n->nargs * sizeof *term);
    sdp_num *coef = sdp_scratch(&s->g->base, n->nargs * sizeof *coef);
    uint32_t k = 0;
    for (uint32_t i = 0; i < n->nargs; i++)
        if (tangent_of(s, n->arg[i])) {
            term[k] = tangent_of(s, n->arg[i]);
            coef[k++] = n->coef[i];
        }
    sdp_id sum = k ? sdp_add(s->g, k, coef, term) : 0;
    sdp_scratch_release(&s->g->base, m);
    return sum;
}

static sdp_id push_mul(sweep *s, const sdp_node *n)
{
    sdp_mark m = sdp_scratch_mark(&s->g->base);
    sdp_id *term = sdp_scratch(&s->g->base, n->nargs * sizeof *term);
    sdp_num *one = sdp_scratch(&s->g->base, n->nargs * sizeof *one);
    uint32_t k = 0;
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (!tangent_of(s, n->arg[i])) continue;
        one[k] = SDP_NUM_ONE;
        term[k++] = sdp_with_factor(s->g, n, i, tangent_of(s, n->arg[i]));
    }
    sdp_id sum = k ? sdp_add(s->g, k, one, term) : 0;
    sdp_scratch_release(&s->g->base, m);
    return sum;
}

static sdp_id push_map(sweep *s, const sdp_node *n)
{
    sdp_graph *g = s->g;
    sdp_id r = 0;
    if (n->op == SDP_OP_where) {
        sdp_id zero = sdp_zeros(g, n->order, n->dim),
               t[3] = {n->arg[0], tangent_of(s, n->arg[1]), tangent_of(s, n->arg[2])};
        if (!t[1] && !t[2]) return 0;
        for (int k = 1; k < 3; k++) t[k] = t[k] ? t[k] : zero;
        return sdp_map(g, SDP_OP_where, t);
    }
    for (uint32_t k = 0; k < n->nargs; k++)
        if (tangent_of(s, n->arg[k]))
            r = plus(g, r, sdp_times(g, sdp_map_derivative(g, n, k), tangent_of(s, n->arg[k])));
    return r;
}

// Jacobian * tangent, term by term where the Jacobian is a sum: (diag(s)-s*s')*t is
// s.*t-s*(s'*t), and nothing is square.
static sdp_id contract(sdp_graph *g, sdp_id jacobian, int order, sdp_id t)
{
    const sdp_node *j = sdp_get(g, jacobian);
    uint8_t label[2 * SDP_MAX_ORDER];
    int all = order + sdp_get(g, t)->order;
    for (int i = 0; i < all; i++) label[i] = (uint8_t)i;
    for (int i = order; i < all; i++) label[all + i - order] = (uint8_t)i;
    uint32_t n = j->kind == SDP_ADD ? j->nargs : 1;
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_id *term = sdp_scratch(&g->base, n * sizeof *term);
    sdp_num *coef = sdp_scratch(&g->base, n * sizeof *coef);
    for (uint32_t i = 0; i < n; i++) {
        coef[i] = j->kind == SDP_ADD ? j->coef[i] : SDP_NUM_ONE;
        term[i] = sdp_mul(g, SDP_NUM_ONE, 2, (sdp_id[]){j->kind == SDP_ADD ? j->arg[i] : jacobian, t}, label,
                          order, label, NULL);
    }
    sdp_id sum = sdp_add(g, n, coef, term);
    sdp_scratch_release(&g->base, m);
    return sum;
}

static sdp_id push_pow(sweep *s, sdp_id id, const sdp_node *n)
{
    sdp_graph *g = s->g;
    sdp_id b = tangent_of(s, n->arg[0]), e = tangent_of(s, n->arg[1]), r = 0;
    sdp_id norm = b ? sdp_pull_norm_power(g, n, sdp_identity_like(g, id)) : 0;
    if (norm) r = contract(g, norm, n->order, tangent_of(s, sdp_get(g, n->arg[0])->arg[0]));
    else if (b) r = sdp_times(g, sdp_power_by_base(g, n), b);
    if (e) r = plus(g, r, sdp_times(g, sdp_power_by_exponent(g, id), e));
    return r;
}

static sdp_id push_prim(sweep *s, sdp_id id, const sdp_node *n)
{
    sdp_graph *g = s->g;
    sdp_id jacobian[4], tangent[4] = {0}, r = 0;
    bool any = false;
    for (uint32_t k = 0; k < n->nargs; k++) any |= (tangent[k] = tangent_of(s, n->arg[k])) != 0;
    if (!any) return 0;
    if ((r = sdp_push_function(g, id, n, tangent)) != 0) return r;
    sdp_pullback(g, id, sdp_identity_like(g, id), jacobian);
    for (uint32_t k = 0; k < n->nargs; k++) {
        if (tangent[k]) r = plus(g, r, contract(g, jacobian[k], n->order, tangent[k]));
    }
    return r;
}

static sdp_id push_call(sweep *s, const sdp_node *n)
{
    sdp_graph *g = s->g;
    sdp_id r = 0;
    for (uint32_t k = 0; k < n->nargs; k++) {
        sdp_id t = tangent_of(s, n->arg[k]);
        if (t) r = plus(g, r, contract(g, sdp_call_derivative(g, n, k), n->order, t));
    }
    return r;
}

void sdp_jvp_all(sdp_graph *g, uint32_t nroots, const sdp_id *root, uint32_t n, const sdp_id *wrt,
                 const sdp_id *direction, sdp_id *out)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t count;
    sdp_id *list = sdp_reachable(g, nroots, root, &count), t;
    sweep s = {.g = g};
    sdp_sparse_scratch(&g->base, &s.tangent, count + n);
    for (uint32_t i = 0; i < n; i++) sdp_sparse_put(&g->base, &s.tangent, wrt[i], direction[i]);
    for (uint32_t i = 0; i < count; i++) {
        sdp_id id = list[i];
        const sdp_node *x = sdp_get(g, id);
        switch (x->kind) {
        case SDP_ADD: t = push_add(&s, x); break;
        case SDP_MUL: t = push_mul(&s, x); break;
        case SDP_POW: t = push_pow(&s, id, x); break;
        case SDP_MAP: t = push_map(&s, x); break;
        case SDP_CALL: t = push_call(&s, x); break;
        case SDP_PRIM: t = push_prim(&s, id, x); break;
        default: continue;
        }
        sdp_sparse_put(&g->base, &s.tangent, id, t);
    }
    for (uint32_t i = 0; i < nroots; i++) {
        const sdp_node *r = sdp_get(g, root[i]);
        t = sdp_sparse_get(&s.tangent, root[i]);
        out[i] = t ? t : sdp_zeros(g, r->order, r->dim);
    }
    sdp_scratch_release(&g->base, m);
}

sdp_id sdp_jvp(sdp_graph *g, sdp_id root, uint32_t n, const sdp_id *wrt, const sdp_id *direction)
{
    sdp_id out;
    sdp_jvp_all(g, 1, &root, n, wrt, direction, &out);
    return out;
}
