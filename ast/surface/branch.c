// SPDX-License-Identifier: MIT
// Branches of `where` whose condition is a number, and what stands in a branch alone.
//
// A branch that its condition excludes is not looked at: in where(x==0,0,1/x) at x = 0 there is no division
// by 0. Its terms get no nodes (lower.c), and nothing that was typed there counts as cancelled (read.c).
#include "ast/surface/terms.h"

enum { EITHER }; // else the argument of the `where` that is its value

static int arm_taken(const sdp_terms *w, const sdp_term *t)
{
    sdp_id cond = w->t[t->arg[0]].node;
    if (!cond) return EITHER; // in a branch that was not looked at
    const sdp_node *n = sdp_get(w->g, cond);
    sdp_num v;
    bool repeated = n->kind == SDP_MUL && n->nargs == 0 && n->nlabels == n->order; // one number everywhere
    if (repeated) v = n->coef[0];
    else if (!sdp_is_number(w->g, cond, &v)) return EITHER;
    return sdp_num_sign(w->g, v) > 0 ? 1 : 2;
}

bool sdp_is_never_taken(const sdp_terms *w, const sdp_term *t, uint32_t k)
{
    if (t->kind != SYN_CALL || t->op != SDP_OP_where || k == 0) return false;
    int taken = arm_taken(w, t);
    return taken != EITHER && (uint32_t)taken != k;
}

// The branch of a `where` in which a term stands alone: 0 if there is none, SDP_NEVER if its condition is a
// number that excludes it.
static sdp_branch branch_entered(const sdp_terms *w, const sdp_term *t, uint32_t k, sdp_branch own)
{
    if (own || t->kind != SYN_CALL || t->op != SDP_OP_where || k == 0) return own;
    int taken = arm_taken(w, t);
    return taken == EITHER ? sdp_branch_of(w->t[t->arg[0]].node, k) : (uint32_t)taken == k ? 0 : SDP_NEVER;
}

sdp_branch *sdp_branches(const sdp_terms *w, bool *needed)
{
    sdp_branch *branch = sdp_scratch(&w->g->base, (w->n + (size_t)1) * sizeof *branch);
    needed[w->root] = true;
    for (uint32_t i = w->n; i-- > 0;)
        for (uint32_t k = 0; needed[i] && k < w->t[i].nargs; k++) {
            uint32_t a = w->t[i].arg[k];
            sdp_branch own = branch_entered(w, &w->t[i], k, branch[i]), *b = &branch[a];
            *b = !needed[a] || *b == SDP_NEVER || *b == own ? own : own == SDP_NEVER ? *b : 0;
            needed[a] = true;
        }
    return branch;
}
