// SPDX-License-Identifier: MIT
// Arrays that are stored otherwise than row by row: column by column, as in Fortran, MATLAB and Eigen, or as
// a part of a larger array.
//
// Problem: loops, calls of kernels and places all take it that the last index runs fastest, and that rows
// stand side by side. Idea: an m x n array stored by columns is the n x m array of its transpose stored by
// rows; an m x n array whose rows stand ld apart is the beginning of each row of an m x ld array. So an input
// X is a VAR of the shape that is stored, read with the indices of X; products take the VAR itself
// (sdp_value_einsum), kernels that want rows get a copy, as of any value that is not stored. An output is the
// value with its axes reversed; a product computes that as well as the other, and what is symmetric is left
// alone. An output whose rows stand apart is copied to them (emit/root.c). Nothing behind this knows.
#include "codegen/values/values.h"

static sdp_val reversed_axes(sdp_schedule *s, sdp_val v)
{
    const sdp_value x = s->value[v];
    sdp_ix ix[2 * SDP_MAX_ORDER];
    sdp_dim dim[SDP_MAX_ORDER], ldim[SDP_MAX_ORDER];
    for (uint32_t k = 0; k < x.order; k++) {
        ix[k] = k, ldim[k] = x.dim[k];
        ix[x.order + k] = x.order - 1u - k;
        dim[k] = x.dim[x.order - 1u - k];
    }
    return sdp_value_einsum(s, SDP_NUM_ONE, 1, &v, ix, x.order, dim, ldim);
}

static bool is_left_alone(const sdp_schedule *s, sdp_id id)
{
    return !s->q || !s->q->columns || sdp_get(s->g, id)->order < 2 || sdp_is_symmetric(s->g, id);
}

static sdp_dim step_of(const sdp_schedule *s, uint32_t variable)
{
    for (uint32_t i = 0; i < s->sig->ninputs; i++)
        if (s->sig->input[i] == variable) return sdp_array_step(s->sig->input_step, i);
    return SDP_DIM_NONE;
}

sdp_val sdp_value_input(sdp_schedule *s, const sdp_node *n)
{
    sdp_dim dim[SDP_MAX_ORDER], ldim[SDP_MAX_ORDER];
    sdp_ix ix[2 * SDP_MAX_ORDER];
    bool plain = is_left_alone(s, s->g->var[n->param].node);
    sdp_dim step = step_of(s, n->param);
    uint32_t order = n->order;
    for (uint32_t k = 0; k < order; k++) dim[k] = n->dim[plain ? k : order - 1u - k];
    if (step != SDP_DIM_NONE) dim[order - 1u] = step;
    sdp_val v = sdp_value_simple(s, SDP_V_VAR, 0, NULL, 0, n->param, order, dim);
    if (plain && step == SDP_DIM_NONE) return v;
    for (uint32_t k = 0; k < order; k++) { // labels by the axes that are stored
        ldim[k] = n->dim[plain ? k : order - 1u - k];
        ix[k] = k;
        ix[order + k] = plain ? k : order - 1u - k;
    }
    return sdp_value_einsum(s, SDP_NUM_ONE, 1, &v, ix, order, n->dim, ldim);
}

bool sdp_value_is_view(const sdp_schedule *s, sdp_val v)
{
    const sdp_value *x = &s->value[v];
    bool stored_otherwise = s->q && (s->q->columns || s->sig->input_step);
    if (x->kind != SDP_V_EINSUM || x->nargs != 1 || x->scatter || x->bound || x->coef[0] != SDP_NUM_ONE ||
        !stored_otherwise)
        return false;
    if (s->value[x->arg[0]].kind != SDP_V_VAR || s->value[x->arg[0]].order != x->order) return false;
    bool same = true, reversed = true;
    for (uint32_t k = 0; k < x->order; k++) {
        if (x->ix[k] >= SDP_MAX_LABELS) return false;
        same &= x->ix[k] == x->ix[x->order + k];
        reversed &= x->ix[k] == x->ix[2u * x->order - 1u - k];
        for (uint32_t i = 0; i < k; i++)
            if (x->ix[i] == x->ix[k]) return false;
    }
    return same || reversed;
}

// A product with its axes reversed, made of the same factors
static sdp_val reversed_product(sdp_schedule *s, sdp_val v)
{
    const sdp_value x = s->value[v];
    uint32_t n = 0;
    for (uint32_t i = 0; i < x.nargs; i++) n += s->value[x.arg[i]].order;
    sdp_ix *ix = sdp_scratch(&s->g->base, (n + x.order + 1) * sizeof *ix);
    sdp_dim dim[SDP_MAX_ORDER], ldim[SDP_MAX_LABELS] = {0};
    sdp_copy(ix, x.ix, n * sizeof *ix);
    for (uint32_t k = 0; k < x.order; k++) {
        ix[n + k] = x.ix[n + x.order - 1u - k];
        dim[k] = x.dim[x.order - 1u - k];
    }
    sdp_copy(ldim, x.ldim, x.nlabels * sizeof *ldim);
    return sdp_value_einsum(s, x.coef[0], x.nargs, x.arg, ix, x.order, dim, ldim);
}

static sdp_val reversed_term(sdp_schedule *s, sdp_val v)
{
    return s->value[v].kind == SDP_V_EINSUM ? reversed_product(s, v) : reversed_axes(s, v);
}

// A sum is that of its terms, so that products are still added into it.
static sdp_val reversed_sum(sdp_schedule *s, sdp_val v)
{
    sdp_value x = s->value[v];
    sdp_val *arg = sdp_scratch(&s->g->base, (x.nargs + 1) * sizeof *arg);
    sdp_dim dim[SDP_MAX_ORDER];
    for (uint32_t i = 0; i < x.nargs; i++) arg[i] = reversed_term(s, x.arg[i]);
    for (uint32_t k = 0; k < x.order; k++) dim[k] = x.dim[x.order - 1u - k];
    x.arg = arg, x.dim = dim, x.node = 0;
    return sdp_value_make(s, &x);
}

sdp_val sdp_value_as_stored(sdp_schedule *s, sdp_id node, sdp_val v)
{
    if (is_left_alone(s, node)) return v;
    sdp_val r = s->value[v].kind == SDP_V_ADD ? reversed_sum(s, v) : reversed_term(s, v);
    if (!s->value[r].node) s->value[r].node = node; // for comments
    return r;
}
