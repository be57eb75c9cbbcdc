// SPDX-License-Identifier: MIT
// Compares all ways to compute a function:  ways [--seed S] [--count N] [--seconds T] [--cc N] [--print]
//
// A random expression and derivative of it (support/question.c) at constant sizes is compiled as machine
// code, as C text for the compiler in memory (all there is on processors without AVX2), with sizes that are
// told at each call, which makes fused loops, and, every N-th with --cc N, by the system's compiler. All have
// the same numbers at ordinary points and where entries of the data are 0, -0, tiny, infinite, NaN or as
// large and as small as numbers go: no number in one way where the other has none.
//
// Orders of summation differ, and what cancels is lost: an entry may be off by as much as the C text's values
// at data that are changed by a few units of the last place, and 0/0 is a number if a sum of rounding errors
// is not quite 0. A factor that is 0 by form is left out in one way and multiplied in another; machine code
// leaves out what the C text does, so NaN where that has a number is a fault there. A condition of NaN may
// take the other branch. Infinite data vanish, cancel and decide conditions in one order only: differences
// there are only counted. So are those at extreme data for all ways but machine code, which multiplies in the
// order of the C text: it is held to a thousandth there, but for what is 0 or no number in one of the two.
//
// The seed is printed; expression i of a run is expression 0 of a run with seed S+i.
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/data/data.h"
#include "tests/support/question.h"
#include "tests/support/trials.h"

enum { TEXT, MACHINE, SIZES, SYSTEM, WAYS }; // TEXT is what the others are held to
static const char *const way_names[] = {"C text", "machine code", "with sizes at each call",
                                        "the system's compiler"};

enum { ORDINARY, ZEROS, HOLES, INFINITIES, EXTREMES, POINTS, RUNS = 9 };
static const char *const point_names[] = {"ordinary", "with zeros", "with NaN", "with infinities",
                                          "with extremes"};

typedef struct {
    sd_context *c;
    tst_point p;
    sd_function *way[WAYS];
    size_t nout, *count;
    const double **in;
    size_t nin;
    unsigned long compared, left_out;
} subject;

static double special(tst_rng *rng, unsigned kind)
{
    static const double some[POINTS][6] = {[ZEROS] = {0, -0.0, 1e-9, -1e-9, 1, -1},
                                           [HOLES] = {0, -0.0, 1e-9, 1, NAN, -NAN},
                                           [INFINITIES] = {0, -0.0, 1e-9, 1, INFINITY, -INFINITY},
                                           [EXTREMES] = {0, -0.0, 1e-200, -1e-120, 1e120, -1e200}};
    return some[kind][tst_below(rng, 6)];
}

// The data, of which a quarter of the entries are special, if nothing is
// declared of them, each times `factor`
static void draw(subject *u, unsigned seed, unsigned kind, double factor)
{
    tst_rng rng = {seed * 31u + kind};
    tst_point_draw(&u->p, seed, (int)(seed % 3));
    for (size_t i = 0; i < u->p.n; i++) {
        size_t n = tst_product(u->p.in[i].order, u->p.in[i].dim);
        for (size_t k = 0; k < n; k++) {
            double *x = &u->p.in[i].value[k];
            if (kind != ORDINARY && !u->p.in[i].facts && !tst_below(&rng, 4)) *x = special(&rng, kind);
            *x *= factor;
        }
    }
}

static int run(subject *u, unsigned way, double **out)
{
    sd_function *f = u->way[way];
    size_t dims[8], nin = sd_function_inputs(f);
    for (size_t i = 0; i < sd_function_dims(f); i++) dims[i] = tst_point_dim(&u->p, sd_function_dim(f, i));
    for (size_t i = 0; i < nin; i++) u->in[i] = tst_point_find(&u->p, sd_function_input(f, i))->value;
    size_t room = sd_function_workspace(f, dims);
    double *work = tst_guarded(room);
    int status = sd_function_call(f, dims, u->in, out, work);
    if (!tst_release(work, room)) status = -99;
    return status;
}

static double **outputs(const subject *u)
{
    double **out = tst_grow(NULL, (u->nout + 1) * sizeof *out);
    for (size_t i = 0; i < u->nout; i++) out[i] = tst_guarded(u->count[i]);
    return out;
}

static bool release(const subject *u, double **out)
{
    bool intact = true;
    for (size_t i = 0; i < u->nout; i++) intact &= tst_release(out[i], u->count[i]);
    free(out);
    return intact;
}

