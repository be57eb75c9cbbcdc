// SPDX-License-Identifier: MIT
// Derivatives of every order, and products with directions, at a point: what
// is followed from both sides there.
//
//   order k      every derivative of lower order by all entries, up to the answer
//   along v      f along v, then its derivative along v, ...
//   HVP          the gradient by all entries, then the gradient along v
//   VJP          u'*f by all entries
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "runtime/check/check.h"

typedef struct {
    sdp_graph *g;
    const struct sd_result *r;
    const sdp_check_request *q;
    sdp_id *wrt;
    sdp_found found;
    sd_check_report *out;
} orders;

// Are the nodes the derivatives of value by all entries, or is one the derivative along the direction?
static bool study(orders *o, sdp_id value, uint32_t n, const sdp_id *derivative, bool along, const char *of)
{
    struct sd_result part = *o->r;
    sdp_check_request q = *o->q;
    part.entry = sdp_scratch(&o->g->base, (n + (size_t)1) * sizeof *part.entry);
    for (uint32_t i = 0; i < n; i++) part.entry[i].node = derivative[i];
    part.n = n;
    q.value = value;
    q.along = along;
    return sdp_study(o->g, &part, &q, of, &o->found, o->out);
}

static const char *name_of_order(orders *o, int k, const char *of)
{
    if (k == 0) return "";
    return k == 1 ? sdp_printf(&o->g->base, " of d/d%s", of)
                  : sdp_printf(&o->g->base, " of d%d/d%s%d", k, of, k);
}

// By all entries, order after order; of several variables two orders at most.
static bool study_entries(orders *o)
{
    const sdp_check_request *q = o->q;
    sdp_graph *g = o->g;
    sdp_id *level = sdp_scratch(&g->base, (q->nwrt + (size_t)1) * sizeof *level),
           *next = sdp_scratch(&g->base, (q->nwrt + (size_t)1) * sizeof *next);
    uint32_t n = 1;
    bool ok = q->nwrt == 1 || q->order <= 2;
    level[0] = q->value;
    for (int k = 0; ok && k < q->order; k++) {
        for (uint32_t i = 0; ok && i < n; i++) {
            bool last = k + 1 == q->order && (o->r->n == (size_t)n * q->nwrt);
            if (!last) sdp_reverse(g, level[i], q->nwrt, o->wrt, next);
            for (uint32_t j = 0; j < q->nwrt; j++)
                next[j] = last ? o->r->entry[(size_t)i * q->nwrt + j].node
                               : sdp_project(g, next[j], o->wrt[j], o->r->convention);
            ok = study(o, level[i], q->nwrt, next, false, name_of_order(o, k, g->var[q->wrt[i]].name));
        }
        n = q->nwrt;
        sdp_copy(level, next, n * sizeof *level);
    }
    return ok;
}

static bool study_directional(orders *o)
{
    const sdp_check_request *q = o->q;
    sdp_id value = q->value;
    bool ok = o->r->n == 1;
    for (int k = 0; ok && k < q->order; k++) {
        sdp_id d =
            k + 1 == q->order ? o->r->entry[0].node : sdp_jvp(o->g, value, q->nwrt, o->wrt, q->direction);
        static const char *const named[] = {"", " of the derivative", " of the second derivative",
                                            " of the third derivative"};
        const char *of = k < 4 ? named[k] : sdp_printf(&o->g->base, " of derivative %d", k);
        ok = study(o, value, 1, &d, true, of);
        value = d;
    }
    return ok;
}

static bool study_hvp(orders *o, const sdp_id *gradient)
{
    const sdp_check_request *q = o->q;
    bool ok = o->r->n == q->nwrt && study(o, q->value, q->nwrt, gradient, false, "");
    for (uint32_t i = 0; ok && i < q->nwrt; i++)
        ok = study(o, gradient[i], 1, &o->r->entry[i].node, true,
                   name_of_order(o, 1, o->g->var[q->wrt[i]].name));
    return ok;
}

static bool study_vjp(orders *o)
{
    sdp_graph *g = o->g;
    sdp_id factor[2] = {o->q->direction[0], o->q->value},
           *row = sdp_scratch(&g->base, (o->r->n + 1) * sizeof *row);
    uint8_t label[2 * SDP_MAX_ORDER];
    int order = sdp_get(g, factor[1])->order;
    for (int k = 0; k < order; k++) label[k] = label[order + k] = (uint8_t)k;
    sdp_id value = sdp_mul(g, SDP_NUM_ONE, 2, factor, label, 0, NULL, NULL);
    for (size_t i = 0; i < o->r->n; i++) row[i] = o->r->entry[i].node;
    return sdp_get(g, factor[0])->order == order && study(o, value, (uint32_t)o->r->n, row, false, "");
}

void sdp_study_point(sdp_graph *g, const struct sd_result *r, const sdp_check_request *q, const sdp_id *base,
                     sd_check_report *out)
{
    const sdp_condition *condition; // what is smooth by construction is not doubted because of its scale
    orders o = {.g = g, .r = r, .q = q, .found = {.near = INFINITY}, .out = out};
    if (!q->data || (!sdp_conditions(g, r, &condition) && (q->order == 1 || out->ok))) return;
    o.wrt = sdp_scratch(&g->base, (q->nwrt + (size_t)1) * sizeof *o.wrt);
    for (uint32_t i = 0; i < q->nwrt; i++) o.wrt[i] = g->var[q->wrt[i]].node;
    for (size_t i = 0; i < r->n; i++)
        if (r->entry[i].turned) return;
    bool hvp = q->along && !q->repeated && q->order == 2;
    bool ok = q->cotangent ? study_vjp(&o)
              : hvp        ? study_hvp(&o, base)
              : q->along   ? study_directional(&o)
                           : study_entries(&o);
    // If differences across a kink were inaccurate, or longer than the domain,
    // the limits from both sides count.
    if (!ok || out->ok || o.found.worst >= out->worst || o.found.worst > SDP_KINK_TOLERANCE) return;
    out->ok = out->points = 1, out->worst = o.found.worst, out->exact = out->tolerance = SDP_KINK_TOLERANCE,
    out->detail[0] = 0;
    if (isfinite(o.found.near))
        snprintf(out->detail, sizeof out->detail,
                 "there is a kink, or the edge of the domain, at a distance of less than %s",
                 sdp_decimal_of(o.found.near, 1).s);
}
