// SPDX-License-Identifier: MIT
// Products in which a branch of `where` is 0: the gradient of where(c, sum(exp(x)), 0) is
// where(c,1,0)*exp(x), and 0*inf is not 0. So the support of a factor is found, a condition beside which it
// is 0 by form, and the product is where(support, product, 0).
#include <string.h>

#include "codegen/values/values.h"

// A support is one of these, or a value of the same shape
struct sdp_supports {
    sdp_val *support; // by value: a condition beside which it is 0 by form, EVERYWHERE or NOWHERE
    uint32_t nsupport, support_cap;
};

#define EVERYWHERE 0u
#define NOWHERE    UINT32_MAX

// ---- of a value -------------------------------------------------------------------------------------------

static sdp_val support_not(sdp_schedule *s, sdp_val c) { return sdp_value_map1(s, SDP_OP_not, c); }

static sdp_val support_and(sdp_schedule *s, sdp_val a, sdp_val b)
{
    if (a == NOWHERE || b == NOWHERE) return NOWHERE;
    if (a == b || b == EVERYWHERE) return a;
    return a == EVERYWHERE ? b : sdp_value_map(s, SDP_OP_and, 2, (sdp_val[]){a, b});
}

static sdp_val support_or(sdp_schedule *s, sdp_val a, sdp_val b)
{
    if (a == EVERYWHERE || b == EVERYWHERE) return EVERYWHERE;
    if (a == b || b == NOWHERE) return a;
    return a == NOWHERE ? b : sdp_value_map(s, SDP_OP_or, 2, (sdp_val[]){a, b});
}

static sdp_val support_of_where(sdp_schedule *s, const sdp_val *arg)
{
    sdp_val a = s->supports->support[arg[1]], b = s->supports->support[arg[2]];
    if (a == EVERYWHERE && b == EVERYWHERE) return EVERYWHERE;
    if (a != NOWHERE) a = support_and(s, arg[0], a);
    if (b != NOWHERE) b = support_and(s, support_not(s, arg[0]), b);
    return support_or(s, a, b);
}

// Of a product without a sum: a factor's support at the indices of the factor
static sdp_val support_of_product(sdp_schedule *s, const sdp_value *v)
{
    sdp_val all = EVERYWHERE;
    sdp_ix ix[2 * SDP_MAX_ORDER];
    if (v->coef[0] == SDP_NUM_ZERO) return NOWHERE;
    for (uint32_t i = 0; i < v->nargs && all != NOWHERE; i++) {
        sdp_val own = s->supports->support[v->arg[i]];
        uint32_t order = s->value[v->arg[i]].order;
        sdp_copy(ix, sdp_value_ix(s, v, i), order * sizeof *ix);
        sdp_copy(ix + order, sdp_value_ix(s, v, v->nargs), v->order * sizeof *ix);
        if (own != EVERYWHERE && own != NOWHERE)
            own = sdp_value_einsum(s, SDP_NUM_ONE, 1, &own, ix, v->order, v->dim, v->ldim);
        all = support_and(s, all, own);
    }
    return all;
}

static sdp_val find_support(sdp_schedule *s, sdp_val id)
{
    const sdp_value v = s->value[id]; // a copy: conditions are values, too
    sdp_val any = NOWHERE;
    if (v.kind == SDP_V_NUM) return v.coef[0] == SDP_NUM_ZERO ? NOWHERE : EVERYWHERE;
    if (v.kind == SDP_V_EINSUM && sdp_value_pointwise(&v)) return support_of_product(s, &v);
    if (v.kind == SDP_V_MAP && v.op == SDP_OP_where) return support_of_where(s, v.arg);
    if (v.kind != SDP_V_ADD) return EVERYWHERE;
    for (uint32_t i = 0; i < v.nargs && any != EVERYWHERE; i++)
        any = support_or(s, any, s->supports->support[v.arg[i]]);
    return any;
}

