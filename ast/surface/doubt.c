// SPDX-License-Identifier: MIT
// Where a person could mean something else than what was chosen: refused with the
// text for each reading, or noted.
//
// Runs when all shapes are known. A reading that depends on a guess and changes the answer is no answer:
// ‖A‖_1 of a matrix, tr(exp(X)), y*(X*w) of two columns. What is by far the commoner is taken and said: b of
// A*x-b is a vector. Each function below knows one class. Entry: sdp_doubt.
#include "ast/surface/doubt.h"

// x - x' of a small letter: the prime makes it a square matrix or a number, and hardly anybody means that.
// Another point is meant, or a derivative.
static void primes(const doubt *d, const sdp_term *t)
{
    if (!is_call(t, SDP_OP_transpose)) return;
    const sdp_term *x = arg(d, t, 0);
    const char mark = t->tree->source[t->at.begin];
    if (mark != '\'' || !guessed(d, x) || sdp_is_vector(x->shape) || sdp_is_matrix_name(x->text)) return;
    refuse(d, t, sdp_printf(d->b, "'%s' has two readings", text(d, t)),
           sdp_printf(
               d->b,
               "for another variable write %s2; for the transpose declare -d '%s: matrix' or -d '%s: vector'",
               x->text, x->text, x->text));
}

static const char *bracketed(const doubt *d, const sdp_term *t)
{
    return t->grouped ? sdp_printf(d->b, "(%s)", text(d, t)) : text(d, t);
}

// y*(X*w): y became a number because two columns have no product.
static void products_of_columns(const doubt *d, const sdp_term *t)
{
    if (!is_call(t, SDP_OP_mul) || !sdp_is_vector(t->shape) || t->shape.cols != SDP_DIM_ONE) return;
    for (uint32_t k = 0; k < 2; k++) {
        const sdp_term *x = arg(d, t, k), *other = arg(d, t, 1 - k);
        while (is_call(x, SDP_OP_neg)) x = arg(d, x, 0);
        const sdp_unknown *u = guessed(d, x);
        if (!u || !sdp_is_scalar(x->shape) || !sdp_is_vector(other->shape) ||
            !(u->why & (1u << SDP_BY_LETTER)))
            continue;
        if (!sdp_is_column_letter(x->text)) continue;
        refuse(d, t, sdp_printf(d->b, "'%s' has two readings", text(d, t)),
               sdp_printf(d->b, "element by element write %s.*%s; for a number: -d '%s: scalar'",
                          bracketed(d, arg(d, t, 0)), bracketed(d, arg(d, t, 1)), x->text));
    }
}

// v × B of two letters: a cross product, or one of numbers?
static void crosses(const doubt *d, const sdp_term *t)
{
    const char *op = t->tree->source + t->at.begin;
    if (!is_call(t, SDP_OP_mul) || (strncmp(op, "\\times", 6) && strncmp(op, "×", strlen("×")))) return;
    const sdp_term *x = arg(d, t, 0), *y = arg(d, t, 1);
    if (is_call(x, SDP_OP_mul)) x = arg(d, x, 1);
    if (x->kind != SYN_NAME || y->kind != SYN_NAME || !guessed(d, x) || !guessed(d, y) ||
        sdp_is_matrix(x->shape))
        return;
    const char *a = text(d, x), *b = text(d, y);
    refuse(d, t, sdp_printf(d->b, "'%s' has two readings", text(d, t)),
           sdp_printf(d->b, "for the cross product write cross(%s,%s), for numbers %s*%s", a, b, a, b));
}

// w \cdot x: to most an inner product of vectors, and x is typed like one.
static void centred_dots(const doubt *d, const sdp_term *t)
{
    if (!is_call(t, SDP_OP_mul) || !sdp_is_scalar(t->shape)) return;
    const char *op = t->tree->source + t->at.begin;
    if (!sdp_is_dotted(t)) return;
    const sdp_term *factor[2] = {arg(d, t, 0), arg(d, t, 1)};
    // -y w · x
    while (is_call(factor[0], SDP_OP_mul) || is_call(factor[0], SDP_OP_neg))
        factor[0] = arg(d, factor[0], factor[0]->nargs - 1);
    for (uint32_t k = 0; k < 2; k++) {
        const sdp_term *x = factor[k];
        const sdp_unknown *u = guessed(d, x);
        const char *typed = x->tree->source + x->span.begin;
        bool bold = !strncmp(typed, "\\math", 5) || !strncmp(typed, "\\vec", 4) ||
                    !strncmp(typed, "\\bo", 3) || !strncmp(typed, "\\bm", 3);
        bool column = x->kind == SYN_NAME && sdp_is_column_letter(x->text);
        if (!u || !sdp_is_scalar(x->shape) || (!bold && !column)) return;
    }
    const char *a = text(d, factor[0]), *b = text(d, factor[1]),
               *mark = t->tree->from == SD_FROM_LATEX ? "^\\top " : "'*";
    refuse(d, t, sdp_printf(d->b, "'%s %.*s %s' has two readings", a, (int)(t->at.end - t->at.begin), op, b),
           sdp_printf(d->b, "for an inner product write %s%s%s, for numbers %s*%s", a, mark, b, a, b));
}

