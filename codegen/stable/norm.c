// SPDX-License-Identifier: MIT
// Products with powers of a norm. x x' norm(x)^-3 is (x/norm(x)) (x/norm(x))' / norm(x): powers of a very
// small or very large norm would leave the range of double although the product does not.
//
// The unit vector u = x/norm(x) is split for stable/split.c: an entry near 1 or -1 is that number and a rest,
//   1 - |u_i| = sum over the other entries of u_j^2 / (1 + |u_i|).
// hypot(x,y), and sqrt(x^2+y^2) of scalars, are norms of two entries.
//
// An identity, since as many factors are divided by a norm as its power is raised by. For that each factor's
// value takes in what has divided it before: a factor is divided from its value so far, or, where the rule
// starts from the node itself, only if nothing has divided it. The rule for 1 - |u_i| holds for a vector of
// length 1 alone: for x divided by norm(x) and by nothing else.
#include <string.h>

#include "codegen/stable/stable.h"

// u split; rest: the sum of the squares of the other entries where |u| > 3/4, or 0: to be computed
static sdp_parts split_unit(sdp_schedule *s, sdp_val u, sdp_val rest)
{
    sdp_num bound = sdp_num_mul(s->g, sdp_num_int(s->g, -3), sdp_num_inv(s->g, sdp_num_int(s->g, 4)));
    sdp_val size = sdp_value_map1(s, SDP_OP_abs, u), sign = sdp_value_map1(s, SDP_OP_sign, u),
            zero = sdp_value_filled(s, SDP_NUM_ZERO, u);
    sdp_val near = sdp_value_add(s, SDP_NUM_ONE, size, SDP_NUM_ONE, sdp_value_filled(s, bound, u));
    if (!rest) {
        sdp_val others = sdp_value_where(s, near, zero, u), all[2] = {others, others};
        rest = sdp_value_repeat(s, sdp_value_sum_over(s, sdp_value_times(s, SDP_NUM_ONE, 2, all), UINT32_MAX),
                                u, UINT32_MAX);
    }
    sdp_val one_more = sdp_value_add(s, SDP_NUM_ONE, size, SDP_NUM_ONE, sdp_value_filled(s, SDP_NUM_ONE, u));
    sdp_val f[3] = {sign, rest, sdp_value_power(s, one_more, -1)};
    return (sdp_parts){u, sdp_value_where(s, near, sign, zero),
                       sdp_value_where(s, near, sdp_value_times(s, SDP_NUM_MINUS_ONE, 3, f), u)};
}

static bool has_factor(const sdp_node *n, sdp_id f)
{
    for (uint32_t i = 0; n->kind == SDP_MUL && i < n->nargs; i++)
        if (n->arg[i] == f) return true;
    return false;
}

// The scalar m with values f of its factors
static sdp_val scalar_product(sdp_schedule *s, const sdp_node *m, const sdp_val *f)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->nargs; i++) n += sdp_get(s->g, m->arg[i])->order;
    sdp_ix *ix = sdp_scratch(&s->g->base, (n + 1) * sizeof *ix);
    for (uint32_t i = 0; i < n; i++) ix[i] = m->label[i];
    return sdp_contract(s, m->coef[0], m->nargs, f, ix, 0, NULL, m->ldim);
}

// A scalar x'*A*x or x'*v with its arrays x divided by a norm, at most `most` times, or another one once; no
// value if it is not such a product. Returns how often.
static long divided_inside(sdp_schedule *s, const sdp_node *m, sdp_val norm, sdp_id unit, long most,
                           sdp_parts *p)
{
    uint32_t at = UINT32_MAX;
    if (m->kind != SDP_MUL || m->order || m->nargs < 2) return 0;
    for (uint32_t i = m->nargs; i-- > 0;) {
        const sdp_node *x = sdp_get(s->g, m->arg[i]);
        if (x->kind == SDP_SEL) return 0;
        if ((x->order == 1 && (at == UINT32_MAX || m->arg[at] != unit)) || m->arg[i] == unit) at = i;
    }
    if (at == UINT32_MAX) return 0;
    sdp_val u = sdp_value_divided(s, s->of[m->arg[at]], norm),
            *f = sdp_scratch(&s->g->base, m->nargs * sizeof *f);
    bool own = m->arg[at] == unit;
    long times = 0;
    for (uint32_t i = 0; i < m->nargs; i++) {
        bool scales = i == at || (own && m->arg[i] == unit && times + (at > i) < most);
        f[i] = scales ? u : s->of[m->arg[i]];
        times += scales;
    }
    sdp_parts split = own && sdp_get(s->g, unit)->order == 1 ? split_unit(s, u, 0) : (sdp_parts){0, 0, 0};
    sdp_val *const parts[3] = {&p->whole, &p->large, &p->small}, value[3] = {u, split.large, split.small};
    *p = (sdp_parts){0, 0, 0};
    for (int k = 0; k < 3; k++)
        if (value[k]) f[at] = value[k], *parts[k] = scalar_product(s, m, f);
    return times;
}

