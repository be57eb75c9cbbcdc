// SPDX-License-Identifier: MIT
// Finds letters that are numbers although a capital letter would be a matrix and a late one a vector, e.g.
// the G, M, m of -G*M*m/norm(r), the C of C*norm(w)^2, the K of K^alpha, all of P*V - n*R*T, the label y of
// log(1+exp(-y*w'*x)).
//
// The shapes would fit either way, so what tells is the company: what is only multiplied with and added to
// numbers is a number. Products are looked at as a whole, as the list of their factors in order; a row and a
// column beside each other are a number. Rounds go on until none finds another. Entries:
// sdp_roles_of_numbers, sdp_is_about_numbers, sdp_could_be_numbers.
#include "ast/surface/habit.h"

#include <string.h>

enum { SCALAR = SDP_SCALAR, VECTOR = SDP_VECTOR, MATRIX = SDP_MATRIX, MOST = 32, ROUNDS = 4 };

static bool is_sum(const sdp_term *t)
{
    return t->kind == SYN_CALL && (t->op == SDP_OP_add || t->op == SDP_OP_sub);
}
static int arithmetic(const sdp_term *t) { return t->kind == SYN_CALL ? sdp_numpy_arithmetic(t) : 0; }

// Is t a product or quotient, which belongs to a larger one if its user is one, too?
static bool is_chain(const sdp_term *t)
{
    return t->kind == SYN_CALL &&
           (arithmetic(t) == SDP_OP_mul || arithmetic(t) == SDP_OP_div || t->op == SDP_OP_neg);
}

// Vectors and matrices, or a determinant in bars.
static bool speaks_of_algebra(const sdp_habits *h, const sdp_guess *a, const sdp_term *t)
{
    return sdp_speaks_of_vectors(h->w->g, t) ||
           (t->kind == SYN_CALL && t->op == SDP_OP_bars && a[t->arg[0]] == TABLE);
}

// A name that its letter alone makes a vector or a matrix.
static bool is_letter_only(const sdp_unknown *u)
{
    return sdp_is_guess_by(u, 1u << SDP_BY_CAPITAL | 1u << SDP_BY_LETTER | 1u << SDP_BEHIND_MATRIX) &&
           u->price[SCALAR];
}

static bool is_capital(const sdp_unknown *u)
{
    return is_letter_only(u) && (u->why & (1u << SDP_BY_CAPITAL));
}

// ---- the undeclared capital letters below products and powers: C of C*norm(w)^2 ---------------------------

typedef struct {
    uint32_t at[MOST], n;
} names;

// false: something else is there, and the list is empty
static bool factors(const sdp_habits *h, const sdp_guess *a, uint32_t i, names *list)
{
    const sdp_terms *w = h->w;
    uint32_t stack[MOST], depth = 0, before = list->n;
    stack[depth++] = i;
    while (depth) {
        const sdp_term *t = &w->t[stack[--depth]];
        const sdp_unknown *u = sdp_unknown_of(h, t);
        bool product = is_chain(t) || arithmetic(t) == SDP_OP_pow_,
             full = list->n == MOST || depth + t->nargs > MOST;
        if (a[t - w->t] <= OPEN) continue;
        if (u && is_capital(u) && !full) list->at[list->n++] = (uint32_t)(u - h->u);
        else if (product && !full)
            for (uint32_t k = 0; k < t->nargs; k++) stack[depth++] = t->arg[k];
        else return list->n = before, false;
    }
    return true;
}

static bool take(sdp_habits *h, const names *list)
{
    for (uint32_t k = 0; k < list->n; k++) sdp_set_evidence(&h->u[list->at[k]], SDP_AMONG_NUMBERS);
    return list->n > 0;
}

// ---- products as a whole ----------------------------------------------------------------------------------

typedef struct {
    names letters; // those that are arrays by their letters alone
    bool made;     // has a factor that is a number made of arrays: norm(r), w'*x
    bool capital;  // one of the letters is a capital
    bool front;    // a small letter stands in front of a capital one: n*R*T
} product;

