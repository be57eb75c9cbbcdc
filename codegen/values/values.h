// SPDX-License-Identifier: MIT
// The graph as it will be computed, in values. Others ask here for what has been made, or make more.
//
// Values are hash-consed like graph nodes and in topological order, but made for loops: an EINSUM has its
// contraction order chosen (one value per pair of factors), selections (SEL) have become index arithmetic,
// inv(A)*b a SOLVE with a shared FACTOR, logsumexp and softmax a maximum and a few element-wise values.
// emit/passes.c has the passes that fill a schedule, in order.
//
// An index (sdp_ix) tells how a factor or an output is addressed: a number below SDP_MAX_LABELS is a label
// (a loop variable), others are affine in labels: offset + sum of stride * label.
#ifndef SDP_VALUES_H
#define SDP_VALUES_H

#include "codegen/machine/machine.h"
#include "codegen/values/pattern.h"
#include "simplify/answer/answer.h"

// ---- what is computed ------------------------------------------------------------------------------------
// The signature of a compiled or emitted function: dimension arguments (atoms), inputs (variables), outputs,
// in order; and the declared functions and derivatives of them that it calls.
typedef struct {
    uint32_t ndims, ninputs, noutputs;
    const uint32_t *dim;   // atoms
    const uint32_t *input; // variables
    const sdp_id *output;  // nodes
    const char *const *output_name;
    uint32_t ncalls;
    const sdp_derivative *call; // those of one function side by side
    // how far the rows of a matrix stand apart, or its columns; SDP_DIM_NONE: side by side. NULL: all do
    const sdp_dim *input_step, *output_step;
    // by output that callers see; NULL: nobody has asked
    const struct sdp_slope *slope;
    uint32_t ngathered;
    const struct sdp_gathered *gathered; // outputs that callers get as one sparse matrix: in ascending order
} sdp_signature;

// An output is the derivative of output `of` (among those that callers see;
// -1: not known) by these variables.
typedef struct sdp_slope {
    int of;
    uint32_t nby;
    const uint32_t *by;
} sdp_slope;

// The outputs from .. from + pattern.nparts - 1 are the parts of a sparse matrix:
// callers give room for its entries.
typedef struct sdp_gathered {
    uint32_t from;
    const char *name;
    sdp_pattern pattern;
} sdp_gathered;
// The sparse matrix of which output i is a part, or NULL. What callers see of it
// stands in the place of the first part.
const sdp_gathered *sdp_gathered_with(const sdp_signature *s, uint32_t i);
static inline uint32_t sdp_outputs_seen(const sdp_signature *s)
{
    uint32_t n = s->noutputs;
    for (uint32_t k = 0; k < s->ngathered; k++) n -= s->gathered[k].pattern.nparts - 1;
    return n;
}

// Of array i, where `step` is input_step or output_step
static inline sdp_dim sdp_array_step(const sdp_dim *step, uint32_t i)
{
    return step ? step[i] : SDP_DIM_NONE;
}

typedef enum {
#define TARGET(id, ...) SDP_TARGET_##id,
#include "codegen/values/targets.def"
#undef TARGET
    SDP_TARGETS
} sdp_target;
typedef struct {
    const char *name;
    bool entry, tcc, threads, blas, ranks;
} sdp_target_row; // columns of targets.def
extern const sdp_target_row sdp_targets[SDP_TARGETS];
// The type of numbers in emitted C: double or float, perhaps under another name.
typedef struct {
    const char *name;    // NULL: double
    bool is_float;       // or may be one
    bool either;         // the name is one for float or for double: whoever compiles the code decides
    const char *include; // the header that defines the name, or NULL
} sdp_real;

typedef struct {
    const char *name;   // function
    const char *header; // file name in #include, C99 only
    uint32_t nnames;    // functions of the file, this one among them
    const char *const *names;
    const char *file; // helpers begin with it; NULL: with the name
    bool header_only; // all in one header
    sdp_real real;
    // arrays of two axes or more are stored column by column, the first index runs fastest
    bool columns;
    sdp_target target;
    sdp_loops *loops; // JIT: machine code that the text calls goes here; NULL: there is none
    uint32_t nsizes;  // sizes that are constants
    const uint32_t *size_atom;
    const long *size_value;
    const char *conditions; // lines for the head comment, or NULL
    const char *structure;  // lines that say what tensors the outputs are cores of, or NULL
    bool trial;             // a program that reads data follows: emit/trial.c
    bool sharded;           // axis `shard`, an atom, is split over ranks: schedule/shard.c
    uint32_t shard;
} sdp_emit_request;
// The sizes that the declaration of a function names, in order of appearance: atoms, in scratch. value.c
uint32_t sdp_function_atoms(sdp_graph *g, uint32_t function, uint32_t **atom);

