// SPDX-License-Identifier: MIT
// The left sides of answers: dF[i,j]/dX[k,l] of equations between entries, d2/dx1dx2 of answers by several
// variables. LaTeX has fractions of partial derivatives for both.
#include <string.h>

#include "codegen/print/print.h"

enum { MOST_BY = SDP_MAX_ORDER };

// d^times F[letters up to `value`] by variables, each with its own letters
typedef struct {
    int value, times, n;
    struct {
        const char *name;
        int first, count;
    } by[MOST_BY];
} derivative;

const char *sdp_answer_name(const sdp_graph *g)
{
    static const char *const names[] = {"F", "G", "H", "P", "Q", "R", "Y"};
    size_t f = 0;
    while (f + 1 < sizeof names / sizeof *names && sdp_variable_find(g, names[f]) != UINT32_MAX) f++;
    return names[f];
}

int sdp_value_axes(const sdp_graph *g, const sdp_entry *e)
{
    int order = sdp_get(g, e->node)->order;
    return !e->row || !*e->row || e->turned || e->value_order > order ? order : e->value_order;
}

static void by(derivative *d, const char *name, int count)
{
    int first = d->n ? d->by[d->n - 1].first + d->by[d->n - 1].count : d->value;
    d->by[d->n].name = name;
    d->by[d->n].first = first;
    d->by[d->n++].count = count;
}

static derivative derivative_of(const sdp_graph *g, const sdp_entry *e)
{
    derivative d = {.value = sdp_value_axes(g, e)};
    int rest = sdp_get(g, e->node)->order - d.value;
    bool twice = e->column && *e->column;
    if (!e->row || !*e->row || e->turned) return d; // F[i,j,k,l]: its axes stand in another order
    uint32_t v = sdp_variable_find(g, e->row);
    int first = v == UINT32_MAX ? rest : sdp_get(g, g->var[v].node)->order;
    d.times = twice ? 2 : first > 0 && rest > first && rest % first == 0 ? rest / first : 1;
    if (d.times == 1 || first > rest) first = rest;
    by(&d, e->row, first);
    if (twice) by(&d, e->column, rest - first);
    while (!twice && d.n < d.times) by(&d, e->row, first);
    return d;
}

// X[i,j]; in LaTeX X_{i,j}
static void put_entry(sdp_raiser *r, const char *name, int n, const char *const *letter, bool tex,
                      sdp_text *s)
{
    bool twice = tex && n && sdp_has_tex_subscript(name);
    if (twice) sdp_put(s, "{");
    if (tex)
        sdp_print_raised(r, sdp_language(SD_LATEX), NULL, sdp_r_name(r, name, SDP_MATRIX, UINT32_MAX), s);
    else sdp_put(s, name);
    if (twice) sdp_put(s, "}");
    for (int i = 0; i < n; i++) sdp_putf(s, "%s%s", i ? "," : tex ? "_{" : "[", letter[i]);
    if (n) sdp_put(s, tex ? "}" : "]");
}

static void put_by(sdp_raiser *r, const derivative *d, const char *const *letter, bool tex, sdp_text *s)
{
    for (int k = 0; k < d->n; k++) {
        bool bare = k && !d->by[k - 1].count;
        sdp_put(s, tex ? (k ? " \\partial " : "\\partial ") : bare ? " d" : "d");
        put_entry(r, d->by[k].name, d->by[k].count, letter ? letter + d->by[k].first : NULL, tex, s);
    }
}

const char *sdp_equation_head(sdp_raiser *r, const sdp_entry *e, const char *const *letter, bool tex)
{
    sdp_graph *g = r->g;
    derivative d = derivative_of(g, e);
    const char *f = sdp_answer_name(g);
    sdp_text s;
    sdp_text_init(&s, &g->base);
    if (d.n) sdp_put(&s, tex ? "\\frac{\\partial" : "d");
    if (d.times > 1) sdp_putf(&s, tex ? "^{%d}" : "%d", d.times);
    if (d.n && tex) sdp_put(&s, " ");
    put_entry(r, f, d.value, letter, tex, &s);
    if (d.n) sdp_put(&s, tex ? "}{" : "/");
    put_by(r, &d, letter, tex, &s);
    if (d.n && tex) sdp_put(&s, "}");
    char *copy = sdp_scratch(&g->base, s.n + 1);
    memcpy(copy, s.s, s.n);
    sdp_text_free(&s);
    return copy;
}

