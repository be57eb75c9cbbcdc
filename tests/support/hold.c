// SPDX-License-Identifier: MIT
// Contexts that hold other nodes. Problem: an answer may depend on numbers of nodes, which whatever a context
// held before shifts. Idea: with `run --held N` each block's context makes N nodes first, and every
// expectation must hold all the same.
#include <stdlib.h>

#include "tests/support/test.h"

size_t tst_held;

// Makes tst_held nodes, of a variable that no block has, and derives one of them.
bool tst_hold(sd_context *c)
{
    // terms of a text, nodes of a term, a number that no block has
    enum { TERMS = 100, NODES = 3, FIRST = 10000 };
    bool good = true;
    for (size_t made = 0; good && made < tst_held; made += (size_t)TERMS * NODES) {
        char *text = tst_copy("0", 1);
        for (size_t i = 0; i < TERMS; i++) {
            char *more = tst_format("%s+sin(%zu*held_before)", text, FIRST + made + i);
            free(text);
            text = more;
        }
        sd_expr e = sd_parse(c, text, NULL);
        good = e && sd_derive(c, e, &(sd_request){.wrt = "held_before"});
        free(text);
    }
    return good;
}
