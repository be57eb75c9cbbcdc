// SPDX-License-Identifier: MIT
// Curvature by composition: f(u) is convex if f is and u is affine, if f is convex and increasing and u is
// convex, or if f is convex and decreasing and u is concave; alike with several arguments (Boyd and
// Vandenberghe 2004, section 3.2.4). One loop over the ids.
//
// The curvature and the monotonicity of a smooth function of the table are no columns: they are the
// signs of its second and of its first derivative, which follow from the column of derivatives, the
// facts and the bounds of the argument. Only functions with kinks, and primitives, have a row below.
// A curvature that composition leaves open is asked of the second derivative (second.c), which sees no
// kinks and is not asked where there are any.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/judge.h"

enum { UP = 1, DOWN = 2 }; // increasing, decreasing (not strictly)

// The curvature of f(u) from the curvature of f, its direction in u, and the curvature of u.
static uint8_t composed(uint8_t f, int direction, uint8_t u)
{
    if (u == SDP_CONSTANT) return SDP_CONSTANT;
    if ((u & SDP_AFFINE) == SDP_AFFINE) return f & SDP_AFFINE;
    uint8_t keeps = (direction & UP ? u : 0) | (direction & DOWN ? sdp_mirrored(u) : 0);
    return f & keeps & SDP_AFFINE;
}

static bool is_nonpos(sdp_judge *j, sdp_id id) { return sdp_bounds_there(j, id).hi <= 0; }

// ---- sums and products ------------------------------------------------------------------------------------
static uint8_t of_sum(sdp_judge *j, const sdp_node *n)
{
    uint8_t c = SDP_CONSTANT;
    for (uint32_t i = 0; i < n->nargs; i++) {
        uint8_t t = j->curve[n->arg[i]];
        c &= sdp_num_sign(j->g, n->coef[i]) < 0 ? sdp_mirrored(t) : t;
    }
    return c;
}

// A product with one factor that moves is linear in it, with the other factors as weights. Constant factors
// of either sign keep only what is affine.
static uint8_t of_product(sdp_judge *j, const sdp_node *n)
{
    uint32_t moving = n->nargs, count = 0;
    int sign = sdp_num_sign(j->g, n->coef[0]) < 0 ? -1 : 1;
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (j->curve[n->arg[i]] == SDP_CONSTANT)
            sign *= sdp_is_nonneg_there(j, n->arg[i]) ? 1 : is_nonpos(j, n->arg[i]) ? -1 : 0;
        else moving = i, count++;
    }
    if (count == 0) return SDP_CONSTANT;
    if (count > 1) return 0;
    uint8_t c = j->curve[n->arg[moving]];
    if ((c & SDP_AFFINE) == SDP_AFFINE) return SDP_AFFINE;
    return sign > 0 ? c : sign < 0 ? sdp_mirrored(c) : 0;
}

// ---- powers -----------------------------------------------------------------------------------------------
// t^e on the interval where t lies: the curvature, and the direction
static uint8_t shape_of_power(sdp_bounds t, double e, bool whole, bool even, int *direction)
{
    bool right = t.lo >= 0, left = t.hi <= 0, away = t.lo > 0 || (t.lo == 0 && t.lo_open);
    *direction = 0;
    if (!whole) right = true, away = true; // a real power has the domain t >= 0, or t > 0
    if (right) *direction = e > 0 ? UP : DOWN;
    if (left && whole) *direction = even == (e > 0) ? DOWN : UP;
    if (whole && even && e > 0) return SDP_CONVEX;
    if (e < 0)
        return right && away                              ? SDP_CONVEX
               : left && whole && (t.hi < 0 || t.hi_open) ? (even ? SDP_CONVEX : SDP_CONCAVE)
                                                          : 0;
    if (e > 1) return right ? SDP_CONVEX : left && whole ? SDP_CONCAVE : 0;
    return e > 0 ? SDP_CONCAVE : 0;
}

// Of an affine base with the sign that the interval has.
static const char *rule_of_power(double e, bool even, bool right)
{
    if (even && e > 0) return "an even power of an affine function";
    if (e < 0)
        return right ? "a negative power of an affine function, which is positive"
                     : "a negative power of an affine function, which is negative";
    if (e < 1) return "a root of an affine function, which is nonnegative";
    return right ? "a power of an affine function, which is nonnegative"
                 : "a power of an affine function, which is nonpositive";
}

