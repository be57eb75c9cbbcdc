// SPDX-License-Identifier: MIT
// Is the expression differentiable at a point, and if not, which direction shows it?
//
// Along a direction d the difference quotients q(h) = (f(x + h d) - f(x)) / h are followed to small h. Their limit is found by
// Richardson's extrapolation (q has a series in h) or, where that does not settle, by Aitken's (q = limit + c h^a with any a).
// First come the directions of the variables' entries, both ways: one-sided derivatives. Then mixtures of them: where f is
// differentiable with derivative J, every direction d gives J d, and so does every curve that starts in it. The classic that has
// both partial derivatives and is not even continuous, x*y/(x^2+y^2) at the origin, is found along (1,1); x^3*y/(x^4+y^2) has all
// directional derivatives, and is found along the parabola (t,t^2).
//
// Entries of a structured variable move as they may: both mirror images together, those of a triangle alone.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "runtime.h"

static const double TOLERANCE = 1e-5;
enum { STEPS = 11, MOST_ENTRIES = 100, MOST_VALUES = 2000 };

typedef enum { EXISTS, GROWS, NO_LIMIT, NO_VALUE } fate;
typedef struct { fate fate; double value, error, last, h; } limit; // last: the quotient for the smallest h

typedef struct {
    sdp_graph *g;
    const sdp_check_request *q;
    const sdp_signature *s;
    const sdp_point *p;
    size_t nvalues, nentries;
    double *f0, *jacobian;       // [nvalues], [nvalues * nentries]
    double **entry, **mate;      // where each entry lies in the point, and what moves with it (perhaps itself)
    const char **name;           // "x", "t[2]"
    double *direction, *bend;    // [nentries]: x + h*direction + h^2*bend
    double *along;               // [nvalues]
    bool wrong;                  // a derivative exists, and is not the answer
    limit *limit;                // [nvalues], of the last direction
    sd_check_report *out;
    size_t used;                 // of out->note
    bool cut;                    // there is more to say than fits
    double worst;                // error of the answer where limits exist, relative
    const char *of;              // " of d/dx" if derivatives of a derivative are studied
} study;

__attribute__((format(printf, 2, 3))) static void say(study *k, const char *fmt, ...)
{
    size_t room = sizeof k->out->note;
    va_list ap;
    va_start(ap, fmt);
    int n = k->used + 1 < room ? vsnprintf(k->out->note + k->used, room - k->used, fmt, ap) : 0;
    va_end(ap);
    k->used = k->used + (size_t)n < room ? k->used + (size_t)n : room - 1;
}

// ---- limits -----------------------------------------------------------------------------------------------------------
static bool evaluate(study *k, double *out)
{
    sd_array a = {0};
    sdp_interpret_lenient(k->g, 1, &k->q->value, k->s, k->p->size, (const double *const *)k->p->in, &a);
    memcpy(out, a.data, k->nvalues * sizeof *out);
    sdp_release(&k->g->base, a.data);
    for (size_t i = 0; i < k->nvalues; i++)
        if (!isfinite(out[i])) return false;
    return true;
}

// Richardson: the best entry of the table for a series in h, h halved from step to step.
static void extrapolate(const double *q, double *value, double *error)
{
    double row[STEPS];
    memcpy(row, q, sizeof row);
    *value = q[STEPS - 1];
    *error = INFINITY;
    double factor = 2;
    for (int level = 1; level < STEPS; level++, factor *= 2) {
        for (int i = STEPS - 1; i >= level; i--) {
            double better = row[i] + (row[i] - row[i - 1]) / (factor - 1);
            double e = fmax(fabs(better - row[i]), fabs(better - row[i - 1]));
            if (e < *error) *error = e, *value = better;
            row[i] = better;
        }
    }
}

static double aitken(const double *q)
{
    double a = q[1] - q[0], b = q[2] - q[1];
    return fabs(a - b) > 0 ? q[2] - b * b / (b - a) : q[2];
}

