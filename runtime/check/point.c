// SPDX-License-Identifier: MIT
// Random points: sizes that differ for every dimension name (a lost transpose must not fit by accident), and
// numbers that satisfy what is declared of a variable; and what rounding does to the values at a point.
#include <math.h>
#include <string.h>

#include "runtime/check/check.h"

// splitmix64: the same numbers on every machine
static double uniform(uint64_t *state, double lo, double hi)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return lo + (hi - lo) * (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

// ---- sizes ------------------------------------------------------------------------------------------------
// The free sizes: smallest, smallest+1, ... in the signature's order turned around by turn / 2, the other way
// round at odd turns.
static void spread_sizes(const sdp_signature *s, unsigned turn, long smallest, long *size)
{
    long next = smallest;
    for (uint32_t i = 0; i < s->ndims; i++) {
        uint32_t at = (uint32_t)((i + turn / 2) % s->ndims), dim = s->dim[turn & 1 ? s->ndims - 1 - at : at];
        if (size[dim]) continue;
        size[dim] = next;
        if (next < smallest + 5) next++;
    }
}

// Does every input have entries? A size that is computed, m-n+1, may be none.
static bool sizes_exist(const sdp_graph *g, const sdp_signature *s, const long *size)
{
    for (uint32_t i = 0; i < s->ninputs; i++) {
        const sdp_node *n = sdp_get(g, g->var[s->input[i]].node);
        for (uint32_t k = 0; k < n->order; k++)
            if (sdp_size_at(g, n->dim[k], size) < 1) return false;
    }
    return true;
}

// From the data, then from the request, then as they are spread: at odd seeds the other way round, and on
// until all sizes exist.
sdp_point sdp_point_sizes(sdp_graph *g, const sdp_signature *s, const sdp_check_request *q, long smallest)
{
    uint32_t atoms = sdp_atom_count(g), ndata = 0;
    sdp_point p = {sdp_scratch(&g->base, (atoms + 1) * sizeof(long)),
                   sdp_scratch(&g->base, (s->ninputs + 1) * sizeof(double *)),
                   sdp_scratch(&g->base, (s->ninputs + 1) * sizeof(size_t))};
    uint32_t *with_data = sdp_scratch(&g->base, (s->ninputs + 1) * sizeof *with_data);
    for (uint32_t i = 0; q->data && i < s->ninputs; i++)
        if (sd_data_get(q->data, g->var[s->input[i]].name)) with_data[ndata++] = s->input[i];
    if (q->data) {
        sdp_signature bound = {.ninputs = ndata, .input = with_data};
        sdp_bind_dims(g, &bound, q->data, p.size);
    }
    for (uint32_t i = 0; i < q->nsizes; i++) {
        long *size = &p.size[q->size_atom[i]];
        if (*size && *size != q->size_value[i])
            sdp_fail(&g->base, SD_ERR_DATA, (sdp_span){0, 0}, NULL, "the size %s is %ld in the data",
                     sdp_atom_name(g, q->size_atom[i]), *size);
        *size = q->size_value[i];
    }
    long *given = sdp_scratch(&g->base, (atoms + 1) * sizeof *given);
    memcpy(given, p.size, (atoms + 1) * sizeof *given);
    unsigned turn = (q->seed & 1) ^ q->turn, last = turn + 2 * s->ndims;
    do {
        memcpy(p.size, given, (atoms + 1) * sizeof *given);
        spread_sizes(s, turn, smallest, p.size);
    } while (!sizes_exist(g, s, p.size) && ++turn < last);
    for (uint32_t i = 0; i < s->ninputs; i++) {
        const sdp_node *n = sdp_get(g, g->var[s->input[i]].node);
        p.count[i] = 1;
        for (uint32_t k = 0; k < n->order; k++) {
            long d = sdp_size_at(g, n->dim[k], p.size);
            if (d < 1 || (size_t)d > g->base.limit.elements / p.count[i])
                sdp_limit(&g->base, "elements", g->base.limit.elements);
            p.count[i] *= (size_t)d;
        }
        p.in[i] = sdp_scratch(&g->base, p.count[i] * sizeof(double));
    }
    return p;
}

// ---- structure --------------------------------------------------------------------------------------------
static void normalise(double *x, size_t n, bool sum)
{
    double total = 0;
    for (size_t i = 0; i < n; i++) total += sum ? x[i] : x[i] * x[i];
    for (size_t i = 0; i < n; i++) x[i] /= sum ? total : sqrt(total);
}

// x becomes x*x', plus n on the diagonal if it must be definite
static void make_gram(double *x, size_t n, double *room, bool definite)
{
    memcpy(room, x, n * n * sizeof *x);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            x[i * n + j] = definite && i == j ? (double)n : 0;
            for (size_t k = 0; k < n; k++) x[i * n + j] += room[i * n + k] * room[j * n + k];
        }
}

