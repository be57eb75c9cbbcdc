// SPDX-License-Identifier: MIT
// Products beside which something is 0 by form: steps, and where(c, p, 0).
//
// The derivative of sqrt(relu(u)) is step(u)/(2*sqrt(relu(u))). Where u < 0 that is 0*inf, and the derivative
// is 0; nothing may be absorbed either, as step(u) is what is 0 there. So a step, or a factor relu(u), beside
// a negative power of what vanishes with relu(u) becomes a branch, where(u>0, 1/(2*sqrt(u)), 0), and a branch
// takes the factors in that have no other index: where(c, p, 0)*r is where(c, p*r, 0), so that what is not
// taken does not meet 0*inf.
//
// A power is taken as a derivative of a power that is 0 itself for u < 0: one above -1, or a symbol.
// step(u)/relu(u), the derivative of log(relu(u)), is left alone: neither has a value there.
#include <string.h>

#include "ast/make/mul.h"

enum { DEPTH = 8 }; // of expressions that are looked into

// ---- what vanishes with relu(u) ---------------------------------------------------------------------------
static bool is_map_of(const sdp_node *n, int op, sdp_id u)
{
    return n->kind == SDP_MAP && n->op == op && n->arg[0] == u;
}

static bool settles(sdp_graph *g, sdp_id id, int depth, sdp_num *to);

// f(0, ...) of exact numbers: cbrt(0), cos(0), min(0, 1); min(0, x) for x >= 0
static bool function_settles(sdp_graph *g, const sdp_node *n, int depth, sdp_num *to)
{
    sdp_id arg[3], value;
    bool any = false, nonneg = n->op == SDP_OP_min;
    for (uint32_t i = 0; i < n->nargs; i++) nonneg = nonneg && sdp_known_nonneg(g, n->arg[i]);
    for (uint32_t i = 0; i < n->nargs && nonneg; i++)
        if (settles(g, n->arg[i], depth, to) && *to == SDP_NUM_ZERO) return true;
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (!settles(g, n->arg[i], depth, to)) return false;
        arg[i] = sdp_number(g, *to);
        any |= *to == SDP_NUM_ZERO;
    }
    bool log = n->op == SDP_OP_log || n->op == SDP_OP_log2 || n->op == SDP_OP_log10;
    value = any && log ? 0 : sdp_fold_constant(g, n->op, n->nargs, arg);
    return value && sdp_is_number(g, value, to);
}

static bool is_one_sided(const sdp_node *n)
{
    return n->kind == SDP_MAP && (n->op == SDP_OP_step || n->op == SDP_OP_relu);
}

// May the power b^e be infinite because b vanishes?
static bool is_downward(sdp_graph *g, const sdp_node *p)
{
    sdp_num e;
    return p->kind == SDP_POW && !(sdp_is_number(g, p->arg[1], &e) && sdp_num_sign(g, e) > 0) &&
           !sdp_known_positive(g, p->arg[0]);
}

static bool sum_settles(sdp_graph *g, const sdp_node *n, int depth, sdp_num *to)
{
    sdp_num sum = SDP_NUM_ZERO;
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (!settles(g, n->arg[i], depth, to)) return false;
        sum = sdp_num_add(g, sum, sdp_num_mul(g, n->coef[i], *to));
    }
    *to = sum;
    return true;
}

static bool product_settles(sdp_graph *g, const sdp_node *n, int depth, sdp_num *to)
{
    bool any = false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (is_downward(g, g->node[n->arg[i]])) return false;
        any |= settles(g, n->arg[i], depth, to) && *to == SDP_NUM_ZERO;
    }
    bool number = n->nargs == 0 && n->nlabels == n->order; // repeated along axes
    *to = any ? SDP_NUM_ZERO : n->coef[0];
    return any || number;
}

// Where every relu(...) in the node is 0, is every entry of it this number?
static bool settles(sdp_graph *g, sdp_id id, int depth, sdp_num *to)
{
    const sdp_node *n = g->node[id];
    sdp_num e;
    *to = SDP_NUM_ZERO;
    if (is_one_sided(n)) return true;
    if (n->kind == SDP_NUM) return sdp_is_number(g, id, to);
    if (!depth || n->nargs > SDP_MAX_FACTORS) return false;
    switch (n->kind) {
    case SDP_POW:
        return sdp_is_number(g, n->arg[1], &e) && sdp_num_sign(g, e) > 0 &&
               settles(g, n->arg[0], depth - 1, to) && (*to == SDP_NUM_ZERO || *to == SDP_NUM_ONE);
    case SDP_MAP: return function_settles(g, n, depth - 1, to);
    case SDP_PRIM:
        return (n->op == SDP_OP_norm || n->op == SDP_OP_maxof || n->op == SDP_OP_minof ||
                n->op == SDP_OP_prod) &&
               settles(g, n->arg[0], depth - 1, to) && *to == SDP_NUM_ZERO;
    case SDP_ADD: return sum_settles(g, n, depth - 1, to);
    case SDP_MUL: return product_settles(g, n, depth - 1, to);
    default: return false;
    }
}