// By how much the C text's entry varies where the data do by a few units of the last place; infinite if it
// has no number there.
static double spread(subject *u, unsigned seed, unsigned kind, size_t i, size_t k)
{
    double low = HUGE_VAL, high = -HUGE_VAL;
    bool lost = false;
    double **out = outputs(u);
    for (int r = 0; r < RUNS; r++) {
        draw(u, seed, kind, 1 + (r - RUNS / 2) * 3 * DBL_EPSILON);
        lost |= run(u, TEXT, out) || !isfinite(out[i][k]);
        if (!lost) low = fmin(low, out[i][k]), high = fmax(high, out[i][k]);
    }
    draw(u, seed, kind, 1);
    release(u, out);
    return lost ? HUGE_VAL : high - low;
}

static bool is_same(double a, double b, double scale)
{
    if (a == b || (isnan(a) && isnan(b))) return true;
    return isfinite(a) && isfinite(b) &&
           fabs(a - b) <= 1e-11 * fmax(fabs(a), fabs(b)) + 1e-13 * scale + DBL_MIN;
}

// Is a difference no fault, whatever its size? See above.
static bool is_of_order(unsigned way, unsigned kind, double want, double got)
{
    bool both = isfinite(want) && isfinite(got);
    if (kind == EXTREMES && way == MACHINE)
        return !both || want == 0 || got == 0 || fabs(want - got) <= 1e-3 * fabs(want);
    if (kind == HOLES) return way != MACHINE || !isnan(got) || isnan(want);
    return kind >= INFINITIES || isnan(want);
}

static void compare(subject *u, unsigned way, unsigned seed, unsigned kind, double **want, double **got,
                    tst_report *report)
{
    for (size_t i = 0; i < u->nout && !report->count; i++) {
        double scale = 0;
        for (size_t k = 0; k < u->count[i]; k++)
            if (isfinite(want[i][k])) scale = fmax(scale, fabs(want[i][k]));
        for (size_t k = 0; k < u->count[i] && !report->count; k++) {
            double a = want[i][k], b = got[i][k];
            u->compared++;
            if (is_same(a, b, kind < INFINITIES ? scale : 0)) continue;
            bool both = isfinite(a) && isfinite(b);
            if (is_of_order(way, kind, a, b) || (both && fabs(a - b) <= 10 * spread(u, seed, kind, i, k)))
                u->left_out++;
            else
                tst_complain(report, "%s, point %s: entry %zu of output %zu is %.17g, as C text %.17g",
                             way_names[way], point_names[kind], k, i, b, a);
        }
    }
}

static void put_point(const subject *u, tst_report *report)
{
    for (size_t i = 0; i < u->nin; i++) {
        const tst_input *x = tst_point_find(&u->p, sd_function_input(u->way[TEXT], i));
        size_t n = tst_product(x->order, x->dim);
        fprintf(report->text, "    %s =", x->name);
        for (size_t k = 0; k < n; k++) fprintf(report->text, " %.17g", x->value[k]);
        fputc('\n', report->text);
    }
}

static void check_point(subject *u, unsigned seed, unsigned kind, tst_report *report)
{
    double **want = outputs(u), **got = outputs(u);
    draw(u, seed, kind, 1);
    int status = run(u, TEXT, want);
    for (unsigned w = MACHINE; w < WAYS && !report->count; w++) {
        if (!u->way[w]) continue;
        int other = run(u, w, got);
        // a matrix is singular where 0 by form is multiplied
        bool of_order = w != MACHINE && (kind == HOLES || kind == INFINITIES);
        if (other != status && of_order) continue;
        if (other != status)
            tst_complain(report, "%s, point %s: status %d, of C text %d", way_names[w], point_names[kind],
                         other, status);
        else if (!status) compare(u, w, seed, kind, want, got, report);
    }
    if (report->count) put_point(u, report);
    bool intact = release(u, want);
    if (!release(u, got) || !intact) tst_complain(report, "written beyond the outputs");
}

