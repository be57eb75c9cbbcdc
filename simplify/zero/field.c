// SPDX-License-Identifier: MIT
// The value of every kind of node modulo 2^61-1 (arithmetic.c).
//
// Where a function is known by exact arithmetic over others, it is computed so
// (softmax and logsumexp through exp and log, logdet through det, norm through the root of the sum
// of squares), which lets the pseudo-random values of exp, log and roots be shared between
// different spellings of one expression.
#include <string.h>

#include "simplify/zero/field.h"

// ---- counters ---------------------------------------------------------------------------------------------

static bool next(uint32_t n, const size_t *size, size_t *at)
{
    for (uint32_t k = n; k--; at[k] = 0)
        if (++at[k] < size[k]) return true;
    return false;
}

static bool spend(sdp_field *f, uint64_t work)
{
    if (work > f->work) return false;
    f->work -= work;
    return true;
}

static bool number(sdp_field *f, sdp_num a, uint64_t *out)
{
    uint64_t p, q;
    sdp_num_residues(f->g, a, SDP_FIELD_PRIME, &p, &q);
    if (q) *out = sdp_field_mul(p, sdp_field_inv(q));
    return q != 0;
}

// ---- functions whose values are pseudo-random -------------------------------------------------------------
static uint64_t opaque(const sdp_field *f, int op, uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t h = sdp_field_hash(f->seed, (uint64_t)op);
    h = sdp_field_hash(h, a), h = sdp_field_hash(h, b), h = sdp_field_hash(h, c);
    return h ? h : 1;
}

// Of one argument: with the identities of such functions (function.c)
static uint64_t function(const sdp_field *f, int op, uint64_t a, uint64_t b, uint64_t c)
{
    return b || c ? opaque(f, op, a, b, c) : sdp_field_function(f->seed, op, a);
}

// x^(k + r/q) = x^k * root^r, root = x^(1/q) a pseudo-random number
static bool rational_power(sdp_field *f, uint64_t x, sdp_num e, uint64_t *out, bool *is_opaque)
{
    long p, q, k, r;
    sdp_graph *g = f->g;
    if (!sdp_num_long(g, sdp_num_numerator(g, e), &p) || !sdp_num_long(g, sdp_num_denominator(g, e), &q))
        return false;
    k = p / q - (p % q < 0), r = p - k * q;
    uint64_t b = k < 0 && x ? sdp_field_inv(x) : x;
    if (k < 0 && !x) return false;
    *out = sdp_field_pow(b, (uint64_t)(k < 0 ? -k : k));
    if (r) *out = sdp_field_mul(*out, sdp_field_pow(opaque(f, SDP_OP_epow, x, (uint64_t)q, 0), (uint64_t)r));
    *is_opaque |= r != 0;
    return true;
}

// ---- one function per kind --------------------------------------------------------------------------------
static sdp_field_status run_mul(sdp_field *f, const sdp_node *n, uint64_t *out, size_t count)
{
    size_t size[SDP_MAX_LABELS], at[SDP_MAX_LABELS] = {0},
                                 turns = sdp_field_count(f, n->nlabels, n->ldim, size);
    const uint8_t *to = sdp_labels(f->g, n, n->nargs);
    uint64_t coef;
    if (!number(f, n->coef[0], &coef)) return SDP_FIELD_NO_VALUE;
    if (!spend(f, turns * (n->nargs + 1u))) return SDP_FIELD_TOO_LARGE;
    memset(out, 0, count * sizeof *out);
    if (!turns) return SDP_FIELD_NO_VALUE;
    do {
        uint64_t product = coef;
        const uint8_t *label = n->label;
        for (uint32_t i = 0; i < n->nargs; i++) {
            const sdp_node *a = sdp_get(f->g, n->arg[i]);
            size_t o = 0;
            for (uint32_t k = 0; k < a->order; k++, label++) o = o * size[*label] + at[*label];
            product = sdp_field_mul(product, f->value[n->arg[i]][o]);
        }
        size_t o = 0;
        for (uint32_t k = 0; k < n->order; k++) o = o * size[to[k]] + at[to[k]];
        out[o] = sdp_field_add(out[o], product);
    } while (next(n->nlabels, size, at));
    return SDP_FIELD_VALUE;
}

