// SPDX-License-Identifier: MIT
// Several unknowns together: the point at which all gradients are 0, by elimination.
//
// Each unknown in turn is solved for as if the others were known (isolate.c): numbers before
// vectors before matrices, and first those whose answer is a minimum or maximum on the whole. The answer
// is put into the function; what is left has one unknown less, and its gradient is that of the whole
// function along these answers. The answers are then put into each other from the last to the first, and
// told if all gradients vanish there.
//
// The point is a minimum if the function is convex in all unknowns together, or if it is one by stages: if
// the answer for mu is the minimum for every v, and v a minimum of what is left, then no point near by has a
// smaller value. E.g. the mean and variance of a Gaussian, whose function is not convex in both.
#include <string.h>

#include "judge/solve.h"

typedef struct {
    sdp_problem *p;
    sdp_surface left; // the function along the answers so far
    uint32_t n, nsolved;
    const char *name[SDP_MOST_UNKNOWNS];
    sdp_problem of[SDP_MOST_UNKNOWNS];      // the whole function by each unknown
    sdp_id answer[SDP_MOST_UNKNOWNS];       // 0: not solved for
    uint32_t order[SDP_MOST_UNKNOWNS];      // of elimination
    sdp_point_kind kind[SDP_MOST_UNKNOWNS]; // of each stage
    bool only;                              // no stage had another answer, or a condition
    bool more;                              // there may be other stationary points
} joint;

static void read_names(joint *w, sd_expr e, const char *wrt)
{
    sdp_graph *g = w->p->g;
    for (const char *name; (name = sdp_next_name(&g->base, &wrt)) != NULL;) {
        if (w->n == SDP_MOST_UNKNOWNS) sdp_limit(&g->base, "unknowns", SDP_MOST_UNKNOWNS);
        w->name[w->n] = name;
        w->of[w->n] = (sdp_problem){.c = w->p->c, .g = g};
        sdp_pose(&w->of[w->n], e, w->name[w->n]);
        for (uint32_t i = 0; i < w->n; i++)
            if (w->of[i].var == w->of[w->n].var)
                sdp_fail(&g->base, SD_ERR_USAGE, (sdp_span){0, 0}, NULL, "--wrt has the unknown '%s' twice",
                         w->name[i]);
        w->n++;
    }
}

// ---- elimination ------------------------------------------------------------------------------------------
static sdp_id along(const sdp_problem *q, sdp_id node, sdp_id answer)
{
    return node ? sdp_simplify(q->g, sdp_put_answer(q, node, answer)) : 0;
}

static bool is_on_the_whole(const sdp_point_kind *k, sdp_extremum point)
{
    return k->point == point && k->extent >= SDP_ON_THE_WHOLE;
}

// Solves for the unknown k where that has one answer, and puts it into the function. best: only where that is
// a minimum or maximum on the whole.
static bool eliminate(joint *w, uint32_t k, bool best)
{
    sdp_graph *g = w->p->g;
    sdp_candidates c;
    sdp_problem q = {.c = w->p->c, .g = g};
    sd_expr e = sdp_add_expr(q.c, w->left);
    if (!sdp_depends(g, w->left.node, g->var[w->of[k].var].node)) return false;
    sdp_pose(&q, e, w->name[k]);
    sdp_find_candidates(&q, &c);
    if (c.n != 1 || c.more) return false;
    const sdp_curve_verdict v = sdp_verdict_on(q.c, e, q.wrt, 1);
    w->kind[k] = sdp_kind_of(&q, &v, c.at[0].x, !c.at[0].valid.n);
    if (best && w->kind[k].extent < SDP_ON_THE_WHOLE) return false;
    w->answer[k] = c.at[0].x;
    w->only &= !c.at[0].valid.n;
    w->order[w->nsolved++] = k;
    w->left = (sdp_surface){.node = along(&q, w->left.node, c.at[0].x),
                            .shape = w->left.shape,
                            .free = along(&q, w->left.free, c.at[0].x)};
    return true;
}

static bool eliminate_one(joint *w)
{
    for (int turn = 0; turn < 6; turn++)
        for (uint32_t k = 0; k < w->n; k++)
            if (!w->answer[k] && sdp_get(w->p->g, w->of[k].x)->order == turn % 3 && eliminate(w, k, turn < 3))
                return true;
    return false;
}

// Is the equation affine in unknown k, with a coefficient that has no unknown? x*y =
// 0 has other solutions than x = 0.
static bool is_divided_by_constants(const joint *w, sdp_id eq, uint32_t k)
{
    sdp_graph *g = w->p->g;
    sdp_id h, g0;
    bool constant = sdp_affine_in(g, eq, w->of[k].x, &h, &g0);
    for (uint32_t i = 0; i < w->n && constant; i++) constant = !sdp_depends(g, h, w->of[i].x);
    return constant;
}

