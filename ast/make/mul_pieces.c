// SPDX-License-Identifier: MIT
// A slice of a concatenation: [a; b][1:n] is a. The concatenation is a sum of terms, each placed along the
// axis by a SEL; the slice is taken piece by piece, and most of them vanish.
//
// A gradient by n blocks takes n slices of one sum of n pieces. So the layout of the sum last asked for is
// kept: which piece a SEL places. If the pieces stand end to end, a slice that is one of their SELs meets
// those pieces alone.
#include <string.h>

#include "ast/make/mul.h"

struct sdp_layout {
    sdp_id sum;
    int axis;
    bool placed, apart; // is every term placed along the axis? do the places have no index in common?
    uint32_t n;
    sdp_id *sel;          // of each term
    uint32_t *next;       // the term after this with the same SEL, + 1
    uint32_t *table, cap; // by SEL: its first term + 1
    uint32_t room;
};

static const sdp_node *node_of(const sdp_graph *g, sdp_id id) { return g->node[id]; }

// The SEL that places the term along this axis, or 0.
static sdp_id placed_by(const sdp_graph *g, sdp_id term, int axis)
{
    const sdp_node *n = node_of(g, term);
    if (n->kind == SDP_SEL) return axis == 0 ? term : 0;
    if (n->kind != SDP_MUL) return 0;
    uint8_t l = sdp_labels(g, n, n->nargs)[axis];
    const uint8_t *label = n->label;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *f = node_of(g, n->arg[i]);
        if (f->kind == SDP_SEL && label[0] == l) return n->arg[i];
        label += f->order;
    }
    return 0;
}

// eye(n), of which a slice is as simple
static bool is_identity(const sdp_node *n)
{
    return n->kind == SDP_MUL && n->nargs == 0 && n->order == 2 && n->nlabels == 1;
}

static uint32_t *slot(struct sdp_layout *y, sdp_id sel)
{
    uint32_t h = sdp_hash(&sel, sizeof sel, 19);
    while (y->table[h & (y->cap - 1)] && y->sel[y->table[h & (y->cap - 1)] - 1] != sel) h++;
    return &y->table[h & (y->cap - 1)];
}

static sdp_dim length(const sdp_node *sel)
{
    return sel->order == 1 ? SDP_DIM_ONE : sdp_is_slice(sel) ? sel->dim[1] : SDP_DIM_NONE;
}

// From index 0 on, each piece begins where one ends: then no two have an index in common.
static bool end_to_end(sdp_graph *g, struct sdp_layout *y)
{
    uint32_t distinct = 0, cap = y->cap, *at = sdp_scratch(&g->base, cap * sizeof *at); // by offset: term + 1
    for (uint32_t i = 0; i < y->n; i++) {
        const sdp_node *s = node_of(g, y->sel[i]);
        if (*slot(y, y->sel[i]) != i + 1) continue; // not the first of its SEL
        sdp_dim offset = sdp_offset(s);
        uint32_t h = sdp_hash(&offset, sizeof offset, 19);
        for (; at[h & (cap - 1)]; h++)
            if (sdp_offset(node_of(g, y->sel[at[h & (cap - 1)] - 1])) == offset) return false;
        at[h & (cap - 1)] = i + 1;
        distinct++;
    }
    sdp_dim offset = sdp_dim_int(g, 0);
    for (uint32_t found = 0; found < distinct; found++) {
        uint32_t h = sdp_hash(&offset, sizeof offset, 19);
        while (at[h & (cap - 1)] && sdp_offset(node_of(g, y->sel[at[h & (cap - 1)] - 1])) != offset) h++;
        if (!at[h & (cap - 1)]) return false;
        sdp_dim d = length(node_of(g, y->sel[at[h & (cap - 1)] - 1]));
        if (d == SDP_DIM_NONE) return false;
        offset = sdp_dim_add(g, offset, d);
    }
    return true;
}

