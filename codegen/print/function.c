// SPDX-License-Identifier: MIT
// Answers as functions of other languages, to be pasted: imports, a head with arguments, a comment with the
// formula and the shapes, sizes taken from the arrays, named parts, a result.
//
// Idea: the lines of an answer are those of answer.c. What stands around them follows from them: the
// arguments are the variables that the answers depend on, and of sizes and imports those that the lines
// mention. So one file serves all languages, and a language has templates alone (sdp_function_form).
//
// Arrays that an answer makes, ones or identities, have the type of its arguments: the templates of `like`
// take the place of those that leave it open, with the name of the first array among the arguments at $L.
#include <string.h>

#include "codegen/print/print.h"

enum { MOST_ARGUMENTS = 256, MOST_FORMULA = 160 };

typedef struct {
    sdp_graph *g;
    const sdp_notation *t;
    const struct sd_result *r;
    uint32_t nargs, arg[MOST_ARGUMENTS]; // variables
    uint32_t ncalls;
    const char *call[MOST_ARGUMENTS]; // declared functions, and derivatives of them
    const char *lines;                // of the answers
    const char *name;
} function;

// ---- what the answers depend on ---------------------------------------------------------------------------
static void add_argument(function *f, uint32_t v)
{
    for (uint32_t i = 0; i < f->nargs; i++)
        // a variable and its copy without constraints have one
        if (!strcmp(f->g->var[f->arg[i]].name, f->g->var[v].name)) return;
    if (f->nargs == MOST_ARGUMENTS) sdp_limit(&f->g->base, "arguments of a function", MOST_ARGUMENTS);
    uint32_t at = f->nargs++;
    for (; at && f->arg[at - 1] > v; at--) f->arg[at] = f->arg[at - 1]; // as they were declared
    f->arg[at] = v;
}

static void add_call(function *f, const char *name)
{
    for (uint32_t i = 0; i < f->ncalls; i++)
        if (!strcmp(f->call[i], name)) return;
    if (f->ncalls == MOST_ARGUMENTS) sdp_limit(&f->g->base, "arguments of a function", MOST_ARGUMENTS);
    f->call[f->ncalls++] = name;
}

static void add_arguments_of(function *f, uint32_t n, const sdp_id *root)
{
    uint32_t count;
    const sdp_id *list = sdp_reachable(f->g, n, root, &count);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *x = sdp_get(f->g, list[i]);
        if (x->kind == SDP_CALL) {
            const sdp_derivative d = sdp_derivative_of(x);
            add_call(f, sdp_derivative_name(f->g, &d));
        }
        if (x->kind != SDP_VAR) continue;
        sdp_id shown = f->g->var[x->param].shown_as;
        if (shown) add_arguments_of(f, 1, &shown); // x-x0, of which no part is shown so: one level
        else add_argument(f, x->param);
    }
}

static void add_variables_of(function *f, sdp_id root)
{
    uint32_t count;
    const sdp_id *list = sdp_reachable(f->g, 1, &root, &count);
    for (uint32_t i = 0; i < count; i++)
        if (sdp_get(f->g, list[i])->kind == SDP_VAR && !f->g->var[sdp_get(f->g, list[i])->param].shown_as)
            add_argument(f, sdp_get(f->g, list[i])->param);
}

static const char *printed_name(const function *f, uint32_t v)
{
    return sdp_code_name(f->g, f->t, f->g->var[v].name);
}

// ---- sizes ------------------------------------------------------------------------------------------------
static bool is_letter(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           (c & 0x80);
}

static bool mentions(const char *text, const char *name)
{
    size_t n = strlen(name);
    for (const char *s = strstr(text, name); s; s = strstr(s + 1, name))
        if ((s == text || (!is_letter(s[-1]) && s[-1] != '.')) && !is_letter(s[n])) return true;
    return false;
}

static bool is_size(const function *f, sdp_dim d, const char *name)
{
    return d != SDP_DIM_ONE && !strcmp(sdp_dim_text(f->g, d), name);
}

// The template with $1, $2, $3 filled in.
static void fill(sdp_text *out, const char *form, const char *const *with)
{
    for (const char *s = form; *s; s++) {
        if (*s == '$' && s[1] >= '1' && s[1] <= '3') sdp_put(out, with[*++s - '1']);
        else sdp_putn(out, s, 1);
    }
}

