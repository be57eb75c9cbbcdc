// SPDX-License-Identifier: MIT
// Runs the commands of .test blocks: one function per verb, found in one table.
//
// A command is VERB [WHAT] [WRT] [DIRECTION] [MODIFIER...] : EXPRESSION. Every verb turns its
// block into lines that are compared with the expected ones; an error becomes the lines of
// its diagnostic, each after "! ".
#include "tests/support/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    tst_block *b;
    const tst_setting *setting;
    tst_report *report;
    sd_context *c;
    sd_request request;
    sd_format format;
    unsigned flags;
    char *with; // all declarations, a line each
    tst_lines got;
    bool failed; // `got` holds a diagnostic
} job;

// ---- contexts and requests --------------------------------------------------------------------------------
static const struct {
    const char *word;
    size_t at;
} limit_names[] = {
    {"nodes", offsetof(sd_limits, nodes)},   {"depth", offsetof(sd_limits, depth)},
    {"digits", offsetof(sd_limits, digits)}, {"memory", offsetof(sd_limits, memory)},
    {"output", offsetof(sd_limits, output)}, {"elements", offsetof(sd_limits, elements)},
    {"terms", offsetof(sd_limits, terms)},   {"work", offsetof(sd_limits, work)},
};

static sd_limits limits_of(const char *text)
{
    sd_limits l = {0};
    for (const char *s = text; s && *s; s += strcspn(s, ","), s += *s == ',') {
        s += strspn(s, " ");
        for (size_t i = 0; i < sizeof limit_names / sizeof *limit_names; i++) {
            size_t n = strlen(limit_names[i].word), value = 0;
            if (strncmp(s, limit_names[i].word, n) || s[n] != '=') continue;
            value = strtoul(s + n + 1, NULL, 10);
            memcpy((char *)&l + limit_names[i].at, &value, sizeof value);
        }
    }
    return l;
}

static void diagnose(job *j)
{
    char *text = sd_error_text(j->c, sd_last_error(j->c));
    tst_lines l = {0};
    tst_split(&l, text ? text : sd_last_error(j->c)->message);
    for (size_t i = 0; i < l.n; i++) tst_push(&j->got, tst_format("! %s", l.s[i]));
    tst_lines_free(&l);
    sd_free(j->c, text);
    j->failed = true;
}

static const struct {
    const char *word;
    int what, words;
} whats[] = {
    {"value", SD_VALUE, 0},       {"diff", SD_DERIVATIVE, 1},
    {"gradient", SD_GRADIENT, 1}, {"jacobian", SD_JACOBIAN, 1},
    {"hessian", SD_HESSIAN, 1},   {"hvp", SD_HVP, 2},
    {"jvp", SD_JVP, 2},           {"vjp", SD_VJP, 2},
    {"along", SD_ALONG, 2},       {"differential", SD_DIFFERENTIAL, 1},
    {"taylor", SD_TAYLOR, 2},
};

static const char *word(const job *j, size_t i) { return i < j->b->word.n ? j->b->word.s[i] : ""; }

// The variables by which the block derives.
static const char *asked(const job *j)
{
    for (size_t k = 0; k < j->b->word.n && k < 2; k++)
        for (size_t w = 0; w < sizeof whats / sizeof *whats; w++)
            if (!strcmp(whats[w].word, word(j, k)) && whats[w].words) return word(j, k + 1);
    return NULL;
}

const char *tst_compiler;

static bool open_context(job *j)
{
    sd_limits l = limits_of(j->b->limits);
    j->c = sd_context_new(&(sd_options){.limits = &l, .wrt = asked(j), .compiler = tst_compiler});
    if (!j->c) {
        tst_complain(j->report, "no context");
        return false;
    }
    j->with = tst_copy("", 0);
    for (size_t i = 0; i < j->b->with.n && !j->failed; i++) {
        char *more = tst_format("%s%s\n", j->with, j->b->with.s[i]);
        free(j->with);
        j->with = more;
        if (sd_declare(j->c, j->b->with.s[i], "<declaration>") != SD_OK) diagnose(j);
    }
    if (!j->b->limits && !tst_hold(j->c))
        tst_complain(j->report, "other nodes: %s", sd_last_error(j->c)->message);
    return true;
}

