// SPDX-License-Identifier: MIT
// Corrects or refuses a few words whose letters alone would be misread, by what stands beside them:
//
//   V/(n*VT)      VT is one name: nobody divides V by V*T; beside T, as in T-Tc, the word Tc is refused with
//                 both readings
//   W'S_bW        between W' and W the word S_bW is S_b*W
//   Σ p_i log p_i without its index, h_{t-1} where nothing binds t, norm.(x): refused with what to write
//   Log[1+x]      brackets behind a function with a capital letter are parentheses; so are those around all
//   [[a,b],[c,d]] a matrix by rows
//   (y-Xb)'W(y-Xb) the same parentheses on both sides: a product
//
// Called by hand.c and word.c. Entry: sdp_hand_beside.
#include "ast/surface/habit.h"
#include "ast/surface/hand.h"

#include <string.h>

enum { FACTORS = 32 };

// ---- words beside their own letters -----------------------------------------------------------------------

// The NAMES among the factors of node i, at most FACTORS.
static uint32_t factors(const hand *h, sdp_syn i, const sdp_syntax **name)
{
    sdp_syn stack[FACTORS];
    uint32_t depth = 0, n = 0;
    stack[depth++] = i;
    while (depth) {
        const sdp_syntax *s = &h->in->node[stack[--depth]];
        bool product = is_call(s, "*") || is_call(s, "side") || is_call(s, "neg");
        if (s->kind == SYN_NAME && n < FACTORS) name[n++] = s;
        for (uint32_t k = 0; product && depth + s->nargs <= FACTORS && k < s->nargs; k++)
            stack[depth++] = s->arg[k];
    }
    return n;
}

// Does the word begin with the letter x, where its other letters stand nowhere else?
static bool begins_with(hand *h, const sdp_syntax *word, const sdp_syntax *x)
{
    const char *part[SDP_WORD_PARTS];
    uint32_t n = sdp_hand_parts(h, word->text, part);
    if (n < 2 || x->kind != SYN_NAME || strcmp(part[0], x->text)) return false;
    for (uint32_t k = 1; k < n; k++)
        if (sdp_hand_is_bare(h, part[k]) || sdp_hand_is_known(h, part[k])) return false;
    return true;
}

// V/(n*VT)
static void keep_divisors(hand *h, const sdp_syntax *quotient)
{
    const sdp_syntax *above[FACTORS], *below[FACTORS];
    uint32_t m = factors(h, quotient->arg[1], below), n = factors(h, quotient->arg[0], above);
    for (uint32_t k = 0; k < m; k++)
        for (uint32_t j = 0; j < n; j++)
            if (begins_with(h, below[k], above[j]) && sdp_hand_keep(h, below[k]->text))
                sdp_note(&h->g->base, "%s is one name, for %s would cancel; for the product write %s*%s",
                         below[k]->text, above[j]->text, above[j]->text,
                         below[k]->text + strlen(above[j]->text));
}

// T-Tc
static void refuse_terms(hand *h, const sdp_syntax *sum)
{
    for (uint32_t k = 0; k < 2; k++) {
        const sdp_syntax *word = &h->in->node[sum->arg[k]], *x = &h->in->node[sum->arg[1 - k]];
        if (word->kind != SYN_NAME || !begins_with(h, word, x)) continue;
        sdp_hand_fail(h, word->span,
                      sdp_printf(&h->g->base, "for the product write %s*%s; for a name: -d '%s: scalar'",
                                 x->text, word->text + strlen(x->text), word->text),
                      sdp_printf(&h->g->base, "'%s' has two readings beside %s: a name, or a product",
                                 word->text, x->text));
    }
}

static bool is_differential(const sdp_syntax *s)
{
    return (s->kind == SYN_NAME || s->kind == SYN_CALL) && s->text[0] == 'd' && sdp_is_letter(s->text[1]) &&
           (!s->text[2] || (sdp_is_digit(s->text[2]) && !s->text[3])) && !s->parenthesised;
}

