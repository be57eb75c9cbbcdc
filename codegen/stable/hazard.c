// SPDX-License-Identifier: MIT
// Before scheduling: quotients of exp(-u^2) by erfc(u), the hazard of a normal distribution,
// are derivatives of log(erfc(u)).
//
//     2-erfc(u) = erfc(-u)
//     exp(-u^2)/erfc(u) = -sqrt(pi)/2*D,  -2 u D - D^2 = dlogerfc(2,u),  and so on, for D = dlogerfc(1,u)
//
// Where erfc(u) is too small for a double so is the exponential, and their quotient is not; its derivatives
// are sums of products of u and D that cancel, and a derivative of the next order. So exp(-x^2/2)/normcdf(x)
// and its derivatives have all digits at -50.
#include "codegen/stable/difference.h"
#include "simplify/answer/answer.h"

enum { MOST_ORDER = 4, MOST_MULTIPLE = 6 };

static bool is_map(const sdp_graph *g, sdp_id id, int op)
{
    return sdp_get(g, id)->kind == SDP_MAP && sdp_get(g, id)->op == op;
}

static sdp_id derivative_of_log(sdp_graph *g, long order, sdp_id u)
{
    const sdp_node *n = sdp_get(g, u);
    sdp_id k = sdp_number(g, sdp_num_int(g, order));
    return sdp_map(g, SDP_OP_dlogerfc, (sdp_id[]){n->order ? sdp_broadcast(g, k, n->order, n->dim) : k, u});
}

// How often is -u^2 contained in v; 0: v is no such multiple
static long multiple_of_square(sdp_graph *g, sdp_id v, sdp_id u)
{
    sdp_id square = sdp_power_num(g, u, SDP_NUM_TWO);
    for (long m = 1; m <= MOST_MULTIPLE; m++)
        if (sdp_scale(g, sdp_num_int(g, -m), square) == v) return m;
    return 0;
}

// exp(-m u^2) erfc(u)^-k for m, k > 0
static sdp_id quotient(sdp_graph *g, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    for (uint32_t i = 0; n->kind == SDP_MUL && i < n->nargs; i++)
        for (uint32_t j = 0; is_map(g, n->arg[i], SDP_OP_exp) && j < n->nargs; j++) {
            const sdp_node *p = sdp_get(g, n->arg[j]);
            sdp_num e;
            long k, m;
            if (p->kind != SDP_POW || !is_map(g, p->arg[0], SDP_OP_erfc) ||
                !sdp_is_number(g, p->arg[1], &e) || !sdp_num_long(g, e, &k) || k >= 0)
                continue;
            sdp_id u = sdp_get(g, p->arg[0])->arg[0];
            if (!sdp_is_entrywise(g, n) || !(m = multiple_of_square(g, sdp_get(g, n->arg[i])->arg[0], u)))
                continue;
            long both = m < -k ? m : -k;
            sdp_id rate = sdp_template(g, "-sqrt(pi)/2*x", 1, (sdp_id[]){derivative_of_log(g, 1, u)}),
                   v = sdp_number(g, n->coef[0]);
            for (uint32_t q = 0; q < n->nargs; q++)
                if (q != i && q != j) v = sdp_times(g, v, n->arg[q]);
            v = sdp_times(g, v, sdp_power_num(g, rate, sdp_num_int(g, both)));
            v = sdp_times(g, v, sdp_power_num(g, p->arg[0], sdp_num_int(g, k + both)));
            if (m > both)
                v = sdp_times(g, v,
                              sdp_map1(g, SDP_OP_exp,
                                       sdp_scale(g, sdp_num_int(g, both - m),
                                                 sdp_power_num(g, u, SDP_NUM_TWO))));
            return sdp_get(g, v)->order < n->order ? sdp_broadcast(g, v, n->order, n->dim) : v;
        }
    return id;
}

// The derivatives of log(erfc(u)) by the first, D
static void formulas(sdp_graph *g, sdp_id u, sdp_id *d)
{
    for (long n = 1; n < MOST_ORDER; n++) d[n + 1] = sdp_multiply_out_all(g, sdp_log_erfc_next(g, u, d, n));
}

// rational * 2^(two/2) * pi^(pi/2)
typedef struct {
    sdp_num rational;
    long two, pi;
} constant;

