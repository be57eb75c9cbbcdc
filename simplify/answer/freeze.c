// SPDX-License-Identifier: MIT
// An expression around a point that is a kink of some of its functions.
//
// Near the point such a function is one of two straight lines, or a product with a bounded vector; which one
// changes with x, and is frozen here as an unknown t:
//
//   abs(u), relu(u), max(u,v), u > v, ...   t.*L + (1-t).*M     L, M: the lines for u-v > 0 and u-v < 0
//   u == v, u != v                          t.*L + (1-t).*c     one line, and another value c at u == v
//   norm(u), hypot(u,v) where all is 0      t'*u                t: the unit vector u/norm(u)
//   max(u), min(u) of equal numbers c       c + t'*(u-c)        t: 1 at the largest entry
//
// prod(x) and det(X) that are 0 there become polynomials of their entries, if it is known how many there are:
// the formulas of their derivatives divide by zero.
//
// The result is smooth in x for every t, and is f for the t of x. If its Taylor polynomial of order k does
// not depend on t, the rest is small for all of them, so that it is the polynomial of f: abs(x)^3 has one of
// order 2 around 0, as t cancels in it, but none of order 3, which is (2*t-1)^3*x^3.
#include <string.h>

#include "simplify/answer/request.h"

// by: u-v of two lines, so that all functions of it are on the same side; 0: t is used once
struct sdp_frozen {
    sdp_id by, t;
    int function;
};

static sdp_id unknown(sdp_freezer *z, sdp_id by, sdp_id like, int function)
{
    sdp_graph *g = z->g;
    const sdp_node *n = sdp_get(g, like);
    for (uint32_t i = 0; i < z->n; i++)
        if (by && z->known[i].by == by) return z->known[i].t;
    sdp_id t = sdp_hidden_variable(g, sdp_printf(&g->base, "$t%u", g->nvars), n->order, n->dim, 0);
    z->known = sdp_grown_kept(&g->base, z->known, z->n, &z->cap, sizeof *z->known);
    z->known[z->n++] = (struct sdp_frozen){by, t, function};
    return t;
}

int sdp_frozen_in(const sdp_freezer *z, sdp_id id)
{
    for (uint32_t i = 0; i < z->n; i++)
        if (sdp_depends(z->g, id, z->known[i].t)) return z->known[i].function;
    return 0;
}

static sdp_id at_point(const sdp_freezer *z, sdp_id id)
{
    return sdp_substitute(z->g, id, z->count, z->wrt, z->x0);
}

static bool is(const sdp_graph *g, sdp_id id, sdp_num value)
{
    sdp_num v;
    return sdp_is_number(g, id, &v) && v == value;
}

// ---- functions of two lines -------------------------------------------------------------------------------
static sdp_id number(sdp_graph *g, long v) { return sdp_number(g, sdp_num_int(g, v)); }

static sdp_id choice(sdp_graph *g, sdp_id t, sdp_id a, sdp_id b)
{
    return sdp_template(g, "x.*y+(1-x).*z", 3, (sdp_id[]){t, a, b});
}

// The line that the function is where its first argument is s and the second one 0, at arg
static sdp_id line(sdp_graph *g, const sdp_node *n, long s, const sdp_id *arg)
{
    const sdp_op *op = &sdp_ops[n->op];
    sdp_id at[] = {number(g, s), number(g, 0)},
           sum = sdp_sub(g, sdp_map(g, n->op, at),
                         sdp_times(g, sdp_template(g, op->d[0], n->nargs, at), at[0]));
    for (uint32_t k = 0; k < n->nargs; k++)
        sum = sdp_template(g, "x+y.*z", 3, (sdp_id[]){sum, sdp_template(g, op->d[k], n->nargs, at), arg[k]});
    return sum;
}

// Is the function the same line at another point of the same side, and its kink where its
// arguments are equal (the only one: 0)?
static bool is_line(sdp_graph *g, const sdp_node *n, const char *kink, long s)
{
    sdp_id near[] = {number(g, s), number(g, 0)}, far[] = {number(g, 3 * s), number(g, n->nargs - 1)},
           tie[] = {number(g, 0), number(g, 0)};
    bool there = is(g, sdp_template(g, kink, n->nargs, tie), SDP_NUM_ONE) &&
                 is(g, sdp_template(g, kink, n->nargs, near), SDP_NUM_ZERO);
    return there && line(g, n, s, far) == sdp_map(g, n->op, far);
}

// The node, a function of two lines at the point, with arg as its arguments; 0 if it is not that
static sdp_id two_lines(sdp_freezer *z, sdp_id id, const sdp_id *arg)
{
    sdp_graph *g = z->g;
    const sdp_node *n = sdp_get(g, id);
    const char *text = sdp_ops[n->op].kink, *colon = strstr(text, ": ");
    const char *kink = colon ? sdp_strndup(&g->base, text, (size_t)(colon - text)) : text;
    for (uint32_t k = 0; k < n->nargs; k++)
        if (!sdp_ops[n->op].d[k]) return 0;
    if (n->nargs > 2 || n->order > 2 || (colon && !strcmp(colon, ": none"))) return 0;
    if (!is(g, at_point(z, sdp_template(g, kink, n->nargs, n->arg)), SDP_NUM_ONE)) return 0;
    if (!is_line(g, n, kink, 1) || !is_line(g, n, kink, -1)) return 0;
    sdp_id above = line(g, n, 1, arg), below = line(g, n, -1, arg),
           by = n->nargs > 1 ? sdp_sub(g, n->arg[0], n->arg[1]) : n->arg[0];
    sdp_id swapped = sdp_scale(g, SDP_NUM_MINUS_ONE, by);
    if (above == below)
        return choice(g, unknown(z, 0, id, n->op), sdp_map(g, n->op, (sdp_id[]){number(g, 0), number(g, 0)}),
                      below);
    // u > v and v < u depend on the same
    if (swapped < by) return choice(g, unknown(z, swapped, id, n->op), below, above);
    return choice(g, unknown(z, by, id, n->op), above, below);
}

