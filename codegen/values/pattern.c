// SPDX-License-Identifier: MIT
// Sparse matrices by form. The Hessian of sum((x[2:n]-x[1:n-1]).^2) has 3*n-2 entries that are not 0, and
// nobody wants to write the other ones.
//
// A sum is taken apart into products, sums inside products multiplied out where one of their terms has
// zeros. A product is an einsum: J[r,c] is the sum over all labels of its factors. Selections among the
// factors are equations between labels (r = offset + stride*a). So a few labels, the free ones, tell the
// others, r and c among them, and
//
//     core[free] = the same product with the free labels as output
//
// is an array whose entries are all there is: J[r,c] is the sum of the core at those free labels that tell r
// and c. E.g. P*diag(w)*P' with the selection P(r,a) has the core w[a]. With sizes that are known, an array
// of integers says where each entry of the core is added. Of all choices of free labels the one with the
// smallest core is taken; the choice r, c is always there and means that nothing is known to be 0.
//
// Entries that the pattern leaves out are 0 exactly. Entries that it lists may be 0. Entry: sdp_pattern_of.
#include "codegen/values/pattern.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "ast/make/make.h"

enum { MOST_CANDIDATES = 16, MOST_FREE = 4, DEPTH = 3 };

typedef struct {
    sdp_num coef;
    sdp_id node;
} term;

// label[0] = offset + sum of stride[k]*label[k]
typedef struct {
    uint32_t n;
    const uint8_t *label;
    long offset;
    const long *stride;
} equation;

// The labels of one product: sizes, equations, masks, and how the others follow from the free ones.
typedef struct {
    const sdp_node *node;
    sdp_id id;
    sdp_num coef;
    uint32_t nfactors;
    const sdp_id *factor;
    const uint8_t *label; // of all factors
    uint8_t out[2];
    uint32_t nlabels;
    long length[SDP_MAX_LABELS];
    uint32_t nequations, nmasks;
    equation *equation;
    const uint8_t **mask; // two labels
    bool *upper;          // by mask
    uint32_t nfree;
    uint8_t free[MOST_FREE];
} product;

// An array of entries. key, by entry: its line and its place in it as one number; UINT64_MAX: none
typedef struct {
    sdp_id node;
    uint32_t count;
    const uint64_t *key;
} core;

typedef struct {
    sdp_graph *g;
    const char *name;
    const long *size;
    bool by_columns;
    term *todo;
    uint32_t ntodo, todo_cap, nterms; // nterms: of all that have been to do
    core *core;
    uint32_t ncores, core_cap;
    uint64_t total, columns, rows;
} search;

static _Noreturn void refuse(search *s, const char *hint, const char *message)
{
    sdp_fail(&s->g->base, SD_ERR_UNSUPPORTED, (sdp_span){0, 0}, hint, message, s->name);
}

static _Noreturn void refuse_full(search *s)
{
    refuse(s, "without it all entries are written",
           "no entry of %s is known to be 0 by its form: it is not sparse");
}

// ---- sizes -----------------------------------------------------------------------------------------------
static long size_at(search *s, sdp_dim d)
{
    const sdp_dim_term *t;
    for (uint32_t i = 0, n = sdp_dim_terms(s->g, d, &t); i < n; i++)
        for (uint32_t k = 0; k < t[i].natoms; k++)
            if (s->size[t[i].atom[k]] < 1)
                sdp_fail(&s->g->base, SD_ERR_USAGE, (sdp_span){0, 0},
                         "sparse arrays are made for given sizes", "the sparsity of %s needs the size '%s'",
                         s->name, sdp_atom_name(s->g, t[i].atom[k]));
    return sdp_size_at(s->g, d, s->size);
}

// ---- sums and products into terms ------------------------------------------------------------------------
// Does the form tell of zeros in the node: does it write entries to a few places of it?
static bool has_zeros(const sdp_graph *g, sdp_id id, int depth)
{
    const sdp_node *n = sdp_get(g, id);
    if (n->kind == SDP_SEL || n->kind == SDP_MASK) return true;
    if (depth == DEPTH || (n->kind != SDP_ADD && n->kind != SDP_MUL)) return false;
    if (n->kind == SDP_MUL && sdp_repeats_axis(g, n)) return true;
    const uint8_t *out = n->kind == SDP_MUL ? sdp_labels(g, n, n->nargs) : NULL, *l = n->label;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *f = sdp_get(g, n->arg[i]);
        bool writes = !out || f->kind != SDP_SEL || (n->order && memchr(out, l[0], n->order));
        if (writes && f->order && has_zeros(g, n->arg[i], depth + 1)) return true;
        if (out) l += f->order;
    }
    return false;
}

