// SPDX-License-Identifier: MIT
// The verdict on an expression: convex, concave, affine, neither, or unknown;
// with reasons that can be checked.
//
// A function is convex on a convex set, so the domain comes first: every condition for a value must be that a
// concave function is positive, or be implied by declared facts. Then the curvature of the root (curve.c,
// second.c). A verdict holds for all values of the other variables; if it needs a sign of one of them, that
// is said: convex if lambda >= 0. Before anything is said, random points are asked to refute it.
#include <string.h>

#include "codegen/print/print.h"
#include "judge/solve.h"
#include "runtime/api/api.h"

enum { TRIALS = 1500, MOST_REASONS = 6, MOST_WRT = 32, MOST_DOMAIN = 32 };

typedef struct {
    sd_context *c;
    sdp_graph *g;
    sdp_judge j;
    sdp_surface f;
    uint32_t var[MOST_WRT];
    sdp_id wrt[MOST_WRT];
    sd_convexity *out;
    unsigned seed;
    sdp_id cut;              // 0, or a u that must not be 0
    bool continued;          // u = 0 does not matter
    sdp_verdict_place place; // the verdict holds there only
    sdp_text text;
} question;

static void put_node(question *q, sdp_id id)
{
    char *s = sdp_node_text(q->g, id);
    sdp_put(&q->text, s);
    sdp_release(&q->g->base, s);
}

// ---- the variables ----------------------------------------------------------------------------------------
static void add_variable(question *q, uint32_t v)
{
    static const uint32_t no_set = SDP_ORTHOGONAL | SDP_UNIT | SDP_ONEHOT | SDP_INTEGER;
    sdp_graph *g = q->g;
    if (q->j.n == MOST_WRT)
        sdp_fail(&g->base, SD_ERR_LIMIT, (sdp_span){0, 0}, NULL,
                 "convexity is judged by at most %d variables", MOST_WRT);
    if (g->var[v].facts & no_set)
        sdp_fail(&g->base, SD_ERR_USAGE, (sdp_span){0, 0},
                 "leave the property out, to judge the function on all of the space",
                 "'%s' is declared with a property that is no convex set", g->var[v].name);
    if (g->var[v].free_copy) v = g->var[v].free_copy - 1;
    q->var[q->j.n] = v;
    q->wrt[q->j.n++] = sdp_var(g, v);
}

// The variables that are named; all of the expression if none is.
static void find_variables(question *q, const char *wrt)
{
    sdp_graph *g = q->g;
    uint32_t count;
    const sdp_id *list = sdp_reachable(g, 1, &q->f.node, &count);
    bool all = !wrt || !*wrt;
    for (const char *name; !all && (name = sdp_next_name(&g->base, &wrt)) != NULL;) {
        uint32_t v = sdp_variable_find(g, name);
        if (v == UINT32_MAX || g->var[v].is_function || !sdp_depends(g, q->f.node, g->var[v].node))
            sdp_fail(&g->base, SD_ERR_NAME, (sdp_span){0, 0}, NULL, "the expression has no variable '%s'",
                     name);
        add_variable(q, v);
    }
    for (uint32_t i = 0; all && i < count; i++)
        if (sdp_get(g, list[i])->kind == SDP_VAR) add_variable(q, sdp_get(g, list[i])->param);
    if (!q->j.n) sdp_fail(&g->base, SD_ERR_USAGE, (sdp_span){0, 0}, NULL, "the expression has no variable");
    if (!q->f.free) return;
    q->f.node = q->f.free;
    sdp_without_free_copies(g, 1, &q->f.node, q->j.n, q->var);
}

static bool moves(const question *q, sdp_id id)
{
    for (uint32_t i = 0; i < q->j.n; i++)
        if (id && sdp_depends(q->g, id, q->wrt[i])) return true;
    return false;
}

