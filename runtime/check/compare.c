// SPDX-License-Identifier: MIT
// Checks one answer at one point: compares its numbers with differences of the function that it is a
// derivative of, and the numbers of the compiled function with those of the reference evaluator.
//
// Where the two do not agree, or the answer is no number, it is asked whether there is a
// derivative (differences.c): entries at a kink are not compared, and an answer that is infinite
// where a derivative exists is wrong. An answer that is 0 but for rounding, by itself and by
// differences, has no scale to compare with.
//
// Structured variables: the symbolic entries of those that move together are added, those that do not move
// are skipped. Entries: sdp_check_plain, sdp_check_along.
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "runtime/check/checker.h"

// operations of the reference evaluator for one answer: what takes more is compared with differences alone
enum { CHECK_WORK = 20000000 };

static size_t count_of(const checker *c, sdp_id id) { return sdp_site_count(&c->at, id); }

static bool all_finite(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i])) return false;
    return true;
}

// The numbers of one node at the point, in scratch, finite or not; NULL if it has none there.
static double *values_at_point(checker *c, sdp_id id)
{
    sdp_probe f = sdp_probe_open(&c->at, id);
    int status = sdp_probe_call(&f);
    sdp_probe_close(&c->at, &f);
    const sdp_status *why = sdp_status_of(status);
    if (status) c->reason = why ? why->message : "there is no value";
    return status ? NULL : f.out;
}

double *sdp_check_values(checker *c, sdp_id id)
{
    double *x = values_at_point(c, id);
    if (!x || all_finite(x, count_of(c, id))) return x;
    c->reason = id == c->q->value ? "the value is not finite" : "a direction is not finite";
    return NULL;
}

static double largest(const double *x, size_t n)
{
    double m = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(x[i])) m = fmax(m, fabs(x[i]));
    return m;
}

static void record(checker *c, const sdp_entry *e, size_t at, double symbolic, double numeric, double blur)
{
    double scale = c->scale > 0 ? c->scale : 1, apart = fabs(symbolic - numeric),
           error = fmax(0, apart - c->noise - blur) / scale;
    c->out->worst = fmax(c->out->worst, apart / scale);
    if (isnan(apart)) c->out->worst = error = INFINITY;
    if (error <= c->excess) return;
    c->excess = error;
    char where[128] = "";
    const sdp_node *n = sdp_get(c->at.g, e->node);
    size_t used = 0;
    for (uint32_t k = 0; k < n->order && used < sizeof where - 24; k++) {
        size_t stride = 1;
        for (uint32_t j = k + 1; j < n->order; j++)
            stride *= (size_t)sdp_size_at(c->at.g, n->dim[j], c->at.p.size);
        used += (size_t)snprintf(where + used, sizeof where - used, "%s%zu", k ? "," : "[",
                                 at / stride % (size_t)sdp_size_at(c->at.g, n->dim[k], c->at.p.size) + 1);
    }
    snprintf(c->out->detail, sizeof c->out->detail, "%s%s%s%s symbolic %s, numerical %s",
             e->label && *e->label ? e->label : "the answer", where, n->order ? "]" : "", ":",
             sdp_decimal_of(symbolic, 10).s, sdp_decimal_of(numeric, 10).s);
}

// Symbolic and numerical entries of an answer; those of a derivative by v have its entries last,
// and in `skip` those at a kink. `error` of the differences at an entry; `whole`: the largest
// number before kinks were left out
typedef struct {
    size_t outer, width;
    const sdp_moved *v;
    double *symbolic, *numeric;
    bool *skip;
    const double *error;
    double whole;
} comparison;

static size_t partner(const comparison *m, size_t k)
{
    return m->v ? sdp_moves_with(m->v->facts, m->v->n, k) : k;
}

// The answer's derivative by entry k as it moves, alone or with its mirror image
static double symbolic_at(const checker *c, const comparison *m, size_t i, size_t k)
{
    size_t mate = partner(m, k);
    double s = m->symbolic[i * m->width + k];
    return mate != k && mate != SIZE_MAX && c->r->convention != SD_COOKBOOK
               ? s + m->symbolic[i * m->width + mate]
               : s;
}

