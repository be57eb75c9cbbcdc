// SPDX-License-Identifier: MIT
// The evidence in a text for the kind of an undeclared name: the price of each kind (number, vector, matrix).
//
// The letter is the weakest evidence: it makes the first prices. What stands around the name changes them: a
// transpose, a matrix in front, what it is added to. One table has all prices and the sentence for each,
// which `symdiff explain` prints. Roles in sums are found by role.c, numbers with capital letters by
// number.c. Entry: sdp_evidence.
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
    [SDP_BY_LETTER] = {{4, 0, 7},
                       true,
                       "among vectors and matrices the letters h to z and Greek letters are vectors"},
    [SDP_BY_NAME] = {{0, 4, 7}, true, "the letters a to g, and names such as N, lambda, sigma, are numbers"},
    [SDP_BY_NOTHING] = {{0, 4, 7}, true, "nothing here speaks of vectors or matrices"},
    [SDP_BY_DATA] = {{0, 0, 0}, true, "its data says so"},
    [SDP_BY_DEFINITION] = {{2, 1, 0}, true, "it has the shape of its definition"},
    [SDP_BY_USE] = {{6, 0, 0}, false, "it is transposed, summed, indexed or measured by a norm"},
    [SDP_BEHIND_MATRIX] = {{2, 0, 0}, false, "it stands behind a matrix"},
    [SDP_IN_VECTOR_PLACE] = {{6, 2, 7}, true, "it stands where a vector stands"},
    [SDP_AS_ENTRY] = {{0, 4, 7}, true, "it is part of an entry of a bracket"},
    [SDP_ADDED_TO_ARRAY] = {{4, 0, 7}, true, "it is only added to a vector, and has its shape"},
    [SDP_AS_INTERCEPT] = {{0, 4, 7}, true, "it is the intercept of a data matrix"},
    [SDP_HAS_SAMPLES] = {{9, 0, 3}, true, "it has entries or rows: x_i"},
    [SDP_HAS_VECTORS] = {{9, 9, 0},
                         true,
                         "its rows x_i are transposed, measured by a norm, or stand behind a matrix"},
    [SDP_AS_MEAN] = {{0, 4, 7}, true, "it is the mean of a sample, beside a number sigma"},
    [SDP_AMONG_NUMBERS] = {{0, 5, 6}, true, "it is only added to and multiplied with numbers"},
};

const char *sdp_evidence_text(uint32_t row) { return evidence[row].why; }

void sdp_set_evidence(sdp_unknown *u, uint32_t row)
{
    if (evidence[row].set) u->why = 0;
    u->why |= 1u << row;
    for (int k = 0; k < KINDS; k++)
        u->price[k] = (uint16_t)(evidence[row].price[k] + (evidence[row].set ? 0 : u->price[k]));
}

// ---- letters ----------------------------------------------------------------------------------------------

static const char *const numbers[] = {"N",       "lambda", "eta", "alpha", "sigma", "gamma",
                                      "epsilon", "eps",    "rho", "tau",   "delta", "kappa",
                                      "lam",     "lr",     "tol", "nu",    "pi",    NULL};

size_t sdp_stem_length(const char *name)
{
    size_t n = strlen(name);
    while (n > 1 && ((name[n - 1] >= '0' && name[n - 1] <= '9') || name[n - 1] == '_')) n--;
    return n;
}

// The key of a name without the number behind it.
void sdp_stem(const char *name, char stem[256])
{
    stem[0] = 0;
    if (SDP_KEY_ROOM * strlen(name) >= 256) return;
    sdp_name_key(name, stem);
    stem[sdp_stem_length(stem)] = 0;
}

bool sdp_is_number_stem(const char *stem)
{
    for (const char *const *n = numbers; *n; n++)
        if (!strcmp(stem, *n)) return true;
    return false;
}

bool sdp_is_matrix_name(const char *name)
{
    char stem[256];
    sdp_stem(name, stem);
    return stem[0] >= 'A' && stem[0] <= 'Z' && !sdp_is_number_stem(stem);
}

bool sdp_is_column_letter(const char *name)
{
    return name[0] >= 'u' && name[0] <= 'z' && sdp_stem_length(name) == 1;
}

static void by_letter(sdp_unknown *u, const char *name, bool vectors)
{
    char stem[256];
    sdp_stem(name, stem);
    bool greek = sdp_is_greek_name(name), late = (unsigned char)stem[0] >= 'h' || greek;
    if (sdp_is_number_stem(stem)) sdp_set_evidence(u, SDP_BY_NAME);
    else if (sdp_is_matrix_name(name)) sdp_set_evidence(u, SDP_BY_CAPITAL);
    else if (!late) sdp_set_evidence(u, SDP_BY_NAME);
    else sdp_set_evidence(u, vectors ? SDP_BY_LETTER : SDP_BY_NOTHING);
}

