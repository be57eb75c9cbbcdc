// SPDX-License-Identifier: MIT
// Steps of a product: SEL tensors (one-hot vectors, slices, index merges) meet each other, and sums that are
// known are carried out. sum_k SEL(k; a) = 1, and two equal SELs at a bound label unify their arguments.
#include <string.h>

#include "ast/make/mul.h"

static bool provably_nonneg(const sdp_graph *g, sdp_dim d)
{
    const sdp_dim_term *t;
    uint32_t n = sdp_dim_terms(g, d, &t);
    for (uint32_t i = 0; i < n; i++)
        if (t[i].coef < 0) return false;
    return true;
}

// a <= b, whatever the names in them are
static bool not_above(sdp_graph *g, sdp_dim a, sdp_dim b)
{
    return provably_nonneg(g, sdp_dim_add(g, b, sdp_dim_neg(g, a)));
}

// Slices o1..o1+d1-1 and o2.. share no index.
static bool disjoint(sdp_graph *g, sdp_dim o1, sdp_dim d1, sdp_dim o2)
{
    return not_above(g, sdp_dim_add(g, o1, d1), o2);
}

// Does k = offset + sum of stride * i tell every i? Slices do, and pairs i + m*j where i has m values; the k
// = i + j of a convolution does not.
static bool is_injective(sdp_graph *g, const sdp_node *n)
{
    for (int first = 1; first < n->order; first++) {
        sdp_dim next = n->ldim[first];
        uint32_t left = (1u << n->order) - 2;
        for (int found = first; found;) {
            left &= ~(1u << found);
            next = sdp_dim_mul(g, next, n->dim[found]);
            found = 0;
            for (int k = 1; k < n->order; k++)
                if ((left >> k & 1) && n->ldim[k] == next) found = k;
        }
        if (!left) return true;
    }
    return n->order <= 2;
}

// sum_k SEL(k; a..) SEL(k; b..), if both are injective in their arguments. True if the pair was resolved.
static bool select_pair(mul_work *w, uint32_t i, uint32_t j)
{
    sdp_graph *g = w->g;
    const sdp_node *a = g->node[w->f[i].node], *b = g->node[w->f[j].node];
    if (a->order > b->order) return select_pair(w, j, i);
    uint8_t k = w->f[i].label[0];
    bool only_here = !sdp_mul_in_output(w, k) && sdp_mul_uses(w, k) == 2;
    if (a->order == b->order && !memcmp(a->ldim, b->ldim, a->order * sizeof *a->ldim) &&
        !memcmp(a->dim, b->dim, a->order * sizeof *a->dim) &&
        is_injective(g, a)) { // k tells the arguments, whatever else it meets
        for (int x = 1; x < a->order; x++) sdp_mul_unify(w, w->f[i].label[x], w->f[j].label[x]);
        sdp_mul_drop(w, j);
        return true;
    }
    long p, q;
    if (a->order == 1 && b->order == 1 && sdp_dim_long(g, sdp_offset(a), &p) &&
        sdp_dim_long(g, sdp_offset(b), &q) && p != q) {
        w->coef = SDP_NUM_ZERO;
        return true;
    }
    if (sdp_is_slice(a) && sdp_is_slice(b) &&
        (disjoint(g, sdp_offset(a), a->dim[1], sdp_offset(b)) ||
         disjoint(g, sdp_offset(b), b->dim[1], sdp_offset(a)))) {
        w->coef = SDP_NUM_ZERO;
        return true;
    }
    // one-hot at p through a slice that starts at q: one-hot at p - q of the slice, or nothing
    if (a->order == 1 && sdp_is_slice(b) && only_here) {
        sdp_dim at = sdp_dim_add(g, sdp_offset(a), sdp_dim_neg(g, sdp_offset(b))),
                after = sdp_dim_add(g, at, SDP_DIM_ONE);
        bool outside = not_above(g, after, sdp_dim_int(g, 0)) || not_above(g, b->dim[1], at);
        if (outside || (not_above(g, sdp_dim_int(g, 0), at) && not_above(g, after, b->dim[1]))) {
            if (outside) {
                w->coef = SDP_NUM_ZERO;
                return true;
            }
            w->label.dead[k] = true;
            w->f[j].label[0] = w->f[j].label[1];
            w->f[j].node = sdp_sel(g, 1, &b->dim[1], &at);
            sdp_mul_drop(w, i);
            return true;
        }
    }
    return false;
}

