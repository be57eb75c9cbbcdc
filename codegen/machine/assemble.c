// SPDX-License-Identifier: MIT
// A listing to the bytes of a function: body first, since it tells how large the frame
// is, then frame, body, constants.
#include "codegen/machine/assemble.h"

void sdp_put_bytes(sdp_bytes *out, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) sdp_byte(out, (unsigned char)bytes[i]);
}

static sdp_operand in(uint8_t reg) { return (sdp_operand){SDP_IN_REGISTER, reg, 0}; }
static sdp_constant filled(uint64_t word) { return (sdp_constant){{word, word, word, word}}; }

// An argument as an operand: memory is read by the instruction, unless it would read
// more than the argument's one number.
static sdp_operand second(sdp_assembly *a, uint32_t step, bool all)
{
    sdp_operand x = sdp_operand_of(a, step);
    return (x.where == SDP_IN_MEMORY || x.where == SDP_IN_ROW) && all && a->l->step[step].lanes == 1
               ? in(sdp_in_register(a, step))
               : x;
}

static void put_two(sdp_assembly *a, uint32_t i, sdp_instruction code, bool exchangeable, bool all,
                    uint8_t last)
{
    const sdp_step *s = &a->l->step[i];
    uint32_t x = s->arg[0], y = s->arg[1];
    if (exchangeable && a->at[x].reg == SDP_NOWHERE && a->at[y].reg != SDP_NOWHERE)
        x = s->arg[1], y = s->arg[0];
    uint8_t one = sdp_in_register(a, x);
    sdp_operand two = second(a, y, all);
    sdp_release_registers(a, i);
    sdp_encode(&a->e, code, s->lanes, sdp_take_register(a, i), one, two, last);
}

static void put_bits(sdp_assembly *a, uint32_t i, sdp_instruction code, uint64_t bits)
{
    uint8_t x = sdp_in_register(a, a->l->step[i].arg[0]);
    sdp_release_registers(a, i);
    sdp_encode(&a->e, code, a->l->step[i].lanes, sdp_take_register(a, i), x, sdp_pooled(a, filled(bits)), 0);
}

static void put_root(sdp_assembly *a, uint32_t i)
{
    const sdp_step *s = &a->l->step[i];
    sdp_operand x = sdp_operand_of(a, s->arg[0]);
    sdp_release_registers(a, i);
    uint8_t to = sdp_take_register(a, i);
    sdp_encode(&a->e, s->lanes == 1 ? SDP_I_SQRT1 : SDP_I_SQRT, s->lanes, to,
               x.where == SDP_IN_REGISTER ? x.reg : SDP_SCRATCH, x, 0);
}

static void put_select(sdp_assembly *a, uint32_t i)
{
    const sdp_step *s = &a->l->step[i];
    uint8_t mask = sdp_in_register(a, s->arg[0]), no = sdp_in_register(a, s->arg[2]);
    sdp_operand yes = second(a, s->arg[1], true);
    sdp_release_registers(a, i);
    sdp_encode(&a->e, SDP_I_BLEND, s->lanes, sdp_take_register(a, i), no, yes, (uint8_t)(mask << 4));
}

static void put_address_and_call(sdp_assembly *a, uint64_t address)
{
    if (a->wide) SDP_PUT(a->e.out, "\xc5\xf8\x77"); // vzeroupper
    SDP_PUT(a->e.out, "\x48\xb8");                  // mov rax, address
    sdp_bytes4(a->e.out, (uint32_t)address), sdp_bytes4(a->e.out, (uint32_t)(address >> 32));
    SDP_PUT(a->e.out, "\xff\xd0"); // call rax
    memset(a->base, 0, sizeof a->base);
}

static void put_call(sdp_assembly *a, uint32_t i)
{
    const sdp_step *s = &a->l->step[i];
    sdp_leave_registers(a, i);
    for (uint32_t k = 0; k < s->nargs; k++)
        sdp_encode(&a->e, SDP_I_LOAD1, 1, (uint8_t)k, 0, sdp_operand_of(a, s->arg[k]), 0);
    put_address_and_call(a, (uintptr_t)a->function[s->what]);
    sdp_release_registers(a, i);
    sdp_take_register(a, i); // all are free: the first, where the result is
}

