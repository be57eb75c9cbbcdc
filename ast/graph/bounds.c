// SPDX-License-Identifier: MIT
// Bounds: an interval that holds every entry of a node, for all values of the variables.
//
// Problem: 2-sin(x) and 1-tanh(x)^2 are positive, and no sign of their terms says so. Idea: interval
// arithmetic (R. E. Moore 1966) beside the facts, in the same loop over ids: a function has the bounds of its
// range in the table, sums and entry-wise products combine those of their arguments, and facts.c reads a sign
// off the interval. An end that is not attained is open: tanh(x) < 1, so that 1-tanh(x)^2 > 0 and not only >=
// 0. Invariant: the interval is never too small. Ends are doubles; a result that is not exact is widened by
// one unit in the last place.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ast/graph/facts.h"

static const sdp_bounds everything = {-INFINITY, INFINITY, true, true};

// ---- arithmetic of ends -----------------------------------------------------------------------------------
typedef struct {
    double v;
    bool open;
} end;

static end low(sdp_bounds b) { return (end){b.lo, b.lo_open}; }
static end high(sdp_bounds b) { return (end){b.hi, b.hi_open}; }

// The end v, moved outwards unless it is exact.
static double outwards(double v, bool exact, bool up)
{
    return exact || isinf(v) ? v : nextafter(v, up ? INFINITY : -INFINITY);
}

static end sum_of(end a, end b, bool up)
{
    if (isinf(a.v) || isinf(b.v)) return (end){up ? INFINITY : -INFINITY, true};
    double s = a.v + b.v, t = s - a.v;
    return (end){outwards(s, (a.v - (s - t)) + (b.v - t) == 0, up), a.open || b.open};
}

static end product_of(end a, end b, bool up)
{
    if (a.v == 0 || b.v == 0) return (end){0, !((a.v == 0 && !a.open) || (b.v == 0 && !b.open))};
    double p = a.v * b.v;
    return (end){outwards(p, isinf(p) || fma(a.v, b.v, -p) == 0, up), a.open || b.open};
}

static bool is_outside(end a, end b, bool up)
{
    return (up ? a.v > b.v : a.v < b.v) || (a.v == b.v && !a.open && b.open);
}

static sdp_bounds make(end lo, end hi) { return (sdp_bounds){lo.v, hi.v, lo.open, hi.open}; }

static sdp_bounds plus(sdp_bounds a, sdp_bounds b)
{
    return make(sum_of(low(a), low(b), false), sum_of(high(a), high(b), true));
}

static sdp_bounds times(sdp_bounds a, sdp_bounds b)
{
    end x[2] = {low(a), high(a)}, y[2] = {low(b), high(b)}, lo = product_of(x[0], y[0], false),
        hi = product_of(x[0], y[0], true);
    for (int k = 1; k < 4; k++) {
        end down = product_of(x[k / 2], y[k % 2], false), up = product_of(x[k / 2], y[k % 2], true);
        if (is_outside(down, lo, false)) lo = down;
        if (is_outside(up, hi, true)) hi = up;
    }
    return make(lo, hi);
}

static sdp_bounds both(sdp_bounds a, sdp_bounds b) // the smallest interval around the two
{
    return make(is_outside(low(b), low(a), false) ? low(b) : low(a),
                is_outside(high(b), high(a), true) ? high(b) : high(a));
}

static sdp_bounds common(sdp_bounds a, sdp_bounds b) // what is in both; a value is in each
{
    return make(is_outside(low(a), low(b), false) ? low(b) : low(a),
                is_outside(high(a), high(b), true) ? high(b) : high(a));
}

static const sdp_bounds zero = {0, 0, false, false}, unit = {0, 1, false, false};

// ---- nodes ------------------------------------------------------------------------------------------------
static sdp_bounds of_number(const sdp_graph *g, sdp_num v)
{
    double d = sdp_num_double(g, v);
    long k;
    bool exact = sdp_num_long(g, v, &k) && fabs((double)k) < 0x1p52;
    return (sdp_bounds){outwards(d, exact, false), outwards(d, exact, true), !exact, !exact};
}

