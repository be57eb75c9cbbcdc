// SPDX-License-Identifier: MIT
// Equations in one unknown x, a number, vector or matrix.
//
//   affine       H*x + g0 = 0: x = -inv(H)*g0; of a matrix also A*X + C, X*B + C, A*X*B + C, Sylvester's A*X
//                + X*B + C, and any other by its entries as one vector
//   cleared      x or its powers multiplied to both sides until it is affine: inv(X) - inv(X)*S*inv(X) = 0
//                becomes X - S = 0
//   undone       x stands in one term, below operations that can be undone: inv(X) = S, log(x) = c; an even
//                power has two roots
//   factors      a number is a root of one of the factors: x*(x^2-a) = 0
//   quadratic    a*x^2 + b*x + c of a number
//
// The first four lose no solution, so that an equation solved in this way has no other one.
// `more` says where that is not so.
#include <string.h>

#include "judge/solve.h"
#include "simplify/polynomial/polynomial.h"

enum { MOST_UNDONE = 40, MOST_EVEN = 3 };

bool sdp_is_identically_zero(sdp_graph *g, sdp_id a)
{
    a = sdp_simplify(g, a);
    return sdp_is_zero(g, a) || sdp_vanishes(g, a);
}

sdp_id sdp_without_content(sdp_graph *g, sdp_id zero, sdp_num *content)
{
    const sdp_node *n = sdp_get(g, zero);
    *content = SDP_NUM_ONE;
    if (n->kind == SDP_ADD) return sdp_primitive_part(g, zero, content);
    if (n->kind != SDP_MUL || n->coef[0] == SDP_NUM_ZERO) return zero;
    *content = n->coef[0];
    return sdp_scale(g, sdp_num_inv(g, *content), zero);
}

