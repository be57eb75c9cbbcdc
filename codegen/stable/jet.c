// SPDX-License-Identifier: MIT
// Coefficients of series that depend on parameters, and arithmetic of such series. See jet.h.
#include <math.h>
#include <string.h>

#include "codegen/stable/jet.h"
#include "simplify/zero/field.h"

// ---- coefficients -----------------------------------------------------------------------------------------
sdp_coef sdp_coef_digits(sdp_exact x) { return (sdp_coef){.number = true, .digits = x, .mod = {x.mod}}; }

static uint32_t entries(uint32_t order) { return 1u << SDP_JET_BITS * order; }

// Residues that are squares, so that roots have some, too
sdp_coef sdp_coef_random(uint64_t seed, uint32_t order)
{
    sdp_coef a = {.unknown = order > SDP_JET_ORDER, .order = (uint8_t)order};
    for (uint32_t i = 0; !a.unknown && i < entries(order); i++) {
        uint64_t h = sdp_field_hash(seed, i);
        a.mod[i] = sdp_field_mul(h, h);
    }
    return a;
}

bool sdp_coef_is_zero(const sdp_coef *a)
{
    bool zero = !a->unknown;
    for (uint32_t i = 0; zero && i < entries(a->order); i++) zero = a->mod[i] == 0;
    return zero;
}

uint64_t sdp_coef_entry(const sdp_coef *a, uint32_t i) { return a->mod[a->order ? i : 0]; }

sdp_val sdp_coef_value(sdp_jets *r, const sdp_coef *a)
{
    return a->number ? sdp_value_number(r->s, sdp_num_of_double(r->g, a->digits.hi)) : a->val;
}

static sdp_val like(sdp_schedule *s, sdp_val v, sdp_val shape)
{
    uint32_t order = s->value[shape].order;
    return s->value[v].order == order ? v : sdp_value_repeat(s, v, shape, (1u << order) - 1);
}

sdp_val sdp_coef_value_like(sdp_jets *r, const sdp_coef *a, sdp_val shape)
{
    if (a->number) return sdp_value_filled(r->s, sdp_num_of_double(r->g, a->digits.hi), shape);
    return like(r->s, a->val, shape);
}

// Two values in the shape of that with more axes
static void alike(sdp_schedule *s, sdp_val *a, sdp_val *b)
{
    if (s->value[*a].order < s->value[*b].order) *a = like(s, *a, *b);
    else *b = like(s, *b, *a);
}

// The sum of p + (1-p) is 1: a function of it has digits.
sdp_coef sdp_coef_settle(sdp_coef a)
{
    enum { SMALL = 32 };
    uint64_t first = a.mod[0];
    if (a.number || a.unknown || a.signless) return a;
    for (uint32_t i = 1; i < entries(a.order); i++)
        if (a.mod[i] != first) return a;
    if (first > SMALL && first < SDP_FIELD_PRIME - SMALL) return a;
    return sdp_coef_digits(sdp_exact_int(first <= SMALL ? (long)first : -(long)(SDP_FIELD_PRIME - first)));
}

static sdp_coef pointwise(const sdp_coef *a, const sdp_coef *b, uint64_t (*op)(uint64_t, uint64_t))
{
    sdp_coef c = {.unknown = a->unknown || b->unknown,
                  .signless = a->signless || b->signless,
                  .order = a->order > b->order ? a->order : b->order};
    for (uint32_t i = 0; !c.unknown && i < entries(c.order); i++)
        c.mod[i] = op(sdp_coef_entry(a, i), sdp_coef_entry(b, i));
    return c;
}

void sdp_jets_require(sdp_jets *r, sdp_val positive)
{
    sdp_jet_at *a = r->now;
    a->positive = sdp_grown(&r->g->base, a->positive, a->npositive, &a->positive_cap, sizeof *a->positive);
    a->positive[a->npositive++] = positive;
}

