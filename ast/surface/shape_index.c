// SPDX-License-Identifier: MIT
// Shape rules of subscripts and brackets: A[i,2:end], [a, b; c].
//
// A subscript picks one entry of an axis or a range of them; `end` is the size of its axis. The parts of a
// bracket have equal rows, or equal columns, and the other sizes add up. Entries: sdp_rule_index,
// sdp_rule_row, sdp_rule_bracket.
#include <stdlib.h>
#include <string.h>

#include "ast/surface/shape.h"

bool sdp_is_end(const sdp_terms *w, const sdp_term *t)
{
    return t->kind == SYN_NAME && t->is_dim && t->subscript && !strcmp(t->text, "end") &&
           !sdp_dim_is_name(w->g, "end");
}

// Each `end` of a subscript is the size n of its axis.
static void bind_end(sdp_terms *w, uint32_t s, sdp_dim n)
{
    uint32_t stack[64], depth = 0;
    stack[depth++] = s;
    while (depth) {
        const sdp_term *t = &w->t[stack[--depth]];
        if (sdp_is_end(w, t)) (void)sdp_dim_unify(w->g, t->size, n);
        if (depth + t->nargs > sizeof stack / sizeof *stack)
            sdp_limit(&w->g->base, "terms of a subscript", (long)(sizeof stack / sizeof *stack));
        for (uint32_t k = 0; t->kind == SYN_CALL && k < t->nargs; k++) stack[depth++] = t->arg[k];
    }
}

// The size of one subscript of an axis of size n.
static sdp_dim subscript(sdp_terms *w, uint32_t s, sdp_dim n)
{
    const sdp_term *t = &w->t[s];
    bind_end(w, s, n);
    if (t->kind == SYN_COLON) return n;
    if (t->kind != SYN_CALL || t->op != SDP_OP_range) return SDP_DIM_ONE;
    sdp_dim first = sdp_term_dim(w, t->arg[0]), last = sdp_term_dim(w, t->arg[1]);
    return sdp_dim_add(w->g, sdp_dim_add(w->g, last, sdp_dim_neg(w->g, first)), SDP_DIM_ONE);
}

// Subscripts that are indices of an equation between entries run as far as the axis.
static bool bind_indices(sdp_terms *w, const sdp_term *t, sdp_shape a)
{
    sdp_dim axis[2] = {t->nargs == 2 && a.rows == SDP_DIM_ONE ? a.cols : a.rows, a.cols};
    for (uint32_t k = 1; k < t->nargs; k++)
        if (w->t[t->arg[k]].label && !sdp_index_bind(w, t->arg[k], axis[k - 1])) return false;
    return true;
}

// D111_f(x)[i,j,k]
static bool shape_tensor_entry(sdp_terms *w, sdp_term *t, const sdp_derivative *d)
{
    sdp_dim dim[SDP_MAX_ORDER + 2];
    int n = sdp_derivative_dims(w->g, d, dim);
    t->shape = scalar_shape;
    if ((int)t->nargs != n + 1)
        return sdp_wrong(w, t, 0, 0,
                         sdp_printf(&w->g->base, "it takes %d subscripts, not %u", n, t->nargs - 1),
                         "one for each axis: the value's first, then the variables'");
    for (uint32_t k = 1; k < t->nargs; k++) {
        if (!w->t[t->arg[k]].label)
            return sdp_wrong(w, t, k, k, "only an index can stand here",
                             "indices are the names on the left side, and those of a sum");
        if (!sdp_index_bind(w, t->arg[k], dim[k - 1])) return false;
    }
    return true;
}

