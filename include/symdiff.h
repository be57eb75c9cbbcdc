/* SPDX-License-Identifier: MIT
 *
 * symdiff: text in, textbook derivative out, plus C that runs at the hardware's speed.
 *
 *     sd_context *c = sd_context_new(NULL);
 *     sd_expr f = sd_parse(c, "norm(X*t-Y)^2/N", NULL);
 *     sd_result *g = sd_derive(c, f, &(sd_request){.wrt = "t"});
 *     char *text = sd_print(c, g, SD_TEXT, 0);       // "2/N*X'*(X*t-Y)"
 *     if (text) puts(text);
 *     else fprintf(stderr, "%s\n", sd_last_error(c)->message);
 *     sd_free(c, text);
 *     sd_context_free(c);
 *
 * Threads: a context, and everything made from it, belongs to one thread at a time; different contexts are
 * independent. A compiled sd_function is immutable and may be called from several threads at once.
 * Errors: a failing function returns NULL, 0 or a status and fills sd_last_error(). Nothing is printed,
 * nothing exits, there is no global state.
 * Locale: numbers are read and written with a decimal point whatever the locale of the program is, which is not changed.
 * Arguments: any may be NULL or out of range. What must be there and is not is an error, SD_ERR_USAGE. If an expression or
 * result is missing because the call that was to make it failed, that call's error stays: calls may follow each other as
 * above, with one look at the end. Functions without a context return NULL, 0 or -1.
 */
#ifndef SYMDIFF_H
#define SYMDIFF_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SD_VERSION "0.1.0"
#define SD_VERSION_NUMBER 100 /* 10000*major + 100*minor + patch, of this header; sd_version_number() is that of the library */

/* ---- status and errors ------------------------------------------------------------------------- */
typedef enum {
    SD_OK = 0,
    SD_ERR_SYNTAX,      /* the text does not parse */
    SD_ERR_NAME,        /* unknown function or variable, wrong argument count, contradictory declaration */
    SD_ERR_SHAPE,       /* shapes do not fit */
    SD_ERR_DOMAIN,      /* no value there (1/0, log of a negative constant) */
    SD_ERR_UNSUPPORTED, /* understood, but not supported */
    SD_ERR_DATA,        /* data missing, ragged, of the wrong size, not numbers */
    SD_ERR_SINGULAR,    /* a matrix is singular at the given data, or not what a factorisation needs: the message says which */
    SD_ERR_IO,          /* a file cannot be read or written */
    SD_ERR_USAGE,       /* the request makes no sense */
    SD_ERR_LIMIT,       /* a configurable limit was met; the message names it */
    SD_ERR_MEMORY,      /* the allocator returned NULL */
    SD_ERR_INTERNAL,    /* a bug in symdiff */
    SD_ERR_INTERRUPTED  /* sd_interrupt was called */
} sd_status;

typedef struct {
    sd_status code;
    uint32_t begin, end;             /* byte span in `source`; begin == end: no position */
    uint32_t other_begin, other_end; /* a second span, for shape errors */
    const char *source_name;         /* "<expression>" or a file name; lives as long as the context */
    const char *source;              /* the text, or NULL */
    char message[512];               /* one line, no final dot */
    char hint[256];                  /* may be empty */
} sd_error;

/* ---- context -------------------------------------------------------------------------------------- */
typedef struct sd_context sd_context;

/* Options and reports end with room for fields of later versions, so that their sizes stay: a program goes on to run with a younger library. In what
   a program gives it is 0, as designated initialisers leave it; what is not 0 there asks for what this version cannot do, and is SD_ERR_USAGE; sd_context_new gives NULL. */
#define SD_ROOM uint64_t room[8];

typedef struct {
    void *(*resize)(void *state, void *p, size_t bytes); /* realloc semantics; bytes == 0 frees and returns NULL */
    void *state;
} sd_allocator;

