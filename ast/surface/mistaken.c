// SPDX-License-Identifier: MIT
// Names that would be variables by the grammar, and that nobody means as variables:
//
//   u cross v   n choose k   a word between two operands that says what to do with them
//   derivative of x^2        words of a sentence: print x, y with respect to x, x subject to y
//   sinx + x    r rcos θ     a function and its argument, or a factor and a function, without a blank
//   log_b x                  a logarithm to a base
//   tg x   lg(x)   J_0(x)    functions by names of other countries and books
//   Δx²   \Delta x           one quantity, Δx, or the product Δ*x
//
// Refused with what to write, unless declared, defined or in the data. Called by hand.c when names are known.
// Entry: sdp_hand_mistaken.
#include "ast/surface/hand.h"

static bool is_free(hand *h, const sdp_syntax *s)
{
    return s->kind == SYN_NAME && !s->parenthesised && !sdp_hand_is_known(h, s->text) &&
           !sdp_hand_is_defined(h, s->text);
}

// u cross v, at operand k of a side
static void refuse_operator(hand *h, const sdp_syntax *side, uint32_t k)
{
    static const struct {
        const char *word, *instead;
    } words[] = {{"choose", "binomial(%s,%s)"},
                 {"over", "(%s)/(%s)"},
                 {"div", "(%s)/(%s)"},
                 {"times", "(%s)*(%s)"}};
    const sdp_syntax *w = &h->in->node[side->arg[k]];
    const char *a = sdp_hand_cut(h, sdp_hand_outer(&h->in->node[side->arg[k - 1]])),
               *b = sdp_hand_cut(h, sdp_hand_outer(&h->in->node[side->arg[k + 1]])), *hint = NULL;
    int op = sdp_op_like(w->text);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(w->text, words[i].word)) hint = sdp_printf(&h->g->base, words[i].instead, a, b);
    if (!hint && op && sdp_ops[op].min_args == 2 && w->text[0] >= 'a' && w->text[0] <= 'z' && w->text[1])
        hint = sdp_printf(&h->g->base, "%s(%s,%s)", w->text, a, b);
    if (!hint) return;
    sdp_hand_fail(h, w->span,
                  sdp_printf(&h->g->base, "write %s; for a variable of this name -d '%s: scalar'", hint,
                             w->text),
                  sdp_printf(&h->g->base, "'%s' between operands is no variable", w->text));
}

// A word of a sentence among operands side by side
static void refuse_sentence(hand *h, const sdp_syntax *w)
{
    static const char *const formula = "type the formula alone; --wrt x says by what it is derived",
                             *const limits =
                                 "constraints stand apart: symdiff kkt FORMULA --subject-to CONSTRAINT",
                             *const cases = "cases are {a if c; b otherwise}, or where(c,a,b)",
                             *const values = "a value is a definition, x = 2; FORMULA, or --at x=2",
                             *const signs = "write the sign: + - * / ^2 ^3 ==";
    static const struct {
        const char *word, *const *hint;
    } words[] = {
        {"derivative", &formula}, {"derivatives", &formula},
        {"derive", &formula},     {"differentiate", &formula},
        {"gradient", &formula},   {"jacobian", &formula},
        {"hessian", &formula},    {"of", &formula},
        {"with", &formula},       {"respect", &formula},
        {"wrt", &formula},        {"find", &formula},
        {"compute", &formula},    {"calculate", &formula},
        {"evaluate", &formula},   {"show", &formula},
        {"print", &formula},      {"return", &formula},
        {"the", &formula},        {"is", &formula},
        {"function", &formula},   {"equation", &formula},
        {"and", &formula},        {"subject", &limits},
        {"such", &limits},        {"that", &limits},
        {"to", &limits},          {"st", &limits},
        {"for", &cases},          {"then", &cases},
        {"else", &cases},         {"when", &cases},
        {"unless", &cases},       {"otherwise", &cases},
        {"let", &values},         {"given", &values},
        {"where", &values},       {"plus", &signs},
        {"minus", &signs},        {"equals", &signs},
        {"squared", &signs},      {"cubed", &signs},
        {"divided", &signs},      {"by", &signs},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(w->text, words[i].word))
            sdp_hand_fail(h, w->span,
                          sdp_printf(&h->g->base, "%s; for a variable of this name -d '%s: scalar'",
                                     *words[i].hint, w->text),
                          sdp_printf(&h->g->base, "'%s' is a word, and no variable here", w->text));
}

