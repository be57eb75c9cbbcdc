// SPDX-License-Identifier: MIT
// The order in which the names of a product were typed.
//
// Problem: a product knows no order of its factors, and in (a*x+b)/(c*x+d) x is seen before c. Idea: of every
// product whose factors commute, of scalars and of what stands beside .*, the pairs of names are noted, e.g.
// a before x. Powers count as their bases, and what is below a line not at all; a scalar beside an array
// stands in front whatever was typed. Entry: sdp_note_product().
#include "ast/surface/lower.h"

enum { MOST = 4 }; // names on either side

static bool commutes(const lowering *l, const sdp_term *t)
{
    if (t->kind != SYN_CALL || t->nargs != 2) return false;
    if (t->op == SDP_OP_emul) return true;
    return t->op == SDP_OP_mul && (sdp_is_scalar(arg(l, t, 0)->shape) || sdp_is_scalar(arg(l, t, 1)->shape));
}

// The variables that are factors of a term, from the right
static uint32_t names_of(const lowering *l, const sdp_term *t, const sdp_node **name)
{
    const sdp_term *left[MOST] = {t};
    uint32_t n = 0, open = 1;
    while (open && n < MOST) {
        t = left[--open];
        bool line = t->kind == SYN_CALL && (t->op == SDP_OP_div || t->op == SDP_OP_ediv);
        if (commutes(l, t)) {
            left[open++] = arg(l, t, 0);
            if (open < MOST) left[open++] = arg(l, t, 1);
        } else if (line || (t->kind == SYN_CALL && t->op == SDP_OP_neg)) {
            left[open++] = arg(l, t, 0);
        } else if (t->node) {
            const sdp_node *f = sdp_get(l->g, t->node);
            if (f->kind == SDP_POW) f = sdp_get(l->g, f->arg[0]);
            if (f->kind == SDP_VAR) name[n++] = f;
        }
    }
    return n;
}

void sdp_note_product(lowering *l, const sdp_term *t)
{
    const sdp_node *left[MOST], *right[MOST];
    const sdp_variable *var = l->g->var;
    if (t->own || !commutes(l, t)) return;
    uint32_t n = names_of(l, arg(l, t, 1), right), m = n ? names_of(l, arg(l, t, 0), left) : 0;
    for (uint32_t i = 0; i < m; i++)
        for (uint32_t k = 0; k < n; k++)
            if (!left[i]->order == !right[k]->order)
                sdp_note_factors(l->g, var[left[i]->param].order_seen, var[right[k]->param].order_seen);
}
