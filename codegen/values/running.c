// SPDX-License-Identifier: MIT
// Sums that run on: cumsum(x) is tril(ones(n,n))*x, which takes n^2 turns as a product.
//
// A triangular mask of two labels in a product, of which only one is an axis of the output, makes it the sum
// over j of all that does not depend on i, for j <= i or for j >= i: n turns, in which each sum is the one
// before it and a term. Entry point: sdp_run_on.
#include "codegen/values/values.h"

// Is factor f, whose indices are `at`, the mask of such a sum? It tells the axis of the output, and over
// which label the sum is.
static bool is_running(const sdp_schedule *s, const sdp_product *p, uint32_t f, const sdp_ix *at,
                       uint32_t *axis, uint32_t *from)
{
    const sdp_value *m = &s->value[p->factor[f]];
    if (m->kind != SDP_V_MASK || at[0] >= SDP_MAX_LABELS || at[1] >= SDP_MAX_LABELS || at[0] == at[1] ||
        p->ldim[at[0]] != p->ldim[at[1]])
        return false;
    uint64_t others = 0;
    const sdp_ix *ix = p->ix;
    for (uint32_t i = 0; i < p->n; ix += s->value[p->factor[i++]].order)
        if (i != f) others |= sdp_labels_of(s, s->value[p->factor[i]].order, ix);
    for (uint32_t side = 0; side < 2; side++) {
        uint32_t places = 0;
        *from = at[1 - side];
        for (uint32_t k = 0; k < p->order; k++) {
            places += (uint32_t)(sdp_ix_labels(s, ix[k]) >> at[side] & 1);
            if (ix[k] == at[side]) *axis = k;
        }
        bool fits = places == 1 && !(others >> at[side] & 1) && (others >> *from & 1) &&
                    !(sdp_labels_of(s, p->order, ix) >> *from & 1);
        if (fits && ix[*axis] == at[side]) return true;
    }
    return false;
}

// Is every axis of the output a label of its own?
static bool has_plain_axes(const sdp_product *p, const sdp_ix *out)
{
    uint64_t seen = 0;
    for (uint32_t k = 0; k < p->order; k++) {
        if (out[k] >= SDP_MAX_LABELS || seen >> out[k] & 1) return false;
        seen |= 1ULL << out[k];
    }
    return true;
}

// Makes the summed part of a running sum as a product of its own. Returns 0 if there is no such mask. Sums
// run on to the end of their label, which may stand in a longer axis with zeros behind, as in [cumsum(x); y]:
// they are put there when they are done.
sdp_val sdp_run_on(sdp_schedule *s, const sdp_product *p)
{
    uint32_t total = p->order, at = 0, axis = 0, from = 0;
    for (uint32_t i = 0; i < p->n; i++) total += s->value[p->factor[i]].order;
    sdp_ix *ix = sdp_scratch(&s->g->base, (total + 1) * sizeof *ix);
    sdp_val *f = sdp_scratch(&s->g->base, (p->n + 1) * sizeof *f);
    for (uint32_t i = 0; i < p->n; at += s->value[p->factor[i++]].order) {
        if (!is_running(s, p, i, p->ix + at, &axis, &from)) continue;
        bool longer = p->dim[axis] != p->ldim[from];
        const sdp_ix *out = p->ix + total - p->order;
        if (longer && !has_plain_axes(p, out)) continue;
        uint32_t mask = s->value[p->factor[i]].param;
        bool lower = (mask == SDP_LOWER) == (p->ix[at] != from);
        sdp_copy(f, p->factor, i * sizeof *f), sdp_copy(f + i, p->factor + i + 1, (p->n - i - 1) * sizeof *f);
        sdp_copy(ix, p->ix, at * sizeof *ix),
            sdp_copy(ix + at, p->ix + at + 2, (total - at - 2) * sizeof *ix);
        ix[total - 2 - p->order + axis] = from;
        sdp_dim dim[SDP_MAX_ORDER];
        sdp_copy(dim, p->dim, p->order * sizeof *dim);
        dim[axis] = p->ldim[from];
        sdp_val x = sdp_value_einsum(s, SDP_NUM_ONE, p->n - 1, f, ix, p->order, dim, p->ldim);
        x = sdp_value_running(s, x, axis, lower ? SDP_LOWER : SDP_UPPER);
        if (!longer) return p->coef == SDP_NUM_ONE ? x : sdp_value_sum(s, 1, &p->coef, &x);
        sdp_ix *both = sdp_scratch(&s->g->base, 2 * p->order * sizeof *both);
        sdp_copy(both, out, p->order * sizeof *both), sdp_copy(both + p->order, out, p->order * sizeof *both);
        return sdp_value_einsum(s, p->coef, 1, &x, both, p->order, p->dim, p->ldim);
    }
    return 0;
}
