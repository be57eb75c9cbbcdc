// SPDX-License-Identifier: MIT
// Numbers in rows of text: CSV files, and literals such as [1, 2; 3, 4].
//
// CSV. The separator is the first of comma, semicolon, tab and blank that the first line holds. Blank lines and lines
// that begin with # are skipped; a first line without any number is a header. Fields may stand in double quotes.
// One line, or one entry per line, is a vector; one entry alone a scalar.
// Literal. Rows end with ';' or a newline, entries with ',' or a blank; [[1, 2], [3, 4]] is read as JSON.
#include "runtime/data/reader.h"

#include <string.h>

// What rows x cols numbers mean where the text cannot tell a row from a column.
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

// One field from *s: *field and *n are its text without quotes; *s moves behind its separator.
// Returns false behind the last field of the line.
static bool next_field(const sdp_reader *r, const char **s, const char *e, char sep, const char **field, size_t *n)
{
    const char *p = *s;
    if (!p) return false;
    while (p < e && (*p == ' ' || (*p == '\t' && sep != '\t'))) p++;
    if (p < e && *p == '"') {
        const char *close = memchr(p + 1, '"', (size_t)(e - p - 1));
        while (close && close + 1 < e && close[1] == '"') close = memchr(close + 2, '"', (size_t)(e - close - 2));
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

// The entries of one line; returns how many.
static size_t read_line(sdp_reader *r, const char *e, char sep)
{
    const char *s = r->at, *field;
    size_t n, count = 0;
    double v;
    while (next_field(r, &s, e, sep, &field, &n)) {
        count++;
        if (!n) sdp_data_fail(r, "", "entry %zu is missing", count);
        if (!sdp_data_number(field, n, &v)) {
            sdp_data_fail(r, "", "entry %zu is '%.*s', not a number", count, n < 40 ? (int)n : 40, field);
        }
        if (v - v != 0) {
            sdp_data_fail(r, "every entry must be a finite number", "entry %zu is %.*s", count, n < 40 ? (int)n : 40, field);
        }
        sdp_data_push(r, v);
    }
    return count;
}

void sdp_read_csv(sdp_reader *r)
{
    size_t rows = 0, cols = 0;
    bool first = true;
    char sep = 0;
    while (r->at < r->end) {
        const char *e = line_end(r, r->at);
        if (!is_blank(r->at, e)) {
            if (first) sep = separator(r->at, e);
            if (!first || !is_header(r, r->at, e, sep)) {
                size_t n = read_line(r, e, sep);
                if (rows && n != cols) {
                    sdp_data_fail(r, "every line must have as many", "%zu entr%s, but %zu in the lines before", n,
                                  n == 1 ? "y" : "ies", cols);
                }
                cols = n;
                rows++;
            }
            first = false;
        }
        r->at = e < r->end ? e + 1 : e;
    }
    set_shape(r, rows, cols);
}

// ---- literals ------------------------------------------------------------------------------------------------

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
            if (rows && n != cols) sdp_data_fail(r, "", "row %zu has %zu, not %zu entries like the first", rows + 1, n, cols);
            cols = n;
            rows++;
        }
        r->at++;
        set_shape(r, rows, cols);
    }
    sdp_data_blanks(r);
    if (r->at < r->end) sdp_data_fail(r, "", "text after the closing ']'");
}
