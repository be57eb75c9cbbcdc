// SPDX-License-Identifier: MIT
// From what a hand writes to the language: products without an operator and functions without brackets.
//
// A reader makes "side" nodes of operands that stand side by side and one NAME of every word. Here, where
// names are known, they become calls and products:
//
//   2X   A x   X'(y-z)        products, from the left, as strong as *
//   log det X   sin^2 x       a function takes the operand that follows, glued ones together: sin 2x, tr XᵀX
//   Ax   xᵀPx   KH            a word that is no name, and letters of which are variables, is their product (word.c)
//   γ (x-μ)   x(y+z)          so is a variable before a parenthesis
//   1/2 x'Ax   1/N ‖r‖²       a quotient in front is a coefficient
//   I   eye   I_n   1'        the identity and the vector of ones (word.c)
//
// What a person could mean otherwise, log a/b, sin x y, 1/2x, is refused with both texts. The result is a
// tree of the plain language: no "side" is left, and what nothing uses is gone. Passes are loops over the
// nodes in order; a word that is a product has its last letter in map[] and the letters before it in head[],
// so that x^2 of Ax^2 belongs to x. Entry: sdp_by_hand.
#include "ast/surface/hand.h"

#include <string.h>

const char *sdp_hand_cut(hand *h, sdp_span at)
{
    return sdp_printf(&h->g->base, "%.*s", (int)(at.end - at.begin), h->in->source + at.begin);
}

sdp_span sdp_hand_outer(const sdp_syntax *s) { return s->parenthesised ? s->outer : s->span; }

_Noreturn void sdp_hand_fail(hand *h, sdp_span at, const char *hint, const char *message)
{
    h->g->base.source = h->in->source;
    h->g->base.source_name = h->in->source_name;
    sdp_fail(&h->g->base, SD_ERR_SYNTAX, at, hint, "%s", message);
}

// ---- making nodes -----------------------------------------------------------------------------------------

sdp_syn sdp_hand_node(hand *h, const sdp_syntax *like, uint32_t nargs, const sdp_syn *arg)
{
    return sdp_tree_node(&h->g->base, h->out, like, nargs, arg);
}

sdp_syn sdp_hand_call(hand *h, const char *text, sdp_span op, sdp_span span, uint32_t nargs,
                      const sdp_syn *arg)
{
    return sdp_hand_node(h, &(sdp_syntax){.kind = SYN_CALL, .text = text, .op = op, .span = span}, nargs,
                         arg);
}

// The product of two nodes of the new tree; NOTHING stands for a factor that is not there.
sdp_syn sdp_hand_times(hand *h, sdp_syn a, sdp_syn b)
{
    if (a == NOTHING || b == NOTHING) return a == NOTHING ? b : a;
    sdp_span span = {h->out->node[a].span.begin, h->out->node[b].span.end};
    return sdp_hand_call(h, "*", span, span, 2, (sdp_syn[]){a, b});
}

// All of what node i became.
sdp_syn sdp_hand_whole(hand *h, sdp_syn i)
{
    sdp_syn s = sdp_hand_times(h, h->head[i], h->map[i]);
    if (h->head[i] != NOTHING && h->in->node[i].parenthesised) h->out->node[s].parenthesised = true;
    h->head[i] = NOTHING;
    return h->map[i] = s;
}

// ---- functions without brackets ---------------------------------------------------------------------------

// A piece of a "side": a function that waits for its operand, or an operand.
typedef struct {
    sdp_syn node; // of the new tree, of the old one if it is a function
    sdp_span span;
    bool function;
    bool nabla;     // ∇_x a b: the gradient of the product; `node` is the a
    bool delimited; // (x), |x|, f(x): nothing behind it can belong to it
    bool number;
} piece;

static bool is_call_text(const sdp_syntax *s, const char *text)
{
    return s->kind == SYN_CALL && !strcmp(s->text, text);
}

// The NAME of sin and of sin^2 in `sin^2 x`.
static sdp_syn function_of(const hand *h, sdp_syn i)
{
    return is_call_text(&h->in->node[i], "^") ? h->in->node[i].arg[0] : i;
}

static bool is_delimited(const sdp_syntax *s)
{
    if (s->parenthesised) return true;
    bool name = s->kind == SYN_CALL && ((s->text[0] | 32) >= 'a' && (s->text[0] | 32) <= 'z');
    return name && strcmp(s->text, "index") && strcmp(s->text, "side");
}

