// SPDX-License-Identifier: MIT
// Shape inference: what is each undeclared variable, a scalar, a vector or a matrix?
//
// Habits give every variable a first guess, and every other kind a price. The shape rules say whether a choice
// is consistent; if it is not, they name two terms that disagree, and some variable below these must change.
// So the search is best-first over choices, cheapest first, and the first consistent one is the answer:
// the fewest and lightest departures from habit.
//
//   habit                                       kind     price of scalar, vector, matrix
//   capital letter                              matrix   5 3 0      (N: a scalar)
//   h..z, or a Greek letter, among vectors      vector   4 0 7
//   the same where nothing is a vector          scalar   0 4 7
//   a..g, lambda, eta, alpha, sigma, N ...      scalar   0 4 7
// A variable that is transposed, summed, indexed, measured by a norm or behind a matrix costs 6 more as a scalar; one of
// h..z behind a matrix only 2 more: in A*t it is a vector, but in expm(A*t) rather a scalar than a matrix.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ast/surface/terms.h"

enum { SCALAR, VECTOR, MATRIX, KINDS };
enum { EXPANSIONS = 4000, MOST_BELOW = 48 };
enum { SCALAR_WORTH = 8 }; // two vectors become scalars so that the value is one
enum { STRAIN = 6, FORBIDDEN = 10000 }; // prices: of sizes such as b = m+p-1, because b+1 = m+p; of a kind that data is not

typedef struct {
    uint32_t var;
    uint16_t price[KINDS];
    uint8_t given; // 1 + the kind of its data; 0: it has none
} unknown;

typedef struct { uint32_t cost; bool done, strained; uint8_t *kind; } state;

typedef struct {
    sdp_terms *w;
    unknown *u;
    uint32_t n;
    uint32_t *of_var; // index in u + 1, by variable
    state *s;
    uint32_t ns, cap, budget;
    uint32_t mark;
    bool scalar; // only a choice that makes the value a scalar is one
    bool loose;  // data tells kinds, not sizes
} search;

// ---- habits ---------------------------------------------------------------------------------------------------------

static bool one_of(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(name, *list)) return true;
    return false;
}

static const char *const scalars[] = {"N", "lambda", "λ", "eta", "η", "alpha", "α", "sigma", "σ", "gamma", "γ", "epsilon", "ε", "eps", "rho", "ρ",
                                      "tau", "τ", "delta", "δ", "kappa", "κ", "lam", "lr", "tol", "nu", "ν", "pi", NULL};

static size_t stem_length(const char *name)
{
    size_t n = strlen(name);
    while (n > 1 && ((name[n - 1] >= '0' && name[n - 1] <= '9') || name[n - 1] == '_')) n--;
    return n;
}

static const uint16_t scalar_price[KINDS] = {0, 4, 7};

static void price(unknown *u, const char *name, bool vectors)
{
    char stem[64];
    size_t n = stem_length(name);
    if (n >= sizeof stem) n = sizeof stem - 1;
    memcpy(stem, name, n);
    stem[n] = 0;
    unsigned char c = (unsigned char)name[0];
    static const uint16_t matrix[] = {5, 3, 0}, vector[] = {4, 0, 7};
    const uint16_t *const scalar = scalar_price, *p = scalar;
    if (one_of(stem, scalars)) p = scalar;
    else if (c >= 'A' && c <= 'Z') p = matrix;
    else if (c >= 'h' || strlen(stem) > 2) p = vectors ? vector : scalar;
    memcpy(u->price, p, sizeof u->price);
    if (c >= 'a' && c < 'h' && p != matrix && strlen(stem) > 2) memcpy(u->price, scalar, sizeof u->price);
    static const char *const greek_vectors[] = {"theta", "beta", "mu", "phi", "psi", "omega", "xi", "zeta", "chi", "upsilon", "iota", NULL};
    if (one_of(stem, greek_vectors)) memcpy(u->price, vectors ? vector : scalar, sizeof u->price);
}

