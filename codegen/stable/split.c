// SPDX-License-Identifier: MIT
// Sums of exponentials, and differences of numbers that are nearly equal.
//
// Problem: y - sigmoid(x) with y = 1 and x = 40 is 0 as it is written; it is 4.2e-18. exp(800) overflows in
// logsumexp.
// Idea: exponentials are taken below their largest,
//
//   logsumexp(x) = m + log1p(sum(exp(x-m)) - 1)     softmax(x) = exp(x-m)/sum(exp(x-m))     m = max(x)
//
// and a function near a simple one is split, f = large + small, where the large part is exact and the
// small one has all its digits: softplus(x) = max(x,0) + softplus(-|x|), sigmoid(x) is 0, 1/2 or 1 and
// a rest, softmax(x) a one-hot vector and a rest. In a sum the large parts meet first, and what
// cancels there cancels exactly: softmax(x)-y, s.*v-s*(s'v). A product is split, with capitals for
// large parts and ' for small ones, by
//
//   f g h = F G H + (f' g h + F g' h + F G h')
//
// Invariant: the parts of a function add up to it wherever it has a value, so one part is changed only
// together with the other, as in where(c, large, 0) and where(c, small, whole). A sum is the sum of all parts
// of its terms, each once.
// Entry: sdp_lower_split_sum.
#include <string.h>

#include "codegen/stable/stable.h"

// ---- sums of exponentials ---------------------------------------------------------------------------------
static sdp_val shifted_exp(sdp_schedule *s, sdp_val x, uint32_t mask, sdp_val *shift)
{
    sdp_val max = sdp_value_reduce(s, SDP_RED_MAX, x, mask);
    *shift = sdp_value_simple(s, SDP_V_FINITE, 1, &max, 0, 0, s->value[max].order, s->value[max].dim);
    return sdp_value_map1(s, SDP_OP_exp,
                          sdp_value_add(s, SDP_NUM_ONE, x, SDP_NUM_MINUS_ONE,
                                        sdp_value_repeat(s, *shift, x, mask)));
}

// The sum of the exponentials below 1, or that of the others, which are 1:
// adding them would lose the small ones.
static sdp_val sum_part(sdp_schedule *s, sdp_val e, uint32_t mask, bool below)
{
    sdp_val ones = sdp_value_map(s, SDP_OP_ge, 2, (sdp_val[]){e, sdp_value_filled(s, SDP_NUM_ONE, e)});
    return sdp_value_sum_over(s, below ? sdp_value_add(s, SDP_NUM_ONE, e, SDP_NUM_MINUS_ONE, ones) : ones,
                              mask);
}

static sdp_parts split_logsumexp(sdp_schedule *s, sdp_val x, uint32_t mask)
{
    sdp_val shift, e = shifted_exp(s, x, mask, &shift), rest = sum_part(s, e, mask, true),
                   ones = sum_part(s, e, mask, false);
    sdp_val more =
        sdp_value_add(s, SDP_NUM_ONE, ones, SDP_NUM_MINUS_ONE, sdp_value_filled(s, SDP_NUM_ONE, ones));
    sdp_val log = sdp_value_map1(s, SDP_OP_log1p, sdp_value_add(s, SDP_NUM_ONE, rest, SDP_NUM_ONE, more));
    return (sdp_parts){sdp_value_add(s, SDP_NUM_ONE, shift, SDP_NUM_ONE, log), shift, log};
}

sdp_val sdp_lower_logsumexp(sdp_schedule *s, sdp_val x, uint32_t mask)
{
    return split_logsumexp(s, x, mask).whole;
}

sdp_val sdp_lower_softmax(sdp_schedule *s, sdp_val x, uint32_t mask)
{
    sdp_val shift, e = shifted_exp(s, x, mask, &shift), total = sdp_value_sum_over(s, e, mask);
    return sdp_value_times(s, SDP_NUM_ONE, 2,
                           (sdp_val[]){e, sdp_value_repeat(s, sdp_value_power(s, total, -1), x, mask)});
}

