// SPDX-License-Identifier: MIT
// Terms to graph nodes. All shapes are known and fit, so a lowering function only says what
// an operation is: mostly one einsum. SUGAR and PRIM rows of the table name their function;
// MAP rows are lowered by themselves.
//
// Chains of + and - are lowered as one sum (a left-leaning chain of n terms must not make n partial sums).
#include <string.h>

#include "ast/surface/lower.h"

// Stretches a scalar to the axes of a shape.
static sdp_id widen(lowering *l, sdp_id a, sdp_shape s)
{
    sdp_dim dim[2];
    int order = sdp_shape_axes(s, dim);
    return sdp_get(l->g, a)->order < order ? sdp_broadcast(l->g, a, order, dim) : a;
}

// ---- arithmetic -------------------------------------------------------------------------------------------

static bool is_sum(const sdp_term *t)
{
    return t->kind == SYN_CALL && (t->op == SDP_OP_add || t->op == SDP_OP_sub);
}

sdp_id sdp_lowering_add(lowering *l, const sdp_term *t)
{
    sdp_mark m = sdp_scratch_mark(&l->g->base);
    uint32_t n = 2;
    for (const sdp_term *p = t; l->absorbed[p->arg[0]]; p = arg(l, p, 0)) n++;
    sdp_id *a = sdp_scratch(&l->g->base, n * sizeof *a);
    sdp_num *c = sdp_scratch(&l->g->base, n * sizeof *c);
    uint32_t i = n;
    for (const sdp_term *p = t;; p = arg(l, p, 0)) {
        a[--i] = widen(l, node(l, p, 1), t->shape);
        c[i] = p->op == SDP_OP_sub ? SDP_NUM_MINUS_ONE : SDP_NUM_ONE;
        if (l->absorbed[p->arg[0]]) continue;
        a[0] = widen(l, node(l, p, 0), t->shape);
        c[0] = SDP_NUM_ONE;
        break;
    }
    for (sdp_meeting met; sdp_terms_meet(l->g, SDP_TERMS_READ, n, a, c, &met);)
        n = sdp_terms_met(&met, n, a, c);
    sdp_id sum = sdp_add(l->g, n, c, a);
    sdp_note_terms(l->g, sum, n, c, a);
    if (!t->own) sdp_note_met(l, sum);
    sdp_scratch_release(&l->g->base, m);
    return sum;
}

sdp_id sdp_lowering_neg(lowering *l, const sdp_term *t)
{
    return sdp_scale(l->g, SDP_NUM_MINUS_ONE, node(l, t, 0));
}
sdp_id sdp_lowering_emul(lowering *l, const sdp_term *t)
{
    sdp_note_product(l, t);
    return sdp_times(l->g, node(l, t, 0), node(l, t, 1));
}

sdp_id sdp_lowering_ediv(lowering *l, const sdp_term *t)
{
    return sdp_times(l->g, node(l, t, 0), sdp_typed_reciprocal(l, t, node(l, t, 1)));
}

sdp_id sdp_lowering_epow(lowering *l, const sdp_term *t)
{
    return sdp_power(l->g, node(l, t, 0), node(l, t, 1));
}
sdp_id sdp_lowering_sqrt(lowering *l, const sdp_term *t)
{
    return sdp_power_num(l->g, node(l, t, 0), SDP_NUM_HALF);
}
sdp_id sdp_lowering_square(lowering *l, const sdp_term *t)
{
    return sdp_power_num(l->g, node(l, t, 0), SDP_NUM_TWO);
}
sdp_id sdp_lowering_reciprocal(lowering *l, const sdp_term *t)
{
    return sdp_power_num(l->g, node(l, t, 0), SDP_NUM_MINUS_ONE);
}
sdp_id sdp_lowering_exp2(lowering *l, const sdp_term *t)
{
    return sdp_power(l->g, sdp_number(l->g, SDP_NUM_TWO), node(l, t, 0));
}

sdp_id sdp_lowering_clip(lowering *l, const sdp_term *t)
{
    sdp_id least = sdp_map(l->g, SDP_OP_max, (sdp_id[]){node(l, t, 0), node(l, t, 1)});
    return sdp_map(l->g, SDP_OP_min, (sdp_id[]){least, node(l, t, 2)});
}

