// SPDX-License-Identifier: MIT
// Arguments that are missing or out of range. Every function of the public header, every argument: an error that says what is
// missing, never a crash, and the context goes on. What was handed on by a call that failed leaves that call's error in place.
// scripts/lint.sh holds that no function of the header is left out here.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "include/symdiff.h"

enum { FAR = 1000 };

// A context with an expression, a result, data and a compiled function; and results of another context.
typedef struct {
    sd_context *c, *other;
    sd_expr e;
    sd_result *r, *foreign;
    sd_data *d;
    sd_function *f, *caller;
} world;

static int set_up(void **state)
{
    static world w;
    w.c = sd_context_new(NULL);
    w.other = sd_context_new(NULL);
    w.e = sd_parse(w.c, "x: vector(n); s: scalar\ns*x'*x", NULL);
    w.r = sd_derive(w.c, w.e, &(sd_request){.wrt = "x"});
    w.foreign = sd_value(w.other, sd_parse(w.other, "sum(exp(A*y))*b", NULL));
    w.d = sd_data_new(w.c);
    w.f = sd_compile(w.c, w.r, NULL);
    sd_expr g = sd_parse(w.c, "f: function(scalar) -> scalar\nf(t)", NULL);
    w.caller = sd_compile(w.c, sd_value(w.c, g), NULL);
    *state = &w;
    return !(w.c && w.e && w.r && w.foreign && w.d && w.f && w.caller && sd_data_read(w.d, "x=[1;2]") == SD_OK && sd_data_read(w.d, "s=2") == SD_OK);
}

static int tear_down(void **state)
{
    world *w = *state;
    sd_data_free(w->d);
    sd_function_free(w->f);
    sd_function_free(w->caller);
    sd_context_free(w->c);
    sd_context_free(w->other);
    return 0;
}

// The last call failed as a misuse, in one line; then the context works as before.
static void expect(const world *w, sd_status code)
{
    const sd_error *e = sd_last_error(w->c);
    if (e->code != code) print_error("%s\n", e->message);
    assert_int_equal(e->code, code);
    assert_true(*e->message && !strchr(e->message, '\n'));
    char *text = sd_error_text(w->c, e);
    assert_non_null(text);
    sd_free(w->c, text);
    text = sd_print(w->c, w->r, SD_TEXT, 0);
    assert_string_equal(text, "2*s*x");
    assert_int_equal(sd_last_error(w->c)->code, SD_OK);
    sd_free(w->c, text);
}

#define MISUSE(call)                  \
    do {                              \
        assert_false(call);           \
        expect(w, SD_ERR_USAGE);      \
    } while (0)
#define MISUSED(call)                              \
    do {                                           \
        assert_int_equal(call, SD_ERR_USAGE);      \
        expect(w, SD_ERR_USAGE);                   \
    } while (0)

static void *no_memory(void *state, void *p, size_t bytes)
{
    (void)state, (void)p, (void)bytes;
    return NULL;
}

static void test_contexts(void **state)
{
    world *w = *state;
    assert_null(sd_context_new(&(sd_options){.allocator = &(sd_allocator){NULL, NULL}}));
    assert_null(sd_context_new(&(sd_options){.allocator = &(sd_allocator){no_memory, NULL}}));
    sd_context_free(NULL);
    sd_interrupt(NULL);
    assert_int_equal(sd_last_error(NULL)->code, SD_ERR_USAGE);
    sd_free(NULL, NULL);
    sd_free(w->c, NULL);
    assert_non_null(sd_version());
    assert_null(sd_error_text(NULL, sd_last_error(w->c)));
    assert_null(sd_error_text(w->c, NULL));
    char *text = sd_error_text(w->c, &(sd_error){.code = SD_OK}); // nothing is filled in
    assert_non_null(text);
    sd_free(w->c, text);
    const sd_error wild[] = {
        {.code = SD_ERR_SYNTAX, .source_name = "f", .source = "x+y", .begin = FAR, .end = 2 * FAR},
        {.code = SD_ERR_SYNTAX, .source_name = "f", .source = "x+y", .begin = 2, .end = 1, .other_begin = FAR, .other_end = UINT32_MAX},
        {.code = (sd_status)FAR, .source_name = NULL, .source = "x+y", .begin = 1, .end = UINT32_MAX},
    };
    for (size_t i = 0; i < sizeof wild / sizeof *wild; i++) {
        text = sd_error_text(w->c, &wild[i]);
        assert_non_null(text);
        sd_free(w->c, text);
    }
    char *printed = sd_print(w->c, w->r, SD_TEXT, 0);
    assert_string_equal(printed, "2*s*x");
    sd_free(w->c, printed);
}