// The operations that only make sense with vectors or matrices.
static bool speaks_of_vectors(const sdp_term *t)
{
    static const uint16_t ops[] = {SDP_OP_transpose, SDP_OP_emul, SDP_OP_ediv, SDP_OP_epow, SDP_OP_ldiv, SDP_OP_index, SDP_OP_bracket,
                                   SDP_OP_ones, SDP_OP_zeros, SDP_OP_eye, SDP_OP_vector, SDP_OP_matrix};
    if (t->kind != SYN_CALL || t->op == SDP_OP_bars) return false; // |x| may well be a number's
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (ops[i] == t->op) return true;
    const char *rule = sdp_ops[t->op].shape;
    return strcmp(rule, "apply") && strcmp(rule, "map") && strcmp(rule, "max") && strcmp(rule, "product") && strcmp(rule, "quotient") && strcmp(rule, "power") &&
           strcmp(rule, "gradient") && strcmp(rule, "hessian");
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

// Its argument should not be a scalar: x', norm(x), sum(x), x[1] ...
static bool wants_a_tensor(const sdp_term *t)
{
    return speaks_of_vectors(t) && t->op != SDP_OP_ones && t->op != SDP_OP_zeros && t->op != SDP_OP_eye && t->op != SDP_OP_vector &&
           t->op != SDP_OP_matrix && t->op != SDP_OP_bracket && t->op != SDP_OP_row && t->op != SDP_OP_inv && t->op != SDP_OP_emul &&
           t->op != SDP_OP_ediv && t->op != SDP_OP_epow;
}

// The value is a square matrix whatever stands inside: inv(X), expm(X).
static bool is_square(const sdp_term *t)
{
    const char *rule = sdp_ops[t->op].shape;
    return !strcmp(rule, "square") || !strcmp(rule, "square_function") || !strcmp(rule, "symmetric");
}

// Does each term end with a matrix by habit (A, X^3, A.*B, inv(X), diag(x)), or with something transposed (x')? What follows
// it in a product is not a scalar: those stand in front.
static const bool *ends_with_matrix(const sdp_terms *w)
{
    bool *ends = sdp_scratch(&w->g->base, w->n + 1);
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        bool chain = t->op == SDP_OP_mul || t->op == SDP_OP_pow_ || t->op == SDP_OP_emul || t->op == SDP_OP_add || t->op == SDP_OP_sub;
        if (t->kind == SYN_NAME) ends[i] = t->text[0] >= 'A' && t->text[0] <= 'Z' && !one_of(t->text, scalars);
        else if (t->kind == SYN_CALL && chain) ends[i] = ends[t->arg[t->op == SDP_OP_pow_ ? 0 : t->nargs - 1]];
        else if (t->kind == SYN_CALL && t->op == SDP_OP_diag) ends[i] = !ends[t->arg[0]]; // of a matrix it is a vector
        else ends[i] = t->kind == SYN_CALL && (t->op == SDP_OP_transpose || is_square(t));
    }
    return ends;
}

static void add_evidence(search *q)
{
    sdp_terms *w = q->w;
    const bool *ends = ends_with_matrix(w);
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        bool product = t->kind == SYN_CALL && t->op == SDP_OP_mul && ends[t->arg[0]];
        if (!product && !wants_a_tensor(t)) continue;
        const sdp_term *a = &w->t[t->arg[product ? 1 : 0]];
        if (a->kind == SYN_NAME && a->var != UINT32_MAX && q->of_var[a->var]) {
            unknown *u = &q->u[q->of_var[a->var] - 1];
            if (u->price[SCALAR] < 6) u->price[SCALAR] = (uint16_t)(u->price[SCALAR] + (product && u->price[SCALAR] == 4 ? 2 : 6));
            if (u->price[VECTOR] == 4) u->price[VECTOR] = 2; // a..g in vector position
        }
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
static void note_entries(search *q)
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
        if (entry[i] && t->kind == SYN_NAME && t->var != UINT32_MAX && q->of_var[t->var]) memcpy(q->u[q->of_var[t->var] - 1].price, scalar_price, sizeof scalar_price);
    }
}