static limit limit_of(const double *q, double h)
{
    limit l = {.last = q[STEPS - 1], .h = h};
    extrapolate(q, &l.value, &l.error);
    if (l.error <= 1e-6 * (1 + fabs(l.value))) return l;
    double first = aitken(q + STEPS - 4), second = aitken(q + STEPS - 3);
    double a = fabs(q[STEPS - 2] - q[STEPS - 3]), b = fabs(q[STEPS - 1] - q[STEPS - 2]);
    if (b < 0.9 * a && fabs(first - second) <= 1e-4 * (1 + fabs(second))) {
        l.value = second, l.error = fabs(first - second) / 4;
        return l;
    }
    double low = q[STEPS - 1], high = low; // no series, but confined: x^2*sin(1/x)
    for (int i = STEPS - 4; i < STEPS; i++) low = fmin(low, q[i]), high = fmax(high, q[i]);
    if (high - low <= 1e-4 * (1 + fabs(high))) {
        l.value = q[STEPS - 1], l.error = high - low;
        return l;
    }
    bool grows = true;
    for (int i = STEPS - 5; i < STEPS; i++) grows &= fabs(q[i]) > 1.15 * fabs(q[i - 1]);
    l.fate = grows ? GROWS : NO_LIMIT;
    return l;
}

// The quotients of all values along sign * direction, the entries moving by at most `step` at first; false: no value somewhere.
static bool quotients(study *k, double sign, double step, const double *keep, double *q, double *h)
{
    sdp_base *b = &k->g->base;
    double *f = sdp_scratch(b, k->nvalues * sizeof *f), longest = 0;
    bool ok = true;
    for (size_t e = 0; e < k->nentries; e++) longest = fmax(longest, fabs(k->direction[e]));
    for (int i = 0; i < STEPS && ok; i++) {
        *h = step / longest / (double)(1 << i);
        for (size_t e = 0; e < k->nentries; e++) *k->entry[e] = *k->mate[e] = keep[e] + sign * *h * k->direction[e] + *h * *h * k->bend[e];
        ok = evaluate(k, f);
        for (size_t v = 0; v < k->nvalues; v++) q[v * STEPS + (size_t)i] = (f[v] - k->f0[v]) / (sign * *h);
    }
    for (size_t e = 0; e < k->nentries; e++) *k->entry[e] = *k->mate[e] = keep[e];
    return ok;
}

// Limits of the quotients of all values along sign * direction; of the signed quotient, so that both signs agree where f is smooth.
// Where the first steps leave the domain or cross a kink nearby, shorter ones tell whether it is at the point.
static void follow(study *k, double sign)
{
    sdp_base *b = &k->g->base;
    sdp_mark m = sdp_scratch_mark(b);
    double *keep = sdp_scratch(b, k->nentries * sizeof *keep), *q = sdp_scratch(b, k->nvalues * STEPS * sizeof *q), scale = 0.25, h = 0;
    for (size_t e = 0; e < k->nentries; e++) keep[e] = *k->entry[e], scale = fmax(scale, fabs(keep[e]));
    bool settled = false, first = true;
    for (double step = scale / 32; !settled && step > scale / 1e6; step /= 64, first = false) {
        bool ok = settled = quotients(k, sign, step, keep, q, &h);
        for (size_t i = 0; i < k->nvalues; i++) {
            limit l = ok ? limit_of(q + i * STEPS, h) : (limit){.fate = NO_VALUE};
            if (!first) l.error = fmax(l.error, fabs(q[i * STEPS + STEPS - 1] - q[i * STEPS + STEPS - 4]));
            if (first || l.fate == EXISTS || k->limit[i].fate == NO_VALUE) k->limit[i] = l;
            settled &= l.fate == EXISTS;
        }
    }
    sdp_scratch_release(b, m);
}

// ---- what is found -------------------------------------------------------------------------------------------------------
static void say_limit(study *k, const limit *l)
{
    double shown = fabs(l->value) < 1e-9 ? 0 : l->value;
    switch (l->fate) {
    case EXISTS: say(k, "%.6g", shown); break;
    case GROWS: say(k, "grows without bound (%.2g over h = %.1g)", l->last, l->h); break;
    case NO_LIMIT: say(k, "no limit (%.3g over h = %.1g)", l->last, l->h); break;
    case NO_VALUE: say(k, "no value"); break;
    }
}

static bool agree(study *k, const limit *l, double value, double scale)
{
    double error = fabs(l->value - value);
    if (l->fate != EXISTS || !(error <= TOLERANCE * scale + 4 * l->error)) return false;
    k->worst = fmax(k->worst, fmax(0, error - 4 * l->error) / scale);
    return true;
}

static void say_number(study *k, const char *before, double x)
{
    if (isfinite(x)) say(k, "%s%.6g\n", before, fabs(x) < 1e-12 ? 0 : x);
    else say(k, "%sno number\n", before);
}

