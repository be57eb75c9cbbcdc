// SPDX-License-Identifier: MIT
// From a graph to a plan: values in order, what is asked at the end, roots,
// loops and places. dump.c shows it.
#ifndef SDP_SCHEDULE_H
#define SDP_SCHEDULE_H

#include "codegen/values/values.h"

typedef enum { SDP_AT_NOWHERE, SDP_AT_INPUT, SDP_AT_OUTPUT, SDP_AT_WORK, SDP_AT_LOCAL, SDP_AT_CELL } sdp_at;

// The facts that the plan knows about a value.
typedef struct {
    bool live, root, forced;
    bool regular; // FACTOR: something divides by it, so a singular matrix is an error
    bool shared;  // read in several roots, or at several places of one
    // would be computed for every turn of a contraction's loop that it does not depend on
    bool repeated;
    // part of the loops of `into`: its carrier, or added to an ADD's buffer
    bool accumulated;
    sdp_val carrier; // a contraction whose sum is a local inside the loops of this root
    // EINSUM roots: loops from here on are inside all loops of the output
    uint8_t sum_from;
    sdp_val into, home;                  // home: the root that computes it inside its loops
    const sdp_ix *map;                   // [order] its axes in the labels of home
    sdp_val last;                        // last root that reads it
    uint32_t uses, depth, cost, inlined; // inlined: values inside a root
    uint8_t nloops;
    const uint8_t *loop; // EINSUM roots: labels, outermost first
    sdp_at at;
    uint32_t index;  // number of the input, output, buffer, local or cell
    uint32_t failed; // of what has a guard: the number of its status
} sdp_place;

typedef struct {
    sdp_dim size;
} sdp_buffer;
typedef struct sdp_plan {
    sdp_place *place; // by value
    // by output: number + 1 of the buffer that takes its place if it is not wanted, for others that need it
    uint32_t *spare;
    sdp_buffer *buffer;
    uint32_t nbuffers, buffer_cap;
    uint32_t nlocals, ncells;
} sdp_plan;

// Sets of outputs by numbers, and what is computed only for some of them. wanted.c
enum { SDP_ALL_WANTED = 0 };
typedef struct sdp_wanted {
    bool optional; // outputs may be NULL; else one bit stands for all of them
    uint32_t bits, words, nsets, set_cap, table_cap;
    uint64_t *set; // [nsets][words]
    uint32_t *table;
    uint32_t *of;   // by value: the set of outputs that need it
    bool *outlives; // by value: a local that is read outside the block in which it is computed
} sdp_wanted;

typedef struct sdp_guards {
    // by value that may fail: whether that matters (a scalar); 0: always, wherever it is computed
    sdp_val *guard;
    uint32_t nguarded; // values from here on are made for guards
} sdp_guards;

// How a value of a function is computed whose axis `atom` is split over ranks: shard.c
enum {
    SDP_REPLICATED,
    SDP_LOCAL,
    SDP_PARTIAL_SUM, // partial: the operation that joins what ranks have found
    SDP_PARTIAL_MAX,
    SDP_PARTIAL_MIN,
    SDP_PARTIAL_PROD,
    SDP_PARTIAL_NORM,
    SDP_SHARD_KINDS
};
typedef struct sdp_shard {
    uint32_t atom;
    sdp_dim dim;     // that atom
    uint8_t *how;    // by value
    uint32_t *level; // by value: how often ranks join before it can be computed
    uint32_t levels; // the largest of those
    bool counts;     // the size of the whole axis is asked for
    uint32_t packed; // number + 1 of the buffer in which values are joined, if there are several
    sdp_val *joined; // partial values in ascending order of level and how; of one join as they are computed
    uint32_t *start; // by join: its first one in `joined`
} sdp_shard;
void sdp_schedule_shard(sdp_schedule *s);
void sdp_shard_guards(sdp_schedule *s); // after guards
bool sdp_is_partial(const sdp_schedule *s, sdp_val v);
uint32_t sdp_shard_level(const sdp_schedule *s, sdp_val v);
void sdp_shard_joins(sdp_schedule *s); // finds them, once it is known what is live
// The n values that are joined at the end of this level by the operation of `how`
const sdp_val *sdp_joined(const sdp_schedule *s, uint32_t level, int how, uint32_t *n);

// output: the graph's, after the passes over it
void sdp_schedule_lower(sdp_schedule *s, const sdp_id *output);
sdp_val sdp_lower_prodexcept(sdp_schedule *s, const sdp_node *n); // prodexcept.c
void sdp_wanted_start(sdp_schedule *s);
void sdp_schedule_guards(sdp_schedule *s);
void sdp_schedule_plan(sdp_schedule *s);
uint32_t sdp_wanted_bit(const sdp_schedule *s, uint32_t output);
const uint64_t *sdp_wanted_set(const sdp_schedule *s, uint32_t number);
bool sdp_wanted_has(const sdp_schedule *s, uint32_t number, uint32_t bit);
uint32_t sdp_wanted_number(sdp_schedule *s, const uint64_t *set); // of a set, the same for equal ones
void sdp_wanted_values(sdp_schedule *s);                          // which outputs need a value, with guards
void sdp_wanted_blocks(sdp_schedule *s);
// A product of two stored matrices, with a stored vector on the diagonal between them, or a batch of
// products: calls of sd_gemm. gemm.c
typedef struct {
    uint32_t matrix[2], vector; // numbers of the factors; vector: that of none if there is none
    uint8_t row, column, sum;   // labels
    uint32_t nbatch;
    uint8_t batch[SDP_MAX_ORDER];
} sdp_gemm;
bool sdp_gemm_of(const sdp_schedule *s, sdp_val v, sdp_gemm *m);
bool sdp_is_gemm(const sdp_schedule *s, sdp_val v);
bool sdp_writes_once(const sdp_schedule *s,
                     sdp_val v); // a contraction that has all of an element's terms in its inner loops
void sdp_put_plan(const sdp_schedule *s, sdp_text *out); // --dump=schedule

#endif
