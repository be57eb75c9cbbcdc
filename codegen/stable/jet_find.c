// SPDX-License-Identifier: MIT
// Where code needs series with parameters: at zeros of what something is divided by, 2-p in mu^(2-p)/(2-p),
// a-b in (exp(-a)-exp(-b))/(a-b).
//
// Zeros are looked for of negative powers. Around each one, a pass finds the first terms of all nodes, and
// one from the outputs down the sums that cancel and the products whose factors vanish and grow there, of
// which code needs the value. What series.h covers stays as it is.
#include <math.h>
#include <string.h>

#include "codegen/stable/jet.h"
#include "simplify/zero/field.h"

enum { SHORT = 12, FEW = 8, MOST_PLACES = 12, MOST_REPLACED = 24, MOST_NODES = 3000 };

// ---- places -----------------------------------------------------------------------------------------------
// Is the function smooth at 0, and 0 there? log is at 1.
static bool vanishes_at_zero(int op)
{
    return sdp_at_zero(op) == SDP_AT_ZERO_zero && !sdp_ops[op].kink && !sdp_ops[op].sides.decider;
}

static bool depends_on(sdp_graph *g, sdp_id id, sdp_id t)
{
    uint32_t count;
    sdp_mark mark = sdp_scratch_mark(&g->base);
    const sdp_id *list = sdp_reachable(g, 1, &id, &count);
    bool found = false;
    for (uint32_t i = 0; i < count; i++) found |= list[i] == t;
    sdp_scratch_release(&g->base, mark);
    return found;
}

// A term of a sum on which the others do not depend: a variable, or else another node
static bool leading_term(sdp_graph *g, const sdp_node *n, uint32_t *at)
{
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = n->nargs; i-- > 0;) {
            sdp_num v;
            bool alone = !sdp_is_number(g, n->arg[i], &v) && (pass || sdp_get(g, n->arg[i])->kind == SDP_VAR);
            for (uint32_t k = 0; alone && k < n->nargs; k++)
                alone = k == i || !depends_on(g, n->arg[k], n->arg[i]);
            if (alone) return *at = i, true;
        }
    return false;
}

// Functions that come close to a value as their argument goes to one end, where exp(sign*argument) goes to 0
static const struct {
    uint16_t op;
    int value, sign;
} tails[] = {{SDP_OP_softplus, 0, 1}, {SDP_OP_sigmoid, 0, 1}, {SDP_OP_sigmoid, 1, -1}, {SDP_OP_expm1, -1, 1}};

// Is "x is v" the end of such a function? Then the place is there.
static bool ends(sdp_graph *g, sdp_jet_at *a)
{
    const sdp_node *n = sdp_get(g, a->t);
    for (size_t i = 0; n->kind == SDP_MAP && i < sizeof tails / sizeof *tails; i++) {
        if (n->op != tails[i].op || a->shift != sdp_num_int(g, tails[i].value)) continue;
        sdp_id t;
        sdp_num rate = sdp_num_mul(g, sdp_num_int(g, tails[i].sign), sdp_multiple_of(g, n->arg[0], &t));
        // exp(2*t) is the square of exp(t)
        if (sdp_num_is_int(g, rate)) rate = sdp_num_int(g, sdp_num_sign(g, rate));
        *a = (sdp_jet_at){.t = t, .shift = SDP_NUM_ZERO, .tail = true, .rate = rate};
        return true;
    }
    return false;
}

// One step from "x is v" towards its argument; false: x is the place, or it never is v (*never)
static bool step(sdp_graph *g, sdp_jet_at *a, bool *never)
{
    const sdp_node *n = sdp_get(g, a->t);
    sdp_num q;
    bool zero = a->shift == SDP_NUM_ZERO;
    uint32_t at;
    if (n->kind == SDP_MUL && n->nargs == 1 && sdp_is_entrywise(g, n) &&
        sdp_get(g, n->arg[0])->order == n->order) {
        a->shift = sdp_num_mul(g, a->shift, sdp_num_inv(g, n->coef[0]));
    } else if (n->kind == SDP_MAP && zero && vanishes_at_zero(n->op)) {
    } else if (n->kind == SDP_MAP && zero && n->op == SDP_OP_log) {
        a->shift = SDP_NUM_ONE;
    } else if (n->kind == SDP_MAP && n->op == SDP_OP_exp) {
        *never = a->shift != SDP_NUM_ONE;
        a->shift = SDP_NUM_ZERO;
    } else if (n->kind == SDP_POW && sdp_is_number(g, n->arg[1], &q)) {
        *never = !zero || sdp_num_sign(g, q) < 0;
    } else if (n->kind == SDP_ADD && leading_term(g, n, &at)) {
        bool numbers = true;
        sdp_num v, shift = a->shift;
        for (uint32_t i = 0; i < n->nargs; i++) {
            if (i == at) continue;
            if (!sdp_is_number(g, n->arg[i], &v)) numbers = false;
            else shift = sdp_num_add(g, shift, sdp_num_neg(g, sdp_num_mul(g, v, n->coef[i])));
        }
        if (numbers) a->shift = sdp_num_mul(g, shift, sdp_num_inv(g, n->coef[at]));
        else a->sum = a->t, a->slope = n->coef[at];
        a->t = n->arg[at];
        return numbers;
    } else {
        return false;
    }
    a->t = n->arg[0];
    return !*never;
}

