// SPDX-License-Identifier: MIT
// Maxima in a sum of split terms (split.c): logaddexp(a,b) arrives as b + softplus(a-b), and a-b must not be
// rounded where |b| is large, nor be b + (a-b).
//
//   c softplus(a-b) + c b = c log(exp(a)+exp(b)) = c where(a-b > 0, a, b) + c softplus(-|a-b|)
//
// This is an identity for whatever a and b are. b is one term of the sum or several, which may themselves be
// split or be such maxima: logaddexp(a,logaddexp(d,e)) = e + softplus(d-e) + softplus(a-e-softplus(d-e)). So
// of each term there is kept which term's large part holds it. A maximum takes in either all that is held
// together or nothing of it, every large part once, and the small parts of b become where(a-b > 0, 0, small):
// the sum of all large and small parts remains that of the terms at every step.
#include "codegen/stable/stable.h"

// The terms of a sum while its large parts are gathered: the term whose large part holds that of term i (i:
// its own), and whether term i is among those that a maximum takes in.
typedef struct {
    uint32_t *holder;
    bool *taken;
} gathered;

// Is b the term of -b in u = a-b, of c softplus(u), and does it stand in the sum with
// the coefficient that makes it c b?
static bool is_subtracted(const sdp_schedule *s, const sdp_node *n, uint32_t i, const sdp_node *u, uint32_t j)
{
    for (uint32_t k = 0; k < u->nargs; k++)
        if (u->arg[k] == n->arg[j] &&
            sdp_num_neg(s->g, sdp_num_mul(s->g, u->coef[k], n->coef[i])) == n->coef[j])
            return true;
    return false;
}

// Marks the terms that make up b, a term and what its large part holds only together.
// Returns the number of large parts.
static uint32_t find_subtracted(sdp_schedule *s, const sdp_node *n, uint32_t i, const sdp_node *u,
                                gathered *p)
{
    uint32_t found = 0;
    for (uint32_t j = 0; j < n->nargs; j++) p->taken[j] = j != i && is_subtracted(s, n, i, u, j);
    for (uint32_t j = 0; j < n->nargs; j++) {
        uint32_t h = p->holder[j];
        if (p->taken[j] != p->taken[h]) p->taken[h] = false;
    }
    for (uint32_t j = 0; j < n->nargs; j++) {
        p->taken[j] &= p->taken[p->holder[j]];
        found += p->taken[j] && p->holder[j] == j;
    }
    return found;
}

// a of u = a-b
static sdp_val without_subtracted(sdp_schedule *s, const sdp_node *n, const sdp_node *u, const gathered *p)
{
    sdp_val *arg = sdp_scratch(&s->g->base, (u->nargs + 1) * sizeof *arg);
    sdp_num *coef = sdp_scratch(&s->g->base, (u->nargs + 1) * sizeof *coef);
    uint32_t m = 0;
    for (uint32_t k = 0; k < u->nargs; k++) {
        bool gone = false;
        for (uint32_t j = 0; j < n->nargs; j++) gone |= p->taken[j] && n->arg[j] == u->arg[k];
        if (!gone) arg[m] = s->of[u->arg[k]], coef[m++] = u->coef[k];
    }
    return m ? sdp_value_sum(s, m, coef, arg) : 0;
}

// Term i is c softplus(a-b): what is known of large and small parts, coefficients and
// holders after it met the terms of c b
static void join_maximum(sdp_schedule *s, const sdp_node *n, uint32_t i, sdp_split_term *t, sdp_val *large,
                         sdp_num *coef, gathered *p)
{
    const sdp_node *f = sdp_get(s->g, n->arg[i]);
    const sdp_node *u = f->kind == SDP_MAP && f->op == SDP_OP_softplus ? sdp_get(s->g, f->arg[0]) : f;
    if (u == f || u->kind != SDP_ADD || !find_subtracted(s, n, i, u, p)) return;
    sdp_val a = without_subtracted(s, n, u, p), first = s->of[f->arg[0]],
            zero = sdp_value_filled(s, SDP_NUM_ZERO, first);
    sdp_val *part = sdp_scratch(&s->g->base, n->nargs * sizeof *part);
    sdp_num *c = sdp_scratch(&s->g->base, n->nargs * sizeof *c), over = sdp_num_inv(s->g, n->coef[i]);
    uint32_t m = 0;
    for (uint32_t j = 0; j < n->nargs; j++) {
        if (!p->taken[j]) continue;
        for (uint32_t k = 0; k < t[j].n; k++) t[j].small[k] = sdp_value_where(s, first, zero, t[j].small[k]);
        if (p->holder[j] == j) part[m] = large[j], c[m++] = sdp_num_mul(s->g, n->coef[j], over);
        p->holder[j] = i;
        coef[j] = SDP_NUM_ZERO;
    }
    large[i] = sdp_value_where(s, first, a ? a : zero, sdp_value_sum(s, m, c, part));
}

// The terms t of the sum n, their large parts and coefficients (0: another term's large part holds this one)
// with maxima joined.
void sdp_join_maxima(sdp_schedule *s, const sdp_node *n, sdp_split_term *t, sdp_val *large, sdp_num *coef)
{
    gathered p = {sdp_scratch(&s->g->base, n->nargs * sizeof *p.holder), sdp_scratch(&s->g->base, n->nargs)};
    for (uint32_t i = 0; i < n->nargs; i++) p.holder[i] = i;
    for (uint32_t i = 0; i < n->nargs; i++) // ids ascend: the terms of b before softplus(a-b)
        if (t[i].n) join_maximum(s, n, i, t, large, coef, &p);
}
