// SPDX-License-Identifier: MIT
// Letters of an index behind a name, x_i, and shifted subscripts, x[i+1], as calls of sample and part.
//
// x_i beside x_{i+1}: the index runs over what all of its shifts reach in x, so the shifts of a text are
// noted first (sdp_sums_shifts). Each subscript then says how many entries stand before its first and behind
// its last one. What a letter could mean otherwise, x_k where nothing binds k, is refused. Entries:
// sdp_sums_word, sdp_sums_subscripts.
#include "ast/surface/sums.h"

static binding *affine(pass *p, sdp_syn i, long *shift)
{
    const sdp_syntax *s = node(p, i);
    *shift = 0;
    if (s->kind == SYN_NAME) return sdp_sums_find(p, i, s->text, strlen(s->text));
    bool sum = is_call(s, "+"), difference = is_call(s, "-");
    if (s->nargs != 2 || (!sum && !difference)) return NULL;
    for (uint32_t k = 0; k < (sum ? 2u : 1u); k++) {
        const sdp_syntax *a = node(p, s->arg[k]);
        if (a->kind != SYN_NAME || !is_number(node(p, s->arg[1 - k]), shift)) continue;
        if (difference) *shift = -*shift;
        return sdp_sums_find(p, s->arg[k], a->text, strlen(a->text));
    }
    return NULL;
}

// x_i, A_ij: how many bytes are the name; the indices. 0: the word is a name.
size_t sdp_sums_subscripted(pass *p, sdp_syn i, binding **index, uint32_t *n)
{
    const char *text = node(p, i)->text, *bar = strrchr(text, '_');
    *n = 0;
    if (!bar || bar == text || !bar[1] || sdp_sums_find(p, i, text, strlen(text))) return 0;
    index[0] = sdp_sums_find(p, i, bar + 1, strlen(bar + 1));
    if (index[0]) return *n = 1, (size_t)(bar - text);
    if (strlen(bar + 1) != 2) return 0;
    for (uint32_t k = 0; k < 2; k++)
        if (!(index[k] = sdp_sums_find(p, i, bar + 1 + k, 1))) return 0;
    return *n = 2, (size_t)(bar - text);
}

static reach *reach_of(pass *p, const binding *b, const char *base)
{
    uint32_t index = (uint32_t)(b - p->at), k = 0;
    while (k < p->nreach && (p->reach[k].index != index || strcmp(p->reach[k].base, base))) k++;
    if (k == p->nreach) {
        p->reach = sdp_grown(&p->g->base, p->reach, p->nreach, &p->reach_cap, sizeof *p->reach);
        p->reach[p->nreach++] = (reach){index, base, -1000000};
    }
    return &p->reach[k];
}

static void note_shift(pass *p, binding *b, const char *base, long shift)
{
    reach *r = base ? reach_of(p, b, base) : NULL;
    if (r && shift > r->most) r->most = shift;
    if (shift < b->least) b->least = shift;
}

static const char *name_of(const sdp_syntax *s) { return s->kind == SYN_NAME ? s->text : NULL; }

void sdp_sums_shifts(pass *p)
{
    for (sdp_syn i = 0; i < p->in->count; i++) {
        const sdp_syntax *s = node(p, i);
        binding *index[2];
        uint32_t n;
        if (!p->used[i]) continue;
        size_t stem = s->kind == SYN_NAME ? sdp_sums_subscripted(p, i, index, &n) : 0;
        for (uint32_t k = 0; stem && k < n; k++)
            note_shift(p, index[k], sdp_strndup(&p->g->base, s->text, stem), 0);
        for (uint32_t k = 1; is_call(s, "index") && k < s->nargs; k++) {
            long shift;
            binding *b = affine(p, s->arg[k], &shift);
            if (b) note_shift(p, b, name_of(node(p, s->arg[0])), shift);
        }
    }
}

// Appends a subscript of part(): the index, the number of entries before its first, and behind its last.
static void put_part(pass *p, const binding *b, long shift, const char *base, const sdp_syntax *at,
                     sdp_syn *arg, uint32_t *n)
{
    long most = base ? reach_of(p, b, base)->most : shift;
    if (start(b) + shift < 1)
        fail(p, at->span, "indices count from 1: let the sum begin later",
             "this entry stands before the first one");
    arg[(*n)++] = name(p, b->name, at);
    arg[(*n)++] = number(p, start(b) + shift - 1, at);
    arg[(*n)++] = number(p, most - shift, at);
}

