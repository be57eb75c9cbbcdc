// SPDX-License-Identifier: MIT
// Sums and products over an index, and the letters of an index behind a name, as calls of the language of
// entries (indexed.c).
//
//   sum_i e                  over(i, e);  prod_i e, max_i e: prod, max of entries(i, e)
//   sum_{i=1}^n e            over(i, e*ones(n)[i]): the vector of ones tells how far i runs
//   sum_{i=2}^n e            i+1 in the place of i, which runs to n-1
//   sum_{i<j} e              over(i, j, e*(i<j)); sum_{j=i}^n alike
//   x_i                      sample(x, i): an entry of the vector x, or the i-th row of the matrix x, a sample
//   A_ij  A_{i,j}            A[i,j]; X_{i,:} is the row sample(X, i)', X_{:,j} the column sample(X', j)
//   x_{i+1}  x[i+1]          part(x, i, a, b): entries a+1 to the last but b; i runs over what all of its shifts reach
//
// An index is bound by its sum or by the left side of an equation between entries, the innermost first. Names
// that no index binds are what they were. The pass runs once over the tree that hand.c made, arguments before
// users. Entry: sdp_sums.
#include "ast/surface/terms.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name;
    sdp_syn owner;   // node of the old tree that binds it
    bool has_low;    // a lower bound is given, as a number
    long low, least; // of that bound; the smallest shift that is used
} binding;

// The largest shift with which an index stands behind a name: x_{i+1} beside x_i. So far does x reach beyond
// the index.
typedef struct {
    uint32_t index;
    const char *base;
    long most;
} reach;

typedef struct {
    sdp_graph *g;
    const sdp_tree *in;
    sdp_tree *out;
    uint32_t *parent; // by old node: number + 1; 0: none, or not used
    bool *used;
    sdp_syn *map; // by old node
    binding *at;
    uint32_t n, cap;
    uint32_t *first; // by old node: 1 + first binding it owns
    reach *reach;
    uint32_t nreach, reach_cap;
    bool *bars;           // by old node: |..| of entries
    sdp_interned defined; // statements that define a name
    bool *dead;           // by old node: part of a subscript or range that is read as a whole
} pass;

static const sdp_syntax *node(const pass *p, sdp_syn i) { return &p->in->node[i]; }
static bool is_call(const sdp_syntax *s, const char *text)
{
    return s->kind == SYN_CALL && !strcmp(s->text, text);
}

static bool is_binding(const sdp_syntax *s) { return s->kind == SYN_CALL && !strncmp(s->text, "bind_", 5); }

static _Noreturn void fail(pass *p, sdp_span at, const char *hint, const char *message)
{
    p->g->base.source = p->in->source;
    p->g->base.source_name = p->in->source_name;
    sdp_fail(&p->g->base, SD_ERR_NAME, at, hint, "%s", message);
}

// ---- making nodes -----------------------------------------------------------------------------------------
static sdp_syn make(pass *p, const sdp_syntax *like, uint32_t nargs, const sdp_syn *arg)
{
    return sdp_tree_node(&p->g->base, p->out, like, nargs, arg);
}

static sdp_syn call(pass *p, const char *text, const sdp_syntax *at, uint32_t nargs, const sdp_syn *arg)
{
    return make(p, &(sdp_syntax){.kind = SYN_CALL, .text = text, .op = at->op, .span = at->span}, nargs, arg);
}

static sdp_syn name(pass *p, const char *text, const sdp_syntax *at)
{
    return make(p, &(sdp_syntax){.kind = SYN_NAME, .text = text, .op = at->span, .span = at->span}, 0, NULL);
}

static sdp_syn number(pass *p, long v, const sdp_syntax *at)
{
    sdp_syn n = make(p,
                     &(sdp_syntax){.kind = SYN_NUMBER,
                                   .text = sdp_printf(&p->g->base, "%ld", labs(v)),
                                   .op = at->span,
                                   .span = at->span},
                     0, NULL);
    return v < 0 ? call(p, "neg", at, 1, &n) : n;
}

