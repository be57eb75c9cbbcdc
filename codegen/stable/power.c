// SPDX-License-Identifier: MIT
// Powers of a sum of powers, S^q with S = c*sum(b.^p): norm(x,3), std(x), sqrt(mean(x.^2)). The powers of
// very small or very large entries would leave the range of double although the root does not:
//
//   S^q = m^(p*q) * (c*sum((b/m).^p))^q,   m = max(|b|), or min(|b|) if p < 0: the largest term is c
//
// In a product, factors that are powers of b are divided by m, too, and only what is left of its power is
// computed. An identity for every m > 0: the powers of m that factors are divided by are counted as a degree,
// and m^degree is multiplied to what remains. Only factors whose values are still those of their nodes take
// part. What stable/norm.c has scaled already, powers of x'*x, is left as it is, and so is what
// stable/scale.c scales; it leaves what is left to this file, the powers p that are not known or very large.
#include "codegen/stable/stable.h"

typedef struct {
    const sdp_node *sum, *product; // product: NULL, or S is one, and the sum its factor
    uint32_t at, factor;           // in the sum, the power of b; in the product, the sum
    sdp_id base, power, root;      // b, p, q
    sdp_val size;                  // m
} power_sum;
typedef struct {
    sdp_num number;
    sdp_val more;
} degree; // number + more (0: none)

static bool number_of(const sdp_graph *g, sdp_id e, sdp_num *v)
{
    const sdp_node *n = e ? sdp_get(g, e) : NULL;
    if (n && n->kind != SDP_NUM) return false;
    *v = n ? n->param : SDP_NUM_ONE;
    return true;
}

// A scalar of which a power with this exponent is worth it: a root, a quotient, or a power that is not known
static bool is_delicate(const sdp_graph *g, sdp_id q)
{
    sdp_num v;
    return !number_of(g, q, &v) || !sdp_num_is_int(g, v) || sdp_num_cmp(g, v, SDP_NUM_ZERO) < 0;
}

// c*sum(b.^p) with numbers c alone
static bool is_sum(const sdp_graph *g, sdp_id id, power_sum *r)
{
    const sdp_node *n = sdp_get(g, id), *b = NULL;
    if (n->order || n->kind != SDP_MUL) return false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (!sdp_get(g, n->arg[i])->order) continue;
        if (b) return false;
        b = sdp_get(g, n->arg[r->at = i]);
    }
    // each entry its own power
    if (!b || b->kind != SDP_POW || n->nlabels != b->order || sdp_get(g, b->arg[1])->order) return false;
    r->sum = n;
    r->base = b->arg[0];
    r->power = b->arg[1];
    return true;
}

static bool is_falling(const sdp_graph *g, const power_sum *r)
{
    sdp_num p;
    return number_of(g, r->power, &p) && sdp_num_sign(g, p) < 0;
}

// stable/scale.c divides by the largest entry, so that the smallest one, which matters
// for negative powers, may be lost.
static bool is_done(const sdp_schedule *s, const power_sum *r)
{
    return sdp_is_scaled(s, r->base) && !is_falling(s->g, r);
}

// Is id the power S^q of a sum of powers, or of its product with other scalars?
static bool power_of_sum(const sdp_schedule *s, sdp_id id, power_sum *r)
{
    const sdp_node *root = sdp_get(s->g, id), *n = root->kind == SDP_POW ? sdp_get(s->g, root->arg[0]) : NULL;
    *r = (power_sum){0};
    if (!n || n->order || n->kind != SDP_MUL || !is_delicate(s->g, root->arg[1])) return false;
    r->root = root->arg[1];
    if (is_sum(s->g, root->arg[0], r)) return !is_done(s, r);
    r->product = n;
    for (uint32_t i = 0; i < n->nargs; i++)
        if (sdp_get(s->g, n->arg[i])->order) return false;
    for (r->factor = 0; r->factor < n->nargs; r->factor++)
        if (is_sum(s->g, n->arg[r->factor], r)) return !is_done(s, r);
    return false;
}

static sdp_val finite_or_one(sdp_schedule *s, sdp_val v)
{
    sdp_val finite = sdp_value_simple(s, SDP_V_FINITE, 1, &v, 0, 0, 0, NULL);
    return sdp_value_where(s, finite, finite, sdp_value_number(s, SDP_NUM_ONE));
}

// m, or 1 where it is 0 or not finite. Which sign a power has that is not known is seen when the code runs.
static sdp_val size_of(sdp_schedule *s, const power_sum *r)
{
    sdp_num p;
    uint32_t axes = (1u << sdp_get(s->g, r->base)->order) - 1;
    sdp_val size = sdp_value_map1(s, SDP_OP_abs, s->of[r->base]);
    if (number_of(s->g, r->power, &p))
        return finite_or_one(s, sdp_value_reduce(s, is_falling(s->g, r) ? SDP_RED_MIN : SDP_RED_MAX, size,
                                                 axes));
    return sdp_value_where(s, s->of[r->power], finite_or_one(s, sdp_value_reduce(s, SDP_RED_MAX, size, axes)),
                           finite_or_one(s, sdp_value_reduce(s, SDP_RED_MIN, size, axes)));
}

