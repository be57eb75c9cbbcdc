// SPDX-License-Identifier: MIT
// Inside grammar/: the tokens of a text and the state of one parse.
//
// The scanner (lexer.l) only cuts the text up; sdp_token_add (tokens.c) sees every token with its left
// neighbour and settles what depends on the surroundings: juxtaposition, newlines, quotes, norm bars,
// declarations. So the parser (parser.y) reads a finished array and its grammar has no conflicts, and a
// syntax error (report.c) can look around in both directions.
#ifndef SDP_TOKENS_H
#define SDP_TOKENS_H

#include "grammar/syntax.h"

typedef struct {
    int kind; // of the enum in the generated parser.h
    sdp_span span;
    // reserved name of an operator; NAME, NUMBER, STRING: the text of the node; norm: its subscript
    const char *text;
    uint32_t match; // openers: index of the closer, closers: of the opener; 0: never closed
} sdp_token;

typedef struct sdp_parser {
    sdp_base *b;
    sdp_tree *tree;
    const char *source;
    size_t n;
    const char *buffer; // the scanner's own copy of the source
    sdp_token *token;
    uint32_t ntokens, token_cap;
    uint32_t *open; // openers that wait for their closer
    uint32_t nopen, open_cap;
    sdp_span newline;  // a newline whose meaning the next token decides; empty if there is none
    uint32_t prefixes; // signs and other prefix operators in a row
    bool declaring;    // between the ':' of a declaration and its end
    int binders;       // 2: the text defines a function such as sum_p; 1: it does not; 0: not yet looked at
    bool equation;     // between the '=' of an equation between entries and its end
    uint32_t next;     // the token that the parser reads next
    uint32_t *pending; // arguments, rows, names ... whose user is not complete
    uint32_t npending, pending_cap;
    const char *typed; // the source with its left side, which ends at `left`
    size_t left;
    bool hoist; // the last statement is an expression with `where`, and only newlines follow it
} sdp_parser;

// ---- lexer.l and tokens.c ---------------------------------------------------------------------------------
void sdp_scan(sdp_parser *p);       // fills p->token
void sdp_scan_latex(sdp_parser *p); // the same from LaTeX: latex.c
void sdp_scan_numpy(sdp_parser *p); // the same from NumPy: numpy.c
// the end of np.linalg.norm; `at` if no module stands there
size_t sdp_numpy_module(const char *s, size_t at);
void sdp_numpy_evidence(const char *s, size_t n, sdp_span *numpy, sdp_span *plain); // notation_numpy.c
void sdp_token_add(sdp_parser *p, int kind, size_t begin, size_t length, const char *text);
void sdp_token_newline(sdp_parser *p, size_t begin, size_t length);
void sdp_token_name(sdp_parser *p, size_t begin, size_t length);
void sdp_token_nabla(sdp_parser *p, size_t begin, size_t length);
size_t sdp_token_nabla_call(sdp_parser *p, size_t begin, size_t length);
// Each takes the longest text that it might be and returns how much of that it used.
size_t sdp_token_number(sdp_parser *p, size_t begin, size_t length);
size_t sdp_token_superscript(sdp_parser *p, size_t begin, size_t length);
size_t sdp_token_quote(sdp_parser *p, size_t begin, size_t length);
size_t sdp_token_bars(sdp_parser *p, size_t begin, size_t length);
size_t sdp_token_sum(sdp_parser *p, size_t begin, size_t length);
// binder.c
size_t sdp_token_binder(sdp_parser *p, size_t begin, size_t length);
void sdp_token_check_call(sdp_parser *p, size_t begin, size_t length);
bool sdp_token_is_binder(const sdp_parser *p, uint32_t brace); // does the '}' end the ranges of a sum?
// a function that the text defines, sum_p(x) = ...
bool sdp_token_is_own(sdp_parser *p, const char *s, size_t n);
// script.c
size_t sdp_token_layer(sdp_parser *p, size_t begin, size_t length);
size_t sdp_token_raised(sdp_parser *p, size_t begin, size_t length);
size_t sdp_token_binder_between(sdp_parser *p, size_t begin, size_t length);
size_t sdp_token_shifted(sdp_parser *p, size_t begin, size_t length);
// braces.c
_Noreturn void sdp_token_subject(sdp_parser *p, size_t begin, size_t length); // f s.t. g <= 0
void sdp_token_brace(sdp_parser *p, size_t begin), sdp_token_unbrace(sdp_parser *p, size_t begin);
size_t sdp_token_braced_name(sdp_parser *p, size_t begin, size_t length),
    sdp_token_word(sdp_parser *p, size_t begin, size_t length);
void sdp_token_bracket(sdp_parser *p, size_t begin), sdp_token_unbracket(sdp_parser *p, size_t begin);
void sdp_token_below(sdp_parser *p, size_t begin, size_t length);
void sdp_token_bar(sdp_parser *p, size_t begin);
void sdp_token_binder_below(sdp_parser *p, size_t begin, size_t length);
void sdp_token_percent(sdp_parser *p, size_t begin), sdp_token_bang(sdp_parser *p, size_t begin);
_Noreturn void sdp_token_adjoint(sdp_parser *p, size_t begin, size_t length);
size_t sdp_token_dotted(sdp_parser *p, size_t begin, size_t length);
void sdp_token_one(sdp_parser *p, size_t begin, size_t length);
int sdp_token_keyword(const sdp_parser *p, const char *s, size_t n);
bool sdp_token_optimum(sdp_parser *p, size_t begin, size_t length);
void sdp_begin_equation(sdp_parser *p); // the '=' has been added outside all brackets. equation.c
// would a mark at `begin` belong to an operand?
bool sdp_token_after_operand(const sdp_parser *p, size_t begin);
bool sdp_token_ends_operand(int kind);
bool sdp_token_begins_operand(int kind);
bool sdp_token_wants_operand(int kind); // what follows on the next line belongs to it

