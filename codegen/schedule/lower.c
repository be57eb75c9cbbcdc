// SPDX-License-Identifier: MIT
// Graph to values: one loop over the nodes that the outputs need, arguments first.
//
// ADD, POW and MAP are taken over, a MUL becomes a product of values (values/product.c). What would overflow
// or cancel as it is written is made of values in stable/split.c, stable/norm.c and stable/power.c.
#include <string.h>

#include "ast/graph/dim.h"
#include "codegen/schedule/schedule.h"
#include "codegen/stable/jet.h"
#include "codegen/stable/stable.h"

// ---- products ---------------------------------------------------------------------------------------------

// The values of factors that have none yet; false: one that has would be scaled, too.
static bool factor_values(sdp_schedule *s, const sdp_node *n, sdp_val *value)
{
    sdp_parts *p = sdp_factor_parts(s, n);
    sdp_scale_powers(s, n, p);
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (value[i] && p[i].whole != s->of[n->arg[i]]) return false;
        if (!value[i]) value[i] = p[i].whole;
    }
    return true;
}

static sdp_val lower_mul(sdp_schedule *s, sdp_id id, const sdp_node *n)
{
    sdp_val *value = sdp_scratch(&s->g->base, (n->nargs + 1) * sizeof *value);
    const sdp_node *m = sdp_product_by_series(s, id, value);
    uint32_t gone = m == n ? sdp_product_by_jets(s, id, value) : 0;
    if (gone) m = sdp_product_without(s, n, gone, value);
    else if (m != n) sdp_vanishing_product(s, id, m->nargs, value);
    if (factor_values(s, m, value)) return sdp_lower_product(s, m, value);
    memset(value, 0, n->nargs * sizeof *value);
    factor_values(s, n, value);
    return sdp_lower_product(s, n, value);
}

// ---- primitives -------------------------------------------------------------------------------------------
static sdp_val lower_prodexcept(sdp_schedule *s, const sdp_node *n) { return sdp_lower_prodexcept(s, n); }

static sdp_val factored(sdp_schedule *s, const sdp_node *n)
{
    const sdp_node *a = sdp_get(s->g, n->arg[0]);
    bool inverse = n->op == SDP_OP_inv; // exists only if a psd matrix is posdef
    uint32_t kind = sdp_has(s->g, n->arg[0], inverse ? SDP_PSD : SDP_POSDEF) ? SDP_CHOLESKY
                    : inverse && sdp_has(s->g, n->arg[0], SDP_TRI_LOWER)     ? SDP_LOWER_ITSELF
                    : inverse && sdp_has(s->g, n->arg[0], SDP_TRI_UPPER)     ? SDP_UPPER_ITSELF
                                                                             : SDP_LU;
    sdp_dim dim[2] = {sdp_dim_add(s->g, a->dim[0], SDP_DIM_ONE), a->dim[0]};
    return sdp_value_simple(s, SDP_V_FACTOR, 1, &s->of[n->arg[0]], 0, kind, 2, dim);
}

// The way to lower a primitive: a function, and the kind of its reduction, or the kind and the rows of the
// factorisation from which it is taken.
typedef struct {
    sdp_val (*lower)(sdp_schedule *s, const sdp_node *n);
    uint8_t kind, rows;
} way;
static const way ways[SDP_OP_COUNT];

// Taken from a factorisation of the argument m x n, which has (rows*n + 1) rows of m.
static sdp_val lower_taken(sdp_schedule *s, const sdp_node *n)
{
    const sdp_node *a = sdp_get(s->g, n->arg[0]);
    const way *w = &ways[n->op];
    sdp_dim rows = sdp_dim_add(s->g, sdp_dim_mul(s->g, sdp_dim_int(s->g, w->rows), a->dim[1]), SDP_DIM_ONE);
    sdp_dim dim[2] = {rows, a->dim[0]};
    uint32_t kind = n->op == SDP_OP_powm && sdp_has(s->g, n->arg[0], SDP_POSDEF) ? SDP_POSDEF_POWER : w->kind;
    sdp_val arg[2] = {s->of[n->arg[0]], n->nargs > 1 ? s->of[n->arg[1]] : 0};
    sdp_val f = sdp_value_simple(s, SDP_V_FACTOR, n->nargs, arg, 0, kind, 2, dim);
    return sdp_value_simple(s, SDP_V_TAKEN, 1, &f, n->op, 0, n->order, n->dim);
}

