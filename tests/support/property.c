// SPDX-License-Identifier: MIT
// Properties of every answer, whatever its text: the derivative agrees with differences; the printed text
// reads back to the same expression; interpreter, compiled function and sd_evaluate give the same numbers.
// None of it looks inside the library: expressions are compared by their handle, values at random points.
#include "tests/support/test.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool tst_close(const double *a, const double *b, size_t n, double tolerance, size_t *worst)
{
    double scale = 0, gap = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(a[i]) && isfinite(b[i])) scale = fmax(scale, fmax(fabs(a[i]), fabs(b[i])));
    *worst = 0;
    for (size_t i = 0; i < n; i++) {
        bool odd = !isfinite(a[i]) || !isfinite(b[i]);
        bool same = a[i] == b[i] || (isnan(a[i]) && isnan(b[i]));
        double d = odd ? (same ? 0 : HUGE_VAL) : fabs(a[i] - b[i]);
        if (d > gap) {
            gap = d;
            *worst = i;
        }
    }
    return gap <= tolerance * scale + 1e-13;
}

// ---- print, parse, compare --------------------------------------------------------------------------------
// The text of entry i: its line without label, and the `where` lines that belong to all entries.
static char *entry_text(const sd_result *r, const char *printed, size_t i)
{
    const char *where = strstr(printed, "\n  where ");
    const char *end = where ? where : printed + strlen(printed);
    while (end > printed && end[-1] == '\n') end--;
    size_t head = *printed == 'd' ? strcspn(printed, " ") : 0; // "dF = ": a differential reads back without
    if (head < 4 && !strncmp(printed + head, " = ", 3)) printed += head + 3;
    if (sd_result_count(r) == 1) return tst_copy(printed, strlen(printed));
    char *label = tst_format("%s: ", sd_result_label(r, i));
    size_t k = strlen(label);
    char *out = NULL;
    for (const char *line = printed; line < end && !out;) {
        size_t n = strcspn(line, "\n");
        if (!strncmp(line, label, k)) out = tst_format("%.*s%s", (int)(n - k), line + k, where ? where : "");
        line += n + 1;
    }
    free(label);
    return out;
}

static sd_expr simplified(sd_context *c, sd_expr e)
{
    const sd_result *r = sd_value(c, e);
    return r ? sd_result_expr(r, 0) : 0;
}

// Is a function of the answer written by exp, as the question typed it, y*exp(x)-y for y*expm1(x)?
static bool is_by_exp(const tst_subject *s, const char *text)
{
    bool found = false;
    char *graph = strstr(text, "exp(") ? sd_dump(s->c, s->r, "graph") : NULL;
    for (const char *p = graph; p && (p = strstr(p, "= map ")) && !found;) {
        char name[64] = "";
        p += strlen("= map ");
        snprintf(name, sizeof name, "%.*s(", (int)strcspn(p, " "), p);
        found = !strstr(text, name);
    }
    sd_free(s->c, graph);
    return found;
}

// A polynomial is printed term by term, and one node can't keep that: it reads back to an equal expression.
// So does a text with functions as the question typed them, which may make another node.
static bool reads_back(const tst_subject *s, sd_expr back, sd_expr want, const char *text, tst_report *report)
{
    sd_equal_report e = {0};
    if (back == want || simplified(s->c, back) == want) return true;
    bool polynomial = s->request && s->request->what == SD_TAYLOR,
         ask = polynomial || s->alike_suffices || is_by_exp(s, text);
    bool known = ask && sd_equal(s->c, back, want, 0, &e) == SD_OK, equal = known && e.equal;
    if (ask && !known) tst_complain_error(s, report, "sd_equal");
    if (known && !equal)
        tst_complain(report, "not equal: %s %.500s; %.300s and %.300s", e.detail, e.witness ? e.witness : "",
                     e.value[0] ? e.value[0] : "", e.value[1] ? e.value[1] : "");
    report->alike += equal && !polynomial;
    sd_free(s->c, e.witness);
    sd_free(s->c, e.value[0]);
    sd_free(s->c, e.value[1]);
    return equal;
}