bool sdp_rule_index(sdp_terms *w, sdp_term *t)
{
    sdp_shape a = shape(w, t, 0), unused;
    const sdp_derivative *d = w->t[t->arg[0]].called;
    if (d && !sdp_derivative_shape(w->g, d, &unused)) return shape_tensor_entry(w, t, d);
    if (t->nargs > 3)
        return sdp_wrong(w, t, 0, 0,
                         sdp_printf(&w->g->base, "a vector takes one subscript and a matrix two, not %u",
                                    t->nargs - 1),
                         "X[i,j], X[2,:], x[2:5]");
    if (t->nargs == 2 && sdp_is_numpy(t) && !t->own && sdp_is_matrix(a)) { // X[0], X[1:]: rows
        const sdp_term *s = &w->t[t->arg[1]];
        sdp_dim n = subscript(w, t->arg[1], a.rows);
        t->shape = s->kind == SYN_CALL && s->op == SDP_OP_range ? (sdp_shape){n, a.cols}
                                                                : (sdp_shape){a.cols, SDP_DIM_ONE};
        return bind_indices(w, t, a);
    }
    if (t->nargs == 2) {
        if (!sdp_is_vector(a))
            return sdp_wrong(w, t, 0, 0,
                             sdp_printf(&w->g->base, "one subscript needs a vector, not %s",
                                        sdp_shape_text(w->g, a)),
                             "X[i,j] indexes a matrix");
        bool column = a.cols == SDP_DIM_ONE;
        sdp_dim n = subscript(w, t->arg[1], column ? a.rows : a.cols);
        t->shape = column ? (sdp_shape){n, SDP_DIM_ONE} : (sdp_shape){SDP_DIM_ONE, n};
        return bind_indices(w, t, a);
    }
    if (!sdp_is_matrix(a))
        return sdp_wrong(w, t, 0, 0,
                         sdp_printf(&w->g->base, "two subscripts need a matrix, not %s",
                                    sdp_shape_text(w->g, a)),
                         "x[2], x[2:5] of a vector");
    t->shape = (sdp_shape){subscript(w, t->arg[1], a.rows), subscript(w, t->arg[2], a.cols)};
    const sdp_term *last = &w->t[t->arg[2]];
    t->column =
        sdp_is_numpy(t) && t->shape.cols == SDP_DIM_ONE && last->kind == SYN_CALL && last->op == SDP_OP_range;
    return bind_indices(w, t, a);
}

// Notes what the rows or columns of the arguments add up to.
static void note_parts(sdp_terms *w, const sdp_term *t, bool rows)
{
    if (t->nargs < 2) return;
    sdp_dim *part = sdp_scratch(&w->g->base, t->nargs * sizeof *part);
    for (uint32_t i = 0; i < t->nargs; i++) part[i] = rows ? shape(w, t, i).rows : shape(w, t, i).cols;
    sdp_dim_made_of(w->g, rows ? t->shape.rows : t->shape.cols, t->nargs, part);
}

// [a, b]: equal rows, columns added up; [a; b]: the same the other way
static bool join(sdp_terms *w, sdp_term *t, bool below)
{
    t->shape = shape(w, t, 0);
    sdp_dim *same = below ? &t->shape.cols : &t->shape.rows, *sum = below ? &t->shape.rows : &t->shape.cols;
    for (uint32_t i = 1; i < t->nargs; i++) {
        sdp_shape s = shape(w, t, i);
        if (!same_dim(w, *same, below ? s.cols : s.rows))
            return sdp_wrong(w, t, 0, i, clash(w, "put", shape(w, t, 0), below ? "above" : "beside", s),
                             below ? "',' puts them beside each other" : "';' puts them below each other");
        *sum = sdp_dim_add(w->g, *sum, below ? s.rows : s.cols);
    }
    note_parts(w, t, below);
    return true;
}

bool sdp_rule_row(sdp_terms *w, sdp_term *t)
{
    return join(w, t, sdp_numpy_joins_below(w, t, false)) && sdp_numpy_joined(w, t);
}
bool sdp_rule_bracket(sdp_terms *w, sdp_term *t)
{
    return join(w, t, sdp_numpy_joins_below(w, t, true)) && sdp_numpy_joined(w, t);
}