typedef struct {       /* 0 means the default */
    size_t nodes;      /* graph nodes in a context           (50 000 000) */
    size_t depth;      /* nesting of parentheses in a text   (1 000 000) */
    size_t digits;     /* digits of an exact number          (100 000) */
    size_t memory;     /* bytes of a context                 (4 GiB) */
    size_t output;     /* bytes of a printed answer          (256 MiB) */
    size_t elements;   /* numbers in one evaluated array     (100 000 000) */
    size_t terms;      /* parts of an expression, its definitions put in place (2 000 000) */
    size_t work;       /* operations to decide an equality   (500 000 000) */
    SD_ROOM
} sd_limits;

/* The notation of a text. Auto: by what stands in it, \frac or \theta is LaTeX, np.sum(x) or x**2 NumPy; a text with marks of two is an error. */
typedef enum { SD_FROM_AUTO, SD_FROM_PLAIN, SD_FROM_LATEX, SD_FROM_NUMPY } sd_notation;
int sd_notation_find(const char *name); /* "latex" -> SD_FROM_LATEX; -1 if unknown */

typedef struct {
    const sd_allocator *allocator; /* NULL: malloc */
    const sd_limits *limits;       /* NULL: the defaults */
    int scalar;                    /* nonzero: expressions are scalars where their shapes leave a choice, as a gradient asks */
    const char *wrt;               /* the variables by which derivatives will be asked for, "x,y"; NULL: not known */
    sd_notation from;              /* of expressions; declarations are plain text or LaTeX by what stands in them */
    int debug;                     /* nonzero: check every node and every derivation (slow) */
    const char *compiler;          /* NULL: functions are compiled in memory, in a millisecond, by symdiff itself. "cc", "clang-15", "/opt/bin/gcc":
                                      by this C compiler of the system with -O3 for the processor at hand, in a tenth of a second and more:
                                      for functions that are called often. SD_ERR_UNSUPPORTED if there is none */
    const char *cache;             /* a folder where the functions that `compiler` made are kept and found again, made if it is not there, for its owner
                                      alone (0700); NULL: none is kept */
    SD_ROOM
} sd_options;

sd_context *sd_context_new(const sd_options *options); /* NULL without memory, for an allocator without `resize`, or where room is not 0 */
void sd_context_free(sd_context *c);                   /* NULL is allowed; frees everything made from c but functions */
/* Takes c back to what sd_declare and sd_hint_shape said, and frees all else that was made from it but functions: expressions, results, strings that
   were to be freed with sd_free. A program that reads formulas for days calls it now and then; sd_data must have been freed. On an error c is as it was. */
sd_status sd_context_reset(sd_context *c);
/* Ends the call that runs with c, or the next one, with SD_ERR_INTERRUPTED; then c works as before. May be called from a signal handler and
   from another thread. A compiled function, once it is called, runs to its end. */
void sd_interrupt(sd_context *c);
const sd_error *sd_last_error(const sd_context *c);    /* valid until the next call with c; never NULL */
void sd_free(sd_context *c, void *p);                  /* for strings and arrays that the library returned */
const char *sd_version(void);
int sd_version_number(void);
/* "file:1:5: error: message", the source line, carets in display columns, "hint: ..."; free with sd_free. */
char *sd_error_text(sd_context *c, const sd_error *e);

/* ---- text in ----------------------------------------------------------------------------------------- */
typedef uint32_t sd_expr; /* an expression of a context; 0 is none */

/* "X: matrix(m,n)", several separated by ';' or newlines; definitions too. name: for error messages, may be NULL. */
sd_status sd_declare(sd_context *c, const char *text, const char *name);
/* Tells the shape of a variable that is not declared (rows, cols >= 1). Before sd_parse. */
sd_status sd_hint_shape(sd_context *c, const char *variable, long rows, long cols);
/* Parses declarations, definitions and one final expression; infers the shapes of what is not declared. */
sd_expr sd_parse(sd_context *c, const char *text, const char *name);
/* n expressions over the same variables, whose shapes are inferred together; "loss = ..." is one as well, and may be used in those behind it. */
sd_status sd_parse_all(sd_context *c, size_t n, const char *const *text, sd_expr *out);
/* The shapes of the variables of e, "X: matrix(m,n); t: vector(n)"; free with sd_free. */
char *sd_legend(sd_context *c, sd_expr e);

