// SPDX-License-Identifier: MIT
// A loop nest on its way to text: root.c makes it, inner.c writes its innermost loops.
#ifndef SDP_NEST_H
#define SDP_NEST_H

#include "codegen/emit/emitter.h"

typedef struct {
    uint32_t nloops, sum_from; // loops from sum_from on run inside the local sum; nloops: there is none
    const uint8_t *loop;
    const sdp_dim *dim;   // by label
    uint32_t body, after; // what is summed, what is written
    uint32_t sum;         // the sum, as a node of what is written
    sdp_val dest;
    const sdp_ix *at;
    bool add;  // += instead of =
    bool half; // of a symmetric matrix: the innermost loop, along a row, ends at the diagonal
    // of a sum that became a call, sd_dot: the two nodes whose rows it takes, and the label that it sums over
    uint32_t dot[2], along;
    bool has_dot;
} sdp_nest;

// root.c
void sdp_put_nest(sdp_emitter *e, sdp_nest *n);
void sdp_put_zeros(sdp_emitter *e, sdp_val v, sdp_dim from,
                   sdp_dim size); // so many entries, one after the other
// placed.c: terms i, i+1, ... of a sum in one loop, the first of all as it is;
// returns how many, 0: they are not
uint32_t sdp_put_placed(sdp_emitter *e, sdp_val sum, uint32_t i, bool first);
// 0 wherever v, which is to be written into `dest` first, has no entries; false: nothing is
bool sdp_put_zeros_beside(sdp_emitter *e, sdp_val dest, sdp_val v);
// inner.c
void sdp_inline_row_sum(sdp_emitter *e, sdp_nest *n);
bool sdp_is_axpy(const sdp_emitter *e, const sdp_nest *n);
void sdp_put_axpy(sdp_emitter *e, const sdp_nest *n); // y += a*x along the innermost loop
// &X[i*n]: where the row of an element begins along label l
void sdp_put_row(sdp_emitter *e, sdp_val v, const sdp_ix *ix, uint32_t l);
bool sdp_has_eight_sums(const sdp_emitter *e, const sdp_nest *n); // of a nest with a local sum
void sdp_put_summed(sdp_emitter *e, const sdp_nest *n);           // the local sum
// panel.c: false: nothing is opened
bool sdp_open_nest_panels(sdp_emitter *e, const sdp_nest *n);
bool sdp_open_sum_panels(sdp_emitter *e, const sdp_nest *n); // around the loops of the local sum of a number
void sdp_close_sum_panels(sdp_emitter *e);
// rows.c: a matrix times a vector, a block of rows a call; false: it is none
bool sdp_is_of_rows(sdp_emitter *e, const sdp_nest *n, bool axpy);
void sdp_put_of_rows(sdp_emitter *e, const sdp_nest *n, bool axpy);
// block.c: the innermost loop in blocks of calls, for the compiler in memory
bool sdp_is_in_blocks(sdp_emitter *e, const sdp_nest *n);
// true: begins a branch for few entries, then sdp_put_if_long()
bool sdp_put_if_short(sdp_emitter *e, const sdp_nest *n);
void sdp_put_if_long(sdp_emitter *e);
void sdp_put_in_blocks(sdp_emitter *e, const sdp_nest *n);
// of an element, from one turn of the loop over l to the next
sdp_dim sdp_step_of(sdp_emitter *e, sdp_val v, const sdp_ix *ix, uint32_t l);
// fused.c: as one call of machine code, a sum is added to the name of the sum; false: not possible
bool sdp_is_fused(sdp_emitter *e, const sdp_nest *n);
bool sdp_put_fused(sdp_emitter *e, const sdp_nest *n);
bool sdp_is_sum_in_blocks(sdp_emitter *e, const sdp_nest *n);
void sdp_put_sum_in_blocks(sdp_emitter *e, const sdp_nest *n);

#endif
