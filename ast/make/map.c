// SPDX-License-Identifier: MIT
// Element-wise functions and primitives: shapes made equal, constants folded, parity and rules applied.
#include <string.h>

#include "ast/make/inside.h"

// ---- constant folding -------------------------------------------------------------------------------------

// The side on which a function that has two lies at numbers: 1, -1; 0 where they meet
static int side_of(sdp_graph *g, const sdp_sides *two, uint32_t n, const sdp_id *arg)
{
    sdp_num d;
    return sdp_is_number(g, sdp_template(g, two->decider, n, arg), &d) ? sdp_num_sign(g, d) : 0;
}

// At numbers, what the sides say; 0: no number
static sdp_id fold_sides(sdp_graph *g, int op, uint32_t n, const sdp_id *arg)
{
    const sdp_sides *two = &sdp_ops[op].sides;
    int side = side_of(g, two, n, arg);
    const char *text = side > 0 || (!side && two->tie & SDP_TIE_above) ? two->above
                       : side < 0 || two->tie                          ? two->below
                                                                       : NULL;
    sdp_id r = text ? sdp_template(g, text, n, arg) : SDP_ID_ZERO;
    return g->node[r]->kind == SDP_NUM ? r : 0;
}

static sdp_id fold_log(sdp_graph *g, sdp_num x)
{
    if (sdp_num_sign(g, x) <= 0)
        sdp_fail(&g->base, SD_ERR_DOMAIN, (sdp_span){0, 0}, NULL, "log of %s is not a real number",
                 sdp_num_text(g, x));
    return x == SDP_NUM_ONE ? SDP_ID_ZERO : 0;
}

sdp_id sdp_fold_constant(sdp_graph *g, int op, uint32_t n, const sdp_id *arg)
{
    static const sdp_num at_zero[] = {[SDP_AT_ZERO_zero] = SDP_NUM_ZERO,
                                      [SDP_AT_ZERO_one] = SDP_NUM_ONE,
                                      [SDP_AT_ZERO_half] = SDP_NUM_HALF};
    for (uint32_t i = 0; i < n; i++)
        if (g->node[arg[i]]->kind != SDP_NUM) return 0;
    if (sdp_ops[op].sides.decider) return fold_sides(g, op, n, arg);
    if (op == SDP_OP_eq || op == SDP_OP_ne)
        return (arg[0] == arg[1]) == (op == SDP_OP_eq) ? SDP_ID_ONE : SDP_ID_ZERO;
    if (op == SDP_OP_log || op == SDP_OP_log2 || op == SDP_OP_log10)
        return fold_log(g, g->node[arg[0]]->param);
    return n == 1 && arg[0] == SDP_ID_ZERO && sdp_at_zero(op) ? sdp_number(g, at_zero[sdp_at_zero(op)]) : 0;
}

// ---- element-wise functions -------------------------------------------------------------------------------

// Is every coefficient negative, so that -a is the nicer argument?
static bool negative(const sdp_graph *g, sdp_id a)
{
    const sdp_node *n = g->node[a];
    if (n->kind == SDP_NUM) return sdp_num_sign(g, n->param) < 0;
    if (n->kind == SDP_MUL) return sdp_num_sign(g, n->coef[0]) < 0;
    if (n->kind != SDP_ADD) return false;
    for (uint32_t i = 0; i < n->nargs; i++)
        if (sdp_num_sign(g, n->coef[i]) > 0) return false;
    return true;
}

static sdp_id by_parity(sdp_graph *g, int op, sdp_id x)
{
    sdp_parity parity = sdp_ops[op].parity;
    if (!parity || !negative(g, x)) return 0;
    sdp_id r = sdp_map1(g, op, sdp_scale(g, SDP_NUM_MINUS_ONE, x));
    return parity == SDP_PARITY_odd ? sdp_scale(g, SDP_NUM_MINUS_ONE, r) : r;
}

static sdp_id where_known(sdp_graph *g, const sdp_id *arg)
{
    sdp_num c;
    if (arg[1] == arg[2]) return arg[1];
    for (int side = 1; side < 3; side++) { // where(c, a, where(c, p, b)) = where(c, a, b)
        const sdp_node *n = g->node[arg[side]];
        sdp_id inner[3] = {arg[0], arg[1], arg[2]};
        if (n->kind != SDP_MAP || n->op != SDP_OP_where || n->arg[0] != arg[0]) continue;
        inner[side] = n->arg[side];
        return sdp_map(g, SDP_OP_where, inner);
    }
    if (!sdp_is_number(g, arg[0], &c)) return 0;
    return sdp_num_sign(g, c) > 0 ? arg[1] : arg[2];
}

