// SPDX-License-Identifier: MIT
// The rules by which the label network of an einsum shrinks: each takes a vertex
// or an edge away, or does nothing.
//
//   one-hot or slice on a bound vertex    everything at the vertex is indexed:   X[:,3], x[2:5]
//   bound vertex, marks only              inner product or sum:                  x'*(y.*z), sum(x)
//   bound vertex, one edge                matrix times vector:                   A*(x.*y); no marks: sum(A,2)
//   parallel edges                        Hadamard product; closed: trace        A.*B, tr(A'*B)
//   bound vertex, two edges               matrix product:                        A*diag(x)*B
//   an edge from a vertex to itself       diag(A), or tr(A)
//
// mul.c says what vertices, edges and marks are; bound: summed, not an output. Entry: sdp_net_reduce.
#include <string.h>

#include "codegen/raise/net.h"

bool sdp_net_bound(const sdp_net *w, uint8_t v) { return sdp_net_summed(w, v) && !sdp_net_pairings(w, v); }

// ---- reductions: each returns whether it did something ----------------------------------------------------
// A selection of entries along an axis; sub 0: all of them, reversed
static sdp_rid selected(sdp_net *w, sdp_rid t, int axis, sdp_rid sub)
{
    return sub ? sdp_r_subscript(w->r, t, axis, sub) : sdp_r_flip(w->r, t, axis);
}

// x[k]: a one-hot mark or slice on a bound vertex indexes all that stands there; so does a reversal.
static bool index_vertex(sdp_net *w, uint8_t v, sdp_rid sub, uint8_t to)
{
    for (uint32_t i = 0; i < w->ne; i++) { // both sides of A[k,k] are meant: diag(A)[k]
        sdp_edge *e = &w->e[i];
        if (e->u != v || e->v != v) continue;
        e->u = SDP_GONE;
        sdp_net_mark(w, sdp_r_show1(w->r, SDP_S_DIAG_OF, SDP_COLUMN, e->t), v);
    }
    for (uint32_t i = 0; i < w->nm; i++) {
        if (w->m[i].u != v) continue;
        sdp_rid t = selected(w, w->m[i].t, 0, sub);
        w->m[i].t = t;
        w->m[i].u = to;
        if (to != SDP_GONE) continue;
        sdp_rlist_push(w->r, &w->bag.num, t);
        w->m[i--] = w->m[--w->nm];
    }
    for (uint32_t i = 0; i < w->ne; i++) {
        sdp_edge *e = &w->e[i];
        if (e->u == SDP_GONE || (e->u != v && e->v != v)) continue;
        int axis = e->u != v;
        sdp_rid t = selected(w, e->t, axis, sub);
        if (to == SDP_GONE) { // a row as a column
            w->m[w->nm++] =
                (sdp_spot){.t = axis == 0 ? sdp_r_transpose(w->r, t) : t, .u = sdp_net_other(e, v)};
            e->u = SDP_GONE;
        } else {
            e->t = t;
            e->is_slice = e->is_flip = false; // its rows are no longer those of a vertex
            if (axis == 0) e->u = to;
            else e->v = to;
        }
    }
    return true;
}

static bool select(sdp_net *w)
{
    for (uint32_t i = 0; i < w->nm; i++) {
        sdp_spot hot = w->m[i];
        if (!hot.hot || !sdp_net_bound(w, hot.u)) continue;
        w->m[i] = w->m[--w->nm];
        return index_vertex(w, hot.u, sdp_r_subrange(w->r, hot.at, SDP_DIM_NONE), SDP_GONE);
    }
    for (uint32_t i = 0; i < w->ne; i++) {
        sdp_edge s = w->e[i];
        if (s.u == SDP_GONE || !s.is_slice || !sdp_net_bound(w, s.u) || s.u == s.v) continue;
        w->e[i].u = SDP_GONE;
        return index_vertex(w, s.u, sdp_r_subrange(w->r, s.slice, w->ldim[s.v]), s.v);
    }
    for (uint32_t i = 0; i < w->ne; i++) {
        sdp_edge s = w->e[i];
        bool first = sdp_net_bound(w, s.u), either = first || sdp_net_bound(w, s.v);
        if (s.u == SDP_GONE || !s.is_flip || s.u == s.v || !either) continue;
        w->e[i].u = SDP_GONE;
        return first ? index_vertex(w, s.u, 0, s.v) : index_vertex(w, s.v, 0, s.u);
    }
    return false;
}

