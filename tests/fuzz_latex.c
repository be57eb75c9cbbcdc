// SPDX-License-Identifier: MIT
// libFuzzer target: any bytes through the reader of LaTeX; what is demanded stands in fuzz_parser.c.
#define FROM SD_FROM_LATEX
#include "tests/fuzz_parser.c"
