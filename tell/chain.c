// SPDX-License-Identifier: MIT
// Derivatives of parts: the functions of diff/, applied to one part at a time, and composed.
//
// A local derivative is the reverse sweep of one part by one of its arguments. Adjoints are gathered over
// parts as diff/reverse.c gathers them over nodes: when a part is reached, all its users have contributed.
#include <limits.h>
#include <math.h>

#include "tell/tell.h"

bool sdp_is_flat(const sdp_node *n)
{
    for (uint32_t k = 0; n->kind == SDP_MAP && k < n->nargs && k < 3; k++)
        if (!sdp_ops[n->op].d[k] || strcmp(sdp_ops[n->op].d[k], "0")) return false;
    return n->kind == SDP_MAP;
}

// Is it a function whose value other lines name: exp(v3), inv(v1)?
static bool is_function(const sdp_node *n)
{
    return n->kind == SDP_MAP || n->kind == SDP_PRIM || n->kind == SDP_CALL;
}

sdp_id sdp_named(sdp_story *s, sdp_id id)
{
    sdp_id *from = sdp_scratch(&s->g->base, s->n * sizeof *from),
           *to = sdp_scratch(&s->g->base, s->n * sizeof *to);
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->item[i].moves && is_function(sdp_get(s->g, s->item[i].node)))
            from[n] = s->item[i].node, to[n++] = s->item[i].var;
    return n ? sdp_substitute(s->g, id, n, from, to) : id;
}

sdp_id sdp_unnamed(sdp_story *s, sdp_id id, uint32_t part)
{
    for (uint32_t i = s->n; i-- > 0;) {
        const sdp_item *x = &s->item[i];
        bool kept = !x->moves || !is_function(sdp_get(s->g, x->node)) ||
                    sdp_depends(s->g, s->item[part].node, x->var);
        if (!kept) id = sdp_substitute(s->g, id, 1, &x->var, &x->node);
    }
    return id;
}

sdp_id sdp_local_in_arguments(sdp_story *s, uint32_t i, uint32_t k)
{
    sdp_id d;
    sdp_reverse(s->g, s->item[i].node, 1, &s->item[k].var, &d);
    return sdp_simplify(s->g, d);
}

sdp_id sdp_local(sdp_story *s, uint32_t i, uint32_t k)
{
    return sdp_named(s, sdp_local_in_arguments(s, i, k));
}

void sdp_find_uses(sdp_story *s)
{
    uint32_t items = sdp_items(s);
    s->uses = sdp_scratch(&s->g->base, s->n * (size_t)items);
    for (uint32_t i = 0; i < s->n; i++)
        for (uint32_t k = 0; k < items; k++)
            if (k != i && s->item[k].moves && sdp_depends(s->g, s->item[i].node, s->item[k].var))
                s->uses[i * items + k] = !sdp_is_zero(s->g, sdp_local_in_arguments(s, i, k));
}

bool sdp_uses(const sdp_story *s, uint32_t i, uint32_t k) { return s->uses[i * sdp_items(s) + k]; }

static sdp_id zeros(sdp_graph *g, sdp_id of, sdp_id by)
{
    const sdp_node *a = sdp_get(g, of), *b = sdp_get(g, by);
    sdp_dim dim[SDP_MAX_ORDER];
    if (a->order + b->order > SDP_MAX_ORDER) sdp_limit(&g->base, "order", SDP_MAX_ORDER);
    sdp_copy(dim, a->dim, a->order * sizeof *dim);
    sdp_copy(dim + a->order, b->dim, b->order * sizeof *dim);
    return sdp_zeros(g, a->order + b->order, dim);
}

void sdp_adjoints(sdp_story *s, const sdp_id *symbol, sdp_id *out)
{
    sdp_graph *g = s->g;
    uint32_t items = sdp_items(s);
    sdp_id *by = sdp_scratch(&g->base, items * sizeof *by), *d = sdp_scratch(&g->base, items * sizeof *d);
    memset(out, 0, items * sizeof *out);
    out[s->n - 1] = sdp_identity_like(g, sdp_root(s)->node);
    for (uint32_t i = s->n; i-- > 0;) {
        uint32_t n = 0;
        if (!out[i] || !s->item[i].moves) continue;
        for (uint32_t k = 0; k < items; k++)
            if (sdp_uses(s, i, k)) by[n++] = s->item[k].var;
        if (!n) continue;
        sdp_vjp(g, s->item[i].node, symbol && i + 1 < s->n ? symbol[i] : out[i], n, by, d);
        for (uint32_t k = 0, j = 0; k < items; k++) {
            if (!sdp_uses(s, i, k)) continue;
            out[k] = out[k] ? sdp_add2(g, out[k], d[j]) : d[j];
            j++;
        }
    }
    for (uint32_t k = 0; k < items; k++)
        if (out[k]) out[k] = sdp_named(s, out[k]);
    for (uint32_t k = s->n; k < items; k++)
        if (!out[k]) out[k] = zeros(g, sdp_root(s)->node, s->item[k].var);
}

