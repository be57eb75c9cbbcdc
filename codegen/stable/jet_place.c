// SPDX-License-Identifier: MIT
// The places at which quantities may become small: what is divided by, and where that is 0.
//
// sinh(b*x) in (b*x*cosh(b*x)-sinh(b*x))/sinh(b*x)^2 is 0 where b*x is. What series.h knows as a function of
// one node that is 0 with it leads to that node; a function that is 0 at one point alone, to its argument; a
// sum, to a term on which the others do not depend. As products are flat, b*x is not seen in b*x*cosh(b*x):
// there the places are those of b and x.
//
// Direction: from a negative power to nodes below it. A place too many costs time, one too few digits; what
// is computed at a place is an identity wherever it is (jet_code.c).
// Entry: sdp_jet_places.
#include <string.h>

#include "codegen/stable/jet.h"

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

// Takes one step from "x is v" towards the argument of x. Returns false if x is the place, or if it never is
// v (*never).
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

// Do p and q stand where p-q is 0? Of f(p)-f(q), as sqrt(x)-sqrt(y), and of p/q-1, where the logarithm of p/q
// is 0. Then t is p-q, which may be a new node.
static bool meet(sdp_graph *g, sdp_jet_at *a)
{
    const sdp_node *n = sdp_get(g, a->t), *f[2];
    sdp_id p, q, one = sdp_number(g, SDP_NUM_ONE);
    if (n->kind == SDP_ADD && n->nargs == 2 && a->shift == SDP_NUM_ZERO &&
        n->coef[0] == sdp_num_neg(g, n->coef[1])) {
        for (int k = 0; k < 2; k++) f[k] = sdp_get(g, n->arg[k]);
        bool map = f[0]->kind == SDP_MAP && f[0]->nargs == 1 && f[0]->op == f[1]->op;
        bool power = f[0]->kind == SDP_POW && f[1]->kind == SDP_POW && f[0]->arg[1] == f[1]->arg[1];
        if (f[0]->kind != f[1]->kind || !(map || power)) return false;
        p = f[0]->arg[0], q = f[1]->arg[0];
    } else if (n->kind == SDP_MUL && n->nargs > 1 && sdp_is_entrywise(g, n) && a->shift == SDP_NUM_ONE) {
        p = sdp_number(g, n->coef[0]), q = one;
        for (uint32_t i = 0; i < n->nargs; i++) {
            const sdp_node *m = sdp_get(g, n->arg[i]);
            sdp_num e;
            bool below = m->kind == SDP_POW && sdp_is_number(g, m->arg[1], &e) && sdp_num_sign(g, e) < 0;
            if (m->order != n->order) return false;
            if (below) q = sdp_times(g, q, sdp_power_num(g, n->arg[i], SDP_NUM_MINUS_ONE));
            else p = sdp_times(g, p, n->arg[i]);
        }
        if (q == one) return false;
    } else {
        return false;
    }
    if (sdp_get(g, p)->order != sdp_get(g, q)->order) return false;
    a->t = sdp_sub(g, p, q);
    a->shift = SDP_NUM_ZERO;
    return true;
}

static bool is_listed(const sdp_jets *r, sdp_id id)
{
    bool found = false;
    for (uint32_t i = 0; i < r->count && !found; i++) found = r->id[i] == id;
    return found;
}

// The terms of a new sum must be made of variables alone: not of what is replaced itself, nor of what no code
// has.
static bool is_at_hand(const sdp_jets *r, const sdp_jet_at *a)
{
    const sdp_node *n = sdp_get(r->g, a->sum);
    sdp_num v;
    if (!a->sum || is_listed(r, a->sum)) return true;
    bool all = sdp_get(r->g, a->t)->kind == SDP_VAR && is_listed(r, a->t);
    for (uint32_t i = 0; all && i < n->nargs; i++) {
        const sdp_node *m = sdp_get(r->g, n->arg[i]);
        all = m->kind == SDP_VAR || m->kind == SDP_MUL || sdp_is_number(r->g, n->arg[i], &v);
        for (uint32_t k = 0; all && m->kind == SDP_MUL && k < m->nargs; k++)
            all = sdp_get(r->g, m->arg[k])->kind == SDP_VAR && is_listed(r, m->arg[k]);
    }
    return all;
}

