// SPDX-License-Identifier: MIT
// Powers: base .^ exponent, brought to canonical form.
//
//   (b^p)^q = b^(pq)            if q is an integer, or b^p and b have the same sign, or b >= 0; else |b|^(pq)
//   (c x y)^k = c^k x^k y^k     where no sum joins x and y, integer k
//   prod(x)^k = prod(x^k)       where x has a kink or a root at 0
//   norm(r)^2k = (sum r.^2)^k   and  (sum r.^2)^(k/2) = norm(r)^k  for odd k
//   (c x^2 y)^q = c^q |x|^2q y^q  for a fraction q
//   exp(u)^k = exp(k u);  |x|^2k = x^2k;  (1+exp(u))^-k = sigmoid(-u)^k
#include <string.h>

#include "ast/make/inside.h"

static sdp_id make(sdp_graph *g, sdp_id base, sdp_id exponent)
{
    const sdp_node *b = g->node[base];
    return sdp_intern(g, &(sdp_node){.kind = SDP_POW,
                                     .order = b->order,
                                     .nargs = 2,
                                     .dim = b->dim,
                                     .arg = (sdp_id[]){base, exponent}});
}

static sdp_id number_power(sdp_graph *g, sdp_num b, sdp_num e)
{
    long k, q;
    if (b == SDP_NUM_ONE) return SDP_ID_ONE;
    if (b == SDP_NUM_ZERO) {
        if (sdp_num_sign(g, e) < 0)
            sdp_fail(&g->base, SD_ERR_DOMAIN, (sdp_span){0, 0}, "this has no value anywhere",
                     "division by zero");
        return sdp_number(g, SDP_NUM_ZERO);
    }
    if (sdp_num_long(g, e, &k)) return sdp_number(g, sdp_num_pow(g, b, k));
    if (sdp_num_is_int(g, e)) sdp_limit(&g->base, "digits", g->base.limit.digits);
    if (sdp_num_sign(g, b) < 0)
        sdp_fail(&g->base, SD_ERR_DOMAIN, (sdp_span){0, 0}, "numbers are real; the real cube root is cbrt(x)",
                 "a negative number has no real power %s", sdp_num_text(g, e));
    sdp_num root;
    if (sdp_num_long(g, sdp_num_denominator(g, e), &q) && sdp_num_long(g, sdp_num_numerator(g, e), &k) &&
        sdp_num_root(g, b, (unsigned long)q, &root))
        return sdp_number(g, sdp_num_pow(g, root, k));
    return make(g, sdp_number(g, b), sdp_number(g, e));
}

// Marks the factors that are connected with factor `from` by labels that are summed over.
static void connected(const sdp_graph *g, const sdp_node *m, uint32_t from, bool *part)
{
    memset(part, 0, m->nargs);
    part[from] = true;
    sdp_connected(g, m, sdp_label_set(g, m, from), sdp_label_set(g, m, m->nargs), NULL, part);
}

// (sum over l of the marked factors)^e, the axes of which get the labels
// written to `label`; how many these are
static int part_power(sdp_graph *g, const sdp_node *m, const bool *part, sdp_num e, sdp_id *power,
                      uint8_t *label)
{
    const uint8_t *out = sdp_labels(g, m, m->nargs);
    sdp_id *f = sdp_scratch(&g->base, m->nargs * sizeof *f);
    uint8_t *inner = sdp_scratch(&g->base, m->nargs * SDP_MAX_ORDER + 1u);
    uint32_t n = 0, used = 0, at = 0;
    int order = 0;
    for (uint32_t i = 0; i < m->nargs; i++)
        for (int k = 0, last = g->node[m->arg[i]]->order; k <= last; k++) {
            if (k == last) {
                if (part[i]) f[n++] = m->arg[i];
                continue;
            }
            uint8_t l = m->label[at++];
            if (part[i]) inner[used++] = l;
            if (part[i] && memchr(out, l, m->order) && !memchr(label, l, (size_t)order)) label[order++] = l;
        }
    *power = sdp_power_num(g, sdp_mul(g, SDP_NUM_ONE, n, f, inner, order, label, NULL), e);
    return order;
}

