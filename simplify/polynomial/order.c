// SPDX-License-Identifier: MIT
// The order in which the terms of a polynomial stand: x^2-2*x+1, y'*y-2*y'*X*w+w'*X'*X*w, a^2+2*a*b+b^2.
//
// A term is known by its degrees, a list of variables in the order in which they were seen, each with how
// often it is a factor. Lists are compared like words, and the higher degree comes first. What stands in a
// function counts for nothing. Entry: sdp_order_terms.
#include <string.h>

#include "simplify/polynomial/polynomial.h"

enum { MOST_VARIABLES = 16, MOST_NESTED = 6 };

typedef struct {
    uint32_t n, seen[MOST_VARIABLES], degree[MOST_VARIABLES];
} degrees; // seen: ascending

static void note(degrees *d, uint32_t seen, uint32_t times)
{
    uint32_t at = 0;
    while (at < d->n && d->seen[at] < seen) at++;
    bool known = at < d->n && d->seen[at] == seen;
    if (!known && d->n == MOST_VARIABLES) return;
    for (uint32_t k = d->n; !known && k > at; k--)
        d->seen[k] = d->seen[k - 1], d->degree[k] = d->degree[k - 1];
    if (!known) d->n++, d->seen[at] = seen, d->degree[at] = 0;
    d->degree[at] += times;
}

static void count(sdp_graph *g, sdp_id id, uint32_t times, int depth, degrees *d)
{
    const sdp_node *n = sdp_get(g, id);
    sdp_num e;
    long k;
    if (n->kind == SDP_VAR) note(d, g->var[n->param].order_seen, times);
    if (depth == MOST_NESTED) return;
    if (n->kind == SDP_MUL)
        for (uint32_t i = 0; i < n->nargs; i++) count(g, n->arg[i], times, depth + 1, d);
    bool power = n->kind == SDP_POW && sdp_is_number(g, n->arg[1], &e) && sdp_num_long(g, e, &k);
    if (power && k > 0 && k < 1000) count(g, n->arg[0], times * (uint32_t)k, depth + 1, d);
}

static int compare(const degrees *a, const degrees *b)
{
    for (uint32_t i = 0; i < a->n || i < b->n; i++) {
        if (i >= a->n) return 1;
        if (i >= b->n) return -1;
        if (a->seen[i] != b->seen[i]) return a->seen[i] < b->seen[i] ? -1 : 1;
        if (a->degree[i] != b->degree[i]) return a->degree[i] > b->degree[i] ? -1 : 1;
    }
    return 0;
}

void sdp_order_terms(sdp_graph *g, uint32_t n, sdp_num *coef, sdp_id *term)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    degrees *of = sdp_scratch(&g->base, (n + 1) * sizeof *of);
    uint32_t *from = sdp_scratch(&g->base, (n + 1) * sizeof *from),
             *to = sdp_scratch(&g->base, (n + 1) * sizeof *to);
    for (uint32_t i = 0; i < n; i++) count(g, term[i], 1, 0, &of[from[i] = i]);
    for (uint32_t step = 1; step < n; step *= 2) { // merged, for a stable order
        for (uint32_t at = 0; at < n; at += 2 * step) {
            uint32_t mid = at + step < n ? at + step : n, end = mid + step < n ? mid + step : n, i = at,
                     j = mid;
            for (uint32_t k = at; k < end; k++)
                to[k] =
                    j == end || (i < mid && compare(&of[from[i]], &of[from[j]]) <= 0) ? from[i++] : from[j++];
        }
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    sdp_num *c = sdp_scratch(&g->base, (n + 1) * sizeof *c);
    sdp_id *t = sdp_scratch(&g->base, (n + 1) * sizeof *t);
    for (uint32_t i = 0; i < n; i++) c[i] = coef[from[i]], t[i] = term[from[i]];
    sdp_copy(coef, c, n * sizeof *c);
    sdp_copy(term, t, n * sizeof *t);
    sdp_scratch_release(&g->base, m);
}

uint32_t sdp_degree_in(sdp_graph *g, sdp_id term, sdp_id variable)
{
    degrees d = {0};
    uint32_t seen = g->var[sdp_get(g, variable)->param].order_seen;
    count(g, term, 1, 0, &d);
    for (uint32_t i = 0; i < d.n; i++)
        if (d.seen[i] == seen) return d.degree[i];
    return 0;
}

bool sdp_is_polynomial_of_one(sdp_graph *g, const sdp_node *sum)
{
    sdp_id x = 0;
    if (sum->kind != SDP_ADD) return false;
    for (uint32_t i = 0; i < sum->nargs; i++) {
        const sdp_node *t = sdp_get(g, sum->arg[i]);
        sdp_num e;
        long k = 1;
        sdp_id base = sum->arg[i];
        if (sdp_is_number(g, base, &e)) continue;
        if (t->kind == SDP_POW) {
            if (!sdp_is_number(g, t->arg[1], &e) || !sdp_num_long(g, e, &k)) return false;
            base = t->arg[0];
        }
        if (k < 1 || sdp_get(g, base)->kind != SDP_VAR || (x && base != x)) return false;
        x = base;
    }
    return x != 0;
}
