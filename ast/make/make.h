// SPDX-License-Identifier: MIT
// The one door that makes nodes. What goes in equal comes out identical: ast.h
// tells what the canonical form is.
//
// An algebra that normalises while it constructs is mutually recursive: sums make products make powers make
// sums. These are the only functions of the project that may call each other without regard to what a user
// can make large. Their contract:
//  1. A constructor makes nodes of nodes that exist, and returns one in canonical form; made again of its own
//     arguments it is itself.
//  2. Rewrites end. Those of rules.def lower the measure that it states (tests/test_rules.c). A step of a
//     product removes a factor, a label or an axis of a factor, or is taken once: merged branches, entries of
//     functions and pieces only after all others are done.
//  3. Questions make no nodes, but for three: sdp_is_symmetric and sdp_facts look at the transpose, which is
//     remembered, and sdp_is_broadcast makes the scalar that it returns.
//  4. Facts and bounds are read. What is not known fires nothing.
//  5. A constructor is entered at most SDP_ENTRIES times within one, whatever the size and depth of its
//     arguments: it looks at the tops of its arguments, and no chain of them is followed by recursion. Two
//     rewrites do follow chains: x[3] of sin(cos(..)) and sums of cases of `where`. They count in g->depth,
//     and beyond SDP_DEPTH leave things as they are. tests/test_entries.c counts.
#ifndef SDP_MAKE_H
#define SDP_MAKE_H

#include "ast/graph/ast.h"

enum { SDP_ENTRIES = SDP_DEPTH + 64 };

// ---- constructors: the only way to a node -----------------------------------------------------------------
sdp_id sdp_dim_value(sdp_graph *g, sdp_dim d); // the dimension as a scalar
sdp_id sdp_flip(sdp_graph *g, sdp_dim n);      // ones on the other diagonal: mul_flip.c
sdp_id sdp_sel(sdp_graph *g, int order, const sdp_dim *dim, const sdp_dim *offset_and_strides);
sdp_id sdp_mask(sdp_graph *g, sdp_dim rows, sdp_dim cols, int which);
sdp_id sdp_add(sdp_graph *g, uint32_t n, const sdp_num *coef, const sdp_id *term); // n >= 1, same axes
sdp_id sdp_add2(sdp_graph *g, sdp_id a, sdp_id b);
sdp_id sdp_sub(sdp_graph *g, sdp_id a, sdp_id b);
sdp_id sdp_scale(sdp_graph *g, sdp_num c, sdp_id a);
// ADD = content * primitive part, whose coefficients are coprime integers, the first positive. a must be an
// ADD.
sdp_id sdp_primitive_part(sdp_graph *g, sdp_id a, sdp_num *content);
// The einsum. labels: one per axis of each factor, in order; out: one per output axis. Any values below
// 255; ldim[l] must be given for labels that stand in no factor (ldim may be NULL if there are none).
sdp_id sdp_mul(sdp_graph *g, sdp_num coef, uint32_t n, const sdp_id *factor, const uint8_t *labels, int order,
               const uint8_t *out, const sdp_dim *ldim);
// The same, for people: sdp_es(g, coef, "ik,kj->ij", a, b). '@' stands for the leading axes of the factor at
// that place beyond the written ones (the seed axes of an adjoint); the same in the output.
sdp_id sdp_es(sdp_graph *g, sdp_num coef, const char *spec, ...);
sdp_id sdp_times(sdp_graph *g, sdp_id a, sdp_id b); // element-wise, scalars broadcast
sdp_id sdp_broadcast(sdp_graph *g, sdp_id scalar, int order, const sdp_dim *dim);
sdp_id sdp_ones(sdp_graph *g, int order, const sdp_dim *dim);
sdp_id sdp_zeros(sdp_graph *g, int order, const sdp_dim *dim); // the broadcast NUM 0
sdp_id sdp_eye(sdp_graph *g, sdp_dim n);
sdp_id sdp_identity_like(sdp_graph *g, sdp_id a); // delta over all axes of a, twice: the seed of an adjoint
sdp_id sdp_transpose(sdp_graph *g, sdp_id a);     // order 2: axes swapped; other orders: unchanged
sdp_id sdp_permute(sdp_graph *g, sdp_id a, const uint8_t *axis); // new axis i is old axis[i]
sdp_id sdp_power(sdp_graph *g, sdp_id base, sdp_id exponent);
sdp_id sdp_power_num(sdp_graph *g, sdp_id base, sdp_num exponent);
// op's arity; scalars are broadcast to the others' axes
sdp_id sdp_map(sdp_graph *g, int op, const sdp_id *arg);
sdp_id sdp_map1(sdp_graph *g, int op, sdp_id x);
sdp_id sdp_prim(sdp_graph *g, int op, uint32_t nargs, const sdp_id *arg, uint32_t param);
sdp_id sdp_sum(sdp_graph *g, sdp_id a, uint32_t axes); // sums over the axes in the bit mask
// node with its arguments replaced (same count and axes): goes through the same door
sdp_id sdp_rebuild(sdp_graph *g, sdp_id id, const sdp_id *arg);

