// SPDX-License-Identifier: MIT
// The reference evaluator's matrix functions, by other methods than the kernels of
// codegen/kernels/kernels.def:
//
//   eigenvalues       Jacobi's method that removes the largest entry first, with products of rotations
//   singular values   eigenvalues of [0, X; X', 0]: they are +-s_k with eigenvectors [u_k; +-v_k]/sqrt(2)
//   expm              Taylor series of A/2^s, squared
//   sqrtm             the iteration of Denman and Beavers: Y <- (Y + inv(Z))/2, Z <- (Z + inv(Y))/2
//   logm              square roots, then the series of log(1+Y)
//   chol              row by row from the definition
//   sylvester         the inverse of the Kronecker sum, columns one below the other
//   powm              the bits of the exponent from the highest one; eigenvalues where it is no integer
#include <math.h>
#include <string.h>

#include "runtime/reference/interpret.h"

typedef struct {
    sdp_base *b;
    size_t n;
    double *value, *vector;
} spectrum; // eigenvectors are columns

// The argument of a node, a matrix of m x n; the work is counted as `each` times the cube of m + n.
typedef struct {
    sdp_base *b;
    size_t m, n;
    const double *a;
} operand;

static operand first(sdp_machine *w, const sdp_node *node, size_t each)
{
    const sdp_node *x = sdp_get(w->g, node->arg[0]);
    operand a = {&w->g->base, (size_t)sdp_size_at(w->g, x->dim[0], w->size),
                 (size_t)sdp_size_at(w->g, x->dim[1], w->size), w->value[node->arg[0]]};
    size_t t = a.m + a.n;
    sdp_charge(w, each * t * t * t);
    return a;
}

static double *room(sdp_base *b, size_t n) { return sdp_scratch(b, (n * n + 1) * sizeof(double)); }

static void product(size_t n, const double *a, const double *x, double *out)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t k = 0; k < n; k++) sum += a[i * n + k] * x[k * n + j];
            out[i * n + j] = sum;
        }
}

static bool rotate_largest(size_t n, double *s, double *q)
{
    size_t p = 0, r = 0;
    double most = 0, all = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            all = fmax(all, fabs(s[i * n + j]));
            if (i < j && fabs(s[i * n + j]) > most) most = fabs(s[i * n + j]), p = i, r = j;
        }
    if (!(most > 1e-17 * all)) return false;
    double angle = 0.5 * atan2(2 * s[p * n + r], s[r * n + r] - s[p * n + p]), c = cos(angle), d = sin(angle);
    for (size_t k = 0; k < n; k++) {
        double x = s[k * n + p], y = s[k * n + r], u = q[k * n + p], v = q[k * n + r];
        s[k * n + p] = c * x - d * y, s[k * n + r] = d * x + c * y;
        q[k * n + p] = c * u - d * v, q[k * n + r] = d * u + c * v;
    }
    for (size_t k = 0; k < n; k++) {
        double x = s[p * n + k], y = s[r * n + k];
        s[p * n + k] = c * x - d * y, s[r * n + k] = d * x + c * y;
    }
    return true;
}

static spectrum eigen(sdp_base *b, size_t n, const double *a)
{
    spectrum e = {b, n, sdp_scratch(b, (n + 1) * sizeof(double)), room(b, n)};
    double *s = room(b, n);
    for (size_t i = 0; i < n * n; i++)
        s[i] = (a[i] + a[i % n * n + i / n]) / 2, e.vector[i] = i % (n + 1) == 0;
    for (size_t turn = 0; turn < 200 * n * n && rotate_largest(n, s, e.vector); turn++) {}
    for (size_t i = 0; i < n; i++) e.value[i] = s[i * n + i];
    return e;
}

int sdp_reference_eigen(sdp_machine *w, const sdp_node *node, double *out)
{
    operand x = first(w, node, 200);
    spectrum e = eigen(x.b, x.n, x.a);
    size_t n = x.n, top = 0, ties = 0;
    double size = 0;
    for (size_t i = 0; i < n; i++) {
        if (e.value[i] > e.value[top]) top = i;
        size = fmax(size, fabs(e.value[i]));
    }
    if (node->op == SDP_OP_lambda_max) return out[0] = e.value[top], 0;
    for (size_t i = 0; i < n; i++) ties += e.value[top] - e.value[i] <= 1e-14 * size;
    for (size_t i = 0; i < n * n; i++) out[i] = e.vector[i / n * n + top] * e.vector[i % n * n + top];
    return ties == 1 ? 0 : SDP_STATUS_multiple;
}