// d/dx x^2, d^2/dx^2 (..), d(x^2)/dx: the sign of a derivative.
static void refuse_operator_d(hand *h, const sdp_syntax *quotient)
{
    const sdp_syntax *a = &h->in->node[quotient->arg[0]], *b = &h->in->node[quotient->arg[1]];
    while (is_call(a, "side") || is_call(a, "*")) a = &h->in->node[a->arg[a->nargs - 1]];
    if (is_call(a, "^")) a = &h->in->node[a->arg[0]];
    if (is_call(b, "side")) b = &h->in->node[b->arg[0]];
    if (is_call(b, "^")) b = &h->in->node[b->arg[0]];
    if (strcmp(a->text ? a->text : "", "d") || a->nargs > 1 || !is_differential(b) ||
        sdp_hand_is_known(h, "d") || sdp_hand_is_defined(h, "d") || sdp_hand_is_known(h, b->text) ||
        sdp_hand_is_defined(h, b->text))
        return;
    const char *x = b->text + 1;
    const sdp_span sign = {a->span.begin, b->kind == SYN_CALL ? b->op.end : b->span.end};
    sdp_hand_fail(
        h, sign,
        sdp_printf(&h->g->base,
                   "leave it out: --wrt %s derives by %s, --order 2 twice; as a term it is grad(f,%s)", x, x,
                   x),
        sdp_printf(&h->g->base, "'%s' is the sign of a derivative", sdp_hand_cut(h, sign)));
}

// dv/dt: hardly a quotient.
static void refuse_rate(hand *h, const sdp_syntax *quotient)
{
    const sdp_syntax *a = &h->in->node[quotient->arg[0]], *b = &h->in->node[quotient->arg[1]];
    while (is_call(a, "side") || is_call(a, "*")) a = &h->in->node[a->arg[a->nargs - 1]];
    if (is_call(b, "side")) b = &h->in->node[b->arg[0]];
    if (!is_differential(a) || !is_differential(b) || sdp_hand_is_known(h, a->text) ||
        sdp_hand_is_known(h, b->text) || sdp_hand_is_defined(h, a->text) || sdp_hand_is_defined(h, b->text))
        return;
    sdp_hand_fail(h, (sdp_span){a->span.begin, b->span.end},
                  sdp_printf(&h->g->base,
                             "for a derivative take a name, %sdot; for a quotient write (%s)/(%s)",
                             a->text + 1, a->text, b->text),
                  sdp_printf(&h->g->base, "'%s/%s' has two readings: a derivative, or a quotient", a->text,
                             b->text));
}

// ‖Ax-b‖ by b, ‖Y-XW‖ by Y, where neither letter stands elsewhere.
static void refuse_image(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i];
    const char *part[SDP_WORD_PARTS];
    bool two = sdp_hand_parts(h, s->text, part) == 2 && !s->text[2]; // letters
    if (!two || !h->matrices || part[0][0] > 'Z' || (part[1][0] > 'Z' && part[1][0] < 'h')) return;
    for (uint32_t k = 0; k < 2; k++)
        if (sdp_hand_is_bare(h, part[k]) || sdp_hand_is_known(h, part[k])) return;
    const sdp_syntax *up = h->parent[i] ? &h->in->node[h->parent[i] - 1] : NULL;
    if (!up || !(is_call(up, "+") || is_call(up, "-") || is_call(up, "norm"))) return;
    sdp_hand_fail(h, s->span,
                  sdp_printf(&h->g->base, "for the product write %s*%s; for a name: -d '%s: vector'", part[0],
                             part[1], s->text),
                  sdp_printf(&h->g->base, "'%s' has two readings: %s*%s, or a name", s->text, part[0],
                             part[1]));
}

// W'S_bW: the word ends with what is transposed in front of it.
static void cut_sandwich(hand *h, const sdp_syntax *side)
{
    for (uint32_t k = 1; k < side->nargs; k++) {
        const sdp_syntax *word = &h->in->node[side->arg[k]], *mark = &h->in->node[side->arg[k - 1]];
        if (word->kind == SYN_NAME && is_call(mark, "'") && h->in->node[mark->arg[0]].kind == SYN_NAME)
            sdp_hand_cut_word(h, word->text, h->in->node[mark->arg[0]].text);
    }
}

// ---- sums and indices without each other ------------------------------------------------------------------

