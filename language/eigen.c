// SPDX-License-Identifier: MIT
// Eigen 3.4. Array operations are methods; element-wise functions without a spelling
// are spelled by their C expression.
#include "language/language.h"

static const char words[] =
    " and auto bool break case char class const continue default delete do double else enum float for goto "
    "if int long new "
    "not operator or private public register return short signed sizeof static struct switch template this "
    "throw M_PI M_E NULL I assert "
    "alignas alignof and_eq asm bitand bitor catch char16_t char32_t compl concept const_cast constexpr "
    "decltype dynamic_cast explicit "
    "export extern friend inline mutable namespace noexcept not_eq nullptr or_eq protected reinterpret_cast "
    "requires static_assert "
    "static_cast thread_local true try false typeid typename wchar_t xor_eq EOF errno INFINITY NAN HUGE_VAL "
    "typedef union unsigned using virtual void volatile while xor std Eigen ";

// A function that is called where it stands
#define EIGEN_FUNCTION(of, to, body) "[](" of ") -> " to " { " body " }($1)"
#define EIGEN_OF_TWO(body)                                                                                   \
    "[](const Eigen::VectorXd &x, const Eigen::VectorXd &y) -> Eigen::VectorXd { " body " }($1,$2)"

static const sdp_along along[] = {
    {SDP_OP_maxof, {"$1.colwise().maxCoeff()", "$1.rowwise().maxCoeff()", NULL}},
    {SDP_OP_minof, {"$1.colwise().minCoeff()", "$1.rowwise().minCoeff()", NULL}},
    {SDP_OP_prod, {"$1.colwise().prod()", "$1.rowwise().prod()", NULL}},
    {SDP_OP_norm, {"$1.colwise().norm()", "$1.rowwise().norm()", NULL}},
    {SDP_OP_logsumexp,
     {EIGEN_FUNCTION(
          "const Eigen::MatrixXd &x", "Eigen::RowVectorXd",
          "const Eigen::RowVectorXd m = x.colwise().maxCoeff(); "
          "return m+(x.rowwise()-m).array().exp().matrix().colwise().sum().array().log().matrix();"),
      EIGEN_FUNCTION(
          "const Eigen::MatrixXd &x", "Eigen::VectorXd",
          "const Eigen::VectorXd m = x.rowwise().maxCoeff(); "
          "return m+(x.colwise()-m).array().exp().matrix().rowwise().sum().array().log().matrix();"),
      NULL}},
    {SDP_OP_softmax,
     {EIGEN_FUNCTION("const Eigen::MatrixXd &x", "Eigen::MatrixXd",
                     "const Eigen::RowVectorXd m = x.colwise().maxCoeff(); "
                     "const Eigen::MatrixXd e = (x.rowwise()-m).array().exp(); return "
                     "e*e.colwise().sum().cwiseInverse().asDiagonal();"),
      EIGEN_FUNCTION("const Eigen::MatrixXd &x", "Eigen::MatrixXd",
                     "const Eigen::VectorXd m = x.rowwise().maxCoeff(); "
                     "const Eigen::MatrixXd e = (x.colwise()-m).array().exp(); return "
                     "e.rowwise().sum().cwiseInverse().asDiagonal()*e;"),
      NULL}},
    {SDP_OP_none, {NULL}},
};

static const sdp_import imports[] = {
    {NULL, "#include <cmath>\n"},
    {NULL, "#include <tuple>\n"},
    {NULL, "#include <Eigen/Dense>\n"},
    {"kroneckerProduct", "#include <unsupported/Eigen/KroneckerProduct>\n"},
    {".sqrt()", "#include <unsupported/Eigen/MatrixFunctions>\n"},
    {".exp()", "#include <unsupported/Eigen/MatrixFunctions>\n"},
    {".log()", "#include <unsupported/Eigen/MatrixFunctions>\n"},
    {".pow(", "#include <unsupported/Eigen/MatrixFunctions>\n"},
    {NULL, NULL},
};

