// SPDX-License-Identifier: MIT
// Reads a formula in LaTeX: the loop over its characters.
//
// A formula means what its print shows: blanks mean nothing, letters side by side are factors, and the marks
// around a formula ($, \[, equation, labels, a full stop) are dropped. A formula with two readings in print,
// e.g. x^12 or \sin^{-1} x, is refused with both texts. Entry: sdp_scan_latex.
#include "grammar/latex.h"

#include <string.h>

_Noreturn void sdp_latex_fail(sdp_latex *l, size_t begin, size_t end, const char *hint, const char *message)
{
    sdp_fail(l->p->b, SD_ERR_SYNTAX, (sdp_span){(uint32_t)begin, (uint32_t)end}, hint, "%s", message);
}

const char *sdp_latex_cut(sdp_latex *l, size_t begin, size_t end)
{
    size_t n = end - begin;
    if (n > 60) n = 60;
    return sdp_strndup(l->p->b, l->s + begin, n);
}

void sdp_latex_add(sdp_latex *l, int kind, size_t begin, size_t end, const char *text)
{
    sdp_token_add(l->p, kind, begin, end - begin, text);
}

int sdp_latex_last(const sdp_latex *l) { return l->p->ntokens ? l->p->token[l->p->ntokens - 1].kind : 0; }
bool sdp_latex_after(const sdp_latex *l)
{
    return l->p->ntokens && sdp_token_ends_operand(sdp_latex_last(l));
}

size_t sdp_latex_word(const sdp_latex *l, size_t at)
{
    size_t end = at + 1;
    while (sdp_is_letter(l->s[end])) end++;
    return end == at + 1 && end < l->n ? end + 1 : end;
}

bool sdp_latex_is(const sdp_latex *l, size_t at, const char *command)
{
    size_t n = strlen(command);
    return l->s[at] == '\\' && !strncmp(l->s + at + 1, command, n) && !sdp_is_letter(l->s[at + 1 + n]);
}

size_t sdp_latex_blanks(const sdp_latex *l, size_t at)
{
    for (;; at++) {
        if (l->s[at] == '%') at += strcspn(l->s + at, "\r\n");
        if (!l->s[at] || !strchr(" \t\r\n~", l->s[at])) return at;
    }
}