static sdp_field_status run_add(sdp_field *f, const sdp_node *n, uint64_t *out, size_t count)
{
    memset(out, 0, count * sizeof *out);
    for (uint32_t k = 0; k < n->nargs; k++) {
        uint64_t c;
        if (!number(f, n->coef[k], &c)) return SDP_FIELD_NO_VALUE;
        for (size_t i = 0; i < count; i++)
            out[i] = sdp_field_add(out[i], sdp_field_mul(c, f->value[n->arg[k]][i]));
    }
    return SDP_FIELD_VALUE;
}

static sdp_field_status run_pow(sdp_field *f, const sdp_node *n, uint64_t *out, size_t count, bool *is_opaque)
{
    const sdp_node *e = sdp_get(f->g, n->arg[1]);
    sdp_num v;
    bool exact = sdp_is_number(f->g, n->arg[1], &v);
    for (size_t i = 0; i < count; i++) {
        uint64_t x = f->value[n->arg[0]][i], y = f->value[n->arg[1]][e->order ? i : 0];
        if (exact && !rational_power(f, x, v, &out[i], is_opaque)) return SDP_FIELD_NO_VALUE;
        if (!exact) out[i] = opaque(f, SDP_OP_pow, x, y, 0), *is_opaque = true;
    }
    return SDP_FIELD_VALUE;
}

static sdp_field_status run_map(sdp_field *f, const sdp_node *n, uint64_t *out, size_t count, bool *is_opaque)
{
    *is_opaque = true;
    for (size_t i = 0; i < count; i++) {
        uint64_t a[3] = {0, 0, 0};
        for (uint32_t k = 0; k < n->nargs && k < 3; k++)
            a[k] = f->value[n->arg[k]][sdp_get(f->g, n->arg[k])->order ? i : 0];
        out[i] = n->op == SDP_OP_where && a[1] == a[2] ? a[1] : function(f, n->op, a[0], a[1], a[2]);
    }
    return SDP_FIELD_VALUE;
}

bool sdp_field_index(const sdp_field *f, const sdp_node *n, uint64_t *out)
{
    size_t size[SDP_MAX_ORDER], at[SDP_MAX_ORDER] = {0}, o = 0;
    if (!sdp_field_count(f, n->order, n->dim, size)) return false;
    do {
        long target = sdp_field_size(f, sdp_offset(n));
        for (uint32_t k = 1; k < n->order; k++) target += sdp_field_size(f, sdp_stride(n, k)) * (long)at[k];
        if (target < 0 || (size_t)target >= size[0]) return false;
        out[o++] = at[0] == (size_t)target;
    } while (next(n->order, size, at));
    return true;
}

static sdp_field_status modulo_matrix(sdp_field *f, const sdp_node *n, uint64_t *out, bool *is_opaque)
{
    const sdp_node *a = sdp_get(f->g, n->arg[0]);
    size_t d = (size_t)sdp_field_size(f, a->dim[0]);
    if (!spend(f, 2 * d * d * d)) return SDP_FIELD_TOO_LARGE;
    uint64_t *w = sdp_scratch(&f->g->base, d * d * sizeof *w),
             *inverse = sdp_scratch(&f->g->base, d * d * sizeof *inverse);
    memcpy(w, f->value[n->arg[0]], d * d * sizeof *w);
    uint64_t det = sdp_field_invert(d, w, inverse);
    if (n->op != SDP_OP_det && !det) return SDP_FIELD_NO_VALUE;
    for (size_t i = 0; n->op == SDP_OP_adj && i < d * d; i++) inverse[i] = sdp_field_mul(det, inverse[i]);
    if (n->order) memcpy(out, inverse, d * d * sizeof *out);
    else out[0] = n->op == SDP_OP_det ? det : function(f, SDP_OP_log, det, 0, 0);
    *is_opaque |= n->op == SDP_OP_logdet;
    return SDP_FIELD_VALUE;
}

