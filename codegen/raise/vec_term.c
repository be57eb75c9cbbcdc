// SPDX-License-Identifier: MIT
// Raises one term of a vec form: an einsum whose labels number the rows and the columns of a matrix,
// two each.
//
//     A[i,k]*B[l,j]                       kron(B',A)
//     A[i,l]*B[j,k]                       kron(B,A)*Kc
//     A[i,j]*B[k,l]                       vec(A)*vec(B)'
//     D[i,j]*...                          diag(vec(D))*...
//     B[i,p]*D[p,j]*A[p,k]*delta(j,l)     kron(eye(n),B)*diag(vec(D))*kron(eye(n),A)
//
// The last is the general case: two labels (p,j) cut the term into what leads from the rows to them, what has
// only them, and what leads on to the columns, perhaps by another cut.
#include <string.h>

#include "codegen/raise/vec.h"

// a row label and a column label, or SDP_NO_LABEL
typedef struct {
    uint8_t outer[2], inner[2];
    bool commuted;
} pairing;

static uint32_t pairings(const sdp_blocks *b, bool within, pairing *p)
{
    const uint8_t *r = b->row, *c = b->col;
    uint32_t n = 0;
    if (b->rows == 2 && b->cols == 2) {
        p[n++] = (pairing){{r[1], c[1]}, {r[0], c[0]}, false};
        if (!within) p[n++] = (pairing){{r[1], c[0]}, {r[0], c[1]}, true};
    } else if (b->cols == 2) {
        p[n++] = (pairing){{SDP_NO_LABEL, c[1]}, {r[0], c[0]}, false};
        p[n++] = (pairing){{r[0], c[1]}, {SDP_NO_LABEL, c[0]}, false};
    } else {
        p[n++] = (pairing){{r[1], SDP_NO_LABEL}, {r[0], c[0]}, false};
        p[n++] = (pairing){{r[1], c[0]}, {r[0], SDP_NO_LABEL}, false};
    }
    return n;
}

// Raises one side, the factors connected with the two labels, as a matrix, a column or a row. Returns 0 if
// that fails.
static sdp_rid raise_side(sdp_shaper *w, const bool *in, uint8_t row, uint8_t col)
{
    bool *skip = sdp_scratch(&w->r->g->base, (w->n->nargs + 1) * sizeof *skip);
    sdp_view v = {.n = w->n, .skip = skip, .coef = SDP_NUM_ONE};
    for (uint32_t i = 0; i < w->n->nargs; i++) skip[i] = !in[i];
    if (row != SDP_NO_LABEL) v.out[v.order++] = row;
    if (col != SDP_NO_LABEL) v.out[v.order++] = col;
    sdp_rid t = sdp_raise_view(w->r, &v);
    if (t == SDP_UNRAISED) return 0;
    return row == SDP_NO_LABEL ? sdp_r_transpose(w->r, t) : t;
}

static bool is_eye(const sdp_shaper *w, sdp_rid t)
{
    const sdp_raised *n = sdp_r(w->r, t);
    return n->kind == SDP_R_CALL && n->shown == SDP_S_EYE;
}

// The factors of the two sides; false if a label or a factor belongs to both. Scalars go to the first.
static bool separate(sdp_shaper *w, const uint8_t *a, const uint8_t *b, bool *in_a, bool *in_b)
{
    const sdp_graph *g = w->r->g;
    uint64_t la = 0, lb = 0;
    memset(in_a, 0, w->n->nargs * sizeof *in_a);
    memset(in_b, 0, w->n->nargs * sizeof *in_b);
    for (int k = 0; k < 2; k++) {
        if (a[k] != SDP_NO_LABEL) la = sdp_connected(g, w->n, la | sdp_label_bit(a[k]), 0, w->used, in_a);
        if (b[k] != SDP_NO_LABEL) lb = sdp_connected(g, w->n, lb | sdp_label_bit(b[k]), 0, w->used, in_b);
    }
    if (la & lb) return false;
    for (uint32_t i = 0; i < w->n->nargs; i++) in_a[i] |= !w->used[i] && !in_b[i];
    return true;
}

