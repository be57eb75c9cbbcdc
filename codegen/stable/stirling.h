// SPDX-License-Identifier: MIT
// Inside stirling*.c: a sum that is taken apart into rational terms, logarithms and a rest.
#ifndef SDP_STIRLING_H
#define SDP_STIRLING_H

#include "codegen/stable/difference.h"

enum {
    MOST_TERMS = SDP_MOST_EXPANDED,
    MOST_LOGS = 16,
    MOST_BASES = 12,
    MOST_COUPLES = 3,
    MOST_DEPTH = 3,
    LAST = 1000
};

typedef struct {
    sdp_graph *g;
    const sdp_node *like;                    // the sum, whose axes all terms have
    sdp_id rational, rest, condition, large; // large: an argument of a gamma function is
    uint32_t nlogs, ngammas, nlarge;
    sdp_id of[MOST_LOGS], coef[MOST_LOGS]; // sum of coef*log(of)
    sdp_id seen[MOST_LOGS];                // arguments of gamma functions
    const sdp_node *function;              // the first of lgamma, digamma, polygamma and log
    bool several, failed;                  // several: others than that one
} expansion;

static inline sdp_id spread(const expansion *e, sdp_id a)
{
    return sdp_get(e->g, a)->order < e->like->order ? sdp_broadcast(e->g, a, e->like->order, e->like->dim)
                                                    : a;
}

static inline void add_to(const expansion *e, sdp_id *pool, sdp_id a)
{
    a = spread(e, a);
    *pool = *pool ? sdp_add2(e->g, *pool, a) : a;
}

// A product of powers of bases, below the line.
typedef struct {
    uint32_t n;
    sdp_id base[MOST_BASES];
    long power[MOST_BASES];
} denominator;

// stirling_quotient.c: a times the power `sign` of d, and the numerator of a over
// its denominator d, multiplied out
sdp_id sdp_denominator_power(const expansion *e, const denominator *d, long sign);
sdp_id sdp_numerator(const expansion *e, sdp_id a, denominator *d);

#endif
