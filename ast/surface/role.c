// SPDX-License-Identifier: MIT
// The role of a name in a sum: b of A*x-b has the shape of the other term, b of X*w+b and of a*x+b is a
// number.
//
// The kind of every term is guessed by the prices so far, in one loop over the terms. What the terms of a sum
// say is gathered at the sum that is not itself a term of one. Entries: sdp_guess_all, sdp_roles_in_sums.
#include "ast/surface/habit.h"

#include <string.h>

enum { SCALAR = SDP_SCALAR, VECTOR = SDP_VECTOR, MATRIX = SDP_MATRIX };

static bool one_of(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(name, *list)) return true;
    return false;
}

static sdp_guess guess_shape(sdp_shape s)
{
    return sdp_is_scalar(s) ? NUMBER : sdp_is_matrix(s) ? TABLE : s.cols == SDP_DIM_ONE ? COLUMN : ROW;
}

static sdp_guess guess_name(const sdp_habits *h, const sdp_term *t)
{
    const sdp_unknown *u = sdp_unknown_of(h, t);
    if (!u) {
        if (t->var == UINT32_MAX) return NUMBER;
        return guess_shape(h->w->g->var[t->var].shape);
    }
    if (u->given) return u->given - 1 == MATRIX ? TABLE : u->given - 1 == VECTOR ? COLUMN : NUMBER;
    if (u->price[MATRIX] == 0) return TABLE;
    if (u->price[SCALAR] > u->price[VECTOR]) return COLUMN;
    char stem[256];
    sdp_stem(t->text, stem);
    return strlen(stem) == 1 && stem[0] >= 'a' && stem[0] < 'h' && !(u->why & (1u << SDP_AS_ENTRY)) ? OPEN
                                                                                                    : NUMBER;
}

static sdp_guess guess_product(sdp_guess a, sdp_guess b)
{
    if (a <= OPEN || b <= OPEN) return a <= OPEN ? (b <= OPEN ? NUMBER : b) : a;
    if (a == ROW) return b == COLUMN ? NUMBER : ROW;
    if (a == COLUMN) return b == ROW ? TABLE : COLUMN;
    return b == COLUMN ? COLUMN : TABLE;
}

// By the row of the table of shapes.
static sdp_guess guess_by_rule(const sdp_term *t, const sdp_guess *a, sdp_guess first)
{
    uint8_t habit = sdp_shape_rules[sdp_ops[t->op].shape].guess;
    if (habit == SDP_GUESS_FIRST) return first;
    if (t->op == SDP_OP_bars) return first == TABLE ? NUMBER : first;
    if (habit != SDP_GUESS_MOST) return habit == SDP_GUESS_NUMBER ? NUMBER : TABLE;
    sdp_guess most = NUMBER;
    for (uint32_t k = 0; k < t->nargs; k++)
        if (a[t->arg[k]] > most) most = a[t->arg[k]];
    return most == OPEN && t->nargs != 1 ? NUMBER : most;
}

static sdp_guess guess_call(const sdp_habits *h, const sdp_term *t, const sdp_guess *a)
{
    sdp_shape value;
    if (t->called) return sdp_derivative_shape(h->w->g, t->called, &value) ? guess_shape(value) : NUMBER;
    const sdp_guess first = t->nargs ? a[t->arg[0]] : NUMBER, second = t->nargs > 1 ? a[t->arg[1]] : NUMBER;
    const bool flat = sdp_is_numpy(t);
    switch (t->op) {
    case SDP_OP_flat:
    case SDP_OP_asrow:
    case SDP_OP_ascolumn:
    case SDP_OP_div:
    case SDP_OP_pow_: return first;
    case SDP_OP_ldiv: return second;
    case SDP_OP_diag: return first == TABLE ? COLUMN : TABLE;
    case SDP_OP_ones:
    case SDP_OP_zeros:
    case SDP_OP_vector: return t->nargs == 2 ? TABLE : COLUMN;
    case SDP_OP_eye:
    case SDP_OP_matrix:
    case SDP_OP_bracket: return TABLE;
    case SDP_OP_transpose: return flat ? first : first == COLUMN ? ROW : first == ROW ? COLUMN : first;
    case SDP_OP_mul:
        if (!flat) return guess_product(first, second);
        return first != COLUMN ? second : second == TABLE ? COLUMN : NUMBER;
    case SDP_OP_index: // X[1:], X[0]
        if (!flat || t->nargs != 2 || first != TABLE) return guess_by_rule(t, a, first);
        return h->w->t[t->arg[1]].op == SDP_OP_range ? TABLE : COLUMN;
    default: return guess_by_rule(t, a, first);
    }
}

