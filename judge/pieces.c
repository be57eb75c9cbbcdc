// SPDX-License-Identifier: MIT
// Functions of one number that are put together from pieces: where(abs(s)<1,s^2/2,abs(s)-1/2).
//
// Problem: neither composition nor the second derivative judges a choice between branches. Idea:
// every comparison and every kink with an affine argument cuts the line at a point; on each piece all
// of them are resolved and the function is smooth. It is convex if every piece is, if neighbours
// meet, and if the slope does not fall where they meet. Cuts may be symbols, such as delta of a Huber
// loss, as long as facts order them.
//
// An array is judged entry by entry, if the node is made of one affine array
// by functions of its entries alone.
#include <string.h>

#include "judge/judge.h"

enum { MOST_PIECES = 12, MOST_NODES = 300, MOST_ROUNDS = 200 };

typedef struct {
    sdp_id lo, hi, f; // lo, hi: 0 is infinite
    bool breaks;      // something jumps at lo: the value there may be a third one
} piece;

typedef struct {
    sdp_graph *g;
    sdp_id whole, s; // the function before it was cut, and its number
    piece p[MOST_PIECES];
    uint32_t n;
} line;

// ---- one number -------------------------------------------------------------------------------------------
// The only affine part that the node is made of, by functions of entries; deep: the only variable. 0: there
// is none, or more than one.
static sdp_id only_part(sdp_judge *j, sdp_id id, bool deep)
{
    sdp_graph *g = j->g;
    uint32_t count;
    sdp_id part = 0;
    const sdp_id *list = sdp_reachable(g, 1, &id, &count);
    bool *needed = sdp_scratch(&g->base, id + (size_t)1), several = count > MOST_NODES;
    needed[id] = true;
    for (uint32_t i = count; i-- > 0 && !several;) {
        const sdp_node *n = sdp_get(g, list[i]);
        if (!needed[list[i]] || j->curve[list[i]] == SDP_CONSTANT) continue;
        if (n->kind == SDP_VAR ||
            (!deep && list[i] != id && (j->curve[list[i]] & SDP_AFFINE) == SDP_AFFINE)) {
            several |= part || n->order != sdp_get(g, id)->order;
            part = list[i];
            continue;
        }
        several |=
            n->kind == SDP_PRIM || n->kind == SDP_CALL || (n->kind == SDP_MUL && !sdp_is_entrywise(g, n));
        for (uint32_t k = 0; k < n->nargs; k++) needed[n->arg[k]] = true;
    }
    return several ? 0 : part;
}

// The node as a function of a number that stands for an entry of its part; 0: it is none.
static sdp_id as_function(sdp_judge *j, sdp_id id, sdp_id *s)
{
    sdp_graph *g = j->g;
    sdp_id part = only_part(j, id, false), f;
    if (!part) part = only_part(j, id, true);
    if (!part) return 0;
    const sdp_node *n = sdp_get(g, part);
    *s = sdp_hidden_variable(g, sdp_printf(&g->base, "$u%ue", part), 0, NULL,
                             sdp_facts(g, part).yes & (SDP_POSITIVE | SDP_NONNEG));
    sdp_id filled = n->order ? sdp_broadcast(g, *s, n->order, n->dim) : *s;
    f = sdp_substitute(g, id, 1, &part, &filled);
    return n->order && !sdp_is_broadcast(g, f, &f) ? 0 : f;
}

// ---- cuts -------------------------------------------------------------------------------------------------
static sdp_id slope(sdp_graph *g, sdp_id f, sdp_id s)
{
    sdp_id d;
    sdp_reverse(g, f, 1, &s, &d);
    return sdp_simplify(g, d);
}

// Returns the node whose sign decides between the two sides of a function, e.g. u of relu(u). Returns 0 if
// the function has no sides.
static sdp_id decider(sdp_graph *g, const sdp_node *n)
{
    const char *text = n->kind == SDP_MAP ? sdp_ops[n->op].sides.decider : NULL;
    return text ? sdp_template(g, text, n->nargs, n->arg) : 0;
}