// sum_a SEL(k; a) SEL(a; b) = SEL(k; b): a slice or an entry of a slice. True if j took i in.
static bool compose(mul_work *w, uint32_t i, uint32_t j)
{
    sdp_graph *g = w->g;
    const sdp_node *a = g->node[w->f[i].node], *b = g->node[w->f[j].node];
    sdp_dim dim[SDP_MAX_ORDER], ldim[SDP_MAX_ORDER];
    if (a->order != 2 || b->order > 2) return false; // kron and vec stay what they are
    if (sdp_is_flip(g, a) || sdp_is_flip(g, b)) return false;
    uint8_t l = w->f[i].label[1];
    if (w->f[j].label[0] != l || w->f[i].label[0] == l || sdp_mul_in_output(w, l) || sdp_mul_uses(w, l) != 2)
        return false;
    for (int k = 0; k < b->order; k++) {
        dim[k] = k ? b->dim[k] : a->dim[0];
        ldim[k] = sdp_dim_mul(g, sdp_stride(a, 1), sdp_stride(b, k));
    }
    ldim[0] = sdp_dim_add(g, sdp_offset(a), ldim[0]);
    w->label.dead[l] = true;
    w->f[j].node = sdp_sel(g, b->order, dim, ldim);
    w->f[j].label[0] = w->f[i].label[0];
    sdp_mul_drop(w, i);
    return true;
}

// SEL(k; a, a) = SEL(k; a), the strides added.
static bool join_arguments(mul_work *w, uint32_t i)
{
    sdp_graph *g = w->g;
    const sdp_node *a = g->node[w->f[i].node];
    sdp_dim dim[SDP_MAX_ORDER], ldim[SDP_MAX_ORDER];
    uint8_t *label = w->f[i].label;
    sdp_copy(dim, a->dim, a->order * sizeof *dim);
    sdp_copy(ldim, a->ldim, a->order * sizeof *ldim);
    for (int x = 1; x < a->order; x++)
        for (int y = x + 1; y < a->order; y++) {
            sdp_dim both = sdp_dim_add(g, sdp_stride(a, x), sdp_stride(a, y));
            if (label[x] != label[y] || both == sdp_dim_int(g, 0)) continue;
            ldim[x] = both;
            int rest = a->order - y - 1;
            memmove(dim + y, dim + y + 1, (size_t)rest * sizeof *dim);
            memmove(ldim + y, ldim + y + 1, (size_t)rest * sizeof *ldim);
            memmove(label + y, label + y + 1, (size_t)rest);
            w->f[i].node = sdp_sel(g, a->order - 1, dim, ldim);
            return true;
        }
    return false;
}

// Does the sum of the node over this axis equal one everywhere?
static bool sums_to_one(sdp_graph *g, sdp_id id, int axis)
{
    const sdp_node *n = g->node[id];
    if (n->kind == SDP_SEL) return axis == 0; // its arguments determine it
    if (n->kind == SDP_PRIM && n->op == SDP_OP_softmax) return n->param == 1u << axis;
    return n->order == 1 && sdp_has(g, id, SDP_SIMPLEX);
}

