// SPDX-License-Identifier: MIT
// R, with what its base packages have: no square root, exponential or logarithm of matrices. Vectors are plain; a product of
// matrices with one is a matrix of one column, and both may meet entry by entry.
#include "language/language.h"

#define SAME(f) [SDP_OP_##f] = #f

static const char words[] =
    " if else repeat while function for next break in TRUE FALSE NULL Inf NaN NA NA_integer_ NA_real_ c t ";

// A function that is called where it stands.
#define OF(body) "(function(x) " body ")($1)"
#define OF_TWO(body) "(function(x,y) " body ")($1,$2)"

static const sdp_along along[] = {
    { SDP_OP_maxof, { "t(apply($1,2,max))", "apply($1,1,max)", NULL } },
    { SDP_OP_minof, { "t(apply($1,2,min))", "apply($1,1,min)", NULL } },
    { SDP_OP_prod, { "t(apply($1,2,prod))", "apply($1,1,prod)", NULL } },
    { SDP_OP_norm, { "t(sqrt(colSums($1^2)))", "sqrt(rowSums($1^2))", NULL } },
    { SDP_OP_logsumexp, { "t(apply($1,2,function(z) max(z)+log(sum(exp(z-max(z))))))",
                          "apply($1,1,function(z) max(z)+log(sum(exp(z-max(z)))))", NULL } },
    { SDP_OP_softmax, { OF("{z <- t(exp(t(x)-apply(x,2,max))); t(t(z)/colSums(z))}"),
                        OF("{z <- exp(x-apply(x,1,max)); z/rowSums(z)}"), NULL } },
    { SDP_OP_none, { NULL } },
};

static const sdp_function_form form = {
    .head = "$N <- function($A) {\n", .head_many = "$N <- function($A) {\n",
    .doc = { "# ", "# ", "" }, .of_size = "$1", .list = true,
    .size = { "$2 <- nrow($1)\n", "$2 <- ncol($1)\n", "$2 <- length($1)\n" },
    .indent = "    ", .one = "    $R\n}", .many = "    list($R)\n}",
};

