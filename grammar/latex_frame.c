// SPDX-License-Identifier: MIT
// The stack of open brackets (in all their sizes), arguments of commands, and environments.
//
// Every opener pushes a frame, and its closer must find it on top. A frame says which tokens close it: a
// numerator's brace adds ')' and '/', and begins the denominator.
#include "grammar/latex.h"

#include <string.h>

sdp_frame *sdp_latex_top(const sdp_latex *l) { return l->nframes ? &l->frame[l->nframes - 1] : NULL; }

sdp_frame *sdp_latex_push(sdp_latex *l, sdp_frame_kind kind, size_t begin, size_t end)
{
    if (l->nframes >= l->p->b->limit.depth) sdp_limit(l->p->b, "depth", l->p->b->limit.depth);
    l->frame = sdp_grown(l->p->b, l->frame, l->nframes, &l->frame_cap, sizeof *l->frame);
    l->frame[l->nframes++] = (sdp_frame){.kind = kind, .at = {(uint32_t)begin, (uint32_t)end}};
    return sdp_latex_top(l);
}

// Refuses a closer that does not match the innermost opener, e.g. the ] of (x].
static _Noreturn void mismatch(sdp_latex *l, size_t begin, size_t end)
{
    const sdp_frame *f = sdp_latex_top(l);
    const char *closer = sdp_latex_cut(l, begin, end);
    if (!f)
        sdp_latex_fail(l, begin, end, "nothing is open here", sdp_printf(l->p->b, "unexpected '%s'", closer));
    sdp_fail2(l->p->b, SD_ERR_SYNTAX, (sdp_span){(uint32_t)begin, (uint32_t)end}, f->at, NULL,
              "unexpected '%s': the '%s' before it is still open", closer,
              sdp_latex_cut(l, f->at.begin, f->at.end));
}

void sdp_latex_balanced(sdp_latex *l)
{
    const sdp_frame *f = sdp_latex_top(l);
    if (f)
        sdp_latex_fail(l, f->at.begin, f->at.end, NULL,
                       sdp_printf(l->p->b, "unbalanced '%s': it is never closed",
                                  sdp_latex_cut(l, f->at.begin, f->at.end)));
}

// ---- arguments --------------------------------------------------------------------------------------------

static void open_frame(sdp_latex *l, sdp_frame_kind kind, size_t begin, size_t end)
{
    bool call = kind == F_CALL;
    sdp_latex_add(l, call ? T_LPAREN : T_LBRACE, begin, end, call ? "(" : "{");
    sdp_latex_push(l, kind, begin, end);
}

// The frame on top ends at [begin,end).
static void close_frame(sdp_latex *l, size_t begin, size_t end)
{
    sdp_frame f = *sdp_latex_top(l);
    l->nframes--;
    l->at = end;
    switch (f.kind) {
    case F_CALL: sdp_latex_add(l, T_RPAREN, begin, end, ")"); break;
    case F_INDEX: sdp_latex_add(l, f.call ? T_RPAREN : T_RBRACKET, begin, end, f.call ? ")" : "]"); break;
    case F_NUMERATOR:
        sdp_latex_add(l, T_RBRACE, begin, end, "}");
        sdp_latex_add(l, T_TIMES, begin, end, "/");
        sdp_latex_take(l, F_DENOMINATOR);
        break;
    case F_DENOMINATOR:
        sdp_latex_add(l, T_RBRACE, begin, end, "}");
        sdp_latex_add(l, T_RBRACE, end, end, "}");
        break;
    case F_UPPER:
        sdp_latex_add(l, T_RBRACE, begin, end, "}");
        sdp_latex_add(l, T_COMMA, begin, end, ",");
        sdp_latex_take(l, F_LOWER);
        break;
    case F_LOWER:
        sdp_latex_add(l, T_RBRACE, begin, end, "}");
        sdp_latex_add(l, T_RPAREN, begin, end, ")");
        break;
    case F_RADICAND: { // (x)^(1/n); the index is a number
        sdp_latex_add(l, T_RBRACE, begin, end, "}");
        sdp_latex_add(l, T_POWER, end, end, "^");
        sdp_latex_add(l, T_LBRACE, end, end, "{");
        sdp_latex_add(l, T_NUMBER, end, end, "1");
        sdp_latex_add(l, T_TIMES, end, end, "/");
        sdp_latex_add(l, T_NUMBER, end, end, sdp_latex_cut(l, f.extra.begin, f.extra.end));
        sdp_latex_add(l, T_RBRACE, end, end, "}");
        sdp_latex_add(l, T_RBRACE, end, end, "}");
        break;
    }
    case F_DERIVED: {
        char name[256] = "";
        sdp_tex_name(l->s + f.extra.begin, f.extra.end - f.extra.begin, name, NULL);
        sdp_latex_add(l, T_RBRACE, begin, begin, "}");
        sdp_latex_add(l, T_COMMA, begin, end, ",");
        sdp_latex_add(l, T_NAME, f.extra.begin, f.extra.end, sdp_name_text(l->p, name, strlen(name)));
        l->at = sdp_latex_blanks(l, end);
        sdp_span den;
        sdp_latex_argument(l, l->at, &den, &l->at);
        sdp_latex_add(l, T_RPAREN, l->at - 1, l->at, ")");
        break;
    }
    default:
        sdp_latex_add(l, T_RBRACE, begin, end, "}");
        if (f.call) l->called = l->p->ntokens; // \sin^{2} x
        break;
    }
}

