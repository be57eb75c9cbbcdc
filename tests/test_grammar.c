// SPDX-License-Identifier: MIT
// Text to syntax tree: every spelling and its tree, every mistake and its sentence, great depth and length,
// and an allocator that fails at the n-th request, for every n.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "grammar/syntax.h"

typedef struct {
    const char *text, *expected;
} sample;

// The dump, or "message | hint" of the error. malloc'ed.
static char *read_back(const char *text, size_t n)
{
    sdp_base b;
    sdp_trap t;
    sdp_text out;
    sdp_base_init(&b, NULL, NULL);
    if (SDP_TRY(&b, t)) {
        sdp_tree *tree = sdp_parse(&b, text, n, NULL);
        sdp_text_init(&out, &b);
        sdp_tree_dump(tree, &out);
        while (out.n > 0 && out.s[out.n - 1] == '\n') out.s[--out.n] = '\0';
        SDP_END(&b, t);
    } else if (SDP_TRY(&b, t)) {
        sdp_text_init(&out, &b);
        sdp_putf(&out, "%s%s%s", b.error.message, b.error.hint[0] ? " | " : "", b.error.hint);
        SDP_END(&b, t);
    } else {
        abort();
    }
    char *copy = memcpy(malloc(out.n + 1), out.s, out.n + 1);
    sdp_text_free(&out);
    sdp_base_free(&b);
    assert_int_equal(b.used, 0);
    return copy;
}

static void check_samples(const sample *s, size_t n)
{
    int wrong = 0;
    for (size_t i = 0; i < n; i++) {
        char *got = read_back(s[i].text, strlen(s[i].text));
        if (strcmp(got, s[i].expected) != 0)
            print_error("%s\n  expected %s\n  got      %s\n", s[i].text, s[i].expected, got), wrong++;
        free(got);
    }
    assert_int_equal(wrong, 0);
}
#define CHECK(table) check_samples(table, sizeof(table) / sizeof *(table))

static void test_equations(void **state)
{
    static const sample samples[] = {
        {"F[i] = x[i]", "(indexed (F i) (index x i))"},
        {"dF[i,j]/dX[k,l] = A[l,j]*delta(i,k)",
         "(indexed (F i j) (index X k l) (* (index A l j) (delta i k)))"},
        {"d2F/dX[i,j]dx[k] = X[i,j]*x[k]",
         "(indexed (F) (index X i j) (index x k) (* (index X i j) (index x k)))"},
        {"d2F[i]/dt dx[k] = t", "(indexed (F i) t (index x k) t)"},
        {"∂²F/∂x[i]∂θ[j] = x[i]θ[j]", "(indexed (F) (index x i) (index θ j) (side (index x i) (index θ j)))"},
        {"dF/dθ[j] = θ[j]", "(indexed (F) (index θ j) (index θ j))"},
        {"a = 2; F[i] = a*x[i]", "(define a 2)\n(indexed (F i) (* a (index x i)))"},
        {"F[i] = s[i]\n  where s = 2*x", "(define s (* 2 x))\n(indexed (F i) (index s i))"},
        {"F[i] = sum_p(A[i,p])", "(indexed (F i) (over p (index A i p)))"},
        {"F[i] = 2∑_p,q1(A[p,q1])", "(indexed (F i) (side 2 (over p q1 (index A p q1))))"},
        {"F[i] = (A+A')[i,i]", "(indexed (F i) (index (+ A (' A)) i i))"},
        {"sum_p(x) = x; sum_p(2)", "(define sum_p (x) x)\n(sum_p 2)"},
        {"f(sum_p,q(x))", "(f sum_p (q x))"},
        {"x[3] = 5", "unexpected '=' | indices on the left side are names: F[i,j] = ..., dF[i]/dx[j] = ..."},
        {"d3F/dx[i]dx[j] = 1",
         "a derivative of order 3 by 2 variables | one below the line for each order: d2F/dx[i]dx[j]"},
        {"F[i] = sum_p(", "unbalanced '(': it is never closed | a ')' is missing"},
        {"F[i] = x[i] = y[i]",
         "unexpected '=' | indices on the left side are names: F[i,j] = ..., dF[i]/dx[j] = ..."},
    };
    (void)state;
    CHECK(samples);
}

