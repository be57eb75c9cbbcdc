// SPDX-License-Identifier: MIT
// The public header as a C program uses it: life cycles, errors as values, functions that outlive their
// context, threads, and what happens when the n-th allocation fails, for every n.
#define _POSIX_C_SOURCE 200809L // nanosleep
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "include/symdiff.h"

static char *derived(sd_context *c, const char *text, const char *wrt, sd_what what)
{
    sd_expr e = sd_parse(c, text, NULL);
    sd_result *r = e ? sd_derive(c, e, &(sd_request){.what = what, .wrt = wrt}) : NULL;
    return r ? sd_print(c, r, SD_TEXT, 0) : NULL;
}

static void test_header_example(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(NULL);
    char *text = derived(c, "norm(X*t-Y)^2/N", "t", SD_DERIVATIVE);
    assert_string_equal(text, "2/N*X'*(X*t-Y)");
    assert_int_equal(sd_last_error(c)->code, SD_OK);
    sd_free(c, text);
    sd_context_free(c);
}

static void test_nothing_is_allowed(void **state)
{
    (void)state;
    sd_context_free(NULL);
    sd_function_free(NULL);
    sd_data_free(NULL);
    sd_context *c = sd_context_new(NULL);
    sd_free(c, NULL);
    assert_int_equal(sd_parse(c, NULL, NULL), 0);
    assert_int_not_equal(sd_last_error(c)->code, SD_OK);
    assert_int_equal(sd_parse(c, "", NULL), 0);
    assert_int_equal(sd_last_error(c)->code, SD_ERR_SYNTAX);
    assert_null(sd_derive(c, 0, &(sd_request){.wrt = "x"}));
    assert_null(sd_derive(c, 12345, &(sd_request){.wrt = "x"}));
    assert_null(sd_value(c, 0));
    assert_string_equal(sd_version(), SD_VERSION);
    sd_context_free(c);
}

static void test_errors_are_values(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wrt;
        sd_status code;
    } bad[] = {
        {"x +", "x", SD_ERR_SYNTAX}, {"foo(x)", "x", SD_ERR_NAME},  {"[1,2,3]'*[1,2]'", "x", SD_ERR_SHAPE},
        {"x'*x", "y", SD_ERR_NAME},  {"1/0*x", "x", SD_ERR_DOMAIN},
    };
    sd_context *c = sd_context_new(NULL);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_null(derived(c, bad[i].text, bad[i].wrt, SD_DERIVATIVE));
        const sd_error *e = sd_last_error(c);
        assert_int_equal(e->code, bad[i].code);
        assert_true(*e->message && !strchr(e->message, '\n'));
        assert_true(e->begin <= e->end && e->end <= strlen(bad[i].text));
        char *text = sd_error_text(c, e);
        assert_non_null(text);
        assert_non_null(strstr(text, e->message));
        sd_free(c, text);
    }
    char *good = derived(c, "x'*x", "x", SD_DERIVATIVE); // an error leaves the context usable
    assert_string_equal(good, "2*x");
    assert_int_equal(sd_last_error(c)->code, SD_OK);
    sd_free(c, good);
    sd_context_free(c);
}

static void test_results(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(NULL);
    sd_expr e = sd_parse(c, "x1^2*x2+3*x2^3-7*x1", NULL);
    sd_result *r = sd_derive(c, e, &(sd_request){.what = SD_HESSIAN, .wrt = "x1,x2"});
    assert_int_equal(sd_result_count(r), 4);
    assert_string_equal(sd_result_label(r, 1), "d2/dx1dx2");
    assert_string_equal(sd_result_row(r, 1), "x1");
    assert_string_equal(sd_result_column(r, 1), "x2");
    assert_int_equal(sd_result_order(c, r, 1), 0);
    assert_int_equal(sd_result_expr(r, 1), sd_result_expr(r, 2)); // symmetric: one expression
    r = sd_derive(c, e, &(sd_request){.wrt = "x1"});
    assert_int_equal(sd_result_count(r), 1);
    assert_string_equal(sd_result_label(r, 0), "");
    assert_int_equal(sd_format_find("latex"), SD_LATEX);
    assert_int_equal(sd_format_find("nonsense"), -1);
    sd_context_free(c);
}

