// SPDX-License-Identifier: MIT
// The measure of simplify.c: how long is a node when it is printed? The graph has no transposes, identities or traces, so
// this is an estimate; the printer's own count (codegen/tree.c) comes too late, when the form is chosen.
//
//   sums and products    their arguments and the signs between; a sum stands in parentheses
//   functions            name and parentheses
//   products             diag(x), eye(n) and tr(A*B) where the labels say so
//
// Nodes are measured when they are first met. Those a rewrite has made stand a few levels above measured ones; below that
// a node counts as SHORT.
#include <string.h>

#include "simplify.h"

enum { NEW_DEPTH = 8, SHORT = 4, LONG = 100000 };

uint32_t sdp_tokens_known(const sdp_tokens *t, sdp_id id) { return id < t->cap && t->of[id] ? t->of[id] : SHORT; }

// What a product writes around its factors.
static uint32_t frame(const sdp_graph *g, const sdp_node *n)
{
    bool matrix = false, vector = false, carried = false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        matrix |= sdp_get(g, n->arg[i])->order == 2;
        vector |= sdp_get(g, n->arg[i])->order == 1;
    }
    if (n->order == 0) return matrix && !vector ? 3 : 0; // tr( )
    const uint8_t *out = sdp_labels(g, n, n->nargs);
    if (n->order != 2 || out[0] != out[1]) return 0;
    for (const uint8_t *l = n->label; l < out; l++) carried |= *l == out[0];
    return carried ? 3 : 5; // diag( ), *eye(n)
}

static void measure(sdp_tokens *t, sdp_id id)
{
    const sdp_node *n = sdp_get(t->g, id);
    uint64_t s = n->kind == SDP_MAP || n->kind == SDP_PRIM ? 3 : n->kind == SDP_ADD ? 2 : 1;
    if (n->kind == SDP_MUL) s += frame(t->g, n);
    for (uint32_t i = 0; i < n->nargs; i++) s += sdp_tokens_known(t, n->arg[i]) + (i > 0);
    if (id >= t->cap) {
        uint32_t cap = t->cap ? t->cap : 256;
        while (cap <= id) cap *= 2;
        t->of = sdp_realloc(&t->g->base, t->of, cap * sizeof *t->of);
        memset(t->of + t->cap, 0, (cap - t->cap) * sizeof *t->of);
        t->cap = cap;
    }
    t->of[id] = s > LONG ? LONG : (uint32_t)s;
}

static void measure_new(sdp_tokens *t, sdp_id id, int depth)
{
    if ((id < t->cap && t->of[id]) || depth == 0) return;
    const sdp_node *n = sdp_get(t->g, id);
    for (uint32_t i = 0; i < n->nargs; i++) measure_new(t, n->arg[i], depth - 1);
    measure(t, id);
}

uint32_t sdp_tokens_of(sdp_tokens *t, sdp_id id)
{
    measure_new(t, id, NEW_DEPTH);
    return sdp_tokens_known(t, id);
}
