// SPDX-License-Identifier: MIT
// The graph as a Graphviz picture. It walks the graph, not the raised tree: what matrix notation hides (axes,
// labels, sharing) is what it shows.
#include <string.h>

#include "codegen/print/print.h"

static sdp_id *nodes_of(sdp_graph *g, const struct sd_result *r, uint32_t *count)
{
    sdp_id *root = sdp_scratch(&g->base, (r->n + 1) * sizeof *root);
    for (size_t i = 0; i < r->n; i++) root[i] = r->entry[i].node;
    return sdp_reachable(g, (uint32_t)r->n, root, count);
}

// i j k ... a .. h
static char letter_of(unsigned l)
{
    return (char)(l < 26 ? 'a' + (int)((l + 8) % 26) : 'A' + (int)((l - 26) % 26));
}
static bool is_leaf(const sdp_node *n)
{
    return n->kind == SDP_NUM || n->kind == SDP_CONST || n->kind == SDP_DIM || n->kind == SDP_VAR;
}

// ---- dot --------------------------------------------------------------------------------------------------
static void put_caption(sdp_graph *g, const sdp_node *n, sdp_text *out)
{
    static const char *const kind[] = {"", "", "", "", "", "sel", "mask", "+", "", "^", "", "", ""};
    switch ((sdp_kind)n->kind) {
    case SDP_NUM: sdp_put(out, sdp_num_text(g, n->param)); break;
    case SDP_CONST:
    case SDP_MAP:
    case SDP_PRIM: sdp_put(out, sdp_ops[n->op].name); break;
    case SDP_DIM: sdp_put(out, sdp_atom_name(g, n->param)); break;
    case SDP_VAR: sdp_put(out, g->var[n->param].name); break;
    case SDP_CALL: {
        const sdp_derivative d = sdp_derivative_of(n);
        sdp_put(out, sdp_derivative_name(g, &d));
        break;
    }
    case SDP_MUL: {
        if (n->coef[0] != SDP_NUM_ONE) sdp_putf(out, "%s ", sdp_num_text(g, n->coef[0]));
        for (uint32_t i = 0; i <= n->nargs; i++) {
            const uint8_t *l = sdp_labels(g, n, i);
            int order = i < n->nargs ? sdp_get(g, n->arg[i])->order : n->order;
            sdp_put(out, i == n->nargs ? "->" : i ? "," : "");
            for (int k = 0; k < order; k++) sdp_putf(out, "%c", letter_of(l[k]));
        }
        break;
    }
    default: sdp_put(out, kind[n->kind]); break;
    }
}

void sdp_print_dot(sdp_graph *g, const struct sd_result *r, sdp_text *out)
{
    uint32_t count;
    sdp_id *id = nodes_of(g, r, &count);
    sdp_put(out, "digraph symdiff {\n  rankdir=BT\n  node [shape=box]\n");
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = sdp_get(g, id[i]);
        sdp_putf(out, "  n%u [label=\"", id[i]);
        put_caption(g, n, out);
        sdp_put(out, is_leaf(n) ? "\" shape=plaintext]\n" : "\"]\n");
        for (uint32_t k = 0; k < n->nargs; k++) {
            sdp_putf(out, "  n%u -> n%u", n->arg[k], id[i]);
            if (n->kind == SDP_ADD && n->coef[k] != SDP_NUM_ONE)
                sdp_putf(out, " [label=\"%s\"]", sdp_num_text(g, n->coef[k]));
            sdp_put(out, "\n");
        }
    }
    for (size_t i = 0; i < r->n; i++) {
        const char *label = r->entry[i].label && *r->entry[i].label ? r->entry[i].label : "answer";
        sdp_putf(out, "  r%zu [label=\"%s\" shape=plaintext]\n  n%u -> r%zu\n", i, label, r->entry[i].node,
                 i);
    }
    sdp_put(out, "}");
}
