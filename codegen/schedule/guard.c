// SPDX-License-Identifier: MIT
// What may fail in a branch of `where`: a singular matrix, a callback that has no value. It matters only if the branch is taken.
//
// What needs a value is a scalar made of conditions: an output is needed always, an argument of what is needed is needed, too,
// and a branch of `where` is, if its condition holds somewhere. The guard of a value that may fail is asked at the end, and only
// if something has failed:
//
//     const int failed1 = sd_cholesky(n, X, w1); ... if (failed1) { ... if (failed1 && s3 > 0.0) return failed1; }
//
// What is computed from it in the meantime is dropped by the `where` of that branch. Failures later on may come from this one: they
// are reported behind it, so that the reason is named.
#include <string.h>

#include "codegen/schedule/schedule.h"

typedef struct {
    sdp_schedule *s;
    uint32_t n;                      // values of the computation; guards follow
    bool *late;                      // reads what has a guard
    sdp_val always, *needed, *solved; // 0: never. solved: LU factors that something divides by; a determinant may be 0
} guards;

// ---- conditions -------------------------------------------------------------------------------------------------------------
// Where one holds, the other one does not: c and !c, or they hold somewhere.
static bool complements(const sdp_schedule *s, sdp_val a, sdp_val b)
{
    const sdp_value *x = &s->value[a], *y = &s->value[b];
    if (x->kind == SDP_V_REDUCE && y->kind == SDP_V_REDUCE && x->op == SDP_RED_MAX && y->op == SDP_RED_MAX && x->param == y->param)
        a = x->arg[0], b = y->arg[0], x = &s->value[a], y = &s->value[b];
    return (x->kind == SDP_V_MAP && x->op == SDP_OP_not && x->arg[0] == b) || (y->kind == SDP_V_MAP && y->op == SDP_OP_not && y->arg[0] == a);
}

static sdp_val both(const guards *t, sdp_val a, sdp_val b)
{
    if (a == t->always || a == b) return b;
    return sdp_value_map(t->s, SDP_OP_and, 2, (sdp_val[]){a, b});
}

static sdp_val either(const guards *t, sdp_val a, sdp_val b)
{
    const sdp_value *x = &t->s->value[a], *y = &t->s->value[b];
    if (!a || b == t->always) return b;
    if (!b || a == b || a == t->always) return a;
    if (complements(t->s, a, b)) return t->always;
    bool ands = x->kind == SDP_V_MAP && x->op == SDP_OP_and && y->kind == SDP_V_MAP && y->op == SDP_OP_and;
    if (ands && x->arg[0] == y->arg[0] && complements(t->s, x->arg[1], y->arg[1])) return x->arg[0];
    return sdp_value_map(t->s, SDP_OP_or, 2, (sdp_val[]){a, b});
}

// Does the condition of a `where` hold at some entry, or not hold?
static sdp_val somewhere(sdp_schedule *s, sdp_val c, bool holds)
{
    const sdp_value *x = &s->value[c];
    bool repeated = x->kind == SDP_V_EINSUM && x->nargs == 1 && !s->value[x->arg[0]].order && x->coef[0] == SDP_NUM_ONE;
    if (repeated) c = x->arg[0], x = &s->value[c];
    if (!x->order) return holds ? c : sdp_value_map1(s, SDP_OP_not, c);
    uint32_t all = (1u << x->order) - 1;
    return sdp_value_any(s, holds ? c : sdp_value_map1(s, SDP_OP_not, c), all);
}

// ---- guards -----------------------------------------------------------------------------------------------------------------

static void find_needed(guards *t)
{
    for (uint32_t i = 0; i < t->s->sig->noutputs; i++) t->needed[t->s->output[i]] = t->always;
    for (sdp_val v = t->n; --v > 0;) {
        const sdp_value x = t->s->value[v]; // a copy: conditions are values, too
        bool where = x.kind == SDP_V_MAP && x.op == SDP_OP_where, divides = x.kind == SDP_V_SOLVE || x.kind == SDP_V_INVERSE;
        for (uint32_t i = 0; i < x.nargs && t->needed[v]; i++) {
            sdp_val a = x.arg[i], own = t->needed[v];
            if (!sdp_is_fallible(t->s, a)) continue;
            if (where && i > 0) own = both(t, own, somewhere(t->s, x.arg[0], i == 1));
            t->needed[a] = either(t, t->needed[a], own);
            if (divides && i == 0) t->solved[a] = either(t, t->solved[a], own);
        }
    }
}

void sdp_schedule_guards(sdp_schedule *s)
{
    sdp_base *b = &s->g->base;
    guards t = {.s = s, .n = s->nvalues, .always = sdp_value_number(s, SDP_NUM_ONE)};
    t.late = sdp_scratch(b, t.n);
    t.needed = sdp_scratch(b, t.n * sizeof *t.needed);
    t.solved = sdp_scratch(b, t.n * sizeof *t.solved);
    s->guards = sdp_scratch(b, sizeof *s->guards);
    s->guards->guard = sdp_scratch(b, t.n * sizeof *s->guards->guard);
    s->guards->nguarded = t.n;
    find_needed(&t);
    for (sdp_val v = 1; v < t.n; v++) {
        const sdp_value *x = &s->value[v];
        sdp_val own = x->kind == SDP_V_FACTOR && x->param == SDP_LU ? t.solved[v] : t.needed[v];
        for (uint32_t i = 0; i < x->nargs; i++) t.late[v] |= t.late[x->arg[i]];
        if (!own || !sdp_may_fail(s, v) || (own == t.always && !t.late[v])) continue;
        s->guards->guard[v] = own;
        t.late[v] = true;
    }
}