// Where an argument tells the size: n = X.shape[1]. Both sizes of a matrix are
// told at once, if both are needed.
static bool put_size(const function *f, const char *name, bool *told, sdp_text *out)
{
    const sdp_function_form *form = f->t->function;
    for (uint32_t i = 0; i < f->nargs; i++) {
        sdp_shape s = f->g->var[f->arg[i]].shape;
        bool rows = is_size(f, s.rows, name), cols = is_size(f, s.cols, name);
        const char *argument = printed_name(f, f->arg[i]);
        if (!rows && !cols) continue;
        for (uint32_t k = 0; form->both && sdp_is_matrix(s) && rows && !cols && k < sdp_atom_count(f->g);
             k++) {
            const char *other = sdp_atom_name(f->g, k);
            if (!other || told[k] || !is_size(f, s.cols, other) || !mentions(f->lines, other)) continue;
            told[k] = true;
            fill(out, form->both, (const char *const[]){argument, name, other});
            return true;
        }
        fill(out, sdp_is_matrix(s) ? form->size[rows ? 0 : 1] : form->size[2],
             (const char *const[]){argument, name, ""});
        return true;
    }
    return false;
}

// Writes the sizes that the lines mention; those that no argument tells go to `rest`, ", n".
static void put_sizes(const function *f, sdp_text *out, sdp_text *rest)
{
    uint32_t n = sdp_atom_count(f->g);
    bool *told = sdp_scratch(&f->g->base, n + 1);
    for (uint32_t k = 0; k < n; k++) {
        const char *name = sdp_atom_name(f->g, k);
        if (!name || told[k] || !mentions(f->lines, name)) continue;
        told[k] = true;
        if (put_size(f, name, told, out)) continue;
        if (rest->n) sdp_put(rest, ", ");
        fill(rest, f->t->function->of_size, (const char *const[]){name, "", ""});
    }
}

// ---- arrays like the arguments ----------------------------------------------------------------------------
static const char *with_like(sdp_graph *g, const char *form, const char *like)
{
    sdp_text t;
    sdp_text_init(&t, &g->base);
    for (const char *s = form; *s; s++) {
        if (*s == '$' && s[1] == 'L') sdp_put(&t, like), s++;
        else sdp_putn(&t, s, 1);
    }
    const char *copy = sdp_printf(&g->base, "%s", t.s ? t.s : "");
    sdp_text_free(&t);
    return copy;
}

// The language with templates whose arrays have the type of the first array among the
// arguments; integers are no such type.
static const sdp_notation *typed(const function *f)
{
    const sdp_like *like = f->t->like;
    const char *name = NULL;
    for (uint32_t i = 0; i < f->nargs && !name; i++) {
        const sdp_variable *v = &f->g->var[f->arg[i]];
        if (!sdp_is_scalar(v->shape) && !(v->facts & (SDP_INTEGER | SDP_ONEHOT)))
            name = printed_name(f, f->arg[i]);
    }
    if (!like || !name) return f->t;
    sdp_notation *t = sdp_scratch(&f->g->base, sizeof *t);
    *t = *f->t;
    for (int s = 0; s < SDP_S_COUNT; s++)
        if (like->shown[s]) t->shown[s] = with_like(f->g, like->shown[s], name);
    if (like->number) t->number = with_like(f->g, like->number, name);
    if (like->stack_scalar) t->stack_scalar = with_like(f->g, like->stack_scalar, name);
    if (like->block_scalar) t->block_scalar = with_like(f->g, like->block_scalar, name);
    return t;
}

// ---- text around the lines --------------------------------------------------------------------------------
static int form_of(const sdp_graph *g, const sdp_entry *e)
{
    int order = sdp_get(g, e->node)->order;
    return order == 0 ? SDP_SCALAR : order == 1 ? (e->is_row ? SDP_ROW : SDP_COLUMN) : SDP_MATRIX;
}

static void put_imports(const function *f, sdp_text *out)
{
    for (const sdp_import *i = f->t->function->imports; i && i->line; i++)
        if (!i->mark || strstr(f->lines, i->mark)) sdp_put(out, i->line);
}

// A line of the comment.
static void put_comment(const function *f, const char *text, sdp_text *out)
{
    sdp_putf(out, "%s%s\n", f->t->function->doc[1], text);
}

