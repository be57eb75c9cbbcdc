// SPDX-License-Identifier: MIT
// The types and functions that dim.c (polynomials of sizes) and unify.c (equations between them) share.
#ifndef SDP_DIM_H
#define SDP_DIM_H

#include "ast/graph/graph.h"

typedef struct {
    uint32_t nterms, hash;
    sdp_dim_term *term;
} sdp_poly;
// quiet: the name is ours, not the user's
typedef struct {
    const char *name;
    bool soft, quiet;
    sdp_dim value;
} sdp_atom;
typedef struct {
    sdp_dim whole;
    uint32_t n;
    const sdp_dim *part;
} sdp_composite; // parts in scratch
// a == b; what both are made of: x.n is 0 if not of equally many parts
typedef struct {
    sdp_dim a, b;
    sdp_composite x, y;
} sdp_postponed;

struct sdp_dims {
    sdp_poly *p;
    uint32_t n, cap;
    sdp_interned index;
    sdp_atom *a;
    uint32_t natoms, atom_cap;
    uint32_t *names, names_cap, nnames; // named atoms by name: atom + 1
    sdp_postponed *later;
    sdp_composite *made;
    uint32_t nlater, later_cap, nmade, made_cap;
    bool strained; // a size was found by subtracting
};

// sorted terms with distinct atoms and no zero coefficients
sdp_dim sdp_dim_intern(sdp_graph *g, const sdp_dim_term *t, uint32_t n);
sdp_dim sdp_atom_dim(sdp_graph *g, uint32_t a);
void sdp_dim_index_names(sdp_graph *g, uint32_t cap);

#endif
