// SPDX-License-Identifier: MIT
// In what is a node homogeneous, and of which degree? See units.h.
#include <math.h>
#include <string.h>

#include "codegen/stable/units.h"

// ---- homogeneous functions --------------------------------------------------------------------------------
const sdp_homogeneous *sdp_homogeneous_function(const sdp_node *n)
{
    const sdp_homogeneous *h = &sdp_ops[n->op].degree;
    return (n->kind == SDP_MAP || n->kind == SDP_PRIM) && h->is ? h : NULL;
}

// The axes of argument 0 that n keeps
uint32_t sdp_kept_axes(const sdp_node *n, uint32_t order)
{
    if (n->kind == SDP_MAP) return (1u << order) - 1;
    return n->op == SDP_OP_norm || n->op == SDP_OP_maxof || n->op == SDP_OP_minof
               ? ~n->param & ((1u << order) - 1)
               : 0;
}

// A condition or a zero
bool sdp_is_neutral(const sdp_measure *w, const sdp_node *n, uint32_t i)
{
    return sdp_is_zero(w->g, n->arg[i]) || (n->op == SDP_OP_where && n->kind == SDP_MAP && i == 0);
}

// ---- units ------------------------------------------------------------------------------------------------
sdp_id sdp_unit_root(sdp_measure *w, sdp_id a)
{
    while (w->same[a] != a) a = w->same[a] = w->same[w->same[a]];
    return a;
}

bool sdp_add_unit(sdp_measure *w, sdp_units *u, sdp_unit x)
{
    for (uint32_t i = 0; i < u->n; i++) {
        if (sdp_unit_root(w, u->of[i].of) != sdp_unit_root(w, x.of) || u->of[i].axis != x.axis) continue;
        u->of[i].w = sdp_num_add(w->g, u->of[i].w, x.w);
        if (u->of[i].w == SDP_NUM_ZERO) u->of[i] = u->of[--u->n];
        return true;
    }
    if (u->n == SDP_MOST_UNITS) return false;
    u->of[u->n++] = x;
    return true;
}

bool sdp_is_high(const sdp_graph *g, sdp_num w) { return fabs(sdp_num_double(g, w)) >= 2; }

static bool same_units(sdp_measure *w, const sdp_units *a, const sdp_units *b)
{
    sdp_units d = *a;
    for (uint32_t i = 0; i < b->n; i++) {
        sdp_unit x = b->of[i];
        x.w = sdp_num_neg(w->g, x.w);
        if (!sdp_add_unit(w, &d, x)) return false;
    }
    return d.n == 0;
}

static void scale_units(sdp_measure *w, sdp_units *u, sdp_num by)
{
    for (uint32_t i = 0; i < u->n; i++) u->of[i].w = sdp_num_mul(w->g, u->of[i].w, by);
    if (by == SDP_NUM_ZERO) u->n = 0;
}

// The units that all arguments with a say have
static bool common_units(sdp_measure *w, const sdp_node *n, sdp_units *u)
{
    bool found = false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (sdp_is_neutral(w, n, i)) continue;
        if (found && !same_units(w, u, &w->has[n->arg[i]])) return false;
        if (!found) *u = w->has[n->arg[i]];
        found = true;
    }
    return true;
}

// x^2+y^2, hypot(x,y): variables x and y get one exponent.
static void join_variables(sdp_measure *w, const sdp_node *n)
{
    const sdp_unit *first = NULL;
    sdp_num least = n->kind == SDP_ADD ? SDP_NUM_TWO : SDP_NUM_ONE; // x-y is an array
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < n->nargs; i++) {
            const sdp_units *u = &w->has[n->arg[i]];
            if (u->n != 1 || (first && u->of[0].w != first->w) || sdp_num_cmp(w->g, u->of[0].w, least) < 0)
                return;
            if (sdp_get(w->g, u->of[0].of)->kind != SDP_VAR) return;
            if (!first) first = &u->of[0];
            if (pass) w->same[sdp_unit_root(w, u->of[0].of)] = sdp_unit_root(w, first->of);
        }
}

// X'*X + norm(X)^2*V: the terms have units in common, and some of them V, a
// variable. It has no unit from here on.
static bool exempt_variables(sdp_measure *w, const sdp_node *n)
{
    const sdp_units first = w->has[n->arg[0]];
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 1; i < n->nargs; i++) {
            const sdp_units *u = &w->has[n->arg[i]];
            sdp_units d = first;
            for (uint32_t k = 0; k < u->n; k++)
                if (!sdp_add_unit(w, &d,
                                  (sdp_unit){u->of[k].of, sdp_num_neg(w->g, u->of[k].w), u->of[k].axis}))
                    return false;
            if (!pass && d.n + 2u > (uint32_t)first.n + u->n) return false; // nothing in common
            for (uint32_t k = 0; k < d.n; k++) {
                if (!pass && (sdp_get(w->g, d.of[k].of)->kind != SDP_VAR || sdp_is_high(w->g, d.of[k].w)))
                    return false;
                if (pass) w->exempt[d.of[k].of] = true;
            }
        }
    return n->kind == SDP_ADD;
}

