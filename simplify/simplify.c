// SPDX-License-Identifier: MIT
// Collecting: a sum whose terms share factors becomes a product with a shorter sum.
//
//   A x + A' x = (A + A') x        X b c' + X c b' = X (b c' + c b')        s a - s b = s (a - b)
//
// Terms are einsums, so "sharing a factor" means: the same node, at corresponding labels. A correspondence starts
// with the output labels (equal positions) and is extended factor by factor. What remains of the two terms must be
// a tensor of at most two axes towards the rest, or nothing readable would be left. Scalars are pulled out of any
// terms alike. A rewrite is taken if the printed form gets shorter, or stays and saves a contraction.
// The measure that falls: (tokens, number of contractions). Sums of more than MOST_TERMS terms are left alone,
// so the pass stays near-linear.
#include <stdlib.h>
#include <string.h>

#include "simplify.h"

enum { MOST_TERMS = 32, LABELS = 64, MOST_WALKS = 4 };

typedef struct {
    sdp_num coef;
    uint32_t n;
    sdp_id factor[SDP_MAX_FACTORS];
    uint8_t label[SDP_MAX_FACTORS][SDP_MAX_ORDER];
    uint8_t out[SDP_MAX_ORDER];
    bool opaque; // too long to be looked into: kept as node
    sdp_id node;
} product;

typedef struct {
    sdp_graph *g;
    sdp_tokens *size;
    int order;
    const sdp_dim *dim;
    product *t;
    uint32_t n;
} collector;

static uint32_t tokens(collector *c, sdp_id id) { return sdp_tokens_of(c->size, id); }
static uint32_t size_of(collector *c, sdp_id id) { return sdp_tokens_known(c->size, id); }
static sdp_id collect(collector *c, sdp_id sum);

// A sum made on the way, with a state of its own.
static sdp_id collect_inner(collector *c, sdp_id sum)
{
    collector inner = {.g = c->g, .size = c->size};
    tokens(c, sum);
    return collect(&inner, sum);
}

// ---- terms ------------------------------------------------------------------------------------------------------------

static product take_apart(sdp_graph *g, sdp_num coef, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    product p = {.coef = coef, .n = 1, .factor = {id}, .node = id};
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
static sdp_id build(sdp_graph *g, sdp_num coef, const product *p, const bool *keep, int order, const uint8_t *out, const sdp_dim *ldim)
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

static int find_scalar(const sdp_graph *g, const product *p, sdp_id f)
{
    for (uint32_t i = 0; !p->opaque && i < p->n; i++)
        if (p->factor[i] == f && sdp_get(g, f)->order == 0) return (int)i;
    return -1;
}

// The scalar factor that saves most tokens when it is pulled out of the terms that have it; 0 if none saves any.
static sdp_id best_scalar(collector *c)
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
            uint32_t s = (have - 1) * (size_of(c, f) + 1), price = have == c->n ? 2 : 3;
            if (s > price && s - price > saving) saving = s - price, best = f;
        }
    return best;
}

// The sum of the terms that have the scalar f, without it; those terms are marked. 0 if there are none.
static sdp_id cofactor(collector *c, sdp_id f, bool *has)
{
    sdp_graph *g = c->g;
    sdp_num *coef = sdp_scratch(&g->base, c->n * sizeof *coef);
    sdp_id *rest = sdp_scratch(&g->base, c->n * sizeof *rest);
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        const product *p = &c->t[i];
        int at = find_scalar(g, p, f);
        has[i] = at >= 0;
        if (at < 0) continue;
        bool use[SDP_MAX_FACTORS];
        for (uint32_t k = 0; k < p->n; k++) use[k] = (int)k != at;
        sdp_dim ldim[LABELS] = {0};
        for (int k = 0; k < c->order; k++) ldim[p->out[k]] = c->dim[k];
        coef[n] = p->coef;
        rest[n++] = build(g, SDP_NUM_ONE, p, use, c->order, p->out, ldim);
    }
    return n ? sdp_add(g, n, coef, rest) : 0;
}

static void remove_marked(collector *c, const bool *gone)
{
    uint32_t keep = 0;
    for (uint32_t i = 0; i < c->n; i++)
        if (!gone[i]) c->t[keep++] = c->t[i];
    c->n = keep;
}

