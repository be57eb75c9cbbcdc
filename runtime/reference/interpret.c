// SPDX-License-Identifier: MIT
// The reference evaluator: every node as a dense array, computed straight from
// its definition in ast/graph/ast.h.
//
// Slow and obvious on purpose. It shares nothing with the compiler but the operator table, whose kernels are
// compiled into it here, so that a mistake in a schedule cannot hide: the tests compare both.
#include <math.h>
#include <string.h>

#include "runtime/reference/interpret.h"
#include "runtime/reference/special.h"

typedef sdp_machine machine;

enum { MOST_WORK = 2000000000 };

#define MAP(id, name, args, c, ...)                                                                          \
    static double kernel_##id(double x, double y, double z) { return (void)x, (void)y, (void)z, (c); }
#define CONST(id, name, c, ...)                                                                              \
    static double kernel_##id(double x, double y, double z) { return (void)x, (void)y, (void)z, (c); }
#include "ast/graph/ops.def"
static double (*const kernel[SDP_OP_COUNT])(double, double, double) = {
#define MAP(id, ...)   [SDP_OP_##id] = kernel_##id,
#define CONST(id, ...) [SDP_OP_##id] = kernel_##id,
#include "ast/graph/ops.def"
};

// ---- shapes and counters ----------------------------------------------------------------------------------
static size_t shape_of(const machine *m, uint32_t n, const sdp_dim *dim, size_t *size)
{
    size_t count = 1;
    for (uint32_t k = 0; k < n; k++) {
        long d = sdp_size_at(m->g, dim[k], m->size);
        size[k] = d < 0 ? 0 : (size_t)d;
        if (size[k] && count > m->g->base.limit.elements * 64 / size[k])
            sdp_limit(&m->g->base, "elements", m->g->base.limit.elements);
        count *= size[k];
    }
    return count;
}

static bool next(uint32_t n, const size_t *size, size_t *at)
{
    for (uint32_t k = n; k--; at[k] = 0)
        if (++at[k] < size[k]) return true;
    return false;
}

void sdp_charge(machine *m, size_t work)
{
    m->work += work;
    if (m->budget) {
        m->exhausted |= work > *m->budget;
        *m->budget -= m->exhausted ? 0 : work;
    } else if (m->work > MOST_WORK) sdp_limit(&m->g->base, "elements", m->g->base.limit.elements);
}

// ---- one function per kind --------------------------------------------------------------------------------
// Loops over all labels, a factor being multiplied in by the loop over the last of its labels. Where a
// selection is 0 the loops inside are left out: without that, products around vec and kron would take years.
// So labels of selections come first.
typedef struct {
    uint32_t n, loop[SDP_MAX_LABELS]; // label of each loop, outermost first
    uint32_t *level;                  // of each factor: the number of loops around it
    size_t *stride;                   // of each factor, then of the output: by label
} nest;

static nest nest_of(const machine *m, const sdp_node *n, const size_t *size)
{
    nest t = {.level = sdp_scratch(&m->g->base, (n->nargs + 1) * sizeof *t.level),
              .stride = sdp_scratch(&m->g->base, (n->nargs + 1) * SDP_MAX_LABELS * sizeof *t.stride)};
    uint32_t place[SDP_MAX_LABELS] = {0};
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < n->nargs; i++) {
            const sdp_node *f = sdp_get(m->g, n->arg[i]);
            // the axis that a selection finds comes last
            for (uint32_t k = f->order; k-- > 0 && (pass || f->kind == SDP_SEL);) {
                uint8_t l = sdp_labels(m->g, n, i)[k];
                if (!place[l]) t.loop[t.n++] = l, place[l] = t.n;
            }
        }
    for (uint32_t l = 0; l < n->nlabels; l++)
        if (!place[l]) t.loop[t.n++] = l, place[l] = t.n;
    for (uint32_t i = 0; i <= n->nargs; i++) {
        const uint8_t *label = sdp_labels(m->g, n, i);
        size_t step = 1, *stride = t.stride + i * SDP_MAX_LABELS;
        for (uint32_t k = i < n->nargs ? sdp_get(m->g, n->arg[i])->order : n->order; k-- > 0;
             step *= size[label[k]]) {
            stride[label[k]] += step;
            if (place[label[k]] > t.level[i]) t.level[i] = place[label[k]];
        }
    }
    return t;
}