void sdp_latex_take(sdp_latex *l, sdp_frame_kind kind)
{
    sdp_span c;
    size_t at = sdp_latex_blanks(l, l->at), end;
    if (l->s[at] == '{' && !l->partner[at])
        sdp_latex_fail(l, at, at + 1, "a '}' is missing", "unbalanced '{': it is never closed");
    if (!sdp_latex_argument(l, at, &c, &end) || strchr("}&^_", l->s[at]))
        sdp_latex_fail(l, at, at < l->n ? at + 1 : at, "\\frac{a}{b}, \\sqrt{x}",
                       "an argument in braces was expected");
    if (l->s[at] == '{') {
        open_frame(l, kind, at, at + 1);
        l->at = at + 1;
        return;
    }
    open_frame(l, kind, at, at);
    l->at = at;
    if (sdp_is_digit(l->s[at])) sdp_latex_digits(l, true);
    else if (sdp_latex_name_end(l, at) > at) {
        char text[256];
        sdp_tex_name(l->s + at, end - at, text, NULL);
        sdp_latex_add(l, T_NAME, at, end, sdp_name_text(l->p, text, strlen(text)));
    } else {
        sdp_latex_fail(l, at, end, "\\frac{a}{b}, \\sqrt{x}", "put braces around this argument");
    }
    close_frame(l, end, end);
}

// '{': the argument of a function that ended just before, or a group.
void sdp_latex_brace(sdp_latex *l)
{
    size_t at = l->at;
    bool call = l->called == l->p->ntokens && sdp_latex_last(l) == T_NAME;
    if (!l->partner[at])
        sdp_latex_fail(l, at, at + 1, "a '}' is missing", "unbalanced '{': it is never closed");
    l->at++;
    if (sdp_latex_blanks(l, at + 1) == l->partner[at]) { // {} is nothing
        l->at = l->partner[at] + 1;
        return;
    }
    size_t behind = sdp_latex_blanks(l, l->partner[at] + 1);
    if (call && (l->s[behind] == '^' || l->s[behind] == '\'')) {
        const sdp_token *f = &l->p->token[l->p->ntokens - 1];
        const char *name = sdp_latex_cut(l, f->span.begin, f->span.end),
                   *x = sdp_latex_cut(l, at + 1, l->partner[at]);
        sdp_latex_fail(l, f->span.begin, behind + 1,
                       sdp_printf(l->p->b, "write %s(%s)^..., or %s((%s)^...)", name, x, name, x),
                       "how far the function goes has two readings");
    }
    open_frame(l, call ? F_CALL : F_GROUP, at, at + 1);
}

void sdp_latex_unbrace(sdp_latex *l)
{
    const sdp_frame *f = sdp_latex_top(l);
    if (!f || f->kind < F_GROUP || f->kind > F_INDEX) mismatch(l, l->at, l->at + 1);
    close_frame(l, l->at, l->at + 1);
}

// ---- delimiters -------------------------------------------------------------------------------------------

