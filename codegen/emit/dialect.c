// SPDX-License-Identifier: MIT
// The last pass over emitted C, word by word. Names of helpers get the name of the file in front, so that any
// number of emitted files can be included in one unit. Where numbers are floats, constants, functions of
// <math.h> and tolerances (kernels/real.def) become those of float, so that nothing is computed in double:
// 0.5 is 0.5f, exp(x) expf(x). Where a typedef is either, a number is cast, (real_t)0.5, and a function is
// one of two, both of which are named once, real_t f_sd_exp(real_t x): compilers know the size of the type,
// and one of the two goes. Comments and strings stay as they are.
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

static bool is(const char *s, size_t n, const char *word) { return strlen(word) == n && !memcmp(s, word, n); }

// The functions of <math.h> that emitted code calls: those of float end with f.
static const struct {
    const char *name;
    bool two;
} libm[] = {{"acos", 0},  {"acosh", 0}, {"asin", 0},   {"asinh", 0},    {"atan", 0},  {"atan2", 1},
            {"atanh", 0}, {"cbrt", 0},  {"ceil", 0},   {"copysign", 1}, {"cos", 0},   {"cosh", 0},
            {"erf", 0},   {"erfc", 0},  {"exp", 0},    {"expm1", 0},    {"fabs", 0},  {"floor", 0},
            {"fmod", 1},  {"hypot", 1}, {"lgamma", 0}, {"log", 0},      {"log10", 0}, {"log1p", 0},
            {"log2", 0},  {"pow", 1},   {"sin", 0},    {"sinh", 0},     {"sqrt", 0},  {"tan", 0},
            {"tanh", 0},  {"tgamma", 0}};
enum { LIBM = sizeof libm / sizeof *libm };

// The row of the function that is called at s, or -1
static int libm_row(const char *s, size_t n)
{
    for (int i = 0; i < LIBM && s[n] == '('; i++)
        if (is(s, n, libm[i].name)) return i;
    return -1;
}

static bool put_constant(const sdp_dialect *d, const char *s, size_t n, sdp_text *out)
{
    for (int i = 0; i < SDP_REAL_COUNT; i++) {
        if (!is(s, n, sdp_reals[i].name)) continue;
        const char *wide = sdp_reals[i].number[0], *narrow = sdp_reals[i].number[1], *name = d->real.name;
        if (d->real.either)
            sdp_putf(out, "(sizeof(%s) == sizeof(float) ? (%s)%sf : (%s)%s)", name, name, narrow, name, wide);
        else sdp_putf(out, d->real.is_float ? "%sf" : "%s", d->real.is_float ? narrow : wide);
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
    bool function = libm_row(s, n) >= 0, huge = is(s, n, "HUGE_VAL");
    if (helper) sdp_putf(out, "%s_", d->file);
    if (d->real.either && function) sdp_putf(out, "%s_sd_", d->file);
    if (d->real.either && huge) sdp_putf(out, "(%s)", d->real.name);
    for (size_t i = 0, k; i < 2 && is_float; i++) { // cblas_dgemm -> cblas_sgemm
        static const char *const library[] = {"cblas_d", "LAPACKE_d"};
        if (n <= (k = strlen(library[i])) || memcmp(s, library[i], k)) continue;
        sdp_putf(out, "%.*ss", (int)k - 1, s);
        s += k, n -= k;
        break;
    }
    sdp_putn(out, s, n);
    if (is_float && !d->real.either && (function || huge)) sdp_put(out, huge ? "F" : "f");
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

// Writes a number outside the range of float as infinity or 0, as it would be if it were computed.
static void put_number(const sdp_dialect *d, const char *s, size_t n, bool floating, sdp_text *out)
{
    double v = floating && d->real.is_float ? sdp_decimal_read(s, n) : 0;
    if (!floating || !d->real.is_float) sdp_putn(out, s, n);
    else if (d->real.either && (v > 3.4028235e38 || (v > 0 && v < 1.2e-38)))
        sdp_putf(out, "(sizeof(%s) == sizeof(float) ? (%s)%s : (%s)%.*s)", d->real.name, d->real.name,
                 v > 1 ? "HUGE_VAL" : "0.0", d->real.name, (int)n, s);
    else if (d->real.either) sdp_putf(out, "(%s)%.*s", d->real.name, (int)n, s);
    else if (v > 3.4028235e38) sdp_put(out, "HUGE_VALF");
    else if (v > 0 && v < 1.2e-38) sdp_put(out, "0.0f");
    else sdp_putn(out, s, n), sdp_put(out, "f");
}

// The functions that the text calls, each as that of float or of double
void sdp_put_either(const sdp_dialect *d, const char *text, bool is_inline, sdp_text *out)
{
    bool called[LIBM] = {false};
    const char *real = d->real.name;
    for (const char *s = text; *s;) {
        size_t n = quoted(s);
        if (n) {
            s += n;
            continue;
        }
        while (is_word(s[n])) n++;
        int row = n ? libm_row(s, n) : -1;
        if (row >= 0) called[row] = true;
        s += n ? n : 1;
    }
    for (int i = 0; i < LIBM; i++) {
        if (!called[i]) continue;
        const char *f = libm[i].name;
        sdp_putf(out, "static %s%s %s_sd_%s(%s x", is_inline ? "inline " : "", real, d->file, f, real);
        if (libm[i].two)
            sdp_putf(out,
                     ", %s y) { return sizeof x == sizeof(float) ? (%s)%sf((float)x, (float)y) : "
                     "(%s)%s((double)x, (double)y); }\n",
                     real, real, f, real, f);
        else
            sdp_putf(out, ") { return sizeof x == sizeof(float) ? (%s)%sf((float)x) : (%s)%s((double)x); }\n",
                     real, f, real, f);
    }
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
