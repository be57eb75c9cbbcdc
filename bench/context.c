// SPDX-License-Identifier: MIT
// Does a derivation cost the same however much its context already holds? Many expressions are parsed and
// differentiated in one context, each with a number of its own, so that none is known; a line for every tenth
// of them says how many microseconds one takes to parse, derive, print and emit. All lines should be alike.
// The argument is how many: context 20000.
#define _POSIX_C_SOURCE 200809L
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "symdiff.h"

// of the derivations of a line so many are printed and emitted
enum { PARSE, DERIVE, PRINT, EMIT, STAGES, LINES = 10, PRINTED = 20 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

static void need(sd_context *c, const void *p)
{
    if (p) return;
    fprintf(stderr, "context: %s\n", sd_last_error(c)->message);
    exit(1);
}

static void derive_one(sd_context *c, long i, bool printed, double *spent)
{
    char text[160];
    snprintf(text, sizeof text, "sum(log(1+exp(-y.*(X*w))))+%ld*norm(w)^2/%ld", i % 1000 + 2, i + 3);
    double t = now();
    sd_expr e = sd_parse(c, text, NULL);
    spent[PARSE] += now() - t;
    t = now();
    sd_result *r = e ? sd_derive(c, e, &(sd_request){.wrt = "w"}) : NULL;
    spent[DERIVE] += now() - t;
    need(c, r);
    if (!printed) return;
    t = now();
    char *s = sd_print(c, r, SD_TEXT, 0);
    spent[PRINT] += now() - t;
    need(c, s);
    sd_free(c, s);
    sd_c_code code;
    t = now();
    sd_emit(c, r, NULL, &code);
    spent[EMIT] += now() - t;
    need(c, code.source);
    sd_free(c, code.source);
    sd_free(c, code.header);
}

int main(int argc, char **argv)
{
    long n = argc > 1 ? atol(argv[1]) : 100000, each = n / LINES;
    sd_context *c = sd_context_new(NULL);
    if (!c || each < PRINTED) return 1;
    printf("%10s%10s%10s%10s%10s   microseconds for one\n", "before", "parse", "derive", "print", "emit");
    for (int line = 0; line < LINES; line++) {
        double spent[STAGES] = {0};
        for (long i = 0; i < each; i++) derive_one(c, line * each + i, i < PRINTED, spent);
        printf("%10ld%10.1f%10.1f%10.1f%10.1f\n", line * each, spent[PARSE] / (double)each,
               spent[DERIVE] / (double)each, spent[PRINT] / PRINTED, spent[EMIT] / PRINTED);
    }
    sd_context_free(c);
    return 0;
}
