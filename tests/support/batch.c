// SPDX-License-Identifier: MIT
// Emitted C in batches. Compiling one file takes a compiler longer than deriving a hundred answers, so
// hundreds of emitted files are included into one unit, which every compiler turns into a shared object with
// all warnings as errors; the functions are then called through wrappers of one type and compared with the
// interpreter's values.
//
// Static helpers of different files may have one name: each is renamed by a macro around its #include. The
// wrappers are made from the prototype in the emitted header alone, so the header is tested, too. Functions
// of several outputs are called for each output alone as well. A file that a compiler refuses is reported,
// left out, and the rest is tried again.
#define _GNU_SOURCE // RTLD_NODELETE
#include "tests/support/test.h"

#include <ctype.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

enum { UNIT = 150, ROUNDS = 12 };

typedef struct {
    size_t *dim, *in_length, *out_length;
    double **in, **want, **allowed; // allowed: by entry, or NULL: the tolerance
    double tolerance;
} point;

typedef struct {
    char *where, *name, *source, *header;
    size_t ndims, nin, nout, npoints;
    point *at;
    bool refused, failed;
} emitted;

struct tst_batch {
    emitted *f;
    size_t n;
    char *folder;
    tst_translations *others;
};

typedef int wrapper(const size_t *dims, const double *const *in, double *const *out, double *work);
typedef size_t workspace(const size_t *dims);

tst_batch *tst_batch_new(void)
{
    tst_batch *b = tst_grow(NULL, sizeof *b);
    *b = (tst_batch){.folder = tst_temporary(), .others = tst_translations_new()};
    return b;
}

size_t tst_batch_size(const tst_batch *b) { return b ? b->n : 0; }

tst_translations *tst_batch_translations(tst_batch *b) { return b->others; }

static double *copy_values(const double *v, size_t n)
{
    double *p = tst_grow(NULL, n * sizeof *p);
    memcpy(p, v, n * sizeof *p);
    return p;
}

const char *tst_target;

// The source with panels and threads for the small arrays of tests, too.
static char *in_small_panels(const char *source)
{
    static const char *const change[][2] = {{"return wide < least ? least : wide;",
                                             "return wide < least ? 1 + n / 3 : wide;"},
                                            {" > 20000.0)", " > 0.0)"}};
    char *text = tst_copy(source, strlen(source));
    for (size_t i = 0; i < sizeof change / sizeof *change; i++)
        for (char *p = text, *at; (at = strstr(p, change[i][0]));) {
            char *longer =
                tst_format("%.*s%s%s", (int)(at - text), text, change[i][1], at + strlen(change[i][0]));
            p = longer + (at - text) + strlen(change[i][1]);
            free(text);
            text = longer;
        }
    return text;
}

void tst_batch_add(tst_batch *b, const char *where, const sd_c_code *code, const char *name,
                   const sd_function *f, size_t nout)
{
    emitted e = {.where = tst_copy(where, strlen(where)),
                 .name = tst_copy(name, strlen(name)),
                 .source = in_small_panels(code->source),
                 .header = tst_copy(code->header, strlen(code->header)),
                 .ndims = sd_function_dims(f),
                 .nin = sd_function_inputs(f),
                 .nout = nout};
    if ((b->n & (b->n - 1)) == 0) b->f = tst_grow(b->f, (b->n ? 2 * b->n : 1) * sizeof *b->f);
    b->f[b->n++] = e;
}

void tst_batch_point(tst_batch *b, const sd_function *f, const tst_point *p, const sd_array *want,
                     const sd_array *allowed, double tolerance)
{
    emitted *e = &b->f[b->n - 1];
    point q = {.tolerance = tolerance > 0 ? tolerance : 1e-8};
    q.dim = tst_grow(NULL, e->ndims * sizeof *q.dim);
    q.in = tst_grow(NULL, e->nin * sizeof *q.in);
    q.in_length = tst_grow(NULL, e->nin * sizeof *q.in_length);
    q.want = tst_grow(NULL, e->nout * sizeof *q.want);
    q.allowed = allowed ? tst_grow(NULL, e->nout * sizeof *q.allowed) : NULL;
    q.out_length = tst_grow(NULL, e->nout * sizeof *q.out_length);
    for (size_t i = 0; i < e->ndims; i++)
        q.dim[i] = tst_point_dim((tst_point *)(uintptr_t)p, sd_function_dim(f, i));
    for (size_t i = 0; i < e->nin; i++) {
        const tst_input *in = tst_point_find(p, sd_function_input(f, i));
        q.in_length[i] = 1;
        for (int k = 0; in && k < in->order; k++) q.in_length[i] *= in->dim[k];
        q.in[i] = in ? copy_values(in->value, q.in_length[i]) : NULL;
        e->refused |= !in;
    }
    for (size_t i = 0; i < e->nout; i++) {
        q.out_length[i] = tst_entries(&want[i]);
        q.want[i] = copy_values(want[i].data, q.out_length[i]);
        if (allowed) q.allowed[i] = copy_values(allowed[i].data, q.out_length[i]);
    }
    e->at = tst_grow(e->at, (e->npoints + 1) * sizeof *e->at);
    e->at[e->npoints++] = q;
}

