// SPDX-License-Identifier: MIT
// The conditions of Karush, Kuhn and Tucker of a problem: minimize f over x subject to g <= 0 and h = 0.
//
// Problem: with inequalities a stationary point has no closed form in general, but the system that it
// satisfies has one, and people write it down by hand: the gradient of the Lagrangian, feasibility, signs,
// complementary slackness. Idea: the Lagrangian f + lambda'*g + nu'*h is an expression like any other; its
// gradient comes from diff/ twice, of the whole and of its terms, which must agree, and agree with
// differences. Whether the conditions suffice is the verdict of judge/ on the Lagrangian, with lambda
// declared nonnegative.
//
// Entry: sd_kkt(), below.
#include <string.h>

#include "judge/solve.h"
#include "tell/tell.h"

enum { MOST_CONSTRAINTS = 16, MOST_UNKNOWNS = 16 };

typedef struct {
    sdp_story s; // for spelling and checks; it has no parts
    const char *wrt;
    uint32_t nwrt, n; // unknowns, constraints
    uint32_t var[MOST_UNKNOWNS];
    sdp_id x[MOST_UNKNOWNS];
    bool equality[MOST_CONSTRAINTS];
    sdp_surface read[1 + MOST_CONSTRAINTS]; // the objective, then what must be <= 0, or 0
    sdp_id multiplier[MOST_CONSTRAINTS], lagrangian;
    sd_expr expr; // of the Lagrangian
} problem;

// ---- constraints as texts ---------------------------------------------------------------------------------
static const struct {
    const char *sign;
    char kind;
} relations[] = {
    {"<=", '<'},    {">=", '>'},   {"==", '='},   {"≤", '<'}, {"≥", '>'}, {"\\leq", '<'},
    {"\\geq", '>'}, {"\\le", '<'}, {"\\ge", '>'}, {"<", 's'}, {">", 's'}, {"=", '='},
};
enum { RELATIONS = sizeof relations / sizeof *relations };

// The first relation outside brackets from p on; its length is in *n. NULL: there is none.
static const char *find_relation(const char *p, size_t *n, char *kind)
{
    for (int depth = 0; *p; p++) {
        depth += strchr("([{", *p) ? 1 : strchr(")]}", *p) ? -1 : 0;
        for (int r = 0; !depth && r < RELATIONS; r++) {
            *n = strlen(relations[r].sign);
            if (strncmp(p, relations[r].sign, *n)) continue;
            *kind = relations[r].kind;
            return p;
        }
    }
    return NULL;
}

// "A*x<=b" as "(A*x)-(b)", which must be <= 0.
static const char *as_difference(problem *p, const char *text, bool *equality)
{
    sdp_base *b = &p->s.g->base;
    size_t n, m;
    char kind, other;
    const char *at = find_relation(text, &n, &kind);
    if (!at || at == text || !at[n + strspn(at + n, " ")] || find_relation(at + n, &m, &other))
        sdp_fail(b, SD_ERR_SYNTAX, (sdp_span){0, 0}, "such as A*x <= b, x >= 0, sum(x) == 1",
                 "a constraint is one equation or inequality, not '%.100s'", text);
    if (kind == 's')
        sdp_fail(b, SD_ERR_SYNTAX, (sdp_span){0, 0},
                 "write <= or >=; a domain is declared, x: vector(n) positive",
                 "a strict inequality has no multiplier: '%.100s'", text);
    const char *left = sdp_strndup(b, text, (size_t)(at - text)), *right = at + n;
    *equality = kind == '=';
    return kind == '>' ? sdp_printf(b, "(%s)-(%s)", right, left) : sdp_printf(b, "(%s)-(%s)", left, right);
}

