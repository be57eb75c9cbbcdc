// SPDX-License-Identifier: MIT
// Building the syntax tree, one function for each kind of construct, and the entrance sdp_parse.
//
// While the parser runs, nodes and statements grow in scratch; the finished arrays are copied to `keep`.
// Items whose user is not complete yet (arguments of a call, rows of a bracket) wait on the stack p->pending:
// the parser counts them and the call takes that many off the top.
#include "grammar/tokens.h"

#include <string.h>

#include "parser.h"

void sdp_push(sdp_parser *p, uint32_t item)
{
    p->pending = sdp_grown(p->b, p->pending, p->npending, &p->pending_cap, sizeof *p->pending);
    p->pending[p->npending++] = item;
}

static sdp_syntax *new_node(sdp_parser *p, sdp_syn_kind kind, const char *text, sdp_span op, sdp_span span)
{
    sdp_tree *t = p->tree;
    t->node = sdp_grown(p->b, t->node, t->count, &t->capacity, sizeof *t->node);
    sdp_syntax *node = &t->node[t->count++];
    *node = (sdp_syntax){.kind = kind, .span = span, .outer = span, .op = op, .text = text};
    return node;
}

static sdp_syn newest(const sdp_parser *p) { return p->tree->count - 1; }

// Takes n items off p->pending as arguments, after `first` if there is one.
static void take_arguments(sdp_parser *p, sdp_syntax *node, sdp_syn first, uint32_t n)
{
    uint32_t extra = first != SDP_NO_SYNTAX;
    sdp_syn *arg = sdp_alloc(p->b, ((size_t)n + extra) * sizeof *arg);
    if (extra) arg[0] = first;
    p->npending -= n;
    if (n) memcpy(arg + extra, p->pending + p->npending, n * sizeof *arg);
    node->arg = arg;
    node->nargs = n + extra;
}

sdp_syn sdp_syn_leaf(sdp_parser *p, sdp_syn_kind kind, uint32_t token)
{
    const sdp_token *t = &p->token[token];
    new_node(p, kind, t->text, t->span, t->span);
    return newest(p);
}

sdp_syn sdp_syn_call(sdp_parser *p, const char *text, sdp_span op, sdp_span span, sdp_syn first,
                     uint32_t pending)
{
    take_arguments(p, new_node(p, SYN_CALL, text, op, span), first, pending);
    return newest(p);
}

sdp_syn sdp_syn_binary(sdp_parser *p, uint32_t token, sdp_syn left, sdp_syn right, sdp_span span)
{
    const sdp_token *t = &p->token[token];
    bool swap = strcmp(t->text, ".\\") == 0; // a.\b is b./a
    sdp_push(p, swap ? left : right);
    return sdp_syn_call(p, swap ? "./" : t->text, t->span, span, swap ? right : left, 1);
}

sdp_syn sdp_syn_unary(sdp_parser *p, const char *text, uint32_t token, sdp_syn argument, sdp_span span)
{
    return sdp_syn_call(p, text, p->token[token].span, span, argument, 0);
}

sdp_syn sdp_syn_parenthesise(sdp_parser *p, sdp_syn inside, sdp_span outer)
{
    p->tree->node[inside].outer = outer;
    p->tree->node[inside].parenthesised = true;
    return inside;
}

sdp_syn sdp_syn_side(sdp_parser *p, uint32_t pending, sdp_span span)
{
    if (pending == 1) return p->pending[--p->npending];
    return sdp_syn_call(p, "side", span, span, SDP_NO_SYNTAX, pending);
}

// Are these x < a and x >= a, of names and numbers?
static bool opposite(const sdp_tree *t, sdp_syn first, sdp_syn second)
{
    static const char *const pairs[][2] = {{"<", ">="}, {"<=", ">"}, {"==", "!="}};
    const sdp_syntax *a = &t->node[first], *b = &t->node[second];
    if (a->kind != SYN_CALL || b->kind != SYN_CALL || a->nargs != 2 || b->nargs != 2) return false;
    for (int k = 0; k < 2; k++) {
        const sdp_syntax *x = &t->node[a->arg[k]], *y = &t->node[b->arg[k]];
        if (x->nargs || y->nargs || !x->text || !y->text || strcmp(x->text, y->text)) return false;
    }
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (int k = 0; k < 2; k++)
            if (!strcmp(a->text, pairs[i][k]) && !strcmp(b->text, pairs[i][1 - k])) return true;
    return false;
}

