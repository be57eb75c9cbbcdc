// SPDX-License-Identifier: MIT
// From syntax to graph, in four passes over one array of terms (arguments before users):
//   resolve.c  names get their meaning: variables, dimensions, constants; definitions are put in place
//   shape.c    the shape rule of every operation, as equations between dimensions
//   infer.c    chooses scalar, vector or matrix for what nobody declared, until the equations hold
//   lower.c    makes graph nodes; nothing a user can get wrong is left by then
// indexed.c and entry.c do the same for the indices of dF[i]/dx[j] = A[i,j].
#ifndef SDP_TERMS_H
#define SDP_TERMS_H

#include "ast/make/inside.h"
#include "ast/surface/surface.h"
#include "grammar/syntax.h"

// The role of a term in an equation between entries: nothing special, an index, the equation, the tensor
// on its left, a sum over indices, an array built of entries (p:q:A[q,p]), a delta. All but the
// first two have the kind SYN_INDEXED. An index used as a number is a counter; x_i, x[i+1] and
// A_{i,j} are parts of x and A (sums.c).
typedef enum {
    SDP_PLAIN,
    SDP_INDEX,
    SDP_EQUATION,
    SDP_LEFT,
    SDP_OVER,
    SDP_BUILT,
    SDP_DELTA,
    SDP_COUNTER,
    SDP_PART
} sdp_role;

typedef struct {
    sdp_syn_kind kind; // NUMBER, NAME (a variable), STRING, COLON, CALL, INDEXED
    int op;            // CALL: row of the table; NAME: a constant's row, or 0
    const char *text;
    sdp_span span, at;    // the whole term; its operator or function name
    const sdp_tree *tree; // whose source the spans point into
    uint32_t nargs;
    const uint32_t *arg;
    uint32_t var;                 // NAME of a variable; else UINT32_MAX
    const sdp_derivative *called; // CALL of an abstract function: which derivative of it
    sdp_role role;
    uint32_t label;      // NAME that is an index: its number, from 1; else 0
    bool is_dim;         // stands for a size: inside ones(..), or a dimension name used as a number
    bool subscript;      // stands in a subscript, where `end` is the last one
    bool entrywise;      // a power under a sum: of a vector that of its entries
    bool column;         // of a text of NumPy: (n,1), where a vector is (n,); filled by shape.c
    bool grouped;        // stood in parentheses
    const char *defined; // the name of the definition whose value it is, or NULL
    // the value of a formula of the table: its row, and its arguments, of which there are `nof`; else 0
    int form;
    uint32_t nof;
    const uint32_t *of;
    // from a formula of the table: its names are constants, whatever the user calls so
    bool own;
    sdp_shape shape; // filled by shape.c
    sdp_dim size;    // filled by shape.c: its meaning as a size, if it has one
    sdp_id node;     // filled by lower.c
} sdp_term;

typedef struct {
    const char *name;
    sdp_span span; // where it is introduced
    sdp_dim dim;
    bool sized;     // does a subscript or a delta tell dim?
    uint32_t first; // the term that told it
} sdp_index;

// An index as offset + sum of stride * label, all of which count from 1.
typedef struct {
    sdp_dim offset;
    uint32_t n, label[SDP_MAX_ORDER];
    sdp_dim stride[SDP_MAX_ORDER];
} sdp_index_sum;

// An expression, equation or definition with indices: the syntax nodes low to root of a tree.
typedef struct {
    const sdp_tree *tree;
    sdp_syn low, root;
    uint8_t *role; // by node - low, as is label
    uint32_t *label;
} sdp_region;

typedef struct {
    sdp_region *region;
    uint32_t nregions, region_cap;
    sdp_index *at; // index l is at[l - 1]; those of the left side come first, in order
    uint32_t n, cap, left;
    sdp_index_sum **affine; // by term: the arguments of deltas
    struct sdp_free *free;  // by term: indices that are not summed over (entry_free.c)
    const bool *absorbed;   // by term: becomes part of a larger sum or product
    uint32_t *stack;        // [terms], free for any walk
} sdp_indices;

typedef struct {
    sdp_part *at;
    uint32_t n, cap;
} sdp_part_list;

typedef struct {
    sdp_graph *g;
    sdp_term *t;
    uint32_t n, cap, root;
    bool alone;            // definitions without an expression: the last one is the expression
    bool scalar;           // the value is to be a scalar, where there is a choice
    sdp_known_shape known; // shapes of names from outside (data), NULL: none
    void *known_data;
    const sdp_tree *tree; // that was resolved: as it is read, not as it was typed
    bool again;           // the tree was resolved before: its definitions and declarations are known
    bool template;        // x, y, z are placeholders, and nothing the user defined is seen
    sdp_indices *index;   // NULL if there are no sums over an index and it is no equation between entries
    sdp_part_list *parts; // NULL, or definitions are lowered apart from what uses them (parts.c)
    // why the equations failed: two terms that disagree, and the message
    uint32_t bad, other;
    const char *message, *hint;
} sdp_terms;