static void test_texts(void **state)
{
    world *w = *state;
    sd_expr pair[2];
    assert_int_equal(sd_declare(NULL, "q: scalar", NULL), SD_ERR_USAGE);
    MISUSED(sd_declare(w->c, NULL, NULL));
    assert_int_equal(sd_hint_shape(NULL, "q", 1, 1), SD_ERR_USAGE);
    MISUSED(sd_hint_shape(w->c, NULL, 1, 1));
    MISUSED(sd_hint_shape(w->c, "q", 0, 1));
    MISUSED(sd_hint_shape(w->c, "q", 1, -1));
    assert_int_equal(sd_parse(NULL, "x", NULL), 0);
    MISUSE(sd_parse(w->c, NULL, NULL));
    sd_expr two[2];
    assert_int_equal(sd_parse_all(NULL, 1, (const char *const[]){"x"}, two), SD_ERR_USAGE);
    MISUSED(sd_parse_all(w->c, 1, NULL, two));
    MISUSED(sd_parse_all(w->c, 0, (const char *const[]){"x"}, two));
    MISUSED(sd_parse_all(w->c, 2, (const char *const[]){"x", NULL}, two));
    MISUSED(sd_parse_all(w->c, 1, (const char *const[]){"x"}, NULL));
    assert_null(sd_notes(NULL));
    assert_null(sd_explain(NULL, w->e));
    MISUSE(sd_explain(w->c, 0));
    MISUSE(sd_explain(w->c, FAR));
    assert_null(sd_optimum(NULL));
    assert_null(sd_optimum(w->c));
    assert_null(sd_legend(NULL, w->e));
    MISUSE(sd_legend(w->c, 0));
    MISUSE(sd_legend(w->c, FAR));
    assert_int_equal(sd_parse_pair(NULL, "x", "y", pair), SD_ERR_USAGE);
    MISUSED(sd_parse_pair(w->c, NULL, "y", pair));
    MISUSED(sd_parse_pair(w->c, "x", NULL, pair));
    MISUSED(sd_parse_pair(w->c, "x", "y", NULL));
}

static void test_requests(void **state)
{
    world *w = *state;
    assert_null(sd_derive(NULL, w->e, &(sd_request){.wrt = "x"}));
    MISUSE(sd_derive(w->c, w->e, NULL));
    MISUSE(sd_derive(w->c, 0, &(sd_request){.wrt = "x"}));
    MISUSE(sd_derive(w->c, FAR, &(sd_request){.wrt = "x"}));
    const sd_request bad[] = {
        {.wrt = NULL}, {.wrt = ""}, {.wrt = ","}, {.wrt = "x,"}, {.wrt = "x,x"}, {.what = (sd_what)-1, .wrt = "x"}, {.what = (sd_what)FAR, .wrt = "x"},
        {.wrt = "x", .order = -1}, {.wrt = "x", .order = 1 << 30}, {.wrt = "x", .layout = (sd_layout)FAR}, {.wrt = "x", .symmetric = (sd_symmetric)-1},
        {.what = SD_HVP, .wrt = "x"}, {.what = SD_JVP, .wrt = "x"}, {.what = SD_VJP, .wrt = "x"}, {.what = SD_ALONG, .wrt = "x"}, {.what = SD_HVP, .wrt = "x", .direction = ""},
        {.what = SD_TAYLOR, .wrt = "x", .order = 1}, {.what = SD_TAYLOR, .wrt = "x", .order = -1, .around = "0"}, {.what = SD_TAYLOR, .wrt = "x", .order = 1 << 30, .around = "0"},
        {.what = SD_DIFFERENTIAL}, {.what = SD_ALONG, .wrt = "x", .direction = "v", .order = 1 << 30},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) MISUSE(sd_derive(w->c, w->e, &bad[i]));
    assert_null(sd_value(NULL, w->e));
    MISUSE(sd_value(w->c, 0));
    MISUSE(sd_value(w->c, FAR));
    assert_int_equal(sd_result_count(NULL), 0);
    const sd_result *const results[] = {NULL, w->r};
    for (size_t i = 0; i < 2; i++) {
        assert_null(sd_result_label(results[i], FAR));
        assert_null(sd_result_row(results[i], FAR));
        assert_null(sd_result_column(results[i], FAR));
        assert_int_equal(sd_result_expr(results[i], FAR), 0);
        assert_int_equal(sd_result_order(w->c, results[i], FAR), -1);
    }
    assert_null(sd_result_note(NULL));
    assert_int_equal(sd_result_order(NULL, w->r, 0), -1);
    assert_int_equal(sd_result_order(w->c, w->foreign, 0), -1);
}

