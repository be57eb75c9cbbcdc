// SPDX-License-Identifier: MIT
// Facts of products, from the network that factors and labels form. Nothing
// depends on how the product was written.
//
//   sign        factors that are not negative; X[i,i] of a psd X is not, nor is x'*P*x
//   triangles   a lower factor at labels (a,b) vanishes unless a >= b; what follows for the output labels
//   psd         a mirror image of itself: an exchange of labels that maps factors to equal factors and swaps
//               the two output labels. With s, s' the labels of the halves and k those that stay,
//                   M(o,o') = sum_k w(k) sum_s,s' U(s,k) U(s',k) P(s,s')
//               is psd for w >= 0 and P a product of psd kernels, for entry-wise products of psd kernels are
//               (I. Schur, 1911): A'*A, A'*P*A, x*x', P.*R, kron(P,R).
//   posdef      the same with P posdef; outside only orthogonal factors, positive scalings, kron's indices
//   orthogonal  a chain of orthogonal factors
#include <string.h>

#include "ast/graph/facts.h"

enum { NOWHERE = 255 };

typedef struct {
    sdp_graph *g;
    const sdp_node *n;
    const uint8_t *label[SDP_MAX_FACTORS], *out;
    uint32_t yes[SDP_MAX_FACTORS];
    uint8_t uses[SDP_MAX_LABELS]; // by factors
} network;

static const sdp_node *factor(const network *w, uint32_t i) { return w->g->node[w->n->arg[i]]; }

// ---- signs ------------------------------------------------------------------------------------------------
// Returns the facts of those entries of factor i that the product reads, e.g. of the diagonal of a psd matrix
// read at (k,k).
static uint32_t entries(const network *w, uint32_t i)
{
    uint32_t f = w->yes[i];
    if (factor(w, i)->order != 2 || w->label[i][0] != w->label[i][1]) return f;
    if (f & SDP_POSDEF) f |= SDP_POSITIVE | SDP_NONNEG;
    if (f & SDP_PSD) f |= SDP_NONNEG;
    return f;
}

static bool repeated_output(const network *w)
{
    for (int k = 1; k < w->n->order; k++)
        if (memchr(w->out, w->out[k], (size_t)k)) return true;
    return false;
}

static sdp_known sign_of(const network *w, bool *diagonal)
{
    uint32_t all = UINT32_MAX;
    int sign = sdp_num_sign(w->g, w->n->coef[0]);
    for (uint32_t i = 0; i < w->n->nargs; i++) all &= entries(w, i);
    sdp_known k = {0, 0};
    bool holes = repeated_output(w), integer = sdp_num_is_int(w->g, w->n->coef[0]);
    *diagonal = sign > 0 && (all & SDP_POSITIVE); // what is not a hole is positive
    if (sign >= 0) k.yes |= all & SDP_NONNEG;
    if (sign > 0 && !holes) k.yes |= all & SDP_POSITIVE;
    if (sign == 0) k.yes |= SDP_NONNEG;
    if (sign <= 0 && (all & SDP_NONNEG))
        k.no |= SDP_POSITIVE | (sign < 0 && (all & SDP_POSITIVE) ? SDP_NONNEG : 0);
    if (integer) k.yes |= all & SDP_INTEGER;
    return k;
}

// ---- triangles --------------------------------------------------------------------------------------------
// above[a] has bit b if the product vanishes unless a >= b.
static void order_of_factor(const network *w, uint32_t i, uint64_t *above)
{
    const sdp_node *f = factor(w, i);
    if (f->order != 2) return;
    uint8_t a = w->label[i][0], b = w->label[i][1];
    bool mask = f->kind == SDP_MASK; // has no facts if it is not square
    if (mask ? f->param == SDP_LOWER : (w->yes[i] & SDP_TRI_LOWER) != 0) above[a] |= 1ull << b;
    if (mask ? f->param == SDP_UPPER : (w->yes[i] & SDP_TRI_UPPER) != 0) above[b] |= 1ull << a;
}

