// SPDX-License-Identifier: MIT
// Terms to nodes: functions of matrices, convolution and reshaping. A vector or a scalar in
// the place of a matrix is taken as what it is there: sqrtm of a scalar is its square root,
// pinv(x) of a vector is x'/(x'*x).
//
// chol and the eigenvalues are those of symmetric matrices; an argument that is not known to be symmetric is
// refused, since the derivative by a general matrix would depend on entries that the value ignores.
#include <string.h>

#include "ast/surface/terms.h"

static sdp_id node(const sdp_lowering *l, const sdp_term *t, uint32_t i) { return l->w->t[t->arg[i]].node; }
static sdp_id prim(sdp_graph *g, int op, sdp_id a) { return sdp_prim(g, op, 1, &a, 0); }

// f of a matrix, or its scalar counterpart
sdp_id sdp_lowering_function(sdp_lowering *l, const sdp_term *t)
{
    sdp_graph *g = l->g;
    sdp_id x = node(l, t, 0);
    if (sdp_get(g, x)->order) return prim(g, t->op, x);
    if (t->op == SDP_OP_sqrtm) return sdp_power_num(g, x, SDP_NUM_HALF);
    return sdp_map1(g, t->op == SDP_OP_expm ? SDP_OP_exp : SDP_OP_log, x);
}

static void need_symmetry(sdp_lowering *l, const sdp_term *t)
{
    if (sdp_is_symmetric(l->g, node(l, t, 0))) return;
    sdp_term_fail(l->w, t->arg[0], SD_ERR_UNSUPPORTED, "declare it symmetric (or posdef), or write (X+X')/2",
                  "%s needs a matrix that is known to be symmetric", sdp_ops[t->op].name);
}

// lambda_min(X) = -lambda_max(-X)
sdp_id sdp_lowering_symmetric(sdp_lowering *l, const sdp_term *t)
{
    sdp_graph *g = l->g;
    sdp_id x = node(l, t, 0);
    if (sdp_get(g, x)->order == 0)
        return t->op == SDP_OP_chol      ? sdp_power_num(g, x, SDP_NUM_HALF)
               : t->op == SDP_OP_eigproj ? SDP_ID_ONE
                                         : x;
    need_symmetry(l, t);
    if (t->op != SDP_OP_lambda_min) return prim(g, t->op, x);
    return sdp_scale(g, SDP_NUM_MINUS_ONE, prim(g, SDP_OP_lambda_max, sdp_scale(g, SDP_NUM_MINUS_ONE, x)));
}

sdp_id sdp_lowering_singular(sdp_lowering *l, const sdp_term *t)
{
    sdp_graph *g = l->g;
    sdp_id x = node(l, t, 0), size = x;
    int order = sdp_get(g, x)->order;
    if (order == 2) return prim(g, t->op, x);
    if (order == 0)
        return t->op == SDP_OP_pinv ? sdp_power_num(g, x, SDP_NUM_MINUS_ONE)
                                    : sdp_map1(g, t->op == SDP_OP_polar ? SDP_OP_sign : SDP_OP_abs, x);
    size = sdp_prim(g, SDP_OP_norm, 1, &x, 1);
    if (t->op == SDP_OP_norm_nuc) return size;
    return sdp_times(g, x, sdp_power_num(g, size, sdp_num_int(g, t->op == SDP_OP_pinv ? -2 : -1)));
}

// Beside a number b, A*x + x*b = c is a linear system.
sdp_id sdp_lowering_sylvester(sdp_lowering *l, const sdp_term *t)
{
    sdp_graph *g = l->g;
    sdp_id a = node(l, t, 0), b = node(l, t, 1), c = node(l, t, 2);
    bool left = sdp_get(g, a)->order, right = sdp_get(g, b)->order;
    if (left && right) return sdp_prim(g, t->op, 3, (sdp_id[]){a, b, c}, 0);
    if (!left && !right) return sdp_times(g, c, sdp_power_num(g, sdp_add2(g, a, b), SDP_NUM_MINUS_ONE));
    sdp_id matrix = left ? a : b, number = left ? b : a;
    sdp_id sum = sdp_add2(g, matrix, sdp_times(g, number, sdp_eye(g, sdp_get(g, matrix)->dim[0])));
    return sdp_es(g, SDP_NUM_ONE, left ? "ij,j->i" : "ij,i->j", prim(g, SDP_OP_inv, sum), c);
}

