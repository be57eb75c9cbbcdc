// SPDX-License-Identifier: MIT
// Between the files that derive facts: facts.c (leaves, functions, sums, the memo) and facts_product.c. Both
// read the memo of smaller ids and make no nodes.
#ifndef SDP_FACTS_H
#define SDP_FACTS_H

#include "ast/graph/graph.h"

static inline sdp_known sdp_known_of(const sdp_graph *g, sdp_id a) { return g->known[a]; }
static inline sdp_bounds sdp_bounds_of(const sdp_graph *g, sdp_id a) { return g->bounds[a]; }
sdp_bounds sdp_range_bounds(int op); // of the values of a function, from the column range
sdp_bounds sdp_derive_bounds(const sdp_graph *g, const sdp_node *n, sdp_known *k); // bounds.c
// Symmetric by a fact, or found to be its own transpose when its user was made.
bool sdp_keeps_symmetry(const sdp_graph *g, sdp_id a);
sdp_known sdp_facts_of_product(sdp_graph *g, const sdp_node *n);

#endif
