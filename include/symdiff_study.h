/* SPDX-License-Identifier: MIT
 *
 * A part of symdiff.h, what can be asked about expressions beside derivatives: are two equal, is one
 * convex, where is its gradient 0, and how is a derivative found step by step?
 */
#ifndef SYMDIFF_STUDY_H
#define SYMDIFF_STUDY_H

#ifndef SYMDIFF_H
#error "include symdiff.h, which includes this header"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- equality ------------------------------------------------------------------------------------------ */
/* Reads two expressions together: what one tells of the shapes holds in both. out[0], out[1]: as from
   sd_parse. */
sd_status sd_parse_pair(sd_context *c, const char *first, const char *second, sd_expr out[2]);

typedef enum {
    SD_BY_SHAPE,  /* they are not even of the same shape */
    SD_BY_FORM,   /* their difference simplifies to 0 */
    SD_BY_FIELD,  /* by exact values at random points over a finite field */
    SD_BY_NUMBERS /* by values in double precision at random points of the domain */
} sd_evidence;
typedef struct {
    int equal;     /* 1: equal, 0: different, or not decided */
    int undecided; /* nonzero: nothing is known; detail says why */
    sd_evidence evidence;
    int points;    /* that were evaluated; BY_NUMBERS: where both have a value */
    int one_sided; /* BY_NUMBERS: points where only one of the two has a value */
    /* BY_SHAPE: the shapes; BY_FIELD: the sizes, "m=2..5, n=3..6"; or why nothing is decided */
    char detail[256];
    /* of a difference: "x=3, t=[1; 2]" and the values; NULL if there is none. Free with sd_free. */
    char *witness;
    char *value[2]; /* the values there, on one line each; NULL or free with sd_free */
    /* of a difference: "a sign: the second is minus the first", a transpose, a factor, a constant; "":
       none is known */
    char relation[256];
    SD_ROOM
} sd_equal_report;
/* Are two expressions over the same variables the same function? The limit `work` bounds the operations. */
sd_status sd_equal(sd_context *c, sd_expr a, sd_expr b, unsigned seed, sd_equal_report *out);

/* ---- convexity ----------------------------------------------------------------------------------------- */
typedef enum { SD_CURVATURE_UNKNOWN, SD_CONVEX, SD_CONCAVE, SD_AFFINE, SD_NEITHER } sd_curvature;
typedef struct {
    sd_curvature verdict;
    /* a line each: why, for which values of the other variables, points that refute, or what was tried.
       sd_free it */
    char *reasons;
    /* m of strong convexity (concavity), such as "2*lambda": less m/2*norm(x)^2 it is still convex; NULL:
       none is known. sd_free it */
    char *strong;
    /* the points that refute, in JSON: [{"refutes": "convex", "points": [data of eval at the ends and, in the
       middle, halfway], "values": [three numbers]}]; NULL: none. sd_free it */
    char *points;
    SD_ROOM
} sd_convexity;
/* Is the scalar e convex in the variables of `wrt` together ("x" or "x,t"; NULL: in all)? The verdict
   holds on all of the domain, and for all values of the other variables unless a reason says otherwise.
   SD_ERR_USAGE if e is no scalar. */
sd_status sd_convexity_of(sd_context *c, sd_expr e, const char *wrt, unsigned seed, sd_convexity *out);

typedef enum {
    SD_DEFINITE_UNKNOWN,
    SD_POSDEF,
    SD_PSD,
    SD_NEGDEF,
    SD_NSD,
    SD_INDEFINITE
} sd_definiteness_verdict;
typedef struct {
    sd_definiteness_verdict verdict;
    char *reasons; /* as above; v (or another letter) is the vector of the form v'*S*v. sd_free it */
    SD_ROOM
} sd_definite;
/* Is the symmetric matrix e definite or semidefinite, for all values of its variables unless a reason says
   otherwise? SD_INDEFINITE: neither for all of them. SD_ERR_USAGE if e is no symmetric matrix. */
sd_status sd_definiteness(sd_context *c, sd_expr e, unsigned seed, sd_definite *out);