// The 1 of 1bᵀ: nobody multiplies a row with the number 1.
static bool is_ones(const hand *h, const sdp_syntax *x, sdp_syn next)
{
    const sdp_syntax *row = &h->in->node[next];
    return x->kind == SYN_NUMBER && !strcmp(x->text, "1") && !x->parenthesised && is_call_text(row, "'") &&
           h->in->node[row->arg[0]].kind == SYN_NAME;
}

static uint32_t pieces_of(hand *h, const sdp_syntax *s, piece *p)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < s->nargs; k++) {
        sdp_syn a = s->arg[k], head = h->head[a];
        const sdp_syntax *x = &h->in->node[a];
        if (h->function[a]) {
            p[n++] = (piece){.node = a, .span = x->span, .function = true};
            continue;
        }
        if (h->nabla[a]) { // the gradient is made when its argument is known
            p[n++] = (piece){.node = sdp_hand_whole(h, x->arg[0]), .span = x->span, .nabla = true};
            continue;
        }
        sdp_syn primes = k + 1 < s->nargs && head == NOTHING ? sdp_hand_primes(h, a, s->arg[k + 1]) : NOTHING;
        if (primes != NOTHING) { // f'(x)
            p[n++] = (piece){.node = primes, .span = h->out->node[primes].span, .delimited = true};
            k++;
            continue;
        }
        if (k + 1 < s->nargs && is_ones(h, x, s->arg[k + 1])) { // 1b' is the vector of ones by a row
            sdp_syn one = sdp_hand_node(h, x, 0, NULL);
            p[n++] = (piece){.node = sdp_hand_call(h, "vector", x->span, x->span, 1, &one),
                             .span = x->span,
                             .delimited = true};
            continue;
        }
        bool split = head != NOTHING && !x->parenthesised;
        if (split) p[n++] = (piece){.node = head, .span = h->out->node[head].span};
        sdp_syn rest = split ? h->map[a] : sdp_hand_whole(h, a);
        sdp_span span = split ? h->out->node[rest].span : sdp_hand_outer(x);
        p[n++] = (piece){.node = rest,
                         .span = span,
                         .delimited = is_delimited(x),
                         .number = x->kind == SYN_NUMBER && !x->parenthesised};
    }
    return n;
}

// f x y: f(x)*y or f(x*y)?
static _Noreturn void two_arguments(hand *h, const piece *f, const piece *x, const piece *rest)
{
    const char *name = sdp_hand_cut(h, f->span),
               *arg = sdp_hand_cut(h, (sdp_span){x->span.begin, rest[-1].span.end});
    const char *next = sdp_hand_cut(h, rest->span);
    sdp_hand_fail(h, (sdp_span){f->span.begin, rest->span.end},
                  sdp_printf(&h->g->base, "write %s(%s)*%s or %s(%s*%s)", name, arg, next, name, arg, next),
                  sdp_printf(&h->g->base, "'%s' has two readings",
                             sdp_hand_cut(h, (sdp_span){f->span.begin, rest->span.end})));
}

static sdp_syn applied(hand *h, const piece *f, sdp_syn arg)
{
    const sdp_syntax *s = &h->in->node[f->node], *name = &h->in->node[function_of(h, f->node)];
    sdp_span span = {f->span.begin, h->out->node[arg].span.end};
    sdp_syn call = sdp_hand_call(h, name->text, name->span, span, 1, &arg);
    if (s == name) return call;
    if (is_call_text(&h->in->node[s->arg[1]], "neg")) {
        const char *x = sdp_hand_cut(h, h->out->node[arg].span), *n = name->text;
        sdp_hand_fail(h, span,
                      sdp_printf(&h->g->base,
                                 "for the inverse function write arc%s(%s), for the reciprocal 1/%s(%s)", n,
                                 x, n, x),
                      "this power has two readings");
    }
    return sdp_hand_call(h, "^", s->op, span, 2, (sdp_syn[]){call, sdp_hand_whole(h, s->arg[1])});
}

