// SPDX-License-Identifier: MIT
// Formulas that are linear in a size are computed in linear room and time: the workspace of twice the size is
// at most twice as large, and a function is called at a size at which all pairs of entries would take more
// than a second and a hundred gigabytes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "include/symdiff.h"

static const char *const declared =
    "x: vector(n); v: vector(n); h: vector(3); X: matrix(3,n); U: matrix(n,3); z: vector(3); D: matrix(n,3); "
    "s: scalar; "
    "P: matrix(n,3); Q: matrix(2,n); B: matrix(3,2); C: matrix(2,2); R: matrix(n,3); S: matrix(2,n)";
static const struct {
    const char *expr, *wrt, *direction;
    sd_what what;
} cases[] = {
    {"sum((x[2:end]-x[1:end-1]).^2)", "x", NULL, SD_GRADIENT},
    {"sum((x[2:end]-x[1:end-1]).^2)", "x", "v", SD_HVP},
    {"sum((x[3:end]-2*x[2:end-1]+x[1:end-2]).^2)", "x", NULL, SD_GRADIENT},
    {"sum(sqrt(1+(x[2:end]-x[1:end-1]).^2))", "x", NULL, SD_GRADIENT},
    {"sum(sqrt(1+(x[2:end]-x[1:end-1]).^2))", "x", "v", SD_HVP},
    {"sum(exp(x[2:end]-x[1:end-1]))", "x", "v", SD_HVP},
    {"log(1+sum((x[2:end]-x[1:end-1]).^2))", "x", "v", SD_HVP},
    {"sum((x[2:end]-x[1:end-1]).^2)/sum(x.^2)", "x", "v", SD_HVP},
    {"norm(x[2:end]-x[1:end-1])", "x", NULL, SD_GRADIENT},
    {"sum(abs(X[:,2:end]-X[:,1:end-1]))", "X", NULL, SD_GRADIENT},
    {"sum(sum((X[:,3:end]-X[:,1:end-2]).^4))", "X", NULL, SD_GRADIENT},
    {"sum(sqrt(1+sum((U[2:end,:]-U[1:end-1,:]).^2,2)))", "U", NULL, SD_GRADIENT},
    {"sum(100*(x[2:n]-x[1:n-1].^2).^2+(1-x[1:n-1]).^2)", "x", "v", SD_HVP},
    {"x[1]*x[n]+sum(x[2:n-1])", "x", "v", SD_HVP},
    {"x[3]^2*sum(x)", "x", "v", SD_HVP},
    {"sum(log(1+exp([x;2*x])))", "x", NULL, SD_GRADIENT},
    {"norm([x;v]-[v;x])^2", "x", NULL, SD_GRADIENT},
    {"norm(D*z-x)^2", "z", NULL, SD_HESSIAN},
    {"sum(reshape(X,3*n,1).^2)", "X", NULL, SD_GRADIENT},
    {"sum(exp(conv(x,h)/9))", "x", NULL, SD_GRADIENT},
    {"sum(cumsum(x).^2)", "x", NULL, SD_GRADIENT},
    {"sum(cumsum(exp(x)).^3)", "x", NULL, SD_GRADIENT},
    {"sum(cumsum(x).^3)", "x", "v", SD_HVP},
    {"sum(sin(triu(ones(n,n))*x))", "x", "v", SD_HVP},
    {"norm(Q*tanh(P*B)-C)^2", "P,Q", "R,S", SD_HVP},
    {"sum(sum(log(1+exp(Q*tanh(P*B)))))", "P,Q", "R,S", SD_HVP},
    {"norm(Q*(1./(1+exp(-(P*B))))-C)^2", "Q", "S", SD_HVP},
};
enum { SMALL = 1000, LARGE = 100000, SECONDS = 1, MOST = 10 };

static sd_function *compiled(size_t i)
{
    sd_context *c = sd_context_new(NULL);
    assert_int_equal(sd_declare(c, declared, NULL), 0);
    sd_expr e = sd_parse(c, cases[i].expr, NULL);
    sd_result *r = e ? sd_derive(c, e,
                                 &(sd_request){.what = cases[i].what,
                                               .wrt = cases[i].wrt,
                                               .direction = cases[i].direction})
                     : NULL;
    sd_function *f = r ? sd_compile(c, r, &(sd_emit_options){.name = "f"}) : NULL;
    if (!f) fail_msg("%s: %s", cases[i].expr, sd_last_error(c)->message);
    sd_context_free(c);
    return f;
}

static double *numbers(size_t n)
{
    double *p = malloc(n * sizeof *p);
    assert_non_null(p);
    for (size_t i = 0; i < n; i++) p[i] = 0.25 + (double)(i * i % 101) / 100;
    return p;
}

static void test_room(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sd_function *f = compiled(i);
        size_t one = sd_function_workspace(f, (const size_t[]){SMALL}),
               two = sd_function_workspace(f, (const size_t[]){2 * SMALL});
        if (sd_function_dims(f) != 1 || two > 2 * one + 100 || one > 20 * SMALL)
            fail_msg("%s: %zu doubles of workspace for n = %d, %zu for twice that", cases[i].expr, one,
                     (int)SMALL, two);
        sd_function_free(f);
    }
}

static void test_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sd_function *f = compiled(i);
        const size_t n = LARGE;
        double *in[MOST], *out[MOST], *work = numbers(sd_function_workspace(f, &n) + 1);
        for (size_t k = 0; k < sd_function_inputs(f); k++) in[k] = numbers(3 * n);
        for (size_t k = 0; k < sd_function_outputs(f); k++) out[k] = numbers(3 * n + 10);
        clock_t start = clock();
        assert_int_equal(sd_function_call(f, &n, (const double *const *)in, out, work), 0);
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        if (seconds > SECONDS) fail_msg("%s: %g seconds for n = %d", cases[i].expr, seconds, (int)LARGE);
        for (size_t k = 0; k < sd_function_inputs(f); k++) free(in[k]);
        for (size_t k = 0; k < sd_function_outputs(f); k++) free(out[k]);
        free(work);
        sd_function_free(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_room), cmocka_unit_test(test_time)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
