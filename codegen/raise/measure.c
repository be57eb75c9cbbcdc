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

// Returns the length that the powers in a product save.
static uint32_t saving(const sdp_raiser *r, const sdp_raised *n)
{
    uint32_t all = 0, times, period, saved;
    for (uint32_t i = 0; n->kind == SDP_R_PROD && i < n->nargs; i += times * period) {
        times = sdp_r_repeats(r, n, i, &period, &saved);
        all = plus(all, saved);
    }
    return all;
}

// Characters, and symbols as a reader counts them: a number, a name, an operator, a parenthesis is one.
typedef struct {
    uint32_t width, tokens;
} length;

enum { SIGN = 1, POWER = 2, PARENTHESES = 2, CALLED = 2, RECIPROCAL = 2, AXIS = 2 };

static length number_length(const char *s)
{
    bool fraction = strchr(s, '/') != NULL, minus = *s == '-' && s[1];
    return (length){(uint32_t)strlen(s), *s ? 1u + 2u * fraction + minus : 0};
}

// The coefficient with the * behind it, and what a line of division adds.
static length scale_length(const sdp_raiser *r, const sdp_raised *n)
{
    const char *c = n->num == SDP_NUM_ONE ? "" : sdp_r_number(r, n->num);
    if (!strcmp(c, "-1")) c = "-";
    const char *digits = c + (*c == '-');
    bool bare = !*digits, fraction = strchr(c, '/') != NULL, top = n->nargs > n->den;
    length l = number_length(c);
    if (top && !strncmp(digits, "1/", 2)) l.width -= 2, l.tokens -= 2; // x/2 for 1/2*x
    uint32_t more = bare ? 0 : SIGN;
    if (n->den + fraction > 1) more += PARENTHESES; // x/(2*y)
    if (!top && bare) more += RECIPROCAL;           // 1/x
    return (length){plus(l.width, more), plus(l.tokens, more)};
}

static length call_length(const sdp_raised *n)
{
    const char *name = n->text ? n->text : n->fn ? sdp_ops[n->fn].name : "diag";
    uint32_t more = n->shown == SDP_S_SUM1 || n->shown == SDP_S_SUM2 ? CALLED + AXIS : CALLED;
    return (length){display_width(name) + more, 1 + more};
}

// Returns the length of a node without its arguments and the signs between them.
static length own_length(const sdp_raiser *r, const sdp_raised *n)
{
    switch (n->kind) {
    case SDP_R_NUM: return number_length(sdp_r_number(r, n->num));
    case SDP_R_SCALE: return scale_length(r, n);
    case SDP_R_CALL: return call_length(n);
    case SDP_R_NAME: return (length){display_width(n->text), 1};
    case SDP_R_HAD: return n->split ? (length){0, 0} : (length){SIGN, SIGN}; // 1./x
    case SDP_R_ADD: return n->split ? (length){0, 0} : (length){SIGN, SIGN}; // -x-y
    case SDP_R_TRANS: return (length){SIGN, SIGN};
    case SDP_R_MPOW: return n->nargs == 1 ? (length){POWER, POWER} : (length){0, 0};
    case SDP_R_ROWS:
    case SDP_R_INDEX: return (length){PARENTHESES, PARENTHESES};
    default: return (length){0, 0};
    }
}

// Where something of the node first stood in the text.
static uint32_t own_appearance(const sdp_raiser *r, const sdp_raised *n)
{
    if (n->kind == SDP_R_NAME) return n->seen;
    bool function = n->kind == SDP_R_CALL && n->den; // f(w) begins with f
    return function ? r->g->var[n->den - 1].order_seen : UINT32_MAX;
}

void sdp_r_measure(sdp_raiser *r, sdp_raised *n)
{
    length l = own_length(r, n);
    uint32_t between = n->kind == SDP_R_HAD ? 2 : 1; // .* is two characters, and one symbol
    n->own = l.width;
    n->first = n->seen = own_appearance(r, n);
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_raised *a = sdp_r(r, n->arg[i]);
        uint32_t around = wraps(a, n->kind) ? PARENTHESES : 0;
        uint32_t more = (i ? between : 0) + around;
        n->own = plus(n->own, more);
        l.width = plus(plus(l.width, a->width), more);
        l.tokens = plus(plus(l.tokens, a->tokens), (i ? 1 : 0) + around);
        if (a->seen < n->seen) n->seen = a->seen;
        if (n->first == UINT32_MAX) n->first = a->first;
    }
    n->width = l.width;
    n->tokens = l.tokens == UINT32_MAX ? l.tokens : l.tokens - saving(r, n);
}