// a + v
static sdp_syn plus(pass *p, sdp_syn a, long v, const sdp_syntax *at)
{
    if (!v) return a;
    sdp_syn b = number(p, labs(v), at);
    return call(p, v < 0 ? "-" : "+", at, 2, (sdp_syn[]){a, b});
}

// ---- bindings ---------------------------------------------------------------------------------------------
static bool is_number(const sdp_syntax *s, long *v)
{
    char *end;
    if (s->kind != SYN_NUMBER) return false;
    *v = strtol(s->text, &end, 10);
    return *end == 0 && *v < 1000000;
}

static void bind(pass *p, sdp_syn owner, const char *text)
{
    p->at = sdp_grown(&p->g->base, p->at, p->n, &p->cap, sizeof *p->at);
    p->at[p->n++] = (binding){.name = text, .owner = owner, .low = 1};
}

// sum_{i=2}^n with a number below; a name below must be an index itself, which is seen later.
static void bind_range(pass *p, sdp_syn owner, const sdp_syntax *range)
{
    bind(p, owner, node(p, range->arg[0])->text);
    if (!is_call(range, "bounds")) {
        bind(p, owner, node(p, range->arg[1])->text);
        return;
    }
    binding *b = &p->at[p->n - 1];
    b->has_low = range->nargs > 1 && is_number(node(p, range->arg[1]), &b->low);
    if (b->has_low && b->low < 1)
        fail(p, range->span, "indices count from 1: write sum_{i=1}^n x_i", "there is no entry 0");
}

static void find_bindings(pass *p)
{
    for (sdp_syn i = 0; i < p->in->count; i++) {
        const sdp_syntax *s = node(p, i);
        if (!p->used[i]) continue;
        p->first[i] = p->n + 1;
        if (is_binding(s)) {
            const sdp_syntax *b = node(p, s->arg[0]);
            for (uint32_t k = 0; k + b->bounded < b->nargs; k++) bind_range(p, i, node(p, b->arg[k]));
        } else if (s->kind == SYN_CALL && s->extra) {
            for (uint32_t k = 0; k < s->extra; k++) bind(p, i, node(p, s->arg[k])->text);
        } else if (s->kind == SYN_INDEXED) {
            for (uint32_t k = 0; k + 1 < s->nargs; k++) {
                const sdp_syntax *f = node(p, s->arg[k]);
                for (uint32_t a = k ? 1 : 0; f->kind == SYN_CALL && a < f->nargs; a++)
                    bind(p, i, node(p, f->arg[a])->text);
            }
        }
    }
}

// Returns the innermost binding of a name of n bytes at node i, NULL if the name is no index there.
static binding *find(pass *p, sdp_syn i, const char *text, size_t n)
{
    sdp_syn from = i;
    for (uint32_t up = p->parent[i]; up; from = up - 1, up = p->parent[from]) {
        sdp_syn o = up - 1;
        const sdp_syntax *s = node(p, o);
        if (s->nargs && s->arg[s->nargs - 1] != from) continue; // bounds and left sides bind nothing
        for (uint32_t k = p->first[o] - 1; k < p->n && p->at[k].owner == o; k++)
            if (strlen(p->at[k].name) == n && !memcmp(p->at[k].name, text, n)) return &p->at[k];
    }
    return NULL;
}

// ---- subscripts -------------------------------------------------------------------------------------------
// Returns the index of i, i+1, i-1, 1+i and its shift; NULL if the node is something else.
static binding *affine(pass *p, sdp_syn i, long *shift)
{
    const sdp_syntax *s = node(p, i);
    *shift = 0;
    if (s->kind == SYN_NAME) return find(p, i, s->text, strlen(s->text));
    bool sum = is_call(s, "+"), difference = is_call(s, "-");
    if (s->nargs != 2 || (!sum && !difference)) return NULL;
    for (uint32_t k = 0; k < (sum ? 2u : 1u); k++) {
        const sdp_syntax *a = node(p, s->arg[k]);
        if (a->kind != SYN_NAME || !is_number(node(p, s->arg[1 - k]), shift)) continue;
        if (difference) *shift = -*shift;
        return find(p, s->arg[k], a->text, strlen(a->text));
    }
    return NULL;
}

