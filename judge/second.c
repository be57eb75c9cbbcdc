// SPDX-License-Identifier: MIT
// Curvature from the second derivative: a scalar f that has one everywhere is convex just if q(v) = d^2/dt^2
// f(x+t*v) at t = 0 is nonnegative for every direction v. q is one scalar for any number of variables
// together; no Hessian with four axes is made.
//
// First the affine parts of f become variables of their own: f(A*x-b) is convex if f(u) is, and
// u is simpler. If that does not decide, the variables themselves are tried, for parts that
// share variables are not independent.
//
// The second derivative is blind to kinks and jumps: of -abs(x) it is 0 wherever it exists. So nothing is
// decided here unless all functions between f and its affine parts have a derivative that is continuous.
#include <string.h>

#include "judge/judge.h"

enum { MOST_PARTS = 8, MOST_NODES = 400 };

typedef struct {
    sdp_judge *j;
    sdp_id part[MOST_PARTS]; // affine parts, the variables among them
    uint32_t n;
    bool too_many, rough;
} survey;

// ---- smoothness -------------------------------------------------------------------------------------------
static bool is_away_from_zero(const sdp_judge *j, sdp_id id)
{
    sdp_bounds b = sdp_bounds_there(j, id);
    return b.lo > 0 || (b.lo == 0 && b.lo_open) || b.hi < 0 || (b.hi == 0 && b.hi_open);
}

// Powers: a base that may be 0 inside the domain makes a kink or a pole there, unless the exponent is a whole
// number or larger than 1. Where the base of a real power is affine, 0 is the boundary of the domain.
static bool is_smooth_power(const sdp_judge *j, const sdp_node *n)
{
    sdp_num e;
    if (!sdp_is_number(j->g, n->arg[1], &e)) return sdp_known_positive(j->g, n->arg[0]);
    if (sdp_num_is_int(j->g, e)) return sdp_num_sign(j->g, e) > 0 || is_away_from_zero(j, n->arg[0]);
    if (sdp_num_cmp(j->g, e, SDP_NUM_ONE) > 0) return true;
    return is_away_from_zero(j, n->arg[0]) || (j->curve[n->arg[0]] & SDP_AFFINE) == SDP_AFFINE;
}

static bool is_smooth(const sdp_judge *j, const sdp_node *n)
{
    const sdp_op *op = &sdp_ops[n->op];
    switch (n->kind) {
    case SDP_ADD:
    case SDP_MUL: return true;
    case SDP_POW: return is_smooth_power(j, n);
    case SDP_MAP:
        for (uint32_t i = 0; i < n->nargs; i++)
            if (!op->d[i]) return false;
        return !op->kink && !sdp_range_is_discrete(op->range);
    case SDP_PRIM: return op->smooth == SDP_SMOOTH_posdef ? sdp_has(j->g, n->arg[0], SDP_POSDEF) : op->smooth;
    default: return false;
    }
}

// ---- affine parts -----------------------------------------------------------------------------------------
static void add_part(survey *s, sdp_id id)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->part[i] == id) return;
    if (s->n == MOST_PARTS) s->too_many = true;
    else s->part[s->n++] = id;
}

// Walks down from id to affine parts; deep: to the variables themselves.
static void look(survey *s, sdp_id id, bool deep)
{
    sdp_graph *g = s->j->g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t count;
    const sdp_id *list = sdp_reachable(g, 1, &id, &count);
    bool *needed = sdp_scratch(&g->base, id + (size_t)1);
    needed[id] = true;
    s->too_many |= count > MOST_NODES;
    for (uint32_t i = count; i-- > 0;) {
        const sdp_node *n = sdp_get(g, list[i]);
        if (!needed[list[i]] || s->j->curve[list[i]] == SDP_CONSTANT) continue;
        bool affine = list[i] != id && (s->j->curve[list[i]] & SDP_AFFINE) == SDP_AFFINE;
        if (n->kind == SDP_VAR || (affine && !deep)) {
            s->too_many |= n->order > 2;
            add_part(s, list[i]);
            continue;
        }
        s->rough |= !affine && !is_smooth(s->j, n);
        for (uint32_t k = 0; k < n->nargs; k++) needed[n->arg[k]] = true;
    }
    sdp_scratch_release(&g->base, m);
}

// ---- the form ---------------------------------------------------------------------------------------------
static sdp_id hidden(sdp_graph *g, const char *stem, sdp_id like, uint32_t facts)
{
    const sdp_node *n = sdp_get(g, like);
    return sdp_hidden_variable(g, sdp_printf(&g->base, "%s%u", stem, like), n->order, n->dim, facts);
}

