// SPDX-License-Identifier: MIT
// Graph to raised tree, one node at a time in id order: arguments are raised before their users, so there
// is no recursion, and a node that is used twice is raised once.
//
// A node of order 1 is raised as a column, of order 2 as it stands; users transpose. A node that has no
// matrix notation (more than two axes, a network that does not reduce) is SDP_UNRAISED, and so is what
// uses it: index.c then writes the whole answer with indices.
#include <string.h>

#include "codegen/raise/notation.h"

static sdp_rid raise_var(sdp_raiser *r, const sdp_node *n)
{
    const sdp_variable *v = &r->g->var[n->param];
    if (n->order > 2) return SDP_UNRAISED;
    if (v->shown_as) return r->of[v->shown_as];
    bool row = n->order == 1 && v->shape.rows == SDP_DIM_ONE;
    sdp_rid t = sdp_r_name(r, v->name,
                           n->order == 0   ? SDP_SCALAR
                           : n->order == 2 ? SDP_MATRIX
                           : row           ? SDP_ROW
                                           : SDP_COLUMN,
                           v->order_seen);
    return row ? sdp_r_transpose(r, t) : t;
}

static sdp_form form_of(const sdp_node *n)
{
    return n->order == 0 ? SDP_SCALAR : n->order == 1 ? SDP_COLUMN : SDP_MATRIX;
}

// The arguments of an element-wise node; a broadcast scalar stays bare beside one of full shape.
static bool element_args(sdp_raiser *r, const sdp_node *n, sdp_rid *arg)
{
    sdp_id scalar;
    bool shaped = false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *a = sdp_get(r->g, n->arg[i]);
        shaped |= a->order > 0 && !sdp_is_broadcast(r->g, n->arg[i], &scalar);
    }
    for (uint32_t i = 0; i < n->nargs; i++) {
        arg[i] = shaped && sdp_is_broadcast(r->g, n->arg[i], &scalar) ? sdp_raise_scalar_of(r, n->arg[i])
                                                                      : r->of[n->arg[i]];
        if (arg[i] == SDP_UNRAISED) return false;
    }
    return true;
}

// An integer power of a sum that reads better with its signs turned: (1-x)^2 is (x-1)^2,
// (1-x)^3 is -(x-1)^3. 0: of another one.
static sdp_rid raise_turned_power(sdp_raiser *r, const sdp_node *n)
{
    sdp_num e;
    if (n->order > 2 || sdp_get(r->g, n->arg[0])->order != n->order || !sdp_is_number(r->g, n->arg[1], &e))
        return 0;
    if (!sdp_num_is_int(r->g, e) || !sdp_raise_turned(r, n->arg[0])) return 0;
    sdp_id turned = sdp_scale(r->g, SDP_NUM_MINUS_ONE, n->arg[0]);
    sdp_raise(r, 1, &turned);
    if (r->of[turned] == SDP_UNRAISED) return 0;
    sdp_rid power = sdp_r_power(r, r->of[turned], sdp_r_num(r, e));
    return sdp_num_is_int(r->g, sdp_num_mul(r->g, e, SDP_NUM_HALF))
               ? power
               : sdp_r_scale(r, SDP_NUM_MINUS_ONE, power);
}

static sdp_rid raise_power(sdp_raiser *r, const sdp_node *n)
{
    sdp_rid arg[2], turned = raise_turned_power(r, n);
    if (turned) return turned;
    if (n->order > 2 || !element_args(r, n, arg)) return SDP_UNRAISED;
    // x.^(-a) stands below a line, like x.^(-2)
    const sdp_raised *x = sdp_r(r, arg[1]);
    if (x->kind == SDP_R_SCALE && sdp_num_sign(r->g, x->num) < 0 && n->order == 0) {
        sdp_rid down = sdp_r_power(r, arg[0], sdp_r_negate(r, arg[1]));
        return sdp_r_power(r, down, sdp_r_int(r, -1));
    }
    return sdp_r_power(r, arg[0], arg[1]);
}

// Reductions of a matrix along one axis say which: param has the mask of the axes reduced.
bool sdp_r_along(const sdp_raiser *r, const sdp_node *n)
{
    return n->kind == SDP_PRIM && sdp_takes_axis(n->op) && sdp_get(r->g, n->arg[0])->order == 2 &&
           ((n->param & SDP_AXES) == 1 || (n->param & SDP_AXES) == 2);
}

// A second derivative of prod(x) where an entry is 0 whatever the variables are, so that no formula with
// prod(x)./x stands for it, has none. (simplify/answer/textbook.c)
bool sdp_has_notation(const sdp_node *n)
{
    return n->op != SDP_OP_prodexcept || n->kind != SDP_PRIM || n->param / (SDP_AXES + 1) < 2;
}

