// SPDX-License-Identifier: MIT
// Answers: gradients, Jacobians, Hessians, products with directions, higher orders, in their layouts.
// A single reverse pass serves all variables of a request; a Hessian is the Jacobian of the gradient; a
// product of the Hessian with a direction is forward mode over the gradient and never forms the Hessian.
#include <string.h>

#include "simplify/answer/request.h"

// Denominator layout of three axes or more: those of the variables in front of those of the value.
static void turn(const sdp_request *q, sdp_entry *e)
{
    uint8_t axis[SDP_MAX_ORDER];
    int value = value_order(q), order = sdp_get(q->g, e->raw)->order;
    if (q->r->layout != SD_DENOMINATOR || value == 0 || order < 3 || order == value) return;
    for (int k = 0; k < order; k++) axis[k] = (uint8_t)(k < order - value ? k + value : k - (order - value));
    e->raw = sdp_permute(q->g, e->raw, axis);
    e->turned = true;
}

static const sdp_id *directions(sdp_request *q)
{
    q->out->along = true;
    return q->out->direction = sdp_request_list(q, q->r->direction, false);
}

// The axes of a Jacobian swap in denominator layout; a gradient has the shape of its variable in both.
static void lay_out(sdp_request *q, sdp_entry *e, sdp_shape x, bool jacobian)
{
    sdp_graph *g = q->g;
    int value = value_order(q), order = sdp_get(g, e->raw)->order;
    bool denominator = q->r->layout == SD_DENOMINATOR;
    if (value == 0) e->is_row = order == 1 && (jacobian && !sdp_is_row(x) ? !denominator : sdp_is_row(x));
    else if (order == value) e->is_row = value == 1 && (sdp_is_row(q->f.shape) != denominator); // by a scalar
    else if (order == 2 && value == 1 && denominator) e->raw = sdp_transpose(g, e->raw), e->turned = true;
    else turn(q, e);
}

// Has the value a function of a matrix with a tangent of its own? By a scalar t, forward
// mode knows that t*A commutes with A.
static bool has_matrix_function(sdp_graph *g, sdp_id value)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t count;
    sdp_id *list = sdp_reachable(g, 1, &value, &count);
    bool found = false;
    for (uint32_t i = 0; i < count && !found; i++) found = sdp_is_matrix_function(sdp_get(g, list[i]));
    sdp_scratch_release(&g->base, m);
    return found;
}

bool sdp_request_by_scalars(const sdp_request *q)
{
    for (uint32_t i = 0; i < q->n; i++)
        if (sdp_get(q->g, q->wrt[i])->order) return false;
    return true;
}

// Derivatives by all variables, each in the space of its variable.
static void derivatives(sdp_request *q, sdp_id value, sdp_id *d)
{
    // the tangents of an array have no more axes
    bool forward =
        sdp_request_by_scalars(q) && ((q->way.forward && q->out->order > 1) ||
                                      sdp_get(q->g, value)->order > 0 || has_matrix_function(q->g, value));
    sdp_id one = sdp_number(q->g, SDP_NUM_ONE);
    if (!forward) sdp_reverse(q->g, value, q->n, q->wrt, d);
    for (uint32_t i = 0; forward && i < q->n; i++) d[i] = sdp_jvp(q->g, value, 1, &q->wrt[i], &one);
    for (uint32_t i = 0; i < q->n; i++) d[i] = sdp_project(q->g, d[i], q->wrt[i], q->r->symmetric);
}

static void first_order(sdp_request *q, bool jacobian)
{
    sdp_graph *g = q->g;
    sdp_id *d = sdp_scratch(&g->base, q->n * sizeof *d);
    derivatives(q, q->f.node, d);
    for (uint32_t i = 0; i < q->n; i++) {
        const char *label = q->n > 1 ? sdp_printf(&g->base, "d/d%s", g->var[q->var[i]].name) : "";
        lay_out(q, sdp_request_entry(q, d[i], i, UINT32_MAX, label), g->var[q->var[i]].shape, jacobian);
    }
}