static void make_orthogonal(double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            double dot = 0;
            for (size_t j = 0; j < n; j++) dot += x[i * n + j] * x[k * n + j];
            for (size_t j = 0; j < n; j++) x[i * n + j] -= dot * x[k * n + j];
        }
        normalise(x + i * n, n, false);
    }
}

// 0, where many functions have their kink, stands for the smallest numbers only.
static double integer_near(double x, uint32_t facts)
{
    double k = fabs(x) < 0.3 ? 0 : x < 0 ? fmin(-1, floor(x + 0.5)) : fmax(1, floor(x + 0.5));
    return fmax(k, facts & SDP_POSITIVE ? 1 : facts & SDP_NONNEG ? 0 : -INFINITY);
}

static void satisfy(sdp_graph *g, uint32_t facts, double *x, size_t count, bool square, uint64_t *state)
{
    size_t n = square ? (size_t)(sqrt((double)count) + 0.5) : 0,
           hot = (size_t)uniform(state, 0, (double)count);
    for (size_t i = 0; i < count; i++) {
        if (facts & (SDP_POSITIVE | SDP_NONNEG | SDP_SIMPLEX)) x[i] = fabs(x[i]);
        if (facts & SDP_INTEGER) x[i] = integer_near(2 * x[i], facts);
        if (facts & SDP_ONEHOT) x[i] = i == hot;
    }
    if (facts & (SDP_SIMPLEX | SDP_UNIT)) normalise(x, count, facts & SDP_SIMPLEX);
    if (!square) return;
    double *room = sdp_scratch(&g->base, count * sizeof *room);
    if (facts & (SDP_POSDEF | SDP_PSD)) make_gram(x, n, room, facts & SDP_POSDEF);
    if (facts & SDP_ORTHOGONAL) make_orthogonal(x, n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            if ((facts & SDP_SYMMETRIC) && j < i) x[i * n + j] = x[j * n + i];
            bool zero = ((facts & SDP_DIAGONAL) && i != j) || ((facts & SDP_TRI_LOWER) && j > i) ||
                        ((facts & SDP_TRI_UPPER) && j < i);
            if (zero) x[i * n + j] = 0;
        }
}

static double draw(int kind, uint64_t *state)
{
    double x = uniform(state, 0.15, 1.6), sign = uniform(state, -1, 1);
    switch (kind) {
    case 0: return sign < 0 ? -x : x;
    case 1: return x;
    case 2: return 0.1 + 0.25 * x;
    case 3: return 1 + x;
    case 4: return 0.1 * (sign < 0 ? -x : x);
    default: return -x;
    }
}

// Beyond the kinds, numbers of the first two times a power of ten for every variable: scalars large and
// arrays small, as log(t^2-x'*x) needs it, the other way round, a hundredfold, then as chance has it.
static double magnitude(int scale, bool scalar, uint64_t *state)
{
    static const double power[] = {1, 0.01, 10, 1, 100, 0.1, 1000};
    if (scale < 0) return 1;
    if (scale < 8)
        return (scale / 2 % 2 ? scalar : !scalar) ? (scale < 4 ? 0.1 : 0.01) : (scale < 4 ? 10 : 100);
    return power[(size_t)uniform(state, 0, sizeof power / sizeof *power)];
}

void sdp_point_draw(sdp_graph *g, const sdp_signature *s, const sdp_check_request *q, int kind, sdp_point *p)
{
    uint64_t state = (uint64_t)q->seed * 1000003u + (uint64_t)kind + 1;
    int scale = kind - SDP_POINT_KINDS - 1;
    for (uint32_t i = 0; i < s->ninputs; i++) {
        const sdp_variable *v = &g->var[s->input[i]];
        const sdp_node *n = sdp_get(g, v->node);
        const sd_array *given = q->data ? sd_data_get(q->data, v->name) : NULL;
        if (given) {
            memcpy(p->in[i], given->data, p->count[i] * sizeof(double));
            continue;
        }
        double unit = magnitude(scale, n->order == 0, &state);
        for (size_t k = 0; k < p->count[i]; k++)
            p->in[i][k] = unit * draw(scale < 0 ? kind : scale & 1, &state);
        bool square =
            n->order == 2 && sdp_size_at(g, n->dim[0], p->size) == sdp_size_at(g, n->dim[1], p->size);
        satisfy(g, v->facts | v->ignored, p->in[i], p->count[i], square, &state);
    }
}

// ---- special numbers --------------------------------------------------------------------------------------
static void note_number(sdp_specials *s, double x)
{
    s->largest = fmax(s->largest, fabs(x));
    for (int i = 0; i < s->n; i++)
        if (s->number[i] == x) return;
    if (s->n < SDP_MOST_SPECIAL) s->number[s->n++] = x;
}

