// SPDX-License-Identifier: MIT
// Functions of test_functions.c: declared, defined in the language, and their values and derivatives by hand
// as callbacks of compiled code.
#ifndef TST_CALLBACKS_H
#define TST_CALLBACKS_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const declared = "f: function(vector(n)) -> scalar; q: function(vector(n)) -> vector(n); "
                                    "h: function(vector(n), scalar) -> scalar; "
                                    "F: function(matrix(m,n)) -> scalar; s: function(scalar) -> scalar; g: "
                                    "function(vector(n), vector(m)) -> scalar; ";
static const char *const defined =
    "f(x) = sum(sin(x))+x'*x/2; q(x) = x.^2+vector(sum(x)); h(x,t) = t*x'*x+t^3; F(X) = sum(X.^3); s(t) = "
    "exp(t); g(x,y) = sum(x)^2*sum(y.^2); ";

typedef struct {
    int calls, fail_at;
} context; // fail_at: the number of the call that returns 7

static int count(void *user)
{
    context *c = user;
    return ++c->calls == c->fail_at ? 7 : 0;
}

#define CALLBACK(name, body)                                                                                 \
    static int name(void *user, const size_t *z, const double *const *arg, double *out)                      \
    {                                                                                                        \
        const size_t n = z[0];                                                                               \
        const double *x = arg[0];                                                                            \
        (void)n, (void)x;                                                                                    \
        body return count(user);                                                                             \
    }
#define EACH(i, size) for (size_t i = 0; i < size; i++)
static double total(const double *x, size_t n)
{
    double s = 0;
    EACH(i, n) s += x[i];
    return s;
}
static double square(const double *x, size_t n)
{
    double s = 0;
    EACH(i, n) s += x[i] * x[i];
    return s;
}

CALLBACK(cb_f, *out = square(x, n) / 2; EACH(i, n) *out += sin(x[i]);)
CALLBACK(cb_grad_f, EACH(i, n) out[i] = cos(x[i]) + x[i];)
CALLBACK(cb_H_f, EACH(i, n) EACH(j, n) out[i * n + j] = i == j ? 1 - sin(x[i]) : 0;)
CALLBACK(cb_D111_f, EACH(i, n *n *n) out[i] = 0; EACH(i, n) out[i * (n * n + n + 1)] = -cos(x[i]);)
CALLBACK(cb_q, EACH(i, n) out[i] = x[i] * x[i] + total(x, n);)
CALLBACK(cb_J_q, EACH(i, n) EACH(j, n) out[i * n + j] = (i == j ? 2 * x[i] : 0) + 1;)
CALLBACK(cb_D11_q, EACH(i, n *n *n) out[i] = 0; EACH(i, n) out[i * (n * n + n + 1)] = 2;)
CALLBACK(cb_h, *out = *arg[1] * square(x, n) + pow(*arg[1], 3);)
CALLBACK(cb_grad1_h, EACH(i, n) out[i] = 2 * *arg[1] * x[i];)
CALLBACK(cb_grad2_h, *out = square(x, n) + 3 * *arg[1] * *arg[1];)
CALLBACK(cb_H11_h, EACH(i, n) EACH(j, n) out[i * n + j] = i == j ? 2 * *arg[1] : 0;)
CALLBACK(cb_H12_h, EACH(i, n) out[i] = 2 * x[i];)
CALLBACK(cb_H22_h, *out = 6 * *arg[1];)
CALLBACK(cb_F, *out = 0; EACH(i, n *z[1]) *out += x[i] * x[i] * x[i];)
CALLBACK(cb_grad_F, EACH(i, n *z[1]) out[i] = 3 * x[i] * x[i];)
CALLBACK(cb_H_F, size_t k = n * z[1]; EACH(i, k) EACH(j, k) out[i * k + j] = i == j ? 6 * x[i] : 0;)
CALLBACK(cb_s, *out = exp(*arg[0]);)
CALLBACK(cb_g, *out = pow(total(x, n), 2) * square(arg[1], z[1]);)
CALLBACK(cb_grad1_g, EACH(i, n) out[i] = 2 * total(x, n) * square(arg[1], z[1]);)
CALLBACK(cb_grad2_g, EACH(i, z[1]) out[i] = 2 * pow(total(x, n), 2) * arg[1][i];)
CALLBACK(cb_H11_g, EACH(i, n *n) out[i] = 2 * square(arg[1], z[1]);)
CALLBACK(cb_H12_g, EACH(i, n) EACH(j, z[1]) out[i * z[1] + j] = 4 * total(x, n) * arg[1][j];)
CALLBACK(cb_H22_g, EACH(i, z[1]) EACH(j, z[1]) out[i * z[1] + j] = i == j ? 2 * pow(total(x, n), 2) : 0;)

// proto: the parameters that the emitted header must ask for; pass: the call of the
// callback above, through `generic`
static const struct {
    const char *name;
    int (*call)(void *, const size_t *, const double *const *, double *);
    const char *proto, *pass;
} callbacks[] = {
#define ONE(name)                                                                                            \
    {                                                                                                        \
#name, cb_##name, "size_t n, const double *x1", "(size_t[]){n}, (const double *[]){x1}"              \
    }
#define AND_SCALAR(name)                                                                                     \
    {                                                                                                        \
#name, cb_##name, "size_t n, const double *x1, double x2",                                           \
            "(size_t[]){n}, (const double *[]){x1, &x2}"                                                     \
    }
#define MATRIX(name)                                                                                         \
    {                                                                                                        \
#name, cb_##name, "size_t m, size_t n, const double *x1", "(size_t[]){m, n}, (const double *[]){x1}" \
    }
#define SCALAR(name)                                                                                         \
    {                                                                                                        \
#name, cb_s, "double x1", "(size_t[]){0}, (const double *[]){&x1}"                                   \
    }
#define TWO(name)                                                                                            \
    {                                                                                                        \
#name, cb_##name, "size_t n, size_t m, const double *x1, const double *x2",                          \
            "(size_t[]){n, m}, (const double *[]){x1, x2}"                                                   \
    }
    ONE(f),
    ONE(grad_f),
    ONE(H_f),
    ONE(D111_f),
    ONE(q),
    ONE(J_q),
    ONE(D11_q),
    AND_SCALAR(h),
    AND_SCALAR(grad1_h),
    AND_SCALAR(grad2_h),
    AND_SCALAR(H11_h),
    AND_SCALAR(H12_h),
    AND_SCALAR(H22_h),
    MATRIX(F),
    MATRIX(grad_F),
    MATRIX(H_F),
    SCALAR(s),
    SCALAR(grad_s),
    SCALAR(H_s),
    SCALAR(D111_s),
    TWO(g),
    TWO(grad1_g),
    TWO(grad2_g),
    TWO(H11_g),
    TWO(H12_g),
    TWO(H22_g),
};
enum { CALLBACKS = sizeof callbacks / sizeof *callbacks };

static size_t find(const char *name)
{
    for (size_t i = 0; i < CALLBACKS; i++)
        if (!strcmp(callbacks[i].name, name)) return i;
    fail_msg("no callback for %s", name);
    return 0;
}

#endif
