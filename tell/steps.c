// SPDX-License-Identifier: MIT
// sd_steps(): what is given, the parts, the lines of one order, the answer, its cost, and how it was checked.
#include "judge/solve.h"
#include "runtime/api/api.h"
#include "tell/tell.h"

// ---- what is given ----------------------------------------------------------------------------------------
static void tell_given(sdp_story *s)
{
    sdp_graph *g = s->g;
    uint32_t count;
    const char *text = "", *wanted = "";
    const sdp_id *list = sdp_reachable(g, 1, &s->f.node, &count);
    bool *used = sdp_scratch(&g->base, g->nvars + (size_t)1);
    for (uint32_t i = 0; i < count; i++)
        if (sdp_get(g, list[i])->kind == SDP_VAR) used[sdp_get(g, list[i])->param] = true;
    for (uint32_t i = 0; i < g->nvars; i++) { // as they stand in the text
        const sdp_variable *v = &g->var[i];
        if (!used[i]) continue;
        text = sdp_printf(&g->base, "%s%s%s %s", text, *text ? (sdp_in_tex(s) ? ", " : "   ") : "", v->name,
                          sdp_is_scalar(v->shape) ? "number" : sdp_spell_shape(s, v->shape));
    }
    for (uint32_t i = 0; i < s->nwrt; i++) {
        const char *x = s->item[s->n + i].label, *f = sdp_root(s)->label;
        wanted = s->answer->order == 2 ? sdp_printf(&g->base, "%s%sd2%s/d%s2", wanted, i ? ", " : "", f, x)
                                       : sdp_printf(&g->base, "%s%sd%s/d%s", wanted, i ? ", " : "", f, x);
    }
    sdp_add_block(&s->doc, "Given", NULL);
    sdp_add_line(&s->doc, (sdp_line){.formula = text, .reason = sdp_printf(&g->base, "wanted: %s", wanted)});
}

// "sum(y) = 1 (onehot)": what is declared of a constant, and may have been used where the text became parts.
static const char *used_sums(sdp_story *s)
{
    sdp_graph *g = s->g;
    uint32_t count;
    const char *text = NULL;
    const sdp_id *list = sdp_reachable(g, 1, &sdp_get_expr(s->c, s->expr)->node, &count);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = sdp_get(g, list[i]);
        if (n->kind != SDP_VAR || !(sdp_facts(g, list[i]).yes & SDP_SIMPLEX)) continue;
        const sdp_variable *v = &g->var[n->param];
        bool onehot = (v->facts & SDP_ONEHOT) != 0;
        text = sdp_printf(&g->base, "%s%ssum(%s) = 1 (%s)", text ? text : "", text ? ", " : "", v->name,
                          onehot ? "onehot" : "simplex");
    }
    return text;
}

static void tell_names(sdp_story *s)
{
    sdp_add_block(&s->doc, "Names", NULL);
    for (uint32_t i = 0; i < s->n; i++) {
        const sdp_item *x = &s->item[i];
        bool row = x->shape.rows == SDP_DIM_ONE && x->shape.cols != SDP_DIM_ONE;
        const char *label = sdp_spell(s, x->var, row);
        if (i + 1 == s->n) sdp_check_same(s, label, s->f.node, x->full);
        sdp_add_line(&s->doc, (sdp_line){.label = label,
                                         .formula = sdp_spell(s, x->node, row),
                                         .shape = sdp_spell_shape(s, x->shape),
                                         .reason = !s->o->detail   ? NULL
                                                   : !x->moves     ? "constant"
                                                   : i + 1 == s->n ? used_sums(s)
                                                                   : NULL});
    }
}

// ---- rules inside the parts -------------------------------------------------------------------------------
static bool is_step(sdp_story *s, const sdp_node *n)
{
    uint32_t moving = 0;
    bool function = n->kind == SDP_POW || n->kind == SDP_MAP || n->kind == SDP_PRIM || n->kind == SDP_CALL;
    for (uint32_t i = 0; i < n->nargs; i++)
        for (uint32_t k = 0; k < sdp_items(s); k++)
            if (s->item[k].moves && sdp_depends(s->g, n->arg[i], s->item[k].var)) {
                moving++;
                break;
            }
    return (function && moving) || (n->kind == SDP_MUL && moving > 1);
}

