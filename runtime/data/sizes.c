// SPDX-License-Identifier: MIT
// Sizes as polynomials in the names of dimensions. See sizes.h.
#include "runtime/data/sizes.h"

#include <limits.h>

double sdp_size_value(sdp_size p, const long *value, uint32_t unknown, double x)
{
    double sum = 0;
    for (uint32_t i = 0; i < p.n; i++) {
        const sdp_dim_term *t = &p.term[i];
        double product = (double)t->coef;
        for (uint32_t k = 0; k < t->natoms; k++)
            product *= t->atom[k] == unknown ? x : (double)value[t->atom[k]];
        sum += product;
    }
    return sum;
}

uint32_t sdp_size_unknowns(sdp_size p, const long *value, uint32_t *atom, uint32_t *degree)
{
    uint32_t count = 0;
    *degree = 0;
    for (uint32_t i = 0; i < p.n; i++) {
        uint32_t power = 0;
        for (uint32_t k = 0; k < p.term[i].natoms; k++) {
            uint32_t a = p.term[i].atom[k];
            if (value[a]) continue;
            if (!count) *atom = a;
            if (a != *atom) return 2;
            count = 1;
            power++;
        }
        if (power > *degree) *degree = power;
    }
    return count;
}

// Beyond degree 1 the sizes that occur (n*n for vec(X)) are small enough to be tried one after the other.
long sdp_size_solve(sdp_size p, const long *value, uint32_t atom, uint32_t degree, long size)
{
    if (degree == 1) {
        double rest = sdp_size_value(p, value, atom, 0), slope = sdp_size_value(p, value, atom, 1) - rest;
        double x = slope != 0 ? ((double)size - rest) / slope : 0;
        return x >= 1 && x <= SDP_LARGEST_SIZE && x == (double)(long)x ? (long)x : 0;
    }
    for (long x = 1; x <= size && x <= 10000000; x++)
        if (sdp_size_value(p, value, atom, (double)x) == (double)size) return x;
    return 0;
}

bool sdp_sizes_of(const sd_array *a, int axes, bool as_row, size_t axis[2])
{
    size_t count = 1, longest = 1, rows = a->order ? a->dim[0] : 1, cols = a->order > 1 ? a->dim[1] : 1;
    for (int i = 0; i < a->order; i++) {
        count *= a->dim[i];
        if (a->dim[i] > longest) longest = a->dim[i];
    }
    axis[0] = axes == 2 ? (as_row ? 1 : rows) : count;
    axis[1] = as_row ? rows : cols;
    return axes == 2 ? a->order <= 2 : axes == 1 ? count == longest : count == 1;
}