// {a if c; b if d; z otherwise} is where(c,a,where(d,b,z)). Of two cases with opposite
// conditions the second is the rest.
sdp_syn sdp_syn_cases(sdp_parser *p, uint32_t pending, sdp_span span)
{
    sdp_syn *item = sdp_scratch(p->b, pending * sizeof *item);
    p->npending -= pending;
    memcpy(item, p->pending + p->npending, pending * sizeof *item);
    if (pending == 4 && opposite(p->tree, item[1], item[3])) pending = 3;
    if (pending % 2 == 0)
        sdp_fail(p->b, SD_ERR_SYNTAX, span,
                 "end with the value of all other points: {a if x > 0; b otherwise}",
                 "the cases do not say what holds otherwise");
    sdp_syn value = item[pending - 1];
    for (uint32_t i = pending - 1; i > 0; i -= 2) {
        sdp_syn then = item[i - 2], condition = item[i - 1];
        sdp_push(p, then);
        sdp_push(p, value);
        value = sdp_syn_call(p, "where", span, span, condition, 2);
    }
    p->tree->node[value].parenthesised = true;
    return value;
}

// x² and x⁻¹: the text of the token is the number.
sdp_syn sdp_syn_superscript(sdp_parser *p, uint32_t token, sdp_syn base, sdp_span span)
{
    const sdp_token *t = &p->token[token];
    bool negative = t->text[0] == '-';
    new_node(p, SYN_NUMBER, t->text + negative, t->span, t->span);
    sdp_push(p, negative ? sdp_syn_call(p, "neg", t->span, t->span, newest(p), 0) : newest(p));
    return sdp_syn_call(p, "^", t->span, span, base, 1);
}

// x', n!. A transpose behind a power is that of the power; 2^n! is 2^(n!) to most, and (2^n)! to some.
sdp_syn sdp_syn_mark(sdp_parser *p, uint32_t token, sdp_syn base, sdp_span span)
{
    const char *text = p->token[token].text;
    const sdp_syntax *s = &p->tree->node[base];
    bool power =
        s->kind == SYN_CALL && !s->parenthesised && (!strcmp(s->text, "^") || !strcmp(s->text, ".^"));
    if (power && !strcmp(text, "factorial"))
        sdp_fail(p->b, SD_ERR_SYNTAX, span, "write a^(n!) or (a^n)!",
                 "a factorial behind a power has two readings");
    return sdp_syn_unary(p, text, token, base, span);
}

// x ∈ R^n is a vector(n), X ∈ R^{n×d} a matrix(n×d).
sdp_syn sdp_syn_space(sdp_parser *p, uint32_t name, sdp_syn exponent, sdp_span span)
{
    const sdp_syntax *e = &p->tree->node[exponent];
    if (strcmp(p->token[name].text, "R"))
        sdp_fail(p->b, SD_ERR_SYNTAX, span, "x ∈ R^n, X ∈ R^{n×d}, x: vector(n)", "expected a shape");
    // × or \times
    bool matrix = e->kind == SYN_CALL && !strcmp(e->text, "*") && p->source[e->op.begin] != '*';
    return sdp_syn_call(p, matrix ? "matrix" : "vector", p->token[name].span, span, exponent, 0);
}

sdp_syn sdp_syn_sizes(sdp_parser *p, uint32_t rows, uint32_t cols, sdp_span span)
{
    sdp_syn a = sdp_syn_leaf(p, SYN_NUMBER, rows);
    sdp_push(p, sdp_syn_leaf(p, SYN_NAME, cols));
    return sdp_syn_call(p, "*", span, span, a, 1);
}

sdp_syn sdp_syn_range(sdp_parser *p, uint32_t token, sdp_syn first, sdp_syn last, sdp_span span)
{
    sdp_push(p, last);
    return sdp_syn_call(p, "range", p->token[token].span, span, first, 1);
}

// 5:-1:2 is the range 2:5, reversed: a call of "down" until the subscripts are complete.
sdp_syn sdp_syn_steps(sdp_parser *p, uint32_t token, sdp_syn first, sdp_syn step, sdp_syn last, sdp_span span)
{
    const sdp_syntax *s = &p->tree->node[step];
    bool minus = s->kind == SYN_CALL && !strcmp(s->text, "neg");
    const sdp_syntax *number = minus ? &p->tree->node[s->arg[0]] : s;
    if (number->kind != SYN_NUMBER || strcmp(number->text, "1"))
        sdp_fail(p->b, SD_ERR_SYNTAX, s->span, "x[5:-1:2] runs down, x[2:5] up",
                 "the steps of a range are 1 or -1");
    sdp_syn range = sdp_syn_range(p, token, minus ? last : first, minus ? first : last, span);
    if (minus) p->tree->node[range].text = "down";
    return range;
}

