// SPDX-License-Identifier: MIT
// Vec form: a derivative with more than two axes as the matrix that it is when vec stacks the columns of the value
// and of the variable (Magnus and Neudecker, Matrix Differential Calculus, 1988, ch. 9).
//
//     dF[i,j]/dX[k,l] = A[i,k]*B[l,j]     dvec(F)/dvec(X) = kron(B',A)
//     dF[i,j]/dX[k,l] = A[i,l]*B[j,k]     dvec(F)/dvec(X) = kron(B,A)*Kc, where Kc*vec(X) = vec(X')
//     dF[i,j]/dX[k,l] = A[i,j]*B[k,l]     dvec(F)/dvec(X) = vec(A)*vec(B)'
//     dF[i]/dX[k,l] = A[i,k]*y[l]         dF/dvec(X) = kron(y',A)
//     a factor D[i,j] beside these        diag(vec(D))*...
//     delta(i, p+m*(q-1))*G[p,q,k,l]      the rows of vec(G): what is G's vec form is that of vec(G), too
//
// Where a term is of none of these forms, the whole is stacked as a node and raised: vec(A*X*B) has kron(B',A), expm(A) a block of expm.
#include <string.h>

#include "notation.h"

enum { NONE = 255 };

// Which axes of the tensor number the rows and the columns of the matrix: one or two each, the first runs fastest. Of a
// term: which labels.
typedef struct { int rows, cols; uint8_t row[2], col[2]; } blocks;
typedef struct { uint8_t outer[2], inner[2]; bool commuted; } pairing; // a row label and a column label, or NONE

typedef struct {
    sdp_raiser *r;
    const sdp_node *n;
    const blocks *b; // of the tensor
    blocks at;       // of the term n
    uint8_t packed_row, packed_col; // the label that a selection made of two, or NONE
    bool *used;     // factors that stand before or behind the Kronecker product
    sdp_rid commutation;
    bool commutes;  // Kc was used
} shaper;

static uint32_t pairings(const blocks *b, pairing *p)
{
    const uint8_t *r = b->row, *c = b->col;
    uint32_t n = 0;
    if (b->rows == 2 && b->cols == 2) {
        p[n++] = (pairing){ { r[1], c[1] }, { r[0], c[0] }, false };
        p[n++] = (pairing){ { r[1], c[0] }, { r[0], c[1] }, true };
    } else if (b->cols == 2) {
        p[n++] = (pairing){ { NONE, c[1] }, { r[0], c[0] }, false };
        p[n++] = (pairing){ { r[0], c[1] }, { NONE, c[0] }, false };
    } else {
        p[n++] = (pairing){ { r[1], NONE }, { r[0], c[0] }, false };
        p[n++] = (pairing){ { r[1], c[0] }, { r[0], NONE }, false };
    }
    return n;
}

// Marks the factors connected with label `seed`, and their labels.
static void flood(const sdp_graph *g, const sdp_node *n, uint8_t seed, const bool *out_of_it, bool *in, bool *label)
{
    label[seed] = true;
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = 0; i < n->nargs; i++) {
            const uint8_t *l = sdp_labels(g, n, i);
            int order = sdp_get(g, n->arg[i])->order;
            bool touches = false;
            for (int k = 0; k < order; k++) touches |= label[l[k]];
            if (in[i] || out_of_it[i] || !touches) continue;
            in[i] = more = true;
            for (int k = 0; k < order; k++) label[l[k]] = true;
        }
    }
}

// One side: the factors connected with the two labels, as a matrix, a column or a row; 0 if that fails.
static sdp_rid raise_side(shaper *w, const bool *in, uint8_t row, uint8_t col)
{
    bool *skip = sdp_scratch(&w->r->g->base, (w->n->nargs + 1) * sizeof *skip);
    sdp_view v = { .n = w->n, .skip = skip, .coef = SDP_NUM_ONE };
    for (uint32_t i = 0; i < w->n->nargs; i++) skip[i] = !in[i];
    if (row != NONE) v.out[v.order++] = row;
    if (col != NONE) v.out[v.order++] = col;
    sdp_rid t = sdp_raise_view(w->r, &v);
    if (t == SDP_UNRAISED) return 0;
    return row == NONE ? sdp_r_transpose(w->r, t) : t;
}

static bool is_eye(const shaper *w, sdp_rid t)
{
    const sdp_raised *n = sdp_r(w->r, t);
    return n->kind == SDP_R_CALL && n->shown == SDP_S_EYE;
}

