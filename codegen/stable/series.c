// SPDX-License-Identifier: MIT
// Arithmetic of truncated Laurent series. No function has a row here: the column of derivatives in
// ast/graph/ops.def is enough.
//
// f(a) for a series a = a0 + a1 u + ... is found from (f(a))' = a' f'(a), that is
//     k f_k = sum of j a_j d_(k-j)  for j = 1..k,
// where d = f'(a) has the functions of the table again: for tanh it is 1-tanh(a)^2, for sin
// cos(a), for atan 1/(1+a^2). The coefficients k of all of them follow from those below k, so
// one loop over k finds all (Picard).
#include <math.h>
#include <string.h>

#include "codegen/stable/series.h"

// A coefficient that is made by adding; plain: the sum in doubles; size: of what was added.
typedef struct {
    sdp_exact v;
    double plain, size;
} gathered;

static void gather(gathered *s, sdp_exact v)
{
    s->v = sdp_exact_add(s->v, v);
    s->plain += v.hi;
    s->size += fabs(v.hi);
}

// Is it 0, or are digits left of it? A series ends before the first coefficient of which this is not so. A
// residue 0 alone does not say it: modulo 2^61-1 the roots of 1/2 and 18 may have other signs, and
// sqrt(1/2)+3/sqrt(18) is 0 there.
static bool is_sound(const gathered *s)
{
    if (!isfinite(s->size) || fabs(s->plain - s->v.hi) > 1e-9 * s->size) return false;
    return !s->v.mod || fabs(s->v.hi) > 1e-12 * s->size;
}

static sdp_exact *room(sdp_graph *g, uint32_t n)
{
    return sdp_scratch(&g->base, (n + 1) * sizeof(sdp_exact));
}

// Drops leading zeros; false if nothing is left.
static bool finish(sdp_series *s, int low, uint32_t n, const sdp_exact *c)
{
    while (n && !c->mod) n--, c++, low++;
    *s = (sdp_series){low, n, c};
    return n > 0;
}

static void fill(sdp_graph *g, sdp_exact v, int low, uint32_t n, sdp_series *out)
{
    sdp_exact *c = room(g, n);
    c[0] = v;
    *out = (sdp_series){low, n, c};
}

bool sdp_series_number(sdp_graph *g, sdp_num v, uint32_t n, sdp_series *out)
{
    sdp_exact c;
    if (v == SDP_NUM_ZERO || !sdp_exact_num(g, v, &c)) return false;
    fill(g, c, 0, n, out);
    return true;
}

bool sdp_series_constant(sdp_graph *g, int op, uint32_t n, sdp_series *out)
{
    sdp_exact c;
    if (!sdp_exact_constant(op, &c)) return false;
    fill(g, c, 0, n, out);
    return true;
}

void sdp_series_monomial(sdp_graph *g, int power, uint32_t n, sdp_series *out)
{
    fill(g, sdp_exact_int(1), power, n, out);
}

bool sdp_series_sum(sdp_graph *g, uint32_t n, const sdp_num *coef, const sdp_series *term, sdp_series *out)
{
    int low = term[0].low, end = low + (int)term[0].n;
    for (uint32_t i = 1; i < n; i++) {
        int last = term[i].low + (int)term[i].n;
        if (term[i].low < low) low = term[i].low;
        if (last < end) end = last;
    }
    if (end <= low) return false;
    gathered *s = sdp_scratch(&g->base, (size_t)(end - low) * sizeof *s);
    for (uint32_t i = 0; i < n; i++) {
        sdp_exact c;
        if (!sdp_exact_num(g, coef[i], &c)) return false;
        for (int k = term[i].low; k < end; k++)
            gather(&s[k - low], sdp_exact_mul(c, term[i].c[k - term[i].low]));
    }
    sdp_exact *c = room(g, (uint32_t)(end - low));
    uint32_t known = 0;
    for (; known < (uint32_t)(end - low) && is_sound(&s[known]); known++) c[known] = s[known].v;
    bool left = finish(out, low, known, c);
    if (known < (uint32_t)(end - low) && !left) out->c = NULL;
    return left;
}

// Coefficient k of a*b
static bool convolved(const sdp_exact *a, const sdp_exact *b, uint32_t k, sdp_exact *out)
{
    gathered s = {0};
    for (uint32_t j = 0; j <= k; j++)
        if (a[j].mod && b[k - j].mod) gather(&s, sdp_exact_mul(a[j], b[k - j]));
    *out = s.v;
    return is_sound(&s);
}

bool sdp_series_product(sdp_graph *g, sdp_num coef, uint32_t n, const sdp_series *factor, sdp_series *out)
{
    sdp_series r;
    if (!n || !sdp_series_number(g, coef, factor[0].n, &r)) return false;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t m = factor[i].n < r.n ? factor[i].n : r.n;
        sdp_exact *c = room(g, m);
        uint32_t known = 0;
        while (known < m && convolved(r.c, factor[i].c, known, &c[known])) known++;
        r = (sdp_series){r.low + factor[i].low, known, c};
    }
    return finish(out, r.low, r.n, r.c);
}

