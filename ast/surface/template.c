// SPDX-License-Identifier: MIT
// The texts of the tables, compiled: derivative columns and the two sides of rules. The constructors own no
// parser; a graph that can read has this one, as its member `compile`.
#include <string.h>

#include "ast/surface/terms.h"

static sdp_id compile(sdp_graph *g, const char *text)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_base *b = &g->base;
    const char *source = b->source, *name = b->source_name;
    sdp_span here = b->here;
    sdp_writing *writing = g->writing;
    sdp_terms w = {.g = g, .template = true};
    g->writing = &g->own_writing;
    sdp_resolve(&w, sdp_parse(b, text, strlen(text), "<table>"));
    sdp_infer(&w);
    sdp_id root = sdp_lower(&w);
    sdp_scratch_release(b, m);
    g->writing = writing;
    b->source = source;
    b->source_name = name;
    b->here = here;
    return root;
}

sdp_graph *sdp_graph_new(const sd_allocator *mem, const sd_limits *limit)
{
    sdp_graph *g = sdp_graph_empty(mem, limit);
    if (g) g->compile = compile;
    return g;
}
