// SPDX-License-Identifier: MIT
// Before scheduling: a sum of placed pieces that is a factor is multiplied out.
//
//     (e1*e2' + e2*e1')*B = e1*B[2,:] + e2*B[1,:]         [A, C]*x = A*x[1:k] + C*x[k+1:n]
//
// So is a sum of functions that is divided by each of them, or of what overflows, see divided_sum().
// stable/join.c does the opposite.
//
// Where SELs place the terms, the sum is a matrix of mostly zeros: stored, it costs its whole size, and its
// product with B all of it. Each piece by itself becomes a few rows, columns or entries that are written
// where they belong. Done only if the terms are nothing but SELs and variables, so that nothing is computed
// twice, and if the sum is a factor once.
//
// Identities of graphs: the distributive law, for one factor at a time, and cosh = sinh/tanh of the same
// argument along the same axes.
#include <string.h>

#include "codegen/stable/stable.h"

static bool stands_in(const sdp_graph *g, const sdp_node *n, uint32_t factor, uint8_t label)
{
    uint32_t order = factor < n->nargs ? sdp_get(g, n->arg[factor])->order : n->order;
    return memchr(sdp_labels(g, n, factor), label, order) != NULL;
}

// A product of SELs, variables and numbers, at least one SEL with its long axis in the output: a summed one
// makes a slice, which has no zeros. A transposed sum is a MUL of one.
static bool is_placed(const sdp_graph *g, sdp_id term)
{
    const sdp_node *n = sdp_get(g, term);
    bool placed = n->kind == SDP_SEL;
    for (uint32_t i = 0; n->kind == SDP_MUL && i < n->nargs; i++) {
        const sdp_node *f = sdp_get(g, n->arg[i]);
        if (f->kind != SDP_SEL && f->kind != SDP_VAR && f->kind != SDP_NUM) return false;
        placed |= f->kind == SDP_SEL && stands_in(g, n, n->nargs, sdp_labels(g, n, i)[0]);
    }
    return placed;
}

static bool is_placed_sum(const sdp_graph *g, sdp_id id)
{
    const sdp_node *sum = sdp_get(g, id);
    bool fits = sum->kind == SDP_ADD && sum->order > 0 && sum->nargs <= SDP_FLAT_TERMS;
    for (uint32_t k = 0; fits && k < sum->nargs; k++) fits = is_placed(g, sum->arg[k]);
    return fits;
}

// The factor of a product to be multiplied out; nargs if there is none.
static uint32_t placed_sum(const sdp_graph *g, const sdp_node *n, const sdp_id *arg)
{
    uint32_t tensors = 0, found = n->nargs;
    for (uint32_t i = 0; i < n->nargs; i++) tensors += sdp_get(g, arg[i])->order > 0;
    for (uint32_t i = 0; tensors > 1 && i < n->nargs; i++) {
        bool fits = is_placed_sum(g, arg[i]);
        for (uint32_t k = 0; fits && k < n->nargs; k++) fits = k == i || arg[k] != arg[i];
        if (fits) found = i;
    }
    return found;
}

// Labels of what is inside that something else needs, or the output; false: none, or too many
static bool left_over(const sdp_graph *g, const sdp_node *n, const bool *inside, uint8_t *out, uint8_t *order)
{
    *order = 0;
    for (uint8_t l = 0; l < n->nlabels; l++) {
        bool here = false, elsewhere = stands_in(g, n, n->nargs, l);
        for (uint32_t i = 0; i < n->nargs; i++) *(inside[i] ? &here : &elsewhere) |= stands_in(g, n, i, l);
        if (here && elsewhere && *order == 2) return false;
        if (here && elsewhere) out[(*order)++] = l;
    }
    return *order > 0;
}

// The product of the factors that are inside, or of the others and of `more`, if that is not 0
static sdp_id product_of(sdp_graph *g, const sdp_node *n, const sdp_id *arg, const bool *inside, sdp_id more,
                         uint8_t order, const uint8_t *out)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_id *factor = sdp_scratch(&g->base, (n->nargs + 1) * sizeof *factor);
    uint8_t *label = sdp_scratch(&g->base, (n->nargs + 1) * SDP_MAX_ORDER);
    uint32_t many = 0, axes = 0;
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (inside[i] != !more) continue;
        memcpy(label + axes, sdp_labels(g, n, i), sdp_get(g, arg[i])->order);
        axes += sdp_get(g, arg[i])->order;
        factor[many++] = arg[i];
    }
    if (more) memcpy(label + axes, out, order), factor[many++] = more;
    sdp_id id =
        more ? sdp_mul(g, n->coef[0], many, factor, label, n->order, sdp_labels(g, n, n->nargs), n->ldim)
             : sdp_mul(g, SDP_NUM_ONE, many, factor, label, order, out, n->ldim);
    sdp_scratch_release(&g->base, m);
    return id;
}

