// SPDX-License-Identifier: MIT
// Removable singularities: (exp(x)-1-x)/x^2 and its derivatives lose all digits where x
// is small, as their terms cancel.
//
// An expression all of which depends on one part u, a variable, x'*w or any other node, element by element,
// has a Laurent series in u (series.c). A sum cancels exactly if its series begins with a higher power than
// those of its terms. It is computed as
//
//   where(|u| < r, polynomial(u), as it is written)
//
// and so is a product in which such a sum meets negative powers: (1-cos(x))/x^2 as a whole, since 1-cos(x)
// itself would underflow. The polynomial has the terms that count below r, and r is the smallest radius at
// and beyond which what is written loses no more than two digits. At u = 0 it has the limit; where there is
// none, nothing changes.
//
// An identity to 2^-58 of the value: the coefficients are those of the whole product or sum that is replaced,
// every factor of which is in the series or multiplied to it afterwards, and zeros among them are proved
// modulo 2^61-1, not seen in doubles.
#include <math.h>
#include <string.h>

#include "codegen/stable/stable.h"
#include "codegen/stable/jet.h"

static const double MOST_LOSS = 128, TAIL = 0x1p-58;

// ---- polynomials ------------------------------------------------------------------------------------------
// How many terms must be known beyond those that are used: two that are none of the zeros between terms. Five
// zeros after the last known term of a series of u^6 say nothing about its size.
static uint32_t terms_beyond(const sdp_series *s)
{
    uint32_t gap = 0, last = 0;
    for (uint32_t i = 1; i < s->n; i++) {
        if (!s->c[i].mod) continue;
        if (i - last > gap) gap = i - last;
        last = i;
    }
    return 2 * gap > 5 ? 2 * gap : 5;
}

// How many terms are enough up to r; 0: more than there are
static uint32_t enough(const sdp_series *s, double r, double least)
{
    double tail = 0, power = pow(r, s->n);
    uint32_t n = s->n;
    while (n && tail <= TAIL * least) power /= r, tail += fabs(s->c[--n].hi) * power;
    return n + terms_beyond(s) <= s->n ? n + 1 : 0;
}

// The first radius at which what is written loses little, or else the best; loss:
// at r and -r; false: there is none
static bool choose_radius(const sdp_series *s, const double *loss, double *r, uint32_t *terms)
{
    double best = HUGE_VAL;
    for (int k = 0; k < SDP_RADII && best > MOST_LOSS; k++) {
        double least = fabs(s->c[0].hi), most = fmax(loss[2 * k], loss[2 * k + 1]);
        for (int side = -1; side <= 1; side += 2)
            least = fmin(least, fabs(sdp_series_at(s, side * sdp_radius[k]) / pow(sdp_radius[k], s->low)));
        uint32_t m = enough(s, sdp_radius[k], least);
        if (m && most < best) best = most, *r = sdp_radius[k], *terms = m;
    }
    return best < HUGE_VAL;
}

static sdp_val number_like(sdp_schedule *s, double v, sdp_val like)
{
    return sdp_value_filled(s, sdp_num_of_double(s->g, v), like);
}

// By Horner's rule, of an even or odd function in u^2
static sdp_val polynomial(sdp_schedule *s, const sdp_series *p, uint32_t terms, sdp_val u)
{
    uint32_t step = 2, k = 0;
    for (uint32_t i = 1; i < terms; i += 2)
        if (p->c[i].mod) step = 1;
    while (k + step < terms) k += step;
    sdp_val by = step == 2 ? sdp_value_times(s, SDP_NUM_ONE, 2, (sdp_val[]){u, u}) : u,
            v = number_like(s, p->c[k].hi, u);
    while (k) {
        v = sdp_value_times(s, SDP_NUM_ONE, 2, (sdp_val[]){by, v});
        k -= step;
        if (p->c[k].mod) v = sdp_value_add(s, SDP_NUM_ONE, v, SDP_NUM_ONE, number_like(s, p->c[k].hi, u));
    }
    return p->low ? sdp_value_times(s, SDP_NUM_ONE, 2, (sdp_val[]){v, sdp_value_power(s, u, p->low)}) : v;
}

