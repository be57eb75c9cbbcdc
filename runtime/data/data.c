// SPDX-License-Identifier: MIT
// Named arrays (sd_data) and the door through which numbers come in.
//
// An argument is "FILE.json" (an object of arrays), "NAME=FILE" (.json .csv .tsv .txt .npy .mtx, or by its
// first bytes), or "NAME=LITERAL". Text formats that cannot tell a row from a column give a vector: [1,2,3],
// [1;2;3], a CSV file of one line or of one column. JSON's [[1,2,3]], .npy and .mtx keep the shape they
// state. A name that comes again replaces the earlier array; the same name twice in one JSON object is an
// error. All entries are finite numbers: NaN and infinity are refused where they stand.
#define _POSIX_C_SOURCE 200809L
#include "runtime/data/reader.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
    char *name;
    sd_array a;
    bool row;
} named;

struct sd_data {
    sdp_base *b;
    named *item;
    size_t n, cap;
    size_t *table, table_cap; // of items by name: index + 1
    sdp_reader in;            // the reading under way: freed by sd_data_read on both its ways out
};

static const sdp_span nowhere = {0, 0};

// ---- storing ----------------------------------------------------------------------------------------------

static size_t *place_of(const sd_data *d, const char *name)
{
    size_t h = sdp_name_hash(name) & (d->table_cap - 1);
    while (d->table[h] && !sdp_same_name(d->item[d->table[h] - 1].name, name))
        h = (h + 1) & (d->table_cap - 1);
    return &d->table[h];
}

static named *find(const sd_data *d, const char *name)
{
    size_t i = d->table_cap ? *place_of(d, name) : 0;
    return i ? &d->item[i - 1] : NULL;
}

// Room for one more item, in the list and in the table.
static void make_room(sd_data *d)
{
    if (d->n < d->cap) return;
    size_t cap = d->cap ? 2 * d->cap : 8;
    d->item = sdp_realloc(d->b, d->item, cap * sizeof *d->item);
    d->table = sdp_realloc(d->b, d->table, 4 * cap * sizeof *d->table);
    d->cap = cap;
    d->table_cap = 4 * cap;
    memset(d->table, 0, d->table_cap * sizeof *d->table);
    for (size_t i = 0; i < d->n; i++) *place_of(d, d->item[i].name) = i + 1;
}

// Takes `values` over: on failure they still belong to the caller.
static void store(sd_data *d, const char *name, const sd_array *shape, double *values, bool row)
{
    named *at = find(d, name);
    if (!at) {
        make_room(d);
        size_t n = strlen(name) + 1;
        char *copy = sdp_realloc(d->b, NULL, n);
        memcpy(copy, name, n);
        *place_of(d, name) = d->n + 1;
        at = &d->item[d->n++];
        *at = (named){.name = copy};
    }
    sdp_release(d->b, at->a.data);
    at->a = *shape;
    at->a.data = values;
    at->row = row;
}

// Moves what the reader holds into the set.
static void store_read(sdp_reader *r, void *data)
{
    if (!r->n) sdp_data_fail(r, "", "there are no numbers");
    store(data, r->name, &r->shape, r->value, r->row);
    r->value = NULL;
    r->row = false;
    r->n = r->cap = 0;
    r->shape = (sd_array){.order = 0};
}

// strerror speaks the language and the encoding of the locale.
static const char *reason(int error)
{
    return error == ENOENT                      ? "No such file or directory"
           : error == EACCES                    ? "Permission denied"
           : error == EISDIR                    ? "Is a directory"
           : error == ENOTDIR                   ? "Not a directory"
           : error == EMFILE || error == ENFILE ? "Too many open files"
           : error == ENAMETOOLONG              ? "The name is too long"
                                                : "the system cannot";
}

// ---- reading ----------------------------------------------------------------------------------------------

// Bytes of a file that holds no more numbers than the limit `elements`
static size_t most_bytes(const sdp_base *b)
{
    return b->limit.elements < SIZE_MAX / 64 ? b->limit.elements * 32 + 4096 : SIZE_MAX / 2;
}

