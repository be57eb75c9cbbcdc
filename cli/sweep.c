// SPDX-License-Identifier: MIT
// eval --sweep x=FROM:TO:COUNT: a table of values over a grid of scalars.
//
// A row for each point: the swept names, then every entry of every answer. Several --sweep are a grid in
// which the last name runs fastest. While the expression is read and compiled the names are data, with the
// values of the first point; then the compiled function is called once for each row. As text and CSV the
// names stand above the columns, in files of numbers there is the array alone. Entry: run_sweep.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

typedef struct {
    char *name, *first; // first: NAME=FROM, as --data has it
    const char *to;
    double low, high;
    size_t count;
} axis;

typedef struct {
    axis *axis;
    size_t naxes, points;
    size_t columns; // of the table, the names among them
    double *cell;
} sweep;

enum { MOST_POINTS = 10000000 };

static int wrong(const options *o, const char *given)
{
    return complain(o, BAD_USAGE, "61 points from -3 to 3, in steps of 1/10: --sweep x=-3:3:61",
                    "--sweep: NAME=FROM:TO:COUNT was expected, with a COUNT of at least 2, not '%s'", given);
}

static char *copy(const char *s, size_t n)
{
    char *c = calloc(n + 1, 1);
    if (c) memcpy(c, s, n);
    return c;
}

static int read_axis(const options *o, const char *s, axis *a)
{
    const char *equals = strchr(s, '='), *one = equals ? strchr(equals, ':') : NULL,
               *two = one ? strchr(one + 1, ':') : NULL;
    char *end;
    if (!two || equals == s || one == equals + 1 || two == one + 1) return wrong(o, s);
    double count = strtod(two + 1, &end);
    if (*end || end == two + 1 || !(count >= 2) || count > floor(count)) return wrong(o, s);
    if (count > MOST_POINTS)
        return complain(o, BROKEN, "", "--sweep: at most %d points, not %s", MOST_POINTS, two + 1);
    a->count = (size_t)count;
    a->name = copy(s, (size_t)(equals - s));
    a->first = copy(s, (size_t)(one - s));
    a->to = one + 1;
    return a->name && a->first ? DONE : complain(o, BROKEN, "", "out of memory");
}

static void forget(sweep *w)
{
    for (size_t i = 0; w->axis && i < w->naxes; i++) free(w->axis[i].name), free(w->axis[i].first);
    free(w->axis);
    free(w->cell);
}

// Do data give this name a value, --at x=2? A file of many names gives way to the grid.
static bool is_given(const options *o, const char *name)
{
    const size_t length = strlen(name);
    for (size_t i = 0; i < o->data.n; i++)
        for (const char *p = o->data.s[i]; *p;) {
            const char *own = p + strspn(p, " "), *end = own + length;
            if (!strncmp(own, name, length) && end[strspn(end, " ")] == '=') return true;
            p += data_length(p);
            p += *p == ',';
        }
    return false;
}

static int read_axes(options *o, sweep *w)
{
    w->naxes = o->sweep.n;
    w->axis = calloc(w->naxes, sizeof *w->axis);
    w->points = 1;
    if (!w->axis) return complain(o, BROKEN, "", "out of memory");
    for (size_t i = 0; i < w->naxes; i++) {
        axis *a = &w->axis[i];
        int status = read_axis(o, o->sweep.s[i], a);
        if (status) return status;
        for (size_t k = 0; k < i; k++)
            if (!strcmp(w->axis[k].name, a->name))
                return complain(o, BAD_USAGE, "", "--sweep: %s twice", a->name);
        if (is_given(o, a->name))
            return complain(o, BAD_USAGE, "", "--sweep: %s has data of its own, too", a->name);
        if (a->count > MOST_POINTS / w->points)
            return complain(o, BROKEN, "", "--sweep: at most %d points", MOST_POINTS);
        w->points *= a->count;
        list_add(&o->data, a->first);
    }
    return DONE;
}

// The ends of an axis, which may be expressions of constants.
static int read_end(session *s, const axis *a, double *value)
{
    const sd_array *x = sd_data_get(s->data, a->name);
    if (!x || x->order || !isfinite(x->data[0]))
        return complain(s->o, BAD_USAGE, "", "--sweep: the ends of %s must be numbers", a->name);
    *value = x->data[0];
    return DONE;
}

static int read_ends(session *s, axis *a)
{
    text to = {0};
    int status = read_end(s, a, &a->low);
    putf(&to, "%s=%.*s", a->name, (int)strcspn(a->to, ":"), a->to);
    if (!status && sd_data_read(s->data, to.s) != SD_OK && !constant_data(s, to.s))
        status = session_failed(s);
    if (!status) status = read_end(s, a, &a->high);
    text_free(&to);
    return status;
}

// ---- the points -------------------------------------------------------------------------------------------

static size_t entries(const sd_array *a)
{
    size_t n = 1;
    for (int k = 0; k < a->order; k++) n *= a->dim[k];
    return n;
}

// The values of the names at a point; *row has room for them
static int set_point(session *s, const sweep *w, size_t point, double *row)
{
    for (size_t i = w->naxes; i-- > 0;) {
        const axis *a = &w->axis[i];
        size_t k = point % a->count;
        double t = (double)k / (double)(a->count - 1);
        point /= a->count;
        row[i] = k + 1 == a->count ? a->high : a->low + t * (a->high - a->low);
        if (sd_data_set(s->data, a->name, &(sd_array){.data = &row[i]})) return session_failed(s);
    }
    return DONE;
}

