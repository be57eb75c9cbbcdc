// SPDX-License-Identifier: MIT
// Calls of functions and methods of NumPy, PyTorch and JAX: what their arguments mean.
//
// The form of a function (numpy_name.c) says which arguments it has: an axis, keepdims, sizes, arrays to
// join. Keywords are read where they stand, and what nothing has read is refused. Entry: sdp_numpy_function.
#include "ast/surface/numpy.h"

enum { MOST = 8 };
typedef struct {
    uint32_t n, nkeys;
    sdp_syn arg[MOST], key[MOST];
} arguments;

// ---- making nodes -----------------------------------------------------------------------------------------

sdp_syn sdp_numpy_call(numpy *q, const sdp_syntax *like, const char *text, uint32_t n, const sdp_syn *arg)
{
    sdp_syntax s = *like;
    s.kind = SYN_CALL;
    s.text = text;
    return sdp_hand_node(&q->h, &s, n, arg);
}

sdp_syn sdp_numpy_leaf(numpy *q, sdp_syn_kind kind, sdp_span span, const char *text)
{
    return sdp_hand_node(&q->h, &(sdp_syntax){.kind = kind, .span = span, .op = span, .text = text}, 0, NULL);
}

static arguments arguments_of(numpy *q, const sdp_syntax *s)
{
    arguments a = {0};
    for (uint32_t k = 0; k < s->nargs; k++) {
        bool key = is(at(q, s->arg[k]), "key=");
        if ((key ? a.nkeys : a.n) == MOST) fail(q, s->span, NULL, "too many arguments");
        if (key) a.key[a.nkeys++] = s->arg[k];
        else if (a.nkeys) fail(q, at(q, s->arg[k])->span, NULL, "an argument stands behind one with a name");
        else a.arg[a.n++] = s->arg[k];
    }
    return a;
}

// The value of a keyword, removed from the list; NOTHING: it is not there.
static sdp_syn keyword(numpy *q, arguments *a, const char *name)
{
    for (uint32_t k = 0; k < a->nkeys; k++) {
        const sdp_syntax *s = at(q, a->key[k]);
        const char *typed = q->in->source + s->op.begin;
        if (strncmp(typed, name, strlen(name)) || !strchr(" \t=", typed[strlen(name)])) continue;
        a->key[k] = a->key[--a->nkeys];
        return s->arg[0];
    }
    return NOTHING;
}

static void no_more_keywords(numpy *q, const arguments *a, const sdp_syntax *s)
{
    if (a->nkeys)
        fail(q, at(q, a->key[0])->op, NULL,
             sdp_printf(&q->h.g->base, "'%s' has no such argument here", s->text));
}

static bool is_true(numpy *q, sdp_syn i)
{
    const sdp_syntax *s = at(q, i);
    if (is_word(s, "True") || is_word(s, "False")) return s->text[0] == 'T';
    fail(q, s->span, NULL, "True or False was expected");
}

// The text of an axis; NULL: all of them.
const char *sdp_numpy_axis(numpy *q, sdp_syn i)
{
    const sdp_syntax *s = at(q, i);
    bool minus = is(s, "neg");
    const sdp_syntax *number = minus ? at(q, s->arg[0]) : s;
    if (is_none(s)) return NULL;
    if (number->kind == SYN_NUMBER && !minus && (!strcmp(number->text, "0") || !strcmp(number->text, "1")))
        return number->text[0] == '0' ? "1" : "2";
    if (number->kind == SYN_NUMBER && minus && (!strcmp(number->text, "1") || !strcmp(number->text, "2")))
        return number->text[0] == '1' ? "3" : "4";
    fail(q, s->span, "axes are 0, 1, -1 or -2", "this is no axis of a vector or matrix");
}

// axis=, dim=, or the positional argument k.
static const char *take_axis(numpy *q, arguments *a, uint32_t k)
{
    sdp_syn i = keyword(q, a, "axis"), dim = keyword(q, a, "dim");
    if (i == NOTHING) i = dim;
    if (i == NOTHING && a->n > k) i = a->arg[k];
    return i == NOTHING ? NULL : sdp_numpy_axis(q, i);
}

static bool take_keepdims(numpy *q, arguments *a)
{
    sdp_syn i = keyword(q, a, "keepdims");
    if (i == NOTHING) i = keyword(q, a, "keepdim");
    return i != NOTHING && is_true(q, i);
}

// ---- calls ------------------------------------------------------------------------------------------------