static void tell_rules(sdp_story *s)
{
    sdp_graph *g = s->g;
    uint32_t items = sdp_items(s), count, n = 0;
    sdp_id *by = sdp_scratch(&g->base, items * sizeof *by), *to = sdp_scratch(&g->base, items * sizeof *to),
           *root = sdp_scratch(&g->base, s->n * sizeof *root);
    for (uint32_t k = 0; k < items; k++) {
        if (!s->item[k].moves) continue;
        by[n] = s->item[k].var;
        to[n++] = sdp_stand_in(g, sdp_printf(&g->base, "d%s", s->item[k].label), s->item[k].shape,
                               s->item[k].var, 0);
    }
    for (uint32_t i = 0; i < s->n; i++) root[i] = s->item[i].node;
    const sdp_id *list = sdp_reachable(g, s->n, root, &count);
    sdp_add_block(&s->doc, "Rules", "inside the parts");
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *x = sdp_get(g, list[i]);
        if (x->order > 2 || !is_step(s, x)) continue;
        sdp_id t = sdp_jvp(g, list[i], n, by, to), *d = sdp_scratch(&g->base, n * sizeof *d), sum = 0;
        const char *label = sdp_printf(&g->base, sdp_in_tex(s) ? "\\mathrm{d}\\left(%s\\right)" : "d(%s)",
                                       sdp_spell(s, list[i], false));
        sdp_reverse(g, list[i], n, by, d);
        for (uint32_t k = 0; k < n; k++) {
            sdp_id p = sdp_after(s, d[k], sdp_get(g, by[k])->order, to[k]);
            sum = sum ? sdp_add2(g, sum, p) : p;
        }
        sdp_check_same(s, label, t, sum);
        sdp_add_line(&s->doc, (sdp_line){.label = label, .formula = sdp_spell(s, sdp_simplify(g, t), false)});
    }
}

// ---- the answer -------------------------------------------------------------------------------------------
static const char *answer_label(const sdp_story *s, const sdp_entry *e)
{
    if (*e->label) return e->label;
    return s->answer->order == 2                 ? "Hessian"
           : s->answer->order && !e->value_order ? "gradient"
                                                 : "derivative";
}

// The composition of the lines against the answer as it is computed, in numerator layout.
static void check_answer(sdp_story *s)
{
    sdp_graph *g = s->g;
    sd_request plain = *s->r;
    sdp_id *adjoint = sdp_scratch(&g->base, sdp_items(s) * sizeof *adjoint);
    plain.layout = SD_NUMERATOR;
    const struct sd_result *r = sdp_derive(g, 0, *sdp_get_expr(s->c, s->expr), &plain);
    const sdp_entry *exact = sdp_computed(r);
    sdp_adjoints(s, NULL, adjoint);
    for (uint32_t i = 0; i < s->nwrt; i++) {
        const sdp_item *x = &s->item[s->n + i];
        sdp_id d = sdp_project(g, sdp_put_back(s, adjoint[s->n + i]), x->var, s->r->symmetric);
        if (r->order == 1) {
            sdp_without_free_copies(g, 1, &d, 0, NULL);
            sdp_check_same(s, x->label, sdp_told(s, exact[i].exact, x->var), sdp_told(s, d, x->var));
            continue;
        }
        uint32_t facts = sdp_linear_structure(g, x->var);
        for (uint32_t j = 0; j < s->nwrt; j++) {
            const sdp_item *y = &s->item[s->n + j];
            facts = sdp_linear_structure(g, y->var);
            sdp_id direction = sdp_stand_in(g, "d", y->shape, y->var, facts),
                   t = sdp_jvp(g, d, 1, &y->var, &direction);
            sdp_id h = sdp_after(s, exact[i * s->nwrt + j].exact, sdp_get(g, y->var)->order, direction);
            sdp_without_free_copies(g, 1, &t, 0, NULL);
            sdp_check_same(s, x->label, sdp_told(s, h, x->var), sdp_told(s, t, x->var));
        }
    }
}

