// SPDX-License-Identifier: MIT
// Splits one axis of a function over the ranks of MPI: each rank has some of the rows along axis m, and calls
// the same function with them.
//
// Problem: loops over m then reach the rows of one rank alone. Idea: every value is one of three things.
//
//     local       it has the axis m: each rank computes the rows that it has
//     replicated  it has not, and is the same on every rank
//     partial     it reduces local values over m: the same only after the ranks have joined what they found
//
// A partial value is stored, joined before anything reads it, and replicated from then on. How many times
// ranks must have joined before a value can be computed is its level. Values are put in the order of their
// levels, so that all partial values of one level stand in front of what reads them and are joined together,
// in one call of MPI_Allreduce for each operation (codegen/emit/ranks.c): e.g. a logistic loss and its
// gradient in one call.
//
// Invariants: what a rank does, other than inside its rows, depends on replicated values alone; so all ranks
// take the same branches and meet in the same calls. A value that would need the rows of other ranks is
// refused by name. Entry: sdp_schedule_shard, before guards are made, then sdp_shard_guards.
#include <string.h>

#include "ast/graph/dim.h"
#include "codegen/schedule/schedule.h"

static const char part[] =
    "a part of an axis, or axes side by side (a slice, a concatenation, a convolution)";

// ---- what cannot be split ---------------------------------------------------------------------------------
static bool has_rows(const sdp_schedule *s, sdp_dim d)
{
    const sdp_dim_term *t;
    for (uint32_t i = 0, n = sdp_dim_terms(s->g, d, &t); i < n; i++)
        for (uint32_t k = 0; k < t[i].natoms; k++)
            if (t[i].atom[k] == s->shard->atom) return true;
    return false;
}

// The number of axes of length m; *odd: of axes with another length that m is a part of, e.g. m-1
static uint32_t split_axes(const sdp_schedule *s, uint32_t n, const sdp_dim *dim, bool *odd)
{
    uint32_t split = 0;
    for (uint32_t k = 0; k < n; k++) {
        split += dim[k] == s->shard->dim;
        *odd |= dim[k] != s->shard->dim && has_rows(s, dim[k]);
    }
    return split;
}

static uint32_t split_mask(const sdp_schedule *s, sdp_val v)
{
    uint32_t mask = 0;
    for (uint32_t k = 0; k < s->value[v].order; k++)
        if (s->value[v].dim[k] == s->shard->dim) mask |= 1u << k;
    return mask;
}

// Are these axes of length m just those that are indexed by the label of m?
static bool at_label(const sdp_schedule *s, uint32_t n, const sdp_dim *dim, const sdp_ix *ix, uint64_t label)
{
    for (uint32_t k = 0; k < n; k++) {
        bool plain = ix[k] < SDP_MAX_LABELS && label >> ix[k] & 1;
        if (plain != (dim[k] == s->shard->dim) || (!plain && (sdp_ix_labels(s, ix[k]) & label))) return false;
        sdp_affine a;
        sdp_ix_get(s, ix[k], &a);
        if (has_rows(s, a.off)) return false;
        for (uint32_t i = 0; i < a.n; i++)
            if (has_rows(s, a.stride[i])) return false;
    }
    return true;
}

static const char *of_product(const sdp_schedule *s, sdp_val v, int *how)
{
    const sdp_value *x = &s->value[v];
    uint64_t label = 0;
    for (uint32_t l = 0; l < x->nlabels; l++) {
        if (x->ldim[l] != s->shard->dim) {
            if (has_rows(s, x->ldim[l])) return part;
            continue;
        }
        if (label) return "a product that needs every row on both of its sides";
        label = 1ULL << l;
    }
    for (uint32_t i = 0; i <= x->nargs; i++) {
        const sdp_value *a = i < x->nargs ? &s->value[x->arg[i]] : x;
        if (!at_label(s, a->order, a->dim, sdp_value_ix(s, x, i), label)) return part;
    }
    if (x->bound & label) *how = SDP_PARTIAL_SUM;
    return NULL;
}

static const char *of_reduction(const sdp_schedule *s, sdp_val v, int *how)
{
    static const uint8_t join[] = {[SDP_RED_MAX] = SDP_PARTIAL_MAX,
                                   [SDP_RED_MIN] = SDP_PARTIAL_MIN,
                                   [SDP_RED_PROD] = SDP_PARTIAL_PROD,
                                   [SDP_RED_NORM] = SDP_PARTIAL_NORM};
    const sdp_value *x = &s->value[v];
    if (!(split_mask(s, x->arg[0]) & x->param)) return NULL;
    if (x->op == SDP_RED_EXPONENT) return "the range of an array"; // sdp_schedule_shard makes a maximum of it
    *how = join[x->op];
    return NULL;
}

