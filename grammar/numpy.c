// SPDX-License-Identifier: MIT
// Reads an expression of NumPy, PyTorch or JAX: a scanner in front of the same tokens and the same grammar.
//
// Python is cut here, and nothing is understood: np.linalg.norm is one NAME with its dots, .sum before a '('
// a METHOD, .T a FIELD, axis= a KEYWORD, (m, n) a TUPLE, ** a POWER of its own that groups from the right. A
// bound that is left out of a slice is put there, 0 or `end`. ast/surface/numpy.c gives all of that its
// meaning. Operands do not stand side by side in Python. Entry: sdp_scan_numpy.
#include "base/python.h"
#include "grammar/tokens.h"

#include <string.h>

#include "parser.h"

typedef struct {
    sdp_parser *p;
    const char *s;
    size_t n, at;
} scan;

static _Noreturn void fail(const scan *q, size_t begin, size_t end, const char *hint, const char *message)
{
    sdp_fail(q->p->b, SD_ERR_SYNTAX, (sdp_span){(uint32_t)begin, (uint32_t)end}, hint, "%s", message);
}

static bool in_name(char c)
{
    return sdp_is_letter(c) || sdp_is_digit(c) || c == '_' || (unsigned char)c >= 0x80;
}
static int last(const scan *q, uint32_t back)
{
    return q->p->ntokens > back ? q->p->token[q->p->ntokens - 1 - back].kind : 0;
}
static void add(scan *q, int kind, size_t length, const char *text)
{
    sdp_token_add(q->p, kind, q->at, length, text);
    q->at += length;
}

static const sdp_token *opener(const scan *q)
{
    return q->p->nopen ? &q->p->token[q->p->open[q->p->nopen - 1]] : NULL;
}
static bool in_index(const scan *q)
{
    return opener(q) && opener(q)->kind == T_LBRACKET && !strcmp(opener(q)->text, "index");
}
static size_t blanks(const scan *q, size_t at)
{
    while (q->s[at] == ' ' || q->s[at] == '\t') at++;
    return at;
}

static size_t word_end(const char *s, size_t at)
{
    while (in_name(s[at])) at++;
    return at;
}

// A dotted name whose first part is a module: its end; else `at` itself. F and nn may be matrices: F.T,
// F.sum().
size_t sdp_numpy_module(const char *s, size_t at)
{
    static const char *const modules[] = {"np",  "numpy",   "jnp", "torch", "jax",    "scipy", "math", "sp",
                                          "sps", "special", "F",   "nn",    "linalg", "stats", NULL};
    static const char *const normal[] = {"cdf", "pdf", "logpdf", "ppf", NULL}; // from scipy.stats import norm
    static const char *const methods[] = {"T",   "sum", "mean",  "dot",       "max",     "min",   "prod",
                                          "std", "var", "trace", "transpose", "flatten", "ravel", NULL};
    size_t end = word_end(s, at), first = end - at;
    bool module = false;
    for (int i = 0; modules[i]; i++)
        module |= strlen(modules[i]) == first && !memcmp(modules[i], s + at, first);
    for (int i = 0; first == 4 && !memcmp("norm.", s + at, 5) && normal[i]; i++)
        module |= word_end(s, end + 1) - end - 1 == strlen(normal[i]) &&
                  !memcmp(normal[i], s + end + 1, strlen(normal[i]));
    if (!module || s[end] != '.' || !sdp_is_letter(s[end + 1])) return at;
    size_t next = word_end(s, end + 1);
    for (int i = 0; methods[i] && (first == 1 || s[at] == 'l'); i++)
        if (strlen(methods[i]) == next - end - 1 && !memcmp(methods[i], s + end + 1, next - end - 1))
            return at;
    for (end = next; s[end] == '.' && sdp_is_letter(s[end + 1]);) {
        if (s[end + 1] == 'T' && !in_name(s[end + 2])) break;
        end = word_end(s, end + 1);
    }
    return end;
}

// lambda_ is lambda: Python has no variable of that name.
static size_t without_bar(const char *s, size_t n)
{
    return n && s[n - 1] == '_' && sdp_is_among_words(SDP_PYTHON_WORDS, s, n - 1) ? n - 1 : n;
}