static sdp_id primitive(sdp_graph *g, sdp_id zero)
{
    sdp_num content;
    return sdp_without_content(g, zero, &content);
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

static bool leads_with_minus(const sdp_graph *g, sdp_id h)
{
    const sdp_node *n = sdp_get(g, h);
    for (uint32_t i = 0; i < n->nargs && n->kind == SDP_ADD; i++)
        if (sdp_num_sign(g, n->coef[i]) > 0) return false;
    return n->kind == SDP_ADD || (n->kind == SDP_MUL && sdp_num_sign(g, n->coef[0]) < 0);
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

static bool is_scaled_identity(sdp_graph *g, sdp_id a, sdp_id *weight)
{
    return sdp_is_diagonal_form(g, a, 1) && sdp_is_broadcast(g, sdp_diagonal_of_form(g, a, 1), weight);
}

// h(i,j,k,l) as A(i,k)*delta(j,l) + delta(i,k)*B(j,l): X = sylvester(A,B',-g0)
static sdp_id solve_sylvester(sdp_graph *g, sdp_id h, sdp_id g0)
{
    const sdp_node *n = sdp_get(g, h);
    sdp_id side[2] = {0, 0};
    for (uint32_t i = 0; i < (n->kind == SDP_ADD ? n->nargs : 0); i++) {
        sdp_id part[2], weight;
        if (!as_outer(g, n->arg[i], &part[0], &part[1])) return 0;
        int left = is_scaled_identity(g, part[1], &weight)   ? 0
                   : is_scaled_identity(g, part[0], &weight) ? 1
                                                             : 2;
        if (left == 2) return 0;
        sdp_id t = sdp_scale(g, n->coef[i], sdp_times(g, weight, part[left]));
        side[left] = side[left] ? sdp_add2(g, side[left], t) : t;
    }
    if (!side[0] || !side[1]) return 0;
    bool minus = leads_with_minus(g, side[0]);
    if (minus) g0 = sdp_negated(g, g0);
    for (int k = 0; k < 2 && minus; k++) side[k] = sdp_negated(g, side[k]);
    return sdp_prim(g, SDP_OP_sylvester, 3,
                    (sdp_id[]){side[0], sdp_transpose(g, side[1]), sdp_negated(g, g0)}, 0);
}

// The entries of the matrix stacked column by column: h as a matrix K of kron(B,A), X =
// reshape(-inv(K)*vec(g0),m,n).
static sdp_id solve_stacked(sdp_graph *g, sdp_id h, sdp_id g0)
{
    const sdp_dim *d = sdp_get(g, g0)->dim;
    const sdp_node *n = sdp_get(g, h);
    sdp_id a, b;
    for (uint32_t i = 0; i < n->nargs && n->kind == SDP_ADD; i++)
        if (!as_outer(g, n->arg[i], &a, &b)) return 0; // no kron
    sdp_dim dim[3] = {sdp_dim_mul(g, d[0], d[1]), d[0], d[1]},
            step[3] = {sdp_dim_int(g, 0), SDP_DIM_ONE, d[0]};
    sdp_id pair = sdp_sel(g, 3, dim, step),
           k = sdp_simplify(g, sdp_es(g, SDP_NUM_ONE, "pij,ijkl,qkl->pq", pair, h, pair));
    if (leads_with_minus(g, k)) k = sdp_negated(g, k), g0 = sdp_negated(g, g0);
    return sdp_es(g, SDP_NUM_MINUS_ONE, "pij,pq,qkl,kl->ij", pair, sdp_inverse(g, k), pair, g0);
}

static sdp_id solve_matrix(sdp_graph *g, sdp_id h, sdp_id g0)
{
    sdp_id a, b;
    if (!as_sum_of_outer(g, h, &a, &b)) {
        sdp_id x = solve_sylvester(g, h, g0);
        return x ? x : solve_stacked(g, h, g0);
    }
    if (leads_with_minus(g, a)) a = sdp_negated(g, a), g0 = sdp_negated(g, g0);
    sdp_id x = sdp_es(g, SDP_NUM_MINUS_ONE, "ik,kl->il", sdp_inverse(g, a), g0);
    return sdp_es(g, SDP_NUM_ONE, "il,jl->ij", x, sdp_inverse(g, b));
}

sdp_id sdp_solve_affine(sdp_graph *g, sdp_id h, sdp_id g0)
{
    int order = sdp_get(g, g0)->order;
    if (sdp_get(g, h)->order != 2 * order) return 0;
    if (order == 0) return sdp_times(g, sdp_negated(g, g0), reciprocal(g, h));
    if (order == 2) return solve_matrix(g, h, g0);
    if (is_diagonal(g, h))
        return sdp_times(g, sdp_negated(g, g0), reciprocal(g, sdp_es(g, SDP_NUM_ONE, "ii->i", h)));
    if (leads_with_minus(g, h)) h = sdp_negated(g, h), g0 = sdp_negated(g, g0); // inv(A+B), not -inv(-A-B)
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
        if (sdp_depends(g, n->arg[i], x)) *term = t, found++;
        else *rest = sdp_sub(g, *rest, t);
    }
    return n->kind != SDP_ADD || found == 1;
}

// A way back from t = value to x, by inverse functions.
typedef struct {
    sdp_graph *g;
    sdp_id t, value, x;
    unsigned minus; // the roots of which even powers are negative, a bit each
    uint32_t evens; // even powers met so far
    bool more;      // an odd root of what may be negative was taken
} way;

// value^(1/e). Where e is even, the base has two signs, but for one that is known to be nonnegative.
static bool undo_power(way *w, const sdp_node *n, sdp_num e)
{
    sdp_graph *g = w->g;
    long k = 0;
    bool whole = sdp_num_long(g, e, &k), even = whole && k % 2 == 0, cube = whole && (k == 3 || k == -3);
    if (cube) {
        sdp_id v = k < 0 ? reciprocal(g, w->value) : w->value;
        w->value = sdp_map(g, SDP_OP_cbrt, &v);
    } else {
        // x^5 = -1 has the root -1, (-1)^(1/5) none
        w->more |= whole && !even && !sdp_known_nonneg(g, w->value);
        w->value = sdp_power_num(g, w->value, sdp_num_inv(g, e));
    }
    if (even && !sdp_known_nonneg(g, n->arg[0])) {
        if (w->minus >> w->evens & 1) w->value = sdp_negated(g, w->value);
        w->evens++;
    }
    return w->t = n->arg[0], true;
}

// Numbers beside one factor that has the axes of the product in order.
static bool undo_product(way *w, const sdp_node *n)
{
    sdp_graph *g = w->g;
    sdp_num c = sdp_num_inv(g, n->coef[0]);
    sdp_id weight = sdp_number(g, SDP_NUM_ONE), inside = 0;
    const uint8_t *out = sdp_labels(g, n, n->nargs);
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *a = sdp_get(g, n->arg[i]);
        if (sdp_depends(g, n->arg[i], w->x)) {
            bool turned = n->order == 2 && a->order == 2 && sdp_labels(g, n, i)[0] == out[1] &&
                          sdp_labels(g, n, i)[1] == out[0];
            if (inside || a->order != n->order || (!turned && memcmp(sdp_labels(g, n, i), out, n->order)))
                return false;
            inside = n->arg[i];
            if (turned) w->value = sdp_transpose(g, w->value);
        } else if (a->order) return false;
        else weight = sdp_times(g, weight, reciprocal(g, n->arg[i]));
    }
    if (n->nlabels != n->order || !inside) return false;
    w->value = sdp_times(g, weight, sdp_scale(g, c, w->value));
    return w->t = inside, true;
}