static sdp_val support(sdp_schedule *s, sdp_val v)
{
    if (!s->supports) s->supports = sdp_scratch(&s->g->base, sizeof *s->supports);
    for (; s->supports->nsupport < s->nvalues; s->supports->nsupport++) {
        s->supports->support = sdp_grown(&s->g->base, s->supports->support, s->supports->nsupport,
                                         &s->supports->support_cap, sizeof *s->supports->support);
        s->supports->support[s->supports->nsupport] = EVERYWHERE;
        s->supports->support[s->supports->nsupport] =
            s->supports->nsupport ? find_support(s, s->supports->nsupport) : EVERYWHERE;
    }
    return s->supports->support[v];
}

// Does it hold at some index along the axes in the mask?
sdp_val sdp_value_any(sdp_schedule *s, sdp_val c, uint32_t mask)
{
    const sdp_value *x = &s->value[c];
    sdp_range range = x->kind == SDP_V_MAP ? sdp_ops[x->op].range : SDP_RANGE_real;
    bool numbers = range != SDP_RANGE_bool;
    if (mask && numbers) c = support_not(s, support_not(s, c)); // NaN does not hold
    return mask ? sdp_value_reduce(s, SDP_RED_MAX, c, mask) : c;
}

// ---- of a product -----------------------------------------------------------------------------------------
// The support of a factor as a condition on the product. If it has indices that are summed, the product is 0
// by form only where all terms are: that is worth a condition if another factor may fail, as in
// inv(A)*where(c,x,0).
static sdp_val condition_on_product(sdp_schedule *s, const sdp_node *n, uint32_t i, sdp_val v,
                                    bool others_fail, bool *sums)
{
    sdp_val own = support(s, v);
    sdp_ix ix[2 * SDP_MAX_ORDER];
    uint32_t order = s->value[v].order, kept = 0, summed = 0;
    const uint8_t *label = sdp_labels(s->g, n, i), *out = sdp_labels(s->g, n, n->nargs);
    if (own == EVERYWHERE || own == NOWHERE) return EVERYWHERE;
    for (uint32_t k = 0; k < order; k++) {
        const uint8_t *at = memchr(out, label[k], n->order);
        if (at) ix[kept++] = (sdp_ix)(at - out);
        else summed |= 1u << k;
    }
    *sums = summed;
    if (summed && !others_fail) return EVERYWHERE;
    own = sdp_value_any(s, own, summed);
    sdp_plain_labels(ix + kept, n->order);
    return sdp_value_einsum(s, SDP_NUM_ONE, 1, &own, ix, n->order, n->dim, n->dim);
}

// p of where(c, p, 0), if c is where it has its support
static sdp_val taken_branch(sdp_schedule *s, sdp_val v)
{
    const sdp_value *x = &s->value[v];
    if (x->kind != SDP_V_MAP || x->op != SDP_OP_where) return v;
    for (int k = 1; k < 3; k++)
        if (s->supports->support[x->arg[k]] == EVERYWHERE && s->supports->support[x->arg[3 - k]] == NOWHERE)
            return x->arg[k];
    return v;
}

sdp_val sdp_lower_product(sdp_schedule *s, const sdp_node *n, const sdp_val *value)
{
    sdp_val cond = EVERYWHERE, *factor = sdp_scratch(&s->g->base, (n->nargs + 1) * sizeof *factor);
    uint32_t factors = 0, fail = 0;
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (sdp_get(s->g, n->arg[i])->kind == SDP_SEL) continue;
        factors++;
        fail += sdp_is_fallible(s, value[i]);
    }
    sdp_copy(factor, value, n->nargs * sizeof *factor);
    for (uint32_t i = 0; i < n->nargs && factors > 1; i++) {
        if (sdp_get(s->g, n->arg[i])->kind == SDP_SEL) continue;
        bool sums = false;
        sdp_val own = condition_on_product(s, n, i, factor[i], fail > sdp_is_fallible(s, factor[i]), &sums);
        if (own != EVERYWHERE && !sums) factor[i] = taken_branch(s, factor[i]);
        cond = support_and(s, cond, own);
    }
    sdp_val v = sdp_lower_factors(s, n, factor);
    return cond == EVERYWHERE ? v : sdp_value_where(s, cond, v, sdp_value_filled(s, SDP_NUM_ZERO, v));
}
