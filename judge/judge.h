// SPDX-License-Identifier: MIT
// Convexity of expressions: what holds for every value of the variables, with the reason, and points that
// show what does not.
//
// Reading order: curve.c (composition: curvature from the arguments' curvature), second.c (the second
// derivative along a direction, where composition says nothing), prove.c (is a quadratic form nonnegative?),
// witness.c (points that refute), convex.c (the verdict).
//
// The trusted base is small: facts and bounds of nodes (ast/), derivatives (diff/), and the rules in curve.c
// and prove.c. Every verdict is also held against random points before it is given, and one that is refuted
// is an internal error and never shown.
#ifndef SDP_JUDGE_H
#define SDP_JUDGE_H

#include "runtime/check/check.h"

// The known curvature of every entry of a node, as a function of the variables. A node without
// either bit may be anything.
enum {
    SDP_CONVEX = 1,
    SDP_CONCAVE = 2,
    SDP_AFFINE = SDP_CONVEX | SDP_CONCAVE,
    SDP_CONSTANT = SDP_AFFINE | 4, // does not depend on the variables
};

static inline uint8_t sdp_mirrored(uint8_t c) // of -f
{
    return (uint8_t)((c & ~SDP_AFFINE) | ((c & SDP_CONVEX) ? SDP_CONCAVE : 0) |
                     ((c & SDP_CONCAVE) ? SDP_CONVEX : 0));
}
static inline sdp_id sdp_negated(sdp_graph *g, sdp_id a) { return sdp_scale(g, SDP_NUM_MINUS_ONE, a); }
static inline sdp_id sdp_inverse(sdp_graph *g, sdp_id a) { return sdp_prim(g, SDP_OP_inv, 1, &a, 0); }

// Why a node has its curvature: a rule in words, and the second derivative if it was asked.
typedef struct {
    const char *rule;
    sdp_id shown; // the second derivative, or 0
    bool stands;  // on itself: the reasons of the arguments do not matter
} sdp_reason;

typedef struct {
    sdp_graph *g;
    uint32_t n;
    const sdp_id *wrt; // the variables, jointly
    uint8_t *curve;    // by node, in scratch; so is the next
    sdp_reason *why;
    int depth;        // of judgements of a part with new variables
    uint32_t ndomain; // comparisons that hold where there is a value
    sdp_id *domain;
} sdp_judge;

// The difference that is not negative where the comparison holds, x-y of x >= y; 0: it is no order. domain.c
sdp_id sdp_larger_by(sdp_graph *g, sdp_id condition, bool *strict);
// The bounds and signs of a node at the points where the function has a value. domain.c
sdp_bounds sdp_bounds_there(const sdp_judge *j, sdp_id id);
bool sdp_is_nonneg_there(const sdp_judge *j, sdp_id id);
bool sdp_is_positive_there(const sdp_judge *j, sdp_id id);
// The effect of a condition u != 0 on the domain. PARTS: u is concave, so u > 0 is a convex set. domain.c
typedef enum { SDP_LEAVES_NO_SET, SDP_LEAVES_ALL, SDP_LEAVES_PARTS } sdp_hole;
sdp_hole sdp_hole_of(sdp_judge *j, sdp_id condition, sdp_id *u);
bool sdp_is_continued(const sdp_judge *j, sdp_id f, sdp_id u);
bool sdp_is_smooth_everywhere(sdp_graph *g, sdp_id s); // a number, as a function of numbers. slope.c