// ---- code -------------------------------------------------------------------------------------------------
// The kinds of derivative, as they are called in names of answers, in names of functions, and in words.
static const struct {
    const char *answer, *function, *word;
} kinds[] = {
    {"value", "f", "value"},
    {"grad", "gradient", "gradient"},
    {"jac", "jacobian", "Jacobian"},
    {"hess", "hessian", "Hessian"},
    {"hvp", "hvp", "product of the Hessian with a direction"},
    {"jvp", "jvp", "product of the Jacobian with a direction"},
    {"vjp", "vjp", "product with the Jacobian"},
};
enum { VALUE, GRADIENT, JACOBIAN, HESSIAN, HVP, JVP, VJP };

static int kind_of(const struct sd_result *r, const sdp_entry *e)
{
    if (!r->order) return VALUE;
    if (e->column && *e->column) return HESSIAN;
    if (r->along && r->order > 1) return HVP;
    return r->along                                          ? JVP
           : r->cotangent                                    ? VJP
           : r->order > 1 && r->nwrt == 1 && !e->value_order ? HESSIAN
           : e->value_order                                  ? JACOBIAN
                                                             : GRADIENT;
}

// The letter of a number f, or of an array F, that is no variable
static const char *value_letter(const struct sd_result *r)
{
    static const char *const scalars[] = {"f", "g", "h", "p", "q"};
    size_t k = 0;
    if (sdp_get(r->g, r->value)->order) return sdp_answer_name(r->g);
    while (k + 1 < sizeof scalars / sizeof *scalars && sdp_variable_find(r->g, scalars[k]) != UINT32_MAX) k++;
    return scalars[k];
}

// \frac{\partial f}{\partial x}, \frac{\partial^{2} f}{\partial x \partial y}; of a product with a direction,
// the part of a variable
static const char *tex_side(sdp_raiser *raiser, const struct sd_result *r, const sdp_entry *e)
{
    bool twice = e->column && *e->column, same = twice && !strcmp(e->row, e->column),
         product = r->along || r->cotangent;
    sdp_text s;
    sdp_text_init(&s, &r->g->base);
    if (product)
        sdp_putf(&s, "\\left(%s\\right)_{", r->cotangent ? "J^{\\top} u" : r->order > 1 ? "H v" : "J v");
    else sdp_putf(&s, "\\frac{\\partial%s %s}{\\partial ", twice ? "^{2}" : "", value_letter(r));
    put_entry(raiser, e->row, 0, NULL, true, &s);
    if (same && !product) sdp_put(&s, "^{2}");
    if (twice && !same && !product) {
        sdp_put(&s, " \\partial ");
        put_entry(raiser, e->column, 0, NULL, true, &s);
    }
    sdp_put(&s, "}");
    char *copy = sdp_scratch(&r->g->base, s.n + 1);
    memcpy(copy, s.s, s.n);
    sdp_text_free(&s);
    return copy;
}

const char *sdp_function_word(const struct sd_result *r) { return kinds[kind_of(r, r->entry)].function; }
const char *sdp_kind_word(const struct sd_result *r, const sdp_entry *e) { return kinds[kind_of(r, e)].word; }

static const char *unused(sdp_graph *g, const char *name)
{
    while (sdp_variable_find(g, name) != UINT32_MAX) name = sdp_printf(&g->base, "%s_", name);
    return name;
}

static const char *name_of(const struct sd_result *r, const sdp_entry *e, const sdp_notation *t)
{
    sdp_graph *g = r->g;
    bool twice = e->column && *e->column;
    const char *kind = kinds[kind_of(r, e)].answer;
    if (!e->row || !*e->row) return unused(g, kind);
    return unused(g, sdp_printf(&g->base, "%s_%s%s%s", kind, sdp_code_name(g, t, e->row), twice ? "_" : "",
                                twice ? sdp_code_name(g, t, e->column) : ""));
}

const char *const *sdp_result_names(const struct sd_result *r, bool value, const sdp_notation *t)
{
    const char **left = sdp_scratch(&r->g->base, (r->n + 1) * sizeof *left);
    if (value) left[0] = unused(r->g, kinds[VALUE].answer);
    for (size_t i = 0; i < r->n; i++)
        left[i + value] =
            r->n > 1 ? name_of(r, &r->entry[i], t) : unused(r->g, kinds[kind_of(r, &r->entry[i])].answer);
    return left;
}

const char *const *sdp_left_sides(sdp_raiser *raiser, const struct sd_result *r, const sdp_notation *t)
{
    if (r->n < 2) return NULL;
    if (!t->tex) return sdp_result_names(r, false, t);
    const char **left = sdp_scratch(&r->g->base, r->n * sizeof *left);
    for (size_t i = 0; i < r->n; i++) left[i] = tex_side(raiser, r, &r->entry[i]);
    return left;
}