// Names among the nodes from `from` on, before `to`: the index of one such as y_i that nobody declared, 0 if
// there is none, and whether there are others beside it.
static char loose_index(hand *h, sdp_syn from, sdp_syn to, bool *others)
{
    const char *first = NULL;
    char index = 0;
    *others = false;
    for (sdp_syn i = from; i < to; i++) {
        const sdp_syntax *s = &h->in->node[i];
        if (!h->used[i] || s->kind != SYN_NAME) continue;
        const char *bar = strrchr(s->text, '_');
        *others |= first && strcmp(first, s->text);
        first = s->text;
        if (!index && bar && bar > s->text && bar[1] >= 'i' && bar[1] <= 'n' && !bar[2] &&
            !sdp_hand_is_known(h, s->text))
            index = bar[1];
    }
    return index;
}

// Does node i stand where an index is bound, as in sum_i x_i sum(y_i*z)?
static bool is_within_index(const hand *h, sdp_syn i)
{
    for (; h->parent[i]; i = h->parent[i] - 1) {
        const sdp_syntax *up = &h->in->node[h->parent[i] - 1];
        if (up->kind == SYN_INDEXED || up->extra || (up->kind == SYN_CALL && !strncmp(up->text, "bind_", 5)))
            return true;
    }
    return false;
}

// A sum over entries needs its index, or y_i is a name like others. Refused are Σ p_i log p_i,
// Σ (y_i-b)^2, sum(y_i*x_i), and sum(y_i)^2, of which the power of the sum may be meant;
// sum(y_i) has the value that was meant.
static void refuse_sum_of_what(hand *h, sdp_syn i)
{
    static const char *const words[] = {"Σ", "Π", "sum", "prod"};
    enum { SIGNS = 2, WORDS = sizeof words / sizeof *words };
    const sdp_syntax *s = &h->in->node[i], *up = h->parent[i] ? &h->in->node[h->parent[i] - 1] : NULL;
    bool beside = s->kind == SYN_NAME && up && is_call(up, "side") && up->arg[up->nargs - 1] != i, others;
    size_t word = 0;
    while (word < WORDS && strcmp(s->text, words[word])) word++;
    if (word == WORDS || !(beside || (s->kind == SYN_CALL && s->nargs == 1)) ||
        sdp_hand_is_known(h, s->text) || sdp_hand_is_defined(h, s->text))
        return;
    char x = beside ? loose_index(h, i + 1, h->parent[i] - 1, &others)
                    : loose_index(h, sdp_syn_first(h->in, i), i, &others);
    bool power = up && (is_call(up, "^") || is_call(up, ".^")) && up->arg[0] == i && !s->parenthesised;
    if (!x || is_within_index(h, i) || (!beside && word >= SIGNS && !power && !others)) return;
    sdp_span sign = beside ? s->span : s->op, of = {sign.end + (h->in->source[sign.end] == ' '), s->span.end},
             all = {of.begin, beside || power ? up->span.end : s->span.end};
    const char *sum = sdp_hand_cut(h, sign),
               *hint = sdp_printf(&h->g->base, "write %s_%c %s", sum, x, sdp_hand_cut(h, all));
    if (power && word >= SIGNS)
        hint = sdp_printf(&h->g->base, "%s; for a power of the sum (%s_%c %s)%s", hint, sum, x,
                          sdp_hand_cut(h, of), sdp_hand_cut(h, (sdp_span){of.end, all.end}));
    sdp_hand_fail(h, (sdp_span){sign.begin, all.end}, hint, "over which index?");
}

// Is the Σ at operand k of a "side", or below the node `up`, a matrix by what stands there: x'Σx, UΣV', ΣΣ',
// tr(Σ S)?
static bool is_matrix_here(const hand *h, const sdp_syntax *sign, const sdp_syntax *up,
                           const sdp_syntax *over)
{
    int op = over && over->kind == SYN_CALL ? sdp_op_like(over->text) : 0;
    bool found = op && sdp_is_of_square(op);
    for (uint32_t k = 0; up && is_call(up, "side") && k < up->nargs; k++) {
        const sdp_syntax *x = &h->in->node[up->arg[k]];
        bool beside = k && &h->in->node[up->arg[k - 1]] == sign,
             before = k + 1 < up->nargs && &h->in->node[up->arg[k + 1]] == sign,
             capital = x->kind == SYN_NAME && x->text[0] >= 'A' && x->text[0] <= 'Z' &&
                       x->span.end == sign->span.begin;
        found |= (beside || before) && (is_call(x, "'") || (before && capital));
    }
    return found;
}

