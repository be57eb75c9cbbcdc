// SPDX-License-Identifier: MIT
// Declared functions with numbers: the caller's callbacks, in compiled and in emitted C.
//
// Each case is derived twice: with functions that are only declared, and with the same functions defined in
// the language. The first becomes code that calls the callbacks below, which compute the definitions and
// their derivatives by hand; the second goes through the reference evaluator. The numbers must agree. The
// emitted C is compiled by gcc, clang and tcc, with and without constant sizes, together with a file that has
// the callbacks under the prototypes of the emitted header.
#define _POSIX_C_SOURCE 200809L
#include <dlfcn.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/callbacks.h"
#include "tests/support/test.h"

static const struct {
    const char *with, *expr, *wrt;
    sd_what what;
    int order;
} cases[] = {
    {"x: vector(n)", "f(x)", "x", SD_DERIVATIVE, 0},
    {"w: vector(n)", "f(w)*w", "w", SD_DERIVATIVE, 0},
    {"w: vector(n)", "f(w)^2", "w", SD_HESSIAN, 0},
    {"x: vector(k); A: matrix(n,k)", "f(A*x)+f(2*A*x)", "x", SD_HESSIAN, 0},
    {"x: vector(n)", "q(x)'*q(x)", "x", SD_DERIVATIVE, 0},
    {"x: vector(n)", "q(x)'*q(x)", "x", SD_HESSIAN, 0},
    {"x: vector(n)", "q(q(x))", "x", SD_DERIVATIVE, 0},
    {"x: vector(n); t: scalar", "h(x,t)*t", "x,t", SD_HESSIAN, 0},
    {"x: vector(n); t: scalar", "h(q(x),s(t))+h(ones(n),2)", "x,t", SD_DERIVATIVE, 0},
    {"X: matrix(m,n); B: matrix(m,n)", "F(X.*B)", "X", SD_DERIVATIVE, 0},
    {"X: matrix(m,n)", "F(2*X)", "X", SD_HESSIAN, 0},
    {"x: vector(n); t: scalar", "s(s(t)*x[1])", "t,x", SD_HESSIAN, 0},
    {"t: scalar", "s(t)^2", "t", SD_DERIVATIVE, 3},
    {"x: vector(n); y: vector(m)", "g(x,y)", "x,y", SD_HESSIAN, 0},
    {"x: vector(n)", "f(x)", "x", SD_DERIVATIVE, 3},
};
enum { CASES = sizeof cases / sizeof *cases, MOST = 8 };

// ---- one case ---------------------------------------------------------------------------------------------
typedef struct {
    sd_context *c;
    sd_result *r;
    sd_function *f;
    tst_point p;
    size_t n, dim[MOST], length[MOST];
    sd_array want[MOST];
    const double *in[MOST];
    double *out[MOST], *work;
} setup;

static sd_result *derive(sd_context *c, const char *functions, size_t k)
{
    if (sd_declare(c, functions, NULL) != SD_OK || sd_declare(c, cases[k].with, NULL) != SD_OK)
        fail_msg("%s", sd_last_error(c)->message);
    sd_expr e = sd_parse(c, cases[k].expr, NULL);
    sd_result *r =
        e ? sd_derive(c, e,
                      &(sd_request){.what = cases[k].what, .wrt = cases[k].wrt, .order = cases[k].order})
          : NULL;
    if (!r) fail_msg("%s: %s", cases[k].expr, sd_last_error(c)->message);
    return r;
}

static void expect(setup *u, size_t k)
{
    sd_context *c = sd_context_new(NULL);
    sd_result *r = derive(c, defined, k);
    tst_point_add(&u->p, cases[k].with);
    tst_point_sizes(&u->p, "n=3,m=2,k=4");
    tst_point_draw(&u->p, (unsigned)k + 5, 0);
    sd_data *d = tst_point_data(c, &u->p);
    sd_array a[MOST];
    u->n = sd_result_count(r);
    assert_true(u->n <= MOST);
    if (sd_interpret(c, r, d, a) != SD_OK) fail_msg("%s: %s", cases[k].expr, sd_last_error(c)->message);
    for (size_t i = 0; i < u->n; i++) {
        u->want[i] = a[i];
        u->length[i] = 1;
        for (int j = 0; j < a[i].order; j++) u->length[i] *= a[i].dim[j];
        u->want[i].data = tst_grow(NULL, u->length[i] * sizeof(double));
        memcpy(u->want[i].data, a[i].data, u->length[i] * sizeof(double));
        sd_free(c, a[i].data);
    }
    sd_data_free(d);
    sd_context_free(c);
}