static sdp_bounds of_sum(const sdp_graph *g, const sdp_node *n)
{
    sdp_bounds s = zero;
    for (uint32_t i = 0; i < n->nargs; i++)
        s = plus(s, times(of_number(g, n->coef[i]), sdp_bounds_of(g, n->arg[i])));
    return s;
}

// Of a product without summed labels each entry is a product of entries; a repeated output label leaves zeros
// beside them. A sum of products is only known to be on one side of 0.
static sdp_bounds of_product(const sdp_graph *g, const sdp_node *n)
{
    sdp_bounds p = of_number(g, n->coef[0]);
    for (uint32_t i = 0; i < n->nargs; i++) p = times(p, sdp_bounds_of(g, n->arg[i]));
    uint64_t shown = 0;
    bool holes = false;
    const uint8_t *out = sdp_labels(g, n, n->nargs);
    for (int k = 0; k < n->order; k++) holes |= shown >> out[k] & 1, shown |= 1ull << out[k];
    if (holes) p = both(p, zero);
    if ((uint32_t)__builtin_popcountll(shown) == n->nlabels) return p;
    return (sdp_bounds){p.lo < 0 ? -INFINITY : 0, p.hi > 0 ? INFINITY : 0, p.lo<0, p.hi> 0};
}

// |b|
static sdp_bounds magnitude(sdp_bounds b)
{
    sdp_bounds mirrored = {-b.hi, -b.lo, b.hi_open, b.lo_open};
    if (b.lo >= 0) return b;
    if (b.hi <= 0) return mirrored;
    sdp_bounds wide = both(b, mirrored);
    return (sdp_bounds){0, wide.hi, false, wide.hi_open};
}

// An end of b^k, k >= 1: its sign, and |end|^k.
static end power_of(end b, long k, bool up)
{
    end p = b, m = {fabs(b.v), b.open};
    for (long i = 1; i < k; i++) p = product_of(p, m, up);
    return p;
}

static sdp_bounds whole_power(sdp_bounds b, long k)
{
    if (k % 2 == 0) b = magnitude(b);
    return make(power_of(low(b), k, false), power_of(high(b), k, true));
}

// 1/b for b on one side of 0
static sdp_bounds reciprocal(sdp_bounds b)
{
    if (b.lo < 0 && b.hi > 0) return everything;
    double lo = b.hi == 0 ? -INFINITY : 1 / b.hi, hi = b.lo == 0 ? INFINITY : 1 / b.lo;
    bool lo_exact = isinf(b.hi) || fma(lo, b.hi, -1) == 0, hi_exact = isinf(b.lo) || fma(hi, b.lo, -1) == 0;
    return (sdp_bounds){outwards(lo, lo_exact, false), outwards(hi, hi_exact, true), b.hi_open || isinf(lo),
                        b.lo_open || isinf(hi)};
}

static sdp_bounds of_power(const sdp_graph *g, const sdp_node *n)
{
    enum { MOST = 64 };
    sdp_num e;
    long k;
    sdp_bounds b = sdp_bounds_of(g, n->arg[0]);
    if (!sdp_is_number(g, n->arg[1], &e)) return everything;
    if (sdp_num_long(g, e, &k) && k != 0 && labs(k) <= MOST)
        return k > 0 ? whole_power(b, k) : reciprocal(whole_power(b, -k));
    if (b.lo < 0) b.lo = 0, b.lo_open = false; // a real power has no other base
    double p = sdp_num_double(g, e), lo = pow(b.lo, p), hi = pow(b.hi, p);
    sdp_bounds r = p > 0 ? (sdp_bounds){lo, hi, b.lo_open, b.hi_open || isinf(hi)}
                         : (sdp_bounds){hi, lo, b.hi_open, b.lo_open || isinf(lo)};
    bool ends = (r.lo == 0 || r.lo == 1) && (r.hi == 1 || isinf(r.hi));
    return ends ? r : (sdp_bounds){fmax(0, r.lo * (1 - 0x1p-50)), r.hi * (1 + 0x1p-50), true, true};
}

static const sdp_bounds positive = {0, INFINITY, true, true}, negative = {-INFINITY, 0, true, true};