static bool vanishes(sdp_graph *g, sdp_id id)
{
    sdp_num to;
    return settles(g, id, DEPTH, &to) && to == SDP_NUM_ZERO;
}

// Does an entry of the node depend on the entry of u at the same place alone, as far as relu(u) goes?
static bool is_local(sdp_graph *g, sdp_id id, sdp_id u, int depth)
{
    const sdp_node *n = g->node[id];
    if (!g->node[u]->order || is_map_of(n, SDP_OP_relu, u)) return true;
    if (n->kind == SDP_NUM || (n->kind == SDP_MUL && n->nargs == 0)) return true;
    if (!depth || n->order != g->node[u]->order || n->nargs > SDP_MAX_FACTORS) return false;
    if (n->kind != SDP_MAP && n->kind != SDP_POW && n->kind != SDP_ADD &&
        !(n->kind == SDP_MUL && sdp_is_entrywise(g, n)))
        return false;
    for (uint32_t i = 0; i < n->nargs; i++)
        if (g->node[n->arg[i]]->order && !is_local(g, n->arg[i], u, depth - 1)) return false;
    return true;
}

// ---- steps become branches --------------------------------------------------------------------------------
// The exponents of all factors but those at i and j that vanish with relu(u), as
// prod(relu(x)) does beside step(x)./relu(x)
static sdp_num exponents_beside(const mul_work *w, uint32_t i, uint32_t j, sdp_id relu)
{
    sdp_graph *g = w->g;
    sdp_num sum = SDP_NUM_ZERO, e;
    for (uint32_t k = 0; k < w->n; k++) {
        const sdp_node *n = g->node[w->f[k].node];
        sdp_id base = n->kind == SDP_POW ? n->arg[0] : w->f[k].node;
        if (k == i || k == j || g->node[base]->op == SDP_OP_step || !sdp_depends(g, base, relu)) continue;
        e = SDP_NUM_ONE;
        if (n->kind == SDP_POW && !sdp_is_number(g, n->arg[1], &e)) continue;
        if (sdp_num_sign(g, e) > 0 && vanishes(g, base)) sum = sdp_num_add(g, sum, e);
    }
    return sum;
}

// Is the factor at j b^e, of a value b^(e+1) that is 0 where u <= 0? What vanishes beside step(u) counts, and
// beside a power of a norm that of its argument at i.
static bool is_singular(const mul_work *w, uint32_t i, uint32_t j, sdp_id u, sdp_num power)
{
    sdp_graph *g = w->g;
    const sdp_node *n = g->node[w->f[j].node], *b = n->kind == SDP_POW ? g->node[n->arg[0]] : n;
    bool step = power == SDP_NUM_ZERO;
    sdp_id relu = sdp_map1(g, SDP_OP_relu, u);
    sdp_num e;
    if (n->kind != SDP_POW || !sdp_depends(g, n->arg[0], relu)) return false;
    if (sdp_is_number(g, n->arg[1], &e)) {
        bool cbrt = b->kind == SDP_MAP && b->op == SDP_OP_cbrt,
             norm = b->kind == SDP_PRIM && b->op == SDP_OP_norm;
        if (sdp_num_sign(g, e) >= 0) return false;
        if (norm) e = sdp_num_add(g, e, power);
        if (step) e = sdp_num_add(g, e, exponents_beside(w, i, j, relu));
        if (sdp_num_cmp(g, e, sdp_num_int(g, cbrt ? -3 : -1)) <= 0) return false;
    } else if (!step) return false;
    return vanishes(g, n->arg[0]);
}

// The factor at i is step(u), or a power of relu(u); the power, or SDP_NUM_ZERO.
static bool is_side(const mul_work *w, uint32_t i, sdp_id *u, sdp_id *base, sdp_num *power)
{
    const sdp_graph *g = w->g;
    const sdp_node *n = g->node[w->f[i].node];
    *power = SDP_NUM_ONE;
    *base = w->f[i].node;
    if (n->kind == SDP_POW && sdp_is_number(g, n->arg[1], power) && sdp_num_sign(g, *power) > 0)
        n = g->node[ *base = n->arg[0]];
    if (!is_one_sided(n)) return false;
    *u = n->arg[0];
    return true;
}

static bool is_within(const sdp_graph *g, const mul_factor *inner, const mul_factor *outer)
{
    for (int k = 0; k < sdp_order(g, inner->node); k++)
        if (!memchr(outer->label, inner->label[k], (size_t)sdp_order(g, outer->node))) return false;
    return true;
}

