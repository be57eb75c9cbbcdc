// SPDX-License-Identifier: MIT
// The definitions of a text, kept apart.
//
// Problem: definitions are put in place while an expression is read, and what they name is gone from the
// graph: of `e = o-y; o = h+x; norm(e)^2` the sum h+x-y is left. Who tells a derivation step by step wants
// the user's own names. Idea: the tree is resolved and lowered once more, and every term that is the value of
// a definition gives way to a variable of its shape as soon as it has its node. Shapes need not be inferred
// again: the first reading has told them to the variables.
//
// Entry: sdp_read_parts(). Nothing here runs when an expression is only derived.
#include <stdlib.h>

#include "ast/surface/terms.h"

bool sdp_is_part(const sdp_terms *w, uint32_t term)
{
    return w->parts && w->t[term].defined && term != w->root;
}

// Printed where the first variable of the node would be.
static uint32_t place_of(sdp_graph *g, sdp_id node)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t count, first = UINT32_MAX;
    const sdp_id *list = sdp_reachable(g, 1, &node, &count);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *x = sdp_get(g, list[i]);
        if (x->kind == SDP_VAR && g->var[x->param].order_seen < first) first = g->var[x->param].order_seen;
    }
    sdp_scratch_release(&g->base, m);
    return first;
}

sdp_id sdp_stand_in(sdp_graph *g, const char *name, sdp_shape shape, sdp_id node, uint32_t facts)
{
    uint32_t v = sdp_variable_new(g, sdp_printf(&g->base, "$part%u", g->nvars));
    g->var[v].shape = shape;
    g->var[v].inferred = true;
    g->var[v].facts = facts & ~(uint32_t)SDP_CONSTRAINED;
    g->var[v].order_seen = place_of(g, node);
    g->var[v].unnamed = true;
    g->var[v].name = name;
    return sdp_var(g, v);
}

static void add_part(sdp_terms *w, uint32_t term, sdp_id var)
{
    sdp_part_list *l = w->parts;
    const sdp_term *t = &w->t[term];
    l->at = sdp_grown(&w->g->base, l->at, l->n, &l->cap, sizeof *l->at);
    l->at[l->n++] = (sdp_part){t->defined, t->shape, t->node, var, term};
}

void sdp_part_out(sdp_terms *w, uint32_t term)
{
    sdp_term *t = &w->t[term];
    sdp_dim dim[2];
    if (sdp_get(w->g, t->node)->order != sdp_shape_axes(t->shape, dim)) return; // it has free indices
    sdp_id var = sdp_stand_in(w->g, t->defined, t->shape, t->node, sdp_facts(w->g, t->node).yes);
    add_part(w, term, var);
    t->node = var;
}

static int in_text(const void *a, const void *b)
{
    const sdp_part *x = a, *y = b;
    return (x->term > y->term) - (x->term < y->term);
}

uint32_t sdp_read_parts(sdp_graph *g, const sdp_surface *s, const sdp_part **out)
{
    sdp_part_list *list = sdp_scratch(&g->base, sizeof *list);
    sdp_terms w = {.g = g, .alone = true, .again = true, .parts = list};
    if (!s->tree || !sdp_resolve(&w, s->tree)) {
        sdp_part *only = sdp_scratch(&g->base, sizeof *only);
        *only = (sdp_part){NULL, s->shape, s->free ? s->free : s->node, 0, 0};
        *out = only;
        return 1;
    }
    sdp_infer(&w);
    sdp_name_free_copies(&w);
    sdp_lower(&w);
    if (list->n) qsort(list->at, list->n, sizeof *list->at, in_text); // a term stands before its users
    add_part(&w, w.root, 0);
    *out = list->at;
    return list->n;
}
