// SPDX-License-Identifier: MIT
// Functions as they were typed.
//
// Problem: constructors and derivatives are made of functions that have stable code. The derivative of
// sigmoid(x) is sigmoid(x)*sigmoid(-x), normcdf(x) is erfc(-x/sqrt(2))/2, and 1/(1+exp(-x)) has become
// sigmoid(x): an answer would have functions of which its question knows nothing. Idea: where the input typed
// such a function of u (sdp_written.op), all that is made of it is written by it: sigmoid(-u) as 1-s, where s
// is a variable that is printed as sigmoid(u) and behaves like any variable while the answer is simplified.
// Since s is no function, no constructor makes sigmoid(-u) of 1-s again. What is computed keeps the stable
// functions. Entry: sdp_write_as_typed().
#include <string.h>

#include "simplify/answer/answer.h"

enum { MOST_STEPS = 6, MOST_TYPED = 16, DECIDING = 3 };

// Templates over x, the argument, y, the first variable of the rule, z, that of the step, which is printed as
// `shown`. made: what is written so; NULL: the step makes y. A rule is for answers that have what one of its
// first DECIDING steps makes, from step `first` on: exp(x) is written as such anyway.
typedef struct {
    const char *made, *shown, *value;
} step;
#define AS_TYPED "" // the function of what stood in its parentheses
// of: the function that the node has, which was typed by op, 0: any.
static const struct {
    uint16_t op, of;
    uint8_t first;
    step step[MOST_STEPS];
} rules[] = {
    {SDP_OP_sigmoid, 0, 0, {{NULL, "sigmoid(x)", "z"}, {NULL, "1-y", "z"}, {"tanh(x/2)", "2*y-1", "z"}}},
    {SDP_OP_exp,
     SDP_OP_sigmoid,
     1,
     {{"exp(x)", "exp(x)", "z"},
      {"sigmoid(x)", NULL, "y./(1+y)"},
      {"sigmoid(-x)", NULL, "1./(1+y)"},
      {"tanh(x/2)", NULL, "(y-1)./(1+y)"},
      {"softplus(x)", NULL, "log(1+y)"},
      {"exp(-x)", NULL, "1./y"}}},
    {SDP_OP_exp,
     SDP_OP_expm1,
     1,
     {{"exp(x)", "exp(x)", "z"},
      {"expm1(x)", NULL, "y-1"},
      {"expm1(-x)", NULL, "(1-y)./y"},
      {"exp(-x)", NULL, "1./y"}}},
    {SDP_OP_log, SDP_OP_softplus, 0, {{"softplus(x)", AS_TYPED, "z"}}},
    {SDP_OP_log, SDP_OP_log1p, 0, {{"log1p(x)", AS_TYPED, "z"}}},
    {SDP_OP_normpdf, 0, 0, {{"exp(-x.^2/2)", "normpdf(x)", "sqrt(2*pi)*z"}}},
    {SDP_OP_normcdf,
     0,
     0,
     {{"erfc(-x/sqrt(2))", "normcdf(x)", "2*z"},
      {"erfc(x/sqrt(2))", "1-y", "2*z"},
      {"exp(-x.^2/2)", "normpdf(x)", "sqrt(2*pi)*z"}}},
};
enum { RULES = sizeof rules / sizeof *rules };

typedef struct {
    sdp_id made, value;
} pair;
typedef struct {
    sdp_graph *g;
    pair at[MOST_STEPS * MOST_TYPED];
    uint32_t n;
    sdp_written_form *form;
    bool *reached; // by id: does the answer contain it?
    uint32_t nodes;
} table;

static sdp_id write(void *data, sdp_graph *g, sdp_id id, const sdp_id *arg, bool changed)
{
    const table *t = data;
    for (uint32_t i = 0; i < t->n; i++)
        if (t->at[i].made == id) return t->at[i].value;
    if (!changed) return id;
    const sdp_node *n = sdp_get(g, id);
    const uint8_t *order = sdp_order_typed(g, id);
    sdp_id typed[SDP_MOST_WRITTEN], other = sdp_rebuild(g, id, arg);
    if (!order) return other;
    for (uint32_t i = 0; i < n->nargs; i++) typed[i] = arg[order[i]];
    sdp_note_terms(g, other, n->nargs, NULL, typed);
    return other;
}

