// SPDX-License-Identifier: MIT
// Numerical differentiation: what check.c (the judge) and differences.c (its numbers) share.
#ifndef SDP_DIFFERENCES_H
#define SDP_DIFFERENCES_H

#include "runtime/check/check.h"

// Where functions are evaluated: the signature of all that is asked for, and a point.
typedef struct {
    sdp_graph *g;
    sdp_signature s;
    sdp_point p;
} sdp_site;

// A variable that is moved: its place among the inputs (their number: it has none), entries,
// and columns of a matrix, else 0.
typedef struct {
    uint32_t input;
    sdp_id node;
    size_t count, n;
    uint32_t facts;
} sdp_moved;

// The derivative of a node by a variable, axes of the node then of the variable.
// Entries that do not move on their own have derivative 0.
typedef struct {
    size_t outer;          // entries of the node
    double *value, *error; // [outer * count], and Ridders' estimate of the error of each
    double noise, step;    // what rounding of the values does to their differences; the shortest of these
} sdp_differences;

// A function compiled for the sizes of the site, with room for its calls. Raw
// memory, freed by sdp_probe_close.
typedef struct {
    sd_function *f;
    size_t count;
    double *out, *work;
    double **in;
    const sd_binding *binding; // invented values of declared functions
} sdp_probe;

size_t sdp_site_count(const sdp_site *at, sdp_id id); // entries of a node
sdp_probe sdp_probe_open(sdp_site *at, sdp_id id);
int sdp_probe_call(sdp_probe *f);
void sdp_probe_close(sdp_site *at, sdp_probe *f);
sdp_moved sdp_moved_by(const sdp_site *at, uint32_t variable);

// false: some neighbour has no value
bool sdp_differentiate(sdp_site *at, sdp_id base, const sdp_moved *v, sdp_differences *d);
// Derivative i as far as quotients from both sides tell, and mixed directions, and how uncertain it is:
// infinitely if there is none. A kink has none, and no answer is wrong there; sqrt has none at 0.
typedef struct {
    double *slope, *off;
} sdp_slopes;
sdp_slopes sdp_find_slopes(sdp_site *at, sdp_id base, const sdp_moved *v);

#endif
