// SPDX-License-Identifier: MIT
// Random expressions expanded, factored and collected: the form has the value of the expression at random
// points, reads back as what it is, and a product of irreducible polynomials is found again.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "include/symdiff.h"

static unsigned state = 1;

static unsigned random_below(unsigned n)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % n;
}

typedef struct {
    char s[4096];
    size_t n;
} text;

static void add(text *t, const char *s)
{
    t->n += (size_t)snprintf(t->s + t->n, sizeof t->s - t->n, "%s", s);
}

// An expression of scalars, vectors or matrices in which all sums and products fit.
static void compose(text *t, int depth, const char *const *leaf, unsigned leaves, const char *times,
                    const char *power)
{
    if (depth == 0 || random_below(5) == 0) {
        if (random_below(4) == 0)
            t->n += (size_t)snprintf(t->s + t->n, sizeof t->s - t->n, "%u", 1 + random_below(4));
        else add(t, leaf[random_below(leaves)]);
        return;
    }
    unsigned what = random_below(5);
    add(t, "(");
    compose(t, depth - 1, leaf, leaves, times, power);
    add(t, what == 4 ? power : what == 3 ? times : what == 2 ? times : what ? "+" : "-");
    if (what != 4) compose(t, depth - 1, leaf, leaves, times, power);
    add(t, ")");
}

typedef enum { EXPANDED, FACTORED, COLLECTED } form;

static sd_result *take(sd_context *c, sd_expr e, form f)
{
    return f == EXPANDED ? sd_expand(c, e) : f == FACTORED ? sd_factor(c, e) : sd_simplify(c, e, "x");
}

static void assert_same(sd_context *c, sd_expr a, sd_expr b, const char *expression, const char *shown)
{
    sd_equal_report r;
    assert_int_equal(sd_equal(c, a, b, 1, &r), SD_OK);
    if (!r.equal) fprintf(stderr, "%s\nis shown as %s: %s\n", expression, shown, r.detail);
    assert_true(r.equal);
    sd_free(c, r.witness), sd_free(c, r.value[0]), sd_free(c, r.value[1]);
}

static void compare(const char *expression, const char *declare, form f)
{
    sd_context *c = sd_context_new(&(sd_options){.debug = 1});
    if (declare) assert_int_equal(sd_declare(c, declare, NULL), SD_OK);
    sd_expr e = sd_parse(c, expression, NULL);
    bool collects = e && (f != COLLECTED || strchr(expression, 'x'));
    sd_result *r = collects ? take(c, e, f) : NULL;
    if (e && !r && collects && sd_last_error(c)->code != SD_ERR_USAGE) { // the x has cancelled
        fprintf(stderr, "%s: %s\n", expression, sd_last_error(c)->message);
        fail();
    }
    char *shown = r ? sd_print(c, r, SD_TEXT, SD_NO_WHERE) : NULL;
    if (r) {
        assert_non_null(shown);
        assert_same(c, e, sd_result_expr(r, 0), expression, shown);
        sd_expr again = sd_parse(c, shown, NULL);
        if (!again) fprintf(stderr, "%s does not read back: %s\n", shown, sd_last_error(c)->message);
        assert_true(again);
        assert_same(c, e, again, expression, shown);
    }
    sd_free(c, shown);
    sd_context_free(c);
}

static void random_scalars(void **s)
{
    (void)s;
    static const char *const leaf[] = {"x", "y", "z", "sin(x)", "exp(y)", "x^2", "1/x", "sqrt(z)"};
    for (unsigned i = 0; i < 240; i++) {
        text t = {.n = 0};
        compose(&t, 4, leaf, i % 2 ? 3 : 8, "*", i % 3 ? "^2" : "^3");
        compare(t.s, "x: scalar; y: scalar; z: scalar positive", (form)(i % 3));
    }
}

static void random_arrays(void **s)
{
    (void)s;
    static const char *const square[] = {"A", "B", "A'", "C"}, *const vector[] = {"x", "v", "w", "(A*x)"};
    for (unsigned i = 0; i < 90; i++) {
        text t = {.n = 0};
        if (i % 3 == 0) add(&t, "tr");
        add(&t, "(");
        if (i % 3 == 2) compose(&t, 3, vector, 4, ".*", ".^2");
        else compose(&t, 3, square, 4, "*", i % 2 ? "'" : "*A");
        add(&t, i % 3 == 2 ? "+0*x)" : "+0*A)");
        compare(t.s,
                "A: matrix(n,n); B: matrix(n,n); C: matrix(n,n); x: vector(n); v: vector(n); w: vector(n)",
                i / 3 % 2 ? FACTORED : EXPANDED);
    }
}

// Products of polynomials that have no rational factors are found again: as many factors as there were, none
// of which is a sum of products.
static void known_factors(void **s)
{
    (void)s;
    static const char *const irreducible[] = {"(x-1)",     "(x+2)",     "(2*x-3)", "(x^2+1)",
                                              "(x^2+x+1)", "(x^3-2)",   "(x-y)",   "(x+2*y)",
                                              "(x*y-1)",   "(x^2+y^2)", "(x^4+1)", "(3*y+5)"};
    for (unsigned i = 0; i < 60; i++) {
        text t = {.n = 0};
        unsigned first = random_below(12), second = (first + 1 + random_below(11)) % 12,
                 power = 1 + random_below(2);
        add(&t, irreducible[first]), add(&t, "*"), add(&t, irreducible[second]);
        if (power == 2) add(&t, "^2");
        sd_context *c = sd_context_new(NULL);
        sd_expr e = sd_parse(c, t.s, NULL);
        sd_result *expanded = sd_expand(c, e), *factored = sd_factor(c, sd_result_expr(expanded, 0));
        char *sum = sd_print(c, expanded, SD_TEXT, SD_NO_WHERE),
             *product = sd_print(c, factored, SD_TEXT, SD_NO_WHERE);
        assert_non_null(product);
        int open = 0;
        for (const char *p = product; *p; p++) open += *p == '(';
        if (open != 2 || (power == 2) != (strstr(product, ")^2") != NULL))
            fprintf(stderr, "%s is %s, factored %s\n", t.s, sum, product);
        assert_int_equal(open, 2);
        assert_int_equal(power == 2, strstr(product, ")^2") != NULL);
        assert_same(c, e, sd_result_expr(factored, 0), t.s, product);
        sd_free(c, sum), sd_free(c, product);
        sd_context_free(c);
    }
}

static void limit_of_terms(void **s)
{
    (void)s;
    sd_context *c = sd_context_new(&(sd_options){.limits = &(sd_limits){.terms = 500}});
    assert_null(sd_expand(c, sd_parse(c, "(a+b+c+d+u+v)^12", NULL)));
    assert_int_equal(sd_last_error(c)->code, SD_ERR_LIMIT);
    assert_non_null(strstr(sd_last_error(c)->message, "terms"));
    assert_non_null(sd_expand(c, sd_parse(c, "(a+b)^12", NULL)));
    sd_context_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_scalars),
        cmocka_unit_test(random_arrays),
        cmocka_unit_test(known_factors),
        cmocka_unit_test(limit_of_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