// An answer that is typed in prints itself: nothing is left to be simplified in it. Not those that are
// printed term by term, and those between entries, whose left sides are lost.
static void prints_itself(const tst_subject *s, sd_expr back, const char *text, tst_report *report)
{
    if ((s->request && s->request->what == SD_TAYLOR) || strstr(text, " = ")) return;
    char *again = sd_print(s->c, sd_value(s->c, back), SD_TEXT, SD_NO_WHERE);
    if (!again) tst_complain_error(s, report, "the answer, typed in");
    else if (strcmp(again, text)) {
        report->restless++;
        if (!s->alike_suffices) tst_complain(report, "typed in, the answer %s prints %s", text, again);
    }
    sd_free(s->c, again);
}

FILE *tst_latex;

// The answer in LaTeX, for tests/typeset/
static void put_latex(const tst_subject *s, tst_report *report)
{
    char *printed = tst_latex ? sd_print(s->c, s->r, SD_LATEX, 0) : NULL;
    if (tst_latex && !printed) tst_complain_error(s, report, "sd_print in LaTeX");
    if (printed) fprintf(tst_latex, "%s\n%s\n\f\n", s->where ? s->where : "?", printed);
    sd_free(s->c, printed);
}

static void round_trip_as(const tst_subject *s, sd_format format, unsigned flags, const char *name,
                          tst_report *report)
{
    char *printed = sd_print(s->c, s->r, format, flags);
    if (!printed) {
        tst_complain_error(s, report, "sd_print");
        return;
    }
    for (size_t i = 0; i < sd_result_count(s->r); i++) {
        char *text = entry_text(s->r, printed, i);
        if (!text) {
            tst_complain(report, "%s has no line '%s: '", name, sd_result_label(s->r, i));
            continue;
        }
        sd_expr back = sd_parse(s->c, text, "<printed>");
        if (!back) {
            tst_complain_error(s, report, name);
        } else if (!reads_back(s, back, sd_result_expr(s->r, i), text, report)) {
            char *again = sd_print(s->c, sd_value(s->c, back), format, flags);
            tst_complain(report, "%s reads back to another expression:\n  printed %s\n  again   %s", name,
                         text, again ? again : "?");
            sd_free(s->c, again);
        }
        if (back && format == SD_TEXT && (flags & SD_NO_WHERE)) prints_itself(s, back, text, report);
        free(text);
    }
    sd_free(s->c, printed);
}

void tst_round_trip(const tst_subject *s, tst_report *report)
{
    round_trip_as(s, SD_TEXT, 0, "text", report);
    round_trip_as(s, SD_TEXT, SD_NO_WHERE, "text without where", report);
    round_trip_as(s, SD_UNICODE, 0, "unicode", report);
    put_latex(s, report);
}

// ---- values -----------------------------------------------------------------------------------------------
static void add_legend(const tst_subject *s, tst_point *p, sd_expr e)
{
    char *legend = e ? sd_legend(s->c, e) : NULL;
    if (legend) tst_point_add(p, legend);
    sd_free(s->c, legend);
}

static void free_values(sd_context *c, sd_array *a, size_t n)
{
    for (size_t i = 0; i < n; i++) sd_free(c, a[i].data);
    free(a);
}

static bool all_finite(const sd_array *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < tst_entries(&a[i]); k++)
            if (!isfinite(a[i].data[k])) return false;
    return true;
}

static void prepare(const tst_subject *s, tst_point *p, sd_expr other)
{
    add_legend(s, p, s->e);
    for (size_t i = 0; i < sd_result_count(s->r); i++) add_legend(s, p, sd_result_expr(s->r, i));
    add_legend(s, p, other);
    tst_point_facts(p, s->with ? s->with : "");
    tst_point_sizes(p, s->sizes);
    for (size_t i = 0; s->data && i < s->data->n; i++) tst_point_fix(p, s->c, s->data->s[i]);
}

