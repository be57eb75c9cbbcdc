// SPDX-License-Identifier: MIT
// Sparse Jacobians and Hessians: the entries, put where sd_sparsity says, are the dense
// matrix, which is computed by another function; there are as many as a person would count;
// what is not sparse is refused by name.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "include/symdiff.h"

enum { MOST = 16, ROOM = 40000 };

typedef struct {
    const char *text, *wrt, *sizes;
    sd_what what;
    size_t entries;
} example;

static const example examples[] = {
    {"x: vector(n); sum(100*(x[2:n]-x[1:n-1].^2).^2+(1-x[1:n-1]).^2)", "x", "n=7", SD_HESSIAN, 19},
    {"x: vector(n); sum(exp(x))", "x", "n=7", SD_HESSIAN, 7},
    {"x: vector(n); sin(x).*x", "x", "n=7", SD_JACOBIAN, 7},
    {"x: vector(n); x[2:n]-x[1:n-1].^2", "x", "n=7", SD_JACOBIAN, 12},
    {"x: vector(n); x[1:n-2]-2*x[2:n-1]+x[3:n]", "x", "n=9", SD_JACOBIAN, 21},
    {"x: vector(n); [x[1]^2*x[2]; sin(x)]", "x", "n=6", SD_JACOBIAN, 8},
    {"x: vector(n); y: vector(k); [A*x; exp(y)]; A: matrix(m,n)", "x,y", "n=3,m=4,k=5", SD_JACOBIAN, 17},
    {"a: scalar; x: vector(n); y: vector(n); sum((y-a*x).^2.*x)", "a,x", "n=6", SD_HESSIAN, 19},
    {"x: vector(n); y: vector(n); sum(exp(x.*y))", "x,y", "n=5", SD_HESSIAN, 20},
    {"x: vector(n); y: vector(n); sum(x.*y)+sum(x.^4)", "x,y", "n=5", SD_HESSIAN, 15},
    {"x: vector(n); x[1]^2*x[n]+x[2]^3", "x", "n=6", SD_HESSIAN, 4},
    {"x: vector(n); h: vector(k); conv(x,h)", "x", "n=6,k=3", SD_JACOBIAN, 18},
    {"x: vector(n); D: matrix(n,n) diagonal; D*x", "x", "n=6", SD_JACOBIAN, 6},
    {"x: vector(n); L: matrix(n,n) lower; L*x", "x", "n=6", SD_JACOBIAN, 21},
    {"x: vector(n); cumsum(x.^2)", "x", "n=6", SD_JACOBIAN, 21},
    {"x: vector(n); y: vector(m); kron(x.^2,y)", "x", "n=4,m=3", SD_JACOBIAN, 12},
    {"x: vector(n); y: vector(m); kron(y,x.^2)", "x", "n=4,m=3", SD_JACOBIAN, 12},
    {"x: vector(n); relu(x)", "x", "n=4", SD_JACOBIAN, 4},
    {"x: vector(n); y: vector(n); (x+y).*exp(x[1])", "x", "n=5", SD_JACOBIAN, 9},
    {"x: vector(n); sum((x[2:n]-x[1:n-1]).^4)/(2*c)+c^2; c: scalar", "x", "n=5", SD_HESSIAN, 13},
    {"x: vector(n); c: scalar; sum((x[2:n]-x[1:n-1]).^4)/(2*c)+c^2", "c,x", "n=5", SD_HESSIAN, 24},
    {"U: matrix(n,k); v: vector(n); vec(diag(v)*U)", "v", "n=4,k=3", SD_JACOBIAN, 12},
};

static size_t count_of(const sd_array *a)
{
    size_t n = 1;
    for (int k = 0; k < a->order; k++) n *= a->dim[k];
    return n;
}

// Numbers for all inputs, whose axes are numbers or names among `sizes`
static void fill(const sd_function *f, double *numbers, const double **in, const char *sizes)
{
    sd_argument a;
    for (size_t i = 0, used = 0; sd_function_input_at(f, i, &a); i++) {
        size_t n = 1;
        for (int k = 0; k < a.order; k++) {
            const char *at = sizes;
            size_t length = strlen(a.axis[k]);
            while (at && (strncmp(at, a.axis[k], length) || at[length] != '='))
                at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL;
            n *= (size_t)strtol(at ? at + length + 1 : a.axis[k], NULL, 10);
        }
        in[i] = numbers + used;
        for (size_t k = 0; k < n; k++, used++) {
            bool both = a.order == 2 && n == 36, off = both && k / 6 != k % 6, above = both && k % 6 > k / 6;
            double v = 0.3 + 0.7 * fabs(sin(1.7 * (double)(used + 1)));
            numbers[used] = (off && !strcmp(a.name, "D")) || (above && !strcmp(a.name, "L")) ? 0 : v;
        }
    }
}

