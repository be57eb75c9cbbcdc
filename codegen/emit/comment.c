// SPDX-License-Identifier: MIT
// Comments in emitted C: what stands in a place, as a formula or in words.
#include "codegen/emit/emitter.h"

enum { COMMENT_BYTES = 160 };

void sdp_comment_measure(sdp_emitter *e)
{
    e->small = sdp_scratch(&e->g->base, e->s->nodes * sizeof *e->small);
    for (sdp_id id = 1; id < e->s->nodes; id++) {
        const sdp_node *n = sdp_get(e->g, id);
        uint32_t sum = 1;
        for (uint32_t i = 0; i < n->nargs && sum <= SDP_HEADER_NODES; i++) sum += e->small[n->arg[i]];
        e->small[id] = sdp_has_notation(n) ? sum : SDP_HEADER_NODES + 1;
    }
}

// The formula of a node, on one line and not too long.
void sdp_put_formula(sdp_emitter *e, sdp_id node, uint32_t most, size_t bytes)
{
    if (!node || e->small[node] > most) {
        sdp_put(e->out, "(a long expression)");
        return;
    }
    size_t from = e->out->n;
    if (!e->raiser.n) sdp_raiser_init(&e->raiser, e->g);
    sdp_put_node(&e->raiser, node, false, e->out);
    if (e->out->n - from > bytes) {
        size_t end = from + bytes;
        while (end > from && ((unsigned char)e->out->s[end] & 0xc0) == 0x80) end--;
        e->out->n = end;
        e->out->s[end] = 0;
        sdp_put(e->out, " ...");
    }
    for (size_t i = from; i < e->out->n; i++)
        if (e->out->s[i] == '\n') e->out->s[i] = ' ';
}

// Returns words for a value that stands for no node of the graph, or whose words say more than its formula.
// Returns NULL if its formula describes it.
static const char *description(const sdp_schedule *s, const sdp_value *x)
{
    static const char *const factor[SDP_FACTOR_KINDS] = {
#define FACTOR(id, kernel, sizes, plan, comment, ...) comment,
#include "codegen/values/factors.def"
    };
    switch ((sdp_vkind)x->kind) {
    case SDP_V_FACTOR: return factor[x->param];
    case SDP_V_SOLVE: return x->node ? NULL : "solution of a linear system";
    case SDP_V_FINITE: return "the shift: 0 if it is infinite";
    case SDP_V_REDUCE:
        return x->node                    ? NULL
               : x->op == SDP_RED_PROD    ? "product of the entries that are not 0"
               : s->value[x->arg[0]].node ? "largest entry of "
                                          : "largest of these";
    case SDP_V_MAP: return x->node ? NULL : x->op == SDP_OP_exp ? "shifted exponentials" : "part of the next";
    case SDP_V_EINSUM:
        if (x->node) return NULL;
        if (x->nargs != 1 || s->value[x->arg[0]].kind != SDP_V_MAP) return "part of a product";
        return s->value[x->arg[0]].op == SDP_OP_eq ? "the number of zeros" : "their sum";
    default: return x->node ? NULL : "part of the next";
    }
}

void sdp_put_comment(sdp_emitter *e, sdp_val v)
{
    if (e->target->entry || v >= e->s->guards->nguarded) return;
    const sdp_value *x = &e->s->value[v];
    const char *words = description(e->s, x);
    if (!e->opened) sdp_put(e->out, "\n"); // the first one of a block stands at its head
    e->opened = false;
    if (!words && e->small[x->node] > SDP_COMMENT_NODES) return;
    sdp_put_indent(e);
    sdp_put(e->out, "// ");
    sdp_put_place(e, v);
    sdp_put(e->out, " = ");
    if (words) sdp_put(e->out, words);
    const sdp_scaled *hidden = sdp_scaled_variable(e->s, x->node);
    if (hidden)
        sdp_putf(e->out,
                 hidden->exponent ? "%s = a power of two times " : "%s = exponent of the largest entry of ",
                 e->g->var[hidden->variable].name);
    sdp_id of = hidden                                               ? hidden->node
                : !words                                             ? x->node
                : x->kind == SDP_V_FACTOR || x->kind == SDP_V_REDUCE ? e->s->value[x->arg[0]].node
                                                                     : 0;
    if (of) sdp_put_formula(e, of, SDP_COMMENT_NODES, COMMENT_BYTES);
    sdp_put(e->out, "\n");
}