// side: '(' opens, ')' closes, '|' either
typedef struct {
    const char *text;
    sdp_frame_kind kind;
    char side;
} delimiter;
static const delimiter delimiters[] = {
    {"(", F_PAREN, '('},          {")", F_PAREN, ')'},        {"[", F_BRACKET, '('},
    {"]", F_BRACKET, ')'},        {"||", F_NORM, '|'},        {"|", F_BAR, '|'},
    {"\\{", F_CURLY, '('},        {"\\}", F_CURLY, ')'},      {"\\|", F_NORM, '|'},
    {"\\lbrace", F_CURLY, '('},   {"\\rbrace", F_CURLY, ')'}, {"\\lbrack", F_BRACKET, '('},
    {"\\rbrack", F_BRACKET, ')'}, {"\\lvert", F_BAR, '('},    {"\\rvert", F_BAR, ')'},
    {"\\vert", F_BAR, '|'},       {"\\mid", F_BAR, '|'},      {"\\lVert", F_NORM, '('},
    {"\\rVert", F_NORM, ')'},     {"\\Vert", F_NORM, '|'},    {"\\langle", F_ANGLE, '('},
    {"\\rangle", F_ANGLE, ')'},   {"\\lfloor", F_FLOOR, '('}, {"\\rfloor", F_FLOOR, ')'},
    {"\\lceil", F_CEIL, '('},     {"\\rceil", F_CEIL, ')'},
};

static const delimiter *find(const sdp_latex *l, size_t at)
{
    for (size_t i = 0; i < sizeof delimiters / sizeof *delimiters; i++) {
        size_t n = strlen(delimiters[i].text);
        if (!strncmp(l->s + at, delimiters[i].text, n) && !(n > 2 && sdp_is_letter(l->s[at + n])))
            return &delimiters[i];
    }
    return NULL;
}

static void open_delimiter(sdp_latex *l, sdp_frame_kind kind, size_t begin, size_t end, bool left)
{
    bool call = l->called == l->p->ntokens && sdp_latex_last(l) == T_NAME;
    const char *function = kind == F_ANGLE   ? "dot"
                           : kind == F_FLOOR ? "floor"
                           : kind == F_CEIL  ? "ceil"
                                             : NULL;
    bool paren = kind == F_PAREN || function || (call && (kind == F_BRACKET || kind == F_CURLY));
    if (function) sdp_latex_add(l, T_NAME, begin, end, function);
    if (kind == F_BAR || kind == F_NORM) sdp_latex_add(l, T_BAR_OPEN, begin, end, kind == F_BAR ? "|" : "‖");
    else sdp_latex_add(l, paren ? T_LPAREN : T_LBRACE, begin, end, paren ? "(" : "{");
    sdp_frame *f = sdp_latex_push(l, kind, begin, end);
    f->left = left;
    f->call = paren;
    l->at = end;
}

static void close_delimiter(sdp_latex *l, sdp_frame_kind kind, size_t begin, size_t end, bool left)
{
    const sdp_frame *f = sdp_latex_top(l);
    if (!f || f->kind != kind || f->left != left) mismatch(l, begin, end);
    bool call = f->call;
    l->nframes--;
    l->at = end;
    if (kind == F_NORM) sdp_latex_add(l, T_BAR_CLOSE, begin, end, sdp_latex_norm(l, end));
    else if (kind == F_BAR) sdp_latex_add(l, T_BAR_CLOSE, begin, end, "|");
    else sdp_latex_add(l, call ? T_RPAREN : T_RBRACE, begin, end, call ? ")" : "}");
}

// || is a norm, unless single bars stand before the next ||: ||x|-1|.
static bool is_norm(const sdp_latex *l, size_t at)
{
    size_t next = at + 2 + strcspn(l->s + at + 2, "|");
    return l->s[next] == '|' && l->s[next + 1] == '|';
}

// Of a bar that may open or close.
static bool closes(sdp_latex *l, const delimiter **d, size_t at)
{
    const sdp_frame *f = sdp_latex_top(l);
    bool after = sdp_latex_after(l), two = !strcmp((*d)->text, "||");
    // two single bars
    if (two && ((after && f && f->kind == F_BAR) || (!after && !is_norm(l, at)))) *d = &delimiters[5];
    return after && f && f->kind == (*d)->kind && !f->left;
}