// Σx², Σ(x-x̄)², log(Σ exp(x)): a Σ in front of everything that it has to do with is a sum whose index is
// missing, unless it is a matrix elsewhere, as in Σw/sqrt(w'Σw).
static void refuse_bare_sums(hand *h)
{
    const sdp_syntax *first = NULL, *all = NULL;
    for (sdp_syn i = 0; i < h->in->count; i++) {
        const sdp_syntax *s = &h->in->node[i], *up = h->parent[i] ? &h->in->node[h->parent[i] - 1] : NULL;
        bool called = s->kind == SYN_CALL && s->nargs == 1 && !s->extra;
        if (!h->used[i] || !(s->kind == SYN_NAME || called) || (strcmp(s->text, "Σ") && strcmp(s->text, "Π")))
            continue;
        const sdp_syntax *over =
            up && h->parent[h->parent[i] - 1] ? &h->in->node[h->parent[h->parent[i] - 1] - 1] : NULL;
        bool front = called || (up && is_call(up, "side") && up->arg[up->nargs - 1] != i);
        if (!front || sdp_hand_is_known(h, s->text) || sdp_hand_is_defined(h, s->text) || s->parenthesised ||
            is_matrix_here(h, s, up, over))
            return;
        if (!first) first = s, all = called ? s : up;
    }
    if (!first || h->in->from != SD_FROM_PLAIN) return;
    const char *sum = first->text,
               *of = sdp_hand_cut(h, (sdp_span){first->kind == SYN_CALL ? first->op.end : first->span.end,
                                                all->span.end});
    while (*of == ' ') of++;
    sdp_hand_fail(h, (sdp_span){first->span.begin, all->span.end},
                  sdp_printf(&h->g->base,
                             "a sum has its index, %s_i x_i, or is %s(...); for a product write %s*%s", sum,
                             strcmp(sum, "Σ") ? "prod" : "sum", sum, of),
                  "over which index?");
}

// The name below node i that is no index, size or variable; NULL.
static const sdp_syntax *free_name(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i];
    if (s->kind == SYN_NAME)
        return sdp_hand_is_index(h, s->text) || sdp_hand_is_known(h, s->text) ||
                       sdp_hand_is_defined(h, s->text)
                   ? NULL
                   : s;
    bool sum = (is_call(s, "+") || is_call(s, "-")) && s->nargs == 2;
    for (uint32_t k = 0; sum && k < 2; k++) {
        const sdp_syntax *a = &h->in->node[s->arg[k]];
        if (a->kind == SYN_NAME && free_name(h, s->arg[k])) return a;
    }
    return NULL;
}

// h_{t-1}: an entry that nobody asked for, h[t-1], or another variable.
void sdp_hand_refuse_free_index(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i], *base = &h->in->node[s->arg[0]];
    if (h->in->from != SD_FROM_PLAIN || base->kind != SYN_NAME ||
        strncmp(h->in->source + base->span.end, "_{", 2))
        return;
    for (uint32_t k = 1; k < s->nargs; k++) {
        const sdp_syntax *name = free_name(h, s->arg[k]);
        if (!name) continue;
        const char *b = base->text,
                   *inside = sdp_hand_cut(h, (sdp_span){h->in->node[s->arg[1]].span.begin,
                                                        h->in->node[s->arg[s->nargs - 1]].span.end});
        sdp_hand_fail(h, s->span,
                      sdp_printf(&h->g->base,
                                 "for the entry write %s[%s], for a variable of its own %s_prev or %s_next",
                                 b, inside, b, b),
                      sdp_printf(&h->g->base, "the index '%s' is bound by no sum", name->text));
    }
}

// ---- brackets ---------------------------------------------------------------------------------------------

