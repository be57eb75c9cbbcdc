// SPDX-License-Identifier: MIT
// The reference evaluator: slow, and independent of what it is compared with.
#ifndef SDP_REFERENCE_H
#define SDP_REFERENCE_H

#include "runtime/data/data.h"

void sdp_interpret(sdp_graph *g, uint32_t n, const sdp_id *id, const sdp_signature *s, const sd_data *d,
                   sd_array *out);
void sdp_interpret_at(sdp_graph *g, uint32_t n, const sdp_id *id, const sdp_signature *s, const long *size,
                      const double *const *in, sd_array *out);
// With a random relative error below 2^-45 on every result that rounds, so that several runs show
// how uncertain a value is (stochastic arithmetic, Vignes 1993). What has no value is NAN, singular
// matrices included. The operations are taken from the budget, if it is not NULL; false, and
// nothing but NAN: it does not suffice.
bool sdp_interpret_disturbed(sdp_graph *g, uint32_t n, const sdp_id *id, const sdp_signature *s,
                             const long *size, const double *const *in, uint64_t *state, uint64_t *budget,
                             sd_array *out);
// Values that are not defined are NAN here, too.
bool sdp_interpret_lenient(sdp_graph *g, uint32_t n, const sdp_id *id, const sdp_signature *s,
                           const long *size, const double *const *in, uint64_t *budget, sd_array *out);
// returns the determinant, 0 if singular
double sdp_reference_inverse(sdp_base *b, size_t n, const double *a, double *inverse);
// ---- declared functions (invent.c) ------------------------------------------------------------------------
// A fixed smooth function for each, with all its derivatives. In scratch.
sd_binding sdp_invent(sdp_graph *g, const sdp_derivative *d, const long *size);
const sd_binding *sdp_invent_all(sdp_graph *g, const sdp_signature *s, const long *size);

#endif
