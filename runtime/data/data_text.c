// SPDX-License-Identifier: MIT
// Numbers in rows of text: CSV files, and literals such as [1, 2; 3, 4].
//
// CSV. The separator is the first of comma, semicolon, tab and blank that the first line holds. Blank lines
// and lines that begin with # are skipped; a first line without any number is a header. Fields may stand in
// double quotes. One line, or one entry per line, is a vector; one entry alone a scalar. Columns may be
// chosen, FILE.csv[gnp,3]: by the name in the header, by their number from 1, or by a range of numbers; the
// others may hold anything. Literal. Rows end with ';' or a newline, entries with ',' or a blank; [[1, 2],
// [3, 4]] is read as JSON.
#include "runtime/data/reader.h"

#include <string.h>

// Sets the shape of rows x cols numbers, where the text cannot tell a row from a column.
static void set_shape(sdp_reader *r, size_t rows, size_t cols)
{
    sd_array *a = &r->shape;
    a->order = (rows > 1) + (cols > 1);
    a->dim[0] = rows > 1 ? rows : cols;
    a->dim[1] = cols;
    r->row = rows == 1 && cols > 1;
}

static const char *line_end(const sdp_reader *r, const char *s)
{
    const char *e = memchr(s, '\n', (size_t)(r->end - s));
    return e ? e : r->end;
}

static bool is_blank(const char *s, const char *e)
{
    while (s < e && (*s == ' ' || *s == '\t' || *s == '\r')) s++;
    return s == e || *s == '#';
}

static char separator(const char *s, const char *e)
{
    for (const char *c = ",;\t"; *c; c++) {
        bool quoted = false;
        for (const char *p = s; p < e; p++) {
            quoted ^= *p == '"';
            if (*p == *c && !quoted) return *c;
        }
    }
    return ' ';
}

// Reads one field from *s: *field and *n are its text without quotes; *s moves behind its separator. Returns
// false behind the last field of the line.
static bool next_field(const sdp_reader *r, const char **s, const char *e, char sep, const char **field,
                       size_t *n)
{
    const char *p = *s;
    if (!p) return false;
    while (p < e && (*p == ' ' || (*p == '\t' && sep != '\t'))) p++;
    if (p < e && *p == '"') {
        const char *close = memchr(p + 1, '"', (size_t)(e - p - 1));
        while (close && close + 1 < e && close[1] == '"')
            close = memchr(close + 2, '"', (size_t)(e - close - 2));
        if (!close) sdp_data_fail(r, "", "a quoted field does not end on its line");
        *field = p + 1;
        *n = (size_t)(close - p - 1);
        p = close + 1;
        while (p < e && (*p == ' ' || *p == '\r') && *p != sep) p++;
        if (p < e && *p != sep) sdp_data_fail(r, "", "a separator was expected after a quoted field");
    } else {
        *field = p;
        while (p < e && *p != sep && !(sep == ' ' && *p == '\t')) p++;
        *n = (size_t)(p - *field);
        while (*n && ((*field)[*n - 1] == ' ' || (*field)[*n - 1] == '\r')) --*n;
    }
    if (sep == ' ') { // a run of blanks is one separator
        while (p < e && (*p == ' ' || *p == '\t' || *p == '\r')) p++;
        *s = p < e ? p : NULL;
    } else {
        *s = p < e ? p + 1 : NULL;
    }
    return true;
}

static bool is_header(const sdp_reader *r, const char *s, const char *e, char sep)
{
    const char *field;
    size_t n;
    double v;
    while (next_field(r, &s, e, sep, &field, &n)) {
        if (sdp_data_number(field, n, &v)) return false;
    }
    return true;
}

typedef struct {
    const char *s;
    size_t n;
} field;
typedef struct {
    char sep;
    size_t width;             // fields of a line
    field *at, *name;         // of this line; of the header, or NULL
    size_t *column, ncolumns; // the chosen ones, from 0
} table;

