// SPDX-License-Identifier: MIT
// Programs that do not know the formula: they learn from the library what an expression's variables are and
// what a compiled function takes and gives, make data of that shape, and call. The interpreter, which is told
// names, says what is right.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "include/symdiff.h"

enum { MOST = 16, ROOM = 4096 };

// The size of an axis: a number, or the name of one of the sizes of f.
static size_t size_of(const sd_function *f, const char *axis, const size_t *dims)
{
    for (size_t i = 0; i < sd_function_dims(f); i++)
        if (!strcmp(axis, sd_function_dim(f, i))) return dims[i];
    size_t n = (size_t)strtol(axis, NULL, 10);
    assert_true(n > 0);
    return n;
}

// Square matrices are positive definite, whether that is asked for or not.
static size_t fill(sd_array *a, double *room)
{
    size_t n = 1, cols = a->order == 2 && a->dim[0] == a->dim[1] ? a->dim[1] : 0;
    for (int k = 0; k < a->order; k++) n *= a->dim[k];
    for (size_t i = 0; i < n; i++) {
        size_t mirrored = cols && i % cols > i / cols ? i % cols * cols + i / cols : i;
        room[i] = 0.3 + 0.7 * fabs(sin(1.7 * (double)(mirrored + 1) + (double)n)) +
                  (cols && i / cols == i % cols ? (double)cols : 0);
    }
    a->data = room;
    return n;
}

// Calls f without a look at the text it came from.
static void call_unknown(sd_context *c, const sd_result *r, const sd_function *f)
{
    static double numbers[ROOM], results[ROOM];
    size_t dims[MOST], found[MOST] = {0}, used = 0, culprit;
    sd_array in[MOST], out[MOST];
    const double *from[MOST];
    double *to[MOST];
    sd_argument a;
    sd_data *d = sd_data_new(c);
    for (size_t i = 0; i < sd_function_dims(f); i++) dims[i] = 2 + i;
    for (size_t i = 0; sd_function_input_at(f, i, &a); i++) {
        assert_string_equal(a.name, sd_function_input(f, i));
        in[i] = (sd_array){.order = a.order};
        for (int k = 0; k < a.order; k++) in[i].dim[k] = size_of(f, a.axis[k], dims);
        used += fill(&in[i], numbers + used);
        from[i] = in[i].data;
        assert_int_equal(sd_data_set(d, a.name, &in[i]), SD_OK);
    }
    assert_int_equal(sd_function_sizes(f, in, found, &culprit), SD_OK);
    assert_memory_equal(found, dims, sd_function_dims(f) * sizeof *dims);
    used = 0;
    for (size_t i = 0; sd_function_output_at(f, i, &a); i++) {
        assert_int_equal(sd_function_output_shape(f, i, dims, &out[i]), SD_OK);
        assert_int_equal(out[i].order, a.order);
        used += fill(&out[i], results + used);
        to[i] = out[i].data;
    }
    double *work = malloc((sd_function_workspace(f, dims) + 1) * sizeof *work);
    assert_int_equal(sd_function_call(f, dims, from, to, work), 0);
    free(work);
    sd_array right[MOST];
    assert_int_equal(sd_interpret(c, r, d, right), SD_OK);
    for (size_t i = 0; i < sd_result_count(r); i++) {
        size_t n = 1;
        assert_int_equal(right[i].order, out[i].order);
        for (int k = 0; k < right[i].order; k++)
            assert_int_equal(right[i].dim[k], out[i].dim[k]), n *= out[i].dim[k];
        for (size_t k = 0; k < n; k++)
            assert_true(fabs(right[i].data[k] - out[i].data[k]) <= 1e-9 * (1 + fabs(right[i].data[k])));
        sd_free(c, right[i].data);
    }
    sd_data_free(d);
}

static void test_unknown_formulas(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wrt;
        sd_what what;
    } asked[] = {
        {"norm(X*t-Y)^2/N", "t", SD_GRADIENT},
        {"sum(log(1+exp(-y.*(X*w))))+lambda*norm(w)^2", "w,lambda", SD_GRADIENT},
        {"tanh(W*x+b)", "x", SD_JACOBIAN},
        {"tanh(W*x+b)", "W", SD_DERIVATIVE},
        {"log(sum(exp(A*x)))", "x", SD_HESSIAN},
        {"A: matrix(3,3) posdef\nlogdet(A)+x'*inv(A)*x", "A,x", SD_GRADIENT},
        {"sin(a)*b^2", "a,b", SD_HESSIAN},
        {"x'*A", "x", SD_VALUE},
    };
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        sd_context *c = sd_context_new(&(sd_options){.wrt = asked[i].wrt});
        sd_result *r = sd_derive(c, sd_parse(c, asked[i].text, NULL),
                                 &(sd_request){.what = asked[i].what, .wrt = asked[i].wrt});
        sd_function *f = sd_compile(c, r, &(sd_emit_options){.dense = 1});
        if (!f) print_error("%s\n", sd_last_error(c)->message);
        assert_non_null(f);
        call_unknown(c, r, f);
        sd_function_free(f);
        sd_context_free(c);
    }
}