static sdp_rid raise_prim(sdp_raiser *r, const sdp_node *n)
{
    if (!sdp_has_notation(n))
        sdp_fail(&r->g->base, SD_ERR_UNSUPPORTED, (sdp_span){0, 0}, "its values there are: eval, emit",
                 "a second derivative of prod, where a factor is 0, has no notation");
    sdp_rid arg[SDP_MAX_ORDER];
    if (n->order > 2 || n->nargs >= SDP_MAX_ORDER) return SDP_UNRAISED;
    for (uint32_t i = 0; i < n->nargs; i++) {
        arg[i] = r->of[n->arg[i]];
        if (arg[i] == SDP_UNRAISED) return SDP_UNRAISED;
    }
    uint32_t nargs = n->nargs;
    if (n->op == SDP_OP_powm)
        return sdp_r_make(r, (sdp_raised){.kind = SDP_R_MPOW,
                                          .form = SDP_MATRIX,
                                          .split = !sdp_has(r->g, n->arg[1], SDP_INTEGER),
                                          .nargs = 2,
                                          .arg = arg});
    if (!sdp_r_along(r, n)) return sdp_r_call(r, n->op, form_of(n), nargs, arg);
    arg[nargs++] = sdp_r_int(r, (long)(n->param & SDP_AXES));
    if (n->order == 1 && n->param == 1) return sdp_r_transpose(r, sdp_r_call(r, n->op, SDP_ROW, nargs, arg));
    return sdp_r_call(r, n->op, form_of(n), nargs, arg);
}

static sdp_rid raise_call(sdp_raiser *r, const sdp_node *n)
{
    sdp_rlist arg = {0};
    sdp_shape shape;
    const sdp_derivative d = sdp_derivative_of(n);
    if (!sdp_derivative_shape(r->g, &d, &shape)) return SDP_UNRAISED;
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_rid a = r->of[n->arg[i]];
        if (a == SDP_UNRAISED) return SDP_UNRAISED;
        bool turned =
            sdp_get(r->g, n->arg[i])->order == 1 && r->g->var[n->param].param[i].rows == SDP_DIM_ONE;
        sdp_rlist_push(r, &arg, turned ? sdp_r_transpose(r, a) : a);
    }
    bool row = n->order == 1 && shape.rows == SDP_DIM_ONE;
    sdp_rid t = sdp_r_make(r, (sdp_raised){.kind = SDP_R_CALL,
                                           .form = row ? SDP_ROW : (uint8_t)form_of(n),
                                           .text = sdp_derivative_name(r->g, &d),
                                           .den = n->param + 1,
                                           .nargs = arg.n,
                                           .arg = arg.at});
    return row ? sdp_r_transpose(r, t) : t;
}

static sdp_rid raise_mask(sdp_raiser *r, const sdp_node *n)
{
    sdp_rid size[2] = {sdp_r_dim(r, n->dim[0]), sdp_r_dim(r, n->dim[1])};
    return sdp_r_show1(r, n->param == SDP_LOWER ? SDP_S_TRIL : SDP_S_TRIU, SDP_MATRIX,
                       sdp_r_show(r, SDP_S_ONES2, SDP_MATRIX, 2, size));
}

static sdp_rid raise_map(sdp_raiser *r, const sdp_node *n)
{
    sdp_rid *arg = sdp_scratch(&r->g->base, (n->nargs + 1) * sizeof *arg);
    if (n->order > 2 || !element_args(r, n, arg)) return SDP_UNRAISED;
    return sdp_r_call(r, n->op, form_of(n), n->nargs, arg);
}

static sdp_rid raise_broadcast(sdp_raiser *r, const sdp_node *n) // zeros(n): the broadcast number 0
{
    sdp_rid size[2] = {n->order ? sdp_r_dim(r, n->dim[0]) : 0, n->order == 2 ? sdp_r_dim(r, n->dim[1]) : 0};
    return sdp_r_show(r, n->order == 2 ? SDP_S_ZEROS2 : SDP_S_ZEROS, n->order == 2 ? SDP_MATRIX : SDP_COLUMN,
                      n->order, size);
}

// The function of which the input made the node, e.g. normcdf(u); NULL if it made it of none.
static const sdp_written *said_of(const sdp_raiser *r, sdp_id id)
{
    const sdp_written *w = r->says ? sdp_written_of(r->g, id) : NULL;
    return w && w->op && sdp_ops[w->op].kind != SDP_OP_MAP ? w : NULL;
}

// As the input has it: var(X,0,1) of a matrix is a row. Returns 0 if the input has no function there.
static sdp_rid raise_said(sdp_raiser *r, sdp_id id)
{
    const sdp_written *s = said_of(r, id);
    sdp_rid arg[3];
    for (uint32_t i = 0; s && i < s->nargs; i++) {
        if (!r->of[s->arg[i]]) sdp_raise(r, 1, &s->arg[i]);
        arg[i] = r->of[s->arg[i]];
        if (arg[i] == SDP_UNRAISED) return 0;
    }
    if (!s) return 0;
    bool row =
        s->op == SDP_OP_var && s->nargs > 1 && sdp_get(r->g, s->arg[s->nargs - 1])->param == SDP_NUM_ONE;
    sdp_rid t = sdp_r_call(r, s->op, row ? SDP_ROW : form_of(sdp_get(r->g, id)), s->nargs, arg);
    return row ? sdp_r_transpose(r, t) : t;
}

