// SPDX-License-Identifier: MIT
// Conditions implied by a guard, e.g. x-y > 0 in the branch log(x-y) of where(x > y, log(x-y), 0).
//
// A guard is taken apart into alternatives of comparisons (a != b is a > b or a < b), each of
// which makes a variable positive or not negative: x > y puts y+p in the place of x, with a
// positive p. A condition that holds by facts then is implied, if it is in every alternative. A guard that is
// too long to be taken apart implies nothing.
#include "simplify/answer/answer.h"

enum { MOST_ALTERNATIVES = 8, MOST_PARTS = 8 };
typedef struct {
    sdp_id part[MOST_PARTS];
    bool negated[MOST_PARTS];
    uint32_t n;
} alternative;
typedef struct {
    alternative of[MOST_ALTERNATIVES];
    uint32_t n;
} alternatives;

int sdp_negated_comparison(const sdp_node *n)
{
    return n->kind == SDP_MAP ? sdp_ops[n->op].negated : SDP_OP_none;
}

// Puts two parts for part i of an alternative: both hold, or one of them does, in a new
// alternative. False: there is no room.
static bool split(alternatives *a, uint32_t k, uint32_t i, const sdp_id *two, bool negated, bool both)
{
    alternative *x = &a->of[k];
    if (both ? x->n == MOST_PARTS : a->n == MOST_ALTERNATIVES) return false;
    x->part[i] = two[0], x->negated[i] = negated;
    if (both) {
        x->part[x->n] = two[1], x->negated[x->n++] = negated;
        return true;
    }
    a->of[a->n] = *x;
    a->of[a->n++].part[i] = two[1];
    return true;
}

// Takes part i of alternative k apart as far as it goes; false: there is no room.
static bool take_apart(sdp_graph *g, alternatives *a, uint32_t k, uint32_t i)
{
    for (;;) {
        alternative *x = &a->of[k];
        const sdp_node *n = sdp_get(g, x->part[i]);
        bool negated = x->negated[i];
        if (n->kind != SDP_MAP) return true;
        sdp_id ordered[] = {0, 0};
        int op = negated ? sdp_negated_comparison(n) : n->op;
        if (n->op == SDP_OP_not) x->part[i] = n->arg[0], x->negated[i] = !negated;
        else if (n->op == SDP_OP_and || n->op == SDP_OP_or) {
            if (!split(a, k, i, n->arg, negated, (n->op == SDP_OP_and) != negated)) return false;
        } else if (op == SDP_OP_ne) {
            ordered[0] = sdp_map(g, SDP_OP_gt, n->arg), ordered[1] = sdp_map(g, SDP_OP_lt, n->arg);
            if (!split(a, k, i, ordered, false, false)) return false;
        } else return true;
    }
}

// Returns the difference that a comparison makes positive, or not negative. Returns 0 if there is none.
static sdp_id difference(sdp_graph *g, sdp_id part, bool negated, bool *positive)
{
    const sdp_node *n = sdp_get(g, part);
    int op = negated ? sdp_negated_comparison(n) : n->kind == SDP_MAP ? n->op : SDP_OP_none;
    return sdp_ordered_difference(g, op, n->arg, positive);
}

// d = c*v + rest with a variable v that is not in the rest: (d-rest)/c stands for it. 0: there is none.
static sdp_id solved(sdp_graph *g, sdp_id d, sdp_id p, sdp_id *v)
{
    const sdp_node *n = sdp_get(g, d);
    uint32_t terms = n->kind == SDP_ADD ? n->nargs : 1;
    for (uint32_t i = 0; i < terms; i++) {
        sdp_num c = n->kind == SDP_ADD ? n->coef[i] : SDP_NUM_ONE;
        sdp_id term = n->kind == SDP_ADD ? n->arg[i] : d;
        const sdp_node *t = sdp_get(g, term);
        bool scaled = t->kind == SDP_MUL && t->nargs == 1 && sdp_get(g, t->arg[0])->order == t->order;
        if (scaled && sdp_scale(g, t->coef[0], t->arg[0]) == term)
            c = sdp_num_mul(g, c, t->coef[0]), term = t->arg[0];
        sdp_id rest = sdp_sub(g, d, sdp_scale(g, c, term));
        if (sdp_get(g, term)->kind != SDP_VAR || sdp_depends(g, rest, term)) continue;
        *v = term;
        return sdp_scale(g, sdp_num_inv(g, c), sdp_sub(g, p, rest));
    }
    return 0;
}

