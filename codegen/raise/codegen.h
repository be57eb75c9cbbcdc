// SPDX-License-Identifier: MIT
// Answers to text of every kind: mathematics (raise.c, then one table of spellings per language) and C.
#ifndef SDP_CODEGEN_H
#define SDP_CODEGEN_H

#include "simplify/answer/answer.h"

// ---- notation --------------------------------------------------------------------------------------
// Prints all entries, "label: text" a line each if there are several, shared names after "  where ".
void sdp_print(sdp_graph *g, const struct sd_result *r, sd_format format, unsigned flags, sdp_text *out);
// "dvec(F)/dvec(X) = kron(B',A)" for a derivative with three or four axes; false if it has no such form. vec_form.c
bool sdp_print_vec_form(sdp_graph *g, const sdp_entry *e, sd_format format, sdp_text *out);
// Conditions of an answer, a line each behind the prefix; "valid everywhere" if there are none. print/conditions.c
void sdp_print_conditions(sdp_graph *g, const struct sd_result *r, const char *prefix, bool unicode, sdp_text *out);

// A tensor that is a smaller one times deltas between pairs of its axes. factor.c
typedef struct {
    sdp_id core;
    uint8_t npairs, naxes;
    uint8_t pair[SDP_MAX_ORDER / 2][2]; // axes that are equal
    uint8_t axis[SDP_MAX_ORDER];        // the other axes: those of the core
} sdp_factored;
bool sdp_factor_identities(sdp_graph *g, sdp_id id, sdp_factored *f); // false if there are none
void sdp_put_factored(sdp_graph *g, sdp_id id, const sdp_factored *f, const char *whole, const char *core, sdp_text *out);

// ---- C ----------------------------------------------------------------------------------------------
// What a compiled or emitted function takes: dimension arguments (atoms), inputs (variables), outputs, in order; and the
// declared functions and derivatives of them that it calls.
typedef struct {
    uint32_t ndims, ninputs, noutputs;
    const uint32_t *dim;      // atoms
    const uint32_t *input;    // variables
    const sdp_id *output;     // nodes
    const char *const *output_name;
    uint32_t ncalls;
    const sdp_derivative *call; // those of one function side by side
} sdp_signature;

typedef enum { SDP_TARGET_C99, SDP_TARGET_JIT } sdp_target;
typedef struct {
    const char *name;         // function
    const char *header;       // file name in #include, C99 only
    sdp_target target;        // JIT: no #include, prototypes in the text
    uint32_t nsizes;          // sizes that are constants
    const uint32_t *size_atom;
    const long *size_value;
    const char *conditions;   // lines for the head comment, or NULL
    const char *structure;    // lines that say what tensors the outputs are cores of, or NULL
} sdp_emit_request;
// Emits one function that computes all of `output`. `text` is the .c, `header` the .h (may be NULL).
void sdp_emit_c(sdp_graph *g, const sdp_signature *s, const sdp_emit_request *q, sdp_text *text, sdp_text *header);
sdp_signature sdp_signature_of(sdp_graph *g, uint32_t noutputs, const sdp_id *output, const char *const *names);
// The sizes that the declaration of a function names, in order of appearance: atoms, in scratch. emit/call.c
uint32_t sdp_function_atoms(sdp_graph *g, uint32_t function, uint32_t **atom);
const char *sdp_ascii_name(sdp_base *b, const char *text); // theta for θ, u and the code point for other letters
void sdp_dump_schedule(sdp_graph *g, const sdp_signature *s, sdp_text *out);

#endif
