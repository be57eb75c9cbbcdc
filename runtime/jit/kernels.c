// SPDX-License-Identifier: MIT
// The kernels of codegen/kernels/kernels.def, compiled ahead (with -O3) for functions that are compiled in memory by a compiler
// without an optimiser; and the matrix product, which only those functions call.
//
// gcc makes each of them for three generations of x86-64 processors and chooses when the program starts.
#include <math.h>
#include <string.h>

#include "runtime/jit/jit.h"

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && __GNUC__ >= 12 && !defined(__clang__) &&              \
    !defined(__SANITIZE_ADDRESS__)
#define CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#pragma GCC optimize("O3,fp-contract=fast")
#else
#define CLONES
#endif

#define KERNEL(id, statuses, comment, signature, ...) CLONES static signature __VA_ARGS__
#include "codegen/kernels/kernels.def"
#undef KERNEL

// ---- matrix product -------------------------------------------------------------------------------------------------
// c += alpha*a*b for m x k and k x n matrices with any strides between rows and columns; c has rows of length rc.
// Blocks of HIGH x DEEP numbers of a and strips of 8 columns of b are packed so that the innermost loop walks through
// memory; the product of 6 rows and 8 columns stays in registers.
enum { ROWS = 6, COLUMNS = 8, DEEP = 256, HIGH = 10 * ROWS };
typedef double strip __attribute__((vector_size(COLUMNS * sizeof(double)), aligned(sizeof(double))));

// Group p of `to` is the p-th of `length` groups of `width` numbers; what the matrix lacks is 0.
static void pack(double *to, const double *from, size_t length, size_t stride, size_t width, size_t have, size_t across)
{
    for (size_t p = 0; p < length; p++)
        for (size_t i = 0; i < width; i++) to[p * width + i] = i < have ? from[p * stride + i * across] : 0.0;
}

CLONES static void multiply_strips(size_t depth, const double *a, const double *b, double *product)
{
    strip s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0}, s4 = {0}, s5 = {0}, x;
    for (size_t p = 0; p < depth; p++, a += ROWS, b += COLUMNS) {
        memcpy(&x, b, sizeof x);
        s0 += a[0] * x;
        s1 += a[1] * x;
        s2 += a[2] * x;
        s3 += a[3] * x;
        s4 += a[4] * x;
        s5 += a[5] * x;
    }
    memcpy(product, &s0, sizeof x);
    memcpy(product + COLUMNS, &s1, sizeof x);
    memcpy(product + 2 * COLUMNS, &s2, sizeof x);
    memcpy(product + 3 * COLUMNS, &s3, sizeof x);
    memcpy(product + 4 * COLUMNS, &s4, sizeof x);
    memcpy(product + 5 * COLUMNS, &s5, sizeof x);
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static void sd_gemm(size_t m, size_t n, size_t k, double alpha, const double *a, size_t ra, size_t ca, const double *b,
                    size_t rb, size_t cb, double *c, size_t rc)
{
    double pa[HIGH * DEEP], pb[COLUMNS * DEEP], product[ROWS * COLUMNS];
    for (size_t p = 0; p < k; p += DEEP)
        for (size_t block = 0; block < m; block += HIGH) {
            size_t depth = smaller(k - p, DEEP), end = smaller(m, block + HIGH);
            for (size_t i = block; i < end; i += ROWS)
                pack(pa + (i - block) * DEEP, a + i * ra + p * ca, depth, ca, ROWS, smaller(m - i, ROWS), ra);
            for (size_t j = 0; j < n; j += COLUMNS) {
                size_t columns = smaller(n - j, COLUMNS);
                pack(pb, b + p * rb + j * cb, depth, rb, COLUMNS, columns, cb);
                for (size_t i = block; i < end; i += ROWS) {
                    multiply_strips(depth, pa + (i - block) * DEEP, pb, product);
                    for (size_t r = 0; r < smaller(m - i, ROWS); r++)
                        for (size_t q = 0; q < columns; q++) c[(i + r) * rc + j + q] += alpha * product[r * COLUMNS + q];
                }
            }
        }
}

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
    add(state, "sd_gemm", ((pointer){.function = (void (*)(void))sd_gemm}).address);
}
