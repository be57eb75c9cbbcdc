// SPDX-License-Identifier: MIT
// Inside sums.c and subscript.c: the pass from indices of sums to the language of entries.
#ifndef SDP_SUMS_H
#define SDP_SUMS_H

#include <stdlib.h>
#include <string.h>

#include "ast/surface/terms.h"

typedef struct {
    const char *name;
    sdp_syn owner;   // node of the old tree that binds it
    bool has_low;    // a lower bound is given, as a number
    long low, least; // of that bound; the smallest shift that is used
} binding;

// The largest shift with which an index stands behind a name: x_{i+1} beside x_i. So
// far does x reach beyond the index.
typedef struct {
    uint32_t index;
    const char *base;
    long most;
} reach;

typedef struct {
    sdp_graph *g;
    const sdp_tree *in;
    sdp_tree *out;
    uint32_t *parent; // by old node: number + 1; 0: none, or not used
    bool *used;
    sdp_syn *map; // by old node
    binding *at;
    uint32_t n, cap;
    uint32_t *first; // by old node: 1 + first binding it owns
    reach *reach;
    uint32_t nreach, reach_cap;
    bool *bars;           // by old node: |..| of entries
    sdp_interned defined; // statements that define a name
    bool *dead;           // by old node: part of a subscript or range that is read as a whole
} pass;

static inline const sdp_syntax *node(const pass *p, sdp_syn i) { return &p->in->node[i]; }
static inline bool is_call(const sdp_syntax *s, const char *text)
{
    return s->kind == SYN_CALL && !strcmp(s->text, text);
}

static inline bool is_binding(const sdp_syntax *s)
{
    return s->kind == SYN_CALL && !strncmp(s->text, "bind_", 5);
}

static inline _Noreturn void fail(pass *p, sdp_span at, const char *hint, const char *message)
{
    p->g->base.source = p->in->source;
    p->g->base.source_name = p->in->source_name;
    sdp_fail(&p->g->base, SD_ERR_NAME, at, hint, "%s", message);
}

static inline sdp_syn make(pass *p, const sdp_syntax *like, uint32_t nargs, const sdp_syn *arg)
{
    return sdp_tree_node(&p->g->base, p->out, like, nargs, arg);
}

static inline sdp_syn call(pass *p, const char *text, const sdp_syntax *at, uint32_t nargs,
                           const sdp_syn *arg)
{
    return make(p, &(sdp_syntax){.kind = SYN_CALL, .text = text, .op = at->op, .span = at->span}, nargs, arg);
}

static inline sdp_syn name(pass *p, const char *text, const sdp_syntax *at)
{
    return make(p, &(sdp_syntax){.kind = SYN_NAME, .text = text, .op = at->span, .span = at->span}, 0, NULL);
}

static inline sdp_syn number(pass *p, long v, const sdp_syntax *at)
{
    sdp_syn n = make(p,
                     &(sdp_syntax){.kind = SYN_NUMBER,
                                   .text = sdp_printf(&p->g->base, "%ld", labs(v)),
                                   .op = at->span,
                                   .span = at->span},
                     0, NULL);
    return v < 0 ? call(p, "neg", at, 1, &n) : n;
}

// a + v
static inline sdp_syn plus(pass *p, sdp_syn a, long v, const sdp_syntax *at)
{
    if (!v) return a;
    sdp_syn b = number(p, labs(v), at);
    return call(p, v < 0 ? "-" : "+", at, 2, (sdp_syn[]){a, b});
}

static inline bool is_number(const sdp_syntax *s, long *v)
{
    char *end;
    if (s->kind != SYN_NUMBER) return false;
    *v = strtol(s->text, &end, 10);
    return *end == 0 && *v < 1000000;
}

// Where index b begins to count: entry 1 of the new index is entry start(b) of the old one.
static inline long start(const binding *b) { return b->has_low ? b->low : 1 - b->least; }

// sums.c: the innermost binding of a name of n bytes at node i, NULL if the name is no index there
binding *sdp_sums_find(pass *p, sdp_syn i, const char *text, size_t n);

// subscript.c
void sdp_sums_definitions(pass *p);     // notes what the text defines
void sdp_sums_shifts(pass *p);          // notes how far indices are shifted
void sdp_sums_word(pass *p, sdp_syn i); // a NAME: itself, or x_i
// x[i+1], X[i,:]; false: plain indices, or something else, which indexed.c reads
bool sdp_sums_subscripts(pass *p, sdp_syn i);
bool sdp_sums_is_subscript(pass *p, sdp_syn i); // would they be read so?
// x_i, A_ij: how many bytes are the name; the indices. 0: the word is a name.
size_t sdp_sums_subscripted(pass *p, sdp_syn i, binding **index, uint32_t *n);

#endif
