// SPDX-License-Identifier: MIT
// Operands side by side: which of them are functions, how far each goes, and the product of the rest.
//
//   log det X   sin^2 x       a function takes the operand that follows, glued ones together: sin 2x, tr XᵀX
//   2X   X'(y-z)   1bᵀ        what is no function is a factor; 1 before a row is the vector of ones
//   ∇_x xᵀAx                  the gradient of the product, if no blank stands inside
//   a/b c                     the first piece belongs to the quotient, the rest is multiplied
//
// A "side" node is cut into pieces (pieces_of), which are put together from the left. Entry: sdp_hand_side.
#include "ast/surface/hand.h"

#include <string.h>

// A piece of a "side": a function that waits for its operand, or an operand.
typedef struct {
    sdp_syn node; // of the new tree, of the old one if it is a function
    sdp_span span;
    bool function;
    bool nabla;     // ∇_x a b: the gradient of the product; `node` is the a
    bool delimited; // (x), |x|, f(x): nothing behind it can belong to it
    bool number;
} piece;

// The NAME of sin and of sin^2 in `sin^2 x`.
sdp_syn sdp_hand_function_of(const hand *h, sdp_syn i)
{
    return is_call(&h->in->node[i], "^") ? h->in->node[i].arg[0] : i;
}

bool sdp_hand_is_delimited(const sdp_syntax *s)
{
    if (s->parenthesised) return true;
    bool name = s->kind == SYN_CALL && ((s->text[0] | 32) >= 'a' && (s->text[0] | 32) <= 'z');
    return name && strcmp(s->text, "index") && strcmp(s->text, "side");
}

// The 1 of 1bᵀ: nobody multiplies a row with the number 1.
static bool is_ones(const hand *h, const sdp_syntax *x, sdp_syn next)
{
    const sdp_syntax *row = &h->in->node[next];
    return x->kind == SYN_NUMBER && !strcmp(x->text, "1") && !x->parenthesised && is_call(row, "'") &&
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
                         .delimited = sdp_hand_is_delimited(x),
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
    const sdp_syntax *s = &h->in->node[f->node], *name = &h->in->node[sdp_hand_function_of(h, f->node)];
    sdp_span span = {f->span.begin, h->out->node[arg].span.end};
    sdp_syn call = sdp_hand_call(h, name->text, name->span, span, 1, &arg);
    if (s == name) return call;
    if (is_call(&h->in->node[s->arg[1]], "neg")) {
        const char *x = sdp_hand_cut(h, h->out->node[arg].span), *n = name->text;
        sdp_hand_fail(h, span,
                      sdp_printf(&h->g->base,
                                 "for the inverse function write arc%s(%s), for the reciprocal 1/%s(%s)", n,
                                 x, n, x),
                      "this power has two readings");
    }
    return sdp_hand_call(h, "^", s->op, span, 2, (sdp_syn[]){call, sdp_hand_whole(h, s->arg[1])});
}

// The application that begins at piece k: log det X. *next: the piece behind it; *open:
// its argument has no end of its own.
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
    return is_call(s, "side") && !s->parenthesised && h->function[s->arg[0]];
}

// tr A/n, det A/c: nobody divides in front of a trace or determinant.
static bool is_of_matrices(const hand *h, const sdp_syntax *s)
{
    bool all = h->function[s->arg[0]];
    for (uint32_t k = 0; k < s->nargs && h->function[s->arg[k]]; k++) {
        int op = sdp_op_like(h->in->node[sdp_hand_function_of(h, s->arg[k])].text);
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

// Is node i the right operand of a product or quotient? Its first piece belongs to
// that, and the rest is multiplied.
static bool continues(const hand *h, sdp_syn i)
{
    if (!h->parent[i] || h->in->node[i].parenthesised) return false;
    const sdp_syntax *up = &h->in->node[h->parent[i] - 1];
    return sdp_hand_is_infix(up) && up->arg[1] == i;
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

// [foo x, 1], where foo is no function: two elements, or a product?
static void refuse_in_bracket(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i], *x = &h->in->node[s->arg[1]];
    sdp_span left = h->in->node[s->arg[0]].span;
    if (h->function[s->arg[0]] || sdp_hand_outer(x).begin == left.end || s->parenthesised || !h->parent[i])
        return;
    const sdp_syntax *up = &h->in->node[h->parent[i] - 1];
    while (!up->parenthesised && !is_call(up, "row") && h->parent[up - h->in->node])
        up = &h->in->node[h->parent[up - h->in->node] - 1];
    sdp_syn bracket = is_call(up, "row") ? h->parent[up - h->in->node] : 0;
    if (!bracket) return;
    const sdp_syntax *user = h->parent[bracket - 1] ? &h->in->node[h->parent[bracket - 1] - 1] : NULL;
    if (user && !strncmp(user->text, "bind_", 5)) return; // Σ_i [a_i b_i]
    const char *a = sdp_hand_cut(h, left), *b = sdp_hand_cut(h, sdp_hand_outer(x));
    sdp_hand_fail(h, (sdp_span){left.begin, sdp_hand_outer(x).end},
                  sdp_printf(&h->g->base, "for elements write %s, %s; for a product %s*%s", a, b, a, b),
                  "this has two readings in a bracket");
}

void sdp_hand_side(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i];
    if (h->in->from == SD_FROM_PLAIN) refuse_in_bracket(h, i);
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
