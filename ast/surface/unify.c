// SPDX-License-Identifier: MIT
// Equations between dimensions, as shape inference needs them.
//
// unify() binds soft atoms. An equation that is not linear in a soft atom is postponed and proved at the end
// (sdp_dim_settled), so nothing is taken on trust. What rows of blocks, kron and vec are made of is known:
// sums and products of equally many parts are equal part by part if nothing else tells how, n*p = m*q of a
// square kron(A,B) by n = m.
#include <string.h>

#include "ast/graph/dim.h"

static bool is_bound(const sdp_atom *a) { return a->value != SDP_DIM_NONE; }
static bool is_soft(const sdp_atom *a) { return a->soft; }

static bool any_atom(const sdp_graph *g, const sdp_poly *p, bool (*is)(const sdp_atom *a))
{
    for (uint32_t i = 0; i < p->nterms; i++)
        for (uint32_t j = 0; j < p->term[i].natoms; j++)
            if (is(&g->dims->a[p->term[i].atom[j]])) return true;
    return false;
}

sdp_dim sdp_dim_resolve(sdp_graph *g, sdp_dim d)
{
    for (;;) {
        sdp_poly p = g->dims->p[d];
        if (!any_atom(g, &p, is_bound)) return d;
        sdp_dim sum = sdp_dim_int(g, 0);
        for (uint32_t i = 0; i < p.nterms; i++) {
            sdp_dim term = sdp_dim_int(g, p.term[i].coef);
            for (uint32_t j = 0; j < p.term[i].natoms; j++) {
                uint32_t a = p.term[i].atom[j];
                sdp_dim v = g->dims->a[a].value;
                term = sdp_dim_mul(g, term, v != SDP_DIM_NONE ? v : sdp_atom_dim(g, a));
            }
            sum = sdp_dim_add(g, sum, term);
        }
        d = sum;
    }
}

static bool mentions(const sdp_poly *p, uint32_t a, uint32_t except)
{
    for (uint32_t i = 0; i < p->nterms; i++)
        for (uint32_t j = 0; i != except && j < p->term[i].natoms; j++)
            if (p->term[i].atom[j] == a) return true;
    return false;
}

// An axis of size 1 is no axis: all sizes are at least 2, so that 2-m is none.
static bool can_be_size(const sdp_poly *p)
{
    long most = 0;
    for (uint32_t i = 0; i < p->nterms; i++) {
        if (p->term[i].natoms && p->term[i].coef > 0) return true;
        most += p->term[i].coef * (p->term[i].natoms ? 2 : 1);
    }
    return most >= 2;
}

static bool subtracts(const sdp_poly *p)
{
    uint32_t i = 0;
    while (i < p->nterms && p->term[i].coef > 0) i++;
    return i < p->nterms;
}

// Solves p == 0 for a soft atom that occurs linearly and alone: coef * a + rest == 0.
// plain: it is the whole of one side, so that nothing is subtracted.
static bool solve(sdp_graph *g, sdp_poly p, bool plain)
{
    for (int unnamed = 1; unnamed >= 0; unnamed--) // names the user wrote are bound last
        for (uint32_t k = p.nterms; k-- > 0;) {
            sdp_dim_term t = p.term[k];
            if (t.natoms != 1 || !g->dims->a[t.atom[0]].soft || mentions(&p, t.atom[0], k)) continue;
            if (unnamed != (g->dims->a[t.atom[0]].name == NULL)) continue;
            sdp_dim rest = sdp_dim_int(g, 0);
            bool divides = true;
            for (uint32_t i = 0; i < p.nterms; i++)
                if (i != k) {
                    divides &= p.term[i].coef % t.coef == 0;
                    sdp_dim_term u = {p.term[i].coef / -t.coef, p.term[i].natoms, p.term[i].atom};
                    if (u.coef) rest = sdp_dim_add(g, rest, sdp_dim_intern(g, &u, 1));
                }
            if (!divides) continue;
            if (!can_be_size(&g->dims->p[rest])) return false;
            g->dims->a[t.atom[0]].value = rest;
            g->dims->strained |= !plain && subtracts(&g->dims->p[rest]);
            return true;
        }
    return false;
}

static bool nonlinear(const sdp_poly *p)
{
    for (uint32_t i = 0; i < p->nterms; i++)
        if (p->term[i].natoms > 1) return true;
    return false;
}

static bool is_unknown(const sdp_graph *g, sdp_dim d)
{
    const sdp_poly *p = &g->dims->p[d];
    return p->nterms == 1 && p->term[0].coef == 1 && p->term[0].natoms == 1 &&
           g->dims->a[p->term[0].atom[0]].soft;
}

