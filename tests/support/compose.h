// SPDX-License-Identifier: MIT
// Random well-shaped expressions (compose.c), as text and step by step.
#ifndef SYMDIFF_COMPOSE_H
#define SYMDIFF_COMPOSE_H

#include "tests/support/test.h"

enum { TST_M, TST_N }; // the two sizes, m and n
typedef struct {
    int order, rows, cols;
} tst_shape; // rows and cols: TST_M or TST_N
typedef struct {
    const char *name;
    tst_shape s;
    unsigned facts;
    bool rare;
} tst_variable;
extern const tst_variable tst_variables[];
extern const size_t tst_nvariables;
extern const char tst_declarations[];

// A step is one operation: a template of the grammar and the steps that fill its holes, which come before it.
typedef struct {
    const char *text;
    tst_shape s;
    char kind;     // of the hole it fills: 'c' is positive definite
    int child[16]; // of the k-th hole; >= 0: a step; < 0: the number -child
    int variable;  // of a leaf: which one, else -1
} tst_step;

typedef struct {
    tst_step *step;
    int n;
    unsigned long long used;
    tst_rng rng;
    bool abstract;
} tst_composition;

void tst_compose(tst_composition *c, tst_shape s, int depth); // the last step is the whole
char *tst_composed(const tst_composition *c);
// The value of the whole by steps: each operation alone, its operands as numbers, so that no rewrite sees two
// operations. False if that fails or is not finite; `what` then says why if it is a fault.
bool tst_stepwise(const tst_composition *c, const tst_point *p, sd_array *out, char **what);
void tst_composition_free(tst_composition *c);

#endif
