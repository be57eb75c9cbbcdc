// SPDX-License-Identifier: MIT
// The series of a node in u, from those of its arguments; and every node as a parameter of such series.
#include <string.h>

#include "codegen/stable/jet.h"
#include "simplify/zero/field.h"

// ---- sums over axes ---------------------------------------------------------------------------------------
enum { MOST_LABELS = 5 };

static uint64_t residue_of_int(long v)
{
    uint64_t m = (v < 0 ? 0 - (uint64_t)v : (uint64_t)v) % SDP_FIELD_PRIME;
    return v < 0 ? sdp_field_sub(0, m) : m;
}

static uint64_t size_residue(const sdp_graph *g, sdp_dim d)
{
    const sdp_dim_term *t;
    uint64_t sum = 0;
    for (uint32_t n = sdp_dim_terms(g, d, &t), i = 0; i < n; i++) {
        uint64_t v = residue_of_int(t[i].coef);
        for (uint32_t k = 0; k < t[i].natoms; k++) v = sdp_field_mul(v, sdp_field_hash(13, t[i].atom[k]));
        sum = sdp_field_add(sum, v);
    }
    return sum;
}

// How many entries the entry at index `at` of an axis stands for: all together, its size
static uint64_t weight(const sdp_graph *g, sdp_dim d, uint32_t at)
{
    uint64_t rest = size_residue(g, d);
    for (uint32_t i = 0; i + 1 < SDP_JET_AXIS; i++) {
        uint64_t w = sdp_field_hash(sdp_field_hash(14, d), i);
        if (at == i) return w;
        rest = sdp_field_sub(rest, w);
    }
    return rest;
}

static uint32_t index_of(uint32_t at, uint32_t label)
{
    return at >> SDP_JET_BITS * label & (SDP_JET_AXIS - 1);
}

// The residues of a product whose factors have these
static bool contracted(sdp_jets *r, const sdp_node *n, const sdp_coef *factor, sdp_coef *out)
{
    const sdp_graph *g = r->g;
    const uint8_t *to = sdp_labels(g, n, n->nargs);
    sdp_coef coef;
    *out = (sdp_coef){.order = n->order, .unknown = n->order > SDP_JET_ORDER || n->nlabels > MOST_LABELS};
    for (uint32_t i = 0; i < n->nargs; i++)
        out->unknown |= factor[i].unknown, out->signless |= factor[i].signless;
    if (out->unknown || !sdp_coef_num(r, n->coef[0], &coef)) return false;
    for (uint32_t at = 0; at < 1u << SDP_JET_BITS * n->nlabels; at++) {
        uint64_t v = coef.digits.mod;
        uint32_t where = 0;
        for (uint32_t l = 0; l < n->nlabels; l++)
            if (!n->order || !memchr(to, (int)l, n->order))
                v = sdp_field_mul(v, weight(g, n->ldim[l], index_of(at, l)));
        for (uint32_t i = 0; i < n->nargs; i++) {
            const uint8_t *label = sdp_labels(g, n, i);
            uint32_t e = 0;
            for (uint32_t k = 0; k < sdp_get(g, n->arg[i])->order; k++)
                e |= index_of(at, label[k]) << SDP_JET_BITS * k;
            v = sdp_field_mul(v, sdp_coef_entry(&factor[i], e));
        }
        for (uint32_t k = 0; k < n->order; k++) where |= index_of(at, to[k]) << SDP_JET_BITS * k;
        out->mod[where] = sdp_field_add(out->mod[where], v);
    }
    return true;
}