// a*b/(norm(a)*norm(b)): a became a number because two columns have no product, and
// nobody takes the norm of a number.
static void norms_of_numbers(const doubt *d, const sdp_term *t)
{
    if (!is_call(t, SDP_OP_norm) || arg(d, t, 0)->kind != SYN_NAME) return;
    const sdp_term *x = arg(d, t, 0);
    if (!guessed(d, x) || !sdp_is_scalar(x->shape) || d->h->n < 2) return;
    refuse(d, t, sdp_printf(d->b, "'%s' measures what is read as a number", text(d, t)),
           sdp_printf(d->b,
                      "for a vector: -d '%s: vector' (an inner product is x'*y); for a number write abs(%s)",
                      x->text, x->text));
}

// e beside variables, nowhere the base of a power: a residual, an error, a price?
static void number_e(const doubt *d, const sdp_term *t)
{
    if (t->kind != SYN_NAME || t->op != SDP_OP_e || t->own || !d->h->n ||
        t->tree->source[t->span.begin] != 'e' || d->powers_of_e)
        return;
    refuse(d, t, "'e' has two readings: 2.718..., or a variable",
           "for the number write exp(1), for a variable -d 'e: scalar' or another shape");
}

// e^{i\omega t}: i or j as a factor of an exponent of e is the imaginary unit to most.
static void imaginary_unit(const doubt *d, const sdp_term *t)
{
    bool power = is_call(t, SDP_OP_pow_) && arg(d, t, 0)->op == SDP_OP_e && arg(d, t, 0)->kind == SYN_NAME;
    if (!power && !is_call(t, SDP_OP_exp)) return;
    enum { PLACES = 64 };
    uint32_t stack[PLACES], depth = 0;
    stack[depth++] = t->arg[t->nargs - 1];
    while (depth) {
        const sdp_term *x = &d->w->t[stack[--depth]];
        bool product = is_call(x, SDP_OP_mul) || is_call(x, SDP_OP_neg) || is_call(x, SDP_OP_div);
        for (uint32_t k = 0; product && k < x->nargs && depth < PLACES; k++) stack[depth++] = x->arg[k];
        if (!guessed(d, x) || !sdp_is_scalar(x->shape) || (strcmp(x->text, "i") && strcmp(x->text, "j")))
            continue;
        refuse(d, x, sdp_printf(d->b, "'%s' has two readings: a variable, or the imaginary unit", x->text),
               sdp_printf(d->b,
                          "numbers are real: the parts of e^{ix} are cos(x) and sin(x); for the variable -d "
                          "'%s: scalar'",
                          x->text));
    }
}

// Does x-mean(x) of this x stand in t, perhaps as a factor?
static bool is_centered(const doubt *d, const sdp_term *t, const char *x)
{
    while (is_call(t, SDP_OP_mul) || is_call(t, SDP_OP_emul)) t = arg(d, t, 1);
    return is_call(t, SDP_OP_sub) && is_call(arg(d, t, 1), SDP_OP_mean) &&
           !strcmp(text(d, arg(d, arg(d, t, 1), 0)), x);
}

