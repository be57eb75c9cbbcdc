// SPDX-License-Identifier: MIT
// An answer against numerical differentiation by the library (sd_check): at points of its own, and at a point
// where the answer is no number.
#include "test.h"

void tst_complain_error(const tst_subject *s, tst_report *report, const char *what)
{
    char *text = sd_error_text(s->c, sd_last_error(s->c));
    tst_complain(report, "%s failed:\n%s", what, text ? text : sd_last_error(s->c)->message);
    sd_free(s->c, text);
}

// Differences across a kink disagree with a right derivative, but not at two points of three.
void tst_numeric(const tst_subject *s, tst_report *report)
{
    sd_data *d = NULL;
    if (s->data && s->data->n) {
        d = sd_data_new(s->c);
        for (size_t i = 0; d && i < s->data->n; i++)
            if (sd_data_read(d, s->data->s[i]) != SD_OK) tst_complain_error(s, report, "sd_data_read");
    }
    sd_check_report first = {.ok = 0}, other = {.ok = 0};
    unsigned wrong = 0;
    for (unsigned k = 0; k < 3 && (k == 0 || wrong); k++) {
        sd_check_report *check = k ? &other : &first;
        if (sd_check(s->c, s->e, s->request, d, s->sizes, s->seed + 1000003u * k, check) != SD_OK) {
            tst_complain_error(s, report, "sd_check");
            wrong = 0;
            break;
        }
        wrong += !check->ok;
    }
    if (wrong > 1)
        tst_complain(report, "differs from numerical differentiation: error %.3g, tolerance %.3g: %s",
                     first.worst, first.tolerance, first.detail);
    sd_data_free(d);
}

// The value is finite and the answer is not: is there a derivative?
void tst_missing(const tst_subject *s, const sd_data *d, tst_report *report)
{
    sd_check_report check = {.ok = 0};
    if (!s->request || s->request->what == SD_TAYLOR ||
        sd_check(s->c, s->e, s->request, d, s->sizes, s->seed, &check) != SD_OK)
        return;
    if (!check.ok && !check.not_differentiable && *check.note)
        tst_complain(report, "the answer is no number where there is a derivative:\n%s", check.note);
}
