// SPDX-License-Identifier: MIT
// An error as people read it:
//
//     model.sd:2:9: error: cannot add a vector(n) and a vector(m)
//       f = X*t - Y
//           ~~~ ^
//     hint: ...
//
// Lines and columns count from 1; a column is a column of the terminal, so the caret stands under its
// character whatever the characters before it are. Tabs become spaces in both lines. Of a very long line only
// the surroundings of the caret are shown. A second span on another line gets a line of its own.
#include "base/base.h"

#include <string.h>

enum { TAB = 8, WINDOW = 100, BEFORE_CARET = 40, INDENT = 2 };

typedef struct {
    size_t begin, end;
} columns;

// A source line: its bytes, and the columns of the two spans in it (empty if they are elsewhere).
typedef struct {
    const char *s;
    size_t first, n; // offset in the source, bytes
    size_t width;
    columns caret, other;
} line;

// The character at s[i] as it is shown: its length in bytes and in columns when it starts at `column`.
static const char *shown(const char *s, size_t n, size_t column, size_t *length, size_t *out_length,
                         size_t *width)
{
    static const char spaces[] = "        ";
    uint32_t c = sdp_utf8_decode(s, n, length);
    *out_length = *width = 1;
    if (c == '\t') {
        *out_length = *width = TAB - column % TAB;
        return spaces;
    }
    if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == UINT32_MAX || (c >= 0x202A && c <= 0x202E) ||
        (c >= 0x2066 && c <= 0x2069))
        return "?"; // control characters, broken bytes, and what would reorder the line
    *out_length = *length;
    *width = (size_t)sdp_utf8_width(c);
    return s;
}

static bool is_newline(char c) { return c == '\n' || c == '\r'; }

static columns columns_of(const line *l, uint32_t begin, uint32_t end)
{
    columns k = {0, 0};
    size_t column = 0, length, out, width;
    bool found = false;
    if (end <= begin || begin < l->first || begin > l->first + l->n) return k;
    for (size_t i = 0; i < l->n; i += length, column += width) {
        shown(l->s + i, l->n - i, column, &length, &out, &width);
        size_t at = l->first + i;
        if (at + length <= begin || at >= end) continue;
        if (!found) k.begin = column;
        found = true;
        k.end = column + width;
    }
    if (!found) k.begin = k.end = column; // behind the last character
    if (k.end == k.begin) k.end++;
    return k;
}

static line line_at(const char *source, size_t n, const sd_error *e, uint32_t position)
{
    line l = {0};
    size_t first = position < n ? position : n, end, length, out, width;
    for (end = first; end < n && !is_newline(source[end]); end++) {}
    while (first > 0 && !is_newline(source[first - 1])) first--;
    l.s = source + first;
    l.first = first;
    l.n = end - first;
    for (size_t i = 0; i < l.n; i += length, l.width += width)
        shown(l.s + i, l.n - i, l.width, &length, &out, &width);
    l.caret = columns_of(&l, e->begin, e->end);
    l.other = columns_of(&l, e->other_begin, e->other_end);
    return l;
}

static void put_spaces(sdp_text *t, size_t n)
{
    for (size_t i = 0; i < n; i++) sdp_put(t, " ");
}

static void put_marks(sdp_text *t, const line *l, columns window)
{
    size_t blanks = 0;
    for (size_t c = window.begin; c < window.end; c++) {
        bool caret = c >= l->caret.begin && c < l->caret.end, other = c >= l->other.begin && c < l->other.end;
        if (!caret && !other) {
            blanks++;
            continue;
        }
        put_spaces(t, blanks);
        blanks = 0;
        sdp_put(t, c == l->caret.begin && caret ? "^" : "~");
    }
    sdp_put(t, "\n");
}

static void put_line(sdp_text *t, const line *l)
{
    columns window = {0, l->width > l->caret.end ? l->width : l->caret.end};
    size_t focus = l->caret.end ? l->caret.begin : l->other.begin, length, out, width, column = 0;
    if (window.end < l->other.end) window.end = l->other.end;
    if (window.end > WINDOW) {
        if (focus > BEFORE_CARET) window.begin = focus - BEFORE_CARET;
        if (window.begin + WINDOW < window.end) window.end = window.begin + WINDOW;
        else window.begin = window.end - WINDOW;
    }
    const char *left = window.begin > 0 ? "..." : "";
    put_spaces(t, INDENT);
    sdp_put(t, left);
    for (size_t i = 0; i < l->n && column < window.end; i += length) {
        const char *s = shown(l->s + i, l->n - i, column, &length, &out, &width);
        if (column >= window.begin && column + width <= window.end) {
            sdp_putn(t, s, out);
        } else if (column + width > window.begin) { // cut by an edge of the window
            size_t from = column > window.begin ? column : window.begin;
            size_t to = column + width < window.end ? column + width : window.end;
            put_spaces(t, to - from);
        }
        column += width;
    }
    sdp_put(t, window.end < l->width ? "...\n" : "\n");
    put_spaces(t, INDENT + strlen(left));
    put_marks(t, l, window);
}

static size_t line_number(const char *source, size_t first)
{
    size_t number = 1;
    for (size_t i = 0; i < first; i++)
        number += source[i] == '\n' || (source[i] == '\r' && source[i + 1] != '\n');
    return number;
}

char *sdp_diagnose(sdp_base *b, const sd_error *e)
{
    sdp_text t;
    sd_error inside = *e;
    sdp_text_init(&t, b);
    if (e->source && e->begin < e->end) {
        size_t n = strlen(e->source);
        // behind a NUL in the text
        if (e->begin > n) inside.begin = (uint32_t)n, inside.end = (uint32_t)n + 1;
        e = &inside;
        line l = line_at(e->source, n, e, e->begin);
        sdp_putf(&t, "%s:%zu:%zu: error: %s\n", e->source_name ? e->source_name : "<expression>",
                 line_number(e->source, l.first), l.caret.begin + 1, e->message);
        put_line(&t, &l);
        line other = line_at(e->source, n, e, e->other_begin);
        if (e->other_begin < e->other_end && other.first != l.first) {
            other.caret = (columns){0, 0};
            put_line(&t, &other);
        }
    } else {
        sdp_putf(&t, "error: %s\n", e->message);
    }
    if (e->hint[0]) sdp_putf(&t, "hint: %s\n", e->hint);
    return t.s;
}
