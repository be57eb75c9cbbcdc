// SPDX-License-Identifier: MIT
// Matrix notation as data: the raised tree between the graph and every printer.
//
// The raised tree is what a person writes down: chains of matrix products, element-wise products, sums
// with their signs, function calls, transposes. Its nodes stand in one array, arguments before users, and
// are hash-consed: a graph node that is used twice is raised once. Where the graph has axes, the tree has
// a form: scalar, column, row or matrix. A vector of the graph is raised as a column.
//
// Reading order: raise.c (a graph node at a time), raise/mul.c (an einsum to a chain: series-parallel
// reduction), raise/sum.c (sums, brackets), raise/sel.c (indexing), tree.c (the doors that make nodes),
// print/expr.c (tree to text through a table), language/ (the tables), print.c (answers), index.c.
#ifndef SDP_NOTATION_H
#define SDP_NOTATION_H

#include "language/language.h"
#include "simplify/answer/answer.h"

typedef uint32_t sdp_rid; // raised node, 0 is none

typedef enum {
    SDP_R_NUM = 1, // num
    SDP_R_NAME,    // text: a variable, constant, dimension, ':'
    // fn (table row) or shown (a structural spelling) of the arguments; else text is the name (of a declared
    // function or a derivative of it, which is variable den - 1)
    SDP_R_CALL,
    // the first `split` arguments minus the others; den: 0, or SDP_R_ORDERED and, in bit k, whether the k-th
    // term that is printed is one of the others
    SDP_R_ADD,
    // num * the first `split` (scalars) / the next `den` (scalars) * the last one, if there is one more
    SDP_R_SCALE,
    SDP_R_PROD,   // matrix product of the arguments
    SDP_R_HAD,    // element-wise product of the first `split` ./ each of the others
    SDP_R_POW,    // arg0 ^ arg1, element-wise for vectors and matrices
    SDP_R_MPOW,   // the matrix arg0 to the power num, or arg1: an integer if split is 0
    SDP_R_TRANS,  // arg0'
    SDP_R_INDEX,  // arg0[arg1, ...]
    SDP_R_RANGE,  // arg0:arg1; in subscripts arg0 is `split`+1, and `den` is the length, both raised
    SDP_R_ROWS,   // [arg0; arg1; ...], of size `split` x `den`, which are raised, too
    SDP_R_COLS,   // arg0, arg1, ...: a row of a bracket, or [ ] alone
    SDP_R_OVER,   // sum of arg0 over the indices named in text
    SDP_R_SCALED, // flat languages only: rows of arg1 times vector arg0 (split 0) or columns (split 1)
    SDP_R_OUTER,  // flat languages only: outer product of two vectors
} sdp_rkind;

#define SDP_R_ORDERED (1u << 31)

typedef enum { SDP_SCALAR, SDP_COLUMN, SDP_ROW, SDP_MATRIX, SDP_TENSOR } sdp_form;

typedef struct {
    uint8_t kind, form;
    bool symmetric; // equals its transpose
    bool fixed;     // ADD: x-x0, never turned into x0-x; NAME: a letter of index notation, bound or free
    uint8_t shown;  // CALL: sdp_structure
    uint16_t fn;    // CALL: row of sdp_ops
    uint32_t nargs, split, den;
    sdp_num num;
    const char *text;
    const sdp_rid *arg;
    uint32_t seen, first; // order_seen of the earliest and of the leftmost variable; UINT32_MAX: none
    uint32_t width;       // characters when printed as text, roughly; saturates
    uint32_t own;         // those of them that are not its arguments'
    uint32_t tokens;      // the same in symbols
} sdp_raised;

typedef struct {
    sdp_rid *at;
    uint32_t n, cap;
} sdp_rlist;

enum { SDP_SPLICE = 64 };           // factors; longer products stay nested
enum { SDP_UNRAISED = UINT32_MAX }; // in sdp_raiser.of: no matrix notation

typedef struct {
    sdp_graph *g;
    sdp_raised *node; // node[0] is none
    uint32_t n, cap;
    sdp_interned index;
    sdp_rid *of; // by graph id: its raised node, 0 if not yet
    uint32_t of_count;
    bool says;     // as the input said it: text is for people, code has no var(X,0,1)
    bool tex;      // small numbers are powers of ten
    bool by_terms; // a product is being multiplied out: not again inside
} sdp_raiser;

// The scalar part of a product, written before the array: its coefficient, and the scalars above and below
// the line.
typedef struct {
    sdp_num coef;
    sdp_rlist num, den;
} sdp_scalars;