// ---- what stands around a name ----------------------------------------------------------------------------

// The operations that only make sense with vectors or matrices.
static bool speaks_of_vectors(const sdp_term *t)
{
    static const uint16_t ops[] = {SDP_OP_transpose, SDP_OP_emul,  SDP_OP_ediv,    SDP_OP_epow,
                                   SDP_OP_ldiv,      SDP_OP_index, SDP_OP_bracket, SDP_OP_ones,
                                   SDP_OP_zeros,     SDP_OP_eye,   SDP_OP_vector,  SDP_OP_matrix};
    if (t->kind != SYN_CALL || t->op == SDP_OP_bars) return false; // |x| may well be a number's
    bool entries = t->op == SDP_OP_emul || t->op == SDP_OP_ediv || t->op == SDP_OP_epow;
    if (t->own && entries) return false; // of the formula of sec, 1./cos(x)
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

bool sdp_speaks_of_vectors(const sdp_graph *g, const sdp_term *t)
{
    return speaks_of_vectors(t) || calls_with_vectors(g, t);
}

// Its argument should not be a scalar: x', norm(x), sum(x), x[1] ...
static bool wants_a_tensor(const sdp_term *t)
{
    if (t->op == SDP_OP_epow && !sdp_is_numpy(t) && !t->own) return true; // nobody types sigma.^2 of a number
    return speaks_of_vectors(t) && t->op != SDP_OP_ones && t->op != SDP_OP_zeros && t->op != SDP_OP_eye &&
           t->op != SDP_OP_vector && t->op != SDP_OP_matrix && t->op != SDP_OP_bracket &&
           t->op != SDP_OP_row && t->op != SDP_OP_inv && t->op != SDP_OP_emul && t->op != SDP_OP_ediv &&
           t->op != SDP_OP_epow;
}

// The value is a square matrix whatever stands inside: inv(X), expm(X).
static bool is_square(const sdp_term *t) { return sdp_shape_rules[sdp_ops[t->op].shape].traits & SDP_SQUARE; }

// Does each term end with a matrix by habit (A, X^3, A.*B, inv(X), diag(x)), or with something transposed
// (x')? What follows it in a product is not a scalar: those stand in front.
static const bool *ends_with_matrix(const sdp_terms *w)
{
    bool *ends = sdp_scratch(&w->g->base, w->n + 1);
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        bool chain = t->op == SDP_OP_mul || t->op == SDP_OP_pow_ || t->op == SDP_OP_emul ||
                     t->op == SDP_OP_add || t->op == SDP_OP_sub;
        if (t->kind == SYN_NAME) ends[i] = sdp_is_matrix_name(t->text);
        else if (t->kind == SYN_CALL && chain)
            ends[i] = ends[t->arg[t->op == SDP_OP_pow_ ? 0 : t->nargs - 1]];
        else if (t->kind == SYN_CALL && t->op == SDP_OP_diag)
            ends[i] = !ends[t->arg[0]]; // of a matrix it is a vector
        else ends[i] = t->kind == SYN_CALL && (t->op == SDP_OP_transpose || is_square(t));
    }
    return ends;
}

sdp_unknown *sdp_unknown_of(const sdp_habits *h, const sdp_term *t)
{
    return t->kind == SYN_NAME && t->var != UINT32_MAX && h->of_var[t->var] ? &h->u[h->of_var[t->var] - 1]
                                                                            : NULL;
}

