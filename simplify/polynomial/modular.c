// SPDX-License-Identifier: MIT
// Irreducible factors of a polynomial of one variable modulo the prime p = 2^61-1.
//
//   distinct   f/gcd(f, f') has every factor once
//   by degree  gcd(f, x^(p^d) - x) is the product of all irreducible factors of degree d
//   split      for a random r, gcd(f, r^((p^d-1)/2) - 1) has about half of those factors (Cantor and
//              Zassenhaus, 1981)
//
// Random numbers are hashes, so that the same polynomial is always factored in the same way. Degrees stay
// below p, so derivatives behave as over the rationals. Entry: sdp_modular_factors.
#include "simplify/polynomial/polynomial.h"
#include "simplify/zero/field.h"

typedef sdp_residue poly;

static poly zero(sdp_base *b, int degree)
{
    return (poly){degree, sdp_scratch(b, ((size_t)(degree < 0 ? 0 : degree) + 1) * sizeof(uint64_t))};
}

static poly trimmed(poly a)
{
    while (a.degree >= 0 && !a.c[a.degree]) a.degree--;
    return a;
}

static poly copy(sdp_base *b, const poly *a)
{
    poly r = zero(b, a->degree);
    for (int k = 0; k <= a->degree; k++) r.c[k] = a->c[k];
    return r;
}

static poly monic(poly a)
{
    if (a.degree < 0) return a;
    uint64_t lead = sdp_field_inv(a.c[a.degree]);
    for (int k = 0; k <= a.degree; k++) a.c[k] = sdp_field_mul(a.c[k], lead);
    return a;
}

poly sdp_residue_times(sdp_base *b, const poly *x, const poly *y)
{
    if (x->degree < 0 || y->degree < 0) return zero(b, -1);
    poly r = zero(b, x->degree + y->degree);
    for (int i = 0; i <= x->degree; i++)
        for (int k = 0; k <= y->degree; k++)
            r.c[i + k] = sdp_field_add(r.c[i + k], sdp_field_mul(x->c[i], y->c[k]));
    return r;
}

// a modulo the monic m, in place; the quotient if there is room for it
static poly reduced(poly a, const poly *m, uint64_t *quotient)
{
    for (int k = a.degree - m->degree; k >= 0; k--) {
        uint64_t q = a.c[k + m->degree];
        if (quotient) quotient[k] = q;
        for (int i = 0; q && i <= m->degree; i++)
            a.c[k + i] = sdp_field_sub(a.c[k + i], sdp_field_mul(q, m->c[i]));
    }
    if (a.degree >= m->degree) a.degree = m->degree - 1;
    return trimmed(a);
}

static poly gcd(sdp_base *b, const poly *x, const poly *y)
{
    poly a = monic(copy(b, x)), c = monic(copy(b, y));
    while (c.degree >= 0) {
        poly rest = a.degree < c.degree ? a : reduced(a, &c, NULL);
        a = c;
        c = monic(rest);
    }
    return a;
}

static poly quotient(sdp_base *b, const poly *x, const poly *monic_divisor)
{
    poly q = zero(b, x->degree - monic_divisor->degree);
    reduced(copy(b, x), monic_divisor, q.c);
    return q;
}

// a^e modulo the monic f
static poly power(sdp_base *b, const poly *a, uint64_t e, const poly *f)
{
    size_t room = (2 * (size_t)f->degree + 2) * sizeof(uint64_t);
    poly r = zero(b, f->degree), square = reduced(copy(b, a), f, NULL);
    r.degree = 0, r.c[0] = 1;
    uint64_t *base = sdp_scratch(b, room), *result = sdp_scratch(b, room);
    sdp_copy(base, square.c, ((size_t)square.degree + 1) * sizeof *base);
    result[0] = 1;
    poly x = {square.degree, base}, y = {0, result};
    for (; e; e >>= 1) {
        sdp_mark m = sdp_scratch_mark(b);
        if (e & 1) {
            poly t = reduced(sdp_residue_times(b, &y, &x), f, NULL);
            y.degree = t.degree;
            sdp_copy(y.c, t.c, ((size_t)(t.degree + 1)) * sizeof *t.c);
        }
        poly t = reduced(sdp_residue_times(b, &x, &x), f, NULL);
        x.degree = t.degree;
        sdp_copy(x.c, t.c, ((size_t)(t.degree + 1)) * sizeof *t.c);
        sdp_scratch_release(b, m);
    }
    return y;
}

