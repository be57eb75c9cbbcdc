// SPDX-License-Identifier: MIT
// Other ways to write a node, tried by simplify.c and kept when they print shorter:
//
//   expand       a (b + c) + ... multiplied out once, without what vanishes
//   unite        s(u) + s(-u) = 1 for the sigmoid s, and the pairs of terms.def: sin(u)^2 + cos(u)^2 = 1
//   denominator  x/P + y/P^2 = (x P + y)/P^2 for a sum P, multiplied out; also with roots of P
//   refold       p + q + (p + q) u = (p + q) (1 + u)
//   multiply out a (b + c) = a b + a c, for a product that is not in a sum
#include <string.h>

#include "simplify/simplify.h"

enum { MOST_TERMS = SDP_BAG_TERMS, MOST_HALVES = 16 };

typedef sdp_term_list bag;

void sdp_bag_add(bag *b, sdp_num coef, sdp_id node)
{
    if (b->n == MOST_TERMS) b->full = true;
    else {
        b->coef[b->n] = coef;
        b->node[b->n++] = node;
    }
}

bool sdp_is_product(const sdp_node *n)
{
    return n->kind == SDP_MUL && n->nargs > 0 && n->nargs <= SDP_MAX_FACTORS;
}

// A product with its i-th factor, a sum, multiplied out
static void put_products(bag *b, sdp_num coef, const sdp_node *n, uint32_t i)
{
    const sdp_node *f = sdp_get(b->g, n->arg[i]);
    for (uint32_t k = 0; k < f->nargs; k++)
        sdp_bag_add(b, sdp_num_mul(b->g, coef, f->coef[k]), sdp_with_factor(b->g, n, i, f->arg[k]));
}

static bool is_short_sum(const sdp_graph *g, sdp_id id)
{
    return sdp_get(g, id)->kind == SDP_ADD && sdp_get(g, id)->nargs <= 4;
}

// The factor of a product that is a sum over an axis where no other factor stands, as in mean(u+v); -1: none.
static int summed_alone(const sdp_graph *g, const sdp_node *n)
{
    uint8_t count[SDP_MAX_LABELS] = {0};
    if (!sdp_is_product(n)) return -1;
    for (const uint8_t *l = n->label, *end = sdp_labels(g, n, n->nargs) + n->order; l < end; l++) count[*l]++;
    for (uint32_t i = 0; i < n->nargs; i++)
        for (int k = 0; is_short_sum(g, n->arg[i]) && k < sdp_get(g, n->arg[i])->order; k++)
            if (count[sdp_labels(g, n, i)[k]] == 1) return (int)i;
    return -1;
}

static bool sums_to_zero(sdp_graph *g, const sdp_node *n)
{
    int i = summed_alone(g, n);
    bag b = {.g = g};
    if (i >= 0) put_products(&b, SDP_NUM_ONE, n, (uint32_t)i);
    return b.n && !b.full && sdp_is_zero(g, sdp_add(g, b.n, b.coef, b.node));
}

// A product with mean(x-mean(x)), which is 0
static bool vanishes(sdp_graph *g, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    bool zero = sums_to_zero(g, n);
    for (uint32_t i = 0; sdp_is_product(n) && i < n->nargs && !zero; i++)
        zero = sdp_get(g, n->arg[i])->order == 0 && sums_to_zero(g, sdp_get(g, n->arg[i]));
    return zero;
}

static void distribute(bag *b, sdp_num coef, sdp_id id)
{
    sdp_graph *g = b->g;
    const sdp_node *n = sdp_get(g, id);
    for (uint32_t i = 0; sdp_is_product(n) && i < n->nargs; i++) {
        if (!is_short_sum(g, n->arg[i])) continue;
        uint32_t kept = b->n, k = b->n;
        for (put_products(b, coef, n, i); k < b->n; k++) {
            if (vanishes(g, b->node[k])) continue;
            b->coef[kept] = b->coef[k];
            b->node[kept++] = b->node[k];
        }
        b->n = kept;
        return;
    }
    sdp_bag_add(b, coef, id);
}

sdp_id sdp_bag_total(bag *b, sdp_id otherwise)
{
    return b->full || b->n == 0 ? otherwise : sdp_add(b->g, b->n, b->coef, b->node);
}

// The sigmoid of `argument` (0: of anything) that id is or has as a factor; its index, -1: none.
static int find_sigmoid(sdp_graph *g, sdp_id id, sdp_id argument)
{
    const sdp_node *n = sdp_get(g, id);
    for (uint32_t i = 0; i < (sdp_is_product(n) ? n->nargs : 1); i++) {
        const sdp_node *f = sdp_get(g, sdp_is_product(n) ? n->arg[i] : id);
        if (f->kind == SDP_MAP && f->op == SDP_OP_sigmoid && (!argument || f->arg[0] == argument))
            return (int)i;
    }
    return -1;
}

