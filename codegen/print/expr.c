// SPDX-License-Identifier: MIT
// Raised tree to text, for every language: the stack, precedence, sums and powers.
//
// The printer keeps a stack of pieces: text that is ready, and nodes still to be written. Taking a node off
// the stack puts its pieces on it, so depth costs memory, not stack. Parentheses come from one table of
// precedences; where two operators of one level meet, MATLAB's left association is used: 2*x.*y needs none,
// x.*(A*x) does. A "soft" product sign may vanish in unicode, where the text still reads back without it.
#include <string.h>

#include "codegen/print/printer.h"

// ---- sums and powers --------------------------------------------------------------------------------------
static void expand_sum(sdp_printer *p, const sdp_raised *n)
{
    bool mixed = sdp_is_mixed(p, n);
    if (mixed && p->t->methods) sdp_piece_before(p, p->t->array);
    uint32_t up = 0, down = n->split;
    for (uint32_t i = 0; i < n->nargs; i++) {
        bool plus = n->den ? !(n->den >> i & 1) : i < n->split;
        sdp_rid at = n->arg[plus ? up++ : down++];
        const sdp_raised *a = sdp_r(p->r, at);
        bool inline_sum = plus && a->kind == SDP_R_ADD && a->split > 0;
        if (i == 0 && !plus) sdp_piece_text(p, p->t->tex ? "-" : p->t->minus);
        if (i)
            sdp_piece_text(p, plus ? (mixed ? p->t->eplus : p->t->plus) : mixed ? p->t->eminus : p->t->minus);
        if (inline_sum) sdp_piece_node(p, at);
        else if (mixed && p->t->methods && a->form != SDP_SCALAR) sdp_piece_fill(p, p->t->to_array, 1, &at);
        else sdp_piece_at_least(p, at, P_SOLVE);
    }
    if (mixed && p->t->methods) sdp_piece_behind(p, p->t->array);
}

