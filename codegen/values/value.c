// SPDX-License-Identifier: MIT
// The values of a schedule: hash-consing, indices that are affine in loop labels, sizes.
//
// Everything lives in the scratch arena of the graph and goes when the caller releases its mark. Values are
// shared between outputs because equal ones are the same number: an intermediate of a contraction that two
// derivatives need is computed once.
#include <limits.h>
#include <string.h>

#include "codegen/values/values.h"

const sdp_target_row sdp_targets[SDP_TARGETS] = {
#define TARGET(id, ...) {__VA_ARGS__},
#include "codegen/values/targets.def"
#undef TARGET
};

void sdp_schedule_init(sdp_schedule *s, sdp_graph *g, const sdp_signature *sig, const sdp_emit_request *q)
{
    memset(s, 0, sizeof *s);
    s->g = g;
    s->sig = sig;
    s->q = q;
    uint32_t atoms = sdp_atom_count(g);
    long *size = sdp_scratch(&g->base, (atoms + 1) * sizeof *size);
    for (uint32_t i = 0; i < atoms; i++) size[i] = -1;
    for (uint32_t i = 0; q && i < q->nsizes; i++)
        if (q->size_atom[i] < atoms) size[q->size_atom[i]] = q->size_value[i];
    s->size = size;
    s->value = sdp_grown(&g->base, NULL, 0, &s->value_cap, sizeof *s->value);
    s->nvalues = 1; // 0 is none
}

// ---- sizes ------------------------------------------------------------------------------------------------
bool sdp_size_constant(const sdp_schedule *s, sdp_dim d, long *v)
{
    const sdp_dim_term *t;
    uint32_t n = sdp_dim_terms(s->g, d, &t);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < t[i].natoms; k++)
            if (s->size[t[i].atom[k]] < 0) return false;
    *v = sdp_size_at(s->g, d, s->size);
    return *v != LONG_MAX;
}

uint64_t sdp_size_product(const sdp_schedule *s, uint32_t n, const sdp_dim *dim, uint64_t most)
{
    uint64_t product = 1;
    for (uint32_t k = 0; k < n; k++) {
        long d;
        if (!sdp_size_constant(s, dim[k], &d) || d < 1 || (product *= (uint64_t)d) > most) return most + 1;
    }
    return product;
}

bool sdp_next_entry(const sdp_schedule *s, uint32_t n, const sdp_dim *dim, long *at)
{
    for (uint32_t k = n; k--;) {
        long d = 1;
        sdp_size_constant(s, dim[k], &d);
        if (++at[k] < d) return true;
        at[k] = 0;
    }
    return false;
}

double sdp_size_assumed(const sdp_schedule *s, sdp_dim d)
{
    const sdp_dim_term *t;
    uint32_t n = sdp_dim_terms(s->g, d, &t);
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        double product = (double)t[i].coef;
        for (uint32_t k = 0; k < t[i].natoms; k++) {
            long size = s->size[t[i].atom[k]];
            product *= size < 0 ? 256.0 : (double)size;
        }
        sum += product;
    }
    return sum < 1 ? 1 : sum;
}

// ---- indices ----------------------------------------------------------------------------------------------
void sdp_ix_get(const sdp_schedule *s, sdp_ix ix, sdp_affine *a)
{
    if (ix >= SDP_MAX_LABELS) {
        *a = s->affine[ix - SDP_MAX_LABELS];
        return;
    }
    memset(a, 0, sizeof *a);
    a->off = sdp_dim_int(s->g, 0);
    a->n = 1;
    a->label[0] = (uint8_t)ix;
    a->stride[0] = SDP_DIM_ONE;
}

