// SPDX-License-Identifier: MIT
// Raised and lowered characters of Unicode, as exponents and as bounds of sums.
//
//   xⁿ   e⁻ˣ   2ⁿ⁻¹   e⁻ᵏᵗ      exponents: x^(n), e^(-x), 2^(n-1), e^(-k*t)
//   Σᵢ₌₁ⁿ xᵢ   Πₜ₌₂ᵀ xₜ         sums and products with bounds: sum_{i=1}^(n)
//   xᵢ₊₁   yₜ₋₁                 entries: x[i+1]
//
//   Σ_i (y^{(i)} - w'x^{(i)})^2 the i-th sample: y_i, x_i; of an i that nothing binds it is refused
//
// Digits alone, x², are read in tokens.c. An exponent such as ˣ² is refused: x² is raised, or twice x. So is
// a single ᵗ, a transpose to some. Entries: sdp_token_raised, sdp_token_binder_between, sdp_token_shifted,
// sdp_token_layer.
#include "grammar/tokens.h"

#include <string.h>

#include "parser.h"

static const struct {
    const char *glyph, *text;
} raised[] = {{"ᵃ", "a"}, {"ᵇ", "b"}, {"ᶜ", "c"}, {"ᵈ", "d"}, {"ᵉ", "e"}, {"ᶠ", "f"}, {"ᵍ", "g"},
              {"ʰ", "h"}, {"ⁱ", "i"}, {"ʲ", "j"}, {"ᵏ", "k"}, {"ˡ", "l"}, {"ᵐ", "m"}, {"ⁿ", "n"},
              {"ᵒ", "o"}, {"ᵖ", "p"}, {"ʳ", "r"}, {"ˢ", "s"}, {"ᵗ", "t"}, {"ᵘ", "u"}, {"ᵛ", "v"},
              {"ʷ", "w"}, {"ˣ", "x"}, {"ʸ", "y"}, {"ᶻ", "z"}, {"ᴷ", "K"}, {"ᴹ", "M"}, {"ᴺ", "N"},
              {"ᵀ", "T"}, {"⁰", "0"}, {"¹", "1"}, {"²", "2"}, {"³", "3"}, {"⁴", "4"}, {"⁵", "5"},
              {"⁶", "6"}, {"⁷", "7"}, {"⁸", "8"}, {"⁹", "9"}, {"⁺", "+"}, {"⁻", "-"}},
  lowered[] = {{"₀", "0"}, {"₁", "1"}, {"₂", "2"}, {"₃", "3"}, {"₄", "4"}, {"₅", "5"}, {"₆", "6"},
               {"₇", "7"}, {"₈", "8"}, {"₉", "9"}, {"₊", "+"}, {"₋", "-"}, {"₌", "="}};

// The character at s in its usual size, and the bytes that it takes there; NULL: it is none of these.
static const char *level(const char *s, size_t *length)
{
    for (size_t i = 0; i < sizeof raised / sizeof *raised; i++)
        if (!strncmp(s, raised[i].glyph, *length = strlen(raised[i].glyph))) return raised[i].text;
    for (size_t i = 0; i < sizeof lowered / sizeof *lowered; i++)
        if (!strncmp(s, lowered[i].glyph, *length = strlen(lowered[i].glyph))) return lowered[i].text;
    return NULL;
}

// The characters from `at` to `end` as tokens: numbers, names of one letter, signs.
static void put_level(sdp_parser *p, size_t at, size_t end)
{
    char number[64];
    size_t digits = 0, from = at;
    while (at <= end) {
        size_t length = 3;
        char letter = at < end ? sdp_letter_below(p->source + at) : 0;
        const char *text = letter     ? sdp_printf(p->b, "%c", letter)
                           : at < end ? level(p->source + at, &length)
                                      : NULL;
        if (text && sdp_is_digit(*text) && digits + 1 < sizeof number) {
            if (!digits) from = at;
            number[digits++] = *text;
        } else {
            number[digits] = '\0';
            if (digits) sdp_token_add(p, T_NUMBER, from, at - from, sdp_printf(p->b, "%s", number));
            digits = 0;
            if (!text) return;
            int kind = *text == '+' ? T_PLUS : *text == '-' ? T_MINUS : *text == '=' ? T_ASSIGN : T_NAME;
            sdp_token_add(p, kind, at, length, kind == T_NAME ? sdp_name_text(p, text, 1) : text);
        }
        at += length;
    }
}

static void put_parentheses(sdp_parser *p, size_t begin, size_t end)
{
    sdp_token_add(p, T_POWER, begin, 0, "^");
    sdp_token_add(p, T_LPAREN, begin, 0, "(");
    put_level(p, begin, end);
    sdp_token_add(p, T_RPAREN, end, 0, ")");
}