/* What is known of a variable of an expression. */
typedef enum {
    SD_DECLARED, /* said by sd_declare, a declaration in the text or sd_hint_shape */
    SD_INFERRED  /* found from how it is used; sd_explain tells from what, sd_notes where a person could mean another kind */
} sd_certainty;
typedef struct {
    const char *name;
    int order;              /* axes: 0 a scalar, 1 a vector, 2 a matrix; of a function: of its value */
    const char *axis[2];    /* their sizes, "m", "2*n", "3" */
    const char *shape;      /* as it is declared: "matrix(m,n)", "function(vector(n)) -> scalar" */
    const char *properties; /* "symmetric positive", or "" */
    int is_function;        /* declared without a body */
    sd_certainty certainty;
    SD_ROOM
} sd_variable;
/* The variables and declared functions of e in the order of their first appearance: *n of them in one block, freed with sd_free. */
sd_variable *sd_variables(sd_context *c, sd_expr e, size_t *n);

/* What was read by habit although a person could mean it otherwise, one line each; free with sd_free. */
char *sd_notes(sd_context *c);

/* A line for each variable of e, which was parsed last: its kind, why, and what else it could be; free with sd_free. */
char *sd_explain(sd_context *c, sd_expr e);
/* The w of argmin_w or minimize_w in front of the expression that was parsed last; NULL: there is none. */
const char *sd_optimum(const sd_context *c);

/* ---- derivatives ---------------------------------------------------------------------------------------- */
typedef enum {
    SD_DERIVATIVE, /* gradient of a scalar, Jacobian of a vector, tensor otherwise */
    SD_GRADIENT, SD_JACOBIAN, SD_HESSIAN,
    SD_HVP,        /* Hessian times direction; never forms the Hessian */
    SD_JVP, SD_VJP,
    SD_VALUE,      /* the expression itself */
    SD_ALONG,      /* derivative of the given order (1) along a direction */
    SD_DIFFERENTIAL, /* dF in dX, for a variable X */
    SD_TAYLOR      /* Taylor polynomial of the given order around a point */
} sd_what;

typedef enum { SD_NUMERATOR, SD_DENOMINATOR } sd_layout;

/* What the derivative by a symmetric matrix X is, G being the derivative that takes X for a general matrix. */
typedef enum {
    SD_PROJECTED,     /* (G+G')/2: the gradient in the space of symmetric matrices */
    SD_UNCONSTRAINED, /* G */
    SD_COOKBOOK       /* G+G'-diag(diag(G)): by the entries on and above the diagonal */
} sd_symmetric;

typedef struct {
    sd_what what;
    const char *wrt;       /* "t" or "x1,x2"; NULL with SD_VALUE */
    const char *direction; /* HVP, JVP, ALONG: in the shape of the variable(s), VJP: of the value; ','-separated expressions */
    int order;             /* 0: by `what`; k >= 1: the k-th derivative */
    sd_layout layout;
    const char *around;    /* TAYLOR: the point, one expression for each variable, ','-separated */
    sd_symmetric symmetric;
    SD_ROOM
} sd_request;

/* One or several labelled expressions: "d/dx1", "d2/dx1dx2", or label "" for a single one. */
typedef struct sd_result sd_result;
sd_result *sd_derive(sd_context *c, sd_expr e, const sd_request *r); /* lives as long as c */
sd_result *sd_value(sd_context *c, sd_expr e);                        /* the expression as a result */

/* The expression in a form that is asked for, as a result: everything multiplied out, the terms of a polynomial in descending order; a
   product of polynomials without rational factors, as far as they are found; its shortest form, or, if `collect` is not NULL, by the powers
   of that variable. What is computed from the result is the expression itself. */
sd_result *sd_expand(sd_context *c, sd_expr e);
sd_result *sd_factor(sd_context *c, sd_expr e);
sd_result *sd_simplify(sd_context *c, sd_expr e, const char *collect);

