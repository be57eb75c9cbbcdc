/* SPDX-License-Identifier: MIT
 *
 * A part of symdiff.h: arrays and named data, functions compiled in memory, their evaluation, and the check
 * of derivatives against differences.
 */
#ifndef SYMDIFF_NUMBERS_H
#define SYMDIFF_NUMBERS_H

#ifndef SYMDIFF_H
#error "include symdiff.h, which includes this header"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- numbers ------------------------------------------------------------------------------------------- */
enum { SD_MAX_ORDER = 12 };
typedef struct {
    int order; /* axes; 0: a scalar */
    size_t dim[SD_MAX_ORDER];
    double *data; /* row-major */
} sd_array;

/* SD_TEXT: rows on lines; SD_MATLAB: one line, [1, 2; 3, 4]; SD_JSON: nested arrays, 17 digits. Free with
   sd_free. */
char *sd_array_print(sd_context *c, const sd_array *a, sd_format format);

/* The contents of a file of this kind, "npy", "csv", "mtx" or "json", which sd_data_read reads back to the
   last bit; *n bytes. Free with sd_free. */
char *sd_array_bytes(sd_context *c, const sd_array *a, const char *kind, size_t *n);

typedef struct sd_data sd_data; /* named arrays; to be freed before their context */
sd_data *sd_data_new(sd_context *c);
void sd_data_free(sd_data *d);
/* "FILE.json", or "X=FILE.csv|.npy|.mtx|.json", or "t=[1;2;3]"; columns of a CSV file:
   "X=FILE.csv[gnp,unemployed]", "X=FILE.csv[2:4]". */
sd_status sd_data_read(sd_data *d, const char *argument);
/* The same, but what stands in the file are these n bytes: "X=-" or "X=a.npy". What no name or beginning
   says otherwise is CSV. */
sd_status sd_data_read_bytes(sd_data *d, const char *argument, const void *bytes, size_t n);
sd_status sd_data_set(sd_data *d, const char *name, const sd_array *a); /* copies */
const sd_array *sd_data_get(const sd_data *d, const char *name);
size_t sd_data_count(const sd_data *d);
const char *sd_data_name(const sd_data *d, size_t i);

/* A function compiled in memory. Independent of the context: it may outlive it. */
typedef struct sd_function sd_function;
sd_function *sd_compile(sd_context *c, const sd_result *r, const sd_emit_options *o);
void sd_function_free(sd_function *f);
size_t sd_function_inputs(const sd_function *f);
const char *sd_function_input(const sd_function *f, size_t i);
size_t sd_function_dims(const sd_function *f);
const char *sd_function_dim(const sd_function *f, size_t i);
size_t sd_function_outputs(const sd_function *f);

/* For programs that do not know the formula: what goes in and what comes out, by name and axes. */
typedef struct {
    const char *name;
    int order;                      /* axes; 0: a number */
    const char *axis[SD_MAX_ORDER]; /* the size of each, "m", "2*n+1", "3" */
    SD_ROOM
} sd_argument; /* lives as long as the function */
int sd_function_input_at(const sd_function *f, size_t i, sd_argument *out); /* 0: there is no i-th */
int sd_function_output_at(const sd_function *f, size_t i, sd_argument *out);
/* The sizes that the shapes of in[sd_function_inputs(f)] tell, without a look at their numbers;
   dims[sd_function_dims(f)]. A size that is not 0 before is held to; one that no input tells must be given
   so. SD_ERR_DATA: *culprit (may be NULL) is the number of the input that does not fit, or, from
   sd_function_inputs(f) on, of the size that is not told. */
sd_status sd_function_sizes(const sd_function *f, const sd_array *in, size_t *dims, size_t *culprit);
/* The shape of an output at these sizes goes to out->order and out->dim. SD_ERR_DATA: a size would be
   negative. */
