// SPDX-License-Identifier: MIT
// Matrix notation as data: the raised tree between the graph and every printer, and the table of
// spellings that makes a printer.
//
// The raised tree is what a person writes down: chains of matrix products, element-wise products, sums
// with their signs, function calls, transposes. Its nodes stand in one array, arguments before users, and
// are hash-consed: a graph node that is used twice is raised once. Where the graph has axes, the tree has
// a form: scalar, column, row or matrix. A vector of the graph is raised as a column.
//
// Reading order: raise.c (a graph node at a time), raise/mul.c (an einsum to a chain: series-parallel
// reduction), raise/sum.c (sums, brackets), raise/sel.c (indexing), tree.c (the doors that make nodes),
// print/expr.c (tree to text through a table), print/tables.c (the tables), print.c (answers), index.c.
#ifndef SDP_NOTATION_H
#define SDP_NOTATION_H

#include "codegen/raise/codegen.h"

typedef uint32_t sdp_rid; // raised node, 0 is none

typedef enum {
    SDP_R_NUM = 1, // num
    SDP_R_NAME,    // text: a variable, constant, dimension, ':'
    SDP_R_CALL,    // fn (table row) or shown (a structural spelling) of the arguments; else text is the name (of a declared
                   // function or a derivative of it, which is variable den - 1)
    SDP_R_ADD,     // the first `split` arguments minus the others
    SDP_R_SCALE,   // num * the first `split` (scalars) / the next `den` (scalars) * the last one, if there is one more
    SDP_R_PROD,    // matrix product of the arguments
    SDP_R_HAD,     // element-wise product of the first `split` ./ each of the others
    SDP_R_POW,     // arg0 ^ arg1, element-wise for vectors and matrices
    SDP_R_MPOW,    // the matrix arg0 to the power num, or arg1: an integer if split is 0
    SDP_R_TRANS,   // arg0'
    SDP_R_INDEX,   // arg0[arg1, ...]
    SDP_R_RANGE,   // arg0:arg1
    SDP_R_ROWS,    // [arg0; arg1; ...], of size `split` x `den`, which are raised, too
    SDP_R_COLS,    // arg0, arg1, ...: a row of a bracket, or [ ] alone
    SDP_R_OVER,    // sum of arg0 over the indices named in text
    SDP_R_SCALED,  // flat languages only: rows of arg1 times vector arg0 (split 0) or columns (split 1)
    SDP_R_OUTER,   // flat languages only: outer product of two vectors
} sdp_rkind;

typedef enum { SDP_SCALAR, SDP_COLUMN, SDP_ROW, SDP_MATRIX, SDP_TENSOR } sdp_form;

// Structure that is spelled differently in every language although no function of the operator table says so.
typedef enum {
    SDP_S_NONE, SDP_S_DIAG, SDP_S_DIAG_OF, SDP_S_TR, SDP_S_SUM, SDP_S_SUM1, SDP_S_SUM2, SDP_S_ONES, SDP_S_ONES2, SDP_S_ZEROS,
    SDP_S_ZEROS2, SDP_S_EYE, SDP_S_KRON, SDP_S_VEC, SDP_S_RESHAPE, SDP_S_TRIL, SDP_S_TRIU, SDP_S_CUMSUM, SDP_S_DELTA, SDP_S_COUNT
} sdp_structure;

typedef struct {
    uint8_t kind, form;
    bool symmetric;      // equals its transpose
    bool fixed;          // ADD: x-x0, never turned into x0-x; NAME: a letter of index notation, bound or free
    uint8_t shown;       // CALL: sdp_structure
    uint16_t fn;         // CALL: row of sdp_ops
    uint32_t nargs, split, den;
    sdp_num num;
    const char *text;
    const sdp_rid *arg;
    uint32_t seen, first; // order_seen of the earliest and of the leftmost variable; UINT32_MAX: none
    uint32_t width;       // characters when printed as text, roughly; saturates
    uint32_t own;         // those of them that are not its arguments'
    uint32_t tokens;      // the same in symbols
} sdp_raised;

typedef struct { sdp_rid *at; uint32_t n, cap; } sdp_rlist;