static const char *short_text(sdp_graph *g, sdp_raiser *r, sdp_id id, bool is_row)
{
    sdp_text t;
    sdp_text_init(&t, &g->base);
    sdp_put_node(r, id, is_row, &t);
    const char *s = t.n && t.n <= MOST_FORMULA && !strchr(t.s, '\n') ? sdp_printf(&g->base, "%s", t.s) : NULL;
    sdp_text_free(&t);
    return s;
}

static const char *variables(const function *f)
{
    const char *all = NULL;
    for (uint32_t i = 0; i < f->r->nwrt; i++)
        all =
            sdp_printf(&f->g->base, "%s%s%s", all ? all : "", all ? ", " : "", f->g->var[f->r->wrt[i]].name);
    return all;
}

static const char *shape_text(const function *f, const sdp_variable *v)
{
    sdp_graph *g = f->g;
    if (sdp_is_scalar(v->shape)) return "scalar";
    if (sdp_is_matrix(v->shape))
        return sdp_printf(&g->base, "matrix(%s,%s)", sdp_dim_text(g, v->shape.rows),
                          sdp_dim_text(g, v->shape.cols));
    if (v->shape.cols == SDP_DIM_ONE)
        return sdp_printf(&g->base, "vector(%s)", sdp_dim_text(g, v->shape.rows));
    return sdp_printf(&g->base, "matrix(1,%s)", sdp_dim_text(g, v->shape.cols));
}

// Writes the documentation of the function: its result, its formula, and the shapes of its arguments.
static void put_doc(const function *f, size_t n, const sdp_entry *entry, sdp_text *out)
{
    sdp_raiser r;
    sdp_raiser_init(&r, f->g);
    const char *what = sdp_kind_word(f->r, &entry[n - 1]),
               *of = f->r->value ? short_text(f->g, &r, f->r->value, false) : NULL, *by = variables(f);
    sdp_put(out, f->t->function->doc[0]);
    sdp_putf(out, "The %s%s%s%s%s%s.\n", n > 1 && entry[0].row[0] == 0 && f->r->order ? "value and " : "",
             what, of ? " of " : "", of ? of : "", by && f->r->order ? " by " : "",
             by && f->r->order ? by : "");
    const char *formula = n == 1 && !entry->nterms && f->r->order && sdp_get(f->g, entry->node)->order <= 2
                              ? short_text(f->g, &r, entry->node, entry->is_row)
                              : NULL;
    if (formula) put_comment(f, formula, out);
    for (uint32_t i = 0; i < f->nargs; i++)
        put_comment(f,
                    sdp_printf(&f->g->base, "%s: %s", printed_name(f, f->arg[i]),
                               shape_text(f, &f->g->var[f->arg[i]])),
                    out);
    sdp_put(out, f->t->function->doc[2]);
}

static const char *arguments(const function *f, const char *rest)
{
    const sdp_function_form *form = f->t->function;
    sdp_text t;
    sdp_text_init(&t, &f->g->base);
    for (uint32_t i = 0; i < f->nargs; i++) {
        const sdp_variable *v = &f->g->var[f->arg[i]];
        int shape = sdp_is_scalar(v->shape)        ? SDP_SCALAR
                    : sdp_is_matrix(v->shape)      ? SDP_MATRIX
                    : v->shape.cols == SDP_DIM_ONE ? SDP_COLUMN
                                                   : SDP_ROW;
        if (t.n) sdp_put(&t, ", ");
        fill(&t, form->argument[shape] ? form->argument[shape] : "$1",
             (const char *const[]){printed_name(f, f->arg[i]), "", ""});
    }
    for (uint32_t i = 0; i < f->ncalls; i++) {
        if (t.n) sdp_put(&t, ", ");
        fill(&t, form->callback ? form->callback : "$1", (const char *const[]){f->call[i], "", ""});
    }
    if (*rest) sdp_putf(&t, "%s%s", t.n ? ", " : "", rest);
    const char *all = sdp_printf(&f->g->base, "%s", t.n ? t.s : "");
    sdp_text_free(&t);
    return all;
}

