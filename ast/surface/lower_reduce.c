// SPDX-License-Identifier: MIT
// Terms to nodes: reductions and norms, over everything or along an axis.
//
// The axis is the last argument, as a number: 1 goes down the columns, 2 along the rows. A mask of
// the node's axes says which ones are reduced; an axis that is not there has one entry, and reduces
// to it: sum(x,2) of a column x is x.
#include <string.h>

#include "ast/surface/terms.h"

static const sdp_term *arg(const sdp_lowering *l, const sdp_term *t, uint32_t i)
{
    return &l->w->t[t->arg[i]];
}
static sdp_id node(const sdp_lowering *l, const sdp_term *t, uint32_t i) { return arg(l, t, i)->node; }
static uint32_t all_axes(const sdp_graph *g, sdp_id a) { return (1u << sdp_get(g, a)->order) - 1; }

// The mask of the axis that the surface calls `which`: "1" or "2".
static uint32_t along(sdp_shape s, const char *which)
{
    bool first = !strcmp(which, "1");
    if ((first ? s.rows : s.cols) == SDP_DIM_ONE) return 0;
    return first || s.rows == SDP_DIM_ONE ? 1 : 2;
}

// The axes that argument 0 loses, or is normalised over.
static uint32_t reduced(const sdp_lowering *l, const sdp_term *t)
{
    uint32_t i = sdp_axis_argument(l->w, t);
    if (i && arg(l, t, i)->kind != SYN_STRING) return along(arg(l, t, 0)->shape, arg(l, t, i)->text);
    if (t->op == SDP_OP_vecnorm && arg(l, t, 0)->shape.rows != SDP_DIM_ONE) return 1; // of each column
    return all_axes(l->g, node(l, t, 0));
}

static sdp_id count(const sdp_lowering *l, const sdp_term *t, uint32_t axes)
{
    const sdp_node *x = sdp_get(l->g, node(l, t, 0));
    sdp_dim n = SDP_DIM_ONE;
    for (int k = 0; k < x->order; k++)
        if (axes >> k & 1) n = sdp_dim_mul(l->g, n, x->dim[k]);
    return sdp_dim_value(l->g, n);
}

static sdp_id over(sdp_graph *g, sdp_id a, sdp_id n)
{
    return sdp_times(g, a, sdp_power_num(g, n, SDP_NUM_MINUS_ONE));
}

sdp_id sdp_lowering_sum(sdp_lowering *l, const sdp_term *t)
{
    return sdp_sum(l->g, node(l, t, 0), reduced(l, t));
}
sdp_id sdp_lowering_mean(sdp_lowering *l, const sdp_term *t)
{
    return over(l->g, sdp_lowering_sum(l, t), count(l, t, reduced(l, t)));
}

// An answer will say var(x), too. (Of a vector along an axis, it would have
// to know whether that is a column.)
static void say_variance(const sdp_lowering *l, const sdp_term *t, sdp_id variance)
{
    sdp_id said[3] = {node(l, t, 0)};
    uint8_t kind = sdp_get(l->g, variance)->kind;
    if ((t->nargs > 1 && sdp_get(l->g, said[0])->order < 2) || (kind != SDP_MUL && kind != SDP_ADD)) return;
    for (uint32_t i = 1; i < t->nargs; i++) {
        said[i] = node(l, t, i);
        if (!sdp_is_number(l->g, said[i], &(sdp_num){0}) || arg(l, t, i)->kind != SYN_NUMBER) return;
    }
    sdp_note_function(l->g, variance, SDP_OP_var, t->nargs, said);
}

// The number of entries less one, or, with 1 as the second of three arguments, their number
sdp_id sdp_lowering_var(sdp_lowering *l, const sdp_term *t)
{
    sdp_graph *g = l->g;
    sdp_id x = node(l, t, 0);
    uint32_t axes = reduced(l, t);
    const sdp_node *a = sdp_get(g, x);
    uint8_t label[SDP_MAX_ORDER], out[SDP_MAX_ORDER];
    int kept = 0;
    for (int k = 0; k < a->order; k++) {
        out[k] = (uint8_t)k;
        if (!(axes >> k & 1)) label[kept++] = (uint8_t)k;
    }
    sdp_id n = count(l, t, axes), mean = over(g, sdp_sum(g, x, axes), n);
    sdp_id d = sdp_sub(g, x, sdp_mul(g, SDP_NUM_ONE, 1, &mean, label, a->order, out, a->dim));
    bool biased = t->nargs == 3 && arg(l, t, 1)->kind == SYN_NUMBER && !strcmp(arg(l, t, 1)->text, "1");
    sdp_id variance =
        over(g, sdp_sum(g, sdp_power_num(g, d, SDP_NUM_TWO), axes), biased ? n : sdp_sub(g, n, SDP_ID_ONE));
    say_variance(l, t, variance);
    return variance;
}

