// SPDX-License-Identifier: MIT
// Emitted C for the target mpi under mpirun with 1 to 4 ranks, one of them without rows: what has the axis m
// is gathered, everything else must be the same bits on every rank, and all of it is to 1e-13 what the
// function that is compiled in memory gives for all rows. Statuses are the same on every rank. What is not
// installed is told and left out.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/test.h"

enum { INPUTS = 5, RANKS = 4, ROWS = 23, N = 4, K = 3, ROOM = 20000 };

// Inputs by letters: X m x n, Y m x k, T n x m, y m, w n, W n x k, S n x n definite, l a scalar
typedef struct {
    const char *expr, *wrt, *arguments;
    sd_what what;
    const char *out; // the shape of the derivative: "n", "nk", "m", "" a scalar
    int status;
} formula;
static const char with[] = "X: matrix(m,n); Y: matrix(m,k); T: matrix(n,m); y: vector(m); w: vector(n); "
                           "W: matrix(n,k); S: matrix(n,n) posdef; l: scalar";
static const formula formulas[] = {
    {"sum(log(1+exp(X*w)))-y'*X*w", "w", "X,w,y", SD_GRADIENT, "n", 0},
    {"sum(log(1+exp(X*w)))-y'*X*w", "w", "X,w,y", SD_HESSIAN, "nn", 0},
    {"norm(X*w-y)^2+l*norm(w)^2", "w", "X,w,y,l", SD_GRADIENT, "n", 0},
    {"norm(X*w-y)^2+l*norm(w)^2", "w", "X,w,y,l", SD_HESSIAN, "nn", 0},
    {"sum_i(log(sum_j(exp((X*W)[i,j]))))-sum(Y.*(X*W))", "W", "X,W,Y", SD_GRADIENT, "nk", 0},
    {"-m/2*logdet(S)-1/2*tr((X-ones(m)*w')*inv(S)*(X-ones(m)*w')')", "w", "X,w,S", SD_GRADIENT, "n", 0},
    {"-m/2*logdet(S)-1/2*tr((X-ones(m)*w')*inv(S)*(X-ones(m)*w')')", "S", "X,w,S", SD_GRADIENT, "nn", 0},
    {"sum_j(log(sum_i(exp(100*X[i,j]))))", "X", "X", SD_GRADIENT, "mn", 0},
    {"log(sum(exp(500*X*w)))", "w", "X,w", SD_GRADIENT, "n", 0},
    {"mean(X*w)", "w", "X,w", SD_GRADIENT, "n", 0},
    {"norm(y-mean(y))^2/(m-1)", "y", "y", SD_GRADIENT, "m", 0},
    {"norm(X*w-mean(X*w))^2/m", "w", "X,w", SD_GRADIENT, "n", 0},
    {"max(abs(X*w))+min(y)", "w", "X,w,y", SD_GRADIENT, "n", 0},
    {"norm(X*w-y)", "w", "X,w,y", SD_GRADIENT, "n", 0},
    {"norm(1e-170*X*w)", "w", "X,w", SD_GRADIENT, "n", 0},
    {"norm(W'*T)^2", "T", "W,T", SD_GRADIENT, "nm", 0},
    {"norm(W'*T-Y')", "W", "W,T,Y", SD_GRADIENT, "nk", 0},
    {"w'*inv(X'*X+eye(n))*w", "w", "X,w", SD_GRADIENT, "n", 0},
    {"w'*inv(X'*X)*X'*y", "w", "X,w,y", SD_GRADIENT, "n", 0},
    {"logdet(X'*X+eye(n))", "X", "X", SD_GRADIENT, "mn", 0},
    {"sum(exp(y))/norm(y)^3", "y", "y", SD_GRADIENT, "m", 0},
    {"sum(exp(1e-200*X*w))/norm(1e-200*X*w)", "w", "X,w", SD_GRADIENT, "n", 0},
    {"prod(1+y)*sum(w)", "w", "y,w", SD_GRADIENT, "n", 0},
    {"l^2*sum(w)", "w", "l,w", SD_GRADIENT, "n", 0},
    {"logdet(-Y'*Y)", "Y", "Y", SD_GRADIENT, "mk", 4},
};
enum { FORMULAS = sizeof formulas / sizeof *formulas };

