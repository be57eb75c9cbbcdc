// SPDX-License-Identifier: MIT
// Every rewriting between the graph and the C text is an identity:  rewrites [--seed S] [--count N]
//                                                                   [--seconds T] [--print]
//
// Random expressions nest, two and three deep, the forms that the passes of codegen/stable/ and
// codegen/values/where.c take apart: sums of split functions, powers of norms, removable singularities,
// pieces, scaled arrays. A rule that holds for a variable must hold for any expression in its place, and
// beside the result of another rule. The functions are those of the operator table; the forms below are what
// each pass looks for.
//
// The value and a derivative (gradient, Jacobian, Hessian, Hessian times a vector, second and third
// derivative by a scalar) are computed by the compiled function and by the interpreter
// (runtime/reference/), which knows none of these rules, at ordinary points, at points with ties and zeros,
// near 0 and where functions saturate. The interpreter loses digits there; how many is told by runs with
// random errors put on every operation: an entry may differ by their spread. Entries without a value are
// left out, and so are those of which nothing is certain; those that differ where the interpreter left the
// range of double are counted apart.
//
// The seed is printed; expression i of a run is expression 0 of a run with seed S+i. The same expressions
// every time; --seconds ends a run by processor time.
#define _POSIX_C_SOURCE 200809L
#include <fenv.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "diff/diff.h"
#include "runtime/check/check.h"
#include "simplify/answer/answer.h"
#include "tests/support/nest.h"
#include "tests/support/trials.h"

// ---- one expression ---------------------------------------------------------------------------------------
enum { MOST_OUTPUTS = 4, RUNS = 5, SPREADS = 16, MOST_ENTRIES = 4096 };
// of an entry: beyond which spread it is left out; what it may be off
static const double CERTAIN = 1e-4, TOLERANCE = 1e-6;

