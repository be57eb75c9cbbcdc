// SPDX-License-Identifier: MIT
// Points that refute: f is not convex if it is larger halfway between two points
// than the mean of its values there.
//
// Random points of the domain are tried, small sizes first and at several scales, the other variables drawn
// as well, for a verdict holds for all their values. What is found is made short: entries become 0 or small
// fractions as long as the points still refute, and the gap stays above 1000 times what rounding does to the
// three values (stochastic arithmetic, sdp_point_spread).
#include <fenv.h>
#include <math.h>
#include <string.h>

#include "judge/judge.h"

// One search has 1/PART_OF_WORK of the limit `work`, a verdict several searches.
enum { ENDS = 2, MARGIN = 1000, MOST_SHORTENED = 60, FARTHEST = 6, SIZES = 5, PART_OF_WORK = 32 };

typedef struct {
    sdp_graph *g;
    sdp_id f;
    double sign;      // 1: looks for f(b) above the mean, -1: below
    uint64_t *budget; // operations of the reference evaluator that are left; NULL: no limit
    bool exhausted;
    sdp_signature s;
    sdp_point p[ENDS + 1]; // a, c, and b halfway
    bool *moves;           // by input
    bool single;           // looks for one point at which sign*f is negative
} search;

// Does the condition hold in every entry?
static bool holds(const sd_array *a)
{
    size_t n = 1;
    for (int k = 0; k < a->order; k++) n *= a->dim[k];
    for (size_t i = 0; i < n; i++)
        if (!(a->data[i] > 0)) return false;
    return true;
}

// The value at a point; NAN outside of the domain, also where the rest of the expression hides it, as
// relu(log(x)) does at -1. And NAN where something on the way is too small for all digits of a double:
// log(exp(x)+exp(y)) at -744 is wrong in the first digit, which random rounding does not show.
static double value(search *w, int k)
{
    fexcept_t before;
    fegetexceptflag(&before, FE_UNDERFLOW);
    feclearexcept(FE_UNDERFLOW);
    sd_array *a = sdp_scratch(&w->g->base, w->s.noutputs * sizeof *a);
    const double *const *in = (const double *const *)w->p[k].in;
    w->exhausted |=
        !sdp_interpret_lenient(w->g, w->s.noutputs, w->s.output, &w->s, w->p[k].size, in, w->budget, a);
    double v = a[0].data[0] + 0.0; // -0 is printed as 0
    if (fetestexcept(FE_UNDERFLOW)) v = NAN;
    fesetexceptflag(&before, FE_UNDERFLOW);
    for (uint32_t i = 1; i < w->s.noutputs; i++)
        if (!holds(&a[i])) v = NAN;
    for (uint32_t i = 0; i < w->s.noutputs; i++) sdp_release(&w->g->base, a[i].data);
    return v;
}

static void halve(search *w)
{
    for (uint32_t i = 0; i < w->s.ninputs; i++)
        for (size_t e = 0; e < w->p[0].count[i]; e++)
            w->p[ENDS].in[i][e] = w->moves[i] ? (w->p[0].in[i][e] + w->p[1].in[i][e]) / 2 : w->p[0].in[i][e];
}

// How far the points are from obeying; 0 if they obey, or if there is no value.
static double gap(search *w)
{
    if (w->single) {
        double v = -w->sign * value(w, 0);
        return isfinite(v) && v > 0 ? v : 0;
    }
    halve(w);
    double a = value(w, 0), c = value(w, 1), b = value(w, ENDS), size = fabs(a) + fabs(b) + fabs(c);
    double over = w->sign * (b - (a / 2 + c / 2));
    return isfinite(size) && size < 1e100 && over > 1e-9 * size ? over : 0;
}

static bool is_beyond_rounding(search *w, double over)
{
    double spread = 0, size = 0;
    for (int k = 0; k <= (w->single ? 0 : ENDS); k++)
        spread += sdp_point_spread(w->g, &w->s, &w->p[k], w->f, &size);
    return over > MARGIN * spread;
}

