// SPDX-License-Identifier: MIT
// Before scheduling: differences of one function at two points, which cancel where the points
// are near or the function is flat.
//
//     w = u-v, simplified: what cancels in it is gone
//     exp(u)-exp(v) = exp(v)*expm1(w)      tanh(u)-tanh(v), sigmoid alike
//     erfc(u)-erfc(v), lgamma(u)-lgamma(v), derivatives of lgamma: kernels of their own (kernels_tail.def)
//     log(u/v) = log1p(w/v),  sqrt(u)-sqrt(v) = w/(sqrt(u)+sqrt(v))      where w is no longer than u and v
//
// With other factors, and for products of functions, where all points are near:
//
//     x*f(u)-y*f(v) = x*(f(u)-f(v)) + (x-y)*f(v)
//     f(u) g(s)-f(v) g(t) = (f(u)-f(v)) g(s) + f(v) (g(s)-g(t))
//
// The rules are a table of templates. Differences that vanish with one point,
// exp(2*x)-exp(x), are left to polynomial.c.
#include <string.h>

#include "codegen/stable/difference.h"
#include "codegen/stable/jet.h"

// x = f's argument in the first term, y in the second, z = x-y
typedef struct {
    uint16_t op;
    const char *difference;
} row;
#define NEAREST "where(abs(x)<=abs(y),x,-y)"
static const row rows[] = {
    {SDP_OP_exp, "-sign(z).*exp(max(x,y)).*expm1(-abs(z))"},
    {SDP_OP_expm1, "-sign(z).*exp(max(x,y)).*expm1(-abs(z))"},
    {SDP_OP_sigmoid, "-sign(z).*sigmoid(max(x,y)).*sigmoid(-min(x,y)).*expm1(-abs(z))"},
    {SDP_OP_tanh, "-2*sign(z).*sigmoid(2*max(x,y)).*sigmoid(-2*min(x,y)).*expm1(-2*abs(z))"},
    {SDP_OP_erfc, "erfcdiff(" NEAREST ",-z)"},
    {SDP_OP_erf, "-erfcdiff(" NEAREST ",-z)"},
    {SDP_OP_atan, "atan2(z,1+x.*y)"},
    {SDP_OP_lgamma, "sign(z).*lgammadiff(0,min(x,y),abs(z))"},
    {SDP_OP_digamma, "sign(z).*lgammadiff(1,min(x,y),abs(z))"},
};
// Powers x^p-y^p by p: short: where something has cancelled in z
typedef struct {
    long p, q;
    bool is_short;
    const char *difference;
} power_row;
static const power_row powers[] = {
    {2, 1, true, "z.*(x+y)"},
    {3, 1, true, "z.*(x.^2+x.*y+y.^2)"},
    {4, 1, true, "z.*(x+y).*(x.^2+y.^2)"},
    {-1, 1, true, "-z./(x.*y)"},
    {-2, 1, true, "-z.*(x+y)./(x.*y).^2"},
    {-3, 1, true, "-z.*(x.^2+x.*y+y.^2)./(x.*y).^3"},
    {1, 2, true, "z./(sqrt(x)+sqrt(y))"},
    {-1, 2, true, "-z./(sqrt(x).*sqrt(y).*(sqrt(x)+sqrt(y)))"},
};
enum { ROWS = sizeof rows / sizeof *rows, POWERS = sizeof powers / sizeof *powers, MOST = 4 };

static const row *row_of(const sdp_node *n)
{
    for (size_t i = 0; n->kind == SDP_MAP && i < ROWS; i++)
        if (rows[i].op == n->op) return &rows[i];
    return NULL;
}

// ---- terms ------------------------------------------------------------------------------------------------
// A function of the table, of polygamma, or a small power of one: f(u)^k
typedef struct {
    sdp_id id, u;
    const sdp_node *f;
    long k;
} function;
// coef times functions times the rest
typedef struct {
    sdp_num coef;
    uint32_t n;
    function f[MOST];
    sdp_id rest;
} term;

static bool is_polygamma(const sdp_node *n)
{
    return n->kind == SDP_MAP && (n->op == SDP_OP_polygamma || n->op == SDP_OP_stirling);
}

