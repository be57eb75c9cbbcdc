// SPDX-License-Identifier: MIT
// Sums all of whose terms are one product times functions of one node u: x*cos(r)/r^2 - x*sin(r)/r^3 = x*(cos(r)/r^2 - sin(r)/r^3)
// with u = r = norm(x), or a*exp(a*t)/t - (exp(a*t)-1)/t^2 with u = a*t. What is outside may be of any shape; the sum inside is
// computed by its series, once.
#include "series.h"

enum { MOST_TERMS = 16 };

bool sdp_term_group(const sdp_expansions *x, sdp_id term, sdp_id atom, sdp_series_group *r)
{
    const sdp_node *m = sdp_get(x->g, term);
    for (uint32_t i = 0; m->kind == SDP_MUL && i < m->nargs; i++)
        if (x->of[m->arg[i]].atom == atom) return sdp_find_group(x, m, i, r);
    return false;
}

// The term without its group, as a node
static sdp_id outside(const sdp_expansions *x, const sdp_node *m, const sdp_series_group *r)
{
    sdp_id factor[SDP_MAX_FACTORS];
    uint8_t label[SDP_MAX_FACTORS * SDP_MAX_ORDER];
    uint32_t n = 0, at = 0;
    for (uint32_t i = 0; i < m->nargs; i++) {
        uint32_t order = sdp_get(x->g, m->arg[i])->order;
        if (r->factors >> i & 1) continue;
        factor[n++] = m->arg[i];
        sdp_copy(label + at, sdp_labels(x->g, m, i), order);
        at += order;
    }
    sdp_id id = sdp_mul(x->g, SDP_NUM_ONE, n, factor, label, m->order, sdp_labels(x->g, m, m->nargs), m->ldim);
    for (uint32_t k = 0; k < r->nrest; k++) id = sdp_times(x->g, id, sdp_power_num(x->g, r->rest[k].base, sdp_num_int(x->g, r->rest[k].power)));
    return id;
}

bool sdp_series_within(const sdp_expansions *x, const sdp_node *n, sdp_id atom, uint32_t length, sdp_series *term, sdp_series *out)
{
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_series_group r;
        sdp_series f[SDP_MAX_FACTORS + 1];
        if (!sdp_term_group(x, n->arg[i], atom, &r)) return false;
        for (uint32_t k = 0; k < r.n; k++) f[k] = x->of[sdp_get(x->g, n->arg[i])->arg[r.member[k]]].s;
        sdp_series_monomial(x->g, r.power, length, &f[r.n]);
        if (!sdp_series_product(x->g, SDP_NUM_ONE, r.n + 1, f, &term[i])) return false;
    }
    return sdp_series_sum(x->g, n->nargs, n->coef, term, out);
}

static bool cancels_within(const sdp_expansions *x, const sdp_node *n, sdp_id atom)
{
    sdp_series term[MOST_TERMS], sum;
    sdp_id first = 0;
    uint32_t order = 0;
    int least = 0;
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_series_group r;
        if (!sdp_term_group(x, n->arg[i], atom, &r)) return false;
        const sdp_node *m = sdp_get(x->g, n->arg[i]);
        sdp_id id = outside(x, m, &r);
        uint32_t own = sdp_get(x->g, m->arg[r.main])->order;
        if (i && (id != first || own != order)) return false;
        first = id;
        order = own;
    }
    if (!sdp_series_within(x, n, atom, SDP_SERIES_MOST, term, &sum)) return false;
    for (uint32_t i = 0; i < n->nargs; i++)
        if (!i || term[i].low < least) least = term[i].low;
    return sum.low > least;
}

bool sdp_sum_within(const sdp_expansions *x, const sdp_node *n, sdp_id *atom)
{
    const sdp_node *m = n->kind == SDP_ADD ? sdp_get(x->g, n->arg[0]) : n;
    for (uint32_t i = 0; n->kind == SDP_ADD && n->nargs <= MOST_TERMS && m->kind == SDP_MUL && i < m->nargs; i++) {
        *atom = x->of[m->arg[i]].atom;
        if (*atom && x->of[m->arg[i]].atom != m->arg[i] && cancels_within(x, n, *atom)) return true;
    }
    return false;
}
