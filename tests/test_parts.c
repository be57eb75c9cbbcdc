// SPDX-License-Identifier: MIT
// Long functions are cut into parts: a network of many layers, in which every part reads what earlier ones
// have computed. No function of the emitted text is long, compilers have no warning for any target, and the
// numbers are those of the function that is made in memory, whole.
#include <dlfcn.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/test.h"

enum { LAYERS = 90, N = 5, LINES = 900, OUTPUTS = 4, ROOM = 100000 };
static const char declared[] = "A: matrix(n,n); b: vector(n); x: vector(n)";

static sd_result *derived(sd_context *c, sd_expr *e)
{
    char *text = tst_copy("h0=x; ", 6);
    for (int k = 1; k <= LAYERS; k++) {
        char *more = tst_format("%sh%d=tanh(A*h%d+b); ", text, k, k - 1);
        free(text), text = more;
    }
    char *all = tst_format("%snorm(h%d)^2", text, LAYERS);
    assert_int_equal(sd_declare(c, declared, NULL), SD_OK);
    *e = sd_parse(c, all, NULL);
    sd_result *r = *e ? sd_derive(c, *e, &(sd_request){.what = SD_GRADIENT, .wrt = "A,b,x"}) : NULL;
    if (!r) fail_msg("%s", sd_last_error(c)->message);
    free(text), free(all);
    return r;
}

// Lines of the longest function: from a line that does not begin with a blank to the next "}"
static size_t longest(const char *text)
{
    size_t most = 0, lines = 0;
    for (const char *p = text; p && *p; p = strchr(p, '\n'), p += p != NULL) {
        lines = *p == ' ' || *p == '\n' ? lines + 1 : 0;
        if (lines > most) most = lines;
    }
    return most;
}

static void with_compiler(const char *source, const char *header, const char *compiler,
                          const char *const *more)
{
    char *folder = tst_temporary(), *c = tst_format("%s/f.c", folder), *log = tst_format("%s/log", folder);
    const char *argv[16] = {compiler,   "-Wall",   "-Wextra",      "-Wconversion",
                            "-Wshadow", "-Werror", "-fsyntax-only"};
    size_t n = 7;
    while (*more) argv[n++] = *more++;
    argv[n] = c;
    tst_write(folder, "f.c", source);
    tst_write(folder, "f.h", header);
    if (tst_installed(compiler) && tst_run(argv, log)) fail_msg("%s: %s", compiler, tst_read(log));
    free(c), free(log);
    tst_remove(folder);
}

static void test_text(void **state)
{
    (void)state;
    static const struct {
        const char *target, *sizes;
    } how[] = {{"c", NULL}, {"openmp", NULL}, {"cblas", NULL}, {"c", "n=5"}};
    for (size_t i = 0; i < sizeof how / sizeof *how; i++) {
        sd_context *c = sd_context_new(NULL);
        sd_expr e;
        sd_result *r = derived(c, &e);
        sd_c_code code = {NULL, NULL};
        sd_emit_options o = {
            .name = "f", .value = 1, .primal = e, .target = how[i].target, .sizes = how[i].sizes};
        assert_int_equal(sd_emit(c, r, &o, &code), SD_OK);
        size_t lines = longest(code.source);
        if (!how[i].sizes) assert_non_null(strstr(code.source, "_part3("));
        if (!how[i].sizes && lines > LINES) fail_msg("%s: a function of %zu lines", how[i].target, lines);
        with_compiler(code.source, code.header, "gcc", (const char *[]){"-std=c99", NULL});
        with_compiler(code.source, code.header, "clang", (const char *[]){"-std=c99", NULL});
        with_compiler(code.source, code.header, "g++", (const char *[]){"-x", "c++", NULL});
        sd_free(c, code.source), sd_free(c, code.header);
        sd_context_free(c);
    }
}

