// SPDX-License-Identifier: MIT
// Spellings of the parts of a product that raise/mul.c finds: sums, inner products, traces, diagonals,
// entrywise products.
#include "codegen/raise/notation.h"

static bool is_square_of(const sdp_raiser *r, sdp_rid t) // x.^2
{
    const sdp_raised *n = sdp_r(r, t);
    return n->kind == SDP_R_POW && sdp_r(r, n->arg[1])->kind == SDP_R_NUM &&
           sdp_r(r, n->arg[1])->num == SDP_NUM_TWO;
}

// sum of all entries of a vector or matrix: x'*x, norm(A*x)^2, sum(X)
sdp_rid sdp_r_total(sdp_raiser *r, sdp_rid t)
{
    if (is_square_of(r, t)) {
        sdp_rid base = sdp_r(r, t)->arg[0];
        const sdp_raised *b = sdp_r(r, base);
        if (b->kind == SDP_R_NAME && b->form == SDP_COLUMN)
            return sdp_r_product(r, sdp_r_transpose(r, base), base);
        return sdp_r_power(r, sdp_r_call(r, SDP_OP_norm, SDP_SCALAR, 1, &base), sdp_r_int(r, 2));
    }
    sdp_rid turned = sdp_r_transpose(r, t); // sum(X), sum(y'*A*B)
    return sdp_r_show1(r, SDP_S_SUM, SDP_SCALAR, sdp_r(r, turned)->tokens < sdp_r(r, t)->tokens ? turned : t);
}

sdp_rid sdp_r_inner(sdp_raiser *r, sdp_rid a, sdp_rid b) // a'*b or b'*a, the shorter
{
    sdp_rid ab = sdp_r_product(r, sdp_r_transpose(r, a), b), ba = sdp_r_product(r, sdp_r_transpose(r, b), a);
    uint32_t x = sdp_r(r, ab)->tokens, y = sdp_r(r, ba)->tokens;
    return y < x || (x == y && sdp_r(r, ba)->first < sdp_r(r, ab)->first) ? ba : ab;
}

bool sdp_r_is_lower_ones(const sdp_raiser *r, sdp_rid t)
{
    const sdp_raised *n = sdp_r(r, t);
    return n->kind == SDP_R_CALL && n->shown == SDP_S_TRIL && sdp_r(r, n->arg[0])->shown == SDP_S_ONES2;
}

// E summed over its columns: a column.
sdp_rid sdp_r_row_sums(sdp_raiser *r, sdp_rid t)
{
    const sdp_raised *n = sdp_r(r, t);
    if (is_square_of(r, t) && sdp_r(r, n->arg[0])->kind == SDP_R_PROD) { // diag(A*inv(S)^2*A')
        sdp_rid chain = sdp_r_product(r, n->arg[0], sdp_r_transpose(r, n->arg[0]));
        if (sdp_r(r, chain)->tokens + 4 < sdp_r(r, t)->tokens + 5)
            return sdp_r_show1(r, SDP_S_DIAG_OF, SDP_COLUMN, chain);
    }
    if (n->kind == SDP_R_TRANS || (n->kind == SDP_R_POW && sdp_r(r, n->arg[0])->kind == SDP_R_TRANS))
        return sdp_r_transpose(r, sdp_r_show1(r, SDP_S_SUM1, SDP_ROW, sdp_r_transpose(r, t)));
    return sdp_r_show1(r, SDP_S_SUM2, SDP_COLUMN, t);
}

// diag(1./X.^2) is 1./diag(X).^2: the other entries need not be powers.
sdp_rid sdp_r_diagonal_of(sdp_raiser *r, sdp_rid t)
{
    const sdp_raised *n = sdp_r(r, t), *base = n;
    bool quotient = n->kind == SDP_R_HAD && n->nargs == 1 && n->split == 0;
    if (quotient) base = sdp_r(r, n->arg[0]);
    bool power = base->kind == SDP_R_POW && sdp_r(r, base->arg[1])->kind == SDP_R_NUM;
    if (!power && !quotient) return sdp_r_show1(r, SDP_S_DIAG_OF, SDP_COLUMN, t);
    sdp_num e = power ? sdp_r(r, base->arg[1])->num : SDP_NUM_ONE;
    sdp_rid inside = power ? base->arg[0] : n->arg[0];
    return sdp_r_power(r, sdp_r_show1(r, SDP_S_DIAG_OF, SDP_COLUMN, inside),
                       sdp_r_num(r, quotient ? sdp_num_neg(r->g, e) : e));
}

// The trace of a closed chain of matrices: the rotation and direction with the fewest
// symbols, then the earliest names.
sdp_rid sdp_r_trace(sdp_raiser *r, sdp_rid chain)
{
    sdp_rid best = 0;
    for (int turn = 0; turn < 2; turn++) {
        const sdp_raised *n = sdp_r(r, chain);
        if (n->kind != SDP_R_PROD) return sdp_r_show1(r, SDP_S_TR, SDP_SCALAR, chain);
        for (uint32_t k = 0; k < n->nargs; k++) {
            sdp_raised turned = *n;
            sdp_rid *arg = sdp_scratch(&r->g->base, n->nargs * sizeof *arg);
            for (uint32_t i = 0; i < n->nargs; i++) arg[i] = n->arg[(i + k) % n->nargs];
            turned.arg = arg;
            sdp_rid c = sdp_r_make(r, turned);
            const sdp_raised *x = sdp_r(r, c), *y = best ? sdp_r(r, best) : NULL;
            if (!best || x->tokens < y->tokens || (x->tokens == y->tokens && x->first < y->first)) best = c;
        }
        chain = sdp_r_transpose(r, chain);
    }
    return sdp_r_show1(r, SDP_S_TR, SDP_SCALAR, best);
}

sdp_rid sdp_r_mask(sdp_raiser *r, sdp_rid m, sdp_rid t) // tril(ones(n,n)) .* A is tril(A)
{
    const sdp_raised *n = sdp_r(r, m);
    bool is = n->kind == SDP_R_CALL && (n->shown == SDP_S_TRIL || n->shown == SDP_S_TRIU) &&
              sdp_r(r, n->arg[0])->shown == SDP_S_ONES2;
    return is ? sdp_r_show1(r, (sdp_structure)n->shown, SDP_MATRIX, t) : 0;
}

sdp_rid sdp_r_entrywise(sdp_raiser *r, sdp_rid a, sdp_rid b)
{
    sdp_rid m = sdp_r_mask(r, a, b), both[2] = {a, b};
    if (!m) m = sdp_r_mask(r, b, a);
    return m ? m : sdp_r_hadamard(r, 2, both);
}