// (c x.*(A*y)).^e = c^e x.^e.*(A*y).^e for an integer e. 0 if there is only one part.
static sdp_id product_power(sdp_graph *g, const sdp_node *m, sdp_num e)
{
    const uint8_t *out = sdp_labels(g, m, m->nargs);
    if (sdp_repeats_axis(g, m)) return 0; // 1/0 outside the diagonal
    sdp_mark mark = sdp_scratch_mark(&g->base);
    bool *done = sdp_scratch(&g->base, m->nargs + 1), *part = sdp_scratch(&g->base, m->nargs + 1);
    sdp_id *f = sdp_scratch(&g->base, (m->nargs + 1) * sizeof *f), id = 0;
    uint8_t *label = sdp_scratch(&g->base, (m->nargs + 1) * SDP_MAX_ORDER);
    uint32_t n = 0, total = 0;
    for (uint32_t i = 0; i < m->nargs; i++) {
        if (done[i]) continue;
        connected(g, m, i, part);
        for (uint32_t k = 0; k < m->nargs; k++) done[k] |= part[k];
        if (i == 0 && m->coef[0] == SDP_NUM_ONE && !memchr(part, false, m->nargs)) break; // all there is
        total += (uint32_t)part_power(g, m, part, e, &f[n++], label + total);
    }
    if (n || m->coef[0] != SDP_NUM_ONE) {
        f[n++] = number_power(g, m->coef[0], e);
        id = sdp_mul(g, SDP_NUM_ONE, n, f, label, m->order, out, m->ldim);
    }
    sdp_scratch_release(&g->base, mark);
    return id;
}

// sum over everything of r.^2, coefficient 1: r, else 0
static sdp_id squared_norm_of(sdp_graph *g, const sdp_node *m)
{
    if (m->kind != SDP_MUL || m->order || m->nargs != 1 || m->coef[0] != SDP_NUM_ONE) return 0;
    const sdp_node *p = g->node[m->arg[0]];
    sdp_num e;
    if (p->kind != SDP_POW || p->order == 0 || m->nlabels != p->order || !sdp_is_number(g, p->arg[1], &e) ||
        e != SDP_NUM_TWO)
        return 0;
    return p->arg[0];
}

// Is the e-th power of this part of a product known? (b^2)^(1/2) = |b|, exp(u)^(1/2) =
// exp(u/2), sums of squares are norms.
static bool leaves_root(sdp_graph *g, sdp_id part, sdp_num e)
{
    const sdp_node *p = g->node[part];
    sdp_num inner;
    if (p->kind == SDP_MAP) return p->op == SDP_OP_exp;
    if (p->kind == SDP_MUL) return sdp_num_is_int(g, sdp_num_mul(g, SDP_NUM_TWO, e)) && squared_norm_of(g, p);
    if (p->kind != SDP_POW || !sdp_is_number(g, p->arg[1], &inner)) return false;
    return sdp_num_is_int(g, sdp_num_mul(g, inner, SDP_NUM_HALF)) &&
           sdp_num_is_int(g, sdp_num_mul(g, inner, e));
}

// The product of its parts whose root is known, and of the others; the labels of a part follow each other.
typedef struct {
    sdp_id factor[SDP_MAX_FACTORS];
    uint8_t label[SDP_MAX_FACTORS * SDP_MAX_ORDER];
    uint32_t n, nlabels;
} side;

static void add_part(const sdp_graph *g, side *to, sdp_id part, const uint8_t *label)
{
    uint32_t order = g->node[part]->order;
    sdp_copy(to->label + to->nlabels, label, order);
    to->nlabels += order;
    to->factor[to->n++] = part;
}

// A size, or a product of sizes
static bool is_size(const sdp_graph *g, sdp_id id)
{
    const sdp_node *n = g->node[id];
    bool size = n->kind == SDP_DIM || (n->kind == SDP_MUL && !n->order);
    for (uint32_t i = 0; size && n->kind == SDP_MUL && i < n->nargs; i++)
        size = g->node[n->arg[i]]->kind == SDP_DIM;
    return size;
}