// ---- two entries ------------------------------------------------------------------------------------------
// x^2+y^2 of scalars
static bool two_squares(const sdp_schedule *s, const sdp_node *n, sdp_id *x)
{
    if (n->kind != SDP_ADD || n->nargs != 2 || n->order) return false;
    for (uint32_t i = 0; i < 2; i++) {
        const sdp_node *p = sdp_get(s->g, n->arg[i]);
        if (p->kind != SDP_POW || n->coef[i] != SDP_NUM_ONE || sdp_get(s->g, p->arg[1])->kind != SDP_NUM)
            return false;
        if (sdp_get(s->g, p->arg[1])->param != SDP_NUM_TWO) return false;
        x[i] = p->arg[0];
    }
    return true;
}

static sdp_val hypot_of(sdp_schedule *s, const sdp_id *x)
{
    return sdp_value_map(s, SDP_OP_hypot, 2, (sdp_val[]){s->of[x[0]], s->of[x[1]]});
}

// A power of hypot(x,y): h, x, y and k of h^k, k < 0
static bool hypot_power(sdp_schedule *s, const sdp_node *p, sdp_val *h, sdp_id *x, long *k)
{
    if (p->kind != SDP_POW || sdp_get(s->g, p->arg[1])->kind != SDP_NUM) return false;
    sdp_num e = sdp_get(s->g, p->arg[1])->param;
    const sdp_node *b = sdp_get(s->g, p->arg[0]);
    bool itself = b->kind == SDP_MAP && b->op == SDP_OP_hypot;
    if (!itself && !two_squares(s, b, x)) return false;
    if (!sdp_num_long(s->g, itself ? e : sdp_num_mul(s->g, SDP_NUM_TWO, e), k) || *k >= 0) return false;
    if (itself) x[0] = b->arg[0], x[1] = b->arg[1];
    *h = hypot_of(s, x);
    return true;
}

// sqrt(x^2+y^2)^k for odd k; 0: another power
sdp_val sdp_lower_root(sdp_schedule *s, const sdp_node *n)
{
    sdp_id x[2];
    long k;
    const sdp_node *e = sdp_get(s->g, n->arg[1]);
    if (e->kind != SDP_NUM || sdp_num_is_int(s->g, e->param) || !two_squares(s, sdp_get(s->g, n->arg[0]), x))
        return 0;
    if (!sdp_num_long(s->g, sdp_num_mul(s->g, SDP_NUM_TWO, e->param), &k)) return 0;
    return sdp_value_power(s, hypot_of(s, x), k);
}

// Is every factor element by element the product?
static bool is_pointwise(const sdp_schedule *s, const sdp_node *n)
{
    const uint8_t *out = sdp_labels(s->g, n, n->nargs), *l = n->label;
    for (uint32_t i = 0; i < n->nargs; i++, l += n->order)
        if (sdp_get(s->g, n->arg[i])->order != n->order || memcmp(l, out, n->order)) return false;
    return n->nlabels == n->order;
}