// n-1, which the algebra takes to be nonnegative, as all sizes are at least 1 there: it
// is divided by, its root is taken.
static bool is_count(sdp_schedule *s, const sdp_node *n, sdp_dim *count)
{
    *count = sdp_dim_int(s->g, 0);
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *a = sdp_get(s->g, n->arg[i]);
        long coef, one = 1;
        if (!sdp_num_long(s->g, n->coef[i], &coef) ||
            (a->kind == SDP_NUM && !sdp_num_long(s->g, a->param, &one)))
            return false;
        if (a->kind != SDP_NUM && a->kind != SDP_DIM) return false;
        sdp_dim part = a->kind == SDP_NUM ? sdp_dim_int(s->g, one) : sdp_atom_dim(s->g, a->param);
        *count = sdp_dim_add(s->g, *count, sdp_dim_mul(s->g, sdp_dim_int(s->g, coef), part));
    }
    return true;
}

// The largest of no entries, the largest eigenvalue of a 0 x 0 matrix: there is none, and
// no neutral value to stand for it.
static void demand_entries(sdp_schedule *s, const sdp_node *n, uint32_t mask)
{
    const sdp_node *a = sdp_get(s->g, n->arg[0]);
    for (uint32_t k = 0; k < a->order; k++)
        if (mask >> k & 1) sdp_schedule_demand(s, sdp_dim_add(s->g, a->dim[k], sdp_dim_int(s->g, -1)));
}

// The axes of the argument that a primitive reduces, or is normalised over.
static uint32_t axes_of(sdp_schedule *s, const sdp_node *n)
{
    uint32_t every = (1u << sdp_get(s->g, n->arg[0])->order) - 1;
    return n->param ? n->param & every : every;
}

static sdp_val lower_reduction(sdp_schedule *s, const sdp_node *n)
{
    return sdp_value_reduce(s, ways[n->op].kind, s->of[n->arg[0]], axes_of(s, n));
}
static sdp_val lower_logsumexp(sdp_schedule *s, const sdp_node *n)
{
    return sdp_lower_logsumexp(s, s->of[n->arg[0]], axes_of(s, n));
}
static sdp_val lower_softmax(sdp_schedule *s, const sdp_node *n)
{
    return sdp_lower_softmax(s, s->of[n->arg[0]], axes_of(s, n));
}

static sdp_val of_factors(sdp_schedule *s, const sdp_node *n, sdp_vkind kind)
{
    sdp_val f = factored(s, n);
    return sdp_value_simple(s, kind, 1, &f, 0, 0, n->order, n->dim);
}

static sdp_val lower_inverse(sdp_schedule *s, const sdp_node *n) { return of_factors(s, n, SDP_V_INVERSE); }
static sdp_val lower_det(sdp_schedule *s, const sdp_node *n) { return of_factors(s, n, SDP_V_DET); }
static sdp_val lower_logdet(sdp_schedule *s, const sdp_node *n) { return of_factors(s, n, SDP_V_LOGDET); }

// The node of which this is the transpose, if it is just that or symmetric; 0: it is not
static sdp_id turned(sdp_schedule *s, sdp_id id)
{
    const sdp_node *n = sdp_get(s->g, id);
    if (n->kind == SDP_MUL && n->nargs == 1 && n->coef[0] == SDP_NUM_ONE && n->order == 2 &&
        n->nlabels == 2 && n->label[0] == n->label[3])
        return n->arg[0];
    return sdp_is_symmetric(s->g, id) ? id : 0;
}

