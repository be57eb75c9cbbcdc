// SPDX-License-Identifier: MIT
// Powers of square matrices, X^k. A small number as exponent makes products, an inverse, or a
// root; what is left is the primitive powm(X, k). Its exponent is an integer, or X is positive
// definite: lower.c refuses all others.
//
//   X^p*X^q = X^(p+q), X*X^k = X^(k+1), inv(X)*X^k = X^(k-1)        in every product
//   X*X*...*X = powm(X, k)                                          in a product too long to be spliced
//   sqrtm(X)*sqrtm(X) = X                                           alike
//   (X^p)^q = X^(p*q), inv(X)^k = X^(-k), expm(X)^k = expm(k*X)     of integers, or X positive definite
//   expm(diag(v)) = diag(exp(v)), expm(N) = eye+N+N*N/2 of blocks N above the diagonal
#include "ast/make/inside.h"
#include "ast/make/mul.h"

static bool is_prim(const sdp_graph *g, sdp_id a, int op)
{
    return g->node[a]->kind == SDP_PRIM && g->node[a]->op == op;
}

static sdp_id product(sdp_graph *g, sdp_id a, sdp_id b) { return sdp_es(g, SDP_NUM_ONE, "ij,jk->ik", a, b); }

// Is X^k a product that meets no limit? Powers of diag(x) and u*v' have no more factors than their squares.
static bool has_short_power(sdp_graph *g, sdp_id x, long k)
{
    // eye(n): none
    long factors = g->node[x]->kind == SDP_MUL ? (long)g->node[x]->nargs : 1,
         most = SDP_MAX_FACTORS / (factors ? factors : 1);
    if (k >= -most && k <= most) return true;
    sdp_id square = product(g, x, x), fourth = product(g, square, square);
    const sdp_node *two = sdp_get(g, square), *four = sdp_get(g, fourth);
    return square == x || (two->kind == SDP_MUL && four->kind == SDP_MUL && four->nargs <= two->nargs);
}

static sdp_id integer_power(sdp_graph *g, sdp_id x, long k)
{
    if (k < 0) x = sdp_prim(g, SDP_OP_inv, 1, &x, 0), k = -k;
    sdp_id result = sdp_eye(g, g->node[x]->dim[0]);
    for (; k; k >>= 1) { // by repeated squaring
        if (k & 1) result = product(g, result, x);
        if (k > 1) x = product(g, x, x);
    }
    return result;
}

// (s*A)^k = s^k*A^k; 0 if there is no scalar in front
static sdp_id power_of_multiple(sdp_graph *g, sdp_id x, sdp_id k)
{
    const sdp_node *n = sdp_get(g, x);
    if (n->kind != SDP_MUL) return 0;
    sdp_id s = sdp_number(g, n->coef[0]);
    for (uint32_t i = 0; i < n->nargs; i++)
        if (!sdp_get(g, n->arg[i])->order) s = sdp_times(g, s, n->arg[i]);
    if (s == SDP_ID_ONE) return 0;
    sdp_id rest = sdp_times(g, sdp_power_num(g, s, SDP_NUM_MINUS_ONE), x);
    return sdp_times(g, sdp_power(g, s, k), sdp_matrix_power(g, rest, k));
}

// (f(A))^k by A; 0 if that is no simpler
static sdp_id power_of_function(sdp_graph *g, sdp_id x, sdp_id k)
{
    const sdp_node *n = g->node[x];
    if (n->kind != SDP_PRIM) return 0;
    sdp_id a = n->arg[0], minus;
    bool integer = sdp_has(g, k, SDP_INTEGER);
    switch (n->op) {
    case SDP_OP_inv:
        minus = sdp_scale(g, SDP_NUM_MINUS_ONE, k);
        return sdp_prim(g, SDP_OP_powm, 2, (sdp_id[]){a, minus}, 0);
    case SDP_OP_powm:
        if (!sdp_has(g, a, SDP_POSDEF) && !(integer && sdp_has(g, n->arg[1], SDP_INTEGER))) return 0;
        return sdp_prim(g, SDP_OP_powm, 2, (sdp_id[]){a, sdp_times(g, n->arg[1], k)}, 0);
    case SDP_OP_expm:
        if (!integer && !sdp_is_symmetric(g, a)) return 0;
        a = sdp_times(g, k, a);
        return sdp_prim(g, SDP_OP_expm, 1, &a, 0);
    default: return 0;
    }
}

