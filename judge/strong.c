// SPDX-License-Identifier: MIT
// Strong convexity: the m > 0 with which f - m/2*norm(x)^2 is still convex, e.g. 2*lambda for
// norm(X*w-y)^2 + lambda*norm(w)^2.
//
// Every m is a guess: the constant weights of v'*v in the second derivative along v, a lower bound of
// its diagonal, or the smallest eigenvalue of a Hessian that does not depend on x. The guess is told
// only if the rest is convex by the rules of every other verdict, so that a bold guess does no harm;
// and points are asked to refute it.
#include <math.h>

#include "judge/judge.h"

enum { TRIALS = 250, PARTS = 1000, DEEPEST = 6 };

static sdp_id half_square(sdp_graph *g, sdp_id weight, sdp_id x)
{
    sdp_id s = sdp_power_num(g, x, SDP_NUM_TWO);
    if (sdp_get(g, x)->order) s = sdp_sum(g, s, (1u << sdp_get(g, x)->order) - 1);
    return sdp_scale(g, SDP_NUM_HALF, sdp_times(g, weight, s));
}

static bool moves(const sdp_judge *j, sdp_id id)
{
    for (uint32_t k = 0; k < j->n; k++)
        if (sdp_depends(j->g, id, j->wrt[k])) return true;
    return false;
}

// ---- guesses ----------------------------------------------------------------------------------------------
static sdp_id weight_of(const sdp_judge *j, sdp_id q, sdp_id v, int depth);

// Of a product of numbers that do not move and v'*v, or a sum with such terms.
static sdp_id weight_of_product(const sdp_judge *j, const sdp_node *n, sdp_id v, int depth)
{
    sdp_graph *g = j->g;
    sdp_id w = sdp_number(g, n->coef[0]), inner = 0;
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_id a = n->arg[i], square = sdp_power_num(g, v, SDP_NUM_TWO);
        if (a == square || (sdp_depends(g, a, v) && !sdp_get(g, a)->order)) {
            if (inner) return 0;
            inner = a == square ? sdp_number(g, SDP_NUM_ONE) : weight_of(j, a, v, depth);
        } else if (sdp_get(g, a)->order || sdp_depends(g, a, v) || moves(j, a)) return 0;
        else w = sdp_times(g, w, a);
    }
    return inner ? sdp_times(g, w, inner) : 0;
}

// The number w in the terms w*v'*v of q that do not move, all together; 0: there are none.
static sdp_id weight_of(const sdp_judge *j, sdp_id q, sdp_id v, int depth)
{
    sdp_graph *g = j->g;
    const sdp_node *n = sdp_get(g, q);
    sdp_id sum = 0;
    if (!depth) return 0;
    if (q == sdp_power_num(g, v, SDP_NUM_TWO) && !n->order) return sdp_number(g, SDP_NUM_ONE);
    if (n->kind == SDP_MUL && !n->order) return weight_of_product(j, n, v, depth - 1);
    for (uint32_t i = 0; n->kind == SDP_ADD && i < n->nargs; i++) {
        sdp_id w = weight_of(j, n->arg[i], v, depth - 1);
        if (!w) continue;
        w = sdp_scale(g, n->coef[i], w);
        sum = sum ? sdp_add2(g, sum, w) : w;
    }
    return sum;
}

static sdp_id constant_weight(const sdp_judge *j, sdp_id q, sdp_id v)
{
    sdp_graph *g = j->g;
    sdp_id w = weight_of(j, sdp_multiply_out_all(g, q), v, DEEPEST);
    if (!w) return 0;
    w = sdp_simplify(g, w);
    return sdp_has(g, w, SDP_NONNEG) && !sdp_is_zero(g, w) ? w : 0;
}

// The largest number of at most three decimals below all entries of h, where that is positive; else 0.
static sdp_id lower_bound(sdp_graph *g, sdp_id h)
{
    double lo = sdp_bounds_known(g, sdp_simplify(g, h)).lo;
    if (!(lo > 0) || lo > 1e6 || floor(lo * PARTS) < 1) return 0;
    return sdp_number(g, sdp_num_ratio(g, (long)floor(lo * PARTS), PARTS));
}

