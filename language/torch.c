// SPDX-License-Identifier: MIT
// PyTorch. Functions of numbers alone are those of math: torch.sqrt(2) is an error.
#include "language/python.h"

#define SAME(f) [SDP_OP_##f] = "torch." #f
#define MATH(f) [SDP_OP_##f] = "math." #f

static const sdp_along along[] = {
    { SDP_OP_logsumexp, { "torch.logsumexp($1,dim=0)", "torch.logsumexp($1,dim=1)", "torch.logsumexp($1,dim=(0,1))" } },
    { SDP_OP_softmax, { "torch.softmax($1,dim=0)", "torch.softmax($1,dim=1)", "torch.exp($1-torch.logsumexp($1,dim=(0,1)))" } },
    { SDP_OP_none, { NULL } },
};

static const sdp_import imports[] = {
    { "math.", "import math\n" },
    { NULL, "import torch\n" },
    { NULL, NULL },
};

static const sdp_function_form form = { PYTHON_FUNCTION };

#define LIKE "dtype=$L.dtype,device=$L.device"
static const sdp_like like = {
    .shown = {
        [SDP_S_ONES] = "torch.ones($1," LIKE ")", [SDP_S_ONES2] = "torch.ones($1,$2," LIKE ")",
        [SDP_S_ZEROS] = "torch.zeros($1," LIKE ")", [SDP_S_ZEROS2] = "torch.zeros($1,$2," LIKE ")",
        [SDP_S_EYE] = "torch.eye($1," LIKE ")",
    },
    .number = "torch.as_tensor($1," LIKE ")",
    .stack_scalar = "torch.as_tensor($1," LIKE ")",
    .block_scalar = "torch.as_tensor($1," LIKE ").reshape(1,1)",
};

