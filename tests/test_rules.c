// SPDX-License-Identifier: MIT
// Every row of ast/make/rules.def, pairs.def and terms.def: its names, both sides at random points, its
// direction, the measure that falls, and that its columns say what its left side says. Every row of
// codegen/stable/split.def: that the parts are the function.
//
// The rows are read here as text and evaluated by a parser of their own in long double: the library would
// rewrite the left side before anybody saw it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ast/surface/surface.h"
#include "simplify/simplify.h"

// columns: the left side as the columns for the machine have it; NULL: there are none
typedef struct {
    const char *name, *left, *right, *columns;
    bool terms;
} rule;
static const rule rules[] = {
#define RULE(name, left, right) {#name, left, right, NULL, false},
#include "ast/make/rules.def"
#undef RULE
#define PAIR(name, left, right, first, sign, second, power)                                                  \
    {#name, left, right, #first "(" #sign "*x)*" #second "(x)^(" #power ")", false},
#include "ast/make/pairs.def"
#define TERMS(name, left, right, when, beside, first, power, sign, second, argument, exponent)               \
    {#name, left, right, #first "(x,y)^" #power "+(" #sign ")*" #second "(" argument ")^" #exponent, true},
#include "ast/make/terms.def"
};
enum { RULES = sizeof rules / sizeof *rules, POINTS = 4000, ENOUGH = 100 };

// ---- functions, by their definitions ----------------------------------------------------------------------
typedef long double real;

static real recip_exp(real x) { return 1 / (1 + expl(-x)); }
static real log1p_exp(real x) { return x > 0 ? x + log1pl(expl(-x)) : log1pl(expl(x)); }
static real relu(real x) { return x > 0 ? x : 0; }
static real signum(real x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
static real log_erfc(real x) { return logl(erfcl(x)); }
static real gamma_(real x) { return tgammal(x); }
static real lgamma_(real x) { return lgammal(x); }
static real larger(real x, real y) { return x >= y ? x : y; }
static real smaller(real x, real y) { return x <= y ? x : y; }
static real itself(real x) { return x; }
static real step(real x) { return x > 0; }
static real inverse_erf(real y) // by bisection
{
    real low = -8, high = 8;
    for (int i = 0; i < 80; i++) *(erfl((low + high) / 2) < y ? &low : &high) = (low + high) / 2;
    return fabsl(y) < 1 ? (low + high) / 2 : (real)NAN;
}

// stable: there is a kernel for it that neither overflows nor cancels, so that a rewrite may move towards it.
static const struct {
    const char *name;
    real (*of)(real);
    real (*of2)(real, real);
    bool stable;
} functions[] = {
    {"log", logl, NULL, false},          {"exp", expl, NULL, false},
    {"log1p", log1pl, NULL, false},      {"expm1", expm1l, NULL, true},
    {"sqrt", sqrtl, NULL, false},        {"gamma", gamma_, NULL, false},
    {"lgamma", lgamma_, NULL, true},     {"erf", erfl, NULL, false},
    {"erfc", erfcl, NULL, false},        {"logerfc", log_erfc, NULL, true},
    {"sin", sinl, NULL, false},          {"cos", cosl, NULL, false},
    {"tan", tanl, NULL, false},          {"asin", asinl, NULL, false},
    {"acos", acosl, NULL, false},        {"atan", atanl, NULL, false},
    {"sinh", sinhl, NULL, false},        {"cosh", coshl, NULL, false},
    {"tanh", tanhl, NULL, false},        {"asinh", asinhl, NULL, true},
    {"acosh", acoshl, NULL, true},       {"atanh", atanhl, NULL, true},
    {"relu", relu, NULL, true},          {"sign", signum, NULL, false},
    {"sigmoid", recip_exp, NULL, true},  {"softplus", log1p_exp, NULL, true},
    {"abs", fabsl, NULL, true},          {"max", NULL, larger, false},
    {"min", NULL, smaller, false},       {"hypot", NULL, hypotl, true},
    {"none", itself, NULL, true},        {"step", step, NULL, true},
    {"erfinv", inverse_erf, NULL, true},
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

// ---- a reader of rows: + - * / ^ with or without a point, signs, parentheses, functions, numbers, x y z ---
typedef struct {
    const char *at;
    const real *value; // of x, y, z
    real noise;        // relative error of the value of each function, added and subtracted by turns
    unsigned used;     // placeholders, as a bit set
    int functions, unstable;
    char unknown[32]; // a name that is none
} reader;

static real sum(reader *r);

static bool takes(reader *r, char c)
{
    while (*r->at == ' ') r->at++;
    if (*r->at == '.' && strchr("*/^", r->at[1]) && r->at[1] == c && c) r->at++;
    if (*r->at != c) return false;
    r->at++;
    return true;
}

static real call(reader *r, const char *name, size_t n)
{
    real a[3] = {sum(r), 0, 0};
    for (int i = 1; i < 3 && takes(r, ','); i++) a[i] = sum(r);
    if (!takes(r, ')')) snprintf(r->unknown, sizeof r->unknown, "%.*s(", (int)n, name);
    if (n == 5 && !memcmp(name, "where", n)) return a[0] > 0 ? a[1] : a[2];
    for (size_t i = 0; i < FUNCTIONS; i++) {
        if (strlen(functions[i].name) != n || memcmp(functions[i].name, name, n)) continue;
        r->functions++;
        r->unstable += !functions[i].stable;
        return (1 + (r->functions % 2 ? r->noise : -r->noise)) *
               (functions[i].of2 ? functions[i].of2(a[0], a[1]) : functions[i].of(a[0]));
    }
    snprintf(r->unknown, sizeof r->unknown, "%.*s", (int)n, name);
    return NAN;
}

static real atom(reader *r)
{
    if (takes(r, '(')) {
        real v = sum(r);
        if (!takes(r, ')')) strcpy(r->unknown, ")");
        return v;
    }
    const char *s = r->at;
    if (isdigit((unsigned char)*s)) {
        real v = 0;
        while (isdigit((unsigned char)*r->at)) v = 10 * v + (*r->at++ - '0');
        return v;
    }
    while (isalnum((unsigned char)*r->at) || *r->at == '_') r->at++;
    size_t n = (size_t)(r->at - s);
    if (takes(r, '(')) return call(r, s, n);
    if (n == 1 && *s >= 'x' && *s <= 'z') {
        r->used |= 1u << (*s - 'x');
        return r->value[*s - 'x'];
    }
    snprintf(r->unknown, sizeof r->unknown, "%.*s", n ? (int)n : 1, s);
    if (!n) r->at += *r->at != 0;
    return NAN;
}

static real power(reader *r)
{
    real b = atom(r);
    return takes(r, '^') ? powl(b, power(r)) : b;
}

static real signed_power(reader *r) { return takes(r, '-') ? -signed_power(r) : power(r); }

static real product(reader *r)
{
    real v = signed_power(r);
    for (;;) {
        if (takes(r, '*')) v *= signed_power(r);
        else if (takes(r, '/')) v /= signed_power(r);
        else return v;
    }
}

static real sum(reader *r)
{
    real v = product(r);
    for (;;) {
        if (takes(r, '+')) v += product(r);
        else if (takes(r, '-')) v -= product(r);
        else return v;
    }
}

static real evaluate_with(const char *text, const real *value, real noise, reader *r)
{
    *r = (reader){.at = text, .value = value, .noise = noise};
    real v = sum(r);
    if (*r->at && !*r->unknown) snprintf(r->unknown, sizeof r->unknown, "%s", r->at);
    return v;
}

static real evaluate(const char *text, const real *value, reader *r)
{
    return evaluate_with(text, value, 0, r);
}

// ---- names: what is wrong with the rows, each with its name; how many complaints --------------------------
static const real ones[3] = {1, 1, 1};

static int check_names(const rule *rows, size_t n, char *told, size_t room)
{
    int wrong = 0;
    *told = 0;
#define COMPLAIN(...) (wrong++, (void)snprintf(told + strlen(told), room - strlen(told), __VA_ARGS__))
    for (size_t i = 0; i < n; i++) {
        reader left, right;
        evaluate(rows[i].left, ones, &left);
        evaluate(rows[i].right, ones, &right);
        if (*left.unknown || *right.unknown)
            COMPLAIN("%s: '%s' is no name\n", rows[i].name, *left.unknown ? left.unknown : right.unknown);
        for (int k = 0; k < 3; k++)
            if (right.used & ~left.used & 1u << k)
                COMPLAIN("%s: '%c' is not bound by the left side\n", rows[i].name, 'x' + k);
        int op = sdp_op_find(rows[i].left, strcspn(rows[i].left, "("));
        if (!op || sdp_ops[op].kind != SDP_OP_MAP)
            COMPLAIN("%s: the left side is no element-wise function\n", rows[i].name);
        for (size_t k = 0; k < i; k++) {
            if (!strcmp(rows[i].name, rows[k].name)) COMPLAIN("%s: two rules have this name\n", rows[i].name);
            if (!strcmp(rows[i].left, rows[k].left))
                COMPLAIN("%s: has the left side of %s\n", rows[i].name, rows[k].name);
        }
    }
#undef COMPLAIN
    return wrong;
}

static void test_names(void **state)
{
    (void)state;
    static char told[4000];
    int wrong = check_names(rules, RULES, told, sizeof told);
    if (wrong) fail_msg("%s", told);
}

// The check itself: a table in which everything is wrong.
static void test_refused(void **state)
{
    (void)state;
    static const rule bad[] = {
        {.name = "unbound", .left = "log(exp(x))", .right = "x+y"},
        {.name = "misspelt", .left = "exp(logg(x))", .right = "x"},
        {.name = "twice", .left = "sin(asin(x))", .right = "x"},
        {.name = "twice", .left = "cos(acos(x))", .right = "x"},
        {.name = "same_left", .left = "sin(asin(x))", .right = "x"},
        {.name = "no_function", .left = "x+x", .right = "2*x"},
    };
    static char told[4000];
    assert_int_equal(check_names(bad, sizeof bad / sizeof *bad, told, sizeof told), 5);
    assert_non_null(strstr(told, "unbound: 'y' is not bound"));
    assert_non_null(strstr(told, "misspelt: 'logg' is no name"));
    assert_non_null(strstr(told, "twice: two rules have this name"));
    assert_non_null(strstr(told, "same_left: has the left side of twice"));
    assert_non_null(strstr(told, "no_function: the left side is no element-wise function"));
}

// ---- values -----------------------------------------------------------------------------------------------
static real random_real(uint64_t *state, int kind)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    real u = (real)((z ^ z >> 31) >> 11) / (real)(1ULL << 53);
    return kind == 0 ? 8 * u - 4 : kind == 1 ? 2 * u - 1 : kind == 2 ? expl(20 * u - 10) : 6 * u - 3;
}

// Both sides have one value wherever the left side has one; and it has one somewhere. The left side may lose
// digits, which is what many a rule is for: points at which errors far above those of long double change it
// by more than TOLERANCE tell nothing.
#define TOLERANCE 1e-9L
static int compare(const char *name, const char *one, const char *other, int *points)
{
    uint64_t state = 1;
    *points = 0;
    for (int i = 0; i < POINTS; i++) {
        real v[3];
        reader r;
        for (int k = 0; k < 3; k++) v[k] = random_real(&state, i % 4);
        real left = evaluate(one, v, &r), right = evaluate(other, v, &r);
        if (!isfinite(left)) continue;
        real scale = TOLERANCE * (1 + fabsl(left)), noise = 1 / (real)(1LL << 56);
        if (!(fabsl(evaluate_with(one, v, noise, &r) - left) <= scale)) continue;
        ++*points;
        if (fabsl(left - right) <= scale) continue;
        fprintf(stderr, "%s: %s is %.12Lg and %s is %.12Lg at x = %.6Lg\n", name, one, left, other, right,
                v[0]);
        return 1;
    }
    return 0;
}

static void test_values(void **state)
{
    (void)state;
    int wrong = 0, points;
    for (size_t i = 0; i < RULES; i++) {
        if (rules[i].columns) wrong += compare(rules[i].name, rules[i].left, rules[i].columns, &points);
        wrong += compare(rules[i].name, rules[i].left, rules[i].right, &points);
        if (points >= ENOUGH) continue;
        fprintf(stderr, "%s: %s has a value at %d points only\n", rules[i].name, rules[i].left, points);
        wrong++;
    }
    assert_int_equal(wrong, 0);
    fprintf(stderr, "(one rule that is wrong, to be refused) ");
    // the head of rules.def: wrong for x < 0
    assert_int_equal(compare("square", "log(x^2)", "2*log(x)", &points), 1);
}

static void test_splits(void **state)
{
    (void)state;
    static const struct {
        const char *whole, *near, *large, *small;
    } splits[] = {
#define SPLIT(f, when, near, large, small) {#f "(x)", near, large, small},
#include "codegen/stable/split.def"
    };
    for (size_t i = 0; i < sizeof splits / sizeof *splits; i++) {
        const char *whole = splits[i].whole, *near = *splits[i].near ? splits[i].near : "1";
        char parts[300];
        snprintf(parts, sizeof parts, "where(%s,%s,0)+where(%s,%s,%s)", near, splits[i].large, near,
                 splits[i].small, whole);
        reader r;
        int points;
        evaluate(parts, ones, &r);
        if (*r.unknown || r.used != 1) fail_msg("%s: '%s' is no name, or there is no x", parts, r.unknown);
        if (compare(whole, whole, parts, &points) || points < ENOUGH) fail_msg("%s has other parts", whole);
    }
}

// ---- direction and measure --------------------------------------------------------------------------------
static sdp_id read(sdp_graph *g, const char *text)
{
    return sdp_read(g, text, strlen(text), "<test>", false, NULL, NULL).node;
}

// The library makes the right side of the left one, of scalars, vectors and matrices alike.
static void test_direction(void **state)
{
    (void)state;
    static const char *const shapes[] = {"x: scalar; y: scalar", "x: vector(n); y: vector(n)",
                                         "x: matrix(m,n); y: matrix(m,n)"};
    volatile int wrong = 0;
    for (volatile size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        sdp_graph *g = sdp_graph_new(NULL, NULL);
        sdp_trap trap;
        assert_non_null(g);
        if (!SDP_TRY(&g->base, trap)) fail_msg("%s", g->base.error.message);
        g->debug = true;
        sdp_declare(g, shapes[s], "<test>");
        for (size_t i = 0; i < RULES; i++) {
            char right[100];
            // 1 has the shape of sin(x).^2+cos(x).^2
            snprintf(right, sizeof right, rules[i].terms ? "%s+0*x" : "%s", rules[i].right);
            sdp_id left = read(g, rules[i].left);
            if (left == read(g, right) || (rules[i].terms && sdp_unite_terms(g, left) == read(g, right)))
                continue;
            fprintf(stderr, "%s: %s does not become %s (%s)\n", rules[i].name, rules[i].left, rules[i].right,
                    shapes[s]);
            wrong++;
        }
        SDP_END(&g->base, trap);
        sdp_graph_free(g);
    }
    assert_int_equal(wrong, 0);
}

// The measure that falls with every rule, so that rewriting ends: for terms, their number; for others, that
// of functions; else that of functions without a stable kernel; else the length. log(2) counts as the number
// that it is.
static void measure(const char *text, int *m)
{
    char plain[200] = "";
    for (const char *s = text; *s && strlen(plain) + 2 < sizeof plain; s++) {
        if (!strncmp(s, "log(2)", 6)) strcat(plain, "2"), s += 5;
        else strncat(plain, s, 1);
    }
    reader r;
    evaluate(plain, ones, &r);
    m[0] = r.functions, m[1] = r.unstable, m[2] = (int)strlen(plain);
}

static int number_of_terms(const char *text)
{
    int n = 1, depth = 0;
    for (const char *s = text; *s; s++) {
        depth += (*s == '(') - (*s == ')');
        n += (*s == '+' || *s == '-') && !depth && s > text;
    }
    return n;
}

static void test_measure(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < RULES; i++) {
        int left[3], right[3], k = 0;
        measure(rules[i].left, left);
        measure(rules[i].right, right);
        while (k < 2 && left[k] == right[k]) k++;
        if (rules[i].terms ? number_of_terms(rules[i].left) == 2 && number_of_terms(rules[i].right) == 1
                           : right[k] < left[k])
            continue;
        fprintf(stderr, "%s: no measure falls from %s to %s\n", rules[i].name, rules[i].left, rules[i].right);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),     cmocka_unit_test(test_refused), cmocka_unit_test(test_values),
        cmocka_unit_test(test_direction), cmocka_unit_test(test_measure), cmocka_unit_test(test_splits),
    };
    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
