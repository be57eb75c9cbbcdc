// SPDX-License-Identifier: MIT
// Collecting: a sum whose terms share factors becomes a product with a shorter sum.
//
//   A x + A' x = (A + A') x        X b c' + X c b' = X (b c' + c b')        s a - s b = s (a - b)
//
// Pairs of terms with common tensors are joined (common.c); scalars are pulled out of any terms
// alike. A rewrite is taken if the printed form gets shorter, or stays and saves a contraction. The
// measure that falls: (tokens, number of contractions). Sums of more than MOST_TERMS terms are left
// alone, so the pass stays near-linear.
#include <string.h>

#include "simplify/collect.h"

enum { MOST_TERMS = 32 };

static uint32_t size_of(const sdp_collector *c, sdp_id id) { return sdp_tokens_known(c->size, id); }

// A sum made on the way, which will be a factor.
sdp_id sdp_collect_inner(sdp_collector *c, sdp_id sum)
{
    sum = sdp_unite_terms(c->g, sum);
    sdp_tokens_of(c->size, sum);
    return sdp_collect(c->size, sum, true);
}

// ---- scalar factors ---------------------------------------------------------------------------------------

static uint32_t count_scalar(const sdp_graph *g, const sdp_factors *p, sdp_id f)
{
    uint32_t n = 0;
    for (uint32_t i = 0; !p->opaque && i < p->n; i++) n += p->factor[i] == f && sdp_get(g, f)->order == 0;
    return n;
}

typedef struct {
    sdp_id f;
    uint32_t power;
} shared; // f^power

// Tokens of f^k and the sign before it.
static uint32_t price_of(uint32_t size, uint32_t k) { return k == 0 ? 0 : k == 1 ? size + 1 : size + 3; }

// Are the terms entries or blocks of a bracket? Those stay side by side: [cos(a), -sin(a); sin(a), cos(a)].
static bool places(const sdp_collector *c)
{
    uint32_t placed = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        bool any = false;
        for (uint32_t k = 0; !c->t[i].opaque && k < c->t[i].n; k++) {
            const sdp_node *f = sdp_get(c->g, c->t[i].factor[k]);
            any |=
                f->kind == SDP_SEL && c->order && memchr(c->t[i].out, c->t[i].label[k][0], (size_t)c->order);
        }
        placed += any;
    }
    return placed > 1;
}

// A scalar factor of some terms: how often is it in each of them?
typedef struct {
    sdp_id f;
    uint32_t size, tried, times[MOST_TERMS];
} tally; // tried: powers up to this one

static tally *tally_of(sdp_collector *c, tally *list, uint32_t *n, uint32_t i, sdp_id f)
{
    tally *t = list;
    while (t < list + *n && t->f != f) t++;
    if (t < list + *n) return t;
    ++*n;
    *t = (tally){.f = f, .size = size_of(c, f)};
    for (uint32_t j = i; j < c->n; j++) t->times[j] = count_scalar(c->g, &c->t[j], f);
    return t;
}

// Returns the length that is saved by pulling f^k out of the terms that have it; below 0 if none is. placed:
// the terms stand in a bracket.
static int saving(const sdp_collector *c, const tally *t, uint32_t k, bool placed)
{
    uint32_t have = 0;
    int s = -(int)price_of(t->size, k);
    for (uint32_t j = 0; j < c->n; j++) {
        if (t->times[j] < k) continue;
        have++;
        s += (int)price_of(t->size, t->times[j]) - (int)price_of(t->size, t->times[j] - k);
    }
    if (have < c->n && placed) return -1;
    return have < 2 ? -1 : s - (have < c->n ? 3 : c->inside ? 0 : 2);
}

// The scalar factor that saves most tokens when it is pulled out of the terms that have it; 0
// if none saves any. What saves nothing is taken as well if it may lead on: a function, or
// anything where the parentheses stand.
static shared best_scalar(sdp_collector *c)
{
    shared best = {0};
    int most = 0;
    uint32_t factors = 0, n = 0;
    bool placed = places(c);
    for (uint32_t i = 0; i < c->n; i++) factors += c->t[i].opaque ? 0 : c->t[i].n;
    sdp_mark m = sdp_scratch_mark(&c->g->base);
    tally *list = sdp_scratch(&c->g->base, (factors + 1) * sizeof *list);
    for (uint32_t i = 0; i < c->n; i++)
        for (uint32_t k = 0; !c->t[i].opaque && k < c->t[i].n; k++) {
            sdp_id f = c->t[i].factor[k];
            if (sdp_get(c->g, f)->order) continue;
            tally *t = tally_of(c, list, &n, i, f);
            for (; t->tried < t->times[i]; t->tried++) {
                int s = saving(c, t, t->tried + 1, placed);
                bool tie = s == 0 && !best.f && (c->inside || sdp_get(c->g, f)->kind == SDP_MAP);
                if (s > most || tie) most = s, best = (shared){f, t->tried + 1};
            }
        }
    sdp_scratch_release(&c->g->base, m);
    return best;
}

