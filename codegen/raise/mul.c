// SPDX-License-Identifier: MIT
// An einsum raised to a chain of matrix products.
//
// Labels are vertices. A factor of order 2 is an edge, of order 1 a mark on a vertex, of order 0 a scalar in
// front. The network is reduced (reduce.c, pair.c) until nothing bound is left; bound: summed, not an output.
//
// The network left at the outputs is a vector, a scaled matrix diag(x)*A*diag(y), an outer product x*y', or
// for a repeated output diag(x). A vertex with three edges that meet no further has no matrix notation.
#include <string.h>

#include "codegen/raise/net.h"

// ---- loading ----------------------------------------------------------------------------------------------
static void load_factor(sdp_net *w, const sdp_node *f, sdp_rid t, const uint8_t *label)
{
    if (sdp_net_load_pairing(w, f, label)) return;
    if (f->kind == SDP_SEL && f->order <= 2) {
        sdp_rid shown = sdp_raise_sel(w->r, f);
        w->failed |= shown == SDP_UNRAISED;
        if (w->failed) return;
        if (sdp_is_flip(w->r->g, f))
            w->e[w->ne++] = (sdp_edge){.t = shown, .u = label[0], .v = label[1], .is_flip = true};
        else if (f->order == 1)
            w->m[w->nm++] = (sdp_spot){.t = shown, .u = label[0], .at = sdp_offset(f), .hot = true};
        else
            w->e[w->ne++] = (sdp_edge){
                .t = shown, .u = label[0], .v = label[1], .slice = sdp_offset(f), .is_slice = true};
        return;
    }
    if (t == SDP_UNRAISED || f->order > 2) {
        w->failed = true;
    } else if (f->order == 0) {
        sdp_rid rest = sdp_bag_take(w->r, &w->bag, t);
        if (rest) sdp_rlist_push(w->r, &w->bag.num, rest);
    } else if (f->order == 1) {
        sdp_net_mark(w, t, label[0]);
    } else {
        sdp_net_edge(w, t, label[0], label[1]);
    }
}

// sum(x)/n is mean(x): the sizes of what f sums come off the scalars below the line.
static void average(sdp_net *w, const sdp_node *f, sdp_rid shown)
{
    const sdp_raised *sum = sdp_r(w->r, shown);
    sdp_rlist rest = {0}, *num = &w->bag.num, *den = &w->bag.den;
    if (f->kind != SDP_MUL || f->order || f->nargs != 1 || sdp_get(w->r->g, f->arg[0])->order != f->nlabels)
        return;
    if (sum->kind != SDP_R_CALL || sum->shown != SDP_S_SUM || f->nlabels > 2) return;
    sdp_rid size[2] = {sdp_r_dim(w->r, f->ldim[0]), f->nlabels == 2 ? sdp_r_dim(w->r, f->ldim[1]) : 0};
    for (uint32_t i = 0; i < den->n; i++) {
        int k = den->at[i] == size[0] ? 0 : den->at[i] == size[1] ? 1 : 2;
        if (k < 2) size[k] = 0;
        else sdp_rlist_push(w->r, &rest, den->at[i]);
    }
    if (size[0] || size[1]) return;
    sdp_rid mean = sdp_r_call(w->r, SDP_OP_mean, SDP_SCALAR, 1, sum->arg);
    for (uint32_t i = 0; i < num->n; i++)
        if (num->at[i] == shown) num->at[i] = mean;
    *den = rest;
}

// The factors with axes as trees: marks, edges
static sdp_rid *factor_at(sdp_net *w, uint32_t i) { return i < w->nm ? &w->m[i].t : &w->e[i - w->nm].t; }

static bool occurs_again(sdp_net *w, uint32_t i)
{
    sdp_rid t = *factor_at(w, i);
    for (uint32_t k = 0; k < w->nm + w->ne; k++)
        if (k != i && *factor_at(w, k) == t) return true;
    return false;
}

// A negative coefficient turns the first difference among the factors: -X'*(y-s) is
// X'*(s-y). Not one of a pair: -r*r'
static void spend_sign(sdp_net *w)
{
    if (sdp_num_sign(w->r->g, w->bag.coef) >= 0) return;
    for (uint32_t i = 0; i < w->nm + w->ne; i++) {
        sdp_rid *t = factor_at(w, i), turned = sdp_r_negate_free(w->r, *t);
        if (!turned || occurs_again(w, i)) continue;
        *t = turned;
        w->bag.coef = sdp_num_neg(w->r->g, w->bag.coef);
        return;
    }
    sdp_bag_spend_sign(w->r, &w->bag);
}

// ---- outputs ----------------------------------------------------------------------------------------------
// A chain with many transposes is the transpose of a chain: -(inv(X)*B*A*inv(X))'
static sdp_rid transpose_whole(sdp_raiser *r, sdp_rid body)
{
    const sdp_raised *n = sdp_r(r, body);
    if (n->kind != SDP_R_PROD || n->form != SDP_MATRIX || n->nargs < 4) return body;
    sdp_rid inside = sdp_r_transpose(r, body);
    if (sdp_r(r, inside)->tokens + 3 >= sdp_r(r, body)->tokens) return body;
    return sdp_r_make(r, (sdp_raised){.kind = SDP_R_TRANS, .form = SDP_MATRIX, .nargs = 1, .arg = &inside});
}