// id with its i-th factor, or with itself, replaced
static sdp_id put_for(sdp_graph *g, sdp_id id, int i, sdp_id r)
{
    const sdp_node *n = sdp_get(g, id);
    return sdp_is_product(n) ? sdp_with_factor(g, n, (uint32_t)i, r) : r;
}

// Where s(u) and s(-u) both occur, the one whose argument was made later becomes 1 minus the other.
static sdp_id complement(sdp_graph *g, sdp_id sum)
{
    const sdp_node *n = sdp_get(g, sum);
    bag b = {.g = g};
    if (n->kind != SDP_ADD || n->nargs > MOST_TERMS) return sum;
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_id t = n->arg[i];
        int at = find_sigmoid(g, t, 0);
        sdp_id s = at < 0 ? 0 : sdp_is_product(sdp_get(g, t)) ? sdp_get(g, t)->arg[at] : t;
        sdp_id u = s ? sdp_get(g, s)->arg[0] : 0, minus = u ? sdp_scale(g, SDP_NUM_MINUS_ONE, u) : 0;
        bool meets = false;
        for (uint32_t j = 0; u && j < n->nargs; j++)
            meets |= j != i && find_sigmoid(g, n->arg[j], minus) >= 0;
        if (!meets || u < minus) {
            sdp_bag_add(&b, n->coef[i], t);
            continue;
        }
        const sdp_node *shape = sdp_get(g, s);
        sdp_bag_add(&b, n->coef[i], put_for(g, t, at, sdp_ones(g, shape->order, shape->dim)));
        sdp_bag_add(&b, sdp_num_neg(g, n->coef[i]), put_for(g, t, at, sdp_map1(g, SDP_OP_sigmoid, minus)));
    }
    return sdp_bag_total(&b, sum);
}

// Two terms that are one, times whatever they have in common: rows of terms.def
static sdp_id unite_pairs(sdp_graph *g, sdp_id sum)
{
    const sdp_node *n = sdp_get(g, sum);
    bag b = {.g = g};
    sdp_meeting m;
    if (n->kind != SDP_ADD || n->nargs > MOST_TERMS) return sum;
    for (uint32_t i = 0; i < n->nargs; i++) sdp_bag_add(&b, n->coef[i], n->arg[i]);
    while (sdp_terms_meet(g, SDP_TERMS_SHORT, b.n, b.node, b.coef, &m))
        b.n = sdp_terms_met(&m, b.n, b.node, b.coef);
    return b.n < n->nargs ? sdp_bag_total(&b, sum) : sum;
}

// Identities between the terms of a sum.
sdp_id sdp_unite_terms(sdp_graph *g, sdp_id sum) { return unite_pairs(g, complement(g, sum)); }

sdp_id sdp_expand(sdp_graph *g, sdp_id sum)
{
    const sdp_node *n = sdp_get(g, sum);
    bag b = {.g = g};
    if (n->kind != SDP_ADD || n->nargs > MOST_TERMS) return sum;
    for (uint32_t i = 0; i < n->nargs; i++) distribute(&b, n->coef[i], n->arg[i]);
    return sdp_unite_terms(g, sdp_bag_total(&b, sum));
}

// x'*H*x, which stays unless its terms are all alike.
bool sdp_is_quadratic_form(const sdp_graph *g, const sdp_node *n)
{
    bool vector = false, sum = false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *f = sdp_get(g, n->arg[i]);
        vector |= f->order == 1;
        sum |= f->order == 2 && f->kind == SDP_ADD;
    }
    return n->order == 0 && vector && sum;
}

sdp_id sdp_multiply_out(sdp_graph *g, sdp_id id)
{
    bag b = {.g = g};
    const sdp_node *n = sdp_get(g, id);
    if (!sdp_is_product(n)) return id;
    distribute(&b, SDP_NUM_ONE, id);
    sdp_id out = sdp_bag_total(&b, id);
    return sdp_is_quadratic_form(g, n) && sdp_get(g, out)->kind == SDP_ADD ? id : out;
}

uint32_t sdp_product_terms(sdp_graph *g, sdp_id product, uint32_t most, sdp_num *coef, sdp_id *term)
{
    bag b = {.g = g};
    distribute(&b, SDP_NUM_ONE, product);
    if (b.n < 2 || b.n > most) return 0;
    sdp_copy(coef, b.coef, b.n * sizeof *coef);
    sdp_copy(term, b.node, b.n * sizeof *term);
    return b.n;
}