// sqrt(c^2)-c is 0 where c > 0 alone: the sum must be less than x and y when the code runs.
static void require_zero(sdp_jets *r, sdp_val sum, sdp_val x, sdp_val y)
{
    sdp_schedule *s = r->s;
    sdp_val size = sdp_value_add(s, SDP_NUM_ONE, sdp_value_map1(s, SDP_OP_abs, x), SDP_NUM_ONE,
                                 sdp_value_map1(s, SDP_OP_abs, y));
    sdp_jets_require(r, sdp_value_add(s, sdp_num_of_double(r->g, 0x1p-40), size, SDP_NUM_MINUS_ONE,
                                      sdp_value_map1(s, SDP_OP_abs, sum)));
}

// A residue 0 alone does not say that a sum is 0: modulo 2^61-1 the roots of 1/2 and 18 may have other signs.
static sdp_coef sum_of_numbers(sdp_exact a, sdp_exact b)
{
    sdp_coef c = sdp_coef_digits(sdp_exact_add(a, b));
    double size = fabs(a.hi) + fabs(b.hi);
    bool sound = c.digits.mod ? fabs(c.digits.hi) > 1e-12 * size : fabs(c.digits.hi) <= 1e-9 * size;
    return sound ? c : (sdp_coef){.unknown = true};
}

sdp_coef sdp_coef_add(sdp_jets *r, const sdp_coef *a, const sdp_coef *b)
{
    if (a->number && b->number) return sum_of_numbers(a->digits, b->digits);
    if (sdp_coef_is_zero(a)) return *b;
    if (sdp_coef_is_zero(b)) return *a;
    sdp_coef c = sdp_coef_settle(pointwise(a, b, sdp_field_add));
    if (c.number || !r->s) return c;
    sdp_val x = sdp_coef_value(r, a), y = sdp_coef_value(r, b);
    alike(r->s, &x, &y);
    c.val = sdp_value_add(r->s, SDP_NUM_ONE, x, SDP_NUM_ONE, y);
    if (sdp_coef_is_zero(&c)) require_zero(r, c.val, x, y);
    return c;
}

sdp_coef sdp_coef_mul(sdp_jets *r, const sdp_coef *a, const sdp_coef *b)
{
    if (a->number && b->number) return sdp_coef_digits(sdp_exact_mul(a->digits, b->digits));
    if (sdp_coef_is_zero(a) || sdp_coef_is_zero(b)) return sdp_coef_digits(sdp_exact_int(0));
    if (b->number) return sdp_coef_mul(r, b, a);
    sdp_coef c = sdp_coef_settle(pointwise(a, b, sdp_field_mul));
    if (c.number || !r->s) return c;
    sdp_val v[2] = {a->val, b->val};
    if (a->number) {
        sdp_num k = sdp_num_of_double(r->g, a->digits.hi);
        c.val = k == SDP_NUM_ONE ? b->val : sdp_value_times(r->s, k, 1, &v[1]);
        return c;
    }
    alike(r->s, &v[0], &v[1]);
    c.val = sdp_value_times(r->s, SDP_NUM_ONE, 2, v);
    return c;
}

bool sdp_coef_num(sdp_jets *r, sdp_num v, sdp_coef *out)
{
    sdp_exact x = {0, 0, 0};
    if (v != SDP_NUM_ZERO && !sdp_exact_num(r->g, v, &x)) return false;
    *out = sdp_coef_digits(x);
    return true;
}

static sdp_val power_value(sdp_jets *r, const sdp_coef *a, sdp_num q)
{
    sdp_val v = sdp_coef_value(r, a);
    sdp_val arg[2] = {v, sdp_value_filled(r->s, q, v)};
    return sdp_value_simple(r->s, SDP_V_POW, 2, arg, 0, 0, r->s->value[v].order, r->s->value[v].dim);
}

static uint64_t power_residue(sdp_graph *g, uint64_t a, sdp_num q, bool *exists, bool *signless)
{
    long k;
    *exists &= a != 0;
    if (!a) return 0;
    sdp_num twice = sdp_num_mul(g, SDP_NUM_TWO, q);
    if (!sdp_num_is_int(g, q) && sdp_num_is_int(g, twice)) {
        uint64_t root = sdp_field_pow(a, (SDP_FIELD_PRIME + 1) / 4);
        if (sdp_field_mul(root, root) == a) a = root, q = twice, *signless = true;
    }
    if (!sdp_num_long(g, q, &k)) {
        uint64_t h = sdp_field_hash(sdp_field_hash(11, q), a);
        return sdp_field_mul(h, h);
    }
    uint64_t p = sdp_field_pow(a, (uint64_t)(k < 0 ? -k : k));
    return k < 0 ? sdp_field_inv(p) : p;
}

