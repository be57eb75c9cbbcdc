// SPDX-License-Identifier: MIT
// Between the files that solve for stationary points: solve.c (the question, what is told),
// isolate.c (equations in one unknown), joint.c (in several), attained.c (where an answer is
// valid), classify.c (minimum, maximum, saddle), constrained.c (on affine sets, the unit sphere,
// the simplex, orthogonal matrices).
#ifndef SDP_SOLVE_H
#define SDP_SOLVE_H

#include "judge/judge.h"
#include "runtime/api/api.h"
#include "simplify/answer/answer.h"

enum { SDP_MOST_ROOTS = 8, SDP_MOST_TOLD = 8 };
typedef struct {
    sdp_id x[SDP_MOST_ROOTS];
    uint32_t n;
    bool more; // the equation may have other solutions
} sdp_roots;

enum { SDP_MOST_UNKNOWNS = SD_MOST_UNKNOWNS };
typedef struct {
    uint32_t var;     // as the user knows it
    sdp_id x, answer; // the one of the gradient
} sdp_unknown;

typedef struct {
    sd_context *c;
    sdp_graph *g;
    sd_expr expr; // the function as it was given
    const char *wrt;
    sdp_id f, x, grad; // the scalar, its unknown, and the gradient by it, as for an unknown without structure
    uint32_t var;      // the unknown as the user knows it
    uint32_t nothers;  // further unknowns, with their answers
    const sdp_unknown *other;
    sdp_id constraint;          // 0, or what must be 0
    uint32_t given;             // the set that it describes: SDP_UNIT, SDP_SIMPLEX or 0
    sdp_id answer;              // 0: none found
    bool said;                  // the answer is in words
    const sdp_condition *needs; // for the gradient: the domain, and kinks
    uint32_t nneeds;
    const sdp_condition *domain; // for the value
    uint32_t ndomain;
    sdp_text text; // lines below the answer
} sdp_problem;

// The x of G(x) = 0, as far as they are found. What is found still has to be tested. isolate.c
void sdp_isolate(sdp_graph *g, sdp_id zero, sdp_id x, sdp_roots *out);
void sdp_isolate_exponent(sdp_graph *g, sdp_id zero, sdp_id x, sdp_roots *out); // of a number: substitute.c
sdp_id sdp_without_logs(sdp_graph *g, sdp_id id); // exp(log(b)/2) as b^(1/2). substitute.c
// G = H*x + g0 with H, g0 that do not depend on x? H has the axes of G, then of x. isolate.c
bool sdp_affine_in(sdp_graph *g, sdp_id G, sdp_id x, sdp_id *h, sdp_id *g0);
sdp_id sdp_solve_affine(sdp_graph *g, sdp_id h, sdp_id g0); // 0: no closed form
bool sdp_is_identically_zero(sdp_graph *g, sdp_id a);
sdp_id sdp_without_content(sdp_graph *g, sdp_id zero, sdp_num *content); // 2*(A*x-b) = 0 just if A*x-b = 0

// Where is the answer one? attained.c
typedef struct {
    bool attained; // the function has a value and no kink there, for some values of all else
    bool inverse;  // one of the conditions is that a matrix is invertible
    uint32_t n;    // conditions
    sdp_condition list[SDP_MOST_TOLD];
    const char *text; // them, a line each: "if a > 0"
} sdp_validity;
// the same condition, of a kink or not
bool sdp_is_among(const sdp_condition *c, uint32_t n, const sdp_condition *list);
void sdp_find_needs(sdp_problem *p);
// for the unknown, and the others' for the others
sdp_id sdp_put_answer(const sdp_problem *p, sdp_id node, sdp_id answer);
bool sdp_is_of_value(const sdp_problem *p, const sdp_condition *c); // is it needed for the value, too?
bool sdp_has_value_at(sdp_problem *p, sdp_id answer);               // false: the domain excludes it
bool sdp_is_defined_everywhere(const sdp_problem *p); // has the function a value for every unknown?
sdp_validity sdp_validity_of(sdp_problem *p, sdp_id answer);
// one more condition; false: it never holds
bool sdp_require_sign(sdp_problem *p, sdp_id answer, bool strict, sdp_validity *v);
void sdp_require_definite(sdp_problem *p, sdp_id answer, sdp_validity *v);
// The declared properties that the answer is not known to have: a sign, or definiteness, is a condition; of
// `others` it cannot be told whether it has them. False: it is no answer. solve.c
bool sdp_require_declared(sdp_problem *p, sdp_id answer, sdp_validity *v, bool *others);
void sdp_tell_validity_of_answer(sdp_problem *p, sdp_id answer); // the conditions of the answer itself

// The curvature of the function, which decides whether a point is a minimum or a maximum. classify.c
typedef struct {
    bool convex, concave;  // the function, on its domain
    const char *condition; // "", or " if lambda >= 0"
} sdp_curve_verdict;
// Where a verdict holds, and where its reasons begin in the text.
typedef struct {
    const char *condition; // "", "if lambda >= 0", "where c'*x+d > 0"
    const char *domain;    // "", " for x > 0"
    size_t reasons;        // behind the lines that say so
} sdp_verdict_place;
// sd_convexity_of; place may be NULL. convex.c
sd_status sdp_convexity_where(sd_context *c, sd_expr e, const char *wrt, unsigned seed, sd_convexity *out,
                              sdp_verdict_place *place);
sdp_curve_verdict sdp_verdict_on(sd_context *c, sd_expr e, const char *wrt, unsigned seed);
// The kind of a stationary point, without a further condition, and the line that tells it (NULL: unknown).
typedef enum { SDP_SOME_POINT, SDP_MINIMUM, SDP_MAXIMUM } sdp_extremum;
typedef enum { SDP_NOWHERE, SDP_NEAR_BY, SDP_ON_THE_WHOLE, SDP_THE_ONLY_ONE } sdp_extent;
typedef struct {
    sdp_extremum point;
    sdp_extent extent;
    const char *line;
} sdp_point_kind;
// By the second derivative q along the directions v; NULL: it does not tell.
sdp_point_kind sdp_kind_by_form(sdp_graph *g, sdp_id q, uint32_t n, const sdp_id *v);
sdp_point_kind sdp_kind_of(sdp_problem *p, const sdp_curve_verdict *v, sdp_id answer, bool only);
bool sdp_is_least(sdp_problem *p, sdp_id answer, int sign); // is sign*f nowhere smaller?

// Fills answer and text for a problem with a constraint, declared of x or given. constrained.c
bool sdp_is_constrained(const sdp_problem *p);
void sdp_solve_constrained(sdp_problem *p);

// A known solution of the equation that has the declared properties of the unknown, and the conditions under
// which it is one. solve.c
typedef struct {
    sdp_id x;
    sdp_validity valid;
} sdp_candidate;
typedef struct {
    uint32_t n;
    sdp_candidate at[SDP_MOST_ROOTS];
    bool more; // there may be other stationary points
    // a solution that is no point of the domain, or a kink; one without the declared properties
    sdp_id outside, other;
} sdp_candidates;
void sdp_pose(sdp_problem *p, sd_expr e, const char *wrt); // f, x, grad
void sdp_find_candidates(sdp_problem *p, sdp_candidates *out);
bool sdp_is_stationary(sdp_problem *p, sdp_id x);

// Several unknowns, "w,b": fills the text, and of out the answers. joint.c
void sdp_solve_joint(sdp_problem *p, sd_expr e, sd_solution *out);

void sdp_tell(sdp_problem *p, const char *before, sdp_id id,
              const char *behind); // a node between words. solve.c

#endif