// ---- the domain -------------------------------------------------------------------------------------------
static bool is_convex_set(question *q, const sdp_condition *x)
{
    sdp_graph *g = q->g;
    if (x->branch || x->never) return false;
    if (!x->node) return sdp_has(g, x->subject, SDP_POSDEF);
    bool strict;
    sdp_id u = sdp_larger_by(g, x->node, &strict);
    if (!u) return false;
    u = sdp_simplify(g, u);
    return (sdp_curvature(&q->j, u) & SDP_CONCAVE) != 0;
}

static void replace_variable(question *q, sdp_id old, sdp_id by)
{
    q->f.node = sdp_substitute(q->g, q->f.node, 1, &old, &by);
    if (q->cut) q->cut = sdp_substitute(q->g, q->cut, 1, &old, &by);
    sdp_substitute_all(q->g, q->j.ndomain, q->j.domain, 1, &old, &by);
}

// A copy of unknown i that is declared positive or nonnegative besides, under the same name, in its place.
static void take_positive(question *q, uint32_t i, bool strict)
{
    sdp_graph *g = q->g;
    sdp_id old = q->wrt[i];
    const sdp_node *v = sdp_get(g, old);
    uint32_t facts = g->var[v->param].facts | SDP_NONNEG | (strict ? SDP_POSITIVE : 0);
    q->wrt[i] = sdp_hidden_variable(g, sdp_printf(&g->base, "$p%u", old), v->order, v->dim, facts);
    replace_variable(q, old, q->wrt[i]);
}

// The unknown that is positive where u is: itself, or a factor beside nonnegative ones, x of x./y with y >=
// 0. n: there is none
static uint32_t positive_with(const question *q, sdp_id u)
{
    sdp_graph *g = q->g;
    const sdp_node *n = sdp_get(g, u);
    for (uint32_t i = 0; i < q->j.n; i++) {
        if (u == q->wrt[i]) return i;
        bool others = n->kind == SDP_MUL && n->nlabels == n->order && sdp_num_sign(g, n->coef[0]) > 0;
        uint32_t times = 0;
        for (uint32_t k = 0; k < n->nargs && others; k++) {
            bool own = n->arg[k] == q->wrt[i] && sdp_get(g, q->wrt[i])->order == n->order &&
                       !memcmp(sdp_labels(g, n, k), sdp_labels(g, n, n->nargs), n->order);
            times += own;
            others &= own || (!sdp_depends(g, n->arg[k], q->wrt[i]) && sdp_has(g, n->arg[k], SDP_NONNEG));
        }
        if (others && times == 1) return i;
    }
    return q->j.n;
}

// Where the domain is that a variable itself is positive, it is replaced by one that is declared so.
static void use_domain(question *q)
{
    sdp_graph *g = q->g;
    for (uint32_t k = 0; k < q->j.ndomain; k++) {
        bool strict;
        sdp_id u = sdp_larger_by(g, q->j.domain[k], &strict);
        if (!u) continue;
        uint32_t i = positive_with(q, u);
        if (i == q->j.n || (!strict && u != q->wrt[i]) || sdp_has(g, q->wrt[i], SDP_NONNEG)) continue;
        const char *line = sdp_printf(&g->base, "for %s %s 0", g->var[sdp_get(g, q->wrt[i])->param].name,
                                      strict ? ">" : ">=");
        sdp_putf(&q->text, "%s, where it has values\n", line);
        q->place.domain = sdp_printf(&g->base, "%s %s", q->place.domain, line);
        take_positive(q, i, strict);
    }
}

// A condition u != 0 that leaves a convex part, or a hole that does not matter; one is taken.
static bool takes_cut(question *q, sdp_id condition)
{
    sdp_id u = 0;
    sdp_hole cut = sdp_hole_of(&q->j, condition, &u);
    if (cut == SDP_LEAVES_ALL || !u || q->cut) return cut == SDP_LEAVES_ALL;
    q->continued = sdp_is_continued(&q->j, q->f.node, u);
    if (q->continued || cut == SDP_LEAVES_PARTS) q->cut = u;
    return q->cut != 0;
}