static void push(search *s, sdp_num coef, sdp_id node)
{
    if (sdp_is_zero(s->g, node)) return;
    sdp_base *b = &s->g->base;
    if (s->nterms >= b->limit.terms) sdp_limit(b, "terms", b->limit.terms);
    s->todo = sdp_grown(b, s->todo, s->ntodo, &s->todo_cap, sizeof *s->todo);
    s->todo[s->ntodo++] = (term){coef, node};
    s->nterms++;
}

// A product with a sum that has zeros, multiplied out; false: there is none.
static bool multiply_out(search *s, term t)
{
    sdp_graph *g = s->g;
    const sdp_node *n = sdp_get(g, t.node);
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *sum = sdp_get(g, n->arg[i]);
        if (sum->kind != SDP_ADD || !sum->order || !has_zeros(g, n->arg[i], 0)) continue;
        sdp_id factor[SDP_MAX_FACTORS];
        memcpy(factor, n->arg, n->nargs * sizeof *factor);
        for (uint32_t k = 0; k < sum->nargs; k++) {
            factor[i] = sum->arg[k];
            push(s, sdp_num_mul(g, t.coef, sum->coef[k]),
                 sdp_mul(g, n->coef[0], n->nargs, factor, n->label, n->order, sdp_labels(g, n, n->nargs),
                         n->ldim));
        }
        return true;
    }
    return false;
}

// ---- equations -------------------------------------------------------------------------------------------
static void add_equation(search *s, product *p, const sdp_node *f, const uint8_t *label, bool is_diagonal)
{
    long *stride = sdp_scratch(&s->g->base, f->order * sizeof *stride + 1);
    for (uint32_t k = 1; k < f->order; k++) stride[k] = is_diagonal ? 1 : size_at(s, f->ldim[k]);
    p->equation[p->nequations++] =
        (equation){f->order, label, is_diagonal ? 0 : size_at(s, f->ldim[0]), stride};
}

static void read_factor(search *s, product *p, sdp_id id, const uint8_t *label)
{
    sdp_graph *g = s->g;
    const sdp_node *f = sdp_get(g, id);
    for (uint32_t k = 0; k < f->order; k++) p->length[label[k]] = size_at(s, f->dim[k]);
    if (f->kind == SDP_SEL) add_equation(s, p, f, label, false);
    else if (f->order == 2 && sdp_has(g, id, SDP_DIAGONAL)) add_equation(s, p, f, label, true);
    bool lower = f->kind == SDP_MASK ? f->param == SDP_LOWER : f->order == 2 && sdp_has(g, id, SDP_TRI_LOWER);
    bool upper = f->kind == SDP_MASK ? f->param == SDP_UPPER : f->order == 2 && sdp_has(g, id, SDP_TRI_UPPER);
    if (!lower && !upper) return;
    p->mask[p->nmasks] = label;
    p->upper[p->nmasks++] = upper;
}

static product read_product(search *s, term t)
{
    static const uint8_t plain[] = {0, 1};
    sdp_graph *g = s->g;
    sdp_base *b = &g->base;
    const sdp_node *n = sdp_get(g, t.node);
    bool is_mul = n->kind == SDP_MUL;
    product p = {.node = n, .id = t.node, .coef = t.coef};
    sdp_id *alone = sdp_scratch(b, sizeof *alone);
    *alone = t.node;
    p.nfactors = is_mul ? n->nargs : 1;
    p.factor = is_mul ? n->arg : alone;
    p.label = is_mul ? n->label : plain;
    p.nlabels = is_mul ? n->nlabels : 2;
    memcpy(p.out, is_mul ? sdp_labels(g, n, n->nargs) : plain, 2);
    p.equation = sdp_scratch(b, (p.nfactors + 1) * sizeof *p.equation);
    p.mask = sdp_scratch(b, (p.nfactors + 1) * sizeof *p.mask);
    p.upper = sdp_scratch(b, p.nfactors + 1);
    for (int k = 0; k < 2; k++) p.length[p.out[k]] = size_at(s, n->dim[k]);
    const uint8_t *l = p.label;
    for (uint32_t i = 0; i < p.nfactors; l += sdp_get(g, p.factor[i++])->order)
        read_factor(s, &p, p.factor[i], l);
    return p;
}

