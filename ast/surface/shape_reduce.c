// SPDX-License-Identifier: MIT
// The shape rules of reductions and norms, and what their further arguments may be: an axis, the kind of a
// norm, the weight of a variance, [] for an argument that is left out.
#include <string.h>

#include "ast/surface/shape.h"

static bool is_digit(const sdp_term *t, const char *digit)
{
    return t->kind == SYN_NUMBER && !strcmp(t->text, digit);
}

// sum(X,1), var(X,1) and var(X,0,1), dot(A,B,1), vecnorm(X,p,1)
uint32_t sdp_axis_argument(const sdp_terms *w, const sdp_term *t)
{
    (void)w;
    bool third = t->op == SDP_OP_dot || t->op == SDP_OP_norm || t->op == SDP_OP_vecnorm;
    if (t->nargs == 3) return 2;
    return t->nargs == 2 && !third ? 1 : 0;
}

// The shape that is left of a; false if there is an axis that is none.
static bool lose_axis(sdp_terms *w, sdp_term *t, sdp_shape a)
{
    uint32_t i = sdp_axis_argument(w, t);
    t->shape = scalar_shape;
    if (!i) return true;
    if (arg(w, t, i)->kind == SYN_STRING) return true; // sum(X,'all')
    if (sdp_is_numpy(t)) return sdp_numpy_lose(w, t, i);
    bool first = is_digit(arg(w, t, i), "1");
    t->shape = first ? (sdp_shape){SDP_DIM_ONE, a.cols} : (sdp_shape){a.rows, SDP_DIM_ONE};
    return first || is_digit(arg(w, t, i), "2") ||
           sdp_wrong(w, t, i, i, "the axis must be 1 or 2",
                     "1 goes down the columns (NumPy's axis 0), 2 along the rows (NumPy's axis 1)");
}

bool sdp_rule_reduce(sdp_terms *w, sdp_term *t) { return lose_axis(w, t, shape(w, t, 0)); }

bool sdp_rule_var(sdp_terms *w, sdp_term *t)
{
    const sdp_term *weight = t->nargs == 3 ? arg(w, t, 1) : NULL;
    if (!weight || weight->kind == SYN_EMPTY || is_digit(weight, "0") || is_digit(weight, "1"))
        return lose_axis(w, t, shape(w, t, 0));
    return sdp_wrong(w, t, 1, 1, "the weight must be 0 or 1",
                     "var(X,0,1) divides by the number of rows less one, var(X,1,1) by their number");
}

bool sdp_rule_softmax(sdp_terms *w, sdp_term *t)
{
    sdp_shape a = shape(w, t, 0);
    bool ok = lose_axis(w, t, a);
    t->shape = a;
    t->column = arg(w, t, 0)->column;
    if (!ok || t->nargs == 2 || sdp_is_vector(a)) return ok;
    const char *name = sdp_ops[t->op].name;
    return sdp_wrong(w, t, 0, 0,
                     sdp_printf(&w->g->base, "%s needs a vector, not %s", name, sdp_shape_text(w->g, a)),
                     sdp_printf(&w->g->base, "%s(X,2) works along the rows, %s(X,1) down the columns", name,
                                name));
}

bool sdp_rule_others(sdp_terms *w, sdp_term *t)
{
    bool ok = lose_axis(w, t, shape(w, t, 0));
    t->shape = shape(w, t, 0);
    return ok;
}

bool sdp_rule_cumsum(sdp_terms *w, sdp_term *t) { return sdp_rule_softmax(w, t); }

// A column and a row are taken as the same vector, unless an axis says which way to go.
bool sdp_rule_dot(sdp_terms *w, sdp_term *t)
{
    sdp_shape a = shape(w, t, 0), b = shape(w, t, 1);
    bool vectors = sdp_is_vector(a) && sdp_is_vector(b) && t->nargs == 2;
    sdp_dim m = a.rows == SDP_DIM_ONE ? a.cols : a.rows, n = b.rows == SDP_DIM_ONE ? b.cols : b.rows;
    if (vectors ? sdp_dim_unify(w->g, m, n)
                : sdp_dim_unify(w->g, a.rows, b.rows) && sdp_dim_unify(w->g, a.cols, b.cols))
        return lose_axis(w, t, a);
    const char *left = sdp_shape_text(w->g, a), *right = sdp_shape_text(w->g, b);
    return sdp_wrong(w, t, 0, 1,
                     sdp_printf(&w->g->base, "cannot take the dot product of %s and %s", left, right),
                     "dot(x,y) takes two of one shape; dot(X,Y,1) that of each column");
}