static sdp_val raised(sdp_schedule *s, sdp_val b, sdp_val e)
{
    return sdp_value_simple(s, SDP_V_POW, 2, (sdp_val[]){b, e}, 0, 0, s->value[b].order, s->value[b].dim);
}

// (b/m)^e
static sdp_val divided_power(sdp_schedule *s, sdp_id b, sdp_id e, sdp_val m)
{
    sdp_val u = sdp_value_divided(s, s->of[b], m);
    return e ? raised(s, u, s->of[e]) : u;
}

static void add_degree(sdp_schedule *s, degree *d, sdp_id e)
{
    sdp_num v;
    if (number_of(s->g, e, &v)) d->number = sdp_num_add(s->g, d->number, v);
    else d->more = d->more ? sdp_value_add(s, SDP_NUM_ONE, d->more, SDP_NUM_ONE, s->of[e]) : s->of[e];
}

// n with v in the place of its factor at
static sdp_val with_factor(sdp_schedule *s, const sdp_node *n, uint32_t at, sdp_val v)
{
    sdp_val *f = sdp_scratch(&s->g->base, (n->nargs + 1) * sizeof *f);
    for (uint32_t i = 0; i < n->nargs; i++) f[i] = i == at ? v : s->of[n->arg[i]];
    return sdp_lower_product(s, n, f);
}

// S^q times m to the power d
static sdp_val scaled_power(sdp_schedule *s, const power_sum *r, degree d)
{
    sdp_val sum = with_factor(s, r->sum, r->at, divided_power(s, r->base, r->power, r->size)), e;
    sdp_val power = raised(s, r->product ? with_factor(s, r->product, r->factor, sum) : sum, s->of[r->root]);
    sdp_num p, q;
    if (number_of(s->g, r->power, &p) && number_of(s->g, r->root, &q)) {
        d.number = sdp_num_add(s->g, d.number, sdp_num_mul(s->g, p, q));
    } else {
        e = sdp_value_times(s, SDP_NUM_ONE, 2, (sdp_val[]){s->of[r->power], s->of[r->root]});
        d.more = d.more ? sdp_value_add(s, SDP_NUM_ONE, d.more, SDP_NUM_ONE, e) : e;
    }
    if (!d.more && d.number == SDP_NUM_ZERO) return power;
    e = sdp_value_number(s, d.number);
    if (d.more) e = d.number == SDP_NUM_ZERO ? d.more : sdp_value_add(s, SDP_NUM_ONE, d.more, SDP_NUM_ONE, e);
    sdp_val m = !d.more && d.number == SDP_NUM_ONE ? r->size : raised(s, r->size, e);
    return sdp_value_times(s, SDP_NUM_ONE, 2, (sdp_val[]){m, power});
}

sdp_val sdp_lower_power_of_sum(sdp_schedule *s, sdp_id id)
{
    power_sum r;
    if (!power_of_sum(s, id, &r)) return 0;
    r.size = size_of(s, &r);
    return scaled_power(s, &r, (degree){SDP_NUM_ZERO, 0});
}

// b^e, or x where b = |x|; e 0: 1
static bool is_power_of(const sdp_graph *g, sdp_id f, sdp_id b, sdp_id *e)
{
    const sdp_node *n = sdp_get(g, f), *abs = sdp_get(g, b);
    sdp_id x = abs->kind == SDP_MAP && abs->op == SDP_OP_abs ? abs->arg[0] : b,
           base = n->kind == SDP_POW ? n->arg[0] : f;
    *e = n->kind == SDP_POW ? n->arg[1] : 0;
    return (base == b || base == x) && (!*e || !sdp_get(g, *e)->order);
}

// Divides the factors of a product that are powers of b by m, for its first power of a sum.
void sdp_scale_powers(sdp_schedule *s, const sdp_node *n, sdp_parts *p)
{
    power_sum r;
    uint32_t at = 0;
    while (at < n->nargs && (p[at].whole != s->of[n->arg[at]] || !power_of_sum(s, n->arg[at], &r))) at++;
    if (at == n->nargs) return;
    degree d = {SDP_NUM_ZERO, 0};
    r.size = size_of(s, &r);
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_id e;
        if (p[i].whole != s->of[n->arg[i]] || !is_power_of(s->g, n->arg[i], r.base, &e)) continue;
        const sdp_node *f = sdp_get(s->g, n->arg[i]);
        p[i] = (sdp_parts){divided_power(s, f->kind == SDP_POW ? f->arg[0] : n->arg[i], e, r.size), 0, 0};
        add_degree(s, &d, e);
    }
    p[at].whole = scaled_power(s, &r, d);
}
