// SPDX-License-Identifier: MIT
// Matrix Market files: `%%MatrixMarket matrix array|coordinate real|integer|pattern
// general|symmetric|skew-symmetric`.
//
// Array files hold every entry, column by column (the lower triangle if symmetric); coordinate files hold
// "row column value" lines, 1-based, and what they do not name is zero. Entries named twice add up.
#include "runtime/data/reader.h"

#include <string.h>

typedef enum { GENERAL, SYMMETRIC, SKEW } symmetry;
typedef struct {
    bool coordinate, pattern;
    symmetry sym;
} banner;

// The next word of the line, lower case, in `word`; false at the end of the line.
static bool next_word(sdp_reader *r, char word[static 64])
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r')) r->at++;
    size_t n = 0;
    for (; r->at < r->end && !strchr(" \t\r\n", *r->at); r->at++) {
        char c = *r->at;
        if (n < 63) word[n++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    word[n] = 0;
    return n > 0;
}

static int choose(sdp_reader *r, const char *what, const char *const *names, int n)
{
    char word[64];
    if (!next_word(r, word)) sdp_data_fail(r, "", "the first line ends before the %s", what);
    for (int i = 0; i < n; i++) {
        if (!strcmp(word, names[i])) return i;
    }
    sdp_data_fail(r, "", "the %s '%s' is not supported", what, word);
}

static banner read_banner(sdp_reader *r)
{
    static const char *const object[] = {"matrix"}, *const layout[] = {"array", "coordinate"},
                             *const field[] = {"real", "double", "integer", "pattern"},
                             *const sym[] = {"general", "symmetric", "skew-symmetric"};
    char word[64];
    banner b = {false, false, GENERAL};
    if (!next_word(r, word) || strcmp(word, "%%matrixmarket"))
        sdp_data_fail(r, "", "'%%%%MatrixMarket' was expected");
    choose(r, "object", object, 1);
    b.coordinate = choose(r, "layout", layout, 2) == 1;
    b.pattern = choose(r, "field", field, 4) == 3;
    b.sym = (symmetry)choose(r, "symmetry", sym, 3);
    if (b.pattern && !b.coordinate) sdp_data_fail(r, "", "an array file cannot have a pattern");
    return b;
}

// To the next line that holds something; comments begin with %.
static void next_line(sdp_reader *r)
{
    for (;;) {
        sdp_data_blanks(r);
        if (r->at == r->end || *r->at != '%') return;
        while (r->at < r->end && *r->at != '\n') r->at++;
    }
}

static double read_value(sdp_reader *r)
{
    char word[64];
    double v = 0;
    if (!next_word(r, word)) sdp_data_fail(r, "", "a number was expected");
    if (!sdp_data_number(word, strlen(word), &v)) sdp_data_fail(r, "", "'%s' is not a number", word);
    if (v - v != 0) sdp_data_fail(r, "every entry must be a finite number", "the entry is %s", word);
    return v;
}

static size_t read_index(sdp_reader *r, const char *what, size_t least, size_t most)
{
    double v = read_value(r);
    if (v < (double)least || v > (double)most || v != (double)(size_t)v) {
        sdp_data_fail(r, "", "the %s is %s; %zu to %zu was expected", what, sdp_decimal_of(v, 17).s, least,
                      most);
    }
    return (size_t)v;
}

static void add_entry(sdp_reader *r, const banner *b, size_t i, size_t j, double v)
{
    size_t cols = r->shape.dim[1];
    r->value[i * cols + j] += v;
    if (i != j && b->sym != GENERAL) r->value[j * cols + i] += b->sym == SKEW ? -v : v;
}

static void read_entries(sdp_reader *r, const banner *b, size_t nonzeros)
{
    size_t rows = r->shape.dim[0], cols = r->shape.dim[1];
    if (b->coordinate) {
        for (size_t k = 0; k < nonzeros; k++) {
            next_line(r);
            if (r->at == r->end) sdp_data_fail(r, "", "%zu entries, but %zu were announced", k, nonzeros);
            size_t i = read_index(r, "row", 1, rows), j = read_index(r, "column", 1, cols);
            add_entry(r, b, i - 1, j - 1, b->pattern ? 1 : read_value(r));
        }
        return;
    }
    for (size_t j = 0; j < cols; j++) {
        for (size_t i = b->sym == GENERAL ? 0 : b->sym == SYMMETRIC ? j : j + 1; i < rows; i++) {
            next_line(r);
            if (r->at == r->end) sdp_data_fail(r, "", "the file ends before entry (%zu,%zu)", i + 1, j + 1);
            add_entry(r, b, i, j, read_value(r));
        }
    }
}

void sdp_read_mtx(sdp_reader *r)
{
    banner b = read_banner(r);
    while (r->at < r->end && *r->at != '\n') r->at++;
    next_line(r);
    size_t most = r->b->limit.elements, nonzeros = 0;
    r->shape.order = 2;
    r->shape.dim[0] = read_index(r, "number of rows", 1, most);
    r->shape.dim[1] = read_index(r, "number of columns", 1, most);
    if (b.coordinate) nonzeros = read_index(r, "number of entries", 0, most);
    if (b.sym != GENERAL && r->shape.dim[0] != r->shape.dim[1])
        sdp_data_fail(r, "", "a symmetric matrix must be square");
    size_t n = sdp_data_elements(r->b, 2, r->shape.dim);
    sdp_data_reserve(r, n);
    for (size_t k = 0; k < n; k++) sdp_data_push(r, 0);
    read_entries(r, &b, nonzeros);
    next_line(r);
    if (r->at < r->end) sdp_data_fail(r, "", "text after the last entry");
}
