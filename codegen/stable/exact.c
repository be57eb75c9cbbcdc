// SPDX-License-Identifier: MIT
// Real numbers with 32 digits that know whether they are 0.
//
// Problem: the coefficients of a series cancel, e.g. log(6) - log(2) - log(3), and which of them is the first
// that is not 0 decides the answer; no number of digits tells.
// Idea: a number is a sum of two doubles and, beside them, its residue modulo the prime 2^61-1, where pi, e
// and the logarithms of primes stand for random numbers. It is 0 if its residue is. Invariant: what has no
// residue (a fraction with the prime below, a root that the field lacks) is refused. Entry: sdp_exact_at, the
// value of a function at such a number.
#include <math.h>

#include "simplify/zero/field.h"
#include "codegen/stable/series.h"

static sdp_exact rounded(double hi, double lo, uint64_t mod)
{
    double s = hi + lo;
    return mod ? (sdp_exact){s, lo - (s - hi), mod} : (sdp_exact){0, 0, 0};
}

static uint64_t residue(long v)
{
    uint64_t m = (v < 0 ? 0 - (uint64_t)v : (uint64_t)v) % SDP_FIELD_PRIME;
    return v < 0 ? sdp_field_sub(0, m) : m;
}

sdp_exact sdp_exact_int(long v) { return rounded((double)v, (double)(v - (long)(double)v), residue(v)); }

sdp_exact sdp_exact_add(sdp_exact a, sdp_exact b)
{
    // Knuth: s + rest = a.hi + b.hi
    double s = a.hi + b.hi, part = s - a.hi, rest = (a.hi - (s - part)) + (b.hi - part);
    return rounded(s, rest + (a.lo + b.lo), sdp_field_add(a.mod, b.mod));
}

sdp_exact sdp_exact_mul(sdp_exact a, sdp_exact b)
{
    double p = a.hi * b.hi, rest = fma(a.hi, b.hi, -p);
    return rounded(p, rest + (a.hi * b.lo + a.lo * b.hi), sdp_field_mul(a.mod, b.mod));
}

// Newton: q + (a - q b)/b for the quotient q of the leading parts.
sdp_exact sdp_exact_div(sdp_exact a, sdp_exact b)
{
    double q = a.hi / b.hi, p = q * b.hi, rest = fma(q, b.hi, -p);
    double correction = ((a.hi - p) - rest + a.lo - q * b.lo) / b.hi;
    return rounded(q, correction, sdp_field_mul(a.mod, sdp_field_inv(b.mod)));
}

bool sdp_exact_num(sdp_graph *g, sdp_num v, sdp_exact *out)
{
    uint64_t p, q;
    long whole;
    if (sdp_num_long(g, v, &whole)) return *out = sdp_exact_int(whole), true;
    sdp_num_residues(g, v, SDP_FIELD_PRIME, &p, &q);
    double hi = sdp_num_double(g, v);
    if (!p || !q || !isfinite(hi)) return false;
    double lo = sdp_num_double(g, sdp_num_add(g, v, sdp_num_neg(g, sdp_num_of_double(g, hi))));
    *out = rounded(hi, lo, sdp_field_mul(p, sdp_field_inv(q)));
    return true;
}

// A residue that is a square, so that roots of the constant have one, too.
bool sdp_exact_constant(int op, sdp_exact *out)
{
    uint64_t root = sdp_field_hash(1, (uint64_t)op), mod = sdp_field_mul(root, root);
    if (op == SDP_OP_pi) *out = (sdp_exact){3.141592653589793116, 1.2246467991473532e-16, mod};
    else if (op == SDP_OP_e) *out = (sdp_exact){2.718281828459045091, 1.4456468917292502e-16, mod};
    return op == SDP_OP_pi || op == SDP_OP_e;
}

// Is s = p/q, q small, and r the residue of -p/q?
static bool is_opposite(double s, uint64_t r)
{
    enum { MOST = 1000 };
    for (long q = 1; q <= MOST && s * (double)q < 1e9; q++) {
        double p = floor(s * (double)q + 0.5);
        if (fabs(s * (double)q - p) < 1e-15 * p * MOST &&
            residue((long)p) == sdp_field_sub(0, sdp_field_mul(r, residue(q))))
            return true;
    }
    return false;
}

// The prime is 3 modulo 4: a^((p+1)/4) is a root of a, if there is one. Of the roots r and
// -r of 1/9 it is 1/3 that is meant.
static bool square_root(sdp_exact a, sdp_exact *out)
{
    double s = sqrt(a.hi), p = s * s;
    uint64_t r = sdp_field_pow(a.mod, (SDP_FIELD_PRIME + 1) / 4);
    if (!(a.hi > 0) || sdp_field_mul(r, r) != a.mod) return false;
    if (is_opposite(s, r)) r = sdp_field_sub(0, r);
    *out = rounded(s, ((a.hi - p) - fma(s, s, -p) + a.lo) / (2 * s), r);
    return true;
}

