// SPDX-License-Identifier: MIT
// Recursions in closed form: w <- A*w+b from w0 is s + A^t*(w0-s) after t steps, with the fixed point s.
//
// Problem: gradient descent on a quadratic is such a map, and whether and where to it converges is asked with
// it. Idea: A is the derivative of the map, which must not depend on w, b its value at 0. The fixed point
// solves (I-A)*s = b, and is put into that equation before it is told; then the closed form follows, for
// w_(t+1)-s = A*(w_t-s). It is also held against three steps of the map. w_t goes to s from every w0 just if
// the powers of A go to 0: the spectral radius is below 1.
//
// Entry: sd_recursion(), below.
#include <string.h>

#include "judge/solve.h"
#include "tell/tell.h"

enum { STEPS = 3 }; // at which the closed form is compared

typedef struct {
    sdp_story s; // for spelling and checks; it has no parts
    sdp_id x, f; // the unknown; the map
    sdp_shape shape;
    sdp_id a, b, rest, fixed;        // the derivative, the value at 0, I-A, the fixed point or 0
    sdp_id na, nb, ns, nx0, nt, now; // what is shown in their places: A, b, s, w0, t, w_t
} recursion;

static const char *free_name(recursion *r, const char *first, const char *second)
{
    unsigned k = 0;
    if (sdp_variable_find(r->s.g, first) == UINT32_MAX) return first;
    return sdp_variable_find(r->s.g, second) == UINT32_MAX ? second : sdp_fresh_label(&r->s, second, &k);
}

// ---- the map ----------------------------------------------------------------------------------------------
static void read_map(recursion *r, sd_expr unknown, sd_expr map)
{
    sdp_graph *g = r->s.g;
    const sdp_surface *u = sdp_get_expr(r->s.c, unknown), *m = sdp_get_expr(r->s.c, map);
    const sdp_node *x = sdp_get(g, u->node), *f = sdp_get(g, m->node);
    if (x->kind != SDP_VAR)
        sdp_fail(&g->base, SD_ERR_USAGE, (sdp_span){0, 0}, "w <- A*w+b", "what is repeated is a variable");
    if (x->order > 1)
        sdp_fail(&g->base, SD_ERR_UNSUPPORTED, (sdp_span){0, 0},
                 "write it for one column, or with vec and kron",
                 "recursions are solved for numbers and vectors, not for a matrix");
    if (x->order != f->order || memcmp(x->dim, f->dim, x->order * sizeof *x->dim))
        sdp_fail(&g->base, SD_ERR_SHAPE, (sdp_span){0, 0}, NULL, "'%s' is %s, and what follows it is %s",
                 g->var[x->param].name, sdp_shape_text(g, u->shape), sdp_shape_text(g, m->shape));
    if (g->var[x->param].facts)
        sdp_fail(&g->base, SD_ERR_USAGE, (sdp_span){0, 0}, "leave the property out",
                 "what is declared of '%s' is not kept by the map", g->var[x->param].name);
    r->x = u->node;
    r->f = sdp_simplify(g, m->node);
    r->shape = u->shape;
}

static bool find_affine(recursion *r)
{
    sdp_graph *g = r->s.g;
    const sdp_node *x = sdp_get(g, r->x);
    sdp_id zero = sdp_zeros(g, x->order, x->dim);
    sdp_reverse(g, r->f, 1, &r->x, &r->a);
    r->a = sdp_simplify(g, r->a);
    if (sdp_depends(g, r->a, r->x)) r->a = sdp_simplify(g, sdp_multiply_out_all(g, r->a));
    if (sdp_depends(g, r->a, r->x)) return false;
    r->b = sdp_simplify(g, sdp_substitute(g, r->f, 1, &r->x, &zero));
    r->rest = sdp_simplify(g, sdp_sub(g, sdp_identity_like(g, r->x), r->a));
    return true;
}

