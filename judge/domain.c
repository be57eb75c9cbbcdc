// SPDX-License-Identifier: MIT
// Where the function that is judged has a value: signs that hold there, and domains in two parts.
//
// A function is convex on a convex set only. 1/(c'*x+d) has values on both sides of c'*x+d = 0 and is judged
// on one of them, u > 0, where u is affine or concave; x/tanh(x) has none at 0, but is continued to it, for
// both its factors are 0 there, and 1/sinh(x) has a simple pole.
#include "judge/judge.h"

// ---- signs ------------------------------------------------------------------------------------------------
sdp_id sdp_larger_by(sdp_graph *g, sdp_id condition, bool *strict)
{
    const sdp_node *n = sdp_get(g, condition);
    return n->kind == SDP_MAP && n->nargs == 2 ? sdp_ordered_difference(g, n->op, n->arg, strict) : 0;
}

sdp_bounds sdp_bounds_there(const sdp_judge *j, sdp_id id)
{
    sdp_graph *g = j->g;
    sdp_bounds b = sdp_bounds_known(g, id);
    for (uint32_t k = 0; k < j->ndomain; k++) {
        bool strict;
        sdp_id u = sdp_larger_by(g, j->domain[k], &strict);
        if (!u) continue;
        if (u == id && (b.lo < 0 || (b.lo <= 0 && strict))) b.lo = 0, b.lo_open = strict;
        if (sdp_negated(g, u) == id && (b.hi > 0 || (b.hi >= 0 && strict))) b.hi = 0, b.hi_open = strict;
    }
    return b;
}

bool sdp_is_nonneg_there(const sdp_judge *j, sdp_id id)
{
    return sdp_has(j->g, id, SDP_NONNEG) || sdp_bounds_there(j, id).lo >= 0;
}

bool sdp_is_positive_there(const sdp_judge *j, sdp_id id)
{
    sdp_bounds b = sdp_bounds_there(j, id);
    return b.lo > 0 || (b.lo >= 0 && b.lo_open);
}

// ---- two parts --------------------------------------------------------------------------------------------
// a'*P*a with a positive definite P is 0 just where a is; what does not depend on the variables cuts nothing.
static bool vanishes_with_constants(const sdp_judge *j, const sdp_node *n)
{
    sdp_graph *g = j->g;
    uint32_t matrices = 0, vectors = 0;
    if (n->kind != SDP_MUL || n->order || n->nlabels != 2) return false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        int order = sdp_get(g, n->arg[i])->order;
        const uint8_t *l = sdp_labels(g, n, i);
        if (order == 2 && l[0] != l[1] && sdp_has(g, n->arg[i], SDP_POSDEF)) matrices++;
        else if (order == 1 && j->curve[n->arg[i]] == SDP_CONSTANT) vectors++;
        else return false;
    }
    return matrices == 1 && vectors == 2;
}

sdp_hole sdp_hole_of(sdp_judge *j, sdp_id condition, sdp_id *u)
{
    sdp_graph *g = j->g;
    const sdp_node *n = condition ? sdp_get(g, condition) : NULL;
    if (!n || n->kind != SDP_MAP || n->op != SDP_OP_ne || n->order || !sdp_is_zero(g, n->arg[1]))
        return SDP_LEAVES_NO_SET;
    *u = n->arg[0];
    sdp_curvature(j, *u);
    if (vanishes_with_constants(j, sdp_get(g, *u))) return SDP_LEAVES_ALL;
    if (j->curve[*u] & SDP_CONCAVE && sdp_get(g, *u)->kind != SDP_VAR) return SDP_LEAVES_PARTS;
    return SDP_LEAVES_NO_SET;
}

// ---- continuation -----------------------------------------------------------------------------------------
// The affine function of the number x where whose zero u has its only one, which is simple: x-1, sinh(2*x)
static sdp_id zero_of(sdp_graph *g, sdp_id u, sdp_id x)
{
    const sdp_node *n = sdp_get(g, u);
    sdp_id slope;
    if (n->kind == SDP_MAP && sdp_ops[n->op].is_signed && !sdp_ops[n->op].kink) u = n->arg[0];
    sdp_reverse(g, u, 1, &x, &slope);
    slope = sdp_simplify(g, slope);
    return sdp_depends(g, slope, x) || !sdp_known_positive(g, sdp_power_num(g, slope, SDP_NUM_TWO)) ? 0 : u;
}

// Is f, which has values but where u = 0, smooth there if it gets the right value: f = N/u with N = 0?
bool sdp_is_continued(const sdp_judge *j, sdp_id f, sdp_id u)
{
    sdp_graph *g = j->g;
    sdp_id x = j->wrt[0], one = sdp_number(g, SDP_NUM_ONE), zero = sdp_number(g, SDP_NUM_ZERO), slope;
    const sdp_node *n = sdp_get(g, f);
    if (j->n != 1 || sdp_get(g, x)->order || n->kind != SDP_MUL || n->order) return false;
    uint32_t at = 0;
    sdp_id inverse = sdp_power_num(g, u, SDP_NUM_MINUS_ONE);
    while (at < n->nargs && n->arg[at] != inverse) at++;
    sdp_id a = zero_of(g, u, x);
    if (at == n->nargs || !a) return false;
    sdp_id above = sdp_with_factor(g, n, at, one);
    sdp_reverse(g, a, 1, &x, &slope);
    sdp_id b = sdp_substitute(g, a, 1, &x, &zero);
    sdp_id root =
        sdp_simplify(g, sdp_negated(g, sdp_times(g, b, sdp_power_num(g, slope, SDP_NUM_MINUS_ONE))));
    sdp_id there = sdp_simplify(g, sdp_substitute(g, above, 1, &x, &root));
    return sdp_is_smooth_everywhere(g, above) && sdp_is_zero(g, there);
}
