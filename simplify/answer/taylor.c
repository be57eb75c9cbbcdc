// SPDX-License-Identifier: MIT
// Derivatives along a direction, differentials and Taylor polynomials: forward mode, repeated.
//
//   along v        D_v^k f = d^k/ds^k f(x + s v) at s = 0
//   differential   df = D_dx f, with a new variable dx for every variable
//   Taylor         sum over k of 1/k! D_h^k f(x0), h = x - x0; at kinks of functions in f, if freeze.c finds
//                  that they do not matter
//
// The polynomial is made with h as a variable, so that nothing is multiplied out, and is shown
// with x-x0 in its place. The terms of a scalar are what textbooks write: gradient' * h and h'
// * Hessian * h, from reverse mode.
#include <string.h>

#include "simplify/answer/request.h"

enum { MOST_TAYLOR = 4, MOST_BLOCKS = 16 };

// ---- D_h^k f ----------------------------------------------------------------------------------------------
static sdp_id dot(sdp_graph *g, sdp_id a, sdp_id b)
{
    uint8_t label[2 * SDP_MAX_ORDER];
    int order = sdp_get(g, a)->order;
    for (int i = 0; i < order; i++) label[i] = label[order + i] = (uint8_t)i;
    return sdp_mul(g, SDP_NUM_ONE, 2, (sdp_id[]){a, b}, label, 0, label, NULL);
}

// h_i' * H_ij * h_j; 0 if H is not of order 2 at most
static sdp_id quadratic_block(sdp_graph *g, sdp_id hessian, sdp_id a, sdp_id b)
{
    int m = sdp_get(g, a)->order, n = sdp_get(g, b)->order;
    if (m > 1 || n > 1) return 0;
    uint8_t label[] = {0, 1, 0, 1};
    if (!m) memcpy(label, (uint8_t[]){1, 1}, 2);
    else if (!n) memcpy(label, (uint8_t[]){0, 0}, 2);
    return sdp_mul(g, SDP_NUM_ONE, 3, (sdp_id[]){hessian, a, b}, label, 0, label, NULL);
}

// h' * H * h with the Hessian as it stands, if that is possible and short
static sdp_id quadratic(sdp_request *q, const sdp_id *grad, const sdp_id *h)
{
    sdp_graph *g = q->g;
    sdp_id sum = 0, *row = sdp_scratch(&g->base, q->n * sizeof *row);
    if (q->n > MOST_BLOCKS) return 0;
    for (uint32_t i = 0; i < q->n; i++) {
        if (sdp_get(g, h[i])->order > 1) return 0;
        sdp_reverse(g, grad[i], q->n, q->wrt, row);
        for (uint32_t j = 0; j < q->n; j++) {
            sdp_id term = quadratic_block(g, sdp_simplify(g, row[j]), h[i], h[j]);
            if (!term) return 0;
            sum = sum ? sdp_add2(g, sum, term) : term;
        }
    }
    return sum;
}

// d[k] = D_h^k f for k = 0 .. order; of scalars the first two with gradient and Hessian. Beyond, what was
// collected as h'*H*h stands in the way of powers of h: the derivatives are taken of the plain ones.
static void derivatives(sdp_request *q, int order, const sdp_id *h, sdp_id *d)
{
    sdp_graph *g = q->g;
    sdp_id *grad = sdp_scratch(&g->base, q->n * sizeof *grad),
           *term = sdp_scratch(&g->base, q->n * sizeof *term), written = 0;
    sdp_num *one = sdp_scratch(&g->base, q->n * sizeof *one);
    bool scalar = value_order(q) == 0;
    sdp_id plain = d[0] = q->f.node;
    if (scalar && order > 0) sdp_reverse(g, q->f.node, q->n, q->wrt, grad);
    for (int k = 1; k <= order; k++) {
        if (!scalar || k > 2) plain = sdp_jvp(g, plain, q->n, q->wrt, h);
        if (!scalar || k > 2) {
            d[k] = sdp_simplify(g, plain);
            continue;
        }
        if (k == 2) written = quadratic(q, grad, h);
        if (k == 2) sdp_jvp_all(g, q->n, grad, q->n, q->wrt, h, grad);
        for (uint32_t i = 0; i < q->n; i++) {
            one[i] = SDP_NUM_ONE;
            term[i] = dot(g, grad[i], h[i]);
        }
        plain = sdp_add(g, q->n, one, term);
        sdp_simplify_all(g, q->n, grad);
        for (uint32_t i = 0; i < q->n; i++) term[i] = dot(g, grad[i], h[i]);
        d[k] = sdp_simplify(g, sdp_add(g, q->n, one, term));
        if (k == 2 && written && sdp_node_count(g, written) <= sdp_node_count(g, d[k])) d[k] = written;
    }
}

