// SPDX-License-Identifier: MIT
// Numbers as decimals, where the input has decimals: 9/5*x is 1.8*x in an answer to a question about 0.9*x^2.
// Exact, or not at all.
#include <stdlib.h>
#include <string.h>

#include "codegen/raise/notation.h"

enum { MOST_PLACES = 18, MOST_PLAIN = 4 }; // behind the point; 0.00001 is 1e-5

// v = units * 10^-places with the fewest places. Returns false if v has no end in decimals, or is large.
static bool units_of(const sdp_graph *g, sdp_num p, sdp_num q, long *units, int *places)
{
    long below;
    if (!sdp_num_long(g, p, units) || !sdp_num_long(g, q, &below)) return false;
    for (*places = 0; below > 1; ++*places) {
        long common = below % 10 == 0 ? 10 : below % 2 == 0 ? 2 : 5;
        if (below % common || *places == MOST_PLACES || __builtin_mul_overflow(*units, 10 / common, units))
            return false;
        below /= common;
    }
    return true;
}

static bool is_decimal(const sdp_graph *g, sdp_num q)
{
    long below;
    if (!sdp_num_long(g, q, &below)) return false;
    while (below % 2 == 0) below /= 2;
    return below > 1 || g->writing->decimals > 1;
}

const char *sdp_r_decimal(const sdp_raiser *r, sdp_num v)
{
    sdp_graph *g = r->g;
    sdp_num q = sdp_num_denominator(g, v);
    long units;
    int places;
    if (!r->says || !g->writing->decimals || q == SDP_NUM_ONE || !is_decimal(g, q) ||
        !units_of(g, sdp_num_numerator(g, v), q, &units, &places))
        return NULL;
    const char *digits = sdp_printf(&g->base, "%ld", labs(units)), *sign = units < 0 ? "-" : "";
    int n = (int)strlen(digits), zeros = places - n;
    if (zeros < 0) return sdp_printf(&g->base, "%s%.*s.%s", sign, n - places, digits, digits + n - places);
    if (zeros >= MOST_PLAIN && !r->tex) return sdp_printf(&g->base, "%s%se-%d", sign, digits, places);
    if (zeros >= MOST_PLAIN && labs(units) == 1) return sdp_printf(&g->base, "%s10^{-%d}", sign, places);
    return sdp_printf(&g->base, "%s0.%.*s%s", sign, zeros, "00000000000000000", digits);
}

const char *sdp_r_number(const sdp_raiser *r, sdp_num v)
{
    const char *decimal = sdp_r_decimal(r, v);
    return decimal ? decimal : sdp_num_text(r->g, v);
}
