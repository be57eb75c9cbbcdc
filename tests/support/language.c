// SPDX-License-Identifier: MIT
// Answers as code of other languages, run by those languages. What is printed for NumPy is a program for
// Python, what is printed for MATLAB one for Octave, what is printed for Eigen one for g++: one file for each
// language holds every answer with the data of a random point and the interpreter's values, compares, and
// prints what differs.
//
// A language that is not installed is named, and its answers are not run. Eigen's templates take a compiler a
// second for ten answers: one in `share` is compiled.
#define _POSIX_C_SOURCE 200809L
#include "tests/support/language.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 20 };
#define FUNCTION "answer_of_block"

typedef struct {
    size_t n;
    char **text;
    unsigned wrong;
} pile; // of answers, each a piece of program

struct tst_translations {
    pile of[8];
};

// ---- the table --------------------------------------------------------------------------------------------
#define PYTHON_CASE                                                                                          \
    "inf, nan, wrong, ran = float('inf'), float('nan'), 0, 0\n"                                              \
    "def case(where, tolerance, scope, body, results, wants):\n"                                             \
    "    global wrong, ran\n"                                                                                \
    "    ran += 1\n"                                                                                         \
    "    scope = {unicodedata.normalize('NFKC', name): scope[name] for name in scope} # as Python does\n"    \
    "    scope.update(library)\n"                                                                            \
    "    try:\n"                                                                                             \
    "        exec(body, scope)\n"                                                                            \
    "        for result, (shape, want) in zip(results, wants):\n"                                            \
    "            got, want = numpy.asarray(eval(result, scope)), numpy.array(want).reshape(shape)\n"         \
    "            if numpy.squeeze(got).shape != numpy.squeeze(want).shape: raise ValueError(f'shape "        \
    "{got.shape}, not {want.shape}')\n"                                                                      \
    "            gap = numpy.abs(numpy.squeeze(got) - numpy.squeeze(want))\n"                                \
    "            scale = numpy.max(numpy.abs(want), initial=0)\n"                                            \
    "            if not numpy.all(gap <= tolerance*scale + 1e-12): raise ValueError(f'{got.tolist()}, not "  \
    "{want.tolist()}')\n"                                                                                    \
    "    except Exception as e:\n"                                                                           \
    "        known = [part for part in lacks if part in str(e)]\n"                                           \
    "        for part in known: lacks[part], ran = lacks[part] + 1, ran - 1\n        if known: return\n"     \
    "        wrong += 1\n"                                                                                   \
    "        print(f'{where}: {type(e).__name__}: {str(e)[:300]}\\n    ' + (body + "                         \
    "'\\n'.join(results)).replace('\\n', '\\n    '))\n"

#define PYTHON(l, library)                                                                                   \
    .file = "answers_" l ".py", .program = {"python3", "/usr/bin/python3"},                                  \
    .run = {"", "@answers_" l ".py"}, .head = "import numpy, unicodedata\nlacks = {}\n" library PYTHON_CASE, \
    .foot = "for part, n in lacks.items(): n and print(f'not run: {n}, \"{part}\"')\nprint(f'{ran} ran, "    \
            "{wrong} wrong')\n",                                                                             \
    .write = tst_write_python, .share = 1

