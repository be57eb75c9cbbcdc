// SPDX-License-Identifier: MIT
// A term of a sum as its factors, and a product of some of them.
#include <string.h>

#include "simplify/collect.h"

// x^2 counts as x x and x^-2 as x^-1 x^-1, up to the third power, so that x can be shared: a scalar or a
// function, for x.*x is as short as a vector x.
static uint32_t split_power(sdp_graph *g, sdp_id *part)
{
    const sdp_node *n = sdp_get(g, *part);
    sdp_num e;
    long k;
    if (n->kind != SDP_POW || !sdp_is_number(g, n->arg[1], &e) || !sdp_num_long(g, e, &k) || k == 0 ||
        k < -3 || k > 3)
        return 1;
    if (n->order && sdp_get(g, n->arg[0])->kind != SDP_MAP) return 1;
    *part = k > 0 ? n->arg[0] : sdp_power_num(g, n->arg[0], SDP_NUM_MINUS_ONE);
    return (uint32_t)(k > 0 ? k : -k);
}

sdp_factors sdp_take_apart(sdp_graph *g, sdp_num coef, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    sdp_factors p = {.coef = coef, .node = id};
    sdp_id whole = id;
    uint32_t copies = n->kind == SDP_MUL ? 1 : split_power(g, &whole);
    for (int k = 0; k < n->order; k++) p.out[k] = (uint8_t)k;
    for (; p.n < copies; p.n++) {
        p.factor[p.n] = whole;
        sdp_copy(p.label[p.n], p.out, n->order);
    }
    if (n->kind != SDP_MUL) return p;
    if (n->nargs > SDP_MAX_FACTORS || n->nargs == 0) {
        p.opaque = true;
        return p;
    }
    p.coef = sdp_num_mul(g, coef, n->coef[0]);
    p.n = 0;
    const uint8_t *l = n->label;
    for (uint32_t i = 0; i < n->nargs; i++) {
        uint8_t order = sdp_get(g, n->arg[i])->order;
        sdp_id part = n->arg[i];
        uint32_t times = p.n + (n->nargs - i) + 2 <= SDP_MAX_FACTORS ? split_power(g, &part) : 1;
        for (; times > 0; times--) {
            p.factor[p.n] = part;
            sdp_copy(p.label[p.n++], l, order);
        }
        l += order;
    }
    sdp_copy(p.out, l, n->order);
    return p;
}

// coef * the factors with keep[i], output labels `out`; labels without a factor have the dimensions ldim
sdp_id sdp_build_product(sdp_graph *g, sdp_num coef, const sdp_factors *p, const bool *keep, int order,
                         const uint8_t *out, const sdp_dim *ldim)
{
    sdp_id factor[SDP_MAX_FACTORS];
    uint8_t label[SDP_MAX_FACTORS * SDP_MAX_ORDER];
    uint32_t n = 0, at = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        if (!keep[i]) continue;
        uint8_t k = sdp_get(g, p->factor[i])->order;
        sdp_copy(label + at, p->label[i], k);
        at += k;
        factor[n++] = p->factor[i];
    }
    return sdp_mul(g, coef, n, factor, label, order, out, ldim);
}