// false: it has no function of these sizes
static bool compile(subject *u, const sd_result *r, sd_expr e, const char *sizes, bool system,
                    tst_report *report)
{
    sd_emit_options o = {.name = "f", .value = 1, .primal = e, .sizes = sizes, .dense = 1};
    for (unsigned w = 0; w < WAYS; w++) {
        if (w == SYSTEM && !system) continue;
        u->c->g->no_machine = w == TEXT;
        u->c->g->compiler = w == SYSTEM ? "cc" : NULL;
        o.sizes = w == SIZES ? NULL : sizes;
        u->way[w] = sd_compile(u->c, r, &o);
        if (!u->way[w] && w == TEXT) return false;
        if (!u->way[w]) tst_complain(report, "%s: %s", way_names[w], sd_last_error(u->c)->message);
    }
    u->c->g->compiler = NULL;
    const sd_function *f = u->way[TEXT];
    u->nout = sd_function_outputs(f);
    u->nin = sd_function_inputs(f);
    u->count = tst_grow(NULL, (u->nout + 1) * sizeof *u->count);
    u->in = tst_grow(NULL, (u->nin + 1) * sizeof *u->in);
    for (size_t i = 0; i < u->nout; i++) {
        sd_array a;
        if (sd_function_output_shape(f, i, NULL, &a) != SD_OK) return false;
        u->count[i] = tst_entries(&a);
    }
    return !report->count && !sd_function_callbacks(f);
}

static void add_legend(subject *u, sd_expr e)
{
    char *legend = e ? sd_legend(u->c, e) : NULL;
    if (legend) tst_point_add(&u->p, legend);
    sd_free(u->c, legend);
}

static bool examine(subject *u, unsigned seed, bool system, bool print, tst_report *report)
{
    tst_question q = tst_ask(seed);
    tst_rng rng = {seed};
    unsigned m = 3 + tst_below(&rng, 3), n = 3 + tst_below(&rng, 7);
    char *sizes = tst_format("m=%u,n=%u", m, n);
    bool has = false;
    u->c = sd_context_new(NULL);
    if (print) printf("%u: %s %s %s : %s\n", seed, tst_asked[q.request.what], q.wrt, sizes, q.text);
    fflush(stdout);
    sd_expr e = sd_declare(u->c, tst_declarations, NULL) == SD_OK ? sd_parse(u->c, q.text, NULL) : 0;
    sd_result *r = e ? sd_derive(u->c, e, &q.request) : NULL;
    if (r) {
        add_legend(u, e);
        for (size_t i = 0; i < sd_result_count(r); i++) add_legend(u, sd_result_expr(r, i));
        tst_point_facts(&u->p, tst_declarations);
        tst_point_sizes(&u->p, sizes);
        char *all = tst_point_sizes_text(&u->p);
        has = compile(u, r, e, all, system, report);
        free(all);
    }
    for (unsigned k = 0; has && k < 2 * POINTS && !report->count; k++)
        check_point(u, seed + k, k % POINTS, report);
    if (report->count)
        tst_complain(report, "%s %s %s order %d, %s : %s", tst_asked[q.request.what], q.wrt,
                     q.request.direction ? q.request.direction : "", q.request.order, sizes, q.text);
    for (unsigned w = 0; w < WAYS; w++) sd_function_free(u->way[w]), u->way[w] = NULL;
    tst_point_free(&u->p);
    free(u->count), free(u->in);
    u->count = NULL, u->in = NULL;
    sd_context_free(u->c);
    tst_question_free(&q);
    free(sizes);
    return has;
}

typedef struct {
    const tst_trials *t;
    subject u;
    unsigned system, functions; // every so many of them by the system's compiler too, 0: none
    bool print;
} session;

static void one(void *state, unsigned seed, tst_report *report)
{
    session *s = state;
    s->functions += examine(&s->u, seed, s->system && s->t->done % s->system == 0, s->print, report);
}

int main(int argc, char **argv)
{
    tst_trials t = {.name = "ways", .seed = tst_seed_of_today(), .count = 2000, .seconds = 60};
    session s = {.t = &t};
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--print")) s.print = true;
        else if (i + 1 < argc && !strcmp(argv[i], "--cc")) s.system = (unsigned)strtoul(argv[++i], NULL, 10);
        else if (!tst_trials_option(&t, argc, argv, &i)) {
            fprintf(stderr, "usage: ways [--seed S] [--count N] [--seconds T] [--cc N] [--print]\n");
            return 2;
        }
    }
    tst_trials_run(&t, one, &s);
    printf("ways: %u expressions, %u functions, %u failed; %lu entries compared, %lu of them uncertain\n",
           t.done, s.functions, t.failed, s.u.compared, s.u.left_out);
    return t.failed != 0;
}
