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
 * Locale: numbers are read and written with a decimal point whatever the locale of the program is, which is
 * not changed.
 * Arguments: any may be NULL or out of range. What must be there and is not is an error, SD_ERR_USAGE. If an
 * expression or result is missing because the call that was to make it failed, that call's error stays: calls
 * may follow each other as above, with one look at the end. Functions without a context return NULL, 0 or -1.
 */
#ifndef SYMDIFF_H
#define SYMDIFF_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SD_VERSION "0.1.0"
/* 10000*major + 100*minor + patch, of this header; sd_version_number() is that of the library */
#define SD_VERSION_NUMBER 100

/* ---- status and errors --------------------------------------------------------------------------------- */
typedef enum {
    SD_OK = 0,
    SD_ERR_SYNTAX,      /* the text does not parse */
    SD_ERR_NAME,        /* unknown function or variable, wrong argument count, contradictory declaration */
    SD_ERR_SHAPE,       /* shapes do not fit */
    SD_ERR_DOMAIN,      /* no value there (1/0, log of a negative constant) */
    SD_ERR_UNSUPPORTED, /* understood, but not supported */
    SD_ERR_DATA,        /* data missing, ragged, of the wrong size, not numbers */
    /* a matrix is singular at the given data, or not what a factorisation needs: the message says which */
    SD_ERR_SINGULAR,
    SD_ERR_IO,         /* a file cannot be read or written */
    SD_ERR_USAGE,      /* the request makes no sense */
    SD_ERR_LIMIT,      /* a configurable limit was met; the message names it */
    SD_ERR_MEMORY,     /* the allocator returned NULL */
    SD_ERR_INTERNAL,   /* a bug in symdiff */
    SD_ERR_INTERRUPTED /* sd_interrupt was called */
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

/* ---- context ------------------------------------------------------------------------------------------- */
typedef struct sd_context sd_context;

/* Options and reports end with room for fields of later versions, so that their sizes stay: a program goes
   on to run with a younger library. In what a program gives it is 0, as designated initialisers leave it;
   what is not 0 there asks for what this version cannot do, and is SD_ERR_USAGE; sd_context_new gives
   NULL. */
#define SD_ROOM uint64_t room[8];

typedef struct {
    /* realloc semantics; bytes == 0 frees and returns NULL */
    void *(*resize)(void *state, void *p, size_t bytes);
    void *state;
} sd_allocator;

typedef struct {     /* 0 means the default */
    size_t nodes;    /* graph nodes in a context           (50 000 000) */
    size_t depth;    /* nesting of parentheses in a text   (1 000 000) */
    size_t digits;   /* digits of an exact number          (100 000) */
    size_t memory;   /* bytes of a context                 (4 GiB) */
    size_t output;   /* bytes of a printed answer          (256 MiB) */
    size_t elements; /* numbers in one evaluated array     (100 000 000) */
    size_t terms;    /* parts of an expression, its definitions put in place,
                        or of a sparse matrix            (2 000 000) */
    size_t work;     /* operations to decide an equality   (500 000 000) */
    SD_ROOM
} sd_limits;

/* The notation of a text. Auto: by what stands in it, \frac or \theta is LaTeX, np.sum(x) or x**2 NumPy; a
   text with marks of two is an error. */
typedef enum { SD_FROM_AUTO, SD_FROM_PLAIN, SD_FROM_LATEX, SD_FROM_NUMPY } sd_notation;
int sd_notation_find(const char *name); /* "latex" -> SD_FROM_LATEX; -1 if unknown */

typedef struct {
    const sd_allocator *allocator; /* NULL: malloc */
    const sd_limits *limits;       /* NULL: the defaults */
    /* nonzero: expressions are scalars where their shapes leave a choice, as a gradient asks */
    int scalar;
    /* the variables by which derivatives will be asked for, "x,y"; NULL: not known */
    const char *wrt;
    /* of expressions; declarations are plain text or LaTeX by what stands in them */
    sd_notation from;
    int debug; /* nonzero: check every node and every derivation (slow) */
    /* NULL: functions are compiled in memory, in a millisecond, by symdiff itself. "cc", "clang-15",
       "/opt/bin/gcc": by this C compiler of the system with -O3 for the processor at hand, in a tenth of a
       second and more: for functions that are called often. SD_ERR_UNSUPPORTED if there is none */
    const char *compiler;
    /* a folder where the functions that `compiler` made are kept and found again, made if it is not there,
       for its owner alone (0700); NULL: none is kept */
    const char *cache;
    SD_ROOM
} sd_options;

/* NULL without memory, for an allocator without `resize`, or where room is not 0 */
sd_context *sd_context_new(const sd_options *options);
/* NULL is allowed; frees everything made from c but functions */
void sd_context_free(sd_context *c);
/* Takes c back to what sd_declare and sd_hint_shape said, and frees all else that was made from it but
   functions: expressions, results, strings that were to be freed with sd_free. A program that reads
   formulas for days calls it now and then; sd_data must have been freed. On an error c is as it was. */
sd_status sd_context_reset(sd_context *c);
/* Ends the call that runs with c, or the next one, with SD_ERR_INTERRUPTED; then c works as before. May be
   called from a signal handler and from another thread. A compiled function, once it is called, runs to
   its end. */
void sd_interrupt(sd_context *c);
/* Calls tell(state, steps, bytes) while a call works with c, some thousand times a second where formulas are
   worked on: steps are those of this call so far, bytes what the context holds. What is not 0 ends the call
   with SD_ERR_INTERRUPTED, and c works as before. tell may not use c. NULL: nobody is told, as at first. */
void sd_progress(sd_context *c, int (*tell)(void *state, size_t steps, size_t bytes), void *state);
const sd_error *sd_last_error(const sd_context *c); /* valid until the next call with c; never NULL */
void sd_free(sd_context *c, void *p);               /* for strings and arrays that the library returned */
const char *sd_version(void);
int sd_version_number(void);
/* "file:1:5: error: message", the source line, carets in display columns, "hint: ..."; free with sd_free. */
char *sd_error_text(sd_context *c, const sd_error *e);

/* ---- text in ------------------------------------------------------------------------------------------- */
typedef uint32_t sd_expr; /* an expression of a context; 0 is none */

/* "X: matrix(m,n)", several separated by ';' or newlines; definitions too. name: for error messages, may
   be NULL. */
sd_status sd_declare(sd_context *c, const char *text, const char *name);
/* Tells the shape of a variable that is not declared (rows, cols >= 1). Before sd_parse. */
sd_status sd_hint_shape(sd_context *c, const char *variable, long rows, long cols);
/* Parses declarations, definitions and one final expression; infers the shapes of what is not declared. */
sd_expr sd_parse(sd_context *c, const char *text, const char *name);
/* n expressions over the same variables, whose shapes are inferred together; "loss = ..." is one as well,
   and may be used in those behind it. */
sd_status sd_parse_all(sd_context *c, size_t n, const char *const *text, sd_expr *out);
/* Formulas by calls, without text. sd_symbol: a variable by its declaration, "X: matrix(m,n)", or by the
   name of one that is declared. sd_number: as its shortest decimal says, 0.1 is 1/10. sd_call: a function or
   operator of the language by name, "norm", "solve", "*", ".*", "+", "neg", "'", "\\", "^", "index", "vcat",
   or a declared function. 0 on failure; 0 among the arguments leaves the error of the call that failed. */
sd_expr sd_symbol(sd_context *c, const char *declaration);
sd_expr sd_number(sd_context *c, double value);
sd_expr sd_call(sd_context *c, const char *name, size_t n, const sd_expr *arg);
/* An expression as text that sd_load of the same version reads in any context: the declarations of its
   variables, and the formula. What does not read back as the same formula is refused, SD_ERR_UNSUPPORTED;
   texts of other versions are SD_ERR_USAGE. Free with sd_free. */
char *sd_save(sd_context *c, sd_expr e);
sd_expr sd_load(sd_context *c, const char *text);

/* The shapes of the variables of e, "X: matrix(m,n); t: vector(n)"; free with sd_free. */
char *sd_legend(sd_context *c, sd_expr e);

/* What is known of a variable of an expression. */
typedef enum {
    SD_DECLARED, /* said by sd_declare, a declaration in the text or sd_hint_shape */
    /* found from how it is used; sd_explain tells from what, sd_notes where a person could mean another
       kind */
    SD_INFERRED
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
/* The variables and declared functions of e in the order of their first appearance: *n of them in one
   block, freed with sd_free. */
sd_variable *sd_variables(sd_context *c, sd_expr e, size_t *n);

/* What was read by habit although a person could mean it otherwise, one line each; free with sd_free. */
char *sd_notes(sd_context *c);

/* A line for each variable of e, which was parsed last: its kind, why, and what else it could be; free
   with sd_free. */
char *sd_explain(sd_context *c, sd_expr e);
/* The w of argmin_w or minimize_w in front of the expression that was parsed last; NULL: there is none. */
const char *sd_optimum(const sd_context *c);

/* ---- derivatives --------------------------------------------------------------------------------------- */
typedef enum {
    SD_DERIVATIVE, /* gradient of a scalar, Jacobian of a vector, tensor otherwise */
    SD_GRADIENT,
    SD_JACOBIAN,
    SD_HESSIAN,
    SD_HVP, /* Hessian times direction; never forms the Hessian */
    SD_JVP,
    SD_VJP,
    SD_VALUE,        /* the expression itself */
    SD_ALONG,        /* derivative of the given order (1) along a direction */
    SD_DIFFERENTIAL, /* dF in dX, for a variable X */
    SD_TAYLOR        /* Taylor polynomial of the given order around a point */
} sd_what;

typedef enum { SD_NUMERATOR, SD_DENOMINATOR } sd_layout;

/* What the derivative by a symmetric matrix X is, G being the derivative that takes X for a general
   matrix. */
typedef enum {
    SD_PROJECTED,     /* (G+G')/2: the gradient in the space of symmetric matrices */
    SD_UNCONSTRAINED, /* G */
    SD_COOKBOOK       /* G+G'-diag(diag(G)): by the entries on and above the diagonal */
} sd_symmetric;

typedef struct {
    sd_what what;
    const char *wrt; /* "t" or "x1,x2"; NULL with SD_VALUE */
    /* HVP, JVP, ALONG: in the shape of the variable(s), VJP: of the value; ','-separated expressions */
    const char *direction;
    int order; /* 0: by `what`; k >= 1: the k-th derivative */
    sd_layout layout;
    const char *around; /* TAYLOR: the point, one expression for each variable, ','-separated */
    sd_symmetric symmetric;
    SD_ROOM
} sd_request;

/* One or several labelled expressions: "d/dx1", "d2/dx1dx2", or label "" for a single one. */
typedef struct sd_result sd_result;
sd_result *sd_derive(sd_context *c, sd_expr e, const sd_request *r); /* lives as long as c */
sd_result *sd_value(sd_context *c, sd_expr e);                       /* the expression as a result */

/* The expression in a form that is asked for, as a result: everything multiplied out, the terms of a
   polynomial in descending order; a product of polynomials without rational factors, as far as they are
   found; its shortest form, or, if `collect` is not NULL, by the powers of that variable. What is computed
   from the result is the expression itself. */
sd_result *sd_expand(sd_context *c, sd_expr e);
sd_result *sd_factor(sd_context *c, sd_expr e);
sd_result *sd_simplify(sd_context *c, sd_expr e, const char *collect);

/* e with the expressions `with` in the places of n variables, all at once; also of sd_result_expr. They
   have the shapes of the variables and what is declared of them ("positive"), else SD_ERR_SHAPE,
   SD_ERR_USAGE. In a text definitions do the same: "x = A*y; norm(x)^2". */
sd_expr sd_substitute(sd_context *c, sd_expr e, size_t n, const char *const *variable, const sd_expr *with);

size_t sd_result_count(const sd_result *r);
/* "d/dx1"; here and below NULL, or 0, if there is no i-th entry */
const char *sd_result_label(const sd_result *r, size_t i);
const char *sd_result_row(const sd_result *r, size_t i);    /* "x1" */
const char *sd_result_column(const sd_result *r, size_t i); /* second variable of a Hessian block, or "" */
/* as it is printed: simplified by the first call that needs it; 0 if that fails */
sd_expr sd_result_expr(const sd_result *r, size_t i);
/* "d/dX is symmetric, (G+G')/2": conventions used, or NULL */
const char *sd_result_note(const sd_result *r);
/* number of axes, -1 if there is no i-th entry */
int sd_result_order(const sd_context *c, const sd_result *r, size_t i);

/* ---- text out ------------------------------------------------------------------------------------------ */
typedef enum {
    SD_TEXT,
    SD_UNICODE,
    SD_LATEX,
    SD_NUMPY,
    SD_TORCH,
    SD_JAX,
    SD_JULIA,
    SD_MATLAB,
    SD_EIGEN,
    SD_EINSUM,
    SD_DOT,
    SD_JSON,
    SD_R
} sd_format;
enum {
    SD_NO_WHERE = 1,   /* one expression, nothing named apart, no vec form behind it */
    SD_CONDITIONS = 2, /* behind the answer: where it is valid, where it has kinks and what is taken there */
    SD_WITH_VALUE = 4  /* of sd_print_function: the value of what was differentiated comes first */
};
char *sd_print(sd_context *c, const sd_result *r, sd_format format, unsigned flags); /* free with sd_free */
/* A whole function, to be pasted: imports, arguments, a comment with the formula and the shapes, sizes
   taken from the arrays, named parts. Sizes that no array tells are arguments, too. format: a language of
   code; name: NULL by what is returned, "gradient". */
/* free with sd_free */
char *sd_print_function(sd_context *c, const sd_result *r, sd_format format, const char *name,
                        unsigned flags);
int sd_format_is_code(sd_format format); /* nonzero: it has functions */
/* A derivative with three or four axes as a matrix, where vec stacks the columns of the value and of the
   variable: "dvec(F)/dvec(X) = kron(B',A)". Kc is the commutation matrix, Kc*vec(X) = vec(X'). In text,
   unicode or latex. NULL if the i-th entry has no such form; free with sd_free. */
char *sd_vec_form(sd_context *c, const sd_result *r, size_t i, sd_format format);
int sd_format_find(const char *name); /* "latex" -> SD_LATEX; -1 if unknown */
/* of the i-th of all formats, in the order of manuals; NULL behind the last */
const char *sd_format_name(size_t i);
/* stage: "tree" (the answer as JSON: calls, names, numbers), "graph" "schedule"
   "schedule:m" (with m split over ranks) "c" "jit" "machine" */
char *sd_dump(sd_context *c, const sd_result *r, const char *stage);

/* ---- C out --------------------------------------------------------------------------------------------- */
typedef struct {
    const char *name; /* function name (a C identifier); NULL: "symdiff_f" */
    int value;        /* nonzero: the value of `primal` is computed too, as first output */
    sd_expr primal;
    const char *sizes;  /* "m=1000,n=50": constants instead of arguments; NULL */
    const char *header; /* name that the .c file includes; NULL: NAME.h */
    int dense;          /* nonzero: all entries of every answer; else see sd_structure */
    /* "X,y,w": the order of the inputs, all of them; sizes in it come first, in that order. NULL: inputs
       as their names were first met, in declarations and then in texts */
    const char *arguments;
    /* names of helper functions begin with it, so that several files can be included in one unit; NULL:
       with the name */
    const char *file;
    /* "float", "double" (NULL), or "NAME=float": a name for it, that a typedef in the header `include`
       defines; "NAME": either, as that header says when the code is compiled. Not of sd_compile */
    const char *real;
    /* of NAME; of NAME=float it may be NULL: it is known where the emitted header is included */
    const char *include;
    /* SD_JOIN_JACOBIAN: a Jacobian by several scalars and vectors is one matrix, its blocks side by side;
       SD_JOIN_HESSIAN: a Hessian by several is one symmetric matrix; or both */
    int joined;
    /* nonzero: arrays are column-major, as in Fortran, MATLAB and Eigen. Not of sd_compile */
    int columns;
    int header_only; /* nonzero: all is in `source`, of static inline functions */
    /* nonzero: each matrix is followed by a leading dimension, `const double *X, size_t ldX`: how far its
       rows (of columns: its columns) stand apart, at least their length. Not of sd_compile */
    int leading;
    /* "c" (NULL), "openmp": loops run in parallel where it is compiled with OpenMP, with the same bits for
       any number of threads, "cblas": products and factorisations are calls of CBLAS and LAPACKE, "mpi":
       one size, `shard`, is split over the ranks of MPI. Not of sd_compile */
    const char *target;
    /* nonzero: of Jacobians and Hessians the entries that may be other than 0, as sd_sparsity lists them;
       those by several variables are joined. All sizes of rows and columns are among `sizes` */
    int sparse;
    /* nonzero: behind the functions stands a main() that reads arrays, from files or as NAME=[1,2;3,4],
       prints what the functions give, and compares derivatives with central differences. Not of sd_compile
       */
    int trial;
    /* of the target mpi: the size of which each rank has a part, as "m"; else NULL */
    const char *shard;
    SD_ROOM
} sd_emit_options;
enum { SD_JOIN_JACOBIAN = 1, SD_JOIN_HESSIAN = 2 }; /* of emission and of sd_compile */
typedef struct {
    char *source, *header;
} sd_c_code; /* free each with sd_free */
sd_status sd_emit(sd_context *c, const sd_result *r, const sd_emit_options *o, sd_c_code *out);
/* One function of a file: its outputs are all entries of its results, in this order. They are called
   value, grad_w, hess_w_b, ..., or, of an expression with a name, loss, grad_loss_w, ... */
typedef struct {
    const char *name;
    size_t count;
    const sd_result *const *result;
    /* [count]: names of the expressions, each may be NULL; NULL: they have none */
    const char *const *subject;
} sd_emit_function;
/* n functions in one file, which share helpers. `name`, `value` and `primal` of the options are not used. */
sd_status sd_emit_file(sd_context *c, size_t n, const sd_emit_function *f, const sd_emit_options *o,
                       sd_c_code *out);
/* Emitted and compiled functions write of an answer with three or more axes that is a Kronecker product
   with an identity only the other factor: "hess_U[i,j,k,l] = hess_U_core[j,l]*delta(i,k)". NULL if the
   i-th entry is written in full, as all are with `dense`; free with sd_free. sd_evaluate always gives the
   full array. */
char *sd_structure(sd_context *c, const sd_result *r, size_t i);
/* Where the i-th sparse matrix of r may have entries other than 0, with the options of sd_compile or sd_emit
   (o->sizes, o->columns), which write the entries in this order: those of line k are start[k] to
   start[k+1]-1, entry j stands at place index[j] of its line. Lines are rows (CSR), or columns (CSC) with
   o->columns. What is not listed is 0 for all values of the variables. SD_ERR_UNSUPPORTED if the form tells
   of no zeros, or if there are axes besides rows and columns. */
typedef struct {
    size_t rows, columns, entries;
    int *start; /* free with sd_free */
    int *index; /* in the same block */
    SD_ROOM
} sd_pattern;
sd_status sd_sparsity(sd_context *c, const sd_result *r, size_t i, const sd_emit_options *o, sd_pattern *out);

/* ---- what the language knows --------------------------------------------------------------------------- */
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

#include "symdiff_numbers.h"
#include "symdiff_study.h"
#endif