static void reserve(sdp_graph *g, struct sdp_layout *y, uint32_t n)
{
    if (n <= y->room) return;
    uint32_t room = 64;
    while (room < n) room *= 2;
    y->sel = sdp_realloc(&g->base, y->sel, room * sizeof *y->sel);
    y->next = sdp_realloc(&g->base, y->next, room * sizeof *y->next);
    y->table = sdp_realloc(&g->base, y->table, 2 * room * sizeof *y->table);
    y->room = room;
}

static struct sdp_layout *layout_of(sdp_graph *g, sdp_id sum, int axis)
{
    if (!g->layout) g->layout = sdp_alloc(&g->base, sizeof *g->layout);
    struct sdp_layout *y = g->layout;
    const sdp_node *n = node_of(g, sum);
    if (y->sum == sum && y->axis == axis) return y;
    y->sum = 0; // not valid while it is made
    reserve(g, y, n->nargs);
    y->n = n->nargs;
    y->placed = true;
    bool identity = false;
    for (uint32_t i = 0; y->placed && i < n->nargs; i++) {
        y->sel[i] = placed_by(g, n->arg[i], axis);
        if (!y->sel[i]) identity = y->placed = is_identity(node_of(g, n->arg[i]));
    }
    y->apart = false;
    if (y->placed && !identity) {
        y->cap = 2 * y->room;
        memset(y->table, 0, y->cap * sizeof *y->table);
        for (uint32_t i = n->nargs; i-- > 0;) {
            uint32_t *first = slot(y, y->sel[i]);
            y->next[i] = *first;
            *first = i + 1;
        }
        sdp_mark m = sdp_scratch_mark(&g->base);
        y->apart = end_to_end(g, y);
        sdp_scratch_release(&g->base, m);
    }
    y->sum = sum;
    y->axis = axis;
    return y;
}

// The product with term k of the sum in its place.
static sdp_id part(mul_work *w, uint32_t j, sdp_id term)
{
    mul_work *p = sdp_scratch(&w->g->base, sizeof *p);
    *p = *w;
    p->f = sdp_scratch(&w->g->base, w->cap * sizeof *p->f);
    memcpy(p->f, w->f, w->n * sizeof *p->f);
    p->f[j].node = term;
    return sdp_mul_finish(p);
}

static sdp_id take_pieces(mul_work *w, uint32_t j, sdp_id slice, struct sdp_layout *y)
{
    sdp_graph *g = w->g;
    const sdp_node *sum = node_of(g, w->f[j].node);
    uint32_t n = 0, *which = sdp_scratch(&g->base, sum->nargs * sizeof *which);
    uint32_t first = y->apart ? *slot(y, slice) : 0;
    for (uint32_t k = first; k; k = y->next[k - 1]) which[n++] = k - 1;
    for (uint32_t k = 0; !first && k < sum->nargs; k++) which[n++] = k;
    // the layout may become that of another sum from here on
    sdp_id *term = sdp_scratch(&g->base, n * sizeof *term);
    sdp_num *coef = sdp_scratch(&g->base, n * sizeof *coef);
    for (uint32_t k = 0; k < n; k++) {
        coef[k] = sum->coef[which[k]];
        term[k] = part(w, j, sum->arg[which[k]]);
    }
    return sdp_add(g, n, coef, term);
}

sdp_id sdp_mul_select_pieces(mul_work *w)
{
    sdp_graph *g = w->g;
    for (uint32_t i = 0; i < w->n; i++) {
        if (node_of(g, w->f[i].node)->kind != SDP_SEL || sdp_order(g, w->f[i].node) > 2) continue;
        uint8_t l = w->f[i].label[0];
        for (uint32_t j = 0; j < w->n; j++) {
            const sdp_node *sum = node_of(g, w->f[j].node);
            const uint8_t *at = sum->kind == SDP_ADD && w->f[j].exponent == SDP_ID_ONE
                                    ? memchr(w->f[j].label, l, sum->order)
                                    : NULL;
            struct sdp_layout *y = at ? layout_of(g, w->f[j].node, (int)(at - w->f[j].label)) : NULL;
            if (y && y->placed) return take_pieces(w, j, w->f[i].node, y);
        }
    }
    return 0;
}