// Facts about the argument settle some functions: |x| = x for x >= 0, floor(k) = k. A scalar may be known to
// lack one.
static sdp_id by_facts(sdp_graph *g, int op, sdp_id x)
{
    const sdp_op *row = &sdp_ops[op];
    const sdp_node *n = g->node[x];
    if (row->range == SDP_RANGE_integer) return sdp_has(g, x, SDP_INTEGER) ? x : 0;
    if (!row->sides.decider) return 0;
    sdp_known k = sdp_facts(g, x);
    bool above = k.yes & (row->sides.tie & SDP_TIE_above ? SDP_NONNEG : SDP_POSITIVE);
    bool below = !n->order && k.no & (row->sides.tie & SDP_TIE_below ? SDP_POSITIVE : SDP_NONNEG);
    if (!above && !below) return 0;
    sdp_id r = sdp_template(g, above ? row->sides.above : row->sides.below, 1, &x);
    return g->node[r]->order < n->order ? sdp_broadcast(g, r, n->order, n->dim) : r;
}

// f(diag(x)) = diag(f(x)) if f(0) = 0, and where(c, diag(x), diag(y)) for any c. Returns 0 if this does not
// apply.
static sdp_id on_diagonal(sdp_graph *g, int op, uint32_t n, const sdp_id *arg)
{
    uint8_t to[SDP_MAX_ORDER], kept[SDP_MAX_ORDER];
    sdp_id value[3], inner[3];
    uint32_t values = 0, order = 0;
    const sdp_node *x = g->node[arg[0]];
    for (uint32_t i = op == SDP_OP_where; i < n; i++)
        if (!sdp_is_zero(g, arg[i])) value[values++] = arg[i];
    if (!values || !sdp_spread(g, values, value, to)) return 0;
    for (int k = 0; k < x->order; k++) {
        if (to[k] >= x->order) return 0;
        if (to[k] == order) kept[order++] = to[k];
    }
    for (uint32_t i = 0; i < n; i++) inner[i] = SDP_ID_ZERO;
    bool log = op == SDP_OP_log || op == SDP_OP_log2 || op == SDP_OP_log10;
    if (op != SDP_OP_where && (log || sdp_fold_constant(g, op, n, inner) != SDP_ID_ZERO)) return 0;
    for (uint32_t i = 0; i < n; i++)
        inner[i] = sdp_mul(g, SDP_NUM_ONE, 1, &arg[i], to, (int)order, kept, NULL);
    return sdp_scatter(g, sdp_map(g, op, inner), to, x->order, x->dim);
}

// f(A') is f(A)': one orientation only, the one that a rule knows or else the older one. 0: that of the
// arguments.
static sdp_id turned(sdp_graph *g, int op, uint32_t n, const sdp_id *arg)
{
    sdp_id t[3], r;
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++) t[i] = sdp_transpose(g, arg[i]);
    while (k < n && t[k] == arg[k]) k++;
    if (k == n) return 0;
    r = t[k] < arg[k] ? sdp_map(g, op, t) : sdp_rewrite_map(g, op, t);
    return r ? sdp_transpose(g, r) : 0;
}

static uint32_t arity(int op) { return (uint32_t)sdp_ops[op].min_args; }

// Is u a term of x or, up to a number, a factor of one?
static bool is_part(sdp_graph *g, sdp_id x, sdp_id u)
{
    const sdp_node *n = g->node[x];
    bool sum = n->kind == SDP_ADD;
    for (uint32_t i = 0; i < (sum ? n->nargs : 1); i++) {
        sdp_num coef;
        sdp_id t = sdp_unit_part(g, sum ? n->arg[i] : x, &coef);
        if (t == u) return true;
        for (uint32_t k = 0; g->node[t]->kind == SDP_MUL && k < g->node[t]->nargs; k++)
            if (g->node[t]->arg[k] == u) return true;
    }
    return false;
}

// An order of two whose difference is a part of them: tau*u >= tau*u-u is u >= 0, and so is u+v >= v.
static sdp_id by_difference(sdp_graph *g, int op, const sdp_id *arg)
{
    int mirrored = sdp_ops[op].order.mirrored;
    sdp_num coef;
    if (!mirrored || sdp_is_zero(g, arg[0]) || sdp_is_zero(g, arg[1])) return 0;
    sdp_id rest = sdp_sub(g, arg[0], arg[1]);
    if (sdp_is_zero(g, rest) || sdp_is_number(g, rest, &coef)) return 0;
    rest = sdp_unit_part(g, rest, &coef);
    if (!is_part(g, arg[0], rest) && !is_part(g, arg[1], rest)) return 0;
    return sdp_map(g, sdp_num_sign(g, coef) < 0 ? mirrored : op, (sdp_id[]){rest, SDP_ID_ZERO});
}

