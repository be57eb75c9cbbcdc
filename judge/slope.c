// SPDX-License-Identifier: MIT
// The sign of a function of one number by the sign of its slope: exp(x)-1-x is nonnegative for x >= 0,
// because it is 0 at 0 and its derivative, exp(x)-1, is nonnegative there.
//
// Problem: facts and bounds see the signs of terms, and Sturm's theorem polynomials; neither decides
// exp(-x)-1/x. Idea: a function that is nonnegative at the end of a half-line, and does not fall on it, is
// nonnegative on it. The derivative is asked in the same way, down to a sign that facts or Sturm know. Before
// each step denominators, factors of one sign, and exponentials that fall are taken out, so that the steps
// get shorter: the derivative of x^2*exp(x)-2*x*exp(x)+2*exp(x)-2 is x^2*exp(x). Sums of powers times
// exponentials end after finitely many of them.
//
// The real line is cut at 0, and x > 0 also at 1, where logarithms vanish: x = 1+t and x = 1/(1+t), t > 0.
//
// Invariant: a sign is claimed only of a function that is continuous on the half-line and at its end.
#include <stdlib.h>
#include <string.h>

#include "judge/judge.h"

enum { DEEPEST = 8, MOST_NODES = 70, MOST_ROUNDS = 6, MOST_STEPS = 24 };

// The half-line t > 0
typedef struct {
    sdp_graph *g;
    sdp_id t;
    int steps; // that may still be made
} half;

// ---- where it may be asked --------------------------------------------------------------------------------
// The only variable, a number; 0: there is another one, or a node that is not smooth.
static sdp_id only_variable(sdp_graph *g, sdp_id s)
{
    uint32_t count;
    sdp_id x = 0;
    const sdp_id *list = sdp_reachable(g, 1, &s, &count);
    if (count > MOST_NODES) return 0;
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = sdp_get(g, list[i]);
        const sdp_op *op = &sdp_ops[n->op];
        if (n->order) return 0;
        if (n->kind == SDP_VAR) {
            if (x) return 0;
            x = list[i];
        } else if (n->kind == SDP_MAP) {
            for (uint32_t k = 0; k < n->nargs; k++)
                if (!op->d[k] && sdp_get(g, n->arg[k])->kind != SDP_NUM) return 0;
            if (op->kink || sdp_range_is_discrete(op->range)) return 0;
        } else if (n->kind == SDP_POW) {
            if (sdp_get(g, n->arg[1])->kind != SDP_NUM) return 0;
        } else if (n->kind != SDP_NUM && n->kind != SDP_CONST && n->kind != SDP_ADD && n->kind != SDP_MUL)
            return 0;
    }
    return x;
}

// Has every node a value and all derivatives for every number?
bool sdp_is_smooth_everywhere(sdp_graph *g, sdp_id s)
{
    uint32_t count;
    sdp_num e;
    const sdp_id *list = sdp_reachable(g, 1, &s, &count);
    bool smooth = only_variable(g, s) != 0;
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = sdp_get(g, list[i]);
        if (n->kind == SDP_MAP) smooth &= !sdp_ops[n->op].domain;
        if (n->kind != SDP_POW || !sdp_is_number(g, n->arg[1], &e)) continue;
        smooth &= (sdp_num_is_int(g, e) && sdp_num_sign(g, e) > 0) || sdp_known_positive(g, n->arg[0]);
    }
    return smooth;
}

static sdp_id at_zero(sdp_graph *g, sdp_id s, sdp_id t)
{
    sdp_id zero = sdp_number(g, SDP_NUM_ZERO);
    return sdp_simplify(g, sdp_substitute(g, s, 1, &t, &zero));
}

// Is u larger than `least` for all t > 0, and its value at 0 as well?
static bool stays_above(sdp_graph *g, sdp_id u, sdp_id t, sdp_id least)
{
    sdp_id above = sdp_sub(g, u, least);
    return sdp_known_positive(g, above) && sdp_known_positive(g, at_zero(g, above, t));
}

// Is the node, whose arguments are continuous for t >= 0, so too? 1/(1-t) is not.
static bool keeps_continuous(sdp_graph *g, const sdp_node *n, sdp_id t)
{
    sdp_num e;
    if (n->kind == SDP_POW) {
        bool rises = sdp_is_number(g, n->arg[1], &e) && sdp_num_sign(g, e) > 0;
        if (rises && (sdp_num_is_int(g, e) || sdp_known_nonneg(g, n->arg[0]))) return true;
        return stays_above(g, n->arg[0], t, sdp_number(g, SDP_NUM_ZERO));
    }
    if (n->kind != SDP_MAP || !sdp_ops[n->op].domain) return true;
    const char *d = sdp_ops[n->op].domain;
    if ((d[0] != 'x' && d[0] != 'y') || d[1] != '>' || d[2] == '=' || strpbrk(d, "&|")) return false;
    // polygamma(k,y) has the domain y > 0
    return stays_above(g, n->arg[n->nargs - 1], t, sdp_number(g, sdp_num_int(g, strtol(d + 2, NULL, 10))));
}

