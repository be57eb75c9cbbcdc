// SPDX-License-Identifier: MIT
// Emitted C for its targets, at sizes where threads and libraries are used: OpenMP has the same bits
// for 1, 2 and 3 threads and without OpenMP; OpenMP and CBLAS have the values of the functions that
// are compiled in memory. What is not installed is told and left out. All blocks: build/tests/run
// --target openmp (or cblas) tests/*.test.
#define _GNU_SOURCE // RTLD_NODELETE
#include <dlfcn.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/test.h"

enum { INPUTS = 6, THREADS = 3, ROOM = 300000 };

// length: of each input, in the order of `arguments`; out: of the answer. Sizes are constants.
typedef struct {
    const char *with, *expr, *wrt, *sizes, *arguments;
    sd_what what;
    size_t length[INPUTS], out;
} formula;
static const formula formulas[] = {
    {"X: matrix(m,n); w: vector(n); y: vector(m)",
     "sum(log(1+exp(X*w)))-y'*X*w",
     "w",
     "m=700,n=90",
     "X,w,y",
     SD_GRADIENT,
     {63000, 90, 700},
     90},
    {"X: matrix(m,n); w: vector(n); y: vector(m)",
     "sum(log(1+exp(X*w)))-y'*X*w",
     "w",
     "m=700,n=90",
     "X,w,y",
     SD_HESSIAN,
     {63000, 90, 700},
     8100},
    {"X: matrix(m,n); w: vector(n); y: vector(m)",
     "norm(X*w-y)^2",
     "w",
     "m=700,n=90",
     "X,w,y",
     SD_HESSIAN,
     {63000, 90, 700},
     8100},
    {"A: matrix(m,n); x: vector(n)",
     "log(sum(exp(A*x)))",
     "x",
     "m=700,n=90",
     "A,x",
     SD_HESSIAN,
     {63000, 90},
     8100},
    {"X: matrix(m,n); U: matrix(m,k); V: matrix(n,k)",
     "norm(X-U*V')^2",
     "U",
     "m=150,n=160,k=12",
     "X,U,V",
     SD_GRADIENT,
     {24000, 1800, 1920},
     1800},
    // a batch of products
    {"P: matrix(d*d,K); x: matrix(d,n); mu: matrix(d,K)",
     "sum_i(log(sum_k(exp(-sum_a((sum_b(sum_r(P[r,k]*delta(r,a+d*b-d))*tril(ones(d,d))[a,b]*(x[b,i]-mu[b,k]))"
     ")^2)))))",
     "P",
     "d=9,K=3,n=300",
     "P,x,mu",
     SD_GRADIENT,
     {243, 2700, 27},
     243},
    {"P: matrix(d*d,K); x: matrix(d,n); mu: matrix(d,K)",
     "sum_i(log(sum_k(exp(-sum_a((sum_b(sum_r(P[r,k]*delta(r,a+d*b-d))*tril(ones(d,d))[a,b]*(x[b,i]-mu[b,k]))"
     ")^2)))))",
     "mu",
     "d=9,K=3,n=300",
     "P,x,mu",
     SD_GRADIENT,
     {243, 2700, 27},
     27},
    {"W: matrix(h,n); V: matrix(k,h); X: matrix(n,m); Y: matrix(k,m)",
     "norm(V*tanh(W*X)-Y)^2",
     "W",
     "h=60,n=40,k=8,m=130",
     "W,V,X,Y",
     SD_GRADIENT,
     {2400, 480, 5200, 1040},
     2400},
    {"x: vector(n)",
     "sum(100*(x[2:end]-x[1:end-1].^2).^2+(1-x[1:end-1]).^2)",
     "x",
     "n=50001",
     "x",
     SD_GRADIENT,
     {50001},
     50001},
    {"x: vector(n); v: vector(n)",
     "sum(sin(x).*exp(v))^2",
     "x",
     "n=40000",
     "x,v",
     SD_GRADIENT,
     {40000, 40000},
     40000},
    {"A: matrix(m,n); x: vector(n)",
     "max(abs(A*x))+sum(exp(A).*A)",
     "A",
     "m=150,n=170",
     "A,x",
     SD_GRADIENT,
     {25500, 170},
     25500},
    {"S: matrix(n,n) posdef; B: matrix(n,k)",
     "logdet(S)+tr(B'*inv(S)*B)",
     "B",
     "n=120,k=200",
     "S,B",
     SD_GRADIENT,
     {14400, 24000},
     24000},
    {"A: matrix(n,n); B: matrix(n,k)",
     "norm(A\\B)^2",
     "B",
     "n=120,k=200",
     "A,B",
     SD_GRADIENT,
     {14400, 24000},
     24000},
    {"A: matrix(n,n)", "log(abs(det(A)))+sum(inv(A))", "A", "n=160", "A", SD_GRADIENT, {25600}, 25600},
};
enum { FORMULAS = sizeof formulas / sizeof *formulas };

