// SPDX-License-Identifier: MIT
// Declarations shared by the files of the C emitter: names, the tape of one loop nest, and the helpers that
// an emitted file may need.
#ifndef SDP_EMITTER_H
#define SDP_EMITTER_H

#include "codegen/emit/emit.h"
#include "codegen/kernels/kernels.h"
#include "codegen/print/print.h"
#include "codegen/schedule/schedule.h"
#include "codegen/stable/stable.h"

// A tape node is one scalar operation of a loop body. `level` is the number of loops that must be open for
// it. A node that is used twice, or in a deeper loop than its own, gets a name there.
typedef enum {
    SDP_T_NUM,
    SDP_T_TEXT,
    SDP_T_LOAD,
    SDP_T_WHEN,
    SDP_T_ADD,
    SDP_T_MUL,
    SDP_T_RECIPROCAL,
    SDP_T_SQRT,
    SDP_T_POW,
    SDP_T_MAP,
    SDP_T_FINITE
} sdp_tape_op;
typedef struct {
    uint8_t op, level;
    bool named, late;       // late: reads the local sum of its nest
    uint16_t row;           // MAP: row of sdp_ops
    uint32_t nargs, args;   // in the pool; WHEN and LOAD: indices
    uint32_t coefs;         // ADD: one for each argument; MUL, NUM: one
    uint32_t uses, deepest; // deepest level of a reader
    uint32_t name, hash;
    uint32_t param; // LOAD: value; WHEN: '<', '>' or '='
    const char *text;
} sdp_tape_node;

typedef struct {
    sdp_tape_node *node;
    uint32_t nnodes, node_cap;
    uint32_t *pool;
    uint32_t npool, pool_cap;
    uint32_t *table, table_cap; // hash-consing
    uint8_t level[SDP_MAX_LABELS];
    sdp_val root;    // computed by this tape: not loaded
    sdp_val carried; // computed by an inner loop of this tape: carried_node
    uint32_t carried_node;
} sdp_tape;

typedef struct {
    sdp_schedule *s;
    sdp_graph *g;
    sdp_text *out;
    const sdp_target_row *target;
    const char *name;
    const char **dim, **input, **output; // C names; dim by atom
    const char **gathered;               // of sparse matrices: gather.c
    // by output: where it is computed, itself or, if others need it and it may be NULL, its stand-in
    const char **kept;
    const char *want; // prefix: sets of outputs of which one is wanted
    bool *dim_used, *input_used, *output_used, *buffer_used, *want_used, cell_used; // in the text of a part
    const char *part; // prefix: static functions that a long one is cut into
    const char **callback, **context, *functions, *functions_type, *status; // call.c
    const char *index[SDP_MAX_LABELS];                                      // loop variables by depth
    const char *local, *buffer, *cell, *temp, *sum, *sums, *failed;         // prefixes
    // of the loop that is cut; panel_end NULL: there is none
    const char *panel_wide, *panel_from, *panel_end, *panel_sums;
    uint8_t panel; // its label
    uint32_t ntemps, indent;
    uint32_t sum_node; // the text node of the nest's local sum + 1, 0 if there is none
    bool late;         // names are written that read the sum
    bool opened;       // a block of roots has just been opened
    bool apart;        // assertions compare addresses
    uint64_t unrolled; // multiply-adds written out so far
    sdp_tape tape;
    const char *label_name[SDP_MAX_LABELS];
    uint32_t *small;                // by graph id: nodes below it, saturated; for comments
    sdp_raiser raiser;              // of all comments
    bool kernels[SDP_KERNEL_COUNT]; // of kernels.def that the text calls
    uint32_t statuses;              // of status.def that the text returns, as a bit set
    bool blocks, *block_ops;        // operations and rows of sdp_ops on blocks that the text calls: block.c
    bool *ops;                      // rows of sdp_ops that the text calls as functions of its own
    // ranks.c: the parameter MPI_Comm, the size of the whole axis, how much is packed; what the text calls
    const char *comm, *rows, *packed;
    uint32_t joins;
    bool packs;
} sdp_emitter;

