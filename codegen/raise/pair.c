// SPDX-License-Identifier: MIT
// Reductions of the label network around pairings: selections with two strides.
// (Derivatives of higher order: vec_form.c)
//
//     k = i + m*j    vec(X)[k] = X[i,j]    reshape(x,m,n)[i,j] = x[k]
//                    kron(A,B)[k,l] = A[j,q]*B[i,p] for l = p + r*q
//     k = i + j      conv(x,y)[k], the sum of x[i]*y[j]    correlate(u,y)[i], the sum of u[k]*y[j]
//
// The part at i is a side if i is summed and only marks and at most one edge are there. Another pairing may
// have i in place of the edge: the side is then an identity. In this order:
//
//   an edge between the two sides           vec of it at k
//   two vectors                             kron(y,x) at k
//   a vector and a matrix                   kron(y,A) from k to the matrix' other end
//   two matrices, paired at the other end   kron(B,A) from one k to the other; x*y' is a matrix
//   marks at k, which is summed             reshape(x,m,n) between i and j
//   a vector, and anything                  kron(y,eye(m)) or kron(eye(n),x)
//   anything                                kron(ones(n),eye(m)) from k to i, kron(eye(n),ones(m)) to j
//
// The last one holds always, so that every network of vec, reshape and kron is one of edges.
#include "codegen/raise/net.h"

// ---- loading ----------------------------------------------------------------------------------------------
bool sdp_net_load_pairing(sdp_net *w, const sdp_node *s, const uint8_t *label)
{
    sdp_graph *g = w->r->g;
    long zero;
    if (s->kind != SDP_SEL || s->order != 3 || !sdp_dim_long(g, sdp_offset(s), &zero) || zero != 0)
        return false;
    int in = sdp_stride(s, 1) == SDP_DIM_ONE ? 1 : 2, out = 3 - in;
    bool sums = sdp_stride(s, 1) == SDP_DIM_ONE && sdp_stride(s, 2) == SDP_DIM_ONE;
    sdp_dim whole = sums ? sdp_dim_add(g, sdp_dim_add(g, s->dim[1], s->dim[2]), sdp_dim_int(g, -1))
                         : sdp_dim_mul(g, s->dim[1], s->dim[2]);
    if (sdp_stride(s, in) != SDP_DIM_ONE || (!sums && sdp_stride(s, out) != s->dim[in]) || s->dim[0] != whole)
        return false;
    w->p[w->np++] = (sdp_pairing){.k = label[0], .inner = label[in], .outer = label[out], .sums = sums};
    return true;
}

static uint32_t uses(const sdp_pairing *p, uint8_t v)
{
    return p->k == SDP_GONE ? 0 : (p->k == v) + (p->inner == v) + (p->outer == v);
}

uint32_t sdp_net_pairings(const sdp_net *w, uint8_t v)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->np; i++) n += uses(&w->p[i], v);
    return n;
}

// ---- Kronecker products -----------------------------------------------------------------------------------
static sdp_rid show_kron(sdp_raiser *r, sdp_form form, sdp_rid a, sdp_rid b)
{
    sdp_rid both[2] = {a, b};
    return sdp_r_show(r, SDP_S_KRON, form, 2, both);
}

static sdp_rid size_of(const sdp_net *w, uint8_t v) { return sdp_r_dim(w->r, w->ldim[v]); }
static sdp_rid ones(const sdp_net *w, uint8_t v)
{
    return sdp_r_show1(w->r, SDP_S_ONES, SDP_COLUMN, size_of(w, v));
}
static sdp_rid eye(const sdp_net *w, uint8_t v)
{
    return sdp_r_show1(w->r, SDP_S_EYE, SDP_MATRIX, size_of(w, v));
}
static bool is(const sdp_raiser *r, sdp_rid t, sdp_structure s)
{
    return t && sdp_r(r, t)->kind == SDP_R_CALL && sdp_r(r, t)->shown == s;
}

// a*b where it needs no product: an identity, a missing factor (0), ones*ones'. False: it needs one.
static bool free_product(sdp_raiser *r, sdp_rid a, sdp_rid b, sdp_rid *ab)
{
    if (!a || !b || is(r, a, SDP_S_EYE) || is(r, b, SDP_S_EYE)) {
        *ab = !a || (b && is(r, a, SDP_S_EYE)) ? b : a;
        return true;
    }
    const sdp_raised *y = sdp_r(r, b);
    if (!is(r, a, SDP_S_ONES) || y->kind != SDP_R_TRANS || !is(r, y->arg[0], SDP_S_ONES)) return false;
    sdp_rid size[2] = {sdp_r(r, a)->arg[0], sdp_r(r, y->arg[0])->arg[0]};
    *ab = sdp_r_show(r, SDP_S_ONES2, SDP_MATRIX, 2, size);
    return true;
}

