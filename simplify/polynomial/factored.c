// SPDX-License-Identifier: MIT
// Factoring: x^2-2*x+1 is (x-1)^2, a*x+b*x+a*y+b*y is (a+b)*(x+y), 1/(x-1)-1/(x+1) is 2/((x-1)*(x+1)).
//
// A sum, over one denominator and multiplied out, is a polynomial in atoms: variables, functions, products of
// arrays. A polynomial in several atoms is one of a single variable t once atom i becomes t^s(i), where the
// strides s are so large that exponents never overlap (Kronecker, 1882). That one is factored over the
// integers; a factor is one in the atoms just if its degrees and those of the quotient add up, atom by atom.
// The first atom has the largest stride, so the leading coefficient, which is positive, is that of the
// highest power of the variable that was seen first: (x-1)^2, and not (1-x)^2. Sums of arrays are polynomials
// if their products are entrywise. What has no such form is collected (simplify.c). Entry: sdp_factorised.
#include "simplify/polynomial/polynomial.h"

enum { MOST_ATOMS = 12, MOST_DEGREE = 120 };

typedef struct {
    sdp_num coef;
    int exponent[MOST_ATOMS];
} monomial;
typedef struct {
    sdp_graph *g;
    const sdp_node *shape;
    uint32_t natoms, nterms;
    sdp_id atom[MOST_ATOMS];
    int low[MOST_ATOMS], high[MOST_ATOMS]; // exponents
    int stride[MOST_ATOMS];                // of atom i as a power of t
    monomial *term;
} polynomial;

// ---- from a sum to monomials ------------------------------------------------------------------------------
static bool note_atom(polynomial *p, monomial *m, sdp_id atom, int exponent)
{
    uint32_t i = 0;
    while (i < p->natoms && p->atom[i] != atom) i++;
    if (i == MOST_ATOMS) return false;
    if (i == p->natoms) p->atom[p->natoms++] = atom;
    m->exponent[i] += exponent;
    return true;
}

static bool note_factor(polynomial *p, monomial *m, sdp_id factor)
{
    sdp_graph *g = p->g;
    const sdp_node *n = sdp_get(g, factor);
    sdp_num e, q;
    long k;
    if (n->kind != SDP_POW || !sdp_is_number(g, n->arg[1], &e)) return note_atom(p, m, factor, 1);
    q = sdp_num_denominator(g, e); // x^(p/q) is the p-th power of the atom x^(1/q)
    if (!sdp_num_long(g, sdp_num_numerator(g, e), &k) || k > MOST_DEGREE || k < -MOST_DEGREE) return false;
    sdp_id atom = q == SDP_NUM_ONE ? n->arg[0] : sdp_power_num(g, n->arg[0], sdp_num_inv(g, q));
    return note_atom(p, m, atom, (int)k);
}

// A term with the coefficient 1: entrywise factors are atoms; of others, scalars
// are, and what is left without them.
static bool note_term(polynomial *p, monomial *m, sdp_id term)
{
    sdp_graph *g = p->g;
    const sdp_node *n = sdp_get(g, term);
    sdp_num v;
    if (sdp_is_number(g, term, &v)) return m->coef = sdp_num_mul(g, m->coef, v), true;
    if (!sdp_is_product(n)) return note_factor(p, m, term);
    bool entrywise = sdp_is_entrywise(g, n);
    for (uint32_t i = 0; i < n->nargs;) {
        if (!entrywise && sdp_get(g, n->arg[i])->order) {
            i++;
            continue;
        }
        if (!note_factor(p, m, n->arg[i])) return false;
        if (entrywise) {
            i++;
            continue;
        }
        term = sdp_with_factor(g, n, i, sdp_number(g, SDP_NUM_ONE));
        n = sdp_get(g, term);
        if (!sdp_is_product(n)) return note_factor(p, m, term);
    }
    return entrywise || note_factor(p, m, term);
}

static uint32_t place_of(sdp_graph *g, sdp_id atom)
{
    uint32_t count, first = UINT32_MAX;
    sdp_id *list = sdp_reachable(g, 1, &atom, &count);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = sdp_get(g, list[i]);
        if (n->kind == SDP_VAR && g->var[n->param].order_seen < first) first = g->var[n->param].order_seen;
    }
    return first;
}

