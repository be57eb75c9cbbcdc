// SPDX-License-Identifier: MIT
// Random questions to the library: the same seed asks the same everywhere.
#ifndef SYMDIFF_QUESTION_H
#define SYMDIFF_QUESTION_H

#include "tests/support/compose.h"

typedef struct {
    tst_composition c;
    char *text, *wrt;
    sd_request request;
} tst_question;

extern const char *const tst_asked[]; // by sd_what

tst_question tst_ask(unsigned seed);
void tst_question_free(tst_question *q);

#endif
