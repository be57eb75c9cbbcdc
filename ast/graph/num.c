// SPDX-License-Identifier: MIT
// Exact rationals, interned: equal numbers have equal ids. Arithmetic is
// GMP's; ids 0..4 are 0, 1, -1, 2, 1/2.
//
// Nearly all numbers of formulas are small: both parts fit in 32 bits. They are kept as such beside GMP's
// form, and their arithmetic needs 64 bits; only a result that is not small takes GMP.
//
// GMP's own memory does not pass through the allocator hook: its allocation functions are global to the
// process, and a library must not change them. Every number is released with the graph.
#include <gmp.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ast/graph/graph.h"

typedef struct {
    int32_t p, q;
} small; // p/q in lowest terms, q > 0; q == 0: not small

struct sdp_nums {
    mpq_t *v;
    small *s;
    uint32_t n, cap, small_cap;
    sdp_interned index;
    mpq_t tmp;
};

static uint32_t hash_small(small x)
{
    return sdp_hash_words((const uint32_t[]){(uint32_t)x.p, (uint32_t)x.q}, 2, 31);
}

static uint32_t hash_q(mpq_srcptr q)
{
    uint32_t h = (uint32_t)mpz_size(mpq_numref(q)) * 31u + (mpq_sgn(q) < 0);
    h = sdp_hash(mpz_limbs_read(mpq_numref(q)), mpz_size(mpq_numref(q)) * sizeof(mp_limb_t), h);
    return sdp_hash(mpz_limbs_read(mpq_denref(q)), mpz_size(mpq_denref(q)) * sizeof(mp_limb_t), h);
}

static small small_of(mpq_srcptr q)
{
    if (!mpz_fits_sint_p(mpq_numref(q)) || !mpz_fits_sint_p(mpq_denref(q))) return (small){0, 0};
    return (small){(int32_t)mpz_get_si(mpq_numref(q)), (int32_t)mpz_get_si(mpq_denref(q))};
}

// Keeps s->tmp as a new number, which x is if it is small.
static sdp_num keep(sdp_graph *g, uint32_t hash, small x)
{
    struct sdp_nums *s = g->nums;
    size_t bits = mpz_sizeinbase(mpq_numref(s->tmp), 2) + mpz_sizeinbase(mpq_denref(s->tmp), 2);
    if (bits > g->base.limit.digits * 4) sdp_limit(&g->base, "digits", g->base.limit.digits);
    s->v = sdp_grown_raw(&g->base, s->v, s->n, &s->cap, sizeof *s->v);
    s->s = sdp_grown_raw(&g->base, s->s, s->n, &s->small_cap, sizeof *s->s);
    s->s[s->n] = x;
    sdp_interned_put(&g->base, &s->index, hash, s->n);
    mpq_init(s->v[s->n]);
    mpq_set(s->v[s->n], s->tmp);
    return s->n++;
}

// The small number, or SDP_NO_THING
static uint32_t find_small(const struct sdp_nums *s, uint32_t hash, small x)
{
    for (uint32_t place = hash, i; (i = sdp_interned_next(&s->index, hash, &place)) != SDP_NO_THING;)
        if (s->s[i].p == x.p && s->s[i].q == x.q) return i;
    return SDP_NO_THING;
}

// Interns s->tmp.
static sdp_num intern(sdp_graph *g)
{
    struct sdp_nums *s = g->nums;
    small x = small_of(s->tmp);
    uint32_t hash = x.q ? hash_small(x) : hash_q(s->tmp), i;
    if (x.q) i = find_small(s, hash, x);
    else
        for (uint32_t place = hash; (i = sdp_interned_next(&s->index, hash, &place)) != SDP_NO_THING;)
            if (!s->s[i].q && mpq_equal(s->v[i], s->tmp)) break;
    return i != SDP_NO_THING ? i : keep(g, hash, x);
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t r = a % b;
        a = b;
        b = r;
    }
    return a;
}

