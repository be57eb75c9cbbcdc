// SPDX-License-Identifier: MIT
// Braces and single bars, whose meaning depends on what stands before and between them.
//
//   A^{-1}  e^{-x}       behind ^ braces group; A^{T} and A^{-T} transpose
//   W_{12}  k_{max}      behind a name and _ they belong to the name
//   1{x > 0}             an indicator: the comparison, which is 0 or 1
//   max{0, x}            behind the name of a function they are parentheses where a comma separates arguments
//   E{x}                 an expectation, as E[x]
//   {a if c; b otherwise}   cases; `if`, `when`, `for`, `otherwise`, `else` are keywords in braces
//   {(a+b)*c}            elsewhere braces group
//   |x|  log|A|          a bar opens where an operand is expected, and before an operand if one that closes
//                        follows; behind an operand it closes the bar that is open, else it is `or`
#include "grammar/tokens.h"

#include <string.h>

#include "parser.h"

static const sdp_token *last(const sdp_parser *p, uint32_t back)
{
    return p->ntokens > back ? &p->token[p->ntokens - 1 - back] : NULL;
}

static const sdp_token *opener(const sdp_parser *p)
{
    return p->nopen ? &p->token[p->open[p->nopen - 1]] : NULL;
}

static bool is_power(const sdp_token *t) { return t && t->kind == T_POWER && t->text[0] == '^'; }

static _Noreturn void fail(sdp_parser *p, size_t begin, size_t end, const char *hint, const char *message)
{
    sdp_fail(p->b, SD_ERR_SYNTAX, (sdp_span){(uint32_t)begin, (uint32_t)end}, hint, "%s", message);
}

// Does a comma stand between the brace at `begin` and the one that closes it?
static bool has_arguments(const char *s)
{
    int depth = 0;
    bool comma = false;
    for (; *s && *s != '\n' && *s != ';'; s++) {
        depth += strchr("([{", *s) ? 1 : strchr(")]}", *s) ? -1 : 0;
        if (!depth) return comma;
        comma |= *s == ',' && depth == 1;
    }
    return false;
}

// Words of two small letters at least may be functions.
static bool is_word(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz");
    return n > 1 && !name[n];
}

void sdp_token_brace(sdp_parser *p, size_t begin)
{
    const sdp_token *t = last(p, 0);
    bool behind_name = t && t->kind == T_NAME && t->span.end == begin;
    if (is_power(t) && t->span.end <= begin) {
        sdp_token_add(p, T_LPAREN, begin, 1, "^{");
    } else if (t && t->kind == T_NUMBER && t->span.end == begin && !strcmp(t->text, "1")) {
        p->ntokens--;
        sdp_token_add(p, T_LPAREN, begin, 1, "1{");
    } else if (behind_name && is_word(t->text) && has_arguments(p->source + begin)) {
        sdp_token_add(p, T_LPAREN, begin, 1, "({");
    } else if (behind_name && !strcmp(t->text, "E")) {
        sdp_token_add(p, T_LBRACKET, begin, 1, "index");
    } else {
        sdp_token_add(p, T_LBRACE, begin, 1, "{");
    }
}

// Do the tokens behind the opener say T or -T?
static bool transposes(const sdp_parser *p, uint32_t opening)
{
    uint32_t n = p->ntokens - 1 - opening;
    const sdp_token *t = last(p, 0);
    bool mark = t->kind == T_NAME && (!strcmp(t->text, "T") || !strcmp(t->text, "⊤"));
    return mark && (n == 1 || (n == 2 && last(p, 1)->kind == T_MINUS));
}

void sdp_token_unbrace(sdp_parser *p, size_t begin)
{
    const sdp_token *o = opener(p);
    uint32_t opening = p->nopen ? p->open[p->nopen - 1] : 0;
    if (o && o->kind == T_LBRACKET && p->source[o->span.begin] == '{') {
        sdp_token_add(p, T_RBRACKET, begin, 1, "]");
        return;
    }
    if (opening > 1 && sdp_token_is_binder(p, opening - 2)) o = NULL; // sum_{t=1}^{T}
    bool power = o && !strcmp(o->text, "^{") && opening > 1;
    if (power && opening == p->ntokens - 2 && last(p, 0)->kind == T_NAME && !strcmp(last(p, 0)->text, "H"))
        sdp_refuse_hermitian(p, &p->token[opening - 2], begin + 1);
    if (!power || !transposes(p, opening)) {
        sdp_token_add(p, opener(p) && opener(p)->kind == T_LPAREN ? T_RPAREN : T_RBRACE, begin, 1, "}");
        return;
    }
    bool inverse = p->ntokens - 1 - opening == 2;
    size_t from = p->token[opening - 1].span.begin;
    p->nopen--;
    p->ntokens = opening - 1;
    if (inverse) sdp_token_add(p, T_SUPERSCRIPT, from, begin + 1 - from, "-1");
    sdp_token_add(p, T_TRANSPOSE, from, begin + 1 - from, "'");
}

