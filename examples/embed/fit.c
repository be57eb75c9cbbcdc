// SPDX-License-Identifier: MIT
// A small program around emitted code: NIST's data set Misra1a, y = p1*(1-exp(-p2*x)), fitted by Newton's
// method with the emitted gradient and Hessian. The Makefile, CMakeLists.txt and meson.build beside it make
// misra.c and misra.h of the model file misra.sd.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "misra.h"

enum { N = 14 };
static const double y[N] = {10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02,
                            44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78};
static const double x[N] = {77.6,  114.9, 141.1, 190.8, 239.9, 289.0, 332.8,
                            378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0};

int main(void)
{
    double p[2] = {240, 5.4e-4}, value = HUGE_VAL, g[2], h[4];
    double *work = malloc((misra_workspace(N) + 1) * sizeof *work);
    if (!work) return 1;
    for (int k = 0; k < 20; k++) {
        if (misra(N, p, x, y, &value, g, h, work)) return 1;
        double det = h[0] * h[3] - h[1] * h[2];
        p[0] -= (h[3] * g[0] - h[1] * g[1]) / det;
        p[1] -= (h[0] * g[1] - h[2] * g[0]) / det;
    }
    // A search that needs the value alone passes NULL for what it does not want.
    if (misra(N, p, x, y, &value, NULL, NULL, work)) return 1;
    printf("p = %.8f %.13f, sum of squares %.10f\n", p[0], p[1], value);
    free(work);
    return 0;
}
