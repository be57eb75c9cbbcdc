// SPDX-License-Identifier: MIT
// Misra1a by GSL's nonlinear least squares. The residual and its Jacobian are emitted with leading dimensions
// (--ld), so that a gsl_matrix goes in as it is: J->tda is how far its rows stand apart. What is not asked
// for is NULL, and not computed.
#include <gsl/gsl_blas.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <stdio.h>

#include "gsl_misra.h"

enum { N = 14 };
static const double y[N] = {10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02,
                            44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78};
static const double x[N] = {77.6,  114.9, 141.1, 190.8, 239.9, 289.0, 332.8,
                            378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0};
static double work[4 * N];

static int residual(const gsl_vector *p, void *user, gsl_vector *f)
{
    (void)user;
    return gsl_misra(N, p->data, x, y, f->data, NULL, 0, work) ? GSL_EDOM : GSL_SUCCESS;
}

static int jacobian(const gsl_vector *p, void *user, gsl_matrix *J)
{
    (void)user;
    return gsl_misra(N, p->data, x, y, NULL, J->data, J->tda, work) ? GSL_EDOM : GSL_SUCCESS;
}

int main(void)
{
    if (gsl_misra_workspace(N) > sizeof work / sizeof *work) return 1;
    gsl_multifit_nlinear_parameters parameters = gsl_multifit_nlinear_default_parameters();
    gsl_multifit_nlinear_workspace *w =
        gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &parameters, N, 2);
    gsl_multifit_nlinear_fdf fdf = {.f = residual, .df = jacobian, .n = N, .p = 2};
    double start[2] = {500, 1e-4};
    gsl_vector_view p = gsl_vector_view_array(start, 2);
    int info;
    gsl_multifit_nlinear_init(&p.vector, &fdf, w);
    if (gsl_multifit_nlinear_driver(100, 1e-14, 1e-14, 0, NULL, NULL, &info, w)) return 1;
    const gsl_vector *at = gsl_multifit_nlinear_position(w);
    printf("p = %.7f %.12f\n", gsl_vector_get(at, 0), gsl_vector_get(at, 1));
    gsl_multifit_nlinear_free(w);
    return 0;
}
