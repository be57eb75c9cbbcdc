// SPDX-License-Identifier: MIT
// The canonical order of a product: factors sorted, labels numbered, independent of the names they came with
// and of the nodes that the graph held before. Idea: canonical labelling by colour refinement
// (Weisfeiler-Leman). A label's colour is hashed from the factors and neighbours it meets; a tie between
// factors is broken by individualising one of them and refining again. A tie that no refinement tells apart
// is an automorphism in practice; at worst two forms of one product stay unequal, never the other way round.
// Equal factors stand in the order of their first output axes, e.g. A[p,i]*A[q,j]*A[r,k]: the leading byte of
// a colour is the place of the label in the output, that of a factor's key the smallest of its labels' bytes.
// A hash reads the rank of a node in the product, not its number, which any node made earlier would shift.
// Entry: sdp_mul_raw.
#include <stdlib.h>
#include <string.h>

#include "ast/make/mul.h"

typedef struct {
    uint64_t key;
    uint32_t at;
    sdp_id node;
} rank;

typedef struct {
    sdp_graph *g;
    uint32_t n, nlabels;
    const sdp_id *node;
    uint8_t *const *label;
    int order;
    const uint8_t *out;
    // first[i][k]: the first of the axes of factor i that are interchangeable with axis k
    uint8_t (*first)[SDP_MAX_ORDER];
    uint32_t *kind; // the rank of each factor's node among the nodes of the product
    rank *sorted;
    uint64_t colour[LABELS + 1];
} product;

static int order_of(const product *p, uint32_t i) { return p->g->node[p->node[i]]->order; }

static uint64_t mix(uint64_t h, uint64_t v)
{
    h ^= v + 0x9e3779b97f4a7c15u + (h << 6) + (h >> 2);
    h *= 0xff51afd7ed558ccdu;
    return h ^ (h >> 32);
}

enum { PLACE = 56, SUMMED = 0xff };

// The hash, led by the byte of `at`, a colour or a place that was shifted.
static uint64_t led_by(uint64_t at, uint64_t hash) { return (at >> PLACE << PLACE) | hash >> (64 - PLACE); }

static int compare_rank(const void *a, const void *b)
{
    const rank *x = a, *y = b;
    if (x->node != y->node) return x->node < y->node ? -1 : 1;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

// Is axis k interchangeable with no other? The axes that are interchangeable with each other stand together.
static bool is_lone(const uint8_t *first, int order, int k)
{
    return first[k] == k && (k + 1 == order || first[k + 1] != k);
}
static uint64_t place(const uint8_t *first, int order, int k)
{
    return is_lone(first, order, k) ? (uint64_t)k + 1 : first[k];
}

static uint64_t factor_key(const product *p, uint32_t i)
{
    uint64_t h = p->kind[i], at = ~(uint64_t)0, sorted[SDP_MAX_ORDER];
    int order = order_of(p, i);
    for (int k = 0; k < order; k++) {
        uint64_t c = p->colour[p->label[i][k]];
        int to = k;
        for (; to > p->first[i][k] && sorted[to - 1] > c; to--) sorted[to] = sorted[to - 1];
        sorted[to] = c;
        if (c < at) at = c;
    }
    for (int k = 0; k < order; k++) h = mix(h, sorted[k]);
    return led_by(at, h);
}

static void refine(product *p)
{
    for (uint32_t round = 0; round < p->n && round < 8; round++) {
        uint64_t next[LABELS + 1] = {0};
        for (uint32_t i = 0; i < p->n; i++) {
            uint64_t key = factor_key(p, i);
            int order = order_of(p, i);
            for (int k = 0; k < order; k++) next[p->label[i][k]] += mix(key, place(p->first[i], order, k));
        }
        for (uint32_t l = 0; l < p->nlabels; l++)
            if (next[l]) p->colour[l] = led_by(p->colour[l], mix(p->colour[l], next[l]));
    }
}

// The common case: factors that are different nodes, or scalars, are in their order without a look at labels.
// Returns false if there are others, or interchangeable axes, which are ordered by colour.
static bool sort_by_node(product *p)
{
    rank *r = p->sorted;
    for (uint32_t i = 0; i < p->n; i++) {
        sdp_id node = p->node[i];
        uint32_t at = i;
        for (; at > 0 && r[at - 1].node > node; at--) r[at] = r[at - 1];
        r[at] = (rank){0, i, node};
        if (i > SDP_MAX_FACTORS) return false; // long lists are sorted in a better way
        if (at > 0 && r[at - 1].node == node && order_of(p, i)) return false;
        for (int k = 0; k < order_of(p, i); k++)
            if (p->first[i][k] != k) return false;
    }
    return true;
}

static void rank_nodes(product *p)
{
    for (uint32_t i = 0; i < p->n; i++) p->sorted[i] = (rank){0, i, p->node[i]};
    qsort(p->sorted, p->n, sizeof *p->sorted, compare_rank);
    uint32_t kind = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        if (i > 0 && p->sorted[i].node != p->sorted[i - 1].node) kind++;
        p->kind[p->sorted[i].at] = kind;
    }
}

// The first colours: the label's place in the output.
static void colour_outputs(product *p)
{
    for (uint32_t l = 0; l <= LABELS; l++) p->colour[l] = led_by((uint64_t)SUMMED << PLACE, 1);
    for (int k = p->order - 1; k >= 0; k--) {
        uint64_t *c = &p->colour[p->out[k]];
        *c = led_by((uint64_t)k << PLACE, mix(*c, (uint64_t)k + 2));
    }
}

