// SPDX-License-Identifier: MIT
// Derivatives by differences of the compiled function, and whether there are any.
//
// Differences are central, extrapolated to step 0 by Ridders' scheme (C. Ridders, Advances in Engineering
// Software 4, 1982), whose error estimate also tells when the function is not smooth there.
//
// Structured variables: of a symmetric one both entries move together, of a diagonal or triangular one only
// those that may differ from 0.
#include <float.h>
#include <math.h>
#include <string.h>

#include "runtime/check/differences.h"

enum { LEVELS = 8 };

// ---- calling ----------------------------------------------------------------------------------------------
size_t sdp_site_count(const sdp_site *at, sdp_id id)
{
    const sdp_node *n = sdp_get(at->g, id);
    size_t count = 1;
    for (uint32_t k = 0; k < n->order; k++) count *= (size_t)sdp_size_at(at->g, n->dim[k], at->p.size);
    return count;
}

sdp_probe sdp_probe_open(sdp_site *at, sdp_id id)
{
    sdp_base *b = &at->g->base;
    sdp_signature s = at->s;
    s.noutputs = 1;
    s.output = &id;
    s.output_name = NULL;
    long *size = sdp_scratch(b, (s.ndims + (size_t)1) * sizeof *size);
    for (uint32_t i = 0; i < s.ndims; i++) size[i] = at->p.size[s.dim[i]];
    sdp_emit_request q = {.nsizes = s.ndims, .size_atom = s.dim, .size_value = size};
    sdp_probe f = {.count = sdp_site_count(at, id)};
    if (f.count > b->limit.elements) sdp_limit(b, "elements", b->limit.elements);
    f.out = sdp_scratch(b, f.count * sizeof *f.out);
    f.f = sdp_compile(at->g, &s, &q);
    size_t doubles = sd_function_workspace(f.f, NULL),
           bytes = doubles < SIZE_MAX / sizeof(double) ? (doubles + 1) * sizeof(double) : SIZE_MAX;
    f.work = sdp_raw_or_null(b, bytes);
    if (!f.work) {
        sd_function_free(f.f);
        sdp_no_room(b, bytes);
    }
    f.in = at->p.in;
    f.binding = sdp_invent_all(at->g, &s, at->p.size);
    return f;
}

int sdp_probe_call(sdp_probe *f)
{
    return sd_function_call_with(f->f, NULL, (const double *const *)f->in, &f->out, f->work, f->binding);
}

void sdp_probe_close(sdp_site *at, sdp_probe *f)
{
    sdp_release(&at->g->base, f->work);
    sd_function_free(f->f);
}

static bool has_values(sdp_probe *f)
{
    bool ok = !sdp_probe_call(f);
    for (size_t i = 0; ok && i < f->count; i++) ok = isfinite(f->out[i]);
    return ok;
}

// ---- directions of one variable ---------------------------------------------------------------------------
sdp_moved sdp_moved_by(const sdp_site *at, uint32_t var)
{
    sdp_moved v = {.node = at->g->var[var].node, .facts = at->g->var[var].facts};
    while (v.input < at->s.ninputs && at->s.input[v.input] != var) v.input++;
    v.count = v.input < at->s.ninputs ? at->p.count[v.input] : sdp_site_count(at, v.node);
    const sdp_node *n = sdp_get(at->g, v.node);
    v.n = n->order == 2 ? (size_t)sdp_size_at(at->g, n->dim[1], at->p.size) : 0;
    return v;
}

static double largest(const double *x, size_t n)
{
    double m = 0;
    for (size_t i = 0; i < n; i++) m = fmax(m, fabs(x[i]));
    return m;
}

// ---- differences ------------------------------------------------------------------------------------------
// (f(x + h) - f(x - h)) / 2h into d; false if there is no value on a side.
static bool difference(sdp_probe *f, double *x, double *mirror, double h, double *d, double *low)
{
    double keep = *x, keep_mirror = *mirror;
    bool ok = true;
    for (int side = -1; side <= 1 && ok; side += 2) {
        *mirror = keep_mirror + side * h;
        *x = keep + side * h;
        ok = has_values(f);
        if (side < 0) memcpy(low, f->out, f->count * sizeof *low);
    }
    *mirror = keep_mirror;
    *x = keep;
    for (size_t i = 0; i < f->count; i++) d[i] = (f->out[i] - low[i]) / (2 * h);
    return ok;
}

