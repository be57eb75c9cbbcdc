// SPDX-License-Identifier: MIT
// sd_substitute: an expression, a number or a vector in the place of a variable.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "include/symdiff.h"

static void assert_shown(sd_context *c, sd_expr e, unsigned flags, const char *expected)
{
    char *text = sd_print(c, sd_value(c, e), SD_TEXT, flags);
    if (!text) print_error("%s\n", sd_last_error(c)->message);
    assert_non_null(text);
    assert_string_equal(text, expected);
    sd_free(c, text);
}

static sd_expr put(sd_context *c, const char *into, const char *name, const char *with)
{
    // the error of either stays
    const sd_expr first = sd_parse(c, with, NULL), e = first ? sd_parse(c, into, NULL) : 0, w = first;
    return sd_substitute(c, e, 1, &name, &w);
}

static void test_substitute(void **state)
{
    (void)state;
    static const struct {
        const char *into, *name, *with, *same;
    } good[] = {{"norm(x)^2", "x", "B*y", "y'*B'*B*y"},
                {"x'*S*x", "S", "B+B'", "2*x'*B*x"},
                {"log(p^2)", "p", "exp(a)", "2*a"},
                {"a*x", "a", "x'*y", "(x'*y)*x"}};
    static const struct {
        const char *into, *name, *with;
        sd_status code;
    } bad[] = {{"x'*S*x", "S", "B", SD_ERR_USAGE},  {"log(p^2)", "p", "a", SD_ERR_USAGE},
               {"sum(x)", "x", "x'", SD_ERR_SHAPE}, {"sum(x)", "x", "a", SD_ERR_SHAPE},
               {"sum(x)", "x", "z", SD_ERR_SHAPE},  {"sum(x)", "nobody", "x", SD_ERR_NAME},
               {"sum(x", "x", "y", SD_ERR_SYNTAX},  {"sum(x)", "x", "y+", SD_ERR_SYNTAX}};
    sd_context *c = sd_context_new(NULL);
    assert_int_equal(sd_declare(c,
                                "x,y: vector(n); z: vector(k); S: matrix(n,n) symmetric; B: matrix(n,n); p: "
                                "scalar positive; a,b: scalar",
                                NULL),
                     SD_OK);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        sd_equal_report r;
        const sd_expr e = put(c, good[i].into, good[i].name, good[i].with);
        if (!e) print_error("%s: %s\n", good[i].into, sd_last_error(c)->message);
        assert_int_not_equal(e, 0);
        assert_int_equal(sd_equal(c, e, sd_parse(c, good[i].same, NULL), 1, &r), SD_OK);
        assert_true(r.equal);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(put(c, bad[i].into, bad[i].name, bad[i].with), 0);
        assert_int_equal(sd_last_error(c)->code, bad[i].code);
    }
    const sd_expr two[] = {sd_parse(c, "b", NULL), sd_parse(c, "a", NULL)}; // all at once
    assert_shown(c, sd_substitute(c, sd_parse(c, "a-2*b", NULL), 2, (const char *const[]){"a", "b"}, two), 0,
                 "b-2*a");
    assert_int_equal(sd_substitute(c, two[0], 2, (const char *const[]){"a", "a"}, two), 0);
    assert_int_equal(sd_substitute(c, two[0], 1, NULL, two), 0);
    assert_shown(c, sd_substitute(c, two[0], 0, NULL, NULL), 0, "b");
    const sd_expr g = sd_result_expr(sd_derive(c, sd_parse(c, "x'*S*x", NULL), &(sd_request){.wrt = "x"}), 0),
                  d = sd_parse(c, "x-y", NULL);
    // of a derivative, which is derived again
    const sd_expr at = sd_substitute(c, g, 1, &(const char *){"x"}, &d);
    assert_shown(c, at, 0, "2*S*(x-y)");
    char *again = sd_print(c, sd_derive(c, at, &(sd_request){.what = SD_JACOBIAN, .wrt = "y"}), SD_TEXT, 0);
    assert_string_equal(again, "-2*S");
    sd_free(c, again);
    // what was typed has its conditions
    char *direct = sd_print(c, sd_value(c, sd_parse(c, "exp(log(b-1))", NULL)), SD_TEXT, SD_CONDITIONS);
    assert_non_null(strstr(direct, "b > 1") ? direct : strstr(direct, "b-1 > 0"));
    assert_shown(c, put(c, "exp(log(a))", "a", "b-1"), SD_CONDITIONS, direct);
    sd_free(c, direct);
    sd_context_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_substitute)};
    return cmocka_run_group_tests_name("substitute", tests, NULL, NULL);
}