// u^k with a declared integer k: convex where u is positive, and where u is nonnegative if k is.
static uint8_t of_whole_power(sdp_judge *j, const sdp_node *n, sdp_reason *why)
{
    sdp_graph *g = j->g;
    bool rises = sdp_is_nonneg_there(j, n->arg[1]),
         right = sdp_known_positive(g, n->arg[0]) || (rises && sdp_is_nonneg_there(j, n->arg[0]));
    if (!(sdp_facts(g, n->arg[1]).yes & SDP_INTEGER) || !right) return 0;
    uint8_t c = composed(SDP_CONVEX, rises ? UP : 0, j->curve[n->arg[0]]);
    if (c)
        *why =
            (sdp_reason){rises ? "a whole power of what is nonnegative" : "a whole power of what is positive",
                         0, false};
    return c;
}

static bool has_value_everywhere(sdp_graph *g, sdp_id u)
{
    uint32_t count;
    sdp_num e;
    const sdp_id *list = sdp_reachable(g, 1, &u, &count);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = sdp_get(g, list[i]);
        if (n->kind == SDP_PRIM || n->kind == SDP_CALL || (n->kind == SDP_MAP && sdp_ops[n->op].domain))
            return false;
        if (n->kind == SDP_POW &&
            !(sdp_is_number(g, n->arg[1], &e) && sdp_num_is_int(g, e) && sdp_num_sign(g, e) > 0))
            return false;
    }
    return true;
}

// A convex function whose gradient is 0 at 0 is nowhere smaller than there: x^2+x*y+y^2 is nonnegative.
static bool is_least_at_zero(sdp_judge *j, sdp_id u)
{
    sdp_graph *g = j->g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_id *zero = sdp_scratch(&g->base, j->n * sizeof *zero),
           *grad = sdp_scratch(&g->base, j->n * sizeof *grad);
    bool least = !sdp_get(g, u)->order && has_value_everywhere(g, u);
    for (uint32_t i = 0; i < j->n; i++) {
        const sdp_node *x = sdp_get(g, j->wrt[i]);
        zero[i] = sdp_zeros(g, x->order, x->dim);
        least &= !sdp_has(g, j->wrt[i], SDP_NONNEG) && !sdp_has(g, j->wrt[i], SDP_PSD);
    }
    if (least) {
        sdp_reverse(g, u, j->n, j->wrt, grad);
        for (uint32_t i = 0; i < j->n; i++)
            least &= sdp_is_zero(g, sdp_simplify(g, sdp_substitute(g, grad[i], j->n, j->wrt, zero)));
        least &= sdp_known_nonneg(g, sdp_simplify(g, sdp_substitute(g, u, j->n, j->wrt, zero)));
    }
    sdp_scratch_release(&g->base, m);
    return least;
}

static uint8_t of_power(sdp_judge *j, const sdp_node *n, sdp_reason *why)
{
    sdp_graph *g = j->g;
    sdp_num e;
    long k;
    double p;
    int direction;
    uint8_t base = j->curve[n->arg[0]], exponent = j->curve[n->arg[1]];
    uint8_t of_det = exponent == SDP_CONSTANT ? sdp_power_of_det(j, n, why) : 0;
    if (of_det) return of_det;
    if (exponent != SDP_CONSTANT) // b^u = exp(u*log(b)) with a constant b > 0
        return base == SDP_CONSTANT && sdp_known_positive(g, n->arg[0])
                   ? composed(SDP_CONVEX, sdp_bounds_there(j, n->arg[0]).lo >= 1 ? UP : 0, exponent)
                   : 0;
    if (!sdp_is_number(g, n->arg[1], &e)) return of_whole_power(j, n, why);
    bool whole = sdp_num_is_int(g, e), even = whole && sdp_num_long(g, e, &k) && k % 2 == 0;
    if (sdp_is_norm_power(j, n->arg[0], false, &p) && sdp_num_double(g, e) * p >= 1) {
        *why = (sdp_reason){"a norm of an affine function, to a power of at least 1", 0, true};
        return SDP_CONVEX;
    }
    sdp_bounds t = sdp_bounds_there(j, n->arg[0]);
    if (t.lo < 0 && base == SDP_CONVEX && is_least_at_zero(j, n->arg[0])) t.lo = 0, t.lo_open = false;
    uint8_t f = shape_of_power(t, sdp_num_double(g, e), whole, even, &direction);
    uint8_t c = composed(f, direction, base);
    if (c)
        *why =
            (sdp_reason){base == SDP_AFFINE ? rule_of_power(sdp_num_double(g, e), even, !whole || t.lo >= 0)
                         : direction & UP   ? "an increasing power"
                                            : "a decreasing power",
                         0, base == SDP_AFFINE};
    return c;
}