const sdp_guess *sdp_guess_all(const sdp_habits *h)
{
    sdp_guess *a = sdp_scratch(&h->w->g->base, (h->w->n + (size_t)1) * sizeof *a);
    for (uint32_t i = 0; i < h->w->n; i++) {
        const sdp_term *t = &h->w->t[i];
        if (t->kind == SYN_NAME) a[i] = guess_name(h, t);
        else if (t->kind == SYN_CALL) a[i] = guess_call(h, t, a);
        else if (t->role == SDP_PART) a[i] = sdp_is_sample(t) && a[t->arg[0]] == TABLE ? COLUMN : NUMBER;
        else if (t->role == SDP_OVER) a[i] = a[t->arg[t->nargs - 1]];
        else if (t->role == SDP_BUILT) a[i] = t->nargs > 2 ? TABLE : COLUMN;
    }
    return a;
}

static bool is_sum(const sdp_term *t)
{
    return t->kind == SYN_CALL && (t->op == SDP_OP_add || t->op == SDP_OP_sub);
}

// The sums of a text: by term, its user and the largest sum, through minus signs, of which it is a term; of
// that sum, whether X*w of a data matrix and b*x of a number and a vector, a line, are terms.
typedef struct {
    uint32_t *parent, *top;
    bool *data, *line;
} sums;

static bool is_data(const sdp_term *t)
{
    static const char *const data[] = {"X", "Z", "Phi", NULL};
    char stem[256];
    if (t->kind != SYN_NAME) return false;
    sdp_stem(t->text, stem);
    return one_of(stem, data);
}

static sums find_sums(const sdp_terms *w, const sdp_guess *a)
{
    sdp_base *b = &w->g->base;
    size_t n = w->n + (size_t)1;
    sums s = {sdp_scratch(b, n * sizeof *s.parent), sdp_scratch(b, n * sizeof *s.top), sdp_scratch(b, n),
              sdp_scratch(b, n)};
    for (uint32_t i = 0; i < w->n; i++)
        for (uint32_t k = 0; k < w->t[i].nargs; k++) s.parent[w->t[i].arg[k]] = i + 1;
    for (uint32_t i = w->n; i-- > 0;) {
        const sdp_term *t = &w->t[i], *up = s.parent[i] ? &w->t[s.parent[i] - 1] : NULL;
        bool inside = up && (is_sum(up) || (up->kind == SYN_CALL && up->op == SDP_OP_neg));
        s.top[i] = inside ? s.top[s.parent[i] - 1] : i;
        if (t->kind != SYN_CALL) continue;
        s.data[s.top[i]] |= t->op == SDP_OP_mul && is_data(&w->t[t->arg[0]]);
        s.line[s.top[i]] |=
            sdp_numpy_arithmetic(t) == SDP_OP_mul && a[t->arg[0]] == OPEN && a[t->arg[1]] == COLUMN;
    }
    return s;
}

// b of A*x-b and softmax(W*x+b) has the shape of what it is added to, Y of X@w-Y in NumPy, too; that of X*w+b
// is a number, and so is what is added to a line.
void sdp_roles_in_sums(sdp_habits *h)
{
    const sdp_terms *w = h->w;
    const sdp_guess *a = sdp_guess_all(h);
    bool *array = sdp_scratch(&w->g->base, h->n + (size_t)1),
         *other = sdp_scratch(&w->g->base, h->n + (size_t)1);
    bool *intercept = sdp_scratch(&w->g->base, h->n + (size_t)1),
         *residual = sdp_scratch(&w->g->base, h->n + (size_t)1);
    sums s = find_sums(w, a);
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        for (uint32_t k = 0; k < t->nargs; k++) {
            const sdp_unknown *u = sdp_unknown_of(h, &w->t[t->arg[k]]);
            if (!u) continue;
            sdp_guess beside = is_sum(t) ? a[t->arg[1 - k]] : NUMBER;
            residual[u - h->u] |= beside == COLUMN && sdp_is_numpy(t) &&
                                  w->t[t->arg[1 - k]].kind == SYN_CALL &&
                                  w->t[t->arg[1 - k]].op == SDP_OP_mul;
            if (beside == COLUMN && s.line[s.top[i]]) other[u - h->u] = true;
            else if (beside == COLUMN && s.data[s.top[i]]) intercept[u - h->u] = true;
            else if (beside == COLUMN) array[u - h->u] = true;
            else other[u - h->u] |= t->op != SDP_OP_neg;
        }
    }
    for (uint32_t i = 0; i < h->n; i++) {
        sdp_unknown *u = &h->u[i];
        bool open = u->price[SCALAR] == 0 && (u->why & (1u << SDP_BY_NAME)),
             late = w->g->var[u->var].name[strlen(w->g->var[u->var].name) - 1] == '0';
        char stem[256];
        sdp_stem(w->g->var[u->var].name, stem);
        if (residual[i] && u->price[MATRIX] == 0) sdp_set_evidence(u, SDP_ADDED_TO_ARRAY);
        else if (intercept[i] && !array[i] && (open || late)) sdp_set_evidence(u, SDP_AS_INTERCEPT);
        else if (array[i] && !intercept[i] && !other[i] && open && !sdp_is_number_stem(stem))
            sdp_set_evidence(u, SDP_ADDED_TO_ARRAY);
    }
}

