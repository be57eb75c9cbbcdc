// SPDX-License-Identifier: MIT
// The spellings of a name: θ and theta, W₁, W_1 and W1, ŷ and yhat are the same variable.
//
// Every spelling has a key of ASCII letters, digits and '_'; two names are equal if their keys are. A context
// keeps the first spelling of each key, and the readers put that in place of all later ones (sdp_name). So
// what follows the readers compares texts, and answers show what was typed first. Names from outside, of
// --wrt or of data, pass sdp_known_name, which registers nothing.
#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const small[] = {"alpha",   "beta", "gamma", "delta",  "epsilon", "zeta", "eta",
                                    "theta",   "iota", "kappa", "lambda", "mu",      "nu",   "xi",
                                    "omicron", "pi",   "rho",   "sigma",  "sigma",   "tau",  "upsilon",
                                    "phi",     "chi",  "psi",   "omega"};
static const char *const capital[] = {"Alpha",   "Beta", "Gamma", "Delta",  "Epsilon", "Zeta", "Eta",
                                      "Theta",   "Iota", "Kappa", "Lambda", "Mu",      "Nu",   "Xi",
                                      "Omicron", "Pi",   "Rho",   "Sigma",  "Sigma",   "Tau",  "Upsilon",
                                      "Phi",     "Chi",  "Psi",   "Omega"};
// Other characters. An accent is said behind its letter: y with a hat is yhat.
static const struct {
    uint32_t c;
    const char *text;
} others[] = {
    {0xB5, "mu"},       {0x3D1, "theta"},   {0x3D5, "phi"},   {0x3D6, "pi"},     {0x3F0, "kappa"},
    {0x3F1, "rho"},     {0x3F5, "epsilon"}, {0x127, "hbar"},  {0x210F, "hbar"},  {0x2113, "ell"},
    {0x302, "hat"},     {0x303, "tilde"},   {0x304, "bar"},   {0x305, "bar"},    {0x307, "dot"},
    {0x308, "ddot"},    {0x20D7, "vec"},    {0xE2, "ahat"},   {0xEA, "ehat"},    {0xEE, "ihat"},
    {0xF4, "ohat"},     {0xFB, "uhat"},     {0x109, "chat"},  {0x11D, "ghat"},   {0x125, "hhat"},
    {0x135, "jhat"},    {0x15D, "shat"},    {0x175, "what"},  {0x177, "yhat"},   {0x1E91, "zhat"},
    {0xC2, "Ahat"},     {0x176, "Yhat"},    {0x15C, "Shat"},  {0x174, "What"},   {0x1E90, "Zhat"},
    {0xE3, "atilde"},   {0xF1, "ntilde"},   {0xF5, "otilde"}, {0x169, "utilde"}, {0x1E7D, "vtilde"},
    {0x1EF9, "ytilde"}, {0x101, "abar"},    {0x113, "ebar"},  {0x14D, "obar"},   {0x16B, "ubar"},
    {0x233, "ybar"},    {0x1E8B, "xdot"},   {0x1E8F, "ydot"}, {0x17C, "zdot"},   {0x1E59, "rdot"},
    {0x1E57, "pdot"},   {0x1E6B, "tdot"},   {0x1E8A, "Xdot"},
};

static const char *greek(uint32_t c)
{
    if (c >= 0x3B1 && c < 0x3B1 + 25) return small[c - 0x3B1];
    if (c >= 0x391 && c < 0x391 + 25) return capital[c - 0x391];
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i].c == c) return others[i].text;
    return NULL;
}

const char *sdp_greek_word(uint32_t c) { return greek(c); }

const char *sdp_greek_letter(const char *word)
{
    static const char *const letters[] = {
        "α", "β", "γ", "δ", "ε", "ζ", "η", "θ", "ι", "κ", "λ", "μ", "ν", "ξ", "ο", "π", "ρ",
        "σ", "σ", "τ", "υ", "φ", "χ", "ψ", "ω", "Α", "Β", "Γ", "Δ", "Ε", "Ζ", "Η", "Θ", "Ι",
        "Κ", "Λ", "Μ", "Ν", "Ξ", "Ο", "Π", "Ρ", "Σ", "Σ", "Τ", "Υ", "Φ", "Χ", "Ψ", "Ω",
    };
    size_t n = sizeof small / sizeof *small;
    for (size_t i = 0; i < 2 * n; i++)
        if (!strcmp(word, i < n ? small[i] : capital[i - n])) return letters[i];
    return NULL;
}

bool sdp_is_accented(uint32_t c)
{
    return c >= 0xC0 && c != 0x127 && greek(c) && (c < 0x300 || (c >= 0x1E00 && c < 0x1F00));
}

// Is s, n bytes, the whole of what a Greek letter or a numbered one is called: lambda, Sigma2?
bool sdp_is_greek_name(const char *name)
{
    const char *key = name;
    char text[64];
    if (strlen(name) < 60 && (unsigned char)name[0] >= 0x80) sdp_name_key(name, text), key = text;
    size_t n = strlen(key);
    while (n > 1 && (key[n - 1] >= '0' && key[n - 1] <= '9')) n--;
    for (size_t i = 0; i < sizeof small / sizeof *small; i++)
        if ((strlen(small[i]) == n && !memcmp(small[i], key, n)) ||
            (strlen(capital[i]) == n && !memcmp(capital[i], key, n)))
            return true;
    return false;
}

