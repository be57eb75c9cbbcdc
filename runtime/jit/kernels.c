// SPDX-License-Identifier: MIT
// The kernels of codegen/kernels/kernels.def, compiled ahead (with -O3) for functions that are compiled in
// memory by a compiler without an optimiser.
//
// gcc makes each of them for three generations of x86-64 processors and chooses when the program starts.
#include <math.h>
#include <string.h>

#include "codegen/emit/straight.h"
#include "runtime/jit/jit.h"

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && __GNUC__ >= 12 &&                      \
    !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&                                                 \
    !defined(__SANITIZE_THREAD__) // resolvers run before a sanitizer does
#define CLONED
#define CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#pragma GCC optimize("O3,fp-contract=fast")
#else
#define CLONES
#endif

#define REAL(name, value, ...) static const double name = value;
#include "codegen/kernels/real.def"
#undef REAL

typedef double sd_strip2 __attribute__((vector_size(2 * sizeof(double)), aligned(sizeof(double)), may_alias));
typedef double sd_strip4 __attribute__((vector_size(4 * sizeof(double)), aligned(sizeof(double)), may_alias));
typedef double sd_strip8 __attribute__((vector_size(8 * sizeof(double)), aligned(sizeof(double)), may_alias));

#define SD_WIDE                                       2
#define sd_strip                                      sd_strip2
#define KERNEL(id, statuses, comment, signature, ...) CLONES static signature __VA_ARGS__
#include "codegen/kernels/kernels.def"
#undef KERNEL
#undef SD_WIDE
#undef sd_strip

// ---- matrix product ---------------------------------------------------------------------------------------
// With the registers of later processors: clones do not help, the text itself depends on their length.
#ifdef CLONED
#define KERNEL(id, statuses, comment, signature, ...) TARGET static signature __VA_ARGS__
#define TARGET                                        __attribute__((target("arch=x86-64-v3")))
#define SD_WIDE                                       4
#define sd_strip                                      sd_strip4
#define sd_tile                                       sd_tile_v3
#define sd_narrow_tile                                sd_narrow_tile_v3
#define sd_pack                                       sd_pack_v3
#define sd_small_gemm                                 sd_small_gemm_v3
#define sd_gemm                                       sd_gemm_v3
#include "codegen/kernels/kernels_product.def"
#undef TARGET
#undef SD_WIDE
#undef sd_strip
#undef sd_tile
#undef sd_narrow_tile
#undef sd_pack
#undef sd_small_gemm
#undef sd_gemm
#define TARGET         __attribute__((target("arch=x86-64-v4")))
#define SD_WIDE        8
#define sd_strip       sd_strip8
#define sd_tile        sd_tile_v4
#define sd_narrow_tile sd_narrow_tile_v4
#define sd_pack        sd_pack_v4
#define sd_small_gemm  sd_small_gemm_v4
#define sd_gemm        sd_gemm_v4
#include "codegen/kernels/kernels_product.def"
#undef sd_tile
#undef sd_narrow_tile
#undef sd_pack
#undef sd_small_gemm
#undef sd_gemm
#undef TARGET
#undef SD_WIDE
#undef sd_strip
#undef KERNEL
#endif

// ---- addresses --------------------------------------------------------------------------------------------
// Function pointers are no object pointers in C; libtcc wants the latter.
typedef union {
    void (*function)(void);
    const void *address;
} pointer;
#define ADD(name, f) add(state, name, ((pointer){.function = (void (*)(void))f}).address);