const sdp_notation sdp_language_r = {
    .name = "r", .comment = "# ", .along = along, .reserved = words, .function = &form,
    .times = "*", .matmul = "%*%", .had = "*", .quot = "/", .over = "/", .pow = "^", .epow = "^",
    .mpow = "(function(x,k) Reduce(`%*%`,rep(list(if (k<0) solve(x) else x),abs(k)),diag(nrow(x))))($1,$2)",
    .rpow = "(function(s,k) s[[\"vectors\"]]%*%(s[[\"values\"]]^k*t(s[[\"vectors\"]])))(eigen($1,symmetric=TRUE),$2)",
    .transpose = "t($1)", .transpose_vector = "t($1)", .open = "(", .close = ")", .sub_open = "[", .sub_close = "]",
    .keep = ",drop=FALSE", .all = "", .range = "$4+seq_len($3)", .head = "seq_len($3)", .plus = "+", .minus = "-", .eplus = "+", .eminus = "-",
    .prefix = "", .row_sep = ",", .col_sep = ",", .stack = "c($1)", .block = "rbind($1)", .block_row = "cbind($1)",
    .block_column = "", .dot = "sum($1*$2)", .solve = "solve($1,$2)", .rows = "c($1)*$2", .cols = "t(c($1)*t($2))", .choice = "(if ($1) $2 else $3)",
    .assign = " <- ", .end = "", .assigns = true, .ascii = true, .first_index = 1,
    .spell = {
        SAME(exp), SAME(log), SAME(log2), SAME(log10), SAME(log1p), SAME(expm1), SAME(abs), SAME(sign), SAME(sin),
        SAME(cos), SAME(tan), SAME(asin), SAME(acos), SAME(atan), SAME(sinh), SAME(cosh), SAME(tanh), SAME(asinh),
        SAME(acosh), SAME(atanh), SAME(gamma), SAME(lgamma), SAME(digamma), SAME(floor), SAME(sqrt), SAME(atan2),
        SAME(det), SAME(mean), SAME(prod), SAME(pi),
        [SDP_OP_cbrt] = "(sign($1)*abs($1)^(1/3))",
        [SDP_OP_ceil] = "ceiling",
        [SDP_OP_erf] = "(sign($1)*pgamma($1^2,1/2))",
        [SDP_OP_erfc] = "(2*pnorm(-sqrt(2)*$1))",
        [SDP_OP_erfcx] = "(2*exp($1^2+pnorm(-sqrt(2)*$1,log.p=TRUE)))",
        [SDP_OP_erfinv] = "(qnorm((1+$1)/2)/sqrt(2))",
        [SDP_OP_erfcinv] = "(-qnorm($1/2)/sqrt(2))",
        [SDP_OP_logerfc] = "(log(2)+pnorm(-sqrt(2)*$1,log.p=TRUE))",
        [SDP_OP_polygamma] = "psigamma($2,$1)",
        [SDP_OP_log1pmx] = "(log1p($1)-$1)",
        [SDP_OP_sigmoid] = "plogis",
        [SDP_OP_relu] = "pmax($1,0)",
        [SDP_OP_leaky_relu] = "pmax($1,0.01*$1)",
        [SDP_OP_elu] = "pmax($1,expm1(pmin($1,0)))",
        [SDP_OP_gelu] = "($1*pnorm($1))",
        [SDP_OP_silu] = "($1*plogis($1))",
        [SDP_OP_softplus] = "(-plogis(-$1,log.p=TRUE))",
        [SDP_OP_step] = "(($1>0)+0)",
        [SDP_OP_max] = "ifelse($1>=$2,$1,$2)", // pmax(0,X) is no matrix
        [SDP_OP_min] = "ifelse($1<=$2,$1,$2)",
        [SDP_OP_xlogy] = "($1*log($2+($1==0)))",
        [SDP_OP_xlog1py] = "($1*log1p($2+($1==0)))",
        [SDP_OP_hypot] = "sqrt($1^2+$2^2)",
        [SDP_OP_mod] = "($1%%$2)",
        [SDP_OP_not] = "(!$1)",
        [SDP_OP_where] = "ifelse($1,$2,$3)",
        [SDP_OP_logsumexp] = OF("max(x)+log(sum(exp(x-max(x))))"),
        [SDP_OP_softmax] = OF("{z <- exp(x-max(x)); z/sum(z)}"),
        [SDP_OP_norm] = "norm(as.matrix($1),\"F\")",
        [SDP_OP_maxof] = "max",
        [SDP_OP_minof] = "min",
        [SDP_OP_inv] = "solve",
        [SDP_OP_logdet] = "as.numeric(determinant($1)[[\"modulus\"]])",
        [SDP_OP_pinv] = OF("{s <- svd(x); p <- s[[\"d\"]]>max(dim(x))*.Machine[[\"double.eps\"]]*s[[\"d\"]][1]; "
                           "s[[\"v\"]][,p,drop=FALSE]%*%(t(s[[\"u\"]][,p,drop=FALSE])/s[[\"d\"]][p])}"),
        [SDP_OP_chol] = "t(chol($1))",
        [SDP_OP_lambda_max] = "max(eigen($1,symmetric=TRUE,only.values=TRUE)[[\"values\"]])",
        [SDP_OP_eigproj] = "(function(v) v%*%t(v))(eigen($1,symmetric=TRUE)[[\"vectors\"]][,1])",
        [SDP_OP_norm_nuc] = "sum(svd($1)[[\"d\"]])",
        [SDP_OP_polar] = "(function(s) s[[\"u\"]]%*%t(s[[\"v\"]]))(svd($1))",
        [SDP_OP_conv] = OF_TWO("{z <- numeric(length(x)+length(y)-1); "
                               "for (i in seq_along(x)) z[i-1+seq_along(y)] <- z[i-1+seq_along(y)]+x[i]*y; z}"),
        [SDP_OP_correlate] = OF_TWO("sapply(seq_len(length(x)-length(y)+1),function(k) sum(x[k-1+seq_along(y)]*y))"),
        [SDP_OP_e] = "exp(1)",
        [SDP_OP_inf] = "Inf",
    },
    .shown = {
        [SDP_S_DIAG] = "diag(c($1),length($1))", [SDP_S_DIAG_OF] = "diag($1)", [SDP_S_TR] = "sum(diag($1))",
        [SDP_S_SUM] = "sum($1)", [SDP_S_SUM1] = "t(colSums($1))", [SDP_S_SUM2] = "rowSums($1)",
        [SDP_S_ONES] = "rep(1,$1)", [SDP_S_ONES2] = "matrix(1,$1,$2)", [SDP_S_ZEROS] = "rep(0,$1)",
        [SDP_S_ZEROS2] = "matrix(0,$1,$2)", [SDP_S_EYE] = "diag(1,$1)",
        [SDP_S_KRON] = OF_TWO("{z <- kronecker(x,y); if (length(dim(z)) < 2) c(z) else z}"), // of vectors: no array of one axis
        [SDP_S_VEC] = "c($1)", [SDP_S_RESHAPE] = "matrix($1,$2,$3)", [SDP_S_CUMSUM] = "cumsum($1)",
        [SDP_S_TRIL] = OF("{x[upper.tri(x)] <- 0; x}"), [SDP_S_TRIU] = OF("{x[lower.tri(x)] <- 0; x}"),
    },
};
