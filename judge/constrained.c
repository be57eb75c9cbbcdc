// SPDX-License-Identifier: MIT
// Stationary points on a set: where the gradient is a combination of the gradients of what must be 0.
//
//   A*x = b           gradient H*x + g0 with a definite H: x = inv(H)*(A'*nu - g0),
//                     nu = inv(A*inv(H)*A')*(b + A*inv(H)*g0); else the block system [H, A'; A, 0]
//   norm(x) = 1       x'*S*x: the eigenvectors of S; said, not computed. c'*x: -c/norm(c)
//   simplex           a*sum(x.*log(x)) + c'*x: softmax(-c/a); -c'*log(x), c > 0: c/sum(c); c'*x: a corner;
//                     sum(d.*x.^2)/2 + c'*x: relu(-(c+nu)./d); else, of what is convex, the conditions of
//                     Karush, Kuhn and Tucker
//   Q'*Q = eye(n)     tr(C'*Q): -polar(C)
#include <string.h>

#include "judge/solve.h"

static uint32_t facts_of(const sdp_problem *p) { return p->g->var[p->var].facts | p->given; }

enum { // declared properties that the closed forms below do not know of together
    SIGNS = SDP_NONNEG | SDP_POSITIVE,
    SETS = SIGNS | SDP_UNIT | SDP_SIMPLEX | SDP_ORTHOGONAL,
    SHAPES = SDP_SYMMETRIC | SDP_DIAGONAL | SDP_PSD | SDP_POSDEF | SDP_TRI_LOWER | SDP_TRI_UPPER
};

static const char *const unique = "the gradient has equal entries there, and the function is strictly";

bool sdp_is_constrained(const sdp_problem *p)
{
    return p->constraint ||
           (facts_of(p) & (SDP_UNIT | SDP_SIMPLEX | SDP_ORTHOGONAL | SDP_ONEHOT | SDP_INTEGER));
}

// ---- affine sets ------------------------------------------------------------------------------------------
typedef struct {
    sdp_id h, g0, a, c0;
    bool row;
} affine; // grad = h*x + g0, constraint = a*x + c0; row: one equation, a is a vector

static sdp_id times_inverse(sdp_graph *g, sdp_id h, sdp_id v)
{
    return sdp_simplify(g, sdp_es(g, SDP_NUM_ONE, "ij,j->i", sdp_inverse(g, h), v));
}

// x = inv(H)*(A'*nu - g0); A*x + c0 = 0 gives nu.
static sdp_id by_elimination(sdp_graph *g, const affine *w)
{
    sdp_id at = sdp_transpose(g, w->a),
           free = times_inverse(g, w->h, w->g0); // minus the point without the constraint
    if (w->row) {
        sdp_id d = times_inverse(g, w->h, w->a), s = sdp_es(g, SDP_NUM_ONE, "i,i->", w->a, d);
        sdp_id nu = sdp_times(g, sdp_sub(g, sdp_es(g, SDP_NUM_ONE, "i,i->", w->a, free), w->c0),
                              sdp_power_num(g, s, SDP_NUM_MINUS_ONE));
        return sdp_sub(g, sdp_times(g, nu, d), free);
    }
    sdp_id d = sdp_simplify(g, sdp_es(g, SDP_NUM_ONE, "ij,jk->ik", sdp_inverse(g, w->h), at)),
           s = sdp_es(g, SDP_NUM_ONE, "ij,jk->ik", w->a, d);
    sdp_id nu = sdp_es(g, SDP_NUM_ONE, "ij,j->i", sdp_inverse(g, sdp_simplify(g, s)),
                       sdp_sub(g, sdp_es(g, SDP_NUM_ONE, "ij,j->i", w->a, free), w->c0));
    return sdp_sub(g, sdp_es(g, SDP_NUM_ONE, "ij,j->i", d, nu), free);
}

