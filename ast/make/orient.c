// SPDX-License-Identifier: MIT
// Sums, functions and selections of order 3 and more, as factors: one order of axes only.
//
// T[i,j,k] and its permutations T[j,i,k] ... are different nodes, and in a product either will do, with other
// labels. So that equal products meet, a product takes the permutation that sdp_orient chooses: axes sorted
// by what they subscript inside, ties settled by the smallest id. (Order 2 is settled by sdp_transpose and
// the smaller id.) Functions are oriented when they are made (map.c), so that they meet outside products,
// too; a permuted sum is a sum of permuted terms.
#include <string.h>

#include "ast/make/inside.h"

enum { TRIALS = 24, DEEP = 4 };

enum { ORIENTED = 1 << 15 };

static unsigned oriented(const sdp_graph *g, sdp_id a) { return a < g->oriented_cap ? g->oriented[a] : 0u; }

static void remember(sdp_graph *g, sdp_id a, unsigned symmetries)
{
    g->oriented = sdp_table(&g->base, g->oriented, a, &g->oriented_cap, sizeof *g->oriented);
    g->oriented[a] = (uint16_t)(ORIENTED | symmetries);
}

// Does axis k of an oriented selection come before axis l? The i and j of a convolution, k = i + j, are alike
// if they run equally far.
static bool selects_before(const sdp_node *n, int k, int l)
{
    return sdp_stride(n, k) != sdp_stride(n, l) ? sdp_stride(n, k) < sdp_stride(n, l) : n->dim[k] < n->dim[l];
}

void sdp_symmetries(sdp_graph *g, sdp_id a, uint8_t *first)
{
    int order = g->node[a]->order;
    bool matrix = order == 2 && sdp_is_symmetric(g, a);
    for (int k = 0; k < order; k++) {
        bool call = g->node[a]->kind == SDP_CALL, sel = g->node[a]->kind == SDP_SEL;
        bool same = k > 0 && (matrix || (order > 2 && (call  ? sdp_call_swaps(g, g->node[a], k - 1)
                                                       : sel ? k > 1 && !selects_before(g->node[a], k - 1, k)
                                                             : oriented(g, a) >> (k - 1) & 1)));
        first[k] = same ? first[k - 1] : (uint8_t)k;
    }
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    h ^= v + 0x9e3779b97f4a7c15u + (h << 6) + (h >> 2);
    h *= 0xff51afd7ed558ccdu;
    return h ^ (h >> 32);
}

// A key of every axis, independent of the order of the axes: where the axis goes in a product, the
// same of all arguments of a function, of all terms of a sum. The factors of a product are
// oriented, so their ids may be used.
static void axis_keys(sdp_graph *g, sdp_id a, int depth, uint64_t *key)
{
    const sdp_node *n = g->node[a];
    uint64_t part[SDP_MAX_ORDER];
    for (int k = 0; k < n->order; k++) key[k] = mix(n->kind, n->dim[k]);
    if (n->kind == SDP_MUL) {
        const uint8_t *out = sdp_labels(g, n, n->nargs);
        for (uint32_t i = 0; i < n->nargs; i++) {
            const sdp_node *f = g->node[n->arg[i]];
            uint8_t first[SDP_MAX_ORDER];
            sdp_symmetries(g, n->arg[i], first);
            for (int k = 0; k < n->order; k++)
                for (int l = 0; l < f->order; l++)
                    if (sdp_labels(g, n, i)[l] == out[k]) key[k] += mix(n->arg[i], first[l]);
        }
    } else if (depth && (n->kind == SDP_ADD || n->kind == SDP_MAP || n->kind == SDP_POW)) {
        for (uint32_t i = 0; i < n->nargs; i++) {
            if (g->node[n->arg[i]]->order != n->order) continue;
            axis_keys(g, n->arg[i], depth - 1, part);
            sdp_num c = n->kind == SDP_ADD ? n->coef[i] : SDP_NUM_ZERO;
            // a sum and its negative have the same orientation
            if (sdp_num_sign(g, c) < 0) c = sdp_num_neg(g, c);
            for (int k = 0; k < n->order; k++) key[k] += mix(n->kind == SDP_ADD ? c : i, part[k]);
        }
    } else {
        uint8_t first[SDP_MAX_ORDER];
        sdp_symmetries(g, a, first);
        for (int k = 0; k < n->order; k++)
            key[k] = mix(key[k], mix(a, n->kind == SDP_CALL ? first[k] : (uint64_t)k));
    }
}

// The node with its axes permuted, made again from permuted arguments. What the constructors of powers and
// functions would rewrite, they have rewritten in a.
static sdp_id permuted(sdp_graph *g, const sdp_node *n, const uint8_t *axis)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_id *arg = sdp_scratch(&g->base, n->nargs * sizeof *arg);
    for (uint32_t i = 0; i < n->nargs; i++)
        arg[i] = g->node[n->arg[i]]->order == n->order ? sdp_permute(g, n->arg[i], axis) : n->arg[i];
    sdp_id p = n->kind == SDP_ADD ? sdp_add(g, n->nargs, n->coef, arg)
                                  : sdp_intern(g, &(sdp_node){.kind = n->kind,
                                                              .order = n->order,
                                                              .op = n->op,
                                                              .nargs = n->nargs,
                                                              .dim = g->node[arg[0]]->dim,
                                                              .arg = arg});
    sdp_scratch_release(&g->base, m);
    return p;
}