sdp_id sdp_map(sdp_graph *g, int op, const sdp_id *given)
{
    sdp_id arg[3];
    uint32_t n = arity(op), wide = 0;
    uint8_t to[SDP_MAX_ORDER];
    sdp_copy(arg, given, n * sizeof *arg);
    for (uint32_t i = 0; i < n; i++)
        if (g->node[arg[i]]->order) wide = i;
    const sdp_node *w = g->node[arg[wide]];
    for (uint32_t i = 0; i < n; i++)
        if (g->node[arg[i]]->order < w->order) arg[i] = sdp_broadcast(g, arg[i], w->order, w->dim);
    if (sdp_constant_axes(g, n, arg, to)) {
        for (uint32_t i = 0; i < n; i++) arg[i] = sdp_gather(g, arg[i], to);
        return sdp_scatter(g, sdp_map(g, op, arg), to, w->order, w->dim);
    }
    sdp_id r = 0;
    if (n == 1) r = by_parity(g, op, arg[0]);
    if (!r && n == 1) r = by_facts(g, op, arg[0]);
    if (!r && op == SDP_OP_where) r = where_known(g, arg);
    if (!r && n == 2) r = by_difference(g, op, arg);
    if (!r) r = sdp_fold_constant(g, op, n, arg);
    if (!r) r = sdp_rewrite_map(g, op, arg);
    if (!r) r = on_diagonal(g, op, n, arg);
    if (!r && w->order == 2) r = turned(g, op, n, arg);
    if (r) return r;
    w = g->node[arg[0]];
    r = sdp_intern(g, &(sdp_node){.kind = SDP_MAP,
                                  .order = w->order,
                                  .op = (uint16_t)op,
                                  .nargs = n,
                                  .dim = w->dim,
                                  .arg = arg});
    return w->order > 2 ? sdp_oriented(g, r) : r;
}

sdp_id sdp_map1(sdp_graph *g, int op, sdp_id x) { return sdp_map(g, op, &x); }

// ---- primitives -------------------------------------------------------------------------------------------

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

// expm(logm(A)) = A; logm(expm(S)) = S for symmetric S, the only real logarithm that is symmetric; pinv(Q) =
// Q' for orthogonal Q; the singular values of a positive semidefinite matrix are its eigenvalues. 0: f(x)
// stays.
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
    case SDP_OP_norm_nuc: return sdp_has(g, x, SDP_PSD) ? sdp_es(g, SDP_NUM_ONE, "ii->", x) : 0;
    default: return 0;
    }
}

// f(A') = f(A)': one orientation only, and the transpose of the argument is known when facts ask for its
// symmetry
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

sdp_id sdp_prim(sdp_graph *g, int op, uint32_t nargs, const sdp_id *arg, uint32_t param)
{
    const sdp_node *x = g->node[arg[0]];
    sdp_id scalar, whole;
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
    case SDP_OP_norm: {
        sdp_id r = x->order == 0 ? sdp_map1(g, SDP_OP_abs, arg[0]) : norm_of(g, arg[0], param);
        return r ? r : sdp_sum(g, arg[0], param);
    }
    case SDP_OP_logsumexp:
        if (x->order == 0) return arg[0];
        // log(n exp(s)) = s + log(n)
        if (sdp_is_broadcast(g, arg[0], &scalar) && param == (1u << x->order) - 1)
            return sdp_add2(g, scalar, sdp_map1(g, SDP_OP_log, entries_of(g, x, param)));
        if ((whole = without_shift(g, op, arg[0], param))) return whole;
        break;
    case SDP_OP_softmax:
        if ((whole = without_shift(g, op, arg[0], param))) return whole;
        if (x->order && sdp_is_broadcast(g, arg[0], &scalar)) // 1/n of each
            return sdp_times(g, sdp_power_num(g, entries_of(g, x, param), SDP_NUM_MINUS_ONE),
                             sdp_ones(g, x->order, x->dim));
        // fall through
    case SDP_OP_prodexcept:
        if (x->order == 0) return SDP_ID_ONE;
        break;
    case SDP_OP_maxof:
    case SDP_OP_minof:
    case SDP_OP_prod:
        if (x->order == 0) return arg[0];
        if (param == (1u << x->order) - 1 && sdp_is_broadcast(g, arg[0], &scalar))
            return op == SDP_OP_prod ? sdp_power(g, scalar, entries_of(g, x, param)) : scalar;
        break;
    default: break;
    }
    return sdp_prim_raw(g, op, nargs, arg, param);
}