bool sdp_coef_power(sdp_jets *r, const sdp_coef *a, sdp_num q, sdp_coef *out)
{
    sdp_exact x;
    bool exists = !a->unknown;
    if (q == SDP_NUM_ONE) return *out = *a, exists;
    if (a->number && sdp_exact_power(r->g, a->digits, q, &x)) return *out = sdp_coef_digits(x), true;
    if (a->number && !(a->digits.hi > 0)) return false;
    *out = (sdp_coef){.order = a->order, .signless = a->signless};
    for (uint32_t i = 0; exists && i < entries(a->order); i++)
        out->mod[i] = power_residue(r->g, a->mod[i], q, &exists, &out->signless);
    *out = sdp_coef_settle(*out);
    if (exists && !out->number && r->s) out->val = power_value(r, a, q);
    return exists;
}

bool sdp_coef_div(sdp_jets *r, const sdp_coef *a, const sdp_coef *b, sdp_coef *out)
{
    sdp_coef inverse;
    if (!sdp_coef_power(r, b, SDP_NUM_MINUS_ONE, &inverse)) return false;
    *out = a->number && b->number ? sdp_coef_digits(sdp_exact_div(a->digits, b->digits))
                                  : sdp_coef_mul(r, a, &inverse);
    return true;
}

// A function of 0 or 1 that is a number, the logarithm of one, or a power of
// e; false: another number, or none
static bool map_digits(sdp_jets *r, int op, sdp_exact x, sdp_exact *out, bool *exists)
{
    if (sdp_exact_at(r->g, op, x, out)) return true;
    bool zero = !x.mod, one = x.mod == 1 && x.hi == 1 && x.lo == 0;
    *exists = !(zero && sdp_ops[op].domain && !strcmp(sdp_ops[op].domain, "x>0"));
    if (!*exists || (!zero && !one)) return false;
    const sdp_node *v =
        sdp_get(r->g, sdp_map1(r->g, op, sdp_number(r->g, zero ? SDP_NUM_ZERO : SDP_NUM_ONE)));
    return v->kind == SDP_NUM &&
           (v->param == SDP_NUM_ZERO ? *out = sdp_exact_int(0), true : sdp_exact_num(r->g, v->param, out));
}

bool sdp_coef_map(sdp_jets *r, int op, const sdp_coef *a, sdp_coef *out)
{
    sdp_exact x;
    bool exists = !a->unknown;
    if (a->number && map_digits(r, op, a->digits, &x, &exists)) return *out = sdp_coef_digits(x), true;
    *out = (sdp_coef){.order = a->order, .signless = a->signless};
    for (uint32_t i = 0; exists && i < entries(a->order); i++)
        out->mod[i] = sdp_field_function(12, op, a->mod[i]);
    if (exists && r->s) out->val = sdp_value_map1(r->s, op, sdp_coef_value(r, a));
    return exists;
}

// ---- series -----------------------------------------------------------------------------------------------
sdp_coef *sdp_coef_room(sdp_jets *r, uint32_t n)
{
    sdp_coef *c = sdp_scratch(&r->g->base, (n + 1) * sizeof *c);
    for (uint32_t i = 0; i <= n; i++) c[i] = sdp_coef_digits(sdp_exact_int(0));
    return c;
}

bool sdp_jet_finish(sdp_jet *s, int low, uint32_t n, sdp_coef *c)
{
    uint32_t known = 0;
    while (known < n && !c[known].unknown) known++;
    for (n = known; n && sdp_coef_is_zero(c);) n--, c++, low++;
    *s = (sdp_jet){.low = low, .n = n, .c = c};
    return n > 0;
}

bool sdp_jet_monomial(sdp_jets *r, sdp_coef a, int power, uint32_t n, sdp_jet *out)
{
    sdp_coef *c = sdp_coef_room(r, n);
    c[0] = a;
    *out = (sdp_jet){.low = power, .whole = true, .n = n, .c = c};
    return !a.unknown && !sdp_coef_is_zero(&a);
}

