// SPDX-License-Identifier: MIT
// Samples of every row of the operator table: tests that run over the whole table read them, so that a new
// row is tested from the moment it stands there.
#ifndef TST_SAMPLES_H
#define TST_SAMPLES_H

#include "ast/graph/ast.h"

// the variables of all samples, one declaration a line
extern const char tst_declared[];
// '$' is the name, two blanks stand between samples; NULL: none
char *tst_samples(const sdp_op *op);
char *tst_sample(const char *sample, size_t n, const char *name); // one of them with the name in place

#endif