// ---- tree.c: doors ----------------------------------------------------------------------------------------
void sdp_raiser_init(sdp_raiser *r, sdp_graph *g);
static inline const sdp_raised *sdp_r(const sdp_raiser *r, sdp_rid i) { return &r->node[i]; }
sdp_rid sdp_r_make(sdp_raiser *r, sdp_raised n); // looks up or appends; args are copied
// measure.c: fills in width, tokens and first appearance
void sdp_r_measure(sdp_raiser *r, sdp_raised *n);
void sdp_rlist_push(sdp_raiser *r, sdp_rlist *l, sdp_rid x);
// Stable sort: names, calls, then the rest, by first appearance (factors) ...
void sdp_r_sort_factors(sdp_raiser *r, sdp_rid *a, uint32_t n);
// ... and by first appearance, constants last (terms).
void sdp_r_sort_terms(sdp_raiser *r, sdp_rid *a, uint32_t n);
sdp_rid sdp_r_num(sdp_raiser *r, sdp_num v);
sdp_rid sdp_r_int(sdp_raiser *r, long v);
sdp_rid sdp_r_name(sdp_raiser *r, const char *text, sdp_form form, uint32_t seen);
sdp_rid sdp_r_dim(sdp_raiser *r, sdp_dim d);
sdp_rid sdp_r_show(sdp_raiser *r, sdp_structure s, sdp_form form, uint32_t nargs, const sdp_rid *arg);
sdp_rid sdp_r_show1(sdp_raiser *r, sdp_structure s, sdp_form form, sdp_rid a);
sdp_rid sdp_r_call(sdp_raiser *r, int op, sdp_form form, uint32_t nargs, const sdp_rid *arg);
sdp_rid sdp_r_transpose(sdp_raiser *r, sdp_rid a);
// matrix product of arrays without scalars in front
sdp_rid sdp_r_product(sdp_raiser *r, sdp_rid a, sdp_rid b);
sdp_rid sdp_r_hadamard(sdp_raiser *r, uint32_t n, const sdp_rid *a); // of arrays of one form
sdp_rid sdp_r_power(sdp_raiser *r, sdp_rid base, sdp_rid exponent);
sdp_rid sdp_r_negate(sdp_raiser *r, sdp_rid a);
sdp_rid sdp_r_negate_free(sdp_raiser *r, sdp_rid a);   // -a without a sign in front, or 0
sdp_rid sdp_r_upright(const sdp_raiser *r, sdp_rid a); // without a transpose around it
// How often the factors of a product repeat from i on, and with what period, if a
// power saves tokens; else 1 and 1.
uint32_t sdp_r_repeats(const sdp_raiser *r, const sdp_raised *n, uint32_t i, uint32_t *period,
                       uint32_t *saved);
// raise.c: does the name of its axis stand behind the argument?
bool sdp_r_along(const sdp_raiser *r, const sdp_node *n);
// raise.c: some derivatives of prod have none
bool sdp_has_notation(const sdp_node *n);

// ---- decimal.c --------------------------------------------------------------------------------------------
// "1.8" for 9/5, if the input has decimals and that is one; else NULL
const char *sdp_r_decimal(const sdp_raiser *r, sdp_num v);
const char *sdp_r_number(const sdp_raiser *r, sdp_num v); // that, or "9/5", "2"

// ---- bag.c: scalars in front ------------------------------------------------------------------------------
void sdp_bag_init(sdp_scalars *b);
// Takes the scalars off t. Returns the array that is left, 0 if t was a scalar.
sdp_rid sdp_bag_take(sdp_raiser *r, sdp_scalars *b, sdp_rid t);
// a negative coefficient turns the first difference among the scalars
void sdp_bag_spend_sign(sdp_raiser *r, sdp_scalars *b);
sdp_rid sdp_bag_close(sdp_raiser *r, sdp_scalars *b, sdp_rid body); // body 0: a scalar
sdp_rid sdp_r_scale(sdp_raiser *r, sdp_num c, sdp_rid a);

// ---- raise/part.c: closed and merged parts of a product ---------------------------------------------------
sdp_rid sdp_r_total(sdp_raiser *r, sdp_rid t);            // sum of all entries
sdp_rid sdp_r_inner(sdp_raiser *r, sdp_rid a, sdp_rid b); // of two columns
sdp_rid sdp_r_row_sums(sdp_raiser *r, sdp_rid t);
sdp_rid sdp_r_diagonal_of(sdp_raiser *r, sdp_rid t);
sdp_rid sdp_r_trace(sdp_raiser *r, sdp_rid chain);
sdp_rid sdp_r_mask(sdp_raiser *r, sdp_rid m, sdp_rid t); // m .* t if that is a triangle of t, else 0
sdp_rid sdp_r_entrywise(sdp_raiser *r, sdp_rid a, sdp_rid b);
bool sdp_r_is_lower_ones(const sdp_raiser *r, sdp_rid t);

