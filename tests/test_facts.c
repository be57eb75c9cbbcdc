// SPDX-License-Identifier: MIT
// Facts of expressions, a table: what must be known to hold, what must be known not to hold, and
// what must stay unknown because it is false for some values of the variables. And facts of the
// nodes of random expressions and of their derivatives, held against their values at random data: a
// fact that is claimed must be seen.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/api/api.h"
#include "tests/support/compose.h"

static const char declarations[] = "A: matrix(m,n); B: matrix(n,n); S: matrix(n,n) symmetric; P: matrix(n,n) "
                                   "posdef; R: matrix(n,n) psd; D: matrix(n,n) diagonal;"
                                   "L: matrix(n,n) lower; M: matrix(n,n) lower; U: matrix(n,n) upper; Q: "
                                   "matrix(n,n) orthogonal; O: matrix(n,n) orthogonal;"
                                   "K: matrix(m,m) posdef; x: vector(n); y: vector(n); q: vector(n) "
                                   "positive; v: vector(n) nonneg; u: vector(n) unit;"
                                   "p: vector(n) simplex; h: vector(n) onehot; i: vector(n) integer; c: "
                                   "scalar positive; d: scalar nonneg; s: scalar; k: scalar integer";

static const struct {
    const char *name;
    uint32_t fact;
} names[] = {
    {"symmetric", SDP_SYMMETRIC},   {"posdef", SDP_POSDEF},   {"psd", SDP_PSD},
    {"diagonal", SDP_DIAGONAL},     {"lower", SDP_TRI_LOWER}, {"upper", SDP_TRI_UPPER},
    {"orthogonal", SDP_ORTHOGONAL}, {"unit", SDP_UNIT},       {"positive", SDP_POSITIVE},
    {"nonneg", SDP_NONNEG},         {"simplex", SDP_SIMPLEX}, {"onehot", SDP_ONEHOT},
    {"integer", SDP_INTEGER},
};