// Reads [WHAT WRT DIRECTION MODIFIER...] from word k on; SD_VALUE if there is nothing.
static bool read_request(job *j, size_t k)
{
    size_t w = 0, n = sizeof whats / sizeof *whats;
    while (w < n && strcmp(whats[w].word, word(j, k))) w++;
    j->request.what = SD_VALUE;
    if (w < n) {
        j->request.what = (sd_what)whats[w].what;
        if (whats[w].words > 0) j->request.wrt = word(j, k + 1);
        if (whats[w].words > 1) j->request.direction = j->request.around = word(j, k + 2);
        k += 1 + (size_t)whats[w].words;
    }
    for (; k < j->b->word.n; k++) {
        const char *s = word(j, k);
        if (!strcmp(s, "order")) j->request.order = atoi(word(j, ++k));
        else if (!strcmp(s, "denominator")) j->request.layout = SD_DENOMINATOR;
        else if (!strcmp(s, "numerator")) j->request.layout = SD_NUMERATOR;
        else if (!strcmp(s, "whole")) j->flags |= SD_NO_WHERE;
        else if (!strcmp(s, "conditions")) j->flags |= SD_CONDITIONS;
        else if (sd_format_find(s) >= 0) j->format = (sd_format)sd_format_find(s);
        else {
            tst_complain(j->report, "unknown word '%s' in: %s", s, j->b->head);
            return false;
        }
    }
    return true;
}

static sd_expr parse(job *j, const char *text)
{
    sd_expr e = j->failed ? 0 : sd_parse(j->c, text, NULL);
    if (!e && !j->failed) diagnose(j);
    return e;
}

static const sd_result *answer(job *j, sd_expr e)
{
    if (!e) return NULL;
    const sd_result *r = j->request.what == SD_VALUE && !j->request.order ? sd_value(j->c, e)
                                                                          : sd_derive(j->c, e, &j->request);
    if (!r) diagnose(j);
    return r;
}

static tst_subject subject(const job *j, sd_expr e, const sd_result *r, const char *where)
{
    return (tst_subject){.c = j->c,
                         .e = e,
                         .request = &j->request,
                         .r = r,
                         .with = j->with,
                         .sizes = j->b->sizes,
                         .data = &j->b->data,
                         .tolerance = j->b->tolerance,
                         .seed = j->setting->seed,
                         .where = where,
                         .c_only = j->b->c_only != NULL};
}

static void properties(job *j, sd_expr e, const sd_result *r)
{
    if (j->b->limits) return; // the limit would meet the checks, too
    char *where = tst_format("%s:%zu", j->b->file, j->b->line);
    tst_subject s = subject(j, e, r, where);
    tst_round_trip(&s, j->report);
    tst_read_back(&s, j->report);
    if (!j->b->print_only) {
        if (j->request.what != SD_VALUE && j->request.what != SD_TAYLOR) tst_numeric(&s, j->report);
        tst_three_ways(&s, j->setting->batch, j->report);
    }
    free(where);
}

// ---- verbs ------------------------------------------------------------------------------------------------
static void run_derive(job *j)
{
    if (!read_request(j, 0)) return;
    sd_expr e = parse(j, j->b->expr);
    const sd_result *r = answer(j, e);
    if (!r) return;
    char *text = sd_print(j->c, r, j->format, j->flags);
    if (!text) {
        diagnose(j);
        return;
    }
    tst_split(&j->got, text);
    sd_free(j->c, text);
    properties(j, e, r);
}

static void run_shapes(job *j)
{
    sd_expr e = parse(j, j->b->expr);
    char *legend = e ? sd_legend(j->c, e) : NULL;
    if (e && !legend) diagnose(j);
    if (legend) tst_split(&j->got, legend);
    sd_free(j->c, legend);
}

