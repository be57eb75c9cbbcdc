// SPDX-License-Identifier: MIT
// Guards of values that may fail in a branch of `where`, e.g. a singular matrix, or a callback that has no
// value. A failure matters only if the branch is taken.
//
// A guard is a scalar made of conditions that tells whether a value is needed: an output is needed if the
// caller wants it, an argument of a needed value is needed, too, and a branch of `where` is, if its condition
// holds somewhere. The guard of a value that may fail is asked at the end, and only if something has failed:
//
//     const int failed1 = sd_cholesky(n, X, w1); ...
//     if (failed1) { ... if (failed1 && s3 > 0.0) return failed1; }
//
// Values computed from a failed one in the meantime are dropped by the `where` of that branch. Failures later
// on may come from this one: they are reported behind it, so that the reason is named.
#include <string.h>

#include "codegen/schedule/schedule.h"

// Who needs a value: outputs of the set whatever else holds, others if the condition holds; in it, what those
// outputs are stands as a WANTED value. condition 0: none.
typedef struct {
    uint32_t set;
    sdp_val condition;
} need;

typedef struct {
    sdp_schedule *s;
    uint32_t n;      // values of the computation; guards follow
    uint32_t nobody; // the empty set
    bool *late;      // reads what has a guard
    sdp_val always;
    need *needed, *solved; // solved: LU factors that something divides by; a determinant may be 0
    uint32_t *used;        // by value: the set of all outputs that it is computed for
} guards;

// ---- conditions -------------------------------------------------------------------------------------------
// Where one holds, the other one does not: c and !c, or they hold somewhere.
static bool complements(const sdp_schedule *s, sdp_val a, sdp_val b)
{
    const sdp_value *x = &s->value[a], *y = &s->value[b];
    if (x->kind == SDP_V_REDUCE && y->kind == SDP_V_REDUCE && x->op == SDP_RED_MAX && y->op == SDP_RED_MAX &&
        x->param == y->param)
        a = x->arg[0], b = y->arg[0], x = &s->value[a], y = &s->value[b];
    return (x->kind == SDP_V_MAP && x->op == SDP_OP_not && x->arg[0] == b) ||
           (y->kind == SDP_V_MAP && y->op == SDP_OP_not && y->arg[0] == a);
}

static sdp_val both(const guards *t, sdp_val a, sdp_val b)
{
    if (!a || a == t->always || a == b) return b;
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
    bool repeated =
        x->kind == SDP_V_EINSUM && x->nargs == 1 && !s->value[x->arg[0]].order && x->coef[0] == SDP_NUM_ONE;
    if (repeated) c = x->arg[0], x = &s->value[c];
    if (!x->order) return holds ? c : sdp_value_map1(s, SDP_OP_not, c);
    uint32_t all = (1u << x->order) - 1;
    return sdp_value_any(s, holds ? c : sdp_value_map1(s, SDP_OP_not, c), all);
}

// ---- needs ------------------------------------------------------------------------------------------------
static uint32_t united(sdp_schedule *s, uint32_t a, uint32_t b)
{
    uint32_t words = s->wanted->words;
    if (a == b) return a;
    uint64_t *set = sdp_scratch(&s->g->base, words * sizeof *set);
    for (uint32_t k = 0; k < words; k++) set[k] = sdp_wanted_set(s, a)[k] | sdp_wanted_set(s, b)[k];
    return sdp_wanted_number(s, set);
}

static sdp_val wants(const guards *t, uint32_t set)
{
    if (set == t->nobody) return 0;
    return set == SDP_ALL_WANTED ? t->always : sdp_value_simple(t->s, SDP_V_WANTED, 0, NULL, 0, set, 0, NULL);
}

static sdp_val whole(const guards *t, need n) { return either(t, wants(t, n.set), n.condition); }

static need narrowed(const guards *t, need n, sdp_val condition)
{
    return (need){t->nobody, both(t, whole(t, n), condition)};
}

