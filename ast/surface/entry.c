// SPDX-License-Identifier: MIT
// Equations between entries: terms with indices to graph nodes.
//
// The node of a term has the axes of its matrix shape (rows, columns; entries are scalars and have none),
// then one for each of its free indices, in the order of their numbers. So A[l,j] is A or A', whichever has
// that order, and a term may have both: in delta(i,k)*x'*A the row x'*A stands once for each i and k.
//   product   one einsum of all factors, over the union of their indices; sum_p leaves p out of its output
//   sum       every term is spread over the union
//   function  the same
//   built     softmax(p:x[p]*y[p]): an array of entries, whose indices become its rows and columns
//   delta     eye, or the one-hot tensor SEL: delta(i, a+s*j) counts from 1, SEL from 0
#include <stdlib.h>
#include <string.h>

#include "ast/surface/entry.h"

enum { ROW, MIDDLE, COLUMN, FIRST, CODES = 240 }; // labels of an einsum: matrix axes, then indices

typedef struct {
    sdp_terms *w;
    sdp_num coef;
    sdp_id *factor;
    uint8_t *label;
    uint32_t n, nlabels, cap, label_cap;
    uint32_t index[CODES], ncodes; // index of each label
    sdp_dim dim[CODES];
    sdp_id later[2]; // factors that come behind the one whose labels are being put
    uint8_t later_label[4];
    uint32_t nlater;
} product;

// ---- building an einsum -----------------------------------------------------------------------------------

static product new_product(sdp_terms *w)
{
    product p = {.w = w, .coef = SDP_NUM_ONE, .ncodes = FIRST};
    return p;
}

static void put_factor(product *p, sdp_id id)
{
    p->factor = sdp_grown(&p->w->g->base, p->factor, p->n, &p->cap, sizeof *p->factor);
    p->factor[p->n++] = id;
}

static void put_label(product *p, uint8_t label)
{
    p->label = sdp_grown(&p->w->g->base, p->label, p->nlabels, &p->label_cap, 1);
    p->label[p->nlabels++] = label;
}

static uint8_t new_code(product *p, uint32_t index, sdp_dim size)
{
    if (p->ncodes == CODES) sdp_limit(&p->w->g->base, "labels", CODES);
    p->index[p->ncodes] = index;
    p->dim[p->ncodes] = size;
    return (uint8_t)p->ncodes++;
}

static uint8_t code(product *p, uint32_t index)
{
    for (uint32_t k = FIRST; k < p->ncodes; k++)
        if (p->index[k] == index) return (uint8_t)k;
    return new_code(p, index, size_of(p->w, index));
}

static void put_indices(product *p, const sdp_free *f)
{
    for (uint32_t k = 0; k < f->n; k++) put_label(p, code(p, f->at[k]));
}

// A term with the given labels of its rows and columns.
static void put_term(product *p, const sdp_term *t, sdp_id node, uint8_t rows, uint8_t cols)
{
    put_factor(p, node);
    if (t->shape.rows != SDP_DIM_ONE) put_label(p, rows), p->dim[rows] = t->shape.rows;
    if (t->shape.cols != SDP_DIM_ONE) put_label(p, cols), p->dim[cols] = t->shape.cols;
    put_indices(p, free_of(p->w, t));
}

// The einsum with the axes ROW and COLUMN of the shape, then the indices f.
static sdp_id finish(product *p, sdp_shape s, const sdp_free *f)
{
    uint8_t out[SDP_MAX_ORDER + 2];
    int order = 0;
    if (f->n + !sdp_is_scalar(s) + (s.rows != SDP_DIM_ONE && s.cols != SDP_DIM_ONE) > SDP_MAX_ORDER)
        sdp_limit(&p->w->g->base, "order", SDP_MAX_ORDER);
    if (s.rows != SDP_DIM_ONE) out[order++] = ROW, p->dim[ROW] = s.rows;
    if (s.cols != SDP_DIM_ONE) out[order++] = COLUMN, p->dim[COLUMN] = s.cols;
    for (uint32_t k = 0; k < f->n; k++) out[order++] = code(p, f->at[k]);
    return sdp_mul(p->w->g, p->coef, p->n, p->factor, p->label, order, out, p->dim);
}

