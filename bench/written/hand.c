// SPDX-License-Identifier: MIT
// Values and derivatives as somebody writes them by hand who knows the formulas and the machine: row-major
// loops with unit stride, nothing computed twice, largest entries subtracted before exp. What written.sh
// measures emitted code against.
#include <math.h>

#include "hand.h"

static double dot(size_t n, const double *x, const double *y)
{
    double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        s0 += x[i] * y[i];
        s1 += x[i + 1] * y[i + 1];
        s2 += x[i + 2] * y[i + 2];
        s3 += x[i + 3] * y[i + 3];
    }
    for (; i < n; i++) s0 += x[i] * y[i];
    return (s0 + s1) + (s2 + s3);
}

static void axpy(size_t n, double a, const double *restrict x, double *restrict y)
{
    for (size_t i = 0; i < n; i++) y[i] += a * x[i];
}

static void clear(size_t n, double *x)
{
    for (size_t i = 0; i < n; i++) x[i] = 0;
}

// x'*A*x, (A+A')*x in one pass over A
void hand_quad(size_t n, const double *A, const double *x, double *value, double *g)
{
    clear(n, g);
    *value = 0;
    for (size_t i = 0; i < n; i++) {
        double row = dot(n, A + i * n, x);
        axpy(n, x[i], A + i * n, g);
        *value += x[i] * row;
        g[i] += row;
    }
}

// norm(X*w-y)^2, 2*X'*(X*w-y) in one pass over X
void hand_ols(size_t m, size_t n, const double *X, const double *w, const double *y, double *value, double *g)
{
    clear(n, g);
    *value = 0;
    for (size_t i = 0; i < m; i++) {
        double e = dot(n, X + i * n, w) - y[i];
        *value += e * e;
        axpy(n, 2 * e, X + i * n, g);
    }
}

// sum(log(1+exp(-y.*(X*w)))) and its gradient; one exp serves both
void hand_logreg(size_t m, size_t n, const double *y, const double *X, const double *w, double *value,
                 double *g)
{
    clear(n, g);
    *value = 0;
    for (size_t i = 0; i < m; i++) {
        double z = -y[i] * dot(n, X + i * n, w), t = exp(-fabs(z));
        *value += (z > 0 ? z : 0) + log1p(t);
        axpy(n, -y[i] * (z > 0 ? 1 : t) / (1 + t), X + i * n, g);
    }
}

// sum(logsumexp(X*W,2))-sum(Y.*(X*W)), X'*(P-Y); row: k doubles
void hand_crossent(size_t m, size_t n, size_t k, const double *X, const double *W, const double *Y,
                   double *value, double *G, double *row)
{
    clear(n * k, G);
    *value = 0;
    for (size_t i = 0; i < m; i++) {
        double most = -HUGE_VAL, sum = 0, own;
        clear(k, row);
        for (size_t j = 0; j < n; j++) axpy(k, X[i * n + j], W + j * k, row);
        own = dot(k, Y + i * k, row);
        for (size_t l = 0; l < k; l++) most = row[l] > most ? row[l] : most;
        for (size_t l = 0; l < k; l++) sum += row[l] = exp(row[l] - most);
        *value += most + log(sum) - own;
        for (size_t l = 0; l < k; l++) row[l] = row[l] / sum - Y[i * k + l];
        for (size_t j = 0; j < n; j++) axpy(k, X[i * n + j], row, G + j * k);
    }
}

// norm(T-U*V')^2, 2*(U*V'-T)*V; the residual is never stored
void hand_mf(size_t m, size_t n, size_t p, const double *T, const double *U, const double *V, double *value,
             double *G)
{
    clear(m * p, G);
    *value = 0;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            double e = dot(p, U + i * p, V + j * p) - T[i * n + j];
            *value += e * e;
            axpy(p, 2 * e, V + j * p, G + i * p);
        }
}

// norm(W2*tanh(W1*x+b)-y)^2 and its gradients by W1, b and W2; work: 2*h+o doubles
void hand_mlp(size_t h, size_t d, size_t o, const double *W1, const double *W2, const double *x,
              const double *b, const double *y, double *value, double *dW1, double *db, double *dW2,
              double *work)
{
    double *t = work, *back = t + h, *e = back + h;
    for (size_t i = 0; i < h; i++) t[i] = tanh(dot(d, W1 + i * d, x) + b[i]);
    *value = 0;
    clear(h, back);
    for (size_t i = 0; i < o; i++) {
        e[i] = dot(h, W2 + i * h, t) - y[i];
        *value += e[i] * e[i];
        for (size_t j = 0; j < h; j++) dW2[i * h + j] = 2 * e[i] * t[j];
        axpy(h, 2 * e[i], W2 + i * h, back);
    }
    for (size_t i = 0; i < h; i++) {
        db[i] = back[i] * (1 - t[i] * t[i]);
        for (size_t j = 0; j < d; j++) dW1[i * d + j] = db[i] * x[j];
    }
}