static sdp_id times(sdp_graph *g, sdp_id a, sdp_id v)
{
    return sdp_get(g, a)->order ? sdp_es(g, SDP_NUM_ONE, "ij,j->i", a, v) : sdp_times(g, a, v);
}
static sdp_id power(sdp_graph *g, sdp_id a, sdp_id t)
{
    return sdp_get(g, a)->order ? sdp_prim(g, SDP_OP_powm, 2, (sdp_id[]){a, t}, 0) : sdp_power(g, a, t);
}

static void find_fixed_point(recursion *r)
{
    sdp_graph *g = r->s.g;
    if (sdp_is_zero(g, r->b)) r->fixed = r->b;
    else if (!sdp_is_zero(g, r->rest))
        r->fixed = sdp_solve_affine(g, r->rest, sdp_scale(g, SDP_NUM_MINUS_ONE, r->b));
    if (!r->fixed) return;
    r->fixed = sdp_simplify(g, r->fixed);
    sdp_id back = sdp_sub(g, sdp_add2(g, times(g, r->a, r->fixed), r->b), r->fixed);
    if (!sdp_is_identically_zero(g, back)) r->fixed = 0;
}

// ---- the closed form --------------------------------------------------------------------------------------
// s + A^t*(x0-s), or without a fixed point A^t*x0 + (A^0 + ... + A^(t-1))*b for a number t.
static sdp_id closed(sdp_graph *g, sdp_id a, sdp_id s, sdp_id x0, sdp_id t)
{
    return sdp_add2(g, s, times(g, power(g, a, t), sdp_sub(g, x0, s)));
}

static void check_steps(recursion *r, sdp_id x0)
{
    sdp_graph *g = r->s.g;
    sdp_id now = x0;
    for (int k = 1; k <= STEPS; k++) {
        now = sdp_substitute(g, r->f, 1, &r->x, &now);
        sdp_check_same(&r->s, "after t", now,
                       closed(g, r->a, r->fixed, x0, sdp_number(g, sdp_num_int(g, k))));
    }
}

// ---- convergence ------------------------------------------------------------------------------------------
// The product without its factor f; 0: it has none.
static sdp_id without(sdp_graph *g, sdp_id product, sdp_id f)
{
    const sdp_node *n = sdp_get(g, product);
    for (uint32_t i = 0; n->kind == SDP_MUL && i < n->nargs; i++)
        if (n->arg[i] == f) return sdp_with_factor(g, n, i, sdp_number(g, SDP_NUM_ONE));
    return 0;
}

// The node, each of its terms if it is a sum, without the number f that is a factor of it; 0: it is none.
static sdp_id divided(sdp_graph *g, sdp_id id, sdp_id f)
{
    const sdp_node *n = sdp_get(g, id);
    sdp_id sum = 0;
    if (n->kind != SDP_ADD) return without(g, id, f);
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_id t = without(g, n->arg[i], f);
        if (!t) return 0;
        t = sdp_scale(g, n->coef[i], t);
        sum = sum ? sdp_add2(g, sum, t) : t;
    }
    return sum;
}

// I-A as c*H with a number c; c is 1 if there is none.
static sdp_id scaled(sdp_graph *g, sdp_id rest, sdp_id *c)
{
    const sdp_node *n = sdp_get(g, rest);
    *c = sdp_number(g, SDP_NUM_ONE);
    if (n->kind == SDP_MUL) {
        *c = sdp_number(g, n->coef[0]);
        rest = sdp_scale(g, sdp_num_inv(g, n->coef[0]), rest);
    }
    for (bool more = true; more;) {
        more = false;
        const sdp_node *first =
            sdp_get(g, rest)->kind == SDP_ADD ? sdp_get(g, sdp_get(g, rest)->arg[0]) : sdp_get(g, rest);
        for (uint32_t i = 0; first->kind == SDP_MUL && i < first->nargs && !more; i++) {
            sdp_id f = first->arg[i], left = sdp_get(g, f)->order ? 0 : divided(g, rest, f);
            if (!left) continue;
            *c = sdp_times(g, *c, f);
            rest = left;
            more = true;
        }
    }
    return rest;
}

