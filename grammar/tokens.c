// SPDX-License-Identifier: MIT
// The meaning of a token among its neighbours. sdp_token_add sees the tokens from left to right and decides:
//
//   juxtaposition   an operand beside an operand, as in 2X, X'(y-z), A x, log x, gets the token JUXTAPOSE
//                   between them; a name before '(' is a call, an operand before '[' is indexed; a number on
//                   the right of what is no name, and spaces in a [bracket] get none: a syntax error
//   newline         ends a statement, ends a row in a [bracket], and means nothing in ( ), after an operator,
//                   and before `where`
//   '               transposes after an operand, else it opens a text
//   | || ‖ { }      braces.c
//   x^T             transposes, unless x is a number; so it does in x^TAx
//   where           is the keyword unless '(' follows
//   X: s  t: s      a second declaration on the line begins before its name
//   f(x) = ...      makes f the token DEFINED
//   dF[i]/dx[j] = ...   an equation between entries: equation.c
#include "grammar/tokens.h"

#include <string.h>

#include "parser.h"

static sdp_token *append(sdp_parser *p, int kind, size_t begin, size_t length, const char *text)
{
    p->token = sdp_grown(p->b, p->token, p->ntokens, &p->token_cap, sizeof *p->token);
    sdp_token *t = &p->token[p->ntokens++];
    *t = (sdp_token){kind, {(uint32_t)begin, (uint32_t)(begin + length)}, text, 0};
    return t;
}

static sdp_token *last(const sdp_parser *p, uint32_t back)
{
    return p->ntokens > back ? &p->token[p->ntokens - 1 - back] : NULL;
}
static bool is(const sdp_token *t, int kind) { return t && t->kind == kind; }
static bool ends_statement(const sdp_token *t)
{
    return !t || t->kind == T_SEMICOLON || t->kind == T_NEWLINE;
}
static const sdp_token *opener(const sdp_parser *p)
{
    return p->nopen ? &p->token[p->open[p->nopen - 1]] : NULL;
}

// Directly in a [bracket], not in a subscript.
static bool in_bracket(const sdp_parser *p)
{
    const sdp_token *o = opener(p);
    return is(o, T_LBRACKET) && o->text[0] == '[';
}

bool sdp_token_after_operand(const sdp_parser *p, size_t begin)
{
    const sdp_token *t = last(p, 0);
    if (!t || !sdp_token_ends_operand(t->kind) || p->newline.end) return false;
    return !in_bracket(p) || t->span.end == begin;
}

void sdp_token_newline(sdp_parser *p, size_t begin, size_t length)
{
    if (!p->newline.end) p->newline = (sdp_span){(uint32_t)begin, (uint32_t)(begin + length)};
}

// Decides what the newline before a token of this kind was.
static void settle_newline(sdp_parser *p, int kind)
{
    sdp_span at = p->newline;
    const sdp_token *t = last(p, 0);
    if (!at.end) return;
    p->newline = (sdp_span){0, 0};
    if (p->nopen == 0) {
        if (ends_statement(t) || sdp_token_wants_operand(t->kind) || kind == T_WHERE || kind == T_END) return;
        append(p, T_NEWLINE, at.begin, at.end - at.begin, "");
        p->declaring = p->equation = false;
    } else if (in_bracket(p)) {
        if (t->kind == T_SEMICOLON || sdp_token_wants_operand(t->kind)) return;
        if (kind == T_RBRACKET || kind == T_SEMICOLON || kind == T_COMMA || kind == T_END) return;
        append(p, T_SEMICOLON, at.begin, at.end - at.begin, ";");
    }
}

// [cos θ, -sin θ]: a word of small letters may take what follows, even in a bracket.
// Whether it is a function knows hand.c.
static bool looks_like_function(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz");
    return n > 2 && !name[n] && !sdp_is_greek_name(name);
}