static sdp_rid kron(sdp_shaper *w, const pairing *p, bool *in_a, bool *in_b, sdp_scalars *bag)
{
    sdp_raiser *r = w->r;
    if (!separate(w, p->outer, p->inner, in_a, in_b)) return 0;
    sdp_rid outer = raise_side(w, in_a, p->outer[0], p->outer[1]),
            inner = raise_side(w, in_b, p->inner[0], p->inner[1]);
    if (!outer || !inner) return 0;
    outer = sdp_bag_take(r, bag, outer);
    inner = sdp_bag_take(r, bag, inner);
    sdp_rid k = 0, both[2] = {outer, inner};
    if (p->commuted) w->commutes = true, k = w->commutation;
    if (is_eye(w, outer) && is_eye(w, inner)) {
        const sdp_node *n = w->n;
        if (k) return k;
        return sdp_r_show1(r, SDP_S_EYE, SDP_MATRIX,
                           sdp_r_dim(r, sdp_dim_mul(r->g, n->ldim[p->outer[0]], n->ldim[p->inner[0]])));
    }
    // the scalars belong to it: kron(2*V'*V,eye(m))
    int core = is_eye(w, inner) ? 0 : is_eye(w, outer) ? 1 : -1;
    if (core >= 0) {
        both[core] = sdp_bag_close(r, bag, both[core]);
        sdp_bag_init(bag);
    }
    sdp_rid t = sdp_r_show(r, SDP_S_KRON, SDP_MATRIX, 2, both);
    return k ? sdp_r_product(r, t, k) : t;
}

// vec(A)*vec(B)'
static sdp_rid outer(sdp_shaper *w, bool *in_a, bool *in_b, sdp_scalars *bag)
{
    sdp_raiser *r = w->r;
    const sdp_blocks *b = &w->at;
    uint8_t row[2] = {b->row[0], b->rows == 2 ? b->row[1] : SDP_NO_LABEL},
            col[2] = {b->col[0], b->cols == 2 ? b->col[1] : SDP_NO_LABEL};
    if (!separate(w, row, col, in_a, in_b)) return 0;
    sdp_rid x = raise_side(w, in_a, row[0], row[1]), y = raise_side(w, in_b, col[0], col[1]);
    if (!x || !y) return 0;
    x = sdp_bag_take(r, bag, x);
    y = sdp_bag_take(r, bag, y);
    if (b->rows == 2) x = sdp_r_show1(r, SDP_S_VEC, SDP_COLUMN, x);
    if (b->cols == 2) y = sdp_r_show1(r, SDP_S_VEC, SDP_COLUMN, y);
    return sdp_r_product(r, x, sdp_r_transpose(r, y));
}

static void copy_bag(sdp_raiser *r, const sdp_scalars *from, sdp_scalars *to)
{
    sdp_bag_init(to);
    to->coef = from->coef;
    for (uint32_t i = 0; i < from->num.n; i++) sdp_rlist_push(r, &to->num, from->num.at[i]);
    for (uint32_t i = 0; i < from->den.n; i++) sdp_rlist_push(r, &to->den, from->den.at[i]);
}

// The factors that are not used yet, in the first form that fits; 0: in none. Scalars go to the bag.
static sdp_rid raise_rest(sdp_shaper *w, bool *a, bool *b, const sdp_scalars *front, sdp_scalars *bag)
{
    pairing p[2];
    uint32_t n = pairings(&w->at, w->within, p);
    for (uint32_t k = 0; k <= n; k++) {
        bool commuted = w->commutes;
        copy_bag(w->r, front, bag);
        sdp_rid t = k < n ? kron(w, &p[k], a, b, bag) : outer(w, a, b, bag);
        if (t) return t;
        w->commutes = commuted;
    }
    return 0;
}

// Is label 0 of the selection made of the two others as vec does? The first of them runs fastest.
static bool is_vec(sdp_graph *g, const sdp_node *sel, const uint8_t *label, uint8_t *two)
{
    if (sel->kind != SDP_SEL || sel->order != 3 || label[1] == label[2] ||
        sdp_offset(sel) != sdp_dim_int(g, 0))
        return false;
    int fast = sdp_stride(sel, 1) == SDP_DIM_ONE && sdp_stride(sel, 2) == sel->dim[1] ? 1 : 2,
        slow = 3 - fast;
    if (sdp_stride(sel, fast) != SDP_DIM_ONE || sdp_stride(sel, slow) != sel->dim[fast]) return false;
    two[0] = label[fast];
    two[1] = label[slow];
    return true;
}