// The series near 0, and its limit there if it has one, else `direct`
static sdp_val near_or(sdp_schedule *s, sdp_id atom, const sdp_series *p, const double *loss, sdp_val direct)
{
    double r = 0;
    uint32_t terms = 0;
    if (!choose_radius(p, loss, &r, &terms)) return direct;
    sdp_val u = s->of[atom], size = sdp_value_map1(s, SDP_OP_abs, u);
    // 0 at u = 0
    sdp_val beyond = p->low >= 0 ? sdp_value_filled(s, SDP_NUM_ONE, u) : sdp_value_map1(s, SDP_OP_step, size);
    sdp_val near = sdp_value_add(s, sdp_num_of_double(s->g, r), beyond, SDP_NUM_MINUS_ONE, size);
    return sdp_value_where(s, near, polynomial(s, p, terms, u), direct);
}

// The product of nodes, functions of u, and of u^power, whose value as it is written is `direct`; product:
// the node, if it is one
static sdp_val by_series(sdp_schedule *s, sdp_id product, sdp_id atom, int power, uint32_t n,
                         const sdp_id *factor, sdp_val direct)
{
    const sdp_expansions *x = s->stable->expansions;
    sdp_series f[SDP_MAX_FACTORS + 1], p;
    double loss[2 * SDP_RADII] = {0};
    for (uint32_t i = 0; i < n; i++) {
        if (!x->of[factor[i]].wanted) return direct;
        f[i] = x->of[factor[i]].s;
        for (int k = 0; k < 2 * SDP_RADII; k++) loss[k] += x->of[factor[i]].at[k][1];
    }
    sdp_series_monomial(s->g, power, SDP_SERIES_MOST, &f[n]);
    if (!sdp_series_product(s->g, SDP_NUM_ONE, n + 1, f, &p)) return direct;
    if (product) s->stable->by_series[product] |= p.low >= 0;
    return near_or(s, atom, &p, loss, direct);
}

// The functions of u in a product as they are written
static sdp_val group_value(sdp_schedule *s, const sdp_node *n, const sdp_series_group *r)
{
    sdp_val v[SDP_MAX_FACTORS + 1];
    for (uint32_t k = 0; k < r->n; k++) v[k] = s->of[n->arg[r->member[k]]];
    if (r->power) v[r->n] = sdp_value_power(s, s->of[r->atom], r->power);
    return sdp_value_times(s, SDP_NUM_ONE, r->n + (r->power != 0), v);
}

// Multiplies the value by the factors of a group that are not functions of u.
static sdp_val times_rest(sdp_schedule *s, const sdp_series_group *r, sdp_val value)
{
    for (uint32_t k = 0; k < r->nrest; k++) {
        sdp_val base = s->of[r->rest[k].base];
        bool scalar = s->value[base].order < s->value[value].order;
        if (scalar) value = sdp_value_divided(s, value, sdp_value_power(s, base, -r->rest[k].power));
        else
            value = sdp_value_times(s, SDP_NUM_ONE, 2,
                                    (sdp_val[]){value, sdp_value_power(s, base, r->rest[k].power)});
    }
    return value;
}

// The product without the factors in the mask
const sdp_node *sdp_product_without(sdp_schedule *s, const sdp_node *n, uint32_t gone, sdp_val *value)
{
    sdp_node *m = sdp_scratch(&s->g->base, sizeof *m);
    const uint8_t *end = sdp_labels(s->g, n, n->nargs), *from = n->label;
    sdp_id *arg = sdp_scratch(&s->g->base, n->nargs * sizeof *arg);
    uint8_t *label = sdp_scratch(&s->g->base, (size_t)(end - n->label) + n->order + 1), *to = label;
    *m = *n;
    m->nargs = 0;
    for (uint32_t i = 0; i < n->nargs; i++) {
        uint32_t order = sdp_get(s->g, n->arg[i])->order;
        if (!(gone >> i & 1)) {
            sdp_copy(to, from, order);
            to += order;
            value[m->nargs] = value[i];
            arg[m->nargs++] = n->arg[i];
        }
        from += order;
    }
    sdp_copy(to, end, n->order);
    m->arg = arg;
    m->label = label;
    return m;
}