// The label that an equation tells once `known` are; -1: none, or all are known.
static int told_by(const equation *e, uint64_t known)
{
    int unknown = -1;
    for (uint32_t k = 0; k < e->n; k++) {
        if (known & sdp_label_bit(e->label[k])) continue;
        if (unknown >= 0 || (k && !e->stride[k])) return -1;
        unknown = (int)k;
    }
    for (uint32_t k = 0; unknown >= 0 && k < e->n; k++) // i = i + j tells nothing of i
        if ((int)k != unknown && e->label[k] == e->label[unknown]) return -1;
    return unknown;
}

static uint64_t all_told(const product *p, uint64_t known)
{
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = 0; i < p->nequations; i++) {
            int k = told_by(&p->equation[i], known);
            if (k < 0) continue;
            known |= sdp_label_bit(p->equation[i].label[k]);
            more = true;
        }
    }
    return known;
}

// ---- the free labels -------------------------------------------------------------------------------------
// Labels that hang together with the axes of the matrix by equations
static uint32_t candidates(const product *p, uint8_t *label)
{
    uint64_t near = sdp_label_bit(p->out[0]) | sdp_label_bit(p->out[1]);
    uint32_t n = 0;
    for (uint64_t before = 0; before != near;) {
        before = near;
        for (uint32_t i = 0; i < p->nequations; i++) {
            uint64_t own = 0;
            for (uint32_t k = 0; k < p->equation[i].n; k++) own |= sdp_label_bit(p->equation[i].label[k]);
            if (own & near) near |= own;
        }
    }
    label[n++] = p->out[0];
    if (p->out[1] != p->out[0]) label[n++] = p->out[1];
    for (uint8_t l = 0; l < SDP_MAX_LABELS && n < MOST_CANDIDATES; l++)
        if ((near & sdp_label_bit(l)) && l != p->out[0] && l != p->out[1]) label[n++] = l;
    return n;
}

static double cost(const product *p, uint32_t n, const uint8_t *label)
{
    double all = 1;
    for (uint32_t i = 0; i < n; i++) all *= (double)p->length[label[i]];
    return all;
}

// Counts through the subsets of at most MOST_FREE candidates; keeps the cheapest that tells both axes.
static double choose_free(product *p)
{
    uint8_t from[MOST_CANDIDATES], free[MOST_FREE];
    uint32_t n = candidates(p, from);
    const uint64_t both = sdp_label_bit(p->out[0]) | sdp_label_bit(p->out[1]);
    double best = -1;
    for (uint32_t set = 0; set < 1u << n; set++) {
        uint32_t count = 0;
        uint64_t known = 0;
        for (uint32_t i = 0; i < n && count <= MOST_FREE; i++) {
            if (!(set >> i & 1)) continue;
            if (count < MOST_FREE) free[count] = from[i];
            known |= sdp_label_bit(from[i]);
            count++;
        }
        if (count > MOST_FREE || (best >= 0 && cost(p, count, free) >= best) || both & ~all_told(p, known))
            continue;
        best = cost(p, count, free);
        p->nfree = count;
        memcpy(p->free, free, count);
    }
    return best;
}

// ---- places ----------------------------------------------------------------------------------------------
// Solves equation e for its label k.
static bool solve(const equation *e, uint32_t k, long *at)
{
    long rest = e->offset;
    for (uint32_t i = 1; i < e->n; i++)
        if (i != k) rest += e->stride[i] * at[e->label[i]];
    if (!k) {
        at[e->label[0]] = rest;
        return true;
    }
    long times = at[e->label[0]] - rest;
    at[e->label[k]] = times / e->stride[k];
    return times % e->stride[k] == 0;
}