static void second_order(sdp_request *q)
{
    sdp_graph *g = q->g;
    sdp_id *d = sdp_scratch(&g->base, q->n * sizeof *d), *h = sdp_scratch(&g->base, q->n * sizeof *h);
    derivatives(q, q->f.node, d);
    if (q->way.collected) sdp_simplify_all(g, q->n, d);
    for (uint32_t i = 0; i < q->n; i++) {
        derivatives(q, d[i], h);
        for (uint32_t j = 0; j < q->n; j++) {
            const char *a = g->var[q->var[i]].name, *b = g->var[q->var[j]].name;
            sdp_entry *e =
                sdp_request_entry(q, h[j], i, j, q->n > 1 ? sdp_printf(&g->base, "d2/d%sd%s", a, b) : "");
            // a block d2/dx ds is a vector in the place of x; d2/ds dx one in the place of x, on its side
            bool by_vector = sdp_get(g, q->wrt[i])->order == 0;
            e->is_row = sdp_get(g, e->raw)->order == 1 && value_order(q) == 0 && by_vector;
            turn(q, e);
        }
    }
}

static void high_order(sdp_request *q, int k)
{
    sdp_graph *g = q->g;
    if (q->n > 1) sdp_request_usage(q, NULL, "derivatives beyond the second are taken by one variable");
    sdp_id d = q->f.node;
    for (int i = 0; i < k; i++) {
        derivatives(q, d, &d);
        if (q->way.collected) d = sdp_simplify(g, d);
    }
    sdp_entry *e = sdp_request_entry(q, d, 0, UINT32_MAX, "");
    if (sdp_get(g, q->wrt[0])->order == 0) e->is_row = value_order(q) == 1 && sdp_is_row(q->f.shape);
    turn(q, e);
}

static void hessian_product(sdp_request *q)
{
    sdp_graph *g = q->g;
    const sdp_id *v = directions(q);
    sdp_id *d = sdp_scratch(&g->base, q->n * sizeof *d);
    derivatives(q, q->f.node, d);
    if (q->way.collected) sdp_simplify_all(g, q->n, d);
    sdp_jvp_all(g, q->n, d, q->n, q->wrt, v, d);
    for (uint32_t i = 0; i < q->n; i++) {
        const char *label = q->n > 1 ? sdp_printf(&g->base, "d/d%s", g->var[q->var[i]].name) : "";
        sdp_entry *e = sdp_request_entry(q, d[i], i, UINT32_MAX, label);
        e->is_row = sdp_is_row(g->var[q->var[i]].shape);
    }
}

static void vector_jacobian(sdp_request *q)
{
    sdp_graph *g = q->g;
    sdp_id *d = sdp_scratch(&g->base, q->n * sizeof *d);
    if (!q->r->direction || !*q->r->direction) sdp_request_usage(q, NULL, "a direction is missing");
    sdp_id *u = q->given ? q->given : sdp_alloc(&g->base, sizeof *u);
    if (!q->given)
        *u = sdp_request_direction(q, q->r->direction, strlen(q->r->direction), q->f.shape, 0, "the value");
    q->given = u;
    q->out->cotangent = true;
    q->out->direction = u;
    sdp_vjp(g, q->f.node, *u, q->n, q->wrt, d);
    for (uint32_t i = 0; i < q->n; i++) {
        const char *label = q->n > 1 ? sdp_printf(&g->base, "d/d%s", g->var[q->var[i]].name) : "";
        d[i] = sdp_project(g, d[i], q->wrt[i], q->r->symmetric);
        sdp_entry *e = sdp_request_entry(q, d[i], i, UINT32_MAX, label);
        e->value_order = 0; // all axes are the variable's
        e->is_row = sdp_is_row(g->var[q->var[i]].shape);
    }
}

static void need_scalar(sdp_request *q, const char *what)
{
    if (value_order(q) == 0) return;
    sdp_request_usage(q, "--jacobian differentiates vectors and matrices",
                      sdp_printf(&q->g->base, "only a scalar has a %s; the expression is %s", what,
                                 sdp_shape_text(q->g, q->f.shape)));
}

