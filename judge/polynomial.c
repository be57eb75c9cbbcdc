// SPDX-License-Identifier: MIT
// Is a scalar nonnegative? By its facts and bounds, by those of its factors and terms, or as a polynomial of
// one variable with rational coefficients, exactly: a polynomial is nonnegative on an interval if it is so
// somewhere and has no root of odd order inside. The factor with the roots of odd order is found by D. Yun's
// square-free factorisation (1976), its roots are counted by Sturm's theorem (1829).
#include "judge/judge.h"

enum { MOST_DEGREE = 60 };

typedef struct {
    int degree;
    sdp_num c[MOST_DEGREE + 1];
} poly; // degree -1: zero; c[degree] != 0

// ---- arithmetic -------------------------------------------------------------------------------------------
static void trim(poly *p)
{
    while (p->degree >= 0 && p->c[p->degree] == SDP_NUM_ZERO) p->degree--;
}

static poly derivative(sdp_graph *g, const poly *p)
{
    poly d = {p->degree - 1, {0}};
    for (int k = 1; k <= p->degree; k++) d.c[k - 1] = sdp_num_mul(g, p->c[k], sdp_num_int(g, k));
    if (d.degree < -1) d.degree = -1;
    return d;
}

static poly minus(sdp_graph *g, const poly *a, const poly *b)
{
    poly d = {a->degree > b->degree ? a->degree : b->degree, {0}};
    for (int k = 0; k <= d.degree; k++) {
        sdp_num x = k <= a->degree ? a->c[k] : SDP_NUM_ZERO, y = k <= b->degree ? b->c[k] : SDP_NUM_ZERO;
        d.c[k] = sdp_num_add(g, x, sdp_num_neg(g, y));
    }
    trim(&d);
    return d;
}

// a = quotient*b + rest; b is not zero.
static poly divided(sdp_graph *g, poly a, const poly *b, poly *rest)
{
    poly q = {a.degree >= b->degree ? a.degree - b->degree : -1, {0}};
    sdp_num lead = sdp_num_inv(g, b->c[b->degree]);
    for (int k = a.degree - b->degree; k >= 0; k--) {
        q.c[k] = sdp_num_mul(g, a.c[k + b->degree], lead);
        for (int i = 0; i <= b->degree; i++)
            a.c[k + i] = sdp_num_add(g, a.c[k + i], sdp_num_neg(g, sdp_num_mul(g, q.c[k], b->c[i])));
    }
    trim(&a);
    *rest = a;
    return q;
}

static poly monic(sdp_graph *g, poly p)
{
    sdp_num lead = p.degree >= 0 ? sdp_num_inv(g, p.c[p.degree]) : SDP_NUM_ONE;
    for (int k = 0; k <= p.degree; k++) p.c[k] = sdp_num_mul(g, p.c[k], lead);
    return p;
}

static poly gcd(sdp_graph *g, poly a, poly b)
{
    while (b.degree >= 0) {
        poly rest;
        divided(g, a, &b, &rest);
        a = b;
        b = monic(g, rest);
    }
    return monic(g, a);
}

static poly times(sdp_graph *g, const poly *a, const poly *b)
{
    poly p = {a->degree + b->degree, {0}};
    for (int i = 0; i <= a->degree; i++)
        for (int k = 0; k <= b->degree; k++)
            p.c[i + k] = sdp_num_add(g, p.c[i + k], sdp_num_mul(g, a->c[i], b->c[k]));
    return p;
}

// ---- roots ------------------------------------------------------------------------------------------------
// The product of the distinct factors that p has an odd number of times.
static poly odd_part(sdp_graph *g, const poly *p)
{
    poly d = derivative(g, p), rest, a = gcd(g, *p, d), odd = {0, {SDP_NUM_ONE}};
    poly b = divided(g, *p, &a, &rest), c = divided(g, d, &a, &rest), e = derivative(g, &b);
    poly y = minus(g, &c, &e);
    for (int k = 1; b.degree > 0; k++) {
        poly f = gcd(g, b, y);
        if (k % 2) odd = times(g, &odd, &f);
        b = divided(g, b, &f, &rest);
        c = divided(g, y, &f, &rest);
        e = derivative(g, &b);
        y = minus(g, &c, &e);
    }
    return odd;
}

static int sign_at(const sdp_graph *g, const poly *p,
                   int where) // -1, 0, 1: at -infinity, just right of 0, at +infinity
{
    if (p->degree < 0) return 0;
    if (where) return sdp_num_sign(g, p->c[p->degree]) * (where < 0 && p->degree % 2 ? -1 : 1);
    for (int k = 0; k <= p->degree; k++)
        if (p->c[k] != SDP_NUM_ZERO) return sdp_num_sign(g, p->c[k]);
    return 0;
}

