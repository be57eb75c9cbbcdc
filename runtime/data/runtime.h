// SPDX-License-Identifier: MIT
// Numbers: data files, the in-memory compiler, the reference evaluator, numerical differentiation, and the
// public functions of include/symdiff.h (api.c), which are thin and hold every SDP_TRY.
#ifndef SDP_RUNTIME_H
#define SDP_RUNTIME_H

#include "codegen/kernels/kernels.h"
#include "codegen/raise/codegen.h"

struct sd_context {
    sdp_graph *g;
    sdp_surface *expr; // sd_expr e is expr[e - 1]
    uint32_t nexprs, expr_cap;
    struct sdp_hint { const char *name; long rows, cols; } *hint; // sd_hint_shape
    uint32_t nhints, hint_cap;
    bool scalar;       // sd_options.scalar
};

// Binds dimension atoms to numbers from the arrays in d; fails with SD_ERR_DATA (missing, wrong size, contradiction).
// value[atom], 0 if unbound.
size_t sdp_need_array(sdp_base *b, const char *name, const sd_array *a); // its elements; fails if it is no array
bool sdp_data_is_row(const sd_data *d, const char *name); // a vector that was written as one row of text (data.c)
void sdp_bind_dims(sdp_graph *g, const sdp_signature *s, const sd_data *d, long *value);

// Fails with SD_ERR_DATA if the data of a variable lacks a property that was declared. declared.c
void sdp_check_declared(sdp_graph *g, const sd_data *d);

// ---- compiled functions (jit.c, function.c) ------------------------------------------------------------------------
// Machine code in a mapping of its own, readable and executable, independent of context and compiler.
typedef struct { void *code; size_t bytes; } sdp_code;
typedef struct { const char *name; const void *address; } sdp_symbol;
// Compiles C text with libtcc and finds the addresses of symbol[i].name; false: the reason is in message.
bool sdp_jit(const char *text, uint32_t nsymbols, sdp_symbol *symbol, sdp_code *code, char *message, size_t room);
void sdp_jit_free(sdp_code *c);
void sdp_kernel_symbols(void *state, void (*add)(void *state, const char *name, const void *address)); // kernels.c: what it may call
sd_function *sdp_compile(sdp_graph *g, const sdp_signature *s, const sdp_emit_request *q);

// ---- evaluation (evaluate.c, interpret.c) -----------------------------------------------------------------------------
// out[i] for id[i]: the caller zeroes out; .data in raw memory (sdp_release), also what was filled before an error.
void sdp_evaluate(sdp_graph *g, const sdp_signature *s, const sd_data *d, sd_array *out);
// n outputs of s, through a compiled function, at inputs and sizes found by the caller.
void sdp_evaluate_at(sdp_graph *g, const sdp_signature *s, const long *size, const double *const *in, sd_array *out);
void sdp_interpret(sdp_graph *g, uint32_t n, const sdp_id *id, const sdp_signature *s, const sd_data *d, sd_array *out);
void sdp_interpret_at(sdp_graph *g, uint32_t n, const sdp_id *id, const sdp_signature *s, const long *size, const double *const *in, sd_array *out);
// With a random relative error below 2^-45 on every result that rounds, so that several runs show how uncertain a value is
// (stochastic arithmetic, Vignes 1993). What has no value is NAN, singular matrices included.
void sdp_interpret_disturbed(sdp_graph *g, uint32_t n, const sdp_id *id, const sdp_signature *s, const long *size, const double *const *in, uint64_t *state, sd_array *out);
// What has no value is NAN here, too.
void sdp_interpret_lenient(sdp_graph *g, uint32_t n, const sdp_id *id, const sdp_signature *s, const long *size, const double *const *in, sd_array *out);
// Reference values of matrix functions (interpret_matrix.c), of an m x n matrix; 0, or a row of status.def.
int sdp_interpret_matrix(sdp_base *b, int op, size_t m, size_t n, const double *a, double *out);
int sdp_interpret_power(sdp_base *b, size_t n, const double *a, double k, bool posdef, double *out); // a^k
double sdp_reference_inverse(sdp_base *b, size_t n, const double *a, double *inverse); // returns the determinant, 0 if singular
long sdp_size_at(const sdp_graph *g, sdp_dim d, const long *size); // size by atom
// Shapes out[i] like id and gives it room; fails at the limit `elements`.
void sdp_array_for(sdp_graph *g, sdp_id id, const long *size, sd_array *out);

