// SPDX-License-Identifier: MIT
// Quotients of sums, as other forms of a node (see expand.c):
//
//   over a denominator   x/P + y = (x + y P)/P with the scalar powers P of all terms, multiplied out
//   clear                s^e (p/s + q)^e = (p + s q)^e: a sum inside a product over its denominator, which
//                        may cancel
//   join                 P^e Q^e = (P Q)^e: sums multiplied out for an integer e < 0, scalars under one root
//   lowest power         x P^e + y P^f = P^e (x + y P^(f-e)) for a number f - e > 0
//   highest power        the same as P^f (x P^(e-f) + y), if f is no number, or f < 0 and they are arrays
//   multiply out all     products of sums, and their squares, until none is left
#include <string.h>

#include "simplify/simplify.h"

enum { MOST_BASES = 4, MOST_FACTOR = 8 };

// ---- multiplying out --------------------------------------------------------------------------------------

// Is the factor a sum, or a small power of one? Then the power that is left without it, 0: none.
static const sdp_node *sum_factor(sdp_graph *g, sdp_id f, sdp_id *left)
{
    const sdp_node *n = sdp_get(g, f);
    sdp_num e;
    long k;
    *left = 0;
    if (n->kind == SDP_POW && sdp_is_number(g, n->arg[1], &e) && sdp_num_long(g, e, &k) &&
        (k == 2 || k == 3)) {
        const sdp_node *base = sdp_get(g, n->arg[0]);
        if (base->order != n->order) return NULL;
        *left = sdp_power_num(g, n->arg[0], sdp_num_int(g, k - 1));
        n = base;
    }
    return n->kind == SDP_ADD && n->nargs <= MOST_FACTOR ? n : NULL;
}

// Replaces term i of the bag by its products; false if it has no sum as a factor.
static bool multiply_term(sdp_term_list *b, uint32_t i)
{
    sdp_graph *g = b->g;
    sdp_num coef = b->coef[i];
    sdp_id id = b->node[i], left;
    const sdp_node *n = sdp_get(g, id);
    bool product = sdp_is_product(n);
    if (product && sdp_is_quadratic_form(g, n)) return false;
    for (uint32_t k = 0; k < (product ? n->nargs : 1); k++) {
        const sdp_node *s = sum_factor(g, product ? n->arg[k] : id, &left);
        if (!s) continue;
        for (uint32_t j = 0; j < s->nargs; j++) {
            sdp_id part = left ? sdp_times(g, s->arg[j], left) : s->arg[j];
            if (product) part = sdp_with_factor(g, n, k, part);
            if (j > 0) sdp_bag_add(b, sdp_num_mul(g, coef, s->coef[j]), part);
            else b->coef[i] = sdp_num_mul(g, coef, s->coef[j]), b->node[i] = part;
        }
        return true;
    }
    return false;
}

sdp_id sdp_multiply_out_all(sdp_graph *g, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    sdp_term_list b = {.g = g};
    bool any = false;
    if (n->kind == SDP_ADD && n->nargs > SDP_BAG_TERMS / 2) return id;
    if (n->kind == SDP_ADD)
        for (uint32_t i = 0; i < n->nargs; i++) sdp_bag_add(&b, n->coef[i], n->arg[i]);
    else sdp_bag_add(&b, SDP_NUM_ONE, id);
    for (uint32_t i = 0; i < b.n && !b.full; i++)
        while (!b.full && multiply_term(&b, i)) any = true;
    return any ? sdp_unite_terms(g, sdp_bag_total(&b, id)) : id;
}

// ---- denominators -----------------------------------------------------------------------------------------

typedef struct {
    sdp_id base[MOST_BASES];
    sdp_num lowest[MOST_BASES];
    uint32_t n;
    bool full;
} denominators;

static void note_denominator(sdp_graph *g, denominators *d, sdp_id f)
{
    const sdp_node *p = sdp_get(g, f);
    sdp_num e;
    if (p->kind != SDP_POW || p->order || !sdp_is_number(g, p->arg[1], &e) || sdp_num_sign(g, e) >= 0) return;
    if (sdp_get(g, p->arg[0])->kind == SDP_NUM || sdp_get(g, p->arg[0])->kind == SDP_CONST) return;
    for (uint32_t i = 0; i < d->n; i++)
        if (d->base[i] == p->arg[0]) {
            if (sdp_num_cmp(g, e, d->lowest[i]) < 0) d->lowest[i] = e;
            return;
        }
    d->full |= d->n == MOST_BASES;
    if (d->full) return;
    d->base[d->n] = p->arg[0];
    d->lowest[d->n++] = e;
}

