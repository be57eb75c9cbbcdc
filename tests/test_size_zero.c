// SPDX-License-Identifier: MIT
// Emitted C at sizes of 0 and 1: no array is overrun, every loop ends, what has a neutral value has it, and
// what has none returns a status with a name.
//
// Every sample of the operator table, and the expressions below, become functions: the value with its
// derivatives by all its variables, and the Hessian of a sum of the entries. They stand in one C file, which
// is compiled with -fsanitize=address,undefined, and are called with arrays of exactly the entries that they
// should have: with each size at 0 and at 1 while the others are 3, and with all sizes at 0 and at 1. The
// values must be those of the reference evaluator.
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/check/check.h"
#include "tests/support/samples.h"
#include "tests/support/test.h"

// With all sizes at 0: the value; or, where a status is wanted, its number.
static const struct {
    const char *expr, *want;
    int status;
} neutral[] = {
#define NEUTRAL(expr, want, status) {expr, want, status},
#define MORE(expr)
#include "tests/size_zero.def"
};
static const char *const more[] = {
#define NEUTRAL(expr, want, status)
#define MORE(expr) expr,
#include "tests/size_zero.def"
};
enum {
    NEUTRAL = sizeof neutral / sizeof *neutral,
    MORE = sizeof more / sizeof *more,
    MOST_DIMS = 16,
    MOST_OUTPUTS = 24,
    MOST_INPUTS = 12
};

// ---- what calls a function --------------------------------------------------------------------------------
// Here and in the file: entry i of input k. Square matrices are positive definite.
#define BOTH                                                                                                 \
    typedef struct {                                                                                         \
        size_t entries, rows, columns;                                                                       \
    } shape;                                                                                                 \
    static double entry(shape s, size_t i, size_t k)                                                         \
    {                                                                                                        \
        if (s.columns > 0 && s.rows == s.columns) return i % (s.columns + 1) == 0 ? 4.0 + (double)k : 0.25;  \
        return 0.5 + (double)(i % 5) * 0.3 + (double)k * 0.125;                                              \
    }
#define TEXT_OF(...) #__VA_ARGS__
#define TEXT(...)    TEXT_OF(__VA_ARGS__)
BOTH

    // status < 0: any that has a name
    static const char runner[] =
        "#define _POSIX_C_SOURCE 200809L\n#include <math.h>\n#include <stdint.h>\n#include <stdio.h>\n"
        "#include <stdlib.h>\n#include <unistd.h>\n" TEXT(BOTH) TEXT_OF(
            typedef int function(const size_t *, const double *const *, double *const *, double *);
            typedef size_t workspace(const size_t *); typedef struct {
                const char *text;
                function *f;
                workspace *s;
                const size_t *d;
                size_t nin;
                const shape *in;
                size_t nout;
                const size_t *out;
                int status;
                const double *want;
            } call;
            static int wrong; static int differs(double got, double want) {
                if (want != want) return got == got;
                return fabs(want) > 1e300 ? got < want || got > want
                                          : !(fabs(got - want) <= 1e-8 * (1 + fabs(want)));
            } static void run(const call *q) {
                double *a[12], *b[24], *work;
                const double *c[12], *want = q->want;
                const size_t room = q->s(q->d);
                int got;
                fprintf(stderr, "%s\n", q->text);
                if (room > 100000) {
                    printf("%s: a workspace of %zu\n", q->text, room);
                    wrong++;
                    return;
                }
                work = malloc(room * sizeof *work);
                for (size_t k = 0; k < q->nin; k++) {
                    c[k] = a[k] = malloc(q->in[k].entries * sizeof **a);
                    for (size_t i = 0; i < q->in[k].entries; i++) a[k][i] = entry(q->in[k], i, k);
                }
                for (size_t k = 0; k < q->nout; k++) b[k] = malloc(q->out[k] * sizeof **b);
                alarm(10);
                got = q->f(q->d, c, b, work);
                if (q->status < 0 ? got < 0 || got > 9 || (got && q->want) : got != q->status)
                    printf("%s: status %d\n", q->text, got), wrong++;
                for (size_t k = 0; k < q->nout && got == 0 && want; k++)
                    for (size_t i = 0; i < q->out[k]; i++, want++)
                        if (differs(b[k][i], *want))
                            printf("%s: entry %zu of output %zu is %.17g, not %.17g\n", q->text, i, k,
                                   b[k][i], *want),
                                wrong++;
                for (size_t k = 0; k < q->nin; k++) free(a[k]);
                for (size_t k = 0; k < q->nout; k++) free(b[k]);
                free(work);
            }) "\n";

