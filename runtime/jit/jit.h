// SPDX-License-Identifier: MIT
// Emitted C compiled in memory and called.
#ifndef SDP_JIT_H
#define SDP_JIT_H

#include "runtime/data/data.h"

// Machine code, independent of context and compiler: in a mapping of its own, readable
// and executable, or in a library.
typedef struct {
    void *code;
    size_t bytes;
    void *library;
} sdp_code;
typedef struct {
    const char *name;
    const void *address;
} sdp_symbol;
// Compiles C text, which may call the kernels and `known`, with libtcc and finds the addresses of
// symbol[i].name; false: the reason is in message.
bool sdp_jit(const char *text, uint32_t nknown, const sdp_symbol *known, uint32_t nsymbols,
             sdp_symbol *symbol, sdp_code *code, char *message, size_t room);
// Bytes of a function that may stand anywhere, in a mapping of its own.
bool sdp_jit_bytes(const void *bytes, size_t n, sdp_code *code);
void sdp_jit_free(sdp_code *c);
// The same by a C compiler of the system, looked for on PATH; cache: a folder
// for what it makes, or NULL. cc.c
sd_status sdp_cc(const char *compiler, const char *cache, const char *text, uint32_t nsymbols,
                 sdp_symbol *symbol, sdp_code *code, char *message, size_t room);
void sdp_cc_free(sdp_code *c);
// kernels.c: what it may call
void sdp_kernel_symbols(void *state, void (*add)(void *state, const char *name, const void *address));
// kernels.c: does this processor run the code of codegen/machine/?
bool sdp_has_machine(void);
// kernels.c: one that it calls (codegen/emit/straight.h)
const void *sdp_machine_function(uint32_t number);
const void *sdp_block_function(uint32_t number); // kernels.c: the same for a block of numbers, or NULL
sd_function *sdp_compile(sdp_graph *g, const sdp_signature *s, const sdp_emit_request *q);

// out[i] for id[i]: the caller zeroes out; .data in raw memory (sdp_release), also
// what was filled before an error.
void sdp_evaluate(sdp_graph *g, const sdp_signature *s, const sd_data *d, sd_array *out);
// n outputs of s, through a compiled function, at inputs and sizes found by the caller.
void sdp_evaluate_at(sdp_graph *g, const sdp_signature *s, const long *size, const double *const *in,
                     sd_array *out);

#endif
