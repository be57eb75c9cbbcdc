// SPDX-License-Identifier: MIT
// Answers as cases of programs in other languages: the data of a point, the code, the values that must come.
#define _POSIX_C_SOURCE 200809L
#include "tests/support/language.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- pieces that languages share --------------------------------------------------------------------------
static void quote(FILE *f, const char *s)
{
    fputc('"', f);
    for (; *s; s++) {
        if (*s == '\n') fputs("\\n", f);
        else fprintf(f, *s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
    }
    fputc('"', f);
}

static void number(FILE *f, double v, const char *behind)
{
    char *text = isfinite(v) ? tst_number_text(v, 17) : NULL;
    fprintf(f, "%s%s", text ? text : isnan(v) ? "nan" : v > 0 ? "inf" : "-inf", behind);
    free(text);
}

static void numbers(FILE *f, const double *v, size_t n)
{
    for (size_t i = 0; i < n; i++) number(f, v[i], i + 1 < n ? "," : "");
}

static bool is_letter(char c) { return isalnum((unsigned char)c) || c == '_' || (unsigned char)c > 127; }

// Is the name one of the arguments of the call? What the function needs is there.
static bool mentions(const tst_answer *a, const char *name)
{
    size_t n = strlen(name);
    for (const char *s = strstr(a->arguments, name); s; s = strstr(s + 1, name))
        if ((s == a->arguments || !is_letter(s[-1])) && !is_letter(s[n])) return true;
    return false;
}

// Returns the name of a variable in the function, NULL if the function does not take it. Words of the
// language get a '_', and some languages spell out Greek letters.
static char *called(const tst_answer *a, const char *name)
{
    char *marked = tst_format("%s_", name), *found = mentions(a, marked) ? marked
                                                     : mentions(a, name) ? tst_copy(name, strlen(name))
                                                                         : NULL;
    char *spelled = found ? NULL : tst_spelled(name);
    if (spelled && mentions(a, spelled)) found = spelled;
    if (found != spelled) free(spelled);
    if (found != marked) free(marked);
    return found;
}

// Are all arguments of the call at hand? A variable that has gone from the value,
// as p from sum(p) = 1, has no data.
bool tst_has_arguments(const tst_answer *a)
{
    size_t known = 0, n = *a->arguments ? 1 : 0;
    for (const char *s = a->arguments; *s; s++) n += *s == ',';
    for (size_t i = 0; i < a->point->n + a->point->ndims; i++) {
        char *name = called(a, i < a->point->n ? a->point->in[i].name : a->point->dim[i - a->point->n].name);
        known += name != NULL;
        free(name);
    }
    return known >= n;
}

// ---- Python -----------------------------------------------------------------------------------------------
static void python_array(FILE *f, const tst_input *in)
{
    size_t n = tst_product(in->order, in->dim), axes = 0;
    fputs("array([", f);
    numbers(f, in->value, n);
    fputs("]).reshape(", f);
    for (int k = 0; k < in->order; k++)
        // what is 1 has no axis
        if (strcmp(in->dim_text[k], "1")) fprintf(f, "%s%zu", axes++ ? "," : "(", in->dim[k]);
    fputs(axes ? ",))" : "())", f); // (3,4,) is a tuple, too
}

void tst_write_python(const tst_language *l, FILE *f, const tst_answer *a)
{
    (void)l;
    fputs("case(", f);
    quote(f, a->where);
    fputs(", ", f);
    number(f, a->tolerance, ", {");
    for (size_t i = 0; i < a->point->n; i++) {
        char *name = called(a, a->point->in[i].name);
        if (!name) continue;
        fprintf(f, "'%s': ", name);
        // no array there
        bool exponent =
            !a->point->in[i].order && a->point->in[i].facts & TST_INTEGER && strstr(a->body, "matrix_power");
        if (exponent) number(f, *a->point->in[i].value, "");
        else python_array(f, &a->point->in[i]);
        fputs(", ", f);
        free(name);
    }
    for (size_t i = 0; i < a->point->ndims; i++) {
        char *name = called(a, a->point->dim[i].name);
        if (!name) continue;
        fprintf(f, "'%s': %zu, ", name, a->point->dim[i].size);
        free(name);
    }
    fputs("}, ", f), quote(f, a->body), fputs(", [", f);
    for (size_t i = 0; i < a->nresults; i++) quote(f, a->result[i]), fputs(", ", f);
    fputs("], [", f);
    for (size_t i = 0; i < a->nresults; i++) {
        fputs("((", f);
        for (int k = 0; k < a->want[i].order; k++) fprintf(f, "%zu,", a->want[i].dim[k]);
        fputs("), [", f);
        numbers(f, a->want[i].data, tst_entries(&a->want[i]));
        fputs("]), ", f);
    }
    fputs("])\n", f);
}

// ---- Octave -----------------------------------------------------------------------------------------------
const char tst_octave_head[] =
    "1;\nglobal wrong__ ran__\nwrong__ = ran__ = 0;\nglobal lacks__\nlacks__ = 0;\nwarning('off', 'all');\n"
    "function case__(where__, tolerance__, data__, body__, results__, wants__)\n"
    "    global wrong__ ran__ lacks__\n"
    "    ran__++;\n    try\n        eval(data__);\n        eval(body__);\n"
    "        for k__ = 1:numel(results__)\n"
    "            got__ = full(double(eval(results__{k__}))); want__ = wants__{k__};\n"
    "            if isvector(want__) && isvector(got__), got__ = got__(:); want__ = want__(:); end\n"
    "            if !isequal(size(got__), size(want__)), error('%s, not %s', mat2str(size(got__)), "
    "mat2str(size(want__))); end\n"
    "            if !all(abs(got__(:)-want__(:)) <= tolerance__*max(abs(want__(:)))+1e-12), error('%s, not "
    "%s', mat2str(got__), mat2str(want__)); end\n"
    "        end\n"
    "    catch e__\n"
    "        if strfind(e__.message, 'psi: Z must be non-negative'), ran__--; lacks__++; return; end\n"
    "        wrong__++;\n"
    "        printf('%s: %s\\n    %s\\n', where__, strtrim(e__.message), strrep([body__ strjoin(results__, "
    "\"\\n\")], \"\\n\", \"\\n    \"));\n"
    "    end\n"
    "end\n";

static void octave_matrix(FILE *f, const double *v, size_t rows, size_t cols)
{
    fputc('[', f);
    for (size_t i = 0; i < rows; i++) {
        if (i) fputc(';', f);
        numbers(f, v + i * cols, cols);
    }
    fputc(']', f);
}

void tst_write_octave(const tst_language *l, FILE *f, const tst_answer *a)
{
    (void)l;
    fputs("case__(", f);
    quote(f, a->where);
    fputs(", ", f);
    number(f, a->tolerance, ", \"");
    for (size_t i = 0; i < a->point->n; i++) {
        const tst_input *in = &a->point->in[i];
        char *name = called(a, in->name);
        if (!name) continue;
        fprintf(f, "%s=", name);
        octave_matrix(f, in->value, in->order ? in->dim[0] : 1, in->order > 1 ? in->dim[1] : 1);
        fputc(';', f);
        free(name);
    }
    for (size_t i = 0; i < a->point->ndims; i++) {
        char *name = called(a, a->point->dim[i].name);
        if (!name) continue;
        fprintf(f, "%s=%zu;", name, a->point->dim[i].size);
        free(name);
    }
    fputs("\", ", f);
    quote(f, a->body);
    fputs(", {", f);
    for (size_t i = 0; i < a->nresults; i++) quote(f, a->result[i]), fputs(",", f);
    fputs("}, {", f);
    for (size_t i = 0; i < a->nresults; i++) {
        const sd_array *w = &a->want[i];
        octave_matrix(f, w->data, w->order ? w->dim[0] : 1, w->order > 1 ? w->dim[1] : 1);
        fputc(',', f);
    }
    fputs("});\n", f);
}

// ---- Eigen ------------------------------------------------------------------------------------------------
const char tst_eigen_head[] =
    "#include <Eigen/Dense>\n#include <unsupported/Eigen/KroneckerProduct>\n#include "
    "<unsupported/Eigen/MatrixFunctions>\n"
    "#include <cmath>\n#include <cstdio>\n#include <tuple>\n#include <tuple>\n"
    "#include <csignal>\nstatic const double inf = HUGE_VAL;\nstatic int wrong, ran;\nstatic const char *now "
    "= \"\";\n"
    "static void stopped(int) { std::printf(\"stopped in %s\\n\", now); std::fflush(stdout); }\n"
    "typedef Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows;\n"
    "static rows array(double x) { return rows::Constant(1, 1, x); }\n"
    "template <class D> static rows array(const Eigen::EigenBase<D> &x) { Eigen::MatrixXd m = x.derived(); "
    "return m; }\n"
    "static rows given(long m, long n, const double *v) { return Eigen::Map<const rows>(v, m, n); }\n"
    "static void check(const char *where, const char *text, const rows &got, const rows &want, double "
    "tolerance)\n{\n"
    "    bool vector = got.rows() == want.cols() && got.cols() == want.rows() && (got.rows() == 1 || "
    "got.cols() == 1);\n"
    "    rows g = got;\n    if (vector && got.rows() != want.rows()) g = got.transpose().eval();\n"
    "    if (g.rows() == want.rows() && g.cols() == want.cols() &&\n"
    "        (g - want).cwiseAbs().maxCoeff() <= tolerance*want.cwiseAbs().maxCoeff() + 1e-12) return;\n"
    "    wrong++;\n    std::printf(\"%s: %ldx%ld, not %ldx%ld; entry 1 is %.12g, not %.12g\\n    %s\\n\", "
    "where, long(got.rows()), long(got.cols()),\n"
    "                long(want.rows()), long(want.cols()), got(0), want(0), text);\n}\n";

// The function in a namespace of its own, without the includes of its file.
static void put_namespace(FILE *f, const tst_answer *a)
{
    fprintf(f, "namespace space%zu {\nnamespace answer {\n", a->serial);
    for (const char *s = a->before; *s; s += strcspn(s, "\n"), s += *s == '\n')
        if (*s != '#') fprintf(f, "%.*s\n", (int)strcspn(s, "\n"), s);
    fputs("}\n", f);
}

void tst_write_eigen(const tst_language *l, FILE *f, const tst_answer *a)
{
    (void)l;
    fprintf(f, "#line 1 \"%zu.case\"\n", a->serial);
    put_namespace(f, a);
    fprintf(f, "static void case%zu()\n{\n    ran++;\n    now = ", a->serial);
    quote(f, a->where);
    fputs(";\n", f);
    for (size_t i = 0; i < a->point->n; i++) {
        const tst_input *in = &a->point->in[i];
        char *name = called(a, in->name);
        if (!name) continue;
        size_t m = in->order ? in->dim[0] : 1, n = in->order > 1 ? in->dim[1] : 1;
        bool column = in->order == 1 || (in->order == 2 && !strcmp(in->dim_text[1], "1")),
             row = in->order == 2 && !strcmp(in->dim_text[0], "1");
        fprintf(f, "    static const double %s_data[] = {", name);
        numbers(f, in->value, m * n);
        if (in->order && !(row && column))
            fprintf(f, "};\n    const Eigen::%s %s = given(%zu, %zu, %s_data);\n",
                    row      ? "RowVectorXd"
                    : column ? "VectorXd"
                             : "MatrixXd",
                    name, m, n, name);
        else fprintf(f, "};\n    const double %s = *%s_data;\n", name, name);
        free(name);
    }
    for (size_t i = 0; i < a->point->ndims; i++) {
        char *name = called(a, a->point->dim[i].name);
        if (!name) continue;
        fprintf(f, "    const Eigen::Index %s = %zu;\n    (void)%s;\n", name, a->point->dim[i].size, name);
        free(name);
    }
    fputs(a->body, f);
    for (size_t i = 0; i < a->nresults; i++) {
        const sd_array *w = &a->want[i];
        fprintf(f, "    static const double want%zu[] = {", i);
        numbers(f, w->data, tst_entries(w));
        fputs("};\n    check(", f);
        quote(f, a->where);
        fputs(", ", f);
        quote(f, a->result[i]);
        fprintf(f, ", array(%s), given(%zu, %zu, want%zu), ", a->result[i], w->order ? w->dim[0] : 1,
                w->order > 1 ? w->dim[1] : 1, i);
        number(f, a->tolerance, ");\n");
    }
    fputs("}\n}\n", f);
}

// ---- R ----------------------------------------------------------------------------------------------------
const char tst_r_head[] =
    "inf <- Inf; nan <- NaN; wrong <- 0; ran <- 0\n"
    "case <- function(where, tolerance, given, body, results, wants) {\n"
    "  ran <<- ran+1\n"
    "  complaint <- tryCatch({\n"
    "    scope <- list2env(given, parent=globalenv())\n"
    "    eval(parse(text=body), scope)\n"
    "    for (i in seq_along(results)) {\n"
    "      got <- eval(parse(text=results[[i]]), scope); want <- wants[[i]]\n"
    "      shape <- if (is.null(dim(got))) c(length(got), 1) else dim(got)\n"
    "      if (!identical(shape[shape != 1]+0, dim(want)[dim(want) != 1]+0)) stop('shape ', toString(shape), "
    "', not ', toString(dim(want)))\n"
    "      gap <- abs(c(got)-c(want)); scale <- max(abs(want), 0)\n"
    "      if (!all(gap <= tolerance*scale+1e-12)) stop(toString(got), ', not ', toString(want))\n"
    "    }\n"
    "    NULL\n"
    "  }, error=function(e) conditionMessage(e))\n"
    "  if (!is.null(complaint)) {\n"
    "    wrong <<- wrong+1\n"
    "    cat(where, ': ', substr(complaint, 1, 300), '\\n    ', body, paste(results, collapse='\\n    '), "
    "'\\n', sep='')\n"
    "  }\n"
    "}\n";

static void r_array(FILE *f, const double *v, size_t rows, size_t cols)
{
    fputs("matrix(c(", f);
    numbers(f, v, rows * cols);
    fprintf(f, "),%zu,%zu,byrow=TRUE)", rows, cols);
}

void tst_write_r(const tst_language *l, FILE *f, const tst_answer *a)
{
    (void)l;
    const char *between = "";
    fputs("case(", f);
    quote(f, a->where);
    fputs(", ", f);
    number(f, a->tolerance, ", list(");
    for (size_t i = 0; i < a->point->n; i++) {
        const tst_input *in = &a->point->in[i];
        char *name = called(a, in->name);
        if (!name) continue;
        // a vector is plain
        bool column = in->order == 1 || (in->order == 2 && !strcmp(in->dim_text[1], "1"));
        fprintf(f, "%s`%s`=%s", between, name, in->order == 0 || column ? "c(" : "");
        r_array(f, in->value, in->order ? in->dim[0] : 1, in->order > 1 ? in->dim[1] : 1);
        if (in->order == 0 || column) fputs(")", f);
        between = ",";
        free(name);
    }
    for (size_t i = 0; i < a->point->ndims; i++) {
        char *name = called(a, a->point->dim[i].name);
        if (!name) continue;
        fprintf(f, "%s%s=%zu", between, name, a->point->dim[i].size);
        between = ",";
        free(name);
    }
    fputs("), ", f);
    quote(f, a->body);
    for (int k = 0; k < 2; k++) {
        fputs(k ? ", list(" : ", c(", f);
        for (size_t i = 0; i < a->nresults; i++) {
            if (i) fputs(",", f);
            const sd_array *w = &a->want[i];
            if (k) r_array(f, w->data, w->order ? w->dim[0] : 1, w->order > 1 ? w->dim[1] : 1);
            else quote(f, a->result[i]);
        }
        fputs(")", f);
    }
    fputs(")\n", f);
}