// a (r, k) times b (k, c): an axis that is not there has no label
static sdp_id matmul(sdp_graph *g, sdp_id a, sdp_shape sa, sdp_id b, sdp_shape sb)
{
    enum { R, K, C };
    uint8_t label[4], out[2];
    int n = 0, order = 0;
    if (sdp_is_scalar(sa) || sdp_is_scalar(sb)) return sdp_times(g, a, b);
    if (sa.rows != SDP_DIM_ONE) label[n++] = out[order++] = R;
    if (sa.cols != SDP_DIM_ONE) label[n++] = K;
    if (sb.rows != SDP_DIM_ONE) label[n++] = K;
    if (sb.cols != SDP_DIM_ONE) label[n++] = out[order++] = C;
    return sdp_mul(g, SDP_NUM_ONE, 2, (sdp_id[]){a, b}, label, order, out, NULL);
}

sdp_id sdp_lowering_mul(lowering *l, const sdp_term *t)
{
    sdp_note_product(l, t);
    return matmul(l->g, node(l, t, 0), sdp_numpy_left(t, arg(l, t, 0)), node(l, t, 1), arg(l, t, 1)->shape);
}

static sdp_id inverse(lowering *l, const sdp_term *t, sdp_id a)
{
    return sdp_get(l->g, a)->order ? sdp_prim(l->g, SDP_OP_inv, 1, &a, 0) : sdp_typed_reciprocal(l, t, a);
}

sdp_id sdp_lowering_div(lowering *l, const sdp_term *t)
{
    return matmul(l->g, node(l, t, 0), arg(l, t, 0)->shape, inverse(l, t, node(l, t, 1)),
                  arg(l, t, 1)->shape);
}

sdp_id sdp_lowering_ldiv(lowering *l, const sdp_term *t)
{
    return matmul(l->g, inverse(l, t, node(l, t, 0)), arg(l, t, 0)->shape, node(l, t, 1),
                  arg(l, t, 1)->shape);
}

// Is the exponent an integer? A variable that nobody declared becomes one.
static bool is_integer(lowering *l, sdp_id e)
{
    sdp_graph *g = l->g;
    uint32_t count;
    sdp_without_free_copies(g, 1, &e, 0, NULL);
    if (sdp_has(g, e, SDP_INTEGER)) return true;
    sdp_id *list = sdp_reachable(g, 1, &e, &count);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = sdp_get(g, list[i]);
        if (n->kind != SDP_VAR || g->var[n->param].declared) continue;
        g->var[n->param].facts |= SDP_INTEGER;
        g->var[n->param].inferred = true;
        if (g->nknown > list[i]) g->nknown = list[i]; // what followed from less
    }
    return sdp_has(g, e, SDP_INTEGER);
}

sdp_id sdp_lowering_powm(lowering *l, const sdp_term *t)
{
    sdp_graph *g = l->g;
    sdp_id a = node(l, t, 0), e = node(l, t, 1);
    sdp_num twice;
    if (sdp_is_number(g, e, &twice)) twice = sdp_num_mul(g, twice, SDP_NUM_TWO);
    bool fits = sdp_get(g, a)->order == 0 || sdp_has(g, a, SDP_POSDEF) ||
                (sdp_is_number(g, e, &(sdp_num){0}) ? sdp_num_is_int(g, twice) : is_integer(l, e));
    if (!fits)
        sdp_term_fail(l->w, t->arg[1], SD_ERR_UNSUPPORTED,
                      "declare the exponent integer, or the matrix posdef; .^ is the element-wise power",
                      "a power of a matrix that is not known to be positive definite needs an integer, or "
                      "half of one, as exponent");
    return sdp_prim(g, SDP_OP_powm, 2, (sdp_id[]){a, e}, 0);
}

// A vector is one node, as column, as row and without axes.
sdp_id sdp_lowering_itself(lowering *l, const sdp_term *t) { return node(l, t, 0); }
sdp_id sdp_lowering_transpose(lowering *l, const sdp_term *t) { return sdp_transpose(l->g, node(l, t, 0)); }

// ---- matrices ---------------------------------------------------------------------------------------------

sdp_id sdp_lowering_inv(lowering *l, const sdp_term *t) { return inverse(l, t, node(l, t, 0)); }

sdp_id sdp_lowering_det(lowering *l, const sdp_term *t)
{
    sdp_id x = node(l, t, 0);
    return sdp_get(l->g, x)->order ? sdp_prim(l->g, SDP_OP_det, 1, &x, 0) : x;
}

sdp_id sdp_lowering_bars(lowering *l, const sdp_term *t)
{
    return sdp_get(l->g, node(l, t, 0))->order == 2 ? sdp_lowering_det(l, t)
                                                    : sdp_map1(l->g, SDP_OP_abs, node(l, t, 0));
}