// x h^k = (x/h) h^(k+1) for h = sqrt(x^2+v): x/h is split by 1 - (x/h)^2 =
// v/h^2. Only for sums: x/sqrt(x^2+1)-1
void sdp_split_by_root(sdp_schedule *s, const sdp_node *n, uint32_t at, sdp_parts *p)
{
    const sdp_node *power = sdp_get(s->g, n->arg[at]),
                   *sum = power->kind == SDP_POW ? sdp_get(s->g, power->arg[0]) : power;
    long k;
    sdp_num e, two;
    if (power == sum || sum->kind != SDP_ADD || !is_pointwise(s, n) ||
        !sdp_is_number(s->g, power->arg[1], &e) || sdp_num_is_int(s->g, e))
        return;
    if (!sdp_num_long(s->g, sdp_num_mul(s->g, SDP_NUM_TWO, e), &k) || k >= 0) return;
    for (uint32_t i = 0; i < n->nargs; i++)
        // not divided by another root already
        for (uint32_t j = 0; j < sum->nargs && p[i].whole == s->of[n->arg[i]]; j++) {
            const sdp_node *q = sdp_get(s->g, sum->arg[j]);
            if (q->kind != SDP_POW || q->arg[0] != n->arg[i] || sum->coef[j] != SDP_NUM_ONE ||
                !sdp_is_number(s->g, q->arg[1], &two) || two != SDP_NUM_TWO)
                continue;
            sdp_num *coef = sdp_scratch(&s->g->base, sum->nargs * sizeof *coef);
            sdp_val *arg = sdp_scratch(&s->g->base, sum->nargs * sizeof *arg), h, f[2];
            uint32_t m = 0;
            for (uint32_t l = 0; l < sum->nargs; l++)
                if (l != j) coef[m] = sum->coef[l], arg[m++] = s->of[sum->arg[l]];
            h = sdp_value_simple(s, SDP_V_POW, 2,
                                 (sdp_val[]){s->of[power->arg[0]], sdp_value_number(s, SDP_NUM_HALF)}, 0, 0,
                                 sum->order, sum->dim);
            f[0] = sdp_value_sum(s, m, coef, arg), f[1] = sdp_value_power(s, s->of[power->arg[0]], -1);
            sdp_val u =
                sdp_value_times(s, SDP_NUM_ONE, 2, (sdp_val[]){s->of[n->arg[i]], sdp_value_power(s, h, -1)});
            p[i] = split_unit(s, u, sdp_value_times(s, SDP_NUM_ONE, 2, f));
            p[at].whole = k == -1 ? sdp_value_filled(s, SDP_NUM_ONE, u) : sdp_value_power(s, h, k + 1);
            return;
        }
}

// x^m h^k = (x/h)^m h^(k+m) for x or y
static void scale_by_hypot(sdp_schedule *s, const sdp_node *n, uint32_t at, sdp_parts *p)
{
    sdp_id x[2];
    sdp_val h;
    long k, m;
    if (!is_pointwise(s, n) || p[at].whole != s->of[n->arg[at]] ||
        !hypot_power(s, sdp_get(s->g, n->arg[at]), &h, x, &k))
        return;
    sdp_val by = sdp_value_power(s, h, -1);
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *f = sdp_get(s->g, n->arg[i]);
        bool power = f->kind == SDP_POW && sdp_get(s->g, f->arg[1])->kind == SDP_NUM &&
                     sdp_num_long(s->g, sdp_get(s->g, f->arg[1])->param, &m);
        sdp_id base = power ? f->arg[0] : n->arg[i];
        if (!power) m = 1;
        if (i == at || p[i].whole != s->of[n->arg[i]]) continue; // divided by another one already
        if ((base != x[0] && base != x[1]) || m < 1 || m > SDP_MOST_SPLIT || m + k > 0) continue;
        sdp_val u = sdp_value_times(s, SDP_NUM_ONE, 2, (sdp_val[]){s->of[base], by});
        sdp_val other = sdp_value_times(s, SDP_NUM_ONE, 2, (sdp_val[]){s->of[x[base == x[0]]], by});
        p[i] = sdp_power_parts(s, split_unit(s, u, sdp_value_power(s, other, 2)), m);
        k += m;
    }
    p[at].whole = sdp_value_power(s, h, k);
}

// In which order factors are divided by norm(x): scalar products and then arrays that are made of x, other
// vectors, scalar products, matrices. The last: never.
enum { OWN_PRODUCT, OWN_ARRAY, VECTOR, PRODUCT, MATRIX, NEVER };

