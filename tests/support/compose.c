// SPDX-License-Identifier: MIT
// Random well-shaped expressions over variables of every declared structure, with symbolic sizes m and n.
//
// The grammar is a list of templates (templates.h): literal text, and two-character holes "$?" for
// sub-expressions: $s scalar, $v vector of the wanted length, $w vector of the other length, $V vector of the
// columns' length, $m matrix of the wanted shape, $t its transposed shape, $q square of the rows, $Q square
// of the columns, $M matrix rows x other, $L other x cols, $c posdef of the rows, $i $e $E small integers as
// $v $m $q, which are equal to numbers, $1 number, $0 the hole before again; %r is the name of the rows. The
// functions are chosen so that values stay finite and moderate.
#define _POSIX_C_SOURCE 200809L
#include "tests/support/compose.h"
#include "tests/support/templates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char tst_declarations[] =
    "a: scalar; b: scalar; p: scalar positive; k: scalar nonneg; x: vector(n); u: vector(n); y: vector(m); "
    "v: vector(m); "
    "A: matrix(m,n); F: matrix(m,n); B: matrix(n,m); S: matrix(n,n); R: matrix(n,n); T: matrix(m,m); P: "
    "matrix(n,n) symmetric posdef; "
    "Q: matrix(m,m) symmetric; D: matrix(n,n) diagonal; C: matrix(m,m) diagonal; L: matrix(n,n) lower; U: "
    "matrix(m,m) upper; "
    "O: matrix(n,n) orthogonal; W: matrix(m,m) psd; g: vector(n) positive; r: vector(m) unit; s: vector(n) "
    "simplex; h: vector(m) onehot; "
    "j: vector(n) integer; d: vector(m) integer; E: matrix(m,n) integer; G: matrix(n,n) integer; H: "
    "matrix(m,m) integer; f: function(vector(n)) -> scalar; l: function(vector(n),vector(m)) -> scalar; q: "
    "function(vector(m)) -> vector(n)";

const tst_variable tst_variables[] = {
    {"a", {0, 0, 0}, 0, 0},
    {"b", {0, 0, 0}, 0, 0},
    {"p", {0, 0, 0}, TST_POSITIVE, 0},
    {"k", {0, 0, 0}, TST_NONNEG, 1},
    {"x", {1, TST_N, 0}, 0, 0},
    {"u", {1, TST_N, 0}, 0, 0},
    {"y", {1, TST_M, 0}, 0, 0},
    {"v", {1, TST_M, 0}, 0, 0},
    {"A", {2, TST_M, TST_N}, 0, 0},
    {"F", {2, TST_M, TST_N}, 0, 0},
    {"B", {2, TST_N, TST_M}, 0, 0},
    {"S", {2, TST_N, TST_N}, 0, 0},
    {"R", {2, TST_N, TST_N}, 0, 0},
    {"T", {2, TST_M, TST_M}, 0, 0},
    {"P", {2, TST_N, TST_N}, TST_POSDEF, 0},
    {"Q", {2, TST_M, TST_M}, TST_SYMMETRIC, 0},
    {"D", {2, TST_N, TST_N}, TST_DIAGONAL, 1},
    {"C", {2, TST_M, TST_M}, TST_DIAGONAL, 1},
    {"L", {2, TST_N, TST_N}, TST_LOWER, 1},
    {"U", {2, TST_M, TST_M}, TST_UPPER, 1},
    {"O", {2, TST_N, TST_N}, TST_ORTHOGONAL, 1},
    {"W", {2, TST_M, TST_M}, TST_PSD, 1},
    {"g", {1, TST_N, 0}, TST_POSITIVE, 1},
    {"r", {1, TST_M, 0}, TST_UNIT, 1},
    {"s", {1, TST_N, 0}, TST_SIMPLEX, 1},
    {"h", {1, TST_M, 0}, TST_ONEHOT, 1},
    {"j", {1, TST_N, 0}, TST_INTEGER, 1},
};
const size_t tst_nvariables = sizeof tst_variables / sizeof *tst_variables;

static int expression(tst_composition *c, tst_shape s, int depth);

static int add_step(tst_composition *c, tst_step step)
{
    c->step = tst_grow(c->step, (size_t)(c->n + 1) * sizeof *c->step);
    c->step[c->n] = step;
    return c->n++;
}

