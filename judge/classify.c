// SPDX-License-Identifier: MIT
// Minimum, maximum or saddle? A stationary point of a function that is convex on its domain is a minimum;
// that is asked of convex.c, domain and conditions included, for log(x^2)-x is concave on either side of 0
// and nowhere between. Where the function has no verdict, a function that by what is known is nowhere
// smaller than at the point has its minimum there; and the Hessian at the point tells of its
// neighbourhood: definite, or of two signs.
#include <string.h>

#include "judge/solve.h"

enum { MOST_ENTRIES = 6, HIGHEST = 6 };

sdp_curve_verdict sdp_verdict_on(sd_context *c, sd_expr e, const char *wrt, unsigned seed)
{
    sd_convexity r = {.verdict = SD_CURVATURE_UNKNOWN};
    sdp_curve_verdict v = {.condition = ""};
    sdp_verdict_place p;
    if (sdp_convexity_where(c, e, wrt, seed, &r, &p) == SD_OK) {
        v.convex = r.verdict == SD_CONVEX || r.verdict == SD_AFFINE;
        v.concave = r.verdict == SD_CONCAVE || r.verdict == SD_AFFINE;
        if (*p.condition) v.condition = sdp_printf(&c->g->base, " %s", p.condition);
    }
    sd_free(c, r.reasons);
    sd_free(c, r.strong);
    sd_free(c, r.points);
    return v;
}

bool sdp_is_least(sdp_problem *p, sdp_id answer, int sign)
{
    sdp_graph *g = p->g;
    sdp_id there = sdp_substitute(g, p->f, 1, &p->x, &answer);
    sdp_id above =
        sdp_scale(g, sdp_num_int(g, sign), sdp_simplify(g, sdp_sub(g, p->f, sdp_simplify(g, there))));
    return sdp_has(g, above, SDP_NONNEG) || sdp_scalar_is_nonneg(g, above);
}

// ---- the Hessian at the point -----------------------------------------------------------------------------
// v'*H*v at the answer.
static sdp_id form_at(sdp_problem *p, sdp_id answer, sdp_id *v)
{
    sdp_graph *g = p->g;
    const sdp_node *n = sdp_get(g, p->x);
    uint32_t facts = sdp_facts(g, p->g->var[p->var].node).yes & (SDP_SYMMETRIC | SDP_DIAGONAL);
    *v = sdp_hidden_variable(g, sdp_printf(&g->base, "$v%u", p->x), n->order, n->dim, facts);
    sdp_id q = sdp_simplify(g, sdp_jvp(g, sdp_simplify(g, sdp_jvp(g, p->f, 1, &p->x, v)), 1, &p->x, v));
    return sdp_simplify(g, sdp_substitute(g, q, 1, &p->x, &answer));
}

// Where derivatives of a number vanish, the first one that does not decides: of even order as the second
// does, of odd order neither.
static const sdp_point_kind unknown = {SDP_SOME_POINT, SDP_NOWHERE, NULL};

static sdp_point_kind told(const char *line) { return (sdp_point_kind){SDP_SOME_POINT, SDP_NOWHERE, line}; }

static sdp_point_kind extreme(bool minimum, sdp_extent extent, const char *line)
{
    return (sdp_point_kind){minimum ? SDP_MINIMUM : SDP_MAXIMUM, extent, line};
}

static sdp_point_kind by_higher_derivatives(sdp_problem *p, sdp_id answer)
{
    sdp_graph *g = p->g;
    sdp_id d = p->grad;
    for (int order = 2; order <= HIGHEST; order++) {
        sdp_reverse(g, d, 1, &p->x, &d);
        d = sdp_simplify(g, d);
        sdp_id there = sdp_simplify(g, sdp_substitute(g, d, 1, &p->x, &answer));
        if (sdp_is_identically_zero(g, there)) continue;
        bool up = sdp_known_positive(g, there), down = sdp_known_positive(g, sdp_negated(g, there));
        if (!up && !down) return unknown;
        if (order % 2)
            return told(
                sdp_printf(&g->base,
                           "neither a minimum nor a maximum: the derivative of order %d there is not 0\n",
                           order));
        return extreme(
            up, SDP_NEAR_BY,
            sdp_printf(&g->base, "a local %s: the first derivative that is not 0 there, of order %d, is %s\n",
                       up ? "minimum" : "maximum", order, up ? "positive" : "negative"));
    }
    return unknown;
}