// The application that begins at piece k: log det X. *next: the piece behind it; *open: its argument has no
// end of its own.
static sdp_syn application(hand *h, const piece *p, uint32_t n, uint32_t k, uint32_t *next, bool *open)
{
    uint32_t first = k;
    while (k < n && p[k].function) k++;
    if (k == n) {
        const char *name = sdp_hand_cut(h, p[n - 1].span);
        sdp_hand_fail(h, p[n - 1].span, sdp_printf(&h->g->base, "write %s(...)", name),
                      sdp_printf(&h->g->base, "'%s' is a function", name));
    }
    uint32_t end = k + 1;
    sdp_syn arg = p[k].node;
    for (; !p[k].delimited && end < n && !p[end].function && p[end].span.begin == p[end - 1].span.end; end++)
        arg = sdp_hand_times(h, arg, p[end].node);
    if (!p[k].delimited && end < n && !p[end].function) two_arguments(h, &p[k - 1], &p[k], &p[end]);
    *open = !p[k].delimited;
    *next = end;
    while (k-- > first) arg = applied(h, &p[k], arg);
    return arg;
}

// sin x/cos x
static bool begins_with_function(const hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i];
    return is_call_text(s, "side") && !s->parenthesised && h->function[s->arg[0]];
}

// tr A/n, det A/c: nobody divides in front of a trace or determinant.
static bool is_of_matrices(const hand *h, const sdp_syntax *s)
{
    bool all = h->function[s->arg[0]];
    for (uint32_t k = 0; k < s->nargs && h->function[s->arg[k]]; k++) {
        int op = sdp_op_like(h->in->node[function_of(h, s->arg[k])].text);
        all &= op == SDP_OP_tr || op == SDP_OP_det || op == SDP_OP_logdet;
    }
    return all;
}

// sin x/2: the operator follows without a blank.
static void refuse_glued_operator(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i], *q = s;
    sdp_syn up = i;
    if (s->parenthesised || !strchr("*/.\\", h->in->source[s->span.end]) ||
        h->in->source[s->span.end] == '\0')
        return;
    while (h->parent[up] && q->op.begin != s->span.end) q = &h->in->node[up = h->parent[up] - 1];
    if (q->op.begin != s->span.end || q->nargs != 2 || begins_with_function(h, q->arg[1]) ||
        is_of_matrices(h, s))
        return;
    const char *op = sdp_hand_cut(h, q->op), *right = sdp_hand_cut(h, h->in->node[q->arg[1]].span);
    const sdp_syntax *x = &h->in->node[s->arg[s->nargs - 1]];
    const char *front = sdp_hand_cut(h, (sdp_span){s->span.begin, x->span.begin}),
               *arg = sdp_hand_cut(h, x->span);
    size_t n = strlen(front);
    while (n && front[n - 1] == ' ') n--;
    sdp_hand_fail(h, (sdp_span){s->span.begin, h->in->node[q->arg[1]].span.end},
                  sdp_printf(&h->g->base, "write %.*s(%s)%s%s or %.*s(%s%s%s)", (int)n, front, arg, op, right,
                             (int)n, front, arg, op, right),
                  "this has two readings: where does the function's argument end?");
}

static _Noreturn void number_behind(hand *h, const piece *left, const piece *right)
{
    const char *l = sdp_hand_cut(h, left->span), *r = sdp_hand_cut(h, right->span);
    sdp_hand_fail(h, right->span, sdp_printf(&h->g->base, "for a product write %s*%s", l, r),
                  sdp_printf(&h->g->base, "expected an operator between '%s' and '%s'", l, r));
}

// ---- products without an operator -------------------------------------------------------------------------

static bool is_quotient(const sdp_syntax *s)
{
    return is_call_text(s, "/") || is_call_text(s, "./") || is_call_text(s, "\\");
}

static bool is_infix(const sdp_syntax *s)
{
    static const char *const ops[] = {"*", ".*", "kron"};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (is_call_text(s, ops[i]) && s->nargs == 2 && s->op.begin > s->span.begin) return true;
    return is_quotient(s);
}

// Is node i the right operand of a product or quotient? Its first piece belongs to that, and the rest is
// multiplied.
static bool continues(const hand *h, sdp_syn i)
{
    if (!h->parent[i] || h->in->node[i].parenthesised) return false;
    const sdp_syntax *up = &h->in->node[h->parent[i] - 1];
    return is_infix(up) && up->arg[1] == i;
}