static bool refutes(search *w)
{
    double over = gap(w);
    return over > 0 && is_beyond_rounding(w, over);
}

// ---- shorter numbers --------------------------------------------------------------------------------------
static const uint32_t exact = SDP_ORTHOGONAL | SDP_UNIT | SDP_SIMPLEX | SDP_ONEHOT | SDP_POSDEF | SDP_PSD;

static void try_number(search *w, int k, uint32_t i, size_t e, double x)
{
    const sdp_variable *v = &w->g->var[w->s.input[i]];
    double *at[] = {&w->p[k].in[i][e], w->moves[i] ? NULL : &w->p[1 - k].in[i][e]}, old = *at[0];
    const sdp_node *n = sdp_get(w->g, v->node);
    long cols = n->order == 2 ? sdp_size_at(w->g, n->dim[1], w->p[k].size) : 1;
    size_t twin =
        n->order == 2 && (v->facts & SDP_SYMMETRIC) ? e % (size_t)cols * (size_t)cols + e / (size_t)cols : e;
    if (x == old || ((v->facts & SDP_POSITIVE) && x <= 0) || ((v->facts & SDP_NONNEG) && x < 0)) return;
    *at[0] = w->p[k].in[i][twin] = x;
    if (at[1]) *at[1] = x;
    if (refutes(w)) return;
    *at[0] = w->p[k].in[i][twin] = old;
    if (at[1]) *at[1] = old;
}

static void shorten(search *w)
{
    size_t total = 0;
    for (uint32_t i = 0; i < w->s.ninputs; i++) total += w->p[0].count[i];
    for (uint32_t i = 0; i < w->s.ninputs && total <= MOST_SHORTENED; i++) {
        if (w->g->var[w->s.input[i]].facts & exact) continue;
        for (int k = 0; k < (w->moves[i] ? ENDS : 1); k++)
            for (size_t e = 0; e < w->p[k].count[i]; e++) {
                double x = w->p[k].in[i][e];
                // of a small number two digits, then one
                double ten = fabs(x) < 0.05 && x != 0 ? pow(10, 1 - floor(log10(fabs(x)))) : 0;
                const double candidates[] = {ten > 0 ? round(x * ten) / ten : x,
                                             ten > 0 ? round(x * ten / 10) / (ten / 10) : x,
                                             round(x * 100) / 100,
                                             round(x * 10) / 10,
                                             round(x * 2) / 2,
                                             round(x),
                                             x > 0 ? 1 : -1,
                                             0};
                for (size_t t = 0; t < sizeof candidates / sizeof *candidates; t++)
                    try_number(w, k, i, e, candidates[t]);
            }
    }
    halve(w);
}

// ---- words ------------------------------------------------------------------------------------------------
static void put_inputs(search *w, int k, bool moving, sdp_text *t)
{
    bool any = false;
    for (uint32_t i = 0; i < w->s.ninputs; i++) {
        if (w->moves[i] != moving) continue;
        const sdp_node *n = sdp_get(w->g, w->g->var[w->s.input[i]].node);
        sd_array a = {.order = n->order, .data = w->p[k].in[i]};
        for (int d = 0; d < n->order; d++) a.dim[d] = (size_t)sdp_size_at(w->g, n->dim[d], w->p[k].size);
        // of a hidden variable, what it stands for
        char *name = sdp_node_text(w->g, w->g->var[w->s.input[i]].node);
        sdp_putf(t, "%s%s=", any ? ", " : "", name);
        sdp_release(&w->g->base, name);
        sdp_put_array(t, &a, SD_MATLAB);
        any = true;
    }
}

