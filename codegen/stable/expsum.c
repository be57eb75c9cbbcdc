// SPDX-License-Identifier: MIT
// Before scheduling: sums of exponentials with nonnegative weights, S = B*exp(z),
// tril(ones(n,n))*exp(z) = cumsum(exp(z)).
//
//     log(S) = logsumexp(log(B)+z), by rows          exp(z)/S = exp(z-log(S))         S^q = exp(q*log(S)) for
//     q < 0
//
// Where z is -800 or 800, S is 0 or inf, and its logarithm and all derivatives of that have values:
// the largest term of each row is taken out of it, as logsumexp does. A weight of 0 has the
// logarithm -inf, and its term is 0.
#include <string.h>

#include "codegen/stable/stable.h"

static bool is_exp(const sdp_node *n) { return n->kind == SDP_MAP && n->op == SDP_OP_exp; }

// Is it a sum, over one label or more, of exponentials times weights that are not negative?
static bool is_sum(sdp_graph *g, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    uint32_t exps = 0;
    if (n->kind != SDP_MUL || n->nargs < 2 || n->nlabels <= n->order || n->nlabels > SDP_MAX_ORDER)
        return false;
    if (sdp_repeats_axis(g, n)) return false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *f = sdp_get(g, n->arg[i]);
        exps += is_exp(f) && f->order;
        if (f->kind == SDP_SEL || !sdp_known_nonneg(g, n->arg[i])) return false;
    }
    return exps > 0 && sdp_num_sign(g, n->coef[0]) > 0;
}

// The node with its axes at these labels, repeated along the others of `axes`
static sdp_id repeated(sdp_graph *g, sdp_id id, const uint8_t *label, uint32_t order, const uint8_t *axes,
                       const sdp_dim *ldim)
{
    return sdp_mul(g, SDP_NUM_ONE, 1, &id, label, (int)order, axes, ldim);
}

static sdp_id log_of_sum(sdp_graph *g, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    uint8_t axes[SDP_MAX_LABELS];
    uint32_t order = n->order, mask = 0;
    sdp_copy(axes, sdp_labels(g, n, n->nargs), order);
    for (uint32_t l = 0; l < n->nlabels; l++)
        if (!order || !memchr(axes, (int)l, order)) mask |= 1u << order, axes[order++] = (uint8_t)l;
    sdp_id *term = sdp_scratch(&g->base, (n->nargs + 1) * sizeof *term);
    sdp_num *one = sdp_scratch(&g->base, (n->nargs + 1) * sizeof *one);
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *f = sdp_get(g, n->arg[i]);
        sdp_id log = is_exp(f) ? f->arg[0] : sdp_map1(g, SDP_OP_log, n->arg[i]);
        term[i] = repeated(g, log, sdp_labels(g, n, i), order, axes, n->ldim);
        one[i] = SDP_NUM_ONE;
    }
    sdp_id sum = sdp_add(g, n->nargs, one, term), lse = sdp_prim(g, SDP_OP_logsumexp, 1, &sum, mask);
    if (n->coef[0] == SDP_NUM_ONE) return lse;
    sdp_id c = sdp_map1(g, SDP_OP_log, sdp_number(g, n->coef[0]));
    return sdp_add2(g, lse, n->order ? sdp_broadcast(g, c, n->order, n->dim) : c);
}

// S^q for a negative integer q
static bool is_quotient(sdp_graph *g, sdp_id id, long *q)
{
    const sdp_node *p = sdp_get(g, id), *e = p->kind == SDP_POW ? sdp_get(g, p->arg[1]) : NULL;
    return e && e->kind == SDP_NUM && sdp_num_long(g, e->param, q) && *q < 0 && is_sum(g, p->arg[0]);
}

// A product while its exponentials are divided
typedef struct {
    sdp_id factor[SDP_MAX_FACTORS];
    uint8_t label[SDP_MAX_FACTORS][SDP_MAX_ORDER];
    uint32_t n;
} product;

// Where the labels of S are in the product; false: S has no such exponential, or a label of it is not there
static bool map_labels(const sdp_graph *g, const sdp_node *sum, const product *p, uint32_t i, uint32_t j,
                       uint8_t *to)
{
    uint32_t e = 0;
    memset(to, UINT8_MAX, SDP_MAX_LABELS);
    while (e < sum->nargs && sum->arg[e] != p->factor[j]) e++;
    if (e == sum->nargs) return false;
    for (uint32_t k = 0; k < sum->order; k++) to[sdp_labels(g, sum, sum->nargs)[k]] = p->label[i][k];
    for (uint32_t k = 0; k < sdp_get(g, p->factor[j])->order; k++)
        to[sdp_labels(g, sum, e)[k]] = p->label[j][k];
    return true;
}

// The weights of exp(z) in S that are factors of the product, too: B.*exp(z)'./S = exp(log(B)+z'-log(S)), 0
// where B is. Takes them out, and returns their logarithm with these axes; 0: there are none
static sdp_id take_weights(sdp_graph *g, const sdp_node *m, product *p, uint32_t i, uint32_t j,
                           uint32_t order, const uint8_t *axes)
{
    const sdp_node *sum = sdp_get(g, sdp_get(g, p->factor[i])->arg[0]);
    uint8_t to[SDP_MAX_LABELS];
    sdp_id logs = 0;
    if (!map_labels(g, sum, p, i, j, to)) return 0;
    for (uint32_t f = 0; f < sum->nargs; f++)
        for (uint32_t q = 0; q < p->n && !is_exp(sdp_get(g, sum->arg[f])); q++) {
            uint32_t own = sdp_get(g, p->factor[q])->order;
            bool same = q != i && q != j && own && p->factor[q] == sum->arg[f];
            for (uint32_t k = 0; same && k < own; k++) same = p->label[q][k] == to[sdp_labels(g, sum, f)[k]];
            if (!same) continue;
            sdp_id log =
                repeated(g, sdp_map1(g, SDP_OP_log, p->factor[q]), p->label[q], order, axes, m->ldim);
            logs = logs ? sdp_add2(g, logs, log) : log;
            p->factor[q] = sdp_number(g, SDP_NUM_ONE);
            break;
        }
    return logs;
}

