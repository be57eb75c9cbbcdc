// SPDX-License-Identifier: MIT
// Shapes of texts of NumPy: broadcasting, and vectors without an orientation.
//
// A vector has one axis unless its term says `column`: then it is (n,1), as a row is (1,n). A
// matrix has two. The rules of shape.c come here for terms of such a text; what is left to them
// sees no row or column (sdp_numpy_guard).
#include <string.h>

#include "ast/surface/habit.h"

// Has the term NumPy's meaning? Terms of a formula of the table have MATLAB's, wherever it was called.
bool sdp_is_numpy(const sdp_term *t) { return t->tree && !t->own && t->tree->from == SD_FROM_NUMPY; }

static const sdp_term *arg(const sdp_terms *w, const sdp_term *t, uint32_t i) { return &w->t[t->arg[i]]; }

static int rank(const sdp_term *t)
{
    if (sdp_is_scalar(t->shape)) return 0;
    return t->shape.cols == SDP_DIM_ONE && !t->column ? 1 : 2;
}

static bool clash(sdp_terms *w, const sdp_term *t, uint32_t i, uint32_t k, const char *verb, const char *hint)
{
    const char *a = sdp_shape_text(w->g, arg(w, t, i)->shape), *b = sdp_shape_text(w->g, arg(w, t, k)->shape);
    return sdp_wrong(w, t, i, k, sdp_printf(&w->g->base, "cannot %s %s and %s", verb, a, b), hint);
}

// Axes are matched from the last one.
bool sdp_numpy_map(sdp_terms *w, sdp_term *t)
{
    sdp_dim rows = SDP_DIM_ONE, cols = SDP_DIM_ONE;
    int most = 0;
    uint32_t row_of = 0, col_of = 0;
    for (uint32_t i = 0; i < t->nargs; i++) most = rank(arg(w, t, i)) > most ? rank(arg(w, t, i)) : most;
    for (uint32_t i = 0; i < t->nargs; i++) {
        sdp_shape s = arg(w, t, i)->shape;
        bool turned = most == 2 && rank(arg(w, t, i)) == 1; // its axis is the last one
        sdp_dim r = turned ? SDP_DIM_ONE : s.rows, c = turned ? s.rows : s.cols;
        static const char hint[] = "axes are matched from the last one; x[:,None] is a column";
        if (r != SDP_DIM_ONE && rows != SDP_DIM_ONE && !sdp_dim_unify(w->g, rows, r))
            return clash(w, t, row_of, i, "broadcast", hint);
        if (c != SDP_DIM_ONE && cols != SDP_DIM_ONE && !sdp_dim_unify(w->g, cols, c))
            return clash(w, t, col_of, i, "broadcast", hint);
        if (r != SDP_DIM_ONE) rows = r, row_of = i;
        if (c != SDP_DIM_ONE) cols = c, col_of = i;
    }
    t->shape = (sdp_shape){rows, cols};
    t->column = most == 2 && cols == SDP_DIM_ONE && rows != SDP_DIM_ONE;
    return true;
}

// a@b, np.dot(a,b); only the latter takes a number.
bool sdp_numpy_product(sdp_terms *w, sdp_term *t)
{
    const sdp_term *a = arg(w, t, 0), *b = arg(w, t, 1);
    int ra = rank(a), rb = rank(b);
    if (!ra || !rb) {
        if (strcmp(t->text, "np.dot"))
            return clash(w, t, ra ? 1 : 0, ra ? 1 : 0, "multiply with @",
                         "@ takes vectors and matrices; a product with a number is *");
        return sdp_numpy_map(w, t);
    }
    sdp_dim inner = ra == 1 ? a->shape.rows : a->shape.cols, rows = ra == 1 ? SDP_DIM_ONE : a->shape.rows,
            cols = rb == 1 ? SDP_DIM_ONE : b->shape.cols;
    if (!sdp_dim_unify(w->g, inner, b->shape.rows))
        return clash(w, t, 0, 1, "multiply",
                     "the last axis of the first is as long as the first axis of a matrix behind it");
    t->shape = ra == 1 ? (sdp_shape){cols, SDP_DIM_ONE} : (sdp_shape){rows, cols};
    t->column = ra == 2 && rb == 2 && cols == SDP_DIM_ONE && rows != SDP_DIM_ONE;
    return true;
}

bool sdp_numpy_transpose(sdp_terms *w, sdp_term *t)
{
    const sdp_term *a = arg(w, t, 0);
    t->shape = rank(a) < 2 ? a->shape : (sdp_shape){a->shape.cols, a->shape.rows};
    t->column = rank(a) == 2 && t->shape.cols == SDP_DIM_ONE;
    return true;
}

// (hstack): arrays of two axes stand beside each other, others behind each other. The
// term becomes the one or the other.
bool sdp_numpy_joins_below(sdp_terms *w, sdp_term *t, bool below)
{
    if (!sdp_is_numpy(t) || strcmp(t->text, "(hstack)")) return below;
    below = rank(arg(w, t, 0)) < 2;
    t->op = below ? SDP_OP_bracket : SDP_OP_row;
    return below;
}

