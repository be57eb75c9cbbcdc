// SPDX-License-Identifier: MIT
// The vec form of a derivative: what its sums (vec_form.c) and their terms (vec_term.c) share.
#ifndef SDP_VEC_H
#define SDP_VEC_H

#include "codegen/raise/notation.h"

// The axes of the tensor that number the rows and the columns of the matrix: one or two each, the first runs
// fastest. For a term, its labels in place of axes.
typedef struct {
    int rows, cols;
    uint8_t row[2], col[2];
} sdp_blocks;

typedef struct {
    sdp_raiser *r;
    const sdp_node *n;
    const sdp_blocks *b;            // of the tensor
    sdp_blocks at;                  // of the term n, or of the part of it that is raised
    uint8_t packed_row, packed_col; // the label that a selection made of two, or SDP_NO_LABEL
    bool *used;                     // factors that stand before or behind the Kronecker product
    bool within; // the columns of the part are not those of the matrix: Kc does not belong there
    sdp_rid commutation;
    bool commutes; // Kc was used
} sdp_shaper;

enum { SDP_NO_LABEL = 255 };

// coef times the node as a matrix, or 0
sdp_rid sdp_vec_term(sdp_shaper *w, sdp_id id, sdp_num coef);

#endif
