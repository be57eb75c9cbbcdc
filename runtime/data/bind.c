// SPDX-License-Identifier: MIT
// Sizes from data: finds the number behind every dimension name.
//
// Each axis of an input gives one equation, "polynomial in dimension names = number of entries". Equations
// with one unknown name are solved, which makes others solvable, until nothing changes; every equation whose
// names are all known is then a check. A name that no axis determines may stand in the data as a number of
// its own. An equation remembers its variable, so a contradiction can show both sides:
//     X is 16x7 but t has 6 entries: n would be 7 and 6
#include "runtime/data/data.h"
#include "runtime/data/sizes.h"

#include <stdio.h>
#include <limits.h>
#include <string.h>

typedef struct {
    sdp_dim dim;
    long size;
    uint32_t var;  // UINT32_MAX: the name itself stands in the data, and there is no dim
    uint32_t atom; // that name
    bool done;
} equation;

typedef struct {
    sdp_graph *g;
    const sd_data *d;
    uint32_t n, natoms;
    equation *eq;
    long *value;      // by atom, 0: unknown
    uint32_t *source; // by atom: the equation that gave its value
} binder;

static const sdp_span nowhere = {0, 0};

// ---- words ------------------------------------------------------------------------------------------------

// "16x7", "6 entries", "a number"
static const char *size_text(sdp_graph *g, const sd_array *a)
{
    char text[SD_MAX_ORDER * 21 + 16];
    size_t n = 0;
    if (!a->order) return "a number";
    for (int i = 0; i < a->order; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%zu", i ? "x" : "", a->dim[i]);
    }
    if (a->order == 1)
        n += (size_t)snprintf(text + n, sizeof text - n, " entr%s", a->dim[0] == 1 ? "y" : "ies");
    return sdp_strndup(&g->base, text, n);
}

// "X is 16x7", "t has 6 entries", "n is 7"
static const char *fact_text(const binder *b, const equation *e)
{
    if (e->var == UINT32_MAX)
        return sdp_printf(&b->g->base, "%s is %ld", sdp_atom_name(b->g, e->atom), e->size);
    const char *name = b->g->var[e->var].name;
    const sd_array *a = sd_data_get(b->d, name);
    return sdp_printf(&b->g->base, "%s %s %s", name, a->order == 1 ? "has" : "is", size_text(b->g, a));
}

static sdp_size size_of(const sdp_graph *g, sdp_dim d)
{
    sdp_size p;
    p.n = sdp_dim_terms(g, d, &p.term);
    return p;
}

// ---- contradictions ---------------------------------------------------------------------------------------

_Noreturn static void contradiction(const binder *b, const equation *e)
{
    sdp_graph *g = b->g;
    const sdp_dim_term *t;
    uint32_t n = sdp_dim_terms(g, e->dim, &t);
    const char *name = sdp_printf(&g->base, "%s", sdp_dim_text(g, e->dim));
    long had = (long)sdp_size_value(size_of(g, e->dim), b->value, UINT32_MAX, 0);
    const equation *other = NULL;
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < t[i].natoms && (!other || other == e); k++)
            other = &b->eq[b->source[t[i].atom[k]]];
    }
    if (!other) { // a literal size
        sdp_fail(&g->base, SD_ERR_DATA, nowhere, "", "%s, but %s was expected", fact_text(b, e),
                 sdp_shape_declared(g, g->var[e->var].shape));
    }
    if (other->var == e->var) {
        sdp_fail(&g->base, SD_ERR_DATA, nowhere, "", "%s, but %s was expected: %s would be %ld and %ld",
                 fact_text(b, e), sdp_shape_declared(g, g->var[e->var].shape), name, had, e->size);
    }
    sdp_fail(&g->base, SD_ERR_DATA, nowhere, "", "%s but %s: %s would be %ld and %ld", fact_text(b, other),
             fact_text(b, e), name, had, e->size);
}

// ---- equations --------------------------------------------------------------------------------------------

static void add_equation(binder *b, sdp_dim dim, size_t size, uint32_t var)
{
    if (size > LONG_MAX) sdp_limit(&b->g->base, "elements", b->g->base.limit.elements);
    b->eq[b->n++] = (equation){.dim = dim, .size = (long)size, .var = var};
}

static void add_input(binder *b, uint32_t var)
{
    sdp_graph *g = b->g;
    const sdp_variable *v = &g->var[var];
    const sd_array *a = sd_data_get(b->d, v->name);
    if (!a)
        sdp_fail(&g->base, SD_ERR_DATA, nowhere, "", "there is no data for %s: %s", v->name,
                 sdp_shape_declared(g, v->shape));
    bool rows = v->shape.rows != SDP_DIM_ONE, cols = v->shape.cols != SDP_DIM_ONE;
    size_t axis[2];
    bool as_row = a->order == 1 && sdp_data_is_row(b->d, v->name); // X=[1,2,3]
    if (!sdp_sizes_of(a, rows + cols, as_row, axis))
        sdp_fail(&g->base, SD_ERR_DATA, nowhere, "", "%s %s %s, but %s was expected", v->name,
                 a->order == 1 ? "has" : "is", size_text(g, a), sdp_shape_declared(g, v->shape));
    if (rows) add_equation(b, v->shape.rows, axis[0], var);
    if (cols) add_equation(b, v->shape.cols, axis[rows], var);
}

