// SPDX-License-Identifier: MIT
// Detects the notation of a text. Its marks are a command of LaTeX, e.g. \frac or \theta, where no
// operand can have ended, or a mark of NumPy (notation_numpy.c). Marks of two notations in one
// text are an error that shows both.
//
// A\b is a solve in MATLAB and here, so a backslash behind an operand says little: X\beta
// could be inv(X)*beta, and X times the Greek letter. If nothing else in the text decides,
// that is refused with both texts.
#include "grammar/latex.h"

#include <string.h>

typedef struct {
    size_t sure, doubtful; // where, + 1
    size_t other;          // of @ and **
} evidence;

// What was found, and what stands in front of the next byte.
typedef struct {
    evidence e;
    bool operand, blank; // an operand; a blank behind it
    uint32_t braces;     // that are open: no solve stands there
} walk;

// From s[i] on, the last byte before one of `ends`.
static size_t before(const char *s, size_t n, size_t i, const char *ends)
{
    while (i + 1 < n && !strchr(ends, s[i + 1])) i++;
    return i;
}

// The backslash at s[i]: \| and \frac are surely LaTeX, \log and \beta where they can't be a solve, as in
// A\beta. Returns the last byte of the command.
static size_t read_command(walk *w, const char *s, size_t n, size_t i)
{
    size_t k = i + 1;
    while (k < n && sdp_is_letter(s[k])) k++;
    const bool word = k > i + 1, mark = !word && strchr(w->operand ? "|{},;!\\" : "|{},;!\\([", s[k]);
    const int known = word ? sdp_latex_known(s + i + 1, k - i - 1) : 0;
    const bool function = known == 1 && sdp_latex_is_function(s + i + 1, k - i - 1);
    const bool apart = w->blank || (function && s[k] != '('); // X \beta, x\log x
    const bool sure = mark || known == 2 || (known && (apart || w->braces)) || (word && !w->operand);
    if (sure && !w->e.sure) w->e.sure = i + 1;
    else if (known && !w->e.doubtful) w->e.doubtful = i + 1;
    w->operand = word || mark;
    w->blank = false;
    return word ? k - 1 : k;
}

static void read_character(walk *w, char c)
{
    if (strchr(" \t", c)) {
        w->blank = true;
        return;
    }
    w->braces += c == '{' ? 1u : 0;
    if (c == '}' && w->braces) w->braces--;
    w->operand = sdp_is_letter(c) || (w->operand && !w->blank && (sdp_is_digit(c) || c == '_')) ||
                 (unsigned char)c >= 0x80 || strchr(")]'", c);
    w->blank = false;
}

static evidence look(const char *s, size_t n)
{
    walk w = {0};
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        if (c == '\\' && i + 1 < n) {
            i = read_command(&w, s, n, i);
            continue;
        }
        if (c == '#' || (c == '%' && !w.e.sure)) i = before(s, n, i, "\n"); // a comment of either notation
        else if (c == '"') i = before(s, n, i, "\"\n") + 1;                 // a text
        else if (c == '$' && !w.e.sure) w.e.sure = i + 1;
        else if ((c == '@' || (c == '*' && i + 1 < n && s[i + 1] == '*')) && !w.e.other) w.e.other = i + 1;
        read_character(&w, c);
    }
    return w.e;
}

// A\beta is a solve, or a Greek letter.
static _Noreturn void refuse_backslash(sdp_base *b, const char *s, size_t n, size_t at)
{
    size_t from = at, end = at + 1;
    while (end < n && sdp_is_letter(s[end])) end++;
    while (from &&
           (sdp_is_letter(s[from - 1]) || sdp_is_digit(s[from - 1]) || (unsigned char)s[from - 1] >= 0x80))
        from--;
    const char *left = from < at ? sdp_printf(b, "%.*s", (int)(at - from), s + from) : "A",
               *right = sdp_printf(b, "%.*s", (int)(end - at - 1), s + at + 1);
    sdp_fail(b, SD_ERR_SYNTAX, (sdp_span){(uint32_t)from, (uint32_t)end},
             sdp_printf(b, "to solve write inv(%s)*%s or --from plain; for LaTeX --from latex", left, right),
             "'%.*s' has two readings", (int)(end - from), s + from);
}

sd_notation sdp_notation_of(sdp_base *b, const char *s, size_t n)
{
    evidence e = look(s, n);
    if (e.sure && e.other)
        sdp_fail2(b, SD_ERR_SYNTAX, (sdp_span){(uint32_t)e.sure - 1, (uint32_t)e.sure},
                  (sdp_span){(uint32_t)e.other - 1, (uint32_t)e.other},
                  "one text is in one notation; --from latex or --from plain says which",
                  "this looks like LaTeX here and like NumPy there");
    sdp_span numpy, plain;
    sdp_numpy_evidence(s, n, &numpy, &plain);
    if (!e.sure && numpy.end && plain.end)
        sdp_fail2(
            b, SD_ERR_SYNTAX, numpy, plain,
            "one text is in one notation: x**2 and A.T in NumPy, x^2 and A' in plain text; --from says which",
            "'%.*s' is NumPy and '%.*s' is plain notation", (int)(numpy.end - numpy.begin), s + numpy.begin,
            (int)(plain.end - plain.begin), s + plain.begin);
    if (!e.sure && numpy.end) return SD_FROM_NUMPY;
    if (!e.sure && e.doubtful) refuse_backslash(b, s, n, e.doubtful - 1);
    return e.sure ? SD_FROM_LATEX : SD_FROM_PLAIN;
}

int sd_notation_find(const char *name)
{
    static const char *const names[] = {[SD_FROM_AUTO] = "auto",
                                        [SD_FROM_PLAIN] = "plain",
                                        [SD_FROM_LATEX] = "latex",
                                        [SD_FROM_NUMPY] = "numpy"};
    for (int i = 0; name && i <= SD_FROM_NUMPY; i++)
        if (!strcmp(name, names[i])) return i;
    return -1;
}
