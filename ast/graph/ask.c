// SPDX-License-Identifier: MIT
// Questions to a product. A MUL is an einsum, and what one wants to know of it is told by its labels:
// is anything summed, is a diagonal written, what hangs together? Asked by hand, each was a loop over
// factors and axes; here each has a name. Sets of labels are bit sets: there are at most
// SDP_MAX_LABELS. Nothing here makes a node.
#include <string.h>

#include "ast/graph/ast.h"

const uint8_t *sdp_labels(const sdp_graph *g, const sdp_node *n, uint32_t i)
{
    const uint8_t *l = n->label;
    for (uint32_t k = 0; k < i; k++)
        if (g->node[n->arg[k]]->order) l += g->node[n->arg[k]]->order; // no labels, no address
    return l;
}

static uint64_t set_of(const uint8_t *label, int n)
{
    uint64_t set = 0;
    for (int k = 0; k < n; k++) set |= sdp_label_bit(label[k]);
    return set;
}

uint64_t sdp_label_set(const sdp_graph *g, const sdp_node *n, uint32_t i)
{
    return set_of(sdp_labels(g, n, i), i < n->nargs ? g->node[n->arg[i]]->order : n->order);
}

bool sdp_repeats_axis(const sdp_graph *g, const sdp_node *n)
{
    const uint8_t *out = sdp_labels(g, n, n->nargs);
    for (int k = 1; k < n->order; k++)
        if (memchr(out, out[k], (size_t)k)) return true;
    return false;
}

bool sdp_is_entrywise(const sdp_graph *g, const sdp_node *n)
{
    const uint8_t *out = sdp_labels(g, n, n->nargs), *l = n->label;
    for (uint32_t i = 0; i < n->nargs; i++) {
        uint8_t order = g->node[n->arg[i]]->order;
        if (order && (order != n->order || memcmp(l, out, order))) return false;
        l += order;
    }
    return n->nlabels == n->order;
}

bool sdp_permutes_labels(const sdp_graph *g, const sdp_node *n)
{
    return n->nlabels == n->order && !sdp_repeats_axis(g, n);
}

uint64_t sdp_connected(const sdp_graph *g, const sdp_node *n, uint64_t from, uint64_t walls,
                       const bool *closed, bool *in)
{
    for (bool more = true; more;) {
        const uint8_t *l = n->label;
        more = false;
        for (uint32_t i = 0; i < n->nargs; l += g->node[n->arg[i++]]->order) {
            uint64_t labels = set_of(l, g->node[n->arg[i]]->order);
            if (in[i] || (closed && closed[i]) || !(labels & from & ~walls)) continue;
            from |= labels;
            in[i] = more = true;
        }
    }
    return from;
}

bool sdp_is_flip(const sdp_graph *g, const sdp_node *n)
{
    long step;
    if (n->kind != SDP_SEL || n->order != 2 || n->dim[0] != n->dim[1]) return false;
    return sdp_dim_long(g, n->ldim[1], &step) && step == -1;
}
