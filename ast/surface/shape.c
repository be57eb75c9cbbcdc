// SPDX-License-Identifier: MIT
// The shape rules: one function per row of shapes.def, each a few equations between dimensions. Here are
// those of arithmetic and of functions of matrices, and the loop over all terms (sdp_shapes).
//
// Every variable already has a kind (scalar, vector, matrix): an axis that is not there has the dimension 1,
// one that is there is never 1. So a rule only asks whether an axis exists and unifies sizes; what fails is
// recorded in the terms (bad, other, message) for the search in infer.c or for the user.
#include <stdio.h>

#include "ast/surface/habit.h"
#include "ast/surface/shape.h"

bool sdp_rule_map(sdp_terms *w, sdp_term *t)
{
    if (sdp_is_numpy(t)) return sdp_numpy_map(w, t);
    t->shape = scalar_shape;
    uint32_t wide = UINT32_MAX;
    for (uint32_t i = 0; i < t->nargs; i++) {
        sdp_shape s = shape(w, t, i);
        if (sdp_is_scalar(s)) continue;
        if (wide == UINT32_MAX) {
            wide = i;
            t->shape = s;
        } else if (!same_shape(w, t->shape, s)) {
            const char *verb = t->op == SDP_OP_add ? "add" : t->op == SDP_OP_sub ? "subtract" : "combine";
            bool minus = t->op == SDP_OP_sub;
            bool transposed = t->shape.rows == s.cols || (sdp_is_vector(t->shape) && sdp_is_vector(s));
            return sdp_wrong(
                w, t, wide, i,
                minus ? clash(w, verb, s, "from", t->shape) : clash(w, verb, t->shape, "and", s),
                transposed
                    ? "is a transpose missing?"
                    : "only a scalar is added to every entry; ones(m)*x' and x*ones(n)' repeat a vector");
        }
    }
    return true;
}

// max(a, b): element-wise (max(x) is maxof)
bool sdp_rule_max(sdp_terms *w, sdp_term *t) { return sdp_rule_map(w, t); }

// Was the product typed with a dot, u·v or u \\cdot v?
bool sdp_is_dotted(const sdp_term *t)
{
    static const char *const dots[] = {"·", "⋅", "\\cdot"};
    const char *op = t->tree->source + t->at.begin;
    bool dotted = false;
    for (size_t k = 0; k < sizeof dots / sizeof *dots; k++) dotted |= !strncmp(op, dots[k], strlen(dots[k]));
    return dotted && t->kind == SYN_CALL && t->op == SDP_OP_mul;
}

// A column that may be a factor of an inner product. A capital letter that nobody
// declared is sooner a matrix: X·t.
static bool is_dot_factor(const sdp_terms *w, const sdp_term *x)
{
    bool column = x->shape.cols == SDP_DIM_ONE && x->shape.rows != SDP_DIM_ONE;
    bool guess = x->kind == SYN_NAME && x->var != UINT32_MAX && w->g->var[x->var].inferred;
    return column && !(guess && sdp_is_matrix_name(x->text));
}

bool sdp_rule_product(sdp_terms *w, sdp_term *t)
{
    if (sdp_is_numpy(t)) return sdp_numpy_product(w, t);
    sdp_shape a = shape(w, t, 0), b = shape(w, t, 1);
    if (sdp_is_scalar(a) || sdp_is_scalar(b)) {
        t->shape = sdp_is_scalar(a) ? b : a;
        return true;
    }
    if (is_dot_factor(w, arg(w, t, 0)) && is_dot_factor(w, arg(w, t, 1)) && sdp_is_dotted(t)) {
        t->shape = scalar_shape;
        return same_dim(w, a.rows, b.rows) || sdp_wrong(w, t, 0, 1, clash(w, "multiply", a, "by", b),
                                                        "an inner product is of vectors of one length");
    }
    if (!same_dim(w, a.cols, b.rows)) {
        sdp_dim ac = sdp_dim_resolve(w->g, a.cols), br = sdp_dim_resolve(w->g, b.rows);
        const char *message = clash(w, "multiply", a, "by", b);
        if (ac != SDP_DIM_ONE && br != SDP_DIM_ONE)
            message = sdp_printf(&w->g->base, "%s: %s and %s differ", message, sdp_dim_text(w->g, ac),
                                 sdp_dim_text(w->g, br));
        bool both = sdp_is_vector(a) && sdp_is_vector(b) && a.cols == b.cols;
        return sdp_wrong(w, t, 0, 1, message,
                         both ? "x'*y is the inner product, x*y' the outer, x.*y element by element"
                         : same_dim(w, a.rows, b.rows) || same_dim(w, a.cols, b.cols)
                             ? "is a transpose missing?"
                             : "the first must have as many columns as the second has rows");
    }
    t->shape = (sdp_shape){a.rows, b.cols};
    return true;
}

