// SPDX-License-Identifier: MIT
// Precompiled kernels that in-memory compiled functions call (built with -O3).
#include "runtime.h"

const sdp_symbol sdp_kernel_symbols[] = {{NULL, NULL}};
