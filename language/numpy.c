// SPDX-License-Identifier: MIT
// NumPy, with SciPy where it has no function. Programs import numpy as np and scipy.
#include "language/python.h"

#define SAME(f) [SDP_OP_##f] = "np." #f

static const sdp_import imports[] = {
    { NULL, "import numpy as np\n" },
    { "scipy.linalg.", "import scipy.linalg\n" },
    { "scipy.special.", "import scipy.special\n" },
    { NULL, NULL },
};

static const sdp_function_form form = { PYTHON_FUNCTION };

static const sdp_like like = {
    .shown = {
        [SDP_S_ONES] = "np.ones($1,dtype=$L.dtype)", [SDP_S_ONES2] = "np.ones(($1,$2),dtype=$L.dtype)",
        [SDP_S_ZEROS] = "np.zeros($1,dtype=$L.dtype)", [SDP_S_ZEROS2] = "np.zeros(($1,$2),dtype=$L.dtype)",
        [SDP_S_EYE] = "np.eye($1,dtype=$L.dtype)",
    },
    .number = "np.asarray($1,dtype=$L.dtype)",
};

const sdp_notation sdp_language_numpy = {
    .name = "numpy", .rule = { "$0($1,axis=0)", "$0($1,axis=1)" },
    .function = &form, .like = &like,
    PYTHON_PUNCTUATION,
    .prefix = "np.", .block_row = "[$1]", .mpow = "np.linalg.matrix_power($1,$2)",
    .rpow = "scipy.linalg.fractional_matrix_power($1,$2)", .stack = "np.hstack([$1])",
    .block = "np.block([$1])", .block_column = "$1[:,None]", .outer = "np.outer($1,$2)",
    .solve = "np.linalg.solve($1,$2)", .pairwise = ",optimize=True",
    .spell = {
        SAME(exp), SAME(log), SAME(log2), SAME(log10), SAME(log1p), SAME(expm1), SAME(cbrt),
        SAME(abs), SAME(sign), SAME(sin), SAME(cos), SAME(tan), SAME(sinh), SAME(cosh),
        SAME(tanh), SAME(floor), SAME(ceil), SAME(hypot), SAME(mod), SAME(sqrt), SAME(where),
        SAME(mean), SAME(pi), SAME(e), SAME(inf),
        [SDP_OP_asin] = "np.arcsin",
        [SDP_OP_acos] = "np.arccos",
        [SDP_OP_atan] = "np.arctan",
        [SDP_OP_asinh] = "np.arcsinh",
        [SDP_OP_acosh] = "np.arccosh",
        [SDP_OP_atanh] = "np.arctanh",
        [SDP_OP_erf] = "scipy.special.erf",
        [SDP_OP_erfc] = "scipy.special.erfc",
        [SDP_OP_logerfc] = "(np.log(2)+scipy.special.log_ndtr(-np.sqrt(2)*$1))",
        [SDP_OP_gamma] = "scipy.special.gamma",
        [SDP_OP_lgamma] = "scipy.special.gammaln",
        [SDP_OP_digamma] = "scipy.special.digamma",
        [SDP_OP_polygamma] = "scipy.special.polygamma",
        [SDP_OP_log1pmx] = "(np.log1p($1)-($1))",
        [SDP_OP_sigmoid] = "scipy.special.expit",
        [SDP_OP_relu] = "np.maximum($1,0)",
        [SDP_OP_leaky_relu] = "np.where($1>0,$1,0.01*$1)",
        [SDP_OP_elu] = "np.where($1>0,$1,np.expm1($1))",
        [SDP_OP_gelu] = "0.5*$1*scipy.special.erfc(-$1/np.sqrt(2))",
        [SDP_OP_silu] = "$1*scipy.special.expit($1)",
        [SDP_OP_softplus] = "np.logaddexp(0,$1)",
        [SDP_OP_step] = "np.heaviside($1,0)",
        [SDP_OP_max] = "np.maximum",
        [SDP_OP_min] = "np.minimum",
        [SDP_OP_atan2] = "np.arctan2",
        [SDP_OP_xlogy] = "scipy.special.xlogy",
        [SDP_OP_xlog1py] = "scipy.special.xlog1py",
        [SDP_OP_not] = "np.logical_not($1)",
        [SDP_OP_logsumexp] = "scipy.special.logsumexp",
        [SDP_OP_softmax] = "scipy.special.softmax",
        [SDP_OP_norm] = "np.linalg.norm",
        [SDP_OP_maxof] = "np.max",
        [SDP_OP_minof] = "np.min",
        [SDP_OP_prod] = "np.prod",
        [SDP_OP_inv] = "np.linalg.inv",
        [SDP_OP_det] = "np.linalg.det",
        [SDP_OP_logdet] = "np.linalg.slogdet($1)[1]",
        [SDP_OP_pinv] = "np.linalg.pinv",
        [SDP_OP_chol] = "np.linalg.cholesky",
        [SDP_OP_sqrtm] = "scipy.linalg.sqrtm",
        [SDP_OP_expm] = "scipy.linalg.expm",
        [SDP_OP_logm] = "scipy.linalg.logm",
        [SDP_OP_powm] = "scipy.linalg.fractional_matrix_power",
        [SDP_OP_lambda_max] = "np.linalg.eigvalsh($1)[-1]",
        [SDP_OP_eigproj] = "(lambda v: np.outer(v,v))(np.linalg.eigh($1)[1][:,-1])",
        [SDP_OP_norm_nuc] = "np.linalg.norm($1,'nuc')",
        [SDP_OP_sylvester] = "scipy.linalg.solve_sylvester",
        [SDP_OP_polar] = "scipy.linalg.polar($1)[0]",
        [SDP_OP_conv] = "np.convolve",
        [SDP_OP_correlate] = "np.correlate($1,$2,'valid')",
    },
    .shown = {
        [SDP_S_DIAG] = "np.diag($1)", [SDP_S_DIAG_OF] = "np.diag($1)", [SDP_S_TR] = "np.trace($1)",
        [SDP_S_SUM] = "np.sum($1)", [SDP_S_SUM1] = "np.sum($1,axis=0)", [SDP_S_SUM2] = "np.sum($1,axis=1)",
        [SDP_S_ONES] = "np.ones($1)", [SDP_S_ONES2] = "np.ones(($1,$2))", [SDP_S_ZEROS] = "np.zeros($1)",
        [SDP_S_ZEROS2] = "np.zeros(($1,$2))", [SDP_S_EYE] = "np.eye($1)", [SDP_S_KRON] = "np.kron($1,$2)",
        [SDP_S_VEC] = "$1.flatten('F')", [SDP_S_RESHAPE] = "$1.reshape(($2,$3),order='F')",
        [SDP_S_TRIL] = "np.tril($1)", [SDP_S_TRIU] = "np.triu($1)", [SDP_S_CUMSUM] = "np.cumsum($1)",
    },
};
