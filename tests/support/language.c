// SPDX-License-Identifier: MIT
// Answers as code of other languages, run by those languages. What is printed for NumPy is a program for Python, what
// is printed for MATLAB one for Octave, what is printed for Eigen one for g++: one file for each language holds every
// answer with the data of a random point and the interpreter's values, compares, and prints what differs.
//
// A language that is not installed is named, and its answers are not run. Eigen's templates take a compiler a second for
// ten answers: one in `share` is compiled.
#define _POSIX_C_SOURCE 200809L
#include "tests/support/test.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 20, RESULTS = 64 };

// One answer: statements, and behind them an expression for each result.
typedef struct {
    const char *where;
    const tst_point *point;
    const sd_array *want;
    double tolerance;
    char *body, *result[RESULTS];
    size_t nresults, serial;
} answer;

typedef struct language {
    const char *name;
    sd_format format;
    const char *file, *program[2]; // the first that is installed and passes the probe
    const char *probe[5], *build[10], *run[6]; // arguments: "" is the program, "@x" a file of ours; no build: nothing to compile
    const char *head, *foot;
    void (*write)(const struct language *l, FILE *f, const answer *a);
    size_t share;
} language;

typedef struct { size_t n; char **text; unsigned wrong; } pile; // of answers, each a piece of program

struct tst_translations { pile of[8]; };

// ---- pieces that languages share -------------------------------------------------------------------------------
static size_t length(const sd_array *a)
{
    size_t n = 1;
    for (int i = 0; i < a->order; i++) n *= a->dim[i];
    return n;
}

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

static bool mentions(const answer *a, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i <= a->nresults; i++) {
        const char *text = i < a->nresults ? a->result[i] : a->body;
        for (const char *s = strstr(text, name); s; s = strstr(s + 1, name))
            if ((s == text || !is_letter(s[-1])) && !is_letter(s[n])) return true;
    }
    return false;
}

// What the text calls a variable, NULL if it does not mention it: words of the language get a '_', some languages spell out
// Greek letters.
static char *called(const answer *a, const char *name)
{
    char *marked = tst_format("%s_", name), *found = mentions(a, marked) ? marked : mentions(a, name) ? tst_copy(name, strlen(name)) : NULL;
    char *spelled = found ? NULL : tst_spelled(name);
    if (spelled && mentions(a, spelled)) found = spelled;
    if (found != spelled) free(spelled);
    if (found != marked) free(marked);
    return found;
}

// ---- Python ----------------------------------------------------------------------------------------------------
#define PYTHON_CASE \
    "inf, nan, wrong, ran = float('inf'), float('nan'), 0, 0\n" \
    "def case(where, tolerance, scope, body, results, wants):\n" \
    "    global wrong, ran\n" \
    "    ran += 1\n    scope.update(library)\n" \
    "    try:\n" \
    "        exec(body, scope)\n" \
    "        for result, (shape, want) in zip(results, wants):\n" \
    "            got, want = numpy.asarray(eval(result, scope)), numpy.array(want).reshape(shape)\n" \
    "            if numpy.squeeze(got).shape != numpy.squeeze(want).shape: raise ValueError(f'shape {got.shape}, not {want.shape}')\n" \
    "            gap = numpy.abs(numpy.squeeze(got) - numpy.squeeze(want))\n" \
    "            scale = numpy.max(numpy.abs(want), initial=0)\n" \
    "            if not numpy.all(gap <= tolerance*scale + 1e-12): raise ValueError(f'{got.tolist()}, not {want.tolist()}')\n" \
    "    except Exception as e:\n" \
    "        known = [part for part in lacks if part in str(e)]\n" \
    "        for part in known: lacks[part], ran = lacks[part] + 1, ran - 1\n        if known: return\n" \
    "        wrong += 1\n" \
    "        print(f'{where}: {type(e).__name__}: {str(e)[:300]}\\n    ' + (body + '\\n'.join(results)).replace('\\n', '\\n    '))\n"

