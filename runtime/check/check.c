// SPDX-License-Identifier: MIT
// Derivatives against numerical differentiation.
//
// A derivative of order k is compared with differences of the derivative of order k-1, and order 1 with differences
// of plain values, so no order rests on symbolic work alone. Differences are central, extrapolated to step 0 by
// Ridders' scheme (C. Ridders, Advances in Engineering Software 4, 1982), whose error estimate also tells when the
// function is not smooth there. Values come from the compiled function; the symbolic answer also from the reference
// evaluator, which must agree.
//
// Structured variables: of a symmetric one both entries move together, of a diagonal or triangular one only those
// that may differ from 0; the symbolic entries are added or skipped alike.
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "runtime/check/check.h"

enum { LEVELS = 8 };

typedef struct {
    sdp_graph *g;
    const sdp_check_request *q;
    const struct sd_result *r;
    sdp_signature s; // of everything: values, lower derivatives, answers, directions
    sdp_point p;
    sd_check_report *out;
    double scale, error; // of the entry being compared: largest numbers, largest difference error
    double noise;        // what rounding of the values alone does to their differences
    double step;         // the shortest of these differences
    double excess;       // largest error that this noise does not explain, relative
    double rounding;     // largest number in an answer that is 0 but for rounding
    const char *reason;  // why the last point does not count
    bool doubtful;       // a point was ill-conditioned: look at that first
} checker;

// A function compiled for the sizes of the point, with room for its calls. Raw memory, freed by close_function.
typedef struct {
    sd_function *f;
    size_t count;
    double *out, *work;
    double **in;
    const sd_binding *binding; // invented values of declared functions
} function;

// ---- calling --------------------------------------------------------------------------------------------------------
static size_t count_of(const checker *c, sdp_id id)
{
    const sdp_node *n = sdp_get(c->g, id);
    size_t count = 1;
    for (uint32_t k = 0; k < n->order; k++) count *= (size_t)sdp_size_at(c->g, n->dim[k], c->p.size);
    return count;
}

static function open_function(checker *c, sdp_id id)
{
    sdp_base *b = &c->g->base;
    sdp_signature s = c->s;
    s.noutputs = 1;
    s.output = &id;
    s.output_name = NULL;
    long *size = sdp_scratch(b, (s.ndims + (size_t)1) * sizeof *size);
    for (uint32_t i = 0; i < s.ndims; i++) size[i] = c->p.size[s.dim[i]];
    sdp_emit_request q = {.nsizes = s.ndims, .size_atom = s.dim, .size_value = size};
    function f = {.count = count_of(c, id)};
    if (f.count > b->limit.elements) sdp_limit(b, "elements", b->limit.elements);
    f.out = sdp_scratch(b, f.count * sizeof *f.out);
    f.f = sdp_compile(c->g, &s, &q);
    size_t doubles = sd_function_workspace(f.f, NULL);
    f.work = b->mem.resize(b->mem.state, NULL, (doubles + 1) * sizeof *f.work);
    if (!f.work) {
        sd_function_free(f.f);
        sdp_fail(b, SD_ERR_MEMORY, (sdp_span){0, 0}, NULL, "out of memory (workspace of %zu numbers)", doubles);
    }
    f.in = c->p.in;
    f.binding = sdp_invent_all(c->g, &s, c->p.size);
    return f;
}

static int call_function(function *f)
{
    return sd_function_call_with(f->f, NULL, (const double *const *)f->in, &f->out, f->work, f->binding);
}

static void close_function(checker *c, function *f)
{
    c->g->base.mem.resize(c->g->base.mem.state, f->work, 0);
    sd_function_free(f->f);
}

static bool all_finite(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i])) return false;
    return true;
}

// The numbers of one node at the point, in scratch; NULL if it has none there.
static double *values_at_point(checker *c, sdp_id id)
{
    function f = open_function(c, id);
    int status = call_function(&f);
    close_function(c, &f);
    bool finite = !status && all_finite(f.out, f.count);
    const sdp_status *why = sdp_status_of(status);
    if (!finite) c->reason = why ? why->message : id == c->q->value ? "the value is not finite" : "the derivative is not finite";
    return finite ? f.out : NULL;
}