// X with A*X + X*B = C, as a linear system for the entries of X, its rows one behind the other
static sdp_field_status modulo_sylvester(sdp_field *f, const sdp_node *n, uint64_t *out, bool *is_opaque)
{
    size_t m = (size_t)sdp_field_size(f, n->dim[0]), k = (size_t)sdp_field_size(f, n->dim[1]), t = m * k;
    const uint64_t *a = f->value[n->arg[0]], *b = f->value[n->arg[1]], *c = f->value[n->arg[2]];
    (void)is_opaque;
    if (!spend(f, 2 * t * t * t)) return SDP_FIELD_TOO_LARGE;
    uint64_t *w = sdp_scratch(&f->g->base, t * t * sizeof *w),
             *inverse = sdp_scratch(&f->g->base, t * t * sizeof *inverse);
    for (size_t p = 0; p < t; p++)
        for (size_t q = 0; q < t; q++)
            w[p * t + q] = sdp_field_add(p % k == q % k ? a[p / k * m + q / k] : 0,
                                         p / k == q / k ? b[q % k * k + p % k] : 0);
    if (!sdp_field_invert(t, w, inverse)) return SDP_FIELD_NO_VALUE;
    for (size_t p = 0; p < t; p++) {
        out[p] = 0;
        for (size_t q = 0; q < t; q++)
            out[p] = sdp_field_add(out[p], sdp_field_mul(inverse[p * t + q], c[q]));
    }
    return SDP_FIELD_VALUE;
}

// Reduces one group of entries; softmax is written back. The extremes are functions of the set of
// their entries.
static uint64_t reduce(const sdp_field *f, int op, size_t n, uint64_t *v)
{
    uint64_t sum = 0, product = 1, squares = 0, set = 0;
    for (size_t i = 0; i < n; i++) {
        bool exponential = op == SDP_OP_logsumexp || op == SDP_OP_softmax;
        product = sdp_field_mul(product, v[i]);
        squares = sdp_field_add(squares, sdp_field_mul(v[i], v[i]));
        set = sdp_field_add(set, opaque(f, op, v[i], 0, 0));
        if (exponential) v[i] = function(f, SDP_OP_exp, v[i], 0, 0), sum = sdp_field_add(sum, v[i]);
    }
    if (op == SDP_OP_prod) return product;
    if (op == SDP_OP_norm) return opaque(f, SDP_OP_epow, squares, 2, 0); // as x^(1/2) above
    if (op == SDP_OP_maxof || op == SDP_OP_minof) return opaque(f, op, set, n, 0);
    for (size_t i = 0; i < n && op == SDP_OP_softmax && sum; i++)
        v[i] = sdp_field_mul(v[i], sdp_field_inv(sum));
    return function(f, SDP_OP_log, sum, 0, 0);
}

static sdp_field_status modulo_reduction(sdp_field *f, const sdp_node *n, uint64_t *out, bool *is_opaque)
{
    const sdp_node *a = sdp_get(f->g, n->arg[0]);
    uint32_t every = (1u << a->order) - 1, mask = n->param & every ? n->param & every : every;
    size_t size[SDP_MAX_ORDER], count = sdp_field_count(f, a->order, a->dim, size), result = 0;
    size_t kept[SDP_MAX_ORDER] = {0}, kept_size[SDP_MAX_ORDER];
    uint64_t *group = sdp_scratch(&f->g->base, (count + 1) * sizeof *group);
    size_t *from = sdp_scratch(&f->g->base, (count + 1) * sizeof *from);
    for (uint32_t k = 0; k < a->order; k++) kept_size[k] = mask >> k & 1 ? 1 : size[k];
    *is_opaque |= n->op != SDP_OP_prod;
    do { // every position of the kept axes
        size_t at[SDP_MAX_ORDER] = {0}, length = 0, o = 0;
        if (!spend(f, count * 8)) return SDP_FIELD_TOO_LARGE;
        do {
            bool here = true;
            for (uint32_t k = 0; k < a->order; k++) here &= (mask >> k & 1) || at[k] == kept[k];
            if (here) from[length] = o, group[length++] = f->value[n->arg[0]][o];
            o++;
        } while (next(a->order, size, at));
        uint64_t r = reduce(f, n->op, length, group);
        if (n->op != SDP_OP_softmax) out[result++] = r;
        for (size_t i = 0; i < length && n->op == SDP_OP_softmax; i++) out[from[i]] = group[i];
    } while (next(a->order, kept_size, kept));
    return SDP_FIELD_VALUE;
}

