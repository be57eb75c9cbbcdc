// SPDX-License-Identifier: MIT
// Random trials: one for each seed, from the first seed on, until there are enough or time is over.
#ifndef SYMDIFF_TRIALS_H
#define SYMDIFF_TRIALS_H

#include "tests/support/test.h"

// name: of the program
typedef struct {
    const char *name;
    unsigned seed, count, done, failed;
    double seconds;
} tst_trials;

// Reads --seed, --count or --seconds and its value at argv[*i]. Returns false if something else stands there.
bool tst_trials_option(tst_trials *t, int argc, char **argv, int *i);
unsigned tst_seed_of_today(void);
// Prints the complaints of a trial behind the command that repeats it alone.
void tst_trials_run(tst_trials *t, void (*one)(void *state, unsigned seed, tst_report *report), void *state);

#endif
