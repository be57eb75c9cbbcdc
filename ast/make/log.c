// SPDX-License-Identifier: MIT
// Logarithms of what would overflow or cancel: of sums of exponentials, of
// differences, of entries of a softmax.
//
// log(sum(exp(u))) is logsumexp(u), log(exp(u)+exp(v)) is v + softplus(u-v), log(erfc(u)-erfc(v)) a function
// of its own. These rewrites look through sums over an axis and through products, which a pattern over
// elements (rules.def) cannot say. Each holds where its left side has a value. Entry: sdp_rewrite_log.
#include <string.h>

#include "ast/make/inside.h"

sdp_id sdp_log_softmax(sdp_graph *g, sdp_id x, uint32_t axes)
{
    const sdp_node *n = g->node[x];
    uint8_t label[SDP_MAX_ORDER], all[SDP_MAX_ORDER];
    int k = 0;
    for (int i = 0; i < n->order; i++) {
        all[i] = (uint8_t)i;
        if (!(axes >> i & 1)) label[k++] = (uint8_t)i;
    }
    sdp_id lse = sdp_prim(g, SDP_OP_logsumexp, 1, &x, axes);
    return sdp_sub(g, x, sdp_mul(g, SDP_NUM_ONE, 1, &lse, label, n->order, all, n->dim));
}

// log(c), -log(n) for c = 1/n
static sdp_id log_of_number(sdp_graph *g, sdp_num c)
{
    sdp_num inverse = sdp_num_inv(g, c);
    if (!sdp_num_is_int(g, inverse)) return sdp_map1(g, SDP_OP_log, sdp_number(g, c));
    return sdp_scale(g, SDP_NUM_MINUS_ONE, sdp_map1(g, SDP_OP_log, sdp_number(g, inverse)));
}

// The one factor of m that is not a scalar, and the product of the scalars; m->nargs: there are several
static uint32_t array_of(sdp_graph *g, const sdp_node *m, sdp_id *scalar)
{
    uint32_t at = m->nargs;
    *scalar = sdp_number(g, m->coef[0]);
    for (uint32_t i = 0; i < m->nargs; i++) {
        if (!g->node[m->arg[i]]->order) *scalar = sdp_times(g, *scalar, m->arg[i]);
        else if (at < m->nargs) return m->nargs;
        else at = i;
    }
    return at;
}

// log(c*sum exp(u)) over some axes, c > 0 where it has a value: a mean has 1/n
static sdp_id log_of_sum(sdp_graph *g, const sdp_node *m)
{
    sdp_id scalar;
    uint32_t i = array_of(g, m, &scalar);
    if (i == m->nargs || sdp_num_sign(g, m->coef[0]) <= 0) return 0;
    const sdp_node *e = g->node[m->arg[i]];
    const uint8_t *out = m->label + e->order;
    if (e->kind != SDP_MAP || e->op != SDP_OP_exp || m->nlabels != e->order || m->order >= e->order) return 0;
    uint32_t axes = (1u << e->order) - 1;
    for (int k = 0, at = -1; k < m->order; k++) {
        const uint8_t *where = memchr(m->label, out[k], e->order);
        if (!where || where - m->label <= at) return 0;
        at = (int)(where - m->label);
        axes &= ~(1u << at);
    }
    sdp_id u = e->arg[0], lse = sdp_prim(g, SDP_OP_logsumexp, 1, &u, axes);
    sdp_id c = m->nargs == 1 ? log_of_number(g, m->coef[0]) : sdp_map1(g, SDP_OP_log, scalar);
    return sdp_add2(g, lse, sdp_broadcast(g, c, m->order, m->dim));
}