// The product of the entries of a group, but those at the indices of the
// place; 0 if two of these are the same.
static sdp_field_status modulo_prodexcept(sdp_field *f, const sdp_node *n, uint64_t *out, bool *is_opaque)
{
    (void)is_opaque;
    const sdp_node *a = sdp_get(f->g, n->arg[0]);
    uint32_t times = n->param / (SDP_AXES + 1);
    size_t size[SDP_MAX_ORDER], inner[SDP_MAX_ORDER], at[SDP_MAX_ORDER] = {0}, result = 0;
    size_t count = sdp_field_count(f, n->order, n->dim, size),
           each = sdp_field_count(f, a->order, a->dim, inner);
    if (!spend(f, count * each)) return SDP_FIELD_TOO_LARGE;
    do {
        size_t e[SDP_MAX_ORDER] = {0}, o = 0;
        uint32_t left_out = 0;
        uint64_t product = 1;
        do {
            bool group = true, hit = false;
            for (uint32_t k = 0; k < a->order; k++) group &= (n->param >> k & 1) || e[k] == at[k];
            for (uint32_t c = 0, axis = a->order; c < times; c++) {
                bool here = group;
                for (uint32_t k = 0; k < a->order; k++)
                    if (n->param >> k & 1) here &= e[k] == at[c ? axis++ : k];
                hit |= here;
            }
            left_out += hit;
            if (group && !hit) product = sdp_field_mul(product, f->value[n->arg[0]][o]);
            o++;
        } while (next(a->order, inner, e));
        out[result++] = left_out == times ? product : 0;
    } while (next(n->order, size, at));
    return SDP_FIELD_VALUE;
}

// A derivative of a declared function is the same in whatever order it is taken: entry i with the indices of
// arguments that it is taken by several times sorted.
static size_t symmetric_entry(const sdp_field *f, const sdp_node *n, size_t i)
{
    size_t size[SDP_MAX_ORDER], at[SDP_MAX_ORDER];
    (void)sdp_field_count(f, n->order, n->dim, size);
    for (uint32_t k = n->order; k-- > 0; i /= size[k]) at[k] = i % size[k];
    for (int a = 1; n->kind == SDP_CALL && a < n->order; a++)
        for (int b = a; b > 0 && sdp_call_swaps(f->g, n, b - 1) && at[b] < at[b - 1]; b--) {
            size_t swap = at[b];
            at[b] = at[b - 1];
            at[b - 1] = swap;
        }
    for (uint32_t k = 0; k < n->order; k++) i = i * size[k] + at[k];
    return i;
}

// Any other primitive or abstract function: a pseudo-random function of all of its arguments.
static sdp_field_status modulo_opaque(sdp_field *f, const sdp_node *n, uint64_t *out, bool *is_opaque)
{
    size_t count = sdp_field_count(f, n->order, n->dim, NULL);
    // random numbers lack them
    if (n->kind == SDP_CALL && (f->g->var[n->param].facts & ~(uint32_t)(SDP_POSITIVE | SDP_NONNEG)))
        return SDP_FIELD_UNKNOWN;
    uint64_t h = sdp_field_hash(f->seed, (uint64_t)n->kind << 48 ^ (uint64_t)n->op << 32 ^ n->param);
    for (uint32_t k = 0; n->kind == SDP_CALL && k < n->nlabels; k++) h = sdp_field_hash(h, n->label[k] + 1u);
    for (uint32_t k = 0; k < n->nargs; k++) {
        const sdp_node *a = sdp_get(f->g, n->arg[k]);
        size_t length = sdp_field_count(f, a->order, a->dim, NULL);
        for (size_t i = 0; i < length; i++) h = sdp_field_hash(h, f->value[n->arg[k]][i]);
    }
    for (size_t i = 0; i < count; i++) out[i] = sdp_field_hash(h, symmetric_entry(f, n, i));
    *is_opaque = true;
    return SDP_FIELD_VALUE;
}

