// SPDX-License-Identifier: MIT
// Numbers and arrays as text.
//
//   SD_TEXT    rows of a matrix on lines of their own, columns aligned; the shortest digits that read back
//   SD_MATLAB  one line, [1, 2; 3, 4]: what sd_data_read takes
//   SD_JSON    nested arrays, 17 significant digits; JSON knows no NaN and no infinity: null, and 1e999 with
//              its sign
//
// Arrays of order 3 and more: text shows a matrix for each leading index, under a heading such as "[2,:,:]".
#include "runtime/data/data.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sdp_decimal constant(const char *word)
{
    sdp_decimal d;
    snprintf(d.s, sizeof d.s, "%s", word);
    return d;
}

static sdp_decimal shortest(double v)
{
    if (!isfinite(v)) return constant(isnan(v) ? "nan" : v < 0 ? "-inf" : "inf");
    return sdp_decimal_shortest(v == 0 ? 0 : v, DBL_DIG); // not -0
}

static sdp_decimal json_number(double v)
{
    return isfinite(v) ? sdp_decimal_of(v, 17) : constant(isnan(v) ? "null" : v < 0 ? "-1e999" : "1e999");
}

static size_t elements(const sd_array *a)
{
    size_t n = 1;
    for (int i = 0; i < a->order; i++) n *= a->dim[i];
    return n;
}

// Brackets close and open where an index of an outer axis turns over: k is the row-major number of an entry.
static int turned(const sd_array *a, size_t k)
{
    int n = 0;
    for (int i = a->order; i-- > 0 && k % a->dim[i] == 0; k /= a->dim[i]) n++;
    return n;
}

static void put_json(sdp_text *t, const sd_array *a)
{
    size_t n = elements(a);
    for (size_t k = 0; k < n; k++) {
        int levels = turned(a, k);
        for (int i = 0; k && i < levels; i++) sdp_put(t, "]");
        if (k) sdp_put(t, ", ");
        for (int i = 0; i < levels; i++) sdp_put(t, "[");
        sdp_put(t, json_number(a->data[k]).s);
    }
    for (int i = 0; i < a->order; i++) sdp_put(t, "]");
}

static void put_matlab(sdp_text *t, const sd_array *a)
{
    size_t n = elements(a), cols = a->order == 2 ? a->dim[1] : 1;
    if (a->order) sdp_put(t, "[");
    for (size_t k = 0; k < n; k++) {
        if (k) sdp_put(t, k % cols ? ", " : "; ");
        sdp_put(t, shortest(a->data[k]).s);
    }
    if (a->order) sdp_put(t, "]");
}

static void heading(sdp_text *t, const sd_array *a, size_t matrix)
{
    size_t index[SD_MAX_ORDER];
    for (int i = a->order - 2; i-- > 0;) {
        index[i] = matrix % a->dim[i] + 1;
        matrix /= a->dim[i];
    }
    sdp_put(t, "[");
    for (int i = 0; i < a->order - 2; i++) sdp_putf(t, "%zu,", index[i]);
    sdp_put(t, ":,:]\n");
}

// Lines end with a newline except the last.
static void put_rows(sdp_text *t, const sd_array *a)
{
    size_t n = elements(a), cols = a->order > 1 ? a->dim[a->order - 1] : 1;
    size_t rows = a->order > 1 ? a->dim[a->order - 2] : n;
    sdp_base *b = t->b;
    sdp_mark mark = sdp_scratch_mark(b);
    int *width = sdp_scratch(b, cols * sizeof *width);
    for (size_t k = 0; k < n; k++) {
        int w = (int)strlen(shortest(a->data[k]).s);
        if (w > width[k % cols] && cols > 1) width[k % cols] = w;
    }
    for (size_t k = 0; k < n; k++) {
        if (k && k % cols == 0) sdp_put(t, "\n");
        if (a->order > 2 && k % (rows * cols) == 0) heading(t, a, k / (rows * cols));
        sdp_putf(t, "%s%*s", k % cols ? "  " : "", width[k % cols], shortest(a->data[k]).s);
    }
    sdp_scratch_release(b, mark);
}

void sdp_put_array(sdp_text *t, const sd_array *a, sd_format format)
{
    if (format == SD_JSON) put_json(t, a);
    else if (format == SD_MATLAB && a->order <= 2) put_matlab(t, a);
    else if (format == SD_TEXT || format == SD_MATLAB) put_rows(t, a);
    else
        sdp_fail(t->b, SD_ERR_UNSUPPORTED, (sdp_span){0, 0}, "text, matlab and json are",
                 "numbers have no such format");
}