// ∇_x xᵀAx is the gradient of the product, if nothing but its ends stands apart.
static sdp_syn gradient(hand *h, const sdp_syntax *s, const piece *p, uint32_t n, uint32_t k)
{
    sdp_syn at = s->arg[0], f = p[k].node;
    for (uint32_t a = 0; a < s->nargs; a++)
        if (h->nabla[s->arg[a]] && h->in->node[s->arg[a]].span.begin == p[k].span.begin) at = s->arg[a];
    const sdp_syntax *grad = &h->in->node[at];
    for (uint32_t j = k + 1; j < n; j++) {
        if (p[j].span.begin > p[j - 1].span.end || p[j].function || p[j].nabla) {
            const char *rest = sdp_hand_cut(h, (sdp_span){p[j].span.begin, p[n - 1].span.end}),
                       *nabla = sdp_hand_cut(h, grad->op);
            const char *first =
                sdp_hand_cut(h, (sdp_span){h->in->node[grad->arg[0]].span.begin, p[j - 1].span.end});
            sdp_hand_fail(h, (sdp_span){p[k].span.begin, p[n - 1].span.end},
                          sdp_printf(&h->g->base, "write %s(%s*(%s)) or (%s(%s))*(%s)", nabla, first, rest,
                                     nabla, first, rest),
                          "how far ∇ goes has two readings");
        }
        f = sdp_hand_times(h, f, p[j].node);
    }
    sdp_span span = {p[k].span.begin, p[n - 1].span.end};
    return sdp_hand_call(h, grad->text, grad->op, span, 2, (sdp_syn[]){f, sdp_hand_whole(h, grad->arg[1])});
}

static void side(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i];
    piece *p = sdp_scratch(&h->g->base, 2 * (size_t)s->nargs * sizeof *p);
    uint32_t n = pieces_of(h, s, p), next;
    bool open = false;
    sdp_syn first = NOTHING, rest = NOTHING;
    for (uint32_t k = 0; k < n; k = next) {
        next = k + 1;
        if (k && p[k].number && !p[k - 1].function) number_behind(h, &p[k - 1], &p[k]);
        if (p[k].nabla) next = n;
        sdp_syn one = p[k].nabla      ? gradient(h, s, p, n, k)
                      : p[k].function ? application(h, p, n, k, &next, &open)
                                      : p[k].node;
        if (first == NOTHING) first = one;
        else
            rest = continues(h, i) ? sdp_hand_times(h, rest, one)
                                   : sdp_hand_times(h, rest == NOTHING ? first : rest, one);
    }
    if (open) refuse_glued_operator(h, i);
    if (continues(h, i)) h->map[i] = first, h->rest[i] = rest;
    else h->map[i] = rest == NOTHING ? first : rest;
    if (s->parenthesised) h->out->node[h->map[i]].parenthesised = true;
}

// 1/2x could be (1/2)*x or 1/(2*x): who writes it is asked which.
static _Noreturn void two_readings(hand *h, const sdp_syntax *quotient, const sdp_syntax *right)
{
    const sdp_syntax *den = &h->in->node[right->arg[0]];
    sdp_span left = {quotient->span.begin, sdp_hand_outer(den).end},
             more = {sdp_hand_outer(&h->in->node[right->arg[1]]).begin, right->span.end};
    const char *num = sdp_hand_cut(h, sdp_hand_outer(&h->in->node[quotient->arg[0]])),
               *op = sdp_hand_cut(h, quotient->op);
    const char *d = sdp_hand_cut(h, sdp_hand_outer(den));
    const char *l = sdp_printf(&h->g->base, "%s%s%s", num, op, d), *r = sdp_hand_cut(h, more);
    h->g->base.source = h->in->source;
    h->g->base.source_name = h->in->source_name;
    const char *hint = strlen(l) + strlen(r) > 60
                           ? "write * and parentheses around what belongs together"
                           : sdp_printf(&h->g->base, "write (%s)*%s or %s%s(%s*%s)", l, r, num, op, d, r);
    sdp_fail2(&h->g->base, SD_ERR_SYNTAX, more, left, hint, "'%s' has two readings",
              sdp_hand_cut(h, (sdp_span){left.begin, more.end}));
}