// Is the character at c one of a name: a letter, a digit, Greek, an accent, but no sign: x_{i−1}, x_{i·2}?
static bool names(const char *c)
{
    static const char *const signs[] = {"−", "·", "⋅", "×", "÷", "∗", "∕", "±", "≤", "≥", "≠", "…"};
    for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
        if (!strncmp(c, signs[k], strlen(signs[k]))) return false;
    return sdp_is_letter(*c) || sdp_is_digit(*c) || (unsigned char)*c >= 0x80;
}

// W_{12}: the braces go. x_{i+1}, X_{i,:}: subscripts, up to the brace that closes.
size_t sdp_token_braced_name(sdp_parser *p, size_t begin, size_t length)
{
    const char *s = p->source + begin, *brace = memchr(s, '{', length), *end = s + length - 1;
    size_t stem = (size_t)(brace - s), n = (size_t)(end - brace - 1);
    bool plain = n > 0;
    for (const char *c = brace + 1; c < end; c++) plain &= names(c);
    if (!plain) {
        sdp_token_name(p, begin, stem - 1);
        sdp_token_add(p, T_LBRACKET, begin + stem, 1, "index");
        return stem + 1;
    }
    if (sdp_token_optimum(p, begin, length)) return length; // min_{w}
    char *name = sdp_scratch(p->b, length + 1);
    memcpy(name, s, stem);
    memcpy(name + stem, brace + 1, n);
    sdp_token_add(p, T_NAME, begin, length, sdp_name_text(p, name, stem + n));
    return length;
}

// A word that looks like a binder and is none: sum_x alone, or sum_{x} in braces.
size_t sdp_token_word(sdp_parser *p, size_t begin, size_t length)
{
    const char *s = p->source + begin;
    if (memchr(s, '{', length)) return sdp_token_braced_name(p, begin, length);
    const char *comma = memchr(s, ',', length);
    size_t n = comma ? (size_t)(comma - s) : length;
    if (!strncmp(s, "∑", 3) || !strncmp(s, "∏", 3)) sdp_unknown_character(p, begin);
    sdp_token_name(p, begin, n);
    return n;
}

// A comment; but in a formula of one line, x % y is a remainder to who knows other languages.
void sdp_token_percent(sdp_parser *p, size_t begin)
{
    const char *rest = p->source + begin + 1;
    rest += strspn(rest, " \t");
    size_t word = 0;
    if (!strncmp(p->source + begin, "%*%", 3))
        fail(p, begin, begin + 3, "write * for it, and .* for a product entry by entry",
             "'%*%' is the product of matrices in R, and no operator here");
    while ((sdp_is_digit(rest[word]) || sdp_is_letter(rest[word])) || rest[word] == '_') word++;
    bool operand = word || *rest == '(',
         comment =
             word && rest[word] == ' ' && ((rest[word + 1] | 32) >= 'a' && (rest[word + 1] | 32) <= 'z');
    if (!operand || comment || p->declaring || !sdp_token_after_operand(p, begin) ||
        strpbrk(p->source, "\r\n;"))
        return;
    const sdp_token *x = last(p, 0);
    size_t n = strlen(rest);
    bool whole = x->kind == T_NAME || x->kind == T_NUMBER;
    fail(p, whole ? x->span.begin : begin, (size_t)(rest + n - p->source),
         whole ? sdp_printf(p->b, "the remainder is mod(%s,%s); a comment begins with #", x->text, rest)
               : "the remainder is mod(x,y); a comment begins with #",
         "'%' has two readings");
}

// n! behind an operand, !a in front of one. n!! is neither (n!)! nor a factorial: it is n*(n-2)*(n-4)*...
void sdp_token_bang(sdp_parser *p, size_t begin)
{
    bool behind = sdp_token_after_operand(p, begin);
    if (behind && p->source[begin + 1] == '!')
        fail(p, begin, begin + 2, "(n!)! is the factorial of a factorial",
             "the double factorial n!! is not read here");
    sdp_token_add(p, behind ? T_TRANSPOSE : T_NOT, begin, 1, behind ? "factorial" : "!");
}

