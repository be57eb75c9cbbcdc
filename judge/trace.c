// SPDX-License-Identifier: MIT
// Traces of functions of a symmetric matrix: tr(f(X)) is convex in X if f is convex on the interval where the
// eigenvalues lie (Davis 1957; Carlen 2010, theorem 2.10). For the matrix itself that does not hold: exp(X)
// and X^4 are not convex in the order of matrices, so a weight, tr(A*f(X)), is allowed for square roots,
// logarithms and inverses only, and A must be psd (Löwner 1934). The logarithm of tr(exp(X)) is convex, too.
#include <string.h>

#include "judge/judge.h"

// The function of numbers that a primitive applies to eigenvalues. Needs: what the matrix must be; weighted:
// may stand in tr(A*f(X)).
static const struct {
    uint16_t op;
    uint8_t curve;
    uint32_t needs;
    bool weighted;
    const char *rule;
} rows[] = {
    {SDP_OP_expm, SDP_CONVEX, SDP_SYMMETRIC, false,
     "the trace of a convex function, exp, of a symmetric matrix"},
    {SDP_OP_sqrtm, SDP_CONCAVE, SDP_PSD, true, "the trace of a concave function, sqrt, of a psd matrix"},
    {SDP_OP_logm, SDP_CONCAVE, SDP_POSDEF, true,
     "the trace of a concave function, log, of a positive definite matrix"},
    {SDP_OP_inv, SDP_CONVEX, SDP_POSDEF, true,
     "the trace of a convex function, 1/x, of a positive definite matrix"},
};

static bool is_affine(const sdp_judge *j, sdp_id id)
{
    return (j->curve[id] & SDP_AFFINE) == SDP_AFFINE && j->curve[id] != SDP_CONSTANT;
}

// x^k of the eigenvalues: even powers anywhere, others on psd matrices.
static uint8_t of_matrix_power(sdp_judge *j, sdp_id x, long k, sdp_reason *why)
{
    bool psd = sdp_has(j->g, x, SDP_PSD), posdef = sdp_has(j->g, x, SDP_POSDEF);
    if (!is_affine(j, x) || !(sdp_facts(j->g, x).yes & SDP_SYMMETRIC) ||
        !(k > 0 ? k % 2 == 0 || psd : posdef))
        return 0;
    *why = (sdp_reason){"the trace of a convex power of a symmetric matrix", 0, true};
    return SDP_CONVEX;
}

static uint8_t of_primitive(sdp_judge *j, const sdp_node *p, bool weighted, sdp_reason *why)
{
    sdp_num e;
    long k;
    if (p->kind != SDP_PRIM) return 0;
    if (p->op == SDP_OP_powm && !weighted && sdp_is_number(j->g, p->arg[1], &e) && sdp_num_long(j->g, e, &k))
        return of_matrix_power(j, p->arg[0], k, why);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].op != p->op || (weighted && !rows[i].weighted) || !is_affine(j, p->arg[0])) continue;
        if (rows[i].needs & ~sdp_facts(j->g, p->arg[0]).yes) return 0;
        *why = (sdp_reason){rows[i].rule, 0, true};
        return rows[i].curve;
    }
    return 0;
}

// Is the product one closed chain of its matrices, tr(A*B*...)? Walks from label to label, each matrix once.
static bool is_trace(const sdp_graph *g, const sdp_node *n)
{
    uint64_t used = 1;
    if (n->kind != SDP_MUL || n->order || !n->nargs || n->nlabels != n->nargs || n->nargs > SDP_MAX_FACTORS)
        return false;
    for (uint32_t i = 0; i < n->nargs; i++)
        if (sdp_get(g, n->arg[i])->order != 2) return false;
    uint8_t at = sdp_labels(g, n, 0)[1], end = sdp_labels(g, n, 0)[0];
    for (uint32_t step = 1; step < n->nargs; step++) {
        uint32_t i = 1;
        while (i < n->nargs &&
               (used >> i & 1 || (sdp_labels(g, n, i)[0] != at && sdp_labels(g, n, i)[1] != at)))
            i++;
        if (i == n->nargs || at == end) return false;
        used |= 1ull << i;
        at = sdp_labels(g, n, i)[sdp_labels(g, n, i)[0] == at];
    }
    return at == end;
}