static bool is_continuous(sdp_graph *g, sdp_id s, sdp_id t)
{
    uint32_t count;
    const sdp_id *list = sdp_reachable(g, 1, &s, &count);
    for (uint32_t i = 0; i < count; i++)
        if (sdp_depends(g, list[i], t) && !keeps_continuous(g, sdp_get(g, list[i]), t)) return false;
    return true;
}

// ---- one form for exponentials ----------------------------------------------------------------------------
// The function of t as a sum of powers and exponentials: tanh(u) times cosh(u) is sinh(u), sinh(u) is
// (exp(u)-exp(-u))/2. A positive factor is left out.
static sdp_id in_exponentials(sdp_graph *g, sdp_id s)
{
    for (int round = 0; round < MOST_ROUNDS; round++) {
        uint32_t count;
        sdp_id from = 0, to = 0;
        const sdp_id *list = sdp_reachable(g, 1, &s, &count);
        for (uint32_t i = count; i-- > 0 && !from;) {
            const sdp_node *n = sdp_get(g, list[i]);
            if (n->kind != SDP_MAP) continue;
            if (n->op == SDP_OP_tanh) {
                s = sdp_multiply_out_all(g, sdp_times(g, s, sdp_map1(g, SDP_OP_cosh, n->arg[0])));
                from = to = list[i];
            } else if (sdp_ops[n->op].in_exp) {
                from = list[i];
                to = sdp_template(g, sdp_ops[n->op].in_exp, 1, n->arg);
            }
        }
        if (!from) break;
        if (from != to) s = sdp_multiply_out_all(g, sdp_substitute(g, s, 1, &from, &to));
    }
    return s;
}

// Times exp(-u) for a factor exp(u) of a term, where u is negative.
static sdp_id without_falling(sdp_graph *g, sdp_id s)
{
    for (int round = 0; round < MOST_ROUNDS; round++) {
        const sdp_node *n = sdp_get(g, s);
        sdp_id up = 0;
        for (uint32_t i = 0; n->kind == SDP_ADD && i < n->nargs && !up; i++) {
            const sdp_node *m = sdp_get(g, n->arg[i]);
            for (uint32_t k = 0; k < (m->kind == SDP_MUL ? m->nargs : 1) && !up; k++) {
                const sdp_node *f = m->kind == SDP_MUL ? sdp_get(g, m->arg[k]) : m;
                if (f->kind != SDP_MAP || f->op != SDP_OP_exp) continue;
                sdp_id minus = sdp_negated(g, f->arg[0]);
                if (sdp_known_positive(g, minus)) up = sdp_map1(g, SDP_OP_exp, minus);
            }
        }
        if (!up) break;
        s = sdp_multiply_out_all(g, sdp_times(g, s, up));
    }
    return s;
}

// Over one denominator, as a function of h = expm1(u) where expm1(-u) stands, u > 0: products of exponentials
// with 1/expm1(u) have several forms.
static sdp_id joined(sdp_graph *g, sdp_id s)
{
    uint32_t count;
    sdp_id u = 0;
    const sdp_id *list = sdp_reachable(g, 1, &s, &count);
    for (uint32_t i = 0; i < count && !u; i++) {
        const sdp_node *n = sdp_get(g, list[i]);
        if (n->kind != SDP_MAP || n->op != SDP_OP_expm1) continue;
        sdp_id minus = sdp_negated(g, n->arg[0]);
        if (sdp_known_positive(g, minus)) u = minus;
    }
    if (!u) return sdp_simplify(g, sdp_over_denominator_out(g, s));
    sdp_id h = sdp_hidden_variable(g, "$h>0", 0, NULL, SDP_POSITIVE | SDP_NONNEG), minus = sdp_negated(g, u);
    sdp_id from[] = {sdp_map1(g, SDP_OP_expm1, minus), sdp_map1(g, SDP_OP_expm1, u),
                     sdp_map1(g, SDP_OP_exp, minus), sdp_map1(g, SDP_OP_exp, u)};
    sdp_id to[] = {sdp_template(g, "-x./(1+x)", 1, &h), h, sdp_template(g, "1./(1+x)", 1, &h),
                   sdp_template(g, "1+x", 1, &h)};
    s = sdp_over_denominator_out(g, sdp_multiply_out_all(g, sdp_substitute(g, s, 4, from, to)));
    return sdp_substitute(g, s, 1, &h, &from[1]);
}

// ---- signs ------------------------------------------------------------------------------------------------
static int sign_on_half(half *h, sdp_id s, int depth);

// By facts, bounds and Sturm's theorem
static int known_sign(sdp_graph *g, sdp_id s)
{
    return sdp_scalar_is_nonneg(g, s) ? 1 : sdp_scalar_is_nonneg(g, sdp_negated(g, s)) ? -1 : 0;
}