// Strides of the atoms, the largest for the one that was seen first; false if the degree would be too large.
static bool set_strides(polynomial *p)
{
    uint32_t place[MOST_ATOMS] = {0};
    bool done[MOST_ATOMS] = {false};
    int stride = 1;
    for (uint32_t i = 0; i < p->natoms; i++) place[i] = place_of(p->g, p->atom[i]);
    for (uint32_t round = 0; round < p->natoms; round++) {
        uint32_t last = UINT32_MAX;
        for (uint32_t i = 0; i < p->natoms; i++)
            if (!done[i] && (last == UINT32_MAX || place[i] > place[last])) last = i;
        done[last] = true;
        p->stride[last] = stride;
        stride *= p->high[last] - p->low[last] + 1;
        if (stride > MOST_DEGREE + 1) return false;
    }
    return true;
}

static bool read_sum(polynomial *p, const sdp_node *sum)
{
    p->nterms = sum->nargs;
    p->term = sdp_scratch(&p->g->base, sum->nargs * sizeof *p->term);
    for (uint32_t i = 0; i < sum->nargs; i++) {
        p->term[i].coef = sum->coef[i];
        if (!note_term(p, &p->term[i], sum->arg[i])) return false;
    }
    for (uint32_t a = 0; a < p->natoms; a++)
        for (uint32_t i = 0; i < p->nterms; i++) {
            int e = p->term[i].exponent[a];
            if (i == 0 || e < p->low[a]) p->low[a] = e;
            if (i == 0 || e > p->high[a]) p->high[a] = e;
        }
    return set_strides(p);
}

// ---- as a polynomial of t, and back -----------------------------------------------------------------------
static sdp_poly in_one_variable(polynomial *p, sdp_num *content)
{
    sdp_graph *g = p->g;
    int degree = 0;
    for (uint32_t a = 0; a < p->natoms; a++) degree += p->stride[a] * (p->high[a] - p->low[a]);
    sdp_poly f = {degree, sdp_scratch(&g->base, ((size_t)degree + 1) * sizeof *f.c)};
    *content = p->term[0].coef;
    for (uint32_t i = 0; i < p->nterms; i++) {
        int at = 0;
        for (uint32_t a = 0; a < p->natoms; a++) at += p->stride[a] * (p->term[i].exponent[a] - p->low[a]);
        f.c[at] = sdp_num_add(g, f.c[at], p->term[i].coef);
        *content = sdp_num_gcd(g, *content, p->term[i].coef);
    }
    while (f.degree > 0 && f.c[f.degree] == SDP_NUM_ZERO) f.degree--;
    if (sdp_num_sign(g, *content) < 0) *content = sdp_num_neg(g, *content);
    if (sdp_num_sign(g, f.c[f.degree]) < 0) *content = sdp_num_neg(g, *content);
    sdp_num inverse = sdp_num_inv(g, *content);
    for (int k = 0; k <= f.degree; k++) f.c[k] = sdp_num_mul(g, f.c[k], inverse);
    return f;
}

static int exponent_in(const polynomial *p, uint32_t a, int at)
{
    return at / p->stride[a] % (p->high[a] - p->low[a] + 1);
}

static int degree_in(const polynomial *p, uint32_t a, const sdp_poly *f)
{
    int most = 0;
    for (int k = 0; k <= f->degree; k++)
        if (f->c[k] != SDP_NUM_ZERO && exponent_in(p, a, k) > most) most = exponent_in(p, a, k);
    return most;
}

static bool degrees_add_up(void *data, const sdp_poly *x, const sdp_poly *y)
{
    const polynomial *p = data;
    for (uint32_t a = 0; a < p->natoms; a++)
        if (degree_in(p, a, x) + degree_in(p, a, y) > p->high[a] - p->low[a]) return false;
    return true;
}

static sdp_id monomial_of(const polynomial *p, int at)
{
    sdp_graph *g = p->g;
    sdp_id product = sdp_ones(g, p->shape->order, p->shape->dim);
    for (uint32_t a = 0; a < p->natoms; a++)
        if (exponent_in(p, a, at))
            product =
                sdp_times(g, product, sdp_power_num(g, p->atom[a], sdp_num_int(g, exponent_in(p, a, at))));
    return product;
}