// The factors of the two sides; false if a label or a factor belongs to both. Scalars go to the first.
static bool separate(shaper *w, const uint8_t *a, const uint8_t *b, bool *in_a, bool *in_b)
{
    bool la[SDP_MAX_LABELS] = { false }, lb[SDP_MAX_LABELS] = { false };
    memset(in_a, 0, w->n->nargs * sizeof *in_a);
    memset(in_b, 0, w->n->nargs * sizeof *in_b);
    for (int k = 0; k < 2; k++) {
        if (a[k] != NONE) flood(w->r->g, w->n, a[k], w->used, in_a, la);
        if (b[k] != NONE) flood(w->r->g, w->n, b[k], w->used, in_b, lb);
    }
    for (int l = 0; l < w->n->nlabels; l++)
        if (la[l] && lb[l]) return false;
    for (uint32_t i = 0; i < w->n->nargs; i++) in_a[i] |= !w->used[i] && !in_b[i];
    return true;
}

static sdp_rid kron(shaper *w, const pairing *p, bool *in_a, bool *in_b, sdp_bag *bag)
{
    sdp_raiser *r = w->r;
    if (!separate(w, p->outer, p->inner, in_a, in_b)) return 0;
    sdp_rid outer = raise_side(w, in_a, p->outer[0], p->outer[1]), inner = raise_side(w, in_b, p->inner[0], p->inner[1]);
    if (!outer || !inner) return 0;
    outer = sdp_bag_take(r, bag, outer);
    inner = sdp_bag_take(r, bag, inner);
    sdp_rid k = 0, both[2] = { outer, inner };
    if (p->commuted) w->commutes = true, k = w->commutation;
    if (is_eye(w, outer) && is_eye(w, inner)) {
        const sdp_node *n = w->n;
        if (k) return k;
        return sdp_r_show1(r, SDP_S_EYE, SDP_MATRIX, sdp_r_dim(r, sdp_dim_mul(r->g, n->ldim[p->outer[0]], n->ldim[p->inner[0]])));
    }
    int core = is_eye(w, inner) ? 0 : is_eye(w, outer) ? 1 : -1; // the scalars belong to it: kron(2*V'*V,eye(m))
    if (core >= 0) {
        both[core] = sdp_bag_close(r, bag, both[core]);
        sdp_bag_init(bag);
    }
    sdp_rid t = sdp_r_show(r, SDP_S_KRON, SDP_MATRIX, 2, both);
    return k ? sdp_r_product(r, t, k) : t;
}

// vec(A)*vec(B)'
static sdp_rid outer(shaper *w, bool *in_a, bool *in_b, sdp_bag *bag)
{
    sdp_raiser *r = w->r;
    const blocks *b = &w->at;
    uint8_t row[2] = { b->row[0], b->rows == 2 ? b->row[1] : NONE }, col[2] = { b->col[0], b->cols == 2 ? b->col[1] : NONE };
    if (!separate(w, row, col, in_a, in_b)) return 0;
    sdp_rid x = raise_side(w, in_a, row[0], row[1]), y = raise_side(w, in_b, col[0], col[1]);
    if (!x || !y) return 0;
    x = sdp_bag_take(r, bag, x);
    y = sdp_bag_take(r, bag, y);
    if (b->rows == 2) x = sdp_r_show1(r, SDP_S_VEC, SDP_COLUMN, x);
    if (b->cols == 2) y = sdp_r_show1(r, SDP_S_VEC, SDP_COLUMN, y);
    return sdp_r_product(r, x, sdp_r_transpose(r, y));
}

// diag(vec(D)): the factors that have both of these labels and no other; 0 if there are none.
static sdp_rid peel(shaper *w, const uint8_t *label, bool *in, sdp_bag *bag)
{
    uint8_t x = label[0], y = label[1];
    bool any = false;
    for (uint32_t i = 0; i < w->n->nargs; i++) {
        const uint8_t *l = sdp_labels(w->r->g, w->n, i);
        in[i] = sdp_get(w->r->g, w->n->arg[i])->order == 2 && x != y && ((l[0] == x && l[1] == y) || (l[0] == y && l[1] == x));
        any |= in[i];
        w->used[i] |= in[i];
    }
    sdp_rid d = any ? raise_side(w, in, x, y) : 0;
    if (!d) return 0;
    d = sdp_r_show1(w->r, SDP_S_VEC, SDP_COLUMN, sdp_bag_take(w->r, bag, d));
    return sdp_r_show1(w->r, SDP_S_DIAG, SDP_MATRIX, d);
}

