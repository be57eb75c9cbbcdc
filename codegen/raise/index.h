// SPDX-License-Identifier: MIT
// Declarations shared by the two files of index notation: the form in which the factors of a product are
// written. Every factor is an entry of its own, e.g. A[i,p], or part of a matrix expression that is
// subscripted as a whole, e.g. (A*B)[i,k].
#ifndef SDP_INDEX_H
#define SDP_INDEX_H

#include "codegen/raise/notation.h"

typedef struct {
    sdp_rid whole; // a matrix expression with these labels, or 0: the factor
    uint8_t order, label[2];
    uint32_t factor;
    // items with the same number stand side by side, under one sum over the labels they share
    uint32_t sum;
} sdp_index_item;

typedef struct {
    sdp_index_item *item;
    uint32_t nitems;
    bool summed[SDP_MAX_LABELS]; // by name
    uint32_t sum_of[SDP_MAX_LABELS];
} sdp_index_plan;

// rank: letter of each output label, by which the two axes of a part are put in order. index_group.c
sdp_index_plan *sdp_index_group(sdp_raiser *r, const sdp_node *n, const uint16_t *rank);

#endif