// ---- the file ---------------------------------------------------------------------------------------------
typedef struct {
    FILE *file, *body; // body: the table of calls
    tst_lines names;   // of static functions that stand in the file
    unsigned functions, calls, refused;
} unit;

typedef struct {
    sdp_graph *g;
    sdp_signature s;
    sdp_id out[MOST_OUTPUTS];
    uint32_t n;
    const char *expr;
} subject;

static bool is_new(unit *u, const char *line)
{
    const char *end = strchr(line, '('), *start = end;
    while (start > line && (isalnum((unsigned char)start[-1]) || start[-1] == '_')) start--;
    for (size_t i = 0; i < u->names.n; i++)
        if (strlen(u->names.s[i]) == (size_t)(end - start) &&
            !memcmp(u->names.s[i], start, (size_t)(end - start)))
            return false;
    tst_push(&u->names, tst_copy(start, (size_t)(end - start)));
    return true;
}

// A source without comments and without the static functions that an earlier one brought: those of one name
// are the same. A function in an #if is one piece up to its #endif, with what stands for it in the #else.
static void put_source(unit *u, const char *text)
{
    bool skip = false, choice = false;
    int depth = 0;
    for (const char *s = text; *s;) {
        size_t n = strcspn(s, "\n") + 1;
        if (!choice && !strncmp(s, "#if ", 4) && !strncmp(s + n, "static ", 7))
            choice = true, skip = !is_new(u, s + n);
        else if (!choice && !depth && !strncmp(s, "static ", 7)) skip = !is_new(u, s);
        if (!skip && strncmp(s, "//", 2)) fwrite(s, 1, n, u->file);
        for (size_t i = 0; i < n && *s != '#' && strncmp(s, "extern", 6); i++)
            depth += (s[i] == '{') - (s[i] == '}');
        if (depth < 0) depth = 0; // of extern "C" {
        if (choice) choice &= strncmp(s, "#endif", 6) != 0, skip &= choice;
        else if (!depth && memchr(s, '}', n)) skip = false;
        s += n;
    }
}

static void put_wrappers(const unit *u, const subject *c)
{
    bool first = true;
    fprintf(u->file, "static size_t w%u(const size_t *d)\n{\n    (void)d;\n    return f%u_workspace(",
            u->functions, u->functions);
    for (uint32_t i = 0; i < c->s.ndims; i++) fprintf(u->file, "%sd[%u]", i ? ", " : "", i);
    fprintf(
        u->file,
        ");\n}\nstatic int c%u(const size_t *d, const double *const *in, double *const *out, double *work)\n",
        u->functions);
    fprintf(u->file, "{\n    (void)d, (void)in;\n    return f%u(", u->functions);
    for (uint32_t i = 0; i < c->s.ndims; i++, first = false)
        fprintf(u->file, "%sd[%u]", first ? "" : ", ", i);
    for (uint32_t i = 0; i < c->s.ninputs; i++, first = false)
        fprintf(u->file, "%s%sin[%u]", first ? "" : ", ",
                sdp_get(c->g, c->g->var[c->s.input[i]].node)->order ? "" : "*", i);
    for (uint32_t i = 0; i < c->n; i++, first = false) fprintf(u->file, "%sout[%u]", first ? "" : ", ", i);
    fprintf(u->file, ", work);\n}\n");
}

static shape shape_at(const subject *c, sdp_id id, const long *size)
{
    const sdp_node *n = sdp_get(c->g, id);
    shape s = {1, 0, 0};
    for (uint32_t k = 0; k < n->order; k++) {
        long d = sdp_size_at(c->g, n->dim[k], size);
        s.entries *= d < 0 ? 0 : (size_t)d;
        if (n->order == 2) *(k ? &s.columns : &s.rows) = d < 0 ? 0 : (size_t)d;
    }
    return s;
}

// The values by the reference evaluator; false where it has none: x[2] of one entry.
static bool evaluate(const subject *c, const long *size, double *const *in, sd_array *out)
{
    sdp_trap trap;
    if (!SDP_TRY(&c->g->base, trap)) return false;
    sdp_interpret_at(c->g, c->n, c->out, &c->s, size, (const double *const *)in, out);
    SDP_END(&c->g->base, trap);
    return true;
}