// The answer in the names of parts, before they are put back; NULL: it has another
// layout, or is a second derivative.
static const char *in_names(sdp_story *s, size_t i)
{
    sdp_entry e = s->answer->entry[i];
    e.written = 0; // it is written in names
    sdp_id *adjoint = sdp_scratch(&s->g->base, sdp_items(s) * sizeof *adjoint);
    bool free = s->r->symmetric == SD_UNCONSTRAINED && sdp_linear_structure(s->g, s->item[s->n + i].var);
    if (s->answer->order > 1 || e.turned || free) return NULL;
    sdp_adjoints(s, NULL, adjoint);
    e.node = sdp_simplify(s->g, sdp_project(s->g, adjoint[s->n + i], s->item[s->n + i].var, s->r->symmetric));
    if (sdp_textbook(s->g, 1, &e.node)) e.node = sdp_named(s, sdp_simplify(s->g, e.node));
    return sdp_spell_entry(s, &e);
}

// "J_f(x)'": in denominator layout the answer is the transpose of the last line of a
// chain; NULL: there is no such line.
static const char *transposed(sdp_story *s, size_t i)
{
    const sdp_entry *e = &s->answer->entry[i];
    bool chain = s->o->mode != SD_STEPS_DIFFERENTIAL && s->r->layout == SD_DENOMINATOR &&
                 s->answer->order == 1 && sdp_is_chain(s);
    if (!chain || !sdp_get(s->g, e->node)->order) return NULL;
    const char *turn = sdp_in_tex(s) ? "^{\\top}" : s->o->format == SD_DOC_UNICODE ? "ᵀ" : "'";
    return sdp_printf(&s->g->base, "%s%s", sdp_spell_jacobian(s, sdp_root(s), &s->item[s->n + i]), turn);
}

static void tell_vec_form(sdp_story *s, const sdp_entry *e)
{
    sdp_text t;
    sdp_text_init(&t, &s->g->base);
    if (sdp_print_vec_form(s->g, e, sdp_in_tex(s) ? SD_LATEX : SD_TEXT, &t)) {
        sdp_add_line(&s->doc, (sdp_line){.formula = sdp_strndup(&s->g->base, t.s, t.n),
                                         .reason = "vec form (columns stacked)",
                                         .math = true});
    }
    sdp_text_free(&t);
}

static void tell_answer(sdp_story *s)
{
    const struct sd_result *r = s->answer;
    check_answer(s);
    sdp_add_block(&s->doc, "Answer", NULL);
    for (size_t i = 0; i < r->n; i++) {
        const sdp_node *n = sdp_get(s->g, r->entry[i].node);
        const char *shape = n->order ? "" : "1";
        for (int k = 0; k < n->order; k++)
            shape = sdp_printf(&s->g->base, "%s%s%s", shape,
                               k                                     ? "×"
                               : r->entry[i].is_row && n->order == 1 ? "1×"
                                                                     : "",
                               sdp_dim_text(s->g, n->dim[k]));
        const char *label = answer_label(s, &r->entry[i]), *text = sdp_spell_entry(s, &r->entry[i]),
                   *middle = in_names(s, i);
        const char *turned = transposed(s, i);
        if (middle && !strcmp(middle, text)) middle = NULL;
        if (turned) middle = middle ? sdp_printf(&s->g->base, "%s = %s", turned, middle) : turned;
        if (sdp_in_tex(s))
            label = sdp_printf(&s->g->base, "\\text{%s}",
                               s->o->format == SD_DOC_LATEX ? sdp_tex_words(&s->g->base, label) : label);
        bool by_entries = n->order > 2; // an equation of its own
        sdp_add_line(&s->doc, (sdp_line){.label = by_entries ? NULL : label,
                                         .middle = by_entries ? NULL : middle,
                                         .formula = text,
                                         .shape = shape,
                                         .reason = i ? NULL : r->note,
                                         .math = true});
        if (by_entries) tell_vec_form(s, &r->entry[i]);
    }
}