// f R + h R = (f + h) R: looks for a scalar h among the other terms whose cofactor is a multiple of R.
static sdp_id same_cofactor(collector *c, sdp_id f, sdp_id r)
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
static bool collect_scalar(collector *c)
{
    sdp_graph *g = c->g;
    sdp_id best = best_scalar(c);
    if (!best) return false;
    bool *has = sdp_scratch(&g->base, c->n + 1);
    sdp_id rest = cofactor(c, best, has);
    remove_marked(c, has);
    best = same_cofactor(c, best, rest);
    c->t[c->n++] = take_apart(g, SDP_NUM_ONE, sdp_times(g, best, collect_inner(c, rest)));
    return true;
}

// ---- tensor factors --------------------------------------------------------------------------------------------------

typedef struct {
    uint8_t map[LABELS], inverse[LABELS]; // labels of a <-> labels of b; 255: none
    bool common_a[SDP_MAX_FACTORS], common_b[SDP_MAX_FACTORS];
    uint32_t n;
} correspondence;

static bool link_labels(correspondence *m, uint8_t a, uint8_t b)
{
    if (m->map[a] != 255 || m->inverse[b] != 255) return m->map[a] == b && m->inverse[b] == a;
    m->map[a] = b;
    m->inverse[b] = a;
    return true;
}

static bool link_factor(sdp_graph *g, correspondence *m, sdp_id f, const uint8_t *a, const uint8_t *b)
{
    int order = sdp_get(g, f)->order, ways = order == 2 && sdp_is_symmetric(g, f) ? 2 : 1;
    for (int way = 0; way < ways; way++) {
        correspondence trial = *m;
        bool ok = true;
        for (int k = 0; ok && k < order; k++) ok = link_labels(&trial, a[k], b[way ? order - 1 - k : k]);
        if (ok) return *m = trial, true;
    }
    return false;
}

static bool correspond(collector *c, const product *a, const product *b, correspondence *m)
{
    sdp_graph *g = c->g;
    if (a->opaque || b->opaque) return false;
    *m = (correspondence){0};
    memset(m->map, 255, sizeof m->map);
    memset(m->inverse, 255, sizeof m->inverse);
    for (int k = 0; k < c->order; k++)
        if (!link_labels(m, a->out[k], b->out[k])) return false;
    bool tensor = false;
    for (int pass = 0; pass < 2; pass++) // factors that touch known labels first, then the others
        for (uint32_t i = 0; i < a->n; i++) {
            if (m->common_a[i]) continue;
            int order = sdp_get(g, a->factor[i])->order;
            bool touches = order == 0;
            for (int k = 0; k < order; k++) touches |= m->map[a->label[i][k]] != 255;
            if (pass == 0 && !touches) continue;
            for (uint32_t j = 0; j < b->n; j++) {
                if (m->common_b[j] || a->factor[i] != b->factor[j] || !link_factor(g, m, a->factor[i], a->label[i], b->label[j])) continue;
                m->common_a[i] = m->common_b[j] = true;
                m->n++;
                tensor |= order > 0;
                break;
            }
        }
    return tensor;
}

static bool is_slice(const sdp_graph *g, sdp_id f) { return sdp_get(g, f)->kind == SDP_SEL && sdp_get(g, f)->order > 1; }

// Do the terms share nothing but the rows or the columns of a block matrix? They have different blocks then, which stay apart.
static bool share_half_a_block(const sdp_graph *g, const product *a, const product *b, const correspondence *m)
{
    bool left = false;
    for (uint32_t i = 0; i < a->n; i++) {
        if (m->common_a[i] && !is_slice(g, a->factor[i]) && sdp_get(g, a->factor[i])->order) return false;
        left |= !m->common_a[i] && is_slice(g, a->factor[i]);
    }
    for (uint32_t i = 0; i < b->n; i++) left |= !m->common_b[i] && is_slice(g, b->factor[i]);
    return left;
}

static uint64_t labels_of(sdp_graph *g, const product *p, const bool *which, bool value)
{
    uint64_t set = 0;
    for (uint32_t i = 0; i < p->n; i++)
        for (int k = 0; which[i] == value && k < sdp_get(g, p->factor[i])->order; k++) set |= 1ull << p->label[i][k];
    return set;
}

static uint64_t output_set(const product *p, int order)
{
    uint64_t set = 0;
    for (int k = 0; k < order; k++) set |= 1ull << p->out[k];
    return set;
}

