// SPDX-License-Identifier: MIT
// Primitives of matrices with known structure, before they are made. Each function returns
// 0 if nothing is known that helps.
//
//   inv(Q) = Q', logdet(Q) = 0 where it exists           orthogonal (det(Q)^2 = 1: power.c)
//   det(T) = prod(diag(T))                                triangular
//   logdet(T) = sum(log(diag(T)))                         triangular, no entry of the diagonal negative
//   det([a, b; c, d]) = a d - b c                        written out, two or three rows
//   norm(u) = 1, norm(Q*x) = norm(x)                      unit, orthogonal
#include <string.h>

#include "ast/make/inside.h"

static sdp_id diagonal_of(sdp_graph *g, sdp_id x) { return sdp_es(g, SDP_NUM_ONE, "aa->a", x); }

sdp_id sdp_structured_inverse(sdp_graph *g, sdp_id x)
{
    return sdp_has(g, x, SDP_ORTHOGONAL) ? sdp_transpose(g, x) : 0;
}

// Is the matrix [a, b; c, d], every entry by itself?
static bool is_written_out(const sdp_graph *g, sdp_id x)
{
    const sdp_node *n = g->node[x];
    for (uint32_t i = 0; n->kind == SDP_ADD && i < n->nargs; i++) {
        const sdp_node *t = g->node[n->arg[i]];
        uint32_t places = 0;
        for (uint32_t k = 0; t->kind == SDP_MUL && k < t->nargs; k++)
            places += g->node[t->arg[k]]->kind == SDP_SEL && g->node[t->arg[k]]->order == 1;
        if (places != 2) return false;
    }
    return n->kind == SDP_ADD;
}

static sdp_id entry(sdp_graph *g, sdp_id x, long i, long k)
{
    const sdp_dim *dim = g->node[x]->dim;
    sdp_dim row = sdp_dim_int(g, i), column = sdp_dim_int(g, k);
    sdp_id factor[3] = {x, sdp_sel(g, 1, &dim[0], &row), sdp_sel(g, 1, &dim[1], &column)};
    return sdp_mul(g, SDP_NUM_ONE, 3, factor, (uint8_t[]){0, 1, 0, 1}, 0, NULL, NULL);
}

sdp_id sdp_small_determinant(sdp_graph *g, sdp_id x)
{
    long n;
    if (!sdp_dim_long(g, g->node[x]->dim[0], &n) || (n != 2 && n != 3)) return 0;
    sdp_id term[6];
    sdp_num coef[6];
    uint32_t terms = 0;
    for (long first = 0; first < n; first++)
        // the permutation first, first + step, ...: odd for step 2, and for two rows if first = 1
        for (long step = 1; step < n; step++) {
            sdp_id product = SDP_ID_ONE;
            for (long i = 0; i < n; i++)
                product = sdp_times(g, product, entry(g, x, i, (first + i * step) % n));
            term[terms] = product;
            coef[terms++] = (n == 2 ? first : step - 1) % 2 ? SDP_NUM_MINUS_ONE : SDP_NUM_ONE;
        }
    return sdp_add(g, terms, coef, term);
}

// x without the orthogonal factor i that turns the output axis k: sum_a Q[o,a] y[a,..]
// becomes y. 0 if i is no such factor.
static sdp_id without_rotation(sdp_graph *g, const sdp_node *x, uint32_t i, int k)
{
    const uint8_t *l = sdp_labels(g, x, i), *out = sdp_labels(g, x, x->nargs);
    uint8_t label[SDP_MAX_FACTORS * SDP_MAX_ORDER], axes[SDP_MAX_ORDER], inner;
    sdp_id factor[SDP_MAX_FACTORS];
    uint32_t n = 0, at = 0, read = 0, outer_uses = 0;
    if (!sdp_has(g, x->arg[i], SDP_ORTHOGONAL) || (l[0] != out[k] && l[1] != out[k])) return 0;
    inner = l[0] == out[k] ? l[1] : l[0];
    for (uint32_t j = 0; j < x->nargs; j++) {
        uint8_t order = g->node[x->arg[j]]->order;
        for (int a = 0; a < order; a++) outer_uses += x->label[read + (uint32_t)a] == out[k];
        if (j != i) {
            sdp_copy(label + at, x->label + read, order);
            at += order;
            factor[n++] = x->arg[j];
        }
        read += order;
    }
    sdp_copy(axes, out, x->order);
    axes[k] = inner;
    if (outer_uses != 1 || memchr(out, inner, x->order) ||
        memchr(out + k + 1, out[k], (size_t)(x->order - k - 1)) || memchr(out, out[k], (size_t)k))
        return 0;
    if (!memchr(label, inner, at)) return 0; // the row sums of Q
    return sdp_mul(g, x->coef[0], n, factor, label, x->order, axes, x->ldim);
}

