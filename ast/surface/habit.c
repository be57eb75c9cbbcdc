// SPDX-License-Identifier: MIT
// What the text says about an undeclared name, and what each kind of it costs.
//
// The letter is the weakest evidence: it makes the first prices. What stands around the name changes them: a transpose, a
// matrix in front, what it is added to. One table has all prices and the sentence for each, which `symdiff explain` prints.
// Roles come from guessing the kind of every term by the prices so far, in one loop over the terms. Entry: sdp_evidence.
#include "ast/surface/habit.h"

#include <string.h>

enum { SCALAR = SDP_SCALAR, VECTOR = SDP_VECTOR, MATRIX = SDP_MATRIX, KINDS = SDP_KINDS };

// Rows that set the prices of scalar, vector and matrix, and rows (set: false) that add to them.
static const struct {
    uint16_t price[SDP_KINDS];
    bool set;
    const char *why;
} evidence[SDP_EVIDENCE_COUNT] = {
    [SDP_BY_CAPITAL] = {{5, 3, 0}, true, "a capital letter is a matrix"},
    [SDP_BY_LETTER] = {{4, 0, 7}, true, "among vectors and matrices the letters h to z and Greek letters are vectors"},
    [SDP_BY_NAME] = {{0, 4, 7}, true, "the letters a to g, and names such as N, lambda, sigma, are numbers"},
    [SDP_BY_NOTHING] = {{0, 4, 7}, true, "nothing here speaks of vectors or matrices"},
    [SDP_BY_DATA] = {{0, 0, 0}, true, "its data says so"},
    [SDP_BY_USE] = {{6, 0, 0}, false, "it is transposed, summed, indexed or measured by a norm"},
    [SDP_BEHIND_MATRIX] = {{2, 0, 0}, false, "it stands behind a matrix"},
    [SDP_IN_VECTOR_PLACE] = {{6, 2, 7}, true, "it stands where a vector stands"},
    [SDP_AS_ENTRY] = {{0, 4, 7}, true, "it is part of an entry of a bracket"},
    [SDP_ADDED_TO_ARRAY] = {{4, 0, 7}, true, "it is only added to a vector, and has its shape"},
    [SDP_AS_INTERCEPT] = {{0, 4, 7}, true, "it is the intercept of a data matrix"},
    [SDP_HAS_SAMPLES] = {{9, 0, 3}, true, "it has entries or rows: x_i"},
    [SDP_HAS_VECTORS] = {{9, 9, 0}, true, "its rows x_i are transposed, measured by a norm, or stand behind a matrix"},
    [SDP_AMONG_NUMBERS] = {{0, 5, 6}, true, "it is only added to and multiplied with numbers"},
};

const char *sdp_evidence_text(uint32_t row) { return evidence[row].why; }

static void set(sdp_unknown *u, uint32_t row)
{
    if (evidence[row].set) u->why = 0;
    u->why |= 1u << row;
    for (int k = 0; k < KINDS; k++) u->price[k] = (uint16_t)(evidence[row].price[k] + (evidence[row].set ? 0 : u->price[k]));
}

// ---- letters ------------------------------------------------------------------------------------------------------

static bool one_of(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(name, *list)) return true;
    return false;
}

static const char *const numbers[] = {"N", "lambda", "eta", "alpha", "sigma", "gamma", "epsilon", "eps", "rho", "tau", "delta", "kappa",
                                      "lam", "lr", "tol", "nu", "pi", NULL};

size_t sdp_stem_length(const char *name)
{
    size_t n = strlen(name);
    while (n > 1 && ((name[n - 1] >= '0' && name[n - 1] <= '9') || name[n - 1] == '_')) n--;
    return n;
}

// The key of a name without the number behind it.
static void stem_of(const char *name, char stem[256])
{
    stem[0] = 0;
    if (SDP_KEY_ROOM * strlen(name) >= 256) return;
    sdp_name_key(name, stem);
    stem[sdp_stem_length(stem)] = 0;
}

bool sdp_is_matrix_name(const char *name)
{
    char stem[256];
    stem_of(name, stem);
    return stem[0] >= 'A' && stem[0] <= 'Z' && !one_of(stem, numbers);
}

