// SPDX-License-Identifier: MIT
// Code of series with parameters:  where(|last terms| < 2^-54 |p| and sum of |terms| < 16 |p|, p, as it is
// written),  p = sum of c_k u^(low+k).
//
// The coefficients are code, so where the series is good is asked when it runs. Where it is not, u is so
// large that what is written has lost few digits. At u = 0, p is the limit.
//
// An identity to 2^-54 of the value where all of this holds, and not used elsewhere:
// - The known terms beyond the polynomial and the last ones of it, at least two of which are none of the
//   zeros between them, are small: so u is far inside of the radius that the other factors and the parameters
//   leave. A series of which that cannot be told is not used, but for one that is a polynomial (whole). Nor
//   is one that overflows, e.g. by the coefficients a^k/k! of expm1(a*b)/(a*b) at a = -1e30, b = 1.
// - What saturates at the place does so where the series is used (sdp_jet_require_alike).
// - What cancels by a root of a parameter, sqrt(c^2)-c, does so: c may be negative (signless, require_zero),
//   in no entry that is summed.
// - A root or an angle of a series has the branch that it has at the place (sdp_jet_require_first).
// - Roots of u are taken where u >= 0: at places with u^2 = t-centre, which must have a value, and of norms.
//   Where both sides of such a place exist, the value at it is that of both, or what is written.
#include "codegen/stable/jet.h"

enum { LAST = 3, MOST_VALUES = 60000 };

// ---- values -----------------------------------------------------------------------------------------------
static sdp_val in_shape(sdp_jets *r, sdp_val v, sdp_val shape)
{
    sdp_coef c = {.val = v};
    return sdp_coef_value_like(r, &c, shape);
}

static sdp_val times(sdp_jets *r, sdp_val a, sdp_val b)
{
    return sdp_value_times(r->s, SDP_NUM_ONE, 2, (sdp_val[]){a, b});
}

// u; 0: not yet
static sdp_val place_value(sdp_jets *r, const sdp_jet_at *a)
{
    sdp_schedule *s = r->s;
    sdp_num by = a->sum ? sdp_num_inv(r->g, a->slope) : SDP_NUM_ONE,
            shift = sdp_num_neg(r->g, sdp_num_mul(r->g, a->shift, by));
    sdp_val v = s->of[a->sum ? a->sum : a->t];
    if (!v) return 0;
    if (a->tail)
        return sdp_value_map1(s, SDP_OP_exp, a->rate == SDP_NUM_ONE ? v : sdp_value_times(s, a->rate, 1, &v));
    if (a->root < 0) by = sdp_num_neg(r->g, by), shift = sdp_num_neg(r->g, shift);
    if (shift != SDP_NUM_ZERO) v = sdp_value_add(s, by, v, SDP_NUM_ONE, sdp_value_filled(s, shift, v));
    else if (by != SDP_NUM_ONE) v = sdp_value_times(s, by, 1, &v);
    if (!a->root) return v;
    sdp_val arg[2] = {v, sdp_value_filled(s, SDP_NUM_HALF, v)};
    return sdp_value_simple(s, SDP_V_POW, 2, arg, 0, 0, s->value[v].order, s->value[v].dim);
}

// 1 at the place, where u is 0; else 0
static sdp_val is_at_place(sdp_schedule *s, sdp_val u)
{
    return sdp_value_map(s, SDP_OP_eq, 2, (sdp_val[]){u, sdp_value_filled(s, SDP_NUM_ZERO, u)});
}

// Sum of c[from] + c[from+1] u + ... for `n` terms, or of their sizes
static sdp_val horner(sdp_jets *r, const sdp_jet *p, uint32_t from, uint32_t n, bool sizes, sdp_val u)
{
    sdp_val v = 0;
    for (uint32_t k = from + n; k-- > from;) {
        if (v) v = times(r, v, u);
        if (sdp_coef_is_zero(&p->c[k])) continue;
        sdp_val c = sdp_coef_value_like(r, &p->c[k], u);
        if (sizes) c = sdp_value_map1(r->s, SDP_OP_abs, c);
        v = v ? sdp_value_add(r->s, SDP_NUM_ONE, v, SDP_NUM_ONE, c) : c;
    }
    return v ? v : sdp_value_filled(r->s, SDP_NUM_ZERO, u);
}

// Restricts `good` to entries at which all values that must be positive are.
static sdp_val holds(sdp_jets *r, const sdp_jet_at *a, sdp_val good, sdp_val u)
{
    for (uint32_t i = 0; i < a->npositive; i++)
        good = times(r, good, in_shape(r, sdp_value_map1(r->s, SDP_OP_step, a->positive[i]), u));
    return good;
}