static void collect(search *q)
{
    sdp_terms *w = q->w;
    sdp_graph *g = w->g;
    bool vectors = false;
    q->u = sdp_scratch(&g->base, (g->nvars + 1) * sizeof *q->u);
    q->of_var = sdp_scratch(&g->base, (g->nvars + 1) * sizeof *q->of_var);
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        vectors |= speaks_of_vectors(t) || calls_with_vectors(g, t);
        if (t->kind != SYN_NAME || t->var == UINT32_MAX || q->of_var[t->var]) continue;
        sdp_variable *v = &g->var[t->var];
        long rows, cols;
        if (v->shape.rows != SDP_DIM_NONE) {
            vectors |= !sdp_is_scalar(v->shape);
            continue;
        }
        v->inferred = true;
        bool given = w->known && w->known(w->known_data, v->name, &rows, &cols);
        if (given && (!q->loose || (rows == 1 && cols > 1))) {
            v->shape = (sdp_shape){sdp_dim_int(g, rows), sdp_dim_int(g, cols)};
            continue;
        }
        vectors |= given ? rows > 1 : v->name[0] >= 'A' && v->name[0] <= 'Z' && !one_of(v->name, scalars);
        q->u[q->n] = (unknown){.var = t->var, .given = (uint8_t)(!given ? 0 : 1 + (cols > 1 ? MATRIX : rows > 1 ? VECTOR : SCALAR))};
        q->of_var[t->var] = ++q->n;
    }
    for (uint32_t i = 0; i < q->n; i++) price(&q->u[i], g->var[q->u[i].var].name, vectors);
    note_entries(q);
    add_evidence(q);
    for (uint32_t i = 0; i < q->n; i++)
        for (int k = 0; k < KINDS && q->u[i].given; k++) q->u[i].price[k] = k + 1 == q->u[i].given ? 0 : FORBIDDEN;
}

// ---- trying a choice ---------------------------------------------------------------------------------------------

static bool consistent(search *q, const uint8_t *kind)
{
    sdp_graph *g = q->w->g;
    sdp_dim_undo(g, q->mark);
    for (uint32_t i = 0; i < q->n; i++) {
        sdp_variable *v = &g->var[q->u[i].var];
        v->shape.rows = kind[i] == SCALAR ? SDP_DIM_ONE : sdp_dim_fresh(g);
        v->shape.cols = kind[i] == MATRIX ? sdp_dim_fresh(g) : SDP_DIM_ONE;
    }
    if (!sdp_shapes(q->w)) return false;
    q->w->bad = q->w->other = q->w->root;
    return !q->scalar || sdp_is_scalar(q->w->t[q->w->root].shape);
}

static bool seen(const search *q, const uint8_t *kind)
{
    for (uint32_t i = 0; i < q->ns; i++)
        if (!memcmp(q->s[i].kind, kind, q->n)) return true;
    return false;
}

static void push(search *q, const uint8_t *kind)
{
    sdp_base *b = &q->w->g->base;
    if (seen(q, kind)) return;
    q->s = sdp_grown(b, q->s, q->ns, &q->cap, sizeof *q->s);
    state s = {.kind = sdp_scratch(b, q->n + 1)};
    memcpy(s.kind, kind, q->n);
    for (uint32_t i = 0; i < q->n; i++) s.cost += q->u[i].price[kind[i]];
    q->s[q->ns++] = s;
}

// The undeclared variables below a term, the nearest first.
static uint32_t variables_below(search *q, uint32_t term, uint32_t *list, uint32_t n)
{
    sdp_mark m = sdp_scratch_mark(&q->w->g->base);
    uint32_t *queue = sdp_scratch(&q->w->g->base, (q->w->n + 1) * sizeof *queue), head = 0, tail = 0;
    bool *in = sdp_scratch(&q->w->g->base, q->w->n + 1);
    queue[tail++] = term;
    in[term] = true;
    while (head < tail && n < MOST_BELOW) {
        const sdp_term *t = &q->w->t[queue[head++]];
        if (t->kind == SYN_NAME && t->var != UINT32_MAX && q->of_var[t->var]) {
            uint32_t u = q->of_var[t->var] - 1, k = 0;
            while (k < n && list[k] != u) k++;
            if (k == n) list[n++] = u;
        }
        for (uint32_t i = 0; i < t->nargs; i++)
            if (!in[t->arg[i]]) {
                in[t->arg[i]] = true;
                queue[tail++] = t->arg[i];
            }
    }
    sdp_scratch_release(&q->w->g->base, m);
    return n;
}

static bool same_stem(const sdp_graph *g, const unknown *a, const unknown *b)
{
    const char *x = g->var[a->var].name, *y = g->var[b->var].name;
    size_t n = stem_length(x);
    return n == stem_length(y) && !memcmp(x, y, n);
}

static void expand(search *q, const state *s)
{
    sdp_graph *g = q->w->g;
    uint32_t list[MOST_BELOW + 1], n = variables_below(q, q->w->bad, list, 0);
    n = variables_below(q, q->w->other, list, n);
    uint8_t *kind = sdp_scratch(&g->base, q->n + 1);
    for (uint32_t i = 0; i < n; i++)
        for (uint8_t k = 0; k < KINDS; k++) {
            memcpy(kind, s->kind, q->n);
            if (kind[list[i]] == k) continue;
            kind[list[i]] = k;
            push(q, kind);
            bool more = false; // and the whole family x1, x2, ... at once
            for (uint32_t j = 0; j < q->n; j++)
                if (j != list[i] && s->kind[j] == s->kind[list[i]] && same_stem(g, &q->u[j], &q->u[list[i]])) more = true, kind[j] = k;
            if (more) push(q, kind);
        }
}

