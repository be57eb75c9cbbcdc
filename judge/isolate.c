// SPDX-License-Identifier: MIT
// Equations in one unknown x, a number, vector or matrix.
//
//   affine       H*x + g0 = 0: x = -inv(H)*g0; of a matrix also A*X + C, X*B + C, A*X*B + C
//   cleared      x or its powers multiplied to both sides until it is affine: inv(X) - inv(X)*S*inv(X) = 0
//                becomes X - S = 0
//   undone       x stands in one term, below operations that can be undone: inv(X) = S, log(x) = c
#include <string.h>

#include "judge/solve.h"

enum { MOST_UNDONE = 40 };

bool sdp_is_identically_zero(sdp_graph *g, sdp_id a)
{
    a = sdp_simplify(g, a);
    return sdp_is_zero(g, a) || sdp_vanishes(g, a);
}

static sdp_id reciprocal(sdp_graph *g, sdp_id a) { return sdp_power_num(g, a, SDP_NUM_MINUS_ONE); }

// ---- affine equations -------------------------------------------------------------------------------------
bool sdp_affine_in(sdp_graph *g, sdp_id G, sdp_id x, sdp_id *h, sdp_id *g0)
{
    const sdp_node *n = sdp_get(g, x);
    sdp_reverse(g, G, 1, &x, h);
    *h = sdp_simplify(g, *h);
    if (sdp_depends(g, *h, x) || sdp_is_zero(g, *h)) return false;
    sdp_id zero = sdp_zeros(g, n->order, n->dim);
    *g0 = sdp_simplify(g, sdp_substitute(g, G, 1, &x, &zero));
    return true;
}

// Does every term of the matrix write a diagonal?
static bool is_diagonal(const sdp_graph *g, sdp_id h)
{
    const sdp_node *n = sdp_get(g, h);
    for (uint32_t i = 0; n->kind == SDP_ADD && i < n->nargs; i++)
        if (!is_diagonal(g, n->arg[i])) return false;
    if (n->kind == SDP_ADD) return true;
    const uint8_t *out = sdp_labels(g, n, n->nargs);
    return n->kind == SDP_MUL && out[0] == out[1];
}

// The factors of a product h(i,j,k,l) = A(i,k)*B(j,l), with its numbers in A.
static bool as_outer(sdp_graph *g, sdp_id h, sdp_id *a, sdp_id *b)
{
    static const uint8_t axis[2][2] = {{0, 2}, {1, 3}};
    sdp_id half[2], c;
    if (!sdp_two_sides(g, h, 2, axis, half, &c)) return false;
    *a = sdp_times(g, c, half[0]);
    *b = half[1];
    return true;
}

// h as A(i,k)*B(j,l): a product of that form, or a sum of products that share one of the two matrices.
static bool as_sum_of_outer(sdp_graph *g, sdp_id h, sdp_id *a, sdp_id *b)
{
    const sdp_node *n = sdp_get(g, h);
    sdp_id left = 0, right = 0, lefts = 0, rights = 0;
    bool same_left = true, same_right = true;
    if (n->kind != SDP_ADD) return as_outer(g, h, a, b);
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_id l, r;
        if (!as_outer(g, n->arg[i], &l, &r)) return false;
        same_left &= !left || l == left;
        same_right &= !right || r == right;
        left = l, right = r;
        l = sdp_scale(g, n->coef[i], l), r = sdp_scale(g, n->coef[i], r);
        lefts = lefts ? sdp_add2(g, lefts, l) : l;
        rights = rights ? sdp_add2(g, rights, r) : r;
    }
    *a = same_right ? lefts : left;
    *b = same_right ? right : rights;
    return same_left || same_right;
}

static sdp_id solve_matrix(sdp_graph *g, sdp_id h, sdp_id g0)
{
    sdp_id a, b;
    if (!as_sum_of_outer(g, h, &a, &b)) return 0;
    sdp_id x = sdp_es(g, SDP_NUM_MINUS_ONE, "ik,kl->il", sdp_inverse(g, a), g0);
    return sdp_es(g, SDP_NUM_ONE, "il,jl->ij", x, sdp_inverse(g, b));
}