bool sdp_rule_quotient(sdp_terms *w, sdp_term *t)
{
    sdp_shape a = shape(w, t, 0), b = shape(w, t, 1);
    t->shape = a;
    if (sdp_is_scalar(b)) return true;
    if (!sdp_is_matrix(b) || !same_dim(w, b.rows, b.cols))
        return sdp_wrong(w, t, 1, 0, sdp_printf(&w->g->base, "cannot divide by %s", sdp_shape_text(w->g, b)),
                         "./ divides element by element");
    if (sdp_is_scalar(a))
        return sdp_wrong(w, t, 0, 1, clash(w, "divide", a, "by", b), "s*inv(A) is a matrix");
    return same_dim(w, a.cols, b.cols) || sdp_wrong(w, t, 0, 1, clash(w, "divide", a, "by", b),
                                                    "b/A is b*inv(A): b has as many columns as A");
}

bool sdp_rule_solve(sdp_terms *w, sdp_term *t)
{
    sdp_shape a = shape(w, t, 0), b = shape(w, t, 1);
    t->shape = b;
    if (sdp_is_scalar(a)) return true;
    if (!sdp_is_matrix(a) || !same_dim(w, a.rows, a.cols))
        return sdp_wrong(w, t, 0, 1,
                         sdp_printf(&w->g->base, "A\\b needs a square A, not %s", sdp_shape_text(w->g, a)),
                         "of least squares: pinv(A)*b");
    return same_dim(w, a.rows, b.rows) ||
           sdp_wrong(w, t, 0, 1, clash(w, "solve", a, "for", b), "A\\b is inv(A)*b: b has as many rows as A");
}

bool sdp_rule_power(sdp_terms *w, sdp_term *t)
{
    sdp_shape a = shape(w, t, 0);
    t->shape = a;
    const sdp_term *base = &w->t[t->arg[0]];
    sdp_shape e = shape(w, t, 1);
    if (base->kind == SYN_NAME && base->op == SDP_OP_e && sdp_is_matrix(e)) { // e^A is expm(A): doubt.c
        t->shape = e;
        return same_dim(w, e.rows, e.cols) || sdp_wrong(w, t, 1, 0, "only a square matrix has an exponential",
                                                        "exp(X) is taken entry by entry");
    }
    if (t->entrywise && scalar(w, t, 1) &&
        (sdp_is_vector(a) ||
         (sdp_is_matrix(a) && sdp_dim_resolve(w->g, a.rows) != sdp_dim_resolve(w->g, a.cols))))
        return true;
    if (!scalar(w, t, 1))
        return sdp_wrong(w, t, 1, 0, "the exponent of ^ must be a scalar", ".^ is the element-wise power");
    if (sdp_is_scalar(a)) return true;
    if (!sdp_is_matrix(a))
        return sdp_wrong(w, t, 0, 0,
                         sdp_printf(&w->g->base, "cannot raise %s to a power", sdp_shape_text(w->g, a)),
                         ".^ is the element-wise power, norm(x)^2 or x'*x the squared length");
    return same_dim(w, a.rows, a.cols) ||
           sdp_wrong(w, t, 0, 0,
                     sdp_printf(&w->g->base, "only a square matrix has powers, not %s",
                                sdp_shape_text(w->g, a)),
                     ".^ is the element-wise power");
}

bool sdp_rule_axes(sdp_terms *w, sdp_term *t) { return sdp_numpy_axes(w, t); }

bool sdp_rule_transpose(sdp_terms *w, sdp_term *t)
{
    if (sdp_is_numpy(t)) return sdp_numpy_transpose(w, t);
    sdp_shape a = shape(w, t, 0);
    t->shape = (sdp_shape){a.cols, a.rows};
    return true;
}

bool sdp_rule_scalar(sdp_terms *w, sdp_term *t)
{
    (void)w;
    t->shape = scalar_shape;
    return true;
}

bool sdp_rule_square(sdp_terms *w, sdp_term *t)
{
    sdp_shape a = t->shape = shape(w, t, 0);
    if (sdp_is_scalar(a) || (sdp_is_matrix(a) && same_dim(w, a.rows, a.cols))) return true;
    return sdp_wrong(w, t, 0, 0,
                     sdp_printf(&w->g->base, "%s needs a square matrix, not %s", sdp_ops[t->op].name,
                                sdp_shape_text(w->g, a)),
                     sdp_is_vector(a) ? "diag(x) and x*x' are square"
                                      : "X'*X and X*X' are square; pinv(X) is there for every X");
}

