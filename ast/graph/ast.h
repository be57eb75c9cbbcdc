// SPDX-License-Identifier: MIT
// The tensor-expression graph: nodes, numbers, dimensions, variables. The one door
// that makes nodes is make/make.h.
//
// A node is immutable, hash-consed and made after its arguments, so ids are a topological order and every
// pass is a loop. Equality is `==` on ids. Order-0 nodes are scalars. A dimension that is literally 1 has no
// axis: row and column orientation exists only at the surface (sdp_surface).
//
// kinds                value at axes i..
//   NUM                a rational
//   CONST              pi, e, inf                       (op = its row in the table)
//   DIM                a dimension name as a scalar     (dims that are polynomials become ADD/MUL of DIMs)
//   VAR                a declared or inferred variable
//   SEL                1 if i0 == offset + sum_j stride_j * i_j (all 0-based) else 0
//                        one-hot unit vector: SEL(k; offset); slice; vec/kron/reshape: SEL(k; a, b) with
//                        strides
//   MASK               1 if i0 >= i1 (param SDP_LOWER) or i0 <= i1 (SDP_UPPER) else 0
//   ADD                sum of coef_t * arg_t, every term with the axes of the node
//   MUL                coef * sum over bound labels of prod of factors: an einsum. Each factor has one label
//                        per axis, the node one label per output axis. Labels may repeat anywhere: a repeated
//                        label on a factor takes a diagonal, a repeated output label writes one. An output
//                        label in no factor is a broadcast. A bound label always stands in some factor.
//                        eye(n) is the MUL without factors and output labels (a,a); ones(n) the one with (a).
//   POW                arg0 .^ arg1; arg1 has order 0, or the axes of arg0
//   MAP                an element-wise function of the table; all arguments have the axes of the node
//   PRIM               a primitive with its own pullback and kernel (inv, det, logsumexp, norm, ...)
//   CALL               an abstract function, or a derivative of one: label lists the arguments (from 0,
//                        ascending) it is differentiated by, nlabels of them. Axes: of the value, then of
//                        each of these arguments
//
// Canonical form (what the constructors guarantee): ADD is flat, terms sorted, equal terms merged, MUL terms
// carry coef 1 (their coefficient is the term's); MUL is flat up to a limit, factors sorted up to renaming of
// labels, equal factors merged into POW, no factor is NUM, a pure broadcast, or an identity.
#ifndef SDP_AST_H
#define SDP_AST_H

#include "ast/graph/operator.h"
#include "base/base.h"

typedef uint32_t sdp_id;  // node, 0 is none
typedef uint32_t sdp_num; // interned exact rational
typedef uint32_t sdp_dim; // interned dimension: a polynomial in dimension names with integer coefficients

enum { SDP_NUM_ZERO = 0, SDP_NUM_ONE = 1, SDP_NUM_MINUS_ONE = 2, SDP_NUM_TWO = 3, SDP_NUM_HALF = 4 };
enum { SDP_DIM_NONE = 0, SDP_DIM_ONE = 1 };
enum { SDP_MAX_ORDER = 12, SDP_MAX_LABELS = 64, SDP_MAX_FACTORS = 24, SDP_FLAT_TERMS = 64, SDP_DEPTH = 64 };

typedef enum {
    SDP_NUM = 1,
    SDP_CONST,
    SDP_DIM,
    SDP_VAR,
    SDP_SEL,
    SDP_MASK,
    SDP_ADD,
    SDP_MUL,
    SDP_POW,
    SDP_MAP,
    SDP_PRIM,
    SDP_CALL
} sdp_kind;
enum { SDP_LOWER, SDP_UPPER };
// prodexcept: param is the mask of the axes and, above it, how often prod was differentiated
enum { SDP_AXES = 255 };