typedef struct sdp_defs {
    struct sdp_def {
        const sdp_tree *tree;
        sdp_syn syn;
    } * def;
    uint32_t n, cap;
    uint32_t *table, table_cap; // by name
} sdp_defs;

// tree.c: a new tree from an old one: without nodes, a node of it, and the tree at the end of the pass
sdp_tree *sdp_tree_like(sdp_base *b, const sdp_tree *tree);
sdp_syn sdp_tree_node(sdp_base *b, sdp_tree *t, const sdp_syntax *like, uint32_t nargs, const sdp_syn *arg);
sdp_tree *sdp_tree_keep(sdp_base *b, sdp_tree *t);
int sdp_called_op(const sdp_tree *tree, const sdp_syntax *s);
// hand.c, word.c: products without an operator, functions without brackets, words that are products
sdp_tree *sdp_by_hand(sdp_terms *w, const sdp_tree *tree);
// numpy.c: the same for a text of NumPy
sdp_tree *sdp_by_numpy(sdp_terms *w, const sdp_tree *tree);
// shape_numpy.c: the rules where NumPy's shapes are others
bool sdp_is_numpy(const sdp_term *t);
bool sdp_numpy_map(sdp_terms *w, sdp_term *t), sdp_numpy_product(sdp_terms *w, sdp_term *t),
    sdp_numpy_transpose(sdp_terms *w, sdp_term *t), sdp_numpy_axes(sdp_terms *w, sdp_term *t),
    sdp_numpy_joins_below(sdp_terms *w, sdp_term *t, bool below), sdp_numpy_joined(sdp_terms *w, sdp_term *t),
    sdp_numpy_lose(sdp_terms *w, sdp_term *t, uint32_t axis),
    sdp_numpy_has_axis(sdp_terms *w, sdp_term *t, uint32_t axis);
typedef struct {
    bool beside, elsewhere;
} sdp_numpy_place;
sdp_numpy_place *sdp_numpy_places(const sdp_terms *w, const bool *measure);
bool sdp_numpy_broadcasts(const sdp_terms *w, const sdp_term *t);
bool sdp_is_dotted(const sdp_term *t); // u·v: of vectors an inner product
sdp_shape sdp_numpy_left(const sdp_term *t, const sdp_term *a);
int sdp_numpy_arithmetic(const sdp_term *t);
bool sdp_numpy_guard(sdp_terms *w, const sdp_term *t);
void sdp_numpy_settle(sdp_terms *w);
sdp_id sdp_numpy_stretch(sdp_terms *w, const sdp_term *t, uint32_t i);
bool sdp_is_asked(const sdp_graph *g, const char *name); // is the answer a derivative by it?

// definition.c
bool sdp_is_defined(const sdp_graph *g, const char *name);
bool sdp_is_function_defined(const sdp_graph *g, const char *name);
// the last definition of a name and its number; NULL: there is none
const struct sdp_def *sdp_definition(const sdp_graph *g, const char *name, uint32_t *index);
void sdp_define(sdp_terms *w, const sdp_tree *tree, sdp_syn syn); // takes in the SYN_DEF of a tree
const sdp_syntax *sdp_definition_alone(const sdp_tree *tree);     // what the text is about
_Noreturn void sdp_name_fail(sdp_terms *w, const sdp_tree *tree, sdp_span at, const char *hint,
                             const char *message); // resolve.c: SD_ERR_NAME

// sums.c: sum_i, x_i, x_{i+1} as calls of the language of entries
sdp_tree *sdp_sums(sdp_terms *w, sdp_tree *tree);
// Builds the terms of a tree's last expression; false if there is none.
// Registers declarations and definitions.
bool sdp_resolve(sdp_terms *w, const sdp_tree *tree);
sdp_surface sdp_read_tree(sdp_graph *g, sdp_tree *tree); // read.c: as if its text had been read
void sdp_classify(sdp_terms *w); // classify.c: names become sizes, constants, variables
// term.c
uint32_t sdp_term_new(sdp_terms *w, const sdp_tree *tree, const sdp_syntax *s); // without arguments
// The term a - b, as the last one and the root: what ties the shapes of two expressions together.
void sdp_resolve_difference(sdp_terms *w, uint32_t a, uint32_t b);
// Shapes of all terms from the shapes of the variables; false on the first contradiction (w->bad ...).
bool sdp_shapes(sdp_terms *w);
// Is an inferred vector added to a scalar that vectors made, and nowhere more than a scalar? added.c
bool sdp_is_added_to_scalar(sdp_terms *w, uint32_t var);
// Chooses the shapes of variables that were not declared; fails with SD_ERR_SHAPE.
void sdp_infer(sdp_terms *w);
// The same for the terms of two expressions a and b, whose shapes are made equal if that costs no habit.
void sdp_infer_pair(sdp_terms *w, uint32_t a, uint32_t b);
sdp_id sdp_lower(sdp_terms *w);
// names of constrained variables come to mean their free copies; false if there are none. free_copy.c
bool sdp_name_free_copies(sdp_terms *w);