static void test_operators(void **state)
{
    (void)state;
    static const sample table[] = {
        {"norm(X*t-Y)^2/N", "(/ (^ (norm (- (* X t) Y)) 2) N)"},
        {"a+b-c", "(- (+ a b) c)"},
        {"a-b*c", "(- a (* b c))"},
        {"a/b*c", "(* (/ a b) c)"},
        {"a\\b", "(\\ a b)"},
        {"a.*b./c.\\d", "(./ d (./ (.* a b) c))"},
        {"a·b×c⋅d", "(* (* (* a b) c) d)"},
        {"a⊙b⊘c", "(./ (.* a b) c)"},
        {"a÷b−c", "(- (/ a b) c)"},
        {"A⊗B", "(kron A B)"},
        {"-x^2", "(neg (^ x 2))"},
        {"2^-x", "(^ 2 (neg x))"},
        {"2^-1^3", "(^ (^ 2 (neg 1)) 3)"},
        {"2^+3", "(^ 2 3)"},
        {"a^b^c", "(^ (^ a b) c)"},
        {"a^b'", "(' (^ a b))"},
        {"x.^2'", "(' (.^ x 2))"},
        {"a*-b", "(* a (neg b))"},
        {"-a*b", "(* (neg a) b)"},
        {"- -x", "(neg (neg x))"},
        {"+x", "x"},
        {"!a & b | c", "(| (& (! a) b) c)"},
        {"a<b", "(< a b)"},
        {"a ≤ b+1", "(<= a (+ b 1))"},
        {"a≥b", "(>= a b)"},
        {"a≠b", "(!= a b)"},
        {"a~=b", "(!= a b)"},
        {"a==b", "(== a b)"},
        {"a<b & c>d", "(& (< a b) (> c d))"},
        {"a && b || c", "(| (& a b) c)"},
        {"(a)", "a"},
    };
    CHECK(table);
}

static void test_postfix(void **state)
{
    (void)state;
    static const sample table[] = {
        {"x'", "(' x)"},
        {"x ' + y'", "(+ (' x) (' y))"},
        {"x''", "(' (' x))"},
        {"xᵀ", "(' x)"},
        {"x⊤", "(' x)"},
        {"x.T*y", "(* (' x) y)"},
        {"x.'", "(' x)"},
        {"x^T*y", "(* (' x) y)"},
        {"x^ᵀ", "(' x)"},
        {"2^T", "(^ 2 T)"},
        {"x^(T)", "(^ x T)"},
        {"x^TT", "(side (' x) T)"},
        {"x^-T", "(' (^ x (neg 1)))"},
        {"X⁻ᵀ", "(' (^ X (neg 1)))"},
        {"(A*B)'", "(' (* A B))"},
        {"x²", "(^ x 2)"},
        {"x³ᵀ", "(' (^ x 3))"},
        {"X⁻¹", "(^ X (neg 1))"},
        {"x¹²", "(^ x 12)"},
        {"x⁺²", "(^ x 2)"},
        {"x⁻²y", "(side (^ x (neg 2)) y)"},
        {"‖x‖", "(norm x)"},
        {"||x||", "(norm x)"},
        {"∥x∥", "(norm x)"},
        {"‖x‖²", "(^ (norm x) 2)"},
        {"‖x‖_1", "(norm x 1)"},
        {"‖x‖₁²", "(^ (norm x 1) 2)"},
        {"‖X‖_F^2", "(^ (norm X 'fro') 2)"},
        {"‖x‖_∞ + ||x||_inf", "(+ (norm x inf) (norm x inf))"},
        {"‖X‖_*", "(norm X 'nuc')"},
        {"‖x‖_p", "(norm x p)"},
        {"||y-X*w||^2 + λ||w||^2", "(+ (^ (norm (- y (* X w))) 2) (side λ (^ (norm w) 2)))"},
        {"||‖x‖*y||", "(norm (* (norm x) y))"},
        {"∇_x f", "(grad f x)"},
        {"∇_x ‖x‖²/N", "(/ (grad (^ (norm x) 2) x) N)"},
        {"∇_θ(f)", "(grad f θ)"},
        {"∇ₓf", "(grad f x)"},
        {"∇²_x f(x)", "(hessian (f x) x)"},
        {"∇_x² f", "(hessian f x)"},
        {"∇^2_x1 f", "(hessian f x1)"},
        {"2∇_x f", "(side 2 (grad f x))"},
    };
    CHECK(table);
}