typedef struct {
    sdp_base *b;
    poly *factor;
    uint32_t n;
    uint64_t seed;
} factors;

// r^((p^d-1)/2) modulo f, for d the degree of its factors: the product of
// r^(p^k), k < d, to the power (p-1)/2
static poly half_power(factors *w, poly r, int d, const poly *f)
{
    poly norm = r, turned = r;
    for (int k = 1; k < d; k++) {
        turned = power(w->b, &turned, SDP_FIELD_PRIME, f);
        norm = reduced(sdp_residue_times(w->b, &norm, &turned), f, NULL);
    }
    return power(w->b, &norm, (SDP_FIELD_PRIME - 1) / 2, f);
}

// Splits the product f of factors of degree d.
static void split(factors *w, const poly *f, int d)
{
    poly *stack = sdp_scratch(w->b, ((size_t)f->degree + 2) * sizeof *stack);
    uint32_t n = 0;
    stack[n++] = *f;
    while (n) {
        poly top = stack[--n];
        if (top.degree == d) {
            w->factor[w->n++] = top;
            continue;
        }
        poly r = zero(w->b, top.degree - 1);
        for (int k = 0; k < top.degree; k++) r.c[k] = w->seed = sdp_field_hash(w->seed, (uint64_t)k);
        poly h = half_power(w, trimmed(r), d, &top);
        if (h.degree < 0) h.degree = 0;
        h.c[0] = sdp_field_sub(h.c[0], 1);
        h = trimmed(h);
        poly part = gcd(w->b, &top, &h);
        bool splits = part.degree > 0 && part.degree < top.degree;
        if (splits) stack[n++] = quotient(w->b, &top, &part);
        stack[n++] = splits ? part : top;
    }
}

// Each factor as often as it divides f, equal ones side by side
static uint32_t repeated_factors(sdp_base *b, const poly *f, const factors *w, poly **factor)
{
    uint32_t n = 0;
    poly left = *f, *list = sdp_scratch(b, ((size_t)f->degree + 1) * sizeof *list);
    for (uint32_t i = 0; i < w->n; i++)
        while (left.degree >= w->factor[i].degree &&
               reduced(copy(b, &left), &w->factor[i], NULL).degree < 0) {
            left = quotient(b, &left, &w->factor[i]);
            list[n++] = w->factor[i];
        }
    *factor = list;
    return n;
}

uint32_t sdp_modular_factors(sdp_base *b, const sdp_residue *f, sdp_residue **factor)
{
    factors w = {.b = b, .factor = sdp_scratch(b, ((size_t)f->degree + 1) * sizeof *w.factor), .seed = 1};
    poly whole = monic(copy(b, f)), slope = zero(b, f->degree - 1);
    for (int k = 1; k <= whole.degree; k++) slope.c[k - 1] = sdp_field_mul(whole.c[k], (uint64_t)k);
    slope = trimmed(slope);
    poly repeated = gcd(b, &whole, &slope), rest = quotient(b, &whole, &repeated);
    poly x = zero(b, 1);
    x.c[1] = 1;
    poly turned = x;
    for (int d = 1; 2 * d <= rest.degree; d++) {
        turned = power(b, &turned, SDP_FIELD_PRIME, &rest);
        poly less = zero(b, turned.degree > 1 ? turned.degree : 1);
        for (int k = 0; k <= turned.degree; k++) less.c[k] = turned.c[k];
        less.c[1] = sdp_field_sub(less.c[1], 1);
        less = trimmed(less);
        poly same = less.degree < 0 ? rest : gcd(b, &rest, &less);
        if (same.degree < 1) continue;
        split(&w, &same, d);
        rest = quotient(b, &rest, &same);
        if (rest.degree > 0) turned = reduced(turned, &rest, NULL);
    }
    if (rest.degree > 0) w.factor[w.n++] = rest;
    return repeated_factors(b, &whole, &w, factor);
}
