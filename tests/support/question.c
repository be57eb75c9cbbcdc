// SPDX-License-Identifier: MIT
// A random expression (compose.c) and a random derivative of it: by one of its variables,
// in one of the ways that there are.
#define _POSIX_C_SOURCE 200809L
#include "tests/support/question.h"

#include <stdlib.h>
#include <string.h>

const char *const tst_asked[] = {"diff", "gradient", "jacobian", "hessian",      "hvp",   "jvp",
                                 "vjp",  "value",    "along",    "differential", "taylor"};

// How the variable is asked about; the direction or point is a new name, or another variable of the shape.
static void request(tst_question *q, tst_rng *rng, const tst_variable *v, int order)
{
    static const char *const other[] = {"b", "a", "2*b", "a",   "u", "x", "v",
                                        "y", "F", "A",   "2*B", "R", "S", "2*T"};
    size_t at = (size_t)(v - tst_variables);
    sd_request *r = &q->request;
    *r = (sd_request){.what = SD_DERIVATIVE,
                      .wrt = q->wrt,
                      .symmetric = (sd_symmetric)(tst_below(rng, 3) ? 0 : tst_below(rng, 3))};
    const char *direction = at < sizeof other / sizeof *other && tst_below(rng, 2) ? other[at] : "z";
    switch (tst_below(rng, 12)) {
    case 0:
    case 1:
        if (order == 0 && v->s.order < 2) r->what = SD_HESSIAN;
        break;
    case 2: r->what = order == 0 ? SD_HVP : SD_JVP; break;
    case 3: r->what = SD_JVP; break;
    case 4:
        r->what = SD_VJP;
        direction = order == 0 ? "b" : NULL;
        break;
    case 5: r->what = SD_ALONG, r->order = 1 + (int)tst_below(rng, 3), direction = "z"; break;
    case 6: r->what = SD_DIFFERENTIAL; break;
    case 7:
        if (!v->facts) r->what = SD_TAYLOR, r->order = (int)tst_below(rng, 3), r->around = "z";
        break;
    case 8:
        if (v->s.order + order == 0) r->order = 2 + (int)tst_below(rng, 2);
        break;
    case 9:
        if (order == 1) r->what = SD_JACOBIAN, r->layout = SD_DENOMINATOR;
        break;
    case 10:
        if (order == 0 && v->s.order == 2 && !tst_below(rng, 3)) r->what = SD_HESSIAN;
        break;
    default: break;
    }
    if (r->what == SD_HVP || r->what == SD_JVP || r->what == SD_VJP || r->what == SD_ALONG)
        r->direction = direction ? direction : "z";
}

tst_question tst_ask(unsigned seed)
{
    static const tst_shape shapes[] = {{0, 0, 0},     {0, 0, 0},     {0, 0, 0},         {0, 0, 0},
                                       {1, TST_N, 0}, {1, TST_M, 0}, {2, TST_M, TST_N}, {2, TST_N, TST_N}};
    tst_question q = {.text = NULL};
    for (unsigned again = 0;; again++) {
        q.c = (tst_composition){.rng = {seed * 7919u + again}};
        for (int i = 0; i < 3; i++) tst_next(&q.c.rng);
        tst_shape s = shapes[tst_below(&q.c.rng, sizeof shapes / sizeof *shapes)];
        q.c.abstract = !tst_below(&q.c.rng, 8);
        tst_compose(&q.c, s, 2 + (int)tst_below(&q.c.rng, s.order ? 2 : 3));
        q.text = tst_composed(&q.c);
        unsigned used[64], k = 0;
        for (unsigned i = 0; i < tst_nvariables; i++)
            // these sit on kinks
            if ((q.c.used >> i & 1) && !(tst_variables[i].facts & (TST_ONEHOT | TST_INTEGER))) used[k++] = i;
        if (k && strlen(q.text) <= 300 && strlen(q.text) >= 3) { // not too long to read, and no bare variable
            const tst_variable *v = &tst_variables[used[tst_below(&q.c.rng, k)]];
            const tst_variable *other = &tst_variables[used[tst_below(&q.c.rng, k)]];
            bool two = other != v && !tst_below(&q.c.rng, 8);
            q.wrt = two ? tst_format("%s,%s", v->name, other->name) : tst_copy(v->name, 1);
            if (!two) request(&q, &q.c.rng, v, s.order);
            else
                q.request = (sd_request){.what = s.order == 0 && v->s.order + other->s.order < 3 &&
                                                         tst_below(&q.c.rng, 2)
                                                     ? SD_HESSIAN
                                                     : SD_DERIVATIVE,
                                         .wrt = q.wrt};
            return q;
        }
        free(q.text);
        tst_composition_free(&q.c);
    }
}

void tst_question_free(tst_question *q)
{
    free(q->text);
    free(q->wrt);
    tst_composition_free(&q->c);
}