static const char *of_matrices(const sdp_schedule *s, sdp_val v)
{
    const sdp_value *x = &s->value[v];
    if (x->kind == SDP_V_SOLVE && !s->shard->how[x->arg[0]] && !(split_mask(s, v) & 1)) return NULL;
    for (uint32_t i = 0; i < x->nargs; i++)
        if (s->shard->how[x->arg[i]] == SDP_LOCAL)
            return x->kind == SDP_V_TAKEN    ? sdp_ops[x->op].name
                   : x->kind == SDP_V_FACTOR ? "a factorisation of a matrix"
                                             : "a solve";
    return split_mask(s, v) ? "a matrix of a factorisation" : NULL;
}

// Why a value cannot be split, or NULL: then *how it is computed. That of its arguments is known.
static const char *classify(const sdp_schedule *s, sdp_val v, int *how)
{
    const sdp_value *x = &s->value[v];
    bool odd = false;
    uint32_t split = split_axes(s, x->order, x->dim, &odd);
    *how = split ? SDP_LOCAL : SDP_REPLICATED;
    if (x->kind == SDP_V_CALL) return "a function that is only declared";
    if (x->kind == SDP_V_FACTOR || x->kind == SDP_V_TAKEN) return of_matrices(s, v);
    if (split > 1) return "an array that pairs every row with every row";
    if (odd) return part;
    if (x->kind >= SDP_V_SOLVE) return of_matrices(s, v);
    if ((x->kind == SDP_V_MASK || x->kind == SDP_V_EQ) && split) return "an array that tells rows by number";
    if (x->kind == SDP_V_EINSUM) return of_product(s, v, how);
    for (uint32_t i = 0; i < x->nargs && x->kind != SDP_V_REDUCE; i++)
        if (s->value[x->arg[i]].order && split_mask(s, x->arg[i]) != split_mask(s, v))
            return "axes that stand in another order";
    if (x->kind == SDP_V_REDUCE) return of_reduction(s, v, how);
    if (x->kind == SDP_V_RUNNING && split_mask(s, v) >> x->op & 1) return "sums that run on (cumsum)";
    return NULL;
}

// ---- values -----------------------------------------------------------------------------------------------
static void mark(const sdp_schedule *s, bool *live, sdp_val from)
{
    for (sdp_val v = from; v-- > 1;)
        for (uint32_t i = 0; live[v] && i < s->value[v].nargs; i++) live[s->value[v].arg[i]] = true;
}

static _Noreturn void refuse(sdp_schedule *s, const char *why)
{
    sdp_fail(&s->g->base, SD_ERR_UNSUPPORTED, (sdp_span){0, 0},
             "what is split are sums, means, norms, maxima over it, and what is done to each row",
             "axis '%s' cannot be split over ranks because of %s along it",
             sdp_atom_name(s->g, s->shard->atom), why);
}

static void find(sdp_schedule *s, const bool *live)
{
    sdp_shard *t = s->shard;
    for (sdp_val v = 1; v < s->nvalues; v++) {
        const sdp_value *x = &s->value[v];
        int how;
        const char *why = classify(s, v, &how);
        if (why && live[v]) refuse(s, why);
        t->how[v] = (uint8_t)how;
        t->level[v] = 0;
        for (uint32_t i = 0; i < x->nargs; i++) {
            uint32_t level = t->level[x->arg[i]] + sdp_is_partial(s, x->arg[i]);
            if (level > t->level[v]) t->level[v] = level;
            if (level > t->levels) t->levels = level;
        }
        if (live[v] && x->kind == SDP_V_DIM && x->param == t->atom) t->counts = true;
    }
}

static void make_room(sdp_schedule *s)
{
    s->shard->how = sdp_scratch(&s->g->base, s->nvalues);
    s->shard->level = sdp_scratch(&s->g->base, s->nvalues * sizeof *s->shard->level);
}

// The range of all rows is that of the largest entry, which is a maximum: it can be joined.
static sdp_val range_of_largest(sdp_schedule *s, const sdp_value *x, const sdp_val *arg)
{
    sdp_val a[2] = {sdp_value_reduce(s, SDP_RED_MAX, sdp_value_map1(s, SDP_OP_abs, arg[0]), x->param),
                    arg[1]};
    return sdp_value_simple(s, SDP_V_REDUCE, 2, a, x->op, 0, x->order, x->dim);
}

