// SPDX-License-Identifier: MIT
// The functions of kernels_vector.def against libm: ordinary arguments to a few units in the last place, and
// the ends of their ranges: infinities, NaN, zeros, subnormal numbers, overflow. They are compiled here for
// processors with FMA, and not run on others.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#if defined __x86_64__ && defined __GNUC__
#define KERNEL_FMA(id, otherwise, comment, signature, ...)                                                   \
    __attribute__((target("avx2,fma"))) static signature __VA_ARGS__
#include "codegen/kernels/kernels_vector.def"
#include "codegen/kernels/kernels_wave.def"
#undef KERNEL_FMA

static double logistic(double x) { return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)); }

static double softplus(double x) { return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)); }

static const struct {
    const char *name;
    double (*ours)(double), (*libm)(double);
    double units;
} functions[] = {
    {"exp", sd_exp, exp, 2},           {"tanh", sd_tanh, tanh, 5},    {"sigmoid", sd_logistic, logistic, 5},
    {"log", sd_log, log, 2},           {"log1p", sd_log1p, log1p, 3}, {"expm1", sd_expm1, expm1, 4},
    {"softplus", sd_soft, softplus, 4}};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

// How many units in the last place apart? Subnormal numbers have the unit of the smallest normal one.
static double apart(double a, double b)
{
    if (isnan(a) || isnan(b)) return isnan(a) && isnan(b) ? 0 : INFINITY;
    if (isinf(a) || isinf(b)) return a >= b && a <= b ? 0 : INFINITY;
    double size = fmax(fabs(b), 2.2250738585072014e-308);
    return fabs(a - b) / (nextafter(size, INFINITY) - size);
}

static int judge(size_t f, double x)
{
    double a = functions[f].ours(x), b = functions[f].libm(x);
    bool sign = isnan(b) || signbit(a) == signbit(b);
    if (sign && apart(a, b) <= functions[f].units) return 0;
    printf("%s(%.17g) is %.17g, libm has %.17g\n", functions[f].name, x, a, b);
    return 1;
}

static void test_vector(void **state)
{
    static const double ends[] = {0.0,
                                  0.9999999999999999,
                                  1.0000000000000002,
                                  0.7071067811865475,
                                  0.7071067811865476,
                                  1.4142135623730951,
                                  1e-30,
                                  3e-308,
                                  5e-324,
                                  1e-310,
                                  2.2250738585072014e-308,
                                  1e-300,
                                  1e-20,
                                  1e-16,
                                  1e-8,
                                  0.3465735902799726,
                                  0.34657359027997264,
                                  0.5,
                                  1.0,
                                  19.9,
                                  20.0,
                                  20.1,
                                  36.7,
                                  708.3,
                                  708.4,
                                  709.0,
                                  709.78,
                                  709.782712893384,
                                  709.7827128933841,
                                  709.79,
                                  710.0,
                                  744.4,
                                  745.13,
                                  745.2,
                                  746.0,
                                  1000.0,
                                  1e6,
                                  1e19,
                                  1e300,
                                  1.7976931348623157e308,
                                  INFINITY,
                                  NAN};
    int wrong = 0;
    uint64_t random = 1;
    (void)state;
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) skip();
    for (size_t f = 0; f < FUNCTIONS; f++) {
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
            wrong += judge(f, ends[i]) + judge(f, -ends[i]);
        for (int i = 0; i < 200000 && wrong < 20; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            double u = (double)(random >> 11) / 9007199254740992.0 - 0.5;
            wrong += judge(f, i % 4 == 0   ? u
                              : i % 4 == 1 ? 50 * u
                              : i % 4 == 2 ? 1500 * u
                                           : ldexp(u, (int)(random % 2040) - 1020));
        }
    }
    assert_int_equal(wrong, 0);
}

// Sine and cosine where digits are lost, by mpmath: the doubles below 10^6 that are nearest
// to a multiple of pi/2, and others
static const struct {
    double x, sine, cosine;
} waves[] = {{45.553093477052, 1.0, -6.189806365883577000150671e-19},
             {91.106186954104, -1.237961273176715400030134e-18, -1.0},
             {182.212373908208, 2.475922546353430800060269e-18, 1.0},
             {364.424747816416, 4.951845092706861600120537e-18, 1.0},
             {1.5707963267948966, 1.0, 6.12323399573676588613033e-17},
             {3.141592653589793, 1.224646799147353177226066e-16, -1.0},
             {1000000.0, -0.3499935021712929521176525, 0.9367521275331447869385325},
             {0.7853981633974483, 0.707106781186547502751943, 0.7071067811865475460497458},
             {999999.5, -0.7562510875616779930297767, 0.6542815086503509348120438},
             {1e-8, 1e-8, 0.99999999999999995},
             {0.0, 0.0, 1.0},
             {5e-324, 5e-324, 1.0},
             {2.2250738585072014e-308, 2.2250738585072014e-308, 1.0},
             {NAN, NAN, NAN}};

static int judge_wave(double x, double sine, double cosine)
{
    double s = sd_sine(x), c = sd_cosine(x);
    if ((isnan(x) || signbit(s) == signbit(sine)) && apart(s, sine) <= 1.5 && apart(c, cosine) <= 1.5)
        return 0;
    printf("x = %.17g: %.17g and %.17g, not %.17g and %.17g\n", x, s, c, sine, cosine);
    return 1;
}

static void test_waves(void **state)
{
    int wrong = 0;
    uint64_t random = 1;
    (void)state;
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) skip();
    for (size_t i = 0; i < sizeof waves / sizeof *waves; i++)
        wrong += judge_wave(waves[i].x, waves[i].sine, waves[i].cosine) +
                 judge_wave(-waves[i].x, -waves[i].sine, waves[i].cosine);
    for (int i = 0; i < 600000 && wrong < 20; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        double u = (double)(random >> 11) / 9007199254740992.0 - 0.5, near = i * 1.5707963267948966;
        double x = i % 4 == 0   ? 2e6 * u
                   : i % 4 == 1 ? 20 * u
                   : i % 4 == 2 ? near
                                : ldexp(u, (int)(random % 1030) - 1020);
        wrong += judge_wave(x, sin(x), cos(x));
    }
    assert_int_equal(wrong, 0);
}
#else
static void test_waves(void **state)
{
    (void)state;
    skip();
}
static void test_vector(void **state)
{
    (void)state;
    skip();
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vector), cmocka_unit_test(test_waves)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
