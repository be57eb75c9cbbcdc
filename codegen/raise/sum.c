// SPDX-License-Identifier: MIT
// Sums: as they were typed, and polynomials of one variable by descending powers, if that begins without a
// minus; else positive terms first, then negative ones, each in order of first appearance, constants last. A
// scalar that is broadcast over the shape of the sum is written bare as soon as one term has the shape (X+1);
// common rational factors come out when that is no longer (2*(x-y), but 2*x1*x2-14).
#include "codegen/raise/notation.h"
#include "simplify/polynomial/polynomial.h"

sdp_num sdp_add_content(sdp_raiser *r, const sdp_node *n)
{
    sdp_num c = SDP_NUM_ZERO;
    bool decimal = false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_num v = sdp_get(r->g, n->arg[i])->kind == SDP_NUM
                        ? sdp_num_mul(r->g, n->coef[i], sdp_get(r->g, n->arg[i])->param)
                        : n->coef[i];
        c = c == SDP_NUM_ZERO ? v : sdp_num_gcd(r->g, c, v);
        decimal |= sdp_r_decimal(r, v) != NULL;
    }
    if (decimal && !sdp_num_is_int(r->g, c)) return SDP_NUM_ONE; // 1.8*x+0.044
    return sdp_num_sign(r->g, c) < 0 ? sdp_num_neg(r->g, c) : c;
}

// A sum of many transposes is the transpose of a sum: (A*X*X+X*A*X)'
static sdp_rid transpose_whole(sdp_raiser *r, sdp_rid sum)
{
    const sdp_raised *n = sdp_r(r, sum);
    if (n->kind != SDP_R_ADD || n->form != SDP_MATRIX || n->nargs > 16) return sum;
    sdp_rid *arg = sdp_scratch(&r->g->base, n->nargs * sizeof *arg);
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_rid t = sdp_r_transpose(r, n->arg[i]);
        arg[i] = i < n->split ? t : sdp_r_negate(r, t);
    }
    sdp_rid inside = sdp_r_plus(r, n->nargs, arg);
    if (sdp_r(r, inside)->tokens + 3 >= sdp_r(r, sum)->tokens) return sum;
    return sdp_r_make(r, (sdp_raised){.kind = SDP_R_TRANS, .form = SDP_MATRIX, .nargs = 1, .arg = &inside});
}

// Puts the terms of a sum in the order in which they are to be printed; false: in any that suits.
static bool put_in_order(sdp_graph *g, sdp_id id, sdp_num *coef, sdp_id *term)
{
    const sdp_node *n = sdp_get(g, id);
    const uint8_t *typed = sdp_order_typed(g, id);
    for (uint32_t i = 0; i < n->nargs; i++) {
        coef[i] = n->coef[typed ? typed[i] : i];
        term[i] = n->arg[typed ? typed[i] : i];
    }
    if (typed) return true;
    if (n->nargs > SDP_MOST_WRITTEN || !sdp_is_polynomial_of_one(g, n)) return false;
    sdp_order_terms(g, n->nargs, coef, term);
    return true;
}

static bool begins_with_minus(sdp_graph *g, sdp_id sum)
{
    const sdp_node *n = sdp_get(g, sum);
    sdp_num *coef = sdp_scratch(&g->base, n->nargs * sizeof *coef);
    sdp_id *term = sdp_scratch(&g->base, n->nargs * sizeof *term);
    put_in_order(g, sum, coef, term);
    sdp_num v = SDP_NUM_ONE;
    return sdp_num_sign(g, coef[0]) * sdp_num_sign(g, sdp_is_number(g, term[0], &v) ? v : SDP_NUM_ONE) < 0;
}

bool sdp_raise_turned(sdp_raiser *r, sdp_id sum)
{
    sdp_graph *g = r->g;
    if (sdp_get(g, sum)->kind != SDP_ADD || sdp_order_typed(g, sum)) return false;
    if (sdp_order_typed(g, sdp_scale(g, SDP_NUM_MINUS_ONE, sum))) return true;
    return sdp_is_polynomial_of_one(g, sdp_get(g, sum)) && begins_with_minus(g, sum);
}