// t = value, where t is an operation on something with x: that something, and its value.
static bool undo(way *w)
{
    sdp_graph *g = w->g;
    const sdp_node *n = sdp_get(g, w->t);
    sdp_num e;
    if (n->kind == SDP_ADD) {
        sdp_id rest;
        if (!split(g, w->t, w->x, &w->t, &rest)) return false;
        return w->value = sdp_add2(g, w->value, rest), true;
    }
    if (n->kind == SDP_POW && sdp_is_number(g, n->arg[1], &e) && e != SDP_NUM_ZERO)
        return undo_power(w, n, e);
    if (n->kind == SDP_MAP && sdp_ops[n->op].inverse) {
        w->value = sdp_template(g, sdp_ops[n->op].inverse, 1, &w->value);
        return w->t = n->arg[0], true;
    }
    if (n->kind == SDP_PRIM && n->op == SDP_OP_inv) {
        w->value = sdp_inverse(g, w->value);
        return w->t = n->arg[0], true;
    }
    return n->kind == SDP_MUL && n->nargs && undo_product(w, n);
}

static void add_root(sdp_roots *out, sdp_id x)
{
    for (uint32_t i = 0; i < out->n; i++)
        if (out->x[i] == x) return;
    if (out->n == SDP_MOST_ROOTS) out->more = true;
    else out->x[out->n++] = x;
}

static bool undone(sdp_graph *g, sdp_id zero, sdp_id x, sdp_roots *out)
{
    const sdp_node *n = sdp_get(g, zero);
    uint32_t before = out->n;
    unsigned choices = 1;
    for (unsigned minus = 0; minus < choices; minus++) {
        way w = {.g = g, .t = zero, .value = sdp_zeros(g, n->order, n->dim), .x = x, .minus = minus};
        for (int step = 0; w.t != x && step < MOST_UNDONE; step++)
            if (!undo(&w)) return out->n > before;
        if (w.t != x) return out->n > before;
        choices = w.evens < MOST_EVEN ? 1u << w.evens : 1u << MOST_EVEN;
        // the signs of the entries are free
        out->more |= w.more || w.evens > MOST_EVEN || (w.evens && n->order);
        if (!sdp_depends(g, w.value, x)) add_root(out, w.value);
    }
    return out->n > before;
}

