// SPDX-License-Identifier: MIT
// A positive f is convex if log(f) is: 1/(x*y), x^x, gamma(x), 1/normcdf(x). The logarithm of a product is taken
// factor by factor, so that composition and second derivatives see a sum.
#include "judge/judge.h"

enum { MOST_FACTORS = 16 };

// log(f) of a positive number f; 0: a factor has no known sign.
static sdp_id logarithm(sdp_graph *g, sdp_id f)
{
    const sdp_node *n = sdp_get(g, f);
    if (!sdp_known_positive(g, f)) return 0;
    if (n->kind == SDP_POW) return sdp_times(g, n->arg[1], sdp_map1(g, SDP_OP_log, n->arg[0]));
    if (n->kind != SDP_MUL || n->nlabels || n->nargs > MOST_FACTORS || sdp_num_sign(g, n->coef[0]) < 0)
        return sdp_map1(g, SDP_OP_log, f);
    sdp_id sum = sdp_map1(g, SDP_OP_log, sdp_number(g, n->coef[0]));
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_id part = logarithm(g, n->arg[i]);
        if (!part) return 0;
        sum = sdp_add2(g, sum, part);
    }
    return sum;
}

uint8_t sdp_log_convex(sdp_judge *j, sdp_id id, sdp_reason *why)
{
    sdp_graph *g = j->g;
    const sdp_node *n = sdp_get(g, id);
    bool candidate = n->kind == SDP_POW || n->kind == SDP_MUL || n->kind == SDP_MAP;
    if (n->order || j->depth || !candidate || !sdp_known_positive(g, id)) return 0;
    if (n->kind == SDP_POW && !sdp_known_positive(g, n->arg[0])) return 0;
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_judge part = *j;
    part.depth++;
    sdp_id l = logarithm(g, id);
    bool convex = l && (sdp_curvature(&part, sdp_simplify(g, l)) & SDP_CONVEX);
    sdp_scratch_release(&g->base, m);
    if (convex) *why = (sdp_reason){"its logarithm is convex", 0, true};
    return convex ? SDP_CONVEX : 0;
}
