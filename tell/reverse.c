// SPDX-License-Identifier: MIT
// The lines of reverse order: from the value to the variables.
//
// Where all parts are numbers and vectors, local derivatives are matrices and the chain is their product,
// written as J_f(v1) = J_f(v2)*dv2/dv1. Where there is a matrix among them, local derivatives would have
// three axes and more; then the adjoint of each part is a symbol, h_, in the shape of h, and lines tell how
// it follows from those of its users.
#include "tell/tell.h"

// The expression as a function of item k: parts behind k in their places. In `id`, too.
static sdp_id composed_after(sdp_story *s, uint32_t k, sdp_id id)
{
    sdp_graph *g = s->g;
    uint32_t n = 0, first = k < s->n ? k + 1 : 0;
    sdp_id *from = sdp_scratch(&g->base, (s->n + 1) * sizeof *from),
           *to = sdp_scratch(&g->base, (s->n + 1) * sizeof *to);
    for (uint32_t j = first; j < s->n; j++) {
        to[n] = sdp_substitute(g, s->item[j].node, n, from, to);
        from[n++] = s->item[j].var;
    }
    return sdp_substitute(g, id, n, from, to);
}

static void check_adjoint(sdp_story *s, const char *label, uint32_t k, sdp_id adjoint)
{
    sdp_id left, value = k + 1 == s->n ? s->item[k].var : composed_after(s, k, sdp_root(s)->node);
    sdp_mark m = sdp_scratch_mark(&s->g->base);
    sdp_reverse(s->g, value, 1, &s->item[k].var, &left);
    sdp_id right = composed_after(s, k, adjoint), var = s->item[k].var;
    // of a symmetric part, say, only the derivative along symmetric directions is told
    sdp_check_by_users(s, label, k, sdp_project(s->g, left, var, SD_PROJECTED),
                       sdp_project(s->g, right, var, SD_PROJECTED));
    sdp_scratch_release(&s->g->base, m);
}

// ---- local derivatives ------------------------------------------------------------------------------------
void sdp_tell_local(sdp_story *s)
{
    bool row;
    sdp_add_block(&s->doc, "Local", NULL);
    for (uint32_t i = s->n; i-- > 0;)
        for (uint32_t j = 0; j < sdp_items(s); j++) {
            uint32_t k = j < s->n ? s->n - 1 - j : j;
            if (!s->item[i].moves || !sdp_uses(s, i, k)) continue;
            sdp_id d = sdp_local(s, i, k);
            const char *label = sdp_spell_ratio(s, i, k);
            row = sdp_get(s->g, s->item[i].node)->order == 0;
            sdp_check_local(s, label, i, k, d);
            sdp_add_line(&s->doc, (sdp_line){.label = label,
                                             .formula = sdp_spell(s, d, row),
                                             .shape = sdp_spell_size(s, s->item[i].shape, s->item[k].shape),
                                             .reason = sdp_rule_of(s, i, k)});
        }
}

// ---- what is kept -----------------------------------------------------------------------------------------
// Returns what the roots use of a variable: the variable itself, or a function of it if all its uses are that
// function. Returns 0 if they do not use it.
static sdp_id used_of(sdp_story *s, sdp_id var, uint32_t n, const sdp_id *root)
{
    sdp_graph *g = s->g;
    uint32_t count;
    sdp_id used = 0;
    const sdp_id *list = sdp_reachable(g, n, root, &count);
    for (uint32_t i = 0; i < n; i++)
        if (root[i] == var) return var;
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *x = sdp_get(g, list[i]);
        for (uint32_t k = 0; k < x->nargs; k++) {
            if (x->arg[k] != var || used == list[i]) continue;
            if (used || x->kind != SDP_MAP || x->nargs > 1) return var;
            used = list[i];
        }
    }
    return used;
}

static void tell_kept(sdp_story *s, uint32_t n, const sdp_id *root)
{
    const char *text = "", *between = "";
    for (uint32_t k = 0; k < s->n; k++) {
        sdp_id used = 0;
        sdp_mark m = sdp_scratch_mark(&s->g->base);
        if (s->item[k].moves) used = used_of(s, s->item[k].var, n, root);
        sdp_scratch_release(&s->g->base, m);
        if (!used) continue;
        text = sdp_printf(&s->g->base, "%s%s%s", text, between, sdp_spell(s, used, false));
        between = sdp_in_tex(s) ? ",\\; " : ", ";
    }
    sdp_add_block(&s->doc, "Keep", NULL);
    sdp_add_line(&s->doc,
                 (sdp_line){.formula = *text ? text : "nothing of the forward pass", .math = *text != 0});
}

// ---- the chain --------------------------------------------------------------------------------------------
// "J_f(v2)*dv2/dv1+J_f(v3)*dv3/dv1": the users of item k
static const char *chain_of(sdp_story *s, uint32_t k)
{
    const char *text = "", *between = "";
    for (uint32_t i = s->n; i-- > 0;) {
        if (!sdp_uses(s, i, k)) continue;
        const char *j = sdp_spell_jacobian(s, sdp_root(s), &s->item[i]);
        text = sdp_printf(&s->g->base, "%s%s%s%s%s", text, between, j, sdp_spell_times(s),
                          sdp_spell_ratio(s, i, k));
        between = "+";
    }
    return text;
}