// ---- declared functions (invent.c): a fixed smooth function for each, with all its derivatives. In scratch. -------------
sd_binding sdp_invent(sdp_graph *g, const sdp_derivative *d, const long *size);
const sd_binding *sdp_invent_all(sdp_graph *g, const sdp_signature *s, const long *size);

// ---- numerical differentiation (check.c, point.c) ------------------------------------------------------------------------
typedef struct {
    int order;                 // 1, 2, ...; HVP is 2
    bool along;                // entries are contracted with direction (JVP, HVP)
    bool cotangent;            // entries are contracted with a cotangent (VJP)
    bool repeated;             // along: every order is contracted (a directional derivative)
    sdp_id value;              // what was differentiated
    uint32_t nwrt;
    const uint32_t *wrt;       // variables
    const sdp_id *direction;   // [nwrt], or [1] for VJP
    const sd_data *data;       // may be NULL
    uint32_t nsizes;           // --size
    const uint32_t *size_atom;
    const long *size_value;
    unsigned seed;
    unsigned turn;             // which of several assignments of sizes, 0 first
} sdp_check_request;
// The entry that moves with entry e of a variable with these facts and columns (0: no matrix): itself, its mirror image, or none
// (SIZE_MAX) if e may not move or was moved already. check.c
size_t sdp_moves_with(uint32_t facts, size_t cols, size_t e);
// The limit of quotients q[0], q[1], ... for h, h/2, ..., of which the last is given; its error estimate. limit.c
typedef struct {
    enum { SDP_EXISTS, SDP_GROWS, SDP_NO_LIMIT, SDP_NO_VALUE } fate;
    double value, error, last, h; // last: the quotient for the smallest h
} sdp_lim;
enum { SDP_LIM_STEPS = 11 };
#define SDP_KINK_TOLERANCE 1e-5 // of limits, relative
sdp_lim sdp_lim_of(const double *q, double h);
bool sdp_lim_is_near(const sdp_lim *l, double value, double scale);
bool sdp_lim_are_one(const sdp_lim *l, const sdp_lim *r, double scale);
// Fills not_differentiable, has_partials and note if the data is one point; base: what the answers are first derivatives of, one
// per wrt. kink_orders.c
void sdp_study_point(sdp_graph *g, const struct sd_result *r, const sdp_check_request *q, const sdp_id *base, sd_check_report *out);
// The same of the first derivatives r of q->value alone, or of the one along q->direction; `of` follows their names in what is told.
// False: they are not its derivatives, which is told, or nothing was studied. kink.c
typedef struct { double worst, near; } sdp_found; // largest relative error; steps had to be shorter than `near`
bool sdp_study(sdp_graph *g, const struct sd_result *r, const sdp_check_request *q, const char *of, sdp_found *found, sd_check_report *out);
void sdp_check(sdp_graph *g, const struct sd_result *r, const sdp_check_request *q, sd_check_report *out);

// ---- equality (equal.c) -----------------------------------------------------------------------------------------------------
void sdp_put_array(sdp_text *t, const sd_array *a, sd_format format); // format.c
void sdp_equal(sdp_graph *g, sdp_surface a, sdp_surface b, unsigned seed, sd_equal_report *out);

// A point: sizes by atom, and for every input of the signature its numbers (scratch).
typedef struct { long *size; double **in; size_t *count; } sdp_point;
// What rounding does to the values of a node: the spread of a few evaluations with random errors (stochastic arithmetic).
// *size grows to the largest of them; there is none if there are more values than this. point.c
enum { SDP_MOST_INTERPRETED = 4096 };
double sdp_point_spread(sdp_graph *g, const sdp_signature *s, const sdp_point *p, sdp_id id, double *size);
enum { SDP_POINT_KINDS = 5, SDP_POINT_SCALES = 24 }; // signed, positive, small positive, above 1, near 0; then negative; then scaled
sdp_point sdp_point_sizes(sdp_graph *g, const sdp_signature *s, const sdp_check_request *q, long smallest);
void sdp_point_draw(sdp_graph *g, const sdp_signature *s, const sdp_check_request *q, int kind, sdp_point *p);

#endif
