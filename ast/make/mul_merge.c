// SPDX-License-Identifier: MIT
// Steps of a product: equal factors become powers, inverse powers cancel, and functions of one argument
// that stand side by side simplify each other: exp(a) exp(b) = exp(a+b), x sign(x) = |x|,
// exp(x)/sum(exp(x)) = softmax(x).
#include <string.h>

#include "ast/make/mul.h"

static bool same_labels(const sdp_graph *g, const mul_factor *a, const mul_factor *b)
{
    int order = g->node[a->node]->order;
    return g->node[b->node]->order == order && (order == 0 || !memcmp(a->label, b->label, (size_t)order));
}

static bool is_map(const sdp_graph *g, sdp_id id, int op)
{
    return g->node[id]->kind == SDP_MAP && g->node[id]->op == op;
}

// relu(x)^0*step(x) is step(x), and relu(x)^-1 is infinite where step(x) is 0
static bool is_positive_number(const sdp_graph *g, sdp_id e)
{
    sdp_num p;
    return sdp_is_number(g, e, &p) && sdp_num_sign(g, p) > 0;
}

static bool positive_integer(const sdp_graph *g, sdp_num e)
{
    return sdp_num_is_int(g, e) && sdp_num_sign(g, e) > 0;
}

// x sign(x) = |x|, |x| sign(x) = x, sign(x)/|x| = 1/x, x^k sign(x) = x^(k-1) |x|: b is the
// sign of x. True: b is to be dropped.
static bool merge_sign(mul_work *w, mul_factor *a, mul_factor *b)
{
    sdp_graph *g = w->g;
    sdp_num e;
    if (b->exponent != SDP_ID_ONE || !is_map(g, b->node, SDP_OP_sign) || !sdp_is_number(g, a->exponent, &e))
        return false;
    sdp_id x = g->node[b->node]->arg[0];
    bool same = a->node == x, size = is_map(g, a->node, SDP_OP_abs) && g->node[a->node]->arg[0] == x;
    if (!same && !size) return false;
    if (e == SDP_NUM_ONE || e == SDP_NUM_MINUS_ONE) {
        a->node = same ? sdp_map1(g, SDP_OP_abs, x) : x;
        return true;
    }
    if (same && positive_integer(g, e)) {
        a->exponent = sdp_number(g, sdp_num_add(g, e, SDP_NUM_MINUS_ONE));
        b->node = sdp_map1(g, SDP_OP_abs, x);
        w->again = true;
    }
    return false;
}

// Rewrites factors a, b with equal labels; true if b was absorbed into a.
static bool merge_functions(mul_work *w, mul_factor *a, mul_factor *b)
{
    sdp_graph *g = w->g;
    sdp_id one = SDP_ID_ONE;
    if (merge_sign(w, a, b)) return true;
    if (g->node[a->node]->kind != SDP_MAP || g->node[b->node]->kind != SDP_MAP || b->exponent != one)
        return false;
    const sdp_node *x = g->node[a->node], *y = g->node[b->node];
    if (a->exponent == one && x->op == SDP_OP_exp && y->op == SDP_OP_exp) {
        sdp_id u = sdp_add2(g, x->arg[0], y->arg[0]);
        a->node = sdp_map1(g, SDP_OP_exp, u);
        return true;
    }
    return x->op == SDP_OP_relu && y->op == SDP_OP_step && x->arg[0] == y->arg[0] &&
           is_positive_number(g, a->exponent);
}

