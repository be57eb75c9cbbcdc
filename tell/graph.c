// SPDX-License-Identifier: MIT
// The computation graph as a picture: the parts of a derivation with their names, in the language of
// Graphviz.
//
// Boxes are parts, ellipses the variables of differentiation, bare names what stays constant. An arrow leads
// from what is used to its user, and carries the local derivative where that is a number, vector or matrix.
// With data, forward values and derivatives stand in the nodes.
#include "runtime/api/api.h"
#include "tell/tell.h"

// A text in quotes: line ends become \n.
static void put_label(sdp_text *t, const char *s)
{
    for (; *s; s++) {
        if (*s == '"' || *s == '\\') sdp_put(t, "\\");
        if (*s == '\n') sdp_put(t, "\\n");
        else sdp_putn(t, s, 1);
    }
}

static const char *node_text(sdp_story *s, uint32_t k, const sdp_id *adjoint)
{
    const sdp_item *x = &s->item[k];
    sdp_base *b = &s->g->base;
    bool row = x->shape.rows == SDP_DIM_ONE && x->shape.cols != SDP_DIM_ONE;
    const char *name = sdp_spell(s, x->var, row),
               *text = k < s->n ? sdp_printf(b, "%s = %s", name, sdp_spell(s, x->node, row)) : name;
    text = sdp_printf(b, "%s\n%s", text, sdp_spell_shape(s, x->shape));
    if (!s->o->data) return text;
    text = sdp_printf(b, "%s\nvalue %s", text, sdp_value_text(s, x->full, x->shape, false));
    bool scalar = !sdp_get(s->g, sdp_root(s)->node)->order;
    return scalar && x->moves && adjoint[k]
               ? sdp_printf(b, "%s\nderivative %s", text,
                            sdp_value_text(s, sdp_put_back(s, adjoint[k]), x->shape, false))
               : text;
}

static void put_node(sdp_text *t, const char *id, const char *text, const char *shape)
{
    sdp_putf(t, "  %s [label=\"", id);
    put_label(t, text);
    sdp_putf(t, "\"%s%s]\n", *shape ? " shape=" : "", shape);
}

// Puts a node for each variable that parts use and that is neither a part nor a variable of differentiation.
static void put_constants(sdp_story *s, sdp_text *t)
{
    sdp_graph *g = s->g;
    for (uint32_t v = 0; v < g->nvars; v++) {
        if (g->var[v].unnamed || g->var[v].is_function || !g->var[v].node || g->var[v].name[0] == '$')
            continue;
        bool used = false;
        for (uint32_t k = 0; k < sdp_items(s); k++) used |= s->item[k].var == g->var[v].node;
        if (used) continue;
        for (uint32_t i = 0; i < s->n; i++) {
            if (!sdp_depends(g, s->item[i].node, g->var[v].node)) continue;
            const char *id = sdp_printf(&g->base, "c%u", v), *name = sdp_spell(s, g->var[v].node, false);
            if (!used)
                put_node(t, id, sdp_printf(&g->base, "%s\n%s", name, sdp_spell_shape(s, g->var[v].shape)),
                         "plaintext");
            used = true;
            sdp_putf(t, "  %s -> p%u [style=dashed]\n", id, i);
        }
    }
}

static void put_edges(sdp_story *s, sdp_text *t)
{
    for (uint32_t i = 0; i < s->n; i++)
        for (uint32_t k = 0; k < sdp_items(s); k++) {
            if (k == i || !sdp_depends(s->g, s->item[i].node, s->item[k].var)) continue;
            bool derived = s->item[k].moves && sdp_uses(s, i, k);
            int order = sdp_get(s->g, s->item[i].node)->order + sdp_get(s->g, s->item[k].var)->order;
            sdp_putf(t, "  p%u -> p%u", k, i);
            if (derived && order <= 2 && s->o->detail) {
                sdp_put(t, " [label=\"");
                put_label(t, sdp_spell(s, sdp_local(s, i, k), sdp_get(s->g, s->item[i].node)->order == 0));
                sdp_put(t, "\"]");
            } else if (!derived) sdp_put(t, " [style=dashed]");
            sdp_put(t, "\n");
        }
}

static char *draw(sdp_story *s, sd_expr e)
{
    sdp_graph *g = s->g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_begin_story(s, e);
    sdp_id *adjoint = sdp_scratch(&g->base, sdp_items(s) * sizeof *adjoint);
    if (s->o->data) sdp_adjoints(s, NULL, adjoint);
    sdp_text t;
    sdp_text_init(&t, &g->base);
    sdp_put(&t, "digraph symdiff {\n  rankdir=BT\n  node [shape=box]\n");
    for (uint32_t k = sdp_items(s); k-- > 0;)
        put_node(&t, sdp_printf(&g->base, "p%u", k), node_text(s, k, adjoint), k < s->n ? "" : "ellipse");
    put_constants(s, &t);
    put_edges(s, &t);
    sdp_put(&t, "}\n");
    sdp_scratch_release(&g->base, m);
    return t.s;
}

// All variables of the expression, "X,t,Y".
static const char *all_variables(sd_context *c, sd_expr e)
{
    sdp_graph *g = c->g;
    const char *text = "";
    const bool *used = sdp_used_by(g, 1, &sdp_get_expr(c, e)->node);
    for (uint32_t v = 0; v < g->nvars; v++)
        if (used[v] && !g->var[v].is_function)
            text = sdp_printf(&g->base, "%s%s%s", text, *text ? "," : "", g->var[v].name);
    if (!*text) sdp_fail(&g->base, SD_ERR_USAGE, (sdp_span){0, 0}, NULL, "the expression has no variable");
    return text;
}

static char *begin(sd_context *c, sd_expr e, const char *wrt, const sd_steps_options *o)
{
    sd_steps_options as_text = *sdp_known_options(c, o);
    as_text.format = SD_DOC_TEXT;
    sd_request r = {.what = SD_DERIVATIVE, .wrt = wrt && *wrt ? wrt : all_variables(c, e)};
    sdp_story s = {.c = c, .g = c->g, .r = &r, .o = &as_text};
    return draw(&s, e);
}

char *sd_graph(sd_context *c, sd_expr e, const char *wrt, const sd_steps_options *o)
{
    RETURN_TEXT(c, e, begin(c, e, wrt, o));
}
