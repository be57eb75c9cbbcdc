// SPDX-License-Identifier: MIT
// Is a graph zero? By exact values at random points over a finite field. equal.c
#ifndef SDP_ZERO_H
#define SDP_ZERO_H

#include "ast/make/make.h"

typedef enum { SDP_FIELD_EQUAL, SDP_FIELD_DIFFERENT, SDP_FIELD_UNDECIDED } sdp_verdict;
typedef struct {
    sdp_verdict verdict;
    uint32_t points;
    long *smallest, *largest; // sizes that were used, by atom, 0: none; in scratch
} sdp_field_report;
// work: multiply-adds at most
void sdp_field_zero(sdp_graph *g, sdp_id id, uint64_t work, sdp_field_report *r);
// is no index of a graph beyond these sizes?
bool sdp_indices_fit(sdp_graph *g, uint32_t n, const sdp_id *id, const long *size);
bool sdp_vanishes(sdp_graph *g, sdp_id id); // is it 0 at random points, and so everywhere?
// fails with SD_ERR_INTERNAL if a value has changed
void sdp_guard(sdp_graph *g, sdp_id before, sdp_id after);

#endif
