// SPDX-License-Identifier: MIT
// Julia: LinearAlgebra, and SpecialFunctions, LogExpFunctions or DSP where they are named. f.(x) acts entry by entry.
#include "language/language.h"

#define SAME(f) [SDP_OP_##f] = "" #f

static const char words[] =
    " begin break catch const continue do else elseif end export false finally for function global if import let local "
    "macro module quote return struct true try using while I LinearAlgebra SpecialFunctions DSP abstract mutable primitive type where "
    "baremodule isa in ";

static const sdp_along along[] = {
    { SDP_OP_softmax, { "softmax($1,dims=1)", "softmax($1,dims=2)", NULL } },
    { SDP_OP_norm, { "LinearAlgebra.norm.(eachcol($1))'", "LinearAlgebra.norm.(eachrow($1))", NULL } },
    { SDP_OP_none, { NULL } },
};

static const sdp_import imports[] = {
    { NULL, "using LinearAlgebra\n" },
    { "SpecialFunctions.", "import SpecialFunctions\n" },
    { "LogExpFunctions.", "import LogExpFunctions\n" },
    { "DSP.", "import DSP\n" },
    { NULL, NULL },
};

static const sdp_function_form form = {
    .imports = imports, .head = "function $N($A)\n", .head_many = "function $N($A)\n",
    .doc = { "\n\"\"\"\n", "", "\"\"\"\n" }, .of_size = "$1",
    .size = { "$2 = size($1,1)\n", "$2 = size($1,2)\n", "$2 = length($1)\n" }, .both = "$2, $3 = size($1)\n",
    .indent = "    ", .one = "    return $R\nend", .many = "    return $R\nend",
};

