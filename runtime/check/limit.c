// SPDX-License-Identifier: MIT
// The limit of difference quotients q(h), h halved from step to step, for h -> 0: by Richardson's
// extrapolation (q has a series in h) or, where that does not settle, by Aitken's (q = limit + c h^a with any
// a). Or that there is none: they grow, or do neither.
#include <math.h>
#include <string.h>

#include "runtime/check/check.h"

enum { STEPS = SDP_LIM_STEPS };

// Richardson: the best entry of the table for a series in h, h halved from step to step.
static void extrapolate(const double *q, double *value, double *error)
{
    double row[STEPS];
    memcpy(row, q, sizeof row);
    *value = q[STEPS - 1];
    *error = INFINITY;
    double factor = 2;
    for (int level = 1; level < STEPS; level++, factor *= 2) {
        for (int i = STEPS - 1; i >= level; i--) {
            double better = row[i] + (row[i] - row[i - 1]) / (factor - 1);
            double e = fmax(fabs(better - row[i]), fabs(better - row[i - 1]));
            if (e < *error) *error = e, *value = better;
            row[i] = better;
        }
    }
}

static double aitken(const double *q)
{
    double a = q[1] - q[0], b = q[2] - q[1];
    return fabs(a - b) > 0 ? q[2] - b * b / (b - a) : q[2];
}

sdp_lim sdp_lim_of(const double *q, double h)
{
    sdp_lim l = {.last = q[STEPS - 1], .h = h};
    extrapolate(q, &l.value, &l.error);
    if (l.error <= 1e-6 * (1 + fabs(l.value))) return l;
    double first = aitken(q + STEPS - 4), second = aitken(q + STEPS - 3);
    double a = fabs(q[STEPS - 2] - q[STEPS - 3]), b = fabs(q[STEPS - 1] - q[STEPS - 2]);
    if (b < 0.9 * a && fabs(first - second) <= 1e-4 * (1 + fabs(second))) {
        l.value = second, l.error = fabs(first - second) / 4;
        return l;
    }
    double low = q[STEPS - 1], high = low; // no series, but confined: x^2*sin(1/x)
    for (int i = STEPS - 4; i < STEPS; i++) low = fmin(low, q[i]), high = fmax(high, q[i]);
    if (high - low <= 1e-4 * (1 + fabs(high))) {
        l.value = q[STEPS - 1], l.error = high - low;
        return l;
    }
    bool grows = true;
    for (int i = STEPS - 5; i < STEPS; i++) grows &= fabs(q[i]) > 1.15 * fabs(q[i - 1]);
    l.fate = grows ? SDP_GROWS : SDP_NO_LIMIT;
    return l;
}

bool sdp_lim_is_near(const sdp_lim *l, double value, double scale)
{
    return isfinite(value) && l->fate == SDP_EXISTS &&
           fabs(l->value - value) <= SDP_KINK_TOLERANCE * scale + 4 * l->error;
}

bool sdp_lim_are_one(const sdp_lim *l, const sdp_lim *r, double scale)
{
    return l->fate == SDP_EXISTS && r->fate == SDP_EXISTS &&
           fabs(l->value - r->value) <= SDP_KINK_TOLERANCE * scale + 4 * (l->error + r->error);
}