sdp_id sdp_solve_affine(sdp_graph *g, sdp_id h, sdp_id g0)
{
    int order = sdp_get(g, g0)->order;
    if (sdp_get(g, h)->order != 2 * order) return 0;
    if (order == 0) return sdp_times(g, sdp_negated(g, g0), reciprocal(g, h));
    if (order == 2) return solve_matrix(g, h, g0);
    if (is_diagonal(g, h)) return sdp_times(g, sdp_negated(g, g0), reciprocal(g, sdp_es(g, SDP_NUM_ONE, "ii->i", h)));
    return sdp_es(g, SDP_NUM_MINUS_ONE, "ij,j->i", sdp_inverse(g, h), g0);
}

static sdp_id solve_if_affine(sdp_graph *g, sdp_id zero, sdp_id x)
{
    sdp_id h, g0;
    return sdp_affine_in(g, zero, x, &h, &g0) ? sdp_solve_affine(g, h, g0) : 0;
}

// ---- clearing ---------------------------------------------------------------------------------------------
// Multiplies x to the left, to the right, and to both sides; numbers and vectors by powers of x.
static sdp_id cleared(sdp_graph *g, sdp_id zero, sdp_id x)
{
    static const char *const sides[] = {"ij,jk->ik", "jk,ij->ik"};
    const sdp_node *n = sdp_get(g, x);
    sdp_id found = 0, by = zero;
    if (n->order == 2) {
        if (n->dim[0] != n->dim[1]) return 0;
        sdp_id left = sdp_es(g, SDP_NUM_ONE, sides[0], x, zero),
               right = sdp_es(g, SDP_NUM_ONE, sides[1], x, zero);
        sdp_id all[] = {left, right, sdp_es(g, SDP_NUM_ONE, sides[1], x, left)};
        for (int k = 0; k < 3 && !found; k++)
            found = solve_if_affine(g, sdp_simplify(g, sdp_multiply_out_all(g, all[k])), x);
        return found;
    }
    for (int k = 1; k <= 4 && !found; k++) {
        by = sdp_times(g, by, x);
        found = solve_if_affine(g, sdp_simplify(g, sdp_multiply_out_all(g, by)), x);
    }
    return found;
}

// ---- undoing ----------------------------------------------------------------------------------------------
// The only term of zero that contains x, and minus the rest.
static bool split(sdp_graph *g, sdp_id zero, sdp_id x, sdp_id *term, sdp_id *rest)
{
    const sdp_node *n = sdp_get(g, zero);
    uint32_t found = 0;
    *rest = sdp_zeros(g, n->order, n->dim);
    *term = zero;
    for (uint32_t i = 0; n->kind == SDP_ADD && i < n->nargs; i++) {
        sdp_id t = sdp_scale(g, n->coef[i], n->arg[i]);
        if (sdp_depends(g, n->arg[i], x))
            *term = t, found++;
        else
            *rest = sdp_sub(g, *rest, t);
    }
    return n->kind != SDP_ADD || found == 1;
}

