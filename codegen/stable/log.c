// SPDX-License-Identifier: MIT
// Logarithms of what leaves the range of double although its logarithm does not.
//
// sinh(x)/x at 800 is infinite, 1-tanh(x)^2 at 30 is 0, softplus(x) at -800 is 0. A table has the logarithms
// of growing and vanishing functions; that of a product with such a factor is the sum of the logarithms where
// the product is 0 or infinite as a double, and positive by the signs of its factors. Entry: sdp_lower_log.
#include "codegen/stable/stable.h"

enum { COSH };
// Logarithms without overflow and underflow, and with all digits near 0. `size` is log(abs(f)), for large x.
static const struct {
    uint16_t op;
    const char *whole, *size;
} logs[] = {
    [COSH] = {SDP_OP_cosh, "where(abs(x)-1,abs(x)-log(2)+softplus(-2*abs(x)),log1p(2*sinh(x/2)^2))",
              "abs(x)-log(2)+softplus(-2*abs(x))"},
    {SDP_OP_sinh, "where(x-1,x-log(2)+log1p(-exp(-2*x)),log(sinh(x)))",
     "abs(x)-log(2)+log1p(-exp(-2*abs(x)))"},
    {SDP_OP_expm1, "x+where(log(2)-x,log(-expm1(-x)),log1p(-exp(-x)))", "relu(x)+log1p(-exp(-abs(x)))"},
    {SDP_OP_softplus, "where(-40-x,x,log(softplus(x)))", "where(-40-x,x,log(softplus(x)))"},
};
enum { LOGS = sizeof logs / sizeof *logs };

static size_t log_row(const sdp_node *f)
{
    size_t i = 0;
    while (i < LOGS && (f->kind != SDP_MAP || f->op != logs[i].op)) i++;
    return i;
}

// log(sinh(x)/x): where the product leaves the range of double and is positive, the sum of the logarithms
static sdp_val log_of_product(sdp_schedule *s, const sdp_node *n, sdp_id product)
{
    const sdp_node *a = sdp_get(s->g, product);
    sdp_val whole = s->of[product], *size = sdp_scratch(&s->g->base, (a->nargs + 1) * sizeof *size),
            *sign = sdp_scratch(&s->g->base, (a->nargs + 2) * sizeof *sign);
    sdp_num *times = sdp_scratch(&s->g->base, (a->nargs + 1) * sizeof *times);
    uint32_t sizes = 0, signs = 0;
    bool any = false;
    if (!sdp_is_entrywise(s->g, a) || a->nargs < 2 || sdp_num_sign(s->g, a->coef[0]) < 0) return 0;
    if (a->coef[0] != SDP_NUM_ONE) {
        times[sizes] = SDP_NUM_ONE;
        size[sizes++] = sdp_value_map1(s, SDP_OP_log, sdp_value_filled(s, a->coef[0], whole));
    }
    for (uint32_t i = 0; i < a->nargs; i++) {
        const sdp_node *f = sdp_get(s->g, a->arg[i]);
        long power = 1;
        bool raised = f->kind == SDP_POW && sdp_get(s->g, f->arg[1])->kind == SDP_NUM &&
                      sdp_num_long(s->g, sdp_get(s->g, f->arg[1])->param, &power);
        sdp_id base = raised ? f->arg[0] : a->arg[i];
        const sdp_node *b = sdp_get(s->g, base);
        size_t row = log_row(b);
        if (f->order != a->order) return 0;
        any |= row < LOGS;
        times[sizes] = sdp_num_int(s->g, power);
        size[sizes++] = row < LOGS ? sdp_value_formula(s, logs[row].size, s->of[b->arg[0]])
                                   : sdp_value_formula(s, "log(abs(x))", s->of[base]);
        // a power below the smallest number has the sign of its base
        if (power % 2) sign[signs++] = sdp_value_map1(s, SDP_OP_sign, s->of[base]);
    }
    if (!any) return 0;
    sign[signs++] = sdp_value_formula(s, "1-where(x-1e-300,where(1e300-x,1,0),0)", whole);
    return sdp_value_where(s, sdp_value_times(s, SDP_NUM_ONE, signs, sign),
                           sdp_value_sum(s, sizes, times, size), sdp_value_map1(s, n->op, whole));
}

// log(1-tanh(x)^2) = -2*log(cosh(x))
static sdp_val log_of_sech(sdp_schedule *s, const sdp_node *a)
{
    const sdp_node *square = a->kind == SDP_MUL && a->nargs == 1 ? sdp_get(s->g, a->arg[0]) : NULL;
    if (!square || square->kind != SDP_POW || square->arg[1] != sdp_number(s->g, SDP_NUM_TWO)) return 0;
    const sdp_node *f = sdp_get(s->g, square->arg[0]);
    bool plain = a->coef[0] == SDP_NUM_MINUS_ONE && sdp_is_entrywise(s->g, a) && a->order == f->order &&
                 f->kind == SDP_MAP && f->op == SDP_OP_tanh;
    if (!plain) return 0;
    sdp_val log_cosh = sdp_value_formula(s, logs[COSH].whole, s->of[f->arg[0]]);
    return sdp_value_sum(s, 1, (sdp_num[]){sdp_num_int(s->g, -2)}, &log_cosh);
}

// The logarithm of a function of the table, log(1-exp(x)) by log1p, or by expm1 where exp(x) is near 1, and
// those of products. 0: as it is written
sdp_val sdp_lower_log(sdp_schedule *s, const sdp_node *n)
{
    if (n->op != SDP_OP_log && n->op != SDP_OP_log1p) return 0;
    const sdp_node *a = sdp_get(s->g, n->arg[0]),
                   *f = a->kind == SDP_MUL && a->nargs == 1 ? sdp_get(s->g, a->arg[0]) : a;
    if (n->op == SDP_OP_log1p) return log_of_sech(s, a);
    size_t row = log_row(f);
    if (f == a && row < LOGS) return sdp_value_formula(s, logs[row].whole, s->of[f->arg[0]]);
    if (a->kind == SDP_MUL && a->nargs > 1) return log_of_product(s, n, n->arg[0]);
    if (f->kind != SDP_MAP || f->op != SDP_OP_expm1) return 0;
    bool plain = a->coef[0] == SDP_NUM_MINUS_ONE && sdp_is_entrywise(s->g, a) && a->order == f->order;
    return plain ? sdp_value_formula(s, "where(x+log(2),log(-expm1(x)),log1p(-exp(x)))", s->of[f->arg[0]])
                 : 0;
}