static sd_function *made(const char *compiler)
{
    sd_context *c = sd_context_new(&(sd_options){.compiler = compiler});
    sd_expr e;
    sd_result *r = derived(c, &e);
    sd_function *f =
        sd_compile(c, r, &(sd_emit_options){.name = "f", .value = 1, .primal = e, .arguments = "A,b,x"});
    if (!f) fail_msg("%s", sd_last_error(c)->message);
    sd_context_free(c);
    return f;
}

typedef int function(size_t n, const double *A, const double *b, const double *x, double *, double *,
                     double *, double *, double *work);
typedef union {
    void *object;
    function *call;
} address;

// The emitted file as a library, its address
static address linked(void)
{
    sd_context *c = sd_context_new(NULL);
    sd_expr e;
    sd_result *r = derived(c, &e);
    sd_c_code code = {NULL, NULL};
    assert_int_equal(sd_emit(c, r,
                             &(sd_emit_options){.name = "f", .value = 1, .primal = e, .arguments = "A,b,x"},
                             &code),
                     SD_OK);
    char *folder = tst_temporary(), *file = tst_format("%s/f.c", folder), *so = tst_format("%s/f.so", folder),
         *log = tst_format("%s/log", folder);
    tst_write(folder, "f.c", code.source);
    tst_write(folder, "f.h", code.header);
    if (tst_run((const char *[]){"gcc", "-std=c99", "-O1", "-fPIC", "-shared", "-o", so, file, "-lm", NULL},
                log))
        fail_msg("%s", tst_read(log));
    void *library = dlopen(so, RTLD_NOW | RTLD_LOCAL);
    if (!library) fail_msg("%s", dlerror());
    address f = {dlsym(library, "f")};
    assert_non_null(f.object);
    free(file), free(so), free(log);
    tst_remove(folder);
    sd_free(c, code.source), sd_free(c, code.header);
    sd_context_free(c);
    return f;
}

static void near(const double *have, const double *want, size_t left_out)
{
    for (size_t i = 0; i < OUTPUTS * N * N; i++) {
        double expected = i / (N * N) == left_out ? 0 : want[i];
        if (!(fabs(have[i] - expected) <= 1e-9 * (1e-12 + fabs(expected))))
            fail_msg("without %zu, entry %zu: %.17g, not %.17g", left_out, i, have[i], expected);
    }
}

static void test_numbers(void **state)
{
    (void)state;
    if (!tst_installed("gcc")) skip();
    const size_t n = N;
    double A[N * N], b[N], x[N], *work = calloc(ROOM, sizeof *work), want[OUTPUTS * N * N] = {0},
                                 have[OUTPUTS * N * N] = {0}, *at[OUTPUTS];
    for (size_t i = 0; i < N * N; i++) A[i] = sin(1.3 * (double)i);
    for (size_t i = 0; i < N; i++) b[i] = 0.1 * (double)i - 0.2, x[i] = cos((double)i);
    sd_function *whole = made(NULL), *cut = made("gcc");
    assert_true(sd_function_workspace(whole, &n) <= ROOM);
    for (size_t k = 0; k < OUTPUTS; k++) at[k] = want + k * N * N;
    assert_int_equal(sd_function_call(whole, &n, (const double *[]){A, b, x}, at, work), 0);
    for (size_t k = 0; k < OUTPUTS; k++) assert_true(fabs(want[k * N * N]) > 0);
    for (size_t k = 0; k < OUTPUTS; k++) at[k] = have + k * N * N;
    assert_int_equal(sd_function_call(cut, &n, (const double *[]){A, b, x}, at, work), 0);
    near(have, want, OUTPUTS);
    address f = linked();
    for (size_t left_out = 0; left_out <= OUTPUTS; left_out++) { // what is NULL; OUTPUTS: nothing
        memset(have, 0, sizeof have);
        for (size_t k = 0; k < OUTPUTS; k++) at[k] = k == left_out ? NULL : have + k * N * N;
        assert_int_equal(f.call(n, A, b, x, at[0], at[1], at[2], at[3], work), 0);
        near(have, want, left_out);
    }
    free(work);
    sd_function_free(whole), sd_function_free(cut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_text), cmocka_unit_test(test_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