static void test_printing(void **state)
{
    world *w = *state;
    double numbers[] = {1, 2};
    sd_array a = {.order = 1, .dim = {2}, .data = numbers};
    assert_null(sd_print(NULL, w->r, SD_TEXT, 0));
    MISUSE(sd_print(w->c, NULL, SD_TEXT, 0));
    MISUSE(sd_print(w->c, w->foreign, SD_TEXT, 0));
    MISUSE(sd_print(w->c, w->r, (sd_format)sd_format_find("tex"), 0));
    MISUSE(sd_print_function(w->c, NULL, SD_NUMPY, NULL, 0));
    MISUSE(sd_print_function(w->c, w->r, SD_LATEX, NULL, 0)); // no code
    assert_null(sd_print_function(NULL, w->r, SD_NUMPY, NULL, SD_WITH_VALUE));
    assert_true(sd_format_is_code(SD_R) && !sd_format_is_code(SD_TEXT) && !sd_format_is_code((sd_format)99));
    MISUSE(sd_print(w->c, w->r, (sd_format)FAR, 0));
    MISUSE(sd_print(w->c, w->r, SD_TEXT, ~0u));
    assert_int_equal(sd_format_find(NULL), -1);
    assert_null(sd_format_name(SIZE_MAX));
    assert_int_equal(sd_notation_find(NULL), -1);
    assert_int_equal(sd_notation_find(""), -1);
    assert_int_equal(sd_format_find(""), -1);
    assert_null(sd_vec_form(NULL, w->r, 0, SD_TEXT));
    MISUSE(sd_vec_form(w->c, NULL, 0, SD_TEXT));
    MISUSE(sd_vec_form(w->c, w->foreign, 0, SD_TEXT));
    MISUSE(sd_vec_form(w->c, w->r, FAR, SD_TEXT));
    MISUSE(sd_vec_form(w->c, w->r, 0, (sd_format)-1));
    MISUSE(sd_vec_form(w->c, w->r, 0, SD_NUMPY));
    assert_null(sd_dump(NULL, w->r, "graph"));
    MISUSE(sd_dump(w->c, NULL, "graph"));
    MISUSE(sd_dump(w->c, w->foreign, "graph"));
    MISUSE(sd_dump(w->c, w->r, NULL));
    MISUSE(sd_dump(w->c, w->r, "nonsense"));
    assert_null(sd_array_print(NULL, &a, SD_TEXT));
    MISUSE(sd_array_print(w->c, NULL, SD_TEXT));
    MISUSE(sd_array_print(w->c, &(sd_array){.order = 1, .dim = {2}}, SD_TEXT));
    assert_null(sd_array_print(w->c, &(sd_array){.order = -1, .data = numbers}, SD_TEXT));
    expect(w, SD_ERR_DATA);
    assert_null(sd_array_print(w->c, &(sd_array){.order = FAR, .data = numbers}, SD_TEXT));
    expect(w, SD_ERR_DATA);
    assert_null(sd_array_print(w->c, &(sd_array){.order = 2, .dim = {SIZE_MAX, SIZE_MAX}, .data = numbers}, SD_TEXT));
    expect(w, SD_ERR_LIMIT);
    assert_null(sd_array_print(w->c, &a, (sd_format)-1));
    expect(w, SD_ERR_UNSUPPORTED);
    assert_null(sd_array_print(w->c, &a, SD_LATEX));
    expect(w, SD_ERR_UNSUPPORTED);
}

