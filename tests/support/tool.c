// SPDX-License-Identifier: MIT
// Lines, random numbers, guarded arrays and complaints for the test programs.
#define _POSIX_C_SOURCE 200809L
#include "base/base.h"
#include "tests/support/test.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void *tst_grow(void *p, size_t bytes)
{
    void *q = realloc(p, bytes ? bytes : 1);
    if (!q) {
        fputs("test: no memory\n", stderr);
        exit(3);
    }
    return q;
}

char *tst_copy(const char *s, size_t n)
{
    char *p = tst_grow(NULL, n + 1);
    memcpy(p, s, n);
    p[n] = 0;
    return p;
}

char *tst_format(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = tst_grow(NULL, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return p;
}

size_t tst_product(int order, const size_t *dim)
{
    size_t n = 1;
    for (int k = 0; k < order; k++) n *= dim[k];
    return n;
}

double tst_number(const char *s, char **end)
{
    const char *digits = s + strspn(s, " \t"), *first = digits + (*digits == '-' || *digits == '+');
    size_t n = strspn(first, "0123456789"), k = n + (first[n] == '.');
    k += strspn(first + k, "0123456789");
    if (!n && k < 2) return strtod(s, end); // inf and nan have no point
    if ((first[k] | 32) == 'e') {
        size_t sign = first[k + 1] == '-' || first[k + 1] == '+',
               more = strspn(first + k + 1 + sign, "0123456789");
        if (more) k += 1 + sign + more;
    }
    if (end) *end = (char *)(uintptr_t)(first + k);
    return sdp_decimal_read(digits, (size_t)(first + k - digits));
}

char *tst_number_text(double v, int digits) { return tst_format("%s", sdp_decimal_of(v, digits).s); }

void tst_push(tst_lines *l, char *owned)
{
    if ((l->n & (l->n - 1)) == 0) l->s = tst_grow(l->s, (l->n ? 2 * l->n : 1) * sizeof *l->s);
    l->s[l->n++] = owned;
}

void tst_split(tst_lines *l, const char *text)
{
    size_t start = l->n;
    while (*text) {
        size_t n = strcspn(text, "\n"), keep = n;
        while (keep && (text[keep - 1] == ' ' || text[keep - 1] == '\r')) keep--;
        tst_push(l, tst_copy(text, keep));
        text += n + (text[n] == '\n');
    }
    while (l->n > start && !*l->s[l->n - 1]) free(l->s[--l->n]);
}

void tst_lines_free(tst_lines *l)
{
    for (size_t i = 0; i < l->n; i++) free(l->s[i]);
    free(l->s);
    *l = (tst_lines){0};
}

bool tst_lines_equal(const tst_lines *a, const tst_lines *b)
{
    if (a->n != b->n) return false;
    for (size_t i = 0; i < a->n; i++)
        if (strcmp(a->s[i], b->s[i])) return false;
    return true;
}

uint64_t tst_next(tst_rng *r)
{
    uint64_t z = r->state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

double tst_uniform(tst_rng *r, double lo, double hi)
{
    return lo + (hi - lo) * ((double)(tst_next(r) >> 11) * 0x1p-53);
}

unsigned tst_below(tst_rng *r, unsigned n) { return (unsigned)(tst_next(r) >> 32) % n; }

void tst_complain(tst_report *r, const char *fmt, ...)
{
    char *s;
    size_t n;
    FILE *f = open_memstream(&s, &n);
    if (!f) exit(3);
    va_list ap;
    va_start(ap, fmt);
    vfprintf(f, fmt, ap);
    va_end(ap);
    fclose(f);
    tst_lines l = {0};
    tst_split(&l, s);
    for (size_t i = 0; i < l.n; i++) fprintf(r->text, "    %s\n", l.s[i]);
    tst_lines_free(&l);
    free(s);
    r->count++;
}

// An array between guards: whatever is written beyond it shows.
enum { GUARD = 64 };
static const double guard_value = 0x1.8p700;

double *tst_guarded(size_t n)
{
    double *p = tst_grow(NULL, (n + 2 * GUARD) * sizeof *p);
    for (size_t k = 0; k < n + 2 * GUARD; k++) p[k] = guard_value; // nothing may count on zeros either
    return p + GUARD;
}

bool tst_release(double *p, size_t n)
{
    bool intact = true;
    for (size_t k = 0; k < GUARD; k++)
        intact &= p[-1 - (ptrdiff_t)k] == guard_value && p[n + k] == guard_value;
    free(p - GUARD);
    return intact;
}