// sum(M.^2) with M = X^k: tr(X^(2*k)).
static uint8_t of_squares(sdp_judge *j, const sdp_node *n, sdp_reason *why)
{
    sdp_graph *g = j->g;
    const sdp_node *p = n->nargs == 1 && n->order == 0 ? sdp_get(g, n->arg[0]) : NULL;
    sdp_num e;
    if (!p || p->kind != SDP_POW || p->order != 2 || n->nlabels != 2 || !sdp_is_number(g, p->arg[1], &e) ||
        e != SDP_NUM_TWO)
        return 0;
    const sdp_node *m = sdp_get(g, p->arg[0]);
    if (m->kind == SDP_PRIM && m->op == SDP_OP_powm) return of_matrix_power(j, m->arg[0], 2, why);
    if (m->kind != SDP_MUL || m->order != 2 || m->nlabels != m->nargs + 1) return 0;
    for (uint32_t i = 1; i < m->nargs; i++)
        if (m->arg[i] != m->arg[0]) return 0;
    return m->nargs && sdp_get(g, m->arg[0])->order == 2 ? of_matrix_power(j, m->arg[0], 2, why) : 0;
}

// u'*inv(A)*u, also tr(U'*inv(A)*U), by u and A together (Boyd and Vandenberghe 2004, example 3.4).
static uint8_t of_fraction(sdp_judge *j, const sdp_node *n, sdp_reason *why)
{
    sdp_graph *g = j->g;
    if (n->kind != SDP_MUL || n->order || n->nargs != 3) return 0;
    for (uint32_t i = 0; i < 3; i++) {
        const sdp_node *p = sdp_get(g, n->arg[i]);
        uint32_t a = i ? 0 : 1, b = i == 2 ? 1 : 2;
        bool inverse = p->kind == SDP_PRIM && p->op == SDP_OP_inv && n->arg[a] == n->arg[b];
        if (!inverse || (j->curve[n->arg[a]] & SDP_AFFINE) != SDP_AFFINE ||
            (j->curve[p->arg[0]] & SDP_AFFINE) != SDP_AFFINE)
            continue;
        const uint8_t *l = sdp_labels(g, n, i), *la = sdp_labels(g, n, a), *lb = sdp_labels(g, n, b);
        int order = sdp_get(g, n->arg[a])->order;
        bool meet = false;
        // axis t of both meets the inverse, the other axis the other one
        for (int t = 0; t < order && order <= 2; t++)
            meet |= l[0] != l[1] && ((la[t] == l[0] && lb[t] == l[1]) || (la[t] == l[1] && lb[t] == l[0])) &&
                    (order == 1 || la[1 - t] == lb[1 - t]);
        if (!meet || !sdp_has(g, p->arg[0], SDP_POSDEF)) continue;
        *why = (sdp_reason){"a quadratic form over a positive definite matrix, convex in both together", 0,
                            true};
        return SDP_CONVEX;
    }
    return 0;
}

// det(X)^e of a positive definite X: concave for 0 < e <= 1/n (Minkowski's inequality), convex for e < 0, as
// exp(-log(det(X))) is.
uint8_t sdp_power_of_det(sdp_judge *j, const sdp_node *n, sdp_reason *why)
{
    sdp_graph *g = j->g;
    const sdp_node *d = sdp_get(g, n->arg[0]);
    sdp_num e;
    long size;
    if (n->order || d->kind != SDP_PRIM || d->op != SDP_OP_det || !is_affine(j, d->arg[0]) ||
        !sdp_has(g, d->arg[0], SDP_POSDEF))
        return 0;
    const sdp_node *x = sdp_get(g, d->arg[0]);
    sdp_id root = sdp_power_num(g, sdp_dim_value(g, x->dim[0]), SDP_NUM_MINUS_ONE);
    bool number = sdp_is_number(g, n->arg[1], &e), small = n->arg[1] == root;
    if (number && sdp_dim_long(g, x->dim[0], &size))
        small |= sdp_num_sign(g, e) > 0 && sdp_num_cmp(g, e, sdp_num_ratio(g, 1, size)) <= 0;
    bool falls = number ? sdp_num_sign(g, e) < 0 : sdp_known_positive(g, sdp_negated(g, n->arg[1]));
    if (!small && !falls) return 0;
    *why = (sdp_reason){
        small
            ? "the determinant of a positive definite matrix to a power of at most 1/n is concave (Minkowski)"
            : "the determinant of a positive definite matrix to a negative power is convex",
        0, true};
    return small ? SDP_CONCAVE : SDP_CONVEX;
}