static void read_problem(problem *p, const char *objective, size_t n, const char *const *constraint)
{
    sdp_graph *g = p->s.g;
    const char *text[1 + MOST_CONSTRAINTS] = {objective}, *name[1 + MOST_CONSTRAINTS] = {"<objective>"};
    if (n > MOST_CONSTRAINTS)
        sdp_fail(&g->base, SD_ERR_LIMIT, (sdp_span){0, 0}, "write several as one, with vectors: A*x <= b",
                 "a problem has at most %d constraints", MOST_CONSTRAINTS);
    p->n = (uint32_t)n;
    for (uint32_t i = 0; i < p->n; i++) {
        sdp_need(p->s.c, constraint[i], "constraint");
        text[1 + i] = as_difference(p, constraint[i], &p->equality[i]);
        name[1 + i] = "<constraint>";
    }
    sdp_read_all(g, 1 + p->n, text, name, true, sdp_hinted_shape, p->s.c, p->read);
    if (sdp_get(g, p->read[0].node)->order)
        sdp_fail(&g->base, SD_ERR_USAGE, (sdp_span){0, 0}, NULL,
                 "only a scalar is minimized; the objective is %s", sdp_shape_text(g, p->read[0].shape));
    for (uint32_t i = 0; i <= p->n; i++)
        if (sdp_get(g, p->read[i].node)->order > 2)
            sdp_fail(&g->base, SD_ERR_UNSUPPORTED, (sdp_span){0, 0}, NULL,
                     "constraints are scalars, vectors and matrices");
}

// ---- the unknowns -----------------------------------------------------------------------------------------
static void add_unknown(problem *p, const char *name)
{
    sdp_graph *g = p->s.g;
    uint32_t v = sdp_variable_find(g, name),
             sets = SDP_UNIT | SDP_SIMPLEX | SDP_ORTHOGONAL | SDP_ONEHOT | SDP_INTEGER;
    bool found = false;
    for (uint32_t i = 0; v != UINT32_MAX && i <= p->n; i++)
        found |= sdp_depends(g, p->read[i].node, g->var[v].node);
    if (!found)
        sdp_fail(&g->base, SD_ERR_NAME, (sdp_span){0, 0}, NULL, "the problem has no variable '%s'", name);
    bool closed = (g->var[v].facts & SDP_NONNEG && !(g->var[v].facts & SDP_POSITIVE)) ||
                  (g->var[v].facts & SDP_PSD && !(g->var[v].facts & SDP_POSDEF));
    if ((g->var[v].facts & sets) || closed)
        sdp_fail(
            &g->base, SD_ERR_USAGE, (sdp_span){0, 0},
            "leave it out of the declaration, and write --subject-to \"x>=0\", \"sum(x)==1\", \"x'*x==1\"",
            "what is declared of '%s' is a constraint without a multiplier", name);
    if (p->nwrt == MOST_UNKNOWNS)
        sdp_fail(&g->base, SD_ERR_LIMIT, (sdp_span){0, 0}, NULL, "a problem has at most %d unknowns",
                 MOST_UNKNOWNS);
    p->var[p->nwrt] = v;
    p->x[p->nwrt++] = g->var[v].node;
}

static void find_unknowns(problem *p)
{
    for (const char *w = p->wrt; *w;) {
        size_t lead = strspn(w, " ,"), n = strcspn(w + lead, " ,");
        if (n) add_unknown(p, sdp_strndup(&p->s.g->base, w + lead, n));
        w += lead + n;
    }
    if (!p->nwrt)
        sdp_fail(&p->s.g->base, SD_ERR_USAGE, (sdp_span){0, 0}, "--wrt VAR names them",
                 "over which unknowns? none is given");
}

// ---- the Lagrangian ---------------------------------------------------------------------------------------
static sdp_id inner(sdp_graph *g, sdp_id a, sdp_id b)
{
    static const uint8_t label[2 * SDP_MAX_ORDER] = {0, 1, 0, 1};
    int order = sdp_get(g, a)->order;
    return order == 1 ? sdp_es(g, SDP_NUM_ONE, "i,i->", a, b)
                      : sdp_mul(g, SDP_NUM_ONE, 2, (sdp_id[]){a, b}, label, 0, label, NULL);
}

static const char *multiplier_name(problem *p, bool equality)
{
    uint32_t alike = 0;
    unsigned before = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        alike += p->equality[i] == equality;
        before += p->multiplier[i] && p->equality[i] == equality;
    }
    const char *stem = equality ? "nu" : "lambda";
    if (sdp_variable_find(p->s.g, stem) != UINT32_MAX) stem = equality ? "eta" : "mu";
    if (alike == 1 && sdp_variable_find(p->s.g, stem) == UINT32_MAX) return stem;
    return sdp_fresh_label(&p->s, stem, &before);
}