// The same selection of two arguments in order has its values in order; slices are increasing.
static void order_of_selections(const network *w, uint64_t *above)
{
    for (uint32_t i = 0; i < w->n->nargs; i++)
        for (uint32_t j = 0; j < w->n->nargs; j++) {
            const sdp_node *f = factor(w, i);
            if (i == j || w->n->arg[i] != w->n->arg[j] || f->kind != SDP_SEL || f->order < 2) continue;
            bool equal = true, over = f->order == 2;
            for (int k = 1; k < f->order; k++) {
                uint8_t a = w->label[i][k], b = w->label[j][k];
                bool above_b = a == b || (above[a] >> b & 1), below_b = a == b || (above[b] >> a & 1);
                equal &= above_b && below_b;
                over &= above_b;
            }
            if (equal || over) above[w->label[i][0]] |= 1ull << w->label[j][0];
        }
}

static uint32_t triangles_of(const network *w)
{
    uint64_t above[SDP_MAX_LABELS] = {0}, before = 0, now = 1;
    if (w->n->order != 2) return 0;
    if (w->out[0] == w->out[1]) return SDP_DIAGONAL;
    for (uint32_t i = 0; i < w->n->nargs; i++) order_of_factor(w, i, above);
    while (before != now) { // until nothing is added; each round adds a bit
        before = now;
        order_of_selections(w, above);
        for (int k = 0; k < w->n->nlabels; k++)
            for (int a = 0; a < w->n->nlabels; a++)
                if (above[a] >> k & 1) above[a] |= above[k];
        now = 0;
        for (int a = 0; a < w->n->nlabels; a++) now += (uint64_t)__builtin_popcountll(above[a]);
    }
    return (above[w->out[0]] >> w->out[1] & 1 ? SDP_TRI_LOWER : 0) |
           (above[w->out[1]] >> w->out[0] & 1 ? SDP_TRI_UPPER : 0);
}

// ---- mirror images ----------------------------------------------------------------------------------------
typedef struct {
    const network *w;
    // side 0 or 1 of labels that move, 2 of those that stay
    uint8_t image[SDP_MAX_LABELS], side[SDP_MAX_LABELS];
    uint8_t partner[SDP_MAX_FACTORS];
    bool flipped[SDP_MAX_FACTORS]; // a psd factor between the halves
} mirror;

static bool link_labels(mirror *m, uint8_t a, uint8_t b, uint8_t side)
{
    if (m->image[a] != NOWHERE || m->image[b] != NOWHERE) return m->image[a] == b && m->image[b] == a;
    m->image[a] = b;
    m->image[b] = a;
    m->side[a] = a == b ? 2 : side;
    m->side[b] = a == b ? 2 : 1 - side;
    return true;
}

// Maps factor i to factor j, read the other way round if `crossed`; false, and
// nothing changed, if labels forbid it.
static bool pair_up(mirror *m, uint32_t i, uint32_t j, bool crossed)
{
    const network *w = m->w;
    mirror trial = *m;
    int order = factor(w, i)->order;
    uint8_t side = 2;
    if (w->n->arg[i] != w->n->arg[j]) return false;
    for (int k = 0; k < order; k++) {
        uint8_t l = w->label[i][k], s = m->image[l] == NOWHERE ? 2 : m->side[l];
        if (s == 2) continue;
        if (side != 2 && s != side) return false; // it touches both halves
        side = s;
    }
    for (int k = 0; k < order; k++)
        if (!link_labels(&trial, w->label[i][k], w->label[j][crossed ? 1 - k : k], side == 2 ? 0 : side))
            return false;
    trial.partner[i] = (uint8_t)j;
    trial.partner[j] = (uint8_t)i;
    *m = trial;
    return true;
}

// A psd factor that the mirror maps to itself by exchanging its labels.
static bool flip(mirror *m, uint32_t i)
{
    const network *w = m->w;
    const uint8_t *l = w->label[i];
    if (factor(w, i)->order != 2 || l[0] == l[1] || !(w->yes[i] & SDP_PSD)) return false;
    if (m->image[l[0]] == NOWHERE || m->image[l[0]] != l[1]) return false;
    m->partner[i] = (uint8_t)i;
    m->flipped[i] = true;
    return true;
}

static bool touched(const mirror *m, uint32_t i)
{
    for (int k = 0; k < factor(m->w, i)->order; k++)
        if (m->image[m->w->label[i][k]] != NOWHERE) return true;
    return false;
}