// Is it 1/(n-1), for a size n? The root of a variance stays: it is a standard deviation.
static bool divides_by_freedom(const sdp_graph *g, sdp_id id)
{
    const sdp_node *p = g->node[id], *n = p->kind == SDP_POW ? g->node[p->arg[0]] : p;
    sdp_num v;
    if (n == p || n->kind != SDP_ADD || n->order) return false;
    for (uint32_t i = 0; i < n->nargs; i++)
        if (!sdp_is_number(g, n->arg[i], &v) && !is_size(g, n->arg[i])) return false;
    return true;
}

// (x^2*y)^e = |x|^2e * y^e for a fraction e, where y >= 0, or x^2 > 0: sqrt(5*norm(u)^2/l^2) =
// sqrt(5)*norm(u)/|l|, sqrt(c*exp(u)) = sqrt(c)*exp(u/2). A root that stays around a square ends in 0/0 where
// that is 0. Returns 0 if nothing leaves the root.
static sdp_id root_of_product(sdp_graph *g, const sdp_node *m, sdp_num e)
{
    const uint8_t *out = sdp_labels(g, m, m->nargs);
    bool done[SDP_MAX_FACTORS] = {false}, part[SDP_MAX_FACTORS], positive = true;
    side in = {.n = 0}, all = {.n = 0};
    if (m->nargs > SDP_MAX_FACTORS || sdp_num_sign(g, m->coef[0]) <= 0 || sdp_repeats_axis(g, m)) return 0;
    for (uint32_t i = 0; i < m->nargs; i++) {
        uint8_t label[SDP_MAX_ORDER] = {0};
        sdp_id whole;
        if (done[i]) continue;
        connected(g, m, i, part);
        for (uint32_t k = 0; k < m->nargs; k++) done[k] |= part[k];
        part_power(g, m, part, SDP_NUM_ONE, &whole, label);
        bool leaves = leaves_root(g, whole, e);
        if (leaves) positive &= sdp_known_positive(g, whole);
        add_part(g, leaves ? &all : &in, leaves ? sdp_power_num(g, whole, e) : whole, label);
    }
    if (!all.n || (in.n == 1 && divides_by_freedom(g, in.factor[0]))) return 0;
    sdp_id rest = sdp_mul(g, m->coef[0], in.n, in.factor, in.label, m->order, out, m->ldim);
    if (!positive && !sdp_known_nonneg(g, rest)) return 0;
    add_part(g, &all, sdp_power_num(g, rest, e), out);
    return sdp_mul(g, SDP_NUM_ONE, all.n, all.factor, all.label, m->order, out, m->ldim);
}

static sdp_id power_of_power(sdp_graph *g, const sdp_node *b, sdp_num e)
{
    sdp_num inner;
    bool integer = sdp_num_is_int(g, e);
    if (!sdp_is_number(g, b->arg[1], &inner)) {
        if (!integer && !sdp_known_nonneg(g, b->arg[0])) return 0;
        return sdp_power(g, b->arg[0], sdp_scale(g, e, b->arg[1]));
    }
    sdp_num product = sdp_num_mul(g, inner, e), half = sdp_num_mul(g, inner, SDP_NUM_HALF);
    bool even = sdp_num_is_int(g, half);
    if (integer || !even || sdp_known_nonneg(g, b->arg[0])) return sdp_power_num(g, b->arg[0], product);
    return sdp_power_num(g, sdp_map1(g, SDP_OP_abs, b->arg[0]), product);
}

static sdp_id map_power(sdp_graph *g, const sdp_node *b, sdp_num e)
{
    sdp_num half = sdp_num_mul(g, e, SDP_NUM_HALF);
    if (b->op == SDP_OP_exp) return sdp_map1(g, SDP_OP_exp, sdp_scale(g, e, b->arg[0]));
    if (b->op == SDP_OP_abs && sdp_num_is_int(g, half)) return sdp_power_num(g, b->arg[0], e);
    if (sdp_ops[b->op].range == SDP_RANGE_bool && sdp_num_sign(g, e) > 0) return sdp_map(g, b->op, b->arg);
    return 0;
}