static int changes(const sdp_graph *g, uint32_t n, const poly *chain, int where)
{
    int last = 0, count = 0;
    for (uint32_t i = 0; i < n; i++) {
        int s = sign_at(g, &chain[i], where);
        count += s && last && s != last;
        if (s) last = s;
    }
    return count;
}

// Roots of a square-free polynomial between two ends.
static int roots_between(sdp_graph *g, const poly *p, int from, int to)
{
    poly *chain = sdp_scratch(&g->base, (size_t)(p->degree + 2) * sizeof *chain), rest;
    uint32_t n = 0;
    chain[n++] = *p;
    chain[n++] = derivative(g, p);
    while (chain[n - 1].degree > 0) {
        divided(g, chain[n - 2], &chain[n - 1], &rest);
        if (rest.degree < 0) break;
        for (int k = 0; k <= rest.degree; k++) rest.c[k] = sdp_num_neg(g, rest.c[k]);
        chain[n++] = rest;
    }
    return changes(g, n, chain, from) - changes(g, n, chain, to);
}

// ---- from nodes -------------------------------------------------------------------------------------------
static bool add_term(sdp_graph *g, sdp_num coef, sdp_id id, sdp_id *x, poly *p)
{
    const sdp_node *n = sdp_get(g, id);
    sdp_num e = SDP_NUM_ONE;
    long k = 1;
    if (n->kind == SDP_MUL && n->nargs == 1 && n->order == 0 && n->nlabels == 0) {
        coef = sdp_num_mul(g, coef, n->coef[0]);
        id = n->arg[0];
        n = sdp_get(g, id);
    }
    if (sdp_is_number(g, id, &e)) k = 0, coef = sdp_num_mul(g, coef, e);
    else if (n->kind == SDP_POW) {
        if (!sdp_is_number(g, n->arg[1], &e) || !sdp_num_long(g, e, &k) || k < 1 || k > MOST_DEGREE)
            return false;
        id = n->arg[0];
    }
    if (k && (sdp_get(g, id)->kind != SDP_VAR || sdp_get(g, id)->order || (*x && *x != id))) return false;
    if (k) *x = id;
    p->c[k] = sdp_num_add(g, p->c[k], coef);
    return true;
}

static bool is_nonneg_polynomial(sdp_graph *g, sdp_id s)
{
    const sdp_node *n = sdp_get(g, s);
    poly p = {MOST_DEGREE, {0}};
    sdp_id x = 0;
    if (n->kind != SDP_ADD) return false;
    for (uint32_t i = 0; i < n->nargs; i++)
        if (!add_term(g, n->coef[i], n->arg[i], &x, &p)) return false;
    trim(&p);
    if (p.degree < 1) return false;
    bool right = sdp_has(g, x, SDP_NONNEG);
    if (sign_at(g, &p, 1) < 0 || (!right && sign_at(g, &p, -1) < 0)) return false;
    poly odd = odd_part(g, &p);
    return odd.degree < 1 || roots_between(g, &odd, right ? 0 : -1, 1) == 0;
}

enum { MOST_NESTED = 8 };

static bool is_nonneg(sdp_graph *g, sdp_id s, int depth)
{
    const sdp_node *n = sdp_get(g, s);
    if (sdp_has(g, s, SDP_NONNEG) || is_nonneg_polynomial(g, s)) return true;
    if (depth == MOST_NESTED) return false;
    if (n->kind == SDP_POW)
        return is_nonneg(g, n->arg[0], depth + 1) && sdp_get(g, n->arg[1])->kind == SDP_NUM;
    bool plain = n->kind == SDP_MUL && n->nlabels == 0;
    if (!plain && n->kind != SDP_ADD) return false;
    if (plain && sdp_num_sign(g, n->coef[0]) < 0) return false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        bool turned = n->kind == SDP_ADD && sdp_num_sign(g, n->coef[i]) < 0;
        if (!is_nonneg(g, turned ? sdp_scale(g, SDP_NUM_MINUS_ONE, n->arg[i]) : n->arg[i], depth + 1))
            return false;
    }
    return true;
}

bool sdp_scalar_is_nonneg(sdp_graph *g, sdp_id s)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    bool yes = is_nonneg(g, s, 0) || is_nonneg(g, sdp_simplify(g, s), 0) ||
               is_nonneg(g, sdp_over_denominator(g, s), 0);
    sdp_scratch_release(&g->base, m);
    return yes;
}