static double *call(const sd_function *f, const double **in, size_t *n)
{
    sd_array shape;
    assert_int_equal(sd_function_dims(f), 0);
    assert_int_equal(sd_function_outputs(f), 1);
    assert_int_equal(sd_function_output_shape(f, 0, NULL, &shape), SD_OK);
    *n = count_of(&shape);
    double *out = malloc((*n + 1) * sizeof *out),
           *work = malloc((sd_function_workspace(f, NULL) + 1) * sizeof *work);
    assert_int_equal(sd_function_call(f, NULL, in, &out, work), 0);
    free(work);
    return out;
}

static void compare(const example *x, int columns, const char *compiler)
{
    static double numbers[ROOM];
    const double *in[MOST] = {numbers};
    sd_context *c = sd_context_new(&(sd_options){.wrt = x->wrt, .compiler = compiler});
    sd_expr e = sd_parse(c, x->text, NULL);
    if (!e) fail_msg("%s: %s", x->text, sd_last_error(c)->message);
    const sd_result *r = sd_derive(c, e, &(sd_request){.what = x->what, .wrt = x->wrt});
    sd_emit_options o = {.sizes = x->sizes, .joined = SD_JOIN_JACOBIAN | SD_JOIN_HESSIAN, .dense = 1};
    sd_function *dense = sd_compile(c, r, &o);
    sd_emit_options sparse = o;
    sparse.sparse = 1;
    sd_pattern p;
    if (!dense) fail_msg("%s: %s", x->text, sd_last_error(c)->message);
    sd_function *f = sd_compile(c, r, &sparse);
    if (!f) fail_msg("%s: %s", x->text, sd_last_error(c)->message);
    sparse.columns = columns;
    assert_int_equal(sd_sparsity(c, r, 0, &sparse, &p), SD_OK);
    if (p.entries != x->entries) fail_msg("%s: %zu entries, not %zu", x->text, p.entries, x->entries);
    fill(dense, numbers, in, x->sizes);
    size_t all, n;
    double *full = call(dense, in, &all), *values = call(f, in, &n);
    assert_int_equal(all, p.rows * p.columns);
    assert_int_equal(n, p.entries);
    char *seen = calloc(all, 1);
    for (size_t line = 0; line < (columns ? p.columns : p.rows); line++)
        for (int k = p.start[line]; k < p.start[line + 1]; k++) {
            size_t row = columns ? (size_t)p.index[k] : line, column = columns ? line : (size_t)p.index[k];
            assert_true(row < p.rows && column < p.columns && !seen[row * p.columns + column]);
            assert_true(k == p.start[line] || p.index[k - 1] < p.index[k]);
            seen[row * p.columns + column] = 1;
            double right = full[row * p.columns + column];
            if (!columns && !(fabs(values[k] - right) <= 1e-13 * (1 + fabs(right))))
                fail_msg("%s: entry %zu,%zu is %g, not %g", x->text, row, column, values[k], right);
        }
    for (size_t k = 0; k < all; k++)
        if (!seen[k] && fabs(full[k]) > 0)
            fail_msg("%s: entry %zu is %g, and is not listed", x->text, k, full[k]);
    free(seen), free(full), free(values);
    sd_free(c, p.start);
    sd_function_free(dense), sd_function_free(f);
    sd_context_free(c);
}

static void test_entries(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        for (int columns = 0; columns < 2; columns++) compare(&examples[i], columns, NULL);
    compare(&examples[0], 0, "cc");
}

