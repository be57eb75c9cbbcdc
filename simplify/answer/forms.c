// SPDX-License-Identifier: MIT
// The forms of an answer.
//
//   raw        what differentiation leaves, which costs next to nothing: enough for shapes and names
//   computed   for C and numbers: simplified, for what cancels in a formula must not be left to rounding
//   shown      for people: the formulas of textbooks in the place of primitives (textbook.c), the shortest of
//              several ways
//   written    the same with functions as they were typed (written.c): text alone, for it has variables that
//              stand for functions
//
// The last two are made when somebody asks for them, once, for all entries in one walk, for
// they share most of their graphs.
#include "simplify/answer/request.h"

static void simplify_computed(const struct sd_result *r)
{
    sdp_graph *g = r->g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t n = (uint32_t)r->n;
    sdp_id *exact = sdp_scratch(&g->base, (n + 1) * sizeof *exact);
    for (uint32_t i = 0; i < n; i++) exact[i] = r->entry[i].raw;
    sdp_simplify_computed(g, n, exact);
    for (uint32_t i = 0; i < n; i++) r->entry[i].exact = exact[i];
    sdp_scratch_release(&g->base, m);
}

static bool has_value(sdp_graph *g, sdp_id meaning, sdp_id shown)
{
    return sdp_simplify(g, meaning) == shown || sdp_vanishes(g, sdp_sub(g, meaning, shown));
}

// Do the answers read back as what is shown, and are they not much longer? Those that are the same, or have
// indices, are left alone.
static bool is_well_written(sdp_graph *g, const sdp_written_form *form, uint32_t n, const sdp_id *shown,
                            sdp_id *written)
{
    enum { WEIGHT = 12 }; // tokens that the functions of the question are worth in all entries together
    sdp_tokens size = {.g = g};
    uint64_t more = 0, most = WEIGHT;
    bool all = true;
    for (uint32_t i = 0; i < n && all; i++) {
        if (written[i] == shown[i] || sdp_get(g, shown[i])->order > 2) written[i] = 0;
        else
            more += sdp_tokens_of(&size, written[i]), most += sdp_tokens_of(&size, shown[i]),
                all = more <= most && has_value(g, sdp_written_meaning(g, form, written[i]), shown[i]);
    }
    sdp_tokens_release(&size);
    return all;
}

// Finds the forms to write for people, from the answers as they are shown and as they were before they were
// simplified. Sets them to 0 if there are none. Several answers agree in the functions that they have.
static void write_as_typed(sdp_graph *g, uint32_t n, const sdp_id *raw, const sdp_id *shown, sdp_id *written)
{
    bool readable = sdp_is_readable(g, n, shown);
    for (int typed = 1; readable && typed >= 0; typed--) {
        sdp_written_form *form = sdp_scratch(&g->base, sizeof *form);
        sdp_copy(written, typed ? raw : shown, n * sizeof *written);
        if (typed && !sdp_write_as_typed(g, form, n, written)) continue;
        if (typed) sdp_simplify_all(g, n, written);
        sdp_write_complements(g, form, n, written);
        if (is_well_written(g, form, n, shown, written)) return;
    }
    for (uint32_t i = 0; i < n; i++) written[i] = 0;
}

static void simplify_shown(const struct sd_result *r)
{
    sdp_graph *g = r->g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t n = (uint32_t)r->n;
    sdp_id *shown = sdp_scratch(&g->base, (n + 1) * sizeof *shown),
           *written = sdp_scratch(&g->base, (n + 1) * sizeof *written),
           *raw = sdp_scratch(&g->base, (n + 1) * sizeof *raw);
    for (uint32_t i = 0; i < n; i++) shown[i] = r->entry[i].raw;
    sdp_textbook(g, n, shown);
    sdp_copy(raw, shown, n * sizeof *raw);
    sdp_simplify_all(g, n, shown);
    write_as_typed(g, n, raw, shown, written);
    for (uint32_t i = 0; i < n; i++) {
        sdp_entry *e = &r->entry[i];
        e->node = shown[i];
        e->written = written[i];
        sdp_id *term = sdp_alloc(&g->base, (e->nterms + 1) * sizeof *term);
        sdp_copy(term, e->term, e->nterms * sizeof *term);
        sdp_textbook(g, e->nterms, term);
        e->term = term;
    }
    sdp_scratch_release(&g->base, m);
}

static uint32_t length(sdp_graph *g, const struct sd_result *r, uint32_t *nodes)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_tokens size = {.g = g};
    sdp_id *root = sdp_scratch(&g->base, (r->n + 1) * sizeof *root);
    uint32_t sum = 0;
    for (size_t i = 0; i < r->n; i++) root[i] = r->entry[i].node;
    const sdp_id *list = sdp_reachable(g, (uint32_t)r->n, root, nodes);
    for (uint32_t i = 0; i < *nodes; i++) sdp_tokens_of(&size, list[i]);
    for (size_t i = 0; i < r->n; i++) sum += sdp_tokens_of(&size, root[i]);
    sdp_tokens_release(&size);
    sdp_scratch_release(&g->base, m);
    return sum;
}