// Is an axis of D summed with other factors alone, as that of x in D*diag(w)*D'*x?
// There is no such axis of the first D.
static bool is_summed_with(const sdp_graph *g, const sdp_node *n, const sdp_id *arg, uint32_t twin)
{
    for (uint32_t k = 0; k < 2; k++) {
        uint8_t l = sdp_labels(g, n, twin)[k];
        bool others = false, outside = stands_in(g, n, n->nargs, l);
        for (uint32_t i = 0; i < n->nargs; i++)
            if (i != twin) *(arg[i] == arg[twin] ? &outside : &others) |= stands_in(g, n, i, l);
        if (others && !outside) return true;
    }
    return false;
}

// D*(D'*x) of a placed sum D, differences of neighbours: D'*x comes first and is multiplied out, which is a
// difference of slices, and D is a factor once. 0: it is something else.
static sdp_id placed_twice(sdp_graph *g, const sdp_node *n, const sdp_id *arg)
{
    bool *inside = sdp_scratch(&g->base, n->nargs + 1);
    for (uint32_t twin = n->nargs; twin-- > 0;) {
        uint32_t same = 0, many = 0;
        uint8_t out[2], order;
        for (uint32_t i = 0; i < n->nargs; i++) same += arg[i] == arg[twin];
        if (same != 2 || sdp_get(g, arg[twin])->order != 2 || !is_placed_sum(g, arg[twin])) continue;
        for (uint32_t i = 0; i < n->nargs; i++) {
            inside[i] = i == twin;
            for (uint32_t k = 0; k < 2 && arg[i] != arg[twin]; k++)
                inside[i] |= stands_in(g, n, i, sdp_labels(g, n, twin)[k]);
            many += inside[i];
        }
        if (many < 2 || !is_summed_with(g, n, arg, twin) || !left_over(g, n, inside, out, &order)) continue;
        const sdp_node *x = sdp_get(g, product_of(g, n, arg, inside, 0, order, out));
        uint32_t at = x->kind == SDP_MUL ? placed_sum(g, x, x->arg) : x->nargs;
        sdp_id first = at < x->nargs ? sdp_multiplied_out(g, x, x->arg, at) : 0;
        if (first && sdp_get(g, first)->kind == SDP_ADD)
            return product_of(g, n, arg, inside, first, order, out);
    }
    return 0;
}

// Is f a negative power of b?
static bool divides(const sdp_graph *g, sdp_id f, sdp_id b)
{
    const sdp_node *p = sdp_get(g, f), *e = p->kind == SDP_POW ? sdp_get(g, p->arg[1]) : p;
    return p->kind == SDP_POW && p->arg[0] == b && e->kind == SDP_NUM && sdp_num_sign(g, e->param) < 0;
}

// Does f grow as exp does? Where it overflows, its quotients may have values: (x*cosh(x)-sinh(x))/sinh(x)^2.
static bool grows(const sdp_graph *g, sdp_id f)
{
    const sdp_node *n = sdp_get(g, f);
    return n->kind == SDP_MAP && sdp_ops[n->op].grows;
}

// Is f, or a power of it, a growing function of what one of the other factors is a negative power of?
static bool outgrows(const sdp_graph *g, const sdp_node *n, const sdp_id *arg, sdp_id f)
{
    const sdp_node *p = sdp_get(g, f);
    if (p->kind == SDP_POW) f = p->arg[0], p = sdp_get(g, f);
    for (uint32_t j = 0; grows(g, f) && j < n->nargs; j++) {
        const sdp_node *q = sdp_get(g, arg[j]);
        if (q->kind == SDP_POW && divides(g, arg[j], q->arg[0]) && grows(g, q->arg[0]) &&
            sdp_get(g, q->arg[0])->arg[0] == p->arg[0])
            return true;
    }
    return false;
}

static bool term_outgrows(const sdp_graph *g, const sdp_node *n, const sdp_id *arg, sdp_id term)
{
    const sdp_node *t = sdp_get(g, term);
    bool found = outgrows(g, n, arg, term);
    for (uint32_t i = 0; t->kind == SDP_MUL && i < t->nargs; i++) found |= outgrows(g, n, arg, t->arg[i]);
    return found;
}

