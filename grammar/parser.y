// SPDX-License-Identifier: MIT
// The grammar: precedence and associativity as in MATLAB, one level of nonterminals each, tightest last.
//
//   sum       a + b   a - b                                left
//   product   a * b   a / b   a \ b   a .* b               left; sum_i a extends to its end
//   unary     -a   +a   !a                                 right
//   side      a b   f x   ∇_x a                            a list: ast/surface/hand.c
//   postfix   a'   a ^ b   a²                              left; so -x^2 is -(x^2) and a^b' is (a^b)'
//   primary   x   f(x)   x[i]   (a)   [a, b; c, d]   ‖a‖   |a|   {a if c; b otherwise}   sum_p,q(a)
//
// The semantic values are numbers: of the token, of the node, or how many items wait in p->pending. Locations
// are byte spans. Everything lives in arenas, so no symbol needs a %destructor. Nested input makes the stack
// grow (right recursion: one entry for each '-'), in scratch and up to a multiple of the limit `depth`.
%code requires {
#include "grammar/tokens.h"
}
%code {
#include <string.h>

static int sdp_yylex(uint32_t *value, sdp_span *span, sdp_parser *p);
static void sdp_yyerror(const sdp_span *span, sdp_parser *p, const char *message);
static void *larger_stack(sdp_parser *p, const void *stack, size_t bytes);

// An empty right-hand side stands between its neighbours.
#define YYLLOC_DEFAULT(now, rhs, n)                                                  \
    do {                                                                             \
        (now).begin = (n) ? YYRHSLOC(rhs, 1).begin : YYRHSLOC(rhs, 0).end;           \
        (now).end = YYRHSLOC(rhs, n).end;                                            \
    } while (0)

// The stacks double in scratch. Nothing else in the parser asks for memory: LAC looks ahead by reductions
// alone, which push fewer states at a time than its built-in room holds.
#define YYMAXDEPTH 2000000000
#define YYMALLOC(bytes) ((void)(bytes), (void *)0)
#define YYFREE(block) ((void)(block))
#define yyoverflow(message, states, state_bytes, values, value_bytes, spans, span_bytes, size) \
    do {                                                                                       \
        if ((size_t)*(size) / 16 > p->b->limit.depth + 1000) sdp_limit(p->b, "depth", p->b->limit.depth); \
        *(states) = larger_stack(p, *(states), (size_t)(state_bytes));                         \
        *(values) = larger_stack(p, *(values), (size_t)(value_bytes));                         \
        *(spans) = larger_stack(p, *(spans), (size_t)(span_bytes));                            \
        *(size) *= 2;                                                                          \
    } while (0)
}

%define api.pure full
%define api.prefix {sdp_yy}
%define api.token.prefix {T_}
%define api.value.type {uint32_t}
%define api.location.type {sdp_span}
%define parse.error custom
%define parse.lac full
%locations
%param {sdp_parser *p}
%expect 0

// The numbers of the tokens are the indices of p->token; the aliases are for reports of bison, never shown.
%token END 0     "end of the text"
%token NUMBER    "number"
%token NAME      "name"
%token DEFINED   "name of the function that is defined"
%token STRING    "text in quotes"
%token LPAREN    "("
%token RPAREN    ")"
%token LBRACKET  "["
%token RBRACKET  "]"
%token BAR_OPEN  "‖ that opens"
%token BAR_CLOSE "‖ that closes"
%token LBRACE    "{"
%token RBRACE    "}"
%token IF        "if"
%token OTHERWISE "otherwise"
%token COMMA     ","
%token SEMICOLON ";"
%token NEWLINE   "end of the line"
%token COLON     ":"
%token ASSIGN    "="
%token ARROW     "->"
%token WHERE     "where"
%token PLUS      "+"
%token MINUS     "-"
%token TIMES     "operator like *"
%token JUXTAPOSE "product without an operator"
%token POWER     "operator like ^"
%token SUPERSCRIPT "superscript"
%token TRANSPOSE "' or !"
%token COMPARE   "comparison"
%token AND       "&"
%token OR        "|"
%token NOT       "!"
%token NABLA     "∇_x"
%token NABLA2    "∇²_x"
%token TENSOR    "tensor that is given by its entries"
%token VARIED    "variable of an equation between entries"
%token OVER      "/ between them"
%token PARTIAL   "∂"
%token SUM       "sum over indices"
%token BIND      "sum over an index of what follows"
%token BESIDE    "product without an operator, of a sum"
%token ROOT      "√"
%token RPOWER    "**"
%token METHOD    ".method"
%token FIELD     ".field"
%token KEYWORD   "name="
%token TUPLE     "( of a tuple"

