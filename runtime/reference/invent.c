// SPDX-License-Identifier: MIT
// Numbers for declared functions, so that derivatives with them can be compared with differences: an invented
// function with derivatives of every order in closed form. Each entry of its value is
//
//     1.3 + sum over r of c sin(b_r + a_r . x),       x: all arguments, one after the other
//
// with more r than arguments have numbers (up to 16), so that Hessians are regular, and b and a drawn
// from a hash of the function's name and the indices; values lie between 0.2 and 2.4, so that log and
// sqrt of them exist. What is declared of the value holds: a symmetric one has equal numbers at (i,j)
// and (j,i), a triangular one zeros, a definite one a heavy diagonal. A function that is declared
// convex has exp(t) in the place of sin(t), a concave one -exp(-t), an affine one t; where it is
// increasing all numbers of a_r are positive.
#include <math.h>
#include <string.h>

#include "runtime/reference/reference.h"

enum { FEW = 3, MANY = 16 };
static const double MIDDLE = 1.3, AMPLITUDE = 1.1;

typedef struct {
    uint64_t seed;
    uint32_t nparams, nby, ridges;
    uint8_t by[SDP_MAX_ORDER];
    size_t *count, values, columns; // numbers of each argument and of the value
    uint32_t facts;
    uint8_t curve;
} invented;

// in -1..1, the same on every machine (splitmix64)
static double draw(uint64_t seed, size_t entry, uint32_t ridge, uint32_t param, size_t i)
{
    const uint64_t key[4] = {entry, ridge, param, i};
    uint64_t z = seed;
    for (int k = 0; k < 4; k++) {
        z += 0x9e3779b97f4a7c15u + key[k];
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        z ^= z >> 31;
    }
    return (double)(z >> 11) * 0x1p-52 - 1;
}

static double slope(const invented *f, size_t entry, uint32_t ridge, uint32_t param, size_t i)
{
    double a = draw(f->seed, entry, ridge, param, i);
    if (f->curve) a /= 2; // exp leaves the numbers of points small
    return f->curve & SDP_IS_INCREASING ? fabs(a) : f->curve & SDP_IS_DECREASING ? -fabs(a) : a;
}

static double phase(const invented *f, size_t entry, uint32_t ridge, const double *const *arg)
{
    double sum = 3 * draw(f->seed, entry, ridge, UINT32_MAX, 0);
    for (uint32_t p = 0; p < f->nparams; p++)
        for (size_t i = 0; i < f->count[p]; i++) sum += slope(f, entry, ridge, p, i) * arg[p][i];
    return sum;
}

// The derivative of order k of sin
static double sine(double x, uint32_t k)
{
    double v = k % 2 ? cos(x) : sin(x);
    return k % 4 < 2 ? v : -v;
}

// The derivative of order k of the function along a ridge
static double profile(const invented *f, double x, uint32_t k)
{
    static const uint8_t affine = SDP_IS_CONVEX | SDP_IS_CONCAVE;
    if (!f->curve) return sine(x, k);
    if ((f->curve & affine) == affine) return k == 0 ? x : k == 1;
    if (f->curve & SDP_IS_CONCAVE) return k % 2 ? exp(-x) : -exp(-x);
    return exp(x);
}

static void add_ridge(const invented *f, size_t entry, uint32_t ridge, double amplitude, size_t width,
                      double *out)
{
    for (size_t at = 0; at < width; at++) {
        double product = amplitude;
        size_t rest = at;
        for (uint32_t k = f->nby; k-- > 0;) { // at is row-major over the arguments differentiated by
            product *= slope(f, entry, ridge, f->by[k], rest % f->count[f->by[k]]);
            rest /= f->count[f->by[k]];
        }
        out[at] += product;
    }
}

static int call_invented(void *user, const size_t *sizes, const double *const *arg, double *out)
{
    const invented *f = user;
    size_t width = 1;
    (void)sizes;
    for (uint32_t k = 0; k < f->nby; k++) width *= f->count[f->by[k]];
    for (size_t v = 0; v < f->values; v++) {
        size_t row = v / f->columns, column = v % f->columns, entry = v;
        bool zero = ((f->facts & SDP_TRI_LOWER) && column > row) ||
                    ((f->facts & SDP_TRI_UPPER) && column < row) ||
                    ((f->facts & SDP_DIAGONAL) && column != row);
        bool heavy = (f->facts & (SDP_POSDEF | SDP_PSD)) && row == column;
        if ((f->facts & SDP_SYMMETRIC) && row > column) entry = column * f->columns + row;
        for (size_t i = 0; i < width; i++)
            out[v * width + i] = f->nby || zero ? 0 : heavy ? 3 * (double)f->columns : MIDDLE;
        if (zero) continue;
        for (uint32_t r = 0; r < f->ridges; r++)
            add_ridge(f, entry, r, AMPLITUDE / f->ridges * profile(f, phase(f, entry, r, arg), f->nby), width,
                      out + v * width);
    }
    return 0;
}

static size_t numbers(const sdp_graph *g, sdp_shape s, const long *size)
{
    return (size_t)sdp_size_at(g, s.rows, size) * (size_t)sdp_size_at(g, s.cols, size);
}

sd_binding sdp_invent(sdp_graph *g, const sdp_derivative *d, const long *size)
{
    const sdp_variable *v = &g->var[d->function];
    invented *f = sdp_scratch(&g->base, sizeof *f);
    *f = (invented){.seed = sdp_hash(v->name, strlen(v->name), 29), .nparams = v->nparams, .nby = d->nby};
    memcpy(f->by, d->by, sizeof f->by);
    f->count = sdp_scratch(&g->base, (v->nparams + (size_t)1) * sizeof *f->count);
    size_t all = 0;
    for (uint32_t i = 0; i < v->nparams; i++) all += f->count[i] = numbers(g, v->param[i], size);
    f->ridges = all + FEW < MANY ? (uint32_t)all + FEW : MANY;
    f->values = numbers(g, v->shape, size);
    f->columns = (size_t)sdp_size_at(g, v->shape.cols, size);
    f->facts = v->facts;
    f->curve = v->curve;
    return (sd_binding){call_invented, f};
}

const sd_binding *sdp_invent_all(sdp_graph *g, const sdp_signature *s, const long *size)
{
    sd_binding *b = sdp_scratch(&g->base, (s->ncalls + (size_t)1) * sizeof *b);
    for (uint32_t i = 0; i < s->ncalls; i++) b[i] = sdp_invent(g, &s->call[i], size);
    return b;
}
