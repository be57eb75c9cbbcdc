// SPDX-License-Identifier: MIT
// Small constant sizes: every element written out, sums as one expression,
// conditions decided, common parts named.
//
// An element of a root is found by trying all values of its labels (at most MOST of them): indices become
// constants, and the tape folds what follows from that.
#include <string.h>

#include "codegen/emit/emitter.h"

enum { MOST = 64, MOST_IN_FUNCTION = 4096, MOST_TERMS = 64 };

static uint64_t count(const sdp_schedule *s, uint32_t n, const sdp_dim *dim)
{
    return sdp_size_product(s, n, dim, MOST);
}

static uint64_t work(const sdp_schedule *s, sdp_val v)
{
    const sdp_value *x = &s->value[v];
    uint64_t turns = x->kind == SDP_V_EINSUM && !sdp_value_pointwise(x) ? count(s, x->nlabels, x->ldim)
                                                                        : count(s, x->order, x->dim);
    return x->scatter ? turns * count(s, x->order, x->dim) : turns;
}

static bool is_small(const sdp_schedule *s, sdp_val v)
{
    const sdp_value *x = &s->value[v];
    if (!x->order && !x->nlabels) return false; // nothing to unroll
    uint64_t total = work(s, v);
    sdp_val carrier = s->plan->place[v].carrier;
    if (carrier) total += work(s, carrier);
    for (uint32_t i = 0; i < x->nargs && x->kind == SDP_V_ADD; i++)
        if (s->plan->place[x->arg[i]].accumulated && x->arg[i] != carrier) total += work(s, x->arg[i]);
    return total <= MOST;
}

static sdp_ix constant(sdp_emitter *e, long v)
{
    sdp_affine a = {.off = sdp_dim_int(e->g, v)};
    return sdp_ix_affine(e->s, &a);
}

// ix with these labels: a number, also where the offset is a name with a constant size.
static sdp_ix fixed(sdp_emitter *e, sdp_ix ix, const sdp_ix *label)
{
    long v;
    ix = sdp_ix_substitute(e->s, ix, label);
    return sdp_ix_constant(e->s, ix, &v) ? constant(e, v) : ix;
}

static uint32_t contraction_element(sdp_emitter *e, sdp_val v, const sdp_ix *at)
{
    const sdp_value *x = &e->s->value[v];
    long digit[SDP_MAX_LABELS] = {0};
    sdp_ix label[SDP_MAX_LABELS], ix[SDP_MAX_ORDER];
    uint32_t *term = sdp_scratch(&e->g->base, MOST_TERMS * sizeof *term), nterms = 0;
    sdp_num *one = sdp_scratch(&e->g->base, MOST_TERMS * sizeof *one);
    uint32_t *f = sdp_scratch(&e->g->base, 3 * (x->nargs + 1u) * sizeof *f), *scalar = f + x->nargs,
             *arg = scalar + x->nargs + 1, nscalars = 0;
    for (uint32_t i = 0; i < x->nargs; i++) // scalars multiply the sum, not its terms
        if (!e->s->value[x->arg[i]].order) scalar[nscalars++] = sdp_tape_value(e, x->arg[i], NULL);
    do {
        for (uint32_t l = 0; l < x->nlabels; l++) label[l] = constant(e, digit[l]);
        const sdp_ix *own = x->ix;
        bool here = true;
        uint32_t nf = 0;
        for (uint32_t k = 0; k < x->order; k++)
            here &= fixed(e, sdp_value_ix(e->s, x, x->nargs)[k], label) == at[k];
        for (uint32_t i = 0; here && i < x->nargs; i++) {
            uint32_t order = e->s->value[x->arg[i]].order;
            for (uint32_t k = 0; k < order; k++) ix[k] = fixed(e, own[k], label);
            if (order) arg[nf] = i, f[nf++] = sdp_tape_value(e, x->arg[i], ix);
            own += order;
        }
        if (!here) continue;
        one[nterms] = SDP_NUM_ONE;
        term[nterms++] = sdp_tape_factors(e, x, SDP_NUM_ONE, nf, f, arg);
    } while (sdp_next_entry(e->s, x->nlabels, x->ldim, digit));
    scalar[nscalars++] = sdp_tape_add(e, nterms, one, term);
    return sdp_tape_mul(e, x->coef[0], nscalars, scalar);
}

static uint32_t element(sdp_emitter *e, sdp_val v, const sdp_ix *at)
{
    const sdp_value *x = &e->s->value[v];
    if (x->kind == SDP_V_EINSUM && !sdp_value_pointwise(x)) return contraction_element(e, v, at);
    sdp_val carrier = e->s->plan->place[v].carrier;
    if (carrier) {
        e->tape.carried_node = contraction_element(e, carrier, at);
        e->tape.carried = carrier;
    }
    uint32_t sum = sdp_tape_body(e, v, at);
    for (uint32_t i = 0; i < x->nargs && x->kind == SDP_V_ADD; i++) {
        if (!e->s->plan->place[x->arg[i]].accumulated || x->arg[i] == carrier) continue;
        uint32_t two[2] = {sum, contraction_element(e, x->arg[i], at)};
        sdp_num coef[2] = {SDP_NUM_ONE, x->coef[i]};
        sum = sdp_tape_add(e, 2, coef, two);
    }
    return sum;
}

bool sdp_emit_unrolled(sdp_emitter *e, sdp_val v)
{
    const sdp_value *x = &e->s->value[v];
    if (e->unrolled > MOST_IN_FUNCTION || !is_small(e->s, v)) return false;
    uint32_t node[MOST], n = 0;
    sdp_ix(*at)[SDP_MAX_ORDER] = sdp_scratch(&e->g->base, MOST * sizeof *at);
    long digit[SDP_MAX_ORDER] = {0};
    sdp_tape_clear(e, v, 0, NULL);
    do {
        for (uint32_t k = 0; k < x->order; k++) at[n][k] = constant(e, digit[k]);
        node[n] = element(e, v, at[n]);
        n++;
    } while (sdp_next_entry(e->s, x->order, x->dim, digit));
    e->unrolled += work(e->s, v);
    sdp_name_nodes(e, n, node);
    bool local = e->s->plan->place[v].at == SDP_AT_LOCAL;
    sdp_put_named(e, 0);
    for (uint32_t i = 0; i < n; i++) {
        sdp_put_indent(e);
        if (local) sdp_put_local(e, v);
        else sdp_put_element(e, v, at[i]);
        sdp_put(e->out, " = ");
        sdp_put_expr(e, node[i], 0);
        sdp_put(e->out, ";\n");
    }
    return true;
}