int sdp_reference_singular(sdp_machine *w, const sdp_node *node, double *out)
{
    operand x = first(w, node, 200); // m + n of singular values
    sdp_base *b = x.b;
    const double *a = x.a;
    size_t m = x.m, n = x.n, t = m + n, rank = 0;
    int op = node->op;
    double *both = room(b, t), most = 0;
    for (size_t i = 0; i < t * t; i++) both[i] = 0;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) both[i * t + m + j] = both[(m + j) * t + i] = a[i * n + j];
    spectrum e = eigen(b, t, both);
    for (size_t k = 0; k < t; k++) most = fmax(most, e.value[k]);
    double least = most * 2.2e-16 * (double)(m > n ? m : n);
    if (op == SDP_OP_norm_nuc) out[0] = 0;
    else memset(out, 0, m * n * sizeof *out);
    for (size_t k = 0; k < t; k++) {
        if (e.value[k] <= least) continue;
        rank++;
        if (op == SDP_OP_norm_nuc) out[0] += e.value[k];
        for (size_t i = 0; i < m && op != SDP_OP_norm_nuc; i++)
            for (size_t j = 0; j < n; j++) {
                double uv = 2 * e.vector[i * t + k] * e.vector[(m + j) * t + k];
                if (op == SDP_OP_polar) out[i * n + j] += uv;
                else out[j * m + i] += uv / e.value[k];
            }
    }
    return op != SDP_OP_polar || rank == (m < n ? m : n) ? 0 : SDP_STATUS_rank;
}

int sdp_reference_chol(sdp_machine *w, const sdp_node *node, double *out)
{
    operand x = first(w, node, 200);
    const double *a = x.a;
    size_t n = x.n;
    memset(out, 0, n * n * sizeof *out);
    for (size_t j = 0; j < n; j++)
        for (size_t i = j; i < n; i++) {
            double rest = a[i * n + j];
            for (size_t k = 0; k < j; k++) rest -= out[i * n + k] * out[j * n + k];
            if (i == j && !(rest > 0))
                return rest < -1e-12 * fabs(a[i * n + j]) ? SDP_STATUS_posdef : SDP_STATUS_singular;
            out[i * n + j] = i == j ? sqrt(rest) : rest / out[j * n + j];
        }
    return 0;
}

static bool run_expm(sdp_base *b, size_t n, const double *a, double *out)
{
    double *term = room(b, n), *x = room(b, n), *t = room(b, n), large = 0;
    int squarings = 0;
    for (size_t i = 0; i < n * n; i++) {
        if (!isfinite(a[i])) return false;
        large = fmax(large, fabs(a[i]) * (double)n);
    }
    while (ldexp(large, -squarings) > 0.25 && squarings < 1000) squarings++;
    for (size_t i = 0; i < n * n; i++) x[i] = ldexp(a[i], -squarings), out[i] = term[i] = i % (n + 1) == 0;
    for (int k = 1; k <= 20; k++) {
        product(n, term, x, t);
        for (size_t i = 0; i < n * n; i++) term[i] = t[i] / k, out[i] += term[i];
    }
    while (squarings--) {
        product(n, out, out, t);
        memcpy(out, t, n * n * sizeof *out);
    }
    return true;
}

static bool run_sqrtm(sdp_base *b, size_t n, const double *a, double *y)
{
    double *z = room(b, n), *iy = room(b, n), *iz = room(b, n), moved = 1;
    for (size_t i = 0; i < n * n; i++) y[i] = a[i], z[i] = i % (n + 1) == 0;
    for (int turn = 0; turn < 100; turn++) {
        bool last = moved < 1e-7;
        sdp_mark m = sdp_scratch_mark(b);
        double d = sdp_reference_inverse(b, n, y, iy), f = sdp_reference_inverse(b, n, z, iz), size = 0;
        sdp_scratch_release(b, m);
        if (!(fabs(d) > 0) || !(fabs(f) > 0)) return false;
        moved = 0;
        for (size_t i = 0; i < n * n; i++) {
            double next = (y[i] + iz[i]) / 2;
            moved = fmax(moved, fabs(next - y[i])), size = fmax(size, fabs(next));
            y[i] = next, z[i] = (z[i] + iy[i]) / 2;
        }
        moved /= size;
        if (!(moved < HUGE_VAL)) return false;
        if (last) return moved < 1e-7;
    }
    return false;
}

