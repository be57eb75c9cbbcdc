// SPDX-License-Identifier: MIT
// Arguments that are missing or out of range, of the functions that compute and tell: see test_arguments.c.
#include "tests/arguments.h"

static void test_data(void **state)
{
    world *w = *state;
    double numbers[] = {1, 2};
    assert_null(sd_data_new(NULL));
    sd_data_free(NULL);
    assert_int_equal(sd_data_read(NULL, "x=1"), SD_ERR_USAGE);
    MISUSED(sd_data_read(w->d, NULL));
    assert_int_equal(sd_data_read(w->d, ""), SD_ERR_IO);
    expect(w, SD_ERR_IO);
    const sd_array good = {.order = 1, .dim = {2}, .data = numbers};
    assert_int_equal(sd_data_set(NULL, "x", &good), SD_ERR_USAGE);
    MISUSED(sd_data_set(w->d, NULL, &good));
    MISUSED(sd_data_set(w->d, "", &good));
    MISUSED(sd_data_set(w->d, "x", NULL));
    MISUSED(sd_data_set(w->d, "x", &(sd_array){.order = 1, .dim = {2}}));
    assert_int_equal(sd_data_set(w->d, "x", &(sd_array){.order = FAR, .data = numbers}), SD_ERR_DATA);
    expect(w, SD_ERR_DATA);
    assert_int_equal(sd_data_set(w->d, "x", &(sd_array){.order = -1, .data = numbers}), SD_ERR_DATA);
    expect(w, SD_ERR_DATA);
    assert_int_equal(sd_data_set(w->d, "x", &(sd_array){.order = 1, .dim = {0}, .data = numbers}),
                     SD_ERR_DATA);
    expect(w, SD_ERR_DATA);
    assert_int_equal(sd_data_set(w->d, "x", &(sd_array){.order = 2, .dim = {SIZE_MAX, 2}, .data = numbers}),
                     SD_ERR_LIMIT);
    expect(w, SD_ERR_LIMIT);
    assert_int_equal(sd_data_read_bytes(NULL, "x=-", "1", 1), SD_ERR_USAGE);
    MISUSED(sd_data_read_bytes(w->d, NULL, "1", 1));
    assert_int_equal(sd_data_read_bytes(w->d, "x=-", NULL, FAR), SD_ERR_DATA);
    expect(w, SD_ERR_DATA);
    assert_int_equal(sd_data_read_bytes(w->d, "x=-", "1", (size_t)-1), SD_ERR_LIMIT);
    expect(w, SD_ERR_LIMIT);
    size_t n = 1;
    assert_null(sd_array_bytes(NULL, &good, "csv", &n));
    assert_int_equal(n, 0);
    MISUSE(sd_array_bytes(w->c, NULL, "csv", &n));
    MISUSE(sd_array_bytes(w->c, &good, NULL, &n));
    MISUSE(sd_array_bytes(w->c, &good, "csv", NULL));
    assert_null(sd_array_bytes(w->c, &good, "xls", &n));
    expect(w, SD_ERR_UNSUPPORTED);
    assert_null(sd_data_get(NULL, "x"));
    assert_null(sd_data_get(w->d, NULL));
    assert_int_equal(sd_data_count(NULL), 0);
    assert_null(sd_data_name(NULL, 0));
    assert_null(sd_data_name(w->d, FAR));
}

