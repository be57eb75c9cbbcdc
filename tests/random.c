// SPDX-License-Identifier: MIT
// Random well-shaped expressions, thousands of them:  random [--seed S] [--count N] [--seconds T] [--no-c]
//                                                     [--print] [--exact]
//
// Each is composed as text over declared variables of every structure (support/compose.c), parsed, and
// differentiated by a random variable in a random way. It must have the properties that every answer has
// (support/property.c): the derivative agrees with differences, the printed text reads back, the interpreter
// and the compiler agree; every eighth joins a batch of emitted C for gcc, clang and tcc. Besides, its value
// must be that of its operations done one by one, which no rewrite of two operations together can falsify; a
// Taylor polynomial must come closer by the power of its order. The seed is printed; expression i of a run is
// expression 0 of a run with seed S+i.
#include "tests/support/question.h"
#include "tests/support/trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void complain_last(sd_context *c, const char *what, tst_report *report)
{
    char *text = sd_error_text(c, sd_last_error(c));
    tst_complain(report, "%s%s", what, text ? text : sd_last_error(c)->message);
    sd_free(c, text);
}

// The value of the whole, against its operations one by one.
static void check_value(const tst_question *q, sd_context *c, sd_expr e, unsigned seed, tst_report *report)
{
    tst_point p = {0};
    tst_point_add(&p, tst_declarations);
    tst_point_sizes(&p, "m=3,n=4");
    sd_array want = {0}, got = {0};
    char *what = NULL;
    size_t worst;
    bool wrong = false;
    // values on the two sides of a jump differ by rounding, but not at three points
    for (unsigned k = 0; k < 3 && (k == 0 || wrong); k++) {
        if (!tst_point_draw(&p, seed + 77u * k, 0)) break;
        sd_data *d = tst_point_data(c, &p);
        bool has = tst_stepwise(&q->c, &p, &want, &what);
        sd_status status = has && !what ? sd_interpret(c, sd_value(c, e), d, &got) : SD_OK;
        if (what) tst_complain(report, "%s", what);
        if (status != SD_OK) complain_last(c, "the value: ", report);
        wrong = has && !what && status == SD_OK &&
                (tst_entries(&want) != tst_entries(&got) ||
                 !tst_close(want.data, got.data, tst_entries(&want), 1e-8, &worst));
        if (wrong && k == 2)
            tst_complain(report, "step by step the value is %.15g at entry %zu, at once %.15g",
                         want.data[worst], worst, got.data[worst]);
        free(want.data);
        sd_free(c, got.data);
        sd_data_free(d);
        free(what);
        want = got = (sd_array){0};
        what = NULL;
    }
    tst_point_free(&p);
}

// ---- Taylor polynomials -----------------------------------------------------------------------------------
// The largest |f - T| at z + t*(x - z), or NAN; a copy of the data without the variable, that is set here.
static double remainder_at(const tst_question *q, sd_context *c, sd_expr e, const sd_result *r,
                           const tst_point *p, double t)
{
    sd_data *d = tst_point_data(c, p);
    sd_array x = *sd_data_get(d, q->wrt), value = {0}, polynomial = {0};
    const double *from = tst_point_find(p, "z")->value, *to = tst_point_find(p, q->wrt)->value;
    double *moved = tst_grow(NULL, tst_entries(&x) * sizeof *moved), worst = 0;
    for (size_t i = 0; i < tst_entries(&x); i++) moved[i] = from[i] + t * (to[i] - from[i]);
    x.data = moved;
    bool ok = sd_data_set(d, q->wrt, &x) == SD_OK && sd_interpret(c, sd_value(c, e), d, &value) == SD_OK &&
              sd_interpret(c, r, d, &polynomial) == SD_OK;
    for (size_t i = 0; ok && i < tst_entries(&value); i++)
        worst = fmax(worst, fabs(value.data[i] - polynomial.data[i]));
    for (size_t i = 0; ok && i < tst_entries(&value); i++)
        if (!isfinite(value.data[i] - polynomial.data[i])) ok = false;
    free(moved);
    sd_free(c, value.data);
    sd_free(c, polynomial.data);
    sd_data_free(d);
    return ok ? worst : NAN;
}

