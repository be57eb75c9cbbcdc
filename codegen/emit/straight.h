// SPDX-License-Identifier: MIT
// A plan whose sizes are small constants as a straight-line program (codegen/machine/).
#ifndef SDP_STRAIGHT_H
#define SDP_STRAIGHT_H

#include "codegen/machine/machine.h"
#include "codegen/schedule/schedule.h"

// Functions that a program calls: rows of sdp_ops, and these behind them.
enum { SDP_CALL_POW = SDP_OP_COUNT, SDP_CALL_EXPONENT, SDP_CALL_COUNT };

// expr.c: the kernel without branches that computes a row of sdp_ops for array entries, or -1
int sdp_vector_kernel(uint32_t op);
bool sdp_straight(sdp_schedule *s, sdp_program *p); // straight.c; false: it must be loops, or may fail
// column.c: a row of sdp_ops at x, y, z, as its C column says
uint32_t sdp_straight_map(sdp_program *p, int op, uint32_t n, const uint32_t *arg);

#endif
