// SPDX-License-Identifier: MIT
// Sums: flat, sorted by id, equal terms merged, coefficients outside the terms. What all terms
// repeat is outside the sum, and what is repeated alike is added first: diag(x) + diag(y) is
// diag(x+y), also as a part of a longer sum.
//
// A sum inside a sum is spliced if it has at most SDP_FLAT_TERMS terms, so that h_k = h_{k-1} + f(h_{k-1}),
// every h_k used elsewhere too, stays linear in size. Terms where(c,a,0) and where(c,0,b)
// meet in add_cases.c.
#include <stdlib.h>
#include <string.h>

#include "ast/make/inside.h"

typedef struct {
    sdp_id id;
    sdp_num coef;
} term;
typedef struct {
    sdp_graph *g;
    term *t;
    uint32_t n, cap;
} terms;

static void push(terms *w, sdp_id id, sdp_num coef)
{
    if (coef == SDP_NUM_ZERO) return;
    w->t = sdp_grown(&w->g->base, w->t, w->n, &w->cap, sizeof *w->t);
    w->t[w->n++] = (term){id, coef};
}

sdp_id sdp_unit_part(sdp_graph *g, sdp_id a, sdp_num *coef)
{
    const sdp_node *n = g->node[a];
    *coef = SDP_NUM_ONE;
    if (n->kind == SDP_NUM) {
        *coef = n->param;
        return SDP_ID_ONE;
    }
    if (n->kind != SDP_MUL || n->coef[0] == SDP_NUM_ONE) return a;
    *coef = n->coef[0];
    return sdp_mul_raw(g, SDP_NUM_ONE, n->nargs, n->arg, n->label, n->order, sdp_labels(g, n, n->nargs),
                       n->ldim);
}

static void load(terms *w, sdp_id a, sdp_num coef, uint32_t others)
{
    sdp_graph *g = w->g;
    const sdp_node *n = g->node[a], *sum;
    uint8_t to[SDP_MAX_ORDER];
    if (n->kind == SDP_MUL && (sum = sdp_scattered_sum(g, n, to)) && sum->nargs <= SDP_FLAT_TERMS) {
        for (uint32_t i = 0; i < sum->nargs; i++)
            load(w, sdp_scatter(g, sum->arg[i], to, n->order, n->dim),
                 sdp_num_mul(g, sdp_num_mul(g, coef, n->coef[0]), sum->coef[i]), 1);
        return;
    }
    if (n->kind == SDP_ADD && (others == 0 || n->nargs <= SDP_FLAT_TERMS)) {
        for (uint32_t i = 0; i < n->nargs; i++) push(w, n->arg[i], sdp_num_mul(g, coef, n->coef[i]));
        return;
    }
    sdp_num c;
    sdp_id unit = sdp_unit_part(g, a, &c);
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
    if (f->kind != SDP_MAP || f->op != op || f->order != n->order || (f != n && !sdp_permutes_labels(g, n)))
        return false;
    for (int k = 0; k < n->order && f != n; k++) {
        const uint8_t *at = memchr(n->label, sdp_labels(g, n, 1)[k], n->order);
        if (!at) return false;
        axis[k] = (uint8_t)(at - n->label);
        straight &= axis[k] == k;
    }
    for (uint32_t i = 0; i < f->nargs; i++) arg[i] = straight ? f->arg[i] : sdp_permute(g, f->arg[i], axis);
    return true;
}

// Terms of equal conditions are joined; true if there were any.
static bool merge_where(terms *w)
{
    sdp_graph *g = w->g;
    uint32_t kept = 0;
    sdp_id *id = sdp_scratch(&g->base, (w->n + 1) * sizeof *id);
    sdp_num *coef = sdp_scratch(&g->base, (w->n + 1) * sizeof *coef);
    for (uint32_t i = 0; i < w->n; i++) id[i] = w->t[i].id, coef[i] = w->t[i].coef;
    uint32_t joined = sdp_join_cases(g, w->n, coef, id);
    for (uint32_t i = 0; joined && i < w->n; i++)
        if (coef[i] != SDP_NUM_ZERO) w->t[kept++] = w->t[i];
    if (joined) w->n = kept;
    for (uint32_t i = 0; i < joined; i++) load(w, id[i], SDP_NUM_ONE, 1);
    return joined > 0;
}

// Two terms that are one by terms.def
static bool meet_terms(terms *w)
{
    sdp_meeting m;
    sdp_id id[SDP_FLAT_TERMS];
    sdp_num coef[SDP_FLAT_TERMS];
    if (w->n > SDP_FLAT_TERMS) return false;
    for (uint32_t i = 0; i < w->n; i++) {
        id[i] = w->t[i].id;
        coef[i] = w->t[i].coef;
    }
    if (!sdp_terms_meet(w->g, SDP_TERMS_MADE, w->n, id, coef, &m)) return false;
    for (uint32_t k = 0; k < m.n; k++) w->t[m.place[k]].coef = SDP_NUM_ZERO;
    load(w, m.sum, m.coef, 1);
    return true;
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

// Some terms that repeat axes alike become one. Scalars added everywhere stay
// apart: x + (s + 1) is x + s + 1.
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
        sdp_id sum = add_gathered(g, alike, w->t + rest, to), unit = sdp_unit_part(g, sum, &c);
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
    while (merge_where(&w) || meet_terms(&w)) merge(&w);
    uint8_t to[SDP_MAX_ORDER];
    if (repeats_all(&w, to)) id = add_gathered(g, w.n, w.t, to);
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
        id = sdp_intern(g, &(sdp_node){.kind = SDP_ADD,
                                       .order = first->order,
                                       .nargs = w.n,
                                       .dim = first->dim,
                                       .arg = a,
                                       .coef = c});
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