static bool is_space(const sdp_latex *l, size_t at)
{
    static const char *const words[] = {"quad", "qquad", "enspace", "thinspace"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (sdp_latex_is(l, at, words[i])) return true;
    return l->s[at] == '\\' && l->s[at + 1] && strchr(",;:!> ", l->s[at + 1]);
}

size_t sdp_latex_spaces(const sdp_latex *l, size_t at)
{
    for (;;) {
        at = sdp_latex_blanks(l, at);
        if (is_space(l, at)) at = sdp_latex_word(l, at);
        else if (l->s[at] == '&') at++;
        else return at;
    }
}

bool sdp_latex_argument(const sdp_latex *l, size_t at, sdp_span *content, size_t *end)
{
    at = sdp_latex_blanks(l, at);
    if (at >= l->n) return false;
    if (l->s[at] == '{') {
        if (!l->partner[at]) return false;
        *content = (sdp_span){(uint32_t)at + 1, l->partner[at]};
        *end = l->partner[at] + 1;
        return true;
    }
    size_t length;
    *end = sdp_latex_name_end(l, at);
    if (*end == at && l->s[at] == '\\') *end = sdp_latex_word(l, at);
    if (*end == at) sdp_utf8_decode(l->s + at, l->n - at, &length), *end = at + length;
    *content = (sdp_span){(uint32_t)at, (uint32_t)*end};
    return true;
}

// ---- numbers ----------------------------------------------------------------------------------------------

// The number at l->at, or its first digit alone: \frac12.
void sdp_latex_digits(sdp_latex *l, bool one)
{
    size_t from = l->at, end = from + strspn(l->s + from, "0123456789");
    if (one) end = from + 1;
    else if (l->s[end] == '.' && sdp_is_digit(l->s[end + 1])) end += 1 + strspn(l->s + end + 1, "0123456789");
    const char *e = l->s + end;
    if (!one && (*e == 'e' || *e == 'E') &&
        (sdp_is_digit(e[1]) || ((e[1] == '-' || e[1] == '+') && sdp_is_digit(e[2])))) {
        size_t digits = strspn(e + 2, "0123456789") + 2;
        const char *number = sdp_latex_cut(l, from, end), *power = sdp_strndup(l->p->b, e + 1, digits - 1);
        sdp_latex_fail(l, from, end + digits,
                       sdp_printf(l->p->b, "write %s \\cdot 10^{%s}, or %s \\mathrm{e} %s", number, power,
                                  number, power),
                       "this number has two readings");
    }
    bool function = l->p->ntokens && l->called == l->p->ntokens; // \log2, \sin^2 2x
    if (function) sdp_latex_add(l, T_JUXTAPOSE, from, from, "*");
    sdp_latex_add(l, T_NUMBER, from, end, sdp_strndup(l->p->b, l->s + from, end - from));
    l->at = end;
}

// ---- letters ----------------------------------------------------------------------------------------------

// In print `sin x` is s i n x. Who types it means the function.
static void refuse_word(sdp_latex *l, size_t from, size_t end)
{
    size_t n = end - from;
    const char *word = sdp_latex_cut(l, from, end);
    for (size_t k = n > 7 ? 7 : n; k >= 3; k--) {
        bool head = sdp_latex_is_function(l->s + from, k);
        if (head || (l->s[end] == '(' && sdp_latex_is_function(l->s + end - k, k))) {
            const char *f =
                head ? sdp_strndup(l->p->b, l->s + from, k) : sdp_strndup(l->p->b, l->s + end - k, k);
            sdp_latex_fail(
                l, from, end,
                sdp_printf(
                    l->p->b,
                    "for the function write \\operatorname{%s}, for a product put blanks between the letters",
                    f),
                sdp_printf(l->p->b, "'%s' has two readings in LaTeX", word));
        }
    }
    bool small = n >= 4;
    for (size_t i = from; i < end; i++) small &= l->s[i] >= 'a';
    if (small)
        sdp_latex_fail(
            l, from, end,
            sdp_printf(l->p->b, "for one name write \\text{%s}, for a product put blanks between the letters",
                       word),
            sdp_printf(l->p->b, "'%s' has two readings in LaTeX", word));
}

// A word before '(' is a function of the plain notation, as hints write it: norm(A,2).
static bool plain_call(sdp_latex *l)
{
    size_t from = l->at, end = from;
    while (sdp_is_letter(l->s[end])) end++;
    if (end - from < 2 || (from && sdp_is_letter(l->s[from - 1]))) return false;
    if (l->s[end] == '(' && (sdp_latex_is_function(l->s + from, end - from) || end - from > 3)) {
        sdp_latex_add(l, T_NAME, from, end, sdp_name_text(l->p, l->s + from, end - from));
        l->called = l->p->ntokens;
        l->at = end;
        return true;
    }
    refuse_word(l, from, end);
    return false;
}

// ---- what stands around and between -----------------------------------------------------------------------

// Is nothing of the formula left behind `at`, but what closes it?
static bool is_end(const sdp_latex *l, size_t at)
{
    for (;;) {
        size_t end;
        sdp_span label;
        at = sdp_latex_spaces(l, at);
        if (sdp_latex_is(l, at, "label") || sdp_latex_is(l, at, "tag")) {
            if (!sdp_latex_argument(l, sdp_latex_word(l, at) + (l->s[sdp_latex_word(l, at)] == '*'), &label,
                                    &end))
                return false;
            at = end;
        } else if (sdp_latex_is(l, at, "nonumber") || sdp_latex_is(l, at, "notag")) {
            at = sdp_latex_word(l, at);
        } else if (strchr(".,;$", l->s[at]) && l->s[at]) {
            at++;
        } else {
            break;
        }
    }
    bool line = l->s[at] == '\\' && (l->s[at + 1] == '\\' || l->s[at + 1] == ')' || l->s[at + 1] == ']');
    return at >= l->n || line || sdp_latex_is(l, at, "end");
}

// From `at` to the next ',' ';' or line outside brackets: does a '=' stand there, or \in?
static char statement_kind(const sdp_latex *l, size_t at)
{
    int depth = 0;
    for (; at < l->n; at++) {
        char c = l->s[at];
        if (c == '{' && l->partner[at]) at = l->partner[at];
        else if (sdp_latex_is(l, at, "in")) return depth ? 0 : 'i';
        else if (c == '\\' && l->s[at + 1] == '\\') return 0;
        else if (c == '\\') at = sdp_latex_word(l, at) - 1;
        else if (strchr("([", c)) depth++;
        else if (strchr(")]", c)) depth--;
        else if (!depth && (c == ',' || c == ';')) return 0;
        else if (!depth && c == '=') return '=';
    }
    return 0;
}

// Is the statement so far a list of names, x, y \in ...?
static bool names_only(const sdp_parser *p)
{
    for (uint32_t i = p->ntokens; i-- > 0;) {
        int k = p->token[i].kind;
        if (k == T_SEMICOLON) return true;
        if (k != T_NAME && k != T_COMMA) return false;
    }
    return true;
}

static void comma(sdp_latex *l)
{
    size_t at = l->at++, next = sdp_latex_spaces(l, l->at);
    const sdp_frame *f = sdp_latex_top(l);
    if (f && f->kind == F_ANGLE) {
        sdp_latex_add(l, T_COMMA, at, at + 1, ",");
        return;
    }
    bool row = sdp_latex_is(l, next, "end") || (l->s[next] == '\\' && l->s[next + 1] == '\\') ||
               next > sdp_latex_blanks(l, l->at);
    if (f && f->kind == F_CASES && row && is_end(l, sdp_latex_blanks(l, l->at))) return;
    if (f && f->kind == F_CASES && memchr(l->s + at, '&', next - at)) return;
    if (l->p->nopen) {
        sdp_latex_add(l, T_COMMA, at, at + 1, ",");
        return;
    }
    if (is_end(l, l->at)) return;
    // , \text{where}
    if (sdp_latex_is(l, next, "text") || sdp_latex_is(l, next, "mathrm") || sdp_latex_is(l, next, "textrm"))
        return;
    char kind = statement_kind(l, next);
    if (kind == 'i' && !names_only(l->p)) sdp_latex_statement(l, at, at + 1);
    else if (kind == '=' && !names_only(l->p)) sdp_latex_statement(l, at, at + 1);
    else sdp_latex_add(l, T_COMMA, at, at + 1, ",");
}

void sdp_latex_statement(sdp_latex *l, size_t begin, size_t end)
{
    int last = sdp_latex_last(l);
    l->at = end;
    size_t next = sdp_latex_spaces(l, end);
    if (!last || last == T_SEMICOLON || sdp_token_wants_operand(last) || is_end(l, end)) return;
    if (l->s[begin] == '\\' && strchr("+-", l->s[next])) return; // the formula goes on
    if (l->s[next] == '=')
        sdp_latex_fail(l, next, next + 1, "one formula at a time: L = ... and r = ... are two",
                       "the steps of a computation are not read");
    sdp_latex_add(l, T_SEMICOLON, begin, end, ";");
}

static void semicolon(sdp_latex *l)
{
    size_t at = l->at;
    if (is_end(l, at)) l->at++;
    else if (l->p->nopen) sdp_latex_add(l, T_COMMA, at, at + 1, ","), l->at++; // L(\theta; x)
    else sdp_latex_statement(l, at, at + 1);
}

static void dollar(sdp_latex *l)
{
    size_t at = l->at, end = at + strspn(l->s + at, "$");
    l->at = end;
    if (!l->dollar && !l->p->ntokens) l->dollar = at + 1;
    else if (l->dollar && is_end(l, end)) l->dollar = 0;
    else sdp_latex_fail(l, at, end, "one formula at a time, between $ and $ or without", "unexpected '$'");
}

// .* ./ .^ of the plain notation, or a full stop.
static void stop(sdp_latex *l)
{
    static const char *const ops[] = {".*", "./", ".^"};
    size_t at = l->at;
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        if (l->s[at] != '.' || l->s[at + 1] != ops[i][1]) continue;
        sdp_latex_add(l, i < 2 ? T_TIMES : T_POWER, at, at + 2, ops[i]);
        l->at += 2;
        return;
    }
    if (!is_end(l, at))
        sdp_latex_fail(l, at, at + 1, "a number has a digit before and behind its point", "unexpected '.'");
    l->at++;
}

