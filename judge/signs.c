// SPDX-License-Identifier: MIT
// Does the sign of another number decide? norm(X*w-y)^2 + lambda*norm(w)^2 is convex in w if lambda >= 0. The
// question is put again with that number nonnegative, then nonpositive, one number after the other; of a
// vector, with all of its entries.
#include "judge/judge.h"

enum { MOST_PARAMETERS = 4 };

static bool moves(const sdp_judge *j, sdp_id id)
{
    for (uint32_t i = 0; i < j->n; i++)
        if (sdp_depends(j->g, id, j->wrt[i])) return true;
    return false;
}

bool sdp_with_signs(sdp_judge *j, sdp_id f, sdp_decider *decide, void *data)
{
    sdp_graph *g = j->g;
    sdp_signature s = sdp_signature_of(g, 1, &f, NULL);
    sdp_id *domain = sdp_scratch(&g->base, (j->ndomain + 1) * sizeof *domain);
    bool decided = false;
    sdp_copy(domain, j->domain, j->ndomain * sizeof *domain);
    for (uint32_t i = 0, tried = 0; i < s.ninputs && tried < MOST_PARAMETERS && !decided; i++) {
        const sdp_variable *v = &g->var[s.input[i]];
        const sdp_node *n = sdp_get(g, v->node);
        if (n->order > 1 || moves(j, v->node) || (v->facts & SDP_NONNEG)) continue;
        sdp_id x = v->node, p = sdp_hidden_variable(g, sdp_printf(&g->base, "$s%u", x), n->order, n->dim,
                                                    v->facts | SDP_NONNEG);
        tried++;
        for (int sign = 1; sign >= -1 && !decided; sign -= 2) {
            sdp_id value = sdp_scale(g, sdp_num_int(g, sign), p);
            const char *name = g->var[sdp_get(g, x)->param].name;
            sdp_substitute_all(g, j->ndomain, j->domain, 1, &x, &value);
            // what is told is of a, not of -a
            g->var[sdp_get(g, p)->param].shown_as = sign < 0 ? sdp_scale(g, SDP_NUM_MINUS_ONE, x) : 0;
            decided = decide(data, sdp_substitute(g, f, 1, &x, &value),
                             sdp_printf(&g->base, "if %s %s 0\n", name, sign > 0 ? ">=" : "<="));
            g->var[sdp_get(g, p)->param].shown_as = 0;
            sdp_copy(j->domain, domain, j->ndomain * sizeof *domain);
        }
    }
    return decided;
}