// Each block of the joined Hessian is the block by itself.
static void test_joined(void **state)
{
    (void)state;
    enum { N = 5, ALL = N + 2 };
    sd_context *c = sd_context_new(NULL);
    sd_expr e =
        sd_parse(c, "a: scalar; x: vector(n); b: scalar; A: matrix(n,n); sum(exp(a*x))*b^2+(x'*A*x)*a*b",
                 NULL);
    const sd_result *r = sd_derive(c, e, &(sd_request){.what = SD_HESSIAN, .wrt = "a,x,b"});
    sd_function *one = sd_compile(c, r, &(sd_emit_options){.joined = SD_JOIN_HESSIAN});
    sd_function *blocks = sd_compile(c, r, NULL);
    assert_non_null(one), assert_non_null(blocks);
    double a = 0.3, b = 1.2, x[N], A[N * N], all[ALL * ALL], part[9][N * N], work[4000];
    for (int i = 0; i < N * N; i++) A[i] = sin(i), x[i % N] = cos(i);
    const double *in[4];
    size_t dims[1] = {N};
    double *out[9];
    for (size_t i = 0; i < 4; i++) {
        const char *name = sd_function_input(one, i);
        in[i] = !strcmp(name, "a") ? &a : !strcmp(name, "b") ? &b : !strcmp(name, "x") ? x : A;
    }
    for (int i = 0; i < 9; i++) out[i] = part[i];
    assert_true(sd_function_workspace(one, dims) < 4000 && sd_function_workspace(blocks, dims) < 4000);
    assert_int_equal(sd_function_call(blocks, dims, in, out, work), 0);
    assert_int_equal(sd_function_outputs(one), 1);
    assert_int_equal(sd_function_call(one, dims, in, (double *[]){all}, work), 0);
    static const int at[4] = {0, 1, N + 1, ALL};
    for (int p = 0; p < 3; p++)
        for (int q = 0; q < 3; q++)
            for (int i = at[p]; i < at[p + 1]; i++)
                for (int k = at[q]; k < at[q + 1]; k++) {
                    double right = part[3 * p + q][(i - at[p]) * (at[q + 1] - at[q]) + k - at[q]];
                    assert_true(fabs(all[i * ALL + k] - right) <= 1e-13 * (1 + fabs(right)));
                    assert_true(fabs(all[i * ALL + k] - all[k * ALL + i]) <= 1e-13 * (1 + fabs(right)));
                }
    sd_function_free(one), sd_function_free(blocks);
    sd_context_free(c);
}

static void refused(const char *text, const char *wrt, sd_what what, const char *sizes, const char *message)
{
    sd_context *c = sd_context_new(NULL);
    const sd_result *r = sd_derive(c, sd_parse(c, text, NULL), &(sd_request){.what = what, .wrt = wrt});
    sd_pattern p;
    assert_non_null(r);
    assert_int_not_equal(sd_sparsity(c, r, 0, &(sd_emit_options){.sizes = sizes}, &p), SD_OK);
    assert_string_equal(sd_last_error(c)->message, message);
    assert_null(p.start);
    if (what != SD_GRADIENT) assert_null(sd_compile(c, r, &(sd_emit_options){.sizes = sizes, .sparse = 1}));
    sd_context_free(c);
}

static void test_refused(void **state)
{
    (void)state;
    const char *full = "no entry of jac_x is known to be 0 by its form: it is not sparse";
    refused("x: vector(n); A: matrix(m,n); A*x", "x", SD_JACOBIAN, "n=3,m=4", full);
    refused("x: vector(n); A: matrix(m,n); A*x", "x", SD_JACOBIAN, "n=30000,m=40000", full);
    refused("x: vector(n); softmax(x)", "x", SD_JACOBIAN, "n=3", full);
    refused("x: vector(n); exp(x)", "x", SD_JACOBIAN, NULL, "the sparsity of jac_x needs the size 'n'");
    refused("x: vector(n); c: vector(n); c'*x", "x", SD_HESSIAN, "n=3", "hess_x is 0: it has no sparse form");
    refused("X: matrix(n,n); X^2", "X", SD_JACOBIAN, "n=3", "jac_X has 4 axes: it has no sparse form");
    refused("x: vector(n); sum(x)", "x", SD_GRADIENT, "n=3", "there is no such sparse matrix");
}

// The room and the time for a large one grow with its entries.
static void test_large(void **state)
{
    (void)state;
    static double numbers[200000], values[600000];
    const double *in[1] = {numbers};
    double *out[1] = {values};
    sd_context *c = sd_context_new(NULL);
    sd_expr e = sd_parse(c, "x: vector(n); sum(100*(x[2:n]-x[1:n-1].^2).^2+(1-x[1:n-1]).^2)", NULL);
    const sd_result *r = sd_derive(c, e, &(sd_request){.what = SD_HESSIAN, .wrt = "x"});
    sd_function *f = sd_compile(c, r, &(sd_emit_options){.sizes = "n=200000", .sparse = 1});
    assert_non_null(f);
    assert_true(sd_function_workspace(f, NULL) < 2000000);
    for (size_t i = 0; i < 200000; i++) numbers[i] = 1;
    double *work = malloc((sd_function_workspace(f, NULL) + 1) * sizeof *work);
    assert_int_equal(sd_function_call(f, NULL, in, out, work), 0);
    assert_true(fabs(values[0] - 802) < 1e-9 && fabs(values[1] + 400) < 1e-9 &&
                fabs(values[3] - 1002) < 1e-9);
    assert_true(fabs(values[599997] - 200) < 1e-9);
    free(work);
    sd_function_free(f);
    sd_context_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_entries), cmocka_unit_test(test_joined),
                                       cmocka_unit_test(test_refused), cmocka_unit_test(test_large)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
