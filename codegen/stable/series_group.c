// SPDX-License-Identifier: MIT
// Products of functions of one node u, element by element, among whose factors u itself may be hidden.
//
// Products are flat: in X*w.*cos(X*w) the factors are X, w and cos(u), in a*x^2*cos(a*x) they are a,
// x^2 and cos(u). For u = X*w the factors of u are looked for among those of the product, as a
// network of the same form. For u = a*x, and other products without sums, powers of one base are
// exchanged for powers of u: x^2 = a^-2 u^2.
#include <string.h>

#include "codegen/stable/series.h"

// ---- a network in a network -------------------------------------------------------------------------------
enum { MOST_PARTS = 4 };
typedef struct {
    const sdp_graph *g;
    const sdp_node *m, *a;      // the product, and the one looked for in it
    uint8_t to[SDP_MAX_LABELS]; // label of a to label of m; NO_LABEL
    uint32_t taken, free;
} network;
enum { NO_LABEL = 255 };

static bool map_labels(network *w, uint32_t j, uint32_t i)
{
    const uint8_t *from = sdp_labels(w->g, w->a, j), *to = sdp_labels(w->g, w->m, i);
    for (uint32_t k = 0; k < sdp_get(w->g, w->a->arg[j])->order; k++) {
        if (w->to[from[k]] == NO_LABEL && !memchr(w->to, to[k], SDP_MAX_LABELS)) w->to[from[k]] = to[k];
        if (w->to[from[k]] != to[k]) return false;
    }
    return true;
}

// Does no other factor, and not the output, have the labels that a sums over?
static bool is_closed(const network *w)
{
    const uint8_t *out = sdp_labels(w->g, w->a, w->a->nargs);
    for (uint32_t l = 0; l < w->a->nlabels; l++) {
        if (w->a->order && memchr(out, (int)l, w->a->order)) continue;
        for (uint32_t i = 0; i <= w->m->nargs; i++) {
            uint32_t order = i < w->m->nargs ? sdp_get(w->g, w->m->arg[i])->order : w->m->order;
            if (i < w->m->nargs && w->taken >> i & 1) continue;
            if (order && memchr(sdp_labels(w->g, w->m, i), w->to[l], order)) return false;
        }
    }
    return true;
}

// Factors j, j+1, ... of a, at most MOST_PARTS
static bool find_parts(network *w, uint32_t j)
{
    if (j == w->a->nargs) return is_closed(w);
    for (uint32_t i = 0; i < w->m->nargs; i++) {
        uint8_t before[SDP_MAX_LABELS];
        if (w->m->arg[i] != w->a->arg[j] || !(w->free & ~w->taken & 1U << i)) continue;
        memcpy(before, w->to, sizeof before);
        w->taken |= 1U << i;
        if (map_labels(w, j, i) && find_parts(w, j + 1)) return true;
        w->taken &= ~(1U << i);
        memcpy(w->to, before, sizeof before);
    }
    return false;
}

// Takes u out of the product once, where its axes have the labels `at`.
static bool take_network(const sdp_expansions *x, const sdp_node *m, const sdp_node *a, const uint8_t *at,
                         sdp_series_group *r)
{
    network w = {.g = x->g, .m = m, .a = a, .free = ~r->factors};
    const uint8_t *out = sdp_labels(x->g, a, a->nargs);
    memset(w.to, NO_LABEL, sizeof w.to);
    for (uint32_t k = 0; k < a->order; k++) {
        if (w.to[out[k]] != NO_LABEL) return false;
        w.to[out[k]] = at[k];
    }
    if (!find_parts(&w, 0)) return false;
    r->factors |= w.taken;
    r->power++;
    return true;
}

// ---- powers of bases --------------------------------------------------------------------------------------
// base^power; false: the exponent is no small integer
static bool as_power(const sdp_graph *g, sdp_id id, sdp_id *base, long *power)
{
    const sdp_node *n = sdp_get(g, id), *e = n->kind == SDP_POW ? sdp_get(g, n->arg[1]) : NULL;
    *base = e ? n->arg[0] : id;
    *power = 1;
    return !e || (e->kind == SDP_NUM && sdp_num_long(g, e->param, power) && *power < 64 && *power > -64);
}