static void test_functions(void **state)
{
    world *w = *state;
    const sd_function *f = w->f, *g = w->caller;
    sd_function_free(NULL);
    assert_int_equal(sd_function_inputs(NULL) + sd_function_dims(NULL) + sd_function_outputs(NULL) +
                         sd_function_callbacks(NULL),
                     0);
    const sd_function *const functions[] = {NULL, f, g};
    for (size_t i = 0; i < 3; i++) {
        assert_null(sd_function_input(functions[i], FAR));
        assert_null(sd_function_dim(functions[i], FAR));
        assert_null(sd_function_callback(functions[i], FAR));
    }
    const size_t dims[] = {2};
    double x[] = {1, 2}, s = 3, y[2] = {0, 0}, *out[] = {y}, work[64];
    const double *in[] = {NULL, NULL};
    for (size_t i = 0; i < 2; i++) in[i] = !strcmp(sd_function_input(f, i), "x") ? x : &s;
    assert_true(sd_function_workspace(f, dims) <= sizeof work / sizeof *work);
    assert_int_equal(sd_function_workspace(NULL, dims), 0);
    assert_int_equal(sd_function_workspace(f, NULL), 0);
    assert_int_equal(sd_function_call(f, dims, in, out, work), 0);
    assert_true(y[0] > 5.9 && y[0] < 6.1);
    assert_int_equal(sd_function_call(NULL, dims, in, out, work), -1);
    assert_int_equal(sd_function_call(f, NULL, in, out, work), -1);
    assert_int_equal(sd_function_call(f, dims, NULL, out, work), -1);
    assert_int_equal(sd_function_call(f, dims, in, NULL, work), -1);
    assert_int_equal(sd_function_call(f, dims, (const double *const[]){NULL, NULL}, out, work), -1);
    assert_int_equal(sd_function_call(f, dims, in, (double *const[]){NULL}, work), -1);
    assert_int_equal(sd_function_call(f, dims, in, out, NULL), sd_function_workspace(f, dims) ? -1 : 0);
    assert_int_equal(sd_function_call(g, NULL, (const double *const[]){&s}, out, work), -1);
    assert_int_equal(sd_function_call_with(g, NULL, (const double *const[]){&s}, out, work, NULL), -1);
    assert_int_equal(sd_function_call_with(g, NULL, (const double *const[]){&s}, out, work,
                                           &(sd_binding){NULL, NULL}),
                     -1);
    assert_int_equal(sd_function_call_with(NULL, NULL, NULL, NULL, NULL, NULL), -1);
    const sd_batch one = {.count = 1}, none = {.count = 0},
                   many = {.count = 1, .threads = 100000, .step = (const size_t[]){2, 2}};
    assert_int_equal(sd_function_call_batch(f, dims, in, out, &one), 0);
    assert_int_equal(sd_function_call_batch(f, dims, in, out, &none), 0);
    assert_int_equal(sd_function_call_batch(f, dims, in, out, &many), 0);
    assert_int_equal(sd_function_call_batch(NULL, dims, in, out, &one), -1);
    assert_int_equal(sd_function_call_batch(f, NULL, in, out, &one), -1);
    assert_int_equal(sd_function_call_batch(f, dims, NULL, out, &one), -1);
    assert_int_equal(sd_function_call_batch(f, dims, in, NULL, &one), -1);
    assert_int_equal(sd_function_call_batch(f, dims, in, out, NULL), -1);
    assert_int_equal(sd_function_call_batch(f, dims, (const double *const[]){NULL, NULL}, out, &one), -1);
    assert_int_equal(sd_function_call_batch(f, dims, in, (double *const[]){NULL}, &one), -1);
    const sd_batch later = {.count = 1, .room = {0, 1}}; // a field of a later version
    assert_int_equal(sd_function_call_batch(f, dims, in, out, &later), -1);
    assert_int_equal(sd_function_call_batch(g, NULL, (const double *const[]){&s}, out, &one), -1);
}

