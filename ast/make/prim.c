// SPDX-License-Identifier: MIT
// The constructor of primitives: what goes in equal comes out identical.
//
// inv(2*A'), det(A*s), norm(-x), logsumexp(x+s): numbers, scalar factors, transposes and shifts that an
// argument has are taken out in front, so that one node of each kind is left for what differs in them alone.
// Rules that follow from the structure of a matrix, e.g. inv(Q) = Q', are in structure.c, powers of matrices
// in matrix_power.c, norms in norm.c. Entry: sdp_prim; sdp_prim_raw makes the node as it is.
#include <string.h>

#include "ast/make/inside.h"

sdp_id sdp_prim_raw(sdp_graph *g, int op, uint32_t nargs, const sdp_id *arg, uint32_t param)
{
    const sdp_node *x = g->node[arg[0]];
    sdp_dim dim[SDP_MAX_ORDER];
    int order = 0;
    int value = sdp_shape_rules[sdp_ops[op].shape].value;
    if (value == SDP_VALUE_AS_THIRD) x = g->node[arg[2]];
    for (int k = 0; k < x->order && value != SDP_VALUE_SCALAR; k++)
        if (value != SDP_VALUE_REDUCED || !(param >> k & 1)) dim[order++] = x->dim[k];
    for (uint32_t c = 1; op == SDP_OP_prodexcept && c < param / (SDP_AXES + 1); c++)
        for (int k = 0; k < x->order; k++) {
            if (!(param >> k & 1)) continue;
            if (order == SDP_MAX_ORDER) sdp_limit(&g->base, "order", SDP_MAX_ORDER);
            dim[order++] = x->dim[k];
        }
    if (value == SDP_VALUE_TURNED) dim[0] = x->dim[1], dim[1] = x->dim[0];
    return sdp_intern(g, &(sdp_node){.kind = SDP_PRIM,
                                     .order = (uint8_t)order,
                                     .op = (uint16_t)op,
                                     .nargs = nargs,
                                     .param = param,
                                     .dim = dim,
                                     .arg = arg});
}

// a = coef * core with coef > 0 taken out of a norm: norm(-2x) = 2 norm(x)
static sdp_id norm_of(sdp_graph *g, sdp_id x, uint32_t axes)
{
    const sdp_node *n = g->node[x];
    sdp_num c = SDP_NUM_ONE;
    if (sdp_is_zero(g, x)) return 0;
    if (n->kind == SDP_MUL) c = n->coef[0];
    if (n->kind == SDP_ADD) x = sdp_primitive_part(g, x, &c);
    else if (c != SDP_NUM_ONE) x = sdp_scale(g, sdp_num_inv(g, c), x);
    sdp_id t = sdp_transpose(g, x), known = sdp_structured_norm(g, x, axes);
    if (t < x && axes == 3) x = t;
    if (sdp_num_sign(g, c) < 0) c = sdp_num_neg(g, c);
    return sdp_scale(g, c, known ? known : sdp_prim_raw(g, SDP_OP_norm, 1, &x, axes));
}

static bool is_prim(const sdp_graph *g, sdp_id a, int op)
{
    return g->node[a]->kind == SDP_PRIM && g->node[a]->op == op;
}

// Is the node a number times an identity, or an inverse? Handled before inv/det/logdet are made.
static bool is_scaled_identity(const sdp_graph *g, sdp_id a, sdp_num *c)
{
    const sdp_node *n = g->node[a];
    if (n->kind != SDP_MUL || n->nargs || n->order != 2 || n->nlabels != 1) return false;
    *c = n->coef[0];
    return *c != SDP_NUM_ZERO;
}

