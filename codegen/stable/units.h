// SPDX-License-Identifier: MIT
// Units of the nodes of a graph, found like units of measurement. Internal to
// stable/units.c and stable/scale.c.
//
// An ARRAY is a variable, or a value that is not homogeneous in others (X*w-y). All else is made of arrays by
// products, powers and homogeneous functions: if every array x becomes 2^e x, the node becomes 2^(sum of w e)
// times itself. Its units are these w.
#ifndef SDP_UNITS_H
#define SDP_UNITS_H

#include "codegen/stable/stable.h"

enum { SDP_MOST_UNITS = 4, SDP_WHOLE = 255 };

// A factor 2^(w e): e stands for the exponent of array `of`, along an axis of the node or as a SDP_WHOLE.
typedef struct {
    sdp_id of;
    sdp_num w;
    uint8_t axis;
} sdp_unit;
typedef struct {
    uint8_t n;
    sdp_unit of[SDP_MOST_UNITS];
} sdp_units;

typedef struct {
    sdp_graph *g;
    const sdp_id *ids;
    uint32_t count;
    sdp_units *has; // by id
    bool *array;    // by id
    bool *exempt;   // by id: variables that have no unit
    bool *inside;   // by id: roots of arrays of which other functions have a product or a norm, sin(X*w)
    sdp_id *same;   // by id: arrays that have one exponent, a forest
} sdp_measure;

void sdp_measure_units(sdp_measure *w, sdp_graph *g, uint32_t count, const sdp_id *ids); // in scratch
// the same for arrays of one exponent
sdp_id sdp_unit_root(sdp_measure *w, sdp_id array);
// false: there are too many
bool sdp_add_unit(sdp_measure *w, sdp_units *u, sdp_unit x);
// a square, or a quotient by one
bool sdp_is_high(const sdp_graph *g, sdp_num w);
// The units of a node from those of its arguments; false: it is not homogeneous in them. inside: those that
// stay with a MUL, by label.
bool sdp_units_of(sdp_measure *w, const sdp_node *n, sdp_units *u, sdp_units *inside);
// argument i has no say in the units of n
bool sdp_is_neutral(const sdp_measure *w, const sdp_node *n, uint32_t i);
const sdp_homogeneous *sdp_homogeneous_function(const sdp_node *n); // NULL: none
uint32_t sdp_kept_axes(const sdp_node *n, uint32_t order);          // of argument 0 of a MAP or PRIM

#endif
