// SPDX-License-Identifier: MIT
// Is a quadratic form q(v) nonnegative for all directions v? Each rule is an identity that writes q as a sum
// of parts whose signs are known from facts:
//
//   terms         every term of q is nonnegative by facts: a square, v'*P*v with psd P, tr(inv(X)*V*inv(X)*V)
//   elimination   the blocks of the Hessian of q are scalars, or diagonal: q = d1*(v1+...)^2 + d2*(v2+...)^2
//                 + ..., all d >= 0. Arrays are eliminated before scalars, entry by entry.
//   Cauchy        v'*diag(d)*v - c*(u'*v)^2 = norm(v-(u'*v)/s*inv(D)*u)_D^2 + (1/s-c)*(u'*v)^2 with
//                 s = u'*inv(D)*u; so d > 0 and 1-c*s >= 0 suffice (Cauchy and Schwarz). Terms that are psd
//                 by facts may stand beside.
#include <string.h>

#include "judge/judge.h"

enum { MOST_BLOCKS = 6, MOST_TERMS = 32 };

// ---- terms ------------------------------------------------------------------------------------------------
static bool terms_are_nonneg(sdp_graph *g, sdp_id q)
{
    const sdp_node *n = sdp_get(g, q);
    if (sdp_has(g, q, SDP_NONNEG)) return true;
    if (n->kind != SDP_ADD) return false;
    for (uint32_t i = 0; i < n->nargs; i++)
        if (!sdp_has(g, sdp_num_sign(g, n->coef[i]) < 0 ? sdp_negated(g, n->arg[i]) : n->arg[i], SDP_NONNEG))
            return false;
    return true;
}

// ---- entries of arrays ------------------------------------------------------------------------------------
// a+b-b^2/(a+c) as (a*c+a*b+b*c)/(a+c), whose terms have signs.
static sdp_id joined(sdp_graph *g, sdp_id a)
{
    return sdp_simplify(g, sdp_over_denominator_out(g, sdp_multiply_out_all(g, a)));
}

// Is every entry nonnegative? Of a scalar also as a polynomial.
static bool entries_are_nonneg(sdp_graph *g, sdp_id a, bool by_slope)
{
    if (sdp_get(g, a)->order) return terms_are_nonneg(g, a);
    return sdp_scalar_is_nonneg(g, a) || sdp_known_nonneg(g, joined(g, a)) ||
           (by_slope && sdp_sign_by_slope(g, a) > 0);
}

static bool entries_are_positive(sdp_graph *g, sdp_id a)
{
    return sdp_known_positive(g, a) || (!sdp_get(g, a)->order && sdp_known_positive(g, joined(g, a)));
}

// Does the node, with the axes of two copies of an array of the given order, vanish outside the diagonal?
bool sdp_is_diagonal_form(const sdp_graph *g, sdp_id id, int order)
{
    const sdp_node *n = sdp_get(g, id);
    if (n->kind == SDP_ADD) {
        for (uint32_t i = 0; i < n->nargs; i++)
            if (!sdp_is_diagonal_form(g, n->arg[i], order)) return false;
        return true;
    }
    if (sdp_is_zero(g, id)) return true;
    if (n->kind != SDP_MUL) return false;
    const uint8_t *out = sdp_labels(g, n, n->nargs);
    for (int k = 0; k < order; k++)
        if (out[k] != out[order + k]) return false;
    return true;
}

sdp_id sdp_diagonal_of_form(sdp_graph *g, sdp_id id, int order)
{
    return order == 0   ? id
           : order == 1 ? sdp_es(g, SDP_NUM_ONE, "aa->a", id)
                        : sdp_es(g, SDP_NUM_ONE, "abab->ab", id);
}

// ---- elimination ------------------------------------------------------------------------------------------
typedef struct {
    sdp_graph *g;
    uint32_t n;
    int order[MOST_BLOCKS];             // of the directions: all arrays have the same axes
    sdp_id e[MOST_BLOCKS][MOST_BLOCKS]; // scalar, or entry by entry; of a scalar and an array: the array
    bool gone[MOST_BLOCKS];
    bool strict; // pivots must be positive
} table;

