// SPDX-License-Identifier: MIT
// Where an expression is cut into parts.
//
// Problem: a derivation has names for what stands inside other things, v1 = X*t-Y in norm(X*t-Y)^2, and
// neither every node (they are too many) nor the text (log(det(X)) is one function) tells which. Idea: the
// user's definitions are parts first. Within each, the argument of a node is a part if the node is not linear
// in it and it is no variable: of functions, powers, primitives, and products with two factors that move.
// All linear maps between two parts are one step, so consecutive affine maps merge. At last the constant
// factors of a number are taken off: v2 = v1'*v1, L = v2/N.
//
// Invariant: putting parts back gives the expression (checked as lines of the derivation).
#include <string.h>

#include "tell/tell.h"

enum { MOST_PARTS = 60 }; // beyond, parts are longer

// ---- labels -----------------------------------------------------------------------------------------------
static bool is_taken(sdp_story *s, const char *label)
{
    for (uint32_t i = 0; i < s->total; i++)
        if (s->item[i].label && !strcmp(s->item[i].label, label)) return true;
    return sdp_variable_find(s->g, label) != UINT32_MAX || sdp_op_find(label, strlen(label));
}

// stem1, stem2, ...: the first that nothing else is called, from *k + 1 on.
const char *sdp_fresh_label(sdp_story *s, const char *stem, unsigned *k)
{
    const char *label;
    do label = sdp_printf(&s->g->base, "%s%u", stem, ++*k);
    while (is_taken(s, label));
    return label;
}

static const char *root_label(sdp_story *s)
{
    static const char *const names[] = {"f", "L", "F", "y"};
    unsigned k = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!is_taken(s, names[i])) return names[i];
    return sdp_fresh_label(s, "f", &k);
}

// ---- where to cut -----------------------------------------------------------------------------------------
typedef struct {
    sdp_story *s;
    bool *moves, *bends, *cut; // by node: depends on what moves, is not linear in it, becomes a part
    uint32_t top;
    unsigned count; // of v1, v2, ...
} cutter;

static bool item_moves(const sdp_story *s, sdp_id var)
{
    for (uint32_t i = 0; i < s->total; i++)
        if (s->item[i].var == var) return s->item[i].moves;
    return false;
}

static void mark(cutter *c, sdp_id a)
{
    const sdp_node *x = sdp_get(c->s->g, a);
    if (c->moves[a] && x->kind != SDP_VAR && x->order <= 2) c->cut[a] = true;
}

static bool is_nonlinear_product(const cutter *c, const sdp_node *n)
{
    uint32_t moving = 0;
    for (uint32_t i = 0; i < n->nargs; i++) moving += c->moves[n->arg[i]];
    return n->kind == SDP_MUL && moving > 1;
}

static bool is_nonlinear(const cutter *c, const sdp_node *n)
{
    return n->kind == SDP_POW || n->kind == SDP_MAP || n->kind == SDP_PRIM || n->kind == SDP_CALL ||
           is_nonlinear_product(c, n);
}

// A broadcast or a permutation of one node: what is cut is the node itself.
static sdp_id inner(const cutter *c, sdp_id id)
{
    const sdp_node *n = sdp_get(c->s->g, id);
    while (n->kind == SDP_MUL && n->nargs == 1 && n->coef[0] == SDP_NUM_ONE &&
           sdp_get(c->s->g, n->arg[0])->order == 0) {
        id = n->arg[0];
        n = sdp_get(c->s->g, id);
    }
    return id;
}

static void find_cuts(cutter *c, uint32_t count, const sdp_id *list)
{
    sdp_graph *g = c->s->g;
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = sdp_get(g, list[i]);
        c->moves[list[i]] = n->kind == SDP_VAR && item_moves(c->s, list[i]);
        for (uint32_t k = 0; k < n->nargs; k++)
            c->moves[list[i]] |= c->moves[n->arg[k]], c->bends[list[i]] |= c->bends[n->arg[k]];
        c->moves[list[i]] &= !sdp_is_flat(n);
        c->bends[list[i]] |= c->moves[list[i]] && is_nonlinear(c, n);
    }
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = sdp_get(g, list[i]);
        if (!c->moves[list[i]] || !is_nonlinear(c, n)) continue;
        for (uint32_t k = 0; k < n->nargs; k++) mark(c, inner(c, n->arg[k]));
    }
}

// ---- items ------------------------------------------------------------------------------------------------
static sdp_item *add_item(sdp_story *s, sdp_item i)
{
    s->item = sdp_grown(&s->g->base, s->item, s->n, &s->cap, sizeof *s->item);
    s->item[s->n] = i;
    s->total = s->n + 1;
    return &s->item[s->n++];
}

static sdp_shape shape_of(sdp_graph *g, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    return (sdp_shape){n->order > 0 ? n->dim[0] : SDP_DIM_ONE, n->order > 1 ? n->dim[1] : SDP_DIM_ONE};
}