// sum = numerator * denominator, the numerator multiplied out or not; false if
// there is no denominator, or too many.
static bool split(sdp_graph *g, sdp_id sum, bool out, sdp_id *numerator, sdp_id *denominator)
{
    const sdp_node *n = sdp_get(g, sum);
    denominators d = {0};
    sdp_term_list b = {.g = g};
    if (n->kind != SDP_ADD || n->nargs > SDP_BAG_TERMS / 2) return false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *t = sdp_get(g, n->arg[i]);
        note_denominator(g, &d, n->arg[i]);
        for (uint32_t k = 0; sdp_is_product(t) && k < t->nargs; k++) note_denominator(g, &d, t->arg[k]);
    }
    if (!d.n || d.full) return false;
    sdp_id up = sdp_number(g, SDP_NUM_ONE);
    *denominator = up;
    for (uint32_t i = 0; i < d.n; i++) {
        up = sdp_times(g, up, sdp_power_num(g, d.base[i], sdp_num_neg(g, d.lowest[i])));
        *denominator = sdp_times(g, *denominator, sdp_power_num(g, d.base[i], d.lowest[i]));
    }
    for (uint32_t i = 0; i < n->nargs; i++) sdp_bag_add(&b, n->coef[i], sdp_times(g, n->arg[i], up));
    *numerator = sdp_bag_total(&b, sum);
    if (out) *numerator = sdp_multiply_out_all(g, *numerator);
    return true;
}

static sdp_id over(sdp_graph *g, sdp_id sum, bool out)
{
    sdp_id up, down;
    return sdp_get(g, sum)->order == 0 && split(g, sum, out, &up, &down) ? sdp_times(g, up, down) : sum;
}

static sdp_id clear(sdp_graph *g, sdp_id id, bool out)
{
    const sdp_node *n = sdp_get(g, id);
    sdp_num e;
    for (uint32_t i = 0; sdp_is_product(n) && i < n->nargs; i++) {
        const sdp_node *p = sdp_get(g, n->arg[i]);
        bool power = p->kind == SDP_POW && sdp_is_number(g, p->arg[1], &e) && sdp_num_is_int(g, e) &&
                     p->order == sdp_get(g, p->arg[0])->order;
        sdp_id up, down;
        if (!split(g, power ? p->arg[0] : n->arg[i], out, &up, &down)) continue;
        sdp_id whole = sdp_times(g, up, down);
        sdp_id cleared = sdp_with_factor(g, n, i, power ? sdp_power_num(g, whole, e) : whole);
        if (cleared == id) continue;
        id = cleared;
        n = sdp_get(g, id);
        i = UINT32_MAX; // again from the first factor
    }
    return id;
}

sdp_id sdp_over_joined_denominator(sdp_graph *g, sdp_id sum) // 1/(1+x)+1/(1-x) = 2/(1-x^2)
{
    sdp_id quotient = over(g, sum, true);
    return quotient == sum ? sum : sdp_join_powers(g, quotient);
}

sdp_id sdp_over_denominator(sdp_graph *g, sdp_id sum) { return over(g, sum, false); }
sdp_id sdp_over_denominator_out(sdp_graph *g, sdp_id sum) { return over(g, sum, true); }
sdp_id sdp_clear_denominators(sdp_graph *g, sdp_id product) { return clear(g, product, false); }
sdp_id sdp_clear_denominators_out(sdp_graph *g, sdp_id product) { return clear(g, product, true); }

// ---- joining powers ---------------------------------------------------------------------------------------

// May the two powers be one? Sums below the line, or anything under a root:
// what is under roots is not negative.
static bool joins(sdp_graph *g, const sdp_node *a, const sdp_node *b, sdp_num *e)
{
    if (a->kind != SDP_POW || b->kind != SDP_POW || a->order || b->order || a->arg[1] != b->arg[1] ||
        !sdp_is_number(g, a->arg[1], e))
        return false;
    int sums = (sdp_get(g, a->arg[0])->kind == SDP_ADD) + (sdp_get(g, b->arg[0])->kind == SDP_ADD);
    return sdp_num_is_int(g, *e) ? sums == 2 && sdp_num_sign(g, *e) < 0 : !sums;
}

sdp_id sdp_join_powers(sdp_graph *g, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    sdp_num e;
    for (uint32_t i = 0; sdp_is_product(n) && i < n->nargs; i++)
        for (uint32_t k = i + 1; k < n->nargs; k++) {
            const sdp_node *a = sdp_get(g, n->arg[i]), *b = sdp_get(g, n->arg[k]);
            if (!joins(g, a, b, &e)) continue;
            sdp_id base = sdp_multiply_out_all(g, sdp_times(g, a->arg[0], b->arg[0])),
                   rest = sdp_with_factor(g, n, k, sdp_number(g, SDP_NUM_ONE));
            return sdp_times(g, sdp_times(g, rest, sdp_power_num(g, n->arg[i], SDP_NUM_MINUS_ONE)),
                             sdp_power_num(g, base, e));
        }
    return id;
}

// ---- the lowest power of what terms share -----------------------------------------------------------------

