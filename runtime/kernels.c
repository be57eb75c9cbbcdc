// SPDX-License-Identifier: MIT
// The kernels of codegen/kernels.def, compiled ahead (with -O3) for functions that are compiled in memory by a compiler
// without an optimiser.
#include <math.h>

#include "runtime.h"

#define KERNEL(id, needs, comment, signature, ...) static signature __VA_ARGS__
#include "../codegen/kernels.def"
#undef KERNEL

// Function pointers are no object pointers in C; libtcc wants the latter.
typedef union {
    void (*function)(void);
    const void *address;
} pointer;

void sdp_kernel_symbols(void *state, void (*add)(void *state, const char *name, const void *address))
{
#define KERNEL(id, ...) add(state, "sd_" #id, ((pointer){.function = (void (*)(void))sd_##id}).address);
#include "../codegen/kernels.def"
#undef KERNEL
}
