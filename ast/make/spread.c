// SPDX-License-Identifier: MIT
// Axes that repeat: along which a node is constant, or which write a diagonal.
//
// ones(m)*x' does not depend on its first axis, diag(x) is not 0 only where its two axes agree. In a MUL that
// is to be seen in the output labels. A sum or function of nodes that all repeat axes in the same way is made
// without these axes and repeats them afterwards, so that f(ones(m)*x') and ones(m)*f(x)' are one node.
// (Functions of what is constant only: f(0) need not be 0.)
//
// to[k] tells the axis that axis k becomes when repetitions are left out, or
// SDP_CONSTANT_AXIS if it is left out itself.
#include <string.h>

#include "ast/make/inside.h"

// The labels of the axes of a; which of them no factor depends on.
static void axis_labels(const sdp_graph *g, sdp_id a, uint8_t *label, bool *constant)
{
    const sdp_node *n = g->node[a];
    for (int k = 0; k < n->order; k++) {
        const uint8_t *out = n->kind == SDP_MUL ? sdp_labels(g, n, n->nargs) : NULL;
        label[k] = out ? out[k] : (uint8_t)k;
        constant[k] = out && !memchr(n->label, out[k], (size_t)(out - n->label)) &&
                      !memchr(out, out[k], (size_t)k) &&
                      !memchr(out + k + 1, out[k], (size_t)(n->order - k - 1));
    }
}

static bool number_axes(int order, const uint8_t *first, const bool *constant, uint8_t *to)
{
    uint8_t n = 0;
    for (int k = 0; k < order; k++)
        to[k] = constant[k] ? SDP_CONSTANT_AXIS : first[k] == k ? n++ : to[first[k]];
    return n < order;
}

bool sdp_spread(sdp_graph *g, uint32_t n, const sdp_id *a, uint8_t *to)
{
    int order = g->node[a[0]]->order;
    uint8_t first[SDP_MAX_ORDER] = {0}, label[SDP_MAX_ORDER];
    bool constant[SDP_MAX_ORDER], all[SDP_MAX_ORDER];
    memset(all, true, sizeof all);
    for (uint32_t i = 0; i < n; i++) {
        bool any = false;
        if (g->node[a[i]]->kind != SDP_MUL) return false;
        axis_labels(g, a[i], label, constant);
        for (int k = order; k-- > 0;) { // axes 0..k-1 still have their old classes
            int j = 0;
            while (j < k && !(first[j] == first[k] && label[j] == label[k])) j++;
            first[k] = (uint8_t)j;
            all[k] &= constant[k];
            any |= all[k] || j < k;
        }
        if (!any) return false;
    }
    return number_axes(order, first, all, to);
}

bool sdp_constant_axes(sdp_graph *g, uint32_t n, const sdp_id *a, uint8_t *to)
{
    int order = g->node[a[0]]->order;
    uint8_t first[SDP_MAX_ORDER], label[SDP_MAX_ORDER];
    bool constant[SDP_MAX_ORDER], all[SDP_MAX_ORDER];
    for (int k = 0; k < order; k++) {
        first[k] = (uint8_t)k;
        all[k] = true;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (g->node[a[i]]->kind != SDP_MUL) return false;
        axis_labels(g, a[i], label, constant);
        for (int k = 0; k < order; k++) all[k] &= constant[k];
    }
    return number_axes(order, first, all, to);
}

sdp_id sdp_gather(sdp_graph *g, sdp_id a, const uint8_t *to)
{
    const sdp_node *n = g->node[a];
    uint8_t out[SDP_MAX_ORDER];
    int order = 0;
    for (int k = 0; k < n->order; k++)
        if (to[k] == order) out[order++] = sdp_labels(g, n, n->nargs)[k];
    return sdp_mul(g, n->coef[0], n->nargs, n->arg, n->label, order, out, n->ldim);
}

sdp_id sdp_scatter(sdp_graph *g, sdp_id a, const uint8_t *to, int order, const sdp_dim *dim)
{
    uint8_t label[SDP_MAX_ORDER], out[SDP_MAX_ORDER];
    sdp_dim ldim[2 * SDP_MAX_ORDER] = {0};
    for (int k = 0; k < g->node[a]->order; k++) label[k] = (uint8_t)k;
    for (int k = 0; k < order; k++) {
        out[k] = to[k] == SDP_CONSTANT_AXIS ? (uint8_t)(SDP_MAX_ORDER + k) : to[k];
        ldim[out[k]] = dim[k];
    }
    return sdp_mul(g, SDP_NUM_ONE, 1, &a, label, order, out, ldim);
}

const sdp_node *sdp_scattered_sum(const sdp_graph *g, const sdp_node *n, uint8_t *to)
{
    if (n->kind != SDP_MUL || n->nargs != 1) return NULL;
    const sdp_node *sum = g->node[n->arg[0]];
    if (sum->kind != SDP_ADD || sum->order >= n->order) return NULL;
    for (int k = 0; k < sum->order; k++) // every axis once, and none summed over
        if (memchr(n->label, n->label[k], (size_t)k) || !memchr(n->label + sum->order, n->label[k], n->order))
            return NULL;
    for (int k = 0; k < n->order; k++) {
        const uint8_t *at = memchr(n->label, n->label[sum->order + k], sum->order);
        if (!at && memchr(n->label + sum->order, n->label[sum->order + k], (size_t)k)) return NULL;
        to[k] = at ? (uint8_t)(at - n->label) : SDP_CONSTANT_AXIS;
    }
    return sum;
}
