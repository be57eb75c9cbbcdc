// SPDX-License-Identifier: MIT
// Emitted C, the JIT and the reference evaluator must agree, on every kind of step that a schedule can have.
//
// Each case is an expression whose value and derivatives by all its variables
// become one function. That function is
//   - evaluated node by node by the reference evaluator,
//   - compiled in memory with sizes as arguments, and again with sizes as constants (which unrolls the small
//     ones),
//   - emitted as C99 with and without constant sizes, of floats, with arrays by columns, and with rows or
//   columns
//     that stand apart, compiled by gcc with every warning an error, loaded and called,
// and all results are compared; floats by the digits that they have, and nothing in them may be promoted to
// double or call a function of double. clang, g++ and tcc must accept the text without a warning.
#define _DEFAULT_SOURCE // mkdtemp, strtok_r

#include <dlfcn.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/check/check.h"

typedef struct {
    const char *declare, *expr, *wrt;
} emit_case;

static const emit_case cases[] = {
#define CASE(declare, expr, wrt) {declare, expr, wrt},
#include "tests/emit.def"
};

enum { MOST_OUTPUTS = 24 };

typedef struct {
    sdp_graph *g;
    sdp_signature s;
    sdp_id out[MOST_OUTPUTS];
    uint32_t n;
    sdp_point p;
    size_t count[MOST_OUTPUTS];
    double *want[MOST_OUTPUTS], *got[MOST_OUTPUTS];
    const char *expr;
} setup;

