// SPDX-License-Identifier: MIT
// Derivatives against numerical differentiation.
//
// A derivative of order k is compared with differences of the derivative of order k-1, and order 1 with
// differences of plain values, so no order rests on symbolic work alone. Values come from the compiled
// function; the symbolic answer also from the reference evaluator, which must agree.
//
// Where the two do not agree, or the answer is no number, it is asked whether there is a derivative
// (differences.c): entries at a kink are not compared, and an answer that is infinite where a derivative
// exists is wrong. So other points may follow the first one that counts, at which kinks are likely and
// equalities hold: of zeros, ones and the numbers of the expressions.
//
// Structured variables: the symbolic entries of those that move together are added, those that do not move
// are skipped.
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "runtime/check/differences.h"

// operations of the reference evaluator for one answer: what takes more is compared with differences alone
enum { CHECK_WORK = 20000000 };

typedef struct {
    sdp_site at; // signature of everything: values, lower derivatives, answers, directions
    const sdp_check_request *q;
    const struct sd_result *r;
    sd_check_report *out;
    double scale, error;    // of the entry being compared: largest numbers, largest difference error
    double noise;           // what rounding of the values alone does to their differences
    double step;            // the shortest of these differences
    double excess;          // largest error that this noise does not explain, relative
    double rounding;        // largest number in an answer that is 0 but for rounding
    size_t compared, kinks; // entries
    const char *reason;     // why the last point does not count
    bool doubtful;          // a point was ill-conditioned: look at that first
    // the point is given: kinks there are studied and told by themselves (kink.c), if there are few entries
    bool given;
} checker;

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

static double *finite_values(checker *c, sdp_id id)
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

// ---- comparing --------------------------------------------------------------------------------------------
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

// Symbolic and numerical entries of an answer; those of a derivative by v have its entries last, and in
// `skip` those at a kink. `error` of the differences at an entry; `whole`: the largest number before kinks
// were left out
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
            // What is left beside kinks may be 0 but for the errors of differences that are small beside the
            // whole.
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

static double spread(const checker *c, sdp_id id, double *size)
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
    if (isfinite(worst) && worst <= spread(c, e->node, &scale)) return;
    c->excess = c->out->worst = error;
    snprintf(c->out->detail, sizeof c->out->detail, "%s: compiled code and reference evaluator differ",
             e->label && *e->label ? e->label : "the answer");
}

