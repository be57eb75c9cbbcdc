// SPDX-License-Identifier: MIT
// The kinds of names in texts of NumPy, where a product says nothing of its factors.
//
// theta**2*np.eye(n) would scale the columns of the identity by a vector, which nobody means: what stands
// beside an identity is a number. np.sum((a-p)**2) of numbers would be that number: what is only added up is
// an array. Entry: sdp_roles_in_numpy.
#include "ast/surface/habit.h"

#include <string.h>

enum { MOST = 32 };

static bool is_entrywise(const sdp_term *t)
{
    return t->kind == SYN_CALL && (sdp_numpy_arithmetic(t) || t->op == SDP_OP_emul) &&
           sdp_shape_rules[sdp_ops[t->op].shape].guess == SDP_GUESS_MOST;
}

static bool is_guess(const sdp_unknown *u)
{
    return sdp_is_guess_by(u, 1u << SDP_BY_CAPITAL | 1u << SDP_BY_LETTER | 1u << SDP_BY_NAME |
                                  1u << SDP_BY_NOTHING);
}

// Gives all names below term i, through operations entry by entry, the evidence `row`, if nothing else is
// there. Without names_of_numbers lambda and such have none of it.
static void tell(sdp_habits *h, uint32_t i, uint32_t row, bool names_of_numbers)
{
    const sdp_terms *w = h->w;
    for (int pass = 0; pass < 2; pass++) {
        uint32_t stack[MOST], depth = 0;
        stack[depth++] = i;
        while (depth) {
            const sdp_term *t = &w->t[stack[--depth]];
            sdp_unknown *u = sdp_unknown_of(h, t);
            char stem[256];
            if (u && !is_guess(u)) return;
            if (u) sdp_stem(t->text, stem);
            if (u && pass && (names_of_numbers || !sdp_is_number_stem(stem))) sdp_set_evidence(u, row);
            if (t->kind == SYN_NUMBER || t->kind == SYN_NAME) continue;
            if (!is_entrywise(t) || depth + t->nargs > MOST) return;
            for (uint32_t k = 0; k < t->nargs; k++) stack[depth++] = t->arg[k];
        }
    }
}

// T of np.exp(z/T): a capital letter that stands nowhere but as a factor or divisor of vectors is a number,
// for who means a matrix there repeats the vector along its rows.
static void factors_of_vectors(sdp_habits *h)
{
    const sdp_terms *w = h->w;
    const sdp_guess *a = sdp_guess_all(h);
    uint8_t *use = sdp_scratch(&w->g->base, h->n + (size_t)1); // 1: such a factor; 2: something else
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        bool factor = t->kind == SYN_CALL && (t->op == SDP_OP_emul || t->op == SDP_OP_ediv) && t->nargs == 2;
        for (uint32_t k = 0; k < t->nargs; k++) {
            const sdp_unknown *u = sdp_unknown_of(h, &w->t[t->arg[k]]);
            bool column = factor && a[t->arg[1 - k]] == COLUMN && sdp_is_numpy(t);
            if (u) use[u - h->u] |= column ? 1 : 2;
        }
    }
    bool speaks = false; // of np.minimum(r*A, A) nobody knows
    for (uint32_t i = 0; i < w->n; i++)
        speaks |= w->t[i].op != SDP_OP_transpose && sdp_speaks_of_vectors(w->g, &w->t[i]);
    for (uint32_t i = 0; speaks && i < h->n; i++)
        if (use[i] == 1 && h->u[i].why == 1u << SDP_BY_CAPITAL && !h->u[i].given)
            sdp_set_evidence(&h->u[i], SDP_AMONG_NUMBERS);
}

void sdp_roles_in_numpy(sdp_habits *h)
{
    const sdp_terms *w = h->w;
    factors_of_vectors(h);
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        if (t->kind != SYN_CALL || !sdp_is_numpy(t)) continue;
        for (uint32_t k = 0; t->op == SDP_OP_emul && k < 2; k++)
            if (w->t[t->arg[k]].kind == SYN_CALL && w->t[t->arg[k]].op == SDP_OP_eye)
                tell(h, t->arg[1 - k], SDP_AMONG_NUMBERS, true);
    }
    const sdp_guess *a = sdp_guess_all(h);
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        bool sums = t->kind == SYN_CALL && sdp_is_numpy(t) && (t->op == SDP_OP_sum || t->op == SDP_OP_mean);
        if (sums && a[t->arg[0]] <= OPEN) tell(h, t->arg[0], SDP_IN_VECTOR_PLACE, false);
    }
}
