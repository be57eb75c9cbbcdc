// SPDX-License-Identifier: MIT
// Random well-shaped expressions, thousands of them:  random [--seed S] [--count N] [--seconds T] [--no-c]
//
// Each is written as text over declared variables with symbolic sizes m and n, parsed, differentiated by a random
// variable in a random way, and must have the properties that every answer has (support/property.c): the derivative
// agrees with differences, the printed text reads back, the interpreter and the compiler agree; every eighth joins a
// batch of emitted C for gcc, clang and tcc. The functions are chosen so that values stay finite and moderate.
// The seed is printed; expression i of a run is expression 0 of a run with seed S+i.
#define _POSIX_C_SOURCE 200809L
#include "support/test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char declarations[] =
    "a, b: scalar; p: scalar positive; x, u: vector(n); y, v: vector(m); A, F: matrix(m,n); B: matrix(n,m); "
    "S, R: matrix(n,n); T: matrix(m,m); P: matrix(n,n) symmetric posdef; Q: matrix(m,m) symmetric";

enum { M, N }; // the two dimensions
typedef struct { int order, rows, cols; } shape;
static const struct { const char *name; shape s; } variables[] = {
    {"a", {0, 0, 0}}, {"b", {0, 0, 0}}, {"p", {0, 0, 0}}, {"x", {1, N, 0}}, {"u", {1, N, 0}}, {"y", {1, M, 0}}, {"v", {1, M, 0}},
    {"A", {2, M, N}}, {"F", {2, M, N}}, {"B", {2, N, M}}, {"S", {2, N, N}}, {"R", {2, N, N}}, {"T", {2, M, M}}, {"P", {2, N, N}}, {"Q", {2, M, M}},
};
enum { NVARIABLES = sizeof variables / sizeof *variables };

typedef struct { tst_rng rng; FILE *out; unsigned used; } writer;

// ---- grammar ---------------------------------------------------------------------------------------------
// A production is a template: literal text, and a two-character hole "$?" for a sub-expression: $s scalar, $v vector of
// the wanted length, $w vector of the other length, $V vector of the columns' length, $m matrix of the wanted shape, $t its
// transposed shape, $q square of the rows, $Q square of the columns, $M matrix rows x other, $L other x cols, $c posdef of
// the rows, $1 number.
static const char *const scalars[] = {
    "$1", "($s+$s)", "($s-$s)", "$s*$s", "($s)/(1+$s^2)", "tanh($s)", "sin($s)", "sigmoid($s)", "softplus($s)", "exp(-($s)^2)", "log(1+$s^2)",
    "sqrt(1+($s)^2)", "($s)^2", "($s)^3", "norm($v)", "norm($v)^2", "norm($w)^2/m", "$v'*$v", "$v'*$M*$w", "$v'*$q*$v", "sum($v)", "mean($v)",
    "sum($q)", "tr($q)", "norm($q,'fro')^2", "logsumexp($v)", "log(sum(exp($v)))", "logdet($c)", "det($c)", "$v'*inv($c)*$v", "sum($v.*$v)", "sum(log(1+exp($v)))",
    "$v[2]", "$q[1,2]", "where($s>$s,$s,$s)", "tr($q*$q)", "sum(abs($v))", "norm($v,1)", "tr($t*$m)", "n", "max($s,$s)", "dot($v,$v)", "atan($s)", "cos($s)",
    "1/(1+exp(-$s))", "-sum(softmax($v).*logsoftmax($v))", "tr(inv($c))", "logdet(eye(n)+$c)", "relu($s)", "-$s",
};
static const char *const vectors[] = {
    "($v+$v)", "($v-$v)", "$s*$v", "$v.*$v", "$v/(1+$s^2)", "$v./(1+$v.^2)", "$q*$v", "$q'*$v", "$M*$w", "tanh($v)", "sin($v)", "sigmoid($v)", "softplus($v)",
    "relu($v)", "softmax($v)", "exp(-$v.^2)", "sqrt(1+$v.^2)", "diag($q)", "sum($M,2)", "$c\\$v", "inv($c)*$v", "where($v>0,$v,$v)", "($v+$s)", "diag($v)*$v",
    "$q[:,2]", "-$v", "($v).^2", "$v*norm($v)", "max($v,0)", "($v'*$q)'", "cumsum($v)", "log(1+$v.^2)", "abs($v)",
};
static const char *const matrices[] = {
    "($m+$m)", "($m-$m)", "$s*$m", "$m.*$m", "$q*$m", "$m*$Q", "($t)'", "$v*$V'", "diag($v)*$m", "$m*diag($V)", "tanh($m)", "sigmoid($m)", "exp(-$m.^2)",
    "$M*$L", "inv($c)*$m", "-$m", "($m+$s)", "where($m>0,$m,$m)", "$m/(1+$s^2)", "sin($m)",
};
static const char *const squares[] = {
    "$q'", "inv($c)", "diag($v)", "$v*$v'", "$q*$q", "eye(%r)", "($q+$q')", "$M*$M'", "diag(diag($q))", "($q)^2", "tril($q)",
};

