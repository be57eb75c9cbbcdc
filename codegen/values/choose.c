// SPDX-License-Identifier: MIT
// Chooses the order in which the factors of a contraction are joined: the tree with the fewest
// multiplications. The cost of a join is defined at the head of contract.c.
#include <math.h>
#include <string.h>

#include "codegen/values/contraction.h"

static double volume(const sdp_contraction *c, uint64_t labels)
{
    double v = 1;
    for (uint32_t l = 0; labels; l++, labels >>= 1)
        if (labels & 1) v *= c->size[l];
    return v;
}

static uint32_t add_node(sdp_contraction *c, uint32_t left, uint32_t right)
{
    c->node[c->nnodes].left = left;
    c->node[c->nnodes].right = right;
    c->node[c->nnodes].known = false;
    return c->nnodes++;
}

// A value that is the product of some original factors, as a node.
static uint32_t add_known(sdp_contraction *c, sdp_val v, const sdp_ix *ix, uint64_t members)
{
    sdp_join *j = &c->node[c->nnodes];
    j->known = true;
    j->members = members;
    j->list[0] = sdp_contraction_factor(c, v, ix);
    j->nlist = 1;
    return c->nnodes++;
}

// ---- choosing ---------------------------------------------------------------------------------------------
// The best tree known for a set of factors: the place where it is split, or the value that it is.
typedef struct {
    double cost;
    uint64_t all, shown;
    uint32_t split;
    sdp_val known;
    sdp_ix *ix;
} choice;

static uint32_t tree_of(sdp_contraction *c, const choice *best, uint32_t set)
{
    if (!(set & (set - 1))) {
        uint32_t i = 0;
        while (!(set >> i & 1)) i++;
        return i;
    }
    if (best[set].known) return add_known(c, best[set].known, best[set].ix, set);
    // depth <= SDP_EXACT
    uint32_t left = tree_of(c, best, best[set].split), right = tree_of(c, best, set & ~best[set].split);
    return add_node(c, left, right);
}

// The value of a pair of factors that sums something and leaves a vector or matrix, if there is one already.
static void find_known(sdp_contraction *c, uint32_t i, uint32_t j, choice *pair)
{
    sdp_schedule *s = c->s;
    const sdp_val f[2] = {c->factor[i], c->factor[j]};
    uint32_t axes[2] = {s->value[f[0]].order, s->value[f[1]].order}, n = 0;
    if (pair->shown == pair->all || !(c->labels[i] & c->labels[j])) return;
    sdp_ix ix[2 * SDP_MAX_ORDER + 2], out[2];
    sdp_dim dim[2];
    memcpy(ix, c->ix[i], axes[0] * sizeof *ix);
    memcpy(ix + axes[0], c->ix[j], axes[1] * sizeof *ix);
    for (uint32_t l = 0; l < SDP_MAX_LABELS; l++) {
        if (!(pair->shown >> l & 1)) continue;
        if (n == 2) return;
        out[n++] = l;
    }
    for (int way = 0; way < (int)n && !pair->known; way++) { // both orders of its axes
        for (uint32_t k = 0; k < n; k++) {
            ix[axes[0] + axes[1] + k] = out[way ? n - 1 - k : k];
            dim[k] = c->ldim[ix[axes[0] + axes[1] + k]];
        }
        pair->known = sdp_value_known_einsum(s, SDP_NUM_ONE, 2, f, ix, n, dim, c->ldim);
    }
    // it may have been made to be multiplied
    if (pair->known && sdp_is_wide_product(s, &s->value[pair->known])) pair->known = 0;
    if (!pair->known) return;
    pair->ix = sdp_scratch(&s->g->base, 2 * sizeof *pair->ix);
    memcpy(pair->ix, ix + axes[0] + axes[1], n * sizeof *ix);
    pair->cost = 0;
}