// X with A*X + X*B = C. The adjoint equation, with A' and B', is solved by the same factors.
static sdp_val lower_sylvester(sdp_schedule *s, const sdp_node *n)
{
    sdp_id a[2] = {turned(s, n->arg[0]), turned(s, n->arg[1])};
    bool adjoint = a[0] && a[1] && (a[0] != n->arg[0] || a[1] != n->arg[1]);
    sdp_dim size = sdp_dim_mul(s->g, n->dim[0], n->dim[1]),
            dim[2] = {sdp_dim_add(s->g, sdp_dim_add(s->g, size, size), SDP_DIM_ONE), size};
    sdp_val arg[2] = {s->of[adjoint ? a[0] : n->arg[0]], s->of[adjoint ? a[1] : n->arg[1]]};
    sdp_val f = sdp_value_simple(s, SDP_V_FACTOR, 2, arg, 0, SDP_SYLVESTER, 2, dim),
            solve[2] = {f, s->of[n->arg[2]]};
    return sdp_value_simple(s, SDP_V_SOLVE, 2, solve, 0, adjoint ? SDP_TRANSPOSED : 0, 2, n->dim);
}

static const way ways[SDP_OP_COUNT] = {
#define BY(f)                                                                                                \
    {                                                                                                        \
        lower_##f, 0, 0                                                                                      \
    }
#define REDUCE(which)                                                                                        \
    {                                                                                                        \
        lower_reduction, SDP_RED_##which, 0                                                                  \
    }
#define FROM(factor, rows, kernel)                                                                           \
    {                                                                                                        \
        lower_taken, SDP_##factor, rows                                                                      \
    }
#define PRIM(id, name, least, most, shape, lower, pull, kernel, ...) [SDP_OP_##id] = kernel,
#include "ast/graph/ops.def"
#undef FROM
#undef REDUCE
#undef BY
};

static sdp_val lower_prim(sdp_schedule *s, const sdp_node *n)
{
    if (sdp_ops[n->op].needs_entries) demand_entries(s, n, axes_of(s, n));
    return ways[n->op].lower(s, n);
}

// ---- nodes ------------------------------------------------------------------------------------------------
static sdp_val lower_elementwise(sdp_schedule *s, const sdp_node *n, sdp_vkind kind)
{
    sdp_val *arg = sdp_scratch(&s->g->base, (n->nargs + 1) * sizeof *arg);
    for (uint32_t i = 0; i < n->nargs; i++) arg[i] = s->of[n->arg[i]];
    sdp_value v = {.kind = (uint8_t)kind,
                   .order = n->order,
                   .op = kind == SDP_V_MAP ? n->op : 0,
                   .nargs = n->nargs,
                   .dim = n->dim,
                   .arg = arg,
                   .coef = n->coef};
    return sdp_value_make(s, &v);
}

static sdp_val lower_add(sdp_schedule *s, sdp_id id, const sdp_node *n)
{
    sdp_dim count;
    if (is_count(s, n, &count) && sdp_dim_never_negative(s->g, count)) sdp_schedule_demand(s, count);
    sdp_val split = sdp_lower_split_sum(s, id);
    sdp_val direct = split ? split : lower_elementwise(s, n, SDP_V_ADD),
            v = sdp_node_by_jets(s, id, sdp_node_by_series(s, id, direct));
    if (v != direct) s->stable->parts[id] = (sdp_parts){0, 0, 0}; // near 0 the parts cancel
    return v;
}

static sdp_val lower_map(sdp_schedule *s, sdp_id id, const sdp_node *n)
{
    sdp_val log = sdp_lower_log(s, n);
    return sdp_node_by_jets(s, id, sdp_node_by_series(s, id, log ? log : lower_elementwise(s, n, SDP_V_MAP)));
}

static sdp_val lower_power(sdp_schedule *s, sdp_id id, const sdp_node *n)
{
    sdp_val root = sdp_lower_root(s, n);
    if (!root) root = sdp_lower_power_of_sum(s, id);
    return sdp_node_by_jets(s, id, root ? root : lower_elementwise(s, n, SDP_V_POW));
}

static sdp_val lower_call(sdp_schedule *s, const sdp_node *n)
{
    const sdp_derivative d = sdp_derivative_of(n);
    sdp_val *arg = sdp_scratch(&s->g->base, (n->nargs + 1) * sizeof *arg);
    for (uint32_t i = 0; i < n->nargs; i++) arg[i] = s->of[n->arg[i]];
    uint32_t k = 0;
    while (k + 1 < s->sig->ncalls && sdp_derivative_order(&s->sig->call[k], &d)) k++;
    return sdp_value_simple(s, SDP_V_CALL, n->nargs, arg, 0, k, n->order, n->dim);
}