// ---- along directions -------------------------------------------------------------------------------------
void sdp_request_along(sdp_request *q)
{
    int order = q->r->order ? q->r->order : 1;
    const sdp_id *v = sdp_request_list(q, q->r->direction, false);
    sdp_id *d = sdp_scratch(&q->g->base, ((size_t)order + 1) * sizeof *d);
    q->out->along = q->out->repeated = true;
    q->out->direction = v;
    q->out->order = order;
    if (order > 1 && sdp_request_moves(q, v)) // it stays the same while x moves
        sdp_request_usage(q, NULL, "a direction must not contain the variables of differentiation");
    derivatives(q, order, v, d);
    sdp_request_entry(q, d[order], UINT32_MAX, UINT32_MAX, "")->is_row = sdp_is_row(q->f.shape);
}

static sdp_id new_variable(sdp_request *q, const char *name, uint32_t like, sdp_id shown_as)
{
    sdp_graph *g = q->g;
    uint32_t v = sdp_variable_find(g, name);
    if (v == UINT32_MAX) v = sdp_variable_new(g, name);
    g->var[v].shape = g->var[like].shape;
    g->var[v].facts = sdp_linear_structure(g, sdp_var(g, like));
    g->var[v].inferred = true;
    g->var[v].shown_as = shown_as;
    return sdp_var(g, v);
}

void sdp_request_differential(sdp_request *q)
{
    sdp_graph *g = q->g;
    sdp_id *v = sdp_alloc(&g->base, q->n * sizeof *v), d[2];
    static const char *const heads[2][3] = {{"df", "dg", "dh"}, {"dF", "dG", "dH"}};
    const char *const *head = heads[value_order(q) >= 2];
    if (q->r->order > 1) sdp_request_usage(q, "--along dX --order K", "a differential is of first order");
    for (uint32_t i = 0; i < q->n; i++) {
        const char *name = sdp_printf(&g->base, "d%s", g->var[q->var[i]].name);
        uint32_t known = sdp_variable_find(g, name);
        if (known != UINT32_MAX &&
            (g->var[known].declared || (g->var[known].node && sdp_depends(g, q->f.node, g->var[known].node))))
            sdp_request_usage(q, "rename it, or use --along",
                              sdp_printf(&g->base, "there already is a variable '%s'", name));
        v[i] = new_variable(q, name, q->var[i], 0);
    }
    q->out->along = true;
    q->out->direction = v;
    q->out->order = 1;
    derivatives(q, 1, v, d);
    sdp_entry *e = sdp_request_entry(q, d[1], UINT32_MAX, UINT32_MAX, "");
    e->is_row = sdp_is_row(q->f.shape);
    for (int k = 0; k < 3 && (!k || sdp_variable_find(g, e->head + 1) != UINT32_MAX); k++) e->head = head[k];
}

// ---- Taylor polynomials -----------------------------------------------------------------------------------
typedef enum { NO, YES, UNKNOWN } answer;

static answer truth(sdp_graph *g, sdp_id cond)
{
    sdp_num v;
    if (sdp_is_number(g, cond, &v)) return v != SDP_NUM_ZERO ? YES : NO;
    const sdp_node *n = sdp_get(g, cond);
    if (n->kind != SDP_MAP || n->nargs != 2 || (n->op != SDP_OP_and && n->op != SDP_OP_or)) return UNKNOWN;
    answer a = truth(g, n->arg[0]), b = truth(g, n->arg[1]), decisive = n->op == SDP_OP_and ? NO : YES;
    if (a == decisive || b == decisive) return decisive;
    return a == UNKNOWN || b == UNKNOWN ? UNKNOWN : a;
}

