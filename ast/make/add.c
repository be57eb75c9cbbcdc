// SPDX-License-Identifier: MIT
// Sums: flat, sorted by id, equal terms merged, coefficients outside the terms. What all terms repeat is outside the
// sum, and what is repeated alike is added first: diag(x) + diag(y) is diag(x+y), also as a part of a longer sum.
//
// A sum inside a sum is spliced if it has at most SDP_FLAT_TERMS terms, so that h_k = h_{k-1} + f(h_{k-1}),
// every h_k used elsewhere too, stays linear in size. Terms where(c,a,0) and where(c,0,b) meet here.
#include <stdlib.h>
#include <string.h>

#include "ast/make/inside.h"

typedef struct { sdp_id id; sdp_num coef; } term;
typedef struct { sdp_graph *g; term *t; uint32_t n, cap; } terms;

static void push(terms *w, sdp_id id, sdp_num coef)
{
    if (coef == SDP_NUM_ZERO) return;
    w->t = sdp_grown(&w->g->base, w->t, w->n, &w->cap, sizeof *w->t);
    w->t[w->n++] = (term){id, coef};
}

// a = coef * unit, unit with coefficient 1 (a sum counts as its own unit)
static sdp_id unit_part(sdp_graph *g, sdp_id a, sdp_num *coef)
{
    const sdp_node *n = g->node[a];
    *coef = SDP_NUM_ONE;
    if (n->kind == SDP_NUM) {
        *coef = n->param;
        return SDP_ID_ONE;
    }
    if (n->kind != SDP_MUL || n->coef[0] == SDP_NUM_ONE) return a;
    *coef = n->coef[0];
    return sdp_mul_raw(g, SDP_NUM_ONE, n->nargs, n->arg, n->label, n->order, sdp_labels(g, n, n->nargs), n->ldim);
}

static void load(terms *w, sdp_id a, sdp_num coef, uint32_t others)
{
    sdp_graph *g = w->g;
    const sdp_node *n = g->node[a], *sum;
    uint8_t to[SDP_MAX_ORDER];
    if (n->kind == SDP_MUL && (sum = sdp_scattered_sum(g, n, to)) && sum->nargs <= SDP_FLAT_TERMS) {
        for (uint32_t i = 0; i < sum->nargs; i++)
            load(w, sdp_scatter(g, sum->arg[i], to, n->order, n->dim), sdp_num_mul(g, sdp_num_mul(g, coef, n->coef[0]), sum->coef[i]), 1);
        return;
    }
    if (n->kind == SDP_ADD && (others == 0 || n->nargs <= SDP_FLAT_TERMS)) {
        for (uint32_t i = 0; i < n->nargs; i++) push(w, n->arg[i], sdp_num_mul(g, coef, n->coef[i]));
        return;
    }
    sdp_num c;
    sdp_id unit = unit_part(g, a, &c);
    if (unit != a && g->node[unit]->kind == SDP_ADD) load(w, unit, sdp_num_mul(g, coef, c), 1);
    else push(w, unit, sdp_num_mul(g, coef, c));
}

static int compare(const void *a, const void *b)
{
    const term *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static void merge(terms *w)
{
    qsort(w->t, w->n, sizeof *w->t, compare);
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->n;) {
        term t = w->t[i++];
        while (i < w->n && w->t[i].id == t.id) t.coef = sdp_num_add(w->g, t.coef, w->t[i++].coef);
        if (t.coef != SDP_NUM_ZERO) w->t[n++] = t;
    }
    w->n = n;
}

bool sdp_as_map(sdp_graph *g, int op, sdp_id a, sdp_id *arg)
{
    const sdp_node *n = g->node[a], *f = n;
    uint8_t axis[SDP_MAX_ORDER];
    bool straight = true;
    if (n->kind == SDP_MUL && n->nargs == 1 && n->coef[0] == SDP_NUM_ONE) f = g->node[n->arg[0]];
    if (f->kind != SDP_MAP || f->op != op || f->order != n->order || (f != n && !sdp_permutes_labels(g, n))) return false;
    for (int k = 0; k < n->order && f != n; k++) {
        const uint8_t *at = memchr(n->label, sdp_labels(g, n, 1)[k], n->order);
        if (!at) return false;
        axis[k] = (uint8_t)(at - n->label);
        straight &= axis[k] == k;
    }
    for (uint32_t i = 0; i < f->nargs; i++) arg[i] = straight ? f->arg[i] : sdp_permute(g, f->arg[i], axis);
    return true;
}