static sdp_id sum_power(sdp_graph *g, sdp_id base, sdp_num e)
{
    const sdp_node *b = g->node[base];
    sdp_num c, one;
    if (!sdp_num_is_int(g, e)) return 0;
    sdp_id p = sdp_primitive_part(g, base, &c);
    // x*ones(n)'-ones(n)*x', as it is turned
    if (c == SDP_NUM_MINUS_ONE && base < p && sdp_transpose(g, p) == base) c = SDP_NUM_ONE;
    if (c != SDP_NUM_ONE) return sdp_times(g, number_power(g, c, e), sdp_power_num(g, p, e));
    if (b->nargs != 2 || sdp_num_sign(g, e) > 0) return 0;
    for (int i = 0; i < 2; i++) {
        sdp_id u;
        if (b->coef[0] != SDP_NUM_ONE || b->coef[1] != SDP_NUM_ONE || !sdp_is_number(g, b->arg[1 - i], &one))
            continue;
        if (!sdp_as_map(g, SDP_OP_exp, b->arg[i], &u)) continue;
        sdp_id minus = sdp_scale(g, SDP_NUM_MINUS_ONE, u);
        return sdp_power_num(g, sdp_map1(g, SDP_OP_sigmoid, minus), sdp_num_neg(g, e));
    }
    return 0;
}

static bool is_smoothed_factor(const sdp_node *n)
{
    return n->kind == SDP_POW || (n->kind == SDP_MAP && sdp_ops[n->op].kink) ||
           (n->kind == SDP_PRIM && n->op == SDP_OP_norm);
}

// Has an entry of x, or a factor of it, a kink or a root where it is 0, that a power of it has not?
static bool is_smoothed(const sdp_graph *g, sdp_id x)
{
    const sdp_node *n = g->node[x];
    for (uint32_t i = 0; n->kind == SDP_MUL && sdp_is_entrywise(g, n) && i < n->nargs; i++)
        if (is_smoothed_factor(g->node[n->arg[i]])) return true;
    return is_smoothed_factor(n);
}

// prod(x)^e = prod(x^e): the gradient of prod(|x|)^2 would be 0/0 where an entry is 0, and that of
// sqrt(prod(relu(x))) where a branch is not taken.
static sdp_id power_of_prod(sdp_graph *g, const sdp_node *p, sdp_num e)
{
    if (sdp_num_sign(g, e) < 0 || !(sdp_num_is_int(g, e) || sdp_known_nonneg(g, p->arg[0]))) return 0;
    sdp_id x = is_smoothed(g, p->arg[0]) ? sdp_power_num(g, p->arg[0], e) : 0;
    return x ? sdp_prim(g, SDP_OP_prod, 1, &x, p->param) : 0;
}

static sdp_id rewrite(sdp_graph *g, sdp_id base, sdp_num e)
{
    const sdp_node *b = g->node[base];
    sdp_num twice = sdp_num_mul(g, e, SDP_NUM_TWO), half = sdp_num_mul(g, e, SDP_NUM_HALF);
    sdp_id r;
    if (b->kind == SDP_NUM) return number_power(g, b->param, e);
    switch (b->kind) {
    case SDP_POW: return power_of_power(g, b, e);
    case SDP_MAP: return map_power(g, b, e);
    case SDP_ADD: return sum_power(g, base, e);
    case SDP_VAR: return sdp_num_sign(g, e) > 0 && sdp_has(g, base, SDP_ONEHOT) ? base : 0;
    case SDP_SEL:
    case SDP_MASK: return sdp_num_sign(g, e) > 0 ? base : 0;
    case SDP_PRIM:
        if (b->op == SDP_OP_det && sdp_num_is_int(g, half) && sdp_has(g, b->arg[0], SDP_ORTHOGONAL))
            return SDP_ID_ONE;
        if (b->op == SDP_OP_prod) return power_of_prod(g, b, e);
        if (b->op != SDP_OP_norm || !sdp_num_is_int(g, half)) return 0;
        return sdp_power_num(g, sdp_sum(g, sdp_power_num(g, b->arg[0], SDP_NUM_TWO), b->param), half);
    case SDP_MUL:
        if (sdp_num_is_int(g, e)) return product_power(g, b, e);
        if (!sdp_num_is_int(g, twice) || !(r = squared_norm_of(g, b))) return root_of_product(g, b, e);
        return sdp_power_num(g, sdp_prim(g, SDP_OP_norm, 1, &r, (1u << g->node[r]->order) - 1), twice);
    default: return 0;
    }
}