// {"x": 1, "A": [[1, 2]]}: all values of a point, as --data takes them
static void put_point(search *w, int k, sdp_text *t)
{
    sdp_put(t, "{");
    for (uint32_t i = 0; i < w->s.ninputs; i++) {
        const sdp_node *n = sdp_get(w->g, w->g->var[w->s.input[i]].node);
        sd_array a = {.order = n->order, .data = w->p[k].in[i]};
        for (int d = 0; d < n->order; d++) a.dim[d] = (size_t)sdp_size_at(w->g, n->dim[d], w->p[k].size);
        sdp_putf(t, "%s\"%s\": ", i ? ", " : "", sdp_shown_name(w->g, w->s.input[i]));
        sdp_put_array(t, &a, SD_JSON);
    }
    sdp_put(t, "}");
}

static const char *numbers_of(search *w, int points, const char *refutes)
{
    sdp_text t;
    static const int order[] = {0, ENDS, 1};
    sdp_text_init(&t, &w->g->base);
    sdp_putf(&t, "{\"refutes\": \"%s\", \"points\": [", refutes);
    for (int k = 0; k < points; k++) {
        if (k) sdp_put(&t, ", ");
        put_point(w, order[k], &t);
    }
    sdp_put(&t, "], \"values\": [");
    for (int k = 0; k < points; k++)
        sdp_putf(&t, "%s%s", k ? ", " : "", sdp_decimal_of(value(w, order[k]), 17).s);
    sdp_put(&t, "]}");
    const char *text = sdp_strndup(&w->g->base, t.s, t.n);
    sdp_text_free(&t);
    return text;
}

static void put_value(search *w, sdp_witness *out)
{
    sdp_text t;
    bool parameters = false;
    for (uint32_t i = 0; i < w->s.ninputs; i++) parameters |= !w->moves[i];
    sdp_text_init(&t, &w->g->base);
    sdp_putf(&t, "%s at ", sdp_decimal_of(value(w, 0), 12).s);
    put_inputs(w, 0, true, &t);
    if (parameters) {
        sdp_put(&t, ", with ");
        put_inputs(w, 0, false, &t);
    }
    *out = (sdp_witness){.found = true,
                         .text = t.s,
                         .numbers = numbers_of(w, 1, w->sign > 0 ? "nonnegative" : "nonpositive")};
}

static void put_witness(search *w, sdp_witness *out)
{
    sdp_text t;
    double a = value(w, 0), c = value(w, 1), b = value(w, ENDS);
    bool parameters = false;
    for (uint32_t i = 0; i < w->s.ninputs; i++) parameters |= !w->moves[i];
    sdp_text_init(&t, &w->g->base);
    sdp_putf(&t, "not %s: ", w->sign > 0 ? "convex" : "concave");
    if (parameters) {
        sdp_put(&t, "with ");
        put_inputs(w, 0, false, &t);
        sdp_put(&t, ", ");
    }
    sdp_putf(&t, "f = %s at ", sdp_decimal_of(a, 12).s);
    put_inputs(w, 0, true, &t);
    sdp_putf(&t, ", %s at ", sdp_decimal_of(c, 12).s);
    put_inputs(w, 1, true, &t);
    sdp_put(&t, ", and halfway, at ");
    put_inputs(w, ENDS, true, &t);
    sdp_putf(&t, ", %s %c %s", sdp_decimal_of(b, 12).s, w->sign > 0 ? '>' : '<',
             sdp_decimal_of(a / 2 + c / 2, 12).s);
    *out = (sdp_witness){.found = true,
                         .text = t.s,
                         .numbers = numbers_of(w, ENDS + 1, w->sign > 0 ? "convex" : "concave")};
}

// ---- the search -------------------------------------------------------------------------------------------
static void draw(search *w, unsigned seed, uint32_t trial)
{
    sdp_check_request q = {.seed = seed * 7919u + trial * 2u};
    int kind = (int)(trial % (SDP_POINT_KINDS + 1 + SDP_POINT_SCALES));
    sdp_point_draw(w->g, &w->s, &q, kind, &w->p[0]);
    q.seed++;
    sdp_point_draw(w->g, &w->s, &q, (int)((trial / 3) % 3) ? kind : (int)(trial % SDP_POINT_KINDS), &w->p[1]);
    for (uint32_t i = 0; i < w->s.ninputs; i++)
        for (size_t e = 0; e < w->p[0].count[i]; e++) {
            if (!w->moves[i]) w->p[1].in[i][e] = w->p[0].in[i][e];
            else if (trial % 4 == 3)
                w->p[1].in[i][e] =
                    w->p[0].in[i][e] + (w->p[1].in[i][e] - w->p[0].in[i][e]) / 8; // near each other
        }
}

