// SPDX-License-Identifier: MIT
// The language in a mathematician's Unicode; reads back, too.
#include "language/language.h"

static const sdp_along along[] = {
    { SDP_OP_maxof, { "max($1,[],1)", "max($1,[],2)", NULL } },
    { SDP_OP_minof, { "min($1,[],1)", "min($1,[],2)", NULL } },
    { SDP_OP_norm, { "vecnorm($1,2,1)", "vecnorm($1,2,2)", NULL } },
    { SDP_OP_softmax, { NULL, NULL, "exp($1-logsumexp($1))" } }, // softmax(X) alone would leave open over what
    { SDP_OP_none, { NULL } },
};

const sdp_notation sdp_language_unicode = {
    .name = "unicode", .comment = "  ", .names = true, .along = along,
    .times = "·", .matmul = "·", .had = "⊙", .quot = "⊘", .over = "/", .pow = "^", .epow = ".^",
    .mpow = "^", .transpose = "$1ᵀ", .transpose_vector = "$1ᵀ", .open = "(", .close = ")", .sub_open = "[",
    .sub_close = "]", .plus = "+", .minus = "−", .eplus = "+", .eminus = "−", .prefix = "",
    .row_sep = "; ", .col_sep = ", ", .stack = "[$1]", .block = "[$1]", .block_row = "$1",
    .block_column = "", .first_index = 1, .unicode = true, .nabla = "∇", .nabla2 = "∇²",
    .spell = {
        [SDP_OP_maxof] = "max",
        [SDP_OP_minof] = "min",
    },
    .shown = {
        [SDP_S_DELTA] = "δ($1,$2)",
    },
};