// x[5:-1:2] is flip(x[2:5]), X[5:-1:2,:] flip(X[2:5,:],1); x[::-1] of NumPy has a colon of its own.
sdp_syn sdp_syn_index(sdp_parser *p, sdp_syn base, uint32_t pending, sdp_span span)
{
    uint32_t down = 0;
    for (uint32_t k = 0; k < pending; k++) {
        sdp_syntax *s = &p->tree->node[p->pending[p->npending - pending + k]];
        bool range = s->kind == SYN_CALL && !strcmp(s->text, "down"),
             all = s->kind == SYN_COLON && s->text[1];
        if (range) s->text = "range";
        if (all) s->text = ":";
        if ((range || all) && k < 2) down |= 1u << k;
    }
    sdp_syn index = sdp_syn_call(p, "index", span, span, base, pending);
    bool axis = pending > 1 || p->tree->from == SD_FROM_NUMPY;
    for (uint32_t k = 0; k < 2; k++) {
        if (!(down >> k & 1)) continue;
        if (axis) sdp_push(p, (new_node(p, SYN_NUMBER, k ? "2" : "1", span, span), newest(p)));
        index = sdp_syn_call(p, "flip", (sdp_span){span.end - 1, span.end}, span, index, axis);
    }
    return index;
}

// ‖x‖ is norm(x); a subscript of the closing bar is the second argument. |x| is bars(x).
sdp_syn sdp_syn_norm(sdp_parser *p, uint32_t closer, sdp_syn argument, sdp_span span)
{
    static const struct {
        const char *subscript;
        sdp_syn_kind kind;
        const char *text;
    } named[] = {
        {"F", SYN_STRING, "fro"}, {"fro", SYN_STRING, "fro"}, {"nuc", SYN_STRING, "nuc"},
        {"*", SYN_STRING, "nuc"}, {"inf", SYN_NAME, "inf"},   {"∞", SYN_NAME, "inf"},
    };
    const sdp_token *t = &p->token[closer];
    if (t->text && !strcmp(t->text, "|")) return sdp_syn_call(p, "bars", span, span, argument, 0);
    if (!t->text) return sdp_syn_call(p, "norm", span, span, argument, 0);
    sdp_syn_kind kind = t->text[0] >= '0' && t->text[0] <= '9' ? SYN_NUMBER : SYN_NAME;
    const char *text = t->text;
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (strcmp(t->text, named[i].subscript) == 0) kind = named[i].kind, text = named[i].text;
    new_node(p, kind, text, t->span, t->span);
    sdp_push(p, newest(p));
    return sdp_syn_call(p, "norm", span, span, argument, 1);
}

// ∇_x f is grad(f, x), ∇²_x f is hessian(f, x).
sdp_syn sdp_syn_nabla(sdp_parser *p, const char *text, uint32_t token, sdp_syn argument, sdp_span span)
{
    sdp_push(p, sdp_syn_leaf(p, SYN_NAME, token));
    return sdp_syn_call(p, text, p->token[token].span, span, argument, 1);
}

sdp_syn sdp_syn_define(sdp_parser *p, uint32_t name, uint32_t pending, sdp_syn body, sdp_span span)
{
    const sdp_token *t = &p->token[name];
    sdp_push(p, body);
    take_arguments(p, new_node(p, SYN_DEF, t->text, t->span, span), SDP_NO_SYNTAX, pending + 1);
    return newest(p);
}

// sum_p,q(e)
sdp_syn sdp_syn_over(sdp_parser *p, uint32_t token, uint32_t indices, sdp_syn summand, sdp_span span)
{
    sdp_push(p, summand);
    sdp_syn s = sdp_syn_call(p, "over", p->token[token].span, span, SDP_NO_SYNTAX, indices + 1);
    p->tree->node[s].extra = indices;
    return s;
}

// i, i=1, i=1:n: the NAME, then its bounds as far as they are given.
sdp_syn sdp_syn_range_of(sdp_parser *p, uint32_t name, sdp_syn lower, sdp_syn upper, sdp_span span)
{
    uint32_t n = 1;
    sdp_push(p, sdp_syn_leaf(p, SYN_NAME, name));
    if (lower != SDP_NO_SYNTAX) sdp_push(p, lower), n++;
    if (upper != SDP_NO_SYNTAX) sdp_push(p, upper), n++;
    return sdp_syn_call(p, "bounds", span, span, SDP_NO_SYNTAX, n);
}

