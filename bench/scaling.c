// SPDX-License-Identifier: MIT
// How the work of every stage grows with the length n of the input, for families of inputs: sums, products,
// chains, networks, polynomials, nesting, definitions, blocks. Each line doubles n; behind the milliseconds
// of a stage stands by how much they grew. Near-linear growth is a factor near 2, quadratic growth one near
// 4. Nodes and characters are exact counts, times are of one run; stages below a millisecond have no factor.
// An argument is the largest n.
#define _POSIX_C_SOURCE 200809L
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/check/check.h"

enum { PARSE, DERIVE, PRINT, LATEX, NUMPY, CONDITIONS, EMIT, COMPILE, STAGES };
static const char *const stages[] = {"parse", "derive",     "text", "latex",
                                     "numpy", "conditions", "emit", "compile"};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); // other programs may run
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// ---- families ---------------------------------------------------------------------------------------------
static void declare(FILE *out, const char *letter, long n, const char *shape)
{
    for (long i = 1; i <= n; i++) fprintf(out, "%s%ld: %s\n", letter, i, shape);
}

static void repeat(FILE *out, const char *s, long n)
{
    for (long i = 0; i < n; i++) fputs(s, out);
}

static void sum(FILE *out, long n)
{
    for (long i = 1; i <= n; i++) fprintf(out, "%ssin(%ld*x)", i > 1 ? "+" : "x: scalar; ", i);
}

static void sum_of_vectors(FILE *out, long n)
{
    declare(out, "a", n, "vector(k)");
    fputs("x: vector(k)\n", out);
    for (long i = 1; i <= n; i++) fprintf(out, "%sexp(a%ld'*x)", i > 1 ? "+" : "", i);
}

static void product(FILE *out, long n)
{
    declare(out, "x", n, "scalar");
    for (long i = 1; i <= n; i++) fprintf(out, "%sx%ld", i > 1 ? "*" : "", i);
}

static void product_of_functions(FILE *out, long n)
{
    for (long i = 1; i <= n; i++) fprintf(out, "%ssin(%ld*x)", i > 1 ? "*" : "x: scalar; ", i);
}

static void chain(FILE *out, long n)
{
    static const char *const f[] = {"sin", "tanh", "exp", "atan"};
    fputs("x: scalar; ", out);
    for (long i = 0; i < n; i++) fprintf(out, "%s(", f[i % 4]);
    fputc('x', out);
    repeat(out, ")", n);
}

static void network(FILE *out, long n)
{
    fputs("x, y, v: vector(k)\n", out);
    for (long i = 1; i <= n; i++) fprintf(out, "W%ld: matrix(k,k); b%ld: vector(k)\n", i, i);
    for (long i = 1; i <= n; i++) {
        if (i == 1) fputs("h1 = tanh(W1*x+b1)\n", out);
        else fprintf(out, "h%ld = tanh(W%ld*h%ld+b%ld)\n", i, i, i - 1, i);
    }
    fprintf(out, "norm(h%ld-y)^2\n", n);
}

static void polynomial(FILE *out, long n)
{
    fputs("x: scalar; ", out);
    for (long i = 1; i <= n; i++) fprintf(out, "%s%ld*x^%ld", i > 1 ? "+" : "", i % 7 + 1, i);
}

static void horner(FILE *out, long n)
{
    fputs("x: scalar; ", out);
    for (long i = 1; i < n; i++) fprintf(out, "(%ld+x*", i % 7 + 1);
    fputc('x', out);
    repeat(out, ")", n - 1);
}

static void parentheses(FILE *out, long n)
{
    fputs("x: scalar; ", out);
    repeat(out, "(", n);
    fputs("x^2", out);
    repeat(out, ")", n);
}

static void cases(FILE *out, long n)
{
    fputs("x: scalar; ", out);
    for (long i = 1; i < n; i++) fprintf(out, "where(x<%ld,%ld*x^2,", i, i);
    fputc('0', out);
    repeat(out, ")", n - 1);
}

static void definitions(FILE *out, long n)
{
    fputs("x: scalar; r0 = x\n", out);
    for (long i = 1; i <= n; i++) fprintf(out, "r%ld = sin(r%ld)*r%ld+%ld\n", i, i - 1, i - 1, i);
    fprintf(out, "r%ld\n", n);
}