// ---- values ----------------------------------------------------------------------------------------------
typedef uint32_t sdp_val; // 0 is none
typedef uint32_t sdp_ix;

typedef struct {
    sdp_dim off;
    uint32_t n;
    uint8_t label[SDP_MAX_ORDER];
    sdp_dim stride[SDP_MAX_ORDER];
} sdp_affine;

typedef enum {
    SDP_V_NUM = 1,
    SDP_V_CONST,
    SDP_V_DIM,
    SDP_V_VAR,
    SDP_V_MASK,
    // 1 if the caller wants an output of a set: schedule/wanted.c; param is the number of the set
    SDP_V_WANTED,
    SDP_V_EQ, // 1 where its two indices agree: what remains of a SEL that no renaming removed
    SDP_V_ADD,
    SDP_V_EINSUM,
    SDP_V_POW,
    SDP_V_MAP,
    SDP_V_FINITE,  // x where x is finite, else 0: the shift of logsumexp and softmax
    SDP_V_RUNNING, // sums along axis op of the entries up to each one, param SDP_LOWER, or from each one on
    SDP_V_REDUCE,  // op over the axes in param; EXPONENT has a second argument, see stable/scale.c
    SDP_V_FACTOR,  // of the kind in param; n+1 rows of n: of SDP_LU the last holds the pivots
    SDP_V_SOLVE,   // args factor, right side with the solved axis first; param SDP_TRANSPOSED
    SDP_V_INVERSE,
    SDP_V_DET,
    SDP_V_LOGDET, // of a factor
    SDP_V_TAKEN,  // what the primitive `op` is by a factorisation
    SDP_V_CALL,   // of a declared function: param is its number in the signature
} sdp_vkind;
enum {
#define FACTOR(id, ...) SDP_##id,
#include "codegen/values/factors.def"
    SDP_FACTOR_KINDS
};
enum { SDP_TRANSPOSED = 1 };
enum { SDP_RED_MAX, SDP_RED_MIN, SDP_RED_PROD, SDP_RED_NORM, SDP_RED_EXPONENT };

typedef struct {
    uint8_t kind, order, nlabels;
    bool scatter; // EINSUM: an output index is affine, repeated or short: zero the buffer, then add
    uint16_t op;  // MAP, CONST: row of sdp_ops; REDUCE: SDP_RED_*
    uint32_t nargs, param, hash;
    const sdp_dim *dim; // [order]
    const sdp_val *arg;
    const sdp_num *coef; // ADD [nargs]; EINSUM [1]; NUM [1]
    const sdp_ix *ix;    // EINSUM: of arg 0, of arg 1, ..., then of the output
    const sdp_dim *ldim; // EINSUM: of each label
    uint64_t bound;      // EINSUM: labels that are summed
    sdp_id node;         // the graph node it computes, 0 for intermediates
} sdp_value;

typedef struct {
    sdp_dim have, need;
} sdp_demand; // have >= need, else the function fails

typedef struct {
    sdp_val whole, large, small;
} sdp_parts; // whole = large + small; large 0: not split

// A schedule holds the values to compute, and the results of the passes: each pass keeps its results in a
// struct of its own, which it makes in scratch. passes.c in emit/ has them in order.
typedef struct {
    sdp_graph *g;
    const sdp_signature *sig;
    const sdp_emit_request *q;
    const long *size; // by atom: its constant, or -1
    sdp_value *value;
    uint32_t nvalues, value_cap;
    sdp_interned index; // of values
    sdp_affine *affine;
    uint32_t naffine, affine_cap;
    sdp_interned affine_index;
    sdp_val *of;     // by graph id
    uint32_t nodes;  // ids below this have an entry in `of`
    sdp_val *output; // [sig->noutputs]
    sdp_demand *demand;
    uint32_t ndemands, demand_cap;
    struct sdp_supports *supports; // where values are 0 by form: values/where.c
    struct sdp_failures *failures; // which values may fail: values/fallible.c
    struct sdp_stable *stable;     // series, parts, arrays divided by powers of two: stable/stable.h
    struct sdp_wanted *wanted;     // which outputs need what: schedule/schedule.h
    struct sdp_guards *guards;     // which failures matter: schedule/schedule.h
    struct sdp_plan *plan;         // loops and places: schedule/schedule.h
    struct sdp_shard *shard;       // what is split over ranks: schedule/schedule.h; NULL: nothing
    void *factors, *contraction;   // room that products use again for every MUL
} sdp_schedule;

