// SPDX-License-Identifier: MIT
// The language itself, as it is typed: what is printed reads back to the same node.
#include "language/language.h"

static const sdp_along along[] = {
    { SDP_OP_maxof, { "max($1,[],1)", "max($1,[],2)", NULL } },
    { SDP_OP_minof, { "min($1,[],1)", "min($1,[],2)", NULL } },
    { SDP_OP_norm, { "vecnorm($1,2,1)", "vecnorm($1,2,2)", NULL } },
    { SDP_OP_softmax, { NULL, NULL, "exp($1-logsumexp($1))" } }, // softmax(X) alone would leave open over what
    { SDP_OP_none, { NULL } },
};

const sdp_notation sdp_language_text = {
    .name = "text", .comment = "  ", .names = true, .along = along,
    .times = "*", .matmul = "*", .had = ".*", .quot = "./", .over = "/", .pow = "^", .epow = ".^",
    .mpow = "^", .transpose = "$1'", .transpose_vector = "$1'", .open = "(", .close = ")", .sub_open = "[",
    .sub_close = "]", .plus = "+", .minus = "-", .eplus = "+", .eminus = "-", .prefix = "",
    .row_sep = "; ", .col_sep = ", ", .stack = "[$1]", .block = "[$1]", .block_row = "$1",
    .block_column = "", .first_index = 1, .nabla = "∇",
    .spell = {
        [SDP_OP_maxof] = "max",
        [SDP_OP_minof] = "min",
    },
    .shown = {
        [SDP_S_DIAG] = "diag($1)", [SDP_S_DIAG_OF] = "diag($1)", [SDP_S_TR] = "tr($1)",
        [SDP_S_SUM] = "sum($1)", [SDP_S_SUM1] = "sum($1,1)", [SDP_S_SUM2] = "sum($1,2)",
        [SDP_S_ONES] = "ones($1)", [SDP_S_ONES2] = "ones($1,$2)", [SDP_S_ZEROS] = "zeros($1)",
        [SDP_S_ZEROS2] = "zeros($1,$2)", [SDP_S_EYE] = "eye($1)", [SDP_S_KRON] = "kron($1,$2)",
        [SDP_S_VEC] = "vec($1)", [SDP_S_RESHAPE] = "reshape($1,$2,$3)", [SDP_S_TRIL] = "tril($1)",
        [SDP_S_TRIU] = "triu($1)", [SDP_S_CUMSUM] = "cumsum($1)", [SDP_S_DELTA] = "delta($1,$2)",
    },
};
