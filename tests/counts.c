// SPDX-License-Identifier: MIT
// The work whose instructions callgrind counts (tests/counts.sh): deriving formulas, emitting C, and calls
// of functions.
//
// Instructions are the same in every run, where time is not: a loop that is walked twice, a product that is
// computed again or a pass over all nodes for each node shows at once. Each piece of work is done within
// counted_work(), which callgrind counts by its name and writes down when it returns; the names of the
// pieces are printed, in the same order.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/data/data.h"
#include "tests/support/test.h"

enum { PRINTED, EMITTED, TEXT, MACHINE, SIZES, PIECES };
static const char *const pieces[] = {"derive, print", "emit C", "call: C text", "call: machine code",
                                     "call: sizes at each call"};

typedef struct {
    const char *name, *declarations, *expression, *wrt, *sizes;
    sd_what what;
} formula;
static const formula formulas[] = {
    {"quadratic form", "A: matrix(n,n); x: vector(n)", "x'*A*x", "x", "n=8", SD_GRADIENT},
    {"quadratic form, Hessian", "A: matrix(n,n); x: vector(n)", "x'*A*x", "x", "n=40", SD_HESSIAN},
    {"Rosenbrock", "x: vector(n)", "sum(100*(x[2:n]-x[1:n-1].^2).^2+(1-x[1:n-1]).^2)", "x", "n=200",
     SD_GRADIENT},
    {"logistic regression", "X: matrix(m,n); w: vector(n); y: vector(m)", "sum(log(1+exp(-y.*(X*w))))", "w",
     "m=50,n=12", SD_GRADIENT},
    {"logistic regression, Hessian", "X: matrix(m,n); w: vector(n); y: vector(m)",
     "sum(log(1+exp(-y.*(X*w))))", "w", "m=30,n=12", SD_HESSIAN},
    {"log of a determinant", "A: matrix(n,n)", "log(det(A))", "A", "n=3", SD_GRADIENT},
    {"network", "v: vector(h); W1: matrix(h,n); W2: matrix(h,h); x: vector(n)", "v'*tanh(W2*tanh(W1*x))", "x",
     "h=12,n=10", SD_GRADIENT},
    {"factorisation of a matrix", "T: matrix(m,n); U: matrix(m,k); V: matrix(n,k)", "sum(sum((T-U*V').^2))",
     "U", "m=20,n=16,k=3", SD_GRADIENT},
};

typedef struct {
    const formula *f;
    sd_context *c;
    sd_result *r;
    sd_function *way[PIECES];
    const double **in;
    double *out, *space;
    size_t dims[8];
    tst_point p;
    int piece;
} subject;

static void fail(const subject *u)
{
    fprintf(stderr, "counts: %s, %s: %s\n", u->f->name, pieces[u->piece], sd_last_error(u->c)->message);
    exit(1);
}

static void derive(subject *u)
{
    sd_expr e = sd_parse(u->c, u->f->expression, NULL);
    u->r = e ? sd_derive(u->c, e, &(sd_request){.what = u->f->what, .wrt = u->f->wrt}) : NULL;
    char *printed = u->r ? sd_print(u->c, u->r, SD_TEXT, 0) : NULL;
    if (!printed) fail(u);
    sd_free(u->c, printed);
}

static void emit(subject *u)
{
    sd_c_code code = {NULL, NULL};
    if (sd_emit(u->c, u->r, &(sd_emit_options){.name = "f"}, &code) != SD_OK) fail(u);
    sd_free(u->c, code.source), sd_free(u->c, code.header);
}

__attribute__((noinline)) static void counted_work(subject *u)
{
    if (u->piece == PRINTED) derive(u);
    else if (u->piece == EMITTED) emit(u);
    else if (sd_function_call(u->way[u->piece], u->dims, u->in, &u->out, u->space)) fail(u);
}

// The function, and all that a call of it needs
static void compile(subject *u)
{
    sd_emit_options o = {.name = "f", .sizes = u->piece == SIZES ? NULL : u->f->sizes};
    u->c->g->no_machine = u->piece == TEXT;
    sd_function *f = u->way[u->piece] = sd_compile(u->c, u->r, &o);
    if (!f) fail(u);
    u->in = tst_grow(u->in, (sd_function_inputs(f) + 1) * sizeof *u->in);
    for (size_t i = 0; i < sd_function_inputs(f); i++)
        u->in[i] = tst_point_find(&u->p, sd_function_input(f, i))->value;
    for (size_t i = 0; i < sd_function_dims(f); i++) u->dims[i] = tst_point_dim(&u->p, sd_function_dim(f, i));
    u->space = tst_grow(u->space, (sd_function_workspace(f, u->dims) + 1) * sizeof *u->space);
    sd_array a;
    if (sd_function_output_shape(f, 0, u->dims, &a) != SD_OK) fail(u);
    u->out = tst_grow(u->out, tst_entries(&a) * sizeof *u->out);
}

static void count(const formula *f)
{
    subject u = {.f = f, .c = sd_context_new(NULL)};
    tst_point_add(&u.p, f->declarations);
    tst_point_sizes(&u.p, f->sizes);
    tst_point_draw(&u.p, 7, 1);
    if (sd_declare(u.c, f->declarations, NULL) != SD_OK) fail(&u);
    for (; u.piece < PIECES; u.piece++) {
        if (u.piece >= TEXT) compile(&u);
        printf("%s; %s\n", f->name, pieces[u.piece]);
        counted_work(&u);
    }
    for (int k = TEXT; k < PIECES; k++) sd_function_free(u.way[k]);
    free(u.in), free(u.out), free(u.space);
    tst_point_free(&u.p);
    sd_context_free(u.c);
}

// Why counts of this build are not those that are written down; NULL: they are
static const char *other(void)
{
#if !defined __x86_64__
    return "for processors other than x86-64";
#elif defined __clang__ || !defined __OPTIMIZE__ || defined __SANITIZE_ADDRESS__ ||                          \
    defined __SANITIZE_THREAD__
    return "not by gcc -O2";
#else
    return __builtin_cpu_supports("avx2") ? NULL : "on a processor without AVX2";
#endif
}

int main(void)
{
    const char *why = other();
    if (why) {
        printf("this build is %s\n", why);
        return 3;
    }
    for (size_t i = 0; i < sizeof formulas / sizeof *formulas; i++) count(&formulas[i]);
    return 0;
}
