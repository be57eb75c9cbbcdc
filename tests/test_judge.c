// SPDX-License-Identifier: MIT
// Verdicts on convexity of random expressions: none may be refuted by points, and enough must be decided. The
// prover must refuse the negative of every form that it proves, unless that is 0.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/judge.h"
#include "runtime/api/api.h"

enum { EXPRESSIONS = 10000, SEEDS = 4 }; // or as many expressions as JUDGE_COUNT says

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
        else if (status == SD_OK) decided = r.verdict != SD_CURVATURE_UNKNOWN;
        sd_free(c, r.reasons);
        sd_free(c, r.strong);
        sd_free(c, r.points);
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

// Tests the forms that are proved, and the forms that must not be: the negatives of all these, and forms with
// one coefficient too large.
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

// ---- one term with the other sign -------------------------------------------------------------------------
// A form that is a sum, one of its terms turned: what is still proved must have no negative value.
typedef struct {
    unsigned turned, refused, wrong;
} turns;

static void turn_terms(sd_context *c, sd_expr e, turns *t)
{
    sdp_graph *g = c->g;
    sdp_id q = sdp_multiply_out_all(g, sdp_get_expr(c, e)->node);
    const sdp_node *n = sdp_get(g, q);
    for (uint32_t i = 0; n->kind == SDP_ADD && i < n->nargs; i++) {
        sdp_num twice = sdp_num_mul(g, SDP_NUM_TWO, n->coef[i]);
        sdp_id other = sdp_simplify(g, sdp_sub(g, q, sdp_scale(g, twice, n->arg[i])));
        sdp_judge j = {.g = g};
        sdp_witness w;
        bool proved = is_proved(g, other);
        sdp_find_value(&j, other, 1, 7, 500, &w);
        t->turned++;
        t->refused += !proved;
        if (proved && w.found) fprintf(stderr, "a form is proved that is %s\n", w.text), t->wrong++;
        sdp_release(&g->base, w.text);
    }
}

static void turn_form(const char *text, turns *t)
{
    sd_context *c = sd_context_new(NULL);
    sd_status status;
    assert_int_equal(sd_declare(c, declarations, NULL), SD_OK);
    sd_expr e = sd_parse(c, text, NULL);
    assert_true(e);
    GUARD(c, e, status, turn_terms(c, e, t));
    assert_int_equal(status, SD_OK);
    sd_context_free(c);
}

static void test_turned_terms(void **state)
{
    (void)state;
    static const char *const forms[] = {"5*x^2+2*x*y+3*y^2",
                                        "x^2+2*x*y+y^2",
                                        "p*x^2-2*x*y+y^2/p",
                                        "norm(a)^2*norm(v)^2-(a'*v)^2",
                                        "(1+norm(a)^2)*norm(v)^2-(a'*v)^2",
                                        "sum(v.^2.*w)-(v'*w)^2/sum(w)",
                                        "v'*A'*A*v+k*norm(v)^2",
                                        "v'*(diag(softmax(a))-softmax(a)*softmax(a)')*v",
                                        "p*x^2+k*y^2+(x-y)^2",
                                        "norm(A*v)^2+2*sum(w)*x^2+x^2"};
    turns t = {0};
    for (size_t i = 0; i < COUNT(forms); i++) {
        judge_form(forms[i], 1, true);
        turn_form(forms[i], &t);
    }
    fprintf(stderr, "%u terms with the other sign, %u forms refused\n", t.turned, t.refused);
    assert_int_equal(t.wrong, 0);
    assert_true(t.turned > 15 && t.refused > t.turned / 2);
}

// ---- signs by slopes --------------------------------------------------------------------------------------
static const char *const pieces[] = {
    "1",         "x",       "x^2",          "1/x",      "exp(x)",  "exp(-x)",  "x*exp(x)",
    "log(x)",    "sqrt(x)", "1/(1-x)",      "1/(x+2)",  "sinh(x)", "cosh(x)",  "tanh(x)",
    "expm1(-x)", "atan(x)", "log((3-x)^2)", "log1p(x)", "x^3",     "lgamma(x)"};

