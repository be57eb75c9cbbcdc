// SPDX-License-Identifier: MIT
// The spelling of a node in the input, as far as the node itself has lost it.
//
// Problem: nodes are canonical. A sum has lost the order of its terms, normcdf(x) is erfc(-x/sqrt(2))/2, and
// 1/(1+exp(-x)) and sigmoid(x) are one node; an answer says things as the question did. Idea: each text has
// its records (sdp_writing), one for a node, made where the text made the node, by the passes that read it
// (ast/surface/), read by whoever chooses between forms (simplify/answer/written.c) or writes them
// (codegen/raise/). Invariants: records never change what a node means, so the first is as good as any; who
// answers for a text has its records in g->writing, so that no answer depends on what another text of the
// context wrote. Entry: sdp_note_*(), sdp_written_of().
#include <string.h>

#include "ast/graph/graph.h"

enum { MOST_FUNCTIONS = 64, MOST_NAMES = 256, MOST_BEFORE = 128, MOST_TRIED = 4096 };

sdp_writing *sdp_new_writing(sdp_graph *g)
{
    g->writing = sdp_alloc(&g->base, sizeof *g->writing);
    return g->writing;
}

const sdp_written *sdp_written_of(const sdp_graph *g, sdp_id node)
{
    uint32_t at = sdp_sparse_get(&g->writing->place, node);
    return at ? &g->writing->at[at - 1] : NULL;
}

static sdp_written *record(sdp_graph *g, sdp_id node)
{
    sdp_writing *w = g->writing;
    uint32_t at = sdp_sparse_get(&w->place, node);
    if (at) return &w->at[at - 1];
    w->at = sdp_grown_raw(&g->base, w->at, w->n, &w->cap, sizeof *w->at);
    w->at[w->n++] = (sdp_written){.node = node};
    sdp_sparse_put(&g->base, &w->place, node, w->n);
    return &w->at[w->n - 1];
}

const uint8_t *sdp_order_typed(const sdp_graph *g, sdp_id sum)
{
    const sdp_written *w = sdp_written_of(g, sum);
    return w ? w->order : NULL;
}

void sdp_note_order(sdp_graph *g, sdp_id sum, const uint8_t *order, uint32_t minus)
{
    uint32_t n = g->node[sum]->nargs;
    if (n > SDP_MOST_WRITTEN || sdp_order_typed(g, sum)) return;
    uint8_t *kept = sdp_alloc(&g->base, n);
    sdp_copy(kept, order, n);
    sdp_written *w = record(g, sum);
    w->order = kept;
    w->minus = minus;
}

// ---- factors: who was typed before whom -------------------------------------------------------------------
//
// The pairs are a graph without cycles: of a*x and x*a the first counts. A variable waits for those
// before it and for nobody else, so that all others keep their order of appearance: after
// (a*x+b)/(c*x+d) the order is a, b, c, x, d.
static bool stands_before(const sdp_factor_place *a, const sdp_factor_place *b)
{
    return a->late != b->late ? a->late < b->late : a->depth < b->depth;
}

static uint32_t factor_at(sdp_graph *g, uint32_t seen)
{
    sdp_writing *w = g->writing;
    uint32_t at = sdp_sparse_get(&w->factor_at, seen + 1);
    if (at) return at - 1;
    w->factor = sdp_grown_raw(&g->base, w->factor, w->nfactors, &w->factor_cap, sizeof *w->factor);
    w->factor[w->nfactors++] = (sdp_factor_place){seen, seen, 0};
    sdp_sparse_put(&g->base, &w->factor_at, seen + 1, w->nfactors);
    return w->nfactors - 1;
}

// Is b behind a by what was typed?
static bool leads_to(const sdp_writing *w, uint32_t a, uint32_t b)
{
    bool reached[2 * MOST_BEFORE] = {false};
    reached[a] = true;
    for (bool more = true; more && !reached[b];) {
        more = false;
        for (uint32_t i = 0; i < w->nbefore; i++) {
            if (!reached[w->before[i][0]] || reached[w->before[i][1]]) continue;
            reached[w->before[i][1]] = more = true;
        }
    }
    return reached[b];
}

