// SPDX-License-Identifier: MIT
// Truncated Laurent series with exactly decided zeros, and which nodes of a graph have one: what is computed
// from polynomials near a removable singularity. exact.c numbers, series.c arithmetic, series_expand.c nodes,
// series_group.c products of them, stable/polynomial.c polynomials.
#ifndef SDP_SERIES_H
#define SDP_SERIES_H

#include "simplify/answer/answer.h"

// A real number: 32 digits, and its residue modulo 2^61-1, which tells whether it is 0. Transcendental
// constants have random residues: what cancels for these cancels.
typedef struct {
    double hi, lo;
    uint64_t mod;
} sdp_exact;

sdp_exact sdp_exact_int(long v);
sdp_exact sdp_exact_add(sdp_exact a, sdp_exact b);
sdp_exact sdp_exact_mul(sdp_exact a, sdp_exact b);
sdp_exact sdp_exact_div(sdp_exact a, sdp_exact b); // b != 0
bool sdp_exact_num(sdp_graph *g, sdp_num v, sdp_exact *out);
bool sdp_exact_constant(int op, sdp_exact *out); // pi, e
// a function at x: the logarithm of a rational number, a power of e
bool sdp_exact_at(sdp_graph *g, int op, sdp_exact x, sdp_exact *out);
bool sdp_exact_power(sdp_graph *g, sdp_exact a, sdp_num q, sdp_exact *out); // integer and half-integer powers

// Sum of c[k] u^(low+k) for k < n, all that is known; c[0] != 0 unless n = 0.
typedef struct {
    int low;
    uint32_t n;
    const sdp_exact *c;
} sdp_series;
enum { SDP_SERIES_MOST = 96 };

// All in scratch; false: no such series, too few digits are left of a coefficient, or all that are known are
// 0 (n = 0 and c is not NULL). n: of how many terms at most.
bool sdp_series_number(sdp_graph *g, sdp_num v, uint32_t n, sdp_series *out);
bool sdp_series_constant(sdp_graph *g, int op, uint32_t n, sdp_series *out);
void sdp_series_monomial(sdp_graph *g, int power, uint32_t n, sdp_series *out); // u^power
bool sdp_series_sum(sdp_graph *g, uint32_t n, const sdp_num *coef, const sdp_series *term, sdp_series *out);
bool sdp_series_product(sdp_graph *g, sdp_num coef, uint32_t n, const sdp_series *factor, sdp_series *out);
bool sdp_series_power(sdp_graph *g, const sdp_series *base, sdp_num q, sdp_series *out);
double sdp_series_at(const sdp_series *s, double u); // its value
// f of a series without negative powers, from the derivative column of f in the table
bool sdp_series_function(sdp_graph *g, int op, const sdp_series *arg, sdp_series *out);

// All nodes that f(x) and its derivatives are made of, arguments first, with the derivative of those that are
// functions; false if there are more, or if one has a kink.
enum { SDP_FAMILY = 64 };
typedef struct {
    sdp_id id, derivative;
} sdp_member;
bool sdp_family_of(sdp_graph *g, sdp_id root, uint32_t *n, sdp_member *member);

// ---- nodes that are functions of one part u, their atom, element by element -------------------------------
enum { SDP_RADII = 14 };
extern const double sdp_radius[SDP_RADII];

// atom: what the node is a function of; itself, where there is no such series; 0: it is a constant
typedef struct {
    sdp_id atom;
    bool hidden;  // something in it cancels
    bool cancels; // a sum that is less than its terms, a logarithm near 1
    bool exposed; // something else than a polynomial needs it where it cancels
    bool wanted;  // a polynomial is made of it
    // of a sum that is one array or scalar times a function of this node, and cancels; else 0
    sdp_id within;
    sdp_num scale; // the node is scale times a power of its atom; 0: it is made of its arguments
    int power;
    sdp_series s;    // of some terms; of what is wanted, of all; n = 0: none
    double (*at)[2]; // [2*SDP_RADII] value and loss at the radii r and -r
} sdp_expansion;

typedef struct sdp_expansions {
    sdp_graph *g;
    uint32_t n, functions; // nodes; how many are functions of another
    uint32_t length;       // of the first terms
    bool exhausted;        // all of them are 0 in some sum: they are too few
    sdp_expansion *of;     // by id, of the nodes there were
} sdp_expansions;

sdp_id sdp_square_of_norm(sdp_graph *g, const sdp_node *n); // norm(w) of k*w'*w; else 0
bool sdp_cancels_by_series(const sdp_expansions *x,
                           sdp_id id); // a sum of which a polynomial is made where it cancels
sdp_expansions *sdp_expand_all(sdp_graph *g, uint32_t count, const sdp_id *id, uint32_t nroots,
                               const sdp_id *root);

// Factors of a product that are functions of one atom u, with others that are u^power when they are
// multiplied, and what is then too many: (a*x)^-1 cos(a*x) x^-2 = a^2 u^-3 cos(u).
typedef struct {
    sdp_id atom;
    uint32_t n, main, member[SDP_MAX_FACTORS]; // main: the member of the highest power
    uint32_t factors;                          // mask: all that it stands for
    int power;
    uint32_t nrest;
    struct {
        sdp_id base;
        int power;
    } rest[SDP_MAX_FACTORS];
} sdp_series_group;

// A sum whose terms all have the same factors beside functions of one node: x*cos(r)/r^2-x*sin(r)/r^3.
bool sdp_term_group(const sdp_expansions *x, sdp_id term, sdp_id atom, sdp_series_group *r);
bool sdp_sum_within(const sdp_expansions *x, const sdp_node *n, sdp_id *atom); // does it cancel?
// term[nargs]
bool sdp_series_within(const sdp_expansions *x, const sdp_node *n, sdp_id atom, uint32_t length,
                       sdp_series *term, sdp_series *out);
// The group of factor `first`, if it is the first of it
bool sdp_find_group(const sdp_expansions *x, const sdp_node *m, uint32_t first, sdp_series_group *r);
// but for constants
bool sdp_group_is_all(const sdp_expansions *x, const sdp_node *m, const sdp_series_group *r);
// positive and negative powers meet
bool sdp_group_cancels(const sdp_expansions *x, const sdp_node *m, const sdp_series_group *r);

#endif
