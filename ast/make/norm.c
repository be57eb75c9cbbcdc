// SPDX-License-Identifier: MIT
// Powers of a norm in products, and what such a product is where x = 0.
//
// x x'/norm(x) is not defined there as it is written, but 0 is its limit: x x'/norm(x)^2 is bounded and
// norm(x) goes to 0. So a product that has more factors x than it is divided by norm(x) is 0 at x = 0, as a
// Hessian of norm(x)^3 must be. One that has as many, the gradient x/norm(x), has no limit and is left as it
// is: no number. Whoever computes a product takes 1 for the norm then, so that other factors that are
// infinite at 0 are met as ever.
#include "ast/graph/ast.h"

// Returns the x of x'*x, a sum of squares, else 0.
static sdp_id squared(const sdp_graph *g, const sdp_node *n)
{
    if (n->kind != SDP_MUL || n->order || n->nargs != 1 || n->coef[0] != SDP_NUM_ONE) return 0;
    const sdp_node *p = sdp_get(g, n->arg[0]), *e = p->kind == SDP_POW ? sdp_get(g, p->arg[1]) : NULL;
    return e && n->nlabels == p->order && e->kind == SDP_NUM && e->param == SDP_NUM_TWO ? p->arg[0] : 0;
}

sdp_id sdp_norm_power(sdp_graph *g, sdp_id id, long *k)
{
    const sdp_node *p = sdp_get(g, id);
    if (p->kind != SDP_POW || p->order || sdp_get(g, p->arg[1])->kind != SDP_NUM) return 0;
    const sdp_node *b = sdp_get(g, p->arg[0]);
    bool norm = b->kind == SDP_PRIM && b->op == SDP_OP_norm;
    sdp_num e = sdp_get(g, p->arg[1])->param;
    sdp_id x = norm ? b->arg[0] : squared(g, b);
    return x && sdp_num_long(g, norm ? e : sdp_num_mul(g, SDP_NUM_TWO, e), k) && *k < 0 ? x : 0;
}

// b of b^k, k > 0
static const sdp_node *base_of(const sdp_graph *g, sdp_id *f, long *k)
{
    const sdp_node *n = sdp_get(g, *f), *e = n->kind == SDP_POW ? sdp_get(g, n->arg[1]) : NULL;
    *k = 1;
    if (!e || e->kind != SDP_NUM || !sdp_num_long(g, e->param, k) || *k < 1) return n;
    *f = n->arg[0];
    return sdp_get(g, *f);
}

bool sdp_is_zero_at_zero_norm(sdp_graph *g, const sdp_node *m, uint32_t at)
{
    long most, k, own, degree = 0;
    sdp_id x = sdp_norm_power(g, m->arg[at], &most);
    for (uint32_t i = 0; x && i < m->nargs; i++) {
        sdp_id f = m->arg[i], inner;
        const sdp_node *n = base_of(g, &f, &k); // (a'*x)^k, or x^k
        degree += f == x ? k : 0;
        for (uint32_t j = 0; n->kind == SDP_MUL && j < n->nargs; j++) {
            inner = n->arg[j];
            base_of(g, &inner, &own);
            degree += inner == x ? own * k : 0;
        }
    }
    return x && degree > -most;
}
