// SPDX-License-Identifier: MIT
// Is what solves the equation gradient = 0 a stationary point? Algebra alone does not know the domain, log(x)+x at -1, nor kinks, where
// the derivative is a convention, x^2-abs(x) at 0. So the function is evaluated there, at random values of everything else: a value
// must exist, and to both sides it must change less and less per step, as it does at a stationary point and at no kink or jump.
#include <math.h>

#include "judge/solve.h"

enum { VALUES = 6, TRIALS = 15 };

typedef struct { uint32_t good, outside, kinks; } tally;

static sdp_id moved(sdp_problem *p, sdp_id answer, const char *by)
{
    sdp_id at = sdp_template(p->g, by, 1, &answer);
    return sdp_substitute(p->g, p->f, 1, &p->x, &at);
}

// v: the function at a random x, and at the answer; at 1/100 beside it, to both sides, and at 1/10000.
static void count(const double *v, tally *t)
{
    double far = fmax(fabs(v[2] - v[1]), fabs(v[3] - v[1])) / 1e-2, near = fmax(fabs(v[4] - v[1]), fabs(v[5] - v[1])) / 1e-4;
    if (!isfinite(v[0])) return; // the other variables are outside
    if (!isfinite(v[1])) t->outside++;
    else if (!isfinite(far) || !isfinite(near)) return;
    else if (near > 0.2 * far + 1e-7 * (1 + fabs(v[1]))) t->kinks++;
    else t->good++;
}

static tally look(sdp_problem *p, sdp_id answer)
{
    sdp_graph *g = p->g;
    tally t = {0};
    sdp_id node[VALUES] = {p->f, moved(p, answer, "x"), moved(p, answer, "x+1/100"), moved(p, answer, "x-1/100"), moved(p, answer, "x+1/10000"), moved(p, answer, "x-1/10000")};
    const sdp_signature s = sdp_signature_of(g, VALUES, node, NULL);
    if (s.ncalls) return (tally){.good = 1}; // of functions that are only declared nothing is known
    for (long smallest = 2; smallest <= 3; smallest++) {
        sdp_check_request q = {.seed = (unsigned)smallest, .turn = (unsigned)smallest};
        sdp_point point = sdp_point_sizes(g, &s, &q, smallest);
        for (int trial = 0; trial < TRIALS; trial++) {
            sdp_mark m = sdp_scratch_mark(&g->base);
            sd_array a[VALUES];
            double v[VALUES];
            q.seed = (unsigned)(smallest * 100 + trial);
            sdp_point_draw(g, &s, &q, trial % SDP_POINT_KINDS, &point);
            sdp_interpret_lenient(g, VALUES, s.output, &s, point.size, (const double *const *)point.in, NULL, a);
            for (int k = 0; k < VALUES; k++) v[k] = a[k].data[0], sdp_release(&g->base, a[k].data);
            count(v, &t);
            sdp_scratch_release(&g->base, m);
        }
    }
    return t;
}

bool sdp_is_attained(sdp_problem *p, sdp_id answer, bool *everywhere)
{
    tally t = look(p, answer);
    *everywhere = !t.outside;
    return t.good > t.kinks || (!t.good && !t.kinks && !t.outside); // the last: nothing could be evaluated
}
