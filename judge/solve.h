// SPDX-License-Identifier: MIT
// Between the files that solve for stationary points: solve.c (the question, what is told), isolate.c
// (equations in one unknown), constrained.c (on affine sets, the unit sphere, the simplex, orthogonal
// matrices).
#ifndef SDP_SOLVE_H
#define SDP_SOLVE_H

#include "judge/judge.h"
#include "runtime/api/api.h"

typedef struct {
    sd_context *c;
    sdp_graph *g;
    sdp_id f, x, grad; // the scalar, its unknown, and the gradient by it, as for an unknown without structure
    uint32_t var;      // the unknown as the user knows it
    sdp_id constraint; // 0, or what must be 0
    sdp_id answer;     // 0: none found
    bool said;         // the answer is in words
    sdp_text text;     // lines below the answer
} sdp_problem;

// The x of G(x) = 0, or 0 if none is found. What is found still has to be tested. isolate.c
sdp_id sdp_isolate(sdp_graph *g, sdp_id zero, sdp_id x);
// G = H*x + g0 with H, g0 that do not depend on x? H has the axes of G, then of x. isolate.c
bool sdp_affine_in(sdp_graph *g, sdp_id G, sdp_id x, sdp_id *h, sdp_id *g0);
sdp_id sdp_solve_affine(sdp_graph *g, sdp_id h, sdp_id g0); // 0: no closed form
bool sdp_is_identically_zero(sdp_graph *g, sdp_id a);

// Has the function a value at the answer, without a kink? At random values of all else; everywhere: at all of them. attained.c
bool sdp_is_attained(sdp_problem *p, sdp_id answer, bool *everywhere);

// Fills answer and text for a problem with a constraint, declared of x or given. constrained.c
bool sdp_is_constrained(const sdp_problem *p);
void sdp_solve_constrained(sdp_problem *p);

void sdp_tell(sdp_problem *p, const char *before, sdp_id id,
              const char *behind); // a node between words. solve.c

#endif