// The node of a term, broadcast to a shape and to more indices.
static sdp_id spread(sdp_terms *w, const sdp_term *t, sdp_shape s, const sdp_free *f)
{
    const sdp_free *own = free_of(w, t);
    sdp_dim dim[2];
    bool same = own->n == f->n && sdp_shape_axes(t->shape, dim) == sdp_shape_axes(s, dim);
    if (same && (f->n == 0 || !memcmp(own->at, f->at, f->n * sizeof *f->at))) return t->node;
    product p = new_product(w);
    put_term(&p, t, t->node, ROW, COLUMN);
    return finish(&p, s, f);
}

// ---- leaves -----------------------------------------------------------------------------------------------

static sdp_dim resolved(sdp_terms *w, sdp_dim d) { return sdp_dim_resolve(w->g, d); }

// By how much SEL(i; j..) reaches below index 0 and beyond the size of i. (More
// than by 0 if that depends on sizes.)
static void overhang(product *p, const sdp_term *t, int order, const sdp_dim *dim, const sdp_dim *step,
                     sdp_dim *below, sdp_dim *beyond)
{
    sdp_graph *g = p->w->g;
    sdp_dim lowest = step[0], highest = step[0], none = sdp_dim_int(g, 0), unused;
    for (int k = 1; k < order; k++) {
        sdp_dim way = sdp_dim_mul(g, step[k], sdp_dim_add(g, dim[k], sdp_dim_int(g, -1)));
        bool falls = sdp_dim_exceeds(g, none, step[k]);
        if (!falls && !sdp_dim_never_negative(g, step[k]))
            sdp_term_fail(p->w, number(p->w, t), SD_ERR_UNSUPPORTED, "as in delta(i, m*j+k)",
                          "whether the factor %s is positive depends on the sizes", sdp_dim_text(g, step[k]));
        if (falls) lowest = sdp_dim_add(g, lowest, way);
        else highest = sdp_dim_add(g, highest, way);
    }
    sdp_dim excess = sdp_dim_add(g, sdp_dim_add(g, highest, SDP_DIM_ONE), sdp_dim_neg(g, dim[0]));
    *below = *beyond = none;
    if (!sdp_dim_never_negative(g, lowest)) sdp_dim_split(g, lowest, &unused, below);
    if (!sdp_dim_never_negative(g, sdp_dim_neg(g, excess))) sdp_dim_split(g, excess, beyond, &unused);
}

// SEL(i; j..), or, as the indices of a SEL must lie inside, sum_k SEL(k; i) SEL(k; j..) with a k that runs
// far enough: delta(i,j+1) of equal sizes is eye(n+1)[1:n,2:n+1].
static void put_selection(product *p, const sdp_term *t, int order, sdp_dim *dim, sdp_dim *step,
                          const uint8_t *label, bool indices)
{
    sdp_graph *g = p->w->g;
    sdp_dim none = sdp_dim_int(g, 0), below = none, beyond = none, size = dim[0];
    if (indices) overhang(p, t, order, dim, step, &below, &beyond);
    uint8_t first = label[0];
    if (below != none || beyond != none) {
        dim[0] = sdp_dim_add(g, sdp_dim_add(g, below, size), beyond);
        first = new_code(p, UINT32_MAX, dim[0]);
        step[0] = sdp_dim_add(g, step[0], below);
        bool one = size == SDP_DIM_ONE;
        put_factor(p, sdp_sel(g, one ? 1 : 2, (sdp_dim[]){dim[0], size}, (sdp_dim[]){below, SDP_DIM_ONE}));
        put_label(p, first);
        if (!one) put_label(p, label[0]);
    } else if (size == SDP_DIM_ONE) {
        return;
    }
    put_factor(p, sdp_sel(g, order, dim, step));
    put_label(p, first);
    for (int k = 1; k < order; k++) put_label(p, label[k]);
}