// Replaces a label that a selection makes of two labels, as vec does, by these two, and marks the selection
// as used. Does nothing if the label also stands in a factor with more axes than a vector.
static void unpack(sdp_shaper *w, uint8_t *label, int *count, uint8_t *packed)
{
    sdp_graph *g = w->r->g;
    uint8_t one = label[0], two[2];
    uint32_t tensors = 0, at = 0;
    *packed = SDP_NO_LABEL;
    for (uint32_t i = 0; *count == 1 && i < w->n->nargs; i++) {
        const sdp_node *f = sdp_get(g, w->n->arg[i]);
        const uint8_t *l = sdp_labels(g, w->n, i);
        for (int k = 0; k < f->order && f->order > 1; k++) tensors += l[k] == one;
        if (f->order > 1 && l[0] == one && is_vec(g, f, l, two)) at = i + 1;
    }
    if (!at || tensors > 1) return;
    w->used[at - 1] = true;
    *packed = one;
    sdp_copy(label, two, sizeof two);
    *count = 2;
}

// The labels of the term, which stand in the places of the tensor's axes.
static void label_axes(sdp_shaper *w)
{
    const uint8_t *out = sdp_labels(w->r->g, w->n, w->n->nargs);
    w->at = *w->b;
    for (int k = 0; k < w->at.rows; k++) w->at.row[k] = out[w->b->row[k]];
    for (int k = 0; k < w->at.cols; k++) w->at.col[k] = out[w->b->col[k]];
    unpack(w, w->at.row, &w->at.rows, &w->packed_row);
    unpack(w, w->at.col, &w->at.cols, &w->packed_col);
}

// Returns diag(y) of the vectors with a label that was unpacked, 0 if there are none.
static sdp_rid peel_vectors(sdp_shaper *w, uint8_t label, bool *in, sdp_scalars *bag)
{
    bool any = false;
    for (uint32_t i = 0; i < w->n->nargs; i++) {
        in[i] = label != SDP_NO_LABEL && sdp_get(w->r->g, w->n->arg[i])->order == 1 &&
                sdp_labels(w->r->g, w->n, i)[0] == label;
        any |= in[i];
        w->used[i] |= in[i];
    }
    sdp_rid d = any ? raise_side(w, in, label, SDP_NO_LABEL) : 0;
    return d ? sdp_r_show1(w->r, SDP_S_DIAG, SDP_MATRIX, sdp_bag_take(w->r, bag, d)) : 0;
}

// a*b, either of which may be missing or an identity
static sdp_rid chained(const sdp_shaper *w, sdp_rid a, sdp_rid b)
{
    if (!a || !b) return a ? a : b;
    return is_eye(w, a) ? b : is_eye(w, b) ? a : sdp_r_product(w->r, a, b);
}

// Marks the factors that are reached from the labels without passing a cut; returns their labels.
static uint64_t reach(const sdp_shaper *w, const uint8_t *from, int n, const uint8_t *cut, bool *in)
{
    uint64_t labels = 0;
    memset(in, 0, w->n->nargs * sizeof *in);
    for (int k = 0; k < n; k++) labels |= sdp_label_bit(from[k]);
    return sdp_connected(w->r->g, w->n, labels, sdp_label_bit(cut[0]) | sdp_label_bit(cut[1]), w->used, in);
}

// Is the term L[rows, (u,v)]*D[u,v]*R[(u,v), columns]? Then it tells the factors
// of L and D; all others are of R.
static bool is_cut(const sdp_shaper *w, const uint8_t *cut, bool *left, bool *core)
{
    const sdp_node *n = w->n;
    const uint64_t cuts = sdp_label_bit(cut[0]) | sdp_label_bit(cut[1]);
    uint64_t behind = reach(w, w->at.col, w->at.cols, cut, core), met = 0;
    if (reach(w, w->at.row, w->at.rows, cut, left) & behind & ~cuts) return false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (left[i] && core[i]) return false;
        core[i] = !w->used[i] && !left[i] && !core[i];
        if (core[i]) met |= sdp_label_set(w->r->g, n, i);
    }
    return (met & cuts) == cuts;
}

