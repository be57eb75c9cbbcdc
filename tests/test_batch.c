// SPDX-License-Identifier: MIT
// Batch calls of a compiled function: at many parameter sets they give the numbers and statuses of single
// calls, for any number of threads. Threads that derive, compile and call at the same time, each in a context
// of its own: `make tsan` runs this file under ThreadSanitizer.
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "include/symdiff.h"

enum { SETS = 37, ROWS = 3, COLUMNS = 2 };

static sd_function *compiled(const char *with, const char *text, const char *wrt, const char *arguments)
{
    sd_context *c = sd_context_new(&(sd_options){.wrt = wrt});
    if (with) assert_int_equal(sd_declare(c, with, NULL), SD_OK);
    sd_result *r = sd_derive(c, sd_parse(c, text, NULL), &(sd_request){.what = SD_GRADIENT, .wrt = wrt});
    sd_function *f = sd_compile(c, r, &(sd_emit_options){.value = 1, .arguments = arguments});
    if (!f) fail_msg("%s", sd_last_error(c)->message);
    sd_context_free(c);
    return f;
}

static void test_same_as_single_calls(void **state)
{
    (void)state;
    sd_function *f = compiled(NULL, "sum(log(1+exp(X*w)))-y'*X*w", "w", "X,w,y");
    double X[ROWS * COLUMNS] = {1, 2, 3, 4, 5, -6}, w[SETS * COLUMNS], y[SETS * ROWS], value[SETS],
                    grad[SETS * COLUMNS];
    size_t dims[2], culprit;
    sd_array shape[] = {{.order = 2, .dim = {ROWS, COLUMNS}},
                        {.order = 1, .dim = {COLUMNS}},
                        {.order = 1, .dim = {ROWS}}};
    memset(dims, 0, sizeof dims);
    assert_int_equal(sd_function_sizes(f, shape, dims, &culprit), SD_OK);
    for (int i = 0; i < SETS * COLUMNS; i++) w[i] = sin(i);
    for (int i = 0; i < SETS * ROWS; i++) y[i] = i % 2;
    double *work = calloc(sd_function_workspace(f, dims) + 1, sizeof *work);
    for (unsigned threads = 0; threads <= 4; threads++) {
        int status[SETS];
        memset(value, 0, sizeof value), memset(grad, 0, sizeof grad), memset(status, 1, sizeof status);
        const sd_batch b = {.count = SETS,
                            .step = (size_t[]){0, COLUMNS, ROWS},
                            .threads = threads,
                            .status = status};
        assert_int_equal(sd_function_call_batch(f, dims, (const double *[]){X, w, y},
                                                (double *[]){value, grad}, &b),
                         0);
        for (int k = 0; k < SETS; k++) {
            double v, g[COLUMNS];
            assert_int_equal(sd_function_call(f, dims, (const double *[]){X, w + k * COLUMNS, y + k * ROWS},
                                              (double *[]){&v, g}, work),
                             0);
            assert_true(v == value[k] && !memcmp(g, grad + k * COLUMNS, sizeof g) && !status[k]);
        }
    }
    free(work);
    sd_function_free(f);
}

// Every third matrix is singular: its set has a status and NaN, the others their values.
static void test_failures(void **state)
{
    (void)state;
    sd_function *f = compiled("A: matrix(2,2); b: vector(2)", "b'*(A\\b)", "b", "A,b");
    double A[SETS * 4], b[2] = {1, 2}, value[SETS], grad[SETS * 2];
    int status[SETS];
    for (int k = 0; k < SETS; k++)
        memcpy(A + 4 * k, k % 3 == 1 ? (double[]){1, 2, 2, 4} : (double[]){2, 1, 0, k + 1}, 4 * sizeof *A);
    for (unsigned threads = 1; threads <= 3; threads++) {
        const sd_batch all = {.count = SETS, .step = (size_t[]){4, 0}, .threads = threads, .status = status};
        assert_int_equal(sd_function_call_batch(f, NULL, (const double *[]){A, b}, (double *[]){value, grad},
                                                &all),
                         1);
        for (int k = 0; k < SETS; k++) {
            assert_int_equal(status[k], k % 3 == 1);
            assert_true(isnan(value[k]) == (k % 3 == 1) && isnan(grad[2 * k + 1]) == (k % 3 == 1));
            if (k % 3 != 1) assert_true(fabs(value[k] - (0.5 * (1 - 2.0 / (k + 1)) + 4.0 / (k + 1))) < 1e-14);
        }
    }
    sd_function_free(f);
}

// An inner product by a callback, which several threads call at once
static int twice(void *user, const size_t *sizes, const double *const *arg, double *out)
{
    *out = 0;
    for (size_t i = 0; i < sizes[0]; i++) *out += *(double *)user * arg[0][i];
    return *out < 0 ? 9 : 0;
}

static void test_callbacks(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(NULL);
    assert_int_equal(sd_declare(c, "f: function(vector(n)) -> scalar", NULL), SD_OK);
    sd_result *r = sd_value(c, sd_parse(c, "f(x)+1", NULL));
    sd_function *f = sd_compile(c, r, NULL);
    double x[] = {1, 2, 3, 4, -5, -6}, out[3], two = 2;
    int status[3];
    sd_batch b = {.count = 3, .step = (size_t[]){2}, .threads = 2, .status = status};
    assert_int_equal(sd_function_call_batch(f, (size_t[]){2}, (const double *[]){x}, (double *[]){out}, &b),
                     -1);
    b.binding = &(sd_binding){twice, &two};
    assert_int_equal(sd_function_call_batch(f, (size_t[]){2}, (const double *[]){x}, (double *[]){out}, &b),
                     9);
    assert_true(out[0] == 7 && out[1] == 15 && isnan(out[2]) && !status[0] && !status[1] && status[2] == 9);
    sd_function_free(f);
    sd_context_free(c);
}

// Two threads that compile and call; a third function is shared by both.
static void *compile_and_call(void *data)
{
    const sd_function *shared = data;
    for (int i = 0; i < 4; i++) {
        sd_function *f =
            compiled("A: matrix(2,2); b: vector(2)", i % 2 ? "sum(exp(A*b))" : "b'*(A\\b)", "b", "A,b");
        const double A[] = {2, 1, 0, 3}, b[] = {1, 2};
        double value[8], grad[16], work[64];
        const sd_batch all = {.count = 8, .threads = 2};
        assert_true(sd_function_workspace(f, NULL) <= 64 && sd_function_workspace(shared, NULL) <= 64);
        assert_int_equal(sd_function_call(f, NULL, (const double *[]){A, b}, (double *[]){value, grad}, work),
                         0);
        assert_int_equal(sd_function_call(shared, NULL, (const double *[]){A, b}, (double *[]){value, grad},
                                          work),
                         0);
        assert_int_equal(sd_function_call_batch(shared, NULL, (const double *[]){A, b},
                                                (double *[]){value, grad}, &all),
                         0);
        sd_function_free(f);
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    sd_function *shared = compiled("A: matrix(2,2); b: vector(2)", "norm(A*b)^2", "b", "A,b");
    pthread_t thread[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, compile_and_call, shared), 0);
    for (int i = 0; i < 2; i++) pthread_join(thread[i], NULL);
    sd_function_free(shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_as_single_calls),
                                       cmocka_unit_test(test_failures), cmocka_unit_test(test_callbacks),
                                       cmocka_unit_test(test_threads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