static int leaf(tst_composition *c, tst_shape s)
{
    unsigned fits[64], n = 0;
    for (unsigned i = 0; i < tst_nvariables; i++) {
        const tst_shape *o = &tst_variables[i].s;
        if (tst_variables[i].rare && tst_below(&c->rng, 3)) continue;
        if (o->order == s.order && (s.order < 1 || o->rows == s.rows) && (s.order < 2 || o->cols == s.cols))
            fits[n++] = i;
    }
    unsigned pick = fits[tst_below(&c->rng, n)];
    c->used |= 1ull << pick;
    return add_step(c, (tst_step){.text = tst_variables[pick].name, .s = s, .variable = (int)pick});
}

static int integer(tst_composition *c, tst_shape s)
{
    return add_step(c, (tst_step){.text = integers[s.rows][s.order == 1      ? 0
                                                           : s.cols == TST_M ? 1
                                                                             : 2],
                                  .s = s,
                                  .variable = -1});
}

// Fills one template; its holes share one choice of dimensions, so that "$v'*$v" fits.
static int fill(tst_composition *c, const char *text, tst_shape s, int depth)
{
    tst_step step = {.text = text, .s = s, .variable = -1};
    int r = s.order               ? s.rows
            : strstr(text, "(n)") ? TST_N
                                  : (int)tst_below(&c->rng, 2),
        cols = s.order == 2 ? s.cols : 1 - r, k = 0;
    for (const char *t = text; *t; t++) {
        if (*t == '#') {
            step.child[k++] = expression(c, (tst_shape){1, *++t == 'n' ? TST_N : TST_M, 0}, depth - 1);
            continue;
        }
        if (*t != '$') continue;
        switch (*++t) {
        case 's': step.child[k] = expression(c, (tst_shape){0, 0, 0}, depth - 1); break;
        case 'v': step.child[k] = expression(c, (tst_shape){1, r, 0}, depth - 1); break;
        case 'w': step.child[k] = expression(c, (tst_shape){1, 1 - r, 0}, depth - 1); break;
        case 'V': step.child[k] = expression(c, (tst_shape){1, cols, 0}, depth - 1); break;
        case 'm': step.child[k] = expression(c, (tst_shape){2, r, cols}, depth - 1); break;
        case 't': step.child[k] = expression(c, (tst_shape){2, cols, r}, depth - 1); break;
        case 'q': step.child[k] = expression(c, (tst_shape){2, r, r}, depth - 1); break;
        case 'Q': step.child[k] = expression(c, (tst_shape){2, cols, cols}, depth - 1); break;
        case 'M': step.child[k] = expression(c, (tst_shape){2, r, 1 - r}, depth - 1); break;
        case 'L': step.child[k] = expression(c, (tst_shape){2, 1 - r, cols}, depth - 1); break;
        case 'i': step.child[k] = integer(c, (tst_shape){1, r, 0}); break;
        case 'e': step.child[k] = integer(c, (tst_shape){2, r, cols}); break;
        case 'E': step.child[k] = integer(c, (tst_shape){2, r, r}); break;
        case 'c': {
            const char *form = definite[tst_below(&c->rng, sizeof definite / sizeof *definite)];
            step.child[k] = fill(c, strchr(form, 'P') && r != TST_N ? definite[0] : form,
                                 (tst_shape){2, r, r}, depth - 1);
            c->step[step.child[k]].kind = 'c';
            if (strchr(form, 'P')) c->used |= 1ull << 14;
            break;
        }
        case '0': step.child[k] = step.child[k - 1]; break;
        default: step.child[k] = -1 - (int)tst_below(&c->rng, 3); break;
        }
        k++;
    }
    if (!s.order) step.s.rows = r;
    return add_step(c, step);
}

#define PICK(c, list) (list)[tst_below(&(c)->rng, sizeof(list) / sizeof *(list))]

static int expression(tst_composition *c, tst_shape s, int depth)
{
    if (depth <= 0 || tst_below(&c->rng, 6) == 0) return leaf(c, s);
    if (!s.order && c->abstract && tst_below(&c->rng, 2)) return fill(c, PICK(c, abstract_scalars), s, depth);
    const char *t = s.order == 0                                ? PICK(c, scalars)
                    : s.order == 1                              ? PICK(c, vectors)
                    : s.rows == s.cols && tst_below(&c->rng, 2) ? PICK(c, squares)
                                                                : PICK(c, matrices);
    int id = fill(c, t, s, depth);
    if (!s.order) c->step[id].s.order = 0;
    return id;
}

