// SPDX-License-Identifier: MIT
// Where a function or power of a matrix that was only guessed to be one has another meaning as well: ‖A‖_1,
// tr(exp(X)), (X-μ)², exp(At). Refused with the text for each reading. Entry: sdp_doubt_matrices.
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

// tr(exp(X)): who takes a trace means the function of the matrix, who writes exp that of the entries.
static void functions_of_matrices(const doubt *d, const sdp_term *t)
{
    static const struct {
        int op;
        const char *matrix;
    } functions[] = {{SDP_OP_exp, "expm"}, {SDP_OP_log, "logm"}, {SDP_OP_sqrt, "sqrtm"}};
    if (!sdp_is_matrix(t->shape) || t->kind != SYN_CALL || !has_guess(d, t)) return;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (t->op != functions[i].op) continue;
        const sdp_term *up = parent(d, t);
        while (up && up->kind == SYN_CALL &&
               (is_sum(up) || up->op == SDP_OP_mul || up->op == SDP_OP_neg || up->op == SDP_OP_div ||
                up->op == SDP_OP_pow_ || up->op == SDP_OP_transpose) &&
               sdp_is_matrix(up->shape))
            up = parent(d, up);
        bool algebra =
            up && up->kind == SYN_CALL &&
            (up->op == SDP_OP_tr || up->op == SDP_OP_det || up->op == SDP_OP_logdet || up->op == SDP_OP_inv);
        if (algebra && sdp_dim_resolve(d->w->g, t->shape.rows) == sdp_dim_resolve(d->w->g, t->shape.cols))
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

void sdp_doubt_matrices(const doubt *d, const sdp_term *t)
{
    norms_in_bars(d, t);
    functions_of_matrices(d, t);
    powers_of_shifted(d, t);
    flows(d, t);
}
