// SPDX-License-Identifier: MIT
// Syntax errors in human words. The parser knows what would have fitted (sdp_expected) and the token array
// shows both neighbourhoods; from the two this file finds the one sentence, the place of the caret and, where
// the mistake is a common one, the hint.
#include "grammar/tokens.h"

#include <string.h>

#include "parser.h"

enum { LONGEST_QUOTE = 40 };

typedef struct {
    const char *s;
    int n;
} quote; // for "%.*s"

static quote quoted(const sdp_parser *p, sdp_span at)
{
    quote q = {p->source + at.begin, (int)(at.end - at.begin)};
    if (q.n > LONGEST_QUOTE)
        for (q.n = LONGEST_QUOTE; ((unsigned char)q.s[q.n] & 0xC0) == 0x80; q.n--) {}
    return q;
}

// The innermost bracket around token t; NULL if there is none.
static const sdp_token *enclosing(const sdp_parser *p, uint32_t t)
{
    while (t-- > 0) {
        const sdp_token *k = &p->token[t];
        if (k->kind == T_LPAREN || k->kind == T_LBRACKET || k->kind == T_LBRACE || k->kind == T_BAR_OPEN)
            return k;
        if (k->kind == T_RPAREN || k->kind == T_RBRACKET || k->kind == T_RBRACE || k->kind == T_BAR_CLOSE)
            t = k->match;
    }
    return NULL;
}

static bool ends_statement(const sdp_token *t, const sdp_token *around)
{
    return !around && (t->kind == T_END || t->kind == T_NEWLINE || t->kind == T_SEMICOLON);
}

static bool on_later_line(const sdp_parser *p, const sdp_token *a, const sdp_token *b)
{
    return memchr(p->source + a->span.begin, '\n', b->span.begin - a->span.begin) != NULL;
}

static const char *closer_of(const sdp_token *opener)
{
    if (opener->kind == T_LBRACE || (opener->kind == T_LPAREN && strchr(opener->text, '{'))) return "}";
    return opener->kind == T_LPAREN     ? opener->text[0] == '[' ? "]" : ")"
           : opener->kind == T_LBRACKET ? "]"
           : strcmp(opener->text, "|")  ? "‖"
                                        : "|";
}

static _Noreturn void never_closed(sdp_parser *p, const sdp_token *o)
{
    quote q = quoted(p, o->span);
    sdp_fail(p->b, SD_ERR_SYNTAX, o->span,
             o->kind == T_BAR_OPEN && q.n == 2 && q.s[0] == '|'
                 ? "|| opens a norm; `or` is written |"
                 : sdp_printf(p->b, "a '%s' is missing", closer_of(o)),
             "unbalanced '%.*s': it is never closed", q.n, q.s);
}

// A function name is what looks like one: two small ASCII letters, then more or digits. The grammar does not
// know the functions.
static bool looks_like_function(quote q)
{
    for (int i = 0; i < q.n; i++)
        if ((q.s[i] < 'a' || q.s[i] > 'z') && (i < 2 || q.s[i] < '0' || q.s[i] > '9')) return false;
    return q.n > 1;
}

// What to write in the place of a word of Python's; NULL: it is none.
static const char *python_word(const sdp_parser *p, quote q)
{
    static const struct {
        const char *word, *hint;
    } words[] = {
        {"lambda", "of a function the expression alone is read: lambda x: x**2, or x**2"},
        {"def", "of a function the expression alone is read: x**2 of def f(x): return x**2"},
        {"return", "of a function the expression alone is read: x**2 of return x**2"},
        {"if", "np.where(c, a, b) is a where c holds, and b elsewhere"},
        {"else", "np.where(c, a, b) is a where c holds, and b elsewhere"},
        {"and", "both of two conditions: (x > 0) & (y > 0)"},
        {"or", "one of two conditions: (x > 0) | (y > 0)"},
        {"not", "the opposite of a condition: 1 - (x > 0)"},
        {"for", "a sum over entries is np.sum(x)"},
    };
    for (size_t i = 0; p->tree->from == SD_FROM_NUMPY && i < sizeof words / sizeof *words; i++)
        if (q.n == (int)strlen(words[i].word) && !memcmp(q.s, words[i].word, (size_t)q.n))
            return words[i].hint;
    return NULL;
}

