// SPDX-License-Identifier: MIT
// The interning table: the numbers of things that stand elsewhere, by their hashes. Nodes, numbers, sizes,
// values and raised terms are found again by it, so that equal ones are the same. Open addressing, at most
// half full. The hash stands beside the number: a thing is looked at only if its hash is the same, and the
// table grows without asking for any.
#include <string.h>

#include "base/base.h"

enum { FIRST_CAP = 256 };

static void add(sdp_interned *x, sdp_interned_entry e)
{
    uint32_t at = e.hash;
    while (x->at[at & (x->cap - 1)].next) at++;
    x->at[at & (x->cap - 1)] = e;
}

void sdp_interned_put(sdp_base *b, sdp_interned *x, uint32_t hash, uint32_t id)
{
    if (2 * (x->n + 1) > x->cap) {
        sdp_interned wide = {.cap = x->cap ? 2 * x->cap : FIRST_CAP, .n = x->n, .kept = x->kept};
        size_t bytes = wide.cap * sizeof *wide.at;
        wide.at = x->kept ? memset(sdp_realloc(b, NULL, bytes), 0, bytes) : sdp_scratch(b, bytes);
        for (uint32_t i = 0; i < x->cap; i++)
            if (x->at[i].next) add(&wide, x->at[i]);
        if (x->kept) sdp_release(b, x->at);
        *x = wide;
    }
    add(x, (sdp_interned_entry){hash, id + 1});
    x->n++;
}
