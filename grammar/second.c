// SPDX-License-Identifier: MIT
// The x' of a kernel, k(x,x') = exp(-‖x-x'‖²): a second variable, and no transpose.
//
// It is one if the left side lists it beside x. Then every x' of the text is that variable, and its name is
// x2. Without such a left side x' may be a transpose (doubt.c). Entry: sdp_token_second.
#include "grammar/tokens.h"

#include <string.h>

#include "parser.h"

static size_t back_over_blanks(const char *s, size_t i)
{
    while (i && (s[i - 1] == ' ' || s[i - 1] == '\t')) i--;
    return i;
}

// Does the text of n bytes at x end in front of s[i]?
static bool ends_with(const char *s, size_t i, const char *x, size_t n)
{
    return i >= n && !memcmp(s + i - n, x, n);
}

static bool is_listed(const char *left, size_t end, const char *x, size_t n)
{
    for (size_t i = 1; i < end; i++) {
        if (left[i] != '\'' || !ends_with(left, i, x, n)) continue;
        size_t before = back_over_blanks(left, i - n);
        if (before && strchr(",;", left[before - 1])) return true;
    }
    return false;
}

// The quote at `begin` stands behind the name that is the last token. Makes x' one
// name if it is a second variable.
bool sdp_token_second(sdp_parser *p, size_t begin)
{
    sdp_token *t = p->ntokens ? &p->token[p->ntokens - 1] : NULL;
    if (!t || t->kind != T_NAME || t->span.end != begin || t->text[0] < 'a' || t->text[0] > 'z') return false;
    size_t n = t->span.end - t->span.begin;
    const char *x = p->typed + t->span.begin;
    if (!is_listed(p->typed, p->left, x, n)) return false;
    const char *name = sdp_printf(p->b, "%s2", t->text);
    if (strstr(p->typed, name)) name = sdp_printf(p->b, "%s_prime", t->text);
    sdp_note(p->b, "%s' is a second variable, here %s", t->text, name);
    t->text = name;
    t->span.end++;
    return true;
}