void tst_compose(tst_composition *c, tst_shape s, int depth) { expression(c, s, depth); }

// ---- text -------------------------------------------------------------------------------------------------
// The step's text with its holes as whole expressions, or as names h0, h1, ...
static void write_step(const tst_composition *c, int id, bool whole, FILE *out)
{
    const tst_step *s = &c->step[id];
    int k = 0;
    for (const char *t = s->text; *t; t++) {
        if (*t == '%') {
            int dim = *++t == 'r' ? s->s.rows : s->s.order == 2 ? s->s.cols : 1 - s->s.rows;
            fputs(dim == TST_M ? "m" : "n", out);
        } else if (*t == '$' || *t == '#') {
            int child = s->child[k++];
            t++;
            if (child < 0) fprintf(out, "%d", -child);
            else if (!whole) fprintf(out, "hole%d", child);
            else if (c->step[child].variable >= 0) fputs(c->step[child].text, out);
            else {
                fputc('(', out);
                write_step(c, child, true, out);
                fputc(')', out);
            }
        } else {
            fputc(*t, out);
        }
    }
}

static char *step_text(const tst_composition *c, int id, bool whole)
{
    char *text;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    write_step(c, id, whole, out);
    fclose(out);
    return text;
}

char *tst_composed(const tst_composition *c) { return step_text(c, c->n - 1, true); }

void tst_composition_free(tst_composition *c)
{
    free(c->step);
    *c = (tst_composition){0};
}

// ---- values -----------------------------------------------------------------------------------------------
static bool declare_hole(sd_context *x, sd_data *d, const tst_composition *c, int id, sd_array *a)
{
    static const char *const dim[] = {"m", "n"};
    const tst_shape *s = &c->step[id].s;
    bool definite_hole = c->step[id].kind == 'c';
    char *name = tst_format("hole%d", id), *text;
    if (s->order == 2)
        text = tst_format("%s: matrix(%s,%s)%s", name, dim[s->rows], dim[s->cols],
                          definite_hole ? " posdef" : "");
    else if (s->order == 1) text = tst_format("%s: vector(%s)", name, dim[s->rows]);
    else text = tst_format("%s: scalar", name);
    for (size_t i = 0; definite_hole && i < a->dim[0]; i++) // exactly symmetric
        for (size_t k = 0; k < i; k++) a->data[i * a->dim[0] + k] = a->data[k * a->dim[0] + i];
    bool ok = sd_declare(x, text, NULL) == SD_OK && sd_data_set(d, name, a) == SD_OK;
    free(name);
    free(text);
    return ok;
}

static bool finite_array(const sd_array *a)
{
    size_t n = tst_entries(a);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(a->data[i])) return false;
    return true;
}

bool tst_stepwise(const tst_composition *c, const tst_point *p, sd_array *out, char **what)
{
    sd_context *x = sd_context_new(NULL);
    sd_data *d = NULL;
    bool ok = x && sd_declare(x, tst_declarations, NULL) == SD_OK && (d = tst_point_data(x, p));
    for (int id = 0; id < c->n && ok; id++) {
        char *text = step_text(c, id, false);
        sd_expr e = sd_parse(x, text, NULL);
        sd_array a = {0};
        sd_status status = e ? sd_interpret(x, sd_value(x, e), d, &a) : SD_ERR_SYNTAX;
        bool singular = status == SD_ERR_SINGULAR || status == SD_ERR_DOMAIN;
        if (status != SD_OK && !singular) *what = tst_format("step %s: %s", text, sd_last_error(x)->message);
        ok = status == SD_OK && finite_array(&a);
        if (ok && id + 1 == c->n) {
            size_t n = tst_entries(&a);
            *out = a;
            out->data = memcpy(tst_grow(NULL, (n + 1) * sizeof *a.data), a.data, n * sizeof *a.data);
        } else if (ok && !declare_hole(x, d, c, id, &a)) {
            *what = tst_format("step %s: %s", text, sd_last_error(x)->message);
            ok = false;
        }
        sd_free(x, a.data);
        free(text);
    }
    sd_data_free(d);
    sd_context_free(x);
    return ok;
}