// ---- functions --------------------------------------------------------------------------------------------
// A function whose second derivative does not tell, for it is blind to kinks; or a primitive.
static uint8_t of_row(sdp_judge *j, const sdp_node *n, sdp_reason *why)
{
    const sdp_bend *row = &sdp_ops[n->op].curve;
    uint8_t c = row->bends;
    uint32_t args = n->kind == SDP_PRIM ? 1 : n->nargs;
    if (row->composes == SDP_CURVE_psd && !sdp_has(j->g, n->arg[0], SDP_PSD)) return 0;
    for (uint32_t i = 0; i < args; i++) {
        bool up = row->composes == SDP_CURVE_up ||
                  (row->composes == SDP_CURVE_size && sdp_is_nonneg_there(j, n->arg[i])),
             down = row->composes == SDP_CURVE_size && is_nonpos(j, n->arg[i]);
        if (j->curve[n->arg[i]] != SDP_CONSTANT)
            c &= composed(row->bends, (up ? UP : 0) | (down ? DOWN : 0), j->curve[n->arg[i]]);
    }
    if (c) *why = (sdp_reason){row->rule, 0, false};
    return c;
}

// A variable t for any number in the interval, and what stands for the
// argument: lo+t or hi-t with t >= 0, or t.
static sdp_id sample(sdp_graph *g, sdp_bounds b, sdp_id *t)
{
    bool left = !isinf(b.lo), right = !left && !isinf(b.hi), open = left ? b.lo_open : b.hi_open;
    uint32_t facts = !left && !right ? 0 : open ? SDP_POSITIVE | SDP_NONNEG : SDP_NONNEG;
    *t = sdp_hidden_variable(g, facts & SDP_POSITIVE ? "$t>0" : facts ? "$t>=0" : "$t", 0, NULL, facts);
    if (!facts) return *t;
    sdp_id end = sdp_number(g, sdp_num_of_double(g, left ? b.lo : b.hi));
    return left ? sdp_add2(g, end, *t) : sdp_sub(g, end, *t);
}

static int sign_of(sdp_graph *g, sdp_id id)
{
    if (sdp_scalar_is_nonneg(g, id)) return 1;
    return sdp_scalar_is_nonneg(g, sdp_negated(g, id)) ? -1 : sdp_sign_by_slope(g, id);
}

// Where a function of one argument has a value: x>0, x>=0, x>=1, x>-1. Arguments
// that are not there do not matter.
static sdp_bounds in_domain(const sdp_op *op, sdp_bounds b)
{
    const char *d = op->domain;
    double at = d && d[0] == 'x' && d[1] == '>' ? (double)strtol(d + 2 + (d[2] == '='), NULL, 10) : -INFINITY;
    if (at > b.lo || (at >= b.lo && d && d[2] != '=')) b.lo = at, b.lo_open = d[2] != '=';
    return b;
}

// A smooth function of one argument, by the signs of its derivatives on the interval of the argument.
static uint8_t of_smooth(sdp_judge *j, const sdp_node *n, sdp_reason *why)
{
    sdp_graph *g = j->g;
    const sdp_op *op = &sdp_ops[n->op];
    // cbrt, away from 0
    bool smooth = !op->kink || (!strncmp(op->kink, "x==0", 4) && sdp_known_positive(g, n->arg[0]));
    if (n->nargs != 1 || !smooth || !op->d[0]) return 0;
    sdp_bounds b = in_domain(op, sdp_bounds_there(j, n->arg[0]));
    sdp_id t, u = sample(g, b, &t), f = sdp_map(g, n->op, &u), d1, d2;
    sdp_reverse(g, f, 1, &t, &d1);
    sdp_reverse(g, d1, 1, &t, &d2);
    d1 = sdp_simplify(g, d1);
    d2 = sdp_simplify(g, d2);
    bool turned = isinf(b.lo) && !isinf(b.hi);
    int first = sign_of(g, d1) * (turned ? -1 : 1), second = sdp_is_zero(g, d2) ? 0 : sign_of(g, d2);
    uint8_t shape = sdp_is_zero(g, d2) ? SDP_AFFINE : second > 0 ? SDP_CONVEX : second < 0 ? SDP_CONCAVE : 0;
    uint8_t c = composed(shape, first > 0 ? UP : first < 0 ? DOWN : 0, j->curve[n->arg[0]]);
    if (c)
        *why = (sdp_reason){sdp_printf(&g->base, "%s is %s%s%s", op->name, second > 0 ? "convex" : "concave",
                                       first > 0   ? " and increasing"
                                       : first < 0 ? " and decreasing"
                                                   : "",
                                       isinf(b.lo) && isinf(b.hi) ? "" : " on the interval of its argument"),
                            0, false};
    return c;
}

