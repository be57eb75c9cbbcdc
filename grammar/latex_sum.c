// SPDX-License-Identifier: MIT
// \sum_{i=1}^n and \prod_{i<j}: the token BIND, its ranges in braces and its bound, as
// binder.c makes them of sum_{i=1}^n.
//
// An index is remembered, so that x_{i+1}, x_{i,j} and x^{(i)} are known as entries and samples, and x_{t+1}
// without a sum is not.
#include "grammar/latex.h"

#include <string.h>

static _Noreturn void refuse(sdp_latex *l, size_t begin, size_t end)
{
    sdp_latex_fail(l, begin, end, "\\sum_i, \\sum_{i=1}^{n}, \\sum_{i,j}, \\sum_{i<j}, \\sum_{i \\ne j}",
                   "this range of a sum is not read here");
}

static void bind(sdp_latex *l, const char *name)
{
    for (uint32_t k = 0; k < l->nbound; k++)
        if (!strcmp(l->bound[k], name)) return;
    if (l->nbound < sizeof l->bound / sizeof *l->bound) l->bound[l->nbound++] = name;
}

// Reads an item of a range, e.g. i, = or 1. Returns its end.
static size_t item(sdp_latex *l, size_t at, size_t to, bool first)
{
    static const struct {
        const char *seen;
        int kind;
        const char *text;
    } signs[] = {
        {"=", T_ASSIGN, "="},       {"<", T_COMPARE, "<"},      {">", T_COMPARE, ">"},
        {"+", T_PLUS, "+"},         {"-", T_MINUS, "-"},        {"\\neq", T_COMPARE, "!="},
        {"\\ne", T_COMPARE, "!="},  {"\\leq", T_COMPARE, "<="}, {"\\le", T_COMPARE, "<="},
        {"\\geq", T_COMPARE, ">="}, {"\\ge", T_COMPARE, ">="},
    };
    size_t end = sdp_latex_name_end(l, at);
    if (end > at) {
        char text[256];
        sdp_tex_name(l->s + at, end - at, text, NULL);
        const char *name = sdp_name_text(l->p, text, strlen(text));
        if (sdp_latex_last(l) == T_NAME) sdp_latex_add(l, T_COMMA, at, at, ","); // \sum_{ij}
        sdp_latex_add(l, T_NAME, at, end, name);
        if (first) bind(l, name);
        return end;
    }
    if (sdp_is_digit(l->s[at])) {
        end = at + strspn(l->s + at, "0123456789");
        if (sdp_latex_last(l) == T_NAME) refuse(l, at, end);
        sdp_latex_add(l, T_NUMBER, at, end, sdp_strndup(l->p->b, l->s + at, end - at));
        return end;
    }
    if (l->s[at] == ',') return sdp_latex_add(l, T_COMMA, at, at + 1, ","), at + 1;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t n = strlen(signs[i].seen);
        if (strncmp(l->s + at, signs[i].seen, n) || (n > 1 && sdp_is_letter(l->s[at + n]))) continue;
        sdp_latex_add(l, signs[i].kind, at, at + n, signs[i].text);
        return at + n;
    }
    refuse(l, at, to);
}

static void range(sdp_latex *l, sdp_span c, bool binds)
{
    bool first = binds;
    size_t at = sdp_latex_spaces(l, c.begin);
    if (at >= c.end) refuse(l, c.begin - 1, c.end);
    while (at < c.end) {
        size_t end = item(l, at, c.end, first);
        int last = sdp_latex_last(l);
        first = binds && (last == T_COMMA || last == T_COMPARE || last == T_NAME) && first;
        if (l->s[at] == ',' && binds) first = true;
        at = sdp_latex_spaces(l, end);
    }
}