// Sorts by node, then by colour; of factors that are tied still, one is given a colour
// of its own, and all is done again.
static void sort_by_colour(product *p)
{
    rank *r = p->sorted;
    rank_nodes(p);
    colour_outputs(p);
    for (uint32_t tie = 0; tie <= p->n; tie++) {
        refine(p);
        for (uint32_t i = 0; i < p->n; i++) r[i] = (rank){factor_key(p, i), i, p->node[i]};
        qsort(r, p->n, sizeof *r, compare_rank);
        uint32_t t = 0;
        while (t + 1 < p->n &&
               (r[t].key != r[t + 1].key || r[t].node != r[t + 1].node || order_of(p, r[t].at) == 0))
            t++;
        if (t + 1 >= p->n) return;
        const uint8_t *l = p->label[r[t].at], *first = p->first[r[t].at];
        for (int k = 0; k < order_of(p, r[t].at); k++) {
            uint64_t *c = &p->colour[l[k]];
            *c = led_by(*c, mix(*c, 1000 + tie * SDP_MAX_ORDER + first[k]));
        }
    }
}

// Orders labels of interchangeable axes: those that have a number by it, then the others by colour.
static void order_axes(const product *p, const uint8_t *number, const uint8_t *first, int order, uint8_t *l)
{
    for (int a = 1; a < order; a++)
        for (int b = a; b > first[a]; b--) {
            uint8_t x = l[b], y = l[b - 1];
            if (number[y] < number[x] || (number[y] == number[x] && p->colour[y] <= p->colour[x])) break;
            l[b] = y;
            l[b - 1] = x;
        }
}

// Numbers the labels in the order in which the sorted factors have them, then the output; interns the node.
static sdp_id number_and_intern(const product *p, sdp_num coef, const sdp_dim *ldim)
{
    uint32_t total = (uint32_t)p->order, at = 0, n = p->n;
    for (uint32_t i = 0; i < n; i++) total += (uint32_t)order_of(p, i);
    sdp_id *arg = sdp_scratch(&p->g->base, (n + 1) * sizeof *arg);
    uint8_t *flat = sdp_scratch(&p->g->base, total + 1), number[LABELS + 1], used = 0;
    sdp_dim *dims = sdp_scratch(&p->g->base, (total + 1) * sizeof *dims), odim[SDP_MAX_ORDER];
    memset(number, 0xff, sizeof number);
    for (uint32_t i = 0; i <= n; i++) {
        uint32_t from = i < n ? p->sorted[i].at : 0;
        int k = i < n ? order_of(p, from) : p->order;
        uint8_t *l = flat + at;
        sdp_copy(l, i < n ? p->label[from] : p->out, (size_t)k);
        if (i < n) {
            arg[i] = p->node[from];
            order_axes(p, number, p->first[from], k, l);
        }
        for (int a = 0; a < k; a++) {
            uint8_t x = l[a];
            if (number[x] == 0xff) {
                if (used == SDP_MAX_LABELS) sdp_limit(&p->g->base, "labels", SDP_MAX_LABELS);
                dims[used] = ldim[x];
                number[x] = used++;
            }
            l[a] = number[x];
            if (i == n) odim[a] = dims[l[a]];
        }
        at += (uint32_t)k;
    }
    if (p->order > SDP_MAX_ORDER) sdp_limit(&p->g->base, "order", SDP_MAX_ORDER);
    return sdp_intern(p->g, &(sdp_node){.kind = SDP_MUL,
                                        .order = (uint8_t)p->order,
                                        .nlabels = used,
                                        .nargs = n,
                                        .dim = odim,
                                        .arg = arg,
                                        .coef = &coef,
                                        .label = flat,
                                        .ldim = dims});
}

static sdp_id order_and_intern(sdp_graph *g, sdp_num coef, uint32_t n, const sdp_id *node,
                               uint8_t *const *label, int order, const uint8_t *out, const sdp_dim *ldim)
{
    product p = {.g = g, .n = n, .node = node, .label = label, .order = order, .out = out};
    p.first = sdp_scratch(&g->base, (n + 1) * sizeof *p.first);
    p.sorted = sdp_scratch(&g->base, (n + 1) * sizeof *p.sorted);
    p.kind = sdp_scratch(&g->base, (n + 1) * sizeof *p.kind);
    for (uint32_t i = 0; i < n; i++) {
        sdp_symmetries(g, node[i], p.first[i]);
        for (int k = 0; k < order_of(&p, i); k++)
            if (label[i][k] >= p.nlabels) p.nlabels = label[i][k] + 1u;
    }
    if (!sort_by_node(&p)) sort_by_colour(&p);
    return number_and_intern(&p, coef, ldim);
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

sdp_id sdp_mul_raw(sdp_graph *g, sdp_num coef, uint32_t n, const sdp_id *node, const uint8_t *labels,
                   int order, const uint8_t *out, const sdp_dim *ldim)
{
    if (n == 0 && order == 0) return sdp_number(g, coef);
    if (coef == SDP_NUM_ONE && n == 1 && g->node[node[0]]->order == order &&
        (order == 0 || !memcmp(labels, out, (size_t)order))) {
        bool distinct = true;
        for (int k = 1; k < order; k++) distinct &= !memchr(labels, labels[k], (size_t)k);
        if (distinct) return node[0];
    }
    if (coef == SDP_NUM_ONE && n == 1 && order > 2 && is_same_permuted(g, node[0], labels, order, out))
        return node[0];
    if (coef == SDP_NUM_ONE && n == 1 && order == 2 && labels[0] == out[1] && labels[1] == out[0] &&
        labels[0] != labels[1] && sdp_is_symmetric(g, node[0]))
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