bool sdp_token_second(sdp_parser *p, size_t begin); // second.c: x' as a second variable
_Noreturn void sdp_refuse_hermitian(sdp_parser *p, const sdp_token *operand, size_t end); // tokens.c: A^H
void sdp_skip_left_side(sdp_parser *p);       // left.c: p(x|y) = ...
void sdp_index_by_parentheses(sdp_parser *p); // matlab.c: x(1:3)
// ---- chars.c ----------------------------------------------------------------------------------------------
void sdp_check_text(sdp_parser *p); // fails at control bytes, NUL and invalid UTF-8
_Noreturn void sdp_unknown_character(sdp_parser *p, size_t begin);
// subscript digits as digits, π as pi; the first spelling
const char *sdp_name_text(sdp_parser *p, const char *s, size_t n);

// ---- report.c ---------------------------------------------------------------------------------------------
typedef struct {
    bool operand, comma, closer, end;
} sdp_expected;                                               // what would have fitted
_Noreturn void sdp_unexpected(sdp_parser *p, sdp_expected e); // the token before p->next does not fit
_Noreturn void sdp_missing_operator(sdp_parser *p, const sdp_token *left, sdp_span right);

// ---- syntax.c: one function for each kind of construct; they return the node ------------------------------
#define SDP_NO_SYNTAX UINT32_MAX
#define SDP_NO_TOKEN  UINT32_MAX
void sdp_push(sdp_parser *p, uint32_t item);
sdp_syn sdp_syn_leaf(sdp_parser *p, sdp_syn_kind kind, uint32_t token);
sdp_syn sdp_syn_call(sdp_parser *p, const char *text, sdp_span op, sdp_span span, sdp_syn first,
                     uint32_t pending);
sdp_syn sdp_syn_binary(sdp_parser *p, uint32_t token, sdp_syn left, sdp_syn right, sdp_span span);
sdp_syn sdp_syn_unary(sdp_parser *p, const char *text, uint32_t token, sdp_syn argument, sdp_span span);
// operands side by side; one alone is itself
sdp_syn sdp_syn_steps(sdp_parser *p, uint32_t token, sdp_syn first, sdp_syn step, sdp_syn last,
                      sdp_span span);
sdp_syn sdp_syn_index(sdp_parser *p, sdp_syn base, uint32_t pending, sdp_span span);
sdp_syn sdp_syn_side(sdp_parser *p, uint32_t pending, sdp_span span);
// value, condition, ..., the last value
sdp_syn sdp_syn_cases(sdp_parser *p, uint32_t pending, sdp_span span);
sdp_syn sdp_syn_superscript(sdp_parser *p, uint32_t token, sdp_syn base, sdp_span span);
sdp_syn sdp_syn_mark(sdp_parser *p, uint32_t token, sdp_syn base, sdp_span span);     // x', n!
sdp_syn sdp_syn_space(sdp_parser *p, uint32_t name, sdp_syn exponent, sdp_span span); // R^n, R^{n×d}
sdp_syn sdp_syn_sizes(sdp_parser *p, uint32_t rows, uint32_t cols, sdp_span span);    // 3x3
sdp_syn sdp_syn_range(sdp_parser *p, uint32_t token, sdp_syn first, sdp_syn last, sdp_span span);
sdp_syn sdp_syn_norm(sdp_parser *p, uint32_t closer, sdp_syn argument, sdp_span span); // or |x|
sdp_syn sdp_syn_nabla(sdp_parser *p, const char *text, uint32_t token, sdp_syn argument, sdp_span span);
sdp_syn sdp_syn_define(sdp_parser *p, uint32_t name, uint32_t pending, sdp_syn body, sdp_span span);
sdp_syn sdp_syn_entries(sdp_parser *p, uint32_t first, uint32_t second, sdp_syn entry, sdp_span span);
sdp_syn sdp_syn_over(sdp_parser *p, uint32_t token, uint32_t indices, sdp_syn summand, sdp_span span);
// of an index
sdp_syn sdp_syn_range_of(sdp_parser *p, uint32_t name, sdp_syn lower, sdp_syn upper, sdp_span span);
// pending: ranges
sdp_syn sdp_syn_binder(sdp_parser *p, uint32_t token, uint32_t ranges, sdp_syn upper, sdp_span span);
sdp_syn sdp_syn_bind(sdp_parser *p, sdp_syn binder, sdp_syn body, sdp_span span);
// pending: variables
sdp_syn sdp_syn_equation(sdp_parser *p, sdp_syn left, uint32_t variables, sdp_syn right, sdp_span span);
sdp_syn sdp_syn_parenthesise(sdp_parser *p, sdp_syn inside, sdp_span outer);
// pending: `names` token indices, then `facts` nodes
void sdp_syn_declare(sdp_parser *p, uint32_t names, sdp_syn shape, sdp_syn result, uint32_t facts,
                     sdp_span span);
// bindings: pending definitions; expression: SDP_NO_SYNTAX if they stand alone
void sdp_syn_statement(sdp_parser *p, sdp_syn expression, uint32_t bindings);

#endif
