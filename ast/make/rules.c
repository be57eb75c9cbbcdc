// SPDX-License-Identifier: MIT
// Templates and rewrite rules: small graphs over placeholders, compiled once per context from their text
// (g->compile).
//
// A template is applied element-wise: placeholders become the given nodes, numbers are broadcast. A rule's
// left side is matched against the node about to be made. The few rewrites that look through a sum over an
// axis (log of a sum of exponentials, log of a softmax) are functions below, as a pattern over elements can't
// say them.
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

// ---- through sums -----------------------------------------------------------------------------------------

sdp_id sdp_log_softmax(sdp_graph *g, sdp_id x, uint32_t axes)
{
    const sdp_node *n = g->node[x];
    uint8_t label[SDP_MAX_ORDER], all[SDP_MAX_ORDER];
    int k = 0;
    for (int i = 0; i < n->order; i++) {
        all[i] = (uint8_t)i;
        if (!(axes >> i & 1)) label[k++] = (uint8_t)i;
    }
    sdp_id lse = sdp_prim(g, SDP_OP_logsumexp, 1, &x, axes);
    return sdp_sub(g, x, sdp_mul(g, SDP_NUM_ONE, 1, &lse, label, n->order, all, n->dim));
}

// log(c), -log(n) for c = 1/n
static sdp_id log_of_number(sdp_graph *g, sdp_num c)
{
    sdp_num inverse = sdp_num_inv(g, c);
    if (!sdp_num_is_int(g, inverse)) return sdp_map1(g, SDP_OP_log, sdp_number(g, c));
    return sdp_scale(g, SDP_NUM_MINUS_ONE, sdp_map1(g, SDP_OP_log, sdp_number(g, inverse)));
}

// The one factor of m that is not a scalar, and the product of the scalars; m->nargs: there are several
static uint32_t array_of(sdp_graph *g, const sdp_node *m, sdp_id *scalar)
{
    uint32_t at = m->nargs;
    *scalar = sdp_number(g, m->coef[0]);
    for (uint32_t i = 0; i < m->nargs; i++) {
        if (!g->node[m->arg[i]]->order) *scalar = sdp_times(g, *scalar, m->arg[i]);
        else if (at < m->nargs) return m->nargs;
        else at = i;
    }
    return at;
}

// log(c*sum exp(u)) over some axes, c > 0 where it has a value: a mean has 1/n
static sdp_id log_of_sum(sdp_graph *g, const sdp_node *m)
{
    sdp_id scalar;
    uint32_t i = array_of(g, m, &scalar);
    if (i == m->nargs || sdp_num_sign(g, m->coef[0]) <= 0) return 0;
    const sdp_node *e = g->node[m->arg[i]];
    const uint8_t *out = m->label + e->order;
    if (e->kind != SDP_MAP || e->op != SDP_OP_exp || m->nlabels != e->order || m->order >= e->order) return 0;
    uint32_t axes = (1u << e->order) - 1;
    for (int k = 0, at = -1; k < m->order; k++) {
        const uint8_t *where = memchr(m->label, out[k], e->order);
        if (!where || where - m->label <= at) return 0;
        at = (int)(where - m->label);
        axes &= ~(1u << at);
    }
    sdp_id u = e->arg[0], lse = sdp_prim(g, SDP_OP_logsumexp, 1, &u, axes);
    sdp_id c = m->nargs == 1 ? log_of_number(g, m->coef[0]) : sdp_map1(g, SDP_OP_log, scalar);
    return sdp_add2(g, lse, sdp_broadcast(g, c, m->order, m->dim));
}

