// SPDX-License-Identifier: MIT
// Inside lower.c and lower_index.c: the arguments of a term, which has nodes already.
#ifndef SDP_LOWER_H
#define SDP_LOWER_H

#include "ast/surface/terms.h"

typedef sdp_lowering lowering;

static inline sdp_id node(const lowering *l, const sdp_term *t, uint32_t i)
{
    return sdp_is_numpy(t) ? sdp_numpy_stretch(l->w, t, i) : l->w->t[t->arg[i]].node;
}
static inline const sdp_term *arg(const lowering *l, const sdp_term *t, uint32_t i)
{
    return &l->w->t[t->arg[i]];
}

// factors.c: a product of scalars, or by entries, was typed
void sdp_note_product(lowering *l, const sdp_term *t);

#endif
