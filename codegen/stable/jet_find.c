// SPDX-License-Identifier: MIT
// Where code needs series with parameters: at zeros of what something is divided by, 2-p in mu^(2-p)/(2-p),
// a-b in (exp(-a)-exp(-b))/(a-b).
//
// Around each place (jet_place.c), a pass finds the first terms of all nodes, and
// one from the outputs down the sums that cancel and the products whose factors vanish and grow there, of
// which code needs the value. What series.h covers stays as it is.
#include <math.h>
#include <string.h>

#include "codegen/stable/jet.h"
#include "simplify/zero/field.h"

enum { SHORT = 12, LONG = 28, FEW = 8, MOST_REPLACED = 24, MOST_NODES = 3000 };

// ---- first terms ------------------------------------------------------------------------------------------
// Is a sum computed exactly as it is written? a-b, 2-p, but not 1-v/10, nor a sum
// of poles of which one term is left
static bool is_linear(sdp_graph *g, const sdp_node *n, const sdp_jet *s, int most)
{
    if (!s->whole) return false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        int exponent;
        double half = frexp(sdp_num_double(g, n->coef[i]), &exponent);
        if (half > 0.5 || half < -0.5) return false;
    }
    for (uint32_t k = 0; k < s->n; k++)
        if (!sdp_coef_is_zero(&s->c[k]) && (s->low + (int)k > most || s->low < 0)) return false;
    return true;
}

static bool find_cancelling(const sdp_jets *r, const sdp_jet_at *a, const sdp_node *n, const sdp_jet_node *e)
{
    int least = 0;
    bool first = true, deep = false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_jet_node *m = &a->of[n->arg[i]];
        int low = m->depends ? m->jet.low : 0;
        if (first || low < least) least = low;
        first = false;
        deep |= m->hidden;
    }
    if (n->kind == SDP_ADD)
        return e->jet.low > least && (deep || !is_linear(r->g, n, &e->jet, a->root ? 2 : 1));
    const sdp_jet *b = &a->of[n->arg[0]].jet;
    bool one = a->of[n->arg[0]].depends && b->n && b->low == 0 && b->c[0].number && b->c[0].digits.hi == 1 &&
               b->c[0].digits.lo == 0;
    if (n->kind == SDP_MAP) return n->op == SDP_OP_log && one;
    if (n->kind != SDP_POW) return false;
    return one && a->of[n->arg[1]].depends && a->of[n->arg[1]].jet.low < 0;
}

static bool is_covered(const sdp_jets *r, const sdp_node *n, sdp_id id)
{
    const sdp_expansions *x = r->expansions;
    sdp_series_group group;
    if (id >= x->n || !x->of[id].exposed) return false;
    if (x->of[id].cancels || x->of[id].within) return true;
    for (uint32_t i = 0; n->kind == SDP_MUL && i < n->nargs; i++)
        if (sdp_find_group(x, n, i, &group) && sdp_group_cancels(x, n, &group)) return true;
    return false;
}

static bool is_given(const sdp_jet_at *a, sdp_id id)
{
    return id == a->t || a->of[id].square || id == a->vector;
}

// Are all first terms of a sum 0, and others beyond them not known?
static bool is_exhausted(const sdp_jet_at *a, const sdp_node *n)
{
    bool known = n->kind == SDP_ADD;
    for (uint32_t i = 0; known && i < n->nargs; i++)
        known = !a->of[n->arg[i]].depends || a->of[n->arg[i]].jet.n;
    return known;
}