static void run_dump(job *j)
{
    sd_expr e = parse(j, j->b->expr);
    char *text = e ? sd_dump(j->c, sd_value(j->c, e), word(j, 1)) : NULL;
    if (e && !text) diagnose(j);
    if (text) tst_split(&j->got, text);
    sd_free(j->c, text);
}

static sd_expr simplified(const job *j, sd_expr e)
{
    const sd_result *r = sd_value(j->c, e);
    return r ? sd_result_expr(r, 0) : 0;
}

// Each expected line is another spelling of the expression: the same handle, at
// the latest after simplification.
static void run_same(job *j)
{
    sd_expr e = parse(j, j->b->expr);
    if (!e) return;
    char *text = sd_print(j->c, sd_value(j->c, e), SD_TEXT, SD_NO_WHERE);
    for (size_t i = 0; i < j->b->want.n; i++) {
        sd_expr o = sd_parse(j->c, j->b->want.s[i], NULL);
        if (!o) {
            diagnose(j);
            return;
        }
        char *other = sd_print(j->c, sd_value(j->c, o), SD_TEXT, SD_NO_WHERE);
        if (o != e && simplified(j, o) != simplified(j, e))
            tst_complain(j->report, "not the same: %s\n  reads %s\n  want  %s", j->b->want.s[i],
                         other ? other : "?", text ? text : "?");
        tst_push(&j->got, tst_copy(j->b->want.s[i], strlen(j->b->want.s[i])));
        sd_free(j->c, other);
    }
    sd_free(j->c, text);
    properties(j, e, sd_value(j->c, e));
}

// The expected lines are one expression with the values of the answer; for `textbook`
// the answer is no longer than it.
static void run_equal(job *j)
{
    if (!read_request(j, 1)) return;
    sd_expr e = parse(j, j->b->expr);
    const sd_result *r = answer(j, e);
    if (!r) return;
    char *given = tst_copy("", 0);
    for (size_t i = 0; i < j->b->want.n; i++) {
        char *more = tst_format("%s%s%s", given, i ? "\n" : "", j->b->want.s[i]);
        free(given);
        given = more;
        tst_push(&j->got, tst_copy(j->b->want.s[i], strlen(j->b->want.s[i])));
    }
    sd_expr o = parse(j, given);
    char *text = o ? sd_print(j->c, r, SD_TEXT, SD_NO_WHERE) : NULL;
    if (o && !text) diagnose(j);
    if (text) {
        tst_subject s = subject(j, e, r, j->b->file);
        tst_same_values(&s, o, j->report);
        if (!strcmp(word(j, 0), "textbook") && tst_tokens(text) > tst_tokens(given))
            tst_complain(j->report,
                         "longer than the textbook's: %zu words, %zu\n  printed  %s\n  textbook %s",
                         tst_tokens(text), tst_tokens(given), text, given);
        properties(j, e, r);
    }
    sd_free(j->c, text);
    free(given);
}

static void push_array(job *j, const char *label, const sd_array *a)
{
    size_t cols = a->order ? a->dim[a->order - 1] : 1, n = tst_entries(a);
    char *line = tst_format("%s%s", label, *label ? ":" : "");
    for (size_t i = 0; i < n; i++) {
        char *text = tst_number_text(a->data[i] + 0.0, 12),
             *more = tst_format("%s%s%s", line, *line ? " " : "", text);
        free(text);
        free(line);
        line = more;
        if ((i + 1) % cols == 0) {
            tst_push(&j->got, line);
            line = tst_copy("", 0);
        }
    }
    free(line);
}