// ---- directions of one variable ---------------------------------------------------------------------------------------
typedef struct {
    uint32_t input;
    sdp_id node;
    size_t count, n;
    uint32_t facts;
} variable;

static variable variable_of(const checker *c, uint32_t var)
{
    variable v = {.node = c->g->var[var].node, .facts = c->g->var[var].facts};
    while (v.input < c->s.ninputs && c->s.input[v.input] != var) v.input++;
    v.count = v.input < c->s.ninputs ? c->p.count[v.input] : count_of(c, v.node);
    const sdp_node *n = sdp_get(c->g, v.node);
    v.n = n->order == 2 ? (size_t)sdp_size_at(c->g, n->dim[1], c->p.size) : 0;
    return v;
}

static size_t partner(const variable *v, size_t e) { return sdp_moves_with(v->facts, v->n, e); }

static double largest(const double *x, size_t n)
{
    double m = 0;
    for (size_t i = 0; i < n; i++) m = fmax(m, fabs(x[i]));
    return m;
}

// ---- differences --------------------------------------------------------------------------------------------------------
// (f(x + h) - f(x - h)) / 2h into d; false if there is no value on a side.
static bool difference(function *f, double *x, double *mirror, double h, double *d, double *low)
{
    double keep = *x, keep_mirror = *mirror;
    bool ok = true;
    for (int side = -1; side <= 1 && ok; side += 2) {
        *mirror = keep_mirror + side * h;
        *x = keep + side * h;
        ok = !call_function(f) && all_finite(f->out, f->count);
        if (side < 0) memcpy(low, f->out, f->count * sizeof *low);
    }
    *mirror = keep_mirror;
    *x = keep;
    for (size_t i = 0; i < f->count; i++) d[i] = (f->out[i] - low[i]) / (2 * h);
    return ok;
}

// The derivative of every output by moving *x (and *mirror) by h and less: the best of Ridders' table, and its error estimate.
// table: room for 2*LEVELS + 1 times the number of outputs.
// *noise: the rounding of the values, a few units of the last place, over the smallest step.
static bool ridders(function *f, double *x, double *mirror, double *best, double *error, double *table, double h, double *noise, double *step)
{
    size_t n = f->count;
    double *low = table + (size_t)LEVELS * 2 * n;
    double *old = table, *now = table + LEVELS * n;
    for (int retry = 0; !difference(f, x, mirror, h, old, low); retry++)
        if ((h /= 4) < 1e-9 || retry > 12) return false;
    for (size_t i = 0; i < n; i++) best[i] = old[i], error[i] = INFINITY;
    *noise = fmax(*noise, largest(f->out, n) * 4 * DBL_EPSILON / (h / (1 << (LEVELS - 1))));
    *step = fmin(*step, h / (1 << (LEVELS - 1)));
    for (int level = 1; level < LEVELS; level++) {
        if (!difference(f, x, mirror, h /= 2, now, low)) return false;
        double factor = 4;
        for (int k = 1; k <= level; k++, factor *= 4)
            for (size_t i = 0; i < n; i++) {
                double a = now[(size_t)(k - 1) * n + i], z = old[(size_t)(k - 1) * n + i],
                       better = a + (a - z) / (factor - 1);
                double e = fmax(fabs(better - a), fabs(better - z));
                now[(size_t)k * n + i] = better;
                if (e <= error[i]) error[i] = e, best[i] = better;
            }
        double *swap = old;
        old = now;
        now = swap;
    }
    return true;
}

// d base / d v, axes of base then of v; entries of v that do not move on their own stay 0. NULL outside the domain.
static double *numerical(checker *c, sdp_id base, const variable *v)
{
    sdp_base *b = &c->g->base;
    size_t n = count_of(c, base); // all memory before the function is there, which no error would free
    double *all = sdp_scratch(b, (n * v->count + 1) * sizeof *all), *column = sdp_scratch(b, 2 * n * sizeof *column);
    double *room = sdp_scratch(b, (2 * LEVELS + 1) * n * sizeof *room);
    function f = open_function(c, base);
    bool ok = true;
    for (size_t e = 0; e < v->count && ok && v->input < c->s.ninputs; e++) {
        size_t mate = partner(v, e);
        if (mate == SIZE_MAX) continue;
        double *x = &c->p.in[v->input][e], noise = 0, h = 0.04 * fmax(fabs(*x), 0.25);
        for (int shorter = 0; ok && shorter < 4; shorter++, h /= 16) { // a step may span a kink or several oscillations
            ok = ridders(&f, x, &c->p.in[v->input][mate], column, column + n, room, h, &noise, &c->step);
            if (largest(column + n, n) <= 1e-6 * largest(column, n) + noise) break;
        }
        c->noise = fmax(c->noise, noise);
        for (size_t i = 0; i < f.count && ok; i++) {
            all[i * v->count + e] = column[i];
            if (column[f.count + i] > c->error) c->error = column[f.count + i];
        }
    }
    close_function(c, &f);
    return ok ? all : NULL;
}

