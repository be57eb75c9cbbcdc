// SPDX-License-Identifier: MIT
// Characters: what a text must not contain at all, what was meant by one that means nothing here, and how the
// many spellings of a name become one text.
#include "grammar/tokens.h"

#include <stdio.h>
#include <string.h>

// Character (or characters) and what to write instead. Longer spellings before their beginnings.
static const struct {
    const char *seen, *hint;
} meant[] = {
    {"**", "write ^ for a power"},
    {"₌", "bounds of a sum: sum_{i=1}^n"},
    {"=<", "write <="},
    {"=>", "write >="},
    {"<>", "write !="},
    {"@", "write * for the matrix product"},
    {"~", "write ! for `not`"},
    {"$", "formulas are written without $"},
    {"`", "write '"},
    {"?", "write where(condition, a, b)"},
    {"_", "a name begins with a letter"},
    {".",
     "a number has a digit beside its point; .T and .' follow an operand; inner products: x'*y, dot(x,y)"},
    {"‘", "write '"},
    {"’", "write '"},
    {"′", "write '"},
    {"´", "write '"},
    {"“", "write \""},
    {"”", "write \""},
    {"″", "write ''"},
    {"–", "write -"},
    {"—", "write -"},
    {"‐", "write -"},
    {"‑", "write -"},
    {"﹣", "write -"},
    {"－", "write -"},
    {"＋", "write +"},
    {"＊", "write *"},
    {"／", "write /"},
    {"＝", "write ="},
    {"＾", "write ^"},
    {"•", "write ·, or * in ASCII"},
    {"∙", "write ·, or * in ASCII"},
    {"⨯", "write ×, or * in ASCII"},
    {"∑", "write sum(x)"},
    {"∏", "write prod(x)"},
    {"√", "write sqrt(x)"},
    {"∛", "write cbrt(x)"},
    {"∂", "write grad(f, x) or jacobian(f, x)"},
    {"∇", "name the variable: ∇_x f"},
    {"∫", "there are derivatives, not integrals"},
    {"⟨", "write x'*y for an inner product"},
    {"⟩", "write x'*y for an inner product"},
    {"⌊", "write floor(x)"},
    {"⌋", "write floor(x)"},
    {"⌈", "write ceil(x)"},
    {"⌉", "write ceil(x)"},
    {"≈", "write =="},
    {"≡", "write =="},
    {"←", "write ="},
    {"ᵗ", "write ' or ᵀ"},
    {"ᴴ", "write ' or ᵀ"},
    {"†", "write ' or ᵀ, or pinv(A)"},
    {"∎", NULL},
    {"°", "write *pi/180"},
    {"⁻", "a superscript minus stands before a superscript number: x⁻¹"},
};

static _Noreturn void fail_at(sdp_parser *p, size_t begin, size_t length, const char *hint,
                              const char *message)
{
    sdp_fail(p->b, SD_ERR_SYNTAX, (sdp_span){(uint32_t)begin, (uint32_t)(begin + length)}, hint, "%s",
             message);
}

void sdp_check_text(sdp_parser *p)
{
    char text[64];
    size_t length;
    for (size_t i = 0; i < p->n; i += length) {
        uint32_t c = sdp_utf8_decode(p->source + i, p->n - i, &length);
        if (c >= 0x20 && c < 0x7F) continue;
        if (c == '\t' || c == '\n' || c == '\r') continue;
        if (c == UINT32_MAX) {
            snprintf(text, sizeof text, "invalid UTF-8: the byte 0x%02X", (unsigned char)p->source[i]);
            fail_at(p, i, 1, "the text must be encoded in UTF-8", text);
        }
        if (c < 0x20 || (c >= 0x7F && c < 0xA0)) {
            snprintf(text, sizeof text, "control character U+%04X", (unsigned)c);
            fail_at(p, i, length, "remove it", text);
        }
        if ((c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
            (c == 0xFEFF && i > 0)) {
            snprintf(text, sizeof text, "invisible character U+%04X", (unsigned)c);
            fail_at(p, i, length, "remove it", text);
        }
    }
}

void sdp_unknown_character(sdp_parser *p, size_t begin)
{
    const char *s = p->source + begin, *hint = NULL;
    size_t length, n = 0;
    uint32_t c = sdp_utf8_decode(s, p->n - begin, &length);
    for (size_t i = 0; i < sizeof meant / sizeof *meant && !n; i++)
        if (strncmp(s, meant[i].seen, strlen(meant[i].seen)) == 0)
            n = strlen(meant[i].seen), hint = meant[i].hint;
    bool letter = ((c >= 0xC0 && c < 0x2000) || c >= 0x2C00) && !n;
    if (letter) hint = "names are made of Latin letters without accents, Greek letters, digits and _";
    else if (!hint) hint = "symdiff help language shows what can be typed";
    if (n < length) n = length;
    sdp_span at = {(uint32_t)begin, (uint32_t)(begin + n)};
    if (c < 0x80) sdp_fail(p->b, SD_ERR_SYNTAX, at, hint, "unexpected '%.*s'", (int)n, s);
    sdp_fail(p->b, SD_ERR_SYNTAX, at, hint, "unexpected character '%.*s' (U+%04X)", (int)n, s, (unsigned)c);
}

const char *sdp_name_text(sdp_parser *p, const char *s, size_t n)
{
    char *text = sdp_alloc(p->b, n + 2), *to = text;
    bool below = false;
    for (size_t i = 0; i < n;) {
        const unsigned char *u = (const unsigned char *)s + i;
        if (n - i >= 3 && u[0] == 0xE2 && u[1] == 0x82 && u[2] >= 0x80 && u[2] <= 0x89) {
            *to++ = (char)('0' + (u[2] - 0x80)); // x₁ is x1
            i += 3;
        } else if (n - i >= 3 && sdp_letter_below(s + i)) {
            if (!below) *to++ = '_'; // xᵢ is x_i, xᵢⱼ is x_ij
            below = true;
            *to++ = sdp_letter_below(s + i);
            i += 3;
        } else if (n - i >= 2 && u[0] == 0xC2 && u[1] == 0xB5) {
            memcpy(to, "μ", 2), to += 2; // the micro sign looks like mu and is meant so
            i += 2;
        } else {
            *to++ = s[i++];
        }
    }
    if (strcmp(text, "π") == 0) memcpy(text, "pi", 3);
    return sdp_name(p->b, text);
}