// ---- values/value.c: the door ----------------------------------------------------------------------------
void sdp_schedule_init(sdp_schedule *s, sdp_graph *g, const sdp_signature *sig, const sdp_emit_request *q);
sdp_val sdp_value_make(sdp_schedule *s, const sdp_value *v); // copies what v points to
// No value is known any more; those that were can be made again, with the arguments that they have become.
void sdp_values_forget(sdp_schedule *s);
sdp_val sdp_value_again(sdp_schedule *s, const sdp_value *v, const sdp_val *arg);
// ix: of factor 0, 1, ..., then of the output; ldim by label (any numbering below SDP_MAX_LABELS).
sdp_val sdp_value_einsum(sdp_schedule *s, sdp_num coef, uint32_t n, const sdp_val *factor, const sdp_ix *ix,
                         uint32_t order, const sdp_dim *dim, const sdp_dim *ldim);
sdp_val sdp_value_known_einsum(sdp_schedule *s, sdp_num coef, uint32_t n, const sdp_val *factor,
                               const sdp_ix *ix, uint32_t order, const sdp_dim *dim,
                               const sdp_dim *ldim); // the same, if it has been made already; else 0
sdp_val sdp_value_simple(sdp_schedule *s, sdp_vkind kind, uint32_t n, const sdp_val *arg, uint32_t op,
                         uint32_t param, uint32_t order, const sdp_dim *dim);
sdp_ix sdp_ix_affine(sdp_schedule *s, const sdp_affine *a);
sdp_ix sdp_ix_substitute(sdp_schedule *s, sdp_ix ix, const sdp_ix *label); // label l becomes label[l]
uint64_t sdp_ix_labels(const sdp_schedule *s, sdp_ix ix);
uint64_t sdp_labels_of(const sdp_schedule *s, uint32_t n, const sdp_ix *ix); // of several
// the last of them, from 1 on; 0: there is none
uint32_t sdp_innermost_label(const sdp_schedule *s, uint32_t n, const sdp_ix *ix);
bool sdp_ix_constant(const sdp_schedule *s, sdp_ix ix, long *v);
void sdp_ix_get(const sdp_schedule *s, sdp_ix ix, sdp_affine *a);
// factor == nargs: the output
const sdp_ix *sdp_value_ix(const sdp_schedule *s, const sdp_value *v, uint32_t factor);
bool sdp_value_leaf(const sdp_value *v);
// can be computed inside the loops of another
bool sdp_value_pointwise(const sdp_value *v);
// with the sizes of the request
bool sdp_size_constant(const sdp_schedule *s, sdp_dim d, long *v);
// The product of n sizes; most + 1 if it is larger, or one of them is not known.
uint64_t sdp_size_product(const sdp_schedule *s, uint32_t n, const sdp_dim *dim, uint64_t most);
// Counts through all values of n indices of constant sizes, the last one fastest; false when
// it is over, and all are 0 again.
bool sdp_next_entry(const sdp_schedule *s, uint32_t n, const sdp_dim *dim, long *at);
double sdp_size_assumed(const sdp_schedule *s, sdp_dim d); // unknown names count as 256

// the exponent of what is beyond the range of the numbers; 0: it is not
long sdp_value_beyond(const sdp_schedule *s, sdp_num c);

