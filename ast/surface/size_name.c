// SPDX-License-Identifier: MIT
// Names for sizes that nobody named: rectangular matrices are m x n, square ones and vectors n, in the order
// of appearance; what is taken goes to the next letter, then to n1, n2, ... Entry: sdp_name_sizes.
#include <string.h>

#include "ast/surface/habit.h"

static bool taken(const sdp_graph *g, const char *name)
{
    return sdp_variable_find(g, name) != UINT32_MAX || sdp_dim_known(g, name) ||
           sdp_op_find(name, strlen(name));
}

// `next` counts the numbered names given out, so that naming stays linear.
static void name_dim(sdp_graph *g, sdp_dim d, const char *wish, int *next)
{
    static const char *const names[] = {"n", "m", "p", "q", "k", "r", "h", "l", "s", "d", NULL};
    uint32_t a = sdp_dim_unnamed(g, sdp_dim_resolve(g, d));
    if (a == UINT32_MAX) return;
    if (wish && !taken(g, wish)) {
        sdp_dim_set_name(g, a, wish);
        return;
    }
    for (int i = 0; *next == 0 && names[i]; i++)
        if (!taken(g, names[i])) {
            sdp_dim_set_name(g, a, names[i]);
            return;
        }
    for (;;) {
        const char *name = sdp_printf(&g->base, "n%d", ++*next);
        if (!taken(g, name)) {
            sdp_dim_set_name(g, a, name);
            return;
        }
    }
}

void sdp_name_sizes(sdp_terms *w, uint32_t n, const sdp_unknown *u)
{
    sdp_graph *g = w->g;
    int next = 0;
    sdp_index_sizes(w);
    for (uint32_t i = 0; i < n; i++) {
        sdp_variable *v = &g->var[u[i].var];
        bool rectangular = sdp_dim_resolve(g, v->shape.rows) != sdp_dim_resolve(g, v->shape.cols) &&
                           v->shape.cols != SDP_DIM_ONE;
        name_dim(g, v->shape.rows, rectangular ? "m" : NULL, &next);
        name_dim(g, v->shape.cols, NULL, &next);
        v->shape.rows = sdp_dim_resolve(g, v->shape.rows);
        v->shape.cols = sdp_dim_resolve(g, v->shape.cols);
    }
    for (uint32_t i = 0; i < w->n; i++) {
        sdp_term *t = &w->t[i];
        name_dim(g, t->shape.rows, NULL, &next);
        name_dim(g, t->shape.cols, NULL, &next);
        t->shape.rows = sdp_dim_resolve(g, t->shape.rows);
        t->shape.cols = sdp_dim_resolve(g, t->shape.cols);
        if (t->size != SDP_DIM_NONE) t->size = sdp_dim_resolve(g, t->size);
    }
    sdp_dim_freeze(g);
}
