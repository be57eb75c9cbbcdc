// SPDX-License-Identifier: MIT
// Stationary points in closed form: the x at which the gradient of a scalar is 0.
//
// Every way to an answer is a guess (isolate.c, constrained.c); it is put into the equation, and told
// only if both sides are the same there, by their form or by exact evaluation, and if the function
// has a value there (attained.c). So the ways may be bold. What the point is, minimum, maximum or
// saddle, is classify.c's question.
#include <math.h>
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
    uint32_t v = sdp_variable_find(g, wrt);
    if (v == UINT32_MAX || g->var[v].is_function || !sdp_depends(g, p->f, g->var[v].node))
        sdp_fail(&g->base, SD_ERR_NAME, (sdp_span){0, 0}, NULL, "the expression has no variable '%s'", wrt);
    p->var = v;
    p->x = g->var[v].node;
}

enum { MOST_WORK = 60000000 }; // multiplications: less than a second

// Exactly, and by numbers where a matrix makes that too long: of kron(B,A) the entries are many.
bool sdp_is_stationary(sdp_problem *p, sdp_id x)
{
    sdp_graph *g = p->g;
    if (!x) return false;
    sdp_id there = sdp_without_logs(g, sdp_put_answer(p, p->grad, x));
    const sdp_node *n = sdp_get(g, p->x);
    return sdp_is_identically_zero(g, there) ||
           (n->order == 2 && sdp_same_function(g, there, sdp_zeros(g, 2, n->dim), 1, MOST_WORK));
}

// ---- without a constraint ---------------------------------------------------------------------------------
// Is the matrix singular at all of a few random values of its variables? Then it has an
// inverse nowhere that anybody will look.
static bool is_singular(sdp_graph *g, sdp_id h)
{
    if (sdp_is_zero(g, h)) return true;
    sdp_id det = sdp_prim(g, SDP_OP_det, 1, &h, 0), square = sdp_sum(g, sdp_power_num(g, h, SDP_NUM_TWO), 2u),
           size = sdp_es(g, SDP_NUM_ONE, "i->", sdp_map(g, SDP_OP_log, &square));
    sdp_id node[2] = {det, size}; // size: log of the bound of Hadamard, squared
    const sdp_signature s = sdp_signature_of(g, 2, node, NULL);
    uint32_t regular = 0, seen = 0;
    if (s.ncalls) return false;
    for (unsigned turn = 0; turn < 4; turn++) {
        // of odd turns the other way round: X'*X is singular for a wide X
        sdp_check_request q = {.turn = turn};
        sdp_point point = sdp_point_sizes(g, &s, &q, 2 + turn / 2);
        for (int k = 0; k < SDP_POINT_KINDS; k++) {
            sdp_mark m = sdp_scratch_mark(&g->base);
            sd_array a[2];
            sdp_point_draw(g, &s, &q, k, &point);
            sdp_interpret_lenient(g, 2, s.output, &s, point.size, (const double *const *)point.in, NULL, a);
            double d = fabs(a[0].data[0]), bound = exp(a[1].data[0] / 2);
            seen += isfinite(d) && isfinite(bound);
            regular += isfinite(d) && isfinite(bound) && d > 1e-10 * bound;
            for (int i = 0; i < 2; i++) sdp_release(&g->base, a[i].data);
            sdp_scratch_release(&g->base, m);
        }
    }
    return seen && !regular;
}

static void tell_newton(sdp_problem *p)
{
    sdp_graph *g = p->g;
    sdp_id h;
    sdp_put(&p->text, "no closed form found\n");
    sdp_tell(p, "the gradient, which must be 0: ", sdp_simplify(g, p->grad), "\n");
    if (sdp_get(g, p->x)->order != 1) return;
    sdp_reverse(g, p->grad, 1, &p->x, &h);
    h = sdp_simplify(g, h);
    if (is_singular(g, h)) {
        sdp_put(&p->text, "Newton's step does not exist: the Hessian is singular\n");
        return;
    }
    sdp_id step = sdp_es(g, SDP_NUM_ONE, "ij,j->i", sdp_prim(g, SDP_OP_inv, 1, &h, 0), p->grad);
    sdp_tell(p, "Newton's step: ", sdp_sub(g, p->x, sdp_simplify(g, step)), "\n");
}

// The declared properties that the answer is not known to have: X of norm(X-C)^2 is
// C, which is not symmetric as X is.
static uint32_t missing_properties(const sdp_problem *p, sdp_id x)
{
    return p->g->var[p->var].facts & ~sdp_facts(p->g, x).yes;
}

bool sdp_require_declared(sdp_problem *p, sdp_id x, sdp_validity *v, bool *others)
{
    uint32_t missing = missing_properties(p, x), signs = SDP_POSITIVE | SDP_NONNEG;
    bool definite = (missing & SDP_POSDEF) && !(missing & SDP_SYMMETRIC);
    if (definite) missing &= ~(uint32_t)(SDP_POSDEF | SDP_PSD);
    *others = (missing & ~signs) != 0; // it may have them for some values
    if (*others) return false;
    if (definite) sdp_require_definite(p, x, v);
    return !missing || sdp_require_sign(p, x, (missing & SDP_POSITIVE) != 0, v);
}