// At most one entry can be above 1/2: it is computed as 1 - (sum of the other exponentials)/total.
static sdp_parts split_softmax(sdp_schedule *s, sdp_val x, uint32_t mask)
{
    sdp_val shift, e = shifted_exp(s, x, mask, &shift), total = sdp_value_sum_over(s, e, mask),
                   whole = sdp_lower_softmax(s, x, mask);
    sdp_val part[2] = {sum_part(s, e, mask, true), sdp_value_power(s, total, -1)};
    sdp_val missing = sdp_value_repeat(s, sdp_value_times(s, SDP_NUM_MINUS_ONE, 2, part), x, mask);
    sdp_val top = sdp_value_add(s, SDP_NUM_TWO, e, SDP_NUM_MINUS_ONE, sdp_value_repeat(s, total, x, mask));
    sdp_val one = sdp_value_filled(s, SDP_NUM_ONE, x), zero = sdp_value_filled(s, SDP_NUM_ZERO, x);
    return (sdp_parts){whole, sdp_value_where(s, top, one, zero), sdp_value_where(s, top, missing, whole)};
}

// ---- roots ------------------------------------------------------------------------------------------------
// f = 1 + rest where `near` > 0
static sdp_parts split_near_one(sdp_schedule *s, sdp_val f, sdp_val rest, sdp_val near)
{
    sdp_val one = sdp_value_filled(s, SDP_NUM_ONE, f), zero = sdp_value_filled(s, SDP_NUM_ZERO, f);
    return (sdp_parts){f, sdp_value_where(s, near, one, zero), sdp_value_where(s, near, rest, f)};
}

// sqrt(1+v) = 1 + v/(1+sqrt(1+v)) for |v| < 1. The parts are 0 if the sum has no 1.
static sdp_parts split_root(sdp_schedule *s, sdp_id id)
{
    const sdp_node *n = sdp_get(s->g, id), *sum = sdp_get(s->g, n->arg[0]);
    sdp_val *arg = sdp_scratch(&s->g->base, (sum->nargs + 1) * sizeof *arg);
    sdp_num *coef = sdp_scratch(&s->g->base, (sum->nargs + 1) * sizeof *coef), one;
    uint32_t k = 0, found = 0;
    for (uint32_t i = 0; i < sum->nargs; i++)
        if (sdp_is_number(s->g, sum->arg[i], &one) && sdp_num_mul(s->g, one, sum->coef[i]) == SDP_NUM_ONE)
            found++;
        else arg[k] = s->of[sum->arg[i]], coef[k++] = sum->coef[i];
    if (found != 1) return (sdp_parts){0, 0, 0};
    sdp_val v = sdp_value_sum(s, k, coef, arg), root = s->of[id], ones = sdp_value_filled(s, SDP_NUM_ONE, v);
    sdp_val rest[2] = {v, sdp_value_power(s, sdp_value_add(s, SDP_NUM_ONE, root, SDP_NUM_ONE, ones), -1)};
    sdp_val near = sdp_value_add(s, SDP_NUM_ONE, ones, SDP_NUM_MINUS_ONE, sdp_value_map1(s, SDP_OP_abs, v));
    return split_near_one(s, root, sdp_value_times(s, SDP_NUM_ONE, 2, rest), near);
}

// sqrt(w^2+v) = |w| + v/(sqrt(w^2+v)+|w|) for |v| < w^2, where w is another term of the sum n, e.g.
// sqrt(x^2+1)-x. The parts are 0 if there is no such term.
static sdp_parts split_root_of_square(sdp_schedule *s, const sdp_node *n, sdp_id id)
{
    const sdp_node *sum = sdp_get(s->g, sdp_get(s->g, id)->arg[0]);
    sdp_val *arg = sdp_scratch(&s->g->base, (sum->nargs + 1) * sizeof *arg), w = 0;
    sdp_num *coef = sdp_scratch(&s->g->base, (sum->nargs + 1) * sizeof *coef), two;
    uint32_t k = 0;
    for (uint32_t i = 0; i < sum->nargs; i++) {
        const sdp_node *p = sdp_get(s->g, sum->arg[i]);
        bool square = !w && p->kind == SDP_POW && sum->coef[i] == SDP_NUM_ONE &&
                      sdp_is_number(s->g, p->arg[1], &two) && two == SDP_NUM_TWO,
             found = false;
        for (uint32_t j = 0; square && j < n->nargs; j++) found |= n->arg[j] == p->arg[0];
        if (found) w = s->of[p->arg[0]];
        else arg[k] = s->of[sum->arg[i]], coef[k++] = sum->coef[i];
    }
    if (!w || !k) return (sdp_parts){0, 0, 0};
    sdp_val v = sdp_value_sum(s, k, coef, arg), root = s->of[id], size = sdp_value_map1(s, SDP_OP_abs, w),
            zero = sdp_value_filled(s, SDP_NUM_ZERO, v);
    sdp_val rest[2] = {v, sdp_value_power(s, sdp_value_add(s, SDP_NUM_ONE, root, SDP_NUM_ONE, size), -1)},
            both[2] = {w, w};
    sdp_val near = sdp_value_add(s, SDP_NUM_ONE, sdp_value_times(s, SDP_NUM_ONE, 2, both), SDP_NUM_MINUS_ONE,
                                 sdp_value_map1(s, SDP_OP_abs, v));
    return (sdp_parts){root, sdp_value_where(s, near, size, zero),
                       sdp_value_where(s, near, sdp_value_times(s, SDP_NUM_ONE, 2, rest), root)};
}