static bool as_function(const sdp_graph *g, sdp_id id, function *out)
{
    const sdp_node *n = sdp_get(g, id), *e = n->kind == SDP_POW ? sdp_get(g, n->arg[1]) : NULL;
    *out = (function){.id = id, .k = 1};
    if (e && (e->kind != SDP_NUM || !sdp_num_long(g, e->param, &out->k) || out->k < 1 || out->k > MOST))
        return false;
    out->f = e ? sdp_get(g, n->arg[0]) : n;
    if (!row_of(out->f) && !is_polygamma(out->f)) return false;
    out->u = out->f->arg[out->f->nargs - 1];
    return true;
}

static sdp_id like(sdp_graph *g, sdp_id a, const sdp_node *n)
{
    return sdp_get(g, a)->order < n->order ? sdp_broadcast(g, a, n->order, n->dim) : a;
}

static bool as_term(sdp_graph *g, sdp_num coef, sdp_id id, term *out)
{
    const sdp_node *m = sdp_get(g, id);
    bool product = m->kind == SDP_MUL;
    *out = (term){.coef = coef};
    out->rest = sdp_number(g, SDP_NUM_ONE);
    if (product && (!sdp_is_entrywise(g, m) || m->nargs > SDP_MAX_FACTORS)) return false;
    for (uint32_t i = 0; i < (product ? m->nargs : 1); i++) {
        sdp_id f = product ? m->arg[i] : id;
        if (out->n < MOST && as_function(g, f, &out->f[out->n])) out->n++;
        else out->rest = sdp_times(g, out->rest, f);
    }
    return out->n > 0;
}

// Two powers of one exponent, times the same: their difference, or 0
static sdp_id difference_of_powers(sdp_graph *g, const sdp_node *a, const sdp_node *b)
{
    if (a->kind != SDP_POW || b->kind != SDP_POW || a->arg[1] != b->arg[1]) return 0;
    sdp_id x = a->arg[0], y = b->arg[0], p = a->arg[1], z = sdp_gap(g, x, y), both[3] = {x, y, z};
    sdp_num e;
    if (sdp_is_number(g, p, &e)) {
        for (size_t i = 0; i < POWERS; i++)
            if (e == sdp_num_ratio(g, powers[i].p, powers[i].q))
                return sdp_gap_is_short(g, z, x, y) ? sdp_template(g, powers[i].difference, 3, both) : 0;
        if (sdp_num_is_int(g, e)) return 0;
    }
    sdp_id near = sdp_template(g, "abs(z)<=y/2", 3, both);
    sdp_id growth = sdp_map1(g, SDP_OP_expm1,
                             sdp_times(g, p, sdp_map1(g, SDP_OP_log1p, sdp_template(g, "z./y", 3, both))));
    sdp_id direct = sdp_sub(g, sdp_power(g, x, p), sdp_power(g, y, p));
    return sdp_map(g, SDP_OP_where, (sdp_id[]){near, sdp_times(g, sdp_power(g, y, p), growth), direct});
}

static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }

sdp_id sdp_gap(sdp_graph *g, sdp_id u, sdp_id v)
{
    const sdp_node *x = sdp_get(g, u), *y = sdp_get(g, v), *wide = x->order > y->order ? x : y;
    return sdp_simplify(g, sdp_sub(g, like(g, u, wide), like(g, v, wide)));
}

bool sdp_gap_is_short(sdp_graph *g, sdp_id gap, sdp_id u, sdp_id v)
{
    return sdp_node_count(g, gap) <= larger(sdp_node_count(g, u), sdp_node_count(g, v));
}

// Is u = c*w for a number c? Then the difference vanishes with u.
static bool is_multiple(sdp_graph *g, sdp_id u, sdp_id w)
{
    sdp_num v;
    return sdp_is_number(g, w, &v)
               ? false
               : sdp_is_number(g, sdp_simplify(g, sdp_times(g, u, sdp_power_num(g, w, SDP_NUM_MINUS_ONE))),
                               &v);
}

static bool same_function(const function *a, const function *b)
{
    return a->k == b->k && a->f->op == b->f->op && (a->f->nargs == 1 || a->f->arg[0] == b->f->arg[0]);
}

