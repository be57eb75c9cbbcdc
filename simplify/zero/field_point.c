// SPDX-License-Identifier: MIT
// Random values over the field for variables of declared structure: points
// that satisfy the equations exactly.
//
//   orthogonal  (I-S)*inv(I+S) with skew S (Cayley), a row negated at every other seed: both components
//   unit        (2*v; v'v-1)/(v'v+1), the inverse stereographic projection
//   simplex     the last entry is 1 minus the others
//   onehot      the position moves with the seed
// Signs and definiteness mean nothing in a finite field: what holds on an open set
// of real points holds everywhere.
#include <string.h>

#include "simplify/zero/field.h"

static uint64_t minus(uint64_t a) { return sdp_field_sub(0, a); }

// q = (I-S)*inv(I+S); false if I+S is singular
static bool make_orthogonal(sdp_field *f, size_t n, uint64_t *q)
{
    uint64_t *plus = sdp_scratch(&f->g->base, 2 * n * n * sizeof *plus), *inverse = plus + n * n;
    uint64_t *skew = sdp_scratch(&f->g->base, n * n * sizeof *skew);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            skew[i * n + j] = i == j ? 0 : i < j ? q[i * n + j] : minus(q[j * n + i]);
            plus[i * n + j] = sdp_field_add(i == j, skew[i * n + j]);
        }
    if (!sdp_field_invert(n, plus, inverse)) return false;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            uint64_t sum = 0;
            for (size_t k = 0; k < n; k++)
                sum = sdp_field_add(sum, sdp_field_mul(sdp_field_sub(i == k, skew[i * n + k]),
                                                       inverse[k * n + j]));
            q[i * n + j] = i == 0 && (f->seed & 1) ? minus(sum) : sum;
        }
    return true;
}

static bool make_unit(size_t n, uint64_t *x)
{
    uint64_t v2 = 0;
    for (size_t i = 0; i + 1 < n; i++) v2 = sdp_field_add(v2, sdp_field_mul(x[i], x[i]));
    uint64_t down = sdp_field_add(v2, 1);
    if (!down) return false;
    down = sdp_field_inv(down);
    for (size_t i = 0; i + 1 < n; i++) x[i] = sdp_field_mul(sdp_field_mul(2, x[i]), down);
    x[n - 1] = sdp_field_mul(sdp_field_sub(v2, 1), down);
    return true;
}

static void make_simplex(size_t n, uint64_t *x)
{
    x[n - 1] = 1;
    for (size_t i = 0; i + 1 < n; i++) x[n - 1] = sdp_field_sub(x[n - 1], x[i]);
}

static bool make_vector(const sdp_field *f, uint32_t facts, size_t n, uint64_t *x)
{
    uint32_t equations = facts & (SDP_UNIT | SDP_SIMPLEX | SDP_ONEHOT);
    for (size_t i = 0; (facts & SDP_ONEHOT) && i < n; i++) x[i] = i == f->seed % n;
    if (equations == SDP_SIMPLEX) make_simplex(n, x);
    else if (equations == SDP_UNIT) return make_unit(n, x);
    return equations != (SDP_SIMPLEX | SDP_UNIT);
}

static bool make_matrix(sdp_field *f, uint32_t facts, size_t n, uint64_t *x)
{
    bool mirrored = facts & (SDP_SYMMETRIC | SDP_POSDEF | SDP_PSD);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            if (mirrored && j < i) x[i * n + j] = x[j * n + i];
            bool zero = ((facts & SDP_DIAGONAL) && i != j) || ((facts & SDP_TRI_LOWER) && j > i) ||
                        ((facts & SDP_TRI_UPPER) && j < i);
            if (zero) x[i * n + j] = 0;
        }
    for (size_t i = 0; i < n && mirrored; i++) // a symmetric triangle is a diagonal
        for (size_t j = 0; j < i; j++)
            if (!x[i * n + j] || !x[j * n + i]) x[i * n + j] = x[j * n + i] = 0;
    if (!(facts & SDP_ORTHOGONAL)) return true;
    return !mirrored && !(facts & (SDP_DIAGONAL | SDP_TRI_LOWER | SDP_TRI_UPPER)) && make_orthogonal(f, n, x);
}

bool sdp_field_draw(sdp_field *f, const sdp_variable *v, uint32_t variable, const sdp_node *n, uint64_t *out)
{
    size_t size[SDP_MAX_ORDER], count = sdp_field_count(f, n->order, n->dim, size);
    const uint32_t vectors = SDP_UNIT | SDP_SIMPLEX | SDP_ONEHOT;
    const uint32_t matrices =
        SDP_SYMMETRIC | SDP_POSDEF | SDP_PSD | SDP_DIAGONAL | SDP_TRI_LOWER | SDP_TRI_UPPER | SDP_ORTHOGONAL;
    uint64_t h = sdp_field_hash(f->seed, variable + 0x76617200u);
    for (size_t i = 0; i < count; i++) out[i] = sdp_field_hash(h, i);
    if (v->facts & vectors) return n->order == 1 && make_vector(f, v->facts, count, out);
    if (v->facts & matrices)
        return n->order == 2 && size[0] == size[1] && make_matrix(f, v->facts, size[0], out);
    return true;
}