// (A⊗B)*(C⊗D) = A*C⊗B*D. M is M⊗1 or 1⊗M beside a Kronecker product with a vector there.
static sdp_rid mixed_product(sdp_raiser *r, sdp_rid a, sdp_rid b)
{
    bool x = is(r, a, SDP_S_KRON), y = is(r, b, SDP_S_KRON);
    if (!x && !y) return 0;
    for (int vector = 0; vector < 2; vector++) {
        sdp_rid left[2] = {0, 0}, right[2] = {0, 0}, part[2];
        left[x ? 0 : 1 - vector] = x ? sdp_r(r, a)->arg[0] : a;
        right[y ? 0 : 1 - vector] = y ? sdp_r(r, b)->arg[0] : b;
        if (x) left[1] = sdp_r(r, a)->arg[1];
        if (y) right[1] = sdp_r(r, b)->arg[1];
        if ((x && sdp_r(r, left[vector])->form != SDP_COLUMN) ||
            (y && sdp_r(r, right[vector])->form != SDP_ROW))
            continue;
        if ((x && sdp_r(r, left[1 - vector])->form != SDP_MATRIX) ||
            (y && sdp_r(r, right[1 - vector])->form != SDP_MATRIX))
            continue;
        if (!free_product(r, left[0], right[0], &part[0]) || !free_product(r, left[1], right[1], &part[1]))
            continue;
        return show_kron(r, SDP_MATRIX, part[0], part[1]);
    }
    return 0;
}

sdp_rid sdp_r_chain(sdp_raiser *r, sdp_rid a, sdp_rid b)
{
    sdp_rid t =
        sdp_r(r, a)->form == SDP_MATRIX && sdp_r(r, b)->form == SDP_MATRIX ? mixed_product(r, a, b) : 0;
    return t ? t : sdp_r_product(r, a, b);
}

// ---- sides ------------------------------------------------------------------------------------------------
typedef struct {
    // far: the other end of a matrix; v itself if that is an identity, as another pairing has v too
    uint8_t v, far;
    bool matrix;
    uint32_t edge; // UINT32_MAX: none
} side;

static bool read_side(const sdp_net *w, const sdp_pairing *p, uint8_t v, side *s)
{
    uint32_t at[2], degree = sdp_net_degree(w, v, at), pairings = sdp_net_pairings(w, v);
    if (!sdp_net_summed(w, v) || degree > 1 || pairings + degree > 2 || p->inner == p->outer) return false;
    *s = (side){.v = v, .far = v, .matrix = degree || pairings > 1, .edge = degree ? at[0] : UINT32_MAX};
    for (uint32_t i = 0; i < w->np; i++)
        if (uses(&w->p[i], v) && w->p[i].k == v) return false; // that pairing comes first
    if (degree) s->far = sdp_net_other(&w->e[at[0]], v);
    return true;
}

// Takes the part at a side out of the network and returns it, with rows v. Returns 0 for a side that is no
// matrix and has no marks.
static sdp_rid take_side(sdp_net *w, const side *s)
{
    sdp_rid x = sdp_net_gather(w, s->v);
    if (!s->matrix) return x;
    if (s->edge == UINT32_MAX) return x ? sdp_r_show1(w->r, SDP_S_DIAG, SDP_MATRIX, x) : eye(w, s->v);
    sdp_edge e = w->e[s->edge];
    w->e[s->edge].u = SDP_GONE;
    sdp_rid t = sdp_net_from(w, &e, s->v);
    return x ? sdp_r_product(w->r, sdp_r_show1(w->r, SDP_S_DIAG, SDP_MATRIX, x), t) : t;
}

static sdp_rid take_vector(sdp_net *w, const side *s)
{
    sdp_rid x = take_side(w, s);
    return x ? x : ones(w, s->v);
}

