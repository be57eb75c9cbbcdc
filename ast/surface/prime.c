// SPDX-License-Identifier: MIT
// The meaning in handwriting of a prime that is no transpose, and of softmax of a matrix: f'(x) of a function
// that the text defines is its derivative at x, f''(x) the second one; f'(x) and y'' of anything else have
// two readings, and are refused with both.
//
// softmax(Q*K'/sqrt(d)) of a product with a transposed matrix behind is taken along the rows, as in every
// text on attention. Called by hand.c before a node is rewritten. Entry: sdp_hand_primes.
#include "ast/surface/hand.h"
#include "ast/surface/habit.h"

#include <string.h>

static bool is_prime(const hand *h, const sdp_syntax *s)
{
    return is_call(s, "'") && h->in->source[s->op.begin] == '\'';
}

// The name below the primes of node i, and how many they are; NULL: something else is there.
static const sdp_syntax *primed(const hand *h, sdp_syn i, uint32_t *n)
{
    const sdp_syntax *s = &h->in->node[i];
    for (*n = 0; is_prime(h, s) && !s->parenthesised && *n < 3; s = &h->in->node[s->arg[0]]) ++*n;
    return *n && s->kind == SYN_NAME && !s->parenthesised ? s : NULL;
}

static bool is_small(const char *name)
{
    return (name[0] >= 'a' && name[0] <= 'z') || sdp_is_greek_name(name);
}
static bool is_declared(const hand *h, const char *name)
{
    return sdp_variable_find(h->g, name) != UINT32_MAX || sdp_dim_is_name(h->g, name);
}

bool sdp_hand_is_function_letter(char c) { return c && strchr("fghuvFGHV", c); }

// f'(x), where f is no function of the text: the letters of functions, or one
// name or number in the parentheses.
static void refuse_derivative(hand *h, const sdp_syntax *f, const sdp_syntax *s, const sdp_syntax *x)
{
    bool letter = strlen(f->text) == 1 && sdp_hand_is_function_letter(f->text[0]),
         leaf = x->kind == SYN_NAME || x->kind == SYN_NUMBER,
         known = sdp_op_like(f->text) && !is_declared(h, f->text);
    if (!(letter || leaf || known) || is_declared(h, f->text)) return;
    sdp_span outer = sdp_hand_outer(x), at = {s->span.begin, outer.end};
    const char *name = f->text, *arg = sdp_hand_cut(h, outer);
    const char *hint =
        known ? sdp_printf(&h->g->base,
                           "the derivative of %s is on the page of symdiff help %s; a product is %s'*%s",
                           name, sdp_ops[sdp_op_like(name)].name, name, arg)
              : sdp_printf(
                    &h->g->base,
                    "for the derivative of a function define it, %s(x) = ...; for a product write %s'*%s",
                    name, name, arg);
    sdp_hand_fail(h, at, hint, sdp_printf(&h->g->base, "'%s' has two readings", sdp_hand_cut(h, at)));
}

// The derivative of the function f of the text, n times, as a name that resolve.c knows.
static const char *derivative_name(hand *h, const sdp_syntax *f, uint32_t n, sdp_span at)
{
    if (n > 2) sdp_hand_fail(h, at, "f'(x), f''(x)", "a third derivative is not read here");
    return sdp_printf(&h->g->base, n == 1 ? "∇%s" : "∇²%s", f->text);
}

// f'(x) in a "side": the name of the derivative takes the place of f', and is a call of what
// follows. Returns the call; NOTHING.
sdp_syn sdp_hand_primes(hand *h, sdp_syn i, sdp_syn next)
{
    uint32_t n;
    const sdp_syntax *f = primed(h, i, &n), *s = &h->in->node[i], *x = &h->in->node[next];
    if (!f || !x->parenthesised || sdp_hand_outer(x).begin != s->span.end) return NOTHING;
    if (!sdp_hand_is_function_of_text(h, f->text)) {
        refuse_derivative(h, f, s, x);
        return NOTHING;
    }
    sdp_span span = {s->span.begin, sdp_hand_outer(x).end};
    return sdp_hand_call(h, derivative_name(h, f, n, span), s->span, span, 1, &h->map[next]);
}

// The f' of f'(x) leaves no node of its own.
void sdp_hand_drop_primes(hand *h, sdp_syn i, sdp_syn next)
{
    uint32_t n;
    const sdp_syntax *f = primed(h, i, &n), *x = &h->in->node[next];
    if (!f || !x->parenthesised || sdp_hand_outer(x).begin != h->in->node[i].span.end ||
        !sdp_hand_is_function_of_text(h, f->text))
        return;
    for (sdp_syn k = i; h->used[k]; k = h->in->node[k].nargs ? h->in->node[k].arg[0] : k) h->used[k] = false;
}

// y'': nobody transposes twice.
void sdp_hand_refuse_primes(hand *h, sdp_syn i)
{
    uint32_t n;
    const sdp_syntax *s = &h->in->node[i], *f = is_prime(h, s) ? primed(h, i, &n) : NULL;
    if (!f || n < 2 || !is_small(f->text) || is_declared(h, f->text) ||
        sdp_hand_is_function_of_text(h, f->text))
        return;
    sdp_hand_fail(
        h, s->span,
        sdp_printf(&h->g->base,
                   "a derivative that is an unknown needs a name of its own, %s2; transposed twice it is %s",
                   f->text, f->text),
        sdp_printf(&h->g->base, "'%s' has two readings", sdp_hand_cut(h, s->span)));
}

// Does node i, through quotients and coefficients, end with the transpose of a matrix by its letter, behind
// another matrix: Q*K'/sqrt(d)?
static bool is_scores(hand *h, sdp_syn i)
{
    const sdp_tree *t = h->in;
    for (;;) {
        const sdp_syntax *s = &t->node[i];
        if (is_call(s, "/")) i = s->arg[0];
        else if (is_call(s, "*") || is_call(s, "side")) {
            const sdp_syntax *last = &t->node[s->arg[s->nargs - 1]], *before = &t->node[s->arg[s->nargs - 2]];
            if (!is_call(last, "'")) {
                i = s->arg[s->nargs - 1];
                continue;
            }
            while (is_call(before, "*")) before = &t->node[before->arg[1]];
            const sdp_syntax *k = &t->node[last->arg[0]];
            return k->kind == SYN_NAME && before->kind == SYN_NAME && sdp_is_matrix_name(k->text) &&
                   sdp_is_matrix_name(before->text);
        } else if (is_call(s, "'")) { // a word: QK'
            const char *k = t->node[s->arg[0]].kind == SYN_NAME ? t->node[s->arg[0]].text : "";
            return k[0] >= 'A' && k[0] <= 'Z' && k[1] >= 'A' && k[1] <= 'Z' && !k[2] &&
                   sdp_hand_is_glued(h, k);
        } else {
            return false;
        }
    }
}

bool sdp_hand_attention(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i];
    if ((strcmp(s->text, "softmax") && strcmp(s->text, "Softmax")) || s->nargs != 1 ||
        !is_scores(h, s->arg[0]))
        return false;
    sdp_syn arg[2] = {sdp_hand_times(h, h->head[s->arg[0]], h->map[s->arg[0]]), NOTHING};
    arg[1] =
        sdp_hand_node(h, &(sdp_syntax){.kind = SYN_NUMBER, .text = "2", .op = s->op, .span = s->op}, 0, NULL);
    h->head[s->arg[0]] = NOTHING;
    h->map[i] = sdp_hand_node(h, s, 2, arg);
    sdp_note(&h->g->base,
             "softmax of this matrix is taken along its rows; down the columns it is softmax(X,1)");
    return true;
}