static double scale_of(const study *k, double other)
{
    double m = fmax(1e-3, fabs(other));
    for (size_t i = 0; i < k->nvalues * k->nentries; i++) m = fmax(m, fabs(k->jacobian[i]));
    return m;
}

static void say_partial(study *k, size_t value, size_t e)
{
    if (k->nvalues > 1) say(k, "  d/d%s of entry %zu%s", k->name[e], value + 1, k->of);
    else say(k, "  d/d%s%s", k->name[e], k->of);
}

static void say_partials_exist(study *k)
{
    say(k, k->nentries == 2 ? "  both partial derivatives exist" : "  all partial derivatives exist");
    for (size_t e = 0; e < k->nentries && k->nvalues == 1 && k->nentries <= 6; e++)
        say(k, "%sd/d%s = %.6g", e ? ", " : ": ", k->name[e], k->jacobian[e] + 0.0); // 0, not -0
    say(k, "\n");
}

static bool say_sides(study *k, size_t value, size_t e, const limit *left, const limit *right, double answer)
{
    if (k->used + 250 > sizeof k->out->note) { // room for one more line is kept
        if (!k->cut) say(k, "  and others\n");
        return k->cut = true;
    }
    say_partial(k, value, e);
    say(k, ": from the left ");
    say_limit(k, left);
    say(k, ", from the right ");
    say_limit(k, right);
    say_number(k, "; the answer is ", answer);
    return true;
}

// The derivative by entry e from both sides. False: there is none, which is told. One that is not the answer takes its place.
static bool both_sides(study *k, size_t e)
{
    memset(k->direction, 0, k->nentries * sizeof *k->direction);
    k->direction[e] = 1;
    limit *left = sdp_scratch(&k->g->base, k->nvalues * sizeof *left);
    follow(k, -1);
    memcpy(left, k->limit, k->nvalues * sizeof *left);
    follow(k, 1);
    for (size_t i = 0; i < k->nvalues; i++) {
        const limit *right = &k->limit[i];
        double *answer = &k->jacobian[i * k->nentries + e], scale = scale_of(k, right->fate == EXISTS ? right->value : 0);
        if (agree(k, &left[i], *answer, scale) && agree(k, right, *answer, scale)) continue;
        say_sides(k, i, e, &left[i], right, *answer);
        bool exists = right->fate == EXISTS && left[i].fate == EXISTS && fabs(left[i].value - right->value) <= TOLERANCE * scale + 4 * (left[i].error + right->error);
        if (!exists) return false;
        *answer = right->value;
        k->wrong = true;
    }
    return true;
}

// The direction stands in the study. False: the derivative along it is not J d.
static bool is_linear_along(study *k)
{
    for (size_t i = 0; i < k->nvalues; i++) {
        k->along[i] = 0;
        for (size_t e = 0; e < k->nentries; e++) k->along[i] += k->jacobian[i * k->nentries + e] * k->direction[e];
    }
    follow(k, 1);
    for (size_t i = 0; i < k->nvalues; i++) {
        if (agree(k, &k->limit[i], k->along[i], scale_of(k, k->along[i]))) continue;
        bool bent = false;
        for (size_t e = 0; e < k->nentries; e++) bent |= k->bend[e] != 0;
        say(k, bent ? "  along the curve (" : "  along (");
        for (size_t e = 0; e < k->nentries; e++) {
            if (bent) say(k, "%s%s", e ? "," : "", k->bend[e] != 0 ? "t^2" : k->direction[e] != 0 ? "t" : "0");
            else say(k, "%s%.3g", e ? "," : "", k->direction[e]);
        }
        say(k, "): ");
        say_limit(k, &k->limit[i]);
        say_number(k, "; the answer gives ", k->along[i]);
        return false;
    }
    return true;
}

// The parabolas (t,t^2) of all pairs of entries.
static bool curves_agree(study *k)
{
    bool ok = true;
    for (size_t i = 0; i < k->nentries && k->nentries <= 8; i++)
        for (size_t j = 0; j < k->nentries && ok; j++) {
            if (i == j) continue;
            memset(k->direction, 0, k->nentries * sizeof *k->direction);
            k->direction[i] = k->bend[j] = 1;
            ok = is_linear_along(k);
            k->bend[j] = 0;
        }
    return ok;
}