// The values of all labels that are told; false: these values of the free ones have no entry.
static bool place_at(const product *p, uint64_t known, long *at)
{
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = 0; i < p->nequations; i++) {
            const equation *e = &p->equation[i];
            int k = told_by(e, known);
            if (k < 0) continue;
            uint8_t label = e->label[k];
            if (!solve(e, (uint32_t)k, at) || at[label] < 0 || at[label] >= p->length[label]) return false;
            known |= sdp_label_bit(label);
            more = true;
        }
    }
    for (uint32_t i = 0; i < p->nequations; i++) { // those that tell nothing new must hold
        const equation *e = &p->equation[i];
        long is = e->offset;
        bool all = true;
        for (uint32_t k = 0; k < e->n; k++) all &= (known & sdp_label_bit(e->label[k])) != 0;
        for (uint32_t k = 1; k < e->n; k++) is += e->stride[k] * at[e->label[k]];
        if (all && is != at[e->label[0]]) return false;
    }
    for (uint32_t i = 0; i < p->nmasks; i++) {
        uint8_t row = p->mask[i][0], column = p->mask[i][1];
        if (~known & (sdp_label_bit(row) | sdp_label_bit(column))) continue;
        if (p->upper[i] ? at[row] > at[column] : at[row] < at[column]) return false;
    }
    return true;
}

static bool next(const product *p, bool by_columns, long *at)
{
    for (uint32_t i = 0; i < p->nfree; i++) {
        uint8_t l = p->free[by_columns ? i : p->nfree - 1 - i];
        if (++at[l] < p->length[l]) return true;
        at[l] = 0;
    }
    return false;
}

static void add_core(search *s, const product *p, uint32_t count)
{
    sdp_graph *g = s->g;
    sdp_base *b = &g->base;
    long at[SDP_MAX_LABELS] = {0};
    uint64_t *key = sdp_scratch(b, count * sizeof *key), known = 0;
    for (uint32_t i = 0; i < p->nfree; i++) known |= sdp_label_bit(p->free[i]);
    for (uint32_t i = 0; i < count; i++) {
        long told[SDP_MAX_LABELS];
        memcpy(told, at, sizeof told);
        bool is = place_at(p, known, told);
        uint64_t row = is ? (uint64_t)told[p->out[0]] : 0, column = is ? (uint64_t)told[p->out[1]] : 0;
        key[i] = !is ? UINT64_MAX : s->by_columns ? column * s->rows + row : row * s->columns + column;
        next(p, s->by_columns, at);
    }
    sdp_num coef = p->node->kind == SDP_MUL ? sdp_num_mul(g, p->coef, p->node->coef[0]) : p->coef;
    const sdp_dim *length = p->node->kind == SDP_MUL ? p->node->ldim : p->node->dim;
    sdp_id node = sdp_mul(g, coef, p->nfactors, p->factor, p->label, (int)p->nfree, p->free, length);
    if (sdp_is_zero(g, node)) return;
    s->core = sdp_grown(b, s->core, s->ncores, &s->core_cap, sizeof *s->core);
    s->core[s->ncores++] = (core){node, count, key};
}

static bool same_places(const sdp_graph *g, const core *a, const core *b)
{
    const sdp_node *x = sdp_get(g, a->node), *y = sdp_get(g, b->node);
    return x->order == y->order && a->count == b->count &&
           (!x->order || !memcmp(x->dim, y->dim, x->order * sizeof *x->dim)) &&
           !memcmp(a->key, b->key, a->count * sizeof *a->key);
}

// Cores with the same places become one, their sum.
static void join_equal(search *s)
{
    sdp_base *b = &s->g->base;
    sdp_interned index = {0};
    uint32_t n = 0, *first = sdp_scratch(b, (s->ncores + 1) * sizeof *first),         // by sum
                        *sum = sdp_scratch(b, (s->ncores + 1) * sizeof *sum),         // by core
                            *start = sdp_scratch(b, (s->ncores + 2) * sizeof *start); // by sum: of its terms
    sdp_id *node = sdp_scratch(b, (s->ncores + 1) * sizeof *node);
    sdp_num *coef = sdp_scratch(b, (s->ncores + 1) * sizeof *coef);
    for (uint32_t i = 0; i < s->ncores; i++) {
        const core *c = &s->core[i];
        const uint32_t hash = sdp_hash(c->key, c->count * sizeof *c->key, sdp_get(s->g, c->node)->order);
        uint32_t place = hash, k;
        while ((k = sdp_interned_next(&index, hash, &place)) != SDP_NO_THING)
            if (same_places(s->g, &s->core[first[k]], c)) break;
        if (k == SDP_NO_THING) first[n] = i, sdp_interned_put(b, &index, hash, k = n++);
        sum[i] = k, coef[i] = SDP_NUM_ONE;
        start[k + 2]++;
    }
    for (uint32_t k = 0; k < n; k++) start[k + 2] += start[k + 1];
    for (uint32_t i = 0; i < s->ncores; i++) node[start[sum[i] + 1]++] = s->core[i].node;
    for (uint32_t k = 0; k < n; k++) {
        s->core[k] = s->core[first[k]];
        s->core[k].node = sdp_add(s->g, start[k + 1] - start[k], coef, node + start[k]);
    }
    s->ncores = n;
}

