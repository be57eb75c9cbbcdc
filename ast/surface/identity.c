// SPDX-License-Identifier: MIT
// Is I the identity, or a variable? The first where it is added to something, A + λI, in a text that speaks of matrices; the second where
// it is one of several factors, β*S*I. Anything else is refused with both texts.
//
// Every name that hand.c puts into the new tree passes here. Entry: sdp_hand_name.
#include "ast/surface/hand.h"

#include <string.h>

static bool speaks_of_matrices(const hand *h)
{
    static const char *const words[] = {"'", "inv", "pinv", "det", "logdet", "tr", "trace", "norm", "chol", "expm", "kron", "bars", "\\", "diag"};
    for (sdp_syn i = 0; i < h->in->count; i++) {
        const sdp_syntax *s = &h->in->node[i];
        if (!h->used[i] || s->kind != SYN_CALL) continue;
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (!strcmp(s->text, words[k])) return true;
        if (!strcmp(s->text, "^") && !strcmp(h->in->node[s->arg[1]].text ? h->in->node[s->arg[1]].text : "", "neg") && h->in->node[s->arg[0]].parenthesised) return true;
        bool product = !strcmp(s->text, "*") || !strcmp(s->text, "side");
        for (uint32_t k = 0; product && k + 1 < s->nargs; k++) // (A + λI)x
            if (h->in->node[s->arg[k]].parenthesised) return true;
    }
    return false;
}

// Is node i, perhaps as the last factor of a product, added to something?
static bool is_added(const hand *h, sdp_syn i)
{
    while (h->parent[i]) {
        sdp_syn up = h->parent[i] - 1;
        const sdp_syntax *s = &h->in->node[up];
        bool product = s->kind == SYN_CALL && (!strcmp(s->text, "*") || !strcmp(s->text, "side") || !strcmp(s->text, "neg"));
        if (s->kind == SYN_CALL && (!strcmp(s->text, "+") || !strcmp(s->text, "-"))) return true;
        if (!product || s->parenthesised || s->arg[s->nargs - 1] != i) return false;
        i = up;
    }
    return false;
}

// Is node i one of several factors, all of them names and numbers, of which another is a capital letter? Nobody multiplies with the
// identity there: β*S*I, I*R.
static bool is_among_factors(const hand *h, sdp_syn i)
{
    const sdp_tree *t = h->in;
    sdp_syn stack[16];
    uint32_t depth = 0, factors = 0, capitals = 0;
    sdp_syn top = i;
    for (; h->parent[top]; top = h->parent[top] - 1) {
        const sdp_syntax *up = &t->node[h->parent[top] - 1];
        bool product = up->kind == SYN_CALL && (!strcmp(up->text, "*") || !strcmp(up->text, "side") || !strcmp(up->text, "neg") || (!strcmp(up->text, "/") && up->arg[0] == top));
        if (!product) break;
    }
    stack[depth++] = top;
    while (depth) {
        sdp_syn at = stack[--depth];
        const sdp_syntax *s = &t->node[at];
        if (s->kind == SYN_NAME) factors++, capitals += at != i && s->text[0] >= 'A' && s->text[0] <= 'Z' && (!s->text[1] || s->text[1] == '_');
        else if (s->kind != SYN_CALL ? s->kind != SYN_NUMBER : depth + s->nargs > 16 || (strcmp(s->text, "*") && strcmp(s->text, "side") && strcmp(s->text, "neg") && strcmp(s->text, "/"))) return false;
        for (uint32_t k = 0; s->kind == SYN_CALL && k < s->nargs; k++) stack[depth++] = s->arg[k];
    }
    return factors >= 2 && capitals;
}

// The size of I, I_n, eye: 1 if it is left to the context, 2 if the name says it, 0 if this is none.
static int identity(hand *h, const char *text)
{
    if (sdp_hand_is_known(h, text)) return 0;
    if (sdp_hand_is_word(h, text)) return 0;
    if (!strcmp(text, "I") || !strcmp(text, "eye")) return 1;
    return text[0] == 'I' && text[1] == '_' && text[2] >= 'a' && text[2] <= 'z' && !text[3] ? 2 : 0;
}

// A name of the new tree, or the identity that it stands for.
sdp_syn sdp_hand_name(hand *h, sdp_syn i, const char *text, sdp_span span)
{
    sdp_syntax s = {.kind = SYN_NAME, .text = text, .span = span, .op = span};
    int how = identity(h, text);
    if (how == 1 && !strcmp(text, "I") && !is_added(h, i) && !speaks_of_matrices(h) && is_among_factors(h, i)) how = 0;
    if (!how) return sdp_hand_node(h, &s, 0, NULL);
    if (strcmp(text, "eye") && (!is_added(h, i) || !speaks_of_matrices(h)))
        sdp_hand_fail(h, span, sdp_printf(&h->g->base, "for the identity write eye(n), for a variable -d '%s: scalar' or another shape", text),
                      sdp_printf(&h->g->base, "'%s' has two readings: the identity, or a variable", text));
    s.text = text + 2;
    sdp_syn size = how == 2 ? sdp_hand_node(h, &s, 0, NULL) : NOTHING;
    return sdp_hand_call(h, "eye", span, span, how == 2, &size);
}