// The derivative of every output by moving *x (and *mirror) by h and less: the best of Ridders' table, and
// its error estimate. table: room for 2*LEVELS + 1 times the number of outputs. *noise: the rounding of the
// values, a few units of the last place, over the smallest step.
static bool ridders(sdp_probe *f, double *x, double *mirror, double *best, double *error, double *table,
                    double h, double *noise, double *step)
{
    size_t n = f->count;
    double *low = table + (size_t)LEVELS * 2 * n;
    double *old = table, *now = table + LEVELS * n;
    double least = fmin(1e-9, 1e-3 * fabs(*x)); // log(x) at 1e-310
    for (int retry = 0; !difference(f, x, mirror, h, old, low); retry++)
        if ((h /= 4) < least || h < DBL_MIN) return false;
    for (size_t i = 0; i < n; i++) best[i] = old[i], error[i] = INFINITY;
    *noise = fmax(*noise, largest(f->out, n) * 4 * DBL_EPSILON / (h / (1 << (LEVELS - 1))));
    *step = fmin(*step, h / (1 << (LEVELS - 1)));
    for (int level = 1; level < LEVELS; level++) {
        if (!difference(f, x, mirror, h /= 2, now, low)) return false;
        double factor = 4;
        for (int k = 1; k <= level; k++, factor *= 4)
            for (size_t i = 0; i < n; i++) {
                double a = now[(size_t)(k - 1) * n + i], z = old[(size_t)(k - 1) * n + i],
                       better = a + (a - z) / (factor - 1);
                double e = fmax(fabs(better - a), fabs(better - z));
                now[(size_t)k * n + i] = better;
                if (e <= error[i]) error[i] = e, best[i] = better;
            }
        double *swap = old;
        old = now;
        now = swap;
    }
    return true;
}

bool sdp_differentiate(sdp_site *at, sdp_id base, const sdp_moved *v, sdp_differences *d)
{
    sdp_base *b = &at->g->base;
    // all memory before the function is there, which no error would free
    size_t n = d->outer = sdp_site_count(at, base);
    d->value = sdp_scratch(b, (n * v->count + 1) * sizeof *d->value),
    d->error = sdp_scratch(b, (n * v->count + 1) * sizeof *d->error);
    double *column = sdp_scratch(b, 2 * n * sizeof *column),
           *room = sdp_scratch(b, (2 * LEVELS + 1) * n * sizeof *room);
    d->noise = 0, d->step = 1;
    sdp_probe f = sdp_probe_open(at, base);
    bool ok = true;
    for (size_t e = 0; e < v->count && ok && v->input < at->s.ninputs; e++) {
        size_t mate = sdp_moves_with(v->facts, v->n, e);
        if (mate == SIZE_MAX) continue;
        double *x = &at->p.in[v->input][e], noise = 0, h = 0.04 * fmax(fabs(*x), 0.25);
        // a step may span a kink or several oscillations
        for (int shorter = 0; ok && shorter < 4; shorter++, h /= 16) {
            ok = ridders(&f, x, &at->p.in[v->input][mate], column, column + n, room, h, &noise, &d->step);
            if (largest(column + n, n) <= 1e-6 * largest(column, n) + noise) break;
        }
        d->noise = fmax(d->noise, noise);
        for (size_t i = 0; i < n && ok; i++)
            d->value[i * v->count + e] = column[i], d->error[i * v->count + e] = column[n + i];
    }
    sdp_probe_close(at, &f);
    return ok;
}

// ---- is there a derivative? -------------------------------------------------------------------------------
// Quotients from both sides, of a step and of one SHORT times as short
enum { QUOTIENTS = 4, SHORT = 16 };
typedef struct {
    sdp_site *at;
    const sdp_moved *v;
    sdp_probe f;
    double *zero, *keep; // values, and entries of the variable, at the point
    double noise;        // of the last quotients, by rounding of the values
} study;