static sdp_syn keep(numpy *q, const sdp_syntax *s, sdp_syn value, const char *axis, bool keepdims)
{
    if (!keepdims) return value;
    if (!axis)
        fail(q, s->span, "leave keepdims out: a number is added to every entry",
             "an array of one entry and two axes is not supported");
    return sdp_numpy_call(q, s, axis[0] == '1' || axis[0] == '4' ? "(1,n)" : "(n,1)", 1, &value);
}

static sdp_syn reduce(numpy *q, const sdp_syntax *s, const meaning *m, arguments *a)
{
    bool torch = !strncmp(s->text, "torch.", 6) || !strncmp(s->text, "F.", 2);
    bool two = a->n > 1 && !strchr(s->text, '.'); // Python's max(a, b)
    if (two && m->text[0] == 'm' && m->text[3] == 'o') {
        sdp_syn pair[2] = {mapped(q, a->arg[0]), mapped(q, a->arg[1])};
        return sdp_numpy_call(q, s, m->text[1] == 'a' ? "max" : "min", 2, pair);
    }
    const char *axis = take_axis(q, a, 1);
    if (axis && torch && m->text[0] == 'm' && m->text[3] == 'o' && strcmp(last_part(s->text), "amax") &&
        strcmp(last_part(s->text), "amin"))
        fail(q, s->op, "torch.amax and torch.amin give the values",
             "in PyTorch this is a pair of values and indices");
    bool kept = take_keepdims(q, a);
    sdp_syn arg[2] = {mapped(q, a->arg[0])};
    if (axis) arg[1] = sdp_numpy_leaf(q, SYN_NUMBER, s->op, axis);
    return keep(q, s, sdp_numpy_call(q, s, m->text, axis ? 2 : 1, arg), axis, kept);
}

// NumPy divides by n, PyTorch by n-1.
static sdp_syn variance(numpy *q, const sdp_syntax *s, const meaning *m, arguments *a)
{
    const char *weight = !strncmp(s->text, "torch.", 6) ? "0" : "1", *axis = take_axis(q, a, 1);
    static const char *const keys[] = {"ddof", "correction", "unbiased"};
    for (int k = 0; k < 3; k++) {
        sdp_syn i = keyword(q, a, keys[k]);
        if (i == NOTHING) continue;
        const sdp_syntax *v = at(q, i);
        bool number = v->kind == SYN_NUMBER && (!strcmp(v->text, "0") || !strcmp(v->text, "1"));
        if (k < 2 && !number) fail(q, v->span, NULL, "0 or 1 was expected");
        weight = k < 2 ? (v->text[0] == '1' ? "0" : "1") : is_true(q, i) ? "0" : "1";
    }
    bool kept = take_keepdims(q, a);
    sdp_syn arg[3] = {mapped(q, a->arg[0]), sdp_numpy_leaf(q, SYN_NUMBER, s->op, weight)};
    arg[2] = axis ? sdp_numpy_leaf(q, SYN_NUMBER, s->op, axis) : sdp_numpy_leaf(q, SYN_STRING, s->op, "all");
    return keep(q, s, sdp_numpy_call(q, s, m->text, 3, arg), axis, kept);
}

static sdp_syn norm(numpy *q, const sdp_syntax *s, const meaning *m, arguments *a)
{
    sdp_syn ord = keyword(q, a, "ord");
    const char *axis = take_axis(q, a, 2);
    bool kept = take_keepdims(q, a), kind = ord != NOTHING || a->n > 1;
    if (ord == NOTHING && a->n > 1) ord = a->arg[1];
    if (kind && is_none(at(q, ord))) kind = false;
    bool vague = !strncmp(s->text, "torch.norm", 10) || s->text[0] == '.';
    if (kind && vague)
        fail(q, s->op, "torch.linalg.norm says what it means",
             "torch.norm has a meaning of its own for each kind of norm");
    sdp_syn arg[3] = {mapped(q, a->arg[0])};
    if (kind) {
        const sdp_syntax *o = at(q, ord);
        bool infinite = o->kind == SYN_NAME && !strcmp(last_part(o->text), "inf");
        if (o->kind != SYN_NUMBER && o->kind != SYN_STRING && !infinite)
            fail(q, o->span, "1, 2, 3, np.inf, 'fro', 'nuc'", "unknown norm");
        arg[1] = sdp_numpy_leaf(q, o->kind, o->span, infinite ? "inf" : o->text);
    } else if (axis) {
        arg[1] = sdp_numpy_leaf(q, SYN_NUMBER, s->op, "2");
    }
    if (axis) arg[2] = sdp_numpy_leaf(q, SYN_NUMBER, s->op, axis);
    return keep(q, s, sdp_numpy_call(q, s, m->text, axis ? 3 : kind ? 2 : 1, arg), axis, kept);
}

