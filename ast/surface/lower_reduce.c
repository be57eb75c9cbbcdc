// SPDX-License-Identifier: MIT
// Terms to nodes: reductions and norms, over everything or along an axis.
//
// The axis is the last argument, as a number: 1 goes down the columns, 2 along the rows. A mask of the node's axes says
// which ones are reduced; an axis that is not there has one entry, and reduces to it: sum(x,2) of a column x is x.
#include <string.h>

#include "ast/surface/terms.h"

typedef struct { sdp_terms *w; sdp_graph *g; const sdp_term *t; } reduction;

static const sdp_term *arg(const reduction *r, uint32_t i) { return &r->w->t[r->t->arg[i]]; }
static sdp_id node(const reduction *r, uint32_t i) { return arg(r, i)->node; }
static uint32_t all_axes(const sdp_graph *g, sdp_id a) { return (1u << sdp_get(g, a)->order) - 1; }

// The mask of the axis that the surface calls `which`: "1" or "2".
static uint32_t along(sdp_shape s, const char *which)
{
    bool first = !strcmp(which, "1");
    if ((first ? s.rows : s.cols) == SDP_DIM_ONE) return 0;
    return first || s.rows == SDP_DIM_ONE ? 1 : 2;
}

// The axes that argument 0 loses, or is normalised over.
static uint32_t reduced(const reduction *r)
{
    uint32_t i = sdp_axis_argument(r->w, r->t);
    if (i && arg(r, i)->kind != SYN_STRING) return along(arg(r, 0)->shape, arg(r, i)->text);
    if (r->t->op == SDP_OP_vecnorm && arg(r, 0)->shape.rows != SDP_DIM_ONE) return 1; // of each column
    return all_axes(r->g, node(r, 0));
}

static sdp_id count(const reduction *r, uint32_t axes)
{
    const sdp_node *x = sdp_get(r->g, node(r, 0));
    sdp_dim n = SDP_DIM_ONE;
    for (int k = 0; k < x->order; k++)
        if (axes >> k & 1) n = sdp_dim_mul(r->g, n, x->dim[k]);
    return sdp_dim_value(r->g, n);
}

static sdp_id over(sdp_graph *g, sdp_id a, sdp_id n) { return sdp_times(g, a, sdp_power_num(g, n, SDP_NUM_MINUS_ONE)); }

static sdp_id lower_sum(const reduction *r) { return sdp_sum(r->g, node(r, 0), reduced(r)); }
static sdp_id lower_mean(const reduction *r) { return over(r->g, lower_sum(r), count(r, reduced(r))); }

// An answer will say var(x), too. (Of a vector along an axis, it would have to know whether that is a column.)
static void say_variance(const reduction *r, sdp_id variance)
{
    sdp_said s = {.node = variance, .of = node(r, 0), .op = SDP_OP_var, .nnumbers = (uint8_t)(r->t->nargs - 1)};
    uint8_t kind = sdp_get(r->g, variance)->kind;
    if ((s.nnumbers && sdp_get(r->g, s.of)->order < 2) || (kind != SDP_MUL && kind != SDP_ADD)) return;
    for (uint32_t i = 0; i < s.nnumbers; i++)
        if (!sdp_is_number(r->g, node(r, i + 1), &s.number[i]) || arg(r, i + 1)->kind != SYN_NUMBER) return;
    sdp_say(r->g, &s);
}

// The number of entries less one, or, with 1 as the second of three arguments, their number
static sdp_id lower_var(const reduction *r)
{
    sdp_graph *g = r->g;
    sdp_id x = node(r, 0);
    uint32_t axes = reduced(r);
    const sdp_node *a = sdp_get(g, x);
    uint8_t label[SDP_MAX_ORDER], out[SDP_MAX_ORDER];
    int kept = 0;
    for (int k = 0; k < a->order; k++) {
        out[k] = (uint8_t)k;
        if (!(axes >> k & 1)) label[kept++] = (uint8_t)k;
    }
    sdp_id n = count(r, axes), mean = over(g, sdp_sum(g, x, axes), n);
    sdp_id d = sdp_sub(g, x, sdp_mul(g, SDP_NUM_ONE, 1, &mean, label, a->order, out, a->dim));
    bool biased = r->t->nargs == 3 && arg(r, 1)->kind == SYN_NUMBER && !strcmp(arg(r, 1)->text, "1");
    sdp_id variance = over(g, sdp_sum(g, sdp_power_num(g, d, SDP_NUM_TWO), axes), biased ? n : sdp_sub(g, n, SDP_ID_ONE));
    say_variance(r, variance);
    return variance;
}