static _Noreturn void no_polynomial(sdp_request *q, const char *why)
{
    sdp_fail(&q->g->base, SD_ERR_DOMAIN, (sdp_span){0, 0}, NULL,
             "there is no Taylor polynomial around this point: %s", why);
}

// A condition of the expression as one of the point.
static sdp_condition at_point(sdp_request *q, const sdp_condition *c, sdp_id there, const sdp_id *x0,
                              bool *matters)
{
    sdp_condition x = *c;
    *(c->node ? &x.node : &x.subject) = there;
    sdp_id cond = c->branch ? sdp_substitute(q->g, sdp_branch_condition(c->branch), q->n, q->wrt, x0) : 0;
    x.branch = cond && truth(q->g, cond) == UNKNOWN ? sdp_branch_of(cond, sdp_branch_arm(c->branch)) : 0;
    *matters = !cond || truth(q->g, cond) != (sdp_branch_arm(c->branch) == 1 ? NO : YES);
    if (c->kink) x.taken = "there may be no Taylor polynomial";
    if (c->kink) x.decides = false;
    return x;
}

static _Noreturn void has_kink(sdp_request *q, int function)
{
    no_polynomial(q, sdp_printf(&q->g->base, "%s has a kink or a jump there", sdp_ops[function].name));
}

// Are all entries, or all eigenvalues, that the function chooses from the same number?
static bool is_tie(sdp_graph *g, int function, sdp_id x)
{
    sdp_id scalar;
    const sdp_node *n = sdp_get(g, x);
    bool entries = function == SDP_OP_maxof || function == SDP_OP_minof,
         multiple = n->kind == SDP_MUL && n->order == 2 && n->nlabels == 1;
    // of eye(n)
    for (uint32_t i = 0; i < n->nargs && multiple; i++) multiple = sdp_get(g, n->arg[i])->order == 0;
    return sdp_is_zero(g, x) ||
           (entries ? sdp_is_broadcast(g, x, &scalar) : function == SDP_OP_lambda_max && multiple);
}

// Refuses a point that breaks a condition, or that a kink is at, as far as can be seen.
static void check_condition(sdp_request *q, const sdp_condition *c, const sdp_freezer *z, sdp_condition *also)
{
    sdp_graph *g = q->g;
    if (!c->node && !c->words) no_polynomial(q, "it has too many conditions to be checked");
    sdp_id there = sdp_substitute(g, c->node ? c->node : c->subject, q->n, q->wrt, z->x0);
    answer holds = c->node ? truth(g, there) : UNKNOWN;
    bool matters, tie = c->kink && !c->node && is_tie(g, c->function, there);
    sdp_condition now = at_point(q, c, there, z->x0, &matters);
    if (matters && sdp_frozen_in(z, there)) has_kink(q, sdp_frozen_in(z, there));
    // either side is taken near the point
    if (now.branch && sdp_frozen_in(z, sdp_branch_condition(now.branch))) now.branch = 0;
    if (matters && holds == UNKNOWN && !tie) also[q->out->nalso++] = now;
    if (now.branch || !matters) return; // whether it matters is not known
    if (c->kink && (holds == YES || tie)) has_kink(q, c->function);
    if (!c->kink && (holds == NO || (!c->node && sdp_is_zero(g, there))))
        no_polynomial(q, "it has no derivatives there");
}