// A number in the data under the name of a dimension that no variable has; 0 if there is none.
static long named_size(const binder *b, const char *name)
{
    const sd_array *x = name ? sd_data_get(b->d, name) : NULL;
    if (!x || sdp_variable_find(b->g, name) != UINT32_MAX) return 0;
    double v = *x->data;
    size_t count = 1;
    for (int i = 0; i < x->order; i++) count *= x->dim[i];
    if (count != 1 || v < 1 || v > SDP_LARGEST_SIZE || v != (double)(long)v) {
        sdp_fail(&b->g->base, SD_ERR_DATA, nowhere, "", "%s is a size: a positive integer was expected",
                 name);
    }
    return (long)v;
}

static void add_names(binder *b)
{
    for (uint32_t a = 0; a < b->natoms; a++) {
        long v = named_size(b, sdp_atom_name(b->g, a));
        if (!v) continue;
        b->value[a] = v;
        b->source[a] = b->n;
        b->eq[b->n++] = (equation){.size = v, .var = UINT32_MAX, .atom = a, .done = true};
    }
}

static bool all_known(const binder *b, const sdp_signature *s)
{
    uint32_t i = 0;
    while (i < s->ndims && b->value[s->dim[i]]) i++;
    return i == s->ndims;
}

// Variables that have dropped out of the answer still tell their sizes: the Jacobian of x by x is eye(n).
static void add_others(binder *b, const sdp_signature *s)
{
    for (uint32_t v = 0; v < b->g->nvars; v++) {
        bool is_input = false;
        for (uint32_t i = 0; i < s->ninputs; i++) is_input |= s->input[i] == v;
        if (!is_input && !b->g->var[v].is_function && sd_data_get(b->d, b->g->var[v].name)) add_input(b, v);
    }
}

// Looks at every equation once. Returns true if a size became known.
static bool sweep(binder *b)
{
    bool progress = false;
    for (uint32_t i = 0; i < b->n; i++) {
        equation *e = &b->eq[i];
        uint32_t atom = 0, degree, free_atoms;
        if (e->done) continue;
        sdp_size p = size_of(b->g, e->dim);
        if ((free_atoms = sdp_size_unknowns(p, b->value, &atom, &degree)) > 1) continue;
        if (free_atoms == 1) {
            b->value[atom] = sdp_size_solve(p, b->value, atom, degree, e->size);
            b->source[atom] = i;
            if (!b->value[atom]) {
                sdp_fail(&b->g->base, SD_ERR_DATA, nowhere, "", "%s: no size %s makes %s equal to %ld",
                         fact_text(b, e), sdp_atom_name(b->g, atom), sdp_dim_text(b->g, e->dim), e->size);
            }
        } else if (sdp_size_value(p, b->value, UINT32_MAX, 0) != (double)e->size) {
            contradiction(b, e);
        }
        e->done = progress = true;
    }
    return progress;
}

void sdp_bind_dims(sdp_graph *g, const sdp_signature *s, const sd_data *d, long *value)
{
    uint32_t natoms = sdp_atom_count(g);
    sdp_mark mark = sdp_scratch_mark(&g->base);
    binder b = {.g = g, .d = d, .natoms = natoms, .value = value};
    b.eq = sdp_scratch(&g->base, (2 * (size_t)g->nvars + natoms + 1) * sizeof *b.eq);
    b.source = sdp_scratch(&g->base, (natoms + (size_t)1) * sizeof *b.source);
    for (uint32_t a = 0; a < natoms; a++) value[a] = 0;
    for (uint32_t i = 0; i < s->ninputs; i++) {
        if (!g->var[s->input[i]].is_function) add_input(&b, s->input[i]);
    }
    add_names(&b);
    while (sweep(&b)) {}
    if (!all_known(&b, s)) {
        add_others(&b, s);
        while (sweep(&b)) {}
    }
    for (uint32_t i = 0; i < s->ndims; i++) {
        uint32_t a = s->dim[i];
        if (value[a]) continue;
        sdp_fail(&g->base, SD_ERR_DATA, nowhere,
                 sdp_printf(&g->base, "give it as %s=10", sdp_atom_name(g, a)),
                 "the data does not tell the size %s", sdp_atom_name(g, a));
    }
    sdp_check_declared(g, d);
    sdp_scratch_release(&g->base, mark);
}

void sdp_array_for(sdp_graph *g, sdp_id id, const long *size, sd_array *out)
{
    const sdp_node *n = sdp_get(g, id);
    size_t count = 1;
    for (uint32_t k = 0; k < n->order; k++) {
        long d = sdp_size_at(g, n->dim[k], size);
        if (d < 1)
            sdp_fail(&g->base, SD_ERR_DATA, (sdp_span){0, 0}, NULL, "the size %s would be %ld",
                     sdp_dim_text(g, n->dim[k]), d);
        if ((size_t)d > g->base.limit.elements / count)
            sdp_limit(&g->base, "elements", g->base.limit.elements);
        count *= (size_t)d;
        out->dim[k] = (size_t)d;
    }
    out->order = n->order;
    out->data = sdp_realloc(&g->base, NULL, count * sizeof *out->data);
}
