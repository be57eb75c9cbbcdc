// SPDX-License-Identifier: MIT
// Names get their meaning. A binding is shared by all its uses; the body of a function with parameters is
// copied for each call, with the arguments in place of the parameters. So is the formula of a FORM of the
// operator table, which sees nothing that the user defined; its terms stand where it is called.
//
// Expressions are walked by the order of the syntax array. Only definitions nest (a function that calls a
// function): they stand on a stack of their own, up to limit.depth. One that is entered while it stands there
// is defined by itself.
#include <stdio.h>
#include <string.h>

#include "ast/surface/terms.h"

typedef struct { // the parameters of the function body being copied
    uint32_t n;
    const char *const *name;
    const uint32_t *value;
} scope;

// A step on the value of a function's body: either a derivative by the variable `var` that stands for a
// parameter, or the replacement of that variable by the argument.
typedef struct {
    int op;
    uint32_t var, value;
} wrap;
enum { WRAPS = 9 };

typedef struct { // an expression on its way: the nodes low..root, of which those before `at` have terms
    const sdp_tree *tree;
    sdp_syn low, root, at;
    uint32_t *map; // by node - low
    scope in;
    uint32_t def;           // whose body it is; NO_DEF: none
    const sdp_tree *caller; // of a formula of the table: where the call stands; else NULL
    const sdp_syntax *call;
    int form; // the row of a formula that the user called; else 0
    wrap wrap[WRAPS];
    uint32_t nwraps;
    const sdp_tree *from; // where the call stands that the wraps belong to
    const sdp_syntax *use;
} frame;

typedef struct {
    sdp_terms *w;
    uint32_t *bound; // term of each definition without parameters, UINT32_MAX if not made yet
    bool *active;    // definitions being put in place
    uint32_t nbound;
    frame *stack;
    uint32_t depth, cap;
} resolver;

enum { NO_DEF = UINT32_MAX, ENTERED = UINT32_MAX }; // ENTERED: the term comes when the definition is done

static _Noreturn void fail_code(sdp_terms *w, const sdp_tree *tree, sdp_span at, sd_status code,
                                const char *hint, const char *message)
{
    w->g->base.source = tree->source;
    w->g->base.source_name = tree->source_name;
    sdp_fail(&w->g->base, code, at, hint, "%s", message);
}

_Noreturn void sdp_name_fail(sdp_terms *w, const sdp_tree *tree, sdp_span at, const char *hint,
                             const char *message)
{
    fail_code(w, tree, at, SD_ERR_NAME, hint, message);
}

// From here on the expression `root` is resolved; what stands at `use` gets its term.
static void enter(resolver *r, const sdp_tree *tree, sdp_syn root, uint32_t def, scope in,
                  const sdp_tree *from, const sdp_syntax *use)
{
    sdp_base *b = &r->w->g->base;
    if (def != NO_DEF && r->active[def])
        sdp_name_fail(r->w, from, use->span,
                      "definitions are equations, not assignments: give the new value a new name",
                      sdp_printf(b, "'%s' is defined by itself", use->text));
    if (r->depth > b->limit.depth) sdp_limit(b, "depth", b->limit.depth);
    if (def != NO_DEF) r->active[def] = true;
    r->stack = sdp_grown(b, r->stack, r->depth, &r->cap, sizeof *r->stack);
    sdp_syn low = sdp_syn_first(tree, root);
    sdp_index_scan(r->w, tree, low, root);
    r->stack[r->depth++] = (frame){.tree = tree,
                                   .low = low,
                                   .root = root,
                                   .at = low,
                                   .map = sdp_scratch(b, (root - low + 1u) * sizeof(uint32_t)),
                                   .in = in,
                                   .def = def,
                                   .from = from,
                                   .use = use};
}

static uint32_t resolve_binding(resolver *r, const struct sdp_def *d, uint32_t index, const sdp_syntax *use,
                                const sdp_tree *tree)
{
    if (r->bound[index] != UINT32_MAX) return r->bound[index];
    const sdp_syntax *s = &d->tree->node[d->syn];
    enter(r, d->tree, s->arg[s->nargs - 1], index, (scope){0}, tree, use);
    return ENTERED;
}

// A variable that nobody can type, in the place of a parameter.
static uint32_t parameter_variable(resolver *r, const sdp_tree *tree, const sdp_syntax *use, const char *name)
{
    sdp_syntax s = {.kind = SYN_NAME,
                    .text = sdp_printf(&r->w->g->base, "%s$%u", name, r->w->n),
                    .span = use->span,
                    .op = use->span};
    return sdp_term_new(r->w, tree, &s);
}

