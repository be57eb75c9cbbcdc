// SPDX-License-Identifier: MIT
// The measure of simplify.c: how long is a node when it is printed? The graph has no transposes,
// identities or traces, so this is an estimate; the printer's own count (codegen/raise/tree.c) comes
// too late, when the form is chosen.
//
//   sums and products    their arguments and the signs between; a sum stands in parentheses
//   functions            name and parentheses
//   products             diag(x), eye(n) and tr(A*B) where the labels say so
//
// Nodes are measured when they are first met. Those a rewrite has made stand a few levels above measured
// ones; below that a node counts as SHORT.
#include <string.h>

#include "simplify/collect.h"

enum { NEW_DEPTH = 8, SHORT = 4, LONG = 100000, BROADCAST = 5, SYMMETRY = 5, INDICES = 100, FRACTION = 3 };

void sdp_tokens_release(sdp_tokens *t)
{
    sdp_release(&t->g->base, t->of.at);
    for (int i = 0; i < 2; i++) sdp_release(&t->g->base, t->collected[i].at);
}

uint32_t sdp_tokens_known(const sdp_tokens *t, sdp_id id)
{
    uint32_t size = sdp_sparse_get(&t->of, id);
    return size ? size : SHORT;
}

// How often does each label stand in the factors of a product?
static size_t count_labels(const sdp_graph *g, const sdp_node *n, uint8_t *count)
{
    size_t labels = 0;
    for (uint32_t i = 0; i < n->nargs; i++) labels += sdp_get(g, n->arg[i])->order;
    memset(count, 0, SDP_LABELS);
    for (size_t i = 0; i < labels; i++) count[n->label[i] % SDP_LABELS]++;
    return labels;
}

// Is a vector of a product repeated along another axis, as in ones(m)*x'? (A
// scalar needs no such words in a sum.)
bool sdp_repeats(const sdp_graph *g, const sdp_node *n)
{
    if (n->kind != SDP_MUL) return false;
    uint8_t count[SDP_LABELS];
    size_t labels = count_labels(g, n, count);
    int missing = 0;
    for (int k = 0; k < n->order; k++) missing += !count[n->label[labels + (size_t)k] % SDP_LABELS];
    return missing > 0 && missing < n->order;
}

// The vectors of a product of matrices that are printed as diagonal matrices: A*diag(x)*B
uint32_t sdp_diagonals(const sdp_graph *g, const sdp_node *n)
{
    if (n->kind != SDP_MUL || n->order != 2) return 0;
    uint8_t count[SDP_LABELS];
    uint32_t found = 0;
    size_t labels = count_labels(g, n, count), at = 0;
    for (int k = 0; k < 2; k++) count[n->label[labels + (size_t)k] % SDP_LABELS]++;
    for (uint32_t i = 0; i < n->nargs; i++) {
        int order = sdp_get(g, n->arg[i])->order;
        found += order == 1 && count[n->label[at] % SDP_LABELS] > 2;
        at += (size_t)order;
    }
    return found;
}

// Returns the length that a product writes around its factors, e.g. 3 for tr( ).
static uint32_t frame(const sdp_graph *g, const sdp_node *n)
{
    bool matrix = false, vector = false, carried = false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        matrix |= sdp_get(g, n->arg[i])->order == 2;
        vector |= sdp_get(g, n->arg[i])->order == 1;
    }
    if (n->order == 0) return matrix && !vector ? 3 : 0; // tr( )
    if (sdp_repeats(g, n)) return BROADCAST;             // ones(m)*
    const uint8_t *out = sdp_labels(g, n, n->nargs);
    if (n->order != 2 || out[0] != out[1]) return 0;
    for (const uint8_t *l = n->label; l < out; l++) carried |= *l == out[0];
    return carried ? 3 : 5; // diag( ), *eye(n)
}

// A'*M*A, which reads easier than its tokens say: one matrix at both ends, the same way round.
static bool is_congruence(const sdp_graph *g, const sdp_node *n)
{
    if (n->kind != SDP_MUL || n->order != 2) return false;
    const uint8_t *out = sdp_labels(g, n, n->nargs);
    for (uint32_t i = 0; i < n->nargs; i++)
        for (uint32_t k = i + 1; k < n->nargs && sdp_get(g, n->arg[i])->order == 2; k++) {
            const uint8_t *a = sdp_labels(g, n, i), *b = sdp_labels(g, n, k);
            if (n->arg[i] != n->arg[k] || a[0] == b[0] || a[1] == b[1]) continue;
            for (int axis = 0; axis < 2; axis++)
                if ((a[axis] == out[0] && b[axis] == out[1]) || (a[axis] == out[1] && b[axis] == out[0]))
                    return true;
        }
    return false;
}

// A negative number as exponent
static bool is_below(const sdp_graph *g, const sdp_node *power)
{
    const sdp_node *e = sdp_get(g, power->arg[1]);
    return e->kind == SDP_NUM && sdp_num_sign(g, e->param) < 0;
}