bool sdp_jet_constant(sdp_jets *r, const sdp_coef *a, uint32_t n, sdp_jet *out)
{
    return sdp_jet_monomial(r, *a, 0, n, out);
}

uint32_t sdp_jet_length(const sdp_jet *s)
{
    uint32_t n = s->n;
    while (n && sdp_coef_is_zero(&s->c[n - 1])) n--;
    return n;
}

bool sdp_jet_sum(sdp_jets *r, uint32_t n, const sdp_num *coef, const sdp_jet *term, sdp_jet *out)
{
    int low = term[0].low, end = low + (int)term[0].n;
    for (uint32_t i = 1; i < n; i++) {
        int last = term[i].low + (int)term[i].n;
        if (term[i].low < low) low = term[i].low;
        if (last < end) end = last;
    }
    if (end <= low) return false;
    bool whole = true;
    for (uint32_t i = 0; i < n; i++)
        whole &= term[i].whole && term[i].low + (int)sdp_jet_length(&term[i]) <= end;
    sdp_coef *c = sdp_coef_room(r, (uint32_t)(end - low));
    for (uint32_t i = 0; i < n; i++) {
        sdp_coef k;
        if (!sdp_coef_num(r, coef[i], &k)) return false;
        for (int j = term[i].low; j < end; j++) {
            sdp_coef t = sdp_coef_mul(r, &k, &term[i].c[j - term[i].low]);
            c[j - low] = sdp_coef_add(r, &c[j - low], &t);
            if (c[j - low].unknown) return false;
        }
    }
    bool known = sdp_jet_finish(out, low, (uint32_t)(end - low), c);
    out->whole = whole;
    return known;
}

bool sdp_jet_convolved(sdp_jets *r, const sdp_coef *a, const sdp_coef *b, uint32_t k, sdp_coef *out)
{
    *out = sdp_coef_digits(sdp_exact_int(0));
    for (uint32_t j = 0; j <= k; j++) {
        sdp_coef t = sdp_coef_mul(r, &a[j], &b[k - j]);
        *out = sdp_coef_add(r, out, &t);
    }
    return !out->unknown;
}

bool sdp_jet_product(sdp_jets *r, const sdp_jet *a, const sdp_jet *b, sdp_jet *out)
{
    uint32_t n = a->n < b->n ? a->n : b->n;
    bool whole = a->whole && b->whole && sdp_jet_length(a) + sdp_jet_length(b) <= n + 1;
    sdp_coef *c = sdp_coef_room(r, n);
    for (uint32_t k = 0; k < n; k++)
        if (!sdp_jet_convolved(r, a->c, b->c, k, &c[k])) return false;
    bool known = sdp_jet_finish(out, a->low + b->low, n, c);
    out->whole = whole;
    return known;
}

// From  a p' = q a' p:  k a0 p_k = sum of (q j + j - k) a_j p_(k-j)
bool sdp_jet_powered(sdp_jets *r, const sdp_coef *a, sdp_num q, sdp_coef *p, uint32_t k)
{
    sdp_coef sum = sdp_coef_digits(sdp_exact_int(0)), by = sdp_coef_digits(sdp_exact_int((long)k));
    for (uint32_t j = 1; j <= k; j++) {
        sdp_coef weight, t;
        if (sdp_coef_is_zero(&a[j])) continue;
        sdp_num w = sdp_num_add(r->g, sdp_num_mul(r->g, q, sdp_num_int(r->g, (long)j)),
                                sdp_num_int(r->g, (long)j - (long)k));
        if (!sdp_coef_num(r, w, &weight)) return false;
        t = sdp_coef_mul(r, &weight, &a[j]);
        t = sdp_coef_mul(r, &t, &p[k - j]);
        sum = sdp_coef_add(r, &sum, &t);
    }
    by = sdp_coef_mul(r, &by, &a[0]);
    return sdp_coef_div(r, &sum, &by, &p[k]);
}