static void by_letter(sdp_unknown *u, const char *name, bool vectors)
{
    char stem[256];
    stem_of(name, stem);
    bool greek = sdp_is_greek_name(name), late = (unsigned char)stem[0] >= 'h' || greek;
    if (one_of(stem, numbers)) set(u, SDP_BY_NAME);
    else if (sdp_is_matrix_name(name)) set(u, SDP_BY_CAPITAL);
    else if (!late) set(u, SDP_BY_NAME);
    else set(u, vectors ? SDP_BY_LETTER : SDP_BY_NOTHING);
}

// ---- what stands around a name --------------------------------------------------------------------------------------

// The operations that only make sense with vectors or matrices.
static bool speaks_of_vectors(const sdp_term *t)
{
    static const uint16_t ops[] = {SDP_OP_transpose, SDP_OP_emul, SDP_OP_ediv, SDP_OP_epow, SDP_OP_ldiv, SDP_OP_index, SDP_OP_bracket,
                                   SDP_OP_ones, SDP_OP_zeros, SDP_OP_eye, SDP_OP_vector, SDP_OP_matrix};
    if (t->kind != SYN_CALL || t->op == SDP_OP_bars) return false; // |x| may well be a number's
    if (sdp_is_numpy(t) && t->op != sdp_numpy_arithmetic(t)) return t->op == SDP_OP_mul;
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (ops[i] == t->op) return true;
    return !(sdp_shape_rules[sdp_ops[t->op].shape].traits & SDP_NEUTRAL);
}

// f(x) where a vector or matrix goes in or comes out
static bool calls_with_vectors(const sdp_graph *g, const sdp_term *t)
{
    if (!t->called) return false;
    const sdp_variable *f = &g->var[t->called->function];
    bool any = !sdp_is_scalar(f->shape);
    for (uint32_t i = 0; i < f->nparams; i++) any |= !sdp_is_scalar(f->param[i]);
    return any;
}

bool sdp_speaks_of_vectors(const sdp_graph *g, const sdp_term *t) { return speaks_of_vectors(t) || calls_with_vectors(g, t); }

// Its argument should not be a scalar: x', norm(x), sum(x), x[1] ...
static bool wants_a_tensor(const sdp_term *t)
{
    return speaks_of_vectors(t) && t->op != SDP_OP_ones && t->op != SDP_OP_zeros && t->op != SDP_OP_eye && t->op != SDP_OP_vector &&
           t->op != SDP_OP_matrix && t->op != SDP_OP_bracket && t->op != SDP_OP_row && t->op != SDP_OP_inv && t->op != SDP_OP_emul &&
           t->op != SDP_OP_ediv && t->op != SDP_OP_epow;
}

// The value is a square matrix whatever stands inside: inv(X), expm(X).
static bool is_square(const sdp_term *t) { return sdp_shape_rules[sdp_ops[t->op].shape].traits & SDP_SQUARE; }

// Does each term end with a matrix by habit (A, X^3, A.*B, inv(X), diag(x)), or with something transposed (x')? What follows
// it in a product is not a scalar: those stand in front.
static const bool *ends_with_matrix(const sdp_terms *w)
{
    bool *ends = sdp_scratch(&w->g->base, w->n + 1);
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        bool chain = t->op == SDP_OP_mul || t->op == SDP_OP_pow_ || t->op == SDP_OP_emul || t->op == SDP_OP_add || t->op == SDP_OP_sub;
        if (t->kind == SYN_NAME) ends[i] = sdp_is_matrix_name(t->text);
        else if (t->kind == SYN_CALL && chain) ends[i] = ends[t->arg[t->op == SDP_OP_pow_ ? 0 : t->nargs - 1]];
        else if (t->kind == SYN_CALL && t->op == SDP_OP_diag) ends[i] = !ends[t->arg[0]]; // of a matrix it is a vector
        else ends[i] = t->kind == SYN_CALL && (t->op == SDP_OP_transpose || is_square(t));
    }
    return ends;
}

static bool is_sample(const sdp_term *t) { return t->role == SDP_PART && t->nargs == 4; } // x_i

static sdp_unknown *unknown_of(const sdp_habits *h, const sdp_term *t)
{
    return t->kind == SYN_NAME && t->var != UINT32_MAX && h->of_var[t->var] ? &h->u[h->of_var[t->var] - 1] : NULL;
}

