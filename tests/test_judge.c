// SPDX-License-Identifier: MIT
// Verdicts on convexity of random expressions: none may be refuted by points, and enough must be decided. The
// prover must refuse the negative of every form that it proves, unless that is 0.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/judge.h"
#include "runtime/api/api.h"

enum { EXPRESSIONS = 150, SEEDS = 3 }; // or as many expressions as JUDGE_COUNT says

static const char declarations[] = "x: scalar; y: scalar; p: scalar positive; k: scalar nonneg; v: "
                                   "vector(n); w: vector(n) positive; a: vector(n); A: matrix(m,n)";
static const char *const atoms[] = {
    "x",      "y",      "p",      "x-y",           "x+2*y-1",      "norm(v)",      "v'*v", "a'*v",
    "sum(v)", "max(v)", "sum(w)", "norm(A*v-1)^2", "logsumexp(v)", "sum(v.^2./w)", "k*x",  "p+x^2"};
static const char *const unary[] = {"exp(%)",
                                    "log(1+(%)^2)",
                                    "(%)^2",
                                    "(%)^3",
                                    "sqrt(1+(%)^2)",
                                    "abs(%)",
                                    "relu(%)",
                                    "softplus(%)",
                                    "sin(%)",
                                    "tanh(%)",
                                    "-(%)",
                                    "2*(%)-1",
                                    "log(%)",
                                    "1/(%)",
                                    "(%)^4",
                                    "max(%,1/2)",
                                    "where(%>1,%,1)",
                                    "cosh(%)",
                                    "sigmoid(%)",
                                    "sqrt(%)",
                                    "(%)^(3/2)",
                                    "where(%>0,(%)^2,-(%))",
                                    "log(sigmoid(%))",
                                    "abs(%)^3",
                                    "relu(1-%)^2",
                                    "exp(-(%)^2)"};
static const char *const binary[] = {"%+%",      "%-(%)",         "(%)*(%)",          "max(%,%)",
                                     "min(%,%)", "(%)/(1+(%)^2)", "(%)^2/(1+exp(%))", "logaddexp(%,%)",
                                     "%+2*(%)",  "(%)^2/p+%"};
#define COUNT(a) (sizeof(a) / sizeof *(a))

static unsigned next(unsigned *state, size_t n)
{
    *state = *state * 1103515245u + 12345u;
    return (unsigned)((*state >> 12) % n);
}

// Appends a random expression: templates are filled from left to right.
static void compose(char *text, size_t room, int depth, unsigned *state)
{
    unsigned kind = depth ? next(state, 3) : 0;
    const char *form = !depth     ? atoms[next(state, COUNT(atoms))]
                       : kind < 2 ? unary[next(state, COUNT(unary))]
                                  : binary[next(state, COUNT(binary))];
    if (!depth) {
        strncat(text, form, room - strlen(text) - 1);
        return;
    }
    char part[2][1024] = {"", ""};
    int used = 0, holes = kind < 2 ? 1 : 2;
    for (int i = 0; i < holes; i++) compose(part[i], sizeof part[i], depth - 1, state);
    for (const char *p = form; *p; p++) {
        char one[2] = {*p, 0};
        strncat(text, *p == '%' ? part[holes == 1 ? 0 : used++ ? 1 : 0] : one, room - strlen(text) - 1);
    }
}

// 1: decided, 0: not, -1: refuted
static int judge_random(unsigned seed)
{
    unsigned state = seed * 2654435761u + 1;
    char text[4096] = "";
    compose(text, sizeof text, 1 + (int)(seed % 3), &state);
    sd_context *c = sd_context_new(NULL);
    assert_int_equal(sd_declare(c, declarations, NULL), SD_OK);
    sd_expr e = sd_parse(c, text, NULL);
    int decided = 0;
    for (unsigned k = 0; e && k < SEEDS && decided >= 0; k++) {
        sd_convexity r;
        sd_status status = sd_convexity_of(c, e, NULL, seed + 1000 * k, &r);
        if (status == SD_ERR_INTERNAL)
            fprintf(stderr, "seed %u: %s: %s\n", seed, text, sd_last_error(c)->message), decided = -1;
        else if (status == SD_OK)
            decided = r.verdict != SD_CURVATURE_UNKNOWN;
        sd_free(c, r.reasons);
        sd_free(c, r.strong);
        if (!decided || r.verdict == SD_NEITHER) break;
    }
    sd_context_free(c);
    return decided;
}

static void test_verdicts(void **state)
{
    (void)state;
    const char *count = getenv("JUDGE_COUNT"), *first = getenv("JUDGE_SEED");
    unsigned n = count ? (unsigned)atoi(count) : EXPRESSIONS, from = first ? (unsigned)atoi(first) : 1,
             decided = 0, wrong = 0;
    for (unsigned seed = from; seed < from + n; seed++) {
        int d = judge_random(seed);
        decided += d > 0;
        wrong += d < 0;
    }
    fprintf(stderr, "%u of %u expressions are decided\n", decided, n);
    assert_int_equal(wrong, 0);
    assert_true(decided > n / 3);
}

// Is the form, or its negative, proved to be nonnegative in x, y and v?
static bool is_proved(sdp_graph *g, sdp_id q)
{
    const char *names[] = {"x", "y", "v"}, *rule;
    sdp_id w[3];
    uint32_t n = 0;
    for (int k = 0; k < 3; k++) {
        sdp_id v = g->var[sdp_variable_find(g, names[k])].node;
        if (sdp_depends(g, q, v)) w[n++] = v;
    }
    return sdp_form_is_nonneg(g, sdp_simplify(g, q), n, w, &rule);
}

static void judge_form(const char *text, int sign, bool nonneg)
{
    sd_context *c = sd_context_new(NULL);
    assert_int_equal(sd_declare(c, declarations, NULL), SD_OK);
    sd_expr e = sd_parse(c, text, NULL);
    assert_true(e);
    sd_status status;
    bool got = false;
    GUARD(c, e, status,
          got = is_proved(c->g, sdp_scale(c->g, sdp_num_int(c->g, sign), sdp_get_expr(c, e)->node)));
    assert_int_equal(status, SD_OK);
    if (got != nonneg) fail_msg("%s%s is %s", sign < 0 ? "-" : "", text, got ? "proved" : "not proved");
    sd_context_free(c);
}

// What is proved, and what must not be: the negatives of all these forms, and those with one coefficient too
// large.
static void test_forms(void **state)
{
    (void)state;
    static const struct {
        const char *q;
        bool nonneg;
    } table[] = {
        {"5*x^2+2*x*y+3*y^2", true},
        {"x^2+2*x*y+y^2", true},
        {"x^2+4*x*y+y^2", false},
        {"x*y", false},
        {"p*x^2-2*x*y+y^2/p", true},
        {"p*x^2-2*x*y+k*y^2", false},
        {"x^2-y^2", false},
        {"norm(v)^2-(a'*v)^2", false},
        {"norm(a)^2*norm(v)^2-(a'*v)^2", true},
        {"(1+norm(a)^2)*norm(v)^2-(a'*v)^2", true},
        {"v'*A'*A*v", true},
        {"sum(v.^2.*a)", false},
        {"sum(v.^2.*w)-(v'*w)^2/sum(w)", true},
        {"sum(v.^2.*w)-2*(v'*w)^2/sum(w)", false},
        {"v'*(diag(softmax(a))-softmax(a)*softmax(a)')*v", true},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        judge_form(table[i].q, 1, table[i].nonneg);
        judge_form(table[i].q, -1, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forms), cmocka_unit_test(test_verdicts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