sdp_ix sdp_ix_affine(sdp_schedule *s, const sdp_affine *a)
{
    sdp_affine c; // the padding is zero, so that equal ones are equal bytes
    memset(&c, 0, sizeof c);
    c.off = a->off;
    sdp_dim zero = sdp_dim_int(s->g, 0);
    for (uint32_t i = 0; i < a->n; i++) { // insertion keeps the labels ascending and adds equal ones
        if (a->stride[i] == zero) continue;
        uint32_t k = 0;
        while (k < c.n && c.label[k] < a->label[i]) k++;
        if (k < c.n && c.label[k] == a->label[i]) {
            c.stride[k] = sdp_dim_add(s->g, c.stride[k], a->stride[i]);
            continue;
        }
        for (uint32_t j = c.n; j > k; j--) c.label[j] = c.label[j - 1], c.stride[j] = c.stride[j - 1];
        c.label[k] = a->label[i];
        c.stride[k] = a->stride[i];
        c.n++;
    }
    if (c.n == 1 && c.off == zero && c.stride[0] == SDP_DIM_ONE) return c.label[0];
    uint32_t hash = sdp_hash(&c, sizeof c, 7);
    for (uint32_t place = hash, i; (i = sdp_interned_next(&s->affine_index, hash, &place)) != SDP_NO_THING;)
        if (!memcmp(&s->affine[i], &c, sizeof c)) return SDP_MAX_LABELS + i;
    s->affine = sdp_grown(&s->g->base, s->affine, s->naffine, &s->affine_cap, sizeof *s->affine);
    s->affine[s->naffine] = c;
    sdp_interned_put(&s->g->base, &s->affine_index, hash, s->naffine);
    return SDP_MAX_LABELS + s->naffine++;
}

sdp_ix sdp_ix_substitute(sdp_schedule *s, sdp_ix ix, const sdp_ix *label)
{
    if (ix < SDP_MAX_LABELS) return label[ix];
    sdp_affine a = s->affine[ix - SDP_MAX_LABELS], r, part;
    memset(&r, 0, sizeof r);
    r.off = a.off;
    for (uint32_t i = 0; i < a.n; i++) {
        sdp_ix_get(s, label[a.label[i]], &part);
        r.off = sdp_dim_add(s->g, r.off, sdp_dim_mul(s->g, a.stride[i], part.off));
        for (uint32_t k = 0; k < part.n; k++) {
            uint32_t at = 0;
            while (at < r.n && r.label[at] != part.label[k]) at++;
            sdp_dim stride = sdp_dim_mul(s->g, a.stride[i], part.stride[k]);
            if (at < r.n) {
                r.stride[at] = sdp_dim_add(s->g, r.stride[at], stride);
            } else {
                if (r.n == SDP_MAX_ORDER) sdp_limit(&s->g->base, "order", SDP_MAX_ORDER);
                r.label[r.n] = part.label[k];
                r.stride[r.n++] = stride;
            }
        }
    }
    return sdp_ix_affine(s, &r);
}

uint64_t sdp_ix_labels(const sdp_schedule *s, sdp_ix ix)
{
    if (ix < SDP_MAX_LABELS) return 1ULL << ix;
    const sdp_affine *a = &s->affine[ix - SDP_MAX_LABELS];
    uint64_t set = 0;
    for (uint32_t i = 0; i < a->n; i++) set |= 1ULL << a->label[i];
    return set;
}

uint64_t sdp_labels_of(const sdp_schedule *s, uint32_t n, const sdp_ix *ix)
{
    uint64_t set = 0;
    for (uint32_t i = 0; i < n; i++) set |= sdp_ix_labels(s, ix[i]);
    return set;
}

uint32_t sdp_innermost_label(const sdp_schedule *s, uint32_t n, const sdp_ix *ix)
{
    uint32_t all = 0;
    for (uint64_t set = sdp_labels_of(s, n, ix); set; set >>= 1) all++;
    return all;
}

bool sdp_ix_constant(const sdp_schedule *s, sdp_ix ix, long *v)
{
    if (ix < SDP_MAX_LABELS || s->affine[ix - SDP_MAX_LABELS].n) return false;
    return sdp_size_constant(s, s->affine[ix - SDP_MAX_LABELS].off, v);
}