static void python_array(FILE *f, const tst_input *in)
{
    size_t n = 1, axes = 0;
    for (int k = 0; k < in->order; k++) n *= in->dim[k];
    fputs("array([", f);
    numbers(f, in->value, n);
    fputs("]).reshape(", f);
    for (int k = 0; k < in->order; k++)
        if (strcmp(in->dim_text[k], "1")) fprintf(f, "%s%zu", axes++ ? "," : "(", in->dim[k]); // what is 1 has no axis
    fputs(axes ? ",))" : "())", f); // (3,4,) is a tuple, too
}

static void write_python(const language *l, FILE *f, const answer *a)
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
        bool exponent = !a->point->in[i].order && a->point->in[i].facts & TST_INTEGER && mentions(a, "matrix_power"); // no array there
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
        numbers(f, a->want[i].data, length(&a->want[i]));
        fputs("]), ", f);
    }
    fputs("])\n", f);
}

// ---- Octave ------------------------------------------------------------------------------------------------------
static const char octave_head[] =
    "1;\nglobal wrong__ ran__\nwrong__ = ran__ = 0;\nglobal lacks__\nlacks__ = 0;\nwarning('off', 'all');\n"
    "function case__(where__, tolerance__, data__, body__, results__, wants__)\n"
    "    global wrong__ ran__ lacks__\n"
    "    ran__++;\n    try\n        eval(data__);\n        eval(body__);\n"
    "        for k__ = 1:numel(results__)\n"
    "            got__ = full(double(eval(results__{k__}))); want__ = wants__{k__};\n"
    "            if isvector(want__) && isvector(got__), got__ = got__(:); want__ = want__(:); end\n"
    "            if !isequal(size(got__), size(want__)), error('%s, not %s', mat2str(size(got__)), mat2str(size(want__))); end\n"
    "            if !all(abs(got__(:)-want__(:)) <= tolerance__*max(abs(want__(:)))+1e-12), error('%s, not %s', mat2str(got__), mat2str(want__)); end\n"
    "        end\n"
    "    catch e__\n"
    "        if strfind(e__.message, 'psi: Z must be non-negative'), ran__--; lacks__++; return; end\n"
    "        wrong__++;\n"
    "        printf('%s: %s\\n    %s\\n', where__, strtrim(e__.message), strrep([body__ strjoin(results__, \"\\n\")], \"\\n\", \"\\n    \"));\n"
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

static void write_octave(const language *l, FILE *f, const answer *a)
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

// ---- Eigen -------------------------------------------------------------------------------------------------------
static const char eigen_head[] =
    "#include <Eigen/Dense>\n#include <unsupported/Eigen/KroneckerProduct>\n#include <unsupported/Eigen/MatrixFunctions>\n"
    "#include <cmath>\n#include <cstdio>\n"
    "#include <csignal>\nstatic const double inf = HUGE_VAL;\nstatic int wrong, ran;\nstatic const char *now = \"\";\n"
    "static void stopped(int) { std::printf(\"stopped in %s\\n\", now); std::fflush(stdout); }\n"
    "typedef Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows;\n"
    "static rows array(double x) { return rows::Constant(1, 1, x); }\n"
    "template <class D> static rows array(const Eigen::EigenBase<D> &x) { Eigen::MatrixXd m = x.derived(); return m; }\n"
    "static rows given(long m, long n, const double *v) { return Eigen::Map<const rows>(v, m, n); }\n"
    "static void check(const char *where, const char *text, const rows &got, const rows &want, double tolerance)\n{\n"
    "    bool vector = got.rows() == want.cols() && got.cols() == want.rows() && (got.rows() == 1 || got.cols() == 1);\n"
    "    rows g = got;\n    if (vector && got.rows() != want.rows()) g = got.transpose().eval();\n"
    "    if (g.rows() == want.rows() && g.cols() == want.cols() &&\n"
    "        (g - want).cwiseAbs().maxCoeff() <= tolerance*want.cwiseAbs().maxCoeff() + 1e-12) return;\n"
    "    wrong++;\n    std::printf(\"%s: %ldx%ld, not %ldx%ld; entry 1 is %.12g, not %.12g\\n    %s\\n\", where, long(got.rows()), long(got.cols()),\n"
    "                long(want.rows()), long(want.cols()), got(0), want(0), text);\n}\n";