static sdp_id dot(sdp_graph *g, sdp_id a, sdp_id b)
{
    uint8_t label[2 * SDP_MAX_ORDER];
    int order = sdp_get(g, a)->order;
    for (int i = 0; i < order; i++) label[i] = label[order + i] = (uint8_t)i;
    return sdp_mul(g, SDP_NUM_ONE, 2, (sdp_id[]){a, b}, label, 0, label, NULL);
}

// The form with a positive variable in the place of every sum that is positive where the function has a
// value, 1-x of log(1-x): what is nonnegative for all of its values is so there.
static sdp_id on_domain(const sdp_judge *j, sdp_id q)
{
    sdp_graph *g = j->g;
    for (uint32_t i = 0; i < j->ndomain; i++) {
        bool strict;
        sdp_id u = sdp_larger_by(g, j->domain[i], &strict);
        if (!u || !strict || sdp_get(g, u = sdp_simplify(g, u))->kind != SDP_ADD) continue;
        sdp_id p = hidden(g, "$d", u, SDP_POSITIVE | SDP_NONNEG), from[2] = {u, sdp_negated(g, u)},
               to[2] = {p, sdp_negated(g, p)};
        q = sdp_substitute(g, q, 2, from, to);
    }
    return q;
}

// The sign of the form, in two of the ways in which it can be made: tangents of
// tangents, and tangents of the gradient.
static uint8_t judge_form(const sdp_judge *j, sdp_id f, uint32_t n, const sdp_id *x, const sdp_id *v,
                          sdp_reason *why)
{
    sdp_graph *g = j->g;
    sdp_id q[2], *grad = sdp_scratch(&g->base, n * sizeof *grad),
                 *turn = sdp_scratch(&g->base, n * sizeof *turn);
    q[0] = sdp_jvp(g, sdp_simplify(g, sdp_jvp(g, f, n, x, v)), n, x, v);
    sdp_reverse(g, f, n, x, grad);
    sdp_jvp_all(g, n, grad, n, x, v, turn);
    q[1] = sdp_number(g, SDP_NUM_ZERO);
    for (uint32_t i = 0; i < n; i++) q[1] = sdp_add2(g, q[1], dot(g, turn[i], v[i]));
    uint8_t c = 0;
    for (int way = 0; way < 2 && !c; way++) {
        const char *rule = NULL;
        q[way] = sdp_simplify(g, q[way]);
        sdp_id there = on_domain(j, q[way]);
        if (sdp_is_zero(g, q[way])) c = SDP_AFFINE, rule = "0";
        else if (sdp_form_is_nonneg(g, q[way], n, v, &rule) ||
                 (there != q[way] && sdp_form_is_nonneg(g, there, n, v, &rule)))
            c = SDP_CONVEX;
        else if (sdp_form_is_nonneg(g, sdp_simplify(g, sdp_negated(g, q[way])), n, v, &rule) ||
                 (there != q[way] &&
                  sdp_form_is_nonneg(g, sdp_simplify(g, sdp_negated(g, there)), n, v, &rule)))
            c = SDP_CONCAVE, rule = sdp_rule_of_negative(rule);
        if (c) *why = (sdp_reason){rule, q[way], true};
    }
    return c;
}

static uint8_t judge_parts(sdp_judge *j, sdp_id id, const survey *s, sdp_reason *why)
{
    sdp_graph *g = j->g;
    const uint32_t kept = SDP_POSITIVE | SDP_NONNEG | SDP_SYMMETRIC | SDP_PSD | SDP_POSDEF | SDP_DIAGONAL;
    sdp_id x[MOST_PARTS] = {0}, v[MOST_PARTS] = {0};
    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t facts = sdp_facts(g, s->part[i]).yes & kept;
        if (sdp_is_positive_there(j, s->part[i])) facts |= SDP_POSITIVE | SDP_NONNEG;
        bool variable = sdp_get(g, s->part[i])->kind == SDP_VAR;
        x[i] = variable ? s->part[i] : hidden(g, "$u", s->part[i], facts);
        v[i] = hidden(g, "$v", s->part[i], facts & (SDP_SYMMETRIC | SDP_DIAGONAL));
    }
    return judge_form(j, sdp_substitute(g, id, s->n, s->part, x), s->n, x, v, why);
}

uint8_t sdp_second_order(sdp_judge *j, sdp_id id, sdp_reason *why)
{
    sdp_graph *g = j->g;
    if (sdp_get(g, id)->order != 0) return 0;
    survey near = {.j = j}, far = {.j = j};
    look(&near, id, false);
    if (near.rough) return 0;
    uint8_t c = near.too_many || !near.n ? 0 : judge_parts(j, id, &near, why);
    if (c) return c;
    look(&far, id, true);
    bool same = near.n == far.n && !memcmp(near.part, far.part, near.n * sizeof *near.part);
    return same || far.too_many || !far.n ? 0 : judge_parts(j, id, &far, why);
}