// Terms keep the sign before them that was typed, if theirs can be moved: y+b*(x-1), not y-b*(1-x).
static void free_signs(sdp_raiser *r, sdp_id id, uint32_t n, sdp_rid *term)
{
    const sdp_written *w = sdp_written_of(r->g, id);
    for (uint32_t i = 0; w && w->order && i < n; i++) {
        const sdp_raised *t = sdp_r(r, term[i]);
        bool minus = t->kind == SDP_R_SCALE && sdp_num_sign(r->g, t->num) < 0, typed = w->minus >> i & 1;
        sdp_rid freed = minus == typed ? 0 : sdp_r_negate_free(r, minus ? sdp_r_negate(r, term[i]) : term[i]);
        if (freed) term[i] = typed ? sdp_r_negate(r, freed) : freed;
    }
}

// Has the sum a term with a sum in brackets, as a*(x-y)+b?
static bool has_brackets(const sdp_raiser *r, sdp_rid sum)
{
    const sdp_raised *n = sdp_r(r, sum);
    bool any = false;
    for (uint32_t i = 0; n->kind == SDP_R_ADD && i < n->nargs && !any; i++) {
        const sdp_raised *t = sdp_r(r, n->arg[i]);
        if (t->kind == SDP_R_SCALE && sdp_r(r, t->arg[t->nargs - 1])->kind == SDP_R_PROD)
            t = sdp_r(r, t->arg[t->nargs - 1]);
        bool product = t->kind == SDP_R_SCALE || t->kind == SDP_R_PROD || t->kind == SDP_R_HAD;
        for (uint32_t k = 0; product && k < t->nargs; k++) any |= sdp_r(r, t->arg[k])->kind == SDP_R_ADD;
    }
    return any;
}

// Is `plain` the better form? One level of brackets is better than two, e.g. 2/N*X'*(X*w-y)+2*lambda*w is
// better than 2*(X'*(X*w-y)/N+lambda*w).
bool sdp_raise_levels(const sdp_raiser *r, sdp_rid factored, sdp_rid plain)
{
    uint32_t whole = sdp_r(r, factored)->tokens, apart = sdp_r(r, plain)->tokens;
    return r->says && sdp_r(r, plain)->kind == SDP_R_ADD && has_brackets(r, plain) ? apart <= whole
                                                                                   : apart < whole;
}

sdp_rid sdp_raise_add(sdp_raiser *r, sdp_id id)
{
    sdp_graph *g = r->g;
    const sdp_node *n = sdp_get(g, id);
    sdp_rid *body = sdp_scratch(&g->base, n->nargs * sizeof *body),
            *term = sdp_scratch(&g->base, n->nargs * sizeof *term);
    sdp_num *coef = sdp_scratch(&g->base, n->nargs * sizeof *coef);
    sdp_id scalar, *arg = sdp_scratch(&g->base, n->nargs * sizeof *arg);
    sdp_rid (*sum)(sdp_raiser *, uint32_t, const sdp_rid *) =
        put_in_order(g, id, coef, arg) ? sdp_r_plus_in_order : sdp_r_plus;
    bool shaped = false; // a term of full shape exists, so scalars may stand bare
    for (uint32_t i = 0; i < n->nargs; i++) shaped |= n->order && !sdp_is_broadcast(g, arg[i], &scalar);
    for (uint32_t i = 0; i < n->nargs; i++) {
        body[i] =
            shaped && sdp_is_broadcast(g, arg[i], &scalar) ? sdp_raise_scalar_of(r, arg[i]) : r->of[arg[i]];
        if (body[i] == SDP_UNRAISED) return SDP_UNRAISED;
        bool inside = r->says && g->writing->decimals && body[i] == r->of[arg[i]] && coef[i] != SDP_NUM_ONE;
        term[i] = inside && (sdp_get(g, arg[i])->kind == SDP_MUL || sdp_get(g, arg[i])->kind == SDP_POW)
                      ? sdp_raise_multiple(r, coef[i], arg[i])
                      : sdp_r_scale(r, coef[i], body[i]);
    }
    free_signs(r, id, n->nargs, term);
    sdp_rid plain = transpose_whole(r, sum(r, n->nargs, term));
    sdp_num c = sdp_add_content(r, n);
    if (c == SDP_NUM_ONE || c == SDP_NUM_ZERO || n->nargs < 2) return plain;
    sdp_num inverse = sdp_num_inv(g, c);
    for (uint32_t i = 0; i < n->nargs; i++)
        term[i] = sdp_r_scale(r, sdp_num_mul(g, coef[i], inverse), body[i]);
    sdp_rid factored = sdp_r_scale(r, c, transpose_whole(r, sum(r, n->nargs, term)));
    if (!sdp_num_is_int(g, c))
        return sdp_r(r, factored)->tokens <= sdp_r(r, plain)->tokens ? factored : plain;
    return sdp_raise_levels(r, factored, plain) ? plain : factored;
}
