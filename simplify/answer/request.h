// SPDX-License-Identifier: MIT
// Between the files that answer requests: request.c (what is asked), derive.c (gradients to high orders),
// forms.c (answers simplified), taylor.c (directional derivatives of any order, differentials, Taylor
// polynomials) and freeze.c (their kinks).
#ifndef SDP_REQUEST_H
#define SDP_REQUEST_H

#include "simplify/answer/answer.h"

typedef struct {
    bool collected; // derivatives are simplified before they are differentiated again
    bool forward;   // those by scalars are taken in forward mode
} sdp_way;

// It is kept with its answers: what is read of them is made when somebody reads it (forms.c).
typedef struct sdp_request {
    sdp_graph *g;
    const sd_request *r; // a copy
    sd_expr expr;
    sdp_surface f;
    uint32_t n;
    sdp_id *wrt;
    uint32_t *var;
    bool *used; // variables of the expression, by index
    struct sd_result *out;
    uint32_t entries; // that out->entry has room for
    sdp_way way;      // to derivatives of higher order
    sdp_id *given;    // directions or points, read once
} sdp_request;

static inline bool sdp_is_row(sdp_shape s) { return s.rows == SDP_DIM_ONE && s.cols != SDP_DIM_ONE; }
static inline int value_order(const sdp_request *q) { return sdp_get(q->g, q->f.node)->order; }

sdp_way sdp_request_first_way(const sdp_request *q);        // forms.c
void sdp_request_keep(sdp_request *q, const sd_request *r); // with its texts
void sdp_request_answer(sdp_request *q);           // makes q->out, as differentiation leaves it. derive.c
void sdp_request_variables(sdp_request *q);        // finds those that the request names
void sdp_request_free_variables(sdp_request *q);   // constrained ones give way to their free copies
bool sdp_request_by_scalars(const sdp_request *q); // all of them are
// Does any of the q->n expressions contain a variable of differentiation?
bool sdp_request_moves(const sdp_request *q, const sdp_id *e);
_Noreturn void sdp_request_usage(const sdp_request *q, const char *hint, const char *message);
// Reads one expression of the given shape. A new name becomes a variable of that shape with these facts.
sdp_id sdp_request_direction(sdp_request *q, const char *text, size_t n, sdp_shape shape, uint32_t facts,
                             const char *what);
// Reads an expression for each variable, separated by commas outside brackets; new names get the
// variable's shape.
sdp_id *sdp_request_list(sdp_request *q, const char *text, bool points);
sdp_entry *sdp_request_entry(sdp_request *q, sdp_id node, uint32_t i, uint32_t j, const char *label);

// Functions at whose kink the point x0 lies, with an unknown for the side that is taken. freeze.c
typedef struct {
    sdp_graph *g;
    uint32_t count;
    const sdp_id *wrt, *x0;
    struct sdp_frozen *known;
    uint32_t n, cap;
    int many; // prod or det, 0 at the point, of more entries than can be multiplied out; 0: none
} sdp_freezer;
bool sdp_freeze(sdp_freezer *z, uint32_t n, sdp_id *root); // false: there are none
// a function whose side the value depends on; 0: none
int sdp_frozen_in(const sdp_freezer *z, sdp_id id);

void sdp_request_along(sdp_request *q);
void sdp_request_differential(sdp_request *q);
void sdp_request_taylor(sdp_request *q);

#endif
