// SPDX-License-Identifier: MIT
// A plan as a straight-line program: every entry of every value becomes a step, as
// an interpreter would visit them.
//
// The program computes what tape.c writes for unrolled loops: a sum leaves out terms that are 0 by form, a
// product is 0 if a factor is; numbers and scalars come first in a product, then what changes in outer loops;
// powers are products and roots. It refuses values that may fail or that the caller supplies, sizes that are
// not known, reductions that are not listed here, and programs that are too long: all these are computed by
// loops of C. Nothing is stored on the way: the workspace is not used.
#include <math.h>
#include <stdio.h>

#include "codegen/emit/straight.h"
#include "codegen/kernels/kernels.h"

enum { MOST_STEPS = 6000, MOST_TURNS = 6000 }; // of a program; of the loops that make it

static const uint64_t NO_ENTRY = UINT64_MAX;

typedef struct {
    sdp_schedule *s;
    sdp_program *p;
    uint32_t **entry; // by value: the steps of its entries, row-major
    bool *needed;
    bool refused; // something is no constant
} straight;

// A size or stride that must be a constant: what depends on another size is no straight-line program.
static long size(straight *t, sdp_dim dim)
{
    long d = 0;
    t->refused |= !sdp_size_constant(t->s, dim, &d);
    return d;
}

static uint64_t count(const sdp_schedule *s, uint32_t n, const sdp_dim *dim)
{
    return sdp_size_product(s, n, dim, MOST_TURNS);
}

static bool is_zero(const straight *t, uint32_t step)
{
    double v;
    return sdp_m_is_number(t->p, step, &v) && v >= 0 && v <= 0;
}

static uint32_t one_of(const straight *t, sdp_val v, uint64_t i)
{
    return t->entry[v][t->s->value[v].order ? i : 0];
}

// ---- powers -----------------------------------------------------------------------------------------------
// x^k by repeated squaring, k > 0
static uint32_t integer_power(straight *t, uint32_t x, long k)
{
    uint32_t all = 0;
    for (;; k /= 2) {
        if (k & 1) all = all ? sdp_m_two(t->p, SDP_M_MUL, all, x) : x;
        if (k <= 1) return all;
        x = sdp_m_two(t->p, SDP_M_MUL, x, x);
    }
}

static uint32_t power(straight *t, uint32_t x, uint32_t exponent)
{
    double k;
    if (sdp_m_is_number(t->p, exponent, &k) && fabs(k) <= 8.5 && 2 * k == floor(2 * k)) {
        long twice = (long)(2 * fabs(k));
        uint32_t root = twice & 1 ? sdp_m_one(t->p, SDP_M_SQRT, x) : 0,
                 all = twice >= 2 ? integer_power(t, x, twice / 2) : 0;
        if (!twice) return sdp_m_number(t->p, 1);
        all = all && root ? sdp_m_two(t->p, SDP_M_MUL, all, root) : all ? all : root;
        return k < 0 ? sdp_m_two(t->p, SDP_M_DIV, sdp_m_number(t->p, 1), all) : all;
    }
    return sdp_m_call(t->p, SDP_CALL_POW, "pow", 2, (uint32_t[]){x, exponent});
}

// ---- contractions -----------------------------------------------------------------------------------------
// The value of an index at these labels.
static long at_labels(straight *t, sdp_ix ix, const long *label)
{
    sdp_affine a;
    if (ix < SDP_MAX_LABELS) return label[ix];
    sdp_ix_get(t->s, ix, &a);
    long sum = size(t, a.off);
    for (uint32_t k = 0; k < a.n; k++) sum += size(t, a.stride[k]) * label[a.label[k]];
    return sum;
}

// The number of the entry of v at these indices: an index may be beyond its axis, as in a reshape, if the
// number is right. NO_ENTRY: another factor is 0 there, a condition that keeps them in their range.
static uint64_t entry_at(straight *t, sdp_val v, const sdp_ix *ix, const long *label)
{
    const sdp_value *x = &t->s->value[v];
    long at = 0;
    for (uint32_t k = 0; k < x->order; k++) at = at * size(t, x->dim[k]) + at_labels(t, ix[k], label);
    return at < 0 || (uint64_t)at >= count(t->s, x->order, x->dim) ? NO_ENTRY : (uint64_t)at;
}