static sdp_val lower_variable(sdp_schedule *s, sdp_id id, const sdp_node *n)
{
    sdp_val scaled = sdp_lower_scaled(s, id);
    return scaled ? scaled : sdp_value_input(s, n);
}

static sdp_val lower_node(sdp_schedule *s, sdp_id id)
{
    const sdp_node *n = sdp_get(s->g, id);
    for (uint32_t k = 0; k < n->order; k++) sdp_schedule_demand(s, n->dim[k]); // loops run to 2*n-1
    switch ((sdp_kind)n->kind) {
    case SDP_NUM: return sdp_value_number(s, n->param);
    case SDP_CONST: return sdp_value_simple(s, SDP_V_CONST, 0, NULL, n->op, 0, 0, NULL);
    case SDP_DIM: return sdp_value_simple(s, SDP_V_DIM, 0, NULL, 0, n->param, 0, NULL);
    case SDP_VAR: return lower_variable(s, id, n);
    case SDP_MASK: return sdp_value_simple(s, SDP_V_MASK, 0, NULL, 0, n->param, 2, n->dim);
    case SDP_SEL: return sdp_lower_selection(s, n);
    case SDP_MUL: return lower_mul(s, id, n);
    case SDP_ADD: return lower_add(s, id, n);
    case SDP_POW: return lower_power(s, id, n);
    case SDP_MAP: return lower_map(s, id, n);
    case SDP_PRIM: return lower_prim(s, n);
    case SDP_CALL: return lower_call(s, n);
    }
    return 0;
}

typedef struct {
    sdp_id *id;
    uint32_t n, cap;
} stack;

static void need(sdp_schedule *s, stack *t, sdp_id id)
{
    if (!id || s->of[id]) return;
    t->id = sdp_grown(&s->g->base, t->id, t->n, &t->cap, sizeof *t->id);
    t->id[t->n++] = id;
}

// Lowers a node after all that it is made of: its arguments, the atoms of series, and
// what a hidden variable stands for.
static void lower_after(sdp_schedule *s, stack *t, sdp_id id)
{
    const sdp_expansions *x = s->stable->expansions;
    for (need(s, t, id); t->n;) {
        uint32_t before = t->n;
        sdp_id needed;
        id = t->id[before - 1];
        const sdp_node *n = sdp_get(s->g, id);
        const sdp_scaled *h = sdp_scaled_variable(s, id);
        for (uint32_t k = 0; k < n->nargs; k++) {
            need(s, t, n->arg[k]);
            if (n->arg[k] < x->n && x->of[n->arg[k]].wanted) need(s, t, x->of[n->arg[k]].atom);
        }
        if (id < x->n && x->of[id].wanted && x->of[id].atom != id) need(s, t, x->of[id].atom);
        for (uint32_t from = 0; (needed = sdp_jet_needs(s->stable->jets, id, &from)) != 0;)
            need(s, t, needed);
        if (h) need(s, t, h->node), need(s, t, h->exponent);
        if (t->n > before) continue;
        if (!s->of[id]) {
            sdp_val reduced = sdp_lower_reduced(s, id), v = s->of[id] = reduced ? reduced : lower_node(s, id);
            if (!s->value[v].node) s->value[v].node = id;
        }
        t->n--;
    }
}

void sdp_schedule_lower(sdp_schedule *s, const sdp_id *output)
{
    uint32_t count;
    stack t = {NULL, 0, 0};
    const sdp_id *ids = sdp_reachable(s->g, s->sig->noutputs, output, &count);
    s->nodes = s->g->nnodes; // comments ask for the nodes of the signature, too
    s->of = sdp_scratch(&s->g->base, s->nodes * sizeof *s->of);
    s->stable->by_series = sdp_scratch(&s->g->base, s->nodes);
    s->stable->parts = sdp_scratch(&s->g->base, s->nodes * sizeof *s->stable->parts);
    sdp_find_reduced(s, count, ids);
    for (uint32_t i = 0; i < count; i++) lower_after(s, &t, ids[i]);
    s->output = sdp_scratch(&s->g->base, (s->sig->noutputs + 1) * sizeof *s->output);
    for (uint32_t i = 0; i < s->sig->noutputs; i++)
        s->output[i] = sdp_value_as_stored(s, output[i], s->of[output[i]]);
}