void sdp_latex_sum(sdp_latex *l, const char *text, size_t begin, size_t end)
{
    sdp_span below = {0, 0}, above = {0, 0}, c;
    size_t from = end, next, low = 0, high = 0;
    for (;;) {
        next = sdp_latex_blanks(l, from);
        if (sdp_latex_is(l, next, "limits") || sdp_latex_is(l, next, "nolimits")) {
            from = sdp_latex_word(l, next);
            continue;
        }
        if ((l->s[next] != '_' && l->s[next] != '^') || !sdp_latex_argument(l, next + 1, &c, &from)) break;
        if (l->s[next] == '_') below = c, low = next;
        else above = c, high = next;
    }
    if (!below.end)
        sdp_latex_fail(l, begin, end, "\\sum_{i=1}^{n} x_i; of a whole vector \\mathbf{1}^\\top x",
                       "over which index?");
    sdp_latex_add(l, T_BIND, begin, end, text);
    sdp_latex_add(l, T_LBRACE, low, low + 1, "_{");
    range(l, below, true);
    sdp_latex_add(l, T_RBRACE, below.end, below.end, "}");
    if (above.end) {
        sdp_latex_add(l, T_POWER, high, high + 1, "^");
        sdp_latex_add(l, T_LPAREN, high + 1, high + 1, "(");
        range(l, above, false);
        sdp_latex_add(l, T_RPAREN, above.end, above.end, ")");
    }
    l->at = from;
}

// Does the index stand below something in the text behind `at`, beside a \delta or a sum?
static bool is_used(const sdp_latex *l, size_t at, char index)
{
    bool found = false;
    for (size_t i = at; i < l->n && !found; i++) {
        if (l->s[i] != '_') continue;
        size_t k = i + 1 + (l->s[i + 1] == '{');
        found = l->s[k] == index && !sdp_is_letter(l->s[k + 1]);
    }
    return found && (strstr(l->s + at, "\\delta_{") || strstr(l->s + at, "\\sum"));
}

// F_{i,j} = ..., an equation between entries: its left side as F[i,j], whose indices are bound. One index
// alone, h_t = .., is part of a name, unless the right side has a \delta or a sum and that index: p_i =
// e^{z_i}/\sum_j e^{z_j}.
void sdp_latex_left(sdp_latex *l)
{
    size_t begin = sdp_latex_spaces(l, 0), end = sdp_latex_name_end(l, begin), after, equals, place[8];
    sdp_span c;
    uint32_t n = 0;
    bool comma = true;
    if (end == begin || l->s[end] != '_' || !sdp_latex_argument(l, end + 1, &c, &after)) return;
    equals = sdp_latex_spaces(l, after);
    if (l->s[equals] != '=' || l->s[equals + 1] == '=') return;
    for (size_t i = sdp_latex_spaces(l, c.begin); i < c.end; i = sdp_latex_spaces(l, i + 1)) {
        bool letter = comma && l->s[i] >= 'a' && l->s[i] <= 'z' && n < 8;
        if (!letter && (comma || l->s[i] != ',')) return;
        if (letter) place[n++] = i;
        comma = !letter;
    }
    if (!n || comma || (n == 1 && !is_used(l, equals, l->s[place[0]]))) return;
    char text[256];
    sdp_tex_name(l->s + begin, end - begin, text, NULL);
    sdp_latex_add(l, T_NAME, begin, end, sdp_name_text(l->p, text, strlen(text)));
    sdp_latex_add(l, T_LBRACKET, end, end + 1, "[");
    for (uint32_t i = 0; i < n; i++) {
        const char *name = sdp_name_text(l->p, l->s + place[i], 1);
        if (i) sdp_latex_add(l, T_COMMA, place[i] - 1, place[i], ",");
        sdp_latex_add(l, T_NAME, place[i], place[i] + 1, name);
        bind(l, name);
    }
    sdp_latex_add(l, T_RBRACKET, after - 1, after, "]");
    l->at = after;
}

// Does a bound index stand in c, outside of longer commands?
bool sdp_latex_is_bound(const sdp_latex *l, sdp_span c)
{
    for (size_t at = c.begin, end; at<c.end; at = end> at ? end : at + 1) {
        char text[256];
        end = sdp_latex_name_end(l, at);
        if (end > c.end || end == at || !sdp_tex_name(l->s + at, end - at, text, NULL)) continue;
        for (uint32_t i = 0; i < l->nbound; i++)
            if (sdp_same_name(l->bound[i], text)) return true;
    }
    return false;
}