sdp_id sdp_matrix_power(sdp_graph *g, sdp_id x, sdp_id exponent)
{
    sdp_num e;
    long k;
    if (g->node[x]->order == 0) return sdp_power(g, x, exponent);
    if (sdp_is_number(g, exponent, &e)) {
        bool integer = sdp_num_long(g, e, &k);
        if (integer && has_short_power(g, x, k)) return integer_power(g, x, k);
        sdp_id multiple = integer ? power_of_multiple(g, x, exponent) : 0;
        if (multiple) return multiple;
        sdp_num twice = sdp_num_mul(g, e, SDP_NUM_TWO);
        if (!integer && sdp_num_long(g, twice, &k))
            return sdp_matrix_power(g, sdp_prim(g, SDP_OP_sqrtm, 1, &x, 0), sdp_number(g, twice));
    }
    if (x == sdp_eye(g, g->node[x]->dim[0])) return x;
    sdp_id known = power_of_function(g, x, exponent), t = sdp_transpose(g, x);
    if (known) return known;
    if (t < x) return sdp_transpose(g, sdp_matrix_power(g, t, exponent));
    return sdp_prim_raw(g, SDP_OP_powm, 2, (sdp_id[]){x, exponent}, 0);
}

// f(X^k) for f of one matrix; 0 if it stays
sdp_id sdp_function_of_power(sdp_graph *g, int op, sdp_id x)
{
    if (!is_prim(g, x, SDP_OP_powm)) return 0;
    sdp_id a = g->node[x]->arg[0], k = g->node[x]->arg[1];
    bool posdef = sdp_has(g, a, SDP_POSDEF);
    switch (op) {
    case SDP_OP_inv: return sdp_matrix_power(g, a, sdp_scale(g, SDP_NUM_MINUS_ONE, k));
    case SDP_OP_sqrtm: return posdef ? sdp_matrix_power(g, a, sdp_scale(g, SDP_NUM_HALF, k)) : 0;
    case SDP_OP_logm: return posdef ? sdp_times(g, k, sdp_prim(g, SDP_OP_logm, 1, &a, 0)) : 0;
    case SDP_OP_logdet: return posdef ? sdp_times(g, k, sdp_prim(g, SDP_OP_logdet, 1, &a, 0)) : 0;
    case SDP_OP_det:
        return posdef || sdp_has(g, k, SDP_INTEGER) ? sdp_power(g, sdp_prim(g, SDP_OP_det, 1, &a, 0), k) : 0;
    default: return 0;
    }
}

// ---- exponentials, logarithms and roots that are known ----------------------------------------------------
// f(diag(v)) = diag(f(v)), also of multiples of the identity; 0: x is not written as a diagonal matrix
static sdp_id function_of_diagonal(sdp_graph *g, int op, sdp_id x)
{
    const sdp_node *n = g->node[x];
    const uint8_t *out = sdp_labels(g, n, n->nargs);
    if (n->kind != SDP_MUL || n->order != 2 || out[0] != out[1]) return 0;
    sdp_id v = sdp_es(g, SDP_NUM_ONE, "ii->i", x);
    v = op == SDP_OP_sqrtm ? sdp_power_num(g, v, SDP_NUM_HALF)
                           : sdp_map1(g, op == SDP_OP_expm ? SDP_OP_exp : SDP_OP_log, v);
    return sdp_es(g, SDP_NUM_ONE, "i->ii", v);
}

// A sum with one term, so that all are sums
static sdp_node as_sum(sdp_graph *g, const sdp_id *id)
{
    static const sdp_num one = SDP_NUM_ONE;
    const sdp_node *n = g->node[*id];
    return n->kind == SDP_ADD ? *n : (sdp_node){.kind = SDP_ADD, .nargs = 1, .arg = id, .coef = &one};
}

enum { MOST_BLOCKS = 64 };