static void by_use(sdp_habits *h)
{
    const sdp_terms *w = h->w;
    const bool *ends = ends_with_matrix(w);
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        bool arrays = t->kind == SYN_CALL && t->op == SDP_OP_mul && sdp_is_numpy(t); // x@y
        bool product = t->kind == SYN_CALL && t->op == SDP_OP_mul && ends[t->arg[0]] && !arrays;
        if (!product && !wants_a_tensor(t)) continue;
        for (uint32_t k = product ? 1 : 0; k < (product || arrays ? 2u : 1u); k++) {
            sdp_unknown *u = unknown_of(h, &w->t[t->arg[k]]);
            if (!u || u->price[SCALAR] >= 6) continue;
            bool early = u->price[VECTOR] == 4; // a..g
            if (early) set(u, SDP_IN_VECTOR_PLACE);
            else set(u, product && u->price[SCALAR] == 4 ? SDP_BEHIND_MATRIX : SDP_BY_USE);
        }
    }
}

// x_i: an entry of a vector, or a row of a matrix if what stands around it is for vectors.
static void by_samples(sdp_habits *h)
{
    const sdp_terms *w = h->w;
    const bool *ends = ends_with_matrix(w);
    bool *vector = sdp_scratch(&w->g->base, w->n + (size_t)1);
    for (uint32_t i = w->n; i-- > 0;) { // what stands below a norm or transpose, through sums and differences
        const sdp_term *t = &w->t[i];
        if (t->kind != SYN_CALL) continue;
        bool sum = t->op == SDP_OP_add || t->op == SDP_OP_sub || t->op == SDP_OP_neg;
        bool asks = t->op == SDP_OP_transpose || t->op == SDP_OP_norm || (sum && vector[i]);
        for (uint32_t k = 0; asks && k < t->nargs; k++) vector[t->arg[k]] = true;
        if (t->op == SDP_OP_mul && ends[t->arg[0]]) vector[t->arg[1]] = true;
    }
    for (int strong = 0; strong < 2; strong++)
        for (uint32_t i = 0; i < w->n; i++) {
            const sdp_term *t = &w->t[i];
            sdp_unknown *u = is_sample(t) ? unknown_of(h, &w->t[t->arg[0]]) : NULL;
            if (u && (!strong || vector[i])) set(u, strong ? SDP_HAS_VECTORS : SDP_HAS_SAMPLES);
        }
}

// Does a bracket with rows and columns speak of no vectors: [a, b; c, d]?
static bool is_table(const sdp_terms *w, const sdp_term *t, const bool *vectors)
{
    if (t->kind != SYN_CALL || t->op != SDP_OP_bracket || t->nargs < 2) return false;
    for (uint32_t i = 0; i < t->nargs; i++) {
        const sdp_term *row = &w->t[t->arg[i]];
        for (uint32_t k = 0; k < row->nargs; k++)
            if (row->nargs < 2 || vectors[row->arg[k]]) return false;
    }
    return true;
}

// In [r*cos(t); r*sin(t)] nothing but numbers is meant: formulas without vectors are entries, and all of [a, b; c, d] is.
// [x; z] stacks vectors.
static void note_entries(sdp_habits *q)
{
    sdp_terms *w = q->w;
    const bool *ends = ends_with_matrix(w);
    bool *vectors = sdp_scratch(&w->g->base, w->n + 1), *entry = sdp_scratch(&w->g->base, w->n + 1);
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        bool name = t->kind == SYN_NAME && t->var != UINT32_MAX;
        vectors[i] = speaks_of_vectors(t) || ends[i] || (name && !q->of_var[t->var] && !sdp_is_scalar(w->g->var[t->var].shape));
        for (uint32_t k = 0; k < t->nargs; k++) vectors[i] |= vectors[t->arg[k]];
    }
    for (uint32_t i = w->n; i-- > 0;) {
        const sdp_term *t = &w->t[i];
        bool row = t->kind == SYN_CALL && t->op == SDP_OP_row;
        entry[i] |= is_table(w, t, vectors);
        for (uint32_t k = 0; k < t->nargs; k++) entry[t->arg[k]] |= entry[i] || (row && w->t[t->arg[k]].kind == SYN_CALL && !vectors[t->arg[k]]);
        if (entry[i] && t->kind == SYN_NAME && t->var != UINT32_MAX && q->of_var[t->var]) set(&q->u[q->of_var[t->var] - 1], SDP_AS_ENTRY);
    }
}