// Recursions as models have them: Euler's method, GARCH, exponential smoothing.
static void euler(FILE *out, long n)
{
    fputs("a, b, d, h, x0, y0: scalar\n", out);
    for (long i = 1; i <= n; i++) {
        fprintf(out, "x%ld = x%ld+h*(a*x%ld-b*x%ld*y%ld)\n", i, i - 1, i - 1, i - 1, i - 1);
        fprintf(out, "y%ld = y%ld+h*(d*x%ld*y%ld-y%ld)\n", i, i - 1, i - 1, i - 1, i - 1);
    }
    fprintf(out, "(x%ld-1)^2+(y%ld-2)^2\n", n, n);
}

static void garch(FILE *out, long n)
{
    fprintf(out, "w, a, b, h0: scalar positive; r: vector(%ld)\n", n);
    for (long i = 1; i <= n; i++) fprintf(out, "h%ld = w+a*r[%ld]^2+b*h%ld\n", i, i, i - 1);
    for (long i = 1; i <= n; i++) fprintf(out, "%slog(h%ld)+r[%ld]^2/h%ld", i > 1 ? "+" : "", i, i, i);
}

static void smoothing(FILE *out, long n)
{
    fprintf(out, "alpha: scalar; y: vector(%ld)\ns0 = y[1]\n", n);
    for (long i = 1; i <= n; i++) fprintf(out, "s%ld = alpha*y[%ld]+(1-alpha)*s%ld\n", i, i, i - 1);
    for (long i = 1; i <= n; i++) fprintf(out, "%s(y[%ld]-s%ld)^2", i > 1 ? "+" : "", i, i - 1);
}

static void matrices(FILE *out, long n)
{
    declare(out, "A", n, "matrix(k,k)");
    fputs("u, v: vector(k)\nu'", out);
    for (long i = 1; i <= n; i++) fprintf(out, "*A%ld", i);
    fputs("*v", out);
}

static void blocks(FILE *out, long n)
{
    declare(out, "x", n, "vector(k)");
    fputs("A: matrix(k,k)\nnorm([", out);
    for (long i = 1; i <= n; i++) fprintf(out, "%sA*x%ld", i > 1 ? ";" : "", i);
    fputs("])^2", out);
}

static void entries(FILE *out, long n)
{
    fprintf(out, "x: vector(%ld); 0", n + 1);
    for (long i = 1; i <= n; i++) fprintf(out, "+(x[%ld]-x[%ld]^2)^2", i + 1, i);
}

static void undeclared(FILE *out, long n)
{
    for (long i = 1; i <= n; i++) fprintf(out, "%sx%ld^2", i > 1 ? "+" : "", i);
}

static const struct {
    const char *name;
    void (*write)(FILE *, long);
    const char *wrt;
    sd_what what;
} families[] = {
    {"sum of n terms", sum, "x", SD_DERIVATIVE},
    {"sum of n terms, second derivative", sum, "x", SD_HESSIAN},
    {"sum of n functions of a vector, Hessian", sum_of_vectors, "x", SD_HESSIAN},
    {"product of n scalars, by one", product, "x1", SD_DERIVATIVE},
    {"product of n scalars, by all", product, "x*", SD_DERIVATIVE},
    {"product of n functions", product_of_functions, "x", SD_DERIVATIVE},
    {"chain of n functions", chain, "x", SD_DERIVATIVE},
    {"n-layer network, by x", network, "x", SD_DERIVATIVE},
    {"n-layer network, by all W", network, "W*", SD_DERIVATIVE},
    {"n-layer network, Hessian times v", network, "x", SD_HVP},
    {"polynomial of degree n", polynomial, "x", SD_DERIVATIVE},
    {"polynomial of degree n, Horner's form", horner, "x", SD_DERIVATIVE},
    {"n nested parentheses", parentheses, "x", SD_DERIVATIVE},
    {"n nested cases", cases, "x", SD_DERIVATIVE},
    {"n definitions in sequence", definitions, "x", SD_DERIVATIVE},
    {"n steps of Euler's method", euler, "a", SD_DERIVATIVE},
    {"GARCH of n returns", garch, "b", SD_DERIVATIVE},
    {"exponential smoothing of n values", smoothing, "alpha", SD_DERIVATIVE},
    {"product of n matrices, by one", matrices, "A1", SD_DERIVATIVE},
    {"product of n matrices, by all", matrices, "A*", SD_DERIVATIVE},
    {"n blocks, by all", blocks, "x*", SD_DERIVATIVE},
    {"n entries of a vector", entries, "x", SD_DERIVATIVE},
    {"n undeclared variables, by one", undeclared, "x1", SD_DERIVATIVE},
};