bool sdp_rule_square_scalar(sdp_terms *w, sdp_term *t)
{
    bool ok = sdp_rule_square(w, t);
    t->shape = scalar_shape;
    return ok;
}

bool sdp_rule_bars(sdp_terms *w, sdp_term *t)
{
    t->shape = shape(w, t, 0);
    return !sdp_is_matrix(t->shape) || sdp_rule_square_scalar(w, t);
}

bool sdp_rule_matrix(sdp_terms *w, sdp_term *t)
{
    t->shape = shape(w, t, 0);
    return sdp_is_matrix(t->shape) ||
           sdp_wrong(w, t, 0, 0,
                     sdp_printf(&w->g->base, "%s needs a matrix, not %s", sdp_ops[t->op].name,
                                sdp_shape_text(w->g, t->shape)),
                     "diag(x) is the matrix with the vector x as its diagonal");
}

bool sdp_rule_square_function(sdp_terms *w, sdp_term *t) { return sdp_rule_square(w, t); }
bool sdp_rule_symmetric(sdp_terms *w, sdp_term *t) { return sdp_rule_square(w, t); }
bool sdp_rule_symmetric_scalar(sdp_terms *w, sdp_term *t) { return sdp_rule_square_scalar(w, t); }
bool sdp_rule_matrix_scalar(sdp_terms *w, sdp_term *t) { return sdp_rule_scalar(w, t); }
bool sdp_rule_pinv(sdp_terms *w, sdp_term *t) { return sdp_rule_transpose(w, t); }

// A*X + X*B = C: a number in the place of A or B leaves one axis
bool sdp_rule_sylvester(sdp_terms *w, sdp_term *t)
{
    sdp_shape c = shape(w, t, 2);
    sdp_dim side[2] = {c.rows, c.cols};
    for (uint32_t i = 0; i < 2; i++) {
        sdp_shape a = shape(w, t, i);
        if (!sdp_is_scalar(a) && (!sdp_is_matrix(a) || !same_dim(w, a.rows, a.cols)))
            return sdp_wrong(w, t, i, i,
                             sdp_printf(&w->g->base, "sylvester needs a square matrix, not %s",
                                        sdp_shape_text(w->g, a)),
                             "sylvester(A,B,C) is the X with A*X + X*B = C");
        if ((a.rows == SDP_DIM_ONE) != (side[i] == SDP_DIM_ONE) || !same_dim(w, a.rows, side[i]))
            return sdp_wrong(w, t, i, 2,
                             clash(w, "solve A*X + X*B = C with", a, i ? "for B and C of" : "for A and C of",
                                   c),
                             "C has as many rows as A, and as many columns as B");
    }
    t->shape = c;
    return true;
}

bool sdp_rule_conv(sdp_terms *w, sdp_term *t)
{
    sdp_shape a = shape(w, t, 0), b = shape(w, t, 1);
    if (t->nargs == 3 && strcmp(w->t[t->arg[2]].text, "full"))
        return sdp_wrong(w, t, 2, 2, "only the full convolution is supported",
                         "take a part of it: conv(a,b)[2:4]");
    if (sdp_is_matrix(a) || sdp_is_matrix(b))
        return sdp_wrong(w, t, sdp_is_matrix(a) ? 0 : 1, 0, "conv needs vectors", "vec(X) is one");
    t->shape = sdp_is_scalar(a) ? b : a;
    if (!sdp_is_vector(a) || !sdp_is_vector(b)) return true;
    sdp_dim *n = a.cols == SDP_DIM_ONE ? &t->shape.rows : &t->shape.cols,
            other = b.cols == SDP_DIM_ONE ? b.rows : b.cols;
    *n = sdp_dim_add(w->g, sdp_dim_add(w->g, *n, other), sdp_dim_int(w->g, -1));
    return true;
}