// Points of another order of magnitude: x*log(x)^2+10*x*log(x) is concave below exp(-6).
static void magnify(search *w, uint32_t trial)
{
    double by = pow(10, (int)(trial % (2 * FARTHEST + 1)) - FARTHEST);
    for (uint32_t i = 0; i < w->s.ninputs; i++) {
        if (!w->moves[i] || (w->g->var[w->s.input[i]].facts & SDP_CONSTRAINED)) continue;
        for (size_t e = 0; e < w->p[0].count[i]; e++) w->p[0].in[i][e] *= by, w->p[1].in[i][e] *= by;
    }
}

static void look(sdp_judge *j, search w, unsigned seed, uint32_t trials, sdp_witness *out)
{
    static const long smallest[SIZES] = {1, 2, 2, 3, 1}; // the last one of other magnitudes
    sdp_graph *g = j->g;
    uint64_t budget = g->base.limit.work / PART_OF_WORK;
    uint32_t tried = 0;
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_id *output = sdp_scratch(&g->base, (j->ndomain + 1) * sizeof *output);
    output[0] = w.f;
    w.budget = &budget;
    sdp_copy(output + 1, j->domain, j->ndomain * sizeof *output);
    w.s = sdp_signature_of(g, j->ndomain + 1, output, NULL);
    w.moves = sdp_scratch(&g->base, w.s.ninputs + 1);
    for (uint32_t i = 0; i < w.s.ninputs; i++)
        for (uint32_t k = 0; k < j->n; k++) w.moves[i] |= g->var[w.s.input[i]].node == j->wrt[k];
    *out = (sdp_witness){0};
    for (size_t size = 0; size < SIZES && !out->found && !w.exhausted; size++) {
        sdp_check_request q = {.seed = seed, .turn = (unsigned)size};
        for (int k = 0; k <= ENDS; k++) w.p[k] = sdp_point_sizes(g, &w.s, &q, smallest[size]);
        for (uint32_t trial = 0; trial < trials / SIZES && !out->found && !w.exhausted; trial++) {
            sdp_mark inner = sdp_scratch_mark(&g->base);
            draw(&w, seed + (unsigned)size, trial);
            if (size == SIZES - 1) magnify(&w, trial);
            if (refutes(&w)) {
                w.budget = NULL;
                shorten(&w);
                (w.single ? put_value : put_witness)(&w, out);
            }
            tried += !w.exhausted;
            sdp_scratch_release(&g->base, inner);
        }
    }
    out->tried = tried;
    out->exhausted = w.exhausted;
    sdp_scratch_release(&g->base, m);
}

void sdp_tell_tried(const sdp_witness w[2], const char *points, sdp_text *t)
{
    const sdp_witness *least = w[0].found || (!w[1].found && w[1].tried < w[0].tried) ? &w[1] : &w[0];
    sdp_putf(t, "%u %s refute nothing%s\n", least->tried, points,
             least->exhausted ? "; --limit work=N allows more of them" : "");
}

void sdp_find_witness(sdp_judge *j, sdp_id f, bool above, unsigned seed, uint32_t trials, sdp_witness *out)
{
    look(j, (search){.g = j->g, .f = f, .sign = above ? 1 : -1}, seed, trials, out);
}

void sdp_find_value(sdp_judge *j, sdp_id f, int sign, unsigned seed, uint32_t trials, sdp_witness *out)
{
    look(j, (search){.g = j->g, .f = f, .sign = sign, .single = true}, seed, trials, out);
}