// Returns the rest of a product after its groups are replaced by series. value[i] belongs to factor i of the
// rest: the value that stands for a group, or 0 if the factor stays as it is.
const sdp_node *sdp_product_by_series(sdp_schedule *s, sdp_id id, sdp_val *value)
{
    const sdp_expansions *x = s->stable->expansions;
    const sdp_node *n = sdp_get(s->g, id);
    sdp_series_group r;
    uint32_t gone = 0, taken = 0; // taken: in a group, and the main factors of groups stand for all of theirs
    for (uint32_t i = 0; id < x->n && x->of[id].exposed && i < n->nargs; i++) {
        if (!sdp_find_group(x, n, i, &r) || !sdp_group_cancels(x, n, &r) || taken & r.factors) continue;
        sdp_id factor[SDP_MAX_FACTORS];
        for (uint32_t k = 0; k < r.n; k++) factor[k] = n->arg[r.member[k]];
        value[r.main] =
            times_rest(s, &r, by_series(s, id, r.atom, r.power, r.n, factor, group_value(s, n, &r)));
        gone |= r.factors & ~(1U << r.main);
        taken |= r.factors;
    }
    return gone ? sdp_product_without(s, n, gone, value) : n;
}

// The terms of a sum without what they share, and its product with that
static sdp_val sum_within(sdp_schedule *s, const sdp_node *n, sdp_id atom, sdp_val direct)
{
    const sdp_expansions *x = s->stable->expansions;
    sdp_series *term = sdp_scratch(&s->g->base, n->nargs * sizeof *term), p;
    sdp_val *inside = sdp_scratch(&s->g->base, n->nargs * sizeof *inside);
    double loss[2 * SDP_RADII] = {0};
    sdp_series_group r;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *m = sdp_get(s->g, n->arg[i]);
        if (!sdp_term_group(x, n->arg[i], atom, &r)) return direct;
        for (uint32_t k = 0; k < r.n; k++)
            if (!x->of[m->arg[r.member[k]]].wanted) return direct;
        inside[i] = group_value(s, m, &r);
    }
    if (!sdp_series_within(x, n, atom, SDP_SERIES_MOST, term, &p)) return direct;
    for (int k = 0; k < 2 * SDP_RADII; k++)
        for (uint32_t i = 0; i < n->nargs; i++) {
            double u = k % 2 ? -sdp_radius[k / 2] : sdp_radius[k / 2],
                   weight =
                       sdp_num_double(s->g, n->coef[i]) * sdp_series_at(&term[i], u) / sdp_series_at(&p, u);
            const sdp_node *m = sdp_get(s->g, n->arg[i]);
            sdp_term_group(x, n->arg[i], atom, &r);
            for (uint32_t j = 0; j < r.n; j++) loss[k] += fabs(weight) * x->of[m->arg[r.member[j]]].at[k][1];
        }
    const sdp_node *m = sdp_get(s->g, n->arg[0]);
    sdp_val *value = sdp_scratch(&s->g->base, (m->nargs + 1) * sizeof *value);
    for (uint32_t i = 0; i < m->nargs; i++) value[i] = s->of[m->arg[i]];
    sdp_term_group(x, n->arg[0], atom, &r);
    value[r.main] =
        times_rest(s, &r, near_or(s, atom, &p, loss, sdp_value_sum(s, n->nargs, n->coef, inside)));
    return sdp_lower_product(s, sdp_product_without(s, m, r.factors & ~(1U << r.main), value), value);
}

sdp_val sdp_node_by_series(sdp_schedule *s, sdp_id id, sdp_val direct)
{
    const sdp_expansion *e = &s->stable->expansions->of[id];
    if (id >= s->stable->expansions->n || !e->exposed) return direct;
    if (e->within) return sum_within(s, sdp_get(s->g, id), e->within, direct);
    return e->cancels ? by_series(s, 0, e->atom, 0, 1, &id, direct) : direct;
}

void sdp_find_series(sdp_graph *g, uint32_t n, const sdp_id *output, sdp_series_found *found)
{
    uint32_t count;
    const sdp_id *ids = sdp_reachable(g, n, output, &count);
    sdp_id *of = sdp_scratch(&g->base, (n + 1) * sizeof *of);
    sdp_copy(of, output, n * sizeof *of);
    found->output = of;
    found->expansions = sdp_expand_all(g, count, ids, n, output);
    found->jets = sdp_jets_find(g, found->expansions, count, ids, n, output);
}

void sdp_schedule_series(sdp_schedule *s, uint32_t n, const sdp_id *output, sdp_series_found *found)
{
    // some pass changed them
    if (n && memcmp(found->output, output, n * sizeof *output)) sdp_find_series(s->g, n, output, found);
    s->stable->expansions = found->expansions;
    s->stable->jets = found->jets;
}
