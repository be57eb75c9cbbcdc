// SPDX-License-Identifier: MIT
// The contract of the constructors (ast/make/make.h, point 5): they enter each other a bounded number of
// times, whatever the size of what they are given. Their files are compiled once more with
// -finstrument-functions for this program, which counts.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ast/surface/surface.h"
#include "diff/diff.h"

#define UNCOUNTED __attribute__((no_instrument_function))

static int depth, deepest; // constructors entered and not left

// Functions have no common type, and addresses of them are no data: so each is compared as what it is.
static UNCOUNTED bool is_constructor(void *f)
{
    void (*entered)(void);
    memcpy(&entered, &f, sizeof entered);
    return entered == (void (*)(void))sdp_map || entered == (void (*)(void))sdp_add ||
           entered == (void (*)(void))sdp_power || entered == (void (*)(void))sdp_prim ||
           entered == (void (*)(void))sdp_transpose || entered == (void (*)(void))sdp_mul;
}

void __cyg_profile_func_enter(void *f, void *from) UNCOUNTED;
void __cyg_profile_func_exit(void *f, void *from) UNCOUNTED;

void __cyg_profile_func_enter(void *f, void *from)
{
    (void)from;
    if (is_constructor(f) && ++depth > deepest) deepest = depth;
}

void __cyg_profile_func_exit(void *f, void *from)
{
    (void)from;
    if (is_constructor(f)) depth--;
}

// A family of expressions: `from`, then n times `step` around it and `last` once, in which @ stands for what
// was there. follows: one of the two rewrites that follow chains.
static const struct {
    const char *with, *from, *step, *last;
    bool follows;
} families[] = {
    {"x: scalar", "x", "sin(@)", "@", false},
    {"x: scalar", "x", "exp(log(1+@))", "@", false},
    {"x: vector(n)", "x", "tanh(@)+x", "@", false},
    {"x: vector(n)", "x", "2*(@).*x", "@", false},
    {"A: matrix(n,n)", "A", "(@)'*A", "@", false},
    {"A: matrix(n,n)", "A", "((@)+A)'", "@", false},
    {"A: matrix(n,n)", "A", "A*(@)+A'", "@", false},
    {"A: matrix(n,n)", "A", "inv(@)+A", "@", false},
    {"A: matrix(n,n); S: matrix(n,n) symmetric", "S", "A'*(@)*A+S", "@", false},
    {"x: scalar", "x", "((@)^2+1)^(1/2)", "@", false},
    {"x: scalar", "x", "(@)^3*x", "@", false},
    {"x: scalar", "x", "1/(1+@)", "@", false},
    {"x: vector(n)", "x", "where(@>0,@,x)", "@", false},
    {"x: vector(n)", "x", "exp(@-max(@))/sum(exp(@-max(@)))", "@", false},
    {"x: vector(n)", "x[1]", "sum(x.*(@))+x[2]", "@", false},
    {"x: vector(n)", "x", "[x; sin(@)][1:n]", "@", false},
    {"x: vector(n)", "x", "diag(x)*(@)", "@", false},
    {"A: matrix(n,n)", "A", "diag(diag(@))+A", "@", false},
    {"A: matrix(n,n)", "A", "tr(@)*A", "@", false},
    {"x: vector(n)", "x", "(@)/norm(@)", "@", false},
    {"x: vector(n)", "x", "sin(@)", "(@)[3]", true},
    {"x: vector(n)", "x", "sin(@)+cos(x)", "(@)[3]", true},
    {"x: vector(n)", "x", "exp(@).*x+x", "(@)[2:4]", false},
    {"x: vector(n)", "x", "where(x>0,@+x,sin(x))", "(@)[3]", true},
    {"x: vector(n)", "x", "where(x>0,@,0)+x", "sum(@)", false},
    {"A: matrix(n,n)", "A", "tanh(A*(@))", "(@)[2,3]", true},
    {"A: matrix(n,n)", "A", "(@)*A", "log(det(@))", false},
    {"A: matrix(n,n); P: matrix(n,n) posdef", "A", "inv(P)*(@)*P", "tr(@)", false},
    {"x: scalar", "x", "x*(@)+1", "log(exp(@))", false},
    {"x: vector(n)", "x", "diag(x)*(@)+x", "(@)'*(@)", false},
    {"x: vector(n)", "[x;x]", "[@; x]", "(@)[3]", false},
    {"x: vector(n)", "x", "sqrt((@).^2+1)", "norm(@)^3", false},
    {"t: scalar; A: matrix(n,n)", "A", "expm(t*(@))", "(@)[1,2]", false},
};
enum { FAMILIES = sizeof families / sizeof *families, ROOM = 1 << 18 };

static char *nested(size_t family, int n)
{
    char *text = malloc(ROOM), *next = malloc(ROOM);
    assert_true(text && next);
    strcpy(text, families[family].from);
    for (int i = 0; i < n; i++) {
        char *out = next;
        for (const char *s = families[family].step; *s; s++) {
            if (*s != '@') *out++ = *s;
            else out += sprintf(out, "%s", text);
            if (out - next > ROOM / 4) break; // repeated too often: what there is is enough
        }
        *out = 0;
        if (out - next > ROOM / 4) break;
        char *swap = text;
        text = next;
        next = swap;
    }
    char *out = next;
    for (const char *c = families[family].last; *c; c++) {
        if (*c != '@') *out++ = *c;
        else out += sprintf(out, "%s", text);
    }
    *out = 0;
    free(text);
    return next;
}

// Builds one, and differentiates it: the adjoints are products and sums of large nodes, too.
static void build(size_t family, int n)
{
    sdp_graph *g = sdp_graph_new(NULL, NULL);
    sdp_trap trap;
    assert_non_null(g);
    char *text = nested(family, n);
    if (SDP_TRY(&g->base, trap)) {
        sdp_declare(g, families[family].with, "<test>");
        sdp_surface s = sdp_read(g, text, strlen(text), "<test>", false, NULL, NULL);
        sdp_id v = sdp_var(g, 0), d, total = sdp_sum(g, s.node, (1u << sdp_get(g, s.node)->order) - 1);
        sdp_reverse(g, total, 1, &v, &d);
        SDP_END(&g->base, trap);
    } else fail_msg("%s, %d times: %s", families[family].step, n, g->base.error.message);
    assert_int_equal(depth, 0);
    free(text);
    sdp_graph_free(g);
}

static void test_bound(void **state)
{
    (void)state;
    int wrong = 0, most = 0;
    for (size_t f = 0; f < FAMILIES; f++)
        for (int n = 5, before = 0; n <= 320; n *= 8, before = deepest) {
            deepest = 0;
            build(f, n);
            if (deepest > most) most = deepest;
            bool grows = !families[f].follows && n > 40 && deepest > before;
            if (deepest > 0 && deepest <= SDP_ENTRIES && !grows) continue;
            fprintf(stderr,
                    "%s, %d times, then %s: constructors are entered %d times within one, %d for a shorter "
                    "chain\n",
                    families[f].step, n, families[f].last, deepest, before);
            wrong++;
        }
    assert_int_equal(wrong, 0);
    assert_true(most > SDP_DEPTH / 2); // entries of functions go that deep: the counter counts
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bound)};
    return cmocka_run_group_tests_name("entries", tests, NULL, NULL);
}
