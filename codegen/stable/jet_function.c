// SPDX-License-Identifier: MIT
// Functions of series with parameters, from the column of derivatives in the table: k f_k = sum of j a_j
// d_(k-j), where d = f'(a) is made of functions of the table again (series.c says more).
#include "codegen/stable/jet.h"
#include "simplify/zero/field.h"

enum { MOST_POWER = 8 };
typedef struct {
    sdp_id id, derivative;
    sdp_coef *c, *power[MOST_POWER];
} part;
typedef struct {
    sdp_jets *r;
    sdp_id x;
    const sdp_coef *arg;
    uint32_t n, length;
    part part[SDP_FAMILY];
} family;

static part *part_of(family *f, sdp_id id)
{
    uint32_t i = 0;
    while (i < f->n && f->part[i].id != id) i++;
    return i < f->n ? &f->part[i] : NULL;
}

// The parts of f, from its members
static bool collect(family *f, sdp_id root)
{
    sdp_member member[SDP_FAMILY];
    if (!sdp_family_of(f->r->g, root, &f->n, member)) return false;
    for (uint32_t i = 0; i < f->n; i++)
        f->part[i] = (part){.id = member[i].id, .derivative = member[i].derivative};
    return true;
}

// The sum of j a_j d_(k-j), divided by k
static bool integrated(sdp_jets *r, const sdp_coef *a, const sdp_coef *d, uint32_t k, sdp_coef *out)
{
    sdp_coef sum = sdp_coef_digits(sdp_exact_int(0)), by = sdp_coef_digits(sdp_exact_int((long)k));
    for (uint32_t j = 1; j <= k; j++) {
        sdp_coef w = sdp_coef_digits(sdp_exact_int((long)j)), t = sdp_coef_mul(r, &w, &a[j]);
        t = sdp_coef_mul(r, &t, &d[k - j]);
        sum = sdp_coef_add(r, &sum, &t);
    }
    return sdp_coef_div(r, &sum, &by, out);
}

static bool coefficient_of_sum(family *f, const part *p, const sdp_node *m, uint32_t k)
{
    for (uint32_t i = 0; i < m->nargs; i++) {
        sdp_coef c;
        if (!sdp_coef_num(f->r, m->coef[i], &c)) return false;
        c = sdp_coef_mul(f->r, &c, &part_of(f, m->arg[i])->c[k]);
        p->c[k] = sdp_coef_add(f->r, &p->c[k], &c);
    }
    return true;
}

// The k-th coefficient of a product of up to MOST_POWER factors; those of the first ones are kept in power[].
static bool coefficient_of_chain(family *f, part *p, sdp_num coef, uint32_t n, const sdp_id *factor,
                                 uint32_t k)
{
    sdp_coef c;
    if (!n || n > MOST_POWER || !sdp_coef_num(f->r, coef, &c)) return false;
    const sdp_coef *before = part_of(f, factor[0])->c;
    for (uint32_t i = 1; i < n; i++) {
        if (!p->power[i]) p->power[i] = sdp_coef_room(f->r, f->length);
        if (!sdp_jet_convolved(f->r, before, part_of(f, factor[i])->c, k, &p->power[i][k])) return false;
        before = p->power[i];
    }
    p->c[k] = sdp_coef_mul(f->r, &c, &before[k]);
    return true;
}

static bool coefficient_of_power(family *f, part *p, const sdp_node *m, uint32_t k)
{
    const sdp_node *e = sdp_get(f->r->g, m->arg[1]);
    long q;
    if (e->kind != SDP_NUM) return false;
    if (sdp_num_long(f->r->g, e->param, &q) && q > 1 && q <= MOST_POWER) {
        sdp_id factor[MOST_POWER];
        for (long i = 0; i < q; i++) factor[i] = m->arg[0];
        return coefficient_of_chain(f, p, SDP_NUM_ONE, (uint32_t)q, factor, k);
    }
    const sdp_coef *a = part_of(f, m->arg[0])->c;
    if (sdp_coef_is_zero(&a[0])) return false;
    return k ? sdp_jet_powered(f->r, a, e->param, p->c, k) : sdp_coef_power(f->r, &a[0], e->param, &p->c[0]);
}