// ---- which functions --------------------------------------------------------------------------------------
// The products of a function that are split, and the terms that their large parts cancel against.
enum {
    ALONE_NUMBER, // a number times a power of f, against numbers and others like it: 1 - tanh(x)^2
    ALONE,        // a number times a power of f, against any term of the other sign: y - sigmoid(x)
    SCALED,       // f times scalars or times one array, also summed: N*logsumexp(x) - y'*x
    ANY,          // a product with at most one array of more axes than a vector: S*v - s*(s'*v)
};
static const struct {
    uint16_t op;
    int when;
    sdp_parts (*split)(sdp_schedule *s, sdp_val x, uint32_t mask); // NULL: by formulas
    const char *near, *large, *small;
} table[] = {
    {SDP_OP_logsumexp, SCALED, split_logsumexp, NULL, NULL, NULL},
    {SDP_OP_softmax, ANY, split_softmax, NULL, NULL, NULL},
#define SPLIT(f, when, near, large, small) {SDP_OP_##f, when, NULL, near, large, small},
#include "codegen/stable/split.def"
};
enum { NONE = sizeof table / sizeof *table };

bool sdp_is_split(int op)
{
    bool found = false;
    for (uint32_t i = 0; i < NONE; i++) found |= table[i].op == op;
    return found;
}

static uint32_t function_of(const sdp_node *n)
{
    uint32_t i = 0;
    while (i < NONE && (table[i].op != n->op || (n->kind != SDP_MAP && n->kind != SDP_PRIM))) i++;
    return i;
}

static sdp_parts split_function(sdp_schedule *s, const sdp_node *n, uint32_t row)
{
    sdp_val x = s->of[n->arg[0]];
    uint32_t every = (1u << s->value[x].order) - 1;
    if (table[row].split) return table[row].split(s, x, n->param ? n->param & every : every);
    sdp_val whole = sdp_value_map1(s, n->op, x), large = sdp_value_formula(s, table[row].large, x);
    sdp_val small = sdp_value_formula(s, table[row].small, x);
    if (!*table[row].near) return (sdp_parts){whole, large, small};
    sdp_val near = sdp_value_formula(s, table[row].near, x), zero = sdp_value_filled(s, SDP_NUM_ZERO, x);
    return (sdp_parts){whole, sdp_value_where(s, near, large, zero), sdp_value_where(s, near, small, whole)};
}

// ---- powers and products ----------------------------------------------------------------------------------
// x^k for 2 <= k <= SDP_MOST_SPLIT
static bool is_small_power(const sdp_schedule *s, const sdp_node *n, long *k)
{
    const sdp_node *e = sdp_get(s->g, n->arg[1]);
    return e->kind == SDP_NUM && sdp_num_long(s->g, e->param, k) && *k >= 2 && *k <= SDP_MOST_SPLIT;
}