sdp_id sdp_lowering_logdet(lowering *l, const sdp_term *t)
{
    sdp_id x = node(l, t, 0);
    return sdp_get(l->g, x)->order ? sdp_prim(l->g, SDP_OP_logdet, 1, &x, 0) : sdp_map1(l->g, SDP_OP_log, x);
}

sdp_id sdp_lowering_tr(lowering *l, const sdp_term *t)
{
    return sdp_get(l->g, node(l, t, 0))->order ? sdp_es(l->g, SDP_NUM_ONE, "ii->", node(l, t, 0))
                                               : node(l, t, 0);
}

sdp_id sdp_lowering_diag(lowering *l, const sdp_term *t)
{
    sdp_id x = node(l, t, 0);
    int order = sdp_get(l->g, x)->order;
    return order == 0 ? x : sdp_es(l->g, SDP_NUM_ONE, order == 1 ? "i->ii" : "ii->i", x);
}

sdp_id sdp_lowering_adj(lowering *l, const sdp_term *t)
{
    sdp_id x = node(l, t, 0);
    return sdp_get(l->g, x)->order ? sdp_prim(l->g, SDP_OP_adj, 1, &x, 0) : SDP_ID_ONE;
}

sdp_id sdp_lowering_triangle(lowering *l, const sdp_term *t)
{
    int which = t->op == SDP_OP_tril ? SDP_LOWER : SDP_UPPER;
    sdp_id x = node(l, t, 0);
    const sdp_node *n = sdp_get(l->g, x);
    // without the diagonal: what the other triangle leaves
    if (t->nargs == 2 && node(l, t, 1) != SDP_ID_ZERO) {
        sdp_id strict = which == SDP_LOWER ? sdp_number(l->g, SDP_NUM_MINUS_ONE) : SDP_ID_ONE;
        if (node(l, t, 1) != strict)
            sdp_term_fail(l->w, t->arg[1], SD_ERR_UNSUPPORTED,
                          "triu(X,1) and tril(X,-1) leave out the diagonal",
                          "there is no triangle from this diagonal on");
        return sdp_sub(l->g, x,
                       sdp_times(l->g, x,
                                 sdp_mask(l->g, n->dim[0], n->dim[1],
                                          which == SDP_LOWER ? SDP_UPPER : SDP_LOWER)));
    }
    if (sdp_has(l->g, x, which == SDP_LOWER ? SDP_TRI_LOWER : SDP_TRI_UPPER)) return x;
    return sdp_times(l->g, x, sdp_mask(l->g, n->dim[0], n->dim[1], which));
}

// vec(X)[k] = X[i,j] with k = i + m j: columns stacked
sdp_id sdp_lowering_vec(lowering *l, const sdp_term *t)
{
    sdp_graph *g = l->g;
    sdp_id x = node(l, t, 0);
    const sdp_node *n = sdp_get(g, x);
    if (n->order < 2) return x;
    sdp_dim dim[3] = {t->shape.rows, n->dim[0], n->dim[1]},
            step[3] = {sdp_dim_int(g, 0), SDP_DIM_ONE, n->dim[0]};
    return sdp_es(g, SDP_NUM_ONE, "kij,ij->k", sdp_sel(g, 3, dim, step), x);
}

// kron(A,B)[p,q] = A[i,j] B[k,l] with p = k + rows(B) i, q = l + cols(B) j; an axis of size 1 needs no SEL
sdp_id sdp_lowering_kron(lowering *l, const sdp_term *t)
{
    enum { I, J, K, L, P, Q };
    sdp_graph *g = l->g;
    sdp_shape a = arg(l, t, 0)->shape, b = arg(l, t, 1)->shape;
    sdp_id factor[4] = {node(l, t, 0), node(l, t, 1)};
    uint8_t label[10], out[2];
    uint32_t n = 2, at = 0;
    int order = 0;
    if (a.rows != SDP_DIM_ONE) label[at++] = I;
    if (a.cols != SDP_DIM_ONE) label[at++] = J;
    if (b.rows != SDP_DIM_ONE) label[at++] = K;
    if (b.cols != SDP_DIM_ONE) label[at++] = L;
    for (int side = 0; side < 2; side++) {
        sdp_dim x = side ? a.cols : a.rows, y = side ? b.cols : b.rows;
        uint8_t lx = side ? J : I, ly = side ? L : K, lz = side ? Q : P;
        if (x == SDP_DIM_ONE && y == SDP_DIM_ONE) continue;
        out[order++] = x == SDP_DIM_ONE ? ly : y == SDP_DIM_ONE ? lx : lz;
        if (x == SDP_DIM_ONE || y == SDP_DIM_ONE) continue;
        sdp_dim dim[3] = {sdp_dim_mul(g, x, y), y, x}, step[3] = {sdp_dim_int(g, 0), SDP_DIM_ONE, y};
        factor[n++] = sdp_sel(g, 3, dim, step);
        label[at++] = lz;
        label[at++] = ly;
        label[at++] = lx;
    }
    return sdp_mul(g, SDP_NUM_ONE, n, factor, label, order, out, NULL);
}

