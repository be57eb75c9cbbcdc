// SPDX-License-Identifier: MIT
// Problem: (1-cos(x))/x^2 at x = 1e-9 is 0 in doubles, not 1/2: the terms of the sum cancel, and what is
// left of them matters, for it is divided. Idea: both parts have a Laurent series in x, and a sum
// cancels exactly if its series begins with a higher power than those of its terms; then the quotient is
// computed by a polynomial near 0.
//
// The part u need not be a variable: any node will do, x'*w or a*t, on which all of another one depends
// element by element. One pass finds the first terms of all series, one in the other direction what
// must be computed by a polynomial (nothing below it matters then but u), and a last one all terms of
// these. Entry: sdp_expand_series.
#include <math.h>

#include "codegen/stable/series.h"

enum { SHORT = 16, LONG = 64, MOST_FUNCTIONS = 1000 };
// Where the series has none of the first ones, as that of sqrt(1/9+x), it has a smaller one.
const double sdp_radius[SDP_RADII] = {0.25, 0.375,  0.5,    0.75,   1,      1.5,    2,
                                      3,    0x1p-3, 0x1p-4, 0x1p-5, 0x1p-6, 0x1p-8, 0x1p-10};

// ---- functions of one part --------------------------------------------------------------------------------
// The group that is a whole product, and constants; false: there is none
static bool whole_group(const sdp_expansions *x, const sdp_node *n, sdp_series_group *r)
{
    for (uint32_t i = 0; i < n->nargs; i++)
        if (sdp_find_group(x, n, i, r) && sdp_group_is_all(x, n, r)) return true;
    return false;
}

// Does the product do the same in every entry? Not eye(n) and diag(x), which are 0 outside of a diagonal, nor
// a sum of constants.
static bool is_uniform(const sdp_graph *g, const sdp_node *n, bool constant)
{
    uint64_t seen = 0;
    const uint8_t *out = sdp_labels(g, n, n->nargs);
    for (uint32_t k = 0; k < n->order; k++) {
        if (seen >> out[k] & 1) return false;
        seen |= 1ULL << out[k];
    }
    return !constant || n->nlabels == n->order;
}

static bool expand_product(const sdp_expansions *x, const sdp_node *n, uint32_t length, sdp_series *out)
{
    sdp_series_group r = {.n = 0};
    sdp_series *f = sdp_scratch(&x->g->base, (n->nargs + 2) * sizeof *f);
    uint32_t many = 0;
    if (!whole_group(x, n, &r)) r.n = 0;
    if (!is_uniform(x->g, n, !r.n)) return false;
    for (uint32_t i = 0; i < n->nargs; i++)
        if (!x->of[n->arg[i]].atom) f[many++] = x->of[n->arg[i]].s;
    for (uint32_t k = 0; k < r.n; k++) f[many++] = x->of[n->arg[r.member[k]]].s;
    sdp_series_monomial(x->g, r.power, length, &f[many++]);
    return sdp_series_product(x->g, n->coef[0], many, f, out);
}

// The series of a node, from those of its arguments.
static bool expand(const sdp_expansions *x, sdp_id id, uint32_t length, sdp_series *out)
{
    sdp_graph *g = x->g;
    const sdp_node *n = sdp_get(g, id), *e = n->kind == SDP_POW ? sdp_get(g, n->arg[1]) : n;
    sdp_series *arg = sdp_scratch(&g->base, (n->nargs + 1) * sizeof *arg);
    sdp_num v;
    for (uint32_t i = 0; i < n->nargs; i++) arg[i] = x->of[n->arg[i]].s;
    if (sdp_is_number(g, id, &v)) return sdp_series_number(g, v, length, out);
    switch ((sdp_kind)n->kind) {
    case SDP_CONST: return sdp_series_constant(g, n->op, length, out);
    case SDP_ADD: return sdp_series_sum(g, n->nargs, n->coef, arg, out);
    case SDP_MUL: return expand_product(x, n, length, out);
    case SDP_POW: return e->kind == SDP_NUM && sdp_series_power(g, arg, e->param, out);
    case SDP_MAP: return n->nargs == 1 && sdp_series_function(g, n->op, arg, out);
    default: return false;
    }
}

// Finds the node that all arguments are functions of; sets 0 if they are constants. Returns false if they are
// not functions of one node.
static bool common_atom(const sdp_expansions *x, const sdp_node *n, sdp_id *atom)
{
    uint32_t many = n->kind == SDP_POW ? 1 : n->nargs;
    sdp_series_group r;
    bool constant = true;
    *atom = 0;
    for (uint32_t i = 0; i < many; i++) constant &= !x->of[n->arg[i]].atom;
    if (constant) return true;
    if (n->kind == SDP_MUL) return whole_group(x, n, &r) && (*atom = r.atom) != 0;
    for (uint32_t i = 0; i < many; i++) {
        sdp_id a = x->of[n->arg[i]].atom;
        if (a && ((*atom && a != *atom) || sdp_get(x->g, n->arg[i])->order != n->order)) return false;
        if (a) *atom = a;
    }
    return true;
}

