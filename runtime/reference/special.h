// SPDX-License-Identifier: MIT
// Special functions of the reference evaluator, by other means than those of the kernels: sums and series in
// long double, as they stand in books. Included by interpret.c alone, where the C columns of
// ast/graph/ops.def call them.
#ifndef SDP_SPECIAL_H
#define SDP_SPECIAL_H

#include <math.h>
#include <stdbool.h>

#include "runtime/reference/integrals.h"

// The derivative of order n of digamma: sum over k of n!/(x+k)^(n+1), the tail by Euler and Maclaurin; left
// of zero it is the longer, and not followed for ever.
static double sd_polygamma(double n, double x)
{
    static const double b[] = {1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6};
    double sum = 0, sign = fmod(n, 2) > 0 ? 1 : -1, gamma = tgamma(n + 1);
    if (!(x > -1e6) || (x <= 0 && floor(x) >= x)) return NAN;
    while (x < 15 + n) sum += gamma * pow(x, -n - 1), x += 1;
    sum += n > 0 ? gamma / n * pow(x, -n) : -log(x);
    sum += gamma / 2 * pow(x, -n - 1);
    for (int k = 1; k <= 7; k++) sum += b[k - 1] * tgamma(2 * k + n) / tgamma(2 * k + 1) * pow(x, -2 * k - n);
    return sign * sum;
}

// The same for large x, from log(erfc(x)) = -x^2 - log(sqrt(pi) x) + log(1 - t + 1*3 t^2 - 1*3*5 t^3 ...), t
// = 1/(2 x^2): the rule below would be a difference of squares.
static double far_dlogerfc(int n, long double x)
{
    enum { TERMS = 9 };
    long double p[TERMS] = {1}, s[TERMS] = {0},
                sum = n == 0   ? -x * x - logl(x * sqrtl(acosl(-1)))
                      : n == 1 ? -2 * x
                      : n == 2 ? -2
                               : 0;
    long double falling = (n % 2 ? -1 : 1) * tgammal(n) * powl(x, -n); // of -log(x)
    if (n) sum += falling;
    for (int j = 1; j < TERMS; j++) {
        s[j] = p[j] = -(2 * j - 1) * p[j - 1];
        for (int k = 1; k < j; k++) s[j] -= k * s[k] * p[j - k] / j;
        falling = s[j] * powl(2, -j) * powl(x, -2 * j - n);
        for (int i = 0; i < n; i++) falling *= -(2 * j + i);
        sum += falling;
    }
    return (double)sum;
}

// The derivative of order n of log(erfc(x)): Leibniz' rule for f'' = -f'^2 - 2 x f', from f' with more digits
static double sd_dlogerfc(double n, double x)
{
    long double f[34] = {0}, k = 0, root = sqrtl(acosl(-1));
    if (!(n >= 0 && n < 32)) return NAN;
    if (x > 100) return far_dlogerfc((int)n, x);
    for (int i = 400; i > 0; i--) k = (long double)i / 2 / (x + k); // erfc(x) = exp(-x^2)/sqrt(pi)/(x+k)
    f[0] = x > 5 ? -(long double)x * x - logl(root * (x + k)) : x > 0.5 ? logl(erfcl(x)) : log1pl(-erfl(x));
    f[1] = x > 5 ? -2 * (x + k) : -2 / root * expl(-(long double)x * x) / erfcl(x);
    for (int i = 0; i + 2 <= n; i++) {
        long double binomial = 1;
        f[i + 2] = -2 * x * f[i + 1] - 2 * i * f[i];
        for (int j = 0; j <= i; j++, binomial = binomial * (i - j + 1) / j)
            f[i + 2] -= binomial * f[j + 1] * f[i - j + 1];
    }
    return (double)f[(int)n];
}

// The inverses of erf and erfc, by halving an interval: what is below 1/2 by erf, which has digits there.
static double sd_erfcinv(double z)
{
    long double low = 0, high = 30, tail = z > 1 ? 2 - (long double)z : z;
    if (!(z > 0 && z < 2)) return z < 0 || z > 2 || isnan(z) ? NAN : z > 1 ? -INFINITY : INFINITY;
    for (int step = 0; step < 300; step++) {
        long double y = (low + high) / 2;
        bool below = tail > 0.5L ? erfl(y) < 1 - tail : erfcl(y) > tail;
        *(below ? &low : &high) = y;
    }
    return (double)(z > 1 ? -low : low);
}