// The Hessian of q, if each of its blocks is a scalar, a vector beside a scalar, or diagonal.
static bool fill(table *t, sdp_id q, const sdp_id *w)
{
    sdp_graph *g = t->g;
    sdp_id grad[MOST_BLOCKS], row[MOST_BLOCKS];
    const sdp_node *array = NULL;
    for (uint32_t i = 0; i < t->n; i++) {
        const sdp_node *n = sdp_get(g, w[i]);
        t->order[i] = n->order;
        if (!n->order) continue;
        if (array && (array->order != n->order || memcmp(array->dim, n->dim, n->order * sizeof *n->dim)))
            return false;
        array = n;
    }
    sdp_reverse(g, q, t->n, w, grad);
    for (uint32_t i = 0; i < t->n; i++) {
        sdp_reverse(g, grad[i], t->n, w, row);
        for (uint32_t j = 0; j < t->n; j++) {
            sdp_id h = sdp_simplify(g, row[j]);
            bool both = t->order[i] && t->order[j];
            if (both && !sdp_is_diagonal_form(g, h, t->order[i])) return false;
            t->e[i][j] = both ? sdp_simplify(g, sdp_diagonal_of_form(g, h, t->order[i])) : h;
        }
    }
    return true;
}

static sdp_id sum_all(sdp_graph *g, sdp_id a)
{
    return sdp_get(g, a)->order ? sdp_sum(g, a, (1u << sdp_get(g, a)->order) - 1) : a;
}

static sdp_id settled(sdp_graph *g, sdp_id a)
{
    a = sdp_simplify(g, a);
    if (!sdp_is_zero(g, a) && sdp_vanishes(g, a))
        return sdp_zeros(g, sdp_get(g, a)->order, sdp_get(g, a)->dim);
    return a;
}

// Completes the square in direction p, whose pivot is positive.
static void eliminate(table *t, uint32_t p)
{
    sdp_graph *g = t->g;
    sdp_id inverse = sdp_power_num(g, t->e[p][p], SDP_NUM_MINUS_ONE);
    t->gone[p] = true;
    for (uint32_t i = 0; i < t->n; i++)
        for (uint32_t j = 0; j < t->n; j++) {
            if (t->gone[i] || t->gone[j]) continue;
            sdp_id left = sdp_times(g, t->e[i][p], inverse), product = sdp_times(g, left, t->e[p][j]);
            if (t->order[p] && !t->order[i] && !t->order[j]) product = sum_all(g, product);
            t->e[i][j] = settled(g, sdp_sub(g, t->e[i][j], product));
        }
}

static bool row_is_zero(const table *t, uint32_t p)
{
    for (uint32_t j = 0; j < t->n; j++)
        if (!t->gone[j] && !sdp_is_zero(t->g, t->e[p][j])) return false;
    return true;
}

static bool stands_alone(const table *t, uint32_t p)
{
    for (uint32_t j = 0; j < t->n; j++)
        if (j != p && !t->gone[j] && !sdp_is_zero(t->g, t->e[p][j])) return false;
    return true;
}

// Has the number no kinks? Then it is 0 nowhere but on a thin set, or everywhere.
static bool is_analytic(sdp_graph *g, sdp_id a)
{
    uint32_t count;
    sdp_mark m = sdp_scratch_mark(&g->base);
    const sdp_id *list = sdp_reachable(g, 1, &a, &count);
    bool ok = !sdp_get(g, a)->order;
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = sdp_get(g, list[i]);
        const sdp_op *op = &sdp_ops[n->op];
        bool kinks = n->kind == SDP_MAP && (op->kink || sdp_range_is_discrete(op->range));
        ok &=
            !kinks && n->kind != SDP_SEL && n->kind != SDP_MASK && n->kind != SDP_CALL && n->kind != SDP_PRIM;
    }
    sdp_scratch_release(&g->base, m);
    return ok;
}