// A variable that is printed as a node
static sdp_id new_variable(sdp_graph *g, sdp_written_form *form, sdp_id shown, sdp_id meaning, uint32_t facts)
{
    for (uint32_t i = 0; i < form->n; i++)
        if (form->shown[i] == shown) return form->variable[i];
    if (form->n == SDP_MOST_STANDING) return meaning;
    const sdp_node *n = sdp_get(g, shown);
    sdp_shape s = {n->order ? n->dim[0] : SDP_DIM_ONE, n->order > 1 ? n->dim[1] : SDP_DIM_ONE};
    sdp_id v = sdp_stand_in(g, "s", s, shown, facts);
    g->var[sdp_get(g, v)->param].shown_as = shown;
    form->shown[form->n] = shown;
    form->meaning[form->n] = meaning;
    return form->variable[form->n++] = v;
}

// The name of the language for what a template makes, so that it is printed: normpdf(u)
static void say(sdp_graph *g, sdp_id shown, const char *text, sdp_id x)
{
    int op = sdp_op_find(text, strcspn(text, "("));
    if (op && sdp_ops[op].kind == SDP_OP_FORM) sdp_note_function(g, shown, op, 1, &x);
}

// The order in which 1+exp(x) was typed is that of 1+y.
static void keep_order(sdp_graph *g, sdp_id typed, sdp_id y)
{
    const uint8_t *order = sdp_order_typed(g, typed);
    const sdp_node *n = sdp_get(g, typed);
    if (!order || n->kind != SDP_ADD || n->nargs != 2) return;
    sdp_id term[2] = {n->arg[order[0]], n->arg[order[1]]};
    bool first = sdp_is_number(g, term[0], &(sdp_num){0});
    term[first] = y;
    sdp_note_terms(g, sdp_add2(g, term[0], term[1]), 2, NULL, term);
}

// 1+y and y-1 are as good as typed.
static void note_sum(sdp_graph *g, sdp_id sum)
{
    const sdp_node *n = sdp_get(g, sum);
    if (n->kind != SDP_ADD || n->nargs != 2) return;
    bool last = sdp_num_sign(g, n->coef[0]) > 0; // no minus in front
    sdp_note_terms(g, sum, 2, NULL, (sdp_id[]){n->arg[!last], n->arg[last]});
}

// Odd functions have the sign of their argument in front: tanh(-x/2) is -tanh(x/2).
static sdp_id without_sign(sdp_graph *g, sdp_id id, sdp_num *sign)
{
    const sdp_node *n = sdp_get(g, id);
    *sign = n->kind == SDP_MUL && n->nargs == 1 && n->coef[0] == SDP_NUM_MINUS_ONE && sdp_is_entrywise(g, n)
                ? SDP_NUM_MINUS_ONE
                : SDP_NUM_ONE;
    return *sign == SDP_NUM_ONE ? id : n->arg[0];
}

// sigmoid(x) beside exp(x)/(1+exp(x)): both are called sigmoid(x).
static bool is_typed_too(sdp_graph *g, sdp_id x)
{
    bool typed = false;
    for (int k = 0; k < 2; k++) {
        const sdp_written *w =
            sdp_written_of(g, sdp_map1(g, SDP_OP_sigmoid, k ? sdp_scale(g, SDP_NUM_MINUS_ONE, x) : x));
        typed |= w && w->op == SDP_OP_sigmoid;
    }
    return typed;
}