static int turn_of(const sdp_graph *g, sdp_id f, sdp_id x)
{
    const sdp_node *n = sdp_get(g, f);
    if (f == x) return OWN_ARRAY;
    if (n->order == 0) return has_factor(n, x) ? OWN_PRODUCT : PRODUCT;
    return n->kind == SDP_SEL || n->order > 2 ? NEVER : n->order == 1 ? VECTOR : MATRIX;
}

// A factor norm(x)^k, k < 0, by which the other factors of a product are divided.
typedef struct {
    const sdp_node *product;
    uint32_t at; // which of its factors
    sdp_id x;
    long k;        // how often is left to divide, negative
    bool is_last;  // of the norms: one division is left for it
    bool is_plain; // the product is x/norm(x), which needs no care
} division;

// Divides factor i by the norm, once or, inside of a scalar product, up to as
// often as is left. Returns how often.
static long divide(sdp_schedule *s, const division *d, uint32_t i, int turn, sdp_val norm, bool *inside,
                   sdp_parts *p)
{
    sdp_parts q = {0, 0, 0};
    long times = 1;
    if (turn == OWN_PRODUCT || turn == PRODUCT) {
        times = divided_inside(s, sdp_get(s->g, d->product->arg[i]), norm, d->x, -d->k, &q);
        inside[i] = times > 0;
    } else {
        q.whole = sdp_value_divided(s, p->whole, norm);
    }
    if (!times) return 0;
    // and not divided by another norm
    bool unit_vector = turn == OWN_ARRAY && p->whole == s->of[d->x];
    *p = unit_vector ? split_unit(s, q.whole, 0) : q;
    return times;
}

// Distributes the divisions by norm(x) over the factors, so that no intermediate value overflows: first over
// what is made of x, then over others until one division is left, which stays for the end (of other norms
// than the last none does). inside[i]: factor i is a scalar product that is scaled already.
static void scale_by_norm(sdp_schedule *s, division d, bool *inside, sdp_parts *p)
{
    const sdp_node *n = d.product;
    sdp_val norm = sdp_value_reduce(s, SDP_RED_NORM, s->of[d.x], (1u << sdp_get(s->g, d.x)->order) - 1);
    bool outlasted = sdp_is_zero_at_zero_norm(s->g, n, d.at) || sdp_vanishes_with(s, n, d.x);
    long all = d.k;
    if (outlasted) norm = sdp_value_where(s, norm, norm, sdp_value_number(s, SDP_NUM_ONE)); // 0 at x = 0
    for (int turn = OWN_PRODUCT; turn < NEVER; turn++)
        for (uint32_t i = 0; i < n->nargs && d.k < (turn <= OWN_ARRAY || !d.is_last ? 0 : -1); i++) {
            if (turn_of(s->g, n->arg[i], d.x) != turn || inside[i] || (d.is_plain && turn == OWN_ARRAY))
                continue;
            d.k += divide(s, &d, i, turn, norm, inside, &p[i]);
        }
    if (d.k != all || outlasted) p[d.at].whole = sdp_value_power(s, norm, d.k);
}

sdp_parts *sdp_factor_parts(sdp_schedule *s, const sdp_node *n)
{
    sdp_parts *p = sdp_scratch(&s->g->base, (n->nargs + 1) * sizeof *p);
    bool *inside = sdp_scratch(&s->g->base, n->nargs + 1);
    uint32_t arrays = 0, norms = 0, done = 0;
    sdp_id unit;
    long k;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *x = sdp_get(s->g, n->arg[i]);
        p[i] = (sdp_parts){s->of[n->arg[i]], 0, 0};
        arrays += x->order > 0 && x->kind != SDP_SEL;
        norms += sdp_norm_power(s->g, n->arg[i], &k) != 0;
    }
    for (uint32_t i = 0; i < n->nargs && !norms; i++) scale_by_hypot(s, n, i, p);
    for (uint32_t i = 0; i < n->nargs && norms; i++)
        if ((unit = sdp_norm_power(s->g, n->arg[i], &k)) != 0)
            scale_by_norm(s,
                          (division){.product = n,
                                     .at = i,
                                     .x = unit,
                                     .k = k,
                                     .is_last = ++done == norms,
                                     .is_plain = arrays <= 1 && norms == 1 && k == -1},
                          inside, p);
    return p;
}
