// SPDX-License-Identifier: MIT
// The plan: which values are computed by a loop nest of their own (roots), where roots are stored, in what
// order their loops run.
//
// A single pass from the outputs down decides everything: when a value is met, all its readers are known. A
// contraction, a reduction and a factorisation are roots. An element-wise value is computed inside the loops
// of its reader, unless
//   - several roots read it, or one reads it at several places, and it costs more than CHEAP;
//   - every turn of a loop that it does not depend on would compute it again, which costs more than a load;
//   - the expression of the root would get too deep or too long.
// A contraction that only one element-wise root reads runs inside its loops, tanh(W*x+b) in one nest, or is
// added into the buffer of a sum. A second pass, in the order of execution, gives places: buffers are used
// again when their last reader is done.
#include <string.h>

#include "codegen/schedule/schedule.h"

enum { CHEAP = 4, COSTLY = 8, DEEP = 14, LONG = 120, MANY_ROOTS = 200, SATURATED = 100000 };

// ---- costs ------------------------------------------------------------------------------------------------
static uint32_t own_cost(const sdp_schedule *s, const sdp_value *v)
{
    long k;
    switch ((sdp_vkind)v->kind) {
    case SDP_V_ADD: {
        uint32_t c = v->nargs - 1;
        for (uint32_t i = 0; i < v->nargs; i++)
            c += v->coef[i] != SDP_NUM_ONE && v->coef[i] != SDP_NUM_MINUS_ONE;
        return c;
    }
    case SDP_V_EINSUM:
        return (v->nargs ? v->nargs - 1 : 0) + (v->coef[0] != SDP_NUM_ONE && v->coef[0] != SDP_NUM_MINUS_ONE);
    case SDP_V_POW: {
        const sdp_value *e = &s->value[v->arg[1]];
        if (e->kind != SDP_V_NUM) return 20;
        if (!sdp_num_long(s->g, e->coef[0], &k)) return 6;
        return k >= 0 && k <= 4 ? (uint32_t)k : 5;
    }
    case SDP_V_MAP: return strchr(sdp_ops[v->op].c, '(') ? 20 : 2;
    case SDP_V_FINITE: return 2;
    default: return 0;
    }
}

static void mark_live(sdp_schedule *s)
{
    uint32_t failures = 0;
    for (sdp_val v = 1; v < s->guards->nguarded; v++) {
        sdp_place *p = &s->plan->place[s->guards->guard[v]];
        if (!s->guards->guard[v]) continue;
        s->plan->place[v].failed = ++failures;
        p->live = true;
        p->forced |= !sdp_value_leaf(&s->value[s->guards->guard[v]]);
        p->last = s->nvalues; // read at the end
    }
    for (uint32_t i = 0; i < s->sig->noutputs; i++) {
        s->plan->place[s->output[i]].live = true;
        if (!sdp_value_leaf(&s->value[s->output[i]])) s->plan->place[s->output[i]].forced = true;
    }
    for (sdp_val v = 1; v < s->nvalues; v++) s->plan->place[v].forced |= sdp_is_partial(s, v);
    for (sdp_val v = s->nvalues; --v > 0;)
        for (uint32_t i = 0; s->plan->place[v].live && i < s->value[v].nargs; i++) {
            s->plan->place[s->value[v].arg[i]].live = true;
            s->plan->place[s->value[v].arg[i]].uses++;
        }
    for (sdp_val v = 1; v < s->nvalues; v++) {
        const sdp_value *x = &s->value[v];
        if (!sdp_value_pointwise(x)) continue;
        uint32_t c = own_cost(s, x);
        for (uint32_t i = 0; i < x->nargs; i++) c += s->plan->place[x->arg[i]].cost;
        s->plan->place[v].cost = c < SATURATED ? c : SATURATED;
    }
}

// ---- loop orders ------------------------------------------------------------------------------------------
// Returns the cost of memory access if l is the innermost of the loops left: 0 if the index does not move, 1
// if it walks along a row, more for every axis that it skips.
static double stride_cost(const sdp_schedule *s, uint32_t axes, const sdp_ix *ix, uint32_t l)
{
    double c = 0;
    for (uint32_t k = 0; k < axes; k++)
        if (sdp_ix_labels(s, ix[k]) >> l & 1) c += k + 1 == axes ? 1 : 100.0 * (axes - k - 1);
    return c;
}