// The place at which a node is 0
static bool zero_of(sdp_graph *g, sdp_id id, sdp_jet_at *a)
{
    bool never = false;
    *a = (sdp_jet_at){.t = id, .shift = SDP_NUM_ZERO};
    while (!ends(g, a) && step(g, a, &never)) {}
    if (a->tail) return sdp_get(g, a->t)->order <= SDP_JET_ORDER;
    const sdp_node *n = sdp_get(g, a->t);
    bool opaque =
        n->kind == SDP_VAR || n->kind == SDP_PRIM || n->kind == SDP_CALL || n->kind == SDP_MUL || a->sum;
    return !never && opaque && n->order <= SDP_JET_ORDER;
}

// a + b t + c t^2, the roots of which are rational: 1-x^2, (1-p)*(2-p) multiplied out
static uint32_t rational_roots(sdp_graph *g, sdp_id id, sdp_jet_at *a)
{
    const sdp_node *n = sdp_get(g, id);
    sdp_num c[3] = {SDP_NUM_ZERO, SDP_NUM_ZERO, SDP_NUM_ZERO}, v, e, root;
    sdp_id t = 0;
    for (uint32_t i = 0; i < n->nargs && n->kind == SDP_ADD; i++) {
        const sdp_node *p = sdp_get(g, n->arg[i]);
        bool number = sdp_is_number(g, n->arg[i], &v),
             square = !number && p->kind == SDP_POW && sdp_is_number(g, p->arg[1], &e) && e == SDP_NUM_TWO;
        sdp_id base = square ? p->arg[0] : n->arg[i];
        if (!number && t && base != t) return 0;
        if (!number) t = base;
        sdp_num *to = &c[number ? 0 : square ? 2 : 1];
        *to = sdp_num_add(g, *to, number ? sdp_num_mul(g, v, n->coef[i]) : n->coef[i]);
    }
    if (!t || c[2] == SDP_NUM_ZERO || sdp_get(g, t)->order > SDP_JET_ORDER) return 0;
    sdp_num d = sdp_num_add(g, sdp_num_mul(g, c[1], c[1]),
                            sdp_num_mul(g, sdp_num_int(g, -4), sdp_num_mul(g, c[0], c[2])));
    if (sdp_num_sign(g, d) < 0 || !sdp_num_root(g, d, 2, &root)) return 0;
    sdp_num by = sdp_num_inv(g, sdp_num_mul(g, SDP_NUM_TWO, c[2])),
            middle = sdp_num_mul(g, sdp_num_neg(g, c[1]), by);
    root = sdp_num_mul(g, root, by);
    a[0] = (sdp_jet_at){.t = t, .shift = sdp_num_add(g, middle, root)};
    a[1] = (sdp_jet_at){.t = t, .shift = sdp_num_add(g, middle, sdp_num_neg(g, root))};
    return 2;
}

static bool same_place(const sdp_jet_at *a, const sdp_jet_at *b)
{
    return a->t == b->t && a->sum == b->sum && a->shift == b->shift && a->root == b->root &&
           a->tail == b->tail && a->rate == b->rate;
}

static void add_place(sdp_jets *r, sdp_jet_at a)
{
    bool known = r->nat == MOST_PLACES;
    for (uint32_t i = 0; i < r->nat; i++) known |= same_place(&r->at[i], &a);
    if (!known) r->at[r->nat++] = a;
}

// What a node is at u = 0 by its form, where u is the base of a negative power: c*u^-k + ..., or a function
// of such nodes, which has no series.
enum { CONSTANT, PLACE, POLE, NO_SERIES };

// Of a node that depends on the place; PLACE: it may vanish there, or its poles may cancel
static int form_at_place(sdp_graph *g, const sdp_node *n, const uint8_t *form)
{
    uint32_t many[NO_SERIES + 1] = {0};
    sdp_num q;
    for (uint32_t i = 0; i < n->nargs; i++) many[form[n->arg[i]]]++;
    if (n->kind == SDP_POW && form[n->arg[0]] && sdp_is_number(g, n->arg[1], &q))
        return (form[n->arg[0]] == PLACE) == (sdp_num_sign(g, q) < 0)
                   ? (form[n->arg[0]] == NO_SERIES ? NO_SERIES : POLE)
                   : PLACE;
    if (many[PLACE]) return PLACE;
    if ((n->kind != SDP_MUL && n->kind != SDP_ADD) || many[NO_SERIES]) return NO_SERIES;
    return n->kind == SDP_ADD && many[POLE] > 1 ? PLACE : POLE;
}