typedef struct {
    uint8_t kind, order;
    // MUL: labels are 0..nlabels-1, numbered by first appearance in `label`; CALL: order of derivative
    uint8_t nlabels;
    bool marked; // free for a pass that clears it again
    uint16_t op; // MAP, PRIM, CONST: row in sdp_ops
    uint32_t nargs, hash;
    // NUM: sdp_num; VAR, CALL: variable; DIM: atom; PRIM: its parameter (axis mask, ...); MASK
    uint32_t param;
    sdp_id primitive; // ADD: memo of sdp_primitive_part, 0 if not yet known
    sdp_num content;
    const sdp_dim *dim;  // [order]
    const sdp_id *arg;   // [nargs]
    const sdp_num *coef; // ADD: [nargs]; MUL: [1]
    // MUL: labels of arg 0, of arg 1, ..., then of the output [order]; CALL: arguments differentiated by
    const uint8_t *label;
    const sdp_dim *ldim; // MUL: dimension of each label; SEL: offset, then stride of axes 1..order-1
} sdp_node;

// ---- variables --------------------------------------------------------------------------------------------
enum { // declared structure
    SDP_SYMMETRIC = 1,
    SDP_POSDEF = 2,
    SDP_PSD = 4,
    SDP_DIAGONAL = 8,
    SDP_TRI_LOWER = 16,
    SDP_TRI_UPPER = 32,
    SDP_ORTHOGONAL = 64,
    SDP_UNIT = 128,
    SDP_POSITIVE = 256,
    SDP_NONNEG = 512,
    SDP_SIMPLEX = 1024,
    SDP_ONEHOT = 2048,
    SDP_INTEGER = 4096,
    // Facts that hold on a surface only: norm(u) = 1, Q'*Q = I. A rewrite that uses one must not come before
    // differentiation by that variable.
    SDP_CONSTRAINED = SDP_ORTHOGONAL | SDP_UNIT | SDP_SIMPLEX | SDP_ONEHOT | SDP_INTEGER,
};

// The declared properties of a function: convex or concave in all its arguments together; increasing or
// decreasing in every entry of each argument.
enum { SDP_IS_CONVEX = 1, SDP_IS_CONCAVE = 2, SDP_IS_INCREASING = 4, SDP_IS_DECREASING = 8 };

// The facts that are known to hold of a value (yes), and those known not to hold (no). Others are unknown.
typedef struct {
    uint32_t yes, no;
} sdp_known;

// An interval that holds every entry of a value. An open end is not attained.
typedef struct {
    double lo, hi;
    bool lo_open, hi_open;
} sdp_bounds;

// A surface shape: rows x cols, SDP_DIM_ONE where there is no axis. Row vectors are (1, n).
typedef struct {
    sdp_dim rows, cols;
} sdp_shape;
static inline bool sdp_is_scalar(sdp_shape s) { return s.rows == SDP_DIM_ONE && s.cols == SDP_DIM_ONE; }
static inline bool sdp_is_matrix(sdp_shape s) { return s.rows != SDP_DIM_ONE && s.cols != SDP_DIM_ONE; }
static inline bool sdp_is_vector(sdp_shape s) { return (s.rows == SDP_DIM_ONE) != (s.cols == SDP_DIM_ONE); }

typedef struct {
    const char *name;
    sdp_shape shape; // functions: shape of the result
    uint32_t facts;
    // 1 + SDP_SCALAR ... if a declaration says that much and no sizes: b: vector; 0: nothing
    uint8_t kind;
    bool declared, inferred, is_function;
    uint8_t curve; // functions: SDP_IS_CONVEX, ...
    bool zeromean; // random, with expectation 0: what E(...) is linear in
    uint32_t nparams;
    sdp_shape *param; // functions: shapes of the arguments
    sdp_id node;
    uint32_t order_seen; // position of first appearance, for display order
    // printed as this node: the difference x-x0 of a Taylor polynomial, not to be multiplied out; or 0
    sdp_id shown_as;
    // number + 1 of the variable that derivatives by a constrained one are taken by; 0: none
    uint32_t free_copy;
    uint32_t ignored; // of a free copy: the facts that hold, but must not be used
    bool unnamed;     // the name is for display; sdp_variable_find does not know it
} sdp_variable;

