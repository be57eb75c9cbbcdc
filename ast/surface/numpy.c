// SPDX-License-Identifier: MIT
// From what a text of NumPy, PyTorch or JAX says to the language: names, axes, subscripts.
//
// np.f(x), x.f() and f(x) are one call (numpy_call.c). The tree that comes out has the calls of the plain
// language, and from == SD_FROM_NUMPY: by that shape_numpy.c knows that * broadcasts and vectors have no
// orientation. "(n,)", "(n,1)" and "(1,n)" give an array one axis, or two. Axes are numbers: 1 and 2 are
// NumPy's 0 and 1, 3 and 4 are -1 and -2, which depend on the rank. Keywords, tuples and the like are read
// where they stand and leave no node. Entry: sdp_by_numpy.
#include "ast/surface/numpy.h"

// ---- subscripts -------------------------------------------------------------------------------------------

static bool is_literal(const numpy *q, const sdp_syntax *s)
{
    if (is(s, "neg")) return at(q, s->arg[0])->kind == SYN_NUMBER;
    return s->kind == SYN_NUMBER || (s->kind == SYN_NAME && s->span.begin == s->span.end);
}

// Position i, which counts from 0, `shift` further: an entry is one further, an end of a slice is none.
static sdp_syn position(numpy *q, sdp_syn i, int shift)
{
    const sdp_syntax *s = at(q, i);
    sdp_base *b = &q->h.g->base;
    bool minus = is(s, "neg");
    const sdp_syntax *number = minus ? at(q, s->arg[0]) : s;
    if (s->kind == SYN_NAME && s->span.begin == s->span.end)
        return sdp_numpy_leaf(q, SYN_NAME, s->span, "end");
    if (minus && number->kind != SYN_NUMBER)
        fail(q, s->span, "x[-1] is the last entry", "only a number counts from the end");
    if (number->kind != SYN_NUMBER) {
        sdp_syn sum[2] = {mapped(q, i), 0};
        if (!shift) return sum[0];
        sum[1] = sdp_numpy_leaf(q, SYN_NUMBER, s->span, "1");
        return sdp_numpy_call(q, s, "+", 2, sum);
    }
    long v = 0;
    for (const char *c = number->text; *c; c++) {
        if (!sdp_is_digit(*c) || v > 100000000) fail(q, s->span, NULL, "a position is an integer");
        v = 10 * v + (*c - '0');
    }
    if (!minus) return sdp_numpy_leaf(q, SYN_NUMBER, s->span, sdp_printf(b, "%ld", v + shift));
    sdp_syn difference[2] = {sdp_numpy_leaf(q, SYN_NAME, s->span, "end"), 0};
    if (!v) fail(q, s->span, NULL, "-0 is the first position; write 0");
    if (v == shift) return difference[0];
    difference[1] = sdp_numpy_leaf(q, SYN_NUMBER, s->span, sdp_printf(b, "%ld", v - shift));
    return sdp_numpy_call(q, s, "-", 2, difference);
}

static sdp_syn subscript(numpy *q, sdp_syn i)
{
    const sdp_syntax *s = at(q, i);
    if (s->kind == SYN_COLON) return sdp_numpy_leaf(q, SYN_COLON, s->span, ":");
    if (!is(s, "range")) return position(q, i, 1);
    sdp_syn bound[2] = {position(q, s->arg[0], 1), 0};
    bound[1] = position(q, s->arg[1], 0);
    return sdp_numpy_call(q, s, "range", 2, bound);
}

// slogdet(A)[1], eigvalsh(A)[-1], X.shape[0]; false: something else is indexed.
static bool is_part(const numpy *q, const sdp_syntax *s, meaning *m)
{
    const sdp_syntax *base = at(q, s->arg[0]);
    if (is(base, ".shape") && base->nargs == 1 && s->nargs == 2)
        return *m = (meaning){"size", SHAPE, 1, 1}, true;
    return sdp_numpy_is_called(q, base) && base->text[0] != '.' && sdp_numpy_find(base->text, m) &&
           m->form == PART && base->nargs == 1 && s->nargs == 2;
}

