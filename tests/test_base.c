// SPDX-License-Identifier: MIT
// The ground: arenas and marks, raw blocks, limits, texts, errors and their drawing, the nearest name, UTF-8.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/base.h"

static void test_arenas(void **state)
{
    (void)state;
    sdp_base b;
    sdp_base_init(&b, NULL, NULL);
    sdp_mark empty = sdp_scratch_mark(&b);
    char *kept = sdp_alloc(&b, 100);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 2000; i++) {
            sdp_mark m = sdp_scratch_mark(&b);
            size_t n = i * i % 30000;
            unsigned char *s = sdp_scratch(&b, n);
            for (size_t k = 0; k < n; k++) assert_int_equal(s[k], 0);
            if (n) memset(s, 0xAB, n);
            if (n >= 16) assert_int_equal((uintptr_t)s % 16, 0);
            if (i % 3) sdp_scratch_release(&b, m);
        }
        sdp_scratch_release(&b, empty);
    }
    for (size_t k = 0; k < 100; k++) assert_int_equal(kept[k], 0);
    assert_non_null(sdp_alloc(&b, 10u << 20));
    assert_string_equal(sdp_printf(&b, "%s-%d", "a", 7), "a-7");
    assert_string_equal(sdp_strndup(&b, "abc", 2), "ab");
    sdp_base_free(&b);
    assert_int_equal(b.used, 0);
}

// A pass that marks, works and releases must not ask the allocator every time.
static long requests;
static void *counted(void *state, void *p, size_t bytes)
{
    (void)state;
    requests++;
    if (bytes) return realloc(p, bytes);
    free(p);
    return NULL;
}

static void test_release_keeps_a_spare(void **state)
{
    (void)state;
    sdp_base b;
    sdp_base_init(&b, &(sd_allocator){counted, NULL}, NULL);
    sdp_scratch(&b, 3000);
    requests = 0;
    for (int i = 0; i < 1000; i++) {
        sdp_mark m = sdp_scratch_mark(&b);
        sdp_scratch(&b, 50000);
        sdp_scratch_release(&b, m);
    }
    assert_true(requests < 10);
    sdp_base_free(&b);
}

static void test_raw_blocks(void **state)
{
    (void)state;
    sdp_base b;
    sdp_base_init(&b, NULL, NULL);
    char *p[20] = {NULL};
    for (size_t i = 0; i < 2000; i++) {
        size_t k = i * 7 % 20;
        p[k] = sdp_realloc(&b, p[k], i + 1);
        p[k][i] = 1;
        if (i % 5 == 0) sdp_release(&b, p[k]), p[k] = NULL;
    }
    sdp_release(&b, NULL);
    sdp_base_free(&b); // the rest goes here
    assert_int_equal(b.used, 0);
}

static void test_failing(void **state)
{
    static const sdp_span nowhere = {0, 0};
    (void)state;
    sdp_base b;
    sdp_trap outer, inner;
    volatile int steps = 0;
    sdp_base_init(&b, NULL, &(sd_limits){.memory = 100000, .output = 50});
    if (SDP_TRY(&b, outer)) {
        if (SDP_TRY(&b, inner)) {
            sdp_scratch(&b, 20000);
            sdp_fail(&b, SD_ERR_SHAPE, nowhere, "a hint", "%s %d", "shapes", 5);
        } else {
            steps++;
            assert_string_equal(b.error.message, "shapes 5");
            assert_string_equal(b.error.hint, "a hint");
            sdp_scratch(&b, 200000);
        }
        SDP_END(&b, outer);
    } else {
        steps++;
        assert_int_equal(b.error.code, SD_ERR_LIMIT);
        assert_non_null(strstr(b.error.message, "'memory'"));
    }
    assert_int_equal(steps, 2);
    assert_null(b.trap);
    if (SDP_TRY(&b, outer)) {
        sdp_text t;
        sdp_text_init(&t, &b);
        for (;;) sdp_put(&t, "0123456789");
    } else {
        assert_non_null(strstr(b.error.message, "'output'"));
    }
    char longer[2000];
    for (size_t i = 0; i + 2 < sizeof longer; i += 2) memcpy(longer + i, "λ", 3);
    if (SDP_TRY(&b, outer)) sdp_fail(&b, SD_ERR_NAME, nowhere, longer, "x%s\n", longer);
    size_t n = strlen(b.error.message), length;
    assert_true(n < sizeof b.error.message && n > 500);
    assert_string_equal(b.error.message + n - 3, "...");
    for (size_t i = 0; i < n; i += length) assert_true(sdp_utf8_decode(b.error.message + i, n - i, &length) != UINT32_MAX);
    sdp_base_free(&b);
    assert_int_equal(b.used, 0);
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const names[] = {"sin", "sigmoid", "tan", "tanh", "log", "logdet", "x1"};
    static const struct {
        const char *name, *nearest;
    } table[] = {
        {"sigmiod", "sigmoid"},
        {"Sigmoid", "sigmoid"},
        {"tanhh", "tanh"},
        {"tna", "tan"},
        {"logdte", "logdet"},
        {"sn", "sin"},
        {"x2", "x1"},
        {"sin", "sin"},
        {"x", NULL},
        {"", NULL},
        {"q", NULL},
        {"completely", NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *got = sdp_nearest(table[i].name, names, sizeof names / sizeof *names);
        if (!table[i].nearest)
            assert_null(got);
        else
            assert_string_equal(got, table[i].nearest);
    }
}

static void test_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *s;
        uint32_t c;
        size_t n;
        int width;
    } table[] = {
        {"a", 'a', 1, 1},
        {"é", 0xE9, 2, 1},
        {"ᵀ", 0x1D40, 3, 1},
        {"变", 0x53D8, 3, 2},
        {"😀", 0x1F600, 4, 2},
        {"\xCC\x82", 0x302, 2, 0},
        {"\xC0\x80", UINT32_MAX, 1, 1},
        {"\xE0\x80\x80", UINT32_MAX, 1, 1},
        {"\xED\xA0\x80", UINT32_MAX, 1, 1},
        {"\xF4\x90\x80\x80", UINT32_MAX, 1, 1},
        {"\xE2\x80", UINT32_MAX, 1, 1},
        {"\x80", UINT32_MAX, 1, 1},
        {"\xFF", UINT32_MAX, 1, 1},
    };
    for (size_t i = 0, n; i < sizeof table / sizeof *table; i++) {
        uint32_t c = sdp_utf8_decode(table[i].s, strlen(table[i].s), &n);
        assert_int_equal(c, table[i].c);
        assert_int_equal(n, table[i].n);
        assert_int_equal(sdp_utf8_width(c), table[i].width);
    }
    assert_int_equal(sdp_utf8_columns("x̂变", strlen("x̂变")), 3);
}

