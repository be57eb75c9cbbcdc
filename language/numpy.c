// SPDX-License-Identifier: MIT
// NumPy, with SciPy where it has no function. Programs import numpy as np and scipy.
#define NP    "np."
#define SCIPY "scipy."
#include "language/numpy_like.h"

static const sdp_import imports[] = {
    {NULL, "import numpy as np\n"},
    {"scipy.linalg.", "import scipy.linalg\n"},
    {"scipy.special.", "import scipy.special\n"},
    {NULL, NULL},
};

static const sdp_function_form form = {PYTHON_FUNCTION};

const sdp_notation sdp_language_numpy = {
    .name = "numpy",
    .function = &form,
    .like = &like,
    NUMPY_PUNCTUATION,
    .rpow = "scipy.linalg.fractional_matrix_power($1,$2)",
    .pairwise = ",optimize=True",
    .spell =
        {
            NUMPY_FUNCTIONS,
            [SDP_OP_asin] = "np.arcsin",
            [SDP_OP_acos] = "np.arccos",
            [SDP_OP_erfcx] = "scipy.special.erfcx",
            [SDP_OP_erfcinv] = "scipy.special.erfcinv",
            [SDP_OP_besselj] = "scipy.special.jv",
            [SDP_OP_bessely] = "scipy.special.yv",
            [SDP_OP_besseli] = "scipy.special.iv",
            [SDP_OP_besselk] = "scipy.special.kv",
            [SDP_OP_sigmoid] = "scipy.special.expit",
            [SDP_OP_relu] = "np.maximum($1,0)",
            [SDP_OP_leaky_relu] = "np.where($1>0,$1,0.01*$1)",
            [SDP_OP_elu] = "np.where($1>0,$1,np.expm1($1))",
            [SDP_OP_gelu] = "0.5*$1*scipy.special.erfc(-$1/np.sqrt(2))",
            [SDP_OP_silu] = "$1*scipy.special.expit($1)",
            [SDP_OP_softplus] = "np.logaddexp(0,$1)",
            [SDP_OP_softmax] = "scipy.special.softmax",
            [SDP_OP_logm] = "scipy.linalg.logm",
            [SDP_OP_powm] = "scipy.linalg.fractional_matrix_power",
            [SDP_OP_sylvester] = "scipy.linalg.solve_sylvester",
        },
    .shown = {NUMPY_SHOWN},
};
