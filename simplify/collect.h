// SPDX-License-Identifier: MIT
// Collecting the factors that terms of a sum share: what collect.c and common.c pass to each other.
#ifndef SDP_COLLECT_H
#define SDP_COLLECT_H

#include "simplify/simplify.h"

enum { SDP_LABELS = 64 };

// A term as an einsum, apart
typedef struct {
    sdp_num coef;
    uint32_t n;
    sdp_id factor[SDP_MAX_FACTORS];
    uint8_t label[SDP_MAX_FACTORS][SDP_MAX_ORDER];
    uint8_t out[SDP_MAX_ORDER];
    bool opaque; // too long to be looked into: kept as node
    sdp_id node;
} sdp_factors;

// A sum while its terms are collected
typedef struct {
    sdp_graph *g;
    sdp_tokens *size;
    int order;
    const sdp_dim *dim;
    sdp_factors *t;
    uint32_t n;
    bool inside; // a product: the parentheses are there anyway
} sdp_collector;

// Terms. factors.c
sdp_factors sdp_take_apart(sdp_graph *g, sdp_num coef, sdp_id id);
sdp_id sdp_build_product(sdp_graph *g, sdp_num coef, const sdp_factors *p, const bool *keep, int order,
                         const uint8_t *out, const sdp_dim *ldim);
// Sums. collect.c
sdp_id sdp_collect_inner(sdp_collector *c, sdp_id sum);

// The common factors of terms. common.c
sdp_id sdp_separate(sdp_collector *c, const sdp_factors *p); // without its coefficient
// the same node, whatever its labels
bool sdp_share_tensor(const sdp_graph *g, const sdp_factors *a, const sdp_factors *b);
// a becomes a + b with what they share outside: how many tokens that is; 0: nothing that is worth it.
// loose: a vector beside matrices counts for more than its name
uint32_t sdp_join(sdp_collector *c, sdp_factors *a, const sdp_factors *b, bool loose);

#endif
