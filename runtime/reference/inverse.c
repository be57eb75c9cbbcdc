// SPDX-License-Identifier: MIT
// The inverse and the determinant by Gauss and Jordan, with pivots.
#include <math.h>
#include <string.h>

#include "runtime/reference/reference.h"

// Gauss-Jordan with pivoting on [a | inverse]; returns the determinant, 0 if singular.
// So it is where a pivot is no more than the rounding error of the largest number that was subtracted there.
double sdp_reference_inverse(sdp_base *b, size_t n, const double *a, double *inverse)
{
    double *w = sdp_scratch(b, n * n * sizeof *w), *most = sdp_scratch(b, n * n * sizeof *most), det = 1;
    memcpy(w, a, n * n * sizeof *w);
    for (size_t i = 0; i < n * n; i++) inverse[i] = i % (n + 1) == 0;
    for (size_t k = 0; k < n; k++) {
        size_t p = k;
        for (size_t i = k; i < n; i++)
            if (fabs(w[i * n + k]) > fabs(w[p * n + k])) p = i;
        double pivot = w[p * n + k];
        det *= p == k ? pivot : -pivot;
        if (!(fabs(pivot) > 1e-15 * (double)n * most[p * n + k])) return 0 * pivot;
        for (size_t j = 0; j < n; j++) {
            double t = w[p * n + j], u = inverse[p * n + j];
            most[p * n + j] = most[k * n + j];
            w[p * n + j] = w[k * n + j], inverse[p * n + j] = inverse[k * n + j];
            w[k * n + j] = t / pivot, inverse[k * n + j] = u / pivot;
        }
        for (size_t i = 0; i < n; i++) {
            double f = w[i * n + k];
            for (size_t j = 0; j < n && i != k; j++) {
                most[i * n + j] = fmax(most[i * n + j], fabs(f * w[k * n + j]));
                w[i * n + j] -= f * w[k * n + j], inverse[i * n + j] -= f * inverse[k * n + j];
            }
        }
    }
    return det;
}
