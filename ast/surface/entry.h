// SPDX-License-Identifier: MIT
// Between the files that lower terms with indices: entry_free.c (which indices a
// term has) and entry.c (its node).
#ifndef SDP_ENTRY_H
#define SDP_ENTRY_H

#include "ast/surface/terms.h"

typedef struct sdp_free {
    uint32_t n;
    const uint32_t *at;
} sdp_free; // ascending

static inline const sdp_term *arg(const sdp_terms *w, const sdp_term *t, uint32_t k)
{
    return &w->t[t->arg[k]];
}
static inline uint32_t number(const sdp_terms *w, const sdp_term *t) { return (uint32_t)(t - w->t); }
static inline const sdp_free *free_of(const sdp_terms *w, const sdp_term *t)
{
    return &w->index->free[number(w, t)];
}
static inline sdp_dim size_of(const sdp_terms *w, uint32_t index)
{
    return sdp_dim_resolve(w->g, w->index->at[index - 1].dim);
}
static inline bool is_call(const sdp_term *t, int op) { return t->kind == SYN_CALL && t->op == op; }

// A product, quotient or sum_p of numbers: its factors may join those of a larger product. entry_free.c
bool sdp_entry_is_flat(const sdp_terms *w, const sdp_term *t);

#endif