// Draws points until the interpreter's values are finite. NULL after a complaint.
static sd_array *interpret(const tst_subject *s, tst_point *p, sd_data **data, tst_report *report)
{
    size_t n = sd_result_count(s->r);
    for (int kind = 0; tst_point_draw(p, s->seed + 1, kind); kind++) {
        sd_data *d = tst_point_data(s->c, p);
        sd_array *a = tst_grow(NULL, n * sizeof *a);
        memset(a, 0, n * sizeof *a);
        sd_array value = {0};
        sd_status status = d ? sd_interpret(s->c, s->r, d, a) : SD_ERR_DATA;
        if (status == SD_OK && s->e) status = sd_interpret(s->c, sd_value(s->c, s->e), d, &value);
        bool defined = status != SD_OK || all_finite(&value, s->e != 0);
        sd_free(s->c, value.data);
        if (defined && status == SD_OK && all_finite(a, n)) {
            *data = d;
            return a;
        }
        if (defined && status == SD_OK && kind == 0) tst_missing(s, d, report);
        free_values(s->c, a, n);
        sd_data_free(d);
        if (status != SD_OK && status != SD_ERR_SINGULAR && status != SD_ERR_DOMAIN) {
            tst_complain_error(s, report, "sd_interpret");
            return NULL;
        }
    }
    tst_complain(report, "no random point has finite values");
    return NULL;
}

// The answer with every input that may vary changed by a few units of the last place.
static bool interpret_near(const tst_subject *s, tst_point *p, double factor, sd_array *out)
{
    const unsigned exact = TST_ORTHOGONAL | TST_UNIT | TST_SIMPLEX | TST_ONEHOT | TST_INTEGER;
    double **kept = tst_grow(NULL, (p->n + 1) * sizeof *kept);
    for (size_t i = 0; i < p->n; i++) {
        size_t count = tst_product(p->in[i].order, p->in[i].dim);
        kept[i] = p->in[i].value;
        p->in[i].value = tst_grow(NULL, (count + 1) * sizeof(double));
        for (size_t k = 0; k < count; k++)
            p->in[i].value[k] = kept[i][k] * (p->in[i].facts & exact ? 1 : factor);
    }
    sd_data *d = tst_point_data(s->c, p);
    bool ok = d && sd_interpret(s->c, s->r, d, out) == SD_OK;
    sd_data_free(d);
    for (size_t i = 0; i < p->n; i++) free(p->in[i].value), p->in[i].value = kept[i];
    free(kept);
    return ok;
}

// Is the interpreter that uncertain itself? It computes as it is written, so what cancels is lost: near by,
// rounding falls out otherwise.
static bool uncertain(const tst_subject *s, tst_point *p, size_t output, size_t entry, double apart)
{
    size_t n = sd_result_count(s->r);
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (int run = -4; run <= 4; run++) {
        sd_array *a = tst_grow(NULL, n * sizeof *a);
        memset(a, 0, n * sizeof *a);
        if (interpret_near(s, p, 1 + 3 * run * DBL_EPSILON, a))
            low = fmin(low, a[output].data[entry]), high = fmax(high, a[output].data[entry]);
        free_values(s->c, a, n);
    }
    return apart <= 10 * (high - low);
}

static void compare(const tst_subject *s, tst_point *p, const sd_array *want, const sd_array *got,
                    const char *how, tst_report *report)
{
    for (size_t i = 0; i < sd_result_count(s->r); i++) {
        size_t worst, n = tst_entries(&want[i]);
        if (tst_entries(&got[i]) != n)
            tst_complain(report, "%s gives %zu numbers, the interpreter %zu", how, tst_entries(&got[i]), n);
        else if (!tst_close(want[i].data, got[i].data, n, s->tolerance > 0 ? s->tolerance : 1e-8, &worst) &&
                 !uncertain(s, p, i, worst, fabs(want[i].data[worst] - got[i].data[worst])))
            tst_complain(report, "%s gives %.17g at entry %zu of output %zu, the interpreter %.17g", how,
                         got[i].data[worst], worst, i, want[i].data[worst]);
    }
}

static void through_evaluate(const tst_subject *s, tst_point *p, const sd_data *d, const sd_array *want,
                             tst_report *report)
{
    size_t n = sd_result_count(s->r);
    sd_array *got = tst_grow(NULL, n * sizeof *got);
    memset(got, 0, n * sizeof *got);
    if (sd_evaluate(s->c, s->r, d, got) != SD_OK) tst_complain_error(s, report, "sd_evaluate");
    else compare(s, p, want, got, "sd_evaluate", report);
    free_values(s->c, got, n);
}