_Noreturn void sdp_missing_operator(sdp_parser *p, const sdp_token *left, sdp_span right)
{
    const sdp_token *o = enclosing(p, (uint32_t)(left - p->token) + 1);
    quote l = quoted(p, left->span), r = quoted(p, right);
    const char *hint = python_word(p, l);
    if (!hint) hint = python_word(p, r);
    if (hint)
        sdp_fail(p->b, SD_ERR_SYNTAX, right, hint, "expected an operator between '%.*s' and '%.*s'", l.n, l.s,
                 r.n, r.s);
    if (o && o->kind == T_LBRACKET && o->text[0] == '[')
        hint = "for elements write commas, [a, b]; for a product * and parentheses, (a*b)";
    else if (left->kind == T_NAME && looks_like_function(l))
        hint = sdp_printf(p->b, "write %.*s(%.*s) to call a function, %.*s*%.*s for a product", l.n, l.s, r.n,
                          r.s, l.n, l.s, r.n, r.s);
    else if (left->kind != T_NUMBER && left->kind != T_NAME)
        hint = sdp_printf(p->b, "for a product write *%.*s", r.n, r.s);
    else if (left->kind == T_NAME)
        hint = sdp_printf(p->b, "for a product write %.*s*%.*s", l.n, l.s, r.n, r.s);
    else hint = "a number has one point; a factor before a number is written with *";
    sdp_fail(p->b, SD_ERR_SYNTAX, right, hint, "expected an operator between '%.*s' and '%.*s'", l.n, l.s,
             r.n, r.s);
}

// After a token that wants an operand, or at the beginning.
static _Noreturn void missing_operand(sdp_parser *p, const sdp_token *before, const sdp_token *t,
                                      const sdp_token *around)
{
    quote q = quoted(p, t->span);
    if (q.n == 1 && *q.s == '<') // <u,v>
        sdp_fail(p->b, SD_ERR_SYNTAX, t->span,
                 "write x'*y for an inner product; a comparison stands between two operands",
                 "expected an expression before '<'");
    if (!before)
        sdp_fail(p->b, SD_ERR_SYNTAX, t->span, "an operator stands between two operands",
                 "expected an expression before '%.*s'", q.n, q.s);
    bool list = before->kind == T_LPAREN || before->kind == T_LBRACKET || before->kind == T_COMMA;
    if (before->kind == T_PLUS && before > p->token &&
        (before[-1].kind == T_POWER || (before[-1].text && !strcmp(before[-1].text, "^{"))))
        sdp_fail(p->b, SD_ERR_SYNTAX, (sdp_span){before[-1].span.begin, before->span.end},
                 "the positive part is relu(x), the pseudo-inverse pinv(A)", "^+ has two readings");
    const char *what = "an expression",
               *hint =
                   list ? "f(x, y), [a, b]" : "an operator stands between two operands, a transpose is x'";
    if (!around && (before->kind == T_COLON || before->kind == T_ARROW)) {
        what = "a shape", hint = "shapes are scalar, vector(n), matrix(m, n), function(vector(n)) -> scalar";
    } else if (before->kind == T_WHERE) {
        what = "a definition", hint = "after `where`: name = expression, name = expression";
    }
    quote b = quoted(p, before->span);
    sdp_fail(p->b, SD_ERR_SYNTAX, ends_statement(t, around) ? before->span : t->span, hint,
             "expected %s after '%.*s'", what, b.n, b.s);
}

