// SPDX-License-Identifier: MIT
// A request as it is read: the variables it names, directions and points as expressions,
// room for the answers (derive.c).
#include <string.h>

#include "simplify/answer/request.h"

_Noreturn void sdp_request_usage(const sdp_request *q, const char *hint, const char *message)
{
    sdp_fail(&q->g->base, SD_ERR_USAGE, (sdp_span){0, 0}, hint, "%s", message);
}

static const char *kept(sdp_graph *g, const char *text)
{
    return text ? sdp_strndup(&g->base, text, strlen(text)) : NULL;
}

void sdp_request_keep(sdp_request *q, const sd_request *r)
{
    sd_request *own = sdp_alloc(&q->g->base, sizeof *own);
    *own = *r;
    own->wrt = kept(q->g, r->wrt);
    own->direction = kept(q->g, r->direction);
    own->around = kept(q->g, r->around);
    q->r = own;
}

// ---- variables and directions -----------------------------------------------------------------------------

// Finds the variables that the expression contains, by index.
static bool *find_used(sdp_graph *g, sdp_id root)
{
    bool *used = sdp_scratch(&g->base, g->nvars + 1);
    uint32_t n;
    sdp_id *list = sdp_reachable(g, 1, &root, &n);
    for (uint32_t i = 0; i < n; i++)
        if (sdp_get(g, list[i])->kind == SDP_VAR) used[sdp_get(g, list[i])->param] = true;
    return used;
}

// A word as the product that was meant: of all its letters where they are capital ones, AXBX as A*X*B*X; else
// of its last `tail` bytes and what stands before them, lossX as loss*X.
static const char *as_product(sdp_graph *g, const char *word, size_t tail)
{
    size_t n = strlen(word), capitals = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if (capitals < n) return sdp_printf(&g->base, "%.*s*%s", (int)(n - tail), word, word + n - tail);
    char *all = sdp_scratch(&g->base, 2 * n);
    for (size_t i = 0; i < n; i++) all[2 * i] = word[i], all[2 * i + 1] = i + 1 < n ? '*' : '\0';
    return all;
}

static _Noreturn void absent(sdp_request *q, const char *name)
{
    sdp_graph *g = q->g;
    const char **all = sdp_scratch(&g->base, (g->nvars + 1) * sizeof *all);
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->nvars; i++)
        if (q->used[i]) all[n++] = g->var[i].name;
    const char *near = sdp_nearest(name, all, n);
    const char *hint = near ? sdp_printf(&g->base, "did you mean '%s'?", near) : NULL;
    size_t length = strlen(name);
    for (uint32_t i = 0; i < n; i++) { // a product without an operator: Ax
        size_t all_length = strlen(all[i]);
        if (all_length <= length || strcmp(all[i] + all_length - length, name)) continue;
        hint = sdp_printf(&g->base, "'%s' is one name; for a product write %s", all[i],
                          as_product(g, all[i], length));
        near = name;
    }
    if (!near && n && n <= 8) {
        hint = "its variables are ";
        for (uint32_t i = 0; i < n; i++) hint = sdp_printf(&g->base, "%s%s%s", hint, i ? ", " : "", all[i]);
    }
    sdp_fail(&g->base, SD_ERR_NAME, (sdp_span){0, 0}, hint, "the expression has no variable '%s'", name);
}

// Adds variable v; false if the list has it already.
static bool add_variable(sdp_request *q, uint32_t v, bool *named)
{
    if (named[v]) return false;
    named[v] = true;
    q->var[q->n] = v;
    q->wrt[q->n++] = sdp_var(q->g, v);
    return true;
}

// x where the expression has x_1, x_2 or x1, x2, and no x: all of them, in the order in which they stand
// there. Returns how many.
static uint32_t add_family(sdp_request *q, const char *name, bool *named)
{
    sdp_graph *g = q->g;
    uint32_t before = q->n;
    for (uint32_t v = 0; v < g->nvars; v++) {
        const char *rest = g->var[v].name;
        if (!q->used[v] || g->var[v].is_function || strncmp(rest, name, strlen(name))) continue;
        rest += strlen(name);
        rest += *rest == '_';
        if (*rest && strspn(rest, "0123456789") == strlen(rest)) (void)add_variable(q, v, named);
    }
    return q->n - before;
}