static sdp_syn sizes(numpy *q, const sdp_syntax *s, const meaning *m, const arguments *a)
{
    const sdp_syntax *t = at(q, a->arg[0]);
    sdp_syn arg[MOST];
    uint32_t n = is(t, "tuple") ? t->nargs : a->n;
    if (n > 2) fail(q, s->span, NULL, "arrays have at most two axes here");
    bool one[2] = {false, false};
    for (uint32_t k = 0; k < n; k++) {
        sdp_syn size = is(t, "tuple") ? t->arg[k] : a->arg[k];
        one[k] = at(q, size)->kind == SYN_NUMBER && !strcmp(at(q, size)->text, "1");
        arg[k] = mapped(q, size);
    }
    bool two = n == 2 && one[0] != one[1]; // (n,1) and (1,n) have two axes
    if (!two) return sdp_numpy_call(q, s, m->text, n, arg);
    sdp_syn made = sdp_numpy_call(q, s, m->text, 1, one[0] ? &arg[1] : &arg[0]);
    return sdp_numpy_call(q, s, one[0] ? "(1,n)" : "(n,1)", 1, &made);
}

// np.array([..]) and np.array([[..], [..]]): each number a row, or each list one.
static sdp_syn array(numpy *q, const sdp_syntax *s, const arguments *a)
{
    const sdp_syntax *list = at(q, a->arg[0]);
    if (!is(list, "bracket")) return mapped(q, a->arg[0]);
    const sdp_syntax *outer = at(q, list->arg[0]);
    sdp_syn *row = sdp_alloc(&q->h.g->base, outer->nargs * sizeof *row);
    for (uint32_t k = 0; k < outer->nargs; k++) {
        const sdp_syntax *e = at(q, outer->arg[k]), *inner = is(e, "bracket") ? at(q, e->arg[0]) : NULL;
        sdp_syn *item = sdp_alloc(&q->h.g->base, ((inner ? inner->nargs : 0) + (size_t)1) * sizeof *item);
        item[0] = mapped(q, outer->arg[k]);
        for (uint32_t j = 0; inner && j < inner->nargs; j++) item[j] = mapped(q, inner->arg[j]);
        row[k] = sdp_numpy_call(q, e, "row", inner ? inner->nargs : 1, item);
    }
    return sdp_numpy_call(q, s, "bracket", outer->nargs, row);
}

static sdp_syn outer_product(numpy *q, const sdp_syntax *s, const arguments *a)
{
    sdp_syn x = mapped(q, a->arg[0]), y = mapped(q, a->arg[1]);
    sdp_syn pair[2] = {sdp_numpy_call(q, s, "(n,1)", 1, &x), sdp_numpy_call(q, s, "(1,n)", 1, &y)};
    return sdp_numpy_call(q, s, "*", 2, pair);
}

static sdp_syn flatten(numpy *q, const sdp_syntax *s, arguments *a)
{
    sdp_syn order = keyword(q, a, "order"), x = mapped(q, a->arg[0]);
    if (order == NOTHING && a->n > 1) order = a->arg[1];
    bool columns = order != NOTHING && at(q, order)->kind == SYN_STRING && !strcmp(at(q, order)->text, "F");
    if (order != NOTHING && !columns)
        fail(q, at(q, order)->span, "'F' stacks the columns; without it the rows are stacked",
             "unknown order");
    if (!columns) x = sdp_numpy_call(q, s, "'", 1, &x);
    return sdp_numpy_call(q, s, "vec", 1, &x);
}

// len(x), x.size, np.size(X, 0), X.size(0)
static sdp_syn extent(numpy *q, const sdp_syntax *s, const meaning *m, arguments *a)
{
    const char *axis = !strcmp(m->text, "size") ? "1" : take_axis(q, a, 1);
    sdp_syn arg[2] = {mapped(q, a->arg[0])};
    if (axis) arg[1] = sdp_numpy_leaf(q, SYN_NUMBER, s->op, axis);
    return sdp_numpy_call(q, s, axis ? "size" : "numel", axis ? 2 : 1, arg);
}

// The items of a list or tuple of arrays, `rows`: with two axes each; the call `text` of them.
static sdp_syn joined_items(numpy *q, const sdp_syntax *s, const sdp_syntax *list, const char *text,
                            bool rows)
{
    if (is(list, "bracket")) list = at(q, list->arg[0]);
    else if (!is(list, "tuple"))
        fail(q, list->span, "np.concatenate([a, b])", "a list of arrays was expected");
    sdp_syn *item = sdp_alloc(&q->h.g->base, (list->nargs + (size_t)1) * sizeof *item);
    for (uint32_t k = 0; k < list->nargs; k++) {
        item[k] = mapped(q, list->arg[k]);
        if (is(at(q, list->arg[k]), "bracket"))
            fail(q, at(q, list->arg[k])->span, "np.block([[A, B], [C, D]])",
                 "a list stands where an array is wanted");
        if (rows) item[k] = sdp_numpy_call(q, s, "(2d)", 1, &item[k]);
    }
    return sdp_numpy_call(q, s, text, list->nargs, item);
}

