// SPDX-License-Identifier: MIT
// The workspace that a function asks for: SIZE_MAX, which nobody can allocate, where its size does not fit,
// and never a small number that has wrapped around. The emitted query says the same as the compiled function.
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "tests/support/test.h"

static sd_function *compiled(sd_context *c, const char *expr, const char *sizes, sd_c_code *code)
{
    sd_expr e = sd_parse(c, expr, NULL);
    const sd_result *r = e ? sd_value(c, e) : NULL;
    const sd_emit_options o = {.name = "f", .sizes = sizes};
    sd_function *f = r ? sd_compile(c, r, &o) : NULL;
    if (!f || (code && sd_emit(c, r, &o, code) != SD_OK)) fail_msg("%s: %s", expr, sd_last_error(c)->message);
    return f;
}

// A workspace size that does not fit must be SIZE_MAX; a size that fits is the polynomial of second degree
// through the first three. The emitted query says the same as the compiled one.
static void check_workspace(const char *expr)
{
    const size_t one = 1, half = one << (4 * sizeof(size_t)), full = ~(SIZE_MAX / 2),
                 most = SIZE_MAX / sizeof(double);
    const size_t n[] = {0,        1,        2,        3,        1000,     half / 16, half / 2,
                        half - 1, half,     half + 1, half + 2, half * 3, most - 9,  most,
                        most + 1, full - 1, full,     full + 1, SIZE_MAX};
    sd_context *c = sd_context_new(NULL);
    sd_c_code code;
    assert_int_equal(sd_declare(c, "A: matrix(n,n); x: vector(n)", NULL), SD_OK);
    sd_function *f = compiled(c, expr, NULL, &code);
    char *folder = tst_temporary(), *name = tst_format("%s/main.c", folder),
         *program = tst_format("%s/main", folder);
    char *log = tst_format("%s/log", folder), *text = tst_copy("", 0);
    size_t room[3] = {0}, refused = 0;
    for (size_t i = 0; i < sizeof n / sizeof *n; i++) {
        size_t got = sd_function_workspace(f, &n[i]);
        if (i < 3) room[i] = got;
        long double x = n[i], r0 = room[0], r1 = i < 1 ? 0 : room[1], r2 = i < 2 ? 0 : room[2],
                    second = (r2 - 2 * r1 + r0) / 2;
        long double want = r0 + (r1 - r0 - second) * x + second * x * x;
        bool fits = i < 3 || want <= (long double)most;
        if (i >= 2 && got != (fits ? (size_t)want : SIZE_MAX))
            fail_msg("%s: the workspace at n=%zu is %zu", expr, n[i], got);
        refused += got == SIZE_MAX;
        char *longer =
            tst_format("%s    if (f_workspace(%zuu) != %zuu) return %zu;\n", text, n[i], got, i + 1);
        free(text);
        text = longer;
    }
    assert_true(refused >= 4);
    char *source = tst_format("%s\nint main(void)\n{\n%s    return 0;\n}\n", code.source, text);
    tst_write(folder, "f.h", code.header);
    tst_write(folder, "main.c", source);
    const char *compiler = tst_installed("gcc") ? "gcc" : "clang";
    const char *const compile[] = {compiler, "-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-o",
                                   program,  name,       "-lm",   NULL};
    assert_int_equal(tst_run(compile, log), 0);
    assert_int_equal(tst_run((const char *const[]){program, NULL}, log), 0);
    void *owned[] = {source, text, name, program, log};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) free(owned[i]);
    tst_remove(folder);
    sd_function_free(f);
    sd_free(c, code.source);
    sd_free(c, code.header);
    sd_context_free(c);
}

static void test_workspace(void **state)
{
    (void)state;
    check_workspace("x'*inv(A)*x");
    check_workspace("inv(A)*A*inv(A')*x+expm(A)*x");
    check_workspace("sum(softmax(A*x).^2)");
    sd_context *c = sd_context_new(NULL); // constant sizes
    assert_int_equal(sd_declare(c, "A: matrix(n,n); x: vector(n)", NULL), SD_OK);
    sd_function *f = compiled(c, "inv(A)*A*inv(A')*x+expm(A)*x", "n=1000000000", NULL),
                *g = compiled(c, "x'*inv(A)*x", "n=20", NULL);
    assert_true(sd_function_workspace(f, NULL) == SIZE_MAX);
    assert_in_range(sd_function_workspace(g, NULL), 420, 480);
    sd_function_free(f);
    sd_function_free(g);
    sd_context_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_workspace)};
    return cmocka_run_group_tests_name("workspace", tests, NULL, NULL);
}
