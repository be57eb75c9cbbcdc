// SPDX-License-Identifier: MIT
// Functions shared by the readers of all formats: they read, push and refuse numbers with their place in
// the file.
#include "runtime/data/reader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const sdp_span nowhere = {0, 0};

void sdp_data_fail(const sdp_reader *r, const char *hint, const char *fmt, ...)
{
    char message[400];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    if (!r->file) {
        sdp_fail(r->b, SD_ERR_DATA, nowhere, hint, "%s: %s", *r->name ? r->name : "data", message);
    }
    if (!r->text || !r->at) { sdp_fail(r->b, SD_ERR_DATA, nowhere, hint, "%s: %s", r->file, message); }
    size_t line = 1;
    for (const char *p = r->text; p < r->at; p++) line += *p == '\n';
    sdp_fail(r->b, SD_ERR_DATA, nowhere, hint, "%s:%zu: %s", r->file, line, message);
}

size_t sdp_data_elements(sdp_base *b, int order, const size_t *dim)
{
    size_t n = 1;
    for (int i = 0; i < order; i++) {
        if (dim[i] && n > b->limit.elements / dim[i]) sdp_limit(b, "elements", b->limit.elements);
        n *= dim[i];
    }
    return n;
}

void sdp_data_reserve(sdp_reader *r, size_t n)
{
    if (n > r->b->limit.elements) sdp_limit(r->b, "elements", r->b->limit.elements);
    if (n <= r->cap) return;
    r->value = sdp_realloc(r->b, r->value, n * sizeof *r->value);
    r->cap = n;
}

void sdp_data_push(sdp_reader *r, double v)
{
    if (!isfinite(v)) {
        sdp_data_fail(r, "every entry must be a finite number", "entry %zu is %s", r->n + 1,
                      isnan(v) ? "NaN" : "infinite");
    }
    if (r->n == r->cap) {
        size_t want = r->cap ? 2 * r->cap : 16, most = r->b->limit.elements;
        if (r->n >= most) sdp_limit(r->b, "elements", most);
        sdp_data_reserve(r, want < most ? want : most);
    }
    r->value[r->n++] = v;
}

void sdp_data_blanks(sdp_reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r')) r->at++;
}

// The words other programs write for NaN and infinity.
static bool non_finite_word(const char *s, size_t n, double *v)
{
    static const struct {
        const char *word;
        double value;
    } words[] = {
        {"nan", NAN}, {"na", NAN}, {"null", NAN}, {"none", NAN}, {"inf", INFINITY}, {"infinity", INFINITY},
    };
    if (n && (*s == '-' || *s == '+')) s++, n--;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t k = 0;
        if (strlen(words[i].word) != n) continue;
        while (k < n && (s[k] | 32) == words[i].word[k]) k++;
        if (k == n) return *v = words[i].value, true;
    }
    return false;
}

bool sdp_data_number(const char *s, size_t n, double *v)
{
    while (n && (*s == ' ' || *s == '\t')) s++, n--;
    while (n && (s[n - 1] == ' ' || s[n - 1] == '\t' || s[n - 1] == '\r')) n--;
    if (non_finite_word(s, n, v)) return true;
    size_t i = n && (*s == '-' || *s == '+'), digits = 0;
    for (; i < n && sdp_is_digit(s[i]); i++) digits++;
    if (i < n && s[i] == '.') {
        for (i++; i < n && sdp_is_digit(s[i]); i++) digits++;
    }
    if (!digits) return false;
    if (i < n && (s[i] | 32) == 'e') {
        i++;
        if (i < n && (s[i] == '-' || s[i] == '+')) i++;
        if (i == n) return false;
        while (i < n && sdp_is_digit(s[i])) i++;
    }
    if (i != n) return false;
    *v = sdp_decimal_read(s, n);
    return true;
}