%%

program: item | program separator item;
separator: ";" { p->hoist = false; } | NEWLINE;
item: %empty | statement;

statement
    : expr                                 { sdp_syn_statement(p, $1, 0); }
    | expr WHERE bindings                  { sdp_syn_statement(p, $1, $3); }
    | bindings                             { sdp_syn_statement(p, SDP_NO_SYNTAX, $1); }
    | bindings WHERE bindings              { sdp_syn_statement(p, SDP_NO_SYNTAX, $1 + $3); }
    | equation                             { sdp_syn_statement(p, $1, 0); }
    | equation WHERE bindings              { sdp_syn_statement(p, $1, $3); }
    | names ":" shape facts                { sdp_syn_declare(p, $1, $3, SDP_NO_SYNTAX, $4, @$); }
    | names ":" shape "->" shape facts     { sdp_syn_declare(p, $1, $3, $5, $6, @$); }
    ;

bindings
    : definition                           { sdp_push(p, $1); $$ = 1; }
    | bindings "," definition              { sdp_push(p, $3); $$ = $1 + 1; }
    ;

definition
    : NAME "=" expr                        { $$ = sdp_syn_define(p, $1, 0, $3, @$); }
    | DEFINED "(" parameters ")" "=" expr  { $$ = sdp_syn_define(p, $1, $3, $6, @$); }
    ;

equation
    : tensor "=" expr                      { $$ = sdp_syn_equation(p, $1, 0, $3, @$); }
    | tensor OVER variables "=" expr       { $$ = sdp_syn_equation(p, $1, $3, $5, @$); }
    ;

tensor
    : TENSOR
        { $$ = sdp_syn_call(p, p->token[$1].text, @1, @$, SDP_NO_SYNTAX, 0); }
    | TENSOR "[" indices "]"
        { $$ = sdp_syn_call(p, p->token[$1].text, @1, @$, SDP_NO_SYNTAX, $3); }
    ;

variables
    : variable                             { sdp_push(p, $1); $$ = 1; }
    | variables variable                   { sdp_push(p, $2); $$ = $1 + 1; }
    ;

variable
    : VARIED                               { $$ = sdp_syn_leaf(p, SYN_NAME, $1); }
    | VARIED "[" indices "]"
        { $$ = sdp_syn_call(p, "index", @$, @$, sdp_syn_leaf(p, SYN_NAME, $1), $3); }
    ;

indices
    : NAME                                 { sdp_push(p, sdp_syn_leaf(p, SYN_NAME, $1)); $$ = 1; }
    | indices "," NAME                     { sdp_push(p, sdp_syn_leaf(p, SYN_NAME, $3)); $$ = $1 + 1; }
    ;

parameters
    : NAME                                 { sdp_push(p, sdp_syn_leaf(p, SYN_NAME, $1)); $$ = 1; }
    | parameters "," NAME                  { sdp_push(p, sdp_syn_leaf(p, SYN_NAME, $3)); $$ = $1 + 1; }
    ;

names
    : NAME                                 { sdp_push(p, $1); $$ = 1; }
    | names "," NAME                       { sdp_push(p, $3); $$ = $1 + 1; }
    ;

shape
    : NAME                                 { $$ = sdp_syn_leaf(p, SYN_NAME, $1); }
    | call
    | NAME POWER primary                   { $$ = sdp_syn_space(p, $1, $3, @$); }
    | size TIMES size                      { $$ = sdp_syn_binary(p, $2, $1, $3, @$); }
    | NUMBER NAME                          { $$ = sdp_syn_sizes(p, $1, $2, @$); }
    ;