// Both the program and this test fill arrays by it.
#define FILL                                                                                                 \
    "static void fill(double *a, size_t n, int kind) {\n"                                                    \
    "    for (size_t i = 0; i < n; i++) a[i] = 0.7*sin(1.7*(double)i + kind) + "                             \
    "0.2*cos((double)(i*i%101));\n"                                                                          \
    "    for (size_t i = 0; i < 4 && kind == 'S'; i++)\n"                                                    \
    "        for (size_t j = 0; j <= i; j++) a[4*j + i] = a[4*i + j] += i == j ? 5.0 : 0.0;\n"               \
    "}\n"
static void fill(double *a, size_t n, int kind)
{
    for (size_t i = 0; i < n; i++)
        a[i] = 0.7 * sin(1.7 * (double)i + kind) + 0.2 * cos((double)(i * i % 101));
    for (size_t i = 0; i < 4 && kind == 'S'; i++)
        for (size_t j = 0; j <= i; j++) a[4 * j + i] = a[4 * i + j] += i == j ? 5.0 : 0.0;
}

static const char *shape_of(char input)
{
    static const char *const shape[] = {"Xmn", "Ymk", "Tnm", "ym", "wn", "Wnk", "Snn", "l"};
    size_t i = 0;
    while (shape[i][0] != input) i++;
    return shape[i] + 1;
}

static size_t size_of(char axis) { return axis == 'm' ? ROWS : axis == 'n' ? N : K; }

static size_t length_of(const char *shape)
{
    size_t n = 1;
    for (; *shape; shape++) n *= size_of(*shape);
    return n;
}

// An array is before x rows x behind numbers; without the axis m: 0 rows
static char *extents(const char *shape)
{
    const char *m = strchr(shape, 'm');
    char *head = tst_copy(shape, m ? (size_t)(m - shape) : 0);
    char *text = m ? tst_format("%zu, %d, %zu", length_of(head), ROWS, length_of(m + 1))
                   : tst_format("%zu, 0, 1", length_of(shape));
    free(head);
    return text;
}

// Rows are shared unevenly; with 3 ranks or more the second one has none.
static const char program[] =
    "#include <math.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <mpi.h>\n"
    "#include \"f.h\"\n" FILL "static int rank, ranks;\n"
    "static size_t lo, hi;\n"
    "static double work[20000];\n"
    "static size_t edge(int r, size_t rows) {\n"
    "    if (ranks > 2 && r == 2) r = 1;\n"
    "    return r == ranks ? rows : rows*(size_t)r*(size_t)r/(size_t)(ranks*ranks) + (r ? 1 : 0);\n"
    "}\n"
    "static double *input(int kind, size_t before, size_t rows, size_t behind) {\n"
    "    size_t n = before*(rows ? rows : 1)*behind, k = 0;\n"
    "    double *all = malloc((n + 1)*sizeof *all), *own = malloc((n + 1)*sizeof *own);\n"
    "    fill(all, n, kind);\n"
    "    if (!rows) { free(own); return all; }\n"
    "    for (size_t a = 0; a < before; a++)\n"
    "        for (size_t i = lo; i < hi; i++)\n"
    "            for (size_t b = 0; b < behind; b++) own[k++] = all[(a*rows + i)*behind + b];\n"
    "    free(all);\n"
    "    return own;\n"
    "}\n"
    "static void show(const double *x, size_t before, size_t rows, size_t behind) {\n"
    "    size_t n = before*(rows ? rows : 1)*behind, k = 0;\n"
    "    double *all = calloc(n, sizeof *all), *least = calloc(n, sizeof *least);\n"
    "    for (size_t a = 0; a < before && rows; a++)\n"
    "        for (size_t i = lo; i < hi; i++)\n"
    "            for (size_t b = 0; b < behind; b++) all[(a*rows + i)*behind + b] = x[k++];\n"
    "    if (rows) MPI_Allreduce(MPI_IN_PLACE, all, (int)n, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);\n"
    "    else {\n"
    "        memcpy(all, x, n*sizeof *all);\n"
    "        MPI_Bcast(all, (int)n, MPI_DOUBLE, 0, MPI_COMM_WORLD);\n"
    "        if (memcmp(all, x, n*sizeof *all)) printf(\"other bits on rank %d\\n\", rank), fflush(stdout);\n"
    "    }\n"
    "    for (size_t i = 0; i < n && !rank; i++) printf(\"%.17g\\n\", all[i]);\n"
    "    free(all), free(least);\n"
    "}\n"
    "static int agreed(int status) {\n"
    "    int most = status, least = status;\n"
    "    MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);\n"
    "    MPI_Allreduce(MPI_IN_PLACE, &least, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);\n"
    "    if (!rank) printf(\"%d\\n\", most == least ? status : -1);\n"
    "    return status;\n"
    "}\n";