// Takes in a factor base^(halves/2) that is made of powers of two and pi; false: it is something else
static bool take(sdp_graph *g, constant *c, sdp_id base, long halves)
{
    const sdp_node *n = sdp_get(g, base);
    long v;
    if (n->kind == SDP_CONST && n->op == SDP_OP_pi) return c->pi += halves, true;
    if (n->kind == SDP_MUL && n->nargs == 1 && !n->order)
        return take(g, c, sdp_number(g, n->coef[0]), halves) && take(g, c, n->arg[0], halves);
    if (n->kind != SDP_NUM) return false;
    if (halves % 2 == 0)
        return c->rational = sdp_num_mul(g, c->rational, sdp_num_pow(g, n->param, halves / 2)), true;
    if (!sdp_num_long(g, n->param, &v) || v < 1 || (v & (v - 1))) return false;
    for (; v > 1; v /= 2) c->two += halves;
    return true;
}

// A term with its constants in one form: sqrt(pi)/sqrt(2) and pi/sqrt(2*pi) are equal
static sdp_id with_one_constant(sdp_graph *g, sdp_num coef, sdp_id term)
{
    const sdp_node *m = sdp_get(g, term);
    constant c = {m->kind == SDP_MUL ? sdp_num_mul(g, coef, m->coef[0]) : coef, 0, 0};
    if (m->kind != SDP_MUL) return sdp_scale(g, coef, term);
    sdp_id *kept = sdp_scratch(&g->base, (m->nargs + 1) * sizeof *kept);
    uint8_t *label = sdp_scratch(&g->base, (m->nargs + 1) * SDP_MAX_ORDER);
    uint32_t nkept = 0, nlabels = 0;
    for (uint32_t i = 0; i < m->nargs; i++) { // the other factors stay where their labels put them
        const sdp_node *p = sdp_get(g, m->arg[i]);
        sdp_num e;
        long halves = 2;
        bool power = p->kind == SDP_POW && sdp_is_number(g, p->arg[1], &e) &&
                     sdp_num_long(g, sdp_num_mul(g, e, SDP_NUM_TWO), &halves);
        constant before = c;
        if (!p->order && take(g, &c, power ? p->arg[0] : m->arg[i], halves)) continue;
        c = before;
        kept[nkept++] = m->arg[i];
        sdp_copy(label + nlabels, sdp_labels(g, m, i), p->order);
        nlabels += p->order;
    }
    sdp_id rest = sdp_mul(g, SDP_NUM_ONE, nkept, kept, label, m->order, sdp_labels(g, m, m->nargs), m->ldim);
    long odd = c.two % 2 != 0, odd_pi = c.pi % 2 != 0;
    c.rational = sdp_num_mul(g, c.rational, sdp_num_pow(g, SDP_NUM_TWO, (c.two - odd) / 2));
    rest =
        sdp_times(g, rest, sdp_power_num(g, sdp_constant(g, SDP_OP_pi), sdp_num_int(g, (c.pi - odd_pi) / 2)));
    if (odd) rest = sdp_times(g, rest, sdp_power_num(g, sdp_number(g, SDP_NUM_TWO), SDP_NUM_HALF));
    if (odd_pi) rest = sdp_times(g, rest, sdp_power_num(g, sdp_constant(g, SDP_OP_pi), SDP_NUM_HALF));
    return sdp_scale(g, c.rational, rest);
}

static sdp_id with_like_constants(sdp_graph *g, sdp_id sum)
{
    sdp_id all = 0;
    sum = sdp_multiply_out_all(g, sum);
    const sdp_node *n = sdp_get(g, sum);
    for (uint32_t i = 0; n->kind == SDP_ADD && i < n->nargs; i++) {
        sdp_id t = with_one_constant(g, n->coef[i], n->arg[i]);
        if (sdp_get(g, t)->order < n->order) t = sdp_broadcast(g, t, n->order, n->dim);
        all = all ? sdp_add2(g, all, t) : t;
    }
    return all ? all : sum;
}

// Returns the coefficient of first^order in a sum, 0 if there is none.
static sdp_id coefficient(sdp_graph *g, sdp_id sum, sdp_id first, long order)
{
    const sdp_node *n = sdp_get(g, sum);
    sdp_id power = sdp_power_num(g, first, sdp_num_int(g, order));
    for (uint32_t i = 0; n->kind == SDP_ADD && i < n->nargs; i++) {
        const sdp_node *m = sdp_get(g, n->arg[i]);
        if (n->arg[i] == power) return sdp_number(g, n->coef[i]);
        for (uint32_t k = 0; m->kind == SDP_MUL && k < m->nargs; k++) {
            if (m->arg[k] != power || !sdp_is_entrywise(g, m)) continue;
            sdp_id c = sdp_number(g, n->coef[i]);
            for (uint32_t q = 0; q < m->nargs; q++)
                if (q != k) c = sdp_times(g, c, m->arg[q]);
            return c;
        }
    }
    return 0;
}