static void test_juxtaposition(void **state)
{
    (void)state;
    static const sample table[] = {
        {"2X", "(side 2 X)"},
        {"2 X", "(side 2 X)"},
        {"X'(y-z)", "(side (' X) (- y z))"},
        {"X' (y-z)", "(side (' X) (- y z))"},
        {"2/N·Xᵀ(Xθ−Y)", "(* (/ 2 N) (side (' X) (- (side X θ) Y)))"},
        {"(a)(b)", "(side a b)"},
        {"2(x+y)", "(side 2 (+ x y))"},
        {"Xθ", "(side X θ)"},
        {"θX", "(side θ X)"},
        {"αβ", "(side α β)"},
        {"2πr²", "(side 2 pi (^ r 2))"},
        {"w'x", "(side (' w) x)"},
        {"X^T(X*t-Y)", "(side (' X) (- (* X t) Y))"},
        {"2x^2", "(side 2 (^ x 2))"},
        {"-2x", "(neg (side 2 x))"},
        {"x²y", "(side (^ x 2) y)"},
        {"x₁x₂", "(side x1 x2)"},
        {"2[1,2]", "(side 2 (bracket (row 1 2)))"},
        {"λ‖w‖", "(side λ (norm w))"},
        {"λ ‖w‖", "(side λ (norm w))"},
        {"θ(x)", "(θ x)"},
        {"f(x)(y)", "(side (f x) y)"},
        {"a/b(c)", "(/ a (b c))"},
        {"(1/2)x", "(side (/ 1 2) x)"},
        {"A.*Bθ", "(.* A (side B θ))"},
        {"2e", "(side 2 e)"},
        {"2e-x", "(- (side 2 e) x)"},
        {"2e3x", "(side 2e3 x)"},
        {"x[1]y", "(side (index x 1) y)"},
    };
    CHECK(table);
}

static void test_leaves(void **state)
{
    (void)state;
    static const sample table[] = {
        {"1e-3", "1e-3"},
        {".5", ".5"},
        {"5.", "5."},
        {"5.+x", "(+ 5. x)"},
        {"3.*x", "(.* 3 x)"},
        {"3./x", "(./ 3 x)"},
        {"3.^x", "(.^ 3 x)"},
        {"1.5E+10", "1.5E+10"},
        {"3.'", "(' 3)"},
        {"π", "pi"},
        {"∞", "inf"},
        {"λ_max", "λ_max"},
        {"θ₂", "θ2"},
        {"θ2x", "(side θ2 x)"},
        {"x_1", "x_1"},
        {"x₁₂", "x12"},
        {"µ", "μ"},
        {"x̂+θ̂", "(+ x̂ θ̂)"},
        {"σ_ε", "σ_ε"},
        {"norm(X,'fro')", "(norm X 'fro')"},
        {"norm(X,\"nuc\")", "(norm X 'nuc')"},
        {"f()", "(f)"},
        {"where(x>0, a, b)", "(where (> x 0) a b)"},
        {"if(c,a,b)", "(if c a b)"},
        {"x[3]", "(index x 3)"},
        {"X[2,:]", "(index X 2 :)"},
        {"x[2:n+1]", "(index x (range 2 (+ n 1)))"},
        {"X'[1,2]", "(index (' X) 1 2)"},
        {"x^n[1]", "(^ x (index n 1))"},
        {"f(x)[1][2]", "(index (index (f x) 1) 2)"},
        {"x[y[1]]", "(index x (index y 1))"},
        {"[a]", "(bracket (row a))"},
        {"[a, b; c, d]", "(bracket (row a b) (row c d))"},
        {"[1;2;]", "(bracket (row 1) (row 2))"},
        {"[1,2\n 3,\n4\n]", "(bracket (row 1 2) (row 3 4))"},
        {"[a - b, -c]", "(bracket (row (- a b) (neg c)))"},
        {"[x', y']", "(bracket (row (' x) (' y)))"},
        {"[f(a b'), 2x]", "(bracket (row (f (side a (' b))) (side 2 x)))"},
        {"\xEF\xBB\xBFx\xC2\xA0+ y", "(+ x y)"},
    };
    CHECK(table);
}