static sd_result *derived(sd_context *c, const formula *p, sd_expr *e)
{
    if (sd_declare(c, with, NULL) != SD_OK) return NULL;
    *e = sd_parse(c, p->expr, NULL);
    return sd_derive(c, *e, &(sd_request){.what = p->what, .wrt = p->wrt});
}

static const char sizes[] = "m=23,n=4,k=3";

// Status, value, derivative, by the function that is compiled in memory
static size_t expect(sd_context *c, const sd_result *r, sd_expr e, const formula *p, double *out)
{
    sd_emit_options o = {
        .name = "f", .value = 1, .primal = e, .sizes = sizes, .arguments = p->arguments, .dense = 1};
    sd_function *f = sd_compile(c, r, &o);
    if (!f) fail_msg("%s: %s", p->expr, sd_last_error(c)->message);
    double *in[INPUTS] = {NULL}, *work = calloc(ROOM, sizeof *work);
    for (size_t i = 0; 2 * i < strlen(p->arguments); i++) {
        size_t n = length_of(shape_of(p->arguments[2 * i]));
        in[i] = calloc(n, sizeof **in);
        fill(in[i], n, p->arguments[2 * i]);
    }
    out[0] = sd_function_call(f, NULL, (const double *const *)in, (double *[]){out + 1, out + 2}, work);
    assert_int_equal((int)out[0], p->status);
    for (size_t i = 0; i < INPUTS; i++) free(in[i]);
    free(work);
    sd_function_free(f);
    return p->status ? 1 : 2 + length_of(p->out);
}

// f7(MPI_COMM_WORLD, sizes, inputs, outputs, work), in a function of its own
static char *call_of(const formula *p, int k, const char *header)
{
    char name[16], *at, *arguments = tst_copy("", 0), *shape = extents(p->out);
    snprintf(name, sizeof name, "int f%d(", k);
    const char *prototype = strstr(header, name), *end = prototype ? strchr(prototype, ')') : NULL;
    assert_non_null(end);
    char *list = tst_copy(prototype, (size_t)(end - prototype));
    for (at = strstr(list, "size_t "); at; at = strstr(at + 7, "size_t ")) {
        char *more = tst_format(at[7] == 'm' ? "%shi - lo, " : at[7] == 'n' ? "%s4, " : "%s3, ", arguments);
        free(arguments), arguments = more;
    }
    for (size_t i = 0; 2 * i < strlen(p->arguments); i++) {
        char *x = extents(shape_of(p->arguments[2 * i])),
             *more = tst_format("%s%sinput('%c', %s), ", arguments, *shape_of(p->arguments[2 * i]) ? "" : "*",
                                p->arguments[2 * i], x);
        free(arguments), free(x), arguments = more;
    }
    char *text = tst_format("static void call%d(void) {\n"
                            "    double *value = calloc(1, sizeof *value), *out = calloc(%zu, sizeof *out);\n"
                            "    if (agreed(f%d(MPI_COMM_WORLD, %svalue, out, work))) return;\n"
                            "    show(value, 1, 0, 1), show(out, %s);\n"
                            "}\n",
                            k, length_of(p->out), k, arguments, shape);
    free(arguments), free(shape), free(list);
    return text;
}

static void append(char **text, char *more)
{
    char *longer = tst_format("%s%s", *text, more);
    free(*text), free(more);
    *text = longer;
}

