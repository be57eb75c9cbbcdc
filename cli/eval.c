// SPDX-License-Identifier: MIT
// symdiff eval: the numbers. Text by default, `-f json` for programs, `-f matlab` on one line.
//
// text    one answer: a number, or rows on lines; several: "d/dx1: 3" a line each
// json    {"value": 3, "shape": []}; several: {"value": {"x1": 3, "x2": 4}}, Hessian blocks:
//         {"x1": {"x1": ..}, ..}; the Jacobian of an array by several scalars is one array, the scalars along
//         its last axis
//
// -o FILE.npy, .csv, .mtx or .json writes what --data X=FILE reads: the array alone; .json of several answers
// is an object by their names.
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

static size_t count_nan(const sd_array *a)
{
    size_t n = 1, bad = 0;
    for (int i = 0; i < a->order; i++) n *= a->dim[i];
    for (size_t k = 0; k < n; k++) bad += a->data[k] != a->data[k];
    return bad;
}

static int put_array(session *s, text *t, const sd_array *a, sd_format format)
{
    char *shown = sd_array_print(s->c, a, format);
    if (!shown) return session_failed(s);
    put(t, shown);
    sd_free(s->c, shown);
    return DONE;
}

static int put_text(session *s, text *t, const sd_array *a, sd_format format)
{
    size_t n = sd_result_count(s->result);
    for (size_t i = 0; i < n; i++) {
        const char *label = sd_result_label(s->result, i);
        if (*label) putf(t, "%s:%s", label, a[i].order > 2 ? "\n" : " ");
        int status = put_array(s, t, &a[i], *label ? SD_MATLAB : format);
        if (status) return status;
        put(t, "\n");
    }
    return DONE;
}

static int put_single(session *s, text *t, const sd_array *a)
{
    int status = put_array(s, t, a, SD_JSON);
    put(t, ", \"shape\": [");
    for (int i = 0; i < a->order; i++) putf(t, "%s%zu", i ? ", " : "", a->dim[i]);
    put(t, "]");
    return status;
}

// Entries that share a row variable stand together: a Hessian's blocks become an object of objects.
static int put_object(session *s, text *t, const sd_array *a)
{
    const sd_result *r = s->result;
    size_t n = sd_result_count(r);
    put(t, "{");
    for (size_t i = 0; i < n; i++) {
        const char *row = sd_result_row(r, i), *column = sd_result_column(r, i);
        bool blocks = *column, begins = !i || strcmp(sd_result_row(r, i - 1), row);
        if (i) put(t, ", ");
        if (begins || !blocks) put_quoted(t, row), put(t, ": ");
        if (blocks && begins) put(t, "{");
        if (blocks) put_quoted(t, column), put(t, ": ");
        int status = put_array(s, t, &a[i], SD_JSON);
        if (status) return status;
        if (blocks && (i + 1 == n || strcmp(sd_result_row(r, i + 1), row))) put(t, "}");
    }
    put(t, "}");
    return DONE;
}

// Were several scalars to be one vector? Then all entries have the axes of the expression itself.
static bool is_one_jacobian(session *s, const sd_array *a)
{
    size_t n = sd_result_count(s->result);
    sd_result *value = s->o->what == SD_JACOBIAN && n > 1 ? sd_value(s->c, s->expr) : NULL;
    int order = value ? sd_result_order(s->c, value, 0) : 0;
    bool fits = order > 0 && order < SD_MAX_ORDER && s->o->what_name && !s->o->order;
    for (size_t i = 0; i < n; i++) fits &= a[i].order == order;
    return fits;
}

// The numbers of that array, whose shape goes to *all; to be freed
static double *stacked(session *s, sd_array *all, const sd_array *a)
{
    size_t n = sd_result_count(s->result), count = 1;
    *all = a[0];
    for (int i = 0; i < a->order; i++) count *= a->dim[i];
    all->dim[all->order++] = n;
    all->data = malloc(count * n * sizeof *all->data);
    for (size_t k = 0; all->data && k < count; k++)
        for (size_t i = 0; i < n; i++) all->data[k * n + i] = a[i].data[k];
    return all->data;
}

static int put_stacked(session *s, text *t, const sd_array *a)
{
    sd_array all;
    if (!stacked(s, &all, a)) return complain(s->o, BROKEN, "", "out of memory");
    int status = put_single(s, t, &all);
    free(all.data);
    return status;
}

