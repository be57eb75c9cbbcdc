// SPDX-License-Identifier: MIT
// The innermost loop of a nest in blocks of entries: block.c has the loops,
// block_value.c what is computed in a turn.
#ifndef SDP_BLOCK_H
#define SDP_BLOCK_H

#include "codegen/emit/nest.h"

// by times the numbers of a product, or a number
typedef struct {
    double by;
    const sdp_tape_node *mul;
    uint32_t node;
} amount;
// a row, or an array of a block
typedef struct {
    uint32_t node, array;
} operand;
typedef struct {
    sdp_emitter *e;
    const sdp_nest *n;
    uint32_t label;
    const char *count;                     // name of the number of entries
    uint32_t *array, *uses;                // by node: its array + 1; readers still to come
    uint32_t narrays, nfree, *free, names; // names: numbers of their names begin behind it
    bool to_result;                        // the next operation writes to the result
} block;

// block.c
// Can all that runs at this level be computed entry by entry, wherever it is read? `known` is.
bool sdp_has_operations(const sdp_emitter *e, uint32_t level, uint32_t known);
// the loop over blocks, into text until it is finished; then e->out is what it was
void sdp_start_blocks(block *b, sdp_emitter *e, const sdp_nest *n, sdp_text *text);
void sdp_finish_blocks(block *b, sdp_text *text);
void sdp_store_block(block *b, operand x); // where it belongs, unless it is there
// block_value.c
// sd_block_name(count, array: the rest of the arguments is to follow
operand sdp_begin_call(block *b, const char *name);
// writes the calls that compute it, unless it is a row or there already
operand sdp_block_value(block *b, uint32_t node);
uint32_t sdp_short_product(const block *b, uint32_t term, uint32_t *f); // its running factors: 1 or 2, else 0
void sdp_put_operand(block *b, operand x);
void sdp_put_amount(block *b, amount a);

#endif
