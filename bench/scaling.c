// SPDX-License-Identifier: MIT
// How time and graph size grow with the length of the input, for n = 10^2 .. 10^5: a sum of n terms, a chain of n
// functions, an n-layer network, a product of n scalars, n nested parentheses. Near-linear growth shows as columns
// "us/n" and "nodes/n" that stay as they are from line to line. Counts are exact; times are of one run.
#define _POSIX_C_SOURCE 200809L
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../runtime/runtime.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void sum_of_terms(FILE *out, long n)
{
    for (long i = 1; i <= n; i++) fprintf(out, "%ssin(%ld*x)", i > 1 ? "+" : "x: scalar; ", i);
}

static void chain(FILE *out, long n)
{
    static const char *const f[] = {"sin", "tanh", "exp", "atan"};
    fputs("x: scalar; ", out);
    for (long i = 0; i < n; i++) fprintf(out, "%s(", f[i % 4]);
    fputc('x', out);
    for (long i = 0; i < n; i++) fputc(')', out);
}

static void network(FILE *out, long n)
{
    fputs("x: vector(k); y: vector(k)\n", out);
    for (long i = 1; i <= n; i++) fprintf(out, "W%ld: matrix(k,k); b%ld: vector(k)\n", i, i);
    for (long i = 1; i <= n; i++) {
        if (i == 1) fputs("h1 = tanh(W1*x+b1)\n", out);
        else fprintf(out, "h%ld = tanh(W%ld*h%ld+b%ld)\n", i, i, i - 1, i);
    }
    fprintf(out, "norm(h%ld-y)^2\n", n);
}

static void product(FILE *out, long n)
{
    for (long i = 1; i <= n; i++) fprintf(out, "x%ld: scalar\n", i);
    for (long i = 1; i <= n; i++) fprintf(out, "%sx%ld", i > 1 ? "*" : "", i);
}

static void parentheses(FILE *out, long n)
{
    fputs("x: scalar; ", out);
    for (long i = 0; i < n; i++) fputc('(', out);
    fputs("x^2", out);
    for (long i = 0; i < n; i++) fputc(')', out);
}

// "v1,v2,...": the gradient by n variables is one pass.
static char *all_of(const char *letter, long n)
{
    char *s;
    size_t k;
    FILE *out = open_memstream(&s, &k);
    for (long i = 1; i <= n; i++) fprintf(out, "%s%s%ld", i > 1 ? "," : "", letter, i);
    fclose(out);
    return s;
}

static const struct { const char *name; void (*write)(FILE *, long); const char *letter; } families[] = {
    {"sum of n terms", sum_of_terms, NULL}, {"chain of n functions", chain, NULL}, {"n-layer network, by x", network, NULL},
    {"n-layer network, by all W", network, "W"}, {"product of n scalars, by one", product, "x1"}, {"product of n scalars, by all", product, "x"},
    {"n nested parentheses", parentheses, NULL},
};

// One line of the table; the seconds it took, or a negative number if there was no answer.
static double measure(size_t family, long n)
{
    char *text;
    size_t k;
    FILE *out = open_memstream(&text, &k);
    families[family].write(out, n);
    fclose(out);
    const char *letter = families[family].letter;
    char *wrt = !letter ? strdup("x") : letter[1] ? strdup(letter) : all_of(letter, n);
    double t0 = now();
    sd_context *c = sd_context_new(NULL);
    sd_expr e = sd_parse(c, text, NULL);
    double t1 = now();
    uint32_t before = c->g->nnodes;
    sd_result *r = e ? sd_derive(c, e, &(sd_request){.wrt = wrt}) : NULL;
    double t2 = now();
    uint32_t after = c->g->nnodes;
    bool many = letter && !letter[1];
    char *printed = r && !many ? sd_print(c, r, SD_TEXT, 0) : NULL;
    double t3 = now(), total = t3 - t0;
    sd_c_code code = {NULL, NULL};
    if (r && !many) sd_emit(c, r, NULL, &code);
    double t4 = now();
    if (!r || (!many && !printed)) {
        printf("  %7ld  %s\n", n, sd_last_error(c)->message);
        total = -1;
    } else {
        printf("  %7ld  parse %9.2f ms  derive %9.2f ms  print %9.2f ms  emit %9.2f ms  %6.2f us/n  %5.1f + %5.1f nodes/n  %8zu characters\n", n, 1e3 * (t1 - t0),
               1e3 * (t2 - t1), 1e3 * (t3 - t2), 1e3 * (t4 - t3), 1e6 * (t4 - t0) / (double)n, (double)before / (double)n, (double)(after - before) / (double)n, printed ? strlen(printed) : 0);
    }
    fflush(stdout);
    sd_free(c, code.source);
    sd_free(c, code.header);
    sd_free(c, printed);
    sd_context_free(c);
    free(wrt);
    free(text);
    return total < 0 ? total : t4 - t0;
}

int main(int argc, char **argv)
{
    long largest = argc > 1 ? strtol(argv[1], NULL, 10) : 100000;
    for (size_t f = 0; f < sizeof families / sizeof *families; f++) {
        printf("%s\n", families[f].name);
        double last = 0, seconds = 0;
        for (long n = 100; n <= largest; n *= 10) {
            if (seconds > 0.05 && seconds * (last > 0 ? seconds / last : 10) > 30) {
                printf("  %7ld  left out: would take more than half a minute\n", n);
                break;
            }
            last = seconds;
            seconds = measure(f, n);
            if (seconds < 0) break;
        }
    }
    return 0;
}
