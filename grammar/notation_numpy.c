// SPDX-License-Identifier: MIT
// Marks of NumPy and of plain notation in a text: np. @ ** x.sum( axis= x[1:] are
// NumPy, ^ .* ' and the like plain.
//
// Comments and texts in quotes are passed over. Entry: sdp_numpy_evidence.
#include <string.h>

#include "grammar/tokens.h"

static bool in_word(char c) { return sdp_is_letter(c) || sdp_is_digit(c) || c == '_'; }

static size_t starts(const char *s, const char *const *list)
{
    for (; *list; list++)
        if (!strncmp(s, *list, strlen(*list))) return strlen(*list);
    return 0;
}

// A method, x.sum( or inv(A).dot(, or X.shape; x.T is a transpose in plain texts, too.
static size_t method(const char *s, size_t at)
{
    size_t end = at + 1, from = at;
    while (in_word(s[end])) end++;
    bool field = !strncmp(s + at, ".shape", 6) && end == at + 6;
    if (!at || s[at] != '.' || !sdp_is_letter(s[at + 1]) || (s[end] != '(' && !field) ||
        (end == at + 2 && s[at + 1] == 'T'))
        return 0;
    while (from && in_word(s[from - 1])) from--;
    bool operand = from < at ? !sdp_is_digit(s[from]) : strchr(")]", s[at - 1]) != NULL;
    return operand ? end - at : 0;
}

// x[1:], x[:-1], x[-1]: a bound that is left out, or counts from the end.
static size_t slice(const char *s, size_t at)
{
    bool subscript = s[at] == '[' && at && (in_word(s[at - 1]) || strchr(")]", s[at - 1]));
    if (subscript && s[at + 1] == '-' && sdp_is_digit(s[at + 2])) return 2;
    if (subscript && s[at + 1] == ':' && !strchr(" ],", s[at + 2])) return 2;
    return s[at] == ':' && at && s[at + 1] == ']' && (in_word(s[at - 1]) || s[at - 1] == ')') ? 2 : 0;
}

static size_t numpy_mark(const char *s, size_t at)
{
    static const char *const marks[] = {"**", "@", NULL}, *const keywords[] = {"axis", "dim", "keepdims",
                                                                               "keepdim", NULL};
    size_t n = starts(s + at, marks);
    if (n) return n;
    if (s[at] == '.') return method(s, at);
    if (s[at] == '[' || s[at] == ':') return slice(s, at);
    if ((at && (in_word(s[at - 1]) || s[at - 1] == '.')) || !sdp_is_letter(s[at])) return 0;
    if ((n = sdp_numpy_module(s, at)) > at) return n - at;
    if (!strncmp(s + at, "None", 4) && !in_word(s[at + 4])) return 4;
    if (!(n = starts(s + at, keywords)) || in_word(s[at + n])) return 0;
    size_t next = at + n, before = at;
    while (s[next] == ' ') next++;
    while (before && s[before - 1] == ' ') before--;
    return s[next] == '=' && s[next + 1] != '=' && before && strchr(",(", s[before - 1]) ? n : 0;
}

static size_t plain_mark(const char *s, size_t at)
{
    static const char *const marks[] = {"^", ".*", "./", ".^", ".\\", ".'", "||", "‖", "∥",  "ᵀ", "⊤", "²",
                                        "³", "∇",  "√",  "·",  "⋅",   "×",  "⊙",  "⊗", "Σ_", "∑", NULL};
    size_t n = starts(s + at, marks);
    if (s[at] == '.' && at && sdp_is_digit(s[at - 1])) return 0; // 1./x
    if (n || s[at] != '\'' || !at) return n;
    return in_word(s[at - 1]) || strchr(")]", s[at - 1]) ? 1 : 0;
}

// A comment or a text in quotes begins at `at`: its end.
static size_t skip(const char *s, size_t n, size_t at)
{
    size_t end = at;
    if (s[at] == '#') {
        while (end < n && s[end] != '\n') end++;
        return end;
    }
    bool quote =
        s[at] == '"' || (s[at] == '\'' && !(at && (in_word(s[at - 1]) || strchr(")]'.", s[at - 1]))));
    if (!quote) return at;
    for (end++; end < n && s[end] != s[at] && s[end] != '\n';) end++;
    return end < n && s[end] == s[at] ? end + 1 : at;
}

// The first mark of each; an empty span: there is none.
void sdp_numpy_evidence(const char *s, size_t n, sdp_span *numpy, sdp_span *plain)
{
    *numpy = *plain = (sdp_span){0, 0};
    for (size_t i = 0; i < n && !(numpy->end && plain->end);) {
        size_t end = skip(s, n, i), mark = 0;
        if (end > i) {
            i = end;
            continue;
        }
        if ((mark = numpy_mark(s, i))) {
            if (!numpy->end) *numpy = (sdp_span){(uint32_t)i, (uint32_t)(i + mark)};
        } else if (!plain->end && (end = plain_mark(s, i))) {
            *plain = (sdp_span){(uint32_t)i, (uint32_t)(i + end)};
        }
        i += mark ? mark : 1;
    }
}