static void test_code(void **state)
{
    world *w = *state;
    sd_c_code code;
    assert_int_equal(sd_emit(NULL, w->r, NULL, &code), SD_ERR_USAGE);
    MISUSED(sd_emit(w->c, NULL, NULL, &code));
    MISUSED(sd_emit(w->c, w->foreign, NULL, &code));
    MISUSED(sd_emit(w->c, w->r, NULL, NULL));
    assert_null(sd_compile(NULL, w->r, NULL));
    MISUSE(sd_compile(w->c, NULL, NULL));
    MISUSE(sd_compile(w->c, w->foreign, NULL));
    const sd_emit_options bad[] = {
        {.name = ""}, {.name = "two words"}, {.name = "1st"}, {.name = "f(void);"}, {.value = 1, .primal = FAR}, {.sizes = "n"}, {.sizes = "n="}, {.sizes = "n=0"},
        {.sizes = "n=99999999999999999999"}, {.sizes = "nothing=2"}, {.header = ""}, {.header = "a\"\n#error \"b"}, {.header = "a\\b.h"}, {.header = "a\nb.h"}, {.header = "a\177.h"},
        {.arguments = ""}, {.arguments = "nothing"}, {.arguments = "x,x"}, {.arguments = ","},
        {.real = "long double"}, {.real = "a b=float"}, {.real = "=float"}, {.real = "t=int"}, {.real = "t=float", .include = "a\"b"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        MISUSED(sd_emit(w->c, w->r, &bad[i], &code));
        assert_true(!code.source && !code.header);
        MISUSE(sd_compile(w->c, w->r, &bad[i]));
    }
    const sd_result *const some[] = {w->r, w->r}, *const none[] = {NULL}, *const foreign[] = {w->foreign};
    const sd_emit_function good = {"f", 2, some, NULL}, bad_functions[][2] = {
        {{NULL, 1, some, NULL}}, {{"f", 0, some, NULL}}, {{"f", 1, NULL, NULL}}, {{"f", 1, none, NULL}}, {{"f", 1, foreign, NULL}}, {{"1", 1, some, NULL}},
    };
    assert_int_equal(sd_emit_file(NULL, 1, &good, NULL, &code), SD_ERR_USAGE);
    MISUSED(sd_emit_file(w->c, 1, NULL, NULL, &code));
    MISUSED(sd_emit_file(w->c, 0, &good, NULL, &code));
    MISUSED(sd_emit_file(w->c, 1, &good, NULL, NULL));
    MISUSED(sd_emit_file(w->c, 1, &good, &(sd_emit_options){.file = "a b"}, &code));
    MISUSED(sd_emit_file(w->c, 2, (sd_emit_function[]){good, good}, NULL, &code));
    for (size_t i = 0; i < sizeof bad_functions / sizeof *bad_functions; i++) MISUSED(sd_emit_file(w->c, 1, bad_functions[i], NULL, &code));
    assert_int_equal(sd_emit_file(w->c, 1, &good, NULL, &code), SD_OK);
    sd_free(w->c, code.source);
    sd_free(w->c, code.header);
    assert_null(sd_structure(NULL, w->r, 0));
    MISUSE(sd_structure(w->c, NULL, 0));
    MISUSE(sd_structure(w->c, w->foreign, 0));
    MISUSE(sd_structure(w->c, w->r, FAR));
}

static void test_data(void **state)
{
    world *w = *state;
    double numbers[] = {1, 2};
    assert_null(sd_data_new(NULL));
    sd_data_free(NULL);
    assert_int_equal(sd_data_read(NULL, "x=1"), SD_ERR_USAGE);
    MISUSED(sd_data_read(w->d, NULL));
    assert_int_equal(sd_data_read(w->d, ""), SD_ERR_IO);
    expect(w, SD_ERR_IO);
    const sd_array good = {.order = 1, .dim = {2}, .data = numbers};
    assert_int_equal(sd_data_set(NULL, "x", &good), SD_ERR_USAGE);
    MISUSED(sd_data_set(w->d, NULL, &good));
    MISUSED(sd_data_set(w->d, "", &good));
    MISUSED(sd_data_set(w->d, "x", NULL));
    MISUSED(sd_data_set(w->d, "x", &(sd_array){.order = 1, .dim = {2}}));
    assert_int_equal(sd_data_set(w->d, "x", &(sd_array){.order = FAR, .data = numbers}), SD_ERR_DATA);
    expect(w, SD_ERR_DATA);
    assert_int_equal(sd_data_set(w->d, "x", &(sd_array){.order = -1, .data = numbers}), SD_ERR_DATA);
    expect(w, SD_ERR_DATA);
    assert_int_equal(sd_data_set(w->d, "x", &(sd_array){.order = 1, .dim = {0}, .data = numbers}), SD_ERR_DATA);
    expect(w, SD_ERR_DATA);
    assert_int_equal(sd_data_set(w->d, "x", &(sd_array){.order = 2, .dim = {SIZE_MAX, 2}, .data = numbers}), SD_ERR_LIMIT);
    expect(w, SD_ERR_LIMIT);
    assert_null(sd_data_get(NULL, "x"));
    assert_null(sd_data_get(w->d, NULL));
    assert_int_equal(sd_data_count(NULL), 0);
    assert_null(sd_data_name(NULL, 0));
    assert_null(sd_data_name(w->d, FAR));
}

static void test_functions(void **state)
{
    world *w = *state;
    const sd_function *f = w->f, *g = w->caller;
    sd_function_free(NULL);
    assert_int_equal(sd_function_inputs(NULL) + sd_function_dims(NULL) + sd_function_outputs(NULL) + sd_function_callbacks(NULL), 0);
    const sd_function *const functions[] = {NULL, f, g};
    for (size_t i = 0; i < 3; i++) {
        assert_null(sd_function_input(functions[i], FAR));
        assert_null(sd_function_dim(functions[i], FAR));
        assert_null(sd_function_callback(functions[i], FAR));
    }
    const size_t dims[] = {2};
    double x[] = {1, 2}, s = 3, y[2] = {0, 0}, *out[] = {y}, work[64];
    const double *in[] = {NULL, NULL};
    for (size_t i = 0; i < 2; i++) in[i] = !strcmp(sd_function_input(f, i), "x") ? x : &s;
    assert_true(sd_function_workspace(f, dims) <= sizeof work / sizeof *work);
    assert_int_equal(sd_function_workspace(NULL, dims), 0);
    assert_int_equal(sd_function_workspace(f, NULL), 0);
    assert_int_equal(sd_function_call(f, dims, in, out, work), 0);
    assert_true(y[0] > 5.9 && y[0] < 6.1);
    assert_int_equal(sd_function_call(NULL, dims, in, out, work), -1);
    assert_int_equal(sd_function_call(f, NULL, in, out, work), -1);
    assert_int_equal(sd_function_call(f, dims, NULL, out, work), -1);
    assert_int_equal(sd_function_call(f, dims, in, NULL, work), -1);
    assert_int_equal(sd_function_call(f, dims, (const double *const[]){NULL, NULL}, out, work), -1);
    assert_int_equal(sd_function_call(f, dims, in, (double *const[]){NULL}, work), -1);
    assert_int_equal(sd_function_call(f, dims, in, out, NULL), sd_function_workspace(f, dims) ? -1 : 0);
    assert_int_equal(sd_function_call(g, NULL, (const double *const[]){&s}, out, work), -1);
    assert_int_equal(sd_function_call_with(g, NULL, (const double *const[]){&s}, out, work, NULL), -1);
    assert_int_equal(sd_function_call_with(g, NULL, (const double *const[]){&s}, out, work, &(sd_binding){NULL, NULL}), -1);
    assert_int_equal(sd_function_call_with(NULL, NULL, NULL, NULL, NULL, NULL), -1);
}

// What a function tells of itself.
static void test_interfaces(void **state)
{
    world *w = *state;
    const sd_function *f = w->f;
    sd_argument a;
    double x[] = {1, 2};
    size_t dims[1] = {0}, culprit = FAR;
    sd_array in[2] = {{.order = 0, .data = x}, {.order = 0, .data = x}}, shape;
    for (size_t i = 0; i < 2; i++)
        if (!strcmp(sd_function_input(f, i), "x")) in[i] = (sd_array){.order = 1, .dim = {2}, .data = x};
    assert_int_equal(sd_function_input_at(NULL, 0, &a) + sd_function_input_at(f, FAR, &a) + sd_function_input_at(f, 0, NULL), 0);
    assert_int_equal(sd_function_output_at(NULL, 0, &a) + sd_function_output_at(f, FAR, &a) + sd_function_output_at(f, 0, NULL), 0);
    assert_int_equal(sd_function_sizes(NULL, in, dims, &culprit), SD_ERR_USAGE);
    assert_int_equal(sd_function_sizes(f, NULL, dims, NULL), SD_ERR_USAGE);
    assert_int_equal(sd_function_sizes(f, in, NULL, &culprit), SD_ERR_USAGE);
    assert_int_equal(sd_function_sizes(f, in, dims, NULL), SD_OK);
    assert_int_equal(dims[0], 2);
    assert_int_equal(sd_function_output_shape(NULL, 0, dims, &shape), SD_ERR_USAGE);
    assert_int_equal(sd_function_output_shape(f, FAR, dims, &shape), SD_ERR_USAGE);
    assert_int_equal(sd_function_output_shape(f, 0, NULL, &shape), SD_ERR_USAGE);
    assert_int_equal(sd_function_output_shape(f, 0, dims, NULL), SD_ERR_USAGE);
    in[0].order = in[1].order = SD_MAX_ORDER + 1;
    assert_int_equal(sd_function_sizes(f, in, dims, &culprit), SD_ERR_DATA);
    assert_null(sd_function_failure(0));
    for (int status = -2; status < 100; status++) assert_true(!status || *sd_function_failure(status));
    size_t n = FAR;
    assert_null(sd_variables(NULL, w->e, &n));
    assert_int_equal(n, 0);
    MISUSE(sd_variables(w->c, 0, &n));
    MISUSE(sd_variables(w->c, FAR, &n));
    MISUSE(sd_variables(w->c, w->e, NULL));
}

static void test_forms(void **state)
{
    world *w = *state;
    sd_result *(*const forms[])(sd_context *, sd_expr) = {sd_expand, sd_factor};
    for (int i = 0; i < 2; i++) {
        assert_null(forms[i](NULL, w->e));
        MISUSE(forms[i](w->c, 0));
        MISUSE(forms[i](w->c, FAR));
    }
    assert_null(sd_simplify(NULL, w->e, "x"));
    MISUSE(sd_simplify(w->c, FAR, NULL));
    MISUSE(sd_simplify(w->c, w->e, ""));
    MISUSE(sd_simplify(w->c, w->e, "no_such_variable"));
    assert_non_null(sd_simplify(w->c, w->e, NULL));
}

static void test_numbers(void **state)
{
    world *w = *state;
    sd_array out[1];
    sd_status (*const evaluate[])(sd_context *, const sd_result *, const sd_data *, sd_array *) = {sd_evaluate, sd_interpret};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(evaluate[i](NULL, w->r, w->d, out), SD_ERR_USAGE);
        MISUSED(evaluate[i](w->c, NULL, w->d, out));
        MISUSED(evaluate[i](w->c, w->foreign, w->d, out));
        MISUSED(evaluate[i](w->c, w->r, w->d, NULL));
        assert_int_equal(evaluate[i](w->c, w->r, NULL, out), SD_ERR_DATA);
        expect(w, SD_ERR_DATA);
        assert_null(out[0].data);
        sd_expr two = sd_parse(w->c, "1+1", NULL); // no data, and none is needed
        assert_int_equal(evaluate[i](w->c, sd_value(w->c, two), NULL, out), SD_OK);
        sd_free(w->c, out[0].data);
    }
    sd_check_report report;
    sd_equal_report same;
    const sd_request by_x = {.wrt = "x"};
    assert_int_equal(sd_check(NULL, w->e, &by_x, w->d, NULL, 1, &report), SD_ERR_USAGE);
    MISUSED(sd_check(w->c, 0, &by_x, w->d, NULL, 1, &report));
    MISUSED(sd_check(w->c, FAR, &by_x, w->d, NULL, 1, &report));
    MISUSED(sd_check(w->c, w->e, NULL, w->d, NULL, 1, &report));
    MISUSED(sd_check(w->c, w->e, &by_x, w->d, "n", 1, &report));
    MISUSED(sd_check(w->c, w->e, &by_x, w->d, NULL, 1, NULL));
    assert_int_equal(sd_check(w->c, w->e, &by_x, NULL, NULL, 1, &report), SD_OK);
    assert_int_equal(sd_equal(NULL, w->e, w->e, 1, &same), SD_ERR_USAGE);
    MISUSED(sd_equal(w->c, 0, w->e, 1, &same));
    MISUSED(sd_equal(w->c, w->e, FAR, 1, &same));
    MISUSED(sd_equal(w->c, w->e, w->e, 1, NULL));
    sd_convexity verdict;
    assert_int_equal(sd_convexity_of(NULL, w->e, NULL, 1, &verdict), SD_ERR_USAGE);
    MISUSED(sd_convexity_of(w->c, w->e, NULL, 1, NULL));
    MISUSED(sd_convexity_of(w->c, 99, NULL, 1, &verdict));
    sd_definite definite;
    assert_int_equal(sd_definiteness(NULL, w->e, 1, &definite), SD_ERR_USAGE);
    MISUSED(sd_definiteness(w->c, w->e, 1, NULL));
    MISUSED(sd_definiteness(w->c, 99, 1, &definite));
    sd_solution solution;
    assert_int_equal(sd_solve(NULL, w->e, 0, "x", &solution), SD_ERR_USAGE);
    MISUSED(sd_solve(w->c, w->e, 0, "x", NULL));
    MISUSED(sd_solve(w->c, w->e, 99, "x", &solution));
    MISUSED(sd_solve(w->c, w->e, 0, NULL, &solution));
    char *steps = sd_steps(w->c, w->e, &by_x, NULL);
    assert_non_null(steps);
    sd_free(w->c, steps);
    assert_null(sd_steps(NULL, w->e, &by_x, NULL));
    MISUSE(sd_steps(w->c, FAR, &by_x, NULL));
    MISUSE(sd_steps(w->c, w->e, NULL, NULL));
    MISUSE(sd_steps(w->c, w->e, &by_x, &(sd_steps_options){.detail = 3}));
    MISUSE(sd_steps(w->c, w->e, &by_x, &(sd_steps_options){.format = (sd_document)99}));
}