sd_status sd_function_output_shape(const sd_function *f, size_t i, const size_t *dims, sd_array *out);
/* What sd_function_call returned, in words; NULL for 0. */
const char *sd_function_failure(int status);
/* doubles; SIZE_MAX: more bytes than can be counted */
size_t sd_function_workspace(const sd_function *f, const size_t *dims);
/* in[i], out[i]: row-major arrays. 0, or why there is no value: the statuses of emitted code
   (docs/language.md), 1 if a matrix was singular; -1 if an array, a size or a callback is missing. */
int sd_function_call(const sd_function *f, const size_t *dims, const double *const *in, double *const *out,
                     double *work);

/* Functions that are only declared, f: function(vector(n)) -> scalar, are computed by the caller: one
   callback for each of them and of their derivatives that occurs, called "f", "grad_f", "J_q", "H12_f",
   "D111_f". sizes: those that the declaration of the function names, in order of appearance; arg: its
   arguments; out: the value, or the derivative, whose axes are those of the value, then of each argument
   it is taken by. All arrays are row-major, scalars are arrays of one number. A nonzero result ends the
   call, which returns it. */
typedef struct {
    int (*call)(void *user, const size_t *sizes, const double *const *arg, double *out);
    void *user;
} sd_binding;
size_t sd_function_callbacks(const sd_function *f);
const char *sd_function_callback(const sd_function *f, size_t i);
/* The same with binding[sd_function_callbacks(f)]. */
int sd_function_call_with(const sd_function *f, const size_t *dims, const double *const *in,
                          double *const *out, double *work, const sd_binding *binding);

/* The same at `count` parameter sets. in[i]: the array of the i-th input for the first set; that of each
   further one stands step[i] doubles behind it, 0: all sets share the array. out[i]: room for the i-th
   output of all sets, one behind the other. Each set is computed as sd_function_call does it, whatever the
   number of threads; what has no value is NaN, its reason in status. The function needs no workspace of
   the caller. 0, or the status of the first set that has no value; -1 as above, or where room is not 0; -2
   without memory, then nothing was computed. */
typedef struct {
    size_t count;
    const size_t *step; /* [sd_function_inputs]; NULL: all zero */
    unsigned threads;   /* 0, 1: the calling thread alone; else up to that many, it among them */
    int *status;        /* [count], or NULL */
    /* of callbacks, which several threads may call at once; NULL: there are none */
    const sd_binding *binding;
    SD_ROOM
} sd_batch;
int sd_function_call_batch(const sd_function *f, const size_t *dims, const double *const *in,
                           double *const *out, const sd_batch *b);

/* Evaluates every entry of r with d (NULL: no data), through a compiled function; out[sd_result_count(r)],
   free each .data with sd_free. */
sd_status sd_evaluate(sd_context *c, const sd_result *r, const sd_data *d, sd_array *out);
/* The slow and obvious evaluator: walks the graph, shares no code with the compiler. For tests: a function
   that is only declared gets invented values, the same as in sd_check. */
sd_status sd_interpret(sd_context *c, const sd_result *r, const sd_data *d, sd_array *out);

/* Compares the derivative asked for with numerical differentiation, at d or, for what d lacks, at random
   points of the domain. */
typedef struct {
    double worst;     /* largest difference from the numerical derivative, relative to its largest entry */
    double exact;     /* what that derivative is exact to by its own estimate: truncation and rounding */
    double tolerance; /* what is allowed beyond rounding */
    int ok, points;
    char detail[256]; /* where the worst entry is */
    /* When the data is one point and first or second derivatives are checked: */
    int not_differentiable; /* the differences show that there is no derivative at the point */
    int has_partials;       /* then: although the derivatives by all entries exist and are the answer's */
    /* then: lines with one-sided derivatives, or the direction that shows it. Alone: the derivative
       exists, and the answer is another */
    char note[1024];
    SD_ROOM
} sd_check_report;
sd_status sd_check(sd_context *c, sd_expr e, const sd_request *r, const sd_data *d, const char *sizes,
                   unsigned seed, sd_check_report *out);

#ifdef __cplusplus
}
#endif
#endif
