// SPDX-License-Identifier: MIT
// Finds the common part of two terms of a sum.
//
// Terms are einsums, so "sharing a factor" means: the same node, at corresponding labels. A correspondence
// starts with the output labels (equal positions) and is extended factor by factor. What remains of the two
// terms must be a tensor of at most two axes towards the rest, or nothing readable would be left.
#include <string.h>

#include "simplify/collect.h"

enum { LEVELS = 4, MOST_LOOKS = 1000, DIAGONAL = 3 }; // diag()

// The common part of the terms a and b. Its labels are pairs of a label of a and one of b, the output's
// first. Usually each label is in one pair; if it is in two, the rest of its term has a diagonal: X' diag(s)
// X - X' s s' X = X' (diag(s) - s s') X.
typedef struct {
    uint8_t a[SDP_LABELS], b[SDP_LABELS];
    uint32_t n; // pairs
    bool common_a[SDP_MAX_FACTORS], common_b[SDP_MAX_FACTORS];
    sdp_factors part; // labels are pairs
} correspondence;

static int uses(const correspondence *m, const uint8_t *side, uint8_t label)
{
    int n = 0;
    for (uint32_t i = 0; i < m->n; i++) n += side[i] == label;
    return n;
}

static bool find_pair(const correspondence *m, uint8_t a, uint8_t b, uint8_t *pair)
{
    for (uint32_t i = 0; i < m->n; i++)
        if (m->a[i] == a && m->b[i] == b) return *pair = (uint8_t)i, true;
    return false;
}

static bool link_labels(correspondence *m, uint8_t a, uint8_t b, bool split, uint8_t *pair)
{
    if (find_pair(m, a, b, pair)) return true;
    if (m->n == SDP_LABELS || (!split && (uses(m, m->a, a) || uses(m, m->b, b)))) return false;
    *pair = (uint8_t)m->n;
    m->a[m->n] = a;
    m->b[m->n++] = b;
    return true;
}

// split: at least one of its labels is known already
static bool link_factor(sdp_graph *g, correspondence *m, sdp_id f, const uint8_t *a, const uint8_t *b,
                        bool split)
{
    int order = sdp_get(g, f)->order, ways = order == 2 && sdp_is_symmetric(g, f) ? 2 : 1;
    for (int way = 0; way < ways; way++) {
        correspondence trial = *m;
        sdp_factors *p = &trial.part;
        bool ok = true, known = !split;
        for (int k = 0; ok && k < order; k++) {
            ok = link_labels(&trial, a[k], b[way ? order - 1 - k : k], split, &p->label[p->n][k]);
            known |= p->label[p->n][k] < m->n;
        }
        if (!ok || !known) continue;
        p->factor[p->n++] = f;
        *m = trial;
        return true;
    }
    return false;
}

// The factors that may be common: any; only factors that multiply the output entry by entry, e.g. in
// y.*(A*(x.*y))+x.*y.*(A*y); or only the matrices at the outside, whose inner labels may be in two pairs.
typedef enum { ANY, ENTRYWISE, SPLIT } sharing;

static bool is_entrywise(const sdp_collector *c, const sdp_factors *p, uint32_t i)
{
    int order = sdp_get(c->g, p->factor[i])->order;
    for (int k = 0; k < order; k++)
        if (!memchr(p->out, p->label[i][k], (size_t)c->order)) return false;
    return order > 0 && sdp_get(c->g, p->factor[i])->kind != SDP_SEL;
}

bool sdp_share_tensor(const sdp_graph *g, const sdp_factors *a, const sdp_factors *b)
{
    for (uint32_t i = 0; i < a->n; i++)
        for (uint32_t j = 0; sdp_get(g, a->factor[i])->order && j < b->n; j++)
            if (a->factor[i] == b->factor[j]) return true;
    return false;
}

