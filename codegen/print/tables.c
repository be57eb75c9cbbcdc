// SPDX-License-Identifier: MIT
// One table of spellings per language; print/expr.c does the rest. Function names come from the operator
// table (ast/graph/ops.def), through the column named here. Templates: $1, $2 are the arguments.
//
// NumPy, Torch and JAX are flat: a vector has one axis, so transposes of vectors vanish, x*y' is an outer
// product and products with diag(x) scale rows or columns. Eigen's array operations are methods.
#include <stddef.h>
#include <string.h>

#include "codegen/print/print.h"

#define COLUMN(field) offsetof(sdp_op, field)

#define NUMPY_LIKE(p, row) \
    .times = "*", .matmul = "@", .had = "*", .quot = "/", .over = "/", .pow = "**", .epow = "**", .trans = ".T", .etrans = "", \
    .open = "(", .close = ")", .sub_open = "[", .sub_close = "]", .plus = "+", .minus = "-", .eplus = "+", .eminus = "-", \
    .row_sep = ",", .col_sep = ",", .block_row = row, .rows = "$1[:,None]*$2", .cols = "$2*$1", .flat = true, .assigns = true, .end = "", .reserved = python, .number = "1.0*$1", .prefix = p

static const char python[] = " and as assert async await break class continue def del elif else except False finally for from global if import in is "
                             "lambda None nonlocal not or pass raise return True try while with yield np jnp torch jax scipy ";
static const char cpp[] = " and auto bool break case char class const continue default delete do double else enum float for goto if int long new "
                          "not operator or private public register return short signed sizeof static struct switch template this throw M_PI M_E NULL I assert "
                          "alignas alignof and_eq asm bitand bitor catch char16_t char32_t compl concept const_cast constexpr decltype dynamic_cast explicit "
                          "export extern friend inline mutable namespace noexcept not_eq nullptr or_eq protected reinterpret_cast requires static_assert "
                          "static_cast thread_local true try false typeid typename wchar_t xor_eq EOF errno INFINITY NAN HUGE_VAL "
                          "typedef union unsigned using virtual void volatile while xor std Eigen ";
static const char julia[] = " begin break catch const continue do else elseif end export false finally for function global if import let local "
                            "macro module quote return struct true try using while I LinearAlgebra SpecialFunctions DSP abstract mutable primitive type where "
                            "baremodule isa in ";
static const char matlab[] = " break case catch classdef continue else elseif end for function global if otherwise parfor persistent return spmd "
                             "switch try while ";

// Called where it stands
#define EIGEN_FUNCTION(of, to, body) "[](" of ") -> " to " { " body " }($1)"
#define EIGEN_OF_TWO(body) "[](const Eigen::VectorXd &x, const Eigen::VectorXd &y) -> Eigen::VectorXd { " body " }($1,$2)"

