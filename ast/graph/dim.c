// SPDX-License-Identifier: MIT
// Dimensions: interned polynomials in dimension names.
//
// A term is coef * a product of atoms (sorted); a polynomial is its terms, sorted, none with coefficient 0.
// Rigid atoms are names the user declared: two different ones are different sizes. Soft atoms stand for sizes
// to be found by unification (unify.c).
#include <limits.h>
#include <string.h>

#include "ast/graph/dim.h"

static int compare_terms(const sdp_dim_term *a, const sdp_dim_term *b)
{
    if (a->natoms != b->natoms) return a->natoms > b->natoms ? -1 : 1;
    for (uint32_t i = 0; i < a->natoms; i++)
        if (a->atom[i] != b->atom[i]) return a->atom[i] < b->atom[i] ? -1 : 1;
    return 0;
}

static uint32_t hash_poly(const sdp_dim_term *t, uint32_t n)
{
    uint32_t h = n;
    for (uint32_t i = 0; i < n; i++) {
        h = sdp_hash(&t[i].coef, sizeof t[i].coef, h);
        h = sdp_hash(t[i].atom, t[i].natoms * sizeof *t[i].atom, h);
    }
    return h;
}

static bool same_poly(const sdp_poly *p, const sdp_dim_term *t, uint32_t n)
{
    if (p->nterms != n) return false;
    for (uint32_t i = 0; i < n; i++)
        if (p->term[i].coef != t[i].coef || compare_terms(&p->term[i], &t[i])) return false;
    return true;
}

// Interns sorted terms with distinct atoms and no zero coefficients.
sdp_dim sdp_dim_intern(sdp_graph *g, const sdp_dim_term *t, uint32_t n)
{
    struct sdp_dims *s = g->dims;
    uint32_t hash = hash_poly(t, n);
    for (uint32_t place = hash, i; (i = sdp_interned_next(&s->index, hash, &place)) != SDP_NO_THING;)
        if (same_poly(&s->p[i], t, n)) return i;
    s->p = sdp_grown_raw(&g->base, s->p, s->n, &s->cap, sizeof *s->p);
    sdp_dim_term *copy = sdp_alloc(&g->base, (n + 1) * sizeof *copy);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t *atoms = sdp_alloc(&g->base, (t[i].natoms + 1) * sizeof *atoms);
        if (t[i].natoms) memcpy(atoms, t[i].atom, t[i].natoms * sizeof *atoms);
        copy[i] = (sdp_dim_term){t[i].coef, t[i].natoms, atoms};
    }
    s->p[s->n] = (sdp_poly){n, hash, copy};
    sdp_interned_put(&g->base, &s->index, hash, s->n);
    return s->n++;
}

void sdp_dims_init(sdp_graph *g)
{
    struct sdp_dims *s = g->dims = sdp_alloc(&g->base, sizeof *s);
    s->index.kept = true;
    s->cap = 32;
    s->p = sdp_realloc(&g->base, NULL, s->cap * sizeof *s->p);
    s->p[0] = (sdp_poly){0, 0, NULL}; // SDP_DIM_NONE, never looked up
    s->n = 1;
    sdp_dim_int(g, 1);
}

void sdp_dims_free(sdp_graph *g)
{
    if (!g->dims) return;
    sdp_release(&g->base, g->dims->p);
    sdp_release(&g->base, g->dims->index.at);
    sdp_release(&g->base, g->dims->a);
    sdp_release(&g->base, g->dims->later);
    sdp_release(&g->base, g->dims->made);
    sdp_release(&g->base, g->dims->names);
}

static long checked(sdp_graph *g, bool overflow, long v)
{
    if (overflow) sdp_fail(&g->base, SD_ERR_SHAPE, (sdp_span){0, 0}, NULL, "a dimension is too large");
    return v;
}

sdp_dim sdp_dim_int(sdp_graph *g, long v)
{
    sdp_dim_term t = {v, 0, NULL};
    return sdp_dim_intern(g, &t, v != 0);
}

sdp_dim sdp_atom_dim(sdp_graph *g, uint32_t a)
{
    sdp_dim_term t = {1, 1, &a};
    return sdp_dim_intern(g, &t, 1);
}

