// SPDX-License-Identifier: MIT
// Steps of a product that declared structure allows. Facts are those of facts.c; unknown ones fire nothing.
//
//   Q'*Q = Q*Q' = eye, sum_k Q[k,i]^2 = 1,
//   sum((Q*x).^2) = sum(x.^2)                     orthogonal
//   u'*u = 1                                      unit
//   tril(L) = L, and what is both lower and upper stands on the diagonal: tril(U) = diag(diag(U))
//   diag(inv(T)) = 1./diag(T)                     triangular
//   inv(D)*A = A./diag(D), row by row             diagonal
//   diag(diag(D)) = D                             diagonal
//   D2*D1 = D1*D2                                 diagonal; one order only
#include <string.h>

#include "ast/make/mul.h"

enum { RELEVANT = SDP_ORTHOGONAL | SDP_UNIT | SDP_TRI_LOWER | SDP_TRI_UPPER };

typedef struct {
    mul_work *w;
    uint32_t *yes;
} structured;

static const sdp_node *node_of(const structured *s, uint32_t i) { return s->w->g->node[s->w->f[i].node]; }
static bool plain(const structured *s, uint32_t i) { return s->w->f[i].exponent == SDP_ID_ONE; }

static bool squared(const structured *s, uint32_t i)
{
    sdp_num e;
    return sdp_is_number(s->w->g, s->w->f[i].exponent, &e) && e == SDP_NUM_TWO;
}

// The label is summed, and nothing but `uses` axes of factors have it.
static bool bound(const structured *s, uint8_t l, uint32_t uses)
{
    return !sdp_mul_in_output(s->w, l) && sdp_mul_uses(s->w, l) == uses;
}

static bool is_inverse(const structured *s, uint32_t i, uint32_t facts)
{
    const sdp_node *n = node_of(s, i);
    return n->kind == SDP_PRIM && n->op == SDP_OP_inv && sdp_has(s->w->g, n->arg[0], facts);
}

static bool drop_summed(structured *s, uint32_t i, uint8_t l)
{
    s->w->label.dead[l] = true;
    sdp_mul_drop(s->w, i);
    return true;
}

static bool met_by_others(const structured *s, uint32_t i)
{
    mul_work *w = s->w;
    const uint8_t *l = w->f[i].label;
    return sdp_mul_uses(w, l[0]) > 1 || sdp_mul_uses(w, l[1]) > 1;
}

// sum_o (Q*y)[o,..]^2 = sum_a y[a,..]^2
static bool turn_back(structured *s, uint32_t i)
{
    mul_factor *f = &s->w->f[i];
    for (int k = 0; squared(s, i) && k < node_of(s, i)->order; k++) {
        sdp_id y = bound(s, f->label[k], 1) ? sdp_without_rotation(s->w->g, f->node, k) : 0;
        if (!y) continue;
        f->node = y;
        return s->w->again = true;
    }
    return false;
}

// diag(diag(D)) = D: nothing else is on the diagonal
static bool restore_diagonal(structured *s, uint32_t i)
{
    mul_work *w = s->w;
    uint8_t l = w->f[i].label[0];
    if (!(s->yes[i] & SDP_DIAGONAL) || !plain(s, i) || w->order != 2 || w->out[0] != l || w->out[1] != l ||
        sdp_mul_uses(w, l) != 2)
        return false;
    w->f[i].label[1] = w->out[1] = sdp_mul_new_label(w, w->label.dim[l]);
    return true;
}

// The diagonal of adj(L): not prod(d)./d of the diagonal d of L, which has no value where an entry is 0
static bool adjugate_diagonal(structured *s, uint32_t i)
{
    const sdp_node *n = node_of(s, i);
    sdp_graph *g = s->w->g;
    if (n->kind != SDP_PRIM || n->op != SDP_OP_adj ||
        !(sdp_has(g, n->arg[0], SDP_TRI_LOWER) || sdp_has(g, n->arg[0], SDP_TRI_UPPER)))
        return false;
    s->w->f[i].node = sdp_adjugate_diagonal(g, n->arg[0]);
    return s->w->again = true;
}

// ---- one factor -------------------------------------------------------------------------------------------
static bool simplify_factor(structured *s, uint32_t i)
{
    mul_work *w = s->w;
    mul_factor *f = &w->f[i];
    const sdp_node *n = node_of(s, i);
    if (n->kind == SDP_MUL && turn_back(s, i)) return true;
    if (n->order == 1)
        return (s->yes[i] & SDP_UNIT) && squared(s, i) && bound(s, f->label[0], 1) &&
               drop_summed(s, i, f->label[0]);
    if (n->order != 2) return false;
    if (f->label[0] == f->label[1]) {
        if (n->kind == SDP_MASK) return sdp_mul_drop(w, i), true;
        if (restore_diagonal(s, i) || adjugate_diagonal(s, i)) return true;
        if (!is_inverse(s, i, SDP_TRI_LOWER) && !is_inverse(s, i, SDP_TRI_UPPER)) return false;
        f->node = sdp_es(w->g, SDP_NUM_ONE, "aa->a", n->arg[0]);
        f->exponent = sdp_scale(w->g, SDP_NUM_MINUS_ONE, f->exponent);
        return w->again = true;
    }
    if ((s->yes[i] & SDP_ORTHOGONAL) && squared(s, i))
        for (int k = 0; k < 2; k++)
            if (bound(s, f->label[k], 1)) return drop_summed(s, i, f->label[k]);
    if (!plain(s, i) || !is_inverse(s, i, SDP_DIAGONAL) || !met_by_others(s, i)) return false;
    sdp_mul_unify(w, f->label[0], f->label[1]);
    return w->again = true;
}

