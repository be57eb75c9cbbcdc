// SPDX-License-Identifier: MIT
// Reversals in products: SEL(k; a) with k = n-1-a, the matrix J of ones on the other diagonal.
//
// A slice that runs down, x[5:-1:2], is a slice and a reversal, so that this is the only selection with a
// negative stride that text can make. It is symmetric and its own inverse; it meets
//
//   another one      J*J = I
//   an entry         e(p)'*J = e(n+1-p)'
//   a slice          reversed and then cut is cut from the other end and then reversed
//
// and is written with the summed label in front. Entry: sdp_mul_flip.
#include "ast/make/mul.h"

static bool is_flip(const mul_work *w, uint32_t i)
{
    return w->f[i].exponent == SDP_ID_ONE && sdp_is_flip(w->g, w->g->node[w->f[i].node]);
}

sdp_id sdp_flip(sdp_graph *g, sdp_dim n)
{
    sdp_dim last = sdp_dim_add(g, n, sdp_dim_int(g, -1));
    return sdp_sel(g, 2, (sdp_dim[]){n, n}, (sdp_dim[]){last, sdp_dim_int(g, -1)});
}

// Reversal i meets selection j at its label `side`. True if the two became something else.
static bool meets(mul_work *w, uint32_t i, int side, uint32_t j)
{
    sdp_graph *g = w->g;
    const sdp_node *b = g->node[w->f[j].node];
    uint8_t at = w->f[i].label[side], other = w->f[i].label[1 - side], *label = w->f[j].label;
    if (is_flip(w, j) && (label[0] == at || label[1] == at)) {
        sdp_mul_unify(w, other, label[label[0] == at]);
        sdp_mul_drop(w, j);
        return true;
    }
    if (b->kind != SDP_SEL || w->f[j].exponent != SDP_ID_ONE || label[0] != at || at == other) return false;
    sdp_dim n = b->dim[0], from = sdp_dim_add(g, n, sdp_dim_neg(g, sdp_offset(b)));
    if (b->order == 1) {
        from = sdp_dim_add(g, from, sdp_dim_int(g, -1));
        w->f[i].node = sdp_sel(g, 1, &n, &from);
        w->f[i].label[0] = other;
        return true;
    }
    if (!sdp_is_slice(b) || sdp_mul_in_output(w, at) || sdp_mul_uses(w, at) != 2) return false;
    sdp_dim length = b->dim[1];
    uint8_t inner = sdp_mul_new_label(w, length);
    from = sdp_dim_add(g, from, sdp_dim_neg(g, length));
    w->label.dead[at] = true;
    w->f[i].node = sdp_flip(g, length);
    w->f[i].label[0] = inner, w->f[i].label[1] = label[1];
    w->f[j].node = sdp_sel(g, 2, (sdp_dim[]){n, length}, (sdp_dim[]){from, SDP_DIM_ONE});
    label[0] = other, label[1] = inner;
    return true;
}

// The first place of a label in the output; beyond it, if it is summed
static int place(const mul_work *w, uint8_t label)
{
    int k = 0;
    while (k < w->order && w->out[k] != label) k++;
    return k;
}

// Summed labels stand in front, those of the output in its order; if both are summed, as they were written.
static bool turns(mul_work *w, uint32_t i)
{
    uint8_t *label = w->f[i].label, first = label[0];
    int one = place(w, first), other = place(w, label[1]);
    bool turn = one < w->order && other < w->order ? other < one : other > one;
    if (turn) label[0] = label[1], label[1] = first;
    return turn;
}

bool sdp_mul_flip(mul_work *w)
{
    for (uint32_t i = 0; i < w->n; i++) {
        if (!is_flip(w, i)) continue;
        for (uint32_t j = 0; j < w->n; j++)
            for (int side = 0; side < 2; side++)
                if (j != i && meets(w, i, side, j)) return true;
        if (turns(w, i)) return true;
    }
    return false;
}
