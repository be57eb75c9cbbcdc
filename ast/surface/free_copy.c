// SPDX-License-Identifier: MIT
// Free copies: variables without the facts that hold on a surface only, u'*u = 1, and so do not survive
// differentiation. Expressions are built with the free copies; where no derivative comes any more the
// variables take their places, with all facts.
#include "ast/surface/terms.h"

static uint32_t free_copy_of(sdp_graph *g, uint32_t v)
{
    if (!g->var[v].free_copy) {
        uint32_t free_copy = sdp_variable_new(g, sdp_printf(&g->base, "$%s", g->var[v].name));
        const sdp_variable *x = &g->var[v];
        g->var[free_copy] = (sdp_variable){.name = x->name,
                                           .shape = x->shape,
                                           .declared = true,
                                           .order_seen = x->order_seen,
                                           .facts = x->facts & ~(uint32_t)SDP_CONSTRAINED,
                                           .ignored = x->facts & SDP_CONSTRAINED};
        g->var[v].free_copy = free_copy + 1;
    }
    return g->var[v].free_copy - 1;
}

// Names of constrained variables come to mean their free copies; false if there are none.
bool sdp_name_free_copies(sdp_terms *w)
{
    bool any = false;
    for (uint32_t i = 0; i < w->n; i++) {
        sdp_term *t = &w->t[i];
        if (t->kind != SYN_NAME || t->var == UINT32_MAX || !(w->g->var[t->var].facts & SDP_CONSTRAINED))
            continue;
        t->var = free_copy_of(w->g, t->var);
        any = true;
    }
    return any;
}

// Exchanges variables and free copies in the roots: those free copies that are in the list (`listed`), or
// those that are not.
static void exchange(sdp_graph *g, uint32_t nroots, sdp_id *root, uint32_t n, const uint32_t *list,
                     bool listed)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_id *from = sdp_scratch(&g->base, (g->nvars + 1) * sizeof *from),
           *to = sdp_scratch(&g->base, (g->nvars + 1) * sizeof *to);
    bool *in = sdp_scratch(&g->base, g->nvars + 1);
    uint32_t pairs = 0;
    for (uint32_t i = 0; i < n; i++) in[list[i]] = true;
    for (uint32_t v = 0; v < g->nvars; v++) {
        if (!g->var[v].free_copy || in[g->var[v].free_copy - 1] != listed) continue;
        sdp_id x = sdp_var(g, v), free_copy = sdp_var(g, g->var[v].free_copy - 1);
        from[pairs] = listed ? x : free_copy;
        to[pairs++] = listed ? free_copy : x;
    }
    if (pairs) sdp_substitute_all(g, nroots, root, pairs, from, to);
    sdp_scratch_release(&g->base, m);
}

void sdp_without_free_copies(sdp_graph *g, uint32_t nroots, sdp_id *root, uint32_t n, const uint32_t *kept)
{
    exchange(g, nroots, root, n, kept, false);
}

void sdp_with_free_copies(sdp_graph *g, uint32_t nroots, sdp_id *root, uint32_t n, const uint32_t *free_copy)
{
    exchange(g, nroots, root, n, free_copy, true);
}