// Is argument 1 the kind of a norm: a scalar, inf, or one of the texts?
static bool norm_kind(sdp_terms *w, sdp_term *t, const char *text, const char *hint)
{
    const sdp_term *p = arg(w, t, 1);
    bool known = p->kind == SYN_STRING ? strstr(text, sdp_printf(&w->g->base, " %s ", p->text)) != NULL
                                       : p->kind != SYN_EMPTY;
    bool negative = p->kind == SYN_CALL && p->op == SDP_OP_neg;
    if (!known || negative || !sdp_is_scalar(p->shape)) return sdp_wrong(w, t, 1, 1, "unknown norm", hint);
    return true;
}

bool sdp_rule_norm(sdp_terms *w, sdp_term *t)
{
    static const char hint[] = "norm(x), norm(x,p), norm(x,inf), norm(X,2), norm(X,'fro'), norm(X,'nuc'); "
                               "vecnorm(X,p) of each column";
    if (t->nargs > 1 && !norm_kind(w, t, t->nargs == 3 ? " fro " : " fro nuc ", hint)) return false;
    return lose_axis(w, t, shape(w, t, 0));
}

bool sdp_rule_vecnorm(sdp_terms *w, sdp_term *t)
{
    sdp_shape a = shape(w, t, 0);
    if (t->nargs > 1 &&
        !norm_kind(w, t, "", "vecnorm(X), vecnorm(X,p), vecnorm(X,inf); vecnorm(X,p,2) of each row"))
        return false;
    if (t->nargs == 3 || !sdp_is_matrix(a)) return lose_axis(w, t, a);
    t->shape = (sdp_shape){SDP_DIM_ONE, a.cols};
    return true;
}

// size(X,1), numel(X): a number, whatever X is
bool sdp_rule_extent(sdp_terms *w, sdp_term *t)
{
    t->shape = (sdp_shape){SDP_DIM_ONE, SDP_DIM_ONE};
    if (t->nargs < 2) return true;
    const sdp_term *k = arg(w, t, 1);
    bool first = k->kind == SYN_NUMBER && (!strcmp(k->text, "1") || !strcmp(k->text, "2"));
    if (sdp_is_numpy(t) && k->kind == SYN_NUMBER) return sdp_numpy_has_axis(w, t, 1);
    return first ||
           sdp_wrong(w, t, 1, 1, "the axis is 1 or 2", "size(X,1) counts the rows, size(X,2) the columns");
}

bool sdp_options_fit(sdp_terms *w, const sdp_term *t)
{
    bool norm = t->op == SDP_OP_norm || t->op == SDP_OP_vecnorm,
         weight = sdp_ops[t->op].shape == SDP_SHAPE_var && t->nargs == 3;
    bool reduces = sdp_shape_rules[sdp_ops[t->op].shape].traits & SDP_ALL;
    for (uint32_t i = 0; i < t->nargs; i++) {
        const sdp_term *a = arg(w, t, i);
        if (a->kind != SYN_STRING && a->kind != SYN_EMPTY) continue;
        if (i == 2 && t->op == SDP_OP_conv && a->kind == SYN_STRING) continue;
        if (i == 1 && (a->kind == SYN_STRING ? norm : weight)) continue;
        if (i > 0 && reduces && i == sdp_axis_argument(w, t) && a->kind == SYN_STRING &&
            !strcmp(a->text, "all"))
            continue;
        if (a->kind == SYN_EMPTY)
            return sdp_wrong(w, t, i, i, sdp_printf(&w->g->base, "[] has no meaning for '%s' here", t->text),
                             "max(X,[],1) leaves out an argument");
        return sdp_wrong(w, t, i, i,
                         sdp_printf(&w->g->base, "'%s' does not know the option '%s'", t->text, a->text),
                         "see symdiff help functions");
    }
    return true;
}

// |x_i|: of an entry, a row or a matrix, always a number
bool sdp_rule_entry_bars(sdp_terms *w, sdp_term *t)
{
    t->shape = scalar_shape;
    return !sdp_is_matrix(shape(w, t, 0)) || sdp_rule_square_scalar(w, t);
}