// ---- roles ----------------------------------------------------------------------------------------------------------

// The kind of a term if all guesses hold. OPEN: a number by its letter, which may as well have the shape of an array.
typedef enum { NUMBER, OPEN, COLUMN, ROW, TABLE } guess;

static guess guess_name(const sdp_habits *h, const sdp_term *t)
{
    const sdp_unknown *u = unknown_of(h, t);
    if (!u) {
        if (t->var == UINT32_MAX) return NUMBER;
        sdp_shape s = h->w->g->var[t->var].shape;
        return sdp_is_scalar(s) ? NUMBER : sdp_is_matrix(s) ? TABLE : s.cols == SDP_DIM_ONE ? COLUMN : ROW;
    }
    if (u->given) return u->given - 1 == MATRIX ? TABLE : u->given - 1 == VECTOR ? COLUMN : NUMBER;
    if (u->price[MATRIX] == 0) return TABLE;
    if (u->price[SCALAR] > u->price[VECTOR]) return COLUMN;
    char stem[256];
    stem_of(t->text, stem);
    return strlen(stem) == 1 && stem[0] >= 'a' && stem[0] < 'h' && !(u->why & (1u << SDP_AS_ENTRY)) ? OPEN : NUMBER;
}

static guess guess_product(guess a, guess b)
{
    if (a <= OPEN || b <= OPEN) return a <= OPEN ? (b <= OPEN ? NUMBER : b) : a;
    if (a == ROW) return b == COLUMN ? NUMBER : ROW;
    if (a == COLUMN) return b == ROW ? TABLE : COLUMN;
    return b == COLUMN ? COLUMN : TABLE;
}

static guess guess_call(const sdp_term *t, const guess *a)
{
    uint8_t habit = sdp_shape_rules[sdp_ops[t->op].shape].guess;
    guess first = t->nargs ? a[t->arg[0]] : NUMBER;
    bool flat = sdp_is_numpy(t);
    if (flat && t->op == SDP_OP_transpose) return first;
    if (flat && t->op == SDP_OP_mul) return first == COLUMN ? (a[t->arg[1]] == TABLE ? COLUMN : NUMBER) : a[t->arg[1]];
    if (t->op == SDP_OP_flat || t->op == SDP_OP_asrow || t->op == SDP_OP_ascolumn) return first;
    if (t->op == SDP_OP_transpose) return first == COLUMN ? ROW : first == ROW ? COLUMN : first;
    if (t->op == SDP_OP_mul) return guess_product(first, a[t->arg[1]]);
    if (t->op == SDP_OP_div || t->op == SDP_OP_pow_) return first;
    if (t->op == SDP_OP_ldiv) return a[t->arg[1]];
    if (t->op == SDP_OP_diag) return first == TABLE ? COLUMN : TABLE;
    if (t->op == SDP_OP_ones || t->op == SDP_OP_zeros || t->op == SDP_OP_vector) return t->nargs == 2 ? TABLE : COLUMN;
    if (t->op == SDP_OP_eye || t->op == SDP_OP_matrix || t->op == SDP_OP_bracket) return TABLE;
    if (habit == SDP_GUESS_FIRST) return first;
    if (t->op == SDP_OP_bars) return first == TABLE ? NUMBER : first;
    if (habit != SDP_GUESS_MOST) return habit == SDP_GUESS_NUMBER ? NUMBER : TABLE;
    guess most = NUMBER;
    for (uint32_t k = 0; k < t->nargs; k++)
        if (a[t->arg[k]] > most) most = a[t->arg[k]];
    return most == OPEN && t->nargs != 1 ? NUMBER : most;
}

static const guess *guess_all(const sdp_habits *h)
{
    guess *a = sdp_scratch(&h->w->g->base, (h->w->n + (size_t)1) * sizeof *a);
    for (uint32_t i = 0; i < h->w->n; i++) {
        const sdp_term *t = &h->w->t[i];
        if (t->kind == SYN_NAME) a[i] = guess_name(h, t);
        else if (t->kind == SYN_CALL) a[i] = guess_call(t, a);
        else if (t->role == SDP_PART) a[i] = is_sample(t) && a[t->arg[0]] == TABLE ? COLUMN : NUMBER;
        else if (t->role == SDP_OVER) a[i] = a[t->arg[t->nargs - 1]];
    }
    return a;
}