typedef struct { sdp_id part[3]; uint32_t term; } guarded; // where(part[0], part[1], part[2])

static int by_condition(const void *a, const void *b)
{
    const guarded *x = a, *y = b;
    if (x->part[0] != y->part[0]) return x->part[0] < y->part[0] ? -1 : 1;
    return (x->term > y->term) - (x->term < y->term);
}

// The sum of n terms k_i where(c, a_i, b_i) of one condition: where(c, sum of k_i a_i, sum of k_i b_i)
static sdp_id join_where(const terms *w, uint32_t n, const guarded *x)
{
    sdp_num *coef = sdp_scratch(&w->g->base, n * sizeof *coef);
    sdp_id *branch = sdp_scratch(&w->g->base, n * sizeof *branch), arg[3] = {x->part[0]};
    for (int side = 1; side < 3; side++) {
        for (uint32_t i = 0; i < n; i++) {
            coef[i] = w->t[x[i].term].coef;
            branch[i] = x[i].part[side];
        }
        arg[side] = sdp_add(w->g, n, coef, branch);
    }
    return sdp_map(w->g, SDP_OP_where, arg);
}

// Terms of equal conditions are joined; true if there were any.
static bool merge_where(terms *w)
{
    sdp_graph *g = w->g;
    uint32_t n = 0, joined = 0, kept = 0;
    guarded *x = sdp_scratch(&g->base, w->n * sizeof *x);
    for (uint32_t i = 0; i < w->n; i++) {
        x[n].term = i;
        n += sdp_as_map(g, SDP_OP_where, w->t[i].id, x[n].part);
    }
    if (n < 2 || g->depth >= SDP_DEPTH) return false;
    g->depth++;
    sdp_id *whole = sdp_scratch(&g->base, n * sizeof *whole);
    qsort(x, n, sizeof *x, by_condition);
    for (uint32_t i = 0, run; i < n; i += run) {
        for (run = 1; i + run < n && x[i + run].part[0] == x[i].part[0]; run++) continue;
        if (run > 1) whole[joined++] = join_where(w, run, x + i);
        for (uint32_t k = i; run > 1 && k < i + run; k++) w->t[x[k].term].coef = SDP_NUM_ZERO;
    }
    g->depth--;
    for (uint32_t i = 0; i < w->n; i++)
        if (w->t[i].coef != SDP_NUM_ZERO) w->t[kept++] = w->t[i];
    w->n = kept;
    for (uint32_t i = 0; i < joined; i++) load(w, whole[i], SDP_NUM_ONE, 1);
    return joined > 0;
}

// c (1 - sigmoid(x)) = c sigmoid(-x);  c (exp(x) - 1) = c expm1(x)
static sdp_id complement(terms *w)
{
    sdp_graph *g = w->g;
    if (w->n != 2 || w->t[0].coef != sdp_num_neg(g, w->t[1].coef)) return 0;
    for (int i = 0; i < 2; i++) {
        sdp_id u;
        sdp_num one;
        if (!sdp_is_number(g, w->t[1 - i].id, &one)) continue;
        if (sdp_as_map(g, SDP_OP_exp, w->t[i].id, &u)) return sdp_scale(g, w->t[i].coef, sdp_map1(g, SDP_OP_expm1, u));
        if (!sdp_as_map(g, SDP_OP_sigmoid, w->t[i].id, &u)) continue;
        sdp_id minus = sdp_scale(g, SDP_NUM_MINUS_ONE, u);
        return sdp_scale(g, w->t[1 - i].coef, sdp_map1(g, SDP_OP_sigmoid, minus));
    }
    return 0;
}

// The place of the term with this unit and coefficient, or w->n
static uint32_t place_of(const terms *w, sdp_id unit, sdp_num coef)
{
    uint32_t j = 0;
    while (j < w->n && (w->t[j].id != unit || w->t[j].coef != coef)) j++;
    return j;
}