static sdp_id lower_std(const reduction *r) { return sdp_power_num(r->g, lower_var(r), SDP_NUM_HALF); }

// A column and a row of a dot product are the same vector.
static sdp_id lower_dot(const reduction *r)
{
    sdp_id p = sdp_times(r->g, node(r, 0), node(r, 1));
    return sdp_sum(r->g, p, r->t->nargs == 3 ? reduced(r) : all_axes(r->g, p));
}

static sdp_id reduce_prim(sdp_graph *g, int op, sdp_id x, uint32_t axes) { return axes ? sdp_prim(g, op, 1, &x, axes) : x; }
static sdp_id lower_prim(const reduction *r) { return reduce_prim(r->g, r->t->op, node(r, 0), reduced(r)); }

static sdp_id lower_prodexcept(const reduction *r)
{
    sdp_id x = node(r, 0);
    uint32_t axes = reduced(r);
    const sdp_node *n = sdp_get(r->g, x);
    return axes == 0 ? sdp_ones(r->g, n->order, n->dim) : sdp_prim(r->g, SDP_OP_prodexcept, 1, &x, axes | (SDP_AXES + 1));
}

static sdp_id lower_softmax(const reduction *r)
{
    sdp_id x = node(r, 0);
    uint32_t axes = reduced(r);
    const sdp_node *n = sdp_get(r->g, x);
    return axes == 0 ? sdp_ones(r->g, n->order, n->dim) : sdp_prim(r->g, SDP_OP_softmax, 1, &x, axes);
}

// log(softmax(x)) = x - logsumexp(x), along the reduced axes
static sdp_id lower_logsoftmax(const reduction *r)
{
    sdp_id x = node(r, 0);
    uint32_t axes = reduced(r);
    const sdp_node *n = sdp_get(r->g, x);
    return axes == 0 ? sdp_zeros(r->g, n->order, n->dim) : sdp_log_softmax(r->g, x, axes);
}

// y[i] = sum over k <= i of x[k]
static sdp_id lower_cumsum(const reduction *r)
{
    sdp_graph *g = r->g;
    sdp_id x = node(r, 0);
    const sdp_node *a = sdp_get(g, x);
    uint32_t axes = reduced(r);
    if (axes == 0) return x;
    sdp_dim n = a->dim[axes - 1];
    sdp_id mask = sdp_mask(g, n, n, SDP_LOWER);
    if (a->order == 1) return sdp_es(g, SDP_NUM_ONE, "ij,j->i", mask, x);
    return axes == 2 ? sdp_es(g, SDP_NUM_ONE, "jk,ik->ij", mask, x) : sdp_es(g, SDP_NUM_ONE, "ik,kj->ij", mask, x);
}

// ---- norms --------------------------------------------------------------------------------------------------------------
static sdp_id absolute(sdp_graph *g, sdp_id x) { return sdp_map1(g, SDP_OP_abs, x); }

// (sum of |x|^p)^(1/p) along axes, p a number or any scalar
static sdp_id power_norm(const reduction *r, sdp_id x, const sdp_term *p, uint32_t axes)
{
    sdp_graph *g = r->g;
    sdp_num e;
    bool number = sdp_is_number(g, p->node, &e);
    if (number && sdp_num_cmp(g, e, SDP_NUM_ONE) < 0)
        sdp_term_fail(r->w, r->t->arg[1], SD_ERR_DOMAIN, "below 1 it is no norm; sum(abs(x).^p) is a sum of powers", "%s(x,p) needs p >= 1", sdp_ops[r->t->op].name);
    if (number && e == SDP_NUM_TWO) return sdp_prim(g, SDP_OP_norm, 1, &x, axes);
    sdp_id sum = sdp_sum(g, sdp_power(g, absolute(g, x), p->node), axes);
    return sdp_power(g, sum, sdp_power_num(g, p->node, SDP_NUM_MINUS_ONE));
}

