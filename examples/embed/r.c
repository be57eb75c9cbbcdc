// SPDX-License-Identifier: MIT
// For .C() of R, which passes pointers alone: numbers become pointers to one.
#include <stdlib.h>

#include "misra.h"

void misra_r(const int *n, const double *p, const double *x, const double *y, double *value, double *gradient,
             double *hessian, int *status)
{
    double *work = malloc((misra_workspace((size_t)*n) + 1) * sizeof *work);
    *status = work ? misra((size_t)*n, p, x, y, value, gradient, hessian, work) : -1;
    free(work);
}
