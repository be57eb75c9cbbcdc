// SPDX-License-Identifier: MIT
// Emitted C as optimising compilers see it: warnings that come from the analysis of loops and of lengths
// appear at -O2 and -O3 only, and only where sizes are constants. No formula of the sample may have one, at
// lengths around multiples of eight, where loops are cut.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/test.h"

static const struct {
    const char *with, *expr, *wrt;
    sd_what what;
} formulas[] = {
    {"X: matrix(n,n); w: vector(n); y: vector(n)", "norm(X*w-y)^2", "w", SD_GRADIENT},
    {"X: matrix(n,n); w: vector(n); y: vector(n)", "sum(log(1+exp(-y.*(X*w))))", "w", SD_HESSIAN},
    {"W: matrix(n,n); b: vector(n); x: vector(n); V: matrix(3,n)", "norm(V*tanh(W*x+b))^2", "W", SD_GRADIENT},
    {"x: vector(n)", "sum(100*(x[2:n]-x[1:n-1].^2).^2+(1-x[1:n-1]).^2)", "x", SD_GRADIENT},
    {"x: vector(n); v: vector(n)", "sum(sin(x).*exp(v))^2", "x", SD_GRADIENT},
    {"S: matrix(n,n) posdef; y: vector(n)", "y'*inv(S)*y+logdet(S)", "S", SD_GRADIENT},
    {"A: matrix(n,n); y: vector(n)", "norm(A\\y)^2+log(abs(det(A)))", "A", SD_GRADIENT},
    {"X: matrix(n,n)", "norm(X,'nuc')", "X", SD_GRADIENT},
    {"x: vector(n); h: vector(3)", "sum(conv(x,h).^2)", "x", SD_GRADIENT},
};
enum { FORMULAS = sizeof formulas / sizeof *formulas };

static void write_formula(const char *folder, int k, int n)
{
    sd_context *c = sd_context_new(NULL);
    if (sd_declare(c, formulas[k].with, NULL) != SD_OK) fail_msg("%s", sd_last_error(c)->message);
    sd_expr e = sd_parse(c, formulas[k].expr, NULL);
    sd_result *r = sd_derive(c, e, &(sd_request){.what = formulas[k].what, .wrt = formulas[k].wrt});
    sd_c_code code = {NULL, NULL};
    char *sizes = tst_format("n=%d", n), *file = tst_format("f%d.c", k);
    if (!r || sd_emit(c, r, &(sd_emit_options){.name = "f", .value = 1, .primal = e, .sizes = sizes},
                      &code) != SD_OK)
        fail_msg("%s: %s", formulas[k].expr, sd_last_error(c)->message);
    tst_write(folder, file, code.source);
    tst_write(folder, "f.h", code.header);
    free(sizes), free(file);
    sd_free(c, code.source), sd_free(c, code.header);
    sd_context_free(c);
}

static void compile(const char *compiler, const char *level, const char *folder, int k, int n)
{
    char *c = tst_format("%s/f%d.c", folder, k), *o = tst_format("%s/f.o", folder),
         *log = tst_format("%s/log", folder);
    const char *argv[] = {compiler, "-std=c99", level, "-Wall", "-Wextra", "-Werror", "-c", "-o", o, c, NULL};
    if (tst_run(argv, log))
        fail_msg("%s %s, n=%d: %s: %s", compiler, level, n, formulas[k].expr, tst_read(log));
    free(c), free(o), free(log);
}

static void test_warnings(void **state)
{
    (void)state;
    char *folder = tst_temporary();
    static const char *const compilers[] = {"gcc", "clang"};
    for (int i = 0; i < 2; i++)
        if (!tst_installed(compilers[i])) printf("not run: %s is not installed\n", compilers[i]);
    for (int n = 12; n <= 24; n += n == 16 ? 8 : 4) { // 12, 16, 24
        for (int k = 0; k < FORMULAS; k++) {
            write_formula(folder, k, n);
            for (int i = 0; i < 2; i++) {
                if (!tst_installed(compilers[i])) continue;
                compile(compilers[i], "-O2", folder, k, n);
                compile(compilers[i], "-O3", folder, k, n);
            }
        }
    }
    tst_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_warnings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
