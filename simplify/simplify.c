// SPDX-License-Identifier: MIT
// Collecting: a sum whose terms share factors becomes a product with a shorter sum.
//
//   A x + A' x = (A + A') x        X b c' + X c b' = X (b c' + c b')        s a - s b = s (a - b)
//
// Shared tensors are found by common.c; scalars are pulled out of any terms alike. A rewrite is taken if the printed form
// gets shorter, or stays and saves a contraction. The measure that falls: (tokens, number of contractions). Sums of more
// than MOST_TERMS terms are left alone, so the pass stays near-linear.
#include <string.h>

#include "collect.h"

enum { MOST_TERMS = 32, MOST_WALKS = 4 };

static sdp_id collect(sdp_collector *c, sdp_id sum);

// A sum made on the way, with a state of its own.
sdp_id sdp_collect_inner(sdp_collector *c, sdp_id sum)
{
    sdp_collector inner = {.g = c->g, .size = c->size};
    sdp_tokens_of(c->size, sum);
    return collect(&inner, sum);
}

// ---- terms ------------------------------------------------------------------------------------------------------------

sdp_factors sdp_take_apart(sdp_graph *g, sdp_num coef, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    sdp_factors p = {.coef = coef, .n = 1, .factor = {id}, .node = id};
    for (int k = 0; k < n->order; k++) p.label[0][k] = p.out[k] = (uint8_t)k;
    if (n->kind != SDP_MUL) return p;
    if (n->nargs > SDP_MAX_FACTORS || n->nargs == 0) {
        p.opaque = true;
        return p;
    }
    p.coef = sdp_num_mul(g, coef, n->coef[0]);
    p.n = n->nargs;
    const uint8_t *l = n->label;
    for (uint32_t i = 0; i < n->nargs; i++) {
        uint8_t order = sdp_get(g, n->arg[i])->order;
        p.factor[i] = n->arg[i];
        sdp_copy(p.label[i], l, order);
        l += order;
    }
    sdp_copy(p.out, l, n->order);
    return p;
}

// coef * the factors with keep[i], output labels `out`; labels without a factor have the dimensions ldim
sdp_id sdp_build_product(sdp_graph *g, sdp_num coef, const sdp_factors *p, const bool *keep, int order, const uint8_t *out, const sdp_dim *ldim)
{
    sdp_id factor[SDP_MAX_FACTORS];
    uint8_t label[SDP_MAX_FACTORS * SDP_MAX_ORDER];
    uint32_t n = 0, at = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        if (!keep[i]) continue;
        uint8_t k = sdp_get(g, p->factor[i])->order;
        sdp_copy(label + at, p->label[i], k);
        at += k;
        factor[n++] = p->factor[i];
    }
    return sdp_mul(g, coef, n, factor, label, order, out, ldim);
}

// ---- scalar factors ----------------------------------------------------------------------------------------------------

static int find_scalar(const sdp_graph *g, const sdp_factors *p, sdp_id f)
{
    for (uint32_t i = 0; !p->opaque && i < p->n; i++)
        if (p->factor[i] == f && sdp_get(g, f)->order == 0) return (int)i;
    return -1;
}

// The scalar factor that saves most tokens when it is pulled out of the terms that have it; 0 if none saves any.
static sdp_id best_scalar(sdp_collector *c)
{
    sdp_graph *g = c->g;
    sdp_id best = 0;
    uint32_t saving = 0;
    for (uint32_t i = 0; i < c->n; i++)
        for (uint32_t k = 0; !c->t[i].opaque && k < c->t[i].n; k++) {
            sdp_id f = c->t[i].factor[k];
            if (sdp_get(g, f)->order) continue;
            uint32_t have = 0;
            for (uint32_t j = 0; j < c->n; j++) have += find_scalar(g, &c->t[j], f) >= 0;
            if (have < 2) continue;
            uint32_t s = (have - 1) * (sdp_tokens_known(c->size, f) + 1), price = have == c->n ? 2 : 3;
            if (s > price && s - price > saving) saving = s - price, best = f;
        }
    return best;
}

// The sum of the terms that have the scalar f, without it; those terms are marked. 0 if there are none.
static sdp_id cofactor(sdp_collector *c, sdp_id f, bool *has)
{
    sdp_graph *g = c->g;
    sdp_num *coef = sdp_scratch(&g->base, c->n * sizeof *coef);
    sdp_id *rest = sdp_scratch(&g->base, c->n * sizeof *rest);
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        const sdp_factors *p = &c->t[i];
        int at = find_scalar(g, p, f);
        has[i] = at >= 0;
        if (at < 0) continue;
        bool use[SDP_MAX_FACTORS];
        for (uint32_t k = 0; k < p->n; k++) use[k] = (int)k != at;
        sdp_dim ldim[SDP_LABELS] = {0};
        for (int k = 0; k < c->order; k++) ldim[p->out[k]] = c->dim[k];
        coef[n] = p->coef;
        rest[n++] = sdp_build_product(g, SDP_NUM_ONE, p, use, c->order, p->out, ldim);
    }
    return n ? sdp_add(g, n, coef, rest) : 0;
}

static void remove_marked(sdp_collector *c, const bool *gone)
{
    uint32_t keep = 0;
    for (uint32_t i = 0; i < c->n; i++)
        if (!gone[i]) c->t[keep++] = c->t[i];
    c->n = keep;
}