sdp_id sdp_lowering_std(sdp_lowering *l, const sdp_term *t)
{
    return sdp_power_num(l->g, sdp_lowering_var(l, t), SDP_NUM_HALF);
}

// A column and a row of a dot product are the same vector.
sdp_id sdp_lowering_dot(sdp_lowering *l, const sdp_term *t)
{
    sdp_id p = sdp_times(l->g, node(l, t, 0), node(l, t, 1));
    return sdp_sum(l->g, p, t->nargs == 3 ? reduced(l, t) : all_axes(l->g, p));
}

static sdp_id reduce_prim(sdp_graph *g, int op, sdp_id x, uint32_t axes)
{
    return axes ? sdp_prim(g, op, 1, &x, axes) : x;
}
sdp_id sdp_lowering_reduction(sdp_lowering *l, const sdp_term *t)
{
    return reduce_prim(l->g, t->op, node(l, t, 0), reduced(l, t));
}

sdp_id sdp_lowering_prodexcept(sdp_lowering *l, const sdp_term *t)
{
    sdp_id x = node(l, t, 0);
    uint32_t axes = reduced(l, t);
    const sdp_node *n = sdp_get(l->g, x);
    return axes == 0 ? sdp_ones(l->g, n->order, n->dim)
                     : sdp_prim(l->g, SDP_OP_prodexcept, 1, &x, axes | (SDP_AXES + 1));
}

sdp_id sdp_lowering_softmax(sdp_lowering *l, const sdp_term *t)
{
    sdp_id x = node(l, t, 0);
    uint32_t axes = reduced(l, t);
    const sdp_node *n = sdp_get(l->g, x);
    return axes == 0 ? sdp_ones(l->g, n->order, n->dim) : sdp_prim(l->g, SDP_OP_softmax, 1, &x, axes);
}

// log(softmax(x)) = x - logsumexp(x), along the reduced axes
sdp_id sdp_lowering_logsoftmax(sdp_lowering *l, const sdp_term *t)
{
    sdp_id x = node(l, t, 0);
    uint32_t axes = reduced(l, t);
    const sdp_node *n = sdp_get(l->g, x);
    return axes == 0 ? sdp_zeros(l->g, n->order, n->dim) : sdp_log_softmax(l->g, x, axes);
}

// y[i] = sum over k <= i of x[k]
sdp_id sdp_lowering_cumsum(sdp_lowering *l, const sdp_term *t)
{
    sdp_graph *g = l->g;
    sdp_id x = node(l, t, 0);
    const sdp_node *a = sdp_get(g, x);
    uint32_t axes = reduced(l, t);
    if (axes == 0) return x;
    sdp_dim n = a->dim[axes - 1];
    sdp_id mask = sdp_mask(g, n, n, SDP_LOWER);
    if (a->order == 1) return sdp_es(g, SDP_NUM_ONE, "ij,j->i", mask, x);
    return axes == 2 ? sdp_es(g, SDP_NUM_ONE, "jk,ik->ij", mask, x)
                     : sdp_es(g, SDP_NUM_ONE, "ik,kj->ij", mask, x);
}

// y[i] = x[n+1-i]
sdp_id sdp_lowering_flip(sdp_lowering *l, const sdp_term *t)
{
    sdp_graph *g = l->g;
    sdp_id x = node(l, t, 0);
    const sdp_node *a = sdp_get(g, x);
    uint32_t axes = reduced(l, t);
    if (axes == 0) return x;
    sdp_id back = sdp_flip(g, a->dim[axes - 1]);
    if (a->order == 1) return sdp_es(g, SDP_NUM_ONE, "ji,j->i", back, x);
    return axes == 2 ? sdp_es(g, SDP_NUM_ONE, "kj,ik->ij", back, x)
                     : sdp_es(g, SDP_NUM_ONE, "ki,kj->ij", back, x);
}

// ---- norms ------------------------------------------------------------------------------------------------
static sdp_id absolute(sdp_graph *g, sdp_id x) { return sdp_map1(g, SDP_OP_abs, x); }

