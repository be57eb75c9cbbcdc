// SPDX-License-Identifier: MIT
// What NumPy, PyTorch and JAX share: Python's punctuation and words. A vector has one axis, so transposes of
// vectors vanish, x*y' is an outer product, and products with diag(x) scale rows or columns.
#ifndef SDP_PYTHON_H
#define SDP_PYTHON_H

#include "base/python.h"
#include "language/language.h"

#define PYTHON_PUNCTUATION                                                                                   \
    .comment = "# ", .times = "*", .matmul = "@", .had = "*", .quot = "/", .over = "/", .pow = "**",         \
    .epow = "**", .transpose = "$1.T", .open = "(", .close = ")", .sub_open = "[", .sub_close = "]",         \
    .plus = "+", .minus = "-", .eplus = "+", .eminus = "-", .row_sep = ",", .col_sep = ",",                  \
    .rows = "$1[:,None]*$2", .cols = "$2*$1", .flat = true, .assigns = true, .end = "", .number = "1.0*$1",  \
    .reserved = SDP_PYTHON_WORDS

#define PYTHON_FUNCTION                                                                                      \
    .imports = imports, .head = "\n\ndef $N($A):\n", .head_many = "\n\ndef $N($A):\n",                       \
    .doc = {"    \"\"\"", "    ", "    \"\"\"\n"}, .doc_inside = true, .of_size = "$1",                      \
    .size = {"$2 = $1.shape[0]\n", "$2 = $1.shape[1]\n", "$2 = $1.shape[0]\n"},                              \
    .both = "$2, $3 = $1.shape\n", .indent = "    ", .one = "    return $R", .many = "    return $R"

#endif