// X is 3x2 and t has 2 entries: m = 3, n = 2.
static void test_sizes(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(&(sd_options){.wrt = "t"});
    sd_result *r =
        sd_derive(c, sd_parse(c, "X: matrix(m,n); t: vector(n); Y: vector(m)\nnorm(X*t-Y)^2", NULL),
                  &(sd_request){.wrt = "t"});
    sd_function *f = sd_compile(c, r, &(sd_emit_options){.sizes = "n=2"});
    sd_context_free(c); // what a function tells does not need its context
    assert_non_null(f);
    assert_int_equal(sd_function_dims(f), 1);
    assert_string_equal(sd_function_dim(f, 0), "m");
    sd_array in[3] = {{0}, {0}, {0}}, out;
    size_t dims[1] = {0}, culprit = 9, X = 9, t = 9;
    for (size_t i = 0; i < 3; i++) {
        const char *name = sd_function_input(f, i);
        if (*name == 'X') X = i, in[i] = (sd_array){.order = 2, .dim = {3, 2}};
        else if (*name == 't')
            t = i, in[i] = (sd_array){.order = 2, .dim = {1, 2}}; // a row of numbers is a vector too
        else in[i] = (sd_array){.order = 1, .dim = {3}};
    }
    assert_true(X < 3 && t < 3);
    assert_int_equal(sd_function_sizes(f, in, dims, &culprit), SD_OK);
    assert_int_equal(dims[0], 3);
    assert_int_equal(sd_function_output_shape(f, 0, dims, &out), SD_OK);
    assert_true(out.order == 1 && out.dim[0] == 2);
    dims[0] = 4; // held to
    assert_int_equal(sd_function_sizes(f, in, dims, &culprit), SD_ERR_DATA);
    dims[0] = 0;
    in[t].dim[1] = 3;
    assert_int_equal(sd_function_sizes(f, in, dims, &culprit), SD_ERR_DATA);
    assert_int_equal(culprit, t);
    in[t] = (sd_array){.order = 2, .dim = {2, 2}};
    assert_int_equal(sd_function_sizes(f, in, dims, &culprit), SD_ERR_DATA);
    assert_int_equal(culprit, t);
    assert_string_equal(sd_function_failure(1), "a matrix that must be inverted or factored is singular");
    sd_function_free(f);
}

// The Jacobian of x by x takes no data, so that nothing tells its size.
static void test_untold(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(NULL);
    sd_result *r =
        sd_derive(c, sd_parse(c, "x: vector(n)\nx", NULL), &(sd_request){.what = SD_JACOBIAN, .wrt = "x"});
    sd_function *f = sd_compile(c, r, NULL);
    size_t dims[1] = {0}, culprit = 9;
    assert_non_null(f);
    assert_int_equal(sd_function_inputs(f), 0);
    assert_int_equal(sd_function_dims(f), 1);
    assert_int_equal(sd_function_sizes(f, NULL, dims, &culprit), SD_ERR_DATA);
    assert_int_equal(culprit, 0); // no inputs: the first size
    dims[0] = 4;
    assert_int_equal(sd_function_sizes(f, NULL, dims, &culprit), SD_OK);
    assert_int_equal(dims[0], 4);
    sd_function_free(f);
    sd_context_free(c);
}

static void test_variables(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(NULL);
    sd_expr e = sd_parse(
        c,
        "S: matrix(n,n) posdef; w: vector(n) nonneg simplex; T: matrix(n,n) lower; k: scalar integer\n"
        "f: function(vector(n)) -> scalar\nw'*S*w+f(w)+norm(X*w-y)^2+k*trace(T)",
        NULL);
    static const struct {
        const char *name;
        int order;
        const char *shape, *properties;
        sd_certainty certainty;
    } expected[] = {
        {"w", 1, "vector(n)", "simplex", SD_DECLARED},
        {"S", 2, "matrix(n,n)", "posdef", SD_DECLARED},
        {"f", 0, "function(vector(n)) -> scalar", "", SD_DECLARED},
        {"X", 2, "matrix(m,n)", "", SD_INFERRED},
        {"y", 1, "vector(m)", "", SD_INFERRED},
        {"k", 0, "scalar", "integer", SD_DECLARED},
        {"T", 2, "matrix(n,n)", "lower", SD_DECLARED},
    };
    size_t n, known = sizeof expected / sizeof *expected;
    sd_variable *v = sd_variables(c, e, &n);
    assert_non_null(v);
    assert_int_equal(n, known);
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < known && strcmp(expected[k].name, v[i].name)) k++;
        assert_true(k < known);
        assert_int_equal(v[i].order, expected[k].order);
        assert_string_equal(v[i].shape, expected[k].shape);
        assert_string_equal(v[i].properties, expected[k].properties);
        assert_int_equal(v[i].certainty, expected[k].certainty);
        assert_int_equal(v[i].is_function, !strcmp(v[i].name, "f"));
        for (int a = 0; a < v[i].order; a++) assert_true(strstr(expected[k].shape, v[i].axis[a]) != NULL);
    }
    sd_free(c, v);
    v = sd_variables(c, sd_parse(c, "1+1", NULL), &n);
    assert_int_equal(n, 0);
    sd_free(c, v);
    sd_context_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown_formulas),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_untold),
        cmocka_unit_test(test_variables),
    };
    return cmocka_run_group_tests_name("interface", tests, NULL, NULL);
}