// f s.t. g <= 0
_Noreturn void sdp_token_subject(sdp_parser *p, size_t begin, size_t length)
{
    fail(p, begin, begin + length, "symdiff kkt FORMULA --subject-to CONSTRAINT",
         "constraints stand in an option of their own");
}

// H^*, and A^†, which is a pseudo-inverse to some
_Noreturn void sdp_token_adjoint(sdp_parser *p, size_t begin, size_t length)
{
    const sdp_token *x = last(p, 0);
    bool name = x && x->kind == T_NAME && x->span.end == begin;
    if (name && p->source[begin + 1] != '*')
        fail(p, x->span.begin, begin + length,
             sdp_printf(p->b, "for the pseudo-inverse write pinv(%s), for the transpose %s'", x->text,
                        x->text),
             "† has two readings");
    fail(p, name ? x->span.begin : begin, begin + length,
         name ? sdp_printf(p->b, "write %s'", x->text) : "a transpose is x'",
         "numbers are real: there is no conjugate");
}

// f.(x), as Julia writes it: the dot is none of the name. Returns how much was used: the
// parenthesis is a token of its own.
size_t sdp_token_dotted(sdp_parser *p, size_t begin, size_t length)
{
    sdp_token_name(p, begin, length - 2);
    return length - 1;
}

// 𝟏 is a vector of ones, 𝟙{x>0} and 𝟙[x>0] indicators.
void sdp_token_one(sdp_parser *p, size_t begin, size_t length)
{
    char next = p->source[begin + length];
    if (next == '(' || next == '[') return;
    if (next == '{') {
        sdp_token_add(p, T_NUMBER, begin, length, "1");
        return;
    }
    sdp_token_add(p, T_NAME, begin, length, "vector");
    sdp_token_add(p, T_LPAREN, begin, length, "(");
    sdp_token_add(p, T_NUMBER, begin, length, "1");
    sdp_token_add(p, T_RPAREN, begin, length, ")");
}

// Directly in braces: the kind of a keyword, else T_NAME.
int sdp_token_keyword(const sdp_parser *p, const char *s, size_t n)
{
    static const struct {
        const char *word;
        int kind;
    } words[] = {
        {"if", T_IF}, {"when", T_IF}, {"for", T_IF}, {"otherwise", T_OTHERWISE}, {"else", T_OTHERWISE}};
    const sdp_token *o = opener(p), *t = last(p, 0);
    if (!o || o->kind != T_LBRACE || !sdp_token_ends_operand(t->kind)) return T_NAME;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].word) == n && !memcmp(words[i].word, s, n)) return words[i].kind;
    return T_NAME;
}

// ---- bars -------------------------------------------------------------------------------------------------

// Does a bar that may close follow on this level, with no comparison before it? `s` stands behind a bar.
static bool closes_later(const char *s)
{
    int depth = 0;
    const char *first = s;
    for (; *s && *s != '\n'; s++) {
        depth += strchr("([{", *s) ? 1 : strchr(")]}", *s) ? -1 : 0;
        if (depth < 0 || (!depth && strchr(";&<>=", *s))) return false;
        if (*s == '|' && !depth) return s > first && s[-1] != ' ';
    }
    return false;
}

// A bar between two operands without blanks: is what stands before it a comparison, x>0|y>0?
static bool after_comparison(const sdp_parser *p)
{
    uint32_t i = p->ntokens;
    while (i-- > 0) {
        const sdp_token *t = &p->token[i];
        if (t->kind == T_COMPARE || t->kind == T_AND || t->kind == T_OR) return true;
        if (t->kind == T_RPAREN || t->kind == T_RBRACKET || t->kind == T_BAR_CLOSE || t->kind == T_RBRACE)
            i = t->match;
        else if (t->kind == T_LPAREN || t->kind == T_LBRACKET || t->kind == T_BAR_OPEN ||
                 t->kind == T_SEMICOLON)
            return false;
    }
    return false;
}

static bool single(const sdp_token *o) { return o && o->kind == T_BAR_OPEN && !strcmp(o->text, "|"); }

