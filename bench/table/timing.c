// SPDX-License-Identifier: MIT
// Seconds of one call, the mean of `repeat` calls: of a function of limits.h, of emitted code, of a function
// in memory. clock 0: processor time of the process; 1: time on the wall, for what runs in threads.
#define _POSIX_C_SOURCE 200809L
#include <time.h>

#include "limits.h"

typedef LIMIT(limit);
typedef int emitted(const size_t *size, const double *const *in, double *const *out, double *work);
typedef int in_memory(const void *f, const size_t *size, const double *const *in, double *const *out,
                      double *work);
double of_limit(limit *f, const size_t *size, const double *const *in, double *const *out, double *work,
                long repeat);
double of_emitted(emitted *f, const size_t *size, const double *const *in, double *const *out, double *work,
                  long repeat, int wall);
double of_function(in_memory *call, const void *f, const size_t *size, const double *const *in,
                   double *const *out, double *work, long repeat);

static double now(int wall)
{
    struct timespec t;
    clock_gettime(wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double of_limit(limit *f, const size_t *size, const double *const *in, double *const *out, double *work,
                long repeat)
{
    double start = now(0);
    for (long i = 0; i < repeat; i++) f(size, in, out, work);
    return (now(0) - start) / (double)repeat;
}

double of_emitted(emitted *f, const size_t *size, const double *const *in, double *const *out, double *work,
                  long repeat, int wall)
{
    double start = now(wall);
    for (long i = 0; i < repeat; i++) (void)f(size, in, out, work);
    return (now(wall) - start) / (double)repeat;
}

double of_function(in_memory *call, const void *f, const size_t *size, const double *const *in,
                   double *const *out, double *work, long repeat)
{
    double start = now(0);
    for (long i = 0; i < repeat; i++) (void)call(f, size, in, out, work);
    return (now(0) - start) / (double)repeat;
}