// Tests the facts that a function tells about itself.
static void test_interfaces(void **state)
{
    world *w = *state;
    const sd_function *f = w->f;
    sd_argument a;
    double x[] = {1, 2};
    size_t dims[1] = {0}, culprit = FAR;
    sd_array in[2] = {{.order = 0, .data = x}, {.order = 0, .data = x}}, shape;
    for (size_t i = 0; i < 2; i++)
        if (!strcmp(sd_function_input(f, i), "x")) in[i] = (sd_array){.order = 1, .dim = {2}, .data = x};
    assert_int_equal(sd_function_input_at(NULL, 0, &a) + sd_function_input_at(f, FAR, &a) +
                         sd_function_input_at(f, 0, NULL),
                     0);
    assert_int_equal(sd_function_output_at(NULL, 0, &a) + sd_function_output_at(f, FAR, &a) +
                         sd_function_output_at(f, 0, NULL),
                     0);
    assert_int_equal(sd_function_sizes(NULL, in, dims, &culprit), SD_ERR_USAGE);
    assert_int_equal(sd_function_sizes(f, NULL, dims, NULL), SD_ERR_USAGE);
    assert_int_equal(sd_function_sizes(f, in, NULL, &culprit), SD_ERR_USAGE);
    assert_int_equal(sd_function_sizes(f, in, dims, NULL), SD_OK);
    assert_int_equal(dims[0], 2);
    assert_int_equal(sd_function_output_shape(NULL, 0, dims, &shape), SD_ERR_USAGE);
    assert_int_equal(sd_function_output_shape(f, FAR, dims, &shape), SD_ERR_USAGE);
    assert_int_equal(sd_function_output_shape(f, 0, NULL, &shape), SD_ERR_USAGE);
    assert_int_equal(sd_function_output_shape(f, 0, dims, NULL), SD_ERR_USAGE);
    in[0].order = in[1].order = SD_MAX_ORDER + 1;
    assert_int_equal(sd_function_sizes(f, in, dims, &culprit), SD_ERR_DATA);
    assert_null(sd_function_failure(0));
    for (int status = -2; status < 100; status++) assert_true(!status || *sd_function_failure(status));
    size_t n = FAR;
    assert_null(sd_variables(NULL, w->e, &n));
    assert_int_equal(n, 0);
    MISUSE(sd_variables(w->c, 0, &n));
    MISUSE(sd_variables(w->c, FAR, &n));
    MISUSE(sd_variables(w->c, w->e, NULL));
}

static void test_forms(void **state)
{
    world *w = *state;
    sd_result *(*const forms[])(sd_context *, sd_expr) = {sd_expand, sd_factor};
    for (int i = 0; i < 2; i++) {
        assert_null(forms[i](NULL, w->e));
        MISUSE(forms[i](w->c, 0));
        MISUSE(forms[i](w->c, FAR));
    }
    assert_null(sd_simplify(NULL, w->e, "x"));
    MISUSE(sd_simplify(w->c, FAR, NULL));
    MISUSE(sd_simplify(w->c, w->e, ""));
    MISUSE(sd_simplify(w->c, w->e, "no_such_variable"));
    assert_non_null(sd_simplify(w->c, w->e, NULL));
    const char *const nobody[] = {NULL};
    assert_int_equal(sd_substitute(NULL, w->e, 0, NULL, NULL), 0);
    MISUSE(sd_substitute(w->c, 0, 0, NULL, NULL));
    MISUSE(sd_substitute(w->c, FAR, 0, NULL, NULL));
    MISUSE(sd_substitute(w->c, w->e, 1, NULL, &w->e));
    MISUSE(sd_substitute(w->c, w->e, 1, nobody, NULL));
    MISUSE(sd_substitute(w->c, w->e, 1, nobody, &w->e));
}

