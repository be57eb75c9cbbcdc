// SPDX-License-Identifier: MIT
// Does the data have the properties that were declared? Answers are simplified by them and read only parts of
// a structured matrix, so other data would give numbers that mean nothing.
#include <math.h>
#include <string.h>

#include "runtime/data/data.h"

// n: rows of a square matrix, else 0
typedef struct {
    sdp_base *b;
    const double *x;
    size_t count, n;
    double scale;
} given;

static const double EXACT = 1e-9, SUMMED = 1e-6; // relative; files are written with few digits

// Each finds an entry (or a row) that breaks the property; the number of entries if it is all of them,
// SIZE_MAX if there is none.
typedef size_t finder(const given *a);

static size_t find_symmetric(const given *a)
{
    for (size_t i = 0; i < a->n; i++)
        for (size_t j = 0; j < i; j++)
            if (!(fabs(a->x[i * a->n + j] - a->x[j * a->n + i]) <= EXACT * a->scale)) return i * a->n + j;
    return SIZE_MAX;
}

static size_t find_nonzero(const given *a, bool above, bool below)
{
    for (size_t e = 0; a->n && e < a->count; e++) {
        size_t i = e / a->n, j = e % a->n;
        if (((above && j > i) || (below && j < i)) && !(fabs(a->x[e]) <= 0)) return e;
    }
    return SIZE_MAX;
}

static size_t find_lower(const given *a) { return find_nonzero(a, true, false); }
static size_t find_upper(const given *a) { return find_nonzero(a, false, true); }

static size_t find_positive(const given *a)
{
    for (size_t e = 0; e < a->count; e++)
        if (!(a->x[e] > 0)) return e;
    return SIZE_MAX;
}

static size_t find_nonneg(const given *a)
{
    for (size_t e = 0; e < a->count; e++)
        if (!(a->x[e] >= 0)) return e;
    return SIZE_MAX;
}

static size_t find_integer(const given *a)
{
    for (size_t e = 0; e < a->count; e++)
        if (!(fabs(a->x[e] - floor(a->x[e])) <= 0)) return e;
    return SIZE_MAX;
}

// Elimination: a pivot of 0 is one of a psd matrix if its column is 0, too.
static size_t find_indefinite(const given *a, bool strict)
{
    double *l = sdp_scratch(a->b, (a->count + 1) * sizeof *l), none = strict ? 0 : EXACT * a->scale;
    for (size_t i = 0; i < a->n; i++)
        for (size_t j = 0; j <= i; j++) {
            double t = a->x[i * a->n + j], pivot = l[j * a->n + j];
            for (size_t k = 0; k < j; k++) t -= l[i * a->n + k] * l[j * a->n + k];
            bool off = i != j && pivot <= 0;
            if (off ? !(fabs(t) <= SUMMED * a->scale) : i == j && (strict ? !(t > 0) : !(t >= -none)))
                return a->count;
            l[i * a->n + j] = off ? 0 : i != j ? t / pivot : t > none ? sqrt(t) : 0;
        }
    return SIZE_MAX;
}

static size_t find_not_posdef(const given *a) { return find_indefinite(a, true); }
static size_t find_not_psd(const given *a) { return find_indefinite(a, false); }

static size_t find_orthogonal(const given *a)
{
    for (size_t i = 0; i < a->n; i++)
        for (size_t j = 0; j <= i; j++) {
            double dot = 0;
            for (size_t k = 0; k < a->n; k++) dot += a->x[i * a->n + k] * a->x[j * a->n + k];
            if (!(fabs(dot - (i == j)) <= SUMMED)) return i * a->n;
        }
    return SIZE_MAX;
}

static size_t find_total(const given *a, bool squares)
{
    double total = 0;
    for (size_t e = 0; e < a->count; e++) total += squares ? a->x[e] * a->x[e] : a->x[e];
    return fabs(total - 1) <= SUMMED ? SIZE_MAX : 0;
}

static size_t find_unit(const given *a) { return find_total(a, true); }
static size_t find_simplex(const given *a) { return find_total(a, false); }

static const struct {
    uint32_t fact;
    finder *find;
    const char *words;
} table[] = {
    {SDP_TRI_LOWER, find_lower, "an entry above the diagonal is not 0"},
    {SDP_TRI_UPPER, find_upper, "an entry below the diagonal is not 0"},
    {SDP_SYMMETRIC, find_symmetric, "it is not symmetric"},
    {SDP_POSDEF, find_not_posdef, "it is not positive definite"},
    {SDP_PSD, find_not_psd, "it has a negative eigenvalue"},
    {SDP_POSITIVE, find_positive, "an entry is not positive"},
    {SDP_NONNEG, find_nonneg, "an entry is negative"},
    {SDP_INTEGER, find_integer, "an entry is not an integer"},
    {SDP_ORTHOGONAL, find_orthogonal, "its rows are not orthonormal"},
    {SDP_UNIT, find_unit, "its norm is not 1"},
    {SDP_SIMPLEX, find_simplex, "its entries do not add up to 1"},
};

static void check_one(sdp_graph *g, const sdp_variable *v, const sd_array *data)
{
    given a = {.b = &g->base, .x = data->data, .count = 1};
    for (int k = 0; k < data->order; k++) a.count *= data->dim[k];
    if (data->order == 2 && data->dim[0] == data->dim[1]) a.n = data->dim[0];
    for (size_t e = 0; e < a.count; e++) a.scale = fmax(a.scale, fabs(a.x[e]));
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (!((v->facts | v->ignored) & table[i].fact)) continue;
        sdp_mark mark = sdp_scratch_mark(&g->base);
        size_t at = table[i].find(&a);
        sdp_scratch_release(&g->base, mark);
        if (at == SIZE_MAX) continue;
        const char *how = v->declared || !v->inferred ? "declared" : "inferred"; // the exponent of a matrix
        if (at == a.count)
            sdp_fail(&g->base, SD_ERR_DATA, (sdp_span){0, 0}, NULL, "the data of %s is not as %s: %s",
                     v->name, how, table[i].words);
        const char *where = data->order == 0   ? v->name
                            : data->order == 1 ? sdp_printf(&g->base, "%s[%zu]", v->name, at + 1)
                                               : sdp_printf(&g->base, "%s[%zu,%zu]", v->name,
                                                            at / data->dim[1] + 1, at % data->dim[1] + 1);
        sdp_fail(&g->base, SD_ERR_DATA, (sdp_span){0, 0}, NULL, "the data of %s is not as %s: %s (%s is %s)",
                 v->name, how, table[i].words, where, sdp_decimal_of(a.x[at], 6).s);
    }
}

// Also of variables that are no input: sum(y) of a simplex is 1, whatever y is, because of what was declared.
void sdp_check_declared(sdp_graph *g, const sd_data *d)
{
    for (uint32_t i = 0; i < g->nvars; i++) {
        const sdp_variable *v = &g->var[i];
        const sd_array *data = v->is_function || !(v->facts | v->ignored) ? NULL : sd_data_get(d, v->name);
        if (data) check_one(g, v, data);
    }
}
