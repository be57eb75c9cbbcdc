// SPDX-License-Identifier: MIT
// The factors of a product, for index notation, in parts: what reduces to a matrix expression is one, and is
// subscripted as a whole; what does not is summed over by name.
//
//     sum_p(V[p,j]*V[p,l]*delta(i,k))                  is  (V'*V)[j,l]*delta(i,k)
//     sum_p,q(A[i,p]*B[p,q]*x[q]*C[p,j]*D[p,k])        is  sum_p(A[i,p]*(B*x)[p]*C[p,j]*D[p,k])
//
// Factors that share a summed label belong together. If such a group has at most two other labels and raises
// (raise/mul.c), it is one item. Else the labels where three edges meet stay summed by name, and the groups
// between them are tried again.
#include <string.h>

#include "codegen/raise/index.h"

typedef struct {
    sdp_raiser *r;
    const sdp_node *n;
    bool bound[SDP_MAX_LABELS]; // labels that still tie factors together
    uint32_t *group;            // by factor
} grouping;

static int order_of(const grouping *w, uint32_t factor) { return sdp_get(w->r->g, w->n->arg[factor])->order; }

// Numbers the factors by the groups that shared bound labels make, among those with in[factor].
static void find_groups(grouping *w, const bool *in)
{
    for (uint32_t i = 0; i < w->n->nargs; i++)
        if (in[i]) w->group[i] = i;
    for (bool more = true; more;) {
        more = false;
        for (uint8_t l = 0; l < w->n->nlabels; l++) {
            uint32_t least = UINT32_MAX;
            if (!w->bound[l]) continue;
            for (int set = 0; set < 2; set++)
                for (uint32_t i = 0; i < w->n->nargs; i++) {
                    if (!in[i] || !order_of(w, i) ||
                        !memchr(sdp_labels(w->r->g, w->n, i), l, (size_t)order_of(w, i)))
                        continue;
                    if (set == 0 && w->group[i] < least) least = w->group[i];
                    if (set == 1 && w->group[i] > least) w->group[i] = least, more = true;
                }
        }
    }
}

// The group raised as a whole, with its labels that are not bound as axes; 0 if it
// has too many or does not reduce.
static bool raise_group(grouping *w, const bool *in, uint32_t group, const uint16_t *rank,
                        sdp_index_item *item)
{
    const sdp_node *n = w->n;
    bool *skip = sdp_scratch(&w->r->g->base, n->nargs * sizeof *skip), ties = false;
    sdp_view v = {.n = n, .skip = skip, .coef = SDP_NUM_ONE};
    for (uint32_t i = 0; i < n->nargs; i++) {
        const uint8_t *l = sdp_labels(w->r->g, n, i);
        skip[i] = !in[i] || w->group[i] != group;
        for (int k = 0; !skip[i] && k < order_of(w, i); k++) {
            if (w->bound[l[k]]) ties = true;
            else if (v.order && memchr(v.out, l[k], (size_t)v.order)) continue;
            else if (v.order == 2) return false;
            else v.out[v.order++] = l[k];
        }
    }
    if (!ties) return false;
    if (v.order == 2 && rank[v.out[0]] > rank[v.out[1]])
        v = (sdp_view){v.n, v.skip, v.coef, 2, {v.out[1], v.out[0]}};
    sdp_rid best = sdp_raise_view(w->r, &v);
    if (best == SDP_UNRAISED) return false;
    *item = (sdp_index_item){.whole = best, .order = (uint8_t)v.order, .label = {v.out[0], v.out[1]}};
    if (v.order < 2) return true;
    sdp_view turned = {v.n, v.skip, v.coef, 2, {v.out[1], v.out[0]}};
    sdp_rid other = sdp_raise_view(w->r, &turned);
    if (other != SDP_UNRAISED && sdp_r(w->r, other)->tokens < sdp_r(w->r, best)->tokens)
        *item = (sdp_index_item){.whole = other, .order = 2, .label = {v.out[1], v.out[0]}};
    return true;
}

