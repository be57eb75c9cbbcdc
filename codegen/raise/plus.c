// SPDX-License-Identifier: MIT
// Sums of raised terms with their own signs, and signs turned: -(x-y) is y-x.
#include "codegen/raise/notation.h"

static bool is_negative(const sdp_raiser *r, sdp_rid term)
{
    const sdp_raised *t = sdp_r(r, term);
    return ((t->kind == SDP_R_SCALE || t->kind == SDP_R_NUM) && sdp_num_sign(r->g, t->num) < 0) ||
           (t->kind == SDP_R_ADD && t->split == 0);
}

sdp_rid sdp_r_plus_in_order(sdp_raiser *r, uint32_t n, const sdp_rid *term)
{
    sdp_rlist up = {0}, down = {0};
    uint8_t form = SDP_SCALAR;
    uint32_t pattern = SDP_R_ORDERED;
    if (n < 2 || n > SDP_MOST_WRITTEN || is_negative(r, term[0])) return sdp_r_plus(r, n, term);
    for (uint32_t i = 0; i < n; i++) {
        bool minus = is_negative(r, term[i]);
        if (sdp_r(r, term[i])->form != SDP_SCALAR) form = sdp_r(r, term[i])->form;
        pattern |= (uint32_t)minus << i;
        sdp_rlist_push(r, minus ? &down : &up, minus ? sdp_r_negate(r, term[i]) : term[i]);
    }
    uint32_t split = up.n;
    for (uint32_t i = 0; i < down.n; i++) sdp_rlist_push(r, &up, down.at[i]);
    return sdp_r_make(r, (sdp_raised){.kind = SDP_R_ADD,
                                      .form = form,
                                      .nargs = up.n,
                                      .split = split,
                                      .den = pattern,
                                      .arg = up.at});
}

// Terms have their own signs; numbers and nested sums are welcome.
sdp_rid sdp_r_plus(sdp_raiser *r, uint32_t n, const sdp_rid *term)
{
    sdp_rlist up = {0}, down = {0};
    uint8_t form = SDP_SCALAR;
    for (uint32_t i = 0; i < n; i++) {
        const sdp_raised *t = sdp_r(r, term[i]);
        if (t->form != SDP_SCALAR) form = t->form;
        if (!is_negative(r, term[i])) {
            sdp_rlist_push(r, &up, term[i]);
            continue;
        }
        sdp_rid freed = t->kind == SDP_R_NUM ? 0 : sdp_r_negate_free(r, sdp_r_negate(r, term[i]));
        if (freed) sdp_rlist_push(r, &up, freed);
        else sdp_rlist_push(r, &down, sdp_r_negate(r, term[i]));
    }
    if (n == 1) return up.n ? up.at[0] : sdp_r_negate(r, down.at[0]);
    sdp_r_sort_terms(r, up.at, up.n);
    sdp_r_sort_terms(r, down.at, down.n);
    uint32_t split = up.n;
    for (uint32_t i = 0; i < down.n; i++) sdp_rlist_push(r, &up, down.at[i]);
    return sdp_r_make(
        r, (sdp_raised){.kind = SDP_R_ADD, .form = form, .nargs = up.n, .split = split, .arg = up.at});
}

sdp_rid sdp_r_append(sdp_raiser *r, sdp_rid sum, sdp_rid term)
{
    const sdp_raised *t = sdp_r(r, term);
    uint8_t form = t->form != SDP_SCALAR ? t->form : sdp_r(r, sum)->form;
    bool minus = (t->kind == SDP_R_SCALE || t->kind == SDP_R_NUM) && sdp_num_sign(r->g, t->num) < 0;
    sdp_rid arg[2] = {sum, minus ? sdp_r_negate(r, term) : term};
    return sdp_r_make(
        r, (sdp_raised){.kind = SDP_R_ADD, .form = form, .nargs = 2, .split = minus ? 1 : 2, .arg = arg});
}

