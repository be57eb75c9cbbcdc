// SPDX-License-Identifier: MIT
// Declarations: X : matrix(m, n) symmetric, f : function(vector(n)) -> scalar convex.
//
// A name gets a shape, whose sizes may be sums and products of names, and facts. Words that no value can have
// together, onehot positive, are refused; what a declaration leaves out, as in A : symmetric, is inferred.
// Entry: sdp_declare_statement.
#include <stdlib.h>
#include <string.h>

#include "ast/surface/terms.h"

static const struct {
    const char *name;
    uint32_t facts;
} property[] = {
    {"symmetric", SDP_SYMMETRIC},
    {"posdef", SDP_POSDEF | SDP_PSD | SDP_SYMMETRIC},
    {"psd", SDP_PSD | SDP_SYMMETRIC},
    {"diagonal", SDP_DIAGONAL | SDP_SYMMETRIC | SDP_TRI_LOWER | SDP_TRI_UPPER},
    {"lower", SDP_TRI_LOWER},
    {"upper", SDP_TRI_UPPER},
    {"triangular", SDP_TRI_LOWER},
    {"orthogonal", SDP_ORTHOGONAL},
    {"unit", SDP_UNIT},
    {"positive", SDP_POSITIVE | SDP_NONNEG},
    {"nonnegative", SDP_NONNEG},
    {"nonneg", SDP_NONNEG},
    {"simplex", SDP_SIMPLEX | SDP_NONNEG},
    {"onehot", SDP_ONEHOT | SDP_NONNEG},
    {"integer", SDP_INTEGER},
};
static const struct {
    const char *name;
    uint8_t curve;
} curve_word[] = {
    {"convex", SDP_IS_CONVEX},
    {"concave", SDP_IS_CONCAVE},
    {"affine", SDP_IS_CONVEX | SDP_IS_CONCAVE},
    {"increasing", SDP_IS_INCREASING},
    {"decreasing", SDP_IS_DECREASING},
};
static const uint32_t square_facts = SDP_SYMMETRIC | SDP_TRI_LOWER | SDP_TRI_UPPER | SDP_ORTHOGONAL;
static const uint32_t vector_facts = SDP_UNIT | SDP_SIMPLEX | SDP_ONEHOT;

// Is the word i said by another one that holds as well: psd by posdef, triangular
// by lower, which stands before it?
static bool is_said(size_t i, uint32_t facts)
{
    const uint32_t mine = sdp_facts_close((sdp_known){property[i].facts, 0}).yes;
    for (size_t k = 0; k < sizeof property / sizeof *property; k++) {
        const uint32_t other = sdp_facts_close((sdp_known){property[k].facts, 0}).yes;
        if (k != i && !(property[k].facts & ~facts) && !(mine & ~other) && (mine != other || k < i))
            return true;
    }
    return false;
}

void sdp_put_properties(uint32_t facts, sdp_text *t)
{
    const char *between = "";
    for (size_t i = 0; i < sizeof property / sizeof *property; i++)
        if (!(property[i].facts & ~facts) && !is_said(i, facts))
            sdp_putf(t, "%s%s", between, property[i].name), between = " ";
}

static _Noreturn void fail(sdp_graph *g, const sdp_tree *tree, sdp_span at, const char *hint,
                           const char *message)
{
    g->base.source = tree->source;
    g->base.source_name = tree->source_name;
    sdp_fail(&g->base, SD_ERR_NAME, at, hint, "%s", message);
}

// A size in a declaration: a positive number, a name, or a sum or product of sizes.
// Walks the syntax array in order.
static sdp_dim size_of(sdp_graph *g, const sdp_tree *tree, sdp_syn root)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_syn low = sdp_syn_first(tree, root);
    sdp_dim *value = sdp_scratch(&g->base, (root - low + 1u) * sizeof *value), *d = value;
    for (sdp_syn i = low; i <= root; i++, d++) {
        const sdp_syntax *s = &tree->node[i];
        sdp_dim a = s->nargs == 2 ? value[s->arg[0] - low] : SDP_DIM_NONE,
                b = s->nargs == 2 ? value[s->arg[1] - low] : SDP_DIM_NONE;
        const char *op = s->kind == SYN_CALL && s->nargs == 2 ? s->text : "";
        if (s->kind == SYN_NAME) *d = sdp_dim_name(g, s->text, strlen(s->text));
        else if (s->kind == SYN_NUMBER && sdp_dim_parse(g, s->text, d)) continue;
        else if (!strcmp(op, "+")) *d = sdp_dim_add(g, a, b);
        else if (!strcmp(op, "-")) *d = sdp_dim_add(g, a, sdp_dim_neg(g, b));
        else if (!strcmp(op, "*")) *d = sdp_dim_mul(g, a, b);
        else
            fail(g, tree, s->span, "sizes are numbers, names, and their sums and products",
                 "this is not a size");
    }
    sdp_dim size = value[root - low];
    sdp_scratch_release(&g->base, m);
    long v;
    if (sdp_dim_long(g, size, &v) && v < 1)
        fail(g, tree, tree->node[root].span, "rows and columns are counted from 1",
             "a size must be at least 1");
    return size;
}