static const tst_language languages[] = {
    {.name = "numpy",
     .format = SD_NUMPY,
     .probe = {"", "-c", "import numpy, scipy"},
     PYTHON("numpy",
            "import numpy as np, scipy, scipy.special, scipy.linalg\nnp.seterr(all='ignore')\nlibrary, array "
            "= {'np': np, 'scipy': scipy}, np.array\n")},
    {.name = "torch",
     .format = SD_TORCH,
     .probe = {"", "-c", "import torch"},
     PYTHON("torch",
            "import math, torch\ntorch.set_default_dtype(torch.float64)\nlibrary, array = {'torch': torch, "
            "'math': math}, lambda v: torch.tensor(v, dtype=torch.float64)\n"
            "lacks = {'view size is not compatible': 0}\n")}, // kron of a transpose, before version 2
    {.name = "jax",
     .format = SD_JAX,
     .probe = {"", "-c", "import jax"},
     PYTHON("jax", "import jax, jax.scipy, jax.numpy as jnp\njax.config.update('jax_enable_x64', "
                   "True)\nlibrary, array = {'jax': jax, 'jnp': jnp}, jnp.array\n")},
    {.name = "matlab",
     .format = SD_MATLAB,
     .file = "octave.m",
     .program = {"octave-cli"},
     .probe = {"", "--version"},
     .run = {"", "--norc", "-q", "@octave.m"},
     .head = tst_octave_head,
     .foot = "if lacks__, printf('not run: %d, psi of negative numbers\\n', lacks__); end\nprintf('%d ran, "
             "%d wrong\\n', ran__, wrong__);\n",
     .write = tst_write_octave,
     .share = 1},
    {.name = "eigen",
     .format = SD_EIGEN,
     .file = "eigen.cpp",
     .program = {"g++"},
     .probe = {"", "-fsyntax-only", "-I/usr/include/eigen3", "@eigen.cpp"},
     .build = {"", "-std=c++14", "-O0", "-w", "-I/usr/include/eigen3", "-o", "@eigen", "@eigen.cpp"},
     .run = {"@eigen"},
     .head = tst_eigen_head,
     .foot = "",
     .write = tst_write_eigen,
     .share = 36},
    {.name = "r",
     .format = SD_R,
     .file = "answers.R",
     .program = {"Rscript"},
     .probe = {"", "--version"},
     .run = {"", "--vanilla", "@answers.R"},
     .head = tst_r_head,
     .foot = "cat(ran, ' ran, ', wrong, ' wrong\n', sep='')\n",
     .write = tst_write_r,
     .share = 1},
};
enum { LANGUAGES = sizeof languages / sizeof *languages };

tst_translations *tst_translations_new(void)
{
    tst_translations *t = tst_grow(NULL, sizeof *t);
    memset(t, 0, sizeof *t);
    return t;
}

// "a, const Eigen::VectorXd &b" is a, b: the names alone.
static char *names_of(const char *arguments, size_t n)
{
    char *names = tst_copy("", 0);
    for (size_t i = 0, end; i < n; i = end + 1) {
        for (end = i; end < n && arguments[end] != ','; end++) continue;
        size_t begin = end;
        while (begin > i && arguments[begin - 1] != ' ' && arguments[begin - 1] != '&') begin--;
        char *more = tst_format("%s%s%.*s", names, *names ? ", " : "", (int)(end - begin), arguments + begin);
        free(names);
        names = more;
    }
    return names;
}

static char *octave_results(size_t n)
{
    char *left = tst_copy("", 0);
    for (size_t i = 0; i < n; i++) {
        char *more = tst_format("%s%sresult%zu__", left, i ? "," : "", i);
        free(left);
        left = more;
    }
    return left;
}

// Makes a program of printed code: the code is a function, called FUNCTION; a call of it follows, whose
// results are asked. The value comes first.
static void take_apart(tst_answer *a, const tst_language *l, const char *code, size_t n, bool value)
{
    const char *head = strstr(code, FUNCTION), *open = head ? strchr(head, '(') : NULL,
               *close = open ? strchr(open, ')') : NULL;
    if (!close) return;
    bool eigen = l->format == SD_EIGEN, octave = l->format == SD_MATLAB;
    char *names = names_of(open + 1, (size_t)(close - open - 1)),
         *left = octave ? octave_results(n + value) : NULL;
    a->nresults = n;
    a->before = eigen ? tst_copy(code, strlen(code)) : NULL;
    if (octave) a->body = tst_format("%s\n[%s] = " FUNCTION "(%s);\n", code, left, names);
    else if (eigen) a->body = tst_format("    const auto result__ = answer::" FUNCTION "(%s);\n", names);
    else a->body = tst_format("%s\nresult__ = " FUNCTION "(%s)\n", code, names);
    for (size_t i = 0; i < n; i++) {
        size_t k = i + value;
        if (octave) a->result[i] = tst_format("result%zu__", k);
        else if (n + value == 1) a->result[i] = tst_copy("result__", 8);
        else if (eigen) a->result[i] = tst_format("std::get<%zu>(result__)", k);
        else if (l->format == SD_R) a->result[i] = tst_format("result__[[%zu]]", k + 1);
        else a->result[i] = tst_format("result__[%zu]", k);
    }
    a->arguments = names;
    free(left);
}

