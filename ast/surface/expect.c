// SPDX-License-Identifier: MIT
// Expectations: E(w-eta*(g+eps)) with eps: vector(d) zeromean.
//
// Nothing is known of a random variable but that its expectation is 0. So E(u) is u at 0 where u is affine in
// all of them together, and not known elsewhere: eps'*eps has a law that nobody declared. The degree of u in
// them is bounded from the leaves up, like that of a polynomial; what is no polynomial has none.
#include "ast/surface/terms.h"

enum { BEYOND = 2 }; // of degree 2, or not a polynomial

static uint8_t least(unsigned d) { return (uint8_t)(d < BEYOND ? d : BEYOND); }

static uint8_t degree_of(const sdp_graph *g, const sdp_node *n, const uint8_t *degree)
{
    unsigned sum = 0, most = 0;
    sdp_num e;
    long k;
    for (uint32_t i = 0; i < n->nargs; i++) {
        sum += degree[n->arg[i]];
        if (degree[n->arg[i]] > most) most = degree[n->arg[i]];
    }
    if (n->kind == SDP_VAR) return g->var[n->param].zeromean;
    if (!most || n->kind == SDP_ADD) return least(most);
    if (n->kind == SDP_MUL) return least(sum);
    if (n->kind == SDP_POW && !degree[n->arg[1]] && sdp_is_number(g, n->arg[1], &e) &&
        sdp_num_long(g, e, &k) && k > 0)
        return least((unsigned)(k < BEYOND ? k : BEYOND) * most);
    if (n->kind == SDP_MAP && n->op == SDP_OP_where && !degree[n->arg[0]]) return least(most);
    return BEYOND;
}

sdp_id sdp_lowering_expect(sdp_lowering *l, const sdp_term *t)
{
    sdp_graph *g = l->g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_id u = l->w->t[t->arg[0]].node;
    uint32_t count, n = 0;
    const sdp_id *list = sdp_reachable(g, 1, &u, &count);
    uint8_t *degree = sdp_scratch(&g->base, u + (size_t)1);
    sdp_id *from = sdp_scratch(&g->base, count * sizeof *from),
           *to = sdp_scratch(&g->base, count * sizeof *to);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *x = sdp_get(g, list[i]);
        degree[list[i]] = degree_of(g, x, degree);
        if (x->kind != SDP_VAR || !g->var[x->param].zeromean) continue;
        from[n] = list[i];
        to[n++] = sdp_zeros(g, x->order, x->dim);
    }
    if (degree[u] >= BEYOND)
        sdp_term_fail(l->w, t->arg[0], SD_ERR_UNSUPPORTED,
                      "known is E(...) of what is linear in variables that are declared zeromean",
                      "the expectation of this is not known");
    sdp_id value = n ? sdp_substitute(g, u, n, from, to) : u;
    sdp_scratch_release(&g->base, m);
    return value;
}