// ---- cost -------------------------------------------------------------------------------------------------
static const char *passes(sdp_story *s, sdp_dim n)
{
    return sdp_printf(&s->g->base, "%s pass%s", sdp_dim_text(s->g, n), n == SDP_DIM_ONE ? "" : "es");
}

// Tells the cost of a pass in reverse and in forward order: the multiplications of its lines, with a row of
// the value, or a direction, as a symbol.
static void tell_cost(sdp_story *s)
{
    sdp_graph *g = s->g;
    uint32_t items = sdp_items(s);
    sdp_dim back = sdp_dim_int(g, 0), ahead = back, variables = back;
    sdp_id *symbol = sdp_scratch(&g->base, items * sizeof *symbol),
           *by = sdp_scratch(&g->base, items * sizeof *by), *d = sdp_scratch(&g->base, items * sizeof *d);
    for (uint32_t k = 0; k < items; k++)
        symbol[k] = sdp_stand_in(g, "_", s->item[k].shape, s->item[k].var, 0);
    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t n = 0;
        if (!s->item[i].moves) continue;
        ahead = sdp_dim_add(g, ahead, sdp_cost(g, sdp_tangent(s, i, symbol)));
        for (uint32_t k = 0; k < items; k++)
            if (sdp_uses(s, i, k)) by[n++] = s->item[k].var;
        if (!n) continue;
        sdp_vjp(g, s->item[i].node, symbol[i], n, by, d);
        for (uint32_t k = 0; k < n; k++) back = sdp_dim_add(g, back, sdp_cost(g, d[k]));
    }
    for (uint32_t i = 0; i < s->nwrt; i++)
        variables = sdp_dim_add(g, variables, sdp_entries(g, s->item[s->n + i].var));
    sdp_add_block(&s->doc, "Cost", NULL);
    const char *reverse = sdp_printf(&g->base, "reverse order: %s, each of %s multiplications",
                                     passes(s, sdp_entries(g, sdp_root(s)->node)), sdp_dim_text(g, back));
    const char *forward = sdp_printf(&g->base, "forward order: %s, each of %s multiplications",
                                     passes(s, variables), sdp_dim_text(g, ahead));
    sdp_add_line(&s->doc, (sdp_line){.formula = reverse});
    sdp_add_line(&s->doc, (sdp_line){.formula = forward});
}

// "v'*H*v = ..." of a vector, "d2f = ..." of a matrix: what has the sign
static void tell_form(sdp_story *s, bool convex, const char *condition)
{
    sdp_graph *g = s->g;
    const sdp_item *x = &s->item[s->n];
    int order = sdp_get(g, x->var)->order;
    unsigned none = 0;
    if (s->nwrt != 1 || !order || order > 2 || (sdp_facts(g, x->var).yes & SDP_CONSTRAINED)) return;
    const char *name = order > 1                                 ? sdp_printf(&g->base, "d%s", x->label)
                       : sdp_variable_find(g, "v") == UINT32_MAX ? "v"
                                                                 : sdp_fresh_label(s, "v", &none);
    sdp_id v = sdp_stand_in(g, name, x->shape, x->var, sdp_facts(g, x->var).yes & SDP_SYMMETRIC);
    sdp_id q = sdp_jvp(g, sdp_simplify(g, sdp_jvp(g, sdp_root(s)->full, 1, &x->var, &v)), 1, &x->var, &v);
    sdp_without_free_copies(g, 1, &q, 0, NULL);
    q = sdp_simplify(g, q);
    bool tex = sdp_in_tex(s);
    const char *label = order > 1 ? (tex ? "d^2f" : "d2f")
                                  : sdp_printf(&g->base, tex ? "%s^\\top H %s" : "%s'*H*%s", name, name);
    sdp_add_line(&s->doc, (sdp_line){.label = label,
                                     .formula = sdp_printf(&g->base, "%s %s 0%s%s", sdp_spell(s, q, false),
                                                           tex      ? (convex ? "\\geq" : "\\leq")
                                                           : convex ? ">="
                                                                    : "<=",
                                                           *condition ? " " : "", condition)});
}