/* e with the expressions `with` in the places of n variables, all at once; also of sd_result_expr. They have the shapes of the variables and what is
   declared of them ("positive"), else SD_ERR_SHAPE, SD_ERR_USAGE. In a text definitions do the same: "x = A*y; norm(x)^2". */
sd_expr sd_substitute(sd_context *c, sd_expr e, size_t n, const char *const *variable, const sd_expr *with);

size_t sd_result_count(const sd_result *r);
const char *sd_result_label(const sd_result *r, size_t i); /* "d/dx1"; here and below NULL, or 0, if there is no i-th entry */
const char *sd_result_row(const sd_result *r, size_t i);   /* "x1" */
const char *sd_result_column(const sd_result *r, size_t i);/* second variable of a Hessian block, or "" */
sd_expr sd_result_expr(const sd_result *r, size_t i);     /* as it is printed: simplified by the first call that needs it; 0 if that fails */
const char *sd_result_note(const sd_result *r);            /* "d/dX is symmetric, (G+G')/2": conventions used, or NULL */
int sd_result_order(const sd_context *c, const sd_result *r, size_t i); /* number of axes, -1 if there is no i-th entry */

/* ---- text out ------------------------------------------------------------------------------------------------ */
typedef enum {
    SD_TEXT, SD_UNICODE, SD_LATEX, SD_NUMPY, SD_TORCH, SD_JAX, SD_JULIA, SD_MATLAB, SD_EIGEN, SD_EINSUM, SD_DOT, SD_JSON, SD_R
} sd_format;
enum {
    SD_NO_WHERE = 1,  /* one expression, nothing named apart, no vec form behind it */
    SD_CONDITIONS = 2, /* behind the answer: where it is valid, where it has kinks and what is taken there */
    SD_WITH_VALUE = 4  /* of sd_print_function: the value of what was differentiated comes first */
};
char *sd_print(sd_context *c, const sd_result *r, sd_format format, unsigned flags); /* free with sd_free */
/* A whole function, to be pasted: imports, arguments, a comment with the formula and the shapes, sizes taken from the arrays, named
   parts. Sizes that no array tells are arguments, too. format: a language of code; name: NULL by what is returned, "gradient". */
char *sd_print_function(sd_context *c, const sd_result *r, sd_format format, const char *name, unsigned flags); /* free with sd_free */
int sd_format_is_code(sd_format format); /* nonzero: it has functions */
/* A derivative with three or four axes as a matrix, where vec stacks the columns of the value and of the variable:
   "dvec(F)/dvec(X) = kron(B',A)". Kc is the commutation matrix, Kc*vec(X) = vec(X'). In text, unicode or latex. NULL if the
   i-th entry has no such form; free with sd_free. */
char *sd_vec_form(sd_context *c, const sd_result *r, size_t i, sd_format format);
int sd_format_find(const char *name); /* "latex" -> SD_LATEX; -1 if unknown */
const char *sd_format_name(size_t i); /* of the i-th of all formats, in the order of manuals; NULL behind the last */
/* stage: "syntax" "graph" "schedule" "c" "jit" "machine" */
char *sd_dump(sd_context *c, const sd_result *r, const char *stage);