// step(u)*b^e = where(u>0, b^e, 0) with u for relu(u) in b
void sdp_mul_step_into_where(mul_work *w)
{
    sdp_graph *g = w->g;
    for (uint32_t i = 0; i < w->n && w->n > 1; i++) {
        sdp_id u, base;
        sdp_num power;
        if (!is_side(w, i, &u, &base, &power)) continue;
        bool step = g->node[base]->op == SDP_OP_step, found = false;
        for (uint32_t j = 0; j < w->n; j++) {
            sdp_id node = w->f[j].node, relu = 0;
            if (j == i || !is_within(g, &w->f[j], &w->f[i]) ||
                !is_singular(w, i, j, u, step ? SDP_NUM_ZERO : power))
                continue;
            found = true;
            if (!is_local(g, g->node[node]->arg[0], u, DEPTH)) continue;
            relu = sdp_map1(g, SDP_OP_relu, u);
            sdp_id taken = sdp_substitute(g, g->node[node]->arg[0], 1, &relu, &u);
            if (!sdp_is_zero(g, taken)) w->f[j].node = sdp_power(g, taken, g->node[node]->arg[1]);
        }
        if (!found) continue;
        const sdp_node *x = g->node[u];
        sdp_id one = step ? SDP_ID_ONE : sdp_power_num(g, u, power), zero = sdp_zeros(g, x->order, x->dim);
        if (step) one = sdp_ones(g, x->order, x->dim);
        w->f[i].node =
            sdp_map(g, SDP_OP_where, (sdp_id[]){sdp_map(g, SDP_OP_gt, (sdp_id[]){u, zero}), one, zero});
        w->again = true;
        return;
    }
}

// ---- factors go into branches -----------------------------------------------------------------------------
// Returns the factor simplified for the place where the condition holds, e.g. for u > 0 step(u) is 1 and
// relu(u) is u, also within functions.
static sdp_id in_branch(sdp_graph *g, sdp_id condition, sdp_id factor)
{
    const sdp_node *c = g->node[condition], *f = g->node[factor];
    if (c->kind != SDP_MAP || c->op != SDP_OP_gt || !sdp_is_zero(g, c->arg[1])) return factor;
    sdp_id u = c->arg[0], relu = sdp_map1(g, SDP_OP_relu, u);
    if (is_map_of(f, SDP_OP_step, u)) return sdp_ones(g, f->order, f->dim);
    return sdp_depends(g, factor, relu) && is_local(g, factor, u, DEPTH)
               ? sdp_substitute(g, factor, 1, &relu, &u)
               : factor;
}

// where(c, p, 0) * r, element by element, is where(c, p*r, 0): a branch that
// is not taken must not meet 0*inf.
void sdp_mul_absorb_into_where(mul_work *w)
{
    sdp_graph *g = w->g;
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_node *x = g->node[w->f[i].node];
        if (w->n == 1 || x->kind != SDP_MAP || x->op != SDP_OP_where) continue;
        int branch = sdp_is_zero(g, x->arg[1]) ? 2 : sdp_is_zero(g, x->arg[2]) ? 1 : 0;
        if (!branch) continue;
        mul_factor self = w->f[i]; // a copy: the list moves below
        const uint8_t *l = self.label;
        bool taken = false;
        mul_work *in = sdp_scratch(&g->base, sizeof *in);
        *in = (mul_work){
            .g = g, .coef = SDP_NUM_ONE, .cap = w->n + 1, .order = x->order, .label.n = w->label.n};
        memcpy(in->label.parent, w->label.parent, sizeof in->label.parent);
        memcpy(in->label.dim, w->label.dim, sizeof in->label.dim);
        memcpy(in->out, l, x->order);
        memset(in->label.dead, true, in->label.n);
        in->f = sdp_scratch(&g->base, in->cap * sizeof *in->f);
        for (uint32_t j = 0; j < w->n; j++) {
            bool inside = j != i;
            for (int k = 0; inside && k < sdp_order(g, w->f[j].node); k++)
                inside = memchr(l, w->f[j].label[k], x->order) != NULL;
            if (!inside) continue;
            bool same =
                branch == 1 && sdp_order(g, w->f[j].node) == x->order && !memcmp(w->f[j].label, l, x->order);
            sdp_mul_push(in, same ? in_branch(g, x->arg[0], w->f[j].node) : w->f[j].node, w->f[j].exponent,
                         w->f[j].label);
            taken = true;
            memmove(&w->f[j], &w->f[j + 1], (w->n - j - 1) * sizeof *w->f);
            w->n--;
            if (j < i) i--;
            j--;
        }
        if (!taken) continue;
        bool distinct = true;
        for (int k = 1; k < x->order; k++) distinct &= !memchr(l, l[k], (size_t)k);
        if (!distinct) { // a diagonal is taken: put the factors back
            for (uint32_t j = 0; j < in->n; j++)
                sdp_mul_push(w, in->f[j].node, in->f[j].exponent, in->f[j].label);
            continue;
        }
        sdp_mul_push(in, x->arg[branch], SDP_ID_ONE, self.label);
        sdp_id arg[3] = {x->arg[0], x->arg[1], x->arg[2]};
        arg[branch] = sdp_mul_finish(in);
        w->f[i].node = sdp_map(g, SDP_OP_where, arg);
        w->again = true;
        return;
    }
}