static size_t offset(const nest *t, uint32_t factor, const size_t *at)
{
    const size_t *stride = t->stride + factor * SDP_MAX_LABELS;
    size_t o = 0;
    for (uint32_t d = 0; d < t->n; d++) o += stride[t->loop[d]] * at[t->loop[d]];
    return o;
}

// Such a factor picks entries: what others are, NaN too, does not matter.
static bool is_selection(const sdp_node *n) { return n->kind == SDP_SEL || n->kind == SDP_MASK; }

// The coefficient and the factors that are numbers. Returns false if one of them is off.
static bool multiply_numbers(machine *m, const sdp_node *n, const nest *t, double *product)
{
    *product = sdp_num_double(m->g, n->coef[0]);
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (t->level[i]) continue;
        if (sdp_is_off(m, n->arg[i], 0)) return false;
        double v = m->value[n->arg[i]][0];
        if (!(isinf(v) && sdp_is_zero_at_zero_norm(m->g, n, i))) *product *= v;
    }
    return true;
}

// The factors that the loop of this level is the last to need. Returns false if one of them selects nothing.
static bool multiply_level(machine *m, const sdp_node *n, const nest *t, uint32_t level, const size_t *at,
                           double *product)
{
    bool selected = true;
    for (uint32_t i = 0; i < n->nargs && selected; i++) {
        if (t->level[i] != level) continue;
        size_t o = offset(t, i, at);
        double v = m->value[n->arg[i]][o];
        selected = (!is_selection(sdp_get(m->g, n->arg[i])) || v > 0) && !sdp_is_off(m, n->arg[i], o);
        *product *= v;
    }
    return selected;
}

// All entries of the product; off[] (or NULL) tells which of them are.
static void run_nest(machine *m, const sdp_node *n, const nest *t, const size_t *size, double *out, bool *off)
{
    size_t at[SDP_MAX_LABELS] = {0};
    double *part = sdp_scratch(&m->g->base, (t->n + 2) * sizeof *part); // the product, by level
    if (!multiply_numbers(m, n, t, &part[0])) return;
    if (!t->n) out[0] = part[0];
    if (!t->n && off) off[0] = n->coef[0] == SDP_NUM_ZERO;
    for (uint32_t d = 0; t->n;) {
        part[d + 1] = part[d];
        bool selected = multiply_level(m, n, t, d + 1, at, &part[d + 1]);
        sdp_charge(m, 1);
        if (m->exhausted) return;
        if (selected && d + 1 < t->n) {
            at[t->loop[++d]] = 0;
            continue;
        }
        if (selected) {
            size_t o = offset(t, n->nargs, at);
            out[o] += part[d + 1];
            if (off) off[o] = n->coef[0] == SDP_NUM_ZERO;
        }
        while (++at[t->loop[d]] == size[t->loop[d]]) {
            at[t->loop[d]] = 0; // the factors inside see it
            if (d-- == 0) return;
        }
    }
}

static void run_mul(machine *m, const sdp_node *n, double *out, size_t count)
{
    bool masked = n->coef[0] == SDP_NUM_ZERO, empty = false;
    for (uint32_t i = 0; i < n->nargs; i++) masked |= m->off[n->arg[i]] != NULL;
    bool *off = m->off[m->now] = masked ? sdp_scratch(&m->g->base, count + 1) : NULL;
    for (size_t i = 0; i < count && masked; i++) off[i] = true;
    size_t size[SDP_MAX_LABELS];
    for (uint32_t l = 0; l < n->nlabels; l++) {
        long d = sdp_size_at(m->g, n->ldim[l], m->size);
        size[l] = d < 0 ? 0 : (size_t)d;
        empty |= !size[l];
    }
    memset(out, 0, count * sizeof *out);
    if (empty) return;
    sdp_mark mark = sdp_scratch_mark(&m->g->base);
    nest t = nest_of(m, n, size);
    run_nest(m, n, &t, size, out, off);
    sdp_scratch_release(&m->g->base, mark);
}