// False: some terms are not enough for a sum.
static bool expand_all(sdp_jets *r, sdp_jet_at *a)
{
    bool enough = true;
    a->roots = false;
    a->cancelling = 0;
    if (!a->root) a->two_sided = false;
    const sdp_node *t = sdp_get(r->g, a->t);
    bool norm = t->kind == SDP_PRIM && t->op == SDP_OP_norm && !t->order && !a->sum &&
                a->shift == SDP_NUM_ZERO && !a->root && !a->tail;
    a->vector = norm ? t->arg[0] : 0;
    memset(a->of, 0, r->n * sizeof *a->of);
    for (uint32_t i = 0; i < r->count; i++) {
        sdp_id id = r->id[i];
        const sdp_node *n = sdp_get(r->g, id);
        sdp_jet_node *e = &a->of[id];
        e->square = a->vector && sdp_square_of_norm(r->g, n) == a->t;
        e->depends = is_given(a, id);
        for (uint32_t k = 0; k < n->nargs; k++) {
            e->depends |= a->of[n->arg[k]].depends;
            e->hidden |= a->of[n->arg[k]].hidden;
            e->lossy |= a->of[n->arg[k]].lossy;
            e->along |= a->of[n->arg[k]].along;
        }
        e->along = id == a->vector || (e->along && !is_given(a, id));
        if (!e->depends) continue;
        bool known = n->order <= SDP_JET_ORDER && sdp_jet_expand(r, a, id, a->length, false, &e->jet);
        if (!known) e->jet.n = 0;
        enough &= known || n->order > SDP_JET_ORDER || !is_exhausted(a, n);
        // u is computed from the sum: a series of it would need itself
        if (!known || is_given(a, id) || id == a->sum) {
            e->hidden = e->lossy = false;
            continue;
        }
        e->cancels = find_cancelling(r, a, n, e);
        a->cancelling += e->cancels;
        e->hidden |= e->cancels;
        e->lossy = (e->lossy || e->cancels) && !is_covered(r, n, id);
    }
    return enough;
}

// ---- where it is needed -----------------------------------------------------------------------------------
// Of w'*v and eye(n)-2*w*w'/norm(w)^2, which has no limit at w = 0 but is bounded, the product is 0
// there; and so is sin(norm(w))/norm(w)^3*(w'*v)*w*w'. group: factors that have no value there; at
// least these must be seen together
static bool vanishes(const sdp_jet_at *a, const sdp_node *n, uint32_t *group)
{
    int low = 0;
    *group = 0;
    for (uint32_t i = 0; i < n->nargs && i < 32; i++) {
        const sdp_jet_node *f = &a->of[n->arg[i]];
        if (f->depends && !f->jet.n) return false;
        if (!f->depends) continue;
        low += f->jet.low;
        if (f->jet.low < 0 || (f->jet.low == 0 && f->along)) *group |= 1u << i;
    }
    return a->vector && low > 0;
}

// The factors of a product with the labels of the first array among them that depend on
// u, if some vanish and others grow
static void find_group(const sdp_jets *r, sdp_jet_at *a, const sdp_node *n, sdp_jet_node *e)
{
    uint32_t main = n->nargs, group = 0;
    int least = 0, most = 0;
    bool hidden = false, lossy = false;
    if (n->nargs > SDP_MAX_FACTORS) return;
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < n->nargs; i++) {
            const sdp_jet_node *f = &a->of[n->arg[i]];
            uint32_t order = sdp_get(r->g, n->arg[i])->order;
            if (!f->depends || !f->jet.n || (f->along && !f->hidden))
                continue;              // norms take care of x*x'/norm(x)^2
            if (!f->jet.low) continue; // cos(u) is as good by itself; what cancels in it is replaced there
            if (!pass && order && main == n->nargs) main = i;
            if (!pass || (order && (order != sdp_get(r->g, n->arg[main])->order ||
                                    memcmp(sdp_labels(r->g, n, i), sdp_labels(r->g, n, main), order))))
                continue;
            group |= 1u << i;
            if (f->jet.low < least) least = f->jet.low;
            if (f->jet.low > most) most = f->jet.low;
            if (f->jet.n + a->spare < a->length) a->spare = a->length - f->jet.n;
            hidden |= f->cancels;
            lossy |= f->lossy;
        }
    uint32_t none;
    bool zero = vanishes(a, n, &none) && none;
    if (least >= 0 || (most <= 0 && !hidden)) {
        bool single = zero && !(none & (none - 1));
        if (single) e->group = none, e->limit = e->zero = true;
        return;
    }
    e->zero = zero && !(none & ~group);
    e->group = group;
    a->digits |= lossy;
    e->limit = !hidden && least >= -1 && most <= 1;
}