static void add_name(sdp_graph *g, uint32_t atom_id);

static sdp_dim new_atom(sdp_graph *g, const char *name, bool soft)
{
    struct sdp_dims *s = g->dims;
    s->a = sdp_grown_raw(&g->base, s->a, s->natoms, &s->atom_cap, sizeof *s->a);
    s->a[s->natoms++] = (sdp_atom){name, soft, false, SDP_DIM_NONE};
    if (name) add_name(g, s->natoms - 1);
    return sdp_atom_dim(g, s->natoms - 1);
}

static void insert_name(struct sdp_dims *s, uint32_t i)
{
    uint32_t h = sdp_hash(s->a[i].name, strlen(s->a[i].name), 5) & (s->names_cap - 1);
    while (s->names[h]) h = (h + 1) & (s->names_cap - 1);
    s->names[h] = i + 1;
    s->nnames++;
}

// Indexes the names of all atoms anew.
void sdp_dim_index_names(sdp_graph *g, uint32_t cap)
{
    struct sdp_dims *s = g->dims;
    s->names = sdp_realloc(&g->base, s->names, cap * sizeof *s->names);
    s->names_cap = cap;
    s->nnames = 0;
    memset(s->names, 0, cap * sizeof *s->names);
    for (uint32_t i = 0; i < s->natoms; i++)
        if (s->a[i].name) insert_name(s, i);
}

// Atom i has just got its name.
static void add_name(sdp_graph *g, uint32_t i)
{
    struct sdp_dims *s = g->dims;
    if (2 * (s->nnames + 1) > s->names_cap) sdp_dim_index_names(g, s->names_cap ? 2 * s->names_cap : 32);
    else insert_name(s, i);
}

static uint32_t find_atom(const sdp_graph *g, const char *name, size_t n)
{
    const struct sdp_dims *s = g->dims;
    if (!s->names_cap) return UINT32_MAX;
    for (uint32_t h = sdp_hash(name, n, 5) & (s->names_cap - 1); s->names[h];
         h = (h + 1) & (s->names_cap - 1)) {
        const char *known = s->a[s->names[h] - 1].name;
        if (strlen(known) == n && !memcmp(known, name, n)) return s->names[h] - 1;
    }
    return UINT32_MAX;
}

bool sdp_dim_known(const sdp_graph *g, const char *name)
{
    return find_atom(g, name, strlen(name)) != UINT32_MAX;
}

sdp_dim sdp_dim_name(sdp_graph *g, const char *name, size_t n)
{
    uint32_t i = find_atom(g, name, n);
    return i != UINT32_MAX ? sdp_atom_dim(g, i) : new_atom(g, sdp_strndup(&g->base, name, n), false);
}

sdp_dim sdp_dim_soft(sdp_graph *g, const char *name)
{
    uint32_t i = name ? find_atom(g, name, strlen(name)) : UINT32_MAX;
    return i != UINT32_MAX ? sdp_atom_dim(g, i) : new_atom(g, name, true);
}

sdp_dim sdp_dim_fresh(sdp_graph *g) { return sdp_dim_soft(g, NULL); }

bool sdp_dim_is_name(const sdp_graph *g, const char *name)
{
    uint32_t i = find_atom(g, name, strlen(name));
    return i != UINT32_MAX && !g->dims->a[i].soft && !g->dims->a[i].quiet;
}

// Appends c * t to a sorted list, merging equal monomials. The lists are short: insertion it is.
static uint32_t insert(sdp_graph *g, sdp_dim_term *list, uint32_t n, sdp_dim_term t)
{
    uint32_t i = 0;
    int c = 1;
    while (i < n && (c = compare_terms(&list[i], &t)) < 0) i++;
    if (i < n && c == 0) {
        long sum;
        bool over = __builtin_saddl_overflow(list[i].coef, t.coef, &sum);
        list[i].coef = checked(g, over, sum);
        if (list[i].coef == 0) memmove(&list[i], &list[i + 1], (--n - i) * sizeof *list);
        return n;
    }
    memmove(&list[i + 1], &list[i], (n - i) * sizeof *list);
    list[i] = t;
    return n + 1;
}

