// SPDX-License-Identifier: MIT
// Misra1a by NLopt. NLopt asks for the value alone with a gradient that is NULL,
// which is what emitted functions take.
#include <math.h>
#include <nlopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "misra.h"

enum { N = 14 };
static const double y[N] = {10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02,
                            44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78};
static const double x[N] = {77.6,  114.9, 141.1, 190.8, 239.9, 289.0, 332.8,
                            378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0};
static const double scale[2] = {100, 1e-4}; // parameters near 1

static double objective(unsigned n, const double *q, double *gradient, void *user)
{
    double value, p[2] = {q[0] * scale[0], q[1] * scale[1]};
    if (misra(N, p, x, y, &value, gradient, NULL, user)) return HUGE_VAL;
    for (unsigned i = 0; gradient && i < n; i++) gradient[i] *= scale[i];
    return value;
}

int main(void)
{
    double q[2] = {5, 1}, value, *work = malloc((misra_workspace(N) + 1) * sizeof *work);
    if (!work) return 1;
    nlopt_opt o = nlopt_create(NLOPT_LD_SLSQP, 2);
    nlopt_set_min_objective(o, objective, work);
    nlopt_set_xtol_rel(o, 1e-13);
    nlopt_set_maxeval(o, 10000);
    if (nlopt_optimize(o, q, &value) < 0) return 1;
    printf("p = %.4f %.9f, sum of squares %.8f\n", q[0] * scale[0], q[1] * scale[1], value);
    nlopt_destroy(o);
    free(work);
    return 0;
}
