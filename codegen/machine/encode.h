// SPDX-License-Identifier: MIT
// Instructions of encodings.def as bytes.
#ifndef SDP_ENCODE_H
#define SDP_ENCODE_H

#include "codegen/machine/machine.h"

typedef enum { SDP_FORM_RRM, SDP_FORM_RRM_I, SDP_FORM_RM, SDP_FORM_MR, SDP_FORM_MR_I } sdp_encoding_form;
typedef struct {
    const char *name;
    sdp_encoding_form form;
    int one, several; // prefixes
    uint8_t map, opcode;
} sdp_encoding;
typedef enum {
#define ENCODING(id, ...) SDP_I_##id,
#include "codegen/machine/encodings.def"
#undef ENCODING
    SDP_ENCODINGS
} sdp_instruction;
extern const sdp_encoding sdp_encodings[SDP_ENCODINGS];

// A vector register; what stands at a general register + offset, and at 8*rdx beyond that; what stands behind
// the code, `offset` from its beginning on.
typedef enum { SDP_IN_REGISTER, SDP_IN_MEMORY, SDP_IN_ROW, SDP_IN_POOL } sdp_where;
typedef struct {
    sdp_where where;
    uint8_t reg;
    int32_t offset;
} sdp_operand;
enum {
    SDP_RAX,
    SDP_RCX,
    SDP_RDX,
    SDP_RBX,
    SDP_RSP,
    SDP_RBP,
    SDP_RSI,
    SDP_RDI,
    SDP_R8,
    SDP_R9,
    SDP_R10,
    SDP_R11,
    SDP_R12,
    SDP_R13
};

// four bytes that tell how far an entry of the pool is from `end`
typedef struct {
    uint32_t at, end;
} sdp_fixup;
typedef struct {
    sdp_bytes *out;
    sdp_fixup *fixup;
    uint32_t nfixups, fixup_cap;
} sdp_encoder;

void sdp_byte(sdp_bytes *out, unsigned b);
void sdp_bytes4(sdp_bytes *out, uint32_t v);
// name reg, second, rm (MR: name rm, reg) for so many lanes; `second` and `last` where the form has them
void sdp_encode(sdp_encoder *e, sdp_instruction i, uint32_t lanes, uint8_t reg, uint8_t second,
                sdp_operand rm, uint8_t last);
// mov to, [from + offset], general registers
void sdp_encode_base(sdp_bytes *out, uint8_t to, uint8_t from, int32_t offset);

// lea to, of: in memory or in the pool
void sdp_encode_address(sdp_encoder *e, uint8_t to, sdp_operand of);

#endif