static bool run_logm(sdp_base *b, size_t n, const double *a, double *out)
{
    double *y = room(b, n), *r = room(b, n), *power = room(b, n), scale = 1, large = 1;
    memcpy(y, a, n * n * sizeof *y);
    for (int turn = 0; turn < 100; turn++) {
        large = 0;
        for (size_t i = 0; i < n * n; i++) large = fmax(large, fabs(y[i] - (i % (n + 1) == 0)) * (double)n);
        if (!(large > 0.2)) break;
        if (!run_sqrtm(b, n, y, r)) return false;
        memcpy(y, r, n * n * sizeof *y);
        scale *= 2;
    }
    if (!(large <= 0.2)) return false;
    for (size_t i = 0; i < n * n; i++) y[i] -= i % (n + 1) == 0, power[i] = i % (n + 1) == 0, out[i] = 0;
    for (int k = 1; k <= 30; k++) { // log(1+y) = y - y^2/2 + y^3/3 - ...
        product(n, power, y, r);
        for (size_t i = 0; i < n * n; i++) power[i] = r[i], out[i] += scale * (k % 2 ? r[i] : -r[i]) / k;
    }
    return true;
}

static int real_power(sdp_base *b, size_t n, const double *a, double k, double *out)
{
    spectrum e = eigen(b, n, a);
    memset(out, 0, n * n * sizeof *out);
    for (size_t p = 0; p < n; p++) {
        if (!(e.value[p] > 0)) return SDP_STATUS_posdef;
        for (size_t i = 0; i < n * n; i++)
            out[i] += exp(k * log(e.value[p])) * e.vector[i / n * n + p] * e.vector[i % n * n + p];
    }
    return 0;
}

int sdp_reference_powm(sdp_machine *w, const sdp_node *node, double *out)
{
    operand o = first(w, node, 25);
    sdp_base *b = o.b;
    size_t n = o.n;
    const double *a = o.a;
    double *x = room(b, n), *t = room(b, n), bit = 1, k = *w->value[node->arg[1]];
    bool integer = fabs(k - floor(k)) <= 0;
    if (!integer)
        return sdp_has(w->g, node->arg[0], SDP_POSDEF) ? real_power(b, n, a, k, out) : SDP_STATUS_exponent;
    memcpy(x, a, n * n * sizeof *x);
    if (k < 0 && !(fabs(sdp_reference_inverse(b, n, a, x)) > 0)) return SDP_STATUS_singular;
    for (k = fabs(k); bit <= k / 2;) bit *= 2;
    for (size_t i = 0; i < n * n; i++) out[i] = i % (n + 1) == 0;
    for (; bit >= 1; bit /= 2) {
        product(n, out, out, t);
        if (k >= bit) product(n, t, x, out), k -= bit;
        else memcpy(out, t, n * n * sizeof *out);
    }
    return 0;
}

int sdp_reference_expm(sdp_machine *w, const sdp_node *node, double *out)
{
    operand x = first(w, node, 25);
    return run_expm(x.b, x.n, x.a, out) ? 0 : SDP_STATUS_finite;
}

int sdp_reference_sqrtm(sdp_machine *w, const sdp_node *node, double *out)
{
    operand x = first(w, node, 25);
    return run_sqrtm(x.b, x.n, x.a, out) ? 0 : SDP_STATUS_principal;
}

int sdp_reference_logm(sdp_machine *w, const sdp_node *node, double *out)
{
    operand x = first(w, node, 25);
    return run_logm(x.b, x.n, x.a, out) ? 0 : SDP_STATUS_principal;
}

// vec(C) = (kron(I,A) + kron(B',I))*vec(X), columns one below the other
int sdp_reference_sylvester(sdp_machine *w, const sdp_node *node, double *out)
{
    size_t m = (size_t)sdp_size_at(w->g, node->dim[0], w->size),
           n = (size_t)sdp_size_at(w->g, node->dim[1], w->size), t = m * n;
    const double *a = w->value[node->arg[0]], *b = w->value[node->arg[1]], *c = w->value[node->arg[2]];
    double *k = room(&w->g->base, t), *inverse = room(&w->g->base, t);
    sdp_charge(w, 2 * t * t * t);
    memset(k, 0, t * t * sizeof *k);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++) {
            for (size_t p = 0; p < m; p++) k[(i + m * j) * t + p + m * j] += a[i * m + p];
            for (size_t p = 0; p < n; p++) k[(i + m * j) * t + i + m * p] += b[p * n + j];
        }
    if (!(fabs(sdp_reference_inverse(&w->g->base, t, k, inverse)) > 0)) return SDP_STATUS_singular;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            out[i * n + j] = 0;
            for (size_t q = 0; q < t; q++)
                out[i * n + j] += inverse[(i + m * j) * t + q] * c[q % m * n + q / m];
        }
    return 0;
}
