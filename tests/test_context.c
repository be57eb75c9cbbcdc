// SPDX-License-Identifier: MIT
// Contexts that forget: sd_context_reset takes a context back to what was declared, and its memory with it.
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdbool.h>

#include "include/symdiff.h"

// An allocator that counts what is out, and fails when it is told to.
typedef struct {
    size_t used, most;
    long fail_at;
} counter; // fail_at: calls until one fails; < 0: none

static void *counted(void *state, void *p, size_t bytes)
{
    counter *n = state;
    size_t *old = p ? (size_t *)p - 2 : NULL, before = old ? *old : 0;
    if (!bytes) {
        n->used -= before;
        free(old);
        return NULL;
    }
    if (n->fail_at >= 0 && n->fail_at-- == 0) return n->fail_at = 0, NULL; // and from then on
    size_t *block = realloc(old, bytes + 2 * sizeof *block);
    if (!block) return NULL;
    *block = bytes;
    n->used += bytes - before;
    if (n->used > n->most) n->most = n->used;
    return block + 2;
}

static char *derived(sd_context *c, const char *text, const char *wrt)
{
    return sd_print(c, sd_derive(c, sd_parse(c, text, NULL), &(sd_request){.wrt = wrt}), SD_TEXT, 0);
}

static void expect(sd_context *c, const char *text, const char *wrt, const char *wanted)
{
    char *s = derived(c, text, wrt);
    if (!s) print_error("%s: %s\n", text, sd_last_error(c)->message);
    assert_non_null(s);
    assert_string_equal(s, wanted);
    sd_free(c, s);
}

static void derive_many(sd_context *c, int from, int n)
{
    for (int i = from; i < from + n; i++) {
        char text[120];
        snprintf(text, sizeof text, "sum(log(1+exp(-y.*(X*w))))+%d*norm(w)^2/%d", i % 1000 + 2, i + 3);
        char *s = derived(c, text, "w");
        assert_non_null(s);
        sd_free(c, s);
    }
}

// 100 times 200 derivations: the memory after each is that after the first,
// and never is there more than in it.
static void test_growth(void **state)
{
    (void)state;
    counter n = {.fail_at = -1};
    sd_context *c = sd_context_new(&(sd_options){.allocator = &(sd_allocator){counted, &n}, .wrt = "w"});
    assert_int_equal(sd_declare(c, "X: matrix(m,k)", NULL), SD_OK);
    size_t fresh = 0, most = 0;
    for (int round = 0; round < 100; round++) {
        derive_many(c, 200 * round, 200);
        assert_true(n.used > 2 * fresh);
        assert_int_equal(sd_context_reset(c), SD_OK);
        if (!round) fresh = n.used, most = n.most;
        assert_int_equal(n.used, fresh);
        assert_true(n.most < most + most / 4); // numbers have more digits
    }
    sd_context_free(c);
    assert_int_equal(n.used, 0);
}

static void test_what_stays(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(&(sd_options){.wrt = "x", .from = SD_FROM_PLAIN});
    assert_int_equal(sd_declare(c, "A: matrix(n,n) symmetric; q(v) = v'*A*v", "model"), SD_OK);
    assert_int_equal(sd_hint_shape(c, "s", 3, 1), SD_OK);
    for (int i = 0; i < 3; i++) {
        expect(c, "q(x)", "x", "2*A*x");
        expect(c, "sum(s.^2)", "s", "2*s");
        expect(c, "z: scalar\nz^2+exp(z)", "z", "2*z+exp(z)"); // declared in a text: forgotten
        assert_int_equal(sd_context_reset(c), SD_OK);
        expect(c, "z'*z", "z", "2*z"); // a vector
        assert_int_equal(sd_context_reset(c), SD_OK);
    }
    sd_expr e = sd_parse(c, "q(x)", NULL);
    assert_int_equal(sd_context_reset(c), SD_OK);
    assert_true(sd_parse(c, "A*x", NULL) != 0);
    // a handle of before is none, and none of what comes after
    assert_null(sd_derive(c, e, &(sd_request){.wrt = "x"}));
    assert_int_equal(sd_last_error(c)->code, SD_ERR_USAGE);
    sd_context_free(c);
    assert_int_equal(sd_context_reset(NULL), SD_ERR_USAGE);
}

static void test_data(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(NULL);
    sd_data *d = sd_data_new(c);
    assert_int_equal(sd_context_reset(c), SD_ERR_USAGE);
    assert_non_null(strstr(sd_last_error(c)->message, "not freed"));
    assert_int_equal(sd_data_read(d, "x=[1;2]"), SD_OK); // nothing has happened to it
    sd_data_free(d);
    sd_function *f = sd_compile(c, sd_value(c, sd_parse(c, "x^2", NULL)), NULL);
    assert_non_null(f);
    assert_int_equal(sd_context_reset(c), SD_OK);
    double x = 3, y = 0, work[1];
    // functions live on
    assert_int_equal(sd_function_call(f, NULL, (const double *[]){&x}, (double *[]){&y}, work), 0);
    assert_true(y == 9);
    sd_function_free(f);
    sd_context_free(c);
}