// f or f^k for 2 <= |k| <= SDP_MOST_SPLIT: the row of f in the table; its node and k. k < 0 only of what is
// split into 0, 1 or -1.
static uint32_t function_power(const sdp_schedule *s, sdp_id id, sdp_id *f, long *k)
{
    const sdp_node *n = sdp_get(s->g, id), *e = n->kind == SDP_POW ? sdp_get(s->g, n->arg[1]) : NULL;
    *f = e ? n->arg[0] : id;
    *k = 1;
    uint32_t row = function_of(sdp_get(s->g, *f));
    if (!e || row == NONE) return row;
    bool negative = e->kind == SDP_NUM && sdp_num_long(s->g, e->param, k) && *k < 0 && *k >= -SDP_MOST_SPLIT;
    return negative ? (table[row].when == ALONE_NUMBER ? row : NONE) : is_small_power(s, n, k) ? row : NONE;
}

static bool fits(const sdp_schedule *s, const sdp_node *m, uint32_t at, int when)
{
    uint32_t wide = 0, order = sdp_get(s->g, m->arg[at])->order;
    // or repeated
    if (when == ALONE || when == ALONE_NUMBER)
        return m->nargs == 1 && (m->nlabels == order || m->nlabels == m->order);
    if (when == SCALED && m->nargs == 2) return true; // such as Y.*logsumexp(Z,2)
    for (uint32_t i = 0; i < m->nargs; i++) {
        const sdp_node *x = sdp_get(s->g, m->arg[i]);
        if (i != at && x->order && when == SCALED) return false;
        if (x->order > order) return false;
        wide += x->order > 1 && function_of(x) == NONE;
    }
    return wide <= 1;
}

// Does factor at of a product, element by element, meet a split sum? A large part of
// the product then is one of both.
static bool meets_sum(const sdp_schedule *s, const sdp_node *m, uint32_t at)
{
    bool sum = false;
    for (uint32_t i = 0; i < m->nargs; i++) {
        sum |= i != at && s->stable->parts[m->arg[i]].large;
        if (sdp_get(s->g, m->arg[i])->order != m->order) return false;
    }
    return sum && m->nlabels == m->order;
}

static sdp_parts split_scalar(sdp_schedule *s, sdp_id id, sdp_split_term *t);

// The parts of factor i and, in t->when, which products of it are split. A factor that took in a power of a
// norm keeps its parts: the function it holds was split without that power.
static void split_factor(sdp_schedule *s, const sdp_node *m, uint32_t i, sdp_parts *p, sdp_split_term *t,
                         bool nested)
{
    sdp_id id = m->arg[i], base;
    long k;
    if (p->large) t->when = ANY;
    if (p->whole != s->of[id]) return;
    uint32_t row = function_power(s, id, &base, &k);
    sdp_parts sum = s->stable->parts[id];
    if (nested) *p = split_scalar(s, id, t);
    if (!p->large && sum.large && fits(s, m, i, ANY)) *p = sum, t->when = ANY;
    if (row == NONE) return;
    bool alone = fits(s, m, i, table[row].when);
    if (!alone && !meets_sum(s, m, i)) return;
    *p = sdp_power_parts(s, split_function(s, sdp_get(s->g, base), row), k);
    t->when = alone ? table[row].when : ANY;
}

// The large part is the product of all large parts; the small part of factor `at` stands behind large parts
// and before whole factors, as g' in F g' h.
static void multiply_parts(sdp_schedule *s, const sdp_node *m, const sdp_parts *p, sdp_split_term *t)
{
    sdp_val *f = sdp_scratch(&s->g->base, (m->nargs + 1) * sizeof *f);
    for (uint32_t at = 0; at < m->nargs; at++) {
        if (!p[at].large) continue;
        for (uint32_t i = 0; i < m->nargs; i++) f[i] = i < at && p[i].large ? p[i].large : p[i].whole;
        f[at] = p[at].small;
        t->small[t->n++] = sdp_lower_product(s, m, f);
    }
    for (uint32_t i = 0; i < m->nargs; i++) f[i] = p[i].large ? p[i].large : p[i].whole;
    t->large = sdp_lower_product(s, m, f);
}