// Of a number: "a local minimum", or "a local maximum if the second derivative there, 2*a, is not 0".
static sdp_point_kind of_number(sdp_problem *p, sdp_id answer, sdp_id h)
{
    sdp_graph *g = p->g;
    if (sdp_is_identically_zero(g, h)) return by_higher_derivatives(p, answer);
    char *text = sdp_node_text(g, h);
    sdp_point_kind found = unknown;
    for (int sign = 1; sign >= -1 && !found.line; sign -= 2) {
        sdp_id s = sdp_scale(g, sdp_num_int(g, sign), h);
        const char *kind = sign > 0 ? "minimum" : "maximum";
        if (sdp_known_positive(g, s))
            found = extreme(sign > 0, SDP_NEAR_BY,
                            sdp_printf(&g->base, "a local %s: the second derivative there is %s\n", kind,
                                       sign > 0 ? "positive" : "negative"));
        else if (sdp_known_nonneg(g, s))
            found = told(sdp_printf(&g->base, "a local %s if the second derivative there, %s, is not 0\n",
                                    kind, text));
    }
    if (!found.line)
        found = told(
            sdp_printf(&g->base,
                       "a local minimum if the second derivative there, %s, is positive, a local maximum "
                       "if it is negative\n",
                       text));
    sdp_release(&g->base, text);
    return found;
}

// A direction of one unknown: 1, the unit vectors of few entries; of a size that is a symbol, the first of
// them and that of all entries. 0: there is no further one.
static sdp_id direction(sdp_graph *g, sdp_id v, long i)
{
    const sdp_node *n = sdp_get(g, v);
    long size;
    if (!n->order) return i ? 0 : sdp_number(g, SDP_NUM_ONE);
    bool number = n->order == 1 && sdp_dim_long(g, n->dim[0], &size);
    if (n->order > 1 || i >= (number ? size : 2) || (number && size > MOST_ENTRIES)) return 0;
    if (!number && i == 1) return sdp_ones(g, 1, n->dim);
    return sdp_sel(g, 1, n->dim, (sdp_dim[]){sdp_dim_int(g, i), SDP_DIM_ONE});
}

// The sign of the form where unknown i has the direction d[0], and unknown k, if it is one, d[1].
static int sign_in(sdp_graph *g, sdp_id q, uint32_t n, const sdp_id *v, const uint32_t of[2],
                   const sdp_id d[2])
{
    sdp_id *at = sdp_scratch(&g->base, n * sizeof *at);
    for (uint32_t k = 0; k < n; k++) at[k] = sdp_zeros(g, sdp_get(g, v[k])->order, sdp_get(g, v[k])->dim);
    for (int k = 0; k < 2; k++)
        if (d[k]) at[of[k]] = sdp_add2(g, at[of[k]], d[k]);
    sdp_id value = sdp_simplify(g, sdp_substitute(g, q, n, v, at));
    return sdp_known_positive(g, value) ? 1 : sdp_known_positive(g, sdp_negated(g, value)) ? -1 : 0;
}

static bool has_both_signs(sdp_graph *g, sdp_id q, uint32_t n, const sdp_id *v)
{
    sdp_id list[MOST_ENTRIES * SDP_MOST_UNKNOWNS], d;
    uint32_t of[MOST_ENTRIES * SDP_MOST_UNKNOWNS], count = 0;
    bool above = false, below = false;
    for (uint32_t k = 0; k < n; k++)
        for (long i = 0; (d = direction(g, v[k], i)) != 0; i++) of[count] = k, list[count++] = d;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = i; k < count && !(above && below); k++)
            for (int sign = -1; sign <= 1; sign += 2) { // d_i, d_i + d_k, d_i - d_k
                sdp_id pair[] = {list[i], k == i ? 0 : sdp_scale(g, sdp_num_int(g, sign), list[k])};
                int s = sign_in(g, q, n, v, (uint32_t[]){of[i], of[k]}, pair);
                above |= s > 0;
                below |= s < 0;
            }
    return above && below;
}

sdp_point_kind sdp_kind_by_form(sdp_graph *g, sdp_id q, uint32_t n, const sdp_id *v)
{
    for (int sign = 1; sign >= -1; sign -= 2) {
        sdp_id s = sdp_simplify(g, sdp_scale(g, sdp_num_int(g, sign), q));
        if (sdp_form_is_positive(g, s, n, v))
            return extreme(sign > 0, SDP_NEAR_BY,
                           sign > 0 ? "a local minimum: the Hessian is positive definite there\n"
                                    : "a local maximum: the Hessian is negative definite there\n");
    }
    return has_both_signs(g, q, n, v) ? told("a saddle point: the Hessian has both signs there\n") : unknown;
}

