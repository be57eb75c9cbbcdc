// SPDX-License-Identifier: MIT
// The constructor of element-wise functions.
//
// Scalars are stretched to the shape of the others; then the first step that applies makes another node
// instead: parity (sin(-x) is -sin(x)), facts (|x| is x for x >= 0), folding of constants, rows of rules.def,
// functions of diagonal matrices, one orientation of a transpose. All of it follows from columns of ops.def.
// Entry: sdp_map.
#include <string.h>

#include "ast/make/inside.h"

// ---- constant folding -------------------------------------------------------------------------------------

// The side on which a function that has two lies at numbers: 1, -1; 0 where they meet
static int side_of(sdp_graph *g, const sdp_sides *two, uint32_t n, const sdp_id *arg)
{
    sdp_num d;
    return sdp_is_number(g, sdp_template(g, two->decider, n, arg), &d) ? sdp_num_sign(g, d) : 0;
}

// At numbers, what the sides say; 0: no number
static sdp_id fold_sides(sdp_graph *g, int op, uint32_t n, const sdp_id *arg)
{
    const sdp_sides *two = &sdp_ops[op].sides;
    int side = side_of(g, two, n, arg);
    const char *text = side > 0 || (!side && two->tie & SDP_TIE_above) ? two->above
                       : side < 0 || two->tie                          ? two->below
                                                                       : NULL;
    sdp_id r = text ? sdp_template(g, text, n, arg) : SDP_ID_ZERO;
    return g->node[r]->kind == SDP_NUM ? r : 0;
}

static sdp_id fold_log(sdp_graph *g, sdp_num x)
{
    if (sdp_num_sign(g, x) <= 0)
        sdp_fail(&g->base, SD_ERR_DOMAIN, (sdp_span){0, 0}, NULL, "log of %s is not a real number",
                 sdp_num_text(g, x));
    return x == SDP_NUM_ONE ? SDP_ID_ZERO : 0;
}

sdp_id sdp_fold_constant(sdp_graph *g, int op, uint32_t n, const sdp_id *arg)
{
    static const sdp_num at_zero[] = {[SDP_AT_ZERO_zero] = SDP_NUM_ZERO,
                                      [SDP_AT_ZERO_one] = SDP_NUM_ONE,
                                      [SDP_AT_ZERO_half] = SDP_NUM_HALF};
    for (uint32_t i = 0; i < n; i++)
        if (g->node[arg[i]]->kind != SDP_NUM) return 0;
    if (sdp_ops[op].sides.decider) return fold_sides(g, op, n, arg);
    if (op == SDP_OP_eq || op == SDP_OP_ne)
        return (arg[0] == arg[1]) == (op == SDP_OP_eq) ? SDP_ID_ONE : SDP_ID_ZERO;
    if (op == SDP_OP_log || op == SDP_OP_log2 || op == SDP_OP_log10)
        return fold_log(g, g->node[arg[0]]->param);
    return n == 1 && arg[0] == SDP_ID_ZERO && sdp_at_zero(op) ? sdp_number(g, at_zero[sdp_at_zero(op)]) : 0;
}

// ---- element-wise functions -------------------------------------------------------------------------------

// Is every coefficient negative, so that -a is the nicer argument?
static bool negative(const sdp_graph *g, sdp_id a)
{
    const sdp_node *n = g->node[a];
    if (n->kind == SDP_NUM) return sdp_num_sign(g, n->param) < 0;
    if (n->kind == SDP_MUL) return sdp_num_sign(g, n->coef[0]) < 0;
    if (n->kind != SDP_ADD) return false;
    for (uint32_t i = 0; i < n->nargs; i++)
        if (sdp_num_sign(g, n->coef[i]) > 0) return false;
    return true;
}

static sdp_id by_parity(sdp_graph *g, int op, sdp_id x)
{
    sdp_parity parity = sdp_ops[op].parity;
    if (!parity || !negative(g, x)) return 0;
    sdp_id r = sdp_map1(g, op, sdp_scale(g, SDP_NUM_MINUS_ONE, x));
    return parity == SDP_PARITY_odd ? sdp_scale(g, SDP_NUM_MINUS_ONE, r) : r;
}

// J(-2,x) = J(2,x), J(-1,x) = -J(1,x)
static sdp_id by_order(sdp_graph *g, int op, const sdp_id *arg)
{
    sdp_parity parity = sdp_ops[op].in_order;
    sdp_id whole = arg[0];
    sdp_num n;
    if (!parity || (!sdp_is_number(g, whole, &n) && !sdp_is_broadcast(g, whole, &whole))) return 0;
    if (!sdp_is_number(g, whole, &n) || sdp_num_sign(g, n) >= 0 || !sdp_num_is_int(g, n)) return 0;
    bool odd = !sdp_num_is_int(g, sdp_num_mul(g, n, SDP_NUM_HALF)) && parity == SDP_PARITY_alternating;
    sdp_id r = sdp_map(g, op, (sdp_id[]){sdp_scale(g, SDP_NUM_MINUS_ONE, arg[0]), arg[1]});
    return odd ? sdp_scale(g, SDP_NUM_MINUS_ONE, r) : r;
}