// std(x,1) is divided by n in MATLAB and along an axis in NumPy; (x-mean(x))/std(x) by n in NumPy, by n-1 in
// MATLAB.
static void deviations(const doubt *d, const sdp_term *t)
{
    if (!is_call(t, SDP_OP_std) && !is_call(t, SDP_OP_var)) return;
    const char *f = sdp_ops[t->op].name, *x = text(d, arg(d, t, 0));
    if (!has_guess(d, t)) return;
    if (t->nargs == 2 && is_number(arg(d, t, 1), "1") && is_call(t, SDP_OP_std))
        refuse(d, t, sdp_printf(d->b, "'%s' has two readings", text(d, t)),
               sdp_printf(d->b, "down the columns, divided by n-1, is %s(%s,0,1), divided by n %s(%s,1,1)", f,
                          x, f, x));
    if (t->nargs != 1) return;
    const sdp_term *at = t, *up = parent(d, t);
    while (up && (is_call(up, SDP_OP_sqrt) || is_call(up, SDP_OP_add))) at = up, up = parent(d, up);
    bool below = up && (is_call(up, SDP_OP_div) || is_call(up, SDP_OP_ediv)) && arg(d, up, 1) == at;
    if (below && is_centered(d, arg(d, up, 0), x))
        refuse(d, t, sdp_printf(d->b, "'%s' has two conventions", text(d, t)),
               sdp_printf(d->b, "divided by n-1 it is %s(%s,0,1), divided by n %s(%s,1,1)", f, x, f, x));
}

// |r|^2 and 1/|r|: the length of a vector, or the absolute value of a number?
static void lengths(const doubt *d, const sdp_term *t)
{
    if (!is_call(t, SDP_OP_bars)) return;
    const sdp_term *x = arg(d, t, 0), *up = parent(d, t), *at = t;
    bool names = x->kind == SYN_NAME ||
                 (is_sum(x) && arg(d, x, 0)->kind == SYN_NAME && arg(d, x, 1)->kind == SYN_NAME);
    const sdp_unknown *u = guessed(d, x->kind == SYN_NAME || !names ? x : arg(d, x, 0));
    const char *hint =
        sdp_printf(d->b, "for the absolute value write abs(%s), for the length of a vector norm(%s)",
                   text(d, x), text(d, x));
    const char *message = sdp_printf(d->b, "'%s' has two readings", text(d, t));
    if (sdp_is_vector(x->shape)) {
        while (up && (up->kind == SYN_CALL) && !sdp_is_scalar(up->shape)) up = parent(d, up);
        if (!up || !sdp_is_scalar(up->shape) || is_call(up, SDP_OP_transpose)) refuse(d, t, message, hint);
        return;
    }
    bool itself = up && is_call(up, SDP_OP_div) && arg(d, up, 1) == t && arg(d, up, 0)->kind == SYN_NAME &&
                  arg(d, up, 0)->var == x->var && x->kind == SYN_NAME; // x/|x|
    if (!names || !u || !sdp_is_scalar(x->shape) || (d->h->n < 2 && !itself)) return;
    while (up && is_call(up, SDP_OP_mul)) at = up, up = parent(d, up);
    bool power = up && is_call(up, SDP_OP_pow_) && arg(d, up, 0) == at,
         below = up && is_call(up, SDP_OP_div) && arg(d, up, 1) == at;
    if (power || below) refuse(d, t, message, hint);
}

// r-r_i: a point and points of one letter are two things, and r-r[i] of one vector hardly ever is meant.
static void points_of_one_letter(const doubt *d, const sdp_term *t)
{
    for (uint32_t k = 0; is_sum(t) && k < 2; k++) {
        const sdp_term *x = arg(d, t, k), *of = arg(d, t, 1 - k);
        if (!guessed(d, x) || !sdp_is_sample(of) || arg(d, of, 0)->var != x->var) continue;
        refuse(d, t,
               sdp_printf(d->b, "'%s' has two readings: %s and %s of one letter", text(d, t), text(d, x),
                          text(d, of)),
               sdp_printf(d->b, "give one of them a letter of its own; for one vector: -d '%s: vector'",
                          x->text));
    }
}