static void test_problems(void **state)
{
    world *w = *state;
    const char *const constraint[] = {"x'*x<=1", NULL};
    sd_expr lagrangian;
    char *kkt = sd_kkt(w->c, "x'*x", 1, constraint, "x", NULL, &lagrangian);
    assert_non_null(kkt);
    assert_true(lagrangian);
    sd_free(w->c, kkt);
    sd_expr pair[2];
    assert_int_equal(sd_parse_pair(w->c, "u", "u/2+1", pair), SD_OK);
    char *recursion = sd_recursion(w->c, pair[0], pair[1], NULL);
    assert_non_null(recursion);
    sd_free(w->c, recursion);
    assert_null(sd_recursion(NULL, pair[0], pair[1], NULL));
    MISUSE(sd_recursion(w->c, pair[0], FAR, NULL));
    MISUSE(sd_recursion(w->c, pair[0], pair[1], &(sd_steps_options){.format = (sd_document)99}));
    char *graph = sd_graph(w->c, w->e, "x", NULL);
    assert_non_null(graph);
    sd_free(w->c, graph);
    graph = sd_graph(w->c, w->e, NULL, NULL);
    assert_non_null(graph);
    sd_free(w->c, graph);
    assert_null(sd_graph(NULL, w->e, "x", NULL));
    MISUSE(sd_graph(w->c, FAR, "x", NULL));
    MISUSE(sd_graph(w->c, w->e, "x", &(sd_steps_options){.detail = 3}));
    assert_null(sd_kkt(NULL, "x'*x", 1, constraint, "x", NULL, NULL));
    MISUSE(sd_kkt(w->c, NULL, 1, constraint, "x", NULL, NULL));
    MISUSE(sd_kkt(w->c, "x'*x", 2, constraint, "x", NULL, NULL));
    MISUSE(sd_kkt(w->c, "x'*x", 1, NULL, "x", NULL, NULL));
    MISUSE(sd_kkt(w->c, "x'*x", 1, constraint, NULL, NULL, NULL));
    MISUSE(sd_kkt(w->c, "x'*x", 1, constraint, "x", &(sd_steps_options){.format = (sd_document)99}, NULL));
}

