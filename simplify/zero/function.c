// SPDX-License-Identifier: MIT
// Functions of one argument modulo 2^61-1: pseudo-random numbers among which the identities of functions of
// the same argument hold.
//
// exp(x) is a random number E, of which sinh, cosh, tanh, sigmoid and expm1 of x are rational functions, so
// that tanh(x)*cosh(x)-sinh(x) and cosh(x)^2-sinh(x)^2-1 are 0; sin, cos and tan of x are rational in T,
// which stands for tan(x/2). exp(-x) = 1/exp(x), and odd functions are odd. Identities between different
// arguments, as exp(x)*exp(y) = exp(x+y), do not hold: there is no such function in the field.
//
// Random numbers are squares, and so are the functions made of them, where that is possible, at one of x and
// -x: roots of them have a value. Entry: sdp_field_function.
#include "simplify/zero/field.h"

static uint64_t square(uint64_t x) { return sdp_field_mul(x, x); }

static uint64_t opposite(uint64_t x) { return sdp_field_sub(0, x); }

static bool is_square(uint64_t x) { return square(sdp_field_pow(x, (SDP_FIELD_PRIME + 1) / 4)) == x; }

static uint64_t random_of(uint64_t seed, int op, uint64_t x)
{
    uint64_t h = sdp_field_hash(sdp_field_hash(seed, (uint64_t)op), x);
    return h ? square(h) : 1;
}

// A square v for which v-1 (or 1-v), v+1 and, if `third`, v^2+1 are squares, too; one of eight is
static uint64_t random_parameter(uint64_t seed, int op, uint64_t x, bool third)
{
    enum { TRIES = 64 };
    uint64_t v = 0;
    for (uint64_t i = 0; i < TRIES; i++) {
        v = random_of(sdp_field_hash(seed, i), op, x);
        uint64_t above = third ? sdp_field_sub(v, 1) : sdp_field_sub(1, square(v));
        if (above && is_square(above) && is_square(sdp_field_add(third ? v : square(v), 1)) &&
            (!third || is_square(sdp_field_add(square(v), 1))))
            return v;
    }
    return v;
}

static uint64_t over(uint64_t a, uint64_t b) { return b ? sdp_field_mul(a, sdp_field_inv(b)) : 0; }

// Of x and -x, which stand in one place, the smaller one has the random number.
static bool is_first(uint64_t x) { return x <= opposite(x); }

static uint64_t exponential(uint64_t seed, uint64_t x)
{
    if (!x) return 1;
    uint64_t e = random_parameter(seed, SDP_OP_exp, is_first(x) ? x : opposite(x), true);
    return is_first(x) ? e : sdp_field_inv(e);
}

static uint64_t half_tangent(uint64_t seed, uint64_t x)
{
    if (!x) return 0;
    uint64_t t = random_parameter(seed, SDP_OP_tan, is_first(x) ? x : opposite(x), false);
    return is_first(x) ? t : opposite(t);
}

static uint64_t logarithm(uint64_t seed, uint64_t x) { return x == 1 ? 0 : random_of(seed, SDP_OP_log, x); }

static uint64_t by_exponential(int op, uint64_t e)
{
    uint64_t e2 = square(e), twice = sdp_field_add(e, e);
    switch (op) {
    case SDP_OP_exp: return e;
    case SDP_OP_expm1: return sdp_field_sub(e, 1);
    case SDP_OP_sigmoid: return over(e, sdp_field_add(e, 1));
    case SDP_OP_sinh: return over(sdp_field_sub(e2, 1), twice);
    case SDP_OP_cosh: return over(sdp_field_add(e2, 1), twice);
    default: return over(sdp_field_sub(e2, 1), sdp_field_add(e2, 1)); // tanh
    }
}

static uint64_t by_half_tangent(int op, uint64_t t)
{
    uint64_t t2 = square(t), twice = sdp_field_add(t, t), rest = sdp_field_sub(1, t2);
    if (op == SDP_OP_tan) return over(twice, rest);
    return over(op == SDP_OP_sin ? twice : rest, sdp_field_add(1, t2));
}

uint64_t sdp_field_function(uint64_t seed, int op, uint64_t x)
{
    sdp_parity parity = sdp_ops[op].parity;
    switch (op) {
    case SDP_OP_exp:
    case SDP_OP_expm1:
    case SDP_OP_sigmoid:
    case SDP_OP_sinh:
    case SDP_OP_cosh:
    case SDP_OP_tanh: return by_exponential(op, exponential(seed, x));
    case SDP_OP_sin:
    case SDP_OP_cos:
    case SDP_OP_tan: return by_half_tangent(op, half_tangent(seed, x));
    case SDP_OP_log: return logarithm(seed, x);
    case SDP_OP_log1p: return logarithm(seed, sdp_field_add(1, x));
    case SDP_OP_softplus: return logarithm(seed, sdp_field_add(1, exponential(seed, x)));
    case SDP_OP_erfc: return sdp_field_sub(1, sdp_field_function(seed, SDP_OP_erf, x));
    default: break;
    }
    if (!parity) return random_of(seed, op, x);
    if (parity == SDP_PARITY_odd && !x) return 0;
    uint64_t v = random_of(seed, op, is_first(x) ? x : opposite(x));
    return parity == SDP_PARITY_even || is_first(x) ? v : opposite(v);
}