// root[r] with each from[i] replaced by to[i], for all roots in one walk; and a single root
void sdp_substitute_all(sdp_graph *g, uint32_t nroots, sdp_id *root, uint32_t n, const sdp_id *from,
                        const sdp_id *to);
sdp_id sdp_substitute(sdp_graph *g, sdp_id a, uint32_t n, const sdp_id *from, const sdp_id *to);

// ---- facts ------------------------------------------------------------------------------------------------
// a scalar broadcast over all axes (order > 0)
bool sdp_is_broadcast(const sdp_graph *g, sdp_id a, sdp_id *scalar);
sdp_known sdp_facts(sdp_graph *g, sdp_id a);   // transpose.c
bool sdp_is_symmetric(sdp_graph *g, sdp_id a); // order 2, a' == a
// Returns x-y of x > y and y-x of x < y, which are positive (strict) or not negative where
// that holds; 0 if op is no order.
sdp_id sdp_ordered_difference(sdp_graph *g, int op, const sdp_id *arg, bool *strict);
// Returns the x of a scalar norm(x)^k, k < 0, or of such a power of x'*x, else 0.
sdp_id sdp_norm_power(sdp_graph *g, sdp_id id, long *k);
// Has the product m more factors x than it is divided by norm(x), its factor `at`? Then it is 0 where x = 0.
bool sdp_is_zero_at_zero_norm(sdp_graph *g, const sdp_node *m, uint32_t at);
// The MUL n with r, of the same axes or none, in the place of factor i
sdp_id sdp_with_factor(sdp_graph *g, const sdp_node *n, uint32_t i, sdp_id r);
// The MUL n with factors arg, of the same axes as its own, multiplied out at the sum arg[i]
sdp_id sdp_multiplied_out(sdp_graph *g, const sdp_node *n, const sdp_id *arg, uint32_t i);
// The sum of (A B)^2 multiplied out, A B A B; 0 if the node is no such sum of squares. Not canonical: to be
// shown. mul_network.c
sdp_id sdp_square_network(sdp_graph *g, sdp_id squares);

// Terms of a sum that are one by a row of terms.def: the terms at place[0..n-1] are coef*sum together. False:
// there are none. terms.c
typedef enum { SDP_TERMS_MADE, SDP_TERMS_READ, SDP_TERMS_SHORT } sdp_stage;
typedef struct {
    uint32_t n, place[SDP_FLAT_TERMS + 1];
    sdp_id sum;
    sdp_num coef;
} sdp_meeting;
bool sdp_terms_meet(sdp_graph *g, sdp_stage when, uint32_t n, const sdp_id *term, const sdp_num *coef,
                    sdp_meeting *m);
// The others, in their order, with the sum in the place of the first of those that
// met. Returns how many there are.
uint32_t sdp_terms_met(const sdp_meeting *m, uint32_t n, sdp_id *term, sdp_num *coef);
// Remembers for display in which order the n terms stand of which the sum has been made, if
// each of its arguments comes from one of them; coef: 1, or -1 of what was typed behind a
// minus, NULL: as the sum has them.
void sdp_note_terms(sdp_graph *g, sdp_id sum, uint32_t n, const sdp_num *coef, const sdp_id *term);

// Returns det(x) by its entries if x has two or three rows, else 0.
sdp_id sdp_small_determinant(sdp_graph *g, sdp_id x);

// ---- calls of abstract functions (call.c) -----------------------------------------------------------------
sdp_id sdp_call(sdp_graph *g, const sdp_derivative *d, const sdp_id *arg);
sdp_derivative sdp_derivative_of(const sdp_node *call);
bool sdp_call_is_symmetric(const sdp_graph *g, const sdp_node *call);
bool sdp_call_swaps(const sdp_graph *g, const sdp_node *call, int k); // may axes k and k + 1 change places?
// by function, order, arguments; 0: the same
int sdp_derivative_order(const sdp_derivative *a, const sdp_derivative *b);
int sdp_derivative_axes(const sdp_graph *g, const sdp_derivative *d); // how many
// and which: dim[SDP_MAX_ORDER + 2]
int sdp_derivative_dims(sdp_graph *g, const sdp_derivative *d, sdp_dim *dim);
// false: more than two axes
bool sdp_derivative_shape(const sdp_graph *g, const sdp_derivative *d, sdp_shape *shape);

// ---- templates (rules.c) ----------------------------------------------------------------------------------
// A template in the language, over the placeholders x, y, z, applied element-wise to n nodes: the derivative
// columns of the table and the right sides of rules. `text` must be a constant: it is compiled once.
sdp_id sdp_template(sdp_graph *g, const char *text, uint32_t n, const sdp_id *value);
// over the placeholder itself, without rules.def
sdp_id sdp_template_as_written(sdp_graph *g, const char *text);
// f(x), though a rule has something better for it: to be shown
sdp_id sdp_map_as_written(sdp_graph *g, int op, sdp_id x);

#endif
