// SPDX-License-Identifier: MIT
// Arguments that are missing or out of range. Every function of the public header, every argument: an error
// that says what is missing, never a crash, and the context goes on. What was handed on by a call that failed
// leaves that call's error in place. scripts/lint.sh holds that no function of the header is left out here.
#include <stdio.h>

#include "tests/arguments.h"

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
    assert_int_equal(sd_context_reset(NULL), SD_ERR_USAGE);
    sd_interrupt(NULL);
    sd_progress(NULL, NULL, NULL);
    assert_int_equal(sd_last_error(NULL)->code, SD_ERR_USAGE);
    sd_free(NULL, NULL);
    sd_free(w->c, NULL);
    assert_non_null(sd_version());
    int major, minor, patch;
    assert_int_equal(sscanf(sd_version(), "%d.%d.%d", &major, &minor, &patch), 3);
    assert_int_equal(sd_version_number(), 10000 * major + 100 * minor + patch);
    assert_int_equal(SD_VERSION_NUMBER, sd_version_number());
    MISUSE(sd_derive(w->c, w->e, &(sd_request){.wrt = "x", .room = {[7] = 1}}));
    MISUSE(sd_compile(w->c, w->r, &(sd_emit_options){.room = {1}}));
    MISUSE(sd_graph(w->c, w->e, "x", &(sd_steps_options){.room = {1}}));
    assert_null(sd_context_new(&(sd_options){.room = {[7] = 1}}));
    assert_null(sd_context_new(&(sd_options){.limits = &(sd_limits){.room = {1}}}));
// nothing stands behind the room
#define LAST(type) assert_int_equal(offsetof(type, room) + sizeof((type *)0)->room, sizeof(type))
    LAST(sd_limits);
    LAST(sd_options);
    LAST(sd_request);
    LAST(sd_emit_options);
    LAST(sd_variable);
    LAST(sd_argument);
    LAST(sd_check_report);
    LAST(sd_equal_report);
    LAST(sd_convexity);
    LAST(sd_definite);
    LAST(sd_solution);
    LAST(sd_steps_options);
    LAST(sd_operator);
    LAST(sd_pattern);
    assert_null(sd_error_text(NULL, sd_last_error(w->c)));
    assert_null(sd_error_text(w->c, NULL));
    char *text = sd_error_text(w->c, &(sd_error){.code = SD_OK}); // nothing is filled in
    assert_non_null(text);
    sd_free(w->c, text);
    const sd_error wild[] = {
        {.code = SD_ERR_SYNTAX, .source_name = "f", .source = "x+y", .begin = FAR, .end = 2 * FAR},
        {.code = SD_ERR_SYNTAX,
         .source_name = "f",
         .source = "x+y",
         .begin = 2,
         .end = 1,
         .other_begin = FAR,
         .other_end = UINT32_MAX},
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
        {.wrt = NULL},
        {.wrt = ""},
        {.wrt = ","},
        {.wrt = "x,"},
        {.wrt = "x,x"},
        {.what = (sd_what)-1, .wrt = "x"},
        {.what = (sd_what)FAR, .wrt = "x"},
        {.wrt = "x", .order = -1},
        {.wrt = "x", .order = 1 << 30},
        {.wrt = "x", .layout = (sd_layout)FAR},
        {.wrt = "x", .symmetric = (sd_symmetric)-1},
        {.what = SD_HVP, .wrt = "x"},
        {.what = SD_JVP, .wrt = "x"},
        {.what = SD_VJP, .wrt = "x"},
        {.what = SD_ALONG, .wrt = "x"},
        {.what = SD_HVP, .wrt = "x", .direction = ""},
        {.what = SD_TAYLOR, .wrt = "x", .order = 1},
        {.what = SD_TAYLOR, .wrt = "x", .order = -1, .around = "0"},
        {.what = SD_TAYLOR, .wrt = "x", .order = 1 << 30, .around = "0"},
        {.what = SD_DIFFERENTIAL},
        {.what = SD_ALONG, .wrt = "x", .direction = "v", .order = 1 << 30},
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
    assert_null(
        sd_array_print(w->c, &(sd_array){.order = 2, .dim = {SIZE_MAX, SIZE_MAX}, .data = numbers}, SD_TEXT));
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
        {.name = ""},
        {.name = "two words"},
        {.name = "1st"},
        {.name = "f(void);"},
        {.value = 1, .primal = FAR},
        {.sizes = "n"},
        {.sizes = "n="},
        {.sizes = "n=0"},
        {.sizes = "n=99999999999999999999"},
        {.sizes = "nothing=2"},
        {.header = ""},
        {.header = "a\"\n#error \"b"},
        {.header = "a\\b.h"},
        {.header = "a\nb.h"},
        {.header = "a\177.h"},
        {.arguments = ""},
        {.arguments = "nothing"},
        {.arguments = "x,x"},
        {.arguments = ","},
        {.real = "long double"},
        {.real = "a b=float"},
        {.real = "=float"},
        {.real = "t=int"},
        {.real = "t=float", .include = "a\"b"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        MISUSED(sd_emit(w->c, w->r, &bad[i], &code));
        assert_true(!code.source && !code.header);
        MISUSE(sd_compile(w->c, w->r, &bad[i]));
    }
}