// ---- naming ------------------------------------------------------------------------------------------------------------

static bool taken(const sdp_graph *g, const char *name)
{
    return sdp_variable_find(g, name) != UINT32_MAX || sdp_dim_known(g, name) || sdp_op_find(name, strlen(name));
}

// `next` counts the numbered names given out, so that naming stays linear.
static void name_dim(sdp_graph *g, sdp_dim d, const char *wish, int *next)
{
    static const char *const names[] = {"n", "m", "p", "q", "k", "r", "h", "l", "s", "d", NULL};
    uint32_t a = sdp_dim_unnamed(g, sdp_dim_resolve(g, d));
    if (a == UINT32_MAX) return;
    if (wish && !taken(g, wish)) {
        sdp_dim_set_name(g, a, wish);
        return;
    }
    for (int i = 0; *next == 0 && names[i]; i++)
        if (!taken(g, names[i])) {
            sdp_dim_set_name(g, a, names[i]);
            return;
        }
    for (;;) {
        const char *name = sdp_printf(&g->base, "n%d", ++*next);
        if (!taken(g, name)) {
            sdp_dim_set_name(g, a, name);
            return;
        }
    }
}

// Rectangular matrices are m x n, square ones and vectors n, in the order of appearance.
static void name_all(search *q)
{
    sdp_graph *g = q->w->g;
    int next = 0;
    sdp_index_sizes(q->w);
    for (uint32_t i = 0; i < q->n; i++) {
        sdp_variable *v = &g->var[q->u[i].var];
        bool rectangular = sdp_dim_resolve(g, v->shape.rows) != sdp_dim_resolve(g, v->shape.cols) && v->shape.cols != SDP_DIM_ONE;
        name_dim(g, v->shape.rows, rectangular ? "m" : NULL, &next);
        name_dim(g, v->shape.cols, NULL, &next);
        v->shape.rows = sdp_dim_resolve(g, v->shape.rows);
        v->shape.cols = sdp_dim_resolve(g, v->shape.cols);
    }
    for (uint32_t i = 0; i < q->w->n; i++) {
        sdp_term *t = &q->w->t[i];
        name_dim(g, t->shape.rows, NULL, &next);
        name_dim(g, t->shape.cols, NULL, &next);
        t->shape.rows = sdp_dim_resolve(g, t->shape.rows);
        t->shape.cols = sdp_dim_resolve(g, t->shape.cols);
        if (t->size != SDP_DIM_NONE) t->size = sdp_dim_resolve(g, t->size);
    }
    sdp_dim_freeze(g);
}

static _Noreturn void report(search *q)
{
    sdp_terms *w = q->w;
    sdp_base *b = &w->g->base;
    const sdp_term *x = &w->t[w->bad], *y = &w->t[w->other];
    b->source = x->tree->source;
    b->source_name = x->tree->source_name;
    if (w->bad == w->other || x->tree != y->tree) sdp_fail(b, SD_ERR_SHAPE, x->span, w->hint, "%s", w->message);
    sdp_fail2(b, SD_ERR_SHAPE, x->span, y->span, w->hint, "%s", w->message);
}

static void open_again(search *q)
{
    for (uint32_t i = 0; i < q->n; i++) q->w->g->var[q->u[i].var].shape = (sdp_shape){SDP_DIM_NONE, SDP_DIM_NONE};
}

// added.c: y in theta'*x-y
static bool scalars_in_sums(search *q, const uint8_t *chosen)
{
    uint8_t *kind = sdp_scratch(&q->w->g->base, q->n + 1);
    memcpy(kind, chosen, q->n);
    for (uint32_t i = 0; i < q->n && q->n <= MOST_BELOW; i++) { // a look at all terms for each
        if (kind[i] != VECTOR || !sdp_is_added_to_scalar(q->w, q->u[i].var)) continue;
        kind[i] = SCALAR;
        if (!consistent(q, kind)) kind[i] = VECTOR, consistent(q, kind);
    }
    return true;
}

