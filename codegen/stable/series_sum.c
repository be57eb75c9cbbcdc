// SPDX-License-Identifier: MIT
// Sums all of whose terms are one product times functions of one node u: x*cos(r)/r^2 - x*sin(r)/r^3 =
// x*(cos(r)/r^2 - sin(r)/r^3) with u = r = norm(x), or a*exp(a*t)/t - (exp(a*t)-1)/t^2 with u = a*t. What is
// outside may be of any shape; the sum inside is computed by its series, once.
#include "codegen/stable/series.h"

enum { MOST_TERMS = 16 };

bool sdp_term_group(const sdp_expansions *x, sdp_id term, sdp_id atom, sdp_series_group *r)
{
    const sdp_node *m = sdp_get(x->g, term);
    for (uint32_t i = 0; m->kind == SDP_MUL && i < m->nargs; i++)
        if (x->of[m->arg[i]].atom == atom) return sdp_find_group(x, m, i, r);
    return false;
}

// The term without its group, as a map from what takes the place of that: its axes are those of the term and
// those of the group. 0: none. The group of s_j sum_k s_k f(u_k) is at k, and what is outside is not s_j,
// though the sum of softmax is 1.
static sdp_id outside(const sdp_expansions *x, const sdp_node *m, const sdp_series_group *r)
{
    sdp_id factor[2 * SDP_MAX_FACTORS];
    uint8_t label[2 * SDP_MAX_FACTORS * SDP_MAX_ORDER], out[SDP_MAX_ORDER];
    const uint8_t *at = sdp_labels(x->g, m, r->main);
    uint32_t n = 0, used = 0, own = sdp_get(x->g, m->arg[r->main])->order;
    if (m->order + own > SDP_MAX_ORDER) return 0;
    for (uint32_t i = 0; i < m->nargs; i++) {
        uint32_t order = sdp_get(x->g, m->arg[i])->order;
        if (r->factors >> i & 1) continue;
        factor[n++] = m->arg[i];
        sdp_copy(label + used, sdp_labels(x->g, m, i), order);
        used += order;
    }
    for (uint32_t k = 0; k < r->nrest; k++) {
        uint32_t order = sdp_get(x->g, r->rest[k].base)->order;
        factor[n++] = sdp_power_num(x->g, r->rest[k].base, sdp_num_int(x->g, r->rest[k].power));
        sdp_copy(label + used, at, order);
        used += order;
    }
    sdp_copy(out, sdp_labels(x->g, m, m->nargs), m->order);
    sdp_copy(out + m->order, at, own);
    return sdp_mul(x->g, SDP_NUM_ONE, n, factor, label, (int)(m->order + own), out, m->ldim);
}

bool sdp_series_within(const sdp_expansions *x, const sdp_node *n, sdp_id atom, uint32_t length,
                       sdp_series *term, sdp_series *out)
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
        if (!id || (i && (id != first || own != order))) return false;
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
    for (uint32_t i = 0; n->kind == SDP_ADD && n->nargs <= MOST_TERMS && m->kind == SDP_MUL && i < m->nargs;
         i++) {
        *atom = x->of[m->arg[i]].atom;
        if (*atom && x->of[m->arg[i]].atom != m->arg[i] && cancels_within(x, n, *atom)) return true;
    }
    return false;
}
