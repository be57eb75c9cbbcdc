// SPDX-License-Identifier: MIT
// The ground: arenas and marks, raw blocks, limits, texts, errors and their drawing, the nearest name, UTF-8.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
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
    for (size_t i = 0; i < n; i += length)
        assert_true(sdp_utf8_decode(b.error.message + i, n - i, &length) != UINT32_MAX);
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
        if (!table[i].nearest) assert_null(got);
        else assert_string_equal(got, table[i].nearest);
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

// ---- the drawing of errors --------------------------------------------------------------------------------

static void check_drawing(const char *source, uint32_t begin, uint32_t end, uint32_t begin2, uint32_t end2,
                          const char *expected)
{
    sdp_base b;
    sdp_base_init(&b, NULL, NULL);
    sd_error e = {.begin = begin,
                  .end = end,
                  .other_begin = begin2,
                  .other_end = end2,
                  .source = source,
                  .message = "m"};
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
        sd_error e = {.begin = at,
                      .end = at + 1,
                      .other_begin = N - 1,
                      .other_end = N,
                      .source = source,
                      .message = "m"};
        char *text = sdp_diagnose(&b, &e), *line = strchr(text, '\n') + 1, *marks = strchr(line, '\n') + 1;
        assert_true(strlen(line) < 250);
        assert_int_equal(strchr(line, '!') - line, strchr(marks, '^') - marks);
        sdp_release(&b, text);
        sdp_base_free(&b);
        source[at] = 'x';
    }
    free(source);
}

// ---- numbers ----------------------------------------------------------------------------------------------

// Random bits as shortest text and as 17 digits; then what rounds at the 800th
// digit, and what is no common notation.
static void try_decimals(void)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"0", 0},
        {"-0", -0.0},
        {".5", 0.5},
        {"5.", 5},
        {"+1.5E+3", 1500},
        {"00012.50", 12.5},
        {"1e400", HUGE_VAL},
        {"-1e400", -HUGE_VAL},
        {"1e-400", 0},
        {"0.000000000000000000001e21", 1},
        {"1e99999999999999999999", HUGE_VAL},
        {"1e-99999999999999999999", 0},
        {"4.9406564584124654e-324", 4.9406564584124654e-324},
        {"9007199254740993", 9007199254740992},
        {"9007199254740993.0000000000000000000000001", 9007199254740994},
        {"179769313486231570e291", 1.7976931348623157e308},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double got = sdp_decimal_read(cases[i].text, strlen(cases[i].text));
        if (memcmp(&got, &cases[i].value, sizeof got)) fail_msg("%s is read as %a", cases[i].text, got);
    }
    static char longest[3000] = "9007199254740993."; // a tie but for its last digit
    memset(longest + 17, '0', 2900);
    assert_true((int64_t)sdp_decimal_read(longest, 2917) == 9007199254740992);
    longest[2916] = '1';
    assert_true((int64_t)sdp_decimal_read(longest, 2917) == 9007199254740994);
    assert_true(sdp_decimal_read("12345", 3) > 122.5 && sdp_decimal_read("12345", 3) < 123.5);
    uint64_t bits = 1;
    for (int i = 0; i < 20000; i++) {
        double v, back;
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        memcpy(&v, &bits, sizeof v);
        if (v - v != 0) continue;
        sdp_decimal s = sdp_decimal_shortest(v, 1), full = sdp_decimal_of(v, 17);
        assert_int_equal(strspn(s.s, "+-.e0123456789"), strlen(s.s));
        back = sdp_decimal_read(s.s, strlen(s.s));
        assert_memory_equal(&v, &back, sizeof v);
        back = sdp_decimal_read(full.s, strlen(full.s));
        assert_memory_equal(&v, &back, sizeof v);
    }
    assert_string_equal(sdp_decimal_shortest(0.1, 1).s, "0.1");
    assert_string_equal(sdp_decimal_of(2.0 / 3, 3).s, "0.667");
    assert_string_equal(sdp_decimal_of(-1.5e300, 6).s, "-1.5e+300");
}

// Locales with a point of one byte and of two, if there are any: scripts/check.sh makes some.
static void test_decimals(void **state)
{
    (void)state;
    static const char *const locales[] = {"C", "de_DE.UTF-8", "ps_AF.UTF-8"};
    for (size_t i = 0; i < sizeof locales / sizeof *locales; i++)
        if (setlocale(LC_ALL, locales[i])) try_decimals();
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arenas),     cmocka_unit_test(test_release_keeps_a_spare),
        cmocka_unit_test(test_raw_blocks), cmocka_unit_test(test_failing),
        cmocka_unit_test(test_nearest),    cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_drawing),    cmocka_unit_test(test_drawing_a_long_line),
        cmocka_unit_test(test_decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