// The same values made again; in the order of their levels, if `level` is given.
static void make_again(sdp_schedule *s, const uint32_t *level)
{
    sdp_base *b = &s->g->base;
    const sdp_value *old = s->value;
    uint32_t n = s->nvalues, most = 0, *start, *order = sdp_scratch(b, n * sizeof *order);
    sdp_val *to = sdp_scratch(b, n * sizeof *to);
    for (sdp_val v = 1; level && v < n; v++)
        if (level[v] > most) most = level[v];
    start = sdp_scratch(b, (most + 2) * sizeof *start);
    for (sdp_val v = 1; v < n; v++) start[(level ? level[v] : 0) + 1]++;
    for (uint32_t l = 0; l < most; l++) start[l + 1] += start[l];
    for (sdp_val v = 1; v < n; v++) order[start[level ? level[v] : 0]++] = v;
    sdp_values_forget(s);
    for (uint32_t i = 0; i + 1 < n; i++) {
        sdp_value x = old[order[i]];
        sdp_val *arg = sdp_scratch(b, (x.nargs + 1) * sizeof *arg);
        for (uint32_t k = 0; k < x.nargs; k++) arg[k] = to[x.arg[k]];
        bool range = x.kind == SDP_V_REDUCE && x.op == SDP_RED_EXPONENT && (split_mask(s, arg[0]) & x.param);
        to[order[i]] = range ? range_of_largest(s, &x, arg) : sdp_value_again(s, &x, arg);
        if (!s->value[to[order[i]]].node) s->value[to[order[i]]].node = x.node;
    }
    for (uint32_t k = 0; k < s->nodes; k++) s->of[k] = to[s->of[k]];
    for (uint32_t k = 0; k < s->sig->noutputs; k++) s->output[k] = to[s->output[k]];
}

void sdp_schedule_shard(sdp_schedule *s)
{
    if (!s->q || !s->q->sharded) return;
    sdp_base *b = &s->g->base;
    sdp_shard *t = s->shard = sdp_scratch(b, sizeof *s->shard);
    t->atom = s->q->shard;
    t->dim = sdp_atom_dim(s->g, t->atom);
    for (int turn = 0; turn < 2; turn++) {
        if (!turn) make_again(s, NULL); // ranges become maxima
        bool *live = sdp_scratch(b, s->nvalues);
        for (uint32_t i = 0; i < s->sig->noutputs; i++) live[s->output[i]] = true;
        mark(s, live, s->nvalues);
        make_room(s);
        find(s, live);
        if (!turn) make_again(s, t->level);
    }
    for (uint32_t i = 0; i < s->ndemands; i++)
        t->counts |= has_rows(s, s->demand[i].have) || has_rows(s, s->demand[i].need);
}

// Conditions are asked at the end, where ranks do not meet any more.
void sdp_shard_guards(sdp_schedule *s)
{
    if (!s->shard) return;
    sdp_val from = s->guards->nguarded;
    bool *live = sdp_scratch(&s->g->base, s->nvalues);
    for (sdp_val v = 1; v < from; v++)
        if (s->guards->guard[v]) live[s->guards->guard[v]] = true;
    mark(s, live, s->nvalues);
    make_room(s);
    find(s, live);
    for (sdp_val v = from; v < s->nvalues; v++)
        if (live[v] && sdp_is_partial(s, v)) refuse(s, "a condition on what may fail");
}

// ---- places -----------------------------------------------------------------------------------------------
bool sdp_is_partial(const sdp_schedule *s, sdp_val v)
{
    return s->shard && s->shard->how[v] >= SDP_PARTIAL_SUM;
}

uint32_t sdp_shard_level(const sdp_schedule *s, sdp_val v) { return s->shard ? s->shard->level[v] : 0; }

// The number of the join in which a partial value takes part
static uint32_t join_of(const sdp_shard *t, sdp_val v) { return t->level[v] * SDP_SHARD_KINDS + t->how[v]; }

void sdp_shard_joins(sdp_schedule *s)
{
    sdp_shard *t = s->shard;
    const uint32_t joins = (t->levels + 1) * SDP_SHARD_KINDS;
    const sdp_val end = s->guards->nguarded;
    t->start = sdp_scratch(&s->g->base, (joins + 2) * sizeof *t->start);
    t->joined = sdp_scratch(&s->g->base, end * sizeof *t->joined);
    for (sdp_val v = 1; v < end; v++)
        if (s->plan->place[v].live && sdp_is_partial(s, v)) t->start[join_of(t, v) + 2]++;
    for (uint32_t k = 0; k < joins; k++) t->start[k + 2] += t->start[k + 1];
    for (sdp_val v = 1; v < end; v++) // start[k + 1] runs from the first of join k to its end
        if (s->plan->place[v].live && sdp_is_partial(s, v)) t->joined[t->start[join_of(t, v) + 1]++] = v;
}

const sdp_val *sdp_joined(const sdp_schedule *s, uint32_t level, int how, uint32_t *n)
{
    const uint32_t *start = s->shard->start + level * SDP_SHARD_KINDS + how;
    *n = start[1] - start[0];
    return s->shard->joined + start[0];
}
