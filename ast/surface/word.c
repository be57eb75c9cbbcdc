// SPDX-License-Identifier: MIT
// The meaning of a word among the names of a text: a variable, a product of letters, an identity, an
// expectation.
//
// A word of two or three letters (each with digits: W1x) that nobody declared, defined or gave data
// for is the product of its letters if one of them is a variable elsewhere or asked for; of three
// small letters two must be. So are two capital letters that are transposed, QK'. Function names, the
// names of Greek letters, dx, dt and such stay words. `I` is the identity where it is added to
// something in a text that speaks of matrices.
#include <stdio.h>
#include <string.h>

#include "ast/surface/habit.h"
#include "ast/surface/hand.h"

enum { PARTS = SDP_WORD_PARTS };

struct sdp_word {
    const char *text, *part[PARTS];
    uint32_t parts;      // of a word that can be a product
    bool variable;       // known, asked for, or a name by itself
    bool glued;          // a product
    bool bare;           // stands somewhere without being called
    bool defined, takes; // by the text; as a function
    bool declared;       // as a function
    bool turned;         // is transposed somewhere: QK'
    bool sandwich;       // S_bW between W' and W
    bool index;          // of a sum or of a left side, or a parameter
};

// ---- the table of words -----------------------------------------------------------------------------------

// The slot of a text: 0, or the index of its word + 1.
static uint32_t *slot(hand *h, const char *text)
{
    uint32_t at = sdp_hash(text, strlen(text), 23) & (h->slots - 1);
    while (h->slot[at] && strcmp(h->word[h->slot[at] - 1].text, text)) at = (at + 1) & (h->slots - 1);
    return &h->slot[at];
}

static struct sdp_word *find(hand *h, const char *text)
{
    uint32_t at = *slot(h, text);
    return at ? &h->word[at - 1] : NULL;
}

static bool has_data(const hand *h, const char *text)
{
    long rows, cols;
    return h->w->known && h->w->known(h->w->known_data, text, &rows, &cols);
}

void sdp_ask(sdp_graph *g, const char *names)
{
    sdp_trap trap;
    if (SDP_TRY(&g->base, trap)) {
        g->asked = sdp_strndup(&g->base, names, strlen(names));
        SDP_END(&g->base, trap);
    }
}

bool sdp_is_asked(const sdp_graph *g, const char *name)
{
    char one[128];
    if (g->optimum && sdp_same_name(g->optimum, name)) return true;
    for (const char *s = g->asked; s && *s;) {
        s += strspn(s, " ,");
        size_t n = strcspn(s, " ,");
        if (n && n < sizeof one) {
            memcpy(one, s, n), one[n] = 0;
            if (sdp_same_name(one, name)) return true;
        }
        s += n;
    }
    return false;
}

// Declared, defined, with data or asked for: what the user said is a name is one.
bool sdp_hand_is_known(hand *h, const char *text)
{
    return sdp_variable_find(h->g, text) != UINT32_MAX || sdp_dim_is_name(h->g, text) ||
           sdp_is_defined(h->g, text) || has_data(h, text) || sdp_is_asked(h->g, text);
}

static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Cuts W1x into W1 and x. Returns the number of parts, 0 if the word is none of two or three.
static uint32_t cut(hand *h, const char *text, const char *part[PARTS])
{
    uint32_t n = 0;
    for (const char *s = text; *s;) {
        const char *from = s;
        if (n == PARTS || !letter(*s)) return 0;
        for (s++; (*s >= '0' && *s <= '9') || (*s == '_' && s[1] >= '0' && s[1] <= '9'); s++) {}
        part[n++] = sdp_name(&h->g->base, sdp_strndup(&h->g->base, from, (size_t)(s - from)));
    }
    return n;
}

static bool stays_a_word(hand *h, const char *text)
{
    static const char *const words[] = {"lr",  "eps", "tol", "lam", "obs", "ref", "err", "res", "out",
                                        "inp", "new", "old", "pos", "reg", "val", "num", "den", "avg",
                                        "vol", "vel", "acc", "end", "sum", "all", "nnz"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i], text)) return true;
    return sdp_op_find(text, strlen(text)) || sdp_is_greek_name(text) || sdp_hand_is_known(h, text);
}