// Does x - mu at term i end, through powers and factors, under a sum or mean of entries?
static bool is_summed(const sdp_terms *w, const sums *s, uint32_t i)
{
    static const int through[] = {SDP_OP_pow_, SDP_OP_epow, SDP_OP_mul, SDP_OP_div, SDP_OP_emul,
                                  SDP_OP_ediv, SDP_OP_neg,  SDP_OP_add, SDP_OP_sub};
    for (uint32_t up = s->parent[i]; up; up = s->parent[up - 1]) {
        const sdp_term *t = &w->t[up - 1];
        bool passes = false;
        for (size_t k = 0; k < sizeof through / sizeof *through; k++)
            passes |= t->kind == SYN_CALL && t->op == through[k];
        if (!passes) return t->kind == SYN_CALL && (t->op == SDP_OP_sum || t->op == SDP_OP_mean);
    }
    return false;
}

// mu of sum((x-mu).^2)/(2*sigma^2), beside a number sigma, is the mean of a sample: a number.
void sdp_roles_of_means(sdp_habits *h)
{
    const sdp_terms *w = h->w;
    const sdp_guess *a = sdp_guess_all(h);
    sdp_unknown *mu = NULL;
    bool deviation = false, only = true;
    char stem[256];
    for (uint32_t i = 0; i < h->n; i++) {
        sdp_stem(w->g->var[h->u[i].var].name, stem);
        if (!strcmp(stem, "mu") && h->u[i].why == 1u << SDP_BY_LETTER && !h->u[i].given) mu = &h->u[i];
        deviation |= !strcmp(stem, "sigma") && h->u[i].price[SCALAR] == 0;
    }
    if (!mu || !deviation) return;
    sums s = find_sums(w, a);
    for (uint32_t i = 0; i < w->n && only; i++)
        for (uint32_t k = 0; k < w->t[i].nargs; k++) {
            const sdp_term *t = &w->t[i];
            if (sdp_unknown_of(h, &w->t[t->arg[k]]) != mu) continue;
            only &= is_sum(t) && w->t[t->arg[1 - k]].kind == SYN_NAME && a[t->arg[1 - k]] == COLUMN &&
                    is_summed(w, &s, i);
        }
    if (only) sdp_set_evidence(mu, SDP_AS_MEAN);
}

// In NumPy a quotient by n may be one by a vector. i to n are counts, unless they are used like arrays.
void sdp_roles_of_counts(sdp_habits *h)
{
    for (uint32_t i = 0; i < h->w->n; i++) {
        sdp_unknown *u = sdp_unknown_of(h, &h->w->t[i]);
        const char *name = h->w->t[i].text;
        if (u && sdp_is_numpy(&h->w->t[i]) && !name[1] && sdp_is_index_letter(name[0]) &&
            (u->why & (1u << SDP_BY_LETTER)))
            sdp_set_evidence(u, SDP_BY_NAME);
    }
}

// In NumPy a product says nothing of its factors. A name that is nowhere but beside a sum of entries, a norm,
// or x@y is a number.
void sdp_roles_of_measures(sdp_habits *h)
{
    const sdp_terms *w = h->w;
    const sdp_guess *a = sdp_guess_all(h);
    bool *measure = sdp_scratch(&w->g->base, w->n + (size_t)1),
         *other = sdp_scratch(&w->g->base, h->n + (size_t)1);
    for (uint32_t i = 0; i < w->n; i++)
        measure[i] = w->t[i].kind == SYN_CALL && sdp_is_numpy(&w->t[i]) && a[i] == NUMBER &&
                     sdp_speaks_of_vectors(w->g, &w->t[i]);
    const sdp_numpy_place *place = sdp_numpy_places(w, measure);
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < w->n; i++) {
            sdp_unknown *u = sdp_unknown_of(h, &w->t[i]);
            if (u && !pass) other[u - h->u] |= place[i].elsewhere;
            else if (u && place[i].beside && !other[u - h->u] && (u->why & (1u << SDP_BY_LETTER)))
                sdp_set_evidence(u, SDP_AMONG_NUMBERS);
        }
}