// Counts parts connected by summed labels that stand in parentheses beside others, e.g. in (x'*a)*b,
// x'*a*(y'*b), X.*(U*V).
static uint32_t wrapped_parts(const sdp_graph *g, const sdp_node *n)
{
    struct {
        uint64_t labels;
        uint32_t factors;
    } part[SDP_MAX_FACTORS];
    uint64_t entry = 1ull << (SDP_LABELS - 1), out = entry;
    uint32_t count = 0, closed = 0, wrapped = 0;
    if (n->kind != SDP_MUL || n->nargs > SDP_MAX_FACTORS || n->nlabels >= SDP_LABELS) return 0;
    const uint8_t *l = n->label, *last = sdp_labels(g, n, n->nargs);
    for (int k = 0; k < n->order; k++) out |= 1ull << last[k];
    for (uint32_t i = 0; i < n->nargs; i++) {
        uint64_t labels = sdp_get(g, n->arg[i])->kind == SDP_SEL ? entry : 0; // x[2]
        uint32_t factors = 1;
        for (int k = sdp_get(g, n->arg[i])->order; k > 0; k--) labels |= 1ull << *l++;
        if (sdp_get(g, n->arg[i])->kind == SDP_MASK) continue; // tril( )
        for (uint32_t j = 0; j < count;)
            if (part[j].labels & labels & ~out)
                labels |= part[j].labels, factors += part[j].factors, part[j] = part[--count], j = 0;
            else j++;
        if (labels) part[count].labels = labels, part[count++].factors = factors;
    }
    for (uint32_t i = 0; i < count; i++) {
        bool beside = false;
        closed += !(part[i].labels & out);
        for (uint32_t j = 0; j < count; j++)
            beside |= j != i && part[i].labels & part[j].labels & out & ~entry;
        wrapped += beside && part[i].factors > 1;
    }
    return closed - (n->order == 0 && closed) + wrapped;
}

// How many factors stand below the line, the coefficient's denominator included.
static uint32_t below(sdp_graph *g, const sdp_node *n)
{
    uint32_t count = sdp_num_denominator(g, n->coef[0]) != SDP_NUM_ONE;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *f = sdp_get(g, n->arg[i]);
        count += f->order == 0 && f->kind == SDP_POW && is_below(g, f);
    }
    return count;
}

// 1/(x^2*y^2) is printed as 1/(x*y)^2: the tokens that saves.
static uint32_t shared_exponents(sdp_graph *g, const sdp_node *n)
{
    uint32_t count = 0;
    sdp_id exponent = 0;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *f = sdp_get(g, n->arg[i]);
        if (f->order || f->kind != SDP_POW || !is_below(g, f)) continue;
        if (sdp_get(g, f->arg[1])->param == SDP_NUM_MINUS_ONE || (exponent && exponent != f->arg[1]))
            return 0;
        exponent = f->arg[1];
        count++;
    }
    return count < 2 || sdp_num_denominator(g, n->coef[0]) != SDP_NUM_ONE ? 0 : 2 * (count - 1);
}

// Has the product n, or the power, a factor below the line with another base than those in `not`?
static bool divides_by_other(sdp_graph *g, sdp_id id, const sdp_node * not )
{
    const sdp_node *n = sdp_get(g, id);
    for (uint32_t i = 0; i < (n->kind == SDP_MUL ? n->nargs : 1); i++) {
        const sdp_node *p = n->kind == SDP_MUL ? sdp_get(g, n->arg[i]) : n;
        bool other = p->kind == SDP_POW && is_below(g, p);
        for (uint32_t k = 0; other && k < not ->nargs; k++) {
            const sdp_node *q = sdp_get(g, not ->arg[k]);
            other = q->kind != SDP_POW || q->arg[0] != p->arg[0];
        }
        if (other) return true;
    }
    return false;
}

// A fraction in a numerator: (y/p-1)/(1-p) reads worse than it counts; not (x/s-n)/s.
static uint32_t nested_fractions(sdp_graph *g, const sdp_node *n)
{
    for (uint32_t i = 0; n->order == 0 && below(g, n) && i < n->nargs; i++) {
        const sdp_node *sum = sdp_get(g, n->arg[i]);
        for (uint32_t k = 0; sum->kind == SDP_ADD && k < sum->nargs; k++)
            if (divides_by_other(g, sum->arg[k], n)) return 1;
    }
    return 0;
}

// sqrt( ), above the line or below
static bool is_root(sdp_graph *g, const sdp_node *exponent)
{
    return exponent->param == SDP_NUM_HALF || sdp_num_neg(g, exponent->param) == SDP_NUM_HALF;
}

// 2*x, but -x
static bool shows(sdp_num coef) { return coef != SDP_NUM_ONE && coef != SDP_NUM_MINUS_ONE; }

