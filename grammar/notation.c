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

static evidence look(const char *s, size_t n)
{
    evidence e = {0, 0, 0};
    bool operand = false, blank = false;
    uint32_t braces = 0; // that are open: no solve stands there
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        if (c == '#' || (c == '%' && !e.sure)) { // a comment of either notation
            while (i + 1 < n && s[i + 1] != '\n') i++;
            operand = false;
        } else if (c == '"') { // a text
            while (i + 1 < n && s[i + 1] != '"' && s[i + 1] != '\n') i++;
            i++;
        } else if (c == '$' && !e.sure) {
            e.sure = i + 1;
        } else if (c == '\\' && i + 1 < n) {
            size_t k = i + 1;
            while (k < n && sdp_is_letter(s[k])) k++;
            int known = k > i + 1 ? sdp_latex_known(s + i + 1, k - i - 1) : 0;
            bool mark = k == i + 1 && strchr(operand ? "|{},;!\\" : "|{},;!\\([", s[k]);
            bool function = known == 1 && sdp_latex_is_function(s + i + 1, k - i - 1);
            bool apart = blank || (function && s[k] != '('); // X \beta, x\log x
            bool sure =
                mark || known == 2 || (known && (!operand || apart || braces)) || (k > i + 1 && !operand);
            if (sure && !e.sure) e.sure = i + 1;
            else if (known && !e.doubtful) e.doubtful = i + 1;
            operand = k > i + 1 || mark;
            i = (k > i + 1 ? k : k + 1) - 1;
            blank = false;
            continue;
        } else if ((c == '@' || (c == '*' && i + 1 < n && s[i + 1] == '*')) && !e.other) {
            e.other = i + 1;
        }
        if (strchr(" \t", c)) {
            blank = true;
            continue;
        }
        braces += c == '{' ? 1u : 0;
        if (c == '}' && braces) braces--;
        operand = sdp_is_letter(c) || (operand && !blank && (sdp_is_digit(c) || c == '_')) ||
                  (unsigned char)c >= 0x80 || strchr(")]'", c);
        blank = false;
    }
    return e;
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
    if (!e.sure && e.doubtful) {
        size_t at = e.doubtful - 1, from = at, end = at + 1;
        while (end < n && sdp_is_letter(s[end])) end++;
        while (from && (sdp_is_letter(s[from - 1]) || sdp_is_digit(s[from - 1]) ||
                        (unsigned char)s[from - 1] >= 0x80))
            from--;
        const char *left = from < at ? sdp_printf(b, "%.*s", (int)(at - from), s + from) : "A",
                   *right = sdp_printf(b, "%.*s", (int)(end - at - 1), s + at + 1);
        sdp_fail(b, SD_ERR_SYNTAX, (sdp_span){(uint32_t)from, (uint32_t)end},
                 sdp_printf(b, "to solve write inv(%s)*%s or --from plain; for LaTeX --from latex", left,
                            right),
                 "'%.*s' has two readings", (int)(end - from), s + from);
    }
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
