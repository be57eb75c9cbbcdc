// SPDX-License-Identifier: MIT
// The facts of nodes, e.g. symmetric: each is true, false or unknown. A rule applies only if a fact is known.
//
// Facts of variables are declared; those of other nodes follow from their arguments, in one loop over ids
// with a memo, and this loop makes no nodes. `yes` holds for every value of the variables, `no` for none
// (where a fact compares entries, of a tensor with at least two along each axis; a scalar that is not
// nonnegative is negative). A function has its facts from the columns range and facts of the table; products
// are in facts_product.c.
//
// Symmetry has a second source: a sum or product that is its own transpose in canonical form. To see that
// makes nodes, so it is asked one room further (make/transpose.c), where sdp_facts() joins both.
#include <math.h>
#include <string.h>

#include "ast/graph/facts.h"

enum {
    TRIANGLES = SDP_TRI_LOWER | SDP_TRI_UPPER,
    SPARSE = SDP_DIAGONAL | TRIANGLES,
    SQUARE = SPARSE | SDP_SYMMETRIC | SDP_POSDEF | SDP_PSD | SDP_ORTHOGONAL,
    VECTOR = SDP_UNIT | SDP_SIMPLEX | SDP_ONEHOT,
};

// ---- what follows from what -------------------------------------------------------------------------------
static const struct {
    uint32_t have, yes, no;
} consequence[] = {
    {SDP_POSDEF, SDP_PSD, 0},
    {SDP_PSD, SDP_SYMMETRIC, 0},
    {SDP_DIAGONAL, SDP_SYMMETRIC | TRIANGLES, 0},
    {TRIANGLES, SDP_DIAGONAL, 0},
    {SDP_SYMMETRIC | SDP_TRI_LOWER, SDP_DIAGONAL, 0},
    {SDP_SYMMETRIC | SDP_TRI_UPPER, SDP_DIAGONAL, 0},
    {SDP_DIAGONAL | SDP_NONNEG, SDP_PSD, 0},
    {SDP_ORTHOGONAL | SDP_PSD, SDP_POSDEF, 0}, // the identity
    {SDP_POSITIVE, SDP_NONNEG, SDP_ONEHOT | SPARSE | SDP_ORTHOGONAL},
    {SDP_SIMPLEX, SDP_NONNEG, 0},
    {SDP_ONEHOT, SDP_SIMPLEX | SDP_UNIT | SDP_INTEGER, SDP_POSITIVE},
    {SDP_SIMPLEX | SDP_UNIT, SDP_ONEHOT, 0},
    {SDP_SIMPLEX | SDP_INTEGER, SDP_ONEHOT, 0},
    {SDP_TRI_LOWER, 0, SDP_POSITIVE}, // there are zeros off the triangle
    {SDP_TRI_UPPER, 0, SDP_POSITIVE},
    {SDP_ORTHOGONAL, 0, SDP_POSITIVE}, // two rows of positive numbers are not orthogonal
};
enum { CONSEQUENCES = sizeof consequence / sizeof *consequence };

sdp_known sdp_facts_close(sdp_known k)
{
    for (int round = 0; round < 3; round++) // no chain of consequences is longer
        for (int i = 0; i < CONSEQUENCES; i++)
            if ((k.yes & consequence[i].have) == consequence[i].have) {
                k.yes |= consequence[i].yes;
                k.no |= consequence[i].no;
            }
    if (k.no & SDP_NONNEG) k.no |= SDP_POSITIVE;
    return k;
}

// ---- functions --------------------------------------------------------------------------------------------
static const struct {
    uint32_t yes;
    sdp_bounds within;
} ranges[SDP_RANGES] = {
    [SDP_RANGE_real] = {0, {-INFINITY, INFINITY, true, true}},
    [SDP_RANGE_positive] = {SDP_POSITIVE, {0, INFINITY, true, true}},
    [SDP_RANGE_nonneg] = {SDP_NONNEG, {0, INFINITY, false, true}},
    [SDP_RANGE_beyond] = {SDP_POSITIVE, {1, INFINITY, false, true}},
    [SDP_RANGE_above] = {0, {-1, INFINITY, true, true}},
    [SDP_RANGE_tail] = {SDP_POSITIVE, {0, 2, true, true}},
    [SDP_RANGE_angle] = {0, {-0x1.921fb54442d19p0, 0x1.921fb54442d19p0, true, true}},
    [SDP_RANGE_unit] = {SDP_NONNEG, {0, 1, false, false}},
    [SDP_RANGE_bool] = {SDP_NONNEG | SDP_INTEGER, {0, 1, false, false}},
    [SDP_RANGE_sign] = {SDP_INTEGER, {-1, 1, false, false}},
    [SDP_RANGE_integer] = {SDP_INTEGER, {-INFINITY, INFINITY, true, true}},
    [SDP_RANGE_wave] = {0, {-1, 1, false, false}},
    [SDP_RANGE_ball] = {0, {-1, 1, true, true}},
};