// The labels of `set` (labels of b) in a's numbering; labels without a partner belong to b's rest alone.
static uint64_t translate(const correspondence *m, uint64_t set)
{
    uint64_t r = 0;
    for (int l = 0; l < LABELS; l++)
        if (set >> l & 1 && m->inverse[l] != 255) r |= 1ull << m->inverse[l];
    return r;
}

// Is the sum of the two terms shorter with the common factors outside?
static bool worth_it(collector *c, const product *a, const correspondence *m, int face)
{
    uint32_t saved = 0;
    bool contracts = false, closed = c->order == 0 && face == 2; // tr(...) around it
    uint64_t out = output_set(a, c->order);
    for (uint32_t i = 0; i < a->n; i++) {
        if (!m->common_a[i] || (closed && sdp_get(c->g, a->factor[i])->order == 0)) continue;
        saved += size_of(c, a->factor[i]) + 1;
        for (int k = 0; k < sdp_get(c->g, a->factor[i])->order; k++) contracts |= !(out >> a->label[i][k] & 1);
    }
    if (closed) return saved > 5;
    return saved > 2 || (saved == 2 && contracts);
}

static sdp_id separate(collector *c, const product *p)
{
    bool all[SDP_MAX_FACTORS];
    sdp_dim ldim[LABELS] = {0};
    memset(all, true, sizeof all);
    for (int k = 0; k < c->order; k++) ldim[p->out[k]] = c->dim[k];
    return p->opaque ? p->node : build(c->g, SDP_NUM_ONE, p, all, c->order, p->out, ldim);
}

static sdp_dim label_dim(const collector *c, const product *p, uint8_t l)
{
    for (uint32_t i = 0; i < p->n; i++)
        for (int k = 0; k < sdp_get(c->g, p->factor[i])->order; k++)
            if (p->label[i][k] == l) return sdp_get(c->g, p->factor[i])->dim[k];
    for (int k = 0; k < c->order; k++)
        if (p->out[k] == l) return c->dim[k];
    return SDP_DIM_NONE;
}

// a and b become one term; false if they have nothing in common that is worth it.
static bool join(collector *c, product *a, const product *b)
{
    sdp_graph *g = c->g;
    correspondence m;
    if (!correspond(c, a, b, &m) || share_half_a_block(g, a, b, &m)) return false;
    uint64_t outer = labels_of(g, a, m.common_a, true) | output_set(a, c->order);
    uint64_t rest = labels_of(g, a, m.common_a, false) | translate(&m, labels_of(g, b, m.common_b, false));
    uint64_t face = outer & rest;
    if (__builtin_popcountll(face) > 2 || !worth_it(c, a, &m, __builtin_popcountll(face))) return false;
    uint8_t la[2], lb[2];
    sdp_dim da[LABELS] = {0}, db[LABELS] = {0};
    int order = 0;
    for (uint8_t l = 0; l < LABELS; l++)
        if (face >> l & 1) {
            if (m.map[l] == 255) return false; // a label of the common part that b's term does not have
            la[order] = l;
            lb[order++] = m.map[l];
            da[l] = db[m.map[l]] = label_dim(c, a, l);
        }
    bool rest_a[SDP_MAX_FACTORS], rest_b[SDP_MAX_FACTORS];
    for (uint32_t i = 0; i < a->n; i++) rest_a[i] = !m.common_a[i];
    for (uint32_t i = 0; i < b->n; i++) rest_b[i] = !m.common_b[i];
    sdp_id term[2] = {build(g, SDP_NUM_ONE, a, rest_a, order, la, da), build(g, SDP_NUM_ONE, b, rest_b, order, lb, db)};
    sdp_id sum = collect_inner(c, sdp_add(g, 2, (sdp_num[]){a->coef, b->coef}, term));
    product joined = {.coef = SDP_NUM_ONE};
    for (uint32_t i = 0; i < a->n; i++) {
        if (!m.common_a[i]) continue;
        joined.factor[joined.n] = a->factor[i];
        sdp_copy(joined.label[joined.n++], a->label[i], sizeof a->label[i]);
    }
    if (joined.n == SDP_MAX_FACTORS) return false;
    joined.factor[joined.n] = sum;
    sdp_copy(joined.label[joined.n++], la, sizeof la);
    bool all[SDP_MAX_FACTORS];
    memset(all, true, sizeof all);
    for (int k = 0; k < c->order; k++) da[a->out[k]] = c->dim[k];
    sdp_id whole = build(g, SDP_NUM_ONE, &joined, all, c->order, a->out, da);
    bool closed = c->order == 0 && order == 2; // traces: their powers and closed parts may have been shorter
    if (closed && tokens(c, whole) > tokens(c, separate(c, a)) + tokens(c, separate(c, b)) + 1) return false;
    *a = take_apart(g, SDP_NUM_ONE, whole);
    return true;
}

