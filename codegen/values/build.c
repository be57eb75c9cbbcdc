// SPDX-License-Identifier: MIT
// Values made from values: what lowering writes down when a node becomes several of them.
#include <string.h>

#include "codegen/values/values.h"

sdp_val sdp_value_number(sdp_schedule *s, sdp_num v)
{
    sdp_value t = {.kind = SDP_V_NUM, .coef = &v};
    return sdp_value_make(s, &t);
}

void sdp_plain_labels(sdp_ix *ix, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) ix[i] = i;
}

// The number at every entry of like.
sdp_val sdp_value_filled(sdp_schedule *s, sdp_num v, sdp_val like)
{
    sdp_ix ix[SDP_MAX_ORDER];
    const sdp_value *x = &s->value[like];
    if (!x->order) return sdp_value_number(s, v);
    sdp_plain_labels(ix, x->order);
    return sdp_value_einsum(s, v, 0, NULL, ix, x->order, x->dim, x->dim);
}

sdp_val sdp_value_map(sdp_schedule *s, int op, uint32_t n, const sdp_val *arg)
{
    const sdp_value *v = &s->value[arg[0]];
    return sdp_value_simple(s, SDP_V_MAP, n, arg, (uint32_t)op, 0, v->order, v->dim);
}

sdp_val sdp_value_map1(sdp_schedule *s, int op, sdp_val x) { return sdp_value_map(s, op, 1, &x); }

// a where c > 0, else b
sdp_val sdp_value_where(sdp_schedule *s, sdp_val c, sdp_val a, sdp_val b)
{
    return sdp_value_map(s, SDP_OP_where, 3, (sdp_val[]){c, a, b});
}

sdp_val sdp_value_sum(sdp_schedule *s, uint32_t n, const sdp_num *coef, const sdp_val *term)
{
    const sdp_value *x = &s->value[term[0]];
    sdp_value v = {
        .kind = SDP_V_ADD, .order = x->order, .nargs = n, .dim = x->dim, .arg = term, .coef = coef};
    return n == 1 && coef[0] == SDP_NUM_ONE ? term[0] : sdp_value_make(s, &v);
}

sdp_val sdp_value_add(sdp_schedule *s, sdp_num p, sdp_val a, sdp_num q, sdp_val b)
{
    return sdp_value_sum(s, 2, (sdp_num[]){p, q}, (sdp_val[]){a, b});
}

// coef times n values of one shape, entry by entry
sdp_val sdp_value_times(sdp_schedule *s, sdp_num coef, uint32_t n, const sdp_val *f)
{
    const sdp_value *x = &s->value[f[0]];
    sdp_ix *ix = sdp_scratch(&s->g->base, (n + 1) * (x->order + 1u) * sizeof *ix);
    for (uint32_t i = 0; i <= n; i++) sdp_plain_labels(ix + i * x->order, x->order);
    return sdp_value_einsum(s, coef, n, f, ix, x->order, x->dim, x->dim);
}

sdp_val sdp_value_power(sdp_schedule *s, sdp_val base, long exponent)
{
    const sdp_value *x = &s->value[base];
    sdp_val arg[2] = {base, sdp_value_filled(s, sdp_num_int(s->g, exponent), base)};
    return exponent == 1 ? base : sdp_value_simple(s, SDP_V_POW, 2, arg, 0, 0, x->order, x->dim);
}

// ---- over some axes ---------------------------------------------------------------------------------------
// The axes of v that are not in the mask, and their dimensions.
static uint32_t kept_axes(const sdp_schedule *s, sdp_val v, uint32_t mask, sdp_ix *ix, sdp_dim *dim)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < s->value[v].order; k++)
        if (!(mask >> k & 1)) ix[n] = k, dim[n++] = s->value[v].dim[k];
    return n;
}

sdp_val sdp_value_reduce(sdp_schedule *s, int how, sdp_val x, uint32_t mask)
{
    sdp_ix ix[SDP_MAX_ORDER];
    sdp_dim dim[SDP_MAX_ORDER];
    uint32_t n = kept_axes(s, x, mask, ix, dim);
    return sdp_value_simple(s, SDP_V_REDUCE, 1, &x, (uint32_t)how, mask, n, dim);
}

sdp_val sdp_value_running(sdp_schedule *s, sdp_val x, uint32_t axis, uint32_t triangle)
{
    return sdp_value_simple(s, SDP_V_RUNNING, 1, &x, axis, triangle, s->value[x].order, s->value[x].dim);
}

sdp_val sdp_value_sum_over(sdp_schedule *s, sdp_val x, uint32_t mask)
{
    sdp_ix ix[2 * SDP_MAX_ORDER];
    sdp_dim dim[SDP_MAX_ORDER];
    uint32_t order = s->value[x].order, n = kept_axes(s, x, mask, ix + order, dim);
    sdp_plain_labels(ix, order);
    return sdp_value_einsum(s, SDP_NUM_ONE, 1, &x, ix, n, dim, s->value[x].dim);
}

// v divided by a scalar
sdp_val sdp_value_divided(sdp_schedule *s, sdp_val v, sdp_val by)
{
    const sdp_value *x = &s->value[v];
    sdp_ix ix[2 * SDP_MAX_ORDER];
    sdp_plain_labels(ix, x->order);
    sdp_plain_labels(ix + x->order, x->order);
    sdp_val f[2] = {v, sdp_value_power(s, by, -1)};
    x = &s->value[v]; // a power may have moved the values
    return sdp_value_einsum(s, SDP_NUM_ONE, 2, f, ix, x->order, x->dim, x->dim);
}

// small has the axes of like that are outside the mask: repeats it along the others
sdp_val sdp_value_repeat(sdp_schedule *s, sdp_val small, sdp_val like, uint32_t mask)
{
    sdp_ix ix[2 * SDP_MAX_ORDER];
    sdp_dim dim[SDP_MAX_ORDER];
    uint32_t order = s->value[like].order, n = kept_axes(s, like, mask, ix, dim);
    sdp_plain_labels(ix + n, order);
    return sdp_value_einsum(s, SDP_NUM_ONE, 1, &small, ix, order, s->value[like].dim, s->value[like].dim);
}