static _Noreturn void too_long(sdp_reader *r)
{
    sdp_fail(r->b, SD_ERR_LIMIT, nowhere,
             "raise it with --limit elements=N, in the library with sd_limits.elements",
             "cannot read %s: it has more than the %zu bytes that %zu numbers take, the limit 'elements'",
             r->file, most_bytes(r->b), r->b->limit.elements);
}

static void slurp(sdp_reader *r)
{
    size_t cap = 0, most = most_bytes(r->b);
    for (;;) {
        if (r->size + 1 >= cap) {
            cap = cap ? 2 * cap : 1 << 16;
            r->text = sdp_realloc(r->b, r->text, cap);
        }
        size_t got = fread(r->text + r->size, 1, cap - 1 - r->size, r->stream);
        r->size += got;
        if (!got) break;                 // the end, or an error
        if (r->size > most) too_long(r); // it grew
    }
    if (ferror(r->stream))
        sdp_fail(r->b, SD_ERR_IO, nowhere, "", "cannot read %s: %s", r->file, reason(errno));
    r->text[r->size] = 0;
}

static bool ends_with(const char *s, const char *tail)
{
    size_t n = strlen(s), k = strlen(tail);
    if (n < k) return false;
    for (size_t i = 0; i < k; i++) {
        char c = s[n - k + i];
        if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
        if (c != tail[i]) return false;
    }
    return true;
}

static void read_json_array(sdp_reader *r)
{
    sdp_data_blanks(r);
    if (r->at < r->end && *r->at == '{') {
        sdp_data_fail(r, "give the file without a name in front",
                      "a number or an array was expected, not an object");
    }
    sdp_read_json(r);
    sdp_data_blanks(r);
    if (r->at < r->end) sdp_data_fail(r, "", "text after the end of the array");
}

static const struct {
    const char *ending, *magic;
    void (*read)(sdp_reader *r);
} kinds[] = {
    {".npy", "\x93NUMPY", sdp_read_npy}, {".mtx", "%%MatrixMarket", sdp_read_mtx},
    {".json", "[", read_json_array},     {".csv", NULL, sdp_read_csv},
    {".tsv", NULL, sdp_read_csv},        {".txt", NULL, sdp_read_csv},
};

static void read_any(sdp_reader *r)
{
    const size_t n = sizeof kinds / sizeof *kinds;
    if (r->columns) {
        sdp_read_csv(r);
        return;
    } // columns are those of a table in text
    for (size_t i = 0; i < n; i++) {
        if (ends_with(r->file, kinds[i].ending)) {
            kinds[i].read(r);
            return;
        }
    }
    for (size_t i = 0; i < n; i++) {
        size_t k = kinds[i].magic ? strlen(kinds[i].magic) : 0;
        if (k && r->size >= k && !memcmp(r->text, kinds[i].magic, k)) {
            kinds[i].read(r);
            return;
        }
    }
    if (r->bytes) {
        sdp_read_csv(r);
        return;
    } // without a name that says otherwise
    r->at = NULL;
    sdp_data_fail(r, "", "unknown kind of file; .json, .csv, .tsv, .txt, .npy or .mtx was expected");
}

// Length of the name in "NAME=...", 0 if the argument has none. Bytes above 127 belong to letters.
static size_t name_length(const char *s)
{
    size_t i = 0, end;
    while (s[i] == ' ') i++;
    if (sdp_is_digit(s[i])) return 0;
    while ((s[i] & 0x80) || s[i] == '_' || sdp_is_digit(s[i]) || ((s[i] | 32) >= 'a' && (s[i] | 32) <= 'z'))
        i++;
    end = i;
    while (s[i] == ' ') i++;
    return s[i] == '=' ? end : 0;
}