// Σ m_i|v_i|^2 and Σ q_i q_j/|r_i-r_j|: nobody squares the absolute value of a
// number, and points have a distance.
static void lengths_of_entries(const doubt *d, const sdp_term *t)
{
    if (!is_call(t, SDP_OP_entry_bars) || !sdp_is_scalar(arg(d, t, 0)->shape)) return;
    const sdp_term *x = arg(d, t, 0), *up = parent(d, t), *at = t, *part[2] = {x, x};
    uint32_t samples = 0, of[2] = {UINT32_MAX, UINT32_MAX};
    for (uint32_t k = 0; is_sum(x) && k < 2; k++) part[k] = arg(d, x, k);
    for (uint32_t k = 0; k < 2; k++) {
        bool sample = sdp_is_sample(part[k]);
        const sdp_term *name = sample ? arg(d, part[k], 0) : part[k];
        if (!guessed(d, name)) return;
        samples += sample;
        if (sample) of[k] = name->var;
    }
    const char *v = arg(d, part[sdp_is_sample(part[0]) ? 0 : 1], 0)->text;
    bool points = is_sum(x) && (samples == 1 || of[0] == of[1]);
    while (up && (is_call(up, SDP_OP_mul) ||
                  (points && is_call(up, SDP_OP_pow_) && !is_number(arg(d, up, 1), "2"))))
        at = up, up = parent(d, up);
    bool squared = up && is_call(up, SDP_OP_pow_) && arg(d, up, 0) == at && is_number(arg(d, up, 1), "2");
    bool below = up && (is_call(up, SDP_OP_div) || is_call(up, SDP_OP_ediv)) && arg(d, up, 1) == at;
    if (samples && (squared || (below && points)))
        refuse(d, t,
               sdp_printf(d->b, "'%s' has two readings: an absolute value, or the length of a row",
                          text(d, t)),
               sdp_printf(d->b,
                          "for the absolute value -d '%s: vector', for the lengths of the rows of a matrix "
                          "-d '%s: matrix'",
                          v, v));
}

static bool is_of_entries(const sdp_term *t)
{
    static const int ops[] = {SDP_OP_pow_, SDP_OP_epow, SDP_OP_square, SDP_OP_sum, SDP_OP_mean, SDP_OP_abs};
    bool found = false;
    for (size_t i = 0; t && i < sizeof ops / sizeof *ops; i++) found |= is_call(t, ops[i]);
    return found;
}

static _Noreturn void refuse_kind(const doubt *d, const sdp_term *t, const char *x)
{
    refuse(d, t, sdp_printf(d->b, "is '%s' a number or a vector?", x),
           sdp_printf(d->b, "say which: -d '%s: scalar' or -d '%s: vector'", x, x));
}

// sum((x-a).^2) by a: is a a number, or does each x have its own?
static void centers(const doubt *d, const sdp_term *t)
{
    if (!is_sum(t)) return;
    for (uint32_t k = 0; k < 2; k++) {
        const sdp_term *x = arg(d, t, k), *other = arg(d, t, 1 - k), *up = parent(d, t);
        const sdp_unknown *u = guessed(d, x);
        bool added = u && (u->why & (1u << SDP_ADDED_TO_ARRAY)),
             greek = u && u->why == 1u << SDP_BY_LETTER && sdp_is_greek_name(x->text) && is_of_entries(up);
        if ((!added && !greek) || !sdp_is_vector(x->shape)) continue;
        bool norm = up && (is_call(up, SDP_OP_norm) || is_call(up, SDP_OP_transpose));
        if (other->kind == SYN_NAME && !norm && sdp_is_asked(d->w->g, x->text)) refuse_kind(d, t, x->text);
        if (added)
            sdp_note(d->b, "%s is a vector, as what it is added to; for a number: -d '%s: scalar'", x->text,
                     x->text);
    }
}

// theta of sum(x.*log(theta)), asked for: one parameter for all x, or one for each? Both shapes fit.
static void parameters(const doubt *d)
{
    static const int functions[] = {SDP_OP_log, SDP_OP_exp, SDP_OP_sqrt, SDP_OP_sigmoid, SDP_OP_lgamma};
    for (uint32_t i = 0; i < d->h->n; i++) {
        const sdp_unknown *u = &d->h->u[i];
        const char *name = d->w->g->var[u->var].name;
        if (u->why != 1u << SDP_BY_LETTER || u->given || !sdp_is_greek_name(name) ||
            !sdp_is_asked(d->w->g, name))
            continue;
        const sdp_term *use = NULL;
        bool fits = sdp_is_vector(d->w->g->var[u->var].shape) && sdp_is_scalar(d->w->t[d->w->root].shape),
             other = false;
        for (uint32_t k = 0; k < d->w->n; k++) {
            const sdp_term *t = &d->w->t[k], *up = parent(d, t);
            other |=
                t->kind == SYN_NAME && t->var != u->var && t->var != UINT32_MAX && sdp_is_vector(t->shape);
            if (t->kind != SYN_NAME || t->var != u->var || !up) continue;
            bool function = false, rest = is_sum(up) && (arg(d, up, 0)->kind == SYN_NUMBER ||
                                                         arg(d, up, 1)->kind == SYN_NUMBER);
            for (size_t f = 0; f < sizeof functions / sizeof *functions; f++)
                function |= is_call(up, functions[f]);
            fits &= function || rest;
            if (function) use = t;
        }
        if (fits && use && other) refuse_kind(d, use, name);
    }
}