// Calls the compiled function with guarded memory: the values, and nothing written beyond.
static void through_call(const tst_subject *s, tst_point *p, const sd_function *f, const sd_array *want,
                         tst_report *report)
{
    size_t nin = sd_function_inputs(f), nout = sd_function_outputs(f), ndims = sd_function_dims(f),
           first = s->e != 0, worst;
    size_t *dims = tst_grow(NULL, ndims * sizeof *dims);
    const double **in = tst_grow(NULL, nin * sizeof *in);
    double **out = tst_grow(NULL, nout * sizeof *out);
    for (size_t i = 0; i < ndims; i++) dims[i] = tst_point_dim(p, sd_function_dim(f, i));
    for (size_t i = 0; i < nin; i++) in[i] = tst_point_find(p, sd_function_input(f, i))->value;
    for (size_t i = 0; i < nout; i++) out[i] = tst_guarded(tst_entries(&want[i]));
    size_t room = sd_function_workspace(f, dims);
    double *work = tst_guarded(room);
    int status = sd_function_call(f, dims, in, out, work);
    bool intact = tst_release(work, room);
    if (status) tst_complain(report, "the compiled function returns %d", status);
    for (size_t i = 0; i < nout; i++) {
        if (!status &&
            !tst_close(want[i].data, out[i], tst_entries(&want[i]), s->tolerance > 0 ? s->tolerance : 1e-8,
                       &worst) &&
            (i < first || !uncertain(s, p, i - first, worst, fabs(want[i].data[worst] - out[i][worst]))))
            tst_complain(
                report, "the compiled function gives %.17g at entry %zu of output %zu, the interpreter %.17g",
                out[i][worst], worst, i, want[i].data[worst]);
        intact &= tst_release(out[i], tst_entries(&want[i]));
    }
    if (!intact)
        tst_complain(report, "the compiled function writes beyond its outputs or its workspace of %zu", room);
    free(dims);
    free(in);
    free(out);
}

// Emits and compiles the value and the answer together, with or without constant sizes.
static void through_c(const tst_subject *s, tst_point *p, const sd_array *want, const char *sizes,
                      tst_batch *batch, tst_report *report)
{
    char *name = tst_format("f%zu", tst_batch_size(batch));
    sd_emit_options o = {
        .name = name, .value = s->e != 0, .primal = s->e, .sizes = sizes, .dense = 1, .target = tst_target};
    sd_c_code code = {NULL, NULL};
    sd_function *f = sd_compile(s->c, s->r, &o);
    if (!f) tst_complain_error(s, report, sizes ? "sd_compile with sizes" : "sd_compile");
    else through_call(s, p, f, want, report);
    if (f && batch && sd_emit(s->c, s->r, &o, &code) != SD_OK) tst_complain_error(s, report, "sd_emit");
    if (code.source) {
        tst_batch_add(batch, s->where, &code, name, f, sd_result_count(s->r) + (s->e != 0));
        tst_batch_point(batch, f, p, want, NULL, s->tolerance);
    }
    sd_free(s->c, code.source);
    sd_free(s->c, code.header);
    sd_function_free(f);
    free(name);
}

void tst_three_ways(const tst_subject *s, tst_batch *batch, tst_report *report)
{
    tst_point p = {0};
    sd_data *d = NULL;
    prepare(s, &p, 0);
    sd_array *want = p.abstract ? NULL : interpret(s, &p, &d, report);
    if (want) {
        through_evaluate(s, &p, d, want, report);
        size_t n = sd_result_count(s->r), first = s->e != 0;
        sd_array *all = tst_grow(NULL, (n + first) * sizeof *all);
        memset(all, 0, (n + first) * sizeof *all);
        memcpy(all + first, want, n * sizeof *all);
        bool valued = !s->e || sd_interpret(s->c, sd_value(s->c, s->e), d, all) == SD_OK;
        if (!valued) {
            tst_complain_error(s, report, "sd_interpret of the value");
        } else {
            char *sizes = tst_point_sizes_text(&p);
            through_c(s, &p, all, NULL, batch, report);
            if (*sizes) through_c(s, &p, all, sizes, batch, report);
            free(sizes);
        }
        if (first) sd_free(s->c, all[0].data);
        free(all);
        for (size_t i = 0; i < n; i++) tst_vec_form(s, d, i, &want[i], report);
        if (batch && !s->c_only) tst_translate(tst_batch_translations(batch), s, &p, want, report);
        free_values(s->c, want, n);
    }
    sd_data_free(d);
    tst_point_free(&p);
}

