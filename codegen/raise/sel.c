// SPDX-License-Identifier: MIT
// Selections raised: X[:,3], x[2:5], eye(n)[:,k]; sums of placed pieces to brackets [a, b; c, d].
//
// A piece of a bracket is a term with a selection on an output axis that no other factor meets: the
// selection says which rows (columns) it fills, the other factors what with. A sum is a bracket when its
// pieces tile the whole: rows first, columns within each block of rows. Gaps are zeros.
#include <string.h>

#include "codegen/raise/notation.h"

// ---- subscripts -------------------------------------------------------------------------------------------
sdp_rid sdp_r_subrange(sdp_raiser *r, sdp_dim offset, sdp_dim length)
{
    sdp_rid first = sdp_r_dim(r, sdp_dim_add(r->g, offset, SDP_DIM_ONE));
    if (!length) return first;
    sdp_rid range[2] = {first, sdp_r_dim(r, sdp_dim_add(r->g, offset, length))};
    return sdp_r_make(r, (sdp_raised){.kind = SDP_R_RANGE,
                                      .nargs = 2,
                                      .arg = range,
                                      .split = sdp_r_dim(r, offset),
                                      .den = sdp_r_dim(r, length)});
}

static sdp_rid index_node(sdp_raiser *r, sdp_rid base, uint8_t form, uint32_t n, const sdp_rid *sub)
{
    sdp_rid arg[3] = {base, sub[0], n > 1 ? sub[1] : 0};
    return sdp_r_make(r, (sdp_raised){.kind = SDP_R_INDEX, .form = form, .nargs = n + 1, .arg = arg});
}

static bool is_colon(const sdp_raiser *r, sdp_rid s)
{
    return sdp_r(r, s)->kind == SDP_R_NAME && strcmp(sdp_r(r, s)->text, ":") == 0;
}

// base: a column (axis 0) or a matrix
sdp_rid sdp_r_subscript(sdp_raiser *r, sdp_rid base, int axis, sdp_rid sub)
{
    const sdp_raised *b = sdp_r(r, base);
    bool range = sdp_r(r, sub)->kind == SDP_R_RANGE;
    sdp_rid colon = sdp_r_name(r, ":", SDP_SCALAR, UINT32_MAX);
    if (b->kind == SDP_R_TRANS && b->form == SDP_MATRIX)
        return sdp_r_transpose(r, sdp_r_subscript(r, b->arg[0], 1 - axis, sub));
    if (b->form != SDP_MATRIX) {
        const sdp_raised *in = b->kind == SDP_R_TRANS ? sdp_r(r, b->arg[0]) : b;
        for (uint32_t i = 1; in->kind == SDP_R_INDEX && in->nargs == 3 && i < 3; i++) { // X[:,j] at k: X[k,j]
            if (!is_colon(r, in->arg[i])) continue;
            sdp_rid two[2] = {in->arg[1], in->arg[2]};
            two[i - 1] = sub;
            sdp_rid at = index_node(r, in->arg[0], (uint8_t)(range ? in->form : SDP_SCALAR), 2, two);
            return range && in != b ? sdp_r_transpose(r, at) : at;
        }
        if (b->kind == SDP_R_TRANS) base = b->arg[0];
        sdp_rid at = index_node(r, base, (uint8_t)(range ? sdp_r(r, base)->form : SDP_SCALAR), 1, &sub);
        return range && b->kind == SDP_R_TRANS ? sdp_r_transpose(r, at) : at;
    }
    sdp_rid two[2] = {axis == 0 ? sub : colon, axis == 0 ? colon : sub};
    if (b->kind == SDP_R_INDEX && is_colon(r, b->arg[1 + axis])) { // X[a:b,:] at column j: X[a:b,j]
        two[0] = axis == 0 ? sub : b->arg[1];
        two[1] = axis == 0 ? b->arg[2] : sub;
        base = b->arg[0];
    }
    return index_node(r, base, (uint8_t)(range ? SDP_MATRIX : axis == 0 ? SDP_ROW : SDP_COLUMN), 2, two);
}