static double value_of(sdp_graph *g, sdp_id s, double x)
{
    const sdp_signature of = sdp_signature_of(g, 1, &s, NULL);
    sd_array a;
    sdp_interpret_lenient(g, 1, &s, &of, NULL, (const double *const[]){&x}, NULL, &a);
    double v = a.data[0];
    sdp_release(&g->base, a.data);
    return v;
}

// a*f+b*h+c*k, or a product of two such sums; the sign that is claimed is asked of many numbers. A value
// with the other sign is rounding only if it is tiny against the same terms without their signs.
static int slope_random(unsigned seed, unsigned *claimed)
{
    unsigned state = seed * 2654435761u + 7;
    char text[1024] = "", unsigned_text[1024] = "";
    bool positive = next(&state, 2), product = !next(&state, 4);
    for (int side = 0; side <= product; side++) {
        strcat(text, side ? ")*(" : "("), strcat(unsigned_text, side ? ")*(" : "(");
        for (int k = 0; k < 3; k++) {
            char one[128];
            const int factor = (int)next(&state, 7) - 3;
            const char *piece = pieces[next(&state, COUNT(pieces))];
            snprintf(one, sizeof one, "+(%d)*%s", factor, piece), strcat(text, one);
            snprintf(one, sizeof one, "+%d*abs(%s)", abs(factor), piece), strcat(unsigned_text, one);
        }
    }
    strcat(text, ")"), strcat(unsigned_text, ")");
    sd_context *c = sd_context_new(NULL);
    assert_int_equal(sd_declare(c, positive ? "x: scalar positive" : "x: scalar", NULL), SD_OK);
    const sd_expr e = sd_parse(c, text, NULL), u = sd_parse(c, unsigned_text, NULL);
    int sign = 0, wrong = 0;
    sd_status status = SD_OK;
    sdp_id s = e ? sdp_get_expr(c, e)->node : 0, terms = u ? sdp_get_expr(c, u)->node : 0;
    assert_true(!e == !u);
    if (e) GUARD(c, e, status, sign = sdp_sign_by_slope(c->g, s));
    assert_int_equal(status, SD_OK);
    *claimed += sign != 0;
    for (int k = 0; sign && k < 400 && !wrong; k++) {
        double t = exp((k / 2 - 100) * 0.07), x = k % 2 && !positive ? -t : t, v = value_of(c->g, s, x);
        wrong = isfinite(v) && v * sign < 0 && !(v * sign >= -1e-12 * value_of(c->g, terms, x));
        if (wrong) fprintf(stderr, "seed %u: %s has the sign %d, and is %g at %g\n", seed, text, sign, v, x);
    }
    sd_context_free(c);
    return wrong;
}

static void test_slopes(void **state)
{
    (void)state;
    const char *count = getenv("SLOPE_COUNT");
    unsigned n = count ? (unsigned)atoi(count) : 3000, claimed = 0;
    int wrong = 0;
    for (unsigned seed = 1; seed <= n; seed++) wrong += slope_random(seed, &claimed);
    fprintf(stderr, "%u of %u functions have a sign\n", claimed, n);
    assert_int_equal(wrong, 0);
    assert_true(claimed > n / 20);
}

// ---- witnesses --------------------------------------------------------------------------------------------
// Reads "x=[1; 2], y=3" up to `end` into data.
static void read_point(sd_data *d, const char *p, const char *end)
{
    while (p < end) {
        int depth = 0;
        size_t n = 0;
        char one[256];
        for (; p + n < end && (depth || p[n] != ','); n++) depth += (p[n] == '[') - (p[n] == ']');
        snprintf(one, sizeof one, "%.*s", (int)n, p);
        assert_int_equal(sd_data_read(d, one), SD_OK);
        p += n;
        while (p < end && strchr(", ", *p)) p++;
    }
}

static double value_at(sd_context *c, sd_expr e, const char *with, size_t nwith, const char *p,
                       const char *end)
{
    sd_data *d = sd_data_new(c);
    sd_array out = {0};
    read_point(d, p, end);
    read_point(d, with, with + nwith);
    assert_int_equal(sd_evaluate(c, sd_value(c, e), d, &out), SD_OK);
    double v = out.data[0];
    sd_free(c, out.data);
    sd_data_free(d);
    return v;
}

