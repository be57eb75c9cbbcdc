// SPDX-License-Identifier: MIT
// The canonical order of a product: factors sorted, labels numbered, independent of the names they came with.
// Colour refinement: a label's colour is hashed from the factors and neighbours it meets; a tie between factors is
// broken by individualising one of them and refining again. A tie that no refinement tells apart is an automorphism
// in practice; at worst two forms of one product stay unequal, never the other way round.
#include <stdlib.h>
#include <string.h>

#include "ast/make/mul.h"

static uint64_t mix(uint64_t h, uint64_t v)
{
    h ^= v + 0x9e3779b97f4a7c15u + (h << 6) + (h >> 2);
    h *= 0xff51afd7ed558ccdu;
    return h ^ (h >> 32);
}

typedef struct { uint64_t key; uint32_t at; sdp_id node; } rank;

static int compare_rank(const void *a, const void *b)
{
    const rank *x = a, *y = b;
    if (x->node != y->node) return x->node < y->node ? -1 : 1;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

// Interchangeable axes of a factor stand together; first[k] is the first of those of axis k.
static bool is_lone(const uint8_t *first, int order, int k) { return first[k] == k && (k + 1 == order || first[k + 1] != k); }
static uint64_t place(const uint8_t *first, int order, int k) { return is_lone(first, order, k) ? (uint64_t)k + 1 : first[k]; }

static uint64_t factor_key(sdp_graph *g, sdp_id id, const uint8_t *l, const uint64_t *colour, const uint8_t *first)
{
    uint64_t h = id, sorted[SDP_MAX_ORDER];
    int order = g->node[id]->order;
    for (int k = 0; k < order; k++) {
        int at = k;
        for (; at > first[k] && sorted[at - 1] > colour[l[k]]; at--) sorted[at] = sorted[at - 1];
        sorted[at] = colour[l[k]];
    }
    for (int k = 0; k < order; k++) h = mix(h, sorted[k]);
    return h;
}

static void refine(sdp_graph *g, uint32_t n, const sdp_id *node, uint8_t *const *label, uint8_t (*first)[SDP_MAX_ORDER], uint64_t *colour, uint32_t nlabels)
{
    for (uint32_t round = 0; round < n && round < 8; round++) {
        uint64_t next[LABELS + 1] = {0};
        for (uint32_t i = 0; i < n; i++) {
            uint64_t key = factor_key(g, node[i], label[i], colour, first[i]);
            int order = g->node[node[i]]->order;
            for (int k = 0; k < order; k++) next[label[i][k]] += mix(key, place(first[i], order, k));
        }
        for (uint32_t l = 0; l < nlabels; l++)
            if (next[l]) colour[l] = mix(colour[l], next[l]);
    }
}

// The common case: factors that are different nodes, or scalars, are in their order without a look at labels; false: there are
// others, or interchangeable axes, which are ordered by colour.
static bool sort_by_node(sdp_graph *g, uint32_t n, const sdp_id *node, const uint8_t (*first)[SDP_MAX_ORDER], rank *r)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = i;
        for (; at > 0 && r[at - 1].node > node[i]; at--) r[at] = r[at - 1];
        r[at] = (rank){0, i, node[i]};
        if (i > SDP_MAX_FACTORS) return false; // long lists are sorted in a better way
        if (at > 0 && r[at - 1].node == node[i] && g->node[node[i]]->order) return false;
        for (int k = 0; k < g->node[node[i]]->order; k++)
            if (first[i][k] != k) return false;
    }
    return true;
}