// The first of the last terms, which must be small; p->n: it is a polynomial; 0: it cannot be told. Terms may
// be 0 one after another, as in 1/sqrt(1+a*u^6): at least two of the last ones are none, and all that are
// known beyond count.
static uint32_t first_of_tail(const sdp_jet *p, uint32_t n)
{
    uint32_t from = p->n, seen = 0;
    if (p->whole && sdp_jet_length(p) <= n) return p->n;
    while (from && (seen < 2 || from + LAST > n)) seen += !sdp_coef_is_zero(&p->c[--from]);
    return from;
}

// Is it 1 or 0, at each entry: may the series be used?
static sdp_val is_good(sdp_jets *r, const sdp_jet_at *a, const sdp_jet *p, uint32_t n, uint32_t from,
                       sdp_val u, sdp_val sum)
{
    sdp_schedule *s = r->s;
    sdp_val size = sdp_value_map1(s, SDP_OP_abs, u), most = sdp_value_map1(s, SDP_OP_abs, sum),
            all = horner(r, p, 0, n, true, size);
    sdp_val good =
        sdp_value_map(s, SDP_OP_ge, 2, (sdp_val[]){sdp_value_times(s, sdp_num_int(r->g, 16), 1, &most), all});
    if (from < p->n) {
        sdp_val tail =
            times(r, horner(r, p, from, p->n - from, true, size), sdp_value_power(s, size, (long)from));
        sdp_val least = sdp_value_times(s, sdp_num_of_double(r->g, 0x1p-54), 1, &most);
        good = times(r, good, sdp_value_map(s, SDP_OP_ge, 2, (sdp_val[]){least, tail}));
        // Where coefficients overflow, infinity is as large as infinity.
        sdp_val limit = sdp_value_filled(s, sdp_num_of_double(r->g, 0x1p1023), most);
        good = times(r, good, sdp_value_map(s, SDP_OP_lt, 2, (sdp_val[]){most, limit}));
    }
    if (a->root) // sqrt(t-centre) may have no value, and a polynomial of one term no tail that says so
        good = times(r, good,
                     sdp_value_map(s, SDP_OP_ge, 2, (sdp_val[]){u, sdp_value_filled(s, SDP_NUM_ZERO, u)}));
    return holds(r, a, good, u);
}

static bool same_residues(const sdp_coef *a, const sdp_coef *b)
{
    bool same = a->order == b->order && !a->signless && !b->signless;
    for (uint32_t i = 0; same && i < SDP_JET_ENTRIES; i++)
        same = sdp_coef_entry(a, i) == sdp_coef_entry(b, i);
    return same;
}

// Has the other side of the place the same limit? Where that is unknown, it has not.
static bool sides_agree(sdp_jets *r, const sdp_jet_at *a, sdp_id id, uint32_t group, const sdp_jet *p)
{
    sdp_schedule *s = r->s;
    bool agree = !a->two_sided;
    r->s = NULL;
    for (uint32_t i = 0; i < r->nat && !agree; i++) {
        const sdp_jet_at *b = &r->at[i];
        sdp_jet q = b->of[id].jet;
        if (b->t != a->t || b->sum != a->sum || b->shift != a->shift || b->root != -a->root ||
            b->tail != a->tail)
            continue;
        if (group && !sdp_jet_of_factors(r, b, sdp_get(r->g, id), group, false, &q)) continue;
        agree = (q.low > 0 && p->low > 0) || (q.n && q.low == p->low && same_residues(q.c, p->c));
    }
    r->s = s;
    return agree;
}

// Is u a variable x over a power of two, while x itself is used, too? Then cos(x) and the power are
// parameters, of which residues do not tell what cancels; but at u = 0.
static bool is_also_unscaled(const sdp_jets *r, sdp_id t)
{
    const sdp_scaled *x = sdp_scaled_variable(r->s, t);
    for (uint32_t i = 0; x && i < r->count; i++) {
        const sdp_node *n = sdp_get(r->g, r->id[i]);
        for (uint32_t k = 0; k < n->nargs; k++)
            if (n->arg[k] == x->node) return true;
    }
    return false;
}

