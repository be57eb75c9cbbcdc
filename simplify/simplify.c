// SPDX-License-Identifier: MIT
// Walks over the graph, arguments before users: every sum and product takes the shortest of its forms, by the
// number of tokens when printed. The forms: factors shared by terms pulled out (collect.c), and those of
// expand.c and rational.c.
#include "simplify/simplify.h"

// Nodes of an answer, and tokens of a part of it with each use written out, whose form matters to a reader
enum { MOST_WALKS = 4, MOST_READ = 2000, MOST_TOKENS = 4000 };

// Collects in a sum, and in the sums that are factors of a product.
static sdp_id tidy(sdp_tokens *z, sdp_id id)
{
    sdp_graph *g = z->g;
    if (sdp_get(g, id)->kind == SDP_ADD) return sdp_collect(z, id, false);
    for (uint32_t i = 0; sdp_is_product(sdp_get(g, id)) && i < sdp_get(g, id)->nargs; i++) {
        const sdp_node *n = sdp_get(g, id);
        if (sdp_get(g, n->arg[i])->kind != SDP_ADD) continue;
        sdp_id inner = sdp_unite_terms(g, n->arg[i]);
        sdp_tokens_of(z, inner);
        inner = sdp_collect(z, inner, true);
        if (inner != n->arg[i]) id = sdp_with_factor(g, n, i, inner);
    }
    return id;
}

// When is a form taken? A sum that is no factor needs no parentheses. In arrays they count all the same, for
// a product is what a reader expects, but not if only a power is shared: g/norm(x)-(x'*g)/norm(x)^3*x has two
// arrays over their own scalars.
typedef enum { SHORTER, SHORTER_BARE, NOT_LONGER_BARE } taken;
enum { PARENTHESES = 2, MOST_POWER = 4 };

// Scalar products count one token too many, the sign before their first factor.
static uint32_t length(sdp_tokens *z, sdp_id id, bool bare)
{
    const sdp_node *n = sdp_get(z->g, id);
    uint32_t size = sdp_tokens_of(z, id),
             unseen = n->kind == SDP_ADD ? PARENTHESES : n->kind == SDP_MUL && n->order == 0;
    return bare && size > unseen ? size - unseen : size;
}

// The largest power among the factors of a product or of the terms of a sum: of u^17/(...)^6 it is 17
static long largest_power(sdp_graph *g, sdp_id id, bool within)
{
    const sdp_node *n = sdp_get(g, id);
    sdp_num e;
    long most = 0, k;
    if (n->kind == SDP_POW && sdp_is_number(g, n->arg[1], &e) && sdp_num_long(g, e, &k))
        most = k < 0 ? -k : k;
    for (uint32_t i = 0; (n->kind == SDP_MUL || n->kind == SDP_ADD) && within && i < n->nargs; i++) {
        k = largest_power(g, n->arg[i], n->kind == SDP_ADD);
        most = k > most ? k : most;
    }
    return most;
}

// How many sums that were typed are factors of the product, or of the terms of the sum?
static uint32_t typed_factors(const sdp_graph *g, sdp_id id, bool within)
{
    const sdp_node *n = sdp_get(g, id);
    uint32_t count = 0;
    for (uint32_t i = 0; (n->kind == SDP_MUL || (n->kind == SDP_ADD && within)) && i < n->nargs; i++) {
        const sdp_node *f = sdp_get(g, n->arg[i]);
        bool factor = n->kind == SDP_MUL && f->kind == SDP_ADD && f->order == 0;
        count += factor ? sdp_order_typed(g, n->arg[i]) != NULL : typed_factors(g, n->arg[i], false);
    }
    return count;
}

// Returns the worth of a typed factor that the other form has lost, e.g. 1-a in (1-a)*x+a*y, lost
// in x-a*x+a*y.
static uint32_t worth(const sdp_tokens *z, sdp_id best, sdp_id other)
{
    enum { WORTH = 1 };
    return !z->computed && typed_factors(z->g, best, true) > typed_factors(z->g, other, true) ? WORTH : 0;
}

// The shortest of a node's forms, the first of equals. What is too large to be read stays, or, to be
// computed, is tidied up and folded.
static sdp_id shortest(sdp_tokens *z, sdp_id id, bool readable, bool factor)
{
    static const struct {
        sdp_id (*of)(sdp_graph *g, sdp_id id);
        taken when;
    } forms[] = {
        {sdp_refold, SHORTER},
        {sdp_expand, SHORTER},
        {sdp_common_denominator, SHORTER},
        {sdp_over_denominator, SHORTER},
        {sdp_over_denominator_out, SHORTER},
        {sdp_over_joined_denominator, SHORTER},
        {sdp_clear_denominators, SHORTER},
        {sdp_clear_denominators_out, SHORTER},
        {sdp_multiply_out, SHORTER},
        {sdp_multiply_out_all, SHORTER},
        {sdp_join_powers, SHORTER},
        {sdp_lowest_power, SHORTER_BARE},
        {sdp_highest_power, NOT_LONGER_BARE},
    };
    const sdp_node *n = sdp_get(z->g, id);
    bool large = sdp_tokens_of(z, id) > MOST_TOKENS;
    if ((n->kind != SDP_ADD && n->kind != SDP_MUL) || (large && !z->computed)) return id;
    sdp_id best = tidy(z, id);
    readable &= sdp_tokens_of(z, best) <= MOST_TOKENS;
    for (size_t i = 0; i < (readable ? sizeof forms / sizeof *forms : 1); i++) {
        sdp_id other = forms[i].of(z->g, id);
        bool bare = !factor && (n->order == 0 || forms[i].when != SHORTER);
        if (other == id) continue;
        if (z->computed && largest_power(z->g, other, true) > MOST_POWER &&
            largest_power(z->g, other, true) > largest_power(z->g, id, true))
            continue;
        sdp_tokens_of(z, other);
        other = tidy(z, other);
        uint32_t size = length(z, other, bare);
        if (size + worth(z, best, other) < length(z, best, bare) + (bare && forms[i].when == NOT_LONGER_BARE))
            best = other;
    }
    return best;
}