static bool is_elementwise(hand *h, const char *name)
{
    return sdp_hand_takes_entries(name) && name[1] && sdp_hand_is_function(h, name);
}

// sinx, sin2x: a function in front of a variable that is spoken of.
static void refuse_glued_argument(hand *h, const sdp_syntax *s)
{
    size_t length = strlen(s->text);
    for (size_t n = 2; n < length && sdp_is_letter(s->text[n - 1]); n++) {
        const char *name = sdp_printf(&h->g->base, "%.*s", (int)n, s->text), *tail = s->text + n;
        const char *x = tail + strspn(tail, "0123456789.");
        if (!*x || !is_elementwise(h, name) || x[1 + strspn(x + 1, "_0123456789")] ||
            !(sdp_hand_is_bare(h, x) || sdp_hand_is_known(h, x)))
            continue;
        sdp_hand_fail(h, s->span,
                      sdp_printf(&h->g->base, "for the function write %s(%s); for one name: -d '%s: scalar'",
                                 name, tail, s->text),
                      sdp_printf(&h->g->base, "'%s' has two readings: %s of %s, or a name", s->text, name,
                                 tail));
    }
}

// rcos θ, at operand k of a side
static void refuse_glued_function(hand *h, const sdp_syntax *side, uint32_t k)
{
    const sdp_syntax *s = &h->in->node[side->arg[k]];
    size_t n = 1 + strspn(s->text + 1, "_0123456789");
    const char *f = s->text + n;
    if (!sdp_is_letter(s->text[0]) || !*f || !is_elementwise(h, f)) return;
    const char *x = sdp_hand_cut(h, sdp_hand_outer(&h->in->node[side->arg[k + 1]]));
    sdp_hand_fail(h, s->span,
                  sdp_printf(&h->g->base, "for the function write %.*s*%s(%s); for one name: -d '%s: scalar'",
                             (int)n, s->text, f, x, s->text),
                  sdp_printf(&h->g->base, "'%s' has two readings: %.*s times the function %s, or a name",
                             s->text, (int)n, s->text, f));
}

// log_b x, log_b(x): `argument` is the place of x
static void refuse_base(hand *h, const sdp_syntax *s, sdp_span argument)
{
    const char *base = s->text + 4;
    if (strncmp(s->text, "log_", 4) || (base[1] && strspn(base, "0123456789") != strlen(base))) return;
    const char *x = sdp_hand_cut(h, argument);
    sdp_hand_fail(h, (sdp_span){s->span.begin, s->op.begin < s->op.end ? s->op.end : s->span.end},
                  sdp_printf(&h->g->base,
                             "for the logarithm to base %s write log(%s)/log(%s); for one name: "
                             "-d '%s: scalar'",
                             s->text + 4, x, s->text + 4, s->text),
                  sdp_printf(&h->g->base, "'%s' has two readings: a logarithm, or a name", s->text));
}

// tg x, lg(x), J_0(x), C(n,k): functions to others, and variables or nothing here. `all` is the text with the
// arguments, x the `nargs` arguments alone; `called` with parentheses.
static void refuse_foreign(hand *h, const sdp_syntax *name, uint32_t nargs, bool called, sdp_span all,
                           const char *x)
{
    static const struct {
        const char *word;
        uint32_t nargs;
        const char *instead;
    } words[] = {
        {"tg", 1, "tan(%s)"},
        {"ctg", 1, "cot(%s)"},
        {"cotg", 1, "cot(%s)"},
        {"cosec", 1, "csc(%s)"},
        {"arctg", 1, "atan(%s)"},
        {"sh", 1, "sinh(%s)"},
        {"ch", 1, "cosh(%s)"},
        {"th", 1, "tanh(%s)"},
        {"cth", 1, "coth(%s)"},
        {"arsh", 1, "asinh(%s)"},
        {"arch", 1, "acosh(%s)"},
        {"arth", 1, "atanh(%s)"},
        {"lb", 1, "log2(%s)"},
        {"ld", 1, "log2(%s)"},
        {"lg", 1, "log10(%s), or log2(%s) as in computer science"},
        {"beta", 2, "exp(betaln(%s))"},
        {"B", 2, "exp(betaln(%s))"},
        {"C", 2, "binomial(%s)"},
    };
    static const char *const bessel = "JYIK", *const kinds = "jyik";
    const char *s = name->text, *hint = NULL, *letter = s[0] ? strchr(bessel, s[0]) : NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(s, words[i].word) && nargs == words[i].nargs)
            hint = sdp_printf(&h->g->base, words[i].instead, x, x);
    size_t n = letter && s[1] == '_' ? 2 : 1, digits = letter ? strspn(s + n, "0123456789") : 0;
    if (called && nargs == 1 && digits && !s[n + digits])
        hint = sdp_printf(&h->g->base, "bessel%c(%s,%s)", kinds[letter - bessel], s + n, x);
    if (!hint) return;
    sdp_hand_fail(h, all,
                  nargs > 1
                      ? sdp_printf(&h->g->base, "write %s", hint)
                      : sdp_printf(&h->g->base, "write %s; for a product of a name %s*(%s)", hint, s, x),
                  sdp_printf(&h->g->base, "'%s' is no function here", s));
}

