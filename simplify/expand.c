// SPDX-License-Identifier: MIT
// Other ways to write a node, tried by simplify.c and kept when they print shorter:
//
//   expand       a (b + c) + ... multiplied out once; then s(u) + s(-u) = 1 for the sigmoid s
//   denominator  x/P + y/P^2 = (x P + y)/P^2 for a sum P, multiplied out
//   refold       p + q + (p + q) u = (p + q) (1 + u)
//   multiply out a (b + c) = a b + a c, for a product that is not in a sum
//   clear        s^e (p/s + q)^e = (p + s q)^e for a scalar s
#include <string.h>

#include "simplify.h"

enum { MOST_TERMS = 24 };

typedef struct { sdp_graph *g; sdp_num coef[MOST_TERMS]; sdp_id node[MOST_TERMS]; uint32_t n; bool full; } bag;

static void put(bag *b, sdp_num coef, sdp_id node)
{
    if (b->n == MOST_TERMS) b->full = true;
    else {
        b->coef[b->n] = coef;
        b->node[b->n++] = node;
    }
}

// Product n with factor i replaced by r, which has the same axes or none.
static sdp_id replace(sdp_graph *g, const sdp_node *n, uint32_t i, sdp_id r)
{
    sdp_id factor[SDP_MAX_FACTORS];
    uint8_t label[SDP_MAX_FACTORS * SDP_MAX_ORDER];
    uint32_t at = 0, read = 0;
    for (uint32_t k = 0; k < n->nargs; k++) {
        uint8_t order = sdp_get(g, n->arg[k])->order;
        factor[k] = k == i ? r : n->arg[k];
        if (k != i || sdp_get(g, r)->order) {
            sdp_copy(label + at, n->label + read, order);
            at += order;
        }
        read += order;
    }
    return sdp_mul(g, n->coef[0], n->nargs, factor, label, n->order, sdp_labels(g, n, n->nargs), n->ldim);
}

static bool is_product(const sdp_node *n) { return n->kind == SDP_MUL && n->nargs > 0 && n->nargs <= SDP_MAX_FACTORS; }

static void distribute(bag *b, sdp_num coef, sdp_id id)
{
    sdp_graph *g = b->g;
    const sdp_node *n = sdp_get(g, id);
    for (uint32_t i = 0; is_product(n) && i < n->nargs; i++) {
        const sdp_node *f = sdp_get(g, n->arg[i]);
        if (f->kind != SDP_ADD || f->nargs > 4) continue;
        for (uint32_t k = 0; k < f->nargs; k++) put(b, sdp_num_mul(g, coef, f->coef[k]), replace(g, n, i, f->arg[k]));
        return;
    }
    put(b, coef, id);
}

static sdp_id total(bag *b, sdp_id otherwise) { return b->full || b->n == 0 ? otherwise : sdp_add(b->g, b->n, b->coef, b->node); }

static int find_sigmoid(sdp_graph *g, const sdp_node *n, sdp_id argument)
{
    for (uint32_t i = 0; is_product(n) && i < n->nargs; i++) {
        const sdp_node *f = sdp_get(g, n->arg[i]);
        if (f->kind == SDP_MAP && f->op == SDP_OP_sigmoid && (!argument || f->arg[0] == argument)) return (int)i;
    }
    return -1;
}

// Where s(u) and s(-u) both occur, the one whose argument was made later becomes 1 minus the other.
static sdp_id complement(sdp_graph *g, sdp_id sum)
{
    const sdp_node *n = sdp_get(g, sum);
    bag b = {.g = g};
    if (n->kind != SDP_ADD || n->nargs > MOST_TERMS) return sum;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *t = sdp_get(g, n->arg[i]);
        int at = find_sigmoid(g, t, 0);
        sdp_id u = at < 0 ? 0 : sdp_get(g, t->arg[at])->arg[0], minus = u ? sdp_scale(g, SDP_NUM_MINUS_ONE, u) : 0;
        bool meets = false;
        for (uint32_t j = 0; u && j < n->nargs; j++) {
            const sdp_node *o = sdp_get(g, n->arg[j]);
            meets |= j != i && (find_sigmoid(g, o, minus) >= 0 || (o->kind == SDP_MAP && o->op == SDP_OP_sigmoid && o->arg[0] == minus));
        }
        if (!meets || u < minus) {
            put(&b, n->coef[i], n->arg[i]);
            continue;
        }
        const sdp_node *s = sdp_get(g, t->arg[at]);
        put(&b, n->coef[i], replace(g, t, (uint32_t)at, sdp_ones(g, s->order, s->dim)));
        put(&b, sdp_num_neg(g, n->coef[i]), replace(g, t, (uint32_t)at, sdp_map1(g, SDP_OP_sigmoid, minus)));
    }
    return total(&b, sum);
}

sdp_id sdp_expand(sdp_graph *g, sdp_id sum)
{
    const sdp_node *n = sdp_get(g, sum);
    bag b = {.g = g};
    if (n->kind != SDP_ADD || n->nargs > MOST_TERMS) return sum;
    for (uint32_t i = 0; i < n->nargs; i++) distribute(&b, n->coef[i], n->arg[i]);
    return complement(g, total(&b, sum));
}

// x'*H*x, which stays unless its terms are all alike.
static bool is_form(const sdp_graph *g, const sdp_node *n)
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
    if (!is_product(n)) return id;
    distribute(&b, SDP_NUM_ONE, id);
    sdp_id out = b.n > 1 ? total(&b, id) : id;
    return is_form(g, n) && sdp_get(g, out)->kind == SDP_ADD ? id : out;
}