sdp_id sdp_without_rotation(sdp_graph *g, sdp_id x, int k)
{
    const sdp_node *n = g->node[x];
    sdp_id y = 0;
    if (n->kind != SDP_MUL || n->nargs > SDP_MAX_FACTORS) return 0;
    for (uint32_t i = 0; i < n->nargs && !y; i++) y = without_rotation(g, n, i, k);
    return y;
}

sdp_id sdp_structured_norm(sdp_graph *g, sdp_id x, uint32_t axes)
{
    const sdp_node *n = g->node[x];
    if (axes != (1u << n->order) - 1) return 0;
    if (sdp_has(g, x, SDP_UNIT)) return SDP_ID_ONE;
    for (int k = 0; k < n->order; k++) {
        sdp_id y = sdp_without_rotation(g, x, k);
        if (y) return sdp_prim(g, SDP_OP_norm, 1, &y, axes);
    }
    return 0;
}

// x without an orthogonal first or last factor, *q; 0 if it has none
static sdp_id without_rotation_once(sdp_graph *g, sdp_id x, sdp_id *q)
{
    const sdp_node *n = g->node[x];
    if (n->kind != SDP_MUL || n->nargs > SDP_MAX_FACTORS) return 0;
    for (uint32_t i = 0; i < 2 * n->nargs; i++) {
        sdp_id y = without_rotation(g, n, i / 2, (int)(i % 2));
        *q = n->arg[i / 2];
        if (y) return y;
    }
    return 0;
}

// det(Q*Y*R) = det(Q)*det(R)*det(Y), where det(Q)*det(Q) = 1: logdet(Q*Y*Q') =
// logdet(Y). 0 if nothing is known.
static sdp_id turned_determinant(sdp_graph *g, int op, sdp_id x)
{
    sdp_id y = x, sign = SDP_ID_ONE, q;
    for (sdp_id next; (next = without_rotation_once(g, y, &q)) != 0; y = next)
        sign = sdp_times(g, sign, sdp_prim(g, SDP_OP_det, 1, &q, 0));
    if (y == x || (op == SDP_OP_logdet && sign != SDP_ID_ONE)) return 0;
    y = sdp_prim(g, op, 1, &y, 0);
    return op == SDP_OP_logdet ? y : sdp_times(g, sign, y);
}

// ---- kron(A,B)[p,q] = SEL(p; k, i) SEL(q; l, j) A[i,j] B[k,l] ---------------------------------------------
// The factors that hold the two axes of the kron; false if x is no kron of square
// matrices. row, column: where they stand
static bool is_kron(sdp_graph *g, const sdp_node *x, uint32_t *row, uint32_t *column)
{
    const uint8_t *out = sdp_labels(g, x, x->nargs);
    uint32_t found = 0;
    if (x->kind != SDP_MUL || x->nargs > SDP_MAX_FACTORS || out[0] == out[1]) return false;
    for (uint32_t i = 0; i < x->nargs; i++) {
        const sdp_node *s = g->node[x->arg[i]];
        const uint8_t *l = sdp_labels(g, x, i);
        if (s->kind != SDP_SEL || s->order != 3 || (l[0] != out[0] && l[0] != out[1])) continue;
        *(l[0] == out[0] ? row : column) = i;
        found += l[0] == out[0] ? 1 : 10;
    }
    if (found != 11 || x->arg[*row] != x->arg[*column]) return false;
    const sdp_node *s = g->node[x->arg[*row]]; // p = k + q*i, and these are all
    return sdp_offset(s) == sdp_dim_int(g, 0) && sdp_stride(s, 1) == SDP_DIM_ONE &&
           sdp_stride(s, 2) == s->dim[1] && s->dim[0] == sdp_dim_mul(g, s->dim[1], s->dim[2]);
}