// of the loops: which entry of the result, and what is added there; 0: it is 0
typedef struct {
    uint32_t to, term;
} turn;

static bool holds(const sdp_value *x, long i, long j)
{
    return x->kind == SDP_V_EQ ? i == j : x->param == SDP_LOWER ? i >= j : i <= j;
}

// A pattern is no array: it is asked about the indices themselves. 0: it is 0 there.
static uint32_t factor_at(straight *t, sdp_val v, const sdp_ix *ix, const long *label)
{
    const sdp_value *x = &t->s->value[v];
    if (x->kind == SDP_V_MASK || x->kind == SDP_V_EQ)
        return holds(x, at_labels(t, ix[0], label), at_labels(t, ix[1], label)) ? sdp_m_number(t->p, 1) : 0;
    uint64_t at = entry_at(t, v, ix, label);
    return at == NO_ENTRY ? 0 : t->entry[v][at];
}

// A turn's product: of the factors that are arrays, or, where nothing is added to it, of all. Their order is
// that of tape.c, x[i]*t[i] before y[j] and products first: x*y*t may underflow where (x*t)*y does not.
static uint32_t turn_product(straight *t, const sdp_value *x, const long *label, bool all, double coef)
{
    uint32_t f[SDP_MAX_FACTORS * 4], rank[SDP_MAX_FACTORS * 4], n = 0;
    for (uint32_t i = 0; i < x->nargs; i++) {
        uint32_t order = t->s->value[x->arg[i]].order, k = n;
        const sdp_ix *ix = sdp_value_ix(t->s, x, i);
        if (!order && !all) continue;
        uint32_t factor = factor_at(t, x->arg[i], ix, label);
        if (!factor || is_zero(t, factor)) return 0;
        uint32_t at = 2 * sdp_innermost_label(t->s, order, ix) + (t->p->step[factor].op != SDP_M_MUL);
        for (; k && rank[k - 1] > at; k--) f[k] = f[k - 1], rank[k] = rank[k - 1];
        f[k] = factor, rank[k] = at;
        n++;
    }
    return sdp_m_product(t->p, coef, n, f);
}

static void contract(straight *t, sdp_val v, uint64_t entries)
{
    const sdp_value *x = &t->s->value[v];
    uint64_t nturns = count(t->s, x->nlabels, x->ldim), n = 0;
    turn *turns = sdp_scratch(t->p->b, (nturns + 1) * sizeof *turns);
    uint32_t *terms = sdp_scratch(t->p->b, (entries + 1 + nturns) * sizeof *terms),
             *list = terms + entries + 1;
    long label[SDP_MAX_LABELS] = {0};
    double coef = sdp_num_double(t->s->g, x->coef[0]);
    bool once = !x->bound && !x->scatter;
    do {
        uint64_t to = entry_at(t, v, sdp_value_ix(t->s, x, x->nargs), label);
        turns[n].to = (uint32_t)to;
        turns[n].term = to == NO_ENTRY ? 0 : turn_product(t, x, label, once, once ? coef : 1);
        if (turns[n].term) terms[turns[n].to + 1]++;
        n++;
    } while (sdp_next_entry(t->s, x->nlabels, x->ldim, label));
    for (uint64_t i = 0; i < entries; i++) terms[i + 1] += terms[i];
    for (uint64_t i = 0; i < n; i++)
        if (turns[i].term) list[terms[turns[i].to]++] = turns[i].term;
    uint32_t from = 0, f[SDP_MAX_FACTORS * 4], nscalars = 0;
    for (uint32_t i = 0; i < x->nargs; i++)
        if (!once && !t->s->value[x->arg[i]].order) f[nscalars++] = t->entry[x->arg[i]][0];
    double *one = sdp_scratch(t->p->b, (nturns + 1) * sizeof *one);
    for (uint64_t i = 0; i < nturns; i++) one[i] = 1;
    for (uint64_t i = 0; i < entries; from = terms[i], i++) {
        f[nscalars] =
            terms[i] == from ? sdp_m_number(t->p, 0) : sdp_m_linear(t->p, terms[i] - from, one, list + from);
        t->entry[v][i] = once ? f[nscalars] : sdp_m_product(t->p, coef, nscalars + 1, f);
    }
}