static bool is_function_of_brackets(hand *h, const sdp_syntax *base)
{
    int op = base->kind == SYN_NAME && base->text[0] >= 'A' && base->text[0] <= 'Z' && base->text[1]
                 ? sdp_op_like(base->text)
                 : 0;
    return op && sdp_ops[op].kind != SDP_OP_CONST && !sdp_hand_is_known(h, base->text) &&
           !sdp_hand_is_defined(h, base->text);
}

// [[a, b], [c, d]]: brackets in brackets are the rows of a matrix to all but MATLAB, where they are one row.
static bool rows_in_brackets(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i], *row;
    if (!is_call(s, "bracket") || s->nargs != 1 || h->in->from != SD_FROM_PLAIN) return false;
    row = &h->in->node[s->arg[0]];
    sdp_syn *inner = sdp_scratch(&h->g->base, (row->nargs + (size_t)1) * sizeof *inner);
    for (uint32_t k = 0; k < row->nargs; k++) {
        const sdp_syntax *b = &h->in->node[row->arg[k]];
        if (!is_call(b, "bracket") || b->nargs != 1 || b->parenthesised) return false;
        if (h->in->node[b->arg[0]].nargs != h->in->node[h->in->node[row->arg[0]].arg[0]].nargs)
            sdp_hand_fail(h, b->span, "[a, b; c, d] is a matrix by rows, [a, b, c, d] one row",
                          "the rows have different lengths");
        inner[k] = h->map[b->arg[0]];
    }
    if (row->nargs < 2) return false;
    h->map[i] = sdp_hand_node(h, s, row->nargs, inner);
    sdp_note(&h->g->base, "%s is a matrix by rows; for one row leave the inner brackets out",
             sdp_hand_cut(h, s->span));
    return true;
}

// Log[1+x]; and [..] around one formula, as in Σ_i [y_i - x_i]^2
bool sdp_hand_call_of_brackets(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i], *first = s->nargs ? &h->in->node[s->arg[0]] : NULL;
    bool one = is_call(s, "bracket") && s->nargs == 1 && first->nargs == 1 &&
               h->in->node[first->arg[0]].kind == SYN_CALL && h->in->from == SD_FROM_PLAIN;
    if (one) {
        h->map[i] = sdp_hand_whole(h, first->arg[0]);
        h->out->node[h->map[i]].parenthesised = true;
        return true;
    }
    if (rows_in_brackets(h, i)) return true;
    if (!is_call(s, "index") || !is_function_of_brackets(h, first)) return false;
    for (uint32_t k = 1; k < s->nargs; k++)
        if (h->in->node[s->arg[k]].kind == SYN_COLON || is_call(&h->in->node[s->arg[k]], "range"))
            sdp_hand_fail(h, s->span, sdp_printf(&h->g->base, "for an array -d '%s: vector'", first->text),
                          sdp_printf(&h->g->base, "'%s' is a function, and has no entries", first->text));
    sdp_syn *arg = sdp_scratch(&h->g->base, s->nargs * sizeof *arg);
    for (uint32_t k = 1; k < s->nargs; k++) arg[k - 1] = sdp_hand_whole(h, s->arg[k]);
    h->map[i] = sdp_hand_call(h, first->text, first->span, s->span, s->nargs - 1, arg);
    return true;
}

// Does the name at node i call with brackets?
static bool calls(hand *h, sdp_syn i)
{
    const sdp_syntax *up = h->parent[i] ? &h->in->node[h->parent[i] - 1] : NULL;
    return up && is_call(up, "index") && up->arg[0] == i && is_function_of_brackets(h, &h->in->node[i]);
}

// (y-Xb)'W(y-Xb), (I-KH)P(I-KH)'
bool sdp_hand_is_quadratic(const hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i], *up = h->parent[i] ? &h->in->node[h->parent[i] - 1] : NULL;
    uint32_t k = 0;
    if (up && is_call(up, "'") && h->parent[i = h->parent[i] - 1]) up = &h->in->node[h->parent[i] - 1];
    if (!up || !is_call(up, "side") || strlen(s->text) != 1 || s->text[0] < 'A' || s->text[0] > 'Z')
        return false;
    while (k < up->nargs && up->arg[k] != i) k++;
    if (!k || k == up->nargs) return false;
    const sdp_syntax *mark = &h->in->node[up->arg[k - 1]];
    const sdp_syntax *u = is_call(mark, "'") && !mark->parenthesised ? &h->in->node[mark->arg[0]] : mark;
    if (!u->parenthesised) return false;
    uint32_t n = u->outer.end - u->outer.begin;
    return s->span.end - s->op.end == n &&
           !memcmp(h->in->source + s->op.end, h->in->source + u->outer.begin, n);
}

