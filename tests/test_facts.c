// SPDX-License-Identifier: MIT
// Facts of expressions, a table: what must be known to hold, what must be known not to hold, and what must stay
// unknown because it is false for some values of the variables.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../ast/ast.h"

static const char declarations[] =
    "A: matrix(m,n); B: matrix(n,n); S: matrix(n,n) symmetric; P: matrix(n,n) posdef; R: matrix(n,n) psd; D: matrix(n,n) diagonal;"
    "L: matrix(n,n) lower; M: matrix(n,n) lower; U: matrix(n,n) upper; Q: matrix(n,n) orthogonal; O: matrix(n,n) orthogonal;"
    "K: matrix(m,m) posdef; x: vector(n); y: vector(n); q: vector(n) positive; v: vector(n) nonneg; u: vector(n) unit;"
    "p: vector(n) simplex; h: vector(n) onehot; i: vector(n) integer; c: scalar positive; d: scalar nonneg; s: scalar; k: scalar integer";

static const struct { const char *name; uint32_t fact; } names[] = {
    {"symmetric", SDP_SYMMETRIC}, {"posdef", SDP_POSDEF},     {"psd", SDP_PSD},       {"diagonal", SDP_DIAGONAL}, {"lower", SDP_TRI_LOWER},
    {"upper", SDP_TRI_UPPER},     {"orthogonal", SDP_ORTHOGONAL}, {"unit", SDP_UNIT}, {"positive", SDP_POSITIVE}, {"nonneg", SDP_NONNEG},
    {"simplex", SDP_SIMPLEX},     {"onehot", SDP_ONEHOT},     {"integer", SDP_INTEGER},
};

static const struct { const char *text, *yes, *no, *unknown; } table[] = {
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
        sdp_known k = sdp_facts(g, sdp_read(g, text, strlen(text), "<test>", NULL, NULL).node);
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
    sdp_id a = sdp_read(g, "S", 1, "<test>", NULL, NULL).node;
    for (int i = 0; i < 100000; i++) a = sdp_map1(g, i % 2 ? SDP_OP_sin : SDP_OP_atan, a);
    assert_true(sdp_is_symmetric(g, a));
    assert_int_equal(sdp_transpose(g, a), a);
    SDP_END(&g->base, trap);
    sdp_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_facts), cmocka_unit_test(test_depth)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