sdp_rid sdp_r_flip(sdp_raiser *r, sdp_rid base, int axis)
{
    const sdp_raised *b = sdp_r(r, base);
    if (b->kind == SDP_R_TRANS)
        return sdp_r_transpose(r, sdp_r_flip(r, b->arg[0], b->form == SDP_MATRIX ? 1 - axis : 0));
    if (b->form != SDP_MATRIX) return sdp_r_show1(r, SDP_S_FLIP, SDP_COLUMN, base);
    return sdp_r_show1(r, axis ? SDP_S_FLIP2 : SDP_S_FLIP1, SDP_MATRIX, base);
}

static sdp_rid zeros(sdp_raiser *r, sdp_dim rows, sdp_dim cols)
{
    sdp_rid size[2] = {sdp_r_dim(r, rows), sdp_r_dim(r, cols)};
    if (rows == SDP_DIM_ONE && cols == SDP_DIM_ONE) return sdp_r_num(r, SDP_NUM_ZERO);
    if (cols == SDP_DIM_ONE) return sdp_r_show1(r, SDP_S_ZEROS, SDP_COLUMN, size[0]);
    if (rows == SDP_DIM_ONE) return sdp_r_transpose(r, sdp_r_show1(r, SDP_S_ZEROS, SDP_COLUMN, size[1]));
    return sdp_r_show(r, SDP_S_ZEROS2, SDP_MATRIX, 2, size);
}

sdp_rid sdp_r_placed(sdp_raiser *r, sdp_rid t, const sdp_dim at[2], sdp_dim whole, sdp_dim cols)
{
    sdp_graph *g = r->g;
    sdp_dim before = at[0], end = sdp_dim_add(g, at[0], at[1]),
            behind = sdp_dim_add(g, whole, sdp_dim_neg(g, end)), none = sdp_dim_int(g, 0);
    sdp_rlist rows = {0};
    if (before != none) sdp_rlist_push(r, &rows, zeros(r, before, cols));
    sdp_rlist_push(r, &rows, t);
    if (behind != none) sdp_rlist_push(r, &rows, zeros(r, behind, cols));
    if (rows.n == 1 && at[1] != SDP_DIM_ONE) return t;
    return sdp_r_make(r, (sdp_raised){.kind = SDP_R_ROWS,
                                      .form = cols == SDP_DIM_ONE ? SDP_COLUMN : SDP_MATRIX,
                                      .nargs = rows.n,
                                      .arg = rows.at,
                                      .split = sdp_r_dim(r, whole),
                                      .den = sdp_r_dim(r, cols)});
}

sdp_rid sdp_raise_sel(sdp_raiser *r, const sdp_node *s)
{
    if (sdp_is_flip(r->g, s))
        return sdp_r_flip(r, sdp_r_show1(r, SDP_S_EYE, SDP_MATRIX, sdp_r_dim(r, s->dim[0])), 0);
    if (s->order != 1 && !sdp_is_slice(s)) return SDP_UNRAISED;
    sdp_dim one[2] = {sdp_offset(s), SDP_DIM_ONE};
    // of n numbers, not n^2
    if (s->order == 1 && !r->says)
        return sdp_r_placed(r, sdp_r_num(r, SDP_NUM_ONE), one, s->dim[0], SDP_DIM_ONE);
    sdp_rid eye = sdp_r_show1(r, SDP_S_EYE, SDP_MATRIX, sdp_r_dim(r, s->dim[0]));
    return sdp_r_subscript(r, eye, 1,
                           sdp_r_subrange(r, sdp_offset(s), s->order == 2 ? s->dim[1] : SDP_DIM_NONE));
}

// ---- brackets ---------------------------------------------------------------------------------------------
typedef struct {
    sdp_dim from[2], to[2];
    sdp_rid t;
} cell;