static void expression(writer *w, shape s, int depth);

static void leaf(writer *w, shape s)
{
    unsigned fits[NVARIABLES], n = 0;
    for (unsigned i = 0; i < NVARIABLES; i++) {
        const shape *o = &variables[i].s;
        if (o->order == s.order && (s.order < 1 || o->rows == s.rows) && (s.order < 2 || o->cols == s.cols)) fits[n++] = i;
    }
    unsigned pick = fits[tst_below(&w->rng, n)];
    w->used |= 1u << pick;
    fputs(variables[pick].name, w->out);
}

static void posdef(writer *w, int dim, int depth)
{
    shape square = {2, dim, dim};
    fprintf(w->out, "(eye(%s)", dim == M ? "m" : "n");
    if (dim == N && tst_below(&w->rng, 2)) {
        fputs("+P", w->out);
        w->used |= 1u << 13;
    }
    if (tst_below(&w->rng, 2)) {
        FILE *out = w->out;
        char *text;
        size_t n;
        w->out = open_memstream(&text, &n);
        expression(w, square, depth - 1);
        fclose(w->out);
        w->out = out;
        fprintf(out, "+(%s)'*(%s)/4", text, text);
        free(text);
    }
    fputc(')', w->out);
}

static void hole(writer *w, char kind, shape s, int depth)
{
    int r = s.order ? s.rows : (int)tst_below(&w->rng, 2), c = s.order == 2 ? s.cols : 1 - r;
    switch (kind) {
    case 's': expression(w, (shape){0, 0, 0}, depth); break;
    case 'v': expression(w, (shape){1, r, 0}, depth); break;
    case 'w': expression(w, (shape){1, 1 - r, 0}, depth); break;
    case 'V': expression(w, (shape){1, c, 0}, depth); break;
    case 'm': expression(w, (shape){2, r, c}, depth); break;
    case 't': expression(w, (shape){2, c, r}, depth); break;
    case 'q': expression(w, (shape){2, r, r}, depth); break;
    case 'Q': expression(w, (shape){2, c, c}, depth); break;
    case 'M': expression(w, (shape){2, r, 1 - r}, depth); break;
    case 'L': expression(w, (shape){2, 1 - r, c}, depth); break;
    case 'c': posdef(w, r, depth); break;
    default: fprintf(w->out, "%u", 1 + tst_below(&w->rng, 3)); break;
    }
}

// Fills one template. A scalar's holes share one choice of row dimension, so that "$v'*$v" fits.
static void fill(writer *w, const char *t, shape s, int depth)
{
    shape inner = s;
    if (!s.order && strchr(t, '$')) {
        int r = strstr(t, "(n)") ? N : (int)tst_below(&w->rng, 2);
        inner = (shape){2, r, 1 - r};
    }
    if (s.order == 1) inner.cols = 1 - s.rows, inner.order = 2;
    for (; *t; t++) {
        if (*t == '$') {
            hole(w, t[1], inner, depth - 1);
            t++;
        } else if (t[0] == '%' && t[1] == 'r') {
            fputs(s.rows == M ? "m" : "n", w->out);
            t++;
        } else {
            fputc(*t, w->out);
        }
    }
}

#define PICK(w, list) (list)[tst_below(&(w)->rng, sizeof(list) / sizeof *(list))]

static void expression(writer *w, shape s, int depth)
{
    if (depth <= 0 || tst_below(&w->rng, 6) == 0) {
        leaf(w, s);
        return;
    }
    const char *t = s.order == 0 ? PICK(w, scalars) : s.order == 1 ? PICK(w, vectors)
                  : s.rows == s.cols && tst_below(&w->rng, 2) ? PICK(w, squares) : PICK(w, matrices);
    fputc('(', w->out);
    fill(w, t, s, depth);
    fputc(')', w->out);
}

// ---- one expression --------------------------------------------------------------------------------------
typedef struct { char *text, *wrt, *direction; int order; sd_request request; } question;