// log(a exp(u) + exp(v)) = v + softplus(u + log(a) - v), v may be 0;  log(1 + exp(u) + exp(v) + ..) = logsumexp([0; u; v; ..]) for scalars:
// no exponential is formed, so nothing overflows. A coefficient of all of them is taken out.
static sdp_id log_of_exponentials(sdp_graph *g, sdp_id sum)
{
    sdp_num c = SDP_NUM_ONE, unit;
    if (g->node[sum]->kind != SDP_ADD) return 0;
    sdp_id plain = sdp_primitive_part(g, sum, &c), log;
    if (c != SDP_NUM_ONE && sdp_num_sign(g, c) > 0 && (log = log_of_exponentials(g, plain)) != 0)
        return sdp_add2(g, log,
                        sdp_broadcast(g, log_of_number(g, c), g->node[sum]->order, g->node[sum]->dim));
    const sdp_node *n = g->node[sum];
    if (n->nargs > SDP_FLAT_TERMS) return 0;
    sdp_id *u = sdp_scratch(&g->base, n->nargs * sizeof *u);
    bool any = false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *e = g->node[n->arg[i]];
        bool is_exp = e->kind == SDP_MAP && e->op == SDP_OP_exp;
        if (sdp_num_sign(g, n->coef[i]) <= 0 || (!is_exp && !sdp_is_number(g, n->arg[i], &unit))) return 0;
        if (!is_exp && sdp_num_sign(g, unit) <= 0) return 0;
        sdp_num weight = is_exp ? n->coef[i] : sdp_num_mul(g, n->coef[i], unit);
        u[i] = weight == SDP_NUM_ONE ? SDP_ID_ZERO : log_of_number(g, weight);
        if (is_exp)
            u[i] = u[i] == SDP_ID_ZERO ? e->arg[0]
                                       : sdp_add2(g, e->arg[0], sdp_broadcast(g, u[i], e->order, e->dim));
        else if (u[i] != SDP_ID_ZERO) u[i] = sdp_broadcast(g, u[i], e->order, e->dim);
        any |= is_exp;
    }
    if (!any) return 0;
    for (uint32_t i = 0; n->nargs == 2 && i < 2; i++)
        if (u[i] == SDP_ID_ZERO) return sdp_map1(g, SDP_OP_softplus, u[1 - i]);
    if (n->nargs == 2) return sdp_add2(g, u[1], sdp_map1(g, SDP_OP_softplus, sdp_sub(g, u[0], u[1])));
    if (n->order) return 0;
    sdp_dim size = sdp_dim_int(g, (long)n->nargs);
    sdp_num *one = sdp_scratch(&g->base, n->nargs * sizeof *one);
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_dim at = sdp_dim_int(g, (long)i);
        u[i] = sdp_times(g, u[i], sdp_sel(g, 1, &size, &at));
        one[i] = SDP_NUM_ONE;
    }
    sdp_id all = sdp_add(g, n->nargs, one, u);
    return sdp_prim(g, SDP_OP_logsumexp, 1, &all, 1);
}

// log(a exp(u) - b exp(v)) = u + log(a) + log(-expm1(v + log(b) - u - log(a))), which has a value where the
// left side has one
static sdp_id log_of_difference(sdp_graph *g, const sdp_node *n)
{
    sdp_id u[2] = {0};
    for (uint32_t i = 0; i < 2; i++) {
        const sdp_node *e = g->node[n->arg[i]];
        bool minus = sdp_num_sign(g, n->coef[i]) < 0;
        sdp_num weight = minus ? sdp_num_neg(g, n->coef[i]) : n->coef[i];
        if (e->kind != SDP_MAP || e->op != SDP_OP_exp || u[minus]) return 0;
        u[minus] = weight == SDP_NUM_ONE
                       ? e->arg[0]
                       : sdp_add2(g, e->arg[0], sdp_broadcast(g, log_of_number(g, weight), e->order, e->dim));
    }
    return sdp_template(g, "x+log(-expm1(y-x))", 2, u);
}

// log(f(u) - f(v)), f falls or rises: erfc, erf and sigmoid. From the row of f: x is the argument of the
// larger value
static sdp_id log_of_function_difference(sdp_graph *g, const sdp_node *n)
{
    static const struct {
        uint16_t op;
        const char *log;
    } known[] = {{SDP_OP_erfc, "logerfcdiff(x,y-x)"},
                 {SDP_OP_erf, "logerfcdiff(y,x-y)"},
                 {SDP_OP_sigmoid, "log(-expm1(y-x))-softplus(-x)-softplus(y)"}};
    const sdp_node *a = g->node[n->arg[0]], *b = g->node[n->arg[1]];
    if (a->kind != SDP_MAP || b->kind != SDP_MAP || a->op != b->op ||
        n->coef[0] != sdp_num_neg(g, n->coef[1]))
        return 0;
    bool swapped = sdp_num_sign(g, n->coef[0]) < 0;
    sdp_id u[2] = {swapped ? b->arg[0] : a->arg[0], swapped ? a->arg[0] : b->arg[0]}, log = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].op == a->op) log = sdp_template(g, known[i].log, 2, u);
    sdp_num c = n->coef[swapped];
    return !log || c == SDP_NUM_ONE
               ? log
               : sdp_add2(g, log, sdp_broadcast(g, log_of_number(g, c), n->order, n->dim));
}

// Returns the logarithm of a difference of two functions that cancels, or of a number times it, else 0.
static sdp_id log_of_two_terms(sdp_graph *g, const sdp_node *n)
{
    if (n->kind == SDP_MUL && n->nargs == 1 && n->nlabels == n->order && sdp_num_sign(g, n->coef[0]) > 0 &&
        sdp_get(g, n->arg[0])->kind == SDP_ADD) {
        sdp_id log =
            memcmp(n->label, sdp_labels(g, n, 1), n->order) ? 0 : log_of_two_terms(g, g->node[n->arg[0]]);
        return log ? sdp_add2(g, log, sdp_broadcast(g, log_of_number(g, n->coef[0]), n->order, n->dim)) : 0;
    }
    if (n->kind != SDP_ADD || n->nargs != 2) return 0;
    sdp_id log = log_of_difference(g, n);
    return log ? log : log_of_function_difference(g, n);
}

