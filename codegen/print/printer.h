// SPDX-License-Identifier: MIT
// Declarations shared by the files of the expression printer: the stack of pieces and the helpers that
// fill it.
//
// Taking a node off the stack expands it: its pieces (text, nodes, product signs) go to `now`, which is then
// put back on the stack. So every expand_ function is a list of pieces in reading order.
#ifndef SDP_PRINTER_H
#define SDP_PRINTER_H

#include "codegen/print/print.h"

// How tightly a piece of text holds together.
// P_SOLVE is A\b: as tight as a product, but behind another factor it needs parentheses, 2*(A\b).
enum { P_LOW, P_OR, P_AND, P_COMPARE, P_SUM, P_SOLVE, P_PRODUCT, P_POWER, P_POSTFIX, P_ATOM };

typedef enum {
    TEXT,
    NODE,
    WRAPPED, // a node in parentheses
    SOFT,    // a product sign that may vanish where the text reads back without it
    BARS,    // opens or closes the bars of a norm
    SIZES,   // begins or ends what counts entries, where C++ wants integers
} sdp_piece_kind;

// least: how tight it must be; holds: it stays a condition
typedef struct {
    const char *s;
    sdp_rid node;
    uint8_t what, least;
    bool holds;
} sdp_piece;
typedef struct {
    sdp_piece *at;
    uint32_t n, cap;
} sdp_pieces;

typedef struct {
    sdp_raiser *r;
    const sdp_notation *t;
    const sdp_names *names;
    sdp_rid top; // written out although it has a name
    sdp_text *out;
    sdp_pieces stack, now;
    bool soft;  // a product sign is due, unless it can be left out
    bool sizes; // a size is an integer here
    bool bars;  // between the bars of a norm: the next norm is spelled out
} sdp_printer;

// piece.c
bool sdp_is_infix(const sdp_raised *n);
int sdp_infix_level(const sdp_raised *n);
void sdp_piece_add(sdp_printer *p, sdp_pieces *l, sdp_piece x);
void sdp_piece_text(sdp_printer *p, const char *s);
void sdp_piece_node(sdp_printer *p, sdp_rid i);
void sdp_piece_soft(sdp_printer *p);
void sdp_piece_at_least(sdp_printer *p, sdp_rid i, int least); // in parentheses if it is looser
// $1.. in a template; $#1: an array there, even of a number
void sdp_piece_fill(sdp_printer *p, const char *form, uint32_t n, const sdp_rid *arg);
// scalars in it are sizes
void sdp_piece_fill_sizes(sdp_printer *p, const char *form, uint32_t n, const sdp_rid *arg, bool sizes);
void sdp_piece_before(sdp_printer *p, const char *form); // what stands before $1 in a template, and behind it
void sdp_piece_behind(sdp_printer *p, const char *form);
void sdp_piece_sizes(sdp_printer *p);
void sdp_piece_size(sdp_printer *p, sdp_rid i);
const char *sdp_piece_copy(sdp_printer *p, const char *s, size_t n);
// what the node is called in this text, or NULL
const char *sdp_printed_name(const sdp_printer *p, sdp_rid i);
int sdp_printed_level(const sdp_printer *p, sdp_rid i);
bool sdp_is_mixed(const sdp_printer *p, const sdp_raised *n); // does a scalar stand bare beside arrays?
bool sdp_is_raised_vector(const sdp_raised *n);
int sdp_template_level(const char *form);
sdp_rid sdp_raised_inverse(const sdp_printer *p, sdp_rid i); // A of inv(A), A' of inv(A)', else 0
const char *sdp_printed_spelling(const sdp_printer *p, const sdp_raised *n);

void sdp_put_tex_name(sdp_printer *p, const char *s); // tex_name.c

// leaf.c: calls, names, numbers, subscripts, brackets
void sdp_expand_call(sdp_printer *p, const sdp_raised *n);
void sdp_expand_index(sdp_printer *p, const sdp_raised *n);
void sdp_expand_bracket(sdp_printer *p, const sdp_raised *n);
void sdp_expand_over(sdp_printer *p, const sdp_raised *n);
void sdp_expand_name(sdp_printer *p, const sdp_raised *n);
void sdp_expand_number(sdp_printer *p, const sdp_raised *n);
const char *sdp_number_text(sdp_printer *p, const char *digits, bool divided); // of a positive number
// p:q:x[p]*y[q], which stands between the parentheses of a call only
bool sdp_is_built(const sdp_printer *p, sdp_rid i);

// print/product.c
int sdp_product_level(const sdp_printer *p, const sdp_raised *n);
void sdp_expand_product(sdp_printer *p, const sdp_raised *n);
void sdp_expand_hadamard(sdp_printer *p, const sdp_raised *n, bool lead);
void sdp_expand_scale(sdp_printer *p, const sdp_raised *n);

#endif