// ---- norms and extremes -----------------------------------------------------------------------------------
static sdp_id filled(sdp_graph *g, sdp_id scalar, sdp_id like)
{
    const sdp_node *n = sdp_get(g, like);
    return n->order ? sdp_broadcast(g, scalar, n->order, n->dim) : scalar;
}

// norm or hypot, 0 at the point, with arg as its arguments: of all of them the sum of t.*arg
static sdp_id bounded_multiple(sdp_freezer *z, sdp_id id, const sdp_id *arg)
{
    sdp_graph *g = z->g;
    const sdp_node *n = sdp_get(g, id);
    sdp_id sum = 0;
    for (uint32_t k = 0; k < n->nargs; k++)
        if (sdp_get(g, arg[k])->order > 2 || !sdp_is_zero(g, at_point(z, n->arg[k]))) return 0;
    for (uint32_t k = 0; k < n->nargs; k++) {
        sdp_id t = unknown(z, 0, n->arg[k], n->op), part = sdp_times(g, t, arg[k]);
        if (n->kind == SDP_PRIM) part = sdp_sum(g, part, n->param);
        sum = sum ? sdp_add2(g, sum, part) : part;
    }
    return sum;
}

static sdp_id extreme(sdp_freezer *z, sdp_id id, const sdp_id *arg)
{
    sdp_graph *g = z->g;
    const sdp_node *n = sdp_get(g, id);
    sdp_id c, there = at_point(z, n->arg[0]);
    if (!sdp_is_broadcast(g, there, &c) || sdp_get(g, there)->order > 2) return 0;
    sdp_id above =
        sdp_sum(g, sdp_times(g, unknown(z, 0, n->arg[0], n->op), sdp_sub(g, arg[0], there)), n->param);
    return sdp_add2(g, filled(g, c, above), above);
}

// ---- products and determinants ----------------------------------------------------------------------------
// The product over the axes in mask, entry by entry; 0 if there are too many
static sdp_id multiplied(sdp_graph *g, sdp_id x, uint32_t mask)
{
    enum { MOST = 12 };
    const sdp_node *n = sdp_get(g, x);
    sdp_id factor[SDP_MAX_ORDER + 1] = {x}, product = 0;
    uint8_t label[2 * SDP_MAX_ORDER], out[SDP_MAX_ORDER];
    long size[SDP_MAX_ORDER], total = 1;
    int reduced = 0, kept = 0;
    for (int k = 0; k < n->order; k++) {
        label[k] = (uint8_t)k;
        if (!(mask >> k & 1)) out[kept++] = (uint8_t)k;
        else if (!sdp_dim_long(g, n->dim[k], &size[k]) || (total *= size[k]) > MOST) return 0;
        else label[n->order + reduced++] = (uint8_t)k;
    }
    for (long i = 0; i < total; i++) {
        long rest = i;
        for (int k = 0, at = 1; k < n->order; k++) {
            if (!(mask >> k & 1)) continue;
            sdp_dim place = sdp_dim_int(g, rest % size[k]);
            factor[at++] = sdp_sel(g, 1, &n->dim[k], &place);
            rest /= size[k];
        }
        sdp_id entry = sdp_mul(g, SDP_NUM_ONE, 1 + (uint32_t)reduced, factor, label, kept, out, NULL);
        product = product ? sdp_times(g, product, entry) : entry;
    }
    return product;
}

static sdp_id freeze(void *data, sdp_graph *g, sdp_id id, const sdp_id *arg, bool changed)
{
    sdp_freezer *z = data;
    const sdp_node *n = sdp_get(g, id);
    const sdp_op *op = &sdp_ops[n->op];
    sdp_id frozen = 0;
    bool product = n->kind == SDP_PRIM && n->op == SDP_OP_prod,
         determinant = n->kind == SDP_PRIM && n->op == SDP_OP_det;
    if (product || determinant) {
        if (sdp_formula_exists(g, at_point(z, n->arg[0]), determinant))
            return changed ? sdp_rebuild(g, id, arg) : id;
        frozen = product ? multiplied(g, arg[0], n->param) : sdp_small_determinant(g, arg[0]);
        if (!frozen) z->many = n->op;
    } else if ((n->kind == SDP_MAP || n->kind == SDP_PRIM) && op->kink) {
        if (strstr(op->kink, ": none") && op->range == SDP_RANGE_nonneg)
            frozen = bounded_multiple(z, id, arg);
        else if (n->kind == SDP_MAP && n->op != SDP_OP_where) frozen = two_lines(z, id, arg);
        else if (n->op == SDP_OP_maxof || n->op == SDP_OP_minof) frozen = extreme(z, id, arg);
    }
    return frozen ? frozen : changed ? sdp_rebuild(g, id, arg) : id;
}

bool sdp_freeze(sdp_freezer *z, uint32_t n, sdp_id *root)
{
    return sdp_rewrite_all(z->g, n, root, freeze, z);
}