// ---- the function of a case -------------------------------------------------------------------------------
static void add_derivatives(setup *u, const char *wrt)
{
    char names[128], *save = NULL;
    snprintf(names, sizeof names, "%s", wrt);
    for (char *name = strtok_r(names, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
        bool twice = *name == '*';
        uint32_t v = sdp_variable_find(u->g, name + twice);
        assert_int_not_equal(v, UINT32_MAX);
        sdp_id var = u->g->var[v].node, d;
        sdp_reverse(u->g, u->out[0], 1, &var, &d);
        u->out[u->n++] = d;
        if (!twice) continue;
        sdp_reverse(u->g, d, 1, &var, &d);
        u->out[u->n++] = d;
    }
}

static void read_case(setup *u, sdp_graph *g, const emit_case *c)
{
    memset(u, 0, sizeof *u);
    u->g = g;
    u->expr = c->expr;
    if (*c->declare) sdp_declare(g, c->declare, "case");
    u->out[u->n++] = sdp_read(g, c->expr, strlen(c->expr), "case", false, NULL, NULL).node;
    add_derivatives(u, c->wrt);
    u->s = sdp_signature_of(g, u->n, u->out, NULL);
}

static void choose_point(setup *u, long smallest)
{
    sdp_check_request q = {.seed = 7};
    u->p = sdp_point_sizes(u->g, &u->s, &q, smallest);
    sdp_point_draw(u->g, &u->s, &q, 0, &u->p);
    for (uint32_t i = 0; i < u->n; i++) {
        const sdp_node *n = sdp_get(u->g, u->out[i]);
        u->count[i] = 1;
        for (uint32_t k = 0; k < n->order; k++)
            u->count[i] *= (size_t)sdp_size_at(u->g, n->dim[k], u->p.size);
        u->want[i] = sdp_scratch(&u->g->base, u->count[i] * sizeof(double));
        u->got[i] = sdp_scratch(&u->g->base, u->count[i] * sizeof(double));
    }
    sd_array a[MOST_OUTPUTS] = {0};
    sdp_interpret_at(u->g, u->n, u->out, &u->s, u->p.size, (const double *const *)u->p.in, a);
    for (uint32_t i = 0; i < u->n; i++) {
        memcpy(u->want[i], a[i].data, u->count[i] * sizeof(double));
        sdp_release(&u->g->base, a[i].data);
    }
}

// only: the output that was asked for; u->n: all of them.
static bool agrees(const setup *u, uint32_t only, double tolerance, const char *how)
{
    for (uint32_t i = 0; i < u->n; i++) {
        if (only != i && only != u->n) continue;
        double scale = 1e-300;
        for (size_t k = 0; k < u->count[i]; k++) scale = fmax(scale, fabs(u->want[i][k]));
        for (size_t k = 0; k < u->count[i]; k++) {
            double w = u->want[i][k], g = u->got[i][k];
            if ((isnan(w) && isnan(g)) || fabs(w - g) <= tolerance * scale ||
                (isinf(w) && g - w != 0 && w == g))
                continue;
            print_error("%s: %s: output %u, entry %zu: wanted %.17g, got %.17g\n", u->expr, how, i, k, w, g);
            return false;
        }
    }
    return true;
}

static void clear(setup *u)
{
    for (uint32_t i = 0; i < u->n; i++)
        for (size_t k = 0; k < u->count[i]; k++) u->got[i][k] = -12345.678;
}

// ---- in memory --------------------------------------------------------------------------------------------
static sdp_emit_request request(const setup *u, bool constant, long *size)
{
    sdp_emit_request q = {.name = "function_under_test",
                          .nsizes = constant ? u->s.ndims : 0,
                          .size_atom = u->s.dim,
                          .size_value = size};
    for (uint32_t i = 0; i < u->s.ndims; i++) size[i] = u->p.size[u->s.dim[i]];
    return q;
}

static bool check_jit(setup *u, bool constant)
{
    long size[64];
    size_t dims[64];
    sdp_emit_request q = request(u, constant, size);
    for (uint32_t i = 0; i < u->s.ndims; i++) dims[i] = (size_t)size[i];
    sd_function *f = sdp_compile(u->g, &u->s, &q);
    double *work = calloc(sd_function_workspace(f, dims) + 1, sizeof *work);
    clear(u);
    int status = sd_function_call(f, dims, (const double *const *)u->p.in, u->got, work);
    free(work);
    sd_function_free(f);
    if (status) print_error("%s: status %d\n", u->expr, status);
    return !status && agrees(u, u->n, 1e-9, constant ? "JIT, constant sizes" : "JIT");
}

// ---- through compilers ------------------------------------------------------------------------------------
static void write_text(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

typedef enum { SIZES_GIVEN, SIZES_CONSTANT, OF_FLOATS, BY_COLUMNS, ROWS_APART, COLUMNS_APART } variant;
enum { APART = 2 }; // entries between the rows, or columns, of a matrix
static bool by_columns(variant how) { return how == BY_COLUMNS || how == COLUMNS_APART; }
static size_t gap_of(variant how, const sdp_node *n)
{
    return how >= ROWS_APART && n->order == 2 ? APART : 0;
}

// Behind an array, its leading dimension
static void put_step(const setup *u, variant how, const sdp_node *n, sdp_text *t)
{
    if (!gap_of(how, n)) return;
    sdp_putf(t, ", %zu",
             gap_of(how, n) + (size_t)sdp_size_at(u->g, n->dim[by_columns(how) ? 0 : 1], u->p.size));
}

// The function as a file, and beside it an entry point with arrays of
// pointers, so that it can be called here.
static void write_case(setup *u, variant how, const char *dir)
{
    long size[64];
    char name[128];
    bool constant = how == SIZES_CONSTANT;
    const char *real = how == OF_FLOATS ? "float" : "double";
    sdp_emit_request q = request(u, constant, size);
    sdp_signature s = u->s;
    q.columns = by_columns(how);
    if (how >= ROWS_APART) sdp_signature_steps(u->g, &s);
    if (how == OF_FLOATS) q.real = (sdp_real){.name = "float", .is_float = true};
    q.header = "case.h";
    sdp_text text, header, entry;
    sdp_text_init(&text, &u->g->base);
    sdp_text_init(&header, &u->g->base);
    sdp_text_init(&entry, &u->g->base);
    sdp_emit_c(u->g, &s, &q, &text, &header);
    sdp_putf(
        &entry,
        "#include \"case.h\"\nint entry(const size_t *d, const %s *const *in, %s *const *out, %s *work);\n"
        "size_t room(const size_t *d);\n",
        real, real, real);
    for (int room = 0; room < 2; room++) {
        if (room)
            sdp_put(
                &entry,
                "size_t room(const size_t *d) {\n    (void)d;\n    return function_under_test_workspace(");
        else
            sdp_putf(&entry,
                     "int entry(const size_t *d, const %s *const *in, %s *const *out, %s *work) {\n    "
                     "(void)d, (void)in;\n"
                     "    return function_under_test(",
                     real, real, real);
        bool first = true;
        for (uint32_t i = 0; i < u->s.ndims && !constant; i++, first = false)
            sdp_putf(&entry, "%sd[%u]", first ? "" : ", ", i);
        for (uint32_t i = 0; i < u->s.ninputs && !room; i++, first = false) {
            const sdp_node *n = sdp_get(u->g, u->g->var[u->s.input[i]].node);
            sdp_putf(&entry, "%s%sin[%u]", first ? "" : ", ", n->order ? "" : "*", i);
            put_step(u, how, n, &entry);
        }
        for (uint32_t i = 0; i < u->n && !room; i++, first = false) {
            sdp_putf(&entry, "%sout[%u]", first ? "" : ", ", i);
            put_step(u, how, sdp_get(u->g, u->out[i]), &entry);
        }
        sdp_put(&entry, room ? ");\n}\n" : ", work);\n}\n");
    }
    snprintf(name, sizeof name, "%s/case.c", dir);
    write_text(name, text.s);
    snprintf(name, sizeof name, "%s/case.h", dir);
    write_text(name, header.s);
    snprintf(name, sizeof name, "%s/entry.c", dir);
    write_text(name, entry.s);
    sdp_text_free(&text);
    sdp_text_free(&header);
    sdp_text_free(&entry);
}

static bool run(const char *dir, const char *command)
{
    char line[512];
    snprintf(line, sizeof line, "cd %s && %s", dir, command);
    return system(line) == 0;
}

typedef union {
    void *address;
    int (*entry)(const size_t *, const double *const *, double *const *, double *);
    size_t (*room)(const size_t *);
} symbol;

static const double unwritten = -77.25;

// The entries of an array by rows, put as the variant stores them, or back. What
// lies between them is not written.
static bool reorder(const setup *u, variant how, const sdp_node *n, const double *from, double *to, bool back)
{
    size_t size[SDP_MAX_ORDER], at[SDP_MAX_ORDER] = {0}, all = 1, gap = gap_of(how, n);
    for (uint32_t k = 0; k < n->order; k++) all *= size[k] = (size_t)sdp_size_at(u->g, n->dim[k], u->p.size);
    for (size_t i = 0; i < all; i++) {
        size_t place = 0;
        for (uint32_t k = 0; k < n->order; k++) {
            uint32_t axis = by_columns(how) ? n->order - 1u - k : k;
            place = place * (size[axis] + (k + 1 == n->order ? gap : 0)) + at[axis];
        }
        if (back) to[i] = from[place];
        else to[place] = from[i];
        for (uint32_t k = n->order; k-- && ++at[k] == size[k];) at[k] = 0;
    }
    bool ok = true;
    size_t length = gap ? size[by_columns(how) ? 0 : 1] : 0;
    for (size_t i = 0; gap && back && i + 1 < all / length; i++) // behind the last there is nothing
        for (size_t k = 0; k < gap; k++) ok &= from[i * (length + gap) + length + k] == unwritten;
    return ok;
}

// Room for an array with n entries, of which only what a variant stores may be written
static double *room_for(variant how, const sdp_node *node, size_t n)
{
    size_t most = n * (1 + gap_of(how, node)) + 1;
    double *a = calloc(most, sizeof *a);
    for (size_t i = 0; a && i < most; i++) a[i] = unwritten;
    return a;
}

static size_t input_length(const setup *u, uint32_t i)
{
    const sdp_node *v = sdp_get(u->g, u->g->var[u->s.input[i]].node);
    size_t n = 1;
    for (uint32_t k = 0; k < v->order; k++) n *= (size_t)sdp_size_at(u->g, v->dim[k], u->p.size);
    return n;
}

// Calls for the output `only`, or for all outputs.
static bool call(setup *u, symbol entry, const size_t *dims, uint32_t only, variant how, double *work)
{
    double *in[64], *out[MOST_OUTPUTS];
    bool ok = true;
    for (uint32_t i = 0; i < u->s.ninputs; i++) {
        const sdp_node *n = sdp_get(u->g, u->g->var[u->s.input[i]].node);
        in[i] = room_for(how, n, input_length(u, i));
        reorder(u, how, n, u->p.in[i], in[i], false);
    }
    for (uint32_t i = 0; i < u->n; i++)
        out[i] = only == i || only == u->n ? room_for(how, sdp_get(u->g, u->out[i]), u->count[i]) : NULL;
    clear(u);
    int status = entry.entry(dims, (const double *const *)in, out, work);
    for (uint32_t i = 0; i < u->n; i++) {
        if (out[i]) ok &= reorder(u, how, sdp_get(u->g, u->out[i]), out[i], u->got[i], true);
        free(out[i]);
    }
    for (uint32_t i = 0; i < u->s.ninputs; i++) free(in[i]);
    if (!ok) print_error("%s: between the rows something is written\n", u->expr);
    return !status && ok;
}

static bool check_loaded(setup *u, variant how, const char *dir)
{
    static const char *const names[] = {
        "gcc", "gcc, constant sizes", "", "gcc, by columns", "gcc, rows apart", "gcc, columns apart"};
    char name[128];
    size_t dims[64];
    snprintf(name, sizeof name, "%s/case.so", dir);
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!library) return false;
    for (uint32_t i = 0; i < u->s.ndims; i++) dims[i] = (size_t)u->p.size[u->s.dim[i]];
    symbol entry = {dlsym(library, "entry")}, room = {dlsym(library, "room")};
    double *work = calloc(room.room(dims) + 1, sizeof *work);
    bool ok = true;
    for (uint32_t only = u->n > 1 ? 0 : u->n; ok && only <= u->n; only++) // each output alone, then all
        ok = call(u, entry, dims, only, how, work) && agrees(u, only, 1e-9, names[how]);
    free(work);
    dlclose(library);
    return ok;
}

// ---- floats -----------------------------------------------------------------------------------------------
typedef union {
    void *address;
    int (*entry)(const size_t *, const float *const *, float *const *, float *);
} float_symbol;

static bool check_floats(setup *u, const char *dir)
{
    char name[128];
    size_t dims[64];
    float *in[64], *out[MOST_OUTPUTS];
    snprintf(name, sizeof name, "%s/floats.so", dir);
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!library) return false;
    for (uint32_t i = 0; i < u->s.ndims; i++) dims[i] = (size_t)u->p.size[u->s.dim[i]];
    for (uint32_t i = 0; i < u->s.ninputs; i++) {
        in[i] = calloc(input_length(u, i) + 1, sizeof **in);
        for (size_t k = 0; k < input_length(u, i); k++) in[i][k] = (float)u->p.in[i][k];
    }
    for (uint32_t i = 0; i < u->n; i++) out[i] = calloc(u->count[i] + 1, sizeof **out);
    float_symbol entry = {dlsym(library, "entry")};
    symbol room = {dlsym(library, "room")};
    float *work = calloc(room.room(dims) + 1, sizeof *work);
    int status = entry.entry(dims, (const float *const *)in, out, work);
    for (uint32_t i = 0; i < u->n; i++)
        for (size_t k = 0; k < u->count[i]; k++) u->got[i][k] = out[i][k];
    free(work);
    for (uint32_t i = 0; i < u->s.ninputs; i++) free(in[i]);
    for (uint32_t i = 0; i < u->n; i++) free(out[i]);
    dlclose(library);
    if (status) print_error("%s: floats: status %d\n", u->expr, status);
    return !status && agrees(u, u->n, 1e-3, "floats");
}