// A product of these coefficients, and code of it
static bool multiplied(sdp_jets *r, const sdp_node *n, const sdp_coef *factor, sdp_coef *out)
{
    sdp_coef c;
    bool numbers = sdp_is_entrywise(r->g, n);
    for (uint32_t i = 0; i < n->nargs; i++) numbers &= factor[i].number;
    if (numbers && sdp_coef_num(r, n->coef[0], out)) {
        for (uint32_t i = 0; i < n->nargs; i++) *out = sdp_coef_mul(r, out, &factor[i]);
        return true;
    }
    if (!contracted(r, n, factor, &c) || (c.signless && sdp_coef_is_zero(&c))) return false;
    *out = sdp_coef_is_zero(&c) ? sdp_coef_digits(sdp_exact_int(0)) : sdp_coef_settle(c);
    if (out->number || !r->s) return true;
    sdp_val *v = sdp_scratch(&r->g->base, (n->nargs + 1) * sizeof *v);
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_val shape = r->s->of[n->arg[i]];
        if (!shape) return false;
        v[i] = sdp_get(r->g, n->arg[i])->kind == SDP_SEL ? shape : sdp_coef_value_like(r, &factor[i], shape);
    }
    out->val = sdp_lower_product(r->s, n, v);
    return true;
}

// ---- parameters -------------------------------------------------------------------------------------------
static bool parameter_power(sdp_jets *r, const sdp_node *n, sdp_coef *out)
{
    const sdp_coef *b = &r->constant[n->arg[0]], *e = &r->constant[n->arg[1]];
    sdp_coef log;
    sdp_num q;
    if (sdp_is_number(r->g, n->arg[1], &q)) return sdp_coef_power(r, b, q, out);
    if (b->unknown || e->unknown || !sdp_coef_map(r, SDP_OP_log, b, &log)) return false;
    log = sdp_coef_mul(r, e, &log);
    return sdp_coef_map(r, SDP_OP_exp, &log, out);
}

static bool parameter(sdp_jets *r, sdp_id id, sdp_coef *out)
{
    const sdp_node *n = sdp_get(r->g, id);
    sdp_coef c, *factor = sdp_scratch(&r->g->base, (n->nargs + 1) * sizeof *factor);
    sdp_exact x;
    sdp_num v;
    if (sdp_is_number(r->g, id, &v)) return sdp_coef_num(r, v, out);
    for (uint32_t i = 0; i < n->nargs; i++) factor[i] = r->constant[n->arg[i]];
    switch ((sdp_kind)n->kind) {
    case SDP_CONST: return sdp_exact_constant(n->op, &x) && (*out = sdp_coef_digits(x), true);
    case SDP_DIM: return *out = (sdp_coef){.mod = {sdp_field_hash(13, n->param)}}, true;
    case SDP_MUL: return multiplied(r, n, factor, out);
    case SDP_POW: return parameter_power(r, n, out);
    case SDP_MAP: return n->nargs == 1 && sdp_coef_map(r, n->op, factor, out);
    case SDP_ADD:
        *out = sdp_coef_digits(sdp_exact_int(0));
        for (uint32_t i = 0; i < n->nargs; i++) {
            if (!sdp_coef_num(r, n->coef[i], &c)) return false;
            c = sdp_coef_mul(r, &c, &factor[i]);
            *out = sdp_coef_add(r, out, &c);
        }
        return !out->unknown;
    default: return false;
    }
}

static void note_constant(sdp_jets *r, sdp_id id)
{
    sdp_mark mark = sdp_scratch_mark(&r->g->base);
    sdp_coef c;
    if (!parameter(r, id, &c) || (c.signless && sdp_coef_is_zero(&c)))
        c = sdp_coef_random(sdp_field_hash(15, id), sdp_get(r->g, id)->order);
    sdp_scratch_release(&r->g->base, mark);
    r->constant[id] = c;
}

void sdp_jet_constants(sdp_jets *r)
{
    for (uint32_t i = 0; i < r->count; i++) note_constant(r, r->id[i]);
    for (uint32_t i = 0; i < r->nat; i++) { // the terms of sums that are made for a place
        const sdp_node *n = r->at[i].sum ? sdp_get(r->g, r->at[i].sum) : NULL;
        for (uint32_t k = 0; n && k < n->nargs; k++) note_constant(r, n->arg[k]);
    }
}

// ---- series -----------------------------------------------------------------------------------------------
static bool constant_jet(sdp_jets *r, sdp_id id, uint32_t length, sdp_jet *out)
{
    sdp_coef c = r->constant[id];
    if (r->s && !c.number && !(c.val = r->s->of[id])) return false;
    return sdp_jet_constant(r, &c, length, out);
}