// ---- blocks -----------------------------------------------------------------------------------------------
// For processors that have them, with the functions without branches. What is written is
// what is computed: no contraction.
#ifdef CLONED
#pragma GCC optimize("O3,fp-contract=off,no-math-errno,no-trapping-math")
#endif
#define TARGET
#define SD_WIDE     2
#define sd_strip    sd_strip2
#define NAMED(id)   block_##id
#define LOGISTIC(x) ((x) >= 0 ? 1 / (1 + exp(-(x))) : exp(x) / (1 + exp(x)))
#define SOFTPLUS(x) ((x) > 0 ? (x) + log1p(exp(-(x))) : log1p(exp(x)))
#define SINE        sin
#define COSINE      cos
#define IS_FAR(x)   ((void)(x), 0)
#include "runtime/jit/blocks.def"
#undef LOGISTIC
#undef SOFTPLUS
#undef SINE
#undef COSINE
#undef IS_FAR
#undef TARGET
#undef SD_WIDE
#undef sd_strip
#undef NAMED
#ifdef CLONED
#define LOGISTIC                                           sd_logistic
#define SOFTPLUS                                           sd_soft
#define SINE                                               sd_sine
#define COSINE                                             sd_cosine
#define IS_FAR(x)                                          (!(fabs(x) <= 1e6))
#define KERNEL_FMA(id, otherwise, comment, signature, ...) TARGET static inline signature __VA_ARGS__
#define TARGET                                             __attribute__((target("arch=x86-64-v3")))
#define NAMED(id)                                          block_##id##_v3
#define SD_WIDE                                            4
#define sd_strip                                           sd_strip4
#define LEVEL(id)                                          id##_v3
#include "runtime/jit/level.def"
#undef LEVEL
#undef SD_WIDE
#undef sd_strip
#undef TARGET
#undef NAMED
#define TARGET    __attribute__((target("arch=x86-64-v4,prefer-vector-width=512")))
#define NAMED(id) block_##id##_v4
#define SD_WIDE   8
#define sd_strip  sd_strip8
#define LEVEL(id) id##_v4
#include "runtime/jit/level.def"
#undef LEVEL
#undef SD_WIDE
#undef sd_strip
#undef TARGET
#undef NAMED
#undef KERNEL_FMA
#endif

// ---- functions of one number ------------------------------------------------------------------------------
typedef union {
    double (*function)(double, double, double);
    const void *address;
} scalar_function;
#define MAP(id, name, args, c, ...)                                                                          \
    static double scalar_##id(double x, double y, double z) { return ((void)x, (void)y, (void)z, (c)); }
#include "ast/graph/ops.def"
static double scalar_pow(double x, double y, double z) { return (void)z, pow(x, y); }
static double scalar_exponent(double x, double y, double z) { return (void)y, (void)z, sd_exponent(x); }

const void *sdp_machine_function(uint32_t number)
{
    static const scalar_function functions[SDP_CALL_COUNT] = {
#define MAP(id, ...) [SDP_OP_##id] = {.function = scalar_##id},
#include "ast/graph/ops.def"
        [SDP_CALL_POW] = {.function = scalar_pow}, [SDP_CALL_EXPONENT] = {.function = scalar_exponent}};
    return functions[number].address;
}

const void *sdp_block_function(uint32_t number)
{
    if (number >= SDP_OP_COUNT) return NULL;
#ifdef CLONED
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return block_of_row_v3(number);
    (void)block_of_row_v4;
#endif
    return block_of_row(number);
}

bool sdp_has_machine(void)
{
#if defined(__x86_64__) && defined(__GNUC__) && !defined(_WIN32)
    return __builtin_cpu_supports("avx2");
#else
    return false;
#endif
}

void sdp_kernel_symbols(void *state, void (*add)(void *state, const char *name, const void *address))
{
    void (*gemm)(size_t, size_t, size_t, double, const double *, size_t, size_t, const double *,
                 const double *, size_t, size_t, int, double *, size_t) = sd_gemm;
    int generation = 2;
#ifdef CLONED
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
        generation = 4, gemm = sd_gemm_v4, block_symbols_v4(state, add);
    else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        generation = 3, gemm = sd_gemm_v3, block_symbols_v3(state, add);
#endif
    if (generation == 2) block_symbols(state, add);
#define KERNEL(id, ...)                                                                                      \
    if (!strcmp(#id, "gemm")) ADD("sd_gemm", gemm) else ADD("sd_" #id, sd_##id)
#include "codegen/kernels/kernels.def"
#undef KERNEL
}