// ---- values -----------------------------------------------------------------------------------------------
const sdp_ix *sdp_value_ix(const sdp_schedule *s, const sdp_value *v, uint32_t factor)
{
    const sdp_ix *ix = v->ix;
    for (uint32_t i = 0; i < factor && i < v->nargs; i++) ix += s->value[v->arg[i]].order;
    return ix;
}

bool sdp_value_leaf(const sdp_value *v) { return v->kind <= SDP_V_EQ; }

bool sdp_value_pointwise(const sdp_value *v)
{
    if (v->kind == SDP_V_EINSUM) return !v->bound && !v->scatter;
    return v->kind == SDP_V_ADD || v->kind == SDP_V_POW || v->kind == SDP_V_MAP || v->kind == SDP_V_FINITE;
}

static uint32_t count_ix(const sdp_schedule *s, const sdp_value *v)
{
    if (v->kind != SDP_V_EINSUM) return 0;
    uint32_t n = v->order;
    for (uint32_t i = 0; i < v->nargs; i++) n += s->value[v->arg[i]].order;
    return n;
}

static uint32_t count_coef(const sdp_value *v)
{
    return v->kind == SDP_V_ADD ? v->nargs : v->kind == SDP_V_EINSUM || v->kind == SDP_V_NUM;
}

static uint32_t hash_value(const sdp_schedule *s, const sdp_value *v)
{
    uint32_t head[6] = {v->kind, v->order, v->op, v->nargs, v->param, v->nlabels};
    uint32_t h = sdp_hash(head, sizeof head, 1);
    if (v->nargs) h = sdp_hash(v->arg, v->nargs * sizeof *v->arg, h);
    if (v->order) h = sdp_hash(v->dim, v->order * sizeof *v->dim, h);
    if (count_coef(v)) h = sdp_hash(v->coef, count_coef(v) * sizeof *v->coef, h);
    if (count_ix(s, v)) h = sdp_hash(v->ix, count_ix(s, v) * sizeof *v->ix, h);
    return h;
}

static bool same(const void *a, const void *b, size_t bytes) { return !bytes || !memcmp(a, b, bytes); }

static bool same_value(const sdp_schedule *s, const sdp_value *a, const sdp_value *b)
{
    return a->hash == b->hash && a->kind == b->kind && a->order == b->order && a->op == b->op &&
           a->nargs == b->nargs && a->param == b->param && a->nlabels == b->nlabels &&
           same(a->arg, b->arg, a->nargs * sizeof *a->arg) &&
           same(a->dim, b->dim, a->order * sizeof *a->dim) &&
           same(a->coef, b->coef, count_coef(a) * sizeof *a->coef) &&
           same(a->ix, b->ix, count_ix(s, a) * sizeof *a->ix) &&
           same(a->ldim, b->ldim, a->nlabels * sizeof *a->ldim);
}

static const void *copied(sdp_schedule *s, const void *p, size_t bytes)
{
    return bytes ? memcpy(sdp_scratch(&s->g->base, bytes), p, bytes) : NULL;
}

// The value equal to v, or 0. Sets v->hash.
static sdp_val look_up(sdp_schedule *s, sdp_value *v)
{
    v->hash = hash_value(s, v);
    for (uint32_t place = v->hash, i; (i = sdp_interned_next(&s->index, v->hash, &place)) != SDP_NO_THING;)
        if (same_value(s, &s->value[i], v)) return i;
    return 0;
}

