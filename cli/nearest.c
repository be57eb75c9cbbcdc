// SPDX-License-Identifier: MIT
// The name that was meant where a misspelt one stands: the nearest by edits, swaps of neighbours among them.
#include "cli/cli.h"

#include <string.h>

// Changes, insertions, deletions and swaps of neighbours that turn a into b; names are short.
static size_t distance(const char *a, const char *b)
{
    size_t row[3][64], n = strlen(a), m = strlen(b);
    if (n > 60 || m > 60) return 99;
    for (size_t i = 0; i <= n; i++) {
        size_t *now = row[i % 3], *up = row[(i + 2) % 3], *up2 = row[(i + 1) % 3];
        for (size_t j = 0; j <= m; j++) {
            if (!i || !j) {
                now[j] = i + j;
                continue;
            }
            size_t best = up[j - 1] + (a[i - 1] != b[j - 1]);
            if (up[j] + 1 < best) best = up[j] + 1;
            if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && up2[j - 2] + 1 < best)
                best = up2[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[n % 3][m];
}

const char *nearest(const char *name, const char *const *candidates, size_t n)
{
    const char *best = NULL;
    size_t least = strlen(name) > 3 ? 3 : 2;
    for (size_t i = 0; i < n; i++) {
        size_t d = distance(name, candidates[i]);
        if (d < least) least = d, best = candidates[i];
    }
    return best;
}