// "not convex: with P, f = V at A, V at B, and halfway, at C, V > V": do the values of eval refute?
static void check_witness(sd_context *c, sd_expr e, const char *line)
{
    const char *f = strstr(line, "f = "), *with = strstr(line, "with "), *at[3], *end[3], *p = f;
    size_t nwith = with && with < f ? (size_t)(f - 2 - with - 5) : 0;
    assert_non_null(f);
    for (int k = 0; k < 3; k++) {
        p = strstr(p, " at ");
        assert_non_null(p);
        at[k] = p += 4;
        int depth = 0;
        for (;; p++) { // to the comma in front of the next number, or of "and halfway"
            depth += (*p == '[') - (*p == ']');
            if (!depth && *p == ',' && (!strchr(p + 2, '=') || strcspn(p + 2, " ,<>") < strcspn(p + 2, "=")))
                break;
        }
        end[k] = p;
    }
    double a = value_at(c, e, nwith ? with + 5 : "", nwith, at[0], end[0]),
           b = value_at(c, e, nwith ? with + 5 : "", nwith, at[1], end[1]),
           h = value_at(c, e, nwith ? with + 5 : "", nwith, at[2], end[2]);
    if (strncmp(line, "not convex", 10) ? h >= (a + b) / 2 : h <= (a + b) / 2)
        fail_msg("%s: %g, %g, halfway %g", line, a, b, h);
}

static void test_witnesses(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "sin(x)",          "x^3-x*y",  "norm(v)^2-norm(v)^4",     "(a'*v)^2-v'*v", "max(v)-norm(v)^3",
        "abs(x)^3-abs(x)", "x*log(p)", "norm(A*v)^2-k*norm(v)^2", "tanh(x)+y^3"};
    unsigned checked = 0;
    for (size_t i = 0; i < COUNT(texts); i++) {
        sd_context *c = sd_context_new(NULL);
        sd_convexity r;
        assert_int_equal(sd_declare(c, declarations, NULL), SD_OK);
        sd_expr e = sd_parse(c, texts[i], NULL);
        assert_int_equal(sd_convexity_of(c, e, i == 3 || i == 7 ? "v" : NULL, 1, &r), SD_OK);
        for (const char *p = r.reasons; *p; p += strcspn(p, "\n") + 1) {
            char line[1024];
            if (strncmp(p, "not ", 4)) continue;
            snprintf(line, sizeof line, "%.*s", (int)strcspn(p, "\n"), p);
            check_witness(c, e, line);
            checked++;
        }
        sd_free(c, r.reasons);
        sd_free(c, r.strong);
        sd_free(c, r.points);
        sd_context_free(c);
    }
    assert_true(checked >= 16);
}

// A hidden variable that an earlier question declared positive says nothing about the next question.
static void test_hidden(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(NULL);
    sdp_graph *g = c->g;
    const sdp_dim n = sdp_dim_int(g, 3);
    sdp_id plain = sdp_hidden_variable(g, "$t", 0, NULL, 0),
           positive = sdp_hidden_variable(g, "$t", 0, NULL, SDP_POSITIVE | SDP_NONNEG),
           vector = sdp_hidden_variable(g, "$t", 1, &n, 0);
    assert_true(plain != positive && plain != vector && positive != vector);
    assert_false(sdp_known_nonneg(g, plain));
    assert_true(sdp_known_positive(g, positive));
    assert_int_equal(plain, sdp_hidden_variable(g, "$t", 0, NULL, 0));
    assert_int_equal(positive, sdp_hidden_variable(g, "$t", 0, NULL, SDP_POSITIVE | SDP_NONNEG));
    assert_int_equal(vector, sdp_hidden_variable(g, "$t", 1, &n, 0));
    sd_context_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forms),        cmocka_unit_test(test_hidden),
                                       cmocka_unit_test(test_turned_terms), cmocka_unit_test(test_slopes),
                                       cmocka_unit_test(test_witnesses),    cmocka_unit_test(test_verdicts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