static const struct {
    const char *text, *yes, *no, *unknown;
} table[] = {
    // numbers and signs
    {"2", "positive nonneg integer", "", ""},
    {"-2", "integer", "positive nonneg", ""},
    {"1/2", "positive", "integer", ""},
    {"c", "positive nonneg", "", "integer"},
    {"d", "nonneg", "", "positive"},
    {"-c", "", "positive nonneg", ""},
    {"-d", "", "positive", "nonneg"},
    {"s", "", "", "positive nonneg integer"},
    {"c+d", "positive", "", ""},
    {"c-d", "", "", "positive nonneg"},
    {"c*s", "", "", "positive nonneg"},
    {"s^2", "nonneg", "", "positive"},
    {"s^3", "", "", "nonneg"},
    {"c^s", "positive", "", ""},
    {"exp(s)", "positive", "", ""},
    {"abs(s)", "nonneg", "", "positive"},
    {"max(s,c)", "positive", "", ""},
    {"min(s,c)", "", "", "nonneg"},
    {"where(s>0,c,d)", "nonneg", "", "positive"},
    {"tanh(d)", "nonneg", "", "positive"},
    {"sin(c)", "", "", "positive nonneg"},
    {"2*k+3", "integer", "", "positive"},
    {"k/2", "", "", "integer"},
    {"floor(s)", "integer", "", "nonneg"},
    {"n", "positive integer", "", ""},
    // vectors
    {"q", "positive nonneg", "", "simplex unit"},
    {"v+q", "positive", "", ""},
    {"q.*x", "", "", "nonneg"},
    {"softmax(x)", "simplex positive", "onehot", "unit"},
    {"1/3*p+2/3*softmax(x)", "simplex", "", ""},
    {"p+softmax(x)", "nonneg", "", "simplex"},
    {"h", "onehot simplex unit integer nonneg", "positive", ""},
    {"Q*u", "unit", "", "nonneg"},
    {"Q'*O*u", "unit", "", ""},
    {"2*u", "", "", "unit"},
    {"B*u", "", "", "unit"},
    {"relu(x)", "nonneg", "", "positive"},
    {"diag(P)", "positive", "", ""},
    {"diag(R)", "nonneg", "", "positive"},
    {"diag(S)", "", "", "nonneg"},
    // matrices
    {"A'*A", "psd symmetric", "", "posdef diagonal nonneg"},
    {"A*A'", "psd", "", "posdef"},
    {"B*B", "", "", "symmetric psd"},
    {"A'*K*A", "psd", "", "posdef"},
    {"B'*S*B", "symmetric", "", "psd"},
    {"S*S", "psd", "", "posdef"},
    {"S*P", "", "", "symmetric psd"},
    {"P*R", "", "", "symmetric psd"},
    {"P*R*P", "psd", "", "posdef"},
    {"Q*P*Q'", "posdef", "", ""},
    {"B*P*B'", "psd", "", "posdef"},
    {"P.*P", "posdef", "", ""},
    {"P.*R", "psd", "", "posdef"},
    {"P.*S", "symmetric", "", "psd"},
    {"(A'*A).*R", "psd", "", "posdef"},
    {"diag(q)*P*diag(q)", "posdef", "", ""},
    {"diag(x)*P*diag(x)", "psd", "", "posdef"},
    {"x*x'", "psd", "", "posdef"},
    {"x*y'", "", "", "symmetric psd"},
    {"x*y'+y*x'", "symmetric", "", "psd"},
    {"A'*diag(K*ones(m))*A", "symmetric", "", "psd"},
    {"B'*diag(q)*B", "psd", "", "posdef"},
    {"B'*diag(x)*B", "symmetric", "", "psd"},
    {"A'*A+c*eye(n)", "posdef", "", "diagonal"},
    {"A'*A+d*eye(n)", "psd", "", "posdef"},
    {"A'*A-c*eye(n)", "symmetric", "", "psd"},
    {"P+R", "posdef", "", ""},
    {"P-R", "symmetric", "", "psd"},
    {"-P", "symmetric", "", "psd posdef"},
    {"inv(P)", "posdef", "", ""},
    {"inv(A'*A)", "posdef", "", ""},
    {"inv(S)", "symmetric", "", "psd"},
    {"inv(L)", "lower", "", "upper"},
    {"inv(D)", "diagonal", "", "psd"},
    {"chol(P)", "lower", "", "upper nonneg"},
    {"expm(S)", "posdef", "", "nonneg"},
    {"expm(L)", "lower", "", "upper"},
    {"expm(B)", "", "", "symmetric"},
    {"sqrtm(P)", "posdef", "", ""},
    {"logm(P)", "symmetric", "", "psd"},
    {"pinv(R)", "psd", "", "posdef"},
    {"lambda_max(P)", "positive", "", ""},
    {"lambda_max(S)", "", "", "nonneg"},
    {"kron(P,K)", "posdef", "", ""},
    {"kron(P,A*A')", "psd", "", "posdef"},
    {"kron(P,S)", "symmetric", "", "psd"},
    {"eye(n)", "posdef diagonal orthogonal", "", ""},
    {"diag(q)", "posdef diagonal", "", ""},
    {"diag(v)", "psd diagonal", "", "posdef"},
    {"diag(x)", "diagonal symmetric lower upper", "", "psd"},
    {"ones(n,n)", "psd positive", "", "posdef"},
    {"exp(S)", "symmetric positive", "", "psd"},
    {"exp(B+B')", "symmetric", "", ""},
    {"Q", "orthogonal", "positive", "symmetric"},
    {"Q*O'", "orthogonal", "", "symmetric"},
    {"-Q", "orthogonal", "", ""},
    {"2*Q", "", "", "orthogonal"},
    {"Q+O", "", "", "orthogonal"},
    {"Q*B", "", "", "orthogonal"},
    // triangles
    {"L", "lower", "positive", "upper diagonal"},
    {"L*M", "lower", "", "upper"},
    {"L*U", "", "", "lower upper"},
    {"L'", "upper", "", "lower"},
    {"L'*U", "upper", "", "lower"},
    {"L.*U", "diagonal", "", ""},
    {"L.*B", "lower", "", "upper"},
    {"L+M", "lower", "", ""},
    {"L+U", "", "", "lower upper"},
    {"D*L", "lower", "", "upper"},
    {"D*D", "diagonal", "", ""},
    {"tril(B)", "lower", "", "upper"},
    {"triu(B)", "upper", "", "lower"},
    {"tril(B)*tril(B')", "lower", "", "upper"},
    {"sin(L)", "lower", "", ""},
    {"cos(L)", "", "", "lower"},
    {"L.^2", "lower nonneg", "", ""},
    {"L*L'", "psd", "", "posdef lower"},
    {"diag(x)*L*diag(y)", "lower", "", "upper"},
    // scalars of matrices
    {"x'*P*x", "nonneg", "", "positive"},
    {"u'*P*u", "positive", "", ""},
    {"x'*P*y", "", "", "nonneg"},
    {"x'*S*x", "", "", "nonneg"},
    {"x'*A'*K*A*x", "nonneg", "", "positive"},
    {"tr(P)", "positive", "", ""},
    {"tr(P*R)", "nonneg", "", ""},
    {"tr(P*S)", "", "", "nonneg"},
    {"P[1,1]", "positive", "", ""},
    {"P[1,2]", "", "", "nonneg"},
    {"R[2,2]", "nonneg", "", "positive"},
    {"det(P)", "positive", "", ""},
    {"det(R)", "nonneg", "", "positive"},
    {"det(S)", "", "", "nonneg"},
    {"det(Q)", "integer", "", "nonneg"},
    {"x'*x", "nonneg", "", "positive"},
    {"x'*y", "", "", "nonneg"},
};

