// SPDX-License-Identifier: MIT
// What NumPy and JAX share: JAX is NumPy and SciPy under other names. A language defines NP and SCIPY, the
// prefixes of the two, before it includes this, and adds the functions that it spells in its own way.
#ifndef SDP_NUMPY_LIKE_H
#define SDP_NUMPY_LIKE_H

#include "language/python.h"

#define SAME(f) [SDP_OP_##f] = NP #f

#define NUMPY_PUNCTUATION                                                                                    \
    PYTHON_PUNCTUATION, .rule = {"$0($1,axis=0)", "$0($1,axis=1)"}, .prefix = NP, .block_row = "[$1]",       \
                        .mpow = NP "linalg.matrix_power($1,$2)", .stack = NP "hstack([$1])",                 \
                        .block = NP "block([$1])", .block_column = "$1[:,None]", .outer = NP "outer($1,$2)", \
                        .solve = NP "linalg.solve($1,$2)"

#define NUMPY_FUNCTIONS                                                                                      \
    SAME(exp), SAME(log), SAME(log2), SAME(log10), SAME(log1p), SAME(expm1), SAME(cbrt), SAME(abs),          \
        SAME(sign), SAME(sin), SAME(cos), SAME(tan), SAME(sinh), SAME(cosh), SAME(tanh), SAME(floor),        \
        SAME(ceil), SAME(hypot), SAME(mod), SAME(sqrt), SAME(where), SAME(prod), SAME(mean), SAME(pi),       \
        SAME(e), SAME(inf),                                                                                  \
        [SDP_OP_atan] = NP "arctan", [SDP_OP_asinh] = NP "arcsinh", [SDP_OP_acosh] = NP "arccosh",           \
        [SDP_OP_atanh] = NP "arctanh", [SDP_OP_erf] = SCIPY "special.erf",                                   \
        [SDP_OP_erfc] = SCIPY "special.erfc", [SDP_OP_erfinv] = SCIPY "special.erfinv",                      \
        [SDP_OP_logerfc] = "(" NP "log(2)+" SCIPY "special.log_ndtr(-" NP "sqrt(2)*$1))",                    \
        [SDP_OP_gamma] = SCIPY "special.gamma", [SDP_OP_lgamma] = SCIPY "special.gammaln",                   \
        [SDP_OP_digamma] = SCIPY "special.digamma", [SDP_OP_polygamma] = SCIPY "special.polygamma",          \
        [SDP_OP_log1pmx] = "(" NP "log1p($1)-($1))", [SDP_OP_step] = NP "heaviside($1,0)",                   \
        [SDP_OP_max] = NP "maximum", [SDP_OP_min] = NP "minimum", [SDP_OP_atan2] = NP "arctan2",             \
        [SDP_OP_gammainc] = SCIPY "special.gammainc", [SDP_OP_gammaincc] = SCIPY "special.gammaincc",        \
        [SDP_OP_betainc] = SCIPY "special.betainc", [SDP_OP_xlogy] = SCIPY "special.xlogy",                  \
        [SDP_OP_xlog1py] = SCIPY "special.xlog1py", [SDP_OP_not] = NP "logical_not($1)",                     \
        [SDP_OP_logsumexp] = SCIPY "special.logsumexp", [SDP_OP_norm] = NP "linalg.norm",                    \
        [SDP_OP_maxof] = NP "max", [SDP_OP_minof] = NP "min", [SDP_OP_inv] = NP "linalg.inv",                \
        [SDP_OP_det] = NP "linalg.det", [SDP_OP_logdet] = NP "linalg.slogdet($1)[1]",                        \
        [SDP_OP_pinv] = NP "linalg.pinv", [SDP_OP_chol] = NP "linalg.cholesky",                              \
        [SDP_OP_sqrtm] = SCIPY "linalg.sqrtm", [SDP_OP_expm] = SCIPY "linalg.expm",                          \
        [SDP_OP_lambda_max] = NP "linalg.eigvalsh($1)[-1]",                                                  \
        [SDP_OP_eigproj] = "(lambda v: " NP "outer(v,v))(" NP "linalg.eigh($1)[1][:,-1])",                   \
        [SDP_OP_norm_nuc] = NP "linalg.norm($1,'nuc')", [SDP_OP_polar] = SCIPY "linalg.polar($1)[0]",        \
        [SDP_OP_conv] = NP "convolve", [SDP_OP_correlate] = NP "correlate($1,$2,'valid')"

#define NUMPY_SHOWN                                                                                          \
    [SDP_S_DIAG] = NP "diag($1)", [SDP_S_DIAG_OF] = NP "diag($1)", [SDP_S_TR] = NP "trace($1)",              \
    [SDP_S_SUM] = NP "sum($1)", [SDP_S_SUM1] = NP "sum($1,axis=0)", [SDP_S_SUM2] = NP "sum($1,axis=1)",      \
    [SDP_S_ONES] = NP "ones($1)", [SDP_S_ONES2] = NP "ones(($1,$2))", [SDP_S_ZEROS] = NP "zeros($1)",        \
    [SDP_S_ZEROS2] = NP "zeros(($1,$2))", [SDP_S_EYE] = NP "eye($1)", [SDP_S_KRON] = NP "kron($1,$2)",       \
    [SDP_S_VEC] = "$1.flatten('F')", [SDP_S_RESHAPE] = "$1.reshape(($2,$3),order='F')",                      \
    [SDP_S_TRIL] = NP "tril($1)", [SDP_S_TRIU] = NP "triu($1)", [SDP_S_CUMSUM] = NP "cumsum($1)",            \
    [SDP_S_FLIP] = NP "flip($1)", [SDP_S_FLIP1] = NP "flip($1,axis=0)", [SDP_S_FLIP2] = NP "flip($1,axis=1)"

static const sdp_like like = {
    .shown =
        {
            [SDP_S_ONES] = NP "ones($1,dtype=$L.dtype)",
            [SDP_S_ONES2] = NP "ones(($1,$2),dtype=$L.dtype)",
            [SDP_S_ZEROS] = NP "zeros($1,dtype=$L.dtype)",
            [SDP_S_ZEROS2] = NP "zeros(($1,$2),dtype=$L.dtype)",
            [SDP_S_EYE] = NP "eye($1,dtype=$L.dtype)",
        },
    .number = NP "asarray($1,dtype=$L.dtype)",
};

#endif