static sdp_id filled(lowering *l, sdp_id c, sdp_shape s)
{
    sdp_dim dim[2];
    int order = sdp_shape_axes(s, dim);
    return sdp_broadcast(l->g, c, order, dim);
}

sdp_id sdp_lowering_ones(lowering *l, const sdp_term *t) { return filled(l, SDP_ID_ONE, t->shape); }
sdp_id sdp_lowering_zeros(lowering *l, const sdp_term *t) { return filled(l, SDP_ID_ZERO, t->shape); }
sdp_id sdp_lowering_filled(lowering *l, const sdp_term *t) { return filled(l, node(l, t, 0), t->shape); }

sdp_id sdp_lowering_eye(lowering *l, const sdp_term *t)
{
    sdp_shape s = t->shape;
    if (s.rows == s.cols) return s.rows == SDP_DIM_ONE ? SDP_ID_ONE : sdp_eye(l->g, s.rows);
    sdp_dim zero = sdp_dim_int(l->g, 0);
    if (s.rows == SDP_DIM_ONE || s.cols == SDP_DIM_ONE)
        return sdp_sel(l->g, 1, s.rows == SDP_DIM_ONE ? &s.cols : &s.rows, &zero);
    long m, n;
    if (!sdp_dim_long(l->g, s.rows, &m) || !sdp_dim_long(l->g, s.cols, &n))
        sdp_term_fail(l->w, (uint32_t)(t - l->w->t), SD_ERR_UNSUPPORTED, NULL,
                      "eye(m,n) needs numbers, or m equal to n");
    sdp_id e = sdp_sel(l->g, 2, m > n ? (sdp_dim[]){s.rows, s.cols} : (sdp_dim[]){s.cols, s.rows},
                       (sdp_dim[]){zero, SDP_DIM_ONE});
    return m > n ? e : sdp_transpose(l->g, e);
}

sdp_id sdp_lowering_apply(lowering *l, const sdp_term *t)
{
    sdp_id a[SDP_MAX_PARAMS];
    for (uint32_t i = 0; i < t->nargs; i++) a[i] = node(l, t, i);
    return sdp_call(l->g, t->called, a);
}

// ---- derivatives as terms ---------------------------------------------------------------------------------

sdp_id sdp_lowering_derivative(lowering *l, const sdp_term *t)
{
    const sdp_term *x = arg(l, t, 1);
    if (x->kind != SYN_NAME || x->var == UINT32_MAX)
        sdp_term_fail(l->w, t->arg[1], SD_ERR_UNSUPPORTED, "name a variable",
                      "a derivative is taken by a variable");
    if (!l->g->derivative)
        sdp_term_fail(l->w, t->arg[0], SD_ERR_UNSUPPORTED, NULL, "derivatives are not available here");
    return l->g->derivative(l->g, t->op, node(l, t, 0), x->node);
}

// f'(3): the derivative is taken by the variable that stands in the place of the parameter, which then gives
// way to the argument.
sdp_id sdp_lowering_at(lowering *l, const sdp_term *t)
{
    return sdp_substitute(l->g, arg(l, t, 0)->node, 1, &arg(l, t, 1)->node, &arg(l, t, 2)->node);
}

// h, where h = W*x+b is derived by: the variable. read.c keeps what it stands for.
sdp_id sdp_lowering_cut(lowering *l, const sdp_term *t) { return arg(l, t, 0)->node; }

// ---- the loop ---------------------------------------------------------------------------------------------

static sdp_lowering_fn *const lower_by[SDP_OP_COUNT] = {
#define LOWER(f)                                        sdp_lowering_##f
#define PRIM(id, name, least, most, shape, lower, ...)  [SDP_OP_##id] = lower,
#define SUGAR(id, name, least, most, shape, lower, ...) [SDP_OP_##id] = lower,
#include "ast/graph/ops.def"
#undef LOWER
};