static double sd_erfinv(double x)
{
    long double low = 0, high = 30;
    if (fabs(x) > 0.5) return x > 0 ? sd_erfcinv(1 - x) : -sd_erfcinv(1 + x);
    for (int step = 0; step < 1200; step++) {
        long double y = (low + high) / 2;
        *(erfl(y) < fabs(x) ? &low : &high) = y;
    }
    return isnan(x) ? x : copysign((double)low, x);
}

static double sd_log1pmx(double x)
{
    long double sum = 0;
    for (int k = 60; k > 1; k--) sum = (k % 2 ? 1.0L / k : -1.0L / k) + x * sum;
    return (double)(fabs(x) < 0.25 ? x * (long double)x * sum : log1pl(x) - x);
}

// (erfc(x)-erfc(x+h))*exp(x^2) by Taylor's series: its coefficients are Hermite's polynomials, c[n] =
// H(n,x)*(-h)^n/n!
static long double erfc_series(long double x, long double h)
{
    long double c = 1, before = 0, sum = 0;
    for (int n = 0; n < 100; n++) {
        long double next = -2 * h * (x * c + h * before) / (n + 1);
        sum += c / (n + 1);
        before = c;
        c = next;
    }
    return 2 / sqrtl(acosl(-1)) * h * sum;
}

static bool is_short(double x, double h) { return fabs(h) * (2 * fabs(x) + fabs(h)) < 1; }

static double sd_erfcdiff(double x, double h)
{
    long double y = (long double)x + h;
    if (is_short(x, h)) return (double)(expl(-(long double)x * x) * erfc_series(x, h));
    if (x > 0 && y > 0) return (double)(erfcl(x) - erfcl(y));
    return (double)(x < 0 && y < 0 ? erfcl(-y) - erfcl(-x) : erfl(y) - erfl(x));
}

static double sd_logerfcdiff(double x, double h)
{
    double y = x + h;
    if (is_short(x, h)) return (double)(logl(erfc_series(x, h)) - (long double)x * x);
    if (x < 0 && y < 0) return sd_logerfcdiff(-y, h);
    return x < 5 ? log(sd_erfcdiff(x, h))
                 : sd_dlogerfc(0, x) + log1p(-exp(sd_dlogerfc(0, y) - sd_dlogerfc(0, x)));
}

// Both divided by exp(-a^2) of the end a that is nearer to 0
static double sd_erfcdiffend(double x, double h)
{
    long double y = (long double)x + h, a = fabs(x) < fabs((double)y) ? x : y;
    return (double)expl(logl(2 / sqrtl(acosl(-1))) - y * y + a * a - (sd_logerfcdiff(x, h) + a * a));
}

static double sd_erfcdiffshift(double x, double h)
{
    long double y = (long double)x + h;
    return (double)(expl(logl(2 / sqrtl(acosl(-1))) - (long double)x * x - sd_logerfcdiff(x, h)) *
                    expm1l((x - y) * (x + y)));
}

static double sd_erfcdiffstart(double x, double h)
{
    return (double)expl(logl(2 / sqrtl(acosl(-1))) - (long double)x * x - sd_logerfcdiff(x, h));
}

// Binet's sum over k of (x+k+1/2)*log(1+1/(x+k))-1, and its derivatives; far away Stirling's series
static double sd_stirling(double n, double x)
{
    static const double b[] = {1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6};
    long double sum = 0, sign = fmod(n, 2) > 0 ? -1 : 1;
    if (!(x > 0)) return NAN;
    for (long double y = x; x < 30 + n; x += 1, y += 1) {
        if (n > 1)
            sum += sign * (tgammal(n - 1) * (powl(y + 1, 1 - n) - powl(y, 1 - n)) +
                           tgammal(n) / 2 * (powl(y, -n) + powl(y + 1, -n)));
        else sum += n > 0 ? log1pl(1 / y) - (1 / y + 1 / (y + 1)) / 2 : (y + 0.5L) * log1pl(1 / y) - 1;
    }
    for (int k = 1; k <= 7; k++)
        sum += sign * b[k - 1] / (2 * k * (2 * k - 1)) * tgammal(2 * k - 1 + n) / tgammal(2 * k - 1) *
               powl(x, 1 - 2 * k - n);
    return (double)sum;
}

static double sd_stirlingdiff(double n, double x, double h)
{
    return sd_stirling(n, x + h) - sd_stirling(n, x);
}

static double sd_lgammadiff(double n, double x, double h)
{
    if (!(x > 0 && x + h > 0)) return NAN;
    return n > 0 ? sd_polygamma(n - 1, x + h) - sd_polygamma(n - 1, x)
                 : (double)(lgammal((long double)x + h) - lgammal(x));
}

#endif