static void write_eigen(const language *l, FILE *f, const answer *a)
{
    (void)l;
    fprintf(f, "#line 1 \"%zu.case\"\nstatic void case%zu()\n{\n    ran++;\n    now = ", a->serial, a->serial);
    quote(f, a->where);
    fputs(";\n", f);
    for (size_t i = 0; i < a->point->n; i++) {
        const tst_input *in = &a->point->in[i];
        char *name = called(a, in->name);
        if (!name) continue;
        size_t m = in->order ? in->dim[0] : 1, n = in->order > 1 ? in->dim[1] : 1;
        bool column = in->order == 1 || (in->order == 2 && !strcmp(in->dim_text[1], "1")), row = in->order == 2 && !strcmp(in->dim_text[0], "1");
        fprintf(f, "    static const double %s_data[] = {", name);
        numbers(f, in->value, m * n);
        if (in->order && !(row && column)) fprintf(f, "};\n    const Eigen::%s %s = given(%zu, %zu, %s_data);\n", row ? "RowVectorXd" : column ? "VectorXd" : "MatrixXd", name, m, n, name);
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
        numbers(f, w->data, length(w));
        fputs("};\n    check(", f);
        quote(f, a->where);
        fputs(", ", f);
        quote(f, a->result[i]);
        fprintf(f, ", array(%s), given(%zu, %zu, want%zu), ", a->result[i], w->order ? w->dim[0] : 1, w->order > 1 ? w->dim[1] : 1, i);
        number(f, a->tolerance, ");\n");
    }
    fputs("}\n", f);
}

// ---- the table -----------------------------------------------------------------------------------------------------
#define PYTHON(l, library) .file = "answers_" l ".py", .program = {"python3", "/usr/bin/python3"}, .run = {"", "@answers_" l ".py"}, .head = "import numpy\nlacks = {}\n" library PYTHON_CASE, .foot = "for part, n in lacks.items(): n and print(f'not run: {n}, \"{part}\"')\nprint(f'{ran} ran, {wrong} wrong')\n", .write = write_python, .share = 1

static const language languages[] = {
    {.name = "numpy", .format = SD_NUMPY, .probe = {"", "-c", "import numpy, scipy"},
     PYTHON("numpy", "import numpy as np, scipy, scipy.special, scipy.linalg\nnp.seterr(all='ignore')\nlibrary, array = {'np': np, 'scipy': scipy}, np.array\n")},
    {.name = "torch", .format = SD_TORCH, .probe = {"", "-c", "import torch"},
     PYTHON("torch", "import math, torch\ntorch.set_default_dtype(torch.float64)\nlibrary, array = {'torch': torch, 'math': math}, lambda v: torch.tensor(v, dtype=torch.float64)\n"
            "lacks = {'view size is not compatible': 0}\n")}, // kron of a transpose, before version 2
    {.name = "jax", .format = SD_JAX, .probe = {"", "-c", "import jax"},
     PYTHON("jax", "import jax, jax.scipy, jax.numpy as jnp\njax.config.update('jax_enable_x64', True)\nlibrary, array = {'jax': jax, 'jnp': jnp}, jnp.array\n")},
    {.name = "matlab", .format = SD_MATLAB, .file = "octave.m", .program = {"octave-cli"}, .probe = {"", "--version"}, .run = {"", "--norc", "-q", "@octave.m"},
     .head = octave_head, .foot = "if lacks__, printf('not run: %d, psi of negative numbers\\n', lacks__); end\nprintf('%d ran, %d wrong\\n', ran__, wrong__);\n", .write = write_octave, .share = 1},
    {.name = "eigen", .format = SD_EIGEN, .file = "eigen.cpp", .program = {"g++"}, .probe = {"", "-fsyntax-only", "-I/usr/include/eigen3", "@eigen.cpp"},
     .build = {"", "-std=c++14", "-O0", "-w", "-I/usr/include/eigen3", "-o", "@eigen", "@eigen.cpp"}, .run = {"@eigen"}, .head = eigen_head, .foot = "", .write = write_eigen, .share = 36},
};
enum { LANGUAGES = sizeof languages / sizeof *languages };

tst_translations *tst_translations_new(void)
{
    tst_translations *t = tst_grow(NULL, sizeof *t);
    memset(t, 0, sizeof *t);
    return t;
}