sdp_val sdp_value_make(sdp_schedule *s, const sdp_value *template)
{
    sdp_value v = *template;
    sdp_val known = look_up(s, &v);
    if (known) return known;
    v.arg = copied(s, v.arg, v.nargs * sizeof *v.arg);
    v.dim = copied(s, v.dim, v.order * sizeof *v.dim);
    v.coef = copied(s, v.coef, count_coef(&v) * sizeof *v.coef);
    v.ix = copied(s, v.ix, count_ix(s, &v) * sizeof *v.ix);
    v.ldim = copied(s, v.ldim, v.nlabels * sizeof *v.ldim);
    s->value = sdp_grown(&s->g->base, s->value, s->nvalues, &s->value_cap, sizeof *s->value);
    s->value[s->nvalues] = v;
    sdp_interned_put(&s->g->base, &s->index, v.hash, s->nvalues);
    return s->nvalues++;
}

sdp_val sdp_value_simple(sdp_schedule *s, sdp_vkind kind, uint32_t n, const sdp_val *arg, uint32_t op,
                         uint32_t param, uint32_t order, const sdp_dim *dim)
{
    sdp_value v = {.kind = (uint8_t)kind,
                   .order = (uint8_t)order,
                   .op = (uint16_t)op,
                   .nargs = n,
                   .param = param,
                   .dim = dim,
                   .arg = arg};
    return sdp_value_make(s, &v);
}

// ---- einsums ----------------------------------------------------------------------------------------------
typedef struct {
    sdp_val factor;
    const sdp_ix *ix;
} item;

static int order_items(const sdp_schedule *s, const item *a, const item *b)
{
    if (a->factor != b->factor) return a->factor < b->factor ? -1 : 1;
    for (uint32_t i = 0; i < s->value[a->factor].order; i++)
        if (a->ix[i] != b->ix[i]) return a->ix[i] < b->ix[i] ? -1 : 1;
    return 0;
}

// Gives labels new numbers by first appearance.
static void number_labels(sdp_schedule *s, sdp_ix ix, sdp_ix *to, uint8_t *nlabels)
{
    sdp_affine a;
    sdp_ix_get(s, ix, &a);
    for (uint32_t i = 0; i < a.n; i++)
        if (to[a.label[i]] == UINT32_MAX) to[a.label[i]] = (*nlabels)++;
}

// X as it stands: one factor, coefficient 1, axes in place.
static bool is_plain_copy(const sdp_schedule *s, const sdp_value *v)
{
    if (v->nargs != 1 || v->scatter || v->coef[0] != SDP_NUM_ONE || s->value[v->arg[0]].order != v->order)
        return false;
    for (uint32_t i = 0; i < v->order; i++)
        if (v->ix[i] != i || v->ix[v->order + i] != i) return false;
    return same(v->dim, s->value[v->arg[0]].dim, v->order * sizeof *v->dim);
}

// A contraction that exists already with coefficient 1, or 0: -B*x beside B*x costs a sign, not a product.
static sdp_val without_coefficient(sdp_schedule *s, sdp_value v)
{
    sdp_num one = SDP_NUM_ONE;
    v.coef = &one;
    return look_up(s, &v);
}

// Numbers that are normal, with room for what they are multiplied with: of floats (or what
// may be one) from 2^-120 to 2^120.
long sdp_value_beyond(const sdp_schedule *s, sdp_num c)
{
    const long e = sdp_num_exponent(s->g, c), most = s->q && s->q->real.is_float ? 120 : 1000;
    return e > most || e < -most ? e : 0;
}

static sdp_val scaled(sdp_schedule *s, sdp_num coef, sdp_val id)
{
    const sdp_value *x = &s->value[id];
    sdp_ix ix[2 * SDP_MAX_ORDER];
    for (uint32_t k = 0; k < x->order; k++) ix[k] = ix[x->order + k] = k;
    sdp_value v = {.kind = SDP_V_EINSUM,
                   .order = x->order,
                   .nargs = 1,
                   .nlabels = x->order,
                   .dim = x->dim,
                   .ldim = x->dim};
    v.arg = &id;
    v.coef = &coef;
    v.ix = ix;
    return sdp_value_make(s, &v);
}

