// SPDX-License-Identifier: MIT
// Everything that exists because doubles are not real numbers: what must not be computed as it is written.
#ifndef SDP_STABLE_H
#define SDP_STABLE_H

#include "codegen/values/values.h"

// A hidden variable: node times 2^-exponent along an axis or (255) as a whole; exponent
// 0: the exponent of the node itself
typedef struct {
    uint32_t variable;
    sdp_id node, exponent;
    int range;
    uint8_t axis;
} sdp_scaled;

// The results that these passes keep for lowering.
typedef struct sdp_stable {
    const struct sdp_expansions *expansions; // series of nodes
    struct sdp_jets *jets;                   // with parameters
    // by graph id: of products that have a limit, which their factors have not
    bool *by_series;
    sdp_parts *parts; // by graph id: of sums that are computed from parts
    sdp_scaled *scaled;
    uint32_t nscaled, scaled_cap;
    // by graph id: it is by*value, even: no term of which is tiny; NULL, value 0: as it is
    struct sdp_reduced {
        sdp_val value;
        sdp_num by;
        bool even;
    } * reduced;
} sdp_stable;

// Bottom up, `nested` until nothing changes, a few times at most, then `last`; the roots, in scratch
const sdp_id *sdp_rewrite_nested(sdp_graph *g, uint32_t n, const sdp_id *output, sdp_rewriter nested,
                                 sdp_rewriter last);
// sums of placed pieces multiplied out; in scratch
const sdp_id *sdp_schedule_pieces(sdp_graph *g, uint32_t n, const sdp_id *output);
// The series of all nodes below some outputs, in scratch: found once, and again
// only for outputs that are others.
typedef struct {
    const sdp_id *output;
    const struct sdp_expansions *expansions;
    struct sdp_jets *jets;
} sdp_series_found;
void sdp_find_series(sdp_graph *g, uint32_t n, const sdp_id *output, sdp_series_found *found);
// f(u)-f(v) without cancellation; in scratch
const sdp_id *sdp_schedule_differences(sdp_graph *g, uint32_t n, const sdp_id *output,
                                       sdp_series_found *found);
// logarithms and quotients of sums of exponentials: of few terms, and over axes; in scratch
const sdp_id *sdp_schedule_mixtures(sdp_graph *g, uint32_t n, const sdp_id *output);
const sdp_id *sdp_schedule_sums_of_exp(sdp_graph *g, uint32_t n, const sdp_id *output);
// what would leave the range of double; in scratch
const sdp_id *sdp_schedule_scaled(sdp_schedule *s, uint32_t n, const sdp_id *output,
                                  const sdp_series_found *found);
// what cancels near 0: which nodes have a series
void sdp_schedule_series(sdp_schedule *s, uint32_t n, const sdp_id *output, sdp_series_found *found);
const sdp_scaled *sdp_scaled_variable(const sdp_schedule *s, sdp_id id); // that it made; NULL: another node
sdp_val sdp_lower_scaled(sdp_schedule *s, sdp_id id);                    // its value; 0: another node
bool sdp_is_scaled(const sdp_schedule *s, sdp_id x);
// an ADD of these terms; 0: nothing to join
sdp_id sdp_join_sums(sdp_graph *g, const sdp_node *n, const sdp_id *arg);
// x/sqrt(x^2+v) for the factor at
void sdp_split_by_root(sdp_schedule *s, const sdp_node *n, uint32_t at, sdp_parts *p);
// of a MUL, scaled by norms
sdp_parts *sdp_factor_parts(sdp_schedule *s, const sdp_node *n);
sdp_val sdp_lower_logsumexp(sdp_schedule *s, sdp_val x, uint32_t mask);
sdp_val sdp_lower_softmax(sdp_schedule *s, sdp_val x, uint32_t mask);
// A term of a sum: its large part and n small ones; large 0 or n 0: it is not split. when:
// codegen/stable/split.c
typedef struct {
    sdp_val large, small[SDP_MOST_SPLIT];
    uint32_t n;
    int when;
} sdp_split_term;
void sdp_find_reduced(sdp_schedule *s, uint32_t n, const sdp_id *ids); // of these nodes; s->nodes is known
// 0: no constant is beyond the range of the numbers
sdp_val sdp_lower_reduced(sdp_schedule *s, sdp_id id);
bool sdp_is_split(int op); // is a function computed from parts in sums?
void sdp_join_maxima(sdp_schedule *s, const sdp_node *n, sdp_split_term *t, sdp_val *large, sdp_num *coef);
sdp_val sdp_lower_root(sdp_schedule *s, const sdp_node *n); // 0: as it is written
sdp_val sdp_lower_power_of_sum(sdp_schedule *s, sdp_id id); // 0: as it is written
// of the factors of a product with such a power
void sdp_scale_powers(sdp_schedule *s, const sdp_node *n, sdp_parts *p);
sdp_val sdp_lower_log(sdp_schedule *s, const sdp_node *n); // 0: as it is written
sdp_val sdp_lower_split_sum(sdp_schedule *s, sdp_id id);   // 0: nothing in it cancels
// does this product, as the vector does?
bool sdp_vanishes_with(const sdp_schedule *s, const sdp_node *n, sdp_id vector);
// direct: nothing in it cancels
sdp_val sdp_node_by_series(sdp_schedule *s, sdp_id id, sdp_val direct);
// the factors in the mask; also of value[nargs]
const sdp_node *sdp_product_without(sdp_schedule *s, const sdp_node *n, uint32_t gone, sdp_val *value);
// value[nargs]: of factors that stand for several
const sdp_node *sdp_product_by_series(sdp_schedule *s, sdp_id id, sdp_val *value);

#endif