typedef struct {
    sdp_habits *h;
    const sdp_guess *a;
    const bool *made; // by term: arrays are below it
    uint32_t *parent; // by term: + 1, that of its last use
    uint32_t *uses;   // by unknown: how often its name stands somewhere
    uint32_t *good;   // by unknown: how often in products of numbers
} company;

// The letters of m, of v^2, of 1-y: what a factor is that may be a number.
static const sdp_unknown *letter_of(const company *c, const sdp_term *t)
{
    const sdp_terms *w = c->h->w;
    if (arithmetic(t) == SDP_OP_pow_ && w->t[t->arg[1]].kind == SYN_NUMBER) t = &w->t[t->arg[0]];
    for (uint32_t k = 0; is_sum(t) && k < 2; k++)
        if (w->t[t->arg[k]].kind == SYN_NUMBER && w->t[t->arg[1 - k]].kind == SYN_NAME)
            t = &w->t[t->arg[1 - k]];
    const sdp_unknown *u = sdp_unknown_of(c->h, t);
    return is_letter_only(u) ? u : NULL;
}

// Reads the product at term i, from left to right. Returns false if a factor is an array
// for other reasons than its letter.
static bool read_product(const company *c, uint32_t i, product *p)
{
    const sdp_terms *w = c->h->w;
    uint32_t stack[MOST], depth = 0;
    bool row = false, small = false;
    *p = (product){.made = false};
    stack[depth++] = i;
    while (depth) {
        const sdp_term *t = &w->t[stack[--depth]];
        sdp_guess kind = c->a[t - w->t];
        const sdp_unknown *u = letter_of(c, t);
        if (is_chain(t) && !(t->grouped && kind <= OPEN)) {
            if (depth + t->nargs > MOST) return false;
            for (uint32_t k = t->nargs; k-- > 0;) stack[depth++] = t->arg[k];
        } else if (row && kind == COLUMN) row = false, p->made = true;
        else if (row && kind == TABLE) continue;
        else if (kind <= OPEN) p->made |= c->made[t - w->t];
        else if (row) return false;
        else if (kind == ROW) row = true;
        else if (!u || p->letters.n == MOST) return false;
        else {
            p->letters.at[p->letters.n++] = (uint32_t)(u - c->h->u);
            p->front |= is_capital(u) && small;
            if (is_capital(u)) p->capital = true;
            else small = true;
        }
    }
    return !row;
}

// Is the product at term i added to a number with a name, or an argument of a function of numbers? Where it
// stands alone or beside a mere 1, x'*x*y may have a vector y.
static bool is_among_numbers(const company *c, uint32_t i)
{
    const sdp_terms *w = c->h->w;
    for (uint32_t at = i; c->parent[at]; at = c->parent[at] - 1) {
        const sdp_term *up = &w->t[c->parent[at] - 1];
        if (up->kind != SYN_CALL) return false;
        if (!is_sum(up)) return sdp_shape_rules[sdp_ops[up->op].shape].guess == SDP_GUESS_MOST;
        const uint32_t other = up->arg[0] == at ? up->arg[1] : up->arg[0];
        product beside; // y*log(p) + (1-y)*log(1-p): both are such products
        if (c->a[other] > OPEN && !(is_chain(&w->t[other]) && read_product(c, other, &beside) && beside.made))
            return false;
        if (w->t[other].kind != SYN_NUMBER) return true;
    }
    return false;
}

static company look(sdp_habits *h, const sdp_guess *a)
{
    const sdp_terms *w = h->w;
    sdp_base *b = &w->g->base;
    bool *made = sdp_scratch(b, w->n + (size_t)1);
    company c = {h,
                 a,
                 made,
                 sdp_scratch(b, (w->n + (size_t)1) * sizeof *c.parent),
                 sdp_scratch(b, (h->n + (size_t)1) * sizeof *c.uses),
                 sdp_scratch(b, (h->n + (size_t)1) * sizeof *c.good)};
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        made[i] = sdp_speaks_of_vectors(w->g, t);
        for (uint32_t k = 0; k < t->nargs; k++) {
            const sdp_unknown *u = sdp_unknown_of(h, &w->t[t->arg[k]]);
            made[i] |= made[t->arg[k]];
            c.parent[t->arg[k]] = i + 1;
            if (u) c.uses[u - h->u]++;
        }
    }
    return c;
}

