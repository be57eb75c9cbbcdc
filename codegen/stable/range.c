// SPDX-License-Identifier: MIT
// Constants beyond the range of the numbers: 1e-60*x[1]+sum(x) in floats, 1e-400*x[1]+sum(x) in doubles.
//
// The algebra writes a sum as a number times a sum of integers, 1e-60*(x'*(e1+1e60)), which is 0*inf where
// neither fits. A sum with such a coefficient is also computed divided by the largest, exactly. Products and
// powers take that one where the number meets its inverse; else products are multiplied out. A coefficient
// that is left is multiplied in steps (values/value.c). Where all constants are in range nothing is done.
#include "codegen/stable/stable.h"

enum { MOST_POWER = 64 };

static const struct sdp_reduced *reduced(const sdp_schedule *s, sdp_id id)
{
    const struct sdp_reduced *r = s->stable->reduced;
    return r && id < s->nodes && r[id].value ? &r[id] : NULL;
}

void sdp_find_reduced(sdp_schedule *s, uint32_t n, const sdp_id *ids)
{
    bool any = false;
    s->stable->reduced = NULL;
    for (uint32_t i = 0; i < n && !any; i++) {
        const sdp_node *a = sdp_get(s->g, ids[i]);
        for (uint32_t k = 0; a->kind == SDP_ADD && k < a->nargs; k++)
            any |= sdp_value_beyond(s, a->coef[k]) != 0;
    }
    if (!any) return;
    s->stable->reduced = sdp_scratch(&s->g->base, s->nodes * sizeof *s->stable->reduced);
}

static bool is_beyond(const sdp_schedule *s, sdp_num c) { return sdp_value_beyond(s, c) != 0; }

static void keep(sdp_schedule *s, sdp_id id, sdp_val v, sdp_num by, bool even)
{
    s->stable->reduced[id] = (struct sdp_reduced){v, by, even};
}

// by*sum coef*term; a coefficient beyond the range is multiplied in steps
static sdp_val sum_in_range(sdp_schedule *s, uint32_t n, const sdp_num *coef, const sdp_val *term, sdp_num by)
{
    sdp_num *c = sdp_scratch(&s->g->base, n * sizeof *c);
    sdp_val *t = sdp_scratch(&s->g->base, n * sizeof *t);
    for (uint32_t k = 0; k < n; k++) {
        c[k] = sdp_num_mul(s->g, coef[k], by);
        const bool beyond = is_beyond(s, c[k]);
        t[k] = beyond ? sdp_value_times(s, c[k], 1, &term[k]) : term[k];
        if (beyond) c[k] = SDP_NUM_ONE;
    }
    return sdp_value_sum(s, n, c, t);
}

static sdp_val sum(sdp_schedule *s, sdp_id id, const sdp_node *n)
{
    sdp_num *coef = sdp_scratch(&s->g->base, n->nargs * sizeof *coef);
    sdp_val *term = sdp_scratch(&s->g->base, n->nargs * sizeof *term);
    uint32_t largest = 0;
    bool any = false, even = true;
    for (uint32_t k = 0; k < n->nargs; k++) {
        const struct sdp_reduced *r = reduced(s, n->arg[k]);
        term[k] = r ? r->value : s->of[n->arg[k]];
        coef[k] = r ? sdp_num_mul(s->g, n->coef[k], r->by) : n->coef[k];
        any |= r || is_beyond(s, coef[k]);
        if (sdp_num_exponent(s->g, coef[k]) > sdp_num_exponent(s->g, coef[largest])) largest = k;
    }
    if (!any) return 0;
    if (is_beyond(s, coef[largest])) {
        const sdp_num inverse = sdp_num_inv(s->g, coef[largest]);
        for (uint32_t k = 0; k < n->nargs; k++) even &= !is_beyond(s, sdp_num_mul(s->g, coef[k], inverse));
        const sdp_val v = sum_in_range(s, n->nargs, coef, term, inverse);
        keep(s, id, v, coef[largest], even);
        if (even) return sdp_value_times(s, coef[largest], 1, &v); // 1e60*(x-y)
    }
    return sum_in_range(s, n->nargs, coef, term, SDP_NUM_ONE);
}