sdp_dim sdp_dim_add(sdp_graph *g, sdp_dim a, sdp_dim b)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_poly pa = g->dims->p[a], pb = g->dims->p[b];
    sdp_dim_term *list = sdp_scratch(&g->base, (pa.nterms + pb.nterms + 1) * sizeof *list);
    uint32_t n = 0;
    for (; n < pa.nterms; n++) list[n] = pa.term[n];
    for (uint32_t i = 0; i < pb.nterms; i++) n = insert(g, list, n, pb.term[i]);
    sdp_dim d = sdp_dim_intern(g, list, n);
    sdp_scratch_release(&g->base, m);
    return d;
}

sdp_dim sdp_dim_mul(sdp_graph *g, sdp_dim a, sdp_dim b)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_poly pa = g->dims->p[a], pb = g->dims->p[b];
    sdp_dim_term *list = sdp_scratch(&g->base, (pa.nterms * pb.nterms + 1) * sizeof *list);
    uint32_t n = 0;
    for (uint32_t i = 0; i < pa.nterms; i++)
        for (uint32_t j = 0; j < pb.nterms; j++) {
            const sdp_dim_term *x = &pa.term[i], *y = &pb.term[j];
            uint32_t *atoms = sdp_scratch(&g->base, (x->natoms + y->natoms + 1) * sizeof *atoms), k = 0;
            for (uint32_t p = 0, q = 0; p < x->natoms || q < y->natoms;)
                atoms[k++] = q == y->natoms || (p < x->natoms && x->atom[p] <= y->atom[q]) ? x->atom[p++]
                                                                                           : y->atom[q++];
            long c;
            bool over = __builtin_smull_overflow(x->coef, y->coef, &c);
            n = insert(g, list, n, (sdp_dim_term){checked(g, over, c), k, atoms});
        }
    sdp_dim d = sdp_dim_intern(g, list, n);
    sdp_scratch_release(&g->base, m);
    return d;
}

sdp_dim sdp_dim_neg(sdp_graph *g, sdp_dim a) { return sdp_dim_mul(g, sdp_dim_int(g, -1), a); }

// d = plus - minus, none of whose coefficients is negative.
void sdp_dim_split(sdp_graph *g, sdp_dim d, sdp_dim *plus, sdp_dim *minus)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_poly p = g->dims->p[d];
    sdp_dim_term *part = sdp_scratch(&g->base, (p.nterms + 1) * sizeof *part);
    uint32_t n = 0;
    for (uint32_t i = 0; i < p.nterms; i++)
        if (p.term[i].coef > 0) part[n++] = p.term[i];
    *plus = sdp_dim_intern(g, part, n);
    *minus = sdp_dim_add(g, *plus, sdp_dim_neg(g, d));
    sdp_scratch_release(&g->base, m);
}

// A polynomial in m, n, ... is nowhere negative where m, n >= 1 if none of its
// coefficients as one in m-1, n-1, ... is.
bool sdp_dim_never_negative(sdp_graph *g, sdp_dim d)
{
    sdp_poly p = g->dims->p[d];
    sdp_dim shifted = sdp_dim_int(g, 0), plus, minus;
    for (uint32_t i = 0; i < p.nterms; i++) {
        sdp_dim term = sdp_dim_int(g, p.term[i].coef);
        for (uint32_t j = 0; j < p.term[i].natoms; j++)
            term = sdp_dim_mul(g, term, sdp_dim_add(g, sdp_atom_dim(g, p.term[i].atom[j]), SDP_DIM_ONE));
        shifted = sdp_dim_add(g, shifted, term);
    }
    sdp_dim_split(g, shifted, &plus, &minus);
    return minus == sdp_dim_int(g, 0);
}

// a > b for all sizes of at least 1?
bool sdp_dim_exceeds(sdp_graph *g, sdp_dim a, sdp_dim b)
{
    return sdp_dim_never_negative(g, sdp_dim_add(g, a, sdp_dim_neg(g, sdp_dim_add(g, b, SDP_DIM_ONE))));
}