// Returns an upper bound for the sum of the terms behind the first one, 0 if there are none.
static sdp_val others(sdp_jets *r, uint32_t n, const sdp_coef *c)
{
    sdp_schedule *s = r->s;
    sdp_val v = 0;
    for (uint32_t k = n; k-- > 1;) {
        sdp_val size = sdp_value_map1(s, SDP_OP_abs, r->u), next = 0;
        if (!sdp_coef_is_zero(&c[k])) next = sdp_value_map1(s, SDP_OP_abs, sdp_coef_value(r, &c[k]));
        if (v && next) alike(s, &v, &next), next = sdp_value_add(s, SDP_NUM_ONE, v, SDP_NUM_ONE, next);
        v = next ? next : v;
        if (v) alike(s, &v, &size), v = sdp_value_times(s, SDP_NUM_ONE, 2, (sdp_val[]){v, size});
    }
    return v;
}

static void require_less(sdp_jets *r, sdp_val v, sdp_val most)
{
    alike(r->s, &v, &most);
    sdp_jets_require(r, sdp_value_add(r->s, SDP_NUM_MINUS_ONE, v, SDP_NUM_ONE, most));
}

// Roots and angles have branches: sqrt((c-u)^2+w) is c-u up to u = c and u-c beyond, and where w
// = 0 no term of the series tells. Where the first term is larger than all others together,
// there is no zero, and one branch.
void sdp_jet_require_first(sdp_jets *r, const sdp_jet *a)
{
    bool numbers = true;
    for (uint32_t k = 0; k < a->n; k++) numbers &= a->c[k].number;
    sdp_val v = numbers || !r->s || !r->u ? 0 : others(r, a->n, a->c);
    if (v) require_less(r, v, sdp_value_map1(r->s, SDP_OP_abs, sdp_coef_value(r, &a->c[0])));
}

// exp(c+u), tanh(c+u) and their derivatives are numbers without digits for large c: all terms of
// exp(-exp(c+u)) are 0 for c = 8, but at u = -7 it is 0.066. Where the argument is about the same as at the
// place, so is what is 0 there.
void sdp_jet_require_alike(sdp_jets *r, uint32_t n, const sdp_coef *argument)
{
    enum { EXACT = 8, MOST = 2 };
    bool small = argument->number && fabs(argument->digits.hi) < EXACT;
    sdp_val v = small || !r->s || !r->u ? 0 : others(r, n, argument);
    if (v) require_less(r, v, sdp_value_number(r->s, sdp_num_int(r->g, MOST)));
}

// (u^low ...)^q is u^(low*q) where u >= 0, where q is an integer and where both
// exponents are even: sqrt(u^2) is abs(u).
bool sdp_jet_root_exists(const sdp_jets *r, const sdp_jet *a, sdp_num q)
{
    long low;
    if (!sdp_num_long(r->g, sdp_num_mul(r->g, q, sdp_num_int(r->g, a->low)), &low)) return false;
    return r->one_sided || sdp_num_is_int(r->g, q) || !(a->low % 2 || low % 2);
}

bool sdp_jet_power(sdp_jets *r, const sdp_jet *a, sdp_num q, sdp_jet *out)
{
    enum { MOST_FACTORS = 8 };
    long low, times;
    if (a->n && sdp_num_long(r->g, q, &times) && times > 0 &&
        times <= MOST_FACTORS) { // a0 may be 0 for some parameters
        for (*out = *a; times > 1; times--)
            if (!sdp_jet_product(r, out, a, out)) return false;
        return true;
    }
    sdp_coef *p = sdp_coef_room(r, a->n);
    if (!a->n || !sdp_num_long(r->g, sdp_num_mul(r->g, q, sdp_num_int(r->g, a->low)), &low) || low > 64 ||
        low < -64)
        return false;
    if (!sdp_jet_root_exists(r, a, q)) return false;
    if (!sdp_coef_power(r, &a->c[0], q, &p[0])) return false;
    if (!sdp_num_is_int(r->g, q)) sdp_jet_require_first(r, a);
    for (uint32_t k = 1; k < a->n; k++)
        if (!sdp_jet_powered(r, a->c, q, p, k)) return false;
    bool whole = a->whole && sdp_jet_length(a) == 1, known = sdp_jet_finish(out, (int)low, a->n, p);
    out->whole = whole;
    return known;
}
