// SPDX-License-Identifier: MIT
// Products of a derivative with directions that must agree: u'(J v) = (J'u)'v, and w'(H v) = v'(H w) for a
// Hessian.
//
// Each side is a result of the library by itself, evaluated at the same random point, by the interpreter.
#include "tests/support/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// The values of some results at one point at which all are finite; the point holds the directions, too.
static bool evaluate(const tst_subject *s, tst_point *p, size_t n, const sd_result *const *r, sd_array *out)
{
    for (size_t i = 0; i < n; i++) {
        char *legend = sd_legend(s->c, sd_result_expr(r[i], 0));
        if (legend) tst_point_add(p, legend);
        sd_free(s->c, legend);
    }
    tst_point_facts(p, s->with);
    for (int kind = 0; tst_point_draw(p, s->seed + 1, kind); kind++) {
        sd_data *d = tst_point_data(s->c, p);
        bool finite = d != NULL;
        for (size_t i = 0; i < n; i++) {
            sd_free(s->c, out[i].data);
            out[i] = (sd_array){.order = 0};
            finite = finite && sd_interpret(s->c, r[i], d, &out[i]) == SD_OK;
            for (size_t k = 0; finite && k < tst_entries(&out[i]); k++) finite = isfinite(out[i].data[k]);
        }
        sd_data_free(d);
        if (finite) return true;
    }
    return false;
}

// The product of an array with the variable called name, or 0 if the results do
// not contain it; size: of its terms.
static double pair(const tst_point *p, const char *name, const sd_array *a, double *size)
{
    const tst_input *in = tst_point_find(p, name);
    double sum = 0;
    *size = 0;
    for (size_t i = 0; in && i < tst_entries(a); i++) {
        sum += in->value[i] * a->data[i];
        *size += fabs(in->value[i] * a->data[i]);
    }
    return sum;
}

// Derives two products and compares first'*value(second) with second'*value(first).
static void agree(const tst_subject *s, const sd_request q[2], const char *const direction[2],
                  const char *what, tst_report *report)
{
    const sd_result *r[2];
    sd_array a[2] = {{.order = 0}, {.order = 0}};
    tst_point p = {0};
    double size[2], sum[2];
    for (int i = 0; i < 2; i++) {
        r[i] = sd_derive(s->c, s->e, &q[i]);
        if (r[i]) continue;
        char *error = sd_error_text(s->c, sd_last_error(s->c));
        tst_complain(report, "%s: %s", what, error ? error : "");
        sd_free(s->c, error);
        return;
    }
    if (!evaluate(s, &p, 2, r, a)) {
        if (!p.abstract) tst_complain(report, "%s: no random point has finite values", what);
    } else {
        for (int i = 0; i < 2; i++) sum[i] = pair(&p, direction[1 - i], &a[i], &size[i]);
        if (!(fabs(sum[0] - sum[1]) <= 1e-9 * (size[0] + size[1]) + 1e-12))
            tst_complain(report, "%s: %.15g on one side, %.15g on the other", what, sum[0], sum[1]);
    }
    for (int i = 0; i < 2; i++) sd_free(s->c, a[i].data);
    tst_point_free(&p);
}

void tst_jacobian_products(const tst_subject *s, const char *v, const char *u, tst_report *report)
{
    const sd_request q[2] = {{.what = SD_JVP, .wrt = s->request->wrt, .direction = v},
                             {.what = SD_VJP, .wrt = s->request->wrt, .direction = u}};
    agree(s, q, (const char *const[]){v, u}, "u'*(J*v) = (J'*u)'*v", report);
}

void tst_hessian_products(const tst_subject *s, const char *v, const char *w, tst_report *report)
{
    const sd_request q[2] = {{.what = SD_HVP, .wrt = s->request->wrt, .direction = v},
                             {.what = SD_HVP, .wrt = s->request->wrt, .direction = w}};
    agree(s, q, (const char *const[]){v, w}, "w'*(H*v) = v'*(H*w)", report);
}