// A square is completed with a positive pivot, or with one that is 0 on a thin set: what is nonnegative
// beside that set is so on it, for the form is continuous.
static bool is_pivot(const table *t, sdp_id d)
{
    if (entries_are_positive(t->g, d)) return true;
    return !t->strict && !sdp_is_zero(t->g, d) && is_analytic(t->g, d) &&
           entries_are_nonneg(t->g, d, t->n > 1);
}

// The next direction to take out: 0 or nothing but a nonnegative pivot, or a pivot to
// complete a square with; arrays first.
static bool step(table *t)
{
    for (int arrays = 1; arrays >= 0; arrays--) {
        bool left = false;
        for (uint32_t p = 0; p < t->n; p++) {
            if (t->gone[p] || (t->order[p] > 0) != (arrays > 0)) continue;
            left = true;
            sdp_id d = t->e[p][p];
            if (!t->strict &&
                (row_is_zero(t, p) || (stands_alone(t, p) && entries_are_nonneg(t->g, d, t->n > 1))))
                return t->gone[p] = true;
            if (!is_pivot(t, d)) continue;
            eliminate(t, p);
            return true;
        }
        if (left) return false;
    }
    return false;
}

static bool by_elimination(sdp_graph *g, sdp_id q, uint32_t n, const sdp_id *w, bool strict)
{
    table t = {.g = g, .n = n, .strict = strict};
    uint32_t left = n;
    if (n > MOST_BLOCKS || !fill(&t, q, w)) return false;
    while (left && step(&t)) left--;
    return !left;
}

// ---- Cauchy and Schwarz -----------------------------------------------------------------------------------
// Takes the product c*u*u' apart.
static bool as_square(sdp_graph *g, sdp_id id, sdp_id *u, sdp_id *c)
{
    static const uint8_t axis[2][2] = {{0}, {1}};
    sdp_id half[2];
    if (!sdp_two_sides(g, id, 1, axis, half, c)) return false;
    *u = half[0];
    return half[0] == half[1];
}

// The Hessian as diag(d) - c*u*u' and terms that are psd.
static bool split_hessian(sdp_graph *g, sdp_id h, sdp_id *d, sdp_id *c, sdp_id *u)
{
    const sdp_node *n = sdp_get(g, h);
    uint32_t terms = n->kind == SDP_ADD ? n->nargs : 1;
    if (terms > MOST_TERMS) return false;
    *d = *c = *u = 0;
    for (uint32_t i = 0; i < terms; i++) {
        sdp_id t = n->kind == SDP_ADD ? sdp_scale(g, n->coef[i], n->arg[i]) : h;
        if (sdp_is_diagonal_form(g, t, 1)) {
            sdp_id e = sdp_diagonal_of_form(g, t, 1);
            *d = *d ? sdp_add2(g, *d, e) : e;
        } else if (sdp_has(g, t, SDP_PSD)) {
            continue;
        } else if (*u || !as_square(g, sdp_negated(g, t), u, c)) {
            return false;
        }
    }
    return *d && *u;
}

// Is the array made without divisions, so that it has a value wherever its variables have?
static bool has_no_poles(sdp_graph *g, sdp_id a)
{
    uint32_t count;
    sdp_num e;
    sdp_mark m = sdp_scratch_mark(&g->base);
    const sdp_id *list = sdp_reachable(g, 1, &a, &count);
    bool ok = true;
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = sdp_get(g, list[i]);
        bool power = n->kind == SDP_POW && (!sdp_is_number(g, n->arg[1], &e) || sdp_num_sign(g, e) < 0);
        ok &= n->kind <= SDP_POW && !power;
    }
    sdp_scratch_release(&g->base, m);
    return ok;
}

