// SPDX-License-Identifier: MIT
// `reference` blocks: the compiled function and the emitted C against numbers
// computed with hundreds of digits.
//
// Each expected line is a point: inputs, "->", the entries of the answer, row-major, or "~" and what the
// entry may be off where its condition alone costs more than LIMIT (tests/reference/make.py says how that is
// measured). An entry is compared by its own size, not by that of the largest one.
#include "tests/support/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// relative; absolute: the same part of the smallest normal double
static const double LIMIT = 1e-12, UNDERFLOW = 2e-320;

typedef struct {
    tst_point p;
    sd_array *want, *allowed; // by output
    size_t n;
} row;

bool tst_within(const double *want, const double *got, const double *allowed, size_t n, size_t *worst)
{
    double excess = 0;
    *worst = 0;
    for (size_t i = 0; i < n; i++) {
        double gap = isfinite(got[i]) ? fabs(got[i] - want[i]) / allowed[i] : HUGE_VAL;
        if (gap > excess) *worst = i, excess = gap;
    }
    return excess <= 1;
}

// The numbers of one output from the text, which moves on; false if they run out.
static bool read_numbers(const char **text, size_t n, double *want, double *allowed)
{
    for (size_t i = 0; i < n; i++) {
        char *end;
        want[i] = tst_number(*text, &end);
        if (end == *text) return false;
        allowed[i] = LIMIT * fabs(want[i]) + UNDERFLOW;
        if (*end == '~') allowed[i] = tst_number(end + 1, &end);
        *text = end;
    }
    return true;
}

static bool read_row(const tst_subject *s, const sd_function *f, const char *line, row *r, tst_report *report)
{
    const char *arrow = strstr(line, "-> ");
    for (size_t i = 0; i <= sd_result_count(s->r); i++) { // directions stand in the answer alone
        char *legend = sd_legend(s->c, i ? sd_result_expr(s->r, i - 1) : s->e);
        if (legend) tst_point_add(&r->p, legend);
        sd_free(s->c, legend);
    }
    tst_point_facts(&r->p, s->with);
    for (const char *at = line; arrow && at < arrow; at += strspn(at, " ")) {
        char *literal = tst_copy(at, strcspn(at, " "));
        tst_point_fix(&r->p, s->c, literal);
        at += strlen(literal);
        free(literal);
    }
    tst_point_draw(&r->p, s->seed, 0);
    bool complete = arrow != NULL;
    for (size_t i = 0; i < r->p.n; i++) complete &= r->p.in[i].fixed;
    r->n = sd_function_outputs(f);
    r->want = tst_grow(NULL, r->n * sizeof *r->want);
    r->allowed = tst_grow(NULL, r->n * sizeof *r->allowed);
    memset(r->want, 0, r->n * sizeof *r->want);
    memset(r->allowed, 0, r->n * sizeof *r->allowed);
    sd_data *d = tst_point_data(s->c, &r->p);
    if (!d || sd_evaluate(s->c, s->r, d, r->want) != SD_OK) complete = false; // for the shapes
    const char *text = arrow ? arrow + 3 : "";
    for (size_t i = 0; complete && i < r->n; i++) {
        size_t n = tst_entries(&r->want[i]);
        r->allowed[i] = r->want[i];
        r->allowed[i].data = tst_grow(NULL, n * sizeof(double));
        complete = read_numbers(&text, n, r->want[i].data, r->allowed[i].data);
    }
    sd_data_free(d);
    if (!complete || text[strspn(text, " ")])
        tst_complain(report, "not a point of this expression: %.80s", line);
    return complete;
}

static void free_row(sd_context *c, row *r)
{
    for (size_t i = 0; i < r->n; i++) {
        sd_free(c, r->want[i].data);
        free(r->allowed[i].data);
    }
    free(r->want);
    free(r->allowed);
    tst_point_free(&r->p);
}

static void call(const sd_function *f, row *r, const char *line, const char *how, tst_report *report)
{
    size_t nin = sd_function_inputs(f), ndims = sd_function_dims(f), worst;
    size_t *dims = tst_grow(NULL, ndims * sizeof *dims);
    const double **in = tst_grow(NULL, nin * sizeof *in);
    double **out = tst_grow(NULL, r->n * sizeof *out);
    for (size_t i = 0; i < ndims; i++) dims[i] = tst_point_dim(&r->p, sd_function_dim(f, i));
    for (size_t i = 0; i < nin; i++) in[i] = tst_point_find(&r->p, sd_function_input(f, i))->value;
    for (size_t i = 0; i < r->n; i++) out[i] = tst_grow(NULL, tst_entries(&r->want[i]) * sizeof(double));
    double *work = tst_grow(NULL, sd_function_workspace(f, dims) * sizeof *work);
    int status = sd_function_call(f, dims, in, out, work);
    if (status) tst_complain(report, "%s returns %d at %.80s", how, status, line);
    for (size_t i = 0; i < r->n; i++) {
        if (!status &&
            !tst_within(r->want[i].data, out[i], r->allowed[i].data, tst_entries(&r->want[i]), &worst))
            tst_complain(report, "%s gives %.17g at entry %zu, the reference %.17g, off by %.2g: %.160s", how,
                         out[i][worst], worst, r->want[i].data[worst],
                         fabs((out[i][worst] - r->want[i].data[worst]) / r->want[i].data[worst]), line);
        free(out[i]);
    }
    free(out);
    free(in);
    free(dims);
    free(work);
}

// The same with the sizes of the point as constants: other code.
static void with_sizes(const tst_subject *s, row *r, const char *line, tst_report *report)
{
    char *sizes = tst_point_sizes_text(&r->p);
    sd_function *f = *sizes ? sd_compile(s->c, s->r, &(sd_emit_options){.dense = 1, .sizes = sizes}) : NULL;
    if (f) call(f, r, line, "the function compiled with sizes", report);
    sd_function_free(f);
    free(sizes);
}

void tst_reference(const tst_subject *s, const tst_lines *rows, tst_batch *batch, tst_report *report)
{
    char *name = tst_format("f%zu", tst_batch_size(batch));
    sd_emit_options o = {.name = name, .dense = 1, .target = tst_target};
    sd_c_code code = {NULL, NULL};
    sd_function *f = sd_compile(s->c, s->r, &o);
    if (!f || (batch && sd_emit(s->c, s->r, &o, &code) != SD_OK))
        tst_complain(report, "%s", sd_last_error(s->c)->message);
    for (size_t i = 0; f && i < rows->n; i++) {
        row r = {.n = 0};
        if (read_row(s, f, rows->s[i], &r, report)) {
            call(f, &r, rows->s[i], "the compiled function", report);
            with_sizes(s, &r, rows->s[i], report);
            if (code.source && !i) tst_batch_add(batch, s->where, &code, name, f, r.n);
            if (code.source) tst_batch_point(batch, f, &r.p, r.want, r.allowed, 0);
        }
        free_row(s->c, &r);
    }
    sd_free(s->c, code.source);
    sd_free(s->c, code.header);
    sd_function_free(f);
    free(name);
}