// x + step * direction; the quotients of output i go to q[QUOTIENTS * i].. False: no value somewhere.
static bool quotients(study *s, const double *direction, double *q)
{
    double *x = s->at->p.in[s->v->input], scale = 0.25;
    bool ok = true;
    for (size_t e = 0; e < s->v->count; e++)
        if (direction[e] != 0) scale = fmax(scale, fabs(s->keep[e]));
    for (int k = 0; k < QUOTIENTS && ok; k++) {
        double h = ldexp(1, ilogb(scale) - 16) / (k < 2 ? 1 : SHORT) * (k % 2 ? -1 : 1);
        for (size_t e = 0; e < s->v->count; e++) {
            size_t mate = sdp_moves_with(s->v->facts, s->v->n, e);
            if (mate != SIZE_MAX && direction[e] != 0) x[e] = x[mate] = s->keep[e] + h * direction[e];
        }
        ok = has_values(&s->f);
        s->noise = 64 * DBL_EPSILON * largest(s->zero, s->f.count) / fabs(h);
        for (size_t i = 0; i < s->f.count; i++) q[QUOTIENTS * i + (size_t)k] = (s->f.out[i] - s->zero[i]) / h;
        memcpy(x, s->keep, s->v->count * sizeof *x);
    }
    return ok;
}

// Do they have one limit? They are one number, or come closer to each other as the step gets shorter: x*|x|
// has the quotients h and -h. Returns how uncertain it is.
static double limit_of(const double *q, double noise, double *value)
{
    double apart = fabs(q[0] - q[1]), near = fabs(q[2] - q[3]), size = fmax(fabs(q[2]), fabs(q[3]));
    *value = (q[2] + q[3]) / 2;
    double moved = fabs((q[0] + q[1]) / 2 - *value), same = 1e-3 * size + noise;
    bool closer = near <= same || near <= apart / 4, stays = moved <= same || moved <= apart;
    return closer && stays ? apart + moved + noise : INFINITY;
}

// The derivatives by the entries, each alone
static void look_at_entries(study *s, double *direction, double *q, sdp_slopes *r)
{
    size_t count = s->v->count, n = s->f.count;
    for (size_t e = 0; e < count; e++) {
        if (sdp_moves_with(s->v->facts, s->v->n, e) == SIZE_MAX) continue;
        direction[e] = 1;
        bool ok = quotients(s, direction, q);
        direction[e] = 0;
        for (size_t i = 0; i < n; i++)
            r->off[i * count + e] =
                ok ? limit_of(q + i * QUOTIENTS, s->noise, &r->slope[i * count + e]) : INFINITY;
    }
}

sdp_slopes sdp_find_slopes(sdp_site *at, sdp_id base, const sdp_moved *v)
{
    sdp_base *b = &at->g->base;
    size_t n = sdp_site_count(at, base), count = v->count;
    study s = {.at = at,
               .v = v,
               .zero = sdp_scratch(b, (n + 1) * sizeof(double)),
               .keep = sdp_scratch(b, (count + 1) * sizeof(double))};
    double *q = sdp_scratch(b, (n + 1) * QUOTIENTS * sizeof *q),
           *direction = sdp_scratch(b, (count + 1) * sizeof *direction);
    sdp_slopes r = {sdp_scratch(b, (n * count + 1) * sizeof(double)),
                    sdp_scratch(b, (n * count + 1) * sizeof(double))};
    if (v->input == at->s.ninputs) return r;
    s.f = sdp_probe_open(at, base);
    memcpy(s.keep, at->p.in[v->input], count * sizeof *s.keep);
    bool ok = has_values(&s.f);
    memcpy(s.zero, s.f.out, n * sizeof *s.zero);
    for (size_t k = 0; !ok && k < n * count; k++) r.off[k] = INFINITY; // what has no value has no derivative
    if (ok) look_at_entries(&s, direction, q, &r);
    for (size_t e = 0; e < count; e++) { // x*y/norm([x;y]) has both partial derivatives at 0
        direction[e] = (double)(1 + e % 3) * (e % 2 ? -1 : 1);
        for (size_t i = 0; i < n; i++)
            if (isinf(r.off[i * count + e])) direction[e] = 0;
    }
    ok = ok && quotients(&s, direction, q);
    for (size_t i = 0; i < n; i++) {
        double sum = 0, size = 0, along = 0;
        for (size_t e = 0; e < count; e++)
            sum += r.slope[i * count + e] * direction[e],
                size = fmax(size, fabs(r.slope[i * count + e] * direction[e]));
        double off = ok ? limit_of(q + i * QUOTIENTS, s.noise, &along) : INFINITY;
        for (size_t e = 0; e < count && !(fabs(along - sum) <= 1e-3 * size + 8 * s.noise + off); e++)
            r.off[i * count + e] = INFINITY;
    }
    sdp_probe_close(at, &s.f);
    return r;
}