static const uint8_t *loop_order(sdp_schedule *s, const sdp_value *v)
{
    uint8_t *loop = sdp_scratch(&s->g->base, v->nlabels + 1u);
    uint64_t left = v->nlabels < 64 ? (1ULL << v->nlabels) - 1 : ~0ULL;
    for (uint32_t at = v->nlabels; at--;) {
        double best = -1;
        uint32_t pick = 0;
        for (uint32_t l = 0; l < v->nlabels; l++) {
            if (!(left >> l & 1)) continue;
            double c = 0;
            const sdp_ix *ix = v->ix;
            for (uint32_t i = 0; i <= v->nargs; i++) {
                uint32_t axes = i < v->nargs ? s->value[v->arg[i]].order : v->order;
                c += stride_cost(s, axes, ix, l);
                ix += axes;
            }
            if (v->bound >> l & 1) c += 0.5; // a sum along the innermost loop is slower than a row operation
            if (best < 0 || c <= best) best = c, pick = l;
        }
        loop[at] = (uint8_t)pick;
        left &= ~(1ULL << pick);
    }
    return loop;
}

// How often is a value with these indices computed needlessly inside the loops of home? Counts the loops
// around its innermost one that it does not depend on.
static bool repeated(const sdp_schedule *s, sdp_val home, const sdp_ix *map, uint32_t order)
{
    const sdp_place *h = &s->plan->place[home];
    uint64_t own = 0;
    for (uint32_t k = 0; k < order; k++) own |= sdp_ix_labels(s, map[k]);
    uint32_t inner = 0;
    for (uint32_t i = 0; i < h->nloops; i++)
        if (own >> h->loop[i] & 1) inner = i + 1;
    for (uint32_t i = 0; i < inner; i++)
        if (!(own >> h->loop[i] & 1)) return true;
    return false;
}

// ---- roots ------------------------------------------------------------------------------------------------
static void make_root(sdp_schedule *s, sdp_val id)
{
    const sdp_value *v = &s->value[id];
    sdp_place *p = &s->plan->place[id];
    p->root = true;
    p->inlined = 1;
    if (v->kind == SDP_V_EINSUM && (v->bound || v->scatter)) {
        p->nloops = v->nlabels;
        p->loop = loop_order(s, v);
        for (uint32_t i = 0; i < p->nloops; i++)
            if (!(v->bound >> p->loop[i] & 1)) p->sum_from = (uint8_t)(i + 1);
        return;
    }
    uint8_t *loop = sdp_scratch(&s->g->base, SDP_MAX_ORDER + 1);
    uint32_t axes = v->order;
    if (v->kind == SDP_V_REDUCE) { // kept axes outside, reduced ones inside
        axes = s->value[v->arg[0]].order;
        uint32_t at = 0;
        for (uint32_t inside = 0; inside < 2; inside++)
            for (uint32_t k = 0; k < axes; k++)
                if ((v->param >> k & 1) == inside) loop[at++] = (uint8_t)k;
    } else {
        for (uint32_t k = 0; k < axes; k++) loop[k] = (uint8_t)k;
    }
    p->nloops = (uint8_t)axes;
    p->loop = loop;
}

bool sdp_writes_once(const sdp_schedule *s, sdp_val v)
{
    const sdp_place *p = &s->plan->place[v];
    if (sdp_is_gemm(s, v)) return false;
    for (uint32_t i = 0; i < p->sum_from; i++)
        if (s->value[v].bound >> p->loop[i] & 1) return false;
    return !s->value[v].scatter;
}

// X*t-Y, where X*t serves nothing else: storing the sum costs no more than storing the product.
static bool takes_up_contraction(const sdp_schedule *s, const sdp_value *v)
{
    for (uint32_t i = 0; i < v->nargs && v->order; i++) {
        const sdp_value *a = &s->value[v->arg[i]];
        if (a->kind == SDP_V_EINSUM && a->bound && a->order == v->order &&
            s->plan->place[v->arg[i]].uses == 1)
            return true;
    }
    return false;
}