// First which factors are split, then how the product is. nested: factors that
// are scalar products are split, too.
static void split_product(sdp_schedule *s, const sdp_node *m, sdp_split_term *t, bool nested)
{
    sdp_parts *p = sdp_factor_parts(s, m);
    uint32_t nsplit = 0;
    for (uint32_t i = 0; i < m->nargs; i++)
        if (p[i].whole == s->of[m->arg[i]]) sdp_split_by_root(s, m, i, p);
    for (uint32_t i = 0; i < m->nargs; i++) {
        split_factor(s, m, i, &p[i], t, nested);
        nsplit += p[i].large != 0;
    }
    if (nsplit && nsplit <= SDP_MOST_SPLIT) multiply_parts(s, m, p, t);
}

// s'v or a power of it as a factor
static sdp_parts split_scalar(sdp_schedule *s, sdp_id id, sdp_split_term *t)
{
    const sdp_node *n = sdp_get(s->g, id), *m = n;
    long k = 1;
    sdp_split_term inner = {.large = 0};
    if (n->kind == SDP_POW && is_small_power(s, n, &k)) m = sdp_get(s->g, n->arg[0]);
    if (m->kind == SDP_MUL && !m->order) split_product(s, m, &inner, false);
    if (!inner.large) return (sdp_parts){s->of[id], 0, 0};
    t->when = inner.when;
    sdp_num one[SDP_MOST_SPLIT] = {SDP_NUM_ONE, SDP_NUM_ONE, SDP_NUM_ONE,
                                   SDP_NUM_ONE, SDP_NUM_ONE, SDP_NUM_ONE};
    sdp_parts p = {s->of[m == n ? id : n->arg[0]], inner.large, sdp_value_sum(s, inner.n, one, inner.small)};
    return sdp_power_parts(s, p, k);
}

// sqrt of a sum: w^2+v beside a term w, else 1+v.
static sdp_split_term split_square_root(sdp_schedule *s, const sdp_node *sum, sdp_id id)
{
    sdp_parts p = split_root_of_square(s, sum, id);
    int when = p.large ? SCALED : ALONE_NUMBER;
    if (!p.large) p = split_root(s, id);
    return (sdp_split_term){.large = p.large, .small = {p.small}, .n = 1, .when = when};
}

static bool is_square_root_of_sum(const sdp_schedule *s, const sdp_node *n)
{
    if (n->kind != SDP_POW) return false;
    const sdp_node *e = sdp_get(s->g, n->arg[1]);
    return e->kind == SDP_NUM && e->param == SDP_NUM_HALF && sdp_get(s->g, n->arg[0])->kind == SDP_ADD;
}

// The parts of the term id of a sum; large is 0 if it is not split.
static void split_one(sdp_schedule *s, const sdp_node *sum, sdp_id id, sdp_split_term *t)
{
    const sdp_node *n = sdp_get(s->g, id);
    sdp_id f;
    long k;
    *t = (sdp_split_term){.large = 0};
    if (n->kind == SDP_MUL) {
        if (!s->stable->by_series[id]) split_product(s, n, t, true);
        return;
    }
    if (n->kind == SDP_POW && !n->order && sdp_get(s->g, n->arg[0])->kind == SDP_MUL) {
        sdp_parts p = split_scalar(s, id, t);
        *t = (sdp_split_term){.large = p.large, .small = {p.small}, .n = p.large != 0, .when = t->when};
        return;
    }
    if (is_square_root_of_sum(s, n)) {
        *t = split_square_root(s, sum, id);
        return;
    }
    uint32_t row = function_power(s, id, &f, &k);
    if (row == NONE) return;
    sdp_parts p = sdp_power_parts(s, split_function(s, sdp_get(s->g, f), row), k);
    *t = (sdp_split_term){.large = p.large, .small = {p.small}, .n = 1, .when = table[row].when};
}

// ---- sums -------------------------------------------------------------------------------------------------
static bool is_number(const sdp_schedule *s, sdp_id a)
{
    sdp_id scalar;
    return sdp_get(s->g, a)->kind == SDP_NUM ||
           (sdp_is_broadcast(s->g, a, &scalar) && sdp_get(s->g, scalar)->kind == SDP_NUM);
}