// Half as far from the point, the polynomial of order k is about 2^(k+1) times as near.
static void check_taylor(const tst_question *q, sd_context *c, sd_expr e, const sd_result *r, unsigned seed,
                         tst_report *report)
{
    unsigned wrong = 0;
    double far = 0, near = 0;
    for (unsigned k = 0; k < 3 && k == wrong; k++) { // a kink may be in the way
        tst_point p = {0};
        char *legend = sd_legend(c, sd_result_expr(r, 0));
        tst_point_add(&p, tst_declarations);
        tst_point_sizes(&p, "m=3,n=4");
        if (legend) tst_point_add(&p, legend);
        unsigned facts = tst_point_find(&p, q->wrt)->facts;
        const tst_input *at = tst_point_find(&p, "z");
        if (at) p.in[at - p.in].facts |= facts;
        if (at && tst_point_draw(&p, seed + 31u * k, 0)) {
            far = remainder_at(q, c, e, r, &p, 0.02);
            near = remainder_at(q, c, e, r, &p, 0.01);
            wrong += far > 1e-7 && near > far / exp2(q->request.order + 0.4);
        }
        tst_point_free(&p);
        sd_free(c, legend);
    }
    if (wrong == 3)
        tst_complain(report, "the polynomial is off by %.3g, and by %.3g half as far from the point", far,
                     near);
}

// ---- all of it --------------------------------------------------------------------------------------------
static void examine(unsigned seed, tst_batch *batch, tst_report *report, bool print, bool exact)
{
    tst_question q = tst_ask(seed);
    char *where = tst_format("seed %u", seed);
    sd_context *c = sd_context_new(NULL);
    if (print)
        printf("%u: %s %s %s order %d : %s\n", seed, tst_asked[q.request.what], q.wrt,
               q.request.direction ? q.request.direction : "", q.request.order, q.text);
    fflush(stdout);
    if (sd_declare(c, tst_declarations, NULL) != SD_OK)
        tst_complain(report, "declarations: %s", sd_last_error(c)->message);
    sd_expr e = sd_parse(c, q.text, NULL);
    sd_result *r = e ? sd_derive(c, e, &q.request) : NULL;
    if (e) check_value(&q, c, e, seed, report);
    if (!e && sd_last_error(c)->code == SD_ERR_DOMAIN) { // x/norm(v-v)
    } else if (!r) {
        complain_last(c, "", report);
    } else {
        tst_subject s = {.c = c,
                         .e = e,
                         .request = &q.request,
                         .r = r,
                         .with = tst_declarations,
                         .sizes = "m=3,n=4",
                         .tolerance = 1e-7,
                         .seed = seed,
                         .where = where,
                         .alike_suffices = !exact};
        if (q.request.what == SD_TAYLOR) check_taylor(&q, c, e, r, seed, report);
        else tst_numeric(&s, report);
        tst_round_trip(&s, report);
        tst_three_ways(&s, batch, report);
    }
    if (report->count) {
        static const char *const convention[] = {"", " unconstrained", " cookbook"};
        tst_complain(report, "%s %s %s%s order %d%s%s : %s", tst_asked[q.request.what], q.wrt,
                     q.request.direction ? q.request.direction : "", q.request.around ? "z" : "",
                     q.request.order, q.request.layout ? " denominator" : "", convention[q.request.symmetric],
                     q.text);
        report->count--;
    }
    sd_context_free(c);
    tst_question_free(&q);
    free(where);
}

typedef struct {
    const tst_trials *t;
    tst_batch *batch; // every eighth joins it
    bool print, exact;
    unsigned alike, restless;
} run;

static void one(void *state, unsigned seed, tst_report *report)
{
    run *r = state;
    examine(seed, r->t->done % 8 == 0 ? r->batch : NULL, report, r->print, r->exact);
    r->alike += report->alike != 0;
    r->restless += report->restless != 0;
}

int main(int argc, char **argv)
{
    tst_trials t = {.name = "random", .seed = tst_seed_of_today(), .count = 2000, .seconds = 60};
    run r = {.t = &t};
    bool c = true;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--no-c")) c = false;
        else if (!strcmp(argv[i], "--print")) r.print = true;
        else if (!strcmp(argv[i], "--exact")) r.exact = true; // an equal form is a failure
        else if (!tst_trials_option(&t, argc, argv, &i)) {
            fprintf(stderr,
                    "usage: random [--seed S] [--count N] [--seconds T] [--no-c] [--print] [--exact]\n");
            return 2;
        }
    }
    tst_batch *batch = r.batch = c ? tst_batch_new() : NULL;
    tst_trials_run(&t, one, &r);
    unsigned wrong = batch ? (unsigned)tst_batch_run(batch, stdout) : 0;
    printf("random: %u expressions, %u failed; %u read back to an equal form; %u print another text when "
           "typed in; %zu functions as C, %u wrong\n",
           t.done, t.failed, r.alike, r.restless, tst_batch_size(batch), wrong);
    if (batch) tst_batch_free(batch);
    return t.failed || wrong ? 1 : 0;
}