// indexed.c
void sdp_index_scan(sdp_terms *w, const sdp_tree *tree, sdp_syn low, sdp_syn root);
sdp_role sdp_index_role(const sdp_terms *w, const sdp_tree *tree, sdp_syn i, uint32_t *label);
void sdp_index_reset(sdp_terms *w);
bool sdp_index_bind(sdp_terms *w, uint32_t t, sdp_dim d);
bool sdp_index_shape(sdp_terms *w, sdp_term *t);
void sdp_index_sizes(sdp_terms *w);
// entry_free.c, entry.c
void sdp_index_prepare(sdp_terms *w, const uint8_t *uses, bool *absorbed); // uses: 0, 1, 2 or more
bool sdp_has_entries(const sdp_terms *w, const sdp_term *t);               // is t lowered by sdp_lower_entry?
sdp_id sdp_lower_entry(sdp_terms *w, sdp_term *t);
sdp_id sdp_zero_entries(sdp_terms *w, const sdp_term *t);

// branch.c: is argument k of t the branch of a `where` that its condition, a number, excludes? By
// term, the branch in which it stands alone; 0 if there is none, SDP_NEVER if it is excluded.
// needed: by term, does the root need it?
enum { SDP_NEVER = 1 };
bool sdp_is_never_taken(const sdp_terms *w, const sdp_term *t, uint32_t k);
sdp_branch *sdp_branches(const sdp_terms *w, bool *needed);
// infinity.c
void sdp_refuse_lost_infinity(sdp_terms *w, const bool *absorbed, bool *infinite, uint32_t i);

// parts.c
bool sdp_is_part(const sdp_terms *w, uint32_t term); // is it lowered apart?
void sdp_part_out(sdp_terms *w, uint32_t term);      // a variable takes its place

// lower.c, lower_matrix.c, lower_reduce.c: what rows of PRIM and SUGAR name
// as LOWER makes the node of a term.
typedef struct {
    sdp_terms *w;
    sdp_graph *g;
    bool *absorbed; // by term: is part of a larger sum
    bool *infinite;
} sdp_lowering;
// spelling.c: of a term that has its node
void sdp_note_met(sdp_lowering *l, sdp_id sum); // exp(u)-1 among the terms of a sum
void sdp_note_spelling(sdp_lowering *l, const sdp_term *t);
sdp_id sdp_typed_reciprocal(sdp_lowering *l, const sdp_term *t, sdp_id a); // 1/a
typedef sdp_id sdp_lowering_fn(sdp_lowering *l, const sdp_term *t);
#define LOWER(f)                                        sdp_lowering_##f
#define PRIM(id, name, least, most, shape, lower, ...)  sdp_lowering_fn lower;
#define SUGAR(id, name, least, most, shape, lower, ...) sdp_lowering_fn lower;
#include "ast/graph/ops.def"
#undef LOWER

// shape.c: the contradiction is in argument i (and j) of t; false
bool sdp_wrong(sdp_terms *w, const sdp_term *t, uint32_t i, uint32_t j, const char *message,
               const char *hint);
// shape.c, shape_reduce.c: the rules of shapes.def. A call gets its shape; false if
// its arguments contradict the rule.
typedef bool sdp_rule(sdp_terms *w, sdp_term *t);
#define RULE(id, ...) sdp_rule sdp_rule_##id;
#include "ast/graph/shapes.def"
// Returns the number of the argument that names the axis of a reduction. Returns 0 if it reduces everything.
uint32_t sdp_axis_argument(const sdp_terms *w, const sdp_term *t);
// Texts in quotes and [] stand only where a function knows them.
bool sdp_options_fit(sdp_terms *w, const sdp_term *t);
sdp_dim sdp_term_dim(sdp_terms *w, uint32_t t); // a size expression as a dimension
_Noreturn void sdp_term_fail(sdp_terms *w, uint32_t t, sd_status code, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void sdp_declare_statement(sdp_graph *g, const sdp_tree *tree, const sdp_syntax *s);

// A trace, determinant, inverse, exponential: an operation of a square matrix as a whole?
static inline bool sdp_is_of_square(int op)
{
    return sdp_ops[op].shape == SDP_SHAPE_square_scalar ||
           (sdp_shape_rules[sdp_ops[op].shape].traits & SDP_SQUARE);
}

#endif