// "grad_x, grad_y"; with the names of a list, "grad_x = grad_x, ...", where the
// language wants them; or their types.
static const char *results(const function *f, size_t n, const sdp_entry *entry, const char *const *left,
                           bool types)
{
    const char *all = NULL, *const *type = f->t->type;
    for (size_t i = 0; i < n; i++) {
        const char *one = types ? (type[0] ? type[form_of(f->g, &entry[i])] : "") : left[i];
        if (!types && n > 1 && f->t->function->list) one = sdp_printf(&f->g->base, "%s = %s", one, one);
        all = sdp_printf(&f->g->base, "%s%s%s", all ? all : "", all ? ", " : "", one);
    }
    return all;
}

static void put_form(const function *f, const char *form, const char *args, const char *result,
                     const char *type, sdp_text *out)
{
    for (const char *s = form; *s; s++) {
        const char *with = *s != '$'     ? NULL
                           : s[1] == 'N' ? f->name
                           : s[1] == 'A' ? args
                           : s[1] == 'R' ? result
                           : s[1] == 'T' ? type
                                         : NULL;
        if (with) sdp_put(out, with), s++;
        else sdp_putn(out, s, 1);
    }
}

static void put_indented(const function *f, const char *lines, sdp_text *out)
{
    while (*lines) {
        size_t n = strcspn(lines, "\n");
        sdp_putf(out, "%s%.*s\n", f->t->function->indent, (int)n, lines);
        lines += n + (lines[n] == '\n');
    }
}

// A name that no argument has.
static const char *own_name(const function *f, const char *name)
{
    for (uint32_t i = 0; i < f->nargs; i++)
        if (!strcmp(printed_name(f, f->arg[i]), name))
            return own_name(f, sdp_printf(&f->g->base, "%s_", name));
    return name;
}

static void put_all(function *f, size_t n, const sdp_entry *entry, const char *const *left, sdp_text *out)
{
    const sdp_function_form *form = f->t->function;
    sdp_text sizes, rest, doc;
    sdp_text_init(&sizes, &f->g->base);
    sdp_text_init(&rest, &f->g->base);
    sdp_text_init(&doc, &f->g->base);
    put_sizes(f, &sizes, &rest);
    put_doc(f, n, entry, &doc);
    const char *args = arguments(f, rest.n ? rest.s : ""), *result = results(f, n, entry, left, false),
               *type = results(f, n, entry, left, true);
    put_imports(f, out);
    if (!form->doc_inside) sdp_put(out, doc.s);
    put_form(f, n > 1 ? form->head_many : form->head, args, result, type, out);
    if (form->doc_inside) sdp_put(out, doc.s);
    if (sizes.n) put_indented(f, sizes.s, out);
    put_indented(f, f->lines, out);
    put_form(f, n > 1 ? form->many : form->one, args, result, type, out);
    sdp_text_free(&sizes);
    sdp_text_free(&rest);
    sdp_text_free(&doc);
}

void sdp_print_function(sdp_raiser *raiser, const struct sd_result *r, const sdp_function_request *q,
                        const sdp_notation *t, sdp_text *out)
{
    sdp_graph *g = r->g;
    const sdp_entry *shown = sdp_shown(r);
    size_t n = r->n + q->value;
    sdp_entry *entry = sdp_scratch(&g->base, n * sizeof *entry);
    if (q->value)
        entry[0] = (sdp_entry){.label = "",
                               .row = "",
                               .column = "",
                               .node = q->primal,
                               .is_row = q->primal_is_row,
                               .value_order = sdp_get(g, q->primal)->order};
    sdp_copy(entry + q->value, shown, r->n * sizeof *entry);
    function f = {.g = g, .t = t, .r = r};
    sdp_id *root = sdp_scratch(&g->base, n * sizeof *root);
    for (size_t i = 0; i < n; i++) {
        root[i] = entry[i].node;
        add_arguments_of(&f, entry[i].nterms, entry[i].term);
    }
    add_arguments_of(&f, (uint32_t)n, root);
    // those of what was typed: the gradient of a'*x is one function of a and x
    if (r->value) add_variables_of(&f, r->value);
    f.name = own_name(&f, q->name ? q->name : sdp_function_word(r));
    f.t = typed(&f);
    const char *const *left = sdp_result_names(r, q->value, f.t);
    sdp_text lines;
    sdp_text_init(&lines, &g->base);
    sdp_print_answer(raiser, n, entry, left, f.t, q->named ? SDP_SHARE_WORK : SDP_SHARE_NOTHING, &lines);
    f.lines = lines.s;
    put_all(&f, n, entry, left, out);
    sdp_text_free(&lines);
}
