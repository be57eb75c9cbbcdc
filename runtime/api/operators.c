// SPDX-License-Identifier: MIT
// The operator table, seen from outside: what `symdiff help` and other front ends list.
#include "runtime/check/check.h"

int sd_operator_at(size_t i, sd_operator *out)
{
    // row 0 is SDP_OP_none; what is refused stands last
    if (!out || i >= SDP_OP_COUNT - 1 || sdp_ops[i + 1].kind == SDP_OP_LATER) return 0;
    const sdp_op *op = &sdp_ops[i + 1];
    *out = (sd_operator){
        .name = op->name,
        .alias = op->alias ? op->alias : "",
        .doc = op->doc,
        .domain = op->domain,
        .kink = op->kink,
        .min_args = op->min_args,
        .max_args = op->max_args,
    };
    for (int k = 0; k < 3 && op->kind != SDP_OP_FORM; k++) out->derivative[k] = op->d[k];
    return 1;
}
