// SPDX-License-Identifier: MIT
// The table of variables: found by name through a hash table, numbered in the order in which they were made.
#include <string.h>

#include "ast/graph/graph.h"

uint32_t sdp_variable_find(const sdp_graph *g, const char *name)
{
    if (!g->var_table_cap) return UINT32_MAX;
    name = sdp_known_name((sdp_base *)&g->base, name);
    uint32_t h = sdp_hash(name, strlen(name), 11);
    for (h &= g->var_table_cap - 1; g->var_table[h]; h = (h + 1) & (g->var_table_cap - 1))
        if (!strcmp(g->var[g->var_table[h] - 1].name, name)) return g->var_table[h] - 1;
    return UINT32_MAX;
}

static void index_variables(sdp_graph *g)
{
    uint32_t cap = g->var_table_cap ? 2 * g->var_table_cap : 32;
    sdp_release(&g->base, g->var_table);
    g->var_table = NULL;
    g->var_table = sdp_realloc(&g->base, NULL, cap * sizeof *g->var_table);
    g->var_table_cap = cap;
    memset(g->var_table, 0, cap * sizeof *g->var_table);
    for (uint32_t i = 0; i < g->nvars; i++) {
        if (g->var[i].unnamed) continue;
        uint32_t h = sdp_hash(g->var[i].name, strlen(g->var[i].name), 11) & (cap - 1);
        while (g->var_table[h]) h = (h + 1) & (cap - 1);
        g->var_table[h] = i + 1;
    }
}

uint32_t sdp_variable_new(sdp_graph *g, const char *name)
{
    g->var = sdp_grown_raw(&g->base, g->var, g->nvars, &g->var_cap, sizeof *g->var);
    g->var[g->nvars] =
        (sdp_variable){.name = sdp_strndup(&g->base, name, strlen(name)), .order_seen = g->nvars};
    g->nvars++;
    if (2 * g->nvars > g->var_table_cap) index_variables(g);
    else {
        uint32_t h = sdp_hash(name, strlen(name), 11) & (g->var_table_cap - 1);
        while (g->var_table[h]) h = (h + 1) & (g->var_table_cap - 1);
        g->var_table[h] = g->nvars;
    }
    return g->nvars - 1;
}

sdp_id sdp_hidden_variable(sdp_graph *g, const char *name, uint32_t order, const sdp_dim *dim, uint32_t facts)
{
    sdp_shape shape = {order > 0 ? dim[0] : SDP_DIM_ONE, order > 1 ? dim[1] : SDP_DIM_ONE};
    uint32_t v;
    for (; (v = sdp_variable_find(g, name)) != UINT32_MAX; name = sdp_printf(&g->base, "%s'", name)) {
        const sdp_variable *x = &g->var[v];
        if (x->facts == facts && x->shape.rows == shape.rows && x->shape.cols == shape.cols) return x->node;
    }
    v = sdp_variable_new(g, name);
    g->var[v].shape = shape;
    g->var[v].inferred = true;
    g->var[v].facts = facts;
    return sdp_var(g, v);
}