// ---- comparing --------------------------------------------------------------------------------------------------------
static void record(checker *c, const sdp_entry *e, size_t at, double symbolic, double numeric)
{
    double scale = c->scale > 0 ? c->scale : 1, apart = fabs(symbolic - numeric), error = fmax(0, apart - c->noise) / scale;
    c->out->worst = fmax(c->out->worst, apart / scale);
    if (isnan(apart)) c->out->worst = error = INFINITY;
    if (error <= c->excess) return;
    c->excess = error;
    char where[128] = "";
    const sdp_node *n = sdp_get(c->g, e->node);
    size_t used = 0;
    for (uint32_t k = 0; k < n->order && used < sizeof where - 24; k++) {
        size_t stride = 1;
        for (uint32_t j = k + 1; j < n->order; j++) stride *= (size_t)sdp_size_at(c->g, n->dim[j], c->p.size);
        used += (size_t)snprintf(where + used, sizeof where - used, "%s%zu", k ? "," : "[",
                                 at / stride % (size_t)sdp_size_at(c->g, n->dim[k], c->p.size) + 1);
    }
    snprintf(c->out->detail, sizeof c->out->detail, "%s%s%s%s symbolic %s, numerical %s",
             e->label && *e->label ? e->label : "the answer", where, n->order ? "]" : "", ":", sdp_decimal_of(symbolic, 10).s, sdp_decimal_of(numeric, 10).s);
}

static void compare_entry(checker *c, const sdp_entry *e, size_t outer, const variable *v, const double *symbolic,
                          const double *numeric)
{
    c->scale = fmax(c->scale, c->noise); // less is nothing that can be seen
    double scale = c->scale > 0 ? c->scale : 1, tolerance = c->error / scale * 20;
    if (tolerance > c->out->tolerance) c->out->tolerance = tolerance < 1e-3 ? tolerance : 1e-3;
    c->out->exact = fmax(c->out->exact, (c->error + c->noise) / scale);
    for (size_t i = 0; i < outer; i++)
        for (size_t k = 0; k < (v ? v->count : 1); k++) {
            size_t mate = v ? partner(v, k) : k, width = v ? v->count : 1;
            if (mate == SIZE_MAX) continue;
            double s = symbolic[i * width + k];
            if (mate != k && c->r->convention != SD_COOKBOOK) s += symbolic[i * width + mate];
            record(c, e, i * width + k, s, numeric[i * width + k]);
        }
}

// The compiled answer against the reference evaluator. An answer that is 0 but for rounding has no scale of its own:
// the noise of the differences stands for it.
static void compare_interpreted(checker *c, const sdp_entry *e, const double *compiled, size_t n)
{
    if (n > SDP_MOST_INTERPRETED) return;
    sd_array a = {0};
    sdp_interpret_lenient(c->g, 1, &e->node, &c->s, c->p.size, (const double *const *)c->p.in, &a);
    double scale = largest(a.data, n), worst = 0;
    for (size_t i = 0; i < n; i++) worst = isfinite(a.data[i]) ? fmax(worst, fabs(a.data[i] - compiled[i])) : INFINITY;
    sdp_release(&c->g->base, a.data);
    double error = worst / (scale > 0 ? scale : 1);
    if (worst <= 1e-8 * scale + c->noise || error <= c->excess) return;
    c->excess = c->out->worst = error;
    snprintf(c->out->detail, sizeof c->out->detail, "%s: compiled code and reference evaluator differ",
             e->label && *e->label ? e->label : "the answer");
}

