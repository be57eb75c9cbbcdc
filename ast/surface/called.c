// SPDX-License-Identifier: MIT
// A call of a function or operator of the language with expressions that are there already, for programs
// that build formulas without text. The call is read as text would be, "norm(a)" or "a*b", so shapes,
// meanings and errors are those of the language: a tree of one call is made over names that stand for the
// arguments, and they are put in the places of these names. A variable or a whole number is such a name
// itself; norm(x,1) and sum(X,2) know their second argument. Entry: sdp_read_call.
#include <string.h>

#include "ast/surface/terms.h"

typedef struct {
    sdp_graph *g;
    sdp_tree *tree;
    sdp_id *from, *to, *free; // what stands for the argument, and the argument
    uint32_t n;
    bool any_free;
} call;

static sdp_syn leaf(call *c, sdp_syn_kind kind, const char *text)
{
    sdp_tree *t = c->tree;
    t->node[t->count] = (sdp_syntax){.kind = kind, .text = text};
    return t->count++;
}

static sdp_syn call_of(call *c, const char *name, uint32_t n, const sdp_syn *arg)
{
    sdp_syn *own = sdp_alloc(&c->g->base, (n + (size_t)1) * sizeof *own);
    for (uint32_t i = 0; i < n; i++) own[i] = arg[i];
    const sdp_syn at = leaf(c, SYN_CALL, name);
    c->tree->node[at].nargs = n;
    c->tree->node[at].arg = own;
    return at;
}

// A name that nobody can type, with the shape of the argument
static sdp_syn place(call *c, uint32_t i, const sdp_surface *arg)
{
    sdp_graph *g = c->g;
    const char *shape = sdp_shape_declared(g, arg->shape);
    const char *name = sdp_printf(&g->base, "$argument %u: %s", i + 1, shape);
    const sdp_dim dim[2] = {arg->shape.rows, arg->shape.cols};
    const bool row = arg->shape.rows == SDP_DIM_ONE && arg->shape.cols != SDP_DIM_ONE;
    const uint32_t order = row || arg->shape.cols != SDP_DIM_ONE ? 2 : arg->shape.rows != SDP_DIM_ONE;
    c->from[c->n] = sdp_hidden_variable(g, name, order, dim, 0);
    g->var[sdp_get(g, c->from[c->n])->param].declared = true;
    c->to[c->n] = arg->node;
    c->free[c->n++] = arg->free ? arg->free : arg->node;
    c->any_free |= arg->free != 0;
    return leaf(c, SYN_NAME, name);
}

static sdp_syn argument(call *c, uint32_t i, const sdp_surface *arg)
{
    sdp_graph *g = c->g;
    const sdp_node *n = sdp_get(g, arg->node);
    sdp_num v;
    long whole;
    const sdp_variable *own = n->kind == SDP_VAR ? &g->var[n->param] : NULL;
    const bool upright = own && own->shape.rows == arg->shape.rows && own->shape.cols == arg->shape.cols;
    if (upright && !own->unnamed && sdp_variable_find(g, own->name) == n->param)
        return leaf(c, SYN_NAME, own->name);
    if (!n->order && sdp_is_number(g, arg->node, &v) && sdp_num_long(g, v, &whole)) {
        sdp_syn number = leaf(c, SYN_NUMBER, sdp_printf(&g->base, "%ld", whole < 0 ? -whole : whole));
        return whole < 0 ? call_of(c, "neg", 1, &number) : number;
    }
    return place(c, i, arg);
}

// Adds the cancelled nodes of the body and of the arguments to those of the call.
static void add_typed(call *c, sdp_surface *r, uint32_t n, const sdp_surface *const *arg)
{
    uint32_t all = r->ntyped;
    for (uint32_t i = 0; i < n; i++) all += arg[i]->ntyped;
    sdp_cancelled *t = sdp_alloc(&c->g->base, (all + (size_t)1) * sizeof *t);
    for (uint32_t i = 0; i < r->ntyped; i++) {
        t[i] = r->typed[i];
        t[i].node = sdp_substitute(c->g, t[i].node, c->n, c->from, c->to);
        const sdp_id condition = sdp_branch_condition(t[i].branch);
        if (condition)
            t[i].branch = sdp_branch_of(sdp_substitute(c->g, condition, c->n, c->from, c->to),
                                        sdp_branch_arm(t[i].branch));
    }
    for (uint32_t i = 0, k = r->ntyped; i < n; k += arg[i++]->ntyped)
        if (arg[i]->ntyped) memcpy(t + k, arg[i]->typed, arg[i]->ntyped * sizeof *t);
    r->typed = t;
    r->ntyped = all;
}

sdp_surface sdp_read_call(sdp_graph *g, const char *name, uint32_t n, const sdp_surface *const *arg)
{
    sdp_base *b = &g->base;
    sdp_derivative d;
    if (!sdp_op_find(name, strlen(name)) && strcmp(name, "neg") && !sdp_derivative_find(g, name, &d))
        sdp_fail(b, SD_ERR_NAME, (sdp_span){0, 0}, "symdiff help functions",
                 "there is no function or operator '%s'", name);
    call c = {.g = g, .tree = sdp_alloc(b, sizeof *c.tree)};
    c.tree->capacity = 2 * n + 2;
    c.tree->node = sdp_alloc(b, c.tree->capacity * sizeof *c.tree->node);
    c.tree->source = "", c.tree->source_name = name, c.tree->from = SD_FROM_PLAIN;
    c.from = sdp_alloc(b, (n + (size_t)1) * sizeof *c.from);
    c.to = sdp_alloc(b, (n + (size_t)1) * sizeof *c.to);
    c.free = sdp_alloc(b, (n + (size_t)1) * sizeof *c.free);
    sdp_syn *syn = sdp_alloc(b, (n + (size_t)1) * sizeof *syn);
    for (uint32_t i = 0; i < n; i++) syn[i] = argument(&c, i, arg[i]);
    sdp_syn *root = sdp_alloc(b, sizeof *root);
    *root = call_of(&c, sdp_strndup(b, name, strlen(name)), n, syn);
    c.tree->statement = root, c.tree->statements = 1;
    sdp_surface r = sdp_read_tree(g, c.tree);
    r.tree = NULL;
    const sdp_id with_free = r.free ? r.free : r.node;
    r.node = sdp_substitute(g, r.node, c.n, c.from, c.to);
    r.free = r.free || c.any_free ? sdp_substitute(g, with_free, c.n, c.from, c.free) : 0;
    add_typed(&c, &r, n, arg);
    return r;
}