// A higher derivative is taken in several ways, and the shortest answer is shown, the first of equals, and
// computed: what cancels in it does so exactly. A derivative of a collected derivative is shorter in most
// cases, but k/p-(n-k)/(1-p) is collected to (k/p-n)/(1-p). By scalars, tangents keep the functions inside
// others whole, f(g)'' = f''(g)*g'^2+f'(g)*g'', where adjoints gather at the innermost one and grow by a
// large factor with each order; they are shorter only for the likes of x^x. most: nodes of the answer before
// that make it worth the attempt
static const struct {
    sdp_way way;
    uint32_t most;
} ways[] = {
    {{.forward = true}, 0},
    {{.forward = true, .collected = true}, 200},
    {{.collected = true}, 40},
    {{.collected = false}, 400},
};
enum { WAYS = sizeof ways / sizeof *ways };

static size_t first_way(const sdp_request *q) { return sdp_request_by_scalars(q) ? 0 : 2; }
sdp_way sdp_request_first_way(const sdp_request *q) { return ways[first_way(q)].way; }

static void take_shortest(const struct sd_result *r)
{
    uint32_t shortest = UINT32_MAX, nodes = 0;
    size_t first = first_way(r->request), bytes = r->n * sizeof *r->entry;
    sdp_entry *best = sdp_scratch(&r->g->base, bytes), *raw = sdp_scratch(&r->g->base, bytes);
    sdp_copy(raw, r->entry, bytes);
    for (size_t i = first; i < WAYS && nodes <= ways[i].most; i++) {
        sdp_request q = *r->request;
        struct sd_result attempt = *r;
        q.way = ways[i].way;
        q.out = &attempt;
        attempt.entry = raw;
        if (i > first) sdp_request_answer(&q);
        simplify_computed(&attempt);
        simplify_shown(&attempt);
        uint32_t size = length(r->g, &attempt, &nodes);
        if (size >= shortest) continue;
        shortest = size;
        sdp_copy(best, attempt.entry, bytes);
    }
    for (size_t k = 0; k < r->n; k++) {
        r->entry[k].node = best[k].node;
        r->entry[k].written = best[k].written;
        r->entry[k].exact = sdp_is_zero(r->g, best[k].node) ? best[k].node : best[k].exact; // 0 needs no data
        r->entry[k].term = best[k].term;
    }
}

static bool is_needed(const struct sd_result *r, bool shown)
{
    return r->request && r->n && !(shown ? r->entry[r->n - 1].node : r->entry[r->n - 1].exact);
}

const sdp_entry *sdp_shown(const struct sd_result *r)
{
    if (r->writing) r->g->writing = r->writing;
    if (!is_needed(r, true)) return r->entry;
    sdp_mark m = sdp_scratch_mark(&r->g->base);
    if (r->order > 1) take_shortest(r);
    else simplify_shown(r);
    sdp_scratch_release(&r->g->base, m);
    return r->entry;
}

const sdp_entry *sdp_written_for_people(const struct sd_result *r)
{
    const sdp_entry *shown = sdp_shown(r);
    bool any = false;
    for (size_t i = 0; i < r->n; i++) any |= shown[i].written != 0;
    if (!any) return shown;
    sdp_entry *e = sdp_scratch(&r->g->base, r->n * sizeof *e);
    sdp_copy(e, shown, r->n * sizeof *e);
    for (size_t i = 0; i < r->n; i++)
        if (e[i].written) e[i].node = e[i].written;
    return e;
}

const sdp_entry *sdp_computed(const struct sd_result *r)
{
    if (!is_needed(r, false)) return r->entry;
    if (r->order > 1) return sdp_shown(r);
    simplify_computed(r);
    for (size_t i = 0; i < r->n; i++) { // 0 needs no data, whichever form shows that it is
        sdp_entry *e = &r->entry[i];
        if (!sdp_is_zero(r->g, e->exact) && sdp_vanishes(r->g, e->exact) &&
            sdp_is_zero(r->g, sdp_shown(r)[i].node))
            e->exact = e->node;
    }
    return r->entry;
}

struct sd_result *sdp_as_computed(const struct sd_result *r)
{
    struct sd_result *t = sdp_scratch(&r->g->base, sizeof *t);
    const sdp_entry *e = sdp_computed(r);
    *t = *r;
    t->request = NULL;
    t->entry = sdp_scratch(&r->g->base, (r->n + 1) * sizeof *t->entry);
    sdp_copy(t->entry, e, r->n * sizeof *e);
    for (size_t i = 0; i < r->n; i++) t->entry[i].node = e[i].exact, t->entry[i].written = 0;
    return t;
}