// The product of a matrix's scalar factors; `rest` is the matrix without them.
static sdp_id scalar_factors(sdp_graph *g, sdp_id x, sdp_id *rest)
{
    const sdp_node *n = g->node[x];
    sdp_id scalar = SDP_ID_ONE, *keep = sdp_scratch(&g->base, (n->nargs + 1) * sizeof *keep);
    uint32_t k = 0;
    *rest = x;
    if (n->kind != SDP_MUL || n->coef[0] == SDP_NUM_ZERO) return scalar;
    for (uint32_t i = 0; i < n->nargs; i++)
        if (g->node[n->arg[i]]->order) keep[k++] = n->arg[i];
        else scalar = sdp_times(g, scalar, n->arg[i]);
    // scalars have no labels
    if (k < n->nargs)
        *rest = sdp_mul(g, n->coef[0], k, keep, n->label, n->order, sdp_labels(g, n, n->nargs), n->ldim);
    return scalar;
}

static sdp_id invert(sdp_graph *g, sdp_id x)
{
    sdp_num c;
    sdp_id rest, scalar = scalar_factors(g, x, &rest); // inv(s*A) = inv(A)/s
    if (scalar != SDP_ID_ONE)
        return sdp_times(g, sdp_power_num(g, scalar, SDP_NUM_MINUS_ONE), invert(g, rest));
    sdp_id known = sdp_structured_inverse(g, x);
    if (known) return known;
    if (is_prim(g, x, SDP_OP_inv)) return g->node[x]->arg[0];
    if ((known = sdp_function_of_power(g, SDP_OP_inv, x)) != 0) return known;
    if (is_scaled_identity(g, x, &c)) return sdp_scale(g, sdp_num_inv(g, c), sdp_eye(g, g->node[x]->dim[0]));
    if (g->node[x]->kind == SDP_MUL && g->node[x]->coef[0] != SDP_NUM_ONE && !sdp_is_zero(g, x)) {
        c = sdp_num_inv(g, g->node[x]->coef[0]);
        return sdp_scale(g, c, sdp_prim(g, SDP_OP_inv, 1, (sdp_id[]){sdp_scale(g, c, x)}, 0));
    }
    sdp_id t = sdp_transpose(g, x);
    if (t < x) return sdp_transpose(g, sdp_prim(g, SDP_OP_inv, 1, &t, 0));
    return sdp_prim_raw(g, SDP_OP_inv, 1, &x, 0);
}

static sdp_id determinant(sdp_graph *g, int op, sdp_id x)
{
    sdp_num c;
    sdp_id t = sdp_transpose(g, x);
    if (t < x) x = t;
    bool log = op == SDP_OP_logdet;
    if (is_prim(g, x, SDP_OP_expm)) { // det(expm(A)) = exp(tr(A))
        sdp_id trace = sdp_es(g, SDP_NUM_ONE, "ii->", g->node[x]->arg[0]);
        return log ? trace : sdp_map1(g, SDP_OP_exp, trace);
    }
    sdp_id known = sdp_structured_determinant(g, op, x);
    if (known || (known = sdp_function_of_power(g, op, x)) != 0) return known;
    if (is_prim(g, x, SDP_OP_inv)) { // det(inv(A)) = 1/det(A)
        sdp_id d = sdp_prim(g, op, 1, g->node[x]->arg, 0);
        return log ? sdp_scale(g, SDP_NUM_MINUS_ONE, d) : sdp_power_num(g, d, SDP_NUM_MINUS_ONE);
    }
    if (is_scaled_identity(g, x, &c) && c == SDP_NUM_ONE) return log ? SDP_ID_ZERO : SDP_ID_ONE;
    return sdp_prim_raw(g, op, 1, &x, 0);
}

