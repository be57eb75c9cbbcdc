// SPDX-License-Identifier: MIT
// Random nestings of what code generation rewrites (nest.c).
#ifndef SYMDIFF_NEST_H
#define SYMDIFF_NEST_H

#include "tests/support/test.h"

extern const char tst_nest_declarations[];
void tst_nest_functions(int *functions, int *of_them_split); // first: reads the operator table
// of kind 's', 'v' or 'm': a scalar, vector, matrix
char *tst_nest(tst_rng *rng, char kind, int depth);

#endif