// Near the place the series times `others`, else direct; limit: at the place itself
static sdp_val near_or(sdp_jets *r, const sdp_jet_at *a, const sdp_jet *p, sdp_val others, sdp_val direct,
                       bool limit, bool agree)
{
    sdp_schedule *s = r->s;
    sdp_val u = place_value(r, a), near, v;
    uint32_t n = p->n < a->terms ? p->n : a->terms, from = first_of_tail(p, n);
    if (!u || (!limit && (!from || n <= 2 * LAST)) || s->value[u].order > s->value[direct].order ||
        (limit && (p->low < 0 || !agree)))
        return direct;
    for (uint32_t i = 0; i < a->npositive; i++) {
        uint32_t order = s->value[a->positive[i]].order;
        if (order && order != s->value[direct].order) return direct;
    }
    u = in_shape(r, u, direct);
    if (limit) {
        near = holds(r, a, is_at_place(s, u), u);
        v = p->low ? sdp_value_filled(s, SDP_NUM_ZERO, u) : sdp_coef_value_like(r, &p->c[0], u);
    } else {
        v = horner(r, p, 0, n, false, u);
        near = is_good(r, a, p, n, from, u, v);
        if (is_also_unscaled(r, a->t)) near = times(r, near, is_at_place(s, u));
        if (!agree || p->low < 0)
            near = times(r, near, sdp_value_map1(s, SDP_OP_step, sdp_value_map1(s, SDP_OP_abs, u)));
        if (p->low) v = times(r, v, sdp_value_power(s, u, p->low));
        if (a->vector && p->low >= 0) { // other coefficients than the first may have no value at 0
            sdp_val limit_value =
                p->low ? sdp_value_filled(s, SDP_NUM_ZERO, u) : sdp_coef_value_like(r, &p->c[0], u);
            if (others) limit_value = times(r, limit_value, others), v = times(r, v, others), others = 0;
            direct = sdp_value_where(s, is_at_place(s, u), limit_value, direct);
        }
    }
    return sdp_value_where(s, near, others ? times(r, v, others) : v, direct);
}

// ---- nodes ------------------------------------------------------------------------------------------------
// Replaces each condition on the entries of an array by a condition on their minimum: some entries are not
// enough for a sum over them, or for an array that has them along another axis.
static void require_everywhere(sdp_jets *r, sdp_jet_at *a)
{
    for (uint32_t i = 0; i < a->npositive; i++) {
        uint32_t order = r->s->value[a->positive[i]].order;
        if (order) a->positive[i] = sdp_value_reduce(r->s, SDP_RED_MIN, a->positive[i], (1u << order) - 1);
    }
}

// All terms of a node and of what it is made of
static bool expand_code(sdp_jets *r, sdp_jet_at *a, sdp_id id)
{
    uint32_t count;
    const sdp_id *list = sdp_reachable(r->g, 1, &id, &count);
    r->now = a;
    r->u = place_value(r, a);
    for (uint32_t i = 0; i < count; i++) {
        sdp_jet_node *e = &a->of[list[i]];
        if (!e->depends || e->code.n || !e->jet.n) continue;
        if (r->s->nvalues > MOST_VALUES ||
            !sdp_jet_expand(r, a, list[i], a->terms + a->spare, true, &e->code))
            e->code.n = 0, e->jet.n = 0;
        const sdp_node *n = sdp_get(r->g, list[i]);
        if (n->kind == SDP_MUL && !sdp_is_entrywise(r->g, n)) require_everywhere(r, a);
    }
    return a->of[id].code.n > 0;
}

sdp_val sdp_node_by_jets(sdp_schedule *s, sdp_id id, sdp_val direct)
{
    sdp_jets *r = s->stable->jets;
    r->s = s;
    for (uint32_t i = 0; i < r->nat; i++) {
        sdp_jet_at *a = &r->at[i];
        if (id >= r->n || !a->of[id].replaced || !expand_code(r, a, id)) continue;
        direct = near_or(r, a, &a->of[id].code, 0, direct, false, sides_agree(r, a, id, 0, &a->of[id].code));
    }
    return direct;
}

sdp_id sdp_jet_needs(const sdp_jets *r, sdp_id id, uint32_t *from)
{
    while (id < r->n && *from < r->nat) {
        const sdp_jet_at *a = &r->at[(*from)++];
        if (a->of[id].replaced || a->of[id].group || a->of[id].zero) return a->sum ? a->sum : a->t;
    }
    return 0;
}

// ---- products ---------------------------------------------------------------------------------------------
static sdp_val product_of(sdp_jets *r, const sdp_node *n, uint32_t factors, sdp_val shape)
{
    sdp_val v[SDP_MAX_FACTORS];
    uint32_t many = 0;
    for (uint32_t i = 0; i < n->nargs; i++)
        if (factors >> i & 1) v[many++] = in_shape(r, r->s->of[n->arg[i]], shape);
    return many ? sdp_value_times(r->s, SDP_NUM_ONE, many, v) : 0;
}