static void test_operators(void **state)
{
    (void)state;
    sd_operator op;
    assert_int_equal(sd_operator_at(0, NULL), 0);
    assert_int_equal(sd_operator_at(0, &op), 1);
    assert_int_equal(sd_operator_at(100000, &op), 0);
    assert_int_equal(sd_operator_at(SIZE_MAX, &op), 0);
}

// README's lines with a typo: nobody looks at what came back until the end, and there the first error is told.
static void test_handed_on(void **state)
{
    (void)state;
    sd_context *c = sd_context_new(NULL);
    sd_expr e = sd_parse(c, "norm(X*t-Y)^2/", NULL);
    sd_result *r = sd_derive(c, e, &(sd_request){.wrt = "t"});
    sd_array out;
    sd_c_code code;
    sd_check_report report;
    sd_equal_report same;
    assert_null(r);
    assert_null(sd_value(c, e));
    assert_null(sd_legend(c, e));
    assert_null(sd_print(c, r, SD_TEXT, 0));
    assert_null(sd_vec_form(c, r, 0, SD_TEXT));
    assert_null(sd_structure(c, r, 0));
    assert_null(sd_dump(c, r, "graph"));
    assert_null(sd_compile(c, r, NULL));
    assert_int_equal(sd_emit(c, r, NULL, &code), SD_ERR_SYNTAX);
    assert_int_equal(sd_evaluate(c, r, NULL, &out), SD_ERR_SYNTAX);
    assert_int_equal(sd_check(c, e, &(sd_request){.wrt = "t"}, NULL, NULL, 1, &report), SD_ERR_SYNTAX);
    assert_int_equal(sd_equal(c, e, e, 1, &same), SD_ERR_SYNTAX);
    const sd_error *error = sd_last_error(c);
    assert_int_equal(error->code, SD_ERR_SYNTAX);
    assert_int_equal(error->begin, 13);
    sd_context_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contexts), cmocka_unit_test(test_texts), cmocka_unit_test(test_requests), cmocka_unit_test(test_printing), cmocka_unit_test(test_code),
        cmocka_unit_test(test_data), cmocka_unit_test(test_functions), cmocka_unit_test(test_interfaces), cmocka_unit_test(test_forms), cmocka_unit_test(test_numbers), cmocka_unit_test(test_problems),
        cmocka_unit_test(test_operators), cmocka_unit_test(test_handed_on),
    };
    return cmocka_run_group_tests_name("arguments", tests, set_up, tear_down);
}