// The ranges of sum_{..}, then the upper bound ^n if there is one (`extra`);
// its op is the word of the binder.
sdp_syn sdp_syn_binder(sdp_parser *p, uint32_t token, uint32_t ranges, sdp_syn upper, sdp_span span)
{
    bool above = upper != SDP_NO_SYNTAX;
    if (above) sdp_push(p, upper);
    sdp_syn s = sdp_syn_call(p, "binder", p->token[token].span, span, SDP_NO_SYNTAX, ranges + above);
    p->tree->node[s].bounded = above;
    return s;
}

sdp_syn sdp_syn_bind(sdp_parser *p, sdp_syn binder, sdp_syn body, sdp_span span)
{
    static const struct {
        const char *sign, *text;
    } others[] = {{"prod", "bind_prod"}, {"Prod", "bind_prod"}, {"Π", "bind_prod"},   {"∏", "bind_prod"},
                  {"max", "bind_max"},   {"min", "bind_min"},   {"mean", "bind_mean"}};
    sdp_span op = p->tree->node[binder].op;
    const char *text = "bind_sum", *sign = p->source + op.begin + (p->source[op.begin] == '\\'); // \prod
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strncmp(sign, others[i].sign, strlen(others[i].sign))) text = others[i].text;
    sdp_push(p, body);
    return sdp_syn_call(p, text, op, span, binder, 1);
}

// p:e or p:q:e, the vector or matrix with these entries
sdp_syn sdp_syn_entries(sdp_parser *p, uint32_t first, uint32_t second, sdp_syn entry, sdp_span span)
{
    uint32_t indices = second == SDP_NO_TOKEN ? 1 : 2;
    sdp_push(p, sdp_syn_leaf(p, SYN_NAME, first));
    if (indices > 1) sdp_push(p, sdp_syn_leaf(p, SYN_NAME, second));
    sdp_push(p, entry);
    sdp_syn s = sdp_syn_call(p, "entries", p->token[first].span, span, SDP_NO_SYNTAX, indices + 1);
    p->tree->node[s].extra = indices;
    return s;
}

// dF[i,j]/dX[k,l] = right
sdp_syn sdp_syn_equation(sdp_parser *p, sdp_syn left, uint32_t variables, sdp_syn right, sdp_span span)
{
    const sdp_syntax *f = &p->tree->node[left];
    sdp_span name = f->op;
    const char *text = f->text;
    sdp_push(p, right);
    take_arguments(p, new_node(p, SYN_INDEXED, text, name, span), left, variables + 1);
    return newest(p);
}

static void add_statement(sdp_parser *p, sdp_syn s)
{
    sdp_tree *t = p->tree;
    t->statement = sdp_grown(p->b, t->statement, t->statements, &t->statement_capacity, sizeof *t->statement);
    t->statement[t->statements++] = s;
}

void sdp_syn_declare(sdp_parser *p, uint32_t names, sdp_syn shape, sdp_syn result, uint32_t facts,
                     sdp_span span)
{
    sdp_syn after = result != SDP_NO_SYNTAX ? 2 : 1,
            *arg = sdp_alloc(p->b, ((size_t)after + facts) * sizeof *arg);
    arg[0] = shape;
    if (after == 2) arg[1] = result;
    p->npending -= facts;
    if (facts) memcpy(arg + after, p->pending + p->npending, facts * sizeof *arg);
    p->npending -= names;
    for (uint32_t i = 0; i < names; i++) {
        const sdp_token *t = &p->token[p->pending[p->npending + i]];
        sdp_syntax *node = new_node(p, SYN_DECL, t->text, t->span, span);
        node->arg = arg;
        node->nargs = after + facts;
        node->extra = after;
        add_statement(p, newest(p));
    }
    p->hoist = false;
}

// The bindings of `where` stand before their expression, also those on the lines that follow it.
void sdp_syn_statement(sdp_parser *p, sdp_syn expression, uint32_t bindings)
{
    sdp_tree *t = p->tree;
    if (expression == SDP_NO_SYNTAX && p->hoist) expression = t->statement[--t->statements];
    p->hoist = expression != SDP_NO_SYNTAX && bindings > 0;
    p->npending -= bindings;
    for (uint32_t i = 0; i < bindings; i++) add_statement(p, p->pending[p->npending + i]);
    if (expression != SDP_NO_SYNTAX) add_statement(p, expression);
}

sdp_syn sdp_syn_first(const sdp_tree *t, sdp_syn root)
{
    sdp_syn first = root;
    for (sdp_syn i = root + 1; i-- > first;)
        for (uint32_t k = 0; k < t->node[i].nargs; k++)
            if (t->node[i].arg[k] < first) first = t->node[i].arg[k];
    return first;
}