// n×d, and 3x3, which the scanner reads as 3 times x3: two sizes. Returns false if s is one size.
static bool two_sizes(sdp_graph *g, const sdp_tree *tree, const sdp_syntax *s, sdp_shape *r)
{
    if (s->kind != SYN_CALL || strcmp(s->text, "*") || s->nargs != 2) return false;
    const sdp_syntax *a = &tree->node[s->arg[0]], *b = &tree->node[s->arg[1]];
    // × or \times
    bool cross = (unsigned char)tree->source[s->op.begin] == 0xC3 || tree->source[s->op.begin] == '\\';
    bool digits = a->kind == SYN_NUMBER && b->kind == SYN_NAME && b->text[0] == 'x' && b->text[1] &&
                  !b->text[1 + strspn(b->text + 1, "0123456789")];
    if (!cross && !digits) return false;
    r->rows = size_of(g, tree, s->arg[0]);
    r->cols = cross ? size_of(g, tree, s->arg[1]) : sdp_dim_int(g, strtol(b->text + 1, NULL, 10));
    return true;
}

static sdp_shape shape_of(sdp_graph *g, const sdp_tree *tree, sdp_syn syn)
{
    const sdp_syntax *s = &tree->node[syn];
    sdp_shape r = {SDP_DIM_ONE, SDP_DIM_ONE};
    static const char *const names[] = {"scalar", "vector", "matrix", "function"};
    bool call = s->kind == SYN_CALL;
    if (s->kind == SYN_NAME && !strcmp(s->text, "scalar")) return r;
    if (call && !strcmp(s->text, "vector") && s->nargs == 1) r.rows = size_of(g, tree, s->arg[0]);
    else if (two_sizes(g, tree, s, &r) || (call && !strcmp(s->text, "matrix") && s->nargs == 1 &&
                                           two_sizes(g, tree, &tree->node[s->arg[0]], &r)))
        return r;
    else if (call && !strcmp(s->text, "matrix") && s->nargs <= 2 && s->nargs >= 1) {
        r.rows = size_of(g, tree, s->arg[0]);
        r.cols = size_of(g, tree, s->arg[s->nargs - 1]);
    } else {
        const char *near = s->text ? sdp_nearest(s->text, names, 4) : NULL;
        fail(g, tree, s->span,
             near && strcmp(near, s->text) ? sdp_printf(&g->base, "did you mean '%s'?", near)
                                           : "write scalar, vector(n) or matrix(m, n)",
             "expected a shape");
    }
    return r;
}

// Two properties of which no matrix or vector has both are a mistake: onehot positive.
static void refuse_contradiction(sdp_graph *g, const sdp_tree *tree, const sdp_syntax *s, uint32_t from,
                                 uint32_t at, const uint32_t *facts)
{
    for (uint32_t i = from; i < at; i++) {
        sdp_known both = sdp_facts_close((sdp_known){facts[i] | facts[at], 0});
        if (both.yes & both.no)
            fail(g, tree, tree->node[s->arg[at]].span, "one excludes the other: leave one out",
                 sdp_printf(&g->base, "nothing can be %s and %s", tree->node[s->arg[i]].text,
                            tree->node[s->arg[at]].text));
    }
}

// The facts of word i. "upper triangular" and "triangular upper" are upper: beside
// lower or upper the word adds nothing.
static uint32_t facts_of_word(const sdp_tree *tree, const sdp_syntax *s, uint32_t from, uint32_t i,
                              uint32_t facts)
{
    if (strcmp(tree->node[s->arg[i]].text, "triangular")) return facts;
    for (uint32_t k = i > from ? i - 1 : i; k <= i + 1 && k < s->nargs; k++)
        if (!strcmp(tree->node[s->arg[k]].text, "upper") || !strcmp(tree->node[s->arg[k]].text, "lower"))
            return 0;
    return facts;
}

static uint8_t curve_of_word(const char *word)
{
    for (size_t i = 0; i < sizeof curve_word / sizeof *curve_word; i++)
        if (!strcmp(curve_word[i].name, word)) return curve_word[i].curve;
    return 0;
}