enum { SDP_SPLICE = 64 }; // factors; longer products stay nested
enum { SDP_UNRAISED = UINT32_MAX }; // in sdp_raiser.of: no matrix notation

typedef struct {
    sdp_graph *g;
    sdp_raised *node; // node[0] is none
    uint32_t n, cap;
    uint32_t *table, table_cap;
    sdp_rid *of;      // by graph id: its raised node, 0 if not yet
    uint32_t of_count;
    bool says; // as the input said it: text is for people, code has no var(X,0,1)
    bool by_terms;    // a product is being multiplied out: not again inside
} sdp_raiser;

// What stands before the array in a product: coefficient, scalars above and below the line.
typedef struct { sdp_num coef; sdp_rlist num, den; } sdp_bag;

// ---- tree.c: doors ---------------------------------------------------------------------------------
void sdp_raiser_init(sdp_raiser *r, sdp_graph *g);
static inline const sdp_raised *sdp_r(const sdp_raiser *r, sdp_rid i) { return &r->node[i]; }
sdp_rid sdp_r_make(sdp_raiser *r, sdp_raised n); // looks up or appends; args are copied
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
sdp_rid sdp_r_product(sdp_raiser *r, sdp_rid a, sdp_rid b);               // matrix product of arrays without scalars in front
sdp_rid sdp_r_hadamard(sdp_raiser *r, uint32_t n, const sdp_rid *a);      // of arrays of one form
sdp_rid sdp_r_power(sdp_raiser *r, sdp_rid base, sdp_rid exponent);
sdp_rid sdp_r_negate(sdp_raiser *r, sdp_rid a);
sdp_rid sdp_r_negate_free(sdp_raiser *r, sdp_rid a);                      // -a without a sign in front, or 0
// How often the factors of a product repeat from i on, and with what period, if a power saves tokens; else 1 and 1.
sdp_rid sdp_r_upright(const sdp_raiser *r, sdp_rid a); // without a transpose around it
uint32_t sdp_r_repeats(const sdp_raiser *r, const sdp_raised *n, uint32_t i, uint32_t *period, uint32_t *saved);
bool sdp_r_along(const sdp_raiser *r, const sdp_node *n);                 // raise.c: does the name of its axis stand behind the argument?
bool sdp_r_is_one(const sdp_raiser *r, sdp_rid a);

// ---- bag.c: scalars in front -------------------------------------------------------------------------
void sdp_bag_init(sdp_bag *b);
// Takes the scalars off t. Returns the array that is left, 0 if t was a scalar.
sdp_rid sdp_bag_take(sdp_raiser *r, sdp_bag *b, sdp_rid t);
void sdp_bag_spend_sign(sdp_raiser *r, sdp_bag *b); // a negative coefficient turns the first difference among the scalars
sdp_rid sdp_bag_close(sdp_raiser *r, sdp_bag *b, sdp_rid body); // body 0: a scalar
sdp_rid sdp_r_scale(sdp_raiser *r, sdp_num c, sdp_rid a);

// ---- raise/part.c: closed and merged parts of a product ------------------------------------------------
sdp_rid sdp_r_total(sdp_raiser *r, sdp_rid t);                   // sum of all entries
sdp_rid sdp_r_inner(sdp_raiser *r, sdp_rid a, sdp_rid b);        // of two columns
sdp_rid sdp_r_row_sums(sdp_raiser *r, sdp_rid t);
sdp_rid sdp_r_diagonal_of(sdp_raiser *r, sdp_rid t);
sdp_rid sdp_r_trace(sdp_raiser *r, sdp_rid chain);
sdp_rid sdp_r_mask(sdp_raiser *r, sdp_rid m, sdp_rid t);         // m .* t if that is a triangle of t, else 0
sdp_rid sdp_r_entrywise(sdp_raiser *r, sdp_rid a, sdp_rid b);
bool sdp_r_is_lower_ones(const sdp_raiser *r, sdp_rid t);

