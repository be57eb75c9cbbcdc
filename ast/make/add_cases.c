// SPDX-License-Identifier: MIT
// Cases in a sum: where(c,a,b) + k where(c,d,e) is where(c,a+k*d,b+k*e), so that terms
// where(c,a,0) and where(c,0,b) meet.
//
// Cases after cases, which people write in long chains, where(c1,a,where(c2,b,..)), are a loop. Only in first
// branches does a sum make another, at most SDP_DEPTH deep.
#include <stdlib.h>

#include "ast/make/inside.h"

typedef struct {
    sdp_id part[3];
    uint32_t term;
} guarded; // where(part[0], part[1], part[2])
typedef struct {
    sdp_id condition, branch;
} level;

static int by_condition(const void *a, const void *b)
{
    const guarded *x = a, *y = b;
    if (x->part[0] != y->part[0]) return x->part[0] < y->part[0] ? -1 : 1;
    return (x->term > y->term) - (x->term < y->term);
}

// Have the second branches one condition, too, and are they different cases? Then they are the terms.
static bool next_case(sdp_graph *g, uint32_t n, guarded *x)
{
    sdp_id part[3], condition = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (n > SDP_FLAT_TERMS || !sdp_as_map(g, SDP_OP_where, x[i].part[2], part) ||
            (i && part[0] != condition))
            return false;
        for (uint32_t k = 0; k < i; k++)
            if (x[k].part[2] == x[i].part[2]) return false;
        condition = part[0];
    }
    for (uint32_t i = 0; i < n; i++) sdp_as_map(g, SDP_OP_where, x[i].part[2], x[i].part);
    return true;
}

static sdp_id sum_of_branches(sdp_graph *g, uint32_t n, const guarded *x, const sdp_num *coef, int side)
{
    sdp_num *by = sdp_scratch(&g->base, n * sizeof *by);
    sdp_id *branch = sdp_scratch(&g->base, n * sizeof *branch);
    for (uint32_t i = 0; i < n; i++) by[i] = coef[x[i].term], branch[i] = x[i].part[side];
    return sdp_add(g, n, by, branch);
}

// The sum of n terms of one condition
static sdp_id joined(sdp_graph *g, uint32_t n, guarded *x, const sdp_num *coef)
{
    uint32_t depth = 0, room = 0;
    level *l = NULL;
    do {
        if (depth == room) {
            level *more = sdp_scratch(&g->base, (room = 2 * room + 4) * sizeof *more);
            if (depth) sdp_copy(more, l, depth * sizeof *l);
            l = more;
        }
        l[depth].condition = x->part[0];
        l[depth++].branch = sum_of_branches(g, n, x, coef, 1);
    } while (next_case(g, n, x));
    sdp_id sum = sum_of_branches(g, n, x, coef, 2);
    while (depth--) sum = sdp_map(g, SDP_OP_where, (sdp_id[]){l[depth].condition, l[depth].branch, sum});
    return sum;
}

uint32_t sdp_join_cases(sdp_graph *g, uint32_t n, sdp_num *coef, sdp_id *term)
{
    uint32_t cases = 0, sums = 0;
    guarded *x = sdp_scratch(&g->base, (n + 1) * sizeof *x);
    for (uint32_t i = 0; i < n; i++) {
        x[cases].term = i;
        cases += sdp_as_map(g, SDP_OP_where, term[i], x[cases].part);
    }
    if (cases < 2 || g->depth >= SDP_DEPTH) return 0;
    g->depth++;
    qsort(x, cases, sizeof *x, by_condition);
    sdp_id *sum = sdp_scratch(&g->base, cases * sizeof *sum);
    for (uint32_t i = 0, run; i < cases; i += run) {
        for (run = 1; i + run < cases && x[i + run].part[0] == x[i].part[0]; run++) continue;
        if (run > 1) sum[sums++] = joined(g, run, x + i, coef);
        for (uint32_t k = i; run > 1 && k < i + run; k++) coef[x[k].term] = SDP_NUM_ZERO;
    }
    g->depth--;
    sdp_copy(term, sum, sums * sizeof *sum);
    return sums;
}
