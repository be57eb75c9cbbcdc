// SPDX-License-Identifier: MIT
// Shape inference: what is each undeclared variable, a scalar, a vector or a matrix?
//
// Evidence (habit.c) gives every variable a first guess, and every other kind a price. The shape rules say
// whether a choice is consistent; if it is not, they name two terms that disagree, and some variable below
// these must change. So the search is best-first over choices, cheapest first, and the first consistent one
// is the answer: the fewest and lightest departures from the evidence. doubt.c refuses an answer that a
// person could mean otherwise.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ast/surface/habit.h"

enum { EXPANSIONS = 4000, MOST_BELOW = 48 };
enum { TENSOR_DOUBT = 5 }; // what it may cost that an answer of three axes or more is one of numbers
enum { SCALAR_WORTH = 8 }; // two vectors become scalars so that the value is one
// prices: of sizes such as b = m+p-1, because b+1 = m+p; of a kind that data is not
enum { STRAIN = 6, FORBIDDEN = 10000 };

typedef struct {
    uint32_t cost;
    bool done, strained;
    uint8_t *kind;
} state;

typedef struct {
    sdp_terms *w;
    sdp_unknown *u;
    uint32_t n;
    uint32_t *of_var; // index in u + 1, by variable
    state *s;
    uint32_t ns, cap, budget;
    uint32_t mark;
    bool scalar; // only a choice that makes the value a scalar is one
    bool loose;  // data tells kinds, not sizes
} search;

static void collect(search *q)
{
    sdp_terms *w = q->w;
    sdp_graph *g = w->g;
    bool vectors = false;
    q->u = sdp_scratch(&g->base, (g->nvars + 1) * sizeof *q->u);
    q->of_var = sdp_scratch(&g->base, (g->nvars + 1) * sizeof *q->of_var);
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        vectors |= sdp_speaks_of_vectors(g, t);
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
        vectors |= given ? rows > 1 : sdp_is_matrix_name(v->name);
        vectors |= v->kind > 1;
        q->u[q->n] = (sdp_unknown){.var = t->var,
                                   .given = v->kind ? v->kind
                                                    : (uint8_t)(!given ? 0
                                                                       : 1 + (cols > 1   ? SDP_MATRIX
                                                                              : rows > 1 ? SDP_VECTOR
                                                                                         : SDP_SCALAR))};
        q->of_var[t->var] = ++q->n;
    }
    sdp_evidence(&(sdp_habits){.w = w, .u = q->u, .n = q->n, .of_var = q->of_var}, vectors);
    for (uint32_t i = 0; i < q->n; i++)
        for (int k = 0; k < SDP_KINDS && q->u[i].given; k++)
            q->u[i].price[k] = k + 1 == q->u[i].given ? 0 : FORBIDDEN;
}

// ---- trying a choice --------------------------------------------------------------------------------------

