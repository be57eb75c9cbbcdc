// SPDX-License-Identifier: MIT
// The reference evaluator's rounding errors, made large: how much does a value move
// if every result on the way does?
#include <float.h>
#include <math.h>
#include <string.h>

#include "runtime/reference/interpret.h"

// Products that only move entries: no sum but over a one-hot, one factor beside selections; and numbers
// that are repeated along axes: the order 2 of polygamma(2,x) of a vector x is that, and
// polygamma(1.9999,x) another function.
static bool moves_only(const sdp_machine *m, const sdp_node *n)
{
    uint32_t plain = 0, selections = 0, bound = n->nlabels;
    bool out[SDP_MAX_LABELS] = {false};
    const uint8_t *to = sdp_labels(m->g, n, n->nargs);
    for (uint32_t k = 0; k < n->order; k++) bound -= !out[to[k]], out[to[k]] = true;
    for (uint32_t i = 0; i < n->nargs; i++) {
        bool selects = sdp_get(m->g, n->arg[i])->kind == SDP_SEL;
        selections += selects, plain += !selects;
    }
    bool sign = n->coef[0] == SDP_NUM_ONE || n->coef[0] == SDP_NUM_MINUS_ONE;
    return !plain || (sign && plain <= 1 && bound <= selections);
}

// Does a result carry a rounding error? What selects among its arguments has none: x
// == max(x) is to hold for an entry.
static bool rounds(const sdp_machine *m, const sdp_node *n)
{
    static const uint16_t selecting[] = {SDP_OP_max,  SDP_OP_min,   SDP_OP_where, SDP_OP_abs,
                                         SDP_OP_relu, SDP_OP_maxof, SDP_OP_minof};
    if (n->kind == SDP_MUL) return !moves_only(m, n);
    if (n->kind != SDP_MAP && n->kind != SDP_PRIM)
        return n->kind == SDP_ADD || n->kind == SDP_POW || n->kind == SDP_CALL;
    for (size_t i = 0; i < sizeof selecting / sizeof *selecting; i++)
        if (selecting[i] == n->op) return false;
    return !sdp_range_is_discrete(sdp_ops[n->op].range);
}

// Can a 0 among the results only be what is left of a number below the smallest double? That of a positive
// function, a power of something, a product without a sum of what is not 0.
static bool zeros_underflow(const sdp_machine *m, const sdp_node *n)
{
    if (n->kind == SDP_MAP)
        return sdp_ops[n->op].range == SDP_RANGE_positive || sdp_ops[n->op].range == SDP_RANGE_tail;
    if ((n->kind != SDP_MUL && n->kind != SDP_POW) || n->nlabels > n->order) return false;
    for (uint32_t i = 0; i < (n->kind == SDP_POW ? 1 : n->nargs); i++)
        for (size_t k = 0; k < m->count[n->arg[i]]; k++)
            if (!(fabs(m->value[n->arg[i]][k]) > 0)) return false;
    return true;
}

// Rounding errors made large: a relative error below 2^-45, relative to the largest entry where a
// factorisation made them; below the normal numbers some multiples of the smallest one, e.g. of
// exp(-2*x^2)/erfc(x) at 25, whose numerator is 0 as a double. Signs are kept.
void sdp_disturb(sdp_machine *m, const sdp_node *n, double *out, size_t count)
{
    const sdp_node *x = n->nargs ? sdp_get(m->g, n->arg[0]) : NULL;
    bool factorised = n->kind == SDP_PRIM && n->order == 2 && x->order == 2 && n->op != SDP_OP_softmax;
    bool zeros = false;
    double largest = 0;
    if (!rounds(m, n)) return;
    for (size_t i = 0; i < count; i++) zeros |= !(fabs(out[i]) > 0);
    if (zeros) zeros = zeros_underflow(m, n);
    for (size_t i = 0; i < count && factorised; i++) largest = fmax(largest, fabs(out[i]));
    for (size_t i = 0; i < count; i++) {
        uint64_t z = *m->jitter = *m->jitter * 6364136223846793005u + 1442695040888963407u;
        double size = fabs(out[i]), tiny = (double)(z >> 56) * 0x1p-1074;
        out[i] += (factorised ? largest : out[i]) * ((double)(z >> 11) * 0x1p-52 - 1) * 0x1p-45;
        if (size < DBL_MIN && (zeros || size > 0)) out[i] += copysign(tiny, out[i]);
    }
}