// Everybody behind all that he waits for
static void settle(sdp_writing *w)
{
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = 0; i < w->nbefore; i++) {
            const sdp_factor_place *u = &w->factor[w->before[i][0]];
            sdp_factor_place *v = &w->factor[w->before[i][1]];
            if (stands_before(u, v)) continue;
            *v = (sdp_factor_place){v->seen, u->late, u->depth + 1};
            more = true;
        }
    }
}

void sdp_note_factors(sdp_graph *g, uint32_t u, uint32_t v)
{
    sdp_writing *w = g->writing;
    if (u == v || w->nbefore == MOST_BEFORE || w->before_tried == MOST_TRIED) return;
    w->before_tried++;
    uint32_t a = factor_at(g, u), b = factor_at(g, v);
    if (leads_to(w, a, b) || leads_to(w, b, a)) return;
    w->before = sdp_grown_raw(&g->base, w->before, w->nbefore, &w->before_cap, sizeof *w->before);
    w->before[w->nbefore][0] = a;
    w->before[w->nbefore++][1] = b;
    settle(w);
}

sdp_factor_place sdp_factor_typed(const sdp_graph *g, uint32_t seen)
{
    uint32_t at = sdp_sparse_get(&g->writing->factor_at, seen + 1);
    return at ? g->writing->factor[at - 1] : (sdp_factor_place){seen, seen, 0};
}

void sdp_note_function(sdp_graph *g, sdp_id node, int op, uint32_t nargs, const sdp_id *arg)
{
    const sdp_written *known = sdp_written_of(g, node);
    bool fresh = !known || !known->op;
    if ((fresh && g->writing->nfunctions == MOST_FUNCTIONS) || nargs > sizeof known->arg / sizeof *known->arg)
        return;
    sdp_written *w = record(g, node);
    w->op = (uint16_t)op;
    w->nargs = (uint8_t)nargs;
    sdp_copy(w->arg, arg, nargs * sizeof *arg);
    g->writing->nfunctions += fresh;
}

// Halves are decimals where one was typed so: beside 0.1*x, x/2 stays x/2.
void sdp_note_decimal(sdp_graph *g, sdp_num v)
{
    long below;
    if (sdp_num_is_int(g, v) || !sdp_num_long(g, sdp_num_denominator(g, v), &below)) return;
    while (below % 2 == 0) below /= 2;
    uint32_t decimals = below == 1 ? 2 : 1;
    if (g->writing->decimals < decimals) g->writing->decimals = decimals;
}

void sdp_note_scale(sdp_graph *g, sdp_id sum, sdp_num scale)
{
    sdp_written *w = record(g, sum);
    if (!w->scale) w->scale = scale;
}

const sdp_written *sdp_spelling_of(const sdp_graph *g, sdp_id node)
{
    const sdp_written *w = sdp_written_of(g, node);
    return w && w->op && sdp_ops[w->op].kind == SDP_OP_SUGAR ? w : NULL;
}

void sdp_note_definition(sdp_graph *g, sdp_id node, const char *name)
{
    sdp_writing *all = g->writing;
    sdp_written *w = record(g, node);
    uint32_t i = 0;
    while (i < all->nnamed && strcmp(all->at[all->named[i]].name, name)) i++;
    if (i < all->nnamed) {
        if (&all->at[all->named[i]] == w) return;
        all->at[all->named[i]].name = NULL;
        memmove(&all->named[i], &all->named[i + 1], (--all->nnamed - i) * sizeof *all->named);
    }
    if (!w->name && all->nnamed == MOST_NAMES) return;
    if (!w->name) {
        all->named = sdp_grown_raw(&g->base, all->named, all->nnamed, &all->named_cap, sizeof *all->named);
        all->named[all->nnamed++] = (uint32_t)(w - all->at);
    }
    w->name = sdp_strndup(&g->base, name, strlen(name));
}