// ---- the graph --------------------------------------------------------------------------------------------
// The spelling of a node in the input, as far as the node itself has lost it (written.c): one record a node.
// Of two spellings the first is remembered; of functions and definitions, the last.
typedef struct {
    sdp_id node;
    const uint8_t *order; // of a sum: term k stands at argument order[k]; NULL: it was not typed
    uint32_t minus;       // bit k: term k was typed behind a minus
    // a sum with coprime coefficients: times this it was typed, x+1e-8 for 100000000*x+1; positive, or 0
    sdp_num scale;
    const char *name; // of the definition whose value it is, or NULL
    // A row with `.named`, and its arguments: var(X,0,1), normcdf(u), sigmoid(u). exp, u and 1+exp(u): the
    // node is sigmoid(-u), which was typed as a quotient by 1+exp(u). 0: none.
    uint16_t op;
    uint8_t nargs;
    sdp_id arg[3];
} sdp_written;

// A variable among the factors of a product, by its order_seen: it stands behind what was typed before it.
// late: the last order_seen of those; depth: how many of them have the same.
typedef struct {
    uint32_t seen, late, depth;
} sdp_factor_place;

// All that one text wrote. An answer to a text depends on nothing that another text of the context wrote.
typedef struct sdp_writing {
    sdp_written *at; // by order of appearance
    uint32_t n, cap;
    sdp_sparse place; // 1 + the place in `at`, by node
    uint32_t *named;  // the places of those that have a name, each once
    uint32_t nnamed, named_cap;
    uint32_t nfunctions; // how many have a function
    // 0: no number of the text has a point; else 9/5 is printed as 1.8, and 1/2 as 0.5 if it is 2
    uint32_t decimals;
    sdp_factor_place *factor; // of variables that were typed as factors
    uint32_t (*before)[2];    // pairs of places in `factor`: the first was typed before the second
    uint32_t nfactors, factor_cap, nbefore, before_cap;
    sdp_sparse factor_at;  // 1 + the place in `factor`, by order_seen + 1
    uint32_t before_tried; // how often a pair was told
} sdp_writing;

typedef struct sdp_graph {
    sdp_base base; // first: a graph is a base
    // for each undeclared name of the text that was read last (surface/explain.c)
    struct sdp_record *evidence;
    uint32_t nevidence;
    sd_notation from; // of the expressions that are read
    // the variable of argmin_w in front of the text that was read last; NULL: none
    const char *optimum;
    const char *asked; // names by which a derivative will be asked for, "x,y"; NULL: not known
    sdp_node **node;
    uint32_t nnodes, node_cap;
    sdp_interned index; // hash-consing
    sdp_id *transposed; // memo of sdp_transpose, by id
    uint32_t transposed_cap;
    struct sdp_layout *layout; // of the concatenation last sliced (mul_pieces.c)
    // memo of sdp_orient, by id: bit 15: has the axes in the order that products want; bit k: axes k
    // and k + 1 are interchangeable
    uint16_t *oriented;
    uint32_t oriented_cap;
    struct sdp_made *made; // what constructors have made (make/memo.c)
    uint32_t made_cap;
    sdp_known *known; // memo of sdp_facts, for ids below nknown
    uint32_t nknown, known_cap;
    sdp_bounds *bounds; // beside `known`
    uint32_t bounds_cap;
    struct sdp_nums *nums;
    struct sdp_dims *dims;
    sdp_variable *var;
    uint32_t nvars, var_cap;
    uint32_t *var_table, var_table_cap; // by name
    // Functions that other rooms set, NULL until then. compile turns a text of a table into a graph over
    // placeholders (surface/template.c). derivative turns a derivative operator into terms
    // (simplify/answer/).
    sdp_id (*compile)(struct sdp_graph *g, const char *text);
    sdp_id (*derivative)(struct sdp_graph *g, int op, sdp_id value, sdp_id variable);
    sdp_writing *writing;    // of the text that is read or answered; never NULL
    sdp_writing own_writing; // of what has no text
    struct sdp_defs *defs;   // bindings and functions of model files and expressions
    struct sdp_rules *rules; // compiled rewrite rules and derivative templates
    // of constructors that call themselves: entries of functions, sums of cases. At most SDP_DEPTH
    uint32_t depth;
    // a C compiler of the system that makes functions, or NULL: they are compiled in memory
    const char *compiler;
    const char *cache; // the folder where it keeps them, or NULL
    // functions in memory without codegen/machine/, as on processors without AVX2: for tests
    bool no_machine;
    bool debug; // check every new node, compare every derivation numerically
} sdp_graph;

