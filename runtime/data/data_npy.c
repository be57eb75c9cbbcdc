// SPDX-License-Identifier: MIT
// NumPy's .npy files, versions 1 to 3.
//
// Ten or twelve bytes (magic, version, length of the header), the header, a Python dict such as
//     {'descr': '<f8', 'fortran_order': False, 'shape': (16, 7), }
// and the entries. Read byte by byte, so the machine's own byte order does not matter.
#include "runtime/data/reader.h"

#include <string.h>

// Value after 'key': in the header, or NULL.
static const char *header_value(const char *h, const char *key)
{
    char quoted[40];
    snprintf(quoted, sizeof quoted, "'%s'", key);
    const char *p = strstr(h, quoted);
    if (!p) return NULL;
    p += strlen(quoted);
    while (*p == ' ') p++;
    if (*p != ':') return NULL;
    p++;
    while (*p == ' ') p++;
    return p;
}

static const struct {
    const char *code;
    unsigned bytes;
    char kind;
} types[] = {
    {"<f8", 8, 'f'}, {"<f4", 4, 'f'}, {"<i8", 8, 'i'}, {"<i4", 4, 'i'}, {"<i2", 2, 'i'}, {"|i1", 1, 'i'},
    {"<u8", 8, 'u'}, {"<u4", 4, 'u'}, {"<u2", 2, 'u'}, {"|u1", 1, 'u'}, {"|b1", 1, 'u'},
};

static size_t find_type(const sdp_reader *r, const char *descr)
{
    const size_t n = sizeof types / sizeof *types;
    if (!descr || *descr != '\'')
        sdp_data_fail(r, "", "the entries are records; plain numbers were expected");
    size_t len = strcspn(descr + 1, "'");
    for (size_t i = 0; i < n; i++) {
        if (len == strlen(types[i].code) && !memcmp(descr + 1, types[i].code, len)) return i;
    }
    int shown = len < 20 ? (int)len : 20;
    if (descr[1] == '>') {
        sdp_data_fail(r, "save it with .astype('<f8')",
                      "entries of type '%.*s' (big-endian) are not supported", shown, descr + 1);
    }
    sdp_data_fail(r, "save it with .astype('<f8')", "entries of type '%.*s' are not supported", shown,
                  descr + 1);
}

static void read_shape(sdp_reader *r, const char *s)
{
    sd_array *a = &r->shape;
    a->order = 0;
    if (!s || *s != '(') sdp_data_fail(r, "", "the header has no shape");
    for (s++; *s && *s != ')';) {
        size_t v = 0;
        if (*s == ' ' || *s == ',') {
            s++;
            continue;
        }
        if (*s < '0' || *s > '9' || a->order == SD_MAX_ORDER)
            sdp_data_fail(r, "", "the shape in the header is not usable");
        for (; *s >= '0' && *s <= '9'; s++) {
            if (v > r->b->limit.elements) sdp_limit(r->b, "elements", r->b->limit.elements);
            v = v * 10 + (size_t)(*s - '0');
        }
        if (!v) sdp_data_fail(r, "", "the array is empty");
        a->dim[a->order++] = v;
    }
}

static double entry(const unsigned char *p, unsigned bytes, char kind)
{
    uint64_t bits = 0;
    for (unsigned i = bytes; i-- > 0;) bits = bits << 8 | p[i];
    if (kind == 'u') return (double)bits;
    if (kind == 'i') {
        uint64_t sign = (uint64_t)1 << (8 * bytes - 1);
        return bits & sign ? -(double)((~bits & (sign - 1)) + 1) : (double)bits;
    }
    if (bytes == 4) {
        uint32_t low = (uint32_t)bits;
        float f;
        memcpy(&f, &low, sizeof f);
        return f;
    }
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

// Where the entry with row-major number k stands in a file that runs through the first axis fastest.
static size_t fortran_place(const sd_array *a, size_t k)
{
    size_t place = 0, index[SD_MAX_ORDER];
    for (int i = a->order; i-- > 0;) {
        index[i] = k % a->dim[i];
        k /= a->dim[i];
    }
    for (int i = a->order; i-- > 0;) place = place * a->dim[i] + index[i];
    return place;
}

void sdp_read_npy(sdp_reader *r)
{
    const unsigned char *p = (const unsigned char *)r->text;
    r->at = NULL; // there are no lines
    if (r->size < 12 || memcmp(p, "\x93NUMPY", 6)) sdp_data_fail(r, "", "this is not a .npy file");
    if (p[6] < 1 || p[6] > 3) sdp_data_fail(r, "", "version %d of .npy is not supported", p[6]);
    size_t start = p[6] == 1 ? 10 : 12, length = p[8] | (size_t)p[9] << 8;
    if (p[6] > 1) length |= (size_t)p[10] << 16 | (size_t)p[11] << 24;
    if (length > r->size - start) sdp_data_fail(r, "", "the file is cut off in its header");
    char *header = sdp_strndup(r->b, r->text + start, length);
    size_t type = find_type(r, header_value(header, "descr"));
    const char *order = header_value(header, "fortran_order");
    if (!order || (strncmp(order, "False", 5) && strncmp(order, "True", 4)))
        sdp_data_fail(r, "", "the header has no fortran_order");
    read_shape(r, header_value(header, "shape"));
    size_t n = sdp_data_elements(r->b, r->shape.order, r->shape.dim), bytes = types[type].bytes;
    size_t have = (r->size - start - length) / bytes;
    if (have < n) sdp_data_fail(r, "", "the file is cut off: %zu of %zu entries", have, n);
    if (r->size - start - length != n * bytes) sdp_data_fail(r, "", "bytes after the last entry");
    p += start + length;
    sdp_data_reserve(r, n);
    for (size_t k = 0; k < n; k++) {
        size_t place = *order == 'T' ? fortran_place(&r->shape, k) : k;
        sdp_data_push(r, entry(p + place * bytes, types[type].bytes, types[type].kind));
    }
}