static void test_programs(void **state)
{
    (void)state;
    static const sample table[] = {
        {"r = X*t - Y; sq(v) = v'*v; sq(r)", "(define r (- (* X t) Y))\n(define sq (v) (* (' v) v))\n(sq r)"},
        {"f(u, v) = u*v # c\n% d\n\nf(x, y) % e", "(define f (u v) (* u v))\n(f x y)"},
        {"a;;b;\n;c", "a\nb\nc"},
        {"a +\n b", "(+ a b)"},
        {"a ... c\n + b", "(+ a b)"},
        {"f(a,\n b\n)", "(f a b)"},
        {"a\r\nb\rc", "a\nb\nc"},
        {"X : matrix(m, n) symmetric posdef", "(declare X (matrix m n) symmetric posdef)"},
        {"a, b : scalar", "(declare a scalar)\n(declare b scalar)"},
        {"x: vector(2n+1)", "(declare x (vector (+ (side 2 n) 1)))"},
        {"f : function(vector(n), scalar) -> scalar", "(declare f (function (vector n) scalar) -> scalar)"},
        {"f:function(vector(n))->vector(m) positive",
         "(declare f (function (vector n)) -> (vector m) positive)"},
        {"X : matrix(m,n)  t : vector(n)   N : scalar positive",
         "(declare X (matrix m n))\n(declare t (vector n))\n(declare N scalar positive)"},
        {"X: matrix(m,n), N: scalar, t: vector(n)",
         "(declare X (matrix m n))\n(declare N scalar)\n(declare t (vector n))"},
        {"X'*diag(s.*(1-s))*X\n  where s = sigmoid(X*w)",
         "(define s (sigmoid (* X w)))\n(* (* (' X) (diag (.* s (- 1 s)))) X)"},
        {"a*b where a = 1, b = 2; c", "(define a 1)\n(define b 2)\n(* a b)\nc"},
        {"a where\n b = 1\n c = 2, d(x) = x", "(define b 1)\n(define c 2)\n(define d (x) x)\na"},
        {"a where b = 1; c = 2", "(define b 1)\na\n(define c 2)"},
        {"a = 1, b = 2", "(define a 1)\n(define b 2)"},
    };
    CHECK(table);
}

static void test_mistakes(void **state)
{
    (void)state;
    static const sample table[] = {
        {"", "the expression is empty | for example norm(X*t-Y)^2/N"},
        {" # x\n;", "the expression is empty | for example norm(X*t-Y)^2/N"},
        {"a +",
         "expected an expression after '+' | an operator stands between two operands, a transpose is x'"},
        {"a + * b",
         "expected an expression after '+' | an operator stands between two operands, a transpose is x'"},
        {"* a", "expected an expression before '*' | an operator stands between two operands"},
        {"(a+b", "unbalanced '(': it is never closed | a ')' is missing"},
        {"f(x\ny = 3", "unbalanced '(': it is never closed | a ')' is missing"},
        {")", "unexpected ')' | no bracket is open here"},
        {"(a]", "unexpected ']': the '(' before it is still open"},
        {"[a b]", "expected an operator between 'a' and 'b' | for elements write commas, [a, b]; for a "
                  "product * and parentheses, (a*b)"},
        {"[a -b]",
         "unclear sign in a bracket | separate elements by commas: [a, -b]; for a difference write [a - b]"},
        {"[a (b)]", "expected an operator between 'a' and '(' | for elements write commas, [a, b]; for a "
                    "product * and parentheses, (a*b)"},
        {"[a", "unbalanced '[': it is never closed | a ']' is missing"},
        {"[]", "expected an expression after '[' | f(x, y), [a, b]"},
        {"x[1;2]", "unexpected ';': expected ',' or ']' | subscripts are separated by commas"},
        {"x' 2", "expected an operator between '\'' and '2' | for a product write *2"},
        {"a**b", "unexpected '**' | write ^ for a power"},
        {"a@b", "unexpected '@' | write * for the matrix product"},
        {"where(a=b,1,2)", "unexpected '=': expected ',' or ')' | to compare, write =="},
        {"a<b<c", "unexpected '<' | comparisons do not chain: write a < b & b < c"},
        {"x^2 = 3", "unexpected '=' | on the left stands a name, L = ..., or f(x) = ...; elsewhere leave "
                    "`left side =` away; "
                    "to compare, write =="},
        {"x.^",
         "expected an expression after '.^' | an operator stands between two operands, a transpose is x'"},
        {"f(a,)", "expected an expression after ',' | f(x, y), [a, b]"},
        {"x,y", "unexpected ',' | statements are separated by ; or newlines"},
    };
    CHECK(table);
}

