// SPDX-License-Identifier: MIT
// The lines of forward order and of differentials: from the variables to the value.
//
// Forward order writes matrices, J_v1(t) = dv1/dt, for one variable after the other. Differentials
// are linear in dt: dv1 = X*dt, for all variables together; where a matrix is among the parts
// forward order is told in them, too.
#include "tell/tell.h"

// ---- matrices ---------------------------------------------------------------------------------------------
static const char *chain_to(sdp_story *s, uint32_t i, uint32_t v, const sdp_id *tangent)
{
    const char *text = "", *between = "";
    for (uint32_t k = 0; k < sdp_items(s); k++) {
        if (!tangent[k] || !sdp_uses(s, i, k)) continue;
        const char *j = sdp_spell_jacobian(s, &s->item[k], &s->item[v]);
        text = sdp_printf(&s->g->base, "%s%s%s%s%s", text, between, sdp_spell_ratio(s, i, k),
                          sdp_spell_times(s), j);
        between = "+";
    }
    return text;
}

static void tell_matrices(sdp_story *s, uint32_t v)
{
    sdp_graph *g = s->g;
    const sdp_item *x = &s->item[v];
    sdp_id *tangent = sdp_scratch(&g->base, sdp_items(s) * sizeof *tangent), left;
    sdp_add_block(&s->doc, "Chain",
                  sdp_printf(&g->base, "from %s to %s (forward)", x->label, sdp_root(s)->label));
    tangent[v] = sdp_identity_like(g, x->var);
    sdp_add_line(&s->doc, (sdp_line){.label = sdp_spell_jacobian(s, x, x),
                                     .formula = sdp_spell(s, tangent[v], false),
                                     .shape = sdp_spell_size(s, x->shape, x->shape)});
    for (uint32_t i = 0; i < s->n; i++) {
        for (uint32_t k = 0; k < sdp_items(s); k++) {
            if (!tangent[k] || !sdp_uses(s, i, k)) continue;
            sdp_id t = sdp_after(s, sdp_local(s, i, k), sdp_get(g, s->item[k].var)->order, tangent[k]);
            tangent[i] = tangent[i] ? sdp_add2(g, tangent[i], t) : t;
        }
        if (!tangent[i]) continue;
        tangent[i] = sdp_simplify(g, tangent[i]);
        const char *label = sdp_spell_jacobian(s, &s->item[i], x);
        sdp_reverse(g, s->item[i].full, 1, &x->var, &left);
        sdp_check_by_part(s, label, i, left, sdp_put_back(s, tangent[i]));
        sdp_add_line(&s->doc,
                     (sdp_line){.label = label,
                                .middle = chain_to(s, i, v, tangent),
                                .formula = sdp_spell(s, tangent[i], !sdp_get(g, s->item[i].node)->order),
                                .shape = sdp_spell_size(s, s->item[i].shape, x->shape)});
    }
}

// ---- differentials ----------------------------------------------------------------------------------------
typedef struct {
    sdp_id *symbol; // by item: its differential as a variable
    sdp_id *value;  // in those of the variables of differentiation
} differentials;

static differentials new_differentials(sdp_story *s)
{
    differentials d = {sdp_scratch(&s->g->base, sdp_items(s) * sizeof(sdp_id)),
                       sdp_scratch(&s->g->base, sdp_items(s) * sizeof(sdp_id))};
    for (uint32_t k = 0; k < sdp_items(s); k++) {
        if (!s->item[k].moves) continue;
        uint32_t facts = k < s->n ? 0 : sdp_linear_structure(s->g, s->item[k].var);
        d.symbol[k] = sdp_stand_in(s->g, sdp_printf(&s->g->base, "d%s", s->item[k].label), s->item[k].shape,
                                   s->item[k].var, facts);
        if (k >= s->n) d.value[k] = d.symbol[k];
    }
    return d;
}

// A line "label = by parts = by variables", checked; `part` is s->n if it is not the differential of a part.
static sdp_id tell_differential(sdp_story *s, const differentials *d, sdp_id label, sdp_id value, sdp_id full,
                                sdp_shape shape, uint32_t part, const char *reason)
{
    sdp_graph *g = s->g;
    bool row = shape.rows == SDP_DIM_ONE && shape.cols != SDP_DIM_ONE;
    sdp_id *by = sdp_scratch(&g->base, (s->nwrt + 1) * sizeof *by),
           *to = sdp_scratch(&g->base, (s->nwrt + 1) * sizeof *to);
    sdp_id *from = sdp_scratch(&g->base, s->n * sizeof *from),
           *into = sdp_scratch(&g->base, s->n * sizeof *into);
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->nwrt; i++) by[i] = s->item[s->n + i].var, to[i] = d->symbol[s->n + i];
    for (uint32_t k = 0; k < s->n; k++)
        if (d->symbol[k] && d->value[k]) from[n] = d->symbol[k], into[n++] = d->value[k];
    value = sdp_simplify(g, value);
    sdp_id composed = sdp_simplify(g, sdp_substitute(g, value, n, from, into));
    const char *name = sdp_spell(s, label, row), *first = sdp_spell(s, value, row),
               *then = sdp_spell(s, composed, row);
    sdp_id left = sdp_jvp(g, full, s->nwrt, by, to), right = sdp_put_back(s, composed);
    if (part < s->n) sdp_check_by_part(s, name, part, left, right);
    else sdp_check_same(s, name, left, right);
    bool same = !strcmp(first, then);
    sdp_add_line(&s->doc, (sdp_line){.label = name,
                                     .middle = same ? NULL : first,
                                     .formula = then,
                                     .shape = sdp_spell_shape(s, shape),
                                     .reason = reason});
    return composed;
}

