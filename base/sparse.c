// SPDX-License-Identifier: MIT
// Maps from nodes to numbers. A pass over what some roots reach may have a table by node, and must not:
// clearing it costs as much as the whole graph, which holds all that was ever derived in a context. Open
// addressing, at most half full.
#include <string.h>

#include "base/base.h"

enum { FIRST_CAP = 64 };

void sdp_sparse_scratch(sdp_base *b, sdp_sparse *m, uint32_t most)
{
    uint32_t cap = FIRST_CAP;
    while (cap / 2 < most + 1) cap *= 2;
    *m = (sdp_sparse){.at = sdp_scratch(b, cap * sizeof *m->at), .cap = cap};
}

static void grow(sdp_base *b, sdp_sparse *m)
{
    sdp_sparse wide = {.cap = m->cap ? 2 * m->cap : FIRST_CAP};
    wide.at = sdp_realloc(b, NULL, wide.cap * sizeof *wide.at);
    memset(wide.at, 0, wide.cap * sizeof *wide.at);
    for (uint32_t i = 0; i < m->cap; i++)
        if (m->at[i].key) wide.at[sdp_sparse_place(&wide, m->at[i].key)] = m->at[i];
    wide.n = m->n;
    sdp_release(b, m->at);
    *m = wide;
}

void sdp_sparse_put(sdp_base *b, sdp_sparse *m, uint32_t key, uint32_t value)
{
    if (2 * (m->n + 1) > m->cap) grow(b, m);
    uint32_t h = sdp_sparse_place(m, key);
    m->n += !m->at[h].key;
    m->at[h].key = key;
    m->at[h].value = value;
}
