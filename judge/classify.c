// SPDX-License-Identifier: MIT
// Minimum, maximum or saddle? A stationary point of a function that is convex on its domain is a minimum;
// that is asked of convex.c, domain and conditions included, for log(x^2)-x is concave on either side of 0
// and nowhere between. Where the function has no verdict, a function that by what is known is nowhere smaller
// than at the point has its minimum there; and the Hessian at the point tells of its neighbourhood: definite,
// or of two signs.
#include <string.h>

#include "judge/solve.h"

enum { MOST_ENTRIES = 6, HIGHEST = 6 };

sdp_curve_verdict sdp_verdict_on(sd_context *c, sd_expr e, const char *wrt, unsigned seed)
{
    sd_convexity r = {.verdict = SD_CURVATURE_UNKNOWN};
    sdp_curve_verdict v = {.condition = ""};
    const char *condition = "";
    if (sdp_convexity_where(c, e, wrt, seed, &r, &condition) == SD_OK) {
        v.convex = r.verdict == SD_CONVEX || r.verdict == SD_AFFINE;
        v.concave = r.verdict == SD_CONCAVE || r.verdict == SD_AFFINE;
        if (*condition) v.condition = sdp_printf(&c->g->base, " %s", condition);
    }
    sd_free(c, r.reasons);
    sd_free(c, r.strong);
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
static const char *by_higher_derivatives(sdp_problem *p, sdp_id answer)
{
    sdp_graph *g = p->g;
    sdp_id d = p->grad;
    for (int order = 2; order <= HIGHEST; order++) {
        sdp_reverse(g, d, 1, &p->x, &d);
        d = sdp_simplify(g, d);
        sdp_id there = sdp_simplify(g, sdp_substitute(g, d, 1, &p->x, &answer));
        if (sdp_is_identically_zero(g, there)) continue;
        bool up = sdp_known_positive(g, there), down = sdp_known_positive(g, sdp_negated(g, there));
        if (!up && !down) return NULL;
        if (order % 2)
            return sdp_printf(&g->base,
                              "neither a minimum nor a maximum: the derivative of order %d there is not 0\n",
                              order);
        return sdp_printf(&g->base,
                          "a local %s: the first derivative that is not 0 there, of order %d, is %s\n",
                          up ? "minimum" : "maximum", order, up ? "positive" : "negative");
    }
    return NULL;
}

// Of a number: "a local minimum", or "a local maximum if the second derivative there, 2*a, is not 0".
static const char *of_number(sdp_problem *p, sdp_id answer, sdp_id h)
{
    sdp_graph *g = p->g;
    if (sdp_is_identically_zero(g, h)) return by_higher_derivatives(p, answer);
    char *text = sdp_node_text(g, h);
    const char *line = NULL;
    for (int sign = 1; sign >= -1 && !line; sign -= 2) {
        sdp_id s = sdp_scale(g, sdp_num_int(g, sign), h);
        const char *kind = sign > 0 ? "minimum" : "maximum";
        if (sdp_known_positive(g, s))
            line = sdp_printf(&g->base, "a local %s: the second derivative there is %s\n", kind,
                              sign > 0 ? "positive" : "negative");
        else if (sdp_known_nonneg(g, s))
            line =
                sdp_printf(&g->base, "a local %s if the second derivative there, %s, is not 0\n", kind, text);
    }
    if (!line)
        line = sdp_printf(&g->base,
                          "a local minimum if the second derivative there, %s, is positive, a local maximum "
                          "if it is negative\n",
                          text);
    sdp_release(&g->base, text);
    return line;
}

// Is the form of a vector of few entries positive in one direction and negative in another, whatever all else
// is?
static bool has_both_signs(sdp_problem *p, sdp_id q, sdp_id v)
{
    sdp_graph *g = p->g;
    const sdp_node *n = sdp_get(g, v);
    long size;
    bool seen[2] = {false, false};
    if (n->order != 1 || !sdp_dim_long(g, n->dim[0], &size) || size > MOST_ENTRIES) return false;
    for (long i = 0; i < size; i++)
        for (long k = 0; k < size; k++)
            for (int sign = -1; sign <= 1; sign += 2) { // e_i, e_i + e_k, e_i - e_k
                sdp_id at = sdp_sel(g, 1, n->dim, (sdp_dim[]){sdp_dim_int(g, i), SDP_DIM_ONE});
                if (k != i)
                    at = sdp_add2(g, at,
                                  sdp_scale(g, sdp_num_int(g, sign),
                                            sdp_sel(g, 1, n->dim,
                                                    (sdp_dim[]){sdp_dim_int(g, k), SDP_DIM_ONE})));
                sdp_id value = sdp_simplify(g, sdp_substitute(g, q, 1, &v, &at));
                seen[0] |= sdp_known_positive(g, value);
                seen[1] |= sdp_known_positive(g, sdp_negated(g, value));
            }
    return seen[0] && seen[1];
}

static const char *by_hessian(sdp_problem *p, sdp_id answer)
{
    sdp_graph *g = p->g;
    sdp_id v, q = form_at(p, answer, &v), one = sdp_number(g, SDP_NUM_ONE);
    if (!sdp_get(g, v)->order)
        return of_number(p, answer, sdp_simplify(g, sdp_substitute(g, q, 1, &v, &one)));
    for (int sign = 1; sign >= -1; sign -= 2) {
        sdp_id s = sdp_simplify(g, sdp_scale(g, sdp_num_int(g, sign), q));
        if (sdp_form_is_positive(g, s, 1, &v))
            return sign > 0 ? "a local minimum: the Hessian is positive definite there\n"
                            : "a local maximum: the Hessian is negative definite there\n";
    }
    return has_both_signs(p, q, v) ? "a saddle point: the Hessian has both signs there\n" : NULL;
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
static const char *of_quadratic(sdp_problem *p, sdp_id h)
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
    return line;
}

static const char *by_verdict(sdp_problem *p, const sdp_curve_verdict *v, bool definite, bool only)
{
    const char *kind = v->convex ? "minimum" : "maximum", *is = v->convex ? "convex" : "concave";
    const char *more = definite ? ", its Hessian definite"
                       : only   ? ", and has no other stationary point"
                                : "";
    return sdp_printf(&p->g->base, "%s %s%s: the function is %s%s\n", definite || only ? "the only" : "a",
                      kind, v->condition, is, more);
}

const char *sdp_kind_of(sdp_problem *p, const sdp_curve_verdict *v, sdp_id answer, bool only)
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
            return sign > 0 ? "a minimum: the function is nowhere smaller\n"
                            : "a maximum: the function is nowhere larger\n";
    bool square = affine && sdp_get(g, h)->order == 2 * sdp_get(g, p->x)->order && sdp_get(g, h)->order <= 2;
    if (number && square) return of_quadratic(p, h);
    const char *line = by_hessian(p, answer);
    if (!line && known) line = by_verdict(p, v, false, false);
    if (!line && square) line = of_quadratic(p, h);
    return line ? line : "a stationary point\n";
}
