// SPDX-License-Identifier: MIT
// The C functions that emitted code calls, each a row of kernels.def whose text is compiled and printed, and
// what a function returns that has no value: a row of status.def.
#ifndef SDP_KERNELS_H
#define SDP_KERNELS_H

#include "base/base.h"

enum {
#define KERNEL(id, ...) KERNEL_##id,
#include "codegen/kernels/kernels.def"
#undef KERNEL
#define KERNEL_FMA(id, ...) KERNEL_##id,
#include "codegen/kernels/kernels_vector.def"
#undef KERNEL_FMA
    SDP_KERNEL_COUNT
};

// Numbers that depend on the type of numbers: real.def.
enum {
#define REAL(name, ...) name##_ROW,
#include "codegen/kernels/real.def"
#undef REAL
    SDP_REAL_COUNT
};
typedef struct {
    const char *name, *number[2];
} sdp_real_row; // of double, of float
extern const sdp_real_row sdp_reals[SDP_REAL_COUNT];

// otherwise: of a row of kernels_vector.def, which is compiled only for some
// processors, what it returns on others
typedef struct {
    uint32_t statuses;
    const char *name, *comment, *signature, *body;
    bool vector;
    const char *otherwise;
} sdp_kernel_row;
extern const sdp_kernel_row sdp_kernels[SDP_KERNEL_COUNT]; // their texts without line breaks
// blas: which calls CBLAS and LAPACKE, if it has one that does
const char *sdp_kernel_body(int kernel, bool blas);

// The functions of CBLAS and LAPACKE that kernels_blas.def calls
typedef struct {
    const char *name, *prototype;
} sdp_blas_row;
extern const sdp_blas_row sdp_blas[];

// The status that a compiled or emitted function returns: 0, a row of status.def, or the status of a
// declared function.
enum {
    SDP_STATUS_none,
#define STATUS(id, number, error, message) SDP_STATUS_##id = number,
#include "codegen/kernels/status.def"
#undef STATUS
    SDP_STATUS_COUNT
};
typedef struct {
    int error;
    const char *message;
} sdp_status;
const sdp_status *sdp_status_of(int number); // NULL: no such row
uint32_t sdp_kernel_statuses(int kernel);    // what a kernel can return but 0, as a bit set

#endif
