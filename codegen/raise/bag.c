// SPDX-License-Identifier: MIT
// The scalars in front of a product: coefficient, factors above and below the line. A bag collects them
// from every factor, and is closed over the array that is left: 2/N*X'*(X*t-Y), x/norm(x), 1/2*x.
//
// Signs: a negative coefficient is moved into a factor that is a difference, as long as that leaves a
// positive term in front: -X'*(y-s) is X'*(s-y).
#include <string.h>

#include "codegen/raise/notation.h"

void sdp_bag_init(sdp_scalars *b)
{
    memset(b, 0, sizeof *b);
    b->coef = SDP_NUM_ONE;
}

// 1-n, of sizes alone, is n-1 with a sign.
static void push(sdp_raiser *r, sdp_scalars *b, sdp_rlist *l, sdp_rid x)
{
    const sdp_raised *n = sdp_r(r, x);
    if (n->kind == SDP_R_ADD && !n->fixed && n->seen == UINT32_MAX && n->split == 1 &&
        sdp_r(r, n->arg[0])->kind == SDP_R_NUM) {
        b->coef = sdp_num_neg(r->g, b->coef);
        x = sdp_r_negate(r, x);
    }
    sdp_rlist_push(r, l, x);
}

sdp_rid sdp_bag_take(sdp_raiser *r, sdp_scalars *b, sdp_rid t)
{
    const sdp_raised *n = sdp_r(r, t);
    if (n->kind == SDP_R_NUM) {
        b->coef = sdp_num_mul(r->g, b->coef, n->num);
        return 0;
    }
    if (n->kind == SDP_R_ADD && n->split == 0) { // -a-b
        b->coef = sdp_num_neg(r->g, b->coef);
        t = sdp_r_negate(r, t);
        n = sdp_r(r, t);
    }
    if (n->kind == SDP_R_SCALE && n->nargs <= SDP_SPLICE) {
        uint32_t above = n->split, below = n->den, all = n->nargs;
        const sdp_rid *arg = n->arg;
        sdp_rid rest = all > above + below ? arg[all - 1] : 0;
        b->coef = sdp_num_mul(r->g, b->coef, n->num);
        for (uint32_t i = 0; i < above + below; i++) push(r, b, i < above ? &b->num : &b->den, arg[i]);
        if (!rest || sdp_r(r, rest)->form != SDP_SCALAR) return rest;
        sdp_rlist_push(r, &b->num, rest);
        return 0;
    }
    if (n->kind == SDP_R_SCALE) { // long: only the sign comes off
        sdp_raised bare = *n;
        b->coef = sdp_num_mul(r->g, b->coef, n->num);
        bare.num = SDP_NUM_ONE;
        t = sdp_r_make(r, bare);
        n = sdp_r(r, t);
    }
    if (n->form != SDP_SCALAR) return t;
    push(r, b, &b->num, t);
    return 0;
}

void sdp_bag_spend_sign(sdp_raiser *r, sdp_scalars *b)
{
    for (uint32_t i = 0; i < b->num.n && sdp_num_sign(r->g, b->coef) < 0; i++) {
        sdp_rid turned = sdp_r_negate_free(r, b->num.at[i]);
        if (!turned) continue;
        b->num.at[i] = turned;
        b->coef = sdp_num_neg(r->g, b->coef);
    }
}

// 1/(x^2*y^2) = 1/(x*y)^2, as there are parentheses anyway
static void join_below(sdp_raiser *r, sdp_scalars *b)
{
    sdp_scalars bases;
    sdp_bag_init(&bases);
    sdp_rid exponent = 0;
    if (b->den.n < 2 || sdp_num_denominator(r->g, b->coef) != SDP_NUM_ONE) return;
    for (uint32_t i = 0; i < b->den.n; i++) {
        const sdp_raised *n = sdp_r(r, b->den.at[i]);
        if (n->kind != SDP_R_POW || sdp_r(r, n->arg[1])->kind != SDP_R_NUM ||
            (exponent && n->arg[1] != exponent))
            return;
        exponent = n->arg[1];
    }
    for (uint32_t i = 0; i < b->den.n; i++) sdp_bag_take(r, &bases, sdp_r(r, b->den.at[i])->arg[0]);
    b->den.n = 0;
    sdp_rlist_push(r, &b->den, sdp_r_power(r, sdp_bag_close(r, &bases, 0), exponent));
}