// C(n,k), where C is nothing else
static void refuse_foreign_call(hand *h, const sdp_syntax *s)
{
    if (s->kind != SYN_CALL || !s->nargs || s->extra || s->op.begin != s->span.begin ||
        h->in->source[s->op.end] != '(' || sdp_op_like(s->text) || sdp_hand_is_known(h, s->text) ||
        sdp_hand_is_defined(h, s->text) || sdp_hand_is_function_of_text(h, s->text) ||
        sdp_hand_is_declared_function(h, s->text))
        return;
    sdp_span inside = {sdp_hand_outer(&h->in->node[s->arg[0]]).begin,
                       sdp_hand_outer(&h->in->node[s->arg[s->nargs - 1]]).end};
    refuse_base(h, s, inside);
    refuse_foreign(h, s, s->nargs, true, s->span, sdp_hand_cut(h, inside));
}

// Δx, at operand k of a side. Between a row and a column Δ is a matrix.
static void refuse_difference(hand *h, const sdp_syntax *side, uint32_t k)
{
    const sdp_syntax *s = &h->in->node[side->arg[k]], *next = &h->in->node[side->arg[k + 1]], *x = next;
    bool latex = h->in->from == SD_FROM_LATEX;
    if (strcmp(s->text, "Δ") && strcmp(s->text, "Delta")) return;
    if (k && is_call(&h->in->node[side->arg[k - 1]], "'")) return;
    if (!latex && (sdp_hand_outer(next).begin != s->span.end)) return;
    while (x->kind == SYN_CALL && !x->parenthesised && x->op.begin > x->span.begin && x->nargs)
        x = &h->in->node[x->arg[0]];
    if (x->kind != SYN_NAME || x->parenthesised) return;
    const char *y = sdp_hand_cut(h, x->span);
    sdp_hand_fail(h, (sdp_span){s->span.begin, next->span.end},
                  sdp_printf(&h->g->base, "for the product write %s%s; for one quantity give it a name, D_%s",
                             latex ? "\\Delta \\cdot " : "Δ*", y, y),
                  sdp_printf(&h->g->base, "'%s' has two readings: a product, or one quantity",
                             sdp_hand_cut(h, (sdp_span){s->span.begin, x->span.end})));
}

void sdp_hand_mistaken(hand *h)
{
    for (sdp_syn i = 0; i < h->in->count; i++) {
        const sdp_syntax *s = &h->in->node[i];
        if (!h->used[i] || h->raw[i]) continue;
        bool plain = h->in->from == SD_FROM_PLAIN;
        if (plain && is_free(h, s) && !sdp_hand_is_glued(h, s->text)) refuse_glued_argument(h, s);
        if (plain) refuse_foreign_call(h, s);
        if (!is_call(s, "side")) continue;
        for (uint32_t k = 0; plain && k < s->nargs; k++)
            if (is_free(h, &h->in->node[s->arg[k]])) refuse_sentence(h, &h->in->node[s->arg[k]]);
        for (uint32_t k = 0; k + 1 < s->nargs; k++) {
            if (!is_free(h, &h->in->node[s->arg[k]]) || h->function[s->arg[k]]) continue;
            refuse_difference(h, s, k);
            if (!plain) continue;
            if (k) refuse_operator(h, s, k);
            refuse_glued_function(h, s, k);
            const sdp_syntax *f = &h->in->node[s->arg[k]];
            sdp_span x = sdp_hand_outer(&h->in->node[s->arg[k + 1]]);
            refuse_base(h, f, x);
            refuse_foreign(h, f, 1, false, (sdp_span){f->span.begin, x.end}, sdp_hand_cut(h, x));
        }
    }
}