static const char *spell(recursion *r, sdp_id id)
{
    return sdp_spell(&r->s, id, r->shape.rows == SDP_DIM_ONE);
}

// As text, for sentences in a document of any format.
static const char *plain(recursion *r, sdp_id id)
{
    const sd_steps_options *o = r->s.o, as_text = {.detail = 1};
    r->s.o = &as_text;
    const char *text = sdp_spell(&r->s, sdp_simplify(r->s.g, id), false);
    r->s.o = o;
    return text;
}

// 0 < c*lambda < 2 for all eigenvalues of H, as a bound of the number c without its
// coefficient k: "0 < eta < 1/lambda_max(H)".
static const char *bound_of(recursion *r, sdp_id c, sdp_id h)
{
    sdp_graph *g = r->s.g;
    sdp_base *b = &g->base;
    const sdp_node *n = sdp_get(g, c);
    sdp_num k = n->kind == SDP_NUM   ? n->param
                : n->kind == SDP_MUL ? n->coef[0]
                                     : SDP_NUM_ONE,
            two = sdp_num_mul(g, SDP_NUM_TWO, sdp_num_inv(g, k));
    const char *p = sdp_num_text(g, sdp_num_numerator(g, two)),
               *q = sdp_num_text(g, sdp_num_denominator(g, two));
    bool positive = sdp_num_sign(g, k) > 0, whole = sdp_num_is_int(g, two);
    if (n->kind == SDP_NUM && positive)
        return sdp_printf(b, "lambda_max(%s) < %s", plain(r, h), sdp_num_text(g, two));
    if (!positive) return sdp_printf(b, "0 < %s < 2/lambda_max(%s)", plain(r, c), plain(r, h));
    const char *rest = plain(r, sdp_scale(g, sdp_num_inv(g, k), c)),
               *below = sdp_known_positive(g, c) ? "" : "0 < ";
    return whole ? sdp_printf(b, "%s%s < %s/lambda_max(%s)", below, rest, p, plain(r, h))
                 : sdp_printf(b, "%s%s < %s/(%s*lambda_max(%s))", below, rest, p, q, plain(r, h));
}

// The numbers that A multiplies the entries by: itself, of a diagonal matrix its diagonal, of a*eye(n) the
// number a. 0: it mixes them.
static sdp_id multipliers(recursion *r)
{
    sdp_graph *g = r->s.g;
    sdp_id number;
    if (!sdp_get(g, r->a)->order) return r->a;
    if (!sdp_is_diagonal_form(g, r->a, 1)) return 0;
    sdp_id d = sdp_simplify(g, sdp_diagonal_of_form(g, r->a, 1));
    return sdp_is_broadcast(g, d, &number) ? number : d;
}

// When do the powers of A go to 0? NULL: never.
static const char *condition(recursion *r)
{
    sdp_graph *g = r->s.g;
    sdp_base *b = &g->base;
    sdp_id c, h = sdp_simplify(g, scaled(g, r->rest, &c)), each = multipliers(r);
    const char *a = plain(r, r->na);
    if (!sdp_get(g, r->a)->order) return sdp_printf(b, "-1 < %s < 1", a);
    if (each)
        return sdp_printf(b, "-1 < %s < 1%s", plain(r, each),
                          sdp_get(g, each)->order ? " in every entry" : "");
    sdp_num k;
    bool grows = sdp_known_positive(g, sdp_scale(g, SDP_NUM_MINUS_ONE, c)) ||
                 (sdp_is_number(g, c, &k) && sdp_num_sign(g, k) < 0);
    if (sdp_has(g, h, SDP_PSD) && grows) return NULL; // eigenvalues of at least 1
    if (sdp_has(g, h, SDP_PSD)) {
        const char *bound = bound_of(r, c, h);
        return sdp_has(g, h, SDP_POSDEF) ? bound
                                         : sdp_printf(b, "%s, and %s is invertible", bound, plain(r, h));
    }
    if (sdp_is_symmetric(g, r->a))
        return sdp_printf(b,
                          "all eigenvalues of the symmetric %s lie between -1 and 1: lambda_max(%s) < 1 and "
                          "lambda_max(-%s) < 1",
                          a, a, a);
    return sdp_printf(b, "all eigenvalues of %s are smaller than 1 in absolute value", a);
}