sdp_specials sdp_special_numbers(sdp_graph *g, uint32_t nroots, const sdp_id *root)
{
    uint32_t n;
    sdp_id *list = sdp_reachable(g, nroots, root, &n);
    sdp_specials s = {.largest = 1};
    note_number(&s, 0);
    for (uint32_t i = 0; i < n; i++) {
        const sdp_node *x = sdp_get(g, list[i]);
        uint32_t coefs = x->kind == SDP_ADD ? x->nargs : x->kind == SDP_MUL ? 1 : 0;
        if (x->kind == SDP_NUM) note_number(&s, sdp_num_double(g, x->param));
        for (uint32_t k = 0; k < coefs; k++)
            note_number(&s, sdp_num_double(g, x->coef[k])), note_number(&s, -sdp_num_double(g, x->coef[k]));
    }
    for (int i = 0; i < 3; i++) note_number(&s, (const double[]){1, -1, 2}[i]);
    return s;
}

// Returns the number, changed to fit a variable with these facts; returns `old` if it cannot fit.
static double fitting(uint32_t facts, double x, double old)
{
    if (facts & (SDP_NONNEG | SDP_POSITIVE)) x = fabs(x);
    if ((facts & SDP_INTEGER) && x != floor(x)) return old;
    return (facts & SDP_POSITIVE) && x == 0 ? old : x;
}

void sdp_point_specialise(sdp_graph *g, const sdp_signature *s, const sdp_check_request *q,
                          const sdp_specials *numbers, unsigned turn, const bool *kept, sdp_point *p)
{
    const uint32_t free = SDP_SYMMETRIC | SDP_DIAGONAL | SDP_TRI_LOWER | SDP_TRI_UPPER | SDP_INTEGER |
                          SDP_NONNEG | SDP_POSITIVE;
    uint64_t state = (uint64_t)q->seed + turn;
    for (uint32_t i = 0; i < s->ninputs; i++) {
        const sdp_variable *var = &g->var[s->input[i]];
        const sdp_node *v = sdp_get(g, var->node);
        uint32_t facts = var->facts | var->ignored;
        bool stays =
            (facts & ~free) || (kept && kept[s->input[i]]) || (q->data && sd_data_get(q->data, var->name));
        size_t cols = v->order == 2 ? (size_t)sdp_size_at(g, v->dim[1], p->size) : 1;
        for (size_t k = 0; !stays && k < p->count[i]; k++) {
            size_t mirror = k % cols * cols + k / cols;
            double *x = &p->in[i][k];
            state = state * 6364136223846793005u + 1442695040888963407u;
            if ((facts & SDP_SYMMETRIC) && mirror < k) *x = p->in[i][mirror];
            else if (*x != 0 || (facts & SDP_INTEGER))
                *x = fitting(
                    facts,
                    numbers->number[(turn % 2 ? state >> 40 : (uint64_t)turn / 6) % (uint64_t)numbers->n],
                    *x);
        }
    }
}

// ---- rounding ---------------------------------------------------------------------------------------------
double sdp_point_spread(sdp_graph *g, const sdp_signature *s, const sdp_point *p, sdp_id id, double *size)
{
    enum { RUNS = 4 };
    const sdp_node *node = sdp_get(g, id);
    size_t n = 1;
    for (uint32_t k = 0; k < node->order; k++) n *= (size_t)sdp_size_at(g, node->dim[k], p->size);
    double *low = sdp_scratch(&g->base, 2 * (n + 1) * sizeof *low), *high = low + n, most = 0;
    uint64_t state = 1, budget = g->base.limit.work;
    for (int run = 0; run < RUNS && n <= SDP_MOST_INTERPRETED; run++) {
        sd_array a = {0};
        sdp_interpret_disturbed(g, 1, &id, s, p->size, (const double *const *)p->in, &state, &budget, &a);
        for (size_t i = 0; i < n; i++) {
            low[i] = run ? fmin(low[i], a.data[i]) : a.data[i];
            high[i] = run ? fmax(high[i], a.data[i]) : a.data[i];
            most = isfinite(a.data[i]) ? fmax(most, high[i] - low[i]) : INFINITY;
            *size = fmax(*size, fabs(a.data[i]));
        }
        sdp_release(&g->base, a.data);
    }
    return most;
}

size_t sdp_moves_with(uint32_t facts, size_t cols, size_t e)
{
    if (!cols) return e;
    size_t i = e / cols, j = e % cols;
    if (facts & SDP_DIAGONAL) return i == j ? e : SIZE_MAX;
    if (facts & SDP_TRI_LOWER) return i >= j ? e : SIZE_MAX;
    if (facts & SDP_TRI_UPPER) return i <= j ? e : SIZE_MAX;
    if (facts & (SDP_SYMMETRIC | SDP_POSDEF | SDP_PSD)) return i <= j ? j * cols + i : SIZE_MAX;
    return e;
}