// (a-b)/(a^2 b^2) for functions a, b is 1/(a b^2) - 1/(a^2 b): where a overflows, neither is inf/inf. The
// factor a-b, or nargs.
static uint32_t divided_sum(const sdp_graph *g, const sdp_node *n, const sdp_id *arg)
{
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *sum = sdp_get(g, arg[i]);
        bool fits = sum->kind == SDP_ADD && sum->nargs <= SDP_FLAT_TERMS && sum->order == n->order,
             all = fits, some = false;
        for (uint32_t k = 0; fits && k < sum->nargs; k++) {
            bool own = false;
            for (uint32_t j = 0; sdp_get(g, sum->arg[k])->kind == SDP_MAP && j < n->nargs; j++)
                own |= divides(g, arg[j], sum->arg[k]);
            all &= own;
            some |= term_outgrows(g, n, arg, sum->arg[k]);
        }
        if (all || some) return i;
    }
    return n->nargs;
}

// f(u)^k of one of these functions; false: it is something else
static bool is_power_of(const sdp_graph *g, sdp_id id, int op, sdp_id *u, long *k)
{
    const sdp_node *p = sdp_get(g, id), *f = p->kind == SDP_POW ? sdp_get(g, p->arg[0]) : p,
                   *e = p->kind == SDP_POW ? sdp_get(g, p->arg[1]) : NULL;
    *k = 1;
    *u = f->kind == SDP_MAP ? f->arg[0] : 0;
    return f->kind == SDP_MAP && f->op == op && (!e || (e->kind == SDP_NUM && sdp_num_long(g, e->param, k)));
}

// cosh(u)^p sinh(u)^-q = tanh(u)^-m cosh(u)^(p-m) sinh(u)^(m-q), m the smaller of p and q
static sdp_id without_cosh(void *data, sdp_graph *g, sdp_id id, const sdp_id *arg, bool changed)
{
    const sdp_node *n = sdp_get(g, changed ? id = sdp_rebuild(g, id, arg) : id);
    (void)data;
    for (uint32_t i = 0; n->kind == SDP_MUL && i < n->nargs; i++)
        for (uint32_t j = 0; j < n->nargs; j++) {
            sdp_id u, v;
            long p, q;
            if (!is_power_of(g, n->arg[i], SDP_OP_cosh, &u, &p) ||
                !is_power_of(g, n->arg[j], SDP_OP_sinh, &v, &q) || u != v || p < 1 || q > -1)
                continue;
            if (memcmp(sdp_labels(g, n, i), sdp_labels(g, n, j), sdp_get(g, u)->order)) continue;
            sdp_num m = sdp_num_int(g, p < -q ? p : -q), minus = sdp_num_neg(g, m);
            sdp_id tanh = sdp_power_num(g, sdp_map1(g, SDP_OP_tanh, u), minus),
                   sinh = sdp_power_num(g, sdp_map1(g, SDP_OP_sinh, u), m);
            sdp_id cosh = sdp_times(g, n->arg[i], sdp_power_num(g, sdp_map1(g, SDP_OP_cosh, u), minus));
            return sdp_with_factor(g, n, i, sdp_times(g, tanh, sdp_times(g, cosh, sinh)));
        }
    return id;
}

static sdp_id piecewise(void *data, sdp_graph *g, sdp_id id, const sdp_id *arg, bool changed)
{
    const sdp_node *x = sdp_get(g, id);
    uint32_t at = x->kind == SDP_MUL ? placed_sum(g, x, arg) : x->nargs;
    (void)data;
    if (x->kind == SDP_MUL && at == x->nargs) at = divided_sum(g, x, arg);
    sdp_id joined = x->kind == SDP_ADD ? sdp_join_sums(g, x, arg) : 0;
    if (joined) return joined;
    if (at < x->nargs) return sdp_multiplied_out(g, x, arg, at);
    sdp_id twice = x->kind == SDP_MUL ? placed_twice(g, x, arg) : 0;
    if (twice) return twice;
    return changed ? sdp_rebuild(g, id, arg) : id;
}

enum { NESTED = 4 }; // sums in the terms of a sum that is multiplied out

const sdp_id *sdp_rewrite_nested(sdp_graph *g, uint32_t n, const sdp_id *output, sdp_rewriter nested,
                                 sdp_rewriter last)
{
    sdp_id *root = sdp_scratch(&g->base, (n + 1) * sizeof *root);
    sdp_copy(root, output, n * sizeof *root);
    for (int k = 0; k < NESTED && sdp_rewrite_all(g, n, root, nested, NULL); k++) {}
    sdp_rewrite_all(g, n, root, last, NULL);
    return root;
}

const sdp_id *sdp_schedule_pieces(sdp_graph *g, uint32_t n, const sdp_id *output)
{
    return sdp_rewrite_nested(g, n, output, piecewise, without_cosh);
}