static sdp_rid swap_signs(sdp_raiser *r, const sdp_raised *n)
{
    sdp_rid *arg = sdp_scratch(&r->g->base, n->nargs * sizeof *arg);
    uint32_t minus = n->nargs - n->split;
    memcpy(arg, n->arg + n->split, minus * sizeof *arg);
    memcpy(arg + minus, n->arg, n->split * sizeof *arg);
    sdp_raised turned = *n;
    turned.arg = arg;
    turned.split = minus;
    turned.den = 0; // in its order it would begin with a minus
    if (n->den) sdp_r_sort_terms(r, arg, minus), sdp_r_sort_terms(r, arg + minus, n->split);
    return sdp_r_make(r, turned);
}

sdp_rid sdp_r_negate(sdp_raiser *r, sdp_rid a)
{
    sdp_raised n = *sdp_r(r, a);
    if (n.kind == SDP_R_NUM) return sdp_r_num(r, sdp_num_neg(r->g, n.num));
    if (n.kind == SDP_R_ADD && !n.fixed) return swap_signs(r, &n);
    if (n.kind == SDP_R_SCALE) {
        n.num = sdp_num_neg(r->g, n.num);
        bool bare = n.num == SDP_NUM_ONE && n.den == 0 && n.nargs == 1;
        return bare ? n.arg[0] : sdp_r_make(r, n);
    }
    return sdp_r_make(
        r,
        (sdp_raised){.kind = SDP_R_SCALE, .form = n.form, .nargs = 1, .num = SDP_NUM_MINUS_ONE, .arg = &a});
}

static sdp_rid with_arg(sdp_raiser *r, const sdp_raised *n, uint32_t i, sdp_rid x)
{
    sdp_raised copy = *n;
    sdp_rid *arg = sdp_scratch(&r->g->base, n->nargs * sizeof *arg);
    memcpy(arg, n->arg, n->nargs * sizeof *arg);
    arg[i] = x;
    copy.arg = arg;
    return sdp_r_make(r, copy);
}

// Is argument i one of a pair, as in r*r'? Both or none of them are turned.
static bool has_partner(const sdp_raiser *r, const sdp_raised *n, uint32_t i)
{
    for (uint32_t k = 0; k < n->nargs; k++)
        if (k != i && sdp_r_upright(r, n->arg[k]) == sdp_r_upright(r, n->arg[i])) return true;
    return false;
}

// -a without a sign in front: a difference that keeps a positive term when its signs are swapped, or a
// product or sum that has room for the sign further down. Looks `depth` levels down.
static sdp_rid turned(sdp_raiser *r, sdp_rid a, int depth)
{
    sdp_raised n = *sdp_r(r, a);
    if (n.nargs > SDP_SPLICE || n.fixed) return 0;
    if (n.kind == SDP_R_ADD && n.split < n.nargs) return swap_signs(r, &n);
    if (n.kind == SDP_R_SCALE && sdp_num_sign(r->g, n.num) < 0) return sdp_r_negate(r, a);
    if (depth == 0) return 0;
    if (n.kind == SDP_R_ADD) { // a term that can be turned goes first: -(a*(x-y)+b) is a*(y-x)-b
        sdp_rid *arg = sdp_scratch(&r->g->base, n.nargs * sizeof *arg);
        bool any = false;
        for (uint32_t i = 0; i < n.nargs; i++) {
            arg[i] = turned(r, n.arg[i], depth - 1);
            any |= arg[i] != 0;
            if (!arg[i]) arg[i] = sdp_r_negate(r, n.arg[i]);
        }
        return any ? sdp_r_plus(r, n.nargs, arg) : 0;
    }
    if (n.kind != SDP_R_SCALE && n.kind != SDP_R_PROD && n.kind != SDP_R_HAD && n.kind != SDP_R_TRANS)
        return 0;
    for (uint32_t i = 0; i < n.nargs; i++) {
        sdp_rid t = has_partner(r, &n, i) ? 0 : turned(r, n.arg[i], depth - 1);
        if (t) return with_arg(r, &n, i, t);
    }
    return 0;
}

sdp_rid sdp_r_negate_free(sdp_raiser *r, sdp_rid a) { return turned(r, a, 4); }
