// SPDX-License-Identifier: MIT
// Languages as data. Problem: what a printer must know of NumPy, or R, or LaTeX was spread over columns of
// the operator table, tables of the printer and flags. Idea: a language is one file of this room, a value of
// the type below, and nothing else; `languages.def` lists them. Invariant: a function that a language does
// not spell is refused by its name, in every language of code; text, Unicode and LaTeX write our own names.
//
// Templates: $1, $2 are arguments, in parentheses unless the template encloses them; $#1 is an array there,
// even of a number. In a template of several lines \n ends a line, and what follows stands in the same block.
#ifndef SDP_LANGUAGE_H
#define SDP_LANGUAGE_H

#include "ast/graph/ast.h"
#include "include/symdiff.h"

// Structure that every language spells in its own way although no function of the operator table says so.
typedef enum {
    SDP_S_NONE,
    SDP_S_DIAG,
    SDP_S_DIAG_OF,
    SDP_S_TR,
    SDP_S_SUM,
    SDP_S_SUM1,
    SDP_S_SUM2,
    SDP_S_ONES,
    SDP_S_ONES2,
    SDP_S_ZEROS,
    SDP_S_ZEROS2,
    SDP_S_EYE,
    SDP_S_KRON,
    SDP_S_VEC,
    SDP_S_RESHAPE,
    SDP_S_TRIL,
    SDP_S_TRIU,
    SDP_S_CUMSUM,
    SDP_S_FLIP,  // a vector from its end
    SDP_S_FLIP1, // the rows of a matrix from the last to the first
    SDP_S_FLIP2, // its columns
    SDP_S_DELTA,
    SDP_S_COUNT
} sdp_structure;

// Templates of a reduction of a matrix: down the columns, along the rows, of everything.
// NULL: by the rule of the language.
typedef struct {
    uint16_t fn;
    const char *of[3];
} sdp_along;

// a line of imports for what has the mark in it; mark NULL: always
typedef struct {
    const char *mark, *line;
} sdp_import;

// A function: in templates of heads and ends $N is the name, $A the
// arguments, $R the results, $T their types.
typedef struct {
    const sdp_import *imports;      // ends with line NULL
    const char *head, *head_many;   // of a function with one result, with several
    const char *doc[3];             // before the first line of its comment, before the others, behind
    bool doc_inside;                // the comment stands behind the head
    const char *argument[4];        // $1 in a declaration: a scalar, column, row, matrix; NULL: its name
    const char *callback, *of_size; // $1 in the declaration of a function; of a size that no argument tells
    // $2 is a size of the argument $1: rows, columns of a matrix, length of a vector
    const char *size[3];
    const char *both; // $2 and $3 are both sizes of the matrix $1; NULL: told one by one
    const char *indent;
    const char *one, *many; // how it ends
    bool list;              // several results have names
} sdp_function_form;

// Templates that make arrays of the type and at the place of the array $L.
typedef struct {
    const char *shown[SDP_S_COUNT], *number, *stack_scalar, *block_scalar;
} sdp_like;

typedef struct {
    const char *name;
    const char *comment;               // begins a comment
    const sdp_function_form *function; // NULL: no code
    const sdp_like *like;              // NULL: arrays have one type

    // ---- functions
    bool names; // writes our own names of functions that it does not spell
    // a name, or a template; comparisons and logic: the sign between the arguments
    const char *spell[SDP_OP_COUNT];
    const char *scalar[SDP_OP_COUNT]; // where the value is a number, if that differs
    // where the arguments are numbers that depend on no variable, if that differs
    const char *constant[SDP_OP_COUNT];
    const char *shown[SDP_S_COUNT]; // templates of structure
    // of a reduction down the columns, along the rows: $0 is the function; NULL: by `along` alone
    const char *rule[2];
    const sdp_along *along; // reductions that the rule does not spell; ends with fn 0

    // ---- punctuation
    const char *times;      // product, of scalars and of matrices by scalars
    const char *matmul;     // product of matrices
    const char *had, *quot; // entry by entry
    const char *over;       // divided by a scalar
    // powers of scalars, of arrays entry by entry, of matrices; the two where they have another form:
    const char *pow, *epow, *mpow;
    const char *apow;                         // of arrays by arrays
    const char *rpow;                         // of matrices, where the exponent is not known to be an integer
    const char *transpose, *transpose_vector; // templates
    const char *open, *close, *sub_open, *sub_close;
    const char *plus, *minus, *eplus, *eminus; // e: between an array and a scalar
    const char *prefix;                        // of functions that make arrays, in programs of einsum calls
    const char *row_sep, *col_sep;             // in brackets
    // templates of brackets: vector, matrix, its rows, a column in it
    const char *stack, *block, *block_row, *block_column;
    // a number in brackets, a row in a matrix; NULL: as it is
    const char *stack_scalar, *block_scalar, *block_vector;
    const char *sum_matrix;  // of all entries of a matrix; NULL: as of a vector
    const char *outer;       // flat: template of x*y'
    const char *rows, *cols; // templates of diag(x)*A and A*diag(x)
    const char *dot;         // template of the inner product of two columns; NULL: a product like others
    const char *reserved;    // words of the language, each between spaces: variables of that name get a '_'
    const char *array, *to_array; // methods: of a mixed sum, of its arrays
    const char *all;              // a whole axis in a subscript; NULL: a colon
    // templates of first:last; $3 is the length, $4 first-1. head: where that is 0. NULL: by colons
    const char *range, *head;
    const char *keep;   // behind subscripts of which one is no number: keeps the axes of a row
    const char *assign; // between a name and its value; NULL: " = "
    // of a condition that is used as a number, where it would be a boolean: True+True is True in NumPy
    const char *number;
    const char *choice;         // where() of a condition that is a number, and arrays; NULL: like any other
    const char *truth, *blend;  // methods: of a comparison entry by entry; where() of an array and numbers
    const char *nabla, *nabla2; // gradient and Hessian of a declared function; NULL: grad_f, H_f
    // in front of what is assigned: a word, the type of a scalar, column, row, matrix; NULL: nothing is
    const char *let, *type[4];
    const char *end;         // behind an assignment
    const char *solve;       // inv($1)*$2; NULL: written so
    const char *solve_right; // $1*inv($2)
    // argument of einsum that lets it choose an order for more than two factors; NULL: it does so anyway
    const char *pairwise;

    // ---- habits
    bool flat;         // a vector has one axis: no rows and columns
    bool unicode, tex; // juxtaposition, superscripts and bars; fractions
    bool dotted;       // f.(x) for arrays
    // array operations are methods: x.cwiseProduct(y); functions are spelled in C
    // where they have no other spelling
    bool methods;
    // code: names are assigned before the answer, not listed behind it, and so are several answers
    bool assigns;
    bool ascii;         // variables have ASCII names: theta for θ
    bool indexes_names; // a subscript stands behind a name only, not behind a call or parentheses
    int first_index;    // 0 or 1
} sdp_notation;

// By sd_format; NULL: the format is no language.
const sdp_notation *sdp_language(sd_format format);
// Returns the name of a function in the language. Returns NULL if the language uses the sign or the name of
// our table. Refuses a function that the language lacks.
const char *sdp_spelled(sdp_graph *g, const sdp_notation *t, int fn);
// How the reduction `fn` of a matrix over the axes of a mask is written; NULL: like any call.
const char *sdp_along_template(sdp_graph *g, const sdp_notation *t, int fn, uint32_t mask);
bool sdp_is_reserved(const sdp_notation *t, const char *name); // a word of the language

#endif