// The last lines are the results: assignments, or for a single one an expression.
static void take_apart(answer *a, const char *code, size_t n)
{
    size_t end = strlen(code);
    while (end && code[end - 1] == '\n') end--;
    a->nresults = n;
    for (size_t i = n; i-- > 0;) {
        size_t begin = end;
        while (begin && code[begin - 1] != '\n') begin--;
        char *line = tst_copy(code + begin, end - begin), *sign = strstr(line, " = "), *open = strpbrk(line, "([");
        bool assigned = sign && (!open || sign < open);
        if (assigned) {
            char *name = sign;
            while (name > line && name[-1] != ' ') name--;
            a->result[i] = tst_copy(name, (size_t)(sign - name));
        } else {
            a->result[i] = tst_copy(line, strlen(line));
        }
        if (i == n - 1) a->body = tst_copy(code, assigned ? end : begin);
        free(line);
        end = begin ? begin - 1 : 0;
    }
    char *lines = tst_format("%s%s", a->body, *a->body && a->body[strlen(a->body) - 1] != '\n' ? "\n" : "");
    free(a->body);
    a->body = lines;
}

static void add(pile *p, const language *l, answer *a)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f) exit(3);
    a->serial = p->n;
    l->write(l, f, a);
    fclose(f);
    if ((p->n & (p->n - 1)) == 0) p->text = tst_grow(p->text, (p->n ? 2 * p->n : 1) * sizeof *p->text);
    p->text[p->n++] = text;
}

// Are the formulas that are shown finite where the answer is? prod(x)./x is not, and Taylor points are in no legend.
static bool formulas_hold(const tst_subject *s, const tst_point *p)
{
    bool holds = !s->request || s->request->what != SD_TAYLOR;
    sd_data *d = tst_point_data(s->c, p);
    for (size_t i = 0; holds && i < sd_result_count(s->r); i++) {
        sd_array a = {0};
        holds = sd_interpret(s->c, sd_value(s->c, sd_result_expr(s->r, i)), d, &a) == SD_OK;
        for (size_t k = 0; holds && k < length(&a); k++) holds = isfinite(a.data[k]);
        sd_free(s->c, a.data);
    }
    sd_data_free(d);
    return holds;
}

// One in `share`, always the same ones: what is run does not depend on other blocks.
static bool is_chosen(const char *code, size_t share)
{
    uint64_t h = 14695981039346656037u;
    for (; *code; code++) h = (h ^ (unsigned char)*code) * 1099511628211u;
    return (h >> 32) % share == 0;
}

void tst_translate(tst_translations *t, const tst_subject *s, const tst_point *p, const sd_array *want, tst_report *report)
{
    if (sd_result_count(s->r) > RESULTS || !formulas_hold(s, p)) return;
    for (size_t i = 0; i < LANGUAGES; i++) {
        const language *l = &languages[i];
        char *code = sd_print(s->c, s->r, l->format, 0);
        if (!code && sd_last_error(s->c)->code != SD_ERR_UNSUPPORTED) tst_complain(report, "%s: %s", l->name, sd_last_error(s->c)->message);
        if (code && is_chosen(code, l->share)) {
            answer a = {.where = s->where ? s->where : "?", .point = p, .want = want, .tolerance = s->tolerance > 0 ? s->tolerance : 1e-8};
            take_apart(&a, code, sd_result_count(s->r));
            add(&t->of[i], l, &a);
            for (size_t k = 0; k < a.nresults; k++) free(a.result[k]);
            free(a.body);
        }
        sd_free(s->c, code);
    }
}

// ---- running ---------------------------------------------------------------------------------------------------
static int start(const char *folder, const char *program, const char *const *arguments, const char *log)
{
    const char *argv[16];
    char *owned[16];
    size_t n = 0, m = 0;
    for (; arguments[n]; n++) {
        argv[n] = *arguments[n] ? arguments[n] : program;
        if (*argv[n] == '@') argv[n] = owned[m++] = tst_format("%s/%s", folder, argv[n] + 1);
    }
    argv[n] = NULL;
    int status = tst_run(argv, log);
    while (m) free(owned[--m]);
    return status;
}

