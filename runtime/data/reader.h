// SPDX-License-Identifier: MIT
// Reading numbers from files: what data.c (named arrays, the public sd_data_*) and the readers of one format
// each (data_json.c, data_text.c, data_npy.c, data_mtx.c) share.
//
// A reader holds the whole text of one file or literal and the numbers found so far, both in raw memory
// that sd_data_read frees whether or not the reading fails. A reader function moves `at` through the text,
// pushes every number in row-major order and fills the shape; whatever is wrong goes through
// sdp_data_fail, which names the file and the line of `at`.
#ifndef SDP_READER_H
#define SDP_READER_H

#include <stdio.h>

#include "runtime/data/data.h"

typedef struct {
    sdp_base *b;
    const char *name; // of the variable, "" while a JSON object names its own
    const char *file; // NULL: the text is a literal
    FILE *stream;
    const void *bytes; // NULL, or the contents of `file`, which is none then
    size_t nbytes;
    const char *columns; // "gnp,unemployed", of a CSV file; NULL: all
    char *text;          // raw, ends with a NUL that does not count
    size_t size;
    const char *at, *end;
    double *value; // raw
    size_t n, cap;
    sd_array shape; // what was read: order and dim; data stays NULL
    bool row;       // one row of text: a vector, or the row of a matrix
} sdp_reader;

// SD_ERR_DATA: "longley.csv:3: message" or "t: message"
_Noreturn void sdp_data_fail(const sdp_reader *r, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

// Appends a number. Fails when it is NaN or infinite, or when there are more than the limit `elements`.
void sdp_data_push(sdp_reader *r, double v);
// n numbers are to come: checks the limit and makes room.
void sdp_data_reserve(sdp_reader *r, size_t n);
// dim[0] * dim[1] ..., or fails at the limit `elements`.
size_t sdp_data_elements(sdp_base *b, int order, const size_t *dim);

// The number in [s, s + n), spaces around it allowed. false: it is not a decimal number. Overflow and the
// words for NaN and infinity give a non-finite value, which sdp_data_push refuses with its position.
bool sdp_data_number(const char *s, size_t n, double *v);
void sdp_data_blanks(sdp_reader *r); // moves `at` over white space

void sdp_read_json(sdp_reader *r);    // a number or nested arrays, at `at`
void sdp_read_csv(sdp_reader *r);     // the whole text
void sdp_read_literal(sdp_reader *r); // [1, 2; 3, 4], the whole text
void sdp_read_npy(sdp_reader *r);
void sdp_read_mtx(sdp_reader *r);
// A JSON object: calls store(r, data) after each member, with r->name, r->value and r->shape filled.
void sdp_read_json_object(sdp_reader *r, void (*store)(sdp_reader *r, void *data), void *data);

#endif
