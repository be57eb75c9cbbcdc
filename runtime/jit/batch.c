// SPDX-License-Identifier: MIT
// Calls one compiled function at many parameter sets, in several threads if the caller says so.
//
// Threads take sets from a counter, PIECE at a time; each has a workspace of its own, made before the first
// one starts, so that nothing can fail on the way. A set is computed by one thread as sd_function_call would,
// so numbers and statuses do not depend on threads. Outputs without a value are NaN.
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "runtime/jit/interface.h"

enum { MOST_THREADS = 1024, STACK = 1 << 22 }; // products have arrays of 130 kB on the stack

typedef struct {
    const sd_function *f;
    const size_t *dims;
    const double *const *in;
    double *const *out;
    const sd_batch *b;
    size_t ninputs, noutputs, piece;
    const size_t *length; // [noutputs]
    atomic_size_t next;   // set
} sets;

typedef struct {
    sets *s;
    double *work;
    const double **in; // [ninputs]
    double **out;      // [noutputs]
    int status;        // of the first of its sets that failed
    size_t failed;     // its number; count: none
} worker;

static int run_one(worker *w, size_t k)
{
    const sets *s = w->s;
    for (size_t i = 0; i < s->ninputs; i++) w->in[i] = s->in[i] + k * (s->b->step ? s->b->step[i] : 0);
    for (size_t i = 0; i < s->noutputs; i++) w->out[i] = s->out[i] + k * s->length[i];
    int status = sd_function_call_with(s->f, s->dims, w->in, w->out, w->work, s->b->binding);
    for (size_t i = 0; i < s->noutputs && status; i++)
        for (size_t j = 0; j < s->length[i]; j++) w->out[i][j] = NAN;
    if (s->b->status) s->b->status[k] = status;
    return status;
}

static void *run(void *data)
{
    worker *w = data;
    sets *s = w->s;
    w->failed = s->b->count;
    for (size_t from; (from = atomic_fetch_add(&s->next, s->piece)) < s->b->count;) {
        size_t end = s->b->count - from < s->piece ? s->b->count : from + s->piece;
        for (size_t k = from; k < end; k++) {
            int status = run_one(w, k);
            if (status && k < w->failed) w->failed = k, w->status = status;
        }
    }
    return NULL;
}

// Threads that cannot be started are done without.
static int run_all(sets *s, worker *w, size_t threads)
{
    pthread_t *id = calloc(threads, sizeof *id);
    pthread_attr_t size;
    size_t started = 0, first = 0;
    bool sized = !pthread_attr_init(&size);
    if (sized) pthread_attr_setstacksize(&size, STACK);
    while (id && started + 1 < threads &&
           !pthread_create(&id[started], sized ? &size : NULL, run, &w[started + 1]))
        started++;
    if (sized) pthread_attr_destroy(&size);
    run(&w[0]);
    for (size_t i = 0; i < started; i++) pthread_join(id[i], NULL);
    free(id);
    for (size_t i = 1; i <= started; i++)
        if (w[i].failed < w[first].failed) first = i;
    return w[first].failed < s->b->count ? w[first].status : 0;
}

static bool make_workers(sets *s, worker *w, size_t threads)
{
    size_t doubles = sd_function_workspace(s->f, s->dims);
    bool ok = doubles < SIZE_MAX / sizeof(double);
    for (size_t i = 0; i < threads && ok; i++) {
        w[i].s = s;
        w[i].in = calloc(s->ninputs + 1, sizeof *w[i].in);
        w[i].out = calloc(s->noutputs + 1, sizeof *w[i].out);
        w[i].work = malloc((doubles + 1) * sizeof *w[i].work);
        ok = w[i].in && w[i].out && w[i].work;
    }
    return ok;
}

static void free_workers(worker *w, size_t threads)
{
    for (size_t i = 0; i < threads; i++) {
        free(w[i].in);
        free(w[i].out);
        free(w[i].work);
    }
    free(w);
}

// false: a size would be negative, or memory ran out
static bool find_lengths(const sets *s, size_t *length)
{
    for (size_t i = 0; i < s->noutputs; i++) {
        sd_array a;
        if (sd_function_output_shape(s->f, i, s->dims, &a) != SD_OK) return false;
        length[i] = 1;
        for (int k = 0; k < a.order; k++) length[i] *= a.dim[k];
    }
    return true;
}

int sd_function_call_batch(const sd_function *f, const size_t *dims, const double *const *in,
                           double *const *out, const sd_batch *b)
{
    sets s = {.f = f,
              .dims = dims,
              .in = in,
              .out = out,
              .b = b,
              .ninputs = sd_function_inputs(f),
              .noutputs = sd_function_outputs(f)};
    if (!f || !b || (s.ninputs && !in) || (s.noutputs && !out) || (!dims && sd_function_dims(f))) return -1;
    for (size_t i = 0; i < sizeof b->room / sizeof *b->room; i++)
        if (b->room[i]) return -1; // a field of a later version
    for (size_t i = 0; i < s.ninputs; i++)
        if (!in[i]) return -1;
    for (size_t i = 0; i < s.noutputs; i++)
        if (!out[i]) return -1;
    if (!b->count) return 0;
    size_t threads = b->threads > 1 ? b->threads : 1, *length = calloc(s.noutputs + 1, sizeof *length);
    if (threads > MOST_THREADS) threads = MOST_THREADS;
    if (threads > b->count) threads = b->count;
    worker *w = calloc(threads, sizeof *w);
    s.piece = b->count / (8 * threads) + 1;
    s.length = length;
    int status = -1;
    if (length && w && find_lengths(&s, length))
        status = make_workers(&s, w, threads) ? run_all(&s, w, threads) : -2;
    if (!length || !w) status = -2;
    if (w) free_workers(w, threads);
    free(length);
    return status;
}