static uint32_t facts_of(sdp_graph *g, const sdp_tree *tree, const sdp_syntax *s, uint32_t from,
                         sdp_shape shape)
{
    uint32_t facts = 0, *each = sdp_scratch(&g->base, (s->nargs + 1) * sizeof *each);
    bool scalar = shape.rows == SDP_DIM_ONE && shape.cols == SDP_DIM_ONE;
    for (uint32_t i = from; i < s->nargs; i++) {
        const sdp_syntax *p = &tree->node[s->arg[i]];
        const char *names[sizeof property / sizeof *property];
        size_t n = sizeof property / sizeof *property, k = 0;
        each[i] = 0;
        if (!strcmp(p->text, "zeromean")) {
            if (from == 2)
                fail(g, tree, p->span, "eps: vector(n) zeromean", "only a variable can be zeromean");
            continue;
        }
        if (curve_of_word(p->text)) {
            if (from != 2)
                fail(g, tree, p->span, "f: function(vector(n)) -> scalar convex",
                     sdp_printf(&g->base, "only a function can be %s", p->text));
            continue;
        }
        for (size_t j = 0; j < n; j++) names[j] = property[j].name;
        while (k < n && strcmp(property[k].name, p->text)) k++;
        if (k == n) {
            const char *near = sdp_nearest(p->text, names, n);
            fail(g, tree, p->span,
                 near ? sdp_printf(&g->base, "did you mean '%s'?", near)
                      : "symmetric posdef psd diagonal lower upper orthogonal unit positive nonnegative "
                        "simplex onehot integer",
                 sdp_printf(&g->base, "unknown property '%s'", p->text));
        }
        facts |= each[i] = facts_of_word(tree, s, from, i, property[k].facts);
        if ((property[k].facts & square_facts) && shape.rows != shape.cols)
            fail(g, tree, p->span, "a square matrix is a matrix(n,n)",
                 sdp_printf(&g->base, "only a square matrix can be %s", p->text));
        bool open =
            shape.rows == SDP_DIM_NONE && (property[k].facts & vector_facts) && shape.cols == SDP_DIM_NONE;
        if ((property[k].facts & vector_facts) && !open &&
            (shape.cols != SDP_DIM_ONE || shape.rows == SDP_DIM_ONE))
            fail(g, tree, p->span, "a vector is a vector(n)",
                 sdp_printf(&g->base, "only a vector can be %s", p->text));
        if (!scalar) refuse_contradiction(g, tree, s, from, i, each);
    }
    sdp_known all = sdp_facts_close((sdp_known){facts, 0});
    if (!scalar && (all.yes & all.no))
        fail(g, tree, tree->node[s->arg[s->nargs - 1]].span,
             "there is no such matrix or vector: leave one out", "these properties exclude each other");
    return scalar ? facts : all.yes;
}

// A function of all of space that is bounded from below and concave is constant, and one of a matrix with
// structure is not declared to be convex in some order of matrices.
static uint8_t curve_of_function(sdp_graph *g, const sdp_tree *tree, const sdp_syntax *s, uint32_t facts)
{
    uint8_t curve = 0;
    for (uint32_t i = 2; i < s->nargs; i++) {
        const sdp_syntax *p = &tree->node[s->arg[i]];
        curve |= curve_of_word(p->text);
        if ((curve & SDP_IS_INCREASING) && (curve & SDP_IS_DECREASING))
            fail(g, tree, p->span, "leave one out",
                 "a function that is increasing and decreasing is constant");
        if ((curve & SDP_IS_CONCAVE) && (facts & SDP_NONNEG))
            fail(g, tree, p->span, "leave one out",
                 "a function of all of space that is concave and nonnegative is constant");
        if (curve && (facts & ~(uint32_t)(SDP_POSITIVE | SDP_NONNEG)))
            fail(g, tree, p->span, "positive and nonnegative can stand beside it",
                 sdp_printf(&g->base, "a function whose value has structure is not declared %s", p->text));
    }
    return curve;
}

// Derivatives are named by the digits of arguments; numbers for tests can be
// invented for these properties only.
static void check_function(sdp_graph *g, const sdp_tree *tree, const sdp_syntax *s, const sdp_variable *v)
{
    static const uint32_t known = SDP_SYMMETRIC | SDP_POSDEF | SDP_PSD | SDP_DIAGONAL | SDP_TRI_LOWER |
                                  SDP_TRI_UPPER | SDP_POSITIVE | SDP_NONNEG;
    if (v->nparams > SDP_MAX_PARAMS)
        fail(g, tree, tree->node[s->arg[0]].span, "collect them in a vector or matrix",
             "a function has at most 9 arguments");
    for (uint32_t i = 2; i < s->nargs; i++)
        for (size_t k = 0; k < sizeof property / sizeof *property; k++)
            if (!strcmp(property[k].name, tree->node[s->arg[i]].text) && (property[k].facts & ~known))
                fail(g, tree, tree->node[s->arg[i]].span,
                     "symmetric posdef psd diagonal lower upper positive nonnegative can be",
                     sdp_printf(&g->base, "the value of a function cannot be declared '%s'",
                                property[k].name));
}