// Coefficient k of p = a^q where a[0] != 0, from  a p' = q a' p
static bool powered(const sdp_exact *a, sdp_exact q, sdp_exact *p, uint32_t k)
{
    gathered s = {0};
    for (uint32_t j = 1; j <= k; j++) {
        if (!a[j].mod) continue;
        sdp_exact weight =
            sdp_exact_add(sdp_exact_mul(q, sdp_exact_int((long)j)), sdp_exact_int((long)j - (long)k));
        gather(&s, sdp_exact_mul(weight, sdp_exact_mul(a[j], p[k - j])));
    }
    // of a monomial nothing is divided: an inverse modulo 2^61-1 is the dearest of all here
    p[k] = (sdp_exact){0, 0, 0};
    if (s.v.mod) p[k] = sdp_exact_div(s.v, sdp_exact_mul(sdp_exact_int((long)k), a[0]));
    return is_sound(&s);
}

bool sdp_series_power(sdp_graph *g, const sdp_series *base, sdp_num q, sdp_series *out)
{
    long whole = 0;
    sdp_exact e, *p = room(g, base->n);
    bool integer = sdp_num_long(g, q, &whole);
    if ((!integer && base->low) || whole > 64 || whole < -64 || !sdp_exact_num(g, q, &e) ||
        !sdp_exact_power(g, base->c[0], q, &p[0]))
        return false;
    uint32_t known = 1;
    while (known < base->n && powered(base->c, e, p, known)) known++;
    return finish(out, base->low * (int)whole, known, p);
}

double sdp_series_at(const sdp_series *s, double u)
{
    double v = 0;
    for (uint32_t k = s->n; k-- > 0;) v = v * u + s->c[k].hi;
    return v * pow(u, s->low);
}

// ---- functions --------------------------------------------------------------------------------------------
// A node of the derivatives of a function: its coefficients from u^0 on, and of its powers 2,
// 3, ... if it is a positive power.
enum { MOST_POWER = 8 };
typedef struct {
    sdp_id id, derivative;
    sdp_exact *c, *power[MOST_POWER];
} part;
typedef struct {
    sdp_graph *g;
    sdp_id x;
    const sdp_exact *arg;
    uint32_t n, length;
    part part[SDP_FAMILY];
} family;

static part *part_of(family *f, sdp_id id)
{
    uint32_t i = 0;
    while (i < f->n && f->part[i].id != id) i++;
    return i < f->n ? &f->part[i] : NULL;
}

bool sdp_family_of(sdp_graph *g, sdp_id root, uint32_t *many, sdp_member *member)
{
    sdp_id roots[SDP_FAMILY + 1] = {root};
    uint32_t n = 1, count;
    for (bool grown = true; grown;) {
        grown = false;
        sdp_id *ids = sdp_reachable(g, n, roots, &count);
        if (count > SDP_FAMILY) return false;
        for (uint32_t i = 0; i < count; i++) {
            const sdp_node *m = sdp_get(g, ids[i]);
            const sdp_op *op = &sdp_ops[m->op];
            sdp_id d = 0;
            if (m->kind == SDP_MAP) {
                if (m->nargs != 1 || op->kink || !op->d[0]) return false;
                d = sdp_template(g, op->d[0], 1, m->arg);
                uint32_t k = 0;
                while (k < n && roots[k] != d) k++;
                if (k == n && n <= SDP_FAMILY) roots[n++] = d, grown = true;
            }
            member[i] = (sdp_member){ids[i], d};
        }
    }
    return *many = count, true;
}

// The parts of f, from its members
static bool collect(family *f, sdp_id root)
{
    sdp_member member[SDP_FAMILY];
    if (!sdp_family_of(f->g, root, &f->n, member)) return false;
    for (uint32_t i = 0; i < f->n; i++)
        f->part[i] = (part){.id = member[i].id, .derivative = member[i].derivative};
    return true;
}

// A number that stands for a constant coefficient 0 or 1
static bool simple_number(sdp_exact v, sdp_num *out)
{
    *out = v.mod ? SDP_NUM_ONE : SDP_NUM_ZERO;
    return !v.mod || (v.mod == 1 && v.hi == 1 && v.lo == 0);
}

// f(a0), if that is a number, the logarithm of one or a power of e
static bool first_of_map(family *f, const sdp_node *m, sdp_exact *out)
{
    sdp_num at;
    if (sdp_exact_at(f->g, m->op, part_of(f, m->arg[0])->c[0], out)) return true;
    if (!simple_number(part_of(f, m->arg[0])->c[0], &at)) return false;
    if (at == SDP_NUM_ZERO && sdp_ops[m->op].domain && !strcmp(sdp_ops[m->op].domain, "x>0")) return false;
    const sdp_node *v = sdp_get(f->g, sdp_map1(f->g, m->op, sdp_number(f->g, at)));
    return v->kind == SDP_NUM && sdp_exact_num(f->g, v->param, out);
}

