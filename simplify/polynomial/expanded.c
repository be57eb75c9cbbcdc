// SPDX-License-Identifier: MIT
// Everything multiplied out: (a+b)*c is a*c+b*c, norm(y-X*w)^2 is y'*y-2*y'*X*w+w'*X'*X*w, (A+B)^2 is
// A^2+A*B+B*A+B^2.
//
// Expands in one walk over the graph, arguments first. A product is a list of terms; in each round every term
// that has a sum, or a positive integer power of one, among its factors is replaced by its products with the
// terms of that sum, and terms that have become equal are added, so that (x+y)^k makes k^2 terms on its way
// and not 2^k. A product is linear in each factor whatever its labels are, so the same lines serve scalars,
// matrices and traces. Powers with other exponents and quotients by sums stay. Entry: sdp_expanded.
#include "simplify/polynomial/polynomial.h"

void sdp_termlist_free(sdp_termlist *s)
{
    sdp_release(&s->g->base, s->place.at);
    sdp_release(&s->g->base, s->coef);
    sdp_release(&s->g->base, s->node);
}

static void add_unit(sdp_termlist *s, sdp_num coef, sdp_id unit)
{
    sdp_base *b = &s->g->base;
    uint32_t at = sdp_sparse_get(&s->place, unit);
    if (at) {
        s->coef[at - 1] = sdp_num_add(s->g, s->coef[at - 1], coef);
        return;
    }
    if (s->n >= b->limit.terms) sdp_limit(b, "terms", b->limit.terms);
    s->coef = sdp_grown_raw(b, s->coef, s->n, &s->coef_cap, sizeof *s->coef);
    s->node = sdp_grown_raw(b, s->node, s->n, &s->cap, sizeof *s->node);
    s->coef[s->n] = coef;
    s->node[s->n++] = unit;
    sdp_sparse_put(b, &s->place, unit, s->n);
}

void sdp_termlist_add(sdp_termlist *s, sdp_num coef, sdp_id term)
{
    sdp_graph *g = s->g;
    const sdp_node *n = sdp_get(g, term);
    if (coef == SDP_NUM_ZERO || sdp_is_zero(g, term)) return;
    if (n->kind == SDP_ADD) {
        for (uint32_t i = 0; i < n->nargs; i++) add_unit(s, sdp_num_mul(g, coef, n->coef[i]), n->arg[i]);
        return;
    }
    sdp_num own = n->kind == SDP_NUM ? n->param : n->kind == SDP_MUL ? n->coef[0] : SDP_NUM_ONE;
    if (own != SDP_NUM_ONE) coef = sdp_num_mul(g, coef, own), term = sdp_scale(g, sdp_num_inv(g, own), term);
    if (sdp_get(g, term)->kind == SDP_ADD) sdp_termlist_add(s, coef, term);
    else add_unit(s, coef, term);
}

// The sum that the factor is, or is a power of; *left: the power without one of them, 0: none.
static const sdp_node *sum_in(sdp_graph *g, sdp_id factor, sdp_id *left)
{
    const sdp_node *n = sdp_get(g, factor);
    sdp_num e;
    long k;
    *left = 0;
    if (n->kind == SDP_ADD) return n;
    if (n->kind != SDP_POW || sdp_get(g, n->arg[0])->kind != SDP_ADD || !sdp_is_number(g, n->arg[1], &e))
        return NULL;
    if (!sdp_num_long(g, e, &k) || k < 2 || sdp_get(g, n->arg[0])->order != n->order) return NULL;
    *left = sdp_power_num(g, n->arg[0], sdp_num_int(g, k - 1));
    return sdp_get(g, n->arg[0]);
}

// Multiplies a term out at its first factor that is a sum, into `to`; false if there is none.
static bool distribute(sdp_termlist *to, sdp_num coef, sdp_id id)
{
    sdp_graph *g = to->g;
    const sdp_node *n = sdp_get(g, id), *sum;
    sdp_id left;
    bool product = sdp_is_product(n);
    for (uint32_t k = 0; k < (product ? n->nargs : 1); k++) {
        if (!(sum = sum_in(g, product ? n->arg[k] : id, &left))) continue;
        for (uint32_t j = 0; j < sum->nargs; j++) {
            sdp_id part = left ? sdp_times(g, sum->arg[j], left) : sum->arg[j];
            sdp_termlist_add(to, sdp_num_mul(g, coef, sum->coef[j]),
                             product ? sdp_with_factor(g, n, k, part) : part);
        }
        return true;
    }
    return false;
}

static sdp_id total(const sdp_termlist *s, sdp_id like)
{
    uint32_t n = 0;
    const sdp_node *shape = sdp_get(s->g, like);
    sdp_num *coef = sdp_scratch(&s->g->base, (s->n + 1) * sizeof *coef);
    sdp_id *node = sdp_scratch(&s->g->base, (s->n + 1) * sizeof *node);
    for (uint32_t i = 0; i < s->n; i++)
        if (s->coef[i] != SDP_NUM_ZERO) coef[n] = s->coef[i], node[n++] = s->node[i];
    return n ? sdp_add(s->g, n, coef, node) : sdp_zeros(s->g, shape->order, shape->dim);
}

// A product, a power or a sum whose arguments are multiplied out
static sdp_id multiplied_out(sdp_graph *g, sdp_id id)
{
    sdp_termlist done = {.g = g}, now = {.g = g};
    sdp_termlist_add(&now, SDP_NUM_ONE, id);
    while (now.n) {
        sdp_termlist next = {.g = g};
        for (uint32_t i = 0; i < now.n; i++)
            if (now.coef[i] != SDP_NUM_ZERO && !distribute(&next, now.coef[i], now.node[i]))
                sdp_termlist_add(&done, now.coef[i], now.node[i]);
        sdp_termlist_free(&now);
        now = next;
    }
    id = total(&done, id);
    sdp_termlist_free(&done);
    return id;
}

static sdp_id expand_one(void *data, sdp_graph *g, sdp_id id, const sdp_id *arg, bool changed)
{
    (void)data;
    if (changed) id = sdp_rebuild(g, id, arg);
    uint8_t kind = sdp_get(g, id)->kind;
    if (kind != SDP_ADD && kind != SDP_MUL && kind != SDP_POW) return id;
    sdp_mark m = sdp_scratch_mark(&g->base);
    id = multiplied_out(g, id);
    sdp_scratch_release(&g->base, m);
    return id;
}

sdp_id sdp_expanded(sdp_graph *g, sdp_id id)
{
    sdp_rewrite_all(g, 1, &id, expand_one, NULL);
    return id;
}