// The indices of a symmetric matrix, one of which is the output's: that one first. K*B and B'*K then agree,
// and K is read along its rows.
static const sdp_ix *turned(sdp_schedule *s, sdp_val factor, const sdp_ix *ix, uint64_t out)
{
    const sdp_value *v = &s->value[factor];
    if (v->order != 2 || !v->node || v->dim[0] != v->dim[1] || (sdp_ix_labels(s, ix[0]) & out) ||
        !(sdp_ix_labels(s, ix[1]) & out))
        return ix;
    if (!sdp_is_symmetric(s->g, v->node)) return ix;
    sdp_ix *t = sdp_scratch(&s->g->base, 2 * sizeof *t);
    t[0] = ix[1];
    t[1] = ix[0];
    return t;
}

// A factor that is an input as it is stored otherwise gives way to the input.
static item stored(sdp_schedule *s, sdp_val factor, const sdp_ix *ix)
{
    if (!sdp_value_is_view(s, factor)) return (item){factor, ix};
    const sdp_value *x = &s->value[factor];
    uint32_t order = x->order;
    sdp_ix *t = sdp_scratch(&s->g->base, order * sizeof *t);
    bool reversed = order > 1 && x->ix[0] != x->ix[order];
    for (uint32_t k = 0; k < order; k++) t[k] = ix[reversed ? order - 1u - k : k];
    return (item){x->arg[0], t};
}

// Factors in order, labels numbered. What v points to is in scratch.
static sdp_value canonical_einsum(sdp_schedule *s, sdp_num coef, uint32_t n, const sdp_val *factor,
                                  const sdp_ix *ix, uint32_t order, const sdp_dim *dim, const sdp_dim *ldim)
{
    sdp_base *b = &s->g->base;
    sdp_ix to[SDP_MAX_LABELS];
    sdp_dim *label_dim = sdp_scratch(b, SDP_MAX_LABELS * sizeof *label_dim);
    sdp_num *own_coef = sdp_scratch(b, sizeof *own_coef);
    *own_coef = coef;
    memset(to, 0xff, sizeof to);
    item *sorted = sdp_scratch(b, (n + 1) * sizeof *sorted);
    sdp_val *arg = sdp_scratch(b, (n + 1) * sizeof *arg);
    uint32_t total = order;
    uint64_t out = 0;
    const sdp_ix *end = ix;
    for (uint32_t i = 0; i < n; i++) end += s->value[factor[i]].order;
    for (uint32_t k = 0; k < order; k++) out |= sdp_ix_labels(s, end[k]);
    for (uint32_t i = 0; i < n; i++) {
        item x = stored(s, factor[i], turned(s, factor[i], ix, out));
        uint32_t k = i;
        for (; k && order_items(s, &x, &sorted[k - 1]) < 0; k--) sorted[k] = sorted[k - 1];
        sorted[k] = x;
        ix += s->value[factor[i]].order;
        total += s->value[factor[i]].order;
    }
    sdp_ix *renamed = sdp_scratch(b, (total + 1) * sizeof *renamed);
    sdp_value v = {.kind = SDP_V_EINSUM,
                   .order = (uint8_t)order,
                   .nargs = n,
                   .dim = dim,
                   .arg = arg,
                   .coef = own_coef,
                   .ix = renamed,
                   .ldim = label_dim};
    uint32_t at = 0;
    uint64_t summed = 0;
    for (uint32_t i = 0; i <= n; i++) {
        const sdp_ix *from = i < n ? sorted[i].ix : ix;
        uint32_t axes = i < n ? s->value[sorted[i].factor].order : order;
        for (uint32_t k = 0; k < axes; k++) {
            number_labels(s, from[k], to, &v.nlabels);
            renamed[at] = sdp_ix_substitute(s, from[k], to);
            if (i < n) {
                summed |= sdp_ix_labels(s, renamed[at]);
            } else {
                uint64_t own = sdp_ix_labels(s, renamed[at]);
                summed &= ~own;
                for (uint32_t j = at - k; j < at; j++) v.scatter |= renamed[j] == renamed[at];
                // or covers only a part of the axis
                v.scatter |= from[k] >= SDP_MAX_LABELS || ldim[from[k]] != dim[k];
            }
            at++;
        }
        if (i < n) arg[i] = sorted[i].factor;
    }
    v.bound = summed;
    for (uint32_t l = 0; l < SDP_MAX_LABELS; l++)
        if (to[l] != UINT32_MAX) label_dim[to[l]] = ldim[l];
    return v;
}