// Orders the functions of b like those of a, each beside the nearest; w: their
// differences. false: they are others.
static bool match(sdp_graph *g, const term *a, term *b, sdp_id *w)
{
    if (a->n != b->n) return false;
    for (uint32_t i = 0; i < a->n; i++) {
        uint32_t best = a->n, size = UINT32_MAX;
        for (uint32_t j = i; j < b->n; j++) {
            if (!same_function(&a->f[i], &b->f[j])) continue;
            sdp_id gap = sdp_gap(g, a->f[i].u, b->f[j].u);
            uint32_t count = sdp_node_count(g, gap);
            if (count < size) size = count, best = j, w[i] = gap;
        }
        if (best == a->n || is_multiple(g, a->f[i].u, w[i])) return false;
        function f = b->f[i];
        b->f[i] = b->f[best];
        b->f[best] = f;
    }
    return true;
}

// f(u)-f(v)
static sdp_id function_difference(sdp_graph *g, const sdp_node *f, sdp_id u, sdp_id v, sdp_id w)
{
    const row *r = row_of(f);
    if (r) return sdp_template(g, r->difference, 3, (sdp_id[]){u, v, w});
    bool whole = f->op == SDP_OP_polygamma;
    sdp_id order = whole ? sdp_template(g, "x+1", 1, &f->arg[0]) : f->arg[0],
           least = sdp_map(g, SDP_OP_min, (sdp_id[]){u, v});
    sdp_id d = sdp_map(g, whole ? SDP_OP_lgammadiff : SDP_OP_stirlingdiff,
                       (sdp_id[]){order, least, sdp_map1(g, SDP_OP_abs, w)});
    return sdp_times(g, sdp_map1(g, SDP_OP_sign, w), d);
}

// f(u)^k-f(v)^k = (f(u)-f(v)) * sum of f(u)^i f(v)^(k-1-i)
static sdp_id power_difference(sdp_graph *g, const function *a, const function *b, sdp_id w)
{
    sdp_id d = function_difference(g, a->f, a->u, b->u, w), sum = 0;
    sdp_id p = a->k == 1 ? a->id : sdp_get(g, a->id)->arg[0],
           q = b->k == 1 ? b->id : sdp_get(g, b->id)->arg[0];
    for (long i = 0; a->k > 1 && i < a->k; i++) {
        sdp_id t = sdp_times(g, sdp_power_num(g, p, sdp_num_int(g, i)),
                             sdp_power_num(g, q, sdp_num_int(g, a->k - 1 - i)));
        sum = sum ? sdp_add2(g, sum, t) : t;
    }
    return sum ? sdp_times(g, d, sum) : d;
}

// x f g - y s t for near points: x ((f-s) g + s (g-t)) + (x-y) s t
static sdp_id telescoped(sdp_graph *g, const sdp_node *n, const term *a, const term *b, const sdp_id *w,
                         sdp_id surplus)
{
    sdp_id sum = 0, x = like(g, sdp_scale(g, a->coef, a->rest), n);
    for (uint32_t at = 0; at < a->n; at++) {
        sdp_id p = sdp_times(g, x, power_difference(g, &a->f[at], &b->f[at], w[at]));
        for (uint32_t i = 0; i < a->n; i++)
            if (i != at) p = sdp_times(g, p, i < at ? b->f[i].id : a->f[i].id);
        sum = sum ? sdp_add2(g, sum, like(g, p, n)) : like(g, p, n);
    }
    if (sdp_is_zero(g, surplus)) return sum;
    for (uint32_t i = 0; i < b->n; i++) surplus = sdp_times(g, surplus, b->f[i].id);
    return sdp_add2(g, sum, like(g, surplus, n));
}

// Can what stands before the functions cancel? Not if it has one sign.
static bool may_cancel(sdp_graph *g, const term *a, const term *b)
{
    bool known = sdp_known_nonneg(g, a->rest) && sdp_known_nonneg(g, b->rest);
    return !known || sdp_num_sign(g, a->coef) != sdp_num_sign(g, b->coef);
}

