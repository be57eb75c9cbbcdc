// SPDX-License-Identifier: MIT
// libFuzzer target: any bytes through the reader of NumPy; what is demanded stands in fuzz_parser.c.
#define FROM SD_FROM_NUMPY
#include "tests/fuzz_parser.c"