// p/q, q > 0, if that is small; false: it takes GMP.
static bool intern_ratio(sdp_graph *g, int64_t p, int64_t q, sdp_num *out)
{
    if (q != 1) {
        int64_t d = (int64_t)gcd((uint64_t)(p < 0 ? -p : p), (uint64_t)q);
        p /= d;
        q /= d;
    }
    if (p != (int32_t)p || q != (int32_t)q) return false;
    small x = {(int32_t)p, (int32_t)q};
    struct sdp_nums *s = g->nums;
    uint32_t hash = hash_small(x);
    *out = find_small(s, hash, x);
    if (*out == SDP_NO_THING) {
        mpz_set_si(mpq_numref(s->tmp), x.p);
        mpz_set_si(mpq_denref(s->tmp), x.q);
        *out = keep(g, hash, x);
    }
    return true;
}

void sdp_nums_init(sdp_graph *g)
{
    g->nums = sdp_alloc(&g->base, sizeof *g->nums);
    g->nums->index.kept = true;
    mpq_init(g->nums->tmp);
    static const long first[][2] = {{0, 1}, {1, 1}, {-1, 1}, {2, 1}, {1, 2}};
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) sdp_num_ratio(g, first[i][0], first[i][1]);
}

void sdp_nums_free(sdp_graph *g)
{
    if (!g->nums) return;
    for (uint32_t i = 0; i < g->nums->n; i++) mpq_clear(g->nums->v[i]);
    mpq_clear(g->nums->tmp);
    sdp_release(&g->base, g->nums->v);
    sdp_release(&g->base, g->nums->s);
    sdp_release(&g->base, g->nums->index.at);
}

sdp_num sdp_num_int(sdp_graph *g, long v) { return sdp_num_ratio(g, v, 1); }

sdp_num sdp_num_ratio(sdp_graph *g, long p, long q)
{
    sdp_num r;
    if (q > 0 && q == (int32_t)q && p == (int32_t)p && intern_ratio(g, p, q, &r)) return r;
    mpz_set_si(mpq_numref(g->nums->tmp), p);
    mpz_set_si(mpq_denref(g->nums->tmp), q);
    mpq_canonicalize(g->nums->tmp);
    return intern(g);
}

// "12.5e-3" = 125 * 10^(-3-1). The digits may be many; the exponent is limited before any power is formed.
sdp_num sdp_num_parse(sdp_graph *g, const char *digits, sdp_span at)
{
    size_t n = strlen(digits), k = 0;
    long long scale = 0,
              most = (long long)(g->base.limit.digits < LONG_MAX / 4 ? g->base.limit.digits : LONG_MAX / 4);
    if (n > g->base.limit.digits) sdp_limit(&g->base, "digits", g->base.limit.digits);
    char *plain = sdp_scratch(&g->base, n + 2);
    bool point = false;
    size_t i = 0;
    for (; i < n && digits[i] != 'e' && digits[i] != 'E'; i++) {
        if (digits[i] == '.') point = true;
        else {
            plain[k++] = digits[i];
            scale -= point;
        }
    }
    if (k == 0) plain[k++] = '0';
    long long exponent = i < n ? strtoll(digits + i + 1, NULL, 10) : 0;
    if (exponent > most || exponent < -most)
        sdp_fail(&g->base, SD_ERR_LIMIT, at, "raise the limit `digits` to allow it",
                 "the exponent of %.40s%s is beyond the limit digits = %zu", digits, n > 40 ? "..." : "",
                 g->base.limit.digits);
    scale += exponent;
    mpq_ptr q = g->nums->tmp;
    mpz_set_str(mpq_numref(q), plain, 10);
    mpz_set_ui(mpq_denref(q), 1);
    mpz_ptr side = scale < 0 ? mpq_denref(q) : mpq_numref(q);
    mpz_t power;
    mpz_init(power);
    mpz_ui_pow_ui(power, 10, (unsigned long)llabs(scale));
    mpz_mul(side, side, power);
    mpz_clear(power);
    mpq_canonicalize(q);
    return intern(g);
}

#define Q(id) g->nums->v[id]
#define S(id) g->nums->s[id]