// "H*ones(k) = 0" where it holds: the function is the same along the direction of
// equal entries, up to what is linear.
static void tell_null(sdp_story *s)
{
    sdp_graph *g = s->g;
    const sdp_item *x = &s->item[s->n];
    const sdp_node *n = sdp_get(g, x->var);
    sdp_id d, h;
    if (s->nwrt != 1 || n->order != 1 || (sdp_facts(g, x->var).yes & SDP_CONSTRAINED)) return;
    sdp_id ones = sdp_ones(g, 1, n->dim);
    sdp_reverse(g, sdp_root(s)->full, 1, &x->var, &d);
    h = sdp_jvp(g, sdp_simplify(g, d), 1, &x->var, &ones);
    sdp_without_free_copies(g, 1, &h, 0, NULL);
    if (!sdp_is_zero(g, sdp_simplify(g, h))) return;
    const char *label =
        sdp_printf(&g->base, sdp_in_tex(s) ? "H \\mathbf{1}_{%s}" : "H*ones(%s)", sdp_dim_text(g, n->dim[0]));
    sdp_add_line(&s->doc, (sdp_line){.label = label, .formula = "0"});
}

static void tell_sign(sdp_story *s)
{
    sd_convexity v = {.verdict = SD_CURVATURE_UNKNOWN};
    static const char *const words[] = {NULL, "convex", "concave", "affine", "neither convex nor concave"};
    sdp_verdict_place p;
    if (sdp_convexity_where(s->c, s->expr, s->r->wrt, s->o->seed, &v, &p) == SD_OK && words[v.verdict]) {
        sdp_add_block(&s->doc, "Sign", NULL);
        if (v.verdict == SD_CONVEX || v.verdict == SD_CONCAVE)
            tell_form(s, v.verdict == SD_CONVEX, p.condition), tell_null(s);
        const char *why = v.reasons + p.reasons;
        size_t n = strcspn(why, "\n"), there = strcspn(p.condition, ",");
        sdp_add_line(&s->doc,
                     (sdp_line){.formula = sdp_printf(&s->g->base, "%s%s%.*s%s%s%.*s", words[v.verdict],
                                                      there ? " " : "", (int)there, p.condition, p.domain,
                                                      n ? ": " : "", (int)n, why)});
    }
    sd_free(s->c, v.reasons);
    sd_free(s->c, v.strong);
    sd_free(s->c, v.points);
}

static void tell_checks(sdp_story *s)
{
    sdp_text t;
    unsigned n = s->exact + s->numeric + s->agreed + s->open;
    const struct {
        unsigned n;
        const char *how;
    } kind[] = {{s->exact, "exactly"},
                {s->numeric, "by numbers"},
                {s->agreed, "by both modes"},
                {s->open, "undecided"}};
    const char *between = "";
    sdp_text_init(&t, &s->g->base);
    sdp_putf(&t, "%u line%s: ", n, n == 1 ? "" : "s");
    for (size_t i = 0; i < sizeof kind / sizeof *kind; i++) {
        if (!kind[i].n) continue;
        sdp_putf(&t, "%s%u %s", between, kind[i].n, kind[i].how);
        between = ", ";
    }
    sdp_add_block(&s->doc, "Checked", NULL);
    sdp_add_line(&s->doc, (sdp_line){.formula = sdp_strndup(&s->g->base, t.s, t.n)});
    sdp_text_free(&t);
}