// Earlier requests in a context do not change an answer.
static void test_history(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wrt;
    } asked[] = {
        {"norm(X*t-Y)^2/N", "t"},          {"tr(A*X'*B*X*C)", "X"},
        {"z'*inv(K)*z+b'*z", "z"},         {"sum(log(1+exp(-p.*(F*w))))+lambda/2*norm(w)^2", "w"},
        {"sin(r1)*cos(r2)+r1^2*r2", "r1"}, {"G*sigmoid(H*u)", "u"},
    };
    enum { N = sizeof asked / sizeof *asked };
    sd_context *forward = sd_context_new(NULL), *backward = sd_context_new(NULL);
    for (int i = N; i-- > 0;)
        sd_free(backward, derived(backward, asked[i].text, asked[i].wrt, SD_DERIVATIVE));
    for (int i = 0; i < N; i++) {
        sd_context *fresh = sd_context_new(NULL);
        char *a = derived(forward, asked[i].text, asked[i].wrt, SD_DERIVATIVE),
             *b = derived(backward, asked[i].text, asked[i].wrt, SD_DERIVATIVE);
        char *c = derived(fresh, asked[i].text, asked[i].wrt, SD_DERIVATIVE);
        assert_true(a && b && c);
        assert_string_equal(a, c);
        assert_string_equal(b, c);
        sd_free(forward, a);
        sd_free(backward, b);
        sd_free(fresh, c);
        sd_context_free(fresh);
    }
    sd_context_free(forward);
    sd_context_free(backward);
}

// ---- numbers ----------------------------------------------------------------------------------------------
static sd_function *compiled(const char *text, const char *wrt)
{
    sd_context *c = sd_context_new(NULL);
    sd_expr e = sd_parse(c, text, NULL);
    sd_result *r = sd_derive(c, e, &(sd_request){.wrt = wrt});
    sd_function *f = sd_compile(c, r, &(sd_emit_options){.value = 1, .primal = e});
    if (!f) print_error("%s\n", sd_last_error(c)->message);
    sd_context_free(c);
    return f;
}

static size_t at(const sd_function *f, const char *name)
{
    for (size_t i = 0; i < sd_function_inputs(f); i++)
        if (!strcmp(sd_function_input(f, i), name)) return i;
    fail_msg("no input %s", name);
    return 0;
}

static void call_least_squares(const sd_function *f)
{
    const double X[] = {1, 2, 3, 4, 5, 6}, t[] = {1, -1}, Y[] = {1, 1, 1}, N = 3;
    const double *in[4];
    in[at(f, "X")] = X;
    in[at(f, "t")] = t;
    in[at(f, "Y")] = Y;
    in[at(f, "N")] = &N;
    size_t dims[2];
    assert_int_equal(sd_function_dims(f), 2);
    for (size_t i = 0; i < 2; i++) dims[i] = !strcmp(sd_function_dim(f, i), "m") ? 3 : 2;
    double value, gradient[2], *out[] = {&value, gradient},
                               *work = calloc(sd_function_workspace(f, dims) + 1, sizeof *work);
    assert_int_equal(sd_function_outputs(f), 2);
    assert_int_equal(sd_function_call(f, dims, in, out, work), 0);
    free(work);
    assert_true(fabs(value - 4) < 1e-12);
    assert_true(fabs(gradient[0] + 12) < 1e-12 && fabs(gradient[1] + 16) < 1e-12);
}

static void test_function_outlives_context(void **state)
{
    (void)state;
    sd_function *f = compiled("norm(X*t-Y)^2/N", "t");
    assert_non_null(f);
    call_least_squares(f);
    sd_function_free(f);
}

static void *call_often(void *f)
{
    for (int i = 0; i < 1000; i++) call_least_squares(f);
    return NULL;
}

// A derivation that would take very long ends soon after it is interrupted, and the context goes on.
static void *interrupt_later(void *c)
{
    const struct timespec pause = {.tv_nsec = 100000000};
    nanosleep(&pause, NULL);
    sd_interrupt(c);
    return NULL;
}