static sdp_point_kind by_hessian(sdp_problem *p, sdp_id answer)
{
    sdp_graph *g = p->g;
    sdp_id v, q = form_at(p, answer, &v), one = sdp_number(g, SDP_NUM_ONE);
    if (!sdp_get(g, v)->order)
        return of_number(p, answer, sdp_simplify(g, sdp_substitute(g, q, 1, &v, &one)));
    return sdp_kind_by_form(g, q, 1, &v);
}

// ---- all together -----------------------------------------------------------------------------------------
// Of a Hessian that is the same everywhere: 1 positive, -1 negative definite, else 0.
static int definiteness(sdp_graph *g, sdp_id h)
{
    sdp_id minus = sdp_negated(g, h);
    int order = sdp_get(g, h)->order;
    if (order == 2) return sdp_has(g, h, SDP_POSDEF) ? 1 : sdp_has(g, minus, SDP_POSDEF) ? -1 : 0;
    return order ? 0 : sdp_known_positive(g, h) ? 1 : sdp_known_positive(g, minus) ? -1 : 0;
}

// A quadratic whose Hessian has no known sign: the sign says what the point is.
static sdp_point_kind of_quadratic(sdp_problem *p, sdp_id h)
{
    sdp_graph *g = p->g;
    bool number = !sdp_get(g, h)->order;
    char *text = sdp_node_text(g, sdp_simplify(g, h));
    const char *line = number
                           ? sdp_printf(&g->base, "a minimum if %s > 0, a maximum if it is negative\n", text)
                           : sdp_printf(&g->base,
                                        "a minimum if %s is positive semidefinite, a maximum if it is "
                                        "negative semidefinite, else a saddle point\n",
                                        text);
    sdp_release(&g->base, text);
    return told(line);
}

static sdp_point_kind by_verdict(sdp_problem *p, const sdp_curve_verdict *v, bool definite, bool only)
{
    const char *kind = v->convex ? "minimum" : "maximum", *is = v->convex ? "convex" : "concave";
    const char *more = definite ? ", its Hessian definite"
                       : only   ? ", and has no other stationary point"
                                : "";
    const char *line = sdp_printf(&p->g->base, "%s %s%s: the function is %s%s\n",
                                  definite || only ? "the only" : "a", kind, v->condition, is, more);
    if (*v->condition) return told(line);
    return extreme(v->convex, definite || only ? SDP_THE_ONLY_ONE : SDP_ON_THE_WHOLE, line);
}

// ---- another unknown --------------------------------------------------------------------------------------
// Of a positive definite S the function may be convex in inv(S), of a positive number v in log(v): these run
// through the same set one to one, so that a stationary point is a minimum on the whole of it.
static sdp_point_kind by_other_unknown(sdp_problem *p, bool only)
{
    sdp_graph *g = p->g;
    sdp_id x = g->var[p->var].node, f = sdp_get_expr(p->c, p->expr)->node;
    const sdp_node *n = sdp_get(g, x);
    bool matrix = n->order == 2;
    uint32_t facts = g->var[p->var].facts;
    if ((matrix ? facts != (facts & (SDP_POSDEF | SDP_PSD | SDP_SYMMETRIC)) || !sdp_has(g, x, SDP_POSDEF)
                : n->order || !sdp_has(g, x, SDP_POSITIVE)) ||
        !sdp_is_defined_everywhere(p))
        return unknown;
    sdp_id t = sdp_hidden_variable(g, matrix ? sdp_printf(&g->base, "$i%u", x) : "$l", n->order, n->dim,
                                   matrix ? facts : 0);
    sdp_id to = matrix ? sdp_inverse(g, t) : sdp_map1(g, SDP_OP_exp, t);
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_judge j = {.g = g, .n = 1, .wrt = &t};
    uint8_t c = sdp_curvature(&j, sdp_simplify(g, sdp_without_logs(g, sdp_substitute(g, f, 1, &x, &to)))) &
                SDP_AFFINE;
    sdp_scratch_release(&g->base, m);
    if (c != SDP_CONVEX && c != SDP_CONCAVE) return unknown;
    return extreme(c == SDP_CONVEX, only ? SDP_THE_ONLY_ONE : SDP_ON_THE_WHOLE,
                   sdp_printf(&g->base, "%s %s: the function is %s in %s(%s)%s\n", only ? "the only" : "a",
                              c == SDP_CONVEX ? "minimum" : "maximum", c == SDP_CONVEX ? "convex" : "concave",
                              matrix ? "inv" : "log", g->var[p->var].name,
                              only ? ", and has no other stationary point" : ""));
}