static sdp_id lower_call(lowering *l, const sdp_term *t)
{
    if (lower_by[t->op]) return lower_by[t->op](l, t);
    sdp_id a[3];
    for (uint32_t i = 0; i < t->nargs; i++) a[i] = node(l, t, i);
    return sdp_map(l->g, t->op, a);
}

static sdp_id number(const lowering *l, const sdp_term *t)
{
    sdp_num v = sdp_num_parse(l->g, t->text, t->span);
    const char *typed = t->tree->source + t->span.begin; // ½ is no decimal
    if (!l->w->template && !t->own && strcspn(typed, ".eE") < t->span.end - t->span.begin)
        sdp_note_decimal(l->g, v);
    return sdp_number(l->g, v);
}

static sdp_id lower_term(lowering *l, sdp_term *t)
{
    sdp_graph *g = l->g;
    switch (t->kind) {
    case SYN_NUMBER: return number(l, t);
    case SYN_NAME:
        if (t->op) return sdp_constant(g, t->op);
        return t->is_dim ? sdp_dim_value(g, t->size) : sdp_var(g, t->var);
    case SYN_INDEXED: return sdp_lower_entry(l->w, t);
    case SYN_CALL: return sdp_has_entries(l->w, t) ? sdp_lower_entry(l->w, t) : lower_call(l, t);
    default: return SDP_ID_ONE; // a string or ':' is read by the call it stands in
    }
}

// A sum whose only use is as left operand of another sum of the same shape becomes part of that one.
static void find_absorbed(lowering *l)
{
    sdp_terms *w = l->w;
    uint8_t *uses = sdp_scratch(&l->g->base, w->n + 1);
    for (uint32_t i = 0; i < w->n; i++)
        for (uint32_t k = 0; k < w->t[i].nargs; k++) uses[w->t[i].arg[k]] = uses[w->t[i].arg[k]] ? 2 : 1;
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        if (!is_sum(t) || !is_sum(arg(l, t, 0)) || uses[t->arg[0]] != 1 || t->arg[0] == w->root ||
            sdp_is_part(w, t->arg[0]))
            continue;
        if (sdp_numpy_broadcasts(w, t)) continue;
        l->absorbed[t->arg[0]] = true;
    }
    sdp_index_prepare(w, uses, l->absorbed);
}

static void lower_one(lowering *l, uint32_t i)
{
    sdp_term *t = &l->w->t[i];
    sdp_refuse_lost_infinity(l->w, l->absorbed, l->infinite, i);
    if (l->absorbed[i]) return;
    l->g->base.here = t->span;
    l->g->base.source = t->tree->source;
    l->g->base.source_name = t->tree->source_name;
    t->node = lower_term(l, t);
    sdp_note_spelling(l, t);
    if (t->defined && !l->w->parts) sdp_note_definition(l->g, t->node, t->defined);
}

// Arguments first, in the order in which they are written: a condition before its branches.
sdp_id sdp_lower(sdp_terms *w)
{
    lowering l = {.w = w, .g = w->g};
    l.infinite = sdp_scratch(&w->g->base, w->n + 1);
    l.absorbed = sdp_scratch(&w->g->base, w->n + 1);
    sdp_numpy_settle(w);
    find_absorbed(&l);
    uint32_t *stack = sdp_scratch(&w->g->base, (w->n + (size_t)1) * sizeof *stack),
             *next = sdp_scratch(&w->g->base, (w->n + (size_t)1) * sizeof *next);
    bool *seen = sdp_scratch(&w->g->base, w->n + 1);
    uint32_t depth = 0;
    stack[depth++] = w->root;
    seen[w->root] = true;
    while (depth) {
        uint32_t i = stack[depth - 1], k = next[i]++;
        const sdp_term *t = &w->t[i];
        if (k >= t->nargs) {
            depth--;
            lower_one(&l, i);
            if (!l.absorbed[i] && sdp_is_part(w, i)) sdp_part_out(w, i);
        } else if (seen[t->arg[k]]) continue;
        else if (sdp_is_never_taken(w, t, k)) w->t[t->arg[k]].node = sdp_zero_entries(w, &w->t[t->arg[k]]);
        else seen[t->arg[k]] = true, stack[depth++] = t->arg[k];
    }
    w->g->base.here = (sdp_span){0, 0};
    return w->t[w->root].node;
}