static void test_interrupt(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(NULL);
    sd_expr slow = sd_parse(c, "exp(sin(x)*cos(x)*log(x)/x)*tanh(x*log(x))^3/sqrt(1+x^4)", NULL),
            quick = sd_parse(c, "x^3", NULL);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, interrupt_later, c), 0);
    sd_result *r = NULL;
    do { // until the moment has come
        r = sd_derive(c, slow, &(sd_request){.wrt = "x", .order = SD_MAX_ORDER});
        char *text = r ? sd_print(c, r, SD_TEXT, 0) : NULL;
        if (!text) r = NULL;
        sd_free(c, text);
    } while (r);
    assert_int_equal(sd_last_error(c)->code, SD_ERR_INTERRUPTED);
    assert_int_equal(pthread_join(thread, NULL), 0);
    char *text = sd_print(c, sd_derive(c, quick, &(sd_request){.wrt = "x"}), SD_TEXT, 0);
    assert_string_equal(text, "3*x^2");
    sd_free(c, text);
    sd_interrupt(c); // the next call
    assert_int_equal(sd_parse(c, "y", NULL), 0);
    assert_int_equal(sd_last_error(c)->code, SD_ERR_INTERRUPTED);
    assert_true(sd_parse(c, "y", NULL) != 0);
    sd_context_free(c);
}

static int tell(void *state, size_t steps, size_t bytes)
{
    size_t *told = state;
    assert_true(bytes > 0 && steps > 0);
    return ++told[0] == told[1];
}

// Of a long call its steps are told, until it ends or is to end; short calls tell nothing.
static void test_progress(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(NULL);
    size_t told[2] = {0}; // times, and the time that ends it
    sd_expr slow = sd_parse(c, "exp(sin(x)*cos(x)*log(x)/x)*tanh(x*log(x))^3/sqrt(1+x^4)", NULL);
    const sd_request by_x = {.wrt = "x", .order = 4};
    sd_progress(c, tell, told);
    assert_int_not_equal(sd_parse(c, "x^3", NULL), 0);
    assert_true(told[0] == 0);
    char *text = sd_print(c, sd_derive(c, slow, &by_x), SD_TEXT, 0);
    assert_non_null(text);
    sd_free(c, text);
    assert_true(told[0] > 3);
    told[0] = 0, told[1] = 3;
    sd_result *r = sd_derive(c, slow, &(sd_request){.wrt = "x", .order = 5});
    text = r ? sd_print(c, r, SD_TEXT, 0) : NULL;
    assert_null(text);
    assert_int_equal(sd_last_error(c)->code, SD_ERR_INTERRUPTED);
    assert_true(told[0] == 3);
    assert_int_equal(sd_context_reset(c), SD_OK); // who is told stays
    told[0] = told[1] = 0;
    slow = sd_parse(c, "exp(sin(x)*cos(x)*log(x)/x)*tanh(x*log(x))^3/sqrt(1+x^4)", NULL);
    text = sd_print(c, sd_derive(c, slow, &by_x), SD_TEXT, 0);
    assert_true(text && told[0] > 3);
    sd_free(c, text);
    sd_progress(c, NULL, NULL);
    sd_context_free(c);
}

static void *derive_often(void *seed)
{
    (void)seed;
    for (int i = 0; i < 20; i++) {
        sd_context *c = sd_context_new(NULL);
        char *text = derived(c, "log(sum(exp(A*x)))", "x", SD_HESSIAN);
        sd_free(c, text);
        sd_context_free(c);
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    sd_function *f = compiled("norm(X*t-Y)^2/N", "t");
    pthread_t t[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&t[i], NULL, i < 2 ? call_often : derive_often, f), 0);
    for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
    sd_function_free(f);
}

static void test_singular(void **state)
{
    (void)state;
    sd_function *f = compiled("b'*inv(A)*b", "b");
    assert_non_null(f);
    const double A[] = {1, 2, 2, 4}, b[] = {1, 1}, *in[2];
    in[at(f, "A")] = A;
    in[at(f, "b")] = b;
    size_t dims[] = {2};
    double value, gradient[2], *out[] = {&value, gradient},
                               *work = calloc(sd_function_workspace(f, dims) + 1, sizeof *work);
    assert_int_not_equal(sd_function_call(f, dims, in, out, work), 0);
    free(work);
    sd_function_free(f);
}