// ---- the drawing of errors ----------------------------------------------------------------------------

static void check_drawing(const char *source, uint32_t begin, uint32_t end, uint32_t begin2, uint32_t end2,
                          const char *expected)
{
    sdp_base b;
    sdp_base_init(&b, NULL, NULL);
    sd_error e = {.begin = begin, .end = end, .other_begin = begin2, .other_end = end2, .source = source, .message = "m"};
    char *text = sdp_diagnose(&b, &e);
    assert_string_equal(text, expected);
    sdp_release(&b, text);
    sdp_base_free(&b);
    assert_int_equal(b.used, 0);
}

static void test_drawing(void **state)
{
    (void)state;
    check_drawing(NULL, 0, 0, 0, 0, "error: m\n");
    check_drawing("a+b", 0, 0, 0, 0, "error: m\n");
    check_drawing("a+bcd", 2, 5, 0, 0, "<expression>:1:3: error: m\n  a+bcd\n    ^~~\n");
    check_drawing("ab + cd", 5, 7, 0, 2, "<expression>:1:6: error: m\n  ab + cd\n  ~~   ^~\n");
    check_drawing("a\nx=1\r\nλ变\tx", 13, 14, 0, 0, "<expression>:3:9: error: m\n  λ变     x\n          ^\n");
    check_drawing("x̂ᵀ+y", 7, 8, 0, 3, "<expression>:1:4: error: m\n  x̂ᵀ+y\n  ~  ^\n");
    check_drawing("ab\ncd", 3, 5, 0, 2, "<expression>:2:1: error: m\n  cd\n  ^~\n  ab\n  ~~\n");
    check_drawing("ab(", 3, 4, 0, 0, "<expression>:1:4: error: m\n  ab(\n     ^\n");
    check_drawing("a\x01\xFF+", 3, 4, 0, 0, "<expression>:1:4: error: m\n  a??+\n     ^\n");
    check_drawing("ab", 500, 600, 0, 0, "<expression>:1:3: error: m\n  ab\n    ^\n");
}

static void test_drawing_a_long_line(void **state)
{
    (void)state;
    enum { N = 100000 };
    char *source = malloc(N + 1);
    memset(source, 'x', N);
    source[N] = '\0';
    for (uint32_t at = 0; at < N; at += 9999) {
        memcpy(source + at, "!", 1);
        sdp_base b;
        sdp_base_init(&b, NULL, NULL);
        sd_error e = {.begin = at, .end = at + 1, .other_begin = N - 1, .other_end = N, .source = source, .message = "m"};
        char *text = sdp_diagnose(&b, &e), *line = strchr(text, '\n') + 1, *marks = strchr(line, '\n') + 1;
        assert_true(strlen(line) < 250);
        assert_int_equal(strchr(line, '!') - line, strchr(marks, '^') - marks);
        sdp_release(&b, text);
        sdp_base_free(&b);
        source[at] = 'x';
    }
    free(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arenas),     cmocka_unit_test(test_release_keeps_a_spare),
        cmocka_unit_test(test_raw_blocks), cmocka_unit_test(test_failing),
        cmocka_unit_test(test_nearest),    cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_drawing),    cmocka_unit_test(test_drawing_a_long_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