// 1/2 x'Ax, n/2 log det S, λ/2 ‖w‖², 1/(2N)‖r‖²: is the quotient a coefficient of what follows?
static bool is_coefficient(const hand *h, const sdp_syntax *q, const sdp_syntax *right)
{
    const sdp_syntax *num = &h->in->node[q->arg[0]], *den = &h->in->node[right->arg[0]],
                     *next = &h->in->node[right->arg[1]];
    while (is_call_text(num, "neg")) num = &h->in->node[num->arg[0]];
    bool number = num->kind == SYN_NUMBER, by_number = den->kind == SYN_NUMBER;
    bool tight = q->op.end == sdp_hand_outer(den).begin && strcmp(q->text, "\\");
    bool spaced = sdp_hand_outer(next).begin > sdp_hand_outer(den).end;
    bool bars =
        is_call_text(next, "norm") && next->op.begin == next->span.begin && next->op.end == next->span.end;
    while (is_call_text(next, "^"))
        next = &h->in->node[next->arg[0]], bars |= is_call_text(next, "norm") || is_call_text(next, "bars");
    if (h->function[right->arg[0]] || !tight) return false;
    if (den->parenthesised) return spaced || number;
    return (number || by_number) && (spaced || (bars && by_number && (number || num->kind == SYN_NAME)));
}

// λ/2‖w‖²: few mean a divisor 2‖w‖².
static void note_coefficient(hand *h, const sdp_syntax *q, const sdp_syntax *right)
{
    const sdp_syntax *num = &h->in->node[q->arg[0]], *den = &h->in->node[right->arg[0]];
    if (!is_call_text(right, "side") || num->kind != SYN_NAME || den->kind != SYN_NUMBER ||
        sdp_hand_outer(&h->in->node[right->arg[1]]).begin != den->span.end)
        return;
    const char *more = sdp_hand_cut(h, (sdp_span){den->span.end, right->span.end});
    sdp_note(&h->g->base, "%s/%s is a factor of %s; as a divisor write %s/(%s%s)", num->text, den->text, more,
             num->text, den->text, more);
}

static void infix(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i], *right = &h->in->node[s->arg[1]];
    sdp_syn rest = h->rest[s->arg[1]], arg[2] = {sdp_hand_whole(h, s->arg[0]), NOTHING};
    if (rest != NOTHING && is_quotient(s) && is_call_text(right, "side") && right->nargs > 1 &&
        !is_coefficient(h, s, right))
        two_readings(h, s, right);
    if (rest != NOTHING && is_quotient(s)) note_coefficient(h, s, right);
    sdp_syn more = h->head[s->arg[1]] != NOTHING && !right->parenthesised ? h->map[s->arg[1]] : NOTHING;
    arg[1] = more != NOTHING   ? h->head[s->arg[1]]
             : rest != NOTHING ? h->map[s->arg[1]]
                               : sdp_hand_whole(h, s->arg[1]);
    if (more != NOTHING && is_quotient(s)) { // a/Ax: the word is one divisor
        arg[1] = sdp_hand_whole(h, s->arg[1]);
        more = NOTHING;
    }
    sdp_syn made = sdp_hand_node(h, s, 2, arg);
    if (rest != NOTHING || more != NOTHING) {
        sdp_span end = h->out->node[rest != NOTHING ? rest : more].span;
        h->out->node[made].span.end = h->out->node[arg[1]].span.end;
        h->out->node[made].parenthesised = false;
        made = sdp_hand_times(h, sdp_hand_times(h, made, more), rest);
        h->out->node[made].span.end = end.end;
        h->out->node[made].parenthesised = s->parenthesised;
    }
    h->map[i] = made;
}

// ---- all nodes --------------------------------------------------------------------------------------------

// x' x! x^2 x.^2 x[i]: what stands behind x belongs to the last letter of a word, and to the parentheses
// alone in a (b+c)^2.
static bool is_postfix(const sdp_syntax *s)
{
    static const char *const postfix[] = {"'", "factorial", "^", ".^", "index"};
    for (size_t k = 0; k < sizeof postfix / sizeof *postfix; k++)
        if (is_call_text(s, postfix[k])) return true;
    return false;
}

static void copy(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i];
    sdp_syn *arg = sdp_scratch(&h->g->base, (s->nargs + 1) * sizeof *arg), head = NOTHING, rest = NOTHING;
    for (uint32_t k = 0; k < s->nargs; k++) {
        const sdp_syntax *a = &h->in->node[s->arg[k]];
        if (sdp_hand_ends_exponent(h, s, k)) { // p^k (1-p)^m
            rest = h->map[s->arg[k]], arg[k] = h->head[s->arg[k]];
            continue;
        }
        if (k == 0 && is_postfix(s) && !a->parenthesised)
            head = h->head[s->arg[0]], arg[0] = h->map[s->arg[0]];
        else arg[k] = sdp_hand_whole(h, s->arg[k]);
    }
    h->map[i] = sdp_hand_node(h, s, s->nargs, arg);
    if (rest != NOTHING) head = sdp_hand_times(h, head, h->map[i]), h->map[i] = rest;
    h->head[i] = head;
    if (head != NOTHING)
        h->out->node[h->map[i]].span.begin = h->out->node[arg[0]].span.begin,
        h->out->node[h->map[i]].parenthesised = false;
    if (head != NOTHING && s->parenthesised) sdp_hand_whole(h, i);
}