// ---- the unit ---------------------------------------------------------------------------------------------
static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

// The names of static functions and tables of a source: the word before the first '(' ,
// '[' or '=' of a line "static ...".
static void statics(const char *source, tst_lines *names)
{
    for (const char *s = source; s && *s; s = strchr(s, '\n'), s = s ? s + 1 : NULL) {
        if (strncmp(s, "static ", 7)) continue;
        const char *end = s + strcspn(s, "([=;\n"), *start;
        while (end > s && !is_word(end[-1])) end--;
        for (start = end; start > s && is_word(start[-1]); start--) {}
        tst_push(names, tst_copy(start, (size_t)(end - start)));
    }
}

// The wrappers of one function and of its workspace query, from the parameters of its prototype: sizes,
// inputs, outputs, workspace.
static bool wrapper_text(const emitted *e, FILE *out)
{
    char *open = tst_format("int %s(", e->name);
    const char *s = strstr(e->header, open);
    size_t ndim = 0, nin = 0, nout = 0;
    fprintf(out, "int w_%s(const size_t *d, const double *const *in, double *const *out, double *work);\n",
            e->name);
    fprintf(out,
            "int w_%s(const size_t *d, const double *const *in, double *const *out, double *work)\n{\n    "
            "(void)d; (void)in; (void)out; (void)work;\n    return %s(",
            e->name, e->name);
    bool ok = s != NULL;
    for (s = s ? s + strlen(open) : ")"; *s && *s != ')';) {
        size_t n = strcspn(s, ",)");
        char *parameter = tst_copy(s, n);
        bool pointer = strchr(parameter, '*') || strchr(parameter, '[');
        if (ndim + nin + nout) fputs(", ", out);
        if (strstr(parameter, "size_t")) fprintf(out, "d[%zu]", ndim++);
        else if (strstr(parameter, "const double") && pointer) fprintf(out, "in[%zu]", nin++);
        else if (!pointer) fprintf(out, "*in[%zu]", nin++);
        else if (nout < e->nout) fprintf(out, "out[%zu]", nout++);
        else fputs("work", out);
        free(parameter);
        s += n + (s[n] == ',');
    }
    fprintf(out,
            ");\n}\nsize_t s_%s(const size_t *d);\nsize_t s_%s(const size_t *d)\n{\n    (void)d;\n    return "
            "%s_workspace(",
            e->name, e->name, e->name);
    for (size_t i = 0; i < e->ndims; i++) fprintf(out, "%sd[%zu]", i ? ", " : "", i);
    fputs(");\n}\n", out);
    free(open);
    return ok && ndim == e->ndims && nin == e->nin && nout == e->nout;
}

static void write_unit(tst_batch *b, size_t first, size_t end, FILE *report)
{
    char *path = tst_format("%s/unit.c", b->folder);
    FILE *out = fopen(path, "w");
    free(path);
    if (!out) return;
    for (size_t k = first; k < end; k++) {
        emitted *e = &b->f[k];
        if (e->refused) continue;
        tst_lines names = {0};
        statics(e->source, &names);
        for (size_t i = 0; i < names.n; i++)
            fprintf(out, "#undef %s\n#define %s %s_%s\n", names.s[i], names.s[i], e->name, names.s[i]);
        fprintf(out, "#include \"%s.c\"\n", e->name);
        for (size_t i = 0; i < names.n; i++) fprintf(out, "#undef %s\n", names.s[i]);
        if (!wrapper_text(e, out)) {
            fprintf(report,
                    "%s: the prototype of the emitted header does not have the inputs and outputs of the "
                    "compiled function:\n%s\n",
                    e->where, e->header);
            e->refused = e->failed = true;
        }
        tst_lines_free(&names);
    }
    fclose(out);
}