// Numbers for all inputs: kinds of points, see below.
static const struct {
    const char *name;
    double scale;
    bool grid;
} kinds[] = {
    {"ordinary", 2, false},     {"small", 0.5, false},    {"with ties", 2, true},
    {"near zero", 0.01, false}, {"saturated", 16, false}, {"far", 25, false},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

typedef struct {
    sdp_graph *g;
    sdp_signature s;
    sdp_point p;
    sdp_id out[MOST_OUTPUTS];
    uint32_t n;
    size_t count[MOST_OUTPUTS];
    unsigned seed;
    const char *text;
    unsigned kind; // of the point
    int events;    // what the interpreter met there: FE_UNDERFLOW, ...
    char *what;    // the request
    unsigned long compared, left_out, beyond;
} subject;

typedef struct {
    unsigned expressions, functions, refused;
    unsigned long compared, left_out, beyond;
} tally;

// A derivative by one of the variables of the value
static void ask(subject *u, tst_rng *rng, sdp_surface f)
{
    sdp_signature s = sdp_signature_of(u->g, 1, &f.node, NULL);
    const sdp_variable *v = s.ninputs ? &u->g->var[s.input[tst_below(rng, s.ninputs)]] : NULL;
    u->out[u->n++] = f.node;
    if (!v) return;
    int order = sdp_get(u->g, v->node)->order, value = sdp_get(u->g, f.node)->order;
    sd_request r = {.what = SD_DERIVATIVE, .wrt = v->name};
    unsigned k = tst_below(rng, 4);
    if (value == 0 && order == 0) r.order = 1 + (int)tst_below(rng, 3);
    if (value == 0 && order == 1 && k < 2) r.what = SD_HESSIAN;
    if (value == 0 && order > 0 && k == 3)
        r.what = SD_HVP, r.direction = order == 2 ? (v->facts ? "A" : "X") : *v->name == 'z' ? "X*u" : "u";
    if (r.what == SD_HVP && order == 2 && strcmp(v->name, "X") && strcmp(v->name, "Y") &&
        strcmp(v->name, "S"))
        r.what = SD_DERIVATIVE;
    if (value + order > 2) return;
    u->what = tst_format("%s order %d by %s",
                         r.what == SD_HESSIAN ? "hessian"
                         : r.what == SD_HVP   ? "hvp"
                                              : "derivative",
                         r.order, r.wrt);
    struct sd_result *d = sdp_derive(u->g, 1, f, &r);
    const sdp_entry *entry = sdp_computed(d);
    for (size_t i = 0; i < d->n && u->n < MOST_OUTPUTS; i++) u->out[u->n++] = entry[i].exact;
}

static void draw(subject *u, unsigned kind, tst_rng *rng)
{
    for (uint32_t i = 0; i < u->s.ninputs; i++) {
        const sdp_variable *v = &u->g->var[u->s.input[i]];
        const sdp_node *n = sdp_get(u->g, v->node);
        size_t cols = n->order == 2 ? (size_t)sdp_size_at(u->g, n->dim[1], u->p.size) : 1;
        for (size_t k = 0; k < u->p.count[i]; k++) {
            double x = tst_uniform(rng, -kinds[kind].scale, kinds[kind].scale), *at = &u->p.in[i][k];
            if (kinds[kind].grid) x = round(2 * x) / 2;
            *at = v->facts & SDP_POSITIVE ? fabs(x) + 0.25 : x; // an exponent, too
            size_t mirror = k % cols * cols + k / cols;
            if (v->facts & SDP_SYMMETRIC && mirror < k) *at = u->p.in[i][mirror];
        }
    }
}

static void put_point(const subject *u, tst_report *report)
{
    char *text;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    for (uint32_t i = 0; i < u->s.ninputs; i++) {
        fprintf(out, "%s%s =", i ? "; " : "", u->g->var[u->s.input[i]].name);
        for (size_t k = 0; k < u->p.count[i]; k++) fprintf(out, " %.17g", u->p.in[i][k]);
    }
    fclose(out);
    tst_complain(report, "at %s", text);
    free(text);
}

// Did the interpreter, which takes everything as it is written, leave the range of double, sum(x^p)^(1/p-2)
// at p = 19? And 0/expm1(0) is 0 by form for it, where a `where` in the 0 is taken nowhere, and 1, the limit,
// for the function. That explains a difference.
static bool is_explained(const subject *u, sd_array (*run)[MOST_OUTPUTS], uint32_t i, size_t k)
{
    bool zero = true;
    for (int r = 0; r < RUNS; r++) zero &= fabs(run[r][i].data[k]) <= 0;
    return u->events & (FE_UNDERFLOW | FE_OVERFLOW) ||
           (zero && u->events & FE_DIVBYZERO && strstr(u->text, "where"));
}

// Is entry k of output i what the interpreter has, as far as its runs are certain of it?
static bool agrees(subject *u, sd_array (*run)[MOST_OUTPUTS], uint32_t i, size_t k, double got)
{
    double want = run[0][i].data[k], low = want, high = want;
    for (int r = 1; r < RUNS; r++) low = fmin(low, run[r][i].data[k]), high = fmax(high, run[r][i].data[k]);
    bool certain = isfinite(want) && high - low <= CERTAIN * fabs(want);
    for (int r = 1; r < RUNS; r++) certain &= isfinite(run[r][i].data[k]);
    // Left out: sums of 0*NaN, of which the interpreter knows that they are 0 by
    // form; and what overflows on the way.
    if (isnan(got) && (strstr(u->text, "where") || u->kind == KINDS - 1)) certain = false;
    // The interpreter takes powers up to the fourth as they are written: of 1e139 in
    // 2*u+cosh(s)^2*(2-u^2)/u^3 they overflow.
    if (fabs(want) > 1e75) certain = false;
    // 0 may be what cancels by luck; what underflows on the way
    double nothing = want >= 0 && want <= 0 ? TOLERANCE : 1e-70;
    bool same = fabs(got - want) <= TOLERANCE * fabs(want) + SPREADS * (high - low) + nothing;
    if (certain && !same && isfinite(got) && is_explained(u, run, i, k)) certain = false, u->beyond++;
    u->compared += certain;
    u->left_out += !certain;
    return !certain || same;
}

// Has the interpreter all numbers, and is it certain of them? Then the function must not return a status.
static bool has_all(const subject *u, sd_array (*run)[MOST_OUTPUTS])
{
    bool all = true;
    for (uint32_t i = 0; i < u->n; i++)
        for (size_t k = 0; all && k < u->count[i]; k++) {
            double low = run[0][i].data[k], high = low;
            for (int r = 0; r < RUNS; r++)
                low = fmin(low, run[r][i].data[k]), high = fmax(high, run[r][i].data[k]);
            for (int r = 0; r < RUNS; r++) all &= isfinite(run[r][i].data[k]);
            all = all && high - low <= CERTAIN * fabs(run[0][i].data[k]);
        }
    return all;
}

static void compare(subject *u, unsigned kind, int status, double *const *got, tst_report *report)
{
    sd_array run[RUNS][MOST_OUTPUTS] = {0};
    uint64_t state = u->seed;
    const double *const *in = (const double *const *)u->p.in;
    feclearexcept(FE_ALL_EXCEPT);
    for (int r = 0; r < RUNS; r++) {
        if (r) sdp_interpret_disturbed(u->g, u->n, u->out, &u->s, u->p.size, in, &state, NULL, run[r]);
        else sdp_interpret_lenient(u->g, u->n, u->out, &u->s, u->p.size, in, NULL, run[r]);
    }
    u->events = fetestexcept(FE_ALL_EXCEPT);
    // where there is no value there are no derivatives
    bool wrong = status && has_all(u, run), value = !status;
    const sdp_status *why = sdp_status_of(status);
    if (wrong)
        tst_complain(report, "interpreted %.17g, compiled: %s, at a point: %s", run[0][0].data[0],
                     why ? why->message : "a status", kinds[kind].name);
    if (wrong) put_point(u, report);
    for (size_t k = 0; k < u->count[0]; k++) value &= isfinite(run[0][0].data[k]);
    for (uint32_t i = 0; i < u->n && value && !wrong; i++) {
        for (size_t k = 0; k < u->count[i] && !wrong; k++) {
            if (agrees(u, run, i, k, got[i][k])) continue;
            wrong = true;
            tst_complain(
                report,
                "%s, entry %zu: compiled %.17g, interpreted %.17g (with errors %.17g, %.17g), at a point: %s",
                i ? u->what : "value", k, got[i][k], run[0][i].data[k], run[1][i].data[k], run[2][i].data[k],
                kinds[kind].name);
            put_point(u, report);
        }
    }
    for (int r = 0; r < RUNS; r++)
        for (uint32_t i = 0; i < u->n; i++) sdp_release(&u->g->base, run[r][i].data);
}

static void run_all(subject *u, tst_rng *rng, tst_report *report)
{
    sdp_check_request q = {.seed = 2};
    size_t dims[8];
    double *got[MOST_OUTPUTS];
    u->s = sdp_signature_of(u->g, u->n, u->out, NULL);
    u->p = sdp_point_sizes(u->g, &u->s, &q, 3);
    for (uint32_t i = 0; i < u->s.ndims; i++) dims[i] = (size_t)u->p.size[u->s.dim[i]];
    for (uint32_t i = 0; i < u->n; i++) {
        const sdp_node *n = sdp_get(u->g, u->out[i]);
        u->count[i] = 1;
        for (uint32_t k = 0; k < n->order; k++)
            u->count[i] *= (size_t)sdp_size_at(u->g, n->dim[k], u->p.size);
        got[i] = sdp_scratch(&u->g->base, u->count[i] * sizeof(double));
    }
    sd_function *f = sdp_compile(u->g, &u->s, &(sdp_emit_request){.name = "nested"});
    double *work = tst_guarded(sd_function_workspace(f, dims));
    for (unsigned kind = 0; kind < KINDS && !report->count; kind++) {
        u->kind = kind;
        draw(u, kind, rng);
        for (uint32_t i = 0; i < u->n; i++)
            for (size_t k = 0; k < u->count[i]; k++) got[i][k] = -12345.678;
        compare(u, kind, sd_function_call(f, dims, (const double *const *)u->p.in, got, work), got, report);
    }
    if (!tst_release(work, sd_function_workspace(f, dims)))
        tst_complain(report, "the function writes beyond its workspace");
    sd_function_free(f);
}

static void examine(unsigned seed, tally *t, tst_report *report, bool print)
{
    tst_rng rng = {seed};
    for (int i = 0; i < 3; i++) tst_next(&rng);
    char *text = tst_nest(&rng, tst_below(&rng, 5) ? 's' : 'v', 2 + (int)tst_below(&rng, 2));
    // what takes more is refused, here in a second
    sdp_graph *g = sdp_graph_new(NULL, &(sd_limits){.memory = 1u << 30});
    subject u = {.g = g, .seed = seed, .text = text};
    sdp_trap trap;
    if (print) printf("%u: %s\n", seed, text), fflush(stdout);
    if (SDP_TRY(&g->base, trap)) {
        sdp_declare(g, tst_nest_declarations, "declarations");
        sdp_surface f = sdp_read(g, text, strlen(text), "expression", false, NULL, NULL);
        ask(&u, &rng, f);
        run_all(&u, &rng, report);
        t->functions++;
        SDP_END(&g->base, trap);
    } else {
        sd_status why = g->base.error.code;
        if (why != SD_ERR_DOMAIN && why != SD_ERR_LIMIT && why != SD_ERR_UNSUPPORTED)
            tst_complain(report, "%s", g->base.error.message);
        t->refused++;
    }
    if (report->count) tst_complain(report, "%s", text);
    t->expressions++;
    t->compared += u.compared;
    t->left_out += u.left_out;
    t->beyond += u.beyond;
    free(u.what);
    free(text);
    sdp_graph_free(g);
}

int main(int argc, char **argv)
{
    tst_trials trials = {.name = "rewrites", .seed = 1, .count = 2000, .seconds = 120}; // of processor time
    bool print = false;
    tally t = {0};
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--print")) print = true;
        else if (!tst_trials_option(&trials, argc, argv, &i))
            return fprintf(stderr, "usage: rewrites [--seed S] [--count N] [--seconds T] [--print]\n"), 2;
    }
    int functions, of_them_split;
    tst_nest_functions(&functions, &of_them_split);
    printf("rewrites: seed %u, %d functions, %d of them computed from parts\n", trials.seed, functions,
           of_them_split);
    for (; trials.done < trials.count && (double)clock() / CLOCKS_PER_SEC < trials.seconds; trials.done++) {
        const unsigned seed = trials.seed + trials.done;
        char *text;
        size_t n;
        tst_report report = {.text = open_memstream(&text, &n)};
        examine(seed, &t, &report, print);
        fclose(report.text);
        if (report.count) printf("rewrites --seed %u --count 1\n%s", seed, text), fflush(stdout);
        trials.failed += report.count > 0;
        free(text);
    }
    printf("rewrites: %u nestings, %u refused, %u wrong; %lu numbers compared, %lu of which nothing is "
           "certain, %lu of these beyond the range of the "
           "interpreter; %.0f s\n",
           t.expressions, t.refused, trials.failed, t.compared, t.left_out, t.beyond,
           (double)clock() / CLOCKS_PER_SEC);
    bool idle = t.expressions >= 100 && (10 * t.refused > t.expressions || !t.compared);
    if (idle) printf("rewrites: more than a tenth is refused, or nothing is compared\n");
    return trials.failed || idle ? 1 : 0;
}
