// SPDX-License-Identifier: MIT
// JSON, as much as data needs: an object of numbers and nested arrays of numbers (RFC 8259 syntax).
//
// Read in one go from left to right, straight into the reader's numbers: no tree is built, an error knows its
// line, and the memory is that of the numbers. Arrays nest at most SD_MAX_ORDER deep, so a small array of
// counters stands in for the stack: count[k] entries so far at depth k, dim[k] once the first one has closed.
#include "runtime/data/reader.h"

#include <string.h>

static bool at_char(const sdp_reader *r, char c) { return r->at < r->end && *r->at == c; }

// The characters that a number, or a word instead of one, is made of.
static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
           c == '-' || c == '.';
}

// RFC 8259: no leading plus or zero, digits on both sides of the point.
static bool is_strict(const char *s, size_t n)
{
    size_t i = *s == '-';
    if (i == n || s[i] < '0' || s[i] > '9') return false;
    if (s[i] == '0' && i + 1 < n && s[i + 1] >= '0' && s[i + 1] <= '9') return false;
    const char *point = memchr(s, '.', n);
    return !point || (point + 1 < s + n && point[1] >= '0' && point[1] <= '9');
}

static void read_number(sdp_reader *r)
{
    const char *s = r->at;
    size_t n = 0;
    while (s + n < r->end && is_word(s[n])) n++;
    double v;
    if (!n) {
        if (r->at == r->end) sdp_data_fail(r, "", "the text ends in the middle of an array");
        if (*s == '"') sdp_data_fail(r, "", "a number was expected, not a string");
        sdp_data_fail(r, "", "a number or '[' was expected");
    }
    if (!sdp_data_number(s, n, &v) || ((v - v == 0) && !is_strict(s, n))) {
        sdp_data_fail(r, "", "'%.*s' is not a number", n < 40 ? (int)n : 40, s);
    }
    sdp_data_push(r, v);
    r->at += n;
}

typedef struct {
    int depth, leaf; // leaf: the depth at which numbers stand, -1 while unknown
    size_t count[SD_MAX_ORDER], dim[SD_MAX_ORDER];
    bool closed[SD_MAX_ORDER]; // dim[k] is known
} nest;

static void open_bracket(sdp_reader *r, nest *a)
{
    if (a->leaf >= 0 && a->depth >= a->leaf)
        sdp_data_fail(r, "", "the array is ragged: a number was expected, not '['");
    if (a->depth == SD_MAX_ORDER) sdp_data_fail(r, "", "arrays nest more than %d deep", SD_MAX_ORDER);
    a->count[a->depth++] = 0;
    r->at++;
    sdp_data_blanks(r);
    if (at_char(r, ']')) sdp_data_fail(r, "", "the array is empty");
}

static void close_bracket(sdp_reader *r, nest *a)
{
    size_t n = a->count[--a->depth];
    if (a->closed[a->depth] && a->dim[a->depth] != n) {
        sdp_data_fail(r, "", "the array is ragged: %zu here, but %zu entries before", n, a->dim[a->depth]);
    }
    a->closed[a->depth] = true;
    a->dim[a->depth] = n;
    r->at++;
}

void sdp_read_json(sdp_reader *r)
{
    nest a = {.leaf = -1};
    for (;;) {
        sdp_data_blanks(r);
        if (at_char(r, '[')) {
            open_bracket(r, &a);
            continue;
        }
        if (a.leaf >= 0 && a.leaf != a.depth)
            sdp_data_fail(r, "", "the array is ragged: '[' was expected, not a number");
        a.leaf = a.depth;
        read_number(r);
        for (;;) { // a value has ended: so may the arrays around it
            if (!a.depth) {
                r->shape.order = a.leaf;
                memcpy(r->shape.dim, a.dim, sizeof a.dim);
                return;
            }
            a.count[a.depth - 1]++;
            sdp_data_blanks(r);
            if (at_char(r, ',')) break;
            if (r->at == r->end) sdp_data_fail(r, "", "the text ends in the middle of an array");
            if (!at_char(r, ']')) sdp_data_fail(r, "", "',' or ']' was expected");
            close_bracket(r, &a);
        }
        r->at++;
    }
}

// ---- objects ----------------------------------------------------------------------------------------------