static void test_data(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(NULL);
    sd_data *d = sd_data_new(c);
    double v[] = {1, 2, 3};
    assert_int_equal(sd_data_set(d, "x", &(sd_array){.order = 1, .dim = {3}, .data = v}), SD_OK);
    v[0] = 100; // it was copied
    assert_int_equal(sd_data_read(d, "s=2"), SD_OK);
    assert_int_equal(sd_data_count(d), 2);
    assert_non_null(sd_data_get(d, "s"));
    assert_null(sd_data_get(d, "z"));
    assert_int_equal(sd_hint_shape(c, "x", 3, 1), SD_OK);
    assert_int_equal(sd_hint_shape(c, "s", 1, 1), SD_OK);
    sd_expr e = sd_parse(c, "s*x'*x", NULL);
    sd_array a, b;
    assert_int_equal(sd_evaluate(c, sd_value(c, e), d, &a), SD_OK);
    assert_int_equal(sd_interpret(c, sd_value(c, e), d, &b), SD_OK);
    assert_true(a.order == 0 && fabs(a.data[0] - 28) < 1e-12 && fabs(b.data[0] - 28) < 1e-12);
    sd_free(c, a.data);
    sd_free(c, b.data);
    sd_data_free(d);
    sd_context_free(c);
}

// ---- equality and requests --------------------------------------------------------------------------------
static void expect_equal(const char *first, const char *second, int equal, sd_evidence evidence)
{
    sd_context *c = sd_context_new(&(sd_options){.debug = 1});
    sd_expr e[2];
    sd_equal_report r;
    assert_int_equal(sd_parse_pair(c, first, second, e), SD_OK);
    assert_int_equal(sd_equal(c, e[0], e[1], 7, &r), SD_OK);
    assert_int_equal(r.equal, equal);
    assert_int_equal(r.evidence, evidence);
    assert_int_equal(r.witness != NULL, !equal && evidence != SD_BY_SHAPE);
    assert_int_equal(r.witness != NULL, r.value[0] != NULL && r.value[1] != NULL);
    sd_free(c, r.witness);
    sd_free(c, r.value[0]);
    sd_free(c, r.value[1]);
    sd_context_free(c);
}

static void test_equal(void **state)
{
    (void)state;
    expect_equal("x*(y+z)", "z*x+x*y", 1, SD_BY_FORM);
    expect_equal("inv(A*B)", "inv(B)*inv(A)", 1, SD_BY_FIELD);
    expect_equal("A*B", "B*A", 0, SD_BY_FIELD);
    expect_equal("sin(2*x)", "2*sin(x)*cos(x)", 1, SD_BY_NUMBERS);
    expect_equal("abs(x)", "x", 0, SD_BY_NUMBERS);
    expect_equal("A*x", "sum(A*x)", 0, SD_BY_SHAPE);
    sd_context *c = sd_context_new(NULL);
    sd_expr e[2];
    sd_equal_report r;
    assert_int_not_equal(sd_parse_pair(c, "x", NULL, e), SD_OK);
    assert_int_not_equal(sd_parse_pair(c, "x", "y+", e), SD_OK);
    assert_int_equal(e[0] | e[1], 0);
    assert_int_not_equal(sd_equal(c, 1, 99, 0, &r), SD_OK);
    assert_int_equal(sd_parse_pair(c, "log(x)", "log(-x)", e), SD_OK);
    assert_int_equal(sd_equal(c, e[0], e[1], 0, &r), SD_OK);
    assert_true(r.undecided && !r.equal && *r.detail);
    assert_null(r.witness);
    sd_context_free(c);
}

