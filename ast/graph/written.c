// SPDX-License-Identifier: MIT
// What the input wrote, where it made a node, and the node does not tell.
//
// Problem: nodes are canonical. A sum has lost the order of its terms, normcdf(x) is erfc(-x/sqrt(2))/2, and
// 1/(1+exp(-x)) and sigmoid(x) are one node; an answer says things as the question did. Idea: one record for
// each node, made where the text made the node, by the passes that read it (ast/surface/), read by whoever
// chooses between forms (simplify/answer/written.c) or writes them (codegen/raise/). Records never change
// what a node means, so the first is as good as any. Entry: sdp_note_*(), sdp_written_of().
#include <string.h>

#include "ast/graph/graph.h"

enum { MOST_FUNCTIONS = 64, MOST_NAMES = 256 };

const sdp_written *sdp_written_of(const sdp_graph *g, sdp_id node)
{
    uint32_t at = sdp_sparse_get(&g->written_at, node);
    return at ? &g->written[at - 1] : NULL;
}

static sdp_written *record(sdp_graph *g, sdp_id node)
{
    uint32_t at = sdp_sparse_get(&g->written_at, node);
    if (at) return &g->written[at - 1];
    g->written = sdp_grown_raw(&g->base, g->written, g->nwritten, &g->written_cap, sizeof *g->written);
    g->written[g->nwritten++] = (sdp_written){.node = node};
    sdp_sparse_put(&g->base, &g->written_at, node, g->nwritten);
    return &g->written[g->nwritten - 1];
}

const uint8_t *sdp_order_typed(const sdp_graph *g, sdp_id sum)
{
    const sdp_written *w = sdp_written_of(g, sum);
    return w ? w->order : NULL;
}

void sdp_note_order(sdp_graph *g, sdp_id sum, const uint8_t *order)
{
    uint32_t n = g->node[sum]->nargs;
    if (n > SDP_MOST_WRITTEN || sdp_order_typed(g, sum)) return;
    uint8_t *kept = sdp_alloc(&g->base, n);
    sdp_copy(kept, order, n);
    record(g, sum)->order = kept;
}

void sdp_note_function(sdp_graph *g, sdp_id node, int op, uint32_t nargs, const sdp_id *arg)
{
    const sdp_written *known = sdp_written_of(g, node);
    bool fresh = !known || !known->op;
    if ((fresh && g->nfunctions == MOST_FUNCTIONS) || nargs > sizeof known->arg / sizeof *known->arg) return;
    sdp_written *w = record(g, node);
    w->op = (uint16_t)op;
    w->nargs = (uint8_t)nargs;
    sdp_copy(w->arg, arg, nargs * sizeof *arg);
    g->nfunctions += fresh;
}

// Halves are decimals where one was typed so: beside 0.1*x, x/2 stays x/2.
void sdp_note_decimal(sdp_graph *g, sdp_num v)
{
    long below;
    if (sdp_num_is_int(g, v) || !sdp_num_long(g, sdp_num_denominator(g, v), &below)) return;
    while (below % 2 == 0) below /= 2;
    uint32_t decimals = below == 1 ? 2 : 1;
    if (g->decimals < decimals) g->decimals = decimals;
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
    sdp_written *w = record(g, node);
    uint32_t i = 0;
    while (i < g->nnamed && strcmp(g->written[g->named[i]].name, name)) i++;
    if (i < g->nnamed) {
        if (&g->written[g->named[i]] == w) return;
        g->written[g->named[i]].name = NULL;
        memmove(&g->named[i], &g->named[i + 1], (--g->nnamed - i) * sizeof *g->named);
    }
    if (!w->name && g->nnamed == MOST_NAMES) return;
    if (!w->name) {
        g->named = sdp_grown_raw(&g->base, g->named, g->nnamed, &g->named_cap, sizeof *g->named);
        g->named[g->nnamed++] = (uint32_t)(w - g->written);
    }
    w->name = sdp_strndup(&g->base, name, strlen(name));
}
