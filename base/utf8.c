// SPDX-License-Identifier: MIT
// UTF-8: decoding that refuses what the standard refuses, and the width of characters on a terminal.
//
// The width table is our own and short: combining marks and invisible characters take no column, East Asian
// wide characters and emoji take two. It needs to be right for what people write in formulas and file names,
// and never depends on the locale.
#include "base/base.h"

uint32_t sdp_utf8_decode(const char *s, size_t n, size_t *length)
{
    const unsigned char *u = (const unsigned char *)s;
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000}; // shorter forms are overlong
    size_t k = u[0] < 0x80 ? 1 : u[0] < 0xC2 ? 0 : u[0] < 0xE0 ? 2 : u[0] < 0xF0 ? 3 : u[0] < 0xF5 ? 4 : 0;
    *length = 1;
    if (k == 1) return u[0];
    if (k == 0 || k > n) return UINT32_MAX;
    uint32_t c = u[0] & (0x7Fu >> k);
    for (size_t i = 1; i < k; i++) {
        if ((u[i] & 0xC0) != 0x80) return UINT32_MAX;
        c = c << 6 | (u[i] & 0x3F);
    }
    if (c < least[k] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return UINT32_MAX;
    *length = k;
    return c;
}

typedef struct {
    uint32_t first, last;
    int width;
} range;

static const range widths[] = {
    // ascending; what is not here takes one column
    {0x0300, 0x036F, 0},   {0x0483, 0x0489, 0},   {0x0591, 0x05BD, 0},   {0x0610, 0x061A, 0},
    {0x064B, 0x065F, 0},   {0x0900, 0x0902, 0},   {0x093C, 0x093C, 0},   {0x0941, 0x0948, 0},
    {0x0E31, 0x0E31, 0},   {0x0E34, 0x0E3A, 0},   {0x1100, 0x115F, 2},   {0x1AB0, 0x1AFF, 0},
    {0x1DC0, 0x1DFF, 0},   {0x200B, 0x200F, 0},   {0x2028, 0x202E, 0},   {0x2060, 0x2064, 0},
    {0x2066, 0x206F, 0},   {0x20D0, 0x20FF, 0},   {0x231A, 0x231B, 2},   {0x2329, 0x232A, 2},
    {0x23E9, 0x23EC, 2},   {0x25FD, 0x25FE, 2},   {0x2614, 0x2615, 2},   {0x2648, 0x2653, 2},
    {0x2E80, 0x3029, 2},   {0x302A, 0x302D, 0},   {0x302E, 0x303E, 2},   {0x3041, 0x3098, 2},
    {0x3099, 0x309A, 0},   {0x309B, 0x4DBF, 2},   {0x4E00, 0xA4CF, 2},   {0xA960, 0xA97F, 2},
    {0xAC00, 0xD7A3, 2},   {0xF900, 0xFAFF, 2},   {0xFE00, 0xFE0F, 0},   {0xFE20, 0xFE2F, 0},
    {0xFE30, 0xFE6F, 2},   {0xFEFF, 0xFEFF, 0},   {0xFF01, 0xFF60, 2},   {0xFFE0, 0xFFE6, 2},
    {0x1F300, 0x1F64F, 2}, {0x1F680, 0x1F6FF, 2}, {0x1F900, 0x1F9FF, 2}, {0x1FA70, 0x1FAFF, 2},
    {0x20000, 0x3FFFD, 2}, {0xE0100, 0xE01EF, 0},
};

int sdp_utf8_width(uint32_t c)
{
    size_t low = 0, high = sizeof widths / sizeof *widths;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (widths[mid].last < c) low = mid + 1;
        else high = mid;
    }
    if (low < sizeof widths / sizeof *widths && widths[low].first <= c) return widths[low].width;
    return 1;
}

size_t sdp_utf8_columns(const char *s, size_t n)
{
    size_t columns = 0, length;
    for (size_t i = 0; i < n; i += length)
        columns += (size_t)sdp_utf8_width(sdp_utf8_decode(s + i, n - i, &length));
    return columns;
}