// ---- a monotone function of another one -------------------------------------------------------------------
// The only argument that moves; *sign turns with a negative weight. 0: there are
// several, or a weight has no known sign.
static sdp_id only_moving(sdp_graph *g, const sdp_node *n, sdp_id x, int *sign)
{
    sdp_id found = 0;
    bool scaled = n->kind == SDP_MUL;
    if (scaled && (n->order || n->nlabels)) return 0;
    if (scaled) *sign *= sdp_num_sign(g, n->coef[0]);
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_id a = n->arg[i];
        if (sdp_depends(g, a, x)) {
            if (found) return 0;
            found = a;
            if (!scaled) *sign *= sdp_num_sign(g, n->coef[i]);
        } else if (scaled && !sdp_known_positive(g, a)) {
            if (!sdp_known_positive(g, sdp_negated(g, a))) return 0;
            *sign = -*sign;
        }
    }
    return found;
}

// Does the function rise (1) or fall (-1) strictly with its argument? 0: neither is known.
static int direction_of(sdp_graph *g, const sdp_node *n)
{
    sdp_num e;
    if (n->kind == SDP_POW) {
        if (!sdp_is_number(g, n->arg[1], &e) || !sdp_known_nonneg(g, n->arg[0])) return 0;
        return sdp_num_sign(g, e);
    }
    if (n->kind != SDP_MAP || n->nargs != 1 || sdp_ops[n->op].kink || !sdp_ops[n->op].d[0]) return 0;
    sdp_id t = sdp_hidden_variable(g, "$t", 0, NULL, 0), slope = sdp_template(g, sdp_ops[n->op].d[0], 1, &t);
    if (sdp_ops[n->op].is_signed || sdp_known_positive(g, slope)) return 1;
    if (n->op == SDP_OP_log) return 1; // 1/t on t > 0
    return sdp_known_positive(g, sdp_negated(g, slope)) ? -1 : 0;
}

// log(1+norm(A*x-b)^2) rises with a convex function: where its gradient is 0, that of the convex one is, too.
static sdp_point_kind by_monotony(sdp_problem *p)
{
    sdp_graph *g = p->g;
    sdp_id x = g->var[p->var].node;
    sdp_surface f = *sdp_get_expr(p->c, p->expr);
    int sign = 1;
    bool inside = false;
    while (!sdp_get(g, f.node)->order) {
        const sdp_node *n = sdp_get(g, f.node);
        int direction = direction_of(g, n);
        sdp_id next = direction                                  ? n->arg[0]
                      : n->kind == SDP_ADD || n->kind == SDP_MUL ? only_moving(g, n, x, &sign)
                                                                 : 0;
        if (!next || next == f.node) break;
        if (direction) sign *= direction;
        inside |= direction != 0;
        f.node = next;
    }
    if (!inside || !sign || f.free || sdp_get(g, f.node)->order) return unknown;
    sdp_curve_verdict v = sdp_verdict_on(p->c, sdp_add_expr(p->c, f), p->wrt, 1);
    if (v.convex == v.concave || *v.condition) return unknown;
    return extreme(v.convex == (sign > 0), SDP_ON_THE_WHOLE,
                   sdp_printf(&g->base, "a %s: the function %s with a %s one\n",
                              v.convex == (sign > 0) ? "minimum" : "maximum", sign > 0 ? "rises" : "falls",
                              v.convex ? "convex" : "concave"));
}

sdp_point_kind sdp_kind_of(sdp_problem *p, const sdp_curve_verdict *v, sdp_id answer, bool only)
{
    sdp_graph *g = p->g;
    sdp_id h, g0;
    bool affine = sdp_affine_in(g, p->grad, p->x, &h, &g0), number = !sdp_get(g, p->x)->order;
    int definite = affine ? definiteness(g, h) : 0;
    bool known = v->convex || v->concave, always = known && !*v->condition;
    if (definite)
        return by_verdict(
            p, &(sdp_curve_verdict){.convex = definite > 0, .concave = definite < 0, .condition = ""}, true,
            only);
    if (always) return by_verdict(p, v, false, only);
    for (int sign = 1; sign >= -1; sign -= 2)
        if (sdp_is_least(p, answer, sign))
            return extreme(sign > 0, SDP_ON_THE_WHOLE,
                           sign > 0 ? "a minimum: the function is nowhere smaller\n"
                                    : "a maximum: the function is nowhere larger\n");
    sdp_point_kind kind = by_other_unknown(p, only);
    if (!kind.line) kind = by_monotony(p);
    if (kind.line) return kind;
    bool square = affine && sdp_get(g, h)->order == 2 * sdp_get(g, p->x)->order && sdp_get(g, h)->order <= 2;
    if (number && square) return of_quadratic(p, h);
    kind = by_hessian(p, answer);
    if (!kind.line && known) kind = by_verdict(p, v, false, false);
    if (!kind.line && square) kind = of_quadratic(p, h);
    return kind.line ? kind : told("a stationary point\n");
}
