// SPDX-License-Identifier: MIT
// A matrix times a vector for the compiler in memory, all rows of a block a call: a call for each row takes
// as long as a row of 100 entries, and its sum waits for itself where sums of other rows could be made.
//
//     for (size_t i = 0; i < m; i += 256) {
//         const size_t t1 = m - i < 256 ? m - i : 256;
//         sd_block_dots(t1, t2, n, &X[i*n], (long)(n), w);
//         sd_block_add(t1, &w1[i], 1.0, t2, -1.0, &y[i]);
//     }
//
// A transposed matrix is the other way round: the factors of the rows are computed first, then
// sd_block_combine adds the rows to the result. The loop over rows is cut, its order stays.
#include "codegen/emit/block.h"

enum { LEAST = 8 };

// Which of two elements is in the row of a matrix as label l runs, while the other one stays? 2: none
static uint32_t which_moves(sdp_emitter *e, const uint32_t node[2], uint32_t l)
{
    sdp_dim zero = sdp_dim_int(e->g, 0), step[2];
    for (uint32_t k = 0; k < 2; k++) {
        const sdp_tape_node *t = &e->tape.node[node[k]];
        step[k] = sdp_step_of(e, t->param, e->tape.pool + t->args, l);
    }
    return (step[0] == zero) == (step[1] == zero) ? 2 : step[0] == zero;
}

// The row of a matrix in y += a*x
static uint32_t row_of_axpy(const sdp_emitter *e, const sdp_nest *n)
{
    return e->tape.pool[e->tape.node[n->after].args + 1];
}

bool sdp_is_of_rows(sdp_emitter *e, const sdp_nest *n, bool axpy)
{
    uint32_t level = n->nloops - axpy; // loops that are open in a row
    long size;
    if (!e->target->tcc || n->half || (!axpy && !n->has_dot) || !n->nloops || !level) return false;
    uint32_t l = n->loop[level - 1];
    if (sdp_size_constant(e->s, n->dim[l], &size) && size < LEAST) return false;
    uint32_t node = axpy ? e->tape.pool[e->tape.node[n->after].args] : n->after;
    if (e->tape.node[node].level != level || !sdp_has_operations(e, level, axpy ? UINT32_MAX : n->sum))
        return false;
    sdp_dim zero = sdp_dim_int(e->g, 0), step = sdp_step_of(e, n->dest, n->at, l);
    if (!axpy) return n->sum_from == n->nloops && step != zero && which_moves(e, n->dot, l) < 2;
    const sdp_tape_node *row = &e->tape.node[row_of_axpy(e, n)];
    return step == zero && sdp_step_of(e, row->param, e->tape.pool + row->args, l) != zero;
}

// &w[0], or &X[i*n]: of the two rows that are multiplied, or of the matrix
static void put_row_along(sdp_emitter *e, uint32_t node, uint32_t along)
{
    const sdp_tape_node *t = &e->tape.node[node];
    sdp_put_row(e, t->param, e->tape.pool + t->args, along);
}

// &X[j*n], (long)(n): the first row, and how far the next one is
static void put_matrix(sdp_emitter *e, uint32_t node, uint32_t along, uint32_t l)
{
    const sdp_tape_node *t = &e->tape.node[node];
    put_row_along(e, node, along);
    sdp_put(e->out, ", (long)(");
    sdp_put_size(e, sdp_step_of(e, t->param, e->tape.pool + t->args, l), false);
    sdp_put(e->out, ")");
}

static void put_dots(block *b, const sdp_nest *n)
{
    sdp_emitter *e = b->e;
    uint32_t moves = which_moves(e, n->dot, b->label);
    long one;
    bool direct =
        !n->add && sdp_size_constant(e->s, sdp_step_of(e, n->dest, n->at, b->label), &one) && one == 1;
    b->to_result = direct && n->after == n->sum;
    operand x = sdp_begin_call(b, "dots");
    sdp_put(e->out, ", "), sdp_put_size(e, n->dim[n->along], false);
    sdp_put(e->out, ", "), put_matrix(e, n->dot[moves], n->along, b->label);
    sdp_put(e->out, ", "), put_row_along(e, n->dot[1 - moves], n->along);
    sdp_put(e->out, ");\n");
    if (n->after != n->sum) {
        b->array[n->sum] = x.array;
        b->to_result = direct;
        x = sdp_block_value(b, n->after);
    }
    sdp_store_block(b, x);
}

static void put_combined(block *b, const sdp_nest *n)
{
    sdp_emitter *e = b->e;
    uint32_t along = n->loop[n->nloops - 1];
    operand x = sdp_block_value(b, e->tape.pool[e->tape.node[n->after].args]);
    sdp_put_indent(e);
    sdp_putf(e->out, "sd_block_combine(%s, ", b->count);
    sdp_put_row(e, n->dest, n->at, along);
    sdp_put(e->out, ", "), sdp_put_size(e, n->dim[along], false);
    sdp_put(e->out, ", "), sdp_put_operand(b, x);
    sdp_put(e->out, ", "), put_matrix(e, row_of_axpy(e, n), along, b->label);
    sdp_put(e->out, ");\n");
    e->blocks = true;
}

void sdp_put_of_rows(sdp_emitter *e, const sdp_nest *n, bool axpy)
{
    block b;
    sdp_nest rows = *n;
    sdp_text text, *out = e->out;
    rows.nloops = n->nloops - axpy;
    sdp_start_blocks(&b, e, &rows, &text);
    e->out = &text;
    if (axpy) put_combined(&b, n);
    else put_dots(&b, n);
    e->out = out;
    sdp_finish_blocks(&b, &text);
}