static bool juxtaposed(sdp_parser *p, int kind, size_t begin)
{
    const sdp_token *t = last(p, 0);
    if (!t || !sdp_token_ends_operand(t->kind) || !sdp_token_begins_operand(kind) ||
        (p->declaring && p->nopen == 0))
        return false;
    bool spaced = begin > t->span.end;
    bool joined = (kind == T_LPAREN && t->kind == T_NAME) || (kind == T_LBRACKET && t->kind != T_NUMBER);
    if (spaced && in_bracket(p) && joined)
        sdp_missing_operator(p, t, (sdp_span){(uint32_t)begin, (uint32_t)begin + 1});
    bool digits = kind == T_NUMBER && !(t->kind == T_NAME && spaced); // log 2
    if (joined || digits || kind == T_STRING || kind == T_NOT || t->kind == T_STRING) return false;
    return !spaced || !in_bracket(p) || (t->kind == T_NAME && looks_like_function(t->text));
}

// [a -b] is two elements in MATLAB and one by our rules: nobody should have to know.
static void check_sign_in_bracket(sdp_parser *p, size_t begin, size_t length)
{
    const sdp_token *t = last(p, 0);
    char next = p->source[begin + length];
    if (!in_bracket(p) || !t || !sdp_token_ends_operand(t->kind) || t->span.end == begin ||
        strchr(" \t\r\n", next))
        return;
    sdp_fail(p->b, SD_ERR_SYNTAX, (sdp_span){(uint32_t)begin, (uint32_t)(begin + length)},
             "separate elements by commas: [a, -b]; for a difference write [a - b]",
             "unclear sign in a bracket");
}

static void close_bracket(sdp_parser *p, int opening)
{
    uint32_t self = p->ntokens - 1;
    const sdp_token *t = &p->token[self], *o = opener(p);
    int n = (int)(t->span.end - t->span.begin);
    if (!o)
        sdp_fail(p->b, SD_ERR_SYNTAX, t->span, "no bracket is open here", "unexpected '%.*s'", n,
                 p->source + t->span.begin);
    bool braces = (t->text && t->text[0] == '}') != (strchr(o->text, '{') != NULL);
    bool bars = opening == T_BAR_OPEN && (t->text && !strcmp(t->text, "|")) != !strcmp(o->text, "|");
    if (o->kind != opening || braces || bars)
        sdp_fail2(p->b, SD_ERR_SYNTAX, t->span, o->span, NULL,
                  "unexpected '%.*s': the '%.*s' before it is still open", n, p->source + t->span.begin,
                  (int)(o->span.end - o->span.begin), p->source + o->span.begin);
    p->token[self].match = p->open[--p->nopen];
    p->token[p->token[self].match].match = self;
}

static void open_bracket(sdp_parser *p)
{
    if (p->nopen >= p->b->limit.depth) sdp_limit(p->b, "depth", p->b->limit.depth);
    p->open = sdp_grown(p->b, p->open, p->nopen, &p->open_cap, sizeof *p->open);
    p->open[p->nopen++] = p->ntokens - 1;
}

// The ':' of a declaration has been added. If another declaration came before it without ';', ends that one.
static void begin_declaration(sdp_parser *p)
{
    uint32_t name = p->ntokens - 2;
    if (p->ntokens < 2 || p->token[name].kind != T_NAME) return;
    bool again = p->declaring;
    p->declaring = true;
    if (!again || name == 0) return;
    sdp_token *before = &p->token[name - 1];
    if (before->kind == T_COMMA) {
        before->kind = T_SEMICOLON;
    } else if (!ends_statement(before) && before->kind != T_COLON) {
        append(p, T_END, 0, 0, "");
        memmove(&p->token[name + 1], &p->token[name], 2 * sizeof *p->token);
        sdp_span between = {p->token[name - 1].span.end, p->token[name].span.begin};
        p->token[name] = (sdp_token){T_SEMICOLON, between, ";", 0};
    }
}