// block(lanes, slot, x, y, z): all of them on the stack, or where they are read from
static void put_block_call(sdp_assembly *a, uint32_t i)
{
    static const uint8_t general[] = {SDP_RDX, SDP_RCX, SDP_R8};
    const sdp_step *s = &a->l->step[i];
    sdp_leave_registers(a, i);
    a->at[i].slot = sdp_new_slot(a);
    for (uint32_t k = 0; k < 3; k++) { // it may read all three
        uint32_t arg = s->arg[k < s->nargs ? k : 0];
        const sdp_step *x = &a->l->step[arg];
        bool row = x->op == SDP_M_LOAD;
        if (row) sdp_encode_base(a->e.out, SDP_RAX, a->in, (int32_t)(x->place * sizeof(double *)));
        sdp_operand at = row ? (sdp_operand){SDP_IN_MEMORY, SDP_RAX, (int32_t)(x->index * sizeof(double))}
                             : sdp_operand_of(a, arg);
        sdp_encode_address(&a->e, general[k], at);
    }
    sdp_encode_address(&a->e, SDP_RSI, sdp_in_slot(a->at[i].slot));
    SDP_PUT(a->e.out, "\xbf"), sdp_bytes4(a->e.out, s->lanes); // mov edi, lanes
    put_address_and_call(a, (uintptr_t)a->block[s->what]);
    sdp_release_registers(a, i);
}

static void put_spread(sdp_assembly *a, uint32_t i)
{
    const sdp_step *s = &a->l->step[i];
    sdp_operand x = sdp_operand_of(a, s->arg[0]);
    sdp_release_registers(a, i);
    sdp_encode(&a->e, s->lanes == 2 ? SDP_I_TWICE : SDP_I_SPREAD, s->lanes, sdp_take_register(a, i), 0, x, 0);
}

static void put_pair(sdp_assembly *a, uint32_t x, uint32_t y, uint8_t to)
{
    uint8_t low = sdp_in_register(a, x), high = sdp_in_register(a, y);
    sdp_encode(&a->e, SDP_I_LOW, 2, to, low, in(high), 0);
    a->pinned = 0;
}

static void put_join(sdp_assembly *a, uint32_t i)
{
    const sdp_step *s = &a->l->step[i];
    put_pair(a, s->arg[0], s->arg[1], SDP_SCRATCH);
    if (s->lanes == 4) put_pair(a, s->arg[2], s->arg[3], SDP_SCRATCH2);
    sdp_release_registers(a, i);
    uint8_t to = sdp_take_register(a, i);
    if (s->lanes == 4) sdp_encode(&a->e, SDP_I_INSERT, 4, to, SDP_SCRATCH, in(SDP_SCRATCH2), 1);
    else sdp_encode(&a->e, SDP_I_MOVE, 2, to, 0, in(SDP_SCRATCH), 0);
}

static void put_lane(sdp_assembly *a, uint32_t i)
{
    const sdp_step *s = &a->l->step[i];
    sdp_operand x = sdp_operand_of(a, s->arg[0]);
    sdp_release_registers(a, i);
    uint8_t to = sdp_take_register(a, i);
    if (x.where == SDP_IN_MEMORY) {
        x.offset += (int32_t)(s->what * sizeof(double));
        sdp_encode(&a->e, SDP_I_LOAD1, 1, to, 0, x, 0);
        return;
    }
    uint8_t from = x.reg;
    if (s->what >= 2) sdp_encode(&a->e, SDP_I_EXTRACT, 4, from, 0, in(SDP_SCRATCH), 1), from = SDP_SCRATCH;
    if (s->what % 2) sdp_encode(&a->e, SDP_I_HIGH, 2, to, from, in(from), 0);
    else sdp_encode(&a->e, SDP_I_MOVE, 2, to, 0, in(from), 0);
}