// Two terms of the sum n as one that does not cancel; 0: there is none. covered: by the series of the sum
// near its zero, where x*(f(u)-f(v)) and (x-y)*f(v) would cancel against each other as x*f(u) and y*f(v) do.
static sdp_id pair(sdp_graph *g, const sdp_node *n, bool covered, term *a, term *b)
{
    sdp_id w[MOST];
    if (!may_cancel(g, a, b) || !match(g, a, b, w)) return 0;
    sdp_id x = like(g, sdp_scale(g, a->coef, a->rest), n), y = like(g, sdp_scale(g, b->coef, b->rest), n);
    sdp_id surplus = sdp_simplify(g, sdp_add2(g, x, y));
    bool plain = sdp_is_zero(g, surplus);
    if (plain && a->n == 1 && a->f[0].k == 1) return telescoped(g, n, a, b, w, surplus);
    if (covered) return 0;
    for (uint32_t i = 0; i < a->n; i++)
        if (is_polygamma(a->f[i].f) || (a->f[i].f->op == SDP_OP_lgamma || a->f[i].f->op == SDP_OP_digamma))
            return 0;
    sdp_id near = sdp_telescoped_condition(g, a->n, w), direct = x, other = y;
    for (uint32_t i = 0; i < a->n; i++)
        direct = sdp_times(g, direct, a->f[i].id), other = sdp_times(g, other, b->f[i].id);
    direct = sdp_add2(g, like(g, direct, n), like(g, other, n));
    return sdp_map(g, SDP_OP_where, (sdp_id[]){like(g, near, n), telescoped(g, n, a, b, w, surplus), direct});
}

// All differences are less than 1/2.
sdp_id sdp_telescoped_condition(sdp_graph *g, uint32_t n, const sdp_id *w)
{
    sdp_id all = 0;
    for (uint32_t i = 0; i < n; i++) {
        sdp_id near = sdp_template(g, "abs(x)<1/2", 1, &w[i]);
        all = all ? sdp_template(g, "x&y", 2, (sdp_id[]){all, near}) : near;
    }
    return all;
}

// A term without functions: its factor i that is a power, and the others
static bool as_power(sdp_graph *g, sdp_id id, uint32_t i, sdp_id *power, sdp_id *rest)
{
    const sdp_node *m = sdp_get(g, id);
    bool product = m->kind == SDP_MUL;
    *rest = sdp_number(g, SDP_NUM_ONE);
    *power = product ? m->arg[i] : id;
    if (sdp_get(g, *power)->kind != SDP_POW || (product && !sdp_is_entrywise(g, m))) return false;
    for (uint32_t k = 0; product && k < m->nargs; k++)
        if (k != i) *rest = sdp_times(g, *rest, m->arg[k]);
    return true;
}

static sdp_id power_pair(sdp_graph *g, const sdp_node *n, uint32_t i, uint32_t j)
{
    sdp_id p, q, rest, other, d = 0;
    const sdp_node *a = sdp_get(g, n->arg[i]), *b = sdp_get(g, n->arg[j]);
    if (n->coef[i] != sdp_num_neg(g, n->coef[j])) return 0;
    for (uint32_t k = 0; !d && k < (a->kind == SDP_MUL ? a->nargs : 1); k++)
        for (uint32_t l = 0; !d && l < (b->kind == SDP_MUL ? b->nargs : 1); l++)
            if (as_power(g, n->arg[i], k, &p, &rest) && as_power(g, n->arg[j], l, &q, &other) &&
                rest == other && p != q)
                if ((d = difference_of_powers(g, sdp_get(g, p), sdp_get(g, q))) != 0)
                    d = like(g, sdp_times(g, d, sdp_scale(g, n->coef[i], rest)), n);
    return d;
}

// Returns terms i and j of a sum as one term with erfcdiffstart, if term i has the factor erfcdiffend and
// term j is minus the same with erfcdiffshift in its place. Returns 0 if they are no such pair.
static sdp_id rate_pair(sdp_graph *g, const sdp_node *n, uint32_t i, uint32_t j)
{
    const sdp_node *a = sdp_get(g, n->arg[i]);
    if (n->coef[i] != sdp_num_neg(g, n->coef[j])) return 0;
    for (uint32_t k = 0; k < (a->kind == SDP_MUL ? a->nargs : 1); k++) {
        sdp_id end = a->kind == SDP_MUL ? a->arg[k] : n->arg[i];
        const sdp_node *f = sdp_get(g, end);
        if (f->kind != SDP_MAP || f->op != SDP_OP_erfcdiffend) continue;
        sdp_id shift = sdp_map(g, SDP_OP_erfcdiffshift, f->arg),
               start = sdp_map(g, SDP_OP_erfcdiffstart, f->arg);
        sdp_id same = a->kind == SDP_MUL ? sdp_with_factor(g, a, k, shift) : shift;
        if (same == n->arg[j])
            return sdp_scale(g, n->coef[i], a->kind == SDP_MUL ? sdp_with_factor(g, a, k, start) : start);
    }
    return 0;
}

