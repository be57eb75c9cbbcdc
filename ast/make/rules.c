// SPDX-License-Identifier: MIT
// Templates and rewrite rules: small graphs over placeholders, compiled once per
// context from their text (g->compile).
//
// A template is applied element-wise: placeholders become the given nodes, numbers are broadcast. A rule's
// left side is matched against the node about to be made. Rewrites that look through a sum over
// an axis are functions, as a pattern over elements can't say them: log.c, and exp of a softmax below.
#include <string.h>

#include "ast/make/inside.h"

enum { PLACEHOLDERS = 3, MATCH_WIDTH = 3 };
static const char *const placeholder[PLACEHOLDERS] = {"x", "y", "z"};

typedef struct {
    const char *text;
    sdp_id root;
    bool as_written;
} compiled;
// `left` is compiled when `op` is first made of what it may fit: of f(g(x)), when it is made of `inner`, g;
// SDP_OP_none: of anything.
typedef struct {
    int op, inner;
    sdp_id left;
    const char *text, *right;
} rule;

struct sdp_rules {
    compiled *template;
    uint32_t ntemplates, template_cap;
    rule *rule;
    uint32_t nrules;
    bool compiling; // while a left side is built, rules must not rewrite it
    uint32_t hidden[PLACEHOLDERS];
};

static struct sdp_rules *rules(sdp_graph *g)
{
    if (!g->rules) {
        static const char *const hidden[PLACEHOLDERS] = {"$x", "$y", "$z"};
        g->rules = sdp_alloc(&g->base, sizeof *g->rules);
        for (int i = 0; i < PLACEHOLDERS; i++) {
            g->rules->hidden[i] = sdp_variable_new(g, hidden[i]);
            g->var[g->rules->hidden[i]].shape = (sdp_shape){SDP_DIM_ONE, SDP_DIM_ONE};
        }
    }
    return g->rules;
}

uint32_t sdp_placeholder(sdp_graph *g, const char *name)
{
    for (int i = 0; i < PLACEHOLDERS; i++)
        if (!strcmp(placeholder[i], name)) return rules(g)->hidden[i];
    return UINT32_MAX;
}

static sdp_id compiled_template(sdp_graph *g, const char *text, bool as_written)
{
    struct sdp_rules *r = rules(g);
    for (uint32_t i = 0; i < r->ntemplates; i++)
        if (r->template[i].text == text && r->template[i].as_written == as_written)
            return r->template[i].root;
    for (uint32_t i = 0; i < r->ntemplates; i++)
        if (!strcmp(r->template[i].text, text) && r->template[i].as_written == as_written)
            return r->template[i].root;
    bool before = r->compiling;
    r->compiling |= as_written;
    sdp_id root = g->compile(g, text);
    r->compiling = before;
    r->template = sdp_grown_kept(&g->base, r->template, r->ntemplates, &r->template_cap, sizeof *r->template);
    r->template[r->ntemplates++] = (compiled){text, root, as_written};
    return root;
}

sdp_id sdp_template_as_written(sdp_graph *g, const char *text) { return compiled_template(g, text, true); }

// templates are small: looked up by scanning
typedef struct {
    const sdp_id *id;
    sdp_id *now;
    uint32_t n;
} walk;

static sdp_id now(const walk *w, sdp_id id)
{
    uint32_t i = 0;
    while (w->id[i] != id) i++;
    return w->now[i];
}

// Makes the template node n again, over values that may have axes.
static sdp_id instantiate(sdp_graph *g, const sdp_node *n, const walk *w)
{
    sdp_id r, arg[SDP_MAX_FACTORS];
    for (uint32_t i = 0; i < n->nargs; i++) arg[i] = now(w, n->arg[i]);
    switch (n->kind) {
    case SDP_ADD: {
        const sdp_node *wide = g->node[arg[0]];
        for (uint32_t i = 1; i < n->nargs; i++)
            if (g->node[arg[i]]->order > wide->order) wide = g->node[arg[i]];
        for (uint32_t i = 0; i < n->nargs; i++)
            if (g->node[arg[i]]->order < wide->order)
                arg[i] = sdp_broadcast(g, arg[i], wide->order, wide->dim);
        return sdp_add(g, n->nargs, n->coef, arg);
    }
    case SDP_MUL:
        r = sdp_number(g, n->coef[0]);
        for (uint32_t i = 0; i < n->nargs; i++) r = sdp_times(g, r, arg[i]);
        return r;
    case SDP_POW: return sdp_power(g, arg[0], arg[1]);
    case SDP_MAP: return sdp_map(g, n->op, arg);
    default: return 0; // a leaf stays
    }
}

sdp_id sdp_template(sdp_graph *g, const char *text, uint32_t n, const sdp_id *value)
{
    sdp_id root = compiled_template(g, text, false);
    sdp_mark m = sdp_scratch_mark(&g->base);
    walk w = {0};
    sdp_id *id = sdp_reachable(g, 1, &root, &w.n);
    w.id = id;
    w.now = sdp_scratch(&g->base, w.n * sizeof *w.now);
    for (uint32_t at = 0; at < w.n; at++) {
        const sdp_node *t = g->node[id[at]];
        sdp_id made = instantiate(g, t, &w);
        w.now[at] = made ? made : id[at];
        for (uint32_t i = 0; i < n; i++)
            if (t->kind == SDP_VAR && t->param == g->rules->hidden[i]) w.now[at] = value[i];
    }
    sdp_id result = w.now[w.n - 1];
    sdp_scratch_release(&g->base, m);
    return result;
}

// ---- matching ---------------------------------------------------------------------------------------------

typedef struct {
    sdp_graph *g;
    sdp_id bound[PLACEHOLDERS];
} match;