// u has one entry for each in the full convolution of y and the result.
bool sdp_rule_correlate(sdp_terms *w, sdp_term *t)
{
    sdp_shape a = shape(w, t, 0), b = shape(w, t, 1);
    long n;
    if (sdp_is_matrix(a) || sdp_is_matrix(b))
        return sdp_wrong(w, t, sdp_is_matrix(a) ? 0 : 1, 0, "correlate needs vectors", "vec(X) is one");
    t->shape = sdp_is_scalar(a) ? b : a;
    if (sdp_is_scalar(a) && !sdp_is_scalar(b))
        return sdp_wrong(w, t, 0, 1, "the second vector of correlate is not to be longer than the first",
                         "correlate(u,b) moves b along u; conv(a,b) takes any two");
    if (sdp_is_scalar(b)) return true;
    sdp_dim size = a.cols == SDP_DIM_ONE ? a.rows : a.cols, other = b.cols == SDP_DIM_ONE ? b.rows : b.cols;
    sdp_dim left =
        sdp_dim_add(w->g, sdp_dim_resolve(w->g, size),
                    sdp_dim_add(w->g, sdp_dim_neg(w->g, sdp_dim_resolve(w->g, other)), SDP_DIM_ONE));
    if (sdp_dim_long(w->g, left, &n) && n < 1)
        return sdp_wrong(w, t, 0, 1, "the second vector of correlate is not to be longer than the first",
                         "correlate(u,b) moves b along u; conv(a,b) takes any two");
    *(a.cols == SDP_DIM_ONE ? &t->shape.rows : &t->shape.cols) = left;
    return true;
}

bool sdp_rule_diag(sdp_terms *w, sdp_term *t)
{
    sdp_shape a = shape(w, t, 0);
    sdp_dim n = a.rows == SDP_DIM_ONE ? a.cols : a.rows;
    t->shape = sdp_is_vector(a) ? (sdp_shape){n, n} : (sdp_shape){a.rows, SDP_DIM_ONE};
    if (!sdp_is_matrix(a) || same_dim(w, a.rows, a.cols)) return true;
    return sdp_wrong(w, t, 0, 0,
                     sdp_printf(&w->g->base, "diag needs a vector or a square matrix, not %s",
                                sdp_shape_text(w->g, a)),
                     "X[i,i] is one entry of it");
}

bool sdp_rule_vec(sdp_terms *w, sdp_term *t)
{
    sdp_shape a = shape(w, t, 0);
    t->shape = (sdp_shape){sdp_dim_mul(w->g, a.rows, a.cols), SDP_DIM_ONE};
    sdp_dim_made_of(w->g, t->shape.rows, 2, (sdp_dim[]){a.cols, a.rows}); // that of kron(x,y) for y*x'
    return true;
}

bool sdp_rule_kron(sdp_terms *w, sdp_term *t)
{
    sdp_shape a = shape(w, t, 0), b = shape(w, t, 1);
    t->shape = (sdp_shape){sdp_dim_mul(w->g, a.rows, b.rows), sdp_dim_mul(w->g, a.cols, b.cols)};
    sdp_dim_made_of(w->g, t->shape.rows, 2, (sdp_dim[]){a.rows, b.rows});
    sdp_dim_made_of(w->g, t->shape.cols, 2, (sdp_dim[]){a.cols, b.cols});
    return true;
}

// Returns the size that a term means, e.g. 2*n. Returns SDP_DIM_NONE if it is no size.
static sdp_dim size_of(sdp_terms *w, const sdp_term *t)
{
    sdp_graph *g = w->g;
    sdp_dim number;
    if (t->kind == SYN_NUMBER && sdp_dim_parse(g, t->text, &number)) return number;
    if (sdp_is_end(w, t)) return sdp_dim_fresh(g); // shape_index knows of what
    if (t->kind == SYN_NAME && t->is_dim) return sdp_dim_soft(g, t->text);
    if (t->kind != SYN_CALL || !t->is_dim || t->nargs != 2) return SDP_DIM_NONE;
    sdp_dim a = w->t[t->arg[0]].size, b = w->t[t->arg[1]].size;
    if (a == SDP_DIM_NONE || b == SDP_DIM_NONE) return SDP_DIM_NONE;
    return t->op == SDP_OP_add   ? sdp_dim_add(g, a, b)
           : t->op == SDP_OP_mul ? sdp_dim_mul(g, a, b)
                                 : sdp_dim_add(g, a, sdp_dim_neg(g, b));
}

static bool sized(sdp_terms *w, const sdp_term *t, uint32_t i, sdp_dim *d)
{
    long v;
    *d = sdp_term_dim(w, t->arg[i]);
    return !sdp_dim_long(w->g, *d, &v) || v >= 1 ||
           sdp_wrong(w, t, i, i, "a size must be at least 1", "rows and columns are counted from 1");
}

bool sdp_rule_ones(sdp_terms *w, sdp_term *t)
{
    t->shape = scalar_shape;
    if (t->nargs == 0) return true;
    return sized(w, t, 0, &t->shape.rows) && (t->nargs < 2 || sized(w, t, 1, &t->shape.cols));
}