void sdp_put_lane_sum(sdp_assembly *a, uint8_t x, uint8_t to)
{
    sdp_encode(&a->e, SDP_I_EXTRACT, 4, x, 0, in(SDP_SCRATCH), 1);
    sdp_encode(&a->e, SDP_I_ADD, 2, SDP_SCRATCH, x, in(SDP_SCRATCH), 0);
    sdp_encode(&a->e, SDP_I_HIGH, 2, SDP_SCRATCH2, SDP_SCRATCH, in(SDP_SCRATCH), 0);
    sdp_encode(&a->e, SDP_I_ADD, 1, to, SDP_SCRATCH, in(SDP_SCRATCH2), 0);
}

static void put_total(sdp_assembly *a, uint32_t i)
{
    uint8_t x = sdp_in_register(a, a->l->step[i].arg[0]);
    sdp_release_registers(a, i);
    sdp_put_lane_sum(a, x, sdp_take_register(a, i));
}

static void put_store(sdp_assembly *a, uint32_t i)
{
    const sdp_step *s = &a->l->step[i];
    uint8_t x = sdp_in_register(a, s->arg[0]), sum = s->lanes == 1 ? SDP_SINGLE_SUM : SDP_SUMS;
    if (a->sums) sdp_encode(&a->e, SDP_I_ADD, s->lanes, sum, sum, in(x), 0);
    else
        sdp_encode(&a->e, s->lanes == 1 ? SDP_I_STORE1 : SDP_I_STORE, s->lanes, x, 0,
                   sdp_array_entry(a, true, s->place, s->index), 0);
    sdp_release_registers(a, i);
}

static void put_step(sdp_assembly *a, uint32_t i)
{
    static const uint8_t predicate[] = {[SDP_LESS] = 0x11,
                                        [SDP_AT_MOST] = 0x12,
                                        [SDP_GREATER] = 0x1E,
                                        [SDP_AT_LEAST] = 0x1D,
                                        // false for NaN, but for DIFFERENT
                                        [SDP_EQUAL] = 0x00,
                                        [SDP_DIFFERENT] = 0x04};
    switch ((sdp_machine_op)a->l->step[i].op) {
    case SDP_M_ADD: put_two(a, i, SDP_I_ADD, true, false, 0); break;
    case SDP_M_SUB: put_two(a, i, SDP_I_SUB, false, false, 0); break;
    case SDP_M_MUL: put_two(a, i, SDP_I_MUL, true, false, 0); break;
    case SDP_M_DIV: put_two(a, i, SDP_I_DIV, false, false, 0); break;
    case SDP_M_BOTH: put_two(a, i, SDP_I_AND, true, true, 0); break;
    case SDP_M_EITHER: put_two(a, i, SDP_I_OR, true, true, 0); break;
    case SDP_M_COMPARE: put_two(a, i, SDP_I_COMPARE, false, false, predicate[a->l->step[i].what]); break;
    case SDP_M_SQRT: put_root(a, i); break;
    case SDP_M_ABS: put_bits(a, i, SDP_I_AND, ~0ULL >> 1); break;
    case SDP_M_NEGATE: put_bits(a, i, SDP_I_XOR, 1ULL << 63); break;
    case SDP_M_SELECT: put_select(a, i); break;
    case SDP_M_CALL: a->l->step[i].lanes == 1 ? put_call(a, i) : put_block_call(a, i); break;
    case SDP_M_SPREAD: put_spread(a, i); break;
    case SDP_M_JOIN: put_join(a, i); break;
    case SDP_M_LANE: put_lane(a, i); break;
    case SDP_M_TOTAL: put_total(a, i); break;
    case SDP_M_STORE: put_store(a, i); break;
    case SDP_M_NONE:
    case SDP_M_NUMBER:
    case SDP_M_LOAD:
    case SDP_M_OPS: return; // read where they stand
    }
    sdp_release_slots(a, i);
}

