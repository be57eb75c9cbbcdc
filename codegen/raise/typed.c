// SPDX-License-Identifier: MIT
// Sums in products as they were typed.
//
// Problem: constructors pull the content of a sum out of it, and x+1e-8 is (100000000*x+1)/100000000. Idea:
// where the input made the sum, it noted by what the canonical one is multiplied there (sdp_written.scale);
// the product is raised with that sum and with what is left as its coefficient, and taken if it is not longer
// by more than a token. Sums that derivatives have made of decimals get one term without a coefficient:
// 1+0.134145*x^2. Entry: sdp_raise_typed().
#include "codegen/raise/notation.h"

// A factor that is a sum, or an integer power of one, whose sum is scaled: 10^8*x+1 is 10^8*(x+1e-8). Its
// tree, 0 if it is none; *c: the rest.
static sdp_rid scaled(sdp_raiser *r, sdp_id sum, const sdp_node *factor, sdp_num scale, sdp_num *c)
{
    sdp_graph *g = r->g;
    sdp_num e = SDP_NUM_ONE;
    long k = 1;
    bool power = factor->kind == SDP_POW;
    if (power && (!sdp_is_number(g, factor->arg[1], &e) || !sdp_num_long(g, e, &k) || k > 8 || k < -8))
        return 0;
    *c = sdp_num_pow(g, scale, -k);
    sdp_rid other = sdp_raise_add(r, sdp_scale(g, scale, sum));
    return other == SDP_UNRAISED ? 0 : power ? sdp_r_power(r, other, sdp_r_num(r, e)) : other;
}

// By what may a sum be multiplied to stand as it was typed? With decimals also so that a
// term stands alone: 1+0.134145*x^2.
static sdp_num scale_of(sdp_raiser *r, sdp_id sum, uint32_t i)
{
    sdp_graph *g = r->g;
    const sdp_written *w = sdp_written_of(g, sum);
    if (i == 0) return w && w->scale ? w->scale : SDP_NUM_ONE;
    sdp_num c = sdp_get(g, sum)->coef[i - 1];
    if (sdp_num_sign(g, c) < 0) c = sdp_num_neg(g, c);
    return sdp_r_decimal(r, sdp_num_inv(g, c)) ? sdp_num_inv(g, c) : SDP_NUM_ONE;
}

// A sum stands as it was typed if that is not longer by more than a token: 1/(x+1e-8), not
// 100000000/(100000000*x+1).
sdp_rid sdp_raise_typed(sdp_raiser *r, const sdp_view *v, sdp_rid plain)
{
    enum { WEIGHT = 1, MOST_SCALED = 4 };
    sdp_graph *g = r->g;
    for (uint32_t i = 0; r->says && i < v->n->nargs; i++) {
        sdp_id factor = v->n->arg[i],
               sum = sdp_get(g, factor)->kind == SDP_POW ? sdp_get(g, factor)->arg[0] : factor;
        const sdp_node *n = sdp_get(g, sum);
        sdp_rid whole = r->of[factor];
        bool fits = n->kind == SDP_ADD && n->order <= 2 && n->order == sdp_get(g, factor)->order &&
                    r->of[sum] != SDP_UNRAISED;
        for (uint32_t k = 0; fits && !(v->skip && v->skip[i]) &&
                             k <= (g->writing->decimals && n->nargs <= MOST_SCALED ? n->nargs : 0);
             k++) {
            sdp_num c, scale = scale_of(r, sum, k);
            sdp_rid turned = scale == SDP_NUM_ONE ? 0 : scaled(r, sum, sdp_get(g, factor), scale, &c);
            if (!turned) continue;
            sdp_view inside = *v;
            inside.coef = sdp_num_mul(g, v->coef, c);
            r->of[factor] = turned;
            sdp_rid other = sdp_raise_plain(r, &inside);
            r->of[factor] = whole;
            if (other == SDP_UNRAISED || sdp_r(r, other)->tokens > sdp_r(r, plain)->tokens + WEIGHT) continue;
            if (k == 0 || sdp_r(r, other)->width < sdp_r(r, plain)->width) return other;
        }
    }
    return 0;
}
