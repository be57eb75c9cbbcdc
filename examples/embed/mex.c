// SPDX-License-Identifier: MIT
// Emitted C in Octave and MATLAB: [value, gradient, hessian] = misra(p, x, y). What is not asked for is NULL,
// and not computed. mkoctfile --mex -o misra.mex mex.c misra.c
#include <mex.h>

#include "misra.h"

void mexFunction(int nlhs, mxArray *out[], int nrhs, const mxArray *in[])
{
    if (nrhs != 3) mexErrMsgTxt("misra(p, x, y) was expected");
    size_t n = mxGetNumberOfElements(in[1]);
    if (mxGetNumberOfElements(in[0]) != 2 || mxGetNumberOfElements(in[2]) != n)
        mexErrMsgTxt("the sizes do not agree");
    double *work = mxMalloc((misra_workspace(n) + 1) * sizeof *work), *to[3] = {NULL, NULL, NULL};
    static const size_t rows[3] = {1, 2, 2}, columns[3] = {1, 1, 2};
    for (int i = 0; i < 3 && i < (nlhs > 1 ? nlhs : 1); i++) {
        out[i] = mxCreateDoubleMatrix(rows[i], columns[i], mxREAL);
        to[i] = mxGetPr(out[i]);
    }
    if (misra(n, mxGetPr(in[0]), mxGetPr(in[1]), mxGetPr(in[2]), to[0], to[1], to[2], work))
        mexErrMsgTxt("there is no value");
    mxFree(work);
}