// ---- packing: i and j vanish ------------------------------------------------------------------------------
static void pack_vec(sdp_net *w, sdp_pairing *p, const side *inner)
{
    sdp_rid y = sdp_net_gather(w, p->outer), t = take_side(w, inner);
    if (y) t = sdp_r_product(w->r, t, sdp_r_show1(w->r, SDP_S_DIAG, SDP_MATRIX, y));
    sdp_net_mark(w, sdp_r_show1(w->r, SDP_S_VEC, SDP_COLUMN, t), p->k);
    p->k = SDP_GONE;
}

// The pairing with these two labels as sides, none of which has more than one edge
// (or none, if it is an identity's).
static sdp_pairing *paired_at(sdp_net *w, const sdp_pairing *p, const side *inner, const side *outer)
{
    uint32_t at[2];
    const side *s[2] = {inner, outer};
    for (int k = 0; k < 2; k++)
        if (!sdp_net_summed(w, s[k]->far) || sdp_net_degree(w, s[k]->far, at) != (s[k]->edge != UINT32_MAX) ||
            sdp_net_pairings(w, s[k]->far) != 1u + (s[k]->far == s[k]->v))
            return NULL;
    for (uint32_t i = 0; i < w->np; i++) {
        sdp_pairing *q = &w->p[i];
        if (q != p && q->k != SDP_GONE && !q->sums && q->inner == inner->far && q->outer == outer->far &&
            q->inner != q->outer)
            return q;
    }
    return NULL;
}

// A vector side x beside a matrix whose other end is paired with a vector y there: the matrix x*y'. Returns
// false if there is none.
static bool outer_product(sdp_net *w, const sdp_pairing *p, const side *matrix, const side *vector, side *far)
{
    for (uint32_t i = 0; i < w->np; i++) {
        const sdp_pairing *q = &w->p[i];
        if (q == p || q->k == SDP_GONE || q->sums) continue;
        bool inner = matrix->v == p->inner;
        uint8_t here = inner ? q->inner : q->outer, there = inner ? q->outer : q->inner;
        if (here == matrix->far && there != vector->v && read_side(w, q, there, far) && !far->matrix)
            return true;
    }
    return false;
}

static sdp_rid take_far(sdp_net *w, const side *s) // a matrix with what stands at its other end
{
    sdp_rid y = s->far != s->v ? sdp_net_gather(w, s->far) : 0, t = take_side(w, s);
    return y ? sdp_r_product(w->r, t, sdp_r_show1(w->r, SDP_S_DIAG, SDP_MATRIX, y)) : t;
}

static bool pack_matrices(sdp_net *w, sdp_pairing *p, const side *inner, const side *outer)
{
    sdp_pairing *q = paired_at(w, p, inner, outer);
    if (!q) return false;
    sdp_rid b = take_far(w, inner), a = take_far(w, outer);
    w->e[w->ne++] = (sdp_edge){.t = show_kron(w->r, SDP_MATRIX, a, b), .u = p->k, .v = q->k};
    p->k = q->k = SDP_GONE;
    return true;
}

// x*y' becomes an edge, and the sides are two matrices.
static bool pack_outer(sdp_net *w, const sdp_pairing *p, const side *matrix, const side *vector)
{
    side far;
    if (!outer_product(w, p, matrix, vector, &far)) return false;
    sdp_rid x = take_vector(w, vector), y = take_vector(w, &far);
    sdp_rid t, turned = sdp_r_transpose(w->r, y);
    if (!free_product(w->r, x, turned, &t)) t = sdp_r_product(w->r, x, turned);
    w->e[w->ne++] = (sdp_edge){.t = t, .u = vector->v, .v = far.v};
    return true;
}

static bool pack(sdp_net *w, sdp_pairing *p)
{
    sdp_raiser *r = w->r;
    side inner, outer;
    if (p->sums || !read_side(w, p, p->inner, &inner) || !read_side(w, p, p->outer, &outer)) return false;
    if (inner.matrix && inner.far == p->outer) {
        if (inner.far == inner.v) return false;
        pack_vec(w, p, &inner);
        return true;
    }
    if (inner.matrix && outer.matrix) return pack_matrices(w, p, &inner, &outer);
    const side *m = inner.matrix ? &inner : &outer, *v = inner.matrix ? &outer : &inner;
    if (m->matrix && pack_outer(w, p, m, v)) return true;
    sdp_rid b = inner.matrix ? take_side(w, &inner) : take_vector(w, &inner),
            a = outer.matrix ? take_side(w, &outer) : take_vector(w, &outer);
    sdp_rid t = show_kron(r, m->matrix ? SDP_MATRIX : SDP_COLUMN, a, b);
    if (m->matrix) w->e[w->ne++] = (sdp_edge){.t = t, .u = p->k, .v = m->far};
    else sdp_net_mark(w, t, p->k);
    p->k = SDP_GONE;
    return true;
}