sdp_bounds sdp_range_bounds(int op) { return ranges[sdp_ops[op].range].within; }

bool sdp_keeps_symmetry(const sdp_graph *g, sdp_id a)
{
    return g->node[a]->order == 2 &&
           ((sdp_known_of(g, a).yes & SDP_SYMMETRIC) || (a < g->transposed_cap && g->transposed[a] == a));
}

static uint32_t symmetry_too(const sdp_graph *g, sdp_id a)
{
    return sdp_known_of(g, a).yes | (sdp_keeps_symmetry(g, a) ? SDP_SYMMETRIC : 0);
}

static sdp_known of_function(const sdp_graph *g, const sdp_node *n)
{
    sdp_known k = {ranges[sdp_ops[n->op].range].yes, 0};
    uint32_t all = UINT32_MAX, any = 0, from = n->kind == SDP_MAP && n->op == SDP_OP_where ? 1 : 0;
    uint32_t args = n->kind == SDP_PRIM ? 1 : n->nargs; // the exponent of a matrix tells nothing
    for (uint32_t i = from; i < args; i++) {
        uint32_t f = symmetry_too(g, n->arg[i]);
        all &= f;
        any |= f;
    }
    for (const sdp_implied *f = sdp_ops[n->op].facts; f && f->gives; f++)
        if ((all & f->all) == f->all && (any & f->any) == f->any) k.yes |= f->gives;
    if (n->kind != SDP_MAP) return k;
    // entry by entry one of two
    if (n->op == SDP_OP_where) k.yes |= all & (SDP_POSITIVE | SDP_NONNEG | SDP_INTEGER | SPARSE);
    for (uint32_t i = 0; i < n->nargs; i++)
        if (!sdp_keeps_symmetry(g, n->arg[i])) return k;
    k.yes |= n->order == 2 && n->dim[0] == n->dim[1] ? SDP_SYMMETRIC : 0;
    return k;
}

// Zeros stay where f(0) = 0: odd functions, and positive powers.
static sdp_known of_map(const sdp_graph *g, const sdp_node *n)
{
    sdp_known k = of_function(g, n);
    if (n->nargs == 1 && sdp_ops[n->op].parity == SDP_PARITY_odd)
        k.yes |= sdp_known_of(g, n->arg[0]).yes & SPARSE;
    return k;
}

static sdp_known of_power(sdp_graph *g, const sdp_node *n)
{
    sdp_known k = {0, 0}, b = sdp_known_of(g, n->arg[0]);
    sdp_num e;
    bool number = sdp_is_number(g, n->arg[1], &e);
    k.yes |= b.yes & (SDP_POSITIVE | SDP_NONNEG);
    if (!number) return k;
    bool integer = sdp_num_is_int(g, e), even = sdp_num_is_int(g, sdp_num_mul(g, e, SDP_NUM_HALF));
    if (!integer || even) k.yes |= SDP_NONNEG; // a real root is not negative
    if (integer && !even && n->order == 0) k.no |= b.no & SDP_NONNEG;
    // P.*P, I. Schur 1911
    if (sdp_num_sign(g, e) > 0)
        k.yes |= b.yes & (integer ? SPARSE | SDP_INTEGER | SDP_PSD | SDP_POSDEF : SPARSE);
    if (n->order == 2 && sdp_keeps_symmetry(g, n->arg[0])) k.yes |= SDP_SYMMETRIC;
    return k;
}