static void test_mistaken_characters(void **state)
{
    (void)state;
    static const sample table[] = {
        {"x’", "unexpected character '’' (U+2019) | write '"},
        {"a–b", "unexpected character '–' (U+2013) | write -"},
        {"“a”", "unexpected character '“' (U+201C) | write \""},
        {"é", "unexpected character 'é' (U+00E9) | names are made of Latin letters without accents, Greek "
              "letters, digits and _"},
        {"∇f", "unexpected character '∇' (U+2207) | name the variable: ∇_x f"},
        {"'a'",
         "unexpected text 'a' | a text in quotes can only be an argument of a function: norm(X, 'fro')"},
        {"'a", "the text in quotes is never closed | a transpose stands behind its operand: x'"},
        {"||x", "unbalanced '||': it is never closed | || opens a norm; `or` is written |"},
        {"0x1F", "'0x1F' is not a number | numbers are decimal; for a product write *"},
        {"1.2.3", "expected an operator between '1.2' and '.3' | a number has one point; a factor before a "
                  "number is written with *"},
        {"X :", "expected a shape after ':' | shapes are scalar, vector(n), matrix(m, n), "
                "function(vector(n)) -> scalar"},
        {"a where",
         "expected a definition after 'where' | after `where`: name = expression, name = expression"},
        {"a where b", "expected '=' after 'b'"},
        {"a\x01", "control character U+0001 | remove it"},
        {"a\xFF", "invalid UTF-8: the byte 0xFF | the text must be encoded in UTF-8"},
        {"\xC0\x80", "invalid UTF-8: the byte 0xC0 | the text must be encoded in UTF-8"},
        {"a\xE2\x80\x8B", "invisible character U+200B | remove it"},
        {"2:3", "unexpected ':' | ranges stand in subscripts, x[2:5]; a declaration is `X : matrix(m, n)`"},
    };
    CHECK(table);
    char *nul = read_back("a\0b", 3);
    assert_string_equal(nul, "control character U+0000 | remove it");
    free(nul);
}

// ---- spans ------------------------------------------------------------------------------------------------

static void test_spans(void **state)
{
    (void)state;
    sdp_base b;
    sdp_trap t;
    sdp_base_init(&b, NULL, NULL);
    if (!SDP_TRY(&b, t)) fail();
    sdp_tree *tree = sdp_parse(&b, "α + (b*c)", strlen("α + (b*c)"), "here");
    const sdp_syntax *sum = &tree->node[tree->statement[0]], *product = &tree->node[sum->arg[1]];
    assert_int_equal(sum->span.begin, 0);
    assert_int_equal(sum->span.end, 10);
    assert_int_equal(sum->op.begin, 3);
    assert_int_equal(sum->op.end, 4);
    assert_true(product->parenthesised && !sum->parenthesised);
    assert_int_equal(product->span.begin, 6);
    assert_int_equal(product->span.end, 9);
    assert_string_equal(tree->source_name, "here");
    for (uint32_t i = 0; i < tree->count; i++)
        for (uint32_t k = 0; k < tree->node[i].nargs; k++) assert_true(tree->node[i].arg[k] < i);
    SDP_END(&b, t);
    sdp_base_free(&b);
}

