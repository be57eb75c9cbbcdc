// SPDX-License-Identifier: MIT
// Inside shape*.c: what the rules ask of the arguments of a term.
#ifndef SDP_SHAPE_H
#define SDP_SHAPE_H

#include "ast/surface/terms.h"

static const sdp_shape scalar_shape = {SDP_DIM_ONE, SDP_DIM_ONE};
static inline const sdp_term *arg(const sdp_terms *w, const sdp_term *t, uint32_t i)
{
    return &w->t[t->arg[i]];
}
static inline sdp_shape shape(const sdp_terms *w, const sdp_term *t, uint32_t i)
{
    return arg(w, t, i)->shape;
}
static inline bool scalar(const sdp_terms *w, const sdp_term *t, uint32_t i)
{
    return sdp_is_scalar(shape(w, t, i));
}

static inline bool same_dim(sdp_terms *w, sdp_dim a, sdp_dim b) { return sdp_dim_unify(w->g, a, b); }
static inline bool same_shape(sdp_terms *w, sdp_shape a, sdp_shape b)
{
    return same_dim(w, a.rows, b.rows) && same_dim(w, a.cols, b.cols);
}

// "cannot add 3×4 and 5×2"
static inline const char *clash(sdp_terms *w, const char *verb, sdp_shape a, const char *join, sdp_shape b)
{
    return sdp_printf(&w->g->base, "cannot %s %s %s %s", verb, sdp_shape_text(w->g, a), join,
                      sdp_shape_text(w->g, b));
}

bool sdp_is_end(const sdp_terms *w, const sdp_term *t); // the `end` of a subscript (shape_index.c)

#endif