// np.block([[A, B], [C, D]]): each list beside each other, the lists below each other
static sdp_syn blocks(numpy *q, const sdp_syntax *s, const arguments *a)
{
    const sdp_syntax *list = at(q, a->arg[0]);
    if (!is(list, "bracket") || !is(at(q, at(q, list->arg[0])->arg[0]), "bracket"))
        return joined_items(q, s, list, "(hstack)", false);
    const sdp_syntax *outer = at(q, list->arg[0]);
    sdp_syn *row = sdp_alloc(&q->h.g->base, (outer->nargs + (size_t)1) * sizeof *row);
    for (uint32_t k = 0; k < outer->nargs; k++) {
        if (!is(at(q, outer->arg[k]), "bracket"))
            fail(q, at(q, outer->arg[k])->span, "np.block([[A, B], [C, D]])",
                 "a list of arrays was expected");
        row[k] = joined_items(q, s, at(q, outer->arg[k]), "(beside)", true);
    }
    return sdp_numpy_call(q, s, "(below)", outer->nargs, row);
}

// np.concatenate([a, b]): vectors behind each other, matrices below or, along axis 1, beside each other.
// np.vstack: vectors are rows.
static sdp_syn joined(numpy *q, const sdp_syntax *s, const meaning *m, arguments *a)
{
    if (m->text[0] == 'b') return blocks(q, s, a);
    if (m->text[0] == '(') return joined_items(q, s, at(q, a->arg[0]), m->text, m->text[1] == 'b');
    const char *axis = take_axis(q, a, 1);
    if (axis && (axis[0] == '3' || axis[0] == '4'))
        fail(q, s->span, "axis=0 or axis=1", "which axis this is depends on how many there are");
    return joined_items(q, s, at(q, a->arg[0]), axis && axis[0] == '2' ? "hcat" : "vcat", false);
}

// x.reshape((m,n)), np.reshape(x, (m,n), order='F'), x.reshape(-1): the rows of x behind each other, with
// order 'F' its columns
static sdp_syn reshaped(numpy *q, const sdp_syntax *s, arguments *a)
{
    sdp_syn order = keyword(q, a, "order"), x = mapped(q, a->arg[0]), size[2];
    bool columns = order != NOTHING && at(q, order)->kind == SYN_STRING && !strcmp(at(q, order)->text, "F");
    if (order != NOTHING && !columns)
        fail(q, at(q, order)->span, "order='F' goes down the columns; without it along the rows",
             "unknown order");
    const sdp_syntax *t = a->n > 1 ? at(q, a->arg[1]) : NULL;
    bool tuple = t && is(t, "tuple"), rest[2] = {false, false};
    uint32_t n = tuple ? t->nargs : a->n - 1;
    if (!n || n > 2) fail(q, s->span, NULL, "arrays have one or two axes here");
    for (uint32_t k = 0; k < n; k++) {
        size[k] = tuple ? t->arg[k] : a->arg[k + 1];
        rest[k] = is(at(q, size[k]), "neg");
    }
    if (!columns) x = sdp_numpy_call(q, s, "'", 1, &x);
    sdp_syn whole = sdp_numpy_call(q, s, "vec", 1, &x);
    bool one[2] = {false, false};
    for (uint32_t k = 0; k < n; k++)
        one[k] = at(q, size[k])->kind == SYN_NUMBER && !strcmp(at(q, size[k])->text, "1");
    if (n == 1 && rest[0]) return whole;
    if (n == 2 && rest[0] && one[1]) return sdp_numpy_call(q, s, "(n,1)", 1, &whole);
    if (n == 2 && rest[1] && one[0]) return sdp_numpy_call(q, s, "(1,n)", 1, &whole);
    if (n == 1 || rest[0] || rest[1] || one[0] || one[1])
        fail(q, s->span, "x.reshape(m,n), x.reshape(-1), x.reshape(-1,1), x.reshape(1,-1)",
             "these sizes are not read");
    for (uint32_t k = 0; k < 2; k++) size[k] = mapped(q, size[k]);
    sdp_syn made =
        sdp_numpy_call(q, s, "reshape", 3, (sdp_syn[]){x, size[columns ? 0 : 1], size[columns ? 1 : 0]});
    return columns ? made : sdp_numpy_call(q, s, "'", 1, &made);
}