// The entry that a term of a sum places in a bracket, [.., x, ..]: its length; 0: it does not place one.
static uint32_t entry_of(const sdp_tokens *t, const sdp_node *sum, const sdp_node *n)
{
    uint32_t s = 0;
    int placed = 0;
    for (uint32_t i = 0; n->kind == SDP_MUL && i < n->nargs; i++) {
        bool place = sdp_get(t->g, n->arg[i])->kind == SDP_SEL && sdp_get(t->g, n->arg[i])->order == 1;
        placed += place;
        if (!place) s += sdp_tokens_known(t, n->arg[i]) + (s > 0);
    }
    return placed != sum->order ? 0 : s ? s : 1;
}

// [a, b; c, d]: the length, if all terms of the sum are entries; else 0.
static uint32_t bracket_of(const sdp_tokens *t, const sdp_node *sum)
{
    long size[2] = {1, 1};
    uint32_t s = 1, entry;
    for (int k = 0; k < sum->order && k < 2; k++)
        if (!sdp_dim_long(t->g, sum->dim[k], &size[k]) || size[k] > 100) return 0;
    if (sum->kind != SDP_ADD || sum->order < 1 || sum->order > 2) return 0;
    for (uint32_t i = 0; i < sum->nargs; i++) {
        if (!(entry = entry_of(t, sum, sdp_get(t->g, sum->arg[i])))) return 0;
        s += entry + 2 * shows(sum->coef[i]);
    }
    uint32_t entries = (uint32_t)(size[0] * size[1]);
    return s + entries + (entries > sum->nargs ? entries - sum->nargs : 0);
}

static void measure(sdp_tokens *t, sdp_id id)
{
    const sdp_node *n = sdp_get(t->g, id);
    uint64_t s = n->kind == SDP_MAP || n->kind == SDP_PRIM ? 3 : n->kind == SDP_ADD ? 2 : 1;
    if (n->kind == SDP_MUL) s += frame(t->g, n);
    for (uint32_t i = 0; n->order < 3 && i < n->nargs; i++) // a sum with more axes has no matrix notation
        if (sdp_get(t->g, n->arg[i])->kind == SDP_ADD && sdp_get(t->g, n->arg[i])->order > 2) s += INDICES;
    const sdp_node *last = n->nargs ? sdp_get(t->g, n->arg[n->nargs - 1]) : NULL;
    // /P, but P^k
    bool divides = n->kind == SDP_POW && last->kind == SDP_NUM && last->param == SDP_NUM_MINUS_ONE;
    for (uint32_t i = 0; i < n->nargs - divides; i++) s += sdp_tokens_known(t, n->arg[i]) + (i > 0);
    if (n->kind == SDP_MUL)
        s += 2 * shows(n->coef[0]) + 2 * wrapped_parts(t->g, n) + 2 * (below(t->g, n) > 1) +
             FRACTION * nested_fractions(t->g, n) - shared_exponents(t->g, n);
    if (n->kind == SDP_POW && last->kind == SDP_NUM && sdp_num_sign(t->g, last->param) > 0) s--; // x^2
    if (n->kind == SDP_POW && last->kind == SDP_NUM && !is_root(t->g, last))
        s += 2 * (sdp_is_product(sdp_get(t->g, n->arg[0])) && sdp_get(t->g, n->arg[0])->nargs > 1);
    for (uint32_t i = 0; n->kind == SDP_ADD && i < n->nargs; i++) {
        const sdp_node *a = sdp_get(t->g, n->arg[i]);
        // the 1 of 1/x
        s += 2 * (shows(n->coef[i]) && a->kind != SDP_NUM) +
             (a->kind == SDP_POW && !shows(n->coef[i]) && is_below(t->g, a));
    }
    if (!t->computed && s > SYMMETRY && is_congruence(t->g, n)) s -= SYMMETRY;
    uint32_t bracket = bracket_of(t, n);
    if (bracket) s = bracket;
    sdp_id shown = n->kind == SDP_VAR && t->g->var[n->param].unnamed ? t->g->var[n->param].shown_as : 0;
    if (shown) s = sdp_tokens_of(t, shown);
    const sdp_written *said = sdp_spelling_of(t->g, id);
    if (said) s = 1 + sdp_tokens_known(t, said->arg[0]) + 2 * said->nargs;
    sdp_sparse_put(&t->g->base, &t->of, id, s > LONG ? LONG : (uint32_t)s);
}

static void measure_new(sdp_tokens *t, sdp_id id, int depth)
{
    if (depth == 0 || sdp_sparse_get(&t->of, id)) return;
    const sdp_node *n = sdp_get(t->g, id);
    for (uint32_t i = 0; i < n->nargs; i++) measure_new(t, n->arg[i], depth - 1);
    measure(t, id);
}

uint32_t sdp_tokens_of(sdp_tokens *t, sdp_id id)
{
    measure_new(t, id, NEW_DEPTH);
    return sdp_tokens_known(t, id);
}
