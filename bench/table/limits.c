// SPDX-License-Identifier: MIT
// Linear models, products, networks: loops where they are best, CBLAS for products that are large enough.
//
// Compiled with -O3 -march=native -ffast-math, so that sums are reordered and exp and tanh
// are those of the vector library.
#include <cblas.h>
#include <math.h>
#include <string.h>

#include "limits.h"

#define TINY(name, ...)                                                                                      \
    LIMIT(name##_tiny);                                                                                      \
    __attribute__((flatten)) LIMIT(name##_tiny)                                                              \
    {                                                                                                        \
        static const size_t sizes[] = {__VA_ARGS__};                                                         \
        (void)size;                                                                                          \
        name(sizes, in, out, work);                                                                          \
    }
enum { PANEL = 64 }; // rows

static inline double dot(size_t n, const double *x, const double *y)
{
    double s = 0;
    for (size_t i = 0; i < n; i++) s += x[i] * y[i];
    return s;
}

static void mirror(size_t n, double *H) // the lower triangle into the upper one
{
    enum { B = 32 };
    for (size_t ib = 0; ib < n; ib += B)
        for (size_t jb = 0; jb <= ib; jb += B)
            for (size_t i = ib; i < n && i < ib + B; i++)
                for (size_t j = jb; j < i && j < jb + B; j++) H[j * n + i] = H[i * n + j];
}

// out = a*X'*X
static inline void gram(size_t m, size_t n, double a, const double *X, double *restrict out)
{
    if (n > 8) {
        cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, (int)n, (int)m, a, X, (int)n, 0, out, (int)n);
        mirror(n, out);
        return;
    }
    double sum[64] = {0};
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            for (size_t k = 0; k < n; k++) sum[j * n + k] += X[i * n + j] * X[i * n + k];
    for (size_t j = 0; j < n * n; j++) out[j] = a * sum[j];
}

// C = a*op(A)*op(B) + c*C; op(A) is m x k
static inline void product(int ta, int tb, size_t m, size_t n, size_t k, double a, const double *A,
                           size_t lda, const double *B, size_t ldb, double c, double *restrict C, size_t ldc)
{
    if (m * n * k > 2000) {
        cblas_dgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, (int)m,
                    (int)n, (int)k, a, A, (int)lda, B, (int)ldb, c, C, (int)ldc);
        return;
    }
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            double s = 0;
            for (size_t l = 0; l < k; l++)
                s += (ta ? A[l * lda + i] : A[i * lda + l]) * (tb ? B[j * ldb + l] : B[l * ldb + j]);
            C[i * ldc + j] = a * s + (c == 0 ? 0 : c * C[i * ldc + j]);
        }
}

LIMIT(quad_grad) // A, x: (A+A')*x, A is read once
{
    size_t n = size[0], i = 0;
    const double *A = in[0], *x = in[1];
    double *restrict g = out[0], *restrict row = work;
    for (size_t j = 0; j < n; j++) g[j] = 0;
    for (; i + 4 <= n; i += 4) {
        const double *a = A + i * n, *b = a + n, *c = b + n, *d = c + n;
        double s = 0, t = 0, u = 0, v = 0, xa = x[i], xb = x[i + 1], xc = x[i + 2], xd = x[i + 3];
        for (size_t j = 0; j < n; j++) {
            s += a[j] * x[j], t += b[j] * x[j], u += c[j] * x[j], v += d[j] * x[j];
            g[j] += a[j] * xa + b[j] * xb + c[j] * xc + d[j] * xd;
        }
        row[i] = s, row[i + 1] = t, row[i + 2] = u, row[i + 3] = v;
    }
    for (; i < n; i++) {
        row[i] = dot(n, A + i * n, x);
        for (size_t j = 0; j < n; j++) g[j] += A[i * n + j] * x[i];
    }
    for (size_t j = 0; j < n; j++) g[j] += row[j];
}
LIMIT(quad_grad_tiny);
LIMIT(quad_grad_tiny)
{
    const double *A = in[0], *x = in[1];
    double g[5];
    (void)size, (void)work;
#pragma GCC unroll 8
    for (int i = 0; i < 5; i++) {
        g[i] = 0;
#pragma GCC unroll 8
        for (int j = 0; j < 5; j++) g[i] += (A[5 * i + j] + A[5 * j + i]) * x[j];
    }
    for (int i = 0; i < 5; i++) out[0][i] = g[i];
}

