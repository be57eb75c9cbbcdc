// SPDX-License-Identifier: MIT
// Trees made from trees. Three passes read what people write before names have a meaning (hand.c, numpy.c,
// sums.c); each makes a new tree from the old one: sdp_tree_like, then nodes by sdp_tree_node, then
// sdp_tree_keep. Entry: sdp_tree_like.
#include "ast/surface/terms.h"

#include <string.h>

sdp_tree *sdp_tree_like(sdp_base *b, const sdp_tree *tree)
{
    sdp_tree *out = sdp_alloc(b, sizeof *out);
    *out = (sdp_tree){.source = tree->source,
                      .source_name = tree->source_name,
                      .from = tree->from,
                      .asked = tree->asked};
    out->statement = sdp_alloc(b, (tree->statements + (size_t)1) * sizeof *out->statement);
    return out;
}

sdp_syn sdp_tree_node(sdp_base *b, sdp_tree *t, const sdp_syntax *like, uint32_t nargs, const sdp_syn *arg)
{
    t->node = sdp_grown(b, t->node, t->count, &t->capacity, sizeof *t->node);
    sdp_syn *own = sdp_alloc(b, (nargs + 1) * sizeof *own);
    sdp_copy(own, arg, nargs * sizeof *own);
    t->node[t->count] = *like;
    t->node[t->count].arg = own;
    t->node[t->count].nargs = nargs;
    return t->count++;
}

// While it grew, the array stood in scratch.
sdp_tree *sdp_tree_keep(sdp_base *b, sdp_tree *t)
{
    sdp_syntax *node = sdp_alloc(b, (t->count + (size_t)1) * sizeof *node);
    sdp_copy(node, t->node, t->count * sizeof *node);
    t->node = node;
    t->capacity = t->count;
    return t;
}

// Returns the operator that a call calls, 0 if there is none. A name has its first spelling, γ,
// also where it is typed gamma(x).
int sdp_called_op(const sdp_tree *tree, const sdp_syntax *s)
{
    int op = sdp_op_like(s->text);
    if (op || !tree->source || s->op.end <= s->op.begin || s->op.end - s->op.begin > 32 ||
        !sdp_is_letter(tree->source[s->op.begin]))
        return op;
    return sdp_op_find(tree->source + s->op.begin, s->op.end - s->op.begin);
}
