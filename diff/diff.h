// SPDX-License-Identifier: MIT
// Derivatives of graphs: reverse mode (adjoints), forward mode (tangents).
#ifndef SDP_DIFF_H
#define SDP_DIFF_H

#include "ast/make/make.h"

// Adjoints: out[i] = d root / d wrt[i], axes (axes of root, axes of wrt[i]). One pass for all wrt.
void sdp_reverse(sdp_graph *g, sdp_id root, uint32_t n, const sdp_id *wrt, sdp_id *out);
// The same with a cotangent of root's shape in place of the identity: axes of wrt[i] alone.
void sdp_vjp(sdp_graph *g, sdp_id root, sdp_id cotangent, uint32_t n, const sdp_id *wrt, sdp_id *out);
// Tangents: out[r] = sum_i (d root[r] / d wrt[i]) direction[i], axes of root[r]. Forward mode, one pass for
// all roots; or one root.
void sdp_jvp_all(sdp_graph *g, uint32_t nroots, const sdp_id *root, uint32_t n, const sdp_id *wrt,
                 const sdp_id *direction, sdp_id *out);
sdp_id sdp_jvp(sdp_graph *g, sdp_id root, uint32_t n, const sdp_id *wrt, const sdp_id *direction);
// The pullback of one PRIM node: adjoints of its arguments from `adj` (seed axes, node axes). pullback.c
void sdp_pullback(sdp_graph *g, sdp_id id, sdp_id adj, sdp_id *arg_adj); // 0: no derivative by that argument
// The adjoint of X from that of the POW v^e, v = vecnorm(X) and a number e > 2: e v^(e-2) X'dX. One by one, e
// v^(e-1) and X/v, would be 0/0 where v is 0: squares of v are sums of squares of X. 0: it is none.
sdp_id sdp_pull_norm_power(sdp_graph *g, const sdp_node *pow, sdp_id adj);
// Can the entries move one by one, so that two of them are equal in a kink only?
bool sdp_entries_are_apart(sdp_graph *g, sdp_id id, uint32_t axes);

// Structure of the variable that a derivative by it shares: its facts that make a linear space. structure.c
uint32_t sdp_linear_structure(sdp_graph *g, sdp_id variable);
// d, whose last axes are those of the variable, brought into that space.
sdp_id sdp_project(sdp_graph *g, sdp_id d, sdp_id variable, sd_symmetric convention);
// "d/dX is symmetric, (G+G')/2": what to tell the user, or NULL
const char *sdp_convention(sdp_graph *g, sdp_id variable, sd_symmetric convention);

// pullback.c, pullback_matrix.c: what rows of PRIM name as PULL stores the adjoint of
// argument k of the node n = id in arg[k].
typedef void sdp_pull(sdp_graph *g, sdp_id id, const sdp_node *n, sdp_id adj, sdp_id *arg);
#define PULL(f)                                              sdp_pull_##f
#define PRIM(id, name, least, most, shape, lower, pull, ...) sdp_pull pull;
#include "ast/graph/ops.def"
#undef PULL
// The tangent of expm, sqrtm, logm, powm, polar and sylvester; 0: no such function
bool sdp_is_matrix_function(const sdp_node *n); // one of expm, sqrtm, logm, powm
// of each argument, 0: none
sdp_id sdp_push_function(sdp_graph *g, sdp_id y, const sdp_node *n, const sdp_id *tangent);

// Local derivatives that forward and reverse mode share. local.c
// The derivative of a CALL by its argument k: its own axes, then those of the argument.
sdp_id sdp_call_derivative(sdp_graph *g, const sdp_node *call, uint32_t k);
sdp_id sdp_seeded_times(sdp_graph *g, sdp_id a, sdp_id d); // (seeds, axes) .* (axes or scalar)
sdp_id sdp_power_by_base(sdp_graph *g, const sdp_node *pow);
sdp_id sdp_power_by_exponent(sdp_graph *g, sdp_id pow);
sdp_id sdp_map_derivative(sdp_graph *g, const sdp_node *map, uint32_t argument);
_Noreturn void sdp_no_derivative(sdp_graph *g, const sdp_node *n, uint32_t argument);

#endif