LIMIT(quad_hess) // A+A' in blocks
{
    size_t n = size[0];
    const double *A = in[0];
    double *restrict H = out[0];
    enum { B = 16 };
    (void)work;
    for (size_t ib = 0; ib < n; ib += B)
        for (size_t jb = 0; jb < n; jb += B)
            for (size_t i = ib; i < n && i < ib + B; i++)
                for (size_t j = jb; j < n && j < jb + B; j++) H[i * n + j] = A[i * n + j] + A[j * n + i];
}
LIMIT(quad_hess_tiny);
LIMIT(quad_hess_tiny)
{
    const double *A = in[0];
    double H[25];
    (void)size, (void)work;
#pragma GCC unroll 8
    for (int i = 0; i < 5; i++)
#pragma GCC unroll 8
        for (int j = 0; j < 5; j++) H[5 * i + j] = A[5 * i + j] + A[5 * j + i];
    for (int i = 0; i < 25; i++) out[0][i] = H[i];
}

// g += 2*X'*(X*w-y), every row is read once
static inline void squares(size_t m, size_t n, const double *X, const double *w, const double *y,
                           double *restrict g)
{
    size_t i = 0;
    for (; i + 4 <= m; i += 4) {
        const double *a = X + i * n, *b = a + n, *c = b + n, *d = c + n;
        double s = 0, t = 0, u = 0, v = 0;
        for (size_t j = 0; j < n; j++) s += a[j] * w[j], t += b[j] * w[j], u += c[j] * w[j], v += d[j] * w[j];
        s = 2 * (s - y[i]), t = 2 * (t - y[i + 1]), u = 2 * (u - y[i + 2]), v = 2 * (v - y[i + 3]);
        for (size_t j = 0; j < n; j++) g[j] += s * a[j] + t * b[j] + u * c[j] + v * d[j];
    }
    for (; i < m; i++) {
        double s = 2 * (dot(n, X + i * n, w) - y[i]);
        for (size_t j = 0; j < n; j++) g[j] += s * X[i * n + j];
    }
}

LIMIT(ols_grad) // X, w, y
{
    (void)work;
    for (size_t j = 0; j < size[1]; j++) out[0][j] = 0;
    squares(size[0], size[1], in[0], in[1], in[2], out[0]);
}
LIMIT(ridge_grad) // X, w, y, l
{
    (void)work;
    for (size_t j = 0; j < size[1]; j++) out[0][j] = 2 * *in[3] * in[1][j];
    squares(size[0], size[1], in[0], in[1], in[2], out[0]);
}
LIMIT(ols_hess) { (void)work, gram(size[0], size[1], 2, in[0], out[0]); }
TINY(ols_grad, 20, 5)
TINY(ridge_grad, 20, 5)
TINY(ols_hess, 20, 5)

LIMIT(logreg_grad) // X, w, y
{
    size_t m = size[0], n = size[1];
    const double *X = in[0], *w = in[1], *y = in[2];
    double *restrict g = out[0], z[PANEL];
    (void)work;
    for (size_t j = 0; j < n; j++) g[j] = 0;
    for (size_t from = 0; from < m; from += PANEL) {
        size_t k = m - from < PANEL ? m - from : PANEL, i = 0;
        const double *P = X + from * n;
        for (; i + 4 <= k; i += 4) {
            const double *a = P + i * n, *b = a + n, *c = b + n, *d = c + n;
            double s = 0, t = 0, u = 0, v = 0;
            for (size_t j = 0; j < n; j++)
                s += a[j] * w[j], t += b[j] * w[j], u += c[j] * w[j], v += d[j] * w[j];
            z[i] = s, z[i + 1] = t, z[i + 2] = u, z[i + 3] = v;
        }
        for (; i < k; i++) z[i] = dot(n, P + i * n, w);
        for (i = 0; i < k; i++) z[i] = -y[from + i] / (1 + exp(y[from + i] * z[i]));
        for (i = 0; i + 4 <= k; i += 4) {
            const double *a = P + i * n, *b = a + n, *c = b + n, *d = c + n;
            for (size_t j = 0; j < n; j++)
                g[j] += z[i] * a[j] + z[i + 1] * b[j] + z[i + 2] * c[j] + z[i + 3] * d[j];
        }
        for (; i < k; i++)
            for (size_t j = 0; j < n; j++) g[j] += z[i] * P[i * n + j];
    }
}
TINY(logreg_grad, 20, 5)