static void equals(sdp_latex *l)
{
    size_t at = l->at, end = at + 1 + (l->s[at] == ':' || l->s[at + 1] == '=');
    bool defines = !l->p->nopen && end == at + 1 + (l->s[at] == ':');
    sdp_latex_add(l, defines ? T_ASSIGN : T_COMPARE, at, end, defines ? "=" : "==");
    l->at = end;
}

// ---- characters -------------------------------------------------------------------------------------------

static void unknown(sdp_latex *l)
{
    size_t at = l->at, length;
    uint32_t c = sdp_utf8_decode(l->s + at, l->n - at, &length);
    if (c >= 0x80)
        sdp_latex_fail(
            l, at, at + length,
            "write the whole in LaTeX, or the whole as plain text; --from latex or --from plain says which",
            sdp_printf(l->p->b, "'%.*s' is no LaTeX, and the rest is: two notations", (int)length,
                       l->s + at));
    if (l->s[at] == '!' && sdp_token_after_operand(l->p, at)) {
        sdp_token_bang(l->p, at);
        l->at = at + 1;
        return;
    }
    sdp_unknown_character(l->p, at);
}

static void sign(sdp_latex *l, char c)
{
    static const struct {
        char c;
        int kind;
        const char *text;
    } signs[] = {
        {'+', T_PLUS, "+"},  {'-', T_MINUS, "-"},   {'*', T_TIMES, "*"},
        {'/', T_TIMES, "/"}, {'<', T_COMPARE, "<"}, {'>', T_COMPARE, ">"},
    };
    size_t at = l->at, wide = l->s[at + 1] == '=' && (c == '<' || c == '>');
    if ((c == '*' && l->s[at + 1] == '*'))
        sdp_latex_fail(l, at, at + 2, "a power is x^{2}", "'**' is no LaTeX, and the rest is: two notations");
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (signs[i].c != c) continue;
        sdp_latex_add(l, signs[i].kind, at, at + 1 + wide, wide ? (c == '<' ? "<=" : ">=") : signs[i].text);
        l->at = at + 1 + wide;
        return;
    }
    unknown(l);
}

