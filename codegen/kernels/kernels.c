// SPDX-License-Identifier: MIT
// The tables of kernels and of statuses. A kernel's text is that which was
// compiled: kernels.def is included twice.
#include "codegen/kernels/kernels.h"

const sdp_kernel_row sdp_kernels[SDP_KERNEL_COUNT] = {
#define S(id) 1u << SDP_STATUS_##id
#define KERNEL(id, statuses, comment, signature, ...)                                                        \
    {statuses, "sd_" #id, comment, #signature, #__VA_ARGS__, false, NULL},
#include "codegen/kernels/kernels.def"
#undef KERNEL
#define KERNEL_FMA(id, otherwise, comment, signature, ...)                                                   \
    {0, "sd_" #id, comment, #signature, #__VA_ARGS__, true, otherwise},
#include "codegen/kernels/kernels_vector.def"
#undef KERNEL_FMA
#undef S
};

#define BLAS_CALL(name, prototype)
#define BLAS(id, ...) [KERNEL_##id] = #__VA_ARGS__,
static const char *const blas_body[SDP_KERNEL_COUNT] = {
#include "codegen/kernels/kernels_blas.def"
};

#define BLAS_CALL(name, prototype) {#name, prototype},
#define BLAS(id, ...)
const sdp_blas_row sdp_blas[] = {
#include "codegen/kernels/kernels_blas.def"
    {NULL, NULL},
};

const char *sdp_kernel_body(int kernel, bool blas)
{
    return blas && blas_body[kernel] ? blas_body[kernel] : sdp_kernels[kernel].body;
}

const sdp_real_row sdp_reals[SDP_REAL_COUNT] = {
#define REAL(name, of_double, of_float, ...) {#name, {#of_double, #of_float}},
#include "codegen/kernels/real.def"
#undef REAL
};

uint32_t sdp_kernel_statuses(int kernel) { return sdp_kernels[kernel].statuses; }

const sdp_status *sdp_status_of(int number)
{
    static const sdp_status row[SDP_STATUS_COUNT] = {
#define STATUS(id, number, error, message) [SDP_STATUS_##id] = {error, message},
#include "codegen/kernels/status.def"
#undef STATUS
    };
    return number > 0 && number < SDP_STATUS_COUNT ? &row[number] : NULL;
}