// The product of the factors of x that labels connect with a and b, with these axes; 0 if they connect these
// with c, d or the output
static sdp_id kron_part(sdp_graph *g, const sdp_node *x, uint32_t row, uint32_t column, const uint8_t *axes,
                        const uint8_t *others)
{
    bool closed[SDP_MAX_FACTORS] = {false}, in[SDP_MAX_FACTORS] = {false};
    uint8_t label[SDP_MAX_FACTORS * SDP_MAX_ORDER];
    sdp_id factor[SDP_MAX_FACTORS];
    uint32_t n = 0, at = 0;
    closed[row] = closed[column] = true;
    uint64_t own = sdp_label_bit(axes[0]) | sdp_label_bit(axes[1]),
             met = sdp_connected(g, x, own, 0, closed, in);
    if (met & (sdp_label_bit(others[0]) | sdp_label_bit(others[1]) | sdp_label_set(g, x, x->nargs))) return 0;
    for (uint32_t i = 0; i < x->nargs; i++) {
        if (!in[i]) continue;
        for (int k = 0; k < g->node[x->arg[i]]->order; k++) label[at++] = sdp_labels(g, x, i)[k];
        factor[n++] = x->arg[i];
    }
    return sdp_mul(g, SDP_NUM_ONE, n, factor, label, 2, axes, x->ldim);
}

// det(kron(A,B)) = det(A)^q*det(B)^p for A of p rows and B of q. logdet needs posdef ones: two negative
// determinants have even powers. Scalars outside, and anything else, are refused.
static sdp_id kron_determinant(sdp_graph *g, int op, sdp_id id)
{
    const sdp_node *x = g->node[id];
    uint32_t row = 0, column = 0;
    if (!is_kron(g, x, &row, &column)) return 0;
    const uint8_t *r = sdp_labels(g, x, row), *c = sdp_labels(g, x, column);
    const uint8_t first[2] = {r[2], c[2]}, second[2] = {r[1], c[1]};
    const sdp_node *s = g->node[x->arg[row]];
    sdp_id a = kron_part(g, x, row, column, first, second),
           b = a ? kron_part(g, x, row, column, second, first) : 0;
    sdp_id whole = b ? sdp_es(g, SDP_NUM_ONE, "ij,kl,pki,qlj->pq", a, b, x->arg[row], x->arg[row]) : 0;
    if (whole != id) return 0; // proves that the two parts are all there is
    sdp_id p = sdp_dim_value(g, s->dim[2]), q = sdp_dim_value(g, s->dim[1]);
    if (op == SDP_OP_logdet && (!sdp_has(g, a, SDP_PSD) || !sdp_has(g, b, SDP_PSD))) return 0;
    a = sdp_prim(g, op, 1, &a, 0);
    b = sdp_prim(g, op, 1, &b, 0);
    return op == SDP_OP_logdet ? sdp_add2(g, sdp_times(g, q, a), sdp_times(g, p, b))
                               : sdp_times(g, sdp_power(g, a, q), sdp_power(g, b, p));
}

sdp_id sdp_structured_determinant(sdp_graph *g, int op, sdp_id x)
{
    sdp_id small = is_written_out(g, x) ? sdp_small_determinant(g, x) : 0;
    if (small) return op == SDP_OP_det ? small : sdp_map1(g, SDP_OP_log, small);
    if (op == SDP_OP_logdet && sdp_has(g, x, SDP_ORTHOGONAL)) return SDP_ID_ZERO;
    if ((small = turned_determinant(g, op, x)) != 0 || (small = kron_determinant(g, op, x)) != 0)
        return small;
    if (!sdp_has(g, x, SDP_TRI_LOWER) && !sdp_has(g, x, SDP_TRI_UPPER)) return 0;
    sdp_id d = diagonal_of(g, x);
    if (op == SDP_OP_det) return sdp_prim(g, SDP_OP_prod, 1, &d, 1);
    if (!sdp_has(g, x, SDP_NONNEG) && !sdp_has(g, x, SDP_PSD)) return 0;
    return sdp_sum(g, sdp_map1(g, SDP_OP_log, d), 1);
}

// The diagonal of the adjugate of a triangular matrix: products of the other entries of its diagonal
sdp_id sdp_adjugate_diagonal(sdp_graph *g, sdp_id x)
{
    sdp_id d = diagonal_of(g, x);
    return sdp_prim(g, SDP_OP_prodexcept, 1, &d, 1 | (SDP_AXES + 1));
}

sdp_id sdp_structured_adjugate(sdp_graph *g, sdp_id x)
{
    if (!sdp_has(g, x, SDP_TRI_LOWER) || !sdp_has(g, x, SDP_TRI_UPPER)) return 0;
    return sdp_es(g, SDP_NUM_ONE, "a->aa", sdp_adjugate_diagonal(g, x));
}