// The word of a text, which is valid until the next one is added.
static struct sdp_word *add(hand *h, const char *text)
{
    uint32_t *at = slot(h, text);
    if (*at) return &h->word[*at - 1];
    h->word = sdp_grown(&h->g->base, h->word, h->nwords, &h->word_cap, sizeof *h->word);
    struct sdp_word *w = &h->word[h->nwords++];
    *w = (struct sdp_word){.text = text};
    *at = h->nwords;
    w->parts = stays_a_word(h, text) ? 0 : cut(h, text, w->part);
    if (w->parts < 2) w->parts = 0;
    w->variable = !w->parts;
    if (2 * h->nwords <= h->slots) return w;
    h->slots *= 2;
    h->slot = sdp_scratch(&h->g->base, h->slots * sizeof *h->slot);
    for (uint32_t i = 0; i < h->nwords; i++) *slot(h, h->word[i].text) = i + 1;
    return w;
}

bool sdp_hand_is_variable(hand *h, const char *text)
{
    const struct sdp_word *w = find(h, text);
    return (w && w->variable && w->bare) || sdp_hand_is_known(h, text);
}

static bool is_product(hand *h, const struct sdp_word *w)
{
    uint32_t variables = 0;
    bool capital = false;
    if (!w->bare || w->variable || w->glued || !w->parts) return false;
    for (uint32_t i = 0; i < w->parts; i++) {
        capital |= w->part[i][0] < 'a';
        bool identity = i && !strcmp(w->part[i], "I") && !sdp_hand_is_known(h, "I"); // sI
        variables += identity || sdp_hand_is_variable(h, w->part[i]);
    }
    if (w->sandwich) return true;
    // QK'
    if (w->turned && w->parts == 2 && !w->part[0][1] && !w->part[1][1] && w->part[0][0] < 'a' &&
        w->part[1][0] < 'a')
        return true;
    if (w->text[0] == 'd' && w->parts == 2 && !w->part[0][1] && !sdp_hand_is_variable(h, "d"))
        return false; // dx, dW
    return variables >= (w->parts == 3 && !capital ? 2 : 1);
}

// Both A*x and Ax in one text: then Ax may well be a name.
static void refuse_both(hand *h)
{
    for (sdp_syn i = 0; i < h->in->count; i++) {
        const sdp_syntax *s = &h->in->node[i], *a, *b;
        if (!h->used[i] || s->kind != SYN_CALL || strcmp(s->text, "*")) continue;
        a = &h->in->node[s->arg[0]], b = &h->in->node[s->arg[1]];
        if (a->kind == SYN_CALL && !a->parenthesised && !strcmp(a->text, "*")) a = &h->in->node[a->arg[1]];
        if (a->kind != SYN_NAME || b->kind != SYN_NAME || strlen(a->text) > 8 || strlen(b->text) > 8)
            continue;
        char both[32];
        snprintf(both, sizeof both, "%s%s", a->text, b->text);
        const struct sdp_word *w = find(h, both);
        if (!w || !w->glued) continue;
        sdp_hand_fail(h, s->span,
                      sdp_printf(&h->g->base,
                                 "write %s*%s for the product everywhere; for a name: -d '%s: vector'",
                                 a->text, b->text, both),
                      sdp_printf(&h->g->base, "'%s' has two readings beside %s*%s: the product, or a name",
                                 both, a->text, b->text));
    }
}

// w'SBw, where neither S nor B stands elsewhere: S_B is one matrix to many.
static bool may_be_one_matrix(hand *h, const struct sdp_word *w)
{
    if (w->parts != PARTS || w->part[2][0] < 'a') return false;
    for (int k = 0; k < 2; k++)
        if (w->part[k][0] >= 'a' || w->part[k][1] || sdp_hand_is_variable(h, w->part[k])) return false;
    return strcmp(w->part[0], w->part[1]) != 0;
}