static void make_lagrangian(problem *p)
{
    sdp_graph *g = p->s.g;
    p->lagrangian = p->read[0].node;
    for (uint32_t i = 0; i < p->n; i++) {
        sdp_surface *c = &p->read[1 + i];
        c->node = sdp_simplify(g, c->node);
        p->multiplier[i] = sdp_stand_in(g, multiplier_name(p, p->equality[i]), c->shape, c->node,
                                        p->equality[i] ? 0 : SDP_NONNEG);
        p->lagrangian = sdp_add2(g, p->lagrangian, inner(g, p->multiplier[i], c->node));
    }
    p->expr = sdp_add_expr(p->s.c, (sdp_surface){.node = p->lagrangian, .shape = p->read[0].shape});
}

// ---- lines ------------------------------------------------------------------------------------------------
static const char *spell(problem *p, sdp_id id, sdp_shape shape)
{
    return sdp_spell(&p->s, id, shape.rows == SDP_DIM_ONE && shape.cols != SDP_DIM_ONE);
}

static const char *against_zero(const problem *p, bool equality)
{
    bool unicode = p->s.o->format == SD_DOC_UNICODE;
    return equality ? " = 0" : sdp_in_tex(&p->s) ? " \\le 0" : unicode ? " ≤ 0" : " <= 0";
}

static void add(problem *p, const char *formula, const char *shape, const char *reason)
{
    sdp_add_line(&p->s.doc, (sdp_line){.formula = formula, .shape = shape, .reason = reason, .math = true});
}

static void tell_problem(problem *p)
{
    sdp_base *b = &p->s.g->base;
    sdp_add_block(&p->s.doc, "Minimize", NULL);
    add(p, spell(p, sdp_simplify(p->s.g, p->read[0].node), p->read[0].shape), NULL,
        sdp_printf(b, "over %s", p->wrt));
    sdp_add_block(&p->s.doc, "Such that", NULL);
    for (uint32_t i = 0; i < p->n; i++) {
        const sdp_surface *c = &p->read[1 + i];
        const char *name = p->s.g->var[sdp_get(p->s.g, p->multiplier[i])->param].name;
        add(p, sdp_printf(b, "%s%s", spell(p, c->node, c->shape), against_zero(p, p->equality[i])),
            sdp_spell_shape(&p->s, c->shape), sdp_printf(b, "multiplier %s", name));
    }
}

// The gradient of the Lagrangian by unknown i, and the same term by term.
static sdp_id gradient(problem *p, uint32_t i, bool by_terms)
{
    sdp_graph *g = p->s.g;
    sdp_id d, t;
    if (!by_terms) sdp_reverse(g, p->lagrangian, 1, &p->x[i], &d);
    else {
        sdp_reverse(g, p->read[0].node, 1, &p->x[i], &d);
        for (uint32_t k = 0; k < p->n; k++) {
            if (!sdp_depends(g, p->read[1 + k].node, p->x[i])) continue;
            sdp_vjp(g, p->read[1 + k].node, p->multiplier[k], 1, &p->x[i], &t);
            d = sdp_add2(g, d, t);
        }
    }
    return sdp_simplify(g, sdp_project(g, d, p->x[i], SD_PROJECTED));
}

static void tell_stationarity(problem *p)
{
    sdp_graph *g = p->s.g;
    sdp_add_block(&p->s.doc, "Gradient", NULL);
    for (uint32_t i = 0; i < p->nwrt; i++) {
        const sdp_variable *v = &g->var[p->var[i]];
        sdp_id d = gradient(p, i, false);
        sdp_check_same(&p->s, v->name, d, gradient(p, i, true));
        add(p, sdp_printf(&g->base, "%s = 0", spell(p, d, v->shape)), sdp_spell_shape(&p->s, v->shape),
            sdp_printf(&g->base, "of the Lagrangian by %s", v->name));
    }
}