// Does the body take a derivative by its parameter `name`, g(x) = grad(f(x),x)?
static bool derives_by(const sdp_tree *tree, sdp_syn root, const char *name)
{
    for (sdp_syn i = sdp_syn_first(tree, root); i <= root; i++) {
        const sdp_syntax *s = &tree->node[i];
        bool derivative = s->kind == SYN_CALL && s->nargs == 2 &&
                          (!strcmp(s->text, "grad") || !strcmp(s->text, "jacobian") ||
                           !strcmp(s->text, "hessian") || !strcmp(s->text, "gradient"));
        if (derivative && tree->node[s->arg[1]].kind == SYN_NAME && !strcmp(tree->node[s->arg[1]].text, name))
            return true;
    }
    return false;
}

static uint32_t resolve_call(resolver *r, const struct sdp_def *d, uint32_t index, const sdp_syntax *use,
                             const sdp_tree *tree, const uint32_t *arg)
{
    sdp_base *b = &r->w->g->base;
    const sdp_syntax *s = &d->tree->node[d->syn];
    uint32_t n = s->nargs - 1;
    if (n != use->nargs)
        sdp_name_fail(r->w, tree, use->span, "so it is defined",
                      sdp_printf(b, "'%s' takes %u argument%s, not %u", use->text, n, n == 1 ? "" : "s",
                                 use->nargs));
    const char **name = sdp_scratch(b, (n + 1) * sizeof *name);
    uint32_t *value = sdp_scratch(b, (n + 1) * sizeof *value), nwraps = 0;
    wrap wraps[WRAPS];
    for (uint32_t i = 0; i < n; i++) {
        name[i] = d->tree->node[s->arg[i]].text;
        value[i] = arg[i];
        bool variable = r->w->t[arg[i]].kind == SYN_NAME;
        if (variable || nwraps == WRAPS || !derives_by(d->tree, s->arg[n], name[i])) continue;
        value[i] = parameter_variable(r, tree, use, name[i]);
        wraps[nwraps++] = (wrap){SDP_OP_at, value[i], arg[i]};
    }
    enter(r, d->tree, s->arg[n], index, (scope){n, name, value}, tree, use);
    frame *f = &r->stack[r->depth - 1];
    f->nwraps = nwraps;
    memcpy(f->wrap, wraps, nwraps * sizeof *wraps);
    return ENTERED;
}

// ∇f(x0), f'(x0), ∇²f(x0) of a function of the text with one parameter: enters
// its body. Returns false otherwise.
static bool resolve_derivative(resolver *r, const sdp_syntax *use, const sdp_tree *tree, const uint32_t *arg)
{
    static const char nabla[] = "∇", square[] = "²", two[] = "₂";
    uint32_t index;
    if (strncmp(use->text, nabla, strlen(nabla)) || use->nargs != 1) return false;
    const char *f = use->text + strlen(nabla);
    bool second = !strncmp(f, square, strlen(square)) || !strncmp(f, two, strlen(two));
    if (second) f += !strncmp(f, square, strlen(square)) ? strlen(square) : strlen(two);
    const struct sdp_def *d = sdp_definition(r->w->g, f, &index);
    if (!d || d->tree->node[d->syn].nargs != 2) return false;
    const sdp_syntax *s = &d->tree->node[d->syn];
    const char **name = sdp_scratch(&r->w->g->base, sizeof *name);
    uint32_t *value = sdp_scratch(&r->w->g->base, sizeof *value);
    name[0] = d->tree->node[s->arg[0]].text;
    value[0] = parameter_variable(r, tree, use, name[0]);
    enter(r, d->tree, s->arg[1], index, (scope){1, name, value}, tree, use);
    frame *at = &r->stack[r->depth - 1];
    at->wrap[at->nwraps++] = (wrap){second ? SDP_OP_hessian : SDP_OP_grad, value[0], 0};
    at->wrap[at->nwraps++] = (wrap){SDP_OP_at, value[0], arg[0]};
    return true;
}

