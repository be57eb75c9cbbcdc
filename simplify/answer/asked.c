// SPDX-License-Identifier: MIT
// The value of an expression in the form that somebody asks for: expanded, factored,
// collected by a variable, or its shortest.
//
// The form is shown whatever its length is, so it does not pass through simplify.c again; a sum is shown term
// by term, in the order of its monomials. What is computed stays the expression itself.
#include "simplify/answer/answer.h"
#include "simplify/polynomial/polynomial.h"

// Returns the product to show for a term, e.g. w'*X'*X*w for norm(X*w)^2, its form everywhere else.
static sdp_id as_product(sdp_graph *g, sdp_num coef, sdp_id term)
{
    sdp_id network = sdp_get(g, term)->order ? 0 : sdp_square_network(g, term);
    return sdp_scale(g, coef, network ? network : term);
}

static void show_terms(sdp_graph *g, sdp_entry *e)
{
    const sdp_node *sum = sdp_get(g, e->node);
    if (sum->kind != SDP_ADD || sum->order > 2) return;
    uint32_t n = sum->nargs;
    sdp_num *coef = sdp_scratch(&g->base, n * sizeof *coef);
    sdp_id *node = sdp_scratch(&g->base, n * sizeof *node), *term = sdp_alloc(&g->base, n * sizeof *term);
    sdp_copy(coef, sum->coef, n * sizeof *coef);
    sdp_copy(node, sum->arg, n * sizeof *node);
    sdp_order_terms(g, n, coef, node);
    for (uint32_t i = 0; i < n; i++) term[i] = as_product(g, coef[i], node[i]);
    e->nterms = n;
    e->term = term;
}

static void show_groups(sdp_graph *g, sdp_entry *e, sdp_id variable)
{
    sdp_id *group;
    uint32_t n = sdp_collected(g, e->node, variable, &group);
    sdp_id *term = sdp_alloc(&g->base, (n + 1) * sizeof *term);
    sdp_num *one = sdp_scratch(&g->base, (n + 1) * sizeof *one);
    for (uint32_t i = 0; i < n; i++) one[i] = SDP_NUM_ONE;
    sdp_copy(term, group, n * sizeof *term);
    e->node =
        n ? sdp_add(g, n, one, group) : sdp_zeros(g, sdp_get(g, e->node)->order, sdp_get(g, e->node)->dim);
    e->nterms = n > 1 ? n : 0;
    e->term = term;
}

static sdp_id variable_named(sdp_graph *g, const char *name, sdp_id within)
{
    uint32_t v = sdp_variable_find(g, name);
    sdp_id node = v == UINT32_MAX || g->var[v].is_function ? 0 : g->var[v].node;
    if (!node || !sdp_depends(g, within, node))
        sdp_fail(&g->base, SD_ERR_USAGE, (sdp_span){0, 0}, NULL, "there is no variable '%s' to collect by",
                 name);
    return node;
}

void sdp_show_as(struct sd_result *r, sdp_asked form, const char *variable)
{
    sdp_graph *g = r->g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    for (size_t i = 0; i < r->n; i++) {
        sdp_entry *e = &r->entry[i];
        e->node = e->raw;
        e->written = 0;
        sdp_textbook(g, 1, &e->node);
        sdp_id before = e->node;
        if (form == SDP_EXPANDED) e->node = sdp_expanded(g, e->node);
        if (form == SDP_FACTORED) e->node = sdp_factorised(g, e->node);
        if (form == SDP_COLLECTED) show_groups(g, e, variable_named(g, variable, e->node));
        if (form == SDP_EXPANDED) show_terms(g, e);
        if (g->debug) sdp_guard(g, before, e->node);
        e->exact = e->raw;
    }
    sdp_scratch_release(&g->base, m);
}