void sdp_dim_made_of(sdp_graph *g, sdp_dim whole, uint32_t n, const sdp_dim *part)
{
    struct sdp_dims *s = g->dims;
    sdp_dim *copy = sdp_scratch(&g->base, n * sizeof *copy);
    memcpy(copy, part, n * sizeof *copy);
    s->made = sdp_grown_raw(&g->base, s->made, s->nmade, &s->made_cap, sizeof *s->made);
    s->made[s->nmade++] = (sdp_composite){whole, n, copy};
}

static sdp_composite made(sdp_graph *g, sdp_dim d)
{
    const struct sdp_dims *s = g->dims;
    const sdp_poly *p = &s->p[d];
    bool simple = p->nterms == 0 || (p->nterms == 1 && p->term[0].coef == 1 && p->term[0].natoms < 2);
    for (uint32_t i = simple ? 0 : s->nmade; i-- > 0;)
        if (sdp_dim_resolve(g, s->made[i].whole) == d) return s->made[i];
    return (sdp_composite){d, 0, NULL};
}

bool sdp_dim_unify(sdp_graph *g, sdp_dim a, sdp_dim b)
{
    struct sdp_dims *s = g->dims;
    a = sdp_dim_resolve(g, a), b = sdp_dim_resolve(g, b);
    if (a == b) return true;
    sdp_dim difference = sdp_dim_add(g, a, sdp_dim_neg(g, b)); // may move the table
    sdp_poly p = s->p[difference];
    if (!any_atom(g, &p, is_soft)) return false;
    sdp_postponed e = {a, b, made(g, a), made(g, b)};
    bool alike = e.x.n && e.x.n == e.y.n;
    if (!alike && solve(g, p, is_unknown(g, a) || is_unknown(g, b))) return true;
    if (!alike && !nonlinear(&p)) return false;
    if (!alike) e.x.n = 0;
    s->later = sdp_grown_raw(&g->base, s->later, s->nlater, &s->later_cap, sizeof *s->later);
    s->later[s->nlater++] = e;
    return true;
}

// Solves what became linear; whole: also equations that could be solved part by part.
static void solve_later(sdp_graph *g, bool whole)
{
    struct sdp_dims *s = g->dims;
    for (uint32_t round = 0, n = s->nlater; round < n; round++) // each round may settle one more
        for (uint32_t i = 0; i < n; i++) {
            if (s->later[i].x.n && !whole) continue;
            sdp_dim a = sdp_dim_resolve(g, s->later[i].a), b = sdp_dim_resolve(g, s->later[i].b);
            sdp_dim d = sdp_dim_add(g, a, sdp_dim_neg(g, b));
            solve(g, s->p[d], is_unknown(g, a) || is_unknown(g, b));
        }
}

// Can the parts be equal one by one? An unknown size is never 1.
static bool parts_fit(sdp_graph *g, const sdp_postponed *e)
{
    bool fits = true;
    for (uint32_t k = 0; k < e->x.n && fits; k++) {
        sdp_dim x = sdp_dim_resolve(g, e->x.part[k]), y = sdp_dim_resolve(g, e->y.part[k]);
        fits = x == y || (is_unknown(g, x) && y != SDP_DIM_ONE) || (is_unknown(g, y) && x != SDP_DIM_ONE) ||
               (made(g, x).n && made(g, y).n);
    }
    return fits;
}

bool sdp_dim_settled(sdp_graph *g)
{
    const struct sdp_dims *s = g->dims;
    solve_later(g, false);
    for (uint32_t i = 0; i < s->nlater; i++) { // it grows by equations between parts
        const sdp_postponed e = s->later[i];
        if (!e.x.n || sdp_dim_resolve(g, e.a) == sdp_dim_resolve(g, e.b) || !parts_fit(g, &e)) continue;
        for (uint32_t k = 0; k < e.x.n; k++)
            if (!sdp_dim_unify(g, e.x.part[k], e.y.part[k])) return false;
        solve_later(g, false);
    }
    solve_later(g, true);
    for (uint32_t i = 0; i < s->nlater; i++)
        if (sdp_dim_resolve(g, s->later[i].a) != sdp_dim_resolve(g, s->later[i].b)) return false;
    return true;
}

bool sdp_dim_strained(const sdp_graph *g) { return g->dims->strained; }

uint32_t sdp_dim_mark(sdp_graph *g) { return g->dims->natoms; }

void sdp_dim_undo(sdp_graph *g, uint32_t mark)
{
    struct sdp_dims *s = g->dims;
    bool named = false;
    for (uint32_t i = mark; i < s->natoms; i++) named |= s->a[i].name != NULL;
    s->natoms = mark; // an inference binds only atoms that it made
    s->nlater = s->nmade = 0;
    s->strained = false;
    if (named) sdp_dim_index_names(g, s->names_cap);
}