// exp(z) at j and 1/S at i become exp(z-log(S)), with the labels of both; false: they are too many
static bool divide(sdp_graph *g, const sdp_node *m, product *p, uint32_t i, uint32_t j)
{
    const sdp_node *z = sdp_get(g, p->factor[j]), *s = sdp_get(g, p->factor[i]);
    uint8_t axes[2 * SDP_MAX_ORDER];
    uint32_t order = z->order;
    sdp_copy(axes, p->label[j], order);
    for (uint32_t k = 0; k < s->order; k++)
        if (!memchr(axes, p->label[i][k], order)) axes[order++] = p->label[i][k];
    if (order > SDP_MAX_ORDER) return false;
    for (uint32_t k = 1; k < order; k++)
        if (memchr(axes, axes[k], k)) return false;
    sdp_id top = repeated(g, z->arg[0], p->label[j], order, axes, m->ldim);
    sdp_id bottom = repeated(g, log_of_sum(g, s->arg[0]), p->label[i], order, axes, m->ldim);
    sdp_id weights = take_weights(g, m, p, i, j, order, axes);
    if (weights) top = sdp_add2(g, top, weights);
    p->factor[j] = sdp_map1(g, SDP_OP_exp, sdp_sub(g, top, bottom));
    sdp_copy(p->label[j], axes, order);
    return true;
}

static sdp_id divided(sdp_graph *g, const sdp_node *m, const sdp_id *arg)
{
    product p = {.n = m->nargs};
    uint32_t used = 0, changes = 0;
    long q;
    if (m->nargs > SDP_MAX_FACTORS) return 0;
    for (uint32_t i = 0; i < m->nargs; i++) {
        p.factor[i] = arg[i];
        sdp_copy(p.label[i], sdp_labels(g, m, i), sdp_get(g, arg[i])->order);
    }
    for (uint32_t i = 0; i < p.n; i++) {
        if (!is_quotient(g, p.factor[i], &q)) continue;
        sdp_id base = sdp_get(g, p.factor[i])->arg[0];
        for (bool found = true; found && q < 0;) {
            found = false;
            for (uint32_t j = 0; j < p.n && q < 0; j++)
                if (is_exp(sdp_get(g, p.factor[j])) && divide(g, m, &p, i, j)) q++, found = true;
        }
        p.factor[i] = q ? sdp_map1(g, SDP_OP_exp, sdp_scale(g, sdp_num_int(g, q), log_of_sum(g, base)))
                        : sdp_number(g, SDP_NUM_ONE);
        changes++;
    }
    uint8_t label[SDP_MAX_FACTORS * SDP_MAX_ORDER];
    for (uint32_t i = 0; changes && i < p.n; i++) {
        uint32_t order = sdp_get(g, p.factor[i])->order;
        sdp_copy(label + used, p.label[i], order);
        used += order;
    }
    return changes
               ? sdp_mul(g, m->coef[0], p.n, p.factor, label, m->order, sdp_labels(g, m, m->nargs), m->ldim)
               : 0;
}

// Has a term of this sum a quotient in it, which exponentials outside belong to?
static bool has_quotients(sdp_graph *g, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    bool found = false;
    long q;
    for (uint32_t i = 0; n->kind == SDP_ADD && i < n->nargs; i++) {
        const sdp_node *t = sdp_get(g, n->arg[i]);
        found |= is_quotient(g, n->arg[i], &q);
        for (uint32_t k = 0; t->kind == SDP_MUL && k < t->nargs; k++) found |= is_quotient(g, t->arg[k], &q);
    }
    return found;
}

// exp(z).*(diag(B'*(1./S))-..): the sum is multiplied out.
static sdp_id opened(void *data, sdp_graph *g, sdp_id id, const sdp_id *arg, bool changed)
{
    const sdp_node *n = sdp_get(g, changed ? id = sdp_rebuild(g, id, arg) : id);
    bool exps = false;
    (void)data;
    for (uint32_t i = 0; n->kind == SDP_MUL && i < n->nargs; i++) exps |= is_exp(sdp_get(g, n->arg[i]));
    for (uint32_t i = 0; exps && i < n->nargs; i++)
        if (has_quotients(g, n->arg[i])) return sdp_multiplied_out(g, n, n->arg, i);
    return id;
}

static sdp_id shifted(void *data, sdp_graph *g, sdp_id id, const sdp_id *arg, bool changed)
{
    const sdp_node *n = sdp_get(g, changed ? id = sdp_rebuild(g, id, arg) : id);
    sdp_id r = 0;
    (void)data;
    if (n->kind == SDP_MAP && n->op == SDP_OP_log && is_sum(g, n->arg[0])) r = log_of_sum(g, n->arg[0]);
    if (n->kind == SDP_MUL) r = divided(g, n, n->arg);
    return r ? r : id;
}

const sdp_id *sdp_schedule_sums_of_exp(sdp_graph *g, uint32_t n, const sdp_id *output)
{
    return sdp_rewrite_nested(g, n, output, opened, shifted);
}