static void by_use(sdp_habits *h)
{
    const sdp_terms *w = h->w;
    const bool *ends = ends_with_matrix(w);
    bool algebra = false; // more than products of capital letters
    for (uint32_t i = 0; i < w->n; i++) algebra |= speaks_of_vectors(&w->t[i]);
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        bool arrays = t->kind == SYN_CALL && t->op == SDP_OP_mul && sdp_is_numpy(t); // x@y
        bool product = t->kind == SYN_CALL && t->op == SDP_OP_mul && ends[t->arg[0]] && !arrays;
        if (!product && !wants_a_tensor(t)) continue;
        for (uint32_t k = product ? 1 : 0; k < (product || arrays ? 2u : 1u); k++) {
            sdp_unknown *u = sdp_unknown_of(h, &w->t[t->arg[k]]);
            if (!u || u->price[SCALAR] >= 6) continue;
            char stem[256];
            sdp_stem(w->g->var[u->var].name, stem);
            if (product && !algebra && sdp_is_number_stem(stem)) continue; // A*sigma*T^4
            bool early = u->price[VECTOR] == 4;                            // a..g
            if (early) sdp_set_evidence(u, SDP_IN_VECTOR_PLACE);
            else
                sdp_set_evidence(u, product && (u->price[SCALAR] == 4 ||
                                                (u->why == 1u << SDP_BY_CAPITAL && !algebra))
                                        ? SDP_BEHIND_MATRIX
                                        : SDP_BY_USE);
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
            sdp_unknown *u = sdp_is_sample(t) ? sdp_unknown_of(h, &w->t[t->arg[0]]) : NULL;
            if (u && (!strong || vector[i])) sdp_set_evidence(u, strong ? SDP_HAS_VECTORS : SDP_HAS_SAMPLES);
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

// Is t a product [cos(t), -sin(t); sin(t), cos(t)]*[x; y]: a table of numbers by a column?
static bool is_table_by_column(const sdp_terms *w, const sdp_term *t, const bool *vectors)
{
    if (t->kind != SYN_CALL || t->op != SDP_OP_mul || !is_table(w, &w->t[t->arg[0]], vectors)) return false;
    const sdp_term *x = &w->t[t->arg[1]];
    return x->kind == SYN_CALL && x->op == SDP_OP_bracket && x->nargs == w->t[w->t[t->arg[0]].arg[0]].nargs;
}

// In [r*cos(t); r*sin(t)] nothing but numbers is meant: formulas without vectors are entries, and all of [a,
// b; c, d] is. [x; z] stacks vectors.
static void note_entries(sdp_habits *q)
{
    sdp_terms *w = q->w;
    const bool *ends = ends_with_matrix(w);
    bool *vectors = sdp_scratch(&w->g->base, w->n + 1), *entry = sdp_scratch(&w->g->base, w->n + 1);
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        bool name = t->kind == SYN_NAME && t->var != UINT32_MAX;
        vectors[i] = speaks_of_vectors(t) || ends[i] ||
                     (name && !q->of_var[t->var] && !sdp_is_scalar(w->g->var[t->var].shape));
        for (uint32_t k = 0; k < t->nargs; k++) vectors[i] |= vectors[t->arg[k]];
    }
    for (uint32_t i = w->n; i-- > 0;) {
        const sdp_term *t = &w->t[i];
        bool row = t->kind == SYN_CALL && t->op == SDP_OP_row;
        entry[i] |= is_table(w, t, vectors);
        if (is_table_by_column(w, t, vectors)) entry[t->arg[1]] = true;
        for (uint32_t k = 0; k < t->nargs; k++)
            entry[t->arg[k]] |= entry[i] || (row && w->t[t->arg[k]].kind == SYN_CALL && !vectors[t->arg[k]]);
        if (entry[i] && t->kind == SYN_NAME && t->var != UINT32_MAX && q->of_var[t->var])
            sdp_set_evidence(&q->u[q->of_var[t->var] - 1], SDP_AS_ENTRY);
    }
}

// A definition by which is derived: nothing else tells of its variable. It has as many axes as the definition
// lets it have: a number would make W of W*x a row.
static void by_definition(sdp_habits *h)
{
    for (uint32_t i = 0; i < h->w->n; i++) {
        const sdp_term *t = &h->w->t[i];
        sdp_unknown *u =
            t->kind == SYN_CALL && t->op == SDP_OP_cut ? sdp_unknown_of(h, &h->w->t[t->arg[0]]) : NULL;
        if (u) sdp_set_evidence(u, SDP_BY_DEFINITION);
    }
}

static void by_text(sdp_habits *h, bool vectors)
{
    if (!h->n) return; // as in the texts of tables
    for (uint32_t i = 0; i < h->n; i++) by_letter(&h->u[i], h->w->g->var[h->u[i].var].name, vectors);
    if (vectors && sdp_is_about_numbers(h)) {
        for (uint32_t i = 0; i < h->n; i++)
            sdp_set_evidence(&h->u[i], sdp_is_matrix_name(h->w->g->var[h->u[i].var].name) ? SDP_AMONG_NUMBERS
                                                                                          : SDP_BY_NOTHING);
        return;
    }
    note_entries(h);
    sdp_roles_of_counts(h);
    sdp_roles_in_numpy(h);
    by_use(h);
    sdp_roles_of_measures(h);
    by_samples(h);
    sdp_roles_of_numbers(h);
    sdp_roles_in_sums(h);
    sdp_roles_of_means(h);
}

void sdp_evidence(sdp_habits *h, bool vectors)
{
    by_text(h, vectors);
    by_definition(h);
}