uint32_t sdp_label_uses(const sdp_graph *g, const sdp_node *n, uint8_t label)
{
    uint32_t c = 0;
    for (const uint8_t *l = n->label, *end = sdp_labels(g, n, n->nargs) + n->order; l < end; l++)
        c += *l == label;
    return c;
}

// The piece that a term places; false if the term is not of that kind.
static bool read_cell(sdp_raiser *r, const sdp_node *sum, uint32_t term, cell *c)
{
    sdp_graph *g = r->g;
    const sdp_node *n = sdp_get(g, sum->arg[term]);
    sdp_dim zero = sdp_dim_int(g, 0);
    if (n->kind == SDP_SEL && n->order == 1 && sum->order == 1) {
        c->from[0] = sdp_offset(n);
        c->to[0] = sdp_dim_add(g, sdp_offset(n), SDP_DIM_ONE);
        c->t = sdp_r_num(r, sum->coef[term]);
        return true;
    }
    if (n->kind != SDP_MUL) return false;
    bool *skip = sdp_scratch(&g->base, n->nargs * sizeof *skip), placed = false;
    sdp_view v = {.n = n, .skip = skip, .coef = sdp_num_mul(g, n->coef[0], sum->coef[term])};
    bool row_kept = false;
    for (int axis = 0; axis < sum->order; axis++) {
        uint8_t label = sdp_labels(g, n, n->nargs)[axis];
        c->from[axis] = zero;
        c->to[axis] = sum->dim[axis];
        const sdp_node *sel = NULL;
        for (uint32_t i = 0; i < n->nargs && !sel; i++) {
            const sdp_node *f = sdp_get(g, n->arg[i]);
            if (f->kind != SDP_SEL || f->order > 2 || sdp_labels(g, n, i)[0] != label ||
                sdp_label_uses(g, n, label) != 2)
                continue;
            if (f->order == 2 && !sdp_is_slice(f)) return false;
            sel = f;
            skip[i] = placed = true;
            c->from[axis] = sdp_offset(f);
            c->to[axis] = sdp_dim_add(g, sdp_offset(f), f->order == 2 ? f->dim[1] : SDP_DIM_ONE);
            label = f->order == 2 ? sdp_labels(g, n, i)[1] : 255;
        }
        if (label == 255) continue;
        row_kept |= axis == 0;
        v.out[v.order++] = label;
    }
    if (!placed) return false;
    c->t = sdp_raise_view(r, &v);
    if (c->t == SDP_UNRAISED) return false;
    if (sum->order == 2 && v.order == 1 && !row_kept) c->t = sdp_r_transpose(r, c->t);
    return true;
}

// a <= b whatever the sizes are: no term of the difference is negative
static bool not_after(sdp_graph *g, sdp_dim a, sdp_dim b)
{
    const sdp_dim_term *t;
    uint32_t n = sdp_dim_terms(g, sdp_dim_add(g, b, sdp_dim_neg(g, a)), &t);
    for (uint32_t i = 0; i < n; i++)
        if (t[i].coef < 0) return false;
    return true;
}

// Where the block that begins at `at` ends: at a cell's end, or, in a gap, where
// the next cell begins. 0: no tiling.
static sdp_dim block_end(sdp_graph *g, const cell *c, uint32_t n, int axis, sdp_dim at, sdp_dim end,
                         bool *gap)
{
    sdp_dim to = SDP_DIM_NONE;
    for (uint32_t i = 0; i < n; i++) {
        if (c[i].from[axis] != at) continue;
        if (to && to != c[i].to[axis]) return SDP_DIM_NONE;
        to = c[i].to[axis];
    }
    *gap = !to;
    if (to) return to;
    to = end;
    for (uint32_t i = 0; i < n; i++) {
        sdp_dim next = c[i].from[axis];
        if (not_after(g, next, at)) continue; // it does not begin here, so it lies before
        if (!not_after(g, at, next) || (!not_after(g, next, to) && !not_after(g, to, next)))
            return SDP_DIM_NONE;
        if (not_after(g, next, to)) to = next;
    }
    return to;
}

