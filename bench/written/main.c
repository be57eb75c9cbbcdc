// SPDX-License-Identifier: MIT
// Times emitted functions, functions compiled in memory, and the same by hand (hand.c), in turns: the ratios
// of the medians, and the largest difference between their outputs, relative to the largest entry. Linked by
// written.sh with what `symdiff emit` wrote.
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crossent.h"
#include "include/symdiff.h"
#include "hand.h"
#include "logreg.h"
#include "logreg_hessian.h"
#include "lse.h"
#include "mf.h"
#include "mlp.h"
#include "network.h"
#include "ols.h"
#include "ols_hessian.h"
#include "quad.h"
#include "rosen.h"

enum { RUNS = 21, ARRAYS = 5, OUTPUTS = 4 };

// Sizes, the inputs in the order of the emitted function, its outputs and working memory
typedef struct {
    size_t s[4];
    double *in[ARRAYS], *out[OUTPUTS], *work;
    sd_function *compiled;
} job;

#define CALL(name, emitted, by_hand)                                                                         \
    static void emitted_##name(const job *j) { (void)emitted; }                                              \
    static void hand_##name##_(const job *j) { by_hand; }
#define S j->s
#define I j->in
#define O j->out
CALL(quad, quad(S[0], I[0], I[1], O[0], O[1], j->work), hand_quad(S[0], I[0], I[1], O[0], O[1]))
CALL(ols, ols(S[0], S[1], I[0], I[1], I[2], O[0], O[1], j->work),
     hand_ols(S[0], S[1], I[0], I[1], I[2], O[0], O[1]))
CALL(logreg, logreg(S[0], S[1], I[0], I[1], I[2], O[0], O[1], j->work),
     hand_logreg(S[0], S[1], I[0], I[1], I[2], O[0], O[1]))
CALL(crossent, crossent(S[0], S[1], S[2], I[0], I[1], I[2], O[0], O[1], j->work),
     hand_crossent(S[0], S[1], S[2], I[0], I[1], I[2], O[0], O[1], j->work))
CALL(mf, mf(S[0], S[1], S[2], I[0], I[1], I[2], O[0], O[1], j->work),
     hand_mf(S[0], S[1], S[2], I[0], I[1], I[2], O[0], O[1]))
CALL(mlp, mlp(S[0], S[1], S[2], I[0], I[1], I[2], I[3], I[4], O[0], O[1], O[2], O[3], j->work),
     hand_mlp(S[0], S[1], S[2], I[0], I[1], I[3], I[2], I[4], O[0], O[1], O[2], O[3], j->work))
CALL(rosen, rosen(S[0], I[0], O[0], O[1], j->work), hand_rosen(S[0], I[0], O[0], O[1]))
CALL(lse, lse(S[0], S[1], I[0], I[1], O[0], O[1], j->work),
     hand_lse(S[0], S[1], I[0], I[1], O[0], O[1], j->work))
CALL(ols_hessian, ols_hessian(S[0], S[1], I[0], I[1], I[2], O[0], O[1], j->work),
     hand_ols_hessian(S[0], S[1], I[0], I[1], I[2], O[0], O[1]))
CALL(logreg_hessian, logreg_hessian(S[0], S[1], I[0], I[1], I[2], O[0], O[1], j->work),
     hand_logreg_hessian(S[0], S[1], I[0], I[1], I[2], O[0], O[1]))
CALL(network, network(S[0], S[1], S[2], S[3], I[0], I[1], I[2], I[3], O[0], O[1], O[2], j->work),
     hand_network(S[0], S[1], S[2], S[3], I[0], I[1], I[2], I[3], O[0], O[1], O[2], j->work))
#undef S
#undef I
#undef O

// Lengths as products: the digits of a number name the sizes that are multiplied, 0: one entry
typedef struct {
    const char *name;
    void (*emitted)(const job *), (*by_hand)(const job *);
    int in[ARRAYS], out[OUTPUTS];
    size_t size[3][4];
} problem;

static const problem problems[] = {
    {"quad", emitted_quad, hand_quad_, {11, 1}, {0, 1}, {{5}, {100}, {1000}}},
    {"ols", emitted_ols, hand_ols_, {12, 2, 1}, {0, 2}, {{20, 5}, {1000, 100}, {10000, 200}}},
    {"logreg", emitted_logreg, hand_logreg_, {1, 12, 2}, {0, 2}, {{20, 5}, {1000, 100}, {10000, 200}}},
    {"crossent",
     emitted_crossent,
     hand_crossent_,
     {12, 23, 13},
     {0, 23},
     {{20, 5, 3}, {1000, 100, 10}, {5000, 200, 20}}},
    {"mf", emitted_mf, hand_mf_, {12, 13, 23}, {0, 13}, {{10, 8, 3}, {200, 200, 5}, {1000, 1000, 10}}},
    {"mlp",
     emitted_mlp,
     hand_mlp_,
     {12, 31, 1, 2, 3},
     {0, 12, 1, 31},
     {{4, 3, 2}, {64, 50, 10}, {500, 500, 20}}},
    {"rosen", emitted_rosen, hand_rosen_, {1}, {0, 1}, {{10}, {1000}, {100000}}},
    {"lse", emitted_lse, hand_lse_, {12, 2}, {0, 22}, {{10, 5}, {200, 100}, {2000, 300}}},
    {"ols_hessian",
     emitted_ols_hessian,
     hand_ols_hessian_,
     {12, 2, 1},
     {0, 22},
     {{20, 5}, {1000, 100}, {5000, 200}}},
    {"logreg_hessian",
     emitted_logreg_hessian,
     hand_logreg_hessian_,
     {1, 12, 2},
     {0, 22},
     {{20, 5}, {200, 100}, {2000, 500}}},
    {"network",
     emitted_network,
     hand_network_,
     {12, 31, 24, 34},
     {0, 12, 31},
     {{4, 3, 1, 5}, {32, 20, 5, 64}, {128, 100, 10, 256}}},
};