// The place at which a node is 0
static bool zero_of(const sdp_jets *r, sdp_id id, sdp_jet_at *a)
{
    bool never = false;
    sdp_graph *g = r->g;
    *a = (sdp_jet_at){.t = id, .shift = SDP_NUM_ZERO};
    while (!ends(g, a) && (meet(g, a) || step(g, a, &never))) {}
    if (a->tail) return sdp_get(g, a->t)->order <= SDP_JET_ORDER;
    const sdp_node *n = sdp_get(g, a->t);
    bool opaque =
        n->kind == SDP_VAR || n->kind == SDP_PRIM || n->kind == SDP_CALL || n->kind == SDP_MUL || a->sum;
    return !never && opaque && n->order <= SDP_JET_ORDER && is_at_hand(r, a);
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

// The same where series.h knows that a node is a function of another, and 0 where that is: x*cosh(x)-sinh(x)
static bool zero_by_series(const sdp_jets *r, sdp_id id, sdp_jet_at *a)
{
    const sdp_expansion *e = &r->expansions->of[id];
    return id < r->expansions->n && e->atom && e->atom != id && e->s.n && e->s.low > 0 &&
           zero_of(r, e->atom, a);
}

static bool same_place(const sdp_jet_at *a, const sdp_jet_at *b)
{
    return a->t == b->t && a->sum == b->sum && a->shift == b->shift && a->root == b->root &&
           a->tail == b->tail && a->rate == b->rate;
}

void sdp_jet_place(sdp_jets *r, sdp_jet_at a)
{
    bool known = r->nat == SDP_JET_PLACES;
    for (uint32_t i = 0; i < r->nat; i++) known |= same_place(&r->at[i], &a);
    if (!known) r->at[r->nat++] = a;
}

// The kinds of a node at u = 0 by its form, where u is the base of a negative power: c*u^-k + ..., or a
// function of such nodes, which has no series.
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

static sdp_id base_of(const sdp_graph *g, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    return n->kind == SDP_POW ? n->arg[0] : id;
}

// Is t a product whose factors stand in another product, as b and x in b^2*x*cosh(b*x)? There t is not seen.
static bool is_hidden(const sdp_jets *r, const sdp_node *t)
{
    bool found = false;
    for (uint32_t i = 0; i < r->count && !found && t->kind == SDP_MUL && sdp_is_entrywise(r->g, t); i++) {
        const sdp_node *m = sdp_get(r->g, r->id[i]);
        bool all = m->kind == SDP_MUL && m != t;
        for (uint32_t j = 0; all && j < t->nargs; j++) {
            all = false;
            for (uint32_t k = 0; !all && k < m->nargs; k++)
                all = base_of(r->g, m->arg[k]) == base_of(r->g, t->arg[j]);
        }
        found = all;
    }
    return found;
}

// The zeros of its factors, if t is such a product
static void add_factors(sdp_jets *r, sdp_id t)
{
    const sdp_node *n = sdp_get(r->g, t);
    sdp_jet_at a;
    bool hidden = is_hidden(r, n);
    for (uint32_t k = 0; hidden && k < n->nargs; k++)
        if (zero_of(r, n->arg[k], &a)) sdp_jet_place(r, a);
}

void sdp_jet_places(sdp_jets *r)
{
    uint8_t *form = NULL;
    for (uint32_t i = 0; i < r->count; i++) {
        const sdp_node *n = sdp_get(r->g, r->id[i]);
        sdp_jet_at a, two[2];
        sdp_num q;
        if (n->kind != SDP_POW || !sdp_is_number(r->g, n->arg[1], &q) || sdp_num_sign(r->g, q) > 0) continue;
        uint32_t roots = rational_roots(r->g, n->arg[0], two);
        for (uint32_t k = 0; k < roots; k++) sdp_jet_place(r, two[k]);
        if (roots || !(zero_by_series(r, n->arg[0], &a) || zero_of(r, n->arg[0], &a))) continue;
        if (a.shift == SDP_NUM_ZERO && !a.sum && !a.tail) add_factors(r, a.t);
        if (!form) form = sdp_scratch(&r->g->base, r->n);
        a.t = place_of(r, &a);
        if (a.t != n->arg[0] || !only_divides(r, a.t, form)) sdp_jet_place(r, a);
    }
}
