// SPDX-License-Identifier: MIT
// Fits NIST's data set Misra1a (a monomolecular adsorption, Washington 1992) by Gauss-Newton with a
// derivative made at run time:
//     y = b1*(1-exp(-b2*x)),   certified: b1 = 238.94212918, b2 = 5.5015643181e-4
// The formula is a text, so it could come from a user: the program asks the compiled function what it takes.
//     cc misra.c $(pkg-config --cflags --libs symdiff) -lm && ./a.out
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <symdiff.h>

enum { N = 14 };
static const double y[N] = {10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02,
                            44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78};
static const double x[N] = {77.6,  114.9, 141.1, 190.8, 239.9, 289.0, 332.8,
                            378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0};

// The residual and its derivatives by b1 and b2, in one function.
static sd_function *compile(sd_context *c, const char *formula)
{
    sd_result *r =
        sd_derive(c, sd_parse(c, formula, NULL), &(sd_request){.what = SD_JACOBIAN, .wrt = "b1,b2"});
    sd_function *f = sd_compile(c, r, &(sd_emit_options){.value = 1});
    if (!f) {
        char *text = sd_error_text(c, sd_last_error(c));
        fputs(text, stderr);
        sd_free(c, text);
    }
    return f;
}

// One step: the b that makes the linearised residual least. The normal equations are two by two.
static void step(double *b, const double *r, const double *j1, const double *j2)
{
    double a11 = 0, a12 = 0, a22 = 0, g1 = 0, g2 = 0;
    for (int i = 0; i < N; i++) {
        a11 += j1[i] * j1[i];
        a12 += j1[i] * j2[i];
        a22 += j2[i] * j2[i];
        g1 += j1[i] * r[i];
        g2 += j2[i] * r[i];
    }
    double det = a11 * a22 - a12 * a12;
    b[0] -= (a22 * g1 - a12 * g2) / det;
    b[1] -= (a11 * g2 - a12 * g1) / det;
}

int main(void)
{
    sd_context *c = sd_context_new(&(sd_options){.wrt = "b1,b2"});
    sd_function *f = compile(c, "x: vector(n); y: vector(n)\nb1*(1-exp(-b2*x))-y");
    sd_context_free(c); // the function does not need it
    if (!f) return 1;
    double b[2] = {250, 5e-4}, out[3][N];
    double *to[3] = {out[0], out[1], out[2]};
    const double *in[4];
    sd_array shape[4];
    size_t dims[1] = {0};
    sd_argument a;
    for (size_t i = 0; sd_function_input_at(f, i, &a); i++) {
        in[i] = !strcmp(a.name, "x") ? x : !strcmp(a.name, "y") ? y : !strcmp(a.name, "b1") ? &b[0] : &b[1];
        shape[i] = (sd_array){.order = a.order, .dim = {N}};
    }
    if (sd_function_sizes(f, shape, dims, NULL) != SD_OK) return 1;
    double *work = malloc((sd_function_workspace(f, dims) + 1) * sizeof *work);
    for (int k = 0; work && k < 8; k++) {
        if (sd_function_call(f, dims, in, to, work)) return 1;
        step(b, out[0], out[1], out[2]);
    }
    printf("b1 = %.7f, b2 = %.10f\n", b[0], b[1]);
    free(work);
    sd_function_free(f);
    return 0;
}
