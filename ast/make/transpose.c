// SPDX-License-Identifier: MIT
// Transposes, each remembered with its partner, and symmetry: a sum or product is symmetric
// if it is its own transpose in canonical form. To find that out makes nodes; all other facts
// are found without (graph/facts.c).
#include "ast/make/inside.h"

static void remember_transpose(sdp_graph *g, sdp_id a, sdp_id t)
{
    g->transposed =
        sdp_table(&g->base, g->transposed, a > t ? a : t, &g->transposed_cap, sizeof *g->transposed);
    g->transposed[a] = t;
    g->transposed[t] = a;
}

static sdp_id transpose_sum(sdp_graph *g, const sdp_node *n)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_id *term = sdp_scratch(&g->base, n->nargs * sizeof *term);
    for (uint32_t i = 0; i < n->nargs; i++) term[i] = sdp_transpose(g, n->arg[i]);
    sdp_id t = sdp_add(g, n->nargs, n->coef, term);
    sdp_scratch_release(&g->base, m);
    return t;
}

sdp_id sdp_transpose(sdp_graph *g, sdp_id a)
{
    const sdp_node *n = g->node[a];
    static const uint8_t straight[2] = {0, 1}, swapped[2] = {1, 0};
    if (n->order != 2) return a;
    if (a < g->transposed_cap && g->transposed[a]) return g->transposed[a];
    sdp_id t;
    if (n->kind == SDP_ADD) t = transpose_sum(g, n);
    else if (n->kind == SDP_MUL) {
        const uint8_t *out = sdp_labels(g, n, n->nargs);
        t = sdp_mul_raw(g, n->coef[0], n->nargs, n->arg, n->label, 2, (uint8_t[]){out[1], out[0]}, n->ldim);
    } else if (sdp_is_symmetric(g, a)) t = a;
    else t = sdp_mul_raw(g, SDP_NUM_ONE, 1, &a, straight, 2, swapped, NULL);
    remember_transpose(g, a, t);
    return t;
}

// Functions and primitives are symmetric by a fact: their constructors have looked at
// the transposes of the arguments.
bool sdp_is_symmetric(sdp_graph *g, sdp_id a)
{
    const sdp_node *n = g->node[a];
    if (n->order != 2 || n->dim[0] != n->dim[1]) return false;
    if (n->kind == SDP_CALL && sdp_call_is_symmetric(g, n)) return true;
    if (n->kind == SDP_ADD || n->kind == SDP_MUL) return sdp_transpose(g, a) == a;
    return sdp_has(g, a, SDP_SYMMETRIC);
}

sdp_known sdp_facts(sdp_graph *g, sdp_id a)
{
    sdp_known k = sdp_facts_derived(g, a);
    if (!(k.yes & SDP_SYMMETRIC) && sdp_is_symmetric(g, a)) {
        k.yes |= SDP_SYMMETRIC;
        k = sdp_facts_close(k);
    }
    return k;
}
