// SPDX-License-Identifier: MIT
// Kronecker structure raised: selections with two strides to vec(X) and kron(A,B). (Derivatives of higher order: vec_form.c)
//
//     kron(A,B)[p*r+a, q*s+b] = A[p,q]*B[a,b]        vec(X)[a+m*b] = X[a,b]    (counted from 0)
//
// The factors of a product fall into groups that share no label; each group is one side.
#include <string.h>

#include "notation.h"

typedef struct { uint32_t factor; uint8_t outer, inner; } pairing; // output axis = inner + size of inner * outer

static bool read_pairing(const sdp_graph *g, const sdp_node *n, uint8_t label, pairing *p)
{
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *f = sdp_get(g, n->arg[i]);
        const uint8_t *l = sdp_labels(g, n, i);
        if (f->kind != SDP_SEL || f->order != 3 || l[0] != label || sdp_label_uses(g, n, label) != 2) continue;
        int in = f->ldim[1] == SDP_DIM_ONE ? 1 : 2, out = 3 - in;
        long zero;
        if (f->ldim[in] != SDP_DIM_ONE || f->ldim[out] != f->dim[in] || !sdp_dim_long(g, f->ldim[0], &zero) || zero != 0) return false;
        *p = (pairing){ .factor = i, .outer = l[out], .inner = l[in] };
        return true;
    }
    return false;
}

// Marks the factors connected with label `seed`, and their labels.
void sdp_flood_labels(const sdp_graph *g, const sdp_node *n, uint8_t seed, const bool *out_of_it, bool *in, bool *label)
{
    label[seed] = true;
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = 0; i < n->nargs; i++) {
            const uint8_t *l = sdp_labels(g, n, i);
            int order = sdp_get(g, n->arg[i])->order;
            bool touches = false;
            for (int k = 0; k < order; k++) touches |= label[l[k]];
            if (in[i] || out_of_it[i] || !touches) continue;
            in[i] = more = true;
            for (int k = 0; k < order; k++) label[l[k]] = true;
        }
    }
}

// One side of a Kronecker product: the factors of one component with its share of the output labels.
static sdp_rid side(sdp_raiser *r, const sdp_node *n, const bool *in, const uint8_t *label, int axes, bool rows, sdp_num coef)
{
    bool *skip = sdp_scratch(&r->g->base, n->nargs * sizeof *skip);
    sdp_view v = { .n = n, .skip = skip, .coef = coef, .order = axes };
    for (uint32_t i = 0; i < n->nargs; i++) skip[i] = !in[i];
    memcpy(v.out, label, (size_t)axes);
    sdp_rid t = sdp_raise_view(r, &v);
    return t != SDP_UNRAISED && axes == 1 && !rows ? sdp_r_transpose(r, t) : t;
}

static sdp_rid raise_kron(sdp_raiser *r, const sdp_node *n, const pairing *p, const bool *paired)
{
    sdp_graph *g = r->g;
    bool *skip = sdp_scratch(&g->base, 3 * n->nargs * sizeof *skip), *outer = skip + n->nargs, *inner = outer + n->nargs;
    bool far[SDP_MAX_LABELS] = { false }, near[SDP_MAX_LABELS] = { false };
    uint8_t out[2], in[2];
    int nout = 0, nin = 0;
    for (int a = 0; a < n->order; a++)
        if (paired[a]) skip[p[a].factor] = true;
    for (int a = 0; a < n->order; a++) {
        if (!paired[a]) continue;
        sdp_flood_labels(g, n, p[a].outer, skip, outer, far);
        sdp_flood_labels(g, n, p[a].inner, skip, inner, near);
    }
    for (int l = 0; l < n->nlabels; l++)
        if (far[l] && near[l]) return 0;
    bool out_rows = false, in_rows = false;
    for (int a = 0; a < n->order; a++) {
        uint8_t l = sdp_labels(g, n, n->nargs)[a];
        if (paired[a] || !near[l]) out[nout++] = paired[a] ? p[a].outer : l, out_rows |= a == 0;
        if (paired[a] || near[l]) in[nin++] = paired[a] ? p[a].inner : l, in_rows |= a == 0;
    }
    for (uint32_t i = 0; i < n->nargs; i++) outer[i] |= !skip[i] && !inner[i]; // scalars
    sdp_rid both[2] = { side(r, n, outer, out, nout, out_rows, n->coef[0]), side(r, n, inner, in, nin, in_rows, SDP_NUM_ONE) };
    if (both[0] == SDP_UNRAISED || both[1] == SDP_UNRAISED) return 0;
    sdp_bag bag;
    sdp_bag_init(&bag);
    both[0] = sdp_bag_take(r, &bag, both[0]);
    both[1] = sdp_bag_take(r, &bag, both[1]);
    return sdp_bag_close(r, &bag, sdp_r_show(r, SDP_S_KRON, n->order == 2 ? SDP_MATRIX : SDP_COLUMN, 2, both));
}

sdp_rid sdp_raise_pattern(sdp_raiser *r, sdp_id id)
{
    sdp_graph *g = r->g;
    const sdp_node *n = sdp_get(g, id);
    pairing p[2];
    bool paired[2] = { false, false };
    if (n->order < 1 || n->order > 2) return 0;
    for (int a = 0; a < n->order; a++) paired[a] = read_pairing(g, n, sdp_labels(g, n, n->nargs)[a], &p[a]);
    if (!paired[0] && !paired[1]) return 0;
    sdp_rid kron = raise_kron(r, n, p, paired);
    if (kron || n->order != 1) return kron;
    bool *skip = sdp_scratch(&g->base, n->nargs * sizeof *skip);
    skip[p[0].factor] = true;
    sdp_view v = { .n = n, .skip = skip, .coef = n->coef[0], .order = 2, .out = { p[0].inner, p[0].outer } };
    sdp_rid t = sdp_raise_view(r, &v);
    if (t == SDP_UNRAISED) return 0;
    sdp_bag bag;
    sdp_bag_init(&bag);
    t = sdp_bag_take(r, &bag, t);
    return sdp_bag_close(r, &bag, sdp_r_show1(r, SDP_S_VEC, SDP_COLUMN, t));
}