// ---- numbers ----------------------------------------------------------------------------------------------
// sqrt(4*a-8) as 2*sqrt(a-2).
static sdp_id root_of(sdp_graph *g, sdp_id a)
{
    sdp_num content, square;
    sdp_id rest = sdp_without_content(g, a, &content);
    if (sdp_num_sign(g, content) < 0) return sdp_power_num(g, a, SDP_NUM_HALF);
    sdp_id outer = sdp_power_num(g, sdp_number(g, content), SDP_NUM_HALF);
    return sdp_is_number(g, outer, &square) ? sdp_scale(g, square, sdp_power_num(g, rest, SDP_NUM_HALF))
                                            : sdp_power_num(g, a, SDP_NUM_HALF);
}

// a*x^2 + b*x + c; true: these are all roots.
static bool quadratic(sdp_graph *g, sdp_id zero, sdp_id x, sdp_roots *out)
{
    sdp_id d[3], nothing = sdp_number(g, SDP_NUM_ZERO);
    d[0] = zero;
    for (int k = 1; k < 3; k++) {
        sdp_reverse(g, d[k - 1], 1, &x, &d[k]);
        d[k] = sdp_simplify(g, sdp_multiply_out_all(g, d[k]));
    }
    if (sdp_depends(g, d[2], x) || sdp_is_zero(g, d[2])) return false;
    sdp_id b = sdp_simplify(g, sdp_substitute(g, d[1], 1, &x, &nothing)),
           c = sdp_substitute(g, zero, 1, &x, &nothing);
    sdp_id radicand = sdp_simplify(g, sdp_sub(g, sdp_power_num(g, b, SDP_NUM_TWO),
                                              sdp_scale(g, SDP_NUM_TWO, sdp_times(g, d[2], c))));
    if (sdp_known_positive(g, sdp_negated(g, radicand))) return true;
    sdp_id root = root_of(g, radicand);
    for (int sign = 1; sign >= -1; sign -= 2) {
        sdp_id top = sdp_sub(g, sdp_scale(g, sdp_num_int(g, sign), root), b);
        add_root(out, sdp_simplify(g, sdp_times(g, top, reciprocal(g, d[2]))));
    }
    return true;
}

static bool solve_simply(sdp_graph *g, sdp_id zero, sdp_id x, sdp_roots *out);

// A product of numbers vanishes where a factor does. False: it is none.
static bool by_factors(sdp_graph *g, sdp_id zero, sdp_id x, sdp_roots *out)
{
    const sdp_node *n = sdp_get(g, zero);
    uint32_t moving = 0;
    if (n->kind == SDP_POW) n = NULL;
    for (uint32_t i = 0; n && n->kind == SDP_MUL && i < n->nargs; i++) moving += sdp_depends(g, n->arg[i], x);
    if (n && moving < 2) return false;
    for (uint32_t i = 0; i < (n ? n->nargs : 1); i++) {
        sdp_id f = n ? n->arg[i] : zero;
        const sdp_node *p = sdp_get(g, f);
        sdp_num e;
        if (!sdp_depends(g, f, x) || sdp_known_positive(g, f)) continue;
        if (p->kind == SDP_POW && sdp_is_number(g, p->arg[1], &e)) {
            if (sdp_num_sign(g, e) < 0) continue;
            f = p->arg[0];
        }
        if (!solve_simply(g, f, x, out)) out->more = true;
    }
    return true;
}

// The numerator over a common denominator, multiplied out or not.
static sdp_id numerator(sdp_graph *g, sdp_id zero, bool out)
{
    sdp_id q = out ? sdp_over_denominator_out(g, zero) : sdp_over_denominator(g, zero);
    for (uint32_t i = 0; i < sdp_get(g, q)->nargs && sdp_get(g, q)->kind == SDP_MUL; i++) {
        const sdp_node *n = sdp_get(g, q), *p = sdp_get(g, n->arg[i]);
        sdp_num e;
        bool below =
            p->kind == SDP_POW && p->order == 0 && sdp_is_number(g, p->arg[1], &e) && sdp_num_sign(g, e) < 0;
        if (below) q = sdp_with_factor(g, n, i, sdp_number(g, SDP_NUM_ONE)), i = UINT32_MAX;
    }
    return q;
}

