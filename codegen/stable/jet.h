// SPDX-License-Identifier: MIT
// Truncated Laurent series of nodes in one small quantity u whose coefficients depend on everything else:
// ((x+1)^p-1)/p near p = 0 is log(x+1) + log(x+1)^2/2*p + ..., where log(x+1) is a parameter. What series.h
// does for functions of one part alone.
//
// A coefficient is a number with its digits, or the value of code (`val`) and residues modulo 2^61-1
// that tell whether it is 0. An array is decided by arrays with four different entries along each
// axis; each entry stands for many equal ones, its weight, so that a sum over an axis is a sum of
// weighted entries, and the sum of the weights is the size of the axis. Parameters have random
// residues: what cancels for these cancels.
//
// jet.c coefficients and arithmetic, jet_function.c functions, jet_node.c nodes, jet_place.c where a
// quantity may be small, jet_find.c where code needs them, jet_code.c code.
#ifndef SDP_JET_H
#define SDP_JET_H

#include "codegen/stable/series.h"
#include "codegen/stable/stable.h"

// Four entries along an axis: with fewer, a^b*(c'*e)-a^c*(b'*e)+b^c*(a'*e) would be
// 0, the matrix of a cross product.
enum {
    SDP_JET_PLACES = 12, // at most
    SDP_JET_ORDER = 2,
    SDP_JET_BITS = 2,
    SDP_JET_AXIS = 1 << SDP_JET_BITS,
    SDP_JET_ENTRIES = 1 << SDP_JET_BITS * SDP_JET_ORDER
};
typedef struct {
    bool number, unknown; // number: of `digits`, at every entry; unknown: an array with more axes
    bool signless;        // a root is in it: its residues are those of one of +-root, no matter which
    uint8_t order;        // 0 or that of its node: of numbers 0
    sdp_exact digits;
    uint64_t mod[SDP_JET_ENTRIES]; // entry 4*j+i has index i in axis 0 and j in axis 1
    sdp_val val;                   // of what is no number, while code is made
} sdp_coef;

// Sum of c[k] u^(low+k) for k < n; c[0] is not 0 unless n = 0: there is no such series. whole: there are no
// terms beyond, it is a polynomial.
typedef struct {
    int low;
    bool whole;
    uint32_t n;
    sdp_coef *c;
} sdp_jet;

typedef struct sdp_jet_node sdp_jet_node;
typedef struct sdp_jet_at sdp_jet_at;
typedef struct sdp_jets {
    sdp_graph *g;
    sdp_schedule *s;    // while code is made; else NULL
    bool one_sided;     // u >= 0: a root, a norm or an exponential
    uint32_t n;         // ids below this have an entry below
    sdp_coef *constant; // by id: of a node as a parameter
    const sdp_expansions *expansions;
    uint32_t nat, count;
    const sdp_id *id; // [count] the nodes, arguments first
    sdp_jet_at *at;   // [nat]
    sdp_jet_at *now;  // the place of which code is made
    sdp_val u;        // its small quantity; 0: not known yet
} sdp_jets;

// ---- jet.c ------------------------------------------------------------------------------------------------
sdp_coef sdp_coef_digits(sdp_exact x);
sdp_coef sdp_coef_random(uint64_t seed, uint32_t order);
sdp_coef *sdp_coef_room(sdp_jets *r, uint32_t n); // n + 1 zeros in scratch
bool sdp_coef_is_zero(const sdp_coef *a);
void sdp_jets_require(sdp_jets *r, sdp_val positive);
uint64_t sdp_coef_entry(const sdp_coef *a, uint32_t i);
sdp_val sdp_coef_value(sdp_jets *r, const sdp_coef *a);
sdp_val sdp_coef_value_like(sdp_jets *r, const sdp_coef *a,
                            sdp_val like); // repeated in the shape of another value
sdp_coef sdp_coef_settle(sdp_coef a);      // small integers are numbers
sdp_coef sdp_coef_add(sdp_jets *r, const sdp_coef *a, const sdp_coef *b);
sdp_coef sdp_coef_mul(sdp_jets *r, const sdp_coef *a, const sdp_coef *b);
bool sdp_coef_div(sdp_jets *r, const sdp_coef *a, const sdp_coef *b, sdp_coef *out);
bool sdp_coef_num(sdp_jets *r, sdp_num v, sdp_coef *out);
bool sdp_coef_power(sdp_jets *r, const sdp_coef *a, sdp_num q, sdp_coef *out);
bool sdp_coef_map(sdp_jets *r, int op, const sdp_coef *a, sdp_coef *out);

bool sdp_jet_constant(sdp_jets *r, const sdp_coef *a, uint32_t n, sdp_jet *out);
bool sdp_jet_monomial(sdp_jets *r, sdp_coef a, int power, uint32_t n, sdp_jet *out);
bool sdp_jet_finish(
    sdp_jet *s, int low, uint32_t n,
    sdp_coef *c); // up to the first that is unknown, without leading zeros; false: nothing is left
