// SPDX-License-Identifier: MIT
// Arrays as the contents of files: what the readers of the same formats read back, to the last bit.
//
//   npy   version 1.0, <f8, by rows
//   csv   the rows of a matrix, the entries of a vector one on a line; no header
//   mtx   Matrix Market, array real general: all entries, column by column
//   json  nested arrays, 17 digits
//
// Nothing is written here: a program decides where bytes go. Entry: sdp_put_array_file.
#include "runtime/data/data.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static size_t elements(const sd_array *a)
{
    size_t n = 1;
    for (int i = 0; i < a->order; i++) n *= a->dim[i];
    return n;
}

static void put_number(sdp_text *t, double v)
{
    if (v - v == 0) sdp_put(t, sdp_decimal_shortest(v, 1).s);
    else sdp_put(t, v != v ? "nan" : v < 0 ? "-inf" : "inf");
}

// The magic, two bytes of version and two of length, a dictionary that blanks and a line end fill up to a
// multiple of 64 bytes
static void put_npy(sdp_text *t, const sd_array *a)
{
    char head[64 + 24 * SD_MAX_ORDER];
    int n = snprintf(head, sizeof head, "{'descr': '<f8', 'fortran_order': False, 'shape': (");
    for (int i = 0; i < a->order; i++)
        n += snprintf(head + n, sizeof head - (size_t)n, i && i + 1 == a->order ? "%zu" : "%zu, ", a->dim[i]);
    n += snprintf(head + n, sizeof head - (size_t)n, "), }");
    size_t all = ((size_t)n + 11 + 63) / 64 * 64, length = all - 10;
    sdp_putn(t, "\x93NUMPY\x01\x00", 8);
    sdp_putn(t, (const char[]){(char)(length & 255), (char)(length >> 8)}, 2);
    sdp_putn(t, head, (size_t)n);
    for (size_t i = (size_t)n + 10; i + 1 < all; i++) sdp_put(t, " ");
    sdp_put(t, "\n");
    for (size_t k = 0, count = elements(a); k < count; k++) {
        uint64_t bits;
        char bytes[8];
        memcpy(&bits, &a->data[k], sizeof bits);
        for (int i = 0; i < 8; i++) bytes[i] = (char)(bits >> 8 * i & 255);
        sdp_putn(t, bytes, 8);
    }
}

static void need_matrix(sdp_text *t, const sd_array *a, const char *kind)
{
    if (a->order > 2)
        sdp_fail(t->b, SD_ERR_UNSUPPORTED, (sdp_span){0, 0}, "npy and json hold it",
                 "%s has no arrays of %d axes", kind, a->order);
}

static void put_csv(sdp_text *t, const sd_array *a)
{
    size_t n = elements(a), columns = a->order == 2 ? a->dim[1] : 1;
    need_matrix(t, a, "csv");
    for (size_t k = 0; k < n; k++) {
        put_number(t, a->data[k]);
        sdp_put(t, (k + 1) % columns ? "," : "\n");
    }
}

static void put_mtx(sdp_text *t, const sd_array *a)
{
    size_t rows = a->order ? a->dim[0] : 1, columns = a->order == 2 ? a->dim[1] : 1;
    need_matrix(t, a, "mtx");
    sdp_putf(t, "%%%%MatrixMarket matrix array real general\n%zu %zu\n", rows, columns);
    for (size_t j = 0; j < columns; j++)
        for (size_t i = 0; i < rows; i++) put_number(t, a->data[i * columns + j]), sdp_put(t, "\n");
}

static void put_json(sdp_text *t, const sd_array *a)
{
    sdp_put_array(t, a, SD_JSON);
    sdp_put(t, "\n");
}

void sdp_put_array_file(sdp_text *t, const sd_array *a, const char *kind)
{
    static const struct {
        const char *name;
        void (*write)(sdp_text *t, const sd_array *a);
    } kinds[] = {{"npy", put_npy}, {"csv", put_csv}, {"mtx", put_mtx}, {"json", put_json}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, kind)) continue;
        kinds[i].write(t, a);
        return;
    }
    sdp_fail(t->b, SD_ERR_UNSUPPORTED, (sdp_span){0, 0}, "npy, csv, mtx and json are",
             "files of numbers have no such format: %s", kind);
}