static void tell_signs(problem *p)
{
    sdp_graph *g = p->s.g;
    const char *at_least = sdp_in_tex(&p->s)                  ? " \\ge 0"
                           : p->s.o->format == SD_DOC_UNICODE ? " ≥ 0"
                                                              : " >= 0";
    sdp_add_block(&p->s.doc, "Feasible", NULL);
    for (uint32_t i = 0; i < p->n; i++)
        add(p,
            sdp_printf(&g->base, "%s%s", spell(p, p->read[1 + i].node, p->read[1 + i].shape),
                       against_zero(p, p->equality[i])),
            NULL, NULL);
    sdp_add_block(&p->s.doc, "Signs", NULL);
    for (uint32_t i = 0; i < p->n; i++)
        if (!p->equality[i])
            add(p, sdp_printf(&g->base, "%s%s", spell(p, p->multiplier[i], p->read[1 + i].shape), at_least),
                NULL, NULL);
    sdp_add_block(&p->s.doc, "Slack", NULL);
    for (uint32_t i = 0; i < p->n; i++) {
        if (p->equality[i]) continue;
        sdp_id product = sdp_times(g, p->multiplier[i], p->read[1 + i].node);
        add(p, sdp_printf(&g->base, "%s = 0", spell(p, product, p->read[1 + i].shape)), NULL,
            sdp_get(g, product)->order ? "entry by entry" : NULL);
    }
}

// ---- do they suffice? -------------------------------------------------------------------------------------
// Are the constraints affine: all of them, or the equations?
static bool are_affine(problem *p, bool equations)
{
    sdp_graph *g = p->s.g;
    bool affine = true;
    for (uint32_t i = 0; i < p->n && affine; i++) {
        if (equations && !p->equality[i]) continue;
        sdp_mark m = sdp_scratch_mark(&g->base);
        sdp_judge j = {.g = g, .n = p->nwrt, .wrt = p->x};
        affine = (sdp_curvature(&j, p->read[1 + i].node) & SDP_AFFINE) == SDP_AFFINE;
        sdp_scratch_release(&g->base, m);
    }
    return affine;
}

static bool is_about_unknowns(problem *p, const sdp_condition *c)
{
    sdp_id about = c->node ? c->node : c->subject;
    bool found = false;
    for (uint32_t k = 0; about && k < p->nwrt; k++) found |= sdp_depends(p->s.g, about, p->x[k]);
    return found;
}

static uint32_t conditions_of(problem *p, sd_what what, const sdp_condition **list)
{
    return sdp_conditions(p->s.g,
                          sdp_derive_expr(p->s.c, p->expr,
                                          &(sd_request){.what = what,
                                                        .wrt = what == SD_VALUE ? NULL : p->wrt}),
                          list);
}

// Where the lines say nothing: points with a value but without a gradient, kinks (norm(x) at 0, abs) and
// others (sqrt(x) at 0), and the boundary of a domain that has one, x^(3/2) at 0.
typedef struct {
    bool kinks, boundary;
} gaps;

static bool is_closed(const sdp_graph *g, const sdp_condition *c)
{
    const sdp_node *n = c->node ? sdp_get(g, c->node) : NULL;
    return n && n->kind == SDP_MAP && (n->op == SDP_OP_ge || n->op == SDP_OP_le);
}

static gaps find_gaps(problem *p)
{
    const sdp_condition *value, *gradient;
    uint32_t nvalue = conditions_of(p, SD_VALUE, &value), n = conditions_of(p, SD_GRADIENT, &gradient);
    gaps found = {false, false};
    for (uint32_t i = 0; i < nvalue; i++)
        found.boundary |= is_closed(p->s.g, &value[i]) && is_about_unknowns(p, &value[i]);
    for (uint32_t i = 0; i < n; i++) {
        const sdp_condition *c = &gradient[i];
        const sdp_node *node = c->node ? sdp_get(p->s.g, c->node) : NULL;
        // the ends of an open domain
        bool needed =
            c->kink || is_closed(p->s.g, c) || (node && node->kind == SDP_MAP && node->op == SDP_OP_gt);
        if (!is_about_unknowns(p, c)) continue;
        found.kinks |= c->kink || !(needed || sdp_is_among(c, nvalue, value));
    }
    return found;
}