static bool correspond(sdp_collector *c, const sdp_factors *a, const sdp_factors *b, sharing how,
                       correspondence *m)
{
    sdp_graph *g = c->g;
    bool split = how == SPLIT;
    *m = (correspondence){.part.coef = SDP_NUM_ONE};
    for (int k = 0; k < c->order; k++)
        if (!link_labels(m, a->out[k], b->out[k], false, &m->part.out[k])) return false;
    bool tensor = false;
    for (int pass = split; pass < 2; pass++) // factors that touch known labels first, then the others
        for (uint32_t i = 0; i < a->n; i++) {
            int order = sdp_get(g, a->factor[i])->order;
            bool touches = order == 0;
            for (int k = 0; k < order; k++) touches |= uses(m, m->a, a->label[i][k]) > 0;
            if (how == ENTRYWISE && !is_entrywise(c, a, i)) continue;
            if (m->common_a[i] || (pass == 0 && !touches) ||
                (split && (order < 2 || sdp_get(g, a->factor[i])->kind == SDP_SEL)))
                continue;
            for (uint32_t j = 0; j < b->n; j++) {
                if (m->common_b[j] || a->factor[i] != b->factor[j] ||
                    !link_factor(g, m, a->factor[i], a->label[i], b->label[j], split))
                    continue;
                m->common_a[i] = m->common_b[j] = true;
                tensor |= order > 0;
                break;
            }
        }
    return tensor;
}

// An entry or a slice; kron and vec are other selections.
static bool is_slice(const sdp_graph *g, sdp_id f)
{
    return sdp_get(g, f)->kind == SDP_SEL && sdp_get(g, f)->order <= 2;
}

// Have the terms different blocks of a block matrix? They stay apart if they share nothing but
// its rows or columns, or if other terms fill other blocks: [M'*A, M'*B] may be M'*[A, B],
// [M'*A, M'*B; C, D] is what it is.
static bool share_half_a_block(const sdp_collector *c, const sdp_factors *a, const sdp_factors *b,
                               const correspondence *m)
{
    const sdp_graph *g = c->g;
    bool left = false;
    for (uint32_t i = 0; i < a->n; i++) {
        if (c->n == 2 && m->common_a[i] && !is_slice(g, a->factor[i]) && sdp_get(g, a->factor[i])->order)
            return false;
        left |= !m->common_a[i] && is_slice(g, a->factor[i]);
    }
    for (uint32_t i = 0; i < b->n; i++) left |= !m->common_b[i] && is_slice(g, b->factor[i]);
    return left;
}

// The labels of the factors that are not common
static uint64_t rest_labels(const sdp_graph *g, const sdp_factors *p, const bool *common)
{
    uint64_t set = 0;
    for (uint32_t i = 0; i < p->n; i++)
        for (int k = 0; !common[i] && k < sdp_get(g, p->factor[i])->order; k++) set |= 1ull << p->label[i][k];
    return set;
}

// The pairs by which the rests hang on the common part and the output; false if they are not for a matrix.
static bool find_face(const sdp_collector *c, const sdp_factors *a, const sdp_factors *b,
                      const correspondence *m, int *order, uint8_t *face)
{
    uint64_t rest_a = rest_labels(c->g, a, m->common_a), rest_b = rest_labels(c->g, b, m->common_b);
    *order = 0;
    for (uint32_t i = 0; i < m->n; i++) {
        bool in_a = rest_a >> m->a[i] & 1, in_b = rest_b >> m->b[i] & 1, twice_a = uses(m, m->a, m->a[i]) > 1,
             twice_b = uses(m, m->b, m->b[i]) > 1;
        if (!twice_a && !twice_b && !in_a && !in_b) continue;
        // the output has no identity
        if (*order == 2 || (i < (uint32_t)c->order && ((twice_a && !in_a) || (twice_b && !in_b))))
            return false;
        face[(*order)++] = (uint8_t)i;
    }
    if (*order == 2 && m->a[face[0]] > m->a[face[1]]) { // as the term itself stands
        uint8_t first = face[0];
        face[0] = face[1];
        face[1] = first;
    }
    return true;
}

// The tokens of the common factors, if the sum of the two terms is shorter with them outside
// and so many more tokens; else 0.
static uint32_t worth_it(sdp_collector *c, const correspondence *m, int face, uint32_t more, bool loose)
{
    uint32_t saved = 0;
    bool contracts = false, vector = false, closed = c->order == 0 && face == 2; // tr(...) around it
    for (uint32_t i = 0; i < m->part.n; i++) {
        int order = sdp_get(c->g, m->part.factor[i])->order;
        if (closed && order == 0) continue;
        saved += sdp_tokens_known(c->size, m->part.factor[i]) + 1;
        vector |= c->order == 2 && order == 1;
        for (int k = 0; k < order; k++)
            contracts |= !memchr(m->part.out, m->part.label[i][k], (size_t)c->order);
    }
    bool shorter =
        closed ? saved > 5 : saved > 2 + more || (saved == 2 + more && (contracts || (vector && loose)));
    return shorter ? saved : 0;
}