// ---- raise*.c -------------------------------------------------------------------------------------------
// Raises everything reachable from the roots; sdp_raiser.of then holds the answers.
void sdp_raise(sdp_raiser *r, uint32_t nroots, const sdp_id *root);
sdp_rid sdp_raise_mul(sdp_raiser *r, sdp_id id);
// The scalar of a broadcast node.
sdp_rid sdp_raise_scalar_of(sdp_raiser *r, sdp_id id);
sdp_rid sdp_raise_add(sdp_raiser *r, sdp_id id);
// Part of a MUL: without the factors in skip (NULL: all are in), with another coefficient and other output labels.
typedef struct {
    const sdp_node *n;
    const bool *skip;
    sdp_num coef;
    int order;
    uint8_t out[2];
} sdp_view;
sdp_rid sdp_raise_view(sdp_raiser *r, const sdp_view *v);
sdp_rid sdp_raise_bracket(sdp_raiser *r, sdp_id id); // an ADD that is [a, b; c, d], or 0
uint32_t sdp_label_uses(const sdp_graph *g, const sdp_node *n, uint8_t label); // on factors and output
sdp_rid sdp_raise_sel(sdp_raiser *r, const sdp_node *s); // eye(n)[:,k], eye(n)[:,a:b]
sdp_rid sdp_r_subrange(sdp_raiser *r, sdp_dim offset, sdp_dim length); // the subscript offset+1, or offset+1:offset+length
sdp_rid sdp_r_subscript(sdp_raiser *r, sdp_rid base, int axis, sdp_rid sub); // base[..sub..], base of rank 1 or 2
sdp_rid sdp_r_plus(sdp_raiser *r, uint32_t n, const sdp_rid *term);     // terms with their own signs

sdp_num sdp_add_content(sdp_raiser *r, const sdp_node *add);             // the rational that divides all its terms, positive
sdp_rid sdp_r_append(sdp_raiser *r, sdp_rid sum, sdp_rid term);        // sum+term or sum-term, nothing sorted

// ---- index.c -------------------------------------------------------------------------------------------
// One entry of the node in index notation, its axes named letter[0], letter[1], ...; the rest of the letters serve bound indices.
// Of the first `value` axes the left side does not tell the size: where the entry doesn't either, it gets a factor ones(n)[i].
sdp_rid sdp_raise_index(sdp_raiser *r, sdp_id id, const char *const *letter, int value);
// Letters i j k l p q ... without the names of variables, and of sizes that the entries of these nodes mention; ends with NULL.
const char *const *sdp_index_letters(sdp_raiser *r, uint32_t nroots, const sdp_id *root);

// ---- print*.c ----------------------------------------------------------------------------------------------
typedef struct sdp_spelling { uint16_t fn; const char *scalar, *array; } sdp_spelling; // templates
// Templates of a reduction of a matrix: down the columns, along the rows, of everything
typedef struct sdp_along { uint16_t fn; const char *of[3]; } sdp_along;