// d > 0 and 1-c*u'*inv(D)*u >= 0; where D = a*eye(n), a >= 0 and a-c*u'*u >= 0. Where u = d.*r, d >= 0
// suffices, for u is 0 where d is: diag(p)-p*p' of shares p.
static bool outweighs(sdp_graph *g, sdp_id d, sdp_id c, sdp_id u)
{
    sdp_id a, rest, square = sdp_power_num(g, u, SDP_NUM_TWO);
    bool even = sdp_is_broadcast(g, d, &a);
    bool inside =
        sdp_has(g, d, SDP_NONNEG) && has_no_poles(g, sdp_times(g, u, sdp_power_num(g, d, SDP_NUM_MINUS_ONE)));
    if (!sdp_has(g, d, even ? SDP_NONNEG : SDP_POSITIVE) && !inside) return false;
    if (even) rest = sdp_sub(g, a, sdp_times(g, c, sum_all(g, square)));
    else {
        sdp_id s = sum_all(g, sdp_times(g, square, sdp_power_num(g, d, SDP_NUM_MINUS_ONE)));
        rest = sdp_sub(g, sdp_number(g, SDP_NUM_ONE), sdp_times(g, c, s));
    }
    return sdp_scalar_is_nonneg(g, settled(g, rest));
}

static bool by_cauchy(sdp_graph *g, sdp_id q, sdp_id w)
{
    sdp_id grad, h, d, c, u;
    if (sdp_get(g, w)->order != 1) return false;
    sdp_reverse(g, q, 1, &w, &grad);
    sdp_reverse(g, grad, 1, &w, &h);
    sdp_id form[] = {sdp_simplify(g, h), sdp_multiply_out_all(g, h)};
    for (int k = 0; k < 2; k++)
        if (split_hessian(g, form[k], &d, &c, &u) && outweighs(g, sdp_simplify(g, d), c, u)) return true;
    return false;
}

// ---- forms ------------------------------------------------------------------------------------------------
// Scalar factors that do not depend on the directions and are nonnegative do not matter: q without them.
static sdp_id without_weights(sdp_graph *g, sdp_id q, uint32_t n, const sdp_id *w)
{
    const sdp_node *m = sdp_get(g, q);
    if (m->kind != SDP_MUL || m->nargs > SDP_MAX_FACTORS) return q;
    for (uint32_t i = 0; i < m->nargs; i++) {
        bool moves = false;
        for (uint32_t k = 0; k < n; k++) moves |= sdp_depends(g, m->arg[i], w[k]);
        if (!moves && sdp_get(g, m->arg[i])->order == 0 && sdp_scalar_is_nonneg(g, m->arg[i]))
            return without_weights(g, sdp_with_factor(g, m, i, sdp_number(g, SDP_NUM_ONE)), n, w);
    }
    return q;
}

static const struct {
    const char *rule, *of_negative;
} rules[] = {
    {"every term is nonnegative", "every term of its negative is nonnegative"},
    {"a sum of squares", "minus a sum of squares"},
    {"nonnegative by Cauchy and Schwarz", "at most 0 by Cauchy and Schwarz"},
    {"nonnegative, as its own derivatives from the end of the interval show",
     "at most 0, as its own derivatives from the end of the interval show"},
};

// Returns what a rule that proves -q nonnegative says of q, e.g. "minus a sum of squares".
const char *sdp_rule_of_negative(const char *rule)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].rule == rule) return rules[i].of_negative;
    return rule;
}

// c*w^2 of a number w, where c is no sum of terms with one sign
static bool by_slope(sdp_graph *g, sdp_id q, sdp_id w)
{
    sdp_id one = sdp_number(g, SDP_NUM_ONE);
    if (sdp_get(g, w)->order) return false;
    sdp_id c = sdp_simplify(g, sdp_substitute(g, q, 1, &w, &one));
    return !sdp_scalar_is_nonneg(g, c) && !sdp_known_nonneg(g, joined(g, c)) && sdp_sign_by_slope(g, c) > 0;
}