static const char *rules_of_part(sdp_story *s, uint32_t i)
{
    const char *text = "", *last = "";
    for (uint32_t k = 0; k < sdp_items(s); k++) {
        if (!sdp_uses(s, i, k)) continue;
        const char *rule = sdp_rule_of(s, i, k);
        if (strcmp(rule, last)) text = sdp_printf(&s->g->base, "%s%s%s", text, *text ? ", " : "", rule);
        last = rule;
    }
    return text;
}

static void tell_differentials(sdp_story *s)
{
    differentials d = new_differentials(s);
    for (uint32_t i = 0; i < s->n; i++) {
        if (!s->item[i].moves) continue;
        d.value[i] = tell_differential(s, &d, d.symbol[i], sdp_tangent(s, i, d.symbol), s->item[i].full,
                                       s->item[i].shape, i, s->o->detail ? rules_of_part(s, i) : NULL);
    }
}

// How the derivative is read off: "df = g'*dx".
static const char *read_off(sdp_story *s, uint32_t i)
{
    const sdp_item *x = &s->item[s->n + i];
    int root = sdp_get(s->g, sdp_root(s)->node)->order, by = sdp_get(s->g, x->var)->order;
    const char *f = sdp_root(s)->label, *form = root || by > 1 ? NULL : by ? "g'*d" : "g*d";
    if (root == 0 && by == 2) return sdp_printf(&s->g->base, "d%s = tr(G'*d%s)", f, x->label);
    if (!form && root + by <= 2) form = by ? "J*d" : "d";
    return form ? sdp_printf(&s->g->base, "d%s = %s%s", f, form, x->label)
                : sdp_printf(&s->g->base, "d%s is linear in d%s", f, x->label);
}

void sdp_tell_differential(sdp_story *s)
{
    sdp_graph *g = s->g;
    sdp_add_block(&s->doc, "First", NULL);
    tell_differentials(s);
    const char *text = "";
    for (uint32_t i = 0; i < s->nwrt; i++)
        text = sdp_printf(&g->base, "%s%s%s", text, i ? "; " : "", read_off(s, i));
    sdp_add_block(&s->doc, "Read off", NULL);
    sdp_add_line(&s->doc, (sdp_line){.formula = text});
}

void sdp_tell_forward(sdp_story *s)
{
    if (sdp_is_chain(s)) {
        if (s->o->detail) sdp_tell_local(s);
        for (uint32_t i = 0; i < s->nwrt; i++) tell_matrices(s, s->n + i);
        return;
    }
    sdp_add_block(&s->doc, "Chain",
                  sdp_printf(&s->g->base, "to %s along a direction (forward)", sdp_root(s)->label));
    tell_differentials(s);
}

// ---- the second derivative --------------------------------------------------------------------------------
void sdp_tell_second(sdp_story *s)
{
    sdp_graph *g = s->g;
    uint32_t items = sdp_items(s);
    sdp_id *adjoint = sdp_scratch(&g->base, items * sizeof *adjoint);
    differentials d = new_differentials(s);
    for (uint32_t i = 0; i < s->n; i++) {
        if (!s->item[i].moves) continue;
        sdp_id t = sdp_tangent(s, i, d.symbol);
        for (uint32_t k = 0; k < i; k++)
            if (d.value[k]) t = sdp_substitute(g, t, 1, &d.symbol[k], &d.value[k]);
        d.value[i] = sdp_simplify(g, t);
    }
    sdp_adjoints(s, NULL, adjoint);
    sdp_add_block(&s->doc, "Second", NULL);
    for (uint32_t i = 0; i < s->nwrt; i++) {
        uint32_t v = s->n + i;
        const sdp_item *x = &s->item[v];
        bool row = x->shape.rows == SDP_DIM_ONE && x->shape.cols != SDP_DIM_ONE;
        sdp_id gradient = sdp_simplify(g, sdp_project(g, adjoint[v], x->var, s->r->symmetric)),
               full = sdp_put_back(s, gradient);
        unsigned none = 0;
        const char *name = s->nwrt > 1                               ? sdp_printf(&g->base, "g_%s", x->label)
                           : sdp_variable_find(g, "g") == UINT32_MAX ? "g"
                                                                     : sdp_fresh_label(s, "g", &none);
        sdp_id symbol = sdp_stand_in(g, name, x->shape, x->var, 0),
               change = sdp_stand_in(g, sdp_printf(&g->base, "d%s", name), x->shape, x->var, 0), left;
        sdp_reverse(g, sdp_root(s)->full, 1, &x->var, &left);
        left = sdp_project(g, left, x->var, s->r->symmetric);
        sdp_check_same(s, name, sdp_told(s, left, x->var), sdp_told(s, full, x->var));
        sdp_add_line(&s->doc, (sdp_line){.label = sdp_spell(s, symbol, row),
                                         .formula = sdp_spell(s, gradient, row),
                                         .shape = sdp_spell_shape(s, x->shape),
                                         .reason = s->o->detail ? read_off(s, i) : NULL});
        sdp_id *by = sdp_scratch(&g->base, items * sizeof *by),
               *to = sdp_scratch(&g->base, items * sizeof *to);
        uint32_t n = 0;
        for (uint32_t k = 0; k < items; k++)
            if (d.symbol[k]) by[n] = s->item[k].var, to[n++] = d.symbol[k];
        sdp_id t = sdp_jvp(g, gradient, n, by, to);
        const char *why = s->o->detail ? sdp_rules_between(s, gradient, n, by) : NULL;
        tell_differential(s, &d, change, t, full, x->shape, s->n, why);
    }
}