// log(a exp(u) + exp(v)) = v + softplus(u + log(a) - v), v may be 0, and for scalars
// log(1 + exp(u) + exp(v) + ..) = logsumexp([0; u; v; ..]): no exponential is formed, so nothing overflows. A
// coefficient of all of them is taken out.
static sdp_id log_of_exponentials(sdp_graph *g, sdp_id sum)
{
    sdp_num c = SDP_NUM_ONE, unit;
    if (g->node[sum]->kind != SDP_ADD) return 0;
    sdp_id plain = sdp_primitive_part(g, sum, &c), log;
    if (c != SDP_NUM_ONE && sdp_num_sign(g, c) > 0 && (log = log_of_exponentials(g, plain)) != 0)
        return sdp_add2(g, log,
                        sdp_broadcast(g, log_of_number(g, c), g->node[sum]->order, g->node[sum]->dim));
    const sdp_node *n = g->node[sum];
    if (n->nargs > SDP_FLAT_TERMS) return 0;
    sdp_id *u = sdp_scratch(&g->base, n->nargs * sizeof *u);
    bool any = false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *e = g->node[n->arg[i]];
        bool is_exp = e->kind == SDP_MAP && e->op == SDP_OP_exp;
        if (sdp_num_sign(g, n->coef[i]) <= 0 || (!is_exp && !sdp_is_number(g, n->arg[i], &unit))) return 0;
        if (!is_exp && sdp_num_sign(g, unit) <= 0) return 0;
        sdp_num weight = is_exp ? n->coef[i] : sdp_num_mul(g, n->coef[i], unit);
        u[i] = weight == SDP_NUM_ONE ? SDP_ID_ZERO : log_of_number(g, weight);
        if (is_exp)
            u[i] = u[i] == SDP_ID_ZERO ? e->arg[0]
                                       : sdp_add2(g, e->arg[0], sdp_broadcast(g, u[i], e->order, e->dim));
        else if (u[i] != SDP_ID_ZERO) u[i] = sdp_broadcast(g, u[i], e->order, e->dim);
        any |= is_exp;
    }
    if (!any) return 0;
    for (uint32_t i = 0; n->nargs == 2 && i < 2; i++)
        if (u[i] == SDP_ID_ZERO) return sdp_map1(g, SDP_OP_softplus, u[1 - i]);
    if (n->nargs == 2) return sdp_add2(g, u[1], sdp_map1(g, SDP_OP_softplus, sdp_sub(g, u[0], u[1])));
    if (n->order) return 0;
    sdp_dim size = sdp_dim_int(g, (long)n->nargs);
    sdp_num *one = sdp_scratch(&g->base, n->nargs * sizeof *one);
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_dim at = sdp_dim_int(g, (long)i);
        u[i] = sdp_times(g, u[i], sdp_sel(g, 1, &size, &at));
        one[i] = SDP_NUM_ONE;
    }
    sdp_id all = sdp_add(g, n->nargs, one, u);
    return sdp_prim(g, SDP_OP_logsumexp, 1, &all, 1);
}

// log(a exp(u) - b exp(v)) = u + log(a) + log(-expm1(v + log(b) - u - log(a))), which has a
// value where the left side has one
static sdp_id log_of_difference(sdp_graph *g, const sdp_node *n)
{
    sdp_id u[2] = {0};
    for (uint32_t i = 0; i < 2; i++) {
        const sdp_node *e = g->node[n->arg[i]];
        bool minus = sdp_num_sign(g, n->coef[i]) < 0;
        sdp_num weight = minus ? sdp_num_neg(g, n->coef[i]) : n->coef[i];
        if (e->kind != SDP_MAP || e->op != SDP_OP_exp || u[minus]) return 0;
        u[minus] = weight == SDP_NUM_ONE
                       ? e->arg[0]
                       : sdp_add2(g, e->arg[0], sdp_broadcast(g, log_of_number(g, weight), e->order, e->dim));
    }
    return sdp_template(g, "x+log(-expm1(y-x))", 2, u);
}

// log(f(u) - f(v)), f falls or rises: erfc, erf and sigmoid. From the row of f: x is
// the argument of the larger value
static sdp_id log_of_function_difference(sdp_graph *g, const sdp_node *n)
{
    static const struct {
        uint16_t op;
        const char *log;
    } known[] = {{SDP_OP_erfc, "logerfcdiff(x,y-x)"},
                 {SDP_OP_erf, "logerfcdiff(y,x-y)"},
                 {SDP_OP_sigmoid, "log(-expm1(y-x))-softplus(-x)-softplus(y)"}};
    const sdp_node *a = g->node[n->arg[0]], *b = g->node[n->arg[1]];
    if (a->kind != SDP_MAP || b->kind != SDP_MAP || a->op != b->op ||
        n->coef[0] != sdp_num_neg(g, n->coef[1]))
        return 0;
    bool swapped = sdp_num_sign(g, n->coef[0]) < 0;
    sdp_id u[2] = {swapped ? b->arg[0] : a->arg[0], swapped ? a->arg[0] : b->arg[0]}, log = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].op == a->op) log = sdp_template(g, known[i].log, 2, u);
    sdp_num c = n->coef[swapped];
    return !log || c == SDP_NUM_ONE
               ? log
               : sdp_add2(g, log, sdp_broadcast(g, log_of_number(g, c), n->order, n->dim));
}

// Returns the logarithm of a difference of two functions that cancels, or of a number times it, else 0.
static sdp_id log_of_two_terms(sdp_graph *g, const sdp_node *n)
{
    if (n->kind == SDP_MUL && n->nargs == 1 && n->nlabels == n->order && sdp_num_sign(g, n->coef[0]) > 0 &&
        sdp_get(g, n->arg[0])->kind == SDP_ADD) {
        sdp_id log =
            memcmp(n->label, sdp_labels(g, n, 1), n->order) ? 0 : log_of_two_terms(g, g->node[n->arg[0]]);
        return log ? sdp_add2(g, log, sdp_broadcast(g, log_of_number(g, n->coef[0]), n->order, n->dim)) : 0;
    }
    if (n->kind != SDP_ADD || n->nargs != 2) return 0;
    sdp_id log = log_of_difference(g, n);
    return log ? log : log_of_function_difference(g, n);
}

