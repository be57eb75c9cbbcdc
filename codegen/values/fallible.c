// SPDX-License-Identifier: MIT
// The kernel that computes a value, and so whether the value may fail: a singular
// matrix, a callback that has no value.
#include "codegen/kernels/kernels.h"
#include "codegen/values/values.h"

bool sdp_is_cholesky(const sdp_schedule *s, sdp_val factor) { return s->value[factor].param == SDP_CHOLESKY; }

// The kernel that makes the factors, or takes a primitive from them: a number, or a matrix unless the kernel
// says that there is none.
int sdp_kernel_of(const sdp_schedule *s, sdp_val v)
{
    static const int factor[SDP_FACTOR_KINDS] = {
#define FACTOR(id, kernel, ...) KERNEL_##kernel,
#include "codegen/values/factors.def"
    };
    static const int taken[SDP_OP_COUNT] = {
#define BY(f)                                                        -1
#define REDUCE(kind)                                                 -1
#define FROM(factor, rows, kernel)                                   KERNEL_##kernel
#define PRIM(id, name, least, most, shape, lower, pull, kernel, ...) [SDP_OP_##id] = kernel,
#include "ast/graph/ops.def"
#undef FROM
#undef REDUCE
#undef BY
    };
    const sdp_value *x = &s->value[v];
    if (x->kind == SDP_V_FACTOR) return factor[x->param];
    if (x->kind == SDP_V_LOGDET)
        return sdp_is_cholesky(s, x->arg[0]) ? KERNEL_cholesky_logdet : KERNEL_lu_logdet;
    return taken[x->op];
}

bool sdp_may_fail(const sdp_schedule *s, sdp_val v)
{
    uint8_t kind = s->value[v].kind;
    if (kind == SDP_V_CALL) return true;
    return (kind == SDP_V_FACTOR || kind == SDP_V_TAKEN || kind == SDP_V_LOGDET) &&
           sdp_kernel_statuses(sdp_kernel_of(s, v));
}

struct sdp_failures {
    bool *fallible; // by value: it, or what it is made of, may fail
    uint32_t nfallible, fallible_cap;
};

bool sdp_is_fallible(sdp_schedule *s, sdp_val v)
{
    if (!s->failures) s->failures = sdp_scratch(&s->g->base, sizeof *s->failures);
    struct sdp_failures *known = s->failures;
    for (; known->nfallible < s->nvalues; known->nfallible++) {
        known->fallible = sdp_grown(&s->g->base, known->fallible, known->nfallible, &known->fallible_cap,
                                    sizeof *known->fallible);
        const sdp_value *x = &s->value[known->nfallible];
        bool *f = &known->fallible[known->nfallible];
        *f = known->nfallible && sdp_may_fail(s, known->nfallible);
        for (uint32_t i = 0; i < x->nargs; i++) *f |= known->fallible[x->arg[i]];
    }
    return known->fallible[v];
}
