// SPDX-License-Identifier: MIT
// Derivations of everything that the test files derive: each line passes its check, the answer's line is what
// derive prints, the three modes have one answer; and derivations of random expressions.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/compose.h"

enum { RANDOM = 1000, LEAST = 250 }; // as many random expressions as STEPS_COUNT says, if it is set

static const char *const files[] = {"tests/corpus.test", "tests/cookbook.test",  "tests/textbook.test",
                                    "tests/ml.test",     "tests/wikipedia.test", "tests/anchors.test",
                                    "tests/boyd.test",   "tests/magnus.test"};
static const char *const modes[] = {"reverse", "forward", "differential"};
#define COUNT(a) (sizeof(a) / sizeof *(a))

typedef struct {
    unsigned told, wrong, refused;
} tally;

// Does the block "Answer" begin with a line that says "= printed", or that is the
// equation printed, before its shape?
static bool is_answer(const char *steps, const char *printed)
{
    const char *at = strstr(steps, "\nAnswer    ");
    size_t n = strlen(printed);
    while (n && printed[n - 1] == '\n') n--;
    if (!at) return false;
    const char *line = at + strlen("\nAnswer    "), *end = line + strcspn(line, "\n");
    for (const char *p = line; p + n + 2 <= end; p++) {
        bool begins = p == line || !strncmp(p - 3, " = ", 3);
        if (begins && !strncmp(p, printed, n) && !strncmp(p + n, "  ", 2)) return true;
    }
    return false;
}

// A scalar's first derivative by one variable, in three modes.
static void tell(sd_context *c, sd_expr e, const sd_request *r, const char *where, tally *t)
{
    const sd_result *result = sd_derive(c, e, r);
    char *printed = result ? sd_print(c, result, SD_TEXT, SD_NO_WHERE) : NULL;
    bool one = printed && sd_result_count(result) == 1 && !strchr(printed, '\n');
    for (size_t k = 0; result && k < COUNT(modes); k++) {
        sd_steps_options o = {.mode = (sd_steps_mode)k, .detail = 0};
        char *steps = sd_steps(c, e, r, &o);
        if (!steps && sd_last_error(c)->code == SD_ERR_INTERNAL) {
            fprintf(stderr, "%s (%s): %s\n", where, modes[k], sd_last_error(c)->message);
            t->wrong++;
        } else if (!steps) t->refused++;
        else if (one && !is_answer(steps, printed)) {
            fprintf(stderr, "%s (%s): derive prints %s, the answer is\n%s\n", where, modes[k], printed,
                    steps);
            t->wrong++;
        }
        t->told += steps != NULL;
        sd_free(c, steps);
    }
    sd_free(c, printed);
}

// ---- the files --------------------------------------------------------------------------------------------
// "textbook gradient v : E" or "diff v : E": of first order?
static bool read_command(char *line, char **variable, char **text)
{
    static const char *const firsts[] = {"textbook ", "equal ", ""}, *const whats[] = {"gradient ", "diff "};
    for (size_t i = 0; i < COUNT(firsts); i++)
        for (size_t k = 0; k < COUNT(whats); k++) {
            size_t n = strlen(firsts[i]), m = strlen(whats[k]);
            if (strncmp(line, firsts[i], n) || strncmp(line + n, whats[k], m)) continue;
            char *colon = strstr(line, " : ");
            if (!colon) return false;
            *colon = 0;
            *variable = line + n + m;
            *text = colon + 3;
            return !strchr(*variable, ' ') && !strchr(*variable, ',');
        }
    return false;
}

static void tell_file(const char *name, tally *t)
{
    FILE *f = fopen(name, "r");
    char line[8192], with[8192] = "", *variable, *text;
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = 0;
        if (!*line || *line == '#') *with = 0;
        if (!strncmp(line, "with ", 5))
            snprintf(with + strlen(with), sizeof with - strlen(with), "%s%s", *with ? "; " : "", line + 5);
        if (!read_command(line, &variable, &text)) continue;
        sd_context *c = sd_context_new(&(sd_options){.wrt = variable});
        sd_expr e = *with && sd_declare(c, with, NULL) != SD_OK ? 0 : sd_parse(c, text, NULL);
        if (e) tell(c, e, &(sd_request){.what = SD_DERIVATIVE, .wrt = variable}, text, t);
        sd_context_free(c);
    }
    fclose(f);
}

static void test_files(void **state)
{
    (void)state;
    tally t = {0};
    for (size_t i = 0; i < COUNT(files); i++) tell_file(files[i], &t);
    fprintf(stderr, "%u derivations, %u refused\n", t.told, t.refused);
    assert_int_equal(t.wrong, 0);
    assert_true(t.told > LEAST);
}

// ---- random expressions -----------------------------------------------------------------------------------
static void tell_random(unsigned seed, tally *t)
{
    static const tst_shape shapes[] = {{0, 0, 0}, {0, 0, 0}, {1, TST_N, 0}};
    tst_composition q = {.rng = {seed * 7919u}};
    for (int i = 0; i < 3; i++) tst_next(&q.rng);
    tst_compose(&q, shapes[tst_below(&q.rng, COUNT(shapes))], 2 + (int)tst_below(&q.rng, 2));
    char *text = tst_composed(&q);
    unsigned used[64], n = 0;
    for (unsigned i = 0; i < tst_nvariables; i++)
        // these stand in kinks
        if ((q.used >> i & 1) && !(tst_variables[i].facts & (TST_ONEHOT | TST_INTEGER))) used[n++] = i;
    if (n && strlen(text) <= 200) {
        const char *x = tst_variables[used[tst_below(&q.rng, n)]].name;
        sd_context *c = sd_context_new(&(sd_options){.wrt = x});
        assert_int_equal(sd_declare(c, tst_declarations, NULL), SD_OK);
        sd_expr e = sd_parse(c, text, NULL);
        if (e) tell(c, e, &(sd_request){.what = SD_DERIVATIVE, .wrt = x}, text, t);
        sd_context_free(c);
    }
    free(text);
    tst_composition_free(&q);
}

static void test_random(void **state)
{
    (void)state;
    const char *count = getenv("STEPS_COUNT"), *first = getenv("STEPS_SEED");
    unsigned n = count ? (unsigned)atoi(count) : RANDOM, from = first ? (unsigned)atoi(first) : 1;
    tally t = {0};
    for (unsigned seed = from; seed < from + n; seed++) tell_random(seed, &t);
    fprintf(stderr, "%u derivations of %u random expressions, %u refused\n", t.told, n, t.refused);
    assert_int_equal(t.wrong, 0);
    assert_true(t.told > n / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_files), cmocka_unit_test(test_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