// ---- values -----------------------------------------------------------------------------------------------
static uint32_t constant(straight *t, uint16_t op)
{
    const char *c = sdp_ops[op].c;
    return sdp_m_number(t->p, op == SDP_OP_inf ? (double)INFINITY : sdp_decimal_read(c, strlen(c)));
}

static void fill_pattern(straight *t, sdp_val v)
{
    const sdp_value *x = &t->s->value[v];
    long at[SDP_MAX_ORDER] = {0};
    uint64_t i = 0;
    do {
        t->entry[v][i++] = sdp_m_number(t->p, holds(x, at[0], at[1]));
    } while (sdp_next_entry(t->s, x->order, x->dim, at));
}

static uint32_t refuse(straight *t) { return t->refused = true, sdp_m_number(t->p, 0); }

// Entry i of a value that is computed entry by entry. Every kind stands here: the
// compiler tells which one is missing.
static uint32_t entry_of(straight *t, sdp_val v, uint64_t i)
{
    const sdp_value *x = &t->s->value[v];
    uint32_t *a = sdp_scratch(t->p->b, (x->nargs + 1) * sizeof *a);
    for (uint32_t k = 0; k < x->nargs; k++) a[k] = one_of(t, x->arg[k], i);
    switch ((sdp_vkind)x->kind) {
    case SDP_V_NUM: return sdp_m_number(t->p, sdp_num_double(t->s->g, x->coef[0]));
    case SDP_V_CONST: return constant(t, x->op);
    case SDP_V_DIM: return sdp_m_number(t->p, (double)t->s->size[x->param]);
    case SDP_V_WANTED: return sdp_m_number(t->p, 1); // all outputs are
    case SDP_V_VAR: return sdp_m_load(t->p, t->s->plan->place[v].index, (uint32_t)i);
    case SDP_V_ADD: {
        double *c = sdp_scratch(t->p->b, (x->nargs + 1) * sizeof *c);
        for (uint32_t k = 0; k < x->nargs; k++) c[k] = sdp_num_double(t->s->g, x->coef[k]);
        return sdp_m_linear(t->p, x->nargs, c, a);
    }
    case SDP_V_POW: return power(t, a[0], a[1]);
    case SDP_V_MAP: return sdp_straight_map(t->p, x->op, x->nargs, a);
    case SDP_V_FINITE: return sdp_m_finite(t->p, a[0]);
    case SDP_V_MASK:
    case SDP_V_EQ:
    case SDP_V_EINSUM:
    case SDP_V_RUNNING:
    case SDP_V_REDUCE: // as a whole: visit
    case SDP_V_FACTOR:
    case SDP_V_SOLVE:
    case SDP_V_INVERSE:
    case SDP_V_DET:
    case SDP_V_LOGDET:
    case SDP_V_TAKEN:
    case SDP_V_CALL: break; // may fail
    }
    return refuse(t);
}

// ---- reductions -------------------------------------------------------------------------------------------
// sd_larger and sd_smaller of kernels.def
static uint32_t first_of(straight *t, int how, uint32_t a, uint32_t b)
{
    uint32_t first = sdp_m_compare(t->p, how == SDP_RED_MAX ? SDP_AT_LEAST : SDP_AT_MOST, a, b);
    return sdp_m_select(t->p, sdp_m_two(t->p, SDP_M_EITHER, first, sdp_m_compare(t->p, SDP_DIFFERENT, a, a)),
                        a, b);
}

// The largest absolute value
static uint32_t largest(straight *t, uint32_t n, const uint32_t *x)
{
    uint32_t all = sdp_m_number(t->p, 0);
    for (uint32_t i = 0; i < n; i++) all = first_of(t, SDP_RED_MAX, all, sdp_m_one(t->p, SDP_M_ABS, x[i]));
    return all;
}

static uint32_t within(straight *t, uint32_t x, double from, double to)
{
    return sdp_m_two(t->p, SDP_M_BOTH, sdp_m_compare(t->p, SDP_GREATER, x, sdp_m_number(t->p, from)),
                     sdp_m_compare(t->p, SDP_LESS, x, sdp_m_number(t->p, to)));
}

static double real(int row)
{
    return sdp_decimal_read(sdp_reals[row].number[0], strlen(sdp_reals[row].number[0]));
}

static double power_of_ten(int k)
{
    char text[16];
    snprintf(text, sizeof text, "1e%d", k);
    return sdp_decimal_read(text, strlen(text));
}