// ---- lines ------------------------------------------------------------------------------------------------
static void make_names(recursion *r)
{
    sdp_graph *g = r->s.g;
    const char *x = g->var[sdp_get(g, r->x)->param].name;
    sdp_shape of_a = sdp_is_scalar(r->shape)
                         ? r->shape
                         : (sdp_shape){sdp_get(g, r->x)->dim[0], sdp_get(g, r->x)->dim[0]},
              one = {SDP_DIM_ONE, SDP_DIM_ONE};
    bool number = sdp_is_scalar(r->shape);
    r->na = r->a;
    r->nb = r->b;
    if (sdp_get(g, r->a)->kind != SDP_VAR)
        r->na = sdp_stand_in(g, number ? free_name(r, "a", "r") : free_name(r, "A", "M"), of_a, r->a,
                             sdp_is_symmetric(g, r->a) && !number ? SDP_SYMMETRIC : 0);
    if (sdp_get(g, r->b)->kind != SDP_VAR) r->nb = sdp_stand_in(g, free_name(r, "b", "c"), r->shape, r->b, 0);
    r->ns = sdp_stand_in(g, free_name(r, "s", "z"), r->shape, r->x, 0);
    r->nx0 = sdp_stand_in(g, free_name(r, sdp_printf(&g->base, "%s0", x), sdp_printf(&g->base, "%s_0", x)),
                          r->shape, r->x, 0);
    r->nt = sdp_stand_in(g, free_name(r, "t", "k"), one, r->x, 0);
    const char *t = g->var[sdp_get(g, r->nt)->param].name;
    r->now = sdp_stand_in(g, sdp_printf(&g->base, "%s_%s", x, t), r->shape, r->x, 0);
}

static void line(recursion *r, const char *label, const char *formula, sdp_shape shape, const char *reason)
{
    sdp_add_line(&r->s.doc, (sdp_line){.label = label,
                                       .formula = formula,
                                       .shape = sdp_spell_shape(&r->s, shape),
                                       .reason = reason});
}

static void tell_map(recursion *r)
{
    sdp_graph *g = r->s.g;
    const char *x = g->var[sdp_get(g, r->x)->param].name;
    sdp_add_block(&r->s.doc, "Map", NULL);
    if (r->na != r->a)
        line(r, spell(r, r->na), spell(r, r->a), g->var[sdp_get(g, r->na)->param].shape,
             sdp_printf(&g->base, "the derivative of the map by %s", x));
    if (r->nb != r->b)
        line(r, spell(r, r->nb), spell(r, r->b), r->shape, sdp_printf(&g->base, "the map at %s = 0", x));
}

static void tell_fixed_point(recursion *r)
{
    sdp_graph *g = r->s.g;
    sdp_id c, h = scaled(g, r->rest, &c);
    bool number = sdp_is_scalar(r->shape),
         known = number ? sdp_known_positive(g, r->rest) ||
                              sdp_known_positive(g, sdp_scale(g, SDP_NUM_MINUS_ONE, r->rest))
                        : sdp_has(g, r->rest, SDP_POSDEF);
    sdp_id about = sdp_known_positive(g, c) ? h : r->rest;
    sdp_add_block(&r->s.doc, "Fixed", NULL);
    line(r, spell(r, r->ns), spell(r, r->fixed), r->shape,
         known ? NULL
               : sdp_printf(&g->base, number ? "if %s is not 0" : "if %s is invertible", plain(r, about)));
}