static sdp_dim label_dim(const sdp_collector *c, const sdp_factors *p, uint8_t l)
{
    for (uint32_t i = 0; i < p->n; i++)
        for (int k = 0; k < sdp_get(c->g, p->factor[i])->order; k++)
            if (p->label[i][k] == l) return sdp_get(c->g, p->factor[i])->dim[k];
    for (int k = 0; k < c->order; k++)
        if (p->out[k] == l) return c->dim[k];
    return SDP_DIM_NONE;
}

// Builds the rest of a term without its common factors: its axes are the face.
static sdp_id build_rest(const sdp_collector *c, const sdp_factors *p, const bool *common,
                         const uint8_t *side, int order, const uint8_t *face)
{
    bool rest[SDP_MAX_FACTORS];
    uint8_t out[2];
    sdp_dim dim[SDP_LABELS] = {0};
    for (uint32_t i = 0; i < p->n; i++) rest[i] = !common[i];
    for (int k = 0; k < order; k++) {
        out[k] = side[face[k]];
        dim[out[k]] = label_dim(c, p, out[k]);
    }
    return sdp_build_product(c->g, SDP_NUM_ONE, p, rest, order, out, dim);
}

sdp_id sdp_separate(sdp_collector *c, const sdp_factors *p)
{
    bool all[SDP_MAX_FACTORS];
    sdp_dim ldim[SDP_LABELS] = {0};
    memset(all, true, sizeof all);
    for (int k = 0; k < c->order; k++) ldim[p->out[k]] = c->dim[k];
    return p->opaque ? p->node : sdp_build_product(c->g, SDP_NUM_ONE, p, all, c->order, p->out, ldim);
}

// Does f stand in a node, or a few levels below it? What takes too long to look through counts as yes.
static bool stands_in(const sdp_graph *g, sdp_id f, sdp_id id, int depth, int *looks)
{
    if (id == f || --*looks < 0) return true;
    const sdp_node *n = sdp_get(g, id);
    for (uint32_t i = 0; depth && id > f && i < n->nargs; i++)
        if (stands_in(g, f, n->arg[i], depth - 1, looks)) return true;
    return false;
}

// v'*M*v is a quadratic form if M is free of v. (Directional derivatives of
// higher order are sums of powers of v.)
static bool is_free_of(const sdp_graph *g, const sdp_factors *common, const sdp_id *rest)
{
    int looks = MOST_LOOKS;
    for (uint32_t i = 0; i < common->n; i++)
        for (int k = 0; k < 2; k++)
            if (sdp_get(g, common->factor[i])->order &&
                stands_in(g, common->factor[i], rest[k], LEVELS, &looks))
                return false;
    return true;
}

// (A*x).*u + (A*y).*v is no sum(A.*(u*x'+v*y'),2): has a common factor both labels of the face, and is the
// rest an outer product?
static bool is_beside(const sdp_collector *c, const sdp_factors *common, const uint8_t *face)
{
    bool beside = false;
    for (uint32_t i = 0; i < common->n; i++) {
        int order =
            sdp_get(c->g, common->factor[i])->kind == SDP_SEL ? 0 : sdp_get(c->g, common->factor[i])->order;
        beside |= order && memchr(common->label[i], face[0], (size_t)order) &&
                  memchr(common->label[i], face[1], (size_t)order);
    }
    return beside;
}

static bool is_outer(const sdp_graph *g, sdp_id id)
{
    const sdp_node *n = sdp_get(g, id);
    bool vectors = n->kind == SDP_MUL;
    for (uint32_t i = 0; vectors && i < n->nargs; i++) vectors = sdp_get(g, n->arg[i])->order < 2;
    return vectors;
}