static void write_sources(tst_batch *b, size_t first, size_t end)
{
    for (size_t k = first; k < end; k++) {
        char *c = tst_format("%s.c", b->f[k].name), *h = tst_format("%s.h", b->f[k].name);
        tst_write(b->folder, c, b->f[k].source);
        tst_write(b->folder, h, b->f[k].header);
        free(c);
        free(h);
    }
}

// ---- compilers --------------------------------------------------------------------------------------------
typedef struct {
    const char *name, *argv[20];
    bool run;
} compiler;
#define STRICT "-pedantic", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Werror"
static const compiler compilers[] = {
    {"gcc", {"gcc", "-std=c99", STRICT, "-O1", "-fPIC", "-shared", "-o", "unit.so", "unit.c", "-lm"}, true},
    {"clang",
     {"clang", "-std=c99", STRICT, "-O1", "-fPIC", "-shared", "-o", "unit.so", "unit.c", "-lm"},
     true},
    {"tcc", {"tcc", "-std=c99", "-Wall", "-Werror", "-shared", "-o", "unit.so", "unit.c", "-lm"}, true},
    {"g++", {"g++", "-std=c++11", "-x", "c++", STRICT, "-fsyntax-only", "unit.c"}, false},
};

// The last arguments of the compiler for a target; the argument for OpenMP is gcc's.
static const struct {
    const char *target, *compiler, *argument[2];
} more[] = {
    {"openmp", "gcc", {"-fopenmp"}},
    {"cblas", NULL, {"-llapacke", "-lopenblas"}},
};

// Runs the compiler inside the batch's folder; its file arguments are made absolute.
static int compile(const tst_batch *b, const compiler *c, const char *log)
{
    const char *argv[28];
    char *owned[2];
    size_t n = 0, m = 0;
    for (; c->argv[n]; n++) {
        argv[n] = c->argv[n];
        if (!strncmp(argv[n], "unit.", 5)) argv[n] = owned[m++] = tst_format("%s/%s", b->folder, c->argv[n]);
    }
    for (size_t i = 0; i < sizeof more / sizeof *more && tst_target; i++) {
        if (strcmp(more[i].target, tst_target) || (more[i].compiler && strcmp(more[i].compiler, c->name)))
            continue;
        for (int k = 0; k < 2 && more[i].argument[k]; k++) argv[n++] = more[i].argument[k];
    }
    argv[n] = NULL;
    int status = tst_run(argv, log);
    while (m) free(owned[--m]);
    return status;
}

// Marks the file that the log complains about first; false if none is named.
static bool refuse(tst_batch *b, size_t first, size_t end, const char *name, const char *log, FILE *out)
{
    emitted *culprit = NULL;
    size_t best = (size_t)-1;
    for (size_t k = first; k < end; k++) {
        char *file = tst_format("/%s.c:", b->f[k].name);
        const char *at = b->f[k].refused ? NULL : strstr(log, file);
        // gcc lists "In file included from unit.c" first, so that the first
        // mention of a file is its first message
        if (at && (size_t)(at - log) < best) {
            best = (size_t)(at - log);
            culprit = &b->f[k];
        }
        free(file);
    }
    if (!culprit) {
        fprintf(out, "%s: the batch does not compile:\n%.1500s\n", name, log);
        return false;
    }
    const char *line = log + best;
    while (line > log && line[-1] != '\n') line--;
    fprintf(out, "%s: %s refuses the emitted C:\n    %.400s\n", culprit->where, name, line);
    culprit->refused = culprit->failed = true;
    return true;
}

// Makes one call. only: the single output that is wanted, or e->nout if all are.
static void call(emitted *e, const point *p, wrapper *w, workspace *s, size_t only, const char *name,
                 FILE *report)
{
    size_t room = s(p->dim);
    double **out = tst_grow(NULL, e->nout * sizeof *out), *work = tst_guarded(room);
    for (size_t i = 0; i < e->nout; i++)
        out[i] = only == e->nout || only == i ? tst_guarded(p->out_length[i]) : NULL;
    int status = w(p->dim, (const double *const *)p->in, out, work);
    bool intact = tst_release(work, room);
    if (status) fprintf(report, "%s: %s: the emitted C returns %d\n", e->where, name, status);
    e->failed |= status != 0;
    for (size_t i = 0; i < e->nout; i++) {
        size_t worst;
        if (!out[i]) continue;
        bool right = p->allowed ? tst_within(p->want[i], out[i], p->allowed[i], p->out_length[i], &worst)
                                : tst_close(p->want[i], out[i], p->out_length[i], p->tolerance, &worst);
        if (!status && !right) {
            fprintf(
                report,
                "%s: %s: the emitted C gives %.17g at entry %zu of output %zu%s of point %td, not %.17g\n",
                e->where, name, out[i][worst], worst, i, only == i ? ", alone," : "", p - e->at + 1,
                p->want[i][worst]);
            e->failed = true;
        }
        intact &= tst_release(out[i], p->out_length[i]);
    }
    if (!intact)
        fprintf(report, "%s: %s: the emitted C writes beyond its outputs or its workspace of %zu\n", e->where,
                name, room);
    e->failed |= !intact;
    free(out);
}