// log(S R) = log(S) + log(R) for a scalar S = sum exp(u): where the left side has a value, R is positive.
static sdp_id log_of_scaled_sum(sdp_graph *g, const sdp_node *m)
{
    for (uint32_t i = 0; m->nargs > 1 && i < m->nargs; i++) {
        const sdp_node *f = g->node[m->arg[i]];
        sdp_id log = f->kind == SDP_MUL && !f->order && !m->order ? log_of_sum(g, f) : 0;
        if (log) return sdp_add2(g, log, sdp_map1(g, SDP_OP_log, sdp_with_factor(g, m, i, SDP_ID_ONE)));
    }
    return 0;
}

// log(exp(u) R) = u + log(R): where the left side has a value, R is positive.
static sdp_id log_of_product(sdp_graph *g, const sdp_node *m)
{
    if (!sdp_is_entrywise(g, m)) return 0;
    for (uint32_t i = 0; m->nargs > 1 && i < m->nargs; i++) {
        const sdp_node *e = g->node[m->arg[i]];
        if (e->kind != SDP_MAP || e->op != SDP_OP_exp || e->order != m->order) continue;
        sdp_id rest = sdp_number(g, m->coef[0]);
        for (uint32_t k = 0; k < m->nargs; k++)
            if (k != i) rest = sdp_times(g, rest, m->arg[k]);
        if (g->node[rest]->order < m->order) rest = sdp_broadcast(g, rest, m->order, m->dim);
        return sdp_add2(g, e->arg[0], sdp_map1(g, SDP_OP_log, rest));
    }
    return 0;
}

// log(s[k]) = log(s)[k] for a softmax s, also where the entry is taken by a one-hot vector: y'*s
static sdp_id log_of_entry(sdp_graph *g, const sdp_node *m)
{
    uint32_t at = m->nargs;
    if (m->coef[0] != SDP_NUM_ONE) return 0;
    for (uint32_t i = 0; i < m->nargs; i++) {
        const sdp_node *f = g->node[m->arg[i]];
        if (f->kind == SDP_PRIM && f->op == SDP_OP_softmax && at == m->nargs) at = i;
        else if (f->kind != SDP_SEL && !(f->order == 1 && sdp_has(g, m->arg[i], SDP_ONEHOT))) return 0;
    }
    if (at == m->nargs || m->nlabels != g->node[m->arg[at]]->order || m->nargs != m->nlabels - m->order + 1U)
        return 0;
    sdp_id *arg = sdp_scratch(&g->base, m->nargs * sizeof *arg);
    sdp_copy(arg, m->arg, m->nargs * sizeof *arg);
    arg[at] = sdp_map1(g, SDP_OP_log, arg[at]);
    return sdp_mul(g, SDP_NUM_ONE, m->nargs, arg, m->label, m->order, sdp_labels(g, m, m->nargs), m->ldim);
}

sdp_id sdp_rewrite_log(sdp_graph *g, sdp_id x)
{
    const sdp_node *n = g->node[x];
    if (n->kind == SDP_PRIM && n->op == SDP_OP_det) return sdp_prim(g, SDP_OP_logdet, 1, n->arg, 0);
    if (n->kind == SDP_PRIM && n->op == SDP_OP_softmax) return sdp_log_softmax(g, n->arg[0], n->param);
    if (n->kind == SDP_CONST && n->op == SDP_OP_e) return SDP_ID_ONE;
    if (n->kind == SDP_POW && g->node[n->arg[0]]->kind == SDP_PRIM && g->node[n->arg[0]]->op == SDP_OP_det) {
        // log(det(A)^k) = k logdet(A), for det(A) > 0 as logdet has it
        const sdp_node *e = g->node[n->arg[1]];
        sdp_num half;
        if (e->kind == SDP_NUM && (half = sdp_num_mul(g, e->param, SDP_NUM_HALF), !sdp_num_is_int(g, half)))
            return sdp_scale(g, e->param, sdp_prim(g, SDP_OP_logdet, 1, g->node[n->arg[0]]->arg, 0));
    }
    sdp_id difference = log_of_two_terms(g, n);
    if (difference) return difference;
    if (n->kind == SDP_MUL) {
        sdp_id id = log_of_sum(g, n);
        if (!id) id = log_of_scaled_sum(g, n);
        if (!id) id = log_of_product(g, n);
        return id ? id : log_of_entry(g, n);
    }
    sdp_id stable = log_of_exponentials(g, x);
    if (stable) return stable;
    // log(1 + u) = log1p(u), accurate for small u
    for (uint32_t i = 0; n->kind == SDP_ADD && i < n->nargs; i++) {
        sdp_num one;
        if (n->coef[i] != SDP_NUM_ONE || !sdp_is_number(g, n->arg[i], &one) || one != SDP_NUM_ONE) continue;
        return sdp_map1(g, SDP_OP_log1p, sdp_sub(g, x, n->arg[i]));
    }
    return 0;
}
