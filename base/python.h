// SPDX-License-Identifier: MIT
// The words of Python, which are no names of variables there. A variable of that name is printed with a '_'
// (language/python.h) and read without it (grammar/numpy.c): lambda_ is lambda.
#ifndef SDP_BASE_PYTHON_H
#define SDP_BASE_PYTHON_H

#include <stdbool.h>
#include <string.h>

#define SDP_PYTHON_WORDS                                                                                     \
    " and as assert async await break class continue def del elif else except False finally for from "       \
    "global if import in is "                                                                                \
    "lambda None nonlocal not or pass raise return True try while with yield np jnp torch jax scipy "

// Do the n bytes at name stand among words, each of which is between spaces?
static inline bool sdp_is_among_words(const char *words, const char *name, size_t n)
{
    for (const char *at = words; *at; at += strcspn(at, " ")) {
        at += strspn(at, " ");
        if (n && strcspn(at, " ") == n && !memcmp(at, name, n)) return true;
    }
    return false;
}

#endif