static bool wants_storage(const sdp_schedule *s, sdp_val id)
{
    const sdp_value *v = &s->value[id];
    const sdp_place *p = &s->plan->place[id];
    if (p->forced) return true;
    if (sdp_value_leaf(v)) return false;
    if (!sdp_value_pointwise(v)) return true;
    bool reciprocal =
        v->kind == SDP_V_POW && !s->plan->place[v->arg[0]].cost && s->value[v->arg[1]].kind == SDP_V_NUM;
    // 1/N reads better where it is used
    if (p->shared && !v->order) return p->cost > (reciprocal ? COSTLY : 0);
    if (p->shared) return p->cost > CHEAP || p->repeated || takes_up_contraction(s, v);
    if (p->depth > DEEP || s->plan->place[p->home].inlined > LONG) return true;
    return p->repeated || (p->cost >= COSTLY && repeated(s, p->home, p->map, v->order));
}

// Tells argument a that v reads it at ix (labels of root home; NULL: v is inlined at several places).
static void read_by(sdp_schedule *s, sdp_val v, sdp_val a, sdp_val home, const sdp_ix *ix)
{
    sdp_place *p = &s->plan->place[a];
    const sdp_place *reader = &s->plan->place[v];
    sdp_val at = reader->root ? (reader->accumulated ? reader->into : v) : reader->last;
    if (at > p->last) p->last = at;
    uint32_t depth = reader->root ? 1 : reader->depth + 1;
    if (depth > p->depth) p->depth = depth;
    bool contracted = home && ix && s->value[home].kind == SDP_V_EINSUM && s->value[home].bound;
    if (contracted && p->cost && repeated(s, home, ix, s->value[a].order)) p->repeated = true;
    if (!home || !ix) {
        p->shared = true;
    } else if (!p->home) {
        p->home = home;
        p->map = ix;
        s->plan->place[home].inlined++;
    } else if (p->home != home || memcmp(p->map, ix, s->value[a].order * sizeof *ix)) {
        p->shared = true;
    }
}

// A contraction (already a root) read once, at the same indices, by an element-wise root: it may run inside
// the loops of that root, or be added to its buffer if it is a term of a sum.
static void join_reader(sdp_schedule *s, sdp_val id)
{
    const sdp_value *v = &s->value[id];
    sdp_place *p = &s->plan->place[id];
    if (v->kind != SDP_V_EINSUM || sdp_value_pointwise(v) || !v->order || p->uses != 1 || p->forced ||
        !p->home || p->shared)
        return;
    const sdp_value *h = &s->value[p->home];
    if (!sdp_value_pointwise(h) || h->order != v->order) return;
    for (uint32_t k = 0; k < v->order; k++)
        if (p->map[k] != k || v->dim[k] != h->dim[k]) return;
    bool term = false, carries = !s->plan->place[p->home].carrier && sdp_writes_once(s, id);
    for (uint32_t i = 0; i < h->nargs; i++) term |= h->kind == SDP_V_ADD && h->arg[i] == id;
    if (!term && !carries) return;
    if (carries) s->plan->place[p->home].carrier = id;
    p->accumulated = true;
    p->into = p->home;
}