// The first derivative of log(erfc(u)) in a sum of products; 0: there is none
static sdp_id first_in(const sdp_graph *g, const sdp_node *n)
{
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *m = sdp_get(g, n->arg[i]);
        for (uint32_t k = 0; k < (m->kind == SDP_MUL ? m->nargs : 1); k++) {
            sdp_id f = m->kind == SDP_MUL ? m->arg[k] : n->arg[i];
            if (sdp_get(g, f)->kind == SDP_POW) f = sdp_get(g, f)->arg[0];
            if (is_map(g, f, SDP_OP_dlogerfc)) return f;
        }
    }
    return 0;
}

static uint32_t terms_of(const sdp_graph *g, sdp_id sum)
{
    return sdp_get(g, sum)->kind == SDP_ADD ? sdp_get(g, sum)->nargs : 1;
}

// A sum that is c times a derivative of log(erfc(u)) of order 2, 3 or 4
static sdp_id higher_order(sdp_graph *g, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    sdp_id d[MOST_ORDER + 1] = {0, n->kind == SDP_ADD && n->nargs <= SDP_FLAT_TERMS ? first_in(g, n) : 0};
    sdp_num one;
    if (!d[1] || !sdp_is_number(g, sdp_get(g, d[1])->arg[0], &one) || one != SDP_NUM_ONE) return id;
    sdp_id u = sdp_get(g, d[1])->arg[1], sum = with_like_constants(g, id);
    formulas(g, u, d);
    for (long k = MOST_ORDER; k > 1; k--) {
        sdp_id c = coefficient(g, sum, d[1], k), own = coefficient(g, d[k], d[1], k);
        if (!c || !own) continue;
        sdp_id ratio = sdp_times(g, c, sdp_power_num(g, own, SDP_NUM_MINUS_ONE));
        sdp_id rest =
            with_like_constants(g, sdp_sub(g, sum, sdp_multiply_out_all(g, sdp_times(g, d[k], ratio))));
        sdp_id v = sdp_times(g, ratio, derivative_of_log(g, k, u));
        if (sdp_is_zero(g, rest)) return v;
        // each has fewer terms
        if (terms_of(g, rest) < terms_of(g, sum)) return sdp_add2(g, v, higher_order(g, rest));
    }
    return id;
}

// 2 - erfc(u) = erfc(-u), for which 1-normcdf(x) stands
static sdp_id complement(sdp_graph *g, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    sdp_num v;
    for (uint32_t i = 0; n->kind == SDP_ADD && n->nargs == 2 && i < 2; i++) {
        sdp_num c = n->coef[i];
        if (!is_map(g, n->arg[i], SDP_OP_erfc) || !sdp_is_number(g, n->arg[1 - i], &v)) continue;
        if (sdp_num_mul(g, v, n->coef[1 - i]) != sdp_num_mul(g, sdp_num_int(g, -2), c)) continue;
        sdp_id minus = sdp_scale(g, SDP_NUM_MINUS_ONE, sdp_get(g, n->arg[i])->arg[0]);
        return sdp_scale(g, sdp_num_neg(g, c), sdp_map1(g, SDP_OP_erfc, minus));
    }
    return id;
}

// A product of a sum and erfc(u)^-k, multiplied out
static sdp_id multiplied_out(sdp_graph *g, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    bool divided = false, sum = false;
    for (uint32_t i = 0; n->kind == SDP_MUL && sdp_is_entrywise(g, n) && i < n->nargs; i++) {
        const sdp_node *p = sdp_get(g, n->arg[i]);
        divided |= p->kind == SDP_POW && is_map(g, p->arg[0], SDP_OP_erfc);
        sum |= p->kind == SDP_ADD && first_in(g, p) == 0;
    }
    if (!divided || !sum) return id;
    sdp_id flat = sdp_multiply_out_all(g, id), all = 0;
    n = sdp_get(g, flat);
    for (uint32_t i = 0; n->kind == SDP_ADD && i < n->nargs; i++) {
        sdp_id t = sdp_scale(g, n->coef[i], quotient(g, n->arg[i]));
        all = all ? sdp_add2(g, all, t) : t;
    }
    return all ? all : id;
}

static sdp_id by_derivatives(void *data, sdp_graph *g, sdp_id id, const sdp_id *arg, bool changed)
{
    (void)data;
    if (changed) id = sdp_rebuild(g, id, arg);
    id = multiplied_out(g, complement(g, id));
    return sdp_get(g, id)->kind == SDP_ADD ? higher_order(g, id) : quotient(g, id);
}

void sdp_expand_hazards(sdp_graph *g, uint32_t n, sdp_id *root)
{
    sdp_rewrite_all(g, n, root, by_derivatives, NULL);
}