static void run_sel(machine *m, const sdp_node *n, double *out)
{
    size_t size[SDP_MAX_ORDER], at[SDP_MAX_ORDER] = {0}, o = 0;
    if (!shape_of(m, n->order, n->dim, size)) return;
    do {
        long target = sdp_size_at(m->g, sdp_offset(n), m->size);
        for (uint32_t k = 1; k < n->order; k++)
            target += sdp_size_at(m->g, sdp_stride(n, k), m->size) * (long)at[k];
        if (target < 0 || target >= (long)size[0]) {
            const sdp_status *why = sdp_status_of(SDP_STATUS_sizes);
            sdp_fail(&m->g->base, (sd_status)why->error, (sdp_span){0, 0}, NULL, "%s", why->message);
        }
        out[o++] = (long)at[0] == target;
    } while (next(n->order, size, at));
}

static void run_elementwise(machine *m, const sdp_node *n, double *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double a[3] = {0, 0, 0}, sum = 0;
        for (uint32_t k = 0; k < n->nargs; k++) {
            double x = m->value[n->arg[k]][sdp_get(m->g, n->arg[k])->order ? i : 0];
            if (k < 3) a[k] = x;
            if (n->kind == SDP_ADD) sum += sdp_num_double(m->g, n->coef[k]) * x;
        }
        if (sdp_is_undecided(n, a)) out[i] = NAN;
        else
            out[i] = n->kind == SDP_ADD   ? sum
                     : n->kind == SDP_POW ? pow(a[0], a[1])
                                          : kernel[n->op](a[0], a[1], a[2]);
    }
}

static void no_value(machine *m, int status, size_t count, double *out)
{
    for (size_t i = 0; i < count; i++) out[i] = NAN;
    m->failed[m->now] = status;
    m->fails = true;
}

int sdp_reference_matrix(machine *m, const sdp_node *n, double *out)
{
    size_t d = (size_t)sdp_size_at(m->g, sdp_get(m->g, n->arg[0])->dim[0], m->size);
    double *inverse = n->op == SDP_OP_inv ? out : sdp_scratch(&m->g->base, d * d * sizeof *inverse);
    double det = sdp_reference_inverse(&m->g->base, d, m->value[n->arg[0]], inverse);
    if (n->op == SDP_OP_det) out[0] = det;
    if (n->op == SDP_OP_logdet) out[0] = log(det);
    bool bad = n->op == SDP_OP_inv ? !(fabs(det) > 0) : n->op == SDP_OP_logdet && !(det > 0);
    return !bad ? 0 : n->op == SDP_OP_logdet && det < 0 ? SDP_STATUS_negative : SDP_STATUS_singular;
}

// The cofactors: determinants of what is left without a row and a column.
int sdp_reference_adjugate(machine *m, const sdp_node *n, double *out)
{
    size_t d = (size_t)sdp_size_at(m->g, n->dim[0], m->size), k = d - 1;
    if (!d) return 0;
    double *minor = sdp_scratch(&m->g->base, (k * k + 1) * sizeof *minor),
           *unused = sdp_scratch(&m->g->base, (k * k + 1) * sizeof *unused);
    sdp_charge(m, d * d * d * d * d);
    for (size_t e = 0; e < d * d; e++) {
        size_t row = e % d, column = e / d, o = 0; // entry e of the adjugate leaves out the row of its column
        for (size_t i = 0; i < d * d; i++)
            if (i / d != row && i % d != column) minor[o++] = m->value[n->arg[0]][i];
        sdp_mark mark = sdp_scratch_mark(&m->g->base);
        double det = sdp_reference_inverse(&m->g->base, k, minor, unused);
        out[e] = (row + column) % 2 ? -det : det;
        sdp_scratch_release(&m->g->base, mark);
    }
    return 0;
}

