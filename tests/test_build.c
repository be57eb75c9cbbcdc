// SPDX-License-Identifier: MIT
// Formulas by calls: they are the formulas of the same text, with the same conditions and the same refusals.
// Formulas as text for another day: what is loaded is what was saved, or is refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "include/symdiff.h"

static sd_expr two(sd_context *c, const char *name, sd_expr a, sd_expr b)
{
    return sd_call(c, name, 2, (const sd_expr[]){a, b});
}
static sd_expr one(sd_context *c, const char *name, sd_expr a) { return sd_call(c, name, 1, &a); }

// The same handle as the text has: the same node and shape
static void same_as(sd_context *c, sd_expr e, const char *text)
{
    if (!e) fail_msg("%s: %s", text, sd_last_error(c)->message);
    sd_expr typed = sd_parse(c, text, NULL);
    sd_equal_report report;
    assert_int_not_equal(typed, 0);
    if (typed == e) return;
    char *made = sd_print(c, sd_value(c, e), SD_TEXT, SD_NO_WHERE);
    assert_int_equal(sd_equal(c, e, typed, 1, &report), SD_OK);
    fail_msg("%s is made as %s, %s", text, made,
             report.equal ? "which is equal" : "which is another function");
}

static sd_context *declared(void)
{
    sd_context *c = sd_context_new(NULL);
    assert_int_equal(sd_declare(c,
                                "X: matrix(m,n); t: vector(n); Y: vector(m); N: scalar; S: matrix(n,n) "
                                "symmetric; Q: matrix(n,n) orthogonal",
                                NULL),
                     SD_OK);
    return c;
}

static void test_calls(void **state)
{
    (void)state;
    sd_context *c = declared();
    sd_expr X = sd_symbol(c, "X"), t = sd_symbol(c, "t"), Y = sd_symbol(c, "Y"), N = sd_symbol(c, "N"),
            S = sd_symbol(c, "S"), Q = sd_symbol(c, "Q");
    sd_expr r = two(c, "-", two(c, "*", X, t), Y);
    same_as(c, r, "X*t-Y");
    same_as(c, two(c, "/", two(c, "^", one(c, "norm", r), sd_number(c, 2)), N), "norm(X*t-Y)^2/N");
    same_as(c, two(c, "*", one(c, "'", t), two(c, "*", S, t)), "t'*S*t");
    same_as(c, two(c, "norm", r, sd_number(c, 1)), "norm(X*t-Y,1)");
    same_as(c, two(c, "sum", X, sd_number(c, 2)), "sum(X,2)");
    same_as(c, two(c, "*", sd_number(c, 0.1), one(c, "sum", one(c, "exp", one(c, "neg", t)))),
            "0.1*sum(exp(-t))");
    same_as(c, two(c, ".*", one(c, "exp", r), r), "exp(X*t-Y).*(X*t-Y)");
    same_as(c, two(c, "\\", S, t), "S\\t");
    same_as(c, two(c, "index", t, sd_number(c, 2)), "t[2]");
    same_as(c, two(c, "index", two(c, "+", t, t), sd_number(c, 2)), "(t+t)[2]");
    same_as(c, one(c, "trace", two(c, "*", one(c, "'", X), X)), "trace(X'*X)");
    same_as(c, one(c, "diag", one(c, "exp", t)), "diag(exp(t))");
    same_as(c, two(c, "+", sd_number(c, -3), sd_number(c, 1e-20)), "-3+1e-20");
    same_as(c, two(c, "+", one(c, "norm", r), one(c, "norm", r)), "2*norm(X*t-Y)");
    same_as(c,
            sd_call(c, "where", 3, (const sd_expr[]){two(c, ">", N, sd_number(c, 0)), N, one(c, "neg", N)}),
            "where(N>0,N,-N)");
    same_as(c, two(c, "*", one(c, "'", one(c, "exp", t)), S), "exp(t)'*S");
    same_as(c, two(c, "*", two(c, "*", one(c, "'", one(c, "exp", t)), S), t),
            "exp(t)'*S*t"); // a row as an argument
    same_as(c, two(c, "*", one(c, "'", Q), Q), "Q'*Q");
    same_as(c, two(c, "vcat", r, one(c, "exp", t)), "[X*t-Y; exp(t)]");
    same_as(c, two(c, ".^", r, sd_number(c, 2)), "(X*t-Y).^2");
    sd_context_free(c);
}

// Twice the same call leaves no more variables than once.
static void test_many(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(NULL);
    sd_expr x = sd_symbol(c, "x: vector(n)"), e = x;
    for (int i = 0; i < 3000; i++) e = one(c, i % 2 ? "sin" : "exp", e);
    assert_int_not_equal(e, 0);
    assert_non_null(sd_derive(c, one(c, "sum", one(c, "exp", one(c, "exp", x))), &(sd_request){.wrt = "x"}));
    sd_context_free(c);
}