// without `compile`: sdp_graph_new is in surface/surface.h
sdp_graph *sdp_graph_empty(const sd_allocator *mem, const sd_limits *limit);
void sdp_graph_free(sdp_graph *g);

static inline const sdp_node *sdp_get(const sdp_graph *g, sdp_id id) { return g->node[id]; }

int sdp_shape_axes(sdp_shape s, sdp_dim *dim);             // the axes of a surface shape; returns how many
uint32_t sdp_variable_new(sdp_graph *g, const char *name); // not declared, shape still unknown
// The variable of a name that nobody can type ($...), with these axes, two at most, and facts; made on first
// use. The same name with other axes or facts is another variable.
sdp_id sdp_hidden_variable(sdp_graph *g, const char *name, uint32_t order, const sdp_dim *dim,
                           uint32_t facts);
uint32_t sdp_variable_find(const sdp_graph *g, const char *name); // UINT32_MAX if there is none

// ---- numbers ----------------------------------------------------------------------------------------------
sdp_num sdp_num_int(sdp_graph *g, long v);
sdp_num sdp_num_ratio(sdp_graph *g, long p, long q);
sdp_num sdp_num_parse(sdp_graph *g, const char *digits, sdp_span at); // "0.1" is 1/10; limit `digits`
sdp_num sdp_num_add(sdp_graph *g, sdp_num a, sdp_num b);
sdp_num sdp_num_mul(sdp_graph *g, sdp_num a, sdp_num b);
sdp_num sdp_num_neg(sdp_graph *g, sdp_num a);
sdp_num sdp_num_inv(sdp_graph *g, sdp_num a);                            // a != 0
sdp_num sdp_num_pow(sdp_graph *g, sdp_num a, long k);                    // a != 0 if k < 0
bool sdp_num_root(sdp_graph *g, sdp_num a, unsigned long k, sdp_num *r); // exact k-th root of a >= 0
int sdp_num_cmp(const sdp_graph *g, sdp_num a, sdp_num b);
int sdp_num_sign(const sdp_graph *g, sdp_num a);
bool sdp_num_is_int(const sdp_graph *g, sdp_num a);
bool sdp_num_long(const sdp_graph *g, sdp_num a, long *v); // false if not an integer of that size
double sdp_num_double(const sdp_graph *g, sdp_num a);      // correctly rounded
long sdp_num_exponent(const sdp_graph *g, sdp_num a);      // 2^(e-1) < |a| < 2^(e+1), 0 of 0
sdp_num sdp_num_of_double(sdp_graph *g, double v);         // exact; v is finite
sdp_num sdp_num_numerator(sdp_graph *g, sdp_num a);
sdp_num sdp_num_denominator(sdp_graph *g, sdp_num a);
sdp_num sdp_num_gcd(sdp_graph *g, sdp_num a, sdp_num b); // gcd(p/q, r/s) = gcd(p,r)/lcm(q,s), positive
// numerator and denominator modulo it
void sdp_num_residues(const sdp_graph *g, sdp_num a, uint64_t prime, uint64_t *p, uint64_t *q);
const char *sdp_num_text(sdp_graph *g, sdp_num a); // "-3/4", "2": in scratch

// ---- dimensions -------------------------------------------------------------------------------------------
sdp_dim sdp_dim_int(sdp_graph *g, long v);
sdp_dim sdp_dim_name(sdp_graph *g, const char *name, size_t n); // made on first use
sdp_dim sdp_dim_fresh(sdp_graph *g);                            // an unnamed atom, named by inference
sdp_dim sdp_dim_add(sdp_graph *g, sdp_dim a, sdp_dim b);
sdp_dim sdp_dim_mul(sdp_graph *g, sdp_dim a, sdp_dim b);
sdp_dim sdp_dim_neg(sdp_graph *g, sdp_dim a);
void sdp_dim_split(sdp_graph *g, sdp_dim d, sdp_dim *plus, sdp_dim *minus);
bool sdp_dim_never_negative(sdp_graph *g, sdp_dim d);      // d >= 0 whatever the sizes are, each at least 1
bool sdp_dim_exceeds(sdp_graph *g, sdp_dim a, sdp_dim b);  // a > b whatever they are
bool sdp_dim_long(const sdp_graph *g, sdp_dim d, long *v); // true if it is a number
// at sizes by atom; LONG_MAX: beyond a long
long sdp_size_at(const sdp_graph *g, sdp_dim d, const long *size);
// digits; false: something else, or beyond a long
bool sdp_dim_parse(sdp_graph *g, const char *text, sdp_dim *d);
const char *sdp_dim_text(sdp_graph *g, sdp_dim d); // "m", "m+n", "2*n", "m*n": in scratch
// The polynomial, for code generation: terms of coef * product of atoms.
typedef struct {
    long coef;
    uint32_t natoms;
    const uint32_t *atom;
} sdp_dim_term;
uint32_t sdp_dim_terms(const sdp_graph *g, sdp_dim d, const sdp_dim_term **t);
const char *sdp_atom_name(const sdp_graph *g, uint32_t atom);
uint32_t sdp_atom_count(const sdp_graph *g);
uint32_t sdp_atom_find(const sdp_graph *g, const char *name); // UINT32_MAX: there is no size of this name