bool sdp_latex_delimiter(sdp_latex *l, char size)
{
    size_t at = sdp_latex_blanks(l, l->at);
    const delimiter *d = find(l, at);
    size_t from = l->at;
    if (size)
        while (from && l->s[from - 1] != '\\') from--; // the span of \left( begins with its backslash
    if (size) from -= from > 0;
    if (!d) return false;
    bool left = size == 'l' || size == 'r';
    bool either = d->side == '|' && !left && size != 'o' && size != 'c',
         close = either ? closes(l, &d, at) : size == 'r' || size == 'c' || d->side == ')';
    if (size == 'l' || size == 'o') close = false;
    size_t end = at + strlen(d->text);
    if (!size) from = at;
    if (!strcmp(d->text, "\\mid") && !close && sdp_latex_after(l))
        sdp_latex_fail(l, at, end, "an absolute value is |x|", "a bar that means `given` is not read here");
    size_t behind = sdp_latex_spaces(l, end);
    // max(X,[],1)
    bool nothing =
        !size && d->kind == F_BRACKET && !close && sdp_latex_last(l) == T_COMMA && l->s[behind] == ']';
    if (nothing) {
        sdp_latex_add(l, T_LBRACKET, from, end, "[");
        sdp_latex_add(l, T_RBRACKET, behind, behind + 1, "]");
        l->at = behind + 1;
    } else if (close) close_delimiter(l, d->kind, from, end, left);
    else open_delimiter(l, d->kind, from, end, left);
    return true;
}

// ---- environments -----------------------------------------------------------------------------------------

static const struct {
    const char *name;
    sdp_frame_kind kind;
} environments[] = {
    {"equation", F_LINES},  {"align", F_LINES},    {"aligned", F_LINES},     {"alignat", F_LINES},
    {"alignedat", F_LINES}, {"split", F_LINES},    {"gather", F_LINES},      {"gathered", F_LINES},
    {"multline", F_LINES},  {"eqnarray", F_LINES}, {"displaymath", F_LINES}, {"math", F_LINES},
    {"matrix", F_MATRIX},   {"bmatrix", F_MATRIX}, {"pmatrix", F_MATRIX},    {"smallmatrix", F_MATRIX},
    {"array", F_MATRIX},    {"cases", F_CASES},    {"dcases", F_CASES},
};

// The name in the braces behind \begin, without a star; *end: behind them.
static const char *environment(sdp_latex *l, size_t at, size_t *end)
{
    sdp_span c;
    size_t from = l->at;
    if (l->s[sdp_latex_blanks(l, at)] != '{' || !sdp_latex_argument(l, at, &c, end))
        sdp_latex_fail(l, from, at, "\\begin{cases}", "the name of an environment was expected");
    size_t n = c.end - c.begin;
    if (n && l->s[c.end - 1] == '*') n--;
    return sdp_latex_cut(l, c.begin, c.begin + n);
}

void sdp_latex_begin(sdp_latex *l)
{
    size_t at = l->at, end;
    const char *name = environment(l, sdp_latex_word(l, at), &end);
    sdp_frame_kind kind = F_GROUP;
    for (size_t i = 0; i < sizeof environments / sizeof *environments; i++)
        if (!strcmp(environments[i].name, name)) kind = environments[i].kind;
    if (kind == F_GROUP)
        sdp_latex_fail(l, at, end, "equation, align, aligned, gather, cases, matrix, bmatrix, pmatrix, array",
                       sdp_printf(l->p->b, "unknown environment '%s'", name));
    sdp_span c;
    const sdp_frame *f = sdp_latex_top(l);
    bool brace = f && f->kind == F_CURLY && f->left && sdp_latex_last(l) == T_LBRACE;
    // \begin{array}{ll}
    if (!strcmp(name, "array") || !strncmp(name, "aligna", 6) || !strcmp(name, "alignedat"))
        sdp_latex_argument(l, end, &c, &end);
    if (!strcmp(name, "array") && brace) kind = F_CASES;
    if (kind == F_MATRIX) {
        sdp_latex_add(l, T_LBRACE, at, end, "{");
        sdp_latex_add(l, T_LBRACKET, at, end, "[");
    }
    if (kind == F_CASES) sdp_latex_add(l, T_LBRACE, at, end, "{");
    if (kind != F_LINES) sdp_latex_add(l, T_LBRACE, end, end, "{");
    sdp_latex_push(l, kind, at, end);
    l->at = end;
}

