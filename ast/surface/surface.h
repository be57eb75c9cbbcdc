// SPDX-License-Identifier: MIT
// From text to graph, and the names that text has for things.
#ifndef SDP_SURFACE_H
#define SDP_SURFACE_H

#include "ast/make/make.h"

// an empty graph that can read. template.c
sdp_graph *sdp_graph_new(const sd_allocator *mem, const sd_limits *limit);

const char *sdp_shape_text(sdp_graph *g, sdp_shape s); // "a scalar", "a vector of n", "m×n": in scratch
// as it is declared: "scalar", "vector(n)", "matrix(m,n)"
const char *sdp_shape_declared(sdp_graph *g, sdp_shape s);
// A typed node that the graph has cancelled, e.g. log(x) of exp(log(x)), and the branch it stands in.
typedef struct {
    sdp_id node;
    sdp_branch branch;
} sdp_cancelled;
// The variable in the place of a definition that is derived by, and the definition; 0: there is none.
typedef struct {
    sdp_id variable, value;
} sdp_cut_at;
// A lowered expression with its surface shape (is it a row?).
typedef struct {
    sdp_id node;
    sdp_shape shape;
    // the same with free copies of constrained variables, whose facts have taken
    // nothing from it; 0: there are none
    sdp_id free;
    uint32_t ntyped, nshown;
    const sdp_cancelled *typed;
    const sdp_id *shown;  // the terms that are printed in its place, those of a Taylor polynomial, or none
    const void *tree;     // what was read, if definitions are used in it, or NULL
    sdp_writing *writing; // of the text; NULL: there was none
    sdp_cut_at cut;
} sdp_surface;

void sdp_declare(sdp_graph *g, const char *text, const char *source_name);
// "symmetric positive": the words of a declaration for these facts
void sdp_put_properties(uint32_t facts, sdp_text *t);

// A line for each variable that is used: its kind, the evidence, what else it could
// be. Of the text that was read last.
void sdp_explain(sdp_graph *g, const bool *used, sdp_text *t);
// tells by what derivatives will be asked for; without memory it tells nothing
void sdp_ask(sdp_graph *g, const char *names);
// Reads declarations, definitions and at most one final expression; returns node 0 if there is none.
// `known` may be NULL; else known(name, data, &shape) supplies shapes of undeclared variables (from --data).
typedef bool (*sdp_known_shape)(void *data, const char *name, long *rows, long *cols);
// scalar: where the shapes leave a choice, the value is one.
sdp_surface sdp_read(sdp_graph *g, const char *text, size_t n, const char *source_name, bool scalar,
                     sdp_known_shape known, void *data);
// Replaces each free copy by its variable, which has all declared facts; the n copies in `kept` stay.
// sdp_with_free_copies puts n copies in the places of their variables. In all roots at once.
void sdp_without_free_copies(sdp_graph *g, uint32_t nroots, sdp_id *root, uint32_t n, const uint32_t *kept);
void sdp_with_free_copies(sdp_graph *g, uint32_t nroots, sdp_id *root, uint32_t n, const uint32_t *free_copy);
// A function or operator by its name in the language, "norm" or "*", of expressions. called.c
sdp_surface sdp_read_call(sdp_graph *g, const char *name, uint32_t n, const sdp_surface *const *arg);
// Two expressions whose shapes are inferred together.
void sdp_read_pair(sdp_graph *g, const char *const text[2], sdp_known_shape known, void *data,
                   sdp_surface out[2]);
// n texts together. scalar: the first is one, if that is consistent; else each may be a definition, L = ...,
// that those behind it use. name: of each for messages, or NULL.
void sdp_read_all(sdp_graph *g, uint32_t n, const char *const *text, const char *const *name, bool scalar,
                  sdp_known_shape known, void *data, sdp_surface *out);

// A definition of the text, lowered apart: `var` is the variable that stands for it in what uses it. The last
// part is the expression itself, with var 0 (and name NULL, unless it is a definition).
typedef struct {
    const char *name;
    sdp_shape shape;
    sdp_id node, var;
    uint32_t term; // its place in the text
} sdp_part;
// The parts of an expression that sdp_read made, each before its users; in scratch. Constrained variables are
// their free copies. parts.c
uint32_t sdp_read_parts(sdp_graph *g, const sdp_surface *s, const sdp_part **out);
// A new variable that is displayed as `name`, where `node` would stand, and cannot be typed. Has those of the
// facts that survive differentiation.
sdp_id sdp_stand_in(sdp_graph *g, const char *name, sdp_shape shape, sdp_id node, uint32_t facts);

// ---- names of abstract functions and their derivatives (function_name.c) ----------------------------------
// "f", "grad_f", "J2_q", "∇²f": d->function is UINT32_MAX if it is no such name.
// Returns what is wrong with it, or NULL.
const char *sdp_derivative_find(sdp_graph *g, const char *name, sdp_derivative *d);
const char *sdp_derivative_name(sdp_graph *g, const sdp_derivative *d); // ASCII, reads back

#endif