static const struct {
    uint16_t first, second;
    int sign, power;
    const char *right;
} pairs[] = {
#define PAIR(name, left, right, first, sign, second, power)                                                  \
    {SDP_OP_##first, SDP_OP_##second, sign, power, right},
#include "ast/make/pairs.def"
};

// A row of pairs.def: k of each factor become k of what they make, the smaller of their powers.
static bool merge_pair(mul_work *w, mul_factor *a, mul_factor *b)
{
    sdp_graph *g = w->g;
    const sdp_node *x = g->node[a->node], *y = g->node[b->node];
    sdp_num p, q;
    if (x->kind != SDP_MAP || y->kind != SDP_MAP || !sdp_is_number(g, a->exponent, &p) ||
        !sdp_is_number(g, b->exponent, &q))
        return false;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (x->op != pairs[i].first || y->op != pairs[i].second || sdp_num_sign(g, q) != pairs[i].power)
            continue;
        sdp_num most = pairs[i].power < 0 ? sdp_num_neg(g, q) : q;
        sdp_id u = y->arg[0];
        if (!positive_integer(g, p) || !positive_integer(g, most) ||
            x->arg[0] != (pairs[i].sign < 0 ? sdp_scale(g, SDP_NUM_MINUS_ONE, u) : u))
            continue;
        bool all = sdp_num_cmp(g, p, most) <= 0; // of a; else all of b
        mul_factor *named = all ? a : b, *left = all ? b : a;
        sdp_num k = all ? p : most, rest = sdp_num_add(g, all ? most : p, sdp_num_neg(g, k));
        left->exponent = sdp_number(g, all && pairs[i].power < 0 ? sdp_num_neg(g, rest) : rest);
        named->node = sdp_template(g, pairs[i].right, 1, &u);
        named->exponent = sdp_number(g, k);
        return true;
    }
    return false;
}

// exp(a) (exp(a) + exp(b))^-k = sigmoid(a-b) (exp(a) + exp(b))^(1-k), k >= 1
static bool merge_exp(mul_work *w, mul_factor *a, mul_factor *b)
{
    sdp_graph *g = w->g;
    const sdp_node *x = g->node[a->node], *y = g->node[b->node];
    sdp_num k;
    if (!is_map(g, a->node, SDP_OP_exp) || a->exponent != SDP_ID_ONE || !sdp_is_number(g, b->exponent, &k))
        return false;
    if (y->kind != SDP_ADD || y->nargs != 2 || !positive_integer(g, sdp_num_neg(g, k))) return false;
    uint32_t own = y->arg[0] == a->node ? 0 : 1;
    if (y->arg[own] != a->node || !is_map(g, y->arg[1 - own], SDP_OP_exp) || y->coef[0] != SDP_NUM_ONE ||
        y->coef[1] != SDP_NUM_ONE)
        return false;
    a->node = sdp_map1(g, SDP_OP_sigmoid, sdp_sub(g, x->arg[0], g->node[y->arg[1 - own]]->arg[0]));
    b->exponent = sdp_number(g, sdp_num_add(g, k, SDP_NUM_ONE));
    return true;
}

enum { MOST_MULTIPLE = 8 };

// exp(m u) expm1(u)^-k = (-1/expm1(-u))^j exp((m-j) u) expm1(u)^(j-k), j the smaller of m and k: nothing
// overflows, and no derivative of log(expm1(u)) cancels.
static bool merge_expm1(mul_work *w, mul_factor *a, mul_factor *b)
{
    sdp_graph *g = w->g;
    sdp_num q, m = SDP_NUM_ONE;
    if (!is_map(g, b->node, SDP_OP_expm1) || !sdp_is_number(g, b->exponent, &q)) return false;
    sdp_id u = g->node[b->node]->arg[0], minus = sdp_scale(g, SDP_NUM_MINUS_ONE, u);
    if (!is_map(g, a->node, SDP_OP_exp) || a->exponent != SDP_ID_ONE ||
        !positive_integer(g, sdp_num_neg(g, q)))
        return false;
    sdp_num k = sdp_num_neg(g, q);
    sdp_id v = g->node[a->node]->arg[0];
    while (sdp_scale(g, m, u) != v && sdp_num_cmp(g, m, sdp_num_int(g, MOST_MULTIPLE)) < 0)
        m = sdp_num_add(g, m, SDP_NUM_ONE);
    if (sdp_scale(g, m, u) != v) return false;
    bool all = sdp_num_cmp(g, m, k) <= 0; // of the exponential
    sdp_num j = all ? m : k;
    mul_factor *named = all ? a : b, *left = all ? b : a;
    left->exponent = all ? sdp_number(g, sdp_num_add(g, m, q)) : SDP_ID_ONE;
    if (!all) left->node = sdp_map1(g, SDP_OP_exp, sdp_scale(g, sdp_num_add(g, m, q), u));
    named->node = sdp_map1(g, SDP_OP_expm1, minus);
    named->exponent = sdp_number(g, sdp_num_neg(g, j));
    if (!sdp_num_is_int(g, sdp_num_mul(g, j, SDP_NUM_HALF))) w->coef = sdp_num_neg(g, w->coef);
    return true;
}