static void pass_to_arguments(sdp_schedule *s, sdp_val id)
{
    const sdp_value *v = &s->value[id];
    const sdp_place *p = &s->plan->place[id];
    sdp_val home = p->root ? id : p->shared ? 0 : p->home;
    bool matrix = v->kind >= SDP_V_FACTOR, gemm = sdp_is_gemm(s, id);
    sdp_ix *axes = sdp_scratch(&s->g->base, (SDP_MAX_ORDER + 1) * sizeof *axes);
    for (uint32_t k = 0; k < SDP_MAX_ORDER; k++)
        axes[k] = p->root || !home ? k : k < v->order ? p->map[k] : 0;
    const sdp_ix *ix = v->ix;
    for (uint32_t i = 0; i < v->nargs; i++) {
        sdp_val a = v->arg[i];
        uint32_t order = s->value[a].order;
        if (matrix && s->value[a].kind != SDP_V_VAR) s->plan->place[a].forced = true;
        if (gemm && s->value[a].order && s->value[a].kind != SDP_V_VAR) s->plan->place[a].forced = true;
        if (v->kind == SDP_V_SOLVE || v->kind == SDP_V_INVERSE) s->plan->place[v->arg[0]].regular = true;
        // A value that is compared with its maximum is computed once: a product in another order is not the
        // same number.
        if (v->kind == SDP_V_REDUCE &&
            s->plan->place[a].cost > (v->op <= SDP_RED_MIN && s->plan->place[a].uses > 1 ? 0 : CHEAP))
            s->plan->place[a].forced = true;
        if (v->kind != SDP_V_EINSUM) {
            read_by(s, id, a, home, axes);
            continue;
        }
        const sdp_ix *at = ix;
        if (sdp_value_pointwise(v) && home) { // its loops are those of its axes, or of its reader
            sdp_ix label[SDP_MAX_LABELS], *through = sdp_scratch(&s->g->base, (order + 1) * sizeof *through);
            for (uint32_t k = 0; k < SDP_MAX_LABELS; k++) label[k] = k;
            for (uint32_t k = 0; k < v->order; k++) label[sdp_value_ix(s, v, v->nargs)[k]] = axes[k];
            for (uint32_t k = 0; k < order; k++) through[k] = sdp_ix_substitute(s, ix[k], label);
            at = through;
        }
        read_by(s, id, a, home, at);
        if (order) ix += order; // no axes, no address
    }
}

static void choose_roots(sdp_schedule *s)
{
    for (sdp_val id = s->nvalues; --id > 0;) {
        sdp_place *p = &s->plan->place[id];
        if (!p->live) continue;
        if (wants_storage(s, id)) {
            make_root(s, id);
            join_reader(s, id);
        }
        pass_to_arguments(s, id);
    }
}

// ---- places -----------------------------------------------------------------------------------------------
static sdp_dim volume(sdp_schedule *s, const sdp_value *v)
{
    sdp_dim d = SDP_DIM_ONE;
    for (uint32_t k = 0; k < v->order; k++) d = sdp_dim_mul(s->g, d, v->dim[k]);
    return d;
}

static uint32_t new_buffer(sdp_schedule *s, sdp_dim size)
{
    s->plan->buffer = sdp_grown(&s->g->base, s->plan->buffer, s->plan->nbuffers, &s->plan->buffer_cap,
                                sizeof *s->plan->buffer);
    s->plan->buffer[s->plan->nbuffers].size = size;
    return s->plan->nbuffers++;
}

// Storage that is free again, by size (0: a scalar), and what ends when: three lists
// over numbers of values and buffers.
typedef struct {
    uint32_t *free, *next_free, *ends, *next_end;
} pool;

static void release(sdp_schedule *s, pool *f, sdp_val id)
{
    for (sdp_val x = f->ends[id]; x; x = f->next_end[x]) {
        const sdp_place *p = &s->plan->place[x];
        sdp_dim size = p->at == SDP_AT_WORK ? s->plan->buffer[p->index].size : 0;
        uint32_t slot = p->index + 1;
        uint32_t *next = p->at == SDP_AT_WORK ? f->next_free : f->next_free + s->nvalues;
        next[slot] = f->free[size];
        f->free[size] = slot;
    }
}

static uint32_t take(sdp_schedule *s, pool *f, sdp_val id, sdp_dim size)
{
    uint32_t slot = f->free[size];
    sdp_val last = s->plan->place[id].last > id ? s->plan->place[id].last : id;
    f->next_end[id] = f->ends[last];
    f->ends[last] = id;
    if (slot) {
        f->free[size] = (size ? f->next_free : f->next_free + s->nvalues)[slot];
        return slot - 1;
    }
    if (!size) return s->plan->ncells++;
    return new_buffer(s, size);
}