static void compare_entry(checker *c, const sdp_entry *e, const comparison *m)
{
    c->scale = fmax(c->scale, c->noise); // less is nothing that can be seen
    double scale = c->scale > 0 ? c->scale : 1, tolerance = c->error / scale * 20;
    if (tolerance > c->out->tolerance) c->out->tolerance = tolerance < 1e-3 ? tolerance : 1e-3;
    c->out->exact = fmax(c->out->exact, (c->error + c->noise) / scale);
    for (size_t i = 0; i < m->outer; i++)
        for (size_t k = 0; k < m->width; k++) {
            size_t at = i * m->width + k;
            if (partner(m, k) == SIZE_MAX) continue;
            c->compared += !m->skip[at];
            c->kinks += m->skip[at];
            // Entries that are left beside kinks may be 0 except for errors of the differences, which are
            // small beside the whole.
            double blur = m->whole > c->scale ? 20 * fmin(m->error[at], 1e-6 * m->whole) : 0;
            if (!m->skip[at]) record(c, e, at, symbolic_at(c, m, i, k), m->numeric[at], blur);
        }
}

// Did the differences not settle there?
static bool is_rough(const checker *c, double error, double scale)
{
    return !(error <= 1e-6 * scale + c->noise);
}

// Do the answers look wrong as they are? Then it is worth to ask where there are kinks.
static bool is_suspicious(const checker *c, const comparison *m, const double *error, double scale)
{
    for (size_t i = 0; i < m->outer; i++)
        for (size_t k = 0; k < m->width; k++) {
            size_t at = i * m->width + k;
            if (partner(m, k) == SIZE_MAX) continue;
            if (!(fabs(symbolic_at(c, m, i, k) - m->numeric[at]) <= 1e-7 * scale + c->noise) ||
                is_rough(c, error[at], scale))
                return true;
        }
    return false;
}

double sdp_check_spread(const checker *c, sdp_id id, double *size)
{
    return sdp_point_spread(c->at.g, &c->at.s, &c->at.p, id, size);
}

// The compiled answer against the reference evaluator. An answer that is 0 but for rounding has no scale of
// its own: the noise of the differences stands for it. What the evaluator does not know itself, as it
// computes what is written, says nothing: the digits of 1-tanh(x)^2 at x = 15.
static void compare_interpreted(checker *c, const sdp_entry *e, const double *compiled, size_t n)
{
    if (n > SDP_MOST_INTERPRETED) return;
    sd_array a = {0};
    // it goes through all indices of a product at once: one of nested inverses may have a dozen
    uint64_t budget = CHECK_WORK;
    if (!sdp_interpret_lenient(c->at.g, 1, &e->node, &c->at.s, c->at.p.size,
                               (const double *const *)c->at.p.in, &budget, &a)) {
        sdp_release(&c->at.g->base, a.data);
        return;
    }
    double scale = largest(a.data, n), worst = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(a.data[i]) != isfinite(compiled[i])) worst = INFINITY;
        else if (isfinite(compiled[i])) worst = fmax(worst, fabs(a.data[i] - compiled[i]));
    sdp_release(&c->at.g->base, a.data);
    double error = worst / (scale > 0 ? scale : 1);
    if (worst <= 1e-8 * scale + c->noise || error <= c->excess) return;
    if (isfinite(worst) && worst <= sdp_check_spread(c, e->node, &scale)) return;
    c->excess = c->out->worst = error;
    snprintf(c->out->detail, sizeof c->out->detail, "%s: compiled code and reference evaluator differ",
             e->label && *e->label ? e->label : "the answer");
}

// Is the answer 0 but for rounding, by itself and by differences of `base`? Such numbers
// have no scale to compare them on.
static bool is_rounding(checker *c, const sdp_entry *e, sdp_id base, double weight)
{
    double size = c->scale, other = 0;
    if (size > 1e-6) return false;
    double limit = sdp_check_spread(c, e->node, &size) + weight * sdp_check_spread(c, base, &other) / c->step;
    if (!isfinite(limit) || size > limit) return false;
    c->rounding = fmax(c->rounding, size);
    return true;
}

// The entries of d base / d v at kinks, of which no number is wrong. Where the differences did not settle, as
// those of relu(x)^2 at 0, the answer has to lie between the quotients. The errors of neither count.
static void leave_out_kinks(checker *c, sdp_id base, const sdp_differences *d, comparison *m)
{
    sdp_slopes r = sdp_find_slopes(&c->at, base, m->v);
    double rough = m->whole = c->scale;
    c->error = c->scale = 0;
    for (size_t i = 0; i < m->outer; i++)
        for (size_t k = 0; k < m->width; k++) {
            size_t at = i * m->width + k;
            double s = symbolic_at(c, m, i, k);
            m->skip[at] = isinf(r.off[at]) ||
                          (is_rough(c, d->error[at], rough) && fabs(s - r.slope[at]) <= 2 * r.off[at]);
            if (m->skip[at]) continue;
            c->error = fmax(c->error, d->error[at]);
            c->scale = fmax(c->scale, fmax(isfinite(s) ? fabs(s) : 0, fabs(m->numeric[at])));
        }
}