typedef struct {
    const char *name;
    const char *times;       // product, of scalars and of matrices by scalars
    const char *matmul;      // product of matrices
    const char *had, *quot;  // entry by entry
    const char *over;        // divided by a scalar
    const char *pow, *epow, *mpow; // powers of scalars, of arrays entry by entry, of matrices; the two where they have another form:
    const char *apow;              // of arrays by arrays
    const char *rpow;              // of matrices, where the exponent is not known to be an integer
    const char *trans, *etrans;    // suffix of a matrix; of a vector
    const char *open, *close, *sub_open, *sub_close;
    const char *plus, *minus, *eplus, *eminus; // e: between an array and a scalar
    const char *prefix;      // of functions that the table does not spell
    const char *row_sep, *col_sep; // in brackets
    const char *stack, *block, *block_row, *block_column; // templates of brackets: vector, matrix, its rows, a column in it
    const char *stack_scalar, *block_scalar, *block_vector; // a number in brackets, a row in a matrix; NULL: as it is
    const char *sum_matrix;  // of all entries of a matrix; NULL: as of a vector
    const char *constants;   // prefix of functions of numbers; NULL: that of functions of arrays
    const char *outer, *rows, *cols; // flat: templates of x*y', diag(x)*A, A*diag(x)
    const char *shown[SDP_S_COUNT];  // templates of structure; NULL: as in text
    size_t column;           // offset of the spelling in sdp_op; 0: the name
    const struct sdp_spelling *own; // spellings that the operator table has no column for; ends with fn 0
    const struct sdp_along *along; // reductions of matrices that sdp_along_template does not spell by rule; ends with fn 0
    const char *reserved;    // words of the language, each between spaces: variables of that name get a '_'
    const char *array, *to_array, *all; // methods: of a mixed sum, of its arrays, a whole axis
    const char *truth, *choice, *blend; // methods: of a comparison entry by entry; where() of a number and arrays, of an array and numbers
    bool flat;               // a vector has one axis: no rows and columns
    bool unicode, tex;       // juxtaposition, superscripts and bars; fractions
    bool dotted;             // f.(x) for arrays
    bool methods;            // array operations are methods: x.cwiseProduct(y)
    const char *nabla, *nabla2; // gradient and Hessian of a declared function; NULL: grad_f, H_f
    bool assigns;            // code: names are assigned before the answer, not listed behind it, and so are several answers
    const char *type[4];     // declares what is assigned: of a scalar, column, row, matrix; NULL: nothing does
    const char *end;         // behind an assignment
    bool ascii;              // variables have ASCII names: theta for θ
    const char *solve;       // inv($1)*$2; NULL: written so
    const char *pairwise;    // argument of einsum that lets it choose an order for more than two factors; NULL: it does so anyway
    bool indexes_names;      // a subscript stands behind a name only, not behind a call or parentheses
    int first_index;         // 0 or 1
} sdp_notation;
extern const sdp_notation sdp_notations[]; // by sd_format, SD_TEXT .. SD_EIGEN
// The column of the table, NULL if the language has the name; refuses what it does not have. print/tables.c
const char *sdp_spelled(sdp_graph *g, const sdp_notation *t, int fn);
// How the reduction `fn` of a matrix over the axes of a mask is written; NULL: like any call. print/tables.c
const char *sdp_along_template(sdp_graph *g, const sdp_notation *t, int fn, uint32_t mask);

// Names given to shared nodes: name[rid], NULL if it is written out.
typedef struct { const char **name; uint32_t count; } sdp_names;
void sdp_print_raised(sdp_raiser *r, const sdp_notation *t, const sdp_names *names, sdp_rid root, sdp_text *out);
// The same for the definition of a named node: its own name is not used at the top.
void sdp_print_definition(sdp_raiser *r, const sdp_notation *t, const sdp_names *names, sdp_rid root, sdp_text *out);
// Chooses what to name, what is shared only if that is wanted; list: the named nodes in order of use. print/where.c
void sdp_choose_names(sdp_raiser *r, const sdp_notation *t, bool share, uint32_t n, const sdp_rid *root, sdp_names *names, sdp_rlist *list);

const char *sdp_code_name(sdp_graph *g, const sdp_notation *t, const char *name); // what the language calls a variable or size
bool sdp_has_tex_subscript(const char *name); // x1 is x_{1}
// A node as text: a raiser that lives longer raises what many nodes share once. print.c
void sdp_put_node(sdp_raiser *r, sdp_id id, bool is_row, sdp_text *out);
// The vec form of an entry. vec_form.c
bool sdp_put_vec_form(sdp_raiser *r, const sdp_entry *e, sd_format format, sdp_text *out);
// The graph as a program of einsum calls in a flat language. print/einsum.c
void sdp_print_program(sdp_graph *g, size_t n, const sdp_entry *entry, const char *const *left, const sdp_notation *t, sdp_text *out);
// Left sides. print/head.c
const char *sdp_answer_name(const sdp_graph *g); // F, or what is no variable
int sdp_value_axes(const sdp_graph *g, const sdp_entry *e);
const char *sdp_equation_head(sdp_raiser *r, const sdp_entry *e, const char *const *letter, bool tex); // dF[i,j]/dX[k,l]
// What several answers are assigned to in code: grad_x1, jac_x1, hess_x1_x2; NULL if there is only one.
const char *const *sdp_left_sides(const struct sd_result *r, const sdp_notation *t);
void sdp_put_label(sdp_raiser *r, const sdp_entry *e, bool tex, sdp_text *out);                      // d2/dx1dx2:
void sdp_print_dot(sdp_graph *g, const struct sd_result *r, sdp_text *out);
void sdp_print_json(sdp_graph *g, const struct sd_result *r, bool conditions, sdp_text *out);

#endif
