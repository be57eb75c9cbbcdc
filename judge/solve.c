// SPDX-License-Identifier: MIT
// Stationary points in closed form: the x at which the gradient of a scalar is 0.
//
// Every way to an answer is a guess (isolate.c, constrained.c); it is put into the equation, and told only if
// both sides are the same there, by their form or by exact evaluation, and if the function has a value there
// (attained.c). So the ways may be bold. What the point is, minimum, maximum or neither, comes from the curvature of the expression.
#include <string.h>

#include "judge/solve.h"

void sdp_tell(sdp_problem *p, const char *before, sdp_id id, const char *behind)
{
    char *s = sdp_node_text(p->g, id);
    sdp_put(&p->text, before);
    sdp_put(&p->text, s);
    sdp_put(&p->text, behind);
    sdp_release(&p->g->base, s);
}

// ---- the question -----------------------------------------------------------------------------------------
static void find_unknown(sdp_problem *p, const char *wrt)
{
    sdp_graph *g = p->g;
    const char *hint = "--wrt VAR names it";
    if (!wrt || !*wrt)
        sdp_fail(&g->base, SD_ERR_USAGE, (sdp_span){0, 0}, hint, "which unknown? none is given");
    if (strchr(wrt, ','))
        sdp_fail(&g->base, SD_ERR_USAGE, (sdp_span){0, 0}, "solve for one after the other",
                 "only one unknown can be solved for");
    uint32_t v = sdp_variable_find(g, wrt);
    if (v == UINT32_MAX || g->var[v].is_function || !sdp_depends(g, p->f, g->var[v].node))
        sdp_fail(&g->base, SD_ERR_NAME, (sdp_span){0, 0}, NULL, "the expression has no variable '%s'", wrt);
    p->var = v;
    p->x = g->var[v].node;
}

// ---- what the point is ------------------------------------------------------------------------------------
static void classify(sdp_problem *p)
{
    sdp_graph *g = p->g;
    sdp_judge j = {.g = g, .n = 1, .wrt = &p->x};
    uint8_t c = sdp_curvature(&j, p->f) & SDP_AFFINE;
    sdp_id h, g0;
    bool affine = sdp_affine_in(g, p->grad, p->x, &h, &g0), definite = false;
    if (affine && sdp_get(g, h)->order == 2)
        definite = sdp_has(g, h, SDP_POSDEF) || sdp_has(g, sdp_scale(g, SDP_NUM_MINUS_ONE, h), SDP_POSDEF);
    if (affine && sdp_get(g, h)->order == 0)
        definite = sdp_known_positive(g, h) || sdp_known_positive(g, sdp_scale(g, SDP_NUM_MINUS_ONE, h));
    const char *kind = c == SDP_CONVEX ? "minimum" : c == SDP_CONCAVE ? "maximum" : NULL;
    if (!kind)
        sdp_put(&p->text, "a stationary point\n");
    else
        sdp_putf(&p->text,
                 definite ? "the only %s: the function is %s, its Hessian definite\n"
                          : "a %s: the function is %s\n",
                 kind, c == SDP_CONVEX ? "convex" : "concave");
    if (affine && !definite && sdp_get(g, h)->order == 2)
        sdp_tell(p, "if ", sdp_simplify(g, h), " is invertible\n");
    if (affine && !definite && sdp_get(g, h)->order == 0) sdp_tell(p, "if ", sdp_simplify(g, h), " is not 0\n");
}

static bool is_stationary(sdp_problem *p, sdp_id x)
{
    return x && sdp_is_identically_zero(p->g, sdp_substitute(p->g, p->grad, 1, &p->x, &x));
}

// ---- without a constraint ---------------------------------------------------------------------------------
static void tell_newton(sdp_problem *p)
{
    sdp_graph *g = p->g;
    sdp_id h;
    sdp_put(&p->text, "no closed form found\n");
    sdp_tell(p, "the gradient, which must be 0: ", sdp_simplify(g, p->grad), "\n");
    if (sdp_get(g, p->x)->order != 1) return;
    sdp_reverse(g, p->grad, 1, &p->x, &h);
    h = sdp_simplify(g, h);
    sdp_id step = sdp_es(g, SDP_NUM_ONE, "ij,j->i", sdp_prim(g, SDP_OP_inv, 1, &h, 0), p->grad);
    sdp_tell(p, "Newton's step: ", sdp_sub(g, p->x, sdp_simplify(g, step)), "\n");
}