// The sum of the terms that have the scalar s, without it; those terms are marked. 0 if there are none.
static sdp_id cofactor(sdp_collector *c, shared s, bool *has)
{
    sdp_graph *g = c->g;
    sdp_num *coef = sdp_scratch(&g->base, c->n * sizeof *coef);
    sdp_id *rest = sdp_scratch(&g->base, c->n * sizeof *rest);
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        const sdp_factors *p = &c->t[i];
        has[i] = count_scalar(g, p, s.f) >= s.power;
        if (!has[i]) continue;
        bool use[SDP_MAX_FACTORS];
        for (uint32_t k = 0, gone = 0; k < p->n; k++) {
            use[k] = p->factor[k] != s.f || gone == s.power;
            gone += !use[k];
        }
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

// Is factor k of term i in an earlier term, or earlier in this one?
static bool is_repeated(const sdp_collector *c, uint32_t i, uint32_t k)
{
    sdp_id h = c->t[i].factor[k];
    for (uint32_t j = 0; j < i; j++)
        if (count_scalar(c->g, &c->t[j], h)) return true;
    for (uint32_t j = 0; j < k; j++)
        if (c->t[i].factor[j] == h) return true;
    return false;
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
            sdp_id h = c->t[i].factor[k],
                   q = sdp_get(g, h)->order || is_repeated(c, i, k) ? 0 : cofactor(c, (shared){h, 1}, has);
            if (!q || sdp_get(g, q)->kind != SDP_ADD || sdp_primitive_part(g, q, &other) != p) continue;
            remove_marked(c, has);
            return sdp_add(g, 2, (sdp_num[]){SDP_NUM_ONE, sdp_num_mul(g, other, sdp_num_inv(g, unit))},
                           (sdp_id[]){f, h});
        }
    return f;
}

// Pulls one scalar factor out. True if one was found.
static bool collect_scalar(sdp_collector *c)
{
    sdp_graph *g = c->g;
    shared best = best_scalar(c);
    if (!best.f) return false;
    bool *has = sdp_scratch(&g->base, c->n + 1);
    sdp_id rest = cofactor(c, best, has), f = sdp_power_num(g, best.f, sdp_num_int(g, (long)best.power));
    remove_marked(c, has);
    f = same_cofactor(c, f, rest);
    c->t[c->n++] = sdp_take_apart(g, SDP_NUM_ONE, sdp_times(g, f, sdp_collect_inner(c, rest)));
    return true;
}

// ---- sums -------------------------------------------------------------------------------------------------

// Terms of which those that share most are looked for, A'*P*A*x+A'*P*B*u+Q*x =
// A'*P*(A*x+B*u)+Q*x; of more, the first will do.
enum { MOST_COMPARED = 8 };

// loose: a vector beside matrices counts for more than its name: s*x'-y*x', diag(x)*A-diag(x)*B
static bool collect_tensors(sdp_collector *c, bool loose)
{
    uint32_t most = 0, first = 0, second = 0;
    sdp_factors best, whole;
    for (uint32_t i = 0; i < c->n && (!most || c->n <= MOST_COMPARED); i++)
        for (uint32_t j = i + 1; j < c->n && (!most || c->n <= MOST_COMPARED); j++) {
            if (c->order != 2 && !sdp_share_tensor(c->g, &c->t[i], &c->t[j])) continue;
            uint32_t saved = sdp_join(c, (whole = c->t[i], &whole), &c->t[j], loose);
            if (saved > most) best = whole, most = saved, first = i, second = j;
        }
    if (!most) return false;
    c->t[first] = best;
    c->t[second] = c->t[--c->n];
    return true;
}

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

static sdp_id collected(sdp_tokens *size, sdp_id sum, bool inside)
{
    sdp_graph *g = size->g;
    const sdp_node *n = sdp_get(g, sum);
    // 2*(a-b): of a sum of bare terms
    bool multiple = n->coef[0] != SDP_NUM_ONE && n->coef[0] != SDP_NUM_MINUS_ONE;
    for (uint32_t i = 1; i < n->nargs; i++)
        multiple &= n->coef[i] == n->coef[0] || n->coef[i] == sdp_num_neg(g, n->coef[0]);
    inside |= multiple;
    sdp_collector c = {
        .g = g, .size = size, .order = n->order, .dim = n->dim, .n = n->nargs, .inside = inside};
    c.t = sdp_scratch(&g->base, (c.n + 1) * sizeof *c.t);
    for (uint32_t i = 0; i < c.n; i++) c.t[i] = sdp_take_apart(g, n->coef[i], n->arg[i]);
    bool changed = false;
    while (c.n > 1 && (collect_tensors(&c, false) || collect_scalar(&c) || collect_tensors(&c, true)))
        changed = true;
    return changed ? put_together(&c) : sum;
}

// A factor stands as it was typed where the other form saves a token at most: 2*(x+0.044715*x^3).
static bool is_worth_no_more(sdp_tokens *size, sdp_id sum, sdp_id other)
{
    enum { WEIGHT = 1 };
    const sdp_written *w =
        size->computed || sdp_get(size->g, sum)->order ? NULL : sdp_written_of(size->g, sum);
    return w && (w->order || w->scale) && sdp_tokens_of(size, other) + WEIGHT >= sdp_tokens_of(size, sum);
}

// Joining terms collects what is left of them, in all pairs that are compared and at
// every level: mostly the same sums.
sdp_id sdp_collect(sdp_tokens *size, sdp_id sum, bool inside)
{
    const sdp_node *n = sdp_get(size->g, sum);
    if (n->kind != SDP_ADD || n->nargs > MOST_TERMS) return sum;
    sdp_id answer = sdp_sparse_get(&size->collected[inside], sum);
    if (answer) return answer;
    answer = collected(size, sum, inside);
    if (inside && answer != sum && is_worth_no_more(size, sum, answer)) answer = sum;
    sdp_sparse_put(&size->g->base, &size->collected[inside], sum, answer);
    return answer;
}