// delta(i, a): the equation i == a counts from 1, i0 == offset + sum of stride * j0 from 0.
static void put_delta(product *p, const sdp_term *t)
{
    sdp_graph *g = p->w->g;
    bool swap = !arg(p->w, t, 0)->label;
    uint32_t i = arg(p->w, t, swap)->label;
    const sdp_index_sum *a = p->w->index->affine[t->arg[!swap]];
    sdp_dim dim[SDP_MAX_ORDER], step[SDP_MAX_ORDER],
        offset = sdp_dim_add(g, resolved(p->w, a->offset), sdp_dim_int(g, -1));
    int order = 0;
    uint8_t label[SDP_MAX_ORDER];
    dim[order] = size_of(p->w, i);
    label[order++] = code(p, i);
    for (uint32_t k = 0; k < a->n; k++) {
        step[order] = resolved(p->w, a->stride[k]);
        offset = sdp_dim_add(g, offset, step[order]);
        dim[order] = size_of(p->w, a->label[k]);
        if (dim[order] != SDP_DIM_ONE) label[order++] = code(p, a->label[k]);
    }
    step[0] = offset;
    if (a->n == 0 && (sdp_dim_exceeds(g, sdp_dim_int(g, 0), offset) ||
                      sdp_dim_exceeds(g, sdp_dim_add(g, offset, SDP_DIM_ONE), dim[0])))
        sdp_term_fail(p->w, number(p->w, t), SD_ERR_SHAPE, "indices count from 1",
                      "the index '%s' runs from 1 to %s", p->w->index->at[i - 1].name,
                      sdp_dim_text(g, dim[0]));
    put_selection(p, t, order, dim, step, label, a->n > 0);
}

// x[i], A[l,j]: the base itself with these labels, if all its axes get one.
static bool is_plain_entry(const sdp_terms *w, const sdp_term *t)
{
    return is_call(t, SDP_OP_index) && arg(w, t, 1)->label && free_of(w, arg(w, t, 0))->n == 0;
}

static void put_entry(product *p, const sdp_term *t)
{
    put_factor(p, arg(p->w, t, 0)->node);
    for (uint32_t k = 1; k < t->nargs; k++)
        if (size_of(p->w, arg(p->w, t, k)->label) != SDP_DIM_ONE)
            put_label(p, code(p, arg(p->w, t, k)->label));
}

static sdp_id entry_of(sdp_terms *w, const sdp_term *t)
{
    product p = new_product(w);
    const sdp_term *base = arg(w, t, 0);
    if (!arg(w, t, 1)->label)
        sdp_term_fail(w, number(w, t), SD_ERR_UNSUPPORTED, "subscript first: x[2:3][i]",
                      "this subscript stands behind an index");
    if (is_plain_entry(w, t)) put_entry(&p, t);
    else {
        bool row = base->shape.rows == SDP_DIM_ONE;
        uint8_t one = code(&p, arg(w, t, 1)->label), two = t->nargs > 2 ? code(&p, arg(w, t, 2)->label) : one;
        put_term(&p, base, base->node, row ? ROW : one, row ? one : two);
    }
    return finish(&p, t->shape, free_of(w, t));
}

// ---- parts and counters -----------------------------------------------------------------------------------

// Labels an axis of the base of a part: with the index itself if it runs over the whole axis, else with a new
// label and a factor SEL(axis; index) that skips the first `skipped` entries.
static void put_subscript(product *p, const sdp_term *t, uint32_t k, sdp_dim size)
{
    sdp_graph *g = p->w->g;
    uint32_t index = arg(p->w, t, 3 * k + 1)->label;
    long skipped = strtol(arg(p->w, t, 3 * k + 2)->text, NULL, 10);
    sdp_dim range = size_of(p->w, index), from = sdp_dim_int(g, skipped);
    if (range == size) {
        put_label(p, code(p, index));
        return;
    }
    uint8_t axis = new_code(p, UINT32_MAX, size);
    put_label(p, axis);
    bool one = range == SDP_DIM_ONE;
    p->later[p->nlater++] = sdp_sel(g, one ? 1 : 2, (sdp_dim[]){size, range}, (sdp_dim[]){from, SDP_DIM_ONE});
    p->later_label[2 * p->nlater - 2] = axis;
    p->later_label[2 * p->nlater - 1] = one ? 0 : code(p, index);
}

// x_i of a vector is a number, of a matrix its i-th row, which stands as a column.
static sdp_id part_of(sdp_terms *w, const sdp_term *t)
{
    product p = new_product(w);
    const sdp_term *base = arg(w, t, 0);
    sdp_dim dim[2];
    int order = sdp_shape_axes(base->shape, dim);
    uint32_t given = (t->nargs - 1) / 3;
    put_factor(&p, base->node);
    for (int k = 0; k < order; k++) {
        if ((uint32_t)k < given) put_subscript(&p, t, (uint32_t)k, dim[k]);
        else put_label(&p, ROW), p.dim[ROW] = dim[k];
    }
    put_indices(&p, free_of(w, base));
    for (uint32_t k = 0; k < p.nlater; k++) {
        put_factor(&p, p.later[k]);
        put_label(&p, p.later_label[2 * k]);
        if (sdp_get(w->g, p.later[k])->order > 1) put_label(&p, p.later_label[2 * k + 1]);
    }
    return finish(&p, t->shape, free_of(w, t));
}