// ---- comparison with a given answer -----------------------------------------------------------------------
// Places entry i of the answer in one matrix with the rows and columns of its variables' blocks.
static double *assemble(const tst_subject *s, const sd_array *a, size_t rows_of_value, size_t *total)
{
    size_t n = sd_result_count(s->r), size = 0;
    for (size_t i = 0; i < n; i++) size += tst_entries(&a[i]);
    double *out = tst_grow(NULL, size * sizeof *out);
    *total = size;
    bool blocks = n > 1 && *sd_result_column(s->r, 0);
    size_t at = 0;
    for (size_t first = 0; first < n;) { // a band: the entries that stand side by side
        size_t end = first + 1, rows = blocks ? 0 : rows_of_value, width = 0;
        if (blocks)
            while (end < n && !strcmp(sd_result_row(s->r, end), sd_result_row(s->r, first))) end++;
        else if (rows_of_value > 1) end = n;
        for (size_t k = first; k < end && blocks; k++)
            if (!strcmp(sd_result_column(s->r, k), sd_result_row(s->r, k)))
                rows = (size_t)lround(sqrt((double)tst_entries(&a[k])));
        if (!rows) rows = 1;
        for (size_t k = first; k < end; k++) width += tst_entries(&a[k]) / rows;
        for (size_t k = first, col = 0; k < end; k++) {
            size_t w = tst_entries(&a[k]) / rows;
            for (size_t i = 0; i < rows; i++)
                memcpy(out + at + i * width + col, a[k].data + i * w, w * sizeof *out);
            col += w;
        }
        at += rows * width;
        first = end;
    }
    return out;
}

static void compare_with(const tst_subject *a, const sd_data *d, const sd_array *mine, sd_expr b,
                         tst_report *report)
{
    sd_array other = {0}, value = {0};
    size_t total, worst, rows = 1;
    if (a->e && sd_interpret(a->c, sd_value(a->c, a->e), d, &value) == SD_OK) rows = tst_entries(&value);
    if (sd_interpret(a->c, sd_value(a->c, b), d, &other) != SD_OK) {
        tst_complain_error(a, report, "sd_interpret of the given answer");
    } else {
        double *v = assemble(a, mine, rows, &total);
        if (total != tst_entries(&other)) {
            tst_complain(report, "the answer has %zu numbers, the given one %zu", total, tst_entries(&other));
        } else if (!tst_close(v, other.data, total, a->tolerance > 0 ? a->tolerance : 1e-8, &worst)) {
            char *text = sd_print(a->c, a->r, SD_TEXT, 0);
            tst_complain(report, "differs: entry %zu is %.12g, given %.12g: %s", worst, v[worst],
                         other.data[worst], text ? text : "");
            sd_free(a->c, text);
        }
        free(v);
    }
    sd_free(a->c, other.data);
    sd_free(a->c, value.data);
}

void tst_same_values(const tst_subject *a, sd_expr b, tst_report *report)
{
    tst_point p = {0};
    sd_data *d = NULL;
    prepare(a, &p, b);
    sd_array *mine = interpret(a, &p, &d, report);
    if (mine) {
        compare_with(a, d, mine, b, report);
        free_values(a->c, mine, sd_result_count(a->r));
    }
    sd_data_free(d);
    tst_point_free(&p);
}

size_t tst_tokens(const char *s)
{
    size_t n = 0;
    while (*s) {
        if (*s == ' ' || *s == '\n') {
            s++;
            continue;
        }
        size_t k = strspn(s, "0123456789.");
        bool digit = *s >= '0' && *s <= '9';
        if (!digit) {
            for (k = 0; (s[k] >= 'a' && s[k] <= 'z') || (s[k] >= 'A' && s[k] <= 'Z') || s[k] == '_' ||
                        (unsigned char)s[k] > 127 || (k && s[k] >= '0' && s[k] <= '9');
                 k++) {}
            if (!k) k = (*s == '.' && strchr("*/^", s[1])) || (strchr("<>=!", *s) && s[1] == '=') ? 2 : 1;
        }
        s += k;
        n++;
    }
    return n;
}
