// SPDX-License-Identifier: MIT
// Sizes as polynomials in the names of dimensions, and their values. Nothing here needs a graph.
#ifndef SDP_SIZES_H
#define SDP_SIZES_H

#include "ast/graph/ast.h"

typedef struct {
    uint32_t n;
    const sdp_dim_term *term; // their sum; atoms are numbered from 0
} sdp_size;

// Sizes are added as doubles, which are exact up to here.
#define SDP_LARGEST_SIZE ((double)LONG_MAX < 9e15 ? (double)LONG_MAX : 9e15)

// The value at value[atom], but x for the atom `unknown` (UINT32_MAX: none).
double sdp_size_value(sdp_size p, const long *value, uint32_t unknown, double x);
// How many atoms have the value 0, which is: not known yet; 2 stands for any more.
// With 1, which and its highest power.
uint32_t sdp_size_unknowns(sdp_size p, const long *value, uint32_t *atom, uint32_t *degree);
// The integer x >= 1 for the atom at which p is `size`; 0: there is none.
long sdp_size_solve(sdp_size p, const long *value, uint32_t atom, uint32_t degree, long size);
// Finds the sizes that an array can give to a place with rows and columns, with one of them, or with none: 2,
// 1 or 0 numbers in axis[]. An array fits a vector if it has one axis longer than 1, wherever that is.
// Returns false if it does not fit.
bool sdp_sizes_of(const sd_array *a, int axes, bool as_row, size_t axis[2]);

#endif