static sdp_id unknown(sdp_graph *g, sdp_id like, uint32_t k, bool positive)
{
    const sdp_node *n = sdp_get(g, like);
    sdp_dim rows = n->order > 0 ? n->dim[0] : SDP_DIM_ONE, cols = n->order > 1 ? n->dim[1] : SDP_DIM_ONE;
    const char *name = sdp_printf(&g->base, "$%u_%u_%u_%d", k, rows, cols, positive);
    return sdp_hidden_variable(g, name, n->order, n->dim, positive ? SDP_POSITIVE | SDP_NONNEG : SDP_NONNEG);
}

// Does the test hold of the condition, if all parts of the alternative do?
static bool holds_if(sdp_graph *g, const alternative *x, sdp_id cond, sdp_test *test)
{
    sdp_id now[MOST_PARTS + 1] = {cond};
    bool positive[MOST_PARTS + 1] = {false};
    uint32_t n = 1;
    for (uint32_t i = 0; i < x->n; i++)
        if ((now[n] = difference(g, x->part[i], x->negated[i], &positive[n])) != 0) n++;
    for (uint32_t i = 1; i < n; i++) {
        sdp_num number;
        sdp_id v = now[i];
        if (sdp_get(g, v)->order > 2 || sdp_is_number(g, v, &number)) continue;
        sdp_id p = unknown(g, v, i, positive[i]), value = solved(g, now[i], p, &v);
        if (!value) value = p;
        sdp_substitute_all(g, n, now, 1, &v, &value);
    }
    return test(g, now[0]);
}

bool sdp_branch_implies(sdp_graph *g, sdp_branch branch, sdp_id cond, sdp_test *test)
{
    alternatives a = {.n = 1};
    a.of[0] = (alternative){.part = {sdp_branch_condition(branch)},
                            .negated = {sdp_branch_arm(branch) != 1},
                            .n = 1};
    for (uint32_t k = 0; k < a.n; k++)
        for (uint32_t i = 0; i < a.of[k].n; i++)
            if (!take_apart(g, &a, k, i)) return false;
    for (uint32_t k = 0; k < a.n; k++)
        if (!holds_if(g, &a.of[k], cond, test)) return false;
    return true;
}

// ---- guards of guards -------------------------------------------------------------------------------------
// A branch as a condition that holds: 0 if it is too long
static sdp_id plain(sdp_graph *g, sdp_branch branch)
{
    sdp_id condition = sdp_branch_condition(branch);
    const sdp_node *n = sdp_get(g, condition);
    if (sdp_branch_arm(branch) == 1) return condition;
    return sdp_negated_comparison(n) ? sdp_map(g, sdp_negated_comparison(n), n->arg) : 0;
}

static sdp_branch joined(sdp_graph *g, int op, sdp_branch a, sdp_branch b, sdp_branch otherwise)
{
    enum { LONG = 24 };
    if (a == b) return a;
    sdp_id x = a && b ? plain(g, a) : 0, y = a && b ? plain(g, b) : 0;
    if (!x || !y || sdp_node_count(g, x) + sdp_node_count(g, y) > LONG ||
        sdp_get(g, x)->order != sdp_get(g, y)->order)
        return otherwise;
    return sdp_branch_of(sdp_map(g, op, x < y ? (sdp_id[]){x, y} : (sdp_id[]){y, x}), 1);
}

sdp_branch sdp_branch_within(sdp_graph *g, sdp_branch outer, sdp_branch inner)
{
    return outer ? joined(g, SDP_OP_and, outer, inner, outer) : inner;
}
sdp_branch sdp_branch_either(sdp_graph *g, sdp_branch a, sdp_branch b)
{
    return joined(g, SDP_OP_or, a, b, 0);
}
