// SPDX-License-Identifier: MIT
// An answer in LaTeX or NumPy, read back by the reader of that notation:
// another function is never acceptable.
//
// A fresh context reads, because the notation is the context's. Its variables are declared as the answer has
// them, with their shapes and properties. What was read is compared by its plain text, and, where that
// differs, as a function in the context of the answer. A text that is refused is counted, with the reason in
// the file of --unread.
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

// most: it can only fall. Who makes a reader read more lowers it.
tst_reading tst_readings[2] = {{.name = "LaTeX", .format = SD_LATEX, .from = SD_FROM_LATEX, .most = 61},
                               {.name = "NumPy", .format = SD_NUMPY, .from = SD_FROM_NUMPY, .most = 113}};
FILE *tst_unread;

static void note(const tst_subject *s, const tst_reading *as, const char *kind, const char *text,
                 const char *why)
{
    if (tst_unread)
        fprintf(tst_unread, "%s %s %s: %s\n    %s\n", s->where ? s->where : "?", as->name, kind, text, why);
}

// The variables of e that c does not know yet, with all that is known of them.
static bool declare(const tst_subject *s, sd_context *c, sd_expr e, tst_lines *known)
{
    size_t n = 0;
    sd_variable *v = e ? sd_variables(s->c, e, &n) : NULL;
    bool ok = v || !n;
    for (size_t i = 0; ok && i < n; i++) {
        bool again = false;
        for (size_t k = 0; k < known->n; k++) again |= !strcmp(known->s[k], v[i].name);
        if (again) continue;
        char *line = tst_format("%s: %s %s", v[i].name, v[i].shape, v[i].properties);
        ok = sd_declare(c, line, NULL) == SD_OK;
        tst_push(known, tst_copy(v[i].name, strlen(v[i].name)));
        free(line);
    }
    sd_free(s->c, v);
    return ok;
}

// The variables of the answer and of what was differentiated.
static bool declare_all(const tst_subject *s, sd_context *c, sd_expr answer)
{
    tst_lines known = {0};
    bool ok = declare(s, c, answer, &known) && declare(s, c, s->e, &known);
    tst_lines_free(&known);
    return ok;
}

static char *plain(sd_context *c, sd_expr e) { return sd_print(c, sd_value(c, e), SD_TEXT, SD_NO_WHERE); }

// Whether `again`, which is plain text, is the function `want`.
static bool same_as(const tst_subject *s, sd_expr want, const char *again, char **how)
{
    sd_equal_report e = {0};
    sd_expr back = sd_parse(s->c, again, "<read back>");
    if (!back || sd_equal(s->c, back, want, 0, &e) != SD_OK) {
        *how = tst_format("cannot be compared: %s", sd_last_error(s->c)->message);
        return false;
    }
    *how = tst_format("%s%s: %s %.500s", e.undecided ? "undecided " : "",
                      e.equal ? "equal" : "another function", e.detail, e.witness ? e.witness : "");
    sd_free(s->c, e.witness);
    sd_free(s->c, e.value[0]);
    sd_free(s->c, e.value[1]);
    return e.equal;
}

// Whether `again`, which is plain text, is the function `want`. NumPy's arrays of one axis are neither rows
// nor columns: as either.
static bool same_function(const tst_subject *s, const tst_reading *as, sd_expr want, const char *again,
                          char **how)
{
    bool same = same_as(s, want, again, how);
    if (same || as->from != SD_FROM_NUMPY || !strstr(*how, "row of")) return same;
    free(*how);
    char *turned = tst_format("(%s)'", again);
    same = same_as(s, want, turned, how);
    free(turned);
    return same;
}

static void compare(const tst_subject *s, tst_reading *as, sd_expr want, const char *text, const char *again,
                    tst_report *report)
{
    char *mine = plain(s->c, want), *how = NULL;
    if (mine && !strcmp(mine, again)) {
        as->same++;
    } else if (same_function(s, as, want, again, &how)) {
        as->equal++;
        note(s, as, "equal", text, again);
    } else {
        as->other++;
        note(s, as, "OTHER", text, again);
        tst_complain(report, "%s is read back as another function:\n  printed %s\n  read as %s\n  %s",
                     as->name, text, again, how);
    }
    free(how);
    sd_free(s->c, mine);
}

static void read_back(const tst_subject *s, tst_reading *as, sd_expr want, tst_report *report)
{
    char *text = sd_print(s->c, sd_value(s->c, want), as->format, SD_NO_WHERE);
    sd_context *c = sd_context_new(&(sd_options){.from = as->from});
    if (!c) exit(3);
    sd_expr back = text && declare_all(s, c, want) ? sd_parse(c, text, NULL) : 0;
    char *again = back ? plain(c, back) : NULL;
    if (!text) {
        as->unprinted++;
    } else if (!again) {
        as->refused++;
        note(s, as, "refused", text, sd_last_error(c)->message);
    } else {
        compare(s, as, want, text, again, report);
    }
    sd_free(c, again);
    sd_context_free(c);
    sd_free(s->c, text);
}

void tst_read_back(const tst_subject *s, tst_report *report)
{
    for (size_t k = 0; k < sizeof tst_readings / sizeof *tst_readings; k++)
        for (size_t i = 0; i < sd_result_count(s->r); i++)
            read_back(s, &tst_readings[k], sd_result_expr(s->r, i), report);
}
