// SPDX-License-Identifier: MIT
// Declarations shared by tests/support/language.c, which runs answers in other languages, and
// language_write.c, which writes programs.
#ifndef TST_LANGUAGE_H
#define TST_LANGUAGE_H

#include "tests/support/test.h"

enum { TST_RESULTS = 64 };

// An answer in a language: a function and a call of it, and an expression for each result.
typedef struct {
    const char *where;
    const tst_point *point;
    const sd_array *want;
    double tolerance;
    char *arguments, *before, *body, *result[TST_RESULTS]; // before: outside of functions, or NULL
    size_t nresults, serial;
} tst_answer;

typedef struct tst_language {
    const char *name;
    sd_format format;
    const char *file, *program[2]; // the first that is installed and passes the probe
    // arguments: "" is the program, "@x" a file of ours; no build: nothing to compile
    const char *probe[5], *build[10], *run[6];
    const char *head, *foot;
    void (*write)(const struct tst_language *l, FILE *f, const tst_answer *a);
    size_t share;
} tst_language;

bool tst_has_arguments(const tst_answer *a);
extern const char tst_octave_head[], tst_eigen_head[], tst_r_head[];
void tst_write_python(const tst_language *l, FILE *f, const tst_answer *a);
void tst_write_octave(const tst_language *l, FILE *f, const tst_answer *a);
void tst_write_eigen(const tst_language *l, FILE *f, const tst_answer *a);
void tst_write_r(const tst_language *l, FILE *f, const tst_answer *a);

#endif
