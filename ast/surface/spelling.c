// SPDX-License-Identifier: MIT
// Notes how functions were typed whose nodes have another name for it, or will have after a
// derivative (ast/graph/written.c has the record): 1/(1+exp(v)) is sigmoid(-v), exp(v)-1 is
// expm1(v), log(1+exp(v)) is softplus(v).
#include "ast/surface/terms.h"

static bool is_own_text(const sdp_lowering *l, const sdp_term *t) { return !t->own && !l->w->template; }

static bool is_map(const sdp_node *n, int op) { return n->kind == SDP_MAP && n->op == op; }

// sum: what stood in parentheses, or 0
static void note(sdp_graph *g, sdp_id node, int op, sdp_id sum)
{
    const sdp_written *w = sdp_written_of(g, node);
    if (!w || !w->op) sdp_note_function(g, node, op, sum ? 2 : 1, (sdp_id[]){sdp_get(g, node)->arg[0], sum});
}

static bool is_call(const sdp_term *t, int a, int b)
{
    return t->kind == SYN_CALL && (t->op == a || t->op == b);
}

// A sum below the line whose inverse is a sigmoid
static void note_below(sdp_lowering *l, const sdp_term *t)
{
    sdp_graph *g = l->g;
    if (is_call(t, SDP_OP_epow, SDP_OP_pow_)) t = &l->w->t[t->arg[0]];
    if (sdp_get(g, t->node)->kind != SDP_ADD) return;
    sdp_id inverse = sdp_power_num(g, t->node, SDP_NUM_MINUS_ONE);
    const sdp_node *n = sdp_get(g, inverse);
    sdp_id v = is_map(n, SDP_OP_sigmoid) ? sdp_scale(g, SDP_NUM_MINUS_ONE, n->arg[0]) : 0;
    if (v) sdp_note_function(g, inverse, SDP_OP_exp, 2, (sdp_id[]){v, t->node});
}

sdp_id sdp_typed_reciprocal(sdp_lowering *l, const sdp_term *t, sdp_id a)
{
    const sdp_term *below = is_own_text(l, t) ? &l->w->t[t->arg[1]] : NULL;
    while (below) { // factors of a product, or of the base of a power
        bool product = is_call(below, SDP_OP_emul, SDP_OP_mul),
             power = is_call(below, SDP_OP_epow, SDP_OP_pow_);
        note_below(l, product ? &l->w->t[below->arg[1]] : below);
        below = product || power ? &l->w->t[below->arg[0]] : NULL;
    }
    return sdp_power_num(l->g, a, SDP_NUM_MINUS_ONE);
}

// Factors of a term that are expm1(v) and were not typed so
static void note_term(sdp_graph *g, sdp_id id)
{
    const sdp_node *t = sdp_get(g, id);
    for (uint32_t k = 0; k < (t->kind == SDP_MUL ? t->nargs : 1); k++) {
        sdp_id f = t->kind == SDP_MUL ? t->arg[k] : id;
        if (is_map(sdp_get(g, f), SDP_OP_expm1)) note(g, f, SDP_OP_exp, 0);
    }
}

void sdp_note_met(sdp_lowering *l, sdp_id sum)
{
    const sdp_node *n = sdp_get(l->g, sum);
    if (l->w->template) return;
    if (n->kind != SDP_ADD) note_term(l->g, sum);
    for (uint32_t i = 0; n->kind == SDP_ADD && i < n->nargs; i++) note_term(l->g, n->arg[i]);
}

// normcdf(u), of which the node says nothing, and sigmoid(u), beside which it says sigmoid(-u)
void sdp_note_spelling(sdp_lowering *l, const sdp_term *t)
{
    sdp_id x[3];
    bool called = t->kind == SYN_CALL && sdp_ops[t->op].kind == SDP_OP_MAP && is_own_text(l, t);
    int op = t->form ? t->form : called ? t->op : 0;
    const uint32_t *of = t->form ? t->of : t->arg;
    uint32_t n = t->form ? t->nof : t->nargs;
    const sdp_node *made = sdp_get(l->g, t->node);
    bool log1p = is_map(made, SDP_OP_softplus) || is_map(made, SDP_OP_log1p);
    sdp_id inside = op == SDP_OP_log && log1p ? l->w->t[t->arg[0]].node : 0;
    if (inside && sdp_get(l->g, inside)->kind == SDP_ADD) note(l->g, t->node, SDP_OP_log, inside);
    if (!op || !sdp_ops[op].named || n > 3) return;
    for (uint32_t i = 0; i < n; i++) x[i] = l->w->t[of[i]].node;
    if (t->form || is_map(made, op)) sdp_note_function(l->g, t->node, op, n, x);
}