bool sdp_form_is_nonneg(sdp_graph *g, sdp_id q, uint32_t n, const sdp_id *w, const char **rule)
{
    q = without_weights(g, q, n, w);
    sdp_id form[] = {q, sdp_simplify(g, sdp_multiply_out_all(g, q)), sdp_multiply_out_all(g, q)};
    for (int k = 0; k < 3; k++)
        if (terms_are_nonneg(g, form[k])) return *rule = rules[0].rule, true;
    if (n == 1 && by_slope(g, q, w[0])) return *rule = rules[3].rule, true;
    if (by_elimination(g, q, n, w, false)) return *rule = rules[1].rule, true;
    if (n == 1 && by_cauchy(g, q, w[0])) return *rule = rules[2].rule, true;
    return false;
}

// c*tr(M*V*N*V) with positive definite M, N and a symmetric V: the square of
// norm(sqrt(M)*V*sqrt(N)), 0 for V = 0 only.
static bool is_congruence(sdp_graph *g, sdp_id id, sdp_id v)
{
    const sdp_node *n = sdp_get(g, id);
    // positive numbers beside it
    while (n->kind == SDP_MUL && !n->nlabels && n->nargs && sdp_num_sign(g, n->coef[0]) > 0) {
        uint32_t inside = n->nargs;
        for (uint32_t i = 0; i < n->nargs; i++) {
            if (sdp_known_positive(g, n->arg[i])) continue;
            if (inside < n->nargs) return false;
            inside = i;
        }
        if (inside == n->nargs) return false;
        n = sdp_get(g, id = n->arg[inside]);
    }
    uint32_t matrix[4] = {0}, count = 0, ends[SDP_MAX_LABELS][2] = {{0}}, met[SDP_MAX_LABELS] = {0};
    if (n->kind != SDP_MUL || n->order || n->nlabels != 4 || sdp_num_sign(g, n->coef[0]) <= 0 ||
        !(sdp_facts(g, v).yes & SDP_SYMMETRIC))
        return false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        int order = sdp_get(g, n->arg[i])->order;
        if (order == 0 && sdp_known_positive(g, n->arg[i])) continue;
        if (order != 2 || count == 4 || (n->arg[i] != v && !sdp_has(g, n->arg[i], SDP_POSDEF))) return false;
        const uint8_t *l = sdp_labels(g, n, i);
        for (int k = 0; k < 2; k++) {
            if (met[l[k]] == 2) return false;
            ends[l[k]][met[l[k]]++] = i;
        }
        matrix[count++] = i;
    }
    uint32_t vs = 0;
    for (uint32_t k = 0; k < count; k++) vs += n->arg[matrix[k]] == v;
    if (count != 4 || vs != 2) return false;
    for (uint32_t l = 0; l < 4; l++) // every label joins V and another matrix
        if (met[l] != 2 || (n->arg[ends[l][0]] == v) == (n->arg[ends[l][1]] == v)) return false;
    for (uint32_t l = 0; l < 4; l++) // no two labels join the same two: tr(M*V)^2
        for (uint32_t k = 0; k < l; k++)
            if ((ends[l][0] == ends[k][0] && ends[l][1] == ends[k][1]) ||
                (ends[l][0] == ends[k][1] && ends[l][1] == ends[k][0]))
                return false;
    return true;
}

static bool by_congruence(sdp_graph *g, sdp_id q, sdp_id v)
{
    sdp_id form[] = {q, sdp_simplify(g, sdp_multiply_out_all(g, q))};
    bool found = false;
    for (int k = 0; k < 2 && !found; k++) {
        const sdp_node *n = sdp_get(g, form[k]);
        if (!terms_are_nonneg(g, form[k])) continue;
        found = is_congruence(g, form[k], v);
        for (uint32_t i = 0; i < n->nargs && n->kind == SDP_ADD; i++)
            found |= is_congruence(g, sdp_scale(g, n->coef[i], n->arg[i]), v);
    }
    return found;
}

bool sdp_form_is_positive(sdp_graph *g, sdp_id q, uint32_t n, const sdp_id *w)
{
    return by_elimination(g, q, n, w, true) || (n == 1 && by_congruence(g, q, w[0]));
}
