// SPDX-License-Identifier: MIT
// The front door from text to graph: declarations, expressions, and the templates of tables and rules.
#include <string.h>

#include "terms.h"

void sdp_declare(sdp_graph *g, const char *text, const char *source_name)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_tree *tree = sdp_parse(&g->base, text, strlen(text), source_name);
    sdp_terms w = {.g = g};
    for (uint32_t i = 0; i < tree->statements; i++) {
        const sdp_syntax *s = &tree->node[tree->statement[i]];
        if (s->kind == SYN_DECL || s->kind == SYN_DEF) continue;
        g->base.source = tree->source;
        g->base.source_name = tree->source_name;
        sdp_fail(&g->base, SD_ERR_SYNTAX, s->span, "write X : matrix(m, n)", "expected a declaration or a definition");
    }
    sdp_resolve(&w, tree);
    sdp_scratch_release(&g->base, m);
}

sdp_surface sdp_read(sdp_graph *g, const char *text, size_t n, const char *source_name, sdp_known_shape known, void *data)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_tree *tree = sdp_parse(&g->base, text, n, source_name);
    sdp_terms w = {.g = g};
    sdp_surface r = {0};
    if (sdp_resolve(&w, tree)) {
        sdp_infer(&w, known, data);
        r.node = sdp_lower(&w);
        r.shape = w.t[w.root].shape;
    }
    sdp_scratch_release(&g->base, m);
    return r;
}

void sdp_read_pair(sdp_graph *g, const char *const text[2], sdp_known_shape known, void *data, sdp_surface out[2])
{
    static const char *const name[] = {"<first expression>", "<second expression>"};
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_terms w = {.g = g};
    uint32_t root[2];
    for (int i = 0; i < 2; i++) {
        if (!sdp_resolve(&w, sdp_parse(&g->base, text[i], strlen(text[i]), name[i])))
            sdp_fail(&g->base, SD_ERR_SYNTAX, (sdp_span){0, 0}, NULL, "there is no expression, only definitions");
        root[i] = w.root;
    }
    sdp_infer_pair(&w, root[0], root[1], known, data);
    for (int i = 0; i < 2; i++) {
        w.root = root[i];
        out[i] = (sdp_surface){sdp_lower(&w), w.t[root[i]].shape};
    }
    sdp_scratch_release(&g->base, m);
}