// An index as a number: i is the sum of 1 over all j <= i.
static sdp_id counter_of(sdp_terms *w, const sdp_term *t)
{
    sdp_dim n = size_of(w, t->label);
    if (n == SDP_DIM_ONE) return sdp_number(w->g, SDP_NUM_ONE);
    sdp_id mask = sdp_mask(w->g, n, n, SDP_LOWER);
    return sdp_mul(w->g, SDP_NUM_ONE, 1, &mask, (uint8_t[]){0, 1}, 1, (uint8_t[]){0}, NULL);
}

// ---- products and sums over indices -----------------------------------------------------------------------

static bool is_scalar(const sdp_term *t) { return sdp_is_scalar(t->shape); }

static sdp_id reciprocal(sdp_terms *w, const sdp_term *t)
{
    return sdp_power_num(w->g, t->node, SDP_NUM_MINUS_ONE);
}

// An index that its own sum does not mention counts.
static void put_counts(product *p, const sdp_term *t)
{
    const sdp_free *f = free_of(p->w, arg(p->w, t, t->nargs - 1));
    for (uint32_t k = 0; k + 1 < t->nargs; k++) {
        uint32_t l = arg(p->w, t, k)->label, i = 0;
        while (i < f->n && f->at[i] != l) i++;
        if (i == f->n) put_factor(p, sdp_dim_value(p->w->g, size_of(p->w, l)));
    }
}

static sdp_id flat_product(sdp_terms *w, const sdp_term *root)
{
    product p = new_product(w);
    uint32_t *stack = w->index->stack, n = 0;
    stack[n++] = number(w, root);
    while (n) {
        const sdp_term *t = &w->t[stack[--n]];
        if (t != root && !w->index->absorbed[number(w, t)]) {
            if (is_plain_entry(w, t)) put_entry(&p, t);
            else put_term(&p, t, t->node, ROW, COLUMN);
        } else if (t->role == SDP_DELTA) put_delta(&p, t);
        else if (t->role == SDP_OVER) {
            put_counts(&p, t);
            stack[n++] = t->arg[t->nargs - 1];
        } else {
            bool divides = is_call(t, SDP_OP_div) || is_call(t, SDP_OP_ediv);
            if (is_call(t, SDP_OP_neg)) p.coef = sdp_num_neg(w->g, p.coef);
            stack[n++] = t->arg[0];
            if (divides) put_term(&p, arg(w, t, 1), reciprocal(w, arg(w, t, 1)), ROW, COLUMN);
            else if (t->nargs > 1) stack[n++] = t->arg[1];
        }
    }
    return finish(&p, root->shape, free_of(w, root));
}

// Matrices with indices: the product, element-wise product, quotient by a
// number, transpose, sum over indices.
static sdp_id matrix_product(sdp_terms *w, const sdp_term *t)
{
    product p = new_product(w);
    const sdp_term *a = arg(w, t, 0), *b = t->nargs > 1 ? arg(w, t, 1) : NULL;
    if (t->role == SDP_OVER) {
        put_counts(&p, t);
        put_term(&p, arg(w, t, t->nargs - 1), arg(w, t, t->nargs - 1)->node, ROW, COLUMN);
    } else if (is_call(t, SDP_OP_transpose)) {
        put_term(&p, a, a->node, COLUMN, ROW);
    } else if (is_call(t, SDP_OP_mul) && !is_scalar(a) && !is_scalar(b)) {
        put_term(&p, a, a->node, ROW, MIDDLE);
        put_term(&p, b, b->node, MIDDLE, COLUMN);
    } else {
        bool divides = is_call(t, SDP_OP_div) || is_call(t, SDP_OP_ediv);
        put_term(&p, a, a->node, ROW, COLUMN);
        if (b) put_term(&p, b, divides ? reciprocal(w, b) : b->node, ROW, COLUMN);
        else p.coef = SDP_NUM_MINUS_ONE;
    }
    return finish(&p, t->shape, free_of(w, t));
}