// (1,1,..), then e_i + e_j and e_i - e_j, then (1,2,3,..)
static bool mixtures_agree(study *k)
{
    size_t n = k->nentries;
    for (size_t e = 0; e < n; e++) k->direction[e] = 1;
    if (!is_linear_along(k)) return false;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n && n <= 8; j++)
            for (int sign = -1; sign <= 1; sign += 2) {
                memset(k->direction, 0, n * sizeof *k->direction);
                k->direction[i] = 1, k->direction[j] = sign;
                if (!is_linear_along(k)) return false;
            }
    for (size_t e = 0; e < n; e++) k->direction[e] = e % 2 ? -1 - (double)e : 1 + (double)e;
    return is_linear_along(k) && curves_agree(k);
}

// ---- the study ------------------------------------------------------------------------------------------------------------
static void name_entry(study *k, size_t e, uint32_t var, size_t at)
{
    sdp_graph *g = k->g;
    const sdp_node *n = sdp_get(g, g->var[var].node);
    const char *name = g->var[var].name;
    long cols = n->order == 2 ? sdp_size_at(g, n->dim[1], k->p->size) : 1;
    if (!n->order) k->name[e] = name;
    else if (n->order == 1) k->name[e] = sdp_printf(&g->base, "%s[%zu]", name, at + 1);
    else k->name[e] = sdp_printf(&g->base, "%s[%zu,%zu]", name, at / (size_t)cols + 1, at % (size_t)cols + 1);
}

static size_t mate_of(const study *k, uint32_t var, size_t e)
{
    const sdp_node *n = sdp_get(k->g, k->g->var[var].node);
    return sdp_moves_with(k->g->var[var].facts, n->order == 2 ? (size_t)sdp_size_at(k->g, n->dim[1], k->p->size) : 0, e);
}

// The answer's derivatives by the entries of the w-th variable, from column `at` on.
static void read_columns(study *k, const struct sd_result *r, uint32_t w, size_t at)
{
    sd_array a = {0};
    sdp_interpret_lenient(k->g, 1, &r->entry[w].node, k->s, k->p->size, (const double *const *)k->p->in, &a);
    size_t total = 1, column = at;
    for (int i = 0; i < a.order; i++) total *= a.dim[i];
    size_t width = total / k->nvalues;
    for (size_t e = 0; e < width; e++) {
        size_t mate = mate_of(k, k->q->wrt[w], e);
        if (mate == SIZE_MAX) continue;
        for (size_t i = 0; i < k->nvalues; i++) {
            double *to = &k->jacobian[i * k->nentries + column];
            *to = a.data[i * width + e];
            if (mate != e && r->convention != SD_COOKBOOK) *to += a.data[i * width + mate];
        }
        column++;
    }
    sdp_release(&k->g->base, a.data);
}

// Entries of the variables and the answer's columns; false if there are too many.
static bool prepare(study *k, const struct sd_result *r)
{
    sdp_base *b = &k->g->base;
    const sdp_check_request *q = k->q;
    size_t at[MOST_ENTRIES + 1] = {0}, most = MOST_ENTRIES;
    k->entry = sdp_scratch(b, most * sizeof *k->entry), k->mate = sdp_scratch(b, most * sizeof *k->mate);
    k->name = sdp_scratch(b, most * sizeof *k->name);
    if (r->n != q->nwrt || q->nwrt > most) return false;
    for (uint32_t w = 0; w < q->nwrt; w++) {
        uint32_t i = 0;
        while (i < k->s->ninputs && k->s->input[i] != q->wrt[w]) i++;
        if (i == k->s->ninputs || k->nentries + k->p->count[i] > most) return false;
        at[w] = k->nentries;
        for (size_t e = 0; e < k->p->count[i]; e++) {
            size_t mate = mate_of(k, q->wrt[w], e);
            if (mate == SIZE_MAX) continue;
            k->entry[k->nentries] = &k->p->in[i][e];
            k->mate[k->nentries] = &k->p->in[i][mate];
            name_entry(k, k->nentries++, q->wrt[w], e);
        }
    }
    const sdp_node *v = sdp_get(k->g, q->value);
    k->nvalues = 1;
    for (uint32_t a = 0; a < v->order; a++) k->nvalues *= (size_t)sdp_size_at(k->g, v->dim[a], k->p->size);
    if (k->nvalues * k->nentries > MOST_VALUES) return false;
    k->f0 = sdp_scratch(b, k->nvalues * sizeof *k->f0), k->along = sdp_scratch(b, k->nvalues * sizeof *k->along);
    k->limit = sdp_scratch(b, k->nvalues * sizeof *k->limit), k->direction = sdp_scratch(b, k->nentries * sizeof *k->direction);
    k->bend = sdp_scratch(b, k->nentries * sizeof *k->bend);
    k->jacobian = sdp_scratch(b, k->nvalues * k->nentries * sizeof *k->jacobian);
    for (uint32_t w = 0; w < q->nwrt; w++) read_columns(k, r, w, at[w]);
    return true;
}