bool sdp_exact_power(sdp_graph *g, sdp_exact a, sdp_num q, sdp_exact *out)
{
    long k;
    if (!sdp_num_is_int(g, q)) {
        q = sdp_num_mul(g, SDP_NUM_TWO, q);
        if (!square_root(a, &a)) return false;
    }
    if (!sdp_num_long(g, q, &k) || k > 64 || k < -64 || !a.mod) return false;
    sdp_exact r = sdp_exact_int(1);
    for (long i = k < 0 ? -k : k; i > 0; i--) r = sdp_exact_mul(r, a);
    *out = k < 0 ? sdp_exact_div(sdp_exact_int(1), r) : r;
    return true;
}

// ---- functions --------------------------------------------------------------------------------------------
// Three cases have a value whose residue is known:
//   exp(x), sigmoid(x)                    x = log(p/q), e.g. sigmoid(log(3)) = 3/4
//   exp(x)                                x a small integer: a power of e
//   log(x), log1p(x), softplus(x)         the logarithm of a fraction: log(1+1/2), softplus(log(3)) = log(4)
// In the field log(p/q) is a sum over the prime factors of p and q, so that log(6) - log(2) - log(3) is 0.

// Finds p/q = a with q <= 64. Returns false if there is none.
static bool find_fraction(sdp_exact a, long *p, long *q)
{
    for (*q = 1; *q <= 64 && fabs(a.hi) < 1e6; ++*q) {
        double v = floor(a.hi * (double)*q + 0.5);
        *p = (long)v;
        if (fabs(a.hi * (double)*q - v) < 1e-9 && residue(*p) == sdp_field_mul(a.mod, residue(*q)))
            return true;
    }
    return false;
}

// log(n) in the field: each prime factor adds a random square.
static uint64_t log_residue(long n)
{
    uint64_t sum = 0, h;
    for (long p = 2; n > 1; p = p * p > n ? n : p + 1)
        for (; n % p == 0; n /= p)
            h = sdp_field_hash(2, (uint64_t)p), sum = sdp_field_add(sum, sdp_field_mul(h, h));
    return sum;
}

// Finds p/q with log(p/q) = a and q <= 64. Returns false if there is none.
static bool find_fraction_of_log(sdp_exact a, sdp_exact *out)
{
    double v = exp(a.hi);
    for (long q = 1; q <= 64 && v < 1e6; q++) {
        long p = (long)floor(v * (double)q + 0.5);
        bool near = p >= 1 && fabs(v * (double)q - (double)p) <= 1e-9;
        if (!near || sdp_field_sub(log_residue(p), log_residue(q)) != a.mod) continue;
        *out = sdp_exact_div(sdp_exact_int(p), sdp_exact_int(q));
        return true;
    }
    return false;
}

static bool exp_of_log(int op, sdp_exact x, sdp_exact *out)
{
    sdp_exact v;
    if ((op != SDP_OP_exp && op != SDP_OP_sigmoid) || !find_fraction_of_log(x, &v)) return false;
    *out = op == SDP_OP_exp ? v : sdp_exact_div(v, sdp_exact_add(v, sdp_exact_int(1)));
    return true;
}

static bool power_of_e(sdp_graph *g, int op, sdp_exact x, sdp_exact *out)
{
    long p, q;
    sdp_exact e;
    if (op != SDP_OP_exp || !sdp_exact_constant(SDP_OP_e, &e)) return false;
    return find_fraction(x, &p, &q) && q == 1 && sdp_exact_power(g, e, sdp_num_int(g, p), out);
}

// Finds the number whose logarithm op(x) is: x, 1+x or 1+exp(x).
static bool under_log(int op, sdp_exact x, sdp_exact *out)
{
    if (op == SDP_OP_log) return *out = x, true;
    if (op == SDP_OP_softplus && !find_fraction_of_log(x, &x)) return false;
    *out = sdp_exact_add(x, sdp_exact_int(1));
    return op == SDP_OP_log1p || op == SDP_OP_softplus;
}

static bool log_of_fraction(int op, sdp_exact x, sdp_exact *out)
{
    long p, q;
    sdp_exact v;
    if (!under_log(op, x, &v) || !find_fraction(v, &p, &q) || p < 1) return false;
    long double ratio = (long double)p / (long double)q, hi = (long double)log((double)ratio);
    *out =
        rounded((double)hi, (double)(ratio * expl(-hi) - 1), sdp_field_sub(log_residue(p), log_residue(q)));
    return true;
}

bool sdp_exact_at(sdp_graph *g, int op, sdp_exact x, sdp_exact *out)
{
    return exp_of_log(op, x, out) || power_of_e(g, op, x, out) || log_of_fraction(op, x, out);
}