// The '=' after f(x), where f begins a statement.
static void begin_definition(sdp_parser *p)
{
    const sdp_token *closer = last(p, 1);
    if (p->nopen || !is(closer, T_RPAREN) || closer->match == 0) return;
    uint32_t name = closer->match - 1;
    const sdp_token *before = name ? &p->token[name - 1] : NULL;
    if (p->token[name].kind == T_NAME &&
        (ends_statement(before) || before->kind == T_WHERE || before->kind == T_COMMA))
        p->token[name].kind = T_DEFINED;
}

// Both nest the parser's stack, so both count against the limit.
static void check_prefixes(sdp_parser *p, int kind)
{
    const sdp_token *t = last(p, 0);
    bool prefix = kind == T_PLUS || kind == T_MINUS
                      ? !t || !sdp_token_ends_operand(t->kind)
                      : kind == T_NOT || kind == T_ROOT || kind == T_NABLA || kind == T_NABLA2;
    p->prefixes = prefix ? p->prefixes + 1 : 0;
    if (p->prefixes > p->b->limit.depth) sdp_limit(p->b, "depth", p->b->limit.depth);
}

// √x² is √(x²) to some and (√x)² to others; so are √n! and √2π.
static void check_root(sdp_parser *p, int kind, size_t begin, size_t length, const char *text)
{
    const sdp_token *root = last(p, 1);
    bool power =
        kind == T_POWER || kind == T_SUPERSCRIPT || (kind == T_TRANSPOSE && !strcmp(text, "factorial"));
    if (!is(root, T_ROOT) || (!power && !juxtaposed(p, kind, begin))) return;
    sdp_fail(p->b, SD_ERR_SYNTAX, (sdp_span){root->span.begin, (uint32_t)(begin + length)},
             "put what is under the root in parentheses: √(...)", "the root has two readings");
}

void sdp_token_add(sdp_parser *p, int kind, size_t begin, size_t length, const char *text)
{
    settle_newline(p, kind);
    check_root(p, kind, begin, length, text);
    check_prefixes(p, kind);
    if (kind == T_PLUS || kind == T_MINUS) check_sign_in_bracket(p, begin, length);
    if (kind == T_LBRACKET && sdp_token_after_operand(p, begin) && last(p, 0)->kind != T_NUMBER)
        text = "index";
    if (juxtaposed(p, kind, begin)) append(p, kind == T_BIND ? T_BESIDE : T_JUXTAPOSE, begin, 0, "*");
    append(p, kind, begin, length, text);
    switch (kind) {
    case T_LPAREN:
    case T_LBRACKET:
    case T_LBRACE:
    case T_BAR_OPEN: open_bracket(p); break;
    case T_RPAREN: close_bracket(p, T_LPAREN); break;
    case T_RBRACKET: close_bracket(p, T_LBRACKET); break;
    case T_RBRACE: close_bracket(p, T_LBRACE); break;
    case T_BAR_CLOSE: close_bracket(p, T_BAR_OPEN); break;
    case T_SEMICOLON:
        if (!p->nopen) p->declaring = p->equation = false;
        break;
    case T_WHERE: p->equation = false; break;
    case T_COLON:
        if (!p->nopen) begin_declaration(p);
        break;
    case T_ASSIGN:
        begin_definition(p);
        if (!p->nopen) sdp_begin_equation(p);
        break;
    default: break;
    }
}

// ---- tokens that depend on what stands before or behind them ----------------------------------------------

// A^H, A^{H} of the operand in front: a conjugate transpose, or a power?
_Noreturn void sdp_refuse_hermitian(sdp_parser *p, const sdp_token *operand, size_t end)
{
    sdp_fail(p->b, SD_ERR_SYNTAX, (sdp_span){operand->span.begin, (uint32_t)end},
             operand->kind == T_NAME ? sdp_printf(p->b, "the transpose is %s'; for a power write %s^(H)",
                                                  operand->text, operand->text)
                                     : "numbers are real: a transpose is x'; for a power write ^(H)",
             "^H has two readings");
}