static bool scaled_atom(sdp_graph *g, sdp_num scale, int power, uint32_t length, sdp_series *out)
{
    sdp_series u;
    sdp_series_monomial(g, power, length, &u);
    return sdp_series_product(g, scale, 1, &u, out);
}

// k*w'*w is k times the square of norm(w); else 0
sdp_id sdp_square_of_norm(sdp_graph *g, const sdp_node *n)
{
    const sdp_node *p = n->kind == SDP_MUL && n->nargs == 1 && !n->order ? sdp_get(g, n->arg[0]) : n,
                   *e = p->kind == SDP_POW ? sdp_get(g, p->arg[1]) : n;
    if (p == n || e->kind != SDP_NUM || e->param != SDP_NUM_TWO || n->nlabels != p->order) return 0;
    sdp_id norm = sdp_prim(g, SDP_OP_norm, 1, p->arg, (1U << p->order) - 1);
    return sdp_get(g, norm)->kind == SDP_PRIM ? norm : 0;
}

// As what others are functions of: a multiple of u, or u itself
static void expand_as_atom(sdp_expansions *x, sdp_id id, sdp_expansion *e)
{
    const sdp_node *n = sdp_get(x->g, id);
    sdp_id norm = sdp_square_of_norm(x->g, n);
    e->atom = id;
    e->scale = SDP_NUM_ONE;
    e->power = norm ? 2 : 1;
    if (n->kind == SDP_ADD) e->atom = sdp_primitive_part(x->g, id, &e->scale);
    if (n->kind == SDP_MUL && n->coef[0] != SDP_NUM_ZERO)
        e->atom = norm ? norm : sdp_scale(x->g, sdp_num_inv(x->g, n->coef[0]), id), e->scale = n->coef[0];
    if (scaled_atom(x->g, e->scale, e->power, x->length, &e->s)) return;
    e->atom = id;
    scaled_atom(x->g, e->scale = SDP_NUM_ONE, e->power = 1, x->length, &e->s);
}

// The series in room of its own; what was made on the way goes.
static void keep(sdp_graph *g, sdp_mark mark, sdp_series *s)
{
    sdp_exact c[SDP_SERIES_MOST], *to;
    uint32_t n = s->n < SDP_SERIES_MOST ? s->n : SDP_SERIES_MOST;
    sdp_copy(c, s->c, n * sizeof *c);
    sdp_scratch_release(&g->base, mark);
    to = sdp_scratch(&g->base, (n + 1) * sizeof *to);
    sdp_copy(to, c, n * sizeof *c);
    s->c = to;
    s->n = n;
}

static void expand_node(sdp_expansions *x, sdp_id id)
{
    sdp_expansion *e = &x->of[id];
    const sdp_node *n = sdp_get(x->g, id);
    sdp_mark mark = sdp_scratch_mark(&x->g->base);
    int least = 0;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_expansion *a = &x->of[n->arg[i]];
        e->hidden |= a->hidden;
        if (!i || a->s.low < least) least = a->s.low;
    }
    if (x->functions > MOST_FUNCTIONS || !common_atom(x, n, &e->atom) || !expand(x, id, x->length, &e->s)) {
        x->exhausted |= n->kind == SDP_ADD && e->atom && e->s.c && !e->s.n;
        e->hidden = false;
        if (x->functions > MOST_FUNCTIONS || !sdp_sum_within(x, n, &e->within)) e->within = 0;
        expand_as_atom(x, id, e);
        keep(x->g, mark, &e->s);
        return;
    }
    keep(x->g, mark, &e->s);
    x->functions += e->atom != 0;
    // log(1+..)
    e->cancels = e->atom && e->s.low > least &&
                 (n->kind == SDP_ADD || (n->kind == SDP_MAP && !x->of[n->arg[0]].s.low));
    e->hidden |= e->cancels;
}

// ---- where it is needed -----------------------------------------------------------------------------------
// A node that is an atom may be new, or have been passed already: its arguments are what matters.
static void expose(sdp_expansions *x, sdp_id id, bool atom)
{
    const sdp_node *n = sdp_get(x->g, id);
    if (id < x->n) x->of[id].exposed = true;
    for (uint32_t i = 0; atom && i < n->nargs; i++) x->of[n->arg[i]].exposed = true;
}

static void want(sdp_expansions *x, sdp_id id, sdp_id atom)
{
    x->of[id].wanted = true;
    expose(x, atom, true);
}

// Of a sum that is computed within others
static void expose_outside(sdp_expansions *x, const sdp_node *n, sdp_id atom)
{
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *m = sdp_get(x->g, n->arg[i]);
        sdp_series_group r;
        if (!sdp_term_group(x, n->arg[i], atom, &r)) continue;
        for (uint32_t k = 0; k < r.n; k++) want(x, m->arg[r.member[k]], atom);
        for (uint32_t k = 0; k < r.nrest; k++) expose(x, r.rest[k].base, true);
        for (uint32_t k = 0; k < m->nargs; k++)
            if (!(r.factors >> k & 1)) expose(x, m->arg[k], false);
    }
}

