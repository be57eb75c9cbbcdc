// SPDX-License-Identifier: MIT
// Differences of functions at two points, before scheduling: difference.c sums; stirling.c sums of lgamma and
// its derivatives at large arguments; hazard.c quotients of exp(-u^2) by erfc(u).
#ifndef SDP_DIFFERENCE_H
#define SDP_DIFFERENCE_H

#include "codegen/stable/stable.h"

sdp_id sdp_gap(sdp_graph *g, sdp_id u, sdp_id v); // u-v, in its shortest form
// no longer than u and v: something has cancelled
bool sdp_gap_is_short(sdp_graph *g, sdp_id gap, sdp_id u, sdp_id v);
// are all gaps short enough for products of functions?
sdp_id sdp_telescoped_condition(sdp_graph *g, uint32_t n, const sdp_id *gap);
void sdp_expand_hazards(sdp_graph *g, uint32_t n, sdp_id *root);
void sdp_expand_gammas(sdp_graph *g, uint32_t n, sdp_id *root);

// ---- between stirling.c and stirling_sum.c ----------------------------------------------------------------
enum { SDP_MOST_EXPANDED = 32 };      // terms of a sum that is expanded
bool sdp_is_gamma(const sdp_node *f); // lgamma or one of its derivatives
// a rewriter
sdp_id sdp_under_one_sum(void *unused, sdp_graph *g, sdp_id id, const sdp_id *arg, bool changed);

#endif