// sqrt of the sum of squares; where that left the comfortable range, with the entries
// divided by the largest: emit/matrix.c
static uint32_t norm(straight *t, uint32_t n, const uint32_t *x)
{
    sdp_program *p = t->p;
    uint32_t *square = sdp_scratch(p->b, n * sizeof *square), zero = sdp_m_number(p, 0), sum,
             big = largest(t, n, x);
    for (uint32_t i = 0; i < n; i++) square[i] = sdp_m_two(p, SDP_M_MUL, x[i], x[i]);
    sum = sdp_m_sum(p, n, square);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t small = sdp_m_two(p, SDP_M_DIV, x[i], big);
        square[i] = sdp_m_two(p, SDP_M_MUL, small, small);
    }
    uint32_t inside = within(t, sum, real(SD_SMALL_SQUARES_ROW), real(SD_LARGE_SQUARES_ROW)),
             root = sdp_m_one(p, SDP_M_SQRT, sum);
    uint32_t scaled = sdp_m_two(p, SDP_M_MUL, big, sdp_m_one(p, SDP_M_SQRT, sdp_m_sum(p, n, square)));
    uint32_t finite = sdp_m_two(p, SDP_M_BOTH, sdp_m_compare(p, SDP_GREATER, big, zero),
                                sdp_m_compare(p, SDP_LESS, big, sdp_m_number(p, (double)INFINITY)));
    return sdp_m_select(p, inside, root, sdp_m_select(p, finite, scaled, root));
}

// 0 if the sum of squares tells that the largest entry is near 1, else its exponent; that of 0 is 0
static uint32_t exponent(straight *t, const sdp_value *v, uint32_t n, const uint32_t *x)
{
    uint32_t *square = sdp_scratch(t->p->b, n * sizeof *square);
    int digits = (int)(0.6 * sdp_num_double(t->s->g, t->s->value[v->arg[1]].coef[0]));
    for (uint32_t i = 0; i < n; i++) square[i] = sdp_m_two(t->p, SDP_M_MUL, x[i], x[i]);
    uint32_t inside = within(t, sdp_m_sum(t->p, n, square), power_of_ten(-digits), power_of_ten(digits));
    uint32_t big = sdp_m_select(t->p, inside, sdp_m_number(t->p, 0), largest(t, n, x));
    return sdp_m_call(t->p, SDP_CALL_EXPONENT, "exponent", 1, &big);
}

static uint32_t reduced(straight *t, const sdp_value *v, uint32_t n, const uint32_t *x)
{
    uint32_t all = x[0];
    switch (v->op) {
    case SDP_RED_NORM: return norm(t, n, x);
    case SDP_RED_EXPONENT: return exponent(t, v, n, x);
    case SDP_RED_PROD:
        for (uint32_t i = 1; i < n; i++) all = sdp_m_two(t->p, SDP_M_MUL, all, x[i]);
        return all;
    case SDP_RED_MAX:
    case SDP_RED_MIN:
        for (uint32_t i = 1; i < n; i++) all = first_of(t, v->op, all, x[i]);
        return all;
    default: return refuse(t);
    }
}

// The axes that are not in the mask of the value's param stay, in their order.
static void reduce(straight *t, sdp_val v, uint64_t entries)
{
    const sdp_value *x = &t->s->value[v], *a = &t->s->value[x->arg[0]];
    uint64_t all = count(t->s, a->order, a->dim), i = 0;
    uint32_t *list = sdp_scratch(t->p->b, (all + 1) * sizeof *list),
             *n = sdp_scratch(t->p->b, (entries + 1) * sizeof *n), each = (uint32_t)(all / entries);
    long at[SDP_MAX_ORDER] = {0};
    do {
        uint64_t to = 0;
        for (uint32_t k = 0; k < a->order; k++) {
            long d = 1;
            sdp_size_constant(t->s, a->dim[k], &d);
            if (!(x->param >> k & 1)) to = to * (uint64_t)d + (uint64_t)at[k];
        }
        list[to * each + n[to]++] = one_of(t, x->arg[0], i++);
    } while (sdp_next_entry(t->s, a->order, a->dim, at));
    for (uint64_t k = 0; k < entries; k++) t->entry[v][k] = reduced(t, x, each, list + k * each);
}