// ---- measuring --------------------------------------------------------------------------------------------
// "x*" is x1,x2,...,xn.
static char *expanded(const char *wrt, long n)
{
    char *s;
    size_t k;
    FILE *out = open_memstream(&s, &k);
    if (!strchr(wrt, '*')) fputs(wrt, out);
    else
        for (long i = 1; i <= n; i++) fprintf(out, "%s%c%ld", i > 1 ? "," : "", wrt[0], i);
    fclose(out);
    return s;
}

typedef struct {
    double seconds[STAGES], total;
    double nodes, characters;
    char failed[512];
} row;

static char *printed(sd_context *c, const sd_result *r, sd_format format, unsigned flags, double *seconds)
{
    double t = now();
    char *s = sd_print(c, r, format, flags);
    *seconds = now() - t;
    return s;
}

static row measure(size_t family, long n)
{
    char *text, *wrt = expanded(families[family].wrt, n);
    size_t k;
    FILE *out = open_memstream(&text, &k);
    families[family].write(out, n);
    fclose(out);
    row w = {.total = now()};
    sd_context *c = sd_context_new(NULL);
    sd_expr e = sd_parse(c, text, NULL);
    w.seconds[PARSE] = now() - w.total;
    double t = now();
    sd_result *r = e ? sd_derive(c, e,
                                 &(sd_request){.wrt = wrt,
                                               .what = families[family].what,
                                               .direction = families[family].what == SD_HVP ? "v" : NULL})
                     : NULL;
    w.seconds[DERIVE] = now() - t;
    w.nodes = (double)c->g->nnodes;
    if (r) {
        static const struct {
            int stage;
            sd_format format;
            unsigned flags;
        } ways[] = {
            {PRINT, SD_TEXT, 0},
            {LATEX, SD_LATEX, 0},
            {NUMPY, SD_NUMPY, 0},
            {CONDITIONS, SD_TEXT, SD_CONDITIONS},
        };
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
            char *s = printed(c, r, ways[i].format, ways[i].flags, &w.seconds[ways[i].stage]);
            if (s && !i) w.characters = (double)strlen(s);
            sd_free(c, s);
        }
        sd_c_code code;
        t = now();
        sd_emit(c, r, NULL, &code);
        w.seconds[EMIT] = now() - t;
        sd_free(c, code.source);
        sd_free(c, code.header);
        t = now();
        sd_function_free(sd_compile(c, r, NULL));
        w.seconds[COMPILE] = now() - t;
    }
    if (sd_last_error(c)->code && !(r && sd_last_error(c)->code == SD_ERR_LIMIT))
        snprintf(w.failed, sizeof w.failed, "%s", sd_last_error(c)->message);
    sd_context_free(c);
    free(wrt);
    free(text);
    w.total = now() - w.total;
    return w;
}

static void show(long n, const row *w, const row *before)
{
    printf("  %7ld", n);
    for (int k = 0; k < STAGES; k++) {
        printf("%9.1f", 1e3 * w->seconds[k]);
        if (before && before->seconds[k] > 1e-3) printf(" x%-4.1f", w->seconds[k] / before->seconds[k]);
        else printf("      ");
    }
    printf("%8.1f nodes/n %8.1f characters/n  %s\n", w->nodes / (double)n, w->characters / (double)n,
           w->failed);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    long largest = argc > 1 ? strtol(argv[1], NULL, 10) : 16000;
    const char *only = argc > 2 ? argv[2] : "";
    printf("%-9s", "ms");
    for (int k = 0; k < STAGES; k++) printf("%9s      ", stages[k]);
    printf("\n");
    for (size_t f = 0; f < sizeof families / sizeof *families; f++) {
        if (!strstr(families[f].name, only)) continue;
        printf("%s\n", families[f].name);
        row w, before;
        for (long n = largest / 8, i = 0; n <= largest; n *= 2, i++) {
            w = measure(f, n);
            show(n, &w, i ? &before : NULL);
            if (*w.failed || w.total > 20) break;
            before = w;
        }
    }
    return 0;
}
