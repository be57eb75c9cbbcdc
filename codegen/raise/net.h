// SPDX-License-Identifier: MIT
// The label network of an einsum while it is reduced to matrix notation: raise/reduce.c has the rules of
// vertices and edges, raise/pair.c those of pairings.
#ifndef SDP_NET_H
#define SDP_NET_H

#include "codegen/raise/notation.h"

enum { SDP_GONE = 255 };

// t is u x v; SDP_GONE == u: deleted
typedef struct {
    sdp_rid t;
    uint8_t u, v;
    sdp_dim slice;
    bool is_slice, is_flip; // rows of an identity; its rows from the last to the first
} sdp_edge;
typedef struct {
    sdp_rid t;
    uint8_t u;
    sdp_dim at;
    bool hot;
} sdp_spot; // a column at vertex u

// k = inner + size of inner * outer (vec, kron, reshape), or k = inner + outer (conv); SDP_GONE == k: deleted
typedef struct {
    uint8_t k, inner, outer;
    bool sums;
} sdp_pairing;

typedef struct {
    sdp_raiser *r;
    sdp_edge *e;
    sdp_spot *m;
    sdp_pairing *p;
    uint32_t ne, nm, np;
    sdp_scalars bag;
    int order;
    uint8_t out[2];
    uint8_t nlabels;
    const sdp_dim *ldim;
    bool failed;
} sdp_net;

static inline bool sdp_net_summed(const sdp_net *w, uint8_t v)
{
    for (int i = 0; i < w->order; i++)
        if (w->out[i] == v) return false;
    return true;
}

static inline uint8_t sdp_net_other(const sdp_edge *e, uint8_t u) { return e->u == u ? e->v : e->u; }

// ---- net.c
void sdp_net_mark(sdp_net *w, sdp_rid t, uint8_t u); // scalars of t go to the bag
void sdp_net_edge(sdp_net *w, sdp_rid t, uint8_t u, uint8_t v);
sdp_rid sdp_net_from(sdp_net *w, const sdp_edge *e, uint8_t u); // as a matrix with rows u
// ends of edges at v, and the first two of these edges
uint32_t sdp_net_degree(const sdp_net *w, uint8_t v, uint32_t at[2]);
uint32_t sdp_net_marks(const sdp_net *w, uint8_t v);
// takes all marks off v and multiplies them entry by entry; 0 if there are none
sdp_rid sdp_net_gather(sdp_net *w, uint8_t v);

// ---- reduce.c
bool sdp_net_reduce(sdp_net *w);                 // one reduction, of pair.c as well; false: there is none
bool sdp_net_bound(const sdp_net *w, uint8_t v); // summed, and in no pairing: reductions may remove it

// ---- pair.c
bool sdp_net_load_pairing(sdp_net *w, const sdp_node *sel, const uint8_t *label); // false: it is no pairing
uint32_t sdp_net_pairings(const sdp_net *w, uint8_t v);
bool sdp_net_pair(sdp_net *w); // one reduction; false: there is none
// a*b, Kronecker products with identities multiplied out
sdp_rid sdp_r_chain(sdp_raiser *r, sdp_rid a, sdp_rid b);

#endif