static bool consistent(search *q, const uint8_t *kind)
{
    sdp_graph *g = q->w->g;
    sdp_dim_undo(g, q->mark);
    for (uint32_t i = 0; i < q->n; i++) {
        sdp_variable *v = &g->var[q->u[i].var];
        v->shape.rows = kind[i] == SDP_SCALAR ? SDP_DIM_ONE : sdp_dim_fresh(g);
        bool square = v->facts & (SDP_SYMMETRIC | SDP_TRI_LOWER | SDP_TRI_UPPER | SDP_ORTHOGONAL);
        v->shape.cols = kind[i] != SDP_MATRIX ? SDP_DIM_ONE : square ? v->shape.rows : sdp_dim_fresh(g);
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

static bool same_stem(const sdp_graph *g, const sdp_unknown *a, const sdp_unknown *b)
{
    const char *x = g->var[a->var].name, *y = g->var[b->var].name;
    size_t n = sdp_stem_length(x);
    return n == sdp_stem_length(y) && !memcmp(x, y, n);
}

static void expand(search *q, const state *s)
{
    sdp_graph *g = q->w->g;
    uint32_t list[MOST_BELOW + 1], n = variables_below(q, q->w->bad, list, 0);
    n = variables_below(q, q->w->other, list, n);
    uint8_t *kind = sdp_scratch(&g->base, q->n + 1);
    for (uint32_t i = 0; i < n; i++)
        for (uint8_t k = 0; k < SDP_KINDS; k++) {
            memcpy(kind, s->kind, q->n);
            if (kind[list[i]] == k) continue;
            kind[list[i]] = k;
            push(q, kind);
            bool more = false; // and the whole family x1, x2, ... at once
            for (uint32_t j = 0; j < q->n; j++)
                if (j != list[i] && s->kind[j] == s->kind[list[i]] && same_stem(g, &q->u[j], &q->u[list[i]]))
                    more = true, kind[j] = k;
            if (more) push(q, kind);
        }
}

static _Noreturn void report(search *q)
{
    sdp_terms *w = q->w;
    sdp_base *b = &w->g->base;
    const sdp_term *x = &w->t[w->bad], *y = &w->t[w->other];
    b->source = x->tree->source;
    b->source_name = x->tree->source_name;
    if (w->bad == w->other || x->tree != y->tree)
        sdp_fail(b, SD_ERR_SHAPE, x->span, w->hint, "%s", w->message);
    sdp_fail2(b, SD_ERR_SHAPE, x->span, y->span, w->hint, "%s", w->message);
}

static void open_again(search *q)
{
    for (uint32_t i = 0; i < q->n; i++)
        q->w->g->var[q->u[i].var].shape = (sdp_shape){SDP_DIM_NONE, SDP_DIM_NONE};
}

// added.c: y in theta'*x-y
static bool scalars_in_sums(search *q, const uint8_t *chosen)
{
    uint8_t *kind = sdp_scratch(&q->w->g->base, q->n + 1);
    memcpy(kind, chosen, q->n);
    for (uint32_t i = 0; i < q->n && q->n <= MOST_BELOW; i++) { // a look at all terms for each
        if (kind[i] != SDP_VECTOR || !sdp_is_added_to_scalar(q->w, q->u[i].var)) continue;
        kind[i] = SDP_SCALAR;
        if (!consistent(q, kind)) kind[i] = SDP_VECTOR, consistent(q, kind);
    }
    return true;
}

// Makes the cheapest consistent choice, not yet named. Returns false if there is none: w->bad ... say why,
// and the shapes are open again.
static bool choose(search *q, uint32_t *cost)
{
    sdp_terms *w = q->w;
    collect(q);
    q->mark = sdp_dim_mark(w->g);
    q->budget = EXPANSIONS;
    uint8_t *first = sdp_scratch(&w->g->base, q->n + 1);
    for (uint32_t i = 0; i < q->n; i++)
        for (uint8_t k = 1; k < SDP_KINDS; k++)
            if (q->u[i].price[k] < q->u[i].price[first[i]]) first[i] = k;
    push(q, first);
    size_t work = 0;
    for (;;) {
        uint32_t best = UINT32_MAX;
        for (uint32_t i = 0; i < q->ns; i++)
            if (!q->s[i].done && (best == UINT32_MAX || q->s[i].cost < q->s[best].cost)) best = i;
        if (best == UINT32_MAX || q->s[best].cost >= FORBIDDEN || q->budget-- == 0 ||
            (work > 200000000 && q->n))
            break;
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
        if (t->kind == SYN_NAME && t->var != UINT32_MAX && !sdp_is_scalar(q->w->g->var[t->var].shape))
            return true;
    }
    return false;
}

// The choice that makes the value a scalar, in place of one that does not; false if habit speaks against it
// too much, or if nothing is left of the vectors that the expression speaks of: x.*log(x) is no scalar.
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

// The data of variables that are not declared, without its sizes: those of declared
// ones may have names, D: matrix(n,n).
static bool choose_loosely(search *q, uint32_t *cost)
{
    sdp_terms *w = q->w;
    bool any = false, declared = false;
    long rows, cols;
    for (uint32_t i = 0; i < w->n && w->known; i++) {
        sdp_variable *v =
            w->t[i].kind == SYN_NAME && w->t[i].var != UINT32_MAX ? &w->g->var[w->t[i].var] : NULL;
        declared |= v && v->declared;
        if (!v || !v->inferred || !w->known(w->known_data, v->name, &rows, &cols)) continue;
        v->shape = (sdp_shape){SDP_DIM_NONE, SDP_DIM_NONE};
        any = true;
    }
    *q = (search){.w = w, .loose = true};
    return any && declared && choose(q, cost);
}

static uint32_t axes(sdp_shape s) { return (uint32_t)((s.rows != SDP_DIM_ONE) + (s.cols != SDP_DIM_ONE)); }

// Returns the undeclared variable by which the derivative has three axes or more, NULL if there is none.
static const char *tensor_variable(const search *q)
{
    const sdp_graph *g = q->w->g;
    for (uint32_t i = 0; i < q->n; i++) {
        const sdp_variable *v = &g->var[q->u[i].var];
        if (sdp_is_asked(g, v->name) && axes(q->w->t[q->w->root].shape) + axes(v->shape) > 2) return v->name;
    }
    return NULL;
}

// choose_scalar, provided that the variable `name` stays a matrix: p and n of
// (n-p)/2*logdet(X) - tr(X) are numbers.
static bool keeps(search *q, const char *name, uint32_t cost)
{
    sdp_graph *g = q->w->g;
    uint32_t v = name ? sdp_variable_find(g, name) : UINT32_MAX;
    uint32_t before = name ? axes(g->var[v].shape) : 0;
    if (!choose_scalar(q, cost)) return false;
    if (!name || axes(g->var[v].shape) == before) return true;
    sdp_dim_undo(g, q->mark);
    open_again(q);
    return false;
}

// Is nothing a vector, and a capital letter squared: the L*I^2 of an energy?
static bool has_squares_only(const search *q)
{
    const sdp_terms *w = q->w;
    bool squares = false;
    for (uint32_t i = 0; i < q->n; i++)
        if (sdp_is_vector(w->g->var[q->u[i].var].shape)) return false;
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        for (uint32_t k = 0; t->kind == SYN_CALL && t->op == SDP_OP_mul && k < 2; k++) {
            const sdp_term *x = &w->t[t->arg[k]];
            squares |= x->kind == SYN_CALL && x->op == SDP_OP_pow_ && w->t[x->arg[0]].kind == SYN_NAME;
        }
    }
    return squares;
}

// Such an answer is doubtful if all could be numbers at a price that a person may well pay, k_B*T, and where
// the square of a capital letter is a factor: C*V^2.
static bool doubtful_tensor(search *q, uint32_t cost)
{
    uint32_t departed;
    if (q->w->scalar || sdp_is_scalar(q->w->t[q->w->root].shape) || !tensor_variable(q)) return false;
    for (uint32_t i = 0; i < q->w->n; i++)
        if (sdp_speaks_of_vectors(q->w->g, &q->w->t[i])) return false;
    search all = {.w = q->w, .scalar = true};
    bool letters = has_squares_only(q) || sdp_could_be_numbers(q->w);
    sdp_dim_undo(q->w->g, q->mark);
    open_again(q);
    bool doubtful =
        choose(&all, &departed) && (letters || departed <= cost + TENSOR_DOUBT) && !has_tensor(&all);
    sdp_dim_undo(q->w->g, all.mark);
    open_again(q);
    *q = (search){.w = q->w};
    choose(q, &cost);
    return doubtful;
}

static _Noreturn void refuse_tensor(search *q)
{
    sdp_base *b = &q->w->g->base;
    const char *x = tensor_variable(q);
    sdp_term_fail(
        q->w, q->w->root, SD_ERR_SHAPE,
        sdp_printf(b, "for a number: -d '%s: scalar'; for the derivative with all its axes: -d '%s: matrix'",
                   x, x),
        "is '%s' a number or a matrix?", x);
}

static bool is_letter_only(const search *q, uint32_t i)
{
    return q->u[i].why == 1u << SDP_BY_LETTER && !q->u[i].given &&
           !sdp_is_asked(q->w->g, q->w->g->var[q->u[i].var].name);
}

// y of max(0,1-y*(w'*x)) is a vector by its letter alone, and as a number it makes all a number: who knows?
// And where an answer would have three axes, what stands behind a matrix is hardly a number.
static void refuse_letter(search *q)
{
    sdp_graph *g = q->w->g;
    sdp_base *b = &g->base;
    bool any = g->asked || g->optimum;
    if (!any || q->n > MOST_BELOW || sdp_is_scalar(q->w->t[q->w->root].shape)) return;
    uint8_t *kind = sdp_scratch(b, q->n + (size_t)1);
    for (uint32_t i = 0; i < q->n; i++)
        kind[i] = (uint8_t)(sdp_is_scalar(g->var[q->u[i].var].shape)   ? SDP_SCALAR
                            : sdp_is_matrix(g->var[q->u[i].var].shape) ? SDP_MATRIX
                                                                       : SDP_VECTOR);
    bool tensor = tensor_variable(q) != NULL;
    for (uint32_t i = 0; i < q->n; i++) {
        const char *x = g->var[q->u[i].var].name;
        bool odd = tensor && kind[i] == SDP_SCALAR && (q->u[i].why & (1u << SDP_BEHIND_MATRIX)),
             doubtful = odd;
        bool capital =
            tensor && kind[i] == SDP_MATRIX && q->u[i].why == 1u << SDP_BY_CAPITAL && !q->u[i].given;
        if (capital &&
            sdp_is_asked(g, x)) { // T of -k*T*log(sum(exp(-E/(k*T)))): by a number, the derivative is one
            kind[i] = SDP_SCALAR;
            if (consistent(q, kind) && sdp_is_scalar(q->w->t[q->w->root].shape) && has_tensor(q)) {
                kind[i] = SDP_MATRIX;
                consistent(q, kind);
                refuse_tensor(q);
            }
            kind[i] = SDP_MATRIX;
            consistent(q, kind);
        }
        if (kind[i] == SDP_VECTOR && is_letter_only(q, i)) {
            kind[i] = SDP_SCALAR;
            doubtful = consistent(q, kind) && sdp_is_scalar(q->w->t[q->w->root].shape);
            kind[i] = SDP_VECTOR;
            consistent(q, kind);
        }
        if (doubtful)
            sdp_term_fail(q->w, q->w->root, SD_ERR_SHAPE,
                          sdp_printf(b, "say which: -d '%s: scalar' or -d '%s: vector'", x, x),
                          "is '%s' a number or a vector?", x);
    }
}

// Powers under sum and mean: of a vector they are those of its entries.
static void mark_entrywise(sdp_terms *w)
{
    bool *summed = sdp_scratch(&w->g->base, w->n + (size_t)1);
    for (uint32_t i = w->n; i-- > 0;) {
        sdp_term *t = &w->t[i];
        if (t->kind != SYN_CALL) continue;
        bool sums = (t->op == SDP_OP_sum || t->op == SDP_OP_mean) && t->nargs == 1;
        bool linear = t->op == SDP_OP_add || t->op == SDP_OP_sub || t->op == SDP_OP_neg ||
                      t->op == SDP_OP_emul || t->op == SDP_OP_mul || t->op == SDP_OP_div;
        t->entrywise = summed[i] && t->op == SDP_OP_pow_ && w->t[t->arg[1]].kind == SYN_NUMBER;
        for (uint32_t k = 0; (sums || (summed[i] && linear)) && k < t->nargs; k++) summed[t->arg[k]] = true;
    }
}

// eta@T - log(sum(exp(eta))): a term of the sum is a number that was made of arrays, another one an array.
// Whoever adds these means numbers, if the shapes allow it.
static bool adds_measure_to_array(const sdp_terms *w)
{
    enum { MOST = 64 };
    bool *made = sdp_scratch(&w->g->base, w->n + (size_t)1), array = false, measure = false;
    uint32_t stack[MOST], depth = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        made[i] = sdp_speaks_of_vectors(w->g, &w->t[i]);
        for (uint32_t k = 0; k < w->t[i].nargs; k++) made[i] |= made[w->t[i].arg[k]];
    }
    stack[depth++] = w->root;
    while (depth) {
        const sdp_term *t = &w->t[stack[--depth]];
        bool sum = t->kind == SYN_CALL && (t->op == SDP_OP_add || t->op == SDP_OP_sub || t->op == SDP_OP_neg);
        for (uint32_t k = 0; sum && k < t->nargs && depth < MOST; k++) stack[depth++] = t->arg[k];
        if (sum) continue;
        array |= !sdp_is_scalar(t->shape);
        measure |= sdp_is_scalar(t->shape) && made[t - w->t];
    }
    return array && measure;
}