// The product of all entries but those at the indices of the place; 0 if two of these are the same.
int sdp_reference_prodexcept(machine *m, const sdp_node *n, double *out)
{
    const sdp_node *a = sdp_get(m->g, n->arg[0]);
    uint32_t times = n->param / (SDP_AXES + 1);
    size_t size[SDP_MAX_ORDER], inner[SDP_MAX_ORDER], at[SDP_MAX_ORDER] = {0}, result = 0;
    if (!shape_of(m, n->order, n->dim, size)) return 0;
    shape_of(m, a->order, a->dim, inner);
    do {
        size_t e[SDP_MAX_ORDER] = {0}, o = 0, left_out = 0;
        double product = 1;
        do {
            bool group = true;
            uint32_t hits = 0, next_axis = a->order;
            for (uint32_t k = 0; k < a->order; k++) group &= (n->param >> k & 1) || e[k] == at[k];
            for (uint32_t c = 0; c < times; c++) {
                bool hit = group;
                for (uint32_t k = 0; k < a->order; k++)
                    if (n->param >> k & 1) hit &= e[k] == at[c ? next_axis++ : k];
                hits += hit;
            }
            left_out += hits > 0;
            if (group && !hits) product *= m->value[n->arg[0]][o];
            o++;
        } while (next(a->order, inner, e));
        sdp_charge(m, o);
        out[result++] = left_out == times ? product : 0;
    } while (next(n->order, size, at));
    return 0;
}

// Reduces the entries v[0..n-1]; softmax writes them back.
static double reduce(int op, size_t n, double *v)
{
    double most = -HUGE_VAL, least = HUGE_VAL, large = 0, sum = 0, product = 1;
    for (size_t i = 0; i < n; i++) {
        most = fmax(most, v[i]), least = fmin(least, v[i]), large = fmax(large, fabs(v[i])), product *= v[i];
        if (isnan(v[i]) && (op == SDP_OP_maxof || op == SDP_OP_minof || op == SDP_OP_norm)) return NAN;
    }
    if (op == SDP_OP_maxof) return most;
    if (op == SDP_OP_minof) return least;
    if (op == SDP_OP_prod) return product;
    if (op == SDP_OP_norm) {
        for (size_t i = 0; i < n && large > 0; i++) sum += v[i] / large * (v[i] / large);
        return large * sqrt(sum);
    }
    for (size_t i = 0; i < n; i++) sum += exp(v[i] - most);
    for (size_t i = 0; i < n && op == SDP_OP_softmax; i++) v[i] = exp(v[i] - most) / sum;
    return most + log(sum);
}

int sdp_reference_reduction(machine *m, const sdp_node *n, double *out)
{
    const sdp_node *a = sdp_get(m->g, n->arg[0]);
    const double *x = m->value[n->arg[0]];
    uint32_t every = (1u << a->order) - 1, mask = n->param ? n->param & every : every;
    size_t size[SDP_MAX_ORDER], count = shape_of(m, a->order, a->dim, size);
    double *group = sdp_scratch(&m->g->base, (count + 1) * sizeof *group);
    size_t *from = sdp_scratch(&m->g->base, (count + 1) * sizeof *from), result = 0;
    size_t kept[SDP_MAX_ORDER] = {0}, kept_size[SDP_MAX_ORDER];
    bool none = false; // of nothing there still is a product
    for (uint32_t k = 0; k < a->order; k++) none |= !(kept_size[k] = mask >> k & 1 ? 1 : size[k]);
    if (none) return 0;
    do { // every position of the kept axes
        size_t at[SDP_MAX_ORDER] = {0}, length = 0, o = 0;
        for (bool more = count > 0; more; more = next(a->order, size, at), o++) {
            bool here = true;
            for (uint32_t k = 0; k < a->order; k++) here &= (mask >> k & 1) || at[k] == kept[k];
            if (here) from[length] = o, group[length++] = x[o];
        }
        sdp_charge(m, count);
        double r = reduce(n->op, length, group);
        if (n->op != SDP_OP_softmax) out[result++] = r;
        for (size_t i = 0; i < length && n->op == SDP_OP_softmax; i++) out[from[i]] = group[i];
    } while (next(a->order, kept_size, kept));
    return 0;
}