// log(S R) = log(S) + log(R) for a scalar S = sum exp(u): where the left side has a value, R is positive.
static sdp_id log_of_scaled_sum(sdp_graph *g, const sdp_node *m)
{
    for (uint32_t i = 0; m->nargs > 1 && i < m->nargs; i++) {
        const sdp_node *f = g->node[m->arg[i]];
        sdp_id log = f->kind == SDP_MUL && !f->order && !m->order ? log_of_sum(g, f) : 0;
        if (log) return sdp_add2(g, log, sdp_map1(g, SDP_OP_log, sdp_with_factor(g, m, i, SDP_ID_ONE)));
    }
    return 0;
}

// log(exp(u) R) = u + log(R): where the left side has a value, R is positive.
static sdp_id log_of_product(sdp_graph *g, const sdp_node *m)
{
    if (!sdp_is_entrywise(g, m)) return 0;
    for (uint32_t i = 0; m->nargs > 1 && i < m->nargs; i++) {
        const sdp_node *e = g->node[m->arg[i]];
        if (e->kind != SDP_MAP || e->op != SDP_OP_exp || e->order != m->order) continue;
        sdp_id rest = sdp_number(g, m->coef[0]);
        for (uint32_t k = 0; k < m->nargs; k++)
            if (k != i) rest = sdp_times(g, rest, m->arg[k]);
        if (g->node[rest]->order < m->order) rest = sdp_broadcast(g, rest, m->order, m->dim);
        return sdp_add2(g, e->arg[0], sdp_map1(g, SDP_OP_log, rest));
    }
    return 0;
}

// log(s[k]) = log(s)[k] for a softmax s, also where the entry is taken by a one-hot vector: y'*s
static sdp_id log_of_entry(sdp_graph *g, const sdp_node *m)
{
    uint32_t at = m->nargs;
    if (m->coef[0] != SDP_NUM_ONE) return 0;
    for (uint32_t i = 0; i < m->nargs; i++) {
        const sdp_node *f = g->node[m->arg[i]];
        if (f->kind == SDP_PRIM && f->op == SDP_OP_softmax && at == m->nargs) at = i;
        else if (f->kind != SDP_SEL && !(f->order == 1 && sdp_has(g, m->arg[i], SDP_ONEHOT))) return 0;
    }
    if (at == m->nargs || m->nlabels != g->node[m->arg[at]]->order || m->nargs != m->nlabels - m->order + 1U)
        return 0;
    sdp_id *arg = sdp_scratch(&g->base, m->nargs * sizeof *arg);
    sdp_copy(arg, m->arg, m->nargs * sizeof *arg);
    arg[at] = sdp_map1(g, SDP_OP_log, arg[at]);
    return sdp_mul(g, SDP_NUM_ONE, m->nargs, arg, m->label, m->order, sdp_labels(g, m, m->nargs), m->ldim);
}

static sdp_id rewrite_log(sdp_graph *g, sdp_id x)
{
    const sdp_node *n = g->node[x];
    if (n->kind == SDP_PRIM && n->op == SDP_OP_det) return sdp_prim(g, SDP_OP_logdet, 1, n->arg, 0);
    if (n->kind == SDP_PRIM && n->op == SDP_OP_softmax) return sdp_log_softmax(g, n->arg[0], n->param);
    if (n->kind == SDP_CONST && n->op == SDP_OP_e) return SDP_ID_ONE;
    if (n->kind == SDP_POW && g->node[n->arg[0]]->kind == SDP_PRIM && g->node[n->arg[0]]->op == SDP_OP_det) {
        // log(det(A)^k) = k logdet(A), for det(A) > 0 as logdet has it
        const sdp_node *e = g->node[n->arg[1]];
        sdp_num half;
        if (e->kind == SDP_NUM && (half = sdp_num_mul(g, e->param, SDP_NUM_HALF), !sdp_num_is_int(g, half)))
            return sdp_scale(g, e->param, sdp_prim(g, SDP_OP_logdet, 1, g->node[n->arg[0]]->arg, 0));
    }
    sdp_id difference = log_of_two_terms(g, n);
    if (difference) return difference;
    if (n->kind == SDP_MUL) {
        sdp_id id = log_of_sum(g, n);
        if (!id) id = log_of_scaled_sum(g, n);
        if (!id) id = log_of_product(g, n);
        return id ? id : log_of_entry(g, n);
    }
    sdp_id stable = log_of_exponentials(g, x);
    if (stable) return stable;
    // log(1 + u) = log1p(u), accurate for small u
    for (uint32_t i = 0; n->kind == SDP_ADD && i < n->nargs; i++) {
        sdp_num one;
        if (n->coef[i] != SDP_NUM_ONE || !sdp_is_number(g, n->arg[i], &one) || one != SDP_NUM_ONE) continue;
        return sdp_map1(g, SDP_OP_log1p, sdp_sub(g, x, n->arg[i]));
    }
    return 0;
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
    sdp_id id = op == SDP_OP_log ? rewrite_log(g, arg[0]) : op == SDP_OP_exp ? rewrite_exp(g, arg[0]) : 0;
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
