// SPDX-License-Identifier: MIT
// The reference evaluator's branches: what is not taken by a `where` makes nothing
// NaN, and its failures do not matter.
//
// All branches are computed, and what fails is NaN. An entry is 0 by form if the 0 of where(c, a, 0) was
// taken there: products with it are 0. In the end it is asked, from the outputs down, which nodes were
// needed: the first of them that failed is the reason why there is no value.
//
// A condition on what is no number is undecided here, and so is what depends on it: (exp(y)-1)/y is 0/0 at y
// = 0 for this evaluator, and has a limit for code.
#include <math.h>

#include "runtime/reference/interpret.h"

bool sdp_is_undecided(const sdp_node *n, const double *arg)
{
    bool first = isnan(arg[0]), second = isnan(arg[1]);
    if (n->kind != SDP_MAP) return false;
    switch (n->op) {
    case SDP_OP_lt:
    case SDP_OP_le:
    case SDP_OP_gt:
    case SDP_OP_ge:
    case SDP_OP_eq:
    case SDP_OP_ne: return first || second;
    case SDP_OP_and: return first ? second || arg[1] > 0 : second && arg[0] > 0;
    case SDP_OP_or: return first ? second || !(arg[1] > 0) : second && !(arg[0] > 0);
    case SDP_OP_not:
    case SDP_OP_where: return first;
    default: return false;
    }
}

// A sum is 0 by form if all terms are, where(c, a, b) if that side is.
void sdp_mark_off(sdp_machine *m, const sdp_node *n, size_t count)
{
    bool sum = n->kind == SDP_ADD, where = n->kind == SDP_MAP && n->op == SDP_OP_where, all = true;
    for (uint32_t k = 0; k < n->nargs; k++) all &= m->off[n->arg[k]] != NULL;
    if (!(sum && all) && !(where && (m->off[n->arg[1]] || m->off[n->arg[2]]))) return;
    bool *off = m->off[m->now] = sdp_scratch(&m->g->base, count + 1);
    for (size_t i = 0; i < count; i++) {
        double condition = m->value[n->arg[0]][sdp_get(m->g, n->arg[0])->order ? i : 0];
        off[i] = sum || !isnan(condition);
        for (uint32_t k = 0; k < n->nargs; k++) {
            bool asked = sum || k == (condition > 0 ? 1 : 2);
            if (asked) off[i] &= sdp_is_off(m, n->arg[k], sdp_get(m->g, n->arg[k])->order ? i : 0);
        }
    }
}

// Is the argument k of a node needed, if the node is? A branch of `where` is if it is taken at some entry; a
// product that is 0 by form needs no more than what says so.
static bool needs(const sdp_machine *m, sdp_id id, uint32_t k)
{
    const sdp_node *n = sdp_get(m->g, id);
    size_t count = m->count[id];
    bool taken = false;
    if (n->kind == SDP_MUL) {
        for (size_t i = 0; i < count; i++) taken |= !sdp_is_off(m, id, i);
        return taken || m->off[n->arg[k]];
    }
    if (n->kind != SDP_MAP || n->op != SDP_OP_where || k == 0) return true;
    for (size_t i = 0; i < count; i++)
        taken |= (m->value[n->arg[0]][sdp_get(m->g, n->arg[0])->order ? i : 0] > 0) == (k == 1);
    return taken;
}

// Names the first primitive that has no value and is needed for the outputs.
void sdp_judge(const sdp_machine *m, uint32_t n, const sdp_id *output, uint32_t count, const sdp_id *ids)
{
    bool *needed = sdp_scratch(&m->g->base, ids[count - 1] + (size_t)1);
    for (uint32_t i = 0; i < n; i++) needed[output[i]] = true;
    for (uint32_t i = count; i-- > 0;)
        for (uint32_t k = 0; needed[ids[i]] && k < sdp_get(m->g, ids[i])->nargs; k++)
            needed[sdp_get(m->g, ids[i])->arg[k]] |= needs(m, ids[i], k);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_status *why = needed[ids[i]] ? sdp_status_of(m->failed[ids[i]]) : NULL;
        if (why) sdp_fail(&m->g->base, (sd_status)why->error, (sdp_span){0, 0}, NULL, "%s", why->message);
    }
}