// c |u| + c u = 2 c relu(u), c |u| - c u = 2 c relu(-u): what cancels is seen to be 0, as under a root
static bool meet_sizes(terms *w)
{
    sdp_graph *g = w->g;
    uint32_t place[SDP_FLAT_TERMS];
    for (uint32_t i = 0; i < w->n && w->n <= SDP_FLAT_TERMS; i++) {
        const sdp_node *f = g->node[w->t[i].id], *u = f->kind == SDP_MAP && f->op == SDP_OP_abs ? g->node[f->arg[0]] : NULL;
        bool sum = u && u->kind == SDP_ADD;
        for (int side = 0; u && side < 2; side++) {
            sdp_num c = side ? sdp_num_neg(g, w->t[i].coef) : w->t[i].coef, own;
            uint32_t n = sum ? u->nargs : 1, found = 0;
            for (; n <= w->n && found < n; found++) {
                sdp_id unit = unit_part(g, sum ? u->arg[found] : f->arg[0], &own);
                place[found] = place_of(w, unit, sdp_num_mul(g, c, sum ? sdp_num_mul(g, own, u->coef[found]) : own));
                if (place[found] == w->n) break;
            }
            if (found < n) continue;
            for (uint32_t k = 0; k < n; k++) w->t[place[k]].coef = SDP_NUM_ZERO;
            w->t[i] = (term){sdp_map1(g, SDP_OP_relu, side ? sdp_scale(g, SDP_NUM_MINUS_ONE, f->arg[0]) : f->arg[0]), sdp_num_mul(g, SDP_NUM_TWO, w->t[i].coef)};
            return true;
        }
    }
    return false;
}

// c hypot(x,y)^2 - c x^2 = c y^2, which would cancel in second derivatives of hypot
static sdp_id other_leg(terms *w)
{
    sdp_graph *g = w->g;
    sdp_num e;
    for (uint32_t i = 0; w->n == 2 && i < 2; i++) {
        const sdp_node *p = g->node[w->t[i].id], *h = p->kind == SDP_POW ? g->node[p->arg[0]] : p;
        if (p->kind != SDP_POW || h->kind != SDP_MAP || h->op != SDP_OP_hypot || !sdp_is_number(g, p->arg[1], &e) || e != SDP_NUM_TWO) continue;
        sdp_num c = w->t[i].coef;
        sdp_id minus = sdp_scale(g, sdp_num_neg(g, w->t[1 - i].coef), w->t[1 - i].id);
        for (int k = 0; k < 2; k++)
            if (sdp_scale(g, c, sdp_power_num(g, h->arg[k], SDP_NUM_TWO)) == minus) return sdp_scale(g, c, sdp_power_num(g, h->arg[1 - k], SDP_NUM_TWO));
    }
    return 0;
}

// ---- sigmoid(x) - sigmoid(-x) = tanh(x/2) -------------------------------------------------------------------------
// Derivatives of sigmoids are sums of such differences, which would cancel near x = 0.

static uint32_t factors(const sdp_node *n) { return n->kind == SDP_MUL ? n->nargs : 1; }

// Factor k of a term if it is a sigmoid or a positive power of one, else NULL; e: the power
static const sdp_node *sigmoid_at(sdp_graph *g, sdp_id t, uint32_t k, sdp_num *e)
{
    const sdp_node *n = g->node[t], *f = n->kind == SDP_MUL ? g->node[n->arg[k]] : n;
    *e = SDP_NUM_ONE;
    if (f->kind == SDP_POW) {
        if (!sdp_is_number(g, f->arg[1], e) || sdp_num_sign(g, *e) < 0 || !sdp_num_is_int(g, *e)) return NULL;
        f = g->node[f->arg[0]];
    }
    return f->kind == SDP_MAP && f->op == SDP_OP_sigmoid ? f : NULL;
}

static bool has_sigmoid(sdp_graph *g, sdp_id t, sdp_id argument)
{
    sdp_num e;
    for (uint32_t k = 0; k < factors(g->node[t]); k++) {
        const sdp_node *s = sigmoid_at(g, t, k, &e);
        if (s && s->arg[0] == argument) return true;
    }
    return false;
}

// The term with r in the place of factor k
static sdp_id put_for(sdp_graph *g, sdp_id t, uint32_t k, sdp_id r)
{
    const sdp_node *n = g->node[t];
    return n->kind == SDP_MUL ? sdp_with_factor(g, n, k, r) : r;
}