// The function where its decider is positive (side 1) or negative (-1).
static sdp_id resolved(sdp_graph *g, const sdp_node *n, int side)
{
    const sdp_sides *two = &sdp_ops[n->op].sides;
    return sdp_template(g, side > 0 ? two->above : two->below, n->nargs, n->arg);
}

// A function of two lines in f, whose decider a is affine in s; 0: there is none.
// *stuck: something else is not smooth.
static sdp_id next_cut(line *w, sdp_id f, sdp_id *a, bool *stuck)
{
    sdp_graph *g = w->g;
    uint32_t count;
    const sdp_id *list = sdp_reachable(g, 1, &f, &count);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = sdp_get(g, list[i]);
        if (!sdp_depends(g, list[i], w->s)) continue;
        if ((*a = decider(g, n)) != 0) {
            if (!sdp_depends(g, slope(g, *a, w->s), w->s)) return list[i];
            *stuck = true;
            return 0;
        }
        bool logic = n->kind == SDP_MAP && (n->op == SDP_OP_where || n->op == SDP_OP_and ||
                                            n->op == SDP_OP_or || n->op == SDP_OP_not);
        if (logic || n->kind == SDP_ADD || n->kind == SDP_MUL || n->kind == SDP_VAR) continue;
        if (n->kind == SDP_POW && sdp_get(g, n->arg[1])->kind == SDP_NUM &&
            sdp_num_is_int(g, sdp_get(g, n->arg[1])->param) &&
            sdp_num_sign(g, sdp_get(g, n->arg[1])->param) > 0)
            continue;
        if (n->kind == SDP_MAP && !sdp_ops[n->op].kink && !sdp_ops[n->op].domain && sdp_ops[n->op].d[0] &&
            n->nargs == 1)
            continue;
        *stuck = true;
        return 0;
    }
    return 0;
}

static int order_of(sdp_graph *g, sdp_id a,
                    sdp_id b) // -1: a < b, 0: equal, 1: a > b; 2: not known. Infinite ends: 0
{
    sdp_id d = sdp_simplify(g, sdp_sub(g, a, b));
    if (sdp_is_zero(g, d)) return 0;
    if (sdp_known_positive(g, d)) return 1;
    return sdp_known_positive(g, sdp_scale(g, SDP_NUM_MINUS_ONE, d)) ? -1 : 2;
}

// Cuts piece i where the decider a of the node `at` is 0, and resolves the node on both sides. False: it is
// not known where that is.
static bool cut(line *w, uint32_t i, sdp_id at, sdp_id a)
{
    sdp_graph *g = w->g;
    piece p = w->p[i];
    sdp_id m = slope(g, a, w->s), zero = sdp_number(g, SDP_NUM_ZERO);
    sdp_id b = sdp_simplify(g, sdp_substitute(g, a, 1, &w->s, &zero));
    int rises = sdp_known_positive(g, m)                                    ? 1
                : sdp_known_positive(g, sdp_scale(g, SDP_NUM_MINUS_ONE, m)) ? -1
                                                                            : 0;
    if (!rises) return false;
    sdp_id r = sdp_simplify(g, sdp_scale(g, SDP_NUM_MINUS_ONE,
                                         sdp_times(g, b, sdp_power_num(g, m, SDP_NUM_MINUS_ONE))));
    int low = p.lo ? order_of(g, r, p.lo) : 1, high = p.hi ? order_of(g, r, p.hi) : -1;
    if (low == 2 || high == 2) return false;
    sdp_id right = resolved(g, sdp_get(g, at), rises), left = resolved(g, sdp_get(g, at), -rises);
    bool breaks = !sdp_is_zero(g, sdp_simplify(g, sdp_substitute(g, sdp_sub(g, right, left), 1, &w->s, &r)));
    if (low == 0) w->p[i].breaks |= breaks;
    if (high == 0 && i + 1 < w->n) w->p[i + 1].breaks |= breaks;
    right = sdp_substitute(g, p.f, 1, &at, &right);
    left = sdp_substitute(g, p.f, 1, &at, &left);
    if (low <= 0) return w->p[i].f = right, true;
    if (high >= 0) return w->p[i].f = left, true;
    if (w->n == MOST_PIECES) return false;
    memmove(&w->p[i + 1], &w->p[i], (w->n++ - i) * sizeof *w->p);
    w->p[i] = (piece){p.lo, r, left, p.breaks};
    w->p[i + 1] = (piece){r, p.hi, right, breaks};
    return true;
}

