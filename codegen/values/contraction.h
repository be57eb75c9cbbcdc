// SPDX-License-Identifier: MIT
// A contraction on its way to values: its factors, and the tree in which they are joined. choose.c finds the
// tree, contract.c makes values.
#ifndef SDP_CONTRACTION_H
#define SDP_CONTRACTION_H

#include "codegen/values/values.h"

enum {
    SDP_EXACT = 9,
    SDP_MOST_JOINED = 2 * SDP_MAX_FACTORS,
    SDP_ALL_FACTORS = 4 * SDP_MOST_JOINED
}; // 3^SDP_EXACT joins are looked at

// A node of the tree: a factor, or the join of two earlier nodes, as the list of factors whose product it is.
typedef struct {
    uint64_t labels;  // that it shows (greedy choice)
    uint64_t members; // the original factors in it
    uint32_t left, right, nlist;
    bool known; // not a join: a value that has been made already is its only factor
    uint32_t list[SDP_MOST_JOINED];
} sdp_join;

typedef struct {
    sdp_schedule *s;
    const sdp_dim *ldim;
    double size[SDP_MAX_LABELS];
    uint64_t out;
    sdp_val factor[SDP_ALL_FACTORS]; // the factors, then the tensors made on the way
    const sdp_ix *ix[SDP_ALL_FACTORS];
    uint64_t labels[SDP_ALL_FACTORS];
    uint32_t nfactors, noriginal; // the original ones come first
    sdp_join node[SDP_ALL_FACTORS];
    uint32_t nnodes;
} sdp_contraction;

uint32_t sdp_contraction_factor(sdp_contraction *c, sdp_val v, const sdp_ix *ix); // its number
// The cheapest tree over the factors: over all subsets if there are few, else
// greedily. The number of its root.
uint32_t sdp_contraction_choose(sdp_contraction *c);

#endif