// Sorts the factors and numbers the labels; interns the node.
static sdp_id order_and_intern(sdp_graph *g, sdp_num coef, uint32_t n, const sdp_id *node, uint8_t *const *label, int order,
                               const uint8_t *out, const sdp_dim *ldim)
{
    uint64_t colour[LABELS + 1];
    uint8_t (*first)[SDP_MAX_ORDER] = sdp_scratch(&g->base, (n + 1) * sizeof *first);
    rank *r = sdp_scratch(&g->base, (n + 1) * sizeof *r);
    uint32_t nlabels = 0;
    for (uint32_t i = 0; i < n; i++)
        for (int k = 0; k < g->node[node[i]]->order; k++)
            if (label[i][k] >= nlabels) nlabels = label[i][k] + 1u;
    for (uint32_t l = 0; l <= LABELS; l++) colour[l] = 1;
    for (int k = 0; k < order; k++) colour[out[k]] = mix(colour[out[k]], (uint64_t)k + 2);
    for (uint32_t i = 0; i < n; i++) sdp_symmetries(g, node[i], first[i]);
    bool told_apart = sort_by_node(g, n, node, (const uint8_t (*)[SDP_MAX_ORDER])first, r);
    for (uint32_t tie = 0; tie <= n && !told_apart; tie++) {
        refine(g, n, node, label, first, colour, nlabels);
        for (uint32_t i = 0; i < n; i++) r[i] = (rank){factor_key(g, node[i], label[i], colour, first[i]), i, node[i]};
        qsort(r, n, sizeof *r, compare_rank);
        uint32_t t = 0;
        while (t + 1 < n && (r[t].key != r[t + 1].key || r[t].node != r[t + 1].node || g->node[r[t].node]->order == 0)) t++;
        if (t + 1 >= n) break;
        const uint8_t *l = label[r[t].at]; // individualise the first of the tied factors
        for (int k = 0; k < g->node[r[t].node]->order; k++) colour[l[k]] = mix(colour[l[k]], 1000 + tie * SDP_MAX_ORDER + first[r[t].at][k]);
    }
    uint32_t total = (uint32_t)order, at = 0;
    for (uint32_t i = 0; i < n; i++) total += g->node[node[i]]->order;
    sdp_id *arg = sdp_scratch(&g->base, (n + 1) * sizeof *arg);
    uint8_t *flat = sdp_scratch(&g->base, total + 1), number[LABELS + 1], used = 0;
    sdp_dim *dims = sdp_scratch(&g->base, (total + 1) * sizeof *dims), odim[SDP_MAX_ORDER];
    memset(number, 0xff, sizeof number);
    for (uint32_t i = 0; i <= n; i++) {
        int k = i < n ? g->node[r[i].node]->order : order;
        if (i < n) arg[i] = r[i].node;
        uint8_t l[SDP_MAX_ORDER];
        sdp_copy(l, i < n ? label[r[i].at] : out, (size_t)k);
        for (int a = 1; i < n && a < k; a++) // interchangeable axes: by number, then colour
            for (int b = a; b > first[r[i].at][a]; b--) {
                uint8_t x = l[b], y = l[b - 1];
                if (number[y] < number[x] || (number[y] == number[x] && colour[y] <= colour[x])) break;
                l[b] = y;
                l[b - 1] = x;
            }
        for (int a = 0; a < k; a++) {
            uint8_t x = l[a];
            if (number[x] == 0xff) {
                if (used == SDP_MAX_LABELS) sdp_limit(&g->base, "labels", SDP_MAX_LABELS);
                dims[used] = ldim[x];
                number[x] = used++;
            }
            if (i == n) odim[a] = dims[number[x]];
            flat[at++] = number[x];
        }
    }
    if (order > SDP_MAX_ORDER) sdp_limit(&g->base, "order", SDP_MAX_ORDER);
    return sdp_intern(g, &(sdp_node){.kind = SDP_MUL, .order = (uint8_t)order, .nlabels = used, .nargs = n, .dim = odim, .arg = arg,
                                     .coef = &coef, .label = flat, .ldim = dims});
}

// T[j,i,k] of a T that is symmetric in its first two axes
static bool is_same_permuted(sdp_graph *g, sdp_id a, const uint8_t *labels, int order, const uint8_t *out)
{
    uint8_t first[SDP_MAX_ORDER];
    if (g->node[a]->order != order) return false;
    sdp_symmetries(g, a, first);
    for (int k = 0; k < order; k++) {
        const uint8_t *at = memchr(labels, out[k], (size_t)order);
        if (!at || first[at - labels] != first[k] || memchr(out, out[k], (size_t)k)) return false;
    }
    return true;
}

sdp_id sdp_mul_raw(sdp_graph *g, sdp_num coef, uint32_t n, const sdp_id *node, const uint8_t *labels, int order, const uint8_t *out,
                   const sdp_dim *ldim)
{
    if (n == 0 && order == 0) return sdp_number(g, coef);
    if (coef == SDP_NUM_ONE && n == 1 && g->node[node[0]]->order == order && (order == 0 || !memcmp(labels, out, (size_t)order))) {
        bool distinct = true;
        for (int k = 1; k < order; k++) distinct &= !memchr(labels, labels[k], (size_t)k);
        if (distinct) return node[0];
    }
    if (coef == SDP_NUM_ONE && n == 1 && order > 2 && is_same_permuted(g, node[0], labels, order, out)) return node[0];
    if (coef == SDP_NUM_ONE && n == 1 && order == 2 && labels[0] == out[1] && labels[1] == out[0] && labels[0] != labels[1] &&
        sdp_is_symmetric(g, node[0]))
        return node[0];
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint8_t **label = sdp_scratch(&g->base, (n + 1) * sizeof *label);
    sdp_dim dims[LABELS + 1] = {0};
    uint8_t *l = sdp_scratch(&g->base, n * SDP_MAX_ORDER + 1);
    for (uint32_t i = 0, at = 0; i < n; i++) {
        label[i] = l;
        for (int k = 0; k < g->node[node[i]]->order; k++) {
            *l = labels[at++];
            dims[*l++] = g->node[node[i]]->dim[k];
        }
    }
    for (int k = 0; k < order; k++)
        if (!dims[out[k]]) dims[out[k]] = ldim[out[k]];
    sdp_id id = order_and_intern(g, coef, n, node, label, order, out, dims);
    sdp_scratch_release(&g->base, m);
    return id;
}
