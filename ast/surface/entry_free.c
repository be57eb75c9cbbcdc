// SPDX-License-Identifier: MIT
// The free indices of every term: those of its arguments without those that it sums over. And which terms are
// not lowered by themselves: indices, the left side of an equation, and products that are used once, by
// another product. Entry: sdp_index_prepare.
#include <string.h>

#include "ast/surface/entry.h"

bool sdp_entry_is_flat(const sdp_terms *w, const sdp_term *t)
{
    if (t->role == SDP_OVER) return sdp_is_scalar(t->shape);
    if (t->role == SDP_DELTA) return true;
    bool divides = is_call(t, SDP_OP_div) || is_call(t, SDP_OP_ediv);
    if (is_call(t, SDP_OP_neg)) return sdp_is_scalar(t->shape);
    return (divides || is_call(t, SDP_OP_mul) || is_call(t, SDP_OP_emul)) &&
           sdp_is_scalar(arg(w, t, 0)->shape) && sdp_is_scalar(arg(w, t, 1)->shape);
}

bool sdp_has_entries(const sdp_terms *w, const sdp_term *t)
{
    if (!w->index) return false;
    for (uint32_t k = 0; k < t->nargs; k++)
        if (arg(w, t, k)->label || free_of(w, arg(w, t, k))->n) return true;
    return t->kind == SYN_INDEXED;
}

static bool sums_over(const sdp_terms *w, const sdp_term *t, uint32_t label)
{
    for (uint32_t k = 0; (t->role == SDP_OVER || t->role == SDP_BUILT) && k + 1 < t->nargs; k++)
        if (arg(w, t, k)->label == label) return true;
    return false;
}

// The union of the arguments' indices, without those that t sums over; an index of size 1 has no axis.
static sdp_free collect(sdp_terms *w, const sdp_term *t)
{
    uint32_t list[SDP_MAX_LABELS], n = 0;
    for (uint32_t k = 0; k < t->nargs; k++) {
        const sdp_term *a = arg(w, t, k);
        const sdp_free *f = free_of(w, a), own = {1, &a->label};
        if (a->label) f = &own;
        for (uint32_t i = 0; i < f->n; i++) {
            uint32_t at = n;
            while (at > 0 && list[at - 1] > f->at[i]) at--;
            if ((at > 0 && list[at - 1] == f->at[i]) || sums_over(w, t, f->at[i]) ||
                size_of(w, f->at[i]) == SDP_DIM_ONE)
                continue;
            if (n == SDP_MAX_LABELS) sdp_limit(&w->g->base, "labels", SDP_MAX_LABELS);
            memmove(list + at + 1, list + at, (n - at) * sizeof *list);
            list[at] = f->at[i];
            n++;
        }
    }
    uint32_t *keep = sdp_scratch(&w->g->base, (n + 1) * sizeof *keep);
    memcpy(keep, list, n * sizeof *list);
    return (sdp_free){n, keep};
}

// The free indices of every term, and what is not lowered by itself: indices, also inside a delta, the left
// side, and products that are used once, by another product.
void sdp_index_prepare(sdp_terms *w, const uint8_t *uses, bool *absorbed)
{
    sdp_indices *x = w->index;
    if (!x) return;
    x->absorbed = absorbed;
    x->stack = sdp_scratch(&w->g->base, (w->n + 1) * sizeof *x->stack);
    x->free = sdp_scratch(&w->g->base, (w->n + 1) * sizeof *x->free);
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        if (t->nargs) x->free[i] = collect(w, t);
        if (t->role == SDP_COUNTER && size_of(w, t->label) != SDP_DIM_ONE)
            x->free[i] = (sdp_free){1, &t->label};
        // a size may be a definition that stands elsewhere, too
        bool indices = x->affine[i] && x->affine[i]->n;
        if ((t->label && t->role != SDP_COUNTER) || indices || t->role == SDP_LEFT) absorbed[i] = true;
        if (!sdp_has_entries(w, t) || !sdp_entry_is_flat(w, t)) continue;
        bool divides = is_call(t, SDP_OP_div) || is_call(t, SDP_OP_ediv);
        for (uint32_t k = 0; k < (divides ? 1 : t->nargs); k++) {
            const sdp_term *a = arg(w, t, k);
            if (uses[t->arg[k]] == 1 && sdp_has_entries(w, a) && sdp_entry_is_flat(w, a))
                absorbed[t->arg[k]] = true;
        }
    }
    for (uint32_t i = 0; i < w->n; i++) { // the left side
        const sdp_term *t = &w->t[i];
        for (uint32_t k = 0; t->role == SDP_EQUATION && k + 1 < t->nargs; k++)
            if (is_call(arg(w, t, k), SDP_OP_index)) absorbed[t->arg[k]] = true;
        if (t->role == SDP_EQUATION) {
            uint32_t *left = sdp_scratch(&w->g->base, (x->left + 1) * sizeof *left), n = 0;
            for (uint32_t l = 1; l <= x->left; l++)
                if (size_of(w, l) != SDP_DIM_ONE) left[n++] = l;
            x->free[i] = (sdp_free){n, left};
        }
    }
}