// Terms i and j become one.
static bool replace_pair(terms *w, uint32_t i, uint32_t j, sdp_id id, sdp_num coef)
{
    uint32_t last = i > j ? i : j, first = i > j ? j : i;
    memmove(&w->t[last], &w->t[last + 1], (w->n - last - 1) * sizeof *w->t);
    memmove(&w->t[first], &w->t[first + 1], (w->n - first - 2) * sizeof *w->t);
    w->n -= 2;
    load(w, id, coef, 1);
    return true;
}

// c sigmoid(u) R - c sigmoid(-u) R = c tanh(u/2) R for terms i and some other one
static bool meet(terms *w, uint32_t i, uint32_t k)
{
    sdp_graph *g = w->g;
    sdp_num e, opposite = sdp_num_neg(g, w->t[i].coef);
    const sdp_node *s = sigmoid_at(g, w->t[i].id, k, &e);
    sdp_id u = s ? s->arg[0] : 0, minus = s ? sdp_scale(g, SDP_NUM_MINUS_ONE, u) : 0, partner = 0, rest = 0;
    for (uint32_t j = 0; s && j < w->n; j++) {
        if (j == i || w->t[j].coef != opposite || !has_sigmoid(g, w->t[j].id, minus)) continue;
        if (!partner) {
            rest = sdp_power_num(g, sdp_map1(g, SDP_OP_sigmoid, u), sdp_num_add(g, e, SDP_NUM_MINUS_ONE));
            partner = put_for(g, w->t[i].id, k, sdp_times(g, rest, sdp_map1(g, SDP_OP_sigmoid, minus)));
        }
        if (w->t[j].id != partner) continue;
        sdp_id tanh = sdp_map1(g, SDP_OP_tanh, sdp_scale(g, SDP_NUM_HALF, u));
        return replace_pair(w, i, j, put_for(g, w->t[i].id, k, sdp_times(g, rest, tanh)), w->t[i].coef);
    }
    return false;
}

// c sigmoid(u)^e R - c sigmoid(u)^(e-1) R = -c sigmoid(u)^(e-1) sigmoid(-u) R, e >= 2
static bool meet_powers(terms *w, uint32_t i, uint32_t k)
{
    sdp_graph *g = w->g;
    sdp_num e, opposite = sdp_num_neg(g, w->t[i].coef);
    const sdp_node *s = sigmoid_at(g, w->t[i].id, k, &e);
    if (!s || e == SDP_NUM_ONE) return false;
    sdp_id rest = sdp_power_num(g, sdp_map1(g, SDP_OP_sigmoid, s->arg[0]), sdp_num_add(g, e, SDP_NUM_MINUS_ONE)), partner = 0;
    for (uint32_t j = 0; j < w->n; j++) {
        if (j == i || w->t[j].coef != opposite || !has_sigmoid(g, w->t[j].id, s->arg[0])) continue;
        if (!partner) partner = put_for(g, w->t[i].id, k, rest);
        if (w->t[j].id != partner) continue;
        sdp_id minus = sdp_map1(g, SDP_OP_sigmoid, sdp_scale(g, SDP_NUM_MINUS_ONE, s->arg[0]));
        return replace_pair(w, i, j, put_for(g, w->t[i].id, k, sdp_times(g, rest, minus)), opposite);
    }
    return false;
}

static bool meet_sigmoids(terms *w)
{
    for (uint32_t i = 0; i < w->n && w->n <= SDP_FLAT_TERMS; i++)
        for (uint32_t k = 0; k < factors(w->g->node[w->t[i].id]); k++)
            if (meet(w, i, k) || meet_powers(w, i, k)) return true;
    return false;
}

// The sum of terms that all repeat axes as `to` says.
static sdp_id add_gathered(sdp_graph *g, uint32_t n, const term *t, const uint8_t *to)
{
    sdp_id *a = sdp_scratch(&g->base, n * sizeof *a);
    sdp_num *c = sdp_scratch(&g->base, n * sizeof *c);
    for (uint32_t i = 0; i < n; i++) {
        a[i] = sdp_gather(g, t[i].id, to);
        c[i] = t[i].coef;
    }
    const sdp_node *first = g->node[t[0].id];
    return sdp_scatter(g, sdp_add(g, n, c, a), to, first->order, first->dim);
}

