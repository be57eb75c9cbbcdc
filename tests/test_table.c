// SPDX-License-Identifier: MIT
// The operator table tested row by row: unique names, complete columns, and for every function and each of
// its arguments a round of the whole library: it parses, prints, reads back, differentiates once and twice as
// differences do, its products with directions agree, it evaluates and emits. A new row is tested from the
// moment it stands in the table, or fails the test.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ast/surface/surface.h"
#include "tests/support/samples.h"
#include "tests/support/test.h"

static void test_names(void **state)
{
    (void)state;
    for (int i = 1; i < SDP_OP_COUNT; i++) {
        const sdp_op *op = &sdp_ops[i];
        assert_non_null(op->name);
        assert_int_equal(sdp_op_find(op->name, strlen(op->name)), i); // so no earlier row has the name
        for (const char *s = op->alias ? op->alias : ""; *s;) {
            size_t n = strcspn(s, " ");
            if (sdp_op_find(s, n) != i)
                fail_msg("alias %.*s of %s belongs to row %d", (int)n, s, op->name, sdp_op_find(s, n));
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
    for (int i = 1; i < SDP_OP_COUNT; i++) {
        const sdp_op *op = &sdp_ops[i];
        if (op->kind != SDP_OP_MAP) continue;
        assert_true(op->max_args >= 1 && op->max_args <= 3);
        bool any = false;
        for (int k = 0; k < op->max_args; k++) any |= op->d[k] != NULL;
        if (!any) fail_msg("%s has no derivative", op->name);
        if (!op->c || !*op->c) fail_msg("%s has no kernel", op->name);
    }
}

static bool holds(sdp_graph *g, int op, long x, long y)
{
    sdp_num v = SDP_NUM_TWO;
    sdp_id arg[2] = {sdp_number(g, sdp_num_int(g, x)), sdp_number(g, sdp_num_int(g, y))};
    if (!sdp_is_number(g, sdp_map(g, op, arg), &v) || v > SDP_NUM_ONE)
        fail_msg("%s of %ld and %ld is no truth", sdp_ops[op].name, x, y);
    return v == SDP_NUM_ONE;
}

// A condition that jumps where x == y is a comparison. What the columns say of it is so of numbers.
static void test_comparisons(void **state)
{
    (void)state;
    sdp_graph *g = sdp_graph_new(NULL, NULL);
    int count = 0;
    for (int i = 1; i < SDP_OP_COUNT; i++) {
        const sdp_op *op = &sdp_ops[i];
        bool comparison = op->range == SDP_RANGE_bool && op->kink && !strncmp(op->kink, "x==y", 4);
        const sdp_ordering *o = &op->order;
        count += comparison;
        if (comparison != (op->negated != 0) || (comparison && op->sides.decider) != (o->mirrored != 0))
            fail_msg("%s: columns are missing", op->name);
        for (long x = 1; comparison && x < 3; x++)
            for (long y = 1; y < 3; y++) {
                long larger = o->larger ? y : x, other = o->larger ? x : y;
                bool is = holds(g, i, x, y);
                if (is == holds(g, op->negated, x, y))
                    fail_msg("%s and its negation, of %ld and %ld", op->name, x, y);
                if (!o->mirrored) continue;
                if (is != holds(g, o->mirrored, y, x))
                    fail_msg("%s and its mirror image, of %ld and %ld", op->name, x, y);
                if (is != (o->strict ? larger > other : larger >= other))
                    fail_msg("%s says another thing of %ld and %ld", op->name, x, y);
            }
    }
    assert_int_equal(count, 6);
    sdp_graph_free(g);
}

// ---- rounds -----------------------------------------------------------------------------------------------
typedef struct {
    sd_context *c;
    const char *row, *text, *wrt;
    char *with; // declarations, also of the directions
    tst_batch *batch;
    tst_report *report;
} round_trip;

static void complain_error(round_trip *q, const char *what)
{
    char *error = sd_error_text(q->c, sd_last_error(q->c));
    tst_complain(q->report, "%s: %s", what, error ? error : "");
    sd_free(q->c, error);
}

static tst_subject subject(const round_trip *q, sd_expr e, const sd_request *request, const sd_result *r)
{
    return (tst_subject){
        .c = q->c, .e = e, .request = request, .r = r, .with = q->with, .seed = 3, .where = q->row};
}

// Braces and \left \right in LaTeX meet their partners.
static void check_latex(round_trip *q, const sd_result *r)
{
    char *text = sd_print(q->c, r, SD_LATEX, 0);
    int braces = 0, pairs = 0, lowest = 0;
    for (const char *s = text; s && *s; s++) {
        if (*s == '\\' && (s[1] == '{' || s[1] == '}')) s++;
        else braces += *s == '{' ? 1 : *s == '}' ? -1 : 0;
        pairs += !strncmp(s, "\\left", 5) && !isalpha((unsigned char)s[5])    ? 1
                 : !strncmp(s, "\\right", 6) && !isalpha((unsigned char)s[6]) ? -1
                                                                              : 0;
        if (braces < lowest || pairs < lowest) lowest = braces < pairs ? braces : pairs;
    }
    if (!text || !*text || braces || pairs || lowest)
        tst_complain(q->report, "LaTeX: %s", text ? text : "nothing");
    sd_free(q->c, text);
}

// The Unicode text is read. Whether as the same node is asked of first derivatives: block matrices inside
// block matrices may read back as equal ones.
static void check_reads(round_trip *q, const sd_result *r)
{
    char *text = sd_print(q->c, r, SD_UNICODE, 0);
    if (!text || !*text || !sd_parse(q->c, text, NULL)) complain_error(q, text ? text : "no text");
    sd_free(q->c, text);
}

// A product with a direction is a matrix: no equation between entries.
static void check_matrix(round_trip *q, sd_expr e, const sd_request *request)
{
    const sd_result *r = sd_derive(q->c, e, request);
    char *text = r ? sd_print(q->c, r, SD_TEXT, 0) : NULL;
    if (!text) complain_error(q, "a product with a direction");
    else if (!strncmp(text, "dF", 2) || !strncmp(text, "F[", 2))
        tst_complain(q->report, "not in matrix notation: %s", text);
    sd_free(q->c, text);
}

// Value and first derivative: numbers, text, emitted C; products with directions.
static void first(round_trip *q, sd_expr e)
{
    sd_request request = {.wrt = q->wrt};
    const sd_result *r = sd_derive(q->c, e, &request), *value = sd_value(q->c, e);
    if (!r || !value) {
        complain_error(q, "the derivative");
        return;
    }
    tst_subject s = subject(q, e, &request, r), v = subject(q, e, &request, value);
    tst_numeric(&s, q->report);
    tst_round_trip(&s, q->report);
    tst_round_trip(&v, q->report);
    check_latex(q, r);
    check_latex(q, value);
    tst_three_ways(&s, q->batch, q->report);
    tst_jacobian_products(&s, "dv", "du", q->report);
    check_matrix(q, e, &(sd_request){.what = SD_JVP, .wrt = q->wrt, .direction = "dv"});
    check_matrix(q, e, &(sd_request){.what = SD_VJP, .wrt = q->wrt, .direction = "du"});
}

// The Hessian of a scalar made of the entries (du is there since the first derivative): a product of it
// against differences of gradients, and its symmetry.
static void second(round_trip *q, int order)
{
    char *text = order == 0   ? tst_format("(%s)^2", q->text)
                 : order == 1 ? tst_format("dot(du,%s)", q->text)
                              : tst_format("tr(du'*(%s))", q->text);
    sd_request request = {.what = SD_HVP, .wrt = q->wrt, .direction = "dv"};
    sd_expr g = sd_parse(q->c, text, NULL);
    const sd_result *r = g ? sd_derive(q->c, g, &request) : NULL;
    if (!r) {
        complain_error(q, text);
    } else {
        tst_subject s = subject(q, g, &request, r);
        tst_numeric(&s, q->report);
        check_latex(q, r);
        check_reads(q, r);
        check_matrix(q, g, &request);
        tst_three_ways(&s, NULL, q->report);
        tst_hessian_products(&s, "dv", "dw", q->report);
    }
    free(text);
}

// dv and dw in the shape of the variable: its declaration with other names.
static char *directions(const char *wrt)
{
    const char *s = strstr(tst_declared, wrt);
    while (s && (s[strlen(wrt)] != ':' || (s > tst_declared && s[-1] != '\n'))) s = strstr(s + 1, wrt);
    if (!s) return tst_copy("", 0);
    s += strlen(wrt);
    size_t n = strcspn(s, "\n"), shape = strcspn(s, ")\n") + 1;
    const char *fact = strstr(s, "posdef");
    if (s[shape - 1] != ')') shape = strlen(": scalar");
    return tst_format("dv%.*s%s\ndw%.*s%s\n", (int)shape, s, fact && fact < s + n ? " symmetric" : "",
                      (int)shape, s, fact && fact < s + n ? " symmetric" : "");
}

static void examine(const char *row, const char *text, const char *wrt, tst_batch *batch, tst_report *report)
{
    char *extra = directions(wrt);
    round_trip q = {sd_context_new(&(sd_options){.debug = 1}), row,   text,  wrt,
                    tst_format("%s%s", tst_declared, extra),   batch, report};
    unsigned before = report->count;
    sd_expr e = sd_declare(q.c, q.with, NULL) == SD_OK ? sd_parse(q.c, text, NULL) : 0;
    if (!e) {
        complain_error(&q, "the sample");
    } else {
        first(&q, e);
        second(&q, sd_result_order(q.c, sd_value(q.c, e), 0));
    }
    if (report->count > before) tst_complain(report, "(in %s by %s, for the row %s)", text, wrt, row);
    sd_context_free(q.c);
    free(extra);
    free(q.with);
}

// By every variable that stands in the text.
static void examine_by_each(const char *row, const char *text, tst_batch *batch, tst_report *report)
{
    static const char *const variables[] = {"x", "y", "z", "t", "X", "Y", "A", "S", "a", "b"};
    bool any = false;
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        bool found = false;
        for (const char *s = strchr(text, *variables[i]); s && !found; s = strchr(s + 1, *variables[i]))
            found = (s == text || !(isalnum((unsigned char)s[-1]) || s[-1] == '_')) &&
                    !isalnum((unsigned char)s[1]) && s[1] != '_';
        if (found) examine(row, text, variables[i], batch, report);
        any |= found;
    }
    if (!any) tst_complain(report, "%s: no variable in %s", row, text);
}

static void test_rows(void **state)
{
    (void)state;
    tst_report report = {.text = stderr};
    tst_batch *batch = tst_batch_new();
    for (int i = 1; i < SDP_OP_COUNT; i++) {
        const sdp_op *op = &sdp_ops[i];
        if (op->kind == SDP_OP_LATER) continue; // refused by name
        if (*op->name == '(') continue;         // no text spells it: tests/numpy.test, tests/sums.test
        char *all = tst_samples(op);
        if (!all)
            tst_complain(&report, "the row %s with the shape rule %s has no sample", op->name,
                         sdp_shape_rules[op->shape].name);
        for (const char *s = all; s && *s;) {
            const char *end = strstr(s, "  ");
            size_t n = end ? (size_t)(end - s) : strlen(s);
            char *text = tst_sample(s, n, op->name);
            examine_by_each(op->name, text, batch, &report);
            free(text);
            s += n + strspn(s + n, " ");
        }
        free(all);
    }
    size_t wrong = tst_batch_run(batch, stderr);
    tst_batch_free(batch);
    assert_int_equal(report.count + wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_comparisons),
        cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