// Functions that are called keep rbx and r12: the addresses of in and out are there.
static void put_frame(const sdp_assembly *a, sdp_bytes *out, bool end)
{
    uint32_t bytes = a->nslots * SDP_SLOT_BYTES;
    // push rbx, r12, r13; mov rbx, rsi; mov r12, rdx
    if (!end && a->calls) SDP_PUT(out, "\x53\x41\x54\x41\x55\x48\x89\xf3\x49\x89\xd4");
    if (end && a->wide) SDP_PUT(out, "\xc5\xf8\x77"); // vzeroupper
    // add or sub rsp, bytes
    if (bytes) SDP_PUT(out, "\x48\x81"), sdp_byte(out, end ? 0xC4 : 0xEC), sdp_bytes4(out, bytes);
    if (end && a->calls) SDP_PUT(out, "\x41\x5d\x41\x5c\x5b"); // pop r13, r12, rbx
    // xor eax, eax; ret
    if (end) SDP_PUT(out, "\x31\xc0\xc3");
}

void sdp_put_pool(sdp_assembly *a, sdp_bytes *out, uint32_t body)
{
    while (out->n % sizeof *a->pool) sdp_byte(out, 0xCC);
    for (uint32_t i = 0; i < a->e.nfixups; i++) {
        uint8_t *at = out->byte + body + a->e.fixup[i].at;
        uint32_t offset, pool = out->n - body - a->e.fixup[i].end;
        memcpy(&offset, at, sizeof offset);
        offset += pool;
        memcpy(at, &offset, sizeof offset);
    }
    for (uint32_t i = 0; i < a->npool; i++)
        for (uint32_t k = 0; k < SDP_LANES; k++)
            sdp_bytes4(out, (uint32_t)a->pool[i].word[k]),
                sdp_bytes4(out, (uint32_t)(a->pool[i].word[k] >> 32));
}

// Another listing follows: nothing is in a register, and slots and constants are used again.
void sdp_begin_steps(sdp_assembly *a, const sdp_listing *l)
{
    a->l = l;
    a->at = sdp_scratch(l->b, l->nsteps * sizeof *a->at);
    a->next = sdp_scratch(l->b, l->nsteps * sizeof *a->next);
    memset(a->holds, 0, sizeof a->holds);
    a->nfree = 0;
    for (uint32_t i = a->nslots; i; i--) {
        a->free_slot = sdp_grown(l->b, a->free_slot, a->nfree, &a->free_cap, sizeof *a->free_slot);
        a->free_slot[a->nfree++] = i;
    }
    sdp_next_readers(a);
    for (uint32_t i = 1; i < l->nsteps; i++) {
        bool needed = l->step[i].op == SDP_M_STORE || a->at[i].until != SDP_NEVER;
        a->calls |= needed && l->step[i].op == SDP_M_CALL;
        a->wide |= l->step[i].lanes == 4;
    }
}

void sdp_put_steps(sdp_assembly *a)
{
    for (uint32_t i = 1; i < a->l->nsteps; i++)
        if (a->l->step[i].op == SDP_M_STORE || a->at[i].until != SDP_NEVER) put_step(a, i);
}

void sdp_assemble(const sdp_listing *l, const void *const *function, const void *const *block, sdp_bytes *out)
{
    sdp_bytes body = {.b = l->b};
    sdp_assembly a = {
        .function = function, .block = block, .e = {.out = &body}, .in = SDP_RSI, .out = SDP_RDX};
    sdp_begin_steps(&a, l);
    if (a.calls) a.in = SDP_RBX, a.out = SDP_R12;
    sdp_put_steps(&a);
    *out = (sdp_bytes){.b = l->b};
    put_frame(&a, out, false);
    uint32_t at = out->n;
    for (uint32_t i = 0; i < body.n; i++) sdp_byte(out, body.byte[i]);
    put_frame(&a, out, true);
    sdp_put_pool(&a, out, at);
}