// Refuses a point at which the value, or the expression with frozen kinks or a
// derivative d[k] of it, has none.
static void check_point(sdp_request *q, sdp_id value, const sdp_id *d, const sdp_freezer *z)
{
    sdp_graph *g = q->g;
    sdp_entry higher[MOST_TAYLOR] = {{0}};
    struct sd_result plain = {.g = g,
                              .value = value,
                              .ntyped = q->f.ntyped,
                              .typed = q->f.typed,
                              .nwrt = q->n,
                              .wrt = q->var},
                     f = plain;
    f.value = q->f.node;
    f.order = q->r->order > 1 ? q->r->order : 1;
    f.entry = higher;
    for (int k = 2; k <= q->r->order; k++) higher[f.n++].node = d[k];
    const sdp_condition *c, *of_value;
    uint32_t n = sdp_conditions(g, &f, &c), nvalue = z->n ? sdp_conditions(g, &plain, &of_value) : 0;
    sdp_condition *also = sdp_alloc(&g->base, (n + nvalue + (size_t)1) * sizeof *also);
    for (uint32_t i = 0; i < n; i++) check_condition(q, &c[i], z, also);
    for (uint32_t i = 0; i < nvalue; i++) check_condition(q, &of_value[i], z, also);
    q->out->also = also;
    q->out->ntyped = 0; // it is among them, at the point
}

static void check_request(sdp_request *q, const sdp_id *x0)
{
    int order = q->r->order;
    if (order < 0 || order > MOST_TAYLOR)
        sdp_request_usage(q, NULL, "Taylor polynomials have orders from 0 to 4");
    if (sdp_request_moves(q, x0))
        sdp_request_usage(q, NULL, "the point must not contain the variables of the polynomial");
}

void sdp_request_taylor(sdp_request *q)
{
    sdp_graph *g = q->g;
    if (!q->r->around || !*q->r->around)
        sdp_request_usage(q, "--around 0, --around x0", "a Taylor polynomial needs a point");
    sdp_id *x0 = sdp_request_list(q, q->r->around, true), d[MOST_TAYLOR + 1];
    check_request(q, x0);
    sdp_id *h = sdp_scratch(&g->base, q->n * sizeof *h),
           *difference = sdp_scratch(&g->base, q->n * sizeof *difference);
    for (uint32_t i = 0; i < q->n; i++) {
        difference[i] = sdp_sub(g, q->wrt[i], x0[i]);
        h[i] = new_variable(q, sdp_printf(&g->base, "$h%u", g->nvars), q->var[i], difference[i]);
    }
    sdp_freezer frozen = {.g = g, .count = q->n, .wrt = q->wrt, .x0 = x0};
    sdp_id value = q->f.node;
    sdp_freeze(&frozen, 1, &q->f.node);
    if (frozen.many && q->r->order > 1) {
        const char *unless =
            frozen.many == SDP_OP_det ? "two or three rows" : "a known number of entries, up to 12";
        no_polynomial(q, sdp_printf(&g->base, "%s is 0 there, and its second derivatives need %s",
                                    sdp_ops[frozen.many].name, unless));
    }
    derivatives(q, q->r->order, h, d);
    sdp_freeze(&frozen, (uint32_t)q->r->order + 1, d); // elu has a kink in its second derivative
    check_point(q, value, d, &frozen);
    sdp_id *term = sdp_alloc(&g->base, (MOST_TAYLOR + 1) * sizeof *term), sum = 0;
    uint32_t n = 0;
    sdp_num factor = SDP_NUM_ONE;
    for (int k = 0; k <= q->r->order; k++) {
        if (k > 1) factor = sdp_num_mul(g, factor, sdp_num_ratio(g, 1, k));
        sdp_id t = sdp_scale(g, factor, sdp_simplify(g, sdp_substitute(g, d[k], q->n, q->wrt, x0)));
        if (sdp_frozen_in(&frozen, t)) has_kink(q, sdp_frozen_in(&frozen, t));
        if (sdp_is_zero(g, t)) continue;
        term[n++] = t;
        t = sdp_substitute(g, t, q->n, h, difference);
        sum = sum ? sdp_add2(g, sum, t) : t;
    }
    if (!sum) sum = sdp_zeros(g, value_order(q), sdp_get(g, q->f.node)->dim);
    sdp_entry *e = sdp_request_entry(q, sum, UINT32_MAX, UINT32_MAX, "");
    e->is_row = sdp_is_row(q->f.shape);
    e->term = term;
    e->nterms = n;
    q->out->value = sum; // nothing is left to be differentiated
}
