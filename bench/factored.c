// SPDX-License-Identifier: MIT
// The Hessian of norm(T-U*V')^2 by the n x 5 matrix U, compiled twice: as the core 2*V'*V of
// kron(2*V'*V,eye(n)), and dense, with all 25*n*n entries (Laue, Mitterreiter and Giesen,
// 2020, compress it in the same way).
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "include/symdiff.h"

enum { RUNS = 31, K = 5 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t entries(const char *input, size_t n) { return *input == 'T' ? n * n : n * K; }

// Median seconds of one call; the inputs are found by their names.
static double measure(sd_context *c, const sd_result *r, size_t n, int dense)
{
    sd_function *f = sd_compile(c, r, &(sd_emit_options){.dense = dense});
    if (!f) return -1;
    size_t dims[8], nin = sd_function_inputs(f);
    double *in[8] = {NULL}, took[RUNS], *out = calloc(dense ? K * K * n * n : K * K, sizeof *out);
    for (size_t i = 0; i < sd_function_dims(f); i++) dims[i] = *sd_function_dim(f, i) == 'k' ? K : n;
    for (size_t i = 0; i < nin; i++) {
        size_t count = entries(sd_function_input(f, i), n);
        in[i] = malloc(count * sizeof *in[i]);
        for (size_t k = 0; in[i] && k < count; k++) in[i][k] = (double)(k % 17) / 17;
    }
    double *work = malloc((sd_function_workspace(f, dims) + 1) * sizeof *work);
    for (int k = 0; k < RUNS; k++) {
        double start = now();
        sd_function_call(f, dims, (const double *const *)in, &out, work);
        took[k] = now() - start;
    }
    qsort(took, RUNS, sizeof *took, by_size);
    for (size_t i = 0; i < nin; i++) free(in[i]);
    free(work);
    free(out);
    sd_function_free(f);
    return took[RUNS / 2];
}

int main(void)
{
    static const size_t sizes[] = {50, 100, 200};
    sd_context *c = sd_context_new(NULL);
    sd_declare(c, "T: matrix(m,n); U: matrix(m,k); V: matrix(n,k)", NULL);
    sd_expr e = sd_parse(c, "norm(T-U*V')^2", NULL);
    sd_result *r = e ? sd_derive(c, e, &(sd_request){.what = SD_HESSIAN, .wrt = "U"}) : NULL;
    if (!r) {
        fprintf(stderr, "factored: %s\n", sd_last_error(c)->message);
        return 1;
    }
    printf("Hessian of norm(T-U*V')^2 by U (n x 5)\n%6s %12s %12s %10s\n", "n", "core us", "dense us",
           "ratio");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        double core = measure(c, r, sizes[i], 0), dense = measure(c, r, sizes[i], 1);
        printf("%6zu %12.2f %12.2f %10.0f\n", sizes[i], core * 1e6, dense * 1e6, dense / core);
    }
    sd_context_free(c);
    return 0;
}