static uint32_t wrapped(resolver *r, const frame *f, uint32_t t)
{
    for (uint32_t k = 0; k < f->nwraps; k++) {
        uint32_t *arg = sdp_scratch(&r->w->g->base, 3 * sizeof *arg), i = sdp_term_new(r->w, f->from, f->use);
        arg[0] = t, arg[1] = f->wrap[k].var, arg[2] = f->wrap[k].value;
        sdp_term *w = &r->w->t[i];
        w->kind = SYN_CALL;
        w->op = f->wrap[k].op;
        w->text = sdp_ops[w->op].name;
        w->nargs = w->op == SDP_OP_at || w->op == SDP_OP_cut ? 3 : 2;
        if (w->op == SDP_OP_cut) arg[0] = f->wrap[k].var, arg[2] = t;
        w->arg = arg;
        t = i;
    }
    return t;
}

static uint32_t new_term(resolver *r, const frame *f, const sdp_syntax *s)
{
    uint32_t i = sdp_term_new(r->w, f->tree, s);
    sdp_term *t = &r->w->t[i];
    if (f->caller) t->tree = f->caller, t->span = f->call->span, t->at = f->call->op, t->own = true;
    return i;
}

// normpdf(x,m): the formula of the row with two arguments
static uint32_t resolve_form(resolver *r, const frame *f, int op, const sdp_syntax *use, const uint32_t *arg)
{
    static const char *const name[] = {"x", "y", "z"};
    sdp_base *b = &r->w->g->base;
    const char *text = sdp_ops[op].d[use->nargs - 1], *source = b->source, *source_name = b->source_name;
    const sdp_tree *caller = f->caller ? f->caller : f->tree,
                   *tree = sdp_parse(b, text, strlen(text), "<table>");
    const sdp_syntax *call = f->caller ? f->call : use;
    b->source = source;
    b->source_name = source_name;
    enter(r, tree, tree->statement[0], NO_DEF, (scope){use->nargs, name, arg}, f->tree, use);
    r->stack[r->depth - 1].caller = caller;
    r->stack[r->depth - 1].call = call;
    r->stack[r->depth - 1].form = f->caller || r->w->template ? 0 : op;
    return ENTERED;
}

// h = W*x+b by which is derived: a variable of the shape of its definition.
static uint32_t resolve_cut(resolver *r, const struct sdp_def *d, uint32_t index, const frame *f,
                            const sdp_syntax *use)
{
    sdp_graph *g = r->w->g;
    if (r->bound[index] != UINT32_MAX || r->active[index]) return resolve_binding(r, d, index, use, f->tree);
    if (g->asked && strchr(g->asked, ','))
        sdp_name_fail(r->w, f->tree, use->span, "derive by one of them at a time",
                      sdp_printf(&g->base, "'%s' is defined, and derived by together with others",
                                 use->text));
    uint32_t variable = new_term(r, f, use);
    (void)resolve_binding(r, d, index, use, f->tree);
    frame *at = &r->stack[r->depth - 1];
    at->wrap[at->nwraps++] = (wrap){SDP_OP_cut, variable, variable};
    return ENTERED;
}

static uint32_t resolve_name(resolver *r, const frame *f, const sdp_syntax *s)
{
    uint32_t index;
    for (uint32_t i = 0; i < f->in.n; i++)
        if (!strcmp(f->in.name[i], s->text)) return f->in.value[i];
    const struct sdp_def *d = r->w->template || f->caller ? NULL : sdp_definition(r->w->g, s->text, &index);
    if (d && d->tree->node[d->syn].nargs > 1)
        sdp_name_fail(r->w, f->tree, s->span, "call it with arguments",
                      sdp_printf(&r->w->g->base, "'%s' is a function", s->text));
    if (d && sdp_is_asked(r->w->g, s->text)) return resolve_cut(r, d, index, f, s);
    if (d) return resolve_binding(r, d, index, s, f->tree);
    return new_term(r, f, s);
}

// The nearest of all names that could stand in a call.
static const char *nearest_function(sdp_graph *g, const char *name)
{
    uint32_t n = 0;
    const char **all =
        sdp_scratch(&g->base,
                    (SDP_OP_COUNT + (g->defs ? g->defs->n : 0) + g->nvars + (size_t)1) * sizeof *all);
    for (uint32_t i = 0; i < g->nvars; i++)
        if (g->var[i].is_function) all[n++] = g->var[i].name;
    for (int i = 1; i < SDP_OP_COUNT; i++)
        if (sdp_ops[i].name[0] >= 'a' && sdp_ops[i].name[0] <= 'z') all[n++] = sdp_ops[i].name;
    for (uint32_t i = 0; g->defs && i < g->defs->n; i++)
        all[n++] = g->defs->def[i].tree->node[g->defs->def[i].syn].text;
    for (uint32_t i = 0; i < n; i++)
        if (!sdp_is_slip(name, all[i])) all[i] = NULL;
    return sdp_nearest(name, all, n);
}