// ---- the machine ------------------------------------------------------------------------------------------
static const double *input(const machine *m, uint32_t variable)
{
    for (uint32_t i = 0; i < m->s->ninputs; i++)
        if (m->s->input[i] == variable) return m->in[i];
    sdp_fail(&m->g->base, SD_ERR_DATA, (sdp_span){0, 0}, NULL, "there is no data for %s",
             m->g->var[variable].name);
}

static sdp_reference *const reference[SDP_OP_COUNT] = {
#define REFERENCE(f)                                                            sdp_reference_##f
#define PRIM(id, name, least, most, shape, lower, pull, kernel, reference, ...) [SDP_OP_##id] = reference,
#include "ast/graph/ops.def"
#undef REFERENCE
};

static void run_prim(machine *m, const sdp_node *n, double *out, size_t count)
{
    sdp_mark mark = sdp_scratch_mark(&m->g->base);
    int status = reference[n->op](m, n, out);
    sdp_scratch_release(&m->g->base, mark);
    if (status) no_value(m, status, count, out);
}

static void run_call(machine *m, const sdp_node *n, double *out)
{
    const sdp_derivative d = sdp_derivative_of(n);
    sd_binding f = sdp_invent(m->g, &d, m->size);
    const double **arg = sdp_scratch(&m->g->base, (n->nargs + 1) * sizeof *arg);
    for (uint32_t i = 0; i < n->nargs; i++) arg[i] = m->value[n->arg[i]];
    (void)f.call(f.user, NULL, arg, out);
}

static void run(machine *m, sdp_id id)
{
    const sdp_node *n = sdp_get(m->g, id);
    size_t size[SDP_MAX_ORDER], count = shape_of(m, n->order, n->dim, size);
    if (count > m->g->base.limit.elements) sdp_limit(&m->g->base, "elements", m->g->base.limit.elements);
    double *out = m->value[id] = sdp_scratch(&m->g->base, (count + 1) * sizeof *out);
    sdp_charge(m, m->budget ? count * (1 + (size_t)sdp_ops[n->op].work) : count);
    m->now = id;
    m->count[id] = count;
    switch ((sdp_kind)n->kind) {
    case SDP_NUM:
        out[0] = sdp_num_double(m->g, n->param);
        if (n->param == SDP_NUM_ZERO) *(m->off[id] = sdp_scratch(&m->g->base, sizeof(bool))) = true;
        break;
    case SDP_CONST: out[0] = kernel[n->op](0, 0, 0); break;
    case SDP_DIM: out[0] = (double)m->size[n->param]; break;
    case SDP_VAR: memcpy(out, input(m, n->param), count * sizeof *out); break;
    case SDP_SEL: run_sel(m, n, out); break;
    case SDP_MASK:
        for (size_t i = 0; i < count; i++)
            out[i] = n->param == SDP_LOWER ? i / size[1] >= i % size[1] : i / size[1] <= i % size[1];
        break;
    case SDP_MUL: run_mul(m, n, out, count); break;
    case SDP_ADD:
    case SDP_POW:
    case SDP_MAP:
        run_elementwise(m, n, out, count);
        sdp_mark_off(m, n, count);
        break;
    case SDP_PRIM: run_prim(m, n, out, count); break;
    case SDP_CALL: run_call(m, n, out); break;
    }
    if (m->jitter) sdp_disturb(m, n, out, count);
    // A symmetric result is so to the last bit: of min(inv(A)), a tie is a tie in both places.
    size_t rows = n->order == 2 ? (size_t)sdp_size_at(m->g, n->dim[0], m->size) : 0;
    if (rows && n->kind == SDP_PRIM && sdp_has(m->g, m->now, SDP_SYMMETRIC))
        for (size_t i = 0; i < rows; i++)
            for (size_t k = 0; k < i; k++) out[k * rows + i] = out[i * rows + k];
}