// The fields of a line, which are as many as those of the first.
static void split(sdp_reader *r, table *t, const char *e)
{
    const char *s = r->at, *text;
    size_t n, count = 0;
    for (; next_field(r, &s, e, t->sep, &text, &n); count++)
        if (count < t->width) t->at[count] = (field){text, n};
    if (count != t->width)
        sdp_data_fail(r, "every line must have as many", "%zu entr%s, but %zu in the lines before", count,
                      count == 1 ? "y" : "ies", t->width);
}

static size_t count_fields(const sdp_reader *r, const char *e, char sep)
{
    const char *s = r->at, *text;
    size_t n, count = 0;
    while (next_field(r, &s, e, sep, &text, &n)) count++;
    return count;
}

static size_t named(sdp_reader *r, const table *t, const char *name, size_t n)
{
    enum { SHOWN = 12 };
    for (size_t i = 0; i < t->width && t->name; i++)
        if (t->name[i].n == n && !memcmp(t->name[i].s, name, n)) return i;
    r->at = NULL;
    if (!t->name)
        sdp_data_fail(r, "columns are chosen by number, then: [1,3:5]",
                      "the file has no header, so no column '%.*s'", (int)n, name);
    char *all = sdp_strndup(r->b, "", 0);
    for (size_t i = 0; i < t->width && i < SHOWN; i++)
        all = sdp_printf(r->b, "%s%s%.*s", all, i ? ", " : "", t->name[i].n < 40 ? (int)t->name[i].n : 40,
                         t->name[i].s);
    sdp_data_fail(r, sdp_printf(r->b, "the columns are %s%s", all, t->width > SHOWN ? ", .." : ""),
                  "there is no column '%.*s'", (int)n, name);
}

// A number of a column, or the name of one
static size_t chosen(sdp_reader *r, const table *t, const char *s, size_t n)
{
    size_t k = 0, digits = 0;
    while (digits < n && sdp_is_digit(s[digits]) && k < 100000000) k = 10 * k + (size_t)(s[digits++] - '0');
    if (digits < n || !n) return named(r, t, s, n);
    r->at = k < 1 || k > t->width ? NULL : r->at;
    if (!r->at) sdp_data_fail(r, "", "there is no column %.*s; there are %zu", (int)n, s, t->width);
    return k - 1;
}

static void choose(sdp_reader *r, table *t)
{
    const char *p = r->columns;
    size_t cap = 0;
    if (!p) return;
    do {
        size_t n = strcspn(p, ","), from = strspn(p, " "), end = n;
        while (end > from && p[end - 1] == ' ') end--;
        const char *colon = memchr(p + from, ':', end > from ? end - from : 0);
        bool range = colon && sdp_is_digit(p[from]) && sdp_is_digit(p[end - 1]);
        size_t first = chosen(r, t, p + from,
                              range        ? (size_t)(colon - p) - from
                              : end > from ? end - from
                                           : 0);
        size_t last = range ? chosen(r, t, colon + 1, (size_t)(p + end - colon) - 1) : first;
        if (last < first) {
            r->at = NULL;
            sdp_data_fail(r, "a range is counted upwards", "there is no column in %.*s", (int)(end - from),
                          p + from);
        }
        for (; first <= last; first++) {
            if (t->ncolumns == cap) {
                size_t *more = sdp_scratch(r->b, (cap = 2 * cap + 16) * sizeof *more);
                sdp_copy(more, t->column, t->ncolumns * sizeof *more);
                t->column = more;
            }
            t->column[t->ncolumns++] = first;
        }
        p += n + (p[n] == ',');
    } while (*p);
}

// entry 2, or, where there is a header, entry 2, 'city',
static const char *place_of(sdp_reader *r, const table *t, size_t i)
{
    if (!t->name) return sdp_printf(r->b, "entry %zu", i + 1);
    return sdp_printf(r->b, "entry %zu, '%.*s',", i + 1, t->name[i].n < 40 ? (int)t->name[i].n : 40,
                      t->name[i].s);
}

