// SPDX-License-Identifier: MIT
// Powers of norms: is a scalar, or every entry of an array, c*sum(abs(u).^p), p >= 1, c > 0, with an affine
// u, or a sum of such terms and nonnegative constants, or u'*A*u with a psd A, or lambda_max(U'*U)? Then its
// root of order p is convex in the variables: a norm of u, of u beside constants, or the spectral norm. And
// over a positive concave function s^2/t is convex, for it rises in s and falls in t.
#include "judge/judge.h"

static bool is_affine(const sdp_judge *j, sdp_id id) { return (j->curve[id] & SDP_AFFINE) == SDP_AFFINE; }
static bool is_weight(sdp_judge *j, sdp_id id)
{
    return j->curve[id] == SDP_CONSTANT && sdp_has(j->g, id, SDP_NONNEG);
}

// U(k,i)*U(k,j)
static bool is_gram(sdp_judge *j, sdp_id id)
{
    const sdp_node *m = sdp_get(j->g, id);
    return m->kind == SDP_MUL && m->nargs == 2 && m->nlabels == 3 && m->arg[0] == m->arg[1] &&
           is_affine(j, m->arg[0]) && sdp_has(j->g, id, SDP_PSD) && sdp_num_sign(j->g, m->coef[0]) > 0;
}

// c*u'*A*u
static bool is_form(sdp_judge *j, const sdp_node *n)
{
    sdp_graph *g = j->g;
    sdp_id u = 0, a = 0;
    uint32_t times = 0, seen = 0; // labels of u
    if (n->kind != SDP_MUL || n->order || sdp_num_sign(g, n->coef[0]) <= 0 || n->nlabels != 2) return false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        int order = sdp_get(g, n->arg[i])->order;
        if (j->curve[n->arg[i]] != SDP_CONSTANT && order == 1 && (!u || u == n->arg[i]))
            u = n->arg[i], times++, seen |= 1u << *sdp_labels(g, n, i);
        else if (!a && order == 2 && j->curve[n->arg[i]] == SDP_CONSTANT) a = n->arg[i];
        else if (order || !is_weight(j, n->arg[i])) return false;
    }
    return a && times == 2 && seen == 3 && is_affine(j, u) && sdp_has(g, a, SDP_PSD);
}

static bool is_term(sdp_judge *j, sdp_id id, double *p)
{
    sdp_graph *g = j->g;
    const sdp_node *n = sdp_get(g, id), *w = n;
    sdp_num e;
    *p = 2;
    if (n->kind == SDP_PRIM) return n->op == SDP_OP_lambda_max && is_gram(j, n->arg[0]);
    if (is_form(j, n)) return true;
    while (w->kind == SDP_MUL) { // weights beside the array
        uint32_t at = w->nargs;
        if (n->order && w->nlabels != n->order) return false; // of an array, entry by entry
        for (uint32_t i = 0; i < w->nargs; i++)
            if (j->curve[w->arg[i]] != SDP_CONSTANT) {
                if (at < w->nargs) return false;
                at = i;
            } else if (!sdp_has(g, w->arg[i], SDP_NONNEG)) return false;
        if (at == w->nargs || sdp_num_sign(g, w->coef[0]) <= 0) return false;
        w = sdp_get(g, w->arg[at]);
    }
    if (w->kind == SDP_MAP && w->op == SDP_OP_abs) return *p = 1, is_affine(j, w->arg[0]);
    if (w->kind != SDP_POW || !sdp_is_number(g, w->arg[1], &e)) return false;
    const sdp_node *a = sdp_get(g, w->arg[0]);
    long k;
    bool even = sdp_num_long(g, e, &k) && k % 2 == 0, bars = a->kind == SDP_MAP && a->op == SDP_OP_abs;
    *p = sdp_num_double(g, e);
    return *p >= 1 && (bars ? is_affine(j, a->arg[0])
                            : is_affine(j, w->arg[0]) && (even || sdp_has(g, w->arg[0], SDP_NONNEG)));
}

