// SPDX-License-Identifier: MIT
// Derivatives against differences, expressions against each other, at random points.
#ifndef SDP_CHECK_H
#define SDP_CHECK_H

#include "runtime/jit/jit.h"
#include "runtime/reference/reference.h"

// ---- numerical differentiation (check.c, point.c) ---------------------------------------------------------
typedef struct {
    int order;      // 1, 2, ...; HVP is 2
    bool along;     // entries are contracted with direction (JVP, HVP)
    bool cotangent; // entries are contracted with a cotangent (VJP)
    bool repeated;  // along: every order is contracted (a directional derivative)
    sdp_id value;   // what was differentiated
    uint32_t nwrt;
    const uint32_t *wrt;     // variables
    const sdp_id *direction; // [nwrt], or [1] for VJP
    const sd_data *data;     // may be NULL
    uint32_t nsizes;         // --size
    const uint32_t *size_atom;
    const long *size_value;
    unsigned seed;
    unsigned turn; // which of several assignments of sizes, 0 first
} sdp_check_request;
// The entry that moves with entry e of a variable with these facts and columns (0: no matrix): itself, its
// mirror image, or none (SIZE_MAX) if e may not move or was moved already. check.c
size_t sdp_moves_with(uint32_t facts, size_t cols, size_t e);
// The limit of quotients q[0], q[1], ... for h, h/2, ..., of which the last is
// given; its error estimate. limit.c
typedef struct {
    enum { SDP_EXISTS, SDP_GROWS, SDP_NO_LIMIT, SDP_NO_VALUE } fate;
    double value, error, last, h; // last: the quotient for the smallest h
} sdp_lim;
enum { SDP_LIM_STEPS = 11 };
#define SDP_KINK_TOLERANCE 1e-5 // of limits, relative
sdp_lim sdp_lim_of(const double *q, double h);
bool sdp_lim_is_near(const sdp_lim *l, double value, double scale);
bool sdp_lim_are_one(const sdp_lim *l, const sdp_lim *r, double scale);
// Fills not_differentiable, has_partials and note if the data is one point; base: what the answers are first
// derivatives of, one per wrt. kink_orders.c
void sdp_study_point(sdp_graph *g, const struct sd_result *r, const sdp_check_request *q, const sdp_id *base,
                     sd_check_report *out);
// The same of the first derivatives r of q->value alone, or of the one along q->direction; `of` follows their
// names in what is told. False: they are not its derivatives, which is told, or nothing was studied. kink.c
// entries of the variables, and derivatives by them; of more, nothing is studied
enum { SDP_MOST_STUDIED = 100, SDP_MOST_STUDIED_VALUES = 2000 };
// largest relative error; steps had to be shorter than `near`
typedef struct {
    double worst, near;
} sdp_found;
bool sdp_study(sdp_graph *g, const struct sd_result *r, const sdp_check_request *q, const char *of,
               sdp_found *found, sd_check_report *out);
void sdp_check(sdp_graph *g, const struct sd_result *r, const sdp_check_request *q, sd_check_report *out);

// ---- equality (equal.c) -----------------------------------------------------------------------------------
void sdp_equal(sdp_graph *g, sdp_surface a, sdp_surface b, unsigned seed, sd_equal_report *out);
// of the same axes; false: also if it is not decided
bool sdp_same_function(sdp_graph *g, sdp_id x, sdp_id y, unsigned seed, uint64_t work);
// How b, which is not a, is related to a: "a sign: the second is minus the first"; "" if it is in no way that
// is known. relation.c
void sdp_relation(sdp_graph *g, sdp_surface a, sdp_surface b, unsigned seed, char *text, size_t room);

// A point: sizes by atom, and for every input of the signature its numbers (scratch).
typedef struct {
    long *size;
    double **in;
    size_t *count;
} sdp_point;
// Returns the effect of rounding on the values of a node: the spread of a few evaluations with random errors
// (stochastic arithmetic). *size grows to the largest of them; there is none if there are more values than
// this. point.c
enum { SDP_MOST_INTERPRETED = 4096 };
double sdp_point_spread(sdp_graph *g, const sdp_signature *s, const sdp_point *p, sdp_id id, double *size);
// signed, positive, small positive, above 1, near 0; then negative; then scaled
enum { SDP_POINT_KINDS = 5, SDP_POINT_SCALES = 24 };
sdp_point sdp_point_sizes(sdp_graph *g, const sdp_signature *s, const sdp_check_request *q, long smallest);
void sdp_point_draw(sdp_graph *g, const sdp_signature *s, const sdp_check_request *q, int kind, sdp_point *p);
// Numbers at which something may happen: 0, 1, -1, 2 and those in the expressions. abs(x-1000) has its kink
// at 1000, where(x==3,x,0) is not 0 at 3.
enum { SDP_MOST_SPECIAL = 12 };
typedef struct {
    double largest, number[SDP_MOST_SPECIAL];
    int n;
} sdp_specials;
sdp_specials sdp_special_numbers(sdp_graph *g, uint32_t nroots, const sdp_id *root);
// Puts such numbers in the place of what was drawn, mixed if turn is odd, else all the same. What is
// given, or has other structure than zeros and symmetry, stays; and so do the variables marked in
// `kept`, by number, if it is not NULL.
void sdp_point_specialise(sdp_graph *g, const sdp_signature *s, const sdp_check_request *q,
                          const sdp_specials *numbers, unsigned turn, const bool *kept, sdp_point *p);

#endif