static void put_values(const unit *u, const subject *c, const long *size)
{
    double *in[MOST_INPUTS];
    sd_array a[MOST_OUTPUTS] = {0};
    for (uint32_t i = 0; i < c->s.ninputs; i++) {
        shape s = shape_at(c, c->g->var[c->s.input[i]].node, size);
        in[i] = tst_grow(NULL, (s.entries + 1) * sizeof *in[i]);
        for (size_t k = 0; k < s.entries; k++) in[i][k] = entry(s, k, i);
    }
    bool known = evaluate(c, size, in, a);
    fprintf(u->body, known ? "(const double[]){" : "NULL");
    for (uint32_t i = 0; i < c->n && known; i++) {
        for (size_t k = 0; k < shape_at(c, c->out[i], size).entries; k++) {
            double v = a[i].data[k];
            if (v != v) fprintf(u->body, "NAN,");
            else if (isinf(v)) fprintf(u->body, v > 0 ? "HUGE_VAL," : "-HUGE_VAL,");
            else fprintf(u->body, "%.17g,", v);
        }
        sdp_release(&c->g->base, a[i].data);
    }
    if (known) fprintf(u->body, "0}");
    for (uint32_t i = 0; i < c->s.ninputs; i++) free(in[i]);
}

// Sizes for which every axis has one.
static bool has_values(const subject *c, const long *size)
{
    for (sdp_id id = 1; id < c->g->nnodes; id++) {
        const sdp_node *n = sdp_get(c->g, id);
        for (uint32_t k = 0; k < n->order; k++)
            if (sdp_size_at(c->g, n->dim[k], size) < 0) return false;
    }
    return true;
}

// Writes one call. status: the expected status, or any if below 0. values: the text of the expected values,
// or NULL for those of the reference evaluator, where it has them.
static void put_call(unit *u, const subject *c, const long *size, int status, const char *values)
{
    fprintf(u->body, "    {\"%s", c->expr);
    for (uint32_t i = 0; i < c->s.ndims; i++) fprintf(u->body, "; %u=%ld", c->s.dim[i], size[c->s.dim[i]]);
    fprintf(u->body, "\", c%u, w%u, (const size_t[]){", u->functions, u->functions);
    for (uint32_t i = 0; i < c->s.ndims; i++) fprintf(u->body, "%ld,", size[c->s.dim[i]]);
    fprintf(u->body, "0}, %u, (const shape[]){", c->s.ninputs);
    for (uint32_t i = 0; i < c->s.ninputs; i++) {
        shape s = shape_at(c, c->g->var[c->s.input[i]].node, size);
        fprintf(u->body, "{%zu,%zu,%zu},", s.entries, s.rows, s.columns);
    }
    fprintf(u->body, "{0,0,0}}, %u, (const size_t[]){", c->n);
    for (uint32_t i = 0; i < c->n; i++) fprintf(u->body, "%zu,", shape_at(c, c->out[i], size).entries);
    fprintf(u->body, "0}, %d, ", status);
    if (values) fprintf(u->body, "(const double[]){%s}", values);
    else if (status < 0 && has_values(c, size)) put_values(u, c, size);
    else fprintf(u->body, "NULL");
    fprintf(u->body, "},\n");
    u->calls++;
}

static void put_function(unit *u, subject *c)
{
    char name[32];
    sdp_text text, header;
    sdp_text_init(&text, &c->g->base);
    sdp_text_init(&header, &c->g->base);
    c->s = sdp_signature_of(c->g, c->n, c->out, NULL);
    assert_true(c->s.ninputs <= MOST_INPUTS && !c->s.ncalls);
    snprintf(name, sizeof name, "f%u", ++u->functions);
    sdp_emit_c(c->g, &c->s, &(sdp_emit_request){.name = name}, &text, &header);
    put_source(u, text.s);
    put_wrappers(u, c);
    sdp_text_free(&text);
    sdp_text_free(&header);
}

static void set_sizes(const subject *c, long *size, long v)
{
    for (uint32_t i = 0; i < c->s.ndims; i++) size[c->s.dim[i]] = v;
}

static void put_calls(unit *u, const subject *c)
{
    long size[256] = {0};
    for (long v = 0; v < 2; v++) {
        for (uint32_t i = 0; i < c->s.ndims && c->s.ndims > 1; i++) {
            set_sizes(c, size, 3);
            size[c->s.dim[i]] = v;
            put_call(u, c, size, -1, NULL);
        }
        set_sizes(c, size, v);
        put_call(u, c, size, -1, NULL);
    }
}

// ---- expressions ------------------------------------------------------------------------------------------
static void read_expression(subject *c, sdp_graph *g, const char *expr)
{
    *c = (subject){.g = g, .expr = expr};
    g->debug = true;
    sdp_declare(g, tst_declared, "declarations");
    c->out[c->n++] = sdp_read(g, expr, strlen(expr), "expression", false, NULL, NULL).node;
}