// Is the gradient at x in the row space of A, and the constraint met? grad +
// A'*nu = 0 for nu = -inv(A*A')*A*grad.
static bool is_stationary(sdp_problem *p, const affine *w, sdp_id x)
{
    sdp_graph *g = p->g;
    sdp_id met = sdp_substitute(g, p->constraint, 1, &p->x, &x),
           grad = sdp_substitute(g, p->grad, 1, &p->x, &x), rest;
    if (!sdp_is_identically_zero(g, met)) return false;
    if (w->row) {
        sdp_id nu =
            sdp_times(g, sdp_es(g, SDP_NUM_ONE, "i,i->", w->a, grad),
                      sdp_power_num(g, sdp_es(g, SDP_NUM_ONE, "i,i->", w->a, w->a), SDP_NUM_MINUS_ONE));
        rest = sdp_sub(g, grad, sdp_times(g, nu, w->a));
    } else {
        sdp_id gram = sdp_es(g, SDP_NUM_ONE, "ij,kj->ik", w->a, w->a),
               nu = sdp_es(g, SDP_NUM_ONE, "ij,jk,k->i", sdp_inverse(g, gram), w->a, grad);
        rest = sdp_sub(g, grad, sdp_es(g, SDP_NUM_ONE, "ij,i->j", w->a, nu));
    }
    return sdp_is_identically_zero(g, rest);
}

static void tell_system(sdp_problem *p, const affine *w)
{
    sdp_graph *g = p->g;
    sdp_tell(p, "solves ", sdp_simplify(g, p->grad), "");
    sdp_tell(p, w->row ? " + nu*" : " + ", w->row ? w->a : sdp_transpose(g, w->a),
             w->row ? " = 0 and " : "*nu = 0 and ");
    sdp_tell(p, "", p->constraint, " = 0\n");
}

static void tell_kind(sdp_problem *p, const affine *w)
{
    sdp_curve_verdict v = sdp_verdict_on(p->c, p->expr, p->wrt, 1);
    bool definite = sdp_has(p->g, w->h, SDP_POSDEF) || sdp_has(p->g, sdp_negated(p->g, w->h), SDP_POSDEF);
    const char *kind = v.convex ? "minimum" : "maximum", *is = v.convex ? "convex" : "concave";
    if (!v.convex && !v.concave) sdp_put(&p->text, "a stationary point on this set\n");
    else if (definite)
        sdp_putf(&p->text, "the only %s on this set%s: the Hessian is definite\n", kind, v.condition);
    else sdp_putf(&p->text, "a %s on this set%s: the function is %s\n", kind, v.condition, is);
}

static void on_affine_set(sdp_problem *p)
{
    sdp_graph *g = p->g;
    affine w;
    if (sdp_get(g, p->x)->order != 1 || sdp_get(g, p->constraint)->order > 1 ||
        !sdp_affine_in(g, p->constraint, p->x, &w.a, &w.c0)) {
        sdp_put(&p->text, "no closed form found: the constraint is not A*x == b with a vector x\n");
        return;
    }
    w.row = sdp_get(g, p->constraint)->order == 0;
    if (!sdp_affine_in(g, p->grad, p->x, &w.h, &w.g0)) {
        sdp_put(&p->text, sdp_depends(g, p->grad, p->x)
                              ? "no closed form found: the gradient is not affine\n"
                              : "no closed form found: the gradient is the same everywhere\n");
        tell_system(p, &w);
        return;
    }
    sdp_id x = by_elimination(g, &w);
    if (!is_stationary(p, &w, x)) {
        sdp_put(&p->text, "no closed form found\n");
        tell_system(p, &w);
        return;
    }
    p->answer = sdp_simplify(g, x);
    tell_kind(p, &w);
    sdp_tell_validity_of_answer(p, p->answer);
    tell_system(p, &w);
}

// ---- declared sets ----------------------------------------------------------------------------------------
static void on_sphere(sdp_problem *p)
{
    sdp_graph *g = p->g;
    sdp_id h, g0;
    if (!sdp_depends(g, p->grad, p->x)) { // c'*x
        p->answer =
            sdp_simplify(g,
                         sdp_negated(g, sdp_times(g, p->grad,
                                                  sdp_power_num(g, sdp_prim(g, SDP_OP_norm, 1, &p->grad, 1),
                                                                SDP_NUM_MINUS_ONE))));
        sdp_put(&p->text, "the minimum on the unit sphere; the maximum is its negative\n");
        sdp_tell_validity_of_answer(p, p->answer);
    } else if (sdp_affine_in(g, p->grad, p->x, &h, &g0) && sdp_is_zero(g, g0)) {
        sdp_id s = sdp_simplify(g, sdp_scale(g, SDP_NUM_HALF, h));
        p->said = true;
        sdp_tell(p, "the stationary points on the unit sphere are the eigenvectors of ", s, "\n");
        sdp_put(&p->text, "the value there is the eigenvalue: the minimum belongs to the smallest one, the "
                          "maximum to the largest\n");
        sdp_tell(p, "the largest value is lambda_max of ", s, "\n");
    } else sdp_put(&p->text, "no closed form found on the unit sphere\n");
}

