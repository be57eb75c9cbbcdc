// SPDX-License-Identifier: MIT
// The language itself, as it is typed: what is printed reads back to the same node.
#include "language/own.h"

const sdp_notation sdp_language_text = {
    .name = "text",
    OWN_NOTATION,
    .times = "*",
    .matmul = "*",
    .had = ".*",
    .quot = "./",
    .transpose = "$1'",
    .transpose_vector = "$1'",
    .minus = "-",
    .eminus = "-",
    .shown =
        {
            [SDP_S_DIAG] = "diag($1)",      [SDP_S_DIAG_OF] = "diag($1)",
            [SDP_S_TR] = "tr($1)",          [SDP_S_SUM] = "sum($1)",
            [SDP_S_SUM1] = "sum($1,1)",     [SDP_S_SUM2] = "sum($1,2)",
            [SDP_S_ONES] = "ones($1)",      [SDP_S_ONES2] = "ones($1,$2)",
            [SDP_S_ZEROS] = "zeros($1)",    [SDP_S_ZEROS2] = "zeros($1,$2)",
            [SDP_S_EYE] = "eye($1)",        [SDP_S_KRON] = "kron($1,$2)",
            [SDP_S_VEC] = "vec($1)",        [SDP_S_RESHAPE] = "reshape($1,$2,$3)",
            [SDP_S_TRIL] = "tril($1)",      [SDP_S_TRIU] = "triu($1)",
            [SDP_S_FLIP] = "flip($1)",      [SDP_S_FLIP1] = "flip($1,1)",
            [SDP_S_FLIP2] = "flip($1,2)",   [SDP_S_CUMSUM] = "cumsum($1)",
            [SDP_S_DELTA] = "delta($1,$2)",
        },
};