// y_i(w'x_i+b): an entry is no function, unless its letter is that of one.
bool sdp_hand_is_entry(hand *h, const char *name)
{
    const char *bar = strrchr(name, '_');
    return bar && bar == name + 1 && sdp_hand_is_index(h, bar + 1) && !sdp_hand_is_function_letter(name[0]);
}

bool sdp_hand_takes_entries(const char *name)
{
    int op = sdp_op_like(name);
    return op &&
           (sdp_ops[op].kind == SDP_OP_MAP ||
            (sdp_ops[op].kind == SDP_OP_FORM && sdp_shape_rules[sdp_ops[op].shape].guess == SDP_GUESS_MOST));
}

// norm.(x): of each entry. A function of entries has the dot for nothing.
static void refuse_dotted(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i];
    if (s->op.end >= s->span.end || h->in->source[s->op.end] != '.' || h->in->from != SD_FROM_PLAIN ||
        h->in->source[s->op.end + 1] != '(')
        return;
    if (!sdp_hand_takes_entries(s->text))
        sdp_hand_fail(h, s->span,
                      sdp_printf(&h->g->base, "without the dot %s is applied to the whole", s->text),
                      sdp_printf(&h->g->base, "'%s.( )' takes each entry, and %s is no function of entries",
                                 s->text, s->text));
}

// log(k)!, sin (x)!: of the value, or of the argument? A function whose values are whole numbers is clear.
static void refuse_factorial(hand *h, const sdp_syntax *s)
{
    const sdp_syntax *f = &h->in->node[s->arg[0]];
    if (h->in->source[s->op.begin] != '!' || f->kind != SYN_CALL || f->parenthesised ||
        f->op.begin != f->span.begin || f->nargs != 1 || !sdp_hand_is_function(h, f->text) ||
        !sdp_hand_takes_entries(f->text) || h->in->source[f->span.end - 1] != ')' ||
        sdp_ops[sdp_op_like(f->text)].range == SDP_RANGE_integer)
        return;
    const char *x = sdp_hand_cut(h, h->in->node[f->arg[0]].span);
    sdp_hand_fail(h, s->span, sdp_printf(&h->g->base, "write %s((%s)!) or (%s(%s))!", f->text, x, f->text, x),
                  sdp_printf(&h->g->base, "'%s' has two readings", sdp_hand_cut(h, s->span)));
}

// Behind the cut of words into letters, for where one such word is a product all are.
void sdp_hand_refuse_images(hand *h)
{
    for (sdp_syn i = 0; i < h->in->count; i++) {
        const sdp_syntax *s = &h->in->node[i];
        if (h->used[i] && !h->raw[i] && s->kind == SYN_NAME && !sdp_hand_is_glued(h, s->text))
            refuse_image(h, i);
    }
}

// Before words are cut into letters.
void sdp_hand_beside(hand *h)
{
    for (sdp_syn i = 0; i < h->in->count; i++) {
        const sdp_syntax *s = &h->in->node[i];
        if (!h->used[i]) continue;
        if (s->kind == SYN_NAME) {
            refuse_sum_of_what(h, i);
            // and leaves no node of its own
            if (calls(h, i)) h->function[i] = true, (void)sdp_hand_keep(h, s->text);
        }
        if (s->kind != SYN_CALL || h->raw[i]) continue;
        refuse_sum_of_what(h, i);
        refuse_dotted(h, i);
        if (is_call(s, "factorial")) refuse_factorial(h, s);
        if (!strcmp(s->text, "/") && s->nargs == 2)
            keep_divisors(h, s), refuse_operator_d(h, s), refuse_rate(h, s);
        if ((!strcmp(s->text, "+") || !strcmp(s->text, "-")) && s->nargs == 2) refuse_terms(h, s);
        if (!strcmp(s->text, "side")) cut_sandwich(h, s);
    }
    refuse_bare_sums(h);
}