// ---- unpacking: k vanishes --------------------------------------------------------------------------------
static bool unpack(sdp_net *w, sdp_pairing *p)
{
    uint32_t at[2];
    if (p->sums || !sdp_net_summed(w, p->k) || sdp_net_degree(w, p->k, at) ||
        sdp_net_pairings(w, p->k) != 1 || !sdp_net_marks(w, p->k))
        return false;
    sdp_rid x = sdp_net_gather(w, p->k);
    if (is(w->r, x, SDP_S_VEC)) x = sdp_r(w->r, x)->arg[0];
    sdp_rid arg[3] = {x, size_of(w, p->inner), size_of(w, p->outer)};
    w->e[w->ne++] =
        (sdp_edge){.t = sdp_r_show(w->r, SDP_S_RESHAPE, SDP_MATRIX, 3, arg), .u = p->inner, .v = p->outer};
    p->k = SDP_GONE;
    return true;
}

static bool convolve(sdp_net *w, sdp_pairing *p)
{
    side s[2];
    uint32_t at[2];
    bool vector[2] = {read_side(w, p, p->inner, &s[0]) && !s[0].matrix,
                      read_side(w, p, p->outer, &s[1]) && !s[1].matrix};
    if (!p->sums || (!vector[0] && !vector[1])) return false;
    uint8_t k = p->k;
    if (vector[0] && vector[1]) {
        sdp_rid xy[2] = {take_vector(w, &s[0]), take_vector(w, &s[1])};
        sdp_r_sort_factors(w->r, xy, 2);
        sdp_net_mark(w, sdp_r_call(w->r, SDP_OP_conv, SDP_COLUMN, 2, xy), k);
    } else {
        if (!sdp_net_summed(w, k) || sdp_net_degree(w, k, at) || sdp_net_pairings(w, k) != 1) return false;
        sdp_rid u = sdp_net_gather(w, k), uy[2] = {u ? u : ones(w, k), take_vector(w, &s[vector[0] ? 0 : 1])};
        sdp_net_mark(w, sdp_r_call(w->r, SDP_OP_correlate, SDP_COLUMN, 2, uy),
                     vector[0] ? p->outer : p->inner);
    }
    p->k = SDP_GONE;
    return true;
}

// ---- a pairing as edges -----------------------------------------------------------------------------------
static bool expand_beside_vector(sdp_net *w, sdp_pairing *p)
{
    side s;
    bool inner = read_side(w, p, p->inner, &s) && !s.matrix,
         outer = !inner && read_side(w, p, p->outer, &s) && !s.matrix;
    if (p->sums || (!inner && !outer)) return false;
    sdp_rid x = take_vector(w, &s), t = inner ? show_kron(w->r, SDP_MATRIX, eye(w, p->outer), x)
                                              : show_kron(w->r, SDP_MATRIX, x, eye(w, p->inner));
    w->e[w->ne++] = (sdp_edge){.t = t, .u = p->k, .v = inner ? p->outer : p->inner};
    p->k = SDP_GONE;
    return true;
}

static bool expand(sdp_net *w, sdp_pairing *p)
{
    if (p->sums) return false;
    sdp_rid in = show_kron(w->r, SDP_MATRIX, ones(w, p->outer), eye(w, p->inner)),
            out = show_kron(w->r, SDP_MATRIX, eye(w, p->outer), ones(w, p->inner));
    w->e[w->ne++] = (sdp_edge){.t = in, .u = p->k, .v = p->inner};
    w->e[w->ne++] = (sdp_edge){.t = out, .u = p->k, .v = p->outer};
    p->k = SDP_GONE;
    return true;
}

bool sdp_net_pair(sdp_net *w)
{
    static bool (*const rule[])(sdp_net * w, sdp_pairing * p) = {pack, unpack, convolve, expand_beside_vector,
                                                                 expand};
    for (size_t k = 0; k < sizeof rule / sizeof *rule; k++)
        for (uint32_t i = 0; i < w->np; i++)
            if (w->p[i].k != SDP_GONE && rule[k](w, &w->p[i])) return true;
    return false;
}
