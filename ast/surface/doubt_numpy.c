// SPDX-License-Identifier: MIT
// np.sum(1+np.log(sigma**2)-mu**2-sigma**2): in NumPy what is added up may be numbers, repeated for each
// entry of another term. Where sigma has terms of its own alone, and only its letter makes it a number beside
// a vector mu, nobody knows whether there is one sigma for each entry: refused. In np.sum((x-mu)**2/sigma**2)
// it scales what varies, and stays a number by habit. Entry: sdp_doubt_numpy.
#include "ast/surface/habit.h"

#include <string.h>

enum { PLACES = 64 };

typedef struct {
    bool vectors;      // a term whose variables are vectors by their letters
    uint32_t alone;    // terms that have nothing but the number
    bool mixed, inner; // it stands beside another variable; in a function, not as a term alone
} sum_of;

static bool by_letter(const sdp_unknown *u)
{
    uint32_t letters =
        1u << SDP_BY_LETTER | 1u << SDP_BY_NAME | 1u << SDP_BY_NOTHING | 1u << SDP_IN_VECTOR_PLACE;
    return u && !u->given && !(u->why & ~letters);
}

static bool is_sum(const sdp_term *t)
{
    return t->kind == SYN_CALL && (t->op == SDP_OP_add || t->op == SDP_OP_sub || t->op == SDP_OP_neg);
}

// Adds to s what the summand i says of the variable, and to *seen how often the variable stands in it.
static void summand(const sdp_habits *h, uint32_t i, uint32_t var, sum_of *s, uint32_t *seen)
{
    const sdp_terms *w = h->w;
    uint32_t stack[PLACES], depth = 0;
    bool has = false, other = false, vector = w->t[i].kind == SYN_CALL, letters = true;
    stack[depth++] = i;
    while (depth) {
        const sdp_term *t = &w->t[stack[--depth]];
        if (depth + t->nargs > PLACES) {
            s->mixed = true;
            return;
        }
        for (uint32_t k = 0; k < t->nargs; k++) stack[depth++] = t->arg[k];
        if (t->kind != SYN_NAME || t->var == UINT32_MAX) continue;
        bool it = t->var == var;
        has |= it, other |= !it, *seen += it;
        if (!it) letters &= by_letter(sdp_unknown_of(h, t));
    }
    if (has && other) s->mixed = true;
    if (has && !other) s->alone++, s->inner |= w->t[i].kind == SYN_CALL;
    if (!has && other && vector && letters && sdp_is_vector(w->t[i].shape)) s->vectors = true;
}

// Is the number `var` added up beside vectors in the sum at term i, and nowhere else?
static bool is_doubtful(const sdp_habits *h, uint32_t i, uint32_t var)
{
    const sdp_terms *w = h->w;
    uint32_t stack[PLACES], depth = 0, seen = 0, all = 0;
    sum_of s = {0};
    stack[depth++] = w->t[i].arg[0];
    while (depth && !s.mixed) {
        uint32_t at = stack[--depth];
        if (!is_sum(&w->t[at])) summand(h, at, var, &s, &seen);
        else if (depth + 2 > PLACES) return false;
        else
            for (uint32_t k = 0; k < w->t[at].nargs; k++) stack[depth++] = w->t[at].arg[k];
    }
    for (uint32_t k = 0; k < w->n; k++) all += w->t[k].kind == SYN_NAME && w->t[k].var == var;
    return s.vectors && s.alone && s.inner && !s.mixed && seen == all;
}

void sdp_doubt_numpy(const sdp_habits *h)
{
    sdp_terms *w = h->w;
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        bool sums = t->kind == SYN_CALL && (t->op == SDP_OP_sum || t->op == SDP_OP_mean) && t->nargs == 1;
        for (uint32_t k = 0; sums && sdp_is_numpy(t) && k < h->n; k++) {
            const sdp_variable *v = &w->g->var[h->u[k].var];
            if (!sdp_is_scalar(v->shape) || !by_letter(&h->u[k]) || !is_doubtful(h, i, h->u[k].var)) continue;
            sdp_term_fail(w, i, SD_ERR_SHAPE,
                          sdp_printf(&w->g->base, "say which: -d '%s: scalar' or -d '%s: vector'", v->name,
                                     v->name),
                          "is '%s' a number or a vector?", v->name);
        }
    }
}