// Are all entries of the gradient at the answer the same number?
static bool has_equal_entries(sdp_problem *p, sdp_id answer)
{
    sdp_graph *g = p->g;
    sdp_id scalar, grad = sdp_simplify(g, sdp_substitute(g, p->grad, 1, &p->x, &answer));
    if (sdp_is_broadcast(g, grad, &scalar)) return true;
    const sdp_node *n = sdp_get(g, grad);
    sdp_id mean =
        sdp_times(g, sdp_sum(g, grad, 1), sdp_power_num(g, sdp_dim_value(g, n->dim[0]), SDP_NUM_MINUS_ONE));
    return sdp_is_identically_zero(g, sdp_sub(g, grad, sdp_broadcast(g, mean, 1, n->dim)));
}

static void tell_simplex(sdp_problem *p, sdp_id answer, bool convex)
{
    if (!has_equal_entries(p, answer)) return;
    p->answer = sdp_simplify(p->g, answer);
    sdp_putf(&p->text, "the only %s on the simplex: %s %s\n", convex ? "minimum" : "maximum", unique,
             convex ? "convex" : "concave");
}

// softmax(z); q/sum(q) for z = log(q)
static sdp_id shares_of_logs(sdp_graph *g, sdp_id z)
{
    sdp_id share = sdp_prim(g, SDP_OP_softmax, 1, &z, 1);
    const sdp_node *n = sdp_get(g, share);
    if (n->kind != SDP_PRIM || n->op != SDP_OP_softmax) return share;
    sdp_id e = sdp_map1(g, SDP_OP_exp, n->arg[0]);
    if (sdp_get(g, e)->kind == SDP_MAP && sdp_get(g, e)->op == SDP_OP_exp) return share;
    return sdp_times(g, e, sdp_power_num(g, sdp_sum(g, e, 1), SDP_NUM_MINUS_ONE));
}

// c./x, equal in every entry: x is c divided by its sum. a*log(x) + c: softmax(-c/a).
static void by_logarithms(sdp_problem *p)
{
    sdp_graph *g = p->g;
    const sdp_node *n = sdp_get(g, p->x);
    sdp_id a = 0, h, scalar, one = sdp_ones(g, n->order, n->dim);
    sdp_reverse(g, p->grad, 1, &p->x, &h);
    h = sdp_simplify(g, sdp_es(g, SDP_NUM_ONE, "ij,j->ij", h, p->x)); // a*eye(n)
    bool scaled = !sdp_depends(g, h, p->x) && sdp_is_diagonal_form(g, h, 1) &&
                  sdp_is_broadcast(g, sdp_diagonal_of_form(g, h, 1), &a);
    bool up = scaled && sdp_known_positive(g, a), down = scaled && sdp_known_positive(g, sdp_negated(g, a));
    sdp_id shares = sdp_simplify(g, sdp_times(g, p->grad, p->x));
    bool constant = !sdp_depends(g, shares, p->x),
         falls = constant && sdp_known_positive(g, sdp_negated(g, shares)),
         rises = constant && sdp_known_positive(g, shares);
    if (falls || rises) {
        tell_simplex(p, sdp_times(g, shares, sdp_power_num(g, sdp_sum(g, shares, 1), SDP_NUM_MINUS_ONE)),
                     falls);
        return;
    }
    if (!up && !down) return;
    sdp_id c = sdp_simplify(g, sdp_substitute(g, p->grad, 1, &p->x, &one)); // where log(x) = 0
    sdp_id z = sdp_simplify(g, sdp_negated(g, sdp_times(g, c, sdp_power_num(g, a, SDP_NUM_MINUS_ONE))));
    sdp_id even =
        sdp_broadcast(g, sdp_power_num(g, sdp_dim_value(g, n->dim[0]), SDP_NUM_MINUS_ONE), 1, n->dim);
    tell_simplex(p, sdp_is_broadcast(g, z, &scalar) ? even : shares_of_logs(g, z), up);
}

