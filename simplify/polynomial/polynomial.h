// SPDX-License-Identifier: MIT
// Expressions as polynomials: multiplied out, factored, collected; and the order of their terms.
#ifndef SDP_POLYNOMIAL_H
#define SDP_POLYNOMIAL_H

#include "simplify/simplify.h"

// Every product of sums and every power of a sum multiplied out, also inside functions. Meets the limit
// `terms`. expanded.c
sdp_id sdp_expanded(sdp_graph *g, sdp_id id);
// A product of polynomials without rational factors, as far as they are found; the shortest form of what is
// no polynomial. factored.c
sdp_id sdp_factorised(sdp_graph *g, sdp_id id);
// The terms of equal degree in the variable together, each group in its shortest form, the highest degree
// first. Returns how many groups there are; *group is in scratch. collected.c
uint32_t sdp_collected(sdp_graph *g, sdp_id id, sdp_id variable, sdp_id **group);

// ---- order of terms (order.c) -----------------------------------------------------------------------------
// Sorts terms as monomials are: by their degrees in the variable that was seen first, descending, then in the
// next one. Terms of equal degrees keep their order.
void sdp_order_terms(sdp_graph *g, uint32_t n, sdp_num *coef, sdp_id *term);
// how often the variable is a factor of the term
uint32_t sdp_degree_in(sdp_graph *g, sdp_id term, sdp_id variable);
// Is the sum a polynomial of one scalar variable with numbers as coefficients?
bool sdp_is_polynomial_of_one(sdp_graph *g, const sdp_node *sum);

// ---- lists of terms (expanded.c) --------------------------------------------------------------------------
// A sum in the making: equal terms are one.
typedef struct {
    sdp_graph *g;
    uint32_t n, cap, coef_cap;
    sdp_num *coef;
    sdp_id *node;
    sdp_sparse place; // 1 + the place of a term, by node; raw memory
} sdp_termlist;
void sdp_termlist_add(sdp_termlist *s, sdp_num coef, sdp_id term); // a sum is added term by term
void sdp_termlist_free(sdp_termlist *s);

// ---- polynomials of one variable with integer coefficients ------------------------------------------------
typedef struct {
    int degree;
    sdp_num *c;
} sdp_poly; // degree -1: zero; in scratch
typedef struct {
    int degree;
    uint64_t *c;
} sdp_residue; // the same modulo the prime of simplify/zero/field.h

// The monic irreducible factors of f modulo the prime, each as often as it is one, equal ones side by side
// and with the same `c`; f is not constant. In scratch; returns how many. modular.c
uint32_t sdp_modular_factors(sdp_base *b, const sdp_residue *f, sdp_residue **factor);
sdp_residue sdp_residue_times(sdp_base *b, const sdp_residue *x, const sdp_residue *y);

// Factors of f over the integers with their multiplicities. fits(data, g, h): may g*h be a product of f as it
// is meant? recombine.c
typedef struct {
    sdp_poly poly;
    uint32_t times;
} sdp_power_of;
typedef bool sdp_fits(void *data, const sdp_poly *g, const sdp_poly *h);
uint32_t sdp_integer_factors(sdp_graph *g, const sdp_poly *f, sdp_fits *fits, void *data,
                             sdp_power_of **factor);

#endif