// The factor P^(-k/2) of a product (or the product itself), P a sum and k a
// positive integer; its index, or -1.
static int denominator_of(sdp_graph *g, sdp_id id, sdp_id *base, long *k)
{
    const sdp_node *n = sdp_get(g, id);
    uint32_t count = sdp_is_product(n) ? n->nargs : 1;
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *p = sdp_get(g, sdp_is_product(n) ? n->arg[i] : id);
        sdp_num e;
        if (p->kind != SDP_POW || sdp_get(g, p->arg[0])->kind != SDP_ADD || !sdp_is_number(g, p->arg[1], &e))
            continue;
        if (!sdp_num_long(g, sdp_num_mul(g, SDP_NUM_TWO, e), k) || *k >= 0 || *k < -MOST_HALVES) continue;
        *k = -*k;
        *base = p->arg[0];
        return (int)i;
    }
    return -1;
}

sdp_id sdp_common_denominator(sdp_graph *g, sdp_id sum)
{
    const sdp_node *n = sdp_get(g, sum);
    if (n->kind != SDP_ADD || n->nargs > MOST_TERMS / 2) return sum;
    sdp_id p = 0;
    long lowest = MOST_HALVES + 1, highest = 0;
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_id base;
        long k;
        if (denominator_of(g, n->arg[i], &base, &k) < 0 || (p && base != p)) continue;
        p = base;
        lowest = k < lowest ? k : lowest;
        highest = k > highest ? k : highest;
    }
    if (!p || lowest == highest) return sum;
    bag b = {.g = g};
    const sdp_node *s = sdp_get(g, p);
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_id base;
        long k;
        int at = denominator_of(g, n->arg[i], &base, &k);
        const sdp_node *t = sdp_get(g, n->arg[i]);
        if (at < 0 || base != p || k != highest - 2) {
            sdp_bag_add(&b, n->coef[i], n->arg[i]);
            continue;
        }
        sdp_id power = sdp_power_num(g, p, sdp_num_mul(g, SDP_NUM_HALF, sdp_num_int(g, -highest)));
        for (uint32_t j = 0; j < s->nargs; j++) {
            sdp_id top = sdp_times(g, s->arg[j], power);
            sdp_bag_add(&b, sdp_num_mul(g, n->coef[i], s->coef[j]),
                        sdp_is_product(t) ? sdp_with_factor(g, t, (uint32_t)at, top) : top);
        }
    }
    return sdp_bag_total(&b, sum);
}

// Does the sum contain coef * every term of f? Then that part becomes one term.
static bool contains(sdp_graph *g, const sdp_node *n, const sdp_node *f, sdp_num *ratio, bool *part)
{
    memset(part, 0, n->nargs);
    for (uint32_t k = 0; k < f->nargs; k++) {
        uint32_t i = 0;
        while (i < n->nargs && n->arg[i] != f->arg[k]) i++;
        if (i == n->nargs) return false;
        sdp_num r = sdp_num_mul(g, n->coef[i], sdp_num_inv(g, f->coef[k]));
        if (k && r != *ratio) return false;
        *ratio = r;
        part[i] = true;
    }
    return true;
}

// p + q + (p + q) u: returns (p + q)(1 + u) as a product; the caller measures.
sdp_id sdp_refold(sdp_graph *g, sdp_id sum)
{
    const sdp_node *n = sdp_get(g, sum);
    bool part[MOST_TERMS];
    if (n->kind != SDP_ADD || n->nargs > MOST_TERMS) return sum;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *t = sdp_get(g, n->arg[i]);
        for (uint32_t k = 0; sdp_is_product(t) && k < t->nargs; k++) {
            const sdp_node *f = sdp_get(g, t->arg[k]);
            sdp_num ratio = SDP_NUM_ONE;
            if (f->kind != SDP_ADD || f->order != n->order || f->nargs >= n->nargs ||
                !contains(g, n, f, &ratio, part) || part[i])
                continue;
            bool elementwise = t->nlabels == t->order; // and f carries all labels in order
            const uint8_t *l = sdp_labels(g, t, k), *out = sdp_labels(g, t, t->nargs);
            for (int a = 0; a < f->order; a++) elementwise &= l[a] == out[a];
            if (f->order && !elementwise) continue;
            sdp_id u = sdp_with_factor(g, t, k, sdp_ones(g, f->order, f->dim));
            sdp_id inner =
                sdp_add(g, 2, (sdp_num[]){ratio, n->coef[i]}, (sdp_id[]){sdp_ones(g, f->order, f->dim), u});
            bag b = {.g = g};
            sdp_bag_add(&b, SDP_NUM_ONE, sdp_times(g, t->arg[k], inner));
            for (uint32_t j = 0; j < n->nargs; j++)
                if (!part[j] && j != i) sdp_bag_add(&b, n->coef[j], n->arg[j]);
            return sdp_bag_total(&b, sum);
        }
    }
    return sum;
}