// Of an argument; false: there is none. Of 0 there is none, either.
static bool jet_of(sdp_jets *r, const sdp_jet_at *a, sdp_id id, uint32_t length, bool code, sdp_jet *out)
{
    const sdp_jet_node *n = &a->of[id];
    if (!n->depends) return constant_jet(r, id, length, out);
    *out = code ? n->code : n->jet;
    return out->n > 0;
}

static bool centre(sdp_jets *r, const sdp_jet_at *a, sdp_coef *out)
{
    const sdp_node *n = a->sum ? sdp_get(r->g, a->sum) : NULL;
    sdp_num by = a->sum ? sdp_num_inv(r->g, a->slope) : SDP_NUM_ONE;
    if (!sdp_coef_num(r, sdp_num_mul(r->g, a->shift, by), out)) return false;
    for (uint32_t i = 0; n && i < n->nargs; i++) {
        sdp_coef weight, c;
        sdp_jet rest;
        if (n->arg[i] == a->t) continue;
        if (!sdp_coef_num(r, sdp_num_neg(r->g, sdp_num_mul(r->g, n->coef[i], by)), &weight)) return false;
        if (!constant_jet(r, n->arg[i], 1, &rest)) return false;
        c = sdp_coef_mul(r, &weight, &rest.c[0]);
        *out = sdp_coef_add(r, out, &c);
    }
    return !out->unknown;
}

// w = u e, e = w/norm(w). At w = 0 that is no number: neither is a limit that depends on it.
static bool jet_of_vector(sdp_jets *r, const sdp_jet_at *a, uint32_t length, sdp_jet *out)
{
    sdp_coef e = sdp_coef_random(sdp_field_hash(16, a->vector), sdp_get(r->g, a->vector)->order);
    if (r->s && (!r->s->of[a->t] || !r->s->of[a->vector])) return false;
    if (r->s) e.val = sdp_value_divided(r->s, r->s->of[a->vector], r->s->of[a->t]);
    return sdp_jet_monomial(r, e, 1, length, out);
}

static bool jet_of_place(sdp_jets *r, const sdp_jet_at *a, uint32_t length, sdp_jet *out)
{
    sdp_coef c;
    sdp_jet u, term[2];
    int power = a->root ? 2 : 1;
    if (!centre(r, a, &c) ||
        !sdp_jet_monomial(r, sdp_coef_digits(sdp_exact_int(a->root < 0 ? -1 : 1)), power, length, &u))
        return false;
    term[1] = u;
    if (sdp_coef_is_zero(&c)) return *out = u, true;
    return sdp_jet_constant(r, &c, length, &term[0]) &&
           sdp_jet_sum(r, 2, (sdp_num[]){SDP_NUM_ONE, SDP_NUM_ONE}, term, out);
}

bool sdp_jet_of_factors(sdp_jets *r, const sdp_jet_at *a, const sdp_node *n, uint32_t group, bool code,
                        sdp_jet *out)
{
    bool first = true;
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_jet f;
        if (!(group >> i & 1)) continue;
        f = code ? a->of[n->arg[i]].code : a->of[n->arg[i]].jet;
        if (!f.n || (!first && !sdp_jet_product(r, out, &f, &f))) return false;
        *out = f;
        first = false;
    }
    return !first;
}

