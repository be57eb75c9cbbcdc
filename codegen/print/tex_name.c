// SPDX-License-Identifier: MIT
// Names in LaTeX: lambda and λ are \lambda, x1 is x_{1}, x_ab is x_{ab}, yhat and ŷ
// are \hat{y}, rate is \mathrm{rate}.
//
// A name is a stem and a subscript; of a word of several letters the stem stands upright. What is printed is
// read back as the same name by base/tex_name.c. Entry: sdp_put_tex_name.
#include <string.h>

#include "codegen/print/printer.h"

// Where the subscript of a name begins: x1, x_a
static size_t stem_length(const char *s)
{
    size_t stem = strlen(s);
    const char *mark = strchr(s, '_');
    while (stem > 1 && s[stem - 1] >= '0' && s[stem - 1] <= '9') stem--;
    return mark && mark > s ? (size_t)(mark - s) : stem;
}

bool sdp_has_tex_subscript(const char *name) { return name[stem_length(name)] != 0; }

static const char *const greek[][2] = {
    {"alpha", "α"},   {"beta", "β"},  {"gamma", "γ"},  {"delta", "δ"}, {"epsilon", "ε"}, {"zeta", "ζ"},
    {"eta", "η"},     {"theta", "θ"}, {"iota", "ι"},   {"kappa", "κ"}, {"lambda", "λ"},  {"mu", "μ"},
    {"nu", "ν"},      {"xi", "ξ"},    {"pi", "π"},     {"rho", "ρ"},   {"sigma", "σ"},   {"tau", "τ"},
    {"upsilon", "υ"}, {"phi", "φ"},   {"chi", "χ"},    {"psi", "ψ"},   {"omega", "ω"},   {"Gamma", "Γ"},
    {"Delta", "Δ"},   {"Theta", "Θ"}, {"Lambda", "Λ"}, {"Xi", "Ξ"},    {"Pi", "Π"},      {"Sigma", "Σ"},
    {"Upsilon", "Υ"}, {"Phi", "Φ"},   {"Psi", "Ψ"},    {"Omega", "Ω"}, {"ell", "ℓ"},     {"hbar", "ħ"},
};

// The first n bytes of s as a command: lambda and λ are \lambda, ℓ is \ell and ħ \hbar.
const char *sdp_tex_greek(const char *s, size_t n)
{
    for (size_t i = 0; i < sizeof greek / sizeof *greek; i++)
        if ((strlen(greek[i][0]) == n && memcmp(greek[i][0], s, n) == 0) ||
            (strlen(greek[i][1]) == n && memcmp(greek[i][1], s, n) == 0))
            return greek[i][0];
    size_t length; // other forms of a letter, ϵ and ϕ
    uint32_t c = n && (unsigned char)*s >= 128 ? sdp_utf8_decode(s, n, &length) : 0;
    const char *word = c && length == n ? sdp_greek_word(c) : NULL;
    return word && (unsigned char)*word < 128 ? sdp_tex_greek(word, strlen(word)) : NULL;
}

// Letters of a word or subscript, the Greek ones as commands, for pdflatex knows no γ: dγ is d\gamma.
static void tex_letters(sdp_printer *p, const char *s)
{
    while (*s) {
        size_t n = 1;
        if ((unsigned char)*s >= 128) sdp_utf8_decode(s, strlen(s), &n);
        const char *command = (unsigned char)*s >= 128 ? sdp_tex_greek(s, n) : NULL;
        if (command) sdp_piece_text(p, "\\");
        sdp_piece_text(p, command ? command : sdp_piece_copy(p, s, n));
        s += n;
        if (command && sdp_is_letter(*s)) sdp_piece_text(p, " ");
    }
}

// yhat and ŷ are \hat{y}, thetabar is \bar{\theta}: a letter and the word for its accent. False: the n bytes
// of s are no such name.
static bool tex_accent(sdp_printer *p, const char *s, size_t n)
{
    static const char *const accents[] = {"hat", "bar", "tilde", "ddot", "dot", "vec"};
    char *key = sdp_scratch(&p->r->g->base, SDP_KEY_ROOM * n + 1);
    sdp_name_key(sdp_piece_copy(p, s, n), key);
    size_t length = strlen(key);
    for (size_t i = 0; i < sizeof accents / sizeof *accents; i++) {
        size_t behind = strlen(accents[i]), letter = length - behind;
        if (length <= behind || strcmp(key + letter, accents[i])) continue;
        const char *command = sdp_tex_greek(key, letter);
        if (letter > 1 && !command) continue;
        const char *const parts[] = {
            "\\", accents[i], "{", command ? "\\" : "", command ? command : sdp_piece_copy(p, key, letter),
            "}"};
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) sdp_piece_text(p, parts[k]);
        return true;
    }
    return false;
}

static void tex_subscript(sdp_printer *p, const char *tail)
{
    if (!*tail) return;
    sdp_piece_text(p, "_{");
    tex_letters(p, tail);
    sdp_piece_text(p, "}");
}

static void tex_stem_and_subscript(sdp_printer *p, const char *s)
{
    size_t stem = stem_length(s);
    const char *head = sdp_piece_copy(p, s, stem), *tail = s + stem + (s[stem] == '_'),
               *command = sdp_tex_greek(s, stem);
    bool accent = !command && tex_accent(p, s, stem),
         word = stem > 1 && (unsigned char)s[0] < 128 && !command;
    if (!accent && word) {
        sdp_piece_text(p, "\\mathrm{");
        tex_letters(p, head);
        sdp_piece_text(p, "}");
    } else if (!accent) {
        sdp_piece_text(p, command ? "\\" : "");
        sdp_piece_text(p, command ? command : head);
    }
    tex_subscript(p, tail);
}

// x1 -> x_{1}, lambda -> \lambda, rate -> \mathrm{rate}, x_ -> \bar{x}
void sdp_put_tex_name(sdp_printer *p, const char *s)
{
    size_t n = strlen(s), bars = 0;
    while (n > 1 && s[n - 1] == '_') n--, bars++;
    for (size_t i = 0; i < bars; i++) sdp_piece_text(p, "\\bar{");
    tex_stem_and_subscript(p, bars ? sdp_piece_copy(p, s, n) : s);
    for (size_t i = 0; i < bars; i++) sdp_piece_text(p, "}");
}
