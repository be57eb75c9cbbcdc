// SPDX-License-Identifier: MIT
// The notation that text and Unicode share: both write the language itself, and read back to the same node.
#ifndef SDP_OWN_H
#define SDP_OWN_H

#include "language/language.h"

static const sdp_along along[] = {
    {SDP_OP_maxof, {"max($1,[],1)", "max($1,[],2)", NULL}},
    {SDP_OP_minof, {"min($1,[],1)", "min($1,[],2)", NULL}},
    {SDP_OP_norm, {"vecnorm($1,2,1)", "vecnorm($1,2,2)", NULL}},
    {SDP_OP_softmax, {NULL, NULL, "exp($1-logsumexp($1))"}}, // softmax(X) would leave open over what
    {SDP_OP_none, {NULL}},
};

#define OWN_NOTATION                                                                                         \
    .comment = "  ", .names = true, .along = along, .over = "/", .pow = "^", .epow = ".^", .mpow = "^",      \
    .open = "(", .close = ")", .sub_open = "[", .sub_close = "]", .plus = "+", .eplus = "+", .prefix = "",   \
    .row_sep = "; ", .col_sep = ", ", .stack = "[$1]", .block = "[$1]", .block_row = "$1",                   \
    .block_column = "", .first_index = 1, .nabla = "∇",                                                      \
    .spell = {[SDP_OP_maxof] = "max", [SDP_OP_minof] = "min"}

#endif