static bool is_top(const company *c, uint32_t i)
{
    const sdp_terms *w = c->h->w;
    return is_chain(&w->t[i]) &&
           !(c->parent[i] && is_chain(&w->t[c->parent[i] - 1]) && !(w->t[i].grouped && c->a[i] <= OPEN));
}

// -G*M*m/norm(r): each letter stands nowhere but in products with numbers that are made of arrays.
static bool by_measures(sdp_habits *h, const sdp_guess *a)
{
    company c = look(h, a);
    bool more = false;
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < h->w->n; i++) {
            product p;
            if (sdp_is_numpy(&h->w->t[i]) || !is_top(&c, i) || !read_product(&c, i, &p) || !p.made ||
                !(p.capital || is_among_numbers(&c, i)))
                continue;
            for (uint32_t k = 0; k < p.letters.n; k++) {
                sdp_unknown *u = &h->u[p.letters.at[k]];
                if (!pass) c.good[u - h->u]++;
                else if (c.good[u - h->u] == c.uses[u - h->u])
                    sdp_set_evidence(u, SDP_AMONG_NUMBERS), more = true;
            }
        }
    return more;
}

// r + gamma*max(Q) - q: in a sum with a number that is made of arrays, letters that stand nowhere else are
// numbers, if nothing else is there.
static bool by_sums(sdp_habits *h, const sdp_guess *a)
{
    const sdp_terms *w = h->w;
    company c = look(h, a);
    bool more = false;
    for (uint32_t i = 0; i < w->n; i++) {
        uint32_t stack[MOST], depth = 0;
        names list = {.n = 0};
        bool made = false, fits = is_sum(&w->t[i]) && !sdp_is_numpy(&w->t[i]) &&
                                  !(c.parent[i] && is_sum(&w->t[c.parent[i] - 1]));
        if (fits) stack[depth++] = i;
        while (fits && depth) {
            const uint32_t at = stack[--depth];
            const sdp_term *t = &w->t[at];
            const sdp_unknown *u = sdp_unknown_of(h, t);
            bool inside = is_sum(t) || (t->kind == SYN_CALL && t->op == SDP_OP_neg && a[at] > OPEN);
            if (inside && depth + 2 <= MOST)
                for (uint32_t k = 0; k < t->nargs; k++) stack[depth++] = t->arg[k];
            else if (a[at] <= OPEN) made |= c.made[at];
            else if (is_letter_only(u) && !is_capital(u) && c.uses[u - h->u] == 1 && list.n < MOST)
                list.at[list.n++] = (uint32_t)(u - h->u);
            else fits = false;
        }
        if (fits && made && list.n > 1) more |= take(h, &list); // of one alone added.c knows
    }
    return more;
}

// Where nothing speaks of vectors, A of A*K^alpha and T of k_B*T are numbers: each is multiplied with a
// number that has a name. So is what stands in front of a capital letter: n of n*R*T.
static bool by_products(sdp_habits *h, const sdp_guess *a)
{
    const sdp_terms *w = h->w;
    company c = look(h, a);
    bool more = false, *named = sdp_scratch(&w->g->base, w->n + (size_t)1);
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        if (speaks_of_algebra(h, a, t)) return false;
        named[i] = t->kind == SYN_NAME && a[i] <= OPEN;
        for (uint32_t k = 0; k < t->nargs; k++) named[i] |= named[t->arg[k]] && (is_chain(t) || a[i] <= OPEN);
    }
    for (uint32_t i = 0; i < w->n; i++) {
        names list = {.n = 0};
        product p;
        if (!is_top(&c, i)) continue;
        if (named[i] && factors(h, a, i, &list)) more |= take(h, &list);
        else if (!sdp_is_numpy(&w->t[i]) && read_product(&c, i, &p) && p.front) more |= take(h, &p.letters);
    }
    return more;
}

