// SPDX-License-Identifier: MIT
// The memo of constructors: the node that each constructor made of given arguments.
//
// A constructor is a function of its arguments: nodes never change, and facts are settled before a node
// is made. Passes that try several forms of a node ask for the same products again and again
// (simplify/), and bringing one into canonical form costs a hundred times a look into a table. The table
// is a cache: of two keys that meet in a place, the later stays, and it forgets all when it grows with
// the graph. What fails is not remembered.
#include <string.h>

#include "ast/make/inside.h"

struct sdp_made {
    uint32_t n, word[SDP_MEMO_WORDS];
    sdp_id id;
}; // n: words of the key; 0: nothing here

enum { FIRST_CAP = 256, MOST_CAP = 1 << 17, NODES_EACH = 2 };

static void grow(sdp_graph *g)
{
    uint32_t cap = g->made_cap ? g->made_cap : FIRST_CAP;
    while (cap < MOST_CAP && cap < g->nnodes / NODES_EACH) cap *= 2;
    if (cap == g->made_cap) return;
    size_t bytes = cap * sizeof *g->made;
    struct sdp_made *made = sdp_realloc(&g->base, NULL, bytes);
    for (uint32_t i = 0; i < cap; i++) made[i].n = 0;
    sdp_release(&g->base, g->made);
    g->made = made;
    g->made_cap = cap;
}

static struct sdp_made *place(const sdp_graph *g, const sdp_key *k)
{
    return &g->made[sdp_hash_words(k->word, k->n, 13) & (g->made_cap - 1)];
}

sdp_id sdp_memo_find(sdp_graph *g, const sdp_key *k)
{
    if (k->full) return 0;
    if (g->made_cap < MOST_CAP && g->nnodes >= g->made_cap * NODES_EACH) grow(g);
    const struct sdp_made *m = place(g, k);
    return m->n == k->n && !memcmp(m->word, k->word, k->n * sizeof *k->word) ? m->id : 0;
}

sdp_id sdp_memo_keep(sdp_graph *g, const sdp_key *k, sdp_id id)
{
    if (k->full) return id;
    struct sdp_made *m = place(g, k);
    m->n = k->n;
    memcpy(m->word, k->word, k->n * sizeof *k->word);
    return m->id = id;
}