static sdp_id sum_of_differences(sdp_graph *g, sdp_id id, bool covered)
{
    const sdp_node *n = sdp_get(g, id);
    if (n->nargs > SDP_FLAT_TERMS) return id;
    term *t = sdp_scratch(&g->base, n->nargs * sizeof *t);
    sdp_id *arg = sdp_scratch(&g->base, n->nargs * sizeof *arg), d;
    sdp_num *coef = sdp_scratch(&g->base, n->nargs * sizeof *coef);
    bool *done = sdp_scratch(&g->base, n->nargs * sizeof *done);
    uint32_t found = 0;
    for (uint32_t i = 0; i < n->nargs; i++) {
        arg[i] = n->arg[i];
        coef[i] = n->coef[i];
        if (!as_term(g, n->coef[i], n->arg[i], &t[i])) t[i].n = 0;
    }
    for (uint32_t i = 0; i < n->nargs; i++)
        for (uint32_t j = i + 1; !done[i] && j < n->nargs; j++) {
            if (done[i] || done[j] || t[j].n != t[i].n) continue;
            d = t[i].n ? pair(g, n, covered, &t[i], &t[j]) : power_pair(g, n, i, j);
            if (!d && !t[i].n) d = rate_pair(g, n, i, j);
            if (!d && !t[i].n) d = rate_pair(g, n, j, i);
            if (!d) continue;
            arg[i] = d, coef[i] = SDP_NUM_ONE;
            coef[j] = SDP_NUM_ZERO;
            done[i] = done[j] = true;
            found++;
        }
    return found ? sdp_add(g, n->nargs, coef, arg) : id;
}

// log(x/y) = log1p((x-y)/y) where they are near
static sdp_id log_of_quotient(sdp_graph *g, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id), *m = sdp_get(g, n->arg[0]);
    sdp_num e, c = m->kind == SDP_MUL ? m->coef[0] : SDP_NUM_ZERO;
    if (m->kind != SDP_MUL || !sdp_is_entrywise(g, m) || m->nargs < 2) return id;
    sdp_id x = like(g, sdp_number(g, sdp_num_numerator(g, c)), n),
           y = like(g, sdp_number(g, sdp_num_denominator(g, c)), n);
    for (uint32_t i = 0; i < m->nargs; i++) {
        const sdp_node *p = sdp_get(g, m->arg[i]);
        bool below = p->kind == SDP_POW && sdp_is_number(g, p->arg[1], &e) && sdp_num_sign(g, e) < 0;
        if (below) y = sdp_times(g, y, sdp_power_num(g, m->arg[i], SDP_NUM_MINUS_ONE));
        else x = sdp_times(g, x, m->arg[i]);
    }
    sdp_id z = sdp_gap(g, x, y);
    if (!sdp_gap_is_short(g, z, x, y)) return id;
    sdp_id near = sdp_template(g, "abs(z)<=abs(y)/2", 3, (sdp_id[]){x, y, z});
    return sdp_map(g, SDP_OP_where,
                   (sdp_id[]){near, sdp_template(g, "log1p(z./y)", 3, (sdp_id[]){x, y, z}), id});
}

static sdp_id without_differences(void *data, sdp_graph *g, sdp_id id, const sdp_id *arg, bool changed)
{
    const sdp_series_found *found = data;
    bool has_jet = sdp_has_jet(found->jets, id); // that divides by u-v: all of it is a series in u-v
    bool covered = sdp_cancels_by_series(found->expansions, id);
    if (changed) id = sdp_rebuild(g, id, arg);
    if (has_jet) return id;
    if (sdp_get(g, id)->kind == SDP_MAP && sdp_get(g, id)->op == SDP_OP_log) return log_of_quotient(g, id);
    return sdp_get(g, id)->kind == SDP_ADD ? sum_of_differences(g, id, covered) : id;
}

const sdp_id *sdp_schedule_differences(sdp_graph *g, uint32_t n, const sdp_id *output,
                                       sdp_series_found *found)
{
    sdp_id *root = sdp_scratch(&g->base, (n + 1) * sizeof *root);
    sdp_copy(root, output, n * sizeof *root);
    sdp_expand_hazards(g, n, root);
    sdp_expand_gammas(g, n, root);
    sdp_find_series(g, n, root, found);
    sdp_rewrite_all(g, n, root, without_differences, found);
    return root;
}