// The last cell of a row ends.
static void end_cell(sdp_latex *l, sdp_frame *f, size_t begin, size_t end)
{
    if (f->kind == F_MATRIX || !f->column) sdp_latex_add(l, T_RBRACE, begin, end, "}");
    f->column = 0;
}

void sdp_latex_end(sdp_latex *l)
{
    size_t at = l->at, end, e;
    const char *name = environment(l, sdp_latex_word(l, at), &end);
    sdp_frame *f = sdp_latex_top(l);
    if (!f || f->kind < F_LINES) mismatch(l, at, end);
    l->at = f->at.begin;
    const char *opened = environment(l, sdp_latex_word(l, f->at.begin), &e);
    l->at = at;
    if (strcmp(name, opened)) mismatch(l, at, end);
    if (f->kind != F_LINES) end_cell(l, f, at, end);
    if (f->kind == F_MATRIX) sdp_latex_add(l, T_RBRACKET, at, end, "]");
    if (f->kind != F_LINES) sdp_latex_add(l, T_RBRACE, at, end, "}");
    l->nframes--;
    l->at = end;
}

// & in cases: `if`, or `otherwise`, which takes all that is left of the row.
static void condition(sdp_latex *l, sdp_frame *f, size_t at)
{
    static const char *const skipped[] = {"if", "for", "when", "where"};
    char word[256] = "";
    size_t from = sdp_latex_spaces(l, at + 1), end = sdp_latex_name_end(l, from);
    if (f->column++)
        sdp_latex_fail(l, at, at + 1, "a row of cases is: value & condition \\\\", "a third column in cases");
    sdp_latex_add(l, T_RBRACE, at, at, "}");
    l->at = at + 1;
    bool text = l->s[from] == '\\' &&
                sdp_tex_font_of(l->s + from + 1, sdp_latex_word(l, from) - from - 1) == SDP_TEX_WORD;
    sdp_span c;
    size_t e;
    if (text && end == from && sdp_latex_argument(l, sdp_latex_word(l, from), &c, &e)) { // \text{otherwise.}
        while (c.end > c.begin && strchr(" .,~", l->s[c.end - 1])) c.end--;
        if (sdp_tex_name(sdp_printf(l->p->b, "\\text{%.*s}", (int)(c.end - c.begin), l->s + c.begin),
                         c.end - c.begin + 7, word, NULL))
            end = e;
    } else if (text && end > from) {
        sdp_tex_name(l->s + from, end - from, word, NULL);
    }
    if (!strcmp(word, "otherwise") || !strcmp(word, "else")) {
        sdp_latex_add(l, T_OTHERWISE, from, end, "");
        l->at = end;
        return;
    }
    for (size_t i = 0; i < sizeof skipped / sizeof *skipped; i++)
        if (!strcmp(word, skipped[i])) l->at = end;
    sdp_latex_add(l, T_IF, at, at + 1, "");
}

void sdp_latex_column(sdp_latex *l)
{
    size_t at = l->at;
    sdp_frame *f = sdp_latex_top(l);
    l->at++;
    if (f && f->kind == F_CASES) {
        condition(l, f, at);
    } else if (f && f->kind == F_MATRIX) {
        sdp_latex_add(l, T_RBRACE, at, at, "}");
        sdp_latex_add(l, T_COMMA, at, at + 1, ",");
        sdp_latex_add(l, T_LBRACE, at + 1, at + 1, "{");
    } else if (f && f->kind < F_LINES) {
        sdp_latex_fail(l, at, at + 1, NULL, "'&' belongs into a matrix, cases or align");
    }
}

bool sdp_latex_line(sdp_latex *l, size_t begin, size_t end)
{
    sdp_frame *f = sdp_latex_top(l);
    if (!f || (f->kind != F_MATRIX && f->kind != F_CASES)) return false;
    l->at = end;
    if (sdp_latex_is(l, sdp_latex_spaces(l, end), "end")) return true; // behind the last row
    end_cell(l, f, begin, begin);
    sdp_latex_add(l, T_SEMICOLON, begin, end, ";");
    sdp_latex_add(l, T_LBRACE, end, end, "{");
    return true;
}