static double spread(const checker *c, sdp_id id, double *size) { return sdp_point_spread(c->g, &c->s, &c->p, id, size); }

// Is the answer 0 but for rounding, by itself and by differences of `base`? Such numbers have no scale to compare them on.
static bool is_rounding(checker *c, const sdp_entry *e, sdp_id base, double weight)
{
    double size = c->scale, other = 0;
    if (size > 1e-6) return false;
    double limit = spread(c, e->node, &size) + weight * spread(c, base, &other) / c->step;
    if (!isfinite(limit) || size > limit) return false;
    c->rounding = fmax(c->rounding, size);
    return true;
}

// One answer that is d base / d v.
static bool check_plain(checker *c, const sdp_entry *e, sdp_id base, uint32_t var)
{
    variable v = variable_of(c, var);
    double *symbolic = values_at_point(c, e->node);
    c->error = c->noise = 0, c->step = 1;
    double *numeric = symbolic ? numerical(c, base, &v) : NULL;
    size_t outer = count_of(c, base), n = outer * v.count;
    if (!numeric || !all_finite(symbolic, n)) return false;
    c->scale = fmax(largest(symbolic, n), largest(numeric, n));
    if (is_rounding(c, e, base, 1)) return true;
    compare_entry(c, e, outer, &v, symbolic, numeric);
    compare_interpreted(c, e, symbolic, n);
    return true;
}

// An answer that is contracted: sum_j J_j d_j (JVP, HVP; base is what is differentiated), or cotangent * J (VJP).
static bool check_along(checker *c, const sdp_entry *e, sdp_id base, uint32_t from, uint32_t to)
{
    const sdp_check_request *q = c->q;
    size_t outer = count_of(c, base), n = count_of(c, e->node);
    double *symbolic = values_at_point(c, e->node), *sum = sdp_scratch(&c->g->base, (n + 1) * sizeof *sum);
    variable v;
    double weight = 0;
    c->error = c->noise = 0, c->step = 1;
    for (uint32_t j = from; j < to && symbolic; j++) {
        v = variable_of(c, q->wrt[j]);
        double *jacobian = numerical(c, base, &v), *along = values_at_point(c, q->direction[q->cotangent ? 0 : j]);
        if (!jacobian || !along) return false;
        for (size_t i = 0; i < outer; i++)
            for (size_t k = 0; k < v.count; k++)
                sum[q->cotangent ? k : i] += jacobian[i * v.count + k] * along[q->cotangent ? i : k];
        for (size_t k = 0, width = q->cotangent ? outer : v.count; k < width; k++) weight += fabs(along[k]);
    }
    if (!symbolic || !all_finite(symbolic, n)) return false;
    c->scale = fmax(largest(symbolic, n), largest(sum, n));
    if (is_rounding(c, e, base, weight)) return true;
    if (q->cotangent) compare_entry(c, e, 1, &v, symbolic, sum);
    else compare_entry(c, e, n, NULL, symbolic, sum);
    compare_interpreted(c, e, symbolic, n);
    return true;
}