static bool cut_all(line *w)
{
    for (uint32_t i = 0, round = 0; i < w->n; round++) {
        sdp_id a = 0;
        bool stuck = false;
        sdp_id at = next_cut(w, w->p[i].f, &a, &stuck);
        if (stuck || round == MOST_ROUNDS || (at && !cut(w, i, at, a))) return false;
        if (!at) i++;
    }
    return true;
}

// ---- pieces -----------------------------------------------------------------------------------------------
// Signs that the second derivative of a piece may have: bits as of a curvature.
static uint8_t curve_of_piece(line *w, const piece *p)
{
    sdp_graph *g = w->g;
    sdp_id t = sdp_hidden_variable(g, "$t>=0", 0, NULL, SDP_NONNEG), d = slope(g, slope(g, p->f, w->s), w->s);
    sdp_id at[] = {w->s, p->lo ? sdp_add2(g, p->lo, t) : 0, p->hi ? sdp_sub(g, p->hi, t) : 0};
    uint8_t c = 0;
    if (sdp_is_zero(g, d)) return SDP_AFFINE;
    for (int k = 0; k < 3 && !c; k++) {
        if (!at[k]) continue;
        sdp_id e = sdp_substitute(g, d, 1, &w->s, &at[k]);
        if (sdp_scalar_is_nonneg(g, e)) c = SDP_CONVEX;
        else if (sdp_scalar_is_nonneg(g, sdp_scale(g, SDP_NUM_MINUS_ONE, e))) c = SDP_CONCAVE;
    }
    return c;
}

// Returns the curvature that the joint of two pieces allows. Returns 0 if they do not meet, or if the value
// in the cut is another, e.g. of sign(x)^2.
static uint8_t curve_of_joint(line *w, const piece *a, const piece *b)
{
    sdp_graph *g = w->g;
    sdp_id r = a->hi, jump = sdp_simplify(g, sdp_substitute(g, sdp_sub(g, b->f, a->f), 1, &w->s, &r));
    if (!sdp_is_zero(g, jump) && !sdp_vanishes(g, jump)) return 0;
    sdp_id apart =
        b->breaks ? sdp_simplify(g, sdp_substitute(g, sdp_sub(g, w->whole, a->f), 1, &w->s, &r)) : 0;
    if (apart && !sdp_is_zero(g, apart) && !sdp_vanishes(g, apart)) return 0;
    sdp_id turn = sdp_sub(g, slope(g, b->f, w->s), slope(g, a->f, w->s));
    turn = sdp_simplify(g, sdp_substitute(g, turn, 1, &w->s, &r));
    if (sdp_is_zero(g, turn) || sdp_vanishes(g, turn)) return SDP_AFFINE;
    return sdp_scalar_is_nonneg(g, turn)                                    ? SDP_CONVEX
           : sdp_scalar_is_nonneg(g, sdp_scale(g, SDP_NUM_MINUS_ONE, turn)) ? SDP_CONCAVE
                                                                            : 0;
}

uint8_t sdp_piecewise(sdp_judge *j, sdp_id id, sdp_reason *why)
{
    sdp_graph *g = j->g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    line w = {.g = g, .n = 1};
    uint8_t c = SDP_AFFINE;
    w.whole = w.p[0].f = as_function(j, id, &w.s);
    if (!w.p[0].f || !cut_all(&w) || w.n < 2) c = 0;
    for (uint32_t i = 0; i < w.n && c; i++) c &= curve_of_piece(&w, &w.p[i]);
    for (uint32_t i = 0; i + 1 < w.n && c; i++) c &= curve_of_joint(&w, &w.p[i], &w.p[i + 1]);
    if (c)
        *why = (sdp_reason){
            sdp_printf(&g->base, "in each of %u pieces, which meet, and the slope does not %s where they do",
                       w.n, c & SDP_CONVEX ? "fall" : "rise"),
            0, true};
    sdp_scratch_release(&g->base, m);
    return c;
}