// The place of an output. If others need the value as well, a buffer stands in
// for an output that is not wanted.
static void place_output(sdp_schedule *s, uint32_t i)
{
    sdp_place *p = &s->plan->place[s->output[i]];
    const uint64_t *set = sdp_wanted_set(s, s->wanted->of[s->output[i]]);
    uint32_t bit = sdp_wanted_bit(s, i);
    p->last = s->nvalues; // copied to the output at the end, if it is not computed there
    if (!p->root || !s->value[s->output[i]].order || p->at != SDP_AT_NOWHERE) return;
    if (sdp_array_step(s->sig->output_step, i) != SDP_DIM_NONE) return;
    p->at = SDP_AT_OUTPUT, p->index = i;
    for (uint32_t k = 0; k < s->wanted->words && !s->plan->spare[i]; k++)
        if (set[k] & ~(k == bit / 64 ? 1ULL << bit % 64 : 0))
            s->plan->spare[i] = new_buffer(s, volume(s, &s->value[s->output[i]])) + 1;
}

// Values that ranks join in one call are packed side by side, unless there is one.
static void place_joined(sdp_schedule *s)
{
    if (!s->shard) return;
    sdp_dim all = sdp_dim_int(s->g, 0), none = all;
    sdp_shard_joins(s);
    for (uint32_t level = 0; level <= s->shard->levels; level++)
        for (int how = SDP_PARTIAL_SUM; how < SDP_SHARD_KINDS; how++) {
            uint32_t n;
            const sdp_val *v = sdp_joined(s, level, how, &n);
            for (uint32_t i = 0; i < n && n > 1; i++)
                all = sdp_dim_add(s->g, all, volume(s, &s->value[v[i]]));
        }
    if (all != none) s->shard->packed = new_buffer(s, all) + 1;
}

static void give_places(sdp_schedule *s)
{
    sdp_base *b = &s->g->base;
    uint32_t roots = 0, *input = sdp_scratch(b, (s->g->nvars + 1) * sizeof *input);
    for (uint32_t i = 0; i < s->sig->ninputs; i++) input[s->sig->input[i]] = i;
    sdp_dim most = 0, *size = sdp_scratch(b, s->nvalues * sizeof *size);
    s->plan->spare = sdp_scratch(b, (s->sig->noutputs + 1) * sizeof *s->plan->spare);
    for (uint32_t i = 0; i < s->sig->noutputs; i++) place_output(s, i);
    place_joined(s);
    for (sdp_val id = 1; id < s->nvalues; id++) {
        sdp_place *p = &s->plan->place[id];
        if (!p->live || p->at == SDP_AT_OUTPUT || p->accumulated) continue;
        if (s->value[id].kind == SDP_V_VAR) p->at = SDP_AT_INPUT, p->index = input[s->value[id].param];
        else if (p->root && s->value[id].order) size[id] = volume(s, &s->value[id]);
        roots += p->root;
        if (size[id] > most) most = size[id];
    }
    pool f = {sdp_scratch(b, (most + 1) * sizeof(uint32_t)),
              sdp_scratch(b, (2 * s->nvalues + 2) * sizeof(uint32_t)),
              sdp_scratch(b, (s->nvalues + 1) * sizeof(uint32_t)),
              sdp_scratch(b, s->nvalues * sizeof(uint32_t))};
    for (sdp_val id = 1; id < s->nvalues; id++) {
        sdp_place *p = &s->plan->place[id];
        if (p->live && p->root && !p->accumulated && p->at == SDP_AT_NOWHERE) {
            p->at = size[id] ? SDP_AT_WORK : roots > MANY_ROOTS ? SDP_AT_CELL : SDP_AT_LOCAL;
            p->index = p->at == SDP_AT_LOCAL ? s->plan->nlocals++ : take(s, &f, id, size[id]);
        }
        release(s, &f, id);
    }
}

void sdp_schedule_plan(sdp_schedule *s)
{
    s->plan = sdp_scratch(&s->g->base, sizeof *s->plan);
    s->plan->place = sdp_scratch(&s->g->base, (s->nvalues + 1) * sizeof *s->plan->place);
    mark_live(s);
    choose_roots(s);
    sdp_wanted_values(s);
    give_places(s);
    sdp_wanted_blocks(s);
}
