// SPDX-License-Identifier: MIT
// From a graph to a plan: values in order, what is asked at the end, roots, loops and places. dump.c shows it.
#ifndef SDP_SCHEDULE_H
#define SDP_SCHEDULE_H

#include "codegen/values/values.h"

void sdp_schedule_lower(sdp_schedule *s);
void sdp_schedule_guards(sdp_schedule *s);
void sdp_schedule_plan(sdp_schedule *s);
// JIT: a matrix product of two stored matrices, which the runtime does
bool sdp_is_gemm(const sdp_schedule *s, sdp_val v);
bool sdp_writes_once(const sdp_schedule *s,
                     sdp_val v); // a contraction that has all of an element's terms in its inner loops
void sdp_dump_schedule(sdp_graph *g, const sdp_signature *s, sdp_text *out);

#endif
