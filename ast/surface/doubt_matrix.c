// SPDX-License-Identifier: MIT
// Where a function or power of a matrix that was only guessed to be one has another meaning as well: ‖A‖_1,
// tr(exp(X)), (X-μ)², exp(At); and where letters alone make numbers of what nobody writes of numbers: tr(ρ),
// a ⊙ b. Refused with the text for each reading. Entries: sdp_doubt_matrices, sdp_doubt_algebra_of_numbers.
#include "ast/surface/doubt.h"

// ‖A‖_1 and ‖A‖_2 of a matrix; norm(A,1) has MATLAB's meaning.
static void norms_in_bars(const doubt *d, const sdp_term *t)
{
    if (!is_call(t, SDP_OP_norm) || t->nargs != 2 || t->at.begin != t->span.begin ||
        t->at.end != t->span.end || !sdp_is_matrix(arg(d, t, 0)->shape))
        return;
    const char *a = text(d, arg(d, t, 0));
    if (is_number(arg(d, t, 1), "1"))
        refuse(d, t, "the 1-norm of a matrix has two meanings",
               sdp_printf(d->b, "the largest column sum is norm(%s,1), the sum of all entries sum(abs(%s))",
                          a, a));
    if (is_number(arg(d, t, 1), "2"))
        refuse(d, t, "the 2-norm of a matrix has two meanings",
               sdp_printf(d->b,
                          "the largest singular value is norm(%s,2), the root of the sum of squares norm(%s)",
                          a, a));
}

// Functions of entries, and those of matrices that go by the same name
static const struct {
    int op;
    const char *matrix;
} functions[] = {{SDP_OP_exp, "expm"}, {SDP_OP_log, "logm"}, {SDP_OP_sqrt, "sqrtm"}};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

// tr(exp(X)): who takes a trace means the function of the matrix, who writes exp that of the entries.
static void functions_of_matrices(const doubt *d, const sdp_term *t)
{
    if (!sdp_is_matrix(t->shape) || t->kind != SYN_CALL || !has_guess(d, t)) return;
    for (size_t i = 0; i < FUNCTIONS; i++) {
        if (t->op != functions[i].op) continue;
        const sdp_term *up = parent(d, t);
        while (up && up->kind == SYN_CALL &&
               (is_sum(up) || up->op == SDP_OP_mul || up->op == SDP_OP_neg || up->op == SDP_OP_div ||
                up->op == SDP_OP_pow_ || up->op == SDP_OP_transpose) &&
               sdp_is_matrix(up->shape))
            up = parent(d, up);
        if (up && up->kind == SYN_CALL && sdp_is_of_square(up->op) &&
            sdp_dim_resolve(d->w->g, t->shape.rows) == sdp_dim_resolve(d->w->g, t->shape.cols))
            refuse(d, t, sdp_printf(d->b, "'%s' of a matrix has two readings here", text(d, t)),
                   sdp_printf(d->b, "the function of the matrix is %s(%s), entry by entry it is 1.*%s",
                              functions[i].matrix, text(d, arg(d, t, 0)), text(d, t)));
    }
}

// (X-μ)²: a matrix minus a number is not squared as a matrix; X is a number, or each entry is squared.
static void powers_of_shifted(const doubt *d, const sdp_term *t)
{
    if (!is_call(t, SDP_OP_pow_) || arg(d, t, 1)->kind != SYN_NUMBER) return;
    const sdp_term *sum = arg(d, t, 0);
    if (!is_sum(sum) || !sdp_is_matrix(sum->shape)) return;
    for (uint32_t k = 0; k < 2; k++) {
        const sdp_term *x = arg(d, sum, k);
        const sdp_unknown *u = guessed(d, x);
        if (!u || !sdp_is_matrix(x->shape) || !sdp_is_scalar(arg(d, sum, 1 - k)->shape)) continue;
        refuse(d, t, sdp_printf(d->b, "is '%s' a number or a matrix?", x->text),
               sdp_printf(d->b, "for a number: -d '%s: scalar'; of each entry it is (%s).^%s", x->text,
                          text(d, sum), arg(d, t, 1)->text));
    }
}

// exp(At): entry by entry t is a vector; to most it is the function of a matrix, of a number t.
static void flows(const doubt *d, const sdp_term *t)
{
    if (!is_call(t, SDP_OP_exp)) return;
    const sdp_term *m = arg(d, t, 0);
    while (is_call(m, SDP_OP_neg)) m = arg(d, m, 0);
    if (!is_call(m, SDP_OP_mul) || !sdp_is_vector(m->shape)) return;
    const sdp_term *a = arg(d, m, 0), *x = arg(d, m, 1);
    const sdp_unknown *u = guessed(d, x);
    if (!guessed(d, a) || !u || x->kind != SYN_NAME || a->kind != SYN_NAME || strcmp(x->text, "t") ||
        !sdp_is_matrix(a->shape))
        return;
    refuse(d, t, sdp_printf(d->b, "'%s' has two readings", text(d, t)),
           sdp_printf(d->b,
                      "the function of the matrix is expm(%s*%s) with -d '%s: scalar', entry by entry "
                      "-d '%s: vector'",
                      a->text, x->text, x->text, x->text));
}

