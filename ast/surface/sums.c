// SPDX-License-Identifier: MIT
// Sums and products over an index, and the letters of an index behind a name, as calls of the language of
// entries (indexed.c).
//
//   sum_i e                  over(i, e);  prod_i e, max_i e: prod, max of entries(i, e)
//   sum_{i=1}^n e            over(i, e*ones(n)[i]): the vector of ones tells how far i runs
//   sum_{i=2}^n e            i+1 in the place of i, which runs to n-1
//   sum_{i<j} e              over(i, j, e*(i<j)); sum_{j=i}^n alike
//   x_i                      sample(x, i): an entry of the vector x, or the i-th row of the matrix x
//   A_ij  A_{i,j}            A[i,j]; X_{i,:} is the row sample(X, i)', X_{:,j} the column sample(X', j)
//   x_{i+1}  x[i+1]          part(x, i, a, b): entries a+1 to the last but b; i runs where all shifts reach
//
// An index is bound by its sum or by the left side of an equation between entries, the innermost first. Names
// that no index binds are what they were. The pass runs once over the tree that hand.c made, arguments before
// users. Entry: sdp_sums.
#include "ast/surface/sums.h"

// ---- bindings ---------------------------------------------------------------------------------------------
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
binding *sdp_sums_find(pass *p, sdp_syn i, const char *text, size_t n)
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
    return s->kind == SYN_NAME && sdp_sums_find(p, owner, s->text, strlen(s->text));
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

// Marks as dead the syntax that is read as a whole and leaves no nodes: subscripts, e.g. i+1, ranges, and the
// letters of indices.
static void bury(pass *p)
{
    for (sdp_syn i = p->in->count; i-- > 0;) {
        const sdp_syntax *s = node(p, i);
        if (!p->used[i]) continue;
        bool subscripted = sdp_sums_is_subscript(p, i), ranges = is_call(s, "binder"),
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
        sdp_sums_word(p, i);
        return;
    }
    if (is_binding(s)) {
        binder(p, i);
        return;
    }
    if (is_call(s, "index") && sdp_sums_subscripts(p, i)) return;
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
        if (s->kind == SYN_NAME) entries[i] = sdp_sums_subscripted(p, i, index, &n) > 0;
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
    sdp_sums_definitions(&p);
    find_bindings(&p);
    sdp_sums_shifts(&p);
    bury(&p);
    bars_of_entries(&p);
    for (sdp_syn i = 0; i < tree->count; i++)
        if (p.used[i]) rewrite(&p, i);
    for (uint32_t i = 0; i < tree->statements; i++)
        p.out->statement[p.out->statements++] = p.map[tree->statement[i]];
    return sdp_tree_keep(b, p.out);
}