// Checks an answer that is d base / d v.
bool sdp_check_plain(checker *c, const sdp_entry *e, sdp_id base, uint32_t var)
{
    sdp_moved v = sdp_moved_by(&c->at, var);
    sdp_differences d;
    double *symbolic = values_at_point(c, e->node);
    if (!symbolic || !sdp_differentiate(&c->at, base, &v, &d)) return false;
    size_t n = d.outer * v.count;
    comparison m = {d.outer, v.count, &v, symbolic, d.value, sdp_scratch(&c->at.g->base, n + 1), d.error, 0};
    c->noise = d.noise, c->step = d.step, c->error = largest(d.error, n);
    c->scale = fmax(largest(symbolic, n), largest(d.value, n));
    if (all_finite(symbolic, n) && is_rounding(c, e, base, 1)) {
        c->compared += n;
        return true;
    }
    bool studied = c->given && v.count <= SDP_MOST_STUDIED && n <= SDP_MOST_STUDIED_VALUES;
    if (!studied && is_suspicious(c, &m, d.error, c->scale)) leave_out_kinks(c, base, &d, &m);
    compare_entry(c, e, &m);
    compare_interpreted(c, e, symbolic, n);
    return true;
}

// sum[.] += J d by the j-th variable, or d' J; weight: of the direction. False: there are no values.
static bool add_product(checker *c, sdp_id base, const sdp_moved *v, const double *along, comparison *m,
                        bool careful, double *error, double *weight)
{
    bool cotangent = c->q->cotangent;
    sdp_differences d;
    if (!sdp_differentiate(&c->at, base, v, &d)) return false;
    double scale = largest(d.value, d.outer * v->count);
    sdp_slopes r = {NULL, NULL};
    if (careful) r = sdp_find_slopes(&c->at, base, v);
    c->noise = fmax(c->noise, d.noise), c->step = fmin(c->step, d.step);
    for (size_t i = 0; i < d.outer; i++)
        for (size_t k = 0; k < v->count; k++) {
            size_t at = i * v->count + k, to = cotangent ? k : i;
            m->numeric[to] += d.value[at] * along[cotangent ? i : k];
            m->skip[to] |= r.off && (isinf(r.off[at]) || is_rough(c, d.error[at], scale));
            if (!m->skip[to]) *error = fmax(*error, d.error[at]);
        }
    for (size_t k = 0, width = cotangent ? d.outer : v->count; k < width; k++) *weight += fabs(along[k]);
    return true;
}

// An answer that is contracted: sum_j J_j d_j (JVP, HVP; base is what is
// differentiated), or cotangent * J (VJP).
bool sdp_check_along(checker *c, const sdp_entry *e, sdp_id base, uint32_t from, uint32_t to)
{
    const sdp_check_request *q = c->q;
    sdp_base *b = &c->at.g->base;
    size_t n = count_of(c, e->node);
    double *symbolic = values_at_point(c, e->node), weight = 0;
    comparison m = {1,    n, NULL, symbolic, sdp_scratch(b, (n + 1) * sizeof(double)), sdp_scratch(b, n + 1),
                    NULL, 0};
    sdp_moved v;
    if (!symbolic) return false;
    for (int careful = 0; careful < 2; careful++) { // once more, without kinks, if it looks wrong
        memset(m.numeric, 0, n * sizeof *m.numeric);
        c->noise = 0, c->step = 1, c->error = weight = 0;
        for (uint32_t j = from; j < to; j++) {
            v = sdp_moved_by(&c->at, q->wrt[j]);
            double *along = sdp_check_values(c, q->direction[q->cotangent ? 0 : j]);
            if (!along || !add_product(c, base, &v, along, &m, careful, &c->error, &weight)) return false;
        }
        if (q->cotangent) m.v = &v;
        c->scale = fmax(largest(symbolic, n), largest(m.numeric, n));
        bool wrong = is_rough(c, c->error, c->scale);
        for (size_t k = 0; k < n; k++)
            wrong |= !(fabs(symbolic_at(c, &m, 0, k) - m.numeric[k]) <= 1e-7 * c->scale + c->noise);
        if (!wrong) break;
    }
    if (all_finite(symbolic, n) && is_rounding(c, e, base, weight)) {
        c->compared += n;
        return true;
    }
    compare_entry(c, e, &m);
    compare_interpreted(c, e, symbolic, n);
    return true;
}