LIMIT(logreg_hess) // X'*diag(s.*(1-s))*X as one product of a scaled copy
{
    size_t m = size[0], n = size[1];
    double *restrict z = work, *restrict S = work + m;
    for (size_t i = 0; i < m; i++) z[i] = dot(n, in[0] + i * n, in[1]);
    for (size_t i = 0; i < m; i++) {
        double e = exp(-fabs(z[i]));
        z[i] = sqrt(e) / (1 + e);
    }
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) S[i * n + j] = z[i] * in[0][i * n + j];
    gram(m, n, 1, S, out[0]);
}
TINY(logreg_hess, 20, 5)

LIMIT(mf_grad) // T, U, V: 2*(U*V'-T)*V in panels of rows
{
    size_t m = size[0], n = size[1], k = size[2], rows = 65536 / n;
    rows = rows < 8 ? 8 : rows > m ? m : rows;
    double *restrict R = work;
    for (size_t i = 0; i < m; i += rows) {
        size_t p = m - i < rows ? m - i : rows;
        memcpy(R, in[0] + i * n, p * n * sizeof *R);
        product(0, 1, p, n, k, 1, in[1] + i * k, k, in[2], k, -1, R, n);
        product(0, 0, p, k, n, 2, R, n, in[2], k, 0, out[0] + i * k, k);
    }
}
LIMIT(mf_hess) { (void)work, gram(size[1], size[2], 2, in[2], out[0]); } // the core: 2*V'*V
TINY(mf_grad, 10, 8, 3)
TINY(mf_hess, 10, 8, 3)

LIMIT(softmax_grad) // X, W, Y: X'*(softmax(X*W)-Y)
{
    size_t m = size[0], n = size[1], k = size[2], rows = 256;
    double *restrict Z = work;
    for (size_t i = 0; i < m; i += rows) {
        size_t p = m - i < rows ? m - i : rows;
        product(0, 0, p, k, n, 1, in[0] + i * n, n, in[1], k, 0, Z, k);
        for (size_t r = 0; r < p; r++) {
            double *restrict z = Z + r * k, most = z[0];
            for (size_t c = 1; c < k; c++) most = z[c] > most ? z[c] : most;
            for (size_t c = 0; c < k; c++) z[c] -= most;
        }
        for (size_t c = 0; c < p * k; c++) Z[c] = exp(Z[c]);
        for (size_t r = 0; r < p; r++) {
            double *restrict z = Z + r * k, s = 0;
            for (size_t c = 0; c < k; c++) s += z[c];
            for (size_t c = 0; c < k; c++) z[c] = z[c] / s - in[2][(i + r) * k + c];
        }
        product(1, 0, n, k, p, 1, in[0] + i * n, n, Z, k, i ? 1 : 0, out[0], k);
    }
}
TINY(softmax_grad, 20, 5, 3)

LIMIT(lse_hess) // A, x: A'*(diag(p)-p*p')*A
{
    size_t m = size[0], n = size[1];
    const double *A = in[0];
    double *restrict p = work, *restrict g = work + m, *restrict S = g + n, *restrict H = out[0], most,
                     sum = 0;
    for (size_t i = 0; i < m; i++) p[i] = dot(n, A + i * n, in[1]);
    most = p[0];
    for (size_t i = 1; i < m; i++) most = p[i] > most ? p[i] : most;
    for (size_t i = 0; i < m; i++) p[i] = exp(p[i] - most), sum += p[i];
    for (size_t j = 0; j < n; j++) g[j] = 0;
    for (size_t i = 0; i < m; i++) {
        double q = p[i] / sum, root = sqrt(q);
        for (size_t j = 0; j < n; j++) g[j] += q * A[i * n + j], S[i * n + j] = root * A[i * n + j];
    }
    gram(m, n, 1, S, H);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) H[i * n + j] -= g[i] * g[j];
}
TINY(lse_hess, 10, 5)