static _Noreturn void unknown_function(resolver *r, const sdp_tree *tree, const sdp_syntax *s)
{
    sdp_base *b = &r->w->g->base;
    const char *near = nearest_function(r->w->g, s->text);
    if (!strncmp(s->text, "∇", strlen("∇")))
        sdp_name_fail(r->w, tree, s->op,
                      "declare it, f: function(vector(n)) -> scalar; of an expression: grad(expression, x)",
                      sdp_printf(b, "'%s' is the gradient of a declared function, and none has this name",
                                 s->text));
    const char *hint =
        near ? sdp_printf(b, "did you mean '%s'?", near)
             : sdp_printf(b, "define it, %s(x) = ..., or declare it, -d '%s: function(scalar) -> scalar'",
                          s->text, s->text);
    int nargs = (int)(s->span.end - s->op.end);
    sdp_span at = s->op; // with the parentheses where the hint repeats them
    if (!near && strlen(s->text) == 1 && s->nargs == 1)
        at = s->span,
        hint =
            sdp_printf(b, "for a product write %s*%.*s, for a function -d '%s: function(scalar) -> scalar'",
                       s->text, nargs, tree->source + s->op.end, s->text);
    if ((!strncmp(s->text, "sum_", 4) && s->text[4]) || (!strncmp(s->text, "prod_", 5) && s->text[5]))
        hint = "sums over an index stand in equations: F = sum_i(x[i]^2)";
    if (s->extra)
        sdp_name_fail(r->w, tree, s->op, "G[i] = softmax(p:x[p])[i]",
                      "an array of entries stands in an equation between entries");
    sdp_name_fail(r->w, tree, at, hint, sdp_printf(b, "unknown function '%s'", s->text));
}

// sum(1:3): the parentheses are a subscript (grammar/matlab.c), but the name is that of a function.
static void check_base(resolver *r, const sdp_tree *tree, const sdp_syntax *s)
{
    const sdp_syntax *base = &tree->node[s->arg[0]];
    uint32_t index;
    bool typed = base->kind == SYN_NAME && tree->source[base->span.end] == '(';
    if (typed && sdp_op_find(base->text, strlen(base->text)) &&
        !sdp_definition(r->w->g, base->text, &index) && sdp_variable_find(r->w->g, base->text) == UINT32_MAX)
        sdp_name_fail(r->w, tree, s->span, "ranges stand in subscripts, x[2:5]; cumsum(ones(n)) is 1..n",
                      sdp_printf(&r->w->g->base, "'%s' is a function, and takes no range", base->text));
}

static void check_arity(resolver *r, const sdp_tree *tree, const sdp_syntax *s, int op, uint32_t nargs)
{
    sdp_base *b = &r->w->g->base;
    const sdp_op *o = &sdp_ops[op];
    if (o->kind == SDP_OP_LATER)
        fail_code(r->w, tree, s->op, SD_ERR_UNSUPPORTED, o->doc,
                  sdp_printf(b, "'%s' is not supported", s->text));
    if (o->reads && !r->w->template && tree->from != SD_FROM_NUMPY) sdp_note(b, "%s", o->reads);
    if ((int)nargs >= o->min_args && (o->max_args < 0 || (int)nargs <= o->max_args)) return;
    if (op == SDP_OP_index)
        sdp_name_fail(r->w, tree, s->span, "X[i,j], X[2,:], x[2:5]",
                      sdp_printf(b, "a vector takes one subscript and a matrix two, not %u", s->nargs - 1));
    const char *range = o->min_args != o->max_args && o->max_args >= 0
                            ? sdp_printf(b, "%d to %d arguments", o->min_args, o->max_args)
                            : sdp_printf(b, "%s%d argument%s", o->max_args < 0 ? "at least " : "",
                                         o->min_args, o->min_args == 1 ? "" : "s");
    const char *hint = op == SDP_OP_max || op == SDP_OP_min
                           ? sdp_printf(b, "%s(X,[],1) is that of each column", o->name)
                           : sdp_printf(b, "%s: %s", o->name, o->doc);
    sdp_name_fail(r->w, tree, s->span, hint,
                  sdp_printf(b, "'%s' takes %s, not %u", s->text, range, s->nargs));
}