static void refuse_matrix(hand *h, const struct sdp_word *w)
{
    const char *a = w->part[0], *b = w->part[1], *x = w->part[2];
    sdp_syn i = 0;
    while (i + 1 < h->in->count &&
           (!h->used[i] || h->in->node[i].kind != SYN_NAME || strcmp(h->in->node[i].text, w->text)))
        i++;
    sdp_hand_fail(h, h->in->node[i].span,
                  sdp_printf(&h->g->base, "for two matrices write %s*%s*%s, for one %s_%s*%s", a, b, x, a, b,
                             x),
                  sdp_printf(&h->g->base, "'%s' has two readings: %s*%s*%s, or one matrix %s_%s by %s",
                             w->text, a, b, x, a, b, x));
}

// Uh of tanh(Wx + Uh + b): a matrix and a vector by their letters.
static bool is_matrix_by_vector(const struct sdp_word *w)
{
    return w->bare && w->parts == 2 && !w->part[0][1] && !w->part[1][1] && w->part[0][0] < 'a' &&
           w->part[1][0] >= 'h';
}

// Where one such word is a product, all are.
static bool glue_alike(hand *h)
{
    bool some = false, more = false;
    for (uint32_t i = 0; i < h->nwords; i++) some |= h->word[i].glued && is_matrix_by_vector(&h->word[i]);
    for (uint32_t i = 0; some && i < h->nwords; i++) {
        if (h->word[i].glued || h->word[i].variable || !is_matrix_by_vector(&h->word[i])) continue;
        h->word[i].glued = more = true;
        for (uint32_t k = 0; k < 2; k++) add(h, h->word[i].part[k])->bare = true;
    }
    return more;
}

static void glue(hand *h)
{
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = 0; i < h->nwords; i++) {
            if (!is_product(h, &h->word[i])) continue;
            if (may_be_one_matrix(h, &h->word[i])) refuse_matrix(h, &h->word[i]);
            h->word[i].glued = more = true;
            for (uint32_t k = 0; k < h->word[i].parts; k++) add(h, h->word[i].part[k])->bare = true;
        }
        more |= glue_alike(h);
    }
    refuse_both(h);
}

// Records the names that the statements of the text define and declare.
void sdp_hand_statements(hand *h)
{
    const sdp_tree *t = h->in;
    h->slots = 64;
    h->slot = sdp_scratch(&h->g->base, h->slots * sizeof *h->slot);
    for (uint32_t i = 0; i < t->statements; i++) {
        const sdp_syntax *s = &t->node[t->statement[i]];
        if (s->kind != SYN_DEF && s->kind != SYN_DECL && s->kind != SYN_INDEXED) continue;
        struct sdp_word *w = add(h, s->text);
        w->variable = w->bare = true;
        w->parts = 0;
        w->defined |= s->kind == SYN_DEF;
        w->takes |= s->kind == SYN_DEF && s->nargs > 1;
        w->declared |= s->kind == SYN_DECL && !strcmp(t->node[s->arg[0]].text, "function");
        for (uint32_t k = 0; s->kind == SYN_DEF && k + 1 < s->nargs; k++) {
            struct sdp_word *p = add(h, t->node[s->arg[k]].text);
            p->variable = p->bare = true;
            p->parts = 0;
        }
    }
}

void sdp_hand_names(hand *h)
{
    const sdp_tree *t = h->in;
    for (sdp_syn i = 0; i < t->count; i++) {
        const sdp_syntax *s = &t->node[i];
        if (!h->used[i] || s->kind != SYN_NAME || h->function[i]) continue;
        struct sdp_word *w = add(h, s->text);
        w->bare = true;
        w->turned |= h->parent[i] && t->node[h->parent[i] - 1].kind == SYN_CALL &&
                     !strcmp(t->node[h->parent[i] - 1].text, "'");
        if (h->raw[i] && h->parent[i]) w->variable = w->index = true, w->parts = 0;
    }
    sdp_hand_beside(h);
    glue(h);
    sdp_hand_refuse_images(h);
}