// How often a size that is not known is there twice among these labels: of orders that cost the same as far
// as is known, the one whose parts are linear in each size is taken, W2'*(V2*T) of a layer of h, not
// (W2'*V2)*T, whose first product is h x h.
static double squares(const sdp_contraction *c, uint64_t labels)
{
    double n = 0;
    long size;
    for (uint32_t l = 0; l < SDP_MAX_LABELS; l++)
        for (uint32_t k = 0; k < l && labels >> l & 1; k++)
            n += labels >> k & 1 && c->ldim[k] == c->ldim[l] && !sdp_size_constant(c->s, c->ldim[l], &size);
    return n;
}

static uint32_t choose_exact(sdp_contraction *c, uint32_t n)
{
    uint32_t full = (1u << n) - 1;
    choice *best = sdp_scratch(&c->s->g->base, (full + 1) * sizeof *best);
    for (uint32_t set = 1; set <= full; set++)
        for (uint32_t i = 0; i < n; i++)
            if (set >> i & 1) best[set].all |= c->labels[i];
    for (uint32_t set = 1; set <= full; set++) {
        choice *b = &best[set];
        b->shown = b->all & (c->out | best[full & ~set].all);
        if (!(set & (set - 1))) { // what no one else needs is summed first
            b->cost = b->shown == b->all ? 0 : volume(c, b->all);
            continue;
        }
        b->cost = -1;
        for (uint32_t part = (set - 1) & set; part > (set & ~part); part = (part - 1) & set) {
            uint32_t rest = set & ~part;
            double k = best[part].cost + best[rest].cost + volume(c, best[part].shown | best[rest].shown);
            if (b->cost < 0 || k < b->cost * (1 - 1e-12)) b->cost = k, b->split = part;
        }
        if (set != full && b->shown != b->all) b->cost *= 1 + 1e-9 * squares(c, b->shown);
        uint32_t low = 0, high = n - 1;
        while (!(set >> low & 1)) low++;
        while (!(set >> high & 1)) high--;
        if (set != full && set == (1u << low | 1u << high)) find_known(c, low, high, b);
    }
    return tree_of(c, best, full);
}

// Returns the labels that remain when roots i and j are joined: those that the output or another root needs.
static uint64_t shown_by(const sdp_contraction *c, const uint32_t *root, uint32_t live, uint32_t i,
                         uint32_t j)
{
    uint64_t rest = c->out;
    for (uint32_t k = 0; k < live; k++)
        if (k != i && k != j) rest |= c->node[root[k]].labels;
    return rest & (c->node[root[i]].labels | c->node[root[j]].labels);
}

// The cheapest join of two roots that have a label in common (an outer product too early makes vectors
// matrices), among equals the one with the smallest result.
static uint32_t choose_greedy(sdp_contraction *c, uint32_t n)
{
    uint32_t root[SDP_ALL_FACTORS], live = n;
    for (uint32_t i = 0; i < n; i++) root[i] = i, c->node[i].labels = c->labels[i];
    while (live > 1) {
        uint32_t best_i = 0, best_j = 1;
        double best = HUGE_VAL;
        for (uint32_t i = 0; i < live; i++)
            for (uint32_t j = i + 1; j < live; j++) {
                uint64_t a = c->node[root[i]].labels, b = c->node[root[j]].labels;
                double k =
                    volume(c, a | b) + 0.5 * volume(c, shown_by(c, root, live, i, j)) + (a & b ? 0 : 1e200);
                if (k < best * (1 - 1e-12)) best = k, best_i = i, best_j = j;
            }
        uint64_t shown = shown_by(c, root, live, best_i, best_j);
        uint32_t made = add_node(c, root[best_i], root[best_j]);
        c->node[made].labels = shown;
        root[best_i] = made;
        root[best_j] = root[--live];
    }
    return root[0];
}

uint32_t sdp_contraction_choose(sdp_contraction *c)
{
    if (c->nfactors == 1) return 0;
    return c->nfactors <= SDP_EXACT ? choose_exact(c, c->nfactors) : choose_greedy(c, c->nfactors);
}