typedef int function(const double *const *in, double *const *out, double *work);
typedef union {
    void *object;
    function *call;
    void (*set)(int);
} address;

// A matrix of n rows that is far from singular, symmetric if it is a square of many entries
static void fill(double *a, size_t length, unsigned seed)
{
    size_t n = (size_t)(sqrt((double)length) + 0.5);
    for (size_t i = 0; i < length; i++)
        a[i] = 0.2 * sin(1.7 * (double)i + seed) + 0.1 * cos((double)(i * i % 1009));
    if (n * n != length || n < 100) return;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) a[j * n + i] = a[i * n + j] + (i == j ? 8 : 0);
}

static sd_result *derived(sd_context *c, const formula *p, sd_expr *e)
{
    if (sd_declare(c, p->with, NULL) != SD_OK) return NULL;
    *e = sd_parse(c, p->expr, NULL);
    return sd_derive(c, *e, &(sd_request){.what = p->what, .wrt = p->wrt});
}

// The source with a function that takes arrays of pointers, as an object; NULL: it could not be made
static void *object(const sd_c_code *code, const formula *p, const char *folder, const char *const *flags,
                    int serial)
{
    char *c = tst_format("%s/f.c", folder), *so = tst_format("%s/f%d.so", folder, serial),
         *log = tst_format("%s/log", folder), *call = tst_copy("", 0);
    for (size_t i = 0; i < INPUTS && p->length[i]; i++) {
        char *more = tst_format("%sin[%zu], ", call, i);
        free(call), call = more;
    }
    char *all = tst_format("%s\nint call(const double *const *in, double *const *out, double *work);\n"
                           "int call(const double *const *in, double *const *out, double *work) { return "
                           "f(%sout[0], out[1], work); }\n",
                           code->source, call);
    const char *argv[24] = {"gcc", "-std=c99", "-O2", "-fPIC", "-shared", "-o", so, c};
    size_t n = 8;
    while (flags && *flags) argv[n++] = *flags++;
    argv[n] = "-lm";
    tst_write(folder, "f.c", all);
    tst_write(folder, "f.h", code->header);
    int status = tst_run(argv, log);
    char *said = status ? tst_read(log) : NULL;
    if (status) fail_msg("%s: gcc: %s", p->expr, said ? said : "");
    void *library = dlopen(so, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE); // threads of OpenMP outlive it
    if (!library) fail_msg("%s", dlerror());
    free(c), free(so), free(log), free(call), free(all), free(said);
    return library;
}

static void run(void *library, double *const *in, double *out)
{
    address f = {dlsym(library, "call")};
    double *work = calloc(ROOM, sizeof *work);
    assert_non_null(f.object);
    assert_int_equal(f.call((const double *const *)in, (double *[]){out, out + 1}, work), 0);
    free(work);
}

// Value and derivative, by the function that is compiled in memory
static void expect(sd_context *c, const sd_result *r, const sd_emit_options *o, double *const *in,
                   double *out)
{
    sd_function *f = sd_compile(c, r, o);
    assert_non_null(f);
    assert_true(sd_function_workspace(f, NULL) <= ROOM);
    double *work = calloc(ROOM, sizeof *work);
    assert_int_equal(sd_function_call(f, NULL, (const double *const *)in, (double *[]){out, out + 1}, work),
                     0);
    free(work);
    sd_function_free(f);
}

static void near(const formula *p, const double *have, const double *want, const char *target)
{
    size_t worst;
    if (tst_close(want, have, 1, 1e-12, &worst) && tst_close(want + 1, have + 1, p->out, 1e-11, &worst))
        return;
    fail_msg("%s: %s: %.17g at %zu, not %.17g (value %.17g, not %.17g)", target, p->expr, have[1 + worst],
             worst, want[1 + worst], have[0], want[0]);
}