static need joined(const guards *t, need a, need b)
{
    need n = {united(t->s, a.set, b.set), either(t, a.condition, b.condition)};
    const sdp_value *c = &t->s->value[n.condition];
    if (n.condition && c->kind == SDP_V_WANTED) n = (need){united(t->s, n.set, c->param), 0};
    if (n.condition == t->always) n.set = SDP_ALL_WANTED;
    if (n.set == SDP_ALL_WANTED) n.condition = 0;
    return n;
}

static bool is_needless(const guards *t, need n) { return n.set == t->nobody && !n.condition; }

static void start(guards *t)
{
    sdp_schedule *s = t->s;
    uint64_t *set = sdp_scratch(&s->g->base, s->wanted->words * sizeof *set);
    t->nobody = sdp_wanted_number(s, set);
    for (sdp_val v = 0; v < t->n; v++) t->used[v] = t->needed[v].set = t->solved[v].set = t->nobody;
    for (uint32_t i = 0; i < s->sig->noutputs; i++) {
        uint32_t bit = sdp_wanted_bit(s, i);
        memset(set, 0, s->wanted->words * sizeof *set);
        set[bit / 64] |= 1ULL << bit % 64;
        uint32_t one = sdp_wanted_number(s, set);
        t->used[s->output[i]] = united(s, t->used[s->output[i]], one);
        t->needed[s->output[i]].set = united(s, t->needed[s->output[i]].set, one);
    }
}

static void find_needed(guards *t)
{
    start(t);
    for (sdp_val v = t->n; --v > 0;) {
        const sdp_value x = t->s->value[v]; // a copy: conditions are values, too
        bool where = x.kind == SDP_V_MAP && x.op == SDP_OP_where,
             divides = x.kind == SDP_V_SOLVE || x.kind == SDP_V_INVERSE;
        for (uint32_t i = 0; i < x.nargs; i++) {
            sdp_val a = x.arg[i];
            need own = t->needed[v];
            t->used[a] = united(t->s, t->used[a], t->used[v]);
            if (is_needless(t, own) || !sdp_is_fallible(t->s, a)) continue;
            if (where && i > 0) own = narrowed(t, own, somewhere(t->s, x.arg[0], i == 1));
            t->needed[a] = joined(t, t->needed[a], own);
            if (divides && i == 0) t->solved[a] = joined(t, t->solved[a], own);
        }
    }
}

// The guard of v, which is computed only if an output of `used` is wanted: what
// says the same again is left out.
static sdp_val guard_of(const guards *t, need own, uint32_t used)
{
    sdp_val g = whole(t, own);
    const sdp_value *x = &t->s->value[g];
    if (x->kind != SDP_V_MAP || x->op != SDP_OP_and || t->s->value[x->arg[0]].kind != SDP_V_WANTED) return g;
    uint32_t set = t->s->value[x->arg[0]].param;
    return united(t->s, set, used) == set ? x->arg[1] : g;
}

void sdp_schedule_guards(sdp_schedule *s)
{
    sdp_base *b = &s->g->base;
    guards t = {.s = s, .n = s->nvalues, .always = sdp_value_number(s, SDP_NUM_ONE)};
    t.late = sdp_scratch(b, t.n);
    t.needed = sdp_scratch(b, t.n * sizeof *t.needed);
    t.solved = sdp_scratch(b, t.n * sizeof *t.solved);
    t.used = sdp_scratch(b, t.n * sizeof *t.used);
    s->guards = sdp_scratch(b, sizeof *s->guards);
    s->guards->guard = sdp_scratch(b, t.n * sizeof *s->guards->guard);
    s->guards->nguarded = t.n;
    find_needed(&t);
    for (sdp_val v = 1; v < t.n; v++) {
        const sdp_value x = s->value[v];
        need own = x.kind == SDP_V_FACTOR && x.param == SDP_LU ? t.solved[v] : t.needed[v];
        for (uint32_t i = 0; i < x.nargs; i++) t.late[v] |= t.late[x.arg[i]];
        if (is_needless(&t, own) || !sdp_may_fail(s, v)) continue;
        bool always = united(s, own.set, t.used[v]) == own.set;
        if (always && !t.late[v]) continue;
        s->guards->guard[v] = always ? t.always : guard_of(&t, own, t.used[v]);
        t.late[v] = true;
    }
}