static uint32_t expose(sdp_jets *r, sdp_jet_at *a, uint32_t nroots, const sdp_id *root)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < nroots; i++) a->of[root[i]].exposed = true;
    for (uint32_t i = r->count; i-- > 0;) {
        sdp_id id = r->id[i];
        const sdp_node *n = sdp_get(r->g, id);
        sdp_jet_node *e = &a->of[id];
        bool covered = e->exposed && is_covered(r, n, id);
        uint32_t none;
        if (covered && n->kind == SDP_MUL && e->depends) e->zero = vanishes(a, n, &none) && none;
        if (e->exposed && !covered && e->depends) {
            e->replaced = e->cancels && id != a->sum; // it is u itself
            a->digits |= e->replaced;
            if (n->kind == SDP_MUL) find_group(r, a, n, e);
            found += e->replaced || e->group;
        }
        found += e->zero && !e->group;
        for (uint32_t k = 0; k < n->nargs; k++) {
            sdp_jet_node *f = &a->of[n->arg[k]];
            bool inside =
                (e->replaced || (e->inner && !e->exposed) || (k < 32 && e->group >> k & 1 && !e->limit)) &&
                f->depends;
            if (inside) f->inner = true;
            else if (e->exposed || e->inner) f->exposed |= !covered || r->expansions->of[n->arg[k]].exposed;
        }
    }
    return found;
}

// ---- all --------------------------------------------------------------------------------------------------
static bool look(sdp_jets *r, sdp_jet_at *a, uint32_t nroots, const sdp_id *root)
{
    int least = 0;
    a->length = SHORT;
    if (!expand_all(r, a)) a->length = LONG, expand_all(r, a);
    for (uint32_t i = 0; i < r->count; i++)
        if (a->of[r->id[i]].jet.low < least) least = a->of[r->id[i]].jet.low;
    if (a->root) least /= 2;
    uint32_t found = expose(r, a, nroots, root);
    a->terms = !a->digits ? FEW : least > -3 ? 18 : least > -4 ? 24 : a->length == SHORT ? 30 : 48;
    a->spare = a->digits ? 8 : a->spare > 2 ? a->spare : 2;
    return found && found <= MOST_REPLACED;
}

// Where two places are near, the last one counts (jet_code.c): that at which more cancels. The coefficients
// at the other, e.g. 1/x-cos(x)/sin(x) in a series in y, are computed as they are written and may cancel.
static void keep(sdp_jets *r, uint32_t *kept, sdp_jet_at a)
{
    uint32_t k = (*kept)++;
    for (; k && r->at[k - 1].cancelling > a.cancelling; k--) r->at[k] = r->at[k - 1];
    r->at[k] = a;
}

sdp_jets *sdp_jets_find(sdp_graph *g, const sdp_expansions *x, uint32_t count, const sdp_id *id,
                        uint32_t nroots, const sdp_id *root)
{
    sdp_jets *r = sdp_scratch(&g->base, sizeof *r);
    *r = (sdp_jets){.g = g, .expansions = x, .count = count, .id = id, .n = g->nnodes};
    r->at = sdp_scratch(&g->base, (SDP_JET_PLACES + 1) * sizeof *r->at);
    if (count <= MOST_NODES) sdp_jet_places(r);
    if (!r->nat) return r;
    r->n = g->nnodes; // sums that are 0 at a place may be new
    r->constant = sdp_scratch(&g->base, r->n * sizeof *r->constant);
    sdp_jet_constants(r);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < r->nat; i++) {
        sdp_mark mark = sdp_scratch_mark(&g->base);
        sdp_jet_at a = r->at[i];
        a.of = sdp_scratch(&g->base, r->n * sizeof *a.of);
        bool found = look(r, &a, nroots, root);
        if (a.roots && !a.root && !a.tail)
            for (int sign = -1; sign <= 1; sign += 2) {
                sdp_jet_at b = r->at[i];
                b.root = sign;
                b.two_sided = a.two_sided;
                sdp_jet_place(r, b);
            }
        if (found) keep(r, &kept, a);
        else sdp_scratch_release(&g->base, mark);
    }
    r->nat = kept;
    return r;
}

bool sdp_has_jet(const sdp_jets *r, sdp_id id)
{
    bool found = false;
    for (uint32_t i = 0; i < r->nat && id < r->n; i++) {
        const sdp_jet_node *e = &r->at[i].of[id];
        found |= e->replaced || e->inner || e->group;
    }
    return found;
}