// A power that only numbers have: K^alpha, but neither A^k nor A^-1.
static bool is_power_of_number(const sdp_terms *w, const sdp_term *t)
{
    if (arithmetic(t) != SDP_OP_pow_) return false;
    const sdp_term *e = &w->t[t->arg[1]];
    bool count = e->kind == SYN_NAME && strlen(e->text) == 1 && strchr("ijklmnpqT", e->text[0]);
    return e->kind != SYN_NUMBER && !(e->kind == SYN_CALL && e->op == SDP_OP_neg) && !count;
}

// A capital letter is a number if a product of it and numbers is added to a number, or if it has a power that
// only numbers have: C*norm(w)^2 + ..., K^alpha.
void sdp_roles_of_numbers(sdp_habits *h)
{
    const sdp_terms *w = h->w;
    bool more = true;
    for (int round = 0; more && round < ROUNDS; round++) {
        const sdp_guess *a = sdp_guess_all(h);
        more = by_measures(h, a) || by_sums(h, a);
        if (more) continue;
        more = by_products(h, a);
        for (uint32_t i = 0; i < w->n && !more; i++) {
            const sdp_term *t = &w->t[i];
            names list = {.n = 0};
            if (is_power_of_number(w, t)) (void)factors(h, a, t->arg[0], &list);
            for (uint32_t k = 0; is_sum(t) && k < 2; k++)
                if (a[t->arg[1 - k]] == NUMBER && w->t[t->arg[1 - k]].kind != SYN_NUMBER)
                    (void)factors(h, a, t->arg[k], &list);
            more = take(h, &list);
        }
    }
}

// ---- formulas of physics ----------------------------------------------------------------------------------

// r of q/r, t of s/t; n, m and such are counts, by which vectors are divided, too.
static bool is_measured_letter(const sdp_habits *h, const sdp_term *t)
{
    char stem[256];
    if (!sdp_unknown_of(h, t) || sdp_is_matrix_name(t->text)) return false;
    sdp_stem(t->text, stem);
    return strlen(stem) == 1 && !strchr("nmNkpKT", stem[0]);
}

// (1+r/n)^(n*t), (1-x)^alpha, but neither e^(A*t) nor A^(k+1)
static bool is_grown(const sdp_habits *h, const sdp_term *t)
{
    const sdp_terms *w = h->w;
    if (!is_power_of_number(w, t)) return false;
    const sdp_term *base = &w->t[t->arg[0]], *e = &w->t[t->arg[1]];
    bool constant = base->kind == SYN_NAME && base->var == UINT32_MAX;
    for (uint32_t k = 0; e->kind == SYN_CALL && k < e->nargs; k++)
        if (w->t[e->arg[k]].kind == SYN_NUMBER) return false;
    return !constant && base->kind == SYN_CALL;
}

// exp(-r*T) as a factor, exp and log of a product with a capital letter: whoever means a matrix does not take
// them of its entries.
static bool is_of_entries(const sdp_habits *h, const sdp_guess *a, const bool *factor, uint32_t i)
{
    static const int ops[] = {SDP_OP_exp, SDP_OP_log, SDP_OP_sqrt, SDP_OP_erf, SDP_OP_erfc};
    const sdp_term *t = &h->w->t[i];
    bool found = false;
    for (size_t k = 0; k < sizeof ops / sizeof *ops; k++) found |= t->op == ops[k];
    const sdp_term *x = &h->w->t[t->nargs ? t->arg[0] : i];
    // A*exp(-mu*x), but not V*exp(W*x)
    bool scaled = found && is_chain(x) && a[t->arg[0]] == COLUMN && factor[i];
    for (const sdp_term *s = x; scaled && s->kind == SYN_CALL && s->nargs; s = &h->w->t[s->arg[0]])
        scaled = a[s->arg[0]] != TABLE;
    return scaled || (found && a[t->arg[0]] == TABLE && (factor[i] || is_chain(x)));
}