static sdp_id power(sdp_graph *g, sdp_id base, sdp_id exponent)
{
    sdp_id scalar, both[2] = {base, exponent};
    uint8_t to[SDP_MAX_ORDER];
    if (sdp_is_broadcast(g, exponent, &scalar) && g->node[base]->order) exponent = scalar;
    const sdp_node *b = g->node[base], *x = g->node[exponent];
    if (x->order && b->order == 0) return sdp_power(g, sdp_broadcast(g, base, x->order, x->dim), exponent);
    if (b->order && sdp_constant_axes(g, x->order ? 2 : 1, both, to)) {
        for (int i = 0; i < (x->order ? 2 : 1); i++) both[i] = sdp_gather(g, both[i], to);
        return sdp_scatter(g, sdp_power(g, both[0], x->order ? both[1] : exponent), to, b->order, b->dim);
    }
    if (b->kind == SDP_CONST && b->op == SDP_OP_e) return sdp_map1(g, SDP_OP_exp, exponent);
    if (x->kind == SDP_NUM) {
        if (x->param == SDP_NUM_ZERO) return sdp_ones(g, b->order, b->dim);
        if (x->param == SDP_NUM_ONE) return base;
        // diag(x).^2 = diag(x.^2)
        if (sdp_num_sign(g, x->param) > 0 && b->order > 1 && sdp_spread(g, 1, &base, to))
            return sdp_scatter(g, sdp_power(g, sdp_gather(g, base, to), exponent), to, b->order, b->dim);
        sdp_id r = rewrite(g, base, x->param);
        if (r) return r;
    } else if (b->kind == SDP_MAP && b->op == SDP_OP_exp) {
        return sdp_map1(g, SDP_OP_exp, sdp_times(g, exponent, b->arg[0]));
    } else if (base == SDP_ID_ONE) {
        return base;
    } else if (b->kind == SDP_POW && x->order == 0 && g->node[b->arg[1]]->order == 0 &&
               sdp_known_nonneg(g, b->arg[0])) {
        return sdp_power(g, b->arg[0], sdp_times(g, b->arg[1], exponent));
    }
    sdp_id t = sdp_transpose(g, base); // A'.^k is (A.^k)': one orientation only
    if (t < base && x->order == 0) return sdp_transpose(g, sdp_power(g, t, exponent));
    return make(g, base, exponent);
}

sdp_id sdp_power(sdp_graph *g, sdp_id base, sdp_id exponent)
{
    sdp_key key = {.word = {SDP_MADE_POW, base, exponent}, .n = 3};
    sdp_id id = sdp_memo_find(g, &key);
    return id ? id : sdp_memo_keep(g, &key, power(g, base, exponent));
}

sdp_id sdp_power_num(sdp_graph *g, sdp_id base, sdp_num e) { return sdp_power(g, base, sdp_number(g, e)); }

bool sdp_exponents_add(sdp_graph *g, sdp_id base, sdp_id a, sdp_id b, sdp_id *sum)
{
    const sdp_node *n = g->node[base], *x = g->node[a], *y = g->node[b];
    bool positive = x->kind == SDP_NUM && y->kind == SDP_NUM && sdp_num_sign(g, x->param) > 0 &&
                    sdp_num_sign(g, y->param) > 0;
    bool zero_one = n->kind == SDP_SEL || n->kind == SDP_MASK ||
                    (n->kind == SDP_MAP && sdp_ops[n->op].range == SDP_RANGE_bool) ||
                    sdp_has(g, base, SDP_ONEHOT);
    if (zero_one && !positive) return false;
    *sum = zero_one ? SDP_ID_ONE : sdp_add2(g, a, b);
    return true;
}