// Its derivatives; or of a sum of the entries, once and twice.
static void differentiate(subject *c, bool twice)
{
    const sdp_signature s = sdp_signature_of(c->g, 1, c->out, NULL);
    if (twice) c->out[0] = sdp_sum(c->g, c->out[0], (1u << sdp_get(c->g, c->out[0])->order) - 1);
    for (uint32_t i = 0; i < s.ninputs && c->n < 4; i++) {
        sdp_id var = c->g->var[s.input[i]].node, d;
        sdp_reverse(c->g, c->out[0], 1, &var, &d);
        if (twice) sdp_reverse(c->g, d, 1, &var, &d);
        c->out[c->n++] = d;
    }
}

static void add(unit *u, const char *expr, bool twice)
{
    sdp_graph *g = sdp_graph_new(NULL, NULL);
    sdp_trap trap;
    if (SDP_TRY(&g->base, trap)) {
        subject c;
        read_expression(&c, g, expr);
        differentiate(&c, twice);
        put_function(u, &c);
        put_calls(u, &c);
        SDP_END(&g->base, trap);
    } else {
        print_error("%s: %s\n", expr, g->base.error.message);
        u->refused++;
    }
    sdp_graph_free(g);
}

static void add_neutral(unit *u, size_t i)
{
    sdp_graph *g = sdp_graph_new(NULL, NULL);
    sdp_trap trap;
    if (SDP_TRY(&g->base, trap)) {
        subject c;
        long size[256] = {0};
        read_expression(&c, g, neutral[i].expr);
        put_function(u, &c);
        put_call(u, &c, size, neutral[i].status, neutral[i].want);
        SDP_END(&g->base, trap);
    } else {
        print_error("%s: %s\n", neutral[i].expr, g->base.error.message);
        u->refused++;
    }
    sdp_graph_free(g);
}

// Derivatives are taken of all samples; what calls back has no place in the file; |x| is abs, norm or det.
static bool is_other_row(const sdp_op *op)
{
    static const char *const rules[] = {"apply", "gradient", "jacobian", "hessian", "bars"};
    bool is = false;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        is |= !strcmp(sdp_shape_rules[op->shape].name, rules[i]);
    return is;
}

static void add_rows(unit *u)
{
    for (int i = 1; i < SDP_OP_COUNT; i++) {
        const sdp_op *op = &sdp_ops[i];
        if (op->kind == SDP_OP_LATER || is_other_row(op)) continue;
        char *all = tst_samples(op);
        for (const char *s = all; s && *s;) {
            const char *end = strstr(s, "  ");
            size_t n = end ? (size_t)(end - s) : strlen(s);
            char *text = tst_sample(s, n, op->name);
            add(u, text, false);
            if (op->kind != SDP_OP_MAP) add(u, text, true);
            free(text);
            s += n + strspn(s + n, " ");
        }
        free(all);
    }
}

static void test_sizes(void **state)
{
    (void)state;
    static const char *const compilers[] = {"clang", "gcc"};
    char *folder = tst_temporary(), *body = NULL, *name = tst_format("%s/unit.c", folder),
         *log = tst_format("%s/log", folder);
    char *program = tst_format("%s/unit", folder);
    size_t size, k = 0;
    unit u = {.file = fopen(name, "w"), .body = open_memstream(&body, &size)};
    assert_true(u.file && u.body);
    fputs(runner, u.file);
    for (size_t i = 0; i < NEUTRAL; i++) add_neutral(&u, i);
    for (size_t i = 0; i < MORE; i++) add(&u, more[i], false), add(&u, more[i], true);
    add_rows(&u);
    fclose(u.body);
    fprintf(u.file, "static const call calls[] = {\n%s};\nint main(void)\n{\n", body);
    fprintf(u.file, "    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) run(&calls[i]);\n    "
                    "return wrong > 0;\n}\n");
    fclose(u.file);
    int status = 127; // some compilers come without the libraries of their sanitizers
    for (; k < 2 && status; k++)
        if (tst_installed(compilers[k]))
            status =
                tst_run((const char *const[]){compilers[k], "-std=c99", "-w", "-O0",
                                              "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
                                              "-o", program, name, "-lm", NULL},
                        log);
    if (status == 127) skip();
    if (!status) status = tst_run((const char *const[]){program, NULL}, log);
    char *told = tst_read(log);
    size_t length = told ? strlen(told) : 0;
    // what was called last
    if (status)
        print_error("status %d\n%s\n", status, told ? told + (length > 3500 ? length - 3500 : 0) : "");
    print_message("%u functions, %u calls\n", u.functions, u.calls);
    tst_lines_free(&u.names);
    free(told);
    free(body);
    free(name);
    free(program);
    free(log);
    if (!getenv("KEEP")) tst_remove(folder);
    assert_int_equal(status, 0);
    assert_int_equal(u.refused, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sizes)};
    return cmocka_run_group_tests_name("sizes of 0", tests, NULL, NULL);
}
