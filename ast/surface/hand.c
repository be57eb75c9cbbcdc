// SPDX-License-Identifier: MIT
// From what a hand writes to the language: products without an operator and functions without brackets.
//
// A reader makes "side" nodes of operands that stand side by side and one NAME of every word. Here, where
// names are known, they become calls and products:
//
//   2X   A x   X'(y-z)        products, from the left, as strong as *
//   log det X   sin^2 x       a function takes the operand that follows (side.c)
//   Ax   xᵀPx   KH            a word that is no name is the product of its letters, if they are (word.c)
//   γ (x-μ)   x(y+z)          so is a variable before a parenthesis
//   1/2 x'Ax   1/N ‖r‖²       a quotient in front is a coefficient
//   I   eye   I_n   1'        the identity and the vector of ones (word.c)
//
// A text with two readings, e.g. log a/b, sin x y or 1/2x, is refused with both. The result is a tree of the
// plain language: no "side" is left, and unused nodes are gone. Passes are loops over the nodes in order; a
// word that is a product has its last letter in map[] and the letters before it in head[], so that x^2 of
// Ax^2 belongs to x. Entry: sdp_by_hand.
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

// ---- products without an operator -------------------------------------------------------------------------

bool sdp_hand_is_quotient(const sdp_syntax *s)
{
    return is_call(s, "/") || is_call(s, "./") || is_call(s, "\\");
}

bool sdp_hand_is_infix(const sdp_syntax *s)
{
    static const char *const ops[] = {"*", ".*", "kron"};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (is_call(s, ops[i]) && s->nargs == 2 && s->op.begin > s->span.begin) return true;
    return sdp_hand_is_quotient(s);
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
    while (is_call(num, "neg")) num = &h->in->node[num->arg[0]];
    bool number = num->kind == SYN_NUMBER, by_number = den->kind == SYN_NUMBER;
    bool tight = q->op.end == sdp_hand_outer(den).begin && strcmp(q->text, "\\");
    bool spaced = sdp_hand_outer(next).begin > sdp_hand_outer(den).end;
    bool bars = is_call(next, "norm") && next->op.begin == next->span.begin && next->op.end == next->span.end;
    while (is_call(next, "^"))
        next = &h->in->node[next->arg[0]], bars |= is_call(next, "norm") || is_call(next, "bars");
    if (h->function[right->arg[0]] || !tight) return false;
    if (den->parenthesised) return spaced || number;
    return (number || by_number) && (spaced || (bars && by_number && (number || num->kind == SYN_NAME)));
}

// λ/2‖w‖²: few mean a divisor 2‖w‖².
static void note_coefficient(hand *h, const sdp_syntax *q, const sdp_syntax *right)
{
    const sdp_syntax *num = &h->in->node[q->arg[0]], *den = &h->in->node[right->arg[0]];
    if (!is_call(right, "side") || num->kind != SYN_NAME || den->kind != SYN_NUMBER ||
        sdp_hand_outer(&h->in->node[right->arg[1]]).begin != den->span.end)
        return;
    const char *more = sdp_hand_cut(h, (sdp_span){den->span.end, right->span.end});
    sdp_note(&h->g->base, "%s/%s is a factor of %s; as a divisor write %s/(%s%s)", num->text, den->text, more,
             num->text, den->text, more);
}

// x' x! x^2 x.^2 x[i]: what stands behind x belongs to the last letter of a word, and to the parentheses
// alone in a (b+c)^2.
static bool is_postfix(const sdp_syntax *s)
{
    static const char *const postfix[] = {"'", "factorial", "^", ".^", "index"};
    for (size_t k = 0; k < sizeof postfix / sizeof *postfix; k++)
        if (is_call(s, postfix[k])) return true;
    return false;
}