static size_t length(const size_t *size, int digits)
{
    size_t n = 1;
    for (; digits; digits /= 10) n *= size[digits % 10 - 1];
    return n;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void in_memory(const job *j)
{
    (void)sd_function_call(j->compiled, j->s, (const double *const *)j->in, j->out, j->work);
}

// What written.sh emitted, compiled in memory: FOLDER/NAME.txt has declarations, expression, variables and
// what is asked for.
static sd_function *compiled(sd_context *c, const char *folder, const char *name)
{
    static char path[500], line[4][500];
    snprintf(path, sizeof path, "%s/%s.txt", folder, name);
    FILE *f = fopen(path, "r");
    for (int i = 0; i < 4; i++) {
        if (!f || !fgets(line[i], sizeof line[i], f)) exit(3);
        line[i][strcspn(line[i], "\n")] = 0;
    }
    fclose(f);
    if (*line[0] && sd_declare(c, line[0], NULL) != SD_OK) return NULL;
    sd_expr e = sd_parse(c, line[1], NULL);
    sd_result *r = sd_derive(c, e,
                             &(sd_request){.what = strcmp(line[3], "--hessian") ? SD_GRADIENT : SD_HESSIAN,
                                           .wrt = line[2]});
    return r ? sd_compile(c, r, &(sd_emit_options){.name = "fun", .value = 1, .primal = e}) : NULL;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double timed(void (*f)(const job *), const job *j, int repeat)
{
    double start = now();
    for (int i = 0; i < repeat; i++) f(j);
    return (now() - start) / repeat;
}

static double *numbers(size_t n)
{
    double *x = malloc((n + 1) * sizeof *x);
    if (!x) exit(3);
    for (size_t i = 0; i < n; i++) x[i] = (double)((i * 7919 + 13) % 1009) / 1009 - 0.5;
    return x;
}

// The largest difference of a from b, relative to b's largest entry
static double difference(size_t n, const double *a, const double *b)
{
    double most = 0, scale = 1e-300;
    for (size_t i = 0; i < n; i++) {
        most = fmax(most, fabs(a[i] - b[i]));
        scale = fmax(scale, fabs(b[i]));
    }
    return most / scale;
}

static void compare(const problem *p, const size_t *size, sd_function *f)
{
    job a = {.s = {size[0], size[1], size[2], size[3]}, .compiled = f}, b;
    size_t all = 64;
    double took[3][RUNS], worst = 0;
    for (int i = 0; i < ARRAYS; i++)
        if (p->in[i]) all += length(size, p->in[i]), a.in[i] = numbers(length(size, p->in[i]));
    a.work = numbers(16 * all);
    b = a;
    for (int i = 0; i < OUTPUTS; i++)
        a.out[i] = numbers(length(size, p->out[i])), b.out[i] = numbers(length(size, p->out[i]));
    int repeat = 1 + (int)(1e-3 / (timed(p->by_hand, &b, 3) + 1e-9));
    for (int r = 0; r < RUNS; r++) {
        took[0][r] = timed(p->by_hand, &b, repeat);
        took[2][r] = f ? timed(in_memory, &a, repeat) : 0;
        took[1][r] = timed(p->emitted, &a, repeat);
    }
    for (int i = 0; i < OUTPUTS; i++) {
        if (i == 0 || p->out[i]) worst = fmax(worst, difference(length(size, p->out[i]), a.out[i], b.out[i]));
        free(a.out[i]);
        free(b.out[i]);
    }
    for (int i = 0; i < ARRAYS; i++) free(a.in[i]);
    free(a.work);
    for (int k = 0; k < 3; k++) qsort(took[k], RUNS, sizeof **took, ascending);
    fflush(stdout);
    printf("%-14s %5zu %5zu %3zu %3zu %12.2f %8.2f %8.2f %12.1e\n", p->name, size[0], size[1], size[2],
           size[3], took[0][RUNS / 2] * 1e6, took[1][RUNS / 2] / took[0][RUNS / 2],
           took[2][RUNS / 2] / took[0][RUNS / 2], worst);
}

int main(int argc, char **argv)
{
    printf("%-14s %19s %12s %8s %8s %12s\n", "", "sizes", "by hand us", "emitted", "memory", "difference");
    for (size_t i = 0; i < sizeof problems / sizeof *problems; i++) {
        sd_context *c = sd_context_new(NULL);
        sd_function *f = argc > 1 ? compiled(c, argv[1], problems[i].name) : NULL;
        for (int k = 0; k < 3; k++) compare(&problems[i], problems[i].size[k], f);
        sd_function_free(f);
        sd_context_free(c);
    }
    return 0;
}