static bool find_partner(mirror *m, uint32_t i)
{
    bool symmetric = factor(m->w, i)->order == 2 && (m->w->yes[i] & SDP_SYMMETRIC);
    if (flip(m, i)) return true;
    for (uint32_t j = 0; j < m->w->n->nargs; j++)
        if (j != i && m->partner[j] == NOWHERE &&
            (pair_up(m, i, j, false) || (symmetric && pair_up(m, i, j, true))))
            return true;
    return pair_up(m, i, i, false);
}

// Completes a mirror that knows some labels; false if the product is not its image.
static bool complete(mirror *m)
{
    const network *w = m->w;
    for (bool grown = true; grown;) {
        grown = false;
        for (uint32_t i = 0; i < w->n->nargs; i++) {
            if (m->partner[i] != NOWHERE || !touched(m, i)) continue;
            if (!find_partner(m, i)) return false;
            grown = true;
        }
    }
    // what the mirror does not reach stays, and so may not be negative
    for (uint32_t i = 0; i < w->n->nargs; i++) {
        if (m->partner[i] == NOWHERE && !pair_up(m, i, i, false)) return false;
        if (m->partner[i] == i && !m->flipped[i] && !(entries(w, i) & SDP_NONNEG)) return false;
    }
    return true;
}

static mirror new_mirror(const network *w)
{
    mirror m = {.w = w};
    memset(m.image, NOWHERE, sizeof m.image);
    memset(m.partner, NOWHERE, sizeof m.partner);
    return m;
}

// SEL(k; a, b) with k = a*size(b) + b or the like: every k from exactly one pair.
static bool is_bijection(const network *w, const sdp_node *s)
{
    if (s->kind != SDP_SEL || s->order != 3 || sdp_offset(s) != sdp_dim_int(w->g, 0)) return false;
    if (s->dim[0] != sdp_dim_mul(w->g, s->dim[1], s->dim[2])) return false;
    return (sdp_stride(s, 1) == SDP_DIM_ONE && sdp_stride(s, 2) == s->dim[1]) ||
           (sdp_stride(s, 2) == SDP_DIM_ONE && sdp_stride(s, 1) == s->dim[2]);
}

// Is a matrix that mirrors itself around posdef factors posdef? Only isometries and
// positive scalings may stand between.
static bool definite(const mirror *m)
{
    const network *w = m->w;
    uint8_t uses[SDP_MAX_LABELS];
    bool some = false;
    memcpy(uses, w->uses, sizeof uses);
    for (uint32_t i = 0; i < w->n->nargs; i++) {
        const sdp_node *f = factor(w, i);
        if (m->flipped[i]) {
            if (!(w->yes[i] & SDP_POSDEF)) return false;
            some = true;
        } else if (f->order == 0) {
            if (!(w->yes[i] & SDP_POSITIVE)) return false;
        } else if (m->partner[i] == i) {
            return false;
        } else if (f->order == 1) {
            if (!(w->yes[i] & SDP_POSITIVE)) return false;
            uses[w->label[i][0]]--;
        } else if (!is_bijection(w, f) && !(w->yes[i] & SDP_ORTHOGONAL)) {
            return false;
        }
    }
    for (int l = 0; l < w->n->nlabels; l++)
        if (uses[l] < 1 || (uses[l] != 2 && l != w->out[0] && l != w->out[1])) return false;
    return some;
}

static uint32_t square_of(const network *w)
{
    if (w->n->dim[0] != w->n->dim[1] || sdp_num_sign(w->g, w->n->coef[0]) < 0) return 0;
    mirror m = new_mirror(w);
    if (!link_labels(&m, w->out[0], w->out[1], 0) || !complete(&m)) return 0;
    return SDP_PSD | (sdp_num_sign(w->g, w->n->coef[0]) > 0 && definite(&m) ? SDP_POSDEF : 0);
}

// v'*P*v with v that can't be 0
static bool definite_form(const mirror *m)
{
    const network *w = m->w;
    uint32_t vectors = 0;
    for (uint32_t i = 0; i < w->n->nargs; i++) {
        const sdp_node *f = factor(w, i);
        vectors += f->order == 1;
        uint32_t need = m->flipped[i] ? SDP_POSDEF : f->order == 0 ? SDP_POSITIVE : 0;
        bool vector = f->order == 1 && m->partner[i] != i &&
                      (w->yes[i] & (SDP_ONEHOT | SDP_UNIT | SDP_SIMPLEX | SDP_POSITIVE));
        if (need ? !(w->yes[i] & need) : !vector) return false;
    }
    return w->n->nlabels == 2 && vectors == 2;
}