uint32_t sdp_jet_length(const sdp_jet *s); // up to the last term that is not 0
bool sdp_jet_sum(sdp_jets *r, uint32_t n, const sdp_num *coef, const sdp_jet *term, sdp_jet *out);
bool sdp_jet_product(sdp_jets *r, const sdp_jet *a, const sdp_jet *b, sdp_jet *out);
void sdp_jet_require_first(sdp_jets *r, const sdp_jet *a); // its first term outweighs the others
void sdp_jet_require_alike(sdp_jets *r, uint32_t n, const sdp_coef *argument); // it hardly changes
bool sdp_jet_root_exists(const sdp_jets *r, const sdp_jet *a, sdp_num q);
bool sdp_jet_power(sdp_jets *r, const sdp_jet *a, sdp_num q, sdp_jet *out);
bool sdp_jet_powered(sdp_jets *r, const sdp_coef *a, sdp_num q, sdp_coef *p,
                     uint32_t k); // coefficient k of a^q from those below it, k > 0
bool sdp_jet_convolved(sdp_jets *r, const sdp_coef *a, const sdp_coef *b, uint32_t k, sdp_coef *out);
// jet_function.c
bool sdp_jet_function(sdp_jets *r, int op, const sdp_jet *arg, sdp_jet *out);
bool sdp_jet_atan2(sdp_jets *r, const sdp_jet *y, const sdp_jet *x, sdp_jet *out);

// ---- jet_node.c -------------------------------------------------------------------------------------------
// A place that is looked at: node t = centre + u, or centre + sign*u^2 where roots of it are
// met. The centre is a number, or (shift - rest)/slope where t is a term of the sum `sum` =
// slope*t + rest, which is `shift` there.
struct sdp_jet_at {
    sdp_id t, sum;
    sdp_id vector;        // if t is norm(w): w, which is u times a unit vector
    sdp_num shift, slope; // of the sum; without one the centre is shift
    bool tail;            // u = exp(rate*t), which goes to 0 far out: softplus(t) is log(1+u)
    sdp_num rate;
    int root;       // 0: u itself; 1, -1: t = centre + u^2, - u^2
    bool roots;     // out: roots were met
    bool two_sided; // out: and they exist on both sides: sqrt(u^2)
    // something cancels there; else series have what quotients underflow and overflow to, and limits
    bool digits;
    // of the series: the more, the higher the powers of 1/u are that cancel; known beyond these
    uint32_t terms, spare;
    uint32_t length;     // of the first terms, by which it is seen what cancels
    uint32_t cancelling; // how many nodes cancel there
    sdp_val *positive;   // what must be positive for the series to hold
    uint32_t npositive, positive_cap;
    sdp_jet_node *of; // by id
};
struct sdp_jet_node {
    bool square;         // k*w'*w, where the place is that of norm(w)
    bool depends, along; // along: through the vector, not its norm alone
    // something in it cancels; and is not computed by a polynomial (series.h), so that digits are lost
    bool hidden, lossy;
    bool cancels; // a sum that is less than its terms, and functions of 1 + something small
    bool exposed, inner, replaced;
    uint32_t group; // of a product: the factors that a polynomial stands for
    bool limit;     // that matters at u = 0 alone
    bool zero;      // the product is 0 there, whatever its factors are
    sdp_jet jet;    // of some terms
    sdp_jet code;   // of all, with values
};
sdp_num sdp_multiple_of(sdp_graph *g, sdp_id id, sdp_id *w); // the node is k*w for a number k, perhaps 1
bool sdp_jet_expand(sdp_jets *r, sdp_jet_at *a, sdp_id id, uint32_t length, bool code, sdp_jet *out);
bool sdp_jet_of_factors(sdp_jets *r, const sdp_jet_at *a, const sdp_node *n, uint32_t group, bool code,
                        sdp_jet *out); // element by element
void sdp_jet_constants(sdp_jets *r);   // of all nodes

// ---- jet_place.c ------------------------------------------------------------------------------------------
void sdp_jet_place(sdp_jets *r, sdp_jet_at a); // adds it, if there is room and it is new
void sdp_jet_places(sdp_jets *r);              // all

// ---- jet_find.c, jet_code.c -------------------------------------------------------------------------------
sdp_jets *sdp_jets_find(sdp_graph *g, const sdp_expansions *x, uint32_t count, const sdp_id *id,
                        uint32_t nroots, const sdp_id *root);
sdp_id sdp_jet_needs(const sdp_jets *r, sdp_id id,
                     uint32_t *from); // nodes that the code of a node needs, one after the other; 0: no more
bool sdp_has_jet(const sdp_jets *r, sdp_id id); // is it computed by a series, or part of something that is?
sdp_val sdp_node_by_jets(sdp_schedule *s, sdp_id id, sdp_val direct);
// Of the n factors of what is left of the product id, value[k] stands for several: 0 where the product is
void sdp_vanishing_product(sdp_schedule *s, sdp_id id, uint32_t n, sdp_val *value);
uint32_t sdp_product_by_jets(
    sdp_schedule *s, sdp_id id,
    sdp_val *value); // the factors that value[i] of the first of them stands for; 0: none

#endif