// out[k] = sum over i of a[i]*b[k-i]
sdp_id sdp_lowering_conv(sdp_lowering *l, const sdp_term *t)
{
    sdp_graph *g = l->g;
    sdp_id a = node(l, t, 0), b = node(l, t, 1);
    const sdp_node *x = sdp_get(g, a), *y = sdp_get(g, b);
    if (!x->order || !y->order) return sdp_times(g, a, b);
    sdp_dim n = sdp_dim_add(g, sdp_dim_add(g, x->dim[0], y->dim[0]), sdp_dim_int(g, -1));
    sdp_id sel = sdp_sel(g, 3, (sdp_dim[]){n, x->dim[0], y->dim[0]},
                         (sdp_dim[]){sdp_dim_int(g, 0), SDP_DIM_ONE, SDP_DIM_ONE});
    return sdp_es(g, SDP_NUM_ONE, "kij,i,j->k", sel, a, b);
}

sdp_id sdp_lowering_correlate(sdp_lowering *l, const sdp_term *t)
{
    sdp_graph *g = l->g;
    sdp_id u = node(l, t, 0), y = node(l, t, 1);
    const sdp_node *a = sdp_get(g, u), *b = sdp_get(g, y);
    if (!a->order || !b->order) return sdp_times(g, u, y);
    sdp_dim n = t->shape.cols == SDP_DIM_ONE ? t->shape.rows : t->shape.cols;
    if (n == SDP_DIM_ONE) return sdp_es(g, SDP_NUM_ONE, "k,k->", u, y);
    sdp_id sel = sdp_sel(g, 3, (sdp_dim[]){a->dim[0], n, b->dim[0]},
                         (sdp_dim[]){sdp_dim_int(g, 0), SDP_DIM_ONE, SDP_DIM_ONE});
    return sdp_es(g, SDP_NUM_ONE, "kij,k,j->i", sel, u, y);
}

// Entry k of the stacked columns, k = i + rows*j: pair[k; i, j]; an axis of size 1 is not there.
static uint32_t stacked(sdp_graph *g, sdp_shape s, sdp_dim size, uint8_t k, uint8_t first, sdp_id *factor,
                        uint8_t *label, uint32_t *at)
{
    if (s.rows == SDP_DIM_ONE || s.cols == SDP_DIM_ONE) return 0;
    *factor =
        sdp_sel(g, 3, (sdp_dim[]){size, s.rows, s.cols}, (sdp_dim[]){sdp_dim_int(g, 0), SDP_DIM_ONE, s.rows});
    label[(*at)++] = k;
    label[(*at)++] = first;
    label[(*at)++] = (uint8_t)(first + 1);
    return 1;
}

// The entries in the same order of columns: x, one or two SELs around the position in vec(x)
sdp_id sdp_lowering_reshape(sdp_lowering *l, const sdp_term *t)
{
    enum { K, FROM, TO = FROM + 2 };
    sdp_graph *g = l->g;
    sdp_id factor[3] = {node(l, t, 0)};
    sdp_shape from = l->w->t[t->arg[0]].shape, to = t->shape;
    sdp_dim size = sdp_dim_mul(g, from.rows, from.cols);
    uint8_t label[8], out[2];
    uint32_t n = 1, at = 0;
    int order = 0;
    if ((from.rows == to.rows && from.cols == to.cols) || size == SDP_DIM_ONE) return factor[0];
    bool flat = from.rows == SDP_DIM_ONE || from.cols == SDP_DIM_ONE;
    label[at++] = flat ? K : FROM;
    if (!flat) label[at++] = FROM + 1;
    n += stacked(g, from, size, K, FROM, &factor[n], label, &at);
    n += stacked(g, to, size, K, TO, &factor[n], label, &at);
    if (to.rows == SDP_DIM_ONE || to.cols == SDP_DIM_ONE) out[order++] = K;
    else out[order++] = TO, out[order++] = TO + 1;
    return sdp_mul(g, SDP_NUM_ONE, n, factor, label, order, out, NULL);
}