/* ---- C out -------------------------------------------------------------------------------------------------------- */
typedef struct {
    const char *name;    /* function name (a C identifier); NULL: "symdiff_f" */
    int value;           /* nonzero: the value of `primal` is computed too, as first output */
    sd_expr primal;
    const char *sizes;   /* "m=1000,n=50": constants instead of arguments; NULL */
    const char *header;  /* name that the .c file includes; NULL: NAME.h */
    int dense;           /* nonzero: all entries of every answer; else see sd_structure */
    const char *arguments; /* "X,y,w": the order of the inputs, all of them; sizes in it come first, in that order. NULL: inputs
                              as their names were first met, in declarations and then in texts */
    const char *file;    /* names of helper functions begin with it, so that several files can be included in one unit; NULL: with the name */
    const char *real;    /* "float", "double" (NULL), or "NAME=float": a name for it, that a typedef in the header `include` defines; "NAME":
                            either, as that header says when the code is compiled. Not of sd_compile */
    const char *include; /* of NAME; of NAME=float it may be NULL: it is known where the emitted header is included */
    int joined;          /* nonzero: a Jacobian of a vector by several scalars and vectors is one matrix, its blocks side by side */
    int columns;         /* nonzero: arrays are column-major, as in Fortran, MATLAB and Eigen. Not of sd_compile */
    int header_only;     /* nonzero: all is in `source`, of static inline functions */
    int leading;         /* nonzero: each matrix is followed by a leading dimension, `const double *X, size_t ldX`: how far its rows (of
                            columns: its columns) stand apart, at least their length. Not of sd_compile */
    const char *target;  /* "c" (NULL), "openmp": loops run in parallel where it is compiled with OpenMP, with the same bits for any number of
                            threads, "cblas": products and factorisations are calls of CBLAS and LAPACKE. Not of sd_compile */
    SD_ROOM
} sd_emit_options;
typedef struct { char *source, *header; } sd_c_code; /* free each with sd_free */
sd_status sd_emit(sd_context *c, const sd_result *r, const sd_emit_options *o, sd_c_code *out);
/* One function of a file: its outputs are all entries of its results, in this order. They are called value, grad_w, hess_w_b, ..., or, of
   an expression with a name, loss, grad_loss_w, ... */
typedef struct {
    const char *name;
    size_t count;
    const sd_result *const *result;
    const char *const *subject; /* [count]: names of the expressions, each may be NULL; NULL: they have none */
} sd_emit_function;
/* n functions in one file, which share helpers. `name`, `value` and `primal` of the options are not used. */
sd_status sd_emit_file(sd_context *c, size_t n, const sd_emit_function *f, const sd_emit_options *o, sd_c_code *out);
/* Emitted and compiled functions write of an answer with three or more axes that is a Kronecker product with an identity
   only the other factor: "hess_U[i,j,k,l] = hess_U_core[j,l]*delta(i,k)". NULL if the i-th entry is written in full, as all are with
   `dense`; free with sd_free. sd_evaluate always gives the full array. */
char *sd_structure(sd_context *c, const sd_result *r, size_t i);

/* ---- numbers --------------------------------------------------------------------------------------------------------- */
enum { SD_MAX_ORDER = 12 };
typedef struct {
    int order;                 /* axes; 0: a scalar */
    size_t dim[SD_MAX_ORDER];
    double *data;              /* row-major */
} sd_array;

/* SD_TEXT: rows on lines; SD_MATLAB: one line, [1, 2; 3, 4]; SD_JSON: nested arrays, 17 digits. Free with sd_free. */
char *sd_array_print(sd_context *c, const sd_array *a, sd_format format);

/* The contents of a file of this kind, "npy", "csv", "mtx" or "json", which sd_data_read reads back to the last bit; *n bytes. Free with sd_free. */
char *sd_array_bytes(sd_context *c, const sd_array *a, const char *kind, size_t *n);

typedef struct sd_data sd_data; /* named arrays; to be freed before their context */
sd_data *sd_data_new(sd_context *c);
void sd_data_free(sd_data *d);
/* "FILE.json", or "X=FILE.csv|.npy|.mtx|.json", or "t=[1;2;3]"; columns of a CSV file: "X=FILE.csv[gnp,unemployed]", "X=FILE.csv[2:4]". */
sd_status sd_data_read(sd_data *d, const char *argument);
/* The same, but what stands in the file are these n bytes: "X=-" or "X=a.npy". What no name or beginning says otherwise is CSV. */
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
int sd_function_input_at(const sd_function *f, size_t i, sd_argument *out);  /* 0: there is no i-th */
int sd_function_output_at(const sd_function *f, size_t i, sd_argument *out);
/* The sizes that the shapes of in[sd_function_inputs(f)] tell, without a look at their numbers; dims[sd_function_dims(f)]. A size that is
   not 0 before is held to; one that no input tells must be given so. SD_ERR_DATA: *culprit (may be NULL) is the number of the input that
   does not fit, or, from sd_function_inputs(f) on, of the size that is not told. */
