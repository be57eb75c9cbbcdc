// SPDX-License-Identifier: MIT
// Notes how functions were typed whose nodes have another name for it, or will have after a derivative
// (ast/graph/written.c has the record).
#include "ast/surface/terms.h"

// 1/(1+exp(v)) is sigmoid(-v), but was typed otherwise.
sdp_id sdp_typed_reciprocal(sdp_lowering *l, const sdp_term *t, sdp_id a)
{
    sdp_graph *g = l->g;
    sdp_id inverse = sdp_power_num(g, a, SDP_NUM_MINUS_ONE);
    const sdp_node *n = sdp_get(g, inverse);
    bool typed = n->kind == SDP_MAP && n->op == SDP_OP_sigmoid && sdp_get(g, a)->kind == SDP_ADD && !t->own &&
                 !l->w->template;
    if (typed)
        sdp_note_function(g, inverse, SDP_OP_exp, 2,
                          (sdp_id[]){sdp_scale(g, SDP_NUM_MINUS_ONE, n->arg[0]), a});
    return inverse;
}

// normcdf(u), of which the node says nothing, and sigmoid(u), beside which it says sigmoid(-u)
void sdp_note_spelling(sdp_lowering *l, const sdp_term *t)
{
    sdp_id x[3];
    bool called = t->kind == SYN_CALL && sdp_ops[t->op].named && sdp_ops[t->op].kind == SDP_OP_MAP &&
                  !t->own && !l->w->template;
    int op = t->form ? t->form : called ? t->op : 0;
    const uint32_t *of = t->form ? t->of : t->arg;
    uint32_t n = t->form ? t->nof : t->nargs;
    if (!op || !sdp_ops[op].named || n > 3) return;
    for (uint32_t i = 0; i < n; i++) x[i] = l->w->t[of[i]].node;
    const sdp_node *made = sdp_get(l->g, t->node);
    if (t->form || (made->kind == SDP_MAP && made->op == op)) sdp_note_function(l->g, t->node, op, n, x);
}