static const char *variables(sdp_story *s)
{
    const char *text = "";
    for (uint32_t i = 0; i < s->nwrt; i++)
        text = sdp_printf(&s->g->base, "%s%s%s", text, i ? ", " : "", s->item[s->n + i].label);
    return text;
}

// Items in the order in which adjoints are known: parts from the last, then variables.
static uint32_t from_last(const sdp_story *s, uint32_t j) { return j < s->n ? s->n - 1 - j : j; }

static void tell_chain(sdp_story *s, const sdp_id *adjoint)
{
    bool row = sdp_get(s->g, sdp_root(s)->node)->order == 0;
    sdp_add_block(&s->doc, "Chain",
                  sdp_printf(&s->g->base, "from %s to %s (reverse)", sdp_root(s)->label, variables(s)));
    for (uint32_t j = 0; j < sdp_items(s); j++) {
        uint32_t k = from_last(s, j);
        if (!adjoint[k] || !s->item[k].moves) continue;
        const char *label = sdp_spell_jacobian(s, sdp_root(s), &s->item[k]);
        check_adjoint(s, label, k, adjoint[k]);
        sdp_add_line(&s->doc, (sdp_line){.label = label,
                                         .middle = j && *chain_of(s, k) ? chain_of(s, k) : NULL,
                                         .formula = sdp_spell(s, adjoint[k], row),
                                         .shape = sdp_spell_size(s, sdp_root(s)->shape, s->item[k].shape)});
    }
}

// ---- adjoints as symbols ----------------------------------------------------------------------------------
static sdp_id *adjoint_symbols(sdp_story *s)
{
    sdp_id *symbol = sdp_scratch(&s->g->base, sdp_items(s) * sizeof *symbol);
    for (uint32_t k = 0; k < sdp_items(s); k++)
        symbol[k] = sdp_stand_in(s->g, sdp_printf(&s->g->base, "%s_", s->item[k].label), s->item[k].shape,
                                 s->item[k].var, 0);
    return symbol;
}

static const char *rules_of_users(sdp_story *s, uint32_t k)
{
    const char *text = "";
    for (uint32_t i = s->n; i-- > 0;) {
        if (!sdp_uses(s, i, k)) continue;
        text = sdp_printf(&s->g->base, "%s%s%s: %s", text, *text ? "; " : "", s->item[i].label,
                          sdp_rule_of(s, i, k));
    }
    return text;
}

static void tell_symbols(sdp_story *s, const sdp_id *plain, const sdp_id *symbol, const sdp_id *by_symbol)
{
    sdp_graph *g = s->g;
    sdp_add_block(&s->doc, "Reverse",
                  sdp_printf(&g->base, "from %s to %s; x_ is the derivative of %s by x, in the shape of x",
                             sdp_root(s)->label, variables(s), sdp_root(s)->label));
    for (uint32_t j = 1; j < sdp_items(s); j++) {
        uint32_t k = from_last(s, j);
        if (!by_symbol[k] || !s->item[k].moves) continue;
        const char *label = sdp_spell(s, symbol[k], false);
        sdp_id shown = sdp_simplify(g, by_symbol[k]);
        check_adjoint(s, label, k, sdp_substitute(g, shown, s->n, symbol, plain));
        sdp_add_line(&s->doc, (sdp_line){.label = label,
                                         .formula = sdp_spell(s, shown,
                                                              sdp_is_vector(s->item[k].shape) &&
                                                                  s->item[k].shape.rows == SDP_DIM_ONE),
                                         .shape = sdp_spell_shape(s, s->item[k].shape),
                                         .reason = s->o->detail ? rules_of_users(s, k) : NULL});
    }
}

void sdp_tell_reverse(sdp_story *s)
{
    sdp_graph *g = s->g;
    uint32_t items = sdp_items(s);
    sdp_id *plain = sdp_scratch(&g->base, items * sizeof *plain),
           *by_symbol = sdp_scratch(&g->base, items * sizeof *by_symbol);
    sdp_id *symbol = adjoint_symbols(s), *root = sdp_scratch(&g->base, items * sizeof *root);
    bool chain = sdp_is_chain(s) || sdp_get(g, sdp_root(s)->node)->order > 0;
    uint32_t n = 0;
    sdp_adjoints(s, NULL, plain);
    sdp_adjoints(s, symbol, by_symbol);
    for (uint32_t k = 0; k + 1 < items; k++)
        if (by_symbol[k < s->n - 1 ? k : k + 1]) root[n++] = by_symbol[k < s->n - 1 ? k : k + 1];
    if (chain && s->o->detail) sdp_tell_local(s);
    if (s->o->detail) tell_kept(s, n, root);
    for (uint32_t k = 0; k < items; k++) {
        if (!plain[k]) continue; // nothing uses it
        if (chain && k != s->n - 1) plain[k] = sdp_simplify(g, plain[k]);
    }
    if (chain) tell_chain(s, plain);
    else tell_symbols(s, plain, symbol, by_symbol);
}