sd_status sd_function_sizes(const sd_function *f, const sd_array *in, size_t *dims, size_t *culprit);
/* The shape of an output at these sizes goes to out->order and out->dim. SD_ERR_DATA: a size would be negative. */
sd_status sd_function_output_shape(const sd_function *f, size_t i, const size_t *dims, sd_array *out);
/* What sd_function_call returned, in words; NULL for 0. */
const char *sd_function_failure(int status);
size_t sd_function_workspace(const sd_function *f, const size_t *dims); /* doubles; SIZE_MAX: more bytes than can be counted */
/* in[i], out[i]: row-major arrays. 0, or why there is no value: the statuses of emitted code (docs/language.md), 1 if a matrix was singular;
   -1 if an array, a size or a callback is missing. */
int sd_function_call(const sd_function *f, const size_t *dims, const double *const *in, double *const *out, double *work);

/* Functions that are only declared, f: function(vector(n)) -> scalar, are computed by the caller: one callback for each of
   them and of their derivatives that occurs, called "f", "grad_f", "J_q", "H12_f", "D111_f". sizes: those that the declaration
   of the function names, in order of appearance; arg: its arguments; out: the value, or the derivative, whose axes are those of the
   value, then of each argument it is taken by. All arrays are row-major, scalars are arrays of one number. A nonzero result
   ends the call, which returns it. */
typedef struct {
    int (*call)(void *user, const size_t *sizes, const double *const *arg, double *out);
    void *user;
} sd_binding;
size_t sd_function_callbacks(const sd_function *f);
const char *sd_function_callback(const sd_function *f, size_t i);
/* The same with binding[sd_function_callbacks(f)]. */
int sd_function_call_with(const sd_function *f, const size_t *dims, const double *const *in, double *const *out, double *work,
                          const sd_binding *binding);

/* The same at `count` parameter sets. in[i]: the array of the i-th input for the first set; that of each further one stands step[i] doubles behind it,
   0: all sets share the array. out[i]: room for the i-th output of all sets, one behind the other. Each set is computed as sd_function_call does
   it, whatever the number of threads; what has no value is NaN, its reason in status. The function needs no workspace of the caller. 0, or the status of the first set that
   has no value; -1 as above, or where room is not 0; -2 without memory, then nothing was computed. */
typedef struct {
    size_t count;
    const size_t *step;   /* [sd_function_inputs]; NULL: all zero */
    unsigned threads;     /* 0, 1: the calling thread alone; else up to that many, it among them */
    int *status;          /* [count], or NULL */
    const sd_binding *binding; /* of callbacks, which several threads may call at once; NULL: there are none */
    SD_ROOM
} sd_batch;
int sd_function_call_batch(const sd_function *f, const size_t *dims, const double *const *in, double *const *out, const sd_batch *b);

/* Evaluates every entry of r with d (NULL: no data), through a compiled function; out[sd_result_count(r)], free each .data with sd_free. */
sd_status sd_evaluate(sd_context *c, const sd_result *r, const sd_data *d, sd_array *out);
/* The slow and obvious evaluator: walks the graph, shares no code with the compiler. For tests: a function that is only
   declared gets invented values, the same as in sd_check. */
sd_status sd_interpret(sd_context *c, const sd_result *r, const sd_data *d, sd_array *out);

/* Compares the derivative asked for with numerical differentiation, at d or, for what d lacks, at random points of the domain. */
typedef struct {
    double worst;      /* largest difference from the numerical derivative, relative to its largest entry */
    double exact;      /* what that derivative is exact to by its own estimate: truncation and rounding */
    double tolerance;  /* what is allowed beyond rounding */
    int ok, points;
    char detail[256];  /* where the worst entry is */
    /* When the data is one point and first or second derivatives are checked: */
    int not_differentiable; /* the differences show that there is no derivative at the point */
    int has_partials;       /* then: although the derivatives by all entries exist and are the answer's */
    char note[1024];        /* then: lines with one-sided derivatives, or the direction that shows it. Alone: the derivative
                               exists, and the answer is another */
    SD_ROOM
} sd_check_report;
sd_status sd_check(sd_context *c, sd_expr e, const sd_request *r, const sd_data *d, const char *sizes, unsigned seed, sd_check_report *out);

