// SPDX-License-Identifier: MIT
// JAX: import jax and jax.numpy as jnp.
#include "language/python.h"

#define SAME(f) [SDP_OP_##f] = "jnp." #f

static const sdp_import imports[] = {
    { "jax.", "import jax\n" },
    { NULL, "import jax.numpy as jnp\n" },
    { "jax.scipy.", "import jax.scipy\n" },
    { NULL, NULL },
};

static const sdp_function_form form = { PYTHON_FUNCTION };

static const sdp_like like = {
    .shown = {
        [SDP_S_ONES] = "jnp.ones($1,dtype=$L.dtype)", [SDP_S_ONES2] = "jnp.ones(($1,$2),dtype=$L.dtype)",
        [SDP_S_ZEROS] = "jnp.zeros($1,dtype=$L.dtype)", [SDP_S_ZEROS2] = "jnp.zeros(($1,$2),dtype=$L.dtype)",
        [SDP_S_EYE] = "jnp.eye($1,dtype=$L.dtype)",
    },
    .number = "jnp.asarray($1,dtype=$L.dtype)",
};

const sdp_notation sdp_language_jax = {
    .name = "jax", .rule = { "$0($1,axis=0)", "$0($1,axis=1)" },
    .function = &form, .like = &like,
    PYTHON_PUNCTUATION,
    .prefix = "jnp.", .block_row = "[$1]", .mpow = "jnp.linalg.matrix_power($1,$2)",
    .rpow = "(lambda w,v:(v*w**($2))@v.T)(*jnp.linalg.eigh($1))", .stack = "jnp.hstack([$1])",
    .block = "jnp.block([$1])", .block_column = "$1[:,None]", .outer = "jnp.outer($1,$2)",
    .solve = "jnp.linalg.solve($1,$2)",
    .spell = {
        SAME(exp), SAME(log), SAME(log2), SAME(log10), SAME(log1p), SAME(expm1), SAME(cbrt),
        SAME(abs), SAME(sign), SAME(sin), SAME(cos), SAME(tan), SAME(asin), SAME(acos),
        SAME(sinh), SAME(cosh), SAME(tanh), SAME(floor), SAME(ceil), SAME(hypot), SAME(mod),
        SAME(sqrt), SAME(where), SAME(prod), SAME(mean), SAME(pi), SAME(e), SAME(inf),
        [SDP_OP_atan] = "jnp.arctan",
        [SDP_OP_asinh] = "jnp.arcsinh",
        [SDP_OP_acosh] = "jnp.arccosh",
        [SDP_OP_atanh] = "jnp.arctanh",
        [SDP_OP_erf] = "jax.scipy.special.erf",
        [SDP_OP_erfc] = "jax.scipy.special.erfc",
        [SDP_OP_logerfc] = "(jnp.log(2)+jax.scipy.special.log_ndtr(-jnp.sqrt(2)*$1))",
        [SDP_OP_gamma] = "jax.scipy.special.gamma",
        [SDP_OP_lgamma] = "jax.scipy.special.gammaln",
        [SDP_OP_digamma] = "jax.scipy.special.digamma",
        [SDP_OP_polygamma] = "jax.scipy.special.polygamma",
        [SDP_OP_log1pmx] = "(jnp.log1p($1)-($1))",
        [SDP_OP_sigmoid] = "jax.nn.sigmoid",
        [SDP_OP_relu] = "jax.nn.relu",
        [SDP_OP_leaky_relu] = "jax.nn.leaky_relu",
        [SDP_OP_elu] = "jax.nn.elu",
        [SDP_OP_gelu] = "jax.nn.gelu($1,approximate=False)",
        [SDP_OP_silu] = "jax.nn.silu",
        [SDP_OP_softplus] = "jax.nn.softplus",
        [SDP_OP_step] = "jnp.heaviside($1,0)",
        [SDP_OP_max] = "jnp.maximum",
        [SDP_OP_min] = "jnp.minimum",
        [SDP_OP_atan2] = "jnp.arctan2",
        [SDP_OP_xlogy] = "jax.scipy.special.xlogy",
        [SDP_OP_xlog1py] = "jax.scipy.special.xlog1py",
        [SDP_OP_not] = "jnp.logical_not($1)",
        [SDP_OP_logsumexp] = "jax.scipy.special.logsumexp",
        [SDP_OP_softmax] = "jax.nn.softmax",
        [SDP_OP_norm] = "jnp.linalg.norm",
        [SDP_OP_maxof] = "jnp.max",
        [SDP_OP_minof] = "jnp.min",
        [SDP_OP_inv] = "jnp.linalg.inv",
        [SDP_OP_det] = "jnp.linalg.det",
        [SDP_OP_logdet] = "jnp.linalg.slogdet($1)[1]",
        [SDP_OP_pinv] = "jnp.linalg.pinv",
        [SDP_OP_chol] = "jnp.linalg.cholesky",
        [SDP_OP_sqrtm] = "jax.scipy.linalg.sqrtm",
        [SDP_OP_expm] = "jax.scipy.linalg.expm",
        [SDP_OP_powm] = "jnp.linalg.matrix_power",
        [SDP_OP_lambda_max] = "jnp.linalg.eigvalsh($1)[-1]",
        [SDP_OP_eigproj] = "(lambda v: jnp.outer(v,v))(jnp.linalg.eigh($1)[1][:,-1])",
        [SDP_OP_norm_nuc] = "jnp.linalg.norm($1,'nuc')",
        [SDP_OP_polar] = "jax.scipy.linalg.polar($1)[0]",
        [SDP_OP_conv] = "jnp.convolve",
        [SDP_OP_correlate] = "jnp.correlate($1,$2,'valid')",
    },
    .shown = {
        [SDP_S_DIAG] = "jnp.diag($1)", [SDP_S_DIAG_OF] = "jnp.diag($1)", [SDP_S_TR] = "jnp.trace($1)",
        [SDP_S_SUM] = "jnp.sum($1)", [SDP_S_SUM1] = "jnp.sum($1,axis=0)",
        [SDP_S_SUM2] = "jnp.sum($1,axis=1)", [SDP_S_ONES] = "jnp.ones($1)",
        [SDP_S_ONES2] = "jnp.ones(($1,$2))", [SDP_S_ZEROS] = "jnp.zeros($1)",
        [SDP_S_ZEROS2] = "jnp.zeros(($1,$2))", [SDP_S_EYE] = "jnp.eye($1)",
        [SDP_S_KRON] = "jnp.kron($1,$2)", [SDP_S_VEC] = "$1.flatten('F')",
        [SDP_S_RESHAPE] = "$1.reshape(($2,$3),order='F')", [SDP_S_TRIL] = "jnp.tril($1)",
        [SDP_S_TRIU] = "jnp.triu($1)", [SDP_S_CUMSUM] = "jnp.cumsum($1)",
    },
};
