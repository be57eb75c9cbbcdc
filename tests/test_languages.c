// SPDX-License-Identifier: MIT
// Files of languages: each is listed under its own name, and for each function of the table it has a
// spelling, or the printer refuses the function by name. Whether spellings are right is asked where they are
// run (support/language.c).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "language/language.h"
#include "tests/support/samples.h"
#include "tests/support/test.h"

static const struct {
    sd_format format;
    const char *name;
} list[] = {
#define LANGUAGE(format, name) {format, #name},
#include "language/languages.def"
#undef LANGUAGE
};
enum { LANGUAGES = sizeof list / sizeof *list };

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < LANGUAGES; i++) {
        assert_string_equal(sdp_language(list[i].format)->name, list[i].name);
        assert_int_equal(sd_format_find(list[i].name), list[i].format);
    }
    assert_null(sdp_language(SD_JSON));
}

// Of punctuation and structure, what every code must have.
static void test_punctuation(void **state)
{
    (void)state;
    for (size_t i = 0; i < LANGUAGES; i++) {
        const sdp_notation *t = sdp_language(list[i].format);
        const char *const needed[] = {t->comment,   t->times, t->matmul,    t->had,   t->quot,   t->over,
                                      t->pow,       t->epow,  t->transpose, t->open,  t->close,  t->sub_open,
                                      t->sub_close, t->plus,  t->minus,     t->eplus, t->eminus, t->row_sep,
                                      t->col_sep,   t->stack, t->block};
        for (size_t k = 0; k < sizeof needed / sizeof *needed; k++)
            if (!needed[k]) fail_msg("%s lacks punctuation %zu", t->name, k);
        if (!strchr(t->transpose, '$')) fail_msg("%s: no template for a transpose", t->name);
        for (int s = SDP_S_DIAG; t->assigns && s < SDP_S_DELTA; s++)
            if (!t->shown[s]) fail_msg("%s: no template for structure %d", t->name, s);
    }
}

// Refused by name, if it is not spelled; or said by others, as a textbook says dlogerfc(1,x).
static void check_refusal(const sdp_notation *t, sd_context *c, const sdp_op *op, const char *text,
                          const char *printed, bool spelled)
{
    const sd_error *error = sd_last_error(c);
    char *call = tst_format("%s(", op->name);
    if (printed && !spelled && strstr(printed, call))
        fail_msg("%s has no spelling of %s and writes %s", t->name, op->name, printed);
    free(call);
    if (printed) return;
    char *says = tst_format("%s has no %s", t->name, op->name);
    bool named = spelled ? strstr(error->message, t->name) != NULL : strcmp(error->message, says) == 0;
    if (error->code != SD_ERR_UNSUPPORTED || !named) fail_msg("%s, of %s: %s", t->name, text, error->message);
    free(says);
}

static void test_functions(void **state)
{
    (void)state;
    unsigned refused = 0;
    for (int i = 1; i < SDP_OP_COUNT; i++) {
        const sdp_op *op = &sdp_ops[i];
        char *all = op->kind == SDP_OP_MAP || op->kind == SDP_OP_PRIM ? tst_samples(op) : NULL;
        for (const char *s = all; s && *s; s += strspn(s, " ")) {
            const char *end = strstr(s, "  ");
            size_t n = end ? (size_t)(end - s) : strlen(s);
            char *text = tst_sample(s, n, op->name);
            sd_context *c = sd_context_new(NULL);
            sd_expr e = sd_declare(c, tst_declared, NULL) == SD_OK ? sd_parse(c, text, NULL) : 0;
            assert_true(e);
            for (size_t k = 0; k < LANGUAGES; k++) {
                const sdp_notation *t = sdp_language(list[k].format);
                bool kernel = t->methods && op->kind == SDP_OP_MAP && !strstr(op->c, "sd_"),
                     sign = strchr("<>=!&|", *op->name) != NULL;
                char *printed = sd_print(c, sd_value(c, e), list[k].format, 0);
                check_refusal(t, c, op, text, printed, t->spell[i] || t->names || kernel || sign);
                refused += !printed;
                sd_free(c, printed);
            }
            sd_context_free(c);
            free(text);
            s += n;
        }
        free(all);
    }
    assert_true(refused > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_punctuation),
        cmocka_unit_test(test_functions),
    };
    return cmocka_run_group_tests_name("languages", tests, NULL, NULL);
}