static bool matches(match *m, sdp_id pattern, sdp_id subject);

// Tries all orders of the pattern's arguments against the subject's.
static bool matches_any_order(match *m, const sdp_node *p, const sdp_node *s)
{
    static const uint8_t order[6][MATCH_WIDTH] = {{0, 1, 2}, {1, 0, 2}, {0, 2, 1},
                                                  {2, 1, 0}, {1, 2, 0}, {2, 0, 1}};
    if (p->nargs != s->nargs || p->nargs > MATCH_WIDTH) return false;
    for (int k = 0; k < 6; k++) {
        match trial = *m;
        bool ok = true;
        for (uint32_t i = 0; ok && i < p->nargs; i++) {
            uint8_t j = order[k][i];
            ok = j < p->nargs && (p->kind != SDP_ADD || p->coef[i] == s->coef[j]) &&
                 matches(&trial, p->arg[i], s->arg[j]);
        }
        if (ok) return *m = trial, true;
    }
    return false;
}

static bool matches(match *m, sdp_id pattern, sdp_id subject)
{
    sdp_graph *g = m->g;
    const sdp_node *p = g->node[pattern], *s = g->node[subject];
    sdp_num v;
    if (p->kind == SDP_VAR) {
        for (int i = 0; i < PLACEHOLDERS; i++)
            if (g->rules->hidden[i] == p->param) {
                if (m->bound[i]) return m->bound[i] == subject;
                m->bound[i] = subject;
                return true;
            }
        return false;
    }
    if (p->kind == SDP_NUM) return sdp_is_number(g, subject, &v) && v == p->param;
    if (p->kind != s->kind || p->op != s->op) return false;
    // -exp(X)' is no -exp(x)
    if (p->kind == SDP_MUL && (p->coef[0] != s->coef[0] || !sdp_is_entrywise(g, s))) return false;
    if (p->kind == SDP_ADD || p->kind == SDP_MUL) return matches_any_order(m, p, s);
    for (uint32_t i = 0; i < p->nargs; i++)
        if (!matches(m, p->arg[i], s->arg[i])) return false;
    return p->nargs > 0 || pattern == subject;
}

// The g of f(g(x)); SDP_OP_none: the text says something else of the argument.
static int inner_function(const char *text)
{
    const char *inner = text + strcspn(text, "(") + 1;
    size_t n = strcspn(inner, "(");
    int op = strcmp(inner + n, "(x))") ? SDP_OP_none : sdp_op_find(inner, n);
    return sdp_ops[op].kind == SDP_OP_MAP ? op : SDP_OP_none;
}

static void load_rules(sdp_graph *g)
{
    static const struct {
        const char *left, *right;
    } text[] = {
#define RULE(name, left, right) {left, right},
#include "ast/make/rules.def"
#undef RULE
    };
    enum { COUNT = sizeof text / sizeof *text };
    struct sdp_rules *r = rules(g);
    r->rule = sdp_alloc(&g->base, COUNT * sizeof *r->rule);
    r->nrules = COUNT;
    for (uint32_t i = 0; i < COUNT; i++)
        r->rule[i] = (rule){sdp_op_find(text[i].left, strcspn(text[i].left, "(")),
                            inner_function(text[i].left), 0, text[i].left, text[i].right};
}

static const sdp_node *left_side(sdp_graph *g, rule *r)
{
    if (!r->left) {
        g->rules->compiling = true;
        r->left = g->compile(g, r->text);
        g->rules->compiling = false;
    }
    return g->node[r->left];
}

// exp(u - logsumexp(u)) = softmax(u), over all axes
static sdp_id rewrite_exp(sdp_graph *g, sdp_id x)
{
    const sdp_node *n = g->node[x];
    if (n->kind != SDP_ADD || n->order == 0) return 0;
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_id scalar;
        if (n->coef[i] != SDP_NUM_MINUS_ONE || !sdp_is_broadcast(g, n->arg[i], &scalar)) continue;
        const sdp_node *l = g->node[scalar];
        if (l->kind != SDP_PRIM || l->op != SDP_OP_logsumexp) continue;
        if (sdp_add2(g, x, n->arg[i]) == l->arg[0])
            return sdp_prim(g, SDP_OP_softmax, 1, l->arg, (1u << n->order) - 1);
    }
    return 0;
}

sdp_id sdp_map_as_written(sdp_graph *g, int op, sdp_id x)
{
    bool before = rules(g)->compiling;
    g->rules->compiling = true;
    sdp_id id = sdp_map1(g, op, x);
    g->rules->compiling = before;
    return id;
}

sdp_id sdp_rewrite_map(sdp_graph *g, int op, const sdp_id *arg)
{
    struct sdp_rules *r = rules(g);
    if (r->compiling) return 0;
    if (!r->rule) load_rules(g);
    sdp_id id = op == SDP_OP_log ? sdp_rewrite_log(g, arg[0]) : op == SDP_OP_exp ? rewrite_exp(g, arg[0]) : 0;
    int of = g->node[arg[0]]->kind == SDP_MAP ? g->node[arg[0]]->op : SDP_OP_none;
    for (uint32_t i = 0; !id && i < r->nrules; i++) {
        if (r->rule[i].op != op || (r->rule[i].inner != SDP_OP_none && r->rule[i].inner != of)) continue;
        const sdp_node *left = left_side(g, &r->rule[i]);
        match m = {.g = g};
        bool ok = true;
        for (uint32_t k = 0; ok && k < left->nargs; k++) ok = matches(&m, left->arg[k], arg[k]);
        if (ok) id = sdp_template(g, r->rule[i].right, PLACEHOLDERS, m.bound);
    }
    return id;
}
