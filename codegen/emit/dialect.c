// SPDX-License-Identifier: MIT
// The last pass over emitted C: names of helpers get the name of the file in front, so that any number of emitted files can be
// included in one unit. Comments and strings stay as they are.
#include <string.h>

#include "codegen/emit/emitter.h"

static bool is_word(char c) { return sdp_is_letter(c) || sdp_is_digit(c) || c == '_'; }

// Length of a comment up to the end of its line, or of a string, that starts at s; 0: none does.
static size_t quoted(const char *s)
{
    size_t n = 1;
    if (s[0] == '/' && s[1] == '/') return strcspn(s, "\n");
    if (s[0] != '"') return 0;
    while (s[n] && s[n] != '"' && s[n] != '\n') n++;
    return n + (s[n] == '"');
}

static void put_word(const sdp_dialect *d, const char *s, size_t n, sdp_text *out)
{
    if (n > 3 && (!memcmp(s, "sd_", 3) || !memcmp(s, "SD_", 3))) sdp_putf(out, "%s_", d->file);
    sdp_putn(out, s, n);
}

void sdp_put_in_dialect(const sdp_dialect *d, const char *s, sdp_text *out)
{
    for (size_t n; *s; s += n) {
        n = quoted(s);
        if (n) {
            sdp_putn(out, s, n);
            continue;
        }
        while (is_word(s[n])) n++;
        if (n) put_word(d, s, n, out);
        else sdp_putn(out, s, n = 1);
    }
}
