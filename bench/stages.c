// SPDX-License-Identifier: MIT
// From expression text to a callable function in memory, stage by stage: parse (text to graph), derive
// (reverse mode), simplify, print, emit (graph to C), libtcc (C to machine code). Median of many runs in one
// process, each with a context of its own; the total is what a program pays for a new expression.
#define _POSIX_C_SOURCE 200809L
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/check/check.h"

enum { PARSE, DERIVE, SIMPLIFY, PRINT, EMIT, LIBTCC, TOTAL, STAGES, RUNS = 101 };
static const char *const names[] = {"parse", "derive", "simplify", "print", "emit", "libtcc", "total"};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// The stages that the public header does not show apart, on a graph of their own.
static void inner(const char *text, const char *wrt, double *seconds)
{
    sdp_graph *g = sdp_graph_new(NULL, NULL);
    sdp_trap trap;
    if (SDP_TRY(&g->base, trap)) {
        double t0 = now();
        sdp_surface f = sdp_read(g, text, strlen(text), NULL, false, NULL, NULL);
        double t1 = now();
        sdp_id x = g->var[sdp_variable_find(g, wrt)].node, d;
        sdp_reverse(g, f.node, 1, &x, &d);
        double t2 = now();
        d = sdp_simplify(g, d);
        double t3 = now();
        sdp_text c, h;
        sdp_text_init(&c, &g->base);
        sdp_text_init(&h, &g->base);
        static const char *const name = "d";
        sdp_signature s = sdp_signature_of(g, 1, &d, &name);
        double t4 = now();
        sdp_emit_c(g, &s, &(sdp_emit_request){.name = "f", .target = SDP_TARGET_JIT}, &c, &h);
        double t5 = now();
        sdp_text_free(&c);
        sdp_text_free(&h);
        seconds[PARSE] = t1 - t0;
        seconds[DERIVE] = t2 - t1;
        seconds[SIMPLIFY] = t3 - t2;
        seconds[EMIT] = t5 - t4;
        SDP_END(&g->base, trap);
    } else {
        fprintf(stderr, "stages: %s\n", g->base.error.message);
        exit(1);
    }
    sdp_graph_free(g);
}

static void outer(const char *text, const char *wrt, double *seconds)
{
    double t0 = now();
    sd_context *c = sd_context_new(NULL);
    sd_expr e = sd_parse(c, text, NULL);
    sd_result *r = e ? sd_derive(c, e, &(sd_request){.wrt = wrt}) : NULL;
    double t1 = now();
    sd_function *f = r ? sd_compile(c, r, NULL) : NULL;
    double t2 = now();
    char *printed = r ? sd_print(c, r, SD_TEXT, 0) : NULL;
    double t3 = now();
    if (!f || !printed) {
        fprintf(stderr, "stages: %s\n", sd_last_error(c)->message);
        exit(1);
    }
    seconds[LIBTCC] = t2 - t1 - seconds[EMIT];
    seconds[PRINT] = t3 - t2;
    seconds[TOTAL] = t2 - t0;
    sd_free(c, printed);
    sd_function_free(f);
    sd_context_free(c);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(void)
{
    static const struct {
        const char *text, *wrt;
    } rows[] = {
        {"norm(X*t-Y)^2/N", "t"},
        {"sum(log(1+exp(-y.*(X*w))))+lambda/2*norm(w)^2", "w"},
        {"tr(A*X'*B*X*C)", "X"},
        {"x'*inv(A'*A+B)*x", "x"},
        {"norm(W3*tanh(W2*tanh(W1*x+b1)+b2)-y)^2", "W1"},
    };
    printf("%-48s", "microseconds, median of 101 runs");
    for (int k = 0; k < STAGES; k++) printf("%9s", names[k]);
    printf("\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static double t[STAGES][RUNS];
        for (int run = 0; run < RUNS; run++) {
            double s[STAGES];
            inner(rows[i].text, rows[i].wrt, s);
            outer(rows[i].text, rows[i].wrt, s);
            for (int k = 0; k < STAGES; k++) t[k][run] = s[k];
        }
        printf("%-48s", rows[i].text);
        for (int k = 0; k < STAGES; k++) {
            qsort(t[k], RUNS, sizeof t[k][0], ascending);
            printf("%9.0f", 1e6 * t[k][RUNS / 2]);
        }
        printf("\n");
    }
    return 0;
}
