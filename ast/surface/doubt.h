// SPDX-License-Identifier: MIT
// Inside doubt.c and doubt_matrix.c: the terms of a text whose shapes are known, and how one is refused.
#ifndef SDP_DOUBT_H
#define SDP_DOUBT_H

#include "ast/surface/habit.h"

#include <string.h>

typedef struct {
    sdp_habits *h;
    sdp_terms *w;
    sdp_base *b;
    const bool *need; // by term: the root reaches it
    uint32_t *parent; // by term: + 1, that of its last use
    bool *guess;      // by term: was the kind of a name below it guessed?
    bool powers_of_e; // e is the base of a power somewhere
} doubt;

static inline const sdp_term *arg(const doubt *d, const sdp_term *t, uint32_t k)
{
    return &d->w->t[t->arg[k]];
}
static inline const sdp_term *parent(const doubt *d, const sdp_term *t)
{
    uint32_t p = d->parent[t - d->w->t];
    return p ? &d->w->t[p - 1] : NULL;
}

static inline const char *text(const doubt *d, const sdp_term *t)
{
    return sdp_printf(d->b, "%.*s", (int)(t->span.end - t->span.begin), t->tree->source + t->span.begin);
}

static inline bool is_call(const sdp_term *t, int op) { return t->kind == SYN_CALL && t->op == op; }
static inline bool is_sum(const sdp_term *t) { return is_call(t, SDP_OP_add) || is_call(t, SDP_OP_sub); }
static inline bool is_number(const sdp_term *t, const char *s)
{
    return t->kind == SYN_NUMBER && !strcmp(t->text, s);
}

static inline sdp_unknown *guessed(const doubt *d, const sdp_term *t)
{
    sdp_unknown *u = sdp_unknown_of(d->h, t);
    return u && !u->given ? u : NULL;
}

_Noreturn static inline void refuse(const doubt *d, const sdp_term *t, const char *message, const char *hint)
{
    sdp_term_fail(d->w, (uint32_t)(t - d->w->t), SD_ERR_SHAPE, hint, "%s", message);
}

// Was the kind of a name below t guessed?
static inline bool has_guess(const doubt *d, const sdp_term *t) { return d->guess[t - d->w->t]; }

// doubt_matrix.c
void sdp_doubt_matrices(const doubt *d, const sdp_term *t);
void sdp_doubt_algebra_of_numbers(const doubt *d, const sdp_term *t);

#endif