static int put_answers(session *s, text *t, const sd_array *a)
{
    bool several = sd_result_count(s->result) > 1 || *sd_result_label(s->result, 0);
    put(t, "{\"value\": ");
    int status = !several                ? put_single(s, t, a)
                 : is_one_jacobian(s, a) ? put_stacked(s, t, a)
                                         : put_object(s, t, a);
    put(t, "}\n");
    return status;
}

// The kind of file that -o names, unless a format of text was asked for; NULL: text
static const char *file_kind(const options *o)
{
    static const char *const kinds[] = {"npy", "csv", "mtx", "json"};
    const char *dot = o->output && !o->format ? strrchr(o->output, '.') : NULL;
    for (size_t i = 0; dot && i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(dot + 1, kinds[i])) return kinds[i];
    return NULL;
}

static int write_file(session *s, const sd_array *a, const char *kind)
{
    size_t n, count = sd_result_count(s->result);
    bool joined = count > 1 && is_one_jacobian(s, a), is_json = !strcmp(kind, "json");
    text t = {0};
    sd_array whole = a[0];
    int status = DONE;
    if (joined && !(whole.data = stacked(s, &whole, a))) return complain(s->o, BROKEN, "", "out of memory");
    if (count > 1 && !joined && !is_json)
        return complain(s->o, BAD_USAGE, "one variable of --wrt at a time, or -o FILE.json",
                        "%s holds one array, not %zu answers", s->o->output, count);
    if (count > 1 && !joined) {
        status = put_object(s, &t, a);
        put(&t, "\n");
    } else {
        char *bytes = sd_array_bytes(s->c, &whole, kind, &n);
        if (!bytes) status = session_failed(s);
        else putn(&t, bytes, n);
        sd_free(s->c, bytes);
    }
    if (joined) free(whole.data);
    if (!status) session_legend(s);
    if (!status) status = answer(s->o, &t);
    text_free(&t);
    return status;
}

static int show(session *s, const sd_array *a, sd_format format)
{
    text t = {0};
    bool to_file = file_kind(s->o) != NULL;
    int status = to_file             ? write_file(s, a, file_kind(s->o))
                 : format == SD_JSON ? put_answers(s, &t, a)
                                     : put_text(s, &t, a, format);
    if (!to_file) session_legend(s);
    if (!to_file && !status) status = answer(s->o, &t);
    text_free(&t);
    size_t bad = 0, n = sd_result_count(s->result);
    for (size_t i = 0; i < n; i++) bad += count_nan(&a[i]);
    if (bad && !status) {
        status =
            complain(s->o, NO_ANSWER, "the data lies outside the domain of the expression, or it overflows",
                     "the value is not a number in %zu entr%s", bad, bad == 1 ? "y" : "ies");
    }
    return status;
}

int run_eval(options *o)
{
    const char *name = o->format ? o->format : "text";
    bool table = o->sweep.n > 0;
    if (table && (!strcmp(name, "csv") || !strcmp(name, "json"))) return run_sweep(o, name);
    if (table && !strcmp(name, "text")) return run_sweep(o, file_kind(o));
    if (table)
        return complain(o, BAD_USAGE, "", "--sweep: the formats of tables are text, csv and json, not '%s'",
                        name);
    int format = sd_format_find(name);
    if (format != SD_TEXT && format != SD_JSON && format != SD_MATLAB) {
        return complain(o, BAD_USAGE, "", "eval: the formats of numbers are text, matlab and json, not '%s'",
                        name);
    }
    session s;
    sd_array *a = NULL;
    size_t n = 0;
    int status = session_open(&s, o);
    if (!status) status = session_derive(&s);
    if (!status && !s.data && !(s.data = sd_data_new(s.c))) status = session_failed(&s);
    if (!status) {
        n = sd_result_count(s.result);
        a = calloc(n ? n : 1, sizeof *a);
        if (!a) status = complain(o, BROKEN, "", "out of memory");
    }
    if (!status && sd_evaluate(s.c, s.result, s.data, a)) {
        status = session_failed(&s);
        n = 0; // nothing was returned
    }
    if (!status) status = show(&s, a, (sd_format)format);
    for (size_t i = 0; a && i < n; i++) sd_free(s.c, a[i].data);
    free(a);
    session_close(&s);
    return status;
}