static bool coefficient_of_map(family *f, const part *p, const sdp_node *m, uint32_t k)
{
    gathered s = {0};
    if (k == 0) return first_of_map(f, m, &p->c[0]);
    const sdp_exact *a = part_of(f, m->arg[0])->c, *d = part_of(f, p->derivative)->c;
    for (uint32_t j = 1; j <= k; j++)
        if (a[j].mod && d[k - j].mod)
            gather(&s, sdp_exact_mul(sdp_exact_int((long)j), sdp_exact_mul(a[j], d[k - j])));
    p->c[k] = sdp_exact_div(s.v, sdp_exact_int((long)k));
    return is_sound(&s);
}

static bool coefficient_of_sum(family *f, const part *p, const sdp_node *m, uint32_t k)
{
    gathered s = {0};
    for (uint32_t i = 0; i < m->nargs; i++) {
        sdp_exact c;
        if (!sdp_exact_num(f->g, m->coef[i], &c)) return false;
        gather(&s, sdp_exact_mul(c, part_of(f, m->arg[i])->c[k]));
    }
    p->c[k] = s.v;
    return is_sound(&s);
}

// The k-th coefficient of a product of up to MOST_POWER factors; those of the first ones are kept in power[].
static bool coefficient_of_chain(family *f, part *p, sdp_num coef, uint32_t n, const sdp_id *factor,
                                 uint32_t k)
{
    sdp_exact c;
    if (!n || n > MOST_POWER || !sdp_exact_num(f->g, coef, &c)) return false;
    const sdp_exact *before = part_of(f, factor[0])->c;
    for (uint32_t i = 1; i < n; i++) {
        if (!p->power[i]) p->power[i] = room(f->g, f->length);
        if (!convolved(before, part_of(f, factor[i])->c, k, &p->power[i][k])) return false;
        before = p->power[i];
    }
    p->c[k] = sdp_exact_mul(c, before[k]);
    return true;
}

static bool coefficient_of_power(family *f, part *p, const sdp_node *m, uint32_t k)
{
    const sdp_node *e = sdp_get(f->g, m->arg[1]);
    long q;
    sdp_exact exponent;
    if (e->kind != SDP_NUM) return false;
    if (sdp_num_long(f->g, e->param, &q) && q > 1 && q <= MOST_POWER) {
        sdp_id factor[MOST_POWER];
        for (long i = 0; i < q; i++) factor[i] = m->arg[0];
        return coefficient_of_chain(f, p, SDP_NUM_ONE, (uint32_t)q, factor, k);
    }
    const sdp_exact *a = part_of(f, m->arg[0])->c;
    if (!a[0].mod || !sdp_exact_num(f->g, e->param, &exponent)) return false;
    return k ? powered(a, exponent, p->c, k) : sdp_exact_power(f->g, a[0], e->param, &p->c[0]);
}

static bool coefficient(family *f, part *p, uint32_t k)
{
    const sdp_node *m = sdp_get(f->g, p->id);
    if (p->id == f->x) return p->c[k] = f->arg[k], true;
    switch ((sdp_kind)m->kind) {
    case SDP_NUM: return k || m->param == SDP_NUM_ZERO || sdp_exact_num(f->g, m->param, &p->c[0]);
    case SDP_CONST: return k || sdp_exact_constant(m->op, &p->c[0]);
    case SDP_ADD: return coefficient_of_sum(f, p, m, k);
    case SDP_MUL: return coefficient_of_chain(f, p, m->coef[0], m->nargs, m->arg, k);
    case SDP_POW: return coefficient_of_power(f, p, m, k);
    case SDP_MAP: return coefficient_of_map(f, p, m, k);
    default: return false;
    }
}

static bool coefficients(family *f, uint32_t k)
{
    bool known = true;
    for (uint32_t i = 0; i < f->n && known; i++) known = coefficient(f, &f->part[i], k);
    return known;
}

bool sdp_series_function(sdp_graph *g, int op, const sdp_series *arg, sdp_series *out)
{
    int end = arg->low + (int)arg->n;
    if (arg->low < 0 || end < 1) return false;
    family *f = sdp_scratch(&g->base, sizeof *f);
    f->g = g;
    f->length = (uint32_t)(end < SDP_SERIES_MOST ? end : SDP_SERIES_MOST);
    if ((uint32_t)arg->low >= f->length) return false;
    sdp_exact *c = room(g, f->length);
    memcpy(c + arg->low, arg->c, (f->length - (uint32_t)arg->low) * sizeof *c);
    f->arg = c;
    f->x = sdp_template(g, "x", 0, NULL);
    sdp_id root = sdp_map1(g, op, f->x);
    if (!collect(f, root)) return false;
    for (uint32_t i = 0; i < f->n; i++) f->part[i].c = room(g, f->length);
    uint32_t known = 0;
    while (known < f->length && coefficients(f, known)) known++;
    return finish(out, 0, known, part_of(f, root)->c);
}
