// SPDX-License-Identifier: MIT
// Graphs over the integers modulo the prime 2^61-1: exact values at random points, for deciding equality.
//
// Rational functions (sums, products, integer powers, inverses, determinants) are computed exactly. Every
// other function has as its value a pseudo-random number that depends on the function, on the values of its
// arguments and on the seed: two expressions that agree do so whatever these functions are. A value that
// depends on such a number is "opaque": if it is not zero, that proves nothing.
#ifndef SDP_FIELD_H
#define SDP_FIELD_H

#include "simplify/zero/zero.h"

static const uint64_t SDP_FIELD_PRIME = ((uint64_t)1 << 61) - 1;

uint64_t sdp_field_add(uint64_t a, uint64_t b);
uint64_t sdp_field_sub(uint64_t a, uint64_t b);
uint64_t sdp_field_mul(uint64_t a, uint64_t b);
uint64_t sdp_field_pow(uint64_t a, uint64_t k);
uint64_t sdp_field_inv(uint64_t a);                  // a != 0
uint64_t sdp_field_hash(uint64_t state, uint64_t x); // into the field
// A function of one argument: a pseudo-random number, with tanh(x)*cosh(x) = sinh(x) and the like. function.c
uint64_t sdp_field_function(uint64_t seed, int op, uint64_t x);
// The inverse of the n x n matrix a, which is destroyed; returns the determinant.
// 0: singular, inverse is rubbish.
uint64_t sdp_field_invert(size_t n, uint64_t *a, uint64_t *inverse);

typedef struct {
    sdp_graph *g;
    const long *size; // by atom
    uint64_t seed;
    uint64_t work;    // multiply-adds still allowed
    bool opaque;      // out: the root's value depends on pseudo-random function values
    uint64_t **value; // by node
    bool *is_opaque;  // by node
} sdp_field;

typedef enum { SDP_FIELD_VALUE, SDP_FIELD_NO_VALUE, SDP_FIELD_TOO_LARGE, SDP_FIELD_UNKNOWN } sdp_field_status;
// Values of all nodes in `list` (arguments first), in scratch. NO_VALUE: a denominator is zero at this point.
// UNKNOWN: inf, or declared structure without exact random values. field.c
sdp_field_status sdp_field_run(sdp_field *f, uint32_t count, const sdp_id *list);
// A random value of a variable with its declared structure; false if that is not possible. field_point.c
bool sdp_field_draw(sdp_field *f, const sdp_variable *v, uint32_t variable, const sdp_node *n, uint64_t *out);
// the entries of a SEL; false if an index is beyond its size
bool sdp_field_index(const sdp_field *f, const sdp_node *sel, uint64_t *out);
long sdp_field_size(const sdp_field *f, sdp_dim d);
// entries; size may be NULL
size_t sdp_field_count(const sdp_field *f, uint32_t order, const sdp_dim *dim, size_t *size);

#endif