// The closed product or entry m with r in the place of its factor x; 0: it has no such factor.
static sdp_id replaced_in(sdp_graph *g, const sdp_node *m, sdp_id x, sdp_id r)
{
    sdp_id arg[SDP_MAX_FACTORS];
    uint32_t at = 0;
    if (m->kind != SDP_MUL || m->order || m->nargs > SDP_MAX_FACTORS) return 0;
    while (at < m->nargs && m->arg[at] != x) at++;
    if (at == m->nargs) return 0;
    sdp_copy(arg, m->arg, m->nargs * sizeof *arg);
    arg[at] = r;
    return sdp_mul(g, m->coef[0], m->nargs, arg, m->label, 0, NULL, m->ldim);
}

static bool is_entry(const sdp_graph *g, const sdp_node *m)
{
    if (m->kind != SDP_MUL || m->order || m->coef[0] != SDP_NUM_ONE) return false;
    uint32_t at = 0;
    for (uint32_t i = 0; i < m->nargs; i++)
        at += g->node[m->arg[i]]->kind == SDP_SEL && g->node[m->arg[i]]->order == 1;
    return at + 1 == m->nargs && m->nlabels == at;
}

// exp(x) / sum(exp(x)) = softmax(x): over all axes with exp(x) or its entry as the other factor, or in it, as
// in a'*exp(x); over some axes where the sums stand beside their entries
static bool merge_softmax(mul_work *w, mul_factor *a, mul_factor *b)
{
    sdp_graph *g = w->g;
    sdp_num m, e;
    const sdp_node *s = g->node[b->node];
    if (s->kind != SDP_MUL || s->nargs != 1 || !is_map(g, s->arg[0], SDP_OP_exp) ||
        s->nlabels != g->node[s->arg[0]]->order || s->order == s->nlabels)
        return false;
    if (!sdp_is_number(g, a->exponent, &m) || !positive_integer(g, m)) return false;
    if (!sdp_is_number(g, b->exponent, &e) || !positive_integer(g, sdp_num_neg(g, e)) ||
        sdp_num_sign(g, sdp_num_add(g, e, m)) > 0)
        return false;
    sdp_id x = g->node[s->arg[0]]->arg[0], found = a->node;
    uint32_t axes = (1u << s->nlabels) - 1;
    for (int k = 0; k < s->order; k++) {
        uint8_t axis =
            (uint8_t)((const uint8_t *)memchr(s->label, s->label[s->nlabels + k], s->nlabels) - s->label);
        if (a->node != s->arg[0] || a->label[axis] != b->label[k]) return false;
        axes &= ~(1u << axis);
    }
    sdp_id p = sdp_prim(g, SDP_OP_softmax, 1, &x, axes);
    if (a->node == s->arg[0]) found = p;
    else if (is_map(g, a->node, SDP_OP_exp) && is_entry(g, g->node[g->node[a->node]->arg[0]]))
        found = replaced_in(g, g->node[g->node[a->node]->arg[0]], x, p);
    else found = replaced_in(g, g->node[a->node], s->arg[0], p);
    if (!found) return false;
    a->node = found;
    b->exponent = sdp_number(g, sdp_num_add(g, e, m));
    return true;
}

// norm(r)^e (sum r.^2)^k = norm(r)^(e + 2k)
static bool merge_norm(mul_work *w, mul_factor *a, const mul_factor *b)
{
    sdp_graph *g = w->g;
    const sdp_node *n = g->node[a->node];
    sdp_num e, k;
    if (n->kind != SDP_PRIM || n->op != SDP_OP_norm || n->order || g->node[b->node]->kind != SDP_MUL ||
        g->node[b->node]->order)
        return false;
    if (!sdp_is_number(g, a->exponent, &e) || !sdp_is_number(g, b->exponent, &k)) return false;
    if (sdp_sum(g, sdp_power_num(g, n->arg[0], SDP_NUM_TWO), n->param) != b->node) return false;
    a->exponent = sdp_number(g, sdp_num_add(g, e, sdp_num_mul(g, k, SDP_NUM_TWO)));
    return true;
}