static bool coefficient(family *f, part *p, uint32_t k)
{
    const sdp_node *m = sdp_get(f->r->g, p->id);
    sdp_exact x;
    if (p->id == f->x) return p->c[k] = f->arg[k], true;
    switch ((sdp_kind)m->kind) {
    case SDP_NUM: return k || sdp_coef_num(f->r, m->param, &p->c[0]);
    case SDP_CONST: return k || (sdp_exact_constant(m->op, &x) && (p->c[0] = sdp_coef_digits(x), true));
    case SDP_ADD: return coefficient_of_sum(f, p, m, k);
    case SDP_MUL: return coefficient_of_chain(f, p, m->coef[0], m->nargs, m->arg, k);
    case SDP_POW: return coefficient_of_power(f, p, m, k);
    case SDP_MAP:
        if (k) return integrated(f->r, part_of(f, m->arg[0])->c, part_of(f, p->derivative)->c, k, &p->c[k]);
        return sdp_coef_map(f->r, m->op, &part_of(f, m->arg[0])->c[0], &p->c[0]);
    default: return false;
    }
}

// The coefficients from u^0 on, `length` of them
static bool from_zero(sdp_jets *r, const sdp_jet *a, uint32_t *length, sdp_coef **out)
{
    int end = a->low + (int)a->n;
    if (a->low < 0 || end < 1) return false;
    *length = (uint32_t)(end < SDP_SERIES_MOST ? end : SDP_SERIES_MOST);
    *out = sdp_coef_room(r, *length);
    for (uint32_t k = (uint32_t)a->low; k < *length; k++) (*out)[k] = a->c[k - (uint32_t)a->low];
    return (uint32_t)a->low < *length;
}

// Functions that come close to a constant faster than any power
static bool saturates(int op)
{
    static const bool range[SDP_RANGES] = {[SDP_RANGE_positive] = true,
                                           [SDP_RANGE_above] = true,
                                           [SDP_RANGE_tail] = true,
                                           [SDP_RANGE_unit] = true,
                                           [SDP_RANGE_ball] = true};
    return range[sdp_ops[op].range];
}

bool sdp_jet_function(sdp_jets *r, int op, const sdp_jet *arg, sdp_jet *out)
{
    family *f = sdp_scratch(&r->g->base, sizeof *f);
    sdp_coef *c;
    f->r = r;
    if (!arg->n || !from_zero(r, arg, &f->length, &c)) return false;
    f->arg = c;
    f->x = sdp_template(r->g, "x", 0, NULL);
    sdp_id root = sdp_map1(r->g, op, f->x);
    if (!collect(f, root)) return false;
    for (uint32_t i = 0; i < f->n; i++) f->part[i].c = sdp_coef_room(r, f->length);
    for (uint32_t k = 0; k < f->length; k++)
        for (uint32_t i = 0; i < f->n; i++)
            if (!coefficient(f, &f->part[i], k)) return false;
    for (uint32_t i = 0; i < f->n; i++) {
        const sdp_node *m = sdp_get(r->g, f->part[i].id);
        if (m->kind == SDP_MAP && m->nargs == 1 && saturates(m->op))
            sdp_jet_require_alike(r, f->length, part_of(f, m->arg[0])->c);
    }
    return sdp_jet_finish(out, 0, f->length, part_of(f, root)->c);
}

// atan2(y,x) where y goes to 0 is atan(y/x), if x > 0
bool sdp_jet_atan2(sdp_jets *r, const sdp_jet *y, const sdp_jet *x, sdp_jet *out)
{
    sdp_jet inverse, quotient;
    if (y->low <= 0 || x->low || !x->n || (x->c[0].number && !(x->c[0].digits.hi > 0))) return false;
    if (!sdp_jet_power(r, x, SDP_NUM_MINUS_ONE, &inverse) || !sdp_jet_product(r, y, &inverse, &quotient))
        return false;
    if (r->s && !x->c[0].number) sdp_jets_require(r, x->c[0].val);
    sdp_jet_require_first(r, x);
    return sdp_jet_function(r, SDP_OP_atan, &quotient, out);
}
