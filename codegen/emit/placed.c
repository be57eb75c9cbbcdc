// SPDX-License-Identifier: MIT
// Terms of a sum that are placed in a part of it, without sums of their own: derivatives of slices.
//
//     grad[0] = 0.0;                           beside the first one
//     for (i < n - 1) grad[i + 1] = 200.0*(x[i + 1] - x[i]*x[i]);
//     for (i < n - 1) grad[i] = grad[i] - 2.0 + 2.0*x[i]*(...);
//
// The first of them is written, not added, where it stands, and only what is beside it is set to 0. Others
// that follow each other and stand at the same entries are one loop. Each entry gets its terms in the order
// of the sum, from left to right, as by a loop for each: exact parts that are to meet first do. In memory
// loops are joined if they are machine code; blocks could read what they have already written.
#include <string.h>

#include "codegen/emit/nest.h"

// Does every loop stand alone in an index of what is written, so that no entry is met twice?
static bool meets_once(const sdp_emitter *e, sdp_val v)
{
    const sdp_value *x = &e->s->value[v];
    const sdp_place *p = &e->s->plan->place[v];
    const sdp_ix *at = sdp_value_ix(e->s, x, x->nargs);
    for (uint32_t l = 0; l < p->nloops; l++) {
        bool alone = false;
        for (uint32_t k = 0; k < x->order; k++)
            alone |= sdp_ix_labels(e->s, at[k]) == (uint64_t)1 << p->loop[l];
        if (!alone) return false;
    }
    return true;
}

static bool is_written_once(const sdp_emitter *e, sdp_val v)
{
    const sdp_value *x = &e->s->value[v];
    const sdp_place *p = &e->s->plan->place[v];
    return x->kind == SDP_V_EINSUM && !x->bound && p->sum_from == p->nloops && p->nloops &&
           !sdp_is_gemm(e->s, v) && meets_once(e, v);
}

static bool is_placed(const sdp_emitter *e, sdp_val sum, uint32_t i)
{
    sdp_val v = e->s->value[sum].arg[i];
    return e->s->plan->place[v].accumulated && v != e->s->plan->place[sum].carrier && is_written_once(e, v);
}

static bool same_place(const sdp_emitter *e, sdp_val v, sdp_val w)
{
    const sdp_value *x = &e->s->value[v], *y = &e->s->value[w];
    const sdp_place *p = &e->s->plan->place[v], *q = &e->s->plan->place[w];
    if (p->nloops != q->nloops || memcmp(p->loop, q->loop, p->nloops)) return false;
    for (uint32_t l = 0; l < p->nloops; l++)
        if (x->ldim[p->loop[l]] != y->ldim[p->loop[l]]) return false;
    return !memcmp(sdp_value_ix(e->s, x, x->nargs), sdp_value_ix(e->s, y, y->nargs),
                   x->order * sizeof(sdp_ix));
}

static uint32_t term(sdp_emitter *e, sdp_val sum, uint32_t i)
{
    const sdp_value *x = &e->s->value[e->s->value[sum].arg[i]];
    uint32_t *f = sdp_scratch(&e->g->base, (x->nargs + 1) * sizeof *f);
    const sdp_ix *ix = x->ix;
    for (uint32_t k = 0; k < x->nargs; ix += e->s->value[x->arg[k++]].order)
        f[k] = sdp_tape_value(e, x->arg[k], ix);
    return sdp_tape_mul(e, sdp_num_mul(e->g, x->coef[0], e->s->value[sum].coef[i]), x->nargs, f);
}

uint32_t sdp_put_placed(sdp_emitter *e, sdp_val sum, uint32_t i, bool first)
{
    const sdp_value *s = &e->s->value[sum];
    sdp_val v = s->arg[i];
    uint32_t n = 1;
    if (!is_placed(e, sum, i)) return 0;
    while (i + n < s->nargs && is_placed(e, sum, i + n) && same_place(e, v, s->arg[i + n])) n++;
    if (n == 1 && !first) return 0;
    const sdp_value *x = &e->s->value[v];
    const sdp_place *p = &e->s->plan->place[v];
    sdp_tape_clear(e, 0, p->nloops, p->loop); // the sum is read here
    sdp_nest nest = {.nloops = p->nloops,
                     .sum_from = p->nloops,
                     .loop = p->loop,
                     .dim = x->ldim,
                     .dest = sum,
                     .at = sdp_value_ix(e->s, x, x->nargs)};
    uint32_t all = first ? term(e, sum, i) : sdp_tape_value(e, sum, nest.at);
    for (uint32_t k = first; k < n; k++) {
        const sdp_num one[2] = {SDP_NUM_ONE, SDP_NUM_ONE};
        const uint32_t two[2] = {all, term(e, sum, i + k)};
        all = sdp_tape_add(e, 2, one, two);
    }
    nest.body = nest.after = all;
    if (n > 1 && e->target->tcc && !sdp_is_fused(e, &nest)) return 0;
    sdp_put_nest(e, &nest);
    return n;
}

bool sdp_put_zeros_beside(sdp_emitter *e, sdp_val dest, sdp_val v)
{
    const sdp_value *x = &e->s->value[v];
    const sdp_place *p = &e->s->plan->place[v];
    const sdp_ix *at = sdp_value_ix(e->s, x, x->nargs);
    sdp_affine first;
    sdp_dim row = SDP_DIM_ONE;
    if (!x->order || !is_written_once(e, v) || p->nloops != x->order) return false;
    for (uint32_t k = 1; k < x->order; k++) { // whole rows
        if (at[k] >= SDP_MAX_LABELS || x->ldim[at[k]] != x->dim[k]) return false;
        row = sdp_dim_mul(e->g, row, x->dim[k]);
    }
    sdp_ix_get(e->s, at[0], &first);
    if (first.n != 1 || first.stride[0] != SDP_DIM_ONE) return false;
    sdp_dim end = sdp_dim_add(e->g, first.off, x->ldim[first.label[0]]);
    sdp_put_zeros(e, dest, sdp_dim_int(e->g, 0), sdp_dim_mul(e->g, first.off, row));
    sdp_put_zeros(e, dest, sdp_dim_mul(e->g, end, row),
                  sdp_dim_mul(e->g, sdp_dim_add(e->g, x->dim[0], sdp_dim_neg(e->g, end)), row));
    return true;
}
