// SPDX-License-Identifier: MIT
// Names as they stand in LaTeX: \theta, \hat{y}, x_{12}, \mathbf{x}_i, \mathrm{loss}.
//
// The plain spelling has the letter first, then its accents, then what is below: \hat{y}_1 and \hat{y_1} are
// yhat_1. Fonts and braces go. A Greek letter that stands alone is that letter, so that \gamma is γ and not
// the gamma function; with an accent, or below, it is spelt out. Invariant: what this returns is one name of
// the plain notation, of one letter unless a font for words says otherwise.
#include "base/base.h"

#include <string.h>

static const char *const accents[] = {"hat", "tilde",   "bar",       "dot",     "ddot",
                                      "vec", "widehat", "widetilde", "overline"};
static const char *const fonts[] = {"mathbf",  "boldsymbol", "bm",     "pmb",    "mathcal",
                                    "mathscr", "mathfrak",   "mathbb", "mathit", "vec"};
static const char *const words[] = {"mathrm", "mathsf", "mathtt", "text",         "textrm", "textbf",
                                    "textit", "textsf", "mbox",   "operatorname", "mathop"};
// may stand in a subscript
static const char *const below[] = {"max", "min", "star", "ast", "infty", "ell", "top"};

static int find(const char *const *table, size_t n, const char *s, size_t length)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(table[i]) == length && !memcmp(table[i], s, length)) return (int)i;
    return -1;
}
#define FIND(table, s, n) find(table, sizeof table / sizeof *(table), s, n)

sdp_tex_font sdp_tex_font_of(const char *command, size_t n)
{
    if (FIND(accents, command, n) >= 0) return SDP_TEX_ACCENT;
    if (FIND(fonts, command, n) >= 0) return SDP_TEX_FONT;
    return FIND(words, command, n) >= 0 ? SDP_TEX_WORD : SDP_TEX_NO_FONT;
}

typedef struct {
    const char *s, *end;
    char *out, *to;
    int accent[4], accents; // that wait for their letter
    uint32_t depth, word;   // braces that are open; the depth at which a word began, + 1
    uint32_t letters;       // of the part in hand, before or behind '_'
    bool sub;               // behind '_'
    char greek[8];          // the letter itself, if it is all there is
    uint32_t style;
} reading;

static void append(reading *r, const char *s, size_t n)
{
    memcpy(r->to, s, n);
    r->to += n;
}

// A letter, or the name of one, has been appended: its accents follow.
static bool one_letter(reading *r)
{
    static const char *const spelt[] = {"hat", "tilde", "bar", "dot", "ddot", "vec", "hat", "tilde", "bar"};
    r->letters++;
    if (r->letters > 1 && !r->sub && !r->word) return false;
    while (r->accents) {
        const char *a = spelt[r->accent[--r->accents]];
        append(r, a, strlen(a));
        r->greek[0] = 0;
    }
    return true;
}

// \theta: the backslash has been read.
static bool command(reading *r)
{
    const char *from = r->s;
    int i;
    while (r->s < r->end && sdp_is_letter(*r->s)) r->s++;
    size_t n = (size_t)(r->s - from);
    if (!n) { // \, \; and \! stand between
        bool blank = r->s < r->end && strchr(",;:! ", *r->s);
        r->s += blank;
        return blank;
    }
    if (n > 12 || (size_t)(r->to - r->out) + n > 200) return false;
    if ((i = FIND(accents, from, n)) >= 0) {
        if (r->accents == 4) return false;
        r->accent[r->accents++] = i;
        return true;
    }
    if ((i = FIND(fonts, from, n)) >= 0) {
        if (!r->sub) r->style = r->style * 16 + (i < 4 ? 1 : (uint32_t)i);
        return true;
    }
    if (FIND(words, from, n) >= 0) {
        if (r->s < r->end && *r->s == '*') r->s++;
        if (r->s < r->end && *r->s == '{') r->word = r->depth + 1;
        return true;
    }
    if (r->sub && FIND(below, from, n) >= 0) {
        append(r, from, n);
        return one_letter(r);
    }
    bool variant = n > 3 && !memcmp(from, "var", 3);
    from += 3 * variant, n -= 3 * (size_t)variant;
    char name[16] = "";
    memcpy(name, from, n);
    const char *letter = !strcmp(name, "ell") ? "ℓ" : !strcmp(name, "hbar") ? "ħ" : sdp_greek_letter(name);
    if (!letter) return false;
    if (variant) r->style = r->style * 16 + 15;
    if (!r->sub && !r->letters) strcpy(r->greek, letter);
    append(r, name, n);
    return one_letter(r);
}

static bool brace(reading *r, char c)
{
    r->depth += c == '{' ? 1u : 0;
    if (c == '}' && r->depth-- == 0) return false;
    if (c == '}' && r->word > r->depth) r->word = 0;
    return true;
}

static bool character(reading *r)
{
    size_t n;
    char c = *r->s;
    if (strchr(" \t\r\n~", c)) return r->s++, true;
    if (c == '\\') return r->s++, command(r);
    if (c == '{' || c == '}') return r->s++, brace(r, c);
    if (c == '_') {
        if (r->sub || !r->letters || r->to == r->out) return false;
        r->sub = true, r->letters = 0;
        *r->to++ = '_', r->s++;
        return true;
    }
    bool digit = sdp_is_digit(c), word = r->word && r->letters;
    if (sdp_is_letter(c) || (digit && (r->sub || word))) {
        *r->to++ = c, r->s++;
        return one_letter(r);
    }
    if (c == '*' && r->sub && !r->letters) {
        append(r, "star", 4), r->s++;
        return one_letter(r);
    }
    if ((unsigned char)c < 0x80) return false;
    const char *spelt = sdp_greek_word(sdp_utf8_decode(r->s, (size_t)(r->end - r->s), &n));
    if (!spelt || n > 6) return false;
    if (!r->sub && !r->letters) memcpy(r->greek, r->s, n);
    append(r, spelt, strlen(spelt));
    r->s += n;
    return one_letter(r);
}

size_t sdp_tex_name(const char *s, size_t n, char *out, uint32_t *style)
{
    reading r = {.s = s, .end = s + n, .out = out, .to = out};
    char *stem = NULL;
    size_t spelt = 0;
    while (r.s < r.end) {
        bool was = r.sub;
        if (r.to - r.out > 200 || !character(&r)) return 0;
        if (!was && r.sub) stem = r.to - 1;
    }
    if (r.depth || r.accents || !r.letters) return 0;
    if (style) *style = r.style;
    if (!stem) stem = r.to;
    spelt = (size_t)(stem - out);
    if (r.greek[0]) { // the letter in place of its name
        size_t k = strlen(r.greek);
        memmove(out + k, stem, (size_t)(r.to - stem));
        memcpy(out, r.greek, k);
        r.to += k, r.to -= spelt;
    }
    *r.to = 0;
    return (size_t)(r.to - out);
}
