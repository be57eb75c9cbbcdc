// SPDX-License-Identifier: MIT
// VEX prefixes, addresses, opcodes. Registers of the prefix are stored inverted: 1 means below 8.
#include "codegen/machine/encode.h"

const sdp_encoding sdp_encodings[SDP_ENCODINGS] = {
#define ENCODING(id, name, form, one, several, map, opcode)                                                  \
    {name, SDP_FORM_##form, one, several, map, opcode},
#include "codegen/machine/encodings.def"
#undef ENCODING
};

void sdp_byte(sdp_bytes *out, unsigned b)
{
    out->byte = sdp_grown(out->b, out->byte, out->n, &out->cap, 1);
    out->byte[out->n++] = (uint8_t)b;
}

void sdp_bytes4(sdp_bytes *out, uint32_t v)
{
    for (int i = 0; i < 4; i++) sdp_byte(out, v >> 8 * i & 255);
}

static void put_vex(sdp_bytes *out, unsigned reg, unsigned base, unsigned map, unsigned second, bool wide,
                    unsigned prefix)
{
    unsigned r = reg < 8, b = base < 8, last = (15 - second) << 3 | (unsigned)wide << 2 | prefix;
    if (map == 1 && b) {
        sdp_byte(out, 0xC5);
        sdp_byte(out, r << 7 | last);
        return;
    }
    sdp_byte(out, 0xC4);
    sdp_byte(out, r << 7 | 1u << 6 | b << 5 | map);
    sdp_byte(out, last);
}

// Register and general register + 8*rdx: a second byte has them.
static void put_row_address(sdp_bytes *out, unsigned reg, unsigned base)
{
    sdp_byte(out, (reg & 7) << 3 | 4);
    sdp_byte(out, 3u << 6 | SDP_RDX << 3 | (base & 7));
}

// Register and general register + offset. rsp and r12 as a base need a second byte, rbp and r13 an offset.
static void put_address(sdp_bytes *out, unsigned reg, unsigned base, int32_t offset)
{
    unsigned low = base & 7, size = !offset && low != 5 ? 0 : offset >= -128 && offset < 128 ? 1 : 2;
    sdp_byte(out, size << 6 | (reg & 7) << 3 | low);
    if (low == 4) sdp_byte(out, 0x24);
    if (size == 1) sdp_byte(out, (unsigned)offset & 255);
    if (size == 2) sdp_bytes4(out, (uint32_t)offset);
}

// An offset into the pool has been written at `at`, and the instruction ends here.
static void add_fixup(sdp_encoder *e, uint32_t at)
{
    e->fixup = sdp_grown(e->out->b, e->fixup, e->nfixups, &e->fixup_cap, sizeof *e->fixup);
    e->fixup[e->nfixups++] = (sdp_fixup){at, e->out->n};
}

void sdp_encode(sdp_encoder *e, sdp_instruction i, uint32_t lanes, uint8_t reg, uint8_t second,
                sdp_operand rm, uint8_t last)
{
    const sdp_encoding *row = &sdp_encodings[i];
    sdp_bytes *out = e->out;
    int prefix = lanes == 1 && row->one >= 0 ? row->one : row->several >= 0 ? row->several : row->one;
    bool three = row->form == SDP_FORM_RRM || row->form == SDP_FORM_RRM_I,
         more = row->form == SDP_FORM_RRM_I || row->form == SDP_FORM_MR_I;
    put_vex(out, reg, rm.where == SDP_IN_POOL ? 0 : rm.reg, row->map, three ? second : 0, lanes == 4,
            (unsigned)prefix);
    sdp_byte(out, row->opcode);
    uint32_t at = 0;
    switch (rm.where) {
    case SDP_IN_REGISTER: sdp_byte(out, 0xC0u | (reg & 7u) << 3 | (rm.reg & 7u)); break;
    case SDP_IN_MEMORY: put_address(out, reg, rm.reg, rm.offset); break;
    case SDP_IN_ROW: put_row_address(out, reg, rm.reg); break;
    case SDP_IN_POOL:
        sdp_byte(out, (reg & 7u) << 3 | 5);
        at = out->n;
        sdp_bytes4(out, (uint32_t)rm.offset);
    }
    if (more) sdp_byte(out, last);
    if (rm.where == SDP_IN_POOL) add_fixup(e, at);
}

void sdp_encode_address(sdp_encoder *e, uint8_t to, sdp_operand of)
{
    sdp_bytes *out = e->out;
    sdp_byte(out, 0x48u | (to >= 8 ? 4u : 0u) | (of.where == SDP_IN_MEMORY && of.reg >= 8 ? 1u : 0u));
    sdp_byte(out, 0x8D);
    if (of.where == SDP_IN_MEMORY) {
        put_address(out, to, of.reg, of.offset);
        return;
    }
    sdp_byte(out, (to & 7u) << 3 | 5);
    sdp_bytes4(out, (uint32_t)of.offset);
    add_fixup(e, out->n - 4);
}

void sdp_encode_base(sdp_bytes *out, uint8_t to, uint8_t from, int32_t offset)
{
    sdp_byte(out, 0x48u | (to >= 8 ? 4u : 0u) | (from >= 8 ? 1u : 0u));
    sdp_byte(out, 0x8B);
    put_address(out, to, from, offset);
}
