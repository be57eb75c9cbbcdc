// SPDX-License-Identifier: MIT
// Collecting by a variable: a*x^2+b*x+x is a*x^2+(b+1)*x, and w'*A*w+w'*B*w-2*b'*w is w'*(A+B)*w-2*b'*w.
//
// The expression is multiplied out, its terms are put together by their degree in the variable, and each
// group takes its shortest form. Of a scalar variable the power stands outside, whether that is shorter or
// not: this is what is asked for.
#include "simplify/polynomial/polynomial.h"

// The sum of the terms of one degree
static sdp_id group_of(sdp_graph *g, const sdp_termlist *s, const uint32_t *degree, uint32_t which, sdp_id x)
{
    sdp_num *coef = sdp_scratch(&g->base, (s->n + 1) * sizeof *coef);
    sdp_id *term = sdp_scratch(&g->base, (s->n + 1) * sizeof *term);
    uint32_t n = 0;
    bool scalar = sdp_get(g, x)->order == 0 && which;
    sdp_id below = scalar ? sdp_power_num(g, x, sdp_num_int(g, -(long)which)) : 0;
    for (uint32_t i = 0; i < s->n; i++) {
        if (degree[i] != which) continue;
        coef[n] = s->coef[i];
        term[n++] = scalar ? sdp_times(g, s->node[i], below) : s->node[i];
    }
    sdp_order_terms(g, n, coef, term);
    sdp_id sum = sdp_simplify(g, sdp_add(g, n, coef, term));
    return scalar ? sdp_times(g, sum, sdp_power_num(g, x, sdp_num_int(g, (long)which))) : sum;
}

uint32_t sdp_collected(sdp_graph *g, sdp_id id, sdp_id variable, sdp_id **group)
{
    sdp_termlist s = {.g = g};
    sdp_termlist_add(&s, SDP_NUM_ONE, sdp_expanded(g, id));
    uint32_t n = 0, *degree = sdp_scratch(&g->base, (s.n + 1) * sizeof *degree), highest = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        degree[i] = sdp_degree_in(g, s.node[i], variable);
        highest = degree[i] > highest ? degree[i] : highest;
    }
    *group = sdp_scratch(&g->base, (highest + 2) * sizeof **group);
    for (uint32_t k = highest + 1; k-- > 0;) {
        bool any = false;
        for (uint32_t i = 0; i < s.n; i++) any |= degree[i] == k;
        if (any) (*group)[n++] = group_of(g, &s, degree, k, variable);
    }
    sdp_termlist_free(&s);
    return n;
}