// ---- raise*.c ---------------------------------------------------------------------------------------------
// Raises everything reachable from the roots; sdp_raiser.of then holds the answers.
void sdp_raise(sdp_raiser *r, uint32_t nroots, const sdp_id *root);
sdp_rid sdp_raise_mul(sdp_raiser *r, sdp_id id);
sdp_rid sdp_raise_multiple(sdp_raiser *r, sdp_num c, sdp_id mul); // c times it
// The scalar of a broadcast node.
sdp_rid sdp_raise_scalar_of(sdp_raiser *r, sdp_id id);
sdp_rid sdp_raise_add(sdp_raiser *r, sdp_id id);
// Part of a MUL: without the factors in skip (NULL: all are in), with another
// coefficient and other output labels.
typedef struct {
    const sdp_node *n;
    const bool *skip;
    sdp_num coef;
    int order;
    uint8_t out[2];
} sdp_view;
sdp_rid sdp_raise_view(sdp_raiser *r, const sdp_view *v);
sdp_rid sdp_raise_plain(sdp_raiser *r, const sdp_view *v); // with its sums as they are
// with a sum as it was typed, or 0: plain is better. typed.c
sdp_rid sdp_raise_typed(sdp_raiser *r, const sdp_view *v, sdp_rid plain);
sdp_rid sdp_raise_bracket(sdp_raiser *r, sdp_id id); // an ADD that is [a, b; c, d], or 0
uint32_t sdp_label_uses(const sdp_graph *g, const sdp_node *n, uint8_t label); // on factors and output
sdp_rid sdp_raise_sel(sdp_raiser *r, const sdp_node *s);                       // eye(n)[:,k], eye(n)[:,a:b]
// Among zeros: t has the rows at[0]+1.. of `whole`, at[1] of them, and `cols`
// columns. eye(n)[:,2:n]*t is [0; t]
sdp_rid sdp_r_placed(sdp_raiser *r, sdp_rid t, const sdp_dim at[2], sdp_dim whole, sdp_dim cols);
// the subscript offset+1, or offset+1:offset+length
sdp_rid sdp_r_subrange(sdp_raiser *r, sdp_dim offset, sdp_dim length);
// base[..sub..], base of rank 1 or 2
sdp_rid sdp_r_subscript(sdp_raiser *r, sdp_rid base, int axis, sdp_rid sub);
sdp_rid sdp_r_flip(sdp_raiser *r, sdp_rid base, int axis);          // its entries from the last to the first
sdp_rid sdp_r_plus(sdp_raiser *r, uint32_t n, const sdp_rid *term); // terms with their own signs
// The same in the order given, if the first term has no minus; else as sdp_r_plus.
sdp_rid sdp_r_plus_in_order(sdp_raiser *r, uint32_t n, const sdp_rid *term);
// is the sum read better with all its signs turned, as in (x-1)^2?
bool sdp_raise_turned(sdp_raiser *r, sdp_id sum);
bool sdp_raise_levels(const sdp_raiser *r, sdp_rid factored, sdp_rid plain); // is plain the better one? sum.c

// the rational that divides all its terms, positive
sdp_num sdp_add_content(sdp_raiser *r, const sdp_node *add);
sdp_rid sdp_r_append(sdp_raiser *r, sdp_rid sum, sdp_rid term); // sum+term or sum-term, nothing sorted

// ---- index.c ----------------------------------------------------------------------------------------------
// Returns an entry of the node in index notation, its axes named letter[0], letter[1], ...; the rest of the
// letters serve bound indices. Of the first `value` axes the left side does not tell the size: where the
// entry doesn't either, it gets a factor ones(n)[i].
sdp_rid sdp_raise_index(sdp_raiser *r, sdp_id id, const char *const *letter, int value);
// Letters i j k l p q ... without the names of variables, and of sizes that the entries of these nodes
// mention; ends with NULL.
const char *const *sdp_index_letters(sdp_raiser *r, uint32_t nroots, const sdp_id *root);

// A tensor that is a smaller one times deltas between pairs of its axes. factor.c
typedef struct {
    sdp_id core;
    uint8_t npairs, naxes;
    uint8_t pair[SDP_MAX_ORDER / 2][2]; // axes that are equal
    uint8_t axis[SDP_MAX_ORDER];        // the other axes: those of the core
} sdp_factored;
bool sdp_factor_identities(sdp_graph *g, sdp_id id, sdp_factored *f); // false if there are none
void sdp_put_factored(sdp_graph *g, sdp_id id, const sdp_factored *f, const char *whole, const char *core,
                      sdp_text *out);

#endif