static void name(scan *q)
{
    sdp_base *b = q->p->b;
    size_t end = sdp_numpy_module(q->s, q->at);
    bool module = end > q->at;
    if (!module) end = word_end(q->s, q->at);
    size_t next = blanks(q, end), n = end - q->at;
    const char *text = module ? sdp_strndup(b, q->s + q->at, n)
                              : sdp_name_text(q->p, q->s + q->at, without_bar(q->s + q->at, n));
    bool keyword = q->s[next] == '=' && q->s[next + 1] != '=' && q->p->nopen && !module;
    if (keyword) add(q, T_KEYWORD, next + 1 - q->at, text);
    else add(q, T_NAME, n, text);
}

static void dot(scan *q)
{
    size_t from = blanks(q, q->at + 1), end = word_end(q->s, from), next = blanks(q, end);
    if (end == from || !sdp_token_ends_operand(last(q, 0)) || last(q, 0) == T_NUMBER)
        sdp_unknown_character(q->p, q->at);
    const char *text = sdp_printf(q->p->b, ".%.*s", (int)(end - from), q->s + from);
    add(q, q->s[next] == '(' ? T_METHOD : T_FIELD, end - q->at, text);
}

static void number(scan *q)
{
    const char *s = q->s;
    size_t end = q->at;
    while (sdp_is_digit(s[end])) end++;
    if (s[end] == '.') end++;
    while (sdp_is_digit(s[end])) end++;
    size_t e = end + 1 + (s[end] && (s[end + 1] == '+' || s[end + 1] == '-'));
    if ((s[end] == 'e' || s[end] == 'E') && sdp_is_digit(s[e]))
        for (end = e; sdp_is_digit(s[end]);) end++;
    if (in_name(s[end]))
        fail(q, q->at, word_end(s, end), "a product is written with *", "a name begins inside a number");
    add(q, T_NUMBER, end - q->at, sdp_strndup(q->p->b, s + q->at, end - q->at));
}

static void string(scan *q)
{
    size_t end = q->at + 1;
    while (end < q->n && q->s[end] != q->s[q->at] && q->s[end] != '\n') end++;
    if (end >= q->n || q->s[end] != q->s[q->at])
        fail(q, q->at, end, "in NumPy a transpose is x.T", "a text is not closed");
    if (sdp_token_ends_operand(last(q, 0)))
        fail(q, q->at, end + 1, "in NumPy a transpose is x.T", "a text stands behind an operand");
    add(q, T_STRING, end + 1 - q->at, sdp_strndup(q->p->b, q->s + q->at + 1, end - q->at - 1));
}

// The part of the subscript that is being read has a colon already: x[5:-1 before the colon of x[5:-1:2],
// which the grammar would read as MATLAB does, first, step, last.
static bool has_colon(const scan *q)
{
    uint32_t opener = q->p->open[q->p->nopen - 1], depth = 0;
    for (uint32_t i = q->p->ntokens; i-- > opener + 1;) {
        int kind = q->p->token[i].kind;
        if (kind == T_RPAREN || kind == T_RBRACKET) depth++;
        else if (kind == T_LPAREN || kind == T_LBRACKET) depth--;
        else if (!depth && kind == T_COMMA) return false;
        else if (!depth && kind == T_COLON) return true;
    }
    return false;
}

// A bound of a slice that is left out, before ':' (0) or behind it (`end`).
static void fill_slice(scan *q, bool closes)
{
    if (!in_index(q)) return;
    int before = last(q, 0), further = last(q, 1);
    bool alone = before == T_COLON && (further == T_LBRACKET || further == T_COMMA);
    if (closes && before == T_COLON && !alone) sdp_token_add(q->p, T_NAME, q->at, 0, "end");
    if (closes) return;
    bool first = before == T_LBRACKET || before == T_COMMA;
    size_t next = blanks(q, q->at + 1);
    if (q->s[next] == ':' || has_colon(q))
        fail(q, q->at, q->s[next] == ':' ? next + 1 : q->at + 1, "slices go up by one, x[1:5], or are [::-1]",
             "steps of slices are not supported");
    if (first && q->s[next] != ',' && q->s[next] != ']') sdp_token_add(q->p, T_NUMBER, q->at, 0, "0");
}

typedef struct {
    const char *seen;
    int kind;
    const char *text;
} symbol;

