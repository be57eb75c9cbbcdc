// SPDX-License-Identifier: MIT
// Failing: the error as a value, the jump to the public function, and the search for the name that was meant.
//
// sdp_fail allocates nothing, so it works when memory has run out. Both texts are cut to the room that
// sd_error has for them, at the end of a character and with "..." in place of the rest.
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// text[room] was written by snprintf and would have had n bytes.
static void cut(char *text, size_t room, int n)
{
    if (n < 0) {
        text[0] = '\0';
        return;
    }
    if ((size_t)n < room) return;
    size_t end = room - 4; // "..." and NUL
    while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80) end--;
    memcpy(text + end, "...", 4);
}

// Replaces control characters by '?', because a message must be a single line. They come from the source
// text, e.g. a file name with a newline.
static void one_line(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F) *text = '?';
}

static _Noreturn void jump(sdp_base *b)
{
    if (!b->trap) abort();
    sdp_trap *t = (sdp_trap *)(void *)b->trap; // `here` is its first member
    b->trap = t->outer;
    b->here = t->at;
    sdp_scratch_release(b, t->scratch);
    longjmp(t->here, 1);
}

static void fill(sdp_base *b, sd_status code, sdp_span at, sdp_span other, const char *hint)
{
    sd_error *e = &b->error;
    if (at.begin == at.end) at = b->here;
    e->code = code;
    e->begin = at.begin;
    e->end = at.end;
    e->other_begin = other.begin;
    e->other_end = other.end;
    e->source = b->source;
    e->source_name = b->source_name;
    cut(e->hint, sizeof e->hint, snprintf(e->hint, sizeof e->hint, "%s", hint ? hint : ""));
    one_line(e->hint);
}

static void message(sdp_base *b, const char *fmt, va_list ap)
{
    sd_error *e = &b->error;
    cut(e->message, sizeof e->message, vsnprintf(e->message, sizeof e->message, fmt, ap));
    one_line(e->message);
}

_Noreturn void sdp_fail(sdp_base *b, sd_status code, sdp_span at, const char *hint, const char *fmt, ...)
{
    va_list ap;
    fill(b, code, at, (sdp_span){0, 0}, hint);
    va_start(ap, fmt);
    message(b, fmt, ap);
    va_end(ap);
    jump(b);
}

_Noreturn void sdp_fail2(sdp_base *b, sd_status code, sdp_span at, sdp_span other, const char *hint,
                         const char *fmt, ...)
{
    va_list ap;
    fill(b, code, at, other, hint);
    va_start(ap, fmt);
    message(b, fmt, ap);
    va_end(ap);
    jump(b);
}

_Noreturn void sdp_limit(sdp_base *b, const char *name, size_t value)
{
    char hint[128];
    snprintf(hint, sizeof hint, "raise it with --limit %s=N, in the library with sd_limits.%s", name, name);
    sdp_fail(b, SD_ERR_LIMIT, (sdp_span){0, 0}, hint, "the limit '%s' of %zu is met", name, value);
}

// ---- the nearest name -------------------------------------------------------------------------------------

enum { LONGEST_NAME = 63 };

// Insertions, deletions, substitutions and swaps of neighbours that turn a into b: optimal string alignment.
static int distance(const char *a, size_t na, const char *b, size_t nb)
{
    int row[3][LONGEST_NAME + 1];
    int *before = row[0], *last = row[1], *now = row[2];
    for (size_t j = 0; j <= nb; j++) last[j] = (int)j;
    for (size_t i = 1; i <= na; i++) {
        now[0] = (int)i;
        for (size_t j = 1; j <= nb; j++) {
            int best = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < best) best = last[j] + 1;
            if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        int *free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[nb];
}

static bool same_letters(const char *a, const char *b)
{
    int count[256] = {0}, other = 0;
    for (; *a; a++) count[(unsigned char)*a]++;
    for (; *b; b++) count[(unsigned char)*b]--;
    for (int i = 0; i < 256; i++) other |= count[i];
    return !other;
}

bool sdp_is_slip(const char *name, const char *near)
{
    size_t n = strlen(name);
    return n > 4 || (n > 2 && name[0] == near[0] && (strlen(near) != n || same_letters(name, near)));
}

const char *sdp_nearest(const char *name, const char *const *candidates, size_t n)
{
    size_t length = strlen(name);
    const char *best = NULL;
    int most = length < 6 ? 1 : 2, least = 3 * most + 3;
    if (length > LONGEST_NAME) return NULL;
    for (size_t i = 0; i < n; i++) {
        size_t other = candidates[i] ? strlen(candidates[i]) : LONGEST_NAME + 1;
        size_t shorter = other < length ? other : length;
        if (other > LONGEST_NAME) continue;
        // of two as near, letters out of order are likelier than one too many, and this than another one
        int d = distance(name, length, candidates[i], other),
            cost = 3 * d + (same_letters(name, candidates[i]) ? 0
                            : other == length                 ? 2
                                                              : 1);
        if (d <= most && cost < least && (size_t)d < shorter) least = cost, best = candidates[i];
    }
    return best;
}

// FNV-1a with a final mix, so that the low bits are good enough for a table of 2^k entries.
uint32_t sdp_hash(const void *p, size_t n, uint32_t seed)
{
    const unsigned char *s = p;
    uint32_t h = 2166136261u ^ seed;
    for (size_t i = 0; i < n; i++) h = (h ^ s[i]) * 16777619u;
    h ^= h >> 15;
    h *= 0x2c1b3c6du;
    return h ^ h >> 12;
}

uint32_t sdp_hash_words(const uint32_t *p, size_t n, uint32_t seed)
{
    uint64_t h = seed ^ n * 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < n; i++) {
        h = (h ^ p[i]) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    return (uint32_t)(h ^ h >> 29);
}

_Noreturn void sdp_fail_again(sdp_base *b) { jump(b); }

sd_status sdp_failed(sdp_base *b)
{
    if (b->interrupted) *b->interrupted = 0;
    return b->error.code;
}