size
    : NUMBER                               { $$ = sdp_syn_leaf(p, SYN_NUMBER, $1); }
    | NAME                                 { $$ = sdp_syn_leaf(p, SYN_NAME, $1); }
    ;

facts
    : %empty                               { $$ = 0; }
    | facts NAME                           { sdp_push(p, sdp_syn_leaf(p, SYN_NAME, $2)); $$ = $1 + 1; }
    ;

expr: or;
or: and | or "|" and                       { $$ = sdp_syn_binary(p, $2, $1, $3, @$); };
and: comparison | and "&" comparison       { $$ = sdp_syn_binary(p, $2, $1, $3, @$); };
comparison: sum | sum COMPARE sum          { $$ = sdp_syn_binary(p, $2, $1, $3, @$); };

sum
    : product
    | sum "+" product                      { $$ = sdp_syn_binary(p, $2, $1, $3, @$); }
    | sum "-" product                      { $$ = sdp_syn_binary(p, $2, $1, $3, @$); }
    ;

product
    : chain
    | summed
    | chain TIMES summed                   { $$ = sdp_syn_binary(p, $2, $1, $3, @$); }
    | chain BESIDE summed                  { sdp_push(p, $3); $$ = sdp_syn_call(p, "beside", @$, @$, $1, 1); }
    ;

chain
    : unary
    | chain TIMES unary                    { $$ = sdp_syn_binary(p, $2, $1, $3, @$); }
    ;

summed
    : binder product                       { $$ = sdp_syn_bind(p, $1, $2, @$); }
    | "-" summed                           { $$ = sdp_syn_unary(p, "neg", $1, $2, @$); }
    ;

binder
    : BIND "{" ranges "}" beside           { $$ = sdp_syn_binder(p, $1, $3, SDP_NO_SYNTAX, @$); }
    | BIND "{" ranges "}" POWER bound beside { $$ = sdp_syn_binder(p, $1, $3, $6, @$); }
    ;

beside: %empty { $$ = 0; } | JUXTAPOSE | BESIDE;

ranges
    : range                                { sdp_push(p, $1); $$ = 1; }
    | ranges "," range                     { sdp_push(p, $3); $$ = $1 + 1; }
    ;

range
    : NAME                                 { $$ = sdp_syn_range_of(p, $1, SDP_NO_SYNTAX, SDP_NO_SYNTAX, @$); }
    | NAME "=" sum                         { $$ = sdp_syn_range_of(p, $1, $3, SDP_NO_SYNTAX, @$); }
    | NAME "=" sum ":" sum                 { $$ = sdp_syn_range_of(p, $1, $3, $5, @$); }
    | NAME COMPARE NAME
        { $$ = sdp_syn_binary(p, $2, sdp_syn_leaf(p, SYN_NAME, $1), sdp_syn_leaf(p, SYN_NAME, $3), @$); }
    ;

bound
    : NAME                                 { $$ = sdp_syn_leaf(p, SYN_NAME, $1); }
    | NUMBER                               { $$ = sdp_syn_leaf(p, SYN_NUMBER, $1); }
    | "(" expr ")"                         { $$ = sdp_syn_parenthesise(p, $2, @$); }
    ;

unary
    : side                                 { $$ = sdp_syn_side(p, $1, @1); }
    | "-" unary                            { $$ = sdp_syn_unary(p, "neg", $1, $2, @$); }
    | "+" unary                            { $$ = $2; }
    | "!" unary                            { $$ = sdp_syn_unary(p, "!", $1, $2, @$); }
    ;

side
    : operand                              { sdp_push(p, $1); $$ = 1; }
    | side JUXTAPOSE operand               { sdp_push(p, $3); $$ = $1 + 1; }
    ;