/* ---- equality ---------------------------------------------------------------------------------------------------------- */
/* Reads two expressions together: what one tells of the shapes holds in both. out[0], out[1]: as from sd_parse. */
sd_status sd_parse_pair(sd_context *c, const char *first, const char *second, sd_expr out[2]);

typedef enum {
    SD_BY_SHAPE,  /* they are not even of the same shape */
    SD_BY_FORM,   /* their difference simplifies to 0 */
    SD_BY_FIELD,  /* by exact values at random points over a finite field */
    SD_BY_NUMBERS /* by values in double precision at random points of the domain */
} sd_evidence;
typedef struct {
    int equal;           /* 1: equal, 0: different, or not decided */
    int undecided;       /* nonzero: nothing is known; detail says why */
    sd_evidence evidence;
    int points;          /* that were evaluated; BY_NUMBERS: where both have a value */
    int one_sided;       /* BY_NUMBERS: points where only one of the two has a value */
    char detail[256];    /* BY_SHAPE: the shapes; BY_FIELD: the sizes, "m=2..5, n=3..6"; or why nothing is decided */
    char *witness;       /* of a difference: "x=3, t=[1; 2]" and the values; NULL if there is none. Free with sd_free. */
    char *value[2];      /* the values there, on one line each; NULL or free with sd_free */
    char relation[256];  /* of a difference: "a sign: the second is minus the first", a transpose, a factor, a constant; "": none is known */
    SD_ROOM
} sd_equal_report;
/* Are two expressions over the same variables the same function? The limit `work` bounds the operations. */
sd_status sd_equal(sd_context *c, sd_expr a, sd_expr b, unsigned seed, sd_equal_report *out);

/* ---- convexity ----------------------------------------------------------------------------------------------------------- */
typedef enum { SD_CURVATURE_UNKNOWN, SD_CONVEX, SD_CONCAVE, SD_AFFINE, SD_NEITHER } sd_curvature;
typedef struct {
    sd_curvature verdict;
    char *reasons; /* a line each: why, for which values of the other variables, points that refute, or what was tried. sd_free it */
    char *strong;  /* m of strong convexity (concavity), such as "2*lambda": less m/2*norm(x)^2 it is still convex; NULL: none is known. sd_free it */
    SD_ROOM
} sd_convexity;
/* Is the scalar e convex in the variables of `wrt` together ("x" or "x,t"; NULL: in all)? The verdict holds on all of the domain, and for
   all values of the other variables unless a reason says otherwise. SD_ERR_USAGE if e is no scalar. */
sd_status sd_convexity_of(sd_context *c, sd_expr e, const char *wrt, unsigned seed, sd_convexity *out);

typedef enum { SD_DEFINITE_UNKNOWN, SD_POSDEF, SD_PSD, SD_NEGDEF, SD_NSD, SD_INDEFINITE } sd_definiteness_verdict;
typedef struct {
    sd_definiteness_verdict verdict;
    char *reasons; /* as above; v (or another letter) is the vector of the form v'*S*v. sd_free it */
    SD_ROOM
} sd_definite;
/* Is the symmetric matrix e definite or semidefinite, for all values of its variables unless a reason says otherwise? SD_INDEFINITE: neither for
   all of them. SD_ERR_USAGE if e is no symmetric matrix. */
sd_status sd_definiteness(sd_context *c, sd_expr e, unsigned seed, sd_definite *out);