// Equations in numbers, none of which its own unknown solves: x*y has the gradients y and x. One equation is
// solved for one unknown, whichever has one answer, and the answer put into the others.
static bool by_equations(joint *w)
{
    sdp_graph *g = w->p->g;
    sdp_id eq[SDP_MOST_UNKNOWNS];
    bool used[SDP_MOST_UNKNOWNS] = {false};
    w->nsolved = 0;
    for (uint32_t k = 0; k < w->n; k++) {
        eq[k] = w->of[k].grad;
        w->answer[k] = 0;
        if (sdp_get(g, w->of[k].x)->order) return false;
    }
    for (uint32_t pair = 0; pair < w->n * w->n; pair++) {
        uint32_t i = pair / w->n, k = pair % w->n;
        sdp_roots roots;
        if (used[i] || w->answer[k] || !sdp_depends(g, eq[i], w->of[k].x)) continue;
        sdp_isolate(g, eq[i], w->of[k].x, &roots);
        if (roots.n != 1 || roots.more) continue;
        w->more |= !is_divided_by_constants(w, eq[i], k);
        w->answer[k] = sdp_simplify(g, roots.x[0]);
        w->order[w->nsolved++] = k;
        used[i] = true;
        for (uint32_t j = 0; j < w->n; j++)
            eq[j] = sdp_simplify(g, sdp_substitute(g, eq[j], 1, &w->of[k].x, &w->answer[k]));
        pair = UINT32_MAX; // from the first on
    }
    return w->nsolved == w->n;
}

static void put_back(joint *w)
{
    sdp_graph *g = w->p->g;
    for (uint32_t i = w->n - 1; i-- > 0;)
        for (uint32_t later = i + 1; later < w->n; later++) {
            sdp_id x = g->var[w->of[w->order[later]].var].node, *a = &w->answer[w->order[i]];
            *a = sdp_simplify(g, sdp_substitute(g, *a, 1, &x, &w->answer[w->order[later]]));
        }
}

// ---- what the point is ------------------------------------------------------------------------------------
// "a local minimum: one by mu for every v, then one by v"
static const char *by_stages(joint *w)
{
    sdp_graph *g = w->p->g;
    const sdp_point_kind *last = &w->kind[w->order[w->n - 1]], *first = &w->kind[w->order[0]];
    bool least = true, largest = true;
    for (uint32_t i = 0; i + 1 < w->n; i++) {
        least &= is_on_the_whole(&w->kind[w->order[i]], SDP_MINIMUM);
        largest &= is_on_the_whole(&w->kind[w->order[i]], SDP_MAXIMUM);
    }
    sdp_extremum same = least ? SDP_MINIMUM : SDP_MAXIMUM, other = least ? SDP_MAXIMUM : SDP_MINIMUM;
    bool global = is_on_the_whole(last, same), local = last->point == same && last->extent == SDP_NEAR_BY;
    bool turns = last->point == other && last->extent == SDP_THE_ONLY_ONE;
    if (w->n == 2 && turns && first->extent == SDP_THE_ONLY_ONE)
        return sdp_printf(&g->base, "a saddle point: the only %s by %s for every %s, and along these a %s\n",
                          least ? "minimum" : "maximum", w->name[w->order[0]], w->name[w->order[1]],
                          least ? "maximum" : "minimum");
    if ((!least && !largest) || (!global && !local)) return NULL;
    sdp_text t;
    sdp_text_init(&t, &g->base);
    sdp_putf(&t, "a %s%s:", global ? "" : "local ", least ? "minimum" : "maximum");
    for (uint32_t i = 0; i < w->n; i++) {
        sdp_putf(&t, "%s one by %s", i ? ", then" : "", w->name[w->order[i]]);
        for (uint32_t k = i + 1; k < w->n; k++)
            sdp_putf(&t, "%s%s", k > i + 1 ? " and " : " for every ", w->name[w->order[k]]);
    }
    sdp_put(&t, "\n");
    const char *line = sdp_strndup(&g->base, t.s, t.n);
    sdp_text_free(&t);
    return line;
}