static bool repeats_all(terms *w, uint8_t *to)
{
    sdp_mark m = sdp_scratch_mark(&w->g->base);
    sdp_id *a = sdp_scratch(&w->g->base, (w->n + 1) * sizeof *a);
    for (uint32_t i = 0; i < w->n; i++) a[i] = w->t[i].id;
    bool all = w->n > 1 && sdp_spread(w->g, w->n, a, to);
    sdp_scratch_release(&w->g->base, m);
    return all;
}

static bool repeats_as(sdp_graph *g, sdp_id a, const uint8_t *to)
{
    uint8_t other[SDP_MAX_ORDER];
    return sdp_spread(g, 1, &a, other) && !memcmp(to, other, g->node[a]->order);
}

// Some terms that repeat axes alike become one. Scalars added everywhere stay apart: x + (s + 1) is x + s + 1.
static bool gather_alike(terms *w)
{
    sdp_graph *g = w->g;
    for (uint32_t i = 0; i < w->n && w->n <= SDP_FLAT_TERMS; i++) {
        uint8_t to[SDP_MAX_ORDER];
        uint32_t alike = 0, rest = w->n;
        sdp_num c;
        if (!sdp_spread(g, 1, &w->t[i].id, to) || sdp_is_broadcast(g, w->t[i].id, &(sdp_id){0})) continue;
        for (uint32_t j = i; j < w->n; j++) alike += repeats_as(g, w->t[j].id, to);
        if (alike < 2) continue;
        for (uint32_t j = w->n; j-- > 0;) {
            term t = w->t[j];
            if (!repeats_as(g, t.id, to)) continue;
            w->t[j] = w->t[--rest];
            w->t[rest] = t;
        }
        sdp_id sum = add_gathered(g, alike, w->t + rest, to), unit = unit_part(g, sum, &c);
        w->n = rest;
        push(w, unit, c);
        return true;
    }
    return false;
}

// norm(A*X)^2 and tr(A'*A*X*X') are one term: a sum of squares and what it is multiplied out.
static bool meet_squares(terms *w)
{
    for (uint32_t i = 0; i < w->n && w->n > 1; i++) {
        sdp_id network = sdp_square_network(w->g, w->t[i].id);
        for (uint32_t k = 0; k < w->n && network; k++)
            if (w->t[k].id == network) return w->t[k].id = w->t[i].id, true;
    }
    return false;
}

sdp_id sdp_add(sdp_graph *g, uint32_t n, const sdp_num *coef, const sdp_id *arg)
{
    if (n == 1) return sdp_scale(g, coef[0], arg[0]);
    sdp_key key = {.word = {SDP_MADE_ADD}, .n = 1};
    for (uint32_t i = 0; i < n && !key.full; i++) sdp_key_put(&key, coef[i]), sdp_key_put(&key, arg[i]);
    sdp_id id = sdp_memo_find(g, &key);
    if (id) return id;
    sdp_mark m = sdp_scratch_mark(&g->base);
    const sdp_node *first = g->node[arg[0]];
    terms w = {.g = g, .cap = n + SDP_FLAT_TERMS};
    w.t = sdp_scratch(&g->base, w.cap * sizeof *w.t);
    for (uint32_t i = 0; i < n; i++) load(&w, arg[i], coef[i], n - 1);
    merge(&w);
    while (merge_where(&w) || meet_sigmoids(&w) || meet_sizes(&w)) merge(&w);
    uint8_t to[SDP_MAX_ORDER];
    id = complement(&w);
    if (id == 0) id = other_leg(&w);
    if (id == 0 && repeats_all(&w, to)) id = add_gathered(g, w.n, w.t, to);
    while (id == 0 && (gather_alike(&w) || meet_squares(&w))) merge(&w);
    if (id == 0 && w.n == 0) id = sdp_zeros(g, first->order, first->dim);
    else if (id == 0 && w.n == 1) id = sdp_scale(g, w.t[0].coef, w.t[0].id);
    else if (id == 0) {
        sdp_id *a = sdp_scratch(&g->base, w.n * sizeof *a);
        sdp_num *c = sdp_scratch(&g->base, w.n * sizeof *c);
        for (uint32_t i = 0; i < w.n; i++) {
            a[i] = w.t[i].id;
            c[i] = w.t[i].coef;
        }
        id = sdp_intern(g, &(sdp_node){.kind = SDP_ADD, .order = first->order, .nargs = w.n, .dim = first->dim, .arg = a, .coef = c});
    }
    sdp_scratch_release(&g->base, m);
    return sdp_memo_keep(g, &key, id);
}

