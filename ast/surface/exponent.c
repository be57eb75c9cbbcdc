// SPDX-License-Identifier: MIT
// How far does an exponent go? The grammar takes what a programming language takes; a hand means more:
//
//   e^x^2    e^-x²       the grammar's (e^x)^2; most mean e^(x^2)
//   e^-λt    e^2x        the grammar's e^(-λ)*t
//   e^-t/τ   x^1/3       the grammar's e^(-t)/τ and x/3
//   Ke^{-rT} V0e^{-t/τ}  by the words a power of Ke; most mean K*e^(-rT)
//   A^+ b    (S-K)^+ N   the grammar's A^(+b); most mean a pseudo-inverse or a positive part
//
// All are refused with both texts, in plain text alone: braces say it in LaTeX, Python's rules in NumPy.
// Superscripts show where they end: e²x, x⁻¹/2. Called by hand.c when names are known. Entry:
// sdp_hand_exponents.
#include "ast/surface/hand.h"

static const char *const how_far = "how far the exponent goes has two readings";

static bool is_typed_power(const hand *h, const sdp_syntax *s)
{
    return (is_call(s, "^") || is_call(s, ".^")) && s->nargs == 2 && s->op.begin < s->span.end &&
           (h->in->source[s->op.begin] == '^' || h->in->source[s->op.begin] == '.');
}

// p^k(1-p)^m, where k is no function
static bool is_factor_behind(hand *h, const sdp_syntax *e)
{
    if (is_call(e, "neg")) e = &h->in->node[e->arg[0]];
    return e->kind == SYN_CALL && !e->parenthesised && e->op.begin == e->span.begin &&
           (sdp_is_letter(e->text[0]) || (unsigned char)e->text[0] >= 0x80) &&
           !sdp_hand_is_function(h, e->text);
}

// a^b^c, a^b²
static void refuse_tower(hand *h, const sdp_syntax *s)
{
    const sdp_syntax *base = &h->in->node[s->arg[0]];
    bool power = is_call(s, "^") || is_call(s, ".^");
    if (!power || s->nargs != 2 || base->parenthesised || !is_typed_power(h, base)) return;
    if (is_factor_behind(h, &h->in->node[base->arg[1]])) return;
    sdp_span low = sdp_hand_outer(&h->in->node[base->arg[0]]);
    const char *a = sdp_hand_cut(h, (sdp_span){low.begin, base->op.end}), *left = sdp_hand_cut(h, base->span),
               *b = sdp_hand_cut(h, (sdp_span){base->op.end, s->span.end}),
               *more = sdp_hand_cut(h, (sdp_span){base->span.end, s->span.end});
    const char *hint = sdp_printf(&h->g->base, "write %s(%s) or (%s)%s", a, b, left, more);
    if (h->in->source[s->span.end] == '/')
        hint = sdp_printf(&h->g->base, "put all of the exponent in parentheses, %s(%s...), or write (%s)%s",
                          a, b, left, more);
    sdp_hand_fail(h, s->span, hint, how_far);
}

// The node that follows node i without a blank as a factor of the same product; NULL.
static const sdp_syntax *glued_factor(const hand *h, sdp_syn i)
{
    const sdp_syntax *side = h->parent[i] ? &h->in->node[h->parent[i] - 1] : NULL;
    if (!side || !is_call(side, "side")) return NULL;
    for (uint32_t k = 0; k + 1 < side->nargs; k++) {
        const sdp_syntax *next = &h->in->node[side->arg[k + 1]];
        bool glued = sdp_hand_outer(next).begin == h->in->node[i].span.end;
        if (side->arg[k] == i) return glued && !h->function[side->arg[k + 1]] ? next : NULL;
    }
    return NULL;
}

// The quotient whose sign follows node i at once and that divides by a name or number, without a blank; NULL.
static const sdp_syntax *glued_quotient(const hand *h, sdp_syn i)
{
    uint32_t end = h->in->node[i].span.end;
    if (h->in->source[end] != '/') return NULL;
    const sdp_syntax *q = &h->in->node[i];
    while (h->parent[i] && q->op.begin != end) q = &h->in->node[i = h->parent[i] - 1];
    if (!is_call(q, "/") || q->op.begin != end) return NULL;
    const sdp_syntax *den = &h->in->node[q->arg[1]];
    if (is_call(den, "side")) den = &h->in->node[den->arg[0]];
    bool leaf = (den->kind == SYN_NAME || den->kind == SYN_NUMBER) && !den->parenthesised;
    return leaf && den->span.begin == q->op.end ? q : NULL;
}

