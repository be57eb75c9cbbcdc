// SPDX-License-Identifier: MIT
// Is the expression differentiable at a point, and if not, which direction shows it?
//
// Along a direction d the difference quotients q(h) = (f(x + h d) - f(x)) / h are followed to small h, for
// their limit (limit.c). First come the directions of the variables' entries, both ways: one-sided
// derivatives. Then mixtures of them: where f is differentiable with derivative J, every direction d gives J
// d, and so does every curve that starts in it. The classic that has both partial derivatives and is not even
// continuous, x*y/(x^2+y^2) at the origin, is found along (1,1); x^3*y/(x^4+y^2) has all directional
// derivatives, and is found along the parabola (t,t^2).
//
// Entries of a structured variable move as they may: both mirror images together, those of a triangle alone.
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "runtime/check/check.h"

enum { STEPS = SDP_LIM_STEPS, MOST_ENTRIES = SDP_MOST_STUDIED, MOST_VALUES = SDP_MOST_STUDIED_VALUES };

typedef sdp_lim limit;

typedef struct {
    sdp_graph *g;
    const sdp_check_request *q;
    const sdp_signature *s;
    const sdp_point *p;
    size_t nvalues, nentries;
    double *f0, *jacobian; // [nvalues], [nvalues * nentries]
    // where each entry lies in the point, and what moves with it (perhaps itself)
    double **entry, **mate;
    const char **name;        // "x", "t[2]"
    double *direction, *bend; // [nentries]: x + h*direction + h^2*bend
    double *along;            // [nvalues]
    bool wrong;               // a derivative exists, and is not the answer
    limit *limit;             // [nvalues], of the last direction
    sd_check_report *out;
    size_t used; // of out->note
    bool cut;    // there is more to say than fits
    // of the entries, 1/4 at least; of the values by rounding, negative: not known yet
    double scale, noise;
    double near;     // steps had to be shorter than this
    double worst;    // error of the answer where limits exist, relative
    const char *of;  // " of d/dx" if derivatives of a derivative are studied
    uint64_t budget; // operations of the reference evaluator
    bool exhausted;  // nothing is known then
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

// ---- limits -----------------------------------------------------------------------------------------------
static bool evaluate(study *k, double *out)
{
    sd_array a = {0};
    k->exhausted |= !sdp_interpret_lenient(k->g, 1, &k->q->value, k->s, k->p->size,
                                           (const double *const *)k->p->in, &k->budget, &a);
    memcpy(out, a.data, k->nvalues * sizeof *out);
    sdp_release(&k->g->base, a.data);
    for (size_t i = 0; i < k->nvalues; i++)
        if (!isfinite(out[i])) return false;
    return true;
}

// The quotients of all values along sign * direction, the entries moving by at most `step` at first; false:
// no value somewhere.
static bool quotients(study *k, double sign, double step, const double *keep, double *q, double *h)
{
    sdp_base *b = &k->g->base;
    double *f = sdp_scratch(b, k->nvalues * sizeof *f), longest = 0;
    bool ok = true;
    for (size_t e = 0; e < k->nentries; e++) longest = fmax(longest, fabs(k->direction[e]));
    for (int i = 0; i < STEPS && ok; i++) {
        *h = step / longest / (double)(1 << i);
        for (size_t e = 0; e < k->nentries; e++)
            *k->entry[e] = *k->mate[e] = keep[e] + sign * *h * k->direction[e] + *h * *h * k->bend[e];
        ok = evaluate(k, f);
        for (size_t v = 0; v < k->nvalues; v++) q[v * STEPS + (size_t)i] = (f[v] - k->f0[v]) / (sign * *h);
    }
    for (size_t e = 0; e < k->nentries; e++) *k->entry[e] = *k->mate[e] = keep[e];
    return ok;
}

static double scale_of(const study *k, double other)
{
    double m = isfinite(other) ? fmax(1e-3, fabs(other)) : 1e-3;
    for (size_t i = 0; i < k->nvalues * k->nentries; i++)
        if (isfinite(k->jacobian[i])) m = fmax(m, fabs(k->jacobian[i]));
    return m;
}

// Do steps of this length and less tell anything? The entries must be able to make them, and rounding of the
// values must not matter.
static bool is_telling(study *k, double step, const double *keep)
{
    double size = 0, most = 0, least = k->scale * 1e-11, shortest = step / (1 << (STEPS - 1));
    for (size_t e = 0; e < k->nentries; e++) {
        if (k->direction[e] == 0 && k->bend[e] == 0) continue;
        most = fmax(most, fabs(keep[e]));
        if (keep[e] != 0) least = fmin(least, fabs(keep[e]));
    }
    if (k->noise < 0) k->noise = sdp_point_spread(k->g, k->s, k->p, k->q->value, &size);
    return step > least / 1000 && shortest > 16 * DBL_EPSILON * most &&
           k->noise <= 1e-6 * shortest * scale_of(k, 0);
}

// Limits of the quotients of all values along sign * direction; of the signed quotient, so that both signs
// agree where f is smooth. Where the first steps leave the domain or cross a kink nearby, so that there is no
// limit or not the one expected (every stride-th number), shorter ones tell whether it is at the point. Steps
// are powers of 2, which the entries make without rounding.
static void follow(study *k, double sign, const double *expected, size_t stride)
{
    sdp_base *b = &k->g->base;
    sdp_mark m = sdp_scratch_mark(b);
    double *keep = sdp_scratch(b, k->nentries * sizeof *keep),
           *q = sdp_scratch(b, k->nvalues * STEPS * sizeof *q), h = 0;
    for (size_t e = 0; e < k->nentries; e++) keep[e] = *k->entry[e], k->scale = fmax(k->scale, fabs(keep[e]));
    bool settled = false, first = true;
    for (double step = ldexp(1, ilogb(k->scale) - 5);
         !settled && (step > k->scale / 1e6 || is_telling(k, step, keep)); step /= 64, first = false) {
        bool ok = settled = quotients(k, sign, step, keep, q, &h);
        for (size_t i = 0; i < k->nvalues; i++) {
            limit l = ok ? sdp_lim_of(q + i * STEPS, h) : (limit){.fate = SDP_NO_VALUE},
                  *known = &k->limit[i];
            double answer = expected[i * stride], size = scale_of(k, answer);
            if (!first && sdp_lim_is_near(known, answer, size)) continue;
            if (!first) l.error = fmax(l.error, fabs(q[i * STEPS + STEPS - 1] - q[i * STEPS + STEPS - 4]));
            bool expects = sdp_lim_is_near(&l, answer, size);
            if (first || expects || known->fate == SDP_NO_VALUE ||
                (l.fate == SDP_EXISTS && known->fate != SDP_EXISTS))
                *known = l;
            settled &= expects;
        }
        if (settled && !first) k->near = fmin(k->near, 64 * step);
    }
    sdp_scratch_release(b, m);
}

// ---- what is found ----------------------------------------------------------------------------------------
static void say_limit(study *k, const limit *l)
{
    double shown = fabs(l->value) < 1e-9 ? 0 : l->value;
    switch (l->fate) {
    case SDP_EXISTS: say(k, "%s", sdp_decimal_of(shown, 6).s); break;
    case SDP_GROWS:
        say(k, "grows without bound (%s over h = %s)", sdp_decimal_of(l->last, 2).s,
            sdp_decimal_of(l->h, 1).s);
        break;
    case SDP_NO_LIMIT:
        say(k, "no limit (%s over h = %s)", sdp_decimal_of(l->last, 3).s, sdp_decimal_of(l->h, 1).s);
        break;
    case SDP_NO_VALUE: say(k, "no value"); break;
    }
}

static bool agree(study *k, const limit *l, double value, double scale)
{
    if (!sdp_lim_is_near(l, value, scale)) return false;
    k->worst = fmax(k->worst, fmax(0, fabs(l->value - value) - 4 * l->error) / scale);
    return true;
}

static void say_number(study *k, const char *before, double x)
{
    if (isfinite(x)) say(k, "%s%s\n", before, sdp_decimal_of(fabs(x) < 1e-12 ? 0 : x, 6).s);
    else say(k, "%sno number\n", before);
}

static void say_partial(study *k, size_t value, size_t e)
{
    if (e == SIZE_MAX) say(k, "  along the direction");
    else say(k, "  d/d%s", k->name[e]);
    if (k->nvalues > 1) say(k, " of entry %zu", value + 1);
    say(k, "%s", k->of);
}

static void say_partials_exist(study *k)
{
    say(k, k->nentries == 2 ? "  both partial derivatives exist" : "  all partial derivatives exist");
    for (size_t e = 0; e < k->nentries && k->nvalues == 1 && k->nentries <= 6; e++)
        // 0, not -0
        say(k, "%sd/d%s = %s", e ? ", " : ": ", k->name[e], sdp_decimal_of(k->jacobian[e] + 0.0, 6).s);
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

// The derivative by entry e from both sides. False: there is none, which is told. One that
// is not the answer takes its place.
static bool both_sides(study *k, size_t e)
{
    memset(k->direction, 0, k->nentries * sizeof *k->direction);
    k->direction[e] = 1;
    limit *left = sdp_scratch(&k->g->base, k->nvalues * sizeof *left);
    follow(k, -1, k->jacobian + e, k->nentries);
    memcpy(left, k->limit, k->nvalues * sizeof *left);
    follow(k, 1, k->jacobian + e, k->nentries);
    for (size_t i = 0; i < k->nvalues; i++) {
        const limit *right = &k->limit[i];
        double *answer = &k->jacobian[i * k->nentries + e],
               scale = scale_of(k, right->fate == SDP_EXISTS ? right->value : 0);
        if (agree(k, &left[i], *answer, scale) && agree(k, right, *answer, scale)) continue;
        say_sides(k, i, e, &left[i], right, *answer);
        if (!sdp_lim_are_one(&left[i], right, scale)) return false;
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
        for (size_t e = 0; e < k->nentries; e++)
            k->along[i] += k->jacobian[i * k->nentries + e] * k->direction[e];
    }
    follow(k, 1, k->along, 1);
    for (size_t i = 0; i < k->nvalues; i++) {
        if (agree(k, &k->limit[i], k->along[i], scale_of(k, k->along[i]))) continue;
        bool bent = false;
        for (size_t e = 0; e < k->nentries; e++) bent |= k->bend[e] != 0;
        say(k, bent ? "  along the curve (" : "  along (");
        for (size_t e = 0; e < k->nentries; e++) {
            if (bent)
                say(k, "%s%s", e ? "," : "", k->bend[e] != 0 ? "t^2" : k->direction[e] != 0 ? "t" : "0");
            else say(k, "%s%s", e ? "," : "", sdp_decimal_of(k->direction[e], 3).s);
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

// ---- the study --------------------------------------------------------------------------------------------
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
    return sdp_moves_with(k->g->var[var].facts,
                          n->order == 2 ? (size_t)sdp_size_at(k->g, n->dim[1], k->p->size) : 0, e);
}

// The answer's derivatives by the entries of the w-th variable, from column `at` on.
static void read_columns(study *k, const struct sd_result *r, uint32_t w, size_t at)
{
    sd_array a = {0};
    sdp_interpret_lenient(k->g, 1, &r->entry[w].node, k->s, k->p->size, (const double *const *)k->p->in,
                          &k->budget, &a);
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

// Entries of the variables, from at[w] on of the w-th; false if there are too many.
static bool prepare(study *k, size_t *at)
{
    sdp_base *b = &k->g->base;
    const sdp_check_request *q = k->q;
    size_t most = MOST_ENTRIES;
    k->entry = sdp_scratch(b, most * sizeof *k->entry), k->mate = sdp_scratch(b, most * sizeof *k->mate);
    k->name = sdp_scratch(b, most * sizeof *k->name);
    if (q->nwrt > most) return false;
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
    k->f0 = sdp_scratch(b, k->nvalues * sizeof *k->f0),
    k->along = sdp_scratch(b, k->nvalues * sizeof *k->along);
    k->limit = sdp_scratch(b, k->nvalues * sizeof *k->limit),
    k->direction = sdp_scratch(b, k->nentries * sizeof *k->direction);
    k->bend = sdp_scratch(b, k->nentries * sizeof *k->bend);
    k->jacobian = sdp_scratch(b, k->nvalues * k->nentries * sizeof *k->jacobian);
    return evaluate(k, k->f0);
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

static sdp_signature signature_of(sdp_graph *g, const sdp_check_request *q, uint32_t nanswers,
                                  const sdp_id *answer)
{
    sdp_id *id = sdp_scratch(&g->base, (nanswers + 2 * (size_t)q->nwrt + 1) * sizeof *id);
    uint32_t n = 1;
    id[0] = q->value;
    for (uint32_t i = 0; i < nanswers; i++) id[n++] = answer[i];
    for (uint32_t i = 0; i < q->nwrt; i++) id[n++] = g->var[q->wrt[i]].node;
    for (uint32_t i = 0; q->along && i < q->nwrt; i++) id[n++] = q->direction[i];
    return sdp_signature_of(g, n, id, NULL);
}

// The direction of the request as that of the entries; false: it leaves the space of a structured variable.
static bool read_direction(study *k, const size_t *at)
{
    sdp_base *b = &k->g->base;
    bool inside = true;
    for (uint32_t w = 0; w < k->q->nwrt; w++) {
        sd_array a = {0};
        sdp_interpret_lenient(k->g, 1, &k->q->direction[w], k->s, k->p->size, (const double *const *)k->p->in,
                              &k->budget, &a);
        size_t total = 1, column = at[w];
        for (int i = 0; i < a.order; i++) total *= a.dim[i];
        double *moved = sdp_scratch(b, total * sizeof *moved);
        for (size_t e = 0; e < total; e++) {
            size_t mate = mate_of(k, k->q->wrt[w], e);
            if (mate != SIZE_MAX) moved[e] = moved[mate] = k->direction[column++] = a.data[e];
        }
        for (size_t e = 0; e < total; e++) inside &= moved[e] == a.data[e];
        sdp_release(b, a.data);
    }
    return inside;
}

// The derivative along the direction from both sides, against the answer.
static bool both_ways(study *k, sdp_id answer)
{
    sdp_base *b = &k->g->base;
    sd_array a = {0};
    limit *left = sdp_scratch(b, k->nvalues * sizeof *left);
    sdp_interpret_lenient(k->g, 1, &answer, k->s, k->p->size, (const double *const *)k->p->in, &k->budget,
                          &a);
    memcpy(k->along, a.data, k->nvalues * sizeof *k->along);
    sdp_release(b, a.data);
    follow(k, -1, k->along, 1);
    memcpy(left, k->limit, k->nvalues * sizeof *left);
    follow(k, 1, k->along, 1);
    bool exists = true;
    for (size_t i = 0; i < k->nvalues && exists; i++) {
        double scale = scale_of(k, k->along[i]);
        const limit *right = &k->limit[i];
        if (agree(k, &left[i], k->along[i], scale) && agree(k, right, k->along[i], scale)) continue;
        exists = sdp_lim_are_one(&left[i], right, scale);
        k->wrong = true;
        say_sides(k, i, SIZE_MAX, &left[i], right, k->along[i]);
    }
    k->out->not_differentiable = !exists;
    if (k->wrong) k->out->ok = 0;
    return !k->wrong;
}

// Opens the study of a request at its point.
static bool open_study(study *k, uint32_t nanswers, const sdp_id *answer, sdp_signature *s, sdp_point *p,
                       size_t *at)
{
    *s = signature_of(k->g, k->q, nanswers, answer);
    k->s = s;
    if (!all_given(k)) return false;
    *p = sdp_point_sizes(k->g, s, k->q, 2);
    sdp_point_draw(k->g, s, k->q, 0, p);
    k->p = p;
    return prepare(k, at);
}

// The answers r, first derivatives of q->value. False: they are not its derivatives, which is told, or
// nothing was studied.
bool sdp_study(sdp_graph *g, const struct sd_result *r, const sdp_check_request *q, const char *of,
               sdp_found *found, sd_check_report *out)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_id *answer = sdp_scratch(&g->base, (r->n + 1) * sizeof *answer);
    size_t at[MOST_ENTRIES + 1] = {0};
    for (size_t i = 0; i < r->n; i++) answer[i] = r->entry[i].node;
    sdp_signature s;
    sdp_point p;
    study k = {.g = g,
               .q = q,
               .out = out,
               .of = of,
               .scale = 0.25,
               .noise = -1,
               .near = found->near,
               .budget = g->base.limit.work};
    sd_check_report before = *out;
    bool ok = r->n == (q->along ? 1 : q->nwrt) && open_study(&k, (uint32_t)r->n, answer, &s, &p, at);
    for (uint32_t w = 0; ok && !q->along && w < q->nwrt; w++) read_columns(&k, r, w, at[w]);
    if (ok && q->along) ok = read_direction(&k, at) && both_ways(&k, answer[0]);
    else if (ok) ok = decide(&k);
    if (k.exhausted) *out = before, ok = false;
    found->worst = fmax(found->worst, k.worst);
    found->near = k.near;
    sdp_scratch_release(&g->base, m);
    return ok;
}