sdp_id sdp_after(sdp_story *s, sdp_id jacobian, int inner, sdp_id tangent)
{
    const sdp_node *j = sdp_get(s->g, jacobian), *t = sdp_get(s->g, tangent);
    int outer = j->order - inner, free = t->order - inner;
    uint8_t label[2 * SDP_MAX_ORDER], out[2 * SDP_MAX_ORDER];
    sdp_id factor[2] = {jacobian, tangent};
    if (outer + free > SDP_MAX_ORDER) sdp_limit(&s->g->base, "order", SDP_MAX_ORDER);
    for (int k = 0; k < j->order; k++) label[k] = (uint8_t)k;
    for (int k = 0; k < t->order; k++) label[j->order + k] = (uint8_t)(outer + k);
    for (int k = 0; k < outer; k++) out[k] = (uint8_t)k;
    for (int k = 0; k < free; k++) out[outer + k] = (uint8_t)(j->order + k);
    return sdp_mul(s->g, SDP_NUM_ONE, 2, factor, label, outer + free, out, NULL);
}

sdp_id sdp_tangent(sdp_story *s, uint32_t i, const sdp_id *direction)
{
    sdp_graph *g = s->g;
    uint32_t items = sdp_items(s), n = 0;
    sdp_id *by = sdp_scratch(&g->base, items * sizeof *by), *d = sdp_scratch(&g->base, items * sizeof *d);
    for (uint32_t k = 0; k < items; k++)
        if (direction[k] && sdp_uses(s, i, k)) by[n] = s->item[k].var, d[n++] = direction[k];
    return sdp_named(s, sdp_jvp(g, s->item[i].node, n, by, d));
}

sdp_id sdp_told(sdp_story *s, sdp_id d, sdp_id var)
{
    return s->r->symmetric == SD_UNCONSTRAINED ? sdp_project(s->g, d, var, SD_PROJECTED) : d;
}

bool sdp_is_chain(const sdp_story *s)
{
    for (uint32_t k = 0; k < sdp_items(s); k++)
        if (s->item[k].moves && sdp_get(s->g, s->item[k].var)->order > 1) return false;
    return true;
}

// ---- cost -------------------------------------------------------------------------------------------------
sdp_dim sdp_entries(sdp_graph *g, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    sdp_dim d = SDP_DIM_ONE;
    for (int k = 0; k < n->order; k++) d = sdp_dim_mul(g, d, n->dim[k]);
    return d;
}

typedef struct {
    sdp_dim cost;
    double rank; // the cost if all dimensions were 100: tells orders apart
} contraction;

// The cost of multiplying factor by factor from `first` on. The next factor is the one that leaves the fewest
// axes.
static contraction product_from(sdp_graph *g, const sdp_node *n, uint32_t first)
{
    uint32_t uses[SDP_MAX_LABELS] = {0}; // factors and outputs that have the label and are still to come
    bool have[SDP_MAX_LABELS] = {false}, done[SDP_MAX_FACTORS] = {false};
    contraction c = {sdp_dim_int(g, 0), 0};
    for (uint32_t i = 0; i <= n->nargs; i++) {
        int order = i < n->nargs ? sdp_get(g, n->arg[i])->order : n->order;
        for (int k = 0; k < order; k++) uses[sdp_labels(g, n, i)[k]]++;
    }
    for (uint32_t j = 0, i = first; j < n->nargs; j++) {
        int order = sdp_get(g, n->arg[i])->order, fewest = INT_MAX;
        sdp_dim step = SDP_DIM_ONE;
        double rank = 1;
        done[i] = true;
        for (int k = 0; k < order; k++) have[sdp_labels(g, n, i)[k]] = true, uses[sdp_labels(g, n, i)[k]]--;
        for (uint32_t l = 0; l < n->nlabels; l++) {
            if (have[l]) step = sdp_dim_mul(g, step, n->ldim[l]), rank *= 100;
            have[l] &= uses[l] > 0;
        }
        if (j) c.cost = sdp_dim_add(g, c.cost, step), c.rank += rank;
        for (uint32_t f = 0; f < n->nargs; f++) {
            int left = 0, fresh = 0;
            if (done[f]) continue;
            for (int k = 0; k < sdp_get(g, n->arg[f])->order; k++) {
                uint8_t l = sdp_labels(g, n, f)[k];
                fresh += !have[l];
                left += have[l] ? (uses[l] == 1 ? -1 : 0) : 1;
            }
            if (2 * left + fresh < fewest) fewest = 2 * left + fresh, i = f;
        }
    }
    return c;
}

static sdp_dim product_cost(sdp_graph *g, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    contraction best = {sdp_dim_int(g, 0), HUGE_VAL};
    bool scaled = n->coef[0] != SDP_NUM_ONE && n->coef[0] != SDP_NUM_MINUS_ONE;
    for (uint32_t i = 0; i < n->nargs; i++) {
        contraction c = product_from(g, n, i);
        if (c.rank < best.rank) best = c;
    }
    return n->nargs == 1 && scaled ? sdp_entries(g, id) : best.cost;
}

sdp_dim sdp_cost(sdp_graph *g, sdp_id id)
{
    uint32_t count;
    sdp_dim sum = sdp_dim_int(g, 0);
    const sdp_id *list = sdp_reachable(g, 1, &id, &count);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = sdp_get(g, list[i]);
        sdp_dim d = 0;
        if (n->kind == SDP_MUL) d = product_cost(g, list[i]);
        else if (n->kind == SDP_POW || n->kind == SDP_MAP) d = sdp_entries(g, list[i]);
        if (d) sum = sdp_dim_add(g, sum, d);
    }
    return sum;
}
