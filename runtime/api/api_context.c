// SPDX-License-Identifier: MIT
// Contexts: made, freed, and taken back to what was declared in them.
//
// Problem: a context only grows, for nodes are shared by all that was made from it; a program that reads
// formulas for days would fill its memory. Idea: sd_context_reset puts a new graph in the place of the old
// one and says again what was declared, in order; what is told at the start of a context is remembered as
// text, outside of its graph. The context itself stays where it is, as sd_interrupt may be on its way.
#include <string.h>

#include "runtime/api/api.h"

static void *resize(const sd_allocator *mem, void *p, size_t bytes)
{
    return mem->resize(mem->state, p, bytes);
}

static void take_graph(sd_context *c, sdp_graph *g)
{
    c->g = g;
    g->base.interrupted = &c->interrupted;
    g->base.tell = c->tell, g->base.tell_state = c->tell_state;
    g->derivative = sdp_derivative_term;
}

// ---- what was said ---------------------------------------------------------------------------------------
static char *copied(const sd_allocator *mem, const char *s)
{
    char *copy = resize(mem, NULL, strlen(s) + 1);
    return copy ? strcpy(copy, s) : NULL;
}

// false: there is no memory for it
static bool remember(sd_context *c, bool asked, const char *text, const char *name)
{
    const sd_allocator mem = c->g->base.mem;
    if (c->nsaid == c->said_cap) {
        uint32_t cap = 2 * c->said_cap + 8;
        void *more = resize(&mem, c->said, cap * sizeof *c->said);
        if (!more) return false;
        c->said = more, c->said_cap = cap;
    }
    struct sdp_said s = {asked, copied(&mem, text), copied(&mem, name)};
    if (!s.text || !s.name) {
        if (s.text) resize(&mem, s.text, 0);
        if (s.name) resize(&mem, s.name, 0);
        return false;
    }
    c->said[c->nsaid++] = s;
    return true;
}

static void need_remembered(sd_context *c, bool asked, const char *text, const char *name)
{
    if (!remember(c, asked, text, name))
        sdp_fail(&c->g->base, SD_ERR_MEMORY, (sdp_span){0, 0}, NULL, "out of memory");
}

static void declare(sd_context *c, const char *text, const char *name)
{
    sdp_need(c, text, "text");
    if (!name) name = "<declaration>";
    sdp_declare(c->g, text, name);
    need_remembered(c, false, text, name);
}

sd_status sd_declare(sd_context *c, const char *text, const char *name)
{
    sd_status status;
    GUARD(c, true, status, declare(c, text, name));
    return status;
}

static void say_again(sd_context *c, const struct sdp_hint *hint, uint32_t nhints)
{
    sdp_base *b = &c->g->base;
    for (uint32_t i = 0; i < c->nsaid; i++) {
        const struct sdp_said *s = &c->said[i];
        if (s->asked) sdp_ask(c->g, s->text);
        else sdp_declare(c->g, s->text, s->name);
    }
    for (uint32_t i = 0; i < nhints; i++) {
        c->hint = sdp_grown_raw(b, c->hint, c->nhints, &c->hint_cap, sizeof *c->hint);
        c->hint[c->nhints++] =
            (struct sdp_hint){sdp_strndup(b, hint[i].name, strlen(hint[i].name)), hint[i].rows, hint[i].cols};
    }
}

// How functions are compiled
static void choose_compiler(sd_context *c, const char *compiler, const char *cache)
{
    sdp_base *b = &c->g->base;
    if (compiler) c->g->compiler = sdp_strndup(b, compiler, strlen(compiler));
    if (cache) c->g->cache = sdp_strndup(b, cache, strlen(cache));
}

// ---- contexts --------------------------------------------------------------------------------------------
static void follow(sd_context *c, const sd_options *o)
{
    sdp_need_known(c, o->room);
    if (o->limits) sdp_need_known(c, o->limits->room);
    c->scalar = o->scalar;
    c->g->debug = o->debug;
    c->g->from = o->from;
    if (o->wrt) sdp_ask(c->g, o->wrt), need_remembered(c, true, o->wrt, "");
    choose_compiler(c, o->compiler, o->cache);
}

sd_context *sd_context_new(const sd_options *o)
{
    if (o && o->allocator && !o->allocator->resize) return NULL;
    sdp_graph *g = sdp_graph_new(o ? o->allocator : NULL, o ? o->limits : NULL);
    if (!g) return NULL;
    sd_allocator mem = g->base.mem;
    sd_context *c = resize(&mem, NULL, sizeof *c);
    if (!c) {
        sdp_graph_free(g);
        return NULL;
    }
    memset(c, 0, sizeof *c);
    take_graph(c, g);
    sd_status status = SD_OK;
    if (o) GUARD(c, true, status, follow(c, o));
    if (status == SD_OK) return c;
    sd_context_free(c);
    return NULL;
}

void sd_context_free(sd_context *c)
{
    if (!c) return;
    sd_allocator mem = c->g->base.mem;
    for (uint32_t i = 0; i < c->nsaid; i++)
        resize(&mem, c->said[i].text, 0), resize(&mem, c->said[i].name, 0);
    if (c->said) resize(&mem, c->said, 0);
    sdp_graph_free(c->g); // tables of the context are raw memory of the graph
    resize(&mem, c, 0);
}

static sd_status fail(sdp_graph *g, const sd_error *why)
{
    g->base.error = *why;
    g->base.error.source = g->base.error.source_name = NULL; // of the graph that is gone
    return why->code;
}

sd_status sd_context_reset(sd_context *c)
{
    sd_status status;
    GUARD(c, true, status,
          if (c->g->base.held) sdp_misuse(c, "there is %s of this context that is not freed", "data"));
    if (status != SD_OK) return status;
    sdp_graph *old = c->g, *g = sdp_graph_new(&old->base.mem, &old->base.limit);
    if (!g) return fail(old, &(sd_error){.code = SD_ERR_MEMORY, .message = "out of memory"});
    struct sdp_hint *hint = c->hint;
    sdp_surface *expr = c->expr;
    const uint32_t nhints = c->nhints, hint_cap = c->hint_cap, nexprs = c->nexprs, expr_cap = c->expr_cap;
    g->debug = old->debug;
    g->from = old->from;
    take_graph(c, g);
    c->hint = NULL, c->nhints = c->hint_cap = 0;
    c->expr = NULL, c->nexprs = c->expr_cap = 0;
    c->forgotten += nexprs;
    GUARD(c, true, status, (choose_compiler(c, old->compiler, old->cache), say_again(c, hint, nhints)));
    if (status == SD_OK) {
        sdp_graph_free(old);
        return SD_OK;
    }
    c->g = old; // as it was
    c->hint = hint, c->nhints = nhints, c->hint_cap = hint_cap;
    c->expr = expr, c->nexprs = nexprs, c->expr_cap = expr_cap;
    c->forgotten -= nexprs;
    fail(old, &g->base.error);
    sdp_graph_free(g);
    return status;
}
