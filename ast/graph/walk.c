// SPDX-License-Identifier: MIT
// Walks over what some roots reach: a list of ids, arguments first, and rewriting along it. No recursion,
// linear in what is reached.
#include <stdlib.h>
#include <string.h>

#include "ast/graph/graph.h"

static int ascending(const void *a, const void *b)
{
    sdp_id x = *(const sdp_id *)a, y = *(const sdp_id *)b;
    return (x > y) - (x < y);
}

sdp_id *sdp_reachable(sdp_graph *g, uint32_t nroots, const sdp_id *root, uint32_t *count)
{
    size_t cap = 64, n = 0;
    sdp_id *list = sdp_scratch(&g->base, cap * sizeof *list);
    for (uint32_t r = 0; r < nroots + n; r++) { // list doubles as the queue
        sdp_node *node = r < nroots ? NULL : g->node[list[r - nroots]];
        uint32_t k = node ? node->nargs : 1;
        for (uint32_t i = 0; i < k; i++) {
            sdp_id a = node ? node->arg[i] : root[r];
            if (g->node[a]->marked) continue;
            g->node[a]->marked = true;
            if (n == cap) {
                sdp_id *more = sdp_scratch(&g->base, 2 * cap * sizeof *more);
                memcpy(more, list, n * sizeof *list);
                list = more;
                cap *= 2;
            }
            list[n++] = a;
        }
    }
    for (size_t i = 0; i < n; i++) g->node[list[i]]->marked = false;
    qsort(list, n, sizeof *list, ascending);
    *count = (uint32_t)n;
    return list;
}

// Marks what the roots use. Differences are shown in place of their
// variables, and have none that is shown so.
static void mark_used(sdp_graph *g, uint32_t nroots, const sdp_id *root, bool *used)
{
    uint32_t n, more = 0;
    sdp_id *list = sdp_reachable(g, nroots, root, &n),
           *difference = sdp_scratch(&g->base, (n + (size_t)1) * sizeof *difference);
    for (uint32_t i = 0; i < n; i++) {
        const sdp_node *v = g->node[list[i]];
        if (v->kind == SDP_VAR && g->var[v->param].shown_as) difference[more++] = g->var[v->param].shown_as;
        else if (v->kind == SDP_VAR || v->kind == SDP_CALL) used[v->param] = true;
    }
    if (more) mark_used(g, more, difference, used);
}

bool *sdp_used_by(sdp_graph *g, uint32_t nroots, const sdp_id *root)
{
    bool *used = sdp_scratch(&g->base, g->nvars + (size_t)1);
    mark_used(g, nroots, root, used);
    return used;
}

uint32_t *sdp_variables_of(sdp_graph *g, uint32_t nroots, const sdp_id *root, uint32_t *count)
{
    const bool *used = sdp_used_by(g, nroots, root);
    uint32_t *list = sdp_scratch(&g->base, (g->nvars + (size_t)1) * sizeof *list), n = 0;
    for (uint32_t i = 0; i < g->nvars; i++) {
        if (!used[i]) continue;
        uint32_t k = n++;
        for (; k && g->var[list[k - 1]].order_seen > g->var[i].order_seen; k--) list[k] = list[k - 1];
        list[k] = i;
    }
    *count = n;
    return list;
}

uint32_t sdp_node_count(sdp_graph *g, sdp_id a)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t n;
    sdp_reachable(g, 1, &a, &n);
    sdp_scratch_release(&g->base, m);
    return n;
}

bool sdp_depends(sdp_graph *g, sdp_id a, sdp_id node)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t n;
    sdp_id *list = sdp_reachable(g, 1, &a, &n);
    bool found = false;
    for (uint32_t i = 0; i < n; i++) found |= list[i] == node;
    sdp_scratch_release(&g->base, m);
    return found;
}

bool sdp_rewrite_all(sdp_graph *g, uint32_t nroots, sdp_id *root, sdp_rewriter rewrite, void *data)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t count, most = 0;
    sdp_id *list = sdp_reachable(g, nroots, root, &count);
    for (uint32_t i = 0; i < count; i++)
        if (g->node[list[i]]->nargs > most) most = g->node[list[i]]->nargs;
    sdp_sparse now;
    sdp_sparse_scratch(&g->base, &now, count);
    sdp_id *arg = sdp_scratch(&g->base, (most + 1) * sizeof *arg);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *x = g->node[list[i]];
        bool changed = false;
        for (uint32_t k = 0; k < x->nargs; k++) {
            arg[k] = sdp_sparse_get(&now, x->arg[k]);
            changed |= arg[k] != x->arg[k];
        }
        sdp_sparse_put(&g->base, &now, list[i], rewrite(data, g, list[i], arg, changed));
    }
    bool any = false;
    for (uint32_t i = 0; i < nroots; i++) {
        sdp_id to = sdp_sparse_get(&now, root[i]);
        any |= to != root[i];
        root[i] = to;
    }
    sdp_scratch_release(&g->base, m);
    return any;
}