static bool is_sum(const sdp_term *t) { return t->kind == SYN_CALL && (t->op == SDP_OP_add || t->op == SDP_OP_sub); }

// Is X*w, of a data matrix, a term of this sum?
static bool has_data_product(const sdp_terms *w, uint32_t i)
{
    static const char *const data[] = {"X", "Z", "Phi", NULL};
    char stem[256];
    for (const sdp_term *t = &w->t[i];; t = &w->t[t->arg[0]]) {
        const sdp_term *p = is_sum(t) ? &w->t[t->arg[1]] : t;
        while (p->kind == SYN_CALL && p->op == SDP_OP_neg) p = &w->t[p->arg[0]];
        if (p->kind == SYN_CALL && p->op == SDP_OP_mul && w->t[p->arg[0]].kind == SYN_NAME) {
            stem_of(w->t[p->arg[0]].text, stem);
            if (one_of(stem, data)) return true;
        }
        if (!is_sum(t)) return false;
    }
}

// Is a number times a vector, b*x, a term of the sum that i belongs to? Then it is a line, and what is added to it a number.
static bool is_line(const sdp_terms *w, const guess *a, const uint32_t *parent, uint32_t i)
{
    while (parent[i] && is_sum(&w->t[parent[i] - 1])) i = parent[i] - 1;
    for (const sdp_term *t = &w->t[i];; t = &w->t[t->arg[0]]) {
        const sdp_term *p = is_sum(t) ? &w->t[t->arg[1]] : t;
        while (p->kind == SYN_CALL && p->op == SDP_OP_neg) p = &w->t[p->arg[0]];
        if (p->kind == SYN_CALL && sdp_numpy_arithmetic(p) == SDP_OP_mul && a[p->arg[0]] == OPEN && a[p->arg[1]] == COLUMN) return true;
        if (!is_sum(t)) return false;
    }
}

// b of A*x-b and softmax(W*x+b) has the shape of what it is added to, Y of X@w-Y in NumPy, too; that of X*w+b is a number.
static void by_sums(sdp_habits *h)
{
    const sdp_terms *w = h->w;
    const guess *a = guess_all(h);
    bool *array = sdp_scratch(&w->g->base, h->n + (size_t)1), *other = sdp_scratch(&w->g->base, h->n + (size_t)1);
    bool *intercept = sdp_scratch(&w->g->base, h->n + (size_t)1), *residual = sdp_scratch(&w->g->base, h->n + (size_t)1);
    uint32_t *parent = sdp_scratch(&w->g->base, (w->n + (size_t)1) * sizeof *parent);
    for (uint32_t i = 0; i < w->n; i++)
        for (uint32_t k = 0; k < w->t[i].nargs; k++) parent[w->t[i].arg[k]] = i + 1;
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        for (uint32_t k = 0; k < t->nargs; k++) {
            const sdp_unknown *u = unknown_of(h, &w->t[t->arg[k]]);
            if (!u) continue;
            guess beside = is_sum(t) ? a[t->arg[1 - k]] : NUMBER;
            residual[u - h->u] |= beside == COLUMN && sdp_is_numpy(t) && w->t[t->arg[1 - k]].kind == SYN_CALL && w->t[t->arg[1 - k]].op == SDP_OP_mul;
            if (beside == COLUMN && is_line(w, a, parent, i)) other[u - h->u] = true;
            else if (beside == COLUMN && has_data_product(w, t->arg[1 - k])) intercept[u - h->u] = true;
            else if (beside == COLUMN) array[u - h->u] = true;
            else other[u - h->u] |= t->op != SDP_OP_neg;
        }
    }
    for (uint32_t i = 0; i < h->n; i++) {
        sdp_unknown *u = &h->u[i];
        bool open = u->price[SCALAR] == 0 && (u->why & (1u << SDP_BY_NAME)), late = w->g->var[u->var].name[strlen(w->g->var[u->var].name) - 1] == '0';
        char stem[256];
        stem_of(w->g->var[u->var].name, stem);
        if (residual[i] && u->price[MATRIX] == 0) set(u, SDP_ADDED_TO_ARRAY);
        else if (intercept[i] && !array[i] && (open || late)) set(u, SDP_AS_INTERCEPT);
        else if (array[i] && !intercept[i] && !other[i] && open && !one_of(stem, numbers)) set(u, SDP_ADDED_TO_ARRAY);
    }
}