// e^-λt, e^2x, e^-t/τ, x^1/3
static void refuse_open(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i], *base = &h->in->node[s->arg[0]], *e = &h->in->node[s->arg[1]];
    if (s->parenthesised || !is_typed_power(h, s) || e->parenthesised) return;
    bool minus = is_call(e, "neg"), of_e = base->kind == SYN_NAME && !strcmp(base->text, "e") &&
                                           !sdp_hand_is_known(h, "e") && !sdp_hand_is_defined(h, "e");
    const sdp_syntax *x = minus ? &h->in->node[e->arg[0]] : e;
    if (x->parenthesised || (x->kind != SYN_NAME && x->kind != SYN_NUMBER)) return;
    bool name = x->kind == SYN_NAME;
    const char *a = sdp_hand_cut(h, (sdp_span){sdp_hand_outer(base).begin, s->op.end}),
               *b = sdp_hand_cut(h, (sdp_span){s->op.end, s->span.end});
    const sdp_syntax *next = of_e || (minus && name) ? glued_factor(h, i) : NULL;
    if (next && !next->parenthesised) {
        const char *c = sdp_hand_cut(h, sdp_hand_outer(next));
        sdp_hand_fail(h, (sdp_span){s->span.begin, sdp_hand_outer(next).end},
                      sdp_printf(&h->g->base, "write %s(%s*%s) or %s(%s)*%s", a, b, c, a, b, c), how_far);
    }
    bool fraction = minus || (!name && !strcmp(x->text, "1"));
    const sdp_syntax *q = fraction ? glued_quotient(h, i) : NULL;
    if (!q || (name != (h->in->node[q->arg[1]].kind == SYN_NAME) && !name)) return;
    const char *c = sdp_hand_cut(h, (sdp_span){q->op.end, q->span.end});
    sdp_hand_fail(h, (sdp_span){s->span.begin, q->span.end},
                  sdp_printf(&h->g->base, "write %s(%s/%s) or %s(%s)/%s", a, b, c, a, b, c), how_far);
}

// A^+ b; of a number, 10^+3, the sign is one
static void refuse_plus(hand *h, const sdp_syntax *s)
{
    if (!is_typed_power(h, s) || h->in->source[s->op.end] != '+') return;
    const sdp_syntax *e = &h->in->node[s->arg[1]];
    if (e->kind == SYN_NUMBER) return;
    const char *a = sdp_hand_cut(h, sdp_hand_outer(&h->in->node[s->arg[0]])),
               *b = sdp_hand_cut(h, sdp_hand_outer(e));
    sdp_hand_fail(h, s->span,
                  sdp_printf(&h->g->base,
                             "the pseudo-inverse is pinv(%s)*%s, the positive part relu(%s)*%s; for a power "
                             "write %s^(%s)",
                             a, b, a, b, a, b),
                  "^+ has two readings");
}

// Does a variable stand in the exponent?
static bool varies(const hand *h, sdp_syn exponent)
{
    for (sdp_syn i = sdp_syn_first(h->in, exponent); i <= exponent; i++)
        if (h->used[i] && h->in->node[i].kind == SYN_NAME) return true;
    return false;
}

// Ke^{-rT}, N_0e^-kt: a letter, perhaps with a number, and an e.
static void refuse_letter_and_e(hand *h, const sdp_syntax *s)
{
    const sdp_syntax *word = &h->in->node[s->arg[0]];
    if (word->kind != SYN_NAME || word->parenthesised || !sdp_is_letter(word->text[0]) ||
        !is_typed_power(h, s))
        return;
    size_t n = 1 + strspn(word->text + 1, "_0123456789");
    if (strcmp(word->text + n, "e") || sdp_hand_is_known(h, word->text) ||
        sdp_hand_is_defined(h, word->text) || sdp_hand_is_glued(h, word->text) || !varies(h, s->arg[1]))
        return;
    sdp_hand_fail(h, s->span,
                  sdp_printf(&h->g->base, "for the product write %.*s*e%s; for one name: -d '%s: scalar'",
                             (int)n, word->text, sdp_hand_cut(h, (sdp_span){s->op.begin, s->span.end}),
                             word->text),
                  sdp_printf(&h->g->base, "'%s' has two readings: %.*s*e, or a name", word->text, (int)n,
                             word->text));
}

void sdp_hand_exponents(hand *h)
{
    for (sdp_syn i = 0; h->in->from == SD_FROM_PLAIN && i < h->in->count; i++) {
        const sdp_syntax *s = &h->in->node[i];
        if (!h->used[i] || h->raw[i] || s->kind != SYN_CALL || s->nargs != 2) continue;
        refuse_plus(h, s);
        refuse_tower(h, s);
        refuse_letter_and_e(h, s);
        refuse_open(h, i);
    }
}