static void read_entry(sdp_reader *r, const table *t, size_t i)
{
    const field *f = &t->at[i];
    double v;
    int n = f->n < 40 ? (int)f->n : 40;
    if (!f->n) sdp_data_fail(r, "", "%s is missing", place_of(r, t, i));
    if (!sdp_data_number(f->s, f->n, &v))
        sdp_data_fail(r,
                      t->name && !r->columns ? "some of the columns are taken by NAME=FILE[column,column]"
                                             : "",
                      "%s is '%.*s', not a number", place_of(r, t, i), n, f->s);
    if (v - v != 0)
        sdp_data_fail(r, "every entry must be a finite number", "%s is %.*s", place_of(r, t, i), n, f->s);
    sdp_data_push(r, v);
}

// The first line that counts: how wide the table is, and, if it is a header, the names of columns.
static bool read_head(sdp_reader *r, table *t, const char *e)
{
    t->sep = separator(r->at, e);
    t->width = count_fields(r, e, t->sep);
    t->at = sdp_scratch(r->b, (t->width + 1) * sizeof *t->at);
    bool header = is_header(r, r->at, e, t->sep);
    if (header) {
        split(r, t, e);
        t->name = sdp_scratch(r->b, (t->width + 1) * sizeof *t->name);
        sdp_copy(t->name, t->at, t->width * sizeof *t->name);
    }
    choose(r, t);
    return header;
}

void sdp_read_csv(sdp_reader *r)
{
    size_t rows = 0;
    table t = {0};
    while (r->at < r->end) {
        const char *e = line_end(r, r->at);
        if (!is_blank(r->at, e) && (t.at || !read_head(r, &t, e))) {
            split(r, &t, e);
            size_t n = r->columns ? t.ncolumns : t.width;
            for (size_t i = 0; i < n; i++) read_entry(r, &t, r->columns ? t.column[i] : i);
            rows++;
        }
        r->at = e < r->end ? e + 1 : e;
    }
    set_shape(r, rows, r->columns ? t.ncolumns : t.width);
}

// ---- literals ---------------------------------------------------------------------------------------------

static bool is_end(char c) { return c == ']' || c == ';' || c == '\n'; }

static size_t literal_row(sdp_reader *r)
{
    size_t count = 0;
    for (;;) {
        while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r')) r->at++;
        if (r->at == r->end) sdp_data_fail(r, "", "']' is missing");
        if (is_end(*r->at)) return count;
        const char *s = r->at;
        size_t n = strcspn(s, " \t\r\n,;]");
        double v;
        if (!n) sdp_data_fail(r, "", "a number is missing before ','");
        if (!sdp_data_number(s, n, &v)) {
            sdp_data_fail(r, "", "entry %zu is '%.*s', not a number", r->n + 1, n < 40 ? (int)n : 40, s);
        }
        sdp_data_push(r, v);
        count++;
        r->at += n;
        while (*r->at == ' ' || *r->at == '\t' || *r->at == '\r') r->at++;
        if (*r->at != ',') continue;
        r->at++;
        r->at += strspn(r->at, " \t\r");
        if (r->at == r->end || is_end(*r->at)) sdp_data_fail(r, "", "a number is missing after ','");
    }
}

void sdp_read_literal(sdp_reader *r)
{
    const char *inside = r->at + 1 + strspn(r->at + 1, " \t\r\n");
    size_t rows = 0, cols = 0;
    if (*inside == '[') {
        sdp_read_json(r);
    } else {
        for (bool more = true; more;) {
            r->at++; // over '[', ';' or the newline
            size_t n = literal_row(r);
            more = *r->at != ']';
            if (!n) continue; // an empty row is a line break
            if (rows && n != cols)
                sdp_data_fail(r, "", "row %zu has %zu, not %zu entries like the first", rows + 1, n, cols);
            cols = n;
            rows++;
        }
        r->at++;
        set_shape(r, rows, cols);
        // [1]: brackets make it an array
        if (rows == 1 && cols == 1) r->shape = (sd_array){.order = 1, .dim = {1}};
    }
    sdp_data_blanks(r);
    if (r->at < r->end) sdp_data_fail(r, "", "text after the closing ']'");
}