static sdp_syn part(numpy *q, const sdp_syntax *s, const meaning *m)
{
    const sdp_syntax *k = at(q, s->arg[1]), *number = is(k, "neg") ? at(q, k->arg[0]) : k;
    sdp_syn x = mapped(q, at(q, s->arg[0])->arg[0]);
    if (m->form == SHAPE) {
        const char *axis = sdp_numpy_axis(q, s->arg[1]);
        if (!axis) fail(q, s->span, "X.shape[0], X.shape[1]", "of a shape one size can be used");
        return sdp_numpy_call(q, s, "size", 2, (sdp_syn[]){x, sdp_numpy_leaf(q, SYN_NUMBER, s->op, axis)});
    }
    bool one = number->kind == SYN_NUMBER && !strcmp(number->text, "1"),
         zero = number->kind == SYN_NUMBER && !strcmp(number->text, "0");
    bool eigen = !strcmp(m->text, "lambda_max");
    if (eigen && one && number != k) return sdp_numpy_call(q, s, "lambda_max", 1, &x);
    if (eigen && zero) return sdp_numpy_call(q, s, "lambda_min", 1, &x);
    if (!eigen && one) return sdp_numpy_call(q, s, "logdet", 1, &x);
    fail(q, s->span, "np.linalg.slogdet(A)[1], np.linalg.eigvalsh(A)[-1] and [0]",
         "this part is not supported");
}

static sdp_syn indexed(numpy *q, const sdp_syntax *s)
{
    meaning m;
    if (is_part(q, s, &m)) return part(q, s, &m);
    sdp_syn arg[3] = {mapped(q, s->arg[0])};
    if (s->nargs > 3) fail(q, s->span, NULL, "arrays have at most two axes here");
    bool column = s->nargs == 3 && is_none(at(q, s->arg[2])),
         row = s->nargs == 3 && is_none(at(q, s->arg[1]));
    if (column || row) {
        if (at(q, s->arg[column ? 1 : 2])->kind != SYN_COLON)
            fail(q, s->span, "x[:,None] and x[None,:]", "a new axis stands beside ':'");
        return sdp_numpy_call(q, s, column ? "(n,1)" : "(1,n)", 1, arg);
    }
    bool single = false;
    for (uint32_t k = 1; k < s->nargs; k++) {
        const sdp_syntax *x = at(q, s->arg[k]);
        if (is_none(x) || x->kind == SYN_EMPTY || is(x, "bracket"))
            fail(q, x->span, "X[0,:], x[1:], x[:,None]", "this is no subscript here");
        single |= s->nargs == 3 && x->kind != SYN_COLON && !is(x, "range");
        arg[k] = subscript(q, s->arg[k]);
    }
    sdp_syn result = sdp_numpy_call(q, s, "index", s->nargs, arg);
    return single ? sdp_numpy_call(q, s, "(n,)", 1, &result) : result;
}

// ---- the loop ---------------------------------------------------------------------------------------------

static void absorb(numpy *q, const sdp_syntax *s)
{
    for (uint32_t k = 0; k < s->nargs; k++) q->used[s->arg[k]] = true;
}

// Marks the syntax that becomes a node: all but keywords, tuples, lists, None and literal subscripts.
static void mark(numpy *q)
{
    const sdp_tree *t = q->in;
    // leaves no node itself, but its arguments do
    bool *inside = sdp_scratch(&q->h.g->base, t->count + (size_t)1);
    for (uint32_t i = 0; i < t->statements; i++) q->used[t->statement[i]] = true;
    for (sdp_syn i = t->count; i-- > 0;) {
        const sdp_syntax *s = at(q, i);
        meaning m;
        if (!q->used[i]) continue;
        absorb(q, s);
        bool list = is(s, "tuple") || is(s, "bracket") || is(s, "row") || is(s, "range");
        if (is(s, "key=") || list || is_none(s) || inside[i]) q->used[i] = false;
        if (is(s, "key=")) q->used[s->arg[0]] = false;
        bool index = is(s, "index") && q->used[i], range = is(s, "range");
        bool separate = index && is_part(q, s, &m);
        if (separate) inside[s->arg[0]] = true;
        for (uint32_t k = index ? 1 : 0; (index || range) && k < s->nargs; k++)
            if (is_literal(q, at(q, s->arg[k])) || at(q, s->arg[k])->kind == SYN_COLON || separate)
                q->used[s->arg[k]] = false;
    }
}

static void check_lists(numpy *q, const sdp_syntax *s)
{
    meaning m = {0};
    bool called = sdp_numpy_is_called(q, s),
         takes = called && sdp_numpy_find(s->text, &m) &&
                 (m.form == ARRAY || m.form == SIZE || m.form == JOIN || m.form == RESHAPE);
    // an unknown function, which is refused by name
    if (called && !m.text && !sdp_numpy_is_own(q, s->text)) return;
    for (uint32_t k = 0; k < s->nargs; k++) {
        const sdp_syntax *x = at(q, s->arg[k]);
        if (is(x, "bracket") && m.form != ARRAY && m.form != JOIN && !is(s, "row"))
            fail(q, x->span, "np.array([1, 2])", "a list stands where an array is wanted");
        if (is(x, "tuple") && !takes) fail(q, x->span, NULL, "a tuple has no meaning here");
        if ((is(s, "&") || is(s, "|")) && x->kind == SYN_CALL && strchr("<>=!", x->text[0]) &&
            x->nargs == 2 && !x->parenthesised)
            fail(q, s->span, "(x > 0) & (y > 0)",
                 sdp_printf(&q->h.g->base, "in Python '%s' binds more tightly than comparisons", s->text));
    }
}