// Wherever memory ends, the context is as it was.
static void test_without_memory(void **state)
{
    (void)state;
    counter n = {.fail_at = -1};
    sd_context *c = sd_context_new(&(sd_options){.allocator = &(sd_allocator){counted, &n}});
    assert_int_equal(sd_declare(c, "A: matrix(n,n) symmetric", NULL), SD_OK);
    assert_int_equal(sd_hint_shape(c, "s", 3, 1), SD_OK);
    sd_expr e = sd_parse(c, "x'*A*x", NULL);
    bool done = false;
    for (long at = 0; !done; at++) {
        n.fail_at = at;
        sd_status status = sd_context_reset(c);
        n.fail_at = -1;
        done = status == SD_OK;
        if (done) break;
        assert_int_equal(status, SD_ERR_MEMORY);
        char *s = sd_print(c, sd_derive(c, e, &(sd_request){.wrt = "x"}), SD_TEXT, 0);
        assert_string_equal(s, "2*A*x");
        sd_free(c, s);
        assert_true(at < 1000);
    }
    expect(c, "x'*A*x", "x", "2*A*x");
    sd_context_free(c);
    assert_int_equal(n.used, 0);
}

// A definition that is given again and again counts once: the last answer has its name as the first one has.
static void test_definitions(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(NULL);
    assert_int_equal(sd_declare(c, "A: matrix(m,n); x: vector(n); b: vector(m)", NULL), SD_OK);
    for (int i = 2; i < 302; i++) {
        char text[80], named[40];
        snprintf(text, sizeof text, "q=sigmoid(%d*A*x+b); norm(q)^4+sum(exp(q))", i);
        snprintf(named, sizeof named, "where q = sigmoid(%d*A*x+b)", i);
        char *s = derived(c, text, "x");
        if (!s || !strstr(s, named)) fail_msg("%s: %s", text, s ? s : sd_last_error(c)->message);
        sd_free(c, s);
    }
    sd_context_free(c);
}

static void expect_result(sd_context *c, const sd_result *r, const sd_data *d, double wanted)
{
    sd_array a;
    assert_non_null(r);
    assert_int_equal(sd_evaluate(c, r, d, &a), SD_OK);
    if (a.data[0] > wanted || a.data[0] < wanted) fail_msg("%g in the place of %g", a.data[0], wanted);
    sd_free(c, a.data);
}

// The h of a text has the value of its definition, whatever else is read and also where it is derived
// again.
static void test_cut(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(&(sd_options){.wrt = "h"});
    const sd_request by_h = {.wrt = "h"};
    sd_data *d = sd_data_new(c);
    assert_int_equal(sd_declare(c, "x: scalar", NULL), SD_OK);
    assert_int_equal(sd_data_read(d, "x=3"), SD_OK);
    sd_expr up = sd_parse(c, "h = x+1; h^2", NULL), down = sd_parse(c, "h = x-1; h^2", NULL);
    assert_int_not_equal(up, down);
    assert_int_equal(up, sd_parse(c, "h = x+1; h^2", NULL));
    sd_result *r = sd_derive(c, up, &by_h), *s = sd_derive(c, down, &by_h);
    assert_int_not_equal(sd_parse(c, "x^2", NULL), 0);
    expect_result(c, r, d, 8);
    expect_result(c, s, d, 4);
    expect_result(c, sd_derive(c, sd_result_expr(r, 0), &(sd_request){.wrt = "h"}), d, 2);
    expect_result(c, sd_value(c, sd_result_expr(s, 0)), d, 4);
    sd_expr all[2];
    assert_int_equal(sd_parse_all(c, 2, (const char *[]){"h = x+1; h^2", "h = x-1; h^3"}, all), SD_OK);
    expect_result(c, sd_derive(c, all[0], &by_h), d, 8);
    expect_result(c, sd_derive(c, all[1], &by_h), d, 12);
    sd_expr z = sd_parse(c, "2*z", NULL), placed = sd_substitute(c, up, 1, (const char *[]){"x"}, &z);
    assert_int_equal(sd_data_read(d, "z=5"), SD_OK);
    expect_result(c, sd_derive(c, placed, &by_h), d, 22);
    sd_data_free(d);
    sd_context_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_growth),
                                       cmocka_unit_test(test_what_stays),
                                       cmocka_unit_test(test_data),
                                       cmocka_unit_test(test_without_memory),
                                       cmocka_unit_test(test_definitions),
                                       cmocka_unit_test(test_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