static sdp_id bounded_weight(sdp_graph *g, sdp_id q, sdp_id v)
{
    sdp_id one = sdp_number(g, SDP_NUM_ONE), grad, h;
    int order = sdp_get(g, v)->order;
    if (!order) return lower_bound(g, sdp_substitute(g, q, 1, &v, &one));
    sdp_reverse(g, q, 1, &v, &grad);
    sdp_reverse(g, grad, 1, &v, &h);
    h = sdp_simplify(g, sdp_scale(g, SDP_NUM_HALF, h));
    return sdp_is_diagonal_form(g, h, order) ? lower_bound(g, sdp_diagonal_of_form(g, h, order)) : 0;
}

// The smallest eigenvalue of a positive definite Hessian that is the same everywhere.
static sdp_id smallest_eigenvalue(const sdp_judge *j, sdp_id f)
{
    sdp_graph *g = j->g;
    sdp_id grad, h;
    if (j->n != 1 || sdp_get(g, j->wrt[0])->order != 1) return 0;
    sdp_reverse(g, f, 1, j->wrt, &grad);
    sdp_reverse(g, grad, 1, j->wrt, &h);
    h = sdp_simplify(g, h);
    if (moves(j, h) || !sdp_has(g, h, SDP_POSDEF)) return 0;
    h = sdp_scale(g, SDP_NUM_MINUS_ONE, h);
    return sdp_scale(g, SDP_NUM_MINUS_ONE, sdp_prim(g, SDP_OP_lambda_max, 1, &h, 0));
}

// ---- the test ---------------------------------------------------------------------------------------------
static bool is_refuted(const sdp_judge *j, sdp_id rest, unsigned seed)
{
    sdp_judge part = *j;
    sdp_witness w;
    sdp_find_witness(&part, rest, true, seed, TRIALS, &w);
    sdp_release(&j->g->base, w.text);
    return w.found;
}

static bool holds(const sdp_judge *j, sdp_id f, const sdp_id *weight, unsigned seed)
{
    sdp_graph *g = j->g;
    sdp_judge part = *j;
    for (uint32_t k = 0; k < j->n; k++) f = sdp_sub(g, f, half_square(g, weight[k], j->wrt[k]));
    f = sdp_simplify(g, f);
    return (sdp_curvature(&part, f) & SDP_CONVEX) && !is_refuted(j, f, seed);
}

static sdp_id smallest(sdp_graph *g, uint32_t n, const sdp_id *weight)
{
    sdp_id m = weight[0];
    for (uint32_t k = 1; k < n; k++) {
        sdp_num a, b;
        if (weight[k] == m) continue;
        if (sdp_is_number(g, m, &a) && sdp_is_number(g, weight[k], &b))
            m = sdp_num_cmp(g, a, b) <= 0 ? m : weight[k];
        else m = sdp_map(g, SDP_OP_min, (sdp_id[]){m, weight[k]});
    }
    return m;
}

// Fills weight[k] for every variable by the guess; false if it has none for one of them.
static bool guess(const sdp_judge *j, sdp_id f, bool by_bounds, sdp_id *weight)
{
    sdp_graph *g = j->g;
    for (uint32_t k = 0; k < j->n; k++) {
        sdp_id x = j->wrt[k];
        const sdp_node *n = sdp_get(g, x);
        if (n->order > 2) return false;
        uint32_t facts = sdp_facts(g, x).yes & (SDP_SYMMETRIC | SDP_DIAGONAL);
        sdp_id v = sdp_hidden_variable(g, sdp_printf(&g->base, "$v%u", x), n->order, n->dim, facts);
        sdp_id q = sdp_simplify(g, sdp_jvp(g, sdp_simplify(g, sdp_jvp(g, f, 1, &x, &v)), 1, &x, &v));
        weight[k] = by_bounds ? bounded_weight(g, q, v) : constant_weight(j, q, v);
        if (!weight[k]) return false;
    }
    return true;
}

sdp_id sdp_strong_convexity(sdp_judge *j, sdp_id f, unsigned seed, bool *positive)
{
    sdp_graph *g = j->g;
    sdp_id m = 0;
    sdp_id *weight = sdp_scratch(&g->base, j->n * sizeof *weight);
    for (int by_bounds = 0; by_bounds < 2 && !m; by_bounds++)
        if (guess(j, f, by_bounds != 0, weight) && holds(j, f, weight, seed)) m = smallest(g, j->n, weight);
    *positive = !m || sdp_known_positive(g, m);
    if (m) return m;
    m = smallest_eigenvalue(j, f);
    return m && !is_refuted(j, sdp_sub(g, f, half_square(g, m, j->wrt[0])), seed) ? m : 0;
}