// All outputs, and, of several, each alone.
static void call_for_outputs(emitted *e, const point *p, wrapper *w, workspace *s, const char *name,
                             FILE *report)
{
    for (size_t only = e->nout > 1 ? 0 : e->nout; only <= e->nout; only++)
        call(e, p, w, s, only, name, report);
}

static void call_all(tst_batch *b, size_t first, size_t end, const char *name, FILE *report)
{
    static unsigned serial; // dlopen knows files by name: each object needs one of its own
    char *so = tst_format("%s/unit.so", b->folder), *fresh = tst_format("%s/unit%u.so", b->folder, serial++);
    rename(so, fresh);
    // threads of OpenMP outlive it
    void *lib = dlopen(fresh, RTLD_NOW | RTLD_LOCAL | (tst_target ? RTLD_NODELETE : 0));
    if (!lib) fprintf(report, "%s: %s\n", name, dlerror());
    for (size_t k = first; lib && k < end; k++) {
        if (b->f[k].refused) continue;
        char *call_name = tst_format("w_%s", b->f[k].name), *size_name = tst_format("s_%s", b->f[k].name);
        union {
            void *object;
            wrapper *function;
        } w = {dlsym(lib, call_name)};
        union {
            void *object;
            workspace *function;
        } s = {dlsym(lib, size_name)};
        for (size_t i = 0; w.object && s.object && i < b->f[k].npoints; i++)
            call_for_outputs(&b->f[k], &b->f[k].at[i], w.function, s.function, name, report);
        free(call_name);
        free(size_name);
    }
    if (lib) dlclose(lib);
    remove(fresh);
    free(so);
    free(fresh);
}

size_t tst_batch_run(tst_batch *b, FILE *report)
{
    char *log = tst_format("%s/log", b->folder);
    for (size_t first = 0; first < b->n; first += UNIT) {
        size_t end = first + UNIT < b->n ? first + UNIT : b->n;
        write_sources(b, first, end);
        for (size_t i = 0; i < sizeof compilers / sizeof *compilers; i++) {
            const compiler *c = &compilers[i];
            if (!tst_installed(c->name)) {
                if (!first) fprintf(report, "%s is not installed: emitted C not tested with it\n", c->name);
                continue;
            }
            bool again = true;
            for (int round = 0; again && round < ROUNDS; round++) {
                write_unit(b, first, end, report);
                again = compile(b, c, log) != 0;
                char *text = tst_read(log);
                if (again && !refuse(b, first, end, c->name, text ? text : "", report)) {
                    b->f[first].failed = true;
                    round = ROUNDS;
                }
                free(text);
            }
            if (!again && c->run) call_all(b, first, end, c->name, report);
        }
    }
    free(log);
    size_t failed = 0;
    for (size_t k = 0; k < b->n; k++) failed += b->f[k].failed;
    return failed + tst_translations_run(b->others, report);
}

static void free_point(const emitted *e, point *p)
{
    for (size_t i = 0; i < e->nin; i++) free(p->in[i]);
    for (size_t i = 0; i < e->nout; i++) {
        free(p->want[i]);
        if (p->allowed) free(p->allowed[i]);
    }
    void *part[] = {p->dim, p->in_length, p->out_length, p->in, p->want, p->allowed};
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) free(part[i]);
}

void tst_batch_free(tst_batch *b)
{
    for (size_t k = 0; k < b->n; k++) {
        emitted *e = &b->f[k];
        for (size_t i = 0; i < e->npoints; i++) free_point(e, &e->at[i]);
        void *part[] = {e->where, e->name, e->source, e->header, e->at};
        for (size_t i = 0; i < sizeof part / sizeof *part; i++) free(part[i]);
    }
    free(b->f);
    tst_translations_free(b->others);
    tst_remove(b->folder);
    free(b);
}