static const sdp_function_form form = {
    .imports = imports,
    .head = "inline $T $N($A)\n{\n",
    .head_many = "inline std::tuple<$T> $N($A)\n{\n",
    .doc = {"\n// ", "// ", ""},
    .argument = {"double $1", "const Eigen::VectorXd &$1", "const Eigen::RowVectorXd &$1",
                 "const Eigen::MatrixXd &$1"},
    .callback = "$1",
    .of_size = "Eigen::Index $1",
    .size = {"const Eigen::Index $2 = $1.rows();\n", "const Eigen::Index $2 = $1.cols();\n",
             "const Eigen::Index $2 = $1.size();\n"},
    .indent = "    ",
    .one = "    return $R;\n}",
    .many = "    return std::make_tuple($R);\n}",
};

const sdp_notation sdp_language_eigen = {
    .name = "eigen",
    .comment = "// ",
    .along = along,
    .reserved = words,
    .times = "*",
    .matmul = "*",
    .had = "*",
    .quot = "/",
    .over = "/",
    .pow = "std::pow($1,$2)",
    .epow = "$1.array().pow($2).matrix()",
    .apow = "$1.array().pow($2.array()).matrix()",
    .mpow = "$1.pow($2)",
    .transpose = "$1.transpose()",
    .transpose_vector = "$1.transpose()",
    .open = "(",
    .close = ")",
    .sub_open = "(",
    .sub_close = ")",
    .plus = "+",
    .minus = "-",
    .eplus = "+",
    .eminus = "-",
    .prefix = "std::",
    .row_sep = ", ",
    .col_sep = ", ",
    .stack = "(Eigen::VectorXd($2) << $1).finished()",
    .block = "(Eigen::MatrixXd($2,$3) << $1).finished()",
    .block_row = "$1",
    .block_column = "",
    .methods = true,
    .assigns = true,
    .end = ";",
    .ascii = true,
    .let = "const ",
    .type = {"double", "Eigen::VectorXd", "Eigen::RowVectorXd", "Eigen::MatrixXd"},
    .function = &form,
    .array = "($1).matrix()",
    .to_array = "$1.array()",
    .truth = "($1).cast<double>().matrix()",
    .choice = "($1?Eigen::MatrixXd($2):Eigen::MatrixXd($3))",
    .blend = "($1.array()*($2)+(1-$1.array())*($3)).matrix()",
    .all = "Eigen::all",
    .range = "Eigen::seq($1,$2)",
    .dot = "$1.dot($2)",
    .solve = "$1.partialPivLu().solve($2)",
    .rows = "$1.asDiagonal()*$2",
    .cols = "$2*$1.asDiagonal()",
    .spell =
        {
            [SDP_OP_conv] = EIGEN_OF_TWO(
                "Eigen::VectorXd z = Eigen::VectorXd::Zero(x.size()+y.size()-1); "
                "for (Eigen::Index i = 0; i < x.size(); i++) z.segment(i, y.size()) += x(i)*y; return z;"),
            [SDP_OP_correlate] = EIGEN_OF_TWO("Eigen::VectorXd z(x.size()-y.size()+1); "
                                              "for (Eigen::Index i = 0; i < z.size(); i++) z(i) = "
                                              "x.segment(i, y.size()).dot(y); return z;"),
            [SDP_OP_pinv] = "$1.completeOrthogonalDecomposition().pseudoInverse()",
            [SDP_OP_chol] = "Eigen::MatrixXd($1.llt().matrixL())",
            [SDP_OP_sqrtm] = "$1.sqrt()",
            [SDP_OP_expm] = "$1.exp()",
            [SDP_OP_logm] = "$1.log()",
            [SDP_OP_lambda_max] =
                "Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>($1).eigenvalues().maxCoeff()",
            [SDP_OP_eigproj] = EIGEN_FUNCTION("const Eigen::MatrixXd &x", "Eigen::MatrixXd",
                                              "const Eigen::VectorXd v = "
                                              "Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(x)."
                                              "eigenvectors().rightCols(1); return v*v.transpose();"),
            [SDP_OP_norm_nuc] = "Eigen::JacobiSVD<Eigen::MatrixXd>($1).singularValues().sum()",
            [SDP_OP_polar] = EIGEN_FUNCTION(
                "const Eigen::MatrixXd &x", "Eigen::MatrixXd",
                "const Eigen::JacobiSVD<Eigen::MatrixXd> s("
                "x, Eigen::ComputeThinU | Eigen::ComputeThinV); return s.matrixU()*s.matrixV().transpose();"),
            [SDP_OP_inv] = "$1.inverse()",
            [SDP_OP_det] = "$1.determinant()",
            [SDP_OP_logdet] = "std::log($1.determinant())",
            [SDP_OP_norm] = "$1.norm()",
            [SDP_OP_sqrt] = "$1.cwiseSqrt()",
            [SDP_OP_abs] = "$1.cwiseAbs()",
            [SDP_OP_maxof] = "$1.maxCoeff()",
            [SDP_OP_minof] = "$1.minCoeff()",
            [SDP_OP_prod] = "$1.prod()",
            [SDP_OP_mean] = "$1.mean()",
            [SDP_OP_logsumexp] = "($1.maxCoeff()+std::log(($1.array()-$1.maxCoeff()).exp().sum()))",
            [SDP_OP_softmax] =
                "(($1.array()-$1.maxCoeff()).exp()/($1.array()-$1.maxCoeff()).exp().sum()).matrix()",
            [SDP_OP_where] = "($1).select($2,$3)",
            [SDP_OP_not] = "(1-$1.array()).matrix()", // conditions are arrays of numbers, 1 or 0
            [SDP_OP_and] = "$1.cwiseProduct($2)",
            [SDP_OP_or] = "$1.cwiseMax($2)",
            [SDP_OP_pi] = "M_PI",
            [SDP_OP_e] = "M_E",
            [SDP_OP_inf] = "HUGE_VAL",
        },
    .scalar =
        {
            [SDP_OP_sqrt] = "std::sqrt($1)",
            [SDP_OP_abs] = "std::abs($1)",
            [SDP_OP_where] = "($1?$2:$3)",
            [SDP_OP_not] = "!",
            [SDP_OP_and] = "&",
            [SDP_OP_or] = "|",
        },
    .shown =
        {
            [SDP_S_DIAG] = "Eigen::MatrixXd($1.asDiagonal())",
            [SDP_S_DIAG_OF] = "$1.diagonal()",
            [SDP_S_TR] = "$1.trace()",
            [SDP_S_SUM] = "$1.sum()",
            [SDP_S_SUM1] = "$1.colwise().sum()",
            [SDP_S_SUM2] = "$1.rowwise().sum()",
            [SDP_S_ONES] = "Eigen::VectorXd::Ones($1)",
            [SDP_S_ONES2] = "Eigen::MatrixXd::Ones($1,$2)",
            [SDP_S_ZEROS] = "Eigen::VectorXd::Zero($1)",
            [SDP_S_ZEROS2] = "Eigen::MatrixXd::Zero($1,$2)",
            [SDP_S_EYE] = "Eigen::MatrixXd::Identity($1,$1)",
            [SDP_S_KRON] = "Eigen::kroneckerProduct(Eigen::MatrixXd($1),Eigen::MatrixXd($2)).eval()",
            [SDP_S_FLIP] = "Eigen::VectorXd($1.reverse())",
            [SDP_S_FLIP1] = "Eigen::MatrixXd($1.colwise().reverse())",
            [SDP_S_FLIP2] = "Eigen::MatrixXd($1.rowwise().reverse())",
            [SDP_S_CUMSUM] =
                EIGEN_FUNCTION("Eigen::VectorXd x", "Eigen::VectorXd",
                               "for (Eigen::Index i = 1; i < x.size(); i++) x(i) += x(i-1); return x;"),
            [SDP_S_VEC] = "Eigen::MatrixXd($1).reshaped()",
            [SDP_S_RESHAPE] = "Eigen::MatrixXd($1).reshaped($2,$3)",
            [SDP_S_TRIL] = "Eigen::MatrixXd($1.triangularView<Eigen::Lower>())",
            [SDP_S_TRIU] = "Eigen::MatrixXd($1.triangularView<Eigen::Upper>())",
        },
};