// The powers of the bases of a among the other factors of m
static uint32_t gather_powers(const sdp_expansions *x, const sdp_node *m, const sdp_node *a,
                              const uint8_t *at, const sdp_series_group *r, sdp_id *base, long *own,
                              long *have)
{
    uint32_t factors = 0;
    for (uint32_t j = 0; j < a->nargs; j++) {
        have[j] = 0;
        if (!as_power(x->g, a->arg[j], &base[j], &own[j])) return 0;
    }
    for (uint32_t i = 0; i < m->nargs; i++) {
        sdp_id b;
        long k;
        uint32_t order = sdp_get(x->g, m->arg[i])->order;
        if (r->factors >> i & 1 || !as_power(x->g, m->arg[i], &b, &k) ||
            (order && (order != a->order || memcmp(sdp_labels(x->g, m, i), at, order))))
            continue;
        for (uint32_t j = 0; j < a->nargs; j++)
            if (base[j] == b) have[j] += k, factors |= 1U << i;
    }
    return factors;
}

// Of all bases that one is exchanged whose exponent gives the lowest power of
// u: it is the one that goes to 0.
static void exchange_powers(const sdp_expansions *x, const sdp_node *m, const sdp_node *a, const uint8_t *at,
                            sdp_series_group *r)
{
    sdp_id base[SDP_MAX_FACTORS];
    long own[SDP_MAX_FACTORS], have[SDP_MAX_FACTORS], least = 0;
    bool found = false;
    uint32_t factors = a->nargs > MOST_PARTS ? 0 : gather_powers(x, m, a, at, r, base, own, have);
    for (uint32_t j = 0; factors && j < a->nargs; j++) {
        if (have[j] % own[j] || (found && have[j] / own[j] >= least)) continue;
        least = have[j] / own[j];
        found = true;
    }
    if (!found || !least) return;
    r->power += (int)least;
    r->factors |= factors;
    for (uint32_t j = 0; j < a->nargs; j++) {
        r->rest[r->nrest].base = base[j];
        r->rest[r->nrest].power = (int)(have[j] - least * own[j]);
        r->nrest += r->rest[r->nrest].power != 0;
    }
}

// ---- groups -----------------------------------------------------------------------------------------------
bool sdp_find_group(const sdp_expansions *x, const sdp_node *m, uint32_t first, sdp_series_group *r)
{
    sdp_id atom = x->of[m->arg[first]].atom;
    const uint8_t *at = sdp_labels(x->g, m, first);
    uint32_t order = sdp_get(x->g, m->arg[first])->order;
    *r = (sdp_series_group){.atom = atom, .main = first};
    if (!atom || m->nargs > SDP_MAX_FACTORS) return false;
    for (uint32_t i = 0; i < m->nargs; i++) {
        const sdp_expansion *e = &x->of[m->arg[i]];
        if (e->atom != atom || sdp_get(x->g, m->arg[i])->order != order ||
            (order && memcmp(sdp_labels(x->g, m, i), at, order)))
            continue;
        if (i < first) return false;
        if (e->s.low > x->of[m->arg[r->main]].s.low) r->main = i;
        r->factors |= 1U << i;
        r->member[r->n++] = i;
    }
    const sdp_node *a = sdp_get(x->g, atom);
    if (a->kind != SDP_MUL || a->coef[0] != SDP_NUM_ONE || !a->nargs || a->nargs > MOST_PARTS) return true;
    if (sdp_is_entrywise(x->g, a)) exchange_powers(x, m, a, at, r);
    else
        while (take_network(x, m, a, at, r)) {}
    return true;
}

bool sdp_group_is_all(const sdp_expansions *x, const sdp_node *m, const sdp_series_group *r)
{
    const sdp_node *f = sdp_get(x->g, m->arg[r->main]);
    if (r->nrest || f->order != m->order ||
        (f->order && memcmp(sdp_labels(x->g, m, r->main), sdp_labels(x->g, m, m->nargs), f->order)))
        return false;
    for (uint32_t i = 0; i < m->nargs; i++)
        if (!(r->factors >> i & 1) && (x->of[m->arg[i]].atom || sdp_get(x->g, m->arg[i])->order))
            return false;
    return true;
}

bool sdp_group_cancels(const sdp_expansions *x, const sdp_node *m, const sdp_series_group *r)
{
    int least = r->power < 0 ? r->power : 0, most = r->power > 0 ? r->power : 0;
    bool hidden = false;
    for (uint32_t k = 0; k < r->n; k++) {
        const sdp_expansion *e = &x->of[m->arg[r->member[k]]];
        if (e->s.low < least) least = e->s.low;
        if (e->s.low > most) most = e->s.low;
        hidden |= e->hidden;
    }
    return (r->n > 1 || r->power) && least < 0 && most > 0 && (hidden || least < -1 || most > 1);
}