// The first condition that is not known to be a convex set; false: there is none.
static bool find_gap(question *q, sd_expr e, sdp_condition *gap)
{
    const sdp_condition *list;
    sd_result *r = sdp_derive_expr(q->c, e, &(sd_request){.what = SD_VALUE});
    uint32_t n = sdp_conditions(q->g, r, &list);
    q->j.domain = sdp_scratch(&q->g->base, (n + 1) * sizeof *q->j.domain);
    for (uint32_t i = 0; i < n; i++)
        if (!list[i].kink && list[i].node && !list[i].branch) q->j.domain[q->j.ndomain++] = list[i].node;
    for (uint32_t i = 0; i < n; i++) {
        sdp_condition x = list[i];
        if (x.kink || !(moves(q, x.node) || moves(q, x.subject)) || is_convex_set(q, &x)) continue;
        if (!x.branch && takes_cut(q, x.node)) continue;
        *gap = x;
        return true;
    }
    use_domain(q);
    return false;
}

static void tell_gap(question *q, const sdp_condition *x)
{
    sdp_put(&q->text, "the domain is not known to be a convex set: ");
    if (x->node) put_node(q, x->node);
    else if (x->words) sdp_print_condition(q->g, x, false, &q->text);
    sdp_put(&q->text, "; declare signs or definiteness of the variables to judge one part of it\n");
}

// ---- reasons ----------------------------------------------------------------------------------------------
// The reasons of the root and of what they stand on, from the root down.
static void tell_reasons(question *q, sdp_id root)
{
    sdp_graph *g = q->g;
    uint32_t count, told = 0;
    const sdp_id *list = sdp_reachable(g, 1, &root, &count);
    bool *needed = sdp_scratch(&g->base, root + (size_t)1);
    needed[root] = true;
    q->place.reasons = q->text.n;
    for (uint32_t i = count; i-- > 0 && told < MOST_REASONS;) {
        sdp_id id = list[i];
        const sdp_node *n = sdp_get(g, id);
        const sdp_reason *why = &q->j.why[id];
        if (!needed[id] || (q->j.curve[id] & SDP_AFFINE) == SDP_AFFINE) continue;
        if (why->rule) {
            put_node(q, id);
            if (why->shown) {
                sdp_put(&q->text, ": its second derivative is ");
                put_node(q, why->shown);
                sdp_putf(&q->text, ", %s", why->rule);
                sdp_tell_parts(g, why->shown, &q->text);
                sdp_put(&q->text, "\n");
            } else sdp_putf(&q->text, ": %s\n", why->rule);
            told++;
        }
        for (uint32_t k = 0; !why->stands && k < n->nargs; k++) needed[n->arg[k]] = true;
    }
}

// ---- the verdict ------------------------------------------------------------------------------------------
static sd_curvature verdict_of(uint8_t c)
{
    return (c & SDP_AFFINE) == SDP_AFFINE ? SD_AFFINE
           : c & SDP_CONVEX               ? SD_CONVEX
           : c & SDP_CONCAVE              ? SD_CONCAVE
                                          : SD_CURVATURE_UNKNOWN;
}

// A verdict that points refute would be a fault of ours: nothing is said then.
static void confirm(question *q, uint8_t c)
{
    for (int above = 0; above < 2; above++) {
        sdp_witness w;
        if (!(c & (above ? SDP_CONVEX : SDP_CONCAVE))) continue;
        sdp_find_witness(&q->j, q->f.node, above != 0, q->seed, TRIALS / 4, &w);
        if (w.found)
            sdp_fail(&q->g->base, SD_ERR_INTERNAL, (sdp_span){0, 0}, NULL,
                     "a verdict on convexity is refuted: %s", w.text);
    }
}

