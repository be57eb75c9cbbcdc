// SPDX-License-Identifier: MIT
// Homogeneous functions, f(s*x) = s*f(x) for s > 0, with all variables together and on a cone. Two rules:
//
//   perspective   f(x,t) = t*f(x/t,1) for t > 0 has the curvature of f(x,1): t*exp(x/t)
//   level sets    u^e of a convex u >= 0 has the level sets of u, which are convex; a homogeneous function
//                 >= 0 with convex sets {f <= a} is convex, and one > 0 with convex sets {f >= a} is
//                 concave: 1/sum(1./x), 1/tr(inv(X)), sqrt(x'*A*x) (Boyd and Vandenberghe 2004, section
//                 3.4 and exercise 3.32)
#include "judge/judge.h"

// The variables of the node; 0: there are none, or one of them is in no cone.
static uint32_t variables_of(const sdp_judge *j, sdp_id id, sdp_id *x)
{
    static const uint32_t cones = SDP_NONNEG | SDP_POSITIVE | SDP_SYMMETRIC | SDP_PSD | SDP_POSDEF |
                                  SDP_DIAGONAL | SDP_TRI_LOWER | SDP_TRI_UPPER;
    sdp_graph *g = j->g;
    uint32_t n = 0;
    for (uint32_t i = 0; i < j->n; i++) {
        if (!sdp_depends(g, id, j->wrt[i])) continue;
        if (g->var[sdp_get(g, j->wrt[i])->param].facts & ~cones) return 0;
        x[n++] = j->wrt[i];
    }
    return n;
}

// f(s*x) = s*f(x) for s > 0, all variables together?
static bool is_homogeneous(sdp_graph *g, sdp_id f, uint32_t n, const sdp_id *x)
{
    sdp_id s = sdp_hidden_variable(g, "$s>0", 0, NULL, SDP_POSITIVE | SDP_NONNEG),
           *scaled = sdp_scratch(&g->base, n * sizeof *scaled);
    for (uint32_t i = 0; i < n; i++) scaled[i] = sdp_times(g, s, x[i]);
    sdp_id d = sdp_simplify(g, sdp_sub(g, sdp_substitute(g, f, n, x, scaled), sdp_times(g, s, f)));
    return sdp_is_zero(g, d) || sdp_vanishes(g, d);
}

// ---- level sets -------------------------------------------------------------------------------------------
// Returns the curvature of u^e, provided that it is homogeneous. If e < 0, it has a value only where u > 0.
static uint8_t shape_of_power(sdp_judge *j, sdp_id u, sdp_num e)
{
    sdp_graph *g = j->g;
    int sign = sdp_num_sign(g, e);
    if (j->curve[u] & SDP_CONVEX && sdp_has(g, u, SDP_NONNEG)) return sign > 0 ? SDP_CONVEX : SDP_CONCAVE;
    return j->curve[u] & SDP_CONCAVE && sign > 0 && sdp_known_positive(g, u) ? SDP_CONCAVE : 0;
}

static uint8_t by_level_sets(sdp_judge *j, sdp_id id, uint32_t n, const sdp_id *x, sdp_reason *why)
{
    sdp_graph *g = j->g;
    const sdp_node *power = sdp_get(g, id);
    sdp_num e;
    if (power->kind != SDP_POW || !sdp_is_number(g, power->arg[1], &e)) return 0;
    uint8_t c = shape_of_power(j, power->arg[0], e);
    if (!c || !is_homogeneous(g, id, n, x)) return 0;
    bool base_is_convex = (j->curve[power->arg[0]] & SDP_CONVEX) != 0;
    *why = (sdp_reason){sdp_printf(&g->base, "homogeneous of degree 1, and a power of a %s function",
                                   base_is_convex ? "nonnegative convex" : "positive concave"),
                        0, false};
    return c;
}

// ---- perspectives -----------------------------------------------------------------------------------------
static uint8_t by_perspective(sdp_judge *j, sdp_id id, uint32_t n, sdp_id *x, sdp_reason *why)
{
    sdp_graph *g = j->g;
    sdp_id one = sdp_number(g, SDP_NUM_ONE);
    uint32_t at = n;
    for (uint32_t i = 0; i < n; i++)
        if (sdp_get(g, x[i])->order == 0 && sdp_known_positive(g, x[i])) at = i;
    if (n < 2 || at == n || !is_homogeneous(g, id, n, x)) return 0;
    sdp_id t = x[at];
    x[at] = x[n - 1];
    sdp_judge part = {.g = g, .n = n - 1, .wrt = x, .depth = j->depth + 1};
    uint8_t c = sdp_curvature(&part, sdp_substitute(g, id, 1, &t, &one)) & SDP_AFFINE;
    if (c)
        *why = (sdp_reason){sdp_printf(&g->base,
                                       "homogeneous of degree 1: the perspective of the same with %s = 1",
                                       g->var[sdp_get(g, t)->param].name),
                            0, true};
    return c;
}

uint8_t sdp_homogeneous_curvature(sdp_judge *j, sdp_id id, sdp_reason *why)
{
    sdp_graph *g = j->g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_id *x = sdp_scratch(&g->base, (j->n + 1) * sizeof *x);
    uint32_t n = sdp_get(g, id)->order || j->depth ? 0 : variables_of(j, id, x);
    uint8_t c = n ? by_level_sets(j, id, n, x, why) : 0;
    if (n && !c) c = by_perspective(j, id, n, x, why);
    sdp_scratch_release(&g->base, m);
    return c;
}
