// SPDX-License-Identifier: MIT
// A MUL as a product of values. Every selection SEL(k; a, b) goes: k becomes offset + s*a + t*b in the
// indices of the other factors and of the output (a gather, or a scatter into a zeroed buffer); scalars are
// kept apart from the contraction, whose order contract.c chooses.
#include <string.h>

#include "codegen/values/values.h"

static bool differ_by(sdp_schedule *s, sdp_dim a, sdp_dim b, long *v)
{
    return sdp_dim_long(s->g, sdp_dim_add(s->g, a, sdp_dim_neg(s->g, b)), v);
}

// A difference that must not be negative, where sizes may be 0, too: its
// positive terms are at least the others.
void sdp_schedule_demand(sdp_schedule *s, sdp_dim difference)
{
    long spare;
    sdp_dim have, need;
    sdp_dim_split(s->g, difference, &have, &need);
    if (need == sdp_dim_int(s->g, 0)) return;
    for (uint32_t i = 0; i < s->ndemands; i++) {
        sdp_demand *d = &s->demand[i];
        if (d->have != have || !differ_by(s, need, d->need, &spare)) continue;
        if (spare > 0) d->need = need; // x[5] asks for what x[3] does
        return;
    }
    s->demand = sdp_grown(&s->g->base, s->demand, s->ndemands, &s->demand_cap, sizeof *s->demand);
    s->demand[s->ndemands++] = (sdp_demand){have, need};
}

// The index that axis 0 of a SEL takes, from those of its other axes. The first and
// the last must lie inside axis 0.
static sdp_ix selected(sdp_schedule *s, const sdp_node *sel, const sdp_ix *axis)
{
    sdp_affine a, r;
    memset(&r, 0, sizeof r);
    r.off = sdp_offset(sel);
    sdp_dim lowest = sdp_offset(sel), highest = sdp_offset(sel), minus_one = sdp_dim_int(s->g, -1),
            zero = sdp_dim_int(s->g, 0);
    for (uint32_t j = 1; j < sel->order; j++) {
        sdp_dim way = sdp_dim_mul(s->g, sdp_stride(sel, j), sdp_dim_add(s->g, sel->dim[j], minus_one));
        if (sdp_dim_exceeds(s->g, zero, sdp_stride(sel, j))) lowest = sdp_dim_add(s->g, lowest, way);
        else highest = sdp_dim_add(s->g, highest, way);
        sdp_schedule_demand(s, sel->dim[j]); // a slice of n-2 entries
        sdp_ix_get(s, axis[j], &a);
        r.off = sdp_dim_add(s->g, r.off, sdp_dim_mul(s->g, sdp_stride(sel, j), a.off));
        for (uint32_t k = 0; k < a.n; k++) {
            if (r.n == SDP_MAX_ORDER) sdp_limit(&s->g->base, "order", SDP_MAX_ORDER);
            r.label[r.n] = a.label[k];
            r.stride[r.n++] = sdp_dim_mul(s->g, sdp_stride(sel, j), a.stride[k]);
        }
    }
    sdp_schedule_demand(s, lowest);
    sdp_schedule_demand(s, sdp_dim_add(s->g, sel->dim[0],
                                       sdp_dim_neg(s->g, sdp_dim_add(s->g, highest, SDP_DIM_ONE))));
    return sdp_ix_affine(s, &r);
}

// Removes the SELs of a MUL by renaming: sub[l] is what label l becomes. What cannot be renamed is appended
// to eq as a pair of indices that must agree. Returns the number of pairs.
static uint32_t eliminate_selections(sdp_schedule *s, const sdp_node *n, const uint8_t *label, sdp_ix *sub,
                                     sdp_ix (*eq)[2])
{
    uint32_t pairs = 0;
    sdp_plain_labels(sub, SDP_MAX_LABELS);
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *sel = sdp_get(s->g, n->arg[i]);
        if (sel->kind != SDP_SEL) continue;
        const uint8_t *l = label + (sdp_labels(s->g, n, i) - n->label);
        sdp_ix axis[SDP_MAX_ORDER];
        for (uint32_t k = 0; k < sel->order; k++) axis[k] = sub[l[k]];
        sdp_ix target = selected(s, sel, axis);
        if (sub[l[0]] != l[0] || (sdp_ix_labels(s, target) >> l[0] & 1)) {
            eq[pairs][0] = sub[l[0]];
            eq[pairs++][1] = target;
            continue;
        }
        sdp_ix one[SDP_MAX_LABELS];
        sdp_plain_labels(one, SDP_MAX_LABELS);
        one[l[0]] = target;
        for (uint32_t k = 0; k < SDP_MAX_LABELS; k++) sub[k] = sdp_ix_substitute(s, sub[k], one);
        for (uint32_t k = 0; k < pairs; k++)
            for (int side = 0; side < 2; side++) eq[k][side] = sdp_ix_substitute(s, eq[k][side], one);
    }
    return pairs;
}