// max(x), max(x,[]) and max(X,[],k) are reductions, max(a,b) compares entry by entry.
static bool is_reduced(const sdp_tree *tree, const sdp_syntax *s, int op)
{
    if (op != SDP_OP_max && op != SDP_OP_min) return false;
    return s->nargs == 1 || (s->nargs > 1 && tree->node[s->arg[1]].kind == SYN_EMPTY);
}

// f(x) of a declared function, grad_f(x), J_q(x); UINT32_MAX if s calls something else.
static uint32_t resolve_abstract(resolver *r, const sdp_tree *tree, const sdp_syntax *s, const uint32_t *arg)
{
    sdp_graph *g = r->w->g;
    sdp_derivative *d = sdp_scratch(&g->base, sizeof *d);
    const char *wrong = sdp_derivative_find(g, s->text, d);
    if (wrong) sdp_name_fail(r->w, tree, s->op, NULL, wrong);
    if (d->function == UINT32_MAX) return UINT32_MAX;
    uint32_t n = g->var[d->function].nparams;
    if (n != s->nargs)
        sdp_name_fail(r->w, tree, s->span, "so it is declared",
                      sdp_printf(&g->base, "'%s' takes %u argument%s, not %u", s->text, n, n == 1 ? "" : "s",
                                 s->nargs));
    uint32_t t = sdp_term_new(r->w, tree, s);
    r->w->t[t].op = SDP_OP_apply;
    r->w->t[t].called = d;
    r->w->t[t].nargs = s->nargs;
    r->w->t[t].arg = arg;
    return t;
}

static uint32_t resolve_node(resolver *r, const frame *f, const sdp_syntax *s)
{
    sdp_graph *g = r->w->g;
    const sdp_tree *tree = f->tree;
    if (s->kind == SYN_NAME) return resolve_name(r, f, s);
    if (s->kind != SYN_CALL) return new_term(r, f, s);
    uint32_t *arg = sdp_scratch(&g->base, (s->nargs + 1) * sizeof *arg), index;
    for (uint32_t i = 0; i < s->nargs; i++) arg[i] = f->map[s->arg[i] - f->low];
    bool own = r->w->template || f->caller;
    const struct sdp_def *d = own ? NULL : sdp_definition(g, s->text, &index);
    if (d && d->tree->node[d->syn].nargs > 1) return resolve_call(r, d, index, s, tree, arg);
    uint32_t called = own ? UINT32_MAX : resolve_abstract(r, tree, s, arg);
    if (called != UINT32_MAX) return called;
    if (!own && resolve_derivative(r, s, tree, arg)) return ENTERED;
    int op = sdp_called_op(tree, s);
    if (!op || sdp_ops[op].kind == SDP_OP_CONST) unknown_function(r, tree, s);
    uint32_t nargs = s->nargs;
    if (is_reduced(tree, s, op)) {
        if (nargs == 3) arg[1] = arg[2]; // max(X,[],k) is maxof(X,k)
        nargs -= nargs > 1;
        op = op == SDP_OP_max ? SDP_OP_maxof : SDP_OP_minof;
    }
    bool entry = op == SDP_OP_index && r->w->t[arg[0]].called; // of a tensor: shape.c counts the subscripts
    if (op == SDP_OP_index) check_base(r, tree, s);
    if (!entry) check_arity(r, tree, s, op, nargs);
    if (sdp_ops[op].kind == SDP_OP_FORM) return resolve_form(r, f, op, s, arg);
    uint32_t t = new_term(r, f, s);
    r->w->t[t].op = op;
    r->w->t[t].nargs = nargs;
    r->w->t[t].arg = arg;
    return t;
}

// Parts of an equation between entries that are not in the operator table; UINT32_MAX if node i is none.
static uint32_t resolve_entry(resolver *r, const frame *f, sdp_syn i)
{
    const sdp_syntax *s = &f->tree->node[i];
    uint32_t label, *arg;
    sdp_role role = sdp_index_role(r->w, f->tree, i, &label);
    if (role == SDP_PLAIN) return UINT32_MAX;
    arg = sdp_scratch(&r->w->g->base, (s->nargs + 1) * sizeof *arg);
    for (uint32_t k = 0; k < s->nargs; k++) arg[k] = f->map[s->arg[k] - f->low];
    uint32_t t = sdp_term_new(r->w, f->tree, s);
    sdp_term *term = &r->w->t[t];
    term->role = role;
    term->label = label;
    if (role == SDP_INDEX) return t;
    term->kind = SYN_INDEXED;
    term->nargs = s->nargs;
    term->arg = arg;
    return t;
}