// ∇_x a, where a has no end of its own.
static bool is_open_nabla(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i], *a;
    if (!(is_call_text(s, "grad") || is_call_text(s, "hessian")) || s->op.end >= s->span.end ||
        sdp_is_letter(h->in->source[s->op.begin]))
        return false;
    a = &h->in->node[s->arg[0]];
    return !s->parenthesised && !is_delimited(a) && !(a->kind == SYN_NAME && sdp_hand_is_defined(h, a->text));
}

// ∇_x x'*A*x
static void refuse_nabla(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i], *up = h->parent[i] ? &h->in->node[h->parent[i] - 1] : NULL;
    if (!up || !is_infix(up) || up->arg[0] != i || !is_open_nabla(h, i)) return;
    sdp_syn top = h->parent[i] - 1;
    while (h->parent[top] && is_infix(&h->in->node[h->parent[top] - 1]) && !h->in->node[top].parenthesised &&
           h->in->node[h->parent[top] - 1].arg[0] == top)
        top = h->parent[top] - 1;
    const char *nabla = sdp_hand_cut(h, s->op), *a = sdp_hand_cut(h, h->in->node[s->arg[0]].span);
    const char *rest = sdp_hand_cut(h, (sdp_span){s->span.end, h->in->node[top].span.end});
    sdp_hand_fail(h, h->in->node[top].span,
                  sdp_printf(&h->g->base, "write %s(%s%s) or (%s(%s))%s", nabla, a, rest, nabla, a, rest),
                  "how far ∇ goes has two readings");
}

// 2 sum_i x_i is a product; log sum_i x_i a call of the function, and so is λ log sum_i x_i.
static void beside(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i], *name;
    sdp_syn left = sdp_hand_whole(h, s->arg[0]), right = sdp_hand_whole(h, s->arg[1]), front = NOTHING,
            last = left, minus = NOTHING;
    const sdp_syntax *l = &h->out->node[left];
    if (is_call_text(l, "neg") && !l->parenthesised) minus = left, last = l->arg[0], l = &h->out->node[last];
    if (is_call_text(l, "*") && l->op.begin == l->span.begin) front = l->arg[0], last = l->arg[1];
    name = &h->out->node[last];
    if (name->kind == SYN_NAME && sdp_hand_is_function(h, name->text))
        h->map[i] = sdp_hand_times(h, front, sdp_hand_call(h, name->text, name->span, s->span, 1, &right));
    else h->map[i] = sdp_hand_times(h, left, right), minus = NOTHING;
    if (minus != NOTHING)
        h->map[i] = sdp_hand_node(
            h, &(sdp_syntax){.kind = SYN_CALL, .text = "neg", .op = h->out->node[minus].op, .span = s->span},
            1, &h->map[i]);
    h->out->node[h->map[i]].parenthesised = s->parenthesised;
}

static void rewrite(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i];
    if (h->nabla[i]) return;
    refuse_nabla(h, i);
    sdp_hand_refuse_primes(h, i);
    if (h->function[i] ||
        (h->parent[i] && h->function[h->parent[i] - 1] && h->in->node[h->parent[i] - 1].arg[0] == i))
        return;
    if (is_call_text(s, "side")) side(h, i);
    else if (is_call_text(s, "beside")) beside(h, i);
    else if (h->raw[i]) copy(h, i);
    else if (s->kind == SYN_NAME) sdp_hand_word(h, i);
    else if (is_infix(s)) infix(h, i);
    else if (s->kind == SYN_CALL && sdp_hand_special(h, i)) return;
    else copy(h, i);
}