static unsigned hex4(sdp_reader *r)
{
    unsigned v = 0;
    for (int i = 0; i < 4; i++) {
        char c = r->at < r->end ? *r->at++ : 0;
        if (c >= '0' && c <= '9') v = v * 16 + (unsigned)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f') v = v * 16 + (unsigned)((c | 32) - 'a' + 10);
        else sdp_data_fail(r, "", "four hexadecimal digits were expected after \\u");
    }
    return v;
}

static size_t put_utf8(char *out, unsigned c)
{
    if (c < 0x80) return out[0] = (char)c, 1;
    if (c < 0x800) return out[0] = (char)(0xC0 | c >> 6), out[1] = (char)(0x80 | (c & 63)), 2;
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12), out[1] = (char)(0x80 | (c >> 6 & 63)),
        out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18), out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63)), out[3] = (char)(0x80 | (c & 63));
    return 4;
}

static size_t read_escape(sdp_reader *r, char *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = r->at < r->end ? *r->at++ : 0;
    const char *p = c ? strchr(from, c) : NULL;
    if (p) return *out = to[p - from], 1;
    if (c != 'u') sdp_data_fail(r, "", "unknown escape in a string");
    unsigned v = hex4(r);
    if (v >= 0xD800 && v < 0xDC00 && r->end - r->at >= 6 && r->at[0] == '\\' && r->at[1] == 'u') {
        r->at += 2;
        unsigned low = hex4(r);
        if (low >= 0xDC00 && low < 0xE000) v = 0x10000 + ((v - 0xD800) << 10) + (low - 0xDC00);
        else v = 0;
    }
    if (!v || (v >= 0xD800 && v < 0xE000))
        sdp_data_fail(r, "", "a name holds a character that does not exist");
    return put_utf8(out, v);
}

static const char *read_key(sdp_reader *r)
{
    sdp_data_blanks(r);
    if (!at_char(r, '"')) sdp_data_fail(r, "", "a name in double quotes was expected");
    const char *close = ++r->at;
    while (close < r->end && *close != '"') close += 1 + (*close == '\\');
    if (close >= r->end) sdp_data_fail(r, "", "a string does not end");
    char *key = sdp_alloc(r->b, (size_t)(close - r->at) + 1); // escapes only shrink
    size_t n = 0;
    while (r->at < close) {
        if (*r->at == '\\') {
            r->at++;
            n += read_escape(r, key + n);
        } else {
            key[n++] = *r->at++;
        }
    }
    r->at = close + 1;
    if (!n) sdp_data_fail(r, "", "a name is empty");
    return key;
}

// The names of one object, hashed; all in scratch.
typedef struct {
    const char **at;
    size_t n, cap;
} names;

static const char **place_of(const names *s, const char *name)
{
    size_t h = sdp_hash(name, strlen(name), 7) & (s->cap - 1);
    while (s->at[h] && strcmp(s->at[h], name)) h = (h + 1) & (s->cap - 1);
    return &s->at[h];
}

// False if it is there already.
static bool add_name(sdp_base *b, names *s, const char *name)
{
    if (2 * s->n >= s->cap) {
        names old = *s;
        s->cap = old.cap ? 2 * old.cap : 32;
        s->at = sdp_scratch(b, s->cap * sizeof *s->at);
        for (size_t i = 0; i < old.cap; i++)
            if (old.at[i]) *place_of(s, old.at[i]) = old.at[i];
    }
    const char **place = place_of(s, name);
    if (*place) return false;
    s->n++;
    return *place = name, true;
}

void sdp_read_json_object(sdp_reader *r, void (*store)(sdp_reader *r, void *data), void *data)
{
    names seen = {0};
    r->at++;
    sdp_data_blanks(r);
    if (at_char(r, '}')) sdp_data_fail(r, "", "the object is empty");
    for (;;) {
        const char *key = read_key(r);
        if (!add_name(r->b, &seen, key)) sdp_data_fail(r, "", "the name %s comes twice", key);
        r->name = key;
        sdp_data_blanks(r);
        if (!at_char(r, ':')) sdp_data_fail(r, "", "':' was expected after the name %s", key);
        r->at++;
        sdp_read_json(r);
        store(r, data);
        sdp_data_blanks(r);
        if (at_char(r, '}')) break;
        if (!at_char(r, ',')) sdp_data_fail(r, "", "',' or '}' was expected after the value of %s", key);
        r->at++;
    }
    r->at++;
    sdp_data_blanks(r);
    if (r->at < r->end) sdp_data_fail(r, "", "text after the end of the object");
}