/* ---- stationary points --------------------------------------------------------------------------------- */
enum { SD_MOST_UNKNOWNS = 8 };
typedef struct {
    int found;
    /* of the shape of the unknown; 0 if none is found, or if it is told in words (eigenvectors) */
    sd_expr solution;
    char *answer;  /* its text; NULL if there is no solution. sd_free it */
    char *reasons; /* a line each: what kind of point, under which condition, which equation. sd_free it */
    /* of several unknowns the solutions of the second, the third ... */
    sd_expr further[SD_MOST_UNKNOWNS - 1];
    SD_ROOM
} sd_solution;
/* The x = wrt at which the gradient of the scalar e is 0, in closed form, where it has one: it is put into
   the equation before it is given. If there are several, the first; the reasons tell the others. Where the
   gradient is 0 nowhere, a minimum or maximum at a kink, norm(x-a) at a. constraint: 0, or an expression
   that must be 0, "A*x-b", several as blocks of one vector, read together with e (sd_parse_pair). What is
   declared of x, unit, simplex or orthogonal, is a constraint as well, but not together with another: then
   nothing is found. Several unknowns, "w,b", are solved for together, without a constraint; the answer has
   a line for each, "w = ...". */
sd_status sd_solve(sd_context *c, sd_expr e, sd_expr constraint, const char *wrt, sd_solution *out);
/* ---- steps --------------------------------------------------------------------------------------------- */
typedef enum {
    SD_STEPS_REVERSE,     /* adjoints, from the value to the variables */
    SD_STEPS_FORWARD,     /* tangents, from the variables to the value */
    SD_STEPS_DIFFERENTIAL /* df in dx, and the derivative read off */
} sd_steps_mode;
typedef enum { SD_DOC_TEXT, SD_DOC_UNICODE, SD_DOC_MARKDOWN, SD_DOC_LATEX, SD_DOC_HTML } sd_document;
typedef struct {
    sd_steps_mode mode;
    /* 0: names, chain, answer; 1: with local derivatives, reasons, cost; 2: with the rules inside them */
    int detail;
    sd_document format; /* LaTeX and HTML are whole documents */
    unsigned seed;      /* of the points at which lines are checked */
    /* NULL, or numbers: every part gets a line with its value and the derivative by it */
    const sd_data *data;
    SD_ROOM
} sd_steps_options;
/* The derivation of a first derivative or a Hessian (SD_HESSIAN), line by line. Each line has been checked
   against its left side; the answer is what sd_derive gives. o: NULL for reverse order, detail 1, text.
   Free with sd_free. */
char *sd_steps(sd_context *c, sd_expr e, const sd_request *r, const sd_steps_options *o);

/* The computation graph of e in the language of Graphviz: its parts, named as in sd_steps, by the
   variables of `wrt` ("t"; NULL: all), with local derivatives (detail 0: without them) and, for o->data,
   numbers. o: or NULL. Free with sd_free. */
char *sd_graph(sd_context *c, sd_expr e, const char *wrt, const sd_steps_options *o);

/* The conditions of Karush, Kuhn and Tucker, line by line: minimize `objective` over `wrt` ("x" or "w,b")
   subject to n constraints, texts such as "A*x <= b", "x >= 0", "sum(x) == 1", all read together. The
   Lagrangian, in which the multipliers are variables, goes to *lagrangian (or NULL). o: format and seed;
   or NULL. Free with sd_free. */
char *sd_kkt(sd_context *c, const char *objective, size_t n, const char *const *constraint, const char *wrt,
             const sd_steps_options *o, sd_expr *lagrangian);

/* The recursion x <- map, line by line, where the map is affine in the variable x, a number or a vector:
   derivative and value at 0, fixed point, closed form after t steps, when it converges. unknown, map: read
   together (sd_parse_pair); o: format; or NULL. Free with sd_free. */
char *sd_recursion(sd_context *c, sd_expr unknown, sd_expr map, const sd_steps_options *o);

#ifdef __cplusplus
}
#endif
#endif