// The entry's indices, as the axes of the array; those that stay free behind them.
static sdp_id built(sdp_terms *w, const sdp_term *t)
{
    product p = new_product(w);
    const sdp_term *entry = arg(w, t, t->nargs - 1);
    const sdp_free *f = free_of(w, t);
    uint8_t out[SDP_MAX_ORDER];
    int order = 0;
    if (f->n + 2 > SDP_MAX_ORDER) sdp_limit(&w->g->base, "order", SDP_MAX_ORDER);
    put_term(&p, entry, entry->node, ROW, COLUMN);
    for (uint32_t k = 0; k + 1 < t->nargs; k++)
        if (size_of(w, arg(w, t, k)->label) != SDP_DIM_ONE) out[order++] = code(&p, arg(w, t, k)->label);
    for (uint32_t k = 0; k < f->n; k++) out[order++] = code(&p, f->at[k]);
    return sdp_mul(w->g, SDP_NUM_ONE, p.n, p.factor, p.label, order, out, p.dim);
}

static bool is_product(const sdp_terms *w, const sdp_term *t)
{
    static const uint16_t ops[] = {SDP_OP_mul, SDP_OP_emul, SDP_OP_ediv, SDP_OP_neg, SDP_OP_transpose};
    for (size_t k = 0; k < sizeof ops / sizeof *ops; k++)
        if (is_call(t, ops[k])) return true;
    return t->role == SDP_OVER || t->role == SDP_DELTA || (is_call(t, SDP_OP_div) && is_scalar(arg(w, t, 1)));
}

static bool is_sum(const sdp_term *t) { return is_call(t, SDP_OP_add) || is_call(t, SDP_OP_sub); }

static sdp_id sum_of(sdp_terms *w, const sdp_term *t)
{
    sdp_graph *g = w->g;
    const bool *absorbed = w->index->absorbed;
    uint32_t n = 2;
    for (const sdp_term *s = t; absorbed[s->arg[0]] && is_sum(arg(w, s, 0)); s = arg(w, s, 0)) n++;
    sdp_id *term = sdp_scratch(&g->base, n * sizeof *term);
    sdp_num *coef = sdp_scratch(&g->base, n * sizeof *coef);
    uint32_t i = n;
    const sdp_term *s = t;
    for (;; s = arg(w, s, 0)) {
        term[--i] = spread(w, arg(w, s, 1), t->shape, free_of(w, t));
        coef[i] = is_call(s, SDP_OP_sub) ? SDP_NUM_MINUS_ONE : SDP_NUM_ONE;
        if (i == 1) break;
    }
    term[0] = spread(w, arg(w, s, 0), t->shape, free_of(w, t));
    coef[0] = SDP_NUM_ONE;
    return sdp_add(g, n, coef, term);
}

// ---- functions --------------------------------------------------------------------------------------------

// An argument without axes stays a scalar: the constructors spread it.
static sdp_id argument(sdp_terms *w, const sdp_term *t, uint32_t k)
{
    const sdp_term *a = arg(w, t, k);
    return is_scalar(a) && free_of(w, a)->n == 0 ? a->node : spread(w, a, t->shape, free_of(w, t));
}

// The node with the axes of the indices in front of those of the shape: rows of X
// are rows then, not columns of X'.
static sdp_id indices_first(sdp_graph *g, sdp_id a, int axes, bool back)
{
    uint8_t axis[SDP_MAX_ORDER];
    int order = sdp_get(g, a)->order, first = back ? order - axes : axes;
    for (int k = 0; k < order; k++) axis[k] = (uint8_t)((k + first) % order);
    return sdp_permute(g, a, axis);
}