static void bind(resolver *r, uint32_t def, uint32_t t)
{
    const struct sdp_def *d = &r->w->g->defs->def[def];
    sdp_term *term = &r->w->t[t];
    r->bound[def] = t;
    if (term->kind == SYN_CALL && !term->defined) term->defined = d->tree->node[d->syn].text;
}

static void say_form(sdp_terms *w, uint32_t t, const frame *f)
{
    w->t[t].form = f->form;
    w->t[t].nof = f->in.n;
    w->t[t].of = f->in.value;
}

// The term of an expression. Definitions are entered where they are used, and
// left with a term for that place.
static uint32_t resolve_root(resolver *r, const sdp_tree *tree, sdp_syn root, uint32_t def)
{
    enter(r, tree, root, def, (scope){0}, tree, &tree->node[root]);
    for (;;) {
        frame *f = &r->stack[r->depth - 1];
        uint32_t t = f->at <= f->root && r->w->index ? resolve_entry(r, f, f->at) : UINT32_MAX;
        if (f->at > f->root) { // done
            t = f->map[f->root - f->low];
            t = wrapped(r, f, t);
            if (f->form) say_form(r->w, t, f);
            if (f->def != NO_DEF) r->active[f->def] = false;
            if (f->def != NO_DEF && !f->in.n) bind(r, f->def, t);
            if (--r->depth == 0) return t;
            f = &r->stack[r->depth - 1];
        } else if (t == UINT32_MAX) {
            t = resolve_node(r, f, &f->tree->node[f->at]);
            if (t == ENTERED) continue;
        }
        f->map[f->at++ - f->low] = t;
    }
}

// In source order; a mistake is one whether the binding is used or not. What is derived by is cut where it is
// used first, and comes last otherwise.
static void resolve_bindings(resolver *r, const sdp_tree *tree, bool cut)
{
    const sdp_graph *g = r->w->g;
    for (uint32_t i = 0; i < r->nbound; i++) {
        const sdp_syntax *s = &g->defs->def[i].tree->node[g->defs->def[i].syn];
        if (g->defs->def[i].tree == tree && s->nargs == 1 && r->bound[i] == UINT32_MAX &&
            (cut || !sdp_is_asked(g, s->text)))
            resolve_root(r, tree, s->arg[0], i);
    }
}

bool sdp_resolve(sdp_terms *w, const sdp_tree *typed)
{
    sdp_graph *g = w->g;
    const sdp_syn none = UINT32_MAX;
    sdp_syn last = none;
    const sdp_tree *tree = w->again ? typed : sdp_sums(w, sdp_by_hand(w, typed));
    w->tree = tree;
    for (uint32_t i = 0; i < tree->statements; i++) {
        const sdp_syntax *s = &tree->node[tree->statement[i]];
        if (s->kind == SYN_DECL || s->kind == SYN_DEF) {
            if (w->again) continue;
            if (s->kind == SYN_DECL) sdp_declare_statement(g, tree, s);
            else sdp_define(w, tree, tree->statement[i]);
        } else if (last != none)
            sdp_name_fail(w, tree, s->span, "name the first: r = ...; then use r", "a second expression");
        else last = tree->statement[i];
    }
    const sdp_syntax *alone =
        last == none && w->alone ? sdp_definition_alone(tree) : NULL; // L = ..., f(x) = ...
    if (alone) last = alone->arg[alone->nargs - 1];
    if (last == none) return false;
    resolver r = {.w = w, .nbound = g->defs && !w->template ? g->defs->n : 0};
    r.bound = sdp_scratch(&g->base, (r.nbound + 1) * sizeof *r.bound);
    r.active = sdp_scratch(&g->base, r.nbound + 1);
    memset(r.bound, 0xff, r.nbound * sizeof *r.bound);
    resolve_bindings(&r, tree, false);
    uint32_t def;
    bool bound =
        alone && alone->nargs == 1 && sdp_definition(g, alone->text, &def) && r.bound[def] != UINT32_MAX;
    w->root = bound ? r.bound[def] : resolve_root(&r, tree, last, NO_DEF);
    resolve_bindings(&r, tree, true);
    sdp_classify(w);
    return true;
}
