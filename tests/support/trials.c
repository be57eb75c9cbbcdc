// SPDX-License-Identifier: MIT
// The loop over seeds that the programs of random tests share, and their options.
#define _POSIX_C_SOURCE 200809L
#include "tests/support/trials.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

unsigned tst_seed_of_today(void) { return (unsigned)time(NULL) % 100000000u; }

bool tst_trials_option(tst_trials *t, int argc, char **argv, int *i)
{
    if (*i + 1 >= argc) return false;
    const char *name = argv[*i], *value = argv[*i + 1];
    if (!strcmp(name, "--seed")) t->seed = (unsigned)strtoul(value, NULL, 10);
    else if (!strcmp(name, "--count")) t->count = (unsigned)strtoul(value, NULL, 10);
    else if (!strcmp(name, "--seconds")) t->seconds = tst_number(value, NULL);
    else return false;
    ++*i;
    return true;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void tst_trials_run(tst_trials *t, void (*one)(void *state, unsigned seed, tst_report *report), void *state)
{
    printf("%s: seed %u\n", t->name, t->seed);
    for (double start = now(); t->done < t->count && now() - start < t->seconds; t->done++) {
        char *text;
        size_t n;
        tst_report report = {.text = open_memstream(&text, &n)};
        one(state, t->seed + t->done, &report);
        fclose(report.text);
        if (report.count) printf("%s --seed %u --count 1\n%s", t->name, t->seed + t->done, text);
        fflush(stdout);
        t->failed += report.count != 0;
        free(text);
    }
}