operand
    : postfix
    | NABLA operand                        { $$ = sdp_syn_nabla(p, "grad", $1, $2, @$); }
    | NABLA2 operand                       { $$ = sdp_syn_nabla(p, "hessian", $1, $2, @$); }
    | NABLA "-" operand
        { $$ = sdp_syn_nabla(p, "grad", $1, sdp_syn_unary(p, "neg", $2, $3, @$), @$); }
    ;

postfix
    : primary
    | marked
    | postfix POWER exponent               { $$ = sdp_syn_binary(p, $2, $1, $3, @$); }
    | primary RPOWER right                 { $$ = sdp_syn_binary(p, $2, $1, $3, @$); }
    ;

right
    : primary
    | primary RPOWER right                 { $$ = sdp_syn_binary(p, $2, $1, $3, @$); }
    | "-" right                            { $$ = sdp_syn_unary(p, "neg", $1, $2, @$); }
    | "+" right                            { $$ = $2; }
    ;

marked
    : postfix TRANSPOSE                    { $$ = sdp_syn_mark(p, $2, $1, @$); }
    | postfix SUPERSCRIPT                  { $$ = sdp_syn_superscript(p, $2, $1, @$); }
    | marked "[" subscripts "]"            { $$ = sdp_syn_index(p, $1, $3, @$); }
    ;

exponent
    : primary
    | "-" exponent                         { $$ = sdp_syn_unary(p, "neg", $1, $2, @$); }
    | "+" exponent                         { $$ = $2; }
    ;

primary
    : NUMBER                               { $$ = sdp_syn_leaf(p, SYN_NUMBER, $1); }
    | NAME                                 { $$ = sdp_syn_leaf(p, SYN_NAME, $1); }
    | call
    | "(" expr ")"                         { $$ = sdp_syn_parenthesise(p, $2, @$); }
    | "[" rows "]"                         { $$ = sdp_syn_call(p, "bracket", @$, @$, SDP_NO_SYNTAX, $2); }
    | "[" rows ";" "]"                     { $$ = sdp_syn_call(p, "bracket", @$, @$, SDP_NO_SYNTAX, $2); }
    | ROOT rooted                          { $$ = sdp_syn_unary(p, p->token[$1].text, $1, $2, @$); }
    | BAR_OPEN expr BAR_CLOSE              { $$ = sdp_syn_norm(p, $3, $2, @$); }
    | "{" expr "}"                         { $$ = sdp_syn_parenthesise(p, $2, @$); }
    | "{" cases "}"                        { $$ = sdp_syn_cases(p, $2, @$); }
    | SUM indices "(" expr ")"             { $$ = sdp_syn_over(p, $1, $2, $4, @$); }
    | primary "[" subscripts "]"           { $$ = sdp_syn_index(p, $1, $3, @$); }
    | primary FIELD                        { $$ = sdp_syn_unary(p, p->token[$2].text, $2, $1, @$); }
    | primary METHOD "(" ")"               { $$ = sdp_syn_unary(p, p->token[$2].text, $2, $1, @$); }
    | primary METHOD "(" arguments ")"     { $$ = sdp_syn_call(p, p->token[$2].text, @2, @$, $1, $4); }
    | TUPLE arguments ")"                  { $$ = sdp_syn_call(p, "tuple", @$, @$, SDP_NO_SYNTAX, $2); }
    | TUPLE arguments "," ")"              { $$ = sdp_syn_call(p, "tuple", @$, @$, SDP_NO_SYNTAX, $2); }
    ;

cases
    : case
    | cases ";" case                       { $$ = $1 + $3; }
    | cases "," case                       { $$ = $1 + $3; }
    ;

case
    : expr IF expr                         { sdp_push(p, $1); sdp_push(p, $3); $$ = 2; }
    | expr OTHERWISE                       { sdp_push(p, $1); $$ = 1; }
    ;

rooted
    : NUMBER                               { $$ = sdp_syn_leaf(p, SYN_NUMBER, $1); }
    | NAME                                 { $$ = sdp_syn_leaf(p, SYN_NAME, $1); }
    | call
    | "(" expr ")"                         { $$ = sdp_syn_parenthesise(p, $2, @$); }
    ;