const char *sdp_next_name(sdp_base *b, const char **list)
{
    const char *p = *list;
    if (!p) return NULL;
    size_t n = strcspn(p, ",");
    *list = p[n] ? p + n + 1 : NULL;
    for (; n && *p == ' '; n--) p++;
    while (n && p[n - 1] == ' ') n--;
    if (!n) sdp_fail(b, SD_ERR_USAGE, (sdp_span){0, 0}, NULL, "an empty name in the list of variables");
    return sdp_strndup(b, p, n);
}

void sdp_request_variables(sdp_request *q)
{
    sdp_graph *g = q->g;
    const char *p = q->r->wrt;
    if (!p || !*p) sdp_request_usage(q, "--wrt VAR names it", "by which variable? none is given");
    uint32_t most = 1;
    for (const char *c = p; *c; c++) most += *c == ',';
    bool *named = sdp_scratch(&g->base, g->nvars + 1);
    q->used = find_used(g, q->f.node);
    q->wrt = sdp_alloc(&g->base, (most + (size_t)g->nvars) * sizeof *q->wrt);
    q->var = sdp_alloc(&g->base, (most + (size_t)g->nvars) * sizeof *q->var);
    for (const char *name; (name = sdp_next_name(&g->base, &p)) != NULL;) {
        uint32_t v = sdp_variable_find(g, name);
        bool family = v == UINT32_MAX && add_family(q, name, named);
        if (!family && (v == UINT32_MAX || g->var[v].is_function || g->var[v].shape.rows == SDP_DIM_NONE))
            absent(q, name);
        if (!family && !add_variable(q, v, named))
            sdp_request_usage(q, NULL, sdp_printf(&g->base, "'%s' is named twice", name));
    }
}

bool sdp_request_moves(const sdp_request *q, const sdp_id *e)
{
    sdp_graph *g = q->g;
    uint32_t count;
    sdp_id *list = sdp_reachable(g, q->n, e, &count);
    bool *by = sdp_scratch(&g->base, g->nvars + 1), moves = false;
    for (uint32_t i = 0; i < q->n; i++) by[q->var[i]] = true;
    for (uint32_t i = 0; i < count; i++)
        moves |= sdp_get(g, list[i])->kind == SDP_VAR && by[sdp_get(g, list[i])->param];
    return moves;
}

// If a variable of differentiation is constrained, its free copy takes its place, here and in the expression.
void sdp_request_free_variables(sdp_request *q)
{
    sdp_graph *g = q->g;
    bool any = false;
    for (uint32_t i = 0; i < q->n; i++) any |= g->var[q->var[i]].free_copy != 0;
    if (!q->f.free || !any) {
        q->f.free = 0;
        return;
    }
    for (uint32_t i = 0; i < q->n; i++) {
        if (!g->var[q->var[i]].free_copy) continue;
        q->var[i] = g->var[q->var[i]].free_copy - 1;
        q->wrt[i] = sdp_var(g, q->var[i]);
    }
    q->f.node = q->f.free;
    sdp_without_free_copies(g, 1, &q->f.node, q->n, q->var);
}

static bool plain_name(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
        if (!letter && !(i && c >= '0' && c <= '9')) return false;
    }
    return n > 0;
}

// Reads one direction, an expression. A new name becomes a variable of the shape and structure that
// are needed.
sdp_id sdp_request_direction(sdp_request *q, const char *text, size_t n, sdp_shape shape, uint32_t facts,
                             const char *what)
{
    sdp_graph *g = q->g;
    while (n && *text == ' ') text++, n--;
    while (n && text[n - 1] == ' ') n--;
    char *name = sdp_strndup(&g->base, text, n);
    if (plain_name(text, n) && sdp_ops[sdp_op_find(name, n)].kind != SDP_OP_CONST) {
        uint32_t v = sdp_variable_find(g, name);
        if (v == UINT32_MAX) v = sdp_variable_new(g, name);
        if (g->var[v].shape.rows == SDP_DIM_NONE) {
            g->var[v].shape = shape;
            g->var[v].facts = facts;
            g->var[v].inferred = true;
        }
    }
    sdp_surface d = sdp_read(g, name, n, "<direction>", false, NULL, NULL);
    if (!d.node) sdp_request_usage(q, NULL, "the direction is empty");
    sdp_with_free_copies(g, 1, &d.node, q->n, q->var);
    sdp_dim want[2], have[2];
    int order = sdp_shape_axes(shape, want);
    if (order != sdp_shape_axes(d.shape, have) || memcmp(want, have, (size_t)order * sizeof *want)) {
        sdp_fail(&g->base, SD_ERR_SHAPE, (sdp_span){0, (uint32_t)n},
                 "a direction or point has the shape of its variable, of the value for --vjp",
                 "for %s this must be %s, not %s", what, sdp_shape_text(g, shape),
                 sdp_shape_text(g, d.shape));
    }
    return d.node;
}