// ---- leaves; all other constructors are in make/make.h ----------------------------------------------------
sdp_id sdp_number(sdp_graph *g, sdp_num v);
sdp_id sdp_constant(sdp_graph *g, int op);
sdp_id sdp_var(sdp_graph *g, uint32_t variable);

// ---- facts ------------------------------------------------------------------------------------------------
bool sdp_is_zero(const sdp_graph *g, sdp_id a);               // structurally 0 of any shape
bool sdp_is_number(const sdp_graph *g, sdp_id a, sdp_num *v); // NUM, or a NUM broadcast to any shape
bool sdp_has(sdp_graph *g, sdp_id a, uint32_t facts);         // all of them, proved; false means unknown
// without a look at transposes, which sdp_facts takes
sdp_known sdp_facts_derived(sdp_graph *g, sdp_id a);
// with what follows from them; a contradiction is in both sets
sdp_known sdp_facts_close(sdp_known k);
bool sdp_known_positive(sdp_graph *g, sdp_id a); // every entry > 0, proved; false means unknown
bool sdp_known_nonneg(sdp_graph *g, sdp_id a);
sdp_bounds sdp_bounds_known(sdp_graph *g, sdp_id a); // bounds.c

// A branch of where(c,a,b): 0 is none. What stands in it matters where the condition says so: arm 1 is a,
// where c > 0, arm 2 is b.
typedef uint32_t sdp_branch;
static inline sdp_branch sdp_branch_of(sdp_id condition, uint32_t arm) { return condition * 4 + arm; }
static inline sdp_id sdp_branch_condition(sdp_branch b) { return b / 4; }
static inline uint32_t sdp_branch_arm(sdp_branch b) { return b % 4; }

// ---- questions to a selection -----------------------------------------------------------------------------
// SEL is 1 where i0 == offset + sum over k >= 1 of stride_k * i_k.
static inline sdp_dim sdp_offset(const sdp_node *sel) { return sel->ldim[0]; }
static inline sdp_dim sdp_stride(const sdp_node *sel, uint32_t k) { return sel->ldim[k]; }
// x[a:b] as a factor: neighbouring rows of an identity
static inline bool sdp_is_slice(const sdp_node *sel)
{
    return sel->kind == SDP_SEL && sel->order == 2 && sdp_stride(sel, 1) == SDP_DIM_ONE;
}

// ---- questions to a product (ask.c) -----------------------------------------------------------------------
// The factors of a MUL, uniformly: labels of factor i start at sdp_labels(n, i);
// sdp_labels(n, nargs) is the output.
const uint8_t *sdp_labels(const sdp_graph *g, const sdp_node *n, uint32_t i);
static inline uint64_t sdp_label_bit(uint8_t label) { return UINT64_C(1) << label; }
uint64_t sdp_label_set(const sdp_graph *g, const sdp_node *mul, uint32_t i); // the same as a bit set
bool sdp_repeats_axis(const sdp_graph *g, const sdp_node *mul); // does an output label repeat, as in diag(x)?
// Is each factor a scalar, or has it the axes of the product in their order? Nothing is summed or transposed.
bool sdp_is_entrywise(const sdp_graph *g, const sdp_node *mul);
bool sdp_is_flip(const sdp_graph *g, const sdp_node *n); // SEL: ones on the other diagonal
// Has every label one axis of the output, so that nothing is summed and no diagonal is written?
// (diag(sum(X,2)) has as many labels as axes, too.)
bool sdp_permutes_labels(const sdp_graph *g, const sdp_node *mul);
// Marks in in[] the factors that the labels `from` reach, other than closed[] ones (NULL: none), without
// passing labels in `walls`. Returns these labels with all that the marked factors have; factors marked
// before are not asked.
uint64_t sdp_connected(const sdp_graph *g, const sdp_node *mul, uint64_t from, uint64_t walls,
                       const bool *closed, bool *in);

