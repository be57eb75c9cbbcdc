// SPDX-License-Identifier: MIT
// The references for the rows of the table: derivatives written by hand for the machine. Matrices are
// row-major, sizes, inputs and outputs in the order of table.py. NAME_tiny is NAME for the sizes of the tiny
// row, known when it is compiled.
#ifndef LIMITS_H
#define LIMITS_H

#include <stddef.h>

#define LIMIT(name) void name(const size_t *size, const double *const *in, double *const *out, double *work)

LIMIT(quad_grad);
LIMIT(quad_hess);
LIMIT(ols_grad);
LIMIT(ridge_grad);
LIMIT(ols_hess);
LIMIT(logreg_grad);
LIMIT(logreg_hess);
LIMIT(mf_grad);
LIMIT(mf_hess);
LIMIT(softmax_grad);
LIMIT(lse_hess);
LIMIT(logdet_grad);
LIMIT(logdet_spd_grad);
LIMIT(gp_grad);
LIMIT(mlp_grad);
LIMIT(nn_hess);
LIMIT(gmm_grad);
LIMIT(ba_jac);
LIMIT(rosen_grad);
LIMIT(rosen_hvp);
LIMIT(gn6);
LIMIT(cong6);

#endif
