// SPDX-License-Identifier: MIT
// The properties of an operator: the columns of its row in ops.def, and of its shape rule in shapes.def.
//
// Everything that depends on which function a node is stands in a column here, so that no other file has a
// list of
// functions. ops.def says what the kinds of rows are and fills them.
#ifndef SDP_OPERATOR_H
#define SDP_OPERATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    SDP_OP_MAP,   // element-wise; a row is enough
    SDP_OP_PRIM,  // a primitive, whose row names its functions
    SDP_OP_SUGAR, // defined by other nodes while lowering (A\b, mean, tr, vec, kron, ...)
    SDP_OP_FORM,  // defined by a formula: d[k-1] is its text with k arguments
    SDP_OP_CONST,
    SDP_OP_LATER, // known, refused by name
} sdp_op_kind;

// The range of a function: a set that holds all its values.
typedef enum {
    SDP_RANGE_real,
    SDP_RANGE_nonneg,
    SDP_RANGE_positive,
    SDP_RANGE_beyond, // 1 and more
    SDP_RANGE_above,  // more than -1
    SDP_RANGE_tail,   // between 0 and 2
    SDP_RANGE_angle,  // between -pi/2 and pi/2
    SDP_RANGE_unit,   // 0 to 1
    SDP_RANGE_ball,   // between -1 and 1
    SDP_RANGE_wave,   // -1 to 1
    SDP_RANGE_sign,   // -1, 0 or 1
    SDP_RANGE_bool,   // 0 or 1
    SDP_RANGE_integer,
    SDP_RANGES,
} sdp_range;
static inline bool sdp_range_is_discrete(sdp_range r) { return r >= SDP_RANGE_sign; }

// alternating: in an integer order, f(-n,x) = (-1)^n*f(n,x)
typedef enum { SDP_PARITY_none, SDP_PARITY_even, SDP_PARITY_odd, SDP_PARITY_alternating } sdp_parity;

// The shape rules, rows of shapes.def.
typedef enum {
#define RULE(id, ...) SDP_SHAPE_##id,
#include "ast/graph/shapes.def"
    SDP_SHAPES,
} sdp_shape_id;
enum {
    SDP_VALUE_OTHER,
    SDP_VALUE_AS_FIRST,
    SDP_VALUE_AS_THIRD,
    SDP_VALUE_TURNED,
    SDP_VALUE_REDUCED,
    SDP_VALUE_SCALAR
};
enum { SDP_GUESS_FIRST, SDP_GUESS_NUMBER, SDP_GUESS_TABLE, SDP_GUESS_MOST };
enum { SDP_NEUTRAL = 1, SDP_SQUARE = 2, SDP_ALONG = 4, SDP_ALL = 8, SDP_BOTH = 16 };
typedef struct {
    const char *name;
    uint8_t value, guess, traits;
} sdp_shape_rule;
extern const sdp_shape_rule sdp_shape_rules[SDP_SHAPES];

// If all arguments have the facts `all` and one has `any`, the value has what it
// `gives`. A list ends with gives 0.
typedef struct {
    uint32_t all, any, gives;
} sdp_implied;

// An order of x and y: the same of y and x (0: no order), the larger side, and
// whether it is said to be different
typedef struct {
    uint16_t mirrored;
    uint8_t larger;
    bool strict;
} sdp_ordering;

// A function that is `above` where the decider is positive and `below` where it is negative,
// as texts. NULL: no such function.
enum { SDP_TIE_neither, SDP_TIE_above, SDP_TIE_below, SDP_TIE_both };
typedef struct {
    const char *decider, *above, *below;
    uint8_t tie;
} sdp_sides;

// Curvature that the second derivative does not tell: 0, or SDP_IS_CONVEX, SDP_IS_CONCAVE, and in which
// arguments it increases.
enum { SDP_CURVE_any, SDP_CURVE_up, SDP_CURVE_size, SDP_CURVE_psd };
typedef struct {
    uint8_t bends, composes;
    const char *rule;
} sdp_bend;

// Degree halves/2 in all arguments together; a logarithm adds its units instead. Delicate: loses range.
typedef struct {
    bool is;
    int8_t halves;
    bool delicate, logarithm;
} sdp_homogeneous;

enum { SDP_SMOOTH_never, SDP_SMOOTH_always, SDP_SMOOTH_posdef };
enum { SDP_AT_ZERO_unknown, SDP_AT_ZERO_zero, SDP_AT_ZERO_one, SDP_AT_ZERO_half };

typedef struct {
    const char *word;  // the id, a word even of an operator
    const char *name;  // ASCII, what text prints
    const char *alias; // further names, separated by spaces; or NULL
    sdp_op_kind kind;
    int8_t min_args, max_args;
    uint8_t shape;  // sdp_shape_id; MAP: element-wise with broadcast
    uint8_t range;  // sdp_range
    uint8_t parity; // sdp_parity
    bool is_signed; // has the sign of its argument
    // of an order x >= 1 and y > 0: 1 the sign of (-1)^x, -1 the other one, 0 no sign is known
    int8_t alternates;
    uint8_t in_order;   // sdp_parity in a first argument that is an integer
    bool needs_entries; // PRIM: of no entries there is no value
    bool grows;         // as exp does
    bool named;         // an answer says it where the input does
    uint16_t work;      // MAP: operations of one value in the reference evaluator; 0: few
    uint8_t smooth;     // PRIM: SDP_SMOOTH_always, ...
    uint8_t at_zero;    // value at 0: sdp_at_zero
    sdp_homogeneous degree;
    sdp_sides sides;
    sdp_bend curve;
    uint16_t negated; // comparison of x and y: the one that holds where it does not; 0: no comparison
    sdp_ordering order;
    const char *d[3];         // MAP: derivative by each argument, in the language, arguments called x, y, z
    const char *open;         // a hint about arguments without a derivative, or NULL
    const char *reads;        // a note: which of several functions of the name it is, or NULL
    const char *inverse;      // MAP of one argument, one-to-one: x of the value, which is called x; or NULL
    const char *in_exp;       // MAP of one argument: as a sum of exponentials; or NULL
    const char *domain;       // condition for validity, in the language ("x>0"), or NULL
    const char *kink;         // where the derivative jumps and what is taken there, or NULL
    const sdp_implied *facts; // what else is known if the arguments have facts, or NULL
    const char *c;            // MAP, CONST: a C expression in x, y, z
    const char *doc;          // one line for the manual
} sdp_op;

// Ids: SDP_OP_exp, SDP_OP_add ... in table order.
enum {
    SDP_OP_none,
#define MAP(id, ...)   SDP_OP_##id,
#define FORM(id, ...)  SDP_OP_##id,
#define PRIM(id, ...)  SDP_OP_##id,
#define SUGAR(id, ...) SDP_OP_##id,
#define CONST(id, ...) SDP_OP_##id,
#define LATER(id, ...) SDP_OP_##id,
#include "ast/graph/ops.def"
    SDP_OP_COUNT
};
extern const sdp_op sdp_ops[SDP_OP_COUNT];
// May an axis be named, as in logsumexp(X,1)? Then the parameter of a primitive is a mask of axes.
static inline bool sdp_takes_axis(int op)
{
    return sdp_shape_rules[sdp_ops[op].shape].traits & (SDP_ALONG | SDP_ALL);
}
int sdp_at_zero(int op);                     // SDP_AT_ZERO_zero, ... of a function of one argument
int sdp_op_find(const char *name, size_t n); // by name or alias; 0 if there is none
int sdp_op_like(const char *name);           // the same for ReLU, Tr, log_2: another case or spelling

#endif