// Does s go on with '_' and digits up to its end: the 1 of W_1?
static bool numbered(const char *s)
{
    if (*s++ != '_' || !*s) return false;
    for (size_t n; *s; s += n) {
        uint32_t c = sdp_utf8_decode(s, strlen(s), &n);
        if (!(c >= '0' && c <= '9') && !(c >= 0x2080 && c <= 0x2089)) return false;
    }
    return true;
}

char sdp_letter_below(const char *s)
{
    static const struct {
        const char *below;
        char letter;
    } letters[] = {{"ₐ", 'a'}, {"ₑ", 'e'}, {"ₕ", 'h'}, {"ᵢ", 'i'}, {"ⱼ", 'j'}, {"ₖ", 'k'},
                   {"ₗ", 'l'}, {"ₘ", 'm'}, {"ₙ", 'n'}, {"ₒ", 'o'}, {"ₚ", 'p'}, {"ᵣ", 'r'},
                   {"ₛ", 's'}, {"ₜ", 't'}, {"ᵤ", 'u'}, {"ᵥ", 'v'}, {"ₓ", 'x'}};
    bool ascii = (unsigned char)*s < 0x80; // as most characters are
    for (size_t i = 0; !ascii && i < sizeof letters / sizeof *letters; i++)
        if (!strncmp(s, letters[i].below, 3)) return letters[i].letter;
    return 0;
}

void sdp_name_key(const char *typed, char *key)
{
    size_t n, left = strlen(typed);
    bool below = false;
    char tex[256];
    bool is_tex = left < 120 && strpbrk(typed, "\\{") && sdp_tex_name(typed, left, tex, NULL);
    const char *name = is_tex ? tex : typed;
    left = strlen(name);
    for (const char *s = name; left; s += n, left -= n) {
        uint32_t c = sdp_utf8_decode(s, left, &n);
        const char *word = c < 0x80 || c == UINT32_MAX ? NULL : greek(c);
        if (c >= 0x2080 && c <= 0x2089) *key++ = (char)('0' + (c - 0x2080));
        else if (sdp_letter_below(s)) { // xᵢⱼ is x_ij
            if (!below) *key++ = '_';
            *key++ = sdp_letter_below(s);
            below = true;
        } else if (word) memcpy(key, word, strlen(word)), key += strlen(word);
        else if (s > name && numbered(s)) continue;
        else memcpy(key, s, n), key += n;
    }
    *key = 0;
}

bool sdp_same_name(const char *a, const char *b)
{
    if (!strcmp(a, b)) return true;
    size_t na = SDP_KEY_ROOM * strlen(a) + 1, nb = SDP_KEY_ROOM * strlen(b) + 1;
    char small_room[2][256], *ka = small_room[0], *kb = small_room[1];
    if (na > sizeof small_room[0] || nb > sizeof small_room[1]) return false;
    sdp_name_key(a, ka);
    sdp_name_key(b, kb);
    return !strcmp(ka, kb);
}

uint32_t sdp_name_hash(const char *name)
{
    char key[256];
    if (SDP_KEY_ROOM * strlen(name) + 1 > sizeof key) return sdp_hash(name, strlen(name), 11);
    sdp_name_key(name, key);
    return sdp_hash(key, strlen(key), 11);
}

// ---- the first spelling of each key -----------------------------------------------------------------------

typedef struct {
    const char *key, *text;
} entry;

static entry *place(sdp_base *b, const char *key)
{
    entry *e = b->name;
    uint32_t h = sdp_hash(key, strlen(key), 17) & (b->name_cap - 1);
    while (e[h].key && strcmp(e[h].key, key)) h = (h + 1) & (b->name_cap - 1);
    return &e[h];
}

static void grow(sdp_base *b)
{
    entry *old = b->name;
    uint32_t n = b->name_cap;
    b->name_cap = n ? 2 * n : 64;
    b->name = sdp_alloc(b, b->name_cap * sizeof *old);
    for (uint32_t i = 0; i < n; i++)
        if (old[i].key) *place(b, old[i].key) = old[i];
}

static const char *key_of(sdp_base *b, const char *text)
{
    char *key = sdp_scratch(b, SDP_KEY_ROOM * strlen(text) + 1);
    sdp_name_key(text, key);
    return key;
}

const char *sdp_name(sdp_base *b, const char *text)
{
    if (2 * (b->names + 1) > b->name_cap) grow(b);
    const char *key = key_of(b, text);
    entry *e = place(b, key);
    if (!e->key) {
        e->text = sdp_strndup(b, text, strlen(text));
        e->key = strcmp(key, text) ? sdp_strndup(b, key, strlen(key)) : e->text;
        b->names++;
    }
    return e->text;
}

const char *sdp_known_name(sdp_base *b, const char *text)
{
    if (!b->names) return text;
    sdp_mark m = sdp_scratch_mark(b);
    const entry *e = place(b, key_of(b, text));
    sdp_scratch_release(b, m);
    return e->key ? e->text : text;
}

void sdp_note(sdp_base *b, const char *fmt, ...)
{
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    for (uint32_t i = 0; i < b->notes; i++)
        if (!strcmp(b->note[i], text)) return;
    b->note = sdp_grown_kept(b, b->note, b->notes, &b->note_cap, sizeof *b->note);
    b->note[b->notes++] = sdp_strndup(b, text, strlen(text));
}