// In the ways that lose no solution. False: there is none.
static bool solve_simply(sdp_graph *g, sdp_id zero, sdp_id x, sdp_roots *out)
{
    zero = primitive(g, sdp_simplify(g, zero));
    enum { FORMS = 4 };
    sdp_id forms[FORMS] = {zero, numerator(g, zero, false),
                           primitive(g, sdp_simplify(g, sdp_multiply_out_all(g, zero))),
                           numerator(g, zero, true)},
           found = 0;
    bool number = !sdp_get(g, x)->order;
    for (int k = 0; k < FORMS && !found; k++) found = solve_if_affine(g, forms[k], x);
    if (found && !sdp_depends(g, found, x)) return add_root(out, found), true;
    for (int k = 0; k < FORMS; k++)
        if (undone(g, forms[k], x, out)) return true;
    for (int k = 0; k < FORMS && number; k++)
        if (quadratic(g, forms[k], x, out)) return true;
    return false;
}

// Is the number, a factor beside the arrays of n, 0 only where one of them is?
static bool vanishes_with_array(sdp_graph *g, sdp_id s, const sdp_node *n)
{
    const sdp_node *p = sdp_get(g, s);
    if (sdp_known_positive(g, s)) return true;
    sdp_id base = p->kind == SDP_POW ? p->arg[0] : s;
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (!sdp_get(g, n->arg[i])->order) continue;
        sdp_id length = sdp_prim(g, SDP_OP_norm, 1, &n->arg[i], 1),
               square = sdp_power_num(g, length, SDP_NUM_TWO);
        if (base == length || base == square || s == square) return true;
    }
    return false;
}

// s*u of a number s and an array u, norm(A*x-b)*A'*(A*x-b): u = 0.
static void by_array_factor(sdp_graph *g, sdp_id zero, sdp_id x, sdp_roots *out)
{
    const sdp_node *n = sdp_get(g, zero);
    sdp_id array = zero, one = sdp_number(g, SDP_NUM_ONE);
    bool more = false;
    for (uint32_t i = 0; n->kind == SDP_MUL && i < n->nargs; i++) {
        sdp_id s = n->arg[i];
        if (sdp_get(g, s)->order || !sdp_depends(g, s, x)) continue;
        more |= !vanishes_with_array(g, s, n);
        const sdp_node *a = sdp_get(g, array);
        for (uint32_t k = 0; k < a->nargs; k++)
            if (a->arg[k] == s) {
                array = sdp_with_factor(g, a, k, one);
                break;
            }
    }
    if (array != zero && solve_simply(g, array, x, out)) out->more |= more;
}

void sdp_isolate(sdp_graph *g, sdp_id zero, sdp_id x, sdp_roots *out)
{
    *out = (sdp_roots){0};
    if (solve_simply(g, zero, x, out)) return;
    if (!sdp_get(g, x)->order) {
        sdp_id forms[] = {sdp_simplify(g, zero), sdp_factorised(g, zero),
                          sdp_factorised(g, numerator(g, zero, true))};
        for (int k = 0; k < 3; k++) {
            sdp_roots found = {0};
            if (!by_factors(g, forms[k], x, &found) || !found.n) continue;
            *out = found;
            return;
        }
    }
    sdp_id found = cleared(g, primitive(g, sdp_simplify(g, zero)), x);
    if (found && !sdp_depends(g, found, x)) add_root(out, found);
    else if (!sdp_get(g, x)->order) sdp_isolate_exponent(g, sdp_simplify(g, zero), x, out);
    else by_array_factor(g, sdp_simplify(g, zero), x, out);
    out->more |= !out->n;
}
