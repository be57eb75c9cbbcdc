// SPDX-License-Identifier: MIT
// np.sum(1+np.log(sigma**2)-mu**2-sigma**2): in NumPy what is added up may be numbers, repeated for each
// entry of another term. Where sigma has terms of its own alone, and only its letter makes it a number beside
// a vector mu, nobody knows whether there is one sigma for each entry: refused. In np.sum((x-mu)**2/sigma**2)
// it scales what varies, and stays a number by habit. Entry: sdp_doubt_numpy.
#include "ast/surface/habit.h"

#include <string.h>

enum { PLACES = 64 };

// What is known of an unknown: in the text, and in the sum that was looked at last.
typedef struct {
    uint32_t all;     // how often it stands in the text
    uint32_t sum;     // 1 + the term of the sum that the rest is about
    uint32_t alone;   // how often it stands in summands that have no other variable
    uint32_t vectors; // how many of those summands are vectors
    bool inner;       // one of them is more than its name
} use;

typedef struct {
    const sdp_habits *h;
    use *of;           // by unknown
    uint32_t *touched; // the unknowns that stand alone in a summand
    uint32_t n;
    uint32_t vectors; // summands that are vectors by their letters
} sum_of;

static bool by_letter(const sdp_unknown *u)
{
    return sdp_is_guess_by(u, 1u << SDP_BY_LETTER | 1u << SDP_BY_NAME | 1u << SDP_BY_NOTHING |
                                  1u << SDP_IN_VECTOR_PLACE);
}

static bool is_sum(const sdp_term *t)
{
    return t->kind == SYN_CALL && (t->op == SDP_OP_add || t->op == SDP_OP_sub || t->op == SDP_OP_neg);
}

// Adds what summand i of the sum at term `sum` says. False if it is too deep.
static bool summand(sum_of *s, uint32_t sum, uint32_t i)
{
    const sdp_habits *h = s->h;
    const sdp_terms *w = h->w;
    uint32_t stack[PLACES], depth = 0, seen = 0;
    const sdp_term *name = NULL;
    bool others = false, letters = true, inner = w->t[i].kind == SYN_CALL;
    stack[depth++] = i;
    while (depth) {
        const sdp_term *t = &w->t[stack[--depth]];
        if (depth + t->nargs > PLACES) return false;
        for (uint32_t k = 0; k < t->nargs; k++) stack[depth++] = t->arg[k];
        if (t->kind != SYN_NAME || t->var == UINT32_MAX) continue;
        if (!name) name = t;
        others |= t->var != name->var;
        letters &= by_letter(sdp_unknown_of(h, t));
        seen++;
    }
    bool vector = name && inner && letters && sdp_is_vector(w->t[i].shape);
    const sdp_unknown *u = name && !others ? sdp_unknown_of(h, name) : NULL;
    s->vectors += vector;
    if (!u) return true;
    use *v = &s->of[u - h->u];
    if (v->sum != sum + 1) {
        *v = (use){.all = v->all, .sum = sum + 1};
        s->touched[s->n++] = (uint32_t)(u - h->u);
    }
    v->alone += seen;
    v->vectors += vector;
    v->inner |= inner;
    return true;
}

// The first number that is added up beside vectors in the sum at term i, and stands nowhere else; NULL.
static const sdp_unknown *doubtful(sum_of *s, uint32_t i)
{
    const sdp_habits *h = s->h;
    const sdp_terms *w = h->w;
    uint32_t stack[PLACES], depth = 0, first = h->n;
    s->n = s->vectors = 0;
    stack[depth++] = w->t[i].arg[0];
    while (depth) {
        uint32_t at = stack[--depth];
        const sdp_term *t = &w->t[at];
        if (is_sum(t) ? depth + t->nargs > PLACES : !summand(s, i, at)) return NULL;
        for (uint32_t k = 0; is_sum(t) && k < t->nargs; k++) stack[depth++] = t->arg[k];
    }
    for (uint32_t k = 0; k < s->n; k++) {
        uint32_t at = s->touched[k];
        const use *v = &s->of[at];
        if (at < first && v->inner && v->alone == v->all && s->vectors > v->vectors && by_letter(&h->u[at]) &&
            sdp_is_scalar(w->g->var[h->u[at].var].shape))
            first = at;
    }
    return first < h->n ? &h->u[first] : NULL;
}

void sdp_doubt_numpy(const sdp_habits *h)
{
    sdp_terms *w = h->w;
    sdp_base *b = &w->g->base;
    if (!h->n) return; // as in the texts of tables
    sum_of s = {.h = h};
    s.of = sdp_scratch(b, h->n * sizeof *s.of);
    s.touched = sdp_scratch(b, h->n * sizeof *s.touched);
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_unknown *u = sdp_unknown_of(h, &w->t[i]);
        if (u) s.of[u - h->u].all++;
    }
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        bool sums = t->kind == SYN_CALL && (t->op == SDP_OP_sum || t->op == SDP_OP_mean) && t->nargs == 1;
        const sdp_unknown *u = sums && sdp_is_numpy(t) ? doubtful(&s, i) : NULL;
        if (!u) continue;
        const char *name = w->g->var[u->var].name;
        sdp_term_fail(w, i, SD_ERR_SHAPE,
                      sdp_printf(b, "say which: -d '%s: scalar' or -d '%s: vector'", name, name),
                      "is '%s' a number or a vector?", name);
    }
}