static void test_files(void **state)
{
    world *w = *state;
    sd_c_code code;
    const sd_result *const some[] = {w->r, w->r}, *const none[] = {NULL}, *const foreign[] = {w->foreign};
    const sd_emit_function good = {"f", 2, some, NULL},
                           bad_functions[][2] = {
                               {{NULL, 1, some, NULL}}, {{"f", 0, some, NULL}},    {{"f", 1, NULL, NULL}},
                               {{"f", 1, none, NULL}},  {{"f", 1, foreign, NULL}}, {{"1", 1, some, NULL}},
                           };
    assert_int_equal(sd_emit_file(NULL, 1, &good, NULL, &code), SD_ERR_USAGE);
    MISUSED(sd_emit_file(w->c, 1, NULL, NULL, &code));
    MISUSED(sd_emit_file(w->c, 0, &good, NULL, &code));
    MISUSED(sd_emit_file(w->c, 1, &good, NULL, NULL));
    MISUSED(sd_emit_file(w->c, 1, &good, &(sd_emit_options){.file = "a b"}, &code));
    MISUSED(sd_emit_file(w->c, 2, (sd_emit_function[]){good, good}, NULL, &code));
    for (size_t i = 0; i < sizeof bad_functions / sizeof *bad_functions; i++)
        MISUSED(sd_emit_file(w->c, 1, bad_functions[i], NULL, &code));
    assert_int_equal(sd_emit_file(w->c, 1, &good, NULL, &code), SD_OK);
    sd_free(w->c, code.source);
    sd_free(w->c, code.header);
    assert_null(sd_structure(NULL, w->r, 0));
    MISUSE(sd_structure(w->c, NULL, 0));
    MISUSE(sd_structure(w->c, w->foreign, 0));
    MISUSE(sd_structure(w->c, w->r, FAR));
}

static void test_sparsity(void **state)
{
    world *w = *state;
    sd_pattern pattern;
    assert_int_equal(sd_sparsity(NULL, w->r, 0, NULL, &pattern), SD_ERR_USAGE);
    MISUSED(sd_sparsity(w->c, NULL, 0, NULL, &pattern));
    MISUSED(sd_sparsity(w->c, w->foreign, 0, NULL, &pattern));
    MISUSED(sd_sparsity(w->c, w->r, FAR, NULL, &pattern));
    MISUSED(sd_sparsity(w->c, w->r, 0, NULL, NULL));
    MISUSED(sd_sparsity(w->c, w->r, 0, &(sd_emit_options){.sizes = "?"}, &pattern));
    MISUSED(sd_sparsity(w->c, w->r, 0, &(sd_emit_options){.room = {1}}, &pattern));
}

static void test_building(void **state)
{
    world *w = *state;
    const sd_expr far = FAR, none = 0;
    assert_int_equal(sd_symbol(NULL, "x: scalar"), 0);
    MISUSE(sd_symbol(w->c, NULL));
    MISUSE(sd_symbol(w->c, ""));
    MISUSE(sd_symbol(w->c, "nobody"));
    assert_int_equal(sd_number(NULL, 1), 0);
    assert_int_equal(sd_call(NULL, "exp", 1, &w->e), 0);
    MISUSE(sd_call(w->c, NULL, 1, &w->e));
    MISUSE(sd_call(w->c, "exp", 1, NULL));
    MISUSE(sd_call(w->c, "exp", 1, &far));
    assert_int_equal(sd_call(w->c, "exp", 1, &none), 0);
    assert_null(sd_save(NULL, w->e));
    assert_null(sd_save(w->c, far));
    assert_null(sd_save(w->c, 0));
    assert_int_equal(sd_load(NULL, "x"), 0);
    MISUSE(sd_load(w->c, NULL));
    MISUSE(sd_load(w->c, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contexts), cmocka_unit_test(test_texts),    cmocka_unit_test(test_requests),
        cmocka_unit_test(test_printing), cmocka_unit_test(test_code),     cmocka_unit_test(test_files),
        cmocka_unit_test(test_sparsity), cmocka_unit_test(test_building),
    };
    return cmocka_run_group_tests_name("arguments", tests, set_up, tear_down);
}