sdp_num sdp_num_add(sdp_graph *g, sdp_num a, sdp_num b)
{
    if (a == SDP_NUM_ZERO) return b;
    if (b == SDP_NUM_ZERO) return a;
    small x = S(a), y = S(b);
    sdp_num r;
    if (x.q && y.q && intern_ratio(g, (int64_t)x.p * y.q + (int64_t)y.p * x.q, (int64_t)x.q * y.q, &r))
        return r;
    mpq_add(g->nums->tmp, Q(a), Q(b));
    return intern(g);
}

sdp_num sdp_num_mul(sdp_graph *g, sdp_num a, sdp_num b)
{
    if (a == SDP_NUM_ONE) return b;
    if (b == SDP_NUM_ONE) return a;
    small x = S(a), y = S(b);
    sdp_num r;
    if (x.q && y.q && intern_ratio(g, (int64_t)x.p * y.p, (int64_t)x.q * y.q, &r)) return r;
    mpq_mul(g->nums->tmp, Q(a), Q(b));
    return intern(g);
}

sdp_num sdp_num_neg(sdp_graph *g, sdp_num a)
{
    sdp_num r;
    if (a == SDP_NUM_ONE) return SDP_NUM_MINUS_ONE;
    if (a == SDP_NUM_MINUS_ONE) return SDP_NUM_ONE;
    if (S(a).q && intern_ratio(g, -(int64_t)S(a).p, S(a).q, &r)) return r;
    mpq_neg(g->nums->tmp, Q(a));
    return intern(g);
}

sdp_num sdp_num_inv(sdp_graph *g, sdp_num a)
{
    sdp_num r;
    small x = S(a);
    if (x.q && x.p && intern_ratio(g, x.p < 0 ? -(int64_t)x.q : x.q, x.p < 0 ? -(int64_t)x.p : x.p, &r))
        return r;
    mpq_inv(g->nums->tmp, Q(a));
    return intern(g);
}

sdp_num sdp_num_pow(sdp_graph *g, sdp_num a, long k)
{
    mpq_ptr q = g->nums->tmp;
    unsigned long e = (unsigned long)labs(k);
    size_t bits = mpz_sizeinbase(mpq_numref(Q(a)), 2) + mpz_sizeinbase(mpq_denref(Q(a)), 2);
    bool unit = mpz_cmpabs_ui(mpq_numref(Q(a)), 1) <= 0 && mpz_cmp_ui(mpq_denref(Q(a)), 1) == 0;
    if (!unit && e > 4 * g->base.limit.digits / bits) sdp_limit(&g->base, "digits", g->base.limit.digits);
    mpz_pow_ui(mpq_numref(q), mpq_numref(Q(a)), e);
    mpz_pow_ui(mpq_denref(q), mpq_denref(Q(a)), e);
    if (k < 0) mpq_inv(q, q);
    return intern(g);
}

bool sdp_num_root(sdp_graph *g, sdp_num a, unsigned long k, sdp_num *r)
{
    mpq_ptr q = g->nums->tmp;
    if (mpq_sgn(Q(a)) < 0) return false;
    if (!mpz_root(mpq_numref(q), mpq_numref(Q(a)), k) || !mpz_root(mpq_denref(q), mpq_denref(Q(a)), k))
        return false;
    *r = intern(g);
    return true;
}

int sdp_num_cmp(const sdp_graph *g, sdp_num a, sdp_num b)
{
    small x = S(a), y = S(b);
    if (!x.q || !y.q) return mpq_cmp(Q(a), Q(b));
    int64_t left = (int64_t)x.p * y.q, right = (int64_t)y.p * x.q;
    return (left > right) - (left < right);
}

int sdp_num_sign(const sdp_graph *g, sdp_num a) { return mpq_sgn(Q(a)); }
bool sdp_num_is_int(const sdp_graph *g, sdp_num a)
{
    return S(a).q ? S(a).q == 1 : mpz_cmp_ui(mpq_denref(Q(a)), 1) == 0;
}