call
    : NAME "(" ")"
        { $$ = sdp_syn_call(p, p->token[$1].text, @1, @$, SDP_NO_SYNTAX, 0); }
    | NAME "(" arguments ")"
        { $$ = sdp_syn_call(p, p->token[$1].text, @1, @$, SDP_NO_SYNTAX, $3); }
    ;

arguments
    : argument                             { sdp_push(p, $1); $$ = 1; }
    | arguments "," argument               { sdp_push(p, $3); $$ = $1 + 1; }
    ;

argument
    : expr
    | NAME ":" expr                        { $$ = sdp_syn_entries(p, $1, SDP_NO_TOKEN, $3, @$); }
    | NAME ":" NAME ":" expr               { $$ = sdp_syn_entries(p, $1, $3, $5, @$); }
    | STRING                               { $$ = sdp_syn_leaf(p, SYN_STRING, $1); }
    | KEYWORD expr                         { $$ = sdp_syn_unary(p, "key=", $1, $2, @$); }
    | KEYWORD STRING
        { $$ = sdp_syn_unary(p, "key=", $1, sdp_syn_leaf(p, SYN_STRING, $2), @$); }
    | "[" "]"                              { $$ = sdp_syn_leaf(p, SYN_EMPTY, $1); }
    ;

subscripts
    : subscript                            { sdp_push(p, $1); $$ = 1; }
    | subscripts "," subscript             { sdp_push(p, $3); $$ = $1 + 1; }
    ;

subscript
    : expr
    | ":"                                  { $$ = sdp_syn_leaf(p, SYN_COLON, $1); }
    | sum ":" sum                          { $$ = sdp_syn_range(p, $2, $1, $3, @$); }
    | sum ":" sum ":" sum                  { $$ = sdp_syn_steps(p, $2, $1, $3, $5, @$); }
    ;

rows
    : elements
        { sdp_push(p, sdp_syn_call(p, "row", @$, @$, SDP_NO_SYNTAX, $1)); $$ = 1; }
    | rows ";" elements
        { sdp_push(p, sdp_syn_call(p, "row", @3, @3, SDP_NO_SYNTAX, $3)); $$ = $1 + 1; }
    ;

elements
    : expr                                 { sdp_push(p, $1); $$ = 1; }
    | elements "," expr                    { sdp_push(p, $3); $$ = $1 + 1; }
    ;

%%

static int sdp_yylex(uint32_t *value, sdp_span *span, sdp_parser *p)
{
    if (p->next < p->ntokens) p->next++;
    const sdp_token *t = &p->token[p->next - 1]; // the last one is END
    *value = p->next - 1;
    *span = t->span;
    return t->kind;
}

static void *larger_stack(sdp_parser *p, const void *stack, size_t bytes)
{
    return memcpy(sdp_scratch(p->b, 2 * bytes), stack, bytes);
}

static int yyreport_syntax_error(const yypcontext_t *context, sdp_parser *p)
{
    yysymbol_kind_t kind[YYNTOKENS];
    int n = yypcontext_expected_tokens(context, kind, YYNTOKENS);
    sdp_expected e = {0};
    for (int i = 0; i < n; i++) {
        e.operand |= kind[i] == YYSYMBOL_NUMBER;
        e.comma |= kind[i] == YYSYMBOL_COMMA;
        e.closer |= kind[i] == YYSYMBOL_RPAREN || kind[i] == YYSYMBOL_RBRACKET ||
                    kind[i] == YYSYMBOL_BAR_CLOSE || kind[i] == YYSYMBOL_RBRACE;
        e.end |= kind[i] == YYSYMBOL_YYEOF;
    }
    sdp_unexpected(p, e); // about the token before p->next: a look-ahead is read only when it is needed
}

// For what is not a syntax error: the stack cannot grow any more.
static void sdp_yyerror(const sdp_span *span, sdp_parser *p, const char *message)
{
    (void)message;
    sdp_fail(p->b, SD_ERR_LIMIT, *span, NULL, "nested too deeply to be read");
}
