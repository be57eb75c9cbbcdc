// SPDX-License-Identifier: MIT
// A plan to C text.
#ifndef SDP_EMIT_H
#define SDP_EMIT_H

#include "codegen/values/values.h"

// Emits one function that computes all of `output`. `text` is the .c, `header` the .h (may be NULL).
void sdp_emit_c(sdp_graph *g, const sdp_signature *s, const sdp_emit_request *q, sdp_text *text,
                sdp_text *header);
// n functions in one file; what the requests say of the file is the same in all of them.
void sdp_emit_functions(sdp_graph *g, uint32_t n, const sdp_signature *s, const sdp_emit_request *q,
                        sdp_text *text, sdp_text *header);
// For the compiler in memory: true, and a straight-line program, if all sizes are small constants; else
// false, and text. Both in scratch.
bool sdp_emit_straight(sdp_graph *g, const sdp_signature *s, const sdp_emit_request *q, sdp_listing *listing,
                       sdp_text *text);
// q: NULL, or what it is written for
void sdp_dump_schedule(sdp_graph *g, const sdp_signature *s, const sdp_emit_request *q, sdp_text *out);
sdp_signature sdp_signature_of(sdp_graph *g, uint32_t noutputs, const sdp_id *output,
                               const char *const *names);
void sdp_signature_steps(sdp_graph *g, sdp_signature *s); // matrices have leading dimensions
// "X,y,w": inputs in this order, sizes among them first
void sdp_signature_order(sdp_graph *g, sdp_signature *s, const char *names);

#endif