bool sdp_rule_reshape(sdp_terms *w, sdp_term *t)
{
    sdp_shape a = shape(w, t, 0);
    if (!sized(w, t, 1, &t->shape.rows) || !sized(w, t, 2, &t->shape.cols)) return false;
    if (same_dim(w, sdp_dim_mul(w->g, a.rows, a.cols), sdp_dim_mul(w->g, t->shape.rows, t->shape.cols)))
        return true;
    return sdp_wrong(w, t, 0, 1, clash(w, "reshape", a, "to", t->shape),
                     "the result has as many entries as the first");
}

bool sdp_rule_eye(sdp_terms *w, sdp_term *t)
{
    t->shape.rows = t->shape.cols = t->nargs ? SDP_DIM_ONE : sdp_dim_fresh(w->g);
    if (t->nargs && !sized(w, t, 0, &t->shape.rows)) return false;
    t->shape.cols = t->shape.rows;
    return t->nargs < 2 || sized(w, t, 1, &t->shape.cols);
}

bool sdp_rule_fillvec(sdp_terms *w, sdp_term *t)
{
    t->shape = (sdp_shape){sdp_dim_fresh(w->g), SDP_DIM_ONE};
    return scalar(w, t, 0) ||
           sdp_wrong(w, t, 0, 0, "vector(c) and matrix(c) are filled with a scalar",
                     "vector(1) and matrix(1) take their shape from what is around them; ones(n), ones(m,n)");
}

bool sdp_rule_fillmat(sdp_terms *w, sdp_term *t)
{
    t->shape = (sdp_shape){sdp_dim_fresh(w->g), sdp_dim_fresh(w->g)};
    return scalar(w, t, 0) ||
           sdp_wrong(w, t, 0, 0, "vector(c) and matrix(c) are filled with a scalar",
                     "vector(1) and matrix(1) take their shape from what is around them; ones(n), ones(m,n)");
}

// D111_f(x) has no shape: what uses it must take its entries.
static bool refuse_tensors(sdp_terms *w, const sdp_term *t)
{
    sdp_shape s;
    for (uint32_t i = 0; i < t->nargs; i++) {
        const sdp_term *a = &w->t[t->arg[i]];
        if (!a->called || sdp_derivative_shape(w->g, a->called, &s) ||
            (t->kind == SYN_CALL && t->op == SDP_OP_index && i == 0))
            continue;
        return sdp_wrong(w, t, i, i,
                         sdp_printf(&w->g->base, "'%s' has %d axes", a->text,
                                    sdp_derivative_axes(w->g, a->called)),
                         sdp_printf(&w->g->base,
                                    "only its entries have a place: dF[i]/dx[j] = sum_k(%s(x)[i,j,k])",
                                    a->text));
    }
    return true;
}

static sdp_rule *const rules[SDP_SHAPES] = {
#define RULE(id, ...) [SDP_SHAPE_##id] = sdp_rule_##id,
#include "ast/graph/shapes.def"
};

bool sdp_shapes(sdp_terms *w)
{
    sdp_index_reset(w);
    for (uint32_t i = 0; i < w->n; i++) {
        sdp_term *t = &w->t[i];
        t->shape = scalar_shape;
        t->column = false;
        t->size = size_of(w, t);
        if (t->kind == SYN_NAME && t->var != UINT32_MAX) t->shape = w->g->var[t->var].shape;
        if (!refuse_tensors(w, t) || (t->kind == SYN_CALL && !sdp_options_fit(w, t)) ||
            (t->kind == SYN_CALL && !rules[sdp_ops[t->op].shape](w, t)))
            return false;
        if (t->kind == SYN_CALL && sdp_is_numpy(t) && !sdp_numpy_guard(w, t)) return false;
        if (t->kind == SYN_INDEXED && !sdp_index_shape(w, t)) return false;
    }
    sdp_shape unused;
    const sdp_term *root = &w->t[w->root];
    if (root->called && !sdp_derivative_shape(w->g, root->called, &unused)) {
        w->bad = w->other = w->root;
        w->message =
            sdp_printf(&w->g->base, "'%s' has %d axes", root->text, sdp_derivative_axes(w->g, root->called));
        w->hint = "ask for a derivative of the function: --order 3";
        return false;
    }
    if (sdp_dim_settled(w->g)) return true;
    w->bad = w->other = w->root;
    w->message = "the sizes do not determine each other";
    w->hint = "declare the shapes";
    return false;
}