static void test_numbers(void **state)
{
    world *w = *state;
    sd_array out[1];
    sd_status (*const evaluate[])(sd_context *, const sd_result *, const sd_data *,
                                  sd_array *) = {sd_evaluate, sd_interpret};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(evaluate[i](NULL, w->r, w->d, out), SD_ERR_USAGE);
        MISUSED(evaluate[i](w->c, NULL, w->d, out));
        MISUSED(evaluate[i](w->c, w->foreign, w->d, out));
        MISUSED(evaluate[i](w->c, w->r, w->d, NULL));
        assert_int_equal(evaluate[i](w->c, w->r, NULL, out), SD_ERR_DATA);
        expect(w, SD_ERR_DATA);
        assert_null(out[0].data);
        sd_expr two = sd_parse(w->c, "1+1", NULL); // no data, and none is needed
        assert_int_equal(evaluate[i](w->c, sd_value(w->c, two), NULL, out), SD_OK);
        sd_free(w->c, out[0].data);
    }
    sd_check_report report;
    sd_equal_report same;
    const sd_request by_x = {.wrt = "x"};
    assert_int_equal(sd_check(NULL, w->e, &by_x, w->d, NULL, 1, &report), SD_ERR_USAGE);
    MISUSED(sd_check(w->c, 0, &by_x, w->d, NULL, 1, &report));
    MISUSED(sd_check(w->c, FAR, &by_x, w->d, NULL, 1, &report));
    MISUSED(sd_check(w->c, w->e, NULL, w->d, NULL, 1, &report));
    MISUSED(sd_check(w->c, w->e, &by_x, w->d, "n", 1, &report));
    MISUSED(sd_check(w->c, w->e, &by_x, w->d, NULL, 1, NULL));
    assert_int_equal(sd_check(w->c, w->e, &by_x, NULL, NULL, 1, &report), SD_OK);
    assert_int_equal(sd_equal(NULL, w->e, w->e, 1, &same), SD_ERR_USAGE);
    MISUSED(sd_equal(w->c, 0, w->e, 1, &same));
    MISUSED(sd_equal(w->c, w->e, FAR, 1, &same));
    MISUSED(sd_equal(w->c, w->e, w->e, 1, NULL));
    sd_convexity verdict;
    assert_int_equal(sd_convexity_of(NULL, w->e, NULL, 1, &verdict), SD_ERR_USAGE);
    MISUSED(sd_convexity_of(w->c, w->e, NULL, 1, NULL));
    MISUSED(sd_convexity_of(w->c, 99, NULL, 1, &verdict));
    sd_definite definite;
    assert_int_equal(sd_definiteness(NULL, w->e, 1, &definite), SD_ERR_USAGE);
    MISUSED(sd_definiteness(w->c, w->e, 1, NULL));
    MISUSED(sd_definiteness(w->c, 99, 1, &definite));
    sd_solution solution;
    assert_int_equal(sd_solve(NULL, w->e, 0, "x", &solution), SD_ERR_USAGE);
    MISUSED(sd_solve(w->c, w->e, 0, "x", NULL));
    MISUSED(sd_solve(w->c, w->e, 99, "x", &solution));
    MISUSED(sd_solve(w->c, w->e, 0, NULL, &solution));
    char *steps = sd_steps(w->c, w->e, &by_x, NULL);
    assert_non_null(steps);
    sd_free(w->c, steps);
    assert_null(sd_steps(NULL, w->e, &by_x, NULL));
    MISUSE(sd_steps(w->c, FAR, &by_x, NULL));
    MISUSE(sd_steps(w->c, w->e, NULL, NULL));
    MISUSE(sd_steps(w->c, w->e, &by_x, &(sd_steps_options){.detail = 3}));
    MISUSE(sd_steps(w->c, w->e, &by_x, &(sd_steps_options){.room = {[7] = 1}}));
    MISUSE(sd_steps(w->c, w->e, &by_x, &(sd_steps_options){.format = (sd_document)99}));
}