// x^T, x^-T and the T of x^TAx: it has not been added. Replaces the '^' and
// says how much of the name was used.
static size_t transposes(sdp_parser *p, size_t begin, size_t length)
{
    const sdp_token *t = last(p, 0);
    uint32_t back = is(t, T_MINUS) ? 1 : 0;
    const sdp_token *power = last(p, back), *operand = last(p, back + 1);
    const char *s = p->source + begin;
    if (length > 4 || (s[0] != 'T' && s[0] != 'H') || !is(power, T_POWER) || power->text[0] != '^') return 0;
    if (!operand || !sdp_token_ends_operand(operand->kind)) return 0;
    if (operand->kind == T_NUMBER && strcmp(operand->text, "1")) return 0; // 1^T x: the vector of ones
    if (sdp_token_is_binder(p, (uint32_t)(operand - p->token))) return 0;  // sum_{t=1}^T
    for (size_t i = 1; i < length; i++)
        if (!((s[i] | 32) >= 'a' && (s[i] | 32) <= 'z')) return 0;
    size_t from = power->span.begin;
    if (s[0] == 'H' && length > 1) return 0;
    if (s[0] == 'H') sdp_refuse_hermitian(p, operand, begin + 1);
    p->ntokens -= back + 1;
    if (back) sdp_token_add(p, T_SUPERSCRIPT, from, begin + 1 - from, "-1");
    sdp_token_add(p, T_TRANSPOSE, from, begin + 1 - from, "'");
    return 1;
}

void sdp_token_name(sdp_parser *p, size_t begin, size_t length)
{
    const char *s = p->source + begin, *next = s + length;
    while (*next == ' ' || *next == '\t') next++;
    size_t used = transposes(p, begin, length);
    begin += used, length -= used, s += used;
    if (!length || sdp_token_optimum(p, begin, length)) return;
    int keyword = sdp_token_keyword(p, s, length);
    if (keyword != T_NAME) sdp_token_add(p, keyword, begin, length, "");
    else if (length == 5 && memcmp(s, "where", 5) == 0 && *next != '(')
        sdp_token_add(p, T_WHERE, begin, length, "where");
    else sdp_token_add(p, T_NAME, begin, length, sdp_name_text(p, s, length));
}

// ∇_x, ∇²_x, ∇^2_x, ∇_x²: the text is the variable's name.
void sdp_token_nabla(sdp_parser *p, size_t begin, size_t length)
{
    static const char x[] = "ₓ", square[] = "²";
    const char *s = p->source + begin, *end = s + length, *name = s + strlen("∇");
    bool second = false;
    if (memcmp(name, square, 2) == 0) second = true, name += 2;
    else if (name[0] == '^') second = true, name += 2;
    if (memcmp(end - 2, square, 2) == 0) second = true, end -= 2;
    const char *text = *name == '_'              ? sdp_name_text(p, name + 1, (size_t)(end - name - 1))
                       : memcmp(name, x, 3) == 0 ? "x"
                                                 : "";
    sdp_token_add(p, second ? T_NABLA2 : T_NABLA, begin, length, text);
}

// ∇f( ∇²f( ∇₂f( of a declared function: a name like any other. The parenthesis is a token of its own.
size_t sdp_token_nabla_call(sdp_parser *p, size_t begin, size_t length)
{
    sdp_token_add(p, T_NAME, begin, length - 1, sdp_name_text(p, p->source + begin, length - 1));
    return length - 1;
}