static bool in_list(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = list; (p = strstr(p, name)) != NULL; p += n)
        if ((p == list || p[-1] == ' ') && (p[n] == 0 || p[n] == ' ')) return true;
    return false;
}

static int compare(const char *text, const char *what, const char *list, uint32_t have, bool want)
{
    int wrong = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!in_list(list, names[i].name) || !!(have & names[i].fact) == want) continue;
        fprintf(stderr, "%s: %s should %sbe %s\n", text, names[i].name, want ? "" : "not ", what);
        wrong++;
    }
    return wrong;
}

static void test_facts(void **state)
{
    (void)state;
    volatile int wrong = 0;
    sdp_graph *g = sdp_graph_new(NULL, NULL);
    sdp_trap trap;
    assert_non_null(g);
    if (!SDP_TRY(&g->base, trap)) fail_msg("%s", g->base.error.message);
    g->debug = true;
    sdp_declare(g, declarations, "<test>");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *text = table[i].text;
        sdp_known k = sdp_facts(g, sdp_read(g, text, strlen(text), "<test>", false, NULL, NULL).node);
        wrong += compare(text, "known", table[i].yes, k.yes, true);
        wrong += compare(text, "known to be false", table[i].no, k.no, true);
        wrong += compare(text, "known", table[i].unknown, k.yes, false);
        wrong += compare(text, "known to be false", table[i].unknown, k.no, false);
    }
    SDP_END(&g->base, trap);
    sdp_graph_free(g);
    assert_int_equal(wrong, 0);
}

// A chain of functions as deep as a user may write one: no recursion, and no work that grows with its square.
static void test_depth(void **state)
{
    (void)state;
    sdp_graph *g = sdp_graph_new(NULL, NULL);
    sdp_trap trap;
    assert_non_null(g);
    if (!SDP_TRY(&g->base, trap)) fail_msg("%s", g->base.error.message);
    sdp_declare(g, "S: matrix(n,n) symmetric", "<test>");
    sdp_id a = sdp_read(g, "S", 1, "<test>", false, NULL, NULL).node;
    for (int i = 0; i < 100000; i++) a = sdp_map1(g, i % 2 ? SDP_OP_sin : SDP_OP_atan, a);
    assert_true(sdp_is_symmetric(g, a));
    assert_int_equal(sdp_transpose(g, a), a);
    SDP_END(&g->base, trap);
    sdp_graph_free(g);
}

