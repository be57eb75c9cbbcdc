// SPDX-License-Identifier: MIT
// From a graph to a plan: values in order, what is asked at the end, roots, loops and places. dump.c shows it.
#ifndef SDP_SCHEDULE_H
#define SDP_SCHEDULE_H

#include "codegen/values/values.h"

typedef enum { SDP_AT_NOWHERE, SDP_AT_INPUT, SDP_AT_OUTPUT, SDP_AT_WORK, SDP_AT_LOCAL, SDP_AT_CELL } sdp_at;

// What the plan knows of a value.
typedef struct {
    bool live, root, forced;
    bool regular;                        // FACTOR: something divides by it, so a singular matrix is an error
    bool shared;                         // read in several roots, or at several places of one
    bool repeated;                       // would be computed for every turn of a contraction's loop that it does not depend on
    bool accumulated;                    // part of the loops of `into`: its carrier, or added to an ADD's buffer
    sdp_val carrier;                     // a contraction whose sum is a local inside the loops of this root
    uint8_t sum_from;                    // EINSUM roots: loops from here on are inside all loops of the output
    sdp_val into, home;                  // home: the root that computes it inside its loops
    const sdp_ix *map;                   // [order] its axes in the labels of home
    sdp_val last;                        // last root that reads it
    uint32_t uses, depth, cost, inlined; // inlined: values inside a root
    uint8_t nloops;
    const uint8_t *loop; // EINSUM roots: labels, outermost first
    sdp_at at;
    uint32_t index; // number of the input, output, buffer, local or cell
    uint32_t failed; // of what has a guard: the number of its status
} sdp_place;

typedef struct {
    sdp_dim size;
} sdp_buffer;
typedef struct sdp_plan {
    sdp_place *place; // by value
    sdp_buffer *buffer;
    uint32_t nbuffers, buffer_cap;
    uint32_t nlocals, ncells;
} sdp_plan;

typedef struct sdp_guards {
    sdp_val *guard;    // by value that may fail: whether that matters (a scalar); 0: always
    uint32_t nguarded; // values from here on are made for guards
} sdp_guards;


void sdp_schedule_lower(sdp_schedule *s, const sdp_id *output); // output: the graph's, after the passes over it
void sdp_schedule_guards(sdp_schedule *s);
void sdp_schedule_plan(sdp_schedule *s);
// A product of two stored matrices, with a stored vector on the diagonal between them: a call of sd_gemm
bool sdp_is_gemm(const sdp_schedule *s, sdp_val v);
bool sdp_writes_once(const sdp_schedule *s,
                     sdp_val v); // a contraction that has all of an element's terms in its inner loops
void sdp_put_plan(const sdp_schedule *s, sdp_text *out); // --dump=schedule

#endif