// c'*x: a unit vector. A quadratic with a positive diagonal d: x = relu(-(c+nu)./d), with a number nu for
// which the sum is 1.
static void by_corners(sdp_problem *p)
{
    sdp_graph *g = p->g;
    sdp_id h, c;
    if (!sdp_depends(g, p->grad, p->x)) {
        p->said = true;
        sdp_tell(p, "the minimum on the simplex is the smallest entry of ", p->grad,
                 ", at the unit vector with its index; the maximum is the largest\n");
        return;
    }
    if (!sdp_affine_in(g, p->grad, p->x, &h, &c) || !sdp_is_diagonal_form(g, h, 1)) return;
    sdp_id d = sdp_simplify(g, sdp_diagonal_of_form(g, h, 1));
    if (!sdp_known_positive(g, d)) return;
    sdp_id nu = sdp_hidden_variable(g, "$nu", 0, NULL, 0);
    const sdp_node *n = sdp_get(g, p->x);
    sdp_id top = sdp_negated(g, sdp_add2(g, c, sdp_broadcast(g, nu, n->order, n->dim)));
    top = sdp_simplify(g, sdp_times(g, top, sdp_power_num(g, d, SDP_NUM_MINUS_ONE)));
    p->said = true;
    sdp_tell(p, "the only minimum on the simplex is ", sdp_map1(g, SDP_OP_relu, top),
             ": the function is strictly convex\n");
    sdp_put(&p->text, "nu is the number for which its sum is 1; the sum falls in nu, so there is one\n");
}

// The conditions of Karush, Kuhn and Tucker, without the multiplier of the signs: it is G-nu.
static void tell_simplex_conditions(sdp_problem *p)
{
    sdp_curve_verdict v = sdp_verdict_on(p->c, p->expr, p->wrt, 1);
    sdp_put(&p->text, "no closed form found on the simplex\n");
    if ((!v.convex && !v.concave) || *v.condition) return;
    const char *name = p->g->var[p->var].name, *letter = sdp_free_letter(p->g, "GHQMS");
    sdp_putf(&p->text,
             "%s is a %s just where, for a number nu, %s = nu where %s > 0 and %s %s nu where %s = 0, with\n",
             name, v.convex ? "minimum" : "maximum", letter, name, letter, v.convex ? ">=" : "<=", name);
    sdp_putf(&p->text, "%s = ", letter);
    sdp_tell(p, "", sdp_simplify(p->g, p->grad), ", the gradient\n");
}

static void on_simplex(sdp_problem *p)
{
    by_logarithms(p);
    if (p->answer || facts_of(p) & SDP_POSITIVE) return; // the corners are no points of x > 0
    by_corners(p);
    if (!p->said) tell_simplex_conditions(p);
}

// ---- sets that an equation describes ----------------------------------------------------------------------
static bool is_same(sdp_graph *g, sdp_id a, sdp_id b) { return sdp_is_identically_zero(g, sdp_sub(g, a, b)); }

// norm(x) == 1 and x'*x == 1, whatever the number on both sides: the unit sphere; sum(x) == 1 for an x that
// the function has as positive: the simplex.
static uint32_t described(sdp_problem *p)
{
    sdp_graph *g = p->g;
    sdp_num content;
    sdp_id a, c0, k, one = sdp_number(g, SDP_NUM_ONE), h, g0, x = p->x;
    if (!p->constraint || sdp_get(g, x)->order != 1 || sdp_get(g, p->constraint)->order) return 0;
    sdp_id c = sdp_without_content(g, sdp_simplify(g, p->constraint), &content);
    sdp_id square = sdp_sub(g, sdp_es(g, SDP_NUM_ONE, "i,i->", x, x), one),
           length = sdp_sub(g, sdp_prim(g, SDP_OP_norm, 1, &x, 1), one);
    for (int sign = 1; sign >= -1; sign -= 2) {
        sdp_id s = sdp_scale(g, sdp_num_int(g, sign), c);
        if (is_same(g, s, square) || is_same(g, s, length)) return SDP_UNIT;
    }
    bool shares =
        sdp_affine_in(g, c, x, &a, &c0) && sdp_is_broadcast(g, a, &k) && is_same(g, c0, sdp_negated(g, k));
    bool inside =
        sdp_depends(g, p->grad, x) && !sdp_affine_in(g, p->grad, x, &h, &g0); // logarithms ask for it
    return shares && (inside || (g->var[p->var].facts & SDP_NONNEG)) ? SDP_SIMPLEX : 0;
}