static const sdp_spelling eigen[] = {
    { SDP_OP_conv, NULL, EIGEN_OF_TWO("Eigen::VectorXd z = Eigen::VectorXd::Zero(x.size()+y.size()-1); "
                                      "for (Eigen::Index i = 0; i < x.size(); i++) z.segment(i, y.size()) += x(i)*y; return z;") },
    { SDP_OP_correlate, NULL, EIGEN_OF_TWO("Eigen::VectorXd z(x.size()-y.size()+1); "
                                           "for (Eigen::Index i = 0; i < z.size(); i++) z(i) = x.segment(i, y.size()).dot(y); return z;") },
    { SDP_OP_pinv, NULL, "$1.completeOrthogonalDecomposition().pseudoInverse()" },
    { SDP_OP_chol, NULL, "Eigen::MatrixXd($1.llt().matrixL())" },
    { SDP_OP_sqrtm, NULL, "$1.sqrt()" },
    { SDP_OP_expm, NULL, "$1.exp()" },
    { SDP_OP_logm, NULL, "$1.log()" },
    { SDP_OP_lambda_max, "Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>($1).eigenvalues().maxCoeff()", NULL },
    { SDP_OP_eigproj, NULL, EIGEN_FUNCTION("const Eigen::MatrixXd &x", "Eigen::MatrixXd", "const Eigen::VectorXd v = "
                                           "Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(x).eigenvectors().rightCols(1); return v*v.transpose();") },
    { SDP_OP_norm_nuc, "Eigen::JacobiSVD<Eigen::MatrixXd>($1).singularValues().sum()", NULL },
    { SDP_OP_polar, NULL, EIGEN_FUNCTION("const Eigen::MatrixXd &x", "Eigen::MatrixXd", "const Eigen::JacobiSVD<Eigen::MatrixXd> s("
                                         "x, Eigen::ComputeThinU | Eigen::ComputeThinV); return s.matrixU()*s.matrixV().transpose();") },
    { SDP_OP_inv, "$1.inverse()", "$1.inverse()" },
    { SDP_OP_det, "$1.determinant()", "$1.determinant()" },
    { SDP_OP_logdet, "std::log($1.determinant())", "std::log($1.determinant())" },
    { SDP_OP_norm, "$1.norm()", "$1.norm()" },
    { SDP_OP_sqrt, "std::sqrt($1)", "$1.cwiseSqrt()" },
    { SDP_OP_abs, "std::abs($1)", "$1.cwiseAbs()" },
    { SDP_OP_maxof, "$1.maxCoeff()", "$1.maxCoeff()" },
    { SDP_OP_minof, "$1.minCoeff()", "$1.minCoeff()" },
    { SDP_OP_prod, "$1.prod()", "$1.prod()" },
    { SDP_OP_mean, "$1.mean()", "$1.mean()" },
    { SDP_OP_logsumexp, "($1.maxCoeff()+std::log(($1.array()-$1.maxCoeff()).exp().sum()))", "($1.maxCoeff()+std::log(($1.array()-$1.maxCoeff()).exp().sum()))" },
    { SDP_OP_softmax, NULL, "(($1.array()-$1.maxCoeff()).exp()/($1.array()-$1.maxCoeff()).exp().sum()).matrix()" },
    { SDP_OP_where, "($1?$2:$3)", "($1).select($2,$3)" },
    { SDP_OP_not, NULL, "(1-$1.array()).matrix()" }, // conditions are arrays of numbers, 1 or 0
    { SDP_OP_and, NULL, "$1.cwiseProduct($2)" },
    { SDP_OP_or, NULL, "$1.cwiseMax($2)" },
    { SDP_OP_pi, "M_PI", NULL },
    { SDP_OP_e, "M_E", NULL },
    { SDP_OP_inf, "HUGE_VAL", NULL },
    { SDP_OP_none, NULL, NULL },
};