// The undeclared capital letters below a product of numbers and such: C of C*norm(w)^2. false: something else is there.
static bool factors(const sdp_habits *h, const guess *a, uint32_t i, uint32_t *list, uint32_t *n)
{
    const sdp_terms *w = h->w;
    uint32_t stack[32], depth = 0;
    stack[depth++] = i;
    while (depth) {
        const sdp_term *t = &w->t[stack[--depth]];
        bool product = t->kind == SYN_CALL && (sdp_numpy_arithmetic(t) == SDP_OP_mul || sdp_numpy_arithmetic(t) == SDP_OP_div || t->op == SDP_OP_neg || sdp_numpy_arithmetic(t) == SDP_OP_pow_);
        const sdp_unknown *u = unknown_of(h, t);
        if (a[t - w->t] <= OPEN) continue;
        if (u && u->price[MATRIX] == 0 && u->price[SCALAR] == 5) {
            if (*n == 32) return false;
            list[(*n)++] = (uint32_t)(u - h->u);
        } else if (!product || depth + t->nargs > 32) return false;
        else
            for (uint32_t k = 0; k < t->nargs; k++) stack[depth++] = t->arg[k];
    }
    return true;
}

// Vectors and matrices, or a determinant in bars.
static bool speaks_of_algebra(const sdp_habits *h, const guess *a, const sdp_term *t)
{
    return sdp_speaks_of_vectors(h->w->g, t) || (t->kind == SYN_CALL && t->op == SDP_OP_bars && a[t->arg[0]] == TABLE);
}

// Is t a product or quotient, which belongs to a larger one if its user is one, too?
static bool is_chain(const sdp_term *t)
{
    return t->kind == SYN_CALL && (sdp_numpy_arithmetic(t) == SDP_OP_mul || sdp_numpy_arithmetic(t) == SDP_OP_div || t->op == SDP_OP_neg);
}

// Where nothing speaks of vectors, A of A*K^alpha and T of k_B*T are numbers: each is multiplied with a number that has a name.
static bool by_products(sdp_habits *h, const guess *a)
{
    const sdp_terms *w = h->w;
    bool more = false, *inside = sdp_scratch(&w->g->base, w->n + (size_t)1), *named = sdp_scratch(&w->g->base, w->n + (size_t)1);
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        if (speaks_of_algebra(h, a, t)) return false;
        named[i] = t->kind == SYN_NAME && a[i] <= OPEN;
        for (uint32_t k = 0; k < t->nargs; k++) {
            named[i] |= named[t->arg[k]] && (is_chain(t) || a[i] <= OPEN);
            inside[t->arg[k]] |= is_chain(t) && is_chain(&w->t[t->arg[k]]);
        }
    }
    for (uint32_t i = 0; i < w->n; i++) {
        uint32_t list[32], n = 0;
        if (!is_chain(&w->t[i]) || inside[i] || !named[i] || !factors(h, a, i, list, &n)) continue;
        for (uint32_t k = 0; k < n; k++) set(&h->u[list[k]], SDP_AMONG_NUMBERS), more = true;
    }
    return more;
}

// A capital letter is a number if a product of it and numbers is added to a number, or if it has a power that only numbers
// have: C*norm(w)^2 + ..., K^alpha.
static void by_numbers(sdp_habits *h)
{
    const sdp_terms *w = h->w;
    bool more = true;
    for (int round = 0; more && round < 4; round++) {
        const guess *a = guess_all(h);
        more = by_products(h, a);
        for (uint32_t i = 0; i < w->n && !more; i++) {
            const sdp_term *t = &w->t[i];
            uint32_t list[32], n = 0;
            bool power = t->kind == SYN_CALL && sdp_numpy_arithmetic(t) == SDP_OP_pow_ && w->t[t->arg[1]].kind != SYN_NUMBER &&
                         !(w->t[t->arg[1]].kind == SYN_CALL && w->t[t->arg[1]].op == SDP_OP_neg) &&
                         !(w->t[t->arg[1]].kind == SYN_NAME && strlen(w->t[t->arg[1]].text) == 1 && strchr("ijklmnpqT", w->t[t->arg[1]].text[0]));
            if (power) (void)(factors(h, a, t->arg[0], list, &n) || (n = 0));
            for (uint32_t k = 0; is_sum(t) && k < 2; k++)
                if (a[t->arg[1 - k]] == NUMBER && w->t[t->arg[1 - k]].kind != SYN_NUMBER && !factors(h, a, t->arg[k], list, &n)) n = 0;
            for (uint32_t k = 0; k < n; k++) set(&h->u[list[k]], SDP_AMONG_NUMBERS), more = true;
        }
    }
}