// Does the join t, whose shape is known, have two axes where its shape is that of a vector?
bool sdp_numpy_joined(sdp_terms *w, sdp_term *t)
{
    bool two = !strcmp(t->text, "(below)") || !strcmp(t->text, "(beside)") || arg(w, t, 0)->column;
    t->column = sdp_is_numpy(t) && two && t->shape.cols == SDP_DIM_ONE && t->shape.rows != SDP_DIM_ONE;
    return true;
}

// (n,) (n,1) (1,n), and (2d): a vector as a row, an array of two axes as it is
bool sdp_numpy_axes(sdp_terms *w, sdp_term *t)
{
    sdp_shape s = arg(w, t, 0)->shape;
    if (!strcmp(t->text, "(2d)") && rank(arg(w, t, 0)) == 2) {
        t->shape = s;
        t->column = arg(w, t, 0)->column;
        return true;
    }
    if (sdp_is_matrix(s) || (rank(arg(w, t, 0)) == 2 && t->op != SDP_OP_flat))
        return sdp_wrong(w, t, 0, 0,
                         sdp_printf(&w->g->base, "one axis was expected, not %s",
                                    sdp_is_matrix(s) ? sdp_shape_text(w->g, s)
                                                     : "a row or column of two axes"),
                         "arrays have at most two axes here");
    sdp_dim n = s.rows == SDP_DIM_ONE ? s.cols : s.rows;
    t->shape = t->op == SDP_OP_asrow ? (sdp_shape){SDP_DIM_ONE, n} : (sdp_shape){n, SDP_DIM_ONE};
    t->column = t->op == SDP_OP_ascolumn && n != SDP_DIM_ONE;
    return true;
}

// The axis that the text means, 1 or 2; 0: the array has none such.
static int axis(const sdp_term *a, const char *text)
{
    int r = rank(a), k = text[0] - '0';
    if (r == 1) return k == 1 || k == 3 ? 1 : 0;
    return r == 0 ? 0 : k == 3 ? 2 : k == 4 ? 1 : k;
}

bool sdp_numpy_has_axis(sdp_terms *w, sdp_term *t, uint32_t i)
{
    const sdp_term *a = arg(w, t, 0);
    if (axis(a, arg(w, t, i)->text)) return true;
    return sdp_wrong(w, t, 0, 0,
                     sdp_printf(&w->g->base, "%s has no such axis", sdp_shape_text(w->g, a->shape)),
                     "axes are counted from 0");
}

// Sets the shape of t to that of argument 0 without the axis that argument i names.
bool sdp_numpy_lose(sdp_terms *w, sdp_term *t, uint32_t i)
{
    const sdp_term *a = arg(w, t, 0);
    int k = axis(a, arg(w, t, i)->text);
    if (!sdp_numpy_has_axis(w, t, i)) return false;
    sdp_dim left = rank(a) == 1 ? SDP_DIM_ONE : k == 1 ? a->shape.cols : a->shape.rows;
    t->shape = (sdp_shape){left, SDP_DIM_ONE};
    return true;
}

// All shapes are known: the axes -1 and -2 become those they mean.
void sdp_numpy_settle(sdp_terms *w)
{
    for (uint32_t i = 0; i < w->n; i++) {
        sdp_term *t = &w->t[i];
        uint32_t k = t->kind == SYN_CALL && sdp_is_numpy(t) && t->nargs
                         ? (t->op == SDP_OP_size ? 1 : sdp_axis_argument(w, t))
                         : 0;
        bool reduces = k && (sdp_shape_rules[sdp_ops[t->op].shape].traits & SDP_ALONG);
        if (reduces && arg(w, t, k)->kind == SYN_NUMBER)
            w->t[t->arg[k]].text = axis(arg(w, t, 0), arg(w, t, k)->text) == 2 ? "2" : "1";
    }
}

