// SPDX-License-Identifier: MIT
// Definitions of a text: x = ..., f(x) = ..., which a graph keeps by name, and which of them a text is about.
//
// A table finds the last definition of a name; earlier ones stay, as expressions refer to them. Entries:
// sdp_define, sdp_definition.
#include <string.h>

#include "ast/surface/terms.h"

// The last definition of a name: table[] holds index + 1 of each name's last one.
const struct sdp_def *sdp_definition(const sdp_graph *g, const char *name, uint32_t *index)
{
    const sdp_defs *d = g->defs;
    if (!d || !d->table_cap) return NULL;
    for (uint32_t h = sdp_hash(name, strlen(name), 3) & (d->table_cap - 1); d->table[h];
         h = (h + 1) & (d->table_cap - 1)) {
        *index = d->table[h] - 1;
        if (!strcmp(d->def[*index].tree->node[d->def[*index].syn].text, name)) return &d->def[*index];
    }
    return NULL;
}

bool sdp_is_defined(const sdp_graph *g, const char *name)
{
    uint32_t index;
    return sdp_definition(g, name, &index) != NULL;
}

// Is the last definition of a name one with parameters?
bool sdp_is_function_defined(const sdp_graph *g, const char *name)
{
    uint32_t index;
    const struct sdp_def *d = sdp_definition(g, name, &index);
    return d && d->tree->node[d->syn].nargs > 1;
}

static void index_def(sdp_defs *d, uint32_t i)
{
    const char *name = d->def[i].tree->node[d->def[i].syn].text;
    uint32_t h = sdp_hash(name, strlen(name), 3) & (d->table_cap - 1);
    while (d->table[h] && strcmp(d->def[d->table[h] - 1].tree->node[d->def[d->table[h] - 1].syn].text, name))
        h = (h + 1) & (d->table_cap - 1);
    d->table[h] = i + 1;
}

void sdp_define(sdp_terms *w, const sdp_tree *tree, sdp_syn syn)
{
    sdp_graph *g = w->g;
    const sdp_syntax *s = &tree->node[syn];
    for (uint32_t i = 0; i + 1 < s->nargs; i++)
        for (uint32_t k = 0; k < i; k++)
            if (!strcmp(tree->node[s->arg[i]].text, tree->node[s->arg[k]].text))
                sdp_name_fail(w, tree, tree->node[s->arg[i]].span, NULL,
                              sdp_printf(&g->base, "the parameter '%s' is named twice",
                                         tree->node[s->arg[i]].text));
    if (!g->defs) g->defs = sdp_alloc(&g->base, sizeof *g->defs);
    sdp_defs *d = g->defs;
    d->def = sdp_grown_kept(&g->base, d->def, d->n, &d->cap, sizeof *d->def);
    d->def[d->n++] = (struct sdp_def){tree, syn};
    if (2 * d->n <= d->table_cap) {
        index_def(d, d->n - 1);
        return;
    }
    d->table_cap = d->table_cap ? 4 * d->table_cap : 32;
    d->table = sdp_alloc(&g->base, d->table_cap * sizeof *d->table);
    for (uint32_t i = 0; i < d->n; i++) index_def(d, i);
}

// Is a name used in the definitions of a text?
static bool is_used(const sdp_tree *tree, const char *name)
{
    for (sdp_syn i = 0; i < tree->count; i++)
        if ((tree->node[i].kind == SYN_NAME || tree->node[i].kind == SYN_CALL) &&
            !strcmp(tree->node[i].text, name))
            return true;
    return false;
}

// The last definition that no other one uses, else the last, if there is one: L of L = norm(r)^2; r = y-X*w.
const sdp_syntax *sdp_definition_alone(const sdp_tree *tree)
{
    const sdp_syntax *last = NULL;
    for (uint32_t i = tree->statements, tries = 16; i-- > 0 && tries;) {
        const sdp_syntax *s = &tree->node[tree->statement[i]];
        if (s->kind != SYN_DEF) continue;
        if (!last) last = s;
        if (--tries && !is_used(tree, s->text)) return s;
    }
    return last;
}
