// SPDX-License-Identifier: MIT
// Factors over the integers from factors modulo a prime.
//
// Every factor over the integers is a product of some of those modulo p. Its coefficients are far smaller
// than p = 2^61-1 for any polynomial that somebody types, so they are read off as the residues between -p/2
// and p/2, no lifting needed; a product that is no factor has random residues, which are large. What looks
// like a factor is divided by exactly; so nothing is ever taken for a factor that is none, though a factor
// with very large coefficients would be missed. The products are tried by their number of factors, MOST_TRIED
// of them. Entry: sdp_integer_factors.
#include "simplify/polynomial/polynomial.h"
#include "simplify/zero/field.h"

// choices of equal parts are passed over, not tried
enum { MOST_TRIED = 500000, MOST_CHOICES = 4 * MOST_TRIED };
static const uint64_t SMALL = (uint64_t)1 << 44; // coefficients beyond this one are taken for random ones

typedef struct {
    sdp_graph *g;
    sdp_poly left; // what is still to be factored
    uint64_t lead; // its leading coefficient, modulo the prime
    uint32_t n;
    sdp_residue *part; // of `left`, modulo the prime
    sdp_fits *fits;
    void *data;
    sdp_power_of *found;
    uint32_t nfound, tried, choices;
} recombination;

static uint64_t residue(sdp_graph *g, sdp_num a)
{
    uint64_t p, q;
    sdp_num_residues(g, a, SDP_FIELD_PRIME, &p, &q);
    return sdp_field_mul(p, sdp_field_inv(q));
}

static sdp_num content(sdp_graph *g, const sdp_poly *f)
{
    sdp_num c = f->c[f->degree];
    for (int k = 0; k < f->degree; k++)
        if (f->c[k] != SDP_NUM_ZERO) c = sdp_num_gcd(g, c, f->c[k]);
    if (sdp_num_sign(g, c) < 0) c = sdp_num_neg(g, c);
    return sdp_num_sign(g, f->c[f->degree]) < 0 ? sdp_num_neg(g, c) : c;
}

static uint64_t size_of(uint64_t v) { return v > SDP_FIELD_PRIME / 2 ? SDP_FIELD_PRIME - v : v; }

// Are the constant and the second coefficient of the product of the chosen parts small? Nearly all products
// that are no factors end here.
static bool may_be_factor(const recombination *w, uint32_t count, const uint32_t *chosen)
{
    uint64_t lead = w->lead, constant = lead, second = 0;
    for (uint32_t i = 0; i < count; i++) {
        const sdp_residue *p = &w->part[chosen[i]];
        constant = sdp_field_mul(constant, p->c[0]);
        second = sdp_field_add(second, p->c[p->degree - 1]);
    }
    return size_of(constant) <= SMALL && size_of(sdp_field_mul(second, lead)) <= SMALL;
}

// The primitive polynomial whose multiple by the leading coefficient of `left` has these residues; false if
// they are not small.
static bool lifted(const recombination *w, const sdp_residue *r, sdp_poly *out)
{
    sdp_graph *g = w->g;
    *out = (sdp_poly){r->degree, sdp_scratch(&g->base, ((size_t)r->degree + 1) * sizeof *out->c)};
    for (int k = 0; k <= r->degree; k++) {
        uint64_t v = sdp_field_mul(r->c[k], w->lead), size = size_of(v);
        bool negative = size != v;
        if (size > SMALL) return false;
        // also where longs have 32 bits
        sdp_num high = sdp_num_mul(g, sdp_num_int(g, (long)(size >> 24)), sdp_num_int(g, 1l << 24));
        sdp_num c = sdp_num_add(g, high, sdp_num_int(g, (long)(size & 0xffffff)));
        out->c[k] = negative ? sdp_num_neg(g, c) : c;
    }
    sdp_num inverse = sdp_num_inv(g, content(g, out));
    for (int k = 0; k <= out->degree; k++) out->c[k] = sdp_num_mul(g, out->c[k], inverse);
    return true;
}

// left = d * quotient, exactly?
static bool divides(sdp_graph *g, const sdp_poly *left, const sdp_poly *d, sdp_poly *quotient)
{
    if (d->degree > left->degree) return false;
    sdp_num *a = sdp_scratch(&g->base, ((size_t)left->degree + 1) * sizeof *a),
            lead = sdp_num_inv(g, d->c[d->degree]);
    sdp_copy(a, left->c, ((size_t)left->degree + 1) * sizeof *a);
    *quotient = (sdp_poly){left->degree - d->degree,
                           sdp_scratch(&g->base, ((size_t)(left->degree - d->degree) + 1) * sizeof *a)};
    for (int k = quotient->degree; k >= 0; k--) {
        sdp_num q = quotient->c[k] = sdp_num_mul(g, a[k + d->degree], lead);
        if (!sdp_num_is_int(g, q)) return false; // both are primitive: Gauss
        for (int i = 0; i <= d->degree; i++)
            if (q != SDP_NUM_ZERO && d->c[i] != SDP_NUM_ZERO)
                a[k + i] = sdp_num_add(g, a[k + i], sdp_num_neg(g, sdp_num_mul(g, q, d->c[i])));
    }
    for (int k = 0; k < d->degree; k++)
        if (a[k] != SDP_NUM_ZERO) return false;
    return true;
}