// a + b with what they have in common outside, which saves so many tokens; 0 if that is not worth it.
static sdp_id joined(sdp_collector *c, const sdp_factors *a, const sdp_factors *b, sharing how, bool loose,
                     uint32_t *saved)
{
    sdp_graph *g = c->g;
    correspondence m;
    sdp_factors *p = &m.part;
    uint8_t face[2] = {0};
    int order;
    if (!correspond(c, a, b, how, &m) || share_half_a_block(c, a, b, &m) ||
        !find_face(c, a, b, &m, &order, face))
        return 0;
    *saved = worth_it(c, &m, order, 0, loose);
    if (!*saved || p->n == SDP_MAX_FACTORS) return 0;
    sdp_id rest[2] = {build_rest(c, a, m.common_a, m.a, order, face),
                      build_rest(c, b, m.common_b, m.b, order, face)};
    if (c->order == 1 && order == 2 && !c->size->computed && is_beside(c, p, face) &&
        (is_outer(g, rest[0]) || is_outer(g, rest[1])))
        return 0;
    for (int i = 0; i < 2; i++)
        if (!c->size->computed &&
            (sdp_repeats(g, sdp_get(g, rest[i])) ||
             (c->order == 1 &&
              !worth_it(c, &m, order, DIAGONAL * sdp_diagonals(g, sdp_get(g, rest[i])), loose))))
            return 0;
    if (c->order == 0 && order == 2 && !is_free_of(g, p, rest)) return 0;
    p->factor[p->n] = sdp_collect_inner(c, sdp_add(g, 2, (sdp_num[]){a->coef, b->coef}, rest));
    sdp_copy(p->label[p->n++], face, sizeof face);
    bool all[SDP_MAX_FACTORS];
    memset(all, true, sizeof all);
    sdp_dim dim[SDP_LABELS] = {0};
    for (int k = 0; k < c->order; k++) dim[p->out[k]] = c->dim[k];
    sdp_id whole = sdp_build_product(g, SDP_NUM_ONE, p, all, c->order, p->out, dim);
    if (c->order || order < 2) return whole;
    uint32_t apart =
        sdp_tokens_of(c->size, sdp_separate(c, a)) + sdp_tokens_of(c->size, sdp_separate(c, b)) + 1;
    // traces: their powers and closed parts may have been shorter
    return sdp_tokens_of(c->size, whole) > apart ? 0 : whole;
}

// s I and t I become (s + t) I.
static bool join_identities(sdp_collector *c, sdp_factors *a, const sdp_factors *b)
{
    sdp_graph *g = c->g;
    const sdp_factors *p[2] = {a, b};
    sdp_id scalar[2];
    for (int i = 0; i < 2; i++) {
        bool all[SDP_MAX_FACTORS], none[SDP_MAX_FACTORS] = {false};
        memset(all, true, sizeof all);
        if (p[i]->opaque || c->order != 2 || p[i]->out[0] != p[i]->out[1]) return false;
        if (rest_labels(g, p[i], none) >> p[i]->out[0] & 1) return false;
        scalar[i] = sdp_build_product(g, SDP_NUM_ONE, p[i], all, 0, NULL, NULL);
    }
    sdp_id sum = sdp_collect_inner(c, sdp_add(g, 2, (sdp_num[]){a->coef, b->coef}, scalar));
    *a = sdp_take_apart(g, SDP_NUM_ONE, sdp_mul(g, SDP_NUM_ONE, 1, &sum, NULL, 2, (uint8_t[]){0, 0}, c->dim));
    return true;
}

uint32_t sdp_join(sdp_collector *c, sdp_factors *a, const sdp_factors *b, bool loose)
{
    uint32_t saved[2] = {0};
    if (a->opaque || b->opaque) return 0;
    if (!sdp_share_tensor(c->g, a, b)) return join_identities(c, a, b);
    sdp_id plain = joined(c, a, b, ANY, loose, &saved[0]);
    if (!plain && c->order && !c->size->computed) plain = joined(c, a, b, ENTRYWISE, loose, &saved[0]);
    sdp_id split = c->order == 2 && !c->size->computed ? joined(c, a, b, SPLIT, loose, &saved[1]) : 0;
    bool splits = split && (!plain || sdp_tokens_of(c->size, split) < sdp_tokens_of(c->size, plain));
    if (!plain && !split) return join_identities(c, a, b);
    *a = sdp_take_apart(c->g, SDP_NUM_ONE, splits ? split : plain);
    return saved[splits];
}
