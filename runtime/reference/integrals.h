// SPDX-License-Identifier: MIT
// Special functions of the reference evaluator as they are defined: by integrals and power series in long
// double, with none of the fractions, expansions and recurrences of the kernels. Integrals are sums of
// equal steps after a substitution that makes their ends flat (Takahasi and Mori 1974). Part of special.h.
#ifndef SDP_INTEGRALS_H
#define SDP_INTEGRALS_H

#include <math.h>
#include <stdbool.h>

typedef struct {
    long double a, b, x;
} special_point;

// Of f(t, p) from 0 to end, by t = end/(1+exp(-pi*sinh(s))); f has end-t besides.
static long double integral_to(long double end, long double step, const special_point *p,
                               long double f(long double t, long double rest, const special_point *p))
{
    const long double pi = acosl(-1);
    long double sum = 0;
    for (long double s = -12; s < 12; s += step) {
        long double e = expl(-pi * sinhl(s)), t = end / (1 + e), rest = end / (1 + 1 / e);
        if (t > 0 && rest > 0) sum += step * f(t, rest, p) * pi * coshl(s) * t * rest / end;
    }
    return sum;
}

// Of f(t, p) from 0 to infinity, where f falls as exp(-t) does, by t = exp(s-exp(-s)).
static long double integral_beyond(long double step, const special_point *p,
                                   long double f(long double t, long double rest, const special_point *p))
{
    long double sum = 0;
    for (long double s = -6; s < 12; s += step) {
        long double t = expl(s - expl(-s));
        if (t > 0) sum += step * f(t, 0, p) * t * (1 + expl(-s));
    }
    return sum;
}

static long double gamma_below(long double t, long double rest, const special_point *p)
{
    (void)rest;
    return expl((p->a - 1) * logl(t) - t - lgammal(p->a));
}

static long double gamma_above(long double t, long double rest, const special_point *p)
{
    (void)rest;
    return gamma_below(p->x + t, 0, p);
}

static double sd_gammaincc(double a, double x);

static double sd_gammainc(double a, double x)
{
    const special_point p = {a, 0, x};
    if (!(a > 0 && x >= 0)) return NAN;
    if (x <= 0) return 0;
    return x < a + 1 ? (double)integral_to(x, 0.01L / sqrtl(1 + a / 100), &p, gamma_below)
                     : 1 - sd_gammaincc(a, x);
}

static double sd_gammaincc(double a, double x)
{
    const special_point p = {a, 0, x};
    if (!(a > 0 && x >= 0)) return NAN;
    if (x <= 0) return 1;
    if (x < a + 1 && a > 1) return 1 - sd_gammainc(a, x);
    return (double)integral_beyond(0.01L / sqrtl(1 + a / 100), &p, gamma_above);
}

static long double beta_below(long double t, long double rest, const special_point *p)
{
    long double scale = lgammal(p->a + p->b) - lgammal(p->a) - lgammal(p->b);
    return expl((p->a - 1) * logl(t) + (p->b - 1) * logl(1 - p->x + rest) + scale);
}

static double sd_betainc(double a, double b, double x)
{
    const special_point p = {a, b, x};
    if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) return NAN;
    if (x <= 0 || x >= 1) return x;
    return (double)integral_to(x, 0.01L / sqrtl(1 + (a + b) / 100), &p, beta_below);
}

// The series of J with sign -1, of I with sign 1, of any order but a negative integer
static long double bessel_powers(long double v, long double x, int sign)
{
    long double term = 1, sum = 1;
    for (int k = 1; k < 4000 && fabsl(term) > 1e-30L * fabsl(sum); k++) {
        term *= sign * x * x / 4 / (k * (v + k));
        sum += term;
    }
    return v > -1 ? sum * expl(v * logl(x / 2) - lgammal(v + 1)) : sum * powl(x / 2, v) / tgammal(v + 1);
}

static long double bessel_j_turns(long double t, long double rest, const special_point *p)
{
    (void)rest;
    return cosl(p->a * t - p->x * sinl(t));
}

static long double bessel_y_turns(long double t, long double rest, const special_point *p)
{
    (void)rest;
    return sinl(p->x * sinl(t) - p->a * t);
}

static long double bessel_j_rest(long double t, long double rest, const special_point *p)
{
    (void)rest;
    return expl(-p->x * sinhl(t) - p->a * t);
}

static long double bessel_y_rest(long double t, long double rest, const special_point *p)
{
    return bessel_j_rest(t, rest, &(special_point){-p->a, 0, p->x}) +
           cosl(acosl(-1) * p->a) * bessel_j_rest(t, rest, p);
}

static long double bessel_k_whole(long double t, long double rest, const special_point *p)
{
    (void)rest;
    return (expl(p->a * t - p->x * coshl(t)) + expl(-p->a * t - p->x * coshl(t))) / 2;
}

static bool is_whole(double v) { return floor(v) >= v; }

static double sd_besselj(double v, double x)
{
    const long double pi = acosl(-1), step = 0.01L / (1 + (fabsl(x) + fabsl(v)) / 100);
    const special_point p = {v, 0, x};
    bool odd = fmod(fabs(v), 2) > 0;
    if (x < 0) return is_whole(v) ? (odd ? -1 : 1) * sd_besselj(v, -x) : NAN;
    if (v < 0 && is_whole(v)) return (odd ? -1 : 1) * sd_besselj(-v, x);
    if (!(x > 0)) return x < 0 || v < 0 || isnan(x) ? NAN : v > 0 ? 0 : 1;
    if (x < 12 || x * x < 40 * (v + 1)) return (double)bessel_powers(v, x, -1);
    return (double)((integral_to(pi, step, &p, bessel_j_turns) -
                     sinl(fmodl(v, 2) * pi) * integral_beyond(0.01L, &p, bessel_j_rest)) /
                    pi);
}

static double sd_bessely(double v, double x)
{
    const long double pi = acosl(-1), step = 0.01L / (1 + (fabsl(x) + fabsl(v)) / 100);
    const special_point p = {v, 0, x};
    if (!(x > 0)) return x < 0 || isnan(x) ? NAN : -INFINITY;
    return (double)((integral_to(pi, step, &p, bessel_y_turns) - integral_beyond(0.01L, &p, bessel_y_rest)) /
                    pi);
}

static double sd_besselk(double v, double x)
{
    const special_point p = {v, 0, x};
    if (!(x > 0)) return x < 0 || isnan(x) ? NAN : INFINITY;
    return (double)integral_beyond(0.005L, &p, bessel_k_whole);
}

static double sd_besseli(double v, double x)
{
    bool odd = fmod(fabs(v), 2) > 0;
    if (x < 0) return is_whole(v) ? (odd ? -1 : 1) * sd_besseli(v, -x) : NAN;
    if (v < 0 && is_whole(v)) return sd_besseli(-v, x);
    if (!(x > 0)) return isnan(x) || v < 0 ? NAN : v > 0 ? 0 : 1;
    return (double)bessel_powers(v, x, 1);
}

#endif