// Fills the curvature of all nodes that `root` reaches, and returns that of root. curve.c
uint8_t sdp_curvature(sdp_judge *j, sdp_id root);
// Is the scalar the power p >= 1 of a norm of an affine function? Is a product the square of one over a
// positive concave function? norms.c sums: of several such powers and constants
bool sdp_is_norm_power(sdp_judge *j, sdp_id id, bool sums, double *p);
// where the second derivative does not decide
uint8_t sdp_norm_curvature(sdp_judge *j, sdp_id id, sdp_reason *why);
// The curvature of c*tr(f(X)) and c*tr(A*f(X)). trace.c
uint8_t sdp_trace_curvature(sdp_judge *j, sdp_id id, sdp_reason *why);
uint8_t sdp_power_of_det(sdp_judge *j, const sdp_node *power, sdp_reason *why); // trace.c
// The curvature of a smooth scalar node from its second derivative, after its affine parts have become
// variables. second.c
uint8_t sdp_second_order(sdp_judge *j, sdp_id id, sdp_reason *why);
// The curvature of a function with f(s*x) = s*f(x), s > 0. homogeneous.c
uint8_t sdp_homogeneous_curvature(sdp_judge *j, sdp_id id, sdp_reason *why);
// log(f), of a product as a sum, of a number that is known to be positive; else 0. logconvex.c
sdp_id sdp_log_of_positive(sdp_graph *g, sdp_id f);
uint8_t sdp_log_convex(sdp_judge *j, sdp_id id, sdp_reason *why); // of a positive function: logconvex.c
// A function of one number, or of each entry of an array, that comes in pieces. pieces.c
uint8_t sdp_piecewise(sdp_judge *j, sdp_id id, sdp_reason *why);
// Is the scalar q, a quadratic form in the n directions w, nonnegative for all of them? prove.c
bool sdp_form_is_nonneg(sdp_graph *g, sdp_id q, uint32_t n, const sdp_id *w, const char **rule);
const char *sdp_rule_of_negative(const char *rule);                             // what that of -q says of q
bool sdp_form_is_positive(sdp_graph *g, sdp_id q, uint32_t n, const sdp_id *w); // where w is not 0
// Is a scalar that is no form nonnegative: by its facts, or as a polynomial of one variable? polynomial.c
bool sdp_scalar_is_nonneg(sdp_graph *g, sdp_id s);
// The sign of a smooth function of one number where it has a value: 1 nonnegative, -1
// not positive, 0 not known. slope.c
int sdp_sign_by_slope(sdp_graph *g, sdp_id s);

// Takes a product with 2*width output axes apart: half[s] has those of axis[s], *scalar the numbers. False if
// a factor connects the two sides. sides.c
bool sdp_two_sides(sdp_graph *g, sdp_id id, int width, const uint8_t axis[2][2], sdp_id half[2],
                   sdp_id *scalar);

// Three points, b halfway between a and c, of the variables; the others at values of their own. witness.c
typedef struct {
    bool found;
    char *text;          // lines that show it; raw memory
    const char *numbers; // the same in JSON: what is refuted, points (the second one halfway), values
    uint32_t tried;      // points, or triples of them
    bool exhausted;      // the limit of work ended the search
} sdp_witness;
// Looks for points of the domain at which f(b) > (f(a)+f(c))/2 (`above`: f is not convex), or the other way
// round (f is not concave).
void sdp_find_witness(sdp_judge *j, sdp_id f, bool above, unsigned seed, uint32_t trials, sdp_witness *out);
// Looks for a point at which sign*f < 0.
void sdp_find_value(sdp_judge *j, sdp_id f, int sign, unsigned seed, uint32_t trials, sdp_witness *out);
// "1500 points refute nothing", after two searches of which one found nothing at least.
void sdp_tell_tried(const sdp_witness w[2], const char *points, sdp_text *t);

// Judges f again with each of the other numbers nonnegative, then nonpositive, until decide() is content;
// condition: "if lambda >= 0\n". signs.c
typedef bool sdp_decider(void *data, sdp_id f, const char *condition);
bool sdp_with_signs(sdp_judge *j, sdp_id f, sdp_decider *decide, void *data);
// An m >= 0 with which f - m/2*norm(x)^2 is convex, and whether it is known to be
// positive; 0: none is found. strong.c
sdp_id sdp_strong_convexity(sdp_judge *j, sdp_id f, unsigned seed, bool *positive);
// Does the node, with the axes of two copies of an array of the given order,
// vanish outside the diagonal? prove.c
bool sdp_is_diagonal_form(const sdp_graph *g, sdp_id id, int order);
sdp_id sdp_diagonal_of_form(sdp_graph *g, sdp_id id, int order);

const char *sdp_shown_name(const sdp_graph *g, uint32_t var); // what a hidden variable is called. names.c
// the first that no variable is called, or the last
const char *sdp_free_letter(const sdp_graph *g, const char *letters);
char *sdp_node_text(sdp_graph *g, sdp_id id); // as printed, on one line; raw memory. names.c
// "; where u = A*x-b", for the affine parts in a form. names.c
void sdp_tell_parts(sdp_graph *g, sdp_id form, sdp_text *out);

#endif
