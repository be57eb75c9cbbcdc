// SPDX-License-Identifier: MIT
// The syntax tree: what was typed, nothing inferred.
//
// Nodes stand in one array, arguments before users, so every pass over the tree is a loop. Operators,
// indexing and brackets are calls of reserved names ("+", ".*", "'", "index", "bracket", ...): the
// operator table (ast/graph/ops.def) gives all of them their meaning, the grammar only their precedence.
//
// reserved call names, arguments in source order:
//   "+" "-" "*" ".*" "/" "./" "\\" "^" ".^"    binary;  "neg"  unary minus;  "'"  transpose
//   "<" "<=" "==" "!=" ">" ">=" "&" "|"          binary;  "!"  unary
//   "index"    base, then one argument per subscript: an expression, a COLON, or a "range"
//   "range"    first, last                         (x[2:5])
//   "bracket"  one "row" per row;  "row"  its elements
//   "side"     operands side by side: 2X, A x, log det X; ast/surface/hand.c makes products and calls of it
//   "bars"     |x|
//   "norm"     ‖x‖, ||x||, ‖x‖_1, ‖X‖_F give norm(x), norm(x), norm(x,1), norm(X,'fro')
//   "entries"  p:e or p:q:e as an argument: the indices as NAMEs, then e; `extra` counts them (only in a
//              SYN_INDEXED)
//   "over"     sum_p,q(e): the indices as NAMEs, then e; `extra` counts the indices (only in a SYN_INDEXED)
//   "beside"   a factor or function, and the sum over an index that follows it
//   "bind_sum" "bind_prod" "bind_max" ..  sum_{i=1}^n e: a "binder", then e; a binder has
//              "bounds"(i, lower, upper) or comparisons of names as its arguments, then perhaps an upper
//              bound (`bounded`); ast/surface/sums.c makes "over" and "entries" of all that
//   "grad" "jacobian" "hessian"   ∇_x f gives grad(f, x), ∇²_x f hessian(f, x)
// in a text of NumPy besides, all read by ast/surface/numpy.c: np.f(..), "." and a name for methods and
// fields, their object first, "key=" (its value), "tuple", "@", "**" A⊗B is kron(A,B); a.\b is b./a, its
// arguments swapped. {a if c; b otherwise} is where(c,a,b). A name before '(' is a call whatever the name
// means, and every word is one name: only ast/surface/hand.c knows that θ(x+y) and Ax are products.
#ifndef SDP_SYNTAX_H
#define SDP_SYNTAX_H

#include "base/base.h"

typedef enum {
    SYN_NUMBER, // text: the digits as typed (decimal, exponent allowed)
    SYN_NAME,   // text: UTF-8 identifier (π is "pi", λ stays "λ")
    SYN_STRING, // text: without quotes
    SYN_COLON,  // a bare ':' subscript
    SYN_EMPTY,  // [], an argument that is left out: max(X,[],1)
    SYN_CALL,   // text: function or reserved name; arg[]
    // text: name; arg[0]: shape, a CALL or NAME (scalar, vector(n), matrix(m,n), function(...)); for
    // functions arg[1]: result shape; the rest NAMEs: properties. `count` of shapes in `extra`.
    SYN_DECL,
    SYN_DEF, // text: name; arg[0..n-2]: parameter NAMEs; arg[n-1]: body
    // dF[i,j]/dX[k,l] = A[l,j]*delta(i,k), an equation between entries. text: F; arg[0]: CALL F with the
    // indices as NAMEs; then for each variable below the line "index" of its NAME and indices, or its NAME
    // alone; arg[nargs-1]: the right side. F[i,j,k] = ... has no variables.
    SYN_INDEXED,
} sdp_syn_kind;

typedef uint32_t sdp_syn; // index into sdp_tree.node

typedef struct {
    sdp_syn_kind kind;
    sdp_span span; // the whole construct
    sdp_span op;   // the operator or the function name (equals span for leaves)
    const char *text;
    uint32_t nargs, extra;
    sdp_span outer;     // with its parentheses; as `span` if it has none
    bool parenthesised; // stood in ( )
    bool bounded;       // a "binder" whose last argument is an upper bound
    const sdp_syn *arg;
} sdp_syntax;

typedef struct {
    sdp_syntax *node;
    uint32_t count, capacity;
    // DECL, DEF and expressions in source order; the bindings of a trailing `where` come first
    sdp_syn *statement;
    uint32_t statements, statement_capacity;
    const char *source, *source_name;
    sd_notation from;  // never SD_FROM_AUTO
    const char *asked; // the w of argmin_w in front; NULL: none
} sdp_tree;

// Parses a program: declarations, definitions and expressions separated by ';' or newlines. Never returns on
// an error (SD_ERR_SYNTAX, SD_ERR_LIMIT). The tree lives in the context (`keep`).
// source need not be NUL-free or valid UTF-8: both are reported as errors with their position.
// in the plain notation
sdp_tree *sdp_parse(sdp_base *b, const char *source, size_t n, const char *source_name);
sdp_tree *sdp_parse_from(sdp_base *b, sd_notation from, const char *source, size_t n,
                         const char *source_name);
// by what stands in the text; fails if that is doubtful
sd_notation sdp_notation_of(sdp_base *b, const char *s, size_t n);

// The nodes of an expression stand together and end with its root: where do they begin?
sdp_syn sdp_syn_first(const sdp_tree *t, sdp_syn root);

// --dump=syntax: one line per statement, as an s-expression.
void sdp_tree_dump(const sdp_tree *t, sdp_text *out);

#endif