// Adds the results of rule i for the function of x; whole: the sum that it was typed by, or 0.
static void add_rule(table *t, size_t i, sdp_id x, sdp_id whole)
{
    sdp_graph *g = t->g;
    sdp_id value[3] = {x, 0, 0}, made[MOST_STEPS] = {0};
    sdp_num sign[MOST_STEPS];
    pair fresh[MOST_STEPS];
    uint32_t n = 0;
    bool any = false;
    for (size_t k = 0; k < MOST_STEPS && rules[i].step[k].value; k++) {
        if (!rules[i].step[k].made) continue;
        made[k] = without_sign(g, sdp_template(g, rules[i].step[k].made, 1, &x), &sign[k]);
        const sdp_written *typed = sdp_written_of(g, made[k]);
        // tanh(x/2) was typed, too
        if (typed && typed->op && made[k] < t->nodes && sdp_get(g, made[k])->op == typed->op) made[k] = 0;
        any |= k >= rules[i].first && k < DECIDING && made[k] && made[k] < t->nodes && t->reached[made[k]];
    }
    for (size_t k = 0; any && k < MOST_STEPS && rules[i].step[k].value; k++) {
        const step *s = &rules[i].step[k];
        value[2] = 0;
        if (s->shown) {
            sdp_id shown = *s->shown ? sdp_template(g, s->shown, value[1] ? 2 : 1, value)
                                     : sdp_map_as_written(g, rules[i].op, whole);
            sdp_id meaning = *s->shown ? shown : made[k];
            // 1-s is positive as s is
            uint32_t facts = sdp_facts(g, value[1] && !s->made ? value[1] : meaning).yes;
            say(g, shown, s->shown, x);
            if (t->n && *s->shown) sdp_rewrite_all(g, 1, &shown, write, t);
            value[2] = new_variable(g, t->form, shown, *s->shown ? shown : meaning, facts);
            if (!value[1]) value[1] = value[2];
        }
        if (k == 0 && whole && rules[i].of == SDP_OP_sigmoid) keep_order(g, whole, value[1]);
        if (!made[k]) continue;
        fresh[n] = (pair){made[k], sdp_template(g, s->value, value[2] ? 3 : 2, value)};
        note_sum(g, fresh[n].value);
        if (sign[k] != SDP_NUM_ONE) fresh[n].value = sdp_scale(g, sign[k], fresh[n].value);
        n++;
    }
    for (uint32_t k = 0; k < n; k++) t->at[t->n++] = fresh[k];
}

// RULES: there is none. A form with more arguments than its rule, normpdf(x,m,s), has none.
static size_t rule_of(const sdp_graph *g, const sdp_written *w)
{
    size_t i = 0;
    if (!w->op || (w->nargs > 1 && sdp_ops[w->op].kind == SDP_OP_FORM)) return RULES;
    while (i < RULES && (rules[i].op != w->op || (rules[i].of && rules[i].of != sdp_get(g, w->node)->op)))
        i++;
    return i;
}

bool sdp_write_as_typed(sdp_graph *g, sdp_written_form *form, uint32_t n, sdp_id *node)
{
    table t = {.g = g, .nodes = g->nnodes, .form = form};
    uint32_t count, typed = 0;
    sdp_mark m = sdp_scratch_mark(&g->base);
    const sdp_id *list = sdp_reachable(g, n, node, &count);
    t.reached = sdp_scratch(&g->base, t.nodes);
    for (uint32_t i = 0; i < count; i++) t.reached[list[i]] = true;
    for (uint32_t k = 0; k < g->writing->n && typed < MOST_TYPED; k++) { // what is typed inside comes first
        sdp_written w = g->writing->at[k];
        size_t i = rule_of(g, &w);
        if (i == RULES || (rules[i].of == SDP_OP_sigmoid && is_typed_too(g, w.arg[0]))) continue;
        add_rule(&t, i, w.arg[0], w.nargs > 1 ? w.arg[1] : 0);
        typed++;
    }
    bool changed = t.n && sdp_rewrite_all(g, n, node, write, &t);
    sdp_scratch_release(&g->base, m);
    return changed;
}

// ---- s*(1-s) ----------------------------------------------------------------------------------------------

// u, if a factor is sigmoid(u)
static sdp_id sigmoid_of(const sdp_graph *g, sdp_id f)
{
    const sdp_node *n = sdp_get(g, f);
    if (n->kind == SDP_POW) n = sdp_get(g, n->arg[0]);
    return n->kind == SDP_MAP && n->op == SDP_OP_sigmoid ? n->arg[0] : 0;
}