// Takes the root if it is a point of the domain with the declared properties.
static void take_root(sdp_problem *p, sdp_id x, sdp_candidates *out)
{
    sdp_validity v = sdp_validity_of(p, x);
    bool others;
    if (!v.attained) {
        out->outside = x;
        return;
    }
    bool possible = sdp_require_declared(p, x, &v, &others);
    out->more |= others;
    if (possible) out->at[out->n++] = (sdp_candidate){x, v};
    else out->other = x;
}

// Tests one root. A value that does not exist, log(-1), fails the test.
static void test_root(sdp_problem *p, sdp_id root, sdp_candidates *out)
{
    sdp_base *b = &p->g->base;
    sdp_trap trap;
    if (SDP_TRY(b, trap)) {
        if (sdp_is_stationary(p, root)) take_root(p, sdp_simplify(p->g, root), out);
        else out->more = true;
        SDP_END(b, trap);
    } else {
        if (b->error.code != SD_ERR_DOMAIN) sdp_fail_again(b);
        b->error = (sd_error){.code = SD_OK};
    }
}

static void find_roots(sdp_problem *p, sdp_roots *roots)
{
    sdp_base *b = &p->g->base;
    sdp_trap trap;
    if (SDP_TRY(b, trap)) {
        sdp_isolate(p->g, p->grad, p->x, roots);
        SDP_END(b, trap);
    } else {
        if (b->error.code != SD_ERR_DOMAIN) sdp_fail_again(b);
        b->error = (sd_error){.code = SD_OK};
        *roots = (sdp_roots){.more = true};
    }
}

void sdp_find_candidates(sdp_problem *p, sdp_candidates *out)
{
    sdp_roots roots;
    sdp_find_needs(p);
    find_roots(p, &roots);
    *out = (sdp_candidates){.more = roots.more};
    for (uint32_t i = 0; i < roots.n; i++) test_root(p, roots.x[i], out);
}

// "another, if a >= 0, is x = sqrt(a): a local minimum ..."
static void tell_others(sdp_problem *p, const sdp_candidates *c, const sdp_curve_verdict *v)
{
    for (uint32_t i = 1; i < c->n; i++) {
        sdp_put(&p->text, "another");
        for (const char *l = c->at[i].valid.text; *l; l += strcspn(l, "\n") + 1)
            sdp_putf(&p->text, ", %.*s", (int)strcspn(l, "\n"), l);
        sdp_putf(&p->text, "%s is %s", *c->at[i].valid.text ? "," : "", p->g->var[p->var].name);
        sdp_tell(p, " = ", c->at[i].x, ", ");
        sdp_put(&p->text, sdp_kind_of(p, v, c->at[i].x, false).line);
    }
    if (c->more) sdp_put(&p->text, "there may be other stationary points\n");
}

// Of a convex quadratic with a Hessian that may be singular, all minima.
static void tell_singular(sdp_problem *p, const sdp_curve_verdict *v, const sdp_candidate *c)
{
    sdp_graph *g = p->g;
    sdp_id h, g0;
    sdp_num content;
    if (!c->valid.inverse || g->var[p->var].facts || v->convex == v->concave || *v->condition ||
        !sdp_affine_in(g, p->grad, p->x, &h, &g0))
        return;
    const char *all = v->convex ? "minima" : "maxima", *any = sdp_free_letter(g, "zvuwd");
    if (sdp_get(g, p->x)->order != 1) {
        sdp_putf(&p->text, "otherwise the %s are the solutions of the equation, if it has any\n", all);
        return;
    }
    sdp_id m = sdp_without_content(g, sdp_simplify(g, h), &content), i = sdp_prim(g, SDP_OP_pinv, 1, &m, 0);
    sdp_id b = sdp_scale(g, sdp_num_neg(g, sdp_num_inv(g, content)), g0),
           first = sdp_simplify(g, sdp_es(g, SDP_NUM_ONE, "ij,j->i", i, b));
    sdp_id free =
        sdp_simplify(g, sdp_sub(g, sdp_identity_like(g, p->x), sdp_es(g, SDP_NUM_ONE, "ij,jk->ik", i, m)));
    sdp_putf(&p->text, "otherwise the %s, if there are any, are ", all);
    if (!sdp_is_zero(g, first)) sdp_tell(p, "", first, " + ");
    sdp_tell(p, "(", free, ")");
    sdp_putf(&p->text, "*%s with any %s\n", any, any);
}