// name.c
void sdp_emit_names(sdp_emitter *e);
// tape.c
void sdp_tape_clear(sdp_emitter *e, sdp_val root, uint32_t nloops, const uint8_t *loop);
uint32_t sdp_tape_number(sdp_emitter *e, sdp_num v);
uint32_t sdp_tape_text(sdp_emitter *e, const char *text, uint8_t level);
uint32_t sdp_tape_add(sdp_emitter *e, uint32_t n, const sdp_num *coef, const uint32_t *term);
uint32_t sdp_tape_mul(sdp_emitter *e, sdp_num coef, uint32_t n, const uint32_t *factor);
uint32_t sdp_tape_factors(sdp_emitter *e, const sdp_value *x, sdp_num coef, uint32_t n,
                          const uint32_t *factor, const uint32_t *arg);
uint32_t sdp_tape_when(sdp_emitter *e, int relation, sdp_ix a, sdp_ix b);
uint32_t sdp_tape_value(sdp_emitter *e, sdp_val v, const sdp_ix *ix); // v at ix: a load, or its expression
uint32_t sdp_tape_body(sdp_emitter *e, sdp_val v, const sdp_ix *ix);  // the expression even if v is stored
// expr.c
void sdp_put_line(sdp_emitter *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sdp_put_indent(sdp_emitter *e);
void sdp_put_size(sdp_emitter *e, sdp_dim d, bool as_factor);
void sdp_put_double(sdp_emitter *e, double v);
void sdp_put_estimate(sdp_emitter *e, sdp_dim d); // a size in double, which does not wrap around: emit.c
void sdp_put_place(sdp_emitter *e, sdp_val v);    // X, out, w3, s4
void sdp_put_element(sdp_emitter *e, sdp_val v, const sdp_ix *ix);                            // X[i*n + j]
void sdp_put_subscript(sdp_emitter *e, uint32_t order, const sdp_dim *dim, const sdp_ix *ix); // [i*n + j]
void sdp_put_index(sdp_emitter *e, sdp_ix ix);
void sdp_name_nodes(sdp_emitter *e, uint32_t n, const uint32_t *root); // decides which nodes get names
void sdp_put_named(sdp_emitter *e, uint32_t level);                    // const double t1 = ...; of that level
void sdp_put_expr(sdp_emitter *e, uint32_t node, int precedence);
bool sdp_libm_call(const char *c, char *name, size_t size); // is it just f(x) or f(x, y)?
void sdp_put_unused(sdp_emitter *e);                        // (void)n;   emit.c
// part.c: long functions in parts
void sdp_forget_uses(sdp_emitter *e);
// the text of a function that is longer is cut; SIZE_MAX: this one cannot be
size_t sdp_part_bytes(const sdp_emitter *e);
void sdp_put_part(sdp_emitter *e, uint32_t number, const sdp_text *nests);
void sdp_put_part_calls(sdp_emitter *e, uint32_t n);
// root.c
void sdp_emit_root(sdp_emitter *e, sdp_val v);
void sdp_emit_copy(sdp_emitter *e, sdp_val v, uint32_t output);
// unroll.c: true if v is small enough and was written out element by element
bool sdp_emit_unrolled(sdp_emitter *e, sdp_val v);
// matrix.c
void sdp_emit_matrix(sdp_emitter *e, sdp_val v);
void sdp_emit_reduce(sdp_emitter *e, sdp_val v);
// running.c
void sdp_emit_running(sdp_emitter *e, sdp_val v);
// call.c
void sdp_put_functions_type(sdp_emitter *e);
void sdp_emit_call(sdp_emitter *e, sdp_val v);
// block.c
void sdp_put_block_prototypes(sdp_emitter *e);
// kernel.c
const char *sdp_kernel(sdp_emitter *e, int kernel);              // its name; from now on the text needs it
void sdp_called_kernels(sdp_emitter *e, const char *expression); // the text needs all that a C column calls
void sdp_put_kernels(sdp_emitter *e);

// emit.c
void sdp_emit_start(sdp_emitter *e, sdp_schedule *s, sdp_text *text);
void sdp_emit_body(sdp_emitter *e);
// file.c
typedef struct {
    const char *name; // helpers begin with it
    uint32_t n;
    sdp_emitter **e; // of each function
    sdp_text *body, *out;
} sdp_file;
void sdp_put_file(sdp_file *f, sdp_text *text, sdp_text *header);
const char *sdp_linkage(const sdp_emitter *e);
void sdp_put_prototype(sdp_emitter *e, bool definition);
void sdp_put_parameters(sdp_emitter *e, bool definition); // from its opening parenthesis on
void sdp_put_entry(sdp_emitter *e);                       // of a function that has its own parameters
void sdp_put_workspace_prototype(sdp_emitter *e);
void sdp_put_workspace(sdp_emitter *e);
void sdp_put_workspace_constant(sdp_emitter *e);
sdp_dim sdp_workspace_size(sdp_emitter *e);
// trial.c
void sdp_put_trial(sdp_file *f, sdp_text *out);
// gather.c
void sdp_put_gathered_declarations(sdp_emitter *e);
void sdp_put_gathered_tables(sdp_emitter *e);
bool sdp_put_gathered_places(sdp_emitter *e, const bool *used);
void sdp_put_gathered_sums(sdp_emitter *e);
sdp_dim sdp_gathered_size(sdp_emitter *e); // of the parts in the workspace
// assert.c
void sdp_put_assertions(sdp_emitter *e);
void sdp_put_assertion_helper(sdp_emitter *e);
// emit.c
bool sdp_has_array_parameters(const sdp_emitter *e); // with constant lengths
// dialect.c
typedef struct {
    const char *file; // in front of the names of helpers
    sdp_real real;
} sdp_dialect;
// real_t f_sd_exp(real_t x), where real_t is either
void sdp_put_either(const sdp_dialect *d, const char *text, bool is_inline, sdp_text *out);
void sdp_put_in_dialect(const sdp_dialect *d, const char *s, sdp_text *out);
// loops.c
void sdp_open_loops(sdp_emitter *e, uint32_t from, uint32_t to, const uint8_t *loop, const sdp_dim *dim);
void sdp_put_mirrored(sdp_emitter *e, sdp_val v); // the entries above the diagonal from those below it
void sdp_close_loops(sdp_emitter *e, uint32_t n);
// "double s3;", if v stands in one that is not yet declared
void sdp_declare_local(sdp_emitter *e, sdp_val v);
void sdp_put_local(sdp_emitter *e, sdp_val v); // s3, declared here if it is not yet
// panel.c: one loop cut into panels for threads; false: nothing is opened
bool sdp_open_panels(sdp_emitter *e, uint8_t label, const char *least, uint32_t n, const uint8_t *loop,
                     const sdp_dim *dim);
void sdp_close_panels(sdp_emitter *e);
// ranks.c
void sdp_put_rank_helpers(sdp_emitter *e);
void sdp_put_rank_comment(sdp_emitter *e);
void sdp_put_rows(sdp_emitter *e);
void sdp_put_agreed(sdp_emitter *e, bool behind);
void sdp_put_joined(sdp_emitter *e, uint32_t level);
// wanted.c
const char *sdp_wanted_text(sdp_emitter *e, uint32_t set); // true in C if one output of the set is wanted
void sdp_put_wanted_sets(sdp_emitter *e, bool all);        // or those that the text has used
// the roots, in blocks by the outputs that need them; up to `most` bytes: the first one not written, or `to`
sdp_val sdp_put_blocks(sdp_emitter *e, sdp_val from, sdp_val to, size_t most);
void sdp_put_no_value(sdp_emitter *e, sdp_val v);
// comment.c
// longer formulas are not written out, in the body and at the head
enum { SDP_COMMENT_NODES = 40, SDP_HEADER_NODES = 2000 };
void sdp_comment_measure(sdp_emitter *e); // comes first: how long is the formula of each node?
void sdp_put_formula(sdp_emitter *e, sdp_id node, uint32_t most, size_t bytes); // on one line, not too long
void sdp_put_comment(sdp_emitter *e, sdp_val v);

#endif