// 2*diag(1./x) = diag(2./x): the coefficient takes the place of the 1
static sdp_rid take_coefficient(sdp_net *w, sdp_rid x)
{
    sdp_graph *g = w->r->g;
    const sdp_raised *quotient = sdp_r(w->r, x);
    sdp_num coef = w->bag.coef, size = sdp_num_sign(g, coef) < 0 ? sdp_num_neg(g, coef) : coef;
    if (quotient->kind != SDP_R_HAD || quotient->split || w->bag.num.n || !sdp_num_is_int(g, coef)) return x;
    w->bag.coef = size == coef ? SDP_NUM_ONE : SDP_NUM_MINUS_ONE;
    return sdp_r_scale(w->r, size, x);
}

static sdp_rid finish(sdp_net *w)
{
    sdp_raiser *r = w->r;
    sdp_rid body = 0, x, y, size[2];
    if (w->order == 1 || (w->order == 2 && w->out[0] == w->out[1])) {
        size[0] = sdp_r_dim(r, w->ldim[w->out[0]]);
        x = sdp_net_gather(w, w->out[0]);
        if (w->order == 1) body = x ? x : sdp_r_show1(r, SDP_S_ONES, SDP_COLUMN, size[0]);
        else
            body = x ? sdp_r_show1(r, SDP_S_DIAG, SDP_MATRIX, take_coefficient(w, x))
                     : sdp_r_show1(r, SDP_S_EYE, SDP_MATRIX, size[0]);
    } else if (w->order == 2) {
        uint8_t i = w->out[0], j = w->out[1];
        size[0] = sdp_r_dim(r, w->ldim[i]);
        size[1] = sdp_r_dim(r, w->ldim[j]);
        x = sdp_net_gather(w, i);
        y = sdp_net_gather(w, j);
        for (uint32_t k = 0; k < w->ne && !body; k++)
            if (w->e[k].u != SDP_GONE) body = sdp_net_from(w, &w->e[k], i);
        sdp_rid triangle =
            body && x && y ? sdp_r_mask(r, body, sdp_r_product(r, x, sdp_r_transpose(r, y))) : 0;
        if (triangle) { // tril(x*y')
            body = triangle;
        } else if (body && x && y &&
                   sdp_r(r, body)->kind != SDP_R_PROD) { // (x*y').*A, shorter than diag(x)*A*diag(y)
            size[0] = body;
            size[1] = sdp_r_product(r, x, sdp_r_transpose(r, y));
            body = sdp_r_hadamard(r, 2, size);
        } else if (body) {
            if (x) body = sdp_r_product(r, sdp_r_show1(r, SDP_S_DIAG, SDP_MATRIX, x), body);
            if (y) body = sdp_r_product(r, body, sdp_r_show1(r, SDP_S_DIAG, SDP_MATRIX, y));
        } else if (!x && !y) {
            body = sdp_r_show(r, SDP_S_ONES2, SDP_MATRIX, 2, size);
        } else {
            if (!x) x = sdp_r_show1(r, SDP_S_ONES, SDP_COLUMN, size[0]);
            if (!y) y = sdp_r_show1(r, SDP_S_ONES, SDP_COLUMN, size[1]);
            body = sdp_r_product(r, x, sdp_r_transpose(r, y));
        }
    }
    sdp_rid whole = sdp_bag_close(r, &w->bag, body ? transpose_whole(r, body) : 0);
    if (sdp_num_sign(r->g, w->bag.coef) < 0) {
        sdp_rid turned = sdp_r_negate_free(r, sdp_r_negate(r, whole));
        if (turned) whole = turned;
    }
    return whole;
}

sdp_rid sdp_raise_plain(sdp_raiser *r, const sdp_view *v)
{
    sdp_graph *g = r->g;
    const sdp_node *n = v->n;
    sdp_net w = {.r = r, .order = v->order, .nlabels = n->nlabels, .ldim = n->ldim};
    if (v->order > 2) return SDP_UNRAISED;
    memcpy(w.out, v->out, 2);
    sdp_bag_init(&w.bag);
    w.bag.coef = v->coef;
    w.e = sdp_scratch(&g->base, (4 * n->nargs + 1) * sizeof *w.e);
    w.m = sdp_scratch(&g->base, (6 * n->nargs + n->nlabels + 2u) * sizeof *w.m);
    w.p = sdp_scratch(&g->base, (n->nargs + 1) * sizeof *w.p);
    for (uint32_t i = 0; i < n->nargs; i++)
        if (!v->skip || !v->skip[i])
            load_factor(&w, sdp_get(g, n->arg[i]), r->of[n->arg[i]], sdp_labels(g, n, i));
    if (w.failed) return SDP_UNRAISED;
    for (uint32_t i = 0; w.bag.den.n && i < n->nargs; i++)
        if (!v->skip || !v->skip[i]) average(&w, sdp_get(g, n->arg[i]), r->of[n->arg[i]]);
    spend_sign(&w);
    while (sdp_net_reduce(&w)) continue;
    for (uint8_t l = 0; l < w.nlabels; l++) {
        uint32_t at[2];
        if (sdp_net_pairings(&w, l)) return SDP_UNRAISED;
        if (sdp_net_bound(&w, l) && (sdp_net_degree(&w, l, at) || sdp_net_marks(&w, l))) return SDP_UNRAISED;
    }
    return finish(&w);
}