static bool is_above_zero(sdp_bounds b) { return b.lo > 0 || (b.lo == 0 && b.lo_open); }
static bool is_below_zero(sdp_bounds b) { return b.hi < 0 || (b.hi == 0 && b.hi_open); }

// Of a function that has the sign of its argument
static sdp_bounds on_side_of(sdp_bounds a)
{
    if (is_above_zero(a)) return positive;
    if (is_below_zero(a)) return negative;
    return (sdp_bounds){a.lo < 0 ? -INFINITY : 0, a.hi > 0 ? INFINITY : 0, a.lo<0, a.hi> 0};
}

// Of polygamma(k,y), k a number and y > 0
static sdp_bounds alternating(const sdp_graph *g, const sdp_node *n, sdp_bounds y)
{
    sdp_num e;
    long k;
    bool whole = sdp_is_number(g, n->arg[0], &e) && sdp_num_long(g, e, &k) && k > 0;
    if (!whole || !is_above_zero(y)) return everything;
    return (k % 2 ? -1 : 1) * sdp_ops[n->op].alternates > 0 ? positive : negative;
}

static sdp_bounds of_function(const sdp_graph *g, const sdp_node *n)
{
    sdp_bounds a = n->nargs ? sdp_bounds_of(g, n->arg[0]) : everything,
               b = n->nargs > 1 ? sdp_bounds_of(g, n->arg[1]) : everything;
    switch (n->kind == SDP_CONST ? 0 : n->op) {
    case SDP_OP_max: return make(low(common(a, b)), high(both(a, b)));
    case SDP_OP_min: return make(low(both(a, b)), high(common(a, b)));
    case SDP_OP_where: return both(b, sdp_bounds_of(g, n->arg[2]));
    case SDP_OP_relu: return a.hi <= 0 ? zero : a.lo >= 0 ? a : (sdp_bounds){0, a.hi, false, a.hi_open};
    case SDP_OP_abs: return magnitude(a);
    case SDP_OP_maxof:
    case SDP_OP_minof: return a;
    default: break;
    }
    const sdp_op *op = &sdp_ops[n->op];
    if (n->kind == SDP_MAP && op->alternates) return alternating(g, n, b);
    if (n->kind != SDP_MAP || !op->is_signed) return sdp_range_bounds(n->op);
    return common(sdp_range_bounds(n->op), on_side_of(a));
}

static sdp_bounds of_leaf(const sdp_graph *g, const sdp_node *n)
{
    switch (n->kind) {
    case SDP_NUM: return of_number(g, n->param);
    case SDP_DIM: return (sdp_bounds){1, INFINITY, false, true};
    case SDP_SEL:
    case SDP_MASK: return unit;
    default: return everything;
    }
}

static sdp_bounds plain(const sdp_graph *g, const sdp_node *n)
{
    switch (n->kind) {
    case SDP_ADD: return of_sum(g, n);
    case SDP_MUL: return of_product(g, n);
    case SDP_POW: return of_power(g, n);
    case SDP_MAP:
    case SDP_PRIM: return of_function(g, n);
    default: return of_leaf(g, n);
    }
}

// The interval of a node, from those of its arguments and from its own facts; which then learn from it.
sdp_bounds sdp_derive_bounds(const sdp_graph *g, const sdp_node *n, sdp_known *k)
{
    sdp_bounds b = plain(g, n);
    if (isnan(b.lo) || isnan(b.hi)) b = everything;
    if (k->yes & SDP_NONNEG) b = common(b, (sdp_bounds){0, INFINITY, (k->yes & SDP_POSITIVE) != 0, true});
    if (k->yes & SDP_SIMPLEX) b = common(b, unit);
    if (k->yes & SDP_UNIT) b = common(b, (sdp_bounds){-1, 1, false, false});
    if (is_above_zero(b)) k->yes |= SDP_POSITIVE | SDP_NONNEG;
    if (b.lo == 0) k->yes |= SDP_NONNEG;
    if (is_below_zero(b)) k->no |= SDP_NONNEG | SDP_POSITIVE;
    if (b.hi == 0) k->no |= SDP_POSITIVE;
    return b;
}
