// SPDX-License-Identifier: MIT
// Is I the identity, or a variable? The first where it is added to something, A + λI, in a text that speaks
// of matrices; the second where it is one of several factors, β*S*I. I_n is the identity where n is a size of
// something declared. Anything else is refused with both texts.
//
// And is x_2 the entry of a declared vector x, or a variable of its own?
//
// Every name that hand.c puts into the new tree passes here. Entry: sdp_hand_name.
#include "ast/surface/hand.h"

#include <string.h>

// C (sI-A): a letter before parentheses
static bool is_factor(const hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i];
    return s->kind == SYN_CALL && s->nargs == 1 && s->text[0] >= 'A' && s->text[0] <= 'Z' && !s->text[1];
}

// Does the text speak of matrices?
bool sdp_hand_speaks_of_matrices(const hand *h)
{
    static const char *const words[] = {"'",    "inv",  "pinv", "det",  "logdet", "tr", "trace",
                                        "norm", "chol", "expm", "kron", "bars",   "\\", "diag"};
    for (sdp_syn i = 0; i < h->in->count; i++) {
        const sdp_syntax *s = &h->in->node[i];
        if (!h->used[i] || s->kind != SYN_CALL) continue;
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (!strcmp(s->text, words[k])) return true;
        if (!strcmp(s->text, "^") &&
            !strcmp(h->in->node[s->arg[1]].text ? h->in->node[s->arg[1]].text : "", "neg") &&
            (h->in->node[s->arg[0]].parenthesised || is_factor(h, s->arg[0])))
            return true;
        bool product = !strcmp(s->text, "*") || !strcmp(s->text, "side");
        for (uint32_t k = 0; product && k + 1 < s->nargs; k++) // (A + λI)x
            if (h->in->node[s->arg[k]].parenthesised) return true;
    }
    return false;
}

// Is node i, perhaps as the last factor of a product, added to something?
static bool is_added(const hand *h, sdp_syn i)
{
    while (h->parent[i]) {
        sdp_syn up = h->parent[i] - 1;
        const sdp_syntax *s = &h->in->node[up];
        bool product = s->kind == SYN_CALL &&
                       (!strcmp(s->text, "*") || !strcmp(s->text, "side") || !strcmp(s->text, "neg"));
        if (s->kind == SYN_CALL && (!strcmp(s->text, "+") || !strcmp(s->text, "-"))) return true;
        if (!product || s->parenthesised || s->arg[s->nargs - 1] != i) return false;
        i = up;
    }
    return false;
}

// Is node i one of several factors, all of them names and numbers, of which another is a capital letter?
// Nobody multiplies with the identity there: β*S*I, I*R.
static bool is_among_factors(const hand *h, sdp_syn i)
{
    const sdp_tree *t = h->in;
    sdp_syn stack[16];
    uint32_t depth = 0, factors = 0, capitals = 0;
    sdp_syn top = i;
    for (; h->parent[top]; top = h->parent[top] - 1) {
        const sdp_syntax *up = &t->node[h->parent[top] - 1];
        bool product = up->kind == SYN_CALL &&
                       (!strcmp(up->text, "*") || !strcmp(up->text, "side") || !strcmp(up->text, "neg") ||
                        (!strcmp(up->text, "/") && up->arg[0] == top));
        if (!product) break;
    }
    stack[depth++] = top;
    while (depth) {
        sdp_syn at = stack[--depth];
        const sdp_syntax *s = &t->node[at];
        if (s->kind == SYN_NAME)
            factors++, capitals += at != i && s->text[0] >= 'A' && s->text[0] <= 'Z' &&
                                   (!s->text[1] || s->text[1] == '_');
        else if (s->kind != SYN_CALL
                     ? s->kind != SYN_NUMBER
                     : depth + s->nargs > 16 || (strcmp(s->text, "*") && strcmp(s->text, "side") &&
                                                 strcmp(s->text, "neg") && strcmp(s->text, "/")))
            return false;
        for (uint32_t k = 0; s->kind == SYN_CALL && k < s->nargs; k++) stack[depth++] = s->arg[k];
    }
    return factors >= 2 && capitals;
}

static bool is_digits(const char *s)
{
    return *s >= '1' && *s <= '9' && strspn(s, "0123456789") == strlen(s) && strlen(s) < 6;
}

// Has something declared this size?
static bool is_declared_size(const hand *h, const char *digits)
{
    long n = 0;
    for (const char *s = digits; *s; s++) n = 10 * n + (*s - '0');
    sdp_dim size = sdp_dim_int(h->g, n);
    for (uint32_t i = 0; i < h->g->nvars; i++)
        if (h->g->var[i].declared && (h->g->var[i].shape.rows == size || h->g->var[i].shape.cols == size))
            return true;
    return false;
}

// mn, 2n: a product of declared sizes
static bool is_product_of_sizes(const hand *h, const char *s)
{
    for (; *s; s++) {
        char one[2] = {*s, 0};
        if ((*s < '0' || *s > '9') && !sdp_dim_is_name(h->g, one)) return false;
    }
    return true;
}

// I_3[:,2]
static bool has_entries(const hand *h, sdp_syn i)
{
    const sdp_syntax *up = h->parent[i] ? &h->in->node[h->parent[i] - 1] : NULL;
    return up && up->kind == SYN_CALL && !strcmp(up->text, "index") && up->arg[0] == i;
}