static void tell_strong(question *q, uint8_t c)
{
    sdp_graph *g = q->g;
    if ((c & SDP_AFFINE) == SDP_AFFINE) return;
    sdp_id f = c & SDP_CONVEX ? q->f.node : sdp_scale(g, SDP_NUM_MINUS_ONE, q->f.node);
    bool positive;
    sdp_id m = sdp_strong_convexity(&q->j, f, q->seed, &positive);
    if (!m) return;
    q->out->strong = sdp_node_text(g, m);
    sdp_putf(&q->text, "strongly %s with m = %s%s\n", c & SDP_CONVEX ? "convex" : "concave", q->out->strong,
             positive ? "" : ", where that is positive");
}

// Does what is known of the signs force a condition u >= 0 to hold as u = 0, sqrt(x*y) with x >= 0 >= y? Then
// the domain has no inside, and anything follows from it.
static bool is_degenerate(const question *q)
{
    sdp_graph *g = q->g;
    for (uint32_t i = 0; i < q->j.ndomain; i++) {
        bool strict;
        sdp_id u = sdp_larger_by(g, q->j.domain[i], &strict);
        if (u && sdp_known_nonneg(g, sdp_negated(g, u))) return true;
    }
    return false;
}

static void forget(sdp_text *t, size_t n)
{
    t->n = n;
    if (t->s) t->s[n] = 0;
}

// The verdict on f, behind a line about where it holds.
static bool decide_where(question *q, sdp_id f, const char *line)
{
    sdp_id whole = q->f.node, cut = q->cut, wrt[MOST_WRT];
    size_t length = q->text.n;
    const sdp_verdict_place place = q->place;
    sdp_copy(wrt, q->wrt, q->j.n * sizeof *wrt);
    q->f.node = f;
    sdp_put(&q->text, line);
    use_domain(q);
    uint8_t c = is_degenerate(q) ? 0 : sdp_curvature(&q->j, q->f.node);
    if (c & SDP_AFFINE) {
        q->out->verdict = verdict_of(c);
        tell_reasons(q, q->f.node);
        confirm(q, c);
        tell_strong(q, c);
    } else forget(&q->text, length), q->place = place;
    q->f.node = whole;
    q->cut = cut;
    sdp_copy(q->wrt, wrt, q->j.n * sizeof *wrt);
    return (c & SDP_AFFINE) != 0;
}

static bool decide(void *data, sdp_id f, const char *condition)
{
    question *q = data;
    if (!decide_where(q, f, condition)) return false;
    q->place.condition = sdp_strndup(&q->g->base, condition, strcspn(condition, "\n"));
    return true;
}

// ---- domains in parts -------------------------------------------------------------------------------------
// "where c'*x+d > 0", and what it is on the other side
static bool decide_parts(question *q)
{
    sdp_graph *g = q->g;
    bool decided = false;
    for (int sign = 1; sign >= -1; sign -= 2) {
        sdp_id u = sdp_scale(g, sdp_num_int(g, sign), q->cut), zero = sdp_number(g, SDP_NUM_ZERO);
        if (!(sdp_curvature(&q->j, u) & SDP_CONCAVE)) continue;
        char *shown = sdp_node_text(g, q->cut);
        const char *line = sdp_printf(&g->base, "where %s %c 0\n", shown, sign > 0 ? '>' : '<');
        sdp_release(&g->base, shown);
        q->j.domain[q->j.ndomain++] = sdp_map(g, SDP_OP_gt, (sdp_id[]){u, zero});
        uint8_t c = decided ? sdp_curvature(&q->j, q->f.node) & SDP_AFFINE : 0;
        if (c) {
            confirm(q, c);
            sdp_putf(&q->text, "%.*s it is %s\n", (int)strcspn(line, "\n"), line,
                     c == SDP_AFFINE   ? "affine"
                     : c == SDP_CONVEX ? "convex"
                                       : "concave");
        } else if (!decided) decided = decide(q, q->f.node, line);
        q->j.ndomain--;
    }
    return decided;
}