// s I and t I become (s + t) I.
static bool join_identities(collector *c, product *a, const product *b)
{
    sdp_graph *g = c->g;
    const product *p[2] = {a, b};
    sdp_id scalar[2];
    for (int i = 0; i < 2; i++) {
        bool all[SDP_MAX_FACTORS];
        memset(all, true, sizeof all);
        if (p[i]->opaque || c->order != 2 || p[i]->out[0] != p[i]->out[1]) return false;
        if (labels_of(g, p[i], all, true) & output_set(p[i], 2)) return false;
        scalar[i] = build(g, SDP_NUM_ONE, p[i], all, 0, NULL, NULL);
    }
    sdp_id sum = collect_inner(c, sdp_add(g, 2, (sdp_num[]){a->coef, b->coef}, scalar));
    *a = take_apart(g, SDP_NUM_ONE, sdp_mul(g, SDP_NUM_ONE, 1, &sum, NULL, 2, (uint8_t[]){0, 0}, c->dim));
    return true;
}

static bool collect_tensors(collector *c)
{
    for (uint32_t i = 0; i < c->n; i++)
        for (uint32_t j = i + 1; j < c->n; j++)
            if (join(c, &c->t[i], &c->t[j]) || join_identities(c, &c->t[i], &c->t[j])) {
                c->t[j] = c->t[--c->n];
                return true;
            }
    return false;
}

// ---- sums and graphs --------------------------------------------------------------------------------------------------

static sdp_id put_together(collector *c)
{
    sdp_graph *g = c->g;
    sdp_num *coef = sdp_scratch(&g->base, c->n * sizeof *coef);
    sdp_id *term = sdp_scratch(&g->base, c->n * sizeof *term);
    for (uint32_t i = 0; i < c->n; i++) {
        coef[i] = c->t[i].coef;
        term[i] = separate(c, &c->t[i]);
    }
    return sdp_add(g, c->n, coef, term);
}

static sdp_id collect(collector *c, sdp_id sum)
{
    sdp_graph *g = c->g;
    const sdp_node *n = sdp_get(g, sum);
    if (n->kind != SDP_ADD || n->nargs > MOST_TERMS) return sum;
    c->order = n->order;
    c->dim = n->dim;
    c->n = n->nargs;
    c->t = sdp_scratch(&g->base, (c->n + 1) * sizeof *c->t);
    for (uint32_t i = 0; i < c->n; i++) c->t[i] = take_apart(g, n->coef[i], n->arg[i]);
    bool changed = false;
    while (c->n > 1 && (collect_tensors(c) || collect_scalar(c))) changed = true;
    return changed ? put_together(c) : sum;
}

// The shortest of a node's forms, the first of equals.
static sdp_id shortest(collector *c, sdp_id id)
{
    typedef sdp_id form(sdp_graph *g, sdp_id id);
    static form *const forms[] = {sdp_refold, sdp_expand, sdp_common_denominator, sdp_clear_scalar, sdp_multiply_out};
    sdp_id best = collect(c, id);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        sdp_id other = forms[i](c->g, id);
        if (other == id) continue;
        tokens(c, other);
        other = collect(c, other);
        if (tokens(c, other) < tokens(c, best)) best = other;
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
    collector c = {.g = g, .size = &size};
    for (uint32_t i = 0; i < count; i++) {
        sdp_id id = list[i];
        const sdp_node *x = sdp_get(g, id);
        bool changed = false;
        for (uint32_t k = 0; k < x->nargs; k++) {
            arg[k] = now[x->arg[k]];
            changed |= arg[k] != x->arg[k];
        }
        now[id] = changed ? sdp_rebuild(g, id, arg) : id;
        tokens(&c, now[id]);
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
