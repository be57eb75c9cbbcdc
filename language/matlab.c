// SPDX-License-Identifier: MIT
// MATLAB, and Octave. A subscript stands behind a name only.
#include "language/language.h"

#define SAME(f) [SDP_OP_##f] = "" #f

static const char words[] =
    " break case catch classdef continue else elseif end for function global if otherwise parfor persistent return spmd "
    "switch try while ";

static const sdp_along along[] = {
    { SDP_OP_maxof, { "max($1,[],1)", "max($1,[],2)", "max(max($1))" } },
    { SDP_OP_minof, { "min($1,[],1)", "min($1,[],2)", "min(min($1))" } },
    { SDP_OP_mean, { "mean($1,1)", "mean($1,2)", "mean(mean($1))" } },
    { SDP_OP_prod, { "prod($1,1)", "prod($1,2)", "prod(prod($1))" } },
    { SDP_OP_norm, { "vecnorm($1,2,1)", "vecnorm($1,2,2)", "norm($1,'fro')" } },
    { SDP_OP_logsumexp, { "(max($1,[],1)+log(sum(exp($1-max($1,[],1)),1)))", "(max($1,[],2)+log(sum(exp($1-max($1,[],2)),2)))",
                          "(max(max($1))+log(sum(sum(exp($1-max(max($1)))))))" } },
    { SDP_OP_softmax, { "(exp($1-max($1,[],1))./sum(exp($1-max($1,[],1)),1))", "(exp($1-max($1,[],2))./sum(exp($1-max($1,[],2)),2))",
                        "(exp($1-max(max($1)))./sum(sum(exp($1-max(max($1))))))" } },
    { SDP_OP_none, { NULL } },
};

static const sdp_function_form form = {
    .head = "function $R = $N($A)\n", .head_many = "function [$R] = $N($A)\n",
    .doc = { "    % ", "    % ", "" }, .doc_inside = true, .of_size = "$1",
    .size = { "$2 = size($1,1);\n", "$2 = size($1,2);\n", "$2 = numel($1);\n" }, .both = "[$2, $3] = size($1);\n",
    .indent = "    ", .one = "end", .many = "end",
};

const sdp_notation sdp_language_matlab = {
    .name = "matlab", .comment = "% ", .along = along, .reserved = words, .function = &form,
    .times = "*", .matmul = "*", .had = ".*", .quot = "./", .over = "/", .pow = "^", .epow = ".^",
    .mpow = "^", .transpose = "$1'", .transpose_vector = "$1'", .open = "(", .close = ")", .sub_open = "(",
    .sub_close = ")", .plus = "+", .minus = "-", .eplus = "+", .eminus = "-", .prefix = "",
    .row_sep = "; ", .col_sep = ", ", .stack = "[$1]", .block = "[$1]", .block_row = "$1",
    .block_column = "", .assigns = true, .rows = "$1.*$2", .cols = "$2.*$1'", .solve = "$1\\$2", .solve_right = "$1/$2", .end = ";", .indexes_names = true, .ascii = true,
    .sum_matrix = "sum(sum($1))", .first_index = 1,
    .spell = {
        SAME(exp), SAME(log), SAME(log2), SAME(log10), SAME(log1p), SAME(expm1), SAME(abs),
        SAME(sign), SAME(sin), SAME(cos), SAME(tan), SAME(asin), SAME(acos), SAME(atan),
        SAME(sinh), SAME(cosh), SAME(tanh), SAME(asinh), SAME(acosh), SAME(atanh), SAME(erf),
        SAME(erfc), SAME(erfcx), SAME(erfinv), SAME(erfcinv), SAME(gamma), SAME(floor), SAME(ceil), SAME(max), SAME(min), SAME(atan2),
        SAME(hypot), SAME(mod), SAME(sqrt), SAME(norm), SAME(prod), SAME(inv), SAME(det),
        SAME(pinv), SAME(sqrtm), SAME(expm), SAME(logm), SAME(sylvester), SAME(mean), SAME(conv), SAME(pi),
        [SDP_OP_cbrt] = "nthroot($1,3)",
        [SDP_OP_logerfc] = "log(erfc($1))",
        [SDP_OP_lgamma] = "gammaln",
        [SDP_OP_digamma] = "psi",
        [SDP_OP_polygamma] = "psi",
        [SDP_OP_log1pmx] = "(log1p($1)-($1))",
        [SDP_OP_sigmoid] = "1./(1+exp(-($1)))",
        [SDP_OP_relu] = "max($1,0)",
        [SDP_OP_leaky_relu] = "max($1,0.01*$1)",
        [SDP_OP_elu] = "max($1,expm1(min($1,0)))",
        [SDP_OP_gelu] = "0.5*$1.*erfc(-$1/sqrt(2))",
        [SDP_OP_silu] = "$1./(1+exp(-($1)))",
        [SDP_OP_softplus] = "log1p(exp(-abs($1)))+max($1,0)",
        [SDP_OP_step] = "double($1>0)",
        [SDP_OP_xlogy] = "($1).*log(($2)+(($1)==0))",
        [SDP_OP_xlog1py] = "($1).*log1p(($2)+(($1)==0))",
        [SDP_OP_ne] = "~=",
        [SDP_OP_not] = "~",
        [SDP_OP_where] = "($1).*($2)+(~($1)).*($3)",
        [SDP_OP_logsumexp] = "(max($1)+log(sum(exp($1-max($1)))))",
        [SDP_OP_softmax] = "(exp($1-max($1))./sum(exp($1-max($1))))",
        [SDP_OP_maxof] = "max",
        [SDP_OP_minof] = "min",
        [SDP_OP_logdet] = "log(det($1))",
        [SDP_OP_chol] = "chol($1,'lower')",
        [SDP_OP_powm] = "$1^$2",
        [SDP_OP_lambda_max] = "max(eig($1))",
        [SDP_OP_norm_nuc] = "sum(svd($1))",
        [SDP_OP_correlate] = "conv($1,flip($2),'valid')",
        [SDP_OP_e] = "exp(1)",
        [SDP_OP_inf] = "Inf",
    },
    .shown = {
        [SDP_S_DIAG] = "diag($1)", [SDP_S_DIAG_OF] = "diag($1)", [SDP_S_SUM] = "sum($1)", [SDP_S_SUM1] = "sum($1,1)",
        [SDP_S_SUM2] = "sum($1,2)", [SDP_S_ONES2] = "ones($1,$2)", [SDP_S_ZEROS2] = "zeros($1,$2)",
        [SDP_S_EYE] = "eye($1)", [SDP_S_KRON] = "kron($1,$2)", [SDP_S_RESHAPE] = "reshape($1,$2,$3)",
        [SDP_S_TRIL] = "tril($1)", [SDP_S_TRIU] = "triu($1)", [SDP_S_CUMSUM] = "cumsum($1)",
        [SDP_S_TR] = "trace($1)", [SDP_S_ONES] = "ones($1,1)", [SDP_S_ZEROS] = "zeros($1,1)",
        [SDP_S_VEC] = "reshape($1,[],1)",
    },
};
