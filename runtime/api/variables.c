// SPDX-License-Identifier: MIT
// The variables of an expression: as a line of text, and as a table for programs.
#include "runtime/api/api.h"

#include <string.h>

static const char *declared_function(sdp_graph *g, const sdp_variable *v)
{
    const char *text = "function(";
    for (uint32_t i = 0; i < v->nparams; i++)
        text = sdp_printf(&g->base, "%s%s%s", text, i ? ", " : "", sdp_shape_declared(g, v->param[i]));
    return sdp_printf(&g->base, "%s) -> %s", text, sdp_shape_declared(g, v->shape));
}

static const char *shape_text(sdp_graph *g, const sdp_variable *v)
{
    return v->is_function ? declared_function(g, v) : sdp_shape_declared(g, v->shape);
}

// The structure that the direction of a structured variable has taken over from it.
static const char *structure_of(const sdp_variable *v)
{
    static const struct {
        uint32_t fact;
        const char *word;
    } words[] = {
        {SDP_DIAGONAL, " diagonal"}, {SDP_SYMMETRIC, " symmetric"}, {SDP_TRI_LOWER, " lower"},
        {SDP_TRI_UPPER, " upper"},   {SDP_INTEGER, " integer"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (v->facts & words[i].fact) return words[i].word;
    return "";
}

// Returns the node of e, and the nodes that stand in its answer by name.
static const sdp_id *roots_of(sd_context *c, sd_expr e, uint32_t *n)
{
    const sdp_surface *f = sdp_get_expr(c, e);
    sdp_id *root = sdp_scratch(&c->g->base, (f->nshown + (size_t)1) * sizeof *root);
    root[0] = f->node;
    for (uint32_t i = 0; i < f->nshown; i++) root[i + 1] = f->shown[i];
    *n = f->nshown + 1;
    return root;
}

static char *legend(sd_context *c, sd_expr e)
{
    sdp_graph *g = c->g;
    sdp_text t;
    uint32_t n;
    const sdp_id *root = roots_of(c, e, &n);
    const bool *used = sdp_used_by(g, n, root);
    sdp_text_init(&t, &g->base);
    const char *between = "";
    for (uint32_t i = 0; i < g->nvars; i++)
        if (used[i]) {
            sdp_putf(&t, "%s%s: %s", between, g->var[i].name, shape_text(g, &g->var[i]));
            if (g->var[i].inferred) sdp_put(&t, structure_of(&g->var[i]));
            between = "; ";
        }
    return t.s;
}

char *sd_legend(sd_context *c, sd_expr e) { RETURN_TEXT(c, e, legend(c, e)); }

// ---- the table -------------------------------------------------------------------------------------------

// Puts s and its end behind the others; its place, as texts move while they grow.
static size_t keep(sdp_text *t, const char *s)
{
    size_t at = t->n;
    sdp_putn(t, s, strlen(s) + 1);
    return at;
}

typedef struct {
    size_t name, axis[2], shape, properties;
} places;

static places describe(sdp_graph *g, const sdp_variable *v, sd_variable *to, sdp_text *t)
{
    places at = {.name = keep(t, v->name)};
    const sdp_dim size[2] = {v->shape.rows, v->shape.cols};
    *to = (sd_variable){.is_function = v->is_function, .certainty = v->inferred ? SD_INFERRED : SD_DECLARED};
    for (int k = 0; k < 2; k++)
        if (size[k] != SDP_DIM_ONE) at.axis[to->order++] = keep(t, sdp_dim_text(g, size[k]));
    at.shape = keep(t, shape_text(g, v));
    at.properties = t->n;
    sdp_put_properties(v->facts, t);
    sdp_putn(t, "", 1);
    return at;
}

static sd_variable *variables(sd_context *c, sd_expr e, size_t *n)
{
    sdp_graph *g = c->g;
    sdp_text t;
    sdp_need(c, n, "place for the number");
    uint32_t nroots, found;
    const sdp_id *root = roots_of(c, e, &nroots);
    const uint32_t *order = sdp_variables_of(g, nroots, root, &found);
    sd_variable *v = sdp_scratch(&g->base, (found + (size_t)1) * sizeof *v);
    places *at = sdp_scratch(&g->base, (found + (size_t)1) * sizeof *at);
    sdp_text_init(&t, &g->base);
    for (uint32_t i = 0; i < found; i++) at[i] = describe(g, &g->var[order[i]], &v[i], &t);
    size_t head = found * sizeof *v;
    char *block = sdp_realloc(&g->base, NULL, head + t.n + 1), *text = block + head;
    if (t.n) memcpy(text, t.s, t.n);
    sdp_text_free(&t);
    for (uint32_t i = 0; i < found; i++) {
        v[i].name = text + at[i].name;
        v[i].shape = text + at[i].shape;
        v[i].properties = text + at[i].properties;
        for (int k = 0; k < v[i].order; k++) v[i].axis[k] = text + at[i].axis[k];
    }
    if (found) memcpy(block, v, head);
    *n = found;
    return (sd_variable *)(void *)block;
}

sd_variable *sd_variables(sd_context *c, sd_expr e, size_t *n)
{
    sd_variable *volatile v = NULL;
    sd_status status;
    if (n) *n = 0;
    GUARD(c, e, status, v = variables(c, e, n));
    return status == SD_OK ? v : NULL;
}