// Is a = X_ii and b a power of the vector diag(X)_i?
static bool is_diagonal_of(const sdp_graph *g, const mul_factor *a, const mul_factor *b)
{
    const sdp_node *d = g->node[b->node];
    int order = g->node[a->node]->order;
    if (d->kind != SDP_MUL || d->nargs != 1 || d->arg[0] != a->node || d->nlabels != d->order ||
        d->order >= order || d->coef[0] != SDP_NUM_ONE)
        return false;
    for (int k = 0; k < order; k++) {
        const uint8_t *at = memchr(d->label + order, d->label[k], d->order);
        if (!at || a->label[k] != b->label[at - d->label - order]) return false;
    }
    return true;
}

// prodexcept(x) prod(x)^e = prod(x)^(e+1)/x and adj(X) det(X)^e = det(X)^(e+1) inv(X), for e < 0:
// they have no value at 0 anyway, as for an e that is a symbol they may have unless prod(x) > 0: 1/x
// does not underflow with the product
static bool merge_completed(mul_work *w, mul_factor *a, mul_factor *b)
{
    sdp_graph *g = w->g;
    const sdp_node *x = g->node[a->node], *s = g->node[b->node];
    sdp_num e;
    bool matrix = x->kind == SDP_PRIM && x->op == SDP_OP_adj;
    if (x->kind != SDP_PRIM || s->kind != SDP_PRIM || a->exponent != SDP_ID_ONE ||
        s->op != (matrix ? SDP_OP_det : SDP_OP_prod))
        return false;
    if (!matrix && (x->op != SDP_OP_prodexcept || x->param != (s->param | (SDP_AXES + 1)))) return false;
    bool number = sdp_is_number(g, b->exponent, &e);
    if (x->arg[0] != s->arg[0] || (number ? sdp_num_sign(g, e) >= 0 : !sdp_known_positive(g, b->node)))
        return false;
    uint32_t kept = 0;
    for (uint32_t k = 0; !matrix && k < x->order; k++)
        if (!(s->param >> k & 1) && a->label[k] != b->label[kept++]) return false;
    if (g->node[b->exponent]->order) return false;
    a->node = matrix ? sdp_prim(g, SDP_OP_inv, 1, x->arg, 0) : sdp_power_num(g, x->arg[0], SDP_NUM_MINUS_ONE);
    b->exponent = sdp_add2(g, b->exponent, SDP_ID_ONE);
    return true;
}

bool sdp_mul_merge(mul_work *w)
{
    sdp_graph *g = w->g;
    for (uint32_t i = 0; i < w->n; i++)
        for (uint32_t j = 0; j < w->n; j++) {
            mul_factor *a = &w->f[i], *b = &w->f[j];
            if (i == j) continue;
            if (merge_softmax(w, a, b) || merge_completed(w, a, b)) return w->again = true;
            if (is_diagonal_of(g, a, b) &&
                sdp_exponents_add(g, b->node, a->exponent, b->exponent, &b->exponent)) {
                sdp_mul_drop(w, i);
                return true;
            }
            if (!same_labels(g, a, b)) continue;
            if (i < j && a->node == b->node &&
                sdp_exponents_add(g, a->node, a->exponent, b->exponent, &a->exponent)) {
                sdp_mul_drop(w, j);
                return true;
            }
            if (merge_pair(w, a, b) || merge_exp(w, a, b) || merge_expm1(w, a, b)) return w->again = true;
            if (merge_functions(w, a, b) || merge_norm(w, a, b)) {
                sdp_mul_drop(w, j);
                return true;
            }
        }
    return false;
}

// Turns (node, exponent) back into single nodes; what becomes a product or a number is loaded again.
void sdp_mul_raise_powers(mul_work *w)
{
    sdp_graph *g = w->g;
    for (uint32_t i = 0; i < w->n; i++) {
        mul_factor *f = &w->f[i];
        if (f->exponent == SDP_ID_ONE) continue;
        const sdp_node *e = g->node[f->exponent];
        if (e->kind == SDP_NUM && e->param == SDP_NUM_ZERO) {
            sdp_mul_drop(w, i--);
            continue;
        }
        f->node = sdp_power(g, f->node, f->exponent);
        f->exponent = SDP_ID_ONE;
        sdp_kind k = g->node[f->node]->kind;
        w->again |= k == SDP_NUM || (k == SDP_MUL && sdp_mul_splice_whole(w, g->node[f->node], w->n));
    }
}
