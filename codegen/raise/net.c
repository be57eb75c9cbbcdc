// SPDX-License-Identifier: MIT
// The label network itself: marks and edges are added, counted, and taken off a vertex.
#include "codegen/raise/net.h"

void sdp_net_mark(sdp_net *w, sdp_rid t, uint8_t u)
{
    t = sdp_bag_take(w->r, &w->bag, t);
    if (t) w->m[w->nm++] = (sdp_spot){.t = t, .u = u};
}

void sdp_net_edge(sdp_net *w, sdp_rid t, uint8_t u, uint8_t v)
{
    t = sdp_bag_take(w->r, &w->bag, t);
    if (t) w->e[w->ne++] = (sdp_edge){.t = t, .u = u, .v = v};
}

sdp_rid sdp_net_from(sdp_net *w, const sdp_edge *e, uint8_t u)
{
    return e->u == u ? e->t : sdp_r_transpose(w->r, e->t);
}

uint32_t sdp_net_degree(const sdp_net *w, uint8_t v, uint32_t at[2])
{
    uint32_t d = 0;
    for (uint32_t i = 0; i < w->ne; i++) {
        if (w->e[i].u == SDP_GONE || (w->e[i].u != v && w->e[i].v != v)) continue;
        if (d < 2) at[d] = i;
        d += 1 + (w->e[i].u == w->e[i].v);
    }
    return d;
}

uint32_t sdp_net_marks(const sdp_net *w, uint8_t v)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->nm; i++) n += w->m[i].u == v;
    return n;
}

sdp_rid sdp_net_gather(sdp_net *w, uint8_t v)
{
    sdp_rlist l = {0};
    uint32_t keep = 0;
    for (uint32_t i = 0; i < w->nm; i++) {
        if (w->m[i].u == v) sdp_rlist_push(w->r, &l, w->m[i].t);
        else w->m[keep++] = w->m[i];
    }
    w->nm = keep;
    return l.n ? sdp_r_hadamard(w->r, l.n, l.at) : 0;
}