// 1/N (x-y)^2: the name before the parenthesis is a factor of it, so this is 1/N
// x'x. Is the quotient a coefficient?
static bool is_coefficient_of_call(hand *h, const sdp_syntax *q, const sdp_syntax *right)
{
    const sdp_syntax *num = &h->in->node[q->arg[0]], *f = right;
    while (is_postfix(f) && !f->parenthesised) f = &h->in->node[f->arg[0]];
    if (f->kind != SYN_CALL || f->op.begin != f->span.begin || f->parenthesised) return false; // a word: a/Ax
    while (is_call(num, "neg")) num = &h->in->node[num->arg[0]];
    char behind = h->in->source[f->op.end];
    bool spaced = behind == ' ' || behind == '\t', tight = q->op.end == f->op.begin && strcmp(q->text, "\\");
    if (num->kind == SYN_NUMBER && spaced && tight) return true;
    const char *a = sdp_hand_cut(h, sdp_hand_outer(&h->in->node[q->arg[0]])), *op = sdp_hand_cut(h, q->op);
    const char *d = sdp_hand_cut(h, f->op), *r = sdp_hand_cut(h, (sdp_span){f->op.end, right->span.end});
    r += strspn(r, " \t");
    sdp_hand_fail(h, (sdp_span){q->span.begin, right->span.end},
                  sdp_printf(&h->g->base, "write %s%s%s*%s or %s%s(%s*%s)", a, op, d, r, a, op, d, r),
                  sdp_printf(&h->g->base, "'%s' has two readings",
                             sdp_hand_cut(h, (sdp_span){q->span.begin, right->span.end})));
}

// x'Ax/x'x: nobody divides by a row, so that the divisor is the product x'x, if nothing in it stands apart.
static bool is_divisor(const hand *h, const sdp_syntax *right)
{
    const sdp_syntax *row = &h->in->node[right->arg[0]];
    bool name = is_call(row, "'") && !row->parenthesised && h->in->node[row->arg[0]].kind == SYN_NAME;
    for (uint32_t k = 1; name && k < right->nargs; k++)
        name = sdp_hand_outer(&h->in->node[right->arg[k]]).begin ==
               sdp_hand_outer(&h->in->node[right->arg[k - 1]]).end;
    return name && h->in->from == SD_FROM_PLAIN;
}

// y ⊙ X w: all that stands side by side is the right operand. A row behind it is doubtful, δ ⊙ f xᵀ. Returns
// whether it took something.
static bool take_entries(hand *h, const sdp_syntax *s, const sdp_syntax *right)
{
    if (!is_call(s, ".*") || right->parenthesised) return false;
    bool side = is_call(right, "side") && h->rest[s->arg[1]] != NOTHING;
    if (!side && h->head[s->arg[1]] == NOTHING) return false;
    const char *a = sdp_hand_cut(h, sdp_hand_outer(&h->in->node[s->arg[0]])), *op = sdp_hand_cut(h, s->op),
               *b = sdp_hand_cut(h, right->span);
    if (side && is_call(&h->in->node[right->arg[right->nargs - 1]], "'")) {
        sdp_span last = sdp_hand_outer(&h->in->node[right->arg[right->nargs - 1]]);
        const char *x = sdp_hand_cut(h, (sdp_span){right->span.begin,
                                                   h->in->node[right->arg[right->nargs - 2]].span.end});
        sdp_hand_fail(h, s->span,
                      sdp_printf(&h->g->base, "write %s %s (%s) or (%s %s %s)*%s", a, op, b, a, op, x,
                                 sdp_hand_cut(h, last)),
                      sdp_printf(&h->g->base, "'%s' has two readings", sdp_hand_cut(h, s->span)));
    }
    sdp_note(&h->g->base, "%s is one operand of %s; otherwise put parentheses around %s%s...", b, op, a, op);
    return true;
}

