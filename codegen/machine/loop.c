// SPDX-License-Identifier: MIT
// A program as the body of a loop along rows: out[i] = f(x[i], y[i], ..., numbers that do not change).
//
// It is listed twice, for four entries at a time and for one, and both loops stand in one function
//
//     void (size_t n, const double *const *in, double *const *out)
//
// A sum has out[0][0] = f(x[0], ...) + f(x[1], ...) + ... instead, in four parts and a fifth for the rest.
//
// in[0] has the numbers, in[1], in[2], ... and out[0] are rows. rdx counts entries; the addresses of all
// arrays are in registers, so there are at most SDP_LOOP_ARRAYS of them.
#include "codegen/machine/assemble.h"

// Every step with so many lanes; steps that nobody reads are left out later.
static sdp_listing listed(const sdp_program *p, uint32_t lanes)
{
    sdp_listing l = {.b = p->b};
    uint32_t *made = sdp_scratch(p->b, p->nsteps * sizeof *made);
    sdp_list_step(&l, (sdp_step){.op = SDP_M_NONE});
    for (uint32_t i = 1; i < p->nsteps; i++) {
        sdp_step s = p->step[i];
        bool same = s.op == SDP_M_LOAD && !s.place;
        for (uint32_t a = 0; a < s.nargs; a++) s.arg[a] = made[s.arg[a]];
        s.lanes = (uint8_t)(same ? 1 : lanes);
        for (uint32_t k = 0; k < SDP_LANES && s.op == SDP_M_NUMBER; k++) s.number[k] = *s.number;
        made[i] = sdp_list_step(&l, s);
        if (same && lanes > 1)
            made[i] = sdp_list_step(
                &l, (sdp_step){.op = SDP_M_SPREAD, .lanes = (uint8_t)lanes, .nargs = 1, .arg = {made[i]}});
    }
    for (uint32_t i = 0; i < p->nstores; i++)
        sdp_list_step(&l, (sdp_step){.op = SDP_M_STORE,
                                     .lanes = (uint8_t)lanes,
                                     .nargs = 1,
                                     .arg = {made[p->store[i].step]},
                                     .place = p->store[i].place});
    return l;
}

// Addresses of the arrays into their registers; the numbers' address is first.
static void put_bases(sdp_assembly *a, uint32_t ninputs)
{
    for (uint32_t i = 0; i < ninputs; i++) sdp_array_entry(a, false, i, 0);
    sdp_array_entry(a, true, 0, 0);
}

static void write4(sdp_bytes *out, uint32_t at, uint32_t v)
{
    for (uint32_t i = 0; i < 4; i++) out->byte[at + i] = (uint8_t)(v >> 8 * i);
}

// The jump whose distance stands at `at` goes to `to`.
static void patch(sdp_bytes *out, uint32_t at, uint32_t to) { write4(out, at, to - (at + 4)); }

// while (rdx <= rsi) { steps; rdx += lanes; }
static void put_loop(sdp_assembly *a, uint32_t lanes)
{
    sdp_bytes *out = a->e.out;
    uint32_t top = out->n, end;
    SDP_PUT(out, "\x48\x39\xf2\x0f\x8f"); // cmp rdx, rsi; jg end
    sdp_bytes4(out, 0);
    end = out->n - 4;
    sdp_put_steps(a);
    SDP_PUT(out, "\x48\x83\xc2"), sdp_byte(out, lanes); // add rdx, lanes
    SDP_PUT(out, "\xe9");                               // jmp top
    sdp_bytes4(out, 0);
    patch(out, out->n - 4, top);
    patch(out, end, out->n);
}

// out[0][0] = the sum of both loops
static void put_sum(sdp_assembly *a)
{
    sdp_operand to = sdp_array_entry(a, true, 0, 0);
    sdp_put_lane_sum(a, SDP_SUMS, SDP_SCRATCH);
    sdp_encode(&a->e, SDP_I_ADD, 1, SDP_SCRATCH, SDP_SCRATCH,
               (sdp_operand){SDP_IN_REGISTER, SDP_SINGLE_SUM, 0}, 0);
    to.where = SDP_IN_MEMORY;
    sdp_encode(&a->e, SDP_I_STORE1, 1, SDP_SCRATCH, 0, to, 0);
}

static void clear_sums(sdp_assembly *a)
{
    for (uint8_t r = SDP_SINGLE_SUM; r <= SDP_SUMS; r++)
        sdp_encode(&a->e, SDP_I_XOR, 4, r, r, (sdp_operand){SDP_IN_REGISTER, r, 0}, 0);
}

void sdp_assemble_loop(const sdp_program *p, uint32_t ninputs, sdp_bytes *out)
{
    sdp_bytes body = {.b = p->b};
    sdp_assembly a = {.e = {.out = &body},
                      .in = SDP_RSI,
                      .out = SDP_RDX,
                      .loop = true,
                      .sums = p->store[0].place == SDP_LOOP_SUM};
    sdp_listing four = listed(p, SDP_LANES), one = listed(p, 1);
    SDP_PUT(&body, "\x57"); // push rdi: its register has an address, too
    put_bases(&a, ninputs);
    SDP_PUT(&body, "\x5e\x31\xd2\x48\x83\xee\x04"); // pop rsi; xor edx, edx; sub rsi, 4
    uint32_t frame = body.n;
    SDP_PUT(&body, "\x48\x81\xec"), sdp_bytes4(&body, 0); // sub rsp, bytes of the frame
    if (a.sums) clear_sums(&a);
    sdp_begin_steps(&a, &four);
    put_loop(&a, SDP_LANES);
    SDP_PUT(&body, "\x48\x83\xc6\x03"); // add rsi, 3: to n - 1
    sdp_begin_steps(&a, &one);
    put_loop(&a, 1);
    if (a.sums) put_sum(&a);
    // vzeroupper; add rsp, bytes
    SDP_PUT(&body, "\xc5\xf8\x77\x48\x81\xc4"), sdp_bytes4(&body, a.nslots * SDP_SLOT_BYTES);
    SDP_PUT(&body, "\xc3"); // ret
    write4(&body, frame + 3, a.nslots * SDP_SLOT_BYTES);
    *out = body;
    sdp_put_pool(&a, out, 0);
}