const sdp_notation sdp_language_julia = {
    .name = "julia", .comment = "# ", .along = along, .rule = { "$0($1,dims=1)", "vec($0($1,dims=2))" },
    .reserved = words, .function = &form,
    .times = "*", .matmul = "*", .had = ".*", .quot = "./", .over = "/", .pow = "^", .epow = ".^",
    .mpow = "^", .transpose = "$1'", .transpose_vector = "$1'", .open = "(", .close = ")", .sub_open = "[",
    .sub_close = "]", .plus = "+", .minus = "-", .eplus = " .+ ", .eminus = " .- ", .prefix = "",
    .row_sep = "; ", .col_sep = " ", .stack = "[$1]", .block = "[$1]", .block_row = "$1",
    .block_column = "", .solve = "$1\\$2", .solve_right = "$1/$2", .dotted = true, .assigns = true, .end = "", .first_index = 1,
    .spell = {
        SAME(exp), SAME(log), SAME(log2), SAME(log10), SAME(log1p), SAME(expm1), SAME(cbrt),
        SAME(abs), SAME(sign), SAME(sin), SAME(cos), SAME(tan), SAME(asin), SAME(acos),
        SAME(atan), SAME(sinh), SAME(cosh), SAME(tanh), SAME(asinh), SAME(acosh), SAME(atanh),
        SAME(floor), SAME(ceil), SAME(max), SAME(min), SAME(hypot), SAME(mod), SAME(sqrt),
        SAME(prod), SAME(inv), SAME(pi),
        [SDP_OP_erf] = "SpecialFunctions.erf",
        [SDP_OP_erfc] = "SpecialFunctions.erfc",
        [SDP_OP_erfcx] = "SpecialFunctions.erfcx",
        [SDP_OP_erfinv] = "SpecialFunctions.erfinv",
        [SDP_OP_erfcinv] = "SpecialFunctions.erfcinv",
        [SDP_OP_logerfc] = "SpecialFunctions.logerfc",
        [SDP_OP_gamma] = "SpecialFunctions.gamma",
        [SDP_OP_lgamma] = "SpecialFunctions.loggamma",
        [SDP_OP_digamma] = "SpecialFunctions.digamma",
        [SDP_OP_polygamma] = "SpecialFunctions.polygamma",
        [SDP_OP_log1pmx] = "LogExpFunctions.log1pmx",
        [SDP_OP_sigmoid] = "1 ./(1 .+exp.(-($1)))",
        [SDP_OP_relu] = "max.($1,0)",
        [SDP_OP_leaky_relu] = "max.($1,0.01*$1)",
        [SDP_OP_elu] = "ifelse.($1 .>0,$1,expm1.($1))",
        [SDP_OP_gelu] = "0.5 .*$1 .*SpecialFunctions.erfc.(-$1/sqrt(2))",
        [SDP_OP_silu] = "$1 ./(1 .+exp.(-($1)))",
        [SDP_OP_softplus] = "log1p.(exp.(-abs.($1))).+max.($1,0)",
        [SDP_OP_step] = "float.($1 .>0)",
        [SDP_OP_atan2] = "atan",
        [SDP_OP_xlogy] = "LogExpFunctions.xlogy",
        [SDP_OP_xlog1py] = "LogExpFunctions.xlog1py",
        [SDP_OP_not] = ".!",
        [SDP_OP_where] = "ifelse.",
        [SDP_OP_logsumexp] = "LogExpFunctions.logsumexp",
        [SDP_OP_softmax] = "LogExpFunctions.softmax",
        [SDP_OP_norm] = "LinearAlgebra.norm",
        [SDP_OP_maxof] = "maximum",
        [SDP_OP_minof] = "minimum",
        [SDP_OP_det] = "LinearAlgebra.det",
        [SDP_OP_logdet] = "LinearAlgebra.logdet",
        [SDP_OP_pinv] = "LinearAlgebra.pinv",
        [SDP_OP_chol] = "LinearAlgebra.cholesky($1).L",
        [SDP_OP_sqrtm] = "sqrt",
        [SDP_OP_expm] = "exp",
        [SDP_OP_logm] = "log",
        [SDP_OP_powm] = "$1^$2",
        [SDP_OP_lambda_max] = "LinearAlgebra.eigmax",
        [SDP_OP_eigproj] = "(v->v*v')(LinearAlgebra.eigen(LinearAlgebra.Symmetric($1)).vectors[:,end])",
        [SDP_OP_norm_nuc] = "sum(LinearAlgebra.svdvals($1))",
        [SDP_OP_sylvester] = "LinearAlgebra.sylvester($1,$2,-($3))",
        [SDP_OP_polar] = "(s->s.U*s.Vt)(LinearAlgebra.svd($1))",
        [SDP_OP_mean] = "(sum($1)/length($1))",
        [SDP_OP_conv] = "DSP.conv",
        [SDP_OP_correlate] = "DSP.conv($1,reverse($2))[length($2):length($1)]",
        [SDP_OP_e] = "ℯ",
        [SDP_OP_inf] = "Inf",
    },
    .shown = {
        [SDP_S_TR] = "tr($1)", [SDP_S_SUM] = "sum($1)", [SDP_S_ONES] = "ones($1)", [SDP_S_ONES2] = "ones($1,$2)",
        [SDP_S_ZEROS] = "zeros($1)", [SDP_S_ZEROS2] = "zeros($1,$2)", [SDP_S_KRON] = "kron($1,$2)",
        [SDP_S_VEC] = "vec($1)", [SDP_S_RESHAPE] = "reshape($1,$2,$3)", [SDP_S_TRIL] = "tril($1)",
        [SDP_S_TRIU] = "triu($1)", [SDP_S_CUMSUM] = "cumsum($1)",
        [SDP_S_DIAG] = "Diagonal($1)", [SDP_S_DIAG_OF] = "diag($1)", [SDP_S_SUM1] = "sum($1,dims=1)",
        [SDP_S_SUM2] = "vec(sum($1,dims=2))", [SDP_S_EYE] = "Matrix(I,$1,$1)",
    },
};
