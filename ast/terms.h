// SPDX-License-Identifier: MIT
// From syntax to graph, in four passes over one array of terms (arguments before users):
//   resolve.c  names get their meaning: variables, dimensions, constants; definitions are put in place
//   shape.c    the shape rule of every operation, as equations between dimensions
//   infer.c    chooses scalar, vector or matrix for what nobody declared, until the equations hold
//   lower.c    makes graph nodes; nothing a user can get wrong is left by then
#ifndef SDP_TERMS_H
#define SDP_TERMS_H

#include "graph.h"

typedef struct {
    sdp_syn_kind kind;       // NUMBER, NAME (a variable), STRING, COLON, CALL
    int op;                  // CALL: row of the table; NAME: a constant's row, or 0
    const char *text;
    sdp_span span, at;       // the whole term; its operator or function name
    const sdp_tree *tree;    // whose source the spans point into
    uint32_t nargs;
    const uint32_t *arg;
    uint32_t var;            // NAME of a variable, CALL of an abstract function; else UINT32_MAX
    bool is_dim;             // stands for a size: inside ones(..), or a dimension name used as a number
    bool grouped;            // stood in parentheses
    sdp_shape shape;         // filled by shape.c
    sdp_dim size;            // filled by shape.c: its meaning as a size, if it has one
    sdp_id node;             // filled by lower.c
} sdp_term;

typedef struct {
    sdp_graph *g;
    sdp_term *t;
    uint32_t n, cap, root;
    bool template;           // x, y, z are placeholders, and nothing the user defined is seen
    // why the equations failed: two terms that disagree, and the message
    uint32_t bad, other;
    const char *message, *hint;
} sdp_terms;

typedef struct sdp_defs {
    struct sdp_def { const sdp_tree *tree; sdp_syn syn; } *def;
    uint32_t n, cap;
} sdp_defs;

// Builds the terms of a tree's last expression; false if there is none. Registers declarations and definitions.
bool sdp_resolve(sdp_terms *w, const sdp_tree *tree);
// Shapes of all terms from the shapes of the variables; false on the first contradiction (w->bad ...).
bool sdp_shapes(sdp_terms *w);
// Chooses the shapes of variables that were not declared; fails with SD_ERR_SHAPE.
void sdp_infer(sdp_terms *w, sdp_known_shape known, void *data);
sdp_id sdp_lower(sdp_terms *w);

bool sdp_is_scalar(sdp_shape s);
sdp_dim sdp_term_dim(sdp_terms *w, uint32_t t);         // a size expression as a dimension
_Noreturn void sdp_term_fail(sdp_terms *w, uint32_t t, sd_status code, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void sdp_declare_statement(sdp_graph *g, const sdp_tree *tree, const sdp_syntax *s);

#endif