// The cheapest consistent choice, not yet named; false: w->bad ... say why there is none, and the shapes are open again.
static bool choose(search *q, uint32_t *cost)
{
    sdp_terms *w = q->w;
    collect(q);
    q->mark = sdp_dim_mark(w->g);
    q->budget = EXPANSIONS;
    uint8_t *first = sdp_scratch(&w->g->base, q->n + 1);
    for (uint32_t i = 0; i < q->n; i++)
        for (uint8_t k = 1; k < KINDS; k++)
            if (q->u[i].price[k] < q->u[i].price[first[i]]) first[i] = k;
    push(q, first);
    size_t work = 0;
    for (;;) {
        uint32_t best = UINT32_MAX;
        for (uint32_t i = 0; i < q->ns; i++)
            if (!q->s[i].done && (best == UINT32_MAX || q->s[i].cost < q->s[best].cost)) best = i;
        if (best == UINT32_MAX || q->s[best].cost >= FORBIDDEN || q->budget-- == 0 || (work > 200000000 && q->n)) break;
        work += w->n + q->ns;
        q->s[best].done = true;
        *cost = q->s[best].cost;
        state s = q->s[best];
        bool fits = consistent(q, s.kind);
        if (fits && (s.strained || !sdp_dim_strained(q->w->g))) return scalars_in_sums(q, s.kind);
        if (fits) q->s[best].cost += STRAIN, q->s[best].strained = true, q->s[best].done = false;
        expand(q, &s);
    }
    consistent(q, first); // the message of the habitual reading
    open_again(q);
    return false;
}

static bool has_tensor(const search *q)
{
    for (uint32_t i = 0; i < q->w->n; i++) {
        const sdp_term *t = &q->w->t[i];
        if (t->kind == SYN_NAME && t->var != UINT32_MAX && !sdp_is_scalar(q->w->g->var[t->var].shape)) return true;
    }
    return false;
}

// The choice that makes the value a scalar, in place of one that does not; false if habit speaks against it too much,
// or if nothing is left of the vectors that the expression speaks of: x.*log(x) is no scalar.
static bool choose_scalar(search *q, uint32_t cost)
{
    uint32_t departed;
    sdp_dim_undo(q->w->g, q->mark);
    open_again(q);
    *q = (search){.w = q->w, .scalar = true};
    if (!choose(q, &departed)) return false;
    if (departed <= cost + SCALAR_WORTH && has_tensor(q)) return true;
    sdp_dim_undo(q->w->g, q->mark);
    open_again(q);
    return false;
}

// The data of variables that are not declared, without its sizes: those of declared ones may have names, D: matrix(n,n).
static bool choose_loosely(search *q, uint32_t *cost)
{
    sdp_terms *w = q->w;
    bool any = false, declared = false;
    long rows, cols;
    for (uint32_t i = 0; i < w->n && w->known; i++) {
        sdp_variable *v = w->t[i].kind == SYN_NAME && w->t[i].var != UINT32_MAX ? &w->g->var[w->t[i].var] : NULL;
        declared |= v && v->declared;
        if (!v || !v->inferred || !w->known(w->known_data, v->name, &rows, &cols)) continue;
        v->shape = (sdp_shape){SDP_DIM_NONE, SDP_DIM_NONE};
        any = true;
    }
    *q = (search){.w = w, .loose = true};
    return any && declared && choose(q, cost);
}

void sdp_infer(sdp_terms *w)
{
    search q = {.w = w};
    uint32_t cost;
    if (!choose(&q, &cost) && !choose_loosely(&q, &cost)) {
        q = (search){.w = w};
        if (!choose(&q, &cost)) report(&q); // why the sizes of the data do not fit
    }
    if (w->scalar && !sdp_is_scalar(w->t[w->root].shape) && !choose_scalar(&q, cost)) {
        q = (search){.w = w};
        choose(&q, &cost);
    }
    name_all(&q);
}

void sdp_infer_pair(sdp_terms *w, uint32_t a, uint32_t b)
{
    search apart = {.w = w}, tied = {.w = w};
    uint32_t cost, cost_tied;
    if (!choose(&apart, &cost)) report(&apart);
    sdp_dim_undo(w->g, apart.mark);
    open_again(&apart);
    sdp_resolve_difference(w, a, b);
    if (choose(&tied, &cost_tied) && cost_tied <= cost) {
        name_all(&tied);
        return;
    }
    sdp_dim_undo(w->g, tied.mark);
    open_again(&tied);
    w->n--;
    sdp_infer(w);
}