static int sign_of_sum(half *h, sdp_id s, int depth)
{
    sdp_graph *g = h->g;
    sdp_id slope;
    int known = known_sign(g, s);
    if (known || !depth || !is_continuous(g, s, h->t)) return known;
    sdp_id start = at_zero(g, s, h->t);
    int first = sdp_is_zero(g, start) ? 0 : known_sign(g, start);
    if (!first && !sdp_is_zero(g, start)) return 0;
    sdp_reverse(g, s, 1, &h->t, &slope);
    int turn = sign_on_half(h, sdp_simplify(g, slope), depth - 1);
    return first && first != turn ? 0 : turn;
}

// The sign of a factor for all t > 0; base^-3 has that of the base.
static int sign_of_factor(half *h, sdp_id f, int depth)
{
    sdp_graph *g = h->g;
    const sdp_node *n = sdp_get(g, f);
    sdp_num e;
    if (sdp_known_positive(g, f)) return 1;
    if (n->kind == SDP_POW && sdp_is_number(g, n->arg[1], &e)) {
        if (!sdp_num_is_int(g, e) || sdp_num_is_int(g, sdp_num_mul(g, e, SDP_NUM_HALF))) return 1;
        return sign_of_factor(h, n->arg[0], depth);
    }
    if (n->kind != SDP_ADD) return known_sign(g, f);
    sdp_id cleared = without_falling(g, in_exponentials(g, f));
    return cleared == f ? sign_of_sum(h, f, depth) : sign_on_half(h, cleared, depth - 1);
}

// The sign of s for all t > 0: 1 nonnegative, -1 not positive, 0 not known.
static int sign_on_half(half *h, sdp_id s, int depth)
{
    sdp_graph *g = h->g;
    uint32_t count;
    int known = known_sign(g, s);
    if (known || depth <= 0 || !h->steps) return known;
    h->steps--;
    s = joined(g, s);
    sdp_reachable(g, 1, &s, &count);
    const sdp_node *n = sdp_get(g, s);
    if (count > MOST_NODES) return 0;
    if (n->kind != SDP_MUL || !n->nargs) return sign_of_factor(h, s, depth);
    int sign = sdp_num_sign(g, n->coef[0]);
    for (uint32_t i = 0; i < n->nargs && sign; i++) sign *= sign_of_factor(h, n->arg[i], depth);
    return sign;
}

// ---- the line ---------------------------------------------------------------------------------------------
// With x as the template of t, "1./(1+x)"
static int sign_along(sdp_graph *g, sdp_id s, sdp_id x, const char *way)
{
    half h = {g, sdp_hidden_variable(g, "$t>0", 0, NULL, SDP_POSITIVE | SDP_NONNEG), MOST_STEPS};
    sdp_id to = sdp_template(g, way, 1, &h.t);
    return sign_on_half(&h, sdp_simplify(g, sdp_substitute(g, s, 1, &x, &to)), DEEPEST);
}

static int sign_on_both(sdp_graph *g, sdp_id s, sdp_id x, const char *const way[2])
{
    int sign = sign_along(g, s, x, way[0]);
    return sign && sign_along(g, s, x, way[1]) == sign ? sign : 0;
}

// Does the function have values of both signs? Then nothing needs to be tried.
static bool has_both_signs(sdp_graph *g, sdp_id s, sdp_id x)
{
    static const double points[] = {0.01, 0.1, 0.3, 0.7, 1.5, 3, 8, 30};
    enum { POINTS = sizeof points / sizeof *points };
    const sdp_signature of = sdp_signature_of(g, 1, &s, NULL);
    bool above = false, below = false;
    for (int k = 0; k < 2 * POINTS && !(above && below); k++) {
        double t = points[k / 2] * (k % 2 ? -1 : 1);
        if (of.ninputs != 1 || (t < 0 && sdp_has(g, x, SDP_NONNEG))) continue;
        sd_array a;
        sdp_interpret_lenient(g, 1, &s, &of, NULL, (const double *const[]){&t}, NULL, &a);
        above |= a.data[0] > 1e-9;
        below |= a.data[0] < -1e-9;
        sdp_release(&g->base, a.data);
    }
    return above && below;
}

static int sign_on_line(sdp_graph *g, sdp_id s)
{
    static const char *const halves[] = {"x", "-x"}, *const sides[] = {"1+x", "1./(1+x)"};
    sdp_id x = only_variable(g, s);
    if (!x || has_both_signs(g, s, x)) return 0;
    if (!sdp_has(g, x, SDP_NONNEG)) return sign_on_both(g, s, x, halves);
    int sign = sign_along(g, s, x, "x");
    return sign ? sign : sign_on_both(g, s, x, sides);
}

int sdp_sign_by_slope(sdp_graph *g, sdp_id s)
{
    sdp_base *b = &g->base;
    sdp_mark m = sdp_scratch_mark(b);
    sdp_trap trap;
    volatile int sign = 0;
    if (SDP_TRY(b, trap)) {
        sign = sign_on_line(g, s);
        SDP_END(b, trap);
    } else { // 1/t at 0
        if (b->error.code != SD_ERR_DOMAIN) sdp_fail_again(b);
        b->error = (sd_error){.code = SD_OK};
    }
    sdp_scratch_release(b, m);
    return sign;
}