bool sdp_num_long(const sdp_graph *g, sdp_num a, long *v)
{
    if (!sdp_num_is_int(g, a) || !mpz_fits_slong_p(mpq_numref(Q(a)))) return false;
    *v = mpz_get_si(mpq_numref(Q(a)));
    return true;
}

// mpq_get_d truncates; round to nearest by comparing with the midpoint to the next double.
double sdp_num_double(const sdp_graph *g, sdp_num a)
{
    if (S(a).q) return (double)S(a).p / S(a).q; // a quotient of doubles is rounded correctly
    double d = mpq_get_d(Q(a));
    double up = nextafter(d, d < 0 ? -HUGE_VAL : HUGE_VAL);
    if (d == 0 || isinf(d) || isinf(up)) return d;
    mpq_t mid, hi;
    mpq_inits(mid, hi, (mpq_ptr)NULL);
    mpq_set_d(mid, d);
    mpq_set_d(hi, up);
    mpq_add(mid, mid, hi);
    mpq_div_2exp(mid, mid, 1);
    int c = mpq_cmp(Q(a), mid) * mpq_sgn(Q(a));
    mpq_clears(mid, hi, (mpq_ptr)NULL);
    return c > 0 ? up : d;
}

long sdp_num_exponent(const sdp_graph *g, sdp_num a)
{
    if (!mpq_sgn(Q(a))) return 0;
    return (long)mpz_sizeinbase(mpq_numref(Q(a)), 2) - (long)mpz_sizeinbase(mpq_denref(Q(a)), 2);
}

sdp_num sdp_num_of_double(sdp_graph *g, double v)
{
    mpq_set_d(g->nums->tmp, v);
    return intern(g);
}

sdp_num sdp_num_numerator(sdp_graph *g, sdp_num a)
{
    sdp_num r;
    if (S(a).q && intern_ratio(g, S(a).p, 1, &r)) return r;
    mpq_set_z(g->nums->tmp, mpq_numref(Q(a)));
    return intern(g);
}

sdp_num sdp_num_denominator(sdp_graph *g, sdp_num a)
{
    sdp_num r;
    if (S(a).q && intern_ratio(g, S(a).q, 1, &r)) return r;
    mpq_set_z(g->nums->tmp, mpq_denref(Q(a)));
    return intern(g);
}

sdp_num sdp_num_gcd(sdp_graph *g, sdp_num a, sdp_num b)
{
    mpq_ptr q = g->nums->tmp;
    small x = S(a), y = S(b);
    sdp_num r;
    if (x.q == 1 && y.q == 1 &&
        intern_ratio(g, (int64_t)gcd((uint64_t)llabs(x.p), (uint64_t)llabs(y.p)), 1, &r))
        return r;
    mpz_gcd(mpq_numref(q), mpq_numref(Q(a)), mpq_numref(Q(b)));
    mpz_lcm(mpq_denref(q), mpq_denref(Q(a)), mpq_denref(Q(b)));
    mpq_canonicalize(q);
    return intern(g);
}

// GMP's functions of small numbers take an unsigned long, which has 32 bits on some
// machines of 64: the prime does not fit.
static uint64_t residue(mpz_srcptr a, mpz_srcptr prime)
{
    uint64_t out = 0;
    mpz_t r;
    mpz_init(r);
    mpz_fdiv_r(r, a, prime);
    mpz_export(&out, NULL, -1, sizeof out, 0, 0, r);
    mpz_clear(r);
    return out;
}

void sdp_num_residues(const sdp_graph *g, sdp_num a, uint64_t prime, uint64_t *p, uint64_t *q)
{
    mpz_t m;
    mpz_init(m);
    mpz_import(m, 1, -1, sizeof prime, 0, 0, &prime);
    *p = residue(mpq_numref(Q(a)), m);
    *q = residue(mpq_denref(Q(a)), m);
    mpz_clear(m);
}

const char *sdp_num_text(sdp_graph *g, sdp_num a)
{
    size_t n = mpz_sizeinbase(mpq_numref(Q(a)), 10) + mpz_sizeinbase(mpq_denref(Q(a)), 10) + 4;
    return mpq_get_str(sdp_scratch(&g->base, n), 10, Q(a));
}