// Returns how many letters a word has that may be a product, else 0.
uint32_t sdp_hand_parts(hand *h, const char *text, const char *part[SDP_WORD_PARTS])
{
    const struct sdp_word *w = find(h, text);
    if (!w || w->variable || !w->parts) return 0;
    memcpy(part, w->part, sizeof w->part);
    return w->parts;
}

// The word is one name. Returns whether it might have been more.
bool sdp_hand_keep(hand *h, const char *text)
{
    struct sdp_word *w = find(h, text);
    if (!w || w->variable) return false;
    w->variable = true, w->parts = 0;
    return true;
}

// S_bW as S_b and W, which ends it.
void sdp_hand_cut_word(hand *h, const char *text, const char *end)
{
    struct sdp_word *w = find(h, text);
    size_t n = strlen(text), k = strlen(end);
    if (!w || sdp_hand_is_known(h, text) || k != 1 || n < 4 || text[1] != '_' || strcmp(text + n - k, end) ||
        strchr("0123456789_", text[n - k - 1]))
        return;
    w->variable = false, w->sandwich = true;
    w->parts = 2;
    w->part[0] = sdp_name(&h->g->base, sdp_strndup(&h->g->base, text, n - k));
    w->part[1] = end;
}

bool sdp_hand_is_index(hand *h, const char *text)
{
    const struct sdp_word *w = find(h, text);
    return w && w->index;
}

// ---- functions --------------------------------------------------------------------------------------------

// sin, log_2, but no name of a Greek letter, and nothing that the user gave a meaning.
bool sdp_hand_is_function(hand *h, const char *name)
{
    int op = sdp_op_like(name);
    if (!op || sdp_ops[op].kind == SDP_OP_CONST || sdp_ops[op].min_args > 1) return false;
    return !sdp_is_greek_name(name) && !sdp_hand_is_known(h, name);
}

bool sdp_hand_is_defined(hand *h, const char *name)
{
    const struct sdp_word *w = find(h, name);
    return (w && w->defined) || sdp_is_defined(h->g, name);
}

// Is it a word that may be a product, and no variable by itself?
bool sdp_hand_is_word(hand *h, const char *text)
{
    const struct sdp_word *w = find(h, text);
    return w && !w->variable;
}

bool sdp_hand_is_bare(hand *h, const char *text)
{
    const struct sdp_word *w = find(h, text);
    return w && w->bare;
}

bool sdp_hand_is_glued(hand *h, const char *name)
{
    const struct sdp_word *w = find(h, name);
    return w && w->glued;
}

bool sdp_hand_is_declared_function(hand *h, const char *name)
{
    const struct sdp_word *w = find(h, name);
    return w && w->declared;
}

bool sdp_hand_is_function_of_text(hand *h, const char *name)
{
    const struct sdp_word *w = find(h, name);
    return (w && w->takes) || sdp_is_function_defined(h->g, name);
}

// sum_i x_i: no variable is called so.
static void refuse_sum(hand *h, sdp_syn i)
{
    static const char *const words[] = {"sum_", "prod_", "mean_", "Σ_", "Π_", "max_", "min_"};
    const sdp_syntax *s = &h->in->node[i], *up = h->parent[i] ? &h->in->node[h->parent[i] - 1] : NULL;
    bool followed = up && up->kind == SYN_CALL && !strcmp(up->text, "side") && up->arg[up->nargs - 1] != i;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (!strncmp(s->text, words[k], strlen(words[k])) && followed && !sdp_hand_is_known(h, s->text))
            sdp_hand_fail(h, s->span, "sum(x) adds up a vector, sum(X,2) the rows of a matrix",
                          "sums over an index are not read here");
}