// Derivatives by orthogonal variables, conditions of arguments
static void test_meaning(void **state)
{
    (void)state;
    sd_context *c = declared();
    sd_expr Q = sd_symbol(c, "Q"), S = sd_symbol(c, "S"), N = sd_symbol(c, "N");
    sd_expr e = one(c, "trace", two(c, "*", two(c, "*", one(c, "'", Q), S), Q));
    const sd_result *r = sd_derive(c, e, &(sd_request){.wrt = "Q"});
    char *text = sd_print(c, r, SD_TEXT, 0);
    const sd_result *typed = sd_derive(c, sd_parse(c, "trace(Q'*S*Q)", NULL), &(sd_request){.wrt = "Q"});
    char *right = sd_print(c, typed, SD_TEXT, 0);
    assert_string_equal(text, right);
    sd_expr log_exp = one(c, "exp", one(c, "log", N)); // N, where it is positive
    char *conditions = sd_print(c, sd_value(c, two(c, "+", log_exp, N)), SD_TEXT, SD_CONDITIONS);
    char *as_typed = sd_print(c, sd_value(c, sd_parse(c, "exp(log(N))+N", NULL)), SD_TEXT, SD_CONDITIONS);
    assert_string_equal(conditions, as_typed);
    sd_context_free(c);
}

static void refused(sd_context *c, sd_expr e, const char *message)
{
    if (e) fail_msg("%s: not refused", message);
    if (!strstr(sd_last_error(c)->message, message))
        fail_msg("%s, not %s", sd_last_error(c)->message, message);
}

static void test_refused(void **state)
{
    (void)state;
    sd_context *c = declared();
    sd_expr X = sd_symbol(c, "X"), t = sd_symbol(c, "t"), Y = sd_symbol(c, "Y");
    refused(c, two(c, "*", X, Y), "n");
    refused(c, two(c, "+", one(c, "exp", t), one(c, "exp", Y)), "m");
    refused(c, one(c, "nrom", t), "there is no function or operator 'nrom'");
    refused(c, one(c, "side", t), "there is no function or operator 'side'");
    refused(c, sd_call(c, "norm", 0, NULL), "norm");
    refused(c, sd_symbol(c, "Z"), "there is no declared variable 'Z'");
    refused(c, sd_symbol(c, "X: vector(n)"), "X");
    refused(c, sd_symbol(c, "a: scalar; b: scalar"), "one declaration was expected");
    refused(c, sd_number(c, NAN), "NaN");
    refused(c, sd_number(c, INFINITY), "an infinity");
    refused(c, sd_call(c, "vcat", 0, NULL), "'vcat' takes at least 1 argument, not 0");
    sd_expr part[] = {sd_number(c, 1.5), one(c, "sum", t), one(c, "exp", t)};
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) { // sizes and subscripts are no values
        refused(c, two(c, "index", t, part[i]), "this is not a size");
        refused(c, one(c, "eye", part[i]), "this is not a size");
        refused(c, two(c, "zeros", sd_number(c, 2), part[i]), "this is not a size");
        refused(c, two(c, "index", t, two(c, "range", sd_number(c, 1), part[i])), "this is not a size");
        refused(c, sd_call(c, "reshape", 3, (sd_expr[]){t, part[i], part[i]}), "this is not a size");
    }
    sd_expr bad = two(c, "*", X, Y);
    refused(c, one(c, "norm", bad), "n"); // the first error stays
    assert_int_not_equal(sd_parse(c, "norm(X*t-Y)", NULL), 0);
    sd_context_free(c);
}

// ---- as text ---------------------------------------------------------------------------------------------
static void test_saved(void **state)
{
    (void)state;
    static const char *const text[] = {
        "X: matrix(m,n); t: vector(n); norm(X*t-Y)^2/N",
        "S: matrix(n,n) posdef; x'*inv(S)*x+log(det(S))",
        "sum(log(1+exp(-y.*(X*w))))+lambda/2*norm(w)^2",
        "x: vector(n); sum(100*(x[2:n]-x[1:n-1].^2).^2)",
        "0.1*x+1e-30",
        "f: function(vector(n)) -> scalar; f(A*x)^2",
        "exp(x)'*A",
        "3",
        "θ'*θ",
        "U: matrix(n,n) orthogonal; trace(U'*A*U)",
    };
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        sd_context *c = sd_context_new(NULL), *d = sd_context_new(NULL);
        sd_expr e = sd_parse(c, text[i], NULL);
        if (!e) fail_msg("%s: %s", text[i], sd_last_error(c)->message);
        char *saved = sd_save(c, e);
        if (!saved) fail_msg("%s: %s", text[i], sd_last_error(c)->message);
        sd_expr back = sd_load(d, saved);
        if (!back) fail_msg("%s: %s", saved, sd_last_error(d)->message);
        char *again = sd_save(d, back), *legend = sd_legend(c, e), *other = sd_legend(d, back);
        assert_string_equal(again, saved);
        assert_string_equal(legend, other);
        sd_context_free(c), sd_context_free(d);
    }
    sd_context *c = sd_context_new(NULL);
    refused(c, sd_load(c, "x^2"), "the text was not made by sd_save");
    refused(c, sd_load(c, "symdiff formula 9.9.9\nx: scalar\n=\nx^2\n"), "another version");
    refused(c, sd_load(c, "symdiff formula " SD_VERSION "\nx: scalar\n=\nx^^2\n"), "expected an expression");
    assert_int_equal(sd_declare(c, "y: vector(n)", NULL), SD_OK);
    refused(c, sd_load(c, "symdiff formula " SD_VERSION "\ny: scalar\n=\ny^2\n"), "y");
    sd_context_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_calls), cmocka_unit_test(test_many),
                                       cmocka_unit_test(test_meaning), cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_saved)};
    return cmocka_run_group_tests_name("build", tests, NULL, NULL);
}