// The product of two sums, multiplied out; false if that has too many terms.
// Blocks that do not meet are zero.
static bool multiply(sdp_graph *g, const sdp_node *a, const sdp_node *b, sdp_id *out)
{
    sdp_num coef[MOST_BLOCKS];
    sdp_id term[MOST_BLOCKS];
    uint32_t n = 0;
    for (uint32_t i = 0; i < a->nargs; i++)
        for (uint32_t k = 0; k < b->nargs; k++) {
            sdp_id t = product(g, a->arg[i], b->arg[k]);
            if (sdp_is_zero(g, t)) continue;
            if (n == MOST_BLOCKS) return false;
            coef[n] = sdp_num_mul(g, a->coef[i], b->coef[k]);
            term[n++] = t;
        }
    *out = n ? sdp_add(g, n, coef, term) : 0;
    return true;
}

// Returns the index of a factor that is a sum, -1 if there is none. placed: are there
// selections of rows and of columns?
static int block_sum(const sdp_graph *g, sdp_id id, bool *placed)
{
    const sdp_node *n = g->node[id];
    uint32_t selections = 0;
    int sum = -1;
    for (uint32_t i = 0; n->kind == SDP_MUL && i < n->nargs; i++) {
        selections += g->node[n->arg[i]]->kind == SDP_SEL;
        if (g->node[n->arg[i]]->kind == SDP_ADD) sum = (int)i;
    }
    *placed = selections > 1;
    return sum;
}

// Collects the blocks of a matrix of blocks, of the blocks in it, too. Returns 0 if
// it has other parts, or too many.
static sdp_id blocks_of(sdp_graph *g, sdp_id x)
{
    sdp_num coef[MOST_BLOCKS];
    sdp_id term[MOST_BLOCKS];
    sdp_node s = as_sum(g, &x);
    uint32_t n = s.nargs;
    if (n > MOST_BLOCKS) return 0;
    sdp_copy(coef, s.coef, n * sizeof *coef);
    sdp_copy(term, s.arg, n * sizeof *term);
    for (uint32_t i = 0; i < n; i++) {
        bool placed;
        for (int at; (at = block_sum(g, term[i], &placed)) >= 0 && placed;) {
            const sdp_node *m = g->node[term[i]], *sum = g->node[m->arg[at]];
            sdp_num c = coef[i];
            if (n + sum->nargs > MOST_BLOCKS) return 0;
            for (uint32_t k = 0; k < sum->nargs; k++) {
                uint32_t to = k ? n++ : i;
                coef[to] = sdp_num_mul(g, c, sum->coef[k]);
                term[to] = sdp_with_factor(g, m, (uint32_t)at, sum->arg[k]);
            }
        }
        if (!placed) return 0;
    }
    return sdp_add(g, n, coef, term);
}

// expm(N) = eye + N + N^2/2 + ..., where a power of the block matrix N vanishes. Returns 0
// if none of the first powers does.
static sdp_id expm_of_nilpotent(sdp_graph *g, sdp_id x)
{
    enum { MOST = 4 };
    sdp_id sum = sdp_eye(g, g->node[x]->dim[0]), power = x = blocks_of(g, x);
    if (!x) return 0;
    sdp_node n = as_sum(g, &x);
    long factorial = 1;
    for (int k = 1; k <= MOST && power; k++) {
        sdp_node p = as_sum(g, &power);
        sum = sdp_add2(g, sum, sdp_scale(g, sdp_num_inv(g, sdp_num_int(g, factorial *= k)), power));
        if (!multiply(g, &p, &n, &power)) return 0;
    }
    return power ? 0 : sum;
}

sdp_id sdp_function_known(sdp_graph *g, int op, sdp_id x)
{
    if (op == SDP_OP_expm && sdp_is_zero(g, x)) return sdp_eye(g, g->node[x]->dim[0]);
    sdp_id f = function_of_diagonal(g, op, x);
    return f || op != SDP_OP_expm ? f : expm_of_nilpotent(g, x);
}

// ---- in products ------------------------------------------------------------------------------------------
// The matrix of which a factor is a power, and the exponent
static sdp_id base_of(const sdp_graph *g, sdp_id a, sdp_id *exponent, sdp_id minus_one)
{
    bool power = is_prim(g, a, SDP_OP_powm), inverse = is_prim(g, a, SDP_OP_inv);
    *exponent = power ? g->node[a]->arg[1] : inverse ? minus_one : SDP_ID_ONE;
    return power || inverse ? g->node[a]->arg[0] : a;
}