// L*diag(vec(D)) of such a cut, what it takes is used then. Returns 0 if L or D has no form.
static sdp_rid raise_cut(sdp_shaper *w, const uint8_t *cut, bool *a, bool *b, sdp_scalars *front)
{
    sdp_raiser *r = w->r;
    const uint32_t n = w->n->nargs;
    bool *left = sdp_scratch(&r->g->base, 3 * (n + 1) * sizeof *left), *core = left + n + 1,
         *others = core + n + 1, *used = w->used;
    const sdp_blocks at = w->at;
    sdp_scalars none, bag;
    sdp_rid l = 0, d = 0;
    if (!is_cut(w, cut, left, core)) return 0;
    for (uint32_t i = 0; i < n; i++) others[i] = !left[i];
    sdp_bag_init(&none);
    sdp_copy(w->at.col, cut, 2);
    w->at.cols = 2;
    w->used = others;
    w->within = true;
    l = raise_rest(w, a, b, &none, &bag);
    w->used = used;
    w->within = false;
    w->at = at;
    if (l) d = raise_side(w, core, cut[0], cut[1]);
    if (!d) return 0;
    for (uint32_t i = 0; i < n; i++) used[i] |= left[i] || core[i];
    sdp_copy(w->at.row, cut, 2);
    w->at.rows = 2;
    l = sdp_bag_close(r, &bag, l);
    d = sdp_r_show1(r, SDP_S_VEC, SDP_COLUMN, sdp_bag_take(r, front, d));
    return chained(w, l, sdp_r_show1(r, SDP_S_DIAG, SDP_MATRIX, d));
}

// The next cut: at the rows or the columns, where D stands before or behind all others, else between any two
// labels; one of those of the columns in its place leaves no commutation behind it.
static sdp_rid next_cut(sdp_shaper *w, bool *a, bool *b, sdp_scalars *front)
{
    const int n = w->n->nlabels;
    sdp_rid t = w->at.rows == 2 ? raise_cut(w, w->at.row, a, b, front) : 0;
    if (!t && w->at.cols == 2) t = raise_cut(w, w->at.col, a, b, front);
    for (int k = 0; !t && k < 2 * n * n; k++) {
        const uint8_t cut[2] = {(uint8_t)(k / n % n), (uint8_t)(k % n)};
        bool beside = cut[0] == w->at.col[0] || (w->at.cols == 2 && cut[1] == w->at.col[1]);
        if (cut[0] != cut[1] && beside == (k < n * n)) t = raise_cut(w, cut, a, b, front);
    }
    return t;
}

// A Kronecker product, or several with diag(vec(D)) between them. Scalars go to the bag.
static sdp_rid raise_chain(sdp_shaper *w, bool *a, bool *b, sdp_scalars *front)
{
    enum { CUTS = 4 };
    sdp_scalars bag, none;
    sdp_bag_init(&none);
    sdp_rid t = raise_rest(w, a, b, front, &bag), before = 0;
    if (t) {
        *front = bag;
        return t;
    }
    for (int k = 0; !t && k < CUTS; k++) {
        sdp_rid cut = next_cut(w, a, b, front);
        if (!cut && !before) return 0;
        before = chained(w, before, cut);
        w->within = cut != 0; // another cut is better than Kc
        t = raise_rest(w, a, b, &none, &bag);
        w->within = false;
        if (!cut) break;
    }
    return t ? chained(w, before, sdp_bag_close(w->r, &bag, t)) : 0;
}

sdp_rid sdp_vec_term(sdp_shaper *w, sdp_id id, sdp_num coef)
{
    static const uint8_t itself[] = {0, 1, 2, 0, 1, 2};
    static const sdp_num one = SDP_NUM_ONE;
    sdp_raiser *r = w->r;
    const sdp_node *n = w->n = sdp_get(r->g, id);
    const sdp_node alone = {.kind = SDP_MUL,
                            .order = n->order,
                            .nlabels = n->order,
                            .nargs = 1,
                            .dim = n->dim,
                            .arg = &id,
                            .coef = &one,
                            .label = itself,
                            .ldim = n->dim};
    if (n->kind == SDP_SEL && n->order == 3) w->n = &alone; // vec(X) by X
    else if (n->kind != SDP_MUL) return 0;
    bool *a = sdp_scratch(&r->g->base, 3 * (w->n->nargs + 1) * sizeof *a), *b = a + w->n->nargs + 1;
    w->used = b + w->n->nargs + 1;
    label_axes(w);
    sdp_scalars front;
    sdp_bag_init(&front);
    front.coef = sdp_num_mul(r->g, coef, w->n->coef[0]);
    sdp_rid first = peel_vectors(w, w->packed_row, a, &front),
            last = peel_vectors(w, w->packed_col, a, &front);
    sdp_rid t = raise_chain(w, a, b, &front);
    return t ? sdp_bag_close(r, &front, chained(w, chained(w, first, t), last)) : 0;
}