// The size of I, I_n, eye: 1 if it is left to the context, 2 if the name says it, 3 if that is the size of
// something declared, 0 if this is none.
static int identity(hand *h, sdp_syn i, const char *text)
{
    if (sdp_hand_is_known(h, text)) return 0;
    if (sdp_hand_is_word(h, text)) return 0;
    if (!strcmp(text, "I") || !strcmp(text, "eye")) return 1;
    if (text[0] != 'I' || text[1] != '_' || text[2] == '0') return 0; // I_0: a number
    bool digits = is_digits(text + 2) && strcmp(text, "I_1");
    if (sdp_dim_is_name(h->g, text + 2) || (digits && is_declared_size(h, text + 2))) return 3;
    if (digits ? has_entries(h, i) : is_product_of_sizes(h, text + 2) && !is_digits(text + 2)) return 2;
    return text[2] >= 'a' && text[2] <= 'z' && !text[3] ? 2 : 0;
}

// x_2 where x is a declared vector and nobody knows an x_2: its entry, x[2], if the text does not speak of x
// otherwise. Beside x, as in norm(x-x_1)^2, it may be another vector. NOTHING: a name like any other.
static sdp_syn entry(hand *h, const sdp_syntax *name)
{
    const char *bar = strrchr(name->text, '_');
    if (!bar || bar == name->text || !is_product_of_sizes(h, bar + 1) || bar[1] == '0' || !bar[1] ||
        sdp_hand_is_known(h, name->text) || sdp_hand_is_defined(h, name->text))
        return NOTHING;
    const char *base =
        sdp_name(&h->g->base, sdp_strndup(&h->g->base, name->text, (size_t)(bar - name->text)));
    uint32_t v = sdp_variable_find(h->g, base);
    if (v == UINT32_MAX || !h->g->var[v].declared || !sdp_is_vector(h->g->var[v].shape) ||
        sdp_hand_is_index(h, name->text))
        return NOTHING;
    bool number = is_digits(bar + 1);
    if (sdp_hand_is_bare(h, base) || (!number && !sdp_dim_is_name(h->g, bar + 1)))
        sdp_hand_fail(
            h, name->span,
            sdp_printf(&h->g->base,
                       "for the entry write %s[%s], for a variable -d '%s: scalar' or another shape", base,
                       bar + 1, name->text),
            sdp_printf(&h->g->base, "'%s' has two readings: an entry of %s, or a variable", name->text,
                       base));
    sdp_syntax s = *name, at = *name;
    s.text = base;
    if (number) at.kind = SYN_NUMBER;
    at.text = bar + 1;
    sdp_syn arg[2] = {sdp_hand_node(h, &s, 0, NULL), sdp_hand_node(h, &at, 0, NULL)};
    return sdp_hand_call(h, "index", name->span, name->span, 2, arg);
}

static const sdp_syntax *above(const hand *h, sdp_syn *i)
{
    if (!h->parent[*i]) return NULL;
    *i = h->parent[*i] - 1;
    return &h->in->node[*i];
}

// k*[A]*[B]: a matrix of one block, or a concentration? A declaration tells.
static void refuse_concentration(hand *h, sdp_syn i, const char *text)
{
    sdp_syn at = i;
    const sdp_syntax *row = above(h, &at), *bracket = row ? above(h, &at) : NULL,
                     *up = bracket ? above(h, &at) : NULL;
    if (!up || up->kind != SYN_CALL || h->in->from != SD_FROM_PLAIN ||
        strcmp(row->text ? row->text : "", "row") || strcmp(bracket->text ? bracket->text : "", "bracket"))
        return;
    bool factor = !strcmp(up->text, "*") || !strcmp(up->text, "side") || !strcmp(up->text, "/") ||
                  !strcmp(up->text, "^");
    bool told = sdp_variable_find(h->g, text) != UINT32_MAX || sdp_hand_is_defined(h, text) ||
                (sdp_hand_is_known(h, text) && !sdp_is_asked(h->g, text));
    if (!factor || row->nargs != 1 || bracket->nargs != 1 || told || text[0] < 'A' || text[0] > 'Z') return;
    sdp_hand_fail(h, bracket->span,
                  sdp_printf(&h->g->base, "for a matrix write %s, for a concentration -d '%s: scalar'", text,
                             text),
                  sdp_printf(&h->g->base,
                             "'[%s]' has two readings: a matrix of one block, or a concentration", text));
}

// A name of the new tree, or the identity or the entry that it stands for.
sdp_syn sdp_hand_name(hand *h, sdp_syn i, const char *text, sdp_span span)
{
    sdp_syntax s = {.kind = SYN_NAME, .text = text, .span = span, .op = span};
    refuse_concentration(h, i, text);
    int how = identity(h, i, text);
    if (how == 1 && !strcmp(text, "I") && !is_added(h, i) && !h->matrices && is_among_factors(h, i)) how = 0;
    sdp_syn part = how ? NOTHING : entry(h, &s);
    if (!how) return part != NOTHING ? part : sdp_hand_node(h, &s, 0, NULL);
    bool product = how == 2 && text[3] && !is_digits(text + 2); // I_mn
    if (how < 3 && strcmp(text, "eye") && (product || !is_added(h, i) || !h->matrices))
        sdp_hand_fail(
            h, span,
            sdp_printf(&h->g->base,
                       "for the identity write eye(%s), for a variable -d '%s: scalar' or another shape",
                       how == 2 && is_digits(text + 2) ? text + 2 : "n", text),
            sdp_printf(&h->g->base, "'%s' has two readings: the identity, or a variable", text));
    s.text = text + 2;
    if (how > 1 && is_digits(s.text)) s.kind = SYN_NUMBER;
    sdp_syn size = how > 1 ? sdp_hand_node(h, &s, 0, NULL) : NOTHING;
    return sdp_hand_call(h, "eye", span, span, how > 1, &size);
}