// of vectors: those along axes
static sdp_id vector_norm(const reduction *r, sdp_id x, const sdp_term *p, uint32_t axes)
{
    sdp_graph *g = r->g;
    if (axes == 0) return absolute(g, x);
    if (!p || p->kind == SYN_STRING) return sdp_prim(g, SDP_OP_norm, 1, &x, axes);
    if (p->op == SDP_OP_inf) return reduce_prim(g, SDP_OP_maxof, absolute(g, x), axes);
    return power_norm(r, x, p, axes);
}

static sdp_id lower_vecnorm(const reduction *r) { return vector_norm(r, node(r, 0), r->t->nargs > 1 ? arg(r, 1) : NULL, reduced(r)); }

// norm(X,1) and norm(X,inf): the largest sum of a column or a row; norm(X,2)^2 = lambda_max(X'*X), and
// norm(X,2) = lambda_max(X) of a positive semidefinite X
static sdp_id matrix_norm(const reduction *r, sdp_id x, const sdp_term *p)
{
    sdp_graph *g = r->g;
    if (p->op == SDP_OP_inf) return reduce_prim(g, SDP_OP_maxof, sdp_sum(g, absolute(g, x), 2), 1);
    if (p->kind == SYN_STRING) return sdp_prim(g, SDP_OP_norm_nuc, 1, &x, 0);
    if (p->node == SDP_ID_ONE) return reduce_prim(g, SDP_OP_maxof, sdp_sum(g, absolute(g, x), 1), 1);
    if (p->node == sdp_number(g, SDP_NUM_TWO) && sdp_has(g, x, SDP_PSD)) return sdp_prim(g, SDP_OP_lambda_max, 1, &x, 0);
    sdp_id square = sdp_es(g, SDP_NUM_ONE, "ki,kj->ij", x, x);
    if (p->node == sdp_number(g, SDP_NUM_TWO)) return sdp_power_num(g, sdp_prim(g, SDP_OP_lambda_max, 1, &square, 0), SDP_NUM_HALF);
    sdp_term_fail(r->w, r->t->arg[1], SD_ERR_UNSUPPORTED, "of a matrix there are norm(X), norm(X,1), norm(X,2), norm(X,inf), norm(X,'fro'), "
                  "norm(X,'nuc'); of its columns vecnorm(X,p)", "there is no such norm of a matrix");
}

static sdp_id lower_norm(const reduction *r)
{
    sdp_id x = node(r, 0);
    if (r->t->nargs == 3) return lower_vecnorm(r);
    const sdp_term *p = r->t->nargs > 1 ? arg(r, 1) : NULL;
    if (sdp_get(r->g, x)->order < 2 || !p || (p->kind == SYN_STRING && !strcmp(p->text, "fro"))) return vector_norm(r, x, p, all_axes(r->g, x));
    return matrix_norm(r, x, p);
}

static sdp_id lower_norm1(const reduction *r)
{
    sdp_id a = absolute(r->g, node(r, 0));
    return sdp_sum(r->g, a, all_axes(r->g, a));
}

static const struct { uint16_t op; sdp_id (*lower)(const reduction *r); } table[] = {
    {SDP_OP_sum, lower_sum}, {SDP_OP_mean, lower_mean}, {SDP_OP_var, lower_var}, {SDP_OP_std, lower_std}, {SDP_OP_dot, lower_dot},
    {SDP_OP_norm, lower_norm}, {SDP_OP_vecnorm, lower_vecnorm}, {SDP_OP_norm1, lower_norm1}, {SDP_OP_cumsum, lower_cumsum},
    {SDP_OP_softmax, lower_softmax}, {SDP_OP_logsoftmax, lower_logsoftmax}, {SDP_OP_logsumexp, lower_prim}, {SDP_OP_maxof, lower_prim},
    {SDP_OP_minof, lower_prim}, {SDP_OP_prod, lower_prim}, {SDP_OP_prodexcept, lower_prodexcept},
};

sdp_id sdp_lower_reduction(sdp_terms *w, const sdp_term *t)
{
    const reduction r = {w, w->g, t};
    size_t i = 0;
    while (table[i].op != t->op) i++; // lower.c sends the rows of this table only
    return table[i].lower(&r);
}