// ---- all of it --------------------------------------------------------------------------------------------
static void find_variables(sdp_story *s)
{
    sdp_graph *g = s->g;
    const struct sd_result *r = s->answer;
    s->nwrt = r->nwrt;
    s->item = sdp_scratch(&g->base, (r->nwrt + 1) * sizeof *s->item);
    uint32_t *kept = sdp_scratch(&g->base, (r->nwrt + 1) * sizeof *kept);
    for (uint32_t i = 0; i < r->nwrt; i++) {
        sdp_id x = sdp_var(g, r->wrt[i]);
        kept[i] = r->wrt[i];
        s->item[i] = (sdp_item){.label = g->var[r->wrt[i]].name,
                                .shape = g->var[r->wrt[i]].shape,
                                .var = x,
                                .full = x,
                                .moves = true};
    }
    if (s->f.free) s->f.node = s->f.free;
    sdp_without_free_copies(g, 1, &s->f.node, r->nwrt, kept);
}

void sdp_begin_story(sdp_story *s, sd_expr e)
{
    sdp_graph *g = s->g;
    s->expr = e;
    s->f = *sdp_get_expr(s->c, e);
    s->answer = sdp_derive_expr(s->c, e, s->r);
    sdp_shown(s->answer); // before other nodes are made, so that it is the same as without steps
    s->doc = (sdp_document){.b = &g->base, .title = "Derivation"};
    if (s->answer->order < 1 || s->answer->order > 2 || s->answer->along || s->answer->cotangent ||
        s->r->what == SD_TAYLOR || s->r->what == SD_DIFFERENTIAL)
        sdp_fail(&g->base, SD_ERR_USAGE, (sdp_span){0, 0}, NULL,
                 "steps are told for first derivatives and Hessians");
    bool second = s->answer->order == 2;
    if (second && sdp_get(g, s->f.node)->order)
        sdp_fail(&g->base, SD_ERR_USAGE, (sdp_span){0, 0}, NULL,
                 "second derivatives are told step by step for scalars only");
    if (sdp_get(g, s->f.node)->order > 2)
        sdp_fail(&g->base, SD_ERR_UNSUPPORTED, (sdp_span){0, 0}, NULL,
                 "steps are told for scalars, vectors and matrices, not for values with more axes");
    find_variables(s);
    sdp_cut(s);
}

static char *tell(sdp_story *s, sd_expr e)
{
    sdp_graph *g = s->g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_begin_story(s, e);
    bool second = s->answer->order == 2;
    tell_given(s);
    tell_names(s);
    if (s->o->detail > 1) tell_rules(s);
    if (s->o->mode == SD_STEPS_REVERSE) sdp_tell_reverse(s);
    else if (s->o->mode == SD_STEPS_FORWARD) sdp_tell_forward(s);
    else sdp_tell_differential(s);
    if (second) sdp_tell_second(s);
    tell_answer(s);
    if (s->o->data) sdp_tell_values(s);
    if (second && s->o->detail) tell_sign(s);
    if (!second && s->o->detail) tell_cost(s);
    tell_checks(s);
    char *text = sdp_write_document(&s->doc, s->o->format);
    sdp_scratch_release(&g->base, m);
    return text;
}

const sd_steps_options *sdp_known_options(sd_context *c, const sd_steps_options *o)
{
    static const sd_steps_options plain = {.detail = 1};
    if (!o) return &plain;
    sdp_need_known(c, o->room);
    if ((unsigned)o->mode > SD_STEPS_DIFFERENTIAL || (unsigned)o->format > SD_DOC_HTML ||
        (unsigned)o->detail > 2)
        sdp_misuse(c, "there is no such %s", "mode, format or level of detail");
    return o;
}

static char *begin(sd_context *c, sd_expr e, const sd_request *r, const sd_steps_options *o)
{
    sdp_story s = {.c = c, .g = c->g, .r = r, .o = sdp_known_options(c, o)};
    sdp_need(c, r, "request");
    return tell(&s, e);
}

char *sd_steps(sd_context *c, sd_expr e, const sd_request *r, const sd_steps_options *o)
{
    RETURN_TEXT(c, e, begin(c, e, r, o));
}
