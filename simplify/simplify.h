// SPDX-License-Identifier: MIT
// Graph to simpler graph, for two goals: what a textbook prints, and what costs least.
#ifndef SDP_SIMPLIFY_H
#define SDP_SIMPLIFY_H

#include "../diff/diff.h"

// The shortest conventional form: common factors pulled out, like branches merged. Near-linear; deterministic.
sdp_id sdp_simplify(sdp_graph *g, sdp_id a);

// Other forms of a sum or product; the same id if there is none. expand.c
sdp_id sdp_expand(sdp_graph *g, sdp_id sum);
sdp_id sdp_common_denominator(sdp_graph *g, sdp_id sum);
sdp_id sdp_refold(sdp_graph *g, sdp_id sum);
sdp_id sdp_clear_scalar(sdp_graph *g, sdp_id product);
sdp_id sdp_multiply_out(sdp_graph *g, sdp_id product);

// A whole request, simplified: what sd_derive returns. request.c
struct sd_result *sdp_derive(sdp_graph *g, sd_expr expr, sdp_surface f, const sd_request *r);
sdp_id sdp_derivative_term(sdp_graph *g, int op, sdp_id f, sdp_id x); // grad(f,x), jacobian(f,x), hessian(f,x) as terms

#endif