// Scalars that depend on u are multiplied first, and so are arrays with the same labels: what is left are
// none, one or two arrays, and one scalar beside the sum over labels.
static bool expand_product(sdp_jets *r, const sdp_jet_at *a, const sdp_node *n, uint32_t length, bool code,
                           sdp_jet *out)
{
    uint32_t scalars = 0, group[2] = {0, 0}, main[2] = {0, 0};
    bool each = sdp_get(r->g, a->t)->order > 0; // its entries are places of their own
    if (n->nargs > SDP_MAX_FACTORS || (each && !sdp_is_entrywise(r->g, n))) return false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        uint32_t order = sdp_get(r->g, n->arg[i])->order, k = 0;
        if (!a->of[n->arg[i]].depends) continue;
        if (!order) {
            scalars |= 1u << i;
            continue;
        }
        while (k < 2 && group[k] &&
               (sdp_get(r->g, n->arg[main[k]])->order != order ||
                memcmp(sdp_labels(r->g, n, i), sdp_labels(r->g, n, main[k]), order)))
            k++;
        if (k == 2) return false;
        if (!group[k]) main[k] = i;
        group[k] |= 1u << i;
    }
    sdp_coef *factor = sdp_scratch(&r->g->base, (n->nargs + 1) * sizeof *factor),
             one = sdp_coef_digits(sdp_exact_int(1));
    for (uint32_t i = 0; i < n->nargs; i++) {
        factor[i] = a->of[n->arg[i]].depends ? one : r->constant[n->arg[i]];
        if (r->s && !factor[i].number && !(factor[i].val = r->s->of[n->arg[i]])) return false;
    }
    sdp_jet array[2], whole;
    for (uint32_t k = 0; k < 2; k++)
        if (!(group[k] ? sdp_jet_of_factors(r, a, n, group[k], code, &array[k])
                       : sdp_jet_constant(r, &one, length, &array[k])))
            return false;
    uint32_t known = array[0].n < array[1].n ? array[0].n : array[1].n;
    sdp_coef *c = sdp_scratch(&r->g->base, (known + 1) * sizeof *c);
    for (uint32_t k = 0; k < known; k++) {
        c[k] = sdp_coef_digits(sdp_exact_int(0));
        for (uint32_t j = 0; j <= k; j++) {
            sdp_coef t;
            if (sdp_coef_is_zero(&array[0].c[j]) || sdp_coef_is_zero(&array[1].c[k - j])) continue;
            for (uint32_t i = 0; i < 2; i++)
                if (group[i]) factor[main[i]] = array[i].c[i ? k - j : j];
            if (!multiplied(r, n, factor, &t)) return false;
            c[k] = sdp_coef_add(r, &c[k], &t);
            if (c[k].unknown) return false;
        }
    }
    bool all = array[0].whole && array[1].whole &&
               sdp_jet_length(&array[0]) + sdp_jet_length(&array[1]) <= known + 1;
    if (!sdp_jet_finish(&whole, array[0].low + array[1].low, known, c)) return false;
    whole.whole = all;
    if (!scalars) return *out = whole, true;
    return sdp_jet_of_factors(r, a, n, scalars, code, out) && sdp_jet_product(r, out, &whole, out);
}

// b^e = b^k exp((e-k) log(b)) where e is k at the place: mu^(1-p) is 1/mu there, near p = 2.
static bool power_of_series(sdp_jets *r, const sdp_jet *b, const sdp_jet *e, sdp_jet *out)
{
    sdp_jet log, front, rest = *e;
    bool known = e->low == 0 && e->c[0].number && e->c[0].digits.lo == 0;
    if (b->low || !sdp_jet_function(r, SDP_OP_log, b, &log)) return false;
    sdp_jet_require_first(r, b);
    if (known && !sdp_jet_power(r, b, sdp_num_of_double(r->g, e->c[0].digits.hi), &front)) return false;
    if (known && !sdp_jet_finish(&rest, 1, e->n - 1, e->c + 1)) return *out = front, true;
    if (!sdp_jet_product(r, &log, &rest, &rest) || !sdp_jet_function(r, SDP_OP_exp, &rest, out)) return false;
    return !known || sdp_jet_product(r, &front, out, out);
}

static bool expand_power(sdp_jets *r, sdp_jet_at *a, const sdp_node *n, const sdp_jet *arg, sdp_jet *out)
{
    sdp_num q;
    if (sdp_is_number(r->g, n->arg[1], &q)) {
        if (!sdp_jet_root_exists(r, &arg[0], q)) a->roots = true, a->two_sided |= arg[0].low % 2 == 0;
        return sdp_jet_power(r, &arg[0], q, out);
    }
    return power_of_series(r, &arg[0], &arg[1], out);
}