// The constant factors in front of a number that is not linear in what moves, as a part
// without them; 0: there are none.
static sdp_id without_constants(const cutter *c, sdp_id id)
{
    sdp_graph *g = c->s->g;
    const sdp_node *n = sdp_get(g, id);
    sdp_id factor[SDP_MAX_FACTORS];
    uint8_t label[SDP_MAX_FACTORS * SDP_MAX_ORDER];
    uint32_t kept = 0, at = 0;
    if (n->kind != SDP_MUL || n->order || !c->bends[id]) return 0;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *x = sdp_get(g, n->arg[i]);
        if (!x->order && !c->moves[n->arg[i]]) continue;
        if (kept == SDP_MAX_FACTORS || at + x->order > sizeof label) return 0;
        factor[kept++] = n->arg[i];
        sdp_copy(label + at, sdp_labels(g, n, i), x->order);
        at += x->order;
    }
    if (!kept || (kept == n->nargs && n->coef[0] == SDP_NUM_ONE)) return 0;
    if (kept == n->nargs && n->coef[0] == SDP_NUM_MINUS_ONE) return 0;
    sdp_id core = sdp_mul(g, SDP_NUM_ONE, kept, factor, label, 0, NULL, n->ldim);
    return core == id || sdp_get(g, core)->kind == SDP_VAR ? 0 : core;
}

// Returns `id` with `var` in the place of `part`. Requires that `id` is `part` times constant factors.
static sdp_id scaled(sdp_graph *g, sdp_id id, sdp_id part, sdp_id var)
{
    const sdp_node *n = sdp_get(g, id);
    sdp_id value = sdp_scale(g, n->coef[0], var);
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *x = sdp_get(g, n->arg[i]), *p = sdp_get(g, part);
        bool in = n->arg[i] == part;
        for (uint32_t k = 0; p->kind == SDP_MUL && k < p->nargs; k++) in |= p->arg[k] == n->arg[i];
        if (!x->order && !in) value = sdp_times(g, value, n->arg[i]);
    }
    return value;
}

static sdp_id stand_in(sdp_story *s, const char *label, sdp_shape shape, sdp_id node)
{
    return sdp_stand_in(s->g, label, shape, node, sdp_facts(s->g, node).yes);
}

static sdp_id take_off_constants(cutter *c, sdp_id id)
{
    sdp_story *s = c->s;
    sdp_graph *g = s->g;
    uint32_t count;
    sdp_mark m = sdp_scratch_mark(&g->base);
    const sdp_id *list = sdp_reachable(g, 1, &id, &count);
    c->moves = sdp_scratch(&g->base, id + (size_t)1);
    c->bends = sdp_scratch(&g->base, id + (size_t)1);
    c->cut = sdp_scratch(&g->base, id + (size_t)1);
    find_cuts(c, count, list);
    sdp_id core = without_constants(c, id);
    sdp_scratch_release(&g->base, m);
    if (!core) return id;
    const char *label = sdp_fresh_label(s, "v", &c->count);
    sdp_shape shape = shape_of(g, core);
    sdp_id var = stand_in(s, label, shape, core), rest = scaled(g, id, core, var);
    add_item(s, (sdp_item){.label = label, .shape = shape, .node = core, .var = var, .moves = true});
    return rest;
}

// Is it y-x where only even powers use it, so that x-y is the same? The graph has one
// of the two, whichever was typed.
static bool is_turned(const cutter *c, sdp_id id, uint32_t count, const sdp_id *list)
{
    sdp_graph *g = c->s->g;
    const sdp_node *n = sdp_get(g, id);
    long e;
    for (uint32_t k = 0; k < n->nargs; k++)
        if (n->kind != SDP_ADD || (c->moves[n->arg[k]] && sdp_num_sign(g, n->coef[k]) > 0)) return false;
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *x = sdp_get(g, list[i]);
        for (uint32_t k = 0; k < x->nargs; k++) {
            if (x->arg[k] != id) continue;
            const sdp_node *by = x->kind == SDP_POW && k == 0 ? sdp_get(g, x->arg[1]) : NULL;
            if (!by || by->kind != SDP_NUM || !sdp_num_long(g, by->param, &e) || e % 2) return false;
        }
    }
    return true;
}

// Cuts `id`, and returns it in terms of the parts.
static sdp_id cut(cutter *c, sdp_id id, bool is_last)
{
    sdp_story *s = c->s;
    sdp_graph *g = s->g;
    uint32_t count, n = 0;
    const sdp_id *list = sdp_reachable(g, 1, &id, &count);
    c->moves = sdp_scratch(&g->base, id + (size_t)1);
    c->bends = sdp_scratch(&g->base, id + (size_t)1);
    c->cut = sdp_scratch(&g->base, id + (size_t)1);
    find_cuts(c, count, list);
    sdp_id *from = sdp_scratch(&g->base, (count + 1) * sizeof *from),
           *to = sdp_scratch(&g->base, (count + 1) * sizeof *to);
    for (uint32_t i = 0; i < count && s->n < MOST_PARTS; i++) {
        if (!c->cut[list[i]] || list[i] == id) continue;
        bool turned = is_turned(c, list[i], count, list);
        sdp_id node = sdp_substitute(g, list[i], n, from, to);
        node = sdp_simplify(g, turned ? sdp_scale(g, SDP_NUM_MINUS_ONE, node) : node);
        if (sdp_get(g, node)->kind == SDP_VAR) continue; // it has become another part
        sdp_shape shape = shape_of(g, node);
        const char *label = sdp_fresh_label(s, "v", &c->count);
        sdp_id var = stand_in(s, label, shape, node);
        from[n] = list[i];
        to[n++] = turned ? sdp_scale(g, SDP_NUM_MINUS_ONE, var) : var;
        add_item(s, (sdp_item){.label = label, .shape = shape, .node = node, .var = var, .moves = true});
    }
    sdp_id rest = sdp_simplify(g, sdp_substitute(g, id, n, from, to));
    return is_last && s->n < MOST_PARTS ? take_off_constants(c, rest) : rest;
}