static void with_threads(const formula *p, const sd_c_code *code, const char *folder, double *const *in,
                         const double *want)
{
    if (!strstr(code->source, "#pragma omp parallel for")) fail_msg("%s: nothing is parallel", p->expr);
    void *serial = object(code, p, folder, NULL, 0),
         *parallel = object(code, p, folder, (const char *[]){"-fopenmp", NULL}, 1);
    address set = {dlsym(RTLD_DEFAULT, "omp_set_num_threads")};
    if (!set.object) set.object = dlsym(parallel, "omp_set_num_threads");
    assert_non_null(set.object);
    double *first = calloc(1 + p->out, sizeof *first), *out = calloc(1 + p->out, sizeof *out);
    run(serial, in, first);
    near(p, first, want, "openmp");
    for (int threads = 1; threads <= THREADS; threads++) {
        set.set(threads);
        run(parallel, in, out);
        if (memcmp(first, out, (1 + p->out) * sizeof *out))
            fail_msg("%s: other bits with %d threads", p->expr, threads);
    }
    free(first), free(out);
}

static void with_blas(const formula *p, const sd_c_code *code, const char *folder, double *const *in,
                      const double *want)
{
    void *library = object(code, p, folder, (const char *[]){"-llapacke", "-lopenblas", NULL}, 2);
    double *out = calloc(1 + p->out, sizeof *out);
    run(library, in, out);
    near(p, out, want, "cblas");
    free(out);
}

static void on_target(const char *target, void (*with)(const formula *, const sd_c_code *, const char *,
                                                       double *const *, const double *))
{
    for (int k = 0; k < FORMULAS; k++) {
        const formula *p = &formulas[k];
        sd_context *c = sd_context_new(NULL);
        sd_expr e = 0;
        sd_result *r = derived(c, p, &e);
        sd_c_code code = {NULL, NULL};
        sd_emit_options o = {.name = "f",
                             .value = 1,
                             .primal = e,
                             .sizes = p->sizes,
                             .arguments = p->arguments,
                             .dense = 1,
                             .target = target};
        if (!r || sd_emit(c, r, &o, &code) != SD_OK) fail_msg("%s: %s", p->expr, sd_last_error(c)->message);
        double *in[INPUTS] = {NULL}, *want = calloc(1 + p->out, sizeof *want);
        for (unsigned i = 0; i < INPUTS && p->length[i]; i++) {
            in[i] = calloc(p->length[i], sizeof **in);
            fill(in[i], p->length[i], i);
        }
        expect(c, r, &o, in, want);
        char *folder = tst_temporary();
        with(p, &code, folder, in, want);
        tst_remove(folder);
        for (unsigned i = 0; i < INPUTS; i++) free(in[i]);
        free(want);
        sd_free(c, code.source), sd_free(c, code.header);
        sd_context_free(c);
    }
}

static bool links(const char *const *flags)
{
    char *folder = tst_temporary(), *c = tst_format("%s/x.c", folder), *so = tst_format("%s/x.so", folder),
         *log = tst_format("%s/log", folder);
    const char *argv[16] = {"gcc", "-shared", "-fPIC", "-o", so, c};
    for (size_t n = 6; *flags; flags++) argv[n++] = *flags;
    tst_write(folder, "x.c", "int x;\n");
    bool ok = tst_installed("gcc") && !tst_run(argv, log);
    tst_remove(folder);
    free(c), free(so), free(log);
    return ok;
}

static void test_openmp(void **state)
{
    (void)state;
    if (links((const char *[]){"-fopenmp", NULL})) on_target("openmp", with_threads);
    else puts("not run: gcc -fopenmp is not installed");
}

static void test_cblas(void **state)
{
    (void)state;
    if (links((const char *[]){"-llapacke", "-lopenblas", NULL})) on_target("cblas", with_blas);
    else puts("not run: libopenblas-dev and liblapacke-dev are not installed");
}

static void test_no_such_target(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(NULL);
    sd_result *r = sd_derive(c, sd_parse(c, "x'*x", NULL), &(sd_request){.wrt = "x"});
    sd_c_code code;
    assert_int_equal(sd_emit(c, r, &(sd_emit_options){.target = "fortran"}, &code), SD_ERR_USAGE);
    assert_non_null(strstr(sd_last_error(c)->message, "there is no target 'fortran'"));
    sd_context_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_openmp), cmocka_unit_test(test_cblas),
                                       cmocka_unit_test(test_no_such_target)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