// Users first: what only a polynomial or what is far from 0 needs of a node is no matter.
static void expose_arguments(sdp_expansions *x, sdp_id id)
{
    const sdp_node *n = sdp_get(x->g, id);
    sdp_expansion *e = &x->of[id];
    uint32_t covered = 0;
    sdp_series_group r;
    if (e->exposed && e->cancels) want(x, id, e->atom);
    if (e->exposed && e->within) expose_outside(x, n, e->within);
    for (uint32_t i = 0; e->exposed && n->kind == SDP_MUL && i < n->nargs; i++) {
        if (!sdp_find_group(x, n, i, &r) || !sdp_group_cancels(x, n, &r) || covered & r.factors) continue;
        for (uint32_t k = 0; k < r.n; k++) want(x, n->arg[r.member[k]], r.atom);
        for (uint32_t k = 0; k < r.nrest; k++) expose(x, r.rest[k].base, true);
        covered |= r.factors;
    }
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (e->wanted && !e->scale) x->of[n->arg[i]].wanted = true;
        if (e->exposed && !e->cancels && !e->within && !(i < SDP_MAX_FACTORS && covered >> i & 1))
            expose(x, n->arg[i], false);
    }
}

// ---- all terms --------------------------------------------------------------------------------------------
// Loss: by how many units of the last place the value may be off if it is computed as it is written.
static void measure(const sdp_expansions *x, sdp_id id, sdp_expansion *e)
{
    const sdp_node *n = sdp_get(x->g, id);
    e->at = sdp_scratch(&x->g->base, 2 * SDP_RADII * sizeof *e->at);
    for (int k = 0; k < 2 * SDP_RADII; k++) {
        double loss = 1, v = sdp_series_at(&e->s, k % 2 ? -sdp_radius[k / 2] : sdp_radius[k / 2]);
        for (uint32_t i = 0; !e->scale && i < n->nargs; i++) {
            const sdp_expansion *a = &x->of[n->arg[i]];
            double weight = 1;
            if (!a->at) continue; // an exponent, a part of u
            if (n->kind == SDP_ADD) weight = fabs(sdp_num_double(x->g, n->coef[i]) * a->at[k][0] / v);
            if (n->kind == SDP_POW) weight = fabs(sdp_num_double(x->g, sdp_get(x->g, n->arg[1])->param));
            loss += weight * a->at[k][1];
        }
        e->at[k][0] = v;
        e->at[k][1] = loss;
    }
}

static void expand_wanted(sdp_expansions *x, sdp_id id)
{
    sdp_expansion *e = &x->of[id];
    const sdp_node *n = sdp_get(x->g, id);
    sdp_mark mark = sdp_scratch_mark(&x->g->base);
    bool known = true;
    for (uint32_t i = 0; i < n->nargs && !e->scale; i++) known &= x->of[n->arg[i]].s.n > 0;
    known = known && (e->scale ? scaled_atom(x->g, e->scale, e->power, SDP_SERIES_MOST, &e->s)
                               : expand(x, id, SDP_SERIES_MOST, &e->s));
    if (!known) e->s.n = 0, e->wanted = false;
    keep(x->g, mark, &e->s);
    if (known) measure(x, id, e);
}

// The first terms of all series. Where nothing is left of a sum, as what is composed and divided by high
// powers cancels further than they go, they are too few.
static void expand_first(sdp_expansions *x, uint32_t count, const sdp_id *id, uint32_t length)
{
    x->length = length;
    x->functions = 0;
    x->exhausted = false;
    x->of = sdp_scratch(&x->g->base, x->n * sizeof *x->of);
    for (uint32_t i = 0; i < count; i++) expand_node(x, id[i]);
}

bool sdp_cancels_by_series(const sdp_expansions *x, sdp_id id)
{
    return id < x->n && (x->of[id].within || (x->of[id].cancels && (x->of[id].exposed || x->of[id].wanted)));
}

// Series of what these roots need, which the nodes `id` are made of
sdp_expansions *sdp_expand_all(sdp_graph *g, uint32_t count, const sdp_id *id, uint32_t nroots,
                               const sdp_id *root)
{
    sdp_expansions *x = sdp_scratch(&g->base, sizeof *x);
    x->g = g;
    x->n = g->nnodes;
    expand_first(x, count, id, SHORT);
    if (x->exhausted) expand_first(x, count, id, LONG);
    for (uint32_t i = 0; i < nroots; i++) x->of[root[i]].exposed = true;
    for (uint32_t i = count; i-- > 0;) expose_arguments(x, id[i]);
    for (uint32_t i = 0; i < count; i++)
        if (x->of[id[i]].wanted) expand_wanted(x, id[i]);
    return x;
}