// c*x'*(1e60*e1+1): multiplied out, what is 0 in one term does not hide the others.
static sdp_val multiplied_out(sdp_schedule *s, const sdp_node *n, uint32_t at)
{
    const sdp_node *a = sdp_get(s->g, n->arg[at]);
    sdp_id *arg = sdp_scratch(&s->g->base, n->nargs * sizeof *arg);
    sdp_val *value = sdp_scratch(&s->g->base, (n->nargs + 1) * sizeof *value),
            *term = sdp_scratch(&s->g->base, a->nargs * sizeof *term);
    sdp_num *one = sdp_scratch(&s->g->base, a->nargs * sizeof *one);
    sdp_node copy = *n;
    copy.arg = arg;
    for (uint32_t k = 0; k < n->nargs; k++) arg[k] = n->arg[k], value[k] = s->of[arg[k]];
    for (uint32_t k = 0; k < a->nargs; k++) {
        const struct sdp_reduced *r = reduced(s, a->arg[k]);
        sdp_num coef = sdp_num_mul(s->g, n->coef[0], a->coef[k]);
        if (r) coef = sdp_num_mul(s->g, coef, r->by);
        copy.coef = &coef;
        arg[at] = a->arg[k];
        value[at] = r ? r->value : s->of[arg[at]];
        term[k] = sdp_lower_product(s, &copy, value);
        one[k] = SDP_NUM_ONE;
    }
    return sdp_value_sum(s, a->nargs, one, term);
}

static sdp_val product(sdp_schedule *s, sdp_id id, const sdp_node *n)
{
    sdp_val *value = sdp_scratch(&s->g->base, (n->nargs + 1) * sizeof *value);
    uint32_t at = 0, found = 0;
    bool even = true;
    sdp_num coef = n->coef[0], one = SDP_NUM_ONE;
    for (uint32_t k = 0; k < n->nargs; k++) {
        const struct sdp_reduced *r = reduced(s, n->arg[k]);
        value[k] = r ? r->value : s->of[n->arg[k]];
        if (r) coef = sdp_num_mul(s->g, coef, r->by), even &= r->even, at = k, found++;
    }
    if (!found) return 0;
    const bool beyond = is_beyond(s, coef);
    sdp_node copy = *n;
    copy.coef = beyond ? &one : &coef;
    sdp_val v = sdp_lower_product(s, &copy, value);
    if (!beyond) return v;
    keep(s, id, v, coef, even);
    return !even && found == 1 && sdp_get(s->g, n->arg[at])->kind == SDP_ADD
               ? multiplied_out(s, n, at)
               : sdp_value_times(s, coef, 1, &v);
}

static void power(sdp_schedule *s, sdp_id id, const sdp_node *n)
{
    const struct sdp_reduced *r = reduced(s, n->arg[0]);
    sdp_num e;
    long k;
    if (!r || !sdp_is_number(s->g, n->arg[1], &e) || !sdp_num_long(s->g, e, &k) || k < -MOST_POWER ||
        k > MOST_POWER)
        return;
    sdp_val arg[2] = {r->value, s->of[n->arg[1]]};
    keep(s, id, sdp_value_simple(s, SDP_V_POW, 2, arg, 0, 0, n->order, n->dim), sdp_num_pow(s->g, r->by, k),
         r->even);
}

sdp_val sdp_lower_reduced(sdp_schedule *s, sdp_id id)
{
    if (!s->stable->reduced) return 0;
    const sdp_node *n = sdp_get(s->g, id);
    if (n->kind == SDP_POW) power(s, id, n);
    return n->kind == SDP_ADD ? sum(s, id, n) : n->kind == SDP_MUL ? product(s, id, n) : 0;
}