bool sdp_is_norm_power(sdp_judge *j, sdp_id id, bool sums, double *p)
{
    sdp_graph *g = j->g;
    const sdp_node *n = sdp_get(g, id);
    bool found = false;
    if (n->kind != SDP_ADD) return (sums || n->kind == SDP_MUL || n->kind == SDP_PRIM) && is_term(j, id, p);
    if (!sums) return false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        double q;
        if (sdp_num_sign(g, n->coef[i]) < 0) return false;
        if (is_weight(j, n->arg[i])) continue;
        if (!is_term(j, n->arg[i], &q) || (found && (q < *p || q > *p))) return false;
        *p = q;
        found = true;
    }
    return found;
}

// s^2/t with a norm s of an affine function, and a positive concave t; other factors are weights.
static bool is_square_over(sdp_judge *j, const sdp_node *n)
{
    sdp_graph *g = j->g;
    sdp_id above = 0, below = 0;
    sdp_num e;
    double p;
    if (n->kind != SDP_MUL || n->order || n->nargs > SDP_MAX_FACTORS) return false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *a = sdp_get(g, n->arg[i]);
        bool inverse = a->kind == SDP_POW && !a->order && sdp_is_number(g, a->arg[1], &e) &&
                       e == SDP_NUM_MINUS_ONE && j->curve[n->arg[i]] != SDP_CONSTANT;
        if (inverse && below) return false;
        if (inverse) below = i + 1;
    }
    if (!below) return false;
    sdp_id t = sdp_get(g, n->arg[below - 1])->arg[0];
    above = sdp_with_factor(g, n, below - 1, sdp_number(g, SDP_NUM_ONE));
    if (sdp_num_sign(g, n->coef[0]) < 0) above = sdp_negated(g, above);
    if (!(j->curve[t] & SDP_CONCAVE) || !sdp_is_positive_there(j, t)) return false;
    sdp_judge part = *j; // the numerator is a node of its own
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_curvature(&part, above);
    bool found = sdp_is_norm_power(&part, above, true, &p) && p >= 2 && p <= 2;
    sdp_scratch_release(&g->base, m);
    return found;
}

// Of arrays the second derivative of the whole sees a single term with constants, and tells more.
static bool has_many_terms(const sdp_judge *j, const sdp_node *sum)
{
    uint32_t moving = 0;
    for (uint32_t i = 0; sum->kind == SDP_ADD && i < sum->nargs; i++)
        moving += j->curve[sum->arg[i]] != SDP_CONSTANT;
    return moving > 1;
}

uint8_t sdp_norm_curvature(sdp_judge *j, sdp_id id, sdp_reason *why)
{
    sdp_graph *g = j->g;
    const sdp_node *n = sdp_get(g, id);
    sdp_num e;
    double p;
    if (n->kind == SDP_POW && (!n->order || has_many_terms(j, sdp_get(g, n->arg[0]))) &&
        sdp_is_number(g, n->arg[1], &e) && sdp_is_norm_power(j, n->arg[0], true, &p) &&
        sdp_num_double(g, e) * p >= 1) {
        *why = (sdp_reason){"a norm of affine functions, to a power of at least 1", 0, true};
        return SDP_CONVEX;
    }
    if (n->kind == SDP_PRIM && is_term(j, id, &p)) {
        *why = (sdp_reason){"the square of the spectral norm of an affine function", 0, true};
        return SDP_CONVEX;
    }
    if (!is_square_over(j, n)) return 0;
    bool minus = sdp_num_sign(g, n->coef[0]) < 0;
    *why =
        (sdp_reason){minus
                         ? "minus the square of a norm of an affine function over a positive concave function"
                         : "the square of a norm of an affine function over a positive concave function",
                     0, true};
    return minus ? SDP_CONCAVE : SDP_CONVEX;
}