// Longest first.
static const symbol symbols[] = {
    {"**", T_RPOWER, "**"},  {"<=", T_COMPARE, "<="}, {">=", T_COMPARE, ">="}, {"==", T_COMPARE, "=="},
    {"!=", T_COMPARE, "!="}, {"<", T_COMPARE, "<"},   {">", T_COMPARE, ">"},   {"+", T_PLUS, "+"},
    {"-", T_MINUS, "-"},     {"@", T_TIMES, "@"},     {"*", T_TIMES, ".*"},    {"/", T_TIMES, "./"},
    {"%", T_TIMES, "mod"},   {"&", T_AND, "&"},       {"|", T_OR, "|"},        {"~", T_NOT, "!"},
    {"(", T_LPAREN, "("},    {")", T_RPAREN, ")"},    {"[", T_LBRACKET, "["},  {"]", T_RBRACKET, "]"},
    {",", T_COMMA, ","},     {";", T_SEMICOLON, ";"}, {":", T_COLON, ":"},     {"=", T_ASSIGN, "="},
};

// What Python reads otherwise or not at all.
static const struct {
    const char *seen, *hint;
} strangers[] = {
    {"^", "in NumPy a power is x**2; --from plain reads ^"},
    {"//", "np.floor(x/y)"},
    {"<<", NULL},
    {">>", NULL},
    {"->", NULL},
    {"+=", NULL},
    {"-=", NULL},
    {"*=", NULL},
    {"/=", NULL},
    {"{", NULL},
    {"}", NULL},
};

// [::-1], a whole axis from its end: one colon. Length, or 0; nothing is read beyond a character that
// differs, which may be the end of the text.
static size_t reversal(const scan *q)
{
    bool is = in_index(q) && (last(q, 0) == T_LBRACKET || last(q, 0) == T_COMMA);
    size_t at = q->at, end = 0;
    for (const char *c = "::-1"; is && *c; c++) {
        at = blanks(q, at);
        is = q->s[at] == *c;
        at += is;
    }
    if (is) end = blanks(q, at);
    return is && (q->s[end] == ']' || q->s[end] == ',') ? at - q->at : 0;
}

// One bound of a slice that runs down, raised by one: x[5:1:-1] takes 5, 4, 3, 2, the entries 2:6 backwards.
// A bound that is left out is `none`; -1 becomes `end`. The tokens stand where the bound is written.
typedef struct {
    size_t begin, end;
    long value;
    bool given;
} slice_bound;

static bool read_bound(const scan *q, size_t *at, slice_bound *bound)
{
    size_t from = blanks(q, *at), i = from;
    bool minus = q->s[i] == '-';
    if (minus) i = blanks(q, i + 1);
    size_t digits = i;
    for (bound->value = 0; sdp_is_digit(q->s[i]) && i - digits < 9; i++)
        bound->value = 10 * bound->value + (q->s[i] - '0');
    bound->given = i > digits;
    if (minus) bound->value = -bound->value;
    bound->begin = from;
    bound->end = i;
    *at = blanks(q, i);
    return q->s[*at] == ':' && (bound->given || !minus) && !(minus && !bound->value);
}

static void add_bound(scan *q, const slice_bound *bound, const char *none)
{
    long raised = bound->value + 1;
    size_t at = bound->begin, length = bound->end - bound->begin;
    if (!bound->given || (bound->value < 0 && !raised)) {
        const char *text = bound->given ? "end" : none;
        sdp_token_add(q->p, sdp_is_digit(*text) ? T_NUMBER : T_NAME, at, length, text);
        return;
    }
    if (raised < 0) sdp_token_add(q->p, T_MINUS, at, 0, "-");
    sdp_token_add(q->p, T_NUMBER, at, length, sdp_printf(q->p->b, "%ld", raised < 0 ? -raised : raised));
}

// x[5:1:-1], x[:1:-1], x[5::-1] with whole numbers, where a subscript begins; it is read as first:-1:last.
// The last entry as the bound below, x[5:-1:-1], leaves nothing and is not read.
static bool downward(scan *q)
{
    if (!in_index(q) || (last(q, 0) != T_LBRACKET && last(q, 0) != T_COMMA)) return false;
    slice_bound first, below;
    size_t at = q->at;
    if (!read_bound(q, &at, &first)) return false;
    size_t colon = at++;
    if (!read_bound(q, &at, &below) || (below.given && below.value == -1)) return false;
    size_t second = at++, minus = blanks(q, at);
    if ((!first.given && !below.given) || q->s[minus] != '-') return false;
    size_t one = blanks(q, minus + 1);
    size_t end = q->s[one] == '1' ? blanks(q, one + 1) : 0;
    if (!end || (q->s[end] != ']' && q->s[end] != ',')) return false;
    add_bound(q, &first, "end");
    sdp_token_add(q->p, T_COLON, colon, 1, ":");
    sdp_token_add(q->p, T_MINUS, minus, 1, "-");
    sdp_token_add(q->p, T_NUMBER, one, 1, "1");
    sdp_token_add(q->p, T_COLON, second, 1, ":");
    add_bound(q, &below, "0");
    q->at = end;
    return true;
}