// Raises a product with a sum in it term by term, if it has no matrix notation as a whole, e.g. y'*(T+A) for
// a T of shifted entries. Only one level is tried.
static sdp_rid raise_by_terms(sdp_raiser *r, sdp_id id)
{
    enum { MOST = 8 };
    sdp_num coef[MOST];
    sdp_id part[MOST];
    sdp_rid term[MOST];
    const sdp_node *n = sdp_get(r->g, id);
    bool sum = false;
    for (uint32_t i = 0; i < n->nargs; i++)
        sum |= sdp_get(r->g, n->arg[i])->kind == SDP_ADD && sdp_get(r->g, n->arg[i])->order;
    uint32_t terms = sum && n->order <= 2 && !r->by_terms ? sdp_product_terms(r->g, id, MOST, coef, part) : 0;
    if (terms < 2) return SDP_UNRAISED;
    r->by_terms = true;
    sdp_raise(r, terms, part);
    r->by_terms = false;
    for (uint32_t i = 0; i < terms; i++) {
        if (r->of[part[i]] == SDP_UNRAISED) return SDP_UNRAISED;
        term[i] = sdp_r_scale(r, coef[i], r->of[part[i]]);
    }
    return sdp_r_plus(r, terms, term);
}

static sdp_rid raise_one(sdp_raiser *r, sdp_id id)
{
    sdp_graph *g = r->g;
    const sdp_node *n = sdp_get(g, id);
    sdp_rid said = raise_said(r, id);
    if (said) return said;
    if (n->order > 0 && n->order <= 2 && sdp_is_zero(g, id)) return raise_broadcast(r, n);
    switch ((sdp_kind)n->kind) {
    case SDP_NUM: return sdp_r_num(r, n->param);
    case SDP_CONST: return sdp_r_name(r, sdp_ops[n->op].name, SDP_SCALAR, UINT32_MAX);
    case SDP_DIM: return sdp_r_name(r, sdp_atom_name(g, n->param), SDP_SCALAR, UINT32_MAX);
    case SDP_VAR: return raise_var(r, n);
    case SDP_SEL: return sdp_raise_sel(r, n);
    case SDP_MASK: return raise_mask(r, n);
    case SDP_ADD: {
        if (n->order > 2) return SDP_UNRAISED;
        sdp_rid bracket = sdp_raise_bracket(r, id);
        return bracket ? bracket : sdp_raise_add(r, id);
    }
    case SDP_MUL: {
        sdp_rid t = sdp_raise_mul(r, id);
        return t == SDP_UNRAISED ? raise_by_terms(r, id) : t;
    }
    case SDP_POW: return raise_power(r, n);
    case SDP_MAP: return raise_map(r, n);
    case SDP_PRIM: return raise_prim(r, n);
    case SDP_CALL: return raise_call(r, n);
    }
    return SDP_UNRAISED;
}

// Symmetric nodes are never transposed.
static void note_symmetry(sdp_raiser *r, sdp_id id)
{
    const sdp_node *n = sdp_get(r->g, id);
    sdp_rid t = r->of[id];
    if (n->order != 2 || t == SDP_UNRAISED || n->dim[0] != n->dim[1] || n->kind == SDP_MUL) return;
    if (!sdp_r(r, t)->symmetric && sdp_is_symmetric(r->g, id)) r->node[t].symmetric = true;
}

// Room for nodes that were made after the raiser.
static void make_room(sdp_raiser *r, sdp_id last)
{
    if (last < r->of_count) return;
    uint32_t count = last + 1 > 2 * r->of_count ? last + 1 : 2 * r->of_count;
    sdp_rid *of = sdp_scratch(&r->g->base, ((size_t)count + 1) * sizeof *of);
    memcpy(of, r->of, r->of_count * sizeof *of);
    r->of = of;
    r->of_count = count;
}

void sdp_raise(sdp_raiser *r, uint32_t nroots, const sdp_id *root)
{
    uint32_t count;
    sdp_id *id = sdp_reachable(r->g, nroots, root, &count);
    if (count) make_room(r, id[count - 1]);
    for (uint32_t i = 0; i < count; i++) { // what variables stand for; that has no such variables itself
        const sdp_node *n = sdp_get(r->g, id[i]);
        sdp_id shown = n->kind == SDP_VAR ? r->g->var[n->param].shown_as : 0;
        if (!shown) continue;
        if (!r->of[shown]) sdp_raise(r, 1, &shown);
        if (r->of[shown] != SDP_UNRAISED)
            r->node[r->of[shown]].fixed =
                sdp_r(r, r->of[shown])->kind == SDP_R_ADD &&
                (!r->g->var[n->param].unnamed || r->g->var[n->param].facts & (SDP_POSITIVE | SDP_NONNEG));
    }
    for (uint32_t i = 0; i < count; i++) {
        if (r->of[id[i]]) continue;
        sdp_rid t = raise_one(r, id[i]); // which may move r->of
        r->of[id[i]] = t;
        note_symmetry(r, id[i]);
    }
}