// ---- the request --------------------------------------------------------------------------------------------------------
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
    for (uint32_t i = 0; ok && q->order > 1 && i < q->nwrt; i++) // the lower derivative itself, against plain values
        if (q->order == 2 && !q->repeated)
            ok = check_plain(c, &(sdp_entry){.label = "the first derivative", .node = base[i]}, q->value, q->wrt[i]);
    for (size_t k = 0; ok && k < c->r->n; k++) {
        const sdp_entry *e = &c->r->entry[k];
        uint32_t i = 0, j = 0;
        for (uint32_t w = 0; w < q->nwrt; w++) {
            const char *name = c->g->var[q->wrt[w]].name;
            if (e->row && !strcmp(name, e->row)) i = w;
            if (e->column && !strcmp(name, e->column)) j = w;
        }
        if (q->along || q->cotangent)
            ok = check_along(c, e, base[i], q->cotangent ? i : 0, q->cotangent ? i + 1 : q->nwrt);
        else if (q->order == 1)
            ok = check_plain(c, e, q->value, q->wrt[i]);
        else
            ok = check_plain(c, e, base[i], q->wrt[q->nwrt > 1 ? j : 0]);
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

// The answers as they are computed, with the twins of curved variables, by which the value was differentiated, so that they move alone.
static const struct sd_result *with_twins(sdp_graph *g, const struct sd_result *r)
{
    struct sd_result *t = sdp_scratch(&g->base, sizeof *t);
    *t = *r;
    t->entry = sdp_scratch(&g->base, (r->n + 1) * sizeof *t->entry);
    sdp_copy(t->entry, r->entry, r->n * sizeof *t->entry);
    sdp_id *node = sdp_scratch(&g->base, (r->n + 1) * sizeof *node);
    for (size_t k = 0; k < r->n; k++) node[k] = r->entry[k].exact;
    sdp_with_twins(g, (uint32_t)r->n, node, r->nwrt, r->wrt);
    for (size_t k = 0; k < r->n; k++) t->entry[k].node = node[k];
    return t;
}

// Does rounding move the value so much that differences of it say nothing? The inverse of a matrix that is singular but for rounding.
static bool ill_conditioned(checker *c)
{
    double size = 0, most = spread(c, c->q->value, &size);
    return !(most <= 1e-7 * size);
}

// The verdict at one point; false if it does not count, for a reason.
static bool check_point(checker *c, const sdp_id *base, int kind)
{
    *c->out = (sd_check_report){.tolerance = 1e-7, .points = 1};
    c->excess = c->rounding = 0;
    sdp_point_draw(c->g, &c->s, c->q, kind, &c->p);
    if (!values_at_point(c, c->q->value)) return false;
    c->reason = "its neighbours have no value";
    if (!(c->doubtful && ill_conditioned(c))) {
        if (!check_all(c, base)) return false;
        if (c->excess <= c->out->tolerance || !ill_conditioned(c)) return true;
    }
    c->doubtful = true;
    c->reason = "rounding alone changes the value";
    return false;
}

static bool is_given(const checker *c)
{
    for (uint32_t i = 0; i < c->s.ninputs; i++)
        if (!c->q->data || !sd_data_get(c->q->data, c->g->var[c->s.input[i]].name)) return false;
    return true;
}

// Goes through points until one counts: numbers of every kind, sizes the other way round, larger sizes, which an index may need.
static bool find_point(checker *c, const sdp_id *base)
{
    enum { TURNS = 4 };
    sdp_check_request q = *c->q;
    bool given = is_given(c), found = false;
    c->reason = "no sizes fit all indices";
    for (long smallest = 2; smallest <= 32 && !found; smallest *= 2)
        for (q.turn = 0; q.turn < TURNS && !found; q.turn++) {
            sdp_mark m = sdp_scratch_mark(&c->g->base);
            c->p = sdp_point_sizes(c->g, &c->s, &q, smallest);
            bool fit = given || sdp_indices_fit(c->g, 1, &q.value, c->p.size);
            for (int kind = 0; fit && kind <= SDP_POINT_KINDS + SDP_POINT_SCALES && !found; kind++) found = check_point(c, base, kind);
            sdp_scratch_release(&c->g->base, m);
        }
    if (found) return true;
    *c->out = (sd_check_report){.worst = INFINITY};
    snprintf(c->out->detail, sizeof c->out->detail, "%s: %s",
             given ? "the point given is outside the domain" : "no point was found where the value and its derivative exist", c->reason);
    return false;
}

void sdp_check(sdp_graph *g, const struct sd_result *r, const sdp_check_request *q, sd_check_report *out)
{
    sdp_mark mark = sdp_scratch_mark(&g->base);
    r = with_twins(g, r);
    sdp_id *base = lower_derivatives(g, q, r->convention);
    checker c = {.g = g, .q = q, .r = r, .out = out};
    c.s = signature_of_all(g, r, q, base);
    bool ok = find_point(&c, base);
    out->ok = ok && c.excess <= out->tolerance;
    if (out->ok) *out->detail = 0;
    if (out->ok && c.rounding > 0) snprintf(out->detail, sizeof out->detail, "an answer is 0 but for rounding: %s at most", sdp_decimal_of(c.rounding, 2).s);
    sdp_study_point(g, r, q, base, out);
    sdp_scratch_release(&g->base, mark);
}
