// SPDX-License-Identifier: MIT
// A positive f is convex if log(f) is: 1/(x*y), x^x, gamma(x), 1/normcdf(x). The logarithm of a product is
// taken factor by factor, so that composition and second derivatives see a sum.
#include "judge/judge.h"

enum { MOST_FACTORS = 16 };

sdp_id sdp_log_of_positive(sdp_graph *g, sdp_id f)
{
    const sdp_node *n = sdp_get(g, f);
    if (!sdp_known_positive(g, f)) return 0;
    if (n->kind == SDP_POW && sdp_known_positive(g, n->arg[0]))
        return sdp_times(g, n->arg[1], sdp_log_of_positive(g, n->arg[0]));
    if (n->kind == SDP_MAP && n->op == SDP_OP_cbrt)
        return sdp_scale(g, sdp_num_ratio(g, 1, 3), sdp_log_of_positive(g, n->arg[0]));
    if (n->kind != SDP_MUL || n->nlabels || n->nargs > MOST_FACTORS || sdp_num_sign(g, n->coef[0]) < 0)
        return sdp_map1(g, SDP_OP_log, f);
    sdp_id sum = sdp_map1(g, SDP_OP_log, sdp_number(g, n->coef[0]));
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_id part = sdp_log_of_positive(g, n->arg[i]);
        if (!part) return sdp_map1(g, SDP_OP_log, f);
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
    sdp_id l = sdp_log_of_positive(g, id);
    bool convex = l && (sdp_curvature(&part, sdp_simplify(g, l)) & SDP_CONVEX);
    sdp_scratch_release(&g->base, m);
    if (convex) *why = (sdp_reason){"its logarithm is convex", 0, true};
    return convex ? SDP_CONVEX : 0;
}