// All functions and a program that calls them; want: what it must print
static size_t write_all(const char *folder, double *want)
{
    char *source = tst_copy("", 0), *header = tst_copy("", 0), *calls = tst_copy("", 0),
         *main = tst_copy("", 0);
    size_t n = 0;
    for (int k = 0; k < FORMULAS; k++) {
        const formula *p = &formulas[k];
        sd_context *c = sd_context_new(NULL);
        sd_expr e = 0;
        sd_result *r = derived(c, p, &e);
        sd_c_code code = {NULL, NULL};
        char name[16];
        snprintf(name, sizeof name, "f%d", k);
        sd_emit_options o = {.name = name,
                             .value = 1,
                             .primal = e,
                             .arguments = p->arguments,
                             .dense = 1,
                             .header = "f.h",
                             .target = "mpi",
                             .shard = "m"};
        if (!r || sd_emit(c, r, &o, &code) != SD_OK) fail_msg("%s: %s", p->expr, sd_last_error(c)->message);
        append(&source, tst_copy(code.source, strlen(code.source)));
        append(&header, tst_copy(code.header, strlen(code.header)));
        append(&calls, call_of(p, k, code.header));
        append(&main, tst_format("    call%d();\n", k));
        n += expect(c, r, e, p, want + n);
        sd_free(c, code.source), sd_free(c, code.header);
        sd_context_free(c);
    }
    char *all =
        tst_format("%s%sint main(int argc, char **argv) {\n    MPI_Init(&argc, &argv);\n"
                   "    MPI_Comm_rank(MPI_COMM_WORLD, &rank), MPI_Comm_size(MPI_COMM_WORLD, &ranks);\n"
                   "    lo = edge(rank, %d), hi = edge(rank + 1, %d);\n%s    MPI_Finalize();\n    return "
                   "0;\n}\n",
                   program, calls, ROWS, ROWS, main);
    tst_write(folder, "f.c", source), tst_write(folder, "f.h", header), tst_write(folder, "main.c", all);
    free(source), free(header), free(calls), free(main), free(all);
    return n;
}

static void compare(const char *said, const double *want, size_t n, int ranks)
{
    char *end = NULL;
    for (size_t done = 0, k = 0; k < FORMULAS; k++) {
        const formula *p = &formulas[k];
        size_t length = p->status ? 1 : 2 + length_of(p->out);
        double largest = 0;
        for (size_t i = 2; i < length; i++) largest = fmax(largest, fabs(want[done + i]));
        for (size_t i = 0; i < length; i++, said = end) {
            double have = strtod(said, &end), right = want[done + i], scale = i < 2 ? fabs(right) : largest;
            if (end == said) fail_msg("%d ranks, %s: %.200s", ranks, p->expr, said);
            if (!(fabs(have - right) <= 1e-13 * scale))
                fail_msg("%d ranks, %s: %.17g at %zu, not %.17g", ranks, p->expr, have, i, right);
        }
        done += length;
    }
    assert_true(n > 0);
    if (strtod(said, &end) != 0 || end != said) fail_msg("%d ranks: more: %.200s", ranks, said);
}

// Column-major arrays, each subset of outputs, others NULL, against sums over all rows; 7 is what must
// stay
static const char columns[] =
    "#include <math.h>\n"
    "#include <mpi.h>\n"
    "#include <stdio.h>\n"
    "#include <stdlib.h>\n"
    "#include \"f.h\"\n"
    "enum { M = 7, N = 3, K = 2 };\n"
    "static double x(size_t i, size_t j) { return sin(1 + 3.0*(double)i + (double)j); }\n"
    "static double y(size_t i, size_t k) { return cos((double)i + 5.0*(double)k); }\n"
    "int main(int argc, char **argv) {\n"
    "    int rank, ranks, bad = 0;\n"
    "    MPI_Init(&argc, &argv);\n"
    "    MPI_Comm_rank(MPI_COMM_WORLD, &rank), MPI_Comm_size(MPI_COMM_WORLD, &ranks);\n"
    "    size_t lo = (size_t)(M*rank/ranks), m = (size_t)(M*(rank + 1)/ranks) - lo;\n"
    "    double X[M*N], Y[M*K], W[N*K] = {0.5, -1, 2, 1, 3, -2}, value = 0, grad[N*K] = {0};\n"
    "    for (size_t i = 0; i < m; i++) {\n"
    "        for (size_t j = 0; j < N; j++) X[j*m + i] = x(lo + i, j);\n"
    "        for (size_t k = 0; k < K; k++) Y[k*m + i] = y(lo + i, k);\n"
    "    }\n"
    "    for (size_t i = 0; i < M; i++)\n"
    "        for (size_t k = 0; k < K; k++) {\n"
    "            double e = -y(i, k);\n"
    "            for (size_t j = 0; j < N; j++) e += x(i, j)*W[k*N + j];\n"
    "            value += e*e;\n"
    "            for (size_t j = 0; j < N; j++) grad[k*N + j] += 2*e*x(i, j);\n"
    "        }\n"
    "    double *work = calloc(f_workspace(m, N, K) + 1, sizeof *work);\n"
    "    for (int asked = 0; asked < 4; asked++) {\n"
    "        double v = 7, g[N*K] = {7, 7, 7, 7, 7, 7};\n"
    "        if (f(MPI_COMM_WORLD, m, N, K, X, W, Y, asked & 1 ? &v : NULL, asked & 2 ? g : NULL, work)) bad "
    "= 1;\n"
    "        if (!(fabs(v - (asked & 1 ? value : 7)) <= 1e-12*value)) bad = 2;\n"
    "        for (size_t l = 0; l < N*K; l++)\n"
    "            if (!(fabs(g[l] - (asked & 2 ? grad[l] : 7)) <= 1e-11)) bad = 3;\n"
    "    }\n"
    "    free(work);\n"
    "    if (bad) printf(\"rank %d: %d\\n\", rank, bad);\n"
    "    MPI_Finalize();\n"
    "    return bad;\n"
    "}\n";