// A bare e is somebody's name; the number is np.e.
static sdp_syn word(numpy *q, const sdp_syntax *s)
{
    static const char *const words[] = {"pi", "e", "inf"};
    long rows, cols;
    sdp_syntax copy = *s;
    const char *last = last_part(s->text);
    bool constant = false;
    for (int k = 0; k < 3; k++) constant |= !strcmp(words[k], last);
    if (last != s->text && !constant)
        fail(q, s->span, "np.pi, np.e and np.inf are constants",
             sdp_printf(&q->h.g->base, "unknown name '%s'", s->text));
    const sdp_terms *w = q->h.w;
    bool known = strcmp(s->text, "e") || sdp_numpy_is_own(q, "e") ||
                 sdp_variable_find(q->h.g, "e") != UINT32_MAX ||
                 (w->known && w->known(w->known_data, "e", &rows, &cols));
    if (!known)
        fail(q, s->span, "the number is np.e; for a variable: -d 'e: scalar' or -d 'e: vector'",
             "'e' has two readings");
    copy.text = last;
    return sdp_hand_node(&q->h, &copy, 0, NULL);
}

static sdp_syn rewrite(numpy *q, sdp_syn i)
{
    const sdp_syntax *s = at(q, i);
    if (s->kind == SYN_CALL) check_lists(q, s);
    if (s->kind == SYN_INDEXED)
        fail(q, s->span, "--from plain reads it", "an equation between entries is no expression of NumPy");
    if (s->kind == SYN_NAME) return word(q, s);
    if (is(s, "index")) return indexed(q, s);
    if (sdp_numpy_is_called(q, s) && !sdp_numpy_is_own(q, s->text)) return sdp_numpy_function(q, s);
    sdp_syn *arg = sdp_alloc(&q->h.g->base, (s->nargs + (size_t)1) * sizeof *arg);
    for (uint32_t k = 0; k < s->nargs; k++) {
        if (!q->used[s->arg[k]]) fail(q, at(q, s->arg[k])->span, NULL, "this has no meaning here");
        arg[k] = mapped(q, s->arg[k]);
    }
    sdp_syntax copy = *s;
    if (is(s, "@")) copy.text = "*";
    if (is(s, "**")) copy.text = ".^";
    return sdp_hand_node(&q->h, &copy, s->nargs, arg);
}

// In Python a second x = ... is an assignment.
static void check_definitions(numpy *q)
{
    uint32_t cap = 64;
    while (cap / 2 < q->in->statements + 1) cap *= 2;
    const char **seen = sdp_scratch(&q->h.g->base, cap * sizeof *seen);
    for (uint32_t i = 0; i < q->in->statements; i++) {
        const sdp_syntax *a = at(q, q->in->statement[i]);
        if (a->kind != SYN_DEF) continue;
        uint32_t h = sdp_hash(a->text, strlen(a->text), 29) & (cap - 1);
        for (; seen[h]; h = (h + 1) & (cap - 1))
            if (!strcmp(seen[h], a->text))
                fail(q, a->span, "give the new value a new name",
                     sdp_printf(&q->h.g->base, "'%s' is assigned twice", a->text));
        seen[h] = a->text;
    }
}

sdp_tree *sdp_by_numpy(sdp_terms *w, const sdp_tree *tree)
{
    sdp_base *b = &w->g->base;
    numpy q = {.in = tree, .used = sdp_scratch(b, tree->count + (size_t)1)};
    q.h = (hand){.w = w, .g = w->g, .in = tree, .out = sdp_tree_like(b, tree)};
    q.h.map = sdp_scratch(b, (tree->count + (size_t)1) * sizeof *q.h.map);
    sdp_hand_statements(&q.h);
    check_definitions(&q);
    mark(&q);
    for (sdp_syn i = 0; i < tree->count; i++)
        if (q.used[i]) q.h.map[i] = rewrite(&q, i);
    sdp_tree *out = q.h.out;
    for (uint32_t i = 0; i < tree->statements; i++) {
        if (!q.used[tree->statement[i]])
            fail(&q, at(&q, tree->statement[i])->span, NULL, "this is no expression");
        out->statement[out->statements++] = q.h.map[tree->statement[i]];
    }
    return sdp_tree_keep(b, out);
}