static bool all_given(const study *k)
{
    for (uint32_t i = 0; i < k->s->ninputs; i++)
        if (!sd_data_get(k->q->data, k->g->var[k->s->input[i]].name)) return false;
    return true;
}

// Is the answer the derivative?
static bool decide(study *k)
{
    sd_check_report *out = k->out;
    bool partials = true, smooth;
    for (size_t e = 0; e < k->nentries; e++) partials &= both_sides(k, e);
    size_t told = k->used;
    if (partials && k->nentries > 1) say_partials_exist(k);
    smooth = partials && (k->nentries < 2 || mixtures_agree(k));
    if (smooth) memset(out->note + (k->wrong ? told : 0), 0, sizeof out->note - (k->wrong ? told : 0));
    out->not_differentiable = !smooth;
    out->has_partials = partials && !smooth;
    if (!smooth || k->wrong) out->ok = 0;
    return smooth && !k->wrong;
}

// The answers r, first derivatives of q->value. False: they are not its derivatives, which is told, or nothing was studied.
static bool study_derivative(sdp_graph *g, const struct sd_result *r, const sdp_check_request *q, const char *of, double *worst, sd_check_report *out)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_id *id = sdp_scratch(&g->base, (r->n + q->nwrt + (size_t)1) * sizeof *id);
    uint32_t n = 0;
    id[n++] = q->value;
    for (size_t i = 0; i < r->n; i++) id[n++] = r->entry[i].node;
    for (uint32_t i = 0; i < q->nwrt; i++) id[n++] = g->var[q->wrt[i]].node;
    sdp_signature s = sdp_signature_of(g, n, id, NULL);
    study k = {.g = g, .q = q, .s = &s, .out = out, .of = of};
    bool ok = false;
    if (all_given(&k)) {
        sdp_point p = sdp_point_sizes(g, &s, q, 2);
        sdp_point_draw(g, &s, q, 0, &p);
        k.p = &p;
        ok = prepare(&k, r) && evaluate(&k, k.f0) && decide(&k);
        *worst = fmax(*worst, k.worst);
    }
    sdp_scratch_release(&g->base, m);
    return ok;
}

// Second derivatives: the first ones, then what is differentiated of each of them.
static bool study_second(sdp_graph *g, const struct sd_result *r, const sdp_check_request *q, const sdp_id *base, double *worst, sd_check_report *out)
{
    struct sd_result part = *r;
    sdp_check_request plain = *q;
    if (r->n != (size_t)q->nwrt * q->nwrt) return false;
    sdp_entry *entry = sdp_scratch(&g->base, (q->nwrt + (size_t)1) * sizeof *entry);
    for (uint32_t i = 0; i < q->nwrt; i++) entry[i].node = base[i];
    part.entry = entry, part.n = q->nwrt;
    bool ok = study_derivative(g, &part, &plain, "", worst, out);
    for (uint32_t i = 0; ok && i < q->nwrt; i++) {
        plain.value = base[i];
        part.entry = r->entry + (size_t)i * q->nwrt;
        ok = study_derivative(g, &part, &plain, sdp_printf(&g->base, " of d/d%s", g->var[q->wrt[i]].name), worst, out);
    }
    return ok;
}

void sdp_study_point(sdp_graph *g, const struct sd_result *r, const sdp_check_request *q, const sdp_id *base, sd_check_report *out)
{
    const sdp_condition *condition; // what is smooth by construction is not doubted because of its scale
    if (!q->data || q->order > 2 || q->along || q->cotangent) return;
    if (!sdp_conditions(g, r, &condition) && (q->order == 1 || out->ok)) return;
    double worst = 0;
    bool ok = q->order == 1 ? study_derivative(g, r, q, "", &worst, out) : study_second(g, r, q, base, &worst, out);
    // If the differences across a kink of a higher derivative were inaccurate, the limits from both sides count.
    bool better = ok && out->points && !out->ok && worst < out->worst && worst <= TOLERANCE;
    if (better) out->ok = 1, out->worst = worst, out->exact = out->tolerance = TOLERANCE, out->detail[0] = 0;
}