size_t sdp_token_number(sdp_parser *p, size_t begin, size_t length)
{
    const char *s = p->source + begin;
    sdp_span at = {(uint32_t)begin, (uint32_t)(begin + length)};
    if (s[0] == '0' && length > 1 && strchr("xXbBoO", s[1]))
        sdp_fail(p->b, SD_ERR_SYNTAX, at, "numbers are decimal; for a product write *",
                 "'%.*s' is not a number", length > 40 ? 40 : (int)length, s);
    if (s[length - 1] == '.') { // 3.*x is 3 .* x; and "1..." continues the line
        const char *next = s + length;
        if (strchr("*/\\^'", *next) ? *next != '\0' : next[0] == '.' && next[1] == '.') length--;
    }
    sdp_token_add(p, T_NUMBER, begin, length, sdp_strndup(p->b, s, length));
    return length;
}

static bool continues_name(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// The digit whose superscript stands at s, or -1; its length in bytes.
static int superscript_digit(const char *s, size_t *length)
{
    static const char *const digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    for (int d = 0; d < 10; d++) {
        *length = strlen(digits[d]);
        if (strncmp(s, digits[d], *length) == 0) return d;
    }
    return -1;
}

// ² ⁻¹ ¹² ᵀ ⊤ ^ᵀ .T .' ⁻ᵀ
size_t sdp_token_superscript(sdp_parser *p, size_t begin, size_t length)
{
    const char *s = p->source + begin, *end = s + length;
    char *text = sdp_alloc(p->b, length + 2), *to = text;
    size_t n;
    if (s[0] == '.' && (!sdp_token_after_operand(p, begin) || (s[1] == 'T' && continues_name(*end))))
        sdp_unknown_character(p, begin);
    if (strncmp(s, "⁻", 3) == 0) *to++ = '-', s += 3;
    else if (strncmp(s, "⁺", 3) == 0) s += 3;
    for (int d; s < end && (d = superscript_digit(s, &n)) >= 0; s += n) *to++ = (char)('0' + d);
    bool transpose = s < end;
    if (transpose && to > text) *to++ = '1'; // ⁻ᵀ
    if (to > text) sdp_token_add(p, T_SUPERSCRIPT, begin, length, text);
    if (transpose) sdp_token_add(p, T_TRANSPOSE, begin, length, "'");
    return length;
}

size_t sdp_token_quote(sdp_parser *p, size_t begin, size_t length)
{
    const char *s = p->source + begin;
    if (s[0] == '\'' && sdp_token_second(p, begin)) return 1;
    if (s[0] == '\'' && sdp_token_after_operand(p, begin)) {
        sdp_token_add(p, T_TRANSPOSE, begin, 1, "'");
        return 1;
    }
    if (length == 1)
        sdp_fail(p->b, SD_ERR_SYNTAX, (sdp_span){(uint32_t)begin, (uint32_t)begin + 1},
                 s[0] == '\'' ? "a transpose stands behind its operand: x'" : NULL,
                 "the text in quotes is never closed");
    sdp_token_add(p, T_STRING, begin, length, sdp_strndup(p->b, s + 1, length - 2));
    return length;
}

// sum_p,q( : uses everything but the bracket. A function of that name that is
// defined before is called instead.
size_t sdp_token_sum(sdp_parser *p, size_t begin, size_t length)
{
    const char *s = p->source + begin;
    size_t stem = (size_t)(strchr(s, '_') + 1 - s), name = strcspn(s, ",(");
    bool arguments = p->nopen && s[name] == ','; // f(sum_p,q(x)) has two arguments
    if (!p->equation && (arguments || sdp_token_is_own(p, s, name))) {
        sdp_token_name(p, begin, name);
        return name;
    }
    if (!p->equation) sdp_token_check_call(p, begin, length);
    sdp_token_add(p, T_SUM, begin, stem - 1, "over");
    for (size_t at = stem; at + 1 < length;) {
        size_t n = strcspn(s + at, ",(");
        sdp_token_add(p, T_NAME, begin + at, n, sdp_name_text(p, s + at, n));
        at += n;
        if (s[at] == ',') sdp_token_add(p, T_COMMA, begin + at, 1, ",");
        at++;
    }
    return length - 1;
}