// Does condition b hold in an arm of where(a, ., .)? 1: yes, 0: no, -1: that is not known. The orders a and b
// are d > 0 and d+k > 0, or k-d > 0, with a number k, or have >= in them: x > 1 settles x > 0 and x < 0.
// Where a is false, something may be no number, for which b is false, too: there only a no is known.
static int settled(sdp_graph *g, sdp_id a, int arm, sdp_id b)
{
    if (a == b) return arm == 1;
    const sdp_node *x = g->node[a], *y = g->node[b];
    if (x->kind != SDP_MAP || y->kind != SDP_MAP) return -1;
    bool strict, strict_b;
    sdp_id d = sdp_ordered_difference(g, x->op, x->arg, &strict),
           e = d ? sdp_ordered_difference(g, y->op, y->arg, &strict_b) : 0;
    if (!e) return -1;
    for (int against = 0; against < 2; against++) {
        sdp_id k = against ? sdp_add2(g, e, d) : sdp_sub(g, e, d);
        sdp_num number;
        if (!sdp_is_number(g, k, &number) && !(sdp_is_broadcast(g, k, &k) && sdp_is_number(g, k, &number)))
            continue;
        int sign = sdp_num_sign(g, number);
        if (arm == 1 && against) return sign < 0 || (sign == 0 && (strict || strict_b)) ? 0 : -1;
        if (arm == 1) return sign > 0 || (sign == 0 && (strict || !strict_b)) ? 1 : -1;
        if (!against) return sign < 0 || (sign == 0 && (strict_b || !strict)) ? 0 : -1;
    }
    return -1;
}

// where(c, a, k*where(d, p, b)) = where(c, a, k*b) if d does not hold where c does not: as for d = c
static sdp_id where_known(sdp_graph *g, const sdp_id *arg)
{
    sdp_num c;
    if (arg[1] == arg[2]) return arg[1];
    for (int side = 1; side < 3; side++) {
        sdp_id inner[3] = {arg[0], arg[1], arg[2]}, part = sdp_unit_part(g, arg[side], &c);
        const sdp_node *n = g->node[part]; // sdp_unit_part may make nodes, and so move the table of them
        bool where = n->kind == SDP_MAP && n->op == SDP_OP_where && n->order == g->node[arg[0]]->order;
        int holds = where ? settled(g, arg[0], side, n->arg[0]) : -1;
        if (holds < 0) continue;
        inner[side] = sdp_scale(g, c, n->arg[holds ? 1 : 2]);
        return sdp_map(g, SDP_OP_where, inner);
    }
    if (!sdp_is_number(g, arg[0], &c)) return 0;
    return sdp_num_sign(g, c) > 0 ? arg[1] : arg[2];
}

// Facts about the argument settle some functions: |x| = x for x >= 0, floor(k) = k. A
// scalar may be known to lack one.
static sdp_id by_facts(sdp_graph *g, int op, sdp_id x)
{
    const sdp_op *row = &sdp_ops[op];
    const sdp_node *n = g->node[x];
    if (row->range == SDP_RANGE_integer) return sdp_has(g, x, SDP_INTEGER) ? x : 0;
    if (!row->sides.decider) return 0;
    sdp_known k = sdp_facts(g, x);
    bool above = k.yes & (row->sides.tie & SDP_TIE_above ? SDP_NONNEG : SDP_POSITIVE);
    bool below = !n->order && k.no & (row->sides.tie & SDP_TIE_below ? SDP_POSITIVE : SDP_NONNEG);
    if (!above && !below) return 0;
    sdp_id r = sdp_template(g, above ? row->sides.above : row->sides.below, 1, &x);
    return g->node[r]->order < n->order ? sdp_broadcast(g, r, n->order, n->dim) : r;
}

// f(diag(x)) = diag(f(x)) if f(0) = 0, and where(c, diag(x), diag(y)) for any c.
// Returns 0 if this does not apply.
static sdp_id on_diagonal(sdp_graph *g, int op, uint32_t n, const sdp_id *arg)
{
    uint8_t to[SDP_MAX_ORDER], kept[SDP_MAX_ORDER];
    sdp_id value[3], inner[3];
    uint32_t values = 0, order = 0;
    const sdp_node *x = g->node[arg[0]];
    for (uint32_t i = op == SDP_OP_where; i < n; i++)
        if (!sdp_is_zero(g, arg[i])) value[values++] = arg[i];
    if (!values || !sdp_spread(g, values, value, to)) return 0;
    for (int k = 0; k < x->order; k++) {
        if (to[k] >= x->order) return 0;
        if (to[k] == order) kept[order++] = to[k];
    }
    for (uint32_t i = 0; i < n; i++) inner[i] = SDP_ID_ZERO;
    bool log = op == SDP_OP_log || op == SDP_OP_log2 || op == SDP_OP_log10;
    if (op != SDP_OP_where && (log || sdp_fold_constant(g, op, n, inner) != SDP_ID_ZERO)) return 0;
    for (uint32_t i = 0; i < n; i++)
        inner[i] = sdp_mul(g, SDP_NUM_ONE, 1, &arg[i], to, (int)order, kept, NULL);
    return sdp_scatter(g, sdp_map(g, op, inner), to, x->order, x->dim);
}