static bool close_loop(sdp_net *w)
{
    uint32_t at[2];
    for (uint32_t i = 0; i < w->ne; i++) {
        sdp_edge e = w->e[i];
        if (e.u == SDP_GONE || e.u != e.v) continue;
        bool alone = sdp_net_bound(w, e.u) && sdp_net_degree(w, e.u, at) == 2 && sdp_net_marks(w, e.u) == 0;
        w->e[i].u = SDP_GONE;
        const sdp_raised *t = sdp_r(w->r, e.t);
        if (t->kind == SDP_R_TRANS) e.t = t->arg[0];
        if (alone) sdp_rlist_push(w->r, &w->bag.num, sdp_r_show1(w->r, SDP_S_TR, SDP_SCALAR, e.t));
        else sdp_net_mark(w, sdp_r_diagonal_of(w->r, e.t), e.u);
        return true;
    }
    return false;
}

// The inner product of all marks of a bound vertex without edges.
static sdp_rid dot(sdp_net *w, uint8_t v)
{
    sdp_raiser *r = w->r;
    sdp_rlist up = {0}, rest = {0};
    for (uint32_t i = 0; i < w->nm; i++)
        if (w->m[i].u == v) sdp_rlist_push(r, &up, w->m[i].t);
    sdp_rid all = sdp_net_gather(w, v);
    if (up.n == 1 && sdp_r(r, all)->kind != SDP_R_HAD) return sdp_r_total(r, all);
    const sdp_raised *h = sdp_r(r, all);
    uint32_t lead = UINT32_MAX; // a matrix product leads: (A*x)'*y is x'*A'*y; else the first factor
    for (uint32_t i = 0; i < h->split; i++)
        if (sdp_r(r, h->arg[i])->kind == SDP_R_PROD && lead == UINT32_MAX) lead = i;
    if (lead == UINT32_MAX) lead = 0;
    if (h->split < 2) return sdp_r_total(r, all);
    for (uint32_t i = 0; i < h->nargs; i++) {
        if (i == lead) continue;
        sdp_rid x = h->arg[i];
        if (i >= h->split)
            x = sdp_r_make(
                r, (sdp_raised){.kind = SDP_R_HAD, .form = SDP_COLUMN, .nargs = 1, .split = 0, .arg = &x});
        sdp_rlist_push(r, &rest, x);
    }
    return sdp_r_inner(r, h->arg[lead], sdp_r_hadamard(r, rest.n, rest.at));
}

// In code a slice of an identity is never made: what is multiplied by it is placed among zeros. v: the end
// with fewer entries.
static bool is_placing(const sdp_net *w, const sdp_edge *e, uint8_t v)
{
    return e->is_slice && e->v == v && !w->r->says;
}

static sdp_rid placed(sdp_net *w, const sdp_edge *e, sdp_rid t, sdp_dim cols)
{
    sdp_dim at[2] = {e->slice, w->ldim[e->v]};
    return sdp_r_placed(w->r, t, at, w->ldim[e->u], cols);
}

static sdp_rid ones(sdp_net *w, uint8_t v)
{
    return sdp_r_show1(w->r, SDP_S_ONES, SDP_COLUMN, sdp_r_dim(w->r, w->ldim[v]));
}