// Formulas of physics: no operation of vectors or matrices, but a quotient by a capital letter, a sum or a power, a power of a
// small letter, or a sine. Then all letters are numbers: A*exp(-E/(R*T)).
static bool is_about_numbers(const sdp_habits *h)
{
    const sdp_terms *w = h->w;
    const guess *a = guess_all(h);
    bool found = false;
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        if (speaks_of_algebra(h, a, t) || (t->kind == SYN_NAME && !unknown_of(h, t) && t->var != UINT32_MAX)) return false;
        if (t->kind != SYN_CALL) continue;
        const sdp_term *by = sdp_numpy_arithmetic(t) == SDP_OP_div ? &w->t[t->arg[1]] : NULL, *base = sdp_numpy_arithmetic(t) == SDP_OP_pow_ ? &w->t[t->arg[0]] : NULL;
        found |= t->op == SDP_OP_sin || t->op == SDP_OP_cos || t->op == SDP_OP_tan;
        found |= by && (by->kind == SYN_CALL ? by->op != SDP_OP_sqrt : by->kind == SYN_NAME && sdp_is_matrix_name(by->text));
        found |= base && base->kind == SYN_NAME && unknown_of(h, base) && !sdp_is_matrix_name(base->text);
    }
    return found;
}

// In NumPy a quotient by n may be one by a vector. i to n are counts, unless they are used like arrays.
static void by_counts(sdp_habits *h)
{
    for (uint32_t i = 0; i < h->w->n; i++) {
        sdp_unknown *u = unknown_of(h, &h->w->t[i]);
        const char *name = h->w->t[i].text;
        if (u && sdp_is_numpy(&h->w->t[i]) && !name[1] && name[0] >= 'i' && name[0] <= 'n' && (u->why & (1u << SDP_BY_LETTER))) set(u, SDP_BY_NAME);
    }
}

// In NumPy a product says nothing of its factors. A name that is nowhere but beside a sum of entries, a norm, or x@y is a number.
static void by_measures(sdp_habits *h)
{
    const sdp_terms *w = h->w;
    const guess *a = guess_all(h);
    bool *measure = sdp_scratch(&w->g->base, w->n + (size_t)1), *other = sdp_scratch(&w->g->base, h->n + (size_t)1);
    for (uint32_t i = 0; i < w->n; i++) measure[i] = w->t[i].kind == SYN_CALL && sdp_is_numpy(&w->t[i]) && a[i] == NUMBER && speaks_of_vectors(&w->t[i]);
    const sdp_numpy_place *place = sdp_numpy_places(w, measure);
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < w->n; i++) {
            sdp_unknown *u = unknown_of(h, &w->t[i]);
            if (u && !pass) other[u - h->u] |= place[i].elsewhere;
            else if (u && place[i].beside && !other[u - h->u] && (u->why & (1u << SDP_BY_LETTER))) set(u, SDP_AMONG_NUMBERS);
        }
}

void sdp_evidence(sdp_habits *h, bool vectors)
{
    for (uint32_t i = 0; i < h->n; i++) by_letter(&h->u[i], h->w->g->var[h->u[i].var].name, vectors);
    if (vectors && is_about_numbers(h)) {
        for (uint32_t i = 0; i < h->n; i++) set(&h->u[i], sdp_is_matrix_name(h->w->g->var[h->u[i].var].name) ? SDP_AMONG_NUMBERS : SDP_BY_NOTHING);
        return;
    }
    note_entries(h);
    by_counts(h);
    by_use(h);
    by_measures(h);
    by_samples(h);
    by_numbers(h);
    by_sums(h);
}