// ---- values/build.c: values made from values -------------------------------------------------------------
sdp_val sdp_value_number(sdp_schedule *s, sdp_num v);
sdp_val sdp_value_filled(sdp_schedule *s, sdp_num v, sdp_val like);
sdp_val sdp_value_map(sdp_schedule *s, int op, uint32_t n, const sdp_val *arg);
sdp_val sdp_value_map1(sdp_schedule *s, int op, sdp_val x);
sdp_val sdp_value_where(sdp_schedule *s, sdp_val c, sdp_val a, sdp_val b);
sdp_val sdp_value_sum(sdp_schedule *s, uint32_t n, const sdp_num *coef, const sdp_val *term);
sdp_val sdp_value_add(sdp_schedule *s, sdp_num p, sdp_val a, sdp_num q, sdp_val b);
sdp_val sdp_value_times(sdp_schedule *s, sdp_num coef, uint32_t n, const sdp_val *f);
sdp_val sdp_value_power(sdp_schedule *s, sdp_val base, long exponent);
sdp_val sdp_value_reduce(sdp_schedule *s, int how, sdp_val x, uint32_t mask); // over the axes in the mask
sdp_val sdp_value_running(sdp_schedule *s, sdp_val x, uint32_t axis, uint32_t triangle);
sdp_val sdp_value_sum_over(sdp_schedule *s, sdp_val x, uint32_t mask);
sdp_val sdp_value_divided(sdp_schedule *s, sdp_val v, sdp_val by);
sdp_val sdp_value_repeat(sdp_schedule *s, sdp_val small, sdp_val like, uint32_t mask);
void sdp_plain_labels(sdp_ix *ix, uint32_t n);
// a constant text over x, element by element; values/formula.c
sdp_val sdp_value_formula(sdp_schedule *s, const char *text, sdp_val x);

// ---- values/columns.c: arrays stored column by column ----------------------------------------------------
// the variable, however its array is stored
sdp_val sdp_value_input(sdp_schedule *s, const sdp_node *variable);
// what is written if v is an output
sdp_val sdp_value_as_stored(sdp_schedule *s, sdp_id node, sdp_val v);
// an input, read with other axes than it is stored with
bool sdp_value_is_view(const sdp_schedule *s, sdp_val v);

// ---- products of values, and what may fail ---------------------------------------------------------------
// a MUL with these factors
sdp_val sdp_lower_factors(sdp_schedule *s, const sdp_node *n, const sdp_val *factor);
// 0 where one of them is 0 by form
sdp_val sdp_lower_product(sdp_schedule *s, const sdp_node *n, const sdp_val *factor);
enum { SDP_MOST_SPLIT = 6 };
sdp_parts sdp_power_parts(sdp_schedule *s, sdp_parts p, long k); // the k-th power, k <= SDP_MOST_SPLIT
// A MUL whose scalars and selections are gone; ix as in sdp_value_einsum.
sdp_val sdp_contract(sdp_schedule *s, sdp_num coef, uint32_t n, const sdp_val *factor, const sdp_ix *ix,
                     uint32_t order, const sdp_dim *dim, const sdp_dim *ldim);
// A product with a factor that is a sum, term by term where that is cheaper; 0: it is not. distribute.c
typedef struct {
    sdp_num coef;
    uint32_t n;
    const sdp_val *factor;
    const sdp_ix *ix;
    uint32_t order;
    const sdp_dim *dim, *ldim;
} sdp_product;
sdp_val sdp_distribute(sdp_schedule *s, const sdp_product *p);
// as sums that run on; 0: it is no such product. running.c
sdp_val sdp_run_on(sdp_schedule *s, const sdp_product *p);
bool sdp_is_wide_product(const sdp_schedule *s, const sdp_value *v); // n x n, of narrower matrices
bool sdp_is_fallible(sdp_schedule *s, sdp_val v);                    // may it fail, or what it is made of?
// does the condition hold somewhere along these axes?
sdp_val sdp_value_any(sdp_schedule *s, sdp_val c, uint32_t mask);
bool sdp_may_fail(const sdp_schedule *s, sdp_val v); // does the kernel that computes it return a status?
sdp_val sdp_lower_selection(sdp_schedule *s, const sdp_node *n);
// must not be negative, else the function fails; sizes may be 0
void sdp_schedule_demand(sdp_schedule *s, sdp_dim difference);
int sdp_kernel_of(const sdp_schedule *s, sdp_val v); // that makes the factors, or takes a primitive from them
bool sdp_is_cholesky(const sdp_schedule *s, sdp_val factor);

#endif
