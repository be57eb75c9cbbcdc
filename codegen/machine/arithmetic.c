// SPDX-License-Identifier: MIT
// Sums and products of many steps, in the order in which C text has them.
#include <math.h>

#include "codegen/machine/machine.h"

// c*x, and numbers in front of x are one number, unless that leaves the range of normal numbers:
// 1e200*(1e200*x) has a value where infinity*x has none.
uint32_t sdp_m_scaled(sdp_program *p, double c, uint32_t x)
{
    const sdp_step *s = &p->step[x];
    double k;
    if (c >= 1 && c <= 1) return x;
    if (s->op == SDP_M_MUL && sdp_m_is_number(p, s->arg[0], &k) && isnormal(c * k))
        return sdp_m_two(p, SDP_M_MUL, sdp_m_number(p, c * k), s->arg[1]);
    if (c >= -1 && c <= -1) return sdp_m_one(p, SDP_M_NEGATE, x);
    return sdp_m_two(p, SDP_M_MUL, sdp_m_number(p, c), x);
}

// Terms in their order, a positive one first; numbers are one number at the end.
uint32_t sdp_m_linear(sdp_program *p, uint32_t n, const double *coef, const uint32_t *term)
{
    uint32_t *x = sdp_scratch(p->b, (n + 1) * sizeof *x), kept = 0, first = 0;
    double *c = sdp_scratch(p->b, (n + 1) * sizeof *c), constant = 0, v;
    for (uint32_t i = 0; i < n; i++) {
        if (sdp_m_is_number(p, term[i], &v)) constant += coef[i] * v;
        else c[kept] = coef[i], x[kept++] = term[i];
    }
    if (!kept) return sdp_m_number(p, constant);
    if (constant < 0 || constant > 0 || constant != constant)
        c[kept] = 1, x[kept++] = sdp_m_number(p, constant);
    if (kept >= 2 * SDP_LANES) {
        for (uint32_t i = 0; i < kept; i++) x[i] = sdp_m_scaled(p, c[i], x[i]);
        return sdp_m_sum(p, kept, x);
    }
    // 0 - 0 is no -0
    if (kept == 1 && n > 1 && c[0] < 0)
        return sdp_m_two(p, SDP_M_SUB, sdp_m_number(p, 0), sdp_m_scaled(p, -c[0], x[0]));
    while (first < kept && c[first] < 0) first++;
    if (first == kept) first = 0;
    uint32_t all = sdp_m_scaled(p, c[first], x[first]);
    for (uint32_t k = 0; k < kept; k++)
        if (k != first)
            all = sdp_m_two(p, c[k] < 0 ? SDP_M_SUB : SDP_M_ADD, all, sdp_m_scaled(p, fabs(c[k]), x[k]));
    return all;
}

// coef*f[0]*f[1]*..., in this order
uint32_t sdp_m_product(sdp_program *p, double coef, uint32_t n, const uint32_t *f)
{
    uint32_t all = 0;
    double v;
    for (uint32_t i = 0; i < n; i++)
        if (sdp_m_is_number(p, f[i], &v)) coef *= v;
    if (coef >= 0 && coef <= 0) return sdp_m_number(p, 0);
    bool negative = coef >= -1 && coef <= -1;
    if (!negative && (coef < 1 || coef > 1 || coef != coef)) all = sdp_m_number(p, coef);
    for (uint32_t i = 0; i < n; i++)
        if (!sdp_m_is_number(p, f[i], &v)) all = all ? sdp_m_two(p, SDP_M_MUL, all, f[i]) : f[i];
    if (!all) return sdp_m_number(p, coef);
    return negative ? sdp_m_one(p, SDP_M_NEGATE, all) : all;
}

uint32_t sdp_m_finite(sdp_program *p, uint32_t x)
{
    uint32_t zero = sdp_m_number(p, 0);
    return sdp_m_select(p, sdp_m_compare(p, SDP_EQUAL, sdp_m_two(p, SDP_M_SUB, x, x), zero), x, zero);
}