// The factors of product m, where they are a chain of matrices from its first axis
// to its second; turned: met as A'
static bool read_chain(const sdp_graph *g, const sdp_node *m, uint8_t *at, bool *turned)
{
    const uint8_t *out = sdp_labels(g, m, m->nargs);
    bool done[SDP_MAX_FACTORS] = {false};
    if (m->order != 2 || m->nargs > SDP_MAX_FACTORS || out[0] == out[1] || m->coef[0] != SDP_NUM_ONE)
        return false;
    for (uint32_t i = 0; i < m->nargs; i++)
        if (g->node[m->arg[i]]->order != 2) return false;
    uint8_t l = out[0];
    for (uint32_t k = 0; k < m->nargs; k++) {
        uint32_t i = 0;
        while (i < m->nargs && (done[i] || (m->label[2 * i] != l && m->label[2 * i + 1] != l))) i++;
        if (i == m->nargs) return false;
        turned[k] = m->label[2 * i] != l;
        l = m->label[2 * i + !turned[k]];
        if (l == out[0] || (l == out[1] && k + 1 < m->nargs)) return false;
        done[i] = true;
        at[k] = (uint8_t)i;
    }
    return l == out[1];
}

sdp_id sdp_chain_as_power(sdp_graph *g, const sdp_node *m)
{
    uint8_t at[SDP_MAX_FACTORS];
    bool turned[SDP_MAX_FACTORS];
    if (m->nargs < 2 || !read_chain(g, m, at, turned)) return 0;
    uint32_t n = m->nargs, period = 1;
    for (uint32_t k = period; k < n; k++) // the shortest one
        if (m->arg[at[k]] != m->arg[at[k - period]] ||
            (turned[k] != turned[k - period] && !sdp_is_symmetric(g, m->arg[at[k]])))
            k = period++;
    if (period == n || n % period) return 0;
    sdp_id x = 0;
    for (uint32_t k = 0; k < period; k++) {
        sdp_id a = m->arg[at[k]], b = turned[k] ? sdp_transpose(g, a) : a;
        x = k ? product(g, x, b) : b;
    }
    sdp_id e = sdp_number(g, sdp_num_int(g, (long)(n / period))), t = sdp_transpose(g, x);
    if (t >= x) return sdp_prim_raw(g, SDP_OP_powm, 2, (sdp_id[]){x, e}, 0);
    return sdp_transpose(g, sdp_prim_raw(g, SDP_OP_powm, 2, (sdp_id[]){t, e}, 0));
}

bool sdp_mul_add_exponents(mul_work *w)
{
    sdp_graph *g = w->g;
    sdp_id p, q, minus_one = 0;
    for (uint32_t f = 0; f < w->n; f++) {
        bool root = is_prim(g, w->f[f].node, SDP_OP_sqrtm);
        if ((!root && !is_prim(g, w->f[f].node, SDP_OP_powm)) || w->f[f].exponent != SDP_ID_ONE) continue;
        if (!minus_one) minus_one = sdp_number(g, SDP_NUM_MINUS_ONE);
        sdp_id base = root ? g->node[w->f[f].node]->arg[0] : base_of(g, w->f[f].node, &p, minus_one);
        for (uint32_t h = 0; h < w->n; h++)
            for (int side = 0; side < 4; side++) {
                int y = side & 1, z = side >> 1;
                uint8_t l = w->f[f].label[y];
                if (h == f || sdp_order(g, w->f[h].node) != 2 || w->f[h].exponent != SDP_ID_ONE ||
                    w->f[h].label[z] != l)
                    continue;
                if (sdp_mul_in_output(w, l) || sdp_mul_uses(w, l) != 2) continue;
                if (root ? w->f[h].node != w->f[f].node : base_of(g, w->f[h].node, &q, minus_one) != base)
                    continue;
                if (y == z && !sdp_is_symmetric(g, base)) continue; // X^p*(X^q)'
                w->label.dead[l] = true;
                w->f[f].node = root ? base : sdp_matrix_power(g, base, sdp_add2(g, p, q));
                w->f[f].label[y] = w->f[h].label[1 - z];
                sdp_mul_drop(w, h);
                w->again |= root;
                return true;
            }
    }
    return false;
}
