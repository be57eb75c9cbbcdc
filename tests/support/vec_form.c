// SPDX-License-Identifier: MIT
// The vec form of an answer against its tensor: typed in and evaluated,
// dvec(F)/dvec(X)' has the same entries.
//
// Its rows are numbered by the axes of the value, or of a first variable, the first of them running fastest;
// the commutation matrices that it names are made for the sizes of the point. Entry: tst_vec_form.
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

// The matrix that a tensor is in vec form: rows are its first axes, columns the
// others, the first of each runs fastest.
static double *stacked(const sd_array *a, int row_axes)
{
    size_t n = tst_entries(a), rows = 1, at[SD_MAX_ORDER] = {0}, pace[SD_MAX_ORDER];
    double *out = tst_grow(NULL, n * sizeof *out);
    for (int k = 0; k < row_axes; k++) rows *= a->dim[k];
    size_t cols = n / rows, r = cols, c = 1;
    for (int k = 0; k < a->order; k++) {
        size_t *step = k < row_axes ? &r : &c;
        pace[k] = *step;
        *step *= a->dim[k];
    }
    for (size_t i = 0; i < n; i++) {
        size_t to = 0;
        for (int k = 0; k < a->order; k++) to += at[k] * pace[k];
        out[to] = a->data[i];
        for (int k = a->order; k-- > 0 && ++at[k] == a->dim[k];) at[k] = 0;
    }
    return out;
}

// Kc of "Kc*vec(X) = vec(X')", for X of these sizes.
static bool declare_commutation(const tst_subject *s, sd_data *d, size_t entry, const char *words,
                                const size_t *dim)
{
    size_t n = dim[0] * dim[1];
    double *k = tst_grow(NULL, n * n * sizeof *k);
    memset(k, 0, n * n * sizeof *k);
    for (size_t i = 0; i < dim[0]; i++)
        for (size_t j = 0; j < dim[1]; j++) k[(j + dim[1] * i) * n + i + dim[0] * j] = 1;
    const char *x = strchr(words, '(') + 1;
    char *name = tst_format("%.*s", (int)strcspn(words, "*"), words),
         *variable = tst_format("%.*s: matrix(", (int)strcspn(x, ")"), x);
    // simplified, either may have lost X
    char *value = sd_legend(s->c, s->e), *answer = sd_legend(s->c, sd_result_expr(s->r, entry));
    char *legend = tst_format("%s; %s", value ? value : "", answer ? answer : "");
    const char *shape = strstr(legend, variable);
    bool ok = shape && sd_data_set(d, name, &(sd_array){2, {n, n}, k}) == SD_OK;
    if (ok) {
        shape += strlen(variable);
        int rows = (int)strcspn(shape, ","), cols = (int)strcspn(shape + rows + 1, ")");
        char *size = tst_format("(%.*s)*(%.*s)", rows, shape, cols, shape + rows + 1),
             *text = tst_format("%s: matrix(%s,%s)", name, size, size);
        ok = sd_declare(s->c, text, NULL) == SD_OK;
        free(size);
        free(text);
    }
    free(k);
    free(name);
    free(variable);
    free(legend);
    sd_free(s->c, value);
    sd_free(s->c, answer);
    return ok;
}

// The vec form of entry i, typed in and evaluated, is the tensor: its rows belong to one axis or two.
void tst_vec_form(const tst_subject *s, sd_data *d, size_t i, const sd_array *want, tst_report *report)
{
    char *form = sd_vec_form(s->c, s->r, i, SD_TEXT);
    if (!form) return;
    const char *where = strstr(form, ", where "), *equals = strstr(form, " = ");
    // what numbers the rows
    const char *slash = strchr(form, '/'), *by = slash && !strncmp(form, "d2", 2) ? slash + 1 : form;
    int rows = strncmp(by, "dvec(", 5) ? 1 : 2;
    if (where && !declare_commutation(s, d, i, where + 8, &want->dim[want->order - 2]))
        tst_complain_error(s, report, "the commutation matrix");
    char *text = tst_format("%.*s", where ? (int)(where - equals - 3) : (int)strlen(equals + 3), equals + 3);
    sd_array got = {0};
    sd_expr e = sd_parse(s->c, text, "<vec form>");
    if (!e || sd_interpret(s->c, sd_value(s->c, e), d, &got) != SD_OK) {
        tst_complain_error(s, report, "the vec form");
    } else {
        size_t worst;
        double *matrix = stacked(want, rows);
        if (tst_entries(&got) != tst_entries(want))
            tst_complain(report, "the vec form %s has %zu entries, not %zu", form, tst_entries(&got),
                         tst_entries(want));
        else if (!tst_close(matrix, got.data, tst_entries(want), s->tolerance > 0 ? s->tolerance : 1e-8,
                            &worst))
            tst_complain(report, "the vec form %s gives %.17g at entry %zu, the tensor %.17g", form,
                         got.data[worst], worst, matrix[worst]);
        free(matrix);
    }
    sd_free(s->c, got.data);
    free(text);
    sd_free(s->c, form);
}