bool sdp_is_readable(sdp_graph *g, uint32_t n, const sdp_id *node)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t count;
    sdp_reachable(g, n, node, &count);
    sdp_scratch_release(&g->base, m);
    return count <= MOST_READ;
}

// The walker remembers the form of each node: a second walk looks only at nodes that the first has made.
typedef struct {
    sdp_tokens size;
    sdp_sparse form;
    bool readable;
    sdp_sparse factor; // of products and powers, by node before the walk: its sums stand in parentheses
} walker;

static void mark_factors(walker *w, uint32_t n, const sdp_id *node)
{
    sdp_graph *g = w->size.g;
    uint32_t count;
    sdp_id *list = sdp_reachable(g, n, node, &count);
    sdp_sparse_scratch(&g->base, &w->factor, count);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *x = sdp_get(g, list[i]);
        for (uint32_t k = 0; k < x->nargs && (x->kind == SDP_MUL || x->kind == SDP_POW); k++)
            sdp_sparse_put(&g->base, &w->factor, x->arg[k], true);
    }
}

static sdp_id form_of(void *data, sdp_graph *g, sdp_id id, const sdp_id *arg, bool changed)
{
    walker *w = data;
    bool factor = sdp_sparse_get(&w->factor, id);
    if (sdp_spelling_of(g, id)) return id;
    if (changed) id = sdp_rebuild(g, id, arg);
    sdp_id known = sdp_sparse_get(&w->form, id);
    if (known) return known;
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_tokens_of(&w->size, id);
    sdp_id form = shortest(&w->size, id, w->readable, factor);
    sdp_scratch_release(&g->base, m);
    sdp_sparse_put(&g->base, &w->form, id, form);
    return form;
}

// Simplifies in one walk. Returns false if it changed nothing.
static bool simplify_once(walker *w, uint32_t n, sdp_id *node)
{
    sdp_mark m = sdp_scratch_mark(&w->size.g->base);
    mark_factors(w, n, node);
    bool changed = sdp_rewrite_all(w->size.g, n, node, form_of, w);
    sdp_scratch_release(&w->size.g->base, m);
    return changed;
}

static uint32_t distinct(sdp_graph *g, uint32_t n, const sdp_id *node)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t count;
    sdp_reachable(g, n, node, &count);
    sdp_scratch_release(&g->base, m);
    return count;
}

// Written out, is it more than anybody reads? Then parts have names, and what
// counts is how many parts there are.
static bool is_written_with_names(sdp_tokens *z, uint32_t n, const sdp_id *node)
{
    sdp_graph *g = z->g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t count, most = 0;
    const sdp_id *list = sdp_reachable(g, n, node, &count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t size = sdp_tokens_of(z, list[i]);
        if (size > most) most = size;
    }
    sdp_scratch_release(&g->base, m);
    return most > MOST_TOKENS;
}

// Repeats the walk until nothing changes, at most MOST_WALKS times: a change may allow more above or below
// it, so an answer is a form that a walk does not change. Shorter forms of the parts of an unrolled recursion
// have less in common: from step to step they grow, and what was linear is not. Such an answer stays as it
// is; code is made of the shorter forms all the same, for what cancels in them.
static void simplify_all(sdp_graph *g, uint32_t n, sdp_id *node, bool computed)
{
    walker w = {.size = {.g = g, .computed = computed}, .readable = sdp_is_readable(g, n, node)};
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_id *before = sdp_scratch(&g->base, (n + 1) * sizeof *before);
    sdp_copy(before, node, n * sizeof *node);
    bool named = !computed && is_written_with_names(&w.size, n, node);
    for (int walk = 0; walk < MOST_WALKS && simplify_once(&w, n, node); walk++) {}
    if (named && distinct(g, n, node) > distinct(g, n, before)) sdp_copy(node, before, n * sizeof *node);
    sdp_scratch_release(&g->base, m);
    sdp_tokens_release(&w.size);
    sdp_release(&g->base, w.form.at);
}

void sdp_simplify_all(sdp_graph *g, uint32_t n, sdp_id *node) { simplify_all(g, n, node, false); }
void sdp_simplify_computed(sdp_graph *g, uint32_t n, sdp_id *node) { simplify_all(g, n, node, true); }

sdp_id sdp_simplify(sdp_graph *g, sdp_id a)
{
    sdp_simplify_all(g, 1, &a);
    return a;
}
