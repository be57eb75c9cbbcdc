// SPDX-License-Identifier: MIT
// How long a node of the raised tree is, in characters and in symbols: what choices between forms compare.
//
// A node is as long as its arguments, the signs between them, the parentheses that some of them need, and its
// own name or operator; what powers of equal factors will save is taken off. Sums of lengths end at
// UINT32_MAX. Entry: sdp_r_measure.
#include <string.h>

#include "codegen/raise/notation.h"

static uint32_t plus(uint32_t a, uint32_t b) { return a > UINT32_MAX - b ? UINT32_MAX : a + b; }

static uint32_t display_width(const char *s)
{
    uint32_t w = 0;
    for (; *s; s++) w += ((unsigned char)*s & 0xC0) != 0x80;
    return w;
}

// Would this argument of a node of kind `of` stand in parentheses?
static bool wraps(const sdp_raised *n, uint8_t of)
{
    switch (of) {
    case SDP_R_PROD: return n->kind == SDP_R_ADD || n->kind == SDP_R_HAD || n->kind == SDP_R_SCALE;
    case SDP_R_HAD: return n->kind == SDP_R_ADD || n->kind == SDP_R_PROD || n->kind == SDP_R_SCALE;
    case SDP_R_SCALE: return n->kind == SDP_R_ADD;
    case SDP_R_POW:
    case SDP_R_TRANS:
    case SDP_R_INDEX:
    case SDP_R_MPOW:
        return n->kind != SDP_R_NAME && n->kind != SDP_R_CALL && n->kind != SDP_R_NUM &&
               n->kind != SDP_R_INDEX;
    default: return false;
    }
}

sdp_rid sdp_r_upright(const sdp_raiser *r, sdp_rid a)
{
    return sdp_r(r, a)->kind == SDP_R_TRANS ? sdp_r(r, a)->arg[0] : a;
}

// X'^2, inv(X)^2*A, X^3, (X*X')^2*X, (A*B)^2 for A*B*A*B, but A*B*A*B*A: where a power saves a token; a chain
// that is not of a matrix and its transpose only where that saves two, and it is all there is.
uint32_t sdp_r_repeats(const sdp_raiser *r, const sdp_raised *n, uint32_t i, uint32_t *period,
                       uint32_t *saved)
{
    *saved = 0;
    for (*period = 1; *period <= 4 && i + 2 * *period <= n->nargs; ++*period) {
        uint32_t p = *period, times = 1, group = p - 1;
        bool square = true;
        for (uint32_t k = i; k < i + p; k++) {
            const sdp_raised *a = sdp_r(r, n->arg[k]);
            square &= a->form == SDP_MATRIX;
            group = plus(group, plus(a->tokens, wraps(a, SDP_R_PROD) ? 2 : 0));
        }
        while (i + (times + 1) * p <= n->nargs &&
               memcmp(n->arg + i, n->arg + i + times * p, p * sizeof *n->arg) == 0)
            times++;
        uint32_t rest = plus(group, 1) > UINT32_MAX / times ? UINT32_MAX : (times - 1) * (group + 1),
                 power = p > 1 ? 4 : 2;
        bool gram = p == 2 && sdp_r_upright(r, n->arg[i]) == sdp_r_upright(r, n->arg[i + 1]);
        if (!square || rest < power + 1 + (p > 1 && !gram) || (p > 1 && !gram && (i || times * p < n->nargs)))
            continue;
        *saved = rest - power;
        return times;
    }
    *period = 1;
    return 1;
}

// What the powers in a product save.
static uint32_t saving(const sdp_raiser *r, const sdp_raised *n)
{
    uint32_t all = 0, times, period, saved;
    for (uint32_t i = 0; n->kind == SDP_R_PROD && i < n->nargs; i += times * period) {
        times = sdp_r_repeats(r, n, i, &period, &saved);
        all = plus(all, saved);
    }
    return all;
}

void sdp_r_measure(sdp_raiser *r, sdp_raised *n)
{
    uint32_t between = 1, w = 0, t = 0, extra = 0;
    if (n->kind == SDP_R_NUM || n->kind == SDP_R_SCALE) {
        const char *s = n->kind == SDP_R_NUM || n->num != SDP_NUM_ONE ? sdp_r_number(r, n->num) : "";
        if (strcmp(s, "-1") == 0 && n->kind == SDP_R_SCALE) s = "-";
        w = (uint32_t)strlen(s);
        t = *s ? 1 + 2 * (strchr(s, '/') != NULL) + (*s == '-' && s[1]) : 0;
        if (n->kind == SDP_R_SCALE && *s && strcmp(s, "-") != 0) extra = 1;
        bool scale = n->kind == SDP_R_SCALE, fraction = strchr(s, '/') != NULL, top = n->nargs > n->den;
        if (scale && n->den + fraction > 1) extra += 2;                // x/(2*y)
        if (scale && !top && (!*s || strcmp(s, "-") == 0)) extra += 2; // 1/x
        // x/2
        if (scale && top && fraction && s[*s == '-'] == '1' && s[1 + (*s == '-')] == '/') w -= 2, t -= 2;
    } else if (n->kind == SDP_R_CALL) {
        const char *s = n->text ? n->text : n->fn ? sdp_ops[n->fn].name : "diag";
        w = display_width(s) + 2;
        t = 3;
        if (n->shown == SDP_S_SUM1 || n->shown == SDP_S_SUM2) w += 2, t += 2;
    } else if (n->kind == SDP_R_NAME) {
        w = display_width(n->text);
        t = 1;
    } else if (n->kind == SDP_R_HAD) {
        between = 2;
        extra = n->split ? 0 : 1;
    } else if (n->kind == SDP_R_TRANS || n->kind == SDP_R_MPOW) {
        extra = n->kind == SDP_R_MPOW && n->nargs == 1 ? 2 : n->kind == SDP_R_TRANS;
    } else if (n->kind == SDP_R_ROWS || n->kind == SDP_R_INDEX) {
        extra = 2;
    } else if (n->kind == SDP_R_ADD && n->split == 0) {
        extra = 1;
    }
    w = plus(w, extra);
    t = plus(t, extra);
    n->own = w;
    bool function = n->kind == SDP_R_CALL && n->den; // f(w) begins with f
    n->seen = n->kind == SDP_R_NAME ? n->seen : function ? r->g->var[n->den - 1].order_seen : UINT32_MAX;
    n->first = n->seen;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_raised *a = sdp_r(r, n->arg[i]);
        uint32_t more = (i ? between : 0) + (wraps(a, n->kind) ? 2 : 0);
        w = plus(plus(w, a->width), more);
        n->own = plus(n->own, more);
        t = plus(plus(t, a->tokens), more - (between == 2 && i ? 1 : 0));
        if (a->seen < n->seen) n->seen = a->seen;
        if (n->first == UINT32_MAX) n->first = a->first;
    }
    n->width = w;
    n->tokens = t == UINT32_MAX ? t : t - saving(r, n);
}
