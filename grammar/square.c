// SPDX-License-Identifier: MIT
// Square brackets that are parentheses, and marks behind a closing one.
//
//   -[y log p + (1-y) log q]      one formula with a sum and a function in it, no row
//   4ε[(σ/r)^12 - (σ/r)^6]        what stands in a subscript has no powers: a factor
//   [1 - y w'x]_+   [w]_×         the positive part, the matrix of a cross product
//   softmax(z)_i                  an entry
//
// Whether a bracket is one is decided where it opens, by the text up to its end;
// x[i+1], [a, b] and [a b] are none.
#include "grammar/tokens.h"

#include <string.h>

#include "parser.h"

enum { FARTHEST = 4000 }; // a formula in brackets is shorter

static bool is_blank(char c) { return c == ' ' || c == '\t'; }
static bool is_sign(const char *s) { return *s == '+' || *s == '-' || !strncmp(s, "−", strlen("−")); }

// The features of the text s behind a bracket, up to the bracket that closes.
typedef struct {
    const char *end; // the bracket; NULL: there is none
    bool list;       // commas and such separate elements
    bool sum;        // has a sign between blanks
    bool word;       // has a word of letters, log
    bool power;
} content;

static content look(const char *s)
{
    content c = {.end = NULL};
    int depth = 0;
    for (const char *at = s; *at && at - s < FARTHEST; at++) {
        if (*at == ']' && !depth) return c.end = at, c;
        depth += strchr("([{", *at) ? 1 : strchr(")]}", *at) ? -1 : 0;
        if (depth < 0 || *at == '\n') return c;
        c.power |= *at == '^' || !strncmp(at, "²", strlen("²")) || !strncmp(at, "³", strlen("³")) ||
                   !strncmp(at, "⁻", strlen("⁻"));
        c.word |= sdp_is_letter(*at) && sdp_is_letter(at[1]) && (at == s || !sdp_is_letter(at[-1]));
        if (depth) continue;
        c.list |= strchr(",;:", *at) != NULL;
        size_t n = (unsigned char)*at >= 0x80 ? strlen("−") : 1;
        c.sum |= is_sign(at) && at > s && is_blank(at[-1]) && is_blank(at[n]);
    }
    return c;
}

static bool marked(const char *end)
{
    return !strncmp(end + 1, "_+", 2) || !strncmp(end + 1, "_×", strlen("_×")) ||
           !strncmp(end + 1, "ₓ", strlen("ₓ"));
}

// Is it a factor of what stands before the bracket, ε[..] and 2[..], and no subscript? E[..] is an
// expectation, Log[..] a call.
static bool is_factor(const sdp_parser *p, const content *c)
{
    uint32_t k = p->ntokens - 1;
    const sdp_token *t = &p->token[k];
    const char *name = t->text;
    if (t->kind == T_RPAREN) k = t->match;
    bool power = k > 1 && p->token[k - 1].kind == T_POWER;
    if (sdp_token_is_binder(p, k) || (power && sdp_token_is_binder(p, k - 2)))
        return false; // sum_{i=1}^n [..]
    bool letter = t->kind == T_NAME && strcmp(name, "E") &&
                  (!sdp_is_letter(name[0]) || !sdp_is_letter(name[1]) || sdp_is_greek_name(name));
    return c->power && (letter || t->kind == T_RPAREN || t->kind == T_TRANSPOSE);
}

void sdp_token_bracket(sdp_parser *p, size_t begin)
{
    content c = look(p->source + begin + 1);
    bool behind = sdp_token_after_operand(p, begin) && p->token[p->ntokens - 1].kind != T_NUMBER;
    bool group = c.end && !c.list && (behind ? is_factor(p, &c) : (c.sum && c.word) || marked(c.end));
    if (group && behind) sdp_token_add(p, T_TIMES, begin, 0, "*");
    sdp_token_add(p, group ? T_LPAREN : T_LBRACKET, begin, 1, "[");
}

void sdp_token_unbracket(sdp_parser *p, size_t begin)
{
    const sdp_token *o = p->nopen ? &p->token[p->open[p->nopen - 1]] : NULL;
    sdp_token_add(p, o && o->kind == T_LPAREN && o->text[0] == '[' ? T_RPAREN : T_RBRACKET, begin, 1, "]");
}

// _+ _× _i behind what is closed
void sdp_token_below(sdp_parser *p, size_t begin, size_t length)
{
    const sdp_token *t = p->ntokens ? &p->token[p->ntokens - 1] : NULL;
    const char *s = p->source + begin + 1;
    bool closed = t && t->span.end == begin && (t->kind == T_RPAREN || t->kind == T_RBRACKET);
    if (!closed) sdp_unknown_character(p, begin);
    if (*s == '+') sdp_token_add(p, T_TRANSPOSE, begin, length, "relu");
    else if (!sdp_is_letter(*s)) sdp_token_add(p, T_TRANSPOSE, begin, length, "skew");
    else {
        sdp_token_add(p, T_LBRACKET, begin, 1, "index");
        sdp_token_add(p, T_NAME, begin + 1, 1, sdp_name_text(p, s, 1));
        sdp_token_add(p, T_RBRACKET, begin + 1, 1, "]");
    }
}