// xⁿ⁻¹ behind an operand. Returns how much was used: all.
size_t sdp_token_raised(sdp_parser *p, size_t begin, size_t length)
{
    const char *s = p->source + begin, *before = "";
    size_t n;
    if (length == strlen("ᵗ") && !strncmp(s, "ᵗ", length)) sdp_unknown_character(p, begin);
    if (!sdp_token_after_operand(p, begin))
        sdp_fail(p->b, SD_ERR_SYNTAX, (sdp_span){(uint32_t)begin, (uint32_t)(begin + length)},
                 "an exponent stands behind what it raises, x^n", "there is nothing to raise");
    for (const char *c = s; c < s + length; c += n) {
        const char *text = level(c, &n);
        if (sdp_is_letter(*before) && sdp_is_digit(*text))
            sdp_fail(p->b, SD_ERR_SYNTAX, (sdp_span){(uint32_t)begin, (uint32_t)(begin + length)},
                     sdp_printf(p->b, "write ^(...%s^%s), or ^(...%s*%s)", before, text, text, before),
                     "a number behind a raised letter has two readings");
        before = text;
    }
    put_parentheses(p, begin, begin + length);
    return length;
}

// Σᵢ₌₁ⁿ: the sign, the lowered part with its ₌, the raised part.
size_t sdp_token_binder_between(sdp_parser *p, size_t begin, size_t length)
{
    const char *s = p->source + begin;
    size_t stem = (unsigned char)*s == 0xE2 ? 3 : 2, upper = stem, n; // ∑ ∏, Σ Π
    while (upper < length && (sdp_letter_below(s + upper) || !strncmp(s + upper, "₌", 3) ||
                              (!strncmp(s + upper, "\xE2\x82", 2) && level(s + upper, &n))))
        upper += 3;
    bool product = !strncmp(s, "Π", 2) || !strncmp(s, "∏", 3);
    sdp_token_add(p, T_BIND, begin, stem, product ? "prod" : "sum");
    sdp_token_add(p, T_LBRACE, begin + stem, 0, "_{");
    put_level(p, begin + stem, begin + upper);
    sdp_token_add(p, T_RBRACE, begin + upper, 0, "}");
    if (upper < length) put_parentheses(p, begin + upper, begin + length);
    return length;
}

// xᵢ₊₁: one letter and its index.
size_t sdp_token_shifted(sdp_parser *p, size_t begin, size_t length)
{
    size_t stem = 1;
    while (!sdp_letter_below(p->source + begin + stem)) stem++;
    sdp_token_name(p, begin, stem);
    sdp_token_add(p, T_LBRACKET, begin + stem, 0, "index");
    put_level(p, begin + stem, begin + length);
    sdp_token_add(p, T_RBRACKET, begin + length, 0, "]");
    return length;
}

// Does a sum or product before bind the letter?
static bool is_bound(const sdp_parser *p, char letter)
{
    for (uint32_t i = 0; i + 1 < p->ntokens; i++)
        if (p->token[i].kind == T_BIND)
            for (uint32_t k = i + 2; k < p->ntokens && p->token[k].kind != T_RBRACE; k++)
                if (p->token[k].kind == T_NAME && p->token[k].text[0] == letter && !p->token[k].text[1])
                    return true;
    return false;
}

// x^{(i)}, W^{[1]}: the subscript of a sample or a layer to most, and to some a power.
size_t sdp_token_layer(sdp_parser *p, size_t begin, size_t length)
{
    const char *in = sdp_printf(p->b, "%.*s", (int)length - 5, p->source + begin + 3);
    sdp_token *x = p->ntokens ? &p->token[p->ntokens - 1] : NULL;
    if (!x || x->kind != T_NAME || x->span.end != begin || !strchr("0123456789ijklmntL", *in)) {
        sdp_token_add(p, T_POWER, begin, 1, "^");
        return 1;
    }
    const char *name = sdp_printf(p->b, "%s%s%s", x->text, sdp_is_digit(*in) ? "" : "_", in);
    if (is_bound(p, *in) && !strchr(x->text, '_')) {
        x->span.end = (uint32_t)(begin + length);
        x->text = name;
        return length;
    }
    sdp_fail(p->b, SD_ERR_SYNTAX, (sdp_span){x->span.begin, (uint32_t)(begin + length)},
             sdp_printf(p->b, "for a name write %s, for a power %s^%s", name, x->text, in),
             "a superscript in parentheses has two readings");
}