static void put_header(text *t, session *s, const sweep *w, const sd_array *a, const char *between)
{
    for (size_t i = 0; i < w->naxes; i++) putf(t, "%s%s", i ? between : "", w->axis[i].name);
    for (size_t i = 0; i < sd_result_count(s->result); i++) {
        const char *label = sd_result_label(s->result, i);
        for (size_t k = 0, n = entries(&a[i]); k < n; k++) {
            size_t at[SD_MAX_ORDER], rest = k;
            for (int d = a[i].order; d-- > 0; rest /= a[i].dim[d]) at[d] = rest % a[i].dim[d];
            putf(t, "%s%s", between, *label ? label : "value");
            for (int d = 0; d < a[i].order; d++) putf(t, "_%zu", at[d] + 1);
        }
    }
    put(t, "\n");
}

// The first point says how many columns there are, and their names.
static int fill(session *s, sweep *w, text *header, const char *between)
{
    size_t n = sd_result_count(s->result);
    sd_array *a = calloc(n ? n : 1, sizeof *a);
    double *at = calloc(w->naxes, sizeof *at);
    int status = a && at ? DONE : complain(s->o, BROKEN, "", "out of memory");
    for (size_t p = 0; p < w->points && !status; p++) {
        status = set_point(s, w, p, at);
        if (!status && sd_evaluate(s->c, s->result, s->data, a)) status = session_failed(s);
        if (status) break;
        if (!p) {
            w->columns = w->naxes;
            for (size_t i = 0; i < n; i++) w->columns += entries(&a[i]);
            w->cell = w->columns <= SIZE_MAX / sizeof(double) / w->points
                          ? malloc(w->points * w->columns * sizeof *w->cell)
                          : NULL;
            if (!w->cell) status = complain(s->o, BROKEN, "", "out of memory");
            else put_header(header, s, w, a, between);
        }
        double *row = status ? NULL : w->cell + p * w->columns;
        if (row) memcpy(row, at, w->naxes * sizeof *at);
        if (row) row += w->naxes;
        for (size_t i = 0; i < n; i++) {
            if (row) memcpy(row, a[i].data, entries(&a[i]) * sizeof *row), row += entries(&a[i]);
            sd_free(s->c, a[i].data);
        }
    }
    free(a);
    free(at);
    return status;
}

// ---- the table --------------------------------------------------------------------------------------------

static int put_numbers(session *s, const sweep *w, text *t, const char *kind)
{
    size_t n;
    bool object = wants_json(s->o);
    sd_array all = {.order = 2, .dim = {w->points, w->columns}, .data = w->cell};
    bool file = kind && !object;
    char *bytes =
        file ? sd_array_bytes(s->c, &all, kind, &n) : sd_array_print(s->c, &all, object ? SD_JSON : SD_TEXT);
    if (!bytes) return session_failed(s);
    putn(t, bytes, file ? n : strlen(bytes));
    if (!kind) put(t, "\n");
    sd_free(s->c, bytes);
    return DONE;
}

// The names of a line, which commas separate, as strings of JSON
static void put_names(text *t, const char *line)
{
    for (size_t n; *line && *line != '\n'; line += n + (line[n] == ',')) {
        n = strcspn(line, ",\n");
        putn_quoted(t, line, n);
        if (line[n] == ',') put(t, ", ");
    }
}

static int show(session *s, const sweep *w, const char *kind, const text *header)
{
    bool csv = kind && !strcmp(kind, "csv"), object = wants_json(s->o);
    text t = {0};
    size_t bad = 0;
    if (!kind) put(&t, "# ");
    if (!kind || csv) put(&t, header->s);
    if (object) put(&t, "{\"columns\": ["), put_names(&t, header->s), put(&t, "], \"value\": ");
    int status = put_numbers(s, w, &t, kind);
    if (object) putf(&t, ", \"shape\": [%zu, %zu]}\n", w->points, w->columns);
    session_legend(s);
    if (!status) status = answer(s->o, &t);
    text_free(&t);
    for (size_t i = 0; i < w->points * w->columns; i++) bad += isnan(w->cell[i]) != 0;
    if (bad && !status)
        status =
            complain(s->o, NO_ANSWER, "a point lies outside the domain of the expression, or it overflows",
                     "the value is not a number in %zu entr%s", bad, bad == 1 ? "y" : "ies");
    return status;
}

int run_sweep(options *o, const char *kind)
{
    session s = {.o = o};
    sweep w = {.axis = NULL};
    text header = {0};
    int status = read_axes(o, &w);
    bool opened = !status;
    if (!status) status = session_open(&s, o);
    for (size_t i = 0; i < w.naxes && !status; i++) status = read_ends(&s, &w.axis[i]);
    if (!status) status = session_derive(&s);
    if (!status) status = fill(&s, &w, &header, kind ? "," : "  ");
    if (!status) status = show(&s, &w, kind, &header);
    if (opened) session_close(&s);
    forget(&w);
    text_free(&header);
    return status;
}
