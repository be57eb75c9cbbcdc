// SPDX-License-Identifier: MIT
// E[...] and E(...) as expectations: of what is linear in variables that are declared zeromean, and as terms
// of a sum, where the derivative of one sample stands for that of its mean. Anything else is refused, for the
// law is not known. Entry: sdp_hand_expectation.
#include "ast/surface/hand.h"

#include <string.h>

static bool is_index_like(const sdp_syntax *s)
{
    bool letter_of_index = s->kind == SYN_NAME && strlen(s->text) == 1 && sdp_is_index_letter(s->text[0]);
    return letter_of_index || s->kind == SYN_NUMBER || s->kind == SYN_COLON ||
           (s->kind == SYN_CALL && !strcmp(s->text, "range"));
}

// Is node k a term of the sum `up`, or a factor beside numbers and names? A "side" under a line has its
// coefficient in front.
static bool is_linear(const hand *h, const sdp_syntax *up, sdp_syn k)
{
    const sdp_syntax *n = h->in->node;
    if (up->kind == SYN_DEF || !strcmp(up->text, "+") || !strcmp(up->text, "-") || !strcmp(up->text, "neg"))
        return true;
    bool below = !strcmp(up->text, "/") && up->arg[1] == k,
         coefficient = !strcmp(n[k].text, "side") && !n[k].parenthesised;
    if (below ? !coefficient : strcmp(up->text, "*") && strcmp(up->text, "side") && strcmp(up->text, "/"))
        return false;
    for (uint32_t a = 0; a < up->nargs; a++) {
        const sdp_syntax *other = &n[up->arg[a]];
        bool fraction = other->kind == SYN_CALL && !strcmp(other->text, "/") && !n[other->arg[0]].nargs &&
                        !n[other->arg[1]].nargs;
        if (up->arg[a] != k && other->kind != SYN_NUMBER && other->kind != SYN_NAME && !fraction)
            return false;
    }
    return true;
}

// Is a variable declared zeromean, here or before?
static bool has_zeromean(const hand *h)
{
    for (uint32_t v = 0; v < h->g->nvars; v++)
        if (h->g->var[v].zeromean) return true;
    for (uint32_t i = 0; i < h->in->statements; i++) {
        const sdp_syntax *s = &h->in->node[h->in->statement[i]];
        for (uint32_t k = 0; s->kind == SYN_DECL && k < s->nargs; k++) {
            const char *word = h->in->node[s->arg[k]].text;
            if (word && !strcmp(word, "zeromean")) return true;
        }
    }
    return false;
}

// E(u) and E[u] as expect(u), where something is declared zeromean.
static bool known_expectation(hand *h, sdp_syn i, uint32_t at)
{
    const sdp_syntax *s = &h->in->node[i];
    if (sdp_hand_is_known(h, "E") || !has_zeromean(h)) return false;
    sdp_syn u = sdp_hand_whole(h, s->arg[at]);
    h->map[i] = sdp_hand_call(h, "expect", s->op, s->span, 1, &u);
    return true;
}

// E[(x-mu)^2]: a derivative by what the law does not depend on is taken inside, so that of one sample is the
// answer, provided that the expectation stands linearly.
static bool in_brackets(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i], *e = &h->in->node[s->arg[0]];
    if (s->nargs != 2 || e->kind != SYN_NAME || strcmp(e->text, "E") || sdp_hand_is_known(h, "E") ||
        is_index_like(&h->in->node[s->arg[1]]))
        return false;
    if (known_expectation(h, i, 1)) return true;
    for (sdp_syn k = i; h->parent[k]; k = h->parent[k] - 1)
        if (!is_linear(h, &h->in->node[h->parent[k] - 1], k))
            sdp_hand_fail(h, s->span, "of samples it is mean(...); E[...] can be a term of a sum",
                          "the law of this expectation is not known");
    h->map[i] = sdp_hand_whole(h, s->arg[1]);
    h->out->node[h->map[i]].parenthesised = true;
    sdp_note(&h->g->base, "E[...] is an expectation: shown is what stands under it, for one sample; the "
                          "answer has an E[...] around it");
    return true;
}

bool sdp_hand_expectation(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i];
    if (!strcmp(s->text, "index")) return in_brackets(h, i);
    return !strcmp(s->text, "E") && s->nargs == 1 && known_expectation(h, i, 0);
}
