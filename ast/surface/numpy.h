// SPDX-License-Identifier: MIT
// Inside numpy*.c and einsum.c: the state of the pass from what a text of NumPy says to the language.
#ifndef SDP_NUMPY_H
#define SDP_NUMPY_H

#include <string.h>

#include "ast/surface/hand.h"

typedef enum {
    MAP,
    PLAIN,
    REDUCE,
    VAR,
    ALONG,
    NORM,
    SIZE,
    INNER,
    OUTER,
    ARRAY,
    PART,
    FLATTEN,
    STEP,
    SHAPE,
    JOIN,
    RESHAPE,
    EINSUM
} form;
typedef struct {
    const char *text;
    form form;
    uint8_t min, max;
} meaning;

typedef struct {
    hand h;
    const sdp_tree *in;
    bool *used; // by node: does it become a node of the new tree?
} numpy;

static inline const sdp_syntax *at(const numpy *q, sdp_syn i) { return &q->in->node[i]; }
static inline bool is(const sdp_syntax *s, const char *text)
{
    return s->kind == SYN_CALL && !strcmp(s->text, text);
}
static inline bool is_word(const sdp_syntax *s, const char *text)
{
    return s->kind == SYN_NAME && !strcmp(s->text, text);
}
static inline bool is_none(const sdp_syntax *s)
{
    return is_word(s, "None") || is_word(s, "np.newaxis") || is_word(s, "jnp.newaxis");
}

static inline const char *last_part(const char *name) // sum of np.sum
{
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

static inline _Noreturn void fail(numpy *q, sdp_span span, const char *hint, const char *message)
{
    sdp_hand_fail(&q->h, span, hint, message);
}
static inline sdp_syn mapped(const numpy *q, sdp_syn i) { return q->h.map[i]; }

// einsum.c
sdp_syn sdp_numpy_einsum(numpy *q, const sdp_syntax *s, const sdp_syntax *format, uint32_t n,
                         const sdp_syn *array);

// numpy_name.c
bool sdp_numpy_find(const char *name, meaning *m); // of np.sum, sum or .sum; false: unknown
_Noreturn void sdp_numpy_unknown(numpy *q, const sdp_syntax *s);
bool sdp_numpy_is_own(numpy *q, const char *name);             // a function of the user's
bool sdp_numpy_is_called(const numpy *q, const sdp_syntax *s); // is s a call of a name or method?

// numpy_call.c
const char *sdp_numpy_axis(numpy *q, sdp_syn i); // NULL: None
sdp_syn sdp_numpy_function(numpy *q, const sdp_syntax *s);
sdp_syn sdp_numpy_call(numpy *q, const sdp_syntax *like, const char *text, uint32_t n, const sdp_syn *arg);
sdp_syn sdp_numpy_leaf(numpy *q, sdp_syn_kind kind, sdp_span span, const char *text);

#endif