static bool interpret(sdp_graph *g, uint32_t n, const sdp_id *id, const sdp_signature *s, const long *size,
                      const double *const *in, bool lenient, uint64_t *jitter, uint64_t *budget,
                      sd_array *out)
{
    sdp_mark mark = sdp_scratch_mark(&g->base);
    uint32_t count;
    sdp_id *ids = sdp_reachable(g, n, id, &count);
    machine m = {
        .g = g, .s = s, .size = size, .in = in, .lenient = lenient, .jitter = jitter, .budget = budget};
    size_t room = (count ? ids[count - 1] : 0) + (size_t)1;
    m.value = sdp_scratch(&g->base, room * sizeof *m.value);
    m.count = sdp_scratch(&g->base, room * sizeof *m.count);
    m.off = sdp_scratch(&g->base, room * sizeof *m.off);
    m.failed = sdp_scratch(&g->base, room * sizeof *m.failed);
    for (uint32_t i = 0; i < count && !m.exhausted; i++) run(&m, ids[i]);
    if (m.fails && !lenient) sdp_judge(&m, n, id, count, ids);
    for (uint32_t i = 0; i < n; i++) {
        sdp_array_for(g, id[i], size, &out[i]);
        size_t length = 1;
        for (int k = 0; k < out[i].order; k++) length *= out[i].dim[k];
        for (size_t k = 0; m.exhausted && k < length; k++) out[i].data[k] = NAN;
        if (!m.exhausted) memcpy(out[i].data, m.value[id[i]], length * sizeof(double));
    }
    sdp_scratch_release(&g->base, mark);
    return !m.exhausted;
}

void sdp_interpret_at(sdp_graph *g, uint32_t n, const sdp_id *id, const sdp_signature *s, const long *size,
                      const double *const *in, sd_array *out)
{
    interpret(g, n, id, s, size, in, false, NULL, NULL, out);
}

bool sdp_interpret_lenient(sdp_graph *g, uint32_t n, const sdp_id *id, const sdp_signature *s,
                           const long *size, const double *const *in, uint64_t *budget, sd_array *out)
{
    return interpret(g, n, id, s, size, in, true, NULL, budget, out);
}

bool sdp_interpret_disturbed(sdp_graph *g, uint32_t n, const sdp_id *id, const sdp_signature *s,
                             const long *size, const double *const *in, uint64_t *state, uint64_t *budget,
                             sd_array *out)
{
    return interpret(g, n, id, s, size, in, true, state, budget, out);
}

void sdp_interpret(sdp_graph *g, uint32_t n, const sdp_id *id, const sdp_signature *s, const sd_data *d,
                   sd_array *out)
{
    sdp_mark mark = sdp_scratch_mark(&g->base);
    long *size = sdp_scratch(&g->base, (sdp_atom_count(g) + (size_t)1) * sizeof *size);
    const double **in = sdp_scratch(&g->base, (s->ninputs + (size_t)1) * sizeof *in);
    sdp_bind_dims(g, s, d, size);
    for (uint32_t i = 0; i < s->ninputs; i++) in[i] = sd_data_get(d, g->var[s->input[i]].name)->data;
    sdp_interpret_at(g, n, id, s, size, in, out);
    sdp_scratch_release(&g->base, mark);
}
