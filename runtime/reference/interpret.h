// SPDX-License-Identifier: MIT
// The state of the reference evaluator. Internal to interpret*.c.
#ifndef SDP_INTERPRET_H
#define SDP_INTERPRET_H

#include "runtime/reference/reference.h"

typedef struct {
    sdp_graph *g;
    const sdp_signature *s;
    const long *size;
    const double *const *in;
    double **value; // by node
    size_t *count;  // by node: its entries
    bool **off;     // by node: entries that are 0 by form, as a branch that is 0 was taken; NULL: none
    int *failed;    // by node: the status of a primitive that has no value
    sdp_id now;     // the node that is run
    bool fails;
    uint64_t work, *budget; // operations; how many are left, NULL: a fixed limit, whose error names it
    bool exhausted;         // the budget is, and there are no values
    uint64_t *jitter;       // state of the random relative errors that are put on every result; NULL: none
    bool lenient;           // NAN instead of an error
} sdp_machine;

void sdp_charge(sdp_machine *m, size_t work); // counts operations

// interpret.c, interpret_matrix.c: what rows of PRIM name as REFERENCE computes a primitive from its
// definition; it returns 0 or a row of status.def.
typedef int sdp_reference(sdp_machine *m, const sdp_node *n, double *out);
#define REFERENCE(f)                                                            sdp_reference_##f
#define PRIM(id, name, least, most, shape, lower, pull, kernel, reference, ...) sdp_reference reference;
#include "ast/graph/ops.def"
#undef REFERENCE

// ---- interpret_where.c ------------------------------------------------------------------------------------
// A factor that is 0 by form makes 0 of a product, whatever the others are: 0*inf does not arise.
static inline bool sdp_is_off(const sdp_machine *m, sdp_id id, size_t entry)
{
    return m->off[id] && m->off[id][entry];
}
bool sdp_is_undecided(const sdp_node *n, const double *arg); // a condition on NaN, or `where` with such a one
void sdp_mark_off(sdp_machine *m, const sdp_node *n, size_t count); // of a sum or function that was run
void sdp_judge(const sdp_machine *m, uint32_t n, const sdp_id *output, uint32_t count, const sdp_id *ids);

// ---- interpret_noise.c ------------------------------------------------------------------------------------
void sdp_disturb(sdp_machine *m, const sdp_node *n, double *out, size_t count); // a result of the node

#endif
