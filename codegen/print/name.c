// SPDX-License-Identifier: MIT
// Names in ASCII: Greek letters are spelled out, other characters become u and their code point.
#include <stdio.h>
#include <string.h>

#include "codegen/print/print.h"

static const char *const greek[] = {
    // U+03B1 onwards
    "alpha", "beta",   "gamma",   "delta", "epsilon", "zeta",    "eta",   "theta", "iota",
    "kappa", "lambda", "mu",      "nu",    "xi",      "omicron", "pi",    "rho",   "sigma",
    "sigma", "tau",    "upsilon", "phi",   "chi",     "psi",     "omega",
};

static const char *const greek_capital[] = {
    // U+0391 onwards
    "Alpha", "Beta",   "Gamma",   "Delta", "Epsilon", "Zeta",    "Eta",   "Theta", "Iota",
    "Kappa", "Lambda", "Mu",      "Nu",    "Xi",      "Omicron", "Pi",    "Rho",   "Sigma",
    "Sigma", "Tau",    "Upsilon", "Phi",   "Chi",     "Psi",     "Omega",
};

static uint32_t code_point(const unsigned char **p)
{
    uint32_t c = *(*p)++;
    if (c < 0xc0) return c;
    uint32_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    c &= 0x3fu >> more;
    while (more-- && (**p & 0xc0) == 0x80) c = c << 6 | (*(*p)++ & 0x3f);
    return c;
}

const char *sdp_ascii_name(sdp_base *b, const char *text)
{
    char *out = sdp_scratch(b, 8 * strlen(text) + 8), *at = out;
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        uint32_t c = code_point(&p);
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_',
             digit = c >= '0' && c <= '9';
        if (letter || (digit && at > out)) *at++ = (char)c;
        else if (c >= 0x3b1 && c < 0x3b1 + 25) at += sprintf(at, "%s", greek[c - 0x3b1]);
        else if (c >= 0x391 && c < 0x391 + 25) at += sprintf(at, "%s", greek_capital[c - 0x391]);
        else if (digit) at += sprintf(at, "n%c", (char)c);
        else if (c < 0x80) *at++ = '_';
        else at += sprintf(at, "u%04X", (unsigned)c);
    }
    if (at == out) *at++ = 'v';
    *at = 0;
    // names that begin with sd_ are those of static functions, names that begin with _ belong to the compiler
    if (!strncmp(out, "sd_", 3) || out[0] == '_') memmove(out + 1, out, strlen(out) + 1), out[0] = 'v';
    return out;
}
