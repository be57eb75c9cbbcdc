// SPDX-License-Identifier: MIT
// --dump=syntax: one line per statement, as an s-expression: (+ (* 2 x) (sin y)).
//
// Texts stand in quotes, a bare subscript is ':', (define f (x) body), (declare X (matrix m n) symmetric),
// dF[i]/dx[j] = A[i,j] is (indexed (F i) (index x j) (index A i j)).
#include "grammar/syntax.h"

typedef struct {
    sdp_syn node;
    uint32_t next;
} frame; // next: the argument to be written

static void open_node(sdp_text *out, const sdp_syntax *s)
{
    static const char *const heads[] = {
        [SYN_CALL] = "(", [SYN_DECL] = "(declare ", [SYN_DEF] = "(define ", [SYN_INDEXED] = "(indexed"};
    switch (s->kind) {
    case SYN_STRING: sdp_putf(out, "'%s'", s->text); break;
    case SYN_COLON: sdp_put(out, ":"); break;
    case SYN_EMPTY: sdp_put(out, "[]"); break;
    case SYN_NUMBER:
    case SYN_NAME: sdp_put(out, s->text); break;
    case SYN_CALL:
    case SYN_DECL:
    case SYN_DEF: sdp_put(out, heads[s->kind]), sdp_put(out, s->text); break;
    case SYN_INDEXED: sdp_put(out, heads[s->kind]); break;
    }
    if (s->kind == SYN_DEF && s->nargs > 1) sdp_put(out, " (");
}

static bool is_leaf(const sdp_syntax *s) { return s->kind < SYN_CALL; }

static void before_argument(sdp_text *out, const sdp_syntax *s, uint32_t i)
{
    bool function = s->kind == SYN_DEF && s->nargs > 1;
    if (function && i == s->nargs - 1) sdp_put(out, ")");
    if (!function || i > 0) sdp_put(out, " ");
    if (s->kind == SYN_DECL && i == 1 && s->extra == 2) sdp_put(out, "-> ");
}

void sdp_tree_dump(const sdp_tree *t, sdp_text *out)
{
    sdp_mark mark = sdp_scratch_mark(out->b);
    // a path is no longer than the tree
    frame *stack = sdp_scratch(out->b, ((size_t)t->count + 1) * sizeof *stack);
    for (uint32_t i = 0; i < t->statements; i++) {
        size_t depth = 0;
        stack[depth++] = (frame){t->statement[i], 0};
        open_node(out, &t->node[t->statement[i]]);
        while (depth > 0) {
            frame *f = &stack[depth - 1];
            const sdp_syntax *s = &t->node[f->node];
            if (is_leaf(s) || f->next == s->nargs) {
                if (!is_leaf(s)) sdp_put(out, ")");
                depth--;
                continue;
            }
            sdp_syn argument = s->arg[f->next];
            before_argument(out, s, f->next++);
            stack[depth++] = (frame){argument, 0};
            open_node(out, &t->node[argument]);
        }
        sdp_put(out, "\n");
    }
    sdp_scratch_release(out->b, mark);
}