// Sums that run on along an axis, up from its first entry or down from its last
static void run_on(straight *t, sdp_val v, uint64_t entries)
{
    const sdp_value *x = &t->s->value[v];
    bool up = x->param == SDP_LOWER;
    uint64_t step = count(t->s, x->order - x->op - 1, x->dim + x->op + 1),
             length = count(t->s, 1, x->dim + x->op);
    for (uint64_t n = 0; n < entries; n++) {
        uint64_t i = up ? n : entries - 1 - n;
        uint32_t term = one_of(t, x->arg[0], i);
        bool first = i / step % length == (up ? 0 : length - 1);
        t->entry[v][i] =
            first ? term : sdp_m_two(t->p, SDP_M_ADD, t->entry[v][up ? i - step : i + step], term);
    }
}

static void visit(straight *t, sdp_val v)
{
    const sdp_value *x = &t->s->value[v];
    uint64_t entries = count(t->s, x->order, x->dim);
    t->entry[v] = sdp_scratch(t->p->b, (entries + 1) * sizeof **t->entry);
    if (x->kind == SDP_V_MASK || x->kind == SDP_V_EQ) fill_pattern(t, v);
    else if (x->kind == SDP_V_EINSUM) contract(t, v, entries);
    else if (x->kind == SDP_V_REDUCE) reduce(t, v, entries);
    else if (x->kind == SDP_V_RUNNING) run_on(t, v, entries);
    else
        for (uint64_t i = 0; i < entries; i++) t->entry[v][i] = entry_of(t, v, i);
}

// ---- what is refused --------------------------------------------------------------------------------------
static bool is_in_range(const sdp_schedule *s)
{
    for (uint32_t i = 0; i < s->ndemands; i++) {
        long have, need;
        if (!sdp_size_constant(s, s->demand[i].have, &have) ||
            !sdp_size_constant(s, s->demand[i].need, &need) || have < need)
            return false;
    }
    return true;
}

static bool is_straight(straight *t)
{
    const sdp_schedule *s = t->s;
    uint64_t turns = 0;
    if (s->sig->input_step || s->sig->output_step) return false; // rows apart
    for (uint32_t i = 0; i < s->sig->noutputs; i++) t->needed[s->output[i]] = true;
    for (sdp_val v = s->nvalues; v-- > 1;) {
        const sdp_value *x = &s->value[v];
        if (!t->needed[v]) continue;
        if (x->kind >= SDP_V_FACTOR || x->nargs > SDP_MAX_FACTORS * 3) return false;
        if (x->kind == SDP_V_DIM && s->size[x->param] < 0) return false;
        if (x->kind == SDP_V_VAR && s->plan->place[v].at != SDP_AT_INPUT) return false;
        turns += x->kind == SDP_V_EINSUM ? count(s, x->nlabels, x->ldim) : 0;
        turns += count(s, x->order, x->dim);
        if (turns > MOST_TURNS) return false;
        for (uint32_t i = 0; i < x->nargs; i++) t->needed[x->arg[i]] = true;
    }
    return is_in_range(s);
}

bool sdp_straight(sdp_schedule *s, sdp_program *p)
{
    straight t = {.s = s, .p = p};
    t.needed = sdp_scratch(&s->g->base, s->nvalues);
    t.entry = sdp_scratch(&s->g->base, s->nvalues * sizeof *t.entry);
    bool *vector = sdp_scratch(&s->g->base, SDP_CALL_COUNT);
    for (uint32_t i = 0; i < SDP_CALL_COUNT; i++) vector[i] = sdp_vector_kernel(i) >= 0;
    sdp_program_init(p, &s->g->base, MOST_STEPS);
    p->vector = vector;
    if (s->sig->ngathered || !is_straight(&t)) return false;
    for (sdp_val v = 1; v < s->nvalues && !p->too_long && !t.refused; v++)
        if (t.needed[v]) visit(&t, v);
    for (uint32_t i = 0; i < s->sig->noutputs && !p->too_long && !t.refused; i++) {
        sdp_val v = s->output[i];
        uint64_t n = count(s, s->value[v].order, s->value[v].dim);
        for (uint64_t k = 0; k < n; k++) sdp_m_store(p, i, (uint32_t)k, t.entry[v][k]);
    }
    return !p->too_long && !t.refused;
}