// x_k beside x_i, where nothing binds k: an entry of x, or a name of its own?
static void refuse_free(pass *p, const sdp_syntax *s)
{
    const char *bar = strrchr(s->text, '_');
    size_t n = bar ? (size_t)(bar - s->text) : 0;
    if (!n || !bar[1] || strlen(bar + 1) > 2 || sdp_variable_find(p->g, s->text) != UINT32_MAX ||
        sdp_is_defined(p->g, s->text))
        return;
    for (uint32_t k = 0; k < p->nreach; k++)
        if (strlen(p->reach[k].base) == n && !memcmp(p->reach[k].base, s->text, n))
            fail(p, s->span,
                 p->in->from == SD_FROM_LATEX
                     ? sdp_printf(&p->g->base, "for a number of its own: -d '%s: scalar'", s->text)
                     : sdp_printf(&p->g->base,
                                  "for a number of its own: -d '%s: scalar'; for an entry write %.*s[%s]",
                                  s->text, (int)n, s->text, bar + 1),
                 sdp_printf(&p->g->base, "'%s' has two readings beside the entries of %.*s", s->text, (int)n,
                            s->text));
}

static bool is_defined(const pass *p, const char *text)
{
    uint32_t hash = sdp_hash(text, strlen(text), 0);
    for (uint32_t place = hash, k; (k = sdp_interned_next(&p->defined, hash, &place)) != SDP_NO_THING;)
        if (!strcmp(node(p, p->in->statement[k])->text, text)) return true;
    return sdp_is_defined(p->g, text);
}

void sdp_sums_definitions(pass *p)
{
    for (uint32_t k = 0; k < p->in->statements; k++) {
        const sdp_syntax *s = node(p, p->in->statement[k]);
        if (s->kind == SYN_DEF)
            sdp_interned_put(&p->g->base, &p->defined, sdp_hash(s->text, strlen(s->text), 0), k);
    }
}

// h_i = θ'x_i; sum_i (h_i-y_i)^2: the entries of an array h are meant, which this
// definition of one name does not make.
static void refuse_defined(pass *p, const sdp_syntax *s, const char *base)
{
    if (!is_defined(p, s->text)) return;
    fail(p, s->span,
         sdp_printf(&p->g->base, "write what %s stands for in its place, or define all of %s, as in %s = X*w",
                    s->text, base, base),
         sdp_printf(&p->g->base, "'%s' is defined, and an entry of %s here", s->text, base));
}

void sdp_sums_word(pass *p, sdp_syn i)
{
    const sdp_syntax *s = node(p, i);
    binding *index[2], *own = sdp_sums_find(p, i, s->text, strlen(s->text));
    uint32_t n, nargs = 0;
    size_t stem = sdp_sums_subscripted(p, i, index, &n);
    if (!n) {
        if (!own) refuse_free(p, s);
        p->map[i] = make(p, s, 0, NULL);
        // the counter of sum_{i=2}
        if (own && start(own) != 1) p->map[i] = plus(p, p->map[i], start(own) - 1, s);
        return;
    }
    sdp_syn arg[7];
    const char *base = sdp_strndup(&p->g->base, s->text, stem);
    refuse_defined(p, s, base);
    arg[nargs++] = name(p, sdp_name(&p->g->base, base), s);
    for (uint32_t k = 0; k < n; k++) put_part(p, index[k], 0, base, s, arg, &nargs);
    p->map[i] = call(p, n == 1 ? "sample" : "part", s, nargs, arg);
}

typedef struct {
    binding *index[2];
    long shift[2];
    uint32_t n, colons;
    bool whole;
} subscript;

// Reads the subscripts of x[i+1], X[i,:], A[i,j-1]. Not `whole`: plain indices, or
// something else, which indexed.c reads.
static subscript read_subscripts(pass *p, sdp_syn i)
{
    const sdp_syntax *s = node(p, i);
    subscript r = {.n = s->nargs - 1};
    uint32_t found = 0;
    bool moved = false;
    for (uint32_t k = 0; r.n <= 2 && k < r.n; k++) {
        const char *base = name_of(node(p, s->arg[0]));
        r.index[k] = affine(p, s->arg[k + 1], &r.shift[k]);
        found += r.index[k] != NULL;
        r.colons += node(p, s->arg[k + 1])->kind == SYN_COLON;
        moved |= r.index[k] && (start(r.index[k]) + r.shift[k] != 1 ||
                                (base && reach_of(p, r.index[k], base)->most != r.shift[k]));
    }
    r.whole = r.n <= 2 && found && found + r.colons == r.n && (moved || r.colons);
    return r;
}

bool sdp_sums_subscripts(pass *p, sdp_syn i)
{
    const sdp_syntax *s = node(p, i);
    subscript r = read_subscripts(p, i);
    if (!r.whole) return false;
    sdp_syn arg[7], base = p->map[s->arg[0]];
    uint32_t nargs = 0;
    bool column = r.colons && !r.index[0];
    if (column) base = call(p, "'", s, 1, &base);
    arg[nargs++] = base;
    for (uint32_t k = 0; k < r.n; k++)
        if (r.index[k]) put_part(p, r.index[k], r.shift[k], name_of(node(p, s->arg[0])), s, arg, &nargs);
    sdp_syn made = call(p, r.colons ? "sample" : "part", s, nargs, arg);
    p->map[i] = r.colons && !column ? call(p, "'", s, 1, &made) : made;
    return true;
}

bool sdp_sums_is_subscript(pass *p, sdp_syn i)
{
    return is_call(node(p, i), "index") && read_subscripts(p, i).whole;
}
