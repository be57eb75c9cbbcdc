// SPDX-License-Identifier: MIT
// The last pass over emitted C, word by word. Names of helpers get the name of the file in front, so that any number of emitted files can
// be included in one unit. Where numbers are floats, constants, functions of <math.h> and tolerances (kernels/real.def) become those of
// float, so that nothing is computed in double: 0.5 is 0.5f, exp(x) expf(x). Comments and strings stay as they are.
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

// The functions of <math.h> that emitted code calls: those of float end with f.
static bool is_libm(const char *s, size_t n)
{
    static const char *const names[] = {"acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "copysign", "cos", "cosh", "erf",
                                        "erfc", "exp", "expm1", "fabs", "floor", "fmod", "hypot", "lgamma", "log", "log10", "log1p", "log2", "pow",
                                        "sin", "sinh", "sqrt", "tan", "tanh", "tgamma"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == n && !memcmp(names[i], s, n)) return true;
    return false;
}

static bool is(const char *s, size_t n, const char *word) { return strlen(word) == n && !memcmp(s, word, n); }

static bool put_constant(const sdp_dialect *d, const char *s, size_t n, sdp_text *out)
{
    for (int i = 0; i < SDP_REAL_COUNT; i++) {
        if (!is(s, n, sdp_reals[i].name)) continue;
        sdp_putf(out, d->real.is_float ? "%sf" : "%s", sdp_reals[i].number[d->real.is_float]);
        return true;
    }
    return false;
}

static void put_word(const sdp_dialect *d, const char *s, size_t n, sdp_text *out)
{
    bool helper = n > 3 && (!memcmp(s, "sd_", 3) || !memcmp(s, "SD_", 3)), is_float = d->real.is_float;
    if (helper && put_constant(d, s, n, out)) return;
    if (is(s, n, "sd_base")) {
        sdp_put(out, is_float ? "float" : "double");
        return;
    }
    if (is(s, n, "double")) {
        sdp_put(out, d->real.name ? d->real.name : "double");
        return;
    }
    if (helper) sdp_putf(out, "%s_", d->file);
    sdp_putn(out, s, n);
    if (is_float && (is(s, n, "HUGE_VAL") ? true : s[n] == '(' && is_libm(s, n))) sdp_put(out, is(s, n, "HUGE_VAL") ? "F" : "f");
}

// Length of a number that starts at s; 0: none does. floating: it has a point or an exponent.
static size_t number(const char *s, bool *floating)
{
    size_t n = 0;
    *floating = false;
    if (!sdp_is_digit(*s) && !(*s == '.' && sdp_is_digit(s[1]))) return 0;
    while (is_word(s[n]) || s[n] == '.' || ((s[n] == '-' || s[n] == '+') && (s[n - 1] | 32) == 'e')) {
        *floating |= s[n] == '.' || (s[n] | 32) == 'e';
        n++;
    }
    return n;
}

// What is beyond the range of float is infinite, or 0, as it would be if it were computed.
static void put_number(const sdp_dialect *d, const char *s, size_t n, bool floating, sdp_text *out)
{
    double v = floating && d->real.is_float ? sdp_decimal_read(s, n) : 0;
    if (!floating || !d->real.is_float) sdp_putn(out, s, n);
    else if (v > 3.4028235e38) sdp_put(out, "HUGE_VALF");
    else if (v > 0 && v < 1.2e-38) sdp_put(out, "0.0f");
    else sdp_putn(out, s, n), sdp_put(out, "f");
}

void sdp_put_in_dialect(const sdp_dialect *d, const char *s, sdp_text *out)
{
    bool floating;
    for (size_t n; *s; s += n) {
        n = quoted(s);
        if (n) {
            sdp_putn(out, s, n);
            continue;
        }
        n = number(s, &floating);
        if (n) {
            put_number(d, s, n, floating, out);
            continue;
        }
        while (is_word(s[n])) n++;
        if (n) put_word(d, s, n, out);
        else sdp_putn(out, s, n = 1);
    }
}