static question ask(unsigned seed)
{
    static const shape shapes[] = {{0, 0, 0}, {0, 0, 0}, {0, 0, 0}, {1, N, 0}, {1, M, 0}, {2, M, N}};
    question q = {0};
    for (unsigned again = 0;; again++) {
        size_t n;
        writer w = {.rng = {seed * 7919u + again}};
        for (int i = 0; i < 3; i++) tst_next(&w.rng);
        w.out = open_memstream(&q.text, &n);
        shape s = shapes[tst_below(&w.rng, sizeof shapes / sizeof *shapes)];
        expression(&w, s, 2 + (int)tst_below(&w.rng, s.order ? 2 : 3));
        fclose(w.out);
        unsigned used[NVARIABLES], k = 0;
        for (unsigned i = 0; i < NVARIABLES; i++)
            if (w.used >> i & 1) used[k++] = i;
        if (!k || strlen(q.text) > 400 || strlen(q.text) < 3) { // too long to read, or a bare variable
            free(q.text);
            continue;
        }
        unsigned v = used[tst_below(&w.rng, k)];
        const shape *vs = &variables[v].s;
        q.order = s.order;
        q.wrt = tst_copy(variables[v].name, 1);
        q.request = (sd_request){.what = SD_DERIVATIVE, .wrt = q.wrt};
        unsigned way = tst_below(&w.rng, 8);
        if (s.order == 0 && way < 2 && vs->order < 2) q.request.what = SD_HESSIAN;
        if (way == 2 || way == 3) q.request.what = s.order == 0 && way == 2 ? SD_HVP : SD_JVP;
        if (q.request.what == SD_HVP || q.request.what == SD_JVP) {
            static const char *const other[] = {"b", "a", "b", "u", "x", "v", "y", "F", "A", "2*B", "R", "S", "2*T", "P", "Q"};
            q.direction = tst_copy(other[v], strlen(other[v]));
            q.request.direction = q.direction;
        }
        return q;
    }
}

// 1 if the library refuses the expression for a reason that is no fault (a singular point, a kink), 0 if checked.
static void examine(unsigned seed, tst_batch *batch, tst_report *report, bool print)
{
    question q = ask(seed);
    char *where = tst_format("seed %u", seed);
    sd_context *c = sd_context_new(NULL);
    if (print) printf("%u: diff %s (%d) : %s\n", seed, q.wrt, (int)q.request.what, q.text);
    fflush(stdout);
    if (sd_declare(c, declarations, NULL) != SD_OK) tst_complain(report, "declarations: %s", sd_last_error(c)->message);
    sd_expr e = sd_parse(c, q.text, NULL);
    sd_result *r = e ? sd_derive(c, e, &q.request) : NULL;
    if (!r) {
        char *text = sd_error_text(c, sd_last_error(c));
        tst_complain(report, "%s", text ? text : sd_last_error(c)->message);
        sd_free(c, text);
    } else {
        tst_subject s = {.c = c, .e = e, .request = &q.request, .r = r, .with = declarations, .sizes = "m=3,n=4", .tolerance = 1e-7, .seed = seed, .where = where};
        tst_numeric(&s, report);
        tst_round_trip(&s, report);
        tst_three_ways(&s, batch, report);
    }
    if (report->count) {
        static const char *const names[] = {"diff", "gradient", "jacobian", "hessian", "hvp", "jvp", "vjp", "value"};
        tst_complain(report, "%s %s %s : %s", names[q.request.what], q.wrt, q.direction ? q.direction : "", q.text);
        report->count--;
    }
    sd_context_free(c);
    free(q.text);
    free(q.wrt);
    free(q.direction);
    free(where);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    unsigned seed = (unsigned)time(NULL) % 100000000u, count = 2000, failed = 0, done = 0;
    double seconds = 60;
    bool c = true, print = false;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--no-c")) c = false;
        else if (!strcmp(argv[i], "--print")) print = true;
        else if (i + 1 < argc && !strcmp(argv[i], "--seed")) seed = (unsigned)strtoul(argv[++i], NULL, 10);
        else if (i + 1 < argc && !strcmp(argv[i], "--count")) count = (unsigned)strtoul(argv[++i], NULL, 10);
        else if (i + 1 < argc && !strcmp(argv[i], "--seconds")) seconds = strtod(argv[++i], NULL);
        else {
            fprintf(stderr, "usage: random [--seed S] [--count N] [--seconds T] [--no-c] [--print]\n");
            return 2;
        }
    }
    printf("random: seed %u\n", seed);
    tst_batch *batch = c ? tst_batch_new() : NULL;
    double start = now();
    for (; done < count && now() - start < seconds; done++) {
        char *text;
        size_t n;
        tst_report report = {open_memstream(&text, &n), 0};
        examine(seed + done, done % 8 == 0 ? batch : NULL, &report, print);
        fclose(report.text);
        if (report.count) {
            printf("random --seed %u --count 1\n%s", seed + done, text);
            fflush(stdout);
        }
        failed += report.count != 0;
        free(text);
    }
    unsigned wrong = batch ? (unsigned)tst_batch_run(batch, stdout) : 0;
    printf("random: %u expressions, %u failed; %zu functions as C, %u wrong\n", done, failed, tst_batch_size(batch), wrong);
    if (batch) tst_batch_free(batch);
    return failed || wrong ? 1 : 0;
}