void sdp_token_bar(sdp_parser *p, size_t begin)
{
    const char *next = p->source + begin + 1;
    bool behind = sdp_token_after_operand(p, begin);
    if (behind && single(opener(p))) sdp_token_add(p, T_BAR_CLOSE, begin, 1, "|");
    else if (!behind) sdp_token_add(p, T_BAR_OPEN, begin, 1, "|");
    else if (!strchr(" \t\r\n", *next) && !after_comparison(p) && closes_later(next))
        sdp_token_add(p, T_BAR_OPEN, begin, 1, "|");
    else sdp_token_add(p, T_OR, begin, 1, "|");
}

// Does || stand somewhere in the rest of the statement, but a single bar does not stand before it?
static bool bars_follow(const char *s)
{
    s += strcspn(s, "|;\n");
    return *s != '|' || s[1] == '|';
}

// || ‖ ∥, perhaps with a subscript, which only a closing bar can have: ‖x‖_1, ‖x‖_{2}, ‖X‖_F, ‖X‖²_F.
size_t sdp_token_bars(sdp_parser *p, size_t begin, size_t length)
{
    const char *s = p->source + begin;
    size_t bar = s[0] == '|' ? 2 : 3;
    const sdp_token *o = opener(p);
    bool behind = sdp_token_after_operand(p, begin);
    if (behind && single(o) && s[0] == '|') { // |x||y|
        sdp_token_bar(p, begin);
        return 1;
    }
    if (behind && o && o->kind == T_BAR_OPEN && !single(o)) {
        bool squared = length > bar && (s[bar] == '^' || !strncmp(s + bar, "²", 2));
        size_t square = squared ? 2 : 0, at = bar + square;
        const char *from = length == bar ? NULL : s[at] == '_' ? s + at + 1 : s + at, *to = s + length;
        if (from && *from == '{') from++, to--;
        const char *text = from ? sdp_name_text(p, from, (size_t)(to - from)) : NULL;
        sdp_token_add(p, T_BAR_CLOSE, begin, square ? bar : length, text);
        if (square) sdp_token_add(p, T_SUPERSCRIPT, begin + bar, length - bar, "2");
        return length;
    }
    if (s[0] == '|' && !behind && length == bar && !bars_follow(s + 2)) { // ||x|-1|
        sdp_token_bar(p, begin);
        return 1;
    }
    const sdp_token *f = o && o > p->token ? o - 1 : NULL; // KL(p||q)
    if (behind && o && o->kind == T_LPAREN && f && f->kind == T_NAME && strstr(f->text, "KL"))
        fail(p, f->span.begin, begin + bar,
             "of two lists of probabilities it is sum(rel_entr(p,q)), of two normal distributions write the "
             "formula",
             "this divergence has no name here");
    bool is_or = s[0] == '|' && behind && strchr(" \t\r\n", s[2]);
    sdp_token_add(p, is_or ? T_OR : T_BAR_OPEN, begin, bar, is_or ? "|" : "‖");
    return bar;
}

// ---- argmin_w ---------------------------------------------------------------------------------------------

// The text behind a word at s that asks for an optimum, argmin_w or minimize; NULL: it is none. *name: its
// variable, n bytes of it.
static const char *optimum(const char *s, size_t length, const char **name, size_t *n)
{
    static const char *const words[] = {"argmin",   "argmax",   "minimize", "maximize",
                                        "minimise", "maximise", "min",      "max"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t w = strlen(words[i]);
        if (length < w || memcmp(s, words[i], w)) continue;
        *name = s + w + 1;
        *n = length > w ? length - w - 1 : 0;
        if (length == w ? i < 6 : s[w] == '_' && length > w + 1) return s + length;
    }
    return NULL;
}

// Drops argmin_w, min_w, minimize in front of a statement and keeps the
// variable's name. Returns whether it did.
bool sdp_token_optimum(sdp_parser *p, size_t begin, size_t length)
{
    const char *name, *s = p->source + begin, *end = optimum(s, length, &name, &length);
    if (!end || p->nopen ||
        (last(p, 0) && last(p, 0)->kind != T_SEMICOLON && last(p, 0)->kind != T_NEWLINE && !p->newline.end))
        return false;
    bool spaced = *end == ' ' || *end == '\t', minus = false;
    if (!length && *end == '(' && !strncmp(s, "arg", 3)) return false; // argmin(x), a call
    while (*end == ' ' || *end == '\t') end++;
    minus = spaced && *end == '-' && end[1] != ' ';
    if (!*end || (strchr("+-*/^=.,:;)]<>&'\\\r\n", *end) && !minus)) return false;
    if (length && *name == '{') name++, length -= 2;
    if (length) p->tree->asked = sdp_name_text(p, name, length);
    return true;
}