static bool is_bare_number(const sdp_node *n)
{
    return n->kind == SDP_NUM || (n->kind == SDP_MUL && n->nargs == 0 && n->nlabels == n->order);
}

// May the i-th factor, a sum, be multiplied by q, as far as one sees? By 1/k if its coefficients become whole
// or 1/j, at least one whole; by a whole number if they all have room for it and no matrix is applied to the
// sum: 4*X'*(2*X*w-3*y) stays.
static bool takes_factor(sdp_graph *g, const sdp_view *v, uint32_t i, sdp_num q)
{
    const sdp_node *sum = sdp_get(g, v->n->arg[i]);
    bool whole = false, room = true, alone = v->n->nargs == 1; // 2*(a+b)
    for (uint32_t k = 0; k < v->n->nargs; k++)
        // one node: what is put in place of one stands for both
        if (k != i && v->n->arg[k] == v->n->arg[i]) return false;
    for (int k = 0; k < sum->order; k++)
        room &= memchr(v->out, sdp_labels(g, v->n, i)[k], (size_t)v->order) != NULL;
    for (uint32_t k = 0; k < sum->nargs; k++) {
        sdp_num was = sum->coef[k], c = sdp_num_mul(g, was, q);
        if (!sdp_num_is_int(g, c) && !sdp_num_is_int(g, sdp_num_inv(g, c))) return false;
        whole |= sdp_num_is_int(g, c);
        room &= is_bare_number(sdp_get(g, sum->arg[k])) || (was != SDP_NUM_ONE && was != SDP_NUM_MINUS_ONE);
    }
    return whole && (room || alone || !sdp_num_is_int(g, q));
}

// a/(3*b)*(3*F-G) = a/b*(F-G/3), 2*u*(3*v-5) = u*(6*v-10): the coefficient
// stands in a sum if that is shorter.
sdp_rid sdp_raise_view(sdp_raiser *r, const sdp_view *v)
{
    sdp_graph *g = r->g;
    sdp_rid plain = sdp_raise_plain(r, v);
    const sdp_node *n = v->n;
    sdp_num below = sdp_num_denominator(g, v->coef),
            q = below == SDP_NUM_ONE ? v->coef : sdp_num_inv(g, below);
    sdp_rid typed = plain == SDP_UNRAISED ? 0 : sdp_raise_typed(r, v, plain);
    if (typed) return typed;
    if (plain == SDP_UNRAISED || q == SDP_NUM_ONE || q == SDP_NUM_MINUS_ONE) return plain;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *sum = sdp_get(g, n->arg[i]);
        sdp_rid whole = r->of[n->arg[i]];
        if ((v->skip && v->skip[i]) || sum->kind != SDP_ADD || sum->order > 2 || whole == SDP_UNRAISED ||
            !takes_factor(g, v, i, q))
            continue;
        sdp_view inside = *v;
        inside.coef = sdp_num_mul(g, v->coef, sdp_num_inv(g, q));
        r->of[n->arg[i]] = sdp_raise_add(r, sdp_scale(g, q, n->arg[i]));
        sdp_rid other = sdp_raise_plain(r, &inside);
        r->of[n->arg[i]] = whole;
        if (other != SDP_UNRAISED && sdp_raise_levels(r, plain, other)) return other;
    }
    return plain;
}

sdp_rid sdp_raise_mul(sdp_raiser *r, sdp_id id) { return sdp_raise_multiple(r, SDP_NUM_ONE, id); }

sdp_rid sdp_raise_multiple(sdp_raiser *r, sdp_num c, sdp_id id)
{
    if (sdp_get(r->g, id)->kind != SDP_MUL) id = sdp_scale(r->g, c, id), c = SDP_NUM_ONE;
    const sdp_node *n = sdp_get(r->g, id);
    if (n->order > 2) return SDP_UNRAISED;
    sdp_view v = {.n = n, .coef = sdp_num_mul(r->g, c, n->coef[0]), .order = n->order};
    for (int i = 0; i < n->order; i++) v.out[i] = sdp_labels(r->g, n, n->nargs)[i];
    return sdp_raise_view(r, &v);
}

sdp_rid sdp_raise_scalar_of(sdp_raiser *r, sdp_id id)
{
    const sdp_node *n = sdp_get(r->g, id);
    if (n->kind != SDP_MUL) return r->of[id];
    sdp_view v = {.n = n, .coef = n->coef[0], .order = 0};
    return sdp_raise_view(r, &v);
}