// ---- abstract functions (call.c) --------------------------------------------------------------------------
enum { SDP_MAX_PARAMS = 9 }; // a digit names one
typedef struct {
    uint32_t function;         // variable; UINT32_MAX: none
    uint32_t nby;              // 0: the function itself
    uint8_t by[SDP_MAX_ORDER]; // arguments it is differentiated by, from 0, in the order of the axes
    bool transposed;           // J_f of a scalar f: a row at the surface
} sdp_derivative;

// ---- what the input wrote (written.c): nothing is noted of what is very long or very much -----------------
enum { SDP_MOST_WRITTEN = 30 };             // terms of a sum
sdp_writing *sdp_new_writing(sdp_graph *g); // and what is noted from now on belongs to it
const sdp_written *sdp_written_of(const sdp_graph *g, sdp_id node); // NULL: nothing
void sdp_note_order(sdp_graph *g, sdp_id sum, const uint8_t *order, uint32_t minus);
// Two variables, by order_seen: u*v was typed, not v*u. In products of them u stands
// first, whichever was seen first.
void sdp_note_factors(sdp_graph *g, uint32_t u, uint32_t v);
sdp_factor_place sdp_factor_typed(const sdp_graph *g, uint32_t seen);
void sdp_note_scale(sdp_graph *g, sdp_id sum, sdp_num scale);
void sdp_note_function(sdp_graph *g, sdp_id node, int op, uint32_t nargs, const sdp_id *arg);
void sdp_note_decimal(sdp_graph *g, sdp_num v);                        // v was typed with a point
void sdp_note_definition(sdp_graph *g, sdp_id node, const char *name); // the last value of a name counts
const uint8_t *sdp_order_typed(const sdp_graph *g, sdp_id sum);        // NULL: it was not typed
// The function of the language whose name simplifying leaves whole, var(X,0,1); NULL: none
const sdp_written *sdp_spelling_of(const sdp_graph *g, sdp_id node);

// ---- walks ------------------------------------------------------------------------------------------------
// Ids reachable from the roots, ascending (arguments first). In scratch.
// The variables and declared functions that the roots use, and the differences x-x0 as which variables are
// shown: marks by number, or a list in the order of their first appearance in texts. In scratch.
bool *sdp_used_by(sdp_graph *g, uint32_t nroots, const sdp_id *root);
uint32_t *sdp_variables_of(sdp_graph *g, uint32_t nroots, const sdp_id *root, uint32_t *count);
sdp_id *sdp_reachable(sdp_graph *g, uint32_t nroots, const sdp_id *root, uint32_t *count);
uint32_t sdp_node_count(sdp_graph *g, sdp_id a); // what `a` is made of, each node once
// Does `a` depend on `node` (a VAR)? Used for one-off questions; passes use their own marks.
bool sdp_depends(sdp_graph *g, sdp_id a, sdp_id node);
// Returns the new form of a node whose arguments have become `arg`. changed: some argument is a new one.
typedef sdp_id (*sdp_rewriter)(void *data, sdp_graph *g, sdp_id id, const sdp_id *arg, bool changed);
// Rewrites what the roots reach, arguments first, and each node once; false: the roots are as they were.
bool sdp_rewrite_all(sdp_graph *g, uint32_t nroots, sdp_id *root, sdp_rewriter rewrite, void *data);

// Checks the invariants of a node; fails with SD_ERR_INTERNAL. Runs on every new node in debug graphs.
void sdp_check_node(sdp_graph *g, sdp_id id);
void sdp_graph_dump(sdp_graph *g, sdp_id root, sdp_text *out); // --dump=graph

#endif