// "", " if lambda >= 0", or NULL: it is not known to be convex.
static const char *convex_if(problem *p)
{
    sdp_curve_verdict v = sdp_verdict_on(p->s.c, p->expr, p->wrt, p->s.o->seed);
    return v.convex ? v.condition : NULL;
}

static void tell_sufficiency(problem *p)
{
    sdp_base *b = &p->s.g->base;
    const char *convex = convex_if(p);
    gaps g = find_gaps(p);
    const char *smooth = g.kinks ? " where all functions are differentiable" : "",
               *inside = g.boundary ? " inside the domain" : "";
    sdp_add_block(&p->s.doc, "Minimum", NULL);
    const char *enough =
        convex ? sdp_printf(b, "a point%s at which all lines hold is a minimum%s: the Lagrangian is convex",
                            smooth, convex)
               : "a point at which all lines hold may be a minimum or not: the Lagrangian is not known to be "
                 "convex";
    const char *needed =
        !p->n                  ? ""
        : are_affine(p, false) ? ": the constraints are affine"
        : convex && !*convex && are_affine(p, true)
            ? ", if a point meets the inequalities with < (Slater)"
            : ", if the gradients of the constraints that are met with = are linearly independent";
    sdp_add_line(&p->s.doc, (sdp_line){.formula = enough});
    sdp_add_line(&p->s.doc, (sdp_line){.formula = sdp_printf(b, "at every minimum%s%s all lines hold%s",
                                                             inside, smooth, needed)});
    if (g.kinks)
        sdp_add_line(&p->s.doc,
                     (sdp_line){.formula = "at a kink a subgradient takes the place of the gradient"});
    if (g.boundary)
        sdp_add_line(
            &p->s.doc,
            (sdp_line){
                .formula =
                    "at the boundary of the domain of the functions a minimum need not satisfy the lines"});
}

static void tell_checks(problem *p)
{
    const sd_request by = {.what = SD_GRADIENT, .wrt = p->wrt};
    sd_check_report r = {0};
    bool checked = sd_check(p->s.c, p->expr, &by, NULL, NULL, p->s.o->seed, &r) == SD_OK && r.points;
    if (checked && !r.ok && !r.not_differentiable)
        sdp_fail(&p->s.g->base, SD_ERR_INTERNAL, (sdp_span){0, 0}, NULL,
                 "the gradient of the Lagrangian is wrong by differences: %s", r.detail);
    sdp_add_block(&p->s.doc, "Checked", NULL);
    sdp_add_line(&p->s.doc,
                 (sdp_line){
                     .formula =
                         checked && r.ok
                             ? "the gradient of the whole is that of its terms, and agrees with differences"
                             : "the gradient of the whole is that of its terms"});
}

static char *tell(problem *p, const char *objective, size_t n, const char *const *constraint)
{
    sdp_graph *g = p->s.g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    read_problem(p, objective, n, constraint);
    find_unknowns(p);
    make_lagrangian(p);
    p->s.doc = (sdp_document){.b = &g->base, .title = "Conditions for a minimum"};
    tell_problem(p);
    tell_stationarity(p);
    if (p->n) tell_signs(p);
    tell_sufficiency(p);
    tell_checks(p);
    char *text = sdp_write_document(&p->s.doc, p->s.o->format);
    sdp_scratch_release(&g->base, m);
    return text;
}

static char *begin(sd_context *c, const char *objective, size_t n, const char *const *constraint,
                   const char *wrt, const sd_steps_options *o, sd_expr *lagrangian)
{
    sdp_need(c, objective, "objective");
    sdp_need(c, wrt, "unknown");
    if (n) sdp_need(c, constraint, "list of constraints");
    problem p = {.s = {.c = c, .g = c->g, .o = sdp_known_options(c, o)}, .wrt = wrt};
    char *text = tell(&p, objective, n, constraint);
    if (lagrangian) *lagrangian = p.expr;
    return text;
}

char *sd_kkt(sd_context *c, const char *objective, size_t n, const char *const *constraint, const char *wrt,
             const sd_steps_options *o, sd_expr *lagrangian)
{
    if (lagrangian) *lagrangian = 0;
    RETURN_TEXT(c, true, begin(c, objective, n, constraint, wrt, o, lagrangian));
}