static const char *installed(const language *l, const char *folder, const char *log)
{
    if (tst_is_without(l->name)) return NULL;
    tst_write(folder, l->file, l->head);
    for (size_t i = 0; i < sizeof l->program / sizeof *l->program && l->program[i]; i++)
        if (start(folder, l->program[i], l->probe, log) == 0) return l->program[i];
    return NULL;
}

static void write_program(const language *l, const pile *p, const char *folder)
{
    char *path = tst_format("%s/%s", folder, l->file);
    FILE *f = fopen(path, "w");
    free(path);
    if (!f) exit(3);
    fputs(l->head, f);
    for (size_t k = 0; k < p->n; k++)
        if (p->text[k]) fputs(p->text[k], f);
    fputs(l->foot, f);
    if (l->build[0]) {
        fputs("int main()\n{\n    std::signal(SIGABRT, stopped);\n", f);
        for (size_t k = 0; k < p->n; k++)
            if (p->text[k]) fprintf(f, "    case%zu();\n", k);
        fputs("    std::printf(\"%d ran, %d wrong\\n\", ran, wrong);\n}\n", f);
    }
    fclose(f);
}

// Compiles. What the compiler refuses is reported and left out, and the rest is tried again.
static bool build(const language *l, pile *p, const char *folder, const char *program, const char *log, FILE *report)
{
    for (int round = 0; round < ROUNDS; round++) {
        write_program(l, p, folder);
        if (start(folder, program, l->build, log) == 0) return true;
        char *text = tst_read(log);
        size_t found = 0;
        for (size_t k = 0; text && k < p->n; k++) {
            char *place = tst_format("%zu.case:", k), *at = p->text[k] ? strstr(text, place) : NULL;
            while (at && at > text && at[-1] != '\n' && !strchr(" /", at[-1])) at = strstr(at + 1, place);
            char *error = at ? strstr(at, "error: ") : NULL;
            if (at) {
                fprintf(report, "%s: does not compile: %.*s\n%s", l->name, error ? (int)strcspn(error, "\n") : 0, error ? error : "", p->text[k]);
                free(p->text[k]);
                p->text[k] = NULL;
                p->wrong++;
                found++;
            }
            free(place);
        }
        if (!found) fprintf(report, "%s: %.2000s\n", l->name, text ? text : "");
        free(text);
        if (!found) return false;
    }
    return false;
}

size_t tst_translations_run(tst_translations *t, FILE *report)
{
    size_t wrong = 0;
    char *folder = tst_temporary(), *log = tst_format("%s/log", folder);
    for (size_t i = 0; i < LANGUAGES; i++) {
        const language *l = &languages[i];
        pile *p = &t->of[i];
        const char *program = p->n ? installed(l, folder, log) : NULL;
        if (p->n && !program) fprintf(report, "%s is not installed: %zu answers not run\n", l->name, p->n);
        if (!program) continue;
        if (!l->build[0]) write_program(l, p, folder);
        bool ready = !l->build[0] || build(l, p, folder, program, log, report);
        if (ready) (void)start(folder, program, l->run, log);
        char *text = ready ? tst_read(log) : NULL, *last = text ? strstr(text, " ran, ") : NULL;
        unsigned ran = 0, differ = 0;
        while (last && last > text && last[-1] != '\n') last--;
        if (!last || sscanf(last, "%u ran, %u wrong", &ran, &differ) != 2) p->wrong++;
        if (differ || p->wrong) fprintf(report, "%s\n", text ? text : "the program does not run");
        else fprintf(report, "%u answers run by %s\n", ran, l->name);
        char *lacks = differ || p->wrong || !text ? NULL : strstr(text, "not run: "); // the version that is installed has a defect
        if (lacks) fprintf(report, "    %.*s\n", (int)(last - lacks - 1), lacks);
        wrong += p->wrong + differ;
        free(text);
    }
    free(log);
    tst_remove(folder);
    return wrong;
}

void tst_translations_free(tst_translations *t)
{
    for (size_t i = 0; i < LANGUAGES; i++) {
        for (size_t k = 0; k < t->of[i].n; k++) free(t->of[i].text[k]);
        free(t->of[i].text);
    }
    free(t);
}