// A function of one number that is smooth if it gets the right value in the hole.
static bool decide_continued(question *q)
{
    sdp_graph *g = q->g;
    sdp_id x = q->wrt[0], one = sdp_number(g, SDP_NUM_ONE), f = q->f.node;
    sdp_id v = sdp_hidden_variable(g, sdp_printf(&g->base, "$v%u", x), 0, NULL, 0);
    sdp_id d = sdp_simplify(g, sdp_jvp(g, sdp_simplify(g, sdp_jvp(g, f, 1, &x, &v)), 1, &x, &v));
    int sign = sdp_sign_by_slope(g, sdp_simplify(g, sdp_substitute(g, d, 1, &v, &one)));
    if (!sign) return false;
    q->out->verdict = sign > 0 ? SD_CONVEX : SD_CONCAVE;
    q->place.reasons = q->text.n;
    put_node(q, f);
    sdp_put(&q->text, ": its second derivative is ");
    put_node(q, d);
    sdp_putf(&q->text, ", %s 0 on both sides of ", sign > 0 ? ">=" : "<=");
    put_node(q, q->cut);
    sdp_put(&q->text, " = 0, where the function has a limit and is smooth with it\n");
    confirm(q, sign > 0 ? SDP_CONVEX : SDP_CONCAVE);
    return true;
}

// ---- the boundary -----------------------------------------------------------------------------------------
// Is the function continuous wherever its variables are nonnegative? Sums, products, positive powers,
// functions without kinks and with a value everywhere are.
static bool is_continuous(question *q, sdp_id f)
{
    sdp_graph *g = q->g;
    uint32_t count;
    const sdp_id *list = sdp_reachable(g, 1, &f, &count);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = sdp_get(g, list[i]);
        const sdp_op *op = &sdp_ops[n->op];
        sdp_num e;
        if (!moves(q, list[i]) || n->kind == SDP_VAR || n->kind == SDP_ADD || n->kind == SDP_MUL) continue;
        if (n->kind == SDP_POW && sdp_is_number(g, n->arg[1], &e) && sdp_num_sign(g, e) > 0) continue;
        bool root = op->kink && strstr(op->kink, ": none"); // cbrt has no derivative at 0, but a value
        if (n->kind != SDP_MAP || op->domain || (op->kink && !root) || sdp_range_is_discrete(op->range))
            return false;
    }
    return true;
}

// A continuous function on x >= 0 is convex if it is for x > 0: the inequality goes over to limits.
static bool decide_inside(question *q)
{
    sdp_graph *g = q->g;
    sdp_id whole = q->f.node, wrt[MOST_WRT], domain[MOST_DOMAIN];
    bool closed = false, decided = false;
    if (q->j.ndomain > MOST_DOMAIN || !is_continuous(q, q->f.node)) return false;
    sdp_copy(wrt, q->wrt, q->j.n * sizeof *wrt);
    sdp_copy(domain, q->j.domain, q->j.ndomain * sizeof *domain);
    for (uint32_t i = 0; i < q->j.n; i++) {
        bool open = sdp_has(g, q->wrt[i], SDP_POSITIVE) || sdp_get(g, q->wrt[i])->order > 1;
        if (!sdp_has(g, q->wrt[i], SDP_NONNEG) || open) continue;
        take_positive(q, i, true);
        closed = true;
    }
    if (closed)
        decided =
            decide(q, q->f.node, "where the variables are positive, and by continuity where they are 0\n");
    q->f.node = whole;
    sdp_copy(q->wrt, wrt, q->j.n * sizeof *wrt);
    sdp_copy(q->j.domain, domain, q->j.ndomain * sizeof *domain);
    return decided;
}