// \cot x, \operatorname{sech}^2 x: a word in LaTeX in front of an operand is a function, and this one is not
// known.
static void refuse_word(hand *h, const sdp_syntax *f, sdp_span next)
{
    static const char *const fonts[] = {"operatorname", "mathrm", "text", "mathsf"};
    const char *typed = h->in->source + f->span.begin;
    if (h->in->from != SD_FROM_LATEX || *typed != '\\' || !f->text[1] || !sdp_is_letter(f->text[0]) ||
        !sdp_is_letter(f->text[1]))
        return;
    bool word = !strncmp(typed + 1, f->text, strlen(f->text)) && !sdp_is_greek_name(f->text);
    for (size_t i = 0; i < sizeof fonts / sizeof *fonts; i++)
        word |= !strncmp(typed + 1, fonts[i], strlen(fonts[i]));
    if (!word || sdp_variable_find(h->g, f->text) != UINT32_MAX || sdp_hand_is_defined(h, f->text)) return;
    const char *name = sdp_hand_cut(h, f->span);
    sdp_hand_fail(h, (sdp_span){f->span.begin, next.end},
                  sdp_printf(&h->g->base, "for a product of a variable write %s \\cdot %s", name,
                             sdp_hand_cut(h, next)),
                  sdp_printf(&h->g->base, "unknown function '%s'", name));
}

// What stands in declarations, parameters and indices is no product.
static void mark(hand *h)
{
    const sdp_tree *t = h->in;
    for (uint32_t i = 0; i < t->statements; i++) h->used[t->statement[i]] = true;
    for (sdp_syn i = t->count; i-- > 0;) {
        const sdp_syntax *s = &t->node[i];
        bool indices = s->kind == SYN_CALL && s->extra, declares = s->kind == SYN_DECL;
        for (uint32_t k = 0; h->used[i] && k < s->nargs; k++) {
            h->used[s->arg[k]] = true;
            h->parent[s->arg[k]] = declares ? 0 : i + 1;
            h->raw[s->arg[k]] |= declares || h->raw[i] || (s->kind == SYN_DEF && k + 1 < s->nargs) ||
                                 (indices && k < s->extra) || (s->kind == SYN_INDEXED && k + 1 < s->nargs) ||
                                 is_call_text(s, "binder");
        }
    }
    for (sdp_syn i = 0; i < t->count; i++) {
        const sdp_syntax *s = &t->node[i];
        if (!h->used[i] || !is_call_text(s, "side")) continue;
        for (uint32_t k = 0; k < s->nargs; k++) {
            if (k + 1 < s->nargs) sdp_hand_drop_primes(h, s->arg[k], s->arg[k + 1]);
            const sdp_syntax *f = &t->node[function_of(h, s->arg[k])];
            bool bare = !t->node[s->arg[k]].parenthesised && !f->parenthesised && f->kind == SYN_NAME;
            h->function[s->arg[k]] = bare && k + 1 < s->nargs && sdp_hand_is_function(h, f->text);
            if (bare && k + 1 < s->nargs && !h->function[s->arg[k]])
                refuse_word(h, f, sdp_hand_outer(&t->node[s->arg[k + 1]]));
            h->nabla[s->arg[k]] = k + 1 < s->nargs && is_open_nabla(h, s->arg[k]);
        }
    }
}

sdp_tree *sdp_by_hand(sdp_terms *w, const sdp_tree *tree)
{
    sdp_base *b = &w->g->base;
    if (w->template) return (sdp_tree *)tree;
    if (tree->from == SD_FROM_NUMPY) return sdp_by_numpy(w, tree);
    size_t n = tree->count + (size_t)1;
    hand h = {.w = w, .g = w->g, .in = tree, .out = sdp_tree_like(b, tree)};
    h.parent = sdp_scratch(b, n * sizeof *h.parent);
    h.map = sdp_scratch(b, n * sizeof *h.map);
    h.head = sdp_scratch(b, n * sizeof *h.head);
    h.rest = sdp_scratch(b, n * sizeof *h.rest);
    h.used = sdp_scratch(b, n), h.raw = sdp_scratch(b, n), h.function = sdp_scratch(b, n),
    h.nabla = sdp_scratch(b, n);
    memset(h.head, 0xff, n * sizeof *h.head);
    memset(h.rest, 0xff, n * sizeof *h.rest);
    sdp_hand_statements(&h);
    mark(&h);
    h.matrices = sdp_hand_speaks_of_matrices(&h);
    sdp_hand_names(&h);
    for (sdp_syn i = 0; i < tree->count; i++)
        if (h.used[i]) rewrite(&h, i);
    for (uint32_t i = 0; i < tree->statements; i++)
        h.out->statement[h.out->statements++] = sdp_hand_whole(&h, tree->statement[i]);
    sdp_tree_keep(b, h.out);
    sdp_hand_note(&h);
    return h.out;
}
