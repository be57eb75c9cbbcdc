// SPDX-License-Identifier: MIT
// Straight-line programs of doubles, and the machine code of x86-64 processors with AVX2 for them.
//
// A program is what a function with small constant sizes does: every entry of every array is a
// step of its own, without loops and without branches. Steps are numbered, arguments come before
// their users, and equal steps are one.
//
//     sdp_program  ->  pack.c: four neighbours at a time, in the order of their use  ->  assemble.c: bytes
//
// The same program is computed by libtcc's code elsewhere, so that nothing depends on this room but time.
// Operations are executed as written: no multiplication is contracted with an addition.
#ifndef SDP_MACHINE_H
#define SDP_MACHINE_H

#include "base/base.h"

enum { SDP_LANES = 4, SDP_MOST_ARGS = 4, SDP_NO_STEP = 0 };

typedef enum {
    SDP_M_NONE,
    SDP_M_NUMBER, // number[lane]
    SDP_M_LOAD,   // of an input: place, index
    SDP_M_ADD,
    SDP_M_SUB,
    SDP_M_MUL,
    SDP_M_DIV,
    SDP_M_SQRT,
    SDP_M_ABS,
    SDP_M_NEGATE,
    SDP_M_COMPARE, // a condition; what: SDP_LESS, ...
    SDP_M_BOTH,    // of two conditions
    SDP_M_EITHER,
    SDP_M_SELECT, // condition, value where it holds, value elsewhere
    SDP_M_CALL,   // what: number of the function, text: its name
    // made by pack.c
    SDP_M_SPREAD, // one number in all lanes
    SDP_M_JOIN,   // two or four numbers side by side
    SDP_M_LANE,   // number `what` of several
    SDP_M_TOTAL,  // (a0 + a2) + (a1 + a3)
    SDP_M_STORE,  // into an output: place, index
    SDP_M_OPS
} sdp_machine_op;
enum { SDP_LESS, SDP_AT_MOST, SDP_GREATER, SDP_AT_LEAST, SDP_EQUAL, SDP_DIFFERENT };

typedef struct {
    uint8_t op, lanes, nargs;
    uint16_t what;
    uint32_t arg[SDP_MOST_ARGS];
    uint32_t place, index; // number of the input or output, and of the entry
    double number[SDP_LANES];
    const char *text;
} sdp_step;

typedef struct {
    uint32_t place, index, step;
} sdp_store;
// sum is (part 0 + part 2) + (part 1 + part 3)
typedef struct {
    uint32_t part[SDP_LANES], sum;
} sdp_partial_sums;

typedef struct {
    sdp_base *b;
    sdp_step *step;                  // step 0 is none
    uint32_t nsteps, step_cap, most; // more than `most` steps: too_long is set, and the program is of no use
    bool too_long;
    const bool *vector; // by function: is there one for blocks of numbers, too? NULL: of none
    sdp_interned index; // of steps
    sdp_store *store;
    uint32_t nstores, store_cap;
    sdp_partial_sums *sums;
    uint32_t nsums, sum_cap;
} sdp_program;

// ---- program.c: the door. Numbers are computed, x*1 and the like are x; a step that
// the program has is not made twice.
void sdp_program_init(sdp_program *p, sdp_base *b, uint32_t most);
uint32_t sdp_m_number(sdp_program *p, double v);
uint32_t sdp_m_load(sdp_program *p, uint32_t place, uint32_t index);
uint32_t sdp_m_make(sdp_program *p, sdp_machine_op op, uint32_t what, uint32_t n, const uint32_t *arg);
uint32_t sdp_m_two(sdp_program *p, sdp_machine_op op, uint32_t a, uint32_t b);
uint32_t sdp_m_one(sdp_program *p, sdp_machine_op op, uint32_t a);
uint32_t sdp_m_compare(sdp_program *p, int relation, uint32_t a, uint32_t b);
uint32_t sdp_m_select(sdp_program *p, uint32_t condition, uint32_t a, uint32_t b);
uint32_t sdp_m_call(sdp_program *p, uint32_t function, const char *name, uint32_t n, const uint32_t *arg);
uint32_t sdp_m_sum(sdp_program *p, uint32_t n, const uint32_t *term); // of many terms: in four parts
void sdp_m_store(sdp_program *p, uint32_t place, uint32_t index, uint32_t step);
bool sdp_m_is_number(const sdp_program *p, uint32_t step, double *v);

// arithmetic.c
uint32_t sdp_m_scaled(sdp_program *p, double c, uint32_t x);                                 // c*x
uint32_t sdp_m_linear(sdp_program *p, uint32_t n, const double *coef, const uint32_t *term); // their sum
// 0 where the number is 0
uint32_t sdp_m_product(sdp_program *p, double coef, uint32_t n, const uint32_t *factor);
// x, or 0 where x is not finite
uint32_t sdp_m_finite(sdp_program *p, uint32_t x);

// ---- pack.c: the same with vectors: steps in the order in which they are computed, stores among them.
typedef struct {
    sdp_base *b;
    sdp_step *step;
    uint32_t nsteps, step_cap;
} sdp_listing;
void sdp_pack(sdp_program *p, sdp_listing *out);
uint32_t sdp_list_step(sdp_listing *l, sdp_step s);        // its number; listing.c
void sdp_put_listing(const sdp_listing *l, sdp_text *out); // a line for each step

// ---- assemble.c: bytes of a function int (const size_t *, const double *const *in, double *const *out, ...)
// that returns 0, and may stand anywhere; function[k] is the address of function k, called with up to three
// doubles, and block[k] that of the same for n numbers, void (size_t n, double *to, const double *x, ...).
typedef struct {
    sdp_base *b;
    uint8_t *byte;
    uint32_t n, cap;
} sdp_bytes;
void sdp_assemble(const sdp_listing *l, const void *const *function, const void *const *block,
                  sdp_bytes *out);
// loop.c: bytes of a loop along rows, with in[0] for what does not change; at most SDP_LOOP_ARRAYS
// inputs, that one among them. A program that stores at the place SDP_LOOP_SUM has a sum:
// out[0][0] becomes that of all entries.
enum { SDP_LOOP_ARRAYS = 6, SDP_LOOP_SUM = 1 };
typedef struct {
    sdp_bytes *code;
    uint32_t n, cap;
    sdp_interned index; // by their bytes
} sdp_loops;            // called as sd_loop_1, sd_loop_2, ...
void sdp_assemble_loop(const sdp_program *p, uint32_t ninputs, sdp_bytes *out);

#endif