// The first name below t that was guessed to be a number; NULL.
static const sdp_term *guessed_number(const doubt *d, const sdp_term *t)
{
    while (t->kind == SYN_CALL) {
        uint32_t k = 0;
        while (k < t->nargs && !has_guess(d, arg(d, t, k))) k++;
        if (k == t->nargs) return NULL;
        t = arg(d, t, k);
    }
    return guessed(d, t) && sdp_is_scalar(t->shape) ? t : NULL;
}

// "; of a matrix it is logm(ρ)", of a log(ρ) inside t; "" if there is none.
static const char *function_inside(const doubt *d, const sdp_term *t)
{
    for (const sdp_term *x = d->w->t; x < t; x++)
        for (size_t i = 0; x->kind == SYN_CALL && i < FUNCTIONS; i++)
            if (x->op == functions[i].op && x->span.begin >= t->span.begin && x->span.end <= t->span.end)
                return sdp_printf(d->b, "; of a matrix '%s' is %s(%s)", text(d, x), functions[i].matrix,
                                  text(d, arg(d, x, 0)));
    return "";
}

// tr(ρ*log(ρ)), ⟨a,b⟩, a ⊙ b, a ⊗ b where letters alone make numbers of what stands there: nobody writes a
// trace, an inner product or a product of entries of numbers.
void sdp_doubt_algebra_of_numbers(const doubt *d, const sdp_term *t)
{
    if (t->kind != SYN_CALL || t->own || t->called || !has_guess(d, t)) return;
    const char *op = t->tree->source + t->at.begin;
    static const char *const products[] = {"⊙", "∘", "\\odot", "\\circ"};
    bool entries = false, square = sdp_ops[t->op].shape == SDP_SHAPE_square_scalar;
    for (int i = 0; i < 4; i++)
        entries |= t->op == SDP_OP_emul && !strncmp(op, products[i], strlen(products[i]));
    if (!entries && !square && t->op != SDP_OP_dot && t->op != SDP_OP_kron) return;
    for (uint32_t k = 0; k < t->nargs; k++) {
        const sdp_term *x = sdp_is_scalar(arg(d, t, k)->shape) ? guessed_number(d, arg(d, t, k)) : NULL;
        const char *kind = square ? "matrix" : "vector";
        if (x)
            refuse(d, t, sdp_printf(d->b, "is '%s' a number or a %s?", x->text, kind),
                   sdp_printf(d->b, "say which: -d '%s: %s' or -d '%s: scalar'%s", x->text, kind, x->text,
                              square ? function_inside(d, t) : ""));
    }
}

// R*T*log(x): two capital letters before a function of a letter are numbers to who writes physics, and a
// chain of matrices to others.
static void chains(const doubt *d, const sdp_term *t)
{
    if (!is_call(t, SDP_OP_mul) || !is_call(arg(d, t, 0), SDP_OP_mul)) return;
    const sdp_term *f = arg(d, t, 1), *r = arg(d, arg(d, t, 0), 0), *s = arg(d, arg(d, t, 0), 1);
    bool of_entries = is_call(f, SDP_OP_exp) || is_call(f, SDP_OP_log) || is_call(f, SDP_OP_sqrt);
    if (!of_entries || arg(d, f, 0)->kind != SYN_NAME || r->kind != SYN_NAME || s->kind != SYN_NAME) return;
    const sdp_unknown *x = guessed(d, arg(d, f, 0)), *a = guessed(d, r), *b = guessed(d, s);
    if (!a || !b || a->why & ~(1u << SDP_BY_CAPITAL) ||
        b->why & ~(1u << SDP_BY_CAPITAL | 1u << SDP_BEHIND_MATRIX))
        return;
    if (!x || !sdp_is_vector(f->shape) || !sdp_is_matrix(r->shape) || !sdp_is_matrix(s->shape)) return;
    refuse(d, t, sdp_printf(d->b, "are '%s' and '%s' numbers or matrices?", r->text, s->text),
           sdp_printf(d->b,
                      "for numbers: -d '%s: scalar; %s: scalar'; for matrices: -d '%s: matrix; %s: matrix'",
                      r->text, s->text, r->text, s->text));
}

void sdp_doubt_matrices(const doubt *d, const sdp_term *t)
{
    norms_in_bars(d, t);
    functions_of_matrices(d, t);
    powers_of_shifted(d, t);
    flows(d, t);
    chains(d, t);
}
