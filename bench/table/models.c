// SPDX-License-Identifier: MIT
// Determinants, Gaussian processes and mixtures, cameras, chains: the rest of limits.h. LAPACK reads
// row-major arrays transposed.
#include <cblas.h>
#include <lapacke.h>
#include <math.h>

#include "limits.h"

enum { SAMPLES = 64 }; // of a mixture, computed side by side

static void mirror(size_t n, double *H) // LAPACK's upper triangle, which is the lower one of rows
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) H[j * n + i] = H[i * n + j];
}

static void copy(size_t n, double *restrict to, const double *restrict from)
{
    for (size_t i = 0; i < n; i++) to[i] = from[i];
}

LIMIT(logdet_grad) // inv(A)'
{
    size_t n = size[0];
    lapack_int pivot[1000];
    copy(n * n, work, in[0]);
    LAPACKE_dgetrf(LAPACK_COL_MAJOR, (int)n, (int)n, work, (int)n, pivot);
    LAPACKE_dgetri(LAPACK_COL_MAJOR, (int)n, work, (int)n, pivot);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) out[0][i * n + j] = work[j * n + i];
}
LIMIT(logdet_grad_tiny);
LIMIT(logdet_grad_tiny)
{
    const double *a = in[0];
    double c0 = a[4] * a[8] - a[5] * a[7], c1 = a[5] * a[6] - a[3] * a[8], c2 = a[3] * a[7] - a[4] * a[6];
    double s = 1 / (a[0] * c0 + a[1] * c1 + a[2] * c2), *g = out[0];
    (void)size, (void)work;
    g[0] = s * c0, g[1] = s * c1, g[2] = s * c2;
    g[3] = s * (a[2] * a[7] - a[1] * a[8]), g[4] = s * (a[0] * a[8] - a[2] * a[6]),
    g[5] = s * (a[1] * a[6] - a[0] * a[7]);
    g[6] = s * (a[1] * a[5] - a[2] * a[4]), g[7] = s * (a[2] * a[3] - a[0] * a[5]),
    g[8] = s * (a[0] * a[4] - a[1] * a[3]);
}
LIMIT(logdet_spd_grad)
{
    size_t n = size[0];
    (void)work;
    copy(n * n, out[0], in[0]);
    LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', (int)n, out[0], (int)n);
    LAPACKE_dpotri(LAPACK_COL_MAJOR, 'U', (int)n, out[0], (int)n);
    mirror(n, out[0]);
}

LIMIT(gp_grad) // l, sf, sn, D, y: value and derivatives of 0.5*y'*inv(K)*y+0.5*log(det(K))
{
    size_t n = size[0];
    double l = *in[0], sf = *in[1],
           sn = *in[2], *restrict K = work, *restrict E = K + n * n, *restrict a = E + n * n, f = 0,
           sums[2] = {0};
    const double *D = in[3], *y = in[4];
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) E[i * n + j] = exp(D[i * n + j] * (-0.5 / (l * l)));
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) K[i * n + j] = sf * sf * E[i * n + j];
        K[i * n + i] += sn * sn;
        a[i] = y[i];
    }
    LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', (int)n, K, (int)n);
    LAPACKE_dpotrs(LAPACK_COL_MAJOR, 'U', (int)n, 1, K, (int)n, a, (int)n);
    for (size_t i = 0; i < n; i++) f += 0.5 * y[i] * a[i] + log(K[i * n + i]);
    LAPACKE_dpotri(LAPACK_COL_MAJOR, 'U', (int)n, K, (int)n);
    double trace = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            double t = 2 * (K[i * n + j] - a[i] * a[j]) * E[i * n + j];
            sums[0] += t * D[i * n + j], sums[1] += t;
        }
        double t = K[i * n + i] - a[i] * a[i];
        trace += t, sums[1] += t * E[i * n + i];
    }
    *out[0] = f;
    *out[1] = 0.5 * sf * sf * sums[0] / (l * l * l);
    *out[2] = sf * sums[1];
    *out[3] = sn * trace;
}