static void superscript(sdp_printer *p, const char *digits)
{
    static const char *const up[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    for (; *digits; digits++) sdp_piece_text(p, up[*digits - '0']);
}

static void expand_power(sdp_printer *p, const sdp_raised *n)
{
    const sdp_notation *t = p->t;
    bool matrix = n->kind == SDP_R_MPOW, element = n->form != SDP_SCALAR && !matrix;
    sdp_rid both[2] = {n->arg[0], n->nargs > 1 ? n->arg[1] : sdp_r_num(p->r, n->num)};
    const sdp_raised *x = sdp_r(p->r, both[1]);
    const char *sign = matrix                             ? n->split && t->rpow ? t->rpow : t->mpow
                       : !element                         ? t->pow
                       : t->apow && x->form != SDP_SCALAR ? t->apow
                                                          : t->epow;
    const char *digits = x->kind == SDP_R_NUM ? sdp_num_text(p->r->g, x->num) : "x";
    bool whole = strspn(digits, "0123456789") == strlen(digits);
    if (strchr(sign, '$')) {
        sdp_piece_fill(p, sign, 2, both);
        return;
    }
    sdp_piece_at_least(p, both[0], t->tex ? P_ATOM : P_POSTFIX); // TeX knows one superscript only
    if (t->unicode && whole && !element && strlen(digits) < 3) {
        superscript(p, digits);
        return;
    }
    sdp_piece_text(p, sign);
    if (t->tex && !element) sdp_piece_text(p, "{");
    if (t->tex) sdp_piece_node(p, both[1]);
    else sdp_piece_at_least(p, both[1], P_ATOM);
    if (t->tex) sdp_piece_text(p, "}");
}

static bool is_inverse(const sdp_printer *p, sdp_rid i)
{
    const sdp_raised *n = sdp_r(p->r, i);
    return n->kind == SDP_R_CALL && n->fn == SDP_OP_inv && !sdp_printed_name(p, i) &&
           !sdp_is_built(p, n->arg[0]);
}

// ---- the stack: what expands to what ----------------------------------------------------------------------
static void expand(sdp_printer *p, sdp_rid i)
{
    const sdp_raised *n = sdp_r(p->r, i);
    if (sdp_printed_name(p, i)) {
        sdp_piece_text(p, sdp_printed_name(p, i));
        return;
    }
    switch (n->kind) {
    case SDP_R_NUM: sdp_expand_number(p, n); break;
    case SDP_R_NAME: sdp_expand_name(p, n); break;
    case SDP_R_CALL: sdp_expand_call(p, n); break;
    case SDP_R_ADD: expand_sum(p, n); break;
    case SDP_R_SCALE: sdp_expand_scale(p, n); break;
    case SDP_R_PROD: sdp_expand_product(p, n); break;
    case SDP_R_HAD: sdp_expand_hadamard(p, n, false); break;
    case SDP_R_POW:
    case SDP_R_MPOW: expand_power(p, n); break;
    case SDP_R_INDEX: sdp_expand_index(p, n); break;
    case SDP_R_ROWS:
    case SDP_R_COLS: sdp_expand_bracket(p, n); break;
    case SDP_R_OVER: sdp_expand_over(p, n); break;
    case SDP_R_SCALED: sdp_piece_fill(p, n->split ? p->t->cols : p->t->rows, 2, n->arg); break;
    case SDP_R_RANGE:
        sdp_piece_node(p, n->arg[0]), sdp_piece_text(p, ":"), sdp_piece_node(p, n->arg[1]);
        break;
    case SDP_R_TRANS:
        if (p->t->flat && sdp_is_raised_vector(n)) sdp_piece_node(p, n->arg[0]);
        else if ((p->t->unicode || p->t->tex) && is_inverse(p, n->arg[0]))
            sdp_piece_at_least(p, sdp_r(p->r, n->arg[0])->arg[0], P_ATOM),
                sdp_piece_text(p, p->t->tex ? "^{-\\top}" : "⁻ᵀ");
        else sdp_piece_fill(p, sdp_is_raised_vector(n) ? p->t->transpose_vector : p->t->transpose, 1, n->arg);
        break;
    default: break;
    }
}

static bool is_greek_letter(const char *s)
{
    unsigned char a = (unsigned char)s[0];
    return a == 0xCE || a == 0xCF;
}

static bool ends_with(const sdp_text *t, const char *s)
{
    size_t n = strlen(s);
    return t->n >= n && memcmp(t->s + t->n - n, s, n) == 0;
}

// Does s end with a Greek letter or a subscript, so that what follows belongs to a name?
static bool ends_letter(const char *s, size_t n)
{
    return (n >= 2 && is_greek_letter(s + n - 2)) || (n >= 3 && memcmp(s + n - 3, "\xE2\x82", 2) == 0);
}

// Does the text read back when the product sign between it and `next` is left out?
static bool juxtaposes(const sdp_text *out, size_t start, const char *next)
{
    bool greek_next = is_greek_letter(next), paren = *next == '(';
    if (out->n == start || (!greek_next && !paren)) return false;
    if (ends_with(out, "ᵀ")) return true;
    size_t i = out->n;
    while (i > start && ((out->s[i - 1] >= '0' && out->s[i - 1] <= '9') ||
                         (out->s[i - 1] >= 'A' && out->s[i - 1] <= 'Z') ||
                         (out->s[i - 1] >= 'a' && out->s[i - 1] <= 'z') || out->s[i - 1] == '_'))
        i--;
    if (i == out->n || (i > start && (out->s[i - 1] == '.' || out->s[i - 1] == '/' ||
                                      ends_letter(out->s + start, i - start))))
        return false;
    bool number = out->s[i] >= '0' && out->s[i] <= '9';
    return number || greek_next; // a name before a parenthesis would be a call
}

static void emit(sdp_printer *p, size_t start, const char *s)
{
    if (p->soft) {
        p->soft = false;
        bool tex_gap = p->t->tex && p->out->n > start;
        if (tex_gap) sdp_put(p->out, " ");
        else if (!p->t->unicode || !juxtaposes(p->out, start, s)) sdp_put(p->out, p->t->times);
    }
    sdp_put(p->out, s);
    if (p->out->n > p->r->g->base.limit.output)
        sdp_limit(&p->r->g->base, "output", p->r->g->base.limit.output);
}

// Does the node n use what stands in `i`, a condition, as a number? Where it meets a
// number as a factor, it has become one.
static bool is_counted(const sdp_printer *p, const sdp_raised *n, sdp_rid i)
{
    const sdp_raised *c = sdp_r(p->r, i);
    if (!sdp_is_infix(c)) return false;
    if (n->kind == SDP_R_HAD || n->kind == SDP_R_SCALE)
        for (uint32_t k = 0; k < n->nargs; k++)
            if (!sdp_is_infix(sdp_r(p->r, n->arg[k]))) return false;
    return true;
}

// Does what stands there stay a condition: what is asked by where, the operands
// of & | !, and the same transposed?
static bool stays_condition(const sdp_raised *n, bool first, bool holds)
{
    if (n->kind == SDP_R_TRANS) return holds;
    if (sdp_is_infix(n)) return sdp_infix_level(n) != P_COMPARE;
    return first && n->kind == SDP_R_CALL && n->fn == SDP_OP_where;
}

static void count(sdp_printer *p, sdp_piece a)
{
    const char *s = p->t->number;
    bool enclosed = *s != '$' && strchr("(,", s[strcspn(s, "$") - 1]);
    bool wrap = !enclosed && (a.what == WRAPPED || a.least > P_PRODUCT); // a product
    sdp_piece_add(p, &p->stack, (sdp_piece){.s = wrap ? p->t->close : "", .what = TEXT});
    sdp_piece_add(p, &p->stack, (sdp_piece){.s = s + strcspn(s, "$") + 2, .what = TEXT});
    sdp_piece_add(p, &p->stack,
                  (sdp_piece){.node = a.node,
                              .what = enclosed || sdp_printed_name(p, a.node) ? NODE : WRAPPED});
    sdp_piece_add(p, &p->stack, (sdp_piece){.s = sdp_piece_copy(p, s, strcspn(s, "$")), .what = TEXT});
    sdp_piece_add(p, &p->stack, (sdp_piece){.s = wrap ? p->t->open : "", .what = TEXT});
}

// A minus in front of a condition meets it before any factor does, -M*x is (-M)*x, and booleans have none.
static bool is_negated(const sdp_printer *p, sdp_piece x, size_t start)
{
    return p->t->number && p->out->n > start && p->out->s[p->out->n - 1] == '-' &&
           sdp_is_infix(sdp_r(p->r, x.node));
}

static void run(sdp_printer *p, sdp_rid root)
{
    size_t start = p->out->n;
    bool answer = p->t->number && root != p->top && sdp_is_infix(sdp_r(p->r, root));
    sdp_piece whole = {.node = root, .what = NODE};
    if (answer) count(p, whole);
    else sdp_piece_add(p, &p->stack, whole);
    while (p->stack.n) {
        sdp_piece x = p->stack.at[--p->stack.n];
        if (x.what == TEXT) {
            emit(p, start, x.s);
        } else if (x.what == BARS) {
            emit(p, start, x.s);
            p->bars = !p->bars;
        } else if (x.what == SIZES) {
            p->sizes = !p->sizes;
        } else if (x.what == SOFT) {
            p->soft = true;
        } else if (is_negated(p, x, start)) {
            count(p, x);
        } else {
            p->now.n = 0;
            if (x.what == WRAPPED) {
                sdp_piece_text(p, p->t->open);
                sdp_piece_node(p, x.node);
                sdp_piece_text(p, p->t->close);
            } else {
                expand(p, x.node);
            }
            const sdp_raised *n = sdp_r(p->r, x.node);
            bool uses = p->t->number && x.what == NODE && !sdp_printed_name(p, x.node);
            uint32_t first = 0;
            while (first < p->now.n && p->now.at[first].what != NODE && p->now.at[first].what != WRAPPED)
                first++;
            for (uint32_t k = p->now.n; k-- > 0;) {
                sdp_piece a = p->now.at[k];
                bool node = a.what == NODE || a.what == WRAPPED;
                a.holds = node && (x.what == WRAPPED ? x.holds : stays_condition(n, k == first, x.holds));
                if (uses && node && !a.holds && is_counted(p, n, a.node)) count(p, a);
                else sdp_piece_add(p, &p->stack, a);
            }
        }
    }
}

void sdp_print_raised(sdp_raiser *r, const sdp_notation *t, const sdp_names *names, sdp_rid root,
                      sdp_text *out)
{
    sdp_printer p = {.r = r, .t = t, .names = names, .out = out};
    run(&p, root);
}

void sdp_print_definition(sdp_raiser *r, const sdp_notation *t, const sdp_names *names, sdp_rid root,
                          sdp_text *out)
{
    sdp_printer p = {.r = r, .t = t, .names = names, .out = out, .top = root};
    run(&p, root);
}