// ---- the compressed form ---------------------------------------------------------------------------------
static int by_value(const void *a, const void *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof x), memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

// All keys, ascending, each once
static uint64_t *sorted_keys(search *s, uint32_t *n)
{
    uint64_t *all = sdp_scratch(&s->g->base, (s->total + 1) * sizeof *all);
    uint32_t count = 0, kept = 0;
    for (uint32_t i = 0; i < s->ncores; i++)
        for (uint32_t k = 0; k < s->core[i].count; k++)
            if (s->core[i].key[k] != UINT64_MAX) all[count++] = s->core[i].key[k];
    qsort(all, count, sizeof *all, by_value);
    for (uint32_t i = 0; i < count; i++)
        if (!i || all[i] != all[i - 1]) all[kept++] = all[i];
    *n = kept;
    return all;
}

static sdp_pattern compress(search *s)
{
    sdp_base *b = &s->g->base;
    uint32_t n = 0;
    const uint64_t *key = sorted_keys(s, &n);
    const uint64_t lines = s->by_columns ? s->columns : s->rows,
                   length = s->by_columns ? s->rows : s->columns;
    int *start = sdp_scratch(b, (lines + 1) * sizeof *start),
        *index = sdp_scratch(b, (n + 1) * sizeof *index);
    for (uint64_t line = 0, i = 0; line <= lines; line++) {
        while (i < n && key[i] < line * length) i++;
        start[line] = (int)i;
    }
    for (uint32_t i = 0; i < n; i++) index[i] = (int)(key[i] % length);
    sdp_pattern_part *part = sdp_scratch(b, (s->ncores + 1) * sizeof *part);
    for (uint32_t i = 0; i < s->ncores; i++) {
        const core *c = &s->core[i];
        int *place = sdp_scratch(b, (c->count + (size_t)1) * sizeof *place);
        for (uint32_t k = 0; k < c->count; k++) {
            const uint64_t *at =
                c->key[k] == UINT64_MAX ? NULL : bsearch(&c->key[k], key, n, sizeof *key, by_value);
            place[k] = at ? (int)(at - key) : -1;
        }
        part[i] = (sdp_pattern_part){c->node, c->count, place};
    }
    return (sdp_pattern){(long)s->rows, (long)s->columns, n, s->by_columns, start, index, s->ncores, part};
}

static void add_term(search *s, term t)
{
    sdp_base *b = &s->g->base;
    product p = read_product(s, t);
    double entries = choose_free(&p);
    if (!p.nmasks && entries >= (double)s->rows * (double)s->columns) refuse_full(s);
    if (entries + (double)s->total > (double)b->limit.elements || entries + (double)s->total >= INT_MAX)
        sdp_limit(b, "elements", b->limit.elements);
    s->total += (uint64_t)entries;
    add_core(s, &p, (uint32_t)entries);
}

sdp_pattern sdp_pattern_of(sdp_graph *g, sdp_id matrix, const char *name, const long *size, bool by_columns)
{
    sdp_base *b = &g->base;
    const sdp_node *n = sdp_get(g, matrix);
    search *s = sdp_scratch(b, sizeof *s);
    *s = (search){.g = g, .name = name, .size = size, .by_columns = by_columns};
    s->rows = (uint64_t)size_at(s, n->dim[0]), s->columns = (uint64_t)size_at(s, n->dim[1]);
    push(s, SDP_NUM_ONE, matrix);
    while (s->ntodo) {
        term t = s->todo[--s->ntodo];
        n = sdp_get(g, t.node);
        if (n->kind == SDP_ADD)
            for (uint32_t i = n->nargs; i-- > 0;) push(s, sdp_num_mul(g, t.coef, n->coef[i]), n->arg[i]);
        else if (n->kind != SDP_MUL || !multiply_out(s, t)) add_term(s, t);
    }
    join_equal(s);
    sdp_pattern p = compress(s);
    if (!p.entries) refuse(s, "", "%s is 0: it has no sparse form");
    if ((uint64_t)p.entries == s->rows * s->columns) refuse_full(s);
    return p;
}