bool sdp_dim_long(const sdp_graph *g, sdp_dim d, long *v)
{
    const sdp_poly *p = &g->dims->p[d];
    if (p->nterms > 1 || (p->nterms == 1 && p->term[0].natoms)) return false;
    *v = p->nterms ? p->term[0].coef : 0;
    return true;
}

long sdp_size_at(const sdp_graph *g, sdp_dim d, const long *size)
{
    const sdp_poly *p = &g->dims->p[d];
    long sum = 0;
    for (uint32_t i = 0; i < p->nterms; i++) {
        long product = p->term[i].coef;
        for (uint32_t k = 0; k < p->term[i].natoms; k++)
            if (__builtin_smull_overflow(product, size[p->term[i].atom[k]], &product)) return LONG_MAX;
        if (__builtin_saddl_overflow(sum, product, &sum)) return LONG_MAX;
    }
    return sum;
}

bool sdp_dim_parse(sdp_graph *g, const char *text, sdp_dim *d)
{
    size_t n = strlen(text);
    long v = 0;
    if (!n || strspn(text, "0123456789") != n) return false;
    for (size_t i = 0; i < n; i++)
        if (__builtin_smull_overflow(v, 10, &v) || __builtin_saddl_overflow(v, text[i] - '0', &v))
            return false;
    *d = sdp_dim_int(g, v);
    return true;
}

uint32_t sdp_dim_terms(const sdp_graph *g, sdp_dim d, const sdp_dim_term **t)
{
    *t = g->dims->p[d].term;
    return g->dims->p[d].nterms;
}

const char *sdp_atom_name(const sdp_graph *g, uint32_t a) { return g->dims->a[a].name; }
uint32_t sdp_atom_count(const sdp_graph *g) { return g->dims->natoms; }

uint32_t sdp_atom_find(const sdp_graph *g, const char *name)
{
    for (uint32_t a = 0; a < g->dims->natoms; a++)
        if (g->dims->a[a].name && !strcmp(g->dims->a[a].name, name)) return a;
    return UINT32_MAX;
}

const char *sdp_dim_text(sdp_graph *g, sdp_dim d)
{
    sdp_text t;
    sdp_text_init(&t, &g->base);
    sdp_poly p = g->dims->p[d];
    if (p.nterms == 0) sdp_put(&t, "0");
    for (uint32_t i = 0; i < p.nterms; i++) {
        long c = p.term[i].coef;
        sdp_put(&t, c < 0 ? "-" : i ? "+" : "");
        bool number = p.term[i].natoms == 0 || (c != 1 && c != -1);
        if (number) sdp_putf(&t, "%ld", c < 0 ? -c : c);
        for (uint32_t j = 0; j < p.term[i].natoms; j++) {
            const char *name = g->dims->a[p.term[i].atom[j]].name;
            sdp_put(&t, number || j ? "*" : "");
            sdp_put(&t, name ? name : "?");
        }
    }
    char *s = sdp_scratch(&g->base, t.n + 1);
    memcpy(s, t.s ? t.s : "", t.n);
    sdp_text_free(&t);
    return s;
}

// ---- names for what was inferred --------------------------------------------------------------------------
uint32_t sdp_dim_unnamed(sdp_graph *g, sdp_dim d)
{
    sdp_poly p = g->dims->p[d];
    for (uint32_t i = 0; i < p.nterms; i++)
        for (uint32_t j = 0; j < p.term[i].natoms; j++)
            if (!g->dims->a[p.term[i].atom[j]].name) return p.term[i].atom[j];
    return UINT32_MAX;
}

void sdp_dim_set_name(sdp_graph *g, uint32_t a, const char *name)
{
    g->dims->a[a].name = name;
    g->dims->a[a].quiet = strcmp(name, "m") && strcmp(name, "n"); // those two read as sizes everywhere
    add_name(g, a);
}

void sdp_dim_freeze(sdp_graph *g)
{
    for (uint32_t i = 0; i < g->dims->natoms; i++) g->dims->a[i].soft = false;
    g->dims->nlater = g->dims->nmade = 0;
}