uint32_t sdp_product_terms(sdp_graph *g, sdp_id product, uint32_t most, sdp_num *coef, sdp_id *term)
{
    bag b = { .g = g };
    distribute(&b, SDP_NUM_ONE, product);
    if (b.n < 2 || b.n > most) return 0;
    sdp_copy(coef, b.coef, b.n * sizeof *coef);
    sdp_copy(term, b.node, b.n * sizeof *term);
    return b.n;
}

// The factor P^-k of a product (or the product itself), P a sum and k a positive integer; its index, or -1.
static int denominator_of(sdp_graph *g, sdp_id id, sdp_id *base, long *k, uint32_t from)
{
    const sdp_node *n = sdp_get(g, id);
    uint32_t count = is_product(n) ? n->nargs : 1;
    for (uint32_t i = from; i < count; i++) {
        const sdp_node *p = sdp_get(g, is_product(n) ? n->arg[i] : id);
        sdp_num e;
        if (p->kind != SDP_POW || sdp_get(g, p->arg[0])->kind != SDP_ADD || !sdp_is_number(g, p->arg[1], &e)) continue;
        if (!sdp_num_long(g, e, k) || *k >= 0 || *k < -8) continue;
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
    long lowest = 9, highest = 0;
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_id base;
        long k;
        if (denominator_of(g, n->arg[i], &base, &k, 0) < 0 || (p && base != p)) continue;
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
        int at = denominator_of(g, n->arg[i], &base, &k, 0);
        const sdp_node *t = sdp_get(g, n->arg[i]);
        if (at < 0 || base != p || k != highest - 1) {
            put(&b, n->coef[i], n->arg[i]);
            continue;
        }
        sdp_id power = sdp_power_num(g, p, sdp_num_int(g, -highest));
        for (uint32_t j = 0; j < s->nargs; j++) {
            sdp_id top = sdp_times(g, s->arg[j], power);
            put(&b, sdp_num_mul(g, n->coef[i], s->coef[j]), is_product(t) ? replace(g, t, (uint32_t)at, top) : top);
        }
    }
    return total(&b, sum);
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
        for (uint32_t k = 0; is_product(t) && k < t->nargs; k++) {
            const sdp_node *f = sdp_get(g, t->arg[k]);
            sdp_num ratio = SDP_NUM_ONE;
            if (f->kind != SDP_ADD || f->order != n->order || f->nargs >= n->nargs || !contains(g, n, f, &ratio, part) || part[i]) continue;
            bool elementwise = t->nlabels == t->order; // and f carries all labels in order
            const uint8_t *l = sdp_labels(g, t, k), *out = sdp_labels(g, t, t->nargs);
            for (int a = 0; a < f->order; a++) elementwise &= l[a] == out[a];
            if (f->order && !elementwise) continue;
            sdp_id u = replace(g, t, k, sdp_ones(g, f->order, f->dim));
            sdp_id inner = sdp_add(g, 2, (sdp_num[]){ratio, n->coef[i]}, (sdp_id[]){sdp_ones(g, f->order, f->dim), u});
            bag b = {.g = g};
            put(&b, SDP_NUM_ONE, sdp_times(g, t->arg[k], inner));
            for (uint32_t j = 0; j < n->nargs; j++)
                if (!part[j] && j != i) put(&b, n->coef[j], n->arg[j]);
            return total(&b, sum);
        }
    }
    return sum;
}

// s^e P^e -> (s P)^e with s taken into the sum term by term
sdp_id sdp_clear_scalar(sdp_graph *g, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    if (!is_product(n)) return id;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *p = sdp_get(g, n->arg[i]);
        bool power = p->kind == SDP_POW && p->order == sdp_get(g, p->arg[0])->order;
        sdp_id base = power ? p->arg[0] : n->arg[i], e = power ? p->arg[1] : 0;
        const sdp_node *sum = sdp_get(g, base);
        if (sum->kind != SDP_ADD || sum->nargs > 8 || (e && sdp_get(g, e)->kind != SDP_NUM)) continue;
        if (e && !sdp_num_is_int(g, sdp_get(g, e)->param)) continue;
        for (uint32_t k = 0; k < n->nargs; k++) {
            const sdp_node *s = sdp_get(g, n->arg[k]);
            bool same = s->kind == SDP_POW ? e && s->arg[1] == e : !e;
            sdp_id scalar = s->kind == SDP_POW ? s->arg[0] : n->arg[k];
            if (s->order || k == i || !same || sdp_get(g, scalar)->kind == SDP_ADD) continue;
            bag b = {.g = g};
            bool divides = false;
            for (uint32_t t = 0; t < sum->nargs; t++) {
                const sdp_node *term = sdp_get(g, sum->arg[t]);
                for (uint32_t x = 0; is_product(term) && x < term->nargs; x++) {
                    const sdp_node *q = sdp_get(g, term->arg[x]);
                    divides |= q->kind == SDP_POW && q->arg[0] == scalar;
                }
                put(&b, sum->coef[t], sdp_times(g, scalar, sum->arg[t]));
            }
            if (!divides) continue;
            sdp_id cleared = total(&b, 0);
            if (!cleared) continue;
            sdp_id without = replace(g, n, k, sdp_number(g, SDP_NUM_ONE));
            const sdp_node *w = sdp_get(g, without);
            if (without == n->arg[i]) return e ? sdp_power(g, cleared, e) : cleared;
            for (uint32_t x = 0; is_product(w) && x < w->nargs; x++)
                if (w->arg[x] == n->arg[i]) return replace(g, w, x, e ? sdp_power(g, cleared, e) : cleared);
        }
    }
    return id;
}