static uint8_t of_function(sdp_judge *j, const sdp_node *n, sdp_reason *why)
{
    bool still = true;
    for (uint32_t i = 0; i < n->nargs; i++) still &= j->curve[n->arg[i]] == SDP_CONSTANT;
    if (still) return SDP_CONSTANT;
    if (n->kind != SDP_CALL && sdp_ops[n->op].curve.bends) return of_row(j, n, why);
    if (n->kind != SDP_MAP) return 0;
    if (n->op == SDP_OP_where && j->curve[n->arg[0]] == SDP_CONSTANT)
        return j->curve[n->arg[1]] & j->curve[n->arg[2]] & SDP_AFFINE;
    return of_smooth(j, n, why);
}

// A function that is only declared: what is declared of it holds of all its arguments together.
static uint8_t of_call(sdp_judge *j, const sdp_node *n, sdp_reason *why)
{
    static const char *const words[] = {NULL, "convex", "concave", "affine"};
    bool still = true;
    for (uint32_t i = 0; i < n->nargs; i++) still &= j->curve[n->arg[i]] == SDP_CONSTANT;
    if (still) return SDP_CONSTANT;
    const sdp_variable *f = &j->g->var[n->param];
    uint8_t c = (f->curve & SDP_IS_CONVEX ? SDP_CONVEX : 0) | (f->curve & SDP_IS_CONCAVE ? SDP_CONCAVE : 0),
            shape = c;
    int direction = (f->curve & SDP_IS_INCREASING ? UP : 0) | (f->curve & SDP_IS_DECREASING ? DOWN : 0);
    if (n->nlabels) return 0; // a derivative
    for (uint32_t i = 0; i < n->nargs; i++) {
        uint8_t u = j->curve[n->arg[i]];
        if (u != SDP_CONSTANT) c &= composed(shape, direction, u);
    }
    if (c)
        *why = (sdp_reason){sdp_printf(&j->g->base, "%s is declared %s%s", f->name, words[shape],
                                       direction == UP     ? " and increasing"
                                       : direction == DOWN ? " and decreasing"
                                                           : ""),
                            0, false};
    return c;
}

// ---- the loop ---------------------------------------------------------------------------------------------
static bool is_variable(const sdp_judge *j, sdp_id id)
{
    for (uint32_t i = 0; i < j->n; i++)
        if (j->wrt[i] == id) return true;
    return false;
}

static uint8_t of_node(sdp_judge *j, sdp_id id, sdp_reason *why)
{
    const sdp_node *n = sdp_get(j->g, id);
    switch (n->kind) {
    case SDP_VAR: return is_variable(j, id) ? SDP_AFFINE : SDP_CONSTANT;
    case SDP_ADD: return of_sum(j, n);
    case SDP_MUL: return of_product(j, n);
    case SDP_POW: return of_power(j, n, why);
    case SDP_MAP:
    case SDP_PRIM: return of_function(j, n, why);
    case SDP_CALL: return of_call(j, n, why);
    default: return SDP_CONSTANT;
    }
}

enum { MOST_EFFORT = 1000 };

uint8_t sdp_curvature(sdp_judge *j, sdp_id root)
{
    uint32_t count;
    const sdp_id *list = sdp_reachable(j->g, 1, &root, &count);
    j->curve = sdp_scratch(&j->g->base, (root + (size_t)1) * sizeof *j->curve);
    j->why = sdp_scratch(&j->g->base, (root + (size_t)1) * sizeof *j->why);
    uint64_t effort = 0; // nodes below those that the rules of composition leave open: each is derived twice
    for (uint32_t i = 0; i < count; i++) {
        sdp_id id = list[i];
        sdp_reason why = {0};
        uint8_t c = of_node(j, id, &why);
        bool open = !(c & SDP_AFFINE) && (id == root || (effort += i) <= MOST_EFFORT);
        if (open) c = sdp_trace_curvature(j, id, &why);
        if (open && !(c & SDP_AFFINE)) c = sdp_second_order(j, id, &why);
        if (open && !(c & SDP_AFFINE)) c = sdp_piecewise(j, id, &why);
        if (open && !(c & SDP_AFFINE)) c = sdp_norm_curvature(j, id, &why);
        if (open && !(c & SDP_AFFINE)) c = sdp_homogeneous_curvature(j, id, &why);
        if (open && !(c & SDP_AFFINE)) c = sdp_log_convex(j, id, &why);
        j->curve[id] = c;
        j->why[id] = why;
    }
    return j->curve[root];
}