// Two polynomials of one expression keep their points apart.
static void test_taylor(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(NULL);
    sd_expr e = sd_parse(c, "x^2", NULL);
    sd_result *a = sd_derive(c, e, &(sd_request){.what = SD_TAYLOR, .wrt = "x", .around = "1", .order = 1});
    sd_result *b = sd_derive(c, e, &(sd_request){.what = SD_TAYLOR, .wrt = "x", .around = "3", .order = 2});
    assert_non_null(a);
    assert_non_null(b);
    char *first = sd_print(c, a, SD_TEXT, 0), *second = sd_print(c, b, SD_TEXT, SD_CONDITIONS);
    assert_string_equal(first, "1+2*(x-1)");
    assert_string_equal(second, "9+6*(x-3)+(x-3)^2\n  valid everywhere");
    sd_free(c, first);
    sd_free(c, second);
    sd_context_free(c);
}

// ---- the n-th allocation fails ----------------------------------------------------------------------------
typedef struct {
    long left, live, calls;
} counting;

static void *counting_resize(void *state, void *p, size_t bytes)
{
    counting *k = state;
    if (!bytes) {
        k->live -= p != NULL;
        free(p);
        return NULL;
    }
    k->calls++;
    if (k->left-- <= 0) return NULL;
    void *q = realloc(p, bytes);
    k->live += q && !p;
    return q;
}

// Everything from text to a compiled function; the first failing step's status, SD_OK at the end.
static sd_status everything(counting *k)
{
    const sd_allocator mem = {counting_resize, k};
    sd_context *c = sd_context_new(&(sd_options){.allocator = &mem});
    if (!c) return SD_ERR_MEMORY;
    sd_c_code code = {NULL, NULL};
    char *text = NULL;
    sd_function *f = NULL;
    sd_status status = sd_declare(c, "A: matrix(n,n) symmetric; sq(v) = v'*v", "model");
    sd_expr e =
        status == SD_OK ? sd_parse(c, "logsumexp(A*x) + sq(x-y)/n + log(det(A)) where y = tanh(x)", NULL) : 0;
    sd_result *r = e ? sd_derive(c, e, &(sd_request){.what = SD_HESSIAN, .wrt = "x"}) : NULL;
    text = r ? sd_print(c, r, SD_UNICODE, 0) : NULL;
    sd_expr pair[2];
    sd_equal_report same = {0};
    int compared = text && sd_parse_pair(c, "sin(q)^2+cos(q)^2", "1", pair) == SD_OK &&
                   sd_equal(c, pair[0], pair[1], 0, &same) == SD_OK;
    if (!compared) sd_free(c, text), text = NULL;
    if (text && sd_emit(c, r, &(sd_emit_options){.value = 1, .primal = e}, &code) == SD_OK)
        f = sd_compile(c, r, NULL);
    status = sd_last_error(c)->code;
    if (f) status = SD_OK;
    else if (status == SD_OK) status = SD_ERR_INTERNAL; // a failure without an error
    sd_free(c, text);
    sd_free(c, code.source);
    sd_free(c, code.header);
    sd_function_free(f);
    sd_context_free(c);
    return status;
}

static void test_failing_allocator(void **state)
{
    (void)state;
    counting k = {.left = 1000000000};
    sd_status status = everything(&k);
    assert_int_equal(status, SD_OK);
    assert_int_equal(k.live, 0);
    long total = k.calls;
    for (long n = 0; n < total; n += 1 + n / 400) {
        k = (counting){.left = n};
        status = everything(&k);
        if (status != SD_ERR_MEMORY || k.live)
            print_error("allocation %ld of %ld: status %d, %ld blocks not freed\n", n, total, status, k.live);
        assert_int_equal(status, SD_ERR_MEMORY);
        assert_int_equal(k.live, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header_example),
        cmocka_unit_test(test_nothing_is_allowed),
        cmocka_unit_test(test_errors_are_values),
        cmocka_unit_test(test_results),
        cmocka_unit_test(test_history),
        cmocka_unit_test(test_function_outlives_context),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_interrupt),
        cmocka_unit_test(test_progress),
        cmocka_unit_test(test_singular),
        cmocka_unit_test(test_data),
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_taylor),
        cmocka_unit_test(test_failing_allocator),
    };
    return cmocka_run_group_tests_name("api", tests, NULL, NULL);
}