static void infix(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i], *right = &h->in->node[s->arg[1]];
    sdp_syn rest = h->rest[s->arg[1]], arg[2] = {sdp_hand_whole(h, s->arg[0]), NOTHING};
    if (take_entries(h, s, right)) {
        h->map[s->arg[1]] = sdp_hand_times(h, sdp_hand_whole(h, s->arg[1]), rest);
        rest = NOTHING;
    }
    if (rest != NOTHING && sdp_hand_is_quotient(s) && is_call(right, "side") && right->nargs > 1 &&
        !is_coefficient(h, s, right)) {
        if (!is_divisor(h, right)) two_readings(h, s, right);
        h->map[s->arg[1]] = sdp_hand_times(h, h->map[s->arg[1]], rest);
        rest = NOTHING;
    }
    if (rest != NOTHING && sdp_hand_is_quotient(s)) note_coefficient(h, s, right);
    sdp_syn more = h->head[s->arg[1]] != NOTHING && !right->parenthesised ? h->map[s->arg[1]] : NOTHING;
    arg[1] = more != NOTHING   ? h->head[s->arg[1]]
             : rest != NOTHING ? h->map[s->arg[1]]
                               : sdp_hand_whole(h, s->arg[1]);
    if (more != NOTHING && sdp_hand_is_quotient(s) &&
        !is_coefficient_of_call(h, s, right)) { // a/Ax: one divisor
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
    if (!(is_call(s, "grad") || is_call(s, "hessian")) || s->op.end >= s->span.end ||
        sdp_is_letter(h->in->source[s->op.begin]))
        return false;
    a = &h->in->node[s->arg[0]];
    return !s->parenthesised && !sdp_hand_is_delimited(a) &&
           !(a->kind == SYN_NAME && sdp_hand_is_defined(h, a->text));
}

// ∇_x x'*A*x
static void refuse_nabla(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i], *up = h->parent[i] ? &h->in->node[h->parent[i] - 1] : NULL;
    if (!up || !sdp_hand_is_infix(up) || up->arg[0] != i || !is_open_nabla(h, i)) return;
    sdp_syn top = h->parent[i] - 1;
    while (h->parent[top] && sdp_hand_is_infix(&h->in->node[h->parent[top] - 1]) &&
           !h->in->node[top].parenthesised && h->in->node[h->parent[top] - 1].arg[0] == top)
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
    if (is_call(l, "neg") && !l->parenthesised) minus = left, last = l->arg[0], l = &h->out->node[last];
    if (is_call(l, "*") && l->op.begin == l->span.begin) front = l->arg[0], last = l->arg[1];
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
    if (is_call(s, "side")) sdp_hand_side(h, i);
    else if (is_call(s, "beside")) beside(h, i);
    else if (h->raw[i]) copy(h, i);
    else if (s->kind == SYN_NAME) sdp_hand_word(h, i);
    else if (sdp_hand_is_infix(s)) infix(h, i);
    else if (s->kind == SYN_CALL && sdp_hand_special(h, i)) return;
    else copy(h, i);
}

// \cot x, \operatorname{sech}^2 x: a word in LaTeX in front of an operand is a
// function, and this one is not known.
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

// Marks the used nodes, with their parents. Words in declarations, parameters and indices are marked raw:
// they are no products.
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
                                 is_call(s, "binder");
        }
    }
    for (sdp_syn i = 0; i < t->count; i++) {
        const sdp_syntax *s = &t->node[i];
        if (!h->used[i] || !is_call(s, "side")) continue;
        for (uint32_t k = 0; k < s->nargs; k++) {
            if (k + 1 < s->nargs) sdp_hand_drop_primes(h, s->arg[k], s->arg[k + 1]);
            const sdp_syntax *f = &t->node[sdp_hand_function_of(h, s->arg[k])];
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
    sdp_hand_exponents(&h);
    sdp_hand_mistaken(&h);
    for (sdp_syn i = 0; i < tree->count; i++)
        if (h.used[i]) rewrite(&h, i);
    for (uint32_t i = 0; i < tree->statements; i++)
        h.out->statement[h.out->statements++] = sdp_hand_whole(&h, tree->statement[i]);
    sdp_tree_keep(b, h.out);
    sdp_hand_note(&h);
    return h.out;
}