// x/(n*u^((n+3)/2)) = x/n*u^(-(n+3)/2), where a minus takes the place of parentheses
static void lift_power(sdp_raiser *r, sdp_scalars *b)
{
    bool number = sdp_num_denominator(r->g, b->coef) != SDP_NUM_ONE;
    for (uint32_t i = 0; b->den.n + number == 2 && i < b->den.n; i++) {
        const sdp_raised *p = sdp_r(r, b->den.at[i]);
        const sdp_raised *e = p->kind == SDP_R_POW ? sdp_r(r, p->arg[1]) : NULL;
        if (!e || e->kind == SDP_R_NUM || e->kind == SDP_R_NAME) continue;
        sdp_rid lifted = sdp_r_power(r, p->arg[0], sdp_r_negate(r, p->arg[1]));
        if (sdp_r(r, lifted)->tokens > sdp_r(r, b->den.at[i])->tokens + 1) continue;
        sdp_rlist_push(r, &b->num, lifted);
        b->den.at[i] = b->den.at[--b->den.n];
    }
}

sdp_rid sdp_bag_close(sdp_raiser *r, sdp_scalars *b, sdp_rid body)
{
    join_below(r, b);
    if (r->says) lift_power(r, b);
    if (!body && b->num.n == 0 && b->den.n == 0) return sdp_r_num(r, b->coef);
    sdp_r_sort_factors(r, b->num.at, b->num.n);
    sdp_r_sort_factors(r, b->den.at, b->den.n);
    // one inner product can stand last: 2*x'*y
    for (uint32_t i = 0, last = 0, count = 0; !body && i < b->num.n; i++) {
        bool inner = sdp_r(r, b->num.at[i])->kind == SDP_R_PROD;
        if (inner) last = i, count++;
        if (i + 1 < b->num.n || count != 1) continue;
        body = b->num.at[last];
        memmove(b->num.at + last, b->num.at + last + 1, (b->num.n - last - 1) * sizeof *b->num.at);
        b->num.n--;
        break;
    }
    if (b->coef == SDP_NUM_ONE && b->den.n == 0 && b->num.n + (body != 0) == 1)
        return body ? body : b->num.at[0];
    sdp_rlist all = {0};
    for (uint32_t i = 0; i < b->num.n; i++) sdp_rlist_push(r, &all, b->num.at[i]);
    for (uint32_t i = 0; i < b->den.n; i++) sdp_rlist_push(r, &all, b->den.at[i]);
    if (body) sdp_rlist_push(r, &all, body);
    uint8_t form = body ? sdp_r(r, body)->form : SDP_SCALAR;
    bool symmetric = body && sdp_r(r, body)->symmetric;
    sdp_rid id = sdp_r_make(r, (sdp_raised){.kind = SDP_R_SCALE,
                                            .form = form,
                                            .nargs = all.n,
                                            .split = b->num.n,
                                            .den = b->den.n,
                                            .num = b->coef,
                                            .arg = all.at});
    if (symmetric) r->node[id].symmetric = true;
    return id;
}

sdp_rid sdp_r_scale(sdp_raiser *r, sdp_num c, sdp_rid a)
{
    if (c == SDP_NUM_ONE) return a;
    if (c == SDP_NUM_MINUS_ONE) return sdp_r_negate(r, a);
    sdp_scalars bag;
    sdp_bag_init(&bag);
    sdp_rid body = sdp_bag_take(r, &bag, a);
    bag.coef = sdp_num_mul(r->g, bag.coef, c);
    return sdp_bag_close(r, &bag, body);
}