// Bound vertices with no edge, or with one. sums: also with one that has no
// marks, by a sum of rows or columns
static bool absorb(sdp_net *w, bool sums)
{
    uint32_t at[2];
    for (int edges = 0; edges < 2; edges++) {
        for (uint8_t v = 0; v < w->nlabels; v++) {
            if (!sdp_net_bound(w, v) || sdp_net_degree(w, v, at) != (uint32_t)edges) continue;
            uint32_t marks = sdp_net_marks(w, v);
            if (edges == 0) {
                if (!marks) continue;
                sdp_rlist_push(w->r, &w->bag.num, dot(w, v));
                return true;
            }
            sdp_edge e = w->e[at[0]];
            uint8_t u = sdp_net_other(&e, v);
            uint32_t ends[2];
            bool whole =
                !marks && sdp_net_bound(w, u) && sdp_net_degree(w, u, ends) == 1 && sdp_net_marks(w, u) == 0;
            if (!marks && !whole && !sums) continue;
            w->e[at[0]].u = SDP_GONE;
            if (whole) {
                sdp_rlist_push(w->r, &w->bag.num, sdp_r_total(w->r, e.t));
                return true;
            }
            sdp_rid x = sdp_net_gather(w, v), t = sdp_net_from(w, &e, u);
            if (is_placing(w, &e, v)) sdp_net_mark(w, placed(w, &e, x ? x : ones(w, v), SDP_DIM_ONE), u);
            else if (!x) sdp_net_mark(w, sdp_r_row_sums(w->r, t), u);
            else if (sdp_r_is_lower_ones(w->r, t))
                sdp_net_mark(w, sdp_r_show1(w->r, SDP_S_CUMSUM, SDP_COLUMN, x), u);
            else sdp_net_mark(w, sdp_r_product(w->r, t, x), u);
            return true;
        }
    }
    return false;
}

// The entries of A.*B summed over the columns as diag(A*B'), from both sides, if
// that is clearly shorter; 0 if not.
static sdp_rid diagonal_chain(sdp_net *w, const sdp_edge *a, const sdp_edge *b, uint8_t u, uint32_t entries)
{
    sdp_raiser *r = w->r;
    uint8_t v = sdp_net_other(a, u);
    sdp_rid ab = sdp_r_chain(r, sdp_net_from(w, a, u), sdp_net_from(w, b, v)),
            ba = sdp_r_chain(r, sdp_net_from(w, b, u), sdp_net_from(w, a, v));
    uint32_t x = sdp_r(r, ab)->tokens, y = sdp_r(r, ba)->tokens;
    bool aligned = a->u == b->u;
    if (aligned && (x < y ? x : y) + 4 >= entries + 5) return 0;
    return y < x ? ba : ab;
}

// Two edges between the same vertices.
static void merge(sdp_net *w, uint32_t i, uint32_t j)
{
    sdp_raiser *r = w->r;
    uint32_t at[2];
    sdp_edge a = w->e[i], b = w->e[j];
    bool had = sdp_r(r, a.t)->kind == SDP_R_HAD || sdp_r(r, b.t)->kind == SDP_R_HAD ||
               sdp_r_mask(r, a.t, b.t) || sdp_r_mask(r, b.t, a.t);
    bool free_u = sdp_net_bound(w, a.u) && sdp_net_degree(w, a.u, at) == 2 && !sdp_net_marks(w, a.u),
         free_v = sdp_net_bound(w, a.v) && sdp_net_degree(w, a.v, at) == 2 && !sdp_net_marks(w, a.v);
    w->e[i].u = w->e[j].u = SDP_GONE;
    if (free_u && free_v && !had) { // closed
        sdp_rlist_push(r, &w->bag.num,
                       sdp_r_trace(r, sdp_r_product(r, sdp_net_from(w, &a, a.v), sdp_net_from(w, &b, a.u))));
        return;
    }
    sdp_rid x = sdp_r_entrywise(r, a.t, sdp_net_from(w, &b, a.u)),
            y = sdp_r_entrywise(r, sdp_net_from(w, &a, a.v), sdp_net_from(w, &b, a.v));
    bool swap = sdp_r(r, y)->tokens < sdp_r(r, x)->tokens;
    uint8_t u = free_v ? a.u : a.v;
    // code makes no product of which it needs the diagonal alone
    bool diagonal = (free_u || free_v) && !had && r->says;
    sdp_rid chain = diagonal ? diagonal_chain(w, &a, &b, u, sdp_r(r, swap ? y : x)->tokens) : 0;
    if (chain) sdp_net_mark(w, sdp_r_show1(r, SDP_S_DIAG_OF, SDP_COLUMN, chain), u);
    else w->e[i] = (sdp_edge){.t = swap ? y : x, .u = swap ? a.v : a.u, .v = swap ? a.u : a.v};
}

