// SPDX-License-Identifier: MIT
// Registers, places on the stack and constants while a listing becomes bytes: place.c has
// them, assemble.c the instructions.
#ifndef SDP_ASSEMBLE_H
#define SDP_ASSEMBLE_H

#include "codegen/machine/encode.h"

// The last two vector registers are for steps of several instructions, the two before them for the sums of a
// loop: of four entries at a time, of single ones.
enum {
    SDP_VECTORS = 14,
    SDP_SCRATCH = 14,
    SDP_SCRATCH2 = 15,
    SDP_SUMS = 13,
    SDP_SINGLE_SUM = 12,
    SDP_BASES = 7,
    SDP_NEVER = UINT32_MAX,
    SDP_NOWHERE = 255,
    SDP_SLOT_BYTES = 32
};

typedef struct {
    uint64_t word[SDP_LANES];
} sdp_constant;
typedef struct {
    uint32_t until;  // the step that reads it next, or SDP_NEVER
    uint32_t slot;   // its place on the stack + 1, or 0
    uint32_t pooled; // NUMBER: its constant + 1
    uint8_t reg;     // or SDP_NOWHERE
} sdp_whereabouts;

typedef struct {
    const sdp_listing *l;
    const void *const *function, *const *block; // addresses that are called
    sdp_encoder e;
    sdp_whereabouts *at;             // by step
    uint32_t (*next)[SDP_MOST_ARGS]; // by step and argument: who reads that argument next, after this step
    uint32_t holds[SDP_VECTORS];     // step in a register, or 0
    uint32_t pinned;                 // registers that the current step reads, as a bit set
    uint32_t nslots, *free_slot, nfree, free_cap;
    sdp_constant *pool;
    uint32_t npool, pool_cap;
    sdp_interned pool_index;
    // addresses of arrays in general registers
    struct {
        bool used, output;
        uint32_t place, age;
    } base[SDP_BASES];
    uint32_t age;
    uint8_t in, out; // general registers that hold the two arrays of addresses
    // loop: arrays are rows, but for input 0, and all their addresses are in registers
    bool calls, wide, loop;
    bool sums; // the loop has a sum, in registers of its own
} sdp_assembly;

// fills at[].until and next; at[].until is SDP_NEVER for what nobody needs
void sdp_next_readers(sdp_assembly *a);
// for the result of a step; another step may have to leave
uint8_t sdp_take_register(sdp_assembly *a, uint32_t step);
uint8_t sdp_in_register(sdp_assembly *a, uint32_t step);    // where a step is, loaded if need be, and pinned
sdp_operand sdp_operand_of(sdp_assembly *a, uint32_t step); // wherever it is
sdp_operand sdp_pooled(sdp_assembly *a, sdp_constant c);
sdp_operand sdp_array_entry(sdp_assembly *a, bool output, uint32_t place, uint32_t index);
uint32_t sdp_new_slot(sdp_assembly *a); // a place on the stack: its number + 1
sdp_operand sdp_in_slot(uint32_t slot);
// before a call: what is read later, or by this step, goes to the stack
void sdp_leave_registers(sdp_assembly *a, uint32_t step);
void sdp_release_registers(sdp_assembly *a, uint32_t step); // of arguments that nobody reads after this step
void sdp_release_slots(sdp_assembly *a, uint32_t step);

// assemble.c
void sdp_begin_steps(sdp_assembly *a, const sdp_listing *l);
void sdp_put_steps(sdp_assembly *a);                           // of that listing
void sdp_put_lane_sum(sdp_assembly *a, uint8_t x, uint8_t to); // (x0 + x2) + (x1 + x3)
void sdp_put_pool(sdp_assembly *a, sdp_bytes *out, uint32_t body);
void sdp_put_bytes(sdp_bytes *out, const char *bytes, size_t n);
#define SDP_PUT(out, bytes) sdp_put_bytes(out, bytes, sizeof bytes - 1)

#endif