// The contents of a file, or what stands for it
static void take_file(sd_data *d, const char *file)
{
    sdp_reader *r = &d->in;
    struct stat st;
    if (r->bytes) {
        if (r->nbytes > most_bytes(r->b)) too_long(r);
        r->text = sdp_realloc(r->b, NULL, r->nbytes + 1);
        memcpy(r->text, r->bytes, r->nbytes);
        r->text[r->size = r->nbytes] = 0;
        return;
    }
    bool known = stat(file, &st) == 0;
    if (known && S_ISREG(st.st_mode) && (uintmax_t)st.st_size > most_bytes(r->b)) too_long(r);
    if (known && !S_ISREG(st.st_mode))
        sdp_fail(d->b, SD_ERR_IO, nowhere, "data is read from files that have an end",
                 "cannot read %s: it is %s", file, S_ISDIR(st.st_mode) ? "a directory" : "no regular file");
    r->stream = fopen(file, "rb");
    const char *hint = *r->name ? "a number, [1;2;3] or the name of a file was expected"
                                : "one array is given as NAME=FILE or NAME=[1;2;3]";
    if (!r->stream) sdp_fail(d->b, SD_ERR_IO, nowhere, hint, "cannot read %s: %s", file, reason(errno));
    slurp(r);
}

static void read_file(sd_data *d, const char *file)
{
    sdp_reader *r = &d->in;
    r->file = r->bytes && !strcmp(file, "-") ? "<input>" : file;
    take_file(d, file);
    r->at = r->text;
    r->end = r->text + r->size;
    if (r->size >= 3 && !memcmp(r->at, "\xEF\xBB\xBF", 3)) r->at += 3;
    const char *first = r->at; // .npy begins with bytes that are not text: nothing is skipped for good
    sdp_data_blanks(r);
    if (r->at == r->end) {
        r->at = NULL;
        sdp_data_fail(r, "", "the file is empty");
    }
    r->at = first;
}

// "f.csv[gnp,unemployed]" is the file f.csv and some of its columns, unless there is a file of that name.
static const char *without_columns(sdp_reader *r, const char *value)
{
    size_t n = strlen(value);
    const char *open = strchr(value, '[');
    struct stat st;
    if (!open || open == value || value[n - 1] != ']' || (!r->bytes && stat(value, &st) == 0)) return value;
    r->columns = sdp_strndup(r->b, open + 1, (size_t)(value + n - open) - 2);
    return sdp_strndup(r->b, value, (size_t)(open - value));
}

static void read_argument(sd_data *d, const char *argument)
{
    sdp_reader *r = &d->in;
    size_t n = name_length(argument);
    if (!n) {
        r->name = "";
        read_file(d, argument);
        sdp_data_blanks(r);
        if (*r->at != '{') {
            r->at = NULL;
            sdp_data_fail(r, "write NAME=FILE to name one array", "a JSON object of arrays was expected");
        }
        sdp_read_json_object(r, store_read, d);
        return;
    }
    while (*argument == ' ') argument++, n--;
    r->name = sdp_strndup(d->b, argument, n);
    const char *value = strchr(argument, '=') + 1;
    while (*value == ' ') value++;
    double v;
    if (!*value)
        sdp_fail(d->b, SD_ERR_DATA, nowhere, "",
                 "%s: a file name, a number or [ ... ] was expected after '='", r->name);
    if (*value == '[') {
        r->size = strlen(value);
        r->text = sdp_realloc(d->b, NULL, r->size + 1);
        memcpy(r->text, value, r->size + 1);
        r->at = r->text;
        r->end = r->text + r->size;
        sdp_read_literal(r);
    } else if (sdp_data_number(value, strlen(value), &v)) {
        sdp_data_push(r, v);
    } else {
        read_file(d, without_columns(r, value));
        read_any(r);
    }
    store_read(r, d);
}

size_t sdp_need_array(sdp_base *b, const char *name, const sd_array *a)
{
    if (a->order < 0 || a->order > SD_MAX_ORDER) {
        sdp_fail(b, SD_ERR_DATA, nowhere, "", "%s has %d axes; 0 to %d are possible", name, a->order,
                 SD_MAX_ORDER);
    }
    size_t n = sdp_data_elements(b, a->order, a->dim);
    if (n && !a->data) sdp_fail(b, SD_ERR_USAGE, nowhere, "", "%s has no numbers", name);
    return n;
}