static const char *hint_for(const sdp_token *t, const sdp_token *around)
{
    switch (t->kind) {
    case T_ASSIGN:
        return around ? "to compare, write =="
                      : "on the left stands a name, L = ..., or f(x) = ...; elsewhere leave `left side =` "
                        "away; to compare, write ==";
    case T_COMPARE: return "comparisons do not chain: write a < b & b < c";
    case T_NOT: return "`not` stands before its operand";
    case T_COLON: return "ranges stand in subscripts, x[2:5]; a declaration is `X : matrix(m, n)`";
    case T_STRING: return "a text in quotes can only be an argument of a function: norm(X, 'fro')";
    case T_WHERE: return "`where` follows a whole expression; the function is where(condition, a, b)";
    case T_ARROW:
        return "-> stands in declarations, f : function(vector(n)) -> scalar; a function is f(x) = ...";
    case T_SEMICOLON:
        return around && around->kind == T_LBRACKET && around->text[0] == 'i'
                   ? "subscripts are separated by commas"
                   : NULL;
    case T_COMMA: return around ? NULL : "statements are separated by ; or newlines";
    default: return NULL;
    }
}

static _Noreturn void unexpected(sdp_parser *p, const sdp_token *before, const sdp_token *t,
                                 const sdp_token *around, sdp_expected e)
{
    quote q = quoted(p, t->span);
    bool entry = t->kind == T_ASSIGN && before && before->kind == T_RBRACKET;
    const char *hint = entry ? "indices on the left side are names: F[i,j] = ..., dF[i]/dx[j] = ..."
                             : hint_for(t, around),
               *closer = around ? closer_of(around) : "";
    if (ends_statement(t, around) && before && before > p->token && before[-1].kind == T_COMMA) // x, y
        sdp_fail(p->b, SD_ERR_SYNTAX, before[-1].span, hint_for(before - 1, NULL), "unexpected ','");
    if (ends_statement(t, around)) { // a name where a definition or a declaration must go on
        quote b = quoted(p, before->span);
        sdp_fail(p->b, SD_ERR_SYNTAX, before->span, hint, "expected '=' after '%.*s'", b.n, b.s);
    }
    if (t->kind == T_STRING) sdp_fail(p->b, SD_ERR_SYNTAX, t->span, hint, "unexpected text %.*s", q.n, q.s);
    if (around && e.closer && e.comma)
        sdp_fail(p->b, SD_ERR_SYNTAX, t->span, hint, "unexpected '%.*s': expected ',' or '%s'", q.n, q.s,
                 closer);
    if (around && e.closer)
        sdp_fail(p->b, SD_ERR_SYNTAX, t->span, hint, "unexpected '%.*s': expected '%s'", q.n, q.s, closer);
    sdp_fail(p->b, SD_ERR_SYNTAX, t->span, hint, "unexpected '%.*s'", q.n, q.s);
}

_Noreturn void sdp_unexpected(sdp_parser *p, sdp_expected e)
{
    uint32_t at = p->next - 1, back = at;
    if (p->token[at].kind == T_JUXTAPOSE) at++;
    while (back > 0 && p->token[back - 1].kind == T_JUXTAPOSE) back--;
    const sdp_token *t = &p->token[at], *before = back > 0 ? &p->token[back - 1] : NULL,
                    *around = enclosing(p, at);
    if (t->kind == T_PARTIAL) sdp_unknown_character(p, t->span.begin); // known in front of an equation alone
    bool at_start = !before || (!around && (before->kind == T_SEMICOLON || before->kind == T_NEWLINE));
    if (around && around->match == 0 && (t->kind == T_END || on_later_line(p, around, t)))
        never_closed(p, around);
    if (t->kind == T_STRING || t->kind == T_WHERE || t->kind == T_ARROW ||
        (t->kind == T_ASSIGN && !e.operand))
        unexpected(p, before, t, around, e);
    if (at_start) missing_operand(p, NULL, t, around);
    if (sdp_token_ends_operand(before->kind) && sdp_token_begins_operand(t->kind) && t->kind != T_NOT)
        sdp_missing_operator(p, before, t->span);
    if (e.operand || sdp_token_wants_operand(before->kind)) missing_operand(p, before, t, around);
    unexpected(p, before, t, around, e);
}