const sdp_notation sdp_language_torch = {
    .name = "torch", .along = along, .rule = { "$0($1,dim=0)", "$0($1,dim=1)" },
    .function = &form, .like = &like,
    PYTHON_PUNCTUATION,
    .prefix = "torch.", .block_row = "torch.hstack([$1])", .mpow = "torch.linalg.matrix_power($1,$2)",
    .rpow = "(lambda w,v:(v*w**($2))@v.T)(*torch.linalg.eigh($1))", .stack = "torch.hstack([$1])",
    .block = "torch.vstack([$1])", .stack_scalar = "torch.as_tensor($1)",
    .block_scalar = "torch.as_tensor($1).reshape(1,1)", .block_vector = "$1[None,:]",
    .block_column = "$1[:,None]", .outer = "torch.outer($1,$2)", .solve = "torch.linalg.solve($1,$2)",
    .spell = {
        SAME(exp), SAME(log), SAME(log2), SAME(log10), SAME(log1p), SAME(expm1), SAME(abs),
        SAME(sign), SAME(sin), SAME(cos), SAME(tan), SAME(asin), SAME(acos), SAME(atan),
        SAME(sinh), SAME(cosh), SAME(tanh), SAME(asinh), SAME(acosh), SAME(atanh), SAME(erf),
        SAME(erfc), SAME(erfinv), SAME(lgamma), SAME(digamma), SAME(floor), SAME(ceil), SAME(sigmoid),
        SAME(relu), SAME(sqrt), SAME(where), SAME(prod), SAME(mean),
        [SDP_OP_cbrt] = "torch.sign($1)*torch.abs($1)**(1/3)",
        [SDP_OP_erfcx] = "torch.special.erfcx",
        [SDP_OP_erfcinv] = "(-torch.special.ndtri($1/2)/2**0.5)",
        [SDP_OP_logerfc] = "(math.log(2)+torch.special.log_ndtr(-math.sqrt(2)*$1))",
        [SDP_OP_gamma] =
            "torch.exp(torch.lgamma($1))*(1-2*torch.remainder(torch.floor(torch.clamp($1,"
            "max=0)),2))",
        [SDP_OP_polygamma] = "torch.special.polygamma",
        [SDP_OP_log1pmx] = "(torch.log1p($1)-($1))",
        [SDP_OP_leaky_relu] = "torch.nn.functional.leaky_relu",
        [SDP_OP_elu] = "torch.nn.functional.elu",
        [SDP_OP_gelu] = "torch.nn.functional.gelu",
        [SDP_OP_silu] = "torch.nn.functional.silu",
        [SDP_OP_softplus] = "torch.nn.functional.softplus",
        [SDP_OP_step] = "($1>0).to($1.dtype)",
        [SDP_OP_max] = "torch.maximum($#1,$#2)",
        [SDP_OP_min] = "torch.minimum($#1,$#2)",
        [SDP_OP_atan2] = "torch.atan2($#1,$#2)",
        [SDP_OP_xlogy] = "torch.xlogy",
        [SDP_OP_xlog1py] = "torch.special.xlog1py",
        [SDP_OP_hypot] = "torch.hypot($#1,$#2)",
        [SDP_OP_mod] = "torch.remainder",
        [SDP_OP_not] = "torch.logical_not($1)",
        [SDP_OP_logsumexp] = "torch.logsumexp($1,dim=0)",
        [SDP_OP_softmax] = "torch.softmax($1,dim=0)",
        [SDP_OP_norm] = "torch.linalg.norm",
        [SDP_OP_maxof] = "torch.amax",
        [SDP_OP_minof] = "torch.amin",
        [SDP_OP_inv] = "torch.linalg.inv",
        [SDP_OP_det] = "torch.linalg.det",
        [SDP_OP_logdet] = "torch.logdet",
        [SDP_OP_pinv] = "torch.linalg.pinv",
        [SDP_OP_chol] = "torch.linalg.cholesky",
        [SDP_OP_expm] = "torch.linalg.matrix_exp",
        [SDP_OP_powm] = "torch.linalg.matrix_power",
        [SDP_OP_lambda_max] = "torch.linalg.eigvalsh($1)[-1]",
        [SDP_OP_eigproj] = "(lambda v: torch.outer(v,v))(torch.linalg.eigh($1)[1][:,-1])",
        [SDP_OP_norm_nuc] = "torch.linalg.matrix_norm($1,'nuc')",
        [SDP_OP_polar] = "(lambda s: s[0]@s[2])(torch.linalg.svd($1,full_matrices=False))",
        [SDP_OP_conv] =
            "torch.nn.functional.conv1d($1[None,None],$2.flip(0)[None,None],padding=len($2)"
            "-1)[0,0]",
        [SDP_OP_correlate] = "torch.nn.functional.conv1d($1[None,None],$2[None,None])[0,0]",
        [SDP_OP_pi] = "math.pi",
        [SDP_OP_e] = "math.e",
        [SDP_OP_inf] = "math.inf",
    },
    .constant = {
        MATH(exp), MATH(log), MATH(log2), MATH(log10), MATH(log1p), MATH(expm1), MATH(sin),
        MATH(cos), MATH(tan), MATH(asin), MATH(acos), MATH(atan), MATH(sinh), MATH(cosh),
        MATH(tanh), MATH(asinh), MATH(acosh), MATH(atanh), MATH(erf), MATH(erfc), MATH(gamma),
        MATH(lgamma), MATH(floor), MATH(ceil), MATH(sqrt), MATH(hypot), MATH(atan2),
    },
    .shown = {
        [SDP_S_DIAG] = "torch.diag($1)", [SDP_S_DIAG_OF] = "torch.diag($1)",
        [SDP_S_TR] = "torch.trace($1)", [SDP_S_SUM] = "torch.sum($1)",
        [SDP_S_SUM1] = "torch.sum($1,dim=0)", [SDP_S_SUM2] = "torch.sum($1,dim=1)",
        [SDP_S_ONES] = "torch.ones($1)", [SDP_S_ONES2] = "torch.ones($1,$2)",
        [SDP_S_ZEROS] = "torch.zeros($1)", [SDP_S_ZEROS2] = "torch.zeros($1,$2)",
        [SDP_S_EYE] = "torch.eye($1)", [SDP_S_KRON] = "torch.kron($1,$2)", [SDP_S_VEC] = "$1.T.flatten()",
        [SDP_S_RESHAPE] = "$1.T.reshape($3,$2).T", [SDP_S_TRIL] = "torch.tril($1)",
        [SDP_S_TRIU] = "torch.triu($1)", [SDP_S_CUMSUM] = "torch.cumsum($1,dim=0)",
    },
};