// ---- where the gradient has no value: norm(x-a) at a ------------------------------------------------------
static bool add_kink(sdp_problem *p, sdp_id zero)
{
    sdp_graph *g = p->g;
    sdp_roots roots;
    sdp_isolate(g, zero, g->var[p->var].node, &roots);
    for (uint32_t i = 0; i < roots.n; i++) {
        sdp_id x = sdp_simplify(g, roots.x[i]);
        if (missing_properties(p, x) || !sdp_has_value_at(p, x)) continue;
        for (int sign = 1; sign >= -1; sign -= 2) {
            if (!sdp_is_least(p, x, sign)) continue;
            p->answer = x;
            sdp_put(&p->text, sign > 0 ? "a minimum: the function is nowhere smaller\n"
                                       : "a maximum: the function is nowhere larger\n");
            sdp_put(&p->text, "the gradient does not exist there\n");
            sdp_tell_validity_of_answer(p, x);
            return true;
        }
    }
    return false;
}

static bool solve_kink(sdp_problem *p)
{
    sdp_graph *g = p->g;
    for (uint32_t i = 0; i < p->nneeds; i++) {
        const sdp_condition *c = &p->needs[i];
        if (sdp_is_of_value(p, c)) continue; // 1/x at 0
        const sdp_node *n = c->node ? sdp_get(g, c->node) : NULL;
        bool compares =
            n && n->kind == SDP_MAP && n->nargs == 2 && (n->op == SDP_OP_eq || n->op == SDP_OP_ne);
        sdp_id zero = compares                         ? sdp_sub(g, n->arg[0], n->arg[1])
                      : !n && c->claim == SDP_NOT_ZERO ? c->subject
                                                       : 0;
        if (zero && !c->branch && sdp_depends(g, zero, g->var[p->var].node) && add_kink(p, zero)) return true;
    }
    return false;
}

static void tell_none(sdp_problem *p, const sdp_candidates *c)
{
    if (c->outside) {
        sdp_tell(p, "no stationary point found: ", c->outside,
                 " solves the equation, but the function has no value or a kink there\n");
        sdp_tell(p, "the gradient, which must be 0: ", sdp_simplify(p->g, p->grad), "\n");
    } else if (c->other)
        sdp_put(&p->text, "no closed form found: the stationary point without the declared properties is not "
                          "known to have them\n");
    else tell_newton(p);
}

static void solve_free(sdp_problem *p)
{
    sdp_graph *g = p->g;
    sdp_candidates c;
    sdp_find_candidates(p, &c);
    if (!c.n && solve_kink(p)) return;
    if (!c.n) {
        tell_none(p, &c);
        return;
    }
    const sdp_curve_verdict v = sdp_verdict_on(p->c, p->expr, p->wrt, 1);
    const sdp_candidate *first = &c.at[0];
    p->answer = first->x;
    sdp_put(&p->text, sdp_kind_of(p, &v, first->x, c.n == 1 && !c.more && !first->valid.n).line);
    sdp_put(&p->text, first->valid.text);
    tell_singular(p, &v, first);
    tell_others(p, &c, &v);
    sdp_tell(p, "solves ", sdp_simplify(g, p->grad), " = 0\n");
}

// ---- answers ----------------------------------------------------------------------------------------------
void sdp_pose(sdp_problem *p, sd_expr e, const char *wrt)
{
    sdp_graph *g = p->g;
    sdp_surface f = *sdp_get_expr(p->c, e);
    p->f = f.node;
    p->expr = e;
    p->wrt = wrt;
    find_unknown(p, wrt);
    if (f.free) { // derivatives by an unknown with structure are taken by its copy without
        p->f = f.free;
        if (g->var[p->var].free_copy) p->x = g->var[g->var[p->var].free_copy - 1].node;
        sdp_without_free_copies(g, 1, &p->f, g->var[p->var].free_copy ? 1 : 0,
                                &(uint32_t){g->var[p->var].free_copy ? g->var[p->var].free_copy - 1 : 0});
    }
    sdp_reverse(g, p->f, 1, &p->x, &p->grad);
    p->grad = sdp_simplify(g, p->grad);
}

static void solve_one(sdp_problem *p, sd_expr e, const char *wrt, sd_solution *out)
{
    sdp_graph *g = p->g;
    sdp_pose(p, e, wrt);
    if (sdp_is_constrained(p)) sdp_solve_constrained(p);
    else solve_free(p);
    out->found = p->answer || p->said;
    if (!p->answer) return;
    out->solution = sdp_add_expr(p->c, (sdp_surface){.node = p->answer, .shape = g->var[p->var].shape});
    out->answer = sdp_node_text(g, p->answer);
}

static void solve(sdp_problem *p, sd_expr e, sd_expr constraint, const char *wrt, sd_solution *out)
{
    sdp_need(p->c, out, "place for the solution");
    sdp_graph *g = p->g = p->c->g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    const sdp_surface *f = sdp_get_expr(p->c, e);
    if (sdp_get(g, f->node)->order)
        sdp_fail(&g->base, SD_ERR_USAGE, (sdp_span){0, 0}, "for an equation a = b solve norm(a-b)^2",
                 "only a scalar has stationary points; the expression is %s", sdp_shape_text(g, f->shape));
    if (constraint) p->constraint = sdp_get_expr(p->c, constraint)->node;
    sdp_text_init(&p->text, &g->base);
    p->wrt = wrt;
    if (wrt && strchr(wrt, ',')) sdp_solve_joint(p, e, out);
    else solve_one(p, e, wrt, out);
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