// A point is given like a direction; a number fills a vector or matrix: --around 0.
static sdp_id point(sdp_request *q, const char *text, size_t n, uint32_t var)
{
    sdp_graph *g = q->g;
    const sdp_node *x = sdp_get(g, g->var[var].node);
    if (x->order == 0 || plain_name(text, n))
        return sdp_request_direction(q, text, n, g->var[var].shape, g->var[var].facts, g->var[var].name);
    sdp_surface p = sdp_read(g, sdp_strndup(&g->base, text, n), n, "<point>", false, NULL, NULL);
    if (p.node && sdp_get(g, p.node)->order == 0) return sdp_broadcast(g, p.node, x->order, x->dim);
    return sdp_request_direction(q, text, n, g->var[var].shape, g->var[var].facts, g->var[var].name);
}

// The point 1,1 or (1,1) of one vector is [1;1].
static const char *entries_of_point(sdp_request *q, const char *text)
{
    size_t n = strlen(text);
    bool round = n > 2 && text[0] == '(' && text[n - 1] == ')', any = false;
    char *own = sdp_strndup(&q->g->base, text + round, n - 2 * (size_t)round);
    int depth = 0;
    for (char *c = own; *c; c++) {
        depth += (*c == '(' || *c == '[') - (*c == ')' || *c == ']');
        if (depth < 0) return text;
        if (*c == ',' && !depth) *c = ';', any = true;
    }
    return any ? sdp_printf(&q->g->base, "[%s]", own) : text;
}

sdp_id *sdp_request_list(sdp_request *q, const char *text, bool points)
{
    sdp_graph *g = q->g;
    if (q->given) return q->given;
    sdp_id *d = sdp_alloc(&g->base, q->n * sizeof *d);
    const char *p = text, *what = points ? "point" : "direction";
    if (!p || !*p) sdp_request_usage(q, NULL, sdp_printf(&g->base, "a %s is missing", what));
    if (points && q->n == 1 && sdp_get(g, g->var[q->var[0]].node)->order == 1) p = entries_of_point(q, p);
    for (uint32_t i = 0; i < q->n; i++) {
        int depth = 0;
        size_t n = 0;
        for (; p[n] && (p[n] != ',' || depth); n++)
            depth += (p[n] == '(' || p[n] == '[') - (p[n] == ')' || p[n] == ']');
        const sdp_variable *x = &g->var[q->var[i]];
        d[i] = points ? point(q, p, n, q->var[i])
                      : sdp_request_direction(q, p, n, x->shape, sdp_linear_structure(g, q->wrt[i]), x->name);
        // what leaves the space of X is no direction of X
        if (!points) d[i] = sdp_project(g, d[i], q->wrt[i], SD_PROJECTED);
        p += n;
        if ((*p == ',') != (i + 1 < q->n))
            sdp_request_usage(q, NULL, sdp_printf(&g->base, "there must be one %s for each variable", what));
        p += *p == ',';
    }
    return q->given = d;
}

// ---- answers ----------------------------------------------------------------------------------------------

sdp_entry *sdp_request_entry(sdp_request *q, sdp_id node, uint32_t i, uint32_t j, const char *label)
{
    const char *name = i < q->n ? q->g->var[q->var[i]].name : "",
               *second = j < q->n ? q->g->var[q->var[j]].name : "";
    struct sd_result *r = q->out;
    r->entry = sdp_grown_kept(&q->g->base, r->entry, (uint32_t)r->n, &q->entries, sizeof *r->entry);
    sdp_entry *e = &r->entry[r->n++];
    *e = (sdp_entry){
        .label = label, .row = name, .column = second, .raw = node, .value_order = (uint8_t)value_order(q)};
    return e;
}