// ---- facts and values -------------------------------------------------------------------------------------
enum { EXPRESSIONS = 150 }; // or as many as FACTS_COUNT says

// How far the n x n matrix is from positive semidefinite: the most negative pivot of a Cholesky
// factorisation, as a positive number.
static double indefinite(size_t n, const double *a)
{
    double *l = tst_grow(NULL, n * n * sizeof *l), worst = 0;
    for (size_t j = 0; j < n; j++)
        for (size_t i = j; i < n; i++) {
            double x = a[i * n + j];
            for (size_t k = 0; k < j; k++) x -= l[i * n + k] * l[j * n + k];
            if (i == j && x < 0) worst = fmax(worst, -x);
            double root = l[j * n + j];
            l[i * n + j] = i == j ? sqrt(fmax(x, 0)) : root > 1e-6 ? x / root : 0;
        }
    free(l);
    return worst;
}

// The largest distance of an entry from what the fact says.
static double departure(uint32_t fact, const sd_array *a)
{
    size_t rows = a->order ? a->dim[0] : 1, cols = a->order == 2 ? a->dim[1] : 1, ones = 0;
    double worst = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++) {
            double x = a->data[i * cols + j], off = 0, product = 0;
            sum += x, squares += x * x, ones += fabs(x - 1) < 1e-9;
            for (size_t k = 0; fact == SDP_ORTHOGONAL && k < cols; k++)
                product += a->data[i * cols + k] * a->data[j * cols + k];
            if (fact == SDP_ORTHOGONAL) off = product - (i == j);
            if (fact & (SDP_SYMMETRIC | SDP_POSDEF | SDP_PSD)) off = x - a->data[j * cols + i];
            if ((fact == SDP_DIAGONAL && i != j) || (fact == SDP_TRI_LOWER && i < j) ||
                (fact == SDP_TRI_UPPER && i > j))
                off = x;
            if (fact & (SDP_POSITIVE | SDP_NONNEG | SDP_SIMPLEX)) off = fmin(x, 0);
            if (fact == SDP_INTEGER) off = x - round(x);
            if (fact == SDP_ONEHOT) off = fmin(fabs(x), fabs(x - 1));
            worst = fmax(worst, fabs(off));
        }
    if (fact == SDP_SIMPLEX) worst = fmax(worst, fabs(sum - 1));
    if (fact == SDP_UNIT) worst = fmax(worst, fabs(squares - 1));
    if (fact == SDP_ONEHOT && ones != 1) worst = 1;
    if (fact & (SDP_POSDEF | SDP_PSD)) worst = fmax(worst, indefinite(rows, a->data));
    return worst;
}

