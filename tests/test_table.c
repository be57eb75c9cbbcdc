// SPDX-License-Identifier: MIT
// The operator table tested row by row: unique names, complete columns, and for every function a round of the whole
// library: it parses, prints, reads back, differentiates as differences do, evaluates and emits. A new row is tested
// from the moment it stands in the table.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../ast/ast.h"
#include "support/test.h"

static bool is_word(const char *s)
{
    if (!isalpha((unsigned char)*s)) return false;
    while (isalnum((unsigned char)*s) || *s == '_') s++;
    return !*s;
}

static void test_names(void **state)
{
    (void)state;
    for (int i = 1; i < SDP_OP_COUNT; i++) {
        const sdp_op *op = &sdp_ops[i];
        assert_non_null(op->name);
        assert_int_equal(sdp_op_find(op->name, strlen(op->name)), i); // so no earlier row has the name
        assert_non_null(op->alias);
        for (const char *s = op->alias; *s;) {
            size_t n = strcspn(s, " ");
            if (sdp_op_find(s, n) != i) fail_msg("alias %.*s of %s belongs to row %d", (int)n, s, op->name, sdp_op_find(s, n));
            s += n + (s[n] == ' ');
        }
        if (!op->doc || !*op->doc) fail_msg("%s has no line for the manual", op->name);
        assert_true(op->min_args >= 0 && (op->max_args == -1 || op->max_args >= op->min_args));
    }
    assert_int_equal(sdp_op_find("no_such_function", 16), 0);
    assert_int_equal(sdp_op_find("", 0), 0);
}

static void test_columns(void **state)
{
    (void)state;
    static const char *const ranges[] = {"real", "nonneg", "positive", "unit", "sign", "integer", "bool"};
    for (int i = 1; i < SDP_OP_COUNT; i++) {
        const sdp_op *op = &sdp_ops[i];
        if (op->kind != SDP_OP_MAP) continue;
        assert_true(op->max_args >= 1 && op->max_args <= 3);
        bool known = false;
        for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++) known |= op->range && !strcmp(op->range, ranges[k]);
        if (!known) fail_msg("%s: unknown range '%s'", op->name, op->range ? op->range : "");
        if (op->parity && strcmp(op->parity, "even") && strcmp(op->parity, "odd")) fail_msg("%s: unknown parity", op->name);
        bool any = false;
        for (int k = 0; k < op->max_args; k++) any |= op->d[k] != NULL;
        if (!any) fail_msg("%s has no derivative", op->name);
        if (!op->c || !*op->c) fail_msg("%s has no kernel", op->name);
    }
}

// An expression with the row's function in it, and the shapes of its arguments. NULL: nothing general can be written.
static char *sample(const sdp_op *op, const char **with)
{
    bool square = op->shape && (!strncmp(op->shape, "square", 6) || !strncmp(op->shape, "matrix", 6));
    bool posdef = op->shape && (!strncmp(op->shape, "symmetric", 9) || !strcmp(op->shape, "square_function"));
    *with = posdef ? "x: matrix(n,n) posdef" : square ? "x: matrix(n,n)" : "x: vector(n); y: vector(n); z: vector(n)";
    if (!strcmp(op->name, "polygamma")) return tst_format("polygamma(1,x)");
    if (op->kind == SDP_OP_MAP && !is_word(op->name)) return op->max_args == 1 ? tst_format("where(%s(x>0),x,2*x)", op->name) : tst_format("where(x%sy,x,2*x)", op->name);
    if (!strcmp(op->name, "where")) return tst_format("where(x>y,x.*y,z)");
    if (op->kind != SDP_OP_MAP && op->kind != SDP_OP_PRIM) return NULL;
    static const char *const arguments[] = {"", "x", "x,y", "x,y,z"};
    int n = op->kind == SDP_OP_MAP ? op->max_args : op->min_args;
    return n < 1 || n > 3 ? NULL : tst_format("%s(%s)", op->name, arguments[n]);
}

static void examine(const sdp_op *op, tst_batch *batch, tst_report *report)
{
    const char *with;
    char *text = sample(op, &with);
    if (!text) return;
    sd_context *c = sd_context_new(&(sd_options){.debug = 1});
    sd_request request = {.wrt = "x"};
    sd_expr e = sd_declare(c, with, NULL) == SD_OK ? sd_parse(c, text, NULL) : 0;
    sd_result *r = e ? sd_derive(c, e, &request) : NULL;
    if (!r) {
        char *error = sd_error_text(c, sd_last_error(c));
        tst_complain(report, "%s: %s", text, error ? error : "");
        sd_free(c, error);
    } else {
        tst_subject s = {.c = c, .e = e, .request = &request, .r = r, .with = with, .seed = 3, .where = op->name};
        unsigned before = report->count;
        tst_numeric(&s, report);
        tst_round_trip(&s, report);
        tst_three_ways(&s, batch, report);
        s.r = sd_value(c, e);
        tst_round_trip(&s, report);
        if (report->count > before) tst_complain(report, "(in %s)", text);
    }
    sd_context_free(c);
    free(text);
}

static void test_rows(void **state)
{
    (void)state;
    tst_report report = {stderr, 0};
    tst_batch *batch = tst_batch_new();
    for (int i = 1; i < SDP_OP_COUNT; i++) examine(&sdp_ops[i], batch, &report);
    size_t wrong = tst_batch_run(batch, stderr);
    tst_batch_free(batch);
    assert_int_equal(report.count + wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names), cmocka_unit_test(test_columns), cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