// Can the large part of term i cancel against another term?
static bool may_cancel(const sdp_schedule *s, const sdp_node *n, uint32_t i, const sdp_split_term *t)
{
    for (uint32_t k = 0; k < n->nargs; k++) {
        sdp_id a = n->arg[k];
        bool number = is_number(s, a);
        bool opposite = (sdp_num_sign(s->g, n->coef[k]) < 0) != (sdp_num_sign(s->g, n->coef[i]) < 0);
        bool like = t[k].large && t[k].when == ALONE_NUMBER;
        // a variable may have any sign
        if (t[i].when == SCALED && !sdp_known_nonneg(s->g, a)) opposite = true;
        if (number && !sdp_known_nonneg(s->g, n->arg[i])) opposite = true; // and so may x/sqrt(x^2+1)
        if (k != i && (t[i].when == ALONE_NUMBER ? number || like : opposite)) return true;
    }
    return false;
}

// Numbers and the large parts of what is split, then the other terms: one of them may
// be smaller than all that cancels.
static sdp_val sum_of_large(sdp_schedule *s, const sdp_node *n, const sdp_split_term *t, const sdp_val *large,
                            const sdp_num *coef)
{
    sdp_val *arg = sdp_scratch(&s->g->base, (n->nargs + 1) * sizeof *arg);
    sdp_num *c = sdp_scratch(&s->g->base, (n->nargs + 1) * sizeof *c);
    uint32_t k = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < n->nargs; i++) {
            bool first = t[i].n || is_number(s, n->arg[i]);
            if (coef[i] == SDP_NUM_ZERO || first != (pass == 0)) continue;
            arg[k] = large[i];
            c[k++] = coef[i];
        }
        if (k > 1) arg[0] = sdp_value_sum(s, k, c, arg), c[0] = SDP_NUM_ONE, k = 1; // a sum of its own
    }
    return sdp_value_sum(s, k, c, arg);
}

// The parts of a sum if the large one is larger indeed. Where they cancel against each other, F = -f', the
// terms of a product F G + f' g + F g' would be larger than the product.
static sdp_parts prevailing(sdp_schedule *s, sdp_parts p)
{
    sdp_val large = sdp_value_map1(s, SDP_OP_abs, p.large), small = sdp_value_map1(s, SDP_OP_abs, p.small);
    sdp_val more = sdp_value_add(s, SDP_NUM_ONE, large, sdp_num_int(s->g, -2), small),
            zero = sdp_value_filled(s, SDP_NUM_ZERO, p.whole);
    return (sdp_parts){p.whole, sdp_value_where(s, more, p.large, zero),
                       sdp_value_where(s, more, p.small, p.whole)};
}

// The sum of the large parts, then the small ones; 0 if nothing is split. The parts are kept for products
// that contain the sum.
sdp_val sdp_lower_split_sum(sdp_schedule *s, sdp_id id)
{
    const sdp_node *n = sdp_get(s->g, id);
    sdp_split_term *t = sdp_scratch(&s->g->base, n->nargs * sizeof *t);
    uint32_t total = 1;
    for (uint32_t i = 0; i < n->nargs; i++) split_one(s, n, n->arg[i], &t[i]);
    for (uint32_t i = 0; i < n->nargs; i++)
        if (t[i].large && may_cancel(s, n, i, t)) total += t[i].n;
        else t[i].n = 0;
    if (total == 1) return 0;
    sdp_val *arg = sdp_scratch(&s->g->base, (total + n->nargs) * sizeof *arg), *large = arg + total;
    sdp_num *coef = sdp_scratch(&s->g->base, (total + n->nargs) * sizeof *coef), *kept = coef + total;
    uint32_t at = 1;
    sdp_copy(kept, n->coef, n->nargs * sizeof *kept);
    for (uint32_t i = 0; i < n->nargs; i++) large[i] = t[i].n ? t[i].large : s->of[n->arg[i]];
    sdp_join_maxima(s, n, t, large, kept);
    for (uint32_t i = 0; i < n->nargs; i++)
        for (uint32_t k = 0; k < t[i].n; k++) arg[at] = t[i].small[k], coef[at++] = n->coef[i];
    arg[0] = sum_of_large(s, n, t, large, kept);
    coef[0] = SDP_NUM_ONE;
    sdp_val whole = sdp_value_sum(s, total, coef, arg);
    s->stable->parts[id] =
        prevailing(s, (sdp_parts){whole, arg[0], sdp_value_sum(s, total - 1, coef + 1, arg + 1)});
    return whole;
}
