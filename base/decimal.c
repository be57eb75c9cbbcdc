// SPDX-License-Identifier: MIT
// Doubles as decimal text, read and written with a point whatever the locale of the program says, which is
// neither asked nor changed.
//
// Reading: strtod rounds correctly, and what it takes from the locale is the point alone; so it is given
// none: 12.5e3 as 125e2. Writing: what printf writes for a number and is no letter, digit or sign of it is
// the locale's point, of one or several bytes.
#include <float.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"

enum { MOST_DIGITS = 800 }; // no double, nor a midpoint of two, has more than 768 digits that count

double sdp_decimal_read(const char *s, size_t n)
{
    char text[MOST_DIGITS + 40];
    size_t i = 0, k = 0;
    int64_t scale = 0, exponent = 0;
    bool fraction = false, rest = false;
    if (n && (*s == '-' || *s == '+')) text[k++] = s[i++];
    for (size_t first = k; i < n && (sdp_is_digit(s[i]) || (s[i] == '.' && !fraction)); i++) {
        if (s[i] == '.') fraction = true;
        else if (k - first < MOST_DIGITS) {
            scale -= fraction;
            if (k > first || s[i] != '0') text[k++] = s[i];
        } else {
            scale += !fraction;
            rest |= s[i] != '0';
        }
    }
    if (rest) text[k++] = '1', scale--; // a digit that counts, for rounding
    else text[k++] = '0', scale--;
    if (i < n && (s[i] | 32) == 'e') {
        bool negative = ++i < n && s[i] == '-';
        i += i < n && (s[i] == '-' || s[i] == '+');
        for (; i < n && sdp_is_digit(s[i]); i++)
            exponent = exponent < INT64_MAX / 20 ? 10 * exponent + (s[i] - '0') : exponent;
        if (negative) exponent = -exponent;
    }
    snprintf(text + k, sizeof text - k, "e%lld", (long long)(exponent + scale));
    return strtod(text, NULL);
}

sdp_decimal sdp_decimal_of(double v, int digits)
{
    sdp_decimal d;
    size_t k = 0;
    snprintf(d.s, sizeof d.s, "%.*g", digits, v);
    for (const char *p = d.s; *p; p++) {
        bool own = strchr("+-0123456789einfa", *p) != NULL;
        if (own) d.s[k++] = *p;
        else if (k && d.s[k - 1] != '.') d.s[k++] = '.';
    }
    d.s[k] = 0;
    return d;
}

sdp_decimal sdp_decimal_shortest(double v, int digits)
{
    sdp_decimal d;
    do {
        d = sdp_decimal_of(v, digits);
        double back = sdp_decimal_read(d.s, strlen(d.s));
        if (back <= v && back >= v) break;
    } while (digits++ < DBL_DECIMAL_DIG);
    return d;
}