static void read_array(sd_data *d, const sd_array *a)
{
    sdp_reader *r = &d->in;
    if (!r->name || !*r->name) sdp_fail(d->b, SD_ERR_USAGE, nowhere, "", "an array needs a name");
    size_t n = sdp_need_array(d->b, r->name, a);
    sdp_data_reserve(r, n);
    for (size_t i = 0; i < n; i++) sdp_data_push(r, a->data[i]);
    r->shape = *a;
    store_read(r, d);
}

// ---- the public functions ---------------------------------------------------------------------------------

sd_data *sd_data_new(sd_context *c)
{
    if (!c) return NULL;
    sdp_base *b = &c->g->base;
    sdp_trap t;
    if (!SDP_TRY(b, t)) return sdp_failed(b), NULL;
    sd_data *d = sdp_realloc(b, NULL, sizeof *d);
    *d = (sd_data){.b = b};
    b->held++;
    SDP_END(b, t);
    return d;
}

void sd_data_free(sd_data *d)
{
    if (!d) return;
    for (size_t i = 0; i < d->n; i++) {
        sdp_release(d->b, d->item[i].name);
        sdp_release(d->b, d->item[i].a.data);
    }
    sdp_release(d->b, d->item);
    sdp_release(d->b, d->table);
    d->b->held--;
    sdp_release(d->b, d);
}

// Reads `argument`, or stores the array `a` under r->name.
static sd_status attempt(sd_data *d, const char *argument, const sd_array *a)
{
    sdp_trap t;
    if (!SDP_TRY(d->b, t)) return sdp_failed(d->b);
    sdp_mark mark = sdp_scratch_mark(d->b);
    if (argument) read_argument(d, argument);
    else if (a) read_array(d, a);
    else sdp_fail(d->b, SD_ERR_USAGE, nowhere, "", "a file, NAME=... or an array was expected");
    sdp_scratch_release(d->b, mark);
    SDP_END(d->b, t);
    return SD_OK;
}

static void start(sd_data *d, const char *name, const void *bytes, size_t nbytes)
{
    d->in = (sdp_reader){.b = d->b, .name = name, .bytes = bytes, .nbytes = nbytes};
    d->b->source = d->b->source_name = NULL;
    d->b->error = (sd_error){.code = SD_OK};
}

static void finish(sd_data *d)
{
    if (d->in.stream) fclose(d->in.stream);
    sdp_release(d->b, d->in.text);
    sdp_release(d->b, d->in.value);
    d->in = (sdp_reader){.b = d->b, .name = ""};
}

sd_status sd_data_read(sd_data *d, const char *argument)
{
    if (!d) return SD_ERR_USAGE;
    start(d, "", NULL, 0);
    sd_status status = attempt(d, argument, NULL);
    finish(d);
    return status;
}

sd_status sd_data_read_bytes(sd_data *d, const char *argument, const void *bytes, size_t n)
{
    if (!d) return SD_ERR_USAGE;
    start(d, "", bytes ? bytes : "", bytes ? n : 0);
    sd_status status = attempt(d, argument, NULL);
    finish(d);
    return status;
}

sd_status sd_data_set(sd_data *d, const char *name, const sd_array *a)
{
    if (!d) return SD_ERR_USAGE;
    start(d, name, NULL, 0);
    sd_status status = attempt(d, NULL, a);
    finish(d);
    return status;
}

const sd_array *sd_data_get(const sd_data *d, const char *name)
{
    const named *at = d && name ? find(d, name) : NULL;
    return at ? &at->a : NULL;
}

bool sdp_data_is_row(const sd_data *d, const char *name)
{
    const named *at = d ? find(d, name) : NULL;
    return at && at->row;
}

size_t sd_data_count(const sd_data *d) { return d ? d->n : 0; }

const char *sd_data_name(const sd_data *d, size_t i) { return i < sd_data_count(d) ? d->item[i].name : NULL; }