// expm(logm(A)) = A; logm(expm(S)) = S for symmetric S, the only real logarithm that is
// symmetric; pinv(Q) = Q' for orthogonal Q; the singular values of a positive semidefinite matrix
// are its eigenvalues. 0: f(x) stays.
static sdp_id structured_function(sdp_graph *g, int op, sdp_id x)
{
    sdp_id inner = g->node[x]->kind == SDP_PRIM ? g->node[x]->arg[0] : 0;
    switch (op) {
    case SDP_OP_expm: return is_prim(g, x, SDP_OP_logm) ? inner : sdp_function_known(g, op, x);
    case SDP_OP_logm:
        return is_prim(g, x, SDP_OP_expm) && sdp_is_symmetric(g, inner) ? inner
                                                                        : sdp_function_known(g, op, x);
    case SDP_OP_sqrtm: return sdp_function_known(g, op, x);
    case SDP_OP_pinv: return is_prim(g, x, SDP_OP_pinv) ? inner : sdp_structured_inverse(g, x);
    case SDP_OP_adj: return sdp_structured_adjugate(g, x);
    case SDP_OP_norm_nuc: return sdp_has(g, x, SDP_PSD) ? sdp_es(g, SDP_NUM_ONE, "ii->", x) : 0;
    default: return 0;
    }
}

// f(A') = f(A)': one orientation only, and the transpose of the argument is
// known when facts ask for its symmetry
static sdp_id function_of(sdp_graph *g, int op, sdp_id x)
{
    sdp_id t = sdp_transpose(g, x), known = sdp_function_of_power(g, op, x);
    if (known || (known = structured_function(g, op, x)) != 0) return known;
    if (t >= x) return sdp_prim_raw(g, op, 1, &x, 0);
    sdp_id f = sdp_prim_raw(g, op, 1, &t, 0);
    return op == SDP_OP_norm_nuc ? f : sdp_transpose(g, f);
}

// logsumexp(x+s) = logsumexp(x)+s and softmax(x+s) = softmax(x) for an s that is constant along the axes that
// are summed. Returns 0 if there is no such s.
static sdp_id without_shift(sdp_graph *g, int op, sdp_id id, uint32_t axes)
{
    const sdp_node *x = g->node[id];
    uint8_t to[SDP_MAX_ORDER];
    uint32_t kept = 0, taken = 0;
    if (x->kind != SDP_ADD || !axes) return 0;
    sdp_id *arg = sdp_scratch(&g->base, 2 * (x->nargs + 1) * sizeof *arg), *shift = arg + x->nargs + 1;
    sdp_num *coef = sdp_scratch(&g->base, 2 * (x->nargs + 1) * sizeof *coef), *by = coef + x->nargs + 1;
    for (uint32_t i = 0; i < x->nargs; i++) {
        bool constant = sdp_constant_axes(g, 1, &x->arg[i], to);
        uint8_t left = 0;
        for (int k = 0; k < x->order; k++) {
            if (axes >> k & 1) constant &= to[k] == SDP_CONSTANT_AXIS;
            to[k] = axes >> k & 1 ? SDP_CONSTANT_AXIS : left++;
        }
        sdp_id s = constant ? sdp_gather(g, x->arg[i], to) : 0;
        if (s) shift[++taken] = s, by[taken] = x->coef[i];
        else arg[kept] = x->arg[i], coef[kept++] = x->coef[i];
    }
    if (!kept || !taken) return 0;
    shift[0] = sdp_prim(g, op, 1, (sdp_id[]){sdp_add(g, kept, coef, arg)}, axes);
    by[0] = SDP_NUM_ONE;
    return op == SDP_OP_softmax ? shift[0] : sdp_add(g, taken + 1, by, shift);
}

// How many entries a node has along some axes
static sdp_id entries_of(sdp_graph *g, const sdp_node *x, uint32_t axes)
{
    sdp_dim n = SDP_DIM_ONE;
    for (int k = 0; k < x->order; k++)
        if (axes >> k & 1) n = sdp_dim_mul(g, n, x->dim[k]);
    return sdp_dim_value(g, n);
}