#define STRICT " -pedantic -Wall -Wextra -Wconversion -Wshadow -Wdouble-promotion -Werror "
static const char *const commands[] = {
    "gcc -std=c99" STRICT "-O1 -shared -fPIC -o case.so case.c entry.c -lm",
    "clang -std=c99" STRICT "-fsyntax-only case.c",
    "g++ -x c++ -std=c++11" STRICT "-fsyntax-only case.c",
    "tcc -Werror -c -o case.o case.c",
};
static const char *const float_commands[] = {
    "gcc -std=c99" STRICT
    "-O1 -shared -fPIC -o floats.so case.c entry.c -lm && gcc -std=c99 -O1 -c -o floats.o case.c",
    "clang -std=c99" STRICT "-fsyntax-only case.c",
    "g++ -x c++ -std=c++11" STRICT "-fsyntax-only case.c",
    "tcc -Werror -c -o case.o case.c",
    "! nm -u floats.o | grep -v -e 'f$' -e mem -e _GLOBAL_OFFSET_TABLE_ -e __stack_chk_fail", // expf, not exp
};

static bool run_all(const setup *u, const char *dir, const char *const *command, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (run(dir, command[i])) continue;
        print_error("%s: %s\n", u->expr, command[i]);
        return false;
    }
    return true;
}