// sum over i, j of SEL(k; i, j) SEL(l; i, j) = delta(k, l) where the pairs (i, j) tell
// every k: kron of identities is one
static bool complete_pairs(mul_work *w, uint32_t i, uint32_t j)
{
    sdp_graph *g = w->g;
    const sdp_node *a = g->node[w->f[i].node];
    const uint8_t *l = w->f[i].label, *m = w->f[j].label;
    if (w->f[i].node != w->f[j].node || a->order != 3 || l[1] == l[2] || memcmp(l + 1, m + 1, 2) != 0 ||
        !is_injective(g, a))
        return false;
    if (a->dim[0] != sdp_dim_mul(g, a->dim[1], a->dim[2])) return false;
    for (int k = 1; k < 3; k++)
        if (sdp_mul_in_output(w, l[k]) || sdp_mul_uses(w, l[k]) != 2) return false;
    w->label.dead[l[1]] = w->label.dead[l[2]] = true;
    sdp_mul_unify(w, l[0], m[0]);
    sdp_mul_drop(w, j);
    sdp_mul_drop(w, i);
    return true;
}

// x[1:2].*y[1:2] = (x.*y)[1:2], once no slice is one of a slice
static bool share_slices(mul_work *w)
{
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_node *a = w->g->node[w->f[i].node];
        if (a->kind != SDP_SEL || a->order != 2 || sdp_mul_in_output(w, w->f[i].label[0])) continue;
        for (uint32_t j = i + 1; j < w->n; j++) {
            if (w->f[j].node != w->f[i].node || w->f[i].label[1] != w->f[j].label[1] ||
                sdp_mul_in_output(w, w->f[j].label[0]))
                continue;
            sdp_mul_unify(w, w->f[i].label[0], w->f[j].label[0]);
            sdp_mul_drop(w, j);
            return true;
        }
    }
    return false;
}

bool sdp_mul_select(mul_work *w)
{
    sdp_graph *g = w->g;
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_node *a = g->node[w->f[i].node];
        for (int k = 0; k < a->order; k++) {
            uint8_t l = w->f[i].label[k];
            if (w->f[i].exponent != SDP_ID_ONE || !sums_to_one(g, w->f[i].node, k) ||
                sdp_mul_in_output(w, l) || sdp_mul_uses(w, l) != 1)
                continue;
            w->label.dead[l] = true;
            sdp_mul_drop(w, i);
            return true;
        }
        if (a->kind != SDP_SEL) continue;
        if (w->f[i].exponent == SDP_ID_ONE && join_arguments(w, i)) return true;
        for (uint32_t j = i + 1; j < w->n; j++) {
            if (g->node[w->f[j].node]->kind != SDP_SEL) continue;
            if (w->f[j].label[0] == w->f[i].label[0] && select_pair(w, i, j)) return true;
            if (compose(w, i, j) || compose(w, j, i) || complete_pairs(w, i, j)) return true;
        }
    }
    return share_slices(w);
}

// ---- one entry of a function is the function of an entry --------------------------------------------------

static sdp_id select_entry(sdp_graph *g, sdp_id a, int axis, sdp_id hot)
{
    uint8_t label[SDP_MAX_ORDER + 1], out[SDP_MAX_ORDER];
    int order = sdp_order(g, a), n = 0;
    for (int k = 0; k < order; k++) label[k] = (uint8_t)k;
    label[order] = (uint8_t)axis;
    for (int k = 0; k < order; k++)
        if (k != axis) out[n++] = (uint8_t)k;
    return sdp_mul(g, SDP_NUM_ONE, 2, (sdp_id[]){a, hot}, label, n, out, NULL);
}

// X == max(X,[],2)*ones(n)', where the largest entries are: an entry of X that is computed by itself,
// (A*B)[2,3], may be rounded to another number than it was for the maximum, and no entry would be the
// largest. So X stays whole.
static bool marks_extremes(const sdp_graph *g, const sdp_node *n)
{
    bool found = false;
    for (uint32_t i = 0; n->kind == SDP_MAP && n->op == SDP_OP_eq && i < n->nargs; i++) {
        const sdp_node *a = g->node[n->arg[i]], *f = a;
        for (uint32_t k = 0; k < (a->kind == SDP_MUL ? a->nargs : 1); k++) {
            if (a->kind == SDP_MUL) f = g->node[a->arg[k]];
            found |= f->kind == SDP_PRIM && (f->op == SDP_OP_maxof || f->op == SDP_OP_minof);
        }
    }
    return found;
}