// Is the product of the chosen parts a factor? Then it leaves `left`, as often
// as it is there: returns how often.
static uint32_t take(recombination *w, uint32_t count, const uint32_t *chosen)
{
    sdp_residue product = w->part[chosen[0]];
    sdp_poly factor, quotient;
    for (uint32_t i = 1; i < count; i++)
        product = sdp_residue_times(&w->g->base, &product, &w->part[chosen[i]]);
    if (!lifted(w, &product, &factor)) return 0;
    uint32_t times = 0;
    while (w->left.degree > 0 && divides(w->g, &w->left, &factor, &quotient) &&
           w->fits(w->data, &factor, &quotient)) {
        w->left = quotient;
        w->lead = residue(w->g, quotient.c[quotient.degree]);
        times++;
    }
    if (times) w->found[w->nfound++] = (sdp_power_of){factor, times};
    return times;
}

// The next choice of `count` of n parts, in lexicographic order; false behind the last.
static bool next_choice(uint32_t n, uint32_t count, uint32_t *chosen)
{
    uint32_t i = count;
    while (i > 0 && chosen[i - 1] == n - count + i - 1) i--;
    if (i == 0) return false;
    chosen[i - 1]++;
    for (; i < count; i++) chosen[i] = chosen[i - 1] + 1;
    return true;
}

// Of equal parts the first ones are chosen: every other choice is the same product.
static bool is_first_of_equals(const recombination *w, uint32_t count, const uint32_t *chosen)
{
    for (uint32_t k = 0; k < count; k++) {
        uint32_t i = chosen[k];
        if (i && w->part[i].c == w->part[i - 1].c && (!k || chosen[k - 1] != i - 1)) return false;
    }
    return true;
}

// The chosen parts leave, as often as their product was a factor.
static void remove_parts(recombination *w, uint32_t count, const uint32_t *chosen, uint32_t times)
{
    for (uint32_t k = count; k-- > 0;) {
        const uint64_t *gone = w->part[chosen[k]].c;
        uint32_t kept = 0, removed = 0;
        for (uint32_t i = 0; i < w->n; i++) {
            if (w->part[i].c == gone && removed < times) removed++;
            else w->part[kept++] = w->part[i];
        }
        w->n = kept;
    }
}

// Tries all products of `count` parts; true if one was taken: then its parts are gone.
static bool try_products(recombination *w, uint32_t count)
{
    uint32_t *chosen = sdp_scratch(&w->g->base, count * sizeof *chosen);
    for (uint32_t i = 0; i < count; i++) chosen[i] = i;
    do {
        if (++w->choices > MOST_CHOICES) return false;
        if (!is_first_of_equals(w, count, chosen)) continue;
        if (++w->tried > MOST_TRIED) return false;
        if (!may_be_factor(w, count, chosen)) continue;
        sdp_mark m = sdp_scratch_mark(&w->g->base);
        uint32_t times = take(w, count, chosen);
        if (!times) {
            sdp_scratch_release(&w->g->base, m);
            continue;
        }
        remove_parts(w, count, chosen, times);
        return true;
    } while (next_choice(w->n, count, chosen));
    return false;
}

uint32_t sdp_integer_factors(sdp_graph *g, const sdp_poly *f, sdp_fits *fits, void *data,
                             sdp_power_of **factor)
{
    recombination w = {.g = g, .left = *f, .lead = residue(g, f->c[f->degree]), .fits = fits, .data = data};
    sdp_residue r = {f->degree, sdp_scratch(&g->base, ((size_t)f->degree + 1) * sizeof *r.c)};
    w.found = sdp_scratch(&g->base, ((size_t)f->degree + 2) * sizeof *w.found);
    *factor = w.found;
    for (int k = 0; k <= f->degree; k++) r.c[k] = residue(g, f->c[k]);
    if (f->degree > 0 && r.c[f->degree]) w.n = sdp_modular_factors(&g->base, &r, &w.part);
    for (uint32_t count = 1;
         count <= w.n && w.left.degree > 0 && w.tried <= MOST_TRIED && w.choices <= MOST_CHOICES;)
        if (!try_products(&w, count)) count++;
    // what is left is whole, or too hard
    if (w.left.degree > 0) w.found[w.nfound++] = (sdp_power_of){w.left, 1};
    return w.nfound;
}