// A MUL: those of its factors. What runs along an axis that is summed over, or that the product has not just
// once, goes to `inside`, by label, and stays with the product.
static bool units_of_product(sdp_measure *w, const sdp_node *n, sdp_units *u, sdp_units *inside)
{
    const uint8_t *out = sdp_labels(w->g, n, n->nargs);
    *inside = (sdp_units){0};
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_units *f = &w->has[n->arg[i]];
        for (uint32_t k = 0; k < f->n; k++) {
            sdp_unit x = f->of[k];
            uint8_t label = x.axis == SDP_WHOLE ? 0 : sdp_labels(w->g, n, i)[x.axis];
            const uint8_t *at = x.axis == SDP_WHOLE || !n->order ? NULL : memchr(out, label, n->order);
            bool stays =
                x.axis != SDP_WHOLE && (!at || memchr(at + 1, label, (size_t)(out + n->order - at - 1)));
            if (x.axis != SDP_WHOLE) x.axis = stays ? label : (uint8_t)(at - out);
            if (!sdp_add_unit(w, stays ? inside : u, x)) return false;
        }
    }
    return true;
}

static bool units_of_function(sdp_measure *w, const sdp_node *n, sdp_units *u)
{
    const sdp_homogeneous *h = sdp_homogeneous_function(n);
    if (!common_units(w, n, u)) return false;
    if (!u->n) return true; // a function of numbers and of what has no unit
    if (!h || h->logarithm) return false;
    uint32_t kept = sdp_kept_axes(n, sdp_get(w->g, n->arg[0])->order);
    for (uint32_t i = 0; i < u->n; i++) {
        uint8_t *axis = &u->of[i].axis, below = 0;
        if (*axis == SDP_WHOLE) continue;
        if (!(kept >> *axis & 1)) return false;
        for (uint8_t k = 0; k < *axis; k++) below = (uint8_t)(below + (kept >> k & 1));
        *axis = below;
    }
    scale_units(w, u, sdp_num_mul(w->g, sdp_num_int(w->g, h->halves), SDP_NUM_HALF));
    return true;
}

// The units of a node from those of its arguments; false: it is not homogeneous in them.
bool sdp_units_of(sdp_measure *w, const sdp_node *n, sdp_units *u, sdp_units *inside)
{
    sdp_num e;
    *u = (sdp_units){0};
    switch ((sdp_kind)n->kind) {
    case SDP_VAR: return false;
    case SDP_MUL: return units_of_product(w, n, u, inside);
    case SDP_ADD: return common_units(w, n, u);
    case SDP_POW:
        if (!w->has[n->arg[0]].n && !w->has[n->arg[1]].n) return true;
        if (!sdp_is_number(w->g, n->arg[1], &e)) return false;
        *u = w->has[n->arg[0]];
        scale_units(w, u, e);
        return true;
    default: return n->nargs == 0 || units_of_function(w, n, u);
    }
}

static void drop_exempt(sdp_measure *w, sdp_units *u)
{
    for (uint32_t k = u->n; k-- > 0;)
        if (w->exempt[u->of[k].of]) u->of[k] = u->of[--u->n];
}

void sdp_measure_units(sdp_measure *w, sdp_graph *g, uint32_t count, const sdp_id *ids)
{
    uint32_t last = count ? ids[count - 1] : 0;
    *w = (sdp_measure){.g = g, .ids = ids, .count = count};
    w->has = sdp_scratch(&g->base, (last + 1u) * sizeof *w->has);
    w->array = sdp_scratch(&g->base, last + 1u);
    w->same = sdp_scratch(&g->base, (last + 1u) * sizeof *w->same);
    w->exempt = sdp_scratch(&g->base, last + 1u);
    w->inside = sdp_scratch(&g->base, last + 1u);
    sdp_units inside;
    for (uint32_t i = 0; i < count; i++) {
        sdp_id id = ids[i];
        const sdp_node *n = sdp_get(g, id);
        w->same[id] = id;
        for (uint32_t k = 0; k < n->nargs; k++) drop_exempt(w, &w->has[n->arg[k]]);
        if (n->kind == SDP_ADD || (n->kind == SDP_MAP && sdp_homogeneous_function(n))) join_variables(w, n);
        w->array[id] = !sdp_units_of(w, n, &w->has[id], &inside);
        if (w->array[id] && n->kind == SDP_ADD && exempt_variables(w, n)) {
            for (uint32_t k = 0; k < n->nargs; k++) drop_exempt(w, &w->has[n->arg[k]]);
            w->array[id] = !sdp_units_of(w, n, &w->has[id], &inside);
        }
        if (w->array[id]) w->has[id] = (sdp_units){1, {{id, SDP_NUM_ONE, SDP_WHOLE}}};
    }
    for (uint32_t i = 0; i < count; i++) drop_exempt(w, &w->has[ids[i]]);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = sdp_get(g, ids[i]);
        bool other = (n->kind == SDP_MAP || n->kind == SDP_PRIM) && !sdp_homogeneous_function(n);
        for (uint32_t k = 0; other && k < n->nargs; k++)
            for (uint32_t j = 0; j < w->has[n->arg[k]].n && !w->array[n->arg[k]]; j++)
                w->inside[sdp_unit_root(w, w->has[n->arg[k]].of[j].of)] = true;
    }
}