static bool merge_parallel(sdp_net *w)
{
    for (uint32_t i = 0; i < w->ne; i++)
        for (uint32_t j = i + 1; j < w->ne; j++) {
            sdp_edge a = w->e[i], b = w->e[j];
            if (a.u == SDP_GONE || b.u == SDP_GONE || a.u == a.v ||
                !((a.u == b.u && a.v == b.v) || (a.u == b.v && a.v == b.u)))
                continue;
            merge(w, i, j);
            return true;
        }
    return false;
}

// E*diag(x)*B where E is a slice, on one side or both: B, its rows scaled, among rows of zeros. 0 if neither
// is one; x may be 0.
static sdp_rid place(sdp_net *w, const sdp_edge *a, const sdp_edge *b, uint8_t v, sdp_rid x)
{
    sdp_raiser *r = w->r;
    bool first = is_placing(w, a, v), second = is_placing(w, b, v);
    if (!first && !second) return 0;
    if (!first) return sdp_r_transpose(r, place(w, b, a, v, x));
    uint8_t z = sdp_net_other(b, v);
    sdp_rid d = x ? sdp_r_show1(r, SDP_S_DIAG, SDP_MATRIX, x) : 0;
    if (!second)
        return placed(w, a, d ? sdp_r_chain(r, d, sdp_net_from(w, b, v)) : sdp_net_from(w, b, v), w->ldim[z]);
    if (!x) x = ones(w, v);
    if (a->slice == b->slice && w->ldim[a->u] == w->ldim[b->u])
        return sdp_r_show1(r, SDP_S_DIAG, SDP_MATRIX, placed(w, a, x, SDP_DIM_ONE));
    sdp_rid right = sdp_r_transpose(r, placed(w, b, sdp_r_show1(r, SDP_S_DIAG, SDP_MATRIX, x), w->ldim[v]));
    return placed(w, a, right, w->ldim[z]);
}

// A bound vertex between two edges: a matrix product, its marks a diagonal matrix between them.
static bool join(sdp_net *w)
{
    sdp_raiser *r = w->r;
    uint32_t at[2];
    for (uint8_t v = 0; v < w->nlabels; v++) {
        if (!sdp_net_bound(w, v) || sdp_net_degree(w, v, at) != 2 || w->e[at[0]].u == w->e[at[0]].v) continue;
        sdp_edge a = w->e[at[0]], b = w->e[at[1]];
        uint8_t u = sdp_net_other(&a, v), z = sdp_net_other(&b, v);
        if (u == z) continue;
        sdp_rid left = sdp_net_from(w, &a, u), right = sdp_net_from(w, &b, v), x = sdp_net_gather(w, v),
                t = place(w, &a, &b, v, x);
        if (t) {
            w->e[at[1]].u = SDP_GONE;
            w->e[at[0]] = (sdp_edge){.t = t, .u = u, .v = z};
            return true;
        }
        if (x) left = sdp_r_chain(r, left, sdp_r_show1(r, SDP_S_DIAG, SDP_MATRIX, x));
        w->e[at[1]].u = SDP_GONE;
        w->e[at[0]] = (sdp_edge){.t = sdp_r_chain(r, left, right), .u = u, .v = z};
        return true;
    }
    return false;
}

bool sdp_net_reduce(sdp_net *w)
{
    // a scalar is the sum of a whole chain, sum(A*B*x); elsewhere a matrix is summed first, A*sum(B,2)
    return select(w) || close_loop(w) || absorb(w, w->order > 0) || merge_parallel(w) || join(w) ||
           absorb(w, true) || sdp_net_pair(w);
}