// logaddexp(0,x) and heaviside(x,0)
static sdp_syn step(numpy *q, const sdp_syntax *s, const meaning *m, const arguments *a)
{
    sdp_syn arg[2] = {mapped(q, a->arg[0]), mapped(q, a->arg[1])};
    if (m->text[0] == 'l') {
        bool zero = at(q, a->arg[0])->kind == SYN_NUMBER && !strcmp(at(q, a->arg[0])->text, "0");
        return sdp_numpy_call(q, s, zero ? "softplus" : m->text, zero ? 1 : 2, zero ? arg + 1 : arg);
    }
    if (at(q, a->arg[1])->kind != SYN_NUMBER || strcmp(at(q, a->arg[1])->text, "0"))
        fail(q, s->span, "np.where(x>0,1,0) with the value at 0 that is meant",
             "np.heaviside is known with the value 0 at 0");
    return sdp_numpy_call(q, s, m->text, 1, arg);
}

sdp_syn sdp_numpy_function(numpy *q, const sdp_syntax *s)
{
    sdp_base *b = &q->h.g->base;
    meaning m;
    arguments a = arguments_of(q, s);
    bool field = s->text[0] == '.' && s->op.end == s->span.end;
    if (field && !strcmp(s->text, ".shape"))
        fail(q, s->span, "X.shape[0], X.shape[1]", "of a shape one size can be used");
    if (field && strcmp(s->text, ".T") && strcmp(s->text, ".mT") && strcmp(s->text, ".size"))
        sdp_numpy_unknown(q, s);
    if (!strcmp(s->text, ".T") || !strcmp(s->text, ".mT")) m = (meaning){"'", PLAIN, 1, 1};
    else if (!sdp_numpy_find(s->text, &m)) sdp_numpy_unknown(q, s);
    if (!strcmp(s->text, "jax.nn.gelu") && (a.nkeys != 1 || is_true(q, at(q, a.key[0])->arg[0])))
        fail(q, s->span, "jax.nn.gelu(x,approximate=False) is x times the normal distribution function",
             "jax.nn.gelu is an approximation with tanh");
    if (!strcmp(s->text, "jax.nn.gelu")) a.nkeys = 0;
    if (a.n < m.min || a.n > m.max)
        fail(q, s->span, NULL,
             sdp_printf(b, "'%s' takes %u%s argument%s, not %u", s->text, m.min,
                        m.max > m.min ? sdp_printf(b, " to %u", m.max) : "", m.max == 1 ? "" : "s", a.n));
    sdp_syn arg[MOST], result;
    for (uint32_t k = 0; k < a.n; k++) arg[k] = mapped(q, a.arg[k]);
    switch (m.form) {
    case REDUCE: result = reduce(q, s, &m, &a); break;
    case VAR: result = variance(q, s, &m, &a); break;
    case NORM: result = norm(q, s, &m, &a); break;
    case SIZE: result = sizes(q, s, &m, &a); break;
    case OUTER: result = outer_product(q, s, &a); break;
    case ARRAY: result = array(q, s, &a); break;
    case FLATTEN: result = flatten(q, s, &a); break;
    case PART:
        fail(q, s->span, "np.linalg.slogdet(A)[1], np.linalg.eigvalsh(A)[-1]",
             sdp_printf(b, "of '%s' one part can be used", s->text));
    case ALONG: {
        const char *axis = take_axis(q, &a, 1);
        if (axis) arg[1] = sdp_numpy_leaf(q, SYN_NUMBER, s->op, axis);
        result = sdp_numpy_call(q, s, m.text, axis ? 2 : 1, arg);
        break;
    }
    case STEP: result = step(q, s, &m, &a); break;
    case INNER:
        if (!strcmp(last_part(s->text), "inner")) arg[1] = sdp_numpy_call(q, s, "'", 1, &arg[1]);
        result = sdp_numpy_call(q, s, "np.dot", 2, arg);
        break;
    case SHAPE: result = extent(q, s, &m, &a); break;
    case JOIN: result = joined(q, s, &m, &a); break;
    case RESHAPE: result = reshaped(q, s, &a); break;
    case EINSUM:
        (void)keyword(q, &a, "optimize");
        result = sdp_numpy_einsum(q, s, at(q, a.arg[0]), a.n - 1, arg + 1);
        break;
    default: result = sdp_numpy_call(q, s, m.text, a.n, arg); break;
    }
    no_more_keywords(q, &a, s);
    return result;
}