// Do all arrays among these factors have the same labels?
static bool fit_together(const sdp_graph *g, const sdp_node *n, uint32_t factors)
{
    uint32_t first = n->nargs;
    for (uint32_t i = 0; i < n->nargs; i++) {
        uint32_t order = sdp_get(g, n->arg[i])->order;
        if (!order || !(factors >> i & 1)) continue;
        if (first == n->nargs) first = i;
        if (sdp_get(g, n->arg[first])->order != order) return false;
        for (uint32_t k = 0; k < order; k++)
            if (sdp_labels(g, n, i)[k] != sdp_labels(g, n, first)[k]) return false;
    }
    return true;
}

// The factor that stands for all of them: an array, if there is one, and rather
// what vanishes than a power of a norm
static uint32_t main_factor(const sdp_jets *r, sdp_id id, const sdp_node *n, uint32_t all)
{
    uint32_t main = n->nargs;
    int best = 0;
    for (uint32_t i = 0; i < n->nargs; i++) {
        int rank = SDP_SERIES_MOST * sdp_get(r->g, n->arg[i])->order;
        if (!(all >> i & 1)) continue;
        for (uint32_t k = 0; k < r->nat; k++)
            if (r->at[k].of[id].group >> i & 1) rank += r->at[k].of[n->arg[i]].jet.low;
        if (main == n->nargs || rank > best) main = i, best = rank;
    }
    return main;
}

// v, and 0 at the place
static sdp_val zero_at(sdp_jets *r, const sdp_jet_at *a, sdp_val v)
{
    sdp_val u = place_value(r, a);
    if (!u || r->s->value[u].order > r->s->value[v].order) return v;
    u = in_shape(r, u, v);
    return sdp_value_where(r->s, is_at_place(r->s, u), sdp_value_filled(r->s, SDP_NUM_ZERO, u), v);
}

void sdp_vanishing_product(sdp_schedule *s, sdp_id id, uint32_t n, sdp_val *value)
{
    sdp_jets *r = s->stable->jets;
    r->s = s;
    for (uint32_t i = 0; i < r->nat && id < r->n; i++)
        for (uint32_t k = 0; r->at[i].of[id].zero && k < n; k++)
            if (value[k]) value[k] = zero_at(r, &r->at[i], value[k]);
}

uint32_t sdp_product_by_jets(sdp_schedule *s, sdp_id id, sdp_val *value)
{
    sdp_jets *r = s->stable->jets;
    const sdp_node *n = sdp_get(s->g, id);
    uint32_t all = 0, main = 0;
    r->s = s;
    for (uint32_t i = 0; i < r->nat && id < r->n; i++) {
        uint32_t group = r->at[i].of[id].group;
        if (fit_together(s->g, n, all | group)) all |= group;
        else r->at[i].of[id].group = 0;
    }
    if (!all) return 0;
    main = main_factor(r, id, n, all);
    sdp_val shape = s->of[n->arg[main]], v = product_of(r, n, all, shape), direct = v;
    for (uint32_t i = 0; i < r->nat; i++) {
        sdp_jet_at *a = &r->at[i];
        uint32_t group = a->of[id].group;
        sdp_jet p;
        bool known = group != 0;
        for (uint32_t k = 0; known && k < n->nargs; k++)
            if (group >> k & 1) known = expand_code(r, a, n->arg[k]);
        if (known && sdp_jet_of_factors(r, a, n, group, true, &p)) {
            s->stable->by_series[id] |= p.low >= 0;
            v = near_or(r, a, &p, product_of(r, n, all & ~group, shape), v, a->of[id].limit,
                        sides_agree(r, a, id, group, &p));
        }
        if (a->of[id].zero) v = zero_at(r, a, v);
    }
    if (v == direct) return 0;
    value[main] = v;
    return all & ~(1u << main);
}

// Has the product more factors that vanish with the vector than powers of its norm?
// w*(w[1]*w[2]+w[3]^2)/norm(w)^2
bool sdp_vanishes_with(const sdp_schedule *s, const sdp_node *n, sdp_id vector)
{
    const sdp_jets *r = s->stable->jets;
    for (uint32_t k = 0; r && k < r->nat; k++) {
        const sdp_jet_at *a = &r->at[k];
        bool known = a->vector == vector;
        int low = 0;
        for (uint32_t i = 0; known && i < n->nargs; i++) {
            known = n->arg[i] < r->n && (!a->of[n->arg[i]].depends || a->of[n->arg[i]].jet.n);
            if (known && a->of[n->arg[i]].depends) low += a->of[n->arg[i]].jet.low;
        }
        if (known && low > 0) return true;
    }
    return false;
}