// Two lines are alike if their words are, numbers up to the tolerance: the
// expectation then stands as it is written.
static bool alike(const char *a, const char *b, double tolerance)
{
    while (*a || *b) {
        a += strspn(a, " ");
        b += strspn(b, " ");
        char *ea, *eb;
        double x = tst_number(a, &ea), y = tst_number(b, &eb);
        if (ea != a && eb != b) {
            if (!(fabs(x - y) <= tolerance * fmax(1e-2, fmax(fabs(x), fabs(y)))) && x != y) return false;
            a = ea;
            b = eb;
        } else if (*a++ != *b++) {
            return false;
        }
    }
    return true;
}

static sd_data *read_data(job *j)
{
    sd_data *d = sd_data_new(j->c);
    for (size_t i = 0; d && !j->failed && i < j->b->data.n; i++)
        if (sd_data_read(d, j->b->data.s[i]) != SD_OK) diagnose(j);
    for (size_t i = 0; d && !j->failed && i < sd_data_count(d); i++) {
        const sd_array *a = sd_data_get(d, sd_data_name(d, i));
        long rows = a->order > 0 ? (long)a->dim[0] : 1, cols = a->order > 1 ? (long)a->dim[1] : 1;
        if (sd_hint_shape(j->c, sd_data_name(d, i), rows, cols) != SD_OK) diagnose(j);
    }
    return d;
}

// Has the interpreter the same numbers, or the same reason why there are none?
static void interpret_too(job *j, const sd_result *r, const sd_data *d, size_t n, const sd_array *a,
                          sd_status status, const char *reason)
{
    sd_array *b = tst_grow(NULL, (n + 1) * sizeof *b);
    memset(b, 0, (n + 1) * sizeof *b);
    sd_status other = sd_interpret(j->c, r, d, b);
    const char *why = other == SD_OK ? "" : sd_last_error(j->c)->message;
    if (other != status || strcmp(why, reason))
        tst_complain(j->report, "the interpreter says '%s', not '%s'", why, reason);
    for (size_t i = 0; i < n && status == SD_OK && other == SD_OK; i++) {
        size_t worst;
        if (!tst_close(a[i].data, b[i].data, tst_entries(&a[i]), 1e-8, &worst))
            tst_complain(j->report, "entry %zu of result %zu is %.17g, of the interpreter %.17g", worst, i,
                         a[i].data[worst], b[i].data[worst]);
    }
    for (size_t i = 0; i < n; i++) sd_free(j->c, b[i].data);
    free(b);
}

static void run_eval(job *j)
{
    if (!read_request(j, 1)) return;
    sd_data *d = read_data(j);
    const sd_result *r = answer(j, parse(j, j->b->expr));
    size_t n = r ? sd_result_count(r) : 0;
    sd_array *a = tst_grow(NULL, (n + 1) * sizeof *a);
    memset(a, 0, (n + 1) * sizeof *a);
    sd_status status = r ? sd_evaluate(j->c, r, d, a) : SD_ERR_SYNTAX;
    if (r && status != SD_OK) diagnose(j);
    char *reason = r && status != SD_OK
                       ? tst_copy(sd_last_error(j->c)->message, strlen(sd_last_error(j->c)->message))
                       : tst_copy("", 0);
    if (r && status != SD_ERR_UNSUPPORTED && !j->b->print_only) interpret_too(j, r, d, n, a, status, reason);
    free(reason);
    for (size_t i = 0; i < n && !j->failed; i++) push_array(j, sd_result_label(r, i), &a[i]);
    for (size_t i = 0; i < j->got.n && j->got.n == j->b->want.n && !j->failed; i++)
        if (alike(j->got.s[i], j->b->want.s[i], j->b->tolerance > 0 ? j->b->tolerance : 1e-9)) {
            free(j->got.s[i]);
            j->got.s[i] = tst_copy(j->b->want.s[i], strlen(j->b->want.s[i]));
        }
    for (size_t i = 0; i < n; i++) sd_free(j->c, a[i].data);
    free(a);
    sd_data_free(d);
}