static uint32_t form_of(const network *w)
{
    if (sdp_num_sign(w->g, w->n->coef[0]) < 0) return 0;
    for (uint32_t i = 0; i < w->n->nargs; i++) {
        if (factor(w, i)->order != 2 || !(w->yes[i] & SDP_PSD) || w->label[i][0] == w->label[i][1]) continue;
        mirror m = new_mirror(w);
        if (!link_labels(&m, w->label[i][0], w->label[i][1], 0) || !complete(&m)) continue;
        return SDP_NONNEG | (sdp_num_sign(w->g, w->n->coef[0]) > 0 && definite_form(&m) ? SDP_POSITIVE : 0);
    }
    return 0;
}

// ---- orthogonal chains ------------------------------------------------------------------------------------
// Are the factors of order 2 one path, from the first output label to the
// second, or to the vector at its end?
static bool is_path(const network *w)
{
    bool used[SDP_MAX_FACTORS] = {false};
    uint8_t at = w->out[0];
    for (uint32_t step = 0; step < w->n->nargs; step++) {
        uint32_t i = 0;
        for (; i < w->n->nargs; i++) {
            const uint8_t *l = w->label[i];
            if (used[i] || !memchr(l, at, factor(w, i)->order)) continue;
            used[i] = true;
            if (factor(w, i)->order == 1) return step + 1 == w->n->nargs;
            if (l[0] == l[1]) return false;
            at = l[0] == at ? l[1] : l[0];
            break;
        }
        if (i == w->n->nargs) return false;
    }
    return w->n->order == 2 && at == w->out[1];
}

// Q1*Q2' is orthogonal, Q*u a unit vector.
static uint32_t isometry_of(const network *w)
{
    const sdp_node *n = w->n;
    uint32_t ends = 0;
    if (n->coef[0] != SDP_NUM_ONE && n->coef[0] != SDP_NUM_MINUS_ONE) return 0;
    if (n->nargs == 0) return n->order == 2 && n->nlabels == 1 ? SDP_ORTHOGONAL : 0;
    for (uint32_t i = 0; i < n->nargs; i++) {
        bool end = factor(w, i)->order == 1 && (w->yes[i] & SDP_UNIT);
        ends += end;
        if (!end && !(w->yes[i] & SDP_ORTHOGONAL)) return 0;
    }
    if (n->order + ends != 2 || repeated_output(w) || !is_path(w)) return 0;
    for (int l = 0; l < n->nlabels; l++)
        if (w->uses[l] != (memchr(w->out, l, n->order) ? 1 : 2)) return 0;
    return n->order == 2 ? SDP_ORTHOGONAL : SDP_UNIT;
}

sdp_known sdp_facts_of_product(sdp_graph *g, const sdp_node *n)
{
    network w = {.g = g, .n = n};
    bool positive;
    if (n->nargs > SDP_MAX_FACTORS) return (sdp_known){0, 0};
    const uint8_t *l = n->label;
    for (uint32_t i = 0; i < n->nargs; i++) {
        w.label[i] = l;
        w.yes[i] = sdp_known_of(g, n->arg[i]).yes | (sdp_keeps_symmetry(g, n->arg[i]) ? SDP_SYMMETRIC : 0);
        for (int k = 0; k < g->node[n->arg[i]]->order; k++) w.uses[*l++]++;
    }
    w.out = l;
    sdp_known k = sign_of(&w, &positive);
    if (n->order == 0) k.yes |= form_of(&w);
    k.yes |= n->coef[0] == SDP_NUM_ZERO ? SDP_DIAGONAL | SDP_PSD : triangles_of(&w);
    if (n->order == 2 && w.out[0] == w.out[1])
        k.yes |= (k.yes & SDP_NONNEG ? SDP_PSD : 0) | (positive ? SDP_POSDEF : 0);
    else if (n->order == 2) k.yes |= square_of(&w);
    if (n->order == 1 || n->order == 2) k.yes |= isometry_of(&w);
    return k;
}