// x_i, A_ij: how many bytes are the name; the indices. 0: the word is a name.
static size_t subscripted(pass *p, sdp_syn i, binding **index, uint32_t *n)
{
    const char *text = node(p, i)->text, *bar = strrchr(text, '_');
    *n = 0;
    if (!bar || bar == text || !bar[1] || find(p, i, text, strlen(text))) return 0;
    index[0] = find(p, i, bar + 1, strlen(bar + 1));
    if (index[0]) return *n = 1, (size_t)(bar - text);
    if (strlen(bar + 1) != 2) return 0;
    for (uint32_t k = 0; k < 2; k++)
        if (!(index[k] = find(p, i, bar + 1 + k, 1))) return 0;
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

static void find_shifts(pass *p)
{
    for (sdp_syn i = 0; i < p->in->count; i++) {
        const sdp_syntax *s = node(p, i);
        binding *index[2];
        uint32_t n;
        if (!p->used[i]) continue;
        size_t stem = s->kind == SYN_NAME ? subscripted(p, i, index, &n) : 0;
        for (uint32_t k = 0; stem && k < n; k++)
            note_shift(p, index[k], sdp_strndup(&p->g->base, s->text, stem), 0);
        for (uint32_t k = 1; is_call(s, "index") && k < s->nargs; k++) {
            long shift;
            binding *b = affine(p, s->arg[k], &shift);
            if (b) note_shift(p, b, name_of(node(p, s->arg[0])), shift);
        }
    }
}

// Where index b begins to count: entry 1 of the new index is entry start(b) of the old one.
static long start(const binding *b) { return b->has_low ? b->low : 1 - b->least; }

// One subscript of part(): the index, how many entries stand before its first, and behind its last.
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

static void find_definitions(pass *p)
{
    for (uint32_t k = 0; k < p->in->statements; k++) {
        const sdp_syntax *s = node(p, p->in->statement[k]);
        if (s->kind == SYN_DEF)
            sdp_interned_put(&p->g->base, &p->defined, sdp_hash(s->text, strlen(s->text), 0), k);
    }
}

// h_i = θ'x_i; sum_i (h_i-y_i)^2: the entries of an array h are meant, which this definition of one name does
// not make.
static void refuse_defined(pass *p, const sdp_syntax *s, const char *base)
{
    if (!is_defined(p, s->text)) return;
    fail(p, s->span,
         sdp_printf(&p->g->base, "write what %s stands for in its place, or define all of %s, as in %s = X*w",
                    s->text, base, base),
         sdp_printf(&p->g->base, "'%s' is defined, and an entry of %s here", s->text, base));
}

static void word(pass *p, sdp_syn i)
{
    const sdp_syntax *s = node(p, i);
    binding *index[2], *own = find(p, i, s->text, strlen(s->text));
    uint32_t n, nargs = 0;
    size_t stem = subscripted(p, i, index, &n);
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

// Reads the subscripts of x[i+1], X[i,:], A[i,j-1]. Not `whole`: plain indices, or something else, which
// indexed.c reads.
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

static bool subscripts(pass *p, sdp_syn i)
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

// ---- binders ----------------------------------------------------------------------------------------------
// body * ones(upper)[i], which tells how far i runs.
static sdp_syn bounded(pass *p, sdp_syn body, const binding *b, sdp_syn upper, const sdp_syntax *at)
{
    upper = plus(p, upper, 1 - start(b), at);
    sdp_syn ones = call(p, "ones", at, 1, &upper),
            entry = call(p, "index", at, 2, (sdp_syn[]){ones, name(p, b->name, at)});
    return call(p, "*", at, 2, (sdp_syn[]){body, entry});
}

static bool is_index(pass *p, sdp_syn owner, sdp_syn i)
{
    const sdp_syntax *s = node(p, i);
    return s->kind == SYN_NAME && find(p, owner, s->text, strlen(s->text));
}

// body * (i >= lower), for a lower bound that is another index. What such a factor leaves out is 0, which
// only a sum does not see.
static sdp_syn compared(pass *p, sdp_syn owner, sdp_syn body, const char *op, const char *index,
                        sdp_syn other, const sdp_syntax *at)
{
    if (!is_call(node(p, owner), "bind_sum"))
        fail(p, at->span, "a sum may have one: sum_{i<j}", "a condition on the index of what is not a sum");
    sdp_syn c = call(p, op, at, 2, (sdp_syn[]){name(p, index, at), other});
    return call(p, "*", at, 2, (sdp_syn[]){body, c});
}

static sdp_syn with_bounds(pass *p, sdp_syn owner, const sdp_syntax *range, const binding *b, sdp_syn body)
{
    for (uint32_t k = 1; k < range->nargs; k++) {
        const sdp_syntax *bound = node(p, range->arg[k]);
        if (k == 1 && b->has_low) continue;
        if (k == 2 && !is_index(p, owner, range->arg[k]))
            body = bounded(p, body, b, p->map[range->arg[k]], bound);
        else if (is_index(p, owner, range->arg[k]))
            body = compared(p, owner, body, k == 1 ? ">=" : "<=", b->name, p->map[range->arg[k]], bound);
        else
            fail(p, bound->span, "sum_{i=1}^n, sum_{i=2}^n, or another index: sum_{j=i}^n",
                 "a sum begins at a number or at another index");
    }
    return body;
}

static void binder(pass *p, sdp_syn i)
{
    const sdp_syntax *s = node(p, i), *b = node(p, s->arg[0]);
    uint32_t ranges = b->nargs - b->bounded, n = 0;
    sdp_syn body = p->map[s->arg[1]], *arg = sdp_scratch(&p->g->base, (2 * (size_t)ranges + 2) * sizeof *arg);
    const binding *at = &p->at[p->first[i] - 1];
    if (b->bounded && ranges > 1)
        fail(p, b->span, "sum_{i=1}^m sum_{j=1}^n", "an upper bound for two indices");
    for (uint32_t k = 0; k < ranges; k++) {
        const sdp_syntax *range = node(p, b->arg[k]);
        bool comparison = !is_call(range, "bounds");
        if (comparison)
            body = compared(p, i, body, range->text, at[n].name, name(p, at[n + 1].name, range), range);
        else body = with_bounds(p, i, range, &at[n], body);
        if (b->bounded && is_index(p, i, b->arg[ranges]))
            body = compared(p, i, body, "<=", at[n].name, p->map[b->arg[ranges]], range);
        else if (b->bounded) body = bounded(p, body, &at[n], p->map[b->arg[ranges]], node(p, b->arg[ranges]));
        arg[n] = name(p, at[n].name, range), n++;
        if (comparison) arg[n] = name(p, at[n].name, range), n++;
    }
    arg[n] = body;
    // of the array of all entries
    const char *function = !strcmp(s->text, "bind_sum") ? NULL : s->text + strlen("bind_");
    if (function && n > 1)
        fail(p, b->span, sdp_printf(&p->g->base, "%s_i %s_j", function, function),
             "all but a sum goes over one index at a time");
    sdp_syn made = call(p, function ? "entries" : "over", s, n + 1, arg);
    p->out->node[made].extra = n;
    p->map[i] = function ? call(p, function, s, 1, &made) : made;
    p->out->node[p->map[i]].parenthesised = s->parenthesised;
}

// ---- all nodes --------------------------------------------------------------------------------------------
static void mark(pass *p)
{
    for (uint32_t i = 0; i < p->in->statements; i++) p->used[p->in->statement[i]] = true;
    for (sdp_syn i = p->in->count; i-- > 0;) {
        const sdp_syntax *s = node(p, i);
        for (uint32_t k = 0; p->used[i] && k < s->nargs; k++) {
            p->used[s->arg[k]] = true;
            if (s->kind != SYN_DEF && s->kind != SYN_DECL) p->parent[s->arg[k]] = i + 1;
        }
    }
}

// What is read as a whole leaves no nodes of its own: subscripts such as i+1, ranges, letters of indices.
static void bury(pass *p)
{
    for (sdp_syn i = p->in->count; i-- > 0;) {
        const sdp_syntax *s = node(p, i);
        if (!p->used[i]) continue;
        bool subscripted = is_call(s, "index") && read_subscripts(p, i).whole, ranges = is_call(s, "binder"),
             range = is_call(s, "bounds");
        if (p->dead[i] && !range) // of what is dead, but for the bounds that are expressions
            for (uint32_t k = 0; k < s->nargs; k++) p->dead[s->arg[k]] = true;
        for (uint32_t k = 1; subscripted && k < s->nargs; k++) p->dead[s->arg[k]] = true;
        for (uint32_t k = 0; ranges && k + s->bounded < s->nargs; k++) p->dead[s->arg[k]] = true;
        if (ranges) p->dead[i] = true;
        if (range) p->dead[s->arg[0]] = true;
    }
}

static void rewrite(pass *p, sdp_syn i)
{
    const sdp_syntax *s = node(p, i);
    if (p->dead[i]) return;
    if (s->kind == SYN_NAME) {
        word(p, i);
        return;
    }
    if (is_binding(s)) {
        binder(p, i);
        return;
    }
    if (is_call(s, "index") && subscripts(p, i)) return;
    sdp_syn *arg = sdp_scratch(&p->g->base, (s->nargs + (size_t)1) * sizeof *arg);
    for (uint32_t k = 0; k < s->nargs; k++) arg[k] = p->map[s->arg[k]];
    p->map[i] = make(p, s, s->nargs, arg);
    if (p->bars[i]) p->out->node[p->map[i]].text = "(|x_i|)";
}

// |w_j| is a number: the absolute value of an entry, or the length of a row.
static void bars_of_entries(pass *p)
{
    bool *entries = sdp_scratch(&p->g->base, p->in->count + (size_t)1);
    for (sdp_syn i = 0; i < p->in->count; i++) {
        const sdp_syntax *s = node(p, i);
        binding *index[2];
        uint32_t n = 0;
        if (!p->used[i]) continue;
        if (s->kind == SYN_NAME) entries[i] = subscripted(p, i, index, &n) > 0;
        for (uint32_t k = 0; s->kind == SYN_CALL && k < s->nargs; k++) entries[i] |= entries[s->arg[k]];
        if (entries[i] && is_call(s, "bars")) p->bars[i] = true;
    }
}

static bool has_indices(const sdp_tree *t)
{
    for (sdp_syn i = 0; i < t->count; i++)
        if (t->node[i].kind == SYN_INDEXED ||
            (t->node[i].kind == SYN_CALL && (t->node[i].extra || !strcmp(t->node[i].text, "binder"))))
            return true;
    return false;
}

sdp_tree *sdp_sums(sdp_terms *w, sdp_tree *tree)
{
    sdp_base *b = &w->g->base;
    size_t n = tree->count + (size_t)1;
    if (w->template || !has_indices(tree)) return tree;
    pass p = {.g = w->g, .in = tree, .out = sdp_tree_like(b, tree)};
    p.parent = sdp_scratch(b, n * sizeof *p.parent);
    p.used = sdp_scratch(b, n);
    p.map = sdp_scratch(b, n * sizeof *p.map);
    p.first = sdp_scratch(b, n * sizeof *p.first);
    p.dead = sdp_scratch(b, n);
    p.bars = sdp_scratch(b, n);
    mark(&p);
    find_definitions(&p);
    find_bindings(&p);
    find_shifts(&p);
    bury(&p);
    bars_of_entries(&p);
    for (sdp_syn i = 0; i < tree->count; i++)
        if (p.used[i]) rewrite(&p, i);
    for (uint32_t i = 0; i < tree->statements; i++)
        p.out->statement[p.out->statements++] = p.map[tree->statement[i]];
    return sdp_tree_keep(b, p.out);
}