// ---- size -------------------------------------------------------------------------------------------------

// `open` n times, then the middle, then `close` n times: the number of nodes, or 0 after the limit `depth`.
static uint32_t nest(const char *open, const char *middle, const char *close, size_t n, size_t depth)
{
    size_t no = strlen(open), nm = strlen(middle), nc = strlen(close), length = n * (no + nc) + nm;
    char *text = malloc(length + 1);
    for (size_t i = 0; i < n; i++) memcpy(text + i * no, open, no);
    memcpy(text + n * no, middle, nm);
    for (size_t i = 0; i < n; i++) memcpy(text + n * no + nm + i * nc, close, nc);
    volatile uint32_t count = 0;
    sdp_base b;
    sdp_trap t;
    sdp_base_init(&b, NULL, &(sd_limits){.depth = depth});
    if (SDP_TRY(&b, t)) {
        count = sdp_parse(&b, text, length, NULL)->count;
        SDP_END(&b, t);
    } else {
        assert_int_equal(b.error.code, SD_ERR_LIMIT);
        assert_non_null(strstr(b.error.message, "depth"));
    }
    sdp_base_free(&b);
    free(text);
    return count;
}

static void test_great_depth(void **state)
{
    (void)state;
    assert_int_equal(nest("(", "x", ")", 1000000, 0), 1);
    assert_int_equal(nest("(", "x", ")", 1000001, 0), 0);
    assert_int_equal(nest("-", "x", "", 1000000, 0), 1000001);
    assert_int_equal(nest("-", "x", "", 1000001, 0), 0);
    assert_int_equal(nest("f(", "x", ")", 100000, 0), 100001);
    assert_int_equal(nest("a+b*-(", "x", ")", 100000, 0), 500001);
    assert_int_equal(nest("", "x", "'", 100000, 0), 100001);
    assert_int_equal(nest("x+", "x", "", 200000, 0), 400001);
    assert_int_equal(nest("x^", "x", "", 100000, 0), 200001);
    assert_int_equal(nest("(", "x", ")", 10, 10), 1);
    assert_int_equal(nest("(", "x", ")", 11, 10), 0);
    assert_int_equal(nest("!", "x", "", 11, 10), 0);
}

// ---- memory -----------------------------------------------------------------------------------------------

typedef struct {
    long left, live;
} rationed; // requests that succeed, blocks alive

static void *ration(void *state, void *p, size_t bytes)
{
    rationed *r = state;
    if (bytes == 0) {
        r->live -= p != NULL;
        free(p);
        return NULL;
    }
    if (r->left-- <= 0) return NULL;
    r->live += p == NULL;
    return realloc(p, bytes);
}

static void test_no_memory(void **state)
{
    (void)state;
    static const char text[] =
        "X : matrix(m, n); f(a, b) = a'*b\n2/N·Xᵀ(Xθ−Y) + [1, 2; 3, 4][1, :] + ‖x‖_F where x = f(y, 'z')";
    volatile bool done = false;
    for (volatile long n = 0; !done; n++) {
        rationed r = {n, 0};
        sdp_base b;
        sdp_trap t;
        sdp_base_init(&b, &(sd_allocator){ration, &r}, NULL);
        if (SDP_TRY(&b, t)) {
            sdp_text out;
            sdp_text_init(&out, &b);
            sdp_tree_dump(sdp_parse(&b, text, sizeof text - 1, NULL), &out);
            SDP_END(&b, t);
            done = true;
        } else {
            assert_int_equal(b.error.code, SD_ERR_MEMORY);
        }
        sdp_base_free(&b);
        assert_int_equal(r.live, 0);
        assert_int_equal(b.used, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equations), cmocka_unit_test(test_operators),
        cmocka_unit_test(test_postfix),   cmocka_unit_test(test_juxtaposition),
        cmocka_unit_test(test_leaves),    cmocka_unit_test(test_programs),
        cmocka_unit_test(test_mistakes),  cmocka_unit_test(test_mistaken_characters),
        cmocka_unit_test(test_spans),     cmocka_unit_test(test_great_depth),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