static bool begins_with_minus(const sdp_graph *g, sdp_id u)
{
    const sdp_node *n = sdp_get(g, u);
    return (n->kind == SDP_MUL || n->kind == SDP_ADD) && sdp_num_sign(g, n->coef[0]) < 0;
}

// Is sigmoid(u), rather than sigmoid(-u), what is called s? The one that was typed.
static bool is_base(const sdp_graph *g, sdp_id u, sdp_id s, sdp_id minus, sdp_id other)
{
    const sdp_written *a = sdp_written_of(g, s), *b = sdp_written_of(g, other);
    bool typed = a && a->op == SDP_OP_sigmoid, too = b && b->op == SDP_OP_sigmoid,
         turned = begins_with_minus(g, u);
    if (typed != too) return typed;
    return turned != begins_with_minus(g, minus) ? !turned : u < minus;
}

// y^3 is exp(3*u) where y stands for exp(u).
static sdp_id power_of_exp(sdp_graph *g, sdp_written_form *form, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    sdp_num k;
    if (n->kind != SDP_POW || !sdp_is_number(g, n->arg[1], &k) || sdp_num_sign(g, k) < 0) return id;
    for (uint32_t i = 0; i < form->n; i++) {
        const sdp_node *e = sdp_get(g, form->shown[i]);
        if (form->variable[i] != n->arg[0] || e->kind != SDP_MAP || e->op != SDP_OP_exp) continue;
        sdp_id value = sdp_map1(g, SDP_OP_exp, sdp_scale(g, k, e->arg[0]));
        return new_variable(g, form, value, value, sdp_facts(g, value).yes);
    }
    return id;
}

static bool are_typed(const sdp_graph *g, sdp_id s, sdp_id other)
{
    const sdp_written *a = sdp_written_of(g, s), *b = sdp_written_of(g, other);
    return a && b && a->op == SDP_OP_sigmoid && b->op == SDP_OP_sigmoid;
}

// In the product `id`: a factor sigmoid(-u) beside sigmoid(u), along the same axes
static sdp_id write_complements(void *data, sdp_graph *g, sdp_id id, const sdp_id *arg, bool changed)
{
    if (changed) id = sdp_rebuild(g, id, arg);
    id = power_of_exp(g, data, id);
    const sdp_node *n = sdp_get(g, id);
    for (uint32_t i = 0; n->kind == SDP_MUL && i < n->nargs; i++)
        for (uint32_t k = 0; k < n->nargs; k++) {
            sdp_id u = sigmoid_of(g, n->arg[i]), minus = sigmoid_of(g, n->arg[k]);
            const sdp_node *f = sdp_get(g, n->arg[k]);
            if (!u || !minus || i == k || sdp_scale(g, SDP_NUM_MINUS_ONE, u) != minus) continue;
            sdp_id s = sdp_map1(g, SDP_OP_sigmoid, u), other = sdp_map1(g, SDP_OP_sigmoid, minus);
            if (f->order && memcmp(sdp_labels(g, n, i), sdp_labels(g, n, k), f->order)) continue;
            if (!is_base(g, u, s, minus, other) || are_typed(g, s, other)) continue;
            sdp_id y = new_variable(g, data, s, s, sdp_facts(g, s).yes),
                   value = sdp_template(g, "1-x", 1, &y),
                   rest = new_variable(g, data, value, value, sdp_facts(g, s).yes);
            if (y == s) return id; // there are too many
            if (f->kind == SDP_POW) rest = sdp_power(g, rest, f->arg[1]);
            id = sdp_with_factor(g, n, k, rest);
            n = sdp_get(g, id);
            i = k = 0;
        }
    return id;
}

bool sdp_write_complements(sdp_graph *g, sdp_written_form *form, uint32_t n, sdp_id *node)
{
    return sdp_rewrite_all(g, n, node, write_complements, form);
}

sdp_id sdp_written_meaning(sdp_graph *g, const sdp_written_form *form, sdp_id node)
{
    for (uint32_t i = form->n; i-- > 0;)
        node = sdp_substitute(g, node, 1, &form->variable[i], &form->meaning[i]);
    return node;
}