static void step(sdp_latex *l)
{
    size_t at = l->at;
    char c = l->s[at];
    if ((c == '_' || c == '^') && l->partner[at]) l->at = l->partner[at]; // read with the name before it
    else if (sdp_is_digit(c) || (c == '.' && sdp_is_digit(l->s[at + 1]))) sdp_latex_digits(l, false);
    else if (sdp_is_letter(c) && plain_call(l)) return;
    else if (sdp_latex_name_end(l, at) > at) sdp_latex_name(l, at, sdp_latex_name_end(l, at));
    else if (c == '\\') sdp_latex_command(l);
    else if (c == '{') sdp_latex_brace(l);
    else if (c == '}') sdp_latex_unbrace(l);
    else if (c == '^') sdp_latex_power(l);
    else if (c == '_') sdp_latex_below(l);
    else if (c == '\'') sdp_latex_prime(l);
    else if (c == '&') sdp_latex_column(l);
    else if (c == '$') dollar(l);
    else if (c == ',') comma(l);
    else if (c == ';') semicolon(l);
    else if (c == '.') stop(l);
    else if (c == '=' || (c == ':' && l->s[at + 1] == '=')) equals(l);
    else if (c == ':') sdp_latex_add(l, T_COLON, at, at + 1, ":"), l->at++;
    else if (!sdp_latex_delimiter(l, 0)) sign(l, c);
}

// The partner of every brace. What is not closed has none, and is refused where it is read.
static void match_braces(sdp_latex *l)
{
    uint32_t depth = 0, cap = 0, *open = NULL;
    for (size_t i = 0; i < l->n; i++) {
        if (l->s[i] == '\\') i++;
        else if (l->s[i] == '%') i += strcspn(l->s + i, "\r\n");
        else if (l->s[i] == '{')
            open = sdp_grown(l->p->b, open, depth, &cap, sizeof *open), open[depth++] = (uint32_t)i;
        else if (l->s[i] == '}' && depth) l->partner[open[--depth]] = (uint32_t)i;
    }
}

void sdp_scan_latex(sdp_parser *p)
{
    char *copy = sdp_scratch(p->b, p->n + 4); // looking ahead needs an end
    sdp_copy(copy, p->source, p->n);
    sdp_latex l = {.p = p, .s = copy, .n = p->n};
    l.partner = sdp_scratch(p->b, (p->n + 4) * sizeof *l.partner);
    match_braces(&l);
    sdp_latex_left(&l);
    while ((l.at = sdp_latex_blanks(&l, l.at)) < l.n) step(&l);
    if (l.dollar)
        sdp_latex_fail(&l, l.dollar - 1, l.dollar, NULL, "the formula that begins with '$' does not end");
    sdp_latex_balanced(&l);
    sdp_latex_styles(&l);
    sdp_token_add(p, T_END, p->n, 0, "");
}