// Rosenbrock's function and its gradient
void hand_rosen(size_t n, const double *x, double *value, double *g)
{
    double s = 0;
    clear(n, g);
    for (size_t i = 0; i + 1 < n; i++) {
        double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
        s += 100 * a * a + b * b;
        g[i] -= 400 * a * x[i] + 2 * b;
        g[i + 1] += 200 * a;
    }
    *value = s;
}

// log(sum(exp(A*x))), A'*(diag(p)-p*p')*A, one half computed and mirrored; work: m+n doubles
void hand_lse(size_t m, size_t n, const double *A, const double *x, double *value, double *H, double *work)
{
    double *p = work, *mean = p + m, most = -HUGE_VAL, sum = 0;
    for (size_t i = 0; i < m; i++) {
        p[i] = dot(n, A + i * n, x);
        most = p[i] > most ? p[i] : most;
    }
    for (size_t i = 0; i < m; i++) sum += p[i] = exp(p[i] - most);
    *value = most + log(sum);
    clear(n, mean);
    clear(n * n, H);
    for (size_t i = 0; i < m; i++) {
        p[i] /= sum;
        axpy(n, p[i], A + i * n, mean);
        for (size_t j = 0; j < n; j++) axpy(j + 1, p[i] * A[i * n + j], A + i * n, H + j * n);
    }
    for (size_t j = 0; j < n; j++)
        for (size_t k = 0; k <= j; k++) H[k * n + j] = H[j * n + k] -= mean[j] * mean[k];
}

// Lower half of H += s*x*x'
static void outer(size_t n, double s, const double *x, double *H)
{
    for (size_t j = 0; j < n; j++) axpy(j + 1, s * x[j], x, H + j * n);
}

static void mirror(size_t n, double *H)
{
    for (size_t j = 0; j < n; j++)
        for (size_t k = 0; k < j; k++) H[k * n + j] = H[j * n + k];
}

// norm(X*w-y)^2, 2*X'*X
void hand_ols_hessian(size_t m, size_t n, const double *X, const double *w, const double *y, double *value,
                      double *H)
{
    clear(n * n, H);
    *value = 0;
    for (size_t i = 0; i < m; i++) {
        double e = dot(n, X + i * n, w) - y[i];
        *value += e * e;
        outer(n, 2, X + i * n, H);
    }
    mirror(n, H);
}

// sum(log(1+exp(-y.*(X*w)))), X'*diag(s)*X
void hand_logreg_hessian(size_t m, size_t n, const double *y, const double *X, const double *w, double *value,
                         double *H)
{
    clear(n * n, H);
    *value = 0;
    for (size_t i = 0; i < m; i++) {
        double z = -y[i] * dot(n, X + i * n, w), t = exp(-fabs(z));
        *value += (z > 0 ? z : 0) + log1p(t);
        outer(n, y[i] * y[i] * t / ((1 + t) * (1 + t)), X + i * n, H);
    }
    mirror(n, H);
}

// C += A*B, rows of B in the innermost loop
static void multiply(size_t m, size_t k, size_t n, const double *A, const double *B, double *C)
{
    for (size_t i = 0; i < m; i++)
        for (size_t p = 0; p < k; p++) axpy(n, A[i * k + p], B + p * n, C + i * n);
}

// norm(W2*tanh(W1*X)-Y)^2 of m columns and its gradients by W1 and W2; work: (2*h+o)*m doubles
void hand_network(size_t h, size_t d, size_t o, size_t m, const double *W1, const double *W2, const double *X,
                  const double *Y, double *value, double *dW1, double *dW2, double *work)
{
    double *T = work, *back = T + h * m, *E = back + h * m;
    clear((2 * h + o) * m, work);
    *value = 0;
    multiply(h, d, m, W1, X, T);
    for (size_t i = 0; i < h * m; i++) T[i] = tanh(T[i]);
    multiply(o, h, m, W2, T, E);
    for (size_t i = 0; i < o * m; i++) E[i] -= Y[i], *value += E[i] * E[i];
    for (size_t i = 0; i < o; i++)
        for (size_t j = 0; j < h; j++) {
            dW2[i * h + j] = 2 * dot(m, E + i * m, T + j * m);
            axpy(m, 2 * W2[i * h + j], E + i * m, back + j * m);
        }
    for (size_t i = 0; i < h * m; i++) back[i] *= 1 - T[i] * T[i];
    for (size_t i = 0; i < h; i++)
        for (size_t j = 0; j < d; j++) dW1[i * d + j] = dot(m, back + i * m, X + j * m);
}