// (sum of |x|^p)^(1/p) along axes, p a number or any scalar
static sdp_id power_norm(const sdp_lowering *l, const sdp_term *t, sdp_id x, const sdp_term *p, uint32_t axes)
{
    sdp_graph *g = l->g;
    sdp_num e;
    bool number = sdp_is_number(g, p->node, &e);
    if (number && sdp_num_cmp(g, e, SDP_NUM_ONE) < 0)
        sdp_term_fail(l->w, t->arg[1], SD_ERR_DOMAIN,
                      "below 1 it is no norm; sum(abs(x).^p) is a sum of powers", "%s(x,p) needs p >= 1",
                      sdp_ops[t->op].name);
    if (number && e == SDP_NUM_TWO) return sdp_prim(g, SDP_OP_norm, 1, &x, axes);
    sdp_id sum = sdp_sum(g, sdp_power(g, absolute(g, x), p->node), axes);
    return sdp_power(g, sum, sdp_power_num(g, p->node, SDP_NUM_MINUS_ONE));
}

// of vectors: those along axes
static sdp_id vector_norm(const sdp_lowering *l, const sdp_term *t, sdp_id x, const sdp_term *p,
                          uint32_t axes)
{
    sdp_graph *g = l->g;
    if (axes == 0) return absolute(g, x);
    if (!p || p->kind == SYN_STRING) return sdp_prim(g, SDP_OP_norm, 1, &x, axes);
    if (p->op == SDP_OP_inf) return reduce_prim(g, SDP_OP_maxof, absolute(g, x), axes);
    return power_norm(l, t, x, p, axes);
}

sdp_id sdp_lowering_vecnorm(sdp_lowering *l, const sdp_term *t)
{
    return vector_norm(l, t, node(l, t, 0), t->nargs > 1 ? arg(l, t, 1) : NULL, reduced(l, t));
}

// norm(X,1) and norm(X,inf): the largest sum of a column or a row; norm(X,2)^2 = lambda_max(X'*X), and
// norm(X,2) = lambda_max(X) of a positive semidefinite X
static sdp_id matrix_norm(const sdp_lowering *l, const sdp_term *t, sdp_id x, const sdp_term *p)
{
    sdp_graph *g = l->g;
    if (p->op == SDP_OP_inf) return reduce_prim(g, SDP_OP_maxof, sdp_sum(g, absolute(g, x), 2), 1);
    if (p->kind == SYN_STRING) return sdp_prim(g, SDP_OP_norm_nuc, 1, &x, 0);
    if (p->node == SDP_ID_ONE) return reduce_prim(g, SDP_OP_maxof, sdp_sum(g, absolute(g, x), 1), 1);
    if (p->node == sdp_number(g, SDP_NUM_TWO) && sdp_has(g, x, SDP_PSD))
        return sdp_prim(g, SDP_OP_lambda_max, 1, &x, 0);
    sdp_id square = sdp_es(g, SDP_NUM_ONE, "ki,kj->ij", x, x);
    if (p->node == sdp_number(g, SDP_NUM_TWO))
        return sdp_power_num(g, sdp_prim(g, SDP_OP_lambda_max, 1, &square, 0), SDP_NUM_HALF);
    sdp_term_fail(l->w, t->arg[1], SD_ERR_UNSUPPORTED,
                  "of a matrix there are norm(X), norm(X,1), norm(X,2), norm(X,inf), norm(X,'fro'), "
                  "norm(X,'nuc'); of its columns vecnorm(X,p)",
                  "there is no such norm of a matrix");
}

sdp_id sdp_lowering_norm(sdp_lowering *l, const sdp_term *t)
{
    sdp_id x = node(l, t, 0);
    if (t->nargs == 3) return sdp_lowering_vecnorm(l, t);
    const sdp_term *p = t->nargs > 1 ? arg(l, t, 1) : NULL;
    if (sdp_get(l->g, x)->order < 2 || !p || (p->kind == SYN_STRING && !strcmp(p->text, "fro")))
        return vector_norm(l, t, x, p, all_axes(l->g, x));
    return matrix_norm(l, t, x, p);
}

sdp_id sdp_lowering_norm1(sdp_lowering *l, const sdp_term *t)
{
    sdp_id a = absolute(l->g, node(l, t, 0));
    return sdp_sum(l->g, a, all_axes(l->g, a));
}

// size(X,1), numel(X)
sdp_id sdp_lowering_size(sdp_lowering *l, const sdp_term *t)
{
    sdp_shape s = arg(l, t, 0)->shape;
    if (t->op == SDP_OP_numel) return sdp_dim_value(l->g, sdp_dim_mul(l->g, s.rows, s.cols));
    return sdp_dim_value(l->g, !strcmp(arg(l, t, 1)->text, "1") ? s.rows : s.cols);
}