// The rules are about the product without its number.
static uint8_t with_sign(sdp_graph *g, const sdp_node *n, uint8_t c, sdp_reason *why)
{
    if (!c || sdp_num_sign(g, n->coef[0]) > 0) return c;
    why->rule = sdp_printf(&g->base, "minus %s", why->rule);
    return sdp_mirrored(c);
}

// c*tr(exp(X)), c > 0, of an affine symmetric X
static bool is_trace_of_exp(sdp_judge *j, sdp_id id)
{
    const sdp_node *n = sdp_get(j->g, id);
    if (!is_trace(j->g, n) || n->nargs != 1 || sdp_num_sign(j->g, n->coef[0]) <= 0) return false;
    const sdp_node *p = sdp_get(j->g, n->arg[0]);
    if (p->kind == SDP_PRIM && p->op == SDP_OP_inv) p = sdp_get(j->g, p->arg[0]); // exp(-X)
    return p->kind == SDP_PRIM && p->op == SDP_OP_expm && is_affine(j, p->arg[0]) &&
           (sdp_facts(j->g, p->arg[0]).yes & SDP_SYMMETRIC);
}

// log(tr(exp(X))+c), c >= 0: logsumexp of the eigenvalues of X, which is convex for it is symmetric in them
// (Davis 1957). Sums of functions with convex logarithms have convex logarithms.
static uint8_t of_log(sdp_judge *j, const sdp_node *n, sdp_reason *why)
{
    sdp_graph *g = j->g;
    const sdp_node *s = sdp_get(g, n->arg[0]);
    uint32_t traces = 0, others = 0;
    if (s->kind != SDP_ADD) traces = is_trace_of_exp(j, n->arg[0]);
    for (uint32_t i = 0; s->kind == SDP_ADD && i < s->nargs; i++) {
        bool up = sdp_num_sign(g, s->coef[i]) > 0;
        if (up && is_trace_of_exp(j, s->arg[i])) traces++;
        else if (!up || j->curve[s->arg[i]] != SDP_CONSTANT || !sdp_has(g, s->arg[i], SDP_NONNEG)) others++;
    }
    if (!traces || others) return 0;
    *why = (sdp_reason){"the logarithm of a sum of exponentials of the eigenvalues of symmetric matrices", 0,
                        true};
    return SDP_CONVEX;
}

uint8_t sdp_trace_curvature(sdp_judge *j, sdp_id id, sdp_reason *why)
{
    sdp_graph *g = j->g;
    const sdp_node *n = sdp_get(g, id);
    bool log = n->kind == SDP_MAP && (n->op == SDP_OP_log || n->op == SDP_OP_log1p);
    if (log && !n->order) return of_log(j, n, why);
    if (n->kind != SDP_MUL) return 0;
    uint8_t c = of_squares(j, n, why);
    if (!c) c = of_fraction(j, n, why);
    if (c || !is_trace(g, n)) return with_sign(g, n, c, why);
    uint32_t same = 1;
    while (same < n->nargs && n->arg[same] == n->arg[0]) same++;
    if (n->nargs == 1) c = of_primitive(j, sdp_get(g, n->arg[0]), false, why);
    else if (same == n->nargs) c = of_matrix_power(j, n->arg[0], (long)n->nargs, why);
    else if (n->nargs == 2)
        for (int k = 0; k < 2 && !c; k++) {
            const sdp_node *p = sdp_get(g, n->arg[k]);
            if (j->curve[n->arg[1 - k]] == SDP_CONSTANT && sdp_has(g, n->arg[1 - k], SDP_PSD))
                c = of_primitive(j, p, true, why);
            bool entropy = p->kind == SDP_PRIM && p->op == SDP_OP_logm && p->arg[0] == n->arg[1 - k];
            if (entropy && is_affine(j, p->arg[0]) && sdp_has(g, p->arg[0], SDP_POSDEF)) {
                c = SDP_CONVEX;
                *why = (sdp_reason){"the trace of a convex function, x*log(x), of a positive definite matrix",
                                    0, true};
            }
        }
    return with_sign(g, n, c, why);
}