static bool check_compilers(setup *u, variant how, const char *dir)
{
    write_case(u, how, dir);
    if (how == OF_FLOATS)
        return run_all(u, dir, float_commands, sizeof float_commands / sizeof *float_commands) &&
               check_floats(u, dir);
    bool first = how == SIZES_GIVEN; // the other texts differ little
    return run_all(u, dir, commands, first ? sizeof commands / sizeof *commands : 1) &&
           check_loaded(u, how, dir);
}

// ---- tests ------------------------------------------------------------------------------------------------
static bool check_case(const emit_case *c, const char *dir)
{
    sdp_graph *g = sdp_graph_new(NULL, NULL);
    volatile bool ok = true;
    sdp_trap trap;
    if (SDP_TRY(&g->base, trap)) {
        setup u;
        read_case(&u, g, c);
        choose_point(&u, 3);
        ok = check_jit(&u, false) && check_jit(&u, true);
        for (variant how = SIZES_GIVEN; ok && dir && how <= COLUMNS_APART; how++)
            ok = check_compilers(&u, how, dir);
        choose_point(&u, 6); // too large to unroll everything
        if (ok) ok = check_jit(&u, false) && check_jit(&u, true);
        SDP_END(&g->base, trap);
    } else {
        print_error("%s: %s\n", c->expr, g->base.error.message);
        ok = false;
    }
    sdp_graph_free(g);
    return ok;
}

static void check_cases(bool compilers)
{
    char dir[] = "/tmp/symdiff-emit-XXXXXX", command[64];
    unsigned failed = 0;
    assert_non_null(mkdtemp(dir));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        failed += !check_case(&cases[i], compilers ? dir : NULL);
    snprintf(command, sizeof command, "rm -r %s", dir);
    (void)!system(command);
    assert_int_equal(failed, 0);
}

static void test_in_memory(void **state)
{
    (void)state;
    check_cases(false);
}

static void test_compilers(void **state)
{
    (void)state;
    check_cases(true);
}

// test_emit 12: that case alone
int main(int argc, char **argv)
{
    size_t one = argc > 1 ? (size_t)atoi(argv[1]) : 0;
    if (argc > 1)
        return one < sizeof cases / sizeof *cases && check_case(&cases[one], argc > 2 ? argv[2] : NULL) ? 0
                                                                                                        : 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_in_memory), cmocka_unit_test(test_compilers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
