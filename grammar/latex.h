// SPDX-License-Identifier: MIT
// Inside the LaTeX reader: a scanner of its own in front of the same tokens and the same grammar.
//
// The text is read from left to right; what is open stands on a stack of frames, so nothing recurses. A first
// pass finds the partner of every brace, so an argument can be looked at before it is read. latex.c:
// characters, numbers, statements; latex_command.c: the commands; latex_script.c: names, subscripts and
// powers; latex_frame.c: brackets, environments; latex_fraction.c: \frac; latex_font.c: \mathbf;
// latex_optimum.c: \nabla_w, \argmin_w; latex_sum.c: sums over an index. Groups are the tokens '{' and '}',
// which never make a call of the name before them; only '(' does, and what follows a function.
#ifndef SDP_LATEX_H
#define SDP_LATEX_H

#include "grammar/tokens.h"
#include "parser.h"

typedef enum { // what is open; the first are delimiters
    F_PAREN,
    F_BRACKET,
    F_CURLY,
    F_BAR,
    F_NORM,
    F_ANGLE,
    F_FLOOR,
    F_CEIL,
    F_GROUP, // { }
    F_CALL,  // \sqrt{ }, \exp{ }
    F_NUMERATOR,
    F_DENOMINATOR,
    F_UPPER,
    F_LOWER,    // \binom{n}{k}
    F_RADICAND, // \sqrt[n]{ }; `end` is where n is
    F_DERIVED,  // \frac{\partial L}{\partial w}: the L
    F_INDEX,    // x_{1,2}
    F_LINES,    // equation, align: nothing but lines
    F_MATRIX,
    F_CASES
} sdp_frame_kind;

typedef struct {
    sdp_frame_kind kind;
    bool left;       // behind \left; of a '(' after a function: not used
    bool call;       // closes with ')'
    sdp_span at;     // what opened it
    uint32_t column; // of a matrix or cases
    sdp_span extra;  // of a derivative: its variable; of a root: its index
} sdp_frame;

typedef struct {
    sdp_parser *p;
    const char *s;
    size_t n, at;
    // by byte: of a '{' or '[' of \sqrt its closer; of a '_' that has been read already: what follows it
    uint32_t *partner;
    sdp_frame *frame;
    uint32_t nframes, frame_cap;
    uint32_t called;       // the number of tokens behind a function's name: what opens there is its argument
    const char *bound[32]; // indices of sums
    uint32_t nbound;
    size_t dollar;      // where the '$' stood that is open, + 1
    sdp_span transpose; // the first ^T
    struct {
        const char *text;
        uint32_t style;
        sdp_span at;
    } * style; // of names: a table
    uint32_t styles, style_cap;
} sdp_latex;

_Noreturn void sdp_latex_fail(sdp_latex *l, size_t begin, size_t end, const char *hint, const char *message);
const char *sdp_latex_cut(sdp_latex *l, size_t begin, size_t end);
void sdp_latex_add(sdp_latex *l, int kind, size_t begin, size_t end, const char *text);
int sdp_latex_last(const sdp_latex *l);                 // the kind of the last token; 0 if there is none
bool sdp_latex_after(const sdp_latex *l);               // does an operand end here?
size_t sdp_latex_blanks(const sdp_latex *l, size_t at); // what stands behind blanks and comments
size_t sdp_latex_spaces(const sdp_latex *l, size_t at); // and behind \quad, \, and '&'
size_t sdp_latex_word(const sdp_latex *l, size_t at);   // the end of the command whose backslash is at `at`
bool sdp_latex_is(const sdp_latex *l, size_t at, const char *command); // does \command stand there?
// The argument at `at`, {..} or one symbol: its content, and where it ends.
bool sdp_latex_argument(const sdp_latex *l, size_t at, sdp_span *content, size_t *end);
void sdp_latex_statement(sdp_latex *l, size_t begin, size_t end); // a line or ';' ends a statement
void sdp_latex_digits(sdp_latex *l, bool one);

// latex_script.c
// of a letter with fonts and accents; `at`: there is none
size_t sdp_latex_name_end(const sdp_latex *l, size_t at);
void sdp_latex_name(sdp_latex *l, size_t begin, size_t end);
void sdp_latex_function(sdp_latex *l, const char *text, size_t begin, size_t end);
void sdp_latex_power(sdp_latex *l), sdp_latex_below(sdp_latex *l), sdp_latex_prime(sdp_latex *l);
const char *sdp_latex_norm(sdp_latex *l, size_t closer_end); // the subscript behind a closing bar
void sdp_latex_styles(sdp_latex *l);

// latex_frame.c
sdp_frame *sdp_latex_push(sdp_latex *l, sdp_frame_kind kind, size_t begin, size_t end);
sdp_frame *sdp_latex_top(const sdp_latex *l);
void sdp_latex_brace(sdp_latex *l), sdp_latex_unbrace(sdp_latex *l);
void sdp_latex_take(sdp_latex *l, sdp_frame_kind kind); // the argument that follows, in a frame of this kind
// ( ) | \langle at l->at; size: of \left 'l', \right 'r', \bigl 'o', ... or 0
bool sdp_latex_delimiter(sdp_latex *l, char size);
void sdp_latex_begin(sdp_latex *l), sdp_latex_end(sdp_latex *l), sdp_latex_column(sdp_latex *l);
bool sdp_latex_line(sdp_latex *l, size_t begin, size_t end); // \\ of a matrix or cases
void sdp_latex_balanced(sdp_latex *l);
void sdp_latex_fraction(sdp_latex *l, size_t begin, size_t end); // latex_fraction.c

// latex_command.c
void sdp_latex_command(sdp_latex *l);
int sdp_latex_known(const char *command, size_t n); // 0: unknown; 1: a name or function, 2: another command
bool sdp_latex_is_function(const char *word, size_t n);

// latex_font.c
void sdp_latex_font(sdp_latex *l, size_t at, size_t end);
// 1 or I, if a condition in brackets follows
bool sdp_latex_indicator(sdp_latex *l, size_t begin, size_t end);

// latex_optimum.c; `arg`: the word is argmin, not min
void sdp_latex_optimum(sdp_latex *l, const char *text, bool arg, size_t at, size_t end);
void sdp_latex_arg_optimum(sdp_latex *l, size_t at, size_t end);
void sdp_latex_stacked(sdp_latex *l, size_t at, size_t end); // \underset{w}{...}
void sdp_latex_nabla(sdp_latex *l, size_t at, size_t end);
// \operatorname{argmin}_w; false: another word
bool sdp_latex_optimum_word(sdp_latex *l, const char *word, size_t begin, size_t end);

void sdp_latex_sum(sdp_latex *l, const char *text, size_t begin, size_t end); // latex_sum.c
void sdp_latex_left(sdp_latex *l);                                            // the indices of F_{i,j} = ...
// does an index of a sum stand there?
bool sdp_latex_is_bound(const sdp_latex *l, sdp_span c);

#endif
