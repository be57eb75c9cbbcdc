// SPDX-License-Identifier: MIT
// How nodes with hidden variables are printed. Hidden variables get names for as long as they are printed.
// Their own names tell what they stand for, $u12 for the affine part 12, $v12 for the direction of part 12,
// $p12 for the variable 12 with the sign that its domain gives it, $s12 with a sign on trial, $w12 for the
// direction of the form of the matrix 12.
#include <stdlib.h>
#include <string.h>

#include "judge/judge.h"
#include "runtime/api/api.h"

enum { MOST_RENAMED = 16 };
typedef struct {
    uint32_t var;
    const char *name;
} renamed;

static sdp_id stands_for(const char *name)
{
    return name[0] == '$' ? (sdp_id)strtoul(name + 2, NULL, 10) : 0;
}

// The name of what a hidden variable stands for: that of a variable, u for other parts.
static const char *stem_of(const sdp_graph *g, sdp_id part)
{
    if (!part || sdp_get(g, part)->kind != SDP_VAR) return "u";
    const char *name = g->var[sdp_get(g, part)->param].name;
    return name[0] == '$' ? stem_of(g, stands_for(name)) : name;
}

const char *sdp_free_letter(const sdp_graph *g, const char *letters)
{
    static const char *const all[] = {"v", "u", "w", "d", "z", "S", "M", "Q", "H"};
    const char *last = "?";
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (!strchr(letters, *all[i])) continue;
        last = all[i];
        if (sdp_variable_find(g, last) == UINT32_MAX) break;
    }
    return last;
}

const char *sdp_shown_name(const sdp_graph *g, uint32_t var)
{
    const char *name = g->var[var].name;
    if (!strncmp(name, "$w", 2)) return sdp_free_letter(g, "vuwdz");
    if (!strcmp(name, "$nu")) return name + 1; // a multiplier
    return name[0] == '$' ? stem_of(g, stands_for(name)) : name;
}

// u, u2, u3, ...: a part and its direction du, du2, du3 have the same number, which no other part has, nor a
// variable of the user.
typedef struct {
    sdp_id part[MOST_RENAMED];
    unsigned number[MOST_RENAMED];
    uint32_t n;
} numbering;

static const char *numbered(sdp_graph *g, const char *before, const char *stem, unsigned k)
{
    return k > 1 ? sdp_printf(&g->base, "%s%s%u", before, stem, k)
                 : sdp_printf(&g->base, "%s%s", before, stem);
}

static unsigned number_of(sdp_graph *g, numbering *all, sdp_id part, const char *stem)
{
    bool variable = part && sdp_get(g, part)->kind == SDP_VAR;
    unsigned k = 1;
    for (uint32_t i = 0; i < all->n; i++)
        if (all->part[i] == part) return all->number[i];
    for (bool taken = true; taken; k += taken) {
        taken = sdp_variable_find(g, numbered(g, "d", stem, k)) != UINT32_MAX ||
                !strcmp(numbered(g, "d", stem, k), "d");
        if (!variable) taken |= sdp_variable_find(g, numbered(g, "", stem, k)) != UINT32_MAX;
        for (uint32_t i = 0; i < all->n; i++)
            taken |= all->number[i] == k && !strcmp(stem_of(g, all->part[i]), stem);
    }
    if (all->n < MOST_RENAMED) all->part[all->n] = part, all->number[all->n++] = k;
    return k;
}

static uint32_t rename_hidden(sdp_graph *g, sdp_id id, renamed *r)
{
    uint32_t count, n = 0;
    numbering all = {.n = 0};
    const sdp_id *list = sdp_reachable(g, 1, &id, &count);
    for (uint32_t i = 0; i < count && n < MOST_RENAMED; i++) {
        const sdp_node *x = sdp_get(g, list[i]);
        if (x->kind != SDP_VAR || g->var[x->param].name[0] != '$') continue;
        const char *hidden = g->var[x->param].name, *name = sdp_shown_name(g, x->param);
        if (hidden[1] == 'u' || hidden[1] == 'v')
            name =
                numbered(g, hidden[1] == 'v' ? "d" : "", name, number_of(g, &all, stands_for(hidden), name));
        r[n++] = (renamed){x->param, hidden};
        g->var[x->param].name = name;
    }
    return n;
}

static void restore(sdp_graph *g, uint32_t n, const renamed *r)
{
    while (n-- > 0) g->var[r[n].var].name = r[n].name;
}

static char *text_of(sdp_graph *g, sdp_id id)
{
    sdp_entry e = {.label = "", .row = "", .column = "", .node = id, .exact = id};
    struct sd_result r = {.g = g, .n = 1, .entry = &e, .value = id};
    sdp_text t;
    sdp_text_init(&t, &g->base);
    sdp_print(g, &r, SD_TEXT, SD_NO_WHERE, &t);
    while (t.n && t.s[t.n - 1] == '\n') t.s[--t.n] = 0;
    return t.s;
}

char *sdp_node_text(sdp_graph *g, sdp_id id)
{
    renamed r[MOST_RENAMED];
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t n = rename_hidden(g, id, r);
    char *text = text_of(g, id);
    restore(g, n, r);
    sdp_scratch_release(&g->base, m);
    return text;
}

// "where u = A*x-b", for the affine parts in a form.
void sdp_tell_parts(sdp_graph *g, sdp_id form, sdp_text *out)
{
    renamed r[MOST_RENAMED];
    const char *between = "; where ";
    uint32_t n = rename_hidden(g, form, r);
    for (uint32_t i = 0; i < n; i++) {
        if (r[i].name[1] != 'u') continue;
        const char *shown = g->var[r[i].var].name;
        sdp_putf(out, "%s%s = ", between, shown);
        char *s = sdp_node_text(g, stands_for(r[i].name));
        sdp_put(out, s);
        sdp_release(&g->base, s);
        between = ", ";
    }
    restore(g, n, r);
}