sdp_id sdp_add2(sdp_graph *g, sdp_id a, sdp_id b)
{
    return sdp_add(g, 2, (sdp_num[]){SDP_NUM_ONE, SDP_NUM_ONE}, (sdp_id[]){a, b});
}

sdp_id sdp_sub(sdp_graph *g, sdp_id a, sdp_id b)
{
    return sdp_add(g, 2, (sdp_num[]){SDP_NUM_ONE, SDP_NUM_MINUS_ONE}, (sdp_id[]){a, b});
}

// The sum with every coefficient multiplied by c != 0: still canonical.
static sdp_id scale_sum(sdp_graph *g, sdp_num c, const sdp_node *n)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_num *coef = sdp_scratch(&g->base, n->nargs * sizeof *coef);
    for (uint32_t i = 0; i < n->nargs; i++) coef[i] = sdp_num_mul(g, c, n->coef[i]);
    sdp_node scaled = *n;
    scaled.coef = coef;
    sdp_id id = sdp_intern(g, &scaled);
    sdp_scratch_release(&g->base, m);
    return id;
}

sdp_id sdp_scale(sdp_graph *g, sdp_num c, sdp_id a)
{
    const sdp_node *n = g->node[a];
    if (c == SDP_NUM_ONE) return a;
    if (c == SDP_NUM_ZERO) return sdp_zeros(g, n->order, n->dim);
    if (n->kind == SDP_NUM) return sdp_number(g, sdp_num_mul(g, c, n->param));
    if (n->kind == SDP_ADD) return scale_sum(g, c, n);
    if (n->kind == SDP_MUL) {
        sdp_num k = sdp_num_mul(g, c, n->coef[0]);
        return sdp_mul_raw(g, k, n->nargs, n->arg, n->label, n->order, sdp_labels(g, n, n->nargs), n->ldim);
    }
    uint8_t label[SDP_MAX_ORDER];
    for (int k = 0; k < n->order; k++) label[k] = (uint8_t)k;
    return sdp_mul_raw(g, c, 1, &a, label, n->order, label, n->dim);
}

// The term whose sign is the sum's: the constant of 1-x.^2, the first size of n-1, else the first of all.
static uint32_t leading_term(const sdp_graph *g, const sdp_node *n)
{
    for (uint32_t i = 0; i < n->nargs; i++)
        if (g->node[n->arg[i]]->kind == SDP_DIM) return i;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *t = g->node[n->arg[i]];
        if (t->kind == SDP_NUM || (t->kind == SDP_MUL && t->nargs == 0 && t->nlabels == t->order)) return i;
    }
    return 0;
}

// The greatest common divisor of all coefficients, with the sign of the leading term.
static sdp_num content_of(sdp_graph *g, const sdp_node *n)
{
    sdp_num c = n->coef[0];
    bool negative = sdp_num_sign(g, n->coef[leading_term(g, n)]) < 0;
    if (sdp_num_sign(g, c) < 0) c = sdp_num_neg(g, c);
    for (uint32_t i = 1; i < n->nargs && c != SDP_NUM_ONE; i++) c = sdp_num_gcd(g, c, n->coef[i]);
    for (uint32_t i = 0; i < n->nargs && c == SDP_NUM_ONE; i++) // content 1 only if all are integers
        if (!sdp_num_is_int(g, n->coef[i])) {
            for (uint32_t k = 0; k < n->nargs; k++) c = sdp_num_gcd(g, c, n->coef[k]);
            break;
        }
    return negative ? sdp_num_neg(g, c) : c;
}

sdp_id sdp_primitive_part(sdp_graph *g, sdp_id a, sdp_num *content)
{
    sdp_node *n = g->node[a];
    if (!n->primitive) {
        n->content = content_of(g, n);
        n->primitive = n->content == SDP_NUM_ONE ? a : scale_sum(g, sdp_num_inv(g, n->content), n);
    }
    *content = n->content;
    return n->primitive;
}
