// SPDX-License-Identifier: MIT
// The part of the store that only the rooms of ast/ may use: the one function that appends nodes, and the
// sizes that inference has still to find.
#ifndef SDP_GRAPH_H
#define SDP_GRAPH_H

#include "ast/graph/ast.h"

void sdp_nums_init(sdp_graph *g);
void sdp_nums_free(sdp_graph *g);
void sdp_dims_init(sdp_graph *g);
void sdp_dims_free(sdp_graph *g);

// node.c: looks the node up or appends a copy of it (arrays included).
sdp_id sdp_intern(sdp_graph *g, const sdp_node *n);
enum { SDP_ID_ONE = 1, SDP_ID_ZERO = 2 }; // the first nodes of every graph

// dim.c and unify.c, used by inference. A soft atom stands for a dimension still to be found; it may carry a
// name that the user wrote (ones(n)) or get one at the end.
sdp_dim sdp_dim_soft(sdp_graph *g, const char *name);   // name may be NULL
bool sdp_dim_unify(sdp_graph *g, sdp_dim a, sdp_dim b); // makes them equal; false: they can't be
sdp_dim sdp_dim_resolve(sdp_graph *g, sdp_dim d);       // what is known of it by now
uint32_t sdp_dim_mark(sdp_graph *g);                    // soft atoms made after the mark ...
void sdp_dim_undo(sdp_graph *g, uint32_t mark);         // ... are forgotten, with all bindings
// its terms or factors, in order
void sdp_dim_made_of(sdp_graph *g, sdp_dim whole, uint32_t n, const sdp_dim *part);
bool sdp_dim_settled(sdp_graph *g);        // were all postponed equations proved?
bool sdp_dim_strained(const sdp_graph *g); // was a size found by subtracting?
// d's lone soft atom that has neither value nor name, or UINT32_MAX; and its naming
uint32_t sdp_dim_unnamed(sdp_graph *g, sdp_dim d);
void sdp_dim_set_name(sdp_graph *g, uint32_t atom, const char *name);
void sdp_dim_freeze(sdp_graph *g);                          // after inference: soft atoms become rigid
bool sdp_dim_known(const sdp_graph *g, const char *name);   // any dimension of that name
bool sdp_dim_is_name(const sdp_graph *g, const char *name); // a dimension name that a bare use of it means

#endif