sdp_num sdp_multiple_of(sdp_graph *g, sdp_id id, sdp_id *w)
{
    const sdp_node *n = sdp_get(g, id);
    bool multiple = n->kind == SDP_MUL && n->nargs == 1 && sdp_is_entrywise(g, n) &&
                    sdp_get(g, n->arg[0])->order == n->order;
    *w = multiple ? n->arg[0] : id;
    return multiple ? n->coef[0] : SDP_NUM_ONE;
}

// Functions of k*rate*t, k an integer, where u = exp(rate*t): rational functions of E = u^k, or log(1+E)
static bool expand_tail(sdp_jets *r, const sdp_jet_at *a, const sdp_node *n, uint32_t length, sdp_jet *out)
{
    sdp_graph *g = r->g;
    sdp_id own;
    sdp_jet e[2], sum, inverse;
    long k;
    if (n->op != SDP_OP_exp && n->op != SDP_OP_expm1 && n->op != SDP_OP_softplus && n->op != SDP_OP_sigmoid &&
        n->op != SDP_OP_tanh)
        return false;
    sdp_num by = sdp_num_mul(g, sdp_multiple_of(g, n->arg[0], &own), sdp_num_inv(g, a->rate));
    if (n->op == SDP_OP_tanh) by = sdp_num_mul(g, SDP_NUM_TWO, by); // (E-1)/(E+1), E = exp(2*x)
    if (own != a->t || !sdp_num_long(g, by, &k) || k > SDP_SERIES_MOST || k < -SDP_SERIES_MOST) return false;
    sdp_coef one = sdp_coef_digits(sdp_exact_int(1));
    if (!sdp_jet_constant(r, &one, length, &e[0]) || !sdp_jet_monomial(r, one, (int)k, length, &e[1]))
        return false;
    if (n->op == SDP_OP_exp) return *out = e[1], true;
    if (n->op == SDP_OP_expm1) return sdp_jet_sum(r, 2, (sdp_num[]){SDP_NUM_MINUS_ONE, SDP_NUM_ONE}, e, out);
    if (!sdp_jet_sum(r, 2, (sdp_num[]){SDP_NUM_ONE, SDP_NUM_ONE}, e, &sum)) return false;
    if (n->op == SDP_OP_softplus) return sdp_jet_function(r, SDP_OP_log, &sum, out);
    if (n->op == SDP_OP_tanh && !sdp_jet_sum(r, 2, (sdp_num[]){SDP_NUM_MINUS_ONE, SDP_NUM_ONE}, e, &e[1]))
        return false;
    return sdp_jet_power(r, &sum, SDP_NUM_MINUS_ONE, &inverse) && sdp_jet_product(r, &e[1], &inverse, out);
}

bool sdp_jet_expand(sdp_jets *r, sdp_jet_at *a, sdp_id id, uint32_t length, bool code, sdp_jet *out)
{
    const sdp_node *n = sdp_get(r->g, id);
    sdp_jet *arg = sdp_scratch(&r->g->base, (n->nargs + 1) * sizeof *arg);
    r->one_sided = a->root || a->vector || a->tail;
    if (a->tail && id == a->t) return false; // a logarithm of u
    if (a->tail && n->kind == SDP_MAP && expand_tail(r, a, n, length, out)) return true;
    if (id == a->t) return jet_of_place(r, a, length, out);
    if (id == a->vector) return jet_of_vector(r, a, length, out);
    if (a->of[id].square)
        return jet_of_place(r, a, length, out) && sdp_jet_product(r, out, out, out) &&
               sdp_jet_sum(r, 1, n->coef, out, out);
    if (n->kind == SDP_MUL) return expand_product(r, a, n, length, code, out);
    for (uint32_t i = 0; i < n->nargs; i++)
        if (!jet_of(r, a, n->arg[i], length, code, &arg[i])) return false;
    switch ((sdp_kind)n->kind) {
    case SDP_ADD: return sdp_jet_sum(r, n->nargs, n->coef, arg, out);
    case SDP_POW: return expand_power(r, a, n, arg, out);
    case SDP_MAP:
        if (n->op == SDP_OP_atan2) return sdp_jet_atan2(r, &arg[0], &arg[1], out);
        return n->nargs == 1 && sdp_jet_function(r, n->op, arg, out);
    default: return false;
    }
}