sdp_val sdp_lower_selection(sdp_schedule *s, const sdp_node *n)
{
    sdp_ix axis[SDP_MAX_ORDER];
    sdp_plain_labels(axis, n->order);
    axis[0] = selected(s, n, axis);
    return sdp_value_einsum(s, SDP_NUM_ONE, 0, NULL, axis, n->order, n->dim, n->dim);
}

typedef struct {
    uint32_t n, nix;
    sdp_val factor[2 * SDP_MAX_FACTORS];
    sdp_ix ix[2 * SDP_MAX_FACTORS * SDP_MAX_ORDER];
} factors;

static void push_factor(sdp_schedule *s, factors *f, sdp_val v, const sdp_ix *ix)
{
    uint32_t order = s->value[v].order;
    if (f->n == 2 * SDP_MAX_FACTORS) sdp_limit(&s->g->base, "factors", SDP_MAX_FACTORS);
    f->factor[f->n++] = v;
    if (order) memcpy(f->ix + f->nix, ix, order * sizeof *ix);
    f->nix += order;
}

// The labels of a MUL after its diagonal factors: D[i,j] is 0 unless i = j, so a summed j becomes i.
static const uint8_t *without_diagonals(sdp_schedule *s, const sdp_node *n)
{
    const uint8_t *end = sdp_labels(s->g, n, n->nargs);
    size_t all = (size_t)(end - n->label) + n->order;
    uint8_t *label = sdp_scratch(&s->g->base, all + 2), *l = label, *out = label + (end - n->label);
    sdp_copy(label, n->label, all);
    for (uint32_t i = 0; i < n->nargs; i++) {
        uint32_t order = sdp_get(s->g, n->arg[i])->order;
        uint8_t keep = l[0], gone = l[1];
        l += order;
        if (order != 2 || keep == gone || !sdp_has(s->g, n->arg[i], SDP_DIAGONAL)) continue;
        if (memchr(out, gone, n->order)) keep = gone, gone = l[-2];
        if (memchr(out, gone, n->order)) continue;
        for (size_t k = 0; k < all; k++)
            if (label[k] == gone) label[k] = keep;
    }
    return label;
}

sdp_val sdp_lower_factors(sdp_schedule *s, const sdp_node *n, const sdp_val *value)
{
    if (!s->factors) s->factors = sdp_scratch(&s->g->base, sizeof(factors));
    factors *f = s->factors;
    f->n = f->nix = 0;
    sdp_ix sub[SDP_MAX_LABELS], eq[SDP_MAX_FACTORS][2], ix[SDP_MAX_ORDER], out[SDP_MAX_ORDER];
    const uint8_t *label = without_diagonals(s, n), *l = label + (sdp_labels(s->g, n, n->nargs) - n->label);
    uint32_t pairs = eliminate_selections(s, n, label, sub, eq), tensors = pairs;
    uint64_t kept = 0, used = 0;
    for (uint32_t k = 0; k < n->order; k++) kept |= sdp_ix_labels(s, out[k] = sub[l[k]]);
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *a = sdp_get(s->g, n->arg[i]);
        if (a->kind == SDP_SEL) continue;
        l = label + (sdp_labels(s->g, n, i) - n->label);
        for (uint32_t k = 0; k < a->order; k++) used |= sdp_ix_labels(s, ix[k] = sub[l[k]]);
        push_factor(s, f, value[i], ix);
        tensors += a->order > 0;
    }
    for (uint32_t i = 0; i < pairs; i++) {
        sdp_dim unit[2] = {SDP_DIM_ONE, SDP_DIM_ONE};
        used |= sdp_ix_labels(s, eq[i][0]) | sdp_ix_labels(s, eq[i][1]);
        push_factor(s, f, sdp_value_simple(s, SDP_V_EQ, 0, NULL, 0, 0, 2, unit), eq[i]);
    }
    if (n->order) memcpy(f->ix + f->nix, out, n->order * sizeof *out);
    if ((used & ~kept) && (tensors > 1 || (kept & ~used)))
        return sdp_contract(s, n->coef[0], f->n, f->factor, f->ix, n->order, n->dim, n->ldim);
    return sdp_value_einsum(s, n->coef[0], f->n, f->factor, f->ix, n->order, n->dim, n->ldim);
}