// Computes y = L*(x-mu) and the exponent of component k at SAMPLES samples.
static void exponents(size_t d, size_t K, size_t k, const double *q, const double *P, double shift,
                      const double *restrict x, double *restrict y, double *restrict s)
{
    for (int i = 0; i < SAMPLES; i++) s[i] = shift;
    for (size_t a = 0; a < d; a++) {
        double sum[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) sum[i] = q[a] * x[a * SAMPLES + i];
        for (size_t b = 0; b < a; b++) {
            double v = P[(a + d * b) * K + k];
            for (int i = 0; i < SAMPLES; i++) sum[i] += v * x[b * SAMPLES + i];
        }
        for (int i = 0; i < SAMPLES; i++) y[a * SAMPLES + i] = sum[i], s[i] -= 0.5 * sum[i] * sum[i];
    }
}

// Adds the terms of these samples, with weights w, to the gradients of component k.
static void add_component(size_t d, size_t K, size_t k, const double *q, const double *P,
                          const double *restrict x, double *restrict y, const double *w, double *const *out)
{
    double total = 0;
    for (int i = 0; i < SAMPLES; i++) total += w[i];
    out[1][k] += total;
    for (size_t a = 0; a < d; a++) {
        double sum = 0, all = 0;
        for (int i = 0; i < SAMPLES; i++) y[a * SAMPLES + i] *= w[i];
        for (int i = 0; i < SAMPLES; i++)
            sum += y[a * SAMPLES + i] * x[a * SAMPLES + i], all += y[a * SAMPLES + i];
        out[2][a * K + k] += total - q[a] * sum;
        out[3][a * K + k] += q[a] * all;
        for (size_t b = 0; b < a; b++) {
            double s = 0;
            for (int i = 0; i < SAMPLES; i++) s += y[a * SAMPLES + i] * x[b * SAMPLES + i];
            out[4][(a + d * b) * K + k] -= s;
            out[3][b * K + k] += P[(a + d * b) * K + k] * all;
        }
    }
}

// The shares of the components; the sum of the logarithms
static double weigh(size_t K, size_t used, double *restrict s)
{
    double most[SAMPLES], sum[SAMPLES] = {0}, f = 0;
    for (int i = 0; i < SAMPLES; i++) most[i] = s[i];
    for (size_t k = 1; k < K; k++)
        for (int i = 0; i < SAMPLES; i++)
            most[i] = s[k * SAMPLES + i] > most[i] ? s[k * SAMPLES + i] : most[i];
    for (size_t k = 0; k < K; k++)
        for (int i = 0; i < SAMPLES; i++) sum[i] += s[k * SAMPLES + i] = exp(s[k * SAMPLES + i] - most[i]);
    for (size_t i = 0; i < used; i++) f += most[i] + log(sum[i]);
    for (size_t i = 0; i < SAMPLES; i++) sum[i] = i < used ? 1 / sum[i] : 0;
    for (size_t k = 0; k < K; k++)
        for (int i = 0; i < SAMPLES; i++) s[k * SAMPLES + i] *= sum[i];
    return f;
}