// Refuses arrays that other rules would take for a vector, but that have two axes in NumPy.
bool sdp_numpy_guard(sdp_terms *w, const sdp_term *t)
{
    for (uint32_t i = 0; i < t->nargs && (!strcmp(t->text, "(2d)") || !strcmp(t->text, "(hstack)")); i++) {
        // a name that nobody declared is put there as an array, A as a matrix
        const sdp_term *a = arg(w, t, i);
        if (a->kind == SYN_NAME && a->var != UINT32_MAX && !w->g->var[a->var].declared &&
            rank(a) < 1 + sdp_is_matrix_name(a->text))
            return sdp_wrong(w, t, i, i,
                             sdp_printf(&w->g->base, "is '%s' a number, a vector or a matrix?", a->text),
                             sdp_printf(&w->g->base,
                                        "say which: -d '%s: scalar', -d '%s: vector' or -d '%s: matrix'",
                                        a->text, a->text, a->text));
    }
    if (sdp_shape_rules[sdp_ops[t->op].shape].traits & SDP_BOTH) return true;
    for (uint32_t i = 0; i < t->nargs; i++) {
        const sdp_term *a = arg(w, t, i);
        bool joined = !strcmp(t->text, "vcat") || !strcmp(t->text, "hcat"),
             stacked = t->text[0] == '(' && (t->op == SDP_OP_row || t->op == SDP_OP_bracket);
        if (!strcmp(t->text, "(hstack)") && (rank(a) == 2) != (rank(arg(w, t, 0)) == 2))
            return sdp_wrong(w, t, 0, i, "these arrays cannot be joined",
                             "np.hstack takes vectors and numbers, or matrices; x[:,None] is a column");
        if (stacked) continue;
        if (joined && (rank(a) != rank(arg(w, t, 0)) || rank(a) < (t->text[0] == 'v' ? 1 : 2)))
            return sdp_wrong(w, t, 0, i, "these arrays cannot be joined along this axis",
                             "np.concatenate takes vectors, or matrices with axis=0 or axis=1");
        if (joined) continue;
        bool entry = (t->op == SDP_OP_row || t->op == SDP_OP_bracket) && a->op != SDP_OP_row && rank(a);
        if (entry)
            return sdp_wrong(w, t, i, i, "an entry of np.array must be a number",
                             "np.array([1, 2]) and np.array([[1, 2], [3, 4]]) are made of numbers");
        bool row = rank(a) == 2 && !sdp_is_matrix(a->shape) && a->op != SDP_OP_row;
        if (row)
            return sdp_wrong(w, t, i, i, "a row or column of two axes has no meaning here",
                             "without keepdims, x[:,None] or x[None,:] it has one axis");
    }
    bool mixed = t->op == SDP_OP_kron && rank(arg(w, t, 0)) != rank(arg(w, t, 1)) && rank(arg(w, t, 0)) &&
                 rank(arg(w, t, 1));
    return !mixed || sdp_wrong(w, t, 0, 1, "np.kron of a vector and a matrix is not supported",
                               "make the vector a matrix first");
}

// Argument i of a term that is element by element, with all the axes of the value.
sdp_id sdp_numpy_stretch(sdp_terms *w, const sdp_term *t, uint32_t i)
{
    const sdp_term *a = arg(w, t, i);
    sdp_graph *g = w->g;
    bool entrywise = sdp_shape_rules[sdp_ops[t->op].shape].guess == SDP_GUESS_MOST;
    if (!sdp_is_matrix(t->shape) || sdp_get(g, a->node)->order != 1 || !entrywise) return a->node;
    bool column = a->column;
    sdp_dim n = column ? t->shape.cols : t->shape.rows;
    sdp_id ones = sdp_broadcast(g, SDP_ID_ONE, 1, &n);
    return sdp_es(g, SDP_NUM_ONE, "i,j->ij", column ? a->node : ones, column ? ones : a->node);
}

// Is a, the first operand of the sum t, to be repeated along an axis?
bool sdp_numpy_broadcasts(const sdp_terms *w, const sdp_term *t)
{
    return sdp_is_numpy(t) && sdp_is_matrix(t->shape) && !sdp_is_matrix(arg(w, t, 0)->shape);
}

// The shape of a as the left factor of t: a vector is a row there.
sdp_shape sdp_numpy_left(const sdp_term *t, const sdp_term *a)
{
    bool row = sdp_is_numpy(t) ? rank(a) == 1
                               : sdp_is_dotted(t) && sdp_is_scalar(t->shape) && a->shape.cols == SDP_DIM_ONE;
    return row ? (sdp_shape){a->shape.cols, a->shape.rows} : a->shape;
}

// The operation as the evidence of numbers sees it: a*b, a/b and a**b say nothing about a and b; a@b is no
// product of numbers.
int sdp_numpy_arithmetic(const sdp_term *t)
{
    if (!sdp_is_numpy(t)) return t->op;
    return t->op == SDP_OP_emul   ? SDP_OP_mul
           : t->op == SDP_OP_ediv ? SDP_OP_div
           : t->op == SDP_OP_epow ? SDP_OP_pow_
           : t->op == SDP_OP_mul  ? 0
                                  : t->op;
}

// By term: does it stand beside a measure, perhaps inside functions of each entry, or elsewhere?
sdp_numpy_place *sdp_numpy_places(const sdp_terms *w, const bool *measure)
{
    sdp_numpy_place *place = sdp_scratch(&w->g->base, (w->n + (size_t)1) * sizeof *place);
    bool *has = sdp_scratch(&w->g->base, w->n + (size_t)1), *map = sdp_scratch(&w->g->base, w->n + (size_t)1);
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        map[i] = t->kind == SYN_CALL && sdp_ops[t->op].shape == SDP_SHAPE_map;
        has[i] = measure[i] && !map[i];
        for (uint32_t k = 0; map[i] && k < t->nargs; k++) has[i] |= has[t->arg[k]];
    }
    for (uint32_t i = w->n; i-- > 0;) {
        const sdp_term *t = &w->t[i];
        for (uint32_t k = 0; k < t->nargs; k++) {
            bool beside =
                map[i] && ((place[i].beside && !place[i].elsewhere) || (t->nargs == 2 && has[t->arg[1 - k]]));
            *(beside ? &place[t->arg[k]].beside : &place[t->arg[k]].elsewhere) = true;
        }
    }
    return place;
}