static bool next_among_ties(uint8_t *axis, int order, const uint64_t *key)
{
    for (int i = order - 2; i >= 0; i--) { // the next permutation in which keys still ascend
        int j = order - 1;
        while (j > i && !(key[axis[j]] == key[axis[i]] && axis[j] > axis[i])) j--;
        if (j == i) continue;
        uint8_t swap = axis[i];
        axis[i] = axis[j];
        axis[j] = swap;
        for (int k = i + 1; k < order; k++)
            for (int l = k + 1; l < order; l++)
                if (key[axis[l]] == key[axis[k]] && axis[l] < axis[k])
                    swap = axis[k], axis[k] = axis[l], axis[l] = swap;
        return true;
    }
    return false;
}

// Bit k: swapping axes k and k + 1 of a changes nothing. Only axes of equal keys can be so.
static unsigned symmetries(sdp_graph *g, sdp_id a, const uint64_t *key, const uint8_t *axis)
{
    const sdp_node *n = g->node[a];
    unsigned found = 0;
    for (int k = 0; k + 1 < n->order; k++) {
        uint8_t swap[SDP_MAX_ORDER];
        if (key[axis[k]] != key[axis[k + 1]]) continue;
        for (int l = 0; l < n->order; l++) swap[l] = (uint8_t)(l == k ? k + 1 : l == k + 1 ? k : l);
        if (permuted(g, n, swap) == a) found |= 1u << k;
    }
    return found;
}

static void identity(uint8_t *axis, int order)
{
    for (int k = 0; k < order; k++) axis[k] = (uint8_t)k;
}

static sdp_id orient_selection(sdp_graph *g, sdp_id a, uint8_t *axis)
{
    const sdp_node *n = g->node[a];
    sdp_dim dim[SDP_MAX_ORDER], ldim[SDP_MAX_ORDER];
    for (int k = 2; k < n->order; k++)
        for (int l = k; l > 1 && selects_before(n, axis[l], axis[l - 1]); l--) {
            uint8_t swap = axis[l];
            axis[l] = axis[l - 1];
            axis[l - 1] = swap;
        }
    for (int k = 0; k < n->order; k++) dim[k] = n->dim[axis[k]], ldim[k] = n->ldim[axis[k]];
    return sdp_sel(g, n->order, dim, ldim);
}

// axis[k]: which axis of a is axis k of the answer. a = sign * the answer: a sum starts with a positive term,
// and another one may come first when the axes are permuted.
sdp_id sdp_orient(sdp_graph *g, sdp_id a, uint8_t *axis, sdp_num *sign)
{
    const sdp_node *n = g->node[a];
    uint64_t key[SDP_MAX_ORDER];
    uint8_t trial[SDP_MAX_ORDER], straight[SDP_MAX_ORDER];
    identity(axis, n->order);
    *sign = SDP_NUM_ONE;
    if (n->order > 2 && n->kind == SDP_SEL) return orient_selection(g, a, axis);
    if (n->order < 3 || (n->kind != SDP_ADD && n->kind != SDP_MAP && n->kind != SDP_POW) ||
        (oriented(g, a) & ORIENTED))
        return a;
    axis_keys(g, a, DEEP, key);
    identity(trial, n->order);
    identity(straight, n->order);
    for (int k = 1; k < n->order; k++)
        for (int l = k; l > 0 && key[trial[l]] < key[trial[l - 1]]; l--) {
            uint8_t swap = trial[l];
            trial[l] = trial[l - 1];
            trial[l - 1] = swap;
        }
    sdp_id best = 0;
    int tries = 0;
    do {
        sdp_id p = memcmp(trial, straight, n->order) ? permuted(g, n, trial) : a;
        sdp_num c = SDP_NUM_ONE;
        // it became something else
        if (g->node[p]->kind != n->kind || g->node[p]->order != n->order) continue;
        if (n->kind == SDP_ADD) p = sdp_primitive_part(g, p, &c);
        if (best && p >= best) continue;
        best = p;
        *sign = c;
        memcpy(axis, trial, n->order);
    } while (++tries < TRIALS && next_among_ties(trial, n->order, key));
    if (!best) return a;
    remember(g, best, symmetries(g, best, key, axis));
    return best;
}

sdp_id sdp_oriented(sdp_graph *g, sdp_id a)
{
    uint8_t axis[SDP_MAX_ORDER], back[SDP_MAX_ORDER];
    sdp_num sign; // of a function: 1
    sdp_id p = sdp_orient(g, a, axis, &sign);
    for (int k = 0; k < g->node[a]->order; k++) back[axis[k]] = (uint8_t)k;
    return p == a ? a : sdp_permute(g, p, back);
}