// norm(x_i), norm(x_i,1), sum(x_i), softmax(W*x_i): of the axes of the shape, for
// each index; 0: no such function.
static sdp_id reduction_of(sdp_terms *w, const sdp_term *t)
{
    static const uint16_t ops[] = {SDP_OP_norm,  SDP_OP_logsumexp, SDP_OP_maxof,
                                   SDP_OP_minof, SDP_OP_prod,      SDP_OP_softmax};
    sdp_graph *g = w->g;
    const sdp_term *a = arg(w, t, 0);
    sdp_dim dim[2];
    int axes = sdp_shape_axes(a->shape, dim), order = sdp_get(g, a->node)->order;
    uint32_t mask = ((1u << axes) - 1) << (order - axes);
    const char *p =
        t->op == SDP_OP_norm && t->nargs == 2 && arg(w, t, 1)->kind == SYN_NUMBER ? arg(w, t, 1)->text : "";
    if (t->kind != SYN_CALL || (t->nargs != 1 && !*p) || !axes || order == axes) return 0;
    if (t->op == SDP_OP_sum) return sdp_sum(g, a->node, (1u << axes) - 1);
    if (!strcmp(p, "1")) return sdp_sum(g, sdp_map1(g, SDP_OP_abs, a->node), (1u << axes) - 1);
    if (*p && strcmp(p, "2")) return 0;
    for (size_t k = 0; k < sizeof ops / sizeof *ops; k++) {
        if (t->op != ops[k]) continue;
        sdp_id turned = indices_first(g, a->node, axes, false), value = sdp_prim(g, t->op, 1, &turned, mask);
        return t->op == SDP_OP_softmax ? indices_first(g, value, axes, true) : value;
    }
    return 0;
}

static sdp_id function_of(sdp_terms *w, const sdp_term *t)
{
    sdp_graph *g = w->g;
    sdp_id a[3];
    bool power =
        t->op == SDP_OP_epow || t->op == SDP_OP_pow || (t->op == SDP_OP_pow_ && is_scalar(arg(w, t, 0)));
    if (power || t->op == SDP_OP_square || t->op == SDP_OP_sqrt || sdp_ops[t->op].kind == SDP_OP_MAP)
        for (uint32_t k = 0; k < t->nargs; k++) a[k] = argument(w, t, k);
    const sdp_node *base = power ? sdp_get(g, arg(w, t, 0)->node) : NULL;
    if (base && base->kind == SDP_CONST && base->op == SDP_OP_e) return sdp_map1(g, SDP_OP_exp, a[1]);
    if (power) { // 2^x[i]: the base gets the axes of the exponent
        if (sdp_get(g, a[0])->order < sdp_get(g, a[1])->order)
            a[0] = spread(w, arg(w, t, 0), t->shape, free_of(w, t));
        return sdp_power(g, a[0], a[1]);
    }
    if (t->op == SDP_OP_square) return sdp_power_num(g, a[0], SDP_NUM_TWO);
    if (t->op == SDP_OP_sqrt) return sdp_power_num(g, a[0], SDP_NUM_HALF);
    if (sdp_ops[t->op].kind == SDP_OP_MAP) return sdp_map(g, t->op, a);
    sdp_id reduced = reduction_of(w, t);
    if (reduced) return reduced;
    sdp_term_fail(w, number(w, t), SD_ERR_UNSUPPORTED, "subscript its value: inv(X)[i,j]",
                  "'%s' does not take entries", sdp_ops[t->op].name);
}

// Zeros with the axes of a term.
sdp_id sdp_zero_entries(sdp_terms *w, const sdp_term *t)
{
    sdp_dim dim[SDP_MAX_ORDER + 2];
    int order = sdp_shape_axes(t->shape, dim);
    const sdp_free *f = w->index ? free_of(w, t) : NULL;
    for (uint32_t k = 0; f && k < f->n; k++) {
        if (order == SDP_MAX_ORDER) sdp_limit(&w->g->base, "order", SDP_MAX_ORDER);
        dim[order++] = size_of(w, f->at[k]);
    }
    return order ? sdp_zeros(w->g, order, dim) : SDP_ID_ZERO;
}

sdp_id sdp_lower_entry(sdp_terms *w, sdp_term *t)
{
    sdp_graph *g = w->g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_id id;
    if (t->role == SDP_EQUATION) {
        const sdp_free *f = free_of(w, t);
        id = spread(w, arg(w, t, t->nargs - 1), t->shape, f); // whose shape is still a scalar's
        if (f->n > 0) t->shape.rows = size_of(w, f->at[0]);
        if (f->n > 1) t->shape.cols = size_of(w, f->at[1]);
    } else if (t->role == SDP_BUILT) id = built(w, t);
    else if (t->role == SDP_PART) id = part_of(w, t);
    else if (t->role == SDP_COUNTER) id = counter_of(w, t);
    else if (is_call(t, SDP_OP_index)) id = entry_of(w, t);
    else if (is_product(w, t)) id = sdp_entry_is_flat(w, t) ? flat_product(w, t) : matrix_product(w, t);
    else if (is_sum(t)) id = sum_of(w, t);
    else id = function_of(w, t);
    sdp_scratch_release(&g->base, m);
    return id;
}