// f(A') is f(A)': one orientation only, the one that a rule knows or else the
// older one. 0: that of the arguments.
static sdp_id turned(sdp_graph *g, int op, uint32_t n, const sdp_id *arg)
{
    sdp_id t[3], r;
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++) t[i] = sdp_transpose(g, arg[i]);
    while (k < n && t[k] == arg[k]) k++;
    if (k == n) return 0;
    r = t[k] < arg[k] ? sdp_map(g, op, t) : sdp_rewrite_map(g, op, t);
    return r ? sdp_transpose(g, r) : 0;
}

static uint32_t arity(int op) { return (uint32_t)sdp_ops[op].min_args; }

// Is u a term of x or, up to a number, a factor of one?
static bool is_part(sdp_graph *g, sdp_id x, sdp_id u)
{
    const sdp_node *n = g->node[x];
    bool sum = n->kind == SDP_ADD;
    for (uint32_t i = 0; i < (sum ? n->nargs : 1); i++) {
        sdp_num coef;
        sdp_id t = sdp_unit_part(g, sum ? n->arg[i] : x, &coef);
        if (t == u) return true;
        for (uint32_t k = 0; g->node[t]->kind == SDP_MUL && k < g->node[t]->nargs; k++)
            if (g->node[t]->arg[k] == u) return true;
    }
    return false;
}

// An order of two whose difference is a part of them: tau*u >= tau*u-u is u >= 0, and so is u+v >= v.
static sdp_id by_difference(sdp_graph *g, int op, const sdp_id *arg)
{
    int mirrored = sdp_ops[op].order.mirrored;
    sdp_num coef;
    if (!mirrored || sdp_is_zero(g, arg[0]) || sdp_is_zero(g, arg[1])) return 0;
    sdp_id rest = sdp_sub(g, arg[0], arg[1]);
    if (sdp_is_zero(g, rest) || sdp_is_number(g, rest, &coef)) return 0;
    rest = sdp_unit_part(g, rest, &coef);
    if (!is_part(g, arg[0], rest) && !is_part(g, arg[1], rest)) return 0;
    return sdp_map(g, sdp_num_sign(g, coef) < 0 ? mirrored : op, (sdp_id[]){rest, SDP_ID_ZERO});
}

sdp_id sdp_map(sdp_graph *g, int op, const sdp_id *given)
{
    sdp_id arg[3];
    uint32_t n = arity(op), wide = 0;
    uint8_t to[SDP_MAX_ORDER];
    sdp_copy(arg, given, n * sizeof *arg);
    for (uint32_t i = 0; i < n; i++)
        if (g->node[arg[i]]->order) wide = i;
    const sdp_node *w = g->node[arg[wide]];
    for (uint32_t i = 0; i < n; i++)
        if (g->node[arg[i]]->order < w->order) arg[i] = sdp_broadcast(g, arg[i], w->order, w->dim);
    if (sdp_constant_axes(g, n, arg, to)) {
        for (uint32_t i = 0; i < n; i++) arg[i] = sdp_gather(g, arg[i], to);
        return sdp_scatter(g, sdp_map(g, op, arg), to, w->order, w->dim);
    }
    sdp_id r = 0;
    if (n == 1) r = by_parity(g, op, arg[0]);
    if (!r && n == 1) r = by_facts(g, op, arg[0]);
    if (!r && op == SDP_OP_where) r = where_known(g, arg);
    if (!r && n == 2) r = by_order(g, op, arg);
    if (!r && n == 2) r = by_difference(g, op, arg);
    if (!r) r = sdp_fold_constant(g, op, n, arg);
    if (!r) r = sdp_rewrite_map(g, op, arg);
    if (!r) r = on_diagonal(g, op, n, arg);
    if (!r && w->order == 2) r = turned(g, op, n, arg);
    if (r) return r;
    w = g->node[arg[0]];
    r = sdp_intern(g, &(sdp_node){.kind = SDP_MAP,
                                  .order = w->order,
                                  .op = (uint16_t)op,
                                  .nargs = n,
                                  .dim = w->dim,
                                  .arg = arg});
    return w->order > 2 ? sdp_oriented(g, r) : r;
}

sdp_id sdp_map1(sdp_graph *g, int op, sdp_id x) { return sdp_map(g, op, &x); }