// f R + h R = (f + h) R: looks for a scalar h among the other terms whose cofactor is a multiple of R.
static sdp_id same_cofactor(sdp_collector *c, sdp_id f, sdp_id r)
{
    sdp_graph *g = c->g;
    sdp_num unit, other;
    if (sdp_get(g, r)->kind != SDP_ADD) return f;
    sdp_id p = sdp_primitive_part(g, r, &unit);
    bool *has = sdp_scratch(&g->base, c->n + 1);
    for (uint32_t i = 0; i < c->n; i++)
        for (uint32_t k = 0; !c->t[i].opaque && k < c->t[i].n; k++) {
            sdp_id h = c->t[i].factor[k], q = sdp_get(g, h)->order ? 0 : cofactor(c, h, has);
            if (!q || sdp_get(g, q)->kind != SDP_ADD || sdp_primitive_part(g, q, &other) != p) continue;
            remove_marked(c, has);
            return sdp_add(g, 2, (sdp_num[]){SDP_NUM_ONE, sdp_num_mul(g, other, sdp_num_inv(g, unit))}, (sdp_id[]){f, h});
        }
    return f;
}

// Pulls one scalar factor out. True if one was found.
static bool collect_scalar(sdp_collector *c)
{
    sdp_graph *g = c->g;
    sdp_id best = best_scalar(c);
    if (!best) return false;
    bool *has = sdp_scratch(&g->base, c->n + 1);
    sdp_id rest = cofactor(c, best, has);
    remove_marked(c, has);
    best = same_cofactor(c, best, rest);
    c->t[c->n++] = sdp_take_apart(g, SDP_NUM_ONE, sdp_times(g, best, sdp_collect_inner(c, rest)));
    return true;
}

static bool collect_tensors(sdp_collector *c)
{
    for (uint32_t i = 0; i < c->n; i++)
        for (uint32_t j = i + 1; j < c->n; j++)
            if (sdp_join(c, &c->t[i], &c->t[j])) {
                c->t[j] = c->t[--c->n];
                return true;
            }
    return false;
}

// ---- sums and graphs --------------------------------------------------------------------------------------------------

static sdp_id put_together(sdp_collector *c)
{
    sdp_graph *g = c->g;
    sdp_num *coef = sdp_scratch(&g->base, c->n * sizeof *coef);
    sdp_id *term = sdp_scratch(&g->base, c->n * sizeof *term);
    for (uint32_t i = 0; i < c->n; i++) {
        coef[i] = c->t[i].coef;
        term[i] = sdp_separate(c, &c->t[i]);
    }
    return sdp_add(g, c->n, coef, term);
}

static sdp_id collect(sdp_collector *c, sdp_id sum)
{
    sdp_graph *g = c->g;
    const sdp_node *n = sdp_get(g, sum);
    if (n->kind != SDP_ADD || n->nargs > MOST_TERMS) return sum;
    c->order = n->order;
    c->dim = n->dim;
    c->n = n->nargs;
    c->t = sdp_scratch(&g->base, (c->n + 1) * sizeof *c->t);
    for (uint32_t i = 0; i < c->n; i++) c->t[i] = sdp_take_apart(g, n->coef[i], n->arg[i]);
    bool changed = false;
    while (c->n > 1 && (collect_tensors(c) || collect_scalar(c))) changed = true;
    return changed ? put_together(c) : sum;
}

// The shortest of a node's forms, the first of equals.
static sdp_id shortest(sdp_collector *c, sdp_id id)
{
    typedef sdp_id form(sdp_graph *g, sdp_id id);
    static form *const forms[] = {sdp_refold, sdp_expand, sdp_common_denominator, sdp_clear_scalar, sdp_multiply_out};
    sdp_id best = collect(c, id);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        sdp_id other = forms[i](c->g, id);
        if (other == id) continue;
        sdp_tokens_of(c->size, other);
        other = collect(c, other);
        if (sdp_tokens_of(c->size, other) < sdp_tokens_of(c->size, best)) best = other;
    }
    return best;
}

// One walk; false if it changed nothing.
static bool simplify_once(sdp_graph *g, uint32_t n, sdp_id *node)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t count, most = 0;
    sdp_id *list = sdp_reachable(g, n, node, &count), last = count ? list[count - 1] : 0;
    for (uint32_t i = 0; i < count; i++)
        if (sdp_get(g, list[i])->nargs > most) most = sdp_get(g, list[i])->nargs;
    sdp_id *now = sdp_scratch(&g->base, (last + 1u) * sizeof *now), *arg = sdp_scratch(&g->base, (most + 1) * sizeof *arg);
    sdp_tokens size = {.g = g};
    sdp_collector c = {.g = g, .size = &size};
    for (uint32_t i = 0; i < count; i++) {
        sdp_id id = list[i];
        const sdp_node *x = sdp_get(g, id);
        bool changed = false;
        for (uint32_t k = 0; k < x->nargs; k++) {
            arg[k] = now[x->arg[k]];
            changed |= arg[k] != x->arg[k];
        }
        now[id] = changed ? sdp_rebuild(g, id, arg) : id;
        sdp_tokens_of(c.size, now[id]);
        sdp_mark inner = sdp_scratch_mark(&g->base);
        now[id] = shortest(&c, now[id]);
        sdp_scratch_release(&g->base, inner);
    }
    sdp_release(&g->base, size.of);
    bool changed = false;
    for (uint32_t i = 0; i < n; i++) {
        changed |= now[node[i]] != node[i];
        node[i] = now[node[i]];
    }
    sdp_scratch_release(&g->base, m);
    return changed;
}

// What a walk changed may allow more above or below it; an answer is a form that a walk does not change.
void sdp_simplify_all(sdp_graph *g, uint32_t n, sdp_id *node)
{
    for (int walk = 0; walk < MOST_WALKS && simplify_once(g, n, node); walk++) {}
}

sdp_id sdp_simplify(sdp_graph *g, sdp_id a)
{
    sdp_simplify_all(g, 1, &a);
    return a;
}