// A function that is only declared; NULL: there is none. Points of an invented one refute nothing.
static const char *declared_function(question *q)
{
    uint32_t count;
    const sdp_id *list = sdp_reachable(q->g, 1, &q->f.node, &count);
    for (uint32_t i = 0; i < count; i++)
        if (sdp_get(q->g, list[i])->kind == SDP_CALL) return q->g->var[sdp_get(q->g, list[i])->param].name;
    return NULL;
}

static void refute(question *q)
{
    sdp_witness w[2];
    sdp_text points;
    const char *f = declared_function(q);
    q->place.reasons = q->text.n;
    if (f) {
        sdp_putf(&q->text,
                 "what is declared of %s does not tell; convex, concave, affine, increasing and decreasing "
                 "can be declared of a function\n",
                 f);
        return;
    }
    sdp_text_init(&points, &q->g->base);
    for (int above = 1; above >= 0; above--) {
        sdp_find_witness(&q->j, q->f.node, above != 0, q->seed, TRIALS, &w[above]);
        if (!w[above].found) continue;
        sdp_putf(&q->text, "%s\n", w[above].text);
        sdp_putf(&points, "%s%s", points.n ? ", " : "[", w[above].numbers);
        sdp_release(&q->g->base, w[above].text);
    }
    if (points.n) sdp_put(&points, "]");
    q->out->points = points.n ? points.s : NULL;
    if (w[0].found && w[1].found) q->out->verdict = SD_NEITHER;
    else {
        sdp_putf(&q->text, "%s: neither composition nor the second derivative proves it, and ",
                 w[1].found   ? "concave or not"
                 : w[0].found ? "convex or not"
                              : "convex, concave or neither");
        sdp_tell_tried(w, "triples of points", &q->text);
    }
}

// Of a function in two parts points refute nothing if they are not in the same part.
static void refute_part(question *q)
{
    if (q->continued) {
        refute(q);
        return;
    }
    sdp_put(&q->text, "the domain is not known to be a convex set: ");
    put_node(q, q->cut);
    sdp_put(&q->text, "!=0; declare signs or definiteness of the variables to judge one part of it\n");
}

static void judge(question *q, sd_expr e, const char *wrt)
{
    sdp_need(q->c, q->out, "place for the verdict");
    sdp_graph *g = q->g = q->c->g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_condition gap;
    q->f = *sdp_get_expr(q->c, e);
    if (sdp_get(g, q->f.node)->order)
        sdp_fail(&g->base, SD_ERR_USAGE, (sdp_span){0, 0}, "judge one entry, or a sum of them",
                 "only a scalar is convex or not; the expression is %s", sdp_shape_text(g, q->f.shape));
    q->j = (sdp_judge){.g = g, .wrt = q->wrt};
    find_variables(q, wrt);
    sdp_text_init(&q->text, &g->base);
    q->out->verdict = SD_CURVATURE_UNKNOWN;
    if (find_gap(q, e, &gap)) tell_gap(q, &gap);
    else if (q->cut) {
        if (!(q->continued ? decide_continued(q) : decide_parts(q))) refute_part(q);
    } else {
        bool decided =
            decide_where(q, q->f.node, "") || decide_inside(q) || sdp_with_signs(&q->j, q->f.node, decide, q);
        if (!decided) refute(q);
    }
    q->out->reasons = q->text.s;
    sdp_scratch_release(&g->base, m);
}

sd_status sdp_convexity_where(sd_context *c, sd_expr e, const char *wrt, unsigned seed, sd_convexity *out,
                              sdp_verdict_place *place)
{
    sd_status status;
    question q = {.c = c, .out = out, .seed = seed, .place = {"", "", 0}};
    if (out) *out = (sd_convexity){0};
    GUARD(c, e, status, judge(&q, e, wrt));
    if (place) *place = q.place;
    return status;
}

sd_status sd_convexity_of(sd_context *c, sd_expr e, const char *wrt, unsigned seed, sd_convexity *out)
{
    return sdp_convexity_where(c, e, wrt, seed, out, NULL);
}