// Without the terms M*Q and Q*M with symmetric M: they are derivatives of tr(Q'*M*Q) and tr(Q*M*Q'), both
// tr(M) on orthogonal matrices.
static sdp_id on_the_set(sdp_graph *g, sdp_id grad, sdp_id q)
{
    static const char *const product[] = {"ij,jk->ik", "jk,ij->ik"};
    const sdp_node *n = sdp_get(g, grad);
    sdp_id left = 0;
    for (uint32_t i = 0; i < (n->kind == SDP_ADD ? n->nargs : 1); i++) {
        sdp_id t = n->kind == SDP_ADD ? sdp_scale(g, n->coef[i], n->arg[i]) : grad;
        bool constant = false;
        for (int k = 0; k < 2 && sdp_depends(g, t, q) && !constant; k++) {
            sdp_id turned = sdp_transpose(g, q),
                   m = sdp_es(g, SDP_NUM_ONE, product[k], k ? turned : t, k ? t : turned);
            m = sdp_simplify(g, m); // M of M*Q
            constant = !sdp_depends(g, m, q) && sdp_is_symmetric(g, m);
        }
        if (!constant) left = left ? sdp_add2(g, left, t) : t;
    }
    return left ? left : sdp_zeros(g, n->order, n->dim);
}

static void on_orthogonal(sdp_problem *p)
{
    sdp_graph *g = p->g;
    sdp_id q = g->var[p->var].node, grad = sdp_substitute(g, sdp_multiply_out_all(g, p->grad), 1, &p->x, &q);
    grad = sdp_simplify(g, on_the_set(g, grad, q));
    if (sdp_depends(g, grad, q) || sdp_is_zero(g, grad)) {
        sdp_put(&p->text, "no closed form found on orthogonal matrices\n");
        return;
    }
    sdp_id m = sdp_negated(g, grad);
    m = sdp_get(g, m)->kind == SDP_MUL && sdp_num_sign(g, sdp_get(g, m)->coef[0]) > 0
            ? sdp_scale(g, sdp_num_inv(g, sdp_get(g, m)->coef[0]), m)
            : m;
    p->answer = sdp_simplify(g, sdp_prim(g, SDP_OP_polar, 1, &m, 0));
    sdp_tell(p,
             "the minimum on orthogonal matrices, where the function is a constant minus a multiple of "
             "tr(M'*Q) with M = ",
             m, "\n");
    sdp_put(&p->text, "polar(M) = U*V' for M = U*S*V' is the largest of these traces\n");
    sdp_tell_validity_of_answer(p, p->answer);
}

void sdp_solve_constrained(sdp_problem *p)
{
    bool declared = (p->g->var[p->var].facts & (SETS & ~SDP_POSITIVE & ~SDP_NONNEG)) != 0;
    p->given = described(p);
    uint32_t facts = facts_of(p);
    if (facts & (SDP_ONEHOT | SDP_INTEGER))
        sdp_put(&p->text, "no closed form found: the unknown takes single values only\n");
    else if (p->constraint && (p->given == SDP_SIMPLEX ? declared
                               : p->given              ? (p->g->var[p->var].facts & SETS) != 0
                                                       : (facts & SETS) != 0))
        sdp_put(&p->text, "no closed form found: the unknown has a declared set besides the constraint\n");
    else if ((facts & SDP_UNIT && facts & SIGNS) || (facts & SDP_ORTHOGONAL && facts & SHAPES))
        sdp_put(&p->text, "no closed form found: the unknown has a second declared property\n");
    else if (p->constraint && !(p->given & SDP_UNIT)) {
        bool signs = (p->g->var[p->var].facts & SDP_NONNEG) != 0;
        if (p->given && signs) on_simplex(p);
        else if (p->given) by_logarithms(p);
        if (!p->answer && !signs) on_affine_set(p);
    } else if (facts & SDP_UNIT) on_sphere(p);
    else if (facts & SDP_SIMPLEX) on_simplex(p);
    else on_orthogonal(p);
    if (!p->answer && !p->said && !p->text.n) sdp_put(&p->text, "no closed form found on the simplex\n");
}