// Is the answer 0 but for rounding, by itself and by differences of `base`? Such numbers have no scale to
// compare them on.
static bool is_rounding(checker *c, const sdp_entry *e, sdp_id base, double weight)
{
    double size = c->scale, other = 0;
    if (size > 1e-6) return false;
    double limit = spread(c, e->node, &size) + weight * spread(c, base, &other) / c->step;
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

// One answer that is d base / d v.
static bool check_plain(checker *c, const sdp_entry *e, sdp_id base, uint32_t var)
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

// An answer that is contracted: sum_j J_j d_j (JVP, HVP; base is what is differentiated), or cotangent * J
// (VJP).
static bool check_along(checker *c, const sdp_entry *e, sdp_id base, uint32_t from, uint32_t to)
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
            double *along = finite_values(c, q->direction[q->cotangent ? 0 : j]);
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

// ---- the request ------------------------------------------------------------------------------------------
// What the answers are first derivatives of, one per wrt: the value, or derivatives of one order less.
static sdp_id *lower_derivatives(sdp_graph *g, const sdp_check_request *q, sd_symmetric convention)
{
    sdp_id *base = sdp_scratch(&g->base, (q->nwrt + (size_t)1) * sizeof *base);
    sdp_id *wrt = sdp_scratch(&g->base, (q->nwrt + (size_t)1) * sizeof *wrt);
    for (uint32_t i = 0; i < q->nwrt; i++) wrt[i] = g->var[q->wrt[i]].node;
    for (uint32_t i = 0; i < q->nwrt; i++) {
        base[i] = q->value;
        for (int k = 1; k < q->order; k++) {
            if (q->repeated) {
                base[i] = sdp_jvp(g, base[i], q->nwrt, wrt, q->direction);
                continue;
            }
            sdp_id x = g->var[q->wrt[i]].node;
            sdp_reverse(g, base[i], 1, &x, &base[i]);
            base[i] = sdp_project(g, base[i], x, convention);
        }
    }
    return base;
}

static bool check_all(checker *c, const sdp_id *base)
{
    const sdp_check_request *q = c->q;
    bool ok = true;
    // the lower derivative itself, against plain values
    for (uint32_t i = 0; ok && q->order > 1 && i < q->nwrt; i++)
        if (q->order == 2 && !q->repeated)
            ok = check_plain(c, &(sdp_entry){.label = "the first derivative", .node = base[i]}, q->value,
                             q->wrt[i]);
    for (size_t k = 0; ok && k < c->r->n; k++) {
        const sdp_entry *e = &c->r->entry[k];
        uint32_t i = 0, j = 0;
        for (uint32_t w = 0; w < q->nwrt; w++) {
            const char *name = c->at.g->var[q->wrt[w]].name;
            if (e->row && !strcmp(name, e->row)) i = w;
            if (e->column && !strcmp(name, e->column)) j = w;
        }
        if (q->along || q->cotangent)
            ok = check_along(c, e, base[i], q->cotangent ? i : 0, q->cotangent ? i + 1 : q->nwrt);
        else if (q->order == 1) ok = check_plain(c, e, q->value, q->wrt[i]);
        else ok = check_plain(c, e, base[i], q->wrt[q->nwrt > 1 ? j : 0]);
    }
    return ok;
}

static sdp_signature signature_of_all(sdp_graph *g, const struct sd_result *r, const sdp_check_request *q,
                                      const sdp_id *base)
{
    uint32_t n = 0, ndirections = q->cotangent ? 1 : q->along ? q->nwrt : 0;
    sdp_id *id = sdp_scratch(&g->base, (r->n + 2 * (size_t)q->nwrt + ndirections + 2) * sizeof *id);
    id[n++] = q->value;
    for (uint32_t i = 0; i < q->nwrt; i++) id[n++] = base[i], id[n++] = g->var[q->wrt[i]].node;
    for (size_t i = 0; i < r->n; i++) id[n++] = r->entry[i].node;
    for (uint32_t i = 0; i < ndirections; i++) id[n++] = q->direction[i];
    return sdp_signature_of(g, n, id, NULL);
}

// The answers as they are computed, with the twins of curved variables, by which the value was
// differentiated, so that they move alone.
static const struct sd_result *with_twins(sdp_graph *g, const struct sd_result *r)
{
    struct sd_result *t = sdp_as_computed(r);
    sdp_id *node = sdp_scratch(&g->base, (r->n + 1) * sizeof *node);
    for (size_t k = 0; k < r->n; k++) node[k] = t->entry[k].exact;
    sdp_with_twins(g, (uint32_t)r->n, node, r->nwrt, r->wrt);
    for (size_t k = 0; k < r->n; k++) t->entry[k].node = node[k];
    return t;
}

// Does rounding move the value so much that differences of it say nothing? The inverse of a matrix that is
// singular but for rounding.
static bool ill_conditioned(checker *c)
{
    double size = 0, most = spread(c, c->q->value, &size);
    return !(most <= 1e-7 * size);
}

// The verdict at the point; false if it does not count, for a reason.
static bool check_point(checker *c, const sdp_id *base)
{
    *c->out = (sd_check_report){.tolerance = 1e-7, .points = 1};
    c->excess = c->rounding = 0;
    c->compared = c->kinks = 0;
    if (!finite_values(c, c->q->value)) return false;
    c->reason = "its neighbours have no value";
    if (!(c->doubtful && ill_conditioned(c))) {
        if (!check_all(c, base)) return false;
        c->reason = "there is a kink";
        if (!c->compared && c->kinks) return false;
        if (c->excess <= c->out->tolerance || !ill_conditioned(c)) return true;
    }
    c->doubtful = true;
    c->reason = "rounding alone changes the value";
    return false;
}

static bool is_given(const checker *c)
{
    for (uint32_t i = 0; i < c->at.s.ninputs; i++)
        if (!c->q->data || !sd_data_get(c->q->data, c->at.g->var[c->at.s.input[i]].name)) return false;
    return true;
}

static void mark_variables(sdp_graph *g, sdp_id id, bool *mark)
{
    uint32_t n;
    sdp_id *list = sdp_reachable(g, 1, &id, &n);
    for (uint32_t i = 0; i < n; i++)
        if (sdp_get(g, list[i])->kind == SDP_VAR) mark[sdp_get(g, list[i])->param] = true;
}

// May anything happen at single points: a comparison, a kink, a division by what is 0? Marks the variables
// that keep ordinary numbers: those of exponents and logarithms, as p*x^(p-1) has no value at x = 0, p = 0,
// and x^p*log(x) none at x = 0, but a limit; and those of an equality that moves with a variable of the
// derivative, where(x==y,x^2,x*y) by x, which decides single points by convention.
static bool has_special_points(sdp_graph *g, const sdp_id *base, const checker *c, bool *kept)
{
    uint32_t n;
    sdp_num e;
    bool any = false;
    sdp_id *root = sdp_scratch(&g->base, (c->r->n + 2) * sizeof *root);
    for (size_t i = 0; i < c->r->n; i++) root[i] = c->r->entry[i].node;
    root[c->r->n] = c->q->value, root[c->r->n + 1] = base[0];
    sdp_id *list = sdp_reachable(g, (uint32_t)c->r->n + 2, root, &n);
    for (uint32_t i = 0; i < n; i++) {
        const sdp_node *x = sdp_get(g, list[i]);
        bool power = x->kind == SDP_POW, number = power && sdp_is_number(g, x->arg[1], &e),
             map = x->kind == SDP_MAP;
        const sdp_op *op = &sdp_ops[x->op];
        any |= power && !(number && sdp_num_is_int(g, e) && sdp_num_sign(g, e) > 0);
        any |= (map || x->kind == SDP_PRIM) &&
               (op->kink || op->range == SDP_RANGE_bool || op->range == SDP_RANGE_sign);
        any |= x->kind == SDP_PRIM && (x->op == SDP_OP_prod || x->op == SDP_OP_det);
        bool equality = map && (x->op == SDP_OP_eq || x->op == SDP_OP_ne);
        for (uint32_t v = 0; equality && v < c->q->nwrt; v++)
            if (sdp_depends(g, list[i], g->var[c->q->wrt[v]].node)) mark_variables(g, list[i], kept);
        if (power && !number) mark_variables(g, x->arg[1], kept);
        if (map && (x->op == SDP_OP_log || x->op == SDP_OP_log2 || x->op == SDP_OP_log10))
            mark_variables(g, x->arg[0], kept);
    }
    return any;
}

// Points of zeros, ones and the numbers that stand in the expressions: variables that nothing is
// differentiated by alone, then all. The first at which the answer is wrong is what is reported; the others
// tell nothing new.
static void check_special_points(checker *c, const sdp_id *base)
{
    enum { SPECIAL = 3 };
    sdp_graph *g = c->at.g;
    bool *kept = sdp_scratch(&g->base, g->nvars + (size_t)1),
         *others = sdp_scratch(&g->base, g->nvars + (size_t)1);
    if (!has_special_points(g, base, c, kept)) return;
    sdp_copy(others, kept, g->nvars);
    for (uint32_t w = 0; w < c->q->nwrt; w++) others[c->q->wrt[w]] = true;
    sdp_specials numbers = sdp_special_numbers(g, 1, &c->q->value);
    for (unsigned turn = 0; turn < SPECIAL; turn++) {
        sd_check_report before = *c->out;
        double excess = c->excess, rounding = c->rounding;
        sdp_mark m = sdp_scratch_mark(&g->base);
        sdp_point_draw(g, &c->at.s, c->q, 0, &c->at.p);
        sdp_point_specialise(g, &c->at.s, c->q, &numbers, 2 * turn + 1, turn ? kept : others, &c->at.p);
        bool counts = check_point(c, base);
        sdp_scratch_release(&g->base, m);
        if (counts && c->excess > c->out->tolerance) return;
        *c->out = before, c->excess = excess, c->rounding = rounding;
    }
}

// Goes through points until one counts: numbers of every kind, sizes the other way round, larger sizes, which
// an index may need.
static bool find_point(checker *c, const sdp_id *base)
{
    enum { TURNS = 4 };
    sdp_check_request q = *c->q;
    bool given = c->given = is_given(c), found = false;
    c->reason = "no sizes fit all indices";
    for (long smallest = 2; smallest <= 32 && !found; smallest *= 2)
        for (q.turn = 0; q.turn < TURNS && !found; q.turn++) {
            sdp_mark m = sdp_scratch_mark(&c->at.g->base);
            c->at.p = sdp_point_sizes(c->at.g, &c->at.s, &q, smallest);
            bool fit = given || sdp_indices_fit(c->at.g, 1, &q.value, c->at.p.size);
            for (int kind = 0; fit && kind <= SDP_POINT_KINDS + SDP_POINT_SCALES && !found; kind++) {
                sdp_point_draw(c->at.g, &c->at.s, c->q, kind, &c->at.p);
                found = check_point(c, base);
            }
            if (found && !given && c->excess <= c->out->tolerance) check_special_points(c, base);
            sdp_scratch_release(&c->at.g->base, m);
        }
    if (found) return true;
    *c->out = (sd_check_report){.worst = INFINITY};
    snprintf(c->out->detail, sizeof c->out->detail, "%s: %s",
             given ? "the point given is outside the domain"
                   : "no point was found where the value and its derivative exist",
             c->reason);
    return false;
}

void sdp_check(sdp_graph *g, const struct sd_result *r, const sdp_check_request *q, sd_check_report *out)
{
    sdp_mark mark = sdp_scratch_mark(&g->base);
    r = with_twins(g, r);
    sdp_id *base = lower_derivatives(g, q, r->convention);
    checker c = {.at.g = g, .q = q, .r = r, .out = out};
    c.at.s = signature_of_all(g, r, q, base);
    bool ok = find_point(&c, base);
    out->ok = ok && c.excess <= out->tolerance;
    if (out->ok) *out->detail = 0;
    if (out->ok && c.rounding > 0)
        snprintf(out->detail, sizeof out->detail, "an answer is 0 but for rounding: %s at most",
                 sdp_decimal_of(c.rounding, 2).s);
    sdp_study_point(g, r, q, base, out);
    sdp_scratch_release(&g->base, mark);
}