/* ---- stationary points ------------------------------------------------------------------------------------------------------ */
enum { SD_MOST_UNKNOWNS = 8 };
typedef struct {
    int found;
    sd_expr solution; /* of the shape of the unknown; 0 if none is found, or if it is told in words (eigenvectors) */
    char *answer;     /* its text; NULL if there is no solution. sd_free it */
    char *reasons;    /* a line each: what kind of point, under which condition, which equation. sd_free it */
    sd_expr further[SD_MOST_UNKNOWNS - 1]; /* of several unknowns the solutions of the second, the third ... */
    SD_ROOM
} sd_solution;
/* The x = wrt at which the gradient of the scalar e is 0, in closed form, where it has one: it is put into the equation before it is given. If
   there are several, the first; the reasons tell the others. Where the gradient is 0 nowhere, a minimum or maximum at a kink, norm(x-a) at a.
   constraint: 0, or an expression that must be 0, "A*x-b", several as blocks of one vector, read together with e (sd_parse_pair). What is
   declared of x, unit, simplex or orthogonal, is a constraint as well, but not together with another: then nothing is found. Several unknowns,
   "w,b", are solved for together, without a constraint; the answer has a line for each, "w = ...". */
sd_status sd_solve(sd_context *c, sd_expr e, sd_expr constraint, const char *wrt, sd_solution *out);
/* ---- steps ----------------------------------------------------------------------------------------------------------------- */
typedef enum {
    SD_STEPS_REVERSE,     /* adjoints, from the value to the variables */
    SD_STEPS_FORWARD,     /* tangents, from the variables to the value */
    SD_STEPS_DIFFERENTIAL /* df in dx, and the derivative read off */
} sd_steps_mode;
typedef enum { SD_DOC_TEXT, SD_DOC_UNICODE, SD_DOC_MARKDOWN, SD_DOC_LATEX, SD_DOC_HTML } sd_document;
typedef struct {
    sd_steps_mode mode;
    int detail;         /* 0: names, chain, answer; 1: with local derivatives, reasons, cost; 2: with the rules inside them */
    sd_document format; /* LaTeX and HTML are whole documents */
    unsigned seed;      /* of the points at which lines are checked */
    const sd_data *data; /* NULL, or numbers: every part gets a line with its value and the derivative by it */
    SD_ROOM
} sd_steps_options;
/* The derivation of a first derivative or a Hessian (SD_HESSIAN), line by line. Each line has been checked against its left side; the
   answer is what sd_derive gives. o: NULL for reverse order, detail 1, text. Free with sd_free. */
char *sd_steps(sd_context *c, sd_expr e, const sd_request *r, const sd_steps_options *o);

/* The computation graph of e in the language of Graphviz: its parts, named as in sd_steps, by the variables of `wrt` ("t"; NULL: all), with
   local derivatives (detail 0: without them) and, for o->data, numbers. o: or NULL. Free with sd_free. */
char *sd_graph(sd_context *c, sd_expr e, const char *wrt, const sd_steps_options *o);

/* The conditions of Karush, Kuhn and Tucker, line by line: minimize `objective` over `wrt` ("x" or "w,b") subject to n constraints, texts such
   as "A*x <= b", "x >= 0", "sum(x) == 1", all read together. The Lagrangian, in which the multipliers are variables, goes to *lagrangian (or NULL).
   o: format and seed; or NULL. Free with sd_free. */
char *sd_kkt(sd_context *c, const char *objective, size_t n, const char *const *constraint, const char *wrt, const sd_steps_options *o,
             sd_expr *lagrangian);

/* The recursion x <- map, line by line, where the map is affine in the variable x, a number or a vector: derivative and value at 0, fixed point, closed form
   after t steps, when it converges. unknown, map: read together (sd_parse_pair); o: format; or NULL. Free with sd_free. */
char *sd_recursion(sd_context *c, sd_expr unknown, sd_expr map, const sd_steps_options *o);

/* ---- what the language knows ------------------------------------------------------------------------------------------ */
typedef struct {
    const char *name, *alias, *doc; /* any but `name` may be NULL */
    const char *domain, *kink;      /* where it is defined; where its derivative jumps */
    const char *derivative[3];      /* by each argument, called x, y, z */
    int min_args, max_args;         /* max_args < 0: any number */
    SD_ROOM
} sd_operator;
int sd_operator_at(size_t i, sd_operator *out); /* the i-th row of the operator table; 0 behind the last */

#ifdef __cplusplus
}
#endif
#endif
