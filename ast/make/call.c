// SPDX-License-Identifier: MIT
// Calls of abstract functions: f(x, y), declared as f : function(vector(n), vector(m)) ->
// scalar, and the derivatives of f.
//
// A derivative is told by the arguments it was taken by, one for each order: Schwarz's theorem lets them be
// sorted, so that d2f/dxdy and d2f/dydx are one node (transposed) and a Hessian equals its transpose. Its
// names in the language: surface/function_name.c.
#include <string.h>

#include "ast/make/inside.h"

// ---- nodes ------------------------------------------------------------------------------------------------

// The axes of the value, then of each argument it is differentiated by. Fails at the limit `order`.
int sdp_derivative_dims(sdp_graph *g, const sdp_derivative *d, sdp_dim *dim)
{
    const sdp_variable *f = &g->var[d->function];
    int order = sdp_shape_axes(f->shape, dim);
    for (uint32_t i = 0; i < d->nby; i++) {
        if (order + 2 > SDP_MAX_ORDER) sdp_limit(&g->base, "order", SDP_MAX_ORDER);
        order += sdp_shape_axes(f->param[d->by[i]], dim + order);
    }
    return order;
}

static void sort(sdp_derivative *d, uint8_t *from)
{
    for (uint32_t i = 0; i < d->nby; i++) {
        uint8_t by = d->by[i];
        uint32_t k = i;
        for (; k && d->by[k - 1] > by; k--) d->by[k] = d->by[k - 1], from[k] = from[k - 1];
        d->by[k] = by;
        from[k] = (uint8_t)i;
    }
}

sdp_id sdp_call(sdp_graph *g, const sdp_derivative *given, const sdp_id *arg)
{
    sdp_derivative d = *given;
    const sdp_variable *f = &g->var[d.function];
    uint8_t from[SDP_MAX_ORDER], axis[SDP_MAX_ORDER], first[SDP_MAX_ORDER];
    sdp_dim dim[SDP_MAX_ORDER + 2], unused[2];
    sort(&d, from);
    int order = sdp_derivative_dims(g, &d, dim), at = sdp_shape_axes(f->shape, unused);
    sdp_id id = sdp_intern(g, &(sdp_node){.kind = SDP_CALL,
                                          .order = (uint8_t)order,
                                          .nlabels = (uint8_t)d.nby,
                                          .nargs = f->nparams,
                                          .param = d.function,
                                          .dim = dim,
                                          .arg = arg,
                                          .label = d.by});
    for (int k = 0; k < at; k++) axis[k] = (uint8_t)k;
    for (uint32_t i = 0, next = (uint32_t)at; i < d.nby; i++) {
        first[from[i]] = (uint8_t)next;
        next += (uint32_t)sdp_shape_axes(f->param[d.by[i]], unused);
    }
    bool straight = true;
    for (uint32_t i = 0; i < d.nby; i++)
        for (int k = 0, n = sdp_shape_axes(f->param[given->by[i]], unused); k < n; k++, at++) {
            axis[at] = (uint8_t)(first[i] + k);
            straight &= axis[at] == at;
        }
    return straight ? id : sdp_permute(g, id, axis);
}

sdp_derivative sdp_derivative_of(const sdp_node *call)
{
    sdp_derivative d = {.function = call->param, .nby = call->nlabels};
    if (d.nby) memcpy(d.by, call->label, d.nby);
    return d;
}

int sdp_derivative_order(const sdp_derivative *a, const sdp_derivative *b)
{
    if (a->function != b->function) return a->function < b->function ? -1 : 1;
    if (a->nby != b->nby) return a->nby < b->nby ? -1 : 1;
    return memcmp(a->by, b->by, a->nby);
}

int sdp_derivative_axes(const sdp_graph *g, const sdp_derivative *d)
{
    sdp_dim dim[2];
    int n = sdp_shape_axes(g->var[d->function].shape, dim);
    for (uint32_t i = 0; i < d->nby; i++) n += sdp_shape_axes(g->var[d->function].param[d->by[i]], dim);
    return n;
}

// Both belong to one vector argument that the function is differentiated by twice.
bool sdp_call_swaps(const sdp_graph *g, const sdp_node *call, int k)
{
    const sdp_variable *f = &g->var[call->param];
    sdp_dim dim[2];
    int at = sdp_shape_axes(f->shape, dim), by[2] = {-1, -1};
    for (uint32_t i = 0; i < call->nlabels; i++) {
        int n = sdp_shape_axes(f->param[call->label[i]], dim);
        for (int side = 0; side < 2; side++)
            if (n == 1 && at == k + side) by[side] = call->label[i];
        at += n;
    }
    return by[0] >= 0 && by[0] == by[1];
}

bool sdp_call_is_symmetric(const sdp_graph *g, const sdp_node *call)
{
    const sdp_variable *f = &g->var[call->param];
    sdp_dim dim[2];
    int value = sdp_shape_axes(f->shape, dim);
    uint8_t by[2];
    uint32_t n = 0;
    if (call->order != 2) return false;
    for (uint32_t i = 0; i < call->nlabels && n < 2; i++)
        if (!sdp_is_scalar(f->param[call->label[i]])) by[n++] = call->label[i];
    // derivatives by scalars keep the symmetry of the value
    if (value == 2) return f->facts & SDP_SYMMETRIC;
    // two vectors, the same; a single matrix has n == 1
    return value == 0 && n == 2 && by[0] == by[1];
}

// ---- shapes -----------------------------------------------------------------------------------------------

// The axes of a derivative are those of the value, then those of each argument differentiated by. E.g. a
// vector by a vector is a matrix. Returns false if there are more than two.
bool sdp_derivative_shape(const sdp_graph *g, const sdp_derivative *d, sdp_shape *shape)
{
    const sdp_variable *f = &g->var[d->function];
    sdp_dim dim[2] = {SDP_DIM_ONE, SDP_DIM_ONE}, all[2];
    uint32_t carriers = 0;
    int order = 0;
    for (uint32_t i = 0; i <= d->nby; i++) {
        sdp_shape s = i ? f->param[d->by[i - 1]] : f->shape;
        int n = sdp_shape_axes(s, all);
        if (!n) continue;
        if (order + n > 2) return false;
        memcpy(dim + order, all, (size_t)n * sizeof *dim);
        order += n;
        if (!carriers++) *shape = s;
    }
    if (carriers != 1) *shape = (sdp_shape){dim[0], dim[1]};
    if (d->transposed) *shape = (sdp_shape){shape->cols, shape->rows};
    return true;
}