static const sdp_along text_along[] = {
    { SDP_OP_maxof, { "max($1,[],1)", "max($1,[],2)", NULL } },
    { SDP_OP_minof, { "min($1,[],1)", "min($1,[],2)", NULL } },
    { SDP_OP_norm, { "vecnorm($1,2,1)", "vecnorm($1,2,2)", NULL } },
    { SDP_OP_softmax, { NULL, NULL, "exp($1-logsumexp($1))" } }, // softmax(X) alone would leave open over what
    { SDP_OP_none, { NULL } },
};
static const sdp_along tex_along[] = {
    { SDP_OP_maxof, { "\\max\\left($1,[\\,],1\\right)", "\\max\\left($1,[\\,],2\\right)", NULL } },
    { SDP_OP_minof, { "\\min\\left($1,[\\,],1\\right)", "\\min\\left($1,[\\,],2\\right)", NULL } },
    { SDP_OP_norm, { "\\operatorname{vecnorm}\\left($1,2,1\\right)", "\\operatorname{vecnorm}\\left($1,2,2\\right)", NULL } },
    { SDP_OP_softmax, { NULL, NULL, "\\exp\\left($1-\\operatorname{logsumexp}\\left($1\\right)\\right)" } },
    { SDP_OP_none, { NULL } },
};
static const sdp_along torch_along[] = {
    { SDP_OP_logsumexp, { "torch.logsumexp($1,dim=0)", "torch.logsumexp($1,dim=1)", "torch.logsumexp($1,dim=(0,1))" } },
    { SDP_OP_softmax, { "torch.softmax($1,dim=0)", "torch.softmax($1,dim=1)", "torch.exp($1-torch.logsumexp($1,dim=(0,1)))" } },
    { SDP_OP_none, { NULL } },
};
static const sdp_along julia_along[] = {
    { SDP_OP_softmax, { "softmax($1,dims=1)", "softmax($1,dims=2)", NULL } },
    { SDP_OP_norm, { "LinearAlgebra.norm.(eachcol($1))'", "LinearAlgebra.norm.(eachrow($1))", NULL } },
    { SDP_OP_none, { NULL } },
};
static const sdp_along matlab_along[] = {
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
static const sdp_along eigen_along[] = {
    { SDP_OP_maxof, { "$1.colwise().maxCoeff()", "$1.rowwise().maxCoeff()", NULL } },
    { SDP_OP_minof, { "$1.colwise().minCoeff()", "$1.rowwise().minCoeff()", NULL } },
    { SDP_OP_prod, { "$1.colwise().prod()", "$1.rowwise().prod()", NULL } },
    { SDP_OP_norm, { "$1.colwise().norm()", "$1.rowwise().norm()", NULL } },
    { SDP_OP_logsumexp, { EIGEN_FUNCTION("const Eigen::MatrixXd &x", "Eigen::RowVectorXd", "const Eigen::RowVectorXd m = x.colwise().maxCoeff(); "
                                         "return m+(x.rowwise()-m).array().exp().matrix().colwise().sum().array().log().matrix();"),
                          EIGEN_FUNCTION("const Eigen::MatrixXd &x", "Eigen::VectorXd", "const Eigen::VectorXd m = x.rowwise().maxCoeff(); "
                                         "return m+(x.colwise()-m).array().exp().matrix().rowwise().sum().array().log().matrix();"), NULL } },
    { SDP_OP_softmax, { EIGEN_FUNCTION("const Eigen::MatrixXd &x", "Eigen::MatrixXd", "const Eigen::RowVectorXd m = x.colwise().maxCoeff(); "
                                       "const Eigen::MatrixXd e = (x.rowwise()-m).array().exp(); return e*e.colwise().sum().cwiseInverse().asDiagonal();"),
                        EIGEN_FUNCTION("const Eigen::MatrixXd &x", "Eigen::MatrixXd", "const Eigen::VectorXd m = x.rowwise().maxCoeff(); "
                                       "const Eigen::MatrixXd e = (x.colwise()-m).array().exp(); return e.rowwise().sum().cwiseInverse().asDiagonal()*e;"), NULL } },
    { SDP_OP_none, { NULL } },
};

const sdp_notation sdp_notations[] = {
    [SD_TEXT] = {
        .name = "text", .times = "*", .matmul = "*", .had = ".*", .quot = "./", .over = "/", .pow = "^", .epow = ".^", .mpow = "^",
        .trans = "'", .etrans = "'", .open = "(", .close = ")", .sub_open = "[", .sub_close = "]", .plus = "+", .minus = "-", .eplus = "+",
        .eminus = "-", .prefix = "", .row_sep = "; ", .col_sep = ", ", .stack = "[$1]", .block = "[$1]", .block_row = "$1",
        .block_column = "", .first_index = 1, .nabla = "∇", .along = text_along,
        .shown = { [SDP_S_DIAG] = "diag($1)", [SDP_S_DIAG_OF] = "diag($1)", [SDP_S_TR] = "tr($1)", [SDP_S_SUM] = "sum($1)",
                   [SDP_S_SUM1] = "sum($1,1)", [SDP_S_SUM2] = "sum($1,2)", [SDP_S_ONES] = "ones($1)", [SDP_S_ONES2] = "ones($1,$2)",
                   [SDP_S_ZEROS] = "zeros($1)", [SDP_S_ZEROS2] = "zeros($1,$2)", [SDP_S_EYE] = "eye($1)", [SDP_S_KRON] = "kron($1,$2)",
                   [SDP_S_VEC] = "vec($1)", [SDP_S_RESHAPE] = "reshape($1,$2,$3)", [SDP_S_TRIL] = "tril($1)", [SDP_S_TRIU] = "triu($1)",
                   [SDP_S_CUMSUM] = "cumsum($1)", [SDP_S_DELTA] = "delta($1,$2)" } },
    [SD_UNICODE] = {
        .name = "unicode", .times = "·", .matmul = "·", .had = "⊙", .quot = "⊘", .over = "/", .pow = "^", .epow = ".^", .mpow = "^",
        .trans = "ᵀ", .etrans = "ᵀ", .open = "(", .close = ")", .sub_open = "[", .sub_close = "]", .plus = "+", .minus = "−", .eplus = "+",
        .eminus = "−", .prefix = "", .row_sep = "; ", .col_sep = ", ", .stack = "[$1]", .block = "[$1]", .block_row = "$1",
        .block_column = "", .first_index = 1, .unicode = true, .nabla = "∇", .nabla2 = "∇²", .along = text_along, .shown = { [SDP_S_DELTA] = "δ($1,$2)" } },
    [SD_LATEX] = {
        .name = "latex", .times = " ", .matmul = " ", .had = " \\odot ", .quot = " \\oslash ", .over = "/", .pow = "^", .epow = "^{\\circ ",
        .mpow = "^", .trans = "^{\\top}", .etrans = "^{\\top}", .open = "\\left(", .close = "\\right)", .sub_open = "_{", .sub_close = "}",
        .plus = " + ", .minus = " - ", .eplus = " + ", .eminus = " - ", .prefix = "", .row_sep = " \\\\ ", .col_sep = " & ",
        .stack = "\\begin{bmatrix} $1 \\end{bmatrix}", .block = "\\begin{bmatrix} $1 \\end{bmatrix}", .block_row = "$1", .block_column = "",
        .first_index = 1, .tex = true, .nabla = "\\nabla", .nabla2 = "\\nabla^{2}", .along = tex_along, .column = COLUMN(latex),
        .shown = { [SDP_S_DIAG] = "\\operatorname{diag}\\left($1\\right)", [SDP_S_DIAG_OF] = "\\operatorname{diag}\\left($1\\right)",
                   [SDP_S_TR] = "\\operatorname{tr}\\left($1\\right)", [SDP_S_SUM] = "\\operatorname{sum}\\left($1\\right)",
                   [SDP_S_SUM1] = "\\mathbf{1}^{\\top} $1", [SDP_S_SUM2] = "$1 \\mathbf{1}", [SDP_S_ONES] = "\\mathbf{1}_{$1}",
                   [SDP_S_ONES2] = "\\mathbf{1}_{$1\\times $2}", [SDP_S_ZEROS] = "\\mathbf{0}_{$1}", [SDP_S_ZEROS2] = "\\mathbf{0}_{$1\\times $2}",
                   [SDP_S_EYE] = "I_{$1}", [SDP_S_KRON] = "\\left($1 \\otimes $2\\right)", [SDP_S_VEC] = "\\operatorname{vec}\\left($1\\right)",
                   [SDP_S_RESHAPE] = "\\operatorname{reshape}\\left($1,$2,$3\\right)", [SDP_S_TRIL] = "\\operatorname{tril}\\left($1\\right)",
                   [SDP_S_TRIU] = "\\operatorname{triu}\\left($1\\right)", [SDP_S_CUMSUM] = "\\operatorname{cumsum}\\left($1\\right)",
                   [SDP_S_DELTA] = "\\delta_{$1,$2}" } },
    [SD_NUMPY] = {
        NUMPY_LIKE("np.", "[$1]"), .name = "numpy", .mpow = "np.linalg.matrix_power($1,$2)",
        .rpow = "scipy.linalg.fractional_matrix_power($1,$2)", .stack = "np.hstack([$1])", .block = "np.block([$1])",
        .block_column = "$1[:,None]", .outer = "np.outer($1,$2)", .solve = "np.linalg.solve($1,$2)", .pairwise = ",optimize=True", .column = COLUMN(numpy),
        .shown = { [SDP_S_DIAG] = "np.diag($1)", [SDP_S_DIAG_OF] = "np.diag($1)", [SDP_S_TR] = "np.trace($1)", [SDP_S_SUM] = "np.sum($1)",
                   [SDP_S_SUM1] = "np.sum($1,axis=0)", [SDP_S_SUM2] = "np.sum($1,axis=1)", [SDP_S_ONES] = "np.ones($1)",
                   [SDP_S_ONES2] = "np.ones(($1,$2))", [SDP_S_ZEROS] = "np.zeros($1)", [SDP_S_ZEROS2] = "np.zeros(($1,$2))",
                   [SDP_S_EYE] = "np.eye($1)", [SDP_S_KRON] = "np.kron($1,$2)", [SDP_S_VEC] = "$1.flatten('F')",
                   [SDP_S_RESHAPE] = "$1.reshape(($2,$3),order='F')", [SDP_S_TRIL] = "np.tril($1)", [SDP_S_TRIU] = "np.triu($1)",
                   [SDP_S_CUMSUM] = "np.cumsum($1)" } },
    [SD_TORCH] = {
        NUMPY_LIKE("torch.", "torch.hstack([$1])"), .name = "torch", .mpow = "torch.linalg.matrix_power($1,$2)",
        .rpow = "(lambda w,v:(v*w**($2))@v.T)(*torch.linalg.eigh($1))", .stack = "torch.hstack([$1])",
        .block = "torch.vstack([$1])", .stack_scalar = "torch.as_tensor($1)", .block_scalar = "torch.as_tensor($1).reshape(1,1)",
        .block_vector = "$1[None,:]", .block_column = "$1[:,None]", .constants = "math.", .outer = "torch.outer($1,$2)", .solve = "torch.linalg.solve($1,$2)", .along = torch_along, .column = COLUMN(torch),
        .shown = { [SDP_S_DIAG] = "torch.diag($1)", [SDP_S_DIAG_OF] = "torch.diag($1)", [SDP_S_TR] = "torch.trace($1)",
                   [SDP_S_SUM] = "torch.sum($1)", [SDP_S_SUM1] = "torch.sum($1,dim=0)", [SDP_S_SUM2] = "torch.sum($1,dim=1)",
                   [SDP_S_ONES] = "torch.ones($1)", [SDP_S_ONES2] = "torch.ones($1,$2)", [SDP_S_ZEROS] = "torch.zeros($1)",
                   [SDP_S_ZEROS2] = "torch.zeros($1,$2)", [SDP_S_EYE] = "torch.eye($1)", [SDP_S_KRON] = "torch.kron($1,$2)",
                   [SDP_S_VEC] = "$1.T.flatten()", [SDP_S_RESHAPE] = "$1.T.reshape($3,$2).T", [SDP_S_TRIL] = "torch.tril($1)",
                   [SDP_S_TRIU] = "torch.triu($1)", [SDP_S_CUMSUM] = "torch.cumsum($1,dim=0)" } },
    [SD_JAX] = {
        NUMPY_LIKE("jnp.", "[$1]"), .name = "jax", .mpow = "jnp.linalg.matrix_power($1,$2)",
        .rpow = "(lambda w,v:(v*w**($2))@v.T)(*jnp.linalg.eigh($1))", .stack = "jnp.hstack([$1])",
        .block = "jnp.block([$1])", .block_column = "$1[:,None]", .outer = "jnp.outer($1,$2)", .solve = "jnp.linalg.solve($1,$2)", .column = COLUMN(jax),
        .shown = { [SDP_S_DIAG] = "jnp.diag($1)", [SDP_S_DIAG_OF] = "jnp.diag($1)", [SDP_S_TR] = "jnp.trace($1)", [SDP_S_SUM] = "jnp.sum($1)",
                   [SDP_S_SUM1] = "jnp.sum($1,axis=0)", [SDP_S_SUM2] = "jnp.sum($1,axis=1)", [SDP_S_ONES] = "jnp.ones($1)",
                   [SDP_S_ONES2] = "jnp.ones(($1,$2))", [SDP_S_ZEROS] = "jnp.zeros($1)", [SDP_S_ZEROS2] = "jnp.zeros(($1,$2))",
                   [SDP_S_EYE] = "jnp.eye($1)", [SDP_S_KRON] = "jnp.kron($1,$2)", [SDP_S_VEC] = "$1.flatten('F')",
                   [SDP_S_RESHAPE] = "$1.reshape(($2,$3),order='F')", [SDP_S_TRIL] = "jnp.tril($1)", [SDP_S_TRIU] = "jnp.triu($1)",
                   [SDP_S_CUMSUM] = "jnp.cumsum($1)" } },
    [SD_JULIA] = {
        .name = "julia", .times = "*", .matmul = "*", .had = ".*", .quot = "./", .over = "/", .pow = "^", .epow = ".^", .mpow = "^", .trans = "'",
        .etrans = "'", .open = "(", .close = ")", .sub_open = "[", .sub_close = "]", .plus = "+", .minus = "-", .eplus = " .+ ", .eminus = " .- ",
        .prefix = "", .row_sep = "; ", .col_sep = " ", .stack = "[$1]", .block = "[$1]", .block_row = "$1", .block_column = "", .dotted = true, .reserved = julia,
        .assigns = true, .end = "", .first_index = 1, .along = julia_along, .column = COLUMN(julia),
        .shown = { [SDP_S_DIAG] = "Diagonal($1)", [SDP_S_DIAG_OF] = "diag($1)", [SDP_S_SUM1] = "sum($1,dims=1)", [SDP_S_SUM2] = "vec(sum($1,dims=2))",
                   [SDP_S_EYE] = "Matrix(I,$1,$1)" } },
    [SD_MATLAB] = {
        .name = "matlab", .times = "*", .matmul = "*", .had = ".*", .quot = "./", .over = "/", .pow = "^", .epow = ".^", .mpow = "^", .trans = "'",
        .etrans = "'", .open = "(", .close = ")", .sub_open = "(", .sub_close = ")", .plus = "+", .minus = "-", .eplus = "+", .eminus = "-",
        .prefix = "", .row_sep = "; ", .col_sep = ", ", .stack = "[$1]", .block = "[$1]", .block_row = "$1", .block_column = "", .assigns = true, .end = ";",
        .reserved = matlab, .indexes_names = true, .ascii = true, .sum_matrix = "sum(sum($1))", .first_index = 1, .along = matlab_along, .column = COLUMN(matlab),
        .shown = { [SDP_S_TR] = "trace($1)", [SDP_S_ONES] = "ones($1,1)", [SDP_S_ZEROS] = "zeros($1,1)",
                   [SDP_S_VEC] = "reshape($1,[],1)" } },
    [SD_EIGEN] = {
        .name = "eigen", .times = "*", .matmul = "*", .had = "*", .quot = "/", .over = "/", .pow = "std::pow($1,$2)",
        .epow = "$1.array().pow($2).matrix()", .apow = "$1.array().pow($2.array()).matrix()", .mpow = "$1.pow($2)", .trans = ".transpose()", .etrans = ".transpose()", .open = "(", .close = ")",
        .sub_open = "(", .sub_close = ")", .plus = "+", .minus = "-", .eplus = "+", .eminus = "-", .prefix = "std::", .row_sep = ", ",
        .col_sep = ", ", .stack = "(Eigen::VectorXd($2) << $1).finished()", .block = "(Eigen::MatrixXd($2,$3) << $1).finished()", .block_row = "$1",
        .block_column = "", .methods = true, .assigns = true, .end = ";", .ascii = true,
        .type = { "const double", "const Eigen::VectorXd", "const Eigen::RowVectorXd", "const Eigen::MatrixXd" }, .own = eigen, .along = eigen_along, .reserved = cpp, .array = "($1).matrix()", .to_array = "$1.array()",
        .truth = "($1).cast<double>().matrix()", .choice = "($1?Eigen::MatrixXd($2):Eigen::MatrixXd($3))",
        .blend = "($1.array()*($2)+(1-$1.array())*($3)).matrix()", .all = "Eigen::all",
        .shown = { [SDP_S_DIAG] = "Eigen::MatrixXd($1.asDiagonal())", [SDP_S_DIAG_OF] = "$1.diagonal()", [SDP_S_TR] = "$1.trace()",
                   [SDP_S_SUM] = "$1.sum()", [SDP_S_SUM1] = "$1.colwise().sum()", [SDP_S_SUM2] = "$1.rowwise().sum()",
                   [SDP_S_ONES] = "Eigen::VectorXd::Ones($1)", [SDP_S_ONES2] = "Eigen::MatrixXd::Ones($1,$2)",
                   [SDP_S_ZEROS] = "Eigen::VectorXd::Zero($1)", [SDP_S_ZEROS2] = "Eigen::MatrixXd::Zero($1,$2)",
                   [SDP_S_EYE] = "Eigen::MatrixXd::Identity($1,$1)", [SDP_S_KRON] = "Eigen::kroneckerProduct(Eigen::MatrixXd($1),Eigen::MatrixXd($2)).eval()",
                   [SDP_S_CUMSUM] = EIGEN_FUNCTION("Eigen::VectorXd x", "Eigen::VectorXd", "for (Eigen::Index i = 1; i < x.size(); i++) x(i) += x(i-1); return x;"),
                   [SDP_S_VEC] = "Eigen::MatrixXd($1).reshaped()", [SDP_S_RESHAPE] = "Eigen::MatrixXd($1).reshaped($2,$3)",
                   [SDP_S_TRIL] = "Eigen::MatrixXd($1.triangularView<Eigen::Lower>())",
                   [SDP_S_TRIU] = "Eigen::MatrixXd($1.triangularView<Eigen::Upper>())" } },
};

const char *sdp_spelled(sdp_graph *g, const sdp_notation *t, int fn)
{
    const char *s = t->column ? *(const char *const *)((const char *)&sdp_ops[fn] + t->column) : NULL;
    const char *kernel = t->methods && sdp_ops[fn].kind == SDP_OP_MAP ? sdp_ops[fn].c : NULL; // what C++ calls
    bool missing = t->methods && (sdp_ops[fn].kind == SDP_OP_PRIM || sdp_ops[fn].kind == SDP_OP_SUGAR || (kernel && strstr(kernel, "sd_")));
    if (missing || (s && !*s)) sdp_fail(&g->base, SD_ERR_UNSUPPORTED, (sdp_span){ 0, 0 }, "emitted C has all functions: -f c", "%s has no %s", t->name, sdp_ops[fn].name);
    return s;
}

const char *sdp_along_template(sdp_graph *g, const sdp_notation *t, int fn, uint32_t mask)
{
    if (mask < 1 || mask > 3) return NULL;
    for (const sdp_along *a = t->along; a && a->fn; a++)
        if (a->fn == fn) return a->of[mask - 1];
    if (sdp_ops[fn].kind != SDP_OP_PRIM || sdp_ops[fn].max_args < 2) return NULL;
    const char *own = sdp_spelled(g, t, fn), *name = own ? own : sdp_ops[fn].name;
    if (mask == 3 || strchr(name, '$')) return NULL;
    if (t->flat) return sdp_printf(&g->base, "%s%s($1,%s=%u)", own ? "" : t->prefix, name, t == &sdp_notations[SD_TORCH] ? "dim" : "axis", mask - 1);
    return !t->dotted ? NULL : sdp_printf(&g->base, mask == 1 ? "%s($1,dims=1)" : "vec(%s($1,dims=2))", name);
}