// ---- sums -------------------------------------------------------------------------------------------------
static sdp_known of_sum(sdp_graph *g, const sdp_node *n)
{
    uint32_t all = UINT32_MAX, any = 0;
    bool plus = true, minus = true, integer = true;
    sdp_num total = SDP_NUM_ZERO;
    for (uint32_t i = 0; i < n->nargs; i++) {
        uint32_t f = sdp_known_of(g, n->arg[i]).yes;
        bool positive = sdp_num_sign(g, n->coef[i]) > 0;
        plus &= positive;
        minus &= !positive;
        integer &= sdp_num_is_int(g, n->coef[i]);
        total = sdp_num_add(g, total, n->coef[i]);
        all &= f;
        any |= f;
    }
    sdp_known k = {all & (SPARSE | SDP_SYMMETRIC), 0};
    if (integer) k.yes |= all & SDP_INTEGER;
    if (plus) {
        k.yes |= all & (SDP_PSD | SDP_NONNEG);
        if (all & SDP_PSD) k.yes |= any & SDP_POSDEF;
        if (all & SDP_NONNEG) k.yes |= any & SDP_POSITIVE;
        if (total == SDP_NUM_ONE) k.yes |= all & SDP_SIMPLEX; // a mean of points of the simplex
    }
    if (minus && (all & SDP_NONNEG)) k.no |= SDP_POSITIVE | (any & SDP_POSITIVE ? SDP_NONNEG : 0);
    return k;
}

// ---- leaves -----------------------------------------------------------------------------------------------
static sdp_known of_number(const sdp_graph *g, sdp_num v)
{
    int sign = sdp_num_sign(g, v);
    sdp_known k = {(sign > 0 ? SDP_POSITIVE : 0) | (sign >= 0 ? SDP_NONNEG : 0),
                   (sign < 0 ? SDP_NONNEG : 0) | (sign <= 0 ? SDP_POSITIVE : 0)};
    if (sdp_num_is_int(g, v)) k.yes |= SDP_INTEGER;
    else k.no |= SDP_INTEGER;
    return k;
}

static sdp_known of_leaf(const sdp_graph *g, const sdp_node *n)
{
    switch (n->kind) {
    case SDP_NUM: return of_number(g, n->param);
    case SDP_CONST: return of_function(g, n);
    case SDP_DIM: return (sdp_known){SDP_POSITIVE | SDP_INTEGER, 0};
    case SDP_SEL: return (sdp_known){n->order == 1 ? SDP_ONEHOT : SDP_NONNEG | SDP_INTEGER, 0};
    case SDP_MASK:
        return (sdp_known){SDP_NONNEG | SDP_INTEGER | (n->param == SDP_LOWER ? SDP_TRI_LOWER : SDP_TRI_UPPER),
                           0};
    default: return (sdp_known){n->nlabels ? 0 : g->var[n->param].facts, 0}; // VAR; CALL, but no derivative
    }
}

static sdp_known derive(sdp_graph *g, sdp_id id)
{
    const sdp_node *n = g->node[id];
    switch (n->kind) {
    case SDP_ADD: return of_sum(g, n);
    case SDP_MUL: return sdp_facts_of_product(g, n);
    case SDP_POW: return of_power(g, n);
    case SDP_MAP: return of_map(g, n);
    case SDP_PRIM: return of_function(g, n);
    default: return of_leaf(g, n);
    }
}

static void learn(sdp_graph *g, sdp_id upto)
{
    g->known = sdp_table(&g->base, g->known, upto, &g->known_cap, sizeof *g->known);
    g->bounds = sdp_table(&g->base, g->bounds, upto, &g->bounds_cap, sizeof *g->bounds);
    if (!g->nknown) g->nknown = 1; // id 0 is none
    for (; g->nknown <= upto; g->nknown++) {
        sdp_known k = derive(g, g->nknown);
        const sdp_node *n = g->node[g->nknown];
        g->bounds[g->nknown] = sdp_derive_bounds(g, n, &k);
        if (n->order != 2 || n->dim[0] != n->dim[1]) k.yes &= ~(uint32_t)SQUARE;
        if (n->order != 1) k.yes &= ~(uint32_t)VECTOR;
        g->known[g->nknown] = sdp_facts_close(k);
    }
}

sdp_known sdp_facts_derived(sdp_graph *g, sdp_id a)
{
    if (a >= g->nknown) learn(g, a);
    return g->known[a];
}

bool sdp_has(sdp_graph *g, sdp_id a, uint32_t facts)
{
    return (sdp_facts_derived(g, a).yes & facts) == facts;
}

sdp_bounds sdp_bounds_known(sdp_graph *g, sdp_id a)
{
    if (a >= g->nknown) learn(g, a);
    return g->bounds[a];
}

bool sdp_known_positive(sdp_graph *g, sdp_id a) { return sdp_has(g, a, SDP_POSITIVE); }
bool sdp_known_nonneg(sdp_graph *g, sdp_id a) { return sdp_has(g, a, SDP_NONNEG); }
