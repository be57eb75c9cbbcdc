// SPDX-License-Identifier: MIT
// Rational terms over one denominator, with the numerator multiplied out: what cancels between them is gone.
//
// A term is a numerator by powers of bases, and a base is a primitive sum or any other node. The common
// denominator has the highest power of each base; where there are more than MOST_BASES, the others stay in
// the numerators as they are. Entry: sdp_numerator.
#include "codegen/stable/stirling.h"

// f = (content*base)^-k for k > 0
static bool divides(sdp_graph *g, sdp_id f, sdp_id *base, long *k, sdp_num *content)
{
    const sdp_node *p = sdp_get(g, f);
    sdp_num e;
    *content = SDP_NUM_ONE;
    if (p->kind != SDP_POW || !sdp_is_number(g, p->arg[1], &e) || !sdp_num_long(g, e, k) || *k >= 0)
        return false;
    *k = -*k;
    *base = sdp_get(g, p->arg[0])->kind == SDP_ADD ? sdp_primitive_part(g, p->arg[0], content) : p->arg[0];
    return true;
}

static uint32_t place_of(denominator *d, sdp_id base)
{
    uint32_t at = 0;
    while (at < d->n && d->base[at] != base) at++;
    if (at == d->n && at < MOST_BASES) d->base[d->n] = base, d->power[d->n++] = 0;
    return at;
}

// The numerator of a term, and its own denominator. A product that sums over axes, w'*w, is one factor.
static sdp_id divided(const expansion *e, sdp_num coef, sdp_id term, denominator *d)
{
    sdp_graph *g = e->g;
    const sdp_node *m = sdp_get(g, term);
    bool product = m->kind == SDP_MUL && sdp_is_entrywise(g, m);
    sdp_id x = sdp_number(g, product ? sdp_num_mul(g, coef, m->coef[0]) : coef), base = 0;
    for (uint32_t i = 0; i < (product ? m->nargs : 1); i++) {
        sdp_id f = product ? m->arg[i] : term;
        long k = 0;
        sdp_num content;
        uint32_t at = divides(g, f, &base, &k, &content) ? place_of(d, base) : MOST_BASES;
        if (at < MOST_BASES) d->power[at] += k, x = sdp_scale(g, sdp_num_pow(g, content, -k), x);
        else x = sdp_times(g, x, f);
    }
    return x;
}

sdp_id sdp_denominator_power(const expansion *e, const denominator *d, long sign)
{
    sdp_id p = spread(e, sdp_number(e->g, SDP_NUM_ONE));
    for (uint32_t i = 0; i < d->n; i++)
        p = sdp_times(e->g, p, sdp_power_num(e->g, d->base[i], sdp_num_int(e->g, sign * d->power[i])));
    return p;
}

// The numerator of a over its common denominator d, multiplied out
sdp_id sdp_numerator(const expansion *e, sdp_id a, denominator *d)
{
    sdp_graph *g = e->g;
    *d = (denominator){0};
    a = sdp_multiply_out_all(g, a);
    const sdp_node *n = sdp_get(g, a);
    uint32_t count = n->kind == SDP_ADD ? n->nargs : 1;
    sdp_id *top = sdp_scratch(&g->base, (count + 1) * sizeof *top), all = 0;
    denominator *own = sdp_scratch(&g->base, (count + 1) * sizeof *own);
    for (uint32_t i = 0; i < count; i++) {
        top[i] = n->kind == SDP_ADD ? divided(e, n->coef[i], n->arg[i], &own[i])
                                    : divided(e, SDP_NUM_ONE, a, &own[i]);
        for (uint32_t k = 0; k < own[i].n; k++) {
            uint32_t at = place_of(d, own[i].base[k]);
            if (at < MOST_BASES && own[i].power[k] > d->power[at]) d->power[at] = own[i].power[k];
            if (at == MOST_BASES)
                top[i] =
                    sdp_times(g, top[i], sdp_power_num(g, own[i].base[k], sdp_num_int(g, -own[i].power[k])));
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        denominator missing = *d;
        for (uint32_t k = 0; k < own[i].n; k++) {
            uint32_t at = place_of(&missing, own[i].base[k]);
            if (at < d->n) missing.power[at] -= own[i].power[k];
        }
        missing.n = d->n;
        add_to(e, &all, sdp_multiply_out_all(g, sdp_times(g, top[i], sdp_denominator_power(e, &missing, 1))));
    }
    return all;
}