static void write_columns(const char *folder)
{
    const formula p = {"norm(X*W-Y)^2", "W", "X,W,Y", SD_GRADIENT, "nk", 0};
    sd_context *c = sd_context_new(NULL);
    sd_expr e = 0;
    sd_result *r = derived(c, &p, &e);
    sd_c_code code = {NULL, NULL};
    sd_emit_options o = {.name = "f",
                         .value = 1,
                         .primal = e,
                         .arguments = "m,n,k,X,W,Y",
                         .columns = 1,
                         .target = "mpi",
                         .shard = "m"};
    if (!r || sd_emit(c, r, &o, &code) != SD_OK) fail_msg("%s: %s", p.expr, sd_last_error(c)->message);
    tst_write(folder, "f.c", code.source), tst_write(folder, "f.h", code.header);
    tst_write(folder, "main.c", columns);
    sd_free(c, code.source), sd_free(c, code.header);
    sd_context_free(c);
}

// Compiles f.c and main.c of the folder
static void build(const char *f, const char *m, const char *x, const char *log)
{
    const char *cc[] = {"mpicc", "-std=c99", "-O2", "-Wall", "-Wextra", "-Werror",
                        "-o",    x,          f,     m,       "-lm",     NULL};
    int status = tst_run(cc, log);
    char *said = tst_read(log);
    if (status) fail_msg("mpicc: %.1500s", said ? said : "");
    free(said);
}

// What the program prints with so many ranks
static char *run_with(int ranks, const char *x, const char *log)
{
    char count[4];
    snprintf(count, sizeof count, "%d", ranks);
    const char *run[] = {"mpirun", "--oversubscribe", "--allow-run-as-root", "-np", count, x, NULL};
    int status = tst_run(run, log);
    char *said = tst_read(log);
    if (status) fail_msg("mpirun with %d ranks: %.1500s", ranks, said ? said : "");
    return said;
}

static void test_ranks(void **state)
{
    (void)state;
    if (!tst_installed("mpicc") || !tst_installed("mpirun")) {
        puts("not run: mpicc and mpirun are not installed (Debian: openmpi-bin, libopenmpi-dev)");
        return;
    }
    char *folder = tst_temporary(), *f = tst_format("%s/f.c", folder), *m = tst_format("%s/main.c", folder),
         *x = tst_format("%s/x", folder), *log = tst_format("%s/log", folder);
    tst_write(folder, "x.c", "#include <mpi.h>\nint main(void) { return 0; }\n");
    char *try = tst_format("%s/x.c", folder);
    if (tst_run((const char *[]){"mpicc", "-o", x, try, NULL}, log)) {
        puts("not run: mpicc finds no mpi.h (Debian: libopenmpi-dev)");
    } else {
        double *want = calloc(ROOM, sizeof *want);
        size_t n = write_all(folder, want);
        build(f, m, x, log);
        for (int ranks = 1; ranks <= RANKS; ranks++) {
            char *said = run_with(ranks, x, log);
            compare(said, want, n, ranks);
            free(said);
        }
        write_columns(folder);
        build(f, m, x, log);
        for (int ranks = 1; ranks <= RANKS; ranks++) free(run_with(ranks, x, log));
        free(want);
    }
    tst_remove(folder);
    free(f), free(m), free(x), free(log), free(try);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ranks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
