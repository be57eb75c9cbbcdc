// SPDX-License-Identifier: MIT
// JAX: import jax and jax.numpy as jnp.
#define NP    "jnp."
#define SCIPY "jax.scipy."
#include "language/numpy_like.h"

static const sdp_import imports[] = {
    {"jax.", "import jax\n"},
    {NULL, "import jax.numpy as jnp\n"},
    {"jax.scipy.", "import jax.scipy\n"},
    {NULL, NULL},
};

static const sdp_function_form form = {PYTHON_FUNCTION};

const sdp_notation sdp_language_jax = {
    .name = "jax",
    .function = &form,
    .like = &like,
    NUMPY_PUNCTUATION,
    .rpow = "(lambda w,v:(v*w**($2))@v.T)(*jnp.linalg.eigh($1))",
    .spell =
        {
            NUMPY_FUNCTIONS,
            SAME(asin),
            SAME(acos),
            [SDP_OP_erfcinv] = "(-jax.scipy.special.ndtri($1/2)/jnp.sqrt(2))",
            [SDP_OP_sigmoid] = "jax.nn.sigmoid",
            [SDP_OP_relu] = "jax.nn.relu",
            [SDP_OP_leaky_relu] = "jax.nn.leaky_relu",
            [SDP_OP_elu] = "jax.nn.elu",
            [SDP_OP_gelu] = "jax.nn.gelu($1,approximate=False)",
            [SDP_OP_silu] = "jax.nn.silu",
            [SDP_OP_softplus] = "jax.nn.softplus",
            [SDP_OP_softmax] = "jax.nn.softmax",
            [SDP_OP_powm] = "jnp.linalg.matrix_power",
        },
    .shown = {NUMPY_SHOWN},
};