static void prepare(setup *u, size_t k)
{
    memset(u, 0, sizeof *u);
    expect(u, k);
    u->c = sd_context_new(&(sd_options){.debug = 1});
    u->r = derive(u->c, declared, k);
    u->f = sd_compile(u->c, u->r, NULL);
    if (!u->f) fail_msg("%s: %s", cases[k].expr, sd_last_error(u->c)->message);
    assert_int_equal(sd_function_outputs(u->f), u->n);
    for (size_t i = 0; i < sd_function_dims(u->f); i++)
        u->dim[i] = tst_point_dim(&u->p, sd_function_dim(u->f, i));
    for (size_t i = 0; i < sd_function_inputs(u->f); i++)
        u->in[i] = tst_point_find(&u->p, sd_function_input(u->f, i))->value;
    for (size_t i = 0; i < u->n; i++) u->out[i] = tst_guarded(u->length[i]);
    u->work = tst_guarded(sd_function_workspace(u->f, u->dim));
}

static void finish(setup *u)
{
    assert_true(tst_release(u->work, sd_function_workspace(u->f, u->dim)));
    for (size_t i = 0; i < u->n; i++) {
        assert_true(tst_release(u->out[i], u->length[i]));
        free(u->want[i].data);
    }
    sd_function_free(u->f);
    sd_context_free(u->c);
    tst_point_free(&u->p);
}

static void compare(const setup *u, size_t k, const char *how)
{
    for (size_t i = 0; i < u->n; i++) {
        size_t worst;
        if (!tst_close(u->want[i].data, u->out[i], u->length[i], 1e-12, &worst))
            fail_msg("%s by %s, %s: %.17g at entry %zu of output %zu, want %.17g", cases[k].expr,
                     cases[k].wrt, how, u->out[i][worst], worst, i, u->want[i].data[worst]);
        for (size_t j = 0; j < u->length[i]; j++) u->out[i][j] = NAN;
    }
}

static void bind(const setup *u, context *c, sd_binding *b)
{
    assert_true(sd_function_callbacks(u->f) > 0 && sd_function_callbacks(u->f) <= 2 * MOST);
    assert_null(sd_function_callback(u->f, sd_function_callbacks(u->f)));
    for (size_t i = 0; i < sd_function_callbacks(u->f); i++)
        b[i] = (sd_binding){callbacks[find(sd_function_callback(u->f, i))].call, c};
}

static void test_compiled(void **state)
{
    (void)state;
    for (size_t k = 0; k < CASES; k++) {
        setup u;
        sd_binding b[2 * MOST];
        context c = {0, 0};
        prepare(&u, k);
        bind(&u, &c, b);
        assert_int_equal(sd_function_call_with(u.f, u.dim, u.in, u.out, u.work, b), 0);
        compare(&u, k, "compiled");
        int calls = c.calls;
        // whichever call fails, its status comes out, and nothing is called after it
        for (int at = 1; at <= calls; at++) {
            c = (context){0, at};
            assert_int_equal(sd_function_call_with(u.f, u.dim, u.in, u.out, u.work, b), 7);
            assert_int_equal(c.calls, at);
        }
        assert_int_equal(sd_function_call(u.f, u.dim, u.in, u.out, u.work), -1);
        finish(&u);
    }
}

// ---- emitted C --------------------------------------------------------------------------------------------
static const char *const compilers[] = {"gcc", "clang", "tcc"};
typedef int generic(int which, void *user, const size_t *size, const double *const *arg, double *out);
typedef int wrapper(const size_t *d, const double *const *in, double *const *out, double *work, void *user,
                    generic *call);

static int call_by_number(int which, void *user, const size_t *size, const double *const *arg, double *out)
{
    return callbacks[which].call(user, size, arg, out);
}

// The arguments of the emitted function, from its prototype.
static void put_arguments(FILE *out, const char *header, const char *name, size_t nout)
{
    char *open = tst_format("int %s(", name);
    const char *s = strstr(header, open);
    size_t d = 0, in = 0, o = 0;
    assert_non_null(s);
    for (s += strlen(open); *s != ')';) {
        size_t n = strcspn(s, ",)");
        char *p = tst_copy(s, n);
        fputs(d + in + o || strstr(p, "work") ? ", " : "", out);
        if (strstr(p, "size_t")) fprintf(out, "d[%zu]", d++);
        else if (strstr(p, "_functions")) fputs("&functions", out);
        else if (strstr(p, "const double")) fprintf(out, "in[%zu]", in++);
        else if (!strchr(p, '*') && !strchr(p, '[')) fprintf(out, "*in[%zu]", in++);
        else if (o < nout) fprintf(out, "out[%zu]", o++);
        else fputs("work", out);
        free(p);
        s += n + (s[n] == ',');
    }
    free(open);
}