void sdp_hand_word(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i];
    refuse_sum(h, i);
    const struct sdp_word *w = find(h, s->text);
    if (!w || !w->glued) {
        h->map[i] = sdp_hand_name(h, i, s->text, s->span);
        h->out->node[h->map[i]].parenthesised = s->parenthesised;
        return;
    }
    sdp_syn head = NOTHING;
    uint32_t at = s->span.begin;
    for (uint32_t k = 0; k < w->parts; k++) {
        uint32_t end = k + 1 < w->parts ? at + 1 : s->span.end;
        if (w->sandwich && !k) end = s->span.end - 1;
        while (k + 1 < w->parts && !letter(h->in->source[end])) end++;
        sdp_syn part = sdp_hand_name(h, i, w->part[k], (sdp_span){at, end});
        if (k + 1 < w->parts) head = sdp_hand_times(h, head, part);
        h->map[i] = part;
        at = end;
    }
    h->head[i] = head;
    const sdp_syntax *up = h->parent[i] ? &h->in->node[h->parent[i] - 1] : NULL;
    bool exponent =
        up && up->kind == SYN_CALL && !strcmp(up->text, "^") && up->arg[1] == i && !s->parenthesised;
    const char *base = exponent ? sdp_hand_cut(h, sdp_hand_outer(&h->in->node[up->arg[0]])) : "";
    if (exponent)
        sdp_hand_fail(h, up->span,
                      sdp_printf(&h->g->base, "write %s^(%s) or %s^%.1s*%s", base, s->text, base, s->text,
                                 s->text + 1),
                      "how far the exponent goes has two readings");
}

static bool is_power(const sdp_syntax *s)
{
    return s->kind == SYN_CALL && (!strcmp(s->text, "^") || !strcmp(s->text, ".^"));
}

// p^k(1-p), where k is no function: an exponent without brackets is one name, and what stands behind it a
// factor. So it is for a sign, too, but p^-k(1-p) is typed by few.
bool sdp_hand_ends_exponent(hand *h, const sdp_syntax *s, uint32_t k)
{
    const sdp_syntax *e = &h->in->node[s->arg[k]],
                     *up = h->parent[s - h->in->node] ? &h->in->node[h->parent[s - h->in->node] - 1] : NULL;
    if (s->kind != SYN_CALL || e->kind != SYN_CALL || e->parenthesised || h->head[s->arg[k]] == NOTHING ||
        (!sdp_is_letter(e->text[0]) && (unsigned char)e->text[0] < 0x80))
        return false;
    if (!strcmp(s->text, "neg") && up && is_power(up) && &h->in->node[up->arg[1]] == s && !s->parenthesised) {
        const char *x = sdp_hand_cut(h, sdp_hand_outer(&h->in->node[up->arg[0]])),
                   *name = sdp_hand_cut(h, (sdp_span){s->span.begin, e->op.end});
        sdp_hand_fail(h, up->span,
                      sdp_printf(&h->g->base, "write %s^(%s)*%s or %s^(%s)", x, name,
                                 sdp_hand_cut(h, (sdp_span){e->op.end, s->span.end}), x,
                                 sdp_hand_cut(h, s->span)),
                      "how far the exponent goes has two readings");
    }
    return is_power(s) && k == 1;
}

// Adds a single note that names all words that are products, e.g. Ax is A*x.
void sdp_hand_note(hand *h)
{
    const char *all = "", *first = NULL;
    for (sdp_syn i = 0; i < h->in->count; i++) {
        struct sdp_word *w =
            h->used[i] && h->in->node[i].kind == SYN_NAME && !h->raw[i] ? find(h, h->in->node[i].text) : NULL;
        if (!w || !w->glued) continue;
        w->glued = false; // said
        if (!first) first = w->text;
        if (strlen(all) > 400) continue; // a note is shorter
        all = sdp_printf(&h->g->base, "%s%s%s is %s*%s", all, *all ? ", " : "", w->text, w->part[0],
                         w->part[1]);
        if (w->parts == 3) all = sdp_printf(&h->g->base, "%s*%s", all, w->part[2]);
    }
    if (first) sdp_note(&h->g->base, "%s; for one name: -d '%s: scalar'", all, first);
}