static int judge(sdp_graph *g, sdp_id id, const sd_array *a, const char *text)
{
    sdp_known k = sdp_facts(g, id);
    double scale = 1;
    size_t count = 1;
    int wrong = 0;
    for (int i = 0; i < a->order; i++) count *= a->dim[i];
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(a->data[i])) return 0;
        scale = fmax(scale, fabs(a->data[i]));
    }
    sdp_bounds b = sdp_bounds_known(g, id);
    for (size_t i = 0; i < count && !wrong; i++) {
        wrong = a->data[i] < b.lo - 1e-9 * scale || a->data[i] > b.hi + 1e-9 * scale;
        if (wrong)
            fprintf(stderr, "%s: node %u is %.17g, which is not in [%.17g, %.17g]\n", text, id, a->data[i],
                    b.lo, b.hi);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool square = a->order == 2 && a->dim[0] == a->dim[1];
        uint32_t fact = names[i].fact, matrices = SDP_SYMMETRIC | SDP_POSDEF | SDP_PSD | SDP_DIAGONAL |
                                                  SDP_TRI_LOWER | SDP_TRI_UPPER | SDP_ORTHOGONAL;
        uint32_t vectors = SDP_UNIT | SDP_SIMPLEX | SDP_ONEHOT;
        if (((fact & matrices) && !square) || ((fact & vectors) && a->order != 1)) continue;
        double off = departure(fact, a);
        bool claimed = (k.yes & fact) && off > 1e-9 * scale * scale,
             denied = (k.no & fact) && off == 0 && (fact != SDP_NONNEG && fact != SDP_POSITIVE);
        denied |= (k.no & SDP_NONNEG & fact) && off == 0 && a->order == 0 && a->data[0] > 1e-9;
        denied |= (k.no & SDP_POSITIVE & fact) && a->order == 0 && a->data[0] > 1e-9;
        if (claimed || denied)
            fprintf(stderr, "%s: node %u is said to be %s%s, off by %.3g\n", text, id, claimed ? "" : "not ",
                    names[i].name, off);
        wrong += claimed || denied;
    }
    return wrong;
}

// All nodes of the value and of the derivative.
static int judge_all(sd_context *c, sd_expr e, const sd_result *r, unsigned seed, const char *text)
{
    sdp_graph *g = c->g;
    sdp_id root[2] = {sdp_get_expr(c, e)->node, r ? sdp_get_expr(c, sd_result_expr(r, 0))->node : 0};
    uint32_t n;
    sdp_id *list = sdp_reachable(g, root[1] ? 2 : 1, root, &n);
    sdp_signature s = sdp_signature_of(g, n, list, NULL);
    sdp_check_request q = {.seed = seed};
    sdp_point p = sdp_point_sizes(g, &s, &q, 3);
    sdp_point_draw(g, &s, &q, 0, &p);
    sd_array *a = sdp_scratch(&g->base, n * sizeof *a);
    sdp_interpret_lenient(g, n, list, &s, p.size, (const double *const *)p.in, NULL, a);
    int wrong = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (a[i].data && a[i].order <= 2 && wrong < 3) wrong += judge(g, list[i], &a[i], text);
        sdp_release(&g->base, a[i].data);
    }
    return wrong;
}

static int judge_random(unsigned seed)
{
    tst_composition t = {.rng = {seed * 31337u}};
    tst_shape shape = {(int)(seed % 3), TST_N, seed % 2 ? TST_N : TST_M};
    sd_context *c = sd_context_new(NULL);
    volatile int wrong = 0;
    tst_compose(&t, shape, 3);
    char *text = tst_composed(&t);
    uint32_t v = 0;
    while (v < tst_nvariables && !(t.used >> v & 1)) v++;
    assert_int_equal(sd_declare(c, tst_declarations, NULL), SD_OK);
    sd_expr e = sd_parse(c, text, NULL);
    sd_request request = {.what = SD_DERIVATIVE, .wrt = v < tst_nvariables ? tst_variables[v].name : "x"};
    const sd_result *r = e && strlen(text) < 400 ? sd_derive(c, e, &request) : NULL;
    sd_status status = SD_OK;
    if (r) GUARD(c, r, status, wrong = judge_all(c, e, r, seed, text));
    bool singular = status == SD_ERR_SINGULAR || status == SD_ERR_DOMAIN;
    if (status != SD_OK && !singular) fprintf(stderr, "%s: %s\n", text, sd_last_error(c)->message);
    wrong += status != SD_OK && !singular;
    sd_context_free(c);
    free(text);
    tst_composition_free(&t);
    return wrong;
}

static void test_values(void **state)
{
    (void)state;
    int wrong = 0;
    const char *count = getenv("FACTS_COUNT");
    for (unsigned seed = 1, n = count ? (unsigned)atoi(count) : EXPRESSIONS; seed <= n; seed++)
        wrong += judge_random(seed);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_facts), cmocka_unit_test(test_depth),
                                       cmocka_unit_test(test_values)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
