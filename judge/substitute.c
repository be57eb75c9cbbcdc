// SPDX-License-Identifier: MIT
// Equations in one number that another number solves: with E = exp(x), a*exp(x)-b*exp(-x) = 0 is a*E-b/E = 0,
// so that x = log(b/a)/2.
//
// x must stand in exponents k*x+c with numbers k alone; then exp(k*x+c) is E^k*exp(c), E > 0, and no solution
// is lost: E = exp(x) has one x for each positive E.
#include "judge/solve.h"
#include "simplify/simplify.h"

enum { MOST_POWERS = 8 };

// exp(k*x+c) as E^k*exp(c); false: the exponent is no such function.
static bool as_power(sdp_graph *g, sdp_id exponent, sdp_id x, sdp_id e, sdp_id *power)
{
    sdp_id h, c;
    sdp_num k;
    if (!sdp_affine_in(g, exponent, x, &h, &c) || !sdp_is_number(g, h, &k)) return false;
    *power = sdp_times(g, sdp_power_num(g, e, k), sdp_map1(g, SDP_OP_exp, c));
    return true;
}

void sdp_isolate_exponent(sdp_graph *g, sdp_id zero, sdp_id x, sdp_roots *out)
{
    sdp_id from[MOST_POWERS], to[MOST_POWERS],
        e = sdp_hidden_variable(g, "$e>0", 0, NULL, SDP_POSITIVE | SDP_NONNEG);
    uint32_t count, n = 0;
    const sdp_id *list = sdp_reachable(g, 1, &zero, &count);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *m = sdp_get(g, list[i]);
        if (m->kind != SDP_MAP || m->op != SDP_OP_exp || !sdp_depends(g, list[i], x)) continue;
        if (n == MOST_POWERS || !as_power(g, m->arg[0], x, e, &to[n])) return;
        from[n++] = list[i];
    }
    sdp_id f = n ? sdp_substitute(g, zero, n, from, to) : zero;
    if (sdp_depends(g, f, x)) return;
    sdp_roots roots;
    sdp_isolate(g, sdp_simplify(g, f), e, &roots);
    out->more |= roots.more;
    for (uint32_t i = 0; i < roots.n; i++) {
        if (sdp_known_nonneg(g, sdp_negated(g, roots.x[i]))) continue; // E > 0
        sdp_id root = sdp_simplify(g, roots.x[i]), log = sdp_log_of_positive(g, root);
        out->x[out->n++] = sdp_simplify(g, log ? log : sdp_map1(g, SDP_OP_log, root));
    }
}

// ---- putting it back --------------------------------------------------------------------------------------
// exp(u) as a product of powers, exp(log(b)/2-log(a)) as b^(1/2)/a; 0: u has no logarithms.
static sdp_id without_log(sdp_graph *g, sdp_id u)
{
    u = sdp_multiply_out_all(g, u);
    const sdp_node *n = sdp_get(g, u);
    sdp_id product = sdp_number(g, SDP_NUM_ONE), rest = sdp_number(g, SDP_NUM_ZERO);
    bool found = false;
    for (uint32_t i = 0; i < (n->kind == SDP_ADD ? n->nargs : 1); i++) {
        sdp_id t = n->kind == SDP_ADD ? n->arg[i] : u;
        sdp_num c = n->kind == SDP_ADD ? n->coef[i] : SDP_NUM_ONE;
        const sdp_node *m = sdp_get(g, t);
        if (m->kind == SDP_MUL && m->nargs == 1 && !m->nlabels) {
            c = sdp_num_mul(g, c, m->coef[0]);
            m = sdp_get(g, t = m->arg[0]);
        }
        bool log = m->kind == SDP_MAP && m->op == SDP_OP_log;
        if (log) product = sdp_times(g, product, sdp_power_num(g, m->arg[0], c));
        else rest = sdp_add2(g, rest, sdp_scale(g, c, t));
        found |= log;
    }
    return found ? sdp_times(g, product, sdp_map1(g, SDP_OP_exp, rest)) : 0;
}

sdp_id sdp_without_logs(sdp_graph *g, sdp_id id)
{
    sdp_id from[MOST_POWERS], to[MOST_POWERS];
    uint32_t count, n = 0;
    const sdp_id *list = sdp_reachable(g, 1, &id, &count);
    for (uint32_t i = 0; i < count && n < MOST_POWERS; i++) {
        const sdp_node *m = sdp_get(g, list[i]);
        if (m->kind != SDP_MAP || m->op != SDP_OP_exp) continue;
        to[n] = without_log(g, m->arg[0]);
        if (to[n]) from[n++] = list[i];
    }
    return n ? sdp_substitute(g, id, n, from, to) : id;
}