// Labels where more than two edges end, or that a factor of higher order has, are summed by name.
static void free_hubs(grouping *w, const bool *in, uint32_t group)
{
    uint32_t ends[SDP_MAX_LABELS] = {0};
    for (uint32_t i = 0; i < w->n->nargs; i++) {
        if (!in[i] || w->group[i] != group || order_of(w, i) < 2) continue;
        for (int k = 0; k < order_of(w, i); k++)
            ends[sdp_labels(w->r->g, w->n, i)[k]] += order_of(w, i) > 2 ? 3 : 1;
    }
    for (uint8_t l = 0; l < w->n->nlabels; l++)
        if (ends[l] > 2) w->bound[l] = false;
}

// Adds the group to the plan; again: its hubs have been taken out.
static void add_group(grouping *w, sdp_index_plan *p, const bool *in, uint32_t group, const uint16_t *rank,
                      uint32_t sum)
{
    sdp_index_item item;
    if (raise_group(w, in, group, rank, &item)) {
        item.sum = sum;
        p->item[p->nitems++] = item;
        return;
    }
    for (uint32_t i = 0; i < w->n->nargs; i++)
        if (in[i] && w->group[i] == group) p->item[p->nitems++] = (sdp_index_item){.factor = i, .sum = sum};
}

// Labels of the items of one sum that are no output: summed by name, in order of appearance.
static void name_sums(const grouping *w, sdp_index_plan *p, const bool *output)
{
    for (uint32_t i = 0; i < p->nitems; i++) {
        const sdp_index_item *x = &p->item[i];
        const uint8_t *l = x->whole ? x->label : sdp_labels(w->r->g, w->n, x->factor);
        int order = x->whole ? x->order : order_of(w, x->factor);
        for (int k = 0; k < order; k++)
            if (!output[l[k]]) p->summed[l[k]] = true, p->sum_of[l[k]] = x->sum;
    }
}

sdp_index_plan *sdp_index_group(sdp_raiser *r, const sdp_node *n, const uint16_t *rank)
{
    sdp_base *b = &r->g->base;
    sdp_index_plan *p = sdp_scratch(b, sizeof *p);
    grouping w = {.r = r, .n = n, .group = sdp_scratch(b, (n->nargs + 1) * sizeof *w.group)};
    bool *all = sdp_scratch(b, 2 * (n->nargs + 1) * sizeof *all), *part = all + n->nargs + 1,
         output[SDP_MAX_LABELS] = {false};
    uint32_t *outer = sdp_scratch(b, (n->nargs + 1) * sizeof *outer);
    const uint8_t *out = sdp_labels(r->g, n, n->nargs);
    p->item = sdp_scratch(b, (n->nargs + 1) * sizeof *p->item);
    for (int k = 0; k < n->order; k++) output[out[k]] = true;
    for (uint8_t l = 0; l < n->nlabels; l++) w.bound[l] = !output[l];
    memset(all, 1, n->nargs * sizeof *all);
    find_groups(&w, all);
    memcpy(outer, w.group, n->nargs * sizeof *outer);
    for (uint32_t g = 0; g < n->nargs; g++) {
        sdp_index_item item;
        if (outer[g] != g) continue;
        if (raise_group(&w, all, g, rank, &item)) {
            item.sum = g;
            p->item[p->nitems++] = item;
            continue;
        }
        free_hubs(&w, all, g);
        for (uint32_t i = 0; i < n->nargs; i++) part[i] = outer[i] == g;
        find_groups(&w, part);
        for (uint32_t h = 0; h < n->nargs; h++)
            if (part[h] && w.group[h] == h) add_group(&w, p, part, h, rank, g);
        memcpy(w.group, outer, n->nargs * sizeof *outer);
    }
    name_sums(&w, p, output);
    return p;
}
