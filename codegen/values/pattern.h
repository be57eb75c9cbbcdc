// SPDX-License-Identifier: MIT
// Where a matrix may have entries other than 0, and arrays of which it is made there: pattern.c.
#ifndef SDP_PATTERN_H
#define SDP_PATTERN_H

#include <stdint.h>

#include "ast/graph/ast.h"

// A part is an array of which every entry is added to one place of the compressed matrix, or to none (-1).
typedef struct {
    sdp_id node;
    uint32_t count; // entries
    const int *place;
} sdp_pattern_part;

// A matrix in compressed form: the entries of line k are start[k] to start[k+1]-1, and index tells
// where they stand in the line. Lines are rows, or columns (CSR and CSC). What is not listed is 0
// for all values of the variables.
typedef struct {
    long rows, columns, entries;
    bool by_columns;
    const int *start, *index;
    uint32_t nparts;
    const sdp_pattern_part *part;
} sdp_pattern;

// Of a node with two axes at sizes (by atom; 0: not known). `name` is what messages call it. Fails with a
// name where a size is not known, where the matrix is 0, and where nothing tells that an entry is 0.
// by_columns: CSC, and parts are column-major. In scratch.
sdp_pattern sdp_pattern_of(sdp_graph *g, sdp_id matrix, const char *name, const long *size, bool by_columns);

#endif