LIMIT(mlp_grad) // X (d,m), Y (o,m), W1 (h,d), b1, W2 (h,h), b2, W3 (o,h), b3; sizes d, h, o, m
{
    size_t d = size[0], h = size[1], o = size[2], m = size[3], k = h * m;
    const double *X = in[0], *Y = in[1], *W1 = in[2], *b1 = in[3], *W2 = in[4], *b2 = in[5], *W3 = in[6],
                 *b3 = in[7];
    double *restrict H1 = work, *restrict T2 = H1 + k, *restrict H2 = T2 + k, *restrict D1 = H2 + k,
                     *restrict D2 = D1 + k, *restrict E = D2 + k;
    for (size_t i = 0; i < h; i++)
        for (size_t j = 0; j < m; j++) H1[i * m + j] = b1[i], T2[i * m + j] = b2[i];
    product(0, 0, h, m, d, 1, W1, d, X, m, 1, H1, m);
    for (size_t i = 0; i < k; i++) H1[i] = tanh(H1[i]);
    product(0, 0, h, m, h, 1, W2, h, H1, m, 1, T2, m);
    for (size_t i = 0; i < k; i++) T2[i] = tanh(T2[i]), H2[i] = T2[i] + H1[i];
    for (size_t i = 0; i < o; i++)
        for (size_t j = 0; j < m; j++) E[i * m + j] = b3[i] - Y[i * m + j];
    product(0, 0, o, m, h, 1, W3, h, H2, m, 1, E, m);
    product(0, 1, o, h, m, 1, E, m, H2, m, 0, out[4], h);
    product(1, 0, h, m, o, 1, W3, h, E, m, 0, D1, m);
    for (size_t i = 0; i < k; i++) D2[i] = D1[i] * (1 - T2[i] * T2[i]);
    product(0, 1, h, h, m, 1, D2, m, H1, m, 0, out[2], h);
    product(1, 0, h, m, h, 1, W2, h, D2, m, 1, D1, m);
    for (size_t i = 0; i < k; i++) D1[i] *= 1 - H1[i] * H1[i];
    product(0, 1, h, d, m, 1, D1, m, X, m, 0, out[0], d);
    for (size_t i = 0; i < h; i++) {
        double s = 0, t = 0;
        for (size_t j = 0; j < m; j++) s += D1[i * m + j], t += D2[i * m + j];
        out[1][i] = s, out[3][i] = t;
    }
    for (size_t i = 0; i < o; i++) {
        double s = 0;
        for (size_t j = 0; j < m; j++) s += E[i * m + j];
        out[5][i] = s;
    }
}
TINY(mlp_grad, 3, 4, 2, 1)

LIMIT(nn_hess) // v, W1 (h,n), W2 (h,h), x; sizes n, h
{
    size_t n = size[0], h = size[1];
    const double *v = in[0], *W1 = in[1], *W2 = in[2];
    double *restrict a = work, *restrict t = a + h, *restrict c = t + h, *restrict D = c + h,
                     *restrict M = D + h * n;
    for (size_t i = 0; i < h; i++) a[i] = dot(n, W1 + i * n, in[3]);
    for (size_t i = 0; i < h; i++) a[i] = tanh(a[i]), c[i] = 0;
    for (size_t i = 0; i < h; i++) t[i] = dot(h, W2 + i * h, a);
    for (size_t i = 0; i < h; i++) t[i] = tanh(t[i]);
    for (size_t i = 0; i < h; i++) {
        double q = v[i] * (1 - t[i] * t[i]);
        for (size_t j = 0; j < h; j++) c[j] += W2[i * h + j] * q;
        t[i] *= -2 * q;
    }
    for (size_t i = 0; i < h; i++) {
        double s = 1 - a[i] * a[i];
        c[i] *= -2 * a[i] * s;
        for (size_t j = 0; j < n; j++) D[i * n + j] = s * W1[i * n + j];
    }
    product(0, 0, h, n, h, 1, W2, h, D, n, 0, M, n);
    for (size_t i = 0; i < h; i++)
        for (size_t j = 0; j < n; j++) D[i * n + j] = t[i] * M[i * n + j];
    product(1, 0, n, n, h, 1, M, n, D, n, 0, out[0], n);
    for (size_t i = 0; i < h; i++)
        for (size_t j = 0; j < n; j++) D[i * n + j] = c[i] * W1[i * n + j];
    product(1, 0, n, n, h, 1, W1, n, D, n, 1, out[0], n);
}
TINY(nn_hess, 5, 5)