static void add(pile *p, const tst_language *l, tst_answer *a)
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

// Are the formulas that are shown finite where the answer is? prod(x)./x is not,
// and Taylor points are in no legend.
static bool formulas_hold(const tst_subject *s, const tst_point *p)
{
    bool holds = !s->request || s->request->what != SD_TAYLOR;
    sd_data *d = tst_point_data(s->c, p);
    for (size_t i = 0; holds && i < sd_result_count(s->r); i++) {
        sd_array a = {0};
        holds = sd_interpret(s->c, sd_value(s->c, sd_result_expr(s->r, i)), d, &a) == SD_OK;
        for (size_t k = 0; holds && k < tst_entries(&a); k++) holds = isfinite(a.data[k]);
        sd_free(s->c, a.data);
    }
    sd_data_free(d);
    return holds;
}

// Chooses one of `share` answers by a hash of its code: the choice does not depend on other blocks.
static bool is_chosen(const char *code, size_t share)
{
    uint64_t h = 14695981039346656037u;
    for (; *code; code++) h = (h ^ (unsigned char)*code) * 1099511628211u;
    return (h >> 32) % share == 0;
}

void tst_translate(tst_translations *t, const tst_subject *s, const tst_point *p, const sd_array *want,
                   tst_report *report)
{
    if (sd_result_count(s->r) > TST_RESULTS || !formulas_hold(s, p)) return;
    for (size_t i = 0; i < LANGUAGES; i++) {
        const tst_language *l = &languages[i];
        bool value = s->request && s->request->what != SD_VALUE;
        char *code = sd_print_function(s->c, s->r, l->format, FUNCTION, value ? SD_WITH_VALUE : 0);
        if (!code && sd_last_error(s->c)->code != SD_ERR_UNSUPPORTED)
            tst_complain(report, "%s: %s", l->name, sd_last_error(s->c)->message);
        if (code && is_chosen(code, l->share)) {
            tst_answer a = {.where = s->where ? s->where : "?",
                            .point = p,
                            .want = want,
                            .tolerance = s->tolerance > 0 ? s->tolerance : 1e-8};
            take_apart(&a, l, code, sd_result_count(s->r), value);
            if (tst_has_arguments(&a)) add(&t->of[i], l, &a);
            for (size_t k = 0; k < a.nresults; k++) free(a.result[k]);
            free(a.body);
            free(a.before);
            free(a.arguments);
        }
        sd_free(s->c, code);
    }
}

// ---- running ----------------------------------------------------------------------------------------------
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

static const char *installed(const tst_language *l, const char *folder, const char *log)
{
    if (tst_is_without(l->name)) return NULL;
    tst_write(folder, l->file, l->head);
    for (size_t i = 0; i < sizeof l->program / sizeof *l->program && l->program[i]; i++)
        if (start(folder, l->program[i], l->probe, log) == 0) return l->program[i];
    return NULL;
}

static void write_program(const tst_language *l, const pile *p, const char *folder)
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
            if (p->text[k]) fprintf(f, "    space%zu::case%zu();\n", k, k);
        fputs("    std::printf(\"%d ran, %d wrong\\n\", ran, wrong);\n}\n", f);
    }
    fclose(f);
}

// Compiles. What the compiler refuses is reported and left out, and the rest is tried again.
static bool build(const tst_language *l, pile *p, const char *folder, const char *program, const char *log,
                  FILE *report)
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
                fprintf(report, "%s: does not compile: %.*s\n%s", l->name,
                        error ? (int)strcspn(error, "\n") : 0, error ? error : "", p->text[k]);
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
        const tst_language *l = &languages[i];
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
        // the version that is installed has a defect
        char *lacks = differ || p->wrong || !text ? NULL : strstr(text, "not run: ");
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