static void derive_all(sdp_request *q)
{
    const sd_request *r = q->r;
    int order = r->order;
    if (order < 0 || order > SD_MAX_ORDER)
        sdp_request_usage(q, NULL, sdp_printf(&q->g->base, "the order must be from 0 to %d", SD_MAX_ORDER));
    switch (r->what) {
    case SD_VALUE: break;
    case SD_HVP:
        need_scalar(q, "Hessian");
        q->out->order = 2;
        hessian_product(q);
        return;
    case SD_JVP:
        q->out->order = 1;
        sdp_request_entry(q, sdp_jvp(q->g, q->f.node, q->n, q->wrt, directions(q)), UINT32_MAX, UINT32_MAX,
                          "")
            ->is_row = sdp_is_row(q->f.shape);
        return;
    case SD_VJP:
        q->out->order = 1;
        vector_jacobian(q);
        return;
    case SD_ALONG: sdp_request_along(q); return;
    case SD_DIFFERENTIAL: sdp_request_differential(q); return;
    case SD_TAYLOR: sdp_request_taylor(q); return;
    case SD_GRADIENT: need_scalar(q, "gradient"); break;
    case SD_HESSIAN:
        need_scalar(q, "Hessian");
        order = order ? order : 2;
        break;
    default: break;
    }
    if (order == 0) order = r->what == SD_VALUE ? 0 : 1;
    q->out->order = order;
    if (order == 0)
        sdp_request_entry(q, q->f.node, UINT32_MAX, UINT32_MAX, "")->is_row = sdp_is_row(q->f.shape);
    else if (order == 1) first_order(q, r->what == SD_JACOBIAN);
    else if (order == 2) second_order(q);
    else high_order(q, order);
}

// The conventions that the answer follows, for the legend.
static void name_conventions(sdp_request *q)
{
    sdp_text note;
    sdp_text_init(&note, &q->g->base);
    for (uint32_t i = 0; i < q->n; i++) {
        const char *c = sdp_convention(q->g, q->wrt[i], q->r->symmetric);
        if (c) sdp_putf(&note, "%s%s", note.n ? "; " : "", c);
    }
    if (note.n) q->out->note = sdp_strndup(&q->g->base, note.s, note.n);
    sdp_text_free(&note);
}

void sdp_request_answer(sdp_request *q)
{
    struct sd_result *r = q->out;
    *r = (struct sd_result){.g = q->g,
                            .what = q->r->what,
                            .expr = q->expr,
                            .value = q->f.node,
                            .ntyped = q->f.ntyped,
                            .typed = q->f.typed,
                            .nwrt = q->n,
                            .wrt = q->var,
                            .convention = q->r->symmetric};
    q->entries = 0;
    derive_all(q);
    if (!q->f.free) return;
    sdp_mark m = sdp_scratch_mark(&q->g->base);
    sdp_id *node = sdp_scratch(&q->g->base, (r->n + 1) * sizeof *node);
    for (size_t i = 0; i < r->n; i++) node[i] = r->entry[i].raw;
    sdp_without_free_copies(q->g, (uint32_t)r->n, node, 0, NULL);
    for (size_t i = 0; i < r->n; i++) r->entry[i].raw = node[i];
    sdp_scratch_release(&q->g->base, m);
}

struct sd_result *sdp_derive(sdp_graph *g, sd_expr expr, sdp_surface f, const sd_request *r)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_request *q = sdp_alloc(&g->base, sizeof *q);
    *q = (sdp_request){.g = g, .expr = expr, .f = f, .out = sdp_alloc(&g->base, sizeof *q->out)};
    g->base.source = NULL;
    g->base.here = (sdp_span){0, 0};
    sdp_request_keep(q, r);
    if ((unsigned)r->what > SD_TAYLOR || (unsigned)r->layout > SD_DENOMINATOR ||
        (unsigned)r->symmetric > SD_COOKBOOK)
        sdp_request_usage(q, NULL, "the request has a number that stands for nothing");
    if (r->what != SD_VALUE) sdp_request_variables(q);
    sdp_request_free_variables(q);
    if (r->what != SD_VALUE) q->way = sdp_request_first_way(q);
    sdp_request_answer(q);
    q->out->request = q;
    q->out->writing = f.writing;
    q->out->cut = f.cut;
    name_conventions(q);
    sdp_scratch_release(&g->base, m);
    return q->out;
}

sdp_id sdp_derivative_term(sdp_graph *g, int op, sdp_id f, sdp_id x)
{
    sdp_id d;
    sdp_reverse(g, f, 1, &x, &d);
    d = sdp_simplify(g, sdp_project(g, d, x, SD_PROJECTED));
    if (op != SDP_OP_hessian) return d;
    sdp_reverse(g, d, 1, &x, &d);
    return sdp_simplify(g, sdp_project(g, d, x, SD_PROJECTED));
}