// The exponent of `base` in a term (0: of the i-th factor, whatever its base), as a scalar or entry by
// entry; false: none. Norms stay as they are: an even power of one is a sum of squares, which may
// overflow where the norm does not.
static bool exponent_of(sdp_graph *g, sdp_id term, uint32_t i, sdp_id *base, sdp_id *exponent)
{
    const sdp_node *t = sdp_get(g, term);
    bool product = sdp_is_product(t);
    sdp_id f = product ? t->arg[i] : term, scalar;
    const sdp_node *n = sdp_get(g, f);
    bool power = n->kind == SDP_POW;
    sdp_id b = power ? n->arg[0] : f, e = power ? n->arg[1] : sdp_number(g, SDP_NUM_ONE);
    const sdp_node *x = sdp_get(g, b);
    if ((*base && *base != b) || x->kind == SDP_NUM || x->kind == SDP_CONST ||
        (x->kind == SDP_PRIM && x->op == SDP_OP_norm))
        return false;
    if (n->order && (n->order != t->order ||
                     (product && memcmp(sdp_labels(g, t, i), sdp_labels(g, t, t->nargs), n->order) != 0)))
        return false;
    if (sdp_is_broadcast(g, e, &scalar)) e = scalar;
    return *base = b, *exponent = e, true;
}

static bool find_exponent(sdp_graph *g, sdp_id term, sdp_id base, sdp_id *exponent)
{
    const sdp_node *t = sdp_get(g, term);
    for (uint32_t i = 0; i < (sdp_is_product(t) ? t->nargs : 1); i++)
        if (exponent_of(g, term, i, &base, exponent)) return true;
    return false;
}

typedef enum { LOWEST = -1, HIGHEST = 1 } extreme;

// The extreme exponent that `base` has in the terms, if it has different ones; `has`: in which terms.
static bool extreme_exponent(sdp_graph *g, const sdp_node *n, sdp_id base, extreme which, sdp_id *best,
                             bool *has)
{
    bool differ = false;
    sdp_id e;
    *best = 0;
    for (uint32_t j = 0; j < n->nargs; j++) {
        sdp_num d = SDP_NUM_ZERO;
        has[j] = find_exponent(g, n->arg[j], base, &e);
        if (!has[j]) continue;
        if (*best && sdp_get(g, e)->order != sdp_get(g, *best)->order) return false; // x.^t and x.^y
        if (*best && !sdp_is_number(g, sdp_sub(g, e, *best), &d)) return false;
        differ |= d != SDP_NUM_ZERO;
        if (!*best || sdp_num_sign(g, d) == (int)which) *best = e;
    }
    return differ;
}

static sdp_id extreme_power(sdp_graph *g, sdp_id sum, extreme which, int most);

static sdp_id pull_power(sdp_graph *g, const sdp_node *n, sdp_id base, sdp_id exponent, extreme which,
                         int most, const bool *has)
{
    sdp_term_list in = {.g = g}, whole = {.g = g};
    sdp_id down = sdp_power(g, base, sdp_scale(g, SDP_NUM_MINUS_ONE, exponent));
    for (uint32_t j = 0; j < n->nargs; j++)
        sdp_bag_add(has[j] ? &in : &whole, n->coef[j], has[j] ? sdp_times(g, n->arg[j], down) : n->arg[j]);
    sdp_id rest = extreme_power(g, sdp_bag_total(&in, 0), which, most - 1);
    sdp_bag_add(&whole, SDP_NUM_ONE, sdp_times(g, sdp_power(g, base, exponent), rest));
    return sdp_bag_total(&whole, 0);
}

// Has the sum a value for base > 0 only? x^p*(p*y/x+z) has none at x = 0, where x^(p-1)*(p*y+x*z) has one for
// p > 1; a logarithm of the base has none there, either.
static bool must_be_positive(sdp_graph *g, sdp_id sum, sdp_id base)
{
    return sdp_known_positive(g, base) || sdp_depends(g, sum, sdp_map1(g, SDP_OP_log, base));
}

// Of the first base that has different exponents, then of up to `most` others
static sdp_id extreme_power(sdp_graph *g, sdp_id sum, extreme which, int most)
{
    const sdp_node *n = sdp_get(g, sum);
    bool has[SDP_BAG_TERMS];
    sdp_num number;
    if (n->kind != SDP_ADD || n->nargs > MOST_FACTOR || most == 0) return sum;
    for (uint32_t j = 0; j + 1 < n->nargs; j++) {
        const sdp_node *t = sdp_get(g, n->arg[j]);
        for (uint32_t i = 0; i < (sdp_is_product(t) ? t->nargs : 1); i++) {
            sdp_id base = 0, e;
            if (!exponent_of(g, n->arg[j], i, &base, &e) || !extreme_exponent(g, n, base, which, &e, has))
                continue;
            bool symbol = !sdp_is_number(g, e, &number), below = !symbol && sdp_num_sign(g, number) < 0;
            if (which == HIGHEST && (sdp_get(g, base)->order ||
                                     !((symbol && must_be_positive(g, sum, base)) || (below && n->order))))
                continue;
            return pull_power(g, n, base, e, which, most, has);
        }
    }
    return sum;
}

sdp_id sdp_lowest_power(sdp_graph *g, sdp_id sum) { return extreme_power(g, sum, LOWEST, MOST_BASES); }
sdp_id sdp_highest_power(sdp_graph *g, sdp_id sum) { return extreme_power(g, sum, HIGHEST, MOST_BASES); }