// t*c@x in NumPy: only their letters make t a vector and c a number behind it.
static void numbers_behind(const doubt *d, const sdp_term *t)
{
    if (!is_call(t, SDP_OP_mul) || !is_call(arg(d, t, 0), SDP_OP_emul)) return;
    const sdp_term *x = arg(d, arg(d, t, 0), 0), *y = arg(d, arg(d, t, 0), 1);
    const sdp_unknown *u = guessed(d, x), *v = guessed(d, y);
    if (!u || !v || x->kind != SYN_NAME || y->kind != SYN_NAME || !sdp_is_vector(x->shape) ||
        !sdp_is_scalar(y->shape))
        return;
    if (u->why == 1u << SDP_BY_LETTER && v->why == 1u << SDP_BY_NAME && !y->text[1])
        refuse_kind(d, x, x->text);
}

static void note_kinds(const doubt *d)
{
    const char *numbers = "", *first = NULL;
    for (uint32_t i = 0; i < d->h->n; i++) {
        const sdp_unknown *u = &d->h->u[i];
        const sdp_variable *v = &d->w->g->var[u->var];
        if (!sdp_is_scalar(v->shape)) continue;
        if (u->why & (1u << SDP_AS_INTERCEPT))
            sdp_note(d->b, "%s is a number, the intercept; for a vector: -d '%s: vector'", v->name, v->name);
        if (u->why & (1u << SDP_AS_MEAN))
            sdp_note(d->b, "%s is a number, the mean of a sample; for a vector: -d '%s: vector'", v->name,
                     v->name);
        if (!(u->why & (1u << SDP_AMONG_NUMBERS))) continue;
        if (strlen(numbers) < 400) numbers = sdp_printf(d->b, "%s%s%s", numbers, first ? ", " : "", v->name);
        if (!first) first = v->name;
    }
    const char *other = first && sdp_is_matrix_name(first) ? "matrix" : "vector";
    if (first)
        sdp_note(d->b, "only added to and multiplied with numbers, and so numbers: %s; for a %s: -d '%s: %s'",
                 numbers, other, first, other);
}

// grad(Lx,w) of a name that means nothing else is 0 for all w: a slip.
static void unrelated(const doubt *d, const sdp_term *t)
{
    if (!is_call(t, SDP_OP_grad) && !is_call(t, SDP_OP_jacobian) && !is_call(t, SDP_OP_hessian)) return;
    const sdp_term *f = arg(d, t, 0), *x = arg(d, t, 1);
    if (!guessed(d, f) || x->kind != SYN_NAME || f->var == x->var) return;
    refuse(d, f, sdp_printf(d->b, "'%s' is not defined, and its derivative by %s is 0", f->text, x->text),
           sdp_printf(d->b, "define it, %s = ...", f->text));
}

// ∇_x (x'Ax) by x, \frac{d}{dx} x^3 by x: the second derivative is asked for, whether that is meant or not.
static void derived_twice(const doubt *d)
{
    const sdp_term *t = &d->w->t[d->w->root];
    if ((!is_call(t, SDP_OP_grad) && !is_call(t, SDP_OP_jacobian)) || t->own) return;
    const sdp_term *x = arg(d, t, 1);
    if (x->kind == SYN_NAME && sdp_is_asked(d->w->g, x->text))
        sdp_note(d->b,
                 "what is typed is a derivative by %s, and this is the derivative of it; without --wrt it is "
                 "the first one",
                 x->text);
}

// sum(p*log(p)): the product of columns does not exist, and the sum of a number is that number.
static void sums_of_numbers(const doubt *d, const sdp_term *t)
{
    if (!(is_call(t, SDP_OP_sum) || is_call(t, SDP_OP_mean)) || t->nargs != 1) return;
    const sdp_term *x = arg(d, t, 0);
    if (sdp_is_numpy(t)) {
        for (uint32_t i = 0; i < d->h->n && sdp_is_scalar(x->shape) && has_guess(d, x); i++) {
            const char *name = d->w->g->var[d->h->u[i].var].name;
            if (!d->h->u[i].given)
                refuse(d, t, sdp_printf(d->b, "'%s' adds up what is read as a number", text(d, t)),
                       sdp_printf(d->b, "say what %s is: -d '%s: vector'", name, name));
        }
        return;
    }
    if (!sdp_is_scalar(x->shape) || x->kind == SYN_NAME || !is_call(x, SDP_OP_mul) || !has_guess(d, x))
        return;
    refuse(d, t, sdp_printf(d->b, "'%s' has two readings: what is added up is a number here", text(d, t)),
           sdp_printf(d->b, "element by element write %s.*%s; for the number leave %s out",
                      bracketed(d, arg(d, x, 0)), bracketed(d, arg(d, x, 1)), sdp_ops[t->op].name));
}

