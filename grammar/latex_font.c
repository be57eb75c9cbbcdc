// SPDX-License-Identifier: MIT
// Letters in a font: \mathbf{A} is a name, \mathbf 1 and \mathbf 0 are arrays, 1[...] an indicator.
//
// Names with a font are read by latex_script.c; here are the fonts around digits and longer contents.
// \mathbf{1}_n and \mathbf{0}_{m \times n} say their sizes, \mathbf 1 is a vector of ones of whatever size
// fits, \mathbf 0 is 0. Entry: sdp_latex_font.
#include "grammar/latex.h"

#include <string.h>

bool sdp_latex_indicator(sdp_latex *l, size_t begin, size_t end)
{
    size_t at = sdp_latex_blanks(l, end);
    if (sdp_latex_is(l, at, "left")) at = sdp_latex_blanks(l, sdp_latex_word(l, at));
    bool bracket = l->s[at] == '[' || l->s[at] == '(' || (l->s[at] == '\\' && l->s[at + 1] == '{');
    if (!bracket) return false;
    // the name before it is not called
    if (sdp_latex_after(l)) sdp_latex_add(l, T_JUXTAPOSE, begin, begin, "*");
    l->at = end;
    return true;
}

static bool size_token(sdp_latex *l, sdp_span c, const char **text)
{
    char name[256];
    size_t from = sdp_latex_blanks(l, c.begin), n = c.end > from ? c.end - from : 0;
    while (n && l->s[from + n - 1] == ' ') n--;
    bool digits = n && strspn(l->s + from, "0123456789") >= n;
    if (!n || n > 100 || (!digits && !sdp_tex_name(l->s + from, n, name, NULL))) return false;
    *text = digits ? sdp_latex_cut(l, from, from + n) : sdp_name_text(l->p, name, strlen(name));
    return true;
}

// \mathbf{1}_{n}, \mathbf{0}_{m \times n}, by the function of that name; false:
// something else than sizes stands below.
static bool constant_array(sdp_latex *l, const char *function, size_t at, sdp_span c)
{
    size_t sign = c.begin;
    while (sign < c.end && !sdp_latex_is(l, sign, "times")) sign++;
    int n = sign < c.end ? 2 : 1;
    sdp_span size[2] = {{c.begin, (uint32_t)sign},
                        {n > 1 ? (uint32_t)sdp_latex_word(l, sign) : c.end, c.end}};
    const char *text[2];
    for (int k = 0; k < n; k++)
        if (!size_token(l, size[k], &text[k])) return false;
    sdp_latex_add(l, T_NAME, at, c.begin, function);
    sdp_latex_add(l, T_LPAREN, c.begin, c.begin, "(");
    for (int k = 0; k < n; k++) {
        if (k) sdp_latex_add(l, T_COMMA, sign, size[1].begin, ",");
        sdp_latex_add(l, sdp_is_digit(text[k][0]) ? T_NUMBER : T_NAME, size[k].begin, size[k].end, text[k]);
    }
    sdp_latex_add(l, T_RPAREN, c.end, c.end, ")");
    return true;
}

// \mathbf 1: a vector of ones, or an indicator if a bracket follows. \mathbf 0 is
// 0; \mathbf{AB} are bold letters.
void sdp_latex_font(sdp_latex *l, size_t at, size_t end)
{
    sdp_span c;
    size_t behind;
    if (l->s[end] == '*') end++;
    if (!sdp_latex_argument(l, end, &c, &behind))
        sdp_latex_fail(l, at, end, "\\mathbf{x}", "a letter was expected");
    const char *content = sdp_latex_cut(l, c.begin, c.end);
    bool one = !strcmp(content, "1"), zero = !strcmp(content, "0");
    size_t next = sdp_latex_blanks(l, behind);
    if (l->s[next] == '_' && (one || zero)) {
        sdp_span size;
        if (!sdp_latex_argument(l, next + 1, &size, &next))
            sdp_latex_fail(l, next, next + 1, "\\mathbf{1}_n", "how many ones?");
        size_t behind_sizes = sdp_latex_blanks(l, next);
        bool condition = one && strchr("[(", l->s[behind_sizes]) && l->s[behind_sizes];
        if (!condition && constant_array(l, one ? "ones" : "zeros", at, size)) {
            l->at = next;
            return;
        }
        if (memchr(l->s + size.begin, '>', size.end - size.begin) ||
            memchr(l->s + size.begin, '<', size.end - size.begin) ||
            memchr(l->s + size.begin, '\\', size.end - size.begin))
            sdp_latex_fail(l, at, next, "write \\mathbf{1}[x > 0]",
                           "an indicator's condition stands in brackets here");
        behind = one ? next : behind;
    }
    if (one && sdp_latex_indicator(l, at, behind)) return;
    if (one) {
        sdp_latex_add(l, T_NAME, at, behind, "vector");
        sdp_latex_add(l, T_LPAREN, behind, behind, "(");
        sdp_latex_add(l, T_NUMBER, behind, behind, "1");
        sdp_latex_add(l, T_RPAREN, behind, behind, ")");
        l->at = behind;
    } else if (zero) {
        sdp_latex_add(l, T_NUMBER, at, behind, "0");
        l->at = behind;
    } else if (sdp_tex_font_of(l->s + at + 1, sdp_latex_word(l, at) - at - 1) == SDP_TEX_FONT &&
               l->s[sdp_latex_blanks(l, end)] == '{') {
        l->at = end;
        sdp_latex_take(l, F_GROUP);
    } else {
        sdp_latex_fail(l, at, behind, "a word, a name, or a formula outside: \\text{loss}, \\hat{y}",
                       sdp_printf(l->p->b, "'%s' is not read here", sdp_latex_cut(l, at, behind)));
    }
}