// A sum over an index, as the expression or one of its terms, is most often a number: a loss over samples.
static bool is_loss_over_index(const sdp_terms *w)
{
    bool sums = false;
    for (uint32_t i = 0; w->index && i < w->n; i++) {
        if (w->t[i].role == SDP_EQUATION) return false;
        sums |= w->t[i].role == SDP_OVER;
    }
    return sums;
}

void sdp_infer(sdp_terms *w)
{
    search q = {.w = w};
    uint32_t cost;
    mark_entrywise(w);
    if (!choose(&q, &cost) && !choose_loosely(&q, &cost)) {
        q = (search){.w = w};
        if (!choose(&q, &cost)) report(&q); // why the sizes of the data do not fit
    }
    const char *tensor = tensor_variable(&q);
    bool scalar = w->scalar || is_loss_over_index(w) || adds_measure_to_array(w);
    if ((scalar || tensor) && !sdp_is_scalar(w->t[w->root].shape) &&
        !keeps(&q, scalar ? NULL : tensor, cost)) {
        q = (search){.w = w};
        choose(&q, &cost);
    }
    if (doubtful_tensor(&q, cost)) refuse_tensor(&q);
    refuse_letter(&q);
    sdp_habits habits = {.w = w, .u = q.u, .n = q.n, .of_var = q.of_var};
    sdp_doubt(&habits);
    sdp_doubt_numpy(&habits);
    sdp_keep_evidence(&habits);
    sdp_name_sizes(w, q.n, q.u);
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
        sdp_name_sizes(w, tied.n, tied.u);
        return;
    }
    sdp_dim_undo(w->g, tied.mark);
    open_again(&tied);
    w->n--;
    sdp_infer(w);
}
