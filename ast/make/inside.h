// SPDX-License-Identifier: MIT
// The functions that the constructors share. No other room may include this file.
#ifndef SDP_INSIDE_H
#define SDP_INSIDE_H

#include "ast/graph/graph.h"
#include "ast/make/make.h"

// mul.c: the MUL of factors already in canonical form: sorts, numbers labels, interns.
sdp_id sdp_mul_raw(sdp_graph *g, sdp_num coef, uint32_t n, const sdp_id *factor, const uint8_t *labels,
                   int order, const uint8_t *out, const sdp_dim *ldim);
// orient.c: the permutation of a that stands for all of them in a product; its axis k is axis[k] of a.
sdp_id sdp_orient(sdp_graph *g, sdp_id a, uint8_t *axis, sdp_num *sign);
sdp_id sdp_oriented(sdp_graph *g, sdp_id a); // a itself, as a permutation of that
// first[k]: the first of the neighbouring axes that are interchangeable with axis k (k itself if none is).
void sdp_symmetries(sdp_graph *g, sdp_id a, uint8_t *first);
enum { SDP_CONSTANT_AXIS = 255 };
// spread.c: do all these nodes, of the same axes, repeat some of them in the same way? (See there for `to`.)
bool sdp_spread(sdp_graph *g, uint32_t n, const sdp_id *a, uint8_t *to);
// the same, for constant axes alone
bool sdp_constant_axes(sdp_graph *g, uint32_t n, const sdp_id *a, uint8_t *to);
sdp_id sdp_gather(sdp_graph *g, sdp_id a, const uint8_t *to); // a without what it repeats
sdp_id sdp_scatter(sdp_graph *g, sdp_id a, const uint8_t *to, int order, const sdp_dim *dim); // and back
// n = scatter(sum): that sum, or NULL
const sdp_node *sdp_scattered_sum(const sdp_graph *g, const sdp_node *n, uint8_t *to);
// add.c: a = coef * unit, a unit with coefficient 1. A sum is its own unit.
sdp_id sdp_unit_part(sdp_graph *g, sdp_id a, sdp_num *coef);
// add_cases.c: joins terms with one condition. Their coefficients become 0, the sums are the
// first of `term`; how many there are
uint32_t sdp_join_cases(sdp_graph *g, uint32_t n, sdp_num *coef, sdp_id *term);
// add.c: is a = op(arg), perhaps with its axes permuted? Then arg has the axes in the order of a.
bool sdp_as_map(sdp_graph *g, int op, sdp_id a, sdp_id *arg);
// power.c: base^a * base^b = base^sum; false if the two can't be merged.
bool sdp_exponents_add(sdp_graph *g, sdp_id base, sdp_id a, sdp_id b, sdp_id *sum);
// map.c: the exact number that a function has at numbers, 0 if there is none. A logarithm of 0 is an error.
sdp_id sdp_fold_constant(sdp_graph *g, int op, uint32_t n, const sdp_id *arg);
// prim.c: the PRIM as it stands.
sdp_id sdp_prim_raw(sdp_graph *g, int op, uint32_t nargs, const sdp_id *arg, uint32_t param);
// matrix_power.c
sdp_id sdp_matrix_power(sdp_graph *g, sdp_id x, sdp_id exponent);
sdp_id sdp_function_of_power(sdp_graph *g, int op, sdp_id x); // 0: no simpler
// expm, logm, sqrtm of diagonal matrices, expm of nilpotent blocks; 0: no simpler
sdp_id sdp_function_known(sdp_graph *g, int op, sdp_id x);
// structure.c: 0 if nothing is known that helps.
sdp_id sdp_structured_inverse(sdp_graph *g, sdp_id x);
sdp_id sdp_structured_determinant(sdp_graph *g, int op, sdp_id x);
sdp_id sdp_structured_adjugate(sdp_graph *g, sdp_id x); // of a diagonal matrix; 0: of another
sdp_id sdp_adjugate_diagonal(sdp_graph *g, sdp_id x);   // of a triangular matrix
sdp_id sdp_structured_norm(sdp_graph *g, sdp_id x, uint32_t axes);
// y of the same norm along the axis: x = Q*y, Q orthogonal
sdp_id sdp_without_rotation(sdp_graph *g, sdp_id x, int axis);

// rules.c: rewrites of a MAP about to be made; 0 if none applies.
sdp_id sdp_rewrite_map(sdp_graph *g, int op, const sdp_id *arg);
sdp_id sdp_rewrite_log(sdp_graph *g, sdp_id x);                // log.c: of log(x)
uint32_t sdp_placeholder(sdp_graph *g, const char *name);      // the hidden variable of x, y or z
sdp_id sdp_log_softmax(sdp_graph *g, sdp_id x, uint32_t axes); // x - logsumexp(x) along the axes

// The arguments of a constructor, which come first in the key with its name. memo.c
enum { SDP_MEMO_WORDS = 26, SDP_MADE_MUL = 1, SDP_MADE_ADD, SDP_MADE_POW };
typedef struct {
    uint32_t n, word[SDP_MEMO_WORDS];
    bool full;
} sdp_key; // full: too long to be remembered
static inline void sdp_key_put(sdp_key *k, uint32_t word)
{
    if (k->n == SDP_MEMO_WORDS) k->full = true;
    else k->word[k->n++] = word;
}
sdp_id sdp_memo_find(sdp_graph *g, const sdp_key *k);            // 0: not known
sdp_id sdp_memo_keep(sdp_graph *g, const sdp_key *k, sdp_id id); // returns id

#endif