static void mark(scan *q)
{
    const char *s = q->s + q->at;
    size_t back = *s == ':' ? reversal(q) : 0;
    if (back) {
        add(q, T_COLON, back, "::-1");
        return;
    }
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        if (!strncmp(s, strangers[i].seen, strlen(strangers[i].seen)))
            fail(q, q->at, q->at + strlen(strangers[i].seen), strangers[i].hint,
                 sdp_printf(q->p->b, "'%s' has no meaning in an expression of NumPy here",
                            strangers[i].seen));
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        const symbol *m = &symbols[i];
        if (strncmp(s, m->seen, strlen(m->seen))) continue;
        if (m->kind == T_COLON) fill_slice(q, false);
        if (m->kind == T_COMMA || m->kind == T_RBRACKET) fill_slice(q, true);
        add(q, m->kind, strlen(m->seen), m->text);
        return;
    }
    sdp_unknown_character(q->p, q->at);
}

// `import numpy as np` says what everybody knows.
static bool is_import(const scan *q)
{
    bool first = !q->p->ntokens || last(q, 0) == T_SEMICOLON || q->p->newline.end;
    return first && !q->p->nopen &&
           (!strncmp(q->s + q->at, "import ", 7) || !strncmp(q->s + q->at, "from ", 5));
}

static void cut(scan *q)
{
    char c = q->s[q->at];
    if (c == ' ' || c == '\t') q->at++;
    else if (downward(q)) return;
    else if (c == '#' || is_import(q)) q->at += strcspn(q->s + q->at, "\r\n");
    else if (c == '\\' && (q->s[q->at + 1] == '\n' || q->s[q->at + 1] == '\r')) q->at += 2;
    else if (c == '\n' || c == '\r') {
        bool list = q->p->nopen; // inside brackets lines mean nothing
        if (!list) sdp_token_newline(q->p, q->at, 1);
        q->at++;
    } else if (sdp_is_digit(c) ||
               (c == '.' && sdp_is_digit(q->s[q->at + 1]) && !sdp_token_ends_operand(last(q, 0))))
        number(q);
    else if (c == '.') dot(q);
    else if (c == '\'' || c == '"') string(q);
    else if (sdp_is_letter(c) || c == '_') name(q);
    else if ((unsigned char)c >= 0x80) {
        size_t length;
        uint32_t letter = sdp_utf8_decode(q->s + q->at, q->n - q->at, &length);
        if (letter < 0x370 || letter > 0x3FF) sdp_unknown_character(q->p, q->at);
        name(q);
    } else mark(q);
}

// (m, n) is a tuple where the '(' calls nothing.
static void mark_tuples(sdp_parser *p)
{
    for (uint32_t i = 0, depth = 0, *open = sdp_scratch(p->b, (p->ntokens + (size_t)1) * sizeof *open);
         i < p->ntokens; i++) {
        sdp_token *t = &p->token[i];
        int before = i ? p->token[i - 1].kind : 0;
        if (t->kind == T_LPAREN || t->kind == T_LBRACKET)
            open[depth++] =
                t->kind == T_LPAREN && before != T_NAME && before != T_METHOD && before != T_DEFINED ? i + 1
                                                                                                     : 0;
        else if ((t->kind == T_RPAREN || t->kind == T_RBRACKET) && depth) depth--;
        else if (t->kind == T_COMMA && depth && open[depth - 1]) p->token[open[depth - 1] - 1].kind = T_TUPLE;
    }
}

void sdp_scan_numpy(sdp_parser *p)
{
    scan q = {p, p->source, p->n, 0};
    while (q.at < q.n) cut(&q);
    sdp_token_add(p, T_END, p->n, 0, "");
    for (uint32_t i = 1; i + 1 < p->ntokens; i++) {
        const sdp_token *t = &p->token[i];
        bool bare = t->kind == T_WHERE || t->kind == T_IF || t->kind == T_OTHERWISE;
        if (t->kind == T_JUXTAPOSE || bare)
            sdp_missing_operator(p, &p->token[i - 1], p->token[i + !bare].span);
    }
    mark_tuples(p);
}