static void tell_closed_form(recursion *r)
{
    sdp_graph *g = r->s.g;
    sdp_base *b = &g->base;
    const char *t = spell(r, r->nt),
               *reason = sdp_printf(b, "after %s steps from %s", plain(r, r->nt), plain(r, r->nx0));
    bool alone = r->fixed && sdp_is_zero(g, r->fixed);
    if (r->fixed && !alone) tell_fixed_point(r);
    sdp_add_block(&r->s.doc, "Closed", NULL);
    if (r->fixed)
        line(r, spell(r, r->now), spell(r, closed(g, r->na, alone ? r->fixed : r->ns, r->nx0, r->nt)),
             r->shape, reason);
    else if (sdp_is_zero(g, r->rest))
        line(r, spell(r, r->now), spell(r, sdp_add2(g, r->nx0, sdp_times(g, r->nt, r->nb))), r->shape,
             reason);
    else {
        const char *first = spell(r, times(g, power(g, r->na, r->nt), r->nx0)), *a = spell(r, r->na),
                   *c = spell(r, r->nb);
        const char *sum = sdp_in_tex(&r->s) ? sdp_printf(b, "%s + \\sum_{k=0}^{%s-1} %s^k %s", first, t, a, c)
                                            : sdp_printf(b, "%s+(I+%s+...+%s^(%s-1))*%s", first, a, a, t, c);
        line(r, spell(r, r->now), sum, r->shape, sdp_printf(b, "%s; no fixed point is known", reason));
    }
}

static void tell_limit(recursion *r)
{
    sdp_graph *g = r->s.g;
    const char *s = sdp_is_zero(g, r->fixed) ? "0" : plain(r, r->ns), *x0 = plain(r, r->nx0);
    sdp_id each = multipliers(r);
    sdp_num a;
    bool number = each && sdp_is_number(g, each, &a),
         small = number && sdp_num_cmp(g, a, SDP_NUM_ONE) < 0 && sdp_num_cmp(g, a, SDP_NUM_MINUS_ONE) > 0;
    const char *just = number ? NULL : condition(r);
    sdp_add_block(&r->s.doc, "Limit", NULL);
    sdp_add_line(&r->s.doc,
                 (sdp_line){.formula = small   ? sdp_printf(&g->base, "%s, from every %s", s, x0)
                                       : !just ? sdp_printf(&g->base, "none, unless %s is %s", x0, s)
                                               : sdp_printf(&g->base, "%s, from every %s, just if %s", s, x0,
                                                            just)});
}

static char *tell(recursion *r, sd_expr unknown, sd_expr map)
{
    sdp_graph *g = r->s.g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    read_map(r, unknown, map);
    if (!find_affine(r))
        sdp_fail(&g->base, SD_ERR_UNSUPPORTED, (sdp_span){0, 0}, "only w <- A*w+b has one here",
                 "no closed form: the map is not affine in '%s'", g->var[sdp_get(g, r->x)->param].name);
    find_fixed_point(r);
    if (sdp_is_zero(g, r->rest)) r->fixed = 0; // x <- x+b: none, or every value
    make_names(r);
    if (r->fixed) check_steps(r, r->nx0);
    r->s.doc = (sdp_document){.b = &g->base, .title = "Recursion"};
    tell_map(r);
    tell_closed_form(r);
    if (r->fixed) tell_limit(r);
    sdp_add_block(&r->s.doc, "Checked", NULL);
    sdp_add_line(&r->s.doc,
                 (sdp_line){.formula =
                                r->fixed
                                    ? "the fixed point exactly; the closed form against 3 steps of the map"
                                    : "the map is affine: its derivative is constant"});
    char *text = sdp_write_document(&r->s.doc, r->s.o->format);
    sdp_scratch_release(&g->base, m);
    return text;
}

static char *begin(sd_context *c, sd_expr unknown, sd_expr map, const sd_steps_options *o)
{
    recursion r = {.s = {.c = c, .g = c->g, .o = sdp_known_options(c, o)}};
    return tell(&r, unknown, map);
}

char *sd_recursion(sd_context *c, sd_expr unknown, sd_expr map, const sd_steps_options *o)
{
    RETURN_TEXT(c, unknown && map, begin(c, unknown, map, o));
}