static void test_problems(void **state)
{
    world *w = *state;
    const char *const constraint[] = {"x'*x<=1", NULL};
    sd_expr lagrangian;
    char *kkt = sd_kkt(w->c, "x'*x", 1, constraint, "x", NULL, &lagrangian);
    assert_non_null(kkt);
    assert_true(lagrangian);
    sd_free(w->c, kkt);
    sd_expr pair[2];
    assert_int_equal(sd_parse_pair(w->c, "u", "u/2+1", pair), SD_OK);
    char *recursion = sd_recursion(w->c, pair[0], pair[1], NULL);
    assert_non_null(recursion);
    sd_free(w->c, recursion);
    assert_null(sd_recursion(NULL, pair[0], pair[1], NULL));
    MISUSE(sd_recursion(w->c, pair[0], FAR, NULL));
    MISUSE(sd_recursion(w->c, pair[0], pair[1], &(sd_steps_options){.format = (sd_document)99}));
    char *graph = sd_graph(w->c, w->e, "x", NULL);
    assert_non_null(graph);
    sd_free(w->c, graph);
    graph = sd_graph(w->c, w->e, NULL, NULL);
    assert_non_null(graph);
    sd_free(w->c, graph);
    assert_null(sd_graph(NULL, w->e, "x", NULL));
    MISUSE(sd_graph(w->c, FAR, "x", NULL));
    MISUSE(sd_graph(w->c, w->e, "x", &(sd_steps_options){.detail = 3}));
    assert_null(sd_kkt(NULL, "x'*x", 1, constraint, "x", NULL, NULL));
    MISUSE(sd_kkt(w->c, NULL, 1, constraint, "x", NULL, NULL));
    MISUSE(sd_kkt(w->c, "x'*x", 2, constraint, "x", NULL, NULL));
    MISUSE(sd_kkt(w->c, "x'*x", 1, NULL, "x", NULL, NULL));
    MISUSE(sd_kkt(w->c, "x'*x", 1, constraint, NULL, NULL, NULL));
    MISUSE(sd_kkt(w->c, "x'*x", 1, constraint, "x", &(sd_steps_options){.format = (sd_document)99}, NULL));
}

static void test_operators(void **state)
{
    (void)state;
    sd_operator op;
    assert_int_equal(sd_operator_at(0, NULL), 0);
    assert_int_equal(sd_operator_at(0, &op), 1);
    assert_int_equal(sd_operator_at(100000, &op), 0);
    assert_int_equal(sd_operator_at(SIZE_MAX, &op), 0);
}

// README's lines with a typo: nobody looks at what came back until the end,
// and there the first error is told.
static void test_handed_on(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(NULL);
    sd_expr e = sd_parse(c, "norm(X*t-Y)^2/", NULL);
    sd_result *r = sd_derive(c, e, &(sd_request){.wrt = "t"});
    sd_array out;
    sd_c_code code;
    sd_check_report report;
    sd_equal_report same;
    assert_null(r);
    assert_null(sd_value(c, e));
    assert_null(sd_legend(c, e));
    assert_null(sd_print(c, r, SD_TEXT, 0));
    assert_null(sd_vec_form(c, r, 0, SD_TEXT));
    assert_null(sd_structure(c, r, 0));
    assert_null(sd_dump(c, r, "graph"));
    assert_null(sd_compile(c, r, NULL));
    assert_int_equal(sd_emit(c, r, NULL, &code), SD_ERR_SYNTAX);
    assert_int_equal(sd_evaluate(c, r, NULL, &out), SD_ERR_SYNTAX);
    assert_int_equal(sd_check(c, e, &(sd_request){.wrt = "t"}, NULL, NULL, 1, &report), SD_ERR_SYNTAX);
    assert_int_equal(sd_equal(c, e, e, 1, &same), SD_ERR_SYNTAX);
    const sd_error *error = sd_last_error(c);
    assert_int_equal(error->code, SD_ERR_SYNTAX);
    assert_int_equal(error->begin, 13);
    sd_context_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_data),      cmocka_unit_test(test_functions), cmocka_unit_test(test_interfaces),
        cmocka_unit_test(test_forms),     cmocka_unit_test(test_numbers),   cmocka_unit_test(test_problems),
        cmocka_unit_test(test_operators), cmocka_unit_test(test_handed_on),
    };
    return cmocka_run_group_tests_name("arguments of what computes", tests, set_up, tear_down);
}