static void copy_bag(sdp_raiser *r, const sdp_bag *from, sdp_bag *to)
{
    sdp_bag_init(to);
    to->coef = from->coef;
    for (uint32_t i = 0; i < from->num.n; i++) sdp_rlist_push(r, &to->num, from->num.at[i]);
    for (uint32_t i = 0; i < from->den.n; i++) sdp_rlist_push(r, &to->den, from->den.at[i]);
}

// The factors that are not used yet, in the first form that fits; 0: in none. Scalars go to the bag.
static sdp_rid raise_rest(shaper *w, bool *a, bool *b, const sdp_bag *front, sdp_bag *bag)
{
    pairing p[2];
    uint32_t n = pairings(&w->at, p);
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
    if (sel->kind != SDP_SEL || sel->order != 3 || label[1] == label[2] || sel->ldim[0] != sdp_dim_int(g, 0)) return false;
    int fast = sel->ldim[1] == SDP_DIM_ONE && sel->ldim[2] == sel->dim[1] ? 1 : 2, slow = 3 - fast;
    if (sel->ldim[fast] != SDP_DIM_ONE || sel->ldim[slow] != sel->dim[fast]) return false;
    two[0] = label[fast];
    two[1] = label[slow];
    return true;
}

// One label that stands in a selection, made of two as by vec: these two, and the selection is used. Beside it, the label
// stands in vectors at most.
static void unpack(shaper *w, uint8_t *label, int *count, uint8_t *packed)
{
    sdp_graph *g = w->r->g;
    uint8_t one = label[0], two[2];
    uint32_t tensors = 0, at = 0;
    *packed = NONE;
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
static void label_axes(shaper *w)
{
    const uint8_t *out = sdp_labels(w->r->g, w->n, w->n->nargs);
    w->at = *w->b;
    for (int k = 0; k < w->at.rows; k++) w->at.row[k] = out[w->b->row[k]];
    for (int k = 0; k < w->at.cols; k++) w->at.col[k] = out[w->b->col[k]];
    unpack(w, w->at.row, &w->at.rows, &w->packed_row);
    unpack(w, w->at.col, &w->at.cols, &w->packed_col);
}

// diag(y) of the vectors with a label that was unpacked; 0: there are none.
static sdp_rid peel_vectors(shaper *w, uint8_t label, bool *in, sdp_bag *bag)
{
    bool any = false;
    for (uint32_t i = 0; i < w->n->nargs; i++) {
        in[i] = label != NONE && sdp_get(w->r->g, w->n->arg[i])->order == 1 && sdp_labels(w->r->g, w->n, i)[0] == label;
        any |= in[i];
        w->used[i] |= in[i];
    }
    sdp_rid d = any ? raise_side(w, in, label, NONE) : 0;
    return d ? sdp_r_show1(w->r, SDP_S_DIAG, SDP_MATRIX, sdp_bag_take(w->r, bag, d)) : 0;
}

// a*b, either of which may be missing or an identity
static sdp_rid chained(const shaper *w, sdp_rid a, sdp_rid b)
{
    if (!a || !b) return a ? a : b;
    return is_eye(w, a) ? b : is_eye(w, b) ? a : sdp_r_product(w->r, a, b);
}

static sdp_rid raise_term(shaper *w, sdp_id id, sdp_num coef)
{
    static const uint8_t itself[] = { 0, 1, 2, 0, 1, 2 };
    static const sdp_num one = SDP_NUM_ONE;
    sdp_raiser *r = w->r;
    sdp_rid left = 0, right = 0;
    const sdp_node *n = w->n = sdp_get(r->g, id);
    const sdp_node alone = { .kind = SDP_MUL, .order = n->order, .nlabels = n->order, .nargs = 1, .dim = n->dim, .arg = &id, .coef = &one, .label = itself, .ldim = n->dim };
    if (n->kind == SDP_SEL && n->order == 3) w->n = &alone; // vec(X) by X
    else if (n->kind != SDP_MUL) return 0;
    bool *a = sdp_scratch(&r->g->base, 3 * (w->n->nargs + 1) * sizeof *a), *b = a + w->n->nargs + 1;
    w->used = b + w->n->nargs + 1;
    label_axes(w);
    sdp_bag bag, front;
    sdp_bag_init(&front);
    front.coef = sdp_num_mul(r->g, coef, w->n->coef[0]);
    sdp_rid first = peel_vectors(w, w->packed_row, a, &front), last = peel_vectors(w, w->packed_col, a, &front);
    sdp_rid t = raise_rest(w, a, b, &front, &bag);
    if (!t && w->at.rows == 2 && (left = peel(w, w->at.row, a, &front))) t = raise_rest(w, a, b, &front, &bag);
    if (!t && w->at.cols == 2 && (right = peel(w, w->at.col, a, &front))) t = raise_rest(w, a, b, &front, &bag);
    if (!t) return 0;
    t = chained(w, chained(w, first, left), chained(w, t, chained(w, right, last)));
    return sdp_bag_close(r, &bag, t);
}

// A product of scalars and one sum of tensors, its axes perhaps in another order: the sum, else 0; the scalars go to the bag.
static sdp_id scaled_tensor(sdp_raiser *r, sdp_id id, sdp_bag *bag, const blocks *b, blocks *inside)
{
    const sdp_node *n = sdp_get(r->g, id);
    sdp_id tensor = 0;
    for (uint32_t i = 0; n->kind == SDP_MUL && i < n->nargs; i++) {
        const sdp_node *f = sdp_get(r->g, n->arg[i]);
        if (f->order == n->order && f->kind == SDP_ADD && !tensor) {
            tensor = n->arg[i];
            *inside = *b;
            for (int k = 0; k < b->rows + b->cols; k++) {
                uint8_t *axis = k < b->rows ? &inside->row[k] : &inside->col[k - b->rows];
                const uint8_t *l = sdp_labels(r->g, n, i), *at = memchr(l, sdp_labels(r->g, n, n->nargs)[*axis], f->order);
                if (!at || memchr(at + 1, *at, (size_t)(l + f->order - at - 1))) return 0;
                *axis = (uint8_t)(at - l);
            }
        } else if (f->order == 0 && r->of[n->arg[i]] != SDP_UNRAISED) sdp_bag_take(r, bag, r->of[n->arg[i]]);
        else return 0;
    }
    if (tensor) bag->coef = sdp_num_mul(r->g, bag->coef, n->coef[0]);
    return tensor;
}

// The matrix of a term, or those of its parts when it is multiplied out. False: it has none.
static bool raise_parts(shaper *w, sdp_id id, sdp_num coef, sdp_rlist *l)
{
    enum { MOST = 4 };
    sdp_raiser *r = w->r;
    sdp_num c[MOST];
    sdp_id part[MOST];
    sdp_rid t = raise_term(w, id, coef);
    uint32_t n = t ? 1 : sdp_product_terms(r->g, id, MOST, c, part);
    if (!t && n) sdp_raise(r, n, part);
    for (uint32_t i = 0; i < n; i++) {
        sdp_rid m = t ? t : raise_term(w, part[i], sdp_num_mul(r->g, coef, c[i]));
        if (!m) return false;
        sdp_rlist_push(r, l, m);
    }
    return n > 0;
}

static sdp_rid raise_matrix(shaper *w, sdp_id id)
{
    sdp_raiser *r = w->r;
    sdp_bag bag;
    sdp_bag_init(&bag);
    blocks axes;
    sdp_id inside = scaled_tensor(r, id, &bag, w->b, &axes);
    if (inside) w->b = &axes;
    else sdp_bag_init(&bag);
    const sdp_node *n = sdp_get(r->g, inside ? inside : id);
    sdp_rlist l = { 0 };
    if (sdp_is_zero(r->g, id)) return 0;
    if (n->kind != SDP_ADD && !raise_parts(w, id, SDP_NUM_ONE, &l)) return 0;
    for (uint32_t i = 0; n->kind == SDP_ADD && i < n->nargs; i++)
        if (!raise_parts(w, n->arg[i], n->coef[i], &l)) return 0;
    sdp_rid sum = sdp_bag_take(r, &bag, sdp_r_plus(r, l.n, l.at));
    return sdp_bag_close(r, &bag, sum);
}

// A selection that stacks two axes of the tensor; its label is the axis of the matrix. One axis is that axis itself.
static uint8_t stack(sdp_graph *g, const sdp_node *n, const uint8_t *axis, int axes, uint8_t fresh, uint32_t *nf, sdp_id *factor, uint8_t *label, uint32_t *at)
{
    if (axes < 2) return axis[0];
    sdp_dim m = n->dim[axis[0]], k = n->dim[axis[1]];
    factor[(*nf)++] = sdp_sel(g, 3, (sdp_dim[]){ sdp_dim_mul(g, m, k), m, k }, (sdp_dim[]){ sdp_dim_int(g, 0), SDP_DIM_ONE, m });
    label[(*at)++] = fresh;
    label[(*at)++] = axis[0];
    label[(*at)++] = axis[1];
    return fresh;
}

// The whole tensor stacked as a node of its own, where selections meet those of vec and kron: vec(A*X*B), expm(A)
static sdp_rid raise_stacked(sdp_raiser *r, sdp_id id, const blocks *b)
{
    sdp_graph *g = r->g;
    const sdp_node *n = sdp_get(g, id);
    sdp_id factor[3] = { id };
    uint8_t label[3 * SDP_MAX_ORDER], out[2];
    uint32_t nf = 1, at = n->order;
    for (uint8_t k = 0; k < n->order; k++) label[k] = k;
    out[0] = stack(g, n, b->row, b->rows, n->order, &nf, factor, label, &at);
    out[1] = stack(g, n, b->col, b->cols, (uint8_t)(n->order + 1), &nf, factor, label, &at);
    sdp_id matrix = sdp_mul(g, SDP_NUM_ONE, nf, factor, label, 2, out, NULL);
    if (sdp_is_zero(g, matrix)) return 0;
    sdp_raise(r, 1, &matrix);
    return r->of[matrix] == SDP_UNRAISED ? 0 : r->of[matrix];
}

// ---- the answer --------------------------------------------------------------------------------------------------
// d2F/dvec(U)dvec(U), dvec(F)/dx; returns false if the entry is no derivative with two groups of axes.
static bool read_axes(sdp_graph *g, const sdp_entry *e, blocks *b, bool *second)
{
    int order = sdp_get(g, e->node)->order, value = e->value_order;
    uint32_t v = e->row && *e->row ? sdp_variable_find(g, e->row) : UINT32_MAX;
    if (v == UINT32_MAX || order < 3 || order > 4 || e->nterms || e->turned) return false;
    int by = sdp_get(g, g->var[v].node)->order;
    *second = value == 0;
    if (*second) value = by, by = order - by; // rows by the first variable, columns by the second
    if (value < 1 || value > 2 || by < 1 || by > 2 || value + by != order) return false;
    if (*second && !*e->column && value != by) return false;
    *b = (blocks){ .rows = value, .cols = by, .row = { 0, 1 }, .col = { (uint8_t)value, (uint8_t)(value + 1) } };
    return true;
}

static void put_vec(sdp_text *s, const char *d, const char *name, int order) { sdp_putf(s, order == 2 ? "%svec(%s)" : "%s%s", d, name); }

static void put_head(sdp_graph *g, const sdp_entry *e, const blocks *b, bool second, sdp_text *s)
{
    const char *f = sdp_answer_name(g), *column = *e->column ? e->column : e->row;
    put_vec(s, second ? "d2" : "d", f, second ? 0 : b->rows);
    put_vec(s, "/d", e->row, second ? b->rows : b->cols);
    if (second) put_vec(s, "d", column, b->cols);
}

// The matrix of an entry, or 0; names: the name that Kc got in it.
static sdp_rid vec_form(sdp_raiser *r, const sdp_entry *e, blocks *b, const char **commutation)
{
    static const char *const names[] = { "Kc", "Kt", "Kvec", "K_c" }; // K itself may be what an answer names apart
    sdp_graph *g = r->g;
    size_t k = 0;
    while (k + 1 < sizeof names / sizeof *names && sdp_variable_find(g, names[k]) != UINT32_MAX) k++;
    sdp_raise(r, 1, &e->node);
    shaper w = { .r = r, .b = b, .commutation = sdp_r_name(r, names[k], SDP_MATRIX, UINT32_MAX) };
    sdp_rid t = raise_matrix(&w, e->node);
    w.commutes &= t != 0;
    if (!t) t = raise_stacked(r, e->node, b);
    *commutation = w.commutes ? names[k] : NULL;
    return t;
}

bool sdp_put_vec_form(sdp_raiser *r, const sdp_entry *e, sd_format format, sdp_text *out)
{
    blocks b;
    bool second, spelled = format == SD_UNICODE || format == SD_LATEX;
    const char *commutation;
    if (!read_axes(r->g, e, &b, &second)) return false;
    sdp_rid t = vec_form(r, e, &b, &commutation);
    if (!t) return false;
    put_head(r->g, e, &b, second, out);
    sdp_put(out, " = ");
    sdp_print_raised(r, &sdp_notations[spelled ? format : SD_TEXT], NULL, t, out);
    if (commutation) {
        const char *v = second && *e->column ? e->column : e->row;
        sdp_putf(out, ", where %s*vec(%s) = vec(%s')", commutation, v, v);
    }
    return true;
}

bool sdp_print_vec_form(sdp_graph *g, const sdp_entry *e, sd_format format, sdp_text *out)
{
    sdp_mark mark = sdp_scratch_mark(&g->base);
    sdp_raiser r;
    sdp_raiser_init(&r, g);
    bool found = sdp_put_vec_form(&r, e, format, out);
    sdp_scratch_release(&g->base, mark);
    return found;
}
