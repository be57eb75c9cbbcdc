// SPDX-License-Identifier: MIT
// Expressions in the places of variables, all at once.
//
// Simplification may have used facts about a variable, e.g. log(x^2) is 2*log(x) of a positive x. So the
// expression in its place must be known to have these facts, and its shape. A typed part that is not in the
// graph is substituted, too, e.g. log(x) of exp(log(x)), which conditions tell.
#include <string.h>

#include "runtime/api/api.h"

typedef struct {
    uint32_t n;
    sdp_id *from, *to, *free;
    bool any_free;
} places;

static _Noreturn void refuse(sd_context *c, sd_status why, const char *hint, const char *message)
{
    sdp_fail(&c->g->base, why, (sdp_span){0, 0}, hint, "%s", message);
}

static void check_place(sd_context *c, const sdp_variable *v, const sdp_surface *w, bool constrained)
{
    sdp_graph *g = c->g;
    if (v->is_function)
        refuse(c, SD_ERR_UNSUPPORTED, "",
               sdp_printf(&g->base, "'%s' is a function: a variable was expected", v->name));
    if (w->shape.rows != v->shape.rows || w->shape.cols != v->shape.cols || sdp_get(g, w->node)->order > 2)
        refuse(c, SD_ERR_SHAPE, "",
               sdp_printf(&g->base, "'%s' is %s, what is to take its place is %s", v->name,
                          sdp_shape_text(g, v->shape), sdp_shape_text(g, w->shape)));
    if (constrained || (v->facts & ~sdp_facts(g, w->node).yes))
        refuse(
            c, SD_ERR_USAGE,
            "what an expression is simplified to may depend on them: substitute where they are not declared",
            sdp_printf(&g->base, "'%s' has properties that what is to take its place is not known to have",
                       v->name));
}

static places read_places(sd_context *c, size_t n, const char *const *variable, const sd_expr *with)
{
    sdp_graph *g = c->g;
    sdp_need(c, n ? variable : (const void *)c, "list of variables");
    sdp_need(c, n ? with : (const void *)c, "list of expressions");
    places p = {.n = (uint32_t)n};
    sdp_id **const list[] = {&p.from, &p.to, &p.free};
    for (int i = 0; i < 3; i++) *list[i] = sdp_scratch(&g->base, (n + 1) * sizeof **list[i]);
    for (uint32_t i = 0; i < n; i++) {
        sdp_need(c, variable[i], "name of a variable");
        const uint32_t v = sdp_variable_find(g, variable[i]);
        if (v == UINT32_MAX)
            refuse(c, SD_ERR_NAME, "", sdp_printf(&g->base, "there is no variable '%s'", variable[i]));
        const sdp_surface *w = sdp_get_expr(c, with[i]);
        check_place(c, &g->var[v], w, g->var[v].free_copy != 0);
        p.from[i] = sdp_var(g, v);
        p.to[i] = w->node;
        p.free[i] = w->free ? w->free : w->node;
        p.any_free |= w->free != 0;
        for (uint32_t k = 0; k < i; k++)
            if (p.from[k] == p.from[i])
                refuse(c, SD_ERR_USAGE, "", sdp_printf(&g->base, "'%s' is named twice", variable[i]));
    }
    return p;
}

// Nodes and the conditions of the branches that they stand in
static const sdp_cancelled *typed_in(sd_context *c, const sdp_surface *e, const places *p)
{
    sdp_cancelled *t = sdp_alloc(&c->g->base, (e->ntyped + (size_t)1) * sizeof *t);
    for (uint32_t i = 0; i < e->ntyped; i++) {
        t[i] = e->typed[i];
        t[i].node = sdp_substitute(c->g, t[i].node, p->n, p->from, p->to);
        const sdp_id condition = sdp_branch_condition(t[i].branch);
        if (condition)
            t[i].branch = sdp_branch_of(sdp_substitute(c->g, condition, p->n, p->from, p->to),
                                        sdp_branch_arm(t[i].branch));
    }
    return t;
}

static sd_expr substitute(sd_context *c, sd_expr e, size_t n, const char *const *variable,
                          const sd_expr *with)
{
    sdp_surface f = *sdp_get_expr(c, e);
    if (n > UINT32_MAX / 2) sdp_limit(&c->g->base, "expressions", UINT32_MAX / 2);
    const places p = read_places(c, n, variable, with);
    sdp_surface r = {.shape = f.shape, .ntyped = f.ntyped, .writing = f.writing, .cut = f.cut};
    r.node = sdp_substitute(c->g, f.node, p.n, p.from, p.to);
    if (f.free || p.any_free) r.free = sdp_substitute(c->g, f.free ? f.free : f.node, p.n, p.from, p.free);
    if (f.cut.value) r.cut.value = sdp_substitute(c->g, f.cut.value, p.n, p.from, p.to);
    r.typed = f.ntyped ? typed_in(c, &f, &p) : NULL;
    return sdp_add_expr(c, r);
}

sd_expr sd_substitute(sd_context *c, sd_expr e, size_t n, const char *const *variable, const sd_expr *with)
{
    volatile sd_expr r = 0;
    sd_status status;
    bool given = e != 0;
    for (size_t i = 0; with && i < n; i++) given &= with[i] != 0;
    GUARD(c, given, status, r = substitute(c, e, n, variable, with));
    return status == SD_OK ? r : 0;
}