// By the Hessian at the point
static const char *by_hessian(joint *w, const sdp_unknown *all)
{
    sdp_graph *g = w->p->g;
    sdp_id x[SDP_MOST_UNKNOWNS], v[SDP_MOST_UNKNOWNS];
    for (uint32_t k = 0; k < w->n; k++) {
        const sdp_node *n = sdp_get(g, x[k] = w->of[k].x);
        if (x[k] != g->var[w->of[k].var].node) return "a stationary point\n"; // of unknowns with structure
        v[k] = sdp_hidden_variable(g, sdp_printf(&g->base, "$v%u", x[k]), n->order, n->dim, 0);
    }
    sdp_id q = sdp_jvp(g, sdp_simplify(g, sdp_jvp(g, w->of[0].f, w->n, x, v)), w->n, x, v);
    sdp_problem p = w->of[0];
    p.other = all;
    p.nothers = w->n;
    q = sdp_simplify(g, sdp_put_answer(&p, sdp_simplify(g, q), all[0].answer));
    const char *line = sdp_kind_by_form(g, q, w->n, v).line;
    return line ? line : "a stationary point\n";
}

static const char *kind_of(joint *w, sd_expr e, const sdp_unknown *all)
{
    const sdp_curve_verdict v = sdp_verdict_on(w->p->c, e, w->p->wrt, 1);
    if ((!v.convex && !v.concave) || *v.condition) {
        const char *line = w->kind[w->order[0]].line ? by_stages(w) : NULL;
        return line ? line : by_hessian(w, all);
    }
    return sdp_printf(&w->p->g->base, "%s %s: the function is %s%s\n", w->only ? "the only" : "a",
                      v.convex ? "minimum" : "maximum", v.convex ? "convex" : "concave",
                      w->only ? ", and has no other stationary point" : "");
}

// ---- the answer -------------------------------------------------------------------------------------------
static void tell_equations(joint *w, const char *before, const char *between, const char *behind)
{
    for (uint32_t k = 0; k < w->n; k++)
        sdp_tell(w->p, k ? between : before, w->of[k].grad, k + 1 < w->n ? "" : behind);
}

// Is the point one at which all gradients are 0, and which exists?
static bool is_answer(joint *w, sdp_unknown *all, sdp_validity *v)
{
    for (uint32_t k = 0; k < w->n; k++) all[k] = (sdp_unknown){w->of[k].var, w->of[k].x, w->answer[k]};
    for (uint32_t k = 0; k < w->n; k++) {
        sdp_problem q = w->of[k];
        q.other = all;
        q.nothers = w->n;
        if (!sdp_is_stationary(&q, w->answer[k])) return false;
        if (k) continue;
        q.wrt = w->p->wrt;
        sdp_find_needs(&q);
        *v = sdp_validity_of(&q, w->answer[k]);
        if (!v->attained) return false;
    }
    bool others, possible = true;
    for (uint32_t k = 0; k < w->n && possible; k++)
        possible = sdp_require_declared(&w->of[k], w->answer[k], v, &others);
    return possible;
}

static void give(joint *w, sd_solution *out)
{
    sdp_graph *g = w->p->g;
    sdp_text t;
    sdp_text_init(&t, &g->base);
    for (uint32_t k = 0; k < w->n; k++) {
        char *s = sdp_node_text(g, w->answer[k]);
        sd_expr e =
            sdp_add_expr(w->p->c, (sdp_surface){.node = w->answer[k], .shape = g->var[w->of[k].var].shape});
        sdp_putf(&t, "%s%s = %s", k ? "\n" : "", w->name[k], s);
        sdp_release(&g->base, s);
        if (k) out->further[k - 1] = e;
        else out->solution = e;
    }
    out->answer = t.s;
    out->found = 1;
}

void sdp_solve_joint(sdp_problem *p, sd_expr e, sd_solution *out)
{
    joint w = {.p = p, .left = *sdp_get_expr(p->c, e), .only = true};
    sdp_unknown all[SDP_MOST_UNKNOWNS];
    sdp_validity v = {0};
    bool found = true;
    if (p->constraint)
        sdp_fail(&p->g->base, SD_ERR_USAGE, (sdp_span){0, 0}, "symdiff kkt writes the conditions down",
                 "several unknowns are solved for without a constraint");
    read_names(&w, e, p->wrt);
    for (uint32_t k = 0; k < w.n; k++) found &= !sdp_is_constrained(&w.of[k]);
    while (found && w.nsolved < w.n && eliminate_one(&w)) {}
    if (found && w.nsolved < w.n) {
        memset(w.kind, 0, sizeof w.kind);
        found = by_equations(&w);
    }
    if (found) put_back(&w);
    if (!found || !is_answer(&w, all, &v)) {
        sdp_put(&p->text, "no closed form found\n");
        tell_equations(&w, "the gradients, which must be 0: ", "; ", "\n");
        return;
    }
    w.only &= !v.n;
    sdp_put(&p->text, kind_of(&w, e, all));
    sdp_put(&p->text, v.text);
    if (w.more) sdp_put(&p->text, "there may be other stationary points\n");
    tell_equations(&w, "solves ", " = 0 and ", " = 0\n");
    give(&w, out);
}