LIMIT(gmm_grad) // al, q (d,K), mu (d,K), P (d*d,K), x (d,n), ga, wm; sizes d, K, n
{
    size_t d = size[0], K = size[1], n = size[2];
    const double *al = in[0], *q = in[1], *mu = in[2], *P = in[3], *x = in[4];
    double ga = *in[5], wm = *in[6], f = 0, most = al[0], sum = 0;
    double *restrict eq = work, *restrict shift = eq + K * d, *restrict y = shift + K,
                     *restrict z = y + K * d * SAMPLES, *restrict s = z + K * d * SAMPLES;
    for (size_t k = 0; k < K; k++) {
        shift[k] = al[k];
        out[1][k] = 0;
        most = al[k] > most ? al[k] : most;
        for (size_t a = 0; a < d; a++) {
            double e = exp(q[a * K + k]);
            eq[k * d + a] = e, shift[k] += q[a * K + k];
            f += 0.5 * ga * ga * e * e - wm * q[a * K + k];
            out[2][a * K + k] = ga * ga * e * e - wm, out[3][a * K + k] = 0;
        }
    }
    for (size_t i = 0; i < d * d * K; i++) f += 0.5 * ga * ga * P[i] * P[i], out[4][i] = ga * ga * P[i];
    for (size_t from = 0; from < n; from += SAMPLES) {
        size_t used = n - from < SAMPLES ? n - from : SAMPLES;
        for (size_t k = 0; k < K; k++) {
            double *restrict zk = z + k * d * SAMPLES;
            for (size_t a = 0; a < d; a++)
                for (size_t i = 0; i < SAMPLES; i++)
                    zk[a * SAMPLES + i] = i < used ? x[a * n + from + i] - mu[a * K + k] : 0;
            exponents(d, K, k, eq + k * d, P, shift[k], zk, y + k * d * SAMPLES, s + k * SAMPLES);
        }
        f += weigh(K, used, s);
        for (size_t k = 0; k < K; k++)
            add_component(d, K, k, eq + k * d, P, z + k * d * SAMPLES, y + k * d * SAMPLES, s + k * SAMPLES,
                          out);
    }
    for (size_t k = 0; k < K; k++) sum += exp(al[k] - most);
    for (size_t k = 0; k < K; k++) out[1][k] -= (double)n * exp(al[k] - most) / sum;
    *out[0] = f - (double)n * (most + log(sum));
}

// y = R(r)*v by Rodrigues' formula, and the columns of dy/dr
static inline void rotate(const double *r, const double *v, double *restrict y, double (*restrict by)[3],
                          double *restrict R)
{
    double qq = r[0] * r[0] + r[1] * r[1] + r[2] * r[2], th = sqrt(qq), c, A, B, dA, dB;
    if (qq > 1e-12) {
        double inverse = 1 / qq;
        c = cos(th), A = sin(th) / th, B = (1 - c) * inverse, dA = (c - A) * inverse,
        dB = (A - 2 * B) * inverse;
    } else {
        c = 1 - 0.5 * qq, A = 1 - qq / 6, B = 0.5 - qq / 24, dA = -1. / 3, dB = -1. / 12;
    }
    double x[3] = {r[1] * v[2] - r[2] * v[1], r[2] * v[0] - r[0] * v[2], r[0] * v[1] - r[1] * v[0]},
           s = r[0] * v[0] + r[1] * v[1] + r[2] * v[2];
    const double E[3][3] = {{0, -v[2], v[1]}, {v[2], 0, -v[0]}, {-v[1], v[0], 0}},
                 S[9] = {0, -r[2], r[1], r[2], 0, -r[0], -r[1], r[0], 0}; // e_j x v
    for (int i = 0; i < 3; i++) y[i] = c * v[i] + A * x[i] + B * s * r[i];
    for (int j = 0; j < 3; j++)
        for (int i = 0; i < 3; i++)
            by[j][i] = r[j] * (-A * v[i] + dA * x[i] + dB * s * r[i]) + A * E[j][i] + (i == j ? B * s : 0) +
                       B * v[j] * r[i];
    for (int i = 0; i < 9; i++) R[i] = A * S[i] + B * r[i / 3] * r[i % 3] + (i % 4 ? 0 : c);
}

LIMIT(ba_jac) // r, C, f, x0, k, X, w, ft: the value, then the Jacobian by each of the first seven
{
    const double *k = in[4], *ft = in[7], f = *in[2], w = *in[6],
                 v[3] = {in[5][0] - in[1][0], in[5][1] - in[1][1], in[5][2] - in[1][2]};
    double y[3], by[3][3], R[9];
    (void)size, (void)work;
    rotate(in[0], v, y, by, R);
    double z = 1 / y[2], a = y[0] * z, b = y[1] * z, q = a * a + b * b, L = 1 + k[0] * q + k[1] * q * q,
           L1 = 2 * (k[0] + 2 * k[1] * q);
    double aa = w * f * (L + a * a * L1) * z, ab = w * f * a * b * L1 * z, bb = w * f * (L + b * b * L1) * z;
    const double P[2][3] = {{aa, ab, -(aa * a + ab * b)}, {ab, bb, -(ab * a + bb * b)}}, p[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        double u = f * p[i] * L + in[3][i] - ft[i];
        out[0][i] = w * u;
        for (int j = 0; j < 3; j++) {
            double s = P[i][0] * R[j] + P[i][1] * R[3 + j] + P[i][2] * R[6 + j];
            out[1][3 * i + j] = P[i][0] * by[j][0] + P[i][1] * by[j][1] + P[i][2] * by[j][2];
            out[2][3 * i + j] = -s, out[6][3 * i + j] = s;
        }
        out[3][i] = w * p[i] * L;
        out[4][3 * i] = w;
        out[5][2 * i] = w * f * p[i] * q, out[5][2 * i + 1] = w * f * p[i] * q * q;
        out[7][i] = u;
    }
    out[4][1] = out[4][2] = 0;
}

