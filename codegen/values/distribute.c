// SPDX-License-Identifier: MIT
// Products with a factor that is a sum, which are cheaper term by term.
//
// (A+A')*x reads A along its rows in both products. (W2'*V2+V2'*W2)*M, with n x n products of narrow
// matrices, is linear in n as W2'*(V2*M)+V2'*(W2*M) alone: the factors of each term take its place, and the
// order is chosen again.
#include <string.h>

#include "codegen/values/values.h"

// A variable, or a variable with its axes in another order.
static bool is_plain(const sdp_schedule *s, sdp_val id, uint32_t order)
{
    const sdp_value *v = &s->value[id];
    if (v->kind == SDP_V_EINSUM && v->nargs == 1 && sdp_value_pointwise(v)) id = v->arg[0];
    return s->value[id].kind == SDP_V_VAR && s->value[id].order == order;
}

// Is the value a matrix of n rows and columns, n not known, that is a product of narrower ones, W2'*V2? Then
// a product with it is linear in n only if its factors are multiplied one by one.
bool sdp_is_wide_product(const sdp_schedule *s, const sdp_value *v)
{
    long size;
    if (v->kind != SDP_V_EINSUM || v->order != 2 || v->scatter || !v->bound || v->dim[0] != v->dim[1] ||
        sdp_size_constant(s, v->dim[0], &size))
        return false;
    const sdp_ix *ix = v->ix;
    for (uint32_t i = 0; i < v->nargs; ix += s->value[v->arg[i++]].order) {
        const sdp_value *a = &s->value[v->arg[i]];
        if (a->order > 2 || (a->order == 2 && a->dim[0] == a->dim[1])) return false;
        for (uint32_t k = 0; k < a->order; k++)
            if (ix[k] >= SDP_MAX_LABELS) return false;
    }
    return ix[0] < SDP_MAX_LABELS && ix[1] < SDP_MAX_LABELS && ix[0] != ix[1];
}

// The only factor that is a sum of two or three such products, (W2'*V2+V2'*W2)*M, or n
static uint32_t wide_sum(const sdp_schedule *s, uint32_t n, const sdp_val *factor)
{
    uint32_t found = n;
    for (uint32_t i = 0; i < n; i++) {
        const sdp_value *v = &s->value[factor[i]];
        bool wide = n > 1 && v->kind == SDP_V_ADD && v->nargs <= 3;
        for (uint32_t k = 0; k < v->nargs && wide; k++) wide = sdp_is_wide_product(s, &s->value[v->arg[k]]);
        if (wide && found < n) return n;
        if (wide) found = i;
    }
    return found;
}

// The only factor that is a sum of a few plain matrices, or n: (A+A')*x reads A along its rows in both
// products, and one of them is often there already. With matrices it is one loop, for half the work, except
// in memory: libtcc's loop is slower than two products by kernels.
static uint32_t plain_sum(const sdp_schedule *s, uint32_t n, const sdp_val *factor)
{
    uint32_t found = n;
    bool kernels = s->q && sdp_targets[s->q->target].tcc;
    for (uint32_t i = 0; i < n; i++) {
        const sdp_value *v = &s->value[factor[i]];
        for (uint32_t k = 0; k < n && !kernels; k++)
            if (k != i && v->kind == SDP_V_ADD && s->value[factor[k]].order > 1) return n;
        bool plain = v->kind == SDP_V_ADD && v->order >= 2 && v->nargs <= 3;
        for (uint32_t k = 0; k < v->nargs && plain; k++) plain = is_plain(s, v->arg[k], v->order);
        if (plain && found < n) return n; // several would multiply the work
        if (plain) found = i;
    }
    return found;
}

// Labels of a term in those of the whole product: its axes have the indices `at`, its sums get labels that
// are not used. false: there are too many
static bool rename_labels(sdp_schedule *s, const sdp_value *v, const sdp_ix *at, uint64_t used, sdp_dim *ldim,
                          sdp_ix *to)
{
    const sdp_ix *out = sdp_value_ix(s, v, v->nargs);
    uint32_t fresh = 0;
    for (uint32_t k = 0; k < v->order; k++) to[out[k]] = at[k];
    for (uint32_t l = 0; l < v->nlabels; l++) {
        if (!(v->bound >> l & 1)) continue;
        while (fresh < SDP_MAX_LABELS && used >> fresh & 1) fresh++;
        if (fresh == SDP_MAX_LABELS) return false;
        ldim[fresh] = v->ldim[l];
        to[l] = fresh++;
    }
    return true;
}

// The product with a term in the place of the sum; 0: it has too many labels or factors
static sdp_val with_term(sdp_schedule *s, const sdp_product *p, uint32_t which, sdp_val term, sdp_num coef)
{
    const sdp_value v = s->value[term];
    bool opened = v.kind == SDP_V_EINSUM;
    uint32_t total = p->order, n = 0, at = 0, most = p->n + (opened ? v.nargs : 1);
    for (uint32_t i = 0; i < p->n; i++) total += s->value[p->factor[i]].order;
    sdp_val *f = sdp_scratch(&s->g->base, most * sizeof *f);
    sdp_ix *ix = sdp_scratch(&s->g->base, (total + most * SDP_MAX_ORDER) * sizeof *ix), to[SDP_MAX_LABELS];
    sdp_dim *ldim = sdp_scratch(&s->g->base, SDP_MAX_LABELS * sizeof *ldim);
    const sdp_ix *from = p->ix, *own = v.ix;
    uint64_t used = 0;
    for (uint32_t k = 0; k < total; k++) used |= sdp_ix_labels(s, p->ix[k]);
    for (uint32_t l = 0; l < SDP_MAX_LABELS; l++)
        if (used >> l & 1) ldim[l] = p->ldim[l];
    for (uint32_t i = 0; i < p->n; from += s->value[p->factor[i++]].order) {
        if (i != which || !opened) {
            f[n++] = i == which ? term : p->factor[i];
            for (uint32_t k = 0; k < s->value[p->factor[i]].order; k++) ix[at++] = from[k];
            continue;
        }
        if (n + v.nargs > SDP_MAX_FACTORS || !rename_labels(s, &v, from, used, ldim, to)) return 0;
        for (uint32_t k = 0; k < v.nargs; k++) {
            f[n++] = v.arg[k];
            for (uint32_t a = 0; a < s->value[v.arg[k]].order; a++)
                ix[at++] = sdp_ix_substitute(s, *own++, to);
        }
        coef = sdp_num_mul(s->g, coef, v.coef[0]);
    }
    for (uint32_t k = 0; k < p->order; k++) ix[at++] = from[k];
    return sdp_contract(s, coef, n, f, ix, p->order, p->dim, ldim);
}

sdp_val sdp_distribute(sdp_schedule *s, const sdp_product *p)
{
    uint32_t which = plain_sum(s, p->n, p->factor);
    if (which == p->n) which = wide_sum(s, p->n, p->factor);
    if (which == p->n) return 0;
    const sdp_value sum = s->value[p->factor[which]];
    sdp_num one[3] = {SDP_NUM_ONE, SDP_NUM_ONE, SDP_NUM_ONE};
    sdp_val term[3];
    for (uint32_t k = 0; k < sum.nargs; k++) {
        term[k] = with_term(s, p, which, sum.arg[k], sdp_num_mul(s->g, p->coef, sum.coef[k]));
        if (!term[k]) return 0;
    }
    sdp_value all = {.kind = SDP_V_ADD,
                     .order = (uint8_t)p->order,
                     .nargs = sum.nargs,
                     .dim = p->dim,
                     .arg = term,
                     .coef = one};
    return sdp_value_make(s, &all);
}