// The entry at `hot` of a function, power or sum, taken in its arguments; 0 if the node is none of these.
static sdp_id entry_inside(sdp_graph *g, sdp_id a, int axis, sdp_id hot)
{
    const sdp_node *n = g->node[a];
    if ((n->kind != SDP_MAP && n->kind != SDP_POW && n->kind != SDP_ADD) || n->nargs > SDP_FLAT_TERMS ||
        g->depth >= SDP_DEPTH || marks_extremes(g, n))
        return 0;
    sdp_id *arg = sdp_scratch(&g->base, n->nargs * sizeof *arg);
    g->depth++;
    for (uint32_t i = 0; i < n->nargs; i++)
        arg[i] = sdp_order(g, n->arg[i]) ? select_entry(g, n->arg[i], axis, hot) : n->arg[i];
    g->depth--;
    return sdp_rebuild(g, a, arg);
}

// A diagonal of a function or power is the function of a diagonal. (That of a sum of matrices stays: tr(A +
// B).)
void sdp_mul_take_diagonals(mul_work *w)
{
    sdp_graph *g = w->g;
    for (uint32_t i = 0; i < w->n; i++) {
        mul_factor *f = &w->f[i];
        const sdp_node *n = g->node[f->node];
        bool power = f->exponent != SDP_ID_ONE;
        uint8_t label[SDP_MAX_ORDER];
        int order = 0;
        for (int k = 0; k < n->order; k++)
            if (!memchr(label, f->label[k], (size_t)order)) label[order++] = f->label[k];
        bool sum = n->kind == SDP_ADD && n->order > 2;
        if (order == n->order || (!power && !sum && n->kind != SDP_MAP && n->kind != SDP_POW) ||
            marks_extremes(g, n))
            continue;
        sdp_id *arg = sdp_scratch(&g->base, (n->nargs + 1) * sizeof *arg);
        for (uint32_t a = 0; a < (power ? 1 : n->nargs); a++) {
            arg[a] = power ? f->node : n->arg[a];
            if (sdp_order(g, arg[a]))
                arg[a] = sdp_mul(g, SDP_NUM_ONE, 1, &arg[a], f->label, order, label, NULL);
        }
        f->node = power ? arg[0] : sdp_rebuild(g, f->node, arg);
        sdp_copy(f->label, label, (size_t)order);
        w->again = true;
        return;
    }
}

// A summed label with a one-hot vector fixes that axis of every factor it meets.
void sdp_mul_fix_entries(mul_work *w)
{
    sdp_graph *g = w->g;
    for (uint32_t i = 0; i < w->n; i++) {
        if (g->node[w->f[i].node]->kind != SDP_SEL || sdp_order(g, w->f[i].node) != 1) continue;
        uint8_t l = w->f[i].label[0];
        if (sdp_mul_in_output(w, l)) continue;
        for (uint32_t j = 0; j < w->n; j++) {
            int order = sdp_order(g, w->f[j].node);
            const uint8_t *at = j == i || !order ? NULL : memchr(w->f[j].label, l, (size_t)order);
            if (!at) continue;
            int axis = (int)(at - w->f[j].label);
            // (A+B)[3,3]: one hot vector for each axis
            bool diagonal = memchr(at + 1, l, (size_t)(order - axis - 1)) != NULL;
            sdp_id inside = diagonal ? 0 : entry_inside(g, w->f[j].node, axis, w->f[i].node);
            bool shared = sdp_mul_uses(w, l) > 2;
            if (!inside && !shared) continue;
            if (inside) { // the factor loses the axis; its exponent stays
                w->f[j].node = inside;
                memmove(&w->f[j].label[axis], &w->f[j].label[axis + 1], (size_t)(order - axis - 1));
                w->again = true;
                return;
            }
            uint8_t fresh = sdp_mul_new_label(w, w->label.dim[l]);
            w->f[j].label[axis] = fresh;
            sdp_mul_push(w, w->f[i].node, SDP_ID_ONE, &fresh);
            w->again = true;
            return;
        }
    }
}