// Where w'*w is 0, so is norm(w): of what depends on both, the place is that of the norm.
static sdp_id place_of(const sdp_jets *r, const sdp_jet_at *a)
{
    sdp_id norm =
        a->sum || a->tail || a->shift != SDP_NUM_ZERO ? 0 : sdp_square_of_norm(r->g, sdp_get(r->g, a->t));
    for (uint32_t i = 0; norm && i < r->count; i++)
        if (r->id[i] == norm) return norm;
    return a->t;
}

// Does u divide and nothing else? Then nothing vanishes or cancels at u = 0, and this is seen without a
// series: N in norm(X*t-Y)^2/N. With a norm its vector vanishes, too.
static bool only_divides(const sdp_jets *r, sdp_id u, uint8_t *form)
{
    if (sdp_get(r->g, u)->kind == SDP_PRIM) return false;
    memset(form, CONSTANT, r->n);
    for (uint32_t i = 0; i < r->count; i++) {
        const sdp_node *n = sdp_get(r->g, r->id[i]);
        bool depends = false;
        for (uint32_t k = 0; k < n->nargs; k++) depends |= form[n->arg[k]] != CONSTANT;
        if (depends) form[r->id[i]] = (uint8_t)form_at_place(r->g, n, form);
        if (form[r->id[i]] == PLACE) return false;
        if (r->id[i] == u) form[u] = PLACE;
    }
    return true;
}

static void find_places(sdp_jets *r)
{
    uint8_t *form = NULL;
    for (uint32_t i = 0; i < r->count; i++) {
        const sdp_node *n = sdp_get(r->g, r->id[i]);
        sdp_jet_at a, two[2];
        sdp_num q;
        if (n->kind != SDP_POW || !sdp_is_number(r->g, n->arg[1], &q) || sdp_num_sign(r->g, q) > 0) continue;
        uint32_t roots = rational_roots(r->g, n->arg[0], two);
        for (uint32_t k = 0; k < roots; k++) add_place(r, two[k]);
        if (roots || !zero_of(r->g, n->arg[0], &a)) continue;
        if (!form) form = sdp_scratch(&r->g->base, r->n);
        a.t = place_of(r, &a);
        if (a.t != n->arg[0] || !only_divides(r, a.t, form)) add_place(r, a);
    }
}

// ---- first terms ------------------------------------------------------------------------------------------
// Is a sum computed exactly as it is written? a-b, 2-p, but not 1-v/10
static bool is_linear(sdp_graph *g, const sdp_node *n, const sdp_jet *s, int most)
{
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
               !b->c[0].digits.lo;
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

static void expand_all(sdp_jets *r, sdp_jet_at *a)
{
    a->roots = false;
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
        bool known = n->order <= SDP_JET_ORDER && sdp_jet_expand(r, a, id, SHORT, false, &e->jet);
        if (!known) e->jet.n = 0;
        // u is computed from the sum: a series of it would need itself
        if (!known || is_given(a, id) || id == a->sum) {
            e->hidden = e->lossy = false;
            continue;
        }
        e->cancels = find_cancelling(r, a, n, e);
        e->hidden |= e->cancels;
        e->lossy = (e->lossy || e->cancels) && !is_covered(r, n, id);
    }
}

// ---- where it is needed -----------------------------------------------------------------------------------
// Of w'*v and eye(n)-2*w*w'/norm(w)^2, which has no limit at w = 0 but is bounded, the product is 0 there;
// and so is sin(norm(w))/norm(w)^3*(w'*v)*w*w'. group: factors that have no value there; at least these must
// be seen together
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

// The factors of a product with the labels of the first array among them that depend on u, if some vanish and
// others grow
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
            if (f->jet.n + a->spare < SHORT) a->spare = SHORT - f->jet.n;
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
    expand_all(r, a);
    for (uint32_t i = 0; i < r->count; i++)
        if (a->of[r->id[i]].jet.low < least) least = a->of[r->id[i]].jet.low;
    if (a->root) least /= 2;
    uint32_t found = expose(r, a, nroots, root);
    a->terms = !a->digits ? FEW : least > -3 ? 18 : least > -4 ? 24 : 30;
    a->spare = a->digits ? 8 : a->spare > 2 ? a->spare : 2;
    return found && found <= MOST_REPLACED;
}

sdp_jets *sdp_jets_find(sdp_graph *g, const sdp_expansions *x, uint32_t count, const sdp_id *id,
                        uint32_t nroots, const sdp_id *root)
{
    sdp_jets *r = sdp_scratch(&g->base, sizeof *r);
    *r = (sdp_jets){.g = g, .expansions = x, .count = count, .id = id, .n = g->nnodes};
    r->at = sdp_scratch(&g->base, (MOST_PLACES + 1) * sizeof *r->at);
    if (count <= MOST_NODES) find_places(r);
    if (!r->nat) return r;
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
                add_place(r, b);
            }
        if (found) r->at[kept++] = a;
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