// Is the variable declared zeromean? Refuses this for a nonnegative variable, which would be 0, and for a
// constrained one, e.g. on a sphere, which has a distribution of its own.
static bool is_zeromean(sdp_graph *g, const sdp_tree *tree, const sdp_syntax *s, uint32_t facts)
{
    static const uint32_t excluded = SDP_NONNEG | SDP_POSITIVE | SDP_PSD | SDP_POSDEF | SDP_CONSTRAINED;
    for (uint32_t i = 0; i < s->nargs; i++) {
        const sdp_syntax *p = &tree->node[s->arg[i]];
        if (p->kind != SYN_NAME || strcmp(p->text, "zeromean")) continue;
        if (facts & excluded) fail(g, tree, p->span, "leave one out", "zeromean excludes the other property");
        return true;
    }
    return false;
}

static bool is_property(const char *word)
{
    if (!strcmp(word, "zeromean")) return true;
    for (size_t i = 0; i < sizeof property / sizeof *property; i++)
        if (!strcmp(property[i].name, word)) return true;
    return false;
}

// b: vector, A: symmetric, A: matrix posdef: what is not said is inferred.
static bool declare_in_part(sdp_graph *g, const sdp_tree *tree, const sdp_syntax *s, sdp_variable *v)
{
    const sdp_syntax *first = &tree->node[s->arg[0]];
    bool vector = first->kind == SYN_NAME && !strcmp(first->text, "vector"),
         matrix = first->kind == SYN_NAME && !strcmp(first->text, "matrix");
    bool fact = first->kind == SYN_NAME && is_property(first->text);
    if (!vector && !matrix && !fact) return false;
    v->shape = (sdp_shape){SDP_DIM_NONE, vector ? SDP_DIM_ONE : SDP_DIM_NONE};
    v->facts = facts_of(g, tree, s, fact ? 0 : 1, v->shape);
    if (v->facts & square_facts) matrix = true;
    if (v->facts & vector_facts) vector = true;
    if (vector && matrix) fail(g, tree, first->span, "leave one out", "nothing is a vector and a matrix");
    v->shape.cols = SDP_DIM_NONE;
    v->kind = matrix ? 3 : vector ? 2 : 0;
    return true;
}

void sdp_declare_statement(sdp_graph *g, const sdp_tree *tree, const sdp_syntax *s)
{
    const sdp_syntax *first = &tree->node[s->arg[0]];
    bool function = first->kind == SYN_CALL && !strcmp(first->text, "function");
    sdp_variable v = {.declared = true, .is_function = function};
    if (function) {
        v.nparams = first->nargs;
        v.param = sdp_alloc(&g->base, (first->nargs + 1) * sizeof *v.param);
        for (uint32_t i = 0; i < first->nargs; i++) v.param[i] = shape_of(g, tree, first->arg[i]);
        if (s->nargs < 2)
            fail(g, tree, s->span, "write f : function(vector(n)) -> scalar",
                 "a function needs the shape of its value");
        v.shape = shape_of(g, tree, s->arg[1]);
    } else if (!declare_in_part(g, tree, s, &v)) {
        v.shape = shape_of(g, tree, s->arg[0]);
    }
    if (v.shape.rows != SDP_DIM_NONE) v.facts = facts_of(g, tree, s, function ? 2 : 1, v.shape);
    v.zeromean = is_zeromean(g, tree, s, v.facts);
    if (function) {
        check_function(g, tree, s, &v);
        v.curve = curve_of_function(g, tree, s, v.facts);
    }
    uint32_t old = sdp_variable_find(g, s->text);
    if (old != UINT32_MAX) {
        sdp_variable *o = &g->var[old];
        bool same = o->kind == v.kind && o->shape.rows == v.shape.rows && o->shape.cols == v.shape.cols &&
                    o->facts == v.facts && o->curve == v.curve && o->zeromean == v.zeromean &&
                    o->is_function == function;
        if (o->declared)
            fail(g, tree, s->op, "one declaration says it all: A: matrix(n,n) symmetric posdef",
                 sdp_printf(&g->base, same ? "'%s' is declared twice" : "'%s' is declared twice, differently",
                            s->text));
        if (!same)
            fail(g, tree, s->op, "declare it before it is used",
                 sdp_printf(&g->base, "'%s' is already in use with another shape", s->text));
        o->declared = true;
        return;
    }
    if (sdp_dim_is_name(g, s->text))
        fail(g, tree, s->op, "use another name for one of them",
             sdp_printf(&g->base, "'%s' is already the name of a dimension", s->text));
    uint32_t i = sdp_variable_new(g, s->text);
    v.name = g->var[i].name;
    v.order_seen = i;
    g->var[i] = v;
}