// Raises a block row: the cells c[0..n) side by side.
static sdp_rid block_row(sdp_raiser *r, const cell *c, uint32_t n, sdp_dim rows, sdp_dim end, uint32_t *used)
{
    sdp_rlist row = {0};
    bool gap;
    for (sdp_dim at = sdp_dim_int(r->g, 0), to; at != end; at = to) {
        sdp_rlist sum = {0};
        to = block_end(r->g, c, n, 1, at, end, &gap);
        if (!to || to == at || row.n > n + 64) return 0;
        for (uint32_t i = 0; i < n; i++)
            if (c[i].from[1] == at) sdp_rlist_push(r, &sum, c[i].t);
        *used += sum.n;
        sdp_rlist_push(r, &row,
                       gap ? zeros(r, rows, sdp_dim_add(r->g, to, sdp_dim_neg(r->g, at)))
                           : sdp_r_plus(r, sum.n, sum.at));
    }
    return sdp_r_make(r, (sdp_raised){.kind = SDP_R_COLS, .form = SDP_ROW, .nargs = row.n, .arg = row.at});
}

// The bracket that the cells make, or 0 if they do not tile the whole.
static sdp_rid tile(sdp_raiser *r, const sdp_node *n, const cell *c, uint32_t ncells)
{
    sdp_graph *g = r->g;
    cell *block = sdp_scratch(&g->base, ncells * sizeof *block);
    sdp_rlist rows = {0};
    uint32_t used = 0;
    bool gap;
    sdp_dim width = n->order == 2 ? n->dim[1] : SDP_DIM_ONE;
    for (sdp_dim at = sdp_dim_int(g, 0), to; at != n->dim[0]; at = to) {
        sdp_rlist sum = {0};
        uint32_t m = 0;
        to = block_end(g, c, ncells, 0, at, n->dim[0], &gap);
        if (!to || to == at || rows.n > ncells + 64) return 0;
        sdp_dim height = sdp_dim_add(g, to, sdp_dim_neg(g, at));
        for (uint32_t i = 0; i < ncells; i++) {
            if (c[i].from[0] != at) continue;
            block[m++] = c[i];
            sdp_rlist_push(r, &sum, c[i].t);
        }
        sdp_rid row;
        if (gap) row = zeros(r, height, width);
        else if (n->order == 1) row = sdp_r_plus(r, sum.n, sum.at), used += m;
        else row = block_row(r, block, m, height, width, &used);
        if (!row) return 0;
        sdp_rlist_push(r, &rows, row);
    }
    if (used != ncells) return 0;
    return sdp_r_make(r, (sdp_raised){.kind = SDP_R_ROWS,
                                      .form = n->order == 2 ? SDP_MATRIX : SDP_COLUMN,
                                      .nargs = rows.n,
                                      .arg = rows.at,
                                      .split = sdp_r_dim(r, n->dim[0]),
                                      .den = sdp_r_dim(r, width)});
}

sdp_rid sdp_raise_bracket(sdp_raiser *r, sdp_id id)
{
    enum { CELLS = 1024 };
    sdp_graph *g = r->g;
    const sdp_node *n = sdp_get(g, id);
    if (n->order < 1 || n->order > 2 || n->nargs > CELLS) return 0;
    cell *c = sdp_scratch(&g->base, n->nargs * sizeof *c);
    sdp_rlist terms = {0}; // terms of full shape stand beside the bracket
    uint32_t cells = 0;
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (read_cell(r, n, i, &c[cells])) {
            cells++;
            continue;
        }
        if (r->of[n->arg[i]] == SDP_UNRAISED) return 0;
        sdp_rlist_push(r, &terms, sdp_r_scale(r, n->coef[i], r->of[n->arg[i]]));
    }
    if (cells < 2) return 0;
    sdp_rid bracket = tile(r, n, c, cells);
    if (!bracket || terms.n == 0) return bracket;
    sdp_rlist_push(r, &terms, bracket);
    return sdp_r_plus(r, terms.n, terms.at);
}