static bool node_moves(sdp_story *s, sdp_id id)
{
    uint32_t count;
    const sdp_id *list = sdp_reachable(s->g, 1, &id, &count);
    for (uint32_t i = 0; i < count; i++)
        if (sdp_get(s->g, list[i])->kind == SDP_VAR && item_moves(s, list[i])) return true;
    return false;
}

sdp_id sdp_put_back(sdp_story *s, sdp_id id)
{
    sdp_id *from = sdp_scratch(&s->g->base, (s->n + 1) * sizeof *from),
           *to = sdp_scratch(&s->g->base, (s->n + 1) * sizeof *to);
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->n && s->item[i].full; i++)
        from[n] = s->item[i].var, to[n++] = s->item[i].full;
    return sdp_substitute(s->g, id, n, from, to);
}

// The variables of differentiation, behind the parts. They stand in front while the parts are found.
static void move_variables_behind(sdp_story *s)
{
    sdp_item *all = sdp_scratch(&s->g->base, s->n * sizeof *all);
    uint32_t n = s->n - s->nwrt;
    sdp_copy(all, s->item + s->nwrt, n * sizeof *all);
    sdp_copy(all + n, s->item, s->nwrt * sizeof *all);
    s->item = all;
    s->n = n;
}

// Replaces each expression that is a part already by the name of the part, e.g. X*w by u after u = X*w.
static sdp_id with_known(sdp_story *s, sdp_id id)
{
    sdp_id *from = sdp_scratch(&s->g->base, (s->n + 1) * sizeof *from),
           *to = sdp_scratch(&s->g->base, (s->n + 1) * sizeof *to);
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        const sdp_node *x = s->item[i].node ? sdp_get(s->g, s->item[i].node) : NULL;
        if (!x || x->kind == SDP_VAR || x->kind == SDP_NUM) continue;
        from[n] = s->item[i].node;
        to[n++] = s->item[i].var;
    }
    return n ? sdp_substitute(s->g, id, n, from, to) : id;
}

void sdp_cut(sdp_story *s)
{
    sdp_graph *g = s->g;
    cutter c = {.s = s};
    const sdp_part *part;
    uint32_t nparts = sdp_read_parts(g, &s->f, &part);
    sdp_id *node = sdp_scratch(&g->base, nparts * sizeof *node);
    uint32_t *kept = sdp_scratch(&g->base, (s->nwrt + 1) * sizeof *kept);
    s->cap = 0;
    sdp_item *wrt = s->item;
    s->item = NULL;
    for (uint32_t i = 0; i < s->nwrt; i++) {
        kept[i] = sdp_get(g, wrt[i].var)->param;
        add_item(s, wrt[i]);
    }
    for (uint32_t i = 0; i < nparts; i++) node[i] = part[i].node;
    sdp_without_free_copies(g, nparts, node, s->nwrt, kept);
    for (uint32_t i = 0; i < nparts; i++) // labels of the user's first
        if (part[i].var) add_item(s, (sdp_item){.label = part[i].name, .var = 0});
    uint32_t users = s->n;
    for (uint32_t i = 0; i < nparts; i++) {
        bool last = i + 1 == nparts;
        node[i] = with_known(s, node[i]);
        sdp_id rest = node_moves(s, node[i]) ? cut(&c, node[i], last) : node[i];
        const char *label = part[i].name ? part[i].name : root_label(s);
        sdp_id var = last ? sdp_stand_in(g, label, part[i].shape, rest, 0) : part[i].var;
        add_item(s, (sdp_item){.label = label,
                               .shape = part[i].shape,
                               .node = rest,
                               .var = var,
                               .moves = node_moves(s, rest)});
    }
    memmove(s->item + s->nwrt, s->item + users, (s->n - users) * sizeof *s->item);
    s->n -= users - s->nwrt;
    s->total = s->n;
    move_variables_behind(s);
    for (uint32_t i = 0; i < s->nwrt; i++) s->item[s->n + i].full = s->item[s->n + i].var;
    for (uint32_t i = 0; i < s->n; i++) s->item[i].full = sdp_put_back(s, s->item[i].node);
    sdp_find_uses(s);
}
