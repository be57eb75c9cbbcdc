// SPDX-License-Identifier: MIT
// The kernels of codegen/kernels/kernels.def, compiled ahead (with -O3) for functions that are compiled in memory by a compiler
// without an optimiser.
//
// gcc makes each of them for three generations of x86-64 processors and chooses when the program starts.
#include <math.h>
#include <string.h>

#include "runtime/jit/jit.h"

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && __GNUC__ >= 12 && !defined(__clang__) &&              \
    !defined(__SANITIZE_ADDRESS__)
#define CLONED
#define CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#pragma GCC optimize("O3,fp-contract=fast")
#else
#define CLONES
#endif

typedef double sd_strip2 __attribute__((vector_size(2 * sizeof(double)), aligned(sizeof(double)), may_alias));
typedef double sd_strip4 __attribute__((vector_size(4 * sizeof(double)), aligned(sizeof(double)), may_alias));
typedef double sd_strip8 __attribute__((vector_size(8 * sizeof(double)), aligned(sizeof(double)), may_alias));

#define SD_WIDE 2
#define sd_strip sd_strip2
#define KERNEL(id, statuses, comment, signature, ...) CLONES static signature __VA_ARGS__
#include "codegen/kernels/kernels.def"
#undef KERNEL
#undef SD_WIDE
#undef sd_strip

// ---- matrix product -------------------------------------------------------------------------------------------------
// With the registers of later processors: clones do not help, the text itself depends on their length.
#ifdef CLONED
#define KERNEL(id, statuses, comment, signature, ...) TARGET static signature __VA_ARGS__
#define TARGET __attribute__((target("arch=x86-64-v3")))
#define SD_WIDE 4
#define sd_strip sd_strip4
#define sd_tile sd_tile_v3
#define sd_narrow_tile sd_narrow_tile_v3
#define sd_pack sd_pack_v3
#define sd_small_gemm sd_small_gemm_v3
#define sd_gemm sd_gemm_v3
#include "codegen/kernels/kernels_product.def"
#undef TARGET
#undef SD_WIDE
#undef sd_strip
#undef sd_tile
#undef sd_narrow_tile
#undef sd_pack
#undef sd_small_gemm
#undef sd_gemm
#define TARGET __attribute__((target("arch=x86-64-v4")))
#define SD_WIDE 8
#define sd_strip sd_strip8
#define sd_tile sd_tile_v4
#define sd_narrow_tile sd_narrow_tile_v4
#define sd_pack sd_pack_v4
#define sd_small_gemm sd_small_gemm_v4
#define sd_gemm sd_gemm_v4
#include "codegen/kernels/kernels_product.def"
#undef sd_tile
#undef sd_narrow_tile
#undef sd_pack
#undef sd_small_gemm
#undef sd_gemm
#undef KERNEL
#endif

// ---- addresses ------------------------------------------------------------------------------------------------------
// Function pointers are no object pointers in C; libtcc wants the latter.
typedef union {
    void (*function)(void);
    const void *address;
} pointer;

void sdp_kernel_symbols(void *state, void (*add)(void *state, const char *name, const void *address))
{
#define KERNEL(id, ...) add(state, "sd_" #id, ((pointer){.function = (void (*)(void))sd_##id}).address);
#include "codegen/kernels/kernels.def"
#undef KERNEL
#ifdef CLONED
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
        add(state, "sd_gemm", ((pointer){.function = (void (*)(void))sd_gemm_v4}).address);
    else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        add(state, "sd_gemm", ((pointer){.function = (void (*)(void))sd_gemm_v3}).address);
#endif
}