// Callbacks with typed prototypes, each of which must fit its member of the struct without a conversion.
static char *driver(const setup *u, const char *header, const char *name)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    fprintf(out, "#include \"%s.c\"\n", name);
    fprintf(out, "typedef int generic(int which, void *user, const size_t *size, const double *const *arg, "
                 "double *out);\nstatic generic *call;\n");
    for (size_t i = 0; i < sd_function_callbacks(u->f); i++) {
        size_t k = find(sd_function_callback(u->f, i));
        fprintf(out, "static int my_%s(void *user, %s, double *out) { return call(%zu, user, %s, out); }\n",
                callbacks[k].name, callbacks[k].proto, k, callbacks[k].pass);
    }
    fprintf(out,
            "int w(const size_t *d, const double *const *in, double *const *out, double *work, void *user, "
            "generic *c)\n{\n    const %s_functions functions = {\n",
            name);
    const char *before = "";
    for (size_t i = 0; i < sd_function_callbacks(u->f); i++) {
        const char *member = sd_function_callback(u->f, i), *function = strrchr(member, '_');
        function = function ? function + 1 : member;
        if (strcmp(function, before)) fprintf(out, "        .%s_user = user,\n", function);
        fprintf(out, "        .%s = my_%s,\n", member, member);
        before = function;
    }
    fprintf(out, "    };\n    call = c;\n    (void)d; (void)in; (void)out; (void)work;\n    return %s(",
            name);
    put_arguments(out, header, name, u->n);
    fprintf(out, ");\n}\nsize_t room(const size_t *d)\n{\n    (void)d;\n    return %s_workspace(", name);
    char *open = tst_format("int %s(", name);
    const char *prototype = strstr(header, open), *end = strchr(prototype, ')');
    size_t n = 0;
    for (const char *s = prototype; (s = strstr(s, "size_t")) != NULL && s < end; s++)
        fprintf(out, n ? ", d[%zu]" : "d[%zu]", n), n++;
    free(open);
    fprintf(out, ");\n}\n");
    fclose(out);
    return text;
}

static void run(const setup *u, size_t k, const char *folder, const char *compiler, const char *how)
{
    char *so = tst_format("%s/%s%zu%s.so", folder, compiler, k, how), *file = tst_format("%s/unit.c", folder),
         *log = tst_format("%s/log", folder);
    const char *argv[] = {compiler, "-std=c99", "-Wall", "-Wextra", "-Werror", "-shared",
                          "-fPIC",  "-o",       so,      file,      "-lm",     NULL};
    if (tst_run(argv, log)) fail_msg("%s: %s refuses: %s", cases[k].expr, compiler, tst_read(log));
    void *lib = dlopen(so, RTLD_NOW | RTLD_LOCAL);
    if (!lib) fail_msg("%s", dlerror());
    union {
        void *object;
        wrapper *call;
    } w = {dlsym(lib, "w")};
    union {
        void *object;
        size_t (*size)(const size_t *d);
    } s = {dlsym(lib, "room")};
    double *work = tst_guarded(s.size(u->dim)); // more than a function needs that writes all outputs
    context c = {0, 0};
    assert_int_equal(w.call(u->dim, u->in, u->out, work, &c, call_by_number), 0);
    compare(u, k, compiler);
    int last = c.calls;
    assert_true(last > 0);
    c = (context){0, last};
    assert_int_equal(w.call(u->dim, u->in, u->out, work, &c, call_by_number), 7);
    assert_true(tst_release(work, s.size(u->dim)));
    dlclose(lib);
    free(so);
    free(file);
    free(log);
}