// ---- two factors ------------------------------------------------------------------------------------------
static bool cancel_orthogonal(structured *s, uint32_t i, uint32_t j)
{
    mul_work *w = s->w;
    if (w->f[i].node != w->f[j].node || !(s->yes[i] & SDP_ORTHOGONAL) || !plain(s, i) || !plain(s, j))
        return false;
    bool symmetric = sdp_is_symmetric(w->g, w->f[i].node);
    for (int x = 0; x < 2; x++)
        for (int y = 0; y < 2; y++) {
            uint8_t l = w->f[i].label[x];
            if (w->f[j].label[y] != l || (x != y && !symmetric) || !bound(s, l, 2)) continue;
            sdp_mul_unify(w, w->f[i].label[1 - x], w->f[j].label[1 - y]);
            w->label.dead[l] = true;
            sdp_mul_drop(w, j);
            sdp_mul_drop(w, i);
            return true;
        }
    return false;
}

// Bit 0: the factor vanishes unless a >= b; bit 1: unless a <= b.
static unsigned triangle(const structured *s, uint32_t i, uint8_t a, uint8_t b)
{
    const sdp_node *n = node_of(s, i);
    const uint8_t *l = s->w->f[i].label;
    bool mask = n->kind == SDP_MASK; // one that is not square has no facts
    bool lower = mask ? n->param == SDP_LOWER : s->yes[i] & SDP_TRI_LOWER,
         upper = mask ? n->param == SDP_UPPER : s->yes[i] & SDP_TRI_UPPER;
    if (n->order != 2 || (!mask && !plain(s, i))) return 0;
    if (l[0] == a && l[1] == b) return (lower ? 1u : 0u) | (upper ? 2u : 0u);
    if (l[0] == b && l[1] == a) return (lower ? 2u : 0u) | (upper ? 1u : 0u);
    return 0;
}

static bool meet_triangles(structured *s, uint32_t i, uint32_t j)
{
    mul_work *w = s->w;
    const uint8_t *l = w->f[i].label, *k = w->f[j].label;
    if (node_of(s, i)->order != 2 || node_of(s, j)->order != 2 || l[0] == l[1]) return false;
    if (!(l[0] == k[0] && l[1] == k[1]) && !(l[0] == k[1] && l[1] == k[0])) return false;
    unsigned a = triangle(s, i, l[0], l[1]), b = triangle(s, j, l[0], l[1]);
    if (node_of(s, i)->kind == SDP_MASK && (b & a) == a) return sdp_mul_drop(w, i), true;
    if (node_of(s, j)->kind == SDP_MASK && (a & b) == b) return sdp_mul_drop(w, j), true;
    if ((a | b) != 3) return false;
    sdp_mul_unify(w, l[0], l[1]);
    return w->again = true;
}

// The first output label that label l leads to without the factors i and j; w->order: none
static int first_output(const mul_work *w, uint8_t l, uint32_t i, uint32_t j)
{
    bool *passed = sdp_scratch(&w->g->base, w->n + (size_t)1), reached[LABELS + 1] = {false}, grown = true;
    reached[l] = passed[i] = passed[j] = true;
    while (grown) {
        grown = false;
        for (uint32_t f = 0; f < w->n; f++) {
            bool touches = false;
            for (int k = 0; k < sdp_order(w->g, w->f[f].node); k++) touches |= reached[w->f[f].label[k]];
            if (passed[f] || !touches) continue;
            for (int k = 0; k < sdp_order(w->g, w->f[f].node); k++) reached[w->f[f].label[k]] = true;
            passed[f] = grown = true;
        }
    }
    int first = 0;
    while (first < w->order && !reached[w->out[first]]) first++;
    return first;
}

// The output labels that the ends of D1*D2 (summed over what they share) lead to tell which comes first.
static bool sort_diagonal(structured *s, uint32_t i, uint32_t j)
{
    mul_work *w = s->w;
    if (!(s->yes[i] & s->yes[j] & SDP_DIAGONAL) || !plain(s, i) || !plain(s, j) ||
        w->f[i].node == w->f[j].node)
        return false;
    for (int x = 0; x < 2; x++)
        for (int y = 0; y < 2; y++) {
            uint8_t l = w->f[i].label[x], a = w->f[i].label[1 - x], b = w->f[j].label[1 - y];
            if (w->f[j].label[y] != l || !bound(s, l, 2) || a == b || l == a || l == b) continue;
            int at = first_output(w, a, i, j), bt = first_output(w, b, i, j);
            if (at == bt || (at < bt) == (w->f[i].node < w->f[j].node)) return false;
            sdp_id swap = w->f[i].node;
            w->f[i].node = w->f[j].node;
            w->f[j].node = swap;
            return true;
        }
    return false;
}

bool sdp_mul_structure(mul_work *w)
{
    structured s = {w, sdp_scratch(&w->g->base, (w->n + 1) * sizeof *s.yes)};
    bool any = false;
    for (uint32_t i = 0; i < w->n; i++) {
        (void)sdp_has(w->g, w->f[i].node, 0); // fills the memo
        s.yes[i] = w->g->known[w->f[i].node].yes;
        any |= (s.yes[i] & RELEVANT) || node_of(&s, i)->kind == SDP_MASK ||
               (node_of(&s, i)->kind == SDP_MUL && squared(&s, i));
    }
    for (uint32_t i = 0; any && i < w->n; i++)
        if (simplify_factor(&s, i)) return true;
    for (uint32_t i = 0; any && i < w->n; i++)
        for (uint32_t j = i + 1; j < w->n; j++)
            if (cancel_orthogonal(&s, i, j) || meet_triangles(&s, i, j) || sort_diagonal(&s, i, j))
                return true;
    return false;
}
