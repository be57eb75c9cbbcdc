// SPDX-License-Identifier: MIT
// Arithmetic modulo 2^61-1, a Mersenne prime, which makes reduction two shifts; and
// how many entries a node has there.
#include <string.h>

#include "simplify/zero/field.h"

uint64_t sdp_field_add(uint64_t a, uint64_t b)
{
    uint64_t s = a + b;
    return s >= SDP_FIELD_PRIME ? s - SDP_FIELD_PRIME : s;
}

uint64_t sdp_field_sub(uint64_t a, uint64_t b) { return a >= b ? a - b : a + SDP_FIELD_PRIME - b; }

uint64_t sdp_field_mul(uint64_t a, uint64_t b)
{
    uint64_t low = 0x7fffffffu, a0 = a & low, a1 = a >> 31, b0 = b & low, b1 = b >> 31,
             middle = a1 * b0 + a0 * b1;
    // 2^62 is 2, and 2^61 is 1
    uint64_t sum = 2 * a1 * b1 + (middle >> 30) + ((middle & low >> 1) << 31) + a0 * b0;
    return sdp_field_add(sum & SDP_FIELD_PRIME, sum >> 61);
}

uint64_t sdp_field_pow(uint64_t a, uint64_t k)
{
    uint64_t r = 1;
    for (; k; k >>= 1, a = sdp_field_mul(a, a))
        if (k & 1) r = sdp_field_mul(r, a);
    return r;
}

// Euclid's algorithm, of three steps for a small number; 0 has the inverse 0.
uint64_t sdp_field_inv(uint64_t a)
{
    uint64_t r = SDP_FIELD_PRIME;
    int64_t x = 0, y = 1; // r = x*a, a = y*(the a that was given), modulo the prime
    while (a) {
        uint64_t q = r / a, rest = r % a;
        int64_t z = x - (int64_t)q * y; // no larger than the prime
        r = a, a = rest;
        x = y, y = z;
    }
    return x < 0 ? (uint64_t)(x + (int64_t)SDP_FIELD_PRIME) : (uint64_t)x;
}

uint64_t sdp_field_hash(uint64_t state, uint64_t x) // splitmix64
{
    uint64_t z = (state ^ x) + 0x9e3779b97f4a7c15u + (state << 6) + (state >> 2);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (z ^ z >> 31) % SDP_FIELD_PRIME;
}

// Gauss-Jordan with the first nonzero pivot.
uint64_t sdp_field_invert(size_t n, uint64_t *a, uint64_t *inverse)
{
    uint64_t det = 1;
    for (size_t i = 0; i < n * n; i++) inverse[i] = i % (n + 1) == 0;
    for (size_t k = 0; k < n; k++) {
        size_t p = k;
        while (p < n && !a[p * n + k]) p++;
        if (p == n) return 0;
        uint64_t pivot = a[p * n + k], r = sdp_field_inv(pivot);
        det = sdp_field_mul(det, p == k ? pivot : SDP_FIELD_PRIME - pivot);
        for (size_t j = 0; j < n; j++) {
            uint64_t t = a[p * n + j], u = inverse[p * n + j];
            a[p * n + j] = a[k * n + j], inverse[p * n + j] = inverse[k * n + j];
            a[k * n + j] = sdp_field_mul(t, r), inverse[k * n + j] = sdp_field_mul(u, r);
        }
        for (size_t i = 0; i < n; i++) {
            uint64_t m = a[i * n + k];
            for (size_t j = 0; j < n && i != k; j++) {
                a[i * n + j] = sdp_field_sub(a[i * n + j], sdp_field_mul(m, a[k * n + j]));
                inverse[i * n + j] = sdp_field_sub(inverse[i * n + j], sdp_field_mul(m, inverse[k * n + j]));
            }
        }
    }
    return det;
}

long sdp_field_size(const sdp_field *f, sdp_dim d) { return sdp_size_at(f->g, d, f->size); }

size_t sdp_field_count(const sdp_field *f, uint32_t order, const sdp_dim *dim, size_t *size)
{
    size_t count = 1;
    for (uint32_t k = 0; k < order; k++) {
        long d = sdp_field_size(f, dim[k]);
        size_t n = d < 1 ? 0 : (size_t)d;
        if (size) size[k] = n;
        if (n && count > SIZE_MAX / 64 / n) return SIZE_MAX / 64;
        count *= n;
    }
    return count;
}