static sdp_id node_of(const polynomial *p, const sdp_poly *f)
{
    sdp_graph *g = p->g;
    sdp_num *coef = sdp_scratch(&g->base, ((size_t)f->degree + 1) * sizeof *coef);
    sdp_id *term = sdp_scratch(&g->base, ((size_t)f->degree + 1) * sizeof *term);
    uint32_t n = 0;
    for (int k = f->degree; k >= 0; k--)
        if (f->c[k] != SDP_NUM_ZERO) coef[n] = f->c[k], term[n++] = monomial_of(p, k);
    sdp_id sum = sdp_add(g, n, coef, term);
    sdp_note_terms(g, sum, n, NULL, term);
    return sum;
}

// By degree, then by coefficients from the highest power on: x-1, x+1, x^2+1
static bool stands_before(const sdp_graph *g, const sdp_poly *a, const sdp_poly *b)
{
    if (a->degree != b->degree) return a->degree < b->degree;
    for (int k = a->degree; k >= 0; k--) {
        int c = sdp_num_cmp(g, a->c[k], b->c[k]);
        if (c) return c < 0;
    }
    return false;
}

static void sort_factors(const sdp_graph *g, uint32_t n, sdp_power_of *f)
{
    for (uint32_t i = 1; i < n; i++)
        for (uint32_t k = i; k > 0 && stands_before(g, &f[k].poly, &f[k - 1].poly); k--) {
            sdp_power_of swap = f[k];
            f[k] = f[k - 1];
            f[k - 1] = swap;
        }
}

// A sum as a product; the sum itself if it is none.
static sdp_id factor_sum(sdp_graph *g, sdp_id id)
{
    const sdp_node *sum = sdp_get(g, id);
    polynomial p = {.g = g, .shape = sum};
    sdp_num content;
    sdp_power_of *factor;
    if (!read_sum(&p, sum)) return id;
    sdp_poly f = in_one_variable(&p, &content);
    uint32_t n = sdp_integer_factors(g, &f, degrees_add_up, &p, &factor);
    sort_factors(g, n, factor);
    sdp_id product = sdp_ones(g, sum->order, sum->dim);
    for (uint32_t a = 0; a < p.natoms; a++)
        if (p.low[a]) product = sdp_times(g, product, sdp_power_num(g, p.atom[a], sdp_num_int(g, p.low[a])));
    for (uint32_t i = 0; i < n; i++)
        product =
            sdp_times(g, product,
                      sdp_power_num(g, node_of(&p, &factor[i].poly), sdp_num_int(g, (long)factor[i].times)));
    return sdp_scale(g, content, product);
}

// ---- the expression ---------------------------------------------------------------------------------------
static bool is_entrywise_power(sdp_graph *g, const sdp_node *n)
{
    return n->kind == SDP_POW && sdp_get(g, n->arg[1])->kind == SDP_NUM &&
           sdp_get(g, n->arg[0])->kind == SDP_ADD;
}

// The sums among the factors of a product, factored; the power of one stays around it.
static sdp_id factor_factors(sdp_graph *g, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    if (n->kind == SDP_ADD) return factor_sum(g, id);
    if (is_entrywise_power(g, n)) return sdp_power(g, factor_sum(g, n->arg[0]), n->arg[1]);
    if (!sdp_is_product(n) || !sdp_is_entrywise(g, n)) return id;
    sdp_id product = sdp_scale(g, n->coef[0], sdp_ones(g, n->order, n->dim));
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *f = sdp_get(g, n->arg[i]);
        sdp_id factor =
            f->kind == SDP_ADD || is_entrywise_power(g, f) ? factor_factors(g, n->arg[i]) : n->arg[i];
        product = sdp_times(g, product, factor);
    }
    return product;
}

sdp_id sdp_factorised(sdp_graph *g, sdp_id id)
{
    sdp_id whole = id;
    if (sdp_get(g, id)->kind == SDP_ADD) {
        whole = sdp_over_denominator_out(g, id);
        if (sdp_get(g, whole)->kind == SDP_ADD) whole = sdp_expanded(g, whole);
    }
    sdp_id product = factor_factors(g, whole);
    return product == id || sdp_get(g, product)->kind == SDP_ADD ? sdp_simplify(g, id) : product;
}