// Each line of the expression is a spelling of one function; the expected lines are points and the digits
// there. What is wrong is complained about, they stay as they are.
static void run_reference(job *j)
{
    if (!read_request(j, 1)) return;
    tst_lines spelling = {0};
    tst_split(&spelling, j->b->expr);
    char *where = tst_format("%s:%zu", j->b->file, j->b->line);
    for (size_t i = 0; i < spelling.n && !j->failed; i++) {
        sd_expr e = parse(j, spelling.s[i]);
        const sd_result *r = answer(j, e);
        tst_subject s = subject(j, e, r, where);
        unsigned before = j->report->count;
        // spellings have about the same code
        if (r) tst_reference(&s, &j->b->want, i ? NULL : j->setting->batch, j->report);
        if (j->report->count > before) tst_complain(j->report, "(in %s)", spelling.s[i]);
    }
    for (size_t i = 0; i < j->b->want.n && !j->failed; i++)
        tst_push(&j->got, tst_copy(j->b->want.s[i], strlen(j->b->want.s[i])));
    if (!j->b->want.n) tst_complain(j->report, "no points");
    tst_lines_free(&spelling);
    free(where);
}

static void run_shell(job *j) { tst_run_shell(j->b, j->setting, &j->got); }
static void run_document(job *j) { tst_run_document(j->b, j->setting, &j->got); }

static const struct {
    const char *word;
    void (*run)(job *);
    bool context;
} verbs[] = {
    {"$", run_shell, false},  {"shapes", run_shapes, true},       {"dump", run_dump, true},
    {"same", run_same, true}, {"equal", run_equal, true},         {"textbook", run_equal, true},
    {"eval", run_eval, true}, {"reference", run_reference, true},
};

static void show(tst_report *report, const char *title, const tst_lines *l)
{
    char *text = tst_copy("", 0);
    for (size_t i = 0; i < l->n; i++) {
        char *more = tst_format("%s\n  %s", text, l->s[i]);
        free(text);
        text = more;
    }
    tst_complain(report, "%s%s", title, *text ? text : "\n  (nothing)");
    free(text);
}

static void compare(job *j)
{
    tst_block *b = j->b;
    if ((!b->want.n && !j->failed && strcmp(word(j, 0), "$")) || tst_lines_equal(&b->want, &j->got)) return;
    bool open = b->want.n == 1 && !strcmp(b->want.s[0], "?"); // "?": fill me in
    bool golden = strcmp(word(j, 0), "same") && strcmp(word(j, 0), "equal") && strcmp(word(j, 0), "textbook");
    if (open || (j->setting->update == TST_REWRITE && golden)) {
        b->update = tst_grow(NULL, sizeof *b->update);
        *b->update = j->got;
        j->got = (tst_lines){0};
        if (j->setting->update) return;
    }
    show(j->report, "expected", &b->want);
    j->report->count--;
    show(j->report, "got", b->update ? b->update : &j->got);
}

void tst_block_run(tst_block *b, const tst_setting *setting, tst_report *report)
{
    job j = {.b = b, .setting = setting, .report = report, .format = SD_TEXT, .request = {.what = SD_VALUE}};
    void (*run)(job *) = run_derive;
    bool context = true, document = false;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (!strcmp(verbs[i].word, word(&j, 0))) {
            run = verbs[i].run;
            context = verbs[i].context;
        }
    for (size_t i = 1; i < b->word.n; i++)
        document |= !strcmp(b->word.s[0], "$") && !strcmp(b->word.s[i], "doc");
    if (document) run = run_document;
    if (run == run_derive) {
        bool known = false;
        for (size_t i = 0; i < sizeof whats / sizeof *whats; i++)
            known |= !strcmp(whats[i].word, word(&j, 0));
        if (!known) tst_complain(report, "unknown command '%s'", word(&j, 0));
        if (!known) return;
    }
    if (!context || open_context(&j)) {
        if (!j.failed || !context) run(&j);
        compare(&j);
    }
    sd_context_free(j.c);
    free(j.with);
    tst_lines_free(&j.got);
}