// sylvester(A,B,k*C) is k times that of C
static sdp_id sylvester(sdp_graph *g, const sdp_id *arg)
{
    sdp_id c = arg[2];
    sdp_num k = SDP_NUM_ONE;
    if (sdp_is_zero(g, c)) return c;
    if (g->node[c]->kind == SDP_ADD) c = sdp_primitive_part(g, c, &k);
    else if (g->node[c]->kind == SDP_MUL) k = g->node[c]->coef[0], c = sdp_scale(g, sdp_num_inv(g, k), c);
    return sdp_scale(g, k, sdp_prim_raw(g, SDP_OP_sylvester, 3, (sdp_id[]){arg[0], arg[1], c}, 0));
}

// A reduction over the axes `axes`, or what is normalised over them: of one number, of equal entries, of
// entries that have a number in common. Returns 0 if there is no other form.
static sdp_id reduced(sdp_graph *g, int op, sdp_id x, uint32_t axes)
{
    const sdp_node *n = g->node[x];
    bool number = n->order == 0, all = axes == (1u << n->order) - 1;
    sdp_id scalar, whole;
    switch (op) {
    case SDP_OP_logsumexp:
        if (number) return x;
        if (sdp_is_broadcast(g, x, &scalar) && all) // log(n exp(s)) = s + log(n)
            return sdp_add2(g, scalar, sdp_map1(g, SDP_OP_log, entries_of(g, n, axes)));
        return without_shift(g, op, x, axes);
    case SDP_OP_softmax:
        if ((whole = without_shift(g, op, x, axes))) return whole;
        if (!number && sdp_is_broadcast(g, x, &scalar)) // 1/n of each
            return sdp_times(g, sdp_power_num(g, entries_of(g, n, axes), SDP_NUM_MINUS_ONE),
                             sdp_ones(g, n->order, n->dim));
        return number ? SDP_ID_ONE : 0;
    case SDP_OP_prodexcept:
        if (number) return SDP_ID_ONE;
        if (!all || !sdp_is_broadcast(g, x, &scalar)) return 0;
        whole = sdp_sub(g, entries_of(g, n, axes), SDP_ID_ONE); // s^(n-1), for a known n
        if (g->node[whole]->kind != SDP_NUM) return 0;
        return sdp_times(g, sdp_power(g, scalar, whole), sdp_ones(g, n->order, n->dim));
    case SDP_OP_maxof:
    case SDP_OP_minof:
    case SDP_OP_prod:
        if (number) return x;
        if (!all || !sdp_is_broadcast(g, x, &scalar)) return 0;
        return op == SDP_OP_prod ? sdp_power(g, scalar, entries_of(g, n, axes)) : scalar;
    default: return 0;
    }
}

sdp_id sdp_prim(sdp_graph *g, int op, uint32_t nargs, const sdp_id *arg, uint32_t param)
{
    sdp_id other;
    switch (op) {
    case SDP_OP_inv: return invert(g, arg[0]);
    case SDP_OP_powm: return sdp_matrix_power(g, arg[0], arg[1]);
    case SDP_OP_sylvester: return sylvester(g, arg);
    case SDP_OP_adj:
    case SDP_OP_pinv:
    case SDP_OP_sqrtm:
    case SDP_OP_expm:
    case SDP_OP_logm:
    case SDP_OP_norm_nuc:
    case SDP_OP_polar: return function_of(g, op, arg[0]);
    case SDP_OP_det:
    case SDP_OP_logdet: return determinant(g, op, arg[0]);
    case SDP_OP_norm:
        if (g->node[arg[0]]->order == 0) other = sdp_map1(g, SDP_OP_abs, arg[0]);
        else other = norm_of(g, arg[0], param);
        return other ? other : sdp_sum(g, arg[0], param);
    // of prodexcept there may be several: param/(SDP_AXES+1) of them
    default: other = reduced(g, op, arg[0], param > 2 * SDP_AXES + 1 ? 0 : param & SDP_AXES);
    }
    return other ? other : sdp_prim_raw(g, op, nargs, arg, param);
}