typedef sdp_field_status primitive(sdp_field *f, const sdp_node *n, uint64_t *out, bool *is_opaque);
static primitive *const modulo[SDP_OP_COUNT] = {
#define MODULO(f) modulo_##f
#define PRIM(id, name, least, most, shape, lower, pull, kernel, reference, modulo, ...)                      \
    [SDP_OP_##id] = modulo,
#include "ast/graph/ops.def"
#undef MODULO
};

static sdp_field_status run(sdp_field *f, sdp_id id)
{
    const sdp_node *n = sdp_get(f->g, id);
    size_t size[SDP_MAX_ORDER], count = sdp_field_count(f, n->order, n->dim, size);
    if (!count) return SDP_FIELD_NO_VALUE;
    if (!spend(f, count)) return SDP_FIELD_TOO_LARGE;
    uint64_t *out = f->value[id] = sdp_scratch(&f->g->base, count * sizeof *out);
    bool *is_opaque = &f->is_opaque[id];
    for (uint32_t k = 0; k < n->nargs; k++) *is_opaque |= f->is_opaque[n->arg[k]];
    switch ((sdp_kind)n->kind) {
    case SDP_NUM: return number(f, n->param, out) ? SDP_FIELD_VALUE : SDP_FIELD_NO_VALUE;
    case SDP_CONST:
        *out = opaque(f, n->op, 0, 0, 0);
        *is_opaque = true;
        return n->op == SDP_OP_inf ? SDP_FIELD_UNKNOWN : SDP_FIELD_VALUE;
    case SDP_DIM: *out = (uint64_t)f->size[n->param]; return SDP_FIELD_VALUE;
    case SDP_VAR:
        return sdp_field_draw(f, &f->g->var[n->param], n->param, n, out) ? SDP_FIELD_VALUE
                                                                         : SDP_FIELD_UNKNOWN;
    case SDP_SEL: return sdp_field_index(f, n, out) ? SDP_FIELD_VALUE : SDP_FIELD_NO_VALUE;
    case SDP_MASK:
        for (size_t i = 0; i < count; i++)
            out[i] = n->param == SDP_LOWER ? i / size[1] >= i % size[1] : i / size[1] <= i % size[1];
        return SDP_FIELD_VALUE;
    case SDP_MUL: return run_mul(f, n, out, count);
    case SDP_ADD: return run_add(f, n, out, count);
    case SDP_POW: return run_pow(f, n, out, count, is_opaque);
    case SDP_MAP: return run_map(f, n, out, count, is_opaque);
    case SDP_PRIM: return modulo[n->op](f, n, out, is_opaque);
    case SDP_CALL: return modulo_opaque(f, n, out, is_opaque);
    }
    return SDP_FIELD_UNKNOWN;
}

sdp_field_status sdp_field_run(sdp_field *f, uint32_t count, const sdp_id *list)
{
    size_t room = (count ? list[count - 1] : 0) + (size_t)1;
    f->value = sdp_scratch(&f->g->base, room * sizeof *f->value);
    f->is_opaque = sdp_scratch(&f->g->base, room * sizeof *f->is_opaque);
    for (uint32_t i = 0; i < count; i++) {
        sdp_field_status s = run(f, list[i]);
        if (s != SDP_FIELD_VALUE) return s;
    }
    f->opaque = count && f->is_opaque[list[count - 1]];
    return SDP_FIELD_VALUE;
}