LIMIT(rosen_grad)
{
    size_t n = size[0];
    const double *x = in[0];
    double *restrict g = out[0];
    (void)work;
    g[0] = -400 * x[0] * (x[1] - x[0] * x[0]) - 2 * (1 - x[0]);
    for (size_t i = 1; i < n - 1; i++)
        g[i] = 200 * (x[i] - x[i - 1] * x[i - 1]) - 400 * x[i] * (x[i + 1] - x[i] * x[i]) - 2 * (1 - x[i]);
    g[n - 1] = 200 * (x[n - 1] - x[n - 2] * x[n - 2]);
}
LIMIT(rosen_hvp) // x, v
{
    size_t n = size[0];
    const double *x = in[0], *v = in[1];
    double *restrict g = out[0];
    (void)work;
    g[0] = (1200 * x[0] * x[0] - 400 * x[1] + 2) * v[0] - 400 * x[0] * v[1];
    for (size_t i = 1; i < n - 1; i++)
        g[i] = (1200 * x[i] * x[i] - 400 * x[i + 1] + 202) * v[i] -
               400 * (x[i] * v[i + 1] + x[i - 1] * v[i - 1]);
    g[n - 1] = 200 * v[n - 1] - 400 * x[n - 2] * v[n - 2];
}

#define TINY(name, ...)                                                                                      \
    LIMIT(name##_tiny);                                                                                      \
    __attribute__((flatten)) LIMIT(name##_tiny)                                                              \
    {                                                                                                        \
        static const size_t sizes[] = {__VA_ARGS__};                                                         \
        (void)size;                                                                                          \
        name(sizes, in, out, work);                                                                          \
    }
TINY(rosen_grad, 10)
TINY(rosen_hvp, 10)

LIMIT(gn6) // r, p, t, z, S (3,3): [J'*S*J, J'*S*y], 6 x 7
{
    double y[3], J[6][3] = {{0}}, SJ[7][3], R[9];
    const double *S = in[4];
    (void)size, (void)work;
    rotate(in[0], in[1], y, J, R);
    for (int i = 0; i < 3; i++) y[i] += in[2][i] - in[3][i], J[3 + i][i] = 1;
    for (int i = 0; i < 7; i++) {
        const double *c = i < 6 ? J[i] : y;
        for (int j = 0; j < 3; j++) SJ[i][j] = S[3 * j] * c[0] + S[3 * j + 1] * c[1] + S[3 * j + 2] * c[2];
    }
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 7; j++)
            out[0][7 * i + j] = J[i][0] * SJ[j][0] + J[i][1] * SJ[j][1] + J[i][2] * SJ[j][2];
}

LIMIT(cong6) // X'*M*X
{
    double T[36], O[36];
    (void)size, (void)work;
    for (int i = 0; i < 6; i++) {
        double t[6] = {0};
        for (int k = 0; k < 6; k++)
            for (int j = 0; j < 6; j++) t[j] += in[1][6 * i + k] * in[0][6 * k + j];
        for (int j = 0; j < 6; j++) T[6 * i + j] = t[j];
    }
    for (int i = 0; i < 6; i++) {
        double t[6] = {0};
        for (int k = 0; k < 6; k++)
            for (int j = 0; j < 6; j++) t[j] += in[0][6 * k + i] * T[6 * k + j];
        for (int j = 0; j < 6; j++) O[6 * i + j] = t[j];
    }
    for (int i = 0; i < 36; i++) out[0][i] = O[i];
}
