// SPDX-License-Identifier: MIT
// Terms to nodes: subscripts and brackets.
//
// A subscript is a one-hot or slice factor of an einsum: A[2,:] is sum_i e_2(i) A(i,j). A bracket is the sum
// of its pieces, each multiplied by the slices that place it in the whole. Entries: sdp_lowering_index,
// sdp_lowering_bracket, sdp_lowering_row.
#include "ast/surface/lower.h"

// The effect of a subscript on axis `label`: a one-hot or slice factor, or no factor for ':'.
typedef struct {
    sdp_id factor;
    uint8_t label[2];
    int nlabels, out;
} pick;

static pick subscript(lowering *l, uint32_t s, sdp_dim n, uint8_t label, uint8_t fresh)
{
    const sdp_term *t = &l->w->t[s];
    pick p = {0, {label, fresh}, 0, label};
    if (t->kind == SYN_COLON) return p;
    bool range = t->kind == SYN_CALL && t->op == SDP_OP_range;
    sdp_dim first = sdp_term_dim(l->w, range ? t->arg[0] : s),
            last = sdp_term_dim(l->w, range ? t->arg[1] : s);
    if (sdp_dim_exceeds(l->g, SDP_DIM_ONE, first) || sdp_dim_exceeds(l->g, last, n))
        sdp_term_fail(l->w, s, SD_ERR_SHAPE, "subscripts count from 1", "the subscript is outside 1..%s",
                      sdp_dim_text(l->g, n));
    if (sdp_dim_exceeds(l->g, first, last))
        sdp_term_fail(l->w, s, SD_ERR_SHAPE, "a range counts upwards, 2:5, both ends included",
                      "the range %s:%s is empty", sdp_dim_text(l->g, first), sdp_dim_text(l->g, last));
    sdp_dim from = sdp_dim_add(l->g, first, sdp_dim_int(l->g, -1));
    sdp_dim length = sdp_dim_add(l->g, last, sdp_dim_neg(l->g, from));
    if (length == n) return p; // x[1:n]
    if (length == SDP_DIM_ONE) return (pick){sdp_sel(l->g, 1, &n, &from), {label}, 1, -1};
    return (pick){sdp_sel(l->g, 2, (sdp_dim[]){n, length}, (sdp_dim[]){from, SDP_DIM_ONE}),
                  {label, fresh},
                  2,
                  fresh};
}

sdp_id sdp_lowering_index(lowering *l, const sdp_term *t)
{
    sdp_id factor[3] = {node(l, t, 0)};
    const sdp_node *x = sdp_get(l->g, factor[0]);
    uint8_t label[8] = {0, 1}, out[2];
    uint32_t n = 1, at = x->order;
    int order = 0;
    for (int k = 0; k < x->order; k++) {
        bool whole = k && t->nargs == 2; // the rows of X[0], in NumPy
        pick p = whole ? (pick){0, {(uint8_t)k}, 0, k}
                       : subscript(l, t->arg[1 + k], x->dim[k], (uint8_t)k, (uint8_t)(2 + k));
        if (p.factor) factor[n++] = p.factor;
        for (int i = 0; i < p.nlabels; i++) label[at++] = p.label[i];
        if (p.out >= 0) out[order++] = (uint8_t)p.out;
    }
    return sdp_mul(l->g, SDP_NUM_ONE, n, factor, label, order, out, NULL);
}

// Puts a piece at `offset` along an axis of size n: the piece's rows (or columns) meet a slice factor.
static sdp_id place(lowering *l, sdp_id piece, sdp_shape s, sdp_shape whole, sdp_dim offset, bool rows)
{
    enum { R, C, N };
    sdp_graph *g = l->g;
    sdp_dim n = rows ? whole.rows : whole.cols, length = rows ? s.rows : s.cols;
    uint8_t label[4], out[2];
    uint32_t at = 0;
    int order = 0;
    if (length == n) return piece;
    if (s.rows != SDP_DIM_ONE) label[at++] = R;
    if (s.cols != SDP_DIM_ONE) label[at++] = C;
    label[at++] = N;
    if (length != SDP_DIM_ONE) label[at++] = rows ? R : C;
    if (whole.rows != SDP_DIM_ONE) out[order++] = rows ? N : R;
    if (whole.cols != SDP_DIM_ONE) out[order++] = rows ? C : N;
    sdp_id sel = length == SDP_DIM_ONE
                     ? sdp_sel(g, 1, &n, &offset)
                     : sdp_sel(g, 2, (sdp_dim[]){n, length}, (sdp_dim[]){offset, SDP_DIM_ONE});
    return sdp_mul(g, SDP_NUM_ONE, 2, (sdp_id[]){piece, sel}, label, order, out, NULL);
}

typedef struct {
    sdp_id *piece;
    uint32_t n;
} pieces;

// The pieces of a row, or of a column whose parts may be rows: each is placed in the whole by itself.
static void put_pieces(lowering *l, const sdp_term *t, bool rows, pieces *p)
{
    sdp_dim offset = sdp_dim_int(l->g, 0);
    for (uint32_t i = 0; i < t->nargs; i++) {
        const sdp_term *a = arg(l, t, i);
        uint32_t from = p->n;
        if (rows && a->kind == SYN_CALL && a->op == SDP_OP_row) put_pieces(l, a, false, p);
        else p->piece[p->n++] = node(l, t, i);
        for (; from < p->n; from++)
            p->piece[from] = place(l, p->piece[from], a->shape, t->shape, offset, rows);
        offset = sdp_dim_add(l->g, offset, rows ? a->shape.rows : a->shape.cols);
    }
}

static sdp_id concatenate(lowering *l, const sdp_term *t, bool rows)
{
    sdp_graph *g = l->g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t most = t->nargs;
    for (uint32_t i = 0; i < t->nargs; i++) most += arg(l, t, i)->nargs;
    pieces p = {sdp_scratch(&g->base, most * sizeof *p.piece), 0};
    put_pieces(l, t, rows, &p);
    sdp_num *one = sdp_scratch(&g->base, p.n * sizeof *one);
    for (uint32_t i = 0; i < p.n; i++) one[i] = SDP_NUM_ONE;
    sdp_id sum = sdp_add(g, p.n, one, p.piece);
    sdp_scratch_release(&g->base, m);
    return sum;
}

sdp_id sdp_lowering_bracket(lowering *l, const sdp_term *t) { return concatenate(l, t, true); }
sdp_id sdp_lowering_row(lowering *l, const sdp_term *t) { return concatenate(l, t, false); }
// read by subscript()
sdp_id sdp_lowering_range(lowering *l, const sdp_term *t) { return (void)l, (void)t, SDP_ID_ONE; }
