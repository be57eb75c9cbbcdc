// SPDX-License-Identifier: MIT
// The language in a mathematician's Unicode; reads back, too.
#include "language/own.h"

const sdp_notation sdp_language_unicode = {
    .name = "unicode",
    .unicode = true,
    OWN_NOTATION,
    .times = "·",
    .matmul = "·",
    .had = "⊙",
    .quot = "⊘",
    .transpose = "$1ᵀ",
    .transpose_vector = "$1ᵀ",
    .minus = "−",
    .eminus = "−",
    .nabla2 = "∇²",
    .shown = {[SDP_S_DELTA] = "δ($1,$2)"},
};