// Formulas of physics: no operation of vectors or matrices, but a quotient by a capital letter, a small one,
// a sum or a power, a power of a small letter or of a sum, a sine, or an exponential of a capital letter.
// Then all letters are numbers: A*exp(-E/(R*T)).
bool sdp_is_about_numbers(const sdp_habits *h)
{
    const sdp_terms *w = h->w;
    const sdp_guess *a = sdp_guess_all(h);
    bool found = false, *factor = sdp_scratch(&w->g->base, w->n + (size_t)1),
         *capital = sdp_scratch(&w->g->base, w->n + (size_t)1);
    for (uint32_t i = 0; i < w->n; i++) {
        capital[i] = w->t[i].kind == SYN_NAME && sdp_is_matrix_name(w->t[i].text);
        for (uint32_t k = 0; k < w->t[i].nargs; k++) capital[i] |= capital[w->t[i].arg[k]];
    }
    for (uint32_t i = 0; i < w->n; i++)
        for (uint32_t k = 0; is_chain(&w->t[i]) && w->t[i].nargs == 2 && k < 2; k++)
            factor[w->t[i].arg[k]] = true;
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        if (speaks_of_algebra(h, a, t) ||
            (t->kind == SYN_NAME && !sdp_unknown_of(h, t) && t->var != UINT32_MAX))
            return false;
        // h_i of h = X*w
        if (t->role == SDP_PART && t->nargs && w->t[t->arg[0]].kind == SYN_CALL) return false;
        if (t->kind != SYN_CALL) continue;
        const sdp_term *by = arithmetic(t) == SDP_OP_div ? &w->t[t->arg[1]] : NULL,
                       *base = arithmetic(t) == SDP_OP_pow_ ? &w->t[t->arg[0]] : NULL;
        found |= t->op == SDP_OP_sin || t->op == SDP_OP_cos || t->op == SDP_OP_tan;
        found |= by && (by->kind == SYN_CALL ? by->op != SDP_OP_sqrt
                                             : by->kind == SYN_NAME && (sdp_is_matrix_name(by->text) ||
                                                                        is_measured_letter(h, by)));
        // D*(1-x)^2
        found |= base && is_sum(base) && !capital[t->arg[0]] && w->t[t->arg[1]].kind == SYN_NUMBER;
        found |= base && base->kind == SYN_NAME && sdp_unknown_of(h, base) && !sdp_is_matrix_name(base->text);
        // p*q has no value of columns
        found |= t->op == SDP_OP_mul && !sdp_is_numpy(t) && a[t->arg[0]] == COLUMN && a[t->arg[1]] == COLUMN;
        found |= is_grown(h, t) || is_of_entries(h, a, factor, i);
    }
    return found;
}

// ---- where the shapes fit, but numbers fit as well --------------------------------------------------------

static bool is_array(const sdp_terms *w, uint32_t i) { return !sdp_is_scalar(w->t[i].shape); }

// Does every array only meet numbers, or what it is added to: c*(T-T0), sqrt(Fx^2+Fy^2)?
static bool is_entrywise(const sdp_terms *w)
{
    bool sum = false;
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        if (t->kind == SYN_CALL && t->op == SDP_OP_mul && t->nargs == 2 && is_array(w, t->arg[0]) &&
            is_array(w, t->arg[1]))
            return false;
        sum |= is_sum(t);
    }
    return sum;
}

// U - T*S + P*V: two products of capital letters, each of which stands nowhere else.
static bool is_sum_of_products(const sdp_terms *w)
{
    uint32_t products = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        if (t->kind != SYN_CALL || is_sum(t) || t->op == SDP_OP_neg) continue;
        if (t->op != SDP_OP_mul || w->t[t->arg[0]].kind != SYN_NAME || w->t[t->arg[1]].kind != SYN_NAME ||
            ++products > MOST)
            return false;
    }
    for (uint32_t i = 0; products > 1 && i < w->n; i++)
        for (uint32_t k = 0; w->t[i].kind == SYN_NAME && k < i; k++)
            if (w->t[k].kind == SYN_NAME && w->t[k].var == w->t[i].var) return false;
    return products > 1;
}

// Nothing but capital letters says that there are arrays, in a text that does not speak of vectors.
bool sdp_could_be_numbers(const sdp_terms *w) { return is_entrywise(w) || is_sum_of_products(w); }