// Does it divide by a matrix? Then another line says when that can be done.
static bool has_inverse(sdp_graph *g, sdp_id answer)
{
    uint32_t n;
    const sdp_id *list = sdp_reachable(g, 1, &answer, &n);
    for (uint32_t i = 0; i < n; i++)
        if (sdp_get(g, list[i])->kind == SDP_PRIM) return true;
    return false;
}

// The x that solves the equation, and whether it is attained; 0: there is none, or it has no value, log(-1).
static sdp_id candidate(sdp_problem *p, bool *attained, bool *everywhere)
{
    sdp_base *b = &p->g->base;
    sdp_trap trap;
    volatile sdp_id x = 0;
    if (SDP_TRY(b, trap)) {
        sdp_id found = sdp_isolate(p->g, p->grad, p->x);
        if (is_stationary(p, found)) {
            *attained = sdp_is_attained(p, found, everywhere);
            x = found;
        }
        SDP_END(b, trap);
    } else {
        if (b->error.code != SD_ERR_DOMAIN) sdp_fail_again(b);
        b->error = (sd_error){.code = SD_OK};
        x = 0;
    }
    return x;
}

static void solve_free(sdp_problem *p)
{
    sdp_graph *g = p->g;
    bool attained = false, everywhere = true;
    sdp_id x = candidate(p, &attained, &everywhere);
    if (!x) {
        tell_newton(p);
        return;
    }
    sdp_id answer = sdp_simplify(g, x);
    if (!attained) {
        sdp_tell(p, "no stationary point found: ", answer, " solves the equation, but the function has no value or a kink there\n");
        sdp_tell(p, "the gradient, which must be 0: ", sdp_simplify(g, p->grad), "\n");
        return;
    }
    if (g->var[p->var].facts & ~sdp_facts(g, answer).yes) { // X of norm(X-C)^2 is C, which is not symmetric as X is
        sdp_put(&p->text, "no closed form found: the stationary point without the declared properties is not known to have them\n");
        return;
    }
    p->answer = answer;
    classify(p);
    if (!everywhere && !has_inverse(g, answer)) sdp_put(&p->text, "where the function has a value there\n");
    sdp_tell(p, "solves ", sdp_simplify(g, p->grad), " = 0\n");
}

// ---- answers ----------------------------------------------------------------------------------------------
static void solve(sdp_problem *p, sd_expr e, sd_expr constraint, const char *wrt, sd_solution *out)
{
    sdp_need(p->c, out, "place for the solution");
    sdp_graph *g = p->g = p->c->g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_surface f = *sdp_get_expr(p->c, e);
    if (sdp_get(g, f.node)->order)
        sdp_fail(&g->base, SD_ERR_USAGE, (sdp_span){0, 0}, "for an equation a = b solve norm(a-b)^2",
                 "only a scalar has stationary points; the expression is %s", sdp_shape_text(g, f.shape));
    p->f = f.node;
    find_unknown(p, wrt);
    if (f.free) { // derivatives by an unknown with structure are taken by its copy without
        p->f = f.free;
        if (g->var[p->var].twin) p->x = g->var[g->var[p->var].twin - 1].node;
        sdp_without_twins(g, 1, &p->f, g->var[p->var].twin ? 1 : 0,
                          &(uint32_t){g->var[p->var].twin ? g->var[p->var].twin - 1 : 0});
    }
    if (constraint) p->constraint = sdp_get_expr(p->c, constraint)->node;
    sdp_reverse(g, p->f, 1, &p->x, &p->grad);
    p->grad = sdp_simplify(g, p->grad);
    sdp_text_init(&p->text, &g->base);
    if (sdp_is_constrained(p))
        sdp_solve_constrained(p);
    else
        solve_free(p);
    out->found = p->answer || p->said;
    if (p->answer) {
        const sdp_surface s = {.node = p->answer, .shape = g->var[p->var].shape};
        out->solution = sdp_add_expr(p->c, s);
        char *text = sdp_node_text(g, p->answer);
        out->answer = text;
    }
    out->reasons = p->text.s;
    sdp_scratch_release(&g->base, m);
}

sd_status sd_solve(sd_context *c, sd_expr e, sd_expr constraint, const char *wrt, sd_solution *out)
{
    sd_status status;
    sdp_problem p = {.c = c};
    if (out) *out = (sd_solution){0};
    GUARD(c, e, status, solve(&p, e, constraint, wrt, out));
    return status;
}