// Squares under a sum, e^A, |x_i|: what the shapes say becomes the operation.
static void settle(const doubt *d, sdp_term *t)
{
    if (is_call(t, SDP_OP_entry_bars)) {
        sdp_shape inside = arg(d, t, 0)->shape;
        t->op = sdp_is_scalar(inside) ? SDP_OP_abs : sdp_is_matrix(inside) ? SDP_OP_det : SDP_OP_norm;
    }
    if (!is_call(t, SDP_OP_pow_)) return;
    const sdp_term *x = arg(d, t, 0), *e = arg(d, t, 1);
    sdp_graph *g = d->w->g;
    bool square =
        sdp_is_matrix(x->shape) && sdp_dim_resolve(g, x->shape.rows) == sdp_dim_resolve(g, x->shape.cols);
    if (x->op == SDP_OP_e && x->kind == SYN_NAME && sdp_is_matrix(e->shape)) {
        t->op = SDP_OP_expm;
        t->arg++;
        t->nargs = 1;
    } else if (t->entrywise && !sdp_is_scalar(x->shape) && !square &&
               !(sdp_is_matrix(x->shape) && guessed(d, x))) {
        t->op = SDP_OP_epow;
        sdp_note(d->b, "%s is taken of each entry, as .^", text(d, t));
    } else if (t->entrywise && sdp_is_matrix(x->shape)) {
        if (has_guess(d, x))
            refuse(d, t, sdp_printf(d->b, "'%s' has two readings", text(d, t)),
                   sdp_printf(d->b, "of each entry it is %s.^%s, of the matrix powm(%s,%s)", text(d, x),
                              text(d, e), text(d, x), text(d, e)));
    }
}

void sdp_doubt(sdp_habits *h)
{
    sdp_terms *w = h->w;
    sdp_base *b = &w->g->base;
    bool *need = sdp_scratch(b, w->n + (size_t)1);
    doubt d = {h,
               w,
               b,
               need,
               sdp_scratch(b, (w->n + (size_t)1) * sizeof *d.parent),
               sdp_scratch(b, w->n + (size_t)1),
               false};
    for (uint32_t i = 0; i < w->n; i++) {
        d.guess[i] = guessed(&d, &w->t[i]) != NULL;
        d.powers_of_e |= is_call(&w->t[i], SDP_OP_pow_) && arg(&d, &w->t[i], 0)->op == SDP_OP_e;
        for (uint32_t k = 0; k < w->t[i].nargs; k++) d.guess[i] |= d.guess[w->t[i].arg[k]];
    }
    need[w->root] = true;
    for (uint32_t i = w->n; i-- > 0;)
        for (uint32_t k = 0; need[i] && k < w->t[i].nargs; k++)
            need[w->t[i].arg[k]] = true, d.parent[w->t[i].arg[k]] = i + 1;
    for (uint32_t i = 0; i < w->n; i++) {
        if (!need[i]) continue;
        if (!sdp_is_numpy(&w->t[i])) {
            sdp_doubt_matrices(&d, &w->t[i]);
            products_of_columns(&d, &w->t[i]);
            centred_dots(&d, &w->t[i]);
            crosses(&d, &w->t[i]);
            primes(&d, &w->t[i]);
            deviations(&d, &w->t[i]);
            lengths(&d, &w->t[i]);
            lengths_of_entries(&d, &w->t[i]);
            points_of_one_letter(&d, &w->t[i]);
            number_e(&d, &w->t[i]);
            imaginary_unit(&d, &w->t[i]);
            norms_of_numbers(&d, &w->t[i]);
        }
        if (sdp_is_numpy(&w->t[i])) numbers_behind(&d, &w->t[i]);
        sdp_doubt_algebra_of_numbers(&d, &w->t[i]);
        centers(&d, &w->t[i]);
        unrelated(&d, &w->t[i]);
        sums_of_numbers(&d, &w->t[i]);
        settle(&d, &w->t[i]);
    }
    parameters(&d);
    derived_twice(&d);
    note_kinds(&d);
}