// t = value, where t is an operation on something with x: that something, and its value.
static bool undo(sdp_graph *g, sdp_id *t, sdp_id *value, sdp_id x)
{
    const sdp_node *n = sdp_get(g, *t);
    sdp_num e;
    if (n->kind == SDP_ADD) {
        sdp_id rest;
        if (!split(g, *t, x, t, &rest)) return false;
        return *value = sdp_add2(g, *value, rest), true;
    }
    if (n->kind == SDP_POW && sdp_is_number(g, n->arg[1], &e) && e != SDP_NUM_ZERO) {
        *value = sdp_power_num(g, *value, sdp_num_inv(g, e));
        return *t = n->arg[0], true;
    }
    if (n->kind == SDP_MAP && (n->op == SDP_OP_log || n->op == SDP_OP_exp)) {
        *value = sdp_map(g, n->op == SDP_OP_log ? SDP_OP_exp : SDP_OP_log, value);
        return *t = n->arg[0], true;
    }
    if (n->kind == SDP_PRIM && n->op == SDP_OP_inv) {
        *value = sdp_inverse(g, *value);
        return *t = n->arg[0], true;
    }
    if (n->kind == SDP_MUL &&
        n->nargs) { // numbers beside one factor that has the axes of the product in order
        sdp_num c = sdp_num_inv(g, n->coef[0]);
        sdp_id weight = sdp_number(g, SDP_NUM_ONE), inside = 0;
        const uint8_t *out = sdp_labels(g, n, n->nargs);
        for (uint32_t i = 0; i < n->nargs; i++) {
            const sdp_node *a = sdp_get(g, n->arg[i]);
            if (sdp_depends(g, n->arg[i], x)) {
                bool turned = n->order == 2 && a->order == 2 && sdp_labels(g, n, i)[0] == out[1] &&
                              sdp_labels(g, n, i)[1] == out[0];
                if (inside || a->order != n->order || (!turned && memcmp(sdp_labels(g, n, i), out, n->order)))
                    return false;
                inside = n->arg[i];
                if (turned) *value = sdp_transpose(g, *value);
            } else if (a->order)
                return false;
            else
                weight = sdp_times(g, weight, reciprocal(g, n->arg[i]));
        }
        if (n->nlabels != n->order || !inside) return false;
        *value = sdp_times(g, weight, sdp_scale(g, c, *value));
        return *t = inside, true;
    }
    return false;
}

static sdp_id undone(sdp_graph *g, sdp_id zero, sdp_id x)
{
    sdp_id t = zero, value = sdp_zeros(g, sdp_get(g, zero)->order, sdp_get(g, zero)->dim);
    for (int step = 0; t != x && step < MOST_UNDONE; step++)
        if (!undo(g, &t, &value, x)) return 0;
    return t == x ? value : 0;
}

// Without a number that all terms share: 2*(A*x-b) = 0 just if A*x-b = 0.
static sdp_id primitive(sdp_graph *g, sdp_id zero)
{
    sdp_num content = SDP_NUM_ONE;
    const sdp_node *n = sdp_get(g, zero);
    if (n->kind == SDP_ADD) return sdp_primitive_part(g, zero, &content);
    if (n->kind != SDP_MUL || n->coef[0] == SDP_NUM_ZERO) return zero;
    return sdp_scale(g, sdp_num_inv(g, n->coef[0]), zero);
}

// The numerator over a common denominator.
static sdp_id numerator(sdp_graph *g, sdp_id zero)
{
    sdp_id q = sdp_over_denominator_out(g, zero);
    for (uint32_t i = 0; i < sdp_get(g, q)->nargs && sdp_get(g, q)->kind == SDP_MUL; i++) {
        const sdp_node *n = sdp_get(g, q), *p = sdp_get(g, n->arg[i]);
        sdp_num e;
        bool below =
            p->kind == SDP_POW && p->order == 0 && sdp_is_number(g, p->arg[1], &e) && sdp_num_sign(g, e) < 0;
        if (below) q = sdp_with_factor(g, n, i, sdp_number(g, SDP_NUM_ONE)), i = UINT32_MAX;
    }
    return q;
}

sdp_id sdp_isolate(sdp_graph *g, sdp_id zero, sdp_id x)
{
    zero = primitive(g, sdp_simplify(g, zero));
    sdp_id forms[] = {zero, primitive(g, sdp_simplify(g, sdp_multiply_out_all(g, zero))), numerator(g, zero)},
           found = 0;
    for (int k = 0; k < 3 && !found; k++) found = solve_if_affine(g, forms[k], x);
    for (int k = 0; k < 3 && !found; k++) found = undone(g, forms[k], x);
    if (!found) found = cleared(g, zero, x);
    return found && !sdp_depends(g, found, x) ? found : 0;
}