static void test_emitted(void **state)
{
    (void)state;
    char *folder = tst_temporary();
    for (size_t k = 0; k < CASES; k++)
        for (int sized = 0; sized < 2; sized++) {
            setup u;
            prepare(&u, k);
            char *sizes = tst_point_sizes_text(&u.p), *log = tst_format("%s/log", folder),
                 *file = tst_format("%s/fn.c", folder);
            char used[200] = "";
            for (size_t i = 0; i < sd_function_dims(u.f); i++)
                snprintf(used + strlen(used), sizeof used - strlen(used), "%s%s=%zu", i ? "," : "",
                         sd_function_dim(u.f, i), u.dim[i]);
            sd_c_code code;
            if (sd_emit(u.c, u.r, &(sd_emit_options){.name = "fn", .sizes = sized && *used ? used : NULL},
                        &code) != SD_OK)
                fail_msg("%s", sd_last_error(u.c)->message);
            char *unit = driver(&u, code.header, "fn");
            tst_write(folder, "fn.c", code.source);
            tst_write(folder, "fn.h", code.header);
            tst_write(folder, "unit.c", unit);
            const char *strict[] = {"gcc",      "-std=c99",     "-pedantic", "-Wall",         "-Wextra",
                                    "-Wshadow", "-Wconversion", "-Werror",   "-fsyntax-only", file,
                                    NULL};
            const char *cxx[] = {"g++",           "-std=c++11", "-x",       "c++",          "-pedantic",
                                 "-Wall",         "-Wextra",    "-Wshadow", "-Wconversion", "-Werror",
                                 "-fsyntax-only", file,         NULL};
            if (tst_installed("gcc") && tst_run(strict, log))
                fail_msg("%s: %s", cases[k].expr, tst_read(log));
            if (tst_installed("g++") && tst_run(cxx, log)) fail_msg("%s: %s", cases[k].expr, tst_read(log));
            for (size_t i = 0; i < sizeof compilers / sizeof *compilers; i++)
                if (tst_installed(compilers[i])) run(&u, k, folder, compilers[i], sized ? "s" : "");
            free(unit);
            free(sizes);
            free(log);
            free(file);
            sd_free(u.c, code.source);
            sd_free(u.c, code.header);
            finish(&u);
        }
    tst_remove(folder);
}

// Without callbacks there are no numbers, and that is said by name.
static void test_refused(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(NULL);
    assert_int_equal(sd_declare(c, "f: function(vector(n)) -> scalar; x: vector(n)", NULL), SD_OK);
    sd_result *r = sd_derive(c, sd_parse(c, "f(x)", NULL), &(sd_request){.wrt = "x"});
    sd_data *d = sd_data_new(c);
    assert_int_equal(sd_data_read(d, "x=[1;2]"), SD_OK);
    sd_array a = {0};
    assert_int_equal(sd_evaluate(c, r, d, &a), SD_ERR_UNSUPPORTED);
    assert_string_equal(sd_last_error(c)->message, "'f' has no numbers: it is only declared");
    assert_null(a.data);
    sd_data_free(d);
    sd_context_free(c);
}

// A call that fails in a branch that is not taken does not matter; one that is needed, too, does.
static void test_branches(void **state)
{
    (void)state;
    static const struct {
        const char *expr;
        double x;
        int status;
        double value;
    } rows[] = {
        {"where(t>0, s(t), -t)", -2, 0, 2},    {"where(t>0, s(t), -t)", 2, 7, 0},
        {"where(t>0, 1, s(t))", 2, 0, 1},      {"where(t>0, 1, s(t))+s(t)", 2, 7, 0},
        {"where(t>0, s(t)^2, t)*t", -3, 0, 9}, {"where(s(t)>0, t, t^2)", 3, 7, 0},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        sd_context *c = sd_context_new(NULL);
        assert_int_equal(sd_declare(c, "s: function(scalar) -> scalar; t: scalar", NULL), SD_OK);
        sd_function *f = sd_compile(c, sd_value(c, sd_parse(c, rows[k].expr, NULL)), NULL);
        assert_non_null(f);
        context fails = {0, 1};
        const sd_binding b = {callbacks[find(sd_function_callback(f, 0))].call, &fails};
        double out, work[64];
        assert_true(sd_function_workspace(f, NULL) <= 64);
        assert_int_equal(sd_function_call_with(f, NULL, (const double *const[]){&rows[k].x},
                                               (double *const[]){&out}, work, &b),
                         rows[k].status);
        if (!rows[k].status) assert_true(out <= rows[k].value && out >= rows[k].value);
        sd_function_free(f);
        sd_context_free(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_compiled), cmocka_unit_test(test_emitted),
                                       cmocka_unit_test(test_refused), cmocka_unit_test(test_branches)};
    return cmocka_run_group_tests_name("functions", tests, NULL, NULL);
}