sdp_val sdp_value_known_einsum(sdp_schedule *s, sdp_num coef, uint32_t n, const sdp_val *factor,
                               const sdp_ix *ix, uint32_t order, const sdp_dim *dim, const sdp_dim *ldim)
{
    sdp_value v = canonical_einsum(s, coef, n, factor, ix, order, dim, ldim);
    return look_up(s, &v);
}

sdp_val sdp_value_einsum(sdp_schedule *s, sdp_num coef, uint32_t n, const sdp_val *factor, const sdp_ix *ix,
                         uint32_t order, const sdp_dim *dim, const sdp_dim *ldim)
{
    // 1e60*x of floats: in steps, so that it is 0 where x is, and 1e10 at 1e-50
    const long beyond = sdp_value_beyond(s, coef);
    if (beyond && n) {
        const sdp_num half = sdp_num_pow(s->g, SDP_NUM_TWO, beyond / 2);
        sdp_val part = sdp_value_einsum(s, sdp_num_mul(s->g, coef, sdp_num_inv(s->g, half)), n, factor, ix,
                                        order, dim, ldim);
        return sdp_value_times(s, half, 1, &part);
    }
    sdp_value v = canonical_einsum(s, coef, n, factor, ix, order, dim, ldim);
    if (is_plain_copy(s, &v)) return v.arg[0];
    sdp_val whole = v.bound && coef != SDP_NUM_ONE ? without_coefficient(s, v) : 0;
    return whole ? scaled(s, coef, whole) : sdp_value_make(s, &v);
}

void sdp_values_forget(sdp_schedule *s)
{
    s->value = NULL, s->value_cap = 0, s->nvalues = 1;
    s->value = sdp_grown(&s->g->base, NULL, 0, &s->value_cap, sizeof *s->value);
    memset(&s->index, 0, sizeof s->index);
    s->supports = NULL, s->failures = NULL;
}

sdp_val sdp_value_again(sdp_schedule *s, const sdp_value *v, const sdp_val *arg)
{
    sdp_value x = *v;
    if (v->kind == SDP_V_EINSUM)
        x = canonical_einsum(s, v->coef[0], v->nargs, arg, v->ix, v->order, v->dim, v->ldim);
    else x.arg = arg;
    x.node = v->node;
    return sdp_value_make(s, &x);
}

static void add_atoms(const sdp_graph *g, sdp_dim d, uint32_t *atom, uint32_t *n)
{
    const sdp_dim_term *t;
    for (uint32_t i = 0, terms = sdp_dim_terms(g, d, &t); i < terms; i++)
        for (uint32_t k = 0; k < t[i].natoms; k++) {
            uint32_t j = 0;
            while (j < *n && atom[j] != t[i].atom[k]) j++;
            if (j == *n) atom[(*n)++] = t[i].atom[k];
        }
}

// In order of appearance: arguments, then the value. In scratch.
uint32_t sdp_function_atoms(sdp_graph *g, uint32_t function, uint32_t **atom)
{
    const sdp_variable *f = &g->var[function];
    uint32_t n = 0;
    *atom = sdp_scratch(&g->base, (sdp_atom_count(g) + 1) * sizeof **atom);
    for (uint32_t i = 0; i <= f->nparams; i++) {
        sdp_shape s = i < f->nparams ? f->param[i] : f->shape;
        add_atoms(g, s.rows, *atom, &n);
        add_atoms(g, s.cols, *atom, &n);
    }
    return n;
}
