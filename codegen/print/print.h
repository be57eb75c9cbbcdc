// SPDX-License-Identifier: MIT
// Answers as text: the table of spellings that makes a printer, and what is printed through it.
#ifndef SDP_PRINT_H
#define SDP_PRINT_H

#include "codegen/raise/notation.h"

// Prints all entries, "label: text" a line each if there are several, shared names after "  where ".
void sdp_print(sdp_graph *g, const struct sd_result *r, sd_format format, unsigned flags, sdp_text *out);
// "dvec(F)/dvec(X) = kron(B',A)" for a derivative with three or four axes; false if it has no such form. vec_form.c
bool sdp_print_vec_form(sdp_graph *g, const sdp_entry *e, sd_format format, sdp_text *out);
// Conditions of an answer, a line each behind the prefix; "valid everywhere" if there are none. print/conditions.c
void sdp_print_conditions(sdp_graph *g, const struct sd_result *r, const char *prefix, bool unicode, sdp_text *out);

// ---- languages ----------------------------------------------------------------------------------------------
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
    const char *number; // of a condition that is used as a number, where it would be a boolean: True+True is True in NumPy
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
const char *sdp_ascii_name(sdp_base *b, const char *text); // theta for θ, u and the code point for other letters

// ---- answers (answer.c) ------------------------------------------------------------------------------------------
// left: names that the answers are assigned to, or NULL; name: what is shared gets a name of its own.
void sdp_print_answer(sdp_raiser *r, size_t n, const sdp_entry *entry, const char *const *left, const sdp_notation *t, bool name, sdp_text *out);
void sdp_print_plain(sdp_graph *g, const sdp_entry *e, sd_format format, sdp_text *out); // one entry, nothing named; text, unicode, latex

#endif
